"""Impact per krona: a ratio of two measures, by Dinkelbach's method with a proof.

max N(x)/D(x) with D >= D_min > 0. ``F(q) = max N - q D`` falls in q and is zero at the best ratio (Dinkelbach 1967). The
search starts at the Charnes-Cooper bound, the best ratio of the linear relaxation; every solve gives a portfolio (a lower
bound) and, from the solver's own bound on F, an upper bound ``q + F(q)/D_min``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.accounting.count import count
from kip.accounting.measures import Measure, value_of
from kip.errors import RequestError
from kip.optimization.diagnose import why_infeasible, why_nothing
from kip.optimization.kernel import Options, solve
from kip.optimization.problem import Problem
from kip.optimization.session import AGREEMENT, Answer, Session
from kip.optimization.terms import Terms, measure_terms
from kip.results.binding import what_binds
from kip.results.portfolio import Portfolio, Status

if TYPE_CHECKING:
    from kip.model import Plan
    from kip.optimization.question import Question

__all__ = ["best_ratio", "charnes_cooper"]

Floats: TypeAlias = NDArray[np.float64]

_MOST_STEPS = 30


@dataclass(frozen=True)
class _Ratio:
    """Numerator and denominator, with the scales that they are solved in."""

    top: Terms
    bottom: Terms
    top_scale: float
    bottom_scale: float
    top_of: Callable[[Any], float]
    bottom_of: Callable[[Any], float]
    least: float
    """What a portfolio costs at least, when it costs anything."""
    saves: bool
    """Whether a shift, a grant or a loan can lower the cost."""
    smallest: float
    """Kronor below which a cost counts as nothing."""


def best_ratio(plan: Plan, session: Session, question: Question) -> Portfolio:
    """The portfolio with the most impact per krona of one kind.

    Portfolios that give something and cost that krona nothing or less are never ranked by a ratio (§4): the one of them
    that gives most is returned, with status "pays_for_itself".
    """
    ratio = _take_apart(session, question)
    free = _free(session, question, ratio)
    if free is not None:
        return _pays_for_itself(plan, session, question, free)
    ratio = _least_cost(session, ratio)
    problem = _costing(session, ratio, ratio.least)
    start = _relaxed(session, ratio, problem)
    if start is None:
        return _none(plan, session, question, "infeasible", _why_no_ratio(session, question, ratio))
    return _search(plan, session, question, ratio, problem, start)


def _take_apart(session: Session, question: Question) -> _Ratio:
    inputs, cells = session.inputs, session.compiled.frame.cells
    measure, top, top_scale = session.terms(question.measure)
    kind = question.per or "societal"
    cost = Measure("net_cost", "net_cost", "" if kind == "societal" else f"kind:{kind}", unit=inputs.attrs["currency"])
    bottom = measure_terms(cost, inputs, cells)
    if bottom.largest == 0:
        kinds = sorted({str(name) for name in inputs["actor_kind"].values if _pays(session, str(name))})
        raise RequestError(
            f"nothing in this plan costs a {kind} krona, so there is no ratio. "
            + (f"Kinds that pay: {', '.join(kinds)}." if kinds else "Nobody pays anything.")
        )
    if top.largest == 0:
        raise RequestError(f"nothing in this plan changes {question.measure}, so there is no ratio.")
    each = _cost_of_one(session, bottom)
    positive = each[each > 1e-9]
    least = float(positive.min()) * 0.999999 if positive.size else 1.0
    return _Ratio(
        top,
        bottom,
        top_scale,
        session.compiled.frame.scales.money,
        lambda data: value_of(measure, data),
        lambda data: value_of(cost, data),
        least,
        bool((each < -1e-9).any() or np.any(bottom.on_grant) or np.any(bottom.on_loan)),
        min(1.0, 1e-6 * float(np.abs(each).max(initial=0.0))) or 1.0,
    )


def _costing(session: Session, ratio: _Ratio, least: float) -> Problem:
    """Portfolios that cost at least so much; the row is written in steps of that cost, so that nothing free slips through."""
    row = session.compiled.cost_of(ratio.bottom, least)
    return session.problem.with_row(row, low=1.0 - ratio.bottom.constant / least)


def _least_cost(session: Session, ratio: _Ratio) -> _Ratio:
    """The least that a portfolio can cost above nothing: where some shifts save, it may be less than any one shift costs."""
    if not ratio.saves:
        return ratio
    problem = _costing(session, ratio, ratio.smallest)
    answer = session.minimise(ratio.bottom, ratio.bottom_scale, ratio.bottom_of, problem=problem, options=Options(gap=0.01))
    least = max(ratio.smallest, answer.bound) if answer.found else ratio.smallest
    return replace(ratio, least=least * 0.999999)


def _why_no_ratio(session: Session, question: Question, ratio: _Ratio) -> str:
    """Either nothing at all keeps the rules, or nothing of it costs anything."""
    if session.minimise(ratio.bottom, ratio.bottom_scale, ratio.bottom_of).found:
        words = [word for word in why_nothing(session) if word.startswith("Nothing is affordable")]
        words.append(
            f"No portfolio that keeps the rules costs a {question.per} krona, so there is no ratio. "
            f"Raise the budgets, or ask for a minimum of {question.measure}."
        )
        return " ".join(words)
    return why_infeasible(session, question)


def _pays(session: Session, kind: str) -> bool:
    measure = Measure("net_cost", "net_cost", f"kind:{kind}")
    return measure_terms(measure, session.inputs, session.compiled.frame.cells).largest > 0


def _cost_of_one(session: Session, terms: Terms) -> Floats:
    """Net cost of one unit (or of the smallest step) of each cell, for each year in which it may start."""
    cells, effect = session.compiled.frame.cells, session.inputs["effect"].values
    running = np.einsum("cuy,cy->cu", effect[cells.shift], terms.on_stock)
    each = (terms.on_new + running) * np.where(cells.whole | cells.counted, 1.0, cells.scale * 1e-3)[:, None]
    return np.asarray(each[cells.may_start], dtype=float)


def _free(session: Session, question: Question, ratio: _Ratio) -> Answer | None:
    """The most impact among portfolios that cost nothing or less; None when that is no impact."""
    row = session.compiled.cost_of(ratio.bottom, ratio.bottom_scale)
    problem = session.problem.with_row(row, high=-ratio.bottom.constant / ratio.bottom_scale)
    answer = session.minimise(ratio.top * -1.0, ratio.top_scale, lambda data: -ratio.top_of(data), problem=problem)
    gives = answer.data is not None and -answer.value > 1e-9 * max(1.0, ratio.top.largest)
    return answer if gives else None


def _pays_for_itself(plan: Plan, session: Session, question: Question, answer: Answer) -> Portfolio:
    data = answer.data
    assert data is not None
    measure = session.terms(question.measure)[0]
    kind = question.per
    note = (
        f"These shifts cost no {kind} krona in the end, so there is no {question.measure} per krona to rank. "
        f"Ask for more than {-answer.value:,.6g} {measure.unit} (minimum) to see what the next kronor give."
    )
    value, bound = -answer.value, -answer.bound
    return Portfolio(
        plan=plan,
        dataset=data,
        status="pays_for_itself",
        objective_name=f"maximise {question.measure} at no {kind} krona",
        objective=value,
        objective_unit=measure.unit,
        bound=bound,
        gap=abs(bound - value) / abs(value),
        notes=(note,),
        binding=what_binds(session.inputs, data),
    )


def _relaxed(session: Session, ratio: _Ratio, problem: Problem) -> float | None:
    """The Charnes-Cooper bound in base units; None when nothing is feasible."""
    top = session.compiled.cost_of(ratio.top, ratio.top_scale)
    bottom = session.compiled.cost_of(ratio.bottom, ratio.bottom_scale)
    best = charnes_cooper(
        problem, (top, ratio.top.constant / ratio.top_scale), (bottom, ratio.bottom.constant / ratio.bottom_scale), session.time_left()
    )
    return None if best is None else best * ratio.top_scale / ratio.bottom_scale


def charnes_cooper(problem: Problem, top: tuple[Floats, float], bottom: tuple[Floats, float], seconds: float = np.inf) -> float | None:
    """Best ratio of two linear expressions over the linear relaxation of a problem (Charnes & Cooper 1962).

    With y = t·x and t = 1/D(x): maximise ``N·y + n t`` subject to ``D·y + d t = 1`` and the rows and bounds times t.

    Parameters
    ----------
    problem : Problem
        D must be above 0 on all of it.
    top, bottom : (coefficients, constant)
    seconds : float
        Time limit.

    Returns
    -------
    float or None
        None when the problem has no solution; infinite when the time was up.
    """
    columns = problem.columns
    sides = []
    for value, which in ((problem.row_high, "high"), (problem.row_low, "low")):
        rows = np.flatnonzero(np.isfinite(value))
        sides.append((rows, value[rows], which))
    starts, index, values, high = [0], [], [], []
    for rows, value, which in sides:
        sign = 1.0 if which == "high" else -1.0
        for row, limit in zip(rows, value, strict=True):
            place = slice(problem.start[row], problem.start[row + 1])
            index.append(np.append(problem.index[place], columns))
            values.append(sign * np.append(problem.value[place], -limit))
            starts.append(starts[-1] + len(index[-1]))
            high.append(0.0)
    for bound, sign in ((problem.high, 1.0), (problem.low, -1.0)):
        for column in np.flatnonzero(np.isfinite(bound) & ((sign > 0) | (bound != 0))):
            index.append(np.array([column, columns]))
            values.append(sign * np.array([1.0, -bound[column]]))
            starts.append(starts[-1] + 2)
            high.append(0.0)
    index.append(np.append(np.flatnonzero(bottom[0]), columns))
    values.append(np.append(bottom[0][np.flatnonzero(bottom[0])], bottom[1]))
    starts.append(starts[-1] + len(index[-1]))
    low = np.append(np.full(len(high), -np.inf), 1.0)
    flat = np.concatenate(values)
    kept = np.flatnonzero(flat)
    counts = np.diff(np.searchsorted(kept, starts))
    relaxed = Problem(
        start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        index=np.concatenate(index)[kept].astype(np.int32),
        value=flat[kept],
        row_low=low,
        row_high=np.append(np.array(high), 1.0),
        low=np.append(np.where(problem.low >= 0, 0.0, -np.inf), 0.0),
        high=np.full(columns + 1, np.inf),
        integer=np.zeros(columns + 1, dtype=bool),
        cost=-np.append(top[0], top[1]),
    )
    solution = solve(relaxed, Options(time_limit=seconds))
    if solution.status == "infeasible":
        return None
    return math.inf if solution.x is None or solution.status != "optimal" else -solution.objective


def _search(plan: Plan, session: Session, question: Question, ratio: _Ratio, problem: Problem, start: float) -> Portfolio:
    gap = session.limits.gap
    upper, lower = start, -math.inf
    guess = start if math.isfinite(start) else 0.0
    best: Answer | None = None
    status: Status = "optimal"
    for _ in range(_MOST_STEPS):
        answer = _step(session, ratio, problem, guess, gap * abs(guess) * ratio.least)
        if answer.data is None:
            status = "feasible" if best else ("infeasible" if answer.solution.status == "infeasible" else "no_solution")
            break
        most = -answer.bound
        upper = min(upper, guess + (most / ratio.least if most > 0 else 0.0))
        value = ratio.top_of(answer.data) / ratio.bottom_of(answer.data)
        if value > lower:
            lower, best = value, answer
        if upper - lower <= max(gap, 1e-9) * abs(lower) or session.time_left() <= 0 or session.stopped:
            break
        if guess == lower:
            break
        guess = lower
    if best is None or best.data is None:
        late = "No portfolio was found in time. Give it more time (time_limit)."
        reason = why_infeasible(session, question) if status == "infeasible" else late
        return _none(plan, session, question, status, reason)
    nothing = 1e-9 * ratio.top.largest / ratio.least
    final = abs(upper - lower) / abs(lower) if lower else (0.0 if upper <= nothing else math.inf)
    # at Dinkelbach's fixed point nothing is left to search: what is between the bounds is the tolerance of the solver (§32)
    settled = guess == lower and answer.solution.status == "optimal" and final <= AGREEMENT
    status = "optimal" if settled or final <= max(gap, 1e-9) * 1.000001 else ("interrupted" if session.stopped else "feasible")
    measure = session.terms(question.measure)[0]
    return Portfolio(
        plan=plan,
        dataset=best.data,
        status=status,
        objective_name=question.name,
        objective=lower,
        objective_unit=f"{measure.unit}/{session.inputs.attrs['currency']}",
        bound=upper,
        gap=final,
        reason="" if status == "optimal" else "The time was up before the proof was complete.",
        notes=_no_volume(question),
        binding=what_binds(session.inputs, best.data),
    )


def _no_volume(question: Question) -> tuple[str, ...]:
    if question.minimum:
        return ()
    return ('A ratio alone picks the smallest, best shift. Give a minimum volume to see a plan: minimum={"reduction": …}.',)


def _step(session: Session, ratio: _Ratio, problem: Problem, guess: float, absolute: float) -> Answer:
    """Maximise N - q·D; the answer's value is of the minimised q·D - N."""
    terms = ratio.top * -1.0 + ratio.bottom * guess
    scale = ratio.top_scale
    options = Options(gap=0.0, absolute_gap=max(absolute, 0.0) * 0.5)
    return session.minimise(terms, scale, lambda data: guess * ratio.bottom_of(data) - ratio.top_of(data), problem=problem, options=options)


def _none(plan: Plan, session: Session, question: Question, status: Status, reason: str) -> Portfolio:
    nothing = count(session.inputs, np.zeros((*session.inputs["located"].shape, session.inputs.sizes["start"])))
    return Portfolio(plan=plan, dataset=nothing, status=status, objective_name=question.name, reason=reason)
