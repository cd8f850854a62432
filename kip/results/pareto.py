"""Frontier: what can be had of one thing for another, each point a portfolio with its proof."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kip.errors import RequestError
from kip.results.pareto_shape import what_changes
from kip.views.labels import Language
from kip.views.shown import Shown, plain_value, records

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from kip.model import Plan
    from kip.results.next_krona import NextKrona
    from kip.results.portfolio import Portfolio
    from kip.views.sheet import Sheet

__all__ = ["Frontier", "LazyPortfolios", "Objective"]

_KINDS = ("in", "out", "more", "less", "elsewhere")


@dataclass(frozen=True)
class Objective:
    """A measure and which way is better.

    Attributes
    ----------
    name : str
        Measure, ``budget`` or ``budget.<actor>``.
    direction : {"max", "min"}
    unit : str
    title : str
        Name for people, where the plan gives one.
    """

    name: str
    direction: str
    unit: str
    title: str = ""

    @property
    def sign(self) -> float:
        """1 when less is better, -1 when more is: everything is minimised inside."""
        return -1.0 if self.direction == "max" else 1.0

    @property
    def column(self) -> str:
        """Name of its column in tables."""
        return f"{self.name} [{self.unit}]"

    def label(self, say: Language) -> str:
        """In words, with the actor and the year of its name."""
        if self.title:
            return self.title
        name, _, year = self.name.rpartition("_")
        stem, rest = (name, f" {year}") if year.isdigit() and len(year) == 4 else (self.name, "")
        base, _, key = stem.partition(".")
        words = say.known(f"objective {base}")
        return (words if words != f"objective {base}" else base) + (f", {key}" if key else "") + rest


class LazyPortfolios(Sequence["Portfolio"]):
    """The portfolios of a frontier; each is counted when it is first asked for."""

    def __init__(self, length: int, make: Callable[[int], Portfolio]) -> None:
        self._length = length
        self._make = make
        self._made: dict[int, Portfolio] = {}

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self[row] for row in range(*place.indices(self._length))]
        row = place + self._length if place < 0 else place
        if not 0 <= row < self._length:
            raise IndexError(f"there are {self._length} portfolios on this frontier, numbered from 0.")
        if row not in self._made:
            self._made[row] = self._make(row)
        return self._made[row]

    def __iter__(self) -> Iterator[Portfolio]:
        return (self[row] for row in range(self._length))

    def __repr__(self) -> str:
        return f"{self._length} portfolios"


@dataclass(frozen=True, repr=False)
class Frontier(Shown):
    """What can be had of one objective for another: portfolios of which none is better than another in all of them.

    Attributes
    ----------
    plan : Plan
    objectives : tuple of Objective
    dataset : xarray.Dataset
        By point, sorted by the second objective: each objective [its unit], status, gap [1], bound [unit of the first], supported, knee,
        and
        `new`, the units that start by shift, district and year.
    complete : bool
        Whether every nondominated point is here, each proven. False for a sample, and when the search ended early.
    portfolios : sequence of Portfolio
        One for each point, counted when asked for.
    seconds : float
    solves : int
        How often the solver was asked.
    language : {"en", "sv"}

    Examples
    --------
    >>> import kip
    >>> front = kip.frontier(kip.example("minimal"))
    >>> front.complete, front.points["reduction [t]"].is_monotonic_increasing
    (True, True)
    """

    plan: Plan
    objectives: tuple[Objective, ...]
    dataset: xr.Dataset
    complete: bool
    portfolios: Sequence[Portfolio]
    said: tuple[tuple[str, dict[str, Any]], ...] = ()
    ask: Callable[[float | None, float | None], NextKrona] | None = None
    seconds: float = math.nan
    solves: int = 0
    language: str = "en"

    def __len__(self) -> int:
        return int(self.dataset.sizes["point"])

    @cached_property
    def points(self) -> pd.DataFrame:
        """One row for each point: the objectives in natural units and orientation, status, gap [1], bound, supported, knee.

        `bound`: no portfolio that does as well in the other objectives does better than this in the first [its unit]; NaN when unknown.
        `supported`: some weighing of the objectives finds it; the others are found by no weighing at all.
        """
        first = self.objectives[0]
        table = pd.DataFrame(index=pd.RangeIndex(len(self), name="point"))
        for objective in self.objectives:
            table[objective.column] = self.dataset[objective.name].values
        table["status"] = self.dataset["status"].values
        table["gap [1]"] = self.dataset["gap"].values
        table[f"bound [{first.unit}]"] = self.dataset["bound"].values
        table["supported"] = self.dataset["supported"].values
        table["knee"] = self.dataset["knee"].values
        return table

    @property
    def values(self) -> NDArray[np.float64]:
        """Values by point and objective, in natural units and orientation."""
        return np.column_stack([self.dataset[objective.name].values for objective in self.objectives])

    @property
    def coverage(self) -> str:
        """What the points are of all there are, in words."""
        return self._words()[0]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know beside."""
        return tuple(self._words()[1:])

    def _words(self) -> list[str]:
        say = Language(self.language)
        return [say(key, **{name: _worded(value, say) for name, value in parts.items()}) for key, parts in self.said]

    def hypervolume(self, reference: Sequence[float] | None = None) -> float:
        """What the points dominate, up to a reference point: product of the objectives' units.

        Parameters
        ----------
        reference : one value for each objective, optional
            In natural units and orientation. The worst of each objective on the frontier when left out.

        Raises
        ------
        RequestError
            When there are not as many values as objectives.
        """
        import moocore

        upward = [objective.direction == "max" for objective in self.objectives]
        if not len(self):
            return 0.0
        return float(moocore.hypervolume(self.values, ref=self._reference(reference), maximise=upward))

    def hypervolume_share(self, reference: Sequence[float] | None = None) -> float:
        """The same as a share of the box between the reference and the best of each objective [1]; NaN when that has no size."""
        if not len(self):
            return math.nan
        signs = np.array([objective.sign for objective in self.objectives])
        ideal = (self.values * signs).min(axis=0) * signs
        box = float(np.abs(ideal - self._reference(reference)).prod())
        return self.hypervolume(reference) / box if box > 0 else math.nan

    def _reference(self, reference: Sequence[float] | None) -> NDArray[np.float64]:
        if reference is None:
            signs = np.array([objective.sign for objective in self.objectives])
            return np.asarray((self.values * signs).max(axis=0) * signs)
        given = np.atleast_1d(np.asarray(reference, dtype=float))
        if given.shape != (len(self.objectives),):
            raise RequestError(f"reference={reference!r}: give {len(self.objectives)} numbers, one for each objective, in natural units.")
        return given

    def changes(self) -> pd.DataFrame:
        """What changes from each point to the next: the objectives' differences, and what enters, leaves, grows, shrinks or moves in time.

        Columns: from, to; each objective's difference [its unit]; the first for one unit of the second; in, out, more, less, elsewhere
        (titles; the last is what starts in other years or districts).
        """
        rows = []
        values = self.values
        for place in range(1, len(self)):
            step = values[place] - values[place - 1]
            row: dict[str, Any] = {"from": place - 1, "to": place}
            row |= {objective.column: value for objective, value in zip(self.objectives, step, strict=True)}
            row[self._per] = step[0] / step[1] if step[1] else math.nan
            changed = what_changes(self.dataset["new"][place - 1], self.dataset["new"][place])
            rows.append(row | {kind: "; ".join(changed[kind]) for kind in _KINDS})
        columns = ["from", "to", *(objective.column for objective in self.objectives), self._per, *_KINDS]
        return pd.DataFrame(rows, columns=columns)

    @property
    def _per(self) -> str:
        first, second = self.objectives[:2]
        return f"{first.name} for each {second.name} [{first.unit}/{second.unit}]"

    def knees(self) -> pd.DataFrame:
        """Where the frontier bends, the strongest first: the point, its objectives, what it gives before and after, its name.

        Its name is what changes there. `before` and `after` are what one unit of the second objective gives of the first from the
        supported point before, and to the one after it.
        """
        first, second = self.objectives[:2]
        per = f"[{first.unit}/{second.unit}]"
        rows, values = [], self.values
        on_hull = np.flatnonzero(self.dataset["supported"].values)
        for point in np.argsort(-self.dataset["bend"].values, kind="stable"):
            if not bool(self.dataset["knee"].values[point]):
                continue
            row: dict[str, Any] = {"point": int(point), "name": self.name_of(int(point))}
            row |= {objective.column: float(values[point, place]) for place, objective in enumerate(self.objectives)}
            for word, side in (("before", on_hull[on_hull < point][-1:]), ("after", on_hull[on_hull > point][:1])):
                step = values[side[0]] - values[point] if side.size else np.full(len(self.objectives), math.nan)
                row[f"{word} {per}"] = float(step[0] / step[1]) if step[1] else math.nan
            rows.append(row)
        names = ["point", "name", *(objective.column for objective in self.objectives), f"before {per}", f"after {per}"]
        return pd.DataFrame(rows, columns=names)

    def name_of(self, point: int, most: int = 3) -> str:
        """A point named by what changes there from the one before it."""
        say = Language(self.language)
        if point == 0:
            return say("front first")
        changed = what_changes(self.dataset["new"][point - 1], self.dataset["new"][point])
        parts = [say(f"front {kind}", what=_list(changed[kind], most)) for kind in _KINDS if changed[kind]]
        return ", ".join(parts[:2]) or say("front same")

    def next_krona(self, at: float | None = None, step: float | None = None) -> NextKrona:
        """What one step more of the second objective gives of the first.

        Parameters
        ----------
        at : float, optional
            Where [unit of the second]. The plan's budgets when left out, where the second objective is a budget; else the first knee, or
            the
            middle of the frontier.
        step : float, optional
            One step [unit of the second]; about a hundredth of `at`, in a round number, when left out.

        Returns
        -------
        NextKrona
            From a new solve at `at` and one at `at` + `step`; beside it the average shadow price over the known points, and the linear
            relaxation's own price, which no plan can be held to.

        Raises
        ------
        RequestError
            When the frontier has more than two objectives, or `at` or `step` is no number that makes sense.
        """
        if self.ask is None:
            raise RequestError("this frontier was not made by kip.frontier in this session, so nothing can be asked anew. Make it again.")
        return self.ask(at, step)

    def table(self) -> pd.DataFrame:
        """Points with what enters and leaves from the one before, for reading."""
        table = self.points.drop(columns=["gap [1]"])
        changes = self.changes()
        for kind in ("in", "out"):
            table[kind] = ["", *changes[kind]] if len(self) else []
        return table

    def plot(self, ax: Axes | None = None, language: str | None = None) -> Axes:
        """The frontier as a picture: a staircase, named knees, and what is not proven hollow; see `kip.views.plots_frontier`."""
        from kip.views.plots_frontier import frontier_picture

        code = language or self.language
        say = Language(code)
        named, values = dict[int, str](), self.values
        for point in map(int, np.flatnonzero(self.dataset["knee"].values)):
            where = ", ".join(say.sized(value, item.unit) for value, item in zip(values[point], self.objectives, strict=True))
            named[point] = f"{where}: {self.in_language(code).name_of(point, 2)}"
        labels = [objective.label(say) for objective in self.objectives]
        return frontier_picture(self.dataset, labels, named, ax, code)

    def in_language(self, language: str) -> Frontier:
        """The same frontier with its words in another language."""
        from dataclasses import replace

        return self if language == self.language else replace(self, language=Language(language).code)

    def to_dict(self) -> dict[str, Any]:
        """Everything that a script needs, as plain numbers and text; NaN becomes None."""
        plain = {name: [plain_value(value) for value in self.points[name]] for name in self.points}
        return {
            "objectives": [{"name": item.name, "direction": item.direction, "unit": item.unit} for item in self.objectives],
            "complete": self.complete,
            "coverage": self.coverage,
            "notes": list(self.notes),
            "points": [dict(zip(plain, row, strict=True)) for row in zip(*plain.values(), strict=True)],
            "changes": records(self.changes()),
            "knees": records(self.knees()),
            "hypervolume_share": plain_value(self.hypervolume_share()),
            "solves": self.solves,
            "seconds": round(self.seconds, 3),
            "plan": {
                "name": self.plan.name,
                "version": self.plan.version,
                "hash": self.dataset.attrs["plan_hash"],
                "currency": self.plan.currency,
            },
            "kip": self.dataset.attrs["kip_version"],
        }

    def save(self, folder: str | Path) -> list[Path]:
        """Write the points, what changes between them, the numbers (JSON), the page (HTML) and the picture (PNG) to a folder."""
        from kip.results.pareto_sheet import save

        return save(self, Path(folder))

    def sheet(self) -> Sheet:
        """The frontier as a sheet, to show."""
        from kip.results.pareto_sheet import sheet

        return sheet(self)


def _list(titles: list[str], most: int) -> str:
    return " + ".join(titles[:most]) + (" + …" if len(titles) > most else "")


def _worded(value: Any, say: Language) -> Any:
    """Parts of a sentence: an objective in words, a sum (value, unit) in its size, a plain number as it is."""
    if isinstance(value, Objective):
        return value.label(say)
    return say.sized(*value) if isinstance(value, tuple) else value
