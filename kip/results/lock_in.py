"""LockIn: what the best plan for a near year costs a far one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kip.results.portfolio import Portfolio
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, plain_value, records

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["LockIn"]

_SAME = 1e-6


@dataclass(frozen=True, repr=False)
class LockIn(Shown):
    """Plans for a near and a far year, side by side; true when the near one stands in the way.

    Attributes
    ----------
    plan : Plan
    years : (near, far)
    near : Portfolio or None
        Best for the near year alone, at least cost; None when no portfolio keeps the rules.
    carried : Portfolio or None
        Its starts up to the near year, and then the best for the far year.
    sighted : Portfolio or None
        With the far year in mind from the start.
    same : Portfolio or None
        What `carried` reaches in both years, at least cost, with the far year in mind from the start.
    cumulative : Portfolio or None
        The largest reduction over all years.
    goals : dict or None
        Reductions that were asked for [t/year].
    """

    plan: Plan
    years: tuple[int, int]
    near: Portfolio | None
    carried: Portfolio | None
    sighted: Portfolio | None
    same: Portfolio | None
    cumulative: Portfolio | None
    goals: dict[int, float] | None = None

    @property
    def tonnes(self) -> float:
        """Reduction of the far year that is lost by having had only the near one in mind [t/year]; NaN when unknown."""
        if self.carried is None or self.sighted is None:
            return math.nan
        measure = f"reduction_{self.years[1]}"
        return max(0.0, self.sighted.measure(measure) - self.carried.measure(measure))

    @property
    def kronor(self) -> float:
        """What the same far year costs more in net present cost [currency]; NaN when unknown."""
        if self.carried is None or self.same is None:
            return math.nan
        return max(0.0, self.carried.measure("net_cost") - self.same.measure("net_cost"))

    def __bool__(self) -> bool:
        if self.carried is None or self.sighted is None:
            return False
        size = abs(self.sighted.measure(f"reduction_{self.years[1]}"))
        gaps = self._gap(self.carried) + self._gap(self.sighted) + self._gap(self.same)
        money = abs(self.carried.measure("net_cost"))
        return self.tonnes > max(_SAME, gaps) * size or self.kronor > max(_SAME, gaps) * money

    @staticmethod
    def _gap(portfolio: Portfolio | None) -> float:
        return portfolio.gap if portfolio is not None and math.isfinite(portfolio.gap) else 0.0

    def table(self, language: str = "en") -> pd.DataFrame:
        """One row for each plan: reduction in the near year, in the far year [t/year] and over all years [t]; net present cost and
        investment [currency]; and the gap of its last solve [1].
        """
        say = Language(language)
        near, far = (f"reduction_{year}" for year in self.years)
        currency = self.plan.currency
        rows = {
            say("lock near", year=self.years[0]): self.near,
            say("lock carried", near=self.years[0], far=self.years[1]): self.carried,
            say("lock sighted", year=self.years[1]): self.sighted,
            say("lock cumulative"): self.cumulative,
        }
        columns = {
            f"{say('reduction')} {self.years[0]} [t/year]": near,
            f"{say('reduction')} {self.years[1]} [t/year]": far,
            f"{say('lock all years')} [t]": "reduction",
            f"{say('lock net cost')} [{currency}]": "net_cost",
            f"{say('investment')} [{currency}]": "investment",
        }
        table = {label: [item.measure(name) for name in columns.values()] + [item.gap] for label, item in rows.items() if item is not None}
        frame = pd.DataFrame.from_dict(table, orient="index", columns=[*columns, f"{say('lock gap')} [1]"])
        return frame.rename_axis(say("lock plan"))

    def sentences(self, language: str = "en") -> tuple[str, ...]:
        """What was found, in words."""
        say = Language(language)
        near, far = self.years
        if self.carried is None or self.sighted is None:
            return (say("lock nothing"),)
        currency = self.plan.currency
        if not self:
            return (say("lock none", near=near, far=far),)
        size = abs(self.sighted.measure(f"reduction_{far}"))
        parts = [say("lock warning", near=near, far=far)]
        if self.tonnes > _SAME * size:
            parts.append(say("lock tonnes", far=far, value=say.sized(self.tonnes, "t/year")))
        if math.isfinite(self.kronor) and self.kronor > _SAME * max(1.0, abs(self.carried.measure("net_cost"))):
            parts.append(say("lock kronor", far=far, value=say.sized(self.kronor, currency)))
        late = [name for name in self.sighted.selected if self._earlier(name)]
        titles = dict(zip(map(str, self.sighted.dataset["shift"].values), map(str, self.sighted.dataset["title"].values), strict=True))
        if late:
            parts.append(say("lock earlier", names=", ".join(titles[name] for name in late[:5])))
        return tuple(parts)

    def _earlier(self, name: str) -> bool:
        """Whether the far-sighted plan starts more of a shift up to the near year."""
        if self.carried is None or self.sighted is None:
            return False
        one, two = (
            float(item.dataset["new"].sel(shift=name, year=slice(None, self.years[0])).sum()) for item in (self.sighted, self.carried)
        )
        return one > two + 0.05 * max(1e-9, one)

    def sheet(self, language: str = "en") -> Sheet:
        """The plans side by side as a sheet, to show."""
        say = Language(language)
        lines = self.sentences(language)
        return Sheet(say("lock title"), lines[0], (Section(say("lock plans"), lines[1:], self.table(language).reset_index()),), say.code)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        rows = records(self.table().reset_index())
        tonnes, kronor = plain_value(self.tonnes), plain_value(self.kronor)
        return {"years": list(self.years), "lock_in": bool(self), "tonnes": tonnes, "kronor": kronor, "plans": rows}
