"""PRIM: the box of inputs in which an event is frequent (Friedman & Fisher 1999), peeled slice by slice and pasted back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from kip.sensitivity.asked import Floats
from kip.sensitivity.conditions import Flags

__all__ = ["Limits", "Step", "quasi_p", "search"]


@dataclass(frozen=True)
class Limits:
    """A box: smallest and largest values inside by column, and what is left of named levels.

    Attributes
    ----------
    low, high : dict of int to float
        Only columns with a limit on that side.
    levels : dict of int to tuple of float
        Values that are allowed, for columns of named levels that are restricted.
    """

    low: Mapping[int, float] = field(default_factory=dict)
    high: Mapping[int, float] = field(default_factory=dict)
    levels: Mapping[int, tuple[float, ...]] = field(default_factory=dict)

    @property
    def restricted(self) -> tuple[int, ...]:
        """Columns with a limit."""
        return tuple(sorted({*self.low, *self.high, *self.levels}))

    def inside(self, values: Floats, but: int | None = None) -> Flags:
        """Scenarios in the box; with one column left free when it is named."""
        found = np.ones(len(values), dtype=bool)
        for place, limit in self.low.items():
            if place != but:
                found &= values[:, place] >= limit
        for place, limit in self.high.items():
            if place != but:
                found &= values[:, place] <= limit
        for place, allowed in self.levels.items():
            if place != but:
                found &= np.isin(values[:, place], allowed)
        return found

    def without(self, place: int) -> Limits:
        """The box with one column free."""
        parts = ({key: value for key, value in part.items() if key != place} for part in (self.low, self.high))
        low, high = parts
        return Limits(low, high, {key: value for key, value in self.levels.items() if key != place})


@dataclass(frozen=True)
class Step:
    """One box on the way: how it was reached, and what it holds."""

    kind: str
    limits: Limits
    scenarios: int
    events: int

    @property
    def density(self) -> float:
        """Share of the scenarios in the box in which the event happens [1]."""
        return self.events / self.scenarios


def search(values: Floats, event: Flags, named: frozenset[int], slice_share: float, smallest: float) -> list[Step]:
    """Boxes from everything to the densest, then pasted back.

    Each step takes the slice of at least `slice_share` of the scenarios in the box from the face that raises the density most for each
    scenario that it costs; whole values at a time, so that equal scenarios stay together.

    Parameters
    ----------
    values : array (scenario, input)
    event : array of bool (scenario,)
    named : frozenset of int
        Columns of named levels: these lose a level at a time.
    slice_share : float
        Slice of a step [1].
    smallest : float
        Share of all scenarios below which no box goes [1].
    """
    steps = [Step("all", Limits(), len(event), int(event.sum()))]
    least = max(1, math.ceil(smallest * len(event)))
    while steps[-1].events < steps[-1].scenarios:
        best = _best(_peels(values, steps[-1].limits, named, slice_share), values, event, steps[-1], least)
        if best is None:
            break
        steps.append(replace(best, kind="peel"))
    while len(steps) > 1:
        pasted = _paste(values, event, steps[-1], slice_share)
        if pasted is None:
            break
        steps.append(pasted)
    return steps


def _peels(values: Floats, limits: Limits, named: frozenset[int], slice_share: float) -> Iterator[Limits]:
    inside = values[limits.inside(values)]
    count = max(1, math.ceil(slice_share * len(inside)))
    for place in range(values.shape[1]):
        levels = np.unique(inside[:, place])
        if len(levels) < 2:
            continue
        if place in named:
            for gone in levels:
                rest = tuple(float(level) for level in levels if level != gone)
                yield replace(limits, levels={**limits.levels, place: rest})
            continue
        column = np.sort(inside[:, place])
        above = levels[levels > column[count - 1]]
        if above.size:
            yield replace(limits, low={**limits.low, place: float(above[0])})
        below = levels[levels < column[-count]]
        if below.size:
            yield replace(limits, high={**limits.high, place: float(below[-1])})


def _best(candidates: Iterator[Limits], values: Floats, event: Flags, now: Step, least: int) -> Step | None:
    """The candidate that raises the density most for each scenario it costs; among equals the one with fewest restricted inputs."""
    best, score = None, (-math.inf, 0)
    for limits in candidates:
        inside = limits.inside(values)
        count = int(inside.sum())
        if count < least or count == now.scenarios:
            continue
        step = Step("peel", limits, count, int(event[inside].sum()))
        gain = step.density - now.density
        if gain < 0.0:
            continue
        found = (gain / (now.scenarios - count), -len(limits.restricted))
        if found > score:
            best, score = step, found
    return best


def _paste(values: Floats, event: Flags, now: Step, slice_share: float) -> Step | None:
    """The box with a slice put back, when that keeps the density and adds events; a thinner slice when none so thick does."""
    count = max(1, math.ceil(slice_share * now.scenarios))
    best: Step | None = None
    while best is None and count:
        for place in now.limits.restricted:
            reach = values[now.limits.inside(values, but=place)][:, place]
            for wider in _wider(now.limits, place, reach, count):
                inside = wider.inside(values)
                step = Step("paste", wider, int(inside.sum()), int(event[inside].sum()))
                better = step.events > now.events and step.density >= now.density
                if better and (best is None or (step.density, step.events) > (best.density, best.events)):
                    best = step
        count //= 2
    return best


def _wider(limits: Limits, place: int, reach: Floats, count: int) -> Iterator[Limits]:
    if place in limits.low:
        under = np.sort(reach[reach < limits.low[place]])[::-1]
        low = {key: value for key, value in limits.low.items() if key != place}
        if under.size > count:
            low[place] = float(under[count - 1])
        if under.size:
            yield replace(limits, low=low)
    if place in limits.high:
        over = np.sort(reach[reach > limits.high[place]])
        high = {key: value for key, value in limits.high.items() if key != place}
        if over.size > count:
            high[place] = float(over[count - 1])
        if over.size:
            yield replace(limits, high=high)
    if place in limits.levels:
        for more in np.setdiff1d(reach, limits.levels[place]):
            yield replace(limits, levels={**limits.levels, place: (*limits.levels[place], float(more))})


def quasi_p(values: Floats, event: Flags, limits: Limits, place: int) -> tuple[float, float, float]:
    """What a restriction adds to a box (Bryant & Lempert 2010).

    Returns
    -------
    tuple of float
        Density without it [1], coverage without it [1], and the chance that as many events as there are would be in the box if the
        density were that without it (a binomial tail) [1]. Not a p-value proper: the box was sought for being dense.
    """
    from scipy.stats import binom

    free, box = limits.inside(values, but=place), limits.inside(values)
    events = int(event[free].sum())
    density = events / int(free.sum())
    chance = float(binom.sf(int(event[box].sum()) - 1, int(box.sum()), density))
    return density, events / int(event.sum()), chance
