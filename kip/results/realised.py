"""What the same decisions remove when uptake turns out low or high."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.inputs import build_inputs
from kip.accounting.overlaps import overlap_halves, overlap_losses
from kip.model import Plan
from kip.model.uncertain import Uncertain, high_of, low_of, mean_of

__all__ = ["is_uncertain", "realised_reduction"]

Floats: TypeAlias = NDArray[np.float64]
_ROUNDS = 50


def is_uncertain(plan: Plan, name: str) -> bool:
    """Whether the uptake of a shift is a distribution; enablers have none."""
    shift = next((shift for shift in plan.shifts if shift.name == name), None)
    return shift is not None and isinstance(plan.uptake(shift), Uncertain)


def realised_reduction(plan: Plan, data: xr.Dataset) -> tuple[Floats, Floats]:
    """Reductions at low and at high uptake, all shifts low (high) at once [t/year], each (shift, year) on the main ledger.

    The decisions stay. Of what was decided, low / mean (high / mean) is realised, and the tonnes follow in proportion, since a
    unit removes what it removes. One thing is not in proportion: no more can be taken from a segment than there is in it.
    What would be too much is taken back from what came in addition, then from all that take from the segment.
    """
    reduction = data["reduction"].sel(ledger=data.attrs["main_ledger"]).values
    if not any(is_uncertain(plan, str(name)) for name in data["shift"].values):
        still = reduction.sum(axis=1)
        return still, still
    low, high = (_realised(plan, data, end) for end in (low_of, high_of))
    if not data.sizes["overlap"]:
        return np.einsum("sdy,sdy->sy", reduction, low), np.einsum("sdy,sdy->sy", reduction, high)
    # an overlap is of what is realised: what each removes by itself follows its uptake, and the smaller of the two is then another
    lost = data["overlap_loss"].sel(ledger=data.attrs["main_ledger"]).values
    alone = reduction + overlap_halves(data, lost, len(reduction))
    ends = []
    for share in (low, high):
        realised = alone * share
        ends.append((realised - overlap_halves(data, overlap_losses(data, realised), len(realised))).sum(axis=1))
    return ends[0], ends[1]


def _realised(plan: Plan, data: xr.Dataset, end: Callable[[float | Uncertain], float]) -> Floats:
    """Share of what was decided that is realised, (shift, district, year) [1]."""
    inputs = build_inputs(plan)
    shifts = {shift.name: plan.uptake(shift) for shift in plan.shifts}
    share = np.ones(data["stock"].shape)
    for row, name in enumerate(map(str, data["shift"].values)):
        uptake = shifts.get(name, 1.0)
        if mean_of(uptake) > 0:
            share[row] = end(uptake) / mean_of(uptake)
    source, target, ratio = inputs["source"].values, inputs["target_activity"].values, inputs["ratio"].values
    moved = data["stock"].values * inputs["moves"].values
    takes, brings = np.flatnonzero(source >= 0), np.flatnonzero(target >= 0)
    for _ in range(_ROUNDS if takes.size else 0):
        have = inputs["amount"].values.copy()
        np.add.at(have, target[brings], ratio[brings, None, None] * (share * moved)[brings])
        out, kept = np.zeros((2, *have.shape))
        np.add.at(out, source[takes], (share * moved)[takes])
        np.add.at(kept, source[takes], (np.minimum(share, 1.0) * moved)[takes])
        over = out > have * (1.0 + 1e-9) + 1e-9
        if not over.any():
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            extra = np.where(out > kept, np.clip((have - kept) / (out - kept), 0.0, 1.0), 1.0)
            all_of_it = np.where(kept > have, have / kept, 1.0)
        lower = np.minimum(share, 1.0)
        less = all_of_it[source] * (lower + extra[source] * (share - lower))
        share = np.where((source >= 0)[:, None, None] & over[source], less, share)
    return share
