"""kip.budgeted against enumeration: every portfolio counted in every plan in which up to gamma numbers are off, up or down."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

import kip
from kip.model.paths import numbers
from tests.properties.brute_force import BruteForce
from tests.properties.plans import random_plan

SEEDS = (17, 27, 35, 66, 98, 117)


def off(plan: kip.Plan, amounts: dict[str, float], gamma: int) -> list[kip.Plan]:
    """The plan, and every plan in which at most gamma of the numbers are off by their amount."""
    value = dict(numbers(plan))
    found = []
    for size in range(gamma + 1):
        for paths in itertools.combinations(amounts, size):
            for signs in itertools.product((1.0, -1.0), repeat=size):
                found.append(plan.update({path: value[path] + sign * amounts[path] for path, sign in zip(paths, signs, strict=True)}))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_the_guarantee_is_enumeration(seed: int) -> None:
    plan = random_plan(seed)
    rng = random.Random(seed)
    # where money is carried over the protection is row by row, which is more than any one plan asks for; and budgets that pay for something
    budgets = [
        one.model_copy(
            update={
                "carry_over": False,
                "amount": {year: 3 * value for year, value in one.amount.items()} if isinstance(one.amount, dict) else 3 * one.amount,
            }
        )
        for one in plan.budgets
    ]
    plan = plan.update({"budgets": budgets})
    paths = [
        (path, value)
        for path, value in numbers(plan)
        if path.split(".")[0] in {"shifts", "enablers"} and path.split(".")[2] in {"reduction", "cost", "opex", "cobenefits"} and value
    ]
    amounts = {path: round(rng.uniform(0.2, 0.9) * abs(value), 3) for path, value in rng.sample(paths, min(3, len(paths)))}
    gamma, measure = 1 + seed % 2, ("net_benefit", "reduction", "health")[seed % 3]
    forces = [BruteForce(one).run() for one in off(plan, amounts, gamma)]
    keeps = np.all([force.feasible for force in forces], axis=0)
    values = np.min([force.values[measure] for force in forces], axis=0)
    found = kip.budgeted(plan, amounts, gamma, maximize=measure, gap=0)
    size = max(1.0, float(np.abs(values).max()))
    assert keeps.any()
    assert found.value == pytest.approx(values[keeps].max(), abs=1e-6 * size)
    assert found.portfolio.bound == pytest.approx(found.value, abs=1e-6 * size)
    assert found.together == pytest.approx(found.value, abs=1e-6 * size)
