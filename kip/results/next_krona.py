"""NextKrona: what one step more of money gives, since a plan of whole shifts has no price at the margin."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from kip.results.pareto import Objective
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown

__all__ = ["NextKrona"]


@dataclass(frozen=True, repr=False)
class NextKrona(Shown):
    """What one step more of the second objective gives of the first (§61).

    Attributes
    ----------
    first, second : Objective
    at, step : float
        Where, and how much more [unit of the second].
    value : float
        The best of the first at `at` [its unit].
    forward : float
        How much more of the first `step` gives, solved anew [its unit].
    low, high : float
        What that is at least and at most, from the bounds of the two solves.
    average : float
        Average shadow price ``sup_w (φ(at + w) - φ(at)) / w`` over the known points (Kim & Cho 1988) [unit of the first / unit of the
        second]; 0 when
        no known point beyond is better.
    average_step : float
        The w that gives it [unit of the second]; NaN when there is none.
    average_exact : bool
        Whether the frontier is complete, so that no other w is better as far as it reaches.
    relaxed : float
        Price in the linear relaxation, to the right of `at` [unit of the first / unit of the second]; a plan cannot be held to it.
    at_the_end : bool
        Whether the known points end at `at`.
    language : {"en", "sv"}
    """

    first: Objective
    second: Objective
    at: float
    step: float
    value: float
    forward: float
    low: float
    high: float
    average: float
    average_step: float
    average_exact: bool
    relaxed: float
    at_the_end: bool = False
    language: str = "en"

    @property
    def per_unit(self) -> float:
        """`forward` / `step` [unit of the first / unit of the second]."""
        return self.forward / self.step

    @property
    def sentences(self) -> tuple[str, ...]:
        """The same in words."""
        say = Language(self.language)
        first, second = self.first, self.second
        size, unit = (1e6, f"M{second.unit}") if len(second.unit) == 3 and second.unit.isupper() else (1.0, say.unit(second.unit))
        key = "krona nothing" if abs(self.forward) <= 1e-12 * max(1.0, abs(self.value)) else "krona forward"
        parts = {"step": say.sized(self.step, second.unit), "at": say.sized(self.at, second.unit), "first": first.label(say)}
        key = "krona forward less" if key == "krona forward" and first.direction == "min" else key
        lines = [say(key, **parts, second=second.label(say), gain=say.sized(abs(self.forward), first.unit))]
        if self.high - self.low > 1e-9 * max(1.0, abs(self.forward)):
            lines.append(say("krona between", low=say.sized(self.low, first.unit), high=say.sized(self.high, first.unit)))
        if math.isfinite(self.average_step):
            key = "krona average" if self.average_exact else "krona average sample"
            width, price = say.sized(self.average_step, second.unit), say.sized(self.average * size, first.unit)
            lines.append(say(key, width=width, price=price, unit=unit))
        else:
            lines.append(say("krona no average"))
        if math.isfinite(self.relaxed):
            lines.append(say("krona relaxed", price=say.sized(self.relaxed * size, first.unit), unit=unit))
        if self.at_the_end and not second.name.startswith("budget"):
            lines.append(say("krona end"))
        return tuple(lines)

    def sheet(self) -> Sheet:
        """As a sheet, to show."""
        say = Language(self.language)
        return Sheet(say("krona title"), self.sentences[0], (Section("", self.sentences[1:]),), say.code)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data; NaN becomes None."""
        plain = {name: value for name, value in asdict(self).items() if name not in {"first", "second"}}
        plain = {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in plain.items()}
        return {"first": self.first.name, "second": self.second.name, **plain, "sentences": list(self.sentences)}
