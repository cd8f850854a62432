"""What must hold of groups, fairness rules and consequences: names that exist, people to count, measures that have a place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kip.errors import Issue, unknown_name
from kip.model.checks_units import wrong_unit
from kip.model.fields import EVERYWHERE
from kip.model.people import Fairness
from kip.units import Quantity

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["people", "people_second_look"]

_PLACED = ("reduction", "investment", "operation", "cost", "net_cost", "grants", "adopted")
"""Measures that are counted by district, beside indicators."""

_UNPLACED = ("emissions", "lifetime_reduction", "net_benefit", "shortfall")


def people(plan: Plan) -> Iterator[Issue]:
    """Errors of groups, fairness rules and consequences."""
    yield from _names(plan)
    yield from _groups(plan)
    for rule in plan.fairness:
        yield from _rule(plan, rule)
    yield from _consequences(plan)


def _names(plan: Plan) -> Iterator[Issue]:
    for kind, field, nouns in (("group", "groups", plan.groups), ("fairness rule", "fairness", plan.fairness)):
        for name, count in Counter(noun.name for noun in nouns).items():
            if count > 1:
                yield Issue(f'{count} times the {kind} "{name}". Give each its own name.', f"{field}.{name}")
    districts = {district.name for district in plan.districts}
    for group in plan.groups:
        if group.name in districts or group.name in {EVERYWHERE, "no group"}:
            yield Issue(f'"{group.name}" is also the name of a place in every table. Give the group another name.', f"groups.{group.name}")


def _groups(plan: Plan) -> Iterator[Issue]:
    districts = [district.name for district in plan.districts]
    known = sorted({name for district in plan.districts for name in district.attributes})
    for group in plan.groups:
        place = f"groups.{group.name}"
        for name in group.members:
            if name not in districts:
                yield Issue(unknown_name("district", name, districts), f"{place}.members")
        if not group.attribute:
            continue
        if group.attribute not in known:
            yield Issue(unknown_name("attribute of a district", group.attribute, known), f"{place}.attribute")
        elif not any(group.share_of(district.name, district.attributes) for district in plan.districts):
            found = [district.attributes[group.attribute] for district in plan.districts if group.attribute in district.attributes]
            shown = ", ".join(f"{value:g}" if isinstance(value, float) else value for value in found[:6])
            yield Issue(f'nobody is in it: "{group.attribute}" of the districts is {shown}. Change the bounds.', place)


def _rule(plan: Plan, rule: Fairness) -> Iterator[Issue]:
    place = f"fairness.{rule.name}"
    problem = _measure_problem(plan, rule.measure)
    if problem:
        yield Issue(problem, f"{place}.measure")
    else:
        yield from _unit(plan, rule, place)
    groups = {group.name: group for group in plan.groups}
    districts = {district.name: district for district in plan.districts}
    if not districts:
        yield Issue("the plan has no districts, so nothing can be shared among them. Add districts.", place)
        return
    for name in rule.groups:
        if name not in groups:
            yield Issue(unknown_name("group", name, list(groups)), f"{place}.groups")
        elif not groups[name].counted:
            yield Issue(f'the group "{name}" has no members. Give it members or an attribute.', f"{place}.groups")
    for name in rule.districts:
        if name not in districts:
            yield Issue(unknown_name("district", name, list(districts)), f"{place}.districts")
    yield from _people_of(plan, rule, place)
    parties = len(rule.groups) + len(rule.districts) or len(districts)
    if rule.kind in {"spread", "gini", "sen"} and parties < 2:
        yield Issue(f'a rule of kind "{rule.kind}" compares groups or districts: name two or more.', place)


def _people_of(plan: Plan, rule: Fairness, place: str) -> Iterator[Issue]:
    """Everybody whose gain is divided by people has people."""
    if not rule.needs_people:
        return
    population = {district.name: district.population for district in plan.districts}
    attributes = {district.name: district.attributes for district in plan.districts}
    parties: list[tuple[str, dict[str, float]]] = []
    for group in plan.groups:
        if group.name in rule.groups and group.counted:
            shares = {name: group.share_of(name, attributes[name]) for name in population}
            parties.append((f'the group "{group.name}"', {name: share for name, share in shares.items() if share}))
    whole = rule.districts or (() if rule.groups else tuple(population))
    parties += [(f'the district "{name}"', {name: 1.0}) for name in whole if name in population]
    if rule.everywhere == "by population":
        parties.append(("the municipality", dict.fromkeys(population, 1.0)))
    unknown: list[str] = []
    for who, shares in parties:
        unknown += [name for name in shares if population[name] is None]
        if not sum(share * (population[name] or 0.0) for name, share in shares.items()) and not unknown:
            yield Issue(f"{who} has no people, so nothing can be counted for each of them. Give its districts a population.", place)
    for name in dict.fromkeys(unknown):
        yield Issue(
            f'the district "{name}" has no population, and the rule "{rule.name}" counts for each person. Add it.',
            f"districts.{name}.population",
        )


def _measure_problem(plan: Plan, measure: str) -> str:
    """What is wrong with the measure of a rule; empty when nothing is."""
    indicators = [indicator.name for indicator in plan.indicators]
    if measure in indicators:
        return ""
    stem, year = _split_year(measure)
    if year is not None and year not in plan.years:
        return f'"{measure}": {year} is not a year of the plan ({plan.years[0]}-{plan.years[-1]}). Change it.'
    if stem in indicators:
        return ""
    base, _, key = stem.partition(".")
    if base in _UNPLACED or base in {"least", "sen"}:
        return f'"{base}" is not counted by district, so it cannot be shared. Use {", ".join(_PLACED[:5])} or an indicator.'
    if base == "net_cost" and key:
        return "loans belong to no district, so neither does the net cost of one actor. Use cost.<actor>, or net_cost of all."
    if base == "net_cost" and year is not None:
        return "net_cost is a present value of all years. Use cost for one year."
    names: dict[str, tuple[str, Iterable[str]]] = {
        "grants": ("source of funding", [source.name for source in plan.funding]),
        "adopted": ("shift", [item.name for item in (*plan.shifts, *plan.enablers)]),
        **{money: ("actor", [actor.name for actor in plan.actors]) for money in ("investment", "operation", "cost")},
    }
    if key and base in names:
        kind, allowed = names[base]
        return "" if key in allowed else unknown_name(kind, key, sorted(allowed))
    if base == "adopted" or base not in _PLACED or key:
        return unknown_name("measure", measure, [*_PLACED[:6], *indicators]) + " One year: cycling_2030. One shift: adopted.<name>."
    return ""


def _split_year(measure: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(.+)_(\d{4})", measure)
    return (match[1], int(match[2])) if match else (measure, None)


def _unit(plan: Plan, rule: Fairness, place: str) -> Iterator[Issue]:
    """An amount that came with a unit is in the unit of the measure."""
    if not isinstance(rule.amount, Quantity):
        return
    stem, year = _split_year(rule.measure)
    units = {indicator.name: indicator.unit for indicator in plan.indicators}
    base = stem.partition(".")[0]
    unit = units.get(rule.measure) or units.get(stem) or {"reduction": "t", "adopted": ""}.get(base, plan.currency)
    texts = ["1"] if rule.kind in {"share", "gini"} else [unit, *([f"{unit}/year"] if year is not None else [])]
    if rule.kind not in {"share", "gini"} and rule.per_person:
        texts += [f"{text}/person" for text in texts]
    yield from wrong_unit(rule.amount, texts, f"{place}.amount")


def _consequences(plan: Plan) -> Iterator[Issue]:
    groups = [group.name for group in plan.groups]
    shifts = [item.name for item in (*plan.shifts, *plan.enablers)]
    for (group, shift), count in Counter((item.group, item.shift) for item in plan.consequences).items():
        place = f"consequences.{group}: {shift}"
        if group not in groups:
            yield Issue(unknown_name("group", group, groups), f"{place}.group")
        if shift not in shifts:
            yield Issue(unknown_name("shift or enabler", shift, shifts), f"{place}.shift")
        if count > 1:
            yield Issue(f'{count} consequences of "{shift}" for "{group}". Put them into one.', place)


def people_second_look(plan: Plan) -> Iterator[Issue]:
    """Warnings: shares without an amount beside them, worse consequences without words, districts without the attribute asked for."""
    with_amount = {(rule.measure, name) for rule in plan.fairness if rule.kind == "floor" for name in (*rule.groups, *rule.districts)}
    for rule in plan.fairness:
        parties = (*rule.groups, *rule.districts)
        if rule.kind == "share" and not all((rule.measure, name) in with_amount for name in parties):
            yield Issue(
                "a share alone can be met by giving the others less. Add a floor of the same measure for the same people.",
                f"fairness.{rule.name}",
                severity="warning",
            )
    for group in plan.groups:
        if group.attribute:
            without = [district.name for district in plan.districts if group.attribute not in district.attributes]
            if without:
                yield Issue(
                    f'{len(without)} districts have no "{group.attribute}" and are in no such group, the first is {without[0]}. Add it.',
                    f"groups.{group.name}",
                    severity="warning",
                )
    for item in plan.consequences:
        if item.sign == "-" and not item.words:
            yield Issue("worse for the group, without a word on how. Say it.", f"consequences.{item.key}", severity="warning")
