"""kip.budgeted: a portfolio that holds when some numbers, but not all at once, turn out worse (Bertsimas & Sim 2004)."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.count import count
from kip.accounting.funding import Transfers
from kip.accounting.inputs import build_inputs
from kip.accounting.measures import parse_measure, value_of
from kip.accounting.rules import MONEY_TOLERANCE
from kip.errors import KipError, RequestError, SolveError
from kip.optimization.asked import ask, check_options
from kip.optimization.frame import measure_scale
from kip.optimization.kernel import Options
from kip.optimization.problem import Problem
from kip.optimization.question import Limits, Question
from kip.optimization.session import AGREEMENT, Answer, Session
from kip.optimization.study import Study, begin_study
from kip.optimization.terms import Terms, budget_terms, measure_terms
from kip.results.budgeted import Budgeted
from kip.robustness.deviating import Deviation, read_deviations

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["budgeted"]

Floats: TypeAlias = NDArray[np.float64]
Loss: TypeAlias = tuple[Floats, float]
"""What a deviation takes from a row, as coefficients on the columns and a constant, in the row's steps."""


def budgeted(
    plan: Plan,
    deviations: Mapping[str, float | str],
    gamma: float,
    *,
    maximize: str | None = None,
    minimize: str | None = None,
    minimum: Mapping[str, float | str] | None = None,
    maximum: Mapping[str, float | str] | None = None,
    require: Iterable[str] = (),
    forbid: Iterable[str] = (),
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
) -> Budgeted:
    """Choose a portfolio that holds when up to `gamma` numbers turn out worse.

    Each deviation says how far a number may be off, up or down. The measure is what is left of it when the `gamma` numbers that hurt the
    chosen portfolio most are off; every budget, and every limit that is asked for, holds as well when the `gamma` numbers that hurt it
    most are off (Bertsimas & Sim 2004, §69). With `gamma` 0 nothing is off, with all of them everything is. No probabilities are needed.

    Parameters
    ----------
    plan : Plan
    deviations : {path or shift: amount}
        How far each number may be off: an amount, a text with a unit, or a share of the number (``"20 %"``). A shift stands for the number
        behind the measure: its reduction, cost or co-benefit. Where a path has several numbers (years, actors), all are off together.
    gamma : float
        How many may be off at the same time; a half counts as half of one.
    maximize, minimize, minimum, maximum, require, forbid, gap, time_limit, seed
        As in `kip.optimize`.

    Returns
    -------
    Budgeted

    Raises
    ------
    RequestError
        When a path is unknown, a deviation moves the rules of the plan and not only a measure or a budget, or `gamma` is below 0.

    Examples
    --------
    >>> import kip
    >>> shifts = [kip.Shift(name=name, cost=1e6, reduction=tonnes) for name, tonnes in (("a", 70), ("b", 60), ("c", 50))]
    >>> plan = kip.Plan(name="p", years=[2026], shifts=shifts, budgets=2e6)
    >>> found = kip.budgeted(plan, {"a": 40, "b": 5, "c": 5}, gamma=1)
    >>> found.portfolio.selected, found.value
    (('b', 'c'), 105.0)
    """
    began = time.perf_counter()
    check_options(gap, time_limit, seed)
    inputs = build_inputs(plan)
    question = ask(inputs, Question(maximize=maximize, minimize=minimize), minimum, maximum, require, forbid)
    wrong = []
    if isinstance(gamma, bool) or not isinstance(gamma, int | float) or not math.isfinite(gamma) or gamma < 0:
        wrong.append(f"gamma={gamma!r}: give how many numbers may be off at the same time, 0 or more.")
    if question.measure.partition(".")[0] in {"shortfall", "least", "sen"} or "shortfall" in question.maximum:
        wrong.append("a shortfall or a smallest gain is not a sum of numbers that may be off. Ask for a reduction, a cost or an indicator.")
    if question.minimize and inputs.sizes["target"] and question.measure != "emissions":
        wrong.append('the plan has targets, and they are not protected here. Say what must be reached: minimum={"reduction": tonnes}.')
    if wrong:
        raise RequestError("\n".join(wrong))
    found = read_deviations(plan, deviations, inputs, parse_measure(question.measure, inputs))
    study = begin_study(plan, question, Limits(gap, time_limit, seed))
    study.session.began = began
    world = _World(study, found, float(gamma))
    nominal = study.portfolio(study.best())
    answer = world.solve()
    portfolio = study.portfolio(answer)
    own = nominal.dataset if nominal.found else None
    return Budgeted(
        plan,
        question.measure,
        question.sign < 0,
        float(gamma),
        portfolio,
        nominal,
        math.nan if own is None else world.guaranteed(own),
        () if own is None else tuple(world.overrun(own)),
        tuple(world.rows(answer.data)),
        world.together(answer.data),
        fair=bool(inputs.sizes["fairness"]),
        seconds=time.perf_counter() - began,
    )


