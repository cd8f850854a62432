"""kip.robust against K1 (six shifts, five scenarios) and the small tables of KAT-7: published answers and arithmetic shown here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kip
from kip.results.criteria import criterion_value

CRITERIA = ("expected", "worst_case", "regret", "cvar")


@pytest.fixture(scope="module")
def k1(case_file: Callable[[str], Path]) -> dict[str, Any]:
    cases = json.loads(case_file("worked.json").read_text(encoding="utf-8"))
    return next(case for case in cases if case["name"].startswith("K1"))


def plan_of(k1: dict[str, Any]) -> kip.Plan:
    shifts = [
        kip.Shift(name=item["name"], cost=item["cost"], reduction=float(np.mean(item["reduction_by_scenario"])))
        for item in k1["plan"]["shifts"]
    ]
    return kip.Plan(name="k1", years=[2026], shifts=shifts, budgets=k1["plan"]["budgets"])


def futures_of(k1: dict[str, Any]) -> dict[str, dict[str, float]]:
    return {
        f"s{place + 1}": {f"shifts.{item['name']}.reduction": item["reduction_by_scenario"][place] for item in k1["plan"]["shifts"]}
        for place in range(5)
    }


@pytest.fixture(scope="module")
def chosen(k1: dict[str, Any]) -> dict[str, Any]:
    plan, futures = plan_of(k1), futures_of(k1)
    return {name: kip.robust(plan, futures, name, level=0.6, gap=0) for name in CRITERIA}


def test_k1_every_criterion(k1: dict[str, Any], chosen: dict[str, Any]) -> None:
    answer = k1["answer"]
    wanted = {
        "expected": (answer["expected"]["chosen"], answer["expected"]["t"]),
        "worst_case": (answer["worst case"]["chosen"], answer["worst case"]["t"]),
        "regret": (answer["minimax regret"]["chosen"], answer["minimax regret"]["max_regret_t"]),
        "cvar": (answer["cvar60"]["chosen"], answer["cvar60"]["t"]["value"]),
    }
    for name, (selected, value) in wanted.items():
        found = chosen[name]
        assert set(found.selected) == set(selected)
        assert found.value == pytest.approx(value)
        assert (found.status, found.gap) == ("optimal", 0.0)
        assert found.bound == pytest.approx(value)


def test_k1_scenario_optima_evpi_and_core_index(k1: dict[str, Any], chosen: dict[str, Any]) -> None:
    answer, found = k1["answer"], chosen["expected"]
    for one, portfolio in zip(answer["scenario optima"], found.setting.optima, strict=True):
        assert set(portfolio.selected) == set(one["chosen"])
        assert portfolio.objective == pytest.approx(one["t"])
    assert found.evpi == pytest.approx(answer["EVPI_t"])
    index = {name: part["value"] for name, part in answer["core index (share of scenarios in whose optimum)"].items()}
    assert found.core_index().to_dict() == pytest.approx(index)


def test_k1_cross_table(k1: dict[str, Any], chosen: dict[str, Any]) -> None:
    table = chosen["cvar"].criteria(chosen)
    rows = {"expected": "expected-optimal", "worst_case": "worst-case-optimal", "regret": "regret-optimal", "cvar": "cvar-optimal"}
    columns = {"expected [t]": "expected", "worst_case [t]": "worst", "regret [t]": "max_regret", "cvar [t]": "cvar60"}
    for mine, theirs in rows.items():
        for column, name in columns.items():
            wanted = k1["answer"]["cross table"][theirs][name]
            assert table.loc[mine, column] == pytest.approx(wanted["value"] if isinstance(wanted, dict) else wanted)


# --- KAT-7: three plans in three scenarios, with p = (.6, .2, .2)

TABLE = {"one": (60, 20, 40), "two": (45, 45, 40), "three": (38, 40, 50)}
WEIGHTS = (0.6, 0.2, 0.2)


def three() -> tuple[kip.Plan, dict[str, dict[str, float]]]:
    names = list(TABLE)
    shifts = [kip.Shift(name=name, reduction=1.0, excludes=names[place + 1 :]) for place, name in enumerate(names)]
    futures = {f"w{place}": {f"shifts.{name}.reduction": float(TABLE[name][place]) for name in names} for place in range(3)}
    return kip.Plan(name="three", years=[2026], shifts=shifts), futures


@pytest.mark.parametrize(
    ("criterion", "selected", "value"), [("expected", "one", 48.0), ("worst_case", "two", 40.0), ("regret", "two", 15.0)]
)
def test_three_by_three(criterion: str, selected: str, value: float) -> None:
    plan, futures = three()
    found = kip.robust(plan, futures, criterion, weights=WEIGHTS, gap=0)
    assert found.selected == (selected,)
    assert found.value == pytest.approx(value)
    if criterion == "expected":
        assert found.evpi == pytest.approx(7.0)  # .6·60 + .2·45 + .2·50 - 48


def test_criteria_of_three_by_three_are_the_published_table() -> None:
    best = -np.array([60.0, 45.0, 50.0])
    rows = {name: -np.array(values, dtype=float) for name, values in TABLE.items()}
    weights = np.array(WEIGHTS)
    assert [-criterion_value("expected", row, weights, best, 0.8) for row in rows.values()] == pytest.approx([48, 44, 40.8])
    assert [-criterion_value("worst_case", row, weights, best, 0.8) for row in rows.values()] == [20, 40, 38]
    assert [criterion_value("regret", row, weights, best, 0.8) for row in rows.values()] == [25, 15, 22]


def test_cvar_of_ten_losses() -> None:
    """Losses 1 to 10, equally likely: the mean of the worst fifth is (9 + 10) / 2."""
    plan = kip.Plan(name="ten", years=[2026], shifts=[kip.Shift(name="it", cost=5.0, reduction=1.0)])
    futures = {f"loss {loss}": {"shifts.it.cost": float(loss)} for loss in range(1, 11)}
    found = kip.robust(plan, futures, "cvar", level=0.8, minimize="cost", require=["it"], gap=0)
    assert found.value == pytest.approx(9.5)
    assert found.bound == pytest.approx(9.5)


def test_weights_decide() -> None:
    """With all weight on one scenario the expected value is that scenario's own, its optimum too, and knowing it is worth nothing."""
    plan, futures = three()
    found = kip.robust(plan, futures, weights={"w2": 1.0, "w0": 0.0, "w1": 0.0}, gap=0)
    assert found.selected == ("three",)
    assert found.evpi == pytest.approx(0.0, abs=1e-9)


