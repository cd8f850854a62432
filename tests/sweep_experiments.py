"""An experiment of plain arithmetic in which some scenarios have no answer, raise, kill their worker, or are slow."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kip.sweeps.experiment import STATUSES, Batch, Measured, empty_batch

FINE, INFEASIBLE, UNBOUNDED, NOTHING, KILLS, RAISES, SLOW, KILLS_ONCE, INTERRUPTED, EXITS = range(10)
"""What the third number of a scenario asks for."""


@dataclass(frozen=True)
class Arithmetic:
    """Sum and product of two numbers.

    As many of shift "a" start as the whole part of the first says, and one of "b" if the first is above the second.

    The place in the block is an outcome too, so that a block that is cut differently would be seen.
    """

    name: str = "arithmetic"
    flag: str = ""
    """File that says that KILLS_ONCE has killed."""

    parameters: tuple[str, ...] = ("x", "y", "asks")
    outcomes: tuple[Measured, ...] = (Measured("sum", "t", "The sum"), Measured("product", "SEK"), Measured("place"))
    shifts: tuple[str, ...] = ("a", "b")

    @property
    def identity(self) -> str:
        return f"arithmetic {self.name}"

    @property
    def about(self) -> dict[str, str | float]:
        return {"plan": self.name, "kip_version": "test"}

    def run(self, values: NDArray[np.float64]) -> Batch:
        batch = empty_batch(len(values), 3, 2)
        for row, (x, y, asks) in enumerate(values):
            self._trouble(int(asks), batch, row)
            if batch.status[row]:
                continue
            batch.outcome[row] = x + y, x * y, row
            batch.level[row] = np.floor(x), x > y
            batch.objective[row] = batch.bound[row] = x + y
            batch.gap[row], batch.seconds[row] = 0.0, time.process_time()
            batch.status[row] = STATUSES.index("optimal")
        return batch

    def _trouble(self, asks: int, batch: Batch, row: int) -> None:
        if asks in (INFEASIBLE, UNBOUNDED, NOTHING, INTERRUPTED):
            word = {INFEASIBLE: "infeasible", UNBOUNDED: "unbounded", NOTHING: "invalid", INTERRUPTED: "interrupted"}[asks]
            batch.status[row] = STATUSES.index(word)
            batch.reason[row] = f"it is {word}."
        if asks == KILLS_ONCE and not Path(self.flag).exists():
            Path(self.flag).touch()
            asks = KILLS
        if asks == KILLS:
            os.kill(os.getpid(), signal.SIGKILL)
        if asks == RAISES:
            raise ZeroDivisionError("this scenario divides by zero")
        if asks == EXITS:
            raise SystemExit(3)
        if asks == SLOW:
            time.sleep(0.02)

    def save_case(self, values: NDArray[np.float64], folder: Path) -> Path:
        if int(values[2]) == KILLS:
            os.kill(os.getpid(), signal.SIGKILL)
        path = folder / "case.txt"
        path.write_text(json.dumps(values.tolist()), encoding="utf-8")
        return path


def design(scenarios: int, seed: int = 0, **asks: list[int]) -> NDArray[np.float64]:
    """Numbers between 0 and 10; the scenarios that are to ask for something by its name in small letters."""
    values = np.random.default_rng(seed).uniform(0.0, 10.0, (scenarios, 3))
    values[:, 2] = FINE
    for word, rows in asks.items():
        values[rows, 2] = globals()[word.upper()]
    return values
