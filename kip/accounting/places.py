"""Where a measure arises, who lives there, and what groups of people get of it.

People are arrays over *parties*: every group that has people, then every district of the plan. A party has shares of the
people of districts, and gets that share of what arises in them.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.measures import Measure, payers
from kip.errors import RequestError
from kip.model import Plan

__all__ = ["direction", "party_shares", "people_table", "value_by_place"]

Floats: TypeAlias = NDArray[np.float64]


def people_table(plan: Plan, districts: list[str]) -> dict[str, xr.Variable]:
    """Parties and fairness rules as arrays, for the inputs.

    Parameters
    ----------
    plan : Plan
    districts : list of str
        Every place of the inputs, the whole municipality last.

    Returns
    -------
    dict of xarray.Variable
        ``party`` with kind, title and population [person]; ``party_share`` (party, district) [1]; ``fairness`` with the
        fields of each rule, and ``fairness_party`` (fairness, party), who it is about.
    """
    groups = sorted((group for group in plan.groups if group.counted), key=lambda group: group.name)
    known = {district.name: district for district in plan.districts}
    places = [name for name in districts if name in known]
    share = np.zeros((len(groups) + len(places), len(districts)))
    for row, group in enumerate(groups):
        share[row] = [group.share_of(name, known[name].attributes) if name in known else 0.0 for name in districts]
    for row, name in enumerate(places, start=len(groups)):
        share[row, districts.index(name)] = 1.0
    population = np.array([known[name].population if name in known else np.nan for name in districts], dtype=float)
    parties = [group.name for group in groups] + places
    rules = sorted(plan.fairness, key=lambda rule: rule.name)
    about = np.zeros((len(rules), len(parties)), dtype=bool)
    for row, rule in enumerate(rules):
        named = {*rule.groups, *rule.districts} or set(places)
        about[row] = [name in named for name in parties]
    amounts = np.array([np.nan if rule.amount is None else rule.amount for rule in rules], dtype=float)

    def text(values: list[str]) -> NDArray[np.object_]:
        return np.array(values, dtype=object)

    columns: dict[str, tuple[Any, Any]] = {
        "party": ("party", text(parties)),
        "party_kind": ("party", text(["group"] * len(groups) + ["district"] * len(places))),
        "party_title": ("party", text([group.label for group in groups] + [known[name].label for name in places])),
        # a share of 0 of a district whose people are not known is nobody
        "party_population": ("party", np.where(share > 0, share * population, 0.0).sum(axis=1)),
        "party_share": (("party", "district"), share),
        "fairness": ("fairness", text([rule.name for rule in rules])),
        "fairness_title": ("fairness", text([rule.label for rule in rules])),
        "fairness_kind": ("fairness", text([rule.kind for rule in rules])),
        "fairness_measure": ("fairness", text([rule.measure for rule in rules])),
        "fairness_amount": ("fairness", amounts),
        "fairness_per_person": ("fairness", np.array([rule.kind != "share" and rule.per_person for rule in rules], dtype=bool)),
        "fairness_spread_everywhere": ("fairness", np.array([rule.everywhere == "by population" for rule in rules], dtype=bool)),
        "fairness_party": (("fairness", "party"), about),
    }
    return {name: xr.Variable(dims if isinstance(dims, tuple) else (dims,), values) for name, (dims, values) in columns.items()}


def direction(measure: Measure, data: xr.Dataset) -> float:
    """1 where more of a measure is a gain for those who get it, -1 where less is: costs, and indicators that should go down."""
    if measure.base == "indicator":
        return 1.0 if str(data["indicator_direction"].values[list(data["indicator"].values).index(measure.key)]) == "up" else -1.0
    return -1.0 if measure.base in {"operation", "cost", "net_cost"} else 1.0


def party_shares(data: xr.Dataset, spread_everywhere: bool = False) -> Floats:
    """Share of what arises in each place that each party gets, as an array (party, district) [1].

    What belongs to no district is nobody's, or spread over the districts by their population (§45).
    """
    share = np.array(data["party_share"].values, dtype=float)
    if spread_everywhere:
        people = np.nan_to_num(data["population"].values[:-1])
        if not people.sum():
            raise RequestError("no district has a population, so nothing can be spread by it. Add it to the districts.")
        share[:, -1] = share[:, :-1] @ people / people.sum()
    return share


def value_by_place(measure: Measure, data: xr.Dataset) -> Floats:
    """A measure of a counted portfolio by district, as an array (district); its sum is the measure.

    Raises
    ------
    RequestError
        When the measure is not counted by district.
    """
    years = np.ones(data.sizes["year"], dtype=bool) if measure.year is None else data["year"].values == measure.year
    if measure.base == "reduction":
        main = list(data["ledger"].values).index(data.attrs["main_ledger"])
        return np.asarray(data["reduction"].values[:, :, main, years].sum(axis=(0, 2)))
    if measure.base == "indicator":
        row = list(data["indicator"].values).index(measure.key)
        return np.asarray(data["cobenefit"].values[:, :, row, years].sum(axis=(0, 2)))
    if measure.base == "adopted":
        row = list(data["shift"].values).index(measure.key)
        return np.asarray(data["new"].values[row][:, years].sum(axis=1))
    if measure.base == "grants":
        kept = data["funding"].values == measure.key if measure.key else np.ones(data.sizes["funding"], dtype=bool)
        return np.asarray(data["grant"].values[kept][..., years].sum(axis=(0, 1, 3, 4)))
    if measure.base == "net_cost" and not measure.key:
        return np.asarray(data["net_cost"].values.sum(axis=(0, 2)))
    if measure.base in {"investment", "operation", "cost"}:
        return _cash_by_place(measure, data, years)
    raise RequestError(
        f'"{measure.name}" is not counted by district. Use reduction, investment, operation, cost, net_cost, grants or an indicator.'
    )


def _cash_by_place(measure: Measure, data: xr.Dataset, years: NDArray[np.bool_]) -> Floats:
    actors = data["actor"].values
    kept = actors == measure.key if measure.key in actors else payers(data, measure.key)
    bases = ("investment", "operation") if measure.base == "cost" else (measure.base,)
    cash = sum(data[base].values[:, :, kept][..., years].sum(axis=(0, 2, 3)) for base in bases)
    if measure.base == "cost" and measure.key:
        grant = data["grant"].values[..., years].sum(axis=4)
        paid = np.array([row >= 0 and bool(kept[row]) for row in data["funding_funder"].values], dtype=bool)
        cash = cash - grant[:, :, :, kept].sum(axis=(0, 1, 3)) + grant[paid].sum(axis=(0, 1, 3))
    return np.asarray(cash, dtype=float)
