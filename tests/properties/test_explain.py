"""Prices of kip.explain against brute force: the best portfolio with, and without, each shift of random small plans."""

from __future__ import annotations

import numpy as np
import pytest

import kip
from tests.properties.brute_force import TOO_MANY, BruteForce
from tests.properties.plans import random_plan


@pytest.mark.parametrize("seed", range(12))
def test_price_in_and_out(seed: int) -> None:
    plan = random_plan(700 + seed)
    force = BruteForce(plan)
    if force.count > TOO_MANY:
        pytest.skip("too many portfolios to count")
    force.run()
    measure = ("reduction", "net_benefit", "health")[seed % 3]
    best = kip.optimize(plan, measure, gap=0)
    values, feasible = force.values[measure], force.feasible
    assert best.objective == pytest.approx(values[feasible].max(), rel=1e-6, abs=1e-6)
    if not best.found or not np.ptp(values):
        with pytest.raises(kip.RequestError, match="nothing in this plan changes"):
            kip.explain(best)
        return
    explained = kip.explain(best, break_even=False, worth=seed < 2)
    for why in explained.whys:
        units = np.zeros(force.count)
        for column, cell in enumerate(force.cells):
            if cell.item.name == why.name:
                units += np.array([sum(option) for option in cell.options])[force.picks[:, column]]
        wanted = feasible & (units == 0 if why.inside else units >= why.forced)
        if why.status == "cannot":
            assert not wanted.any(), why.name
        else:
            assert why.price == pytest.approx(values[feasible].max() - values[wanted].max(), rel=1e-6, abs=1e-5)
            assert why.low - 1e-9 <= why.price <= why.high + 1e-9
