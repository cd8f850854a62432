"""The search for the frontier of a plan: every nondominated point of two objectives, or a grid of ceilings for two to four.

Two objectives, whole decisions. The two ends first, each the least of one objective and, at that, of the other. Where both objectives have
steps, the frontier is walked from its ends (`plan_walk`). Where they have none, all other points lie in the boxes between two
neighbours; there the sum weighed by the slope between them is minimised under the box's ceilings. An answer is nondominated (both
weights are above 0 and nothing outside the box dominates it) and splits the box in two; no answer ends the box (Aneja & Nair 1979;
Boland, Charkhgard & Savelsbergh 2015). Grids: the augmented epsilon-constraint method (Mavrotas & Florios 2013), where an answer
passes over the ceilings that it keeps anyway.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.optimization.plan_oracle import Found, PlanOracle
from kip.optimization.plan_walk import Stretch, order_of, walker

__all__ = ["Found", "Searched", "Team", "best_points", "ends_of", "every_point", "grid"]

Floats: TypeAlias = NDArray[np.float64]

_AUGMENT = 1e-3
"""How much the other objectives count beside the first in a grid, over their whole range together, as a share of the first's."""


@dataclass
class Searched:
    """What a search found.

    Attributes
    ----------
    points : list of Found
        Nondominated among what was found.
    boxes : float
        Share of the box between the ends that is not searched [1].
    finished : bool
        Whether the search ended by itself.
    cells : int
        Ceilings of the grid, all combinations.
    none : Found or None
        The answer when there is no point.
    """

    points: list[Found] = field(default_factory=list)
    boxes: float = 0.0
    finished: bool = True
    cells: int = 0
    none: Found | None = None


class Team:
    """Threads that ask clones of one oracle; Ctrl-C and the time limit end what they do."""

    def __init__(self, oracle: PlanOracle, workers: int, heard: Callable[[int], None]) -> None:
        self.oracles = [oracle, *(oracle.clone() for _ in range(workers - 1))]
        self.free = list(self.oracles)
        self.heard = heard
        self.lock = threading.Lock()

    def run(self, waiting: list[Any], ask: Callable[[PlanOracle, Any], list[Any]]) -> list[Any]:
        """Ask for each thing that waits and for those that the answers add; gives what is left when it ended early."""
        if len(self.oracles) == 1:
            while waiting and not self.stopped:
                try:
                    waiting += ask(self.oracles[0], waiting[0])
                except KeyboardInterrupt:
                    # between two solves; during one the kernel hears of it
                    self.stop()
                    break
                del waiting[0]
            return waiting
        running: dict[Future[list[Any]], tuple[PlanOracle, Any]] = {}
        with ThreadPoolExecutor(len(self.oracles)) as pool:
            while (waiting and not self.stopped) or running:
                while waiting and self.free and not self.stopped:
                    oracle, job = self.free.pop(), waiting.pop(0)
                    running[pool.submit(ask, oracle, job)] = (oracle, job)
                try:
                    done, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                except KeyboardInterrupt:
                    self.stop()
                    continue
                for future in done:
                    oracle, _ = running.pop(future)
                    self.free.append(oracle)
                    waiting += future.result()
        return waiting

    def stop(self) -> None:
        """End every search with what it has."""
        event = self.oracles[0].session.stop
        if event is not None:
            event.set()

    @property
    def stopped(self) -> bool:
        """Whether nothing more should be asked."""
        event = self.oracles[0].session.stop
        sessions = [oracle.session for oracle in self.oracles]
        return (event is not None and event.is_set()) or any(one.stopped or one.time_left() <= 0 for one in sessions)


@dataclass(frozen=True)
class _Box:
    left: Found
    right: Found


