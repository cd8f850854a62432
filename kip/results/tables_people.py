"""Whom a portfolio reaches: its tables about districts, groups and values. Each hands over to the module that makes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from kip.results.cobenefits import cobenefits_table
from kip.results.consequences import consequence_matrix, consequence_table
from kip.results.fairness import fairness_table
from kip.results.people import equity_table, people_table

if TYPE_CHECKING:
    import xarray as xr

    from kip.model import Plan

__all__ = ["PeopleTables"]


class PeopleTables:
    """Tables about districts, groups and co-benefits; part of `Portfolio`."""

    plan: Plan
    dataset: xr.Dataset

    def cobenefits(self) -> pd.DataFrame:
        """What comes beside climate, one row for each indicator: its own unit first, money [currency] second; NaN without a value."""
        return cobenefits_table(self.plan, self.dataset)

    def people(self, measure: str, by: str = "district", everywhere: str = "apart") -> pd.DataFrame:
        """What each district or group gets of a measure: in all, for each person, and its share.

        Parameters
        ----------
        measure : str
            An indicator, reduction, investment, operation, cost, net_cost, grants, adopted.<shift>; of one year or actor.
        by : {"district", "group"}
        everywhere : {"apart", "by population"}
            What belongs to no district: in a row "all" of its own and in nobody's share, or spread by population (§45).

        Returns
        -------
        pandas.DataFrame
            title, people, the measure [its unit], for each person [unit/person], and share of what has a place [1].
            NaN where the number of people is not known or is 0, and in the share of the row "all". A row "no group"
            holds what goes to none of the groups; groups may overlap, and then do not add up.

        Raises
        ------
        RequestError
            For a measure that does not exist or is not counted by district.
        """
        return people_table(self.dataset, measure, by, everywhere)

    def equity(self, measure: str, aversions: Sequence[float] = (0.5, 1.0, 2.0), everywhere: str = "apart") -> pd.DataFrame:
        """How equally a measure is shared between districts, and between groups, person by person (§47).

        Parameters
        ----------
        measure : str
            As in `people`. What is compared is the gain: the measure in its good direction.
        aversions : numbers
            Aversions to inequality for Atkinson's index.
        everywhere : {"apart", "by population"}
            As in `people`.

        Returns
        -------
        pandas.DataFrame
            Rows district and group, where they have people. Mean, least, most, spread and Sen welfare [unit/person]; Gini
            and Atkinson [1], NaN where the mean is not above 0 or somebody loses. Weights are people; groups that overlap
            count some of them twice.

        Raises
        ------
        RequestError
            When the measure has no place, or nobody is counted anywhere.
        """
        return equity_table(self.dataset, measure, aversions, everywhere)

    def fairness(self) -> pd.DataFrame:
        """What the plan's fairness rules ask for, and what each of their groups and districts gets.

        Returns
        -------
        pandas.DataFrame
            Index (rule, whom). Kind, measure, people, gain and its unit, gain for each person, share of what reaches the
            districts [1]; then of the rule as a whole the value that it compares (smallest gain, share, spread, index),
            what is asked (NaN: nothing), and whether it is kept.
        """
        return fairness_table(self.dataset)

    def consequences(self, pivot: bool = False) -> pd.DataFrame:
        """What the chosen shifts mean for each group, in words; what is worst for a group first.

        Parameters
        ----------
        pivot : bool
            A table of groups by shifts instead, with severity and sign ("-2", "+1"); empty where nothing is said.

        Returns
        -------
        pandas.DataFrame
            group, shift, sign, severity (1 to 3), words and source.
        """
        table = consequence_table(self.plan, self.dataset)
        return consequence_matrix(self.plan, table) if pivot else table
