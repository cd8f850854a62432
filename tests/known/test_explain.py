"""kip.explain against enumeration and by hand: replacement cost, price of forcing in, break-even, what one more unit is worth."""

from __future__ import annotations

import itertools
import math

import pytest

import kip
from tests.known.test_capital_budgeting import EXCLUDES, LUNDGREN, LUNDGREN_BEST, REQUIRES, label, lundgren, possible, subsets

__all__ = ["lundgren"]


def value(chosen: set[int]) -> int:
    return sum(LUNDGREN[number][0] for number in chosen)


def but_for_money(chosen: set[int]) -> bool:
    """The rules of the book without the budget."""
    return (
        sum(LUNDGREN[number][2] for number in chosen) <= 28
        and len(chosen) <= 9
        and not any(one in chosen and two in chosen for one, two in EXCLUDES.items())
        and all(two in chosen for one, two in REQUIRES.items() if one in chosen)
    )


def test_lundgren_equals_enumeration(lundgren: kip.Plan) -> None:
    """Every price and every break-even of the fifteen projects, over the 3 069 feasible portfolios (and those over budget)."""
    explained = kip.explain(kip.optimize(lundgren, gap=0), worth=False)
    feasible = [chosen for chosen in subsets() if possible(chosen)]
    others = [chosen for chosen in subsets() if but_for_money(chosen)]
    assert len(feasible) == 3069
    for number, (worth, cost, _) in LUNDGREN.items():
        why = explained[label(number)]
        inside = number in LUNDGREN_BEST
        best = max(value(chosen) for chosen in feasible if (number in chosen) != inside)
        assert (why.inside, why.status, why.price) == (inside, "proven", 2370 - best)
        level = best if inside else 2370
        left = [
            225 - sum(LUNDGREN[other][1] for other in chosen - {number}) for chosen in others if number in chosen and value(chosen) >= level
        ]
        dearest = max(left, default=-1)
        if dearest < 0:
            assert math.isnan(why.break_even_cost)
        else:
            assert why.break_even_money == pytest.approx(dearest * 1e6, rel=1e-6)
            assert why.break_even_cost == pytest.approx(dearest / cost, rel=1e-6)
        rest = max(value(chosen) - worth for chosen in feasible if number in chosen)
        assert why.break_even_effect == pytest.approx(max(0.0, (level - rest) / worth), rel=1e-6, abs=1e-6)


# --- KAT-4: six measures, cost MSEK and impact kt; F needs C, A and D exclude; budget 21

K6 = {"A": (10, 30), "B": (6, 17), "C": (5, 13), "D": (8, 25), "E": (3, 6), "F": (4, 11)}


def six(budget: float = 21) -> kip.Plan:
    shifts = [
        kip.Shift(
            name=name,
            cost=cost * 1e6,
            reduction=impact * 1e3,
            requires=["C"] if name == "F" else [],
            excludes=["D"] if name == "A" else [],
        )
        for name, (cost, impact) in K6.items()
    ]
    return kip.Plan(name="six", years=[2026], shifts=shifts, budgets=budget * 1e6)


def test_six_shifts_by_enumeration_and_the_next_krona() -> None:
    explained = kip.explain(kip.optimize(six(), gap=0))

    def allowed(chosen: set[str]) -> bool:
        return ("F" not in chosen or "C" in chosen) and not {"A", "D"} <= chosen

    sets = [set(names) for size in range(7) for names in itertools.combinations(K6, size) if allowed(set(names))]
    feasible = [chosen for chosen in sets if sum(K6[name][0] for name in chosen) <= 21]
    assert len(feasible) == 29

    def impact(chosen: set[str]) -> float:
        return 1e3 * sum(K6[name][1] for name in chosen)

    assert explained.portfolio.objective == 60e3
    for name in K6:
        inside = name in {"A", "B", "C"}
        best = max(impact(chosen) for chosen in feasible if (name in chosen) != inside)
        assert explained[name].price == 60e3 - best
    # KAT-7: one million more gives 1 kt; with the set held nothing changes
    row = explained.worth().iloc[0]
    assert (row["worth [t]"], row["worth with the set held [t]"], row["binds"], row["step"]) == (1e3, 0.0, True, 1e6)
    # D is in with BCD or CDEF at 55: it would have to give 30 instead of 25
    assert explained["D"].break_even_effect == pytest.approx(30 / 25)
    assert "A" in explained["D"].leaves
    assert "F" not in [why.name for why in explained.whys if why.inside]
    assert "requires" not in explained["F"].sentence, "what it requires is in already"


def test_the_next_krona_of_shares_is_the_dual() -> None:
    """In parts the worth of a small step is the dual: LP dual of the relaxed six without rules, 17/6 kt for a million at B."""
    shifts = [kip.Shift(name=name, choice="share", cost=cost * 1e6, reduction=impact * 1e3) for name, (cost, impact) in K6.items()]
    plan = kip.Plan(name="parts", years=[2026], shifts=shifts, budgets=20e6)
    # by value per krona D 3.125, A 3, B 2.833, F 2.75: 8 + 10 + 2 of B
    explained = kip.explain(kip.optimize(plan, gap=0), step=1e5)
    assert explained.worth().iloc[0]["worth [t]"] == pytest.approx(17e3 / 6 / 10, rel=1e-6)
    assert explained.worth().iloc[0]["worth with the set held [t]"] == pytest.approx(17e3 / 6 / 10, rel=1e-6)
    # F comes in where its tonne is as dear as B's: 11 / (17/6) = 3.88 of 4 MSEK; or with 4·(17/6)/11 of its effect
    assert explained["F"].break_even_cost == pytest.approx(11 / (17 / 6) / 4, rel=2e-3)
    assert explained["F"].break_even_effect == pytest.approx(4 * (17 / 6) / 11, rel=2e-3)


