"""From tables to nouns: a row per noun, dotted columns, and long tables for one dict field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kip.errors import nearest, unknown_name
from kip.files.cells import Kind, is_year, kinds, read_cell, unquote
from kip.files.draft import NOUNS, Draft, Place, Trail
from kip.files.frame import from_flow
from kip.files.tables import Table
from kip.model.fields import EVERYWHERE

__all__ = ["KEY_COLUMNS", "add_long_table", "add_nouns", "long_columns", "one_for_all_years"]

KEY_COLUMNS = {
    "amount": "district",
    "potential": "district",
    "factor": "ledger",
    "reduction": "ledger",
    "policies": "policy",
    "indicators": "indicator",
    "cobenefits": "indicator",
    "cost": "actor",
    "opex": "actor",
    "reference_cost": "actor",
    "reference_opex": "actor",
    "uses": "resource",
    "control_by_actor": "actor",
    "opens": "shift",
    "scales": "activity",
    "synergy": "shift",
    "share": "actor",
    "aid_intensity": "actor",
    "granted": "shift",
    "other": "sector",
    "attributes": "attribute",
    "members": "district",
    "changes": "path",
    "values": "value_key",
    "units": "value_key",
    "covers": "value_key",
}
"""Heading of the column with the keys of a dict field, in its long table."""

_DOTS: dict[Kind, int] = {"path": 1, "by_year": 1, "by_name": 1, "free": 1, "path_by_name": 2}
"""How many keys may follow a field in a column's name."""


@dataclass(frozen=True)
class _Column:
    number: int
    title: str
    field: str
    keys: Trail
    kind: Kind


def add_nouns(table: Table, draft: Draft) -> None:
    """Add the rows of ``shifts.csv`` or ``passports.csv`` to a draft."""
    collection = table.stem
    draft.places[collection,] = Place(table.file)
    _take_problems(table, draft, collection)
    columns = _columns(table, draft, collection)
    rows: list[tuple[int, dict[str, Any]]] = []
    for row, cells in table.rows:
        trail = (collection, str(len(rows)))
        draft.places[trail] = Place(table.file, row)
        rows.append((row, _noun(row, cells, columns, trail, table, draft)))
    if collection == "passports":
        _add_passports(rows, table, draft)
    else:
        draft.data[collection] = [fields for _, fields in rows]


def _take_problems(table: Table, draft: Draft, collection: str) -> None:
    draft.issues += table.issues
    table.issues.clear()
    if table.broken:
        draft.lost.add(collection)


def _columns(table: Table, draft: Draft, collection: str) -> list[_Column]:
    noun = NOUNS[collection]
    known = kinds(noun)
    first = ["path"] if collection == "passports" else []
    columns = []
    for number, title in enumerate(table.header):
        if not title or title in table.header[:number]:
            continue
        field, *keys = title.split(".", 2)
        if title == "path" and first:
            columns.append(_Column(number, title, "path", (), "text"))
            continue
        if field not in known:
            guess = nearest(field, known)
            draft.suspects.add((collection, guess or ""))
            table.problem(unknown_name("column", title, [*first, *known]), table.header_row, title)
            continue
        wrong = _wrong_keys(field, keys, known[field], collection)
        if wrong:
            table.problem(wrong, table.header_row, title)
            draft.suspects.add((collection, field))
            continue
        columns.append(_Column(number, title, field, tuple(keys), known[field]))
    for needed in [*first, *(name for name, info in noun.model_fields.items() if info.is_required())]:
        if (
            needed in {"name", "path", "actor", "shift"}
            and needed not in table.header
            and table.header
            and (collection, needed) not in draft.suspects
        ):
            table.problem(f'the column "{needed}" is missing. Add it.', table.header_row, needed)
            draft.suspects.add((collection, needed))
    _take_problems(table, draft, collection)
    return columns


def _wrong_keys(field: str, keys: Sequence[str], kind: Kind, collection: str) -> str:
    """What is wrong with the part of a column's name that follows the field."""
    if kind == "changes":
        return f'"{field}" has no column. Write it in plan.yaml, or as a long table "{collection}.{field}".'
    if keys and kind not in _DOTS:
        return f'"{field}" is a single value and takes nothing behind the point. Use the column "{field}".'
    if len(keys) > _DOTS.get(kind, 0):
        return f'too many points. Write "{field}.{keys[0]}"' + (f' or "{field}.{keys[0]}.2030".' if kind == "path_by_name" else ".")
    if kind == "by_name" and keys and is_year(keys[0]):
        return one_for_all_years(field, collection)
    if not all(keys):
        return f'nothing stands behind the point. Write for example "{field}.{"2030" if kind in {"path", "by_year"} else "name"}".'
    year = keys[-1] if keys and (kind in {"path", "by_year"} or len(keys) == 2) else None
    if year is not None and not is_year(year):
        return f'"{year}" is not a year. Write for example "{".".join([field, *keys[:-1], "2030"])}".'
    return ""


