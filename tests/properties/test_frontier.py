"""Frontiers of random plans against every portfolio there is: none missing, none that is not efficient, in natural units and directions."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

import kip
from tests.properties.plans import random_plan


def drawn(seed: int) -> tuple[kip.Plan, dict[str, np.ndarray]]:
    """A plan of up to seven whole shifts with ties, zero costs and savings; and every feasible portfolio's values."""
    rng = random.Random(seed)
    size = rng.randint(2, 7)
    cost = [rng.choice([0, 1, 2, 2, 3, 5, -1]) for _ in range(size)]
    tonnes = [rng.choice([0, 1, 2, 3, 4, 4, -1]) for _ in range(size)]
    quiet = [rng.choice([-2, 0, 1, 1, 3]) for _ in range(size)]
    budget = rng.choice([2, 4, 8])
    clash = (0, 1) if rng.random() < 0.5 else None
    shifts = [
        kip.Shift(
            name=f"s{row}",
            cost=max(0, cost[row]) * 1e6,
            opex=min(0, cost[row]) * 1e6,
            reduction=tonnes[row],
            cobenefits={"quiet": quiet[row]},
            excludes=["s1"] if clash and row == 0 else [],
        )
        for row in range(size)
    ]
    indicators = [kip.Indicator(name="quiet", direction=rng.choice(["up", "down"]))]
    plan = kip.Plan(name=f"p{seed}", years=[2026], shifts=shifts, indicators=indicators, budgets=budget * 1e6)
    chosen = np.array(list(itertools.product([0, 1], repeat=size)), dtype=float)
    spent = chosen @ np.maximum(0, cost)
    kept = (spent <= budget) & ((chosen[:, 0] + chosen[:, 1] < 2) if clash else True)
    chosen = chosen[kept]
    up = plan.indicators[0].direction == "up"
    return plan, {"reduction": -chosen @ tonnes, "cost": chosen @ cost * 1e6, "quiet": (-1 if up else 1) * chosen @ quiet}


def efficient(values: np.ndarray) -> set[tuple[float, ...]]:
    points = np.unique(np.round(values, 6) + 0.0, axis=0)
    kept = [one for one in points if not (np.all(points <= one, axis=1) & np.any(points < one, axis=1)).any()]
    return {tuple(map(float, one)) for one in kept}


def minimised(front: kip.Frontier) -> set[tuple[float, ...]]:
    signs = np.array([objective.sign for objective in front.objectives])
    return {tuple(map(float, row)) for row in np.round(front.values * signs, 6) + 0.0}


@pytest.mark.parametrize("seed", range(25))
def test_two_objectives_against_every_portfolio(seed: int) -> None:
    plan, every = drawn(seed)
    objectives = [("reduction", "cost"), ("reduction", "quiet"), ("quiet", "cost")][seed % 3]
    values = np.column_stack([every[name] for name in objectives])
    if any(np.ptp(column) == 0 for column in values.T):
        return
    front = kip.frontier(plan, objectives, workers=1 + seed % 2)
    assert front.complete
    assert minimised(front) == efficient(values)
    for row, portfolio in zip(front.values, front.portfolios, strict=True):
        assert [portfolio.measure(name) for name in objectives] == pytest.approx(row)
        assert not kip.evaluate(plan, portfolio.decisions).broken


@pytest.mark.parametrize("seed", range(100, 106))
def test_three_objectives_are_efficient_and_reach_the_ends(seed: int) -> None:
    plan, every = drawn(seed)
    values = np.column_stack([every[name] for name in ("reduction", "cost", "quiet")])
    if any(np.ptp(column) == 0 for column in values.T):
        return
    front = kip.frontier(plan, ("reduction", "cost", "quiet"), points=49, gap=0)
    found = minimised(front)
    assert found <= efficient(values)
    assert np.min(list(found), axis=0) == pytest.approx(values.min(axis=0))


@pytest.mark.parametrize("seed", range(200, 212))
def test_three_objectives_against_every_portfolio(seed: int) -> None:
    plan, every = drawn(seed)
    values = np.column_stack([every[name] for name in ("reduction", "cost", "quiet")])
    if any(np.ptp(column) == 0 for column in values.T):
        return
    front = kip.frontier(plan, ("reduction", "cost", "quiet"), workers=1 + seed % 2)
    assert front.complete
    assert minimised(front) == efficient(values)


def test_stopped_by_the_clock() -> None:
    plan, _ = drawn(5)
    with pytest.raises(kip.RequestError, match="Give it more time"):
        kip.frontier(plan, time_limit=0)


def test_stopped_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is finished is returned; that it is not all is said, with the share that is not searched."""
    from kip.optimization.plan_oracle import PlanOracle

    plan, every = drawn(17)
    whole = kip.frontier(plan)
    assert len(whole) > 4
    asked = PlanOracle.minimise
    calls = []

    def minimise(self: PlanOracle, *args: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 7:
            raise KeyboardInterrupt
        return asked(self, *args, **options)

    monkeypatch.setattr(PlanOracle, "minimise", minimise)
    front = kip.frontier(plan)
    assert 2 <= len(front) < len(whole)
    assert not front.complete
    assert "Stopped early" in front.coverage
    assert minimised(front) <= efficient(np.column_stack([every["reduction"], every["cost"]]))


@pytest.mark.parametrize("seed", [7, 8, 11, 17, 23])
def test_budget_is_the_best_of_the_plan_with_that_budget(seed: int) -> None:
    """Plans with anything in them: each point is what kip.optimize finds for the plan whose budgets are scaled to it."""
    front = kip.frontier(random_plan(seed), ("reduction", "budget"), points=4, gap=1e-6, budget_up_to=1.3)
    for tonnes, portfolio in zip(front.values[:, 0], front.portfolios, strict=True):
        assert kip.optimize(portfolio.plan, gap=1e-6).objective == pytest.approx(tonnes, rel=2e-5, abs=1e-6)
        assert portfolio.measure("reduction") == pytest.approx(tonnes)
