"""What a scenario costs: kip.sweep beside a hot loop on bare arrays, and beside models that are rebuilt; in one run.

Run from the project's root: ``python -m tests.benchmarks.sweep`` (``--quick`` for a look; ``--plans``, ``--workers``, ``--memory``,
``--growth`` for one part). Rounds are interleaved, so that a busy machine slows all routes; ratios are medians of the ratios within a
round.

- **kip.sweep**: from the space to the dataset, serial: design, finding how the numbers move, patching, solving, recounting, store on disk.
- **hot loop**: by hand, on the same arrays: one HiGHS kept, costs, bounds and coefficients changed in place, solved, the solution read.
  The numbers of each scenario are given to it before the clock starts, and it counts and keeps nothing.
- **Pyomo rebuilt**: the model built from kip's arrays and solved by appsi_highs, for each scenario.
- **linopy rebuilt**: the same problem in linopy, written with whole arrays, solved by HiGHS through its direct interface.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import kip
from kip.optimization import kernel
from kip.optimization.question import Limits, Question
from kip.sweeps.designs import design_of
from kip.sweeps.engine import Engine
from kip.sweeps.reoptimizing import Reoptimized
from kip.sweeps.sweeping import sweep

GOALS = {"lp": 1.3, "0-1": 1.1}
REBUILT = 15.0
GAP = 1e-3


def plan_of(shifts: int, years: int, choice: str) -> kip.Plan:
    """A plan of shares or of whole shifts, with yearly budgets that pay for about a third of it."""
    rng = random.Random(0)
    span = list(range(2026, 2026 + years))
    kinds: dict[str, Any] = {"choice": choice} | ({"ramp": 1.0} if choice == "share" else {})

    def shift(row: int) -> kip.Shift:
        potential = {"potential": rng.uniform(1, 5)} if choice == "share" else {}
        cost, opex, gives = rng.uniform(1e6, 9e6), rng.uniform(-3e5, 3e5), rng.uniform(5, 300)
        return kip.Shift(
            name=f"s{row:03d}", cost=cost, opex=opex, reduction=gives, cobenefits={"health": rng.uniform(0, 9)}, **kinds, **potential
        )

    return kip.Plan(
        name=f"{shifts} × {years}",
        years=span,
        shifts=[shift(row) for row in range(shifts)],
        budgets={"municipality": dict.fromkeys(span, shifts * 5e5)},
    )


def space_of(plan: kip.Plan) -> kip.Space:
    """Ten ranges: the prices of five shifts and what five others remove, within 30 %."""
    paths = [f"shifts.{shift.name}.{'cost' if row < 5 else 'reduction'}" for row, shift in enumerate(plan.shifts[:10])]
    values = {path: next(iter(plan.get(path).values())) for path in paths}
    return kip.Space.of(plan, {path: (0.7 * value, 1.3 * value) for path, value in values.items()})


class Case:
    """A plan with its space, and every route to its scenarios; seconds for one scenario."""

    def __init__(self, name: str, shifts: int, years: int, choice: str, count: int) -> None:
        self.name, self.count = name, count
        self.plan = plan_of(shifts, years, choice)
        self.space = space_of(self.plan)
        self.goal = GOALS["lp" if choice == "share" else "0-1"]
        self.lp = choice == "share"
        self.values = design_of(self.space, "sobol", count, 0).values
        asked = Reoptimized(self.plan, self.space, Question("reduction"), limits=Limits(gap=GAP))
        assert isinstance(asked.engine, Engine), asked.engine
        self.engine = asked.engine
        self.few = 4 if shifts > 100 else 8
        self.found: dict[str, NDArray[np.float64]] = {}

    def ours(self) -> float:
        """kip.sweep, all of it."""
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            done = sweep(
                self.plan, self.space, samples=self.count, gap=GAP, executor="serial", store=Path(folder) / "run.zarr", progress=False
            )
            self.found["ours"] = done.dataset["objective"].values
            return (time.perf_counter() - began) / self.count

    def hot_loop(self) -> float:
        """By hand, on the same arrays."""
        patched = self.engine.patched
        middle = patched.problem(patched.centre)
        weights = patched.slots.weights(self.values)
        moved = {name: patched.part(name, weights) for name in ("value", "row_low", "row_high", "low", "high", "cost")}
        step = kernel._cost_step(middle.cost)
        solver = kernel._load(middle, step, kernel.Options(gap=GAP))
        solver.run()
        row_of = np.repeat(np.arange(middle.rows), np.diff(middle.start))
        places = {name: where.astype(np.int32) for name, (where, _) in moved.items()}
        spots = [(int(row_of[place]), int(middle.index[place])) for place in places["value"]]
        low, high, row_low, row_high = (getattr(middle, name).copy() for name in ("low", "high", "row_low", "row_high"))
        objective = np.zeros(self.count)
        cost = middle.cost.copy()
        began = time.perf_counter()
        for scenario in range(self.count):
            numbers = {name: values[:, scenario] for name, (_, values) in moved.items()}
            cost[places["cost"]] = numbers["cost"]
            if places["cost"].size:
                solver.changeColsCost(places["cost"].size, places["cost"], numbers["cost"] / step)
            for mine, theirs, change in ((low, high, solver.changeColsBounds), (row_low, row_high, solver.changeRowsBounds)):
                names = ("low", "high") if mine is low else ("row_low", "row_high")
                if places[names[0]].size or places[names[1]].size:
                    mine[places[names[0]]], theirs[places[names[1]]] = numbers[names[0]], numbers[names[1]]
                    both = np.union1d(places[names[0]], places[names[1]]).astype(np.int32)
                    change(both.size, both, mine[both], theirs[both])
            for (row, column), value in zip(spots, numbers["value"].tolist(), strict=True):
                solver.changeCoeff(row, column, value)
            solver.run()
            objective[scenario] = -(cost @ np.array(solver.getSolution().col_value)) * self.engine.scale
        seconds = (time.perf_counter() - began) / self.count
        self.found["hot"] = objective
        return seconds

    def _few(self) -> list[kip.Plan]:
        return [self.space.plan_at(self.plan, row) for row in self.values[: self.few]]

    def pyomo(self) -> float:
        """A Pyomo model for each scenario, from arrays that are given."""
        from pyomo.contrib.appsi.solvers import Highs

        from kip.accounting.inputs import build_inputs
        from kip.optimization.formulation import build_model

        inputs = [build_inputs(plan) for plan in self._few()]
        found = []
        began = time.perf_counter()
        for each in inputs:
            model = build_model(each, Question("reduction"))
            solver = Highs()
            solver.config.mip_gap = GAP
            solver.highs_options = {"threads": 1, "parallel": "off"}
            found.append(solver.solve(model).best_feasible_objective * model.kip_frame.scales.tonnes)
        seconds = (time.perf_counter() - began) / self.few
        self.found["pyomo"] = np.array(found)
        return seconds

    def linopy(self) -> float:
        """A linopy model for each scenario, from arrays that are given."""
        from kip.accounting.inputs import build_inputs

        inputs = [build_inputs(plan) for plan in self._few()]
        found = []
        began = time.perf_counter()
        for each in inputs:
            model = linopy_model(each)
            model.solve("highs", io_api="direct", output_flag=False, threads=1, mip_rel_gap=GAP)
            found.append(float(model.objective.value) * 1e3)
        seconds = (time.perf_counter() - began) / self.few
        self.found["linopy"] = np.array(found)
        return seconds

    def check(self) -> None:
        """All routes found the same."""
        ours = self.found["ours"]
        tolerance = 1e-6 if self.lp else 2 * GAP
        for name, theirs in self.found.items():
            worst = float(np.max(np.abs(ours[: len(theirs)] - theirs) / np.abs(theirs)))
            if worst > tolerance:
                raise AssertionError(f"{self.name}: {name} differs by {worst:g}")


def linopy_model(inputs: Any) -> Any:
    """The benchmark's plan in linopy: shares that start, their stock, ramps and potentials as bounds, yearly budgets."""
    import linopy
    import xarray as xr

    # what was in use before the first year counts as nothing, as it always has in linopy
    warnings.filterwarnings("ignore", category=linopy.LinopySemanticsWarning)
    shifts, years = inputs["shift"].values, inputs["year"].values
    coords = {"shift": shifts, "year": years}
    array = {name: xr.DataArray(values, coords) for name, values in _linopy_arrays(inputs).items()}
    whole = str(inputs["choice"].values[0]) == "whole"
    model = linopy.Model()
    new = model.add_variables(binary=True, coords=array["capex"].coords, name="new") if whole else model.add_variables(
        lower=0, upper=array["ramp"], name="new"
    )  # fmt: skip
    stock = model.add_variables(lower=0, upper=array["potential"], name="stock")
    model.add_constraints(stock - stock.shift(year=1) - new == 0, name="balance")
    if whole:
        model.add_constraints(new.sum("year") <= 1, name="once")
    budget = xr.DataArray(inputs["budget_amount"].values[0] / 1e6, {"year": years})
    model.add_constraints((array["capex"] * new + array["opex"] * stock).sum("shift") <= budget, name="budget")
    model.add_objective((array["rate"] * stock).sum(), sense="max")
    return model


