"""kip.alternatives on random small plans: near enough to the best, no rule broken, no two alike; kip.k_best in order and no set twice."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import kip
from tests.properties.plans import random_plan


@pytest.mark.parametrize("seed", range(8))
def test_alternatives_and_sets_are_what_they_say(seed: int) -> None:
    plan = random_plan(seed, most_years=2)
    best = kip.optimize(plan, gap=0)
    if not best.found:
        pytest.skip("this plan has no portfolio")
    found = kip.alternatives(best, 0.2, 3)
    floor = best.objective - 0.2 * abs(best.objective)
    for portfolio in found.portfolios:
        assert portfolio.objective >= floor - 1e-6 * max(1.0, abs(floor))
        assert not kip.evaluate(plan, portfolio.decisions).broken
    for one, two in itertools.combinations((best, *found.portfolios), 2):
        assert np.abs(one.dataset["new"].values - two.dataset["new"].values).max(initial=0.0) > 1e-6
    if any(item.choice == "whole" for item in plan.shifts):
        listed = kip.k_best(best, 5)
        values = [portfolio.objective for portfolio in listed.portfolios]
        assert listed.proven
        assert values[0] == pytest.approx(best.objective)
        assert values == sorted(values, reverse=True)
        assert len({taken for _, taken in listed.found}) == len(listed)
