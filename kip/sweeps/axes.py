"""Axes: where each parameter of a sweep may lie, and the points between which numbers are interpolated exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Axis", "axes_of", "candidates"]

Floats: TypeAlias = NDArray[np.float64]

_MOST_LEVELS = 24
_TAILS = (1e-6, 1e-4, 1e-3, 1e-2)
"""Shares that are cut off a distribution without ends; scenarios beyond them are rebuilt."""


@dataclass(frozen=True)
class Axis:
    """Where a parameter may lie.

    Attributes
    ----------
    nodes : tuple of float
        Points at which everything was built: two ends for what is straight between them, more for what is curved, every level
        for what has levels. The first is where the other parameters are looked at from.
    levels : bool
        Whether the nodes are all that there is.
    """

    nodes: tuple[float, ...]
    levels: bool = False

    @property
    def low(self) -> float:
        """The lower end."""
        return min(self.nodes)

    @property
    def high(self) -> float:
        """The upper end."""
        return max(self.nodes)

    @property
    def other(self) -> float:
        """The end, or the level, that is furthest from the first node in the list."""
        return self.nodes[-1 if self.levels else min(1, len(self.nodes) - 1)]

    def at(self, share: float) -> float:
        """A point between the ends; the nearest level where there are levels."""
        if self.levels:
            return self.nodes[min(len(self.nodes) - 1, int(share * len(self.nodes)))]
        return self.low + share * (self.high - self.low)

    def inside(self) -> Axis:
        """The same without its very ends."""
        if self.levels or len(self.nodes) == 1:
            return self
        step = 1e-6 * (self.nodes[1] - self.nodes[0])
        return Axis((self.nodes[0] + step, self.nodes[1] - step))

    def curved(self, degree: int) -> Axis:
        """The same with nodes for a polynomial of a degree, at the extremes of Chebyshev's."""
        places = 0.5 - 0.5 * np.cos(np.pi * np.arange(degree + 1) / degree)
        inner = [self.low + share * (self.high - self.low) for share in places[1:-1]]
        return Axis((self.nodes[0], self.nodes[1], *map(float, inner)))

    def fits(self, values: Floats) -> NDArray[np.bool_]:
        """Which values lie on the axis."""
        if self.levels or self.low == self.high:
            return np.asarray(np.isin(values, self.nodes))
        return np.asarray((values >= self.low) & (values <= self.high))

    def weights(self, values: Floats) -> Floats:
        """What each node but the first counts for at some values, as an array (node, value): the cardinal functions."""
        nodes = np.array(self.nodes)
        if self.levels or len(nodes) == 1:
            return np.asarray(values[None, :] == nodes[1:, None], dtype=float)
        if len(nodes) == 2:
            return np.asarray(((values - nodes[0]) / (nodes[1] - nodes[0]))[None, :])
        # barycentric; each value by itself, so that a scenario gives the same numbers in whatever company it comes
        width = 4.0 / (self.high - self.low)
        differences = (nodes[:, None] - nodes[None, :]) * width
        np.fill_diagonal(differences, 1.0)
        weight = 1.0 / differences.prod(axis=1)
        away = values[None, :] - nodes[:, None]
        hit = away == 0.0
        parts = weight[:, None] / np.where(hit, 1.0, away)
        parts = np.where(hit.any(axis=0)[None, :], hit.astype(float), parts)
        total = parts[0].copy()
        for part in parts[1:]:
            total = total + part
        return np.asarray(parts[1:] / total)


def axes_of(space: Any, cut: float = 0.0) -> tuple[Axis, ...] | None:
    """The axes of a space; None when it does not say where its parameters may lie.

    Parameters
    ----------
    space : Varying
        With `axes`, or with `parameters` that have a marginal distribution, as those of `kip.Space`.
    cut : float
        Share cut off each end of distributions that have none.
    """
    own = getattr(space, "axes", None)
    if own is not None:
        return tuple(own)
    parameters = getattr(space, "parameters", None)
    if parameters is None:
        return None
    return tuple(_axis(parameter.marginal, cut) for parameter in parameters)


def candidates(space: Any) -> Iterator[tuple[Axis, ...]]:
    """Axes to try one after the other: the whole of every distribution, then less and less of its tails."""
    last = None
    for cut in (0.0, *_TAILS):
        found = axes_of(space, cut)
        if found is None:
            return
        if found != last and all(np.isfinite(axis.nodes).all() for axis in found):
            yield found
            last = found


def _axis(marginal: Any, cut: float) -> Axis:
    codes = getattr(marginal, "codes", None)
    if codes is not None:
        values = [float(code) for code in codes]
        if len(values) <= _MOST_LEVELS:
            return Axis(tuple(dict.fromkeys(values)), levels=True)
        return _ordered(min(values), max(values))
    low, high = (float(end) for end in np.asarray(marginal.ppf(np.array([0.0, 1.0]))))
    if cut and not (np.isfinite(low) and np.isfinite(high)):
        inside = [float(end) for end in np.asarray(marginal.ppf(np.array([cut, 1.0 - cut])))]
        low, high = (low if np.isfinite(low) else inside[0]), (high if np.isfinite(high) else inside[1])
    return _ordered(low, high)


def _ordered(low: float, high: float) -> Axis:
    """The end with the larger number first: from an end that is 0, nothing that it multiplies would be seen."""
    if low == high:
        return Axis((low,))
    return Axis((low, high) if abs(low) > abs(high) else (high, low))
