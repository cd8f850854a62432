"""Declared overlaps on the exact count: a share of the smaller of two reductions, lost in halves. Pure functions of arrays (§5)."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.model import Plan

__all__ = ["overlap_halves", "overlap_losses", "overlap_table"]

Floats: TypeAlias = NDArray[np.float64]


def overlap_table(plan: Plan, items: list[Any]) -> dict[str, xr.Variable]:
    """Coordinates of the declared overlaps: name, the rows of the two shifts, and the share [1]."""
    rows = {item.name: row for row, item in enumerate(items)}
    overlaps = sorted(plan.overlaps, key=lambda overlap: overlap.key)
    pairs = [sorted(rows[name] for name in overlap.shifts) for overlap in overlaps]
    columns: dict[str, Any] = {
        "overlap": np.array([overlap.key for overlap in overlaps], dtype=object),
        "overlap_one": np.array([pair[0] for pair in pairs], dtype=int),
        "overlap_two": np.array([pair[1] for pair in pairs], dtype=int),
        "overlap_share": np.array([overlap.share for overlap in overlaps], dtype=float),
    }
    return {name: xr.Variable(("overlap",), values) for name, values in columns.items()}


def overlap_losses(data: xr.Dataset, reduction: Floats) -> Floats:
    """What each overlap takes: ``share · min(one, two)`` where both are above 0.

    Parameters
    ----------
    data : xarray.Dataset
        Inputs, or a count: anything with the overlaps as coordinates.
    reduction : array (shift, …)
        What each shift removes by itself, in each place (and ledger, year) [t/year].

    Returns
    -------
    array (overlap, …)
        In the unit of `reduction`.
    """
    one, two = data["overlap_one"].values, data["overlap_two"].values
    share = data["overlap_share"].values.reshape(-1, *[1] * (reduction.ndim - 1))
    return np.asarray(share * np.maximum(0.0, np.minimum(reduction[one], reduction[two])), dtype=float)


def overlap_halves(data: xr.Dataset, losses: Floats, shifts: int) -> Floats:
    """What each shift loses, half of each of its overlaps (the Shapley value of two), as an array (shift, …) in the unit of `losses`."""
    halves = np.zeros((shifts, *losses.shape[1:]))
    for side in ("overlap_one", "overlap_two"):
        np.add.at(halves, data[side].values, losses / 2.0)
    return halves
