"""kip.robust: one decision for all scenarios, by expected value, worst case, regret or CVaR."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.optimization.question import Limits
from kip.results.robust import Robust, Setting
from kip.robustness.clashing import alone_without_answer, why_no_decision
from kip.robustness.criteria import Criterion, read_criterion
from kip.robustness.ensemble import Asked, Ensemble, held
from kip.robustness.scenarios import Scenarios, Weights
from kip.robustness.searching import Chosen
from kip.robustness.stack import Stack

if TYPE_CHECKING:
    from kip.model import Plan
    from kip.results.portfolio import Portfolio

__all__ = ["robust", "setting_of"]

Floats: TypeAlias = NDArray[np.float64]


def robust(
    plan: Plan,
    scenarios: Scenarios = None,
    criterion: str = "expected",
    *,
    level: float = 0.8,
    weights: Weights = None,
    maximize: str | None = None,
    minimize: str | None = None,
    minimum: Mapping[str, float | str] | None = None,
    maximum: Mapping[str, float | str] | None = None,
    require: Iterable[str] = (),
    forbid: Iterable[str] = (),
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
) -> Robust:
    """Choose one portfolio for many scenarios.

    What starts, where and when is the same in all of them, and keeps the rules of each: its budgets, potentials, limits. What
    follows from it (units in use, money carried over, grants) is each scenario's own. All scenarios are one problem for the solver,
    and the decision is counted exactly in every one of them (§69).

    Parameters
    ----------
    plan : Plan
    scenarios : names, mapping or table, optional
        Names of the plan's own scenarios, all of them when left out; ``{name: {path: value}}``; ``{name: plan}``; or a table with paths as
        rows and scenarios as columns, where an empty cell leaves the plan's value. The plan itself is ``{"as planned": {}}``.
    criterion : {"expected", "worst_case", "regret", "cvar"}
        The expected value; the worst case; the largest regret, which is how far the value is from the best that could have been had in
        that scenario; or the mean of the worst ``1 - level`` of probability.
    level : float, default 0.8
        Of CVaR [1]: 0.8 looks at the worst fifth.
    weights : {name: weight} or sequence, optional
        Probabilities, 1 in sum; equal when left out. The worst case and regret do not look at them.
    maximize, minimize, minimum, maximum, require, forbid
        As in `kip.optimize`; limits hold in every scenario.
    gap, seed
        As in `kip.optimize`. The gap of a regret is a share of the largest best possible value.
    time_limit : float, optional
        Seconds for all of it; the scenarios alone get at most half.

    Returns
    -------
    Robust
        Also when there is no decision: `status` and `reason` then say which scenario and which rule.

    Raises
    ------
    RequestError
        When a scenario, path, weight, criterion or measure is wrong, or scenarios differ in shifts, districts or years; all in one report.

    Examples
    --------
    >>> import kip
    >>> shifts = [kip.Shift(name="buses", cost=6e6, reduction=100), kip.Shift(name="paths", cost=6e6, reduction=70)]
    >>> plan = kip.Plan(name="town", years=[2026], shifts=shifts, budgets=6e6)
    >>> futures = {"as planned": {}, "dear power": {"shifts.buses.reduction": 20}}
    >>> kip.robust(plan, futures, "worst_case").selected
    ('paths',)
    """
    rule = read_criterion(criterion, level)
    began = time.perf_counter()
    asked = Asked(maximize, minimize, minimum, maximum, require, forbid)
    ensemble = Ensemble.of(plan, scenarios, weights, asked, Limits(gap, time_limit, seed))
    ensemble.solve_alone()
    status, reason = _not_asked(ensemble, rule)
    if status:
        return _nothing(ensemble, rule, status, reason, began)
    stack = ensemble.stack()
    chosen = ensemble.search(rule, stack)
    if chosen.found:
        return _found(ensemble, rule, chosen, stack, began)
    if chosen.status == "infeasible":
        return _nothing(ensemble, rule, "infeasible", why_no_decision(ensemble, stack), began)
    reason = "No decision was found in the time given. That does not mean that there is none: give it more time (time_limit)."
    return _nothing(ensemble, rule, "no_solution", reason, began)


def _not_asked(ensemble: Ensemble, rule: Criterion) -> tuple[str, str]:
    """Why no common decision need be sought, as a status and a sentence; two empty texts when it may be."""
    alone = alone_without_answer(ensemble)
    if alone:
        return "infeasible", alone
    if ensemble.stopped:
        return "interrupted", "Stopped before the best in each scenario was known. Let it run longer."
    if rule.name == "regret" and not np.isfinite(ensemble.best).all():
        return "no_solution", (
            "The time was up before the best in each scenario was known, and regret is counted from it. Give it more time (time_limit)."
        )
    return "", ""


def setting_of(ensemble: Ensemble, until: int | None = None) -> Setting:
    """The scenarios with the best of each, and what the plan's own optimum gives in them: its starts up to a year, or all of them."""
    own = ensemble.own
    question = ensemble.question
    values, unknown = np.full(len(ensemble.studies), np.nan), list[str]()
    if own.found:
        new = own.dataset["new"].values
        for place, study in enumerate(ensemble.studies):
            answer = ensemble.again(study, held(new, until))
            if answer.data is not None:
                ensemble.better(place, answer.data)
                values[place] = question.sign * answer.value + 0.0
            elif answer.solution.status != "infeasible":
                unknown.append(ensemble.scenarios.names[place])
    names, weights = ensemble.scenarios.names, ensemble.scenarios.weights
    maximize = question.sign < 0
    about = (question.name, question.measure, ensemble.unit, maximize)
    return Setting(ensemble.plan, names, weights, *about, tuple(ensemble.optima), own, values, tuple(unknown))


