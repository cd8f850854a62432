"""The Linköping plan in many futures: what drives its reduction, which shifts hold whatever comes, and what is worth measuring next.

Run from the project's root: ``python -m tests.benchmarks.linkoping_sweep --store sweeps --pictures pictures``. The ranges are those of
``scenarios/linkoping-transport/space.yaml``. First the best portfolio is kept in ``--kept`` Sobol' scenarios; then the plan is optimised
anew in the first ``--anew`` of the same scenarios; then the best and two other portfolios are kept side by side. Stores that are there are
gone on with, so that a run that is stopped loses nothing. ``--answers FOLDER`` writes what is said as text.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl

import kip
from tests.benchmarks.decisions import keep

GAP, ANEW_GAP, WITHIN = 2e-3, 1e-2, 0.02
SPACE = Path(__file__).parents[2] / "scenarios" / "linkoping-transport" / "space.yaml"
OUTCOMES = ["reduction", "reduction_2030", "emissions_2030", "emissions_2045", "investment", "net_cost"]


def timed(name: str, ask: Callable[[], kip.Sweep]) -> kip.Sweep:
    began = time.perf_counter()
    sweep = ask()
    seconds = time.perf_counter() - began
    became = ", ".join(f"{count} {status}" for status, count in sweep.statuses.items())
    print(f"| {name} | {len(sweep)} | {seconds:,.0f} | {seconds / len(sweep):.2f} | {became} |", flush=True)
    return sweep


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kept", type=int, default=4096)
    parser.add_argument("--anew", type=int, default=256)
    parser.add_argument("--compared", type=int, default=1024)
    parser.add_argument("--executor", default="processes")
    parser.add_argument("--workers", type=int)
    parser.add_argument("--store", type=Path, default=Path("sweeps"))
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--answers", type=Path)
    given = parser.parse_args()
    mpl.use("Agg")
    warnings.simplefilter("ignore", UserWarning)
    given.store.mkdir(parents=True, exist_ok=True)
    plan = kip.example("linkoping-transport")
    space = kip.read_space(SPACE, plan)
    best = kip.optimize(plan, gap=GAP)
    print(f"kip {kip.__version__}, {len(space)} parameters; gap {GAP:g} for the plan, {ANEW_GAP:g} for each scenario\n")
    print("| sweep | scenarios | seconds | each | statuses |\n|--|--:|--:|--:|--|")
    work = {"executor": given.executor, "workers": given.workers, "progress": False}
    kept = timed(
        "the best portfolio kept",
        lambda: kip.sweep(plan, space, portfolio=best, samples=given.kept, outcomes=OUTCOMES, store=given.store / "kept.zarr", **work),
    )
    show(given, "drives", kept.sensitivity("reduction"))
    anew = timed(
        "optimised anew",
        lambda: kip.sweep(plan, space, samples=given.anew, outcomes=OUTCOMES, gap=ANEW_GAP, store=given.store / "anew.zarr", **work),
    )
    show(given, "drives-anew", anew.sensitivity("reduction"))
    show(given, "rules", anew.rules())
    frugal = kip.optimize(plan, minimize="net_cost", minimum={"reduction": (1 - WITHIN) * best.objective}, gap=ANEW_GAP)
    early = kip.optimize(plan, maximize="reduction_2030", gap=ANEW_GAP)
    portfolios = {"most tonnes": best, "cheapest within 2 %": frugal, "most in 2030": early}
    compared = timed(
        "three portfolios kept",
        lambda: kip.sweep(
            plan,
            space,
            portfolio=portfolios,
            samples=given.compared,
            outcomes=["reduction", "net_benefit"],
            store=given.store / "compared.zarr",
            **work,
        ),
    )
    show(given, "information", compared.information("reduction"))
    show(given, "information-kronor", compared.information("net_benefit"))
    print(anew.core_index().drop(columns="title").to_string())
    for name, sweep in (("kept", kept), ("optimised anew", anew)):
        print(f"\n{name}\n{sweep.quantiles().drop(columns='unit').to_string(float_format='{:,.0f}'.format)}")


def show(given: argparse.Namespace, name: str, answer: Any) -> None:
    """Print what an answer says first, and keep it as text and as a picture where that is asked for."""
    print("\n" + " ".join(answer.sentences()[:2]) + "\n", flush=True)
    keep(given, name, answer)


if __name__ == "__main__":
    main()
