"""kip.regret: what last year's choice costs under this year's plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyomo.environ as pyo

from kip.accounting.decisions import starts
from kip.errors import RequestError
from kip.optimization.compiled import compile_model
from kip.optimization.formulation import frame_of, pyomo_model
from kip.optimization.frame import Frame
from kip.optimization.kernel import Options, solve
from kip.optimization.solve import optimize
from kip.results.portfolio import Portfolio
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["Regret", "regret"]

Start = tuple[str, str, int]
"""Shift, district, year."""

_KEPT = 1e-6
"""How far below the most that can be kept the second solve may go, relative to it: the solver's tolerance."""


@dataclass(frozen=True, repr=False)
class Regret(Shown):
    """What last year's choice misses under the new plan.

    Attributes
    ----------
    value : float
        How much better the optimum is than what is kept of the earlier choice [`unit`]; NaN where one of the two is missing.
    low, high : float
        What it is at least and at most, from the bounds of the two solves [`unit`].
    unit : str
    optimum : Portfolio
        The best under the new plan.
    kept : Portfolio
        The earlier starts as far as the new plan allows them, and nothing else; the best under the same objective among
        those that keep as much.
    cut : pandas.DataFrame
        What could not be kept: shift, district, year, units before and now, and why.
    sentences : tuple of str
    language : {"en", "sv"}
    """

    value: float
    low: float
    high: float
    unit: str
    optimum: Portfolio
    kept: Portfolio
    cut: pd.DataFrame
    sentences: tuple[str, ...]
    language: str = "en"

    def sheet(self) -> Sheet:
        """Regret as a sheet, to show."""
        say = Language(self.language)
        sections = [Section(say("regret title"), self.sentences[1:])]
        if len(self.cut):
            sections.append(Section(say("regret cut"), (), self.cut))
        return Sheet(self.optimum.plan.label, self.sentences[0], tuple(sections), say.code)


def regret(
    plan: Plan,
    earlier: Portfolio,
    *,
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
    language: str = "en",
) -> Regret:
    """How much is missed by holding on to an earlier choice, when the plan is another now.

    The new plan's optimum, minus what the earlier decisions give under the new plan. They are kept as they are where that is
    still possible. Where it is not, as many of the starts are kept as can be (each counts as one, and a part of it as that
    part), and `cut` says what had to go; among portfolios that keep as much, the best under the objective. Nothing that
    was not chosen then is added. Both are solved, and the proofs of both stand in the result.

    Parameters
    ----------
    plan : Plan
        As it is now.
    earlier : Portfolio
        From `kip.optimize`, of the plan as it was; its question (measure, limits, required and forbidden) is asked again.
    gap, time_limit, seed
        As in `kip.optimize`, for each of the solves.
    language : {"en", "sv"}

    Returns
    -------
    Regret

    Raises
    ------
    RequestError
        When the earlier portfolio was not optimised, asked for a ratio, or has no answer.

    Examples
    --------
    >>> import kip
    >>> shifts = [kip.Shift(name="buses", cost=6e6, reduction=100), kip.Shift(name="depot", cost=10e6, reduction=150)]
    >>> plan = kip.Plan(name="town", years=[2026], shifts=shifts, budgets=12e6)
    >>> best = kip.optimize(plan)
    >>> cheaper = plan.update({"shifts.buses.cost": 1e6, "shifts.depot.reduction": 90})
    >>> kip.regret(cheaper, best).value
    100.0
    """
    say = Language(language)
    question = _question(earlier)
    known = {item.name for item in (*plan.shifts, *plan.enablers)}
    for word in ("require", "forbid"):
        # what is gone from the plan can be neither required nor forbidden
        question[word] = [name for name in question.get(word, ()) if name in known]
    optimum = optimize(plan, **question, gap=gap, time_limit=time_limit, seed=seed)
    # what was required then may be what is no longer possible: only limits and objective are asked of what is kept
    asked = {name: question[name] for name in ("maximize", "minimize", "minimum", "maximum") if name in question}
    wanted = starts(earlier.dataset)
    model = pyomo_model(plan)
    frame = frame_of(model)
    why = dict(_impossible(plan, frame, wanted))
    _hold(model, frame, {start: units for start, units in wanted.items() if start not in why}, time_limit)
    kept = optimize(plan, **asked, gap=gap, time_limit=time_limit, seed=seed, model=model)
    sign = -1.0 if "minimize" in question else 1.0
    value, low, high = (
        sign * (one - two)
        for one, two in (
            (optimum.objective, kept.objective),
            (optimum.objective, kept.bound),
            (optimum.bound, kept.objective),
        )
    )
    cut = _cut(wanted, kept, why, say)
    words = _sentences(optimum, kept, cut, (value, max(0.0, low), high), say)
    return Regret(value + 0.0, max(0.0, low), high, optimum.objective_unit, optimum, kept, cut, words, language)


