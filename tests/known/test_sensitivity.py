"""Sensitivity against published and closed-form answers, through the function that a user calls."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import kip
from kip.sensitivity.given_data import GivenData
from kip.sensitivity.morris import Morris
from kip.sensitivity.sobol import Sobol
from kip.sensitivity.tornado import Tornado

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]
PI = math.pi


def ishigami(x: Floats) -> Floats:
    """Ishigami & Homma (1990), a = 7 and b = 0.1."""
    return np.asarray(np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))


def sobol_g(x: Floats) -> Floats:
    a = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])
    return np.asarray(((np.abs(4.0 * x - 2.0) + a) / (1.0 + a)).prod(axis=1))


def saltelli(bounds: list[tuple[float, float]], base: int, second: bool = True, seed: int = 11) -> Floats:
    from SALib.sample import sobol

    problem = {"num_vars": len(bounds), "names": [f"x{i}" for i in range(len(bounds))], "bounds": [list(b) for b in bounds]}
    return np.asarray(sobol.sample(problem, base, calc_second_order=second, seed=seed))


def sobol_of(function: Function, bounds: list[tuple[float, float]], base: int, second: bool = True) -> Sobol:
    values = saltelli(bounds, base, second)
    names = [f"x{i + 1}" for i in range(len(bounds))]
    found = kip.sensitivity_of(values, names, function(values), "y", {"kind": "saltelli", "second_order": second, "seed": 0})
    assert isinstance(found, Sobol)
    return found


def agrees(found: Sobol, first: list[float], total: list[float]) -> None:
    """Published values lie within twice the 95 % interval (all of many indices at once), which is itself narrow."""
    for column, expected in (("first", first), ("total", total)):
        value, width = found.rows[f"{column} [1]"].to_numpy(), found.rows[f"{column} ± [1]"].to_numpy()
        assert (np.abs(value - expected) <= 2.0 * width + 1e-4).all(), (column, value, expected, width)
        assert (width < 0.06).all()


def test_ishigami() -> None:
    """First and total indices as published (Saltelli et al. 2008); S13 is all that is joint: 0.5575889 - 0.3139052."""
    found = sobol_of(ishigami, [(-PI, PI)] * 3, 2**13)
    agrees(found, [0.3139052, 0.4424111, 0.0], [0.5575889, 0.4424111, 0.2436837])
    assert found.ranking == ("x1", "x2", "x3")
    pair = found.pairs.set_index(["one", "other"])["second [1]"]
    assert pair[("x1", "x3")] == pytest.approx(0.2436837, abs=0.02)
    assert pair[("x1", "x2")] == pytest.approx(0.0, abs=0.02)
    assert found.alone == pytest.approx(0.7563163, abs=0.02)
    assert found.scenarios == 8 * 2**13
    assert found.dropped == 0


def test_sobol_g() -> None:
    """Closed form: V_i = 1/(3 (1+a_i)^2), V = prod(1 + V_i) - 1; published .7162 .1790 .0237 .0072."""
    part = 1.0 / (3.0 * (1.0 + np.array([0.0, 1.0, 4.5, 9.0] + [99.0] * 4)) ** 2)
    variance = np.prod(1.0 + part) - 1.0
    first = part / variance
    assert first[:4] == pytest.approx([0.7162, 0.1790, 0.0237, 0.0072], abs=5e-5)
    total = part * np.prod(1.0 + part) / (1.0 + part) / variance
    found = sobol_of(sobol_g, [(0.0, 1.0)] * 8, 2**12, second=False)
    agrees(found, list(first), list(total))
    assert found.pairs.empty


@pytest.mark.parametrize(
    ("function", "bounds", "first", "total", "joint"),
    [
        (lambda x: x[:, 0] * x[:, 1], [(0.0, 1.0)] * 2, [3 / 7, 3 / 7], [4 / 7, 4 / 7], 1 / 7),
        (lambda x: x @ [4.0, 2.0, 1.0], [(0.0, 1.0)] * 3, [16 / 21, 4 / 21, 1 / 21], [16 / 21, 4 / 21, 1 / 21], 0.0),
        # a chain: what two fractions leave
        (lambda x: 1 - (1 - x[:, 0]) * (1 - x[:, 1]), [(0.1, 0.3), (0.2, 0.4)], [0.4323529, 0.5647059], [0.4352941, 0.5676471], 0.0029412),
    ],
    ids=["product", "linear", "chain"],
)
def test_closed_forms(function: Function, bounds: list[tuple[float, float]], first: list[float], total: list[float], joint: float) -> None:
    found = sobol_of(function, bounds, 2**12)
    agrees(found, first, total)
    assert found.pairs["second [1]"].iloc[0] == pytest.approx(joint, abs=0.02)


def morris_sample(inputs: int, count: int, levels: int = 4, seed: int = 5) -> Floats:
    from SALib.sample import morris

    problem = {"num_vars": inputs, "names": [f"x{i}" for i in range(inputs)], "bounds": [[0.0, 1.0]] * inputs}
    return np.asarray(morris.sample(problem, count, num_levels=levels, seed=seed))


def morris_of(values: Floats, outcome: Floats, levels: int = 4) -> Morris:
    names = [f"x{i + 1}" for i in range(values.shape[1])]
    found = kip.sensitivity_of(values, names, outcome, "y", {"kind": "morris", "levels": levels, "seed": 0})
    assert isinstance(found, Morris)
    return found


def test_morris_of_ishigami() -> None:
    """On 4 levels x2 is at -pi, -pi/3, pi/3, pi, where 7 sin² is 0, 5.25, 5.25, 0: each step of two levels changes it by 5.25,
    over 2/3 of the range: mu* = 7.875 exactly, whatever the trajectories."""
    values = morris_sample(3, 600)
    found = morris_of(values, ishigami(values * 2 * PI - PI))
    assert found.rows.loc["x2", "mu star [1]"] == pytest.approx(7.875, rel=1e-12)
    # x1 steps from 0 to ±sin(pi/3), times 1 + x3^4/10 at pi or at pi/3; x3 from pi/3 to pi, times |sin(x1)| that is 0 or sin(pi/3).
    # SALib's regression test has 7.768 and 6.309 from 10 000 trajectories drawn at random, 7.704 from chosen ones
    sine = math.sin(PI / 3)
    expected = {"x1": 1.5 * sine * (1 + 0.05 * (PI**4 + (PI / 3) ** 4)), "x3": 1.5 * 0.1 * (PI**4 - (PI / 3) ** 4) * sine / 2}
    assert expected == pytest.approx({"x1": 7.704054, "x3": 6.248796}, abs=1e-5)
    for name, value in expected.items():
        assert found.rows.loc[name, "mu star [1]"] == pytest.approx(value, abs=1.5 * found.rows.loc[name, "mu star ± [1]"])
    assert found.rows.loc["x2", "shape"] == "nonlinear"


def morris_1991(x: Floats) -> Floats:
    """The function of 20 inputs of Morris (1991), with the coefficients that he draws at random set to nothing."""
    w = 2.0 * (x - 0.5)
    for place in (2, 4, 6):
        w[:, place] = 2.0 * (1.1 * x[:, place] / (x[:, place] + 0.1) - 0.5)
    y = 20.0 * w[:, :10].sum(axis=1)
    for i in range(6):
        for j in range(i + 1, 6):
            y = y - 15.0 * w[:, i] * w[:, j]
    for i in range(5):
        for j in range(i + 1, 5):
            for k in range(j + 1, 5):
                y = y - 10.0 * w[:, i] * w[:, j] * w[:, k]
    return np.asarray(y + 5.0 * w[:, 0] * w[:, 1] * w[:, 2] * w[:, 3])


def test_morris_1991() -> None:
    """What Morris finds: ten inputs matter, 8 to 10 linearly, 7 bent but alone, 1 to 6 with each other.

    By hand, an effect being 20·(w(up) - w(down)) / (2/3): inputs 8, 9, 10 have 20·(4/3)/(2/3) = 40 at every step. Input 7 has one effect
    from 0 to 2/3 and another from 1/3 to 1.
    """
    values = morris_sample(20, 40)
    rows = morris_of(values, morris_1991(values)).rows
    size, spread = rows["mu star [1]"].to_numpy(), rows["sigma [1]"].to_numpy()
    assert size[7:10] == pytest.approx([40.0] * 3, rel=1e-9)
    assert spread[7:10] == pytest.approx([0.0] * 3, abs=1e-8)
    assert size[10:] == pytest.approx([0.0] * 10, abs=1e-9)
    bent = lambda x: 2.0 * (1.1 * x / (x + 0.1) - 0.5)  # noqa: E731
    low, high = (20.0 * (bent(to) - bent(at)) / (2 / 3) for at, to in ((0.0, 2 / 3), (1 / 3, 1.0)))
    assert (low, high) == pytest.approx((57.391304, 9.230769), rel=1e-6)
    share = (size[6] - high) / (low - high)
    assert share * 40 == pytest.approx(round(share * 40), abs=1e-6)  # so many trajectories took the lower step
    assert 0.2 < share < 0.8
    assert (spread[:6] > 20.0).all()
    assert set(rows["shape"][7:10]) == {"linear"}
    assert (size[:7] > 15.0).all()


def test_morris_of_a_linear_function() -> None:
    """y = 3 x1 - 2 x2: from end to end 3 and -2, at every step."""
    values = morris_sample(3, 10)
    found = morris_of(values, 3.0 * values[:, 0] - 2.0 * values[:, 1])
    assert found.rows["mu [1]"].tolist() == pytest.approx([3.0, -2.0, 0.0])
    assert found.rows["mu star [1]"].tolist() == pytest.approx([3.0, 2.0, 0.0])
    assert found.rows["sigma [1]"].tolist() == pytest.approx([0.0] * 3, abs=1e-12)
    assert found.ranking == ("x1", "x2", "x3")


def given(values: Floats, outcome: Floats, seed: int = 0) -> GivenData:
    names = [f"x{i + 1}" for i in range(values.shape[1])]
    found = kip.sensitivity_of(values, names, outcome, "y", {"kind": "lhs", "seed": seed})
    assert isinstance(found, GivenData)
    return found


def test_given_data_of_ishigami() -> None:
    """The order x2, x1, x3 and delta .210, .358, .155 within .05: what SALib's own tests hold for this function (test_regression.py)."""
    values = np.random.default_rng(3).uniform(-PI, PI, (4096, 3))
    found = given(np.column_stack([values, values[::-1, 0]]), ishigami(values))
    assert found.ranking[:3] == ("x2", "x1", "x3")
    assert found.silent == ("x4",)
    assert found.rows["delta [1]"][:3].tolist() == pytest.approx([0.210, 0.358, 0.155], abs=0.05)
    assert found.rows["alone [1]"][:3].tolist() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.04)
    assert found.rows["trees [1]"].sum() == pytest.approx(1.0)
    assert found.rows["trees [1]"].idxmin() == "x4"
    assert found.fit > 0.8


