"""Whose krona: the tables of a portfolio about money. Each hands over to the module that makes it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from kip.results.cash_flow import actors_table, cash_flow
from kip.results.finance_office import finance_table
from kip.results.funding import (
    funding_balance,
    funding_gap,
    funding_table,
    grants_table,
    leverage,
    loans_table,
    projects,
    sources_and_uses,
)
from kip.results.kronor import kronor

if TYPE_CHECKING:
    import xarray as xr

    from kip.model import Plan

__all__ = ["MoneyTables"]


class MoneyTables:
    """Tables about money, sources and actors; part of `Portfolio`."""

    plan: Plan
    dataset: xr.Dataset

    @cached_property
    def grants(self) -> pd.DataFrame:
        """Every grant: source, shift, district, actor, year and sum [currency]. `kip.evaluate` takes it back."""
        return grants_table(self.dataset)

    @cached_property
    def loans(self) -> pd.DataFrame:
        """Every loan: source, actor, year and sum [currency]. `kip.evaluate` takes it back."""
        return loans_table(self.dataset)

    def funding_gap(self) -> pd.DataFrame:
        """For each actor and year: investment, what grants and loans cover, own money, debt service [currency]."""
        return funding_gap(self.dataset)

    def leverage(self, kind: str = "municipal") -> float:
        """Kronor invested in all for each krona that one kind of actor puts in itself [1]; NaN when it puts in nothing."""
        return leverage(self.dataset, kind)

    def funding_table(self) -> pd.DataFrame:
        """Grants and loans by shift and source, a column for each year and one for all [currency]."""
        return funding_table(self.dataset)

    def sources_and_uses(self) -> pd.DataFrame:
        """For each project and year: investment, and the grants, loans and own money that pay it [currency]."""
        return sources_and_uses(self.dataset)

    def funding_balance(self) -> pd.DataFrame:
        """What each actor gets and gives as grants and loans, and what crosses the border of the plan [currency]; `net` adds up to 0."""
        return funding_balance(self.dataset)

    def projects(self, source: str | None = None) -> pd.DataFrame:
        """Projects that a source pays for, by start year: number, mean and largest grant [currency], share of the pot used [1], and
        what they give over the horizon in the units of the indicators (learning among them) and in tonnes [t].
        """
        return projects(self.dataset, source)

    def kronor(self, by: str | None = None) -> pd.DataFrame:
        """Four kronor side by side: municipal, regional, state, private, from outside the plan, and societal, the sum of all.

        Parameters
        ----------
        by : {"shift"}, optional
            One block of rows for each shift that is started.

        Returns
        -------
        pandas.DataFrame
            Investment, running cost, grants received and paid, net present cost at the plan's rate [currency]; what a krona of it
            removes [kg/currency] and what a tonne costs [currency/t], NaN where the krona's net present cost is 0 or less: it pays for
            itself and is never ranked (§4); leverage [1].

        Raises
        ------
        RequestError
            For another grouping.
        """
        return kronor(self.dataset, by)

    def cash_flow(self, actor: str | None = None, by_shift: bool = False) -> pd.DataFrame:
        """What each actor pays (negative) and gets (positive) in each year, line by line, and the net [currency].

        Parameters
        ----------
        actor : str, optional
            One actor; all of them, and whoever gives from outside the plan, when left out.
        by_shift : bool
            Each shift's part by itself.

        Returns
        -------
        pandas.DataFrame
            Rows actor, (shift,) year, years after the plan included while annuities fall due or something is left. Net of all actors
            is society's investment and running cost (§38).

        Raises
        ------
        RequestError
            For an unknown actor; with the nearest name.
        """
        return cash_flow(self.dataset, actor, by_shift)

    def actors(self) -> pd.DataFrame:
        """For each actor, at its own discount rate: net present value [currency], pay-back, simple and discounted [year], internal
        rate [1], net present value for each household or firm [currency], and whether it gains or loses (§40).
        """
        return actors_table(self.dataset)

    def finance_table(self, by_year: bool = False) -> pd.DataFrame:
        """Incremental, reference and budget (total) cost by actor and shift, investment and operation apart; grants, loans, own money;
        appropriations beside the sums of each actor [currency] (§39). Sums over the plan, or `by_year`.
        """
        return finance_table(self.dataset, by_year)
