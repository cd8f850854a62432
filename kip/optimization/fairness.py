"""Fairness in the formulation: gains by place as coefficients, and the rules as named constraints.

The gain of a group is the measure's own coefficients, weighted by the share of each place that the group gets, so that
whatever a measure consists of is shared in the same way. Gains are written in steps near their largest coefficient.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo
import xarray as xr
from pyomo.core.expr import LinearExpression

from kip.accounting.fairness import Rule, fairness_rule
from kip.optimization.cells import Cells
from kip.optimization.frame import Floats, Frame, Row, scaled_steps, terms_expression
from kip.optimization.terms import Terms, measure_terms

__all__ = ["FAIRNESS_CONSTRAINTS", "add_fairness", "fairness_slack", "fairness_terms", "scaled_by_fairness", "smallest_gain"]

_TOLERANCE = 1e-5
"""What a solver may miss a row by, in its steps, with room for whole numbers that are rounded."""


@dataclass(frozen=True)
class _Gains:
    """A rule with the gain of each of its parties as terms, for each person where the rule says so."""

    row: int
    rule: Rule
    terms: tuple[Terms, ...]
    step: float


def _gains(inputs: xr.Dataset, cells: Cells, row: int) -> _Gains:
    rule = fairness_rule(inputs, row)
    terms = tuple(
        _gain(rule, inputs, cells, share) * (1.0 / people if rule.per_person else 1.0)
        for share, people in zip(rule.share, rule.people, strict=True)
    )
    return _Gains(row, rule, terms, _step(terms, cells))


def _gain(rule: Rule, inputs: xr.Dataset, cells: Cells, weights: Floats) -> Terms:
    return measure_terms(rule.measure, inputs, cells, weights) * rule.sign


def _step(terms: tuple[Terms, ...], cells: Cells) -> float:
    """Power of ten below the largest coefficient on one step of a decision."""
    largest = max(
        (np.abs(part * cells.scale[:, None]).max(initial=0.0) for item in terms for part in (item.on_new, item.on_stock)), default=0.0
    )
    grants = max((float(np.abs(item.on_grant).max(initial=0.0)) for item in terms), default=0.0)
    left = max((float(np.abs(item.on_scaled * scaled_steps(cells)).max(initial=0.0)) for item in terms), default=0.0)
    largest = max(float(largest), grants, left)
    return float(10.0 ** np.floor(np.log10(largest))) if largest > 0 else 1.0


def _all(frame: Frame) -> list[_Gains]:
    """Every rule with its gains, made once for a frame."""
    if not frame.gains:
        frame.gains.extend(_gains(frame.inputs, frame.cells, row) for row in range(frame.inputs.sizes["fairness"]))
    return frame.gains


def add_fairness(model: pyo.ConcreteModel, frame: Frame) -> None:
    """Variables for the smallest gain of each rule; for gains, and the differences between them, where Gini or Sen ask."""
    inputs = frame.inputs
    names, parties = list(map(str, inputs["fairness"].values)), list(map(str, inputs["party"].values))
    frame.least = np.full(len(names), None, dtype=object)
    frame.difference = np.full((len(names), len(parties), len(parties)), None, dtype=object)
    frame.party_gain = np.full((len(names), len(parties)), None, dtype=object)
    if not names:
        return
    rules = [fairness_rule(inputs, row) for row in range(len(names))]
    ranked = [row for row, rule in enumerate(rules) if rule.kind in {"floor", "spread"}]
    if ranked:
        model.least = pyo.Var([names[row] for row in ranked])
        frame.least[ranked] = list(model.least.values())
    compared = [(row, int(party)) for row, rule in enumerate(rules) if rule.kind in {"gini", "sen"} for party in rule.parties]
    if compared:
        model.gain = pyo.Var([(names[row], parties[party]) for row, party in compared])
        for (row, party), item in zip(compared, model.gain.values(), strict=True):
            frame.party_gain[row, party] = item
    index = [(row, int(one), int(two)) for row, rule in enumerate(rules) for one, two in _pairs(rule)]
    if index:
        model.apart = pyo.Var([(names[row], parties[one], parties[two]) for row, one, two in index], domain=pyo.NonNegativeReals)
        for place, item in zip(index, model.apart.values(), strict=True):
            frame.difference[place] = item


def _pairs(rule: Rule) -> Iterator[tuple[int, int]]:
    if rule.kind in {"gini", "sen"}:
        for place, one in enumerate(rule.parties):
            for two in rule.parties[place + 1 :]:
                yield int(one), int(two)


def fairness_terms(base: str, name: str, inputs: xr.Dataset, cells: Cells) -> Terms:
    """``least.<rule>`` and ``sen.<rule>`` as terms."""
    row = list(map(str, inputs["fairness"].values)).index(name)
    if base == "least":
        return smallest_gain(row, inputs, cells)
    gains = _gains(inputs, cells, row)
    none = Terms(np.zeros(cells.shape), np.zeros(cells.shape))
    on_difference = np.zeros((inputs.sizes["fairness"], inputs.sizes["party"], inputs.sizes["party"]))
    for (one, two), both in _weighted_pairs(gains.rule):
        on_difference[row, one, two] = -both * gains.step
    return _mean(gains) + Terms(none.on_new, none.on_stock, on_difference=on_difference)


def smallest_gain(row: int, inputs: xr.Dataset, cells: Cells) -> Terms:
    """The smallest gain of a rule: its own variable, bounded by `least_gain`."""
    on_least = np.zeros(inputs.sizes["fairness"])
    on_least[row] = _gains(inputs, cells, row).step
    none = Terms(np.zeros(cells.shape), np.zeros(cells.shape))
    return Terms(none.on_new, none.on_stock, on_least=on_least)


def _weighted_pairs(rule: Rule) -> Iterator[tuple[tuple[int, int], float]]:
    weight = dict(zip(rule.parties.tolist(), rule.weights.tolist(), strict=True))
    for one, two in _pairs(rule):
        yield (one, two), weight[one] * weight[two]


def _mean(gains: _Gains) -> Terms:
    total = gains.terms[0] * float(gains.rule.weights[0])
    for terms, weight in zip(gains.terms[1:], gains.rule.weights[1:], strict=True):
        total = total + terms * float(weight)
    return total


def scaled_by_fairness(inputs: xr.Dataset, cells: Cells) -> set[int]:
    """Classes of scaled segments that a rule is about: they are written as chains, exact in both directions.

    A share, a spread or an index could be kept by pretending that somebody saves less, and a smallest gain is a variable of its
    own, so tangents will not do.
    """
    found: set[int] = set()
    for row in range(inputs.sizes["fairness"]):
        gains = _gains(inputs, cells, row)
        # a share is of what everybody gets
        for terms in (*gains.terms, _gain(gains.rule, inputs, cells, gains.rule.everybody)):
            if np.any(terms.on_scaled):
                found |= set(np.flatnonzero(np.any(np.asarray(terms.on_scaled), axis=1)).tolist())
    return found


def fairness_slack(frame: Frame) -> dict[str, float]:
    """What a solver may miss each rule by, in the unit of its gains."""
    return {gains.rule.name: _TOLERANCE * gains.step for gains in _all(frame)}


def _minus(body: LinearExpression, *others: tuple[float, object]) -> LinearExpression:
    coefficients = [*body.linear_coefs, *(factor for factor, _ in others)]
    return LinearExpression(constant=0, linear_coefs=coefficients, linear_vars=[*body.linear_vars, *(item for _, item in others)])


def fair_share(frame: Frame) -> Iterator[Row]:
    r"""Some groups together get at least their share of what reaches the districts.

    .. math:: \sum_d (w_d - share)\, gain_d \ge 0

    where :math:`w_d` is the share of district d's people in the groups, and :math:`gain_d` the measure's own terms in that
    district, in its good direction.
    """
    for gains in _all(frame):
        rule = gains.rule
        if rule.kind == "share":
            terms = _gain(rule, frame.inputs, frame.cells, rule.together - rule.amount * rule.everybody)
            step = _step((terms,), frame.cells)
            yield rule.name, 0.0 - terms.constant / step, terms_expression(frame, terms, step), None


def fair_floor(frame: Frame) -> Iterator[Row]:
    r"""Each group gains at least an amount, for each of its people or in all: :math:`gain_g / people_g \ge amount`."""
    for gains in _all(frame):
        if gains.rule.kind == "floor" and not np.isnan(gains.rule.amount):
            for name, terms in zip(gains.rule.names, gains.terms, strict=True):
                low = (gains.rule.amount - terms.constant) / gains.step
                yield (gains.rule.name, name), low, terms_expression(frame, terms, gains.step), None


def least_gain(frame: Frame) -> Iterator[Row]:
    r"""The smallest gain of a person is at most that of each group: :math:`least \le gain_g / people_g`.

    What maximises it is max–min fairness; where it is not asked for it is free.
    """
    for gains in _all(frame):
        least = frame.least[gains.row]
        if least is not None:
            for name, terms in zip(gains.rule.names, gains.terms, strict=True):
                body = _minus(terms_expression(frame, terms, gains.step), (-1.0, least))
                yield (gains.rule.name, name), 0.0 - terms.constant / gains.step, body, None


def fair_spread(frame: Frame) -> Iterator[Row]:
    r"""Nobody gains more than an amount above the least: :math:`gain_g / people_g - least \le amount`."""
    for gains in _all(frame):
        if gains.rule.kind == "spread":
            least = frame.least[gains.row]
            for name, terms in zip(gains.rule.names, gains.terms, strict=True):
                body = _minus(terms_expression(frame, terms, gains.step), (-1.0, least))
                yield (gains.rule.name, name), None, body, (gains.rule.amount - terms.constant) / gains.step


def party_gain(frame: Frame) -> Iterator[Row]:
    r"""What a person of each group gains, as a variable of its own where groups are compared two by two: :math:`y_g = gain_g / people_g`.

    It keeps the rows of pairs short: forty districts are 780 pairs.
    """
    for gains in _all(frame):
        if gains.rule.kind in {"gini", "sen"}:
            for party, name, terms in zip(gains.rule.parties, gains.rule.names, gains.terms, strict=True):
                body = _minus(terms_expression(frame, terms, gains.step), (-1.0, frame.party_gain[gains.row, party]))
                side = 0.0 - terms.constant / gains.step
                yield (gains.rule.name, name), side, body, side


def gain_difference(frame: Frame) -> Iterator[Row]:
    r"""The difference between two groups is at least the difference of their gains, either way.

    .. math:: d_{g,h} \ge y_g - y_h, \qquad d_{g,h} \ge y_h - y_g
    """
    names = list(map(str, frame.inputs["party"].values))
    for gains in _all(frame):
        for one, two in _pairs(gains.rule):
            pair = (gains.rule.name, names[one], names[two])
            gain, other = frame.party_gain[gains.row, one], frame.party_gain[gains.row, two]
            for side, sign in (("above", -1.0), ("below", 1.0)):
                variables = [frame.difference[gains.row, one, two], gain, other]
                yield (*pair, side), 0.0, LinearExpression(constant=0, linear_coefs=[1.0, sign, -sign], linear_vars=variables), None


def _welfare(frame: Frame, gains: _Gains, of_mean: float, of_differences: float) -> LinearExpression:
    """``of_mean · Σ w_g y_g + of_differences · Σ_{g<h} w_g w_h d_{g,h}``."""
    mean = [
        (of_mean * weight, frame.party_gain[gains.row, party]) for party, weight in zip(gains.rule.parties, gains.rule.weights, strict=True)
    ]
    apart = [(of_differences * both, frame.difference[gains.row, one, two]) for (one, two), both in _weighted_pairs(gains.rule)]
    coefficients, variables = zip(*mean, *apart, strict=True)
    return LinearExpression(constant=0, linear_coefs=[float(value) for value in coefficients], linear_vars=list(variables))


def fair_gini(frame: Frame) -> Iterator[Row]:
    r"""The Gini index of the gains of a person is at most an amount: :math:`\sum_{g<h} w_g w_h d_{g,h} \le amount \sum_g w_g y_g`."""
    for gains in _all(frame):
        if gains.rule.kind == "gini":
            yield gains.rule.name, None, _welfare(frame, gains, -gains.rule.amount, 1.0), 0.0


def fair_sen(frame: Frame) -> Iterator[Row]:
    r"""Sen's welfare, the mean gain of a person times (1 - Gini), is at least an amount.

    .. math:: \sum_g w_g y_g - \sum_{g<h} w_g w_h d_{g,h} \ge amount
    """
    for gains in _all(frame):
        if gains.rule.kind == "sen" and not np.isnan(gains.rule.amount):
            yield gains.rule.name, gains.rule.amount / gains.step, _welfare(frame, gains, 1.0, -1.0), None


FAIRNESS_CONSTRAINTS = {
    "fair_share": fair_share,
    "fair_floor": fair_floor,
    "least_gain": least_gain,
    "fair_spread": fair_spread,
    "party_gain": party_gain,
    "gain_difference": gain_difference,
    "fair_gini": fair_gini,
    "fair_sen": fair_sen,
}
"""Named constraints of fairness, in order."""
