"""Is a frontier's question one that the plan can answer? Every problem of the call in one report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import xarray as xr

from kip.accounting.inputs import build_inputs
from kip.accounting.measures import names_of_measures, parse_measure
from kip.errors import RequestError, unknown_name
from kip.optimization.asked import ask, check_options
from kip.optimization.budget_share import BUDGET, Share, find_share
from kip.optimization.question import Question
from kip.results.pareto import Objective
from kip.views.labels import Language

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["Asked", "ask_frontier"]

_LESS = {"emissions", "investment", "operation", "cost", "net_cost", "shortfall", "budget"}
_ONLY = {"shortfall": "min", "budget": "min", "least": "max", "sen": "max"}


@dataclass(frozen=True)
class Asked:
    """A checked question.

    Attributes
    ----------
    own : Plan
        As it was given.
    plan : Plan
        With the budgets that may be gone up to.
    question : Question
        Its first objective that is a measure, and the limits.
    objectives : tuple of Objective
    shares : tuple of Share
        Budgets that are objectives.
    up_to : float
    """

    own: Plan
    plan: Plan
    question: Question
    objectives: tuple[Objective, ...]
    shares: tuple[Share, ...]
    up_to: float

    @property
    def share_names(self) -> set[str]:
        """Objectives that are budgets."""
        return {share.name for share in self.shares}

    def plan_with(self, times: Mapping[str, float]) -> Plan:
        """The plan with these shares of its budgets, by name of the objective."""
        return _scaled(self.own, times) if times else self.plan


def ask_frontier(
    plan: Plan, objectives: Iterable[str] | Mapping[str, str], limits: Mapping[str, Any], options: Mapping[str, Any], up_to: float
) -> Asked:
    """Check everything that a frontier is asked.

    Raises
    ------
    RequestError
        With every problem.
    """
    wrong = _options(options)
    wanted, trouble = _wanted(objectives)
    wrong += trouble
    budgets = [name for name, _ in wanted if name.partition(".")[0] == BUDGET]
    if isinstance(up_to, bool) or not isinstance(up_to, int | float) or not math.isfinite(up_to) or up_to <= 0:
        wrong.append(f"budget_up_to={up_to!r}: give how many times the plan's budgets, above 0, such as 1.5.")
        up_to = 1.0
    elif up_to != 1 and not budgets:
        wrong.append('budget_up_to says how far a budget may grow, and no objective is one. Take "budget" as an objective.')
    if BUDGET in budgets and len(budgets) > 1:
        wrong.append(f'"{BUDGET}" is all budgets together, so it cannot stand beside {", ".join(budgets[1:])}. Take one or the others.')
    larger = _scaled(plan, dict.fromkeys(budgets, up_to)) if budgets and up_to != 1 else plan
    inputs = build_inputs(larger)
    found, shares = list[Objective](), list[Share]()
    for name, direction in wanted:
        try:
            if name in budgets:
                shares.append(find_share(name, inputs, up_to, len(shares)))
            found.append(_objective(name, direction, inputs))
        except RequestError as error:
            wrong.append(str(error))
    measure = next((item for item in found if item.name not in budgets), None)
    name = measure.name if measure else "reduction"
    question = Question(minimize=name) if measure and measure.direction == "min" else Question(maximize=name)
    try:
        question = ask(inputs, question, limits["minimum"], limits["maximum"], limits["require"], limits["forbid"])
    except RequestError as error:
        wrong.append(str(error))
    if wrong:
        raise RequestError("\n".join(wrong))
    return Asked(plan, larger, question, tuple(found), tuple(shares), float(up_to))


def _options(options: Mapping[str, Any]) -> list[str]:
    wrong = []
    try:
        check_options(0.0 if options["gap"] is None else options["gap"], options["time_limit"], options["seed"])
    except RequestError as error:
        wrong.append(str(error))
    points, workers = options["points"], options["workers"]
    if points is not None and (isinstance(points, bool) or not isinstance(points, int) or points < 2):
        wrong.append(f"points={points!r}: give a whole number of 2 or more, or leave it out.")
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        wrong.append(f"workers={workers!r}: give a whole number of 1 or more.")
    Language(options["language"])
    return wrong


def _wanted(objectives: object) -> tuple[list[tuple[str, str]], list[str]]:
    """Names with their direction, empty where it is the natural one."""
    if isinstance(objectives, Mapping):
        pairs = [(str(name), str(direction)) for name, direction in objectives.items()]
    elif isinstance(objectives, str):
        pairs = [(objectives, "")]
    elif isinstance(objectives, Iterable):
        pairs = []
        for text in map(str, objectives):
            head, colon, rest = text.partition(":")
            pairs.append((rest.strip(), head.strip()) if colon and head.strip() in {"max", "min"} else (text, ""))
    else:
        return [], [f'objectives={objectives!r}: give two to four measures, such as ("reduction", "cost").']
    wrong = [f'"{name}": found the direction "{way}". Say "max" or "min".' for name, way in pairs if way not in {"", "max", "min"}]
    names = [name for name, _ in pairs]
    wrong += [f'"{name}" is an objective twice. Take it out once.' for name in dict.fromkeys(names) if names.count(name) > 1]
    if not 2 <= len(pairs) <= 4:
        one = " With one, kip.optimize is the verb." if len(pairs) == 1 else ""
        wrong.append(f"found {len(pairs)} objective{'' if len(pairs) == 1 else 's'}; a frontier takes two to four.{one}")
    return pairs, wrong


def _objective(name: str, direction: str, inputs: xr.Dataset) -> Objective:
    base = name.partition(".")[0]
    title = ""
    if base == BUDGET and name not in inputs["indicator"].values:
        natural, unit = "min", str(inputs.attrs["currency"])
    else:
        try:
            measure = parse_measure(name, inputs)
        except RequestError as error:
            known = [*names_of_measures(inputs), BUDGET]
            raise RequestError(unknown_name("objective", name, known) if str(error).startswith("unknown measure") else str(error)) from None
        base, unit = measure.base, measure.unit
        natural = "min" if base in _LESS else "max"
        if base == "indicator":
            row = list(inputs["indicator"].values).index(measure.key)
            natural = "min" if str(inputs["indicator_direction"].values[row]) == "down" else "max"
            title = str(inputs["indicator_title"].values[row]) + (f" {measure.year}" if measure.year else "")
    way = direction or natural
    if way in {"max", "min"} and _ONLY.get(base, way) != way:
        raise RequestError(f'"{name}" can only be {"minimised" if way == "max" else "maximised"}. Leave its direction out.')
    return Objective(name, way, unit, title)


def _scaled(plan: Plan, times: Mapping[str, float]) -> Plan:
    """The plan with the budgets of some objectives multiplied."""
    budgets = []
    for item in plan.budgets:
        factor = times.get(BUDGET, times.get(f"{BUDGET}.{item.actor}", 1.0))
        more = {year: factor * value for year, value in item.amount.items()} if isinstance(item.amount, dict) else factor * item.amount
        budgets.append(item.model_copy(update={"amount": more}) if factor != 1 else item)
    return plan.update({"budgets": budgets}) if budgets else plan
