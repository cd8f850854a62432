"""Choices over scenarios by hand: what is common and what is each scenario's own, why there is none, and what an early end says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import kip
from kip.optimization import session
from kip.optimization.kernel import Options, Solution, solve
from kip.optimization.problem import Problem
from kip.robustness import searching


def town(**fields: Any) -> kip.Plan:
    shifts = [kip.Shift(name="buses", cost=6e6, reduction=100), kip.Shift(name="paths", cost=6e6, reduction=70)]
    return kip.Plan(**{"name": "town", "years": [2026], "shifts": shifts, "budgets": 6e6, **fields})


FUTURES: dict[str, dict[str, Any]] = {"as planned": {}, "dear power": {"shifts.buses.reduction": 20}}


# --- one scenario is the plan itself


@pytest.mark.parametrize("criterion", ["expected", "worst_case", "cvar"])
def test_one_scenario_is_optimize(criterion: str) -> None:
    best = kip.optimize(town(), gap=0)
    found = kip.robust(town(), {"as planned": {}}, criterion, gap=0)
    assert (found.value, found.selected) == (best.objective, best.selected)
    assert kip.robust(town(), {"as planned": {}}, "regret", gap=0).value == 0.0


def test_scenarios_come_in_four_ways() -> None:
    import pandas as pd

    plan = town(scenarios=[kip.Scenario(name=name, changes=changes) for name, changes in FUTURES.items()])
    table = pd.DataFrame({"as planned": [np.nan], "dear power": [20.0]}, index=["shifts.buses.reduction"])
    ways: list[Any] = [None, ["as planned", "dear power"], plan.scenarios, FUTURES, table]
    ways.append({name: plan.update(changes) for name, changes in FUTURES.items()})
    values = [kip.robust(plan, way, "worst_case", gap=0).values.tolist() for way in ways]
    assert values == [[70.0, 70.0]] * len(ways)


# --- what is common, and what is not


def test_amounts_are_common_whatever_steps_the_solver_sees() -> None:
    """A potential of 900 is solved in steps of 100, one of 1 100 in steps of 1 000: the same units all the same, and no more than 900."""
    shift = kip.Shift(name="cars", choice="share", potential=900, cost=10, reduction=1)
    plan = kip.Plan(name="p", years=[2026], shifts=[shift])
    found = kip.robust(plan, {"few": {}, "many": {"shifts.cars.potential": 1100}}, gap=0)
    assert found.values.tolist() == pytest.approx([900.0, 900.0])
    assert found.setting.optima[1].objective == pytest.approx(1100.0)
    assert found.evpi == pytest.approx(100.0)


def test_every_budget_holds() -> None:
    """9 to spend in one scenario and 5 in the other; a and b cost 5 and 4. Common: the better one that 5 pays for."""
    shifts = [kip.Shift(name="a", cost=5.0, reduction=9), kip.Shift(name="b", cost=4.0, reduction=8)]
    plan = kip.Plan(name="p", years=[2026], shifts=shifts, budgets=9.0)
    found = kip.robust(plan, {"rich": {}, "poor": {"budgets.municipality": 5.0}}, gap=0)
    assert found.selected == ("a",)
    assert np.isnan(found.setting.own_values).tolist() == [False, True]
    assert any("cannot be kept in: poor" in line for line in found.sentences())
    assert any("går inte att genomföra i: poor" in line for line in found.sentences("sv"))


def test_a_place_that_one_scenario_lacks_is_left_out() -> None:
    """Nothing to move in the north in one of the scenarios: what would start there is made in none, and it is said."""
    car = kip.Activity(name="car", amount={"north": 100, "south": 100}, factor=1)
    shift = kip.Shift(name="less", source="car", choice="share", cost=1.0, uptake=1.0)
    districts = [kip.District(name="north"), kip.District(name="south")]
    plan = kip.Plan(name="p", years=[2026], activities=[car], shifts=[shift], districts=districts)
    found = kip.robust(plan, {"both": {}, "south": {"activities.car.amount.north": 0.0}}, gap=0)
    assert found.values.tolist() == pytest.approx([100.0, 100.0])
    assert any("1 starts are possible in some scenarios only" in line for line in found.sentences())


def granted(years: list[int]) -> tuple[kip.Plan, dict[str, dict[str, Any]]]:
    """A depot of 10 MSEK, 6 of which the municipality has; the state may pay half, or nothing."""
    plan = kip.Plan(
        name="depot",
        years=years,
        actors=[kip.Actor(name="municipality"), kip.Actor(name="state", kind="state")],
        shifts=[kip.Shift(name="depot", cost=10e6, reduction=50), kip.Shift(name="paths", cost=6e6, reduction=20)],
        budgets={"municipality": 6e6},
        funding=[kip.Funding(name="grant", share=0.5, pot=5e6)],
    )
    return plan, {"granted": {}, "refused": {"funding.grant.pot": 0.0}}


def test_grants_are_each_scenarios_own() -> None:
    plan, futures = granted([2026])
    found = kip.robust(plan, futures, gap=0)
    # the depot cannot be paid without the grant; paths can, with and without
    assert found.selected == ("paths",)
    assert [one.selected for one in found.setting.optima] == [("depot",), ("paths",)]


def test_in_two_stages_the_grant_is_waited_for() -> None:
    """Depot in 2027 when it is granted, paths in 2027 when it is not: (50 + 20) / 2. Deciding paths at once gives 40 in both."""
    plan, futures = granted([2026, 2027])
    found = kip.two_stage(plan, futures, until=2026, gap=0)
    assert found.first == ("paths",)
    assert found.value == pytest.approx(40.0)
    later = kip.two_stage(plan.update({"shifts.paths.earliest": 2027}), futures, until=2026, gap=0)
    assert later.first == ()
    assert later.value == pytest.approx(35.0)
    assert {name: one.selected for name, one in later.portfolios.items()} == {"granted": ("depot",), "refused": ("paths",)}
    assert later.later().loc[("depot", "all", 2027)].tolist() == [1.0, 0.0]


def test_what_the_worst_case_does_not_see_is_not_left_to_chance() -> None:
    """b gives nothing in the worst scenario and 30 in the other: as good by the worst case, and better on average."""
    shifts = [kip.Shift(name="a", cost=1.0, reduction=10), kip.Shift(name="b", cost=1.0, reduction=0)]
    plan = kip.Plan(name="p", years=[2026], shifts=shifts, budgets=2.0)
    found = kip.robust(plan, {"worst": {}, "other": {"shifts.a.reduction": 20, "shifts.b.reduction": 30}}, "worst_case", gap=0)
    assert found.selected == ("a", "b")
    assert (found.value, found.bound, found.values.tolist()) == (10.0, 10.0, [10.0, 50.0])


# --- why there is no decision


def test_a_scenario_without_any_portfolio_is_named() -> None:
    found = kip.robust(town(), {"as planned": {}, "poor": {"budgets.municipality": 1e6}}, minimum={"reduction": 50})
    assert (found.status, found.found) == ("infeasible", False)
    assert 'In the scenario "poor" alone there is no portfolio' in found.reason
    assert found.reason in " ".join(repr(found).split())
    assert (
        kip.information_value(
            town(), {"as planned": {}, "poor": {"budgets.municipality": 1e6}, "dear": FUTURES["dear power"]}, minimum={"reduction": 50}
        ).status
        == "infeasible"
    )


def test_rules_that_no_one_decision_keeps_are_named_with_their_scenario() -> None:
    """60 t: only buses in one scenario, only paths in the other, and there is money for one of them."""
    futures = {"buses": {"shifts.paths.reduction": 10}, "paths": {"shifts.buses.reduction": 10}}
    found = kip.robust(town(), futures, minimum={"reduction": 60})
    assert found.status == "infeasible"
    for part in ('in the scenario "buses"', 'in the scenario "paths"', "reduction", "kip.two_stage"):
        assert part in found.reason


def test_scenarios_with_other_decided_starts_are_named() -> None:
    plan = kip.Plan(
        name="p", years=[2026, 2027], shifts=[kip.Shift(name="a", reduction=1), kip.Shift(name="b", reduction=2)], decided_until=2026
    )
    other = plan.update({"decided": [kip.Decision(shift="a", year=2026)]})
    found = kip.robust(plan, {"one": plan, "two": other})
    assert found.status == "infeasible"
    assert '"a" in 2026 is settled in the scenario' in found.reason


# --- an early end


def cut_short(status: str) -> Any:
    """A solver that has the best, and has not proven it: its bound is 10 better."""

    def short(problem: Problem, options: Options | None = None) -> Solution:
        found = solve(problem, options)
        return replace(found, status=status, bound=found.bound - 10.0)

    return short


@pytest.mark.parametrize(("solver", "status"), [("time_limit", "feasible"), ("interrupted", "interrupted")])
def test_what_is_not_proven_says_so(monkeypatch: pytest.MonkeyPatch, solver: str, status: str) -> None:
    monkeypatch.setattr(searching, "solve", cut_short(solver))
    found = kip.robust(town(), FUTURES, "worst_case")
    assert (found.status, found.value, found.bound) == (status, 70.0, 80.0)
    assert found.gap == pytest.approx(10 / 70)
    assert any("no decision does better than 80 t" in line for line in found.sentences())
    stages = kip.two_stage(town(years=[2026, 2027]), FUTURES, until=2026)
    assert stages.status == status
    assert stages.summary().loc["RP", "at most [t]"] == pytest.approx(stages.value + 10.0)


def out_of_time(problem: Problem, options: Options | None = None) -> Solution:
    return Solution("time_limit", None, np.nan, -np.inf, 0.0)


def test_nothing_found_in_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "solve", out_of_time)
    years = town(years=[2026, 2027])
    for found in (kip.robust(town(), FUTURES), kip.two_stage(years, FUTURES, until=2026), kip.information_value(town(), FUTURES)):
        assert found.status == "no_solution"
        assert "time" in found.reason
        assert found.sheet("sv").sections


def test_the_best_of_each_scenario_not_found_in_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regret is counted from it, and so is not known; the other criteria are, without what is compared with it."""
    monkeypatch.setattr(session, "solve", out_of_time)
    regret = kip.robust(town(), FUTURES, "regret", time_limit=1000)
    assert regret.status == "no_solution"
    assert "regret is counted from it" in regret.reason
    worst = kip.robust(town(), FUTURES, "worst_case", time_limit=1000)
    assert (worst.status, worst.value) == ("optimal", 70.0)
    # the decision itself is then the best that is known of each scenario, without a bound
    assert worst.setting.best.tolist() == worst.values.tolist()
    assert np.isnan(worst.setting.bounds).all()
    assert worst.sheet("sv").sections
    stages = kip.two_stage(town(years=[2026, 2027]), FUTURES, until=2026, time_limit=1000)
    assert stages.ws == pytest.approx(stages.value)
    assert np.isnan(stages.summary().loc["WS", "at most [t]"])
    assert stages.sheet().sections


# --- how it is shown


@pytest.fixture(scope="module")
def shown() -> list[Any]:
    plan = town(years=[2026, 2027])
    return [
        kip.robust(plan, FUTURES, "regret", gap=0),
        kip.two_stage(plan, FUTURES, until=2026, gap=0),
        kip.information_value(plan, FUTURES, worth=1500, gap=0),
        kip.budgeted(plan, {"buses": 60}, 1, gap=0),
    ]


@pytest.mark.parametrize("language", ["en", "sv"])
def test_everything_is_shown_in_both_languages(shown: list[Any], language: str) -> None:
    import json

    import matplotlib

    matplotlib.use("Agg")
    for found in shown:
        assert found.sheet(language).sections
        assert found.sentences(language)
        assert "<table" in found._repr_html_()
    for found in shown[:3]:
        assert found.plot(language=language).get_title(loc="left")
    assert shown[0].plot(others={"expected": shown[0]}, language=language) is not None
    json.dumps([one.to_dict() for one in shown], allow_nan=False)
