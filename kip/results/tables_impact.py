"""What a portfolio does: its tables about tonnes, control and ledgers. Each hands over to the module that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kip.results.control import asks_table, control_table
from kip.results.ledgers import ledgers_table, outside_table
from kip.results.waterfall import waterfall

if TYPE_CHECKING:
    import xarray as xr

    from kip.model import Plan

__all__ = ["ImpactTables"]


class ImpactTables:
    """Tables about tonnes and who decides; part of `Portfolio`."""

    plan: Plan
    dataset: xr.Dataset

    def control(self) -> pd.DataFrame:
        """What the municipality decides, and what it must persuade others to (rådighet).

        A tonne stands at the `control` of its measure, a krona at the level at which its payer's part is decided
        (`control_by_actor`, else `control`). Tonnes are also given for the case that uptake turns out low or high
        everywhere, with the same decisions; both are the same number where no uptake is a distribution.

        Returns
        -------
        pandas.DataFrame
            Rows: own, procurement, regulation, incentive, dialogue; "decides" (the first three), "persuades" (the other two)
            and "all". Columns: reduction over the horizon, at low and at high uptake [t], and in the last year [t/year];
            municipal enabling cost, private adoption cost and other public cost (investment + running cost, cash, before
            grants; they add up to the measure `cost`), private investment, and grants [currency].

        Examples
        --------
        >>> import kip
        >>> shifts = [kip.Shift(name="bus", reduction=100), kip.Shift(name="ev", reduction=50, control="dialogue")]
        >>> plan = kip.Plan(name="p", years=[2026], shifts=shifts, uptake_by_control={"dialogue": "uniform(0.25, 0.75)"})
        >>> table = kip.evaluate(plan, ["bus", "ev"]).control()
        >>> table.loc["persuades", ["low uptake [t]", "reduction [t]", "high uptake [t]"]].tolist()
        [12.5, 25.0, 37.5]
        """
        return control_table(self.plan, self.dataset)

    def asks(self) -> pd.DataFrame:
        """What each actor must decide in each district: the basis of a dialogue.

        Returns
        -------
        pandas.DataFrame
            Index (actor, district, shift). Title, level of control over the actor's part, first and last start, units;
            the actor's own investment, running cost, saving and grants, cash over the horizon [currency]; and what the
            shift as a whole removes in the district [t], which is no actor's alone. An actor is there when it pays, saves
            or gets a grant, is named in `control_by_actor`, or does the activity that is moved.
        """
        return asks_table(self.plan, self.dataset)

    def waterfall(self, ledger: str | None = None, year: int | None = None, by_shift: bool = False) -> pd.DataFrame:
        """From gross to additional tonnes: what the decisions would remove without policies, less each policy, less what would
        have happened anyway.

        Parameters
        ----------
        ledger : str, optional
            The main one when left out.
        year : int, optional
            All years of the plan when left out.
        by_shift : bool
            A column for each shift as well.

        Returns
        -------
        pandas.DataFrame
            Rows: "gross", each policy in the order of the activities, "net of baseline", "would have happened anyway", "declared overlaps"
            where the plan has some, "additional" (the measure `reduction`). "kind" is "level" for a sum and "step" for what is
            added to it. [t], or [t/year] for one year.

        Raises
        ------
        RequestError
            When the plan has no such ledger or year.

        Examples
        --------
        >>> import kip
        >>> petrol = kip.Activity(name="petrol", amount=1000, factor=1.0, policies={"quota": 0.1, "fleet": 0.5})
        >>> shift = kip.Shift(name="avoid", source="petrol", potential=100, attribution=0.8)
        >>> plan = kip.Plan(name="p", years=[2026], activities=[petrol], shifts=[shift])
        >>> kip.evaluate(plan, ["avoid"]).waterfall()["reduction [t]"].round(9).to_dict()
        {'gross': 100.0, 'quota': -10.0, 'fleet': -45.0, 'net of baseline': 45.0, 'would have happened anyway': -9.0, 'additional': 36.0}
        """
        return waterfall(self.dataset, ledger, year, by_shift)

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

    def pareto_classes(self) -> pd.DataFrame:
        """Shifts in classes of dominance by tonnes and net cost, for where a cost per tonne may not rank; see
        `kip.results.pareto_classes`.
        """
        from kip.results.pareto_classes import pareto_classes

        return pareto_classes(self.dataset)

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
