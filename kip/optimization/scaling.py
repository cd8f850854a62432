"""Shifts that scale, in the formulation: variables, and the product of their fractions as rows.

Two forms of the same product. *Tangents* (log outer approximation): what is left is at least every tangent of exp(L), one row
each and no further decisions; exact where the objective and every limit want it low, after the session has added the tangents
that are missing. *Chain*: one fraction after another, exact in both directions; for segments that are moved as well, and for
questions that could reward a high value. Duran and Grossmann 1986, Math Prog 36; O'Hanley, Scaparra and García 2013, EJOR 230.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr import LinearExpression

from kip.optimization.frame import Floats, Frame, Row, linear
from kip.optimization.scaled import Chain, Factor, Pair, ScalingVariables, Split

__all__ = ["SCALING_CONSTRAINTS", "add_scaling"]

FIRST_TANGENTS = 2
"""Tangents that a model starts with, at the ends of the range; the session adds those that matter."""


def add_scaling(model: pyo.ConcreteModel, frame: Frame, chained: set[int]) -> None:
    """Variables for what is left of each class; `chained` are the rows of those that a question could reward for a high value."""
    factors = frame.cells.scaled.factors
    years = [int(year) for year in frame.cells.years]
    frame.scaled = np.full((len(factors), len(years)), None, dtype=object)
    frame.scaling = ScalingVariables(logs=np.full((len(factors), len(years)), None, dtype=object))
    if not factors:
        return
    names = [_name(frame, factor) for factor in factors]
    model.scaled = pyo.Var([(*name, year) for name in names for year in years], domain=pyo.NonNegativeReals)
    frame.scaled[:] = np.array(list(model.scaled.values()), dtype=object).reshape(frame.scaled.shape)
    tangents = [row for row, factor in enumerate(factors) if not factor.moved and row not in chained]
    if tangents:
        model.log = pyo.Var([(*names[row], year) for row in tangents for year in years], domain=pyo.Reals)
    for row, factor in enumerate(factors):
        low, high = factor.range_of_log()
        for index, year in enumerate(years):
            left = frame.scaled[row, index]
            left.setub(float(factor.most[index] / factor.step))
            if row in tangents:
                left.setlb(float(np.exp(low[index])))
                log = model.log[(*names[row], year)]
                log.setlb(float(low[index]))
                log.setub(float(high[index]))
                frame.scaling.logs[row, index] = log
    _add_both(model, frame)
    _add_chains(model, frame, [row for row in range(len(factors)) if row not in tangents])


def _name(frame: Frame, factor: Factor) -> tuple[str, str, str]:
    activity, place = factor.segments[0]
    return factor.kind, str(frame.inputs["activity"].values[activity]), str(frame.inputs["district"].values[place])


def _add_both(model: pyo.ConcreteModel, frame: Frame) -> None:
    cells = frame.cells
    pairs = sorted({(pair.one, pair.two) for factor in cells.scaled.factors for pair in factor.pairs})
    years = [int(year) for year in cells.years]
    if pairs:
        model.both = pyo.Var([(*cells.names[one], *cells.names[two], year) for one, two in pairs for year in years], bounds=(0.0, 1.0))
        keys = [(one, two, index) for one, two in pairs for index in range(len(years))]
        frame.scaling.both = dict(zip(keys, model.both.values(), strict=True))


def _add_chains(model: pyo.ConcreteModel, frame: Frame, rows: list[int]) -> None:
    factors, years = frame.cells.scaled.factors, [int(year) for year in frame.cells.years]
    wanted = [(row, index, _splits(frame, factors[row], index)) for row in rows for index in range(len(years))]
    keys = [
        (*_name(frame, factors[row]), years[index], step, branch)
        for row, index, splits in wanted
        for step, split in enumerate(splits)
        for branch in range(len(split) + 1)
    ]
    if keys:
        model.part = pyo.Var(keys, domain=pyo.NonNegativeReals)
    taken = iter(model.part.values()) if keys else iter(())
    for row, index, splits in wanted:
        parts = [[next(taken) for _ in range(len(split) + 1)] for split in splits]
        for part in (one for branch in parts for one in branch):
            part.setub(float(factors[row].most[index] / factors[row].step))
        frame.scaling.chains.append(Chain(row, index, splits, parts))


def _splits(frame: Frame, factor: Factor, index: int) -> list[Split]:
    """Branches of each decision in a year: starts that leave the same share are one branch; synergies come last."""
    splits: list[Split] = []
    for cell, log in sorted(factor.logs.items()):
        branches: dict[float, list[Any]] = {}
        for start in np.flatnonzero(log[:, index]):
            if frame.new[cell, start] is not None:
                branches.setdefault(float(np.exp(log[start, index])), []).append(frame.new[cell, start])
        if branches:
            splits.append(sorted(branches.items(), key=lambda branch: branch[0]))
    for pair in factor.pairs:
        splits.append([(float(np.exp(pair.log)), [frame.scaling.both[pair.one, pair.two, index]])])
    return splits


def _alive(frame: Frame, cell: int, index: int) -> list[Any]:
    alive = frame.inputs["in_use_years"].values[frame.cells.shift[cell], :, index]
    return [frame.new[cell, start] for start in np.flatnonzero(alive) if frame.new[cell, start] is not None]


def both_in_use(frame: Frame) -> Iterator[Row]:
    r"""A synergy counts only while both are in use: :math:`both_{i,j,y} \le active_{i,y}` and :math:`both_{i,j,y} \le active_{j,y}`."""
    for (one, two, index), both in frame.scaling.both.items():
        name = (*frame.cells.names[one], *frame.cells.names[two], int(frame.cells.years[index]))
        for label, cell in (("one", one), ("two", two)):
            mine = _alive(frame, cell, index)
            yield (*name, label), None, _sum([1.0] + [-1.0] * len(mine), [both, *mine]), 0.0


def both_together(frame: Frame) -> Iterator[Row]:
    r"""And it counts whenever both are: :math:`both_{i,j,y} \ge active_{i,y} + active_{j,y} - 1`."""
    for (one, two, index), both in frame.scaling.both.items():
        name = (*frame.cells.names[one], *frame.cells.names[two], int(frame.cells.years[index]))
        active = [*_alive(frame, one, index), *_alive(frame, two, index)]
        yield name, None, _sum([1.0] * len(active) + [-1.0], [*active, both]), 1.0


def _sum(coefficients: list[float], variables: list[Any]) -> LinearExpression:
    return LinearExpression(constant=0, linear_coefs=coefficients, linear_vars=variables)


def log_factor(frame: Frame) -> Iterator[Row]:
    r"""Logarithm of what is left of a class: :math:`L_{k,y} = \sum_{c,u} \ln(1 - r_{k,c,u,y})\, start_{c,u} + \sum \theta\, both`.

    Exact whatever the ramp, because a whole shift starts at most once.
    """
    for row, factor in enumerate(frame.cells.scaled.factors):
        for index, year in enumerate(frame.cells.years):
            log = frame.scaling.logs[row, index]
            if log is None:
                continue
            coefficients, variables = [np.ones(1)], [np.array([log], dtype=object)]
            for cell, logs in factor.logs.items():
                coefficients.append(-logs[:, index])
                variables.append(frame.new[cell])
            for pair in factor.pairs:
                coefficients.append(np.array([-pair.log]))
                variables.append(np.array([_both(frame, pair, index)], dtype=object))
            yield (*_name(frame, factor), int(year)), 0.0, linear(np.concatenate(coefficients), np.concatenate(variables)), 0.0


def _both(frame: Frame, pair: Pair, index: int) -> Any:
    return frame.scaling.both[pair.one, pair.two, index]


def tangent(frame: Frame) -> Iterator[Row]:
    r"""What is left of a class is on or above every tangent of the exponential: :math:`F_{k,y} \ge e^{L_j} (1 + L_{k,y} - L_j)`.

    A few tangents at first; the session adds one at each solution, so that the product is exact where it matters.
    """
    for row, factor in enumerate(frame.cells.scaled.factors):
        low, high = factor.range_of_log()
        for index, year in enumerate(frame.cells.years):
            log = frame.scaling.logs[row, index]
            if log is None or low[index] == high[index] == 0.0:
                continue
            for point in np.linspace(low[index], high[index], FIRST_TANGENTS):
                slope = float(np.exp(point))
                body = _sum([1.0, -slope], [frame.scaled[row, index], log])
                yield (*_name(frame, factor), int(year), f"{point:.6f}"), slope * (1.0 - float(point)), body, None


def _what_remains(frame: Frame, factor: Factor, index: int) -> tuple[Floats, Any, float]:
    """What moving shifts have left of a class, in steps: coefficients, variables and constant; 1 where nothing moves."""
    if not factor.moved:
        return np.zeros(0), np.zeros(0, dtype=object), 1.0
    scale, moves = frame.cells.scale, frame.cells.scaled.moves
    moved: dict[int, float] = {}
    for segment, mix in zip(factor.segments, factor.mix[:, index], strict=True):
        for cell, units in moves[segment]:
            moved[cell] = moved.get(cell, 0.0) + float(mix * units[index] * scale[cell] / factor.step)
    variables = np.array([frame.stock[cell, index] for cell in moved], dtype=object)
    return np.array(list(moved.values())), variables, float(factor.mix[:, index] @ factor.amount[:, index] / factor.step)


def _left_after(chain: Chain, step: int) -> tuple[Floats, Any]:
    """What comes out of a step: each branch times what it leaves, and all of what was not touched."""
    shares = [share for share, _ in chain.splits[step]]
    return np.array([*shares, 1.0]), np.array(chain.parts[step], dtype=object)


def chain_split(frame: Frame) -> Iterator[Row]:
    r"""What comes into a step of the chain goes through one of its branches, or past it.

    .. math:: \sum_b part_{k,j,b,y} = F_{k,j-1,y}, \qquad F_{k,j,y} = \sum_b q_b\, part_{k,j,b,y}

    The first :math:`F` is what moving shifts have left of the class, added up in tonnes (or in units of one activity); the last
    one is what is left after all.
    """
    factors = frame.cells.scaled.factors
    for chain in frame.scaling.chains:
        factor = factors[chain.row]
        name = (*_name(frame, factor), int(frame.cells.years[chain.index]))
        remains = _what_remains(frame, factor, chain.index)
        for step in range(len(chain.splits) + 1):
            last = step == len(chain.splits)
            own = [frame.scaled[chain.row, chain.index]] if last else chain.parts[step]
            if step == 0:
                before, variables, constant = remains
            else:
                before, variables, constant = *_left_after(chain, step - 1), 0.0
            every = np.concatenate([np.array(own, dtype=object), variables])
            yield (*name, step), constant, linear(np.concatenate([np.ones(len(own)), -before]), every), constant


def chain_branch(frame: Frame) -> Iterator[Row]:
    r"""A branch is open only to the decision that it belongs to.

    .. math:: part_{k,j,b,y} \le most_k \sum_{u \in b} start_{j,u}, \qquad
              part_{k,j,0,y} \le most_k\,\Bigl(1 - \sum_{b,u} start_{j,u}\Bigr)
    """
    factors = frame.cells.scaled.factors
    for chain in frame.scaling.chains:
        factor = factors[chain.row]
        most = float(factor.most[chain.index] / factor.step)
        name = (*_name(frame, factor), int(frame.cells.years[chain.index]))
        for step, split in enumerate(chain.splits):
            for branch, (_, chosen) in enumerate(split):
                yield (*name, step, branch), None, _sum([1.0] + [-most] * len(chosen), [chain.parts[step][branch], *chosen]), 0.0
            every = [item for _, chosen in split for item in chosen]
            yield (*name, step, "past"), None, _sum([1.0] + [most] * len(every), [chain.parts[step][-1], *every]), most


SCALING_CONSTRAINTS = {
    "both_in_use": both_in_use,
    "both_together": both_together,
    "log_factor": log_factor,
    "tangent": tangent,
    "chain_split": chain_split,
    "chain_branch": chain_branch,
}
"""Named constraints of shifts that scale, in order."""
