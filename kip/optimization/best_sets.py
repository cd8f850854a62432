"""kip.k_best: the best sets of whole choices, in order, each proven; and every set that is near enough to the best.

A choice is a whole shift or enabler in a district, whenever it starts. The search is a best-first tree over the linear relaxation
(Lawler 1972 on partitioning what is left after an answer): a part whose relaxed objective is worse than what is asked for is closed;
where the relaxed choices are whole, the set is solved with its choices held, recorded, and the rest of the part is split
around it. No cuts pile up, and ties are all found.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.errors import RequestError
from kip.optimization.changes import Change
from kip.optimization.problem import Problem
from kip.optimization.relaxed import Relaxed
from kip.optimization.session import Answer, Session
from kip.optimization.study import Study, study_of
from kip.results.best import BestSets
from kip.results.portfolio import Portfolio

__all__ = ["Found", "best_sets", "choices_of", "k_best"]

Ints: TypeAlias = NDArray[np.int64]

_WHOLE = 1e-6
_SAME = 1e-9


@dataclass(frozen=True)
class Found:
    """A set of choices with its best portfolio: minimised value, its bound, its cash cost, 0 and 1 for each choice."""

    value: float
    bound: float
    cost: float
    taken: Ints
    answer: Answer


def k_best(portfolio: Portfolio, count: int = 10, *, time_limit: float | None = None) -> BestSets:
    """The best sets of whole choices, in order.

    Two sets differ when a whole shift or enabler is in one and not in the other, in some district; other start years, amounts or
    grants are the same set. Each set is shown with its best portfolio.

    Parameters
    ----------
    portfolio : Portfolio
        From `kip.optimize`; its question is asked again.
    count : int, default 10
        How many sets; among equals the cheaper first (§11). Sets that are as good as the last are not all listed; `BestSets.tied` says
        when there may be more.
    time_limit : float, optional
        Seconds for all of it; what is found by then is returned, and marked as unproven.

    Returns
    -------
    BestSets

    Raises
    ------
    RequestError
        When `count` is no whole number above 0, the plan has no whole choices, or the portfolio has no question.

    Examples
    --------
    >>> import kip
    >>> shifts = [kip.Shift(name=name, cost=cost, reduction=tonnes) for name, cost, tonnes in (("a", 3e6, 30), ("b", 2e6, 25))]
    >>> best = kip.optimize(kip.Plan(name="p", years=[2026], shifts=shifts, budgets=4e6), gap=0)
    >>> kip.k_best(best, 3).table()["objective [t]"].tolist()
    [30.0, 25.0, 0.0]
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise RequestError(f"count={count!r}: give a whole number of 1 or more.")
    study = study_of(portfolio, time_limit=time_limit)
    names = choices_of(study)
    if not names:
        raise RequestError("nothing in this plan is chosen as a whole, so there are no sets to list. See kip.core for amounts.")
    top = _Top(count)
    proven = True
    try:
        for item in best_sets(study, lambda: top.worst):
            if item is None:
                proven = False
                break
            top.add(item)
    except KeyboardInterrupt:
        proven = False
    return BestSets(portfolio, tuple(_row(study, item) for item in top.found), names, proven, top.tied, study.session.solves, count)


