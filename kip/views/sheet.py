"""What a view shows: a heading and sections of sentences and tables, free of any format.

Objects make a `Sheet` of themselves; `kip.views.text` and `kip.views.html` show the same sheet in their own way, so
that a terminal and a notebook never disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Section", "Sheet"]


@dataclass(frozen=True)
class Section:
    """One part of a sheet.

    Attributes
    ----------
    title : str
        Heading.
    lines : tuple of str
        Sentences, shown one to a line.
    table : pandas.DataFrame or None
        Columns carry their unit in the name: ``"investment [MSEK]"``. Numbers are numbers, not text.
    notes : tuple of str
        Small print below the table.
    """

    title: str
    lines: tuple[str, ...] = ()
    table: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A heading, one sentence below it, and sections.

    Attributes
    ----------
    title : str
    subtitle : str
    sections : tuple of Section
    footer : str
        What it was made from, in small print at the end.
    language : {"en", "sv"}
        How numbers are written; the words are already in it.
    """

    title: str
    subtitle: str = ""
    sections: tuple[Section, ...] = ()
    language: str = "en"
    footer: str = ""
