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
