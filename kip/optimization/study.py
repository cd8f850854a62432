"""Study: one question about a plan, compiled once and asked again with changes.

What frontiers, alternatives, cores and explanations are made of. Every answer is counted exactly, as in `kip.optimize`::

    study = study_of(portfolio)
    lost = study.best(without("charging"))  # the same question, with something forced out
    floor = study.near_optimal(0.02)  # a change: within 2 % of the portfolio's objective
    least = study.extreme("cost", -1.0, floor)  # another measure up or down
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pyomo.common.gc_manager import PauseGC

from kip.accounting.funding_inputs import close_sources
from kip.accounting.inputs import build_inputs
from kip.errors import RequestError
from kip.optimization.changes import Change, at_least, at_most
from kip.optimization.compiled import compile_model
from kip.optimization.formulation import build_model, frame_of
from kip.optimization.kernel import Options
from kip.optimization.problem import Problem
from kip.optimization.question import Limits, Question
from kip.optimization.session import Answer, Session
from kip.optimization.solve import finish
from kip.results.portfolio import Portfolio

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["Study", "begin_study", "question_of", "study_of"]


@dataclass
class Study:
    """A question about a plan, ready to be asked again.

    Attributes
    ----------
    plan : Plan
    question : Question
        Checked: its limits are numbers.
    session : Session
        Counts its solves and seconds, and knows whether somebody pressed Ctrl-C (`stopped`).
    known : Portfolio or None
        The portfolio that the study is about.
    fixed : tuple of Change
        Changes that hold in every question: targets that come first, for example.
    """

    plan: Plan
    question: Question
    session: Session
    known: Portfolio | None = None
    fixed: tuple[Change, ...] = field(default=())

    @property
    def inputs(self) -> xr.Dataset:
        """The plan as arrays."""
        return self.session.inputs

    @property
    def out_of_time(self) -> bool:
        """Whether the time is up or somebody pressed Ctrl-C: nothing more should be asked."""
        return self.session.stopped or self.session.time_left() <= 0

    def problem(self, *changes: Change) -> Problem:
        """The compiled problem with changes."""
        problem = self.session.problem
        for change in (*self.fixed, *changes):
            problem = change(self.session, problem)
        return problem

    def best(
        self, *changes: Change, begin: NDArray[np.float64] | None = None, gap: float | None = None, enough: float | None = None
    ) -> Answer:
        """The study's own objective under changes.

        Parameters
        ----------
        changes : Change
        begin : array, optional
            Starting values of the columns; NaN where unknown.
        gap : float, optional
            Relative gap; the study's own when left out.
        enough : float, optional
            A value of the objective [natural] at which the search may stop: any portfolio as good as that will do.

        Returns
        -------
        Answer
            `value` and `bound` are minimised: `question.sign` times the measure.
        """
        return self.extreme(self.question.measure, -self.question.sign, *changes, begin=begin, gap=gap, enough=enough)

    def extreme(
        self,
        measure: str,
        direction: float,
        *changes: Change,
        begin: NDArray[np.float64] | None = None,
        gap: float | None = None,
        enough: float | None = None,
        absolute_gap: float = 0.0,
        nearby: bool = False,
    ) -> Answer:
        """The most (direction 1) or least (-1) of a measure under changes; `value` and `bound` are minimised: minus direction times it.

        Proven within the relative gap or the absolute one [of the measure], whichever comes first. `nearby`: `begin` answers a similar
        question, and the search begins where it and the relaxation disagree (`kip.optimization.nearby`).
        """
        _, terms, scale = self.session.terms(measure)
        exact = self.session.exact(measure)
        options = Options(
            gap=self.session.limits.gap if gap is None else gap,
            begin=begin,
            enough=-np.inf if enough is None else -direction * enough,
            absolute_gap=absolute_gap,
            nearby=nearby,
        )
        return self.session.minimise(
            terms * -direction, scale, lambda data: -direction * exact(data), problem=self.problem(*changes), options=options
        )

    def near_optimal(self, within: float) -> Change:
        """Within a share of the known portfolio's objective [1] (§7)."""
        if self.known is None:
            raise ValueError("this study is about no portfolio.")
        value = self.known.objective + self.question.sign * within * abs(self.known.objective)
        # the solver's own tolerance would cut the optimum off where nothing is allowed to be lost
        slack = 1e-9 * max(1.0, abs(value))
        return at_least(self.question.measure, value - slack) if self.question.maximize else at_most(self.question.measure, value + slack)

    def begin(self, data: xr.Dataset | None = None) -> NDArray[np.float64]:
        """Starting values from what starts in a counted portfolio (the known one when left out); NaN for every other column."""
        if data is None:
            if self.known is None:
                raise ValueError("this study is about no portfolio.")
            data = self.known.dataset
        compiled, cells = self.session.compiled, self.session.compiled.frame.cells
        values = np.full(compiled.problem.columns, np.nan)
        there = compiled.new >= 0
        values[compiled.new[there]] = (data["new"].values[cells.shift, cells.place] / cells.scale[:, None])[there]
        return values

    def portfolio(self, answer: Answer, notes: Iterable[str] = ()) -> Portfolio:
        """A portfolio from an answer of `best`."""
        unit = self.session.terms(self.question.measure)[0].unit
        portfolio = finish(self.plan, self.session, self.question, answer, list(notes), unit)
        limits = self.session.limits
        asked = {"gap": limits.gap, "time_limit": limits.time_limit, "seed": limits.seed}
        portfolio.request.update(self.question.to_dict() | asked)
        return portfolio


