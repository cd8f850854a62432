"""A start from a neighbour changes what is searched first, never what is proven."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kip.optimization.kernel import Options, solve
from kip.optimization.nearby import solve_nearby
from kip.optimization.problem import Problem


def knapsack(seed: int, room: float) -> Problem:
    """Most worth of twelve whole things and three amounts in two rows of room, as minimisation."""
    draw = np.random.default_rng(seed)
    count = 15
    weight, worth = draw.integers(1, 30, (2, count)).astype(float), draw.integers(1, 40, count).astype(float)
    return Problem(
        start=np.array([0, count, 2 * count], dtype=np.int32),
        index=np.tile(np.arange(count, dtype=np.int32), 2),
        value=weight.ravel(),
        row_low=np.full(2, -np.inf),
        row_high=room * weight.sum(axis=1),
        low=np.zeros(count),
        high=np.ones(count),
        integer=np.arange(count) < 12,
        cost=-worth,
        offset=float(worth.sum() / 3),
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.2, 0.8), st.floats(-0.1, 0.1), st.sampled_from([1e-3, 1e-2, 0.1]))
def test_within_the_gap_of_the_best_and_the_bound_is_one(seed: int, room: float, apart: float, gap: float) -> None:
    problem = knapsack(seed, room)
    other = solve(knapsack(seed, min(0.95, max(0.05, room + apart))), Options(gap=0))
    best = solve(problem, Options(gap=0)).objective
    found = solve_nearby(problem, Options(gap=gap, begin=other.x))
    assert found.status == "optimal" and found.violation <= 1e-6
    assert found.bound <= best + 1e-6
    assert best - 1e-6 <= found.objective
    assert found.objective - found.bound <= gap * abs(found.objective + problem.offset) + 1e-6


def test_nothing_fits_is_said_whatever_the_start() -> None:
    problem = replace(knapsack(1, 0.5), row_low=np.array([1e6, -np.inf]))
    assert solve_nearby(problem, Options(gap=0.01, begin=np.zeros(15))).status == "infeasible"
