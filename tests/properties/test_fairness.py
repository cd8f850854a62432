"""Properties of fairness: places add up on both roads, districts have no order and no borders, a rule never helps the objective."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import numpy as np
import pytest

import kip
from kip.accounting.fairness import fairness_rule, gains_of
from kip.accounting.inputs import build_inputs
from kip.accounting.measures import parse_measure
from kip.accounting.places import value_by_place
from kip.optimization.cells import find_cells
from kip.optimization.terms import measure_terms
from tests.properties.plans import random_plan

SEEDS = range(6)
RULES: list[dict[str, Any]] = [
    {"kind": "floor", "amount": 0.4},
    {"kind": "share", "amount": 0.45, "groups": ["poor"]},
    {"kind": "spread", "amount": 0.5},
    {"kind": "gini", "amount": 0.1},
    {"kind": "sen", "amount": 0.5},
    {"kind": "floor", "amount": 40, "groups": ["poor"], "per_person": False, "everywhere": "by population"},
]


def homes(seed: int, merged: bool = False, turned: bool = False, fairness: list[dict[str, Any]] | None = None) -> kip.Plan:
    """Three districts, the last two alike or as one of twice the size; what is done in shares in each, and for all of them."""
    rng = random.Random(seed)
    shifts = [{"cost": rng.randint(1, 9) * 1e5, "reduction": rng.randint(1, 9), "quiet": rng.randint(1, 9)} for _ in range(4)]
    people = [rng.randint(1, 4) * 10, rng.randint(1, 4) * 10]
    districts = [{"name": "a", "population": people[0]}]
    districts += [{"name": "bc", "population": 2 * people[1]}] if merged else [{"name": name, "population": people[1]} for name in "bc"]
    size = {"a": 5, "b": 5, "c": 5, "bc": 10}
    made = []
    for row, fields in enumerate(shifts):
        where = [place["name"] for place in districts if row % 2 == (place["name"] == "a")] if row < 3 else []
        made.append(
            {
                "name": f"s{row}",
                "choice": "share",
                "cost": fields["cost"],
                "reduction": fields["reduction"],
                "cobenefits": {"quiet": fields["quiet"]},
                "districts": where,
                "potential": {name: size[name] for name in where} or 5,
            }
        )
    poor = {"a": 0.25, "bc": 0.5} if merged else {"a": 0.25, "b": 0.5, "c": 0.5}
    return kip.Plan(
        name="homes",
        years=[2026],
        districts=districts[::-1] if turned else districts,
        groups=[{"name": "poor", "members": poor}],
        shifts=made[::-1] if turned else made,
        budgets={"municipality": rng.randint(30, 60) * 1e5},
        fairness=fairness or [],
    )


def best_of(plan: kip.Plan, **ask: Any) -> float:
    best = kip.optimize(plan, gap=0, **ask)
    assert best.status in {"optimal", "infeasible"}
    assert best.broken == ()
    return best.objective


@pytest.mark.parametrize("seed", SEEDS)
def test_merging_two_identical_districts_changes_nothing(seed: int) -> None:
    for rule in [None, *RULES]:
        fairness = [{"name": "fair", "measure": "quiet", **rule}] if rule else []
        apart, merged = (best_of(homes(seed, merged, fairness=fairness)) for merged in (False, True))
        assert merged == pytest.approx(apart, rel=1e-6, nan_ok=True), rule
    even = [{"name": "even", "measure": "quiet"}]
    apart, merged = (best_of(homes(seed, merged, fairness=even), maximize="least.even") for merged in (False, True))
    assert merged == pytest.approx(apart, rel=1e-6)
    # the same is done in both: what everybody has is the same, person by person
    rows = {False: [("s1", "a"), ("s0", "b"), ("s0", "c")], True: [("s1", "a"), ("s0", "bc")]}
    tables = {}
    for merged in (False, True):
        plan = homes(seed, merged)
        start = kip.optimize(plan, maximize="quiet").decisions.iloc[:0]
        for shift, place in rows[merged]:
            start.loc[(shift, place), 2026] = 2.0 if place == "bc" else 1.0
        tables[merged] = kip.evaluate(plan, start)
    for measure in ("quiet", "reduction", "cost"):
        one, two = (tables[merged].equity(measure).drop(columns="parties") for merged in (False, True))
        np.testing.assert_allclose(one.to_numpy(float), two.to_numpy(float), rtol=1e-9)
        assert tables[True].measure(measure) == pytest.approx(tables[False].measure(measure))
        poor = [tables[merged].people(measure, by="group").loc["poor"].iloc[1:].to_numpy(float) for merged in (False, True)]
        np.testing.assert_allclose(poor[0], poor[1])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_districts_changes_nothing(seed: int) -> None:
    for rule in RULES:
        fairness = [{"name": "fair", "measure": "quiet", **rule}]
        one, two = (kip.optimize(homes(seed, turned=turned, fairness=fairness), gap=0) for turned in (False, True))
        assert two.objective == pytest.approx(one.objective, nan_ok=True)
        assert two.fairness()["gain"].tolist() == pytest.approx(one.fairness()["gain"].tolist())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rule_never_raises_the_optimum_and_a_stricter_one_never_more(seed: int) -> None:
    free = best_of(homes(seed))
    for kind, amounts in (("floor", (0.0, 0.3, 0.6)), ("share", (0.0, 0.4, 0.5)), ("gini", (1.0, 0.2, 0.05)), ("spread", (1e6, 0.5, 0.1))):
        last = free
        for amount in amounts:
            rule = {"name": "fair", "measure": "quiet", "kind": kind, "amount": amount, "groups": ["poor"], "districts": ["a"]}
            now = best_of(homes(seed, fairness=[rule]))
            if amount == amounts[0]:
                # a floor of nothing, or a limit that nobody reaches, changes nothing
                assert now == pytest.approx(free)
            assert np.isnan(now) or now <= last + 1e-6 * abs(last)
            last = now if np.isfinite(now) else -1e9


@pytest.mark.parametrize("seed", range(8))
def test_places_add_up_on_both_roads(seed: int) -> None:
    """Coefficients restricted to a place give what the count has there, for every measure that has a place."""
    plan = random_plan(seed, places=True)
    best = kip.optimize(plan, time_limit=20)
    inputs, data = build_inputs(plan), best.dataset
    cells = find_cells(inputs)
    new, stock = (data[name].values[cells.shift, cells.place] for name in ("new", "stock"))
    last = plan.years[-1]
    names = [
        "reduction",
        f"reduction_{last}",
        "investment",
        "operation",
        "cost.people",
        "net_cost",
        "health",
        f"noise_{last}",
        "adopted.s0",
    ]
    for name in names:
        measure = parse_measure(name, data)
        counted = value_by_place(measure, data)
        assert counted.sum() == pytest.approx(best.measure(name), abs=1e-6)
        for place in range(len(counted)):
            terms = measure_terms(measure, inputs, cells, np.eye(len(counted))[place])
            solved = float((terms.on_new * new).sum() + (terms.on_stock * stock).sum())
            assert solved == pytest.approx(counted[place], rel=1e-9, abs=1e-6), (name, place)


@pytest.mark.parametrize("seed", range(4))
def test_random_whole_plans_by_brute_force(seed: int) -> None:
    rng = random.Random(seed)
    places = ["a", "b", "c"]
    fields: dict[str, Any] = {
        "name": "whole",
        "years": [2026, 2027],
        "start_years": [2026],
        "districts": [{"name": name, "population": rng.randint(1, 5) * 100} for name in places],
        "groups": [{"name": "young", "members": {name: rng.choice([0.2, 0.5]) for name in places}}],
        "indicators": [{"name": "noise", "unit": "dB", "direction": "down"}],
        "shifts": [
            {
                "name": f"s{row}",
                "cost": rng.randint(1, 6) * 1e6,
                "reduction": rng.randint(10, 90),
                "cobenefits": {"noise": -rng.randint(0, 80)},
                "districts": [rng.choice(places)] if row else [],
                "lifetime": rng.choice([1, 5]),
            }
            for row in range(6)
        ],
        "budgets": {"municipality": 12e6},
    }
    rule = rng.choice(
        [
            {"kind": "share", "amount": 0.3, "districts": ["b", "c"]},
            {"kind": "floor", "amount": 0.05, "districts": ["a", "b"]},
            {"kind": "spread", "amount": 0.2},
            {"kind": "gini", "amount": 0.45, "everywhere": "by population"},
            {"kind": "floor", "amount": 20, "groups": ["young"], "per_person": False},
        ]
    )
    plan = kip.Plan(**fields, fairness=[{"name": "fair", "measure": "noise", **rule}])
    found = []
    for size in range(7):
        for chosen in combinations([shift.name for shift in plan.shifts], size):
            counted = kip.evaluate(plan, list(chosen))
            if not counted.broken:
                found.append(counted.measure("reduction"))
    best = kip.optimize(plan, gap=0)
    assert found, "nothing keeps the rule; the test says nothing"
    assert best.objective == pytest.approx(max(found))
    rules = fairness_rule(best.dataset, 0)
    assert (gains_of(rules, best.dataset) >= 0).all()


SCALED = [
    {"kind": "share", "amount": 0.35, "districts": ["a"], "measure": "reduction"},
    {"kind": "floor", "amount": 0.02, "measure": "reduction"},
    {"kind": "spread", "amount": 0.05, "measure": "reduction"},
    {"kind": "sen", "amount": 0.01, "measure": "km"},
    {"kind": "share", "amount": 0.4, "districts": ["b", "c"], "measure": "km"},
    {"kind": "gini", "amount": 0.3, "measure": "km"},
]


@pytest.mark.parametrize("seed", range(len(SCALED)))
def test_gains_of_shifts_that_scale_by_brute_force(seed: int) -> None:
    """Fractions multiply, and what a district gains is exact: nobody can be said to save less than they do."""
    rng, rule = random.Random(seed + 1), SCALED[seed]
    places = ["a", "b", "c"]
    fields: dict[str, Any] = {
        "name": "scaled",
        "years": [2026],
        "districts": [{"name": name, "population": rng.randint(1, 4) * 100} for name in places],
        "activities": [
            {"name": "car", "amount": {name: rng.randint(1, 9) * 1000 for name in places}, "factor": 0.02, "indicators": {"km": 1}}
        ],
        "indicators": [{"name": "km", "direction": "down"}],
        "shifts": [
            {"name": f"s{row}", "cost": rng.randint(1, 5) * 1e6, "scales": {"car": rng.choice([0.05, 0.1, 0.2])}, "districts": [place]}
            for row, place in enumerate(["a", "b", "c", rng.choice(places)])
        ],
        "budgets": {"municipality": 9e6},
    }
    fields["shifts"].append({"name": "move", "cost": 2e6, "source": "car", "potential_share": 0.3, "districts": ["a"]})
    plan = kip.Plan(**fields, fairness=[{"name": "fair", **rule}])
    counted = [
        kip.evaluate(plan, list(chosen)) for size in range(6) for chosen in combinations([shift.name for shift in plan.shifts], size)
    ]
    inside = [one for one in counted if not any(broken.rule == "budget" for broken in one.broken)]
    kept = [one for one in inside if not one.broken]
    best = kip.optimize(plan, gap=0)
    assert best.found == bool(kept)
    if kept:
        assert best.objective == pytest.approx(max(one.measure("reduction") for one in kept))
    if rule["kind"] in {"floor", "sen"}:
        free = plan.update({"fairness.fair.amount": None})
        name = "least.fair" if rule["kind"] == "floor" else "sen.fair"
        assert kip.optimize(free, maximize=name, gap=0).objective == pytest.approx(max(one.measure(name) for one in inside))
