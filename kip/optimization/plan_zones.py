"""Every nondominated point of two to four objectives of whole decisions, by search zones.

A zone is a corner: everything strictly below it in every objective may hold a point that is not known yet. In a zone a weighted sum is
minimised with all weights above 0. Its answer is nondominated: what dominates it is below the same corner and has a smaller sum.
Every zone that holds the answer falls into one for each objective, cut off at the answer there; those that lie within another one
are dropped (Klamroth, Lacour and Vanderpooten 2015, "On the representation of the search region in multi-objective
optimization"). A zone without an answer is finished. With two objectives zones are the boxes between neighbours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.optimization.plan_front import Searched, Team, best_points, ends_of
from kip.optimization.plan_oracle import PlanOracle

__all__ = ["every_point_by_zones"]

Floats: TypeAlias = NDArray[np.float64]
Zone: TypeAlias = tuple[float, ...]


def every_point_by_zones(
    oracle: PlanOracle, workers: int = 1, heard: Callable[[int], None] = lambda points: None
) -> tuple[Searched, list[PlanOracle]]:
    """Every nondominated point of any number of objectives; and the oracles that were asked."""
    team, searched, count = Team(oracle, workers, heard), Searched(), oracle.count
    ends = ends_of(team, count)
    known = [end for end in ends if end.values is not None]
    if len(known) < count:
        searched.points, searched.none, searched.finished = known, ends[0], not team.stopped
        return searched, team.oracles
    steps = np.array([oracle.resolution(k) for k in range(count)])
    values = np.array([end.values for end in known])
    span = np.maximum(values.max(axis=0) - values.min(axis=0), steps)
    zones: set[Zone] = {(np.inf,) * count}
    for end in known:
        zones = _cut(zones, end.values, steps)
    searched.points = list(known)
    weights = 1.0 / span

    def ask(mine: PlanOracle, zone: Zone) -> list[Zone]:
        nonlocal zones
        with team.lock:
            if zone not in zones:
                # another answer has cut it meanwhile; what is left of it waits by itself
                return []
        found = mine.minimise(weights, np.array(zone) - steps)
        with team.lock:
            if found.values is None:
                if found.status != "infeasible":
                    return [zone]
                zones.discard(zone)
                return []
            searched.points.append(found)
            heard(len(searched.points))
            before = set(zones)
            zones = _cut(zones, found.values, steps)
            return sorted(zones - before)

    left_over = [zone for zone in team.run(sorted(zones), ask) if zone in zones]
    searched.finished = not left_over and all(point.status == "optimal" for point in searched.points)
    searched.boxes = 1.0 if left_over else 0.0
    searched.points = best_points(searched.points, steps)
    return searched, team.oracles


def _cut(zones: set[Zone], point: Floats, steps: Floats) -> set[Zone]:
    """The zones without what a point dominates or is."""
    holding = [zone for zone in zones if np.all(point < np.array(zone) - 0.5 * steps)]
    kept = zones - set(holding)
    parts = {(*zone[:k], float(point[k]), *zone[k + 1 :]) for zone in holding for k in range(len(point))}
    every = kept | parts
    return {zone for zone in every if zone in kept or not any(other != zone and _within(zone, other) for other in every)}


def _within(one: Zone, two: Zone) -> bool:
    return all(low <= high for low, high in zip(one, two, strict=True))
