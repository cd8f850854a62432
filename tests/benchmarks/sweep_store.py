"""What the running and writing of scenarios costs by itself: time for each, and peak memory, from a hundred to a hundred thousand.

Run from the project's root: ``python -m tests.benchmarks.sweep_store``. The experiment does next to nothing (six outcomes, forty levels),
so what is measured is blocks, executor and store. Each row is a process of its own. Goals: peak memory of 100 000 scenarios at most
200 MB above that of 1 000, and no growth of the time for each scenario from 1 000 on.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kip.sweeps.experiment import STATUSES, Batch, Measured, empty_batch
from kip.sweeps.running import run

SIZES = (100, 1_000, 10_000, 100_000)
ALLOWED = 200


@dataclass(frozen=True)
class Light:
    """Sums and multiples, whole blocks at a time."""

    parameters: tuple[str, ...] = tuple(f"p{place}" for place in range(10))
    outcomes: tuple[Measured, ...] = tuple(Measured(f"o{place}") for place in range(6))
    shifts: tuple[str, ...] = tuple(f"s{place}" for place in range(40))
    identity: str = "light"

    @property
    def about(self) -> dict[str, str | float]:
        """Provenance."""
        return {}

    def run(self, values: NDArray[np.float64]) -> Batch:
        """Multiples of the first number, and levels in tenths."""
        batch = empty_batch(len(values), len(self.outcomes), len(self.shifts))
        batch.outcome[:] = values[:, :1] * np.arange(1, 7)
        batch.level[:] = np.round(values[:, 1:2] * np.arange(40), 1)
        batch.status[:] = STATUSES.index("evaluated")
        batch.seconds[:] = 0.0
        return batch

    def save_case(self, values: NDArray[np.float64], folder: Path) -> Path:
        """Never asked for."""
        raise NotImplementedError


def once(scenarios: int, executor: str) -> dict[str, float]:
    """Microseconds for each scenario, design to dataset, and peak memory [MB] of the process that runs it."""
    run(Light(), np.zeros((1, 10)), progress=False).dataset.load()  # libraries are loaded before the clock starts
    values = np.random.default_rng(0).random((scenarios, 10))
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        sweep = run(Light(), values, executor=executor, workers=2, store=Path(folder) / "run.zarr", progress=False)
        data = sweep.dataset
        seconds = time.perf_counter() - began
        assert sweep.complete and float(data["o1"][-1]) == 2 * values[-1, 0]
        return {"each": 1e6 * seconds / scenarios, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def main() -> None:
    """Print the table, and whether the goals are met."""
    print("| scenarios | executor | each [µs] | peak [MB] |\n|--:|--|--:|--:|")
    for executor in ("serial", "processes"):
        found = {}
        for scenarios in SIZES:
            command = [sys.executable, "-m", "tests.benchmarks.sweep_store", str(scenarios), executor]
            found[scenarios] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            print(f"| {scenarios:,} | {executor} | {found[scenarios]['each']:,.0f} | {found[scenarios]['peak']:,.0f} |", flush=True)
        more = found[100_000]["peak"] - found[1_000]["peak"]
        print(f"\n{executor}: {more:,.0f} MB more for 100 000 than for 1 000 ({'met' if more <= ALLOWED else 'not met'}: {ALLOWED})\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(once(int(sys.argv[1]), sys.argv[2])))
    else:
        main()
