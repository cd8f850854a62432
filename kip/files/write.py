"""`write_plan`: a plan to a folder (YAML and CSV) or to one Excel workbook; reading it gives an equal plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import BaseModel, BeforeValidator

from kip.errors import RequestError
from kip.files.cells import EMPTY_TABLE, Kind, is_year, kinds, quote, write_cell
from kip.files.draft import NOUNS
from kip.files.frame import flow, yaml_text
from kip.files.read import FRAME, long_tables
from kip.files.rows import KEY_COLUMNS, long_columns
from kip.files.tables import LONGEST_CELL, csv_text
from kip.files.workbook import write_workbook
from kip.model.fields import EVERYWHERE
from kip.model.paths import key_of
from kip.model.plan import COLLECTIONS, Plan
from kip.model.uncertain import Uncertain

__all__ = ["write_plan"]

IN_TABLES = ("districts", "activities", "shifts", "enablers", "decided", "outcomes")
"""Collections that a folder keeps in CSV files; the others are short and stand in the frame."""
MOST_COLUMNS = 8
"""Columns that one dict field may take in a table of nouns; beyond that it becomes a long table."""

_EXACT_INTEGERS = 1e15


@dataclass(frozen=True)
class _Sheet:
    header: list[str]
    rows: list[list[Any]]
    kinds: list[Kind]


def write_plan(plan: Plan, path: str | PathLike[str]) -> Path:
    """Write a plan to a folder, or to an Excel workbook when the path ends with ``.xlsx``.

    Parameters
    ----------
    plan : Plan
    path : str or path
        Folder (made when it is missing; files of a plan that are in it are replaced, all others stay), or ``name.xlsx``.

    Returns
    -------
    pathlib.Path
        What was written. `read_plan` of it gives an equal plan.

    Raises
    ------
    RequestError
        When the path cannot hold a plan, or the plan holds something that no file can.

    Examples
    --------
    >>> import kip, tempfile
    >>> from pathlib import Path
    >>> plan = kip.example("minimal")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = kip.write_plan(plan, Path(folder) / "plan.xlsx")
    ...     kip.read_plan(path) == plan
    True
    """
    place = Path(path)
    suffix = place.suffix.casefold()
    if suffix == ".xlsx":
        place.parent.mkdir(parents=True, exist_ok=True)
        write_workbook(place, {name: (sheet.header, _excel_rows(sheet)) for name, sheet in _workbook_sheets(plan)})
        return place
    if suffix in {".xls", ".xlsm", ".ods", ".csv", ".yaml", ".yml", ".json"} or place.is_file():
        raise RequestError(f'"{place}" cannot hold a plan. Give a folder, or a file that ends with .xlsx.')
    texts = dict(_folder_files(plan))
    place.mkdir(parents=True, exist_ok=True)
    ours = {FRAME, *(f"{name}.csv" for name in (*COLLECTIONS, "passports", *long_tables()))}
    for name in ours - set(texts):
        (place / name).unlink(missing_ok=True)
    for name, text in texts.items():
        (place / name).write_bytes(text.encode())
    return place


def _folder_files(plan: Plan) -> Iterator[tuple[str, str]]:
    frame = _fields(plan, _yaml_field)
    for collection in COLLECTIONS:
        nouns = getattr(plan, collection)
        if nouns and collection not in IN_TABLES:
            frame[collection] = [_fields(noun, _yaml_field) for noun in nouns]
    yield FRAME, yaml_text(frame)
    for name, sheet in _tables(plan, IN_TABLES):
        rows = [
            [cell if isinstance(cell, str) else write_cell(cell, kind) for cell, kind in zip(row, sheet.kinds, strict=True)]
            for row in sheet.rows
        ]
        for row in rows:
            for column, cell in zip(sheet.header, row, strict=True):
                if len(cell) > LONGEST_CELL:
                    raise RequestError(
                        f'a text in {name}.csv, column "{column}" has {len(cell)} characters; {LONGEST_CELL} is the most. Shorten it.'
                    )
        yield f"{name}.csv", csv_text(sheet.header, rows)


def _fields(noun: BaseModel, convert: Callable[[BaseModel, str], Any]) -> dict[str, Any]:
    """Fields that differ from their default, or that have none."""
    found = {}
    for name, info in type(noun).model_fields.items():
        value = getattr(noun, name)
        if isinstance(noun, Plan) and (name in COLLECTIONS or name == "passports"):
            continue
        if info.is_required() or value != info.get_default(call_default_factory=True):
            found[name] = convert(noun, name)
    return found


def _yaml_field(noun: BaseModel, name: str) -> Any:
    value = getattr(noun, name)
    if name in {"years", "start_years"}:
        return _years_text(value)
    if _one_is_for_all(noun, name) and set(value) == {EVERYWHERE}:
        return _yaml_value(value[EVERYWHERE])
    return _yaml_value(value)


def _one_is_for_all(noun: BaseModel, field: str) -> bool:
    """Whether one number alone may stand in this field for {"all": number}."""
    info = type(noun).model_fields[field]
    return kinds(type(noun))[field] in {"by_name", "path_by_name"} and any(isinstance(item, BeforeValidator) for item in info.metadata)


def _years_text(years: Sequence[int]) -> str | list[int]:
    if len(years) > 2 and list(years) == list(range(years[0], years[-1] + 1)) and years[0] >= 0:
        return f"{years[0]}-{years[-1]}"
    return list(years)


def _yaml_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _yaml_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_yaml_value(item) for item in value]
    if isinstance(value, float):
        return int(value) if value == value // 1 and abs(value) < _EXACT_INTEGERS else float(value)
    if isinstance(value, Uncertain):
        return str(value)
    if value is None or isinstance(value, str | int):
        return value
    raise RequestError(
        f"a {type(value).__name__} stands among the changes of a scenario. Write its value as a number, text, list or table instead."
    )


def _tables(plan: Plan, collections: Sequence[str]) -> Iterator[tuple[str, _Sheet]]:
    for collection in collections:
        nouns = getattr(plan, collection)
        if nouns:
            yield from _noun_tables(collection, nouns)
    if plan.passports:
        fields = list(NOUNS["passports"].model_fields)
        of = kinds(NOUNS["passports"])
        header = ["path", *fields]
        rows = [[quote(path), *(_cell(passport, name) for name in fields)] for path, passport in plan.passports.items()]
        yield "passports", _without_empty(_Sheet(header, rows, ["text", *(of[name] for name in fields)]), {"path"})


def _cell(noun: BaseModel, field: str) -> Any:
    """The value of a simple field as it goes into a cell; empty when it is the default."""
    info = type(noun).model_fields[field]
    value = getattr(noun, field)
    if not info.is_required() and value == info.get_default(call_default_factory=True):
        return ""
    kind = kinds(type(noun))[field]
    return float(value) if isinstance(value, float) else write_cell(value, kind)


def _without_empty(sheet: _Sheet, keep: set[str]) -> _Sheet:
    used = [number for number, name in enumerate(sheet.header) if name in keep or any(row[number] != "" for row in sheet.rows)]
    return _Sheet(
        [sheet.header[number] for number in used],
        [[row[number] for number in used] for row in sheet.rows],
        [sheet.kinds[number] for number in used],
    )


def _noun_tables(collection: str, nouns: Sequence[BaseModel]) -> Iterator[tuple[str, _Sheet]]:
    """The table of a collection, then the long tables of its larger dict fields."""
    header: list[str] = []
    columns: list[list[Any]] = []
    column_kinds: list[Kind] = []
    long: list[tuple[str, _Sheet]] = []
    for field, kind in kinds(NOUNS[collection]).items():
        if long_columns(collection, field) is None:
            header.append(field)
            columns.append([_cell(noun, field) for noun in nouns])
            column_kinds.append(kind)
            continue
        values = [_table_value(noun, field) for noun in nouns]
        whole = _one_is_for_all(nouns[0], field)
        wide = [_wide(value, kind, whole) for value in values]
        suffixes = list(dict.fromkeys(key for cells in wide if cells for key in cells))
        if None in wide or sum(1 for key in suffixes if key) > MOST_COLUMNS:
            # a single number stays in the table of nouns, where it is easiest to read
            simple = [cells if cells is None or set(cells) <= {""} else None for cells in wide]
            rest = [(noun, value) for noun, value, cells in zip(nouns, values, simple, strict=True) if cells is None]
            long.append((f"{collection}.{field}", _long(collection, field, kind, rest, nouns)))
            wide = [cells or {} for cells in simple]
            suffixes = [""] if any(wide) else []
        for suffix in sorted(suffixes, key=bool):
            header.append(f"{field}.{suffix}" if suffix else field)
            columns.append([(cells or {}).get(suffix, "") for cells in wide])
            column_kinds.append("free" if kind == "free" else "number")
    rows = [list(row) for row in zip(*columns, strict=True)]
    yield collection, _without_empty(_Sheet(header, rows, column_kinds), {header[0]})
    yield from long


def _table_value(noun: BaseModel, field: str) -> Any:
    info = type(noun).model_fields[field]
    value = getattr(noun, field)
    return None if not info.is_required() and value == info.get_default(call_default_factory=True) else value


def _wide(value: Any, kind: Kind, one_is_for_all: bool) -> dict[str, Any] | None:
    """Cells by what stands behind the field's name; None when a column cannot say it."""
    if value is None:
        return {}
    if kind == "changes":
        return None
    if not isinstance(value, Mapping):
        return {"": value}
    if not value:
        return {"": EMPTY_TABLE}
    if one_is_for_all and set(value) == {EVERYWHERE}:
        inner = value[EVERYWHERE]
        return {str(year): item for year, item in inner.items()} if isinstance(inner, Mapping) else {"": inner}
    cells: dict[str, Any] = {}
    for key, item in value.items():
        if kind not in {"path", "by_year"} and not _fits_a_header(key):
            return None
        if isinstance(item, Mapping):
            cells |= {f"{key}.{year}": number for year, number in item.items()}
        else:
            cells[str(key)] = item if kind != "free" else write_cell(item, "free")
    return cells


