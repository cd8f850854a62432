"""Declared overlaps as the optimisation sees them: one loss for each pair, district, ledger and year in which both remove something.

A loss is ``share · min(one, two)`` of two linear expressions. What is left of two lives after the horizon is one more loss (§5, §26).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

if TYPE_CHECKING:
    from kip.optimization.cells import Cells

__all__ = ["AFTER", "Loss", "Side", "find_losses", "years_after"]

Floats: TypeAlias = NDArray[np.float64]

AFTER = -1
"""In place of a year: what remains of two lives after the horizon."""


@dataclass(frozen=True)
class Side:
    """What one shift of a pair removes in a place, as coefficients on its cell [t/unit].

    Attributes
    ----------
    cell : int
    on_new, on_stock : array (year,)
    most : float
        Most that it can be [t].
    all_or_nothing : bool
        Whether it is either 0 or `most`.
    """

    cell: int
    on_new: Floats
    on_stock: Floats
    most: float
    all_or_nothing: bool


@dataclass(frozen=True)
class Loss:
    """One loss: rows of its overlap, district and ledger, index of its year (or `AFTER`), its two sides and the share [1]."""

    overlap: int
    place: int
    ledger: int
    year: int
    one: Side
    two: Side
    share: float

    @property
    def smaller(self) -> float:
        """The most that the smaller side can be [t]; the loss is written in steps of share · smaller."""
        return min(self.one.most, self.two.most)

    @property
    def step(self) -> float:
        """The most that can be lost [t]: one step of the solver's variable."""
        return self.share * self.smaller

    @property
    def needs_choice(self) -> bool:
        """Whether a 0-1 variable has to say which side is the smaller; not where one side is all or nothing and never the smaller."""
        one, two = self.one, self.two
        settled = one.all_or_nothing and (two.all_or_nothing or two.most <= one.most)
        return not (settled or (two.all_or_nothing and one.most <= two.most))


def find_losses(inputs: xr.Dataset, cells: Cells) -> tuple[Loss, ...]:
    """Every loss that something in a question can ask for: on the main ledger, those of targets, and those whose tonnes have a value."""
    return tuple(_losses(inputs, cells)) if inputs.sizes["overlap"] else ()


def _losses(inputs: xr.Dataset, cells: Cells) -> Iterator[Loss]:
    ledgers = list(map(str, inputs["ledger"].values))
    asked = {str(inputs.attrs["main_ledger"]), *map(str, inputs["target_ledger"].values)}
    valued = set(np.nonzero(inputs["tonne_worth"].values)[0].tolist())
    wanted = [row for row, name in enumerate(ledgers) if name in asked or row in valued]
    pairs = zip(*(inputs[f"overlap_{part}"].values for part in ("one", "two", "share")), strict=True)
    for overlap, (one, two, share) in enumerate(pairs):
        for cell in cells.of(one):
            place = int(cells.place[cell])
            other = cells.row.get((int(two), place))
            if other is None or share <= 0:
                continue
            for ledger in wanted:
                for year in [*range(cells.shape[1]), AFTER]:
                    sides = [_side(inputs, cells, which, ledger, year) for which in (int(cell), other)]
                    if min(side.most for side in sides) > 0:
                        yield Loss(overlap, place, ledger, year, sides[0], sides[1], float(share))


def _side(inputs: xr.Dataset, cells: Cells, cell: int, ledger: int, year: int) -> Side:
    shift, none = cells.shift[cell], np.zeros(cells.shape[1])
    rate = inputs["reduction_rate"].values[shift, cells.place[cell], ledger]
    if year == AFTER:
        on_new = years_after(inputs)[shift] * rate[-1]
        each = np.minimum(cells.potential[cell].max(initial=0.0), inputs["ramp"].values[shift]) * cells.may_start[cell]
        amounts = np.maximum(0.0, on_new) * each
        most = amounts.max(initial=0.0) if cells.whole[cell] else amounts.sum()
        return Side(cell, on_new, none, float(most), False)
    on_stock = np.where(np.arange(cells.shape[1]) == year, rate, 0.0)
    effect = inputs["effect"].values[shift, :, year]
    steady = bool(cells.whole[cell]) and bool(np.isin(effect, (0.0, 1.0)).all())
    return Side(cell, none, on_stock, float(max(0.0, rate[year]) * cells.potential[cell, year]), steady)


def years_after(inputs: xr.Dataset) -> Floats:
    """Years of full effect that remain after the horizon, as an array (shift, start); 0 for what has no lifetime or is renewed."""
    full, renewed = inputs["full_effect"].values, inputs["bought"].values[:, 0, :].sum(axis=1) > 1
    beyond = np.maximum(0.0, np.nan_to_num(full)[:, None] - inputs["effect"].values.sum(axis=2))
    return np.asarray(np.where((np.isfinite(full) & ~renewed)[:, None], beyond, 0.0))
