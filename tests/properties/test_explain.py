"""Prices of kip.explain against brute force: the best portfolio with, and without, each shift of random small plans."""

from __future__ import annotations

import numpy as np
import pytest

import kip
from kip.optimization.changes import started
from kip.optimization.study import study_of
from tests.properties.brute_force import TOO_MANY, BruteForce
from tests.properties.plans import random_plan


@pytest.mark.parametrize("seed", range(9))
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


def _with(portfolio: kip.Portfolio, name: str, units: float) -> float:
    """The best with a shift in, minimised; infinite when there is none."""
    study = study_of(portfolio)
    answer = study.best(started(name, units, anywhere=True))
    return answer.value if answer.found else np.inf


@pytest.mark.parametrize("seed", range(6))
def test_break_even_by_solving_the_changed_plan(seed: int) -> None:
    """A little below its break-even cost a portfolio as good as the level holds the shift, a little above none does; so with effects."""
    plan = random_plan(900 + seed)
    measure = ("reduction", "net_benefit")[seed % 2]
    best = kip.optimize(plan, measure, gap=0)
    if not best.found or not any(shift.reduction or shift.source for shift in plan.shifts):
        pytest.skip("nothing to explain")
    explained = kip.explain(best, worth=False)
    for why in explained.whys:
        item = next(item for item in (*plan.shifts, *plan.enablers) if item.name == why.name)
        kind = "shifts" if isinstance(item, kip.Shift) else "enablers"
        units = 1.0 if why.inside else why.forced
        level = -best.objective + (why.price if why.inside else 0.0)
        slack = 1e-6 * max(1.0, abs(level))
        if np.isfinite(why.break_even_cost) and why.break_even_cost > 1e-3:
            for factor, holds in ((0.995, True), (1.005, False)):
                cost = {name: amount * why.break_even_cost * factor for name, amount in item.cost.items()}
                changed = kip.optimize(plan.update({f"{kind}.{why.name}.cost": cost}), measure, gap=0)
                assert (_with(changed, why.name, units) <= level + slack) == holds, (why.name, factor)
        effect = why.break_even_effect
        if measure == "reduction" and 1e-3 < effect < 50 and item.reduction:
            for factor, holds in ((0.995, False), (1.005, True)):
                tonnes = _times(item.reduction, effect * factor)
                changed = kip.optimize(plan.update({f"{kind}.{why.name}.reduction": tonnes}), measure, gap=0)
                assert (_with(changed, why.name, units) <= level + slack) == holds, (why.name, factor)


def _times(value: object, factor: float) -> object:
    return {key: _times(part, factor) for key, part in value.items()} if isinstance(value, dict) else value * factor
