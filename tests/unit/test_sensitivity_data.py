"""Sensitivity when data is poor: no answer, no movement, an unproven answer, arrays that do not fit, a library that is missing."""

from __future__ import annotations

import re
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import kip
from kip.sensitivity.result import Sensitivity
from kip.sensitivity.sobol import Sobol
from kip.sweeps.experiment import Measured

RANDOM = np.random.default_rng(9)
BLOCK = RANDOM.uniform(size=(512, 2))
OTHER = RANDOM.uniform(size=(512, 2))
MEASURED = Measured("reduction", "t", "Reduction")


def saltelli() -> NDArray[np.float64]:
    """A, AB1, AB2, B of each base sample, as SALib and kip order them."""
    mixed = [np.column_stack([OTHER[:, 0], BLOCK[:, 1]]), np.column_stack([BLOCK[:, 0], OTHER[:, 1]])]
    return np.stack([BLOCK, *mixed, OTHER], axis=1).reshape(-1, 2)


def asked(kind: str, outcome: NDArray[np.float64], values: NDArray[np.float64], **options: Any) -> Sensitivity:
    design = {"kind": kind, "second_order": False, **options.pop("design", {})}
    return kip.sensitivity_of(values, ["cost", "uptake"], outcome, MEASURED, design, **options)


def trajectories(count: int) -> NDArray[np.float64]:
    start = RANDOM.integers(0, 2, (count, 1, 2)) / 3.0
    steps = np.array([[0, 0], [2 / 3, 0], [2 / 3, 2 / 3]])
    return np.asarray((start + steps).reshape(-1, 2))


def test_a_block_without_an_answer_is_left_out_whole() -> None:
    values = saltelli()
    outcome = values @ [3.0, 1.0]
    holes = outcome.copy()
    holes[[1, 41]] = np.nan
    left = asked("saltelli", holes, values)
    rest = np.delete(np.arange(len(values)), [0, 1, 2, 3, 40, 41, 42, 43])
    assert (left.scenarios, left.dropped) == (510 * 4, 8)
    np.testing.assert_array_equal(left.rows.to_numpy(), asked("saltelli", outcome[rest], values[rest]).rows.to_numpy())
    assert any("8 are left out" in line for line in left.sentences())


def test_a_trajectory_without_an_answer_is_left_out_whole() -> None:
    values = trajectories(20)
    outcome = values @ [3.0, 1.0]
    outcome[4] = np.nan
    found = asked("morris", outcome, values)
    assert (found.scenarios, found.dropped) == (57, 3)
    assert found.rows["mu star [t]"].tolist() == pytest.approx([3.0, 1.0])


@pytest.mark.parametrize("kind", ["saltelli", "morris", "lhs", "one-at-a-time"])
def test_a_constant_outcome_has_no_indices(kind: str) -> None:
    values = {"saltelli": saltelli(), "morris": trajectories(20), "lhs": BLOCK}.get(kind, np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]]))
    found = asked(kind, np.full(len(values), 7.0), values)
    assert any("the same in all scenarios" in line for line in found.sentences())
    assert any("lika i alla scenarier" in line for line in found.sentences("sv"))
    if kind != "one-at-a-time":
        assert found.rows.drop(columns=["title", "shape"], errors="ignore").isna().all(axis=None)
    repr(found)
    found.plot()


@pytest.mark.parametrize("kind", ["saltelli", "morris", "lhs"])
def test_nothing_answered(kind: str) -> None:
    values = {"saltelli": saltelli(), "morris": trajectories(20), "lhs": BLOCK}[kind]
    found = asked(kind, np.full(len(values), np.nan), values)
    assert found.scenarios == 0
    assert "Too little to go on" in found.sentences()[0]
    found.plot()


def test_seed_zero_is_a_seed() -> None:
    """SALib takes 0 for no seed; kip does not. Another seed gives other intervals and the same indices."""
    values = saltelli()
    outcome = values @ [3.0, 1.0]
    first, again, other = (asked("saltelli", outcome, values, design={"seed": seed}).rows for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.to_numpy(), again.to_numpy())
    assert (first["first ± [1]"] != other["first ± [1]"]).all()
    assert (first["first [1]"] == other["first [1]"]).all()
    given = [asked("lhs", outcome, values, design={"seed": seed}).rows["delta [1]"] for seed in (0, 0, 1)]
    assert given[0].equals(given[1])
    assert not given[0].equals(given[2])


def test_global_random_numbers_are_left_alone() -> None:
    before = np.random.get_state()[1]  # noqa: NPY002
    for kind, values in (("saltelli", saltelli()), ("morris", trajectories(20)), ("lhs", BLOCK)):
        asked(kind, values @ [3.0, 1.0], values)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_what_is_unproven_is_said_when_it_is_not_small() -> None:
    values = saltelli()
    outcome = 1000.0 + values @ [3.0, 1.0]  # spread about 0.9
    assert any("left unproven" in line for line in asked("saltelli", outcome, values, gap=1e-3).sentences())
    assert any("obevisat" in line for line in asked("saltelli", outcome, values, gap=1e-3).sentences("sv"))
    assert not any("left unproven" in line for line in asked("saltelli", outcome, values, gap=1e-6).sentences())


