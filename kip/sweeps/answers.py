"""Answered: what came of one scenario, and how it becomes a row of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.errors import DataError, RequestError
from kip.model import Plan
from kip.sweeps.asked_measures import Varying
from kip.sweeps.experiment import STATUSES, Batch

__all__ = ["CODES", "NO_PLAN", "Answered", "as_block", "invalid", "levels", "scenario_plan", "write_down"]

Floats: TypeAlias = NDArray[np.float64]

CODES = {name: code for code, name in enumerate(STATUSES)}
"""Place of each status in `STATUSES`."""

NO_PLAN = (DataError, RequestError)
"""What a scenario raises when its numbers make no plan, or leave nothing to ask."""


@dataclass(frozen=True)
class Answered:
    """What came of a scenario: as a row of a batch, with the counted portfolio."""

    status: str
    outcome: Floats
    level: Floats
    objective: float = np.nan
    bound: float = np.nan
    gap: float = np.nan
    reason: str = ""
    data: xr.Dataset | None = None


def invalid(status: str, reason: str, outcomes: int, shifts: int) -> Answered:
    """A scenario without a portfolio."""
    return Answered(status, np.full(outcomes, np.nan), np.full(shifts, np.nan), reason=reason)


def levels(data: xr.Dataset, shifts: Sequence[str]) -> Floats:
    """Units that start of each shift, over all districts and years."""
    total = data["new"].values.sum(axis=(1, 2))
    known = {str(name): float(value) for name, value in zip(data["shift"].values, total, strict=True)}
    return np.array([known.get(name, np.nan) for name in shifts], dtype=float)


def scenario_plan(plan: Plan, space: Varying, row: Floats) -> Plan:
    """The plan in a scenario.

    Raises
    ------
    RequestError
        When a number is NaN or infinite; and what the space raises.
    """
    bad = [f"{name} is {value}" for name, value in zip(space.names, row, strict=True) if not np.isfinite(value)]
    if bad:
        raise RequestError(f"{', '.join(bad)}: that is no number to plan with. Mend the design.")
    return space.plan_at(plan, row)


def as_block(values: Floats, parameters: int) -> Floats:
    """A block of values as an array (scenario, parameter).

    Raises
    ------
    RequestError
        When it has another number of columns than there are parameters.
    """
    block = np.ascontiguousarray(values, dtype=float)
    if block.ndim != 2 or block.shape[1] != parameters:
        raise RequestError(f"found values of shape {block.shape}; must be (scenarios, {parameters}). Give one column for each parameter.")
    return block


def write_down(batch: Batch, place: int, answer: Answered, seconds: float) -> None:
    """Put an answer into its row."""
    batch.outcome[place], batch.level[place] = answer.outcome, answer.level
    batch.status[place] = CODES[answer.status]
    batch.objective[place], batch.bound[place], batch.gap[place] = answer.objective, answer.bound, answer.gap
    batch.seconds[place] = seconds
    if answer.reason:
        batch.reason[place] = answer.reason
