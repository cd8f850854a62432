"""What must hold for what is decided and for what really happened. Hooked into `kip.model.checks`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kip.errors import Issue, unknown_name
from kip.model.checks_units import wrong_unit
from kip.model.fields import EVERYWHERE
from kip.model.living import actual_units, decided_units
from kip.units import Quantity

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["living"]

_WAYS = (
    "activities.<activity>.amount.<district>, shifts.<shift>.units.<district>, shifts.<shift>.cost.<actor> "
    "or ledgers.<ledger>.other.<sector>"
)


def living(plan: Plan) -> Iterator[Issue]:
    """Every problem of decisions and outcomes that the plan alone can show."""
    if plan.decided_until is not None and plan.years and plan.decided_until not in plan.years:
        yield Issue(
            f"{plan.decided_until} is not a year of the plan ({plan.years[0]}-{plan.years[-1]}). Give the last year that is closed.",
            "decided_until",
        )
    yield from _decisions(plan)
    yield from _outcomes(plan)


def _items(plan: Plan) -> dict[str, Any]:
    return {item.name: item for item in (*plan.shifts, *plan.enablers)}


def _places(plan: Plan) -> list[str]:
    """Every district that the plan names."""
    names = [district.name for district in plan.districts]
    names += [name for activity in plan.activities for name in activity.amount]
    names += [name for item in _items(plan).values() for name in (*item.districts, *getattr(item, "potential", {}))]
    return list(dict.fromkeys([*names, EVERYWHERE]))


def _decisions(plan: Plan) -> Iterator[Issue]:
    items, places = _items(plan), _places(plan)
    for key, count in Counter(row.key for row in plan.decided).items():
        if count > 1:
            yield Issue(f"{count} decisions for the same shift, district and year. Add them up into one.", f"decided.{key}")
    for row in plan.decided:
        where = f"decided.{row.key}"
        item = items.get(row.shift)
        if item is None:
            yield Issue(unknown_name("shift or enabler", row.shift, list(items)), f"{where}.shift")
        if row.district not in places:
            yield Issue(unknown_name("district", row.district, places), f"{where}.district")
        if plan.years and row.year not in plan.years:
            first, last = plan.years[0], plan.years[-1]
            yield Issue(f"{row.year} is not a year of the plan ({first}-{last}). Take it away, or lengthen the plan.", f"{where}.year")
        if item is not None and row.units:
            yield from _units(plan, item, row.year, row.units, where)
    yield from _starts_once(plan, items)


def _units(plan: Plan, item: Any, year: int, units: float, where: str) -> Iterator[Issue]:
    choice = getattr(item, "choice", "whole")
    if choice == "whole" and units != 1:
        yield Issue(f'found {units:g} units; "{item.name}" is started as a whole, so it must be 1 (or 0). Change it.', f"{where}.units")
    if choice == "units" and units != round(units):
        yield Issue(f'found {units:g} units; "{item.name}" is chosen in whole units. Write a whole number.', f"{where}.units")
    for limit, late in ((item.earliest, False), (item.latest, True)):
        if limit is not None and (year > limit if late else year < limit):
            word = "latest" if late else "earliest"
            yield Issue(
                f'it starts in {year}, but "{word}" of "{item.name}" is {limit}. Change "{word}" to what is decided.', f"{where}.year"
            )
    if choice == "whole" and plan.start_years and year in plan.years and year not in plan.start_years:
        yield Issue(f"it starts in {year}, which is not among start_years. Add {year} to start_years.", f"{where}.year")


def _starts_once(plan: Plan, items: dict[str, Any]) -> Iterator[Issue]:
    starts: dict[tuple[str, str], list[int]] = {}
    for (shift, district, year), units in (decided_units(plan) | actual_units(plan)).items():
        if units and getattr(items.get(shift), "choice", "whole") == "whole":
            starts.setdefault((shift, district), []).append(year)
    for (shift, district), years in starts.items():
        if len(years) > 1:
            yield Issue(
                f'"{shift}" is one whole in {district}, and starts in {" and in ".join(map(str, sorted(years)))}. Keep one of them.',
                f"decided.{shift}:{district}:{max(years)}",
            )


def _outcomes(plan: Plan) -> Iterator[Issue]:
    for key, count in Counter(outcome.key for outcome in plan.outcomes).items():
        if count > 1:
            yield Issue(f"{count} outcomes of the same number and year. Keep one of them.", f"outcomes.{key}")
    for outcome in plan.outcomes:
        where = f"outcomes.{outcome.key}"
        if plan.years and outcome.year not in plan.years:
            yield Issue(f"{outcome.year} is not a year of the plan ({plan.years[0]}-{plan.years[-1]}). Take it away.", f"{where}.year")
        yield from _outcome(plan, outcome, where)


def _outcome(plan: Plan, outcome: Any, where: str) -> Iterator[Issue]:
    collection, name, field, last = outcome.parts
    kinds = {("activities", "amount"), ("shifts", "units"), ("enablers", "units"), ("shifts", "cost"), ("enablers", "cost")}
    if (collection, field) not in kinds | {("ledgers", "other")}:
        yield Issue(f'"{outcome.path}" is no number that an outcome can replace. Write {_WAYS}.', f"{where}.path")
        return
    nouns = {noun.name: noun for noun in getattr(plan, collection)}
    if name not in nouns:
        kind = {"activities": "activity", "shifts": "shift", "enablers": "enabler", "ledgers": "ledger"}[collection]
        yield Issue(unknown_name(kind, name, list(nouns)), f"{where}.path")
        return
    noun = nouns[name]
    unit, kind, allowed = plan.currency, "actor", [actor.name for actor in plan.actors]
    if field == "amount":
        unit, kind, allowed = f"{noun.unit}/year", "district", list(noun.amount)
    elif field == "units":
        unit, kind, allowed = "1", "district", _places(plan)
        closed = plan.decided_until
        if closed is None or outcome.year > closed:
            until = "no year is" if closed is None else f"{closed} is the last that is"
            yield Issue(
                f"units that started belong to a closed year, and {until}. Set decided_until to {outcome.year} or later.", f"{where}.year"
            )
        if outcome.value:
            yield from _units(plan, noun, outcome.year, outcome.value, where)
    elif field == "other":
        unit, kind, allowed = "t/year", "sector", list(noun.other)
    elif last == EVERYWHERE:
        allowed = [*allowed, EVERYWHERE]
    if last not in allowed:
        yield Issue(unknown_name(kind, last, allowed), f"{where}.path")
    if outcome.value < 0 and field != "other":
        yield Issue(f"found {outcome.value:g}; must be 0 or more. Change it.", f"{where}.value")
    if isinstance(outcome.value, Quantity):
        yield from _unit(outcome.value, unit, noun, where)


def _unit(value: Quantity, unit: str, noun: Any, where: str) -> Iterator[Issue]:
    own = getattr(noun, "unit", "") or ""
    texts = [unit, own] if unit == "1" and own else [unit]
    yield from wrong_unit(value, texts, f"{where}.value")
