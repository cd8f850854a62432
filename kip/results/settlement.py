"""Settlement: who could pay whom so that nobody is worse off, as tables and sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kip.views.labels import Language, scale
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown

__all__ = ["Settlement"]

_NOTHING = 0.5
"""Sums below half a unit of money are rounding (§12)."""


@dataclass(frozen=True, repr=False)
class Settlement(Shown):
    """The smallest transfers that leave no actor worse off; from `kip.transfers`.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns from, to, and the sum [currency], largest first; present value, paid once.
    gains : pandas.DataFrame
        Index actor; columns before, transfer, after and floor [currency]: the present value of what the plan gives each actor at its
        own discount rate (grants and loans counted), what it gets less what it pays, and the least that it must have. Actors
        left outside have no floor (NaN).
    missing : pandas.Series
        Index actor: what is still short of the floor when all is paid that can be paid [currency]; zero when it suffices.
    titles : dict
        Actors' names for people.
    currency : str
    """

    table: pd.DataFrame
    gains: pd.DataFrame
    missing: pd.Series
    titles: dict[str, str]
    currency: str

    @property
    def total(self) -> float:
        """All transfers together [currency]."""
        return float(self.table.iloc[:, 2].sum())

    @property
    def enough(self) -> bool:
        """Whether the winners' gains suffice for everybody."""
        return bool((self.missing < _NOTHING).all())

    def sentences(self, language: str = "en") -> tuple[str, ...]:
        """What to settle, one sentence for each transfer, and what is missing.

        Parameters
        ----------
        language : {"en", "sv"}
        """
        say = Language(language)
        lines = [
            say("transfer", payer=self.titles[payer], receiver=self.titles[receiver], amount=say.sized(amount, self.currency))
            for payer, receiver, amount in self.table.itertuples(index=False)
        ]
        if not lines and self.enough:
            lines.append(say("no transfer"))
        lines += [
            say("transfer missing", actor=self.titles[str(actor)], amount=say.sized(float(short), self.currency))
            for actor, short in self.missing.items()
            if short >= _NOTHING
        ]
        return tuple(lines)

    def sheet(self, language: str = "en") -> Sheet:
        """As a sheet for a notebook or a terminal."""
        say = Language(language)
        columns = ["before", "transfer", "after"]
        size = scale(self.gains[columns].to_numpy().ravel(), self.currency)
        table = pd.DataFrame({say("actor"): [self.titles[str(actor)] for actor in self.gains.index]})
        for column, key in zip(columns, ("gain before", "transfers", "gain after"), strict=True):
            sums = self.gains[column].to_numpy()
            table[f"{say(key)} [{size.unit}]"] = np.where(np.abs(sums) < _NOTHING, 0.0, sums) / size.divisor
        section = Section(say("section transfers"), self.sentences(language), table, (say("transfer note"),))
        answer = say("transfers total", amount=say.sized(self.total, self.currency))
        if self.table.empty:
            answer = say("transfers none" if self.enough else "transfers in vain")
        return Sheet(say("transfers title"), answer, (section,), language=say.code)
