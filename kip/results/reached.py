"""Reach: how far a plan gets towards a goal, and what would close the gap."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, records

if TYPE_CHECKING:
    from kip.results.portfolio import Portfolio

__all__ = ["Reach"]


@dataclass(frozen=True, repr=False)
class Reach(Shown):
    """What can be reached, what is missing, and what would close it.

    Attributes
    ----------
    title : str
        Title of the plan.
    reachable : bool
        Whether a portfolio keeps all goals and limits.
    proven : bool
        Whether that, and how near it gets, is proven within the gap asked for.
    goals : pandas.DataFrame
        One row for each goal: goal, asked and reached, gap (0 when it is reached), the least gap that is not ruled out, unit, and the
        gap in percent points of the base (NaN without a base).
    portfolio : Portfolio or None
        The nearest that can be reached: the least shortfall in the order of the goals, then the objective. None when the limits
        alone cannot be kept.
    checks : tuple of str
        What arithmetic says before anything is solved.
    potentials : pandas.DataFrame
        For a goal in tonnes of one year: what each shift could remove in it at most, whatever the money [t/year], and why not more.
    relaxations : pandas.DataFrame
        What would close the gap, each alone: kind, name, needed and its unit, price [currency], whether it is possible, what it reaches
        at most when it is not, status and sentence. NaN where there is no such number (§9).
    cheapest : str
        Sentence of the cheapest of those that have a price; or that none of them is enough.
    clash : tuple of str
        The smallest set of named rules that cannot be kept together: take any one away and the others can.
    rows : tuple of str
        Rows of the problem in an irreducible infeasible set, when they were asked for.
    sentences : tuple of str
        The answer in words.
    solves : int
    seconds : float
    language : {"en", "sv"}
    """

    title: str
    reachable: bool
    proven: bool
    goals: pd.DataFrame
    portfolio: Portfolio | None
    checks: tuple[str, ...] = ()
    potentials: pd.DataFrame = field(default_factory=pd.DataFrame)
    relaxations: pd.DataFrame = field(default_factory=pd.DataFrame)
    cheapest: str = ""
    clash: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    solves: int = 0
    seconds: float = 0.0
    language: str = "en"

    def __bool__(self) -> bool:
        return self.reachable

    def table(self) -> pd.DataFrame:
        """What would close the gap; `relaxations`."""
        return self.relaxations.copy()

    def sheet(self) -> Sheet:
        """The answer as a sheet, to show."""
        say = Language(self.language)
        head, *rest = self.sentences
        sections = [Section(say("reach goals title"), tuple(rest), self._goals_shown(say))] if len(self.goals) else []
        if self.checks:
            sections.append(Section(say("reach checks title"), self.checks, self._potentials_shown(say)))
        if len(self.relaxations):
            lines = tuple(self.relaxations["sentence"])
            sections.append(Section(say("reach relaxations title"), (*lines, self.cheapest) if self.cheapest else lines))
        if self.clash:
            sections.append(Section(say("reach clash title"), self.clash))
        if self.rows:
            sections.append(Section(say("reach rows title"), self.rows))
        if self.notes:
            sections.append(Section(say("why notes title"), self.notes))
        footer = say("why footer", solves=self.solves, seconds=say.number(self.seconds, 1))
        return Sheet(say("reach title", plan=self.title), head, tuple(sections), say.code, footer)

    def _goals_shown(self, say: Language) -> pd.DataFrame:
        table = pd.DataFrame()
        table[say("reach goal")] = self.goals["goal"]
        for column in ("asked", "reached", "gap"):
            table[say(f"reach {column}")] = [
                say.sized(value, unit).strip() if not math.isnan(value) else say.number(value)
                for value, unit in zip(self.goals[column], self.goals["unit"], strict=True)
            ]
        if self.goals["gap [percent points]"].notna().any():
            table[say("reach points")] = self.goals["gap [percent points]"].astype(float).round(1)
        return table

    def _potentials_shown(self, say: Language) -> pd.DataFrame | None:
        if not len(self.potentials):
            return None
        table = pd.DataFrame()
        table[say("shift")] = self.potentials["title"]
        table[f"{say('reach most')} [{say.unit('t/year')}]"] = self.potentials["most [t/year]"].astype(float).round(0)
        table[say("reach why")] = self.potentials["why"]
        return table

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data; NaN and infinity become None."""
        return {
            "reachable": self.reachable,
            "proven": self.proven,
            "goals": records(self.goals),
            "checks": list(self.checks),
            "potentials": records(self.potentials),
            "relaxations": records(self.relaxations),
            "cheapest": self.cheapest,
            "clash": list(self.clash),
            "rows": list(self.rows),
            "sentences": list(self.sentences),
            "notes": list(self.notes),
            "portfolio": None if self.portfolio is None else self.portfolio.to_dict(),
            "solves": self.solves,
            "seconds": round(self.seconds, 3),
        }
