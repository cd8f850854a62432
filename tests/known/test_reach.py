"""kip.reach by hand: the nearest, the gap, what would close it, and the smallest set of rules that clash."""

from __future__ import annotations

import math

import pytest

import kip


def town(**fields: object) -> kip.Plan:
    """Buses 100 t/year from 2028 for 6 MSEK, a path 40 for 4 MSEK, 2 cars a year at 10 t for 0.1 MSEK; 8 MSEK; 300 t/year without."""
    shifts = [
        kip.Shift(name="buses", cost="6 MSEK", reduction=100, earliest=2028),
        kip.Shift(name="path", cost="4 MSEK", reduction=40),
        kip.Shift(name="cars", cost="0.1 MSEK", reduction=10, choice="units", potential=10, ramp=2),
    ]
    whole: dict[str, object] = {
        "name": "town",
        "years": "2026-2030",
        "shifts": shifts,
        "budgets": "8 MSEK",
        "ledgers": [kip.Ledger(name="town", base_year=1990, base_value=500, source="a count", other={"rest": 300}, value=1000)],
        "targets": [kip.Target(name="early", year=2028, value=110), kip.Target(name="late", year=2030, value=100)],
    }
    return kip.Plan(**(whole | fields))


def test_a_target_that_is_reached() -> None:
    reached = kip.reach(town(), "late", gap=0)
    # 2030: buses 100 and ten cars 100 for 7 MSEK
    assert (bool(reached), reached.proven, reached.goals["gap"].tolist()) == (True, True, [0.0])
    assert len(reached.relaxations) == len(reached.clash) == 0
    assert reached.portfolio.measure("reduction_2030") >= 200
    assert "It can be reached" in repr(reached)


def test_nearest_gap_and_what_closes_it() -> None:
    """2028: buses 100 and six cars 60, or path 40 and 60; 160 for 6.6 MSEK; 190 asked for, so 30 are missing."""
    reached = kip.reach(town(), "early", gap=0)
    goal = reached.goals.iloc[0]
    assert (goal["asked"], goal["reached"], goal["gap"], goal["gap [percent points]"]) == (110.0, 140.0, 30.0, 6.0)
    assert (bool(reached), reached.proven) == (False, True)
    rows = reached.relaxations.set_index("kind")
    # the path in addition: 6 + 4 + six cars at 0.1 is 10.6; but five cars are enough: 190 = 100 + 40 + 50, 10.5
    assert rows.loc["money", "needed"] == pytest.approx(2.5e6, abs=2)
    # in 2030 there are ten cars beside the buses (200 t); in 2029 eight, which are not enough (180)
    assert (rows.loc["year", "needed"], rows.loc["year", "price"]) == (2.0, 30 * 2 * 1000)
    # nine cars by 2028 beside the buses: three a year. Ramps of whole cars go up at one and a half times
    assert rows.loc["pace", "needed"] == pytest.approx(1.5, rel=0.011)
    # with the pace as it is, more potential is no help
    assert rows.loc["potential", "possible"] is False
    assert rows.loc["goal", "needed"] == 30.0
    assert reached.cheapest.endswith("(60\u202f000 SEK)")
    assert set(rows["status"]) == {"proven"}
    # the pace and the budget clash with the goal: without any one of the three there is a portfolio
    assert len(reached.clash) == 3
    assert {"pace" in " ".join(reached.clash), "budget" in " ".join(reached.clash), "early" in " ".join(reached.clash)} == {True}


def test_by_arithmetic_alone() -> None:
    """-70 % of 500 by 2027: 150 left, so 150 of 300 must go; path 40 and four cars 40 are all there is, buses come too late."""
    reached = kip.reach(town(), {"emissions_2027": "-70 %"}, gap=0, rows=True)
    assert "at most 80 t/year would go; 150 t/year is asked for" in reached.checks[0]
    assert reached.checks[1] == "Nothing by 2027, since they start too late: buses."
    assert reached.potentials.set_index("shift")["most [t/year]"].to_dict() == {"path": 40.0, "cars": 40.0, "buses": 0.0}
    assert reached.goals.loc[0, ["reached", "gap", "gap [percent points]"]].tolist() == pytest.approx([220.0, 70.0, 14.0])
    rows = reached.relaxations.set_index("kind")
    assert (rows.loc["money", "possible"], rows.loc["money", "reaches"]) == (False, 220.0)
    assert (rows.loc["year", "needed"], rows.loc["year", "sentence"].split(" is ")[1]) == (1.0, "reached in 2028, 1 years later.")
    assert any(row.startswith("stock_balance[") for row in reached.rows)


