"""Cells: each shift (or enabler) in each district where it can act, with the scale that the solver sees it in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.optimization.losses import Loss, find_losses
from kip.optimization.scaled import Scaled, find_scaled

__all__ = ["Cells", "Scales", "find_cells", "find_scales"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Cells:
    """Shift by district, one row each.

    Attributes
    ----------
    shift, place : array (cell,) of int
        Row of the shift and of the district in the inputs.
    whole : array (cell,) of bool
        Started as a whole, in one year.
    counted : array (cell,) of bool
        Chosen in whole units.
    scale : array (cell,)
        Units in one step of the solver's variable: a power of ten for amounts, 1 for what is whole or counted.
    potential : array (cell, year)
        Most units in use [unit].
    may_start : array (cell, year) of bool
    years : array of int
    names : tuple of (shift, district)
    scaled : Scaled
        What scaling shifts multiply.
    losses : tuple of Loss
        What declared overlaps take.
    """

    shift: NDArray[np.int64]
    place: NDArray[np.int64]
    whole: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    scale: Floats
    potential: Floats
    may_start: NDArray[np.bool_]
    years: NDArray[np.int64]
    names: tuple[tuple[str, str], ...]
    scaled: Scaled = field(default_factory=lambda: Scaled((), {}))
    losses: tuple[Loss, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Cells and years."""
        return len(self.shift), len(self.years)

    @cached_property
    def row(self) -> dict[tuple[int, int], int]:
        """Cell of a shift's row and a district's row."""
        return {(int(shift), int(place)): cell for cell, (shift, place) in enumerate(zip(self.shift, self.place, strict=True))}

    @cached_property
    def rows_of(self) -> dict[int, NDArray[np.int64]]:
        """Cells of each shift, by its row."""
        groups: dict[int, list[int]] = {}
        for cell, shift in enumerate(self.shift):
            groups.setdefault(int(shift), []).append(cell)
        return {shift: np.array(rows, dtype=np.int64) for shift, rows in groups.items()}

    def of(self, shift: int) -> NDArray[np.int64]:
        """Cells of one shift; none when it can act nowhere."""
        return self.rows_of.get(int(shift), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True)
class Scales:
    """What one step of the solver's numbers stands for: kronor and tonnes (usually a million and a thousand)."""

    money: float
    tonnes: float

    @property
    def fine(self) -> float:
        """Step of grants and loans: a thousandth of the money step, so that the solver's tolerance is far below a krona."""
        return self.money / 1000.0


def find_cells(inputs: xr.Dataset, like: Cells | None = None) -> Cells:
    """Every shift and enabler in every district where it can act; with the scales of other cells where they are the same."""
    located = inputs["located"].values
    shift, place = np.nonzero(located)
    choice = inputs["choice"].values[shift]
    whole, counted = choice == "whole", choice == "units"
    potential = inputs["potential"].values[shift, place]
    most = potential.max(axis=1, initial=0.0)
    power = 10.0 ** np.floor(np.log10(np.where(most > 0, most, 1.0)))
    names = zip(inputs["shift"].values[shift], inputs["district"].values[place], strict=True)
    if like is not None and np.array_equal(like.shift, shift) and np.array_equal(like.place, place):
        power = like.scale
    cells = Cells(
        shift=shift,
        place=place,
        whole=np.asarray(whole, dtype=bool),
        counted=np.asarray(counted, dtype=bool),
        scale=np.where(whole | counted, 1.0, power),
        potential=potential,
        may_start=inputs["may_start"].values[shift],
        years=inputs["year"].values,
        names=tuple((str(one), str(two)) for one, two in names),
    )
    return replace(cells, scaled=find_scaled(inputs, cells), losses=find_losses(inputs, cells))


def find_scales(inputs: xr.Dataset, cells: Cells) -> Scales:
    """Scales that bring the largest coefficients to between 1 and 1 000, at most a million kronor and a thousand tonnes.

    HiGHS drops coefficients below 1e-9 and allows 1e-6 in every row, so a plan in kronor and tonnes as they are is as
    wrong as one in billions.
    """
    money = np.abs(inputs["capex"].values).max(axis=(1, 2), initial=0.0)[cells.shift] * cells.scale
    running = np.abs(inputs["opex"].values).max(axis=(1, 2), initial=0.0)[cells.shift] * cells.scale
    rates = np.abs(inputs["reduction_rate"].values) + np.abs(inputs["complementary_rate"].values)
    tonnes = rates[cells.shift, cells.place].max(axis=(1, 2), initial=0.0) * cells.scale
    emitted = [
        np.abs(np.einsum("gy,gly->ly", factor.amount, inputs["factor"].values[[segment[0] for segment in factor.segments]])).max()
        for _, factor in cells.scaled.of("emissions")
    ]
    return Scales(
        money=_thousands(max(money.max(initial=0.0), running.max(initial=0.0)), 1e6),
        tonnes=_thousands(max(tonnes.max(initial=0.0), max(emitted, default=0.0)), 1e3),
    )


def _thousands(largest: float, most: float) -> float:
    if largest <= 0:
        return 1.0
    return float(min(most, 1000.0 ** np.floor(np.log10(largest) / 3.0)))
