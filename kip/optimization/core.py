"""kip.core: which shifts are in every good portfolio, in none, or in some: proven, not sampled.

For each shift the least and the most of it among all portfolios within a tolerance of the best (§7). Portfolios that are known
settle much without a solve: one without the shift proves that it is not always there. The rest is settled many at once: one solve asks
for the portfolio that lacks as many as possible of the shifts that every known portfolio holds. Each that it lacks is settled, and
when its proven bound says that none can be lacking, all that are left are proven with that one solve; likewise for shifts that no known
portfolio holds. What the linear relaxation proves, which takes a moment, is not asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from kip.errors import RequestError
from kip.optimization.changes import Change
from kip.optimization.kernel import Options
from kip.optimization.problem import Problem
from kip.optimization.relaxed import Relaxation
from kip.optimization.study import Study, question_of, study_of
from kip.results.core import Core
from kip.results.portfolio import Portfolio

__all__ = ["core"]

_LEVEL_GAP = 0.01

_CLEAR = 1e-5
"""How far from what a relaxation proves its bound is taken, as a share of it: more than the solver's tolerance."""

_DUST = 1e-6
"""Share of a shift's largest level below which it counts as absent."""


def core(
    portfolio: Portfolio,
    within: float = 0.05,
    *,
    known: Iterable[Portfolio] = (),
    exact_levels: bool = True,
    gap: float | None = None,
    time_limit: float | None = None,
) -> Core:
    """The core of a plan: shifts that are always, never or sometimes in a portfolio near the best.

    Parameters
    ----------
    portfolio : Portfolio
        From `kip.optimize`; its question is asked again.
    within : float, default 0.05
        How far from the portfolio's objective a portfolio may be and still count [1] (§7).
    known : portfolios, optional
        Of the same plan and question, such as alternatives: what they show needs no solve. Those outside the tolerance are left out.
    exact_levels : bool, default True
        Also the least and most of shifts that are chosen in amounts and of shifts with several districts; otherwise only whether they can
        be absent or present.
    gap : float, optional
        Gap of the levels, as a share of the most that a shift could be; the portfolio's own, or 1 % where that is smaller than 1 % and not
        0, when left out: a level is a range, and its bound stands beside it.
    time_limit : float, optional
        Seconds for all of it; what is not settled by then is marked as unproven.

    Returns
    -------
    Core

    Raises
    ------
    RequestError
        When `within` is no number of 0 or more, the portfolio has no question, or a known one answers another.

    Examples
    --------
    >>> import kip
    >>> three = (("a", 3e6, 90), ("b", 1e6, 9), ("c", 1e6, 10))
    >>> shifts = [kip.Shift(name=name, cost=cost, reduction=tonnes) for name, cost, tonnes in three]
    >>> best = kip.optimize(kip.Plan(name="p", years=[2026], shifts=shifts, budgets=4e6), gap=0)
    >>> found = kip.core(best, within=0.02)
    >>> found.always, found.never, found.depends
    (('a',), (), ('b', 'c'))
    """
    if isinstance(within, bool) or not isinstance(within, int | float) or not math.isfinite(within) or within < 0:
        raise RequestError(f"within={within!r}: give a share of 0 or more, for example 0.05 for 5 %.")
    study = study_of(portfolio, gap=gap, time_limit=time_limit)
    asked = study.session.limits.gap
    search = _Search(study, study.near_optimal(within), within, max(asked, _LEVEL_GAP) if gap is None and asked > 0 else asked)
    for other in (portfolio, *_of_this_question(study, known)):
        search.see(other.dataset, "known")
    try:
        search.relax()
        search.settle(absent=True)
        search.settle(absent=False)
        if exact_levels:
            search.levels()
    except KeyboardInterrupt:
        # between two solves, too, what is settled is kept
        search.interrupted = study.session.stopped = True
    return Core(portfolio, float(within), search.table(), study.session.solves, search.notes(), search.interrupted)


def _of_this_question(study: Study, known: Iterable[Portfolio]) -> tuple[Portfolio, ...]:
    """Known portfolios, refused where they answer something else: what breaks a rule of this question proves nothing about it."""
    listed = tuple(known)
    for other in listed:
        if not isinstance(other, Portfolio):
            raise RequestError(f"known: found {type(other).__name__}. Give portfolios, for example alternatives.portfolios.")
        same = other.found and other.plan.hash == study.plan.hash and bool(other.request) and not other.request.get("own_model")
        if not same or question_of(other).to_dict() != study.question.to_dict():
            raise RequestError(
                "known: found a portfolio of another plan or another question, which proves nothing about this one. "
                "Give those that kip.k_best, kip.alternatives or kip.optimize found for it."
            )
    return listed


