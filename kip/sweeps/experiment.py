"""Experiment: something that is asked again and again with other numbers; Batch: what came of some scenarios.

The one contract of a sweep. An experiment knows what a row of numbers means and what comes of it; it knows nothing of designs, workers
or stores. Whatever runs it hands over blocks of rows and writes down the batches::

    batch = experiment.run(values)  # (scenario, parameter) → outcomes, levels, status of each
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "STATUSES", "Batch", "Experiment", "Measured", "empty_batch"]

Floats: TypeAlias = NDArray[np.float64]

BLOCK = 256
"""Scenarios in a block: the unit of work, of the journal and of hot starts. Blocks begin at multiples of it, whoever runs them, so that
every executor gives the same numbers."""

STATUSES = ("open", "optimal", "evaluated", "time_limit", "infeasible", "unbounded", "interrupted", "invalid", "failed")
"""What became of a scenario, by its code. open: not run yet; evaluated: counted without a solver; invalid: its numbers make no plan;
failed: the worker crashed or the solver gave up, see the reason."""


@dataclass(frozen=True)
class Measured:
    """An outcome: its name, its unit, and how it is called for people."""

    name: str
    unit: str = ""
    title: str = ""


@dataclass
class Batch:
    """What came of some scenarios, in their order.

    Attributes
    ----------
    outcome : array (scenario, outcome)
        NaN where there is no portfolio.
    level : array (scenario, shift)
        Units that start of each shift, over all districts and years; NaN where there is no portfolio.
    status : array (scenario,) of int8
        Place in `STATUSES`.
    objective, bound, gap : array (scenario,)
        Of the measure that was asked for, in natural orientation; NaN without a solver or a portfolio.
    seconds : array (scenario,)
        What the scenario took; not part of what makes two runs equal.
    reason : dict of int to str
        By place in the batch: why there is no answer, in a sentence.
    """

    outcome: Floats
    level: Floats
    status: NDArray[np.int8]
    objective: Floats
    bound: Floats
    gap: Floats
    seconds: Floats
    reason: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.status)


def empty_batch(scenarios: int, outcomes: int, shifts: int) -> Batch:
    """A batch in which everything is open and NaN."""
    objective, bound, gap, seconds = (np.full(scenarios, np.nan) for _ in range(4))
    outcome, level = np.full((scenarios, outcomes), np.nan), np.full((scenarios, shifts), np.nan)
    return Batch(outcome, level, np.zeros(scenarios, dtype=np.int8), objective, bound, gap, seconds)


@runtime_checkable
class Experiment(Protocol):
    """What a sweep runs. Must pickle: workers get a copy of their own and keep what they build for it.

    Attributes
    ----------
    parameters : tuple of str
        Names of the columns of a block of values.
    outcomes : tuple of Measured
    shifts : tuple of str
        What `Batch.level` is of; empty for a plain function.
    identity : str
        Changes with everything that changes an answer: the plan, the question, the parameters, the version.
    about : dict
        Provenance, as plain text and numbers: plan name and hash, question, version.
    """

    @property
    def parameters(self) -> tuple[str, ...]: ...
    @property
    def outcomes(self) -> tuple[Measured, ...]: ...
    @property
    def shifts(self) -> tuple[str, ...]: ...
    @property
    def identity(self) -> str: ...
    @property
    def about(self) -> dict[str, str | float]: ...

    def run(self, values: Floats) -> Batch:
        """What comes of each row of values (scenario, parameter). The same rows give the same batch, bit for bit, but for `seconds`.

        Nothing of a scenario may raise: an infeasible, unbounded or impossible one is a row with its status and reason.
        """
        ...

    def save_case(self, values: Floats, folder: Path) -> Path:
        """Write one scenario (parameter,) as a file that shows what failed: the solver's model (.mps), or the numbers (.json)."""
        ...
