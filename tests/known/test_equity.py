"""KAT-5: indices with published formulas, and ten to share among three districts, with the arithmetic of each answer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import kip
from kip.accounting.equity import atkinson, equally_distributed, gini, lorenz, sen_welfare

FOUR = [1.0, 2.0, 3.0, 4.0]


def test_four_groups() -> None:
    # Gini: Σ over pairs |y - y'| / 16 / 2.5 = (1 + 2 + 3 + 1 + 2 + 1) / 16 / 2.5 = 0.25; Sen 2.5 · 0.75
    assert gini(FOUR) == 0.25
    assert sen_welfare(FOUR) == pytest.approx(1.875, abs=1e-12)
    for aversion, equal, index in ((0.5, 2.3610353566, 0.0555858574), (1, 2.2133638394, 0.1146544642), (2, 1.92, 0.232)):
        assert equally_distributed(FOUR, aversion) == pytest.approx(equal, abs=5e-11)
        assert atkinson(FOUR, aversion) == pytest.approx(index, abs=5e-11)
    # e = 2: harmonic mean, 4 / (1 + 1/2 + 1/3 + 1/4) = 48/25
    assert equally_distributed(FOUR, 2) == pytest.approx(48 / 25, abs=1e-12)
    weights = [0.4, 0.3, 0.2, 0.1]
    assert float(np.dot(weights, FOUR)) == 2.0
    assert gini(FOUR, weights) == pytest.approx(0.27, abs=1e-12)
    assert sen_welfare(FOUR, weights) == pytest.approx(1.46, abs=1e-12)


def test_what_indices_cannot_say() -> None:
    assert math.isnan(gini([0, 0])) and math.isnan(gini([-1, 2])) and math.isnan(gini([]))
    assert math.isnan(atkinson([-1, 2], 1)) and math.isnan(atkinson([0, 0], 2))
    # somebody with nothing, and an aversion of 1 or more: no equal amount is worth as little
    assert atkinson([0, 2], 1) == 1.0 and atkinson([0, 2], 3) == 1.0
    # e = 1/2: ((0 + √2) / 2)² = 0.5
    assert equally_distributed([0, 2], 0.5) == pytest.approx(0.5)
    assert equally_distributed(FOUR, 0) == 2.5
    # high aversion tends to the smallest
    assert equally_distributed(FOUR, 400) == pytest.approx(1.0, abs=0.01)
    assert lorenz(FOUR)[1].tolist() == [0.0, 0.1, 0.3, 0.6, 1.0]
    assert np.isnan(lorenz([-1, 2])[1]).all()
    with pytest.raises(kip.RequestError, match="one weight for each"):
        gini([1, 2], [1])
    with pytest.raises(kip.RequestError, match="0 or more"):
        gini([1, 2], [1, -1])
    with pytest.raises(kip.RequestError, match="Give 0 or more"):
        atkinson([1, 2], -1)


def test_gini_is_twice_the_area_above_the_lorenz_curve() -> None:
    values, weights = [5.0, 1.0, 7.0, 2.0], [3.0, 1.0, 2.0, 4.0]
    people, share = lorenz(values, weights)
    area = float(np.sum(np.diff(people) * (share[1:] + share[:-1]) / 2))
    assert gini(values, weights) == pytest.approx(1 - 2 * area, abs=1e-12)


def ten_to_share(**rule: Any) -> kip.Plan:
    """10 (here MSEK) for three districts with as many people each, where a krona gives 4, 2 and 0.5 of a benefit."""
    yields = {"one": 4.0, "two": 2.0, "three": 0.5}
    return kip.Plan(
        name="ten",
        years=[2026],
        districts=[{"name": name, "population": 1} for name in yields],
        shifts=[
            {"name": f"in-{name}", "choice": "share", "cost": 1e6, "potential": 10, "districts": [name], "cobenefits": {"benefit": each}}
            for name, each in yields.items()
        ],
        budgets={"municipality": 10e6},
        fairness=[{"name": "fair", "measure": "benefit", **rule}] if rule else [],
    )


def shared(best: kip.Portfolio) -> list[float]:
    """What is spent in one, two and three."""
    spent = best.by("district")["investment [SEK]"]
    return [float(spent[name]) / 1e6 for name in ("one", "two", "three")]


@pytest.mark.parametrize(
    ("rule", "maximize", "spent", "mean", "index"),
    [
        # all where it gives most: 40 / 3, and two of three have nothing: Gini 2/3
        ({}, "benefit", (10, 0, 0), 40 / 3, 2 / 3),
        # y1 = y2 = 4 b: b = (10/3, 20/3, 0), mean 80/9, W = 80/9 · (1 - 1/3)
        ({"kind": "sen"}, "sen.fair", (10 / 3, 20 / 3, 0), 80 / 9, 1 / 3),
        # y = 10 / (1/4 + 1/2 + 2) = 40/11 for each
        ({}, "least.fair", (10 / 11, 20 / 11, 80 / 11), 40 / 11, 0),
        ({"kind": "gini", "amount": 0.4}, "benefit", (30 / 7, 40 / 7, 0), 200 / 21, 0.4),
        # 0.5 b3 = 0.2 (4 b1 + 0.5 b3), so that b3 = 2 b1
        ({"kind": "share", "amount": "20 %", "districts": ["three"]}, "benefit", (10 / 3, 0, 20 / 3), 50 / 9, None),
    ],
    ids=["efficient", "sen", "max-min", "gini", "share"],
)
def test_ten_to_share_among_three_districts(
    rule: dict[str, Any], maximize: str, spent: tuple[float, ...], mean: float, index: float | None
) -> None:
    plan = ten_to_share(**rule) if rule or maximize == "benefit" else ten_to_share(kind="floor")
    best = kip.optimize(plan, maximize=maximize, gap=0)
    assert best.status == "optimal"
    assert best.broken == ()
    assert shared(best) == pytest.approx(spent, abs=2e-5)
    equity = best.equity("benefit").loc["district"]
    assert equity["mean [1/person]"] == pytest.approx(mean, abs=2e-5)
    if index is not None:
        assert equity["Gini [1]"] == pytest.approx(index, abs=1e-5)
    if maximize == "sen.fair":
        assert best.objective == pytest.approx(160 / 27, abs=1e-5)
        assert best.objective_unit == "1/person"
    if maximize == "least.fair":
        assert best.objective == pytest.approx(40 / 11, abs=1e-5)
        assert equity["spread [1/person]"] == pytest.approx(0, abs=1e-5)
