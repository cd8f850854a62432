"""One cell of a table: what kind of field it belongs to, and text in and out without losing anything.

A cell is always text here. Numbers stay text ("60 kSEK") until the noun reads them, so that its units are checked in one
place only. Text that a table would mangle (empty on purpose, spaces at its ends, control characters, a leading ``#``)
is written as a JSON string with its quotation marks and read back as such.
"""

from __future__ import annotations

import json
import math
import re
import types
import unicodedata
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from kip.model.uncertain import Uncertain

__all__ = ["EMPTY_TABLE", "Kind", "is_year", "kind_of", "kinds", "number_text", "quote", "read_cell", "split_list", "unquote", "write_cell"]

Kind = Literal[
    "text", "flag", "integer", "number", "names", "numbers", "years",
    "path", "by_name", "path_by_name", "by_year", "free", "changes", "nouns",
]  # fmt: skip
"""What a field holds, as far as files care."""

EMPTY_TABLE = "{}"
"""Cell of a dict field that is empty on purpose, where leaving it out would mean its default."""

_INTEGER = re.compile(r"[-+]?\d+")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?|[-+]?\.inf|\.nan")
_EXCEL_ESCAPE = re.compile(r"_x[0-9a-fA-F]{4}_")
_EXACT_INTEGERS = 1e15
_ODD = {"Cc", "Cn", "Cs", "Co", "Zl", "Zp"}


def is_year(key: object) -> bool:
    """Whether a key of a dict is a year rather than a name.

    Examples
    --------
    >>> is_year("2030"), is_year("ryd")
    (True, False)
    """
    return isinstance(key, int) or (isinstance(key, str) and key.strip().lstrip("-").isdigit())


@cache
def kinds(noun: type[BaseModel]) -> dict[str, Kind]:
    """Kind of every field of a noun, read from its type hints.

    Examples
    --------
    >>> from kip.model import Shift
    >>> kinds(Shift)["cost"], kinds(Shift)["ramp"], kinds(Shift)["requires"]
    ('by_name', 'path', 'names')
    """
    return {name: kind_of(field.annotation) for name, field in noun.model_fields.items()}


def kind_of(hint: Any) -> Kind:
    """Kind of a field with this type hint."""
    members = _members(hint)
    if members in ({float}, {float, Uncertain}):
        return "number"
    if len(members) == 1:
        return _single(next(iter(members)))
    if float in members and all(member is float or get_origin(member) is dict for member in members):
        return "path"
    return "text" if members <= {str} or any(get_origin(member) is Literal for member in members) else "free"


def _single(hint: Any) -> Kind:
    simple: dict[Any, Kind] = {bool: "flag", int: "integer", str: "text"}
    if hint in simple:
        return simple[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is tuple:
        item = next(iter(_members(inner[0])))
        lists: dict[Any, Kind] = {str: "names", int: "years", float: "numbers"}
        return lists.get(item, "nouns")
    if origin is dict:
        values = _members(inner[1])
        if any(isinstance(value, type) and issubclass(value, BaseModel) for value in values):
            return "nouns"
        if _members(inner[0]) == {int}:
            return "by_year"
        if all(get_origin(value) is Literal for value in values):
            return "free"
        if values == {float}:
            return "by_name"
        return "path_by_name" if str not in values and float in values else "free" if float in values or values == {str} else "changes"
    return "text"


def _members(hint: Any) -> set[Any]:
    """Types of a union, without None and without annotations."""
    origin = get_origin(hint)
    if origin is Annotated:
        return _members(get_args(hint)[0])
    if origin in {Union, types.UnionType}:
        return set().union(*(_members(item) for item in get_args(hint))) - {type(None)}
    return {hint}


def quote(text: str) -> str:
    """Text for a cell: as it is when a table keeps it, else as a JSON string.

    Examples
    --------
    >>> quote("Cykel, Ryd"), quote(" x"), quote("")
    ('Cykel, Ryd', '" x"', '""')
    """
    odd = any(unicodedata.category(sign) in _ODD and sign != "\n" for sign in text)
    marks = _EXCEL_ESCAPE.search(text) is not None
    if not odd and not marks and text and text == text.strip() and text[0] not in '"#' and text != EMPTY_TABLE:
        return text
    quoted = json.dumps(text, ensure_ascii=odd)
    return quoted.replace("_x", "\\u005fx") if marks else quoted


def unquote(cell: str) -> str:
    """The text that `quote` wrote."""
    cell = cell.strip()
    if len(cell) >= 2 and cell[0] == cell[-1] == '"':
        try:
            return str(json.loads(cell, strict=False))
        except ValueError:
            return cell
    return cell


def split_list(cell: str) -> list[str]:
    """Names of a cell such as ``a; b``.

    Examples
    --------
    >>> split_list('charging; "a;b"')
    ['charging', 'a;b']
    """
    parts = re.findall(r'\s*("(?:[^"\\]|\\.)*"|[^;]*?)\s*(?:;|$)', cell)
    return [unquote(part) for part in parts if part]


def number_text(value: float) -> str:
    """A number as text that reads back as exactly the same number."""
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    return str(int(value)) if value == int(value) and abs(value) < _EXACT_INTEGERS else repr(float(value))


def read_cell(cell: str, kind: Kind) -> Any:
    """The value of a cell, as the nouns take it; text of a number stays text, so that its unit is checked there."""
    if kind == "text":
        return unquote(cell)
    if kind == "flag":
        return {"true": True, "false": False}.get(cell.casefold(), cell)
    if kind == "integer":
        return int(cell) if _INTEGER.fullmatch(cell) else cell
    if kind in {"names", "numbers"}:
        return split_list(cell)
    if kind == "years":
        return _read_years(cell)
    if kind == "free":
        return _read_free(cell)
    if kind in {"by_name", "path_by_name", "by_year"} and cell == EMPTY_TABLE:
        return {}
    return cell


def _read_years(cell: str) -> Any:
    parts = split_list(cell)
    if all(_INTEGER.fullmatch(part) for part in parts):
        return [int(part) for part in parts]
    return cell


def _read_free(cell: str) -> float | str:
    if not _NUMBER.fullmatch(cell):
        return unquote(cell)
    return float(cell.replace(".inf", "inf").replace(".nan", "nan"))


def write_cell(value: Any, kind: Kind) -> str:
    """Text for a cell of this kind; the other way of `read_cell`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, str):
        return json.dumps(value) if kind == "free" and _NUMBER.fullmatch(value) else quote(value)
    if isinstance(value, Uncertain):
        return str(value)
    if isinstance(value, tuple):
        return "; ".join(_list_item(item) for item in value)
    return EMPTY_TABLE


def _list_item(item: Any) -> str:
    if isinstance(item, str):
        text = quote(item)
        return json.dumps(item) if ";" in item and text == item else text
    return str(item) if isinstance(item, int) else number_text(item)
