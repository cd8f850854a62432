"""A compiled plan whose arrays follow from the parameters of a sweep: read once at a few points, then patched for whole blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, cast

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pyomo.common.gc_manager import PauseGC
from scipy.sparse import csr_matrix

from kip.accounting.arrays import Arrays
from kip.accounting.funding_inputs import close_sources
from kip.accounting.inputs import build_inputs
from kip.accounting.measures import Measure
from kip.model import Plan
from kip.optimization.compiled import Compiled, compile_model
from kip.optimization.formulation import build_model, frame_of
from kip.optimization.frame import Frame, measure_scale
from kip.optimization.problem import Problem
from kip.optimization.question import Question
from kip.optimization.rows_again import OtherShape, RowsAgain
from kip.optimization.tangents import Tangents
from kip.optimization.terms import Terms, measure_terms
from kip.sweeps.answers import scenario_plan
from kip.sweeps.asked_measures import Varying
from kip.sweeps.slots import NotPatched, OtherStructure, Slots, slots_of

__all__ = ["PARTS", "Layout", "Patched", "patched", "with_arrays"]

Floats: TypeAlias = NDArray[np.float64]

_INFINITE = 1e300

PARTS = ("value", "row_low", "row_high", "low", "high", "cost")
"""Arrays of a problem that may move."""


@dataclass(frozen=True)
class Layout:
    """Where everything stands in the numbers of a compiled plan.

    Attributes
    ----------
    compiled : Compiled
        Of a point in the middle: structure, steps, columns.
    problem : Problem
        Its arrays; the last row holds the shortfall where targets come first.
    parts : dict of str to slice
        Of the problem's arrays, the objective's constant, and the tables of the recount.
    starts : array (start, 2) of int
        Cell and year of everything that may start, in the order of the recount's columns.
    columns : array (start,) of int
        Its column in the problem.
    loose : array of int
        Columns whose upper bound never binds: it is lifted, since it follows the numbers with kinks.
    """

    compiled: Compiled
    problem: Problem
    parts: dict[str, slice]
    starts: NDArray[np.int64]
    columns: NDArray[np.int64]
    loose: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Numbers in all."""
        return int(max(part.stop for part in self.parts.values()))