# --- KAT-7, two stages: capacity at 1 a unit, a demand of 10 or 30, 3 for each unit served, 2.5 for a unit that is bought later


def capacity() -> tuple[kip.Plan, dict[str, dict[str, float]]]:
    """Capacity in tens: three enablers that each open a third of 30 units; what is bought later opens by itself."""
    tens = [kip.Enabler(name=f"ten {number}", cost=10.0, latest=2026, opens={"serve": 1 / 3}) for number in (1, 2, 3)]
    common: dict[str, Any] = {"choice": "share", "potential": 30, "earliest": 2027, "uses": {"demand": 1}, "cobenefits": {"served": 1}}
    shifts = [kip.Shift(name="serve", open=0.0, **common), kip.Shift(name="late", cost=2.5, **common)]
    plan = kip.Plan(
        name="capacity",
        years=[2026, 2027],
        discount_rate=0.0,
        shifts=shifts,
        enablers=tens,
        resources=[kip.Resource(name="demand", supply=20)],
        indicators=[kip.Indicator(name="served", value=3.0)],
    )
    return plan, {"low": {"resources.demand.supply": 10.0}, "high": {"resources.demand.supply": 30.0}}


def test_two_stage_capacity() -> None:
    plan, futures = capacity()
    found = kip.two_stage(plan, futures, until=2026, maximize="net_benefit", gap=0)
    assert (found.value, found.bound) == pytest.approx((30.0, 30.0))
    assert found.first == ("ten 1", "ten 2", "ten 3")
    assert (found.eev, found.ws) == pytest.approx((27.5, 40.0))
    assert (found.vss, found.evpi) == pytest.approx((2.5, 10.0))
    # the plan of means has a demand of 20, and so decides on 20
    assert found.averages.portfolio is not None
    assert len([name for name in found.averages.portfolio.selected if name.startswith("ten")]) == 2
    assert found.averages.values.tolist() == pytest.approx([10.0, 45.0])
    later = found.later()
    assert later.loc[("serve", "all", 2027)].tolist() == pytest.approx([10.0, 30.0])
    table = found.summary()
    assert table["value [SEK]"].to_dict() == pytest.approx({"EEV": 27.5, "RP": 30.0, "WS": 40.0, "VSS": 2.5, "EVPI": 10.0})


