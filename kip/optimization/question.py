"""What is asked of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Limits", "Question"]


@dataclass(frozen=True)
class Question:
    """One measure up or down, under limits.

    Attributes
    ----------
    maximize, minimize : str or None
        Name of a measure; exactly one of the two.
    per : str or None
        Kind of krona that a ratio divides by.
    minimum, maximum : mapping measure → value
    require, forbid : tuple of str
        Names of shifts and enablers forced in or out; sources of funding forced out.
    """

    maximize: str | None = None
    minimize: str | None = None
    per: str | None = None
    minimum: Mapping[str, float] = field(default_factory=dict)
    maximum: Mapping[str, float] = field(default_factory=dict)
    require: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()

    @property
    def measure(self) -> str:
        """The measure that is asked about."""
        return self.maximize or self.minimize or "reduction"

    def closed(self, shifts: Iterable[str]) -> tuple[str, ...]:
        """Forbidden sources of funding. A name that is also a shift's is the shift; "funding.<name>" is always the source."""
        names = set(shifts)
        return tuple(name.removeprefix("funding.") for name in self.forbid if name not in names)

    @property
    def sign(self) -> float:
        """1 when less is better, -1 when more is: everything is minimised inside."""
        return -1.0 if self.maximize else 1.0

    @property
    def name(self) -> str:
        """The objective in a few words."""
        verb = "maximise" if self.maximize else "minimise"
        return f"{verb} {self.measure}" + (f" per {self.per} krona" if self.per else "")

    def to_dict(self) -> dict[str, Any]:
        """The question as plain data, without what was not asked."""
        plain = {name: getattr(self, name) for name in ("maximize", "minimize", "per", "require", "forbid")}
        plain |= {"minimum": dict(self.minimum), "maximum": dict(self.maximum)}
        return {name: value for name, value in plain.items() if value}


@dataclass(frozen=True)
class Limits:
    """How far the solver goes.

    Attributes
    ----------
    gap : float
        Relative gap at which a portfolio counts as proven [1].
    time_limit : float or None
        Seconds for the whole answer.
    seed : int
        Random seed of the solver; the same seed gives the same answer.
    """

    gap: float = 1e-4
    time_limit: float | None = None
    seed: int = 0
