"""Designs against what is published about them: Sobol' points, strata, trajectories, copulas, quantiles."""

from __future__ import annotations

from math import asin, pi

import numpy as np
import pytest
from scipy import stats

import kip
from kip.sweeps.designs import design_of

CUBE = {"a": (0.0, 1.0), "b": (0.0, 1.0), "c": (0.0, 1.0)}


def test_first_sobol_points() -> None:
    # Joe & Kuo (2008), direction numbers new-joe-kuo-6; the first points of three dimensions, in Gray code order (Bratley & Fox 1988)
    published = [
        [0, 0, 0],
        [0.5, 0.5, 0.5],
        [0.75, 0.25, 0.25],
        [0.25, 0.75, 0.75],
        [0.375, 0.375, 0.625],
        [0.875, 0.875, 0.125],
        [0.625, 0.125, 0.875],
        [0.125, 0.625, 0.375],
    ]
    design = design_of(kip.Space.of(None, CUBE), "sobol", 8, scramble=False)
    assert design.values.tolist() == published


@pytest.mark.parametrize("seed", [0, 1])
def test_latin_hypercube_has_each_stratum_once(seed: int) -> None:
    design = design_of(kip.Space.of(None, CUBE), "lhs", 50, seed)
    for column in design.values.T:
        assert sorted(np.floor(column * 50).astype(int)) == list(range(50))


def test_morris_changes_one_factor_at_a_time_by_the_step() -> None:
    # Morris (1991): step p / (2 (p - 1)), so 2/3 for four levels; r (d + 1) scenarios
    design = design_of(kip.Space.of(None, CUBE), "morris", 10)
    assert len(design) == 10 * 4
    assert set(np.unique(design.values.round(12))) <= {0.0, round(1 / 3, 12), round(2 / 3, 12), 1.0}
    for trajectory in design.values.reshape(10, 4, 3):
        steps = np.diff(trajectory, axis=0)
        assert np.allclose(np.sort(np.abs(steps), axis=1)[:, :2], 0)
        assert np.allclose(np.abs(steps).max(axis=1), 2 / 3)
        assert sorted(np.abs(steps).argmax(axis=1)) == [0, 1, 2]


def test_saltelli_differs_from_its_base_point_in_one_column() -> None:
    design = design_of(kip.Space.of(None, CUBE), "saltelli", 16, second_order=False)
    assert len(design) == 16 * (3 + 2)
    for first, *mixed, second in design.values.reshape(16, 5, 3):
        for place, row in enumerate(mixed):
            assert row[place] == second[place]
            assert np.delete(row, place).tolist() == np.delete(first, place).tolist()
    assert len(design_of(kip.Space.of(None, CUBE), "saltelli", 16)) == 16 * (2 * 3 + 2)


@pytest.mark.parametrize("kind", ["sobol", "lhs"])
@pytest.mark.parametrize("rho", [0.7, -0.4])
def test_copula_gives_the_rank_correlation(kind: str, rho: float) -> None:
    # Kruskal (1958): the rank correlation of a bivariate normal is (6 / pi) asin(rho / 2), whatever the marginals
    space = kip.Space.of(None, {"a": kip.triangular(0, 1, 5), "b": stats.lognorm(0.5), "c": (0, 1)}, correlation={("a", "b"): rho})
    found = stats.spearmanr(design_of(space, kind, 8192).values).statistic  # type: ignore[arg-type]
    assert found[0, 1] == pytest.approx(6 / pi * asin(rho / 2), abs=0.02)
    assert found[0, 2] == pytest.approx(0, abs=0.03)


