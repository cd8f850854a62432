"""What is decided, as bounds on the variables; and why a plan cannot keep it, in words."""

from __future__ import annotations

import numpy as np
import xarray as xr

from kip.accounting.count import count
from kip.accounting.rules import broken_rules
from kip.optimization.frame import Frame

__all__ = ["clashes_of_decided", "fix_decided"]


def fix_decided(frame: Frame) -> None:
    """Both bounds of a start that is decided, and of every start in a closed year, are what is decided (§53).

    A unit above the potential by a rounding error is brought down to it; more was refused before.
    """
    cells, inputs = frame.cells, frame.inputs
    locked = inputs["locked"].values[cells.shift, cells.place]
    decided = inputs["decided"].values[cells.shift, cells.place] / cells.scale[:, None]
    for cell, year in np.argwhere(locked & (frame.new != None)):  # noqa: E711  elementwise on an array of objects
        item = frame.new[cell, year]
        value = float(decided[cell, year])
        value = value if item.ub is None else min(value, float(item.ub))
        item.setlb(value)
        item.setub(value)


def clashes_of_decided(inputs: xr.Dataset) -> list[str]:
    """Rules, budgets aside, that what is decided breaks by itself; what it requires may still be started in an open year."""
    decided = inputs["decided"].values
    if not decided.any():
        return []
    broken = [
        rule
        for rule in broken_rules(inputs, count(inputs, decided))
        # grants may still pay, and enablers and what is required may still start where a year is open
        if rule.rule not in {"budget", "decided"}
    ]
    return [f"What is decided cannot be kept: {rule.sentence} Change what is decided, or that rule." for rule in broken]
