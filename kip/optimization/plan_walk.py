"""Walking a frontier of two objectives from both ends, one solve for each point, where both objectives have steps.

From the left the next point is the least of the first objective below the ceilings of the two neighbours known so far, and among those
the least of the second: one sum in which a step of the first outweighs all that the second can change (epsilon-constraint,
Haimes, Lasdon and Wismer 1971). What is least in this order below both ceilings is nondominated, and nothing lies between it and its
left neighbour. From the right it is the other way round. When nothing is below the ceilings, all points are found. A front of n points
takes about n solves, where splitting boxes takes 2 n, and a single objective is easier to prove than a slope.

Each stretch of the frontier can be walked by two workers at once, one from each end. For more workers it is first cut into stretches at
points of least weighted sum.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.optimization.plan_oracle import Found, PlanOracle

__all__ = ["Stretch", "order_of", "walker"]

Floats: TypeAlias = NDArray[np.float64]

_MOST_STEPS = 1e6
"""An objective of more steps than this cannot be outweighed within the solver's tolerance."""


@dataclass
class Stretch:
    """Two points of the frontier and whether all between them are found; changed under the team's lock only."""

    left: Found
    right: Found
    done: bool = False

    def ceilings(self, steps: Floats) -> Floats:
        """Highest values of what may lie between."""
        return np.array([self.right.values[0], self.left.values[1]]) - steps

    def has_room(self, steps: Floats) -> bool:
        """Whether anything may lie between."""
        low = np.array([self.left.values[0], self.right.values[1]])
        return bool(not self.done and np.all(self.ceilings(steps) > low + 0.5 * steps))


def order_of(oracle: PlanOracle, left: Found, right: Found, steps: Floats) -> tuple[Floats, Floats] | None:
    """Weights for the walk from the left and from the right; None where there are no steps, or too many."""
    if not (oracle.lattice(0) and oracle.lattice(1)):
        return None
    span = np.abs(right.values - left.values) / steps
    if np.any(span > _MOST_STEPS):
        return None
    heavier = 10.0 ** np.ceil(np.log10(span + 2.0))
    return np.array([heavier[1], 1.0]) / steps, np.array([1.0, heavier[0]]) / steps


def walker(
    lock: threading.Lock, weights: tuple[Floats, Floats], steps: Floats, keep: Callable[[Found], None]
) -> Callable[[PlanOracle, tuple[Stretch, int]], list[tuple[Stretch, int]]]:
    """One step of the walk along a stretch, from side 0 (left) or 1 (right); gives the next step, or nothing at the end."""

    def ask(mine: PlanOracle, job: tuple[Stretch, int]) -> list[tuple[Stretch, int]]:
        stretch, side = job
        with lock:
            if not stretch.has_room(steps):
                stretch.done = True
                return []
            ceilings = stretch.ceilings(steps)
        found = mine.minimise(weights[side], ceilings)
        with lock:
            if found.values is None:
                stretch.done = stretch.done or found.status == "infeasible"
                return [] if stretch.done else [job]
            keep(found)
            if found.status != "optimal":
                return [job]
            if side == 0:
                stretch.left = found
            else:
                stretch.right = found
        return [job]

    return ask