def one_for_all_years(field: str, collection: str) -> str:
    """What to say when years stand in a field that holds one number for all of them."""
    trend = f"{field}_trend"
    if trend in NOUNS[collection].model_fields:
        return (
            f'"{field}" is one number for all years. Write the change over the years as multipliers in "{trend}", such as "{trend}.2030".'
        )
    return f'"{field}" is one number for all years. Write the number without a year.'


def _noun(row: int, cells: Sequence[str], columns: Iterable[_Column], trail: Trail, table: Table, draft: Draft) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for column in columns:
        cell = cells[column.number]
        if not cell:
            continue
        below = (*trail, column.field, *column.keys)
        place = Place(table.file, row, column.title)
        draft.places.setdefault((*trail, column.field), place)
        draft.places[below] = place
        value = read_cell(cell, "free" if column.kind == "free" else "by_name" if column.keys else column.kind)
        if column.kind == "flag" and not isinstance(value, bool):
            draft.problem(f'found "{cell}"; must be true or false. Change it.', below)
        elif not _put(fields, (column.field, *column.keys), value, column.kind):
            draft.problem(
                f'"{column.field}" is given both as one value and as a table in this row, or for years and for names at once. '
                "Empty one of the cells.",
                below,
            )
    return fields


def _put(fields: dict[str, Any], way: Trail, value: Any, kind: Kind) -> bool:
    """Store a value; False when it contradicts what is there."""
    field, *keys = way
    if not keys:
        whole = value if field not in fields else _merged(fields[field], value, kind)
        if whole is None:
            return False
        fields[field] = whole
        return True
    current = fields.get(field)
    if current is not None and not isinstance(current, dict):
        if kind not in {"by_name", "path_by_name"} or is_year(keys[0]):
            return False
        current = {EVERYWHERE: current}
    current = {} if current is None else current
    if kind == "path_by_name" and current and is_year(keys[0]) != all(is_year(key) for key in current):
        return False
    target = current
    for key in keys[:-1]:
        inner = target.setdefault(key, {})
        if not isinstance(inner, dict):
            return False
        target = inner
    if keys[-1] in target:
        return False
    target[keys[-1]] = value
    fields[field] = current
    return True


def _merged(current: Any, value: Any, kind: Kind) -> Any:
    """One number beside a table by name is the number for all the others."""
    if kind in {"by_name", "path_by_name"} and isinstance(current, dict) and EVERYWHERE not in current and not all(map(is_year, current)):
        return {EVERYWHERE: value, **current}
    return None


def _add_passports(rows: Iterable[tuple[int, dict[str, Any]]], table: Table, draft: Draft) -> None:
    passports: dict[str, Any] = {}
    for number, (row, fields) in enumerate(rows):
        path = fields.pop("path", None)
        if path is None:
            if "path" in table.header:
                table.problem("the path of the number is missing. Write for example shifts.ev.cost.", row, "path")
            continue
        if path in passports:
            table.problem(f'"{path}" is there twice (first in row {draft.place(("passports", path)).row}). Keep one of them.', row, "path")
            continue
        passports[path] = fields
        draft.places["passports", path] = Place(table.file, row, "path")
        for field in fields:
            draft.places["passports", path, field] = draft.places["passports", str(number), field]
    draft.data["passports"] = passports
    _take_problems(table, draft, "passports")


def long_columns(collection: str, field: str) -> list[str] | None:
    """Columns of the long table of a field; None when it has none."""
    kind = kinds(NOUNS[collection]).get(field)
    key = KEY_COLUMNS.get(field, "key")
    shapes: dict[str, list[str]] = {
        "path": ["name", "year", "value"],
        "by_year": ["name", "year", "value"],
        "by_name": ["name", key, "value"],
        "path_by_name": ["name", key, "year", "value"],
        "free": ["name", key, "value"],
        "changes": ["name", key, "value"],
    }
    return shapes.get(kind or "")


