"""kip.robust on random plans and scenarios against every portfolio counted by the brute force, for every criterion."""

from __future__ import annotations

import numpy as np
import pytest

import kip
from tests.properties.scenarios import counted

CRITERIA = ("expected", "worst_case", "regret", "cvar")


def worst_part(losses: np.ndarray, weights: np.ndarray, level: float) -> float:
    """CVaR as the least over eta of eta + E[(loss - eta)+] / (1 - level); the least is at one of the losses."""
    return min(float(eta + weights @ np.maximum(0.0, losses - eta) / (1 - level)) for eta in losses)


@pytest.mark.parametrize("seed", range(24))
def test_every_criterion_is_enumeration(seed: int) -> None:
    world = counted(seed)
    if world is None:
        pytest.skip("more portfolios than can be counted here.")
    measure = ("reduction", "net_benefit", "health")[seed % 3]
    losses = -world.values(measure)
    common = world.feasible.all(axis=0)
    best = np.array([row[keeps].min(initial=np.inf) for row, keeps in zip(losses, world.feasible, strict=True)])
    criterion, level = CRITERIA[seed % 4], 0.6
    found = kip.robust(world.plan, world.scenarios, criterion, level=level, weights=world.weights.tolist(), maximize=measure, gap=0)
    if not common.any():
        assert found.status == "infeasible"
        assert found.reason
        return
    mine = losses[:, common]
    every = {
        "expected": world.weights @ mine,
        "worst_case": mine.max(axis=0),
        "regret": (mine - best[:, None]).max(axis=0),
        "cvar": np.array([worst_part(column, world.weights, level) for column in mine.T]),
    }[criterion]
    size = max(1.0, float(np.abs(losses[:, common]).max()))
    value = every.min() if criterion == "regret" else -every.min()
    assert found.value == pytest.approx(value, abs=1e-6 * size)
    assert found.bound == pytest.approx(value, abs=1e-6 * size)
    assert found.status == "optimal"
    assert [one.objective for one in found.setting.optima] == pytest.approx((-best).tolist(), abs=1e-6 * size)
    # the decision itself: what it gives in each scenario by the other accounting
    for name, portfolio in found.portfolios.items():
        again = kip.evaluate(world.plan.update(world.scenarios[name]), portfolio.decisions)
        assert not again.broken
        assert again.measure(measure) == pytest.approx(found.values[list(world.scenarios).index(name)], abs=1e-6 * size)
