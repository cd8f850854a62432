"""Whose krona: the tables of a portfolio about money. Each hands over to the module that makes it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

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
