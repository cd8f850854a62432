"""Excel in and out: sheets as tables of text, so that a workbook and a folder are read by the same code.

Read by python-calamine, written by xlsxwriter. Numbers are numbers in the sheet, with every digit; text stays text even
when it begins like a formula.
"""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kip.errors import DataError, Issue, RequestError
from kip.files.cells import number_text
from kip.files.formulas import valueless_cells
from kip.files.tables import Table, make_table

__all__ = ["read_workbook", "write_workbook"]

LONGEST_CELL = 32_767
LONGEST_SHEET = 1_048_576
_WIDEST_COLUMN = 60
_NARROWEST_COLUMN = 9


def read_workbook(path: Path) -> list[Table]:
    """Every sheet of a workbook as a table of text.

    Raises
    ------
    DataError
        When the file is no workbook.
    """
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = [(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
        rows = [(name, sheet.to_python(skip_empty_area=False)) for name, sheet in sheets]
        valueless = valueless_cells(path)
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        message = f"cannot be read as an Excel workbook ({error}). Save it as .xlsx without a password."
        raise DataError([Issue(message, file=path.name)], str(path)) from None
    tables = [_table(path, name, cells) for name, cells in rows if not name.startswith("#")]
    for table in tables:
        for row, column, found in valueless.get(table.stem, []):
            what = (
                f"found {found}. Mend the formula"
                if found
                else "the formula has no value. Open the workbook in a spreadsheet and save it there"
            )
            title = table.header[column] if row > table.header_row and column < len(table.header) else ""
            table.problem(f"{what}, or write the number.", row, title)
    return tables


def _table(path: Path, name: str, cells: Sequence[Sequence[Any]]) -> Table:
    table = Table(f'{path.name}, sheet "{name}"', name)
    if not any(cell != "" for row in cells for cell in row):
        return table

    def records() -> Iterator[tuple[int, list[str]]]:
        for number, row in enumerate(cells, start=1):
            yield number, [_text(cell) for cell in row]

    return make_table(table, records())


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return number_text(float(cell)) if isinstance(cell, float) else str(cell)
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)


class _Exact(float):
    """A float that is written with every digit; xlsxwriter formats with 16 digits, one too few for some numbers."""

    def __format__(self, _spec: str) -> str:
        return repr(float(self)).upper()


def write_workbook(path: Path, sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[str | float]]]]) -> None:
    """Write sheets, each a header and rows of text and numbers.

    Raises
    ------
    RequestError
        When something is too large for Excel; nothing is written then.
    """
    import xlsxwriter

    _check_sizes(sheets)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    try:
        # fixed, so that the same plan gives the same file
        book.set_properties({"created": datetime.datetime(2026, 1, 1)})
        bold = book.add_format({"bold": True, "bottom": 1})
        for name, (header, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 1)
            for column, title in enumerate(header):
                sheet.write_string(0, column, title, bold)
                sheet.set_column(column, column, _width([title, *(row[column] for row in rows)]))
            for number, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, float):
                        sheet.write_number(number, column, _Exact(cell))
                    elif cell:
                        sheet.write_string(number, column, cell)
    finally:
        book.close()


def _width(cells: Sequence[str | float]) -> float:
    longest = max(len(f"{cell:g}") if isinstance(cell, float) else max(map(len, cell.split("\n"))) for cell in cells)
    return min(max(longest + 2, _NARROWEST_COLUMN), _WIDEST_COLUMN)


def _check_sizes(sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[str | float]]]]) -> None:
    for name, (header, rows) in sheets.items():
        if len(rows) >= LONGEST_SHEET:
            raise RequestError(f'sheet "{name}" would have {len(rows)} rows; Excel holds {LONGEST_SHEET}. Write a folder instead.')
        for row in rows:
            for title, cell in zip(header, row, strict=True):
                # Excel counts in UTF-16, where an emoji is two
                if isinstance(cell, str) and len(cell.encode("utf-16-le")) // 2 > LONGEST_CELL:
                    raise RequestError(
                        f'a text in sheet "{name}", column "{title}" has {len(cell)} characters; Excel holds {LONGEST_CELL} in a cell. '
                        "Write a folder instead, or shorten it."
                    )
