"""BestSets: the best sets of whole choices, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kip.results.portfolio import Portfolio
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, records

__all__ = ["BestSets"]


@dataclass(frozen=True, repr=False)
class BestSets(Shown):
    """The best sets of whole choices, best first.

    Attributes
    ----------
    portfolio : Portfolio
        The one whose question was asked again.
    found : tuple of (Portfolio, choices)
        Choices as 0 and 1, in the order of `names`.
    names : tuple of (shift, district)
    proven : bool
        Whether nothing better was left out; False when the time was up.
    tied : bool
        Whether sets as good as the last one were left out.
    solves : int
    asked : int
        How many sets were asked for.
    """

    portfolio: Portfolio
    found: tuple[tuple[Portfolio, tuple[int, ...]], ...]
    names: tuple[tuple[str, str], ...]
    proven: bool
    tied: bool
    solves: int
    asked: int

    @property
    def portfolios(self) -> tuple[Portfolio, ...]:
        """A portfolio for each set."""
        return tuple(portfolio for portfolio, _ in self.found)

    def __len__(self) -> int:
        return len(self.found)

    def choices(self) -> pd.DataFrame:
        """0 and 1: one row for each set, one column for each choice (shift, district)."""
        columns = pd.MultiIndex.from_tuples(self.names, names=["shift", "district"])
        index = pd.RangeIndex(1, len(self.found) + 1, name="rank")
        return pd.DataFrame([taken for _, taken in self.found], columns=columns, index=index)

    def table(self) -> pd.DataFrame:
        """One row for each set: objective and what it is worse by than the first [its unit], cost, and what differs from the first."""
        if not self.found:
            return pd.DataFrame()
        unit, currency = self.portfolio.objective_unit, self.portfolio.plan.currency
        first, base = self.found[0]
        rows = []
        for portfolio, taken in self.found:
            change = np.array(taken) - np.array(base)
            rows.append(
                {
                    f"objective [{unit}]": portfolio.objective,
                    f"worse by [{unit}]": abs(portfolio.objective - first.objective),
                    f"cost [{currency}]": portfolio.measure("cost"),
                    "with": self._names(change > 0),
                    "without": self._names(change < 0),
                    "status": portfolio.status if self.proven else "unproven",
                }
            )
        return pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1, name="rank"))

    def _names(self, which: np.ndarray) -> str:
        several = len({district for _, district in self.names}) > 1
        chosen = [name for name, kept in zip(self.names, which, strict=True) if kept]
        return ", ".join(f"{shift} ({district})" if several else shift for shift, district in chosen)

    def sheet(self, language: str = "en") -> Sheet:
        """The sets as a sheet, to show."""
        say = Language(language)
        lines = [say("best sets", count=len(self.found))]
        if not self.proven:
            lines.append(say("best unproven"))
        elif self.tied:
            lines.append(say("best tied"))
        elif len(self.found) < self.asked:
            lines.append(say("best all"))
        return Sheet(say("best title"), lines[0], (Section(say("best list"), tuple(lines[1:]), self.table().reset_index()),), say.code)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"proven": self.proven, "tied": self.tied, "solves": self.solves, "sets": records(self.table().reset_index())}
