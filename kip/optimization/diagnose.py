"""Why there is no portfolio, or an empty one, in words: arithmetic first, then the nearest thing that can be reached."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kip.errors import figure
from kip.optimization.constraints import CONSTRAINTS
from kip.optimization.decided import clashes_of_decided
from kip.optimization.extended import elastic
from kip.optimization.kernel import Options, solve
from kip.optimization.problem import Problem
from kip.optimization.question import Question
from kip.optimization.session import Session
from kip.optimization.too_fair import too_fair

__all__ = ["why_infeasible", "why_nothing"]

_MOST_RULES = 10
_SECONDS = 10.0
"""Time for each look at what could be reached instead."""


def why_infeasible(session: Session, question: Question) -> str:
    """Sentences that say which limits clash and by how much."""
    found = _over_budget(session)
    if not found:
        found = _decided(session)
    if not found:
        found = _clashes(session, question)
    if not found:
        found = _too_much_granted(session, question)
    if not found:
        found = _out_of_reach(session, question)
    if not found:
        found = too_fair(session)
    if not found:
        found = _own_constraints(session)
    if not found:
        found = _named_clash(session, question)
    if not found:
        found = [
            "The required shifts, the limits and the rules of the plan contradict each other. "
            "Take away one of minimum, maximum, require or your own constraints and ask again."
        ]
    return " ".join(found)


def _named_clash(session: Session, question: Question) -> list[str]:
    """The smallest set of named rules that cannot be kept together, when the time is enough to find it."""
    from kip.optimization.clash import groups_of, possible, smallest_clash
    from kip.views.labels import Language

    if possible(session, session.problem) is not False:
        return []
    groups, proven = smallest_clash(session, session.problem, groups_of(session, (), [], question.forbid, Language("en")))
    if not groups or not proven:
        return []
    return ["These cannot be kept together: " + " ".join(group.sentence for group in groups) + " Let one of them go, and ask again."]


def _decided(session: Session) -> list[str]:
    """Rules that what is decided breaks, where nothing that is still open could mend it, whatever is asked for."""
    if not session.inputs["decided"].values.any():
        return []
    problem = session.compiled.problem
    rows = [row for row, (rule, _) in enumerate(session.compiled.rows) if rule in {"limit", "required"}]
    low, high = problem.row_low.copy(), problem.row_high.copy()
    low[rows], high[rows] = -np.inf, np.inf
    loose = replace(problem, row_low=low, row_high=high, cost=np.zeros(problem.columns))
    if solve(loose, Options(gap=1.0, time_limit=_SECONDS)).x is not None:
        return []
    return clashes_of_decided(session.inputs)


def _too_much_granted(session: Session, question: Question) -> list[str]:
    """Grants that are decided for what is required, but that no start year has the money and the rules for."""
    frame, inputs = session.compiled.frame, session.inputs
    if not frame.grant.size:
        return []
    words, names = [], list(map(str, inputs["shift"].values))
    granted, currency = inputs["funding_granted"].values, inputs.attrs["currency"]
    for row, shift in np.argwhere(granted > 0):
        most = sum(
            max((sum(item.ub for item in column if item is not None) for column in frame.grant[row, cell].T), default=0.0)
            for cell in frame.cells.of(int(shift))
        )
        if names[shift] in question.require and most * frame.scales.fine < granted[row, shift] - 0.5:
            words.append(
                f'"{names[shift]}" is required, and {granted[row, shift]:,.0f} {currency} from {inputs["funding"].values[row]} '
                f"are granted to it, but at most {most * frame.scales.fine:,.0f} can be had in the year in which it starts. "
                "Raise the pot or the cap, or lower the grant."
            )
    return words


def _clashes(session: Session, question: Question) -> list[str]:
    """Required shifts that exclude each other, or that nothing can open."""
    inputs = session.inputs
    names = list(map(str, inputs["shift"].values))
    kinds, subject, other = (inputs[f"relation_{part}"].values for part in ("kind", "from", "to"))
    required = {names.index(name) for name in question.require}
    needed = set(required)
    for _ in range(len(names)):
        more = {int(two) for kind, one, two in zip(kinds, subject, other, strict=True) if kind == "requires" and one in needed}
        if more <= needed:
            break
        needed |= more
    words = [
        f'"{names[one]}" and "{names[two]}" are both needed by what is required, but they exclude each other. Require only one of them.'
        for kind, one, two in zip(kinds, subject, other, strict=True)
        if kind == "excludes" and {int(one), int(two)} <= needed
    ]
    for shift in sorted(needed):
        by = inputs["opening_by"].values[inputs["opening_of"].values == shift]
        allowed = [int(row) for row in by if names[int(row)] not in question.forbid]
        shares = [float(inputs["opening_share"].values[place]) for place, of in enumerate(inputs["opening_of"].values) if of == shift]
        most = float(inputs["open"].values[shift]) + (sum(shares) if allowed else 0.0)
        if most < 1 and inputs["choice"].values[shift] == "whole":
            words.append(
                f'"{names[shift]}" is required, but at most {100 * most:.3g} % of it can be opened by enablers. '
                'Add an enabler that opens the rest, allow it, or raise "open".'
            )
    return words


def _own_constraints(session: Session) -> list[str]:
    """Constraints that are not kip's own and without which there is a portfolio."""
    rows = [(row, name) for row, (name, _) in enumerate(session.compiled.rows) if name not in CONSTRAINTS]
    names = list(dict.fromkeys(name for _, name in rows))[:_MOST_RULES]
    words = []
    for name in names:
        low, high = session.problem.row_low.copy(), session.problem.row_high.copy()
        which = [row for row, other in rows if other == name]
        low[which], high[which] = -np.inf, np.inf
        loose = replace(session.problem, row_low=low, row_high=high, cost=np.zeros(session.problem.columns))
        if solve(loose, Options(gap=1.0, time_limit=_SECONDS)).x is not None:
            words.append(f"Without your own constraint {name} there is a portfolio. Loosen it.")
    return words


