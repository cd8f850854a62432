"""Every point of 2kp50 by `kip.frontier` against a plain epsilon loop in raw highspy, with one and two workers, in one run.

Run from the project's root: ``python -m tests.benchmarks.frontier [rounds]``. The rounds are interleaved, so that a busy machine
slows all of them; ratios
are medians of the ratios within a round. The folder of known answers must lie beside the project. Goals: at most half of the raw
loop with one worker, and 1.7 times faster still with two.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import highspy
import numpy as np
from numpy.typing import NDArray

import kip

HALF, TWO = 0.5, 1.7
_CASES = Path(__file__).parents[3] / "shared" / "cases" / "2kp50"


def table(name: str) -> NDArray[np.float64]:
    """A table of the case without its headers."""
    return np.loadtxt(_CASES / f"{name}.csv", delimiter=",", skiprows=1, ndmin=2)[:, 1:]


def plan() -> kip.Plan:
    """2kp50: fifty projects, two resources that they use, two things to have most of."""
    uses, supply, gives = table("a"), table("b"), table("c")
    shifts = [
        kip.Shift(
            name=f"p{item:02d}",
            reduction=gives[0, item],
            cobenefits={"second": gives[1, item]},
            uses={"one": uses[0, item], "two": uses[1, item]},
        )
        for item in range(gives.shape[1])
    ]
    return kip.Plan(name="2kp50", years=[2026], shifts=shifts, resources={"one": float(supply[0, 0]), "two": float(supply[1, 0])})


def raw_loop() -> tuple[NDArray[np.float64], int]:
    """Most of the first with a little of the second, the second above its last value, until nothing is left; and the number of solves.

    The little is less than one step of the first over the second's whole range, so that each solve is lexicographic.
    """
    uses, supply, gives = table("a"), table("b").ravel(), table("c")
    count = gives.shape[1]
    columns = np.arange(count, dtype=np.int32)
    little = 0.5 / gives[1].sum()
    found: list[NDArray[np.float64]] = []
    solves, at_least = 0, -highspy.kHighsInf
    while True:
        solver = highspy.Highs()
        for name, value in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0)):
            if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
                raise ValueError(f"the solver refuses {name} = {value}")
        for column in columns:
            solver.addVar(0.0, 1.0)
            solver.changeColIntegrality(int(column), highspy.HighsVarType.kInteger)
            solver.changeColCost(int(column), -float(gives[0, column] + little * gives[1, column]))
        for row, most in zip(uses, supply, strict=True):
            solver.addRow(-highspy.kHighsInf, float(most), count, columns, row)
        solver.addRow(at_least, highspy.kHighsInf, count, columns, gives[1])
        solver.run()
        solves += 1
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return np.array(found), solves
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"the raw loop ended with {solver.getModelStatus()}")
        found.append(gives @ np.round(np.array(solver.getSolution().col_value)))
        at_least = float(found[-1][1]) + 1.0


def timed(ask: Callable[[], tuple[NDArray[np.float64], int]], published: NDArray[np.float64]) -> tuple[float, int]:
    """Seconds and number of solves of a way to the published points."""
    began = time.perf_counter()
    points, solves = ask()
    seconds = time.perf_counter() - began
    if {tuple(point) for point in points} != {tuple(point) for point in published}:
        raise AssertionError(f"{len(points)} points, not the {len(published)} published ones")
    return seconds, solves


def main(rounds: int = 3) -> None:
    """Print the table and the ratios."""
    if not _CASES.exists():
        raise SystemExit("shared/cases/2kp50 is not beside the project, so there is nothing to measure.")
    published, knapsack = table("pareto_sols"), plan()

    def ours(workers: int) -> Callable[[], tuple[NDArray[np.float64], int]]:
        def ask() -> tuple[NDArray[np.float64], int]:
            front = kip.frontier(knapsack, ("reduction", "second"), workers=workers)
            assert front.complete
            return front.values, front.solves

        return ask

    ways = {"raw highspy, epsilon loop": raw_loop, "kip.frontier, 1 worker": ours(1), "kip.frontier, 2 workers": ours(2)}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    solves: dict[str, int] = {}
    # the first call imports what it needs
    kip.frontier(kip.Plan(name="one", years=[2026], shifts=[kip.Shift(name="a", cost=1e6, reduction=1)]))
    for _ in range(rounds):
        for name, ask in ways.items():
            took, solves[name] = timed(ask, published)
            seconds[name].append(took)
    print("| way | seconds, median | least | solves |\n|---|---:|---:|---:|")
    for name, took_each in seconds.items():
        print(f"| {name} | {statistics.median(took_each):.2f} | {min(took_each):.2f} | {solves[name]} |")
    raw, one, two = seconds.values()
    share = statistics.median(mine / theirs for mine, theirs in zip(one, raw, strict=True))
    faster = statistics.median(alone / both for alone, both in zip(one, two, strict=True))
    print(
        f"\nOne worker against the raw loop: {share:.2f} (goal: at most {HALF}). Two workers against one: {faster:.2f} times (goal: {TWO})."
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