def add_long_table(table: Table, draft: Draft) -> None:
    """Add the rows of ``shifts.cost.csv`` to the nouns that are already there."""
    collection, _, field = table.stem.partition(".")
    wanted = long_columns(collection, field) or []
    at = _long_header(table, wanted)
    _take_problems(table, draft, collection)
    if at is None:
        draft.suspects.add((collection, field))
        return
    numbers = _numbers_by_name(collection, draft)
    given = {number for number, noun in enumerate(draft.data.get(collection, [])) if field in noun}
    kind = kinds(NOUNS[collection])[field]
    told: set[str] = set()
    for row, cells in table.rows:
        cell = {column: cells[number] for column, number in at.items()}
        name = unquote(cell["name"])
        number = numbers.get(name)
        if number is None or number in given:
            if name not in told and not (number is None and (collection in draft.lost or name in draft.lost_names)):
                _tell_about_noun(name, number, list(numbers), row, table, draft)
            told.add(name)
            continue
        _add_long_row(cell, kind, (collection, str(number), field), row, table, draft)
    _take_problems(table, draft, collection)


def _long_header(table: Table, wanted: Sequence[str]) -> dict[str, int] | None:
    at: dict[str, int] = {}
    for number, title in enumerate(table.header):
        if title in wanted:
            at.setdefault(title, number)
        elif title:
            table.problem(unknown_name("column", title, wanted), table.header_row, title)
    missing = [title for title in wanted if title not in at and title != "year" and title in {"name", "value"}]
    if "year" in wanted and len(wanted) == 3 and "year" not in at:
        missing.append("year")
    guessed = {nearest(title, wanted) for title in table.header if title not in wanted}
    for title in missing:
        if title not in guessed and table.header:
            table.problem(f'the column "{title}" is missing. The columns are: {", ".join(wanted)}.', table.header_row, title)
    return None if missing or not table.header or guessed - {None} else at


def _numbers_by_name(collection: str, draft: Draft) -> dict[str, int]:
    nouns = draft.data.get(collection, [])
    if collection != "budgets":
        return {str(noun["name"]): number for number, noun in enumerate(nouns) if "name" in noun}
    actors = [noun.get("actor") for noun in nouns]
    found = {}
    for number, noun in enumerate(nouns):
        actor = str(noun.get("actor"))
        found[actor if actors.count(noun.get("actor")) == 1 else f"{actor}:{noun.get('kind', 'all')}"] = number
    return found


def _tell_about_noun(name: str, number: int | None, known: Sequence[str], row: int, table: Table, draft: Draft) -> None:
    collection, _, field = table.stem.partition(".")
    if not name:
        table.problem("the name is missing. Write it in every row.", row, "name")
    elif number is None:
        table.problem(unknown_name(f"name among the {collection}", name, known), row, "name")
    else:
        other = draft.place((collection, str(number), field))
        table.problem(f'"{field}" of "{name}" is also given in {other.file}, row {other.row}. Keep one of the two.', row, "name")


def _add_long_row(cell: dict[str, str], kind: Kind, trail: Trail, row: int, table: Table, draft: Draft) -> None:
    if not cell["value"]:
        return
    collection, number, field = trail
    noun = draft.data[collection][int(number)]
    keys: list[str] = []
    if kind not in {"path", "by_year"}:
        text = cell.get(KEY_COLUMNS.get(field, "key"), "")
        if not text and kind in {"free", "changes"}:
            table.problem("the key is missing. Write it in every row.", row, KEY_COLUMNS.get(field, "key"))
            return
        keys.append(unquote(text) if text else EVERYWHERE)
    year = cell.get("year", "")
    if year and not is_year(year):
        table.problem(f'"{year}" is not a year. Write for example 2030.', row, "year")
        return
    keys += [year] if year else []
    below = (*trail, *keys)
    draft.places.setdefault(trail, Place(table.file, row, "value"))
    if below in draft.places and below != trail:
        draft.issues.append(_twice(draft, below, row, table))
        return
    draft.places[below] = Place(table.file, row, "value")
    try:
        value = from_flow(cell["value"]) if kind == "changes" else read_cell(cell["value"], "free" if kind == "free" else "number")
    except ValueError as error:
        table.problem(str(error), row, "value")
        return
    if not _put_long(noun, field, keys, value):
        table.problem(f'"{unquote(cell["name"])}" has one value and also values by year here. Keep one of the two.', row, "year")


def _twice(draft: Draft, below: Trail, row: int, table: Table) -> Any:
    from kip.errors import Issue

    first = draft.places[below].row
    return Issue(
        f"the same {' and '.join(below[3:])} is there twice (first in row {first}). Keep one of them.",
        ".".join(below),
        table.file,
        row,
        "value",
    )


def _put_long(noun: dict[str, Any], field: str, keys: Sequence[str], value: Any) -> bool:
    if not keys:
        if field in noun:
            return False
        noun[field] = value
        return True
    target = noun.setdefault(field, {})
    for key in keys[:-1]:
        target = target.setdefault(key, {}) if isinstance(target, dict) else None
    if not isinstance(target, dict) or isinstance(target.get(keys[-1]), dict):
        return False
    target[keys[-1]] = value
    return True
