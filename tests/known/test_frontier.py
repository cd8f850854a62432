"""Frontiers with known answers: six shifts by full enumeration (29 portfolios), Lundgren's projects, and 2kp50's published points."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

import kip

_SPEC = spec_from_file_location("frontier_plans", Path(__file__).with_name("frontier_plans.py"))
assert _SPEC is not None and _SPEC.loader is not None
plans = module_from_spec(_SPEC)
_SPEC.loader.exec_module(plans)

# the most tonnes [kt] for each budget from 15 to 28 MSEK
PHI = dict(zip(range(15, 29), (43, 47, 49, 49, 55, 55, 60, 61, 66, 66, 71, 72, 72, 77), strict=True))


def values(front: kip.Frontier) -> set[tuple[float, ...]]:
    return {tuple(float(value) for value in row) for row in front.values}


@pytest.fixture(scope="module")
def against_cost() -> kip.Frontier:
    return kip.frontier(plans.six(28))


@pytest.fixture(scope="module")
def two_goods() -> kip.Frontier:
    return kip.frontier(plans.six(), ("reduction", "health"))


def test_two_goods(two_goods: kip.Frontier) -> None:
    """(60,20) ABC, (55,24) CDEF, (53,26) ABE, (48,27) BDE, (47,28) BCEF; the middle three but one need no weighing."""
    assert values(two_goods) == {(60e3, 20), (55e3, 24), (53e3, 26), (48e3, 27), (47e3, 28)}
    assert ["".join(portfolio.selected) for portfolio in two_goods.portfolios] == ["ABC", "CDEF", "ABE", "BDE", "BCEF"]
    assert two_goods.points["supported"].tolist() == [True, False, True, False, True]
    assert two_goods.complete
    assert (two_goods.points["status"] == "optimal").all()


def test_hypervolume(two_goods: kip.Frontier) -> None:
    assert two_goods.hypervolume((0, 0)) == pytest.approx(1621e3)
    assert two_goods.hypervolume((40e3, 15)) == pytest.approx(201e3)
    assert two_goods.hypervolume_share((40e3, 15)) == pytest.approx(201 / (20 * 13))
    # from the worst of each, 47 and 20: 24 - 20 over 55 - 47, then 2 more over 53 - 47, then 1 more over 48 - 47
    assert two_goods.hypervolume_share() == pytest.approx((4 * 8 + 2 * 6 + 1 * 1) / (13 * 8))


def test_budget_table(against_cost: kip.Frontier) -> None:
    found = {cost: tonnes for tonnes, cost in values(against_cost)}
    for budget, most in PHI.items():
        assert max(tonnes for cost, tonnes in found.items() if cost <= budget * 1e6) == most * 1e3


def test_next_krona(against_cost: kip.Frontier) -> None:
    """At 21 MSEK: one more gives 1 kt; the best use of a larger sum is 2 more, (66 - 60) / 2 = 3; the relaxation's price is 8/3."""
    krona = against_cost.next_krona(21e6, 1e6)
    assert (krona.value, krona.forward, krona.low, krona.high) == pytest.approx((60e3, 1e3, 1e3, 1e3))
    assert (1e3 * krona.average, krona.average_step, krona.average_exact) == (pytest.approx(3.0), 2e6, True)
    assert 1e3 * krona.relaxed == pytest.approx(8 / 3, rel=1e-6)
    assert "relaxation" in str(krona)
    end = against_cost.next_krona(28e6, 1e6)
    assert (end.forward, end.average, end.at_the_end) == (0, 0, True)


def test_budget_is_what_kip_optimize_says(against_cost: kip.Frontier) -> None:
    """The budget itself as an objective, up to 28 of 21: the same staircase, each point the plan with that budget."""
    front = kip.frontier(plans.six(21), ("reduction", "budget"), budget_up_to=28 / 21)
    assert front.values == pytest.approx(against_cost.values)
    for point in (3, 12, 17):
        needed = front.portfolios[point].plan
        assert kip.optimize(needed, gap=0).objective == pytest.approx(front.values[point, 0])
        assert front.portfolios[point].measure("reduction") == pytest.approx(front.values[point, 0])
    assert front.next_krona(step=1e6).at == pytest.approx(21e6)
    assert front.next_krona(step=1e6).forward == pytest.approx(1e3)


