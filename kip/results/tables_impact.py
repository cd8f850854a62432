"""What a portfolio does: its tables about tonnes, control and ledgers. Each hands over to the module that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kip.results.ledgers import ledgers_table, outside_table

if TYPE_CHECKING:
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

    def ledgers(self) -> pd.DataFrame:
        """Each ledger by year [t CO2e/year]: baseline, what the plan does not reach, inside and outside the municipal group, reduction,
        complementary measures, emissions, net, targets, shortfall, and the share of the way that the plan could go.
        """
        return ledgers_table(self.dataset)

    def outside(self) -> pd.DataFrame:
        """What the plan does not act on, by ledger and sector, a column for each year [t CO2e/year]."""
        return outside_table(self.plan)
