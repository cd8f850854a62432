"""The smallest set of named rules that cannot be kept together: a deletion filter over groups of rows, each with a sentence.

A group is what a planner can move: the budget of an actor, a goal, a required shift, a relation. Each is taken away for good when
the rest still cannot be kept; what is left clashes, and without any one of it the others can be kept. A linear relaxation that cannot be
kept is proof enough; only where it can is the problem itself solved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kip.optimization.constraints import CONSTRAINTS
from kip.optimization.goals import Goal
from kip.optimization.kernel import Options, conflicting_rows, solve
from kip.optimization.problem import Problem
from kip.optimization.session import Session
from kip.views.labels import Language

__all__ = ["Group", "conflict_in_rows", "groups_of", "possible", "smallest_clash", "without_rows"]

_SECONDS = 10.0
"""Time for each look."""
_FAIR = ("fair_share", "fair_floor", "fair_spread", "fair_gini", "fair_sen")


@dataclass(frozen=True)
class Group:
    """Rows, and columns whose upper bound is lifted, under one name."""

    kind: str
    sentence: str
    rows: tuple[int, ...] = ()
    lifted: tuple[tuple[int, float], ...] = ()

    def off(self, problem: Problem) -> Problem:
        """The problem without the group."""
        problem = without_rows(problem, self.rows)
        if not self.lifted:
            return problem
        high = problem.high.copy()
        for column, bound in self.lifted:
            high[column] = bound
        return replace(problem, high=high)


def without_rows(problem: Problem, rows: Iterable[int]) -> Problem:
    """The problem with some rows that limit nothing."""
    low, high = problem.row_low.copy(), problem.row_high.copy()
    which = list(rows)
    low[which], high[which] = -np.inf, np.inf
    return replace(problem, row_low=low, row_high=high)


def possible(session: Session, problem: Problem, seconds: float = _SECONDS) -> bool | None:
    """Whether anything keeps all rows; None when the time was not enough to know. The relaxation is asked first."""
    problem = problem.with_cost(np.zeros(problem.columns))
    for asked in (replace(problem, integer=np.zeros(problem.columns, dtype=bool)), problem):
        limits = Options(gap=1.0, time_limit=min(seconds, session.time_left()), seed=session.limits.seed, stop=session.stop)
        solution = solve(asked, limits)
        session.solves += 1
        session.stopped = session.stopped or solution.status == "interrupted"
        if solution.status == "infeasible":
            return False
        if solution.x is None:
            return None
    return True


def groups_of(session: Session, goals: tuple[Goal, ...], goal_rows: list[int], forbidden: Iterable[str], say: Language) -> list[Group]:
    """Every rule that has a name, those that a planner moves most easily last: they are the last to be taken away."""
    inputs, compiled = session.inputs, session.compiled
    titles = dict(zip(map(str, inputs["shift"].values), map(str, inputs["title"].values), strict=True))
    found: dict[tuple[str, Any], tuple[str, list[int]]] = {}

    def add(kind: str, key: Any, sentence: str, row: int) -> None:
        found.setdefault((kind, key), (sentence, []))[1].append(row)

    for row, (rule, index) in enumerate(compiled.rows):
        if rule == "unlocked":
            add(rule, index[0], say("clash unlocked", shift=titles[index[0]]), row)
        elif rule in {"requires", "requires_any"}:
            others = say("why or").join(titles.get(name, name) for name in str(index[2]).split("|"))
            add("requires", (index[0], index[2]), say("clash requires", shift=titles[index[0]], other=others), row)
        elif rule == "excludes":
            add(rule, (index[0], index[2]), say("clash excludes", shift=titles[index[0]], other=titles[index[2]]), row)
        elif rule == "ramp":
            add(rule, "", say("clash ramp"), row)
        elif rule == "resource":
            add(rule, index[0], say("clash resource", resource=index[0]), row)
        elif rule in _FAIR:
            name = str(index[0] if isinstance(index, tuple) else index)
            add("fairness", name, say("clash fairness", rule=name), row)
        elif rule == "budget":
            budget = list(map(str, inputs["budget"].values)).index(str(index[0]))
            kind = str(inputs["budget_kind"].values[budget])
            payer = str(inputs["actor_title"].values[inputs["budget_actor"].values[budget]])
            add(
                rule,
                index[0],
                say("clash rule", rule=say("binding budget" if kind == "all" else f"binding budget {kind}", payer=payer)),
                row,
            )
        elif rule == "required":
            add(rule, index[0], say("clash required", shift=titles[index[0]]), row)
        elif rule == "limit":
            wanted = session.question.minimum if index[1] == "minimum" else session.question.maximum
            unit = session.terms(str(index[0]))[0].unit
            text = say(
                f"reach at {'least' if index[1] == 'minimum' else 'most'}",
                measure=index[0],
                value=say.sized(wanted[index[0]], unit).strip(),
            )
            add(rule, index, say("clash limit", limit=text), row)
        elif rule not in CONSTRAINTS:
            add("own", rule, say("clash own", rule=rule), row)
    groups = [Group(kind, sentence, tuple(rows)) for (kind, _), (sentence, rows) in found.items()]
    groups = [replace(group, lifted=_paces(session)) if group.kind == "ramp" else group for group in groups]
    for name in forbidden:
        columns = [
            int(column) for cell, (shift, _) in enumerate(compiled.frame.cells.names) if shift == name for column in compiled.new[cell]
        ]
        lifted = tuple((column, float(compiled.problem.high[column])) for column in columns if column >= 0)
        groups.append(Group("forbidden", say("clash forbidden", shift=titles[name]), (), lifted))
    groups += [Group("goal", say("clash goal", goal=goal.label), (row,)) for goal, row in zip(goals, goal_rows, strict=True)]
    order = ("own", "unlocked", "excludes", "ramp", "resource", "fairness", "requires", "forbidden", "budget", "required", "limit", "goal")
    return sorted(groups, key=lambda group: order.index(group.kind))


def _paces(session: Session) -> tuple[tuple[int, float], ...]:
    """Starts that a pace bounds by themselves, with what the potential alone would allow."""
    compiled = session.compiled
    cells = compiled.frame.cells
    most = cells.potential.max(axis=1, initial=0.0) / cells.scale
    paced = np.isfinite(session.inputs["ramp"].values[cells.shift]).all(axis=1) & ~cells.whole
    return tuple((int(column), float(most[cell])) for cell in np.flatnonzero(paced) for column in compiled.new[cell] if column >= 0)


def smallest_clash(session: Session, problem: Problem, groups: list[Group]) -> tuple[list[Group], bool]:
    """Groups that cannot be kept together, none of which can be spared; and whether every look had time enough.

    `problem` is known to be impossible. A look without an answer keeps its group.
    """
    kept, proven = list(groups), True
    position = 0
    while position < len(kept) and not session.stopped and session.time_left() > 0:
        trial = kept[position].off(problem)
        answer = possible(session, trial)
        if answer is False:
            problem = trial
            del kept[position]
        else:
            proven = proven and answer is True
            position += 1
    return kept, proven and position >= len(kept)


def conflict_in_rows(session: Session, problem: Problem, names: list[str]) -> tuple[str, ...]:
    """Names of the rows of an irreducible set that no portfolio keeps, from the solver; for those who read formulations."""
    rows = conflicting_rows(problem, min(_SECONDS, session.time_left()))
    labels = [f"{rule}{list(index) if isinstance(index, tuple) else [index]}" for rule, index in session.compiled.rows]
    labels += [names[row - len(labels)] if row - len(labels) < len(names) else f"row {row}" for row in range(len(labels), problem.rows)]
    return tuple(labels[row] for row in rows)
