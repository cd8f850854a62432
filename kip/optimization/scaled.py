"""Segments that are scaled, as the optimisation sees them: which decisions multiply what, in logarithms.

What is left of a segment is ``remaining · exp(L)`` with ``L = Σ log(1 - fraction) · start``: linear in the decisions, since a
whole shift starts at most once. Segments that the same decisions scale by the same fractions are one class and share one L.
Where nothing moves them, their amounts are numbers, and the class is known by its share. Where moving shifts take from them or
bring to them, what remains is added up in the mixture that is asked for (tonnes, or units of one activity), so that one product
stands for all districts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

if TYPE_CHECKING:
    from kip.optimization.cells import Cells

__all__ = ["Chain", "Factor", "Pair", "Scaled", "ScalingVariables", "Split", "find_scaled"]

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
        Whether moving shifts take from the segments or bring to them.
    mix : array (segment, year)
        What a unit of each segment counts for in the sum of what is moved: tonnes, or 1.
    step : float
        What one step of the solver's variable stands for, in the unit of the mixture; 1 for what nothing moves (a share).
    most : array (year,)
        Most that can be left, in the unit of the mixture for what is moved, else as a share.
    """

    kind: Kind
    segments: tuple[Segment, ...]
    amount: Floats
    logs: dict[int, Floats]
    pairs: tuple[Pair, ...]
    moved: bool
    mix: Floats
    step: float
    most: Floats

    def weight_of(self, weights: Floats) -> Floats:
        """What a unit of the mixture counts for, when a unit of each segment counts for `weights` (segment, year).

        Raises
        ------
        ValueError
            When the mixture cannot say it: the weights are not in its proportions.
        """
        largest = np.argmax(self.mix, axis=0)
        years = np.arange(self.mix.shape[1])
        base = self.mix[largest, years]
        ratio = np.where(base > 0, weights[largest, years] / np.where(base > 0, base, 1.0), 0.0)
        if not np.allclose(weights, self.mix * ratio, rtol=1e-9, atol=0.0):
            raise ValueError("these weights are not in the proportions of what is added up.")
        return np.asarray(ratio, dtype=float)

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


Split: TypeAlias = list[tuple[float, list[Any]]]
"""What a decision leaves [1], and the 0-1 variables of which one is 1 when it does."""


@dataclass
class Chain:
    """One class in one year as a product, step by step.

    `splits` are the steps; `parts` the variables that hold what goes through each branch of a step, the last one for "not
    in use".
    """

    row: int
    index: int
    splits: list[Split]
    parts: list[list[Any]]


@dataclass
class ScalingVariables:
    """Pyomo variables of scaling, beside `Frame.scaled`.

    Attributes
    ----------
    logs : array (factor, year) of variables
        L of each class that is cut by tangents; None for chains.
    both : dict (one, two, year) → variable
        Whether both cells of a declared synergy are in use.
    chains : list of Chain
    """

    logs: Any = field(default_factory=lambda: np.zeros((0, 0), dtype=object))
    both: dict[tuple[int, int, int], Any] = field(default_factory=dict)
    chains: list[Chain] = field(default_factory=list)


class _What(NamedTuple):
    """What makes two segments of one class."""

    kind: Kind
    logs: dict[int, Floats]
    pairs: tuple[tuple[int, int, float], ...]
    moved: bool
    in_tonnes: bool


def find_scaled(inputs: xr.Dataset, cells: Cells) -> Scaled:
    """Every class of scaled segments of a plan; none for a plan without scaling shifts."""
    if inputs.sizes["link"] == 0:
        return Scaled((), {})
    moves = _moves(inputs, cells)
    apart = _by_place(inputs)
    together = _same_proportions(inputs)
    kinds: tuple[Kind, ...] = ("emissions", "activity")
    found: dict[Any, tuple[_What, list[Segment]]] = {}
    for segment in _segments(inputs, moves):
        for kind in kinds:
            logs, pairs = _logs(inputs, cells, segment, kind), _pairs(inputs, cells, segment, kind)
            if not logs or (kind == "activity" and not inputs["intensity"].values[segment[0]].any()):
                continue
            own: Any = None
            if segment in moves:
                own = segment if kind in apart else ("tonnes" if kind == "emissions" and together else segment[0])
            key = (kind, own, pairs, tuple((cell, log.tobytes()) for cell, log in sorted(logs.items())))
            found.setdefault(key, (_What(kind, logs, pairs, own is not None, own == "tonnes"), []))[1].append(segment)
    return Scaled(tuple(_factor(inputs, cells, moves, what, tuple(segments)) for what, segments in found.values()), moves)


def _by_place(inputs: xr.Dataset) -> set[str]:
    """Kinds that a fairness rule looks at place by place: what is left is then not added up over districts."""
    rules = [str(name).partition("_")[0] for name in inputs["fairness_measure"].values]
    scaled = inputs["intensity"].values[inputs["link_activity"].values].any(axis=(0, 2))
    followed = {str(name) for name, some in zip(inputs["indicator"].values, scaled, strict=True) if some}
    found = {"emissions"} if any(rule in {"reduction", "emissions", "lifetime"} for rule in rules) else set()
    named = {str(name) for name in inputs["fairness_measure"].values}
    return found | ({"activity"} if any(name == one or name.startswith(f"{one}_") for name in named for one in followed) else set())


def _same_proportions(inputs: xr.Dataset) -> bool:
    """Whether the emission factors of scaled activities have the same proportions on every ledger: tonnes then say it for all."""
    factor = inputs["factor"].values[sorted(set(inputs["link_activity"].values.tolist()))]
    main = factor[:, list(inputs["ledger"].values).index(inputs.attrs["main_ledger"])]
    largest, years = np.argmax(main, axis=0), np.arange(main.shape[1])
    base = main[largest, years]
    ratio = np.where(base > 0, factor[largest, :, years].T / np.where(base > 0, base, 1.0), 0.0)
    return bool((main >= 0).all() and np.allclose(factor, main[:, None, :] * ratio[None], rtol=1e-12, atol=0.0))


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
    most, step, mix = np.ones(amount.shape[1]), 1.0, np.ones(amount.shape)
    if what.moved:
        if what.in_tonnes:
            main = list(inputs["ledger"].values).index(inputs.attrs["main_ledger"])
            mix = inputs["factor"].values[[segment[0] for segment in segments], main]
        most = (mix * amount).sum(axis=0)
        for part, segment in zip(mix, segments, strict=True):
            most = most + sum(
                (part * np.maximum(0.0, units) * cells.potential[cell] for cell, units in moves[segment]), np.zeros_like(most)
            )
        step = float(10.0 ** np.floor(np.log10(most.max()))) if most.max() > 0 else 1.0
    pairs = tuple(Pair(*pair) for pair in what.pairs)
    factor = Factor(what.kind, segments, amount, what.logs, pairs, what.moved, mix, step, most)
    return replace(factor, most=most * np.maximum(1.0, np.exp(factor.range_of_log()[1])))
