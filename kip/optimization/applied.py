"""Grants that the objective does not decide: everybody applies for what can be had."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kip.errors import SolveError
from kip.optimization.kernel import Options
from kip.optimization.question import Question
from kip.optimization.session import Answer, Session

__all__ = ["most_grants"]


def most_grants(session: Session, question: Question, first: Answer) -> Answer:
    """The same decisions and the same objective, with the most grants that the rules allow.

    Where money is not short, the solver has no reason to ask for a grant, and gives any sum. A plan is read as a list of
    applications, so the decisions are held and one linear problem asks for the most.
    """
    if session.inputs.sizes["funding"] == 0 or first.solution.x is None or first.data is None or session.stopped:
        return first
    compiled, x = session.compiled, first.solution.x
    columns = compiled.new[compiled.new >= 0]
    low, high = session.problem.low.copy(), session.problem.high.copy()
    new = first.data["new"].values[compiled.frame.cells.shift, compiled.frame.cells.place] / compiled.frame.cells.scale[:, None]
    low[columns] = high[columns] = new[compiled.new >= 0]
    _, objective, scale = session.terms(question.measure)
    row = compiled.cost_of(objective * question.sign, scale)
    held = first.value - (objective * question.sign).constant
    # in steps a thousand times finer, so that the solver's tolerance does not eat into the objective
    fine = 1000.0 / scale
    problem = replace(session.problem, low=low, high=high).with_row(row * 1000.0, high=held * fine + 1e-9 * max(1.0, abs(held * fine)))
    _, grants, step = session.terms("grants")
    try:
        answer = session.minimise(grants * -1.0, step, lambda data: -session.exact("grants")(data), problem, Options(gap=1e-6))
    except SolveError:
        return first
    if answer.data is None:
        return first
    value = question.sign * session.exact(question.measure)(answer.data)
    worse = value > first.value + 1e-8 * max(1.0, abs(first.value))
    same = np.array_equal(answer.data["new"].values, first.data["new"].values)
    return Answer(replace(first.solution, x=x), value, first.bound, answer.new, answer.data) if same and not worse else first
