"""On random small plans: the core and the best sets are those of enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import kip


@pytest.mark.parametrize("seed", range(12))
def test_core_and_best_sets_are_enumeration(seed: int) -> None:
    draw = np.random.default_rng(seed)
    names = "abcdefg"[: int(draw.integers(3, 8))]
    cost = {name: float(draw.integers(0, 6)) * 1e6 for name in names}
    tonnes = {name: float(draw.integers(-2, 8)) for name in names}
    needs = {names[1]: names[0]} if seed % 2 else {}
    apart = {(names[-1], names[-2])} if seed % 3 else set()
    shifts = [
        kip.Shift(
            name=name,
            cost=cost[name],
            reduction=tonnes[name],
            requires=[needs[name]] if name in needs else [],
            excludes=[two for one, two in apart if one == name],
        )
        for name in names
    ]
    budget = 0.5 * sum(cost.values())
    best = kip.optimize(kip.Plan(name="p", years=[2026], shifts=shifts, budgets=budget), gap=0)
    every = {
        frozenset(chosen): sum(tonnes[name] for name in chosen)
        for size in range(len(names) + 1)
        for chosen in itertools.combinations(names, size)
        if sum(cost[name] for name in chosen) <= budget
        and all(needs.get(name, name) in chosen for name in chosen)
        and not any(one in chosen and two in chosen for one, two in apart)
    }
    top = max(every.values())
    assert best.objective == top
    for within in (0.0, 0.1, 0.4):
        near = [chosen for chosen, value in every.items() if value >= top - within * abs(top) - 1e-9]
        found = kip.core(best, within)
        for name in names:
            share = sum(name in chosen for chosen in near) / len(near)
            expected = "always" if share == 1 else ("never" if share == 0 else "depends")
            assert found.rows.loc[name, "class"] == expected, (name, within)
    count = int(draw.integers(1, len(every) + 1))
    listed = kip.k_best(best, count)
    assert [one.objective for one in listed.portfolios] == sorted(every.values(), reverse=True)[:count]
    assert len({one.selected for one in listed.portfolios}) == count
