"""kip.optimize: the portfolio that gives the most, with its proof."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from pyomo.common.gc_manager import PauseGC

from kip.accounting.count import count
from kip.accounting.funding_inputs import close_sources
from kip.accounting.inputs import build_inputs
from kip.errors import RequestError, SolveError
from kip.optimization.applied import most_grants
from kip.optimization.asked import ask, check_options
from kip.optimization.compiled import Compiled, compile_model
from kip.optimization.diagnose import why_infeasible, why_nothing
from kip.optimization.formulation import build_model, frame_of
from kip.optimization.imposed import impose
from kip.optimization.kernel import Options
from kip.optimization.progress import reporter
from kip.optimization.question import Limits, Question
from kip.optimization.ratio import best_ratio
from kip.optimization.session import Answer, Session
from kip.optimization.ties import second_look
from kip.results.binding import what_binds
from kip.results.portfolio import Portfolio, Status

if TYPE_CHECKING:
    import pyomo.environ as pyo
    import xarray as xr

    from kip.model import Plan

__all__ = ["optimize", "targets_first"]


def optimize(
    plan: Plan,
    maximize: str | None = None,
    minimize: str | None = None,
    *,
    per: str | None = None,
    minimum: Mapping[str, float | str] | None = None,
    maximum: Mapping[str, float | str] | None = None,
    require: Iterable[str] = (),
    forbid: Iterable[str] = (),
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
    model: pyo.ConcreteModel | None = None,
) -> Portfolio:
    """Choose what to start, where and when.

    Parameters
    ----------
    plan : Plan
    maximize, minimize : str
        One measure: ``reduction``, ``lifetime_reduction``, ``net_benefit``, an indicator; ``cost``, ``net_cost``,
        ``investment``, ``shortfall``, ``emissions``… One year: ``reduction_2030``; one actor: ``cost.municipality``.
        The reduction is maximised when neither is given. With `minimize`, targets come first: the least shortfall, then
        the measure. With `maximize`, targets are reported.
    per : {"municipal", "regional", "state", "private", "societal"}, optional
        Maximise the measure for each krona of net present cost of this kind of actor. Give a minimum volume with it.
    minimum, maximum : {measure: value}, optional
        Limits on other measures, in base units or as text with units: ``{"reduction_2030": "40 kt/year"}``.
    require, forbid : names, optional
        Whole shifts and enablers forced in (in each of their districts), and anything forced out. A source of funding can be
        forbidden too: nothing comes from it then.
    gap : float, default 1e-4
        Relative gap at which the answer counts as proven; 0 for the exact optimum.
    time_limit : float, optional
        Seconds; the best portfolio found by then is returned with its gap.
    seed : int, default 0
        Seed of the solver.
    model : pyomo.environ.ConcreteModel, optional
        A model from `kip.pyomo_model(plan)` with your own constraints added.

    Returns
    -------
    Portfolio
        Also when there is no answer: `status` and `reason` then say why. Ctrl-C returns the best found so far.

    Raises
    ------
    RequestError
        When the call names something that the plan does not have.
    SolveError
        When the solver's total and the exact count disagree (a bug).

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(
    ...     name="first",
    ...     years=[2026],
    ...     shifts=[kip.Shift(name="buses", cost=6e6, reduction=100), kip.Shift(name="depot", cost=10e6, reduction=150)],
    ...     budgets={"municipality": 14e6},
    ... )
    >>> best = kip.optimize(plan)
    >>> best.selected, best.objective, best.status
    (('depot',), 150.0, 'optimal')
    """
    began = time.perf_counter()
    check_options(gap, time_limit, seed)
    inputs = build_inputs(plan)
    question = ask(inputs, Question(maximize, minimize, per), minimum, maximum, require, forbid)
    inputs = close_sources(inputs, question.closed(map(str, inputs["shift"].values)))
    limits = Limits(gap=gap, time_limit=time_limit, seed=seed)
    seconds = {"inputs": time.perf_counter() - began}
    if model is not None and frame_of(model).plan_hash != plan.hash:
        raise RequestError("the model was built from another plan. Build it again with kip.pyomo_model(plan).")
    # the garbage collector walks over every row again and again while they are made, for nothing: nothing is dropped here
    with PauseGC():
        compiled, inputs = _compiled(inputs, question, model, seconds)
    session = Session(compiled, inputs, limits, question)
    with reporter(question, session):
        portfolio = _answer(plan, session, question)
    seconds |= session.seconds | {"total": time.perf_counter() - began}
    portfolio.seconds.update(seconds)
    portfolio.request.update(question.to_dict() | {"gap": gap, "time_limit": time_limit, "seed": seed})
    if model is not None:
        portfolio.request["own_model"] = True
    return portfolio


def _compiled(
    inputs: xr.Dataset, question: Question, model: pyo.ConcreteModel | None, seconds: dict[str, float]
) -> tuple[Compiled, xr.Dataset]:
    began = time.perf_counter()
    own = model is None
    if model is None:
        model = build_model(inputs, question)
    frame = frame_of(model)
    seconds["build"] = time.perf_counter() - began
    began = time.perf_counter()
    compiled = compile_model(model, frame)
    if not own:
        compiled.problem, names = impose(compiled, question)
        compiled.rows = compiled.rows + names
    seconds["compile"] = time.perf_counter() - began
    return compiled, frame.inputs


def _answer(plan: Plan, session: Session, question: Question) -> Portfolio:
    notes: list[str] = []
    proven = True
    if question.per is not None:
        return best_ratio(plan, session, question)
    if question.minimize is not None and session.inputs.sizes["target"] and question.measure not in {"shortfall", "emissions"}:
        nearest = targets_first(session)
        proven = nearest.solution.status in {"optimal", "infeasible"}
        if session.stopped:
            return _stopped_early(plan, session, question, nearest)
    measure, terms, scale = session.terms(question.measure)
    answer = session.minimise(terms * question.sign, scale, lambda data: question.sign * session.exact(question.measure)(data))
    if answer.found:
        rejected = session.rejected
        answer, note = second_look(session, question, answer)
        answer = most_grants(session, question, answer)
        session.rejected = rejected
        notes += note
        if not terms.largest:
            notes.append(f"Nothing in this plan changes {question.measure}.")
    if not proven:
        notes.append("The time was up before the least shortfall was proven: a plan nearer to the targets may exist.")
    portfolio = finish(plan, session, question, answer, notes, measure.unit)
    return portfolio if proven or portfolio.status != "optimal" else replace(portfolio, status="feasible")


def _stopped_early(plan: Plan, session: Session, question: Question, nearest: Answer) -> Portfolio:
    """What there was when the user stopped while the targets were sought: a portfolio without a bound on its measure."""
    value = question.sign * session.exact(question.measure)(nearest.data) if nearest.data is not None else np.nan
    answer = Answer(nearest.solution, value, np.nan, nearest.new, nearest.data)
    return finish(plan, session, question, answer, [], session.terms(question.measure)[0].unit)


def targets_first(session: Session) -> Answer:
    """Find the least shortfall, and hold it from then on."""
    _, terms, scale = session.terms("shortfall")
    answer = session.minimise(terms, scale, session.exact("shortfall"), options=Options(gap=min(1e-6, session.limits.gap)))
    if answer.found and answer.data is not None:
        row = session.compiled.cost_of(terms, scale)
        reached = answer.value / scale
        session.problem = session.problem.with_row(row, high=reached + 1e-9 * max(1.0, reached))
    return answer


def finish(plan: Plan, session: Session, question: Question, answer: Answer, notes: list[str], unit: str) -> Portfolio:
    """A portfolio from an answer, or from the lack of one."""
    answer = _without_dust(answer, session.terms(question.measure)[2])
    status = _status(answer, session.limits.gap)
    common: dict[str, Any] = {"plan": plan, "objective_name": question.name, "objective_unit": unit}
    if answer.data is None:
        nothing = count(session.inputs, np.zeros((*session.inputs["located"].shape, session.inputs.sizes["start"])))
        reason = why_infeasible(session, question) if status == "infeasible" else _too_late(session, answer)
        return Portfolio(dataset=nothing, status=status, reason=reason, **common)
    broken = session.broken(answer.data)
    if broken:
        raise SolveError(f"the solver's portfolio breaks a rule: {broken[0]} This is a bug in kip; please report the plan.")
    value, bound = question.sign * answer.value + 0.0, question.sign * answer.bound + 0.0  # no negative zero
    if not np.abs(answer.data["new"].values).any():
        notes += why_nothing(session)
    if session.rejected:
        several = session.rejected > 1
        notes.append(
            f"{session.rejected} portfolio{'s' if several else ''} of the solver {'were' if several else 'was'} "
            "over budget in the exact count, and cut off."
        )
    return Portfolio(
        dataset=answer.data,
        status=status,
        objective=value,
        bound=bound,
        gap=relative_gap(value, bound),
        reason=_EARLY.get(status, ""),
        notes=tuple(notes),
        binding=what_binds(session.inputs, answer.data),
        **common,
    )


_EARLY = {"feasible": "The time was up before the proof was complete.", "interrupted": "Stopped before the proof was complete."}


def _without_dust(answer: Answer, step: float) -> Answer:
    """A bound that the solver cannot tell from the value is the value: 0 kronor beside a bound of 3e-11 have no infinite gap."""
    same = abs(answer.bound - answer.value) <= 1e-12 * step
    return replace(answer, bound=answer.value) if same else answer


def relative_gap(value: float, bound: float) -> float:
    """``|bound - value| / |value|``; 0 when they are equal, infinite when the value is 0 and the bound is not."""
    if abs(bound - value) <= 1e-9 * max(1e-9, abs(value)):
        return 0.0
    return abs(bound - value) / abs(value) if value else float("inf")


def _status(answer: Answer, asked: float) -> Status:
    status = answer.solution.status
    if answer.data is None:
        return "infeasible" if status in {"infeasible", "unbounded"} else "no_solution"
    # a search that was cut off may have proven what was asked all the same: the bound knows (§33)
    if relative_gap(answer.value, answer.bound) <= asked:
        return "optimal"
    words: dict[str, Status] = {"optimal": "optimal", "time_limit": "feasible", "interrupted": "interrupted"}
    return words.get(status, "feasible")


def _too_late(session: Session, answer: Answer) -> str:
    if answer.solution.status == "interrupted":
        return "Stopped before any portfolio was found. Let it run longer."
    return (
        f"No portfolio was found in {session.limits.time_limit:g} seconds. That does not mean that there is none: "
        "give it more time (time_limit), or loosen the limits."
    )
