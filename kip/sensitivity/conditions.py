"""Conditions on inputs that a person can read: "cost ≥ 320 000 and uptake ≤ 0.4", with limits as round as the scenarios allow."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.sensitivity.asked import Asked, Floats
from kip.views.labels import Language, scale

__all__ = ["Condition", "Flags", "all_of", "in_full", "limits_of", "named_levels", "rounded_between", "said"]

Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Condition:
    """What one input must be.

    Attributes
    ----------
    place : int
        Column of the input.
    name, title : str
    low, high : float
        Both included; infinite where there is no limit.
    levels : tuple of str
        Allowed labels of an input that is chosen from named levels; empty for a number.
    codes : tuple of float
        Values of these labels.
    unit : str
        Of the input; empty when it is not known.
    """

    place: int
    name: str
    title: str
    low: float = -math.inf
    high: float = math.inf
    levels: tuple[str, ...] = ()
    codes: tuple[float, ...] = ()
    unit: str = ""

    def holds(self, values: Floats) -> Flags:
        """Scenarios in which it holds."""
        column = values[:, self.place]
        if self.levels:
            return np.asarray(np.isin(column, self.codes))
        return np.asarray((column >= self.low) & (column <= self.high))

    def text(self, say: Language) -> str:
        """In words."""
        if self.levels:
            return f"{self.title} = {say('or').join(self.levels)}" if len(self.levels) > 1 else f"{self.title} = {self.levels[0]}"
        low, high = (in_full(say, limit, self.unit) for limit in (self.low, self.high))
        if self.low == -math.inf:
            return f"{self.title} ≤ {high}"
        if self.high == math.inf:
            return f"{self.title} ≥ {low}"
        return f"{low} ≤ {self.title} ≤ {high}"


def in_full(say: Language, value: float, unit: str) -> str:
    """A limit with all of its figures: it has no more than it needs.

    Examples
    --------
    >>> in_full(Language(), 0.0625, ""), in_full(Language("sv"), 20_100_000.0, "SEK")
    ('0.0625', '20,1 MSEK')
    """
    size = scale(value, unit)
    _, _, decimals = f"{value / size.divisor:.12f}".rstrip("0").partition(".")
    return f"{say.number(value / size.divisor, len(decimals))} {say.unit(size.unit)}".rstrip()


def all_of(conditions: Iterable[Condition], values: Floats) -> Flags:
    """Scenarios in which every condition holds; all of them for none."""
    inside = np.ones(len(values), dtype=bool)
    for condition in conditions:
        inside &= condition.holds(values)
    return inside


def said(conditions: Iterable[Condition], say: Language) -> str:
    """Conditions in one line."""
    return say("and").join(condition.text(say) for condition in conditions)


def rounded_between(below: float, above: float) -> float:
    """The number with the fewest figures that is larger than `below` and at most `above`.

    Examples
    --------
    >>> rounded_between(0.55, 0.65), rounded_between(312_345.0, 330_000.0), rounded_between(-0.3, 0.2), rounded_between(4.0, 5.0)
    (0.6, 320000.0, 0.0, 5.0)
    """
    if not (math.isfinite(below) and math.isfinite(above)) or below >= above:
        return above
    if below < 0.0 <= above:
        return 0.0
    largest = math.floor(math.log10(max(abs(below), abs(above))))
    for power in range(largest, largest - 16, -1):
        # decimals by division, so that 0.6 is 0.6
        unit, parts = (10.0**power, 1.0) if power >= 0 else (1.0, 10.0**-power)
        step = math.floor(below * parts / unit) + 1
        last = math.floor(above * parts / unit)
        if step <= last:
            middle = 0.5 * (below + above) * parts / unit
            found = float(min(max(round(middle), step), last) * unit / parts)
            if below < found <= above:
                # in the last figures of a float, a product may fall outside of its own limits
                return found
    return above


def limits_of(column: Floats, low: float, high: float) -> tuple[float, float]:
    """Limits as round as they can be when one scenario in two hundred may change sides; infinite where nothing lies outside.

    Parameters
    ----------
    column : array (scenario,)
    low, high : float
        Smallest and largest value inside.

    Examples
    --------
    >>> limits_of(np.array([0.45, 0.55, 0.65]), 0.65, 0.65), limits_of(np.arange(1000.0), 402.0, 597.0)
    ((0.6, inf), (400.0, 600.0))
    """
    lower = _rounded(column, low)
    # the same from the other side
    return lower, -_rounded(-column, -high)


def _rounded(column: Floats, low: float) -> float:
    slack = len(column) // 200
    under, inside = np.sort(column[column < low])[::-1], np.sort(column[column >= low])
    if not under.size:
        return -math.inf
    return rounded_between(float(under[min(slack, under.size - 1)]), float(inside[min(slack, inside.size - 1)]))


def named_levels(asked: Asked) -> dict[int, tuple[str, ...]]:
    """Inputs that are chosen from named levels, by column."""
    return {place: asked.labels_of(name) for place, name in enumerate(asked.names) if asked.labels_of(name)}
