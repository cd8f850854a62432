"""One scenario, exactly: the plan rebuilt, solved under its question, and counted. Slow, and right for every plan.

What the fast road is checked against, and what takes over where it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.inputs import build_inputs
from kip.accounting.measures import Measure, parse_measure
from kip.errors import SolveError
from kip.model import Plan
from kip.optimization.applied import most_grants
from kip.optimization.asked import ask
from kip.optimization.question import Limits, Question
from kip.optimization.ratio import best_ratio
from kip.optimization.session import Answer
from kip.optimization.solve import relative_gap, targets_first
from kip.optimization.study import Study, begin_study
from kip.sweeps.answers import NO_PLAN, Answered, invalid, levels
from kip.sweeps.asked_measures import values_of

__all__ = ["NO_PORTFOLIO", "TOO_LATE", "WITHOUT_END", "answer_exactly", "natural", "within"]

Floats: TypeAlias = NDArray[np.float64]

NO_PORTFOLIO = "No portfolio keeps all rules with these numbers. kip.optimize(the plan of this scenario) says which ones clash."
TOO_LATE = "No portfolio was found in the time given. Give it more, or a larger gap."
WITHOUT_END = "The measure has no end with these numbers. Give the plan a budget, a potential or another limit."


def answer_exactly(
    plan: Plan, question: Question, limits: Limits, measures: Sequence[Measure], shifts: Sequence[str], begin: xr.Dataset | None = None
) -> Answered:
    """The best portfolio of a plan, counted exactly; never an exception.

    Parameters
    ----------
    plan : Plan
        Of the scenario.
    question : Question
        Its limits are numbers.
    measures : sequence of Measure
        What is written down.
    shifts : sequence of str
        Whose levels are written down; NaN for one that the scenario's plan does not have.
    begin : xarray.Dataset, optional
        A counted portfolio to start the search from.
    """
    size = len(measures), len(shifts)
    try:
        return _answer(plan, question, limits, measures, shifts, begin)
    except NO_PLAN as error:
        return invalid("invalid", str(error), *size)
    except SolveError as error:
        return invalid("failed", str(error), *size)
    except Exception as error:  # one scenario never ends a sweep
        return invalid("failed", f"{type(error).__name__}: {error}", *size)


def _answer(
    plan: Plan, question: Question, limits: Limits, measures: Sequence[Measure], shifts: Sequence[str], begin: xr.Dataset | None
) -> Answered:
    # the question was checked for the base plan; in this one a shift that is required may have nothing to act on
    ask(build_inputs(plan), question, question.minimum, question.maximum, question.require, question.forbid)
    study = begin_study(plan, question, limits)
    session, size = study.session, (len(measures), len(shifts))
    if question.per is not None:
        portfolio = best_ratio(plan, session, question)
        if not portfolio.found:
            status = "infeasible" if portfolio.status == "infeasible" else "time_limit"
            return invalid(status, portfolio.reason or NO_PORTFOLIO, *size)
        word = {"feasible": "time_limit", "interrupted": "interrupted"}.get(portfolio.status, "optimal")
        return _row(word, portfolio.dataset, measures, shifts, (portfolio.objective, portfolio.bound, portfolio.gap), portfolio.reason)
    if question.minimize is not None and session.inputs.sizes["target"] and question.measure not in {"shortfall", "emissions"}:
        targets_first(session)
    if session.stopped:
        return invalid("interrupted", "Stopped while the targets were sought.", *size)
    # what a similar plan decides and what the relaxation says agree on most; the relaxation is the proof where it is near enough
    start = _start(study, begin)
    answer = study.extreme(question.measure, -question.sign, begin=start, nearby=start is not None)
    if answer.data is None:
        status = {"unbounded": "unbounded", "infeasible": "infeasible", "interrupted": "interrupted"}.get(
            answer.solution.status, "time_limit"
        )
        return invalid(status, {"unbounded": WITHOUT_END, "infeasible": NO_PORTFOLIO}.get(status, TOO_LATE), *size)
    answer = most_grants(session, question, answer)
    value, bound, gap = natural(answer, question, session.terms(question.measure)[2])
    ended = answer.solution.status == "interrupted"
    status = "optimal" if gap <= within(limits.gap) else "interrupted" if ended else "time_limit"
    return _row(status, answer.data, measures, shifts, (value, bound, gap), "")


def natural(answer: Answer, question: Question, step: float) -> tuple[float, float, float]:
    """Value, bound and gap in natural orientation; a bound that the solver cannot tell from the value is the value."""
    least = answer.value if abs(answer.bound - answer.value) <= 1e-12 * step else answer.bound
    value, bound = question.sign * answer.value + 0.0, question.sign * least + 0.0
    return value, bound, relative_gap(value, bound)


def within(gap: float) -> float:
    """The gap asked for, and what rounding adds to one that is reached exactly."""
    return gap * (1.0 + 1e-6) + 1e-12


def _start(study: Study, begin: xr.Dataset | None) -> Floats | None:
    """Starting values from a portfolio of the same shape."""
    if begin is None or not study.session.problem.integer.any():
        return None
    inputs = study.inputs
    same = all(np.array_equal(begin[dim].values, inputs[dim].values) for dim in ("shift", "district", "year"))
    return study.begin(begin) if same else None


def _row(
    status: str,
    data: xr.Dataset | None,
    measures: Sequence[Measure],
    shifts: Sequence[str],
    proof: tuple[float, float, float],
    reason: str,
) -> Answered:
    if data is None:
        return invalid("failed", "the count is missing.", len(measures), len(shifts))
    # the scenario may have other indicators or actors: a name is read again, and what it lacks is said
    outcome = values_of([parse_measure(measure.name, data) for measure in measures], data)
    return Answered(status, outcome, levels(data, shifts), *proof, reason, data)
