"""Core: which shifts are always, never or sometimes in a good portfolio, with the proof of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kip.errors import RequestError
from kip.results.portfolio import Portfolio
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, records

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Core", "core_index", "efficient_for_weights"]


@dataclass(frozen=True, repr=False)
class Core(Shown):
    """Shifts by how they stand in the near-optimal set (§7).

    Attributes
    ----------
    portfolio : Portfolio
        The one that the set is around.
    within : float
        Tolerance [1].
    rows : pandas.DataFrame
        See `table`.
    solves : int
        How often the solver was asked; twice the number of shifts would have been the plain way.
    keys : tuple of str
        What a reader should know, as keys of the catalogue.
    interrupted : bool
        Whether something was left open: the time was up, or Ctrl-C.
    """

    portfolio: Portfolio
    within: float
    rows: pd.DataFrame
    solves: int
    keys: tuple[str, ...] = ()
    interrupted: bool = False

    @property
    def always(self) -> tuple[str, ...]:
        """In every near-optimal portfolio: no regret."""
        return self._of("always")

    @property
    def never(self) -> tuple[str, ...]:
        """In none."""
        return self._of("never")

    @property
    def depends(self) -> tuple[str, ...]:
        """In some and not in others; both are shown by a portfolio."""
        return self._of("depends")

    @property
    def open(self) -> tuple[str, ...]:
        """Not settled: the time was up."""
        return self._of("open")

    def _of(self, kind: str) -> tuple[str, ...]:
        return tuple(map(str, self.rows.index[self.rows["class"] == kind]))

    def table(self) -> pd.DataFrame:
        """One row for each shift and enabler.

        Columns: title; class (always, never, depends, open); units that start in the best portfolio; the least and most that were seen in
        a near-optimal portfolio; no less than and no more than: bounds that no near-optimal portfolio passes (equal to
        the least and the most where they are proven); unit; and what settled it: a known portfolio, a solve, one solve for many
        together, or bounds alone. NaN where there is no bound.
        """
        return self.rows.copy()

    def sentences(self, language: str = "en") -> tuple[str, ...]:
        """The core in words."""
        say = Language(language)
        share = say.percent(self.within)
        lines = [say("core set", share=share)]
        for kind in ("always", "depends", "never", "open"):
            names = [str(self.rows.loc[name, "title"]) for name in self._of(kind)]
            if names:
                lines.append(say(f"core {kind}", count=len(names), names=", ".join(names)))
        solves = say("core solves", solves=self.solves, plain=2 * len(self.rows))
        return (*lines, *(say(key) for key in self.keys), solves)

    def sheet(self, language: str = "en") -> Sheet:
        """The core as a sheet, to show."""
        say = Language(language)
        shown = self.rows.drop(columns=["proven by"])
        shown["class"] = [say(f"core word {kind}") for kind in shown["class"]]
        shown["unit"] = [say.unit(str(unit)) for unit in shown["unit"]]
        shown.columns = [say("shift") if name == "title" else say(f"core column {name}") for name in shown.columns]
        order = {kind: place for place, kind in enumerate(("always", "depends", "open", "never"))}
        shown = shown.iloc[np.argsort([order[kind] for kind in self.rows["class"]], kind="stable")]
        lines = self.sentences(language)
        return Sheet(say("core title"), lines[0], (Section(say("core levels"), lines[1:], shown),), say.code)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; NaN becomes None."""
        rows = records(self.rows.reset_index())
        return {"within": self.within, "solves": self.solves, "interrupted": self.interrupted, "shifts": rows}

    def plot(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """The core chart: from the least to the most of each shift; see `kip.views.plots_core.core_chart`."""
        from kip.views.plots_core import core_chart

        return core_chart(self.rows, self.within, self.portfolio.dataset, ax, language)


def core_index(portfolios: Iterable[Portfolio]) -> pd.Series:
    """Share of portfolios that hold each shift [1] (Liesiö, Mild & Salo 2007).

    Over the nondominated portfolios of a frontier it says which shifts are worth doing whatever the weights: 1 core, 0 exterior, between
    them borderline. Over the best portfolios of many scenarios it says how often each is chosen.

    Parameters
    ----------
    portfolios : iterable of Portfolio
        Of plans with the same shifts; those without an answer are left out.

    Raises
    ------
    RequestError
        When there is none, or something else than portfolios.

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(name="p", years=[2026], shifts=[kip.Shift(name="a", cost=1, reduction=1), kip.Shift(name="b", cost=1, reduction=1)])
    >>> kip.core_index([kip.evaluate(plan, ["a"]), kip.evaluate(plan, ["a", "b"])]).to_dict()
    {'a': 1.0, 'b': 0.5}
    """
    listed = list(portfolios)
    wrong = sorted({type(item).__name__ for item in listed if not isinstance(item, Portfolio)})
    if wrong:
        raise RequestError(f"found {', '.join(wrong)}. Give portfolios, for example frontier.portfolios.")
    found = [item for item in listed if item.found]
    if not found:
        raise RequestError("there is no portfolio with an answer to count. Give at least one.")
    names = dict.fromkeys(str(name) for item in found for name in item.dataset["shift"].values)
    held = [set(item.selected) for item in found]
    return pd.Series({name: sum(name in one for one in held) / len(held) for name in names}, name="core index [1]").rename_axis("shift")


def efficient_for_weights(points: pd.DataFrame, weights: Iterable[Mapping[str, float]]) -> pd.Series:
    """Which points no other point beats for every weighing that is possible (Liesiö, Mild & Salo 2007).

    What is known of the weights is a polytope; a point is beaten when another is at least as good at each of its corners and
    better at one.

    Parameters
    ----------
    points : pandas.DataFrame
        One row for each portfolio, one column for each score, larger is better, scaled as the weights mean it.
    weights : iterable of {column: weight}
        Corners of what is possible: ``[{"f": 1, "g": 0}, {"f": 0, "g": 1}]`` when nothing is known.

    Returns
    -------
    pandas.Series
        True for the points to keep.

    Raises
    ------
    RequestError
        When a weight names no column, or there are no weights.

    Examples
    --------
    >>> import pandas as pd
    >>> points = pd.DataFrame({"f": [1.0, 0.8, 0.2], "g": [0.1, 0.2, 1.0]})
    >>> efficient_for_weights(points, [{"f": 1, "g": 0}, {"f": 0.5, "g": 0.5}]).tolist()
    [True, False, True]
    """
    corners = [dict(corner) for corner in weights]
    unknown = sorted({name for corner in corners for name in corner} - set(points.columns))
    if unknown or not corners:
        raise RequestError(
            f"weights for {', '.join(unknown) or 'nothing'}; the scores are {', '.join(map(str, points.columns))}. Name those."
        )
    table = np.array([[corner.get(name, 0.0) for name in points.columns] for corner in corners])
    values = points.to_numpy(dtype=float) @ table.T
    slack = 1e-12 * np.maximum(1.0, np.abs(values).max(initial=0.0))
    as_good = (values[:, None, :] >= values[None, :, :] - slack).all(axis=2)
    better = (values[:, None, :] > values[None, :, :] + slack).any(axis=2)
    return pd.Series(~(as_good & better).any(axis=0), index=points.index)
