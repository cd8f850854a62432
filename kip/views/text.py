"""A sheet for a terminal: `plain` text without colours, and `show` with them."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from kip.views.cells import Cells, cells, clean
from kip.views.labels import Language

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from kip.views.sheet import Section, Sheet

__all__ = ["WIDTH", "plain", "show"]

WIDTH = 100
"""Columns that text is made for."""

_GAP = "  "
_NARROWEST = 8
_LONGEST_WORD = 18
_MOST_LINES = 4


def plain(sheet: Sheet, width: int = WIDTH) -> str:
    r"""A sheet as plain text: no colours, aligned tables.

    Parameters
    ----------
    sheet : Sheet
    width : int
        Columns to stay within; a table with many numbers may need more.

    Examples
    --------
    >>> from kip.views.sheet import Section, Sheet
    >>> plain(Sheet("Plan", "Proven.", (Section("Money", ("None.",)),))).split("\n")
    ['Plan', '====', 'Proven.', '', 'Money', '-----', 'None.']
    """
    say = Language(sheet.language)
    lines = [*_heading(sheet.title, "=", width), *_wrapped(sheet.subtitle, width)]
    for section in sheet.sections:
        lines += ["", *_heading(section.title, "-", width)]
        lines += [part for line in section.lines for part in _wrapped(line, width)]
        if section.table is not None:
            lines += ([""] if section.lines else []) + _table(cells(section.table, say), width, say)
        lines += [part for note in section.notes for part in _wrapped(note, width)]
    if sheet.footer:
        lines += ["", *_wrapped(sheet.footer, width)]
    return "\n".join(line.rstrip() for line in lines)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(clean(text), width, break_on_hyphens=False)


def _heading(text: str, rule: str, width: int) -> list[str]:
    lines = _wrapped(text, width)
    return [*lines, rule * max((len(line) for line in lines), default=0)]


def _table(table: Cells, width: int, say: Language) -> list[str]:
    widths = _widths(table, width)
    lines = _row(table.headers, widths, table.numeric, most_lines=len(table.headers) * width)
    lines.append(_GAP.join("-" * size for size in widths))
    for row in table.rows:
        lines += _row(row, widths, table.numeric)
    if table.more:
        lines.append(say("more rows", count=table.more))
    return lines


def _widths(table: Cells, width: int) -> list[int]:
    """Column widths: as wide as needed; then, until the table fits, the headers of numbers give way, then the widest text, then words."""
    widths, words, narrowest = [], [], []
    for place, (header, numeric) in enumerate(zip(table.headers, table.numeric, strict=True)):
        values = [row[place] for row in table.rows]
        longest = max(map(len, values), default=0)
        word = max(map(len, header.split()), default=1)
        inside = max((len(word) for value in values for word in value.split(" ")), default=0)
        widths.append(max(longest, len(header)))
        narrowest.append(max(longest, word) if numeric else min(widths[-1], max(word, _NARROWEST)))
        words.append(narrowest[-1] if numeric else min(widths[-1], max(narrowest[-1], min(inside, _LONGEST_WORD))))
    room = width - len(_GAP) * (len(widths) - 1)
    numbers = [place for place, numeric in enumerate(table.numeric) if numeric]
    texts = [place for place, numeric in enumerate(table.numeric) if not numeric]
    for places, least in ((numbers, narrowest), (texts, words), (texts, narrowest)):
        while sum(widths) > room and any(widths[place] > least[place] for place in places):
            widths[max(places, key=lambda place: (widths[place] > least[place], widths[place]))] -= 1
    return widths


def _row(values: tuple[str, ...], widths: list[int], numeric: tuple[bool, ...], most_lines: int = _MOST_LINES) -> list[str]:
    blocks = [_fit(value, size, most_lines) for value, size in zip(values, widths, strict=True)]
    height = max((len(block) for block in blocks), default=0)
    lines = []
    for line in range(height):
        parts = []
        for block, size, is_number in zip(blocks, widths, numeric, strict=True):
            part = block[line] if line < len(block) else ""
            parts.append(part.rjust(size) if is_number else part.ljust(size))
        lines.append(_GAP.join(parts))
    return lines


def _fit(value: str, size: int, most_lines: int) -> list[str]:
    lines = textwrap.wrap(value, size, break_on_hyphens=False) or [""]
    if len(lines) > most_lines:
        lines = lines[:most_lines]
        lines[-1] = lines[-1][: size - 1] + "…"
    return lines


def show(sheet: Sheet, console: Console | None = None) -> None:
    """Print a sheet to a terminal, with colours where the terminal has them.

    Parameters
    ----------
    sheet : Sheet
    console : rich.console.Console, optional
        Where to; the standard output when left out.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or Console()
    say = Language(sheet.language)
    # Text, never markup: a title such as "[red]" is shown as it is
    console.print(Text(clean(sheet.title), style="bold"))
    if sheet.subtitle:
        console.print(Text(clean(sheet.subtitle)))
    for section in sheet.sections:
        console.print()
        console.print(Text(clean(section.title), style="bold cyan"))
        for line in section.lines:
            console.print(Text(clean(line)))
        if section.table is not None:
            _show_table(section, console, say)
        for note in section.notes:
            console.print(Text(clean(note), style="dim"))
    if sheet.footer:
        console.print()
        console.print(Text(clean(sheet.footer), style="dim"))


def _show_table(section: Section, console: Console, say: Language) -> None:
    from rich.text import Text

    if section.table is None:
        return
    ready = cells(section.table, say)
    console.print(_rich_table(ready, console.width))
    if ready.more:
        console.print(Text(say("more rows", count=ready.more), style="dim"))


def _rich_table(ready: Cells, width: int) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    # the columns of the plain text, which keep words whole; rich alone would break them to fit
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for header, numeric, size in zip(ready.headers, ready.numeric, _widths(ready, width), strict=True):
        table.add_column(
            Text(header), justify="right" if numeric else "left", overflow="fold", no_wrap=False, min_width=size, max_width=size
        )
    for row in ready.rows:
        table.add_row(*(Text(value) for value in row))
    return table