def _question(earlier: Portfolio) -> dict[str, Any]:
    if not isinstance(earlier, Portfolio) or not earlier.found or not earlier.request:
        raise RequestError("regret needs a portfolio that kip.optimize has found: its question is asked again. Optimise the earlier plan.")
    request = earlier.request
    if request.get("per"):
        raise RequestError(
            "the earlier portfolio maximised a ratio, and a difference of ratios is no regret. Optimise a measure without per."
        )
    return {name: request[name] for name in ("maximize", "minimize", "minimum", "maximum", "require", "forbid") if request.get(name)}


def _impossible(plan: Plan, frame: Frame, wanted: Mapping[Start, float]) -> Iterator[tuple[Start, str]]:
    """Starts that the new plan has no place for, with the key of the reason."""
    places = {name: row for row, name in enumerate(frame.cells.names)}
    known = {item.name for item in (*plan.shifts, *plan.enablers)}
    locked, decided = frame.inputs["locked"].values, frame.inputs["decided"].values
    for shift, district, year in wanted:
        start = (shift, district, year)
        if shift not in known:
            yield start, "cut gone"
        elif year not in plan.years:
            yield start, "cut year"
        elif (shift, district) not in places:
            yield start, "cut place"
        else:
            cell, column = places[shift, district], plan.years.index(year)
            where = frame.cells.shift[cell], frame.cells.place[cell], column
            if locked[where] and abs(decided[where] - wanted[start]) > 1e-6 * max(1.0, wanted[start]):
                yield start, "cut decided"
            elif frame.new[cell, column] is None:
                yield start, "cut start"


def _hold(model: pyo.ConcreteModel, frame: Frame, wanted: Mapping[Start, float], time_limit: float | None) -> None:
    """Nothing but the earlier starts, and as much of them as can be kept."""
    cells, locked = frame.cells, frame.inputs["locked"].values
    years = [int(year) for year in cells.years]
    chosen: list[tuple[int, int, float]] = []
    for cell, column in np.argwhere(frame.new != None).tolist():  # noqa: E711  elementwise on an array of objects
        if locked[cells.shift[cell], cells.place[cell], column]:
            continue
        item = frame.new[cell, column]
        units = wanted.get((*cells.names[cell], years[column]), 0.0) / float(cells.scale[cell])
        item.setub(min(units, 1.0 if item.ub is None else float(item.ub)))
        if units > 0:
            chosen.append((cell, column, 1.0 / units))
    if not chosen:
        return
    compiled = compile_model(model, frame)
    cost = np.zeros(compiled.problem.columns)
    for cell, column, weight in chosen:
        if compiled.new[cell, column] >= 0:
            cost[compiled.new[cell, column]] = -weight
    solution = solve(compiled.problem.with_cost(cost), Options(gap=0.0, time_limit=np.inf if time_limit is None else time_limit))
    if solution.x is None:
        return
    most = -solution.objective
    if most > (1.0 - _KEPT) * len(chosen):
        for cell, column, _ in chosen:
            frame.new[cell, column].setlb(frame.new[cell, column].ub)
        return
    share = pyo.quicksum(weight * frame.new[cell, column] for cell, column, weight in chosen)
    model.kept_of_earlier = pyo.Constraint(expr=share >= most - _KEPT * max(1.0, most))


def _cut(wanted: Mapping[Start, float], kept: Portfolio, why: Mapping[Start, str], say: Language) -> pd.DataFrame:
    now = starts(kept.dataset) if kept.found else {}
    rows = []
    for start, units in sorted(wanted.items()):
        left = now.get(start, 0.0)
        if left < units - 1e-6 * max(1.0, units):
            rows.append((*start, units, left, say(why.get(start, "cut rules"))))
    return pd.DataFrame(rows, columns=[say(key) for key in ("shift", "district", "year", "units then", "units now", "why")])


def _sentences(
    optimum: Portfolio, kept: Portfolio, cut: pd.DataFrame, values: tuple[float, float, float], say: Language
) -> tuple[str, ...]:
    if not (optimum.found and kept.found):
        missing = optimum if not optimum.found else kept
        return (say("regret none", reason=missing.reason),)
    unit = say.unit(optimum.objective_unit)
    value, low, high = (f"{say.number(part)} {unit}" for part in values)
    words = [say("regret value", value=value)]
    size = max(1.0, abs(optimum.objective), abs(kept.objective))
    exact = values[2] - values[1] <= _KEPT * size
    words.append(say("regret exact") if exact else say("regret between", low=low, high=high))
    one, two = (f"{say.number(side.objective)} {unit}" for side in (optimum, kept))
    words.append(say("regret sides", optimum=one, kept=two))
    words.append(say("regret cut some", count=len(cut)) if len(cut) else say("regret cut none"))
    one_short, two_short = (float(side.dataset["shortfall"].sum()) for side in (optimum, kept))
    if abs(one_short - two_short) > 1e-6 * max(1.0, one_short):
        words.append(say("regret shortfall", value=f"{say.number(two_short - one_short)} {say.unit('t/year')}"))
    return tuple(words)
