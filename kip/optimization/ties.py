"""Equal answers: the cheaper one, then the one that removes more, then the earlier one (§11), when a second look is cheap."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.errors import SolveError
from kip.optimization.kernel import Options, solve
from kip.optimization.question import Question
from kip.optimization.session import Answer, Session
from kip.optimization.terms import Terms

__all__ = ["second_look"]

_MOST_INTEGERS = 300
_MOST_SECONDS = 1.0
_SAME = 1e-9


def second_look(session: Session, question: Question, first: Answer) -> tuple[Answer, list[str]]:
    """The cheapest, then strongest, then earliest portfolio as good as the first; and a note when there are several.

    Only for an answer proven without a gap, from a problem that is small and was quick.
    """
    proven = first.solution.status == "optimal" and abs(first.bound - first.value) <= _SAME * max(1.0, abs(first.value))
    small = int(session.problem.integer.sum()) <= _MOST_INTEGERS and first.solution.seconds <= _MOST_SECONDS
    if not (proven and small and session.problem.integer.any()) or session.stopped or session.time_left() < 1.0:
        return first, []
    best = first
    notes: list[str] = []
    _, objective, scale = session.terms(question.measure)
    row = session.compiled.cost_of(objective * question.sign, scale)
    constant = (objective * question.sign).constant
    problem = session.problem.with_row(row, high=_above((first.value - constant) / scale))
    for terms, step, exact in _wishes(session):
        try:
            answer = session.minimise(terms, step, exact, problem=problem, options=Options(gap=0.0, time_limit=_MOST_SECONDS))
        except SolveError:
            # the row that holds the objective leaves no room beside the solver's tolerance; the first answer stands
            break
        if answer.data is None or best.data is None:
            break
        value = question.sign * session.exact(question.measure)(answer.data)
        if value > first.value + _SAME * max(1.0, abs(first.value)):
            break
        if not np.array_equal(answer.data["new"].values, best.data["new"].values) and not notes:
            notes = [_SEVERAL]
        best = Answer(first.solution, value, first.bound, answer.new, answer.data)
        problem = problem.with_row(session.compiled.cost_of(terms, step), high=_above((answer.value - terms.constant) / step))
    return best, notes or _another(session, row, first, constant, scale)


_SEVERAL = "The optimum is not unique: among equals, the cheapest, then the one that removes most, then the earliest is shown."


def _another(session: Session, row: NDArray[np.float64], first: Answer, constant: float, scale: float) -> list[str]:
    """A note when other whole decisions are as good: one more solve, with the first ones cut off."""
    if first.solution.x is None or session.time_left() < 1.0 or session.tangents.needed:
        # one solve says nothing where tangents are missing: what looks as good may not be
        return []
    problem = session.cut_off(session.problem, first.solution.x)
    if problem is None:
        return []
    options = Options(gap=0.0, time_limit=_MOST_SECONDS)
    solution = solve(problem.with_cost(row), options)
    same = solution.x is not None and solution.objective * scale + constant <= first.value + _SAME * max(1.0, abs(first.value))
    return [_SEVERAL] if same else []


def _above(value: float) -> float:
    return value + 1e-9 * max(1.0, abs(value))


def _wishes(session: Session) -> list[tuple[Terms, float, Callable[[xr.Dataset], float]]]:
    """First the least cash, then the largest reduction, then the earliest starts."""
    _, cost, scale = session.terms("cost")
    _, reduction, tonnes = session.terms("reduction")
    removed = session.exact("reduction")
    cells = session.compiled.frame.cells
    order = np.arange(cells.shape[1], dtype=float)[None, :] * cells.whole[:, None]
    early = Terms(order, np.zeros(cells.shape))

    def lateness(data: xr.Dataset) -> float:
        new = data["new"].values[cells.shift, cells.place]
        return float((new * order).sum())

    return [(cost, scale, session.exact("cost")), (reduction * -1.0, tonnes, lambda data: -removed(data)), (early, 1.0, lateness)]
