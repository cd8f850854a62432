"""Declared overlaps: worked case L on all of its subsets, arithmetic by hand, and the formulation against every portfolio."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import kip
from kip.errors import DataError

PLAYERS = ("charging", "depot", "ev_cars", "el_buses", "bike_net")


def worked(budget: float | None = None) -> kip.Plan:
    """80 of 200 t need no charging, 60 of 150 t of the buses need it; 30 % of the smaller of cars and bicycles is the same tonnes."""
    return kip.Plan(
        name="L",
        years=[2026],
        shifts=[
            # 200 units of 1 t: 40 % open, the rest by charging
            kip.Shift(name="ev_cars", choice="share", potential=200, reduction=1, open=0.4, cost=1),
            # nothing without the depot; 60 % with it, the rest by charging
            kip.Shift(name="el_buses", choice="share", potential=150, reduction=1, open=0.6, cost=1, requires=["depot"]),
            kip.Shift(name="bike_net", reduction=60, cost=60),
        ],
        enablers=[
            kip.Enabler(name="charging", opens={"ev_cars": 0.6, "el_buses": 0.4}, cost=10),
            kip.Enabler(name="depot", cost=10),
        ],
        overlaps=[kip.Overlap(shifts=("ev_cars", "bike_net"), share=0.3)],
        budgets={} if budget is None else {"municipality": budget},
    )


def value(members: frozenset[str]) -> float:
    """The rule of the case: what the members give with the potential that they have unlocked."""
    ev = (200 if "charging" in members else 80) * ("ev_cars" in members)
    bus = (150 if "charging" in members else 90) * ("el_buses" in members and "depot" in members)
    bike = 60 * ("bike_net" in members)
    return ev + bus + bike - 0.3 * min(ev, bike)


def decisions(members: frozenset[str]) -> dict[tuple[str, str], float]:
    units = {"ev_cars": 200.0 if "charging" in members else 80.0, "el_buses": 150.0 if "charging" in members else 90.0}
    started = [name for name in members if name != "el_buses" or "depot" in members]
    return {(name, "all"): units.get(name, 1.0) for name in started}


def counted(members: frozenset[str]) -> kip.Portfolio:
    chosen = decisions(members)
    index = pd.MultiIndex.from_tuples(list(chosen), names=["shift", "district"])
    return kip.evaluate(worked(), pd.DataFrame({2026: list(chosen.values())}, index=index, dtype=float) if chosen else [])


SUBSETS = [frozenset(members) for size in range(6) for members in itertools.combinations(PLAYERS, size)]


@pytest.mark.parametrize("members", SUBSETS, ids=lambda members: "+".join(sorted(members)) or "none")
def test_every_subset_of_the_worked_case(members: frozenset[str]) -> None:
    portfolio = counted(members)
    assert portfolio.broken == ()
    assert portfolio.measure("reduction") == pytest.approx(value(members))
    assert portfolio.measure("emissions") == pytest.approx(-value(members))
    # shift by shift it adds up, and each of the two has lost half
    reduction = portfolio.dataset["reduction"].sum(["district", "ledger", "year"]).to_series()
    assert reduction.sum() == pytest.approx(value(members))
    both = {"ev_cars", "bike_net"} <= members
    assert reduction["bike_net"] == pytest.approx(60 * ("bike_net" in members) - 9 * both)
    assert float(portfolio.dataset["overlap_loss"].sum()) == pytest.approx(18 * both)


def test_the_table_of_the_worked_case(case_file: Callable[[str], Path]) -> None:
    case = next(item for item in json.loads(case_file("worked.json").read_text()) if item["name"] == "L Shapley")
    table = case["answer"]["v table"]
    assert len(table) == 32
    for members in SUBSETS:
        name = "+".join(player for player in PLAYERS if player in members) or "none"
        assert value(members) == table[name]
    assert value(frozenset(PLAYERS)) == 392


def test_the_best_of_the_worked_case() -> None:
    best = kip.optimize(worked(), maximize="reduction", gap=0)
    assert best.objective == pytest.approx(392)
    for forbid, expected in ((["charging"], 80 + 90 + 60 - 18), (["depot"], 200 + 60 - 18), (["bike_net"], 350)):
        assert kip.optimize(worked(), maximize="reduction", forbid=forbid, gap=0).objective == pytest.approx(expected)


def test_the_waterfall_has_a_step_of_its_own() -> None:
    table = counted(frozenset(PLAYERS)).waterfall()
    steps = table[table.columns[-1]]
    assert steps["declared overlaps"] == pytest.approx(-18)
    assert (steps["net of baseline"], steps["additional"]) == (pytest.approx(410), pytest.approx(392))


def small(choice: str, seed: int) -> kip.Plan:
    """Three shifts in two districts over two years, two ledgers, a value of a tonne on each, two overlaps that share a shift."""
    draw = np.random.default_rng(seed)
    fields: dict[str, Any] = {} if choice == "whole" else {"choice": choice, "potential": {"north": 2, "south": 1}}

    def shift(name: str) -> kip.Shift:
        tonnes = {"main": {2026: float(draw.integers(-5, 40)), 2027: float(draw.integers(5, 40))}, "second": float(draw.integers(1, 30))}
        return kip.Shift(
            name=name, reduction=tonnes, cost=float(draw.integers(2, 9)), lifetime=int(draw.integers(1, 5)),
            lead=int(draw.integers(0, 2)), profile=(0.5, 1.0) if draw.random() < 0.3 else (1.0,),
            attribution=float(draw.choice([1.0, 0.7])), districts=["north", "south"], **fields,
        )  # fmt: skip

    return kip.Plan(
        name=f"small-{choice}-{seed}",
        years=[2026, 2027],
        discount_rate=0.03,
        residual="none",
        districts=[{"name": "north"}, {"name": "south"}],
        shifts=[shift("a"), shift("b"), shift("c").model_copy(update={"choice": "whole", "potential": {}})],
        overlaps=[{"shifts": ["a", "b"], "share": 0.4}, {"shifts": ["c", "b"], "share": 0.6}],
        ledgers=[{"name": "main", "value": 0.4}, {"name": "second", "value": 0.3}],
        budgets={"municipality": float(draw.integers(12, 30))},
    )


def by_hand(plan: kip.Plan, options: dict[tuple[str, str], tuple[int, int]]) -> dict[str, float]:
    """Reductions, value and lifetime tonnes of a portfolio, from the conventions alone."""
    shifts = {shift.name: shift for shift in plan.shifts}

    def effect(shift: kip.Shift, start: int, year: int) -> float:
        age = year - start - shift.lead
        return 0.0 if not 0 <= age < shift.lifetime else shift.profile[min(age, len(shift.profile) - 1)]

    total = {"reduction": 0.0, "lifetime_reduction": 0.0, "net_benefit": 0.0}
    for place in ("north", "south"):
        for ledger in plan.ledgers:
            gives: dict[str, list[float]] = {}
            for name, shift in shifts.items():
                rate = shift.reduction[ledger.name]
                rates = [rate[2026], rate[2027]] if isinstance(rate, dict) else [rate, rate]
                new = options.get((name, place), (0, 0))
                row = [sum(new[u] * effect(shift, u, y) for u in (0, 1)) * rates[y] * shift.attribution for y in (0, 1)]
                # years of the life after 2027, at its rate
                later = sum(new[u] * sum(effect(shift, u, y) for y in range(2, 20)) for u in (0, 1))
                gives[name] = [*row, later * rates[1] * shift.attribution]
            after = [sum(row[y] for row in gives.values()) for y in range(3)]
            for overlap in plan.overlaps:
                one, two = (gives[name] for name in overlap.shifts)
                for y in range(3):
                    after[y] -= overlap.share * max(0.0, min(one[y], two[y]))
            total["net_benefit"] += ledger.value * (after[0] + after[1] / 1.03)
            if ledger.name == "main":
                total["reduction"] += after[0] + after[1]
                total["lifetime_reduction"] += sum(after)
    return total


@pytest.mark.parametrize(("choice", "seed"), [*(("whole", seed) for seed in range(6)), ("units", 0), ("units", 1)])
def test_optimum_equals_every_portfolio(choice: str, seed: int) -> None:
    plan = small(choice, seed)
    cells = [(shift, place) for shift in plan.shifts for place in ("north", "south")]
    spans = []
    for shift, place in cells:
        most = 1 if shift.choice == "whole" else int(shift.potential[place])
        every = list(itertools.product(range(most + 1), repeat=2))
        # no more in use in a year than the potential; a whole shift starts once
        spans.append([pick for pick in every if _fits(shift, pick, most)])
    budget = plan.budgets[0].amount
    best = dict.fromkeys(("reduction", "lifetime_reduction", "net_benefit"), -np.inf)
    least = np.inf
    for picks in itertools.product(*spans):
        spent = sum(sum(pick) * shift.cost["all"] for (shift, _), pick in zip(cells, picks, strict=True))
        if spent > budget:
            continue
        options = {(shift.name, place): pick for (shift, place), pick in zip(cells, picks, strict=True)}
        found = by_hand(plan, options)
        found["net_benefit"] -= sum((pick[0] + pick[1] / 1.03) * shift.cost["all"] for (shift, _), pick in zip(cells, picks, strict=True))
        best = {name: max(best[name], found[name]) for name in best}
        least = min(least, found["reduction"])
    for name, expected in best.items():
        assert kip.optimize(plan, maximize=name, gap=0).objective == pytest.approx(expected, rel=1e-6, abs=1e-6)
    # a question that would gain by a loss too large
    assert kip.optimize(plan, minimize="reduction", gap=0).objective == pytest.approx(least, rel=1e-6, abs=1e-6)


def _fits(shift: kip.Shift, pick: tuple[int, ...], most: int) -> bool:
    if shift.choice == "whole":
        return sum(pick) <= 1
    alive = [sum(pick[u] for u in (0, 1) if u + shift.lead <= y < u + shift.lead + shift.lifetime) for y in (0, 1)]
    return max(alive) <= most


def test_the_target_counts_the_overlap() -> None:
    plan = kip.Plan(
        name="target",
        years=[2026],
        shifts=[kip.Shift(name="a", reduction=50, cost=1), kip.Shift(name="b", reduction=40, cost=1)],
        overlaps=[kip.Overlap(shifts=("a", "b"), share=0.5)],
        ledgers=[{"name": "town", "other": {"rest": 100}, "base_year": 1990, "base_value": 200, "source": "example"}],
        targets=[{"name": "goal", "year": 2026, "value": 20}],
    )
    # 100 - 50 - 40 + 0.5 · 40 = 30: 10 above the target
    best = kip.optimize(plan, minimize="shortfall", gap=0)
    assert best.objective == pytest.approx(10)
    assert kip.optimize(plan, maximize="reduction", gap=0, maximum={"reduction": 60}).objective == pytest.approx(50)


@pytest.mark.parametrize(
    ("overlaps", "sentence"),
    [
        ([{"shifts": ["ev_car", "bike_net"], "share": 0.3}], 'Did you mean "ev_cars"?'),
        ([{"shifts": ["ev_cars", "ev_cars"], "share": 0.3}], "overlaps with itself"),
        ([{"shifts": ["ev_cars"], "share": 0.3}], "an overlap is between two"),
        ([{"shifts": ["ev_cars", "bike_net"], "share": 0.3}, {"shifts": ["bike_net", "ev_cars"], "share": 0.2}], "declared twice"),
        ([{"shifts": ["ev_cars", "bike_net"], "share": 1.3}], "must be between 0 and 1"),
        ([{"shifts": ["ev_cars", "charging"], "share": 0.3}], "is an enabler and has no tonnes"),
        ([{"shifts": ["ev_cars", "bike_net"], "share": 0.7}, {"shifts": ["ev_cars", "el_buses"], "share": 0.4}], "add up to 1.1"),
    ],
)
def test_bad_input(overlaps: list[dict[str, Any]], sentence: str) -> None:
    fields = {name: getattr(worked(), name) for name in kip.Plan.model_fields}
    with pytest.raises(DataError, match=sentence.replace("?", r"\?")):
        kip.Plan(**fields | {"overlaps": overlaps})


def test_what_scales_is_complementary_or_elsewhere_does_not_overlap() -> None:
    with pytest.raises(DataError) as caught:
        kip.Plan(
            name="bad",
            years=[2026],
            districts=[{"name": "north"}, {"name": "south"}],
            activities=[{"name": "car", "amount": {"north": 10}, "factor": 0.1}],
            shifts=[
                {"name": "fee", "scales": {"car": 0.1}},
                {"name": "sink", "reduction": 5, "counts_as": "complementary"},
                {"name": "bus", "reduction": 5, "districts": ["north"]},
                {"name": "bike", "reduction": 5, "districts": ["south"]},
            ],
            overlaps=[
                {"shifts": ["fee", "bus"], "share": 0.1},
                {"shifts": ["sink", "bus"], "share": 0.1},
                {"shifts": ["bike", "bus"], "share": 0.1},
            ],
        )
    text = str(caught.value)
    assert "fractions multiply already" in text
    assert "complementary measure" in text
    assert "never in the same district" in text


def test_same_source_deserves_a_second_look() -> None:
    plan = kip.Plan(
        name="same",
        years=[2026],
        activities=[{"name": "car", "amount": 10, "factor": 0.1}],
        shifts=[{"name": "ev", "source": "car", "choice": "share"}, {"name": "bike", "source": "car", "choice": "share"}],
        overlaps=[{"shifts": ["ev", "bike"], "share": 0.1}],
    )
    assert any("moved once already" in issue.message for issue in plan.check())


@pytest.mark.parametrize("target", ["folder", "plan.xlsx"])
def test_files_paths_and_fingerprint(tmp_path: Path, target: str) -> None:
    plan = worked()
    kip.write_plan(plan, tmp_path / target)
    back = kip.read_plan(tmp_path / target)
    assert back == plan
    assert back.hash == plan.hash
    assert plan.get("overlaps.bike_net+ev_cars.share") == 0.3
    changed = plan.update({"overlaps.bike_net+ev_cars.share": "50 %"})
    assert changed.overlaps[0].share == 0.5
    assert changed.hash != plan.hash
    swapped = plan.update({"overlaps": [{"shifts": ["bike_net", "ev_cars"], "share": 0.3}]})
    assert swapped.hash == plan.hash
    assert "0.5" in str(kip.diff(plan, changed))
