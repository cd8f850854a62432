"""Numbers that came with a unit: is it the one that belongs there?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kip.errors import Issue
from kip.model.fields import leaves
from kip.model.paths import key_of
from kip.units import Quantity, base_factor, canonical

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["units", "wrong_unit"]


def wrong_unit(value: Quantity, texts: Iterable[str], where: str) -> Iterator[Issue]:
    """A number whose unit is none of those that belong there; nothing when these are words that kip does not convert."""
    try:
        allowed = {canonical(text) for text in texts}
    except ValueError:
        return
    if value.unit not in allowed:
        yield Issue(f"found a number in {value.unit}; must be in {' or '.join(sorted(allowed))}. Change the unit.", where)


def units(plan: Plan) -> Iterator[Issue]:
    """Every number that came with a unit has one that its field takes, and is kept in the unit that the plan counts in."""
    activity_units = {activity.name: activity.unit for activity in plan.activities}
    from kip.model.plan import COLLECTIONS

    for collection in COLLECTIONS:
        nouns = getattr(plan, collection)
        for noun in nouns:
            if not _has_units(noun) or collection == "outcomes":
                continue
            for field, info in type(noun).model_fields.items():
                extra = info.json_schema_extra
                unit = extra.get("unit") if isinstance(extra, dict) else None
                for path, value in leaves(getattr(noun, field), f"{collection}.{key_of(noun, nouns)}.{field}"):
                    if isinstance(value, Quantity):
                        allowed = _allowed(plan, noun, field, str(unit), activity_units, path)
                        if allowed and value.unit not in allowed:
                            yield Issue(
                                f"found a number in {value.unit}; must be in {' or '.join(sorted(allowed))}. Change the unit.", path
                            )
                        elif allowed and base_factor(allowed[value.unit]) != 1:
                            # a number alone would be taken in the one unit and this one in the other
                            yield Issue(
                                f"found a number with a unit, which is kept in {value.unit}, where {allowed[value.unit]} is counted. "
                                f"Write the number alone, in {allowed[value.unit]}.",
                                path,
                            )


def _has_units(noun: Any) -> bool:
    return any(isinstance(value, Quantity) for field in type(noun).model_fields for _, value in leaves(getattr(noun, field), ""))


def _allowed(plan: Plan, noun: Any, field: str, unit: str, activity_units: dict[str, str], path: str) -> dict[str, str]:
    """Base units that a field takes, and how the plan writes them; empty when kip does not know the unit and leaves it to the user."""
    own = getattr(noun, "unit", "") or ""
    activity = own if type(noun).__name__ == "Activity" else activity_units.get(getattr(noun, "source", None) or "", "")
    texts = [unit.format(currency=plan.currency, activity=activity or "1", unit=own or "1")]
    if type(noun).__name__ in {"Shift", "Enabler"}:
        if field in {"cost", "opex", "reference_cost", "reference_opex", "reduction", "use"} and own:
            texts += [f"{texts[0]}/{own.split('/')[0]}"]
        if field in {"potential", "ramp"}:
            texts = ["1", own or activity, f"{activity}/year" if activity else "1"]
        if field in {"cobenefits", "uses"}:
            kind = plan.indicators if field == "cobenefits" else plan.resources
            name = path.split(f".{field}.")[1].split(".")[0]
            texts = [part.unit for part in kind if part.name == name]
            texts += [f"{text}/year" for text in texts]
    if type(noun).__name__ == "Resource":
        texts = [own, f"{own}/year"]
    allowed: dict[str, str] = {}
    for text in texts:
        try:
            base = canonical(text)
            if base not in allowed or base_factor(text) == 1:
                allowed[base] = text
        except ValueError:
            return {}
    return allowed