def test_lundgren_is_the_enumeration() -> None:
    """56 points beside the empty portfolio."""
    front = kip.frontier(plans.lundgren())
    expected = plans.nondominated({(float(value), cost * 1e6) for value, cost in plans.lundgren_portfolios()}, (-1, 1))
    assert values(front) == expected
    assert len(front) == 57
    assert front.complete
    # the steepest ray from the origin is the best ratio (Dinkelbach): 1430 / 103 among those that cost at least 100 MSEK
    dear = front.values[front.values[:, 1] >= 100e6]
    assert (dear[:, 0] / dear[:, 1]).max() == pytest.approx(1430 / 103e6)


def test_2kp50(case_file: Callable[[str], Path]) -> None:
    plan, published = plans.knapsack(case_file)
    front = kip.frontier(plan, ("reduction", "second"))
    assert values(front) == {tuple(map(float, point)) for point in published}
    assert len(front) == 35
    assert front.complete


def _with_budgets(plan: kip.Plan, times: float) -> kip.Plan:
    amounts = [{year: times * value for year, value in item.amount.items()} for item in plan.budgets]
    return plan.update(
        {"budgets": [item.model_copy(update={"amount": amount}) for item, amount in zip(plan.budgets, amounts, strict=True)]}
    )


def test_budgets_by_actor_and_year() -> None:
    """Two actors, budgets by year with and without carry-over: the share needed is the largest of spent / available."""
    plan = kip.Plan(
        name="two",
        years=[2026, 2027],
        actors=[kip.Actor(name="town"), kip.Actor(name="firm", kind="private")],
        shifts=[
            kip.Shift(name="a", cost={"town": 4e6}, reduction=10, latest=2026),
            kip.Shift(name="b", cost={"town": 3e6, "firm": 2e6}, reduction=7),
            kip.Shift(name="c", cost={"firm": 5e6}, reduction=6),
        ],
        budgets=[
            kip.Budget(actor="town", amount={2026: 6e6, 2027: 4e6}, carry_over=True),
            kip.Budget(actor="firm", amount={2026: 2e6, 2027: 6e6}),
        ],
    )
    front = kip.frontier(plan, ("reduction", "budget"), budget_up_to=1.5)
    assert front.complete
    for point, (tonnes, needed) in enumerate(front.values):
        times = needed / 18e6
        assert kip.optimize(_with_budgets(plan, times), gap=0).objective == pytest.approx(tonnes)
        if point:
            assert kip.optimize(_with_budgets(plan, times - 1e-4), gap=0).objective < tonnes
    one = kip.frontier(plan, ("reduction", "budget.firm"))
    assert one.values[0, 1] == 0
    assert one.values[0, 0] == pytest.approx(20)  # a in its first year gives 10 twice, and nothing of the firm's is needed
    three = kip.frontier(plan, ("reduction", "budget.firm", "budget.town"), points=36)
    assert len(three) >= 3


def test_shares_are_a_sample_and_say_so() -> None:
    """Two shifts in any amount: the frontier is two lines, and each point of the grid is on them."""
    shifts = [
        kip.Shift(name="cheap", choice="share", potential=10, unit="car", cost=1e6, reduction=10),
        kip.Shift(name="dear", choice="share", potential=10, unit="car", cost=2e6, reduction=10),
    ]
    front = kip.frontier(kip.Plan(name="any", years=[2026], shifts=shifts), points=7)
    tonnes, cost = front.values.T
    assert not front.complete
    assert "sample" in front.coverage
    assert len(front) == 7
    assert tonnes == pytest.approx(np.where(cost <= 10e6, cost / 1e5, 100 + (cost - 10e6) / 2e5), rel=2e-4)
