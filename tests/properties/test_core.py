"""kip.core on random small plans: classes, least and most are those of all portfolios, counted from the conventions alone."""

from __future__ import annotations

import numpy as np
import pytest

import kip
from tests.properties.brute_force import TOO_MANY, BruteForce
from tests.properties.plans import random_plan


@pytest.mark.parametrize("seed", range(16))
def test_the_core_is_that_of_all_portfolios(seed: int) -> None:
    plan = random_plan(seed, most_years=2)
    brute = BruteForce(plan)
    if brute.count > TOO_MANY:
        pytest.skip("too many portfolios to count")
    brute.run()
    best = kip.optimize(plan, gap=0)
    if not best.found:
        pytest.skip("this plan has no portfolio")
    for within in (0.0, 0.2):
        floor = best.objective - within * abs(best.objective)
        near = np.flatnonzero(brute.feasible & (brute.values["reduction"] >= floor - 1e-6 * max(1.0, abs(floor))))
        picks = np.array(np.unravel_index(near, [len(cell.options) for cell in brute.cells]))
        table = kip.core(best, within).table()
        for name, row in table.iterrows():
            mine = [place for place, cell in enumerate(brute.cells) if cell.item.name == name]
            units = [np.array([sum(option) for option in brute.cells[place].options])[picks[place]] for place in mine]
            level = np.sum(units, axis=0) if units else np.zeros(1)
            kind = "always" if level.min() > 0 else "never" if level.max() == 0 else "depends"
            assert row["class"] == kind, (within, name)
            proven = (row["least"], row["most"], row["no less than"], row["no more than"])
            assert proven == pytest.approx((level.min(), level.max(), level.min(), level.max()), abs=1e-4), (within, name)
