"""What must hold in a plan as a whole, and what deserves a second look. Every problem at once.

`problems` runs all rules; each rule is a generator of `Issue` and knows nothing of the others. A rule that finds an
error says what was found, what is allowed, the nearest name, and what to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kip.errors import Issue, unknown_name
from kip.model.checks_control import control
from kip.model.checks_funding import FUNDING_RULES, funding_references
from kip.model.checks_ledgers import complementary, targets
from kip.model.checks_living import living
from kip.model.checks_overlaps import overlap_problems
from kip.model.checks_people import people
from kip.model.checks_scaling import scaling_problems
from kip.model.checks_units import units
from kip.model.checks_values import value_sets
from kip.model.fields import EVERYWHERE, leaves
from kip.model.paths import exists, key_of
from kip.model.warnings import SECOND_LOOK
from kip.units import CURRENCIES

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["problems"]

Rule = Callable[["Plan"], Iterator[Issue]]

SPAN = 1e10
"""Largest ratio between two sums of money in one plan that a solver can still tell apart (double precision, tolerance 1e-6)."""


def problems(plan: Plan, second_look: bool = True) -> list[Issue]:
    """Every problem of a plan, errors first, in the order of the plan; without warnings when no second look is wanted."""
    found: list[Issue] = []
    for rule in _RULES:
        found += [issue for issue in rule(plan) if issue not in found]
    if second_look and not any(issue.severity == "error" for issue in found):
        for rule in SECOND_LOOK:
            found += [issue for issue in rule(plan) if issue not in found]
    return sorted(found, key=lambda issue: issue.severity)


def _horizon(plan: Plan) -> Iterator[Issue]:
    years = plan.years
    if not years:
        yield Issue('no years. Write the years, for example "2026-2045" or [2026].', "years")
        return
    doubled = sorted(year for year, count in Counter(years).items() if count > 1)
    if doubled:
        yield Issue(f"the year {doubled[0]} is there twice. Write each year once.", "years")
    elif list(years) != list(range(years[0], years[0] + len(years))):
        missing = sorted(set(range(min(years), max(years) + 1)) - set(years))
        what = f"{', '.join(map(str, missing[:5]))} missing" if missing else "not in order"
        yield Issue(
            f"years {what}. Write every year from first to last without gaps, "
            f'for example "{min(years)}-{max(years)}"; use start_years to let shifts start in some of them only.',
            "years",
        )
    for year in plan.start_years:
        if year not in years:
            yield Issue(f"{year} is not a year of the plan ({min(years)}-{max(years)}). Take it away.", "start_years")
    if plan.currency not in CURRENCIES:
        yield Issue(unknown_name("currency", plan.currency, CURRENCIES), "currency")
    if plan.discount_rate <= -1:
        yield Issue(f'{plan.discount_rate:g} is not a rate. Write for example 0.035 or "3.5 %".', "discount_rate")
    if not plan.shifts:
        yield Issue("the plan has no shifts, so there is nothing to choose. Add at least one.", "shifts")


def _names(plan: Plan) -> Iterator[Issue]:
    groups: list[tuple[str, str, tuple[Any, ...]]] = [
        ("district", "districts", plan.districts),
        ("actor", "actors", plan.actors),
        ("activity", "activities", plan.activities),
        ("shift or enabler", "shifts", (*plan.shifts, *plan.enablers)),
        ("source of funding", "funding", plan.funding),
        ("resource", "resources", plan.resources),
        ("value set", "value_sets", plan.value_sets),
        ("indicator", "indicators", plan.indicators),
        ("ledger", "ledgers", plan.ledgers),
        ("target", "targets", plan.targets),
        ("scenario", "scenarios", plan.scenarios),
    ]
    for kind, field, nouns in groups:
        for name, count in Counter(noun.name for noun in nouns).items():
            if count > 1:
                yield Issue(f'{count} times the {kind} "{name}". Give each its own name.', f"{field}.{name}")
    for (actor, kind), count in Counter((budget.actor, budget.kind) for budget in plan.budgets).items():
        if count > 1:
            yield Issue(f'{count} budgets of kind "{kind}" for "{actor}". Add them up into one.', f"budgets.{actor}")
    if any(district.name == EVERYWHERE for district in plan.districts):
        yield Issue(f'"{EVERYWHERE}" stands for the whole municipality. Give the district another name.', f"districts.{EVERYWHERE}")
    for indicator in plan.indicators:
        if indicator.name in _RESERVED:
            yield Issue(f'"{indicator.name}" is a measure of every plan. Choose another name.', f"indicators.{indicator.name}")


_RESERVED = {
    "reduction", "lifetime_reduction", "investment", "operation", "cost", "net_cost", "net_benefit", "shortfall", "emissions", "adopted",
    "complementary",
}  # fmt: skip


def _references(plan: Plan) -> Iterator[Issue]:
    known = _Known(plan)
    for activity in plan.activities:
        place = f"activities.{activity.name}"
        if activity.actor is not None:
            yield from known.check("actor", [activity.actor], f"{place}.actor")
        yield from known.check("district", activity.amount, f"{place}.amount")
        yield from known.check("ledger", activity.factor, f"{place}.factor", also=EVERYWHERE)
        yield from known.check("indicator", activity.indicators, f"{place}.indicators")
    for shift in plan.shifts:
        place = f"shifts.{shift.name}"
        yield from _measure_references(known, shift, place)
        for field in ("source", "target"):
            name = getattr(shift, field)
            if name is not None:
                yield from known.check("activity", [name], f"{place}.{field}")
        yield from known.check("district", shift.potential, f"{place}.potential")
        yield from known.check("ledger", shift.reduction, f"{place}.reduction", also=EVERYWHERE)
    for enabler in plan.enablers:
        place = f"enablers.{enabler.name}"
        yield from _measure_references(known, enabler, place)
        yield from known.check("shift", enabler.opens, f"{place}.opens")
    for budget in plan.budgets:
        yield from known.check("actor", [budget.actor], f"budgets.{key_of(budget, plan.budgets)}")
        if isinstance(budget.amount, dict):
            for year in sorted(set(budget.amount) - set(plan.years)):
                yield Issue(
                    f"{year} is outside the plan's years. Take it away or lengthen the plan.",
                    f"budgets.{key_of(budget, plan.budgets)}.amount.{year}",
                )
    yield from funding_references(plan, known.check)
    for target in plan.targets:
        if target.ledger is not None:
            yield from known.check("ledger", [target.ledger], f"targets.{target.name}.ledger")
    for path in plan.passports:
        wrong = exists(plan, path)
        if wrong:
            yield Issue(f"passport for a number that is not there: {wrong}", f"passports.{path}")
    for scenario in plan.scenarios:
        for path in scenario.changes:
            wrong = exists(plan, path) and exists(plan, path.rpartition(".")[0])
            if wrong:
                yield Issue(wrong, f"scenarios.{scenario.name}.changes")


class _Known:
    """Names that exist, by kind, and the sentence for those that do not."""

    def __init__(self, plan: Plan) -> None:
        self.names = {
            "actor": [item.name for item in plan.actors],
            "source of funding": [item.name for item in plan.funding],
            "district": [item.name for item in plan.districts],
            "activity": [item.name for item in plan.activities],
            "shift": [item.name for item in plan.shifts],
            "shift or enabler": [item.name for item in (*plan.shifts, *plan.enablers)],
            "indicator": [item.name for item in plan.indicators],
            "ledger": [item.name for item in plan.ledgers],
            "resource": [item.name for item in plan.resources],
        }
        self.free_districts = not plan.districts

    def check(self, kind: str, used: Iterable[str], path: str, also: str = "") -> Iterator[Issue]:
        if kind == "district":
            if self.free_districts:
                return
            also = EVERYWHERE
        allowed = self.names[kind]
        for name in used:
            if name not in allowed and name != also:
                yield Issue(unknown_name(kind, name, allowed), path)


def _measure_references(known: _Known, item: Any, place: str) -> Iterator[Issue]:
    for field in ("cost", "opex", "reference_cost", "reference_opex"):
        yield from known.check("actor", getattr(item, field), f"{place}.{field}", also=EVERYWHERE)
    if item.payer is not None:
        yield from known.check("actor", [item.payer], f"{place}.payer")
    yield from known.check("district", item.districts, f"{place}.districts")
    yield from known.check("indicator", item.cobenefits, f"{place}.cobenefits")
    yield from known.check("resource", item.uses, f"{place}.uses")
    for field in ("requires", "requires_any", "excludes"):
        yield from known.check("shift or enabler", getattr(item, field), f"{place}.{field}")


def _relations(plan: Plan) -> Iterator[Issue]:
    items: dict[str, Any] = {item.name: item for item in (*plan.shifts, *plan.enablers)}
    places = {item.name: f"shifts.{item.name}" for item in plan.shifts}
    places |= {item.name: f"enablers.{item.name}" for item in plan.enablers}
    for name, item in items.items():
        for field in ("requires", "requires_any"):
            for other in getattr(item, field):
                if getattr(items.get(other), "choice", "whole") != "whole":
                    yield Issue(
                        f'"{other}" is chosen in parts, so it has no start to wait for. Require a whole shift or an enabler.',
                        f"{places[name]}.{field}",
                    )
        if name in (*item.requires, *item.requires_any, *item.excludes):
            yield Issue(f'"{name}" names itself. Take it away.', places[name])
        for other in sorted(set(item.requires) & set(items)):
            if other in item.excludes or name in items[other].excludes:
                yield Issue(
                    f'"{name}" requires "{other}" and excludes it, so it can never be chosen. Take one of the two away.',
                    f"{places[name]}.requires",
                )
    yield from _circles(items, places)


def _circles(items: dict[str, Any], places: dict[str, str]) -> Iterator[Issue]:
    state: dict[str, int] = {}

    def visit(name: str, trail: list[str]) -> Iterator[Issue]:
        state[name] = 1
        for other in items[name].requires:
            if other not in items or other == name:
                continue
            if state.get(other) == 1:
                circle = [*trail[trail.index(other) :], other]
                yield Issue(f"circle in requires: {' → '.join(circle)}. Take one link away.", f"{places[name]}.requires")
            elif other not in state:
                yield from visit(other, [*trail, other])
        state[name] = 2

    for name in items:
        if name not in state:
            yield from visit(name, [name])


def _signs(plan: Plan) -> Iterator[Issue]:
    rules: list[tuple[str, Iterable[Any], dict[str, tuple[float, float]]]] = [
        ("activities", plan.activities, {"amount": (0, _MANY), "trend": (0, _MANY), "policies": (0, 1)}),
        (
            "shifts",
            plan.shifts,
            {
                "potential": (0, _MANY), "potential_share": (0, 1), "ramp": (0, _MANY), "cost": (0, _MANY),
                "cost_trend": (0, _MANY), "opex_trend": (0, _MANY), "uses": (0, _MANY), "reference_cost": (0, _MANY),
            },
        ),
        ("enablers", plan.enablers, dict.fromkeys(("cost", "cost_trend", "opex_trend", "uses", "reference_cost"), (0, _MANY))),
        ("resources", plan.resources, {"supply": (0, _MANY)}),
        ("budgets", plan.budgets, {"amount": (0, _MANY)}),
        ("funding", plan.funding, {"pot": (0, _MANY)}),
    ]  # fmt: skip
    for collection, nouns, fields in rules:
        for noun in nouns:
            for field, (low, high) in fields.items():
                for path, value in leaves(getattr(noun, field), f"{collection}.{key_of(noun, tuple(nouns))}.{field}"):
                    if value < low:
                        hint = ' A saving belongs in "opex", where negative numbers are allowed.' if field == "cost" else ""
                        yield Issue(f"found {value:g}; must be {low:g} or more.{hint or ' Change it.'}", path)
                    elif value > high:
                        yield Issue(f'found {value:g}; a share must be {high:g} or less. Write for example 0.3 or "30 %".', path)


_MANY = float("inf")


def _whole(plan: Plan) -> Iterator[Issue]:
    for shift in plan.shifts:
        place = f"shifts.{shift.name}"
        if shift.choice != "whole":
            continue
        if shift.source is None and any(value != 1 for value in shift.potential.values()):
            yield Issue(
                'a whole shift that states its reduction is one unit. Take "potential" away, or use choice "units" or "share".',
                f"{place}.potential",
            )
        if shift.source is not None and "all" in shift.potential and len(_places(plan, shift)) > 1:
            yield Issue(
                "a whole shift in several districts needs its potential by district, {district: number}: one number cannot be split.",
                f"{place}.potential",
            )
        if shift.ramp is not None:
            yield Issue(
                'a whole shift starts in one year, so it has no ramp. Use "profile", or choice "units" or "share".', f"{place}.ramp"
            )


def _places(plan: Plan, shift: Any) -> list[str]:
    source = next((activity for activity in plan.activities if activity.name == shift.source), None)
    return list(shift.districts or (source.amount if source else ()))


def _prices(plan: Plan) -> Iterator[Issue]:
    for path, passport in plan.passports.items():
        year = passport.price_year
        if year is None or year == plan.price_year:
            continue
        for needed in (year, plan.price_year):
            if needed not in plan.price_index:
                yield Issue(
                    f"price year {year} cannot be converted to {plan.price_year}: the price index has no {needed}. "
                    "Add it to price_index with its source.",
                    f"passports.{path}",
                )


def _scale(plan: Plan) -> Iterator[Issue]:
    sums = [
        (abs(value), path)
        for collection in ("shifts", "enablers", "budgets")
        for noun in getattr(plan, collection)
        for field in ("cost", "opex", "amount")
        if hasattr(noun, field) and getattr(noun, "choice", "whole") != "share"  # an amount of a share may be any small step
        for path, value in leaves(getattr(noun, field), f"{collection}.{key_of(noun, getattr(plan, collection))}.{field}")
        if value
    ]
    if sums and max(sums)[0] / min(sums)[0] > SPAN:
        (large, _), (small, where) = max(sums), min(sums)
        yield Issue(
            f"found {small:g} {plan.currency} beside {large:g} {plan.currency} in one plan; a solver cannot tell them apart. "
            f"Is the unit right (M{plan.currency})? Otherwise leave the small sum out or put it in another plan.",
            where,
        )


_RULES: tuple[Rule, ...] = (
    _horizon,
    _names,
    _references,
    _relations,
    _signs,
    _whole,
    units,
    _prices,
    _scale,
    people,
    value_sets,
    targets,
    complementary,
    *FUNDING_RULES,
    living,
    scaling_problems,
    overlap_problems,
    control,
)