def _fits_a_header(key: str) -> bool:
    return key.isprintable() and "." not in key and quote(key) == key and not is_year(key) and "," not in key and ";" not in key


def _long(collection: str, field: str, kind: Kind, rest: Sequence[tuple[BaseModel, Any]], nouns: Sequence[BaseModel]) -> _Sheet:
    header = long_columns(collection, field) or []
    key_column = KEY_COLUMNS.get(field, "key")
    rows = []
    for noun, value in rest:
        name = quote(key_of(noun, tuple(nouns)))
        for key, year, item in _long_rows(value, kind):
            cells = {"name": name, key_column: key, "year": year, "value": flow(_yaml_value(item)) if kind == "changes" else item}
            rows.append([write_cell(item, "free") if kind == "free" and title == "value" else cells[title] for title in header])
    of: dict[str, Kind] = {"value": "text" if kind == "changes" else "free" if kind == "free" else "number"}
    return _Sheet(header, rows, [of.get(title, "text") for title in header])


def _long_rows(value: Mapping[Any, Any], kind: Kind) -> Iterator[tuple[str, str, Any]]:
    for key, item in value.items():
        if kind in {"path", "by_year"}:
            yield "", str(key), item
        elif kind == "path_by_name" and isinstance(item, Mapping):
            for year, number in item.items():
                yield quote(key), str(year), number
        else:
            yield quote(key), "", item


