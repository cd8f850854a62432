"""What must hold between the sources of funding of a plan and the rest of it, and what deserves a second look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kip.errors import Issue, unknown_name
from kip.model.fields import EVERYWHERE
from kip.model.money import SIZES

if TYPE_CHECKING:
    from kip.model.funding import Funding
    from kip.model.plan import Plan

__all__ = ["FUNDING_RULES", "FUNDING_SECOND_LOOK", "funding_references"]

Check = Callable[[str, Iterable[str], str], Iterator[Issue]]
"""Kind of name, names used, path → a problem for each that does not exist."""


def funding_references(plan: Plan, check: Check) -> Iterator[Issue]:
    """Names and years that sources of funding, and shares by actor, speak of."""
    for source in plan.funding:
        place = f"funding.{source.name}"
        yield from check("actor", [source.funder] if source.funder else [], f"{place}.funder")
        yield from check("actor", source.applicants, f"{place}.applicants")
        yield from check("shift or enabler", source.shifts, f"{place}.shifts")
        yield from check("shift or enabler", source.granted, f"{place}.granted")
        yield from check("source of funding", source.not_with, f"{place}.not_with")
        yield from _shares(plan, source.share, f"{place}.share")
        areas = sorted({item.area for item in _items(plan) if item.area})
        for area in source.areas:
            if area not in areas:
                yield Issue(unknown_name("area", area, areas), f"{place}.areas")
        if source.funder is not None and set(source.applicants) == {source.funder}:
            yield Issue("its only applicant is its own funder, so nobody can have it. Name somebody else.", f"{place}.applicants")
        for field, years in (("years", source.years), ("pot", source.pot if isinstance(source.pot, dict) else ())):
            for year in sorted(set(years) - set(plan.years)):
                yield Issue(f"{year} is outside the plan's years. Take it away or lengthen the plan.", f"{place}.{field}")
    for collection in ("shifts", "enablers"):
        for item in getattr(plan, collection):
            yield from _shares(plan, item.aid_intensity, f"{collection}.{item.name}.aid_intensity")


def _items(plan: Plan) -> tuple[Any, ...]:
    return (*plan.shifts, *plan.enablers)


def _shares(plan: Plan, shares: Iterable[str], path: str) -> Iterator[Issue]:
    """A share may be by size or by name of actor."""
    names = [*(actor.name for actor in plan.actors), *SIZES]
    for name in shares:
        if name != EVERYWHERE and name not in names:
            yield Issue(unknown_name("actor or size", name, names), f"{path}.{name}")


def _is_for(source: Funding, item: Any) -> bool:
    if source.physical_only and not item.physical:
        return False
    if not source.shifts and not source.areas:
        return True
    return item.name in source.shifts or (bool(item.area) and item.area in source.areas)


def _payers(plan: Plan, item: Any) -> set[str]:
    """Actors who pay something of the investment in a shift or an enabler."""
    default = item.payer or plan.actors[0].name
    return {default if name == EVERYWHERE else name for name, amount in item.cost.items() if amount > 0}


def _nobody(plan: Plan) -> Iterator[Issue]:
    """A source that no applicant can have, because none of them pays anything for anything that it is for."""
    known = {actor.name for actor in plan.actors}
    names, areas = {item.name for item in _items(plan)}, {item.area for item in _items(plan)}
    for source in plan.funding:
        applicants = set(source.applicants) or known
        wrong = (applicants - known) | (set(source.shifts) - names) | (set(source.areas) - areas)
        if wrong or set(source.applicants) == {source.funder}:
            continue  # said already
        fitting = [item for item in _items(plan) if _is_for(source, item)]
        payers = set().union(*(_payers(plan, item) for item in fitting))
        if payers & (applicants - {source.funder}):
            continue
        what = "nothing in the plan is what it is for" if not fitting else "none of its applicants pays for anything that it is for"
        paid = f"{', '.join(sorted(payers))} pay{'s' if len(payers) == 1 else ''}" if payers else "it costs nobody anything"
        yield Issue(
            f"nobody can have it: {what}"
            + (f" ({paid})" if fitting else "")
            + ". Change its applicants, shifts or areas, or take it away.",
            f"funding.{source.name}",
        )


def _decided(plan: Plan) -> Iterator[Issue]:
    """Grants already decided: for what can have them, within the rules of their source, never two that exclude each other."""
    items = {item.name: item for item in _items(plan)}
    for source in plan.funding:
        for name, amount in source.granted.items():
            path = f"funding.{source.name}.granted.{name}"
            if name not in items:
                continue
            item = items[name]
            if getattr(item, "choice", "whole") != "whole":
                yield Issue(f'"{name}" is chosen in parts; a sum can be granted to a whole shift or an enabler only. Take it away.', path)
            elif not _is_for(source, item):
                yield Issue(f'"{name}" is not what it is for. Add it to the shifts of "{source.name}", or take the grant away.', path)
            elif amount > _most(plan, source, item) + 0.5:
                yield Issue(
                    f"{amount:,.0f} {plan.currency} is granted, but its rules allow {_most(plan, source, item):,.0f} at most. "
                    "Lower it, or mend share, cap, pot or the cost.",
                    path,
                )
    yield from _both_granted(plan)


def _most(plan: Plan, source: Funding, item: Any) -> float:
    """No grant for this shift can be larger; infinite where the rules say nothing. Rules of several sources together come later."""
    places = len(item.districts) or max(1, len(plan.districts))
    by_cap = float("inf") if source.cap is None else source.cap * places
    pots = [] if source.pot is None else list(source.pot.values()) if isinstance(source.pot, dict) else [source.pot * len(plan.years)]
    place = "shifts" if hasattr(item, "choice") else "enablers"
    passport = plan.passport(f"{place}.{item.name}.cost")
    by_cost = float("inf")
    if passport is None or passport.price_year in {None, plan.price_year}:
        trend = max(item.cost_trend.values()) if isinstance(item.cost_trend, dict) else item.cost_trend
        rate = min(max(source.share.values()) * item.eligible, source.share_of_cost)
        by_cost = rate * sum(item.cost.values()) * trend * places
    return min(by_cap, by_cost, *([sum(pots)] if pots else []))


def _both_granted(plan: Plan) -> Iterator[Issue]:
    for row, one in enumerate(plan.funding):
        for two in plan.funding[row + 1 :]:
            if two.name not in one.not_with and one.name not in two.not_with:
                continue
            for name in sorted(set(one.granted) & set(two.granted)):
                if one.granted[name] > 0 and two.granted[name] > 0:
                    yield Issue(
                        f'"{one.name}" and "{two.name}" are both granted to "{name}", but they cannot be in the same project. '
                        "Take one of the grants away, or the not_with between them.",
                        f"funding.{two.name}.granted.{name}",
                    )


def _unknown_rules(plan: Plan) -> Iterator[Issue]:
    for source in plan.funding:
        if source.unknown:
            yield Issue(
                f"rules that exist but are not known: {', '.join(source.unknown)}. They limit nothing in this plan; ask the funder.",
                f"funding.{source.name}",
                severity="warning",
            )


def _sizes_left_out(plan: Plan) -> Iterator[Issue]:
    """Shares by size, in a plan whose payers have none."""
    actors = {actor.name: actor for actor in plan.actors}

    def left_out(shares: dict[str, float], names: Iterable[str]) -> list[str]:
        found = [name for name in names if name in actors and name not in shares and actors[name].size not in shares]
        return sorted(found) if EVERYWHERE not in shares else []

    for source in plan.funding:
        fitting = [item for item in _items(plan) if _is_for(source, item)]
        payers = set().union(*(_payers(plan, item) for item in fitting)) & (set(source.applicants) or set(actors)) - {source.funder}
        missed = left_out(source.share, payers)
        if missed:
            yield Issue(
                f'"share" says nothing for {", ".join(missed)}, who get nothing. Give them a size, or add "all".',
                f"funding.{source.name}.share",
                severity="warning",
            )
    for collection in ("shifts", "enablers"):
        for item in getattr(plan, collection):
            missed = left_out(item.aid_intensity, _payers(plan, item))
            if missed and plan.funding:
                yield Issue(
                    f'"aid_intensity" says nothing for {", ".join(missed)}, whose grants it does not limit. Give a size, or add "all".',
                    f"{collection}.{item.name}.aid_intensity",
                    severity="warning",
                )


FUNDING_RULES: tuple[Callable[[Plan], Iterator[Issue]], ...] = (_nobody, _decided)
"""Every rule that a plan must keep."""

FUNDING_SECOND_LOOK: tuple[Callable[[Plan], Iterator[Issue]], ...] = (_unknown_rules, _sizes_left_out)
"""Every rule that warns."""
