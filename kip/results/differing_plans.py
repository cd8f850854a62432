"""The changes between two plans, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from pydantic import BaseModel

from kip.model import Plan
from kip.model.paths import key_of
from kip.model.plan import COLLECTIONS
from kip.views.labels import Language

__all__ = ["change_row", "plan_rows", "plan_sentences"]

Row = dict[str, Any]

_FIRST_COUNTS = ("actors", "ledgers")
_IN_ORDER = ("profile",)


def plan_rows(old: Plan, new: Plan) -> list[Row]:
    """Every change, in the order of the plan's fields and then of names."""
    rows: list[Row] = []
    for field in type(old).model_fields:
        if field in COLLECTIONS or field == "passports":
            continue
        rows += _changes(field, getattr(old, field), getattr(new, field), _unit(Plan, field, old, None))
    for collection in COLLECTIONS:
        before, after = getattr(old, collection), getattr(new, collection)
        if collection in _FIRST_COUNTS and before[0].name != after[0].name:
            rows.append(change_row("changed", f"{collection} (first)", before[0].name, after[0].name))
        rows += _nouns(collection, {key_of(noun, before): noun for noun in before}, {key_of(noun, after): noun for noun in after}, new)
    rows += _nouns("passports", old.passports, new.passports, new)
    return rows


def _nouns(collection: str, before: Mapping[str, BaseModel], after: Mapping[str, BaseModel], plan: Plan) -> Iterator[Row]:
    for key in sorted(set(before) | set(after)):
        path = f"{collection}.{key}"
        if key not in before:
            yield change_row("added", path, None, _title(after[key]))
        elif key not in after:
            yield change_row("removed", path, _title(before[key]), None)
        else:
            one, two = before[key], after[key]
            for field in type(two).model_fields:
                unit = _unit(type(two), field, plan, two)
                yield from _changes(f"{path}.{field}", getattr(one, field), getattr(two, field), unit)


def _title(noun: BaseModel) -> str:
    """What a noun is called in one cell: its title, or the number that it gives."""
    if hasattr(noun, "label"):
        return str(noun.label)
    for field in ("units", "value"):
        if hasattr(noun, field):
            return f"{getattr(noun, field):.10g}"
    return str(getattr(noun, "source", "") or getattr(noun, "actor", ""))


def _unit(noun: type[BaseModel], field: str, plan: Plan, one: BaseModel | None) -> str:
    extra = noun.model_fields[field].json_schema_extra
    unit = extra.get("unit") if isinstance(extra, dict) else None
    if not isinstance(unit, str):
        return ""
    activity = str(getattr(one, "unit", "") or "unit")
    return unit.format(currency=plan.currency, activity=activity, unit=activity)


def _changes(path: str, old: Any, new: Any, unit: str) -> Iterator[Row]:
    """Rows for one field; numbers over years are compared year by year, one number alone with each of them."""
    if isinstance(old, tuple) and isinstance(new, tuple):
        old, new = (_list(value, path) for value in (old, new))
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(set(old) | set(new), key=str):
            yield from _changes(f"{path}.{key}", old.get(key), new.get(key), unit)
    elif isinstance(old, Mapping) and (old or new is None):
        for key, item in old.items():
            yield from _changes(f"{path}.{key}", item, new if _is_number(new) else None, unit)
    elif isinstance(new, Mapping) and (new or old is None):
        for key, item in new.items():
            yield from _changes(f"{path}.{key}", old if _is_number(old) else None, item, unit)
    else:
        change = "added" if old is None else "removed" if new is None else "changed"
        yield change_row(change, path, old, new, unit)


def _list(value: tuple[Any, ...], path: str) -> str:
    if value and isinstance(value[0], int) and list(value) == list(range(value[0], value[-1] + 1)) and len(value) > 2:
        return f"{value[0]}-{value[-1]}"
    items = value if path.rpartition(".")[2] in _IN_ORDER else sorted(value)
    return "; ".join(f"{item:g}" if isinstance(item, float) else str(item) for item in items)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def change_row(change: str, path: str, old: Any, new: Any, unit: str = "") -> Row:
    """One row of a table of changes; difference and relative change where both are numbers."""
    row: Row = {"change": change, "path": path, "old": old, "new": new, "difference": float("nan"), "relative [1]": float("nan")}
    if _is_number(old) and _is_number(new):
        row["difference"] = float(new) - float(old)
        if old:
            row["relative [1]"] = (float(new) - float(old)) / abs(float(old))
    for side in ("old", "new"):
        if row[side] is not None and not _is_number(row[side]):
            row[side] = str(row[side])
    return row | {"unit": unit}


def plan_sentences(table: pd.DataFrame, say: Language) -> Iterator[str]:
    """One sentence for each row."""
    for row in table.to_dict("records"):
        collection, _, name = str(row["path"]).partition(".")
        is_noun = collection in {*COLLECTIONS, "passports"} and row["unit"] == "" and (collection == "passports" or "." not in name)
        if row["change"] in {"added", "removed"} and is_noun:
            shown = row["new"] if row["change"] == "added" else row["old"]
            what = name if not shown or shown == name else f"{name} ({shown})"
            yield say(f"diff {row['change']}", collection=say(f"collection {collection}"), name=what)
            continue
        yield number_sentence(str(row["path"]), row, say)


def number_sentence(what: str, row: Mapping[Any, Any], say: Language) -> str:
    """One change in words: from what to what, and by how much."""
    unit = say.unit(str(row["unit"])) if row["unit"] else ""
    old, new = (_shown(row[side], say) for side in ("old", "new"))
    share = row["relative [1]"]
    if share == share:
        sign = "+" if share > 0 else ""
        return say("diff number", what=what, old=old, new=new, unit=f" {unit}" if unit else "", share=f"{sign}{say.percent(share)}")
    return say("diff value", what=what, old=old, new=new, unit=f" {unit}" if unit else "")


def _shown(value: Any, say: Language) -> str:
    if value is None or value == "" or value != value:
        return say("nothing")
    return say.number(value) if isinstance(value, float) else str(value)