def test_rules_that_clash_without_a_goal() -> None:
    """Both are required, and the budget pays one of them."""
    plan = town(targets=[])
    portfolio = kip.optimize(plan, require=["buses", "path"])
    assert portfolio.status == "infeasible"
    explained = kip.explain(portfolio)
    assert set(explained.reach.clash) == {"The budget of municipality.", "buses is required.", "path is required."}
    assert "limits alone cannot be kept" in repr(explained)


def test_relations_that_clash() -> None:
    shifts = [
        kip.Shift(name="a", reduction=1, requires=["b"]),
        kip.Shift(name="b", reduction=1, excludes=["c"]),
        kip.Shift(name="c", reduction=50),
    ]
    plan = kip.Plan(name="p", years=[2026], shifts=shifts)
    reached = kip.reach(plan, {"reduction_2026": 51}, require=["a"], gap=0)
    assert reached.goals["gap"].tolist() == [49.0]
    # that a is required is no part of it: 51 takes both c and a, and a takes b
    assert set(reached.clash) == {
        "a requires b.",
        "b and c exclude each other.",
        "The goal: reduction_2026 of at least 51 t/year.",
    }


def test_a_minimum_that_is_out_of_reach_is_explained() -> None:
    portfolio = kip.optimize(town(targets=[]), minimum={"reduction_2028": 190}, maximum={"cost": "9 MSEK"}, gap=0)
    assert "at most 160 t/year can be reached" in portfolio.reason or "Least money missing" in portfolio.reason
    reached = kip.explain(portfolio).reach
    assert reached.goals.loc[0, "gap"] == 30.0
    assert not kip.explain(portfolio).table().size
    # the budget is 8 and the limit 9: money alone does not help, and neither does the limit
    rows = reached.relaxations.set_index("kind")
    assert (rows.loc["money", "possible"], rows.loc["limit", "possible"]) == (False, False)


def test_a_forbidden_shift_is_named() -> None:
    reached = kip.reach(town(targets=[]), {"reduction_2030": 150}, forbid=["buses"], gap=0)
    assert reached.goals["gap"].tolist() == [10.0]
    assert "buses is forbidden." in reached.clash


def test_net_targets_and_other_ledgers() -> None:
    shifts = [
        kip.Shift(name="bus", reduction={"one": 10, "two": 7}),
        kip.Shift(name="sink", reduction=50, counts_as="complementary"),
    ]
    fields = {"base_year": 1990, "base_value": 100, "source": "a count", "other": {"rest": 100}}
    plan = kip.Plan(
        name="p",
        years=[2026],
        shifts=shifts,
        ledgers=[kip.Ledger(name="one", **fields), kip.Ledger(name="two", **fields)],
        targets=[
            kip.Target(name="net", year=2026, value=0, kind="net", complementary_share=0.15),
            kip.Target(name="other", year=2026, value=90, ledger="two"),
        ],
    )
    # net: 100 - 10 - 15 = 75 left; the other ledger: 100 - 7 = 93 against 90
    assert kip.reach(plan, "net", gap=0).goals.loc[0, "gap"] == pytest.approx(75.0)
    assert kip.reach(plan, "other", gap=0).goals.loc[0, "gap"] == pytest.approx(3.0)
    assert kip.reach(plan, gap=0).goals["gap"].tolist() == pytest.approx([75.0, 3.0])


def test_bad_input_says_what_to_do() -> None:
    plan = town()
    for goal, words in (
        ("erly", "Did you mean"),
        ({"emision_2030": 1}, "unknown measure"),
        ({"cost": "-70 %"}, "percentage"),
        ({}, "no goal is given"),
        ({"reduction_2030": "4 SEK"}, "must be in"),
    ):
        with pytest.raises(kip.RequestError, match=words):
            kip.reach(plan, goal)
    with pytest.raises(kip.RequestError, match="no target"):
        kip.reach(town(targets=[]))
    with pytest.raises(kip.RequestError, match="no base year"):
        kip.reach(kip.Plan(name="p", years=[2026], shifts=[kip.Shift(name="a", reduction=1)]), {"emissions_2026": "-70 %"})
    with pytest.raises(kip.RequestError, match="unknown price"):
        kip.reach(plan, prices={"ton": 1})


def test_out_of_time_is_said() -> None:
    reached = kip.reach(town(), "early", time_limit=0.0)
    assert not reached
    assert reached.portfolio is None or math.isfinite(reached.goals.loc[0, "gap"])
    assert "time" in repr(reached)
