"""Frontiers of two hundred random plans of up to fifteen whole shifts against numpy's enumeration of every choice: none missing,
none too many.

The draws hold ties, shifts that are twice there, zero and negative values, objectives that are the same or opposite, and budgets
from nothing
to more than everything. Values are in natural units and directions.
"""

from __future__ import annotations

import numpy as np
import pytest

import kip

CHUNK = 25


def drawn(seed: int, count: int, most: int) -> tuple[kip.Plan, list[str], np.ndarray, np.ndarray]:
    """A plan, its objectives, and their values for all choices within the budget, as minimisation (choice, objective), and
    what each shift adds.
    """
    rng = np.random.default_rng(seed)
    size = int(rng.integers(most - 3, most + 1))
    # narrow ranges give ties, wide ones long frontiers
    reach = int(rng.choice([2, 6, 40], p=[0.4, 0.4, 0.2]))
    goods = rng.integers(-reach // 3, reach + 1, (count, size))
    cost = rng.integers(0, max(3, reach // 2), size)
    kind = seed % 5
    if kind == 1:
        goods[:, size // 2 :] = goods[:, : size - size // 2]
        cost[size // 2 :] = cost[: size - size // 2]
    elif kind == 2:
        goods[1] = goods[0]
    elif kind == 3:
        goods[1] = goods[0].max() - goods[0]
    elif kind == 4:
        goods[:, rng.random(size) < 0.5] = 0
    budget = int(rng.integers(0, cost.sum() + 2))
    up = rng.random(count) < 0.7
    names = [f"good{k}" for k in range(1, count)]
    shifts = [
        kip.Shift(
            name=f"s{column}",
            cost=float(cost[column]) * 1e6,
            reduction=float(goods[0, column]),
            cobenefits={name: float(goods[k, column]) for k, name in enumerate(names, start=1)},
        )
        for column in range(size)
    ]
    indicators = [kip.Indicator(name=name, direction="up" if up[k] else "down") for k, name in enumerate(names, start=1)]
    plan = kip.Plan(name=f"p{seed}", years=[2026], shifts=shifts, indicators=indicators, budgets=budget * 1e6)
    chosen = (np.arange(2**size)[:, None] >> np.arange(size)) & 1
    chosen = chosen[chosen @ cost <= budget]
    signs = np.where(np.append(True, up[1:]), -1, 1)
    return plan, ["reduction", *names], (chosen @ goods.T) * signs, goods


def efficient(values: np.ndarray) -> set[tuple[int, ...]]:
    """The nondominated among all values."""
    points = np.unique(values, axis=0)
    kept: list[np.ndarray] = []
    # sorted by the first objective and then the others, so that what dominates a point comes before it
    for one in points:
        if not kept or not np.all(np.array(kept) <= one, axis=1).any():
            kept.append(one)
    return {tuple(map(int, one)) for one in kept}


def check(seed: int, count: int, most: int) -> None:
    plan, names, values, coefficients = drawn(seed, count, most)
    if any(not any(row) for row in coefficients):
        with pytest.raises(kip.RequestError):
            kip.frontier(plan, names)
        return
    front = kip.frontier(plan, names, workers=1 + seed % 2)
    signs = np.array([objective.sign for objective in front.objectives])
    found = [tuple(map(int, row)) for row in np.round(front.values * signs)]
    assert front.values * signs == pytest.approx(np.array(found))
    assert len(set(found)) == len(found)
    assert set(found) == efficient(values), f"seed {seed}"
    assert front.complete
    assert (front.points["status"] == "optimal").all()


@pytest.mark.parametrize("first", range(0, 175, CHUNK))
def test_two_objectives(first: int) -> None:
    for seed in range(first, first + CHUNK):
        check(seed, 2, 15 if seed % CHUNK == 0 else 6)


@pytest.mark.parametrize("first", [1000])
def test_three_objectives(first: int) -> None:
    for seed in range(first, first + CHUNK):
        check(seed, 3, 8 if seed % CHUNK == 0 else 5)
