"""Boxes and rules that are known beforehand: the grid of KAT-7, rules that made the data, levels, and nothing where there is nothing."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import kip
from kip.sensitivity.discovery import Discovery
from kip.sensitivity.prim import Limits, quasi_p
from kip.sweeps.experiment import Measured

MIDDLES = (np.arange(10) + 0.5) / 10
GRID = np.array([(one, other) for one in MIDDLES for other in MIDDLES])
FAILS = (GRID[:, 0] > 0.6) & (GRID[:, 1] < 0.5)
SAMPLE = np.random.default_rng(1).uniform(size=(1200, 4)) * [1e6, 1.0, 100.0, 0.1]
NAMES = ["shifts.ev.cost", "uptake", "price", "rate"]
REDUCTION = Measured("reduction", "t", "Reduction")


@pytest.mark.parametrize("slice_share", [0.05, 0.1])
def test_the_grid(slice_share: float) -> None:
    """10 × 10 midpoints, it fails where x1 > .6 and x2 < .5 (20 of 100). The box: coverage 1, density 1.

    Without x1's limit 50 scenarios are left and 20 of them fail (.4); without x2's 40, of which 20 (.5). The binomial tails are .4^20 and
    .5^20.
    """
    found = kip.discover(GRID, ["x1", "x2"], FAILS, "it fails", slice_share=slice_share)
    assert int(found.event.sum()) == 20
    box = found.box()
    assert (box.text(), box.scenarios, box.coverage, box.density) == ("x1 ≥ 0.6 and x2 ≤ 0.5", 20, 1.0, 1.0)
    assert box.text("sv") == "x1 ≥ 0,6 och x2 ≤ 0,5"
    table = found.table()
    assert table["density without [1]"].to_dict() == {"x1": 0.4, "x2": 0.5}
    assert table["coverage without [1]"].to_dict() == {"x1": 1.0, "x2": 1.0}
    assert table["quasi-p [1]"].to_dict() == pytest.approx({"x1": 0.4**20, "x2": 0.5**20}, rel=1e-9)
    best = found.tree.iloc[0]
    assert (best["rule"], best["scenarios"], best["coverage [1]"], best["density [1]"]) == ("x1 ≥ 0.6 and x2 ≤ 0.5", 20, 1.0, 1.0)


def test_a_wider_box_of_the_grid() -> None:
    """x1 > .5 and x2 < .5 holds 25 scenarios, 20 of which fail: density .8, coverage 1."""
    wide = Limits(low={0: 0.55}, high={1: 0.45})
    inside = wide.inside(GRID)
    assert (int(inside.sum()), float(FAILS[inside].mean())) == (25, 0.8)
    density, coverage, _ = quasi_p(GRID, FAILS, wide, 0)
    assert (density, coverage) == (0.4, 1.0)


def test_the_way_is_kept() -> None:
    found = kip.discover(GRID, ["x1", "x2"], FAILS, "it fails")
    way = found.trajectory
    assert way["scenarios"].tolist()[:6] == [100, 90, 80, 70, 60, 50]
    assert way["coverage [1]"].eq(1.0).all()
    assert way["density [1]"].is_monotonic_increasing
    assert found.best_step == len(way) - 1
    assert found.box(3, every=True).text() == "x1 ≥ 0.3"
    # 20 events among 70 are not so many more than a fifth that chance could not do it
    assert found.box(3).conditions == ()
    with pytest.raises(kip.RequestError, match="there is no step 99"):
        found.box(99)


def test_what_was_peeled_too_far_is_pasted_back() -> None:
    """A coarse slice takes a third of the events along; pasting brings them back without losing density."""
    values = np.column_stack([np.arange(100.0), np.tile([0.0, 1.0], 50)])
    event = values[:, 0] >= 47
    found = kip.discover(values, ["a", "b"], event, "it", slice_share=0.4)
    assert found.trajectory["kind"].tolist()[-1] == "paste"
    assert (found.box().coverage, found.box().density) == (1.0, 1.0)


def test_threshold_and_restrictions_of_chance() -> None:
    """What the outcome hangs on is in the box, what it does not is not."""
    outcome = 300.0 + 200.0 * SAMPLE[:, 1] - 0.0002 * SAMPLE[:, 0]
    found = kip.discover(SAMPLE, NAMES, outcome, REDUCTION, below=250.0)
    assert set(found.table().index) == {"shifts.ev.cost", "uptake"}
    box = found.box()
    assert box.coverage > 0.75
    assert box.density > 0.75
    # the numbers are those of the limits as they are said
    assert box.scenarios == sum(all(one.holds(SAMPLE)[row] for one in box.conditions) for row in range(len(SAMPLE)))
    assert "Reduction below 250 t" in found.sentences()[0]
    assert "Reduction under 250 t" in found.sentences("sv")[0]
    repr(found)
    found.to_dict()
    found.plot()
    found.plot_trajectory()


def test_named_levels_are_sets() -> None:
    values = np.column_stack([np.tile([0.0, 1.0, 2.0], 100), np.random.default_rng(2).uniform(size=300)])
    design = {"labels": {"world": ["as now", "dear fuel", "crisis"]}, "titles": {"world": "World"}}
    found = kip.discover(values, ["world", "x"], values[:, 0] != 1.0, "too little", design)
    assert found.box().text() == "World = as now or crisis"
    rules = kip.rules_of(values, ["world", "x"], (values[:, 0] != 1.0)[:, None], ["bus"], design)
    assert rules["bus"].text("sv") == "när World = as now eller crisis"
    assert rules["bus"].tested == 1.0


@pytest.mark.parametrize(("event", "words"), [(np.zeros(1200, dtype=bool), "Too few"), (np.ones(1200, dtype=bool), "in every scenario")])
def test_nothing_to_discover(event: np.ndarray, words: str) -> None:
    found = kip.discover(SAMPLE, NAMES, event, "it")
    assert not found.found
    assert any(words in line for line in found.sentences())
    repr(found)
    found.plot()
    found.plot_trajectory()


def test_chance_makes_no_box() -> None:
    """An event that hangs on nothing: at most one input stays restricted, and never surely."""
    event = np.random.default_rng(8).uniform(size=1200) < 0.3
    found = kip.discover(SAMPLE, NAMES, event, "it")
    assert found.box().density < 0.5


def test_scenarios_without_an_answer_are_counted() -> None:
    outcome = SAMPLE[:, 1].copy()
    outcome[::10] = np.nan
    found = kip.discover(SAMPLE, NAMES, outcome, REDUCTION, below=0.3)
    assert (found.dropped, len(found.event)) == (120, 1080)
    assert any("120" in line for line in found.sentences())


def test_what_is_the_event() -> None:
    for options in ({}, {"below": 1.0, "above": 2.0}):
        with pytest.raises(kip.RequestError, match="what is the event"):
            kip.discover(GRID, ["x1", "x2"], GRID[:, 0], "y", **options)
    with pytest.raises(kip.RequestError, match="what is the event"):
        kip.discover(GRID, ["x1", "x2"], FAILS, "y", below=1.0)
    with pytest.raises(kip.RequestError, match="no scenario has an answer"):
        kip.discover(GRID, ["x1", "x2"], np.full(100, np.nan), "y", below=1.0)


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.tree", None)
    found = kip.discover(GRID, ["x1", "x2"], FAILS, "it fails")
    assert isinstance(found, Discovery)
    assert found.box().coverage == 1.0
    assert found.tree.empty
    assert any("kip-planner[discovery]" in line for line in found.sentences())
    with pytest.raises(kip.RequestError, match=r"kip-planner\[discovery\]"):
        kip.rules_of(GRID, ["x1", "x2"], FAILS[:, None], ["bus"])


def test_rules_that_made_the_data() -> None:
    """Each shift is chosen by a rule that is known; the rule comes back in the same words."""
    cost, uptake, price, rate = SAMPLE.T
    random = np.random.default_rng(6)
    levels = np.column_stack(
        [
            (cost <= 600_000) & (uptake >= 0.25),
            ~((price >= 60) & (rate >= 0.05)),
            np.ones(1200),
            np.zeros(1200),
            random.uniform(size=1200) > 0.5,
            20.0 * (uptake >= 0.7),
            (uptake >= 0.3) & (uptake <= 0.6),
        ]
    ).astype(float)
    rules = kip.rules_of(SAMPLE, NAMES, levels, ["both", "unless", "always", "never", "noise", "units", "between"])
    assert {name: rule.kind for name, rule in rules.rules.items()} == {
        "both": "rule", "unless": "rule", "always": "always", "never": "never", "noise": "unclear", "units": "rule", "between": "rule",
    }  # fmt: skip
    assert rules["both"].text() == "when shifts.ev.cost ≤ 600 000 and uptake ≥ 0.25".replace("600 000", "600\u202f000")
    assert rules["unless"].text() == "unless price ≥ 60 and rate ≥ 0.05"
    assert rules["units"].text() == "when uptake ≥ 0.7"
    assert rules["between"].text() == "when 0.3 ≤ uptake ≤ 0.6"
    both = rules["both"]
    assert both.tested > 0.98
    assert both.holds == pytest.approx(both.chosen, abs=6)
    assert (rules["always"].sentence(), rules["never"].sentence("sv")) == (
        "always is chosen in all 1\u202f200 scenarios.",
        "never väljs inte i något av 1\u202f200 scenarier.",
    )
    assert "no simple rule" in rules["noise"].sentence()
    repr(rules)
    rules.to_dict()
    rules.plot(language="sv")


def test_a_rule_with_exceptions_says_how_often_it_is_right() -> None:
    """One choice in twenty is turned round: no rule can be right in more than 95 %, and this one is, nearly."""
    random = np.random.default_rng(7)
    chosen = (SAMPLE[:, 1] >= 0.4) ^ (random.uniform(size=1200) < 0.05)
    rule = kip.rules_of(SAMPLE, NAMES, chosen[:, None], {"bus": "Electric bus"})["bus"]
    assert rule.conditions[0].low == pytest.approx(0.4, abs=0.01)
    assert rule.tested == pytest.approx(0.95, abs=0.02)
    assert rule.accuracy == pytest.approx(0.95, abs=0.02)
    assert rule.sentence().startswith("Electric bus is chosen when uptake ≥ 0.4")


def test_levels_without_an_answer_and_unknown_shift() -> None:
    levels = (SAMPLE[:, [1]] >= 0.5).astype(float)
    levels[:100] = np.nan
    rules = kip.rules_of(SAMPLE, NAMES, levels, ["bus"])
    assert (rules.dropped, rules["bus"].scenarios) == (100, 1100)
    with pytest.raises(kip.RequestError, match='unknown shift "bys"'):
        rules["bys"]
    with pytest.raises(kip.RequestError, match="for 2 shifts"):
        kip.rules_of(SAMPLE, NAMES, levels, ["bus", "bicycle"])


def test_the_same_seed_the_same_rules() -> None:
    chosen = (SAMPLE[:, 1] >= 0.4)[:, None]
    one, other = (kip.rules_of(SAMPLE, NAMES, chosen, ["bus"], {"seed": 0})["bus"] for _ in range(2))
    assert one == other
