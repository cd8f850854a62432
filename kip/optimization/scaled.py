"""Segments that are scaled, as the optimisation sees them: which decisions multiply what, in logarithms.

What is left of a segment is ``remaining · exp(L)`` with ``L = Σ log(1 - fraction) · start``: linear in the decisions, since a
whole shift starts at most once. Segments that nothing moves, and that the same decisions scale by the same fractions, are one
class: their amounts add up, and they share one L. A segment that moving shifts take from or bring to is a class of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

if TYPE_CHECKING:
    from kip.optimization.cells import Cells

__all__ = ["Factor", "Pair", "Scaled", "find_scaled"]

Floats: TypeAlias = NDArray[np.float64]
Kind: TypeAlias = Literal["emissions", "activity"]
Segment: TypeAlias = tuple[int, int]
"""Row of an activity and of a district."""


@dataclass(frozen=True)
class Pair:
    """A declared synergy between two cells: logarithm of what it leaves while both are in use."""

    one: int
    two: int
    log: float


@dataclass(frozen=True)
class Factor:
    """One class of segments and what scales it.

    Attributes
    ----------
    kind : {"emissions", "activity"}
        What is scaled: the emissions, or the amount that indicators follow.
    segments : tuple of (activity, district)
    amount : array (segment, year)
        Baseline amount [activity unit/year].
    logs : dict cell → array (start, year)
        ``ln(1 - fraction)`` while what starts then is in use; 0 otherwise.
    pairs : tuple of Pair
    moved : bool
        Whether moving shifts take from the segment or bring to it; it is then alone in its class.
    step : float
        Units of activity in one step of the solver's variable; 1 for what nothing moves (a share).
    most : array (year,)
        Most that can be left, in activity units for what is moved, else as a share.
    """

    kind: Kind
    segments: tuple[Segment, ...]
    amount: Floats
    logs: dict[int, Floats]
    pairs: tuple[Pair, ...]
    moved: bool
    step: float
    most: Floats

    def range_of_log(self) -> tuple[Floats, Floats]:
        """Least and largest L of each year: every decision at its best, and at its worst."""
        low = sum((np.minimum(0.0, log.min(axis=0)) for log in self.logs.values()), np.zeros(len(self.most)))
        high = sum((np.maximum(0.0, log.max(axis=0)) for log in self.logs.values()), np.zeros(len(self.most)))
        return low + sum(min(0.0, pair.log) for pair in self.pairs), high + sum(max(0.0, pair.log) for pair in self.pairs)


@dataclass(frozen=True)
class Scaled:
    """Every class of scaled segments, and what moves activity into and out of each segment.

    Attributes
    ----------
    factors : tuple of Factor
    moves : dict segment → list of (cell, array (year,))
        Activity that one unit of a cell brings (negative: takes) each year.
    """

    factors: tuple[Factor, ...]
    moves: dict[Segment, list[tuple[int, Floats]]]

    def of(self, kind: str) -> Iterator[tuple[int, Factor]]:
        """Classes of one kind, with their rows."""
        return ((row, factor) for row, factor in enumerate(self.factors) if factor.kind == kind)


class _What(NamedTuple):
    """What makes two segments of one class."""

    kind: Kind
    logs: dict[int, Floats]
    pairs: tuple[tuple[int, int, float], ...]
    moved: bool


def find_scaled(inputs: xr.Dataset, cells: Cells) -> Scaled:
    """Every class of scaled segments of a plan; none for a plan without scaling shifts."""
    if inputs.sizes["link"] == 0:
        return Scaled((), {})
    moves = _moves(inputs, cells)
    kinds: tuple[Kind, ...] = ("emissions", "activity")
    found: dict[Any, tuple[_What, list[Segment]]] = {}
    for segment in _segments(inputs, moves):
        for kind in kinds:
            logs, pairs = _logs(inputs, cells, segment, kind), _pairs(inputs, cells, segment, kind)
            if not logs or (kind == "activity" and not inputs["intensity"].values[segment[0]].any()):
                continue
            own = segment if segment in moves else None
            key = (kind, own, pairs, tuple((cell, log.tobytes()) for cell, log in sorted(logs.items())))
            found.setdefault(key, (_What(kind, logs, pairs, own is not None), []))[1].append(segment)
    return Scaled(tuple(_factor(inputs, cells, moves, what, tuple(segments)) for what, segments in found.values()), moves)


def _segments(inputs: xr.Dataset, moves: dict[Segment, Any]) -> list[Segment]:
    activities = set(inputs["link_activity"].values.tolist())
    some = inputs["amount"].values.max(axis=2, initial=0.0) > 0
    return [(g, d) for g in sorted(activities) for d in range(inputs.sizes["district"]) if some[g, d] or (g, d) in moves]


def _moves(inputs: xr.Dataset, cells: Cells) -> dict[Segment, list[tuple[int, Floats]]]:
    source, target, ratio = (inputs[name].values[cells.shift] for name in ("source", "target_activity", "ratio"))
    moved = inputs["moves"].values[cells.shift, cells.place]
    scaled = set(inputs["link_activity"].values.tolist())
    found: dict[Segment, list[tuple[int, Floats]]] = {}
    for cell in np.flatnonzero(source >= 0).tolist():
        place = int(cells.place[cell])
        if int(source[cell]) in scaled:
            found.setdefault((int(source[cell]), place), []).append((cell, -moved[cell]))
        if target[cell] >= 0 and int(target[cell]) in scaled:
            found.setdefault((int(target[cell]), place), []).append((cell, ratio[cell] * moved[cell]))
    return found


def _reaching(inputs: xr.Dataset, cells: Cells, shift: int, place: int) -> list[int]:
    """Cells of a scaling shift that reach a district: its own there, and the one for the whole municipality."""
    everywhere = inputs.sizes["district"] - 1
    return [cells.row[shift, where] for where in {place, everywhere} if (shift, where) in cells.row]


def _logs(inputs: xr.Dataset, cells: Cells, segment: Segment, kind: str) -> dict[int, Floats]:
    logs: dict[int, Floats] = {}
    for link in np.flatnonzero(inputs["link_activity"].values == segment[0]):
        shift, scaling = int(inputs["link_shift"].values[link]), str(inputs["link_kind"].values[link])
        rebound = float(inputs["link_rebound"].values[link]) if scaling == "energy" else 0.0
        if kind == "activity" and scaling != "activity" and not rebound:
            continue
        times = 1.0 - rebound if kind == "emissions" else (1.0 if scaling == "activity" else -rebound)
        log = times * np.log1p(-inputs["link_fraction"].values[link][None, :] * inputs["effect"].values[shift])
        for cell in _reaching(inputs, cells, shift, segment[1]):
            if log.any():
                logs[cell] = logs.get(cell, 0.0) + log
    return logs


def _pairs(inputs: xr.Dataset, cells: Cells, segment: Segment, kind: str) -> tuple[tuple[int, int, float], ...]:
    links = inputs["link_activity"].values == segment[0]
    scaling = dict(zip(inputs["link_shift"].values[links].tolist(), inputs["link_kind"].values[links], strict=True))
    found = []
    for one, two, share in zip(*(inputs[f"synergy_{part}"].values for part in ("one", "two", "share")), strict=True):
        both = int(one) in scaling and int(two) in scaling
        if not both or (kind == "activity" and not scaling[int(one)] == scaling[int(two)] == "activity"):
            continue
        for first in _reaching(inputs, cells, int(one), segment[1]):
            found += [(first, second, float(np.log1p(-share))) for second in _reaching(inputs, cells, int(two), segment[1])]
    return tuple(found)


def _factor(inputs: xr.Dataset, cells: Cells, moves: dict[Segment, Any], what: _What, segments: tuple[Segment, ...]) -> Factor:
    amount = np.array([inputs["amount"].values[segment] for segment in segments])
    most, step = np.ones(amount.shape[1]), 1.0
    if what.moved:
        into = [np.maximum(0.0, units) * cells.potential[cell] for cell, units in moves[segments[0]]]
        most = amount[0] + sum(into, np.zeros_like(most))
        step = float(10.0 ** np.floor(np.log10(most.max()))) if most.max() > 0 else 1.0
    pairs = tuple(Pair(*pair) for pair in what.pairs)
    factor = Factor(what.kind, segments, amount, what.logs, pairs, what.moved, step, most)
    return replace(factor, most=most * np.maximum(1.0, np.exp(factor.range_of_log()[1])))
