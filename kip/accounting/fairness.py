"""Fairness rules on the exact count: what each party gains, and which rules a portfolio breaks.

A gain is a measure in its good direction (§46), restricted to places. The optimisation says the same as rows of
coefficients (kip/optimization/fairness.py); they share the shares of people and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.equity import gini, sen_welfare
from kip.accounting.measures import Measure, parse_measure
from kip.accounting.places import direction, party_shares, value_by_place
from kip.accounting.rules import MONEY_TOLERANCE, Broken

__all__ = ["Rule", "broken_fairness", "fairness_rule", "gains_of", "least_gain", "sen_gain", "value_of_rule"]

Floats: TypeAlias = NDArray[np.float64]

_RELATIVE = 1e-6


@dataclass(frozen=True)
class Rule:
    """A fairness rule taken apart, for the inputs or for a counted portfolio.

    Attributes
    ----------
    name, kind : str
    measure : Measure
    sign : float
        1 or -1: the gain is sign · measure.
    parties : array of int
        Rows of those that it is about.
    names : tuple of str
    people : array
        Their numbers [person].
    share : array (party of the rule, district)
        Share of what arises in each place that they get [1].
    everybody : array (district,)
        Weight of each place in what is shared: 1 in a district, and where it is spread, in the whole municipality.
    amount : float
        The limit; NaN when there is none.
    per_person : bool
    """

    name: str
    kind: str
    measure: Measure
    sign: float
    parties: NDArray[np.int64]
    names: tuple[str, ...]
    people: Floats
    share: Floats
    everybody: Floats
    amount: float
    per_person: bool

    @property
    def unit(self) -> str:
        """Unit of the amount of the rule: of the measure, for each person where it is about persons; 1 for a share or an index."""
        if self.kind in {"share", "gini"}:
            return "1"
        return f"{self.measure.unit}/person" if self.per_person else self.measure.unit

    @property
    def together(self) -> Floats:
        """Share of each place that goes to the parties together, nobody counted twice [1]."""
        return np.asarray(np.minimum(1.0, self.share.sum(axis=0)))

    @property
    def weights(self) -> Floats:
        """Share of each party in the people of the rule [1]."""
        return np.asarray(self.people / self.people.sum())


def fairness_rule(data: xr.Dataset, row: int) -> Rule:
    """A fairness rule by its row."""
    measure = parse_measure(str(data["fairness_measure"].values[row]), data)
    parties = np.flatnonzero(data["fairness_party"].values[row])
    spread = bool(data["fairness_spread_everywhere"].values[row])
    everybody = np.ones(data.sizes["district"])
    everybody[-1] = float(spread)
    return Rule(
        name=str(data["fairness"].values[row]),
        kind=str(data["fairness_kind"].values[row]),
        measure=measure,
        sign=direction(measure, data),
        parties=parties,
        names=tuple(map(str, data["party"].values[parties])),
        people=data["party_population"].values[parties],
        share=party_shares(data, spread)[parties],
        everybody=everybody,
        amount=float(data["fairness_amount"].values[row]),
        per_person=bool(data["fairness_per_person"].values[row]),
    )


def gains_of(rule: Rule, data: xr.Dataset) -> Floats:
    """What each party of a rule gains in all [unit of the measure]."""
    return np.asarray(rule.sign * (rule.share @ value_by_place(rule.measure, data)))


def least_gain(rule: Rule, data: xr.Dataset) -> float:
    """The smallest gain: of a person, or of a party where the rule is not about persons."""
    gains = gains_of(rule, data)
    return float((gains / rule.people if rule.per_person else gains).min())


def sen_gain(rule: Rule, data: xr.Dataset) -> float:
    """Sen's welfare of the gains of a person, parties weighted by their people."""
    return sen_welfare(gains_of(rule, data) / rule.people, rule.people)


def value_of_rule(rule: Rule, data: xr.Dataset) -> float:
    """What a rule compares with its amount: the smallest gain, a share, a spread, the Gini index, or Sen's welfare.

    NaN where it does not exist: a share of nothing, an index of what some lose.
    """
    gains = gains_of(rule, data)
    if rule.kind == "share":
        values = rule.sign * value_by_place(rule.measure, data)
        total = float(rule.everybody @ values)
        return float(rule.together @ values) / total if total else float("nan")
    each = gains / rule.people if rule.per_person else gains
    if rule.kind == "spread":
        return float(each.max() - each.min())
    if rule.kind == "gini":
        return gini(each, rule.people)
    return sen_welfare(each, rule.people) if rule.kind == "sen" else float(each.min())


def broken_fairness(inputs: xr.Dataset, data: xr.Dataset, slack: Mapping[str, float] | None = None) -> Iterator[Broken]:
    """Every fairness rule that a portfolio breaks.

    Parameters
    ----------
    inputs, data : xarray.Dataset
        The plan's inputs and the count.
    slack : {rule: amount}, optional
        Tolerance of a solver for each rule, in the unit in which its rows are written.
    """
    for row in range(inputs.sizes["fairness"]):
        rule = fairness_rule(data, row)
        found = list(_short(rule, data))
        size = max(1e-9, _RELATIVE * max((abs(number) for _, _, number in found), default=0.0), (slack or {}).get(rule.name, 0.0))
        if rule.measure.unit == data.attrs["currency"] and not rule.per_person and rule.kind == "floor":
            size = max(size, MONEY_TOLERANCE)
        for who, short, limit in found:
            if short > size:
                unit = _unit(rule)
                most = "at most" if rule.kind in {"spread", "gini"} else "at least"
                sentence = f"{rule.name}: {who}, by {short:,.6g}{unit}; {most} {limit:,.6g}{unit} is asked for."
                yield Broken("fairness", f"{rule.name}: {who}", short, sentence)


def _unit(rule: Rule) -> str:
    if rule.kind == "gini":
        return ""
    unit = "" if rule.measure.unit == "1" else f" {rule.measure.unit}"
    return f"{unit}/person" if rule.per_person else unit


def _short(rule: Rule, data: xr.Dataset) -> Iterator[tuple[str, float, float]]:
    """By how much a rule is missed (negative when it is kept), with the amount that is asked for, for each of its rows."""
    if np.isnan(rule.amount):
        return
    gains = gains_of(rule, data)
    if rule.kind == "share":
        values = rule.sign * value_by_place(rule.measure, data)
        wanted = rule.amount * float(rule.everybody @ values)
        yield "too little goes to " + ", ".join(rule.names), wanted - float(rule.together @ values), wanted
        return
    each = gains / rule.people if rule.per_person else gains
    if rule.kind == "floor":
        for name, gain in zip(rule.names, each, strict=True):
            yield f"{name} gets too little", rule.amount - float(gain), rule.amount
    elif rule.kind == "spread":
        yield "the spread is too large", float(each.max() - each.min()) - rule.amount, rule.amount
    elif rule.kind == "sen":
        yield "Sen's welfare is too small", rule.amount - sen_welfare(each, rule.people), rule.amount
    else:
        index = gini(each, rule.people)
        # nobody gets anything: nothing is unequal
        yield "the Gini index is too large", 0.0 if np.isnan(index) and not each.any() else index - rule.amount, rule.amount