def _workbook_sheets(plan: Plan) -> Iterator[tuple[str, _Sheet]]:
    rows: list[list[Any]] = []
    for name, value in _fields(plan, getattr).items():
        if isinstance(value, Mapping):
            rows += [[f"{name}.{key}", float(item) if isinstance(item, float) else str(item)] for key, item in value.items()]
        elif name in {"years", "start_years"}:
            years = _years_text(value)
            rows.append([name, years if isinstance(years, str) else "; ".join(map(str, years))])
        else:
            rows.append([name, float(value) if isinstance(value, float) else write_cell(value, kinds(Plan)[name])])
    yield "plan", _Sheet(["field", "value"], rows, ["text", "text"])
    yield from _tables(plan, COLLECTIONS)


def _excel_rows(sheet: _Sheet) -> list[list[str | float]]:
    """Numbers as numbers, whole numbers (years) too; everything else as text."""
    rows: list[list[str | float]] = []
    for row in sheet.rows:
        cells: list[str | float] = []
        for title, kind, cell in zip(sheet.header, sheet.kinds, row, strict=True):
            whole = isinstance(cell, str) and (kind == "integer" or title == "year") and cell.lstrip("-").isdigit()
            cells.append(
                float(cell)
                if whole or (isinstance(cell, float) and kind != "free")
                else cell
                if isinstance(cell, str)
                else write_cell(cell, kind)
            )
        rows.append(cells)
    return rows
