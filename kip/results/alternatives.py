"""Alternatives: portfolios that are nearly as good as the best, each named by what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kip.results.portfolio import Portfolio
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Alternative", "Alternatives"]

_NAMED = 3
_NOTABLE = 0.02
"""A change of cost below this share of the investment is not worth a word."""


@dataclass(frozen=True)
class Alternative:
    """One alternative.

    Attributes
    ----------
    portfolio : Portfolio
    distance : float
        From the best portfolio, in the sense that was asked for.
    proven : bool
        Whether no portfolio is much further from those found before.
    nearest : float
        Distance to the nearest of the others.
    beaten_by : int or None
        Row of the table that is at least as good in the objective, in cost and in every indicator, and better in one; None when there is
        none.
    """

    portfolio: Portfolio
    distance: float
    proven: bool
    nearest: float = 0.0
    beaten_by: int | None = None


@dataclass(frozen=True, repr=False)
class Alternatives(Shown):
    """Alternatives to a portfolio.

    Attributes
    ----------
    portfolio : Portfolio
        The best one.
    within : float
        How much of its objective may be lost [1].
    differ : str
        In what they differ.
    asked : int
    found : tuple of Alternative
    why : str
        Why there are fewer than asked for, as a key of the catalogue; empty otherwise.
    solves : int
    """

    portfolio: Portfolio
    within: float
    differ: str
    asked: int
    found: tuple[Alternative, ...]
    why: str
    solves: int

    def __len__(self) -> int:
        return len(self.found)

    @property
    def portfolios(self) -> tuple[Portfolio, ...]:
        """The alternatives as portfolios."""
        return tuple(item.portfolio for item in self.found)

    def names(self, language: str = "en") -> tuple[str, ...]:
        """Each alternative by what differs from the best: what is out, what is in, dearer or cheaper, and where more is invested."""
        say = Language(language)
        return tuple(self._name(item.portfolio, say) for item in self.found)

    def table(self, language: str = "en") -> pd.DataFrame:
        """One row for the best portfolio and each alternative.

        Columns: name; objective and what is lost of it [its unit] and [1]; cash cost and investment [currency]; distance to the best, and
        to the nearest of the others; whether the distance is proven to be near the largest possible; and the row that is better in
        all that is counted, if there is one.
        """
        say = Language(language)
        best, currency, unit = self.portfolio, self.portfolio.plan.currency, self.portfolio.objective_unit
        rows = [self._row(Alternative(best, 0.0, True, np.nan), say("alternatives best"))]
        rows += [self._row(item, name) for item, name in zip(self.found, self.names(language), strict=True)]
        columns = [
            say("alternatives name"),
            f"{say('alternatives objective')} [{unit}]",
            f"{say('alternatives lost')} [{unit}]",
            f"{say('alternatives lost')} [1]",
            f"{say('alternatives cost')} [{currency}]",
            f"{say('alternatives investment')} [{currency}]",
            say("alternatives distance"),
            say("alternatives nearest"),
            say("alternatives proven"),
            say("alternatives beaten"),
        ]
        return pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(0, len(rows), name="alternative"))

    def _row(self, item: Alternative, name: str) -> tuple[Any, ...]:
        best, portfolio = self.portfolio.objective, item.portfolio
        lost = abs(best - portfolio.objective)
        share = lost / abs(best) if best else np.nan
        money = (portfolio.measure("cost"), portfolio.measure("investment"))
        beaten = "" if item.beaten_by is None else str(item.beaten_by)
        return (name, portfolio.objective, lost, share, *money, item.distance, item.nearest, item.proven, beaten)

    def choices(self) -> pd.DataFrame:
        """Units that start of each shift [unit]: one row for each shift that is in any, one column for each portfolio; 0 is the best."""
        every = (self.portfolio, *self.portfolios)
        units = pd.DataFrame({place: one.dataset["new"].sum(["district", "year"]).to_series() for place, one in enumerate(every)})
        return units[(units.abs() > 1e-9).any(axis=1)]

    def _name(self, other: Portfolio, say: Language) -> str:
        best = self.portfolio
        title = dict(zip(map(str, best.dataset["shift"].values), map(str, best.dataset["title"].values), strict=True))
        out = [title[name] for name in best.selected if name not in other.selected]
        into = [title[name] for name in other.selected if name not in best.selected]
        parts = [say("alternatives without", names=_few(out, say)), say("alternatives with", names=_few(into, say))]
        parts = [part for part, names in zip(parts, (out, into), strict=True) if names]
        if not parts:
            parts = self._amounts(other, title, say)
        invested = best.measure("investment")
        change = other.measure("investment") - invested
        if invested > 0 and abs(change) >= _NOTABLE * invested:
            key = "alternatives dearer" if change > 0 else "alternatives cheaper"
            parts.append(say(key, share=say.percent(round(abs(change) / invested, 2))))
        parts += self._moved(other, say)
        return "; ".join(parts) if parts else say("alternatives timing")

    def _amounts(self, other: Portfolio, title: dict[str, str], say: Language) -> list[str]:
        """The shift whose level differs most, where the same ones are chosen."""
        one, two = (item.dataset["new"].sum(["district", "year"]).to_series() for item in (self.portfolio, other))
        change = (two - one) / one.where(one > 0)
        if not (change.abs() > 0.01).any():
            return []
        name = str(change.abs().idxmax())
        key = "alternatives more" if change[name] > 0 else "alternatives less"
        return [say(key, name=title[name], share=say.percent(round(abs(float(change[name])), 2)))]

    def _moved(self, other: Portfolio, say: Language) -> list[str]:
        """Where most more is invested, when that is what was asked for."""
        dim = {"actors": "actor", "districts": "district"}.get(self.differ)
        if dim is None:
            return []
        dims = [name for name in other.dataset["investment"].dims if name != dim]
        change = (other.dataset["investment"] - self.portfolio.dataset["investment"]).sum(dims)
        place = int(np.argmax(change.values))
        if float(change.values[place]) <= _NOTABLE * max(1.0, self.portfolio.measure("investment")):
            return []
        name = str(self.portfolio.dataset[f"{dim}_title"].values[place])
        return [say("alternatives moved", where=name, value=say.sized(float(change.values[place]), self.portfolio.plan.currency))]

    def sheet(self, language: str = "en") -> Sheet:
        """The alternatives as a sheet, to show."""
        say = Language(language)
        lead = say("alternatives lead", count=len(self.found), share=say.percent(self.within), differ=say(f"alternatives by {self.differ}"))
        lines = [say(self.why)] if self.why else []
        lines += [f"{place}. {name}" for place, name in enumerate(self.names(language), 1)]
        table = self.table(language).iloc[:, 1:].reset_index()
        table.columns = [say("alternatives number"), *table.columns[1:]]
        table = table.drop(columns=[say("alternatives proven")])
        sections = [Section(say("alternatives differ"), tuple(lines), table)]
        if any(not item.proven for item in self.found):
            sections[0] = Section(sections[0].title, sections[0].lines, table, (say("alternatives unproven"),))
        return Sheet(say("alternatives title"), lead, tuple(sections), say.code)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        names = self.names()
        return {
            "within": self.within,
            "differ": self.differ,
            "asked": self.asked,
            "alternatives": [
                {"name": name, "distance": item.distance, "proven": item.proven, "portfolio": item.portfolio.to_dict()}
                for name, item in zip(names, self.found, strict=True)
            ],
        }

    def plot(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """Which shifts are in which alternative; see `kip.views.plots_alternatives.matrix`."""
        from kip.views.plots_alternatives import matrix

        lost = [abs(self.portfolio.objective - one.objective) / abs(self.portfolio.objective or 1.0) for one in self.portfolios]
        return matrix(self.choices(), lost, self.portfolio.dataset, ax, language)


def _few(names: list[str], say: Language) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else say("alternatives and more", names=shown, count=len(names) - _NAMED)