def test_inputs_that_move_together_are_named() -> None:
    values = np.column_stack([BLOCK[:, 0], BLOCK[:, 0] + 0.3 * BLOCK[:, 1]])
    assert any("move together" in line for line in asked("lhs", values @ [3.0, 1.0], values).sentences())
    assert not any("move together" in line for line in asked("lhs", BLOCK @ [3.0, 1.0], BLOCK).sentences())


def test_given_data_of_a_saltelli_design_takes_its_two_samples() -> None:
    values = saltelli()
    found = asked("saltelli", values @ [3.0, 1.0], values, method="given-data")
    assert (found.scenarios, found.dropped) == (1024, 0)


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    found = asked("lhs", BLOCK @ [3.0, 1.0], BLOCK)
    assert "trees [1]" not in found.rows
    assert any("kip-planner[discovery]" in line for line in found.sentences())


@pytest.mark.parametrize("kind", ["saltelli", "morris"])
def test_without_salib(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    values = saltelli() if kind == "saltelli" else trajectories(20)
    with pytest.raises(kip.RequestError, match="pip install SALib"):
        asked(kind, values @ [3.0, 1.0], values)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"names": ["cost"]}, "1 names for 2 columns"),
        ({"names": ["cost", "cost"]}, "stand twice: cost"),
        ({"outcome": np.zeros(3)}, "3 outcomes of 512 scenarios"),
        ({"values": np.where(BLOCK > 0.9, np.nan, BLOCK)}, "no number: cost, uptake"),
        ({"values": BLOCK[:, 0]}, "1 dimensions"),
        ({"values": BLOCK[:1], "outcome": np.zeros(1)}, "1 scenarios say nothing"),
        ({"design": {"kind": "saltelli"}}, "no whole number of blocks of 6"),
        ({"design": {"kind": "morris"}}, "no whole number of trajectories"),
        ({"design": {"kind": "morris"}, "values": BLOCK[:510], "outcome": np.zeros(510)}, "no Morris trajectories"),
        ({"design": {"kind": "one-at-a-time"}}, "more than one input"),
        ({"gap": np.zeros(5)}, "5 gaps of 512 outcomes"),
        ({"method": "sobel"}, 'Did you mean "sobol"'),
        ({"method": "sobol"}, 'Sample with design="saltelli"'),
        ({"design": {"kind": "one-at-a-time"}, "method": "given-data"}, "does not fit"),
    ],
)
def test_bad_input(change: dict[str, Any], words: str) -> None:
    call: dict[str, Any] = {"values": BLOCK, "names": ["cost", "uptake"], "outcome": BLOCK.sum(axis=1), "design": {"kind": "lhs"}} | change
    with pytest.raises(kip.RequestError, match=words):
        kip.sensitivity_of(measured=MEASURED, **call)


def test_every_problem_in_one_report() -> None:
    with pytest.raises(kip.RequestError) as caught:
        kip.sensitivity_of(BLOCK, ["a", "a", "b"], np.zeros(3), MEASURED, {"kind": "lhs"})
    assert len(str(caught.value).splitlines()) == 3


def test_titles_and_levels_are_shown() -> None:
    ends = np.array([[0.0, 1.0], [1.0, 1.0], [0.0, 0.5]])
    design = {"titles": {"cost": "Cost of the bus"}, "labels": {"cost": ["as planned", "dear"]}}
    found = asked("one-at-a-time", ends @ [-400.0, 200.0], ends, design=design)
    assert found.table()["title"].tolist() == ["Cost of the bus", "uptake"]
    assert found.table()[["low", "high"]].iloc[0].tolist() == ["as planned", "dear"]
    assert "Cost of the bus 400 t" in " ".join(found.sentences())


def test_units_of_inputs_are_said() -> None:
    """An input in kronor is written in the size that reads best; a limit with all the figures it needs."""
    ends = np.array([[9e6, 1.0], [7.5e6, 1.0], [12e6, 1.0], [9e6, 0.5]])
    found = asked("one-at-a-time", ends @ [-1e-6, 2.0], ends, design={"units": {"cost": "SEK"}})
    assert "7.5 MSEK" in repr(found)
    assert "12 MSEK" in found._repr_html_()
    sample = BLOCK * [1e7, 1.0]
    rules = kip.rules_of(sample, ["cost", "uptake"], (sample[:, 0] <= 6.25e6)[:, None], ["bus"], {"units": {"cost": "SEK"}})
    assert re.fullmatch(r"när cost ≤ 6,2\d? MSEK", rules["bus"].text("sv"))


def test_shown_in_both_languages_and_as_plain_data() -> None:
    found = asked("saltelli", saltelli() @ [3.0, 1.0], saltelli())
    assert isinstance(found, Sobol)
    assert "What moves Reduction" in repr(found)
    assert "<table" in found._repr_html_()
    assert "Av variansen" in found.sentences("sv")[0]
    assert found.to_dict()["inputs"][0]["input"] == "cost"
