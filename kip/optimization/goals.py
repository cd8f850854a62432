"""Goals: what is asked to be reached, from targets of the plan or measures with a value, such as −70 % by 2030."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import xarray as xr

from kip.accounting.measures import parse_measure, value_of
from kip.errors import RequestError, unknown_name
from kip.model import Plan
from kip.optimization.asked import limits_as_numbers
from kip.optimization.changes import Change, at_least, at_most
from kip.views.labels import Language

__all__ = ["Asked", "Goal", "keeps", "kept", "missing", "read_goals"]

Asked: TypeAlias = str | Iterable[str] | Mapping[str, float | str] | None
"""Names of targets (all of the plan's when nothing is given), or {measure: value}."""

_LESS = ("emissions", "cost", "net_cost", "investment", "operation", "shortfall")
"""Measures of which a goal asks for so much at most; of anything else it asks for so much at least."""


@dataclass(frozen=True)
class Goal:
    """One thing that is asked to be reached.

    Attributes
    ----------
    label : str
        In words.
    measure : str
        The measure that is compared; "shortfall" for a target.
    value : float
        What is asked [unit].
    sense : float
        1: at least; -1: at most.
    unit : str
    year : int or None
    base : float
        What percent points are of [unit]; NaN when there is none.
    target : str
        Name of the target; empty for a measure.
    level : float
        Emissions that a target allows [t/year]; NaN for a measure.
    """

    label: str
    measure: str
    value: float
    sense: float
    unit: str
    year: int | None = None
    base: float = math.nan
    target: str = ""
    level: float = math.nan

    @property
    def tolerance(self) -> float:
        """What the solver cannot tell apart."""
        return 1e-6 * max(1.0, abs(self.value if math.isnan(self.level) else self.level))


def keeps(goal: Goal, reached: float | None = None) -> Change:
    """The goal as a limit; or what was reached of it, when that is less."""
    value = goal.value if reached is None else min(goal.sense * goal.value, goal.sense * reached) * goal.sense
    slack = 1e-9 * max(1.0, abs(value))
    return at_least(goal.measure, value - slack) if goal.sense > 0 else at_most(goal.measure, value + slack)


def missing(goal: Goal, reached: float) -> float:
    """How much is missing; 0 when the goal is kept within the solver's tolerance."""
    gap = goal.sense * (goal.value - reached)
    return gap if gap > goal.tolerance else 0.0


def reached_of(goal: Goal, data: xr.Dataset) -> float:
    """What a counted portfolio gives of the goal: a measure, or the shortfall of a target."""
    if goal.target:
        return float(data["shortfall"].sel(target=goal.target))
    return value_of(parse_measure(goal.measure, data), data)


def kept(inputs: xr.Dataset, goals: Iterable[Goal]) -> xr.Dataset:
    """The inputs with the targets of these goals only: the shortfall is then theirs."""
    names = [goal.target for goal in goals if goal.target]
    return inputs.isel(target=[row for row, name in enumerate(map(str, inputs["target"].values)) if name in names])


def read_goals(plan: Plan, inputs: xr.Dataset, asked: Asked, say: Language) -> tuple[Goal, ...]:
    """Goals from what was asked.

    Raises
    ------
    RequestError
        With every unknown name and value that cannot be read.
    """
    if isinstance(asked, Mapping):
        return _of_measures(plan, inputs, asked, say)
    known = list(map(str, inputs["target"].values))
    names = known if asked is None else [asked] if isinstance(asked, str) else list(dict.fromkeys(map(str, asked)))
    if not names:
        raise RequestError('the plan has no target, so say what is to be reached: kip.reach(plan, {"reduction_2030": "40 kt/year"}).')
    wrong = [unknown_name("target", name, known) for name in names if name not in known]
    if wrong:
        more = ' A measure is given with a value: {"emissions_2030": "-70 %"}.'
        raise RequestError("\n".join(text + more for text in wrong))
    return tuple(_of_target(plan, inputs, known.index(name), say) for name in names)


def _of_target(plan: Plan, inputs: xr.Dataset, row: int, say: Language) -> Goal:
    name, level = str(inputs["target"].values[row]), float(inputs["target_value"].values[row])
    ledger = next(item for item in plan.ledgers if item.name == str(inputs["target_ledger"].values[row]))
    target = next(item for item in plan.targets if item.name == name)
    base = target.base_value if target.base_value is not None else ledger.base_value
    label = say("reach target", target=target.label, level=say.sized(level, "t/year"), year=target.year)
    return Goal(label, "shortfall", 0.0, -1.0, "t/year", target.year, math.nan if base is None else float(base), name, level)


def _of_measures(plan: Plan, inputs: xr.Dataset, asked: Mapping[str, float | str], say: Language) -> tuple[Goal, ...]:
    if not asked:
        raise RequestError('no goal is given. Write for example {"emissions_2030": "-70 %"}.')
    goals, wrong = [], list[str]()
    base = plan.ledgers[0].base_value
    for name, value in asked.items():
        share = _percent(value)
        try:
            measure = parse_measure(name, inputs)
        except RequestError as error:
            wrong.append(str(error))
            continue
        if measure.base in {"least", "sen"} or (measure.base == "shortfall" and share is not None):
            wrong.append(f'"{name}" cannot be a goal here. Give a measure such as reduction_2030, or the name of a target.')
            continue
        less = measure.base in _LESS or (
            measure.base == "indicator" and str(inputs["indicator_direction"].sel(indicator=measure.key).values) == "down"
        )
        if share is not None:
            number = _of_base(name, measure.base, measure.year, share, base, wrong)
        else:
            number = limits_as_numbers(inputs, {name: value}, wrong).get(name, math.nan)
        words = say("reach at most" if less else "reach at least", measure=name, value=say.sized(number, measure.unit).strip())
        tonnes = measure.base in {"emissions", "reduction"} and base is not None and measure.year is not None
        goals.append(Goal(words, name, number, -1.0 if less else 1.0, measure.unit, measure.year, float(base or 0) if tonnes else math.nan))
    if wrong:
        raise RequestError("\n".join(dict.fromkeys(wrong)))
    return tuple(goals)


def _percent(value: object) -> float | None:
    """A share of the base year from text such as "-70 %"; None for anything else."""
    if not isinstance(value, str):
        return None
    found = re.fullmatch(r"\s*[-−–]?\s*(\d+(?:[.,]\d+)?)\s*%\s*", value)
    return None if found is None else float(found[1].replace(",", ".")) / 100.0


def _of_base(name: str, stem: str, year: int | None, share: float, base: float | None, wrong: list[str]) -> float:
    if stem not in {"emissions", "reduction"} or year is None:
        wrong.append(f'"{name}": a percentage is of the base year\'s emissions. Write emissions_2030 or reduction_2030, or give a number.')
        return math.nan
    if base is None:
        wrong.append(f'"{name}": the main ledger has no base year to take a percentage of. Give it base_year, base_value and source.')
        return math.nan
    return float((1.0 - share) * base) if stem == "emissions" else float(share * base)
