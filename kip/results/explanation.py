"""Explanation: why each shift is in or out of a portfolio, and what holds the portfolio back."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from kip.errors import RequestError, unknown_name
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, records

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kip.results.portfolio import Portfolio
    from kip.results.reached import Reach

__all__ = ["Explanation", "Why", "WhyStatus", "records"]

WhyStatus = Literal["proven", "within gap", "unproven", "cannot", "not asked"]
"""How sure a price is.

proven: both solves are, and the price with them; within gap: both are proven within the gap asked for, but that leaves the price
a span wider than a twentieth of it; unproven: the search ended early, `low` and `high` hold; cannot: no portfolio has it so; not
asked: no time.
"""


@dataclass(frozen=True)
class Why:
    """Why one shift or enabler is in or out.

    Attributes
    ----------
    name, title, kind : str
    inside : bool
        Whether it is started anywhere in the portfolio.
    price : float
        What is lost without it (in), or by forcing it in (out) [unit of the objective]; 0 or more. NaN when there is no such portfolio.
    low, high : float
        What the price is at least and at most, from the bounds [unit of the objective].
    cost_difference : float
        Cash cost of the other portfolio less that of this one [currency].
    forced : float
        Units forced in, for what is out [unit].
    comes, leaves : tuple of str
        Titles of what the other portfolio starts instead, and no longer starts.
    depends : tuple of str
        Titles of what is started and needs it: opened by it, or requires it.
    reduction, cost : float
        Tonnes and cash of its own over the horizon, in the portfolio where it is in [t, currency].
    reasons : tuple of str
        Sentences by arithmetic: what stands in its way.
    break_even_cost : float
        Largest investment, as a factor on its own, at which some portfolio as good as the best still holds it [1]; infinite when no
        cost pushes it out, NaN when there is none or it was not asked.
    break_even_money : float
        The same in money [currency].
    break_even_effect : float
        Smallest effect, as a factor on its own, at which that is so [1].
    break_even_proven : bool
    gap : float
        Gap of the solve behind the price [1].
    status : WhyStatus
    sentence : str
    """

    name: str
    title: str
    kind: str
    inside: bool
    price: float = math.nan
    low: float = math.nan
    high: float = math.nan
    cost_difference: float = math.nan
    forced: float = math.nan
    comes: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    reduction: float = math.nan
    cost: float = math.nan
    reasons: tuple[str, ...] = ()
    break_even_cost: float = math.nan
    break_even_money: float = math.nan
    break_even_effect: float = math.nan
    break_even_proven: bool = True
    gap: float = math.nan
    status: WhyStatus = "not asked"
    sentence: str = ""

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, repr=False)
class Explanation(Shown):
    """Why in, why out, what holds back; each number from solving again.

    Attributes
    ----------
    portfolio : Portfolio
        What is explained.
    whys : tuple of Why
        One for each shift and enabler that was asked about: those in, by what is lost without them; then those out, by their price.
    limits : pandas.DataFrame
        See `worth`.
    notes : tuple of str
    reach : Reach or None
        For a portfolio that does not exist: what could be reached instead.
    solves : int
        Searches that were needed.
    seconds : float
    language : {"en", "sv"}
    """

    portfolio: Portfolio
    whys: tuple[Why, ...] = ()
    limits: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: tuple[str, ...] = ()
    reach: Reach | None = None
    solves: int = 0
    seconds: float = 0.0
    language: str = "en"

    def __getitem__(self, name: str) -> Why:
        for why in self.whys:
            if why.name == name:
                return why
        raise RequestError(unknown_name("shift", name, [why.name for why in self.whys]))

    @property
    def unit(self) -> str:
        """Unit of the prices: the objective's."""
        return self.portfolio.objective_unit

    @property
    def sentences(self) -> tuple[str, ...]:
        """One for each shift, in the order of the table."""
        return tuple(why.sentence for why in self.whys)

    def table(self) -> pd.DataFrame:
        """One row for each shift and enabler, by name.

        Columns: whether it is in; its price, what it is at least and at most [unit of the objective], and the difference in cash
        cost [currency]; break-even cost as a factor [1] and in money [currency], break-even effect [1]; its own reduction [t] and cash cost
        [currency]; what comes instead, leaves and depends on it; the gap of its solve [1], status and sentence. NaN where there is no
        such number (§67).
        """
        unit, currency = self.unit, self.portfolio.plan.currency
        rows = {
            why.name: {
                "title": why.title,
                "kind": why.kind,
                "in": why.inside,
                f"price [{unit}]": why.price,
                f"at least [{unit}]": why.low,
                f"at most [{unit}]": why.high,
                f"cost difference [{currency}]": why.cost_difference,
                "break-even cost [1]": why.break_even_cost,
                f"break-even cost [{currency}]": why.break_even_money,
                "break-even effect [1]": why.break_even_effect,
                "reduction [t]": why.reduction,
                f"cost [{currency}]": why.cost,
                "instead": "; ".join(why.comes),
                "leaves": "; ".join(why.leaves),
                "depends on it": "; ".join(why.depends),
                "gap [1]": why.gap,
                "status": why.status,
                "sentence": why.sentence,
            }
            for why in self.whys
        }
        table = pd.DataFrame.from_dict(rows, orient="index")
        table.index.name = "shift"
        return table

    def worth(self) -> pd.DataFrame:
        """What one more unit of each limit is worth: solved again with a step more of it (§6).

        Columns: limit, kind, whether it binds, step and its unit, worth of the step, at least and at most, and with the chosen set
        held [unit of the objective], gap [1] and status. NaN where it was not asked.
        """
        return self.limits.copy()

    def plot(self, ax: Axes | None = None, most: int = 30, language: str | None = None) -> Axes:
        """What is lost without each shift that is in, and the price of forcing in each that is out; unproven ones are hatched."""
        from kip.views.plots_why import why

        return why(self.table(), self.unit, self.portfolio.dataset, ax, most, language or self.language)

    def sheet(self) -> Sheet:
        """The explanation as a sheet, to show."""
        say = Language(self.language)
        title = say("why title", plan=self.portfolio.plan.label)
        if self.reach is not None:
            reached = self.reach.sheet()
            return Sheet(title, reached.subtitle, reached.sections, say.code, reached.footer)
        unit = say.unit(self.unit)
        asked = self.portfolio.request
        objective = (
            say("why least", measure=say.known(asked["minimize"].replace("_", " ")))
            if "minimize" in asked
            else say("why most", measure=say.known(asked.get("maximize", "").replace("_", " ")))
        )
        subtitle = say("why subtitle", objective=objective, value=f"{say.number(self.portfolio.objective)} {unit}".strip())
        inside = tuple(why.sentence for why in self.whys if why.inside)
        outside = tuple(why.sentence for why in self.whys if not why.inside)
        sections = [Section(say(key), lines) for key, lines in (("why in title", inside), ("why out title", outside)) if lines]
        if len(self.limits):
            sections.append(Section(say("why limits title"), (), self._limits_shown(say), (say("why limits note"),)))
        if self.notes:
            sections.append(Section(say("why notes title"), self.notes))
        footer = say("why footer", solves=self.solves, seconds=say.number(self.seconds, 1))
        return Sheet(title, subtitle, tuple(sections), say.code, footer)

    def _limits_shown(self, say: Language) -> pd.DataFrame:
        unit = self.unit
        table = pd.DataFrame()
        table[say("why limit")] = self.limits["limit"]
        sizes = zip(self.limits["step"], self.limits["step unit"], strict=True)
        table[say("why step")] = [say.sized(step, each).strip() for step, each in sizes]
        table[f"{say('why worth')} [{say.unit(unit)}]"] = self.limits[f"worth [{unit}]"].astype(float)
        table[f"{say('why held')} [{say.unit(unit)}]"] = self.limits[f"worth with the set held [{unit}]"].astype(float)
        table[say("why status")] = [say(f"why status {status}") for status in self.limits["status"]]
        return table

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data; NaN and infinity become None."""
        return {
            "objective": self.portfolio.objective_name,
            "unit": self.unit,
            "shifts": records(self.table().reset_index()) if self.whys else [],
            "limits": records(self.limits),
            "notes": list(self.notes),
            "reach": None if self.reach is None else self.reach.to_dict(),
            "solves": self.solves,
            "seconds": round(self.seconds, 3),
        }
