"""Marginals: what one thing that varies may be, as quantiles: a distribution, or levels.

A design makes points in the unit cube and asks each marginal for its quantile there, so that every distribution is sampled in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["TAIL", "Continuous", "Levels", "Marginal"]

Floats: TypeAlias = NDArray[np.float64]

TAIL = 1e-9
"""A distribution without ends is drawn between its quantiles of this and of 1 less this."""

_GRID_TAIL = 0.005
"""Where a design uses the ends themselves (grid, Morris), a distribution without ends is taken from this quantile to 1 less this."""


@dataclass(frozen=True)
class Continuous:
    """A number from a distribution, given by its quantiles.

    Attributes
    ----------
    frozen : object
        With `ppf`, the quantile function: any frozen distribution of `scipy.stats`.
    text : str
        How it is called.
    limits : (float, float) or None
        Its ends; None when it has none on one side or the other.
    """

    frozen: Any
    text: str
    limits: tuple[float, float] | None

    def ppf(self, share: ArrayLike) -> Floats:
        """The quantile at each share [1]."""
        if self.limits is None:
            return np.asarray(self.frozen.ppf(np.clip(np.asarray(share, dtype=float), TAIL, 1.0 - TAIL)), dtype=float)
        # low + (high - low) can be a rounding above high, where a field no longer takes it
        low, high = self.limits
        return np.asarray(np.clip(self.frozen.ppf(np.asarray(share, dtype=float)), low, high), dtype=float)

    @property
    def bounded(self) -> bool:
        """Whether it has an end on both sides."""
        return self.limits is not None

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest number that is ever drawn."""
        if self.limits is not None:
            return self.limits
        low, high = self.ppf([0.0, 1.0])
        return float(low), float(high)

    @property
    def span(self) -> tuple[float, float]:
        """Shares between which designs that use ends (grid, Morris) go."""
        return (0.0, 1.0) if self.bounded else (_GRID_TAIL, 1.0 - _GRID_TAIL)

    @property
    def median(self) -> float:
        """The quantile at one half."""
        return float(self.ppf(0.5))

    def points(self, count: int) -> Floats:
        """So many quantiles, as far from each other in share, both ends among them; the median when it is one."""
        low, high = self.span
        return self.ppf(np.linspace(low, high, count) if count > 1 else [0.5])


@dataclass(frozen=True)
class Levels:
    """One of several levels. Those that are no numbers go by their place, 0 for the first.

    Attributes
    ----------
    codes : tuple of float
        What a design holds: the number itself, or the place.
    labels : tuple of str
        How each is called.
    weights : tuple of float
        Share of each [1]; they sum to 1.
    """

    codes: tuple[float, ...]
    labels: tuple[str, ...]
    weights: tuple[float, ...]

    def ppf(self, share: ArrayLike) -> Floats:
        """The level at each share [1], in the order given: the first as long as its weight reaches."""
        edges = np.cumsum(self.weights)[:-1]
        return np.asarray(self.codes)[np.searchsorted(edges, np.asarray(share, dtype=float), side="right")]

    @property
    def listed(self) -> str:
        """The levels in a row, with their weights where these differ; whole numbers in a row by their ends."""
        if len(self.codes) > 6 and np.array_equal(np.diff(self.codes), np.ones(len(self.codes) - 1)) and np.ptp(self.weights) < 1e-12:
            return f"{self.labels[0]} … {self.labels[-1]}"
        if np.ptp(self.weights) < 1e-12:
            return ", ".join(self.labels)
        return ", ".join(f"{label} ({weight:.3g})" for label, weight in zip(self.labels, self.weights, strict=True))

    @property
    def text(self) -> str:
        """What it may be, in words."""
        return f"one of {self.listed}"

    @property
    def bounded(self) -> bool:
        """Always."""
        return True

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest code."""
        return min(self.codes), max(self.codes)

    @property
    def span(self) -> tuple[float, float]:
        """All of it."""
        return 0.0, 1.0

    @property
    def median(self) -> float:
        """The level at one half."""
        return float(self.ppf(0.5))

    def points(self, count: int) -> Floats:
        """Every level, whatever the count."""
        return np.asarray(self.codes)


Marginal: TypeAlias = Continuous | Levels