def test_pawn_is_that_of_salib() -> None:
    """Two implementations of one definition, on slices that differ by the last scenario at most."""
    from SALib.analyze import pawn

    values = np.random.default_rng(1).uniform(-PI, PI, (1500, 3))
    outcome = ishigami(values)
    theirs = pawn.analyze({"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[-PI, PI]] * 3}, values, outcome, S=10)
    ours = given(values, outcome).rows
    assert ours["PAWN [1]"].tolist() == pytest.approx(list(theirs["median"]), abs=0.01)
    assert ours["PAWN most [1]"].tolist() == pytest.approx(list(theirs["maximum"]), abs=0.01)


def test_delta_of_a_sum_of_normals() -> None:
    """y = 2 x1 + x2: y is N(0, 5), y given x1 is N(2 x1, 1). The distance of two normal densities, averaged over x1, by quadrature."""
    from scipy.stats import norm

    def closed(own: float, other: float) -> float:
        points, grid = norm.ppf((np.arange(400) + 0.5) / 400), np.linspace(-14, 14, 4001)
        overall = norm.pdf(grid, 0, math.hypot(own, other))
        apart = [np.trapezoid(np.abs(norm.pdf(grid, own * x, other) - overall), grid) for x in points]
        return float(0.5 * np.mean(apart))

    values = np.random.default_rng(2).normal(size=(8192, 2))
    found = given(values, values @ [2.0, 1.0]).rows
    assert found["delta [1]"].tolist() == pytest.approx([closed(2.0, 1.0), closed(1.0, 2.0)], abs=0.02)


def test_levels_are_classes() -> None:
    """y = 10·[level 1 of two]: PAWN is the distance of one half from all, and the level explains all the variance."""
    random = np.random.default_rng(4)
    values = np.column_stack([np.tile([0.0, 1.0], 500), random.uniform(size=1000)])
    found = given(values, 10.0 * values[:, 0]).rows
    assert found.loc["x1", "PAWN [1]"] == pytest.approx(0.5)
    assert found.loc["x1", "delta [1]"] == pytest.approx(0.5, abs=0.01)
    assert found.loc["x1", "alone [1]"] == pytest.approx(1.0)
    assert found.loc["x2", "alone [1]"] == pytest.approx(0.0, abs=0.02)


def test_tornado_by_hand() -> None:
    """y = 2 a - 5 b + c·b around (5, 1, 0): a from 4 to 6 swings 4, b from 0 to 3 swings 15, c alone from 0 to 2 swings 2."""
    ends = np.array([[5, 1, 0], [4, 1, 0], [6, 1, 0], [5, 0, 0], [5, 3, 0], [5, 1, 2]], dtype=float)
    outcome = 2 * ends[:, 0] - 5 * ends[:, 1] + ends[:, 2] * ends[:, 1]
    levels = np.array([[1, 0], [1, 0], [1, 0], [0, 1], [1, 0], [1, 0]], dtype=float)
    beside = {"fixed": outcome - 1.0, "levels": levels, "shifts": ["bus", "bicycle"]}
    found = kip.sensitivity_of(ends, ["a", "b", "c"], outcome, "y", {"kind": "one-at-a-time"}, beside=beside)
    assert isinstance(found, Tornado)
    assert found.base == 5.0
    table = found.table()
    assert table["swing [1]"].to_dict() == {"b": 15.0, "a": 4.0, "c": 2.0}
    assert table.loc["b", ["low", "high", "at low [1]", "at high [1]"]].tolist() == [0.0, 3.0, 10.0, -5.0]
    assert table.loc["b", "held at low [1]"] == 9.0
    assert table["changes"].to_dict() == {"b": "+bicycle, -bus", "a": "", "c": ""}
