"""Sensitivity: what all analyses of one outcome have in common: a row for each input, sentences, a picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from kip.sensitivity.asked import Asked, Note
from kip.views.labels import Language, scale
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, records

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["NAMED", "Sensitivity", "common", "listed", "shown", "written"]

NAMED = 3
"""Inputs that a sentence names."""


@dataclass(frozen=True, repr=False)
class Sensitivity(Shown):
    """What moves an outcome. One of `Tornado`, `Morris`, `Sobol` and `GivenData`, by how the scenarios were sampled.

    Attributes
    ----------
    rows : pandas.DataFrame
        One for each input, in the order of the design; the columns are those of the method, units in [brackets].
    outcome, unit, title : str
        What was measured.
    scenarios : int
        Scenarios that the numbers rest on.
    dropped : int
        Scenarios that were left out because they, or others of their block, have no answer.
    notes : tuple of Note
        What a reader should know.
    """

    rows: pd.DataFrame
    outcome: str
    unit: str
    title: str
    scenarios: int
    dropped: int
    notes: tuple[Note, ...]

    method: ClassVar[str] = ""
    ranked_by: ClassVar[str] = ""

    @property
    def ranking(self) -> tuple[str, ...]:
        """Inputs, the one that matters most first; those without a number last."""
        return tuple(map(str, self.table().index))

    def table(self) -> pd.DataFrame:
        """The rows, the input that matters most first. NaN where the outcome does not move or too few scenarios have an answer."""
        key = self._ranked().to_numpy(dtype=float)
        return self.rows.iloc[np.argsort(-np.where(np.isnan(key), -np.inf, key), kind="stable")]

    def _ranked(self) -> pd.Series:
        return self.rows[self.ranked_by]

    def sentences(self, language: str = "en") -> tuple[str, ...]:
        """The answer in words: what matters, what does not, and what to know about it."""
        say = Language(language)
        key = self._ranked()
        lines = self._said(say) if bool(key.notna().any()) else ()
        return (*lines, *(written(say, note) for note in self.notes), self._count(say))

    def _said(self, say: Language) -> tuple[str, ...]:
        raise NotImplementedError

    def _count(self, say: Language) -> str:
        if self.dropped:
            return say("sensitivity dropped", used=say.number(self.scenarios), dropped=say.number(self.dropped))
        return say("sensitivity used", used=say.number(self.scenarios))

    def _size(self, say: Language, value: float) -> str:
        return say.sized(value, self.unit).strip()

    def sheet(self, language: str = "en") -> Sheet:
        """The analysis as a sheet, to show."""
        say = Language(language)
        lines = self.sentences(language)
        sections = (Section(say(f"sensitivity method {self.method}"), lines[1:], self._shown(say)), *self._more(say))
        return Sheet(say("sensitivity title", outcome=self.title), lines[0], sections, say.code)

    def _shown(self, say: Language) -> pd.DataFrame:
        return shown(say, self.table(), self.unit)

    def _more(self, say: Language) -> tuple[Section, ...]:
        return ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data; NaN becomes None."""
        return {
            "method": self.method,
            "outcome": self.outcome,
            "unit": self.unit,
            "scenarios": self.scenarios,
            "dropped": self.dropped,
            "inputs": records(self.table().rename_axis("input").reset_index()),
            "notes": [note.key for note in self.notes],
        }

    def plot(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """The picture of the method. Takes matplotlib Axes or makes them, returns them, and never shows them."""
        raise NotImplementedError

    def _small_print(self, language: str) -> list[str]:
        """What stands below the question in a picture, and then what stands at its foot."""
        say = Language(language)
        return [self._count(say), *(written(say, note) for note in self.notes)]


def shown(say: Language, table: pd.DataFrame, unit: str, section: str = "sensitivity") -> pd.DataFrame:
    """A table with its headings in words, titles instead of names, and the columns of one unit in the size that reads best together."""
    own = f"[{unit or '1'}]"
    numbers = [column for column in table.columns if str(column).endswith(own)]
    size = scale(table[numbers].to_numpy(dtype=float).ravel(), unit) if unit and numbers else None
    words = {}
    for name in table.columns:
        head, bracket, kind = str(name).partition(" [")
        inside = size.unit if size and name in numbers else kind[:-1]
        words[name] = say(f"{section} column {head}") + (f" [{say.unit(inside) or '1'}]" if bracket else "")
    sized = table.assign(**{name: table[name] / size.divisor for name in numbers}) if size else table
    return sized.rename(columns=words | {"title": say("sensitivity input")}).reset_index(drop=True)


def written(say: Language, note: Note) -> str:
    """A note as a sentence."""
    parts = {}
    for name, value in note.parts.items():
        if isinstance(value, str):
            parts[name] = value
        else:
            parts[name] = say.percent(value) if name.startswith("share") else say.number(value)
    return say(note.key, **parts)


def listed(say: Language, parts: Iterable[str], most: int | None = None) -> str:
    """Some things in one line; those above `most` are counted."""
    every = list(parts)
    shown = every if most is None or len(every) <= most else every[:most]
    more = [] if len(shown) == len(every) else [say("and more", count=len(every) - len(shown))]
    return ", ".join([*shown, *more])


def common(asked: Asked, rows: pd.DataFrame, used: int, notes: Iterable[Note], passed: int = 0) -> dict[str, Any]:
    """The fields that every analysis fills alike; `passed` scenarios with an answer are not needed and no loss."""
    return {
        "rows": rows,
        "outcome": asked.name,
        "unit": asked.unit,
        "title": asked.title,
        "scenarios": used,
        "dropped": len(asked.outcome) - used - passed,
        "notes": tuple(notes),
    }