def test_quantiles_of_the_marginals() -> None:
    space = kip.Space.of(None, {"t": kip.triangular(2, 3, 6), "u": (10, 20), "n": stats.norm(5, 2), "l": [1, 2, 4]})
    # triangular: F(x) = (x - a)^2 / ((b - a)(c - a)) up to the mode, so F^-1(1/16) = 2 + sqrt(1/16 * 4 * 1) = 2.5
    assert space.frozen("t").ppf([0, 1 / 16, 0.25, 1]).tolist() == pytest.approx([2, 2.5, 3, 6])
    assert space.frozen("u").ppf([0, 0.25, 1]).tolist() == [10, 12.5, 20]
    assert space.frozen("n").ppf([0.5, 0.8413447460685429]).tolist() == pytest.approx([5, 7])
    assert space.frozen("l").ppf([0, 0.3, 0.34, 0.7, 1]).tolist() == [1, 1, 2, 4, 4]


def test_scrambled_sobol_points_are_a_net() -> None:
    # Owen (1998): scrambling keeps the net; of 2^m points each of the 2^m equal intervals of every dimension holds one, and every square
    # of area 2^-m in the first two dimensions too
    values = design_of(kip.Space.of(None, CUBE), "sobol", 64, seed=0).values
    for column in values.T:
        assert sorted(np.floor(column * 64).astype(int)) == list(range(64))
    for wide in range(7):
        cells = np.floor(values[:, 0] * 2**wide) * 64 + np.floor(values[:, 1] * 2 ** (6 - wide))
        assert len(set(cells)) == 64


def test_saltelli_gives_the_indices_of_a_linear_function() -> None:
    # Y = 4a + 2b + c with uniform inputs: V_i is as 16 : 4 : 1, so S = (16, 4, 1) / 21 and the total indices are the same
    rows = design_of(kip.Space.of(None, CUBE), "saltelli", 4096, second_order=False).values.reshape(4096, 5, 3)
    outcome = rows @ np.array([4.0, 2.0, 1.0])
    first, mixed, second = outcome[:, 0], outcome[:, 1:4], outcome[:, 4]
    variance = np.var(np.concatenate([first, second]))
    # Saltelli et al. (2010), table 2: first order (b), total (f, Jansen 1999)
    assert ((second[:, None] * (mixed - first[:, None])).mean(axis=0) / variance).tolist() == pytest.approx(
        [16 / 21, 4 / 21, 1 / 21], abs=0.01
    )
    assert ((first[:, None] - mixed) ** 2).mean(axis=0) / 2 / variance == pytest.approx([16 / 21, 4 / 21, 1 / 21], abs=0.01)


def test_morris_on_ishigami() -> None:
    # x2 of Ishigami (a = 7) on four levels: sin² at -π, -π/3, π/3, π is 0, 3/4, 3/4, 0, and a step of 2/3 always goes between the two:
    # |EE| = 7 · 3/4 / (2/3) = 7.875 in every trajectory
    space = kip.Space.of(None, dict.fromkeys(("x1", "x2", "x3"), (-pi, pi)))
    design = design_of(space, "morris", 12)
    x1, x2, x3 = design.values.T
    outcome = np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)
    change = np.diff(outcome.reshape(12, 4), axis=1) / float(design.about["step"])
    moved = design.groups["moved"].reshape(12, 4)[:, 1:]
    assert np.abs(change[moved == 1]) == pytest.approx(np.full(12, 7.875))


def test_a_grid_has_every_combination() -> None:
    space = kip.Space.of(None, {"a": [1, 2], "b": (0, 1), "c": [5, 6, 7]})
    design = design_of(space, "grid", 3)
    assert len(design) == 2 * 3 * 3
    assert len({tuple(row) for row in design.values}) == 18
    assert sorted(set(design.values[:, 1])) == [0, 0.5, 1]


@pytest.mark.parametrize("kind", ["sobol", "lhs", "saltelli", "morris"])
def test_seed_0_is_a_seed(kind: str) -> None:
    # SALib takes seed=0 as no seed at all
    space = kip.Space.of(None, CUBE)
    made = [design_of(space, kind, 8, seed).values for seed in (0, 0, 1, 1)]  # type: ignore[arg-type]
    assert np.array_equal(made[0], made[1])
    assert np.array_equal(made[2], made[3])
    assert not np.array_equal(made[0], made[2])
