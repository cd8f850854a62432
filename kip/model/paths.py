"""Every value of a plan by its path: ``discount_rate``, ``shifts.ev.cost.households``, ``budgets.municipality``.

The same paths name numbers in passports, scenarios and sweeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from kip.errors import RequestError, unknown_name
from kip.model.fields import leaves

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["exists", "get", "key_of", "numbers", "update"]


def key_of(noun: Any, siblings: tuple[Any, ...] = ()) -> str:
    """Name of a noun in a path. A budget goes by its actor, and by ``actor:kind`` when the actor has several; what is decided
    goes by shift, district and year.
    """
    if hasattr(noun, "name"):
        return str(noun.name)
    if hasattr(noun, "key"):
        return str(noun.key)
    several = sum(1 for other in siblings if other.actor == noun.actor) > 1
    return f"{noun.actor}:{noun.kind}" if several else str(noun.actor)


def _children(value: Any) -> dict[str, Any]:
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        return {key_of(item, value): item for item in value}
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    return {}


def _child(value: Any, part: str) -> Any:
    """What lies directly below by its name, without a table of all siblings; None when it is not found so simply."""
    if isinstance(value, BaseModel):
        return getattr(value, part) if part in type(value).model_fields else None
    if isinstance(value, tuple):
        return next((item for item in value if getattr(item, "name", None) == part), None)
    return value.get(part) if isinstance(value, dict) else None


def get(plan: Plan, path: str) -> Any:
    """The value at `path`. Raises RequestError with the nearest name."""
    value: Any = plan
    walked: list[str] = []
    for part in path.split("."):
        found = _child(value, part)
        if found is not None:
            value = found
            walked.append(part)
            continue
        inside = _children(value)
        if part not in inside:
            place = ".".join(walked) or "the plan"
            if not inside:
                raise RequestError(f'"{path}" does not exist: {place} is a single value. Stop at "{place}".')
            raise RequestError(f'"{path}" does not exist: ' + unknown_name(f"name in {place}", part, list(inside)))
        value = inside[part]
        walked.append(part)
    return value


def exists(plan: Plan, path: str) -> str | None:
    """None when `path` names something in the plan; otherwise a sentence that says what is wrong."""
    try:
        get(plan, path)
    except RequestError as error:
        return str(error)
    return None


def update(plan: Plan, changes: Mapping[str, Any]) -> Plan:
    """A new plan with the values at some paths replaced; see `Plan.update`."""
    data: dict[str, Any] = {name: getattr(plan, name) for name in type(plan).model_fields}
    for path, value in changes.items():
        parts = path.split(".")
        if len(parts) > 1:
            _check_parent(plan, path)
        data = _replaced(data, parts, value, path)
    return type(plan).model_validate(data)


def _check_parent(plan: Plan, path: str) -> None:
    """The last part may be new in a table ({actor: cost}); everything above it must exist."""
    above = path.rpartition(".")[0]
    parent = get(plan, above)
    if isinstance(parent, BaseModel | tuple):
        get(plan, path)
    elif not isinstance(parent, Mapping):
        raise RequestError(f'"{path}" does not exist: "{above}" is a single value. Change "{above}" itself.')


def _replaced(value: Any, parts: list[str], new: Any, path: str) -> Any:
    if not parts:
        return new
    head, rest = parts[0], parts[1:]
    if isinstance(value, BaseModel):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        if head not in fields:
            raise RequestError(f'"{path}" does not exist: ' + unknown_name("field", head, list(fields)))
        fields[head] = _replaced(fields[head], rest, new, path)
        return type(value).model_validate(fields)
    if isinstance(value, tuple):
        return tuple(_replaced_noun(item, rest, new, path) if key_of(item, value) == head else item for item in value)
    table = dict(value)
    key: Any = int(head) if head.isdigit() and any(isinstance(item, int) for item in table) else head
    if key not in table and rest:
        raise RequestError(f'"{path}" does not exist: ' + unknown_name("name", head, [str(item) for item in table]))
    table[key] = _replaced(table.get(key), rest, new, path)
    return table


def _replaced_noun(noun: Any, rest: list[str], new: Any, path: str) -> Any:
    """A noun as a whole may be replaced by a new one; a budget or a resource also by its amount."""
    if rest:
        return _replaced(noun, rest, new, path)
    main = {"Budget": "amount", "Resource": "supply"}.get(type(noun).__name__)
    if main is not None and not isinstance(new, BaseModel):
        return _replaced(noun, [main], new, path)
    return new


def numbers(plan: Plan) -> Iterator[tuple[str, float]]:
    """Every number of a plan with its path, passports and scenarios left out."""
    from kip.model.plan import COLLECTIONS

    yield "discount_rate", plan.discount_rate
    for collection in COLLECTIONS:
        nouns = getattr(plan, collection)
        for noun in nouns:
            place = f"{collection}.{key_of(noun, nouns)}"
            for field in type(noun).model_fields:
                if collection != "scenarios":
                    yield from leaves(getattr(noun, field), f"{place}.{field}")
