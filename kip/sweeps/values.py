"""What a number in a space means in a plan (§71): the path that it replaces, or the numbers that it multiplies.

A number replaces one number. Where a path holds several (`shifts.ev.cost` of two actors, a budget year by year), nobody can know which is
meant: the space names one of those below, or takes a factor on all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

from pydantic import BaseModel

from kip.errors import RequestError, unknown_name
from kip.model.fields import leaves
from kip.model.paths import get, key_of
from kip.model.uncertain import Uncertain
from kip.model.values import TONNE

if TYPE_CHECKING:
    from kip.model.plan import Plan
    from kip.model.target import Indicator, Ledger

__all__ = ["all_paths", "in_full", "is_whole", "numbers_below", "one_number", "together", "unit_at"]

_MAIN = {"Budget": "amount", "Resource": "supply"}
"""What is meant by a budget or a resource alone, as `Plan.update` has it."""


def in_full(plan: Plan, path: str) -> str:
    """The path as the plan knows it: `values.co2` is what a tonne is worth, `budgets.municipality` its amount.

    Raises
    ------
    RequestError
        When there is no such path; with the nearest one.
    """
    if path.startswith("values."):
        path = _worth(plan, path)
    *above, last = path.split(".")
    row = _found(plan, ".".join(above)) if last.isdigit() and above else None
    if _is_row(row):
        if not 1 <= int(last) <= len(row):
            raise RequestError(f'"{path}" does not exist: "{".".join(above)}" has {len(row)} numbers, the first is {".".join(above)}.1.')
        return path
    value = get(plan, path)
    main = _MAIN.get(type(value).__name__)
    return path if main is None else f"{path}.{main}"


def one_number(plan: Plan, path: str) -> tuple[str, float | None]:
    """The path of the one number at or below a path, and what it is in the plan; None where the plan has none yet.

    Raises
    ------
    RequestError
        When there is no such path, or it holds several numbers or none.
    """
    full = in_full(plan, path)
    value = _value(plan, full)
    if value is None or (isinstance(value, Mapping) and not value):
        return full, None
    if isinstance(value, BaseModel) or (isinstance(value, tuple) and value and isinstance(value[0], BaseModel)):
        fields = []
        if isinstance(value, BaseModel):
            fields = [f"{path}.{field}" for field in type(value).model_fields if any(True for _ in _numbers(getattr(value, field), ""))]
        told = f" Name one of its numbers: {', '.join(fields)}." if fields else " Name one of them, and a field of it."
        raise RequestError(f"is no number but holds fields.{told}")
    found = list(_numbers(value, full))
    if not found:
        raise RequestError(f"holds {value!r}, which is no number. Give a list of what it may be.")
    if len(found) > 1:
        shown = ", ".join(below for below, _ in found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")
        raise RequestError(
            f"holds {len(found)} numbers: {shown}. Name one of them, or multiply all of them by a factor: kip.scaled(0.8, 1.2)."
        )
    below, number = found[0]
    return below, number.mean if isinstance(number, Uncertain) else float(number)


def numbers_below(plan: Plan, path: str) -> list[tuple[str, float | Uncertain]]:
    """Every number at or below a path with its own path, as a factor multiplies them; `*` stands for every name at its place.

    Raises
    ------
    RequestError
        When there is no such path, no number below it, or something that a factor makes no sense for.
    """
    found: list[tuple[str, float | Uncertain]] = []
    for single in all_paths(plan, path):
        full = in_full(plan, single)
        value = _value(plan, full)
        if isinstance(value, BaseModel):
            raise RequestError(f"holds whole fields, and a factor is for numbers of one kind. Name a field: {path}.cost, say.")
        if isinstance(value, int) and not isinstance(value, bool):
            raise RequestError("is a whole number, and a factor would break it. Give a list of levels instead.")
        found += _numbers(value, full)
    if not found:
        raise RequestError("holds no number that a factor could multiply. Name a field with numbers, such as shifts.*.cost.")
    if all(number == 0 for _, number in found):
        raise RequestError("is 0, and no factor changes that. Give the numbers themselves.")
    return found


def all_paths(plan: Plan, path: str) -> list[str]:
    """The paths that a path with `*` stands for, such as `shifts.*.cost`; those without the field are left out.

    Raises
    ------
    RequestError
        When there is nothing of the kind.
    """
    if "*" not in path.split("."):
        return [path]
    head, _, rest = path.partition(".*")
    names = _names_below(get(plan, head))
    if not names:
        raise RequestError(f'"{head}" holds no names for the * in "{path}". Write the path out.')
    found, wrong = [], ""
    for name in names:
        try:
            found += [item for item in all_paths(plan, f"{head}.{name}{rest}") if _value(plan, in_full(plan, item)) is not None]
        except RequestError as error:
            wrong = str(error)
    if not found:
        raise RequestError(wrong or "holds nothing at all in this plan. Name another path.")
    return found


def together(plan: Plan, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes as `Plan.update` takes them: entries of a row of numbers (`shifts.ev.profile.2`) become the row."""
    found: dict[str, Any] = {}
    for path, value in changes.items():
        above, _, last = path.rpartition(".")
        row = found.get(above, _found(plan, above)) if last.isdigit() and above else None
        if _is_row(row):
            found[above] = tuple(value if place == int(last) else item for place, item in enumerate(row, start=1))
        else:
            found[path] = value
    return found