def every_point(
    oracle: PlanOracle, workers: int = 1, heard: Callable[[int], None] = lambda points: None
) -> tuple[Searched, list[PlanOracle]]:
    """Every nondominated point of two objectives; and the oracles that were asked."""
    team, searched = Team(oracle, workers, heard), Searched()
    steps = np.array([oracle.resolution(0), oracle.resolution(1)])
    ends = ends_of(team, 2)
    if any(end.values is None for end in ends):
        known = [end for end in ends if end.values is not None]
        searched.points, searched.none, searched.finished = known, ends[0], not team.stopped
        return searched, team.oracles
    left, right = ends
    searched.points = [left, right]
    span = right.values - left.values
    whole = abs(float(span[0] * span[1])) or 1.0

    def ask(mine: PlanOracle, box: _Box) -> list[_Box]:
        ceilings = np.array([box.right.values[0], box.left.values[1]]) - steps
        if np.any(ceilings < np.array([box.left.values[0], box.right.values[1]]) + 0.5 * steps):
            return []
        slope = np.array([box.left.values[1] - box.right.values[1], box.right.values[0] - box.left.values[0]])
        # in steps, so that the sum is a whole number of them
        slope = np.round(slope / steps[::-1]) / steps
        slope = slope / np.gcd(*np.round(slope * steps).astype(np.int64)) if np.all(slope * steps < 2**52) else slope
        found = mine.minimise(slope, ceilings, cutoff=float(slope @ ceilings))
        if found.values is None:
            return [] if found.status == "infeasible" else [box]
        if found.status != "optimal":
            with team.lock:
                searched.points.append(found)
            return [_Box(box.left, found), _Box(found, box.right)]
        with team.lock:
            searched.points.append(found)
            heard(len(searched.points))
        return [_Box(box.left, found), _Box(found, box.right)]

    first = [_Box(left, right)] if span[0] > 0.5 * steps[0] and span[1] < -0.5 * steps[1] else []
    order = order_of(oracle, left, right, steps)
    left_over = team.run(first, ask) if order is None else _walked(team, searched, first, (order, steps), ask)
    left_over = [
        box
        for box in left_over
        if np.all(np.array([box.right.values[0], box.left.values[1]]) - steps > [box.left.values[0], box.right.values[1]])
    ]
    areas = [abs(float(np.prod(box.right.values - box.left.values))) for box in left_over]
    searched.boxes = min(1.0, sum(areas) / whole)
    searched.finished = not left_over and all(point.status == "optimal" for point in searched.points)
    searched.points = best_points(searched.points, steps)
    return searched, team.oracles


def _walked(
    team: Team,
    searched: Searched,
    boxes: list[_Box],
    how: tuple[tuple[Floats, Floats], Floats],
    split: Callable[[PlanOracle, _Box], list[_Box]],
) -> list[_Box]:
    """Walk the frontier from both ends of each box; boxes are split first until there is one for every two workers."""
    order, steps = how
    while boxes and len(boxes) < (len(team.oracles) + 1) // 2 and not team.stopped:
        boxes.sort(key=lambda box: float(np.prod(np.abs(box.right.values - box.left.values))))
        widest = boxes.pop()
        boxes += split(team.oracles[0], widest)
        if boxes and boxes[-1] is widest:
            break

    def keep(found: Found) -> None:
        searched.points.append(found)
        team.heard(len(searched.points))

    stretches = [Stretch(box.left, box.right) for box in boxes]
    jobs = [(stretch, side) for side in ((0, 1) if len(team.oracles) > 1 else (0,)) for stretch in stretches]
    team.run(jobs, walker(team.lock, order, steps, keep))
    return [_Box(stretch.left, stretch.right) for stretch in stretches if stretch.has_room(steps)]


def ends_of(team: Team, count: int, loose: bool = False) -> list[Found]:
    """For each objective: its least, and at that (unless loose) the least of the others, one after the other."""
    found: dict[int, Found] = {}

    def ask(oracle: PlanOracle, first: int) -> list[Any]:
        ceilings = np.full(count, np.inf)
        answer, last = oracle.minimise(np.eye(count)[first]), first
        about_first = answer
        for other in (k for k in range(count) if k != first and not loose):
            if answer.values is None or answer.status != "optimal":
                break
            ceilings[last] = answer.values[last] + 0.25 * oracle.resolution(last)
            better = oracle.minimise(np.eye(count)[other], ceilings, begin=answer.x)
            if better.values is None:
                answer = _unproven(answer, better.status)
                break
            answer, last = better, other
            about_first = better if other == 0 else about_first
        if answer.values is not None and (first == 0 or about_first is not answer):
            # its bound is for the first objective, as that of every other point
            answer = replace(answer, bound=about_first.bound, weights=about_first.weights)
        found[first] = answer
        return []

    team.run(list(range(count)), ask)
    late = Found("time_limit", None, -np.inf)
    return [found.get(k, late) for k in range(count)]


