"""A frontier as a sheet, and on disk."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kip.views.labels import Language, scale
from kip.views.sheet import Section, Sheet

if TYPE_CHECKING:
    from kip.results.pareto import Frontier

__all__ = ["save", "sheet"]

_MOST_ROWS = 24


def sheet(front: Frontier) -> Sheet:
    """Coverage, where it bends, and its points."""
    say = Language(front.language)
    labels = [objective.label(say) for objective in front.objectives]
    rest = labels[1] if len(labels) == 2 else say("front and", one=", ".join(labels[1:-1]), two=labels[-1])
    sections = []
    lines = _knees(front, say)
    if lines:
        sections.append(Section(say("front knees"), lines))
    if len(front):
        shown = _shown(front)
        left = len(front) - len(shown)
        notes = (say("front not shown", count=left),) if left else ()
        sections.append(Section(say("front points"), (), _table(front, shown, say), notes))
    if front.notes:
        sections.append(Section("", front.notes))
    title = say("front title", first=labels[0], rest=rest)
    return Sheet(title, front.coverage, tuple(sections), say.code, f"{front.plan.label} · {front.dataset.attrs['plan_hash']}")


def _shown(front: Frontier) -> list[int]:
    """The ends, the knees, and others evenly between."""
    if len(front) <= _MOST_ROWS:
        return list(range(len(front)))
    kept = set(np.linspace(0, len(front) - 1, _MOST_ROWS - 3).round().astype(int).tolist())
    kept |= set(np.flatnonzero(front.dataset["knee"].values).tolist())
    return sorted(kept)


def _table(front: Frontier, shown: list[int], say: Language) -> pd.DataFrame:
    table = pd.DataFrame(index=pd.Index(shown, name=say("front point")))
    for objective in front.objectives:
        values = front.dataset[objective.name].values
        size = scale(values, objective.unit)
        unit = say.unit(size.unit)
        table[objective.label(say) + (f" [{unit}]" if unit else "")] = values[shown] / size.divisor
    proven = front.dataset["status"].values == "optimal"
    if not proven.all():
        table[say("front gap")] = ["" if proven[row] else say.percent(front.dataset["gap"].values[row]) for row in shown]
    table[say("front change")] = [front.name_of(row, 2) if row else "" for row in shown]
    return table


def _knees(front: Frontier, say: Language) -> tuple[str, ...]:
    first, second = front.objectives[:2]
    if len(front.objectives) > 2:
        return ()
    money = len(second.unit) == 3 and second.unit.isupper()
    times, unit = (1e6, f"M{second.unit}") if money else (1.0, say.unit(second.unit))
    lines = []
    for row in front.knees().to_dict("records"):
        values = ", ".join(say.sized(row[objective.column], objective.unit) for objective in front.objectives)
        before, after = (row[f"{word} [{first.unit}/{second.unit}]"] for word in ("before", "after"))
        sides = [
            say("front no more") if math.isnan(side) else say("front each", value=say.sized(side * times, first.unit), unit=unit)
            for side in (before, after)
        ]
        lines.append(say("front knee line", name=row["name"], values=values, before=sides[0], after=sides[1]))
    return tuple(lines)


def save(front: Frontier, folder: Path) -> list[Path]:
    """Write points, changes, knees (CSV), numbers (JSON), page (HTML) and picture (PNG) to a folder, made if missing."""
    from matplotlib import pyplot

    from kip.views.html import document

    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, table in {"frontier": front.points, "frontier_changes": front.changes(), "frontier_knees": front.knees()}.items():
        files.append(folder / f"{name}.csv")
        table.to_csv(files[-1])
    files.append(folder / "frontier.json")
    files[-1].write_text(json.dumps(front.to_dict(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    files.append(folder / "frontier.html")
    files[-1].write_text(document(front.sheet()), encoding="utf-8")
    files.append(folder / "frontier.png")
    front.plot()
    pyplot.savefig(files[-1], dpi=150, bbox_inches="tight")
    pyplot.close()
    return files
