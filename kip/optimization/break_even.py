"""Break-even: the largest cost, or the smallest effect, of one shift at which some portfolio as good as a level still holds it.

The factor is a variable of the problem. Its product with a start is written exactly where the start is 0 or 1 (McCormick); what
is chosen in parts is solved in turns: find a portfolio at a factor a little better than the best one known, then the
best factor for what that portfolio holds of the shift, until there is none.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.measures import parse_measure
from kip.optimization.changes import started
from kip.optimization.extended import extended, matrix_of
from kip.optimization.kernel import Options, Solution, solve
from kip.optimization.problem import Problem
from kip.optimization.study import Study
from kip.optimization.terms import Terms, budget_terms, measure_terms

__all__ = ["BreakEven", "Held", "Knob", "cost_knob", "effect_knob", "extreme_factor"]

Floats: TypeAlias = NDArray[np.float64]

_STEP = 1e-3
"""How close the search in turns comes, relative to the factor."""
_MOST_TURNS = 40
_Found: TypeAlias = "tuple[BreakEven, Floats | None]"


@dataclass(frozen=True)
class BreakEven:
    """A factor [1] and whether it is proven; NaN when there is no such factor, infinite when none is large enough."""

    factor: float
    proven: bool


@dataclass(frozen=True)
class Knob:
    """What a factor on one shift multiplies: coefficients on its starts in rows of the problem and in the objective.

    Attributes
    ----------
    columns : array of int
        The starts of the shift.
    rows : dict row → array (columns,)
        The part of the row's coefficients that the factor multiplies.
    cost : array (columns,)
        The same of the measure that the study optimises, in its steps; not yet minimised.
    whole : bool
        Whether each of the starts is 0 or 1.
    """

    columns: NDArray[np.int64]
    rows: dict[int, Floats]
    cost: Floats
    whole: bool

    @property
    def moves(self) -> bool:
        """Whether the factor changes anything."""
        return bool(np.any(self.cost)) or any(np.any(row) for row in self.rows.values())


def cost_knob(study: Study, name: str) -> Knob:
    """A factor on the investment of a shift, all actors alike: in budgets, in limits on money, in the objective.

    Grants, loans and fairness rules stay as they are at the price that the plan states (§67).
    """
    session, inputs = study.session, study.inputs
    cells, money = session.compiled.frame.cells, session.compiled.frame.scales.money
    mine = cells.of(_row(inputs, name))
    columns, kept = _columns(study, mine)
    years, rows = [str(int(year)) for year in cells.years], dict[int, Floats]()
    budgets = list(map(str, inputs["budget"].values))
    for number, (rule, index) in enumerate(session.compiled.rows):
        if rule == "budget":
            on_new, _ = budget_terms(budgets.index(str(index[0])), inputs, cells)
            paid = on_new[mine] * cells.scale[mine, None, None] / money
            rows[number] = (paid.sum(axis=2) if index[1] == "total" else paid[:, :, years.index(str(index[1]))])[kept]
    free = inputs.copy()
    free["capex"] = inputs["capex"].where(inputs["shift"] != name, 0.0)
    return _with_measures(study, Knob(columns, rows, np.zeros(len(columns)), bool(cells.whole[mine].all())), free, (mine, kept))


def effect_knob(study: Study, name: str) -> Knob:
    """A factor on what a shift does: on its part of an indicator when that is the objective, else on its tonnes (also in targets)."""
    session, inputs = study.session, study.inputs
    cells, tonnes = session.compiled.frame.cells, session.compiled.frame.scales.tonnes
    row = _row(inputs, name)
    mine = cells.of(row)
    columns, kept = _columns(study, mine)
    rows, less = dict[int, Floats](), inputs.copy()
    objective = parse_measure(study.question.measure, inputs)
    here = inputs["shift"] != name
    if objective.base == "indicator":
        other = here | (inputs["indicator"] != objective.key)
        less["own_cobenefit"] = inputs["own_cobenefit"].where(other, 0.0)
        less["moved_cobenefit"] = inputs["moved_cobenefit"].where(other, 0.0)
    else:
        less["reduction_rate"] = inputs["reduction_rate"].where(here, 0.0)
        ledgers, years = list(inputs["ledger"].values), list(inputs["year"].values)
        targets = list(map(str, inputs["target"].values))
        for number, (rule, index) in enumerate(session.compiled.rows):
            if rule == "target":
                which = targets.index(str(index[0] if isinstance(index, tuple) else index))
                ledger = ledgers.index(inputs["target_ledger"].values[which])
                year = years.index(inputs["target_year"].values[which])
                rate = inputs["reduction_rate"].values[cells.shift[mine], cells.place[mine], ledger, year]
                per_start = inputs["effect"].values[row, :, year]
                rows[number] = (-(rate * cells.scale[mine] / tonnes)[:, None] * per_start[None, :])[kept]
    return _with_measures(study, Knob(columns, rows, np.zeros(len(columns)), bool(cells.whole[mine].all())), less, (mine, kept))


def _row(inputs: xr.Dataset, name: str) -> int:
    return list(map(str, inputs["shift"].values)).index(name)


def _columns(study: Study, mine: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    new = study.session.compiled.new[mine]
    kept = new >= 0
    return new[kept], kept


def _with_measures(study: Study, knob: Knob, less: xr.Dataset, where: tuple[NDArray[np.int64], NDArray[np.bool_]]) -> Knob:
    """Add limits on measures and the objective: what they lose when the shift has none of it is what the factor multiplies."""
    session, inputs, (mine, kept) = study.session, study.inputs, where
    cells = session.compiled.frame.cells
    effect = inputs["effect"].values[cells.shift[mine]]

    def part(name: str) -> Floats:
        measure, whole, scale = session.terms(name)
        rest = measure_terms(measure, less, cells)
        lost: Terms = whole + -1.0 * rest
        starts = lost.on_new[mine] + np.einsum("cuy,cy->cu", effect, lost.on_stock[mine])
        return np.asarray((starts * cells.scale[mine, None] / scale)[kept])

    rows = dict(knob.rows)
    for number, (rule, index) in enumerate(session.compiled.rows):
        if rule == "limit":
            rows[number] = part(str(index[0]))
    return replace(knob, rows={number: row for number, row in rows.items() if np.any(row)}, cost=part(study.question.measure))


@dataclass(frozen=True)
class Held:
    """What is asked of a factor.

    Attributes
    ----------
    level : float
        Of the minimised objective, in base units: at or below it.
    units : float
        Least that is held [unit].
    span : (float, float)
        Where the factor is sought [1].
    largest : bool
        Whether the largest or the smallest factor is sought.
    known : xarray.Dataset or None
        A counted portfolio that holds the shift and is as good as the level at the factor `at`.
    at : float
    seconds : float
        Time for the whole search.
    """

    level: float
    units: float
    span: tuple[float, float]
    largest: bool
    known: xr.Dataset | None = None
    at: float = 1.0
    seconds: float = np.inf


def extreme_factor(study: Study, name: str, knob: Knob, held: Held) -> BreakEven:
    """The largest (or smallest) factor within a span at which some portfolio holds the shift and is as good as a level.

    When the time is not enough, the best factor that was found, not proven: the true one is at least as far.
    """
    (low, high), level = held.span, held.level
    if not len(knob.columns) or not low < high:
        return BreakEven(np.nan, True)
    if not knob.moves:
        # a cost that stands in no budget, limit or objective pushes nothing out
        return BreakEven(np.inf if held.largest and high > 1.0 else np.nan, True)
    session = study.session
    _, terms, scale = session.terms(study.question.measure)
    sign = study.question.sign
    problem = study.problem(started(name, held.units, anywhere=True))
    row = session.compiled.cost_of(terms * sign, scale)
    slack = 1e-9 * max(1.0, abs(level))
    problem = problem.with_row(row, high=(level + slack - sign * terms.constant) / scale)
    on_level = problem.rows - 1
    rows = dict(knob.rows)
    if np.any(knob.cost):
        rows[on_level] = sign * knob.cost
    begin = None
    if held.known is not None:
        begin = np.full(problem.columns, np.nan)
        known = study.begin(held.known)
        begin[: len(known)] = known
    search = _Search(study, problem, rows, knob, held, begin, time.perf_counter() + held.seconds)
    found, x = search.at_once() if knob.whole else search.in_turns()
    if x is None or not found.proven or not session.tangents.needed:
        return found
    return replace(found, proven=_counted(study, knob, x[: study.session.problem.columns], found.factor, level))


def _counted(study: Study, knob: Knob, x: Floats, factor: float, level: float) -> bool:
    """Tangents hold products of fractions from outside: whether the portfolio is as good as the level when counted, within the gap."""
    session, measure = study.session, study.question.measure
    data = session.count(session.compiled.units(x), session.compiled.transfers(x))
    more = float(knob.cost @ x[knob.columns]) * session.terms(measure)[2] * (factor - 1.0) if np.isfinite(factor) else 0.0
    value = study.question.sign * (session.exact(measure)(data) + more)
    return bool(value <= level + max(1e-6, session.limits.gap) * abs(level))


@dataclass(frozen=True)
class _Search:
    """A factor that is sought: the problem with the level as a row, and the rows in which the factor stands."""

    study: Study
    problem: Problem
    rows: dict[int, Floats]
    knob: Knob
    held: Held
    begin: Floats | None
    until: float

    def _ask(self, problem: Problem, gap: float, begin: Floats | None = None) -> Solution:
        session = self.study.session
        seconds = max(0.0, min(session.time_left(), self.until - time.perf_counter()))
        if not problem.integer.any():
            begin = None  # a linear problem needs none
        if begin is not None and len(begin) < problem.columns:
            begin = np.append(begin, np.full(problem.columns - len(begin), np.nan))
        solution = solve(problem, Options(gap=gap, time_limit=seconds, seed=session.limits.seed, stop=session.stop, begin=begin))
        session.solves += 1
        session.stopped = session.stopped or solution.status == "interrupted"
        return solution

    @property
    def _gap(self) -> float:
        return max(1e-7, self.study.session.limits.gap)

    def at_once(self) -> _Found:
        """One solve: the factor as a column, and a column for its product with each start."""
        problem, knob, rows = self.problem, self.knob, self.rows
        (low, high), count = self.held.span, len(knob.columns)
        factor, first = problem.columns, problem.columns + 1
        matrix = matrix_of(problem)
        rest = sp.coo_matrix(
            (
                np.concatenate([np.concatenate([values, -values]) for values in rows.values()]),
                (
                    np.repeat(list(rows), 2 * count),
                    np.concatenate([np.concatenate([first + np.arange(count), knob.columns]) for _ in rows]),
                ),
            ),
            shape=(problem.rows, problem.columns + 1 + count),
        ).tocsr()
        matrix = sp.hstack([matrix, sp.csr_matrix((problem.rows, 1 + count))]).tocsr() + rest
        each = np.arange(count)

        def block(*parts: tuple[NDArray[np.int64], float]) -> sp.csr_matrix:
            columns = np.concatenate([columns for columns, _ in parts])
            values = np.concatenate([np.full(count, value) for _, value in parts])
            return sp.coo_matrix((values, (np.tile(each, len(parts)), columns)), shape=(count, matrix.shape[1])).tocsr()

        product, same = first + each, np.full(count, factor)
        # product = factor · start, for a start that is 0 or 1 and a factor between low and high
        blocks = [
            (block((product, 1.0), (knob.columns, -high)), 0.0),
            (block((product, -1.0), (knob.columns, low)), 0.0),
            (block((product, 1.0), (same, -1.0), (knob.columns, -low)), -low),
            (block((product, -1.0), (same, 1.0), (knob.columns, high)), high),
        ]
        matrix = sp.vstack([matrix, *(rows_of for rows_of, _ in blocks)]).tocsr()
        tops = np.concatenate([np.full(count, top) for _, top in blocks])
        cost = np.zeros(matrix.shape[1])
        cost[factor] = -1.0 if self.held.largest else 1.0
        bounds = (np.append(low, np.zeros(count)), np.append(high, np.full(count, max(high, 0.0))))
        begin = None if self.begin is None else np.concatenate([self.begin, [self.held.at], self.held.at * self.begin[knob.columns]])
        solution = self._ask(extended(problem, matrix, tops, bounds, cost), self._gap, begin)
        if solution.x is None:
            return BreakEven(np.nan, solution.status == "infeasible"), None
        return self._result(float(solution.x[factor]), solution.status == "optimal"), solution.x

    def in_turns(self) -> _Found:
        """What is chosen in parts: a portfolio at a better factor, then the best factor for its starts, until there is none.

        How much better doubles as long as it is possible, and is halved between what is and what is not, down to a thousandth.
        """
        (low, high), largest = self.held.span, self.held.largest
        best, last, step, failed = np.nan, self.begin, _STEP, np.nan
        for _ in range(_MOST_TURNS):
            known = last is not None and np.isnan(best)
            trial = self.held.at if known else self._next(best, failed, step)
            if not known:
                found = self._ask(self._at_factor(trial), 1.0, last)
                if found.x is None and (found.status != "infeasible" or np.isnan(best)):
                    proven = found.status == "infeasible"
                    return (BreakEven(best, proven) if np.isnan(best) else self._result(best, False)), last
                if found.x is None:
                    failed = trial
                    if abs(failed - best) <= 2.0 * _STEP * max(abs(best), 1e-6):
                        return self._result(best, True), last
                    continue
                last, step = found.x, 2.0 * step
            assert last is not None
            better = self._ask(self._for_starts(last[self.knob.columns]), self._gap, last)
            best, last = (trial, last) if better.x is None else (float(better.x[self.problem.columns]), better.x[: self.problem.columns])
            ends = best >= high * (1.0 - 1e-9) if largest else best <= low + 1e-9
            if ends or (np.isfinite(failed) and abs(failed - best) <= 2.0 * _STEP * max(abs(best), 1e-6)):
                return self._result(best, True), last
        return self._result(best, False), last

    def _next(self, best: float, failed: float, step: float) -> float:
        """The next factor to try: the end that is easiest, then further and further, then between what is possible and what is not."""
        (low, high), largest = self.held.span, self.held.largest
        if np.isnan(best):
            return low if largest else high
        if np.isfinite(failed):
            return 0.5 * (best + failed)
        return min(high, best * (1.0 + step) + 1e-9) if largest else max(low, best * (1.0 - step) - 1e-9)

    def _result(self, factor: float, proven: bool) -> BreakEven:
        """At the open end of the span there is no limit: no cost pushes it out, or no effect is too small."""
        low, high = self.held.span
        if self.held.largest and high > 1.0 and factor >= high * (1.0 - 1e-6):
            return BreakEven(np.inf, proven)
        if not self.held.largest and factor <= low + 1e-9:
            return BreakEven(low, proven)
        return BreakEven(factor, proven)

    def _at_factor(self, factor: float) -> Problem:
        problem, rows = self.problem, self.rows
        matrix = matrix_of(problem)
        extra = sp.coo_matrix(
            (
                np.concatenate([(factor - 1.0) * values for values in rows.values()]),
                (np.repeat(list(rows), len(self.knob.columns)), np.tile(self.knob.columns, len(rows))),
            ),
            shape=matrix.shape,
        ).tocsr()
        return extended(problem, matrix + extra, np.zeros(0), (np.zeros(0), np.zeros(0)), np.zeros(problem.columns))

    def _for_starts(self, starts: Floats) -> Problem:
        """The starts of the shift fixed: the factor is then an ordinary column."""
        problem, columns = self.problem, self.knob.columns
        matrix = sp.hstack([matrix_of(problem), sp.csr_matrix((problem.rows, 1))]).tolil()
        row_low, row_high = problem.row_low.copy(), problem.row_high.copy()
        for row, values in self.rows.items():
            whole = float(values @ starts)
            matrix[row, problem.columns] = whole
            # the starts are fixed, so what the row counts at factor 1 is a constant
            row_low[row] += whole
            row_high[row] += whole
        cost = np.zeros(problem.columns + 1)
        cost[-1] = -1.0 if self.held.largest else 1.0
        span = self.held.span
        made = extended(problem, matrix.tocsr(), np.zeros(0), (np.array([span[0]]), np.array([span[1]])), cost)
        low, high = made.low.copy(), made.high.copy()
        low[columns] = high[columns] = np.where(problem.integer[columns], np.round(starts), starts)
        return replace(made, low=low, high=high, row_low=row_low, row_high=row_high)
