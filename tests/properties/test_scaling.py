"""Random plans with shifts that scale: every start table counted by a few lines that share nothing with kip, against `optimize`."""

from __future__ import annotations

import itertools
import math
import random

import pytest

import kip

YEARS = (2026, 2027, 2028)


def random_plan(seed: int) -> kip.Plan:
    """Up to five whole shifts that scale or move, on two segments in two districts, with ramps, leads, synergies and a budget."""
    draw = random.Random(seed)
    activities = [
        kip.Activity(
            name=name,
            amount={"north": draw.choice([0, 50, 100]), "south": draw.choice([40, 80])},
            factor=draw.choice([0.5, 1.0, 2.0]),
            trend={2026: 1.0, 2028: draw.choice([0.8, 1.0, 1.1])},
            indicators={"km": 1.0},
        )
        for name in ("car", "van")
    ]
    shifts = []
    for number in range(draw.choice([3, 4])):
        scales = {name: draw.choice([0.05, 0.2, 0.4]) for name in draw.choice([["car"], ["van"], ["car", "van"]])}
        kind = draw.choice(["activity", "energy", "carbon"])
        shifts.append(
            kip.Shift(
                name=f"s{number}",
                cost=draw.choice([1, 2, 3]),
                scales=scales,
                scaling=kind,
                rebound=draw.choice([0, 0.3]) if kind == "energy" else 0,
                profile=draw.choice([(1.0,), (0.5, 1.0), (0.25, 0.5, 1.0)]),
                lead=draw.choice([0, 0, 1]),
                lifetime=draw.choice([None, None, 2]),
                districts=draw.choice([(), (), ("north",)]),
                synergy={"s0": draw.choice([0.1, -0.2])} if number and draw.random() < 0.4 and "car" in scales else {},
            )
        )
    shifts[0] = shifts[0].model_copy(update={"scales": {"car": 0.3, "van": 0.1}, "synergy": {}})
    if draw.random() < 0.6:
        shifts.append(kip.Shift(name="move", source="car", target="van", ratio=0.5, choice="whole", potential={"south": 30}, cost=2))
    return kip.Plan(
        name=f"random-{seed}",
        years=YEARS,
        activities=activities,
        shifts=shifts,
        indicators=[kip.Indicator(name="km", unit="vkm", direction="down")],
        budgets=[kip.Budget(actor="municipality", amount={2026: 3, 2027: 2, 2028: 1}, carry_over=True)],
    )


def count(plan: kip.Plan, starts: dict[tuple[str, str], int | None], places: tuple[str, ...] = ("north", "south")) -> tuple[float, float]:
    """Emissions and kilometres over the years, multiplied out segment by segment."""
    emissions = kilometres = 0.0
    for activity, place, year in itertools.product(plan.activities, places, plan.years):
        trend = activity.trend[2026] + (activity.trend[2028] - activity.trend[2026]) * (year - 2026) / 2
        amount = activity.amount[place] * trend
        left = less = 1.0
        active: dict[str, bool] = {}
        for shift in plan.shifts:
            start = starts.get((shift.name, place), starts.get((shift.name, "all")))
            age = -1 if start is None else year - start - shift.lead
            active[shift.name] = age >= 0 and (shift.lifetime is None or age < shift.lifetime)
            if not active[shift.name]:
                continue
            if shift.source == activity.name and place == "south":
                amount -= 30
            if shift.target == activity.name and place == "south":
                amount += 0.5 * 30
            rest = 1 - shift.scales.get(activity.name, 0.0) * shift.profile[min(age, len(shift.profile) - 1)]
            left *= rest ** (1 - shift.rebound)
            less *= rest if shift.scaling == "activity" else rest**-shift.rebound
        for shift in plan.shifts:
            for other, share in shift.synergy.items():
                one, two = shift, next(item for item in plan.shifts if item.name == other)
                if active[one.name] and active[two.name] and activity.name in one.scales and activity.name in two.scales:
                    left *= 1 - share
                    if one.scaling == two.scaling == "activity":
                        less *= 1 - share
        emissions += amount * activity.factor["all"] * left
        kilometres += amount * less
    return emissions, kilometres


def tables(plan: kip.Plan) -> list[tuple[float, float, dict[tuple[str, str], int | None]]]:
    """Every table of starts that the budget and the segments allow, with emissions and kilometres."""
    cells = [(shift.name, place) for shift in plan.shifts for place in (("south",) if shift.source else shift.districts or ("all",))]
    costs = {shift.name: shift.cost["all"] for shift in plan.shifts}
    found = []
    for choice in itertools.product([None, *plan.years], repeat=len(cells)):
        starts = dict(zip(cells, choice, strict=True))
        spent = [sum(costs[name] for (name, _), start in starts.items() if start is not None and start <= year) for year in plan.years]
        if all(one <= most for one, most in zip(spent, (3, 5, 6), strict=True)):
            found.append((*count(plan, starts), starts))
    return found


