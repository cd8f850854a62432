"""What a portfolio does: its tables about tonnes, control and ledgers. Each hands over to the module that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from kip.model import Plan

__all__ = ["ImpactTables"]


class ImpactTables:
    """Tables about tonnes and who decides; part of `Portfolio`."""

    plan: Plan
    dataset: xr.Dataset

    def follow_up(self) -> pd.DataFrame:
        """What was decided and what really happened in the closed years of the plan, by shift and year.

        Returns
        -------
        pandas.DataFrame
            Units that start, investment, running cost and reduction on the main ledger: planned (the decided units under the
            plan's assumptions), outcome (the same with the plan's outcomes in their place, §54) and the difference. Empty
            while no year is closed.
        """
        from kip.results.follow_up import follow_up

        return follow_up(self.plan)

    def scaling(self) -> pd.DataFrame:
        """What scaling shifts take off each year, and the range for any overlap [t/year]; see `Shift.scales`."""
        from kip.results.scaling import scaling_table

        return scaling_table(self.dataset)