def _linopy_arrays(inputs: Any) -> dict[str, NDArray[np.float64]]:
    place = int(np.flatnonzero(inputs["located"].values.any(axis=0))[0])
    return {
        "capex": inputs["capex"].values[:, 0] / 1e6,
        "opex": np.maximum(inputs["opex"].values[:, 0], 0.0) / 1e6,
        "rate": inputs["reduction_rate"].values[:, place, 0] / 1e3,
        "potential": inputs["potential"].values[:, place],
        "ramp": np.minimum(inputs["ramp"].values, 1e6),
    }


def plans(rounds: int, quick: bool) -> None:
    """The table of routes, and the ratios."""
    sizes = [("LP, 40 × 6", 40, 6, "share", 8192), ("LP, 200 × 20", 200, 20, "share", 1024), ("0-1, 12 × 3", 12, 3, "whole", 512)]
    if quick:
        sizes = [(name, shifts, min(years, 6), choice, 256) for name, shifts, years, choice, _ in sizes[::2]]
    print("| plan | scenarios | kip.sweep [ms] | hot loop [ms] | ratio | goal | Pyomo rebuilt [ms] | ratio | linopy rebuilt [ms] | ratio |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for size in sizes:
        case = Case(*size)
        routes: dict[str, Callable[[], float]] = {"ours": case.ours, "hot": case.hot_loop, "pyomo": case.pyomo, "linopy": case.linopy}
        case.linopy(), case.pyomo()  # what they import is loaded before the clock starts
        seconds: dict[str, list[float]] = {name: [] for name in routes}
        for _ in range(rounds):
            for name, route in routes.items():
                seconds[name].append(route())
        case.check()
        median = {name: 1e3 * statistics.median(values) for name, values in seconds.items()}
        ratio = {
            name: statistics.median(theirs / ours for theirs, ours in zip(values, seconds["ours"], strict=True))
            for name, values in seconds.items()
        }
        print(
            f"| {case.name} | {case.count:,} | {median['ours']:.2f} | {median['hot']:.2f} | **{1 / ratio['hot']:.2f}** | {case.goal} "
            f"| {median['pyomo']:.0f} | {ratio['pyomo']:.0f} | {median['linopy']:.0f} | {ratio['linopy']:.0f} |",
            flush=True,
        )
    print(f"\nGoals: at most the goal of the hot loop, and at least {REBUILT:g} times faster than rebuilding on the LPs.")


def workers(rounds: int, quick: bool) -> None:
    """One worker against two: threads, processes, a local Dask cluster."""
    plan = plan_of(200, 20, "share") if not quick else plan_of(40, 6, "share")
    space, count = space_of(plan), 256 if quick else 2048
    found: dict[str, list[float]] = {}
    answers: dict[str, NDArray[np.float64]] = {}

    def ask(name: str, **how: Any) -> None:
        began = time.perf_counter()
        done = sweep(plan, space, samples=count, gap=GAP, progress=False, **how)
        found.setdefault(name, []).append(time.perf_counter() - began)
        answers[name] = done.dataset["objective"].values

    from dask.distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        for _ in range(rounds):
            ask("serial", executor="serial")
            ask("threads, 2", executor="threads", workers=2)
            ask("processes, 2", executor="processes", workers=2)
            ask("dask, 2", executor=client)
    print(f"\n| {count:,} scenarios of {plan.name}, by | seconds | times the serial speed | same numbers |\n|---|--:|--:|---|")
    for name, seconds in found.items():
        faster = statistics.median(one / each for one, each in zip(found["serial"], seconds, strict=True))
        same = np.array_equal(answers[name], answers["serial"])
        print(f"| {name} | {statistics.median(seconds):.1f} | {faster:.2f} | {'yes' if same else 'NO'} |")


def one_run(mode: str, count: int) -> dict[str, float]:
    """A sweep in this process: its peak memory [MB] and seconds."""
    plan = plan_of(40, 6, "share")
    how: dict[str, Any] = {"portfolio": kip.optimize(plan)} if mode == "stress" else {"gap": GAP}
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        done = sweep(plan, space_of(plan), samples=count, progress=False, store=Path(folder) / "run.zarr", **how)
        float(done.dataset["reduction"].mean())
        seconds = time.perf_counter() - began
    return {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "seconds": seconds}


def apart(mode: str, count: int) -> dict[str, float]:
    """The same in a process of its own."""
    call = [sys.executable, "-m", "tests.benchmarks.sweep", "--one", mode, str(count)]
    done = subprocess.run(call, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True)
    return json.loads(done.stdout.splitlines()[-1])


def memory(quick: bool) -> None:
    """Peak memory of many scenarios beside that of few, each in a process of its own."""
    print("\n| 40 × 6 | scenarios | peak [MB] | above that of the few [MB] |\n|---|--:|--:|--:|")
    for mode, few, many in (("stress", 1024, 131_072), ("re-optimised", 1024, 20_480)):
        low = apart(mode, few)
        high = apart(mode, 4096 if quick else many)
        print(f"| {mode} | {few:,} | {low['peak']:.0f} | |")
        print(f"| {mode} | {4096 if quick else many:,} | {high['peak']:.0f} | {high['peak'] - low['peak']:.0f} (goal: at most 200) |")


def growth(quick: bool) -> None:
    """What a scenario costs when there are more of them: seconds of each size less those of one block, for each scenario more."""
    sizes = [128, 1024, 8192] if quick else [128, 1024, 8192, 131_072]
    print("\n| 40 × 6 | scenarios | seconds | of which more than for the size before | ms for each scenario more |\n|---|--:|--:|--:|--:|")
    for mode in ("stress", "re-optimised"):
        last: tuple[int, float] | None = None
        for size in sizes if mode == "stress" else sizes[:3]:
            took = apart(mode, size)["seconds"]
            more = "" if last is None else f"{took - last[1]:.2f} | {1e3 * (took - last[1]) / (size - last[0]):.3f}"
            print(f"| {mode} | {size:,} | {took:.2f} | {more or ' | '} |", flush=True)
            last = size, took


def main() -> None:
    """Print the tables that are asked for; all of them when none is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("quick", "plans", "workers", "memory", "growth"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", nargs=2)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one_run(given.one[0], int(given.one[1]))))
        return
    chosen = [name for name in ("plans", "workers", "memory", "growth") if getattr(given, name)]
    for name in chosen or ["plans", "workers", "memory", "growth"]:
        if name in {"plans", "workers"}:
            {"plans": plans, "workers": workers}[name](given.rounds, given.quick)
        else:
            {"memory": memory, "growth": growth}[name](given.quick)


if __name__ == "__main__":
    main()