def test_an_activity_is_worth_its_dual_with_the_baseline_held() -> None:
    """Moving 100 km of petrol at 2 t/km: 1 % more to move removes 2 t more; what it emits in addition is not counted against it."""
    plan = kip.Plan(
        name="road",
        years=[2026],
        activities=[kip.Activity(name="petrol", amount=100, factor=2.0), kip.Activity(name="bus", amount=0)],
        shifts=[kip.Shift(name="ride", choice="share", source="petrol", target="bus", cost=1.0)],
    )
    explained = kip.explain(kip.optimize(plan, gap=0))
    row = explained.worth().set_index("kind").loc["activity"]
    assert (row["worth [t]"], row["step"], row["step unit"]) == (pytest.approx(2.0), 1.0, "%")


def test_what_opens_is_worth_what_it_opens() -> None:
    plan = kip.Plan(
        name="charging",
        years=[2026],
        shifts=[
            kip.Shift(name="cars", cost=4e6, reduction=100, open=0),
            kip.Shift(name="path", cost=3e6, reduction=30),
        ],
        enablers=[kip.Enabler(name="posts", cost=2e6, opens={"cars": 1.0})],
        budgets=7e6,
    )
    explained = kip.explain(kip.optimize(plan, gap=0))
    posts = explained["posts"]
    # without the posts no cars: 30 t by the path are left
    assert (posts.price, posts.comes, posts.leaves, posts.depends) == (70.0, ("path",), ("cars",), ("cars",))
    # posts and path for 7 MSEK are as good as the path alone: at 4 some best portfolio still holds them, if for nothing (§7)
    assert posts.break_even_money == pytest.approx(4e6)
    # the path comes in at 1 of its 3 MSEK; forced in at 3, nothing is left for both posts and cars
    assert (explained["path"].price, explained["path"].break_even_money) == (70.0, pytest.approx(1e6))
    assert "Det behövs för cars." in kip.explain(explained.portfolio, "posts", language="sv")["posts"].sentence


def test_several_optima_cost_nothing_and_are_found_by_one_solve_for_both() -> None:
    shifts = [kip.Shift(name=name, cost=2e6, reduction=10) for name in ("one", "two")]
    explained = kip.explain(
        kip.optimize(kip.Plan(name="twins", years=[2026], shifts=shifts, budgets=2e6), gap=0), break_even=False, worth=False
    )
    assert [why.price for why in explained.whys] == [0.0, 0.0]
    assert explained.solves == 1, "the portfolio with the other one answers both questions"


def test_minimised_cost_under_a_minimum() -> None:
    """20 t for the least money: bus 6 MSEK (20 t) against path 8 MSEK (20 t)."""
    shifts = [kip.Shift(name="bus", cost=6e6, reduction=20), kip.Shift(name="path", cost=8e6, reduction=20)]
    plan = kip.Plan(name="cheap", years=[2026], shifts=shifts)
    explained = kip.explain(kip.optimize(plan, minimize="cost", minimum={"reduction": 20}, gap=0), worth=False)
    bus, path = explained["bus"], explained["path"]
    assert (bus.price, bus.break_even_money, path.price, path.break_even_money) == (2e6, pytest.approx(8e6), 2e6, pytest.approx(6e6))


def test_targets_come_first() -> None:
    """The bus alone meets the target; without it 10 t more are missed, so no price can be put on it in money."""
    plan = kip.Plan(
        name="p",
        years=[2026],
        shifts=[kip.Shift(name="bus", cost=6e6, reduction=20), kip.Shift(name="path", cost=1e6, reduction=10)],
        ledgers=[kip.Ledger(name="town", base_year=1990, base_value=100, source="a count", other={"rest": 100})],
        targets=[kip.Target(name="2026", year=2026, value=80)],
    )
    explained = kip.explain(kip.optimize(plan, minimize="cost", gap=0), worth=False)
    assert explained["bus"].status == "cannot"
    assert explained["bus"].sentence == "bus is in. The targets come first, and they would be missed by 10 t/year more."
    assert explained["path"].price == 1e6
    # half the effect and the path do it as well, but at more cost: the bus is in while it gives 20 t, or 10 with the path for no more
    assert explained.portfolio.measure("cost") == 6e6


def test_a_cost_that_nobody_limits_pushes_nothing_out() -> None:
    shifts = [
        kip.Shift(name="cars", cost={"households": 5e6}, reduction=20),
        kip.Shift(name="path", cost={"municipality": 1e6}, reduction=10),
    ]
    plan = kip.Plan(name="p", years=[2026], shifts=shifts, budgets={"municipality": 2e6})
    explained = kip.explain(kip.optimize(plan, gap=0), worth=False)
    assert (explained["cars"].break_even_cost, explained["path"].break_even_money) == (math.inf, pytest.approx(2e6))
    assert "No cost would push it out." in explained["cars"].sentence