def _nothing(ensemble: Ensemble, rule: Criterion, status: str, reason: str, began: float) -> Robust:
    setting, nan = setting_of(ensemble), float("nan")
    values = np.full(len(setting.scenarios), nan)
    seconds = time.perf_counter() - began
    return Robust(setting, rule.name, rule.level, status, nan, nan, nan, values, None, reason=reason, seconds=seconds)


def _found(ensemble: Ensemble, rule: Criterion, chosen: Chosen, stack: Stack, began: float) -> Robust:
    for place, data in enumerate(chosen.data):
        ensemble.better(place, data)
    setting = setting_of(ensemble)
    sign = 1.0 if rule.name == "regret" else setting.sign
    value, bound = sign * chosen.value + 0.0, sign * chosen.bound + 0.0
    names = ensemble.scenarios.names
    portfolios = {name: ensemble.portfolio(place, data) for place, (name, data) in enumerate(zip(names, chosen.data, strict=True))}
    portfolio = ensemble.in_base(chosen.data[0]["new"].values)
    return Robust(
        setting,
        rule.name,
        rule.level,
        chosen.status,
        value,
        bound,
        _gap(rule, value, bound, setting),
        setting.sign * chosen.values + 0.0,
        portfolio,
        portfolios,
        keys=tuple(_keys(setting, stack, portfolio)),
        seconds=time.perf_counter() - began,
        solves=ensemble.solves + chosen.solves,
    )


def _gap(rule: Criterion, value: float, bound: float, setting: Setting) -> float:
    """Relative to the value; of a regret, to the largest best possible value: a regret of 0 has no other size."""
    size = float(np.abs(setting.bounds).max()) if rule.name == "regret" else abs(value)
    if abs(bound - value) <= 1e-9 * max(1e-9, size):
        return 0.0
    return abs(bound - value) / size if size else float("inf")


def _keys(setting: Setting, stack: Stack, portfolio: Portfolio) -> Iterable[tuple[str, dict[str, Any]]]:
    if stack.shut:
        yield "robust shut", {"count": stack.shut}
    wide = [name for name, one in zip(setting.scenarios, setting.optima, strict=True) if one.status != "optimal"]
    if wide:
        yield "robust wide", {"names": ", ".join(wide)}
    if portfolio.broken:
        yield "robust base broken", {"rule": portfolio.broken[0].sentence}