def test_two_stage_with_a_reference() -> None:
    """Against the plan itself with a demand of 10, whose 10 units cost 25 later in the high case: (20 + 30) / 2 = 25."""
    plan, futures = capacity()
    low = plan.update({"resources.demand.supply": 10.0})
    found = kip.two_stage(plan, futures, until=2026, reference=low, maximize="net_benefit", gap=0)
    # 10 units: 30 - 10 = 20; and 90 - 10 - 20 · 2.5 = 30
    assert found.averages.values.tolist() == pytest.approx([20.0, 30.0])
    assert found.eev == pytest.approx(25.0)


# --- what knowing one input is worth


def test_information_of_three_by_three() -> None:
    """.6·60 + .2·45 + .2·50 - 48 = 7 for knowing everything."""
    plan, futures = three()
    found = kip.information_value(plan, futures, weights=WEIGHTS, worth="1500 SEK/t", gap=0)
    assert found.evpi == pytest.approx(7.0)
    table = found.table()
    assert table.loc["everything", "in money [SEK]"] == pytest.approx(10_500.0)


def test_information_by_hand() -> None:
    """Two independent inputs. Only one of two shifts can be paid: buses 10 or 60, paths 20 or 50, all equally likely.

    Nothing known: buses 35, paths 35: 35. Buses known: 60 or, when they are 10, paths at 35: 47.5, so 12.5. Paths known: 50 or, when they
    are 20, buses at 35: 42.5, so 7.5. Both known: the larger of the two, (20 + 50 + 60 + 60) / 4 = 47.5, so 12.5.
    """
    shifts = [kip.Shift(name="buses", cost=6e6, reduction=35), kip.Shift(name="paths", cost=6e6, reduction=35)]
    ledgers = [kip.Ledger(name="own", value=2000.0)]
    plan = kip.Plan(name="town", years=[2026], shifts=shifts, budgets=6e6, ledgers=ledgers)
    futures = {
        f"{one:.0f} {two:.0f}": {"shifts.buses.reduction": one, "shifts.paths.reduction": two}
        for one in (10.0, 60.0)
        for two in (20.0, 50.0)
    }
    found = kip.information_value(plan, futures, gap=0)
    table = found.table()
    assert table["value [t]"].to_dict() == pytest.approx(
        {"shifts.buses.reduction": 12.5, "shifts.paths.reduction": 7.5, "everything": 12.5}
    )
    assert table["in money [SEK]"].to_dict() == pytest.approx(
        {"shifts.buses.reduction": 25_000.0, "shifts.paths.reduction": 15_000.0, "everything": 25_000.0}
    )
    assert found.measure_next() == ("shifts.buses.reduction", "shifts.paths.reduction")
    chosen = {row["scenarios"]: row["chosen"] for row in found.decisions().to_dict("records") if row["input"] == "shifts.buses.reduction"}
    assert chosen == {"10 20, 10 50": "paths", "60 20, 60 50": "buses"}
