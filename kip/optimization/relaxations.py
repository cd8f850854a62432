"""What would close the gap to a goal, each alone: money, the goal itself, a later year, a resource, a faster pace, more potential."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr

from kip.errors import RequestError, unknown_name
from kip.optimization.clash import possible
from kip.optimization.extended import elastic
from kip.optimization.goals import Goal, keeps, missing, reached_of
from kip.optimization.kernel import Options, Solution, solve
from kip.optimization.one_more import with_inputs
from kip.optimization.problem import Problem
from kip.optimization.study import Study
from kip.views.labels import Language

__all__ = ["PRICES", "Relaxing", "prices_of", "relaxation_table"]

Row: TypeAlias = dict[str, Any]

PRICES = {"tonne": math.nan, "growth": 0.25}
"""What is not money, in money (§9).

tonne: a tonne that is missed in a year [currency/t]; that of the ledger when left out. growth: doubling the pace or the potential of what
is chosen in parts, as a share of what is invested in it [1]; an assumption, shown beside the price.
"""

_MOST_GROWTH = 10.0
_CLOSE = 0.01
_SECONDS = 60.0
"""Time for each kind of money."""
COLUMNS = ("kind", "name", "needed", "unit", "price", "possible", "reaches", "status", "sentence")


def prices_of(given: Mapping[str, float] | None, inputs: xr.Dataset, year: int | None) -> dict[str, float]:
    """Prices of what is not money: those given, else the defaults.

    Raises
    ------
    RequestError
        For another name or a price below 0.
    """
    prices, wrong = dict(PRICES), []
    worth = inputs["tonne_worth"].sel(ledger=inputs.attrs["main_ledger"]).values
    years = list(inputs["year"].values)
    at = float(worth[years.index(year)] if year in years else worth.max(initial=0.0))
    prices["tonne"] = at if at > 0 else math.nan
    for name, value in (given or {}).items():
        if name not in PRICES:
            wrong.append(unknown_name("price", name, list(PRICES)))
        elif isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
            wrong.append(f"prices: {name}={value!r} must be a number of 0 or more, for example 1500.")
        else:
            prices[name] = float(value)
    if wrong:
        raise RequestError("\n".join(wrong))
    return prices


def relaxation_table(rows: list[Row]) -> pd.DataFrame:
    """One row for each thing that could give way."""
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("needed", "price", "reaches"):
        table[name] = table[name].astype(float)
    table["possible"] = table["possible"].astype(object)
    return table


class Relaxing:
    """Looks at one kind of limit after another, with everything else as it is.

    Parameters
    ----------
    study : Study
    goals : tuple of Goal
    reached : list of float
        What the nearest portfolio reaches of each goal.
    invested : float
        What it invests in shifts chosen in parts [currency].
    prices : mapping
    say : Language
    """

    def __init__(
        self, study: Study, goals: tuple[Goal, ...], reached: list[float], invested: float, prices: Mapping[str, float], say: Language
    ) -> None:
        self.study, self.goals, self.say, self.prices = study, goals, say, prices
        self.gaps = [missing(goal, value) for goal, value in zip(goals, reached, strict=True)]
        self.first = next((row for row, gap in enumerate(self.gaps) if gap > 0), 0)
        self.reached, self.invested = reached[self.first], invested
        self.currency = study.plan.currency

    def all(self) -> Iterator[Row]:
        """A row for each kind, the goal itself first."""
        yield self._goal()
        for kind in (self._money, self._limits, self._year, self._resources, self._pace, self._potential):
            if self.study.out_of_time:
                yield self._row("time", "", possible=None, status="not asked", sentence=self.say("reach out of time"))
                return
            yield from kind()

    def _row(self, kind: str, name: str, **values: Any) -> Row:
        blank = {
            "needed": math.nan,
            "unit": "",
            "price": math.nan,
            "possible": False,
            "reaches": math.nan,
            "status": "proven",
            "sentence": "",
        }
        return {"kind": kind, "name": name, **blank, **values}

    def _goal(self) -> Row:
        goal, gap = self.goals[self.first], self.gaps[self.first]
        price = gap * self.prices["tonne"] if goal.unit.startswith("t") else math.nan
        to = goal.level + gap if goal.target else self.reached
        words = self.say(
            "relax goal", goal=goal.label, to=self.say.sized(to, goal.unit).strip(), gap=self.say.sized(gap, goal.unit).strip()
        )
        return self._row("goal", goal.target or goal.measure, needed=gap, unit=goal.unit, price=price, possible=True, sentence=words)

    # ---- money ---------------------------------------------------------------------------------------------------
    def _money(self) -> Iterator[Row]:
        inputs = self.study.inputs
        budgets = list(map(str, inputs["budget"].values))
        if not budgets:
            yield self._row("money", "", sentence=self.say("relax no budget"))
            return
        everything = self._extra(budgets, self.say("relax all budgets"), "money")
        yield everything
        actors = sorted(set(inputs["budget_actor"].values.tolist()))
        if len(actors) < 2 or everything["possible"] is False:
            return
        for actor in actors:
            mine = [name for name, owner in zip(budgets, inputs["budget_actor"].values, strict=True) if owner == actor]
            if not self.study.out_of_time:
                yield self._extra(mine, str(inputs["actor_title"].values[actor]), "money")

    def _extra(self, names: list[str], label: str, kind: str) -> Row:
        """The least money more in some budgets, over all their years."""
        study, session = self.study, self.study.session
        rows = [row for row, (rule, index) in enumerate(session.compiled.rows) if rule == "budget" and str(index[0]) in names]
        problem = study.problem(*(keeps(goal) for goal in self.goals))
        solution = self._least(problem, rows)
        if solution.x is None:
            if solution.status != "infeasible":
                return self._row(kind, label, possible=None, status="unproven", sentence=self.say("relax unknown", what=label))
            everything = len(names) == study.inputs.sizes["budget"]
            reaches = self._without_budgets() if everything else math.nan
            return self._row(kind, label, reaches=reaches, sentence=self._not_enough("relax money never", reaches, actor=label))
        step = session.compiled.frame.scales.money
        overruns = dict(zip(rows, solution.x[problem.columns :] * step, strict=True))
        least = float(np.ceil(sum(overruns.values()) - 1e-3))
        status = "proven" if solution.status == "optimal" and self._holds(overruns) else "unproven"
        words = self.say("relax money", actor=label, money=self.say.sized(least, self.currency))
        if status != "proven":
            words += " " + self.say("relax about")
        return self._row(kind, label, needed=least, unit=self.currency, price=least, possible=True, status=status, sentence=words)

    def _least(self, problem: Problem, rows: list[int]) -> Solution:
        """The least overrun of some rows."""
        session = self.study.session
        limits = Options(
            gap=max(1e-6, session.limits.gap),
            time_limit=min(_SECONDS, session.time_left()),
            seed=session.limits.seed,
            stop=session.stop,
        )
        solution = solve(elastic(problem, rows), limits)
        session.solves += 1
        session.stopped = session.stopped or solution.status == "interrupted"
        return solution

    def _holds(self, overruns: Mapping[int, float]) -> bool:
        """Where products are held by tangents from outside: whether the money is enough when everything is counted."""
        study = self.study
        if not study.session.tangents.needed:
            return True
        inputs = study.inputs
        amount = inputs["budget_amount"].values.copy()
        names, years = list(map(str, inputs["budget"].values)), [str(int(year)) for year in inputs["year"].values]
        for row, money in overruns.items():
            _, (name, when) = study.session.compiled.rows[row]
            amount[names.index(str(name)), 0 if when == "total" else years.index(str(when))] += np.ceil(money)
        changed = inputs.copy()
        changed["budget_amount"] = (inputs["budget_amount"].dims, amount, inputs["budget_amount"].attrs)
        return self._can(with_inputs(study, changed), self.goals) is True

    def _without_budgets(self) -> float:
        """What is reached of the first goal that is missed when money is no limit."""
        study = self.study
        goal = self.goals[self.first]
        free = with_inputs(study, study.inputs.isel(budget=[]))
        answer = free.extreme(goal.measure, goal.sense, *(keeps(other) for other in self.goals[: self.first]), enough=goal.value)
        self._count(free)
        if answer.data is None:
            return math.nan
        value = reached_of(goal, answer.data)
        # with a gap the search may stop short of what is known already
        value = goal.sense * max(goal.sense * value, goal.sense * self.reached)
        return goal.level + value if goal.target else value

    def _not_enough(self, key: str, reaches: float, **parts: object) -> str:
        goal = self.goals[self.first]
        words = self.say(key, **parts)
        return words if math.isnan(reaches) else f"{words} {self.say('relax reaches', value=self.say.sized(reaches, goal.unit).strip())}"

    def _limits(self) -> Iterator[Row]:
        """Each limit of the question, in its own unit."""
        study, session = self.study, self.study.session
        for row, (rule, index) in enumerate(session.compiled.rows):
            if rule != "limit" or study.out_of_time:
                continue
            name, side = str(index[0]), str(index[1])
            measure, _, scale = session.terms(name)
            problem = study.problem(*(keeps(goal) for goal in self.goals))
            if side == "minimum":
                # written the other way round: overruns are of rows that are at most something
                problem = _turned(problem, row)
            solution = self._least(problem, [row])
            if solution.x is None:
                known = solution.status == "infeasible"
                key = "relax limit never" if known else "relax unknown"
                words = self.say(key, what=name)
                yield self._row("limit", name, possible=False if known else None, status="proven" if known else "unproven", sentence=words)
                continue
            by = float(solution.x[-1]) * scale
            money = measure.unit == self.currency
            status = "proven" if solution.status == "optimal" and not session.tangents.needed else "unproven"
            words = self.say(f"relax limit {side}", measure=name, by=self.say.sized(by, measure.unit).strip())
            price = by if money and side == "maximum" else math.nan
            yield self._row("limit", name, needed=by, unit=measure.unit, price=price, possible=True, status=status, sentence=words)

    # ---- time ----------------------------------------------------------------------------------------------------
    def _year(self) -> Iterator[Row]:
        goal, inputs = self.goals[self.first], self.study.inputs
        if goal.year is None:
            return
        later = [int(year) for year in inputs["year"].values if year > goal.year]
        proven, name = True, goal.target or goal.measure
        for year in later:
            if self.study.out_of_time:
                proven = False
                break
            study, goals = self._moved(goal.year, year)
            answer = self._can(study, goals)
            if study is not self.study:
                self._count(study)
            proven = proven and answer is not None
            if answer:
                years = year - goal.year
                price = self.gaps[self.first] * years * self.prices["tonne"] if goal.unit.startswith("t") else math.nan
                words = self.say("relax year", goal=goal.label, year=year, years=years)
                status = "proven" if proven else "unproven"
                yield self._row("year", name, needed=float(years), unit="year", price=price, possible=True, status=status, sentence=words)
                return
        words = self.say("relax year never", goal=goal.label, last=int(inputs["year"].values[-1]))
        yield self._row("year", name, possible=False if proven else None, status="proven" if proven else "unproven", sentence=words)

    def _moved(self, year: int, to: int) -> tuple[Study, tuple[Goal, ...]]:
        """The goals of a year in a later one."""
        goals = tuple(
            replace(goal, measure=re.sub(rf"_{year}$", f"_{to}", goal.measure), year=to) if goal.year == year else goal
            for goal in self.goals
        )
        if not any(goal.target and goal.year == to for goal in goals):
            return self.study, goals
        inputs = self.study.inputs
        when = np.where(inputs["target_year"].values == year, to, inputs["target_year"].values)
        return with_inputs(self.study, inputs.assign_coords(target_year=("target", when))), goals

    # ---- resources, pace, potential ------------------------------------------------------------------------------
    def _resources(self) -> Iterator[Row]:
        inputs = self.study.inputs
        for row, name in enumerate(map(str, inputs["resource"].values)):
            if self.study.out_of_time:
                return
            most = inputs["supply"].values.copy()
            unit = str(inputs["resource_unit"].values[row]) or "1"
            yield from self._grown("resource", self.say("relax resource", resource=name), (("supply", row, most),), unit)

    def _pace(self) -> Iterator[Row]:
        inputs = self.study.inputs
        paced = [row for row in range(inputs.sizes["shift"]) if np.isfinite(inputs["ramp"].values[row]).all()]
        if paced:
            yield from self._grown("pace", self.say("relax paces"), tuple(("ramp", row, inputs["ramp"].values) for row in paced), "1")

    def _potential(self) -> Iterator[Row]:
        inputs = self.study.inputs
        parts = [int(row) for row in np.flatnonzero(inputs["choice"].values != "whole")]
        if parts:
            fields = [(name, row, inputs[name].values) for row in parts for name in ("potential", "potential_total")]
            yield from self._grown("potential", self.say("relax potentials"), tuple(fields), "1")

    def _grown(self, kind: str, name: str, fields: tuple[tuple[str, int, np.ndarray], ...], unit: str) -> Iterator[Row]:
        """The smallest factor on some numbers that is enough, to one percent."""
        largest = self._with_factor(fields, _MOST_GROWTH)
        if largest is not True:
            status = "proven" if largest is False else "unproven"
            key = "relax growth never" if largest is False else "relax unknown"
            yield self._row(
                kind, name, possible=largest, status=status, sentence=self.say(key, what=name, factor=self.say.number(_MOST_GROWTH))
            )
            return
        low, high, proven = 1.0, _MOST_GROWTH, True
        while high / low > 1.0 + _CLOSE and not self.study.out_of_time:
            middle = math.sqrt(low * high)
            enough = self._with_factor(fields, middle)
            proven = proven and enough is not None
            low, high = (low, middle) if enough else (middle, high)
        proven = proven and high / low <= 1.0 + _CLOSE
        price = math.nan if kind == "resource" else self.prices["growth"] * math.log2(high) * self.invested
        words = self.say("relax growth", what=name, factor=self.say.number(high, 2))
        if not math.isnan(price):
            words += " " + self.say(
                "relax growth price", money=self.say.sized(price, self.currency), share=self.say.percent(self.prices["growth"])
            )
        status = "proven" if proven else "unproven"
        yield self._row(
            kind, name, needed=high, unit=unit if kind != "resource" else "1", price=price, possible=True, status=status, sentence=words
        )

    def _with_factor(self, fields: tuple[tuple[str, int, np.ndarray], ...], factor: float) -> bool | None:
        inputs = self.study.inputs.copy()
        for name in {field for field, _, _ in fields}:
            values = inputs[name].values.copy()
            for field, row, _ in fields:
                if field == name:
                    values[row] = values[row] * factor
            inputs[name] = (inputs[name].dims, values, inputs[name].attrs)
        study = with_inputs(self.study, inputs)
        answer = self._can(study, self.goals)
        self._count(study)
        return answer

    def _can(self, study: Study, goals: tuple[Goal, ...]) -> bool | None:
        """Whether all goals can be kept together; None when the time was not enough to know."""
        changes = [keeps(goal) for goal in goals]
        answer = possible(study.session, study.problem(*changes))
        if answer is not True or not study.session.tangents.needed:
            return answer
        # tangents hold a product from outside: what they allow is counted before it is believed
        first, *others = goals
        found = study.extreme(first.measure, first.sense, *(keeps(goal) for goal in others), enough=first.value)
        if found.data is None:
            return False if found.solution.status == "infeasible" else None
        if missing(first, study.session.exact(first.measure)(found.data)) == 0:
            return True
        return False if found.solution.status == "optimal" else None

    def _count(self, other: Study) -> None:
        self.study.session.solves += other.session.solves
        self.study.session.stopped = self.study.session.stopped or other.session.stopped


def _turned(problem: Problem, row: int) -> Problem:
    """One row times -1."""
    value, low, high = problem.value.copy(), problem.row_low.copy(), problem.row_high.copy()
    value[problem.start[row] : problem.start[row + 1]] *= -1.0
    low[row], high[row] = -problem.row_high[row], -problem.row_low[row]
    return replace(problem, value=value, row_low=low, row_high=high)
