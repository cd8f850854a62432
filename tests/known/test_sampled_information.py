"""What knowing is worth: published tables, closed forms, enumeration, and what must always hold."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kip
from kip.sensitivity.information import measure_next
from kip.sweeps.experiment import Measured

TONNES = Measured("reduction", "t", "Reduction")
KRONOR = Measured("net_benefit", "SEK", "Net benefit")


def test_three_plans_in_three_scenarios() -> None:
    """KAT-7: plans [60,20,40], [45,45,40], [38,40,50] with chances (.6,.2,.2): expected 48, 44, 40.8; knowing the scenario first gives
    .6·60 + .2·45 + .2·50 = 55, which is worth 7."""
    table = np.array([[60, 20, 40], [45, 45, 40], [38, 40, 50]], dtype=float).T
    found = kip.sampled_information([[0], [1], [2]], ["world"], table, ["1", "2", "3"], TONNES, weights=[0.6, 0.2, 0.2])
    assert found.best == "1"
    assert found.expected == pytest.approx(48.0)
    assert found.everything == pytest.approx(7.0)
    # the one input is the scenario: knowing it is knowing everything
    assert found.rows.loc["world", "worth [t]"] == pytest.approx(7.0)
    assert found.rows.loc["world", "share [1]"] == pytest.approx(1.0)
    assert found.rows.loc["world", "changes [1]"] == pytest.approx(0.4)
    assert found.worth == ("world",)


def test_k1(case_file: Callable[[str], Path]) -> None:
    """All portfolios of K1 within the budget, in its five scenarios: the best on average has 97 t, knowing the scenario is worth 12."""
    cases = json.loads(case_file("worked.json").read_text(encoding="utf-8"))
    case = next(one for one in cases if one["name"].startswith("K1"))
    shifts = case["plan"]["shifts"]
    sets = [
        chosen
        for size in range(len(shifts) + 1)
        for chosen in itertools.combinations(range(len(shifts)), size)
        if sum(shifts[one]["cost"] for one in chosen) <= case["plan"]["budgets"]["municipality"]
    ]
    tonnes = np.array([shift["reduction_by_scenario"] for shift in shifts], dtype=float)
    table = np.stack([tonnes[list(chosen)].sum(axis=0) for chosen in sets], axis=1)
    names = [" ".join(shifts[one]["name"] for one in chosen) or "nothing" for chosen in sets]
    found = kip.sampled_information(np.arange(5)[:, None], ["scenario"], table, names, TONNES, weights=case["plan"]["probabilities"])
    assert found.best.split() == case["answer"]["expected"]["chosen"]
    assert found.expected == pytest.approx(case["answer"]["expected"]["t"])
    assert found.everything == pytest.approx(case["answer"]["EVPI_t"])


def unit_gain(mean: float, spread: float) -> float:
    """E max(0, N(mean, spread²)) - max(0, mean): spread·φ(mean/spread) + mean·Φ(mean/spread) - max(0, mean)."""
    from scipy.stats import norm

    return float(spread * norm.pdf(mean / spread) + mean * norm.cdf(mean / spread) - max(0.0, mean))


def test_bilinear_normal() -> None:
    """Start or not: y = x1·x2 - 5 against 0, with x1 ~ N(2, 1) and x2 ~ N(3, 2²). Given x1 the mean is 3·x1 - 5 ~ N(1, 3²); given x2 it is
    2·x2 - 5 ~ N(1, 4²). A third input means nothing."""
    random = np.random.default_rng(3)
    values = np.column_stack([random.normal(2, 1, 8_000), random.normal(3, 2, 8_000), random.normal(size=8_000)])
    table = np.column_stack([np.zeros(len(values)), values[:, 0] * values[:, 1] - 5.0])
    found = kip.sampled_information(values, ["x1", "x2", "x3"], table, ["wait", "start"], TONNES, resamples=40)
    worth, error = found.rows["worth [t]"], found.rows["worth ± [t]"]
    expected = {"x1": unit_gain(1.0, 3.0), "x2": unit_gain(1.0, 4.0)}
    assert expected == pytest.approx({"x1": 0.763, "x2": 1.146}, abs=2e-3)
    for name, value in expected.items():
        assert abs(worth[name] - value) <= 1.5 * error[name]
        assert error[name] < 0.2
    assert found.worth == ("x2", "x1")
    assert worth["x3"] <= found.dummy
    outright = np.maximum(random.normal(2, 1, 10**6) * random.normal(3, 2, 10**6) - 5.0, 0.0).mean() - 1.0
    assert found.everything == pytest.approx(outright, abs=1.5 * found.everything_error + 0.02)
    assert "Worth measuring next, each alone: x2" in " ".join(found.sentences())


def test_a_bend_is_followed() -> None:
    """y = |x| - .5 against 0 with x ~ U(-1, 1): a straight line sees nothing. Knowing x is knowing y, which is
    worth E max(0, |x| - .5) - max(0, 0) = 1/8."""
    values = np.random.default_rng(4).uniform(-1.0, 1.0, (4000, 1))
    table = np.column_stack([np.zeros(4000), np.abs(values[:, 0]) - 0.5])
    found = kip.sampled_information(values, ["x"], table, ["wait", "start"], TONNES, resamples=30)
    assert found.rows.loc["x", "worth [t]"] == pytest.approx(0.125, abs=0.01)


def brute(values: np.ndarray, table: np.ndarray, chance: np.ndarray, place: int) -> float:
    """EVPPI by going through the values one by one."""
    total = 0.0
    for level in set(values[:, place]):
        rows = [row for row in range(len(values)) if values[row, place] == level]
        total += max(sum(chance[row] * table[row, one] for row in rows) for one in range(table.shape[1]))
    return total - max(sum(chance[row] * table[row, one] for row in range(len(values))) for one in range(table.shape[1]))


@given(st.integers(0, 10**6), st.integers(2, 5), st.sampled_from(["up", "down"]))
@settings(max_examples=25, deadline=None)
def test_discrete_tables_against_enumeration(seed: int, alternatives: int, direction: str) -> None:
    """All combinations of three inputs of 2, 3 and 2 levels with chances of their own; and what must always hold."""
    random = np.random.default_rng(seed)
    values = np.array(list(itertools.product([0, 1], [0, 1, 2], [5, 9])), dtype=float)
    table = random.integers(-50, 50, (len(values), alternatives)).astype(float)
    chance = random.uniform(0.1, 1.0, len(values))
    chance /= chance.sum()
    names = [f"a{one}" for one in range(alternatives)]
    found = kip.sampled_information(values, ["x", "y", "z"], table, names, TONNES, direction=direction, weights=chance)
    signed = table if direction == "up" else -table
    for place, name in enumerate("xyz"):
        assert found.rows.loc[name, "worth [t]"] == pytest.approx(brute(values, signed, chance, place), abs=1e-9)
    everything = chance @ signed.max(axis=1) - (chance @ signed).max()
    assert found.everything == pytest.approx(everything, abs=1e-9)
    assert (found.rows["worth [t]"] >= 0.0).all()
    assert (found.rows["worth [t]"] <= found.everything + 1e-9).all()
    # what all alternatives gain alike changes nothing
    shifted = kip.sampled_information(
        values, ["x", "y", "z"], table + values[:, [1]] * 7, names, TONNES, direction=direction, weights=chance
    )
    assert shifted.rows["worth [t]"].to_numpy() == pytest.approx(found.rows["worth [t]"].to_numpy(), abs=1e-9)


def test_one_that_is_always_best() -> None:
    values = np.random.default_rng(5).uniform(size=(500, 2))
    found = kip.sampled_information(
        values, ["x", "y"], np.column_stack([values[:, 0], values[:, 0] + 1.0]), ["a", "b"], TONNES, resamples=20
    )
    assert (found.everything, found.worth) == (0.0, ())
    assert "worth nothing: b is best in every scenario" in " ".join(found.sentences())
    repr(found)
    found.plot()


def test_what_to_measure_next_in_tonnes_and_kronor() -> None:
    random = np.random.default_rng(6)
    values = random.normal(size=(2000, 3))
    tonnes = np.column_stack([np.zeros(2000), 1000.0 * values[:, 0] + 300.0 * values[:, 1]])
    kronor = np.column_stack([np.zeros(2000), 5e6 * values[:, 1]])
    found = [
        kip.sampled_information(values, ["x", "y", "z"], table, ["wait", "start"], measured, resamples=20)
        for table, measured in ((tonnes, TONNES), (kronor, KRONOR))
    ]
    table = measure_next(found)
    assert table.index.tolist() == ["x", "y"]
    assert table.loc["x", "reduction [t]"] == pytest.approx(unit_gain(0.0, 1000.0), abs=1.5 * found[0].rows.loc["x", "worth ± [t]"])
    assert table.loc["y", "net_benefit [SEK]"] == pytest.approx(unit_gain(0.0, 5e6), abs=1.5 * found[1].rows.loc["y", "worth ± [SEK]"])
    assert np.isnan(table.loc["x", "net_benefit [SEK]"])
    assert "MSEK" in found[1].sentences()[1]
    with pytest.raises(kip.RequestError, match="about the same inputs"):
        measure_next([])


def test_scenarios_without_an_answer_and_too_few() -> None:
    values = np.random.default_rng(7).normal(size=(400, 2))
    table = np.column_stack([values[:, 0], values[:, 1]])
    table[::4, 1] = np.nan
    found = kip.sampled_information(values, ["x", "y"], table, ["a", "b"], TONNES, resamples=10)
    assert (found.scenarios, found.dropped) == (300, 100)
    few = kip.sampled_information(values[:20], ["x", "y"], table[:20], ["a", "b"], TONNES)
    assert np.isnan(few.everything)
    assert "Too little to go on" in few.sentences()[0]
    repr(few)
    few.plot()


def test_bad_input_in_one_report() -> None:
    with pytest.raises(kip.RequestError) as caught:
        kip.sampled_information(np.zeros((4, 1)), ["x"], np.zeros((4, 2)), ["a"], TONNES, direction="left", weights=[1, 2])
    text = str(caught.value)
    assert all(words in text for words in ("for 1 alternatives", 'direction is "left"', "weights must be"))


def test_the_same_seed_the_same_numbers() -> None:
    values = np.random.default_rng(8).normal(size=(300, 2))
    table = np.column_stack([np.zeros(300), values[:, 0]])
    one, again, other = (
        kip.sampled_information(values, ["x", "y"], table, ["a", "b"], TONNES, {"seed": seed}, resamples=20).rows for seed in (0, 0, 1)
    )
    assert one.equals(again)
    assert not one.equals(other)