@dataclass
class _World:
    """A plan with its deviations."""

    study: Study
    deviations: list[Deviation]
    gamma: float
    last: tuple[xr.Dataset, list[list[xr.Dataset]]] | None = None

    @property
    def session(self) -> Session:
        return self.study.session

    @property
    def question(self) -> Question:
        return self.study.question

    # ---- as rows and columns ---------------------------------------------------------------------------------------
    def solve(self) -> Answer:
        """The best guaranteed value, with its exact count."""
        session, sign = self.session, self.question.sign
        _, terms, scale = session.terms(self.question.measure)
        terms = terms * sign

        def exact(data: xr.Dataset) -> float:
            return (sign * self.guaranteed(data) - terms.constant) / scale

        for fine in (False, True):
            problem = self._protected(session.problem, fine)
            cost = np.append(session.compiled.cost_of(terms, scale), np.zeros(problem.columns - session.compiled.problem.columns))
            problem, _ = self._charged(problem.with_cost(cost, terms.constant / scale), self._losses(self.question.measure, sign))
            answer = session.minimise_own(problem, exact, Options(gap=session.limits.gap))
            if answer.data is None:
                return answer
            broken = self.overrun(answer.data)
            if not broken:
                break
        else:
            raise SolveError(f"the choice does not protect {broken[0]} as it should. This is a bug in kip; please report the plan.")
        value, bound = answer.value * scale + terms.constant, answer.bound * scale + terms.constant
        said = answer.solution.objective * scale + terms.constant
        if value > said + AGREEMENT * max(abs(value), terms.largest, abs(terms.constant)):
            raise SolveError(
                f"two roads to one guarantee disagree: counted {value:.10g}, solved {said:.10g}. "
                "This is a bug in kip; please report the plan."
            )
        return Answer(answer.solution, value, min(bound, value), answer.new, answer.data)

    def _protected(self, problem: Problem, fine: bool) -> Problem:
        """Every budget and limit once more, with what the deviations that hurt it most take from it; in whole kronor when `fine` (§12)."""
        session = self.session
        for row, (rule, index) in session.money_rows():
            losses = self._of_budget(*index) if rule == "budget" else self._of_limit(*index)
            if not any(losses):
                continue
            base = np.zeros(problem.columns)
            part = slice(session.compiled.problem.start[row], session.compiled.problem.start[row + 1])
            base[session.compiled.problem.index[part]] = session.compiled.problem.value[part]
            low, high = session.compiled.problem.row_low[row], session.compiled.problem.row_high[row]
            problem, taken = self._charged(problem, losses, cost=False)
            way = 1.0 if np.isfinite(high) else -1.0
            full = np.append(base, np.zeros(problem.columns - len(base))) + way * taken
            problem = problem.with_row(full, low, high)
            if fine:
                problem = problem.with_rows_scaled(np.array([problem.rows - 1]), max(1.0, session.compiled.frame.scales.money))
        return problem

    def _charged(self, problem: Problem, losses: list[list[Loss]], cost: bool = True) -> tuple[Problem, Floats]:
        """Columns for what up to gamma losses take in all, ``gamma · pi + Σ p``, in the cost or to put in a row."""
        first = problem.columns
        problem = problem.with_columns(1 + len(losses), np.inf, integer=False)
        taken = np.zeros(problem.columns)
        taken[first] = self.gamma
        taken[first + 1 :] = 1.0
        for place, sides in enumerate(losses):
            for coefficients, constant in sides:
                row = np.zeros(problem.columns)
                row[: len(coefficients)] = -coefficients
                row[first] = row[first + 1 + place] = 1.0
                problem = problem.with_row(row, low=constant)
        return (problem.with_cost(problem.cost + taken, problem.offset) if cost else problem), taken

    def _losses(self, name: str, sign: float) -> list[list[Loss]]:
        """What each deviation takes from a measure, less being better when sign is 1."""
        session, inputs = self.session, self.session.inputs
        cells = session.compiled.frame.cells
        measure = parse_measure(name, inputs)
        base, scale = measure_terms(measure, inputs, cells), measure_scale(measure.unit, session.compiled.frame)

        def taken(side: xr.Dataset) -> Loss:
            terms = (measure_terms(measure, side, cells) + base * -1.0) * sign
            return session.compiled.cost_of(terms, scale), terms.constant / scale

        return [[loss for _, side in one.sides for loss in [taken(side)] if _hurts(loss)] for one in self.deviations]

    def _of_limit(self, name: str, kind: str) -> list[list[Loss]]:
        return self._losses(name, -1.0 if kind == "minimum" else 1.0)

    def _of_budget(self, name: str, when: str) -> list[list[Loss]]:
        """What each deviation adds to what a budget pays, or takes from the budget, in steps of money."""
        session, inputs = self.session, self.session.inputs
        frame = session.compiled.frame
        row = list(map(str, inputs["budget"].values)).index(name)
        years = slice(None) if when == "total" else slice(*[list(map(str, inputs["year"].values)).index(when) + end for end in (0, 1)])
        base = budget_terms(row, inputs, frame.cells)

        def taken(side: xr.Dataset) -> Loss:
            new, stock = (one - two for one, two in zip(budget_terms(row, side, frame.cells), base, strict=True))
            on_stock = np.zeros(stock.shape)
            on_stock[:, years] = stock[:, years]
            coefficients = session.compiled.cost_of(Terms(new[:, :, years].sum(axis=2), on_stock), frame.scales.money)
            less = (inputs["budget_amount"].values - side["budget_amount"].values)[row, years].sum()
            return coefficients, float(less / frame.scales.money)

        return [[loss for _, side in one.sides for loss in [taken(side)] if _hurts(loss)] for one in self.deviations]

    # ---- counted ---------------------------------------------------------------------------------------------------
    def losses(self, data: xr.Dataset) -> Floats:
        """What each deviation takes from the measure in a counted portfolio, by counting it again (deviation,)."""
        sign, here = self.question.sign, self._value(data)
        return np.array([max(0.0, *(sign * (self._value(other) - here) for other in sides), 0.0) for sides in self._sides(data)])

    def _value(self, data: xr.Dataset) -> float:
        return value_of(parse_measure(self.question.measure, self.session.inputs), data)

    def _sides(self, data: xr.Dataset) -> list[list[xr.Dataset]]:
        """A counted portfolio once more for each side of each deviation; the last one is remembered."""
        if self.last is None or self.last[0] is not data:
            self.last = (data, [[_counted(side, data) for _, side in one.sides] for one in self.deviations])
        return self.last[1]

    def shares(self, taken: Floats) -> Floats:
        """How much of each deviation comes about when those that hurt most do (deviation,) [1]."""
        order = np.argsort(-taken, kind="stable")
        part = np.zeros(len(taken))
        part[order] = np.clip(self.gamma - np.arange(len(taken)), 0.0, 1.0)
        return np.where(taken > 0, part, 0.0)

    def guaranteed(self, data: xr.Dataset) -> float:
        """The measure when the deviations that hurt most come about [base unit]."""
        taken = self.losses(data)
        return self._value(data) + self.question.sign * float(taken @ self.shares(taken)) + 0.0

    def rows(self, data: xr.Dataset | None) -> list[tuple[str, str, float, float, float, float]]:
        """For each deviation: name, path, value, amount, what it takes, and how much of it comes about in the worst case."""
        taken = np.full(len(self.deviations), np.nan) if data is None else self.losses(data)
        part = taken if data is None else self.shares(taken)
        return [(one.name, one.path, one.value, one.amount, *pair) for one, *pair in zip(self.deviations, taken, part, strict=True)]

    def together(self, data: xr.Dataset | None) -> float:
        """The measure when all that hurt most are off in one plan; NaN where gamma is no whole number, or they make no plan together."""
        if data is None or self.gamma != int(self.gamma):
            return math.nan
        sign, changes = self.question.sign, {}
        for place in np.flatnonzero(self.shares(self.losses(data))):
            one, counted = self.deviations[place], self._sides(data)[place]
            worst = max(range(len(counted)), key=lambda side: sign * self._value(counted[side]))
            changes[one.path] = one.sides[worst][0].get(one.path)
        try:
            return self._value(_counted(build_inputs(self.study.plan.update(changes)), data))
        except KipError:
            return math.nan

    def overrun(self, data: xr.Dataset) -> list[str]:
        """Budgets and limits that a counted portfolio does not keep when the deviations that hurt them most come about."""
        found = []
        sides = self._sides(data)
        base = data["budget_spent"].values - data["budget_amount"].values
        for row, name in enumerate(map(str, data["budget"].values)):
            in_all = bool(data["budget_total"].values[row])

            def need(other: xr.Dataset, row: int = row, in_all: bool = in_all) -> Floats:
                less = (other["budget_spent"].values - other["budget_amount"].values)[row]
                return np.asarray(less.sum(keepdims=True) if in_all else less)

            here = base[row].sum(keepdims=True) if in_all else base[row]
            taken = np.array([np.max([np.zeros(len(here)), *(need(other) - here for other in each)], axis=0) for each in sides])
            protection = np.array([column @ self.shares(column) for column in taken.T])
            over = here + protection
            over = np.cumsum(over) if data["budget_carry"].values[row] and not in_all else over
            if np.any(over > MONEY_TOLERANCE):
                found.append(name)
        for limits, sign in ((self.question.minimum, -1.0), (self.question.maximum, 1.0)):
            for name, value in limits.items():
                measure = parse_measure(name, self.session.inputs)
                here = value_of(measure, data)
                worse = np.array([max([0.0, *(sign * (value_of(measure, other) - here) for other in each)]) for each in sides])
                if sign * (here - value) + float(worse @ self.shares(worse)) > max(MONEY_TOLERANCE, 1e-6 * abs(value)):
                    found.append(name)
        return found


def _hurts(loss: Loss) -> bool:
    return bool(np.any(loss[0] > 0) or loss[1] > 0)


def _counted(inputs: xr.Dataset, data: xr.Dataset) -> xr.Dataset:
    """The decisions of a counted portfolio under other numbers."""
    return count(inputs, data["new"].values, Transfers(data["grant"].values, data["loan"].values))