def begin_study(
    plan: Plan, question: Question, limits: Limits, also: Iterable[tuple[str, float]] = (), inputs: xr.Dataset | None = None
) -> Study:
    """Compile a plan for a checked question and what else will be asked.

    Parameters
    ----------
    plan : Plan
    question : Question
        From `kip.optimization.asked.ask`.
    limits : Limits
        The time limit is for the whole study.
    also : iterable of (measure, sign)
        Other measures that will be optimised or limited: 1 when less is better, -1 when more is. Shifts that scale are exact only in
        the directions that are known when the model is built.
    inputs : xarray.Dataset, optional
        The plan's own arrays, when they are there already.
    """
    began = time.perf_counter()
    inputs = build_inputs(plan) if inputs is None else inputs
    inputs = close_sources(inputs, question.closed(map(str, inputs["shift"].values)))
    with PauseGC():
        model = build_model(inputs, question, also=also)
        compiled = compile_model(model, frame_of(model))
    session = Session(compiled, frame_of(model).inputs, limits, question)
    session.began = began
    return Study(plan, question, session)


def study_of(
    portfolio: Portfolio, also: Iterable[tuple[str, float]] = (), gap: float | None = None, time_limit: float | None = None
) -> Study:
    """The question that a portfolio answers, ready to be asked again.

    Parameters
    ----------
    portfolio : Portfolio
        From `kip.optimize`.
    also : iterable of (measure, sign)
        As in `begin_study`.
    gap : float, optional
        The portfolio's own when left out.
    time_limit : float, optional
        Seconds for the whole study; no limit when left out.

    Raises
    ------
    RequestError
        When the portfolio was not optimised, has no answer, asked for a ratio, or came from a model of the user's own.
    """
    if not isinstance(portfolio, Portfolio) or not portfolio.found or not portfolio.request:
        raise RequestError("this needs a portfolio that kip.optimize has found: its question is asked again. Optimise the plan first.")
    if portfolio.request.get("per"):
        raise RequestError(
            "the portfolio maximised a ratio; this works on one measure. Optimise the measure itself, with the cost as a limit: "
            f'kip.optimize(plan, maximize="{portfolio.request.get("maximize", "reduction")}", maximum={{"cost": …}}).'
        )
    if portfolio.request.get("own_model"):
        raise RequestError(
            "the portfolio came from a model of your own, whose constraints kip does not keep. Optimise the plan without model=, "
            "or write your constraints as minimum and maximum."
        )
    request = portfolio.request
    limits = Limits(float(request.get("gap", 1e-4)) if gap is None else gap, time_limit, int(request.get("seed", 0)))
    study = begin_study(portfolio.plan, question_of(portfolio), limits, also)
    study.known = portfolio
    if study.question.minimize and study.inputs.sizes["target"] and study.question.measure not in {"shortfall", "emissions"}:
        reached = float(portfolio.dataset["shortfall"].sum())
        study.fixed = (at_most("shortfall", reached + 1e-9 * max(1.0, reached)),)
    return study


def question_of(portfolio: Portfolio) -> Question:
    """The question that a portfolio answers, as it was checked then."""
    request = portfolio.request
    names = ("maximize", "minimize", "per", "minimum", "maximum", "require", "forbid")
    return Question(**{name: request[name] for name in names if name in request})
