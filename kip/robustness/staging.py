"""kip.two_stage: decide now up to a year, and the rest when it is known which scenario comes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.errors import RequestError
from kip.optimization.question import Limits
from kip.optimization.study import begin_study
from kip.optimization.ties import second_look
from kip.results.two_stage import Averages, TwoStage
from kip.robustness.averages import mean_plan
from kip.robustness.choosing import setting_of
from kip.robustness.clashing import alone_without_answer, why_no_decision
from kip.robustness.criteria import Criterion
from kip.robustness.ensemble import Asked, Ensemble, held
from kip.robustness.scenarios import Scenarios, Weights
from kip.robustness.searching import Chosen

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["two_stage"]

Floats: TypeAlias = NDArray[np.float64]


def two_stage(
    plan: Plan,
    scenarios: Scenarios = None,
    *,
    until: int,
    weights: Weights = None,
    reference: Plan | None = None,
    maximize: str | None = None,
    minimize: str | None = None,
    minimum: Mapping[str, float | str] | None = None,
    maximum: Mapping[str, float | str] | None = None,
    require: Iterable[str] = (),
    forbid: Iterable[str] = (),
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
) -> TwoStage:
    """Decide now up to a year, and adapt when the scenario is known.

    What starts up to and including `until` is the same in all scenarios; what starts later is each scenario's own. The expected value is
    optimised, all scenarios as one problem, and every scenario is counted exactly (§70). Beside it stand what deciding by averages would
    give (the first decision of the plan of means, or of `reference`, kept, and the rest adapted), what could be had if the scenario
    were known from the start, and the differences: the value of the stochastic solution (VSS) and of perfect information (EVPI).

    Parameters
    ----------
    plan : Plan
    scenarios, weights
        As in `kip.robust`.
    until : int
        Last year that is decided now.
    reference : Plan, optional
        The plan whose optimum the first decision is compared with; the weighted mean of the scenarios when left out.
    maximize, minimize, minimum, maximum, require, forbid, gap, seed
        As in `kip.robust`.
    time_limit : float, optional
        Seconds for all of it.

    Returns
    -------
    TwoStage
        Also when there is no decision: `status` and `reason` then say why.

    Raises
    ------
    RequestError
        When something is wrong as in `kip.robust`, or `until` is not a year of the plan before its last.

    Examples
    --------
    >>> import kip
    >>> now = kip.Shift(name="now", cost=4e6, reduction=10, latest=2026)
    >>> later = kip.Shift(name="later", cost=6e6, reduction=30, earliest=2027)
    >>> plan = kip.Plan(name="two", years=[2026, 2027], shifts=[now, later], budgets=10e6)
    >>> futures = {"good": {}, "bad": {"shifts.later.reduction": 0}}
    >>> found = kip.two_stage(plan, futures, until=2026)
    >>> found.first, found.value
    (('now',), 35.0)
    """
    began = time.perf_counter()
    if until not in plan.years or until >= plan.years[-1]:
        years = ", ".join(map(str, plan.years[:-1])) or "none, since it has one year"
        raise RequestError(f"until={until!r}: give a year of the plan before its last, after which the scenario is known: {years}.")
    asked = Asked(maximize, minimize, minimum, maximum, require, forbid)
    ensemble = Ensemble.of(plan, scenarios, weights, asked, Limits(gap, time_limit, seed))
    ensemble.solve_alone()
    alone = alone_without_answer(ensemble)
    if alone:
        return _nothing(ensemble, until, "infeasible", alone, began)
    if ensemble.stopped:
        return _nothing(ensemble, until, "interrupted", "Stopped before the best in each scenario was known. Let it run longer.", began)
    stack = ensemble.stack(until)
    chosen = ensemble.search(Criterion("expected"), stack)
    if not chosen.found:
        if chosen.status == "infeasible":
            return _nothing(ensemble, until, "infeasible", why_no_decision(ensemble, stack), began)
        reason = "No decision was found in the time given. That does not mean that there is none: give it more time (time_limit)."
        return _nothing(ensemble, until, "no_solution", reason, began)
    averages = _averages(ensemble, asked, until, reference)
    return _found(ensemble, until, chosen, averages, stack.shut, began)


def _nothing(ensemble: Ensemble, until: int, status: str, reason: str, began: float) -> TwoStage:
    nan = float("nan")
    unknown = Averages(np.full(len(ensemble.studies), nan), np.full(len(ensemble.studies), nan))
    setting = setting_of(ensemble, until)
    values = np.full(len(ensemble.studies), nan)
    return TwoStage(setting, until, status, nan, nan, nan, values, None, unknown, reason=reason, seconds=time.perf_counter() - began)


def _averages(ensemble: Ensemble, asked: Asked, until: int, reference: Plan | None) -> Averages:
    """The first decision of the plan of means, kept in every scenario, with the rest adapted."""
    count = len(ensemble.studies)
    nothing = np.full(count, np.nan)
    plan, why = (reference, "") if reference is not None else mean_plan(ensemble.plan, ensemble.scenarios)
    if plan is None:
        return Averages(nothing, nothing, why=why)
    study = begin_study(plan, ensemble.checked(plan, asked), ensemble.limits)
    study.session.began = ensemble.began
    answer = ensemble.again(study)
    if answer.data is None:
        return Averages(nothing, nothing, why="the plan of averages itself has no portfolio" + f": {study.portfolio(answer).reason}")
    answer, notes = second_look(study.session, ensemble.question, answer)
    portfolio = study.portfolio(answer, notes)
    sign = ensemble.question.sign
    values, bounds, gone = nothing.copy(), nothing.copy(), []
    new = portfolio.dataset["new"].values
    for place, one in enumerate(ensemble.studies):
        kept = ensemble.again(one, held(new, until))
        if kept.found:
            values[place], bounds[place] = sign * kept.value + 0.0, sign * kept.bound + 0.0
        elif kept.solution.status == "infeasible":
            gone.append(ensemble.scenarios.names[place])
    return Averages(values, bounds, portfolio, tuple(gone))


def _found(ensemble: Ensemble, until: int, chosen: Chosen, averages: Averages, shut: int, began: float) -> TwoStage:
    for place, data in enumerate(chosen.data):
        ensemble.better(place, data)
    setting = setting_of(ensemble, until)
    value, bound = setting.sign * chosen.value + 0.0, setting.sign * chosen.bound + 0.0
    size = abs(value)
    gap = 0.0 if abs(bound - value) <= 1e-9 * max(1e-9, size) else abs(bound - value) / size if size else float("inf")
    names = ensemble.scenarios.names
    portfolios = {name: ensemble.portfolio(place, data) for place, (name, data) in enumerate(zip(names, chosen.data, strict=True))}
    return TwoStage(
        setting,
        until,
        chosen.status,
        value,
        bound,
        gap,
        setting.sign * chosen.values + 0.0,
        ensemble.in_base(chosen.data[0]["new"].values, until),
        averages,
        portfolios,
        shut=shut,
        seconds=time.perf_counter() - began,
        solves=ensemble.solves + chosen.solves,
    )