def _over_budget(session: Session) -> list[str]:
    """The least money that is missing, budget by budget, with everything else as asked."""
    problem = session.problem
    rules = session.compiled.rows
    rows = [row for row, (rule, _) in enumerate(rules) if rule == "budget"]
    if not rows:
        return []
    missing = _elastic(problem, rows)
    if missing is None:
        return []
    money, currency = session.compiled.frame.scales.money, session.inputs.attrs["currency"]
    needs = [(str(rules[row][1][0]), str(rules[row][1][1]), short * money) for row, short in zip(rows, missing, strict=True)]
    needs = [need for need in needs if need[2] > 0.5]
    if not needs:
        return []
    words = [f"{name} {'in total' if when == 'total' else 'in ' + when}: {short:,.0f} {currency}" for name, when, short in needs[:6]]
    more = f" and {len(needs) - 6} more" if len(needs) > 6 else ""
    if session.inputs["decided"].values.any():
        asked = session.question.require or session.question.minimum
        return [
            f"What is decided{' and asked for' if asked else ''} costs more than the budgets allow. "
            f"Least money missing: {'; '.join(words)}{more}. Raise the budget, or change what is decided."
        ]
    return [
        f"What is asked for costs more than the budgets allow. Least money missing: {'; '.join(words)}{more}. "
        f"Raise the budget, or ask for less (require, minimum{', fairness' if session.inputs.sizes['fairness'] else ''})."
    ]


def _elastic(problem: Problem, rows: list[int]) -> np.ndarray | None:
    """Least sum of overruns of some rows, as an array; None when that is not enough to make the rest fit."""
    solution = solve(elastic(problem, rows), Options(gap=1e-6, time_limit=_SECONDS))
    return None if solution.x is None else solution.x[problem.columns :]


def _out_of_reach(session: Session, question: Question) -> list[str]:
    """For each minimum and maximum: how far one can get with the other limits kept."""
    words = []
    for limits, is_minimum in ((question.minimum, True), (question.maximum, False)):
        for name, asked in limits.items():
            rest = {key: value for key, value in limits.items() if key != name}
            others = replace(question, minimum=rest) if is_minimum else replace(question, maximum=rest)
            reached = _extreme(session, others, name, is_minimum)
            if reached is None:
                continue
            unit = session.terms(name)[0].unit
            if is_minimum and reached < asked:
                words.append(f"{name}: at most {figure(reached)} {unit} can be reached, {figure(asked)} were asked for. Lower the minimum.")
            if not is_minimum and reached > asked:
                words.append(f"{name}: at least {figure(reached)} {unit} are needed, {figure(asked)} were allowed. Raise the maximum.")
    return words


def _extreme(session: Session, question: Question, name: str, largest: bool) -> float | None:
    """Largest or smallest value of a measure without its own limit; None when even that cannot be solved."""
    from kip.optimization.imposed import impose

    problem = impose_without_limits(session)
    compiled = session.compiled
    kept = compiled.problem
    compiled.problem = problem
    try:
        problem, _ = impose(compiled, question)
    finally:
        compiled.problem = kept
    _, terms, scale = session.terms(name)
    sign = -1.0 if largest else 1.0
    solution = solve(problem.with_cost(compiled.cost_of(terms * sign, scale)), Options(gap=0.0, time_limit=_SECONDS))
    return None if solution.x is None else sign * solution.objective * scale + terms.constant


def impose_without_limits(session: Session) -> Problem:
    """The compiled problem with the rows of minimum and maximum taken off."""
    problem = session.compiled.problem
    rows = [row for row, (rule, _) in enumerate(session.compiled.rows) if rule == "limit"]
    low, high = problem.row_low.copy(), problem.row_high.copy()
    low[rows], high[rows] = -np.inf, np.inf
    return replace(problem, row_low=low, row_high=high)


def why_nothing(session: Session) -> list[str]:
    """A note for an empty portfolio: is there anything that the budgets can pay?"""
    inputs = session.inputs
    currency = inputs.attrs["currency"]
    words = []
    whole = (inputs["choice"].values != "share") & inputs["may_start"].values.any(axis=1)
    for row, name in enumerate(map(str, inputs["budget"].values)):
        actor = int(inputs["budget_actor"].values[row])
        price = inputs["capex"].values[:, actor].min(axis=1)
        paying = whole & (price > 0)
        most = inputs["budget_amount"].values[row]
        most = float(most.sum() if inputs["budget_total"].values[row] or inputs["budget_carry"].values[row] else most.max(initial=0.0))
        if paying.any() and price[paying].min() > most:
            cheapest = str(inputs["shift"].values[paying][np.argmin(price[paying])])
            words.append(
                f"Nothing is affordable: the cheapest that {name} pays for is {cheapest} at {price[paying].min():,.0f} {currency}, "
                f"the budget is {most:,.0f} {currency}. Raise the budget or add a smaller shift."
            )
    return words or ["Nothing is started: no portfolio does better than doing nothing."]
