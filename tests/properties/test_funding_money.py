"""Properties of funding on small random plans: money balances, rules hold, and more money never hurts."""

from __future__ import annotations

import random

import pytest

import kip

SEEDS = range(12)
ACTORS = [{"name": "municipality"}, {"name": "households", "kind": "private"}, {"name": "state", "kind": "state"}]


def fields(seed: int) -> dict:
    rng = random.Random(seed)
    years = list(range(2026, 2026 + rng.randint(1, 3)))
    shifts = [
        {
            "name": f"s{row}",
            "choice": rng.choice(["whole", "whole", "units"]),
            "cost": {"municipality": rng.randint(1, 9) * 1e5, "households": rng.choice([0, 1, 2]) * 1e5},
            "reduction": rng.randint(5, 90),
            "eligible": rng.choice([1.0, 0.8]),
            "aid_intensity": rng.choice([1.0, 0.6]),
            "own_share": rng.choice([0.0, 0.3]),
        }
        for row in range(4)
    ]
    for shift in shifts:
        if shift["choice"] == "units":
            shift["potential"] = 3
    funding = [
        {"name": "big", "funder": "state", "share": rng.choice([0.3, 0.5]), "pot": rng.randint(1, 6) * 1e5},
        {"name": "small", "cap": 5e4, "not_with": ["big"], "applicants": ["municipality", "households"], "years": years[:1]},
        {"name": "fund", "funder": "municipality", "cap": 2e5, "pot": 2e5, "applicants": ["households"], "counts_as_aid": False},
    ]
    budgets = [{"actor": "municipality", "amount": {year: rng.randint(2, 8) * 1e5 for year in years}, "carry_over": True}]
    return {"name": "p", "years": years, "actors": ACTORS, "shifts": shifts, "funding": funding, "budgets": budgets}


@pytest.mark.parametrize("seed", SEEDS)
def test_money_balances_and_the_rules_hold(seed: int) -> None:
    best = kip.optimize(kip.Plan(**fields(seed)), gap=0)
    again = kip.evaluate(best.plan, best.decisions, grants=best.grants, loans=best.loans)
    assert best.broken == again.broken == ()
    data = best.dataset
    # a grant enters one actor's books and leaves another's, or comes from outside the plan
    outside = data["grant"].values[data["funding_funder"].values < 0].sum()
    received, paid = float(data["grant_received"].sum()), float(data["grant_paid"].sum())
    assert received - paid == pytest.approx(outside, abs=0.01)
    # uses equal sources, actor by actor and year by year
    gap = best.funding_gap()
    left = gap.iloc[:, 0] - gap.iloc[:, 1] - gap.iloc[:, 2] - gap.iloc[:, 3]
    assert left.abs().max() == pytest.approx(0, abs=0.01)
    # transfers are no cost to society: the actors' costs less what crosses the border add up to it
    kinds = sum(best.measure(f"cost.{actor['name']}") for actor in ACTORS)
    assert kinds + outside == pytest.approx(best.measure("cost"), abs=0.01)


@pytest.mark.parametrize("seed", SEEDS)
def test_more_money_never_hurts(seed: int) -> None:
    given = fields(seed)
    best = kip.optimize(kip.Plan(**given), gap=0).objective
    without = kip.optimize(kip.Plan(**(given | {"funding": given["funding"][:1]})), gap=0).objective
    none = kip.optimize(kip.Plan(**(given | {"funding": []})), gap=0).objective
    richer = [source | {"pot": source["pot"] + 50_000} if "pot" in source else source for source in given["funding"]]
    more = kip.optimize(kip.Plan(**(given | {"funding": richer})), gap=0).objective
    assert none <= without + 1e-6 <= best + 2e-6 <= more + 3e-6


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_order_of_actors_and_sources_changes_nothing(seed: int) -> None:
    given = fields(seed)
    turned = given | {"actors": ACTORS[::-1], "funding": given["funding"][::-1], "shifts": given["shifts"][::-1]}
    one, two = kip.optimize(kip.Plan(**given), gap=0), kip.optimize(kip.Plan(**turned), gap=0)
    assert two.objective == pytest.approx(one.objective)
    assert two.measure("grants") == pytest.approx(one.measure("grants"), abs=1)


def depot_and_hub() -> kip.Plan:
    """KAT-4: depot 10 (municipal; KK at most half, or SMA at most half, not both), hub 8 (company; KK at most 40 %); KK 7, SMA 4."""
    return kip.Plan(
        name="kat4",
        years=[2026],
        actors=[{"name": "municipality"}, {"name": "company", "kind": "private"}],
        shifts=[
            {"name": "depot", "cost": {"municipality": 10e6}, "reduction": 1},
            {"name": "hub", "cost": {"company": 8e6}, "reduction": 1, "aid_intensity": 0.4},
        ],
        funding=[
            {"name": "kk", "share": 0.5, "pot": 7e6},
            {"name": "sma", "share": 0.5, "pot": 4e6, "shifts": ["depot"], "not_with": ["kk"]},
        ],
    )


def test_exclusive_sources() -> None:
    both = ["depot", "hub"]
    most = kip.optimize(depot_and_hub(), maximize="grants", require=both, gap=0)
    # SMA 4 for the depot and KK 40 % of 8 for the hub: 7.2, so the municipality pays 6
    assert most.objective == pytest.approx(7.2e6, abs=1)
    assert most.measure("cost.municipality") == pytest.approx(6e6, abs=1)
    least = kip.optimize(depot_and_hub(), minimize="cost.municipality", require=both, gap=0)
    # KK 5 for the depot, and the 2 that are left of it for the hub: 7
    assert least.objective == pytest.approx(5e6, abs=1)
    assert least.measure("grants") == pytest.approx(7e6, abs=1)


def test_a_loan_beyond_the_horizon_is_still_owed() -> None:
    plan = kip.Plan(
        name="loan",
        years=[2026, 2027],
        shifts=[{"name": "depot", "cost": 1e6, "reduction": 1}],
        funding=[{"name": "green", "kind": "loan", "term": 4, "years": [2026]}],
        budgets={"municipality": {"investment": {2026: 0}, "operation": {2026: 0, 2027: 250_000}}},
    )
    best = kip.optimize(plan, gap=0)
    # 1 MSEK without interest in four equal parts: one is due in 2027, three after the horizon
    assert best.selected == ("depot",)
    assert float(best.dataset["owed_after"].sum()) == pytest.approx(750_000, abs=1)