@dataclass(frozen=True)
class Patched:
    """A plan compiled once, with the way its numbers follow from the parameters."""

    layout: Layout
    slots: Slots
    measures: tuple[Measure, ...]
    centre: Floats
    """A row in the middle: its answer is where every search begins."""

    def part(self, name: str, weights: Floats) -> tuple[NDArray[np.int64], Floats]:
        """What moves in an array: places, and numbers as (place, scenario); weights are those of `Slots.weights`."""
        there = self.layout.parts[name]
        first, last = np.searchsorted(self.slots.moving, [there.start, there.stop])
        moving = self.slots.moving[first:last]
        return moving - there.start, np.asarray(self.slots.origin[moving][:, None] + self.slots.matrix[first:last] @ weights)

    def whole(self, name: str, weights: Floats) -> Floats:
        """All of an array, as (place, scenario)."""
        places, numbers = self.part(name, weights)
        found = np.repeat(self.origin(name)[:, None], weights.shape[1], axis=1)
        found[places] = numbers
        return found

    def origin(self, name: str) -> Floats:
        """An array as it is at the first nodes."""
        numbers = self.slots.origin[self.layout.parts[name]].copy()
        far = np.abs(numbers) >= _INFINITE
        numbers[far] = np.copysign(np.inf, numbers[far])
        return numbers

    def problem(self, values: Floats) -> Problem:
        """The whole problem of one scenario (parameter,)."""
        weights = self.slots.weights(np.atleast_2d(values))
        parts = {name: self.whole(name, weights)[:, 0] for name in PARTS}
        return with_arrays(self.layout.problem, parts, float(self.whole("constant", weights)[0, 0]))

    def bare(self) -> Patched:
        """Without the model that it was found with, which no worker needs and none can be sent."""
        return replace(self, layout=replace(self.layout, compiled=cast(Compiled, None)))

    def table(self, name: str) -> tuple[csr_matrix, list[int]]:
        """A table of the recount by terms: rows (term, measure) over what starts; the first block is the origin."""
        there = self.layout.parts[name]
        first, last = np.searchsorted(self.slots.moving, [there.start, there.stop])
        starts = len(self.layout.starts)
        rows = (there.stop - there.start) // max(1, starts)
        entries = self.slots.matrix[first:last].tocoo()
        slot = self.slots.moving[first:last][entries.row] - there.start
        terms, place = np.unique(entries.col, return_inverse=True)
        base = self.origin(name)
        kept = np.flatnonzero(base)
        data = np.concatenate([base[kept], entries.data])
        row = np.concatenate([kept // starts, (1 + place) * rows + slot // starts]) if starts else np.zeros(0, dtype=int)
        column = np.concatenate([kept % starts, slot % starts]) if starts else np.zeros(0, dtype=int)
        return csr_matrix((data, (row, column)), shape=((1 + len(terms)) * rows, starts)), terms.tolist()


def with_arrays(problem: Problem, arrays: dict[str, Floats], offset: float) -> Problem:
    """The problem with all of its moving arrays replaced."""
    value, row_low, row_high, low, high, cost = (arrays[name] for name in PARTS)
    return replace(problem, value=value, row_low=row_low, row_high=row_high, low=low, high=high, cost=cost, offset=offset)


def patched(plan: Plan, space: Varying, question: Question, measures: Sequence[Measure], shortfall: bool) -> Patched:
    """Find how the numbers of a plan follow from the parameters of a space.

    Parameters
    ----------
    shortfall : bool
        Whether the least shortfall is sought first, and held by a row of its own.

    Raises
    ------
    NotPatched
        When they do not, or the plan has parts that are not solved by one linear problem; with the reason.
    """
    made: list[_Reader] = []

    def make(centre: Floats) -> Any:
        made.append(_Reader(plan, space, question, tuple(measures), shortfall, centre))
        return made[-1].read

    slots, centre = slots_of(make, space)
    return Patched(made[-1].layout, slots, tuple(measures), centre)


class _Reader:
    """Builds the plan at a row and reads all its numbers, in the layout of the middle."""

    def __init__(
        self, plan: Plan, space: Varying, question: Question, measures: tuple[Measure, ...], shortfall: bool, centre: Floats
    ) -> None:
        self.plan, self.space, self.question = plan, space, question
        self.measures, self.shortfall = measures, shortfall
        self.frame: Frame | None = None
        self.quick = False
        inputs, compiled = self._compiled(centre)
        self.frame = compiled.frame
        _plain_enough(inputs, compiled)
        self.layout = self._layout(compiled)
        self.again = RowsAgain(compiled)
        self.quick = self._is_quick(inputs, compiled)

    def _compiled(self, row: Floats) -> tuple[xr.Dataset, Compiled]:
        inputs = build_inputs(scenario_plan(self.plan, self.space, row))
        inputs = close_sources(inputs, self.question.closed(map(str, inputs["shift"].values)))
        light = cast(xr.Dataset, Arrays(inputs))
        if self.quick:
            try:
                return light, self.again.compiled_with(light)
            except OtherShape as reason:
                raise OtherStructure(f"the structure of the plan moves: {reason}") from None
        with PauseGC():
            model = build_model(inputs, self.question, like=self.frame)
            return light, compile_model(model, frame_of(model))

    def _is_quick(self, inputs: xr.Dataset, compiled: Compiled) -> bool:
        """Whether the rows asked again are those that were compiled, number by number."""
        try:
            again = self.again.compiled_with(inputs).problem
        except OtherShape:
            return False
        return all(np.array_equal(getattr(again, name), getattr(compiled.problem, name)) for name in ("start", "index", *PARTS[:-1]))

    def _layout(self, compiled: Compiled) -> Layout:
        problem = compiled.problem
        if self.shortfall:
            there = compiled.shortfall[compiled.shortfall >= 0]
            row = np.zeros(problem.columns)
            row[there] = 1.0
            problem = problem.with_row(row)
        starts = np.argwhere(compiled.new >= 0)
        columns = compiled.new[compiled.new >= 0]
        loose = np.concatenate([compiled.shortfall[compiled.shortfall >= 0], compiled.carry[compiled.carry >= 0]])
        targets, count, outcomes = compiled.frame.inputs.sizes["target"], len(starts), len(self.measures)
        sizes = {name: len(getattr(problem, name)) for name in PARTS} | {"constant": 1, "outcome": outcomes * count}
        sizes |= {"outcome_constant": outcomes, "emission": targets * count, "emission_constant": targets}
        sizes |= {"credit": targets * count, "credit_most": targets, "allowed": targets}
        ends = np.cumsum(list(sizes.values()))
        parts = {name: slice(int(end - size), int(end)) for (name, size), end in zip(sizes.items(), ends, strict=True)}
        return Layout(compiled, problem, parts, starts, columns, loose)

    def read(self, row: Floats) -> Floats:
        """All numbers at a row of values."""
        inputs, compiled = self._compiled(row)
        layout = self.layout
        _same_shape(layout.compiled, compiled)
        problem = self._in_layout(compiled.problem)
        frame = compiled.frame
        objective, scale = self._objective(inputs, compiled)
        numbers = [getattr(problem, name) for name in PARTS[:-1]] + [compiled.cost_of(objective, scale), [objective.constant / scale]]
        tables = [self._table(measure, inputs, frame) for measure in self.measures]
        numbers += [np.array([table for table, _ in tables]).ravel(), [constant for _, constant in tables]]
        numbers += self._targets(inputs, frame)
        return _without_infinities(np.concatenate([np.asarray(part, dtype=float) for part in numbers]))

    def _objective(self, inputs: xr.Dataset, compiled: Compiled) -> tuple[Terms, float]:
        from kip.accounting.measures import parse_measure

        measure = parse_measure(self.question.measure, inputs)
        terms = measure_terms(measure, inputs, compiled.frame.cells) * self.question.sign
        return terms, measure_scale(measure.unit, compiled.frame)

    def _in_layout(self, problem: Problem) -> Problem:
        """The problem with an entry wherever the middle has one; a coefficient that is 0 here stands there as 0."""
        reference = self.layout.problem
        if self.shortfall:
            row = np.zeros(problem.columns)
            there = self.layout.compiled.shortfall
            row[there[there >= 0]] = 1.0
            problem = problem.with_row(row)
        high = problem.high.copy()
        high[self.layout.loose] = np.inf
        problem = replace(problem, high=high)
        if np.array_equal(problem.start, reference.start) and np.array_equal(problem.index, reference.index):
            return problem
        width = reference.columns
        known = np.repeat(np.arange(reference.rows), np.diff(reference.start)) * width + reference.index
        mine = np.repeat(np.arange(problem.rows), np.diff(problem.start)) * width + problem.index
        place = np.searchsorted(known, mine)
        if not np.array_equal(known[np.minimum(place, len(known) - 1)], mine):
            raise OtherStructure("a coefficient appears that is 0 in the middle of what may vary.")
        value = np.zeros(len(known))
        value[place] = problem.value
        return replace(problem, start=reference.start, index=reference.index, value=value)

    def _table(self, measure: Measure, inputs: xr.Dataset, frame: Frame) -> tuple[Floats, float]:
        """A measure by what starts, and its constant; the shortfall is no sum of parts, and is counted from its targets."""
        if measure.base == "shortfall":
            return np.zeros(len(self.layout.starts)), 0.0
        terms = measure_terms(measure, inputs, frame.cells)
        return self._by_start(terms, inputs, frame), terms.constant

    def _by_start(self, terms: Terms, inputs: xr.Dataset, frame: Frame) -> Floats:
        effect = inputs["effect"].values[frame.cells.shift]
        each = terms.on_new + np.einsum("cuy,cy->cu", effect, terms.on_stock)
        cell, year = self.layout.starts.T
        return np.asarray(each[cell, year], dtype=float)

    def _targets(self, inputs: xr.Dataset, frame: Frame) -> list[Any]:
        """What each target is compared with, by what starts: emissions, and what complementary measures may count for."""
        cells = frame.cells
        ledgers, years = list(inputs["ledger"].values), list(inputs["year"].values)
        emission, constant, credit = [], [], []
        for ledger, year in zip(inputs["target_ledger"].values, inputs["target_year"].values, strict=True):
            row, when = ledgers.index(ledger), np.arange(len(years)) == years.index(year)
            none = np.zeros(cells.shape)
            rate, apart = (inputs[name].values[cells.shift, cells.place, row] * when for name in ("reduction_rate", "complementary_rate"))
            emission.append(self._by_start(Terms(none, -rate), inputs, frame))
            credit.append(self._by_start(Terms(none, apart), inputs, frame))
            constant.append(float(inputs["baseline"].values[row, when][0]))
        return [
            np.array(emission, dtype=float).ravel(),
            constant,
            np.array(credit, dtype=float).ravel(),
            inputs["target_complementary"].values,
            inputs["target_value"].values,
        ]


def _plain_enough(inputs: xr.Dataset, compiled: Compiled) -> None:
    """What one linear problem does not say, or Terms do not count, goes the exact road."""
    parts = {
        "funding is chosen anew in each scenario": inputs.sizes["funding"] > 0,
        "some shifts scale others, which is solved by tangents": Tangents(compiled).needed or compiled.scaled.size > 0,
        "declared overlaps are no sum": compiled.lost.size > 0,
        "rules of fairness are no sum": inputs.sizes["fairness"] > 0,
    }
    found = [reason for reason, there in parts.items() if there]
    if found:
        raise NotPatched("; ".join(found) + ".")


def _same_shape(one: Compiled, other: Compiled) -> None:
    same = (
        one.rows == other.rows
        and np.array_equal(one.problem.integer, other.problem.integer)
        and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("new", "stock", "carry", "shortfall"))
        and all(
            np.array_equal(one.frame.inputs[dim].values, other.frame.inputs[dim].values)
            for dim in ("shift", "district", "year", "actor", "indicator", "target", "budget", "resource", "ledger")
        )
        and np.array_equal(one.frame.inputs["effect"].values, other.frame.inputs["effect"].values)
    )
    if not same:
        raise OtherStructure("the structure of the plan moves: other rows, columns or years.")


def _without_infinities(numbers: Floats) -> Floats:
    """Infinite bounds as a number that differs from every other: a bound that comes and goes is then seen as a jump."""
    if np.isnan(numbers).any():
        raise NotPatched("a number of the plan is NaN.")
    return np.clip(numbers, -_INFINITE, _INFINITE)