class _Search:
    """What is settled so far."""

    def __init__(self, study: Study, near: Change, within: float, gap: float) -> None:
        self.study, self.near, self.within, self.gap = study, near, within, gap
        data, compiled = study.inputs, study.session.compiled
        cells = compiled.frame.cells
        self.names = tuple(map(str, data["shift"].values))
        self.mine = [cells.of(row) for row in range(len(self.names))]
        problem = study.problem()
        # what bounds alone say of each shift [unit]
        self.low = np.array([_sum(problem.low, compiled.new[mine], cells.scale[mine]) for mine in self.mine])
        self.high = np.array([self._most(problem, row) for row in range(len(self.names))])
        self.seen_low = np.full(len(self.names), np.inf)
        self.seen_high = np.full(len(self.names), -np.inf)
        self.bound_low = self.low.copy()
        self.bound_high = self.high.copy()
        self.how = np.full(len(self.names), "", dtype=object)
        self.interrupted = False
        self.pool: list[xr.Dataset] = []

    def _most(self, problem: Problem, row: int) -> float:
        compiled, mine = self.study.session.compiled, self.mine[row]
        cells = compiled.frame.cells
        if cells.whole[mine].all():
            return float(sum(problem.high[compiled.new[cell][compiled.new[cell] >= 0]].max(initial=0.0) for cell in mine))
        bounds = [_sum(problem.high, compiled.new[[cell]], cells.scale[[cell]]) for cell in mine]
        total = self.study.inputs["potential_total"].values[row]
        each = sum(min(bound, self._held(cell, cells.potential[cell])) for cell, bound in zip(mine, bounds, strict=True))
        together = max((self._held(cell, total) for cell in mine), default=0.0) if np.isfinite(total).all() else math.inf
        return float(min(each, together))

    def _held(self, cell: int, potential: NDArray[np.float64]) -> float:
        """Most units that can start in all years together, from a potential: those of all starts that are in use in the same year."""
        compiled = self.study.session.compiled
        there = compiled.new[cell] >= 0
        alive = self.study.inputs["in_use_years"].values[compiled.frame.cells.shift[cell]][there]
        share = alive.min(axis=0) if alive.size else np.zeros(len(potential))
        return float(np.min(potential[share > 0] / share[share > 0], initial=math.inf))

    @property
    def dust(self) -> NDArray[np.float64]:
        """Levels at or below this are none."""
        return _DUST * np.where(np.isfinite(self.high), np.maximum(1.0, self.high), 1.0)

    @property
    def trace(self) -> NDArray[np.float64]:
        """Levels at or below this are no presence: a thousandth of the most of what is chosen in amounts."""
        cells = self.study.session.compiled.frame.cells
        amount = np.array([not (cells.whole[mine] | cells.counted[mine]).all() for mine in self.mine])
        return np.maximum(self.dust, np.where(amount & np.isfinite(self.high), 1e-3 * self.high, 0.0))

    def see(self, data: xr.Dataset, how: str) -> None:
        """A portfolio within the tolerance; others are not looked at."""
        question = self.study.question
        value = question.sign * self.study.session.exact(question.measure)(data)
        known = self.study.known
        assert known is not None
        limit = question.sign * known.objective + self.within * abs(known.objective)
        if value > limit + 1e-6 * max(1.0, abs(limit)):
            return
        level = data["new"].values.sum(axis=(1, 2))
        self.seen_low, self.seen_high = np.minimum(self.seen_low, level), np.maximum(self.seen_high, level)
        # what is both lacking and there is settled by the portfolio that was the last to be needed
        self.how[(self.seen_low <= self.dust) & (self.seen_high > self.trace) & (self.how == "")] = how
        self.pool.append(data)

    def settle(self, absent: bool) -> None:
        """Ask for portfolios that lack what all known ones hold (or hold what none holds) until none can."""
        while True:
            if absent:
                open_ = np.flatnonzero((self.seen_low > self.dust) & (self.bound_low <= self.dust))
            else:
                open_ = np.flatnonzero((self.seen_high <= self.trace) & (self.bound_high > self.trace))
            if not open_.size:
                return
            if self.study.out_of_time:
                self.interrupted = True
                return
            problem = self._counting(open_, absent)
            before = len(self.pool)
            options = Options(gap=1.0, absolute_gap=0.99, begin=self._begin(problem))
            answer = self.study.session.minimise_own(problem, partial(self._minus_differing, open_, absent), options)
            settled = self._differ(answer.data, open_, absent) if answer.data is not None else np.zeros(open_.size, dtype=bool)
            if answer.data is not None:
                self.see(answer.data, "solve")
            if -answer.bound < 1.0 - 1e-6:
                # nothing can differ: all of them are proven at once
                if absent:
                    self.bound_low[open_] = np.maximum(self.bound_low[open_], 2.0 * self.dust[open_])
                else:
                    self.bound_high[open_] = np.maximum(np.where(self.trace > self.dust, self.trace, 0.0), self.bound_low)[open_]
                self.how[open_] = "together"
                return
            if not settled.any() or len(self.pool) == before:
                self.interrupted = True
                return

    def _minus_differing(self, rows: NDArray[np.int64], absent: bool, data: xr.Dataset) -> float:
        return -float(self._differ(data, rows, absent).sum())

    def _differ(self, data: xr.Dataset, rows: NDArray[np.int64], absent: bool) -> NDArray[np.bool_]:
        level = data["new"].values.sum(axis=(1, 2))[rows]
        return np.asarray(level <= self.dust[rows] if absent else level > self.trace[rows])

    def _counting(self, rows: NDArray[np.int64], absent: bool) -> Problem:
        """The near-optimal set, with one column for each shift that may be lacking (or there) and minus their number as cost."""
        compiled = self.study.session.compiled
        cells = compiled.frame.cells
        problem = self.study.problem(self.near)
        first = problem.columns
        problem = problem.with_columns(len(rows))
        for place, shift in enumerate(rows):
            row = np.zeros(problem.columns)
            columns = compiled.new[self.mine[shift]]
            there = columns >= 0
            scales = np.broadcast_to(cells.scale[self.mine[shift]][:, None], columns.shape)[there]
            row[columns[there]] = scales / max(1e-12, self.high[shift])
            if absent:
                row[first + place] = 1.0
                problem = problem.with_row(row, high=1.0)
            else:
                whole = (cells.whole[self.mine[shift]] | cells.counted[self.mine[shift]]).all()
                least = (1.0 if whole else 1.000001 * self.trace[shift]) / max(1e-12, self.high[shift])
                row[first + place] = -least
                problem = problem.with_row(row, low=0.0)
        cost = np.zeros(problem.columns)
        cost[first:] = -1.0
        return problem.with_cost(cost)

    def _begin(self, problem: Problem) -> NDArray[np.float64]:
        """The known portfolio, in which none of the shifts that are asked about differs."""
        values = np.full(problem.columns, np.nan)
        known = self.study.begin()
        values[: len(known)] = known
        values[len(known) :] = 0.0
        return values

    def relax(self) -> None:
        """What the linear relaxation alone says of the least and the most of each shift: a moment each, where a search takes seconds."""
        compiled, problem = self.study.session.compiled, self.study.problem(self.near)
        cells = compiled.frame.cells
        solver = Relaxation(problem)
        for row in range(len(self.names)):
            columns = compiled.new[self.mine[row]]
            there = columns >= 0
            scales = np.broadcast_to(cells.scale[self.mine[row]][:, None], columns.shape)[there]
            size = float(scales.max(initial=0.0))
            whole = bool((cells.whole | cells.counted)[self.mine[row]].all() and np.all(scales == 1.0))
            for direction in (-1.0, 1.0):
                if size == 0.0 or self._settled(row, direction) or self.study.out_of_time:
                    continue
                cost = np.zeros(problem.columns)
                np.add.at(cost, columns[there], -direction * scales / size)
                bound = solver.least(cost)
                if bound is None:
                    continue
                level = -direction * size * bound + direction * _CLEAR * max(1.0, abs(size * bound))
                if direction > 0:
                    self.bound_high[row] = max(min(self.bound_high[row], np.floor(level) if whole else level), self._seen(row, 1.0))
                else:
                    self.bound_low[row] = min(max(self.bound_low[row], np.ceil(level) if whole else level), self._seen(row, -1.0))

    def _seen(self, row: int, direction: float) -> float:
        return float(self.seen_low[row] if direction < 0 else self.seen_high[row])

    def _asks(self, row: int, direction: float) -> bool:
        """Whether a level is neither settled by what was seen nor known to be nothing."""
        return not self._settled(row, direction) and not (direction > 0 and self.bound_high[row] <= self.trace[row])

    def levels(self) -> None:
        """The least and the most of each shift where neither the pool nor the bounds tell it."""
        for row, name in enumerate(self.names):
            for direction in (-1.0, 1.0):
                seen, bound = (self.seen_low, self.bound_low) if direction < 0 else (self.seen_high, self.bound_high)
                if abs(seen[row] - bound[row]) <= self.dust[row]:
                    bound[row] = seen[row]
                if not self._asks(row, direction) or not self._ranges(row):
                    continue
                if self.study.out_of_time:
                    self.interrupted = True
                    return
                apart = self._apart(row)
                answer = self.study.extreme(
                    f"adopted.{name}", direction, self.near, begin=self.study.begin(), gap=self.gap, absolute_gap=apart
                )
                if answer.data is not None:
                    self.see(answer.data, "solve")
                    # a search that was cut off knows less than what is proven already
                    if direction > 0:
                        bound[row] = max(min(bound[row], -answer.bound), self.seen_high[row])
                    else:
                        bound[row] = min(max(bound[row], answer.bound), self.seen_low[row])

    def _settled(self, row: int, direction: float) -> bool:
        """Whether a portfolio was seen that is as near to what is proven as a search would have to come."""
        seen, bound = self._seen(row, direction), self.bound_low[row] if direction < 0 else self.bound_high[row]
        return bool(abs(seen - bound) <= max(self.dust[row], self._apart(row)))

    def _apart(self, row: int) -> float:
        """How far a level may be from its bound: a share of the most that the shift could be, as a chart shows it [unit]."""
        return float(self.gap * self.high[row]) if np.isfinite(self.high[row]) else 0.0

    def _ranges(self, row: int) -> bool:
        """Whether there is more to know of a shift than whether it is there."""
        cells = self.study.session.compiled.frame.cells
        return not cells.whole[self.mine[row]].all() or len(self.mine[row]) > 1

    def table(self) -> pd.DataFrame:
        """One row for each shift; see `Core.table`."""
        data = self.study.inputs
        known = self.study.known
        assert known is not None
        low, high = np.where(np.isfinite(self.seen_low), self.seen_low, 0.0), np.where(np.isfinite(self.seen_high), self.seen_high, 0.0)
        always, never = self.bound_low > self.dust, self.bound_high <= self.trace
        depends = (low <= self.dust) & (high > self.trace)
        kind = np.where(always, "always", np.where(never, "never", np.where(depends, "depends", "open")))
        single = np.array([not self._ranges(row) for row in range(len(self.names))])
        least_known = np.where(always & single, low, self.bound_low)
        seen_most = np.maximum(high, np.where(kind == "open", self.high, high))
        most_known = np.where(never & single, 0.0, np.where(single, seen_most, self.bound_high))
        table = pd.DataFrame(
            {
                "title": data["title"].values,
                "class": kind,
                "best": known.dataset["new"].values.sum(axis=(1, 2)),
                "least": low,
                "most": high,
                "no less than": least_known,
                "no more than": most_known,
                "unit": data["unit"].values,
                "proven by": np.where(kind == "open", "", np.where(self.how == "", "bounds", self.how)),
            },
            index=pd.Index(self.names, name="shift"),
        )
        return table.replace({"no more than": {np.inf: np.nan}})

    def notes(self) -> tuple[str, ...]:
        """Keys of what a reader should know."""
        known = self.study.known
        assert known is not None
        notes = []
        if known.gap > self.within:
            notes.append("core wide gap")
        if self.interrupted:
            notes.append("core unproven")
        return tuple(notes)


def _sum(bounds: NDArray[np.float64], columns: NDArray[np.int64], scale: NDArray[np.float64]) -> float:
    there = columns >= 0
    return float((np.where(there, bounds[columns], 0.0) * scale[:, None]).sum())
