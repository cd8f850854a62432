"""When fairness rules are why there is no portfolio: which one, and how much of it can be reached."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kip.accounting.fairness import fairness_rule
from kip.errors import figure
from kip.optimization.fairness import smallest_gain
from kip.optimization.kernel import Options, solve
from kip.optimization.problem import Problem
from kip.optimization.session import Session

__all__ = ["too_fair"]

_SECONDS = 10.0
_LIMITS = ("fair_share", "fair_floor", "fair_spread", "fair_gini", "fair_sen")
_MOST_RULES = 10


def too_fair(session: Session) -> list[str]:
    """Sentences about the fairness rules without which there is a portfolio; none when they are not the reason."""
    names = list(map(str, session.inputs["fairness"].values))
    limited = [name for name in names if _rows(session, {name})]
    for name in limited[:_MOST_RULES]:
        loose = _loosened(session, {name})
        if _feasible(loose):
            row = names.index(name)
            most, unit = _most(session, loose, row), fairness_rule(session.inputs, row).unit
            unit = {"1": "", "1/person": "for each"}.get(unit, unit)
            reached = f"at most {figure(most)} {unit}".rstrip() + " can be reached" if most is not None else "it cannot be kept"
            asked = f"{figure(float(session.inputs['fairness_amount'].values[row]))} {unit}".rstrip()
            return [f'The fairness rule "{name}" asks for {asked}, and with the other limits {reached}. Change its amount.']
    if len(limited) > 1 and _feasible(_loosened(session, set(limited))):
        return [f"The fairness rules {', '.join(limited)} cannot be kept together. Change their amounts."]
    return []


def _rows(session: Session, names: set[str]) -> list[int]:
    """Rows of the limits of some rules."""
    return [
        row
        for row, (constraint, index) in enumerate(session.compiled.rows)
        if constraint in _LIMITS and str(index[0] if isinstance(index, tuple) else index) in names
    ]


def _loosened(session: Session, names: set[str]) -> Problem:
    rows = _rows(session, names)
    low, high = session.problem.row_low.copy(), session.problem.row_high.copy()
    low[rows], high[rows] = -np.inf, np.inf
    return replace(session.problem, row_low=low, row_high=high)


def _feasible(problem: Problem) -> bool:
    loose = problem.with_cost(np.zeros(problem.columns))
    return solve(loose, Options(gap=1.0, time_limit=_SECONDS)).x is not None


def _most(session: Session, problem: Problem, row: int) -> float | None:
    """The largest smallest gain, for a floor; None when it cannot be found."""
    if fairness_rule(session.inputs, row).kind != "floor":
        return None
    terms = smallest_gain(row, session.inputs, session.compiled.frame.cells)
    solution = solve(problem.with_cost(session.compiled.cost_of(terms * -1.0, 1.0)), Options(gap=1e-6, time_limit=_SECONDS))
    return None if solution.x is None else -solution.objective