class _Top:
    """The best so far, and the value that a set must reach to be among them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.found: list[Found] = []
        self.tied = False
        self.last = math.inf

    @property
    def worst(self) -> float:
        """Worst value that is still asked for; any, while there are too few."""
        return self.found[-1].value if len(self.found) == self.count else math.inf

    def add(self, item: Found) -> None:
        """One more set."""
        self.found.append(item)
        self.found.sort(key=lambda one: (round(one.value, 9), round(one.cost, 3), tuple(1 - one.taken)))
        if len(self.found) > self.count:
            last, left = self.found[self.count - 1].value, self.found.pop().value
            # what is left out counts as tied only while nothing better has pushed the last one down
            self.tied = abs(left - last) <= _SAME * max(1.0, abs(last)) or (self.tied and self.last == last)
            self.last = last


def _row(study: Study, item: Found) -> tuple[Portfolio, tuple[int, ...]]:
    return study.portfolio(item.answer), tuple(int(one) for one in item.taken)


def choices_of(study: Study) -> tuple[tuple[str, str], ...]:
    """The whole choices of a study that are open: (shift, district)."""
    return tuple(study.session.compiled.frame.cells.names[cell] for cell, _ in _choices(study))


def _choices(study: Study) -> list[tuple[int, Ints]]:
    """Cells that are whole and may start, with the columns of their starts."""
    compiled = study.session.compiled
    cells = compiled.frame.cells
    found = []
    for cell in np.flatnonzero(cells.whole):
        columns = compiled.new[cell][compiled.new[cell] >= 0]
        if columns.size and compiled.problem.high[columns].max() > 0:
            found.append((int(cell), columns))
    return found


def best_sets(study: Study, worst: Callable[[], float], *changes: Change) -> Iterator[Found | None]:
    """Sets in no worse than a threshold, every one of them, roughly the best first; None when the time was up before the end.

    Parameters
    ----------
    study : Study
    worst : callable
        Gives the minimised value that is the worst still asked for; it may fall while sets are found.
    changes : Change
    """
    choices = _choices(study)
    _, terms, scale = study.session.terms(study.question.measure)
    terms = terms * study.question.sign
    problem = study.problem(*changes).with_cost(study.session.compiled.cost_of(terms, scale))
    relaxed = Relaxed(problem, [columns for _, columns in choices])
    plain, cash = _plain(study), study.session.exact("cost")
    order = itertools.count()
    root = np.full(len(choices), -1)
    heap: list[tuple[float, int, Ints]] = [(-math.inf, next(order), root)]
    while heap:
        known, _, fixed = heapq.heappop(heap)
        limit = worst()
        limit += _SAME * max(1.0, abs(limit)) if math.isfinite(limit) else 0.0
        if known > limit:
            return
        if study.out_of_time:
            yield None
            return
        cost, x = relaxed.solve(fixed)
        value = cost * scale + terms.constant
        if x is None or value > limit + 1e-7 * max(1.0, abs(value)):
            continue
        sums = np.array([x[columns].sum() for _, columns in choices])
        broken = np.abs(sums - np.round(sums))
        if broken.max(initial=0.0) > _WHOLE:
            # the one that is furthest from a decision
            branch = int(np.argmax(np.where(fixed < 0, broken, -1.0)))
            for held in (1, 0):
                child = fixed.copy()
                child[branch] = held
                heapq.heappush(heap, (value, next(order), child))
            continue
        taken = np.round(sums).astype(np.int64)
        answer = _accepted(study, x) if plain else None
        if answer is None or not answer.found:
            # beside the whole choices something else is decided, or the relaxation was a krona over budget (§12)
            answer = study.best(*changes, _held(choices, taken), gap=0.0)
        if answer.data is not None and answer.value <= limit:
            yield Found(answer.value, answer.bound, cash(answer.data), taken, answer)
        elif study.session.stopped or (not answer.found and answer.solution.status != "infeasible"):
            yield None
            return
        for place in np.flatnonzero(fixed < 0):
            child = fixed.copy()
            before = np.flatnonzero(fixed < 0)
            before = before[before < place]
            child[before] = taken[before]
            child[place] = 1 - taken[place]
            heapq.heappush(heap, (value, next(order), child))


def _plain(study: Study) -> bool:
    """Whether nothing but whole choices of one start year is decided: a relaxed solution with whole choices is then a portfolio."""
    compiled = study.session.compiled
    free = compiled.problem.integer & (compiled.problem.high > compiled.problem.low)
    mine = np.concatenate([columns for _, columns in _choices(study)]) if _choices(study) else np.zeros(0, dtype=np.int64)
    single = all(columns.size == 1 for _, columns in _choices(study))
    return bool(single and int(free.sum()) <= mine.size and not study.session.tangents.needed)


def _accepted(study: Study, x: NDArray[np.float64]) -> Answer:
    """An answer from a solution that is whole already; none when the exact count finds it over budget."""
    exact, sign = study.session.exact(study.question.measure), study.question.sign
    return study.session.accepted(x, lambda data: sign * exact(data))


def _held(choices: list[tuple[int, Ints]], taken: Ints) -> Change:
    def change(session: Session, problem: Problem) -> Problem:
        high = problem.high.copy()
        for (_, columns), held in zip(choices, taken, strict=True):
            if not held:
                high[columns] = np.maximum(problem.low[columns], 0.0)
        problem = replace(problem, high=high)
        for (_, columns), held in zip(choices, taken, strict=True):
            if held:
                row = np.zeros(problem.columns)
                row[columns] = 1.0
                problem = problem.with_row(row, low=1.0, high=1.0)
        return problem

    return change
