"""What a plan may count twice in money: effects that two values hold, and transfers that are nobody's cost to society.

An indicator says in `covers` what its money value holds; without that its family (or its name) does. Two values meet when they are
counted on the same kilometre: both follow one activity, both stand in one shift, or one in a shift and one in what it moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from kip.errors import Issue
from kip.model.checks_control import EFFECTS, effect_of, meets
from kip.model.fields import EVERYWHERE, leaves
from kip.model.values import set_worth

if TYPE_CHECKING:
    from kip.model.funding import Funding
    from kip.model.plan import Plan
    from kip.model.shift import Shift
    from kip.model.target import Indicator

__all__ = ["VALUE_RULES"]

_FAMILIES = {"safety": "accidents"}
_RELATED = {
    ("property", "noise"): "a quiet street is in the price of the house",
    ("time", "congestion"): "congestion is time lost in queues",
}


@dataclass(frozen=True)
class _Valued:
    """An indicator with a money value: where the value stands, what it is, and the effects that it holds."""

    name: str
    money: str
    covers: tuple[str, ...]


@dataclass(frozen=True)
class _Carried:
    """A valued indicator where it is counted: which shift or activity carries it, and the number there."""

    indicator: _Valued
    number: str


def _tonne_in_price(plan: Plan) -> Iterator[Issue]:
    ledger = next((ledger for ledger in plan.ledgers if _money(plan, ledger, f"ledgers.{ledger.name}") is not None), None)
    for indicator in _valued(plan):
        if ledger is not None and _holds(indicator, "co2"):
            yield _warning(
                f"{indicator.money} holds carbon dioxide, and {_money(plan, ledger, f'ledgers.{ledger.name}')} values the same tonne. "
                "Use a value without carbon dioxide, or take the value of the ledger away.",
                f"indicators.{indicator.name}",
            )


def _effect_twice(plan: Plan) -> Iterator[Issue]:
    told: set[tuple[str, str]] = set()
    for one, other in _meetings(plan):
        pair = (one.indicator.name, other.indicator.name)
        if pair in told:
            continue
        found = next((text for text in one.indicator.covers if any(meets(text, also) for also in other.indicator.covers)), None)
        if found is not None:
            told.add(pair)
            yield _warning(
                f'{one.indicator.money} and {other.indicator.money} both hold "{effect_of(found)}", and {one.number} stands beside '
                f'{other.number}. Keep the value of one, or name in "covers" the part that each holds ("{effect_of(found)}: walking").',
                f"indicators.{other.indicator.name}",
            )
            continue
        for effects, why in _RELATED.items():
            if all(any(_holds(part.indicator, effect) for part in (one, other)) for effect in effects) and not (
                all(_holds(one.indicator, effect) for effect in effects) or all(_holds(other.indicator, effect) for effect in effects)
            ):
                told.add(pair)
                yield _warning(
                    f"{one.indicator.money} and {other.indicator.money} hold {effects[0]} and {effects[1]}, and {why}. "
                    "Keep the value of one.",
                    f"indicators.{other.indicator.name}",
                )
                break


def _fuel_twice(plan: Plan) -> Iterator[Issue]:
    told: set[str] = set()
    for shift in plan.shifts:
        saving = next((f"{path} = {value:.12g}" for path, value in leaves(shift.opex, f"shifts.{shift.name}.opex") if value < 0), None)
        for part in _carried(plan, shift):
            name = part.indicator.name
            if saving is not None and _holds(part.indicator, "fuel") and name not in told:
                told.add(name)
                yield _warning(
                    f"{part.indicator.money} holds fuel, and {saving} {plan.currency}/year is a saving in running cost (first seen in "
                    f'"{shift.name}"): the same litre is a gain twice. Take the value away, or the fuel out of opex.',
                    f"indicators.{name}",
                )


def _not_a_benefit(plan: Plan) -> Iterator[Issue]:
    """Jobs are what the cost buys; taxes and grants only change hands."""
    why = {
        "jobs": "the wages are in the costs, and people at work elsewhere are no gain to society. Count jobs without money",
        "tax": "a tax changes hands and is no gain to society. Take the value away, and put the tax into opex of both actors",
        "grants": "a grant changes hands and is no gain to society. Take the value away, and make the grant a funding",
    }
    for indicator in _valued(plan):
        effect = next((effect for effect in why if _holds(indicator, effect)), None)
        if effect is None:
            continue
        carrier = next((part.number for shift in plan.shifts for part in _carried(plan, shift) if part.indicator == indicator), None)
        beside = f" (as in {carrier})" if carrier else ""
        yield _warning(f"{indicator.money}{beside} counts {effect} as a benefit: {why[effect]}.", f"indicators.{indicator.name}")


def _tax_without_mirror(plan: Plan) -> Iterator[Issue]:
    for collection in ("shifts", "enablers"):
        for item in getattr(plan, collection):
            numbers = {path: value for path, value in leaves(item.opex, f"{collection}.{item.name}.opex") if value}
            one_side = bool(numbers) and (min(numbers.values()) > 0 or max(numbers.values()) < 0)
            if one_side and any(effect_of(text) == "tax" for text in item.covers):
                path, value = next(iter(numbers.items()))
                who = "state" if any(actor.name == "state" for actor in plan.actors) else "whoever gets the tax"
                yield _warning(
                    f"{path} = {value:.12g} holds a tax, and nobody's opex has the other side of it ({collection}.{item.name}.opex of "
                    f"{who} = 0): a transfer is counted as society's {'saving' if value < 0 else 'cost'}. "
                    "Give the other side with the opposite sign.",
                    f"{collection}.{item.name}.opex",
                )


def _grant_and_cost(plan: Plan) -> Iterator[Issue]:
    """Who pays a part directly, and gives a grant for the same thing, may pay the same krona twice."""
    for source in plan.funding:
        share = next((f"{path} = {value:.12g}" for path, value in leaves(source.share, f"funding.{source.name}.share") if value), None)
        if source.kind != "grant" or source.funder is None or share is None:
            continue
        for collection in ("shifts", "enablers"):
            for item in getattr(plan, collection):
                default = item.payer or plan.actors[0].name
                costs = {default if name == EVERYWHERE else name: value for name, value in item.cost.items() if value}
                others = set(costs) - {source.funder}
                if source.funder in costs and others and _open(source, item, others):
                    number = f"{collection}.{item.name}.cost.{source.funder} = {costs[source.funder]:.12g}"
                    yield _warning(
                        f'{number} is paid by "{source.funder}", whose {share} is open to it too: '
                        f"if the cost is that grant, the same krona is counted twice. Take it out of the cost, or name in "
                        '"shifts" of the source what it is for.',
                        f"{collection}.{item.name}.cost",
                    )


def _open(source: Funding, item: Any, payers: set[str]) -> bool:
    """Whether a source is open to a measure without naming it: naming it says that both are meant."""
    if (
        source.shifts
        or item.name in source.granted
        or (source.areas and item.area not in source.areas)
        or (source.physical_only and not item.physical)
    ):
        return False
    return item.eligible > 0 and (not source.applicants or bool(payers & set(source.applicants)))


VALUE_RULES: tuple[Callable[[Plan], Iterator[Issue]], ...] = (
    _tonne_in_price,
    _effect_twice,
    _fuel_twice,
    _not_a_benefit,
    _tax_without_mirror,
    _grant_and_cost,
)
"""Every rule about money."""


def _valued(plan: Plan) -> list[_Valued]:
    found = []
    for indicator in plan.indicators:
        money = _money(plan, indicator, f"indicators.{indicator.name}")
        if money is not None:
            found.append(_Valued(indicator.name, money, _covers(indicator)))
    return found


def _covers(indicator: Indicator) -> tuple[str, ...]:
    """What the value holds: as said, else the family (or the families, with commas between), else the name."""
    if indicator.covers:
        return indicator.covers
    words = [word.strip().casefold() for word in (indicator.family or indicator.name).split(",")]
    return tuple(effect for word in words if (effect := _FAMILIES.get(word, word)) in EFFECTS)


def _money(plan: Plan, noun: Any, place: str) -> str | None:
    """The money value of an indicator or a ledger, with its path; None when it has none, or 0."""
    if noun.value is not None:
        return next((f"{path} = {value:.12g}" for path, value in leaves(noun.value, f"{place}.value") if value), None)
    found = set_worth(plan, noun)
    if found is None:
        return None
    key = noun.value_key or (noun.name if hasattr(noun, "unit") else "co2")
    return next((f"{path} = {value:.12g}" for path, value in leaves(found[0], f"value_sets.{noun.value_set}.values.{key}") if value), None)


def _meetings(plan: Plan) -> Iterator[tuple[_Carried, _Carried]]:
    """Pairs of valued indicators that are counted on the same kilometre."""
    valued = {indicator.name: indicator for indicator in _valued(plan)}
    for activity in plan.activities:
        follows = _numbers(valued, activity.indicators, f"activities.{activity.name}.indicators")
        yield from combinations(follows, 2)
    for collection in ("shifts", "enablers"):
        for item in getattr(plan, collection):
            own = _numbers(valued, item.cobenefits, f"{collection}.{item.name}.cobenefits")
            yield from combinations(own, 2)
            if collection == "shifts":
                moved = [part for part in _carried(plan, item) if part not in own]
                yield from ((one, other) for one in moved for other in own if one.indicator != other.indicator)


def _carried(plan: Plan, shift: Shift) -> list[_Carried]:
    """Valued indicators that a shift changes: its own, and those that follow what it moves."""
    valued = {indicator.name: indicator for indicator in _valued(plan)}
    acted = {shift.source, shift.target, *getattr(shift, "scales", {})}
    found = _numbers(valued, shift.cobenefits, f"shifts.{shift.name}.cobenefits")
    for activity in plan.activities:
        if activity.name in acted:
            found += _numbers(valued, activity.indicators, f"activities.{activity.name}.indicators")
    return found


def _numbers(valued: dict[str, _Valued], table: dict[str, Any], place: str) -> list[_Carried]:
    """Valued indicators in a table {indicator: number}, where the number is not 0."""
    found = []
    for name, path in table.items():
        number = next((f"{where} = {value:.12g}" for where, value in leaves(path, f"{place}.{name}") if value), None)
        if number is not None and name in valued:
            found.append(_Carried(valued[name], number))
    return found


def _holds(indicator: _Valued, effect: str) -> bool:
    return any(effect_of(text) == effect for text in indicator.covers)


def _warning(message: str, path: str) -> Issue:
    return Issue(message, path, severity="warning")
