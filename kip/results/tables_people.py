"""Whom a portfolio reaches: its tables about districts, groups and values. Each hands over to the module that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

    from kip.model import Plan

__all__ = ["PeopleTables"]


class PeopleTables:
    """Tables about districts, groups and co-benefits; part of `Portfolio`."""

    plan: Plan
    dataset: xr.Dataset