def _unproven(found: Found, status: str) -> Found:
    return replace(found, status=status if status != "infeasible" else found.status)


def grid(
    oracle: PlanOracle, points: int, workers: int = 1, heard: Callable[[int], None] = lambda points: None
) -> tuple[Searched, list[PlanOracle]]:
    """Points on a grid of ceilings on all objectives but the first, about `points` solves in all."""
    team, searched, count = Team(oracle, workers, heard), Searched(), oracle.count
    # what is held by tangents cannot be held to the last tonne; there the cells at the ends look for the rest
    loose = oracle.session.tangents.needed
    ends = ends_of(team, count, loose)
    known = [end for end in ends if end.values is not None]
    if len(known) < count:
        searched.points, searched.none, searched.finished = known, ends[0], not team.stopped
        return searched, team.oracles
    values = np.array([end.values for end in known])
    low, high = values.min(axis=0), values.max(axis=0)
    span = np.where(high > low, high - low, 0.0)
    searched.points = list(known)
    each = max(2, round(points ** (1.0 / (count - 1))))
    axes = [np.linspace(high[k], low[k], each) if span[k] > 0.5 * oracle.resolution(k) else high[k : k + 1] for k in range(1, count)]
    searched.cells = int(np.prod([len(axis) for axis in axes]))
    weights = np.zeros(count)
    weights[0] = 1.0
    inside = span[1:] > 0
    weights[1:][inside] = _AUGMENT * (span[0] or 1.0) / span[1:][inside] / max(1, int(inside.sum()))
    # the first end answers every ceiling above it, and of two objectives the other end its own
    passed: list[tuple[Floats, Floats]] = []
    if not loose:
        passed += [(np.full(count - 1, np.inf), known[0].values[1:])] if known[0].status == "optimal" else []
        passed += [(known[1].values[1:], known[1].values[1:])] if count == 2 and known[1].status == "optimal" else []

    def ask(mine: PlanOracle, cell: Floats) -> list[Any]:
        with team.lock:
            # a start must keep the ceilings; the nearest of those that do is the best that is known
            keeping = [one for one in searched.points if np.all(one.values[1:] <= cell + 1e-9 * span[1:])]
            nearest = min(
                keeping or searched.points,
                key=lambda one: float(np.abs((one.values[1:] - cell) / np.where(span[1:] > 0, span[1:], 1.0)).sum()),
            )
            # an answer to looser ceilings that keeps these is the answer here too; where none was possible, none is
            if any(np.all(cell <= above + 1e-9 * span[1:]) and np.all(at <= cell + 1e-9 * span[1:]) for above, at in passed):
                return []
        slack = np.array([0.25 * mine.resolution(k) for k in range(1, count)])
        found = mine.minimise(weights, np.concatenate([[np.inf], cell + slack]), begin=nearest.x)
        with team.lock:
            if found.values is None:
                if found.status == "infeasible":
                    passed.append((cell, np.full(count - 1, -np.inf)))
                    return []
                return [cell]
            if found.status == "optimal":
                passed.append((cell, found.values[1:]))
            searched.points.append(found)
            heard(len(searched.points))
        return []

    cells = list(_cells(axes))
    # two objectives: every cell between the ends can be reached, and from the tightest up each answer starts the next; with more,
    # what cannot be reached below loose ceilings passes over all tighter ones
    left_over = team.run(cells[::-1] if count == 2 else cells, ask)
    searched.finished = not left_over and all(point.status == "optimal" for point in searched.points)
    searched.points = best_points(searched.points, np.array([oracle.resolution(k) for k in range(count)]))
    return searched, team.oracles


def _cells(axes: list[Floats]) -> Iterator[Floats]:
    """All combinations of ceilings, the loosest first."""
    for cell in itertools.product(*axes):
        yield np.array(cell)


def best_points(points: list[Found], steps: Floats) -> list[Found]:
    """Without duplicates and what another dominates; of equals a proven one."""
    kept: list[Found] = []
    for one in sorted(points, key=lambda point: (*point.values, point.status != "optimal")):
        if not any(np.all(other.values <= one.values + 0.5 * steps) for other in kept):
            kept = [other for other in kept if not np.all(one.values <= other.values + 0.5 * steps)]
            kept.append(one)
    return kept
