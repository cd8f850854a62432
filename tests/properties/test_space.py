"""Properties of spaces and designs on random small plans."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import kip
from kip.model.paths import numbers
from kip.sweeps.designs import design_of
from tests.properties.plans import random_plan

SEEDS = range(8)


def varied(plan: kip.Plan, seed: int, count: int = 5) -> dict[str, tuple[float, float]]:
    """Ranges around some of the plan's numbers, narrow enough that the plan takes them."""
    rng = np.random.default_rng(seed)
    known = [(path, value) for path, value in numbers(plan) if value > 0 and not path.endswith((".use", ".ratio"))]
    chosen = rng.permutation(len(known))[:count]
    return {known[place][0]: (0.9 * known[place][1], known[place][1]) for place in chosen}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_row_is_what_stands_in_the_plan(seed: int) -> None:
    plan = random_plan(seed)
    ranges = varied(plan, seed)
    space = kip.Space.of(plan, ranges)
    assert space.plan_at(plan, space.base).hash == plan.hash
    row = design_of(space, "lhs", 1, seed).values[0]
    changed = space.plan_at(plan, row)
    assert [changed.get(path) for path in ranges] == row.tolist()
    # nothing else moves
    before, after = dict(numbers(plan)), dict(numbers(changed))
    assert {path for path in before if before[path] != after[path]} <= set(ranges)


@pytest.mark.parametrize("seed", SEEDS)
def test_factors_multiply_and_commute(seed: int) -> None:
    plan = random_plan(seed)
    kinds = {
        "shifts.*.cost": kip.scaled(0.5, 2),
        "ledgers.main.other": kip.scaled(0.5, 2),
        "everything": kip.scaled(0.5, 2, paths=["shifts.*.cost"]),
    }
    space = kip.Space.of(plan, kinds)
    turned = kip.Space.of(plan, dict(reversed(kinds.items())))
    assert space.plan_at(plan, [1, 1, 1]).hash == plan.hash
    changed = space.plan_at(plan, [2.0, 0.5, 0.75])
    assert changed.hash == turned.plan_at(plan, [0.75, 0.5, 2.0]).hash
    for shift, other in zip(plan.shifts, changed.shifts, strict=True):
        assert other.cost == {actor: cost * 2.0 * 0.75 for actor, cost in shift.cost.items()}


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(["sobol", "lhs", "saltelli", "morris", "grid"]),
    exponent=st.integers(1, 4),
    seed=st.integers(0, 2**31),
    rho=st.sampled_from([None, -0.8, 0.3]),
)
def test_designs_are_seeded_and_stay_inside(kind: str, exponent: int, seed: int, rho: float | None) -> None:
    correlation = {("a", "n"): rho} if rho is not None and kind in {"sobol", "lhs"} else None
    given_ = {"a": (2.0, 3.0), "t": kip.triangular(0, 1, 1), "n": stats.norm(), "l": [5, 7, 11], "w": kip.levels([1, 2], [9, 1])}
    space = kip.Space.of(None, given_, correlation=correlation)
    design = design_of(space, kind, 2**exponent, seed)  # type: ignore[arg-type]
    assert design.identity == design_of(space, kind, 2**exponent, seed).identity  # type: ignore[arg-type]
    assert np.isfinite(design.values).all()
    a, t, _, level, weight = design.values.T
    assert ((a >= 2) & (a <= 3)).all()
    assert ((t >= 0) & (t <= 1)).all()
    assert set(level) <= {5, 7, 11}
    assert set(weight) <= {1, 2}
    if kind not in {"grid"}:
        assert design.identity != design_of(space, kind, 2**exponent, seed + 1).identity  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None)
@given(count=st.integers(2, 60), rho=st.floats(-0.95, 0.95), seed=st.integers(0, 1000))
def test_a_copula_leaves_the_strata_of_a_latin_hypercube(count: int, rho: float, seed: int) -> None:
    space = kip.Space.of(None, {"a": (0, 1), "b": (0, 1)}, correlation={("a", "b"): rho})
    for column in design_of(space, "lhs", count, seed).values.T:
        assert sorted(np.floor(column * count).astype(int)) == list(range(count))


@settings(max_examples=25, deadline=None)
@given(size=st.integers(2, 5), seed=st.integers(0, 10_000))
def test_advice_on_a_matrix_that_is_none_mends_it(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = np.eye(size)
    upper = np.triu_indices(size, 1)
    matrix[upper] = rng.uniform(-0.99, 0.99, len(upper[0])).round(2)
    matrix = np.triu(matrix) + np.triu(matrix, 1).T
    names = list("abcde"[:size])
    space = dict.fromkeys(names, (0, 1))
    try:
        kip.Space.of(None, space, correlation=matrix)
        assert np.linalg.eigvalsh(matrix)[0] > 0
    except kip.RequestError as error:
        assert np.linalg.eigvalsh(matrix)[0] < 1e-8
        text = str(error)
        if "multiply all correlations by" in text:
            factor = float(text.rsplit("by ", 1)[1].rstrip("."))
            matrix = np.eye(size) + factor * (matrix - np.eye(size))
        else:
            first, second = (names.index(part) for part in text.split('"')[1:4:2])
            matrix[first, second] = matrix[second, first] = np.sign(matrix[first, second]) * float(text.split("at most ")[1].split()[0])
        assert kip.Space.of(None, space, correlation=matrix).correlation is not None
