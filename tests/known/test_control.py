"""Rådighet: who decides, in tonnes and kronor; uptake as a distribution; asks (conventions §42, §43)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import kip
from kip.model.shift import CONTROLS
from tests.properties.plans import random_plan

ACTORS = [
    kip.Actor(name="municipality"),
    kip.Actor(name="state", kind="state"),
    kip.Actor(name="households", kind="private"),
]


def town(**more: object) -> kip.Plan:
    fields: dict[str, object] = {
        "name": "town",
        "years": "2026-2027",
        "actors": ACTORS,
        "shifts": [
            kip.Shift(name="fleet", cost={"municipality": 1000}, opex={"municipality": -50}, reduction=100),
            kip.Shift(
                name="ev",
                control="incentive",
                control_by_actor={"municipality": "own", "households": "dialogue"},
                cost={"municipality": 10, "state": 20, "households": 300},
                opex={"households": -40},
                reduction=30,
                choice="units",
                unit="car",
                potential=10,
                uptake="triangular(0.2, 0.4, 0.6)",
            ),
        ],
        "enablers": [kip.Enabler(name="charging", cost=70, control="procurement")],
    }
    return kip.Plan(**(fields | more))


def test_tonnes_stand_with_the_measure_and_kronor_with_the_payer() -> None:
    portfolio = kip.evaluate(town(), {"fleet": 2026, "ev": {2026: 3, 2027: 1}, "charging": 2026})
    table = portfolio.control()
    # fleet 2 years · 100 t; ev 3 cars for two years and 1 for one: 7 car-years · 30 t
    assert table["reduction [t]"].to_dict() == {
        "own": 200, "procurement": 0, "regulation": 0, "incentive": 210, "dialogue": 0, "decides": 200, "persuades": 210, "all": 410,
    }  # fmt: skip
    assert table.loc["incentive", "reduction 2027 [t/year]"] == 4 * 30
    # the municipality: fleet 1000 - 2 · 50, and 10 for each of four cars, over which it decides itself; charging 70
    assert table.loc["own", "municipal enabling cost [SEK]"] == 900 + 40
    assert table.loc["procurement", "municipal enabling cost [SEK]"] == 70
    # households: 4 · 300 and 7 car-years that save 40 each, by dialogue; the state's 4 · 20 stay at the level of the measure
    assert table.loc["dialogue", "private adoption cost [SEK]"] == 1200 - 280
    assert table.loc["dialogue", "private investment [SEK]"] == 1200
    assert table.loc["incentive", "other public cost [SEK]"] == 80
    cost = table.loc["all", [name for name in table if " cost " in name]].sum()
    assert cost == portfolio.measure("cost") == 900 + 40 + 70 + 920 + 80


def test_low_and_high_uptake_of_the_same_decisions() -> None:
    portfolio = kip.evaluate(town(), {"fleet": 2026, "ev": {2026: 3, 2027: 1}})
    table = portfolio.control()
    # the mean of (0.2, 0.4, 0.6) is 0.4: half of what was decided at the lower end, half as much again at the upper one
    assert table.loc["persuades", "low uptake [t]"] == pytest.approx(105)
    assert table.loc["persuades", "high uptake [t]"] == pytest.approx(315)
    # the fleet's uptake is not uncertain
    assert table.loc["decides", "low uptake [t]"] == table.loc["decides", "high uptake [t]"] == 200


@pytest.mark.parametrize(("level", "tonnes"), [("low", 150), ("high", 450)])
def test_the_range_is_what_evaluate_counts_at_that_uptake(level: str, tonnes: float) -> None:
    petrol = kip.Activity(name="petrol", amount=1000, factor=1.0)
    shift = kip.Shift(name="rule", source="petrol", potential=750, uptake=kip.uniform(0.2, 0.6))
    plan = kip.Plan(name="p", years=[2026], activities=[petrol], shifts=[shift])
    table = kip.evaluate(plan, ["rule"]).control()
    assert table.loc["all", f"{level} uptake [t]"] == pytest.approx(tonnes)
    # a whole shift scales its effect with its uptake, so the same plan with that uptake is another road to the number
    certain = plan.update({"shifts.rule.uptake": {"low": 0.2, "high": 0.6}[level]})
    assert kip.evaluate(certain, ["rule"]).measure("reduction") == pytest.approx(tonnes)


def test_high_uptake_never_takes_more_than_there_is() -> None:
    petrol = kip.Activity(name="petrol", amount=100, factor=1.0)
    shifts = [
        kip.Shift(name="campaign", source="petrol", choice="share", potential=100, uptake="uniform(0.2, 1)", control="dialogue"),
        kip.Shift(name="rule", source="petrol", choice="share", potential=100),
    ]
    plan = kip.Plan(name="p", years=[2026], activities=[petrol], shifts=shifts)
    table = kip.evaluate(plan, {"campaign": {2026: 60}, "rule": {2026: 30}}).control()
    # 60 / 0.6 = 100 at the upper end, but the rule has taken 30 of the 100 there are; at the lower end 60 · 0.2 / 0.6
    assert table.loc["persuades", "high uptake [t]"] == pytest.approx(70)
    assert table.loc["persuades", "low uptake [t]"] == pytest.approx(20)
    assert table.loc["decides", ["low uptake [t]", "reduction [t]", "high uptake [t]"]].tolist() == pytest.approx([30, 30, 30])


def test_low_uptake_reaches_down_a_chain() -> None:
    activities = [kip.Activity(name="petrol", amount=100, factor=1.0), kip.Activity(name="electric", amount=0, factor=0.4)]
    shifts = [
        kip.Shift(name="ev", source="petrol", target="electric", choice="share", potential=100, uptake="uniform(0.2, 0.6)"),
        kip.Shift(name="bike", source="electric", choice="share", potential=100, uptake=1),
    ]
    plan = kip.Plan(name="p", years=[2026], activities=activities, shifts=shifts)
    portfolio = kip.evaluate(plan, {"ev": {2026: 40}, "bike": {2026: 40}})
    assert portfolio.measure("reduction") == pytest.approx(40)  # 40 · 0.6 and 40 · 0.4
    # only 20 become electric, so the bicycle finds only 20: 20 · 0.6 + 20 · 0.4; at the upper end 60 are electric, and 40 leave
    table = portfolio.control()
    assert table.loc["all", "low uptake [t]"] == pytest.approx(20)
    assert table.loc["all", "high uptake [t]"] == pytest.approx(60 * 0.6 + 40 * 0.4)


def test_asks_say_who_decides_what() -> None:
    portfolio = kip.evaluate(town(), {"fleet": 2026, "ev": {2026: 3, 2027: 1}, "charging": 2026})
    asks = portfolio.asks()
    row = asks.loc[("households", "all", "ev")]
    assert row["control"] == "dialogue"
    assert (row["first start"], row["last start"], row["units"], row["unit"]) == (2026, 2027, 4, "car")
    assert row["investment [SEK]"] == 1200
    assert (row["saving [SEK]"], row["running cost [SEK]"]) == (280, 0)
    assert row["reduction of the shift [t]"] == 210
    assert set(asks.loc["municipality"].index.get_level_values("shift")) == {"fleet", "ev", "charging"}
    assert asks.loc[("state", "all", "ev"), "control"] == "incentive"


def test_who_does_the_activity_is_asked_even_without_money() -> None:
    staff = kip.Activity(name="trips", amount=10, factor=1.0, actor="businesses")
    actors = [*ACTORS, kip.Actor(name="businesses", kind="private")]
    shifts = [kip.Shift(name="less", source="trips"), kip.Shift(name="free", reduction=1)]
    asks = kip.evaluate(town(activities=[staff], actors=actors, shifts=shifts, enablers=[]), ["less", "free"]).asks()
    # nobody pays for "free": it is the first actor's decision
    assert list(asks.index) == [("businesses", "all", "less"), ("municipality", "all", "free")]


@pytest.mark.parametrize("seed", range(12))
def test_sums_are_the_totals(seed: int) -> None:
    plan = random_plan(seed)
    levels = {
        f"{kind}.{item.name}.control": CONTROLS[(seed + row) % 5]
        for kind in ("shifts", "enablers")
        for row, item in enumerate(getattr(plan, kind))
    }
    plan = plan.update(levels | {f"shifts.{plan.shifts[0].name}.control_by_actor": {"people": "dialogue"}})
    best = kip.optimize(plan, gap=0.01)
    table, asks = best.control(), best.asks()
    for group in (["decides", "persuades"], list(CONTROLS)):
        assert table.loc[group].sum().to_numpy() == pytest.approx(table.loc["all"].to_numpy())
    assert table.loc["all", "reduction [t]"] == pytest.approx(best.measure("reduction"))
    costs = [name for name in table if " cost " in name]
    assert table.loc["all", costs].sum() == pytest.approx(best.measure("cost"))
    assert table.loc["all", "grants [SEK]"] == pytest.approx(best.measure("grants"))
    assert asks["investment [SEK]"].sum() == pytest.approx(best.measure("investment"))
    assert (asks["running cost [SEK]"] - asks["saving [SEK]"]).sum() == pytest.approx(best.measure("operation"))
    low, mean, high = (table[name].to_numpy() for name in ("low uptake [t]", "reduction [t]", "high uptake [t]"))
    assert low == pytest.approx(high) and mean == pytest.approx(high)  # no uptake is a distribution


@pytest.mark.parametrize("seed", range(8))
def test_a_distribution_computes_as_its_mean(seed: int) -> None:
    plan = random_plan(seed)
    spread = {f"shifts.{shift.name}.uptake": kip.uniform(0.5, 0.9) for shift in plan.shifts}
    point = dict.fromkeys(spread, 0.7)
    one, other = (kip.optimize(plan.update(changes), gap=0) for changes in (spread, point))
    assert one.objective == pytest.approx(other.objective)
    table = one.control()
    if (one.dataset["reduction"].values >= 0).all():
        assert table.loc["all", "low uptake [t]"] <= table.loc["all", "high uptake [t]"] + 1e-9


def test_the_default_by_control_is_for_shifts_without_an_uptake() -> None:
    shifts = [
        kip.Shift(name="a", reduction=100, control="dialogue"),
        kip.Shift(name="b", reduction=100, control="dialogue", uptake=1),
        kip.Shift(name="c", reduction=100),
    ]
    plan = town(shifts=shifts, enablers=[])
    assert kip.evaluate(plan, ["a", "b", "c"]).measure("reduction_2026") == 300  # no defaults: 1, as before
    plan = plan.update({"uptake_by_control": {"dialogue": "triangular(0.2, 0.4, 0.6)"}})
    portfolio = kip.evaluate(plan, ["a", "b", "c"])
    assert portfolio.measure("reduction_2026") == pytest.approx(40 + 100 + 100)
    assert portfolio.control().loc["all", "low uptake [t]"] == pytest.approx(2 * (20 + 100 + 100))


@pytest.mark.parametrize("form", ["folder", "book.xlsx"])
def test_files_keep_control_and_distributions(form: str, tmp_path: Path) -> None:
    plan = town(
        uptake_by_control={"dialogue": kip.uniform(0.1, 1 / 3), "regulation": 0.9},
        scenarios=[kip.Scenario(name="s", changes={"shifts.ev.uptake": kip.triangular(0, 0.1, 0.2)})],
    )
    again = kip.read_plan(kip.write_plan(plan, tmp_path / form))
    assert again == plan
    assert again.hash == plan.hash
    assert again.scenario("s").uptake(again.scenario("s").shifts[1]) == kip.triangular(0, 0.1, 0.2)


@pytest.mark.parametrize(
    "written",
    [
        "triangular(20 %, 0.4, 0.6)",
        {"low": 0.2, "mode": 0.4, "high": 0.6},
        {"shape": "triangular", "low": "20 %", "mode": 0.4, "high": 0.6},
        {"triangular": [0.2, 0.4, 0.6]},
    ],
)
def test_ways_to_write_a_distribution(written: object) -> None:
    assert kip.Shift(name="a", uptake=written).uptake == kip.triangular(0.2, 0.4, 0.6)


def test_mean_and_deviation_against_numbers() -> None:
    # midpoints of a fine grid, weighted with the density: a second road to both
    grid = (np.arange(200_000) + 0.5) / 200_000
    low, mode, high = 0.1, 0.2, 0.6
    x = low + (high - low) * grid
    density = np.where(x < mode, (x - low) / (mode - low), (high - x) / (high - mode))
    mean = (x * density).sum() / density.sum()
    spread = np.sqrt(((x - mean) ** 2 * density).sum() / density.sum())
    value = kip.triangular(low, mode, high)
    assert (value.mean, value.deviation) == pytest.approx((mean, spread), rel=1e-6)
    assert kip.uniform(0.1, 0.6).deviation == pytest.approx((0.1 + 0.5 * grid).std(), rel=1e-6)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"uptake": "triangular(0.4, 0.2, 0.6)"}, "is not in order. Write triangular(low, mode, high)"),
        ({"uptake": "triangel(0.2, 0.4, 0.6)"}, 'unknown distribution "triangel". Did you mean "triangular"?'),
        ({"uptake": "uniform(0.2)"}, "Write uniform(low, high)."),
        ({"uptake": "uniform(0.2, 1.2)"}, "1.2 is not a share"),
        ({"uptake": {"low": 0.2, "high": 0.3, "middle": 0.2}}, "has the numbers low, high"),
        ({"uptake": "most"}, "is not a number"),
        ({"control_by_actor": {"municipality": "dialog"}}, "'dialog' is not allowed"),
    ],
)
def test_bad_uptake(fields: dict[str, object], words: str) -> None:
    with pytest.raises(kip.DataError) as caught:
        kip.Shift(name="a", **fields)
    assert words in str(caught.value)


def test_bad_names_in_a_file_are_told_with_their_row(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("name: p\nyears: [2026]\nactors: [{name: households}]\nuptake_by_control: {dialog: 0.2}\n")
    (tmp_path / "shifts.csv").write_text('name,control_by_actor.household,uptake\na,dialogue,\nb,,"uniform(0.6, 0.2)"\n')
    with pytest.raises(kip.DataError) as caught:
        kip.read_plan(tmp_path)
    found = str(caught.value)
    assert 'unknown actor "household". Did you mean "households"?' in found
    assert "uniform(0.6, 0.2) is not in order" in found
    assert "'dialog' is not allowed" in found
    assert [issue.row for issue in caught.value.issues if issue.file == "shifts.csv"] == [2, 3]


def test_calls_say_what_is_wrong() -> None:
    with pytest.raises(kip.RequestError, match="the smallest first"):
        kip.uniform(0.6, 0.2)
    with pytest.raises(kip.RequestError, match="is not a number"):
        kip.triangular(0.1, "often", 0.3)
