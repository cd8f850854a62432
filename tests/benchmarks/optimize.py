"""What lies around the solver: kip beside the same formulation written naively, and beside HiGHS on bare arrays.

Run from the project's root: ``python -m tests.benchmarks.optimize`` (``--quick`` for small plans). Each route runs in a
process of its own, so that its peak memory is its own; the table is printed as Markdown.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

GAP, SECONDS = 1e-2, 60.0
PLANS = {"linkoping-transport": None, "300 × 20": (300, 20), "3 000 × 8": (3000, 8)}
QUICK = {"30 × 8": (30, 8), "60 × 8": (60, 8)}
GROWTH = [(375, 8), (750, 8), (1500, 8), (3000, 8)]


def _plan(name: str) -> object:
    import kip
    from tests.benchmarks.generated import generated_plan

    if name == "linkoping-transport":
        return kip.example(name)
    shifts, years = (int(part) for part in name.replace(" ", "").split("×"))
    return generated_plan(shifts, years)


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _kip(name: str) -> dict[str, float]:
    import kip

    plan = _plan(name)
    before = _memory()
    _warm()
    portfolio = kip.optimize(plan, gap=GAP, time_limit=SECONDS)
    seconds = portfolio.seconds
    around = seconds["total"] - seconds["solve"]
    return {**seconds, "around": around, "peak": _memory(), "before": before, "objective": portfolio.objective, "gap": portfolio.gap}


def _warm() -> None:
    """Load the libraries first: both routes need them, and neither is measured on them."""
    import kip

    kip.optimize(kip.Plan(name="warm", years=[2026], shifts=[{"name": "a", "cost": 1.0, "reduction": 1.0}]))


def _naive(name: str) -> dict[str, float]:
    import pyomo.environ as pyo
    from pyomo.contrib.appsi.solvers import Highs

    from kip.accounting.inputs import build_inputs
    from tests.benchmarks.naive import naive_model

    plan = _plan(name)
    before = _memory()
    _warm()
    solver = Highs()
    solver.available()
    began = time.perf_counter()
    inputs = build_inputs(plan)
    read = time.perf_counter()
    model = naive_model(inputs)
    built = time.perf_counter()
    solver.config.mip_gap, solver.config.time_limit, solver.config.load_solution = GAP, SECONDS, False
    solver.highs_options = {"threads": 1, "parallel": "off"}
    result = solver.solve(model)
    result.solution_loader.load_vars()
    value = pyo.value(model.objective) * 1e3
    done = time.perf_counter()
    inside = solver._solver_model.getRunTime()
    return {
        "inputs": read - began,
        "build": built - read,
        "compile": done - built - inside,
        "solve": inside,
        "count": 0.0,
        "total": done - began,
        "around": done - began - inside,
        "peak": _memory(),
        "before": before,
        "objective": value,
    }


def _raw(name: str) -> dict[str, float]:
    from kip.accounting.inputs import build_inputs
    from kip.optimization.compiled import compile_model
    from kip.optimization.formulation import build_model
    from kip.optimization.kernel import Options, solve
    from kip.optimization.question import Question

    inputs = build_inputs(_plan(name))
    model = build_model(inputs, Question(maximize="reduction"))
    problem = compile_model(model, model.kip_frame).problem
    began = time.perf_counter()
    solution = solve(problem, Options(gap=GAP, time_limit=SECONDS))
    total = time.perf_counter() - began
    size = {"rows": problem.rows, "columns": problem.columns, "terms": len(problem.value)}
    objective = -solution.objective * model.kip_frame.scales.tonnes
    return {
        "solve": solution.seconds,
        "total": total,
        "around": total - solution.seconds,
        "peak": _memory(),
        "objective": objective,
        **size,
    }


ROUTES = {"kip": _kip, "naive Pyomo, appsi_highs": _naive, "HiGHS on the same arrays": _raw}


def _run(route: str, name: str) -> dict[str, float]:
    call = [sys.executable, "-m", "tests.benchmarks.optimize", "--route", route, "--plan", name]
    done = subprocess.run(call, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    if done.returncode:
        raise SystemExit(f"{route} on {name} broke:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _table(names: list[str]) -> None:
    print("| plan | route | inputs | build | compile | HiGHS | re-count | around HiGHS [s] | peak [MB] | objective [t] |")
    print("|--|--|--:|--:|--:|--:|--:|--:|--:|--:|")
    for name in names:
        around = {}
        for route in ROUTES:
            row = _run(route, name)
            around[route] = row["around"]
            cells = [f"{row[step]:.2f}" if step in row else "" for step in ("inputs", "build", "compile", "solve", "count")]
            print(
                f"| {name} | {route} | {' | '.join(cells)} | {row['around']:.2f} | {row['peak']:.0f} | {row['objective']:,.0f} |",
                flush=True,
            )
        ratio = around["kip"] / around["naive Pyomo, appsi_highs"]
        print(f"| {name} | **kip / naive, around HiGHS** | | | | | | **{ratio:.2f}** | | |", flush=True)


def _growth() -> None:
    import math

    print("\n| plan | around HiGHS [s] | seconds for 1 000 shifts |\n|--|--:|--:|")
    points = []
    for shifts, years in GROWTH:
        row = _run("kip", f"{shifts} × {years}")
        points.append((math.log(shifts), math.log(row["around"])))
        print(f"| {shifts} × {years} | {row['around']:.2f} | {1000 * row['around'] / shifts:.2f} |", flush=True)
    mean = [sum(point[axis] for point in points) / len(points) for axis in (0, 1)]
    slope = sum((x - mean[0]) * (y - mean[1]) for x, y in points) / sum((x - mean[0]) ** 2 for x, _ in points)
    print(f"\nSeconds around HiGHS grow as shifts to the power {slope:.2f}.")


def main() -> None:
    """Print the tables, or run one route on one plan and print its figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--route", choices=ROUTES)
    parser.add_argument("--plan")
    given = parser.parse_args()
    if given.route:
        print(json.dumps(ROUTES[given.route](given.plan)))
        return
    _table(list(QUICK if given.quick else PLANS))
    if not given.quick:
        _growth()


if __name__ == "__main__":
    main()
