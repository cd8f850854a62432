"""Linköping's climate contract 2025/26 by arithmetic: 780 kt in 1990, 654 kt in 2023, -70 % in 2030, -85 % and at most 15 % in 2045."""

from __future__ import annotations

from typing import Any

import pytest

import kip

BASE, NOW = 780_000.0, 654_000.0


def contract(reductions: float, sinks: float, **fields: Any) -> kip.Plan:
    """What is left of 654 kt in 2045, with so many tonnes of reductions and of complementary measures on offer, in kilotonnes."""
    data: dict[str, Any] = {
        "name": "contract",
        "years": [2030, *range(2031, 2046)],
        "shifts": [
            kip.Shift(name="cuts", choice="units", potential=reductions, reduction="1 kt/year", cost=1000),
            kip.Shift(name="sinks", choice="units", potential=sinks, reduction="1 kt/year", cost=1, counts_as="complementary"),
        ],
        "ledgers": [
            kip.Ledger(
                name="contract",
                base_year=1990,
                base_value="780 kt/year",
                source="Klimatkontrakt 2030 Linköping, version 2025/26, section 5.1",
                other={"el-fjarrvarme": 0.45 * NOW, "rest": 0.55 * NOW},
            )
        ],
        "targets": [
            kip.Target(name="2030", year=2030, cut="70 %"),
            kip.Target(name="2045", year=2045, cut="85 %"),
            kip.Target(name="2045 net", year=2045, kind="net", cut="100 %", complementary_share="15 %"),
        ],
    }
    return kip.Plan(**(data | fields))


def test_figures_of_the_contract() -> None:
    plan = contract(600, 300)
    inputs = kip.evaluate(plan).dataset
    change = NOW / BASE - 1
    assert change == pytest.approx(-0.1615, abs=5e-5)
    assert inputs["target_value"].values.tolist() == pytest.approx([234_000, 117_000, 0])
    assert inputs["target_complementary"].values.tolist() == pytest.approx([0, 0, 117_000])
    assert plan.ledgers[0].other["el-fjarrvarme"] == pytest.approx(294_300)
    # el & fjärrvärme alone is more than what 2030 allows
    assert plan.ledgers[0].other["el-fjarrvarme"] > 234_000


def shortfalls(plan: kip.Plan) -> dict[str, float]:
    answer = kip.optimize(plan, minimize="cost", gap=0)
    assert answer.status == "optimal"
    # the same without the solver
    again = kip.evaluate(
        plan, {name: answer.dataset["new"].sel(shift=name).sum("district").to_series().to_dict() for name in answer.selected}
    )
    assert again.dataset["shortfall"].values.tolist() == pytest.approx(answer.dataset["shortfall"].values.tolist(), abs=1e-3)
    return {str(name): float(value) for name, value in answer.dataset["shortfall"].to_series().items()}


def test_enough_of_both_reaches_every_target() -> None:
    # 654 - 537 = 117, and 117 of sinks
    assert shortfalls(contract(537, 117)) == pytest.approx({"2030": 0, "2045": 0, "2045 net": 0}, abs=1e-3)


def test_missing_reductions_are_not_healed_by_complementary_measures() -> None:
    # 100 kt of reductions are lacking: 654 - 437 = 217; sinks for 300 kt count for no more than 117
    short = shortfalls(contract(437, 300))
    assert short["2045"] == pytest.approx(100_000)
    assert short["2045 net"] == pytest.approx(100_000)
    answer = kip.optimize(contract(437, 300), minimize="cost", gap=0)
    assert "Complementary measures count for all that they may in 2045 net (117 kt/year)." in answer.binding
    assert not [text for text in kip.optimize(contract(537, 117), minimize="cost", gap=0).binding if "Complementary" in text]
    # without the cap they would be more than enough
    loose = contract(437, 300).update({"targets.2045 net.complementary_share": "30 %"})
    assert shortfalls(loose)["2045 net"] == pytest.approx(0, abs=1e-3)
    assert shortfalls(loose)["2045"] == pytest.approx(100_000)


def test_missing_complementary_measures_are_missing() -> None:
    assert shortfalls(contract(537, 17))["2045 net"] == pytest.approx(100_000)
    # or reductions in their place: 654 kt of them need none
    assert shortfalls(contract(654, 0))["2045 net"] == pytest.approx(0, abs=1e-3)


def test_complementary_measures_are_never_reductions() -> None:
    plan = contract(600, 300)
    without = kip.evaluate(plan, {"cuts": {2030: 500}})
    both = kip.evaluate(plan, {"cuts": {2030: 500}, "sinks": {2030: 200}})
    for measure in ("reduction", "emissions", "lifetime_reduction", "emissions_2045"):
        assert both.measure(measure) == without.measure(measure)
    assert both.measure("complementary_2045") == pytest.approx(200_000)
    assert both.measure("complementary") == pytest.approx(200_000 * 16)
    assert float(both.dataset["reduction"].sel(shift="sinks").sum()) == 0
    # 654 - 500 = 154 left, of which 117 are credited
    row = both.ledgers().loc[("contract", 2045)]
    assert row[["baseline", "outside", "reduction", "complementary", "emissions", "net"]].tolist() == pytest.approx(
        [654_000, 654_000, 500_000, 200_000, 154_000, -46_000]
    )
    assert row[["target", "net target", "shortfall"]].tolist() == pytest.approx([117_000, 0, 37_000])
    assert both.dataset["target_credited"].values.tolist() == pytest.approx([0, 0, 117_000])
    assert both.dataset["shortfall"].values.tolist() == pytest.approx([0, 37_000, 37_000])


def test_complementary_measures_have_no_tonne_value() -> None:
    ledger = kip.Ledger(name="l", value="7 SEK/kg")
    sink = kip.Shift(name="sink", reduction=10, counts_as="complementary")
    assert kip.evaluate(kip.Plan(name="p", years=[2026], shifts=[sink], ledgers=[ledger]), ["sink"]).measure("net_benefit") == 0


def test_complementary_is_a_measure() -> None:
    best = kip.optimize(contract(600, 300), "complementary_2030", gap=0, maximum={"cost": 40})
    assert best.objective == pytest.approx(40_000)
    assert best.measure("reduction") == 0
    most = kip.optimize(contract(600, 300), minimize="cost", minimum={"complementary_2045": "50 kt/year"}, gap=0)
    assert most.measure("complementary_2045") == pytest.approx(117_000)
