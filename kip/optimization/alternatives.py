"""kip.alternatives: portfolios that are nearly as good as the best and differ from it, and from each other, as much as they can."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import xarray as xr

from kip.accounting.measures import parse_measure
from kip.accounting.places import direction
from kip.errors import RequestError
from kip.optimization.changes import Change
from kip.optimization.distance import Distance, measure_distance
from kip.optimization.kernel import Options
from kip.optimization.problem import Problem
from kip.optimization.session import Answer, Session
from kip.optimization.study import Study, study_of
from kip.results.alternatives import Alternative, Alternatives
from kip.results.portfolio import Portfolio

__all__ = ["alternatives"]

_GAP = 0.1
"""A distance within so much of the largest will do: any portfolio that is near enough to the best is an alternative."""

_SECONDS = 30.0
"""Time for one alternative; the best found by then is taken, and its distance is marked as not proven."""

_LEAST = 1e-3
"""Distances below this are none."""


def alternatives(
    portfolio: Portfolio,
    within: float = 0.05,
    count: int = 6,
    *,
    differ: str = "shifts",
    gap: float | None = None,
    time_limit: float | None = None,
) -> Alternatives:
    """Portfolios within a tolerance of the best that differ in what matters.

    One after the other, the portfolio that is furthest from the nearest of those found so far (maximin distance), among all that keep
    the rules and are near enough to the best (§7). Then the best objective of all that are nine tenths as far away is sought, so
    that no other portfolio is as different and better (§66). One that another beats in the objective, in cost and in every indicator
    says so, and stays: what speaks for it may be what no number here says.

    Parameters
    ----------
    portfolio : Portfolio
        From `kip.optimize`; its question is asked again.
    within : float, default 0.05
        How much of the objective may be lost [1].
    count : int, default 6
    differ : {"shifts", "actors", "districts", "control"}
        In what they differ: the whole choices and levels of shifts, or where the investment is made: by whom, where, or under
        which degree of control.
    gap : float, optional
        Relative gap of each objective; the portfolio's own when left out.
    time_limit : float, optional
        Seconds for all of it; those found by then are returned.

    Returns
    -------
    Alternatives

    Raises
    ------
    RequestError
        When `within` is no number of 0 or more, `count` no whole number above 0, `differ` unknown, or the portfolio has no question.

    Examples
    --------
    >>> import kip
    >>> three = (("a", 3e6, 90), ("b", 1e6, 9), ("c", 1e6, 10))
    >>> shifts = [kip.Shift(name=name, cost=cost, reduction=tonnes) for name, cost, tonnes in three]
    >>> best = kip.optimize(kip.Plan(name="p", years=[2026], shifts=shifts, budgets=4e6), gap=0)
    >>> [item.portfolio.selected for item in kip.alternatives(best, within=0.02).found]
    [('a', 'b')]
    """
    if isinstance(within, bool) or not isinstance(within, int | float) or not math.isfinite(within) or within < 0:
        raise RequestError(f"within={within!r}: give a share of 0 or more, for example 0.05 for 5 %.")
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise RequestError(f"count={count!r}: give a whole number of 1 or more.")
    study = study_of(portfolio, gap=gap, time_limit=time_limit)
    distance = measure_distance(study.session, differ, portfolio.dataset)
    near = study.near_optimal(within)
    seen: list[xr.Dataset] = [portfolio.dataset]
    found: list[Alternative] = []
    why = ""
    try:
        for item in _one_by_one(study, distance, near, seen):
            if isinstance(item, str):
                why = item
                break
            found.append(item)
            if len(found) == count:
                break
    except KeyboardInterrupt:
        why = "alternatives stopped"
    nearest = [
        min(distance.between(item.portfolio.dataset, other.portfolio.dataset) if other is not item else item.distance for other in found)
        for item in found
    ]
    every = (portfolio, *(item.portfolio for item in found))
    found = [
        replace(item, nearest=far, beaten_by=next((place for place, other in enumerate(every) if _beats(other, item.portfolio)), None))
        for item, far in zip(found, nearest, strict=True)
    ]
    return Alternatives(portfolio, float(within), differ, count, tuple(found), why, study.session.solves)


def _one_by_one(study: Study, distance: Distance, near: Change, seen: list[xr.Dataset]) -> Iterator[Alternative | str]:
    """Alternatives, each the furthest from those before, or why there is no other as a key of the catalogue."""
    best = seen[0]
    while True:
        if study.out_of_time:
            yield "alternatives stopped"
            return
        answer = _furthest(study, distance, near, seen)
        far = 0.0 if answer.data is None else min(distance.between(answer.data, other) for other in seen)
        if answer.data is None or far <= _LEAST:
            yield "alternatives stopped" if -answer.bound > 10 * _LEAST else "alternatives no more"
            return
        proven = -answer.bound <= far * (1 + 1.5 * _GAP) + _LEAST
        polished = _polished(study, distance, near, seen, (answer, far))
        seen.append(polished.data if polished.data is not None else answer.data)
        yield Alternative(study.portfolio(polished), distance.between(seen[-1], best), proven)


def _furthest(study: Study, distance: Distance, near: Change, seen: list[xr.Dataset]) -> Answer:
    problem, nearest = distance.away_from(study.problem(near), seen)
    cost = np.zeros(problem.columns)
    cost[nearest] = -1.0
    begin = np.append(study.begin(), np.full(problem.columns - study.session.compiled.problem.columns, np.nan))
    options = Options(gap=_GAP, absolute_gap=0.5 * _LEAST, time_limit=_SECONDS, begin=begin)

    def far(data: xr.Dataset) -> float:
        return -min(distance.between(data, other) for other in seen)

    return study.session.minimise_own(problem.with_cost(cost), far, options)


def _polished(study: Study, distance: Distance, near: Change, seen: list[xr.Dataset], reached: tuple[Answer, float]) -> Answer:
    """The best objective of all that is nearly as far away; the answer itself when the time was up before a better one was found.

    The last bit of distance is bought with the whole tolerance: a tenth less far away is often far better.
    """
    answer, far = reached
    question, session = study.question, study.session

    def apart(session: Session, problem: Problem) -> Problem:
        problem, nearest = distance.away_from(problem, seen)
        row = np.zeros(problem.columns)
        row[nearest] = 1.0
        return problem.with_row(row, low=far * (1.0 - _GAP) - 1e-9)

    _, terms, scale = session.terms(question.measure)
    terms = terms * question.sign
    problem = study.problem(near, apart)
    cost = np.append(session.compiled.cost_of(terms, scale), np.zeros(problem.columns - session.compiled.problem.columns))
    exact = session.exact(question.measure)

    def without_constant(one: xr.Dataset) -> float:
        return (question.sign * exact(one) - terms.constant) / scale

    options = Options(gap=session.limits.gap, time_limit=_SECONDS, begin=answer.solution.x)
    better = session.minimise_own(problem.with_cost(cost, terms.constant / scale), without_constant, options)
    chosen, bound = (better, better.bound * scale + terms.constant) if better.data is not None else (answer, -math.inf)
    data = chosen.data
    assert data is not None
    value = question.sign * exact(data)
    return Answer(replace(chosen.solution, status=better.solution.status), value, min(bound, value), chosen.new, data)


def _beats(one: Portfolio, two: Portfolio) -> bool:
    """Whether one is at least as good in the objective, in cost and in every indicator, and better in something."""
    names = ["cost", *map(str, one.dataset["indicator"].values)]
    sign = 1.0 if one.request.get("maximize") or not one.request.get("minimize") else -1.0
    sides = [(sign * one.objective, sign * two.objective)]
    for name in names:
        way = direction(parse_measure(name, one.dataset), one.dataset)
        sides.append((way * one.measure(name), way * two.measure(name)))
    values = np.array(sides)
    slack = 1e-9 * np.maximum(1.0, np.abs(values).max(axis=1))
    return bool(np.all(values[:, 0] >= values[:, 1] - slack) and np.any(values[:, 0] > values[:, 1] + slack))
