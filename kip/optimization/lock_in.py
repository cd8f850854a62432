"""kip.lock_in: does the best plan for a near year stand in the way of a far one?

The best for 2030 alone starts what is cheap and quick; what is slow and large, and needed by 2045, may then start too late (Vogt-Schilb &
Hallegatte 2014, "Marginal abatement cost curves and the optimal timing of mitigation measures", Energy Policy 66). So
the plan is solved with only the near year in mind, carried on from there, and beside it with the far year in mind from the start.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from kip.accounting.inputs import build_inputs
from kip.errors import RequestError
from kip.optimization.asked import ask, check_options
from kip.optimization.changes import Change, at_least
from kip.optimization.problem import Problem
from kip.optimization.question import Limits, Question
from kip.optimization.session import Answer, Session
from kip.optimization.study import Study, begin_study
from kip.results.lock_in import LockIn
from kip.results.portfolio import Portfolio

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["lock_in"]


def lock_in(
    plan: Plan,
    near: int,
    far: int,
    *,
    goals: Mapping[int, float | str] | None = None,
    maximum: Mapping[str, float | str] | None = None,
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
) -> LockIn:
    """Whether the best plan for a near year makes a far year dearer or puts it out of reach, with the tonnes and the kronor.

    Three plans: the best for the near year alone, at least cost; that plan's starts up to the near year kept, and then
    the best for the far year; and the best for both with the far year in mind from the start (§64). Beside them the plan with the largest
    reduction over all years.

    Parameters
    ----------
    plan : Plan
    near, far : int
        Years of the plan.
    goals : {year: reduction}, optional
        Reductions to reach in the two years [t/year], at least net present cost. The most that can be reached when left out.
    maximum : {measure: value}, optional
        Limits, as in `kip.optimize`.
    gap, seed
        As in `kip.optimize`, for each of the solves.
    time_limit : float, optional
        Seconds for all of it.

    Returns
    -------
    LockIn
        True when there is a lock-in.

    Raises
    ------
    RequestError
        When a year is not in the plan, `near` is not before `far`, or a goal is for another year.

    Examples
    --------
    >>> import kip
    >>> cheap = kip.Shift(name="cheap", choice="share", potential=10, ramp=2, cost=100, reduction=1)
    >>> slow = kip.Shift(name="slow", choice="share", potential=20, ramp=1, cost=300, reduction=1)
    >>> plan = kip.Plan(name="two", years="2021-2030", shifts=[cheap, slow])
    >>> found = kip.lock_in(plan, 2025, 2030, goals={2025: 10, 2030: 20})
    >>> bool(found), round(found.tonnes, 6)
    (True, 5.0)
    """
    check_options(gap, time_limit, seed)
    wanted = _goals(plan, near, far, goals)
    question = ask(build_inputs(plan), Question(maximize=f"reduction_{far}"), None, maximum, (), ())
    measures = [(f"reduction_{near}", -1.0), (f"reduction_{far}", -1.0), ("reduction", -1.0), ("net_cost", 1.0)]
    study = begin_study(plan, question, Limits(gap, time_limit, seed), also=measures)
    steps = _Steps(study, (near, far), wanted)
    return steps.found()


def _goals(plan: Plan, near: int, far: int, goals: Mapping[int, float | str] | None) -> dict[int, float] | None:
    from kip.units import to_float

    wrong = [f"{year} is not a year of the plan ({plan.years[0]}-{plan.years[-1]})." for year in (near, far) if year not in plan.years]
    if not wrong and near >= far:
        wrong.append(f"near={near} is not before far={far}. Give the nearer year first.")
    wrong += [f"goals has {year}, which is neither {near} nor {far}. Take it out." for year in goals or {} if year not in {near, far}]
    wrong += [f"goals has nothing for {year}. Give both years, or no goals." for year in (near, far) if goals and year not in goals]
    if wrong:
        raise RequestError("\n".join(wrong))
    return None if goals is None else {year: float(to_float(value)) for year, value in goals.items()}


class _Steps:
    """One solve after the other, each from what the last one knows."""

    def __init__(self, study: Study, years: tuple[int, int], goals: dict[int, float] | None) -> None:
        self.study, self.goals = study, goals
        self.near, self.far = (f"reduction_{year}" for year in years)
        self.years = years

    def found(self) -> LockIn:
        """The plans, and what lies between them."""
        near = self._cheapest(self.near, self._goal(0))
        if near is None:
            return self._none()
        held = (_until(near.dataset, self.years[0]),)
        carried = self._cheapest(self.far, self._goal(1), *held)
        keep_near = (at_least(self.near, self._reached(near, 0)),) if self.goals is not None else ()
        sighted = self._cheapest(self.far, self._goal(1), *keep_near)
        cumulative = self._portfolio(self.study.extreme("reduction", 1.0), Question(maximize="reduction"))
        same = None
        if carried is not None and sighted is not None:
            # what the carried plan reaches in both years, at least cost, when it is in mind from the start
            both = at_least(self.near, self._reached(near, 0) * (1.0 - 1e-7))
            same = self._cheapest(self.far, min(carried.measure(self.far), sighted.measure(self.far)), both)
        return LockIn(self.study.plan, self.years, near, carried, sighted, same, cumulative, self.goals)

    def _none(self) -> LockIn:
        return LockIn(self.study.plan, self.years, None, None, None, None, None, self.goals)

    def _goal(self, place: int) -> float | None:
        return None if self.goals is None else self.goals[self.years[place]]

    def _reached(self, near: Portfolio, place: int) -> float:
        goal = self._goal(place)
        return near.measure(self.near) if goal is None else min(goal, near.measure(self.near))

    def _cheapest(self, measure: str, goal: float | None, *changes: Change) -> Portfolio | None:
        """The goal, or as much of it as can be reached, at least net present cost."""
        most = self.study.extreme(measure, 1.0, *changes)
        if most.data is None:
            return None
        reached = -most.value
        asked = reached if goal is None else min(goal, reached)
        answer = self.study.extreme("net_cost", -1.0, at_least(measure, asked - 1e-8 * abs(asked)), *changes)
        if answer.data is None:
            return self._portfolio(most, Question(maximize=measure))
        return self._portfolio(answer, Question(minimize="net_cost"))

    def _portfolio(self, answer: Answer, question: Question) -> Portfolio | None:
        return None if answer.data is None else replace(self.study, question=question).portfolio(answer)


def _until(data: xr.Dataset, year: int) -> Change:
    """What starts up to a year is what starts here; what comes later is open."""

    def change(session: Session, problem: Problem) -> Problem:
        compiled = session.compiled
        cells = compiled.frame.cells
        new = data["new"].values[cells.shift, cells.place] / cells.scale[:, None]
        there = (compiled.new >= 0) & (cells.years <= year)[None, :]
        low, high = problem.low.copy(), problem.high.copy()
        columns = compiled.new[there]
        values = np.minimum(new[there], np.where(np.isfinite(high[columns]), high[columns], math.inf))
        low[columns] = high[columns] = values
        return replace(problem, low=low, high=high)

    return change
