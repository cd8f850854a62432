"""Ensemble: a question about a plan in every scenario, each compiled once and solved alone: the best that could be had if it were known."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.count import count
from kip.accounting.fairness import broken_fairness
from kip.accounting.funding_rules import broken_funding
from kip.accounting.inputs import build_inputs
from kip.accounting.rules import broken_rules
from kip.errors import KipError, RequestError
from kip.optimization.asked import ask, check_options
from kip.optimization.changes import Change
from kip.optimization.problem import Problem
from kip.optimization.question import Limits, Question
from kip.optimization.session import Answer, Session
from kip.optimization.solve import relative_gap
from kip.optimization.study import Study, begin_study
from kip.optimization.ties import second_look
from kip.results.portfolio import Portfolio, Status
from kip.robustness.criteria import Criterion
from kip.robustness.scenarios import Scenarios, ScenarioSet, Weights, read_scenarios, same_structure
from kip.robustness.searching import Chosen, Search
from kip.robustness.stack import Stack, stacked

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["Asked", "Ensemble", "held"]

Floats: TypeAlias = NDArray[np.float64]

_LARGE = 300
"""Whole columns from which on a search is begun from what is known."""
_GRACE = 5.0
"""Seconds for a plan in which all starts are held, when the time is up."""


@dataclass(frozen=True)
class Asked:
    """What is asked in every scenario, as it was given; the arguments of `kip.optimize` of the same names."""

    maximize: str | None = None
    minimize: str | None = None
    minimum: Mapping[str, float | str] | None = None
    maximum: Mapping[str, float | str] | None = None
    require: Iterable[str] = ()
    forbid: Iterable[str] = ()


@dataclass
class Ensemble:
    """Scenarios with their studies.

    Attributes
    ----------
    plan : Plan
    scenarios : ScenarioSet
    question : Question
    limits : Limits
    base : Study
        Of the plan itself.
    studies : tuple of Study
    began : float
        Start of the clock.
    optima : list of Portfolio
        The best in each scenario alone, once `solve_alone` was called.
    solves : int
    """

    plan: Plan
    scenarios: ScenarioSet
    question: Question
    limits: Limits
    base: Study
    studies: tuple[Study, ...]
    began: float
    optima: list[Portfolio] = field(default_factory=list)
    alone: list[Answer] = field(default_factory=list)
    stopped: bool = False

    @classmethod
    def of(cls, plan: Plan, scenarios: Scenarios, weights: Weights, asked: Asked, limits: Limits) -> Ensemble:
        """Read the scenarios, check the question in each of them, and compile all.

        Raises
        ------
        RequestError
            With everything that is wrong.
        """
        began = time.perf_counter()
        check_options(limits.gap, limits.time_limit, limits.seed)
        found = read_scenarios(plan, scenarios, weights)
        inputs = build_inputs(plan)
        asked = replace(asked, require=_list(asked.require), forbid=_list(asked.forbid))
        question = _ask(inputs, asked)
        each = [build_inputs(one) for one in found.plans]
        same_structure(found.names, each, inputs)
        wrong = []
        for name, data in zip(found.names, each, strict=True):
            try:
                _ask(data, asked)
            except KipError as error:
                wrong += [f'scenario "{name}": {line}' for line in str(error).splitlines()]
        aimed = question.measure in {"shortfall", "emissions"} or "shortfall" in question.maximum
        if question.minimize and not aimed and any(data.sizes["target"] for data in each):
            wrong.append(
                "the plan has targets, which come first when something is minimised, and no one shortfall belongs to all scenarios. "
                'Say what must hold in each of them: maximum={"shortfall": tonnes a year}. The least in the worst case is found by '
                'minimize="shortfall", criterion="worst_case".'
            )
        if wrong:
            raise RequestError("\n".join(wrong))
        studies = [begin_study(one, question, limits, inputs=data) for one, data in zip((plan, *found.plans), (inputs, *each), strict=True)]
        for study in studies:
            study.session.began = began
        return cls(plan, found, question, limits, studies[0], tuple(studies[1:]), began)

    @property
    def solves(self) -> int:
        """How often the solver was asked for single plans."""
        return sum(study.session.solves for study in (self.base, *self.studies))

    def time_left(self) -> float:
        """Seconds until the time limit."""
        return self.base.session.time_left()

    def solve_alone(self) -> None:
        """The best in each scenario alone, and of the plan itself; at most half of the time is spent on it."""
        limit = self.limits.time_limit
        count, known = len(self.studies) + 1, list[xr.Dataset]()
        for study in (*self.studies, self.base):
            session = study.session
            if limit is not None:
                spent = time.perf_counter() - self.began
                session.limits = replace(self.limits, time_limit=spent + max(0.0, 0.5 * limit - spent) / count)
            if self.stopped:
                session.limits = replace(self.limits, time_limit=0.0)
            count -= 1
            answer, portfolio = self._best(study, known)
            session.limits = self.limits
            self.stopped = self.stopped or session.stopped
            if study is self.base:
                self.own = portfolio
            else:
                self.alone.append(answer)
                self.optima.append(portfolio)

    def _best(self, study: Study, known: list[xr.Dataset]) -> tuple[Answer, Portfolio]:
        """The best of one, from the starts of the one before where the problem is large: scenarios are often alike."""
        large = int(study.session.problem.integer.sum()) > _LARGE
        answer = study.best(begin=study.begin(known[-1]) if large and known else None)
        if answer.data is not None:
            known.append(answer.data)
        notes: list[str] = []
        if answer.found:
            answer, notes = second_look(study.session, self.question, answer)
        return answer, study.portfolio(answer, notes)

    @property
    def best(self) -> Floats:
        """No decision gives less than this in each scenario, less is better: the bounds of the scenarios alone; NaN where unknown."""
        return np.array([answer.bound if np.isfinite(answer.bound) else np.nan for answer in self.alone])

    def better(self, place: int, data: xr.Dataset) -> None:
        """Take a counted decision as the best that is known of a scenario where it is: within the gap, or where the time was short."""
        known, answer, sign = self.optima[place], self.alone[place], self.question.sign
        found = self.portfolio(place, data)
        if known.found and sign * found.objective >= sign * known.objective - 1e-9 * max(1.0, abs(known.objective)):
            return
        bound = sign * answer.bound if np.isfinite(answer.bound) else np.nan
        gap = relative_gap(found.objective, bound)
        status: Status = "optimal" if gap <= self.limits.gap else "feasible"
        self.optima[place] = replace(found, status=status, bound=bound, gap=gap, reason="" if status == "optimal" else known.reason)

    def stack(self, until: int | None = None, which: Iterable[int] | None = None) -> Stack:
        """Some scenarios, or all, as one problem."""
        chosen = list(range(len(self.studies)) if which is None else which)
        return stacked([self.scenarios.names[one] for one in chosen], [self.studies[one] for one in chosen], until)

    def search(self, criterion: Criterion, stack: Stack, weights: Floats | None = None, best: Floats | None = None) -> Chosen:
        """The best common decision of a stack under a criterion."""
        weights = self.scenarios.weights if weights is None else weights
        best = self.best if best is None else best
        return Search(stack, self.question, criterion, weights, best, self.limits, self.began).run()

    def portfolio(self, place: int, data: xr.Dataset) -> Portfolio:
        """A counted decision as a portfolio of its scenario. It is no optimum of it: there is no bound of its own."""
        study = self.studies[place]
        value = study.session.exact(self.question.measure)(data)
        return Portfolio(study.plan, data, objective_name=self.question.name, objective=value, objective_unit=self.unit)

    def checked(self, plan: Plan, asked: Asked) -> Question:
        """The question asked of another plan, its structure, the names and the limits checked there."""
        inputs = build_inputs(plan)
        same_structure([plan.label], [inputs], self.base.inputs)
        return _ask(inputs, asked)

    @property
    def unit(self) -> str:
        """Unit of what is asked for."""
        return self.base.session.terms(self.question.measure)[0].unit

    def again(self, study: Study, *changes: Change) -> Answer:
        """The best in a plan when most of it is held: quick, and given a few seconds even when the time is up."""
        session = study.session
        if self.limits.time_limit is not None:
            spent = time.perf_counter() - self.began
            session.limits = replace(self.limits, time_limit=max(self.limits.time_limit, spent + _GRACE))
        answer = study.best(*changes)
        session.limits = self.limits
        return answer

    def in_base(self, new: Floats, until: int | None = None) -> Portfolio:
        """Starts (shift, district, start) as a portfolio of the plan itself, with the grants that are best for them there.

        Those up to a year when it is given, and then what is best to start later.
        Where the plan cannot keep them they are counted all the same, without grants, and `broken` says what they break.
        """
        answer = self.again(self.base, held(new, until))
        session = self.base.session
        if answer.data is not None:
            data: xr.Dataset = answer.data
            broken: tuple[Any, ...] = ()
        else:
            years = np.ones(new.shape[2], dtype=bool) if until is None else session.inputs["start"].values <= until
            data = count(session.inputs, np.where(years, new, 0.0))
            broken = (*broken_rules(session.inputs, data), *broken_funding(session.inputs, data), *broken_fairness(session.inputs, data))
        value = session.exact(self.question.measure)(data)
        return Portfolio(self.plan, data, objective_name=self.question.name, objective=value, objective_unit=self.unit, broken=broken)


def held(new: Floats, until: int | None = None) -> Change:
    """Starts up to and including a year (all when left out) are these units (shift, district, start), and nothing else starts then."""

    def change(session: Session, problem: Problem) -> Problem:
        compiled = session.compiled
        cells, years = compiled.frame.cells, session.inputs["start"].values
        when = np.ones(len(years), dtype=bool) if until is None else years <= until
        there = (compiled.new >= 0) & when[None, :]
        columns = compiled.new[there]
        wanted = (new[cells.shift, cells.place] / cells.scale[:, None])[there]
        low, high = problem.low.copy(), problem.high.copy()
        # a rounding error beyond a bound is no other decision
        slack = 1e-9 * np.maximum(1.0, np.abs(wanted))
        kept = np.clip(wanted, low[columns], high[columns])
        impossible = bool(np.any(np.abs(kept - wanted) > slack))
        low[columns], high[columns] = kept, kept
        left = new[:, :, when].copy()
        held_here = np.zeros(new.shape, dtype=bool)
        held_here[cells.shift, cells.place] = there
        left[held_here[:, :, when]] = 0.0
        problem = replace(problem, low=low, high=high)
        if impossible or np.any(np.abs(left) > 1e-9):
            # something starts where, or as much as, nothing can: a row that no portfolio keeps
            problem = problem.with_row(np.zeros(problem.columns), low=1.0)
        return problem

    return change


def _list(names: object) -> Any:
    """Names that can be gone through again; what is no list is left for `ask` to refuse."""
    return names if isinstance(names, str) or not isinstance(names, Iterable) else tuple(names)


def _ask(inputs: xr.Dataset, asked: Asked) -> Question:
    question = Question(maximize=asked.maximize, minimize=asked.minimize)
    return ask(inputs, question, asked.minimum, asked.maximum, asked.require, asked.forbid)
