"""A table as text cells: what every view of a table has in common."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kip.views.labels import MISSING, Language, decimals_for

__all__ = ["MOST_ROWS", "Cells", "cells", "clean"]

MOST_ROWS = 40
"""Rows that a view shows of a table; then it says how many more there are."""

_YEAR_WORDS = {"year", "år"}


@dataclass(frozen=True)
class Cells:
    """A table made ready to be shown.

    Attributes
    ----------
    headers : tuple of str
    rows : tuple of tuple of str
        At most `MOST_ROWS`.
    numeric : tuple of bool
        Which columns are numbers, to be right-aligned.
    more : int
        Rows that are left out.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    more: int


def clean(text: object) -> str:
    r"""Text on one line without control characters, so that no title can steer a terminal.

    Examples
    --------
    >>> clean("a\nb\x1b[31mc")
    'a b[31mc'
    """
    # only what breaks a line: the thin space between thousands stays
    line = re.sub(r"[ \t\n\r\f\v\x85\u2028\u2029]+", " ", str(text)).strip(" ")
    return "".join(letter for letter in line if unicodedata.category(letter) not in {"Cc", "Cs"})


def cells(table: pd.DataFrame, say: Language) -> Cells:
    """Cells of a table; the index is not shown.

    Numbers of a column share their decimals, unless the column is of dtype object: its numbers are of several units, and
    each has its own. A whole number in a column whose name says "year" is shown as a year.
    """
    shown = table.iloc[:MOST_ROWS]
    numeric = [_is_numeric(table.iloc[:, place]) for place in range(table.shape[1])]
    columns = []
    for place, is_number in enumerate(numeric):
        values = shown.iloc[:, place].tolist()
        alike = is_number and not pd.api.types.is_object_dtype(table.dtypes.iloc[place])
        columns.append(_numbers(values, _header(table.columns[place]), say) if alike else [_text(value, say) for value in values])
    rows = tuple(zip(*columns, strict=True)) if columns else ()
    headers = tuple(_header(column) for column in table.columns)
    return Cells(headers, rows, tuple(numeric), len(table) - len(shown))


def _header(column: object) -> str:
    return clean(" ".join(str(part) for part in column if str(part)) if isinstance(column, tuple) else column)


def _is_numeric(column: pd.Series[Any]) -> bool:
    if pd.api.types.is_object_dtype(column.dtype):
        return len(column) > 0 and all(isinstance(value, int | float | np.number) and not isinstance(value, bool) for value in column)
    return bool(column.dtype != bool and np.issubdtype(getattr(column.dtype, "type", object), np.number))


def _numbers(values: list[Any], header: str, say: Language) -> list[str]:
    numbers = [float("nan") if value is None else float(value) for value in values]
    known = [number for number in numbers if np.isfinite(number)]
    if _YEAR_WORDS & set(header.casefold().split()) and all(number == round(number) for number in known):
        return [f"{number:.0f}" if np.isfinite(number) else MISSING for number in numbers]
    decimals = decimals_for(known)
    return [say.number(number, decimals) for number in numbers]


def _text(value: object, say: Language) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return MISSING
    if isinstance(value, bool | np.bool_):
        return say("yes") if value else say("no")
    if isinstance(value, int | float | np.number):
        return say.number(float(value))
    return clean(value)
