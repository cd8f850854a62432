"""CSV in and out: a header, rows with their numbers, and every problem of the form.

Comma separated, UTF-8 with or without a byte order mark; a file that Swedish Excel wrote with semicolons is read as
well. Rows are counted as a spreadsheet counts them, with comments (lines that begin with ``#``) and empty rows included.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kip.errors import Issue

__all__ = ["Table", "csv_text", "make_table", "read_csv"]

LONGEST_CELL = 100_000
"""Characters that a cell of a CSV file may hold; Python's reader stops at 131 072."""


@dataclass
class Table:
    """A table as text.

    Attributes
    ----------
    file : str
        Name for messages.
    stem : str
        What it holds: ``shifts``, ``shifts.cost``, ``passports``.
    header : list of str
        Column names; empty when the table has none.
    header_row : int
        Where the header stands.
    rows : list of (int, list of str)
        Row number and cells, as many as there are columns.
    issues : list of Issue
        Problems of the form.
    broken : bool
        Whether rows are missing because they could not be read.
    """

    file: str
    stem: str
    header: list[str] = field(default_factory=list)
    header_row: int = 1
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    broken: bool = False

    def problem(self, message: str, row: int | None = None, column: str = "") -> None:
        """Note a problem at a place in this table."""
        self.issues.append(Issue(message, file=self.file, row=row, column=column))


def read_csv(path: Path) -> Table:
    """Read a CSV file; problems are in its `issues`."""
    table = Table(path.name, path.name.removesuffix(".csv"))
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        table.problem('is not UTF-8 text. Save it as "CSV UTF-8" in your spreadsheet.', line)
        table.broken = True
        return table
    return make_table(table, _records(text, table))


def _records(text: str, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Rows with their numbers. A ``#`` in the middle of a quoted text is text, one at the start of a row is a comment."""
    lines = io.StringIO(text, newline="")
    row = 0
    state = {"at_start": True}
    skipped: list[int] = []

    def feed() -> Iterator[str]:
        for line in lines:
            if state["at_start"] and line.lstrip().startswith("#"):
                skipped.append(1)
                continue
            state["at_start"] = False
            yield line

    reader = csv.reader(feed(), delimiter=_separator(text), strict=True)
    while True:
        state["at_start"] = True
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row += 1 + len(skipped)
            table.problem(
                f'from here on the table cannot be read ({error}). Look for a quotation mark " without its partner; '
                'inside a quoted text, write it twice ("").',
                row,
            )
            table.broken = True
            return
        row += 1 + len(skipped)
        skipped.clear()
        yield row, cells


def _separator(text: str) -> str:
    """Comma, unless the header shows semicolons."""
    header = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
    if header.startswith("sep=") and len(header) > len("sep="):
        return header[4]
    return ";" if header.count(";") > header.count(",") else ","


def make_table(table: Table, records: Iterable[tuple[int, Sequence[str]]]) -> Table:
    """Fill a table from rows of text: the first that is neither empty nor a comment is the header."""
    for row, raw in records:
        cells = [cell.strip() for cell in raw]
        if not any(cells) or cells[0].startswith("#"):
            continue
        if not table.header:
            if cells[0].startswith("sep="):
                continue
            table.header_row = row
            table.header = _header(cells, row, table)
            continue
        extra = [cell for cell in cells[len(table.header) :] if cell]
        if extra:
            table.problem(
                f'{len(cells)} cells, but the header has {len(table.header)}; the first one too many is "{extra[0]}". '
                "Put text that holds a comma in quotation marks, and write decimals with a point.",
                row,
            )
            table.broken = True
            continue
        table.rows.append((row, [*cells, *[""] * (len(table.header) - len(cells))][: len(table.header)]))
    if not table.header and not table.broken:
        table.problem("is empty. Write a header with the names of the columns, or delete it.")
    _nameless(table)
    return table


def _header(cells: list[str], row: int, table: Table) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    for column in sorted({cell for cell in cells if cell and cells.count(cell) > 1}):
        table.problem(f'the column "{column}" is there {cells.count(column)} times. Keep one of them.', row, column)
    return cells


def _nameless(table: Table) -> None:
    """A column without a header may be empty, but it must not hold anything."""
    for number, column in enumerate(table.header):
        found = next((row for row, cells in table.rows if not column and cells[number]), None)
        if found is not None:
            table.problem(f"column {number + 1} has no header, but a value in it. Give it a name or empty it.", found)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A CSV file as text. Its lines end as on Unix; line ends inside a cell stay as they are."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