@pytest.mark.parametrize("seed", range(16))
def test_the_best_of_all_tables(seed: int) -> None:
    plan = random_plan(seed)
    every = tables(plan)
    least, most = min(value for value, _, _ in every), max(value for value, _, _ in every)
    nothing = count(plan, {})
    best = kip.optimize(plan, minimize="emissions", gap=0)
    assert best.objective == pytest.approx(least, rel=1e-7)
    assert best.bound == pytest.approx(least, rel=1e-6)
    assert kip.optimize(plan, maximize="emissions", gap=0).objective == pytest.approx(most, rel=1e-7)
    chain = kip.optimize(plan, minimize="emissions", gap=0, model=kip.pyomo_model(plan))
    assert chain.objective == pytest.approx(least, rel=1e-7)
    fewest = min(value for _, value, _ in every)
    assert kip.optimize(plan, minimize="km", gap=0).objective == pytest.approx(fewest - nothing[1], rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("seed", range(16))
def test_every_table_is_counted_alike(seed: int) -> None:
    plan = random_plan(seed)
    draw = random.Random(seed)
    every = tables(plan)
    base = count(plan, {})
    for emissions, kilometres, starts in draw.sample(every, min(12, len(every))):
        chosen: dict[str, int] = {name: start for (name, _), start in starts.items() if start is not None}
        done = kip.evaluate(plan, chosen)
        assert done.measure("emissions") == pytest.approx(emissions, rel=1e-12)
        assert done.measure("reduction") == pytest.approx(base[0] - emissions, rel=1e-9, abs=1e-9)
        assert done.by("shift")["reduction [t]"].sum() == pytest.approx(base[0] - emissions, rel=1e-9, abs=1e-9)
        assert done.by("district")["reduction [t]"].sum() == pytest.approx(base[0] - emissions, rel=1e-9, abs=1e-9)
        assert done.measure("km") == pytest.approx(kilometres - base[1], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", range(16))
def test_bounds_of_the_product(seed: int) -> None:
    """Without synergies and rebound: largest fraction <= product <= sum, and at least (1 - 1/e) of the sum."""
    plan = random_plan(seed)
    plan = plan.model_copy(update={"shifts": tuple(shift.model_copy(update={"synergy": {}, "rebound": 0.0}) for shift in plan.shifts)})
    best = kip.optimize(plan, minimize="emissions", gap=1e-3)
    low, product, high = (best.dataset[name].sum().item() for name in ("scaled_low", "scaled", "scaled_high"))
    assert low - 1e-9 <= product <= high + 1e-9
    assert product >= (1 - 1 / math.e) * high - 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_order_of_shifts_changes_nothing(seed: int) -> None:
    plan = random_plan(seed)
    turned = kip.Plan.model_validate({**{name: getattr(plan, name) for name in type(plan).model_fields}, "shifts": plan.shifts[::-1]})
    assert kip.optimize(turned, gap=0).objective == pytest.approx(kip.optimize(plan, gap=0).objective, rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", ["share", "floor", "spread", "least"])
def test_fair_shares_of_what_is_scaled(seed: int, kind: str) -> None:
    """Fairness rules want some districts' tonnes high: the product must not be pretended lower, or higher, anywhere."""
    plan = random_plan(seed)
    districts = [kip.District(name="north", population=100), kip.District(name="south", population=300)]
    amount = {"share": 0.35, "floor": 0.2, "spread": 0.25, "least": None}[kind]
    rule = kip.Fairness(name="fair", measure="reduction", districts=("north",) if kind == "share" else (), kind=kind, amount=amount) if (
        kind != "least"
    ) else kip.Fairness(name="fair", measure="reduction", districts=("north", "south"))  # fmt: skip
    fields = {name: getattr(plan, name) for name in type(plan).model_fields}
    plan = kip.Plan.model_validate({**fields, "districts": districts, "fairness": [rule]})
    base = {place: count(plan, {}, (place,))[0] for place in ("north", "south")}
    allowed: list[float] = []
    for emissions, _, starts in tables(plan):
        gain = {place: base[place] - count(plan, starts, (place,))[0] for place in base}
        each = gain["north"] / 100, gain["south"] / 300
        fair = {
            "share": gain["north"] >= 0.35 * sum(gain.values()) - 1e-9,
            "floor": min(each) >= 0.2 - 1e-9,
            "spread": max(each) - min(each) <= 0.25 + 1e-9,
            "least": True,
        }[kind]
        if fair:
            allowed.append(min(each) if kind == "least" else emissions)
    if kind == "least":
        best = kip.optimize(plan, maximize="least.fair", gap=0)
        assert best.objective == pytest.approx(max(allowed), rel=1e-5, abs=1e-5)
        return
    best = kip.optimize(plan, minimize="emissions", gap=0)
    if not allowed:
        assert best.status == "infeasible"
        assert best.reason
        return
    assert best.objective == pytest.approx(min(allowed), rel=1e-6)


@pytest.mark.parametrize(("seed", "criterion"), [(0, "expected"), (2, "worst_case"), (3, "regret"), (5, "expected")])
def test_one_decision_for_three_scenarios_is_enumeration(seed: int, criterion: str) -> None:
    """Products of fractions in every scenario: the tangents of all of them stand in one problem."""
    plan = random_plan(seed)
    futures = {
        "a": {},
        "b": {"activities.car.factor": 3.0, "activities.van.factor": 0.25},
        "c": {"shifts.s0.scales": {"car": 0.1, "van": 0.5}},
    }
    weights = (0.5, 0.2, 0.3)
    plans = [plan.update(changes) for changes in futures.values()]
    losses = [[emissions for emissions, _, _ in tables(one)] for one in plans]
    best = [min(column) for column in losses]
    rules = {
        "expected": [sum(weight * one for weight, one in zip(weights, row, strict=True)) for row in zip(*losses, strict=True)],
        "worst_case": [max(row) for row in zip(*losses, strict=True)],
        "regret": [max(one - least for one, least in zip(row, best, strict=True)) for row in zip(*losses, strict=True)],
    }
    found = kip.robust(plan, futures, criterion, weights=weights, minimize="emissions", gap=1e-7)
    assert found.value == pytest.approx(min(rules[criterion]), rel=1e-6, abs=1e-6)
    assert found.bound == pytest.approx(found.value, rel=1e-5, abs=1e-4)
    assert found.status == "optimal"
