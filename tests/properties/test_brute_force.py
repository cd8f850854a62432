"""kip.optimize against every portfolio of small random plans, counted by independent plain arithmetic (brute_force.py)."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import kip
from tests.properties.brute_force import TOO_MANY, BruteForce
from tests.properties.plans import random_plan

SEEDS = range(60)
KINDS = ("municipal", "state", "private", "societal")


@cache
def enumerated(seed: int) -> BruteForce | None:
    """All portfolios of a random plan; None for the few plans with too many."""
    brute = BruteForce(random_plan(seed))
    return brute.run() if brute.cells and brute.count <= TOO_MANY else None


def of(seed: int) -> tuple[kip.Plan, BruteForce, random.Random]:
    brute = enumerated(seed)
    if brute is None:
        pytest.skip("too many portfolios to count them all")
    return brute.plan, brute, random.Random(seed)


def same(found: float, expected: float, least: float) -> bool:
    return abs(found - expected) <= 1e-6 * max(abs(found), abs(expected), least)


def check(brute: BruteForce, question: dict[str, Any]) -> None:
    """One question, asked of both."""
    portfolio = kip.optimize(brute.plan, gap=0, **question)
    good = brute.allowed(
        *(question.get(name, empty) for name, empty in (("minimum", {}), ("maximum", {}), ("require", ()), ("forbid", ())))
    )
    if not good.any():
        assert portfolio.status == "infeasible", (question, portfolio.status, portfolio.objective)
        assert portfolio.reason
        return
    assert portfolio.status == "optimal", (question, portfolio.status, portfolio.reason)
    assert portfolio.broken == ()
    if "minimize" in question:
        # targets first: the least shortfall, then the measure
        short, values = brute.values["shortfall"][good], brute.values[question["minimize"]][good]
        best, sign = values[short <= short.min() + 1e-5 * max(1.0, short.min())].min(), -1.0
    else:
        best, sign = brute.values[question["maximize"]][good].max(), 1.0
    assert same(portfolio.objective, best, 1e-3), (question, portfolio.objective, best)
    assert sign * (portfolio.bound - portfolio.objective) >= -1e-6 * max(1.0, abs(best)), (question, portfolio.bound, best)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_count_and_the_rules_are_the_same(seed: int) -> None:
    plan, brute, rng = of(seed)
    for row in rng.sample(range(brute.count), min(5, brute.count)):
        chosen = {
            (cell.item.name, cell.place): cell.options[pick]
            for cell, pick in zip(brute.cells, brute.picks[row], strict=True)
            if any(cell.options[pick])
        }
        table = pd.DataFrame(list(chosen.values()), columns=brute.years, dtype=float)
        table.index = pd.MultiIndex.from_tuples(list(chosen), names=["shift", "district"])
        portfolio = kip.evaluate(plan, table)
        for name in ("reduction", "cost", "investment", "net_cost", "net_benefit", "shortfall", "complementary", "health", "noise"):
            assert same(portfolio.measure(name), brute.values[name][row], 1e-3), (name, chosen)
        assert (portfolio.broken == ()) == bool(brute.feasible[row]), (portfolio.broken, chosen)


@pytest.mark.parametrize("seed", SEEDS)
def test_largest_and_smallest(seed: int) -> None:
    _, brute, rng = of(seed)
    for measure in ("reduction", f"reduction_{rng.choice(brute.years)}", "net_benefit"):
        check(brute, {"maximize": measure})
    check(brute, {"minimize": "cost"})


@pytest.mark.parametrize("seed", SEEDS)
def test_limits_and_forced_shifts(seed: int) -> None:
    plan, brute, rng = of(seed)
    most = brute.values["reduction"][brute.feasible].max() if brute.feasible.any() else 0.0
    dear = brute.values["cost"][brute.feasible].max() if brute.feasible.any() else 0.0
    check(brute, {"minimize": "net_cost", "minimum": {"reduction": most * rng.choice([0.3, 0.7, 1.05]) + 0.01}})
    check(brute, {"maximize": "reduction", "maximum": {"cost": dear * rng.uniform(0.2, 0.8) + 2.0}})
    located = {cell.item.name for cell in brute.cells}
    whole = [item.name for item in (*plan.shifts, *plan.enablers) if getattr(item, "choice", "whole") == "whole" and item.name in located]
    able = [name for name in whole if any(any(option) for cell in brute.cells if cell.item.name == name for option in cell.options)]
    if able:
        check(brute, {"maximize": "reduction", "require": tuple(rng.sample(able, min(len(able), 2)))})
        check(brute, {"maximize": "reduction", "forbid": (rng.choice(able),)})


@pytest.mark.parametrize("seed", SEEDS)
def test_impact_per_krona(seed: int) -> None:
    plan, brute, rng = of(seed)
    most = brute.values["reduction"][brute.feasible].max() if brute.feasible.any() else 0.0
    if most < 0.01:
        pytest.skip("nothing to gain in this plan")
    for kind in KINDS:
        volume = most * rng.choice([0.01, 0.3, 0.6])
        try:
            portfolio = kip.optimize(plan, "reduction", per=kind, minimum={"reduction": volume}, gap=0)
        except kip.RequestError as error:
            assert np.ptp(brute.values[f"per {kind}"]) == 0, str(error)
            continue
        good = brute.allowed({"reduction": volume}, {}, (), ())
        gain, cost = brute.values["reduction"][good], brute.values[f"per {kind}"][good]
        if (cost <= 0.5).any():
            assert portfolio.status == "pays_for_itself"
            assert same(portfolio.objective, gain[cost <= 0.5].max(), 1e-3)
        else:
            assert portfolio.status == "optimal", (kind, volume, portfolio.status, portfolio.reason)
            assert same(portfolio.objective, (gain / cost).max(), 0.0), (kind, volume)
            assert portfolio.bound >= portfolio.objective * (1 - 1e-6)
