"""A plan as an oracle for frontiers: any weighing of its objectives minimised, with ceilings on them, every answer counted exactly.

Objectives are minimised, each in its natural unit: what should be large is taken with a minus.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import gcd
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.measures import Measure
from kip.accounting.rules import MONEY_TOLERANCE, over_budget
from kip.optimization.budget_share import Share, needed_share, settled_share, share_terms, with_shares
from kip.optimization.compiled import Compiled, RowName
from kip.optimization.kernel import SMALL, Options, Solution
from kip.optimization.narrowing import narrowed
from kip.optimization.problem import Problem
from kip.optimization.question import Limits, Question
from kip.optimization.session import Answer, Session
from kip.optimization.terms import Terms
from kip.results.pareto import Objective

__all__ = ["Found", "PlanOracle", "plan_oracle"]

Floats: TypeAlias = NDArray[np.float64]

_RELATIVE = 1e-6
"""Totals that are nearer to each other than this share of the largest that one decision changes are the same (§59)."""


_FEW = 400
"""Whole columns up to which the solver's heuristics cost more than they give."""


@dataclass(frozen=True)
class Found:
    """An answer: status of the solver, the objectives (minimised, from the exact count; None when there is no portfolio), a bound on the
    weighted sum, and the columns.
    """

    status: str
    values: Any
    bound: float
    x: Floats | None = None
    weights: Floats | None = None


@dataclass(frozen=True)
class _Row:
    """An objective, minimised: its coefficients, its row of the problem, the scale of both, how it is counted, and its step."""

    objective: Objective
    terms: Terms
    scale: float
    row: Floats
    exact: Callable[[xr.Dataset], float]
    step: float
    lattice: bool


class _Once:
    """A measure of a count, read once: it is asked for by the objective, the ceilings and the point."""

    def __init__(self, count: Callable[[xr.Dataset], float], sign: float) -> None:
        self.count, self.sign = count, sign
        self.last: tuple[xr.Dataset, float] | None = None

    def __call__(self, data: xr.Dataset) -> float:
        last = self.last
        if last is None or last[0] is not data:
            last = self.last = (data, self.sign * self.count(data))
        return last[1]


class FrontierSession(Session):
    """A session that knows shares of budgets, and holds ceilings to the step of their objective as it holds budgets to the krona (§12)."""

    def __init__(self, compiled: Compiled, inputs: xr.Dataset, limits: Limits, question: Question, shares: tuple[Share, ...]) -> None:
        super().__init__(compiled, inputs, limits, question)
        self.shares = shares
        self.ceilings: dict[int, tuple[str, Callable[[xr.Dataset], float], float, float]] = {}
        """By row of the problem: name, how it is counted, the ceiling, and how far above it still counts as on it."""

    def clone(self) -> FrontierSession:
        """For another thread."""
        other = FrontierSession(self.compiled, self.inputs, self.limits, self.question, self.shares)
        other.problem, other.began, other.stop = self.problem, self.began, self.stop
        other.tangents.warmed = self.tangents.warmed
        return other

    def share(self, name: str) -> Share | None:
        """The share of budgets of that name."""
        return next((share for share in self.shares if share.name == name), None)

    def terms(self, name: str) -> tuple[Measure, Terms, float]:
        """As in every session; shares of budgets have terms too."""
        share = self.share(name)
        if share is None:
            return super().terms(name)
        measure = Measure(name, "budget", name.partition(".")[2], unit=str(self.inputs.attrs["currency"]))
        return measure, share_terms(share, self.compiled), self.compiled.frame.scales.money

    def exact(self, name: str) -> Callable[[xr.Dataset], float]:
        """As in every session; what is needed of a budget is counted."""
        share = self.share(name)
        return super().exact(name) if share is None else lambda data: share.total * needed_share(share, data)

    def _solve(self, problem: Problem, scale: float, constant: float, options: Options) -> Solution:
        solution = super()._solve(problem, scale, constant, options)
        if not self.shares or solution.x is None:
            return solution
        x = settled_share(self.compiled, self.shares, solution.x)
        objective = float(problem.cost @ x)
        # with a weight of the budget above 0 this can only be better; below 0 it is never asked
        return replace(solution, x=x, objective=objective, bound=min(solution.bound, objective))

    def over(self, data: xr.Dataset) -> list[tuple[str, str, float]]:
        found = super().over(data)
        for name, count, ceiling, allowed in self.ceilings.values():
            overrun = count(data) - ceiling
            if overrun <= allowed:
                continue
            found.append(("ceiling", name, overrun))
            share = self.share(name)
            if share is not None:
                less = data["budget_amount"].values.copy()
                less[list(share.rows)] = share.amount * max(0.0, ceiling / share.total)
                held = data.assign(budget_amount=(data["budget_amount"].dims, less))
                found += [("budget", rule.name, rule.amount) for rule in over_budget(held) if rule.name in share.names]
        return found

    def money_rows(self) -> list[tuple[int, RowName]]:
        return super().money_rows() + [(row, ("ceiling", (held[0],))) for row, held in self.ceilings.items()]


