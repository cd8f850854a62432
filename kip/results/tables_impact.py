"""What a portfolio does: its tables about tonnes, control and ledgers. Each hands over to the module that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

    from kip.model import Plan

__all__ = ["ImpactTables"]


class ImpactTables:
    """Tables about tonnes and who decides; part of `Portfolio`."""

    plan: Plan
    dataset: xr.Dataset
