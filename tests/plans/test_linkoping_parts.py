"""Linköping's plan beside its tonnes and kronor: groups, fairness, consequences, health, values, what scales, the net target, next year."""

from __future__ import annotations

from pathlib import Path

import pytest

import kip

FOLDER = Path(__file__).parents[2] / "scenarios" / "linkoping-transport"

near = pytest.approx


@pytest.fixture(scope="module")
def plan() -> kip.Plan:
    return kip.read_plan(FOLDER)


@pytest.fixture(scope="module")
def best(plan: kip.Plan) -> kip.Portfolio:
    return kip.optimize(plan, gap=1e-3, time_limit=120)


def test_it_uses_every_part(plan: kip.Plan) -> None:
    assert len(plan.funding) >= 9
    assert {group.name for group in plan.groups} >= {"lower-income", "countryside", "city"}
    assert plan.fairness and plan.consequences and plan.value_sets and plan.resources
    assert len([shift for shift in plan.shifts if shift.scales]) == 4
    assert {shift.scaling for shift in plan.shifts if shift.scales} == {"activity", "energy", "carbon"}
    assert [target.kind for target in plan.targets].count("net") == 1
    assert any(shift.reference_cost for shift in plan.shifts)
    assert {actor.name for actor in plan.actors} >= {"civil-society", "small-businesses"}


def test_it_is_proven_and_counted_again(plan: kip.Plan, best: kip.Portfolio) -> None:
    assert best.status == "optimal"
    again = kip.evaluate(plan, best.decisions, best.grants, best.loans)
    assert not again.broken
    for name in ("reduction", "net_benefit", "net_cost", "cost.municipality", "avoided-deaths", "grants"):
        assert again.measure(name) == near(best.measure(name), rel=1e-9)


def test_lower_income_areas_get_their_share_of_the_new_cycling(best: kip.Portfolio) -> None:
    by_place = best.dataset["cobenefit"].sel(indicator="cycled-km").sum(["shift", "year"]).to_series()
    # (10 070 + 9 147) / 165 527 of the inhabitants
    assert (by_place["skaggetorp"] + by_place["ryd"]) / by_place.drop("all").sum() >= 0.116 - 1e-6
    assert near(0.116, abs=1e-3) == (10_070 + 9_147) / 165_527


def test_health_is_who_heat(plan: kip.Plan, best: kip.Portfolio) -> None:
    # one km a year is 60 / 14 / 52 minutes a week; relative risk 0.90 at 100; 182.4 deaths per 100 000
    each = 60 / 14 / 52 * 0.10 / 100 * 182.4e-5
    activity = next(activity for activity in plan.activities if activity.name == "bicycle")
    assert activity.indicators["avoided-deaths"] == near(each, rel=1e-3)
    assert best.measure("avoided-deaths") == near(best.measure("cycled-km") * each, rel=1e-3)


def test_a_tonne_is_worth_what_asek_7_says(best: kip.Portfolio) -> None:
    # 7 SEK/kg from 2030, prices of 2017 at the consumer price index 322.11, in prices of 2024 at 415.01
    data = best.dataset
    worth = data["tonne_value"].sel(ledger="contract", year=2030).item() / data["reduction"].sel(ledger="contract", year=2030).sum().item()
    assert worth == near(7000 * 415.01 / 322.11, rel=1e-9)
    assert data["tonne_value"].sel(ledger="national-database").sum().item() == 0


def test_rules_and_prices_stay_within_their_range(best: kip.Portfolio) -> None:
    table = best.scaling()
    assert (table["at least [t/year]"] <= table["counted [t/year]"] + 1e-9).all()
    assert (table["counted [t/year]"] <= table["at most [t/year]"] + 1e-9).all()
    assert table["counted [t/year]"].sum() > 10_000


def test_net_zero_is_short_by_all_that_is_left(best: kip.Portfolio) -> None:
    # no complementary measure is in the plan: the net target misses by its emissions, and by nothing less
    data = best.dataset
    short = data["shortfall"].sel(target="2045-net").item()
    assert short == near(data["emissions"].sel(ledger="contract", year=2045).item())


def test_next_year_goes_on_from_this_one(plan: kip.Plan, best: kip.Portfolio) -> None:
    locked = plan.lock(best, until=2027)
    again = kip.optimize(locked, gap=1e-3, time_limit=120)
    assert again.objective == near(best.objective, rel=2e-3)
    assert kip.diff(plan, locked).sentences


def test_somebody_loses_and_it_can_be_settled(best: kip.Portfolio) -> None:
    done = kip.transfers(best)
    assert (done.gains["before"] < 0).any()
    assert done.gains["transfer"].sum() == near(0, abs=1)
    assert done.missing.sum() == near(max(0.0, -done.gains["before"].sum()), abs=10)
