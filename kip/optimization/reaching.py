"""kip.reach: how far a plan gets towards a goal, and what would close the gap."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
from pyomo.common.gc_manager import PauseGC

from kip.accounting.count import count
from kip.accounting.funding_inputs import close_sources
from kip.accounting.inputs import build_inputs
from kip.optimization.asked import ask, check_options
from kip.optimization.changes import Change, without
from kip.optimization.clash import conflict_in_rows, groups_of, possible, smallest_clash
from kip.optimization.compiled import compile_model
from kip.optimization.diagnose import why_infeasible
from kip.optimization.formulation import build_model, frame_of
from kip.optimization.goals import Asked, Goal, keeps, kept, missing, reached_of, read_goals
from kip.optimization.question import Limits, Question
from kip.optimization.reach_checks import pre_checks
from kip.optimization.relaxations import Relaxing, prices_of, relaxation_table
from kip.optimization.session import Answer, Session
from kip.optimization.solve import finish
from kip.optimization.study import Study, question_of
from kip.results.portfolio import Portfolio
from kip.results.reached import Reach
from kip.views.labels import Language

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["reach", "reach_of"]


def reach(
    plan: Plan,
    goal: Asked = None,
    maximize: str | None = None,
    minimize: str | None = None,
    *,
    minimum: Mapping[str, float | str] | None = None,
    maximum: Mapping[str, float | str] | None = None,
    require: Iterable[str] = (),
    forbid: Iterable[str] = (),
    gap: float = 1e-4,
    time_limit: float | None = None,
    prices: Mapping[str, float] | None = None,
    rows: bool = False,
    language: str = "en",
) -> Reach:
    """How near a goal can be reached, what is missing, and what would close the gap.

    In this order: what arithmetic says; the nearest portfolio (least shortfall, then the objective); what would close the gap, each alone
    (money, the goal itself, a later year, more of a resource, a faster pace, more potential) with the cheapest of them; and the
    smallest set of rules that cannot be kept together.

    Parameters
    ----------
    plan : Plan
    goal : str, names or {measure: value}, optional
        Targets of the plan by name, all of them when left out; or measures with what is asked: ``{"reduction_2030": "40 kt/year"}``,
        ``{"emissions_2030": "-70 %"}`` (of the base year of the main ledger). Emissions and costs are asked to be so much at most, anything
        else so much at least. Several goals are sought in the order given.
    maximize, minimize, minimum, maximum, require, forbid
        As in `kip.optimize`: what comes after the goals, and limits that hold.
    gap : float, default 1e-4
    time_limit : float, optional
        Seconds for all of it. What is not proven by then, or at Ctrl-C, is marked so.
    prices : mapping, optional
        What is not money, in money: {"tonne": [currency/t], "growth": [1]}; see `kip.optimization.relaxations.PRICES` (§9).
    rows : bool, default False
        Also an irreducible infeasible set of rows of the formulation.
    language : {"en", "sv"}

    Returns
    -------
    Reach
        True when the goals can be reached.

    Raises
    ------
    RequestError
        When the call names something that the plan does not have, or a percentage has no base.

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(
    ...     name="town",
    ...     years=[2026],
    ...     shifts=[
    ...         kip.Shift(name="buses", cost="6 MSEK", reduction=100),
    ...         kip.Shift(name="path", cost="4 MSEK", reduction=40),
    ...     ],
    ...     budgets="8 MSEK",
    ... )
    >>> reached = kip.reach(plan, {"reduction_2026": 120}, gap=0)
    >>> reached.reachable, float(reached.goals.loc[0, "reached"]), reached.relaxations["needed"].tolist()[:2]
    (False, 100.0, [20.0, 2000000.0])
    """
    say = Language(language)
    check_options(gap, time_limit, 0)
    inputs = build_inputs(plan)
    question = ask(inputs, Question(maximize, minimize), minimum, maximum, require, forbid)
    goals = read_goals(plan, inputs, goal, say)
    return _Reaching(plan, inputs, question, goals, Limits(gap, time_limit), say).answer(prices, rows)


def reach_of(portfolio: Portfolio, time_limit: float | None, language: str) -> Reach:
    """What can be reached instead of a portfolio that was not found: its minimum is the goal; its maximum, where it has no minimum."""
    say = Language(language)
    plan, question = portfolio.plan, question_of(portfolio)
    inputs = build_inputs(plan)
    limits = Limits(float(portfolio.request.get("gap", 1e-4)), time_limit, int(portfolio.request.get("seed", 0)))
    asked = question.minimum or question.maximum
    rest: dict[str, Any] = {"minimum" if question.minimum else "maximum": {}, "per": None}  # a ratio is no second criterion here
    sense = 1.0 if question.minimum else -1.0
    goals = []
    for name, value in asked.items():
        unit = _unit(inputs, name)
        key = "reach at least" if sense > 0 else "reach at most"
        goals.append(Goal(say(key, measure=name, value=say.sized(value, unit).strip()), name, float(value), sense, unit, _year(name)))
    return _Reaching(plan, inputs, replace(question, **rest), tuple(goals), limits, say).answer(None, False)


def _unit(inputs: xr.Dataset, name: str) -> str:
    from kip.accounting.measures import parse_measure

    return parse_measure(name, inputs).unit


def _year(name: str) -> int | None:
    tail = name.rpartition("_")[2]
    return int(tail) if tail.isdigit() and len(tail) == 4 else None


@dataclass
class _Nearest:
    """The nearest portfolio in the making."""

    answer: Answer
    reached: list[float]
    best: list[float]


class _Reaching:
    """One question of reach: the plan with its limits, and the goals beside it."""

    def __init__(self, plan: Plan, inputs: xr.Dataset, question: Question, goals: tuple[Goal, ...], limits: Limits, say: Language) -> None:
        self.plan, self.goals, self.say, self.began = plan, goals, say, time.perf_counter()
        names = set(map(str, inputs["shift"].values))
        self.forbidden = tuple(name for name in question.forbid if name in names)
        self.all = close_sources(inputs, question.closed(names))
        # forbidden shifts are bounds, so that they can be lifted when the clash is sought
        self.question = replace(question, forbid=tuple(name for name in question.forbid if name not in names))
        self.full = question
        mine = kept(self.all, goals)
        also = [(goal.measure, -goal.sense) for goal in goals]
        with PauseGC():
            model = build_model(mine, self.question, also=also)
            compiled = compile_model(model, frame_of(model))
        session = Session(compiled, frame_of(model).inputs, limits, self.question)
        session.began = self.began
        self.study = Study(plan, self.question, session, None, (without(*self.forbidden),) if self.forbidden else ())

    def answer(self, prices: Mapping[str, float] | None, rows: bool) -> Reach:
        """Everything, in order; what there was no time for is left out and said so."""
        say, session = self.say, self.study.session
        year = self.goals[0].year if self.goals else None
        worth = prices_of(prices, self.all, year)
        checks, potentials = pre_checks(self.all, self.full, self.goals, say)
        nearest = self._nearest()
        if nearest is None:
            return self._not_even_limits(checks, potentials, rows)
        table = self._goal_table(nearest)
        proven = self._proven(nearest)
        portfolio = self._portfolio(nearest)
        reachable = not (table["gap"] > 0).any()
        relaxed, clash, conflict = relaxation_table([]), tuple[str, ...](), tuple[str, ...]()
        notes: list[str] = []
        if reachable:
            checks = []
        else:
            relaxing = Relaxing(self.study, self.goals, nearest.reached, self._in_parts(portfolio), worth, say)
            found = []
            try:
                for row in relaxing.all():
                    found.append(row)
                clash, conflict, notes = self._clash(rows)
            except KeyboardInterrupt:
                session.stopped = True
            relaxed = relaxation_table(found)
        if self.study.out_of_time:
            notes.append(say("why unproven note"))
        return Reach(
            title=self.plan.label,
            reachable=reachable,
            proven=proven,
            goals=table,
            portfolio=portfolio,
            checks=tuple(checks),
            potentials=potentials if checks else pd.DataFrame(),
            relaxations=relaxed,
            cheapest=self._cheapest(relaxed),
            clash=clash,
            rows=conflict,
            sentences=self._sentences(table, portfolio, proven),
            notes=tuple(notes),
            solves=session.solves,
            seconds=time.perf_counter() - self.began,
            language=say.code,
        )

    def _nearest(self) -> _Nearest | None:
        """The least shortfall goal by goal, and then the objective; None when the limits alone cannot be kept."""
        study, session = self.study, self.study.session
        best, held = list[float](), list[Change]()
        answer: Answer | None = None
        # targets share one measure, the shortfall of all that are asked for
        for goal in self.goals[:1] if self.goals and self.goals[0].target else self.goals:
            begin = None if answer is None else answer.solution.x
            found = study.extreme(goal.measure, goal.sense, *held, begin=begin, enough=goal.value)
            if found.data is None:
                return None
            answer = found
            best.append(-goal.sense * found.bound)
            held.append(keeps(goal, session.exact(goal.measure)(found.data)))
        last = study.best(*held, begin=None if answer is None else answer.solution.x)
        if last.data is None and answer is not None and answer.data is not None:
            value = study.question.sign * session.exact(study.question.measure)(answer.data)
            last = replace(answer, value=value, bound=np.nan)
        if last.data is None:
            return None
        reached = [reached_of(goal, last.data) for goal in self.goals]
        if self.goals and self.goals[0].target:
            # of each target what the bound of all leaves, when the others miss as much as they do
            best = [max(0.0, best[0] - (sum(reached) - mine)) for mine in reached]
        return _Nearest(last, reached, best)

    def _proven(self, nearest: _Nearest) -> bool:
        """Whether no portfolio is nearer, within the gap asked for."""
        for goal, value, best in zip(self.goals, nearest.reached, nearest.best, strict=True):
            if missing(goal, value) > 0:
                size = abs(goal.level + value if goal.target else value)
                return bool(abs(best - value) <= 1.01 * self.study.session.limits.gap * max(abs(value), size) + goal.tolerance)
        return True

    def _goal_table(self, nearest: _Nearest) -> pd.DataFrame:
        rows = []
        for goal, value, best in zip(self.goals, nearest.reached, nearest.best, strict=True):
            gap = missing(goal, value)
            asked = goal.level if goal.target else goal.value
            shown = value
            if goal.target:
                shown = goal.level + value if gap > 0 else goal.level
            points = 100.0 * gap / goal.base if goal.base == goal.base and goal.base else float("nan")
            rows.append((goal.label, asked, shown, gap, min(gap, missing(goal, best)), goal.unit, points))
        return pd.DataFrame(rows, columns=["goal", "asked", "reached", "gap", "least gap", "unit", "gap [percent points]"])

    def _portfolio(self, nearest: _Nearest) -> Portfolio | None:
        """The nearest portfolio, counted against all targets of the plan."""
        answer, session = nearest.answer, self.study.session
        if answer.new is None or answer.solution.x is None:
            return None
        data = count(self.all, answer.new, session.compiled.transfers(answer.solution.x))
        unit = session.terms(self.question.measure)[0].unit
        portfolio = finish(self.plan, session, self.question, replace(answer, data=data), [], unit)
        portfolio.request.update(self.full.to_dict() | {"gap": session.limits.gap, "time_limit": session.limits.time_limit, "seed": 0})
        portfolio.request["goals"] = [goal.label for goal in self.goals]
        return portfolio

    def _in_parts(self, portfolio: Portfolio | None) -> float:
        if portfolio is None:
            return 0.0
        parts = self.all["choice"].values != "whole"
        return float(portfolio.dataset["investment"].values[parts].sum())

    def _clash(self, rows: bool) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
        session, say = self.study.session, self.say
        bare = self.study.problem()
        problem = self.study.problem(*(keeps(goal) for goal in self.goals))
        goal_rows = list(range(bare.rows, problem.rows))
        if self.study.out_of_time or possible(session, problem) is not False:
            return (), (), [say("clash unknown")]
        groups, proven = smallest_clash(session, problem, groups_of(session, self.goals, goal_rows, self.forbidden, say))
        words = [group.sentence for group in groups]
        if all(group.kind == "goal" for group in groups):
            words.append(say("clash only goal"))
        conflict = conflict_in_rows(session, problem, [goal.label for goal in self.goals]) if rows else ()
        return tuple(words), conflict, [] if proven else [say("clash unproven")]

    def _not_even_limits(self, checks: list[str], potentials: pd.DataFrame, rows: bool) -> Reach:
        """No portfolio keeps even the limits: why, and which of them clash."""
        say, session = self.say, self.study.session
        problem = self.study.problem()
        answer = possible(session, problem)
        clash, conflict, notes = tuple[str, ...](), tuple[str, ...](), list[str]()
        if answer is False:
            # the sentences of `optimize` are about the problem with everything that is asked
            session.problem = problem
            head = why_infeasible(session, self.full)
            groups, proven = smallest_clash(session, problem, groups_of(session, (), [], self.forbidden, say))
            clash = tuple(group.sentence for group in groups)
            notes = [] if proven else [say("clash unproven")]
            conflict = conflict_in_rows(session, problem, []) if rows else ()
        else:
            head = say("reach no time")
        return Reach(
            title=self.plan.label,
            reachable=False,
            proven=answer is False,
            goals=pd.DataFrame(),
            portfolio=None,
            checks=tuple(checks),
            potentials=potentials,
            relaxations=relaxation_table([]),
            clash=clash,
            rows=conflict,
            sentences=(say("reach not even", reason=head),),
            notes=tuple(notes),
            solves=session.solves,
            seconds=time.perf_counter() - self.began,
            language=say.code,
        )

    def _cheapest(self, table: pd.DataFrame) -> str:
        if not len(table):
            return ""
        closing = table[table["kind"] != "goal"]
        if len(closing) and not any(value is not False for value in closing["possible"]):
            gap = table[table["kind"] == "goal"].iloc[0]
            return self.say("relax nothing", gap=self.say.sized(float(gap["needed"]), str(gap["unit"])).strip())
        priced = table[(table["possible"] == True) & table["price"].notna() & (table["kind"] != "goal")]  # noqa: E712  may be None
        if len(priced) == 0:
            return ""
        row = priced.sort_values("price", kind="stable").iloc[0]
        return self.say("relax cheapest", sentence=row["sentence"], price=self.say.sized(float(row["price"]), self.plan.currency))

    def _sentences(self, table: pd.DataFrame, portfolio: Portfolio | None, proven: bool) -> tuple[str, ...]:
        say, words = self.say, []
        for _, row in table.iterrows():
            if row["gap"] <= 0:
                words.append(say("reach kept", goal=row["goal"]))
                continue
            parts = {name: say.sized(float(row[name]), row["unit"]).strip() for name in ("reached", "gap")}
            points = row["gap [percent points]"]
            key = "reach missed" if points != points else "reach missed points"
            words.append(say(key, goal=row["goal"], points=say.number(round(points, 1)), **parts))
        if not proven:
            least = [row for _, row in table.iterrows() if row["gap"] > 0]
            for row in least[:1]:
                words.append(say("reach at least missing", gap=say.sized(float(row["least gap"]), row["unit"]).strip()))
        return tuple(words) or (say("reach nothing asked"),)
