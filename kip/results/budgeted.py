"""Budgeted: a portfolio with what it still gives when some numbers turn out worse."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kip.results.portfolio import Portfolio
from kip.results.robust import column_unit
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, plain_value, records

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["Budgeted"]


@dataclass(frozen=True, repr=False)
class Budgeted(Shown):
    """A portfolio that holds when up to `gamma` numbers are off.

    Attributes
    ----------
    plan : Plan
    measure : str
    maximize : bool
    gamma : float
        How many numbers may be off at the same time.
    portfolio : Portfolio
        The choice; its objective, bound and gap are of the guaranteed value.
    nominal : Portfolio
        The optimum when every number is as in the plan.
    nominal_guaranteed : float
        What that still gives when the numbers that hurt it most are off [`unit`].
    nominal_overrun : tuple of str
        Budgets and limits that the nominal optimum would then not keep.
    rows : tuple
        See `table`.
    together : float
        The measure of the choice in one plan in which all numbers that hurt it most are off, NaN where gamma is no whole number. It is
        the guaranteed value where numbers do not act on each other.
    fair : bool
        Whether the plan has fairness rules: they hold for the numbers as they are.
    seconds : float
    """

    plan: Plan
    measure: str
    maximize: bool
    gamma: float
    portfolio: Portfolio
    nominal: Portfolio
    nominal_guaranteed: float
    nominal_overrun: tuple[str, ...]
    rows: tuple[tuple[str, str, float, float, float, float], ...]
    together: float
    fair: bool = False
    seconds: float = 0.0

    @property
    def found(self) -> bool:
        """Whether there is a portfolio."""
        return self.portfolio.found

    @property
    def unit(self) -> str:
        """Unit of the measure."""
        return self.portfolio.objective_unit

    @property
    def value(self) -> float:
        """The guaranteed value: the measure when the `gamma` numbers that hurt most are off [`unit`]."""
        return self.portfolio.objective

    @property
    def as_planned(self) -> float:
        """The measure of the choice when every number is as in the plan [`unit`]."""
        return self.portfolio.measure(self.measure) if self.found else math.nan

    @property
    def price(self) -> float:
        """What protection costs when nothing is off: the nominal optimum less the choice as planned, the better way round [`unit`]."""
        sign = 1.0 if self.maximize else -1.0
        return sign * (self.nominal.objective - self.as_planned) + 0.0

    @property
    def chance(self) -> float:
        """Chance that the guaranteed value is missed, at most, when the numbers are off independently and as likely up as down [1].

        ``exp(-gamma² / (2 n))`` for n numbers (Bertsimas & Sim 2004); it holds for each budget too.
        """
        return math.exp(-(self.gamma**2) / (2.0 * len(self.rows)))

    def table(self) -> pd.DataFrame:
        """One row for each number: path; its value and how far it may be off; what that takes from the measure in the choice [unit]; and
        how much of it is off in the worst case [1].
        """
        columns = ["input", "path", "in the plan", "off by at most", f"takes [{self.unit}]", "off in the worst case [1]"]
        return pd.DataFrame(list(self.rows), columns=columns).set_index("input")

    def sentences(self, language: str = "en") -> tuple[str, ...]:
        """The choice in words."""
        say = Language(language)
        if not self.found:
            return (say("budgeted none"), self.portfolio.reason)
        measure = say.known(self.measure)
        data = self.portfolio.dataset
        titles = dict(zip(map(str, data["shift"].values), map(str, data["title"].values), strict=True))
        names = ", ".join(titles[name] for name in self.portfolio.selected) or say("robust nothing")
        lines = [
            say("budgeted value", gamma=say.number(self.gamma), count=len(self.rows), measure=measure, value=self._sized(self.value, say)),
            say("robust chosen", names=names),
            say("budgeted planned", value=self._sized(self.as_planned, say), price=self._sized(max(0.0, self.price), say)),
        ]
        if self.portfolio.status != "optimal":
            lines.append(say("robust unproven", bound=self._sized(self.portfolio.bound, say), gap=say.percent(self.portfolio.gap)))
        if self.nominal_overrun:
            lines.append(say("budgeted nominal over", names=", ".join(self.nominal_overrun)))
        elif not math.isnan(self.nominal_guaranteed):
            lines.append(say("budgeted nominal", value=self._sized(self.nominal_guaranteed, say)))
        size = max(1.0, abs(self.value))
        if not math.isnan(self.together) and abs(self.together - self.value) > 1e-6 * size:
            lines.append(say("budgeted together", value=self._sized(self.together, say)))
        if self.gamma > 0:
            lines.append(say("budgeted chance", share=say.percent(self.chance)))
        return (*lines, *((say("budgeted fair"),) if self.fair else ()))

    def _sized(self, value: float, say: Language) -> str:
        return say.sized(value, self.unit)

    def sheet(self, language: str = "en") -> Sheet:
        """The choice as a sheet, to show."""
        say = Language(language)
        lines = self.sentences(language)
        if not self.found:
            return Sheet(say("budgeted title"), lines[0], (Section(say("robust why"), lines[1:]),), say.code)
        table = self.table().reset_index().drop(columns=["path"])
        table.columns = [say(f"budgeted column {name.partition(' [')[0]}") + column_unit(name, say) for name in table.columns]
        return Sheet(say("budgeted title"), lines[0], (Section(say("budgeted numbers"), lines[1:], table),), say.code)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; NaN becomes None."""
        names = ("gamma", "value", "as_planned", "price", "nominal_guaranteed", "together")
        head = {name: plain_value(getattr(self, name)) for name in names}
        proof = {name: plain_value(getattr(self.portfolio, name)) for name in ("status", "bound", "gap", "reason")}
        return {
            "measure": self.measure,
            "unit": self.unit,
            **head,
            **proof,
            "selected": list(self.portfolio.selected) if self.found else [],
            "nominal": list(self.nominal.selected) if self.nominal.found else [],
            "inputs": records(self.table().reset_index()),
        }
