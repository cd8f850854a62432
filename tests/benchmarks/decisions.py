"""What it takes to answer every question about the Linköping plan: frontier, alternatives, core, explanations, what is out of reach.

Run from the project's root: ``python -m tests.benchmarks.decisions``. One run prints seconds and number of solves of each answer as
Markdown, how many solves the core needs against the plain way (one for the least and one for the most of each shift; goal: at most a
third), and what a point of the frontier costs with what its
neighbours know against on its own (goal: at most half). ``--pictures FOLDER`` also draws
the pictures of docs/explanation/linkoping-decisions.md, and ``--answers FOLDER`` writes the answers as text.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

import kip

GAP, FRONT_GAP, WITHIN, POINTS, COUNT, UP_TO = 2e-3, 5e-3, 0.02, 20, 6, 1.5
COLD_POINTS = 5
THIRD, HALF = 1 / 3, 0.5


def timed(name: str, ask: Callable[[], Any], solves: Callable[[Any], int]) -> tuple[Any, float]:
    began = time.perf_counter()
    answer = ask()
    seconds = time.perf_counter() - began
    print(f"| {name} | {seconds:,.1f} | {solves(answer)} |", flush=True)
    return answer, seconds


def cold(plan: kip.Plan, front: kip.Frontier) -> list[float]:
    """Seconds of a few points of the frontier, each asked on its own: the plan with its budgets scaled to what the point needs."""
    money = front.points.iloc[:, 1].to_numpy()
    whole = sum(_total(budget, plan.years) for budget in plan.budgets)
    seconds = []
    for place in np.unique(np.linspace(0, len(front) - 1, COLD_POINTS).round().astype(int)):
        share = float(money[place]) / whole
        scaled = [budget.model_copy(update={"amount": _times(budget.amount, share)}) for budget in plan.budgets]
        began = time.perf_counter()
        kip.optimize(plan.update({"budgets": scaled}), gap=FRONT_GAP, time_limit=300)
        seconds.append(time.perf_counter() - began)
    return seconds


def _total(budget: Any, years: tuple[int, ...]) -> float:
    amount = budget.amount
    return float(sum(amount.values()) if isinstance(amount, dict) else amount)


def _times(amount: Any, share: float) -> Any:
    return {year: value * share for year, value in amount.items()} if isinstance(amount, dict) else amount * share


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--answers", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    mpl.use("Agg")
    plan = kip.example("linkoping-transport")
    about = f"gap {GAP:g} ({FRONT_GAP:g} for the frontier), within {WITHIN:.0%}, {POINTS} points to {UP_TO:g} times the budgets"
    print(f"kip {kip.__version__}, {about}\n\n| answer | seconds | solves |\n|--|--:|--:|")
    best, _ = timed("the best portfolio", lambda: kip.optimize(plan, gap=GAP), lambda _: 1)
    reach, _ = timed("−70 % by 2030", lambda: kip.reach(plan, {"emissions_2030": "-70 %"}, gap=GAP), lambda one: one.solves)
    keep(given, "reach", reach)
    others, _ = timed(f"{COUNT} alternatives", lambda: kip.alternatives(best, WITHIN, COUNT), lambda one: one.solves)
    keep(given, "alternatives", others)
    core, _ = timed("core", lambda: kip.core(best, WITHIN, known=others.portfolios), lambda one: one.solves)
    keep(given, "core", core)
    why, _ = timed("an explanation for every shift", lambda: kip.explain(best, break_even=False), lambda one: one.solves)
    keep(given, "why", why)
    front, warm = timed(
        f"frontier of {POINTS} points",
        lambda: kip.frontier(plan, ("reduction", "budget"), points=POINTS, budget_up_to=UP_TO, gap=FRONT_GAP, workers=given.workers),
        lambda one: one.solves,
    )
    keep(given, "frontier", front)
    shifts = len(core.rows)
    print(f"\ncore: {core.solves} solves of {2 * shifts} the plain way, {core.solves / (2 * shifts):.2f} times (goal at most {THIRD:.2f})")
    print(f"open after the core: {len(core.open)} of {shifts}")
    alone = statistics.mean(cold(plan, front))
    each = given.workers * warm / max(1, front.solves)
    print(f"frontier: {each:.1f} s of a worker for each solve with what its neighbours know, {alone:.1f} s on its own: ", end="")
    print(f"{each / alone:.2f} times (goal at most {HALF:g})")


def keep(given: argparse.Namespace, name: str, answer: Any) -> None:
    """Write an answer as text and as a picture, where that is asked for."""
    if given.answers:
        given.answers.mkdir(parents=True, exist_ok=True)
        (given.answers / f"linkoping-{name}.txt").write_text(repr(answer), encoding="utf-8")
    if given.pictures and hasattr(answer, "plot"):
        given.pictures.mkdir(parents=True, exist_ok=True)
        answer.plot().figure.savefig(given.pictures / f"linkoping-{name}.png", dpi=80)


if __name__ == "__main__":
    main()