def is_whole(plan: Plan, path: str) -> bool:
    """Whether only whole numbers belong at a path: a lifetime, a year."""
    owner, name = _field(plan, path)
    return owner is not None and str(owner.model_fields[name].annotation).replace("<class 'int'>", "int") in {"int", "int | None"}


def unit_at(plan: Plan, path: str) -> str:
    """Unit of the number at a path, "" when it is a plain number or kip does not know it."""
    owner, name = _field(plan, path)
    extra = owner.model_fields[name].json_schema_extra if owner is not None else None
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    if "{activity}" in unit or unit in {"", "1"}:
        return ""
    return unit.format(currency=plan.currency, unit="")


def _worth(plan: Plan, path: str) -> str:
    """`values.<what>`: the value of a tonne, or of an indicator, wherever the plan has it from."""
    what, *rest = path.split(".")[1:]
    nouns: dict[str, tuple[str, Indicator | Ledger]] = {TONNE: (f"ledgers.{plan.ledgers[0].name}", plan.ledgers[0])}
    nouns |= {ledger.name: (f"ledgers.{ledger.name}", ledger) for ledger in plan.ledgers}
    nouns |= {indicator.name: (f"indicators.{indicator.name}", indicator) for indicator in plan.indicators}
    if what not in nouns:
        raise RequestError(f'"{path}" does not exist: ' + unknown_name("value", what, list(nouns)))
    place, noun = nouns[what]
    source = next((item for item in plan.value_sets if item.name == noun.value_set), None)
    if noun.value is not None or source is None:
        return ".".join([place, "value", *rest])
    key = noun.value_key or (TONNE if place.startswith("ledgers.") else noun.name)
    return ".".join([f"value_sets.{source.name}.values.{key}", *rest])


def _numbers(value: Any, path: str) -> Iterator[tuple[str, float | Uncertain]]:
    if isinstance(value, Uncertain) or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield path, value
    elif _is_row(value):
        yield from ((f"{path}.{place}", item) for place, item in enumerate(value, start=1))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _numbers(item, f"{path}.{key}")
    else:
        yield from leaves(value, path)


def _is_row(value: Any) -> TypeGuard[tuple[float, ...]]:
    return isinstance(value, tuple) and bool(value) and all(isinstance(item, float) for item in value)


def _found(plan: Plan, path: str) -> Any:
    try:
        return get(plan, path)
    except RequestError:
        return None


def _value(plan: Plan, path: str) -> Any:
    above, _, last = path.rpartition(".")
    row = _found(plan, above) if last.isdigit() and above else None
    return row[int(last) - 1] if _is_row(row) and 1 <= int(last) <= len(row) else get(plan, path)


def _names_below(value: Any) -> Sequence[str]:
    if isinstance(value, Mapping):
        return [str(key) for key in value]
    if isinstance(value, tuple):
        return [key_of(item, value) for item in value if isinstance(item, BaseModel)]
    return []


def _field(plan: Plan, path: str) -> tuple[type[BaseModel] | None, str]:
    """The noun and the field that a path goes through last."""
    value: Any = plan
    owner, name, walked = None, "", ""
    for part in path.split("."):
        if isinstance(value, BaseModel) and part in type(value).model_fields:
            owner, name = type(value), part
        walked = f"{walked}.{part}" if walked else part
        value = _found(plan, walked)
    return owner, name
