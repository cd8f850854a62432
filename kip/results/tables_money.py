"""Whose krona: the tables of a portfolio about money. Each hands over to the module that makes it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from kip.results.funding import funding_gap, grants_table, leverage, loans_table

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
