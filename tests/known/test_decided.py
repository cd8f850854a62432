"""Decided starts, closed years and outcomes, by hand on a plan of three shifts and two years."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import kip
from kip.cli import app

SHIFTS = [
    {"name": "buses", "cost": 6e6, "reduction": 100},
    {"name": "depot", "cost": 10e6, "reduction": 150},
    {"name": "cars", "choice": "units", "potential": 10, "cost": 1e6, "reduction": 10},
]


def plan(**more: Any) -> kip.Plan:
    return kip.Plan.model_validate({"name": "town", "years": [2026, 2027], "shifts": SHIFTS, "budgets": 14e6} | more)


def test_free_choice_and_what_a_decision_costs() -> None:
    """14 M: depot and 4 cars give 2 · (150 + 40) = 380 t; with the buses decided for 2026, 8 cars beside them: 2 · (100 + 80) = 360."""
    free = kip.optimize(plan(), gap=0)
    assert free.objective == pytest.approx(380)
    decided = kip.optimize(plan(decided=[{"shift": "buses", "year": 2026}]), gap=0)
    assert decided.selected == ("buses", "cars")
    assert decided.objective == pytest.approx(360)


def test_closed_year_lets_nothing_else_start() -> None:
    """With 2026 closed only the buses have two years: 2 · 100 + 8 · 10 = 280."""
    best = kip.optimize(plan(decided=[{"shift": "buses", "year": 2026}], decided_until=2026), gap=0)
    assert best.objective == pytest.approx(280)
    assert best.decisions[2026].to_dict() == {("buses", "all"): 1.0, ("cars", "all"): 0.0}


def test_closed_year_without_decisions_is_empty() -> None:
    best = kip.optimize(plan(decided_until=2026), gap=0)
    assert best.objective == pytest.approx(190)
    assert not best.decisions[2026].any()


def test_decided_none_in_a_year() -> None:
    """That no car starts in 2026 is a decision too: depot 300, and 4 cars in 2027 40."""
    assert kip.optimize(plan(decided=[{"shift": "cars", "year": 2026, "units": 0}]), gap=0).objective == pytest.approx(340)


def test_evaluate_counts_what_is_decided_once() -> None:
    given = plan(decided=[{"shift": "buses", "year": 2027, "status": "done"}])
    assert kip.evaluate(given).measure("reduction") == 100
    assert kip.evaluate(given, ["buses"]).measure("reduction") == 100
    assert kip.evaluate(given, kip.evaluate(given).decisions).measure("reduction") == 100
    assert kip.evaluate(given, ["depot"]).measure("reduction") == 400
    assert not kip.evaluate(given).broken


def test_rules_check_what_is_decided() -> None:
    given = plan(decided=[{"shift": "cars", "year": 2026, "units": 3}], decided_until=2026)
    other = kip.evaluate(given, {"cars": {2026: 5}, "buses": 2026})
    assert [rule.rule for rule in other.broken if rule.rule == "decided"] == ["decided", "decided"]
    assert "cars: 5 start in 2026, 3 are decided for that year." in [str(rule) for rule in other.broken]


def test_lock_keeps_the_optimum() -> None:
    free = kip.optimize(plan(), gap=0)
    locked = plan().lock(free, until=2026)
    assert {row.key for row in locked.decided} == {"depot:all:2026", "cars:all:2026"}
    assert locked.decided_until == 2026
    assert kip.optimize(locked, gap=0).objective == pytest.approx(free.objective)
    again = locked.lock(kip.optimize(locked, gap=0), until=2027)
    assert again.decided == locked.decided
    with pytest.raises(kip.RequestError, match=r"depot:all:2026: 1 units are decided already, the portfolio starts none"):
        locked.lock(kip.evaluate(plan(), ["buses"]), until=2026)
    with pytest.raises(kip.RequestError, match="not a year of the plan"):
        plan().lock(free, until=2030)


def test_budget_that_cannot_pay_for_what_is_decided() -> None:
    """Buses 6 and depot 10 against 14: two million are missing."""
    answer = kip.optimize(plan(decided=[{"shift": "buses", "year": 2026}, {"shift": "depot", "year": 2026}]))
    assert answer.status == "infeasible"
    assert "What is decided costs more than the budgets allow" in answer.reason
    assert "2,000,000 SEK" in answer.reason


def test_what_is_decided_against_a_relation() -> None:
    shifts = [SHIFTS[0] | {"excludes": ["depot"]}, *SHIFTS[1:]]
    answer = kip.optimize(plan(shifts=shifts, budgets=20e6, decided=[{"shift": "buses", "year": 2026}, {"shift": "depot", "year": 2027}]))
    assert answer.status == "infeasible"
    assert "What is decided cannot be kept: buses: in the same place as depot" in answer.reason


def test_what_is_decided_is_not_blamed_for_what_is_asked() -> None:
    """The path that the buses require may still start; it is the tonnes asked for that cannot be had."""
    shifts = [SHIFTS[0] | {"requires": ["depot"]}, *SHIFTS[1:]]
    given = plan(shifts=shifts, budgets=40e6, decided=[{"shift": "buses", "year": 2026}])
    assert kip.optimize(given).found
    answer = kip.optimize(given, minimum={"reduction": 9000})
    assert "at most 700 t can be reached" in answer.reason
    assert "decided" not in answer.reason


def test_check_on_the_command_line_says_what_cannot_be_kept(tmp_path: Path) -> None:
    kip.write_plan(plan(decided=[{"shift": "cars", "year": 2026, "units": 11}]), tmp_path / "plan")
    shown = CliRunner().invoke(app, ["check", str(tmp_path / "plan")])
    assert shown.exit_code == 1
    assert "11 decided units" in shown.stderr


def test_every_problem_of_the_call_in_one_report() -> None:
    given = plan(decided=[{"shift": "cars", "year": 2026, "units": 8}, {"shift": "cars", "year": 2027, "units": 3}])
    with pytest.raises(kip.RequestError) as caught:
        kip.optimize(given, forbid=["cars", "bikes"])
    words = str(caught.value)
    assert '"cars" is forbidden, but it is decided.' in words
    assert '"cars": 11 decided units are in use in 2027, but the potential is 10.' in words
    assert 'unknown shift "bikes"' in words
    with pytest.raises(kip.RequestError, match="11 decided units"):
        kip.pyomo_model(given)


def test_every_problem_of_the_plan_in_one_report() -> None:
    with pytest.raises(kip.DataError) as caught:
        plan(
            decided=[
                {"shift": "bus", "year": 2026},
                {"shift": "buses", "year": 2031},
                {"shift": "depot", "year": 2026, "district": "ryd"},
                {"shift": "cars", "year": 2026, "units": 1.5},
                {"shift": "cars", "year": 2026},
                {"shift": "depot", "year": 2026, "units": 2},
            ],
            decided_until=2040,
            outcomes=[
                {"path": "shifts.cars.units", "year": 2027, "value": 1},
                {"path": "shifts.cars.price", "year": 2026, "value": 1},
                {"path": "ledgers.emissions.other.farms", "year": 2026, "value": "3 SEK"},
                {"path": "activities.petrol.amount", "year": 2026, "value": 3},
            ],
        )
    paths = [issue.path for issue in caught.value.issues]
    assert sorted(paths) == sorted(
        [
            "decided_until",
            "decided.cars:all:2026",
            "decided.bus:all:2026.shift",
            "decided.buses:all:2031.year",
            "decided.depot:ryd:2026.district",
            "decided.cars:all:2026.units",
            "decided.depot:all:2026.units",
            "outcomes.shifts/cars/price:2026.path",
            "outcomes.ledgers/emissions/other/farms:2026.path",
            "outcomes.ledgers/emissions/other/farms:2026.value",
            "outcomes.activities/petrol/amount:2026.path",
        ]
    )


def test_outcomes_of_units_and_of_investment() -> None:
    """5 cars were decided at 1 M and 4 came at 1.5 M each: 4 · 1.5 + depot 10 = 16 M; reduction 2 · (40 + 150)."""
    given = plan(
        decided=[{"shift": "cars", "year": 2026, "units": 5}, {"shift": "depot", "year": 2026}],
        decided_until=2026,
        outcomes=[
            {"path": "shifts.cars.units", "year": 2026, "value": 4},
            {"path": "shifts.cars.cost.municipality", "year": 2026, "value": "6 MSEK"},
        ],
        budgets=20e6,
    )
    known = kip.evaluate(given)
    assert known.measure("investment") == pytest.approx(16e6)
    assert known.measure("reduction") == pytest.approx(380)
    # 4 M are left: 4 cars at the price that the plan assumes, one year each
    assert kip.optimize(given, gap=0, forbid=["buses"]).objective == pytest.approx(420)
    table = known.follow_up()
    assert table.loc[("cars", 2026), "units difference [unit]"] == -1
    assert table.loc[("cars", 2026), "investment difference [SEK]"] == pytest.approx(1e6)
    assert table.loc[("cars", 2026), "reduction difference [t/year]"] == pytest.approx(-10)
    assert table.loc[("depot", 2026), "investment difference [SEK]"] == 0
    assert len(table) == 2


def test_what_was_paid_needs_something_bought() -> None:
    with pytest.raises(kip.DataError, match="is not closed"):
        kip.evaluate(plan(outcomes=[{"path": "shifts.cars.cost", "year": 2026, "value": 1e6}]))
    with pytest.raises(kip.DataError, match="no decided start"):
        kip.evaluate(plan(decided_until=2026, outcomes=[{"path": "shifts.cars.cost", "year": 2026, "value": 1e6}]))


def test_outcomes_of_amounts_and_of_other_emissions() -> None:
    """A million vkm at 0.2 kg were to grow by 10 %; 0.9 million were counted: 180 t, 220 t; and 3 t instead of 5 from farms."""
    given = plan(
        activities=[{"name": "petrol", "unit": "vkm", "amount": {"ryd": 1e6}, "trend": {2026: 1.0, 2027: 1.1}, "factor": "0.2 kg/vkm"}],
        ledgers=[{"name": "town", "other": {"farms": 5, "homes": 7}}],
        outcomes=[
            {"path": "activities.petrol.amount.ryd", "year": 2026, "value": "0.9 Mvkm/year"},
            {"path": "ledgers.town.other.farms", "year": 2026, "value": 3},
        ],
    )
    assert kip.evaluate(given).measure("emissions_2026") == pytest.approx(180 + 3 + 7)
    assert kip.evaluate(given).measure("emissions_2027") == pytest.approx(220 + 5 + 7)


def test_round_trip_of_decisions_and_outcomes(tmp_path: Path) -> None:
    given = plan(
        version="2027-1",
        decided=[{"shift": "cars", "year": 2026, "units": 5, "status": "done", "source": "KF § 2, 2025"}],
        decided_until=2026,
        outcomes=[{"path": "shifts.cars.units.all", "year": 2026, "value": 4, "source": "årsredovisning"}],
    )
    for place in (tmp_path / "folder", tmp_path / "plan.xlsx"):
        again = kip.read_plan(kip.write_plan(given, place))
        assert again == given
        assert again.hash == given.hash
    (tmp_path / "folder" / "decided.csv").write_text("shift,year,units\ncars,2026,5\nbuss,2026,\ncars,2029,1\n", encoding="utf-8")
    with pytest.raises(kip.DataError) as caught:
        kip.read_plan(tmp_path / "folder")
    assert [(issue.file, issue.row, issue.column) for issue in caught.value.issues] == [
        ("decided.csv", 3, "shift"),
        ("decided.csv", 4, "year"),
    ]


def test_every_result_carries_version_and_fingerprint(tmp_path: Path) -> None:
    given = plan(version="2027-1")
    best = kip.evaluate(given, ["buses"])
    assert best.dataset.attrs["plan_version"] == "2027-1"
    assert best.to_dict()["plan"] == {"name": "town", "version": "2027-1", "hash": given.hash, "currency": "SEK"}
    assert f"Plan town, version 2027-1, fingerprint {given.hash}." in str(best)
    assert given.hash in best._repr_html_()
    best.save(tmp_path)
    from PIL import Image

    assert given.hash in Image.open(tmp_path / "cost.png").info["Description"]


def test_fingerprint_does_not_depend_on_the_order_of_rows() -> None:
    more = {
        "districts": [{"name": "a"}, {"name": "b"}],
        "actors": [{"name": "municipality"}, {"name": "x", "kind": "private"}, {"name": "y", "kind": "state"}],
        "budgets": [{"actor": "municipality", "amount": 1e6}, {"actor": "x", "amount": 2e6}],
        "ledgers": [{"name": "main"}, {"name": "second"}, {"name": "third"}],
        "decided": [{"shift": "cars", "year": 2026}, {"shift": "depot", "year": 2026}],
        "shifts": [SHIFTS[0] | {"districts": ["a", "b"]}, *SHIFTS[1:]],
    }
    one = plan(**more)
    turned = {name: [*rows[:1], *rows[:0:-1]] if name in {"actors", "ledgers"} else rows[::-1] for name, rows in more.items()}
    turned["shifts"] = [shift | {"districts": shift.get("districts", [])[::-1]} for shift in turned["shifts"]]
    assert plan(**turned).hash == one.hash
    assert kip.evaluate(plan(**turned)).measures() == kip.evaluate(one).measures()
    # who is first among actors pays what names nobody, and the first ledger is the main one: these do mean something
    assert plan(**(more | {"actors": more["actors"][::-1]})).hash != one.hash
    assert plan(**(more | {"ledgers": more["ledgers"][::-1]})).hash != one.hash
    assert one.update({"shifts.buses.cost": 6_000_001}).hash != one.hash
