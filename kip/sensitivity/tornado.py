"""Tornado: one input at a time between its ends, all others as in the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from kip.errors import RequestError
from kip.sensitivity.asked import Asked, Floats, Note, noise_note
from kip.sensitivity.result import NAMED, Sensitivity, common, listed
from kip.views.labels import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Tornado", "tornado_of"]

_PRESENT = 1e-6
"""Units that count as a start when levels are compared."""


@dataclass(frozen=True, repr=False)
class Tornado(Sensitivity):
    """What each input alone does to an outcome between its lowest and highest value.

    Attributes
    ----------
    base : float
        Outcome with every input as in the plan.
    units : dict of str to str
        Of inputs whose unit is known.
    """

    base: float = float("nan")
    units: Mapping[str, str] = field(default_factory=dict)

    method: ClassVar[str] = "tornado"

    def _ranked(self) -> pd.Series:
        return self.rows[f"swing [{self.unit or '1'}]"]

    def _said(self, say: Language) -> tuple[str, ...]:
        table, unit = self.table(), self.unit or "1"
        moving = table[table[f"swing [{unit}]"] > 0.0]
        swings = [f"{row['title']} {self._size(say, row[f'swing [{unit}]'])}" for _, row in moving.iterrows()]
        lines = [say("tornado base", outcome=self.title, base=self._size(say, self.base))]
        if swings:
            lines.append(say("tornado most", names=listed(say, swings, NAMED)))
        still = table[table[f"swing [{unit}]"] == 0.0]
        if len(still):
            lines.append(say("tornado still", names=listed(say, map(str, still["title"]), 2 * NAMED)))
        if "changes" in table:
            moved = table[table["changes"] != ""]
            key = "tornado plan moves" if len(moved) else "tornado plan stays"
            lines.append(say(key, names=listed(say, map(str, moved["title"]), 2 * NAMED)))
        return tuple(lines)

    def _ends(self, say: Language) -> pd.DataFrame:
        """The ends of each input in words, as in `table`."""
        table = self.table()
        return pd.DataFrame(
            {
                end: [
                    value if isinstance(value, str) else say.sized(value, self.units.get(str(name), "")).strip()
                    for name, value in table[end].items()
                ]
                for end in ("low", "high")
            },
            index=table.index,
        )

    def _shown(self, say: Language) -> pd.DataFrame:
        words = self._ends(say)
        names = {say(f"sensitivity column {end}"): words[end].tolist() for end in words}
        return super()._shown(say).assign(**names)

    def plot(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """Bars from the low to the high end of each input; see `kip.views.plots_sensitivity.tornado_chart`."""
        from kip.views.plots_sensitivity import tornado_chart

        ends = self._ends(Language(language))
        table = self.table().assign(low=ends["low"], high=ends["high"])
        return tornado_chart(table, self.base, self.title, self.unit, self._small_print(language), ax, language)


def tornado_of(asked: Asked, fixed: Floats | None = None, levels: Floats | None = None, shifts: Sequence[str] = ()) -> Tornado:
    """Swing of the outcome as each input alone goes from end to end.

    Parameters
    ----------
    asked : Asked
        The first scenario is the plan; every other one differs from it in at most one input.
    fixed : array (scenario,), optional
        The same outcome with the plan's own portfolio held (a stress test): bars to stand beside those of a portfolio chosen anew.
    levels : array (scenario, shift), optional
        Units that start of each shift: shifts that come or go at an end are named in the column ``changes``.
    shifts : sequence of str
        Names of the columns of `levels`.

    Raises
    ------
    RequestError
        When a scenario differs from the first in more than one input.
    """
    moved = asked.values != asked.values[0]
    several = int((moved.sum(axis=1) > 1).sum())
    if several:
        raise RequestError(
            f"{several} scenarios differ from the first in more than one input: this is no one-at-a-time design. Leave method empty, or "
            'take "given-data".'
        )
    unit = asked.unit or "1"
    notes = list(noise_note(asked, asked.answered))
    rows: list[dict[str, Any]] = []
    for place, name in enumerate(asked.names):
        own = np.flatnonzero(moved[:, place])
        ends = np.concatenate([[0], own])
        low, high = int(ends[np.argmin(asked.values[ends, place])]), int(ends[np.argmax(asked.values[ends, place])])
        labels = asked.labels_of(name)
        reached = asked.outcome[ends]
        row: dict[str, Any] = {
            "title": asked.title_of(name),
            "low": _value(asked.values[low, place], labels),
            "high": _value(asked.values[high, place], labels),
            f"at low [{unit}]": asked.outcome[low],
            f"at high [{unit}]": asked.outcome[high],
            f"swing [{unit}]": float(np.ptp(reached)) if np.isfinite(reached).all() else float("nan"),
        }
        if fixed is not None:
            row |= {f"held at low [{unit}]": fixed[low], f"held at high [{unit}]": fixed[high]}
        if levels is not None:
            row["changes"] = _changes(np.asarray(levels, dtype=float), [low, high], list(shifts))
        if not np.isfinite(reached).all():
            notes.append(Note("tornado no answer", {"name": asked.title_of(name)}))
        rows.append(row)
    if np.isfinite(asked.outcome).all() and float(np.ptp(asked.outcome)) == 0.0:
        notes.append(Note("sensitivity constant", {"outcome": asked.title}))
    units = {name: asked.unit_of(name) for name in asked.names}
    table = pd.DataFrame(rows, index=pd.Index(asked.names, name="input"))
    return Tornado(**common(asked, table, int(asked.answered.sum()), notes), base=float(asked.outcome[0]), units=units)


def _value(value: float, labels: tuple[str, ...]) -> float | str:
    named = labels and float(value).is_integer() and 0 <= value < len(labels)
    return labels[int(value)] if named else float(value)


def _changes(levels: Floats, ends: list[int], shifts: list[str]) -> str:
    """Shifts that come (+) or go (-) at an end, against the first scenario; a scenario without an answer changes nothing."""
    there = levels > _PRESENT
    words = []
    for end in ends:
        if np.isfinite(levels[end]).all():
            words += [f"+{shifts[one]}" for one in np.flatnonzero(there[end] & ~there[0])]
            words += [f"-{shifts[one]}" for one in np.flatnonzero(~there[end] & there[0])]
    return ", ".join(dict.fromkeys(words))
