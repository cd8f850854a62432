"""kip.reach against enumeration on random small plans: the nearest, the least money, and whether a set of rules really clashes."""

from __future__ import annotations

import itertools
import random

import pytest

import kip
from tests.properties.brute_force import TOO_MANY, BruteForce
from tests.properties.plans import random_plan


@pytest.mark.parametrize("seed", range(6))
def test_money_and_nearest_by_enumeration(seed: int) -> None:
    draw = random.Random(seed)
    table = {f"s{row}": (draw.randint(1, 9), draw.randint(1, 20)) for row in range(6)}
    budget, asked = draw.randint(5, 15), draw.randint(20, 70)
    shifts = [kip.Shift(name=name, cost=cost * 1e6, reduction=gives) for name, (cost, gives) in table.items()]
    plan = kip.Plan(name="p", years=[2026], shifts=shifts, budgets=budget * 1e6)
    answer = kip.reach(plan, {"reduction_2026": asked}, gap=0)
    sets = [chosen for size in range(7) for chosen in itertools.combinations(table, size)]
    cost = {chosen: sum(table[name][0] for name in chosen) for chosen in sets}
    gives = {chosen: sum(table[name][1] for name in chosen) for chosen in sets}
    best = max(gives[chosen] for chosen in sets if cost[chosen] <= budget)
    assert answer.reachable == (best >= asked)
    if answer.reachable:
        return
    assert answer.goals.loc[0, "gap"] == pytest.approx(asked - best)
    enough = [cost[chosen] for chosen in sets if gives[chosen] >= asked]
    money = answer.relaxations.set_index("kind").loc["money"]
    assert bool(money["possible"]) == bool(enough)
    if enough:
        assert money["needed"] == pytest.approx((min(enough) - budget) * 1e6, abs=2)
        assert len(answer.clash) == 2
    else:
        assert money["reaches"] == sum(gives for _, gives in table.values())
        assert answer.clash[0].startswith("The goal")


@pytest.mark.parametrize("seed", range(8))
def test_nearest_equals_brute_force(seed: int) -> None:
    plan = random_plan(300 + seed)
    force = BruteForce(plan)
    if force.count > TOO_MANY:
        pytest.skip("too many portfolios to count")
    force.run()
    best = float(force.values["reduction"][force.feasible].max())
    answer = kip.reach(plan, {"reduction": best + 7}, gap=0)
    assert answer.goals.loc[0, ["reached", "gap"]].tolist() == pytest.approx([best, 7.0], rel=1e-6, abs=1e-4)
    assert kip.reach(plan, {"reduction": best - 1e-3}, gap=0).reachable
    if plan.targets:
        least = float(force.values["shortfall"][force.feasible].min())
        assert kip.reach(plan, gap=0).goals["gap"].sum() == pytest.approx(least, rel=1e-6, abs=1e-3)