class PlanOracle:
    """Answers of a plan to weighted sums of its objectives under ceilings.

    Parameters
    ----------
    session : FrontierSession
    objectives : sequence of Objective

    Attributes
    ----------
    solves : int
        How often the solver was asked; clones count for themselves.
    """

    def __init__(self, session: FrontierSession, objectives: Sequence[Objective], rows: Sequence[_Row] | None = None) -> None:
        self.session = session
        self.objectives = tuple(objectives)
        self.rows = tuple(rows) if rows is not None else tuple(_row(session, objective) for objective in objectives)

    @property
    def count(self) -> int:
        """How many objectives there are."""
        return len(self.rows)

    @property
    def solves(self) -> int:
        """How often the solver was asked."""
        return self.session.solves

    @property
    def exact(self) -> bool:
        """Whether there are only so many different points: everything that is decided is decided in whole units."""
        return _whole(self.session) and not self.session.tangents.needed

    def resolution(self, objective: int) -> float:
        """Values of an objective that differ differ by at least this [natural unit]; what is nearer is the same (§59)."""
        return self.rows[objective].step

    def lattice(self, objective: int) -> bool:
        """Whether an objective is a multiple of its resolution, beside a constant."""
        return self.rows[objective].lattice

    def clone(self) -> PlanOracle:
        """The same for another thread."""
        return PlanOracle(self.session.clone(), self.objectives, self.rows)

    def values(self, data: xr.Dataset) -> Floats:
        """The objectives of a counted portfolio, minimised."""
        return np.array([row.exact(data) for row in self.rows])

    def minimise(
        self,
        weights: Sequence[float] | Floats,
        ceilings: Sequence[float] | Floats | None = None,
        begin: Floats | None = None,
        cutoff: float = np.inf,
    ) -> Found:
        """The least weighted sum of the objectives at or below ceilings.

        Parameters
        ----------
        weights : one for each objective
        ceilings : one for each objective, optional
            Infinite, or NaN, where there is none.
        begin : array, optional
            Starting values of the columns.
        cutoff : float
            A weighted sum above which nothing is asked for: what the ceilings say together, for one.

        Returns
        -------
        Found
        """
        weights = np.asarray(weights, dtype=float)
        session, used = self.session, [(weight, row) for weight, row in zip(weights, self.rows, strict=True) if weight]
        problem, session.ceilings = session.problem, {}
        for row, ceiling in zip(self.rows, [] if ceilings is None else ceilings, strict=ceilings is not None):
            if np.isfinite(ceiling):
                allowed = min(0.5 * row.step, MONEY_TOLERANCE if row.objective.unit == session.inputs.attrs["currency"] else np.inf)
                session.ceilings[problem.rows] = (row.objective.name, row.exact, float(ceiling), allowed)
                problem = problem.with_row(row.row, high=(float(ceiling) - row.terms.constant) / row.scale)
        terms = sum((row.terms * weight for weight, row in used), start=_nothing(session))
        scale = max((abs(weight) * row.scale for weight, row in used), default=1.0)

        if np.isfinite(cutoff):
            left = narrowed(problem.with_cost(session.compiled.cost_of(terms, scale)), (cutoff - terms.constant) / scale + 1e-6)
            if left is None:
                return Found("infeasible", None, np.inf, None, weights)
            problem = left
        # a sum in whole steps is proven when less than one step is open
        sum_step = self._common_step(used)
        options = Options(
            gap=session.limits.gap,
            begin=begin,
            absolute_gap=0.9 * sum_step if session.limits.gap == 0 else 0.0,
            nearby=begin is not None and session.limits.gap > 0,
            settings=SMALL if int(problem.integer.sum()) <= _FEW else {},
        )

        def exact(data: xr.Dataset) -> float:
            return float(sum(weight * row.exact(data) for weight, row in used))

        answer = session.minimise(terms, scale, exact, problem=problem, options=options)
        return self._found(answer, weights)

    def _common_step(self, used: Sequence[tuple[float, _Row]]) -> float:
        """What the weighted sum is a multiple of; 0 when there is nothing, or it is too small for the solver's tolerance."""
        if not used or not all(row.lattice for _, row in used):
            return 0.0
        parts = np.array([abs(weight) * row.step for weight, row in used])
        step = _common(parts / parts.max()) * parts.max()
        return float(step) if step > 1e-6 * max(abs(weight) * row.terms.largest for weight, row in used) else 0.0

    def _found(self, answer: Answer, weights: Floats) -> Found:
        values = None if answer.data is None else self.values(answer.data)
        solution = answer.solution
        return Found(solution.status, values, answer.bound, solution.x, weights)


