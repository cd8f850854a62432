"""Shifts that scale: log outer approximation (kip) against the probability chain, on one generated plan, in one run.

    python -m tests.benchmarks.scaling [--shifts 60] [--districts 10] [--years 10] [--gap 0.0015] [--limit 900] [--seed 1]

The chain is the textbook formulation (O'Hanley, Scaparra and García 2013, EJOR 230): what is left of a segment, one shift after
another, ``F_k = F_{k-1} - Σ_v r_v w_v`` with ``Σ_v w_v <= F_{k-1}`` and ``w_v <= x_v``. Both are solved by the same HiGHS on one
thread to the same certified gap; the chain gets no more than the limit. Both plans are counted by `kip.evaluate`.
"""

from __future__ import annotations

import argparse
import random
import time

import numpy as np
from scipy import sparse

import kip
from kip.accounting.inputs import build_inputs
from kip.optimization.kernel import Options, solve
from kip.optimization.problem import Problem

STARTS = 6


def generated(shifts: int, districts: int, years: int, seed: int) -> kip.Plan:
    """Scaling shifts with fractions up to 0.35 on most districts, ramps up to four years, six start years, 35 % of the money needed."""
    draw = random.Random(seed)
    span = range(2026, 2026 + years)
    activities = [
        kip.Activity(name=f"car-{place:02d}", amount=draw.uniform(0.5e8, 3e8), factor=1.6e-4, trend={span[0]: 1.0, span[-1]: 0.85})
        for place in range(districts)
    ]
    made = []
    for number in range(shifts):
        reach = draw.sample(activities, draw.randint(max(1, districts // 3), districts))
        size = draw.uniform(0.02, 0.35)
        ramp = draw.randint(1, 4)
        made.append(
            kip.Shift(
                name=f"shift-{number:02d}",
                cost=round(draw.uniform(0.5, 1.5) * 4e6 * size * len(reach), -3),
                scales={activity.name: round(size * draw.uniform(0.3, 1.0), 4) for activity in reach},
                profile=tuple((age + 1) / ramp for age in range(ramp)),
            )
        )
    money = 0.35 * sum(shift.cost["all"] for shift in made) / years
    return kip.Plan(
        name="generated",
        years=tuple(span),
        start_years=tuple(span)[:STARTS],
        activities=activities,
        shifts=made,
        budgets=[kip.Budget(actor="municipality", amount={year: round(money, -3) for year in span}, carry_over=True)],
    )


def chain_problem(plan: kip.Plan) -> tuple[Problem, list[tuple[str, int]]]:
    """The probability chain as arrays: 0-1 columns for each shift and start year, then F and w; emissions in kt."""
    inputs = build_inputs(plan)
    names, years = [shift.name for shift in plan.shifts], list(plan.years)
    starts = [(name, year) for name in names for year in plan.start_years]
    column = {start: place for place, start in enumerate(starts)}
    rows: list[dict[int, float]] = []
    low: list[float] = []
    high: list[float] = []
    cost: dict[int, float] = {}
    columns = len(starts)

    def row(entries: dict[int, float], least: float, most: float) -> None:
        rows.append(entries)
        low.append(least)
        high.append(most)

    for name in names:
        row({column[name, year]: 1.0 for year in plan.start_years}, -np.inf, 1.0)
    budget = np.cumsum([plan.budgets[0].amount[year] for year in years]) / 1e6
    price = {shift.name: shift.cost["all"] / 1e6 for shift in plan.shifts}
    for index, year in enumerate(years):
        row({place: price[name] for (name, start), place in column.items() if start <= year}, -np.inf, float(budget[index]))
    factor = inputs["factor"].values[:, 0] / 1e3
    for segment, activity in enumerate(map(str, inputs["activity"].values)):
        amount = inputs["amount"].values[segment].sum(axis=0)
        for index, year in enumerate(years):
            before: int | None = None
            for shift in plan.shifts:
                if activity not in shift.scales:
                    continue
                taken: dict[float, list[int]] = {}
                for start in plan.start_years:
                    if start <= year:
                        share = shift.profile[min(year - start, len(shift.profile) - 1)]
                        taken.setdefault(shift.scales[activity] * share, []).append(column[shift.name, start])
                if not taken:
                    continue
                after, parts = columns, list(range(columns + 1, columns + 1 + len(taken)))
                columns += 1 + len(taken)
                out: dict[int, float] = {after: 1.0} | dict(zip(parts, taken, strict=True))
                through: dict[int, float] = dict.fromkeys(parts, 1.0)
                if before is None:
                    row(out, 1.0, 1.0)
                    row(through, -np.inf, 1.0)
                else:
                    row(out | {before: -1.0}, 0.0, 0.0)
                    row(through | {before: -1.0}, -np.inf, 0.0)
                for part, chosen in zip(parts, taken.values(), strict=True):
                    row({part: 1.0} | dict.fromkeys(chosen, -1.0), -np.inf, 0.0)
                before = after
            if before is not None:
                cost[before] = float(amount[index] * factor[segment, index])
    data = [(number, place, value) for number, entries in enumerate(rows) for place, value in entries.items()]
    matrix = sparse.csr_array(
        ([item[2] for item in data], ([item[0] for item in data], [item[1] for item in data])), shape=(len(rows), columns)
    )
    integer = np.arange(columns) < len(starts)
    weights = np.zeros(columns)
    weights[list(cost)] = list(cost.values())
    problem = Problem(
        matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data,
        np.array(low), np.array(high), np.zeros(columns), np.ones(columns), integer, weights,
    )  # fmt: skip
    return problem, starts


def _line(name: str, seconds: float, emissions: float, bound: float) -> str:
    gap = (emissions - bound) / emissions
    return f"{name:30s}{seconds:9.2f} s   emissions {emissions:12,.0f} t   bound {bound:12,.0f} t   gap {gap:.3%}"


def main() -> None:
    """Solve the same plan both ways and print seconds, proven gaps and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("shifts", 60), ("districts", 10), ("years", 10), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--gap", type=float, default=0.0015)
    parser.add_argument("--limit", type=float, default=900.0)
    options = parser.parse_args()
    plan = generated(options.shifts, options.districts, options.years, options.seed)
    baseline = kip.evaluate(plan).measure("emissions")
    print(f"{options.shifts} scaling shifts × {options.districts} districts × {options.years} years, certified gap {options.gap:.2%}")
    began = time.perf_counter()
    best = kip.optimize(plan, minimize="emissions", gap=options.gap)
    mine = time.perf_counter() - began
    print(_line("kip, log outer approximation", mine, best.objective, best.bound))
    problem, starts = chain_problem(plan)
    print(f"chain: {problem.rows} rows, {problem.columns} columns")
    began = time.perf_counter()
    solution = solve(problem, Options(gap=options.gap, time_limit=options.limit))
    other = time.perf_counter() - began
    if solution.x is None:
        print(f"probability chain:            {other:8.2f} s  no plan; bound {1000 * solution.bound:,.0f} t ({solution.status})")
    else:
        chosen = {name: year for (name, year), value in zip(starts, solution.x, strict=False) if value > 0.5}
        counted = kip.evaluate(plan, chosen).measure("emissions")
        print(_line("probability chain", other, counted, 1000 * solution.bound) + f" ({solution.status})")
    print(f"of a baseline of {baseline:,.0f} t")
    more = "at least " if solution.status != "optimal" else ""
    print(f"seconds, chain / kip: {more}{other / mine:.1f}")


if __name__ == "__main__":
    main()
