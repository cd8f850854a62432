"""One decision for scenarios of plans in which everything meets: grants, loans, products of fractions, fairness, decided starts.

Every table of starts is counted by hand in every scenario, and its money by a linear programme of its own; see `test_together`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

import kip
from tests.properties.test_together import MONEY, Every, random_plan

WEIGHTS = (0.5, 0.2, 0.3)
Rule = Callable[[tuple[float, ...], tuple[float, ...]], float]


def futures(plan: kip.Plan, seed: int) -> dict[str, dict[str, Any]]:
    """The plan; dirtier cars and cleaner vans; other pots and budgets."""
    draw = random.Random(1000 + seed)
    factors = {"activities.car.factor": draw.choice([2.5, 4.0]), "activities.van.factor": 0.25}
    money = {"funding.big.pot.2026": MONEY * draw.choice([0, 1, 5]), "funding.club.pot": MONEY * draw.choice([0.5, 3])}
    money |= {f"budgets.town.amount.{year}": MONEY * draw.choice([2, 5]) for year in plan.years}
    return {"as planned": {}, "other tonnes": factors, "other money": money}


def by_hand(
    plan: kip.Plan, scenarios: dict[str, dict[str, Any]], rule: Callable[[tuple[float, ...], tuple[float, ...]], float]
) -> float | None:
    """The criterion of the best table that can be paid for in every scenario; None when there is none."""
    every = [Every(plan.update(changes)) for changes in scenarios.values()]
    tables = [{tuple(sorted(table.starts.items())): table for table in one.tables} for one in every]
    best = tuple(-(one.least(lambda table, one=one: -one.reduction(table)) or 0.0) for one in every)
    common = [key for key in tables[0] if all(key in mine for mine in tables)]
    values = {key: tuple(one.reduction(mine[key]) for one, mine in zip(every, tables, strict=True)) for key in common}
    for key in sorted(values, key=lambda key: rule(values[key], best)):
        if all(one.can(mine[key]) for one, mine in zip(every, tables, strict=True)):
            return rule(values[key], best)
    return None


RULES: dict[str, Rule] = {
    "expected": lambda values, best: -sum(weight * value for weight, value in zip(WEIGHTS, values, strict=True)),
    "worst_case": lambda values, best: -min(values),
    "regret": lambda values, best: max(most - value for value, most in zip(values, best, strict=True)),
}


@pytest.mark.parametrize(("seed", "criterion"), [(23, "worst_case"), (26, "regret"), (28, "expected")])
def test_the_best_common_table(seed: int, criterion: str) -> None:
    plan = random_plan(seed)
    scenarios = futures(plan, seed)
    wanted = by_hand(plan, scenarios, RULES[criterion])
    found = kip.robust(plan, scenarios, criterion, weights=WEIGHTS, gap=1e-7)
    if wanted is None:
        assert found.status == "infeasible"
        assert found.reason
        return
    value = wanted if criterion == "regret" else -wanted
    assert found.value == pytest.approx(value, rel=1e-5, abs=1e-4)
    assert found.bound == pytest.approx(value, rel=1e-5, abs=1e-4)
    assert found.status == "optimal"
    for name, portfolio in found.portfolios.items():
        again = kip.evaluate(plan.update(scenarios[name]), portfolio.decisions, portfolio.grants, portfolio.loans)
        assert again.broken == ()
        assert again.measure("reduction") == pytest.approx(portfolio.objective, rel=1e-9)