def plan_oracle(
    compiled: Compiled,
    inputs: xr.Dataset,
    question: Question,
    limits: Limits,
    objectives: Sequence[Objective],
    shares: tuple[Share, ...] = (),
    up_to: float = 1.0,
) -> PlanOracle:
    """An oracle from a compiled plan, whose budgets are `up_to` times the plan's own where shares of them are asked for."""
    if shares:
        with_shares(compiled, shares, up_to)
    session = FrontierSession(compiled, inputs, limits, question, shares)
    session.stop = threading.Event()
    return PlanOracle(session, objectives)


def _nothing(session: Session) -> Terms:
    shape = session.compiled.frame.cells.shape
    return Terms(np.zeros(shape), np.zeros(shape))


def _row(session: FrontierSession, objective: Objective) -> _Row:
    _, terms, scale = session.terms(objective.name)
    terms = terms * objective.sign
    count = session.exact(objective.name)
    row, (step, lattice) = session.compiled.cost_of(terms, scale), _step(session, objective, terms)
    return _Row(objective, terms, scale, row, _Once(count, objective.sign), step, lattice)


def _whole(session: Session) -> bool:
    """Whether every decision is a whole number: then a frontier is a set of points."""
    compiled = session.compiled
    free = compiled.problem.high > compiled.problem.low
    columns = compiled.new[compiled.new >= 0]
    money = [part[part >= 0] for part in (compiled.grant, compiled.loan) if part.size]
    return bool(compiled.problem.integer[columns][free[columns]].all()) and not any(free[part].any() for part in money)


def _step(session: FrontierSession, objective: Objective, terms: Terms) -> tuple[float, bool]:
    """The least difference between two values of an objective; and whether all that a decision adds is a multiple of it."""
    share = session.share(objective.name)
    each = _each(session, terms) if share is None else _spent(share, session)
    common = 0.0 if each is None else _common(each)
    if common:
        return common, True
    largest = float(np.abs(each).max(initial=0.0)) if each is not None else terms.largest
    # a whole unit of money, as in budgets (§12); of what is not money a millionth of what one decision changes
    if objective.unit == session.inputs.attrs["currency"] and (share is not None or largest > 1.0):
        return 1.0, False
    return _RELATIVE * (largest or 1.0), False


def _each(session: Session, terms: Terms) -> Floats | None:
    """What each start of one unit adds to a measure; None where it is more than the sum of its decisions."""
    others = (terms.on_grant, terms.on_loan, terms.on_scaled, terms.on_least, terms.on_difference)
    if any(np.any(part) for part in others) or terms.on_shortfall or not _whole(session):
        return None
    compiled = session.compiled
    effect = session.inputs["effect"].values[compiled.frame.cells.shift]
    each = terms.on_new + np.einsum("cuy,cy->cu", effect, terms.on_stock)
    return np.asarray(each[compiled.new >= 0], dtype=float)


def _spent(share: Share, session: Session) -> Floats | None:
    """What each start adds to a budget, when it is one budget for all years; None otherwise."""
    inputs = session.inputs
    if len(share.rows) != 1 or not inputs["budget_total"].values[share.rows[0]]:
        return None
    from kip.optimization.terms import budget_terms

    on_new, on_stock = budget_terms(share.rows[0], inputs, session.compiled.frame.cells)
    return _each(session, Terms(on_new.sum(axis=2), on_stock))


def _common(each: Floats) -> float:
    """The largest number that all are multiples of; 0 when there is none worth the name."""
    sizes = np.abs(each[np.abs(each) > 1e-12 * np.abs(each).max(initial=0.0)])
    if not sizes.size:
        return 0.0
    for decimals in range(-3, 7):
        steps = sizes * 10.0**decimals
        whole = np.round(steps)
        if np.all(np.abs(steps - whole) <= 1e-9 * np.maximum(1.0, steps)) and whole.min() >= 1 and whole.max() < 2**53:
            return float(gcd(*(int(value) for value in whole)) / 10.0**decimals)
    return 0.0
