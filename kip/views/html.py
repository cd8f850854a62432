"""A sheet for a notebook: escaped, styled by one file, no JavaScript.

Where a notebook is not trusted, its style sheet is taken away; the text of the same sheet then shows instead.
"""

from __future__ import annotations

from functools import cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING

from kip.views.cells import Cells, cells, clean
from kip.views.labels import Language
from kip.views.text import plain

if TYPE_CHECKING:
    from kip.views.sheet import Section, Sheet

__all__ = ["document", "page"]


@cache
def _style() -> str:
    return resources.files("kip.views").joinpath("style.css").read_text(encoding="utf-8")


def page(sheet: Sheet) -> str:
    """A sheet as HTML for a notebook or a report; the same sections as `kip.views.text.plain`.

    Everything that comes from a plan is escaped. The `<pre>` is what shows where styles are not allowed.

    Examples
    --------
    >>> from kip.views.sheet import Section, Sheet
    >>> "&lt;script&gt;" in page(Sheet("<script>"))
    True
    """
    say = Language(sheet.language)
    parts = [
        f'<div lang="{sheet.language}">',
        f"<style>{_style()}</style>",
        f'<pre class="kip-text">{escape(plain(sheet))}</pre>',
        '<div class="kip-sheet" style="display:none">',
        f'<p class="kip-title">{_escaped(sheet.title)}</p>',
    ]
    if sheet.subtitle:
        parts.append(f'<p class="kip-subtitle">{_escaped(sheet.subtitle)}</p>')
    parts += [_section(section, say) for section in sheet.sections]
    if sheet.footer:
        parts.append(f'<p class="kip-note">{_escaped(sheet.footer)}</p>')
    parts.append("</div></div>")
    return "\n".join(parts)


def document(sheet: Sheet) -> str:
    """A sheet as a file of its own, for a browser; it needs nothing beside it."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{_escaped(sheet.title)}</title>'
    look = "<style>body { font-family: system-ui, sans-serif; margin: 2em; color: #1a1a1a; background: white; }</style>"
    return f'<!doctype html>\n<html lang="{sheet.language}"><head>{head}{look}</head>\n<body>{page(sheet)}</body></html>\n'


def _header(text: str) -> str:
    """A header whose unit in brackets is never broken at its slash."""
    words, bracket, unit = escape(text).rpartition("[")
    return f'{words}<span class="kip-unit">[{unit}</span>' if bracket else unit


def _escaped(text: str) -> str:
    return escape(clean(text))


def _section(section: Section, say: Language) -> str:
    parts = ['<div class="kip-section">', f'<p class="kip-heading">{_escaped(section.title)}</p>']
    parts += [f"<p>{_escaped(line)}</p>" for line in section.lines]
    if section.table is not None:
        parts.append(_table(cells(section.table, say), say))
    parts += [f'<p class="kip-note">{_escaped(note)}</p>' for note in section.notes]
    parts.append("</div>")
    return "\n".join(parts)


def _table(table: Cells, say: Language) -> str:
    kinds = ["kip-number" if numeric else "kip-word" for numeric in table.numeric]
    head = "".join(f'<th class="{kind}" scope="col">{_header(header)}</th>' for kind, header in zip(kinds, table.headers, strict=True))
    rows = [
        "<tr>" + "".join(f'<td class="{kind}">{escape(value)}</td>' for kind, value in zip(kinds, row, strict=True)) + "</tr>"
        for row in table.rows
    ]
    if table.more:
        rows.append(f'<tr><td class="kip-more" colspan="{len(table.headers)}">{escape(say("more rows", count=table.more))}</td></tr>')
    body = "\n".join(rows)
    return f'<div class="kip-scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'
