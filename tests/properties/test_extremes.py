"""Numbers at the edge: nothing, everything, too late, too large. Both roads agree, or the message is clear."""

from __future__ import annotations

from typing import Any

import pytest

import kip
from kip import Activity, District, Enabler, Plan, Shift

YEARS = [2026, 2027, 2028]


def one(shift: dict[str, Any], **fields: Any) -> Plan:
    return Plan(**{"name": "p", "years": YEARS, "shifts": [Shift(**{"name": "a", "cost": 1e6, **shift})], **fields})


def moving(shift: dict[str, Any], amount: Any = 1000.0, factor: Any = 0.5) -> Plan:
    activities = [Activity(name="petrol", amount=amount, factor=factor), Activity(name="electric", amount=0, factor=0.1)]
    return one({"source": "petrol", "target": "electric"} | shift, activities=activities)


@pytest.mark.parametrize(
    ("plan", "tonnes"),
    [
        pytest.param(one({"reduction": 10, "lifetime": 50}), 30, id="lifetime beyond the horizon"),
        pytest.param(one({"reduction": 10, "lifetime": 50, "lead": 9}), 0, id="lead beyond the horizon"),
        pytest.param(one({"reduction": 10, "lead": 2}), 10, id="lead to the last year"),
        pytest.param(one({"reduction": 10, "choice": "share", "potential": 0}), 0, id="potential 0"),
        pytest.param(one({"reduction": 10, "uptake": 0}), 0, id="uptake 0"),
        pytest.param(one({"reduction": 10, "attribution": 0}), 0, id="attribution 0"),
        pytest.param(one({"reduction": 10, "profile": (0, 0, 1)}), 10, id="profile with zeros"),
        pytest.param(one({"reduction": 10, "profile": (0,)}), 0, id="profile of zeros"),
        pytest.param(one({"reduction": 10}, budgets={"municipality": 0}), 0, id="budget 0"),
        pytest.param(one({"reduction": 10, "cost": 0}, budgets={"municipality": 0}), 30, id="free with a budget of 0"),
        pytest.param(one({"reduction": -10}), 0, id="raises emissions"),
        pytest.param(one({"reduction": 10}, years=[2026]), 10, id="one year"),
        pytest.param(one({"reduction": 10, "cost": 0.01}, budgets={"municipality": 0.01}), 30, id="one öre"),
        pytest.param(one({"reduction": 1e-9}), 3e-9, id="a milligram"),
        pytest.param(one({"reduction": 1e10}), 3e10, id="ten billion tonnes"),
        pytest.param(one({"reduction": 10, "name": "Tåg & bÿss 🚲/电"}), 30, id="unicode"),
        # 1 000 km at 0.5 - ratio x 0.1
        pytest.param(moving({}), 3 * 400, id="whole of a segment"),
        pytest.param(moving({"ratio": 0}), 3 * 500, id="ratio 0"),
        pytest.param(moving({"ratio": 6.0}), 0, id="ratio that raises emissions"),
        pytest.param(moving({"choice": "share"}, factor=-0.5), 0, id="negative factor"),
        pytest.param(moving({"choice": "share", "cost": 0.1}, amount=5e9, factor=2e-4), 0, id="billions of km that get worse"),
        pytest.param(moving({"choice": "share", "cost": 0.1}, amount=5e9), 3 * 0.4 * 5e9, id="billions of km"),
        # a segment that shrinks to 200: what starts must fit at the end, 3 x 200 x 0.4, or be taken when there is most
        pytest.param(moving({"choice": "share"}, amount={2026: 1000, 2028: 200}), 3 * 200 * 0.4, id="shrinking, kept to the end"),
        # one year's life: 1 000 + 600 + 200 km
        pytest.param(
            moving({"choice": "share", "lifetime": 1}, amount={2026: 1000, 2028: 200}), 0.4 * 1800, id="shrinking, one year's life"
        ),
        pytest.param(moving({"choice": "units", "use": 300}), 3 * 3 * 300 * 0.4, id="whole units of 300 km"),
        pytest.param(moving({"choice": "units", "use": 3000}), 0, id="a unit larger than the segment"),
    ],
)
def test_edges(plan: Plan, tonnes: float) -> None:
    portfolio = kip.optimize(plan, gap=0)
    assert portfolio.status == "optimal"
    assert portfolio.objective == pytest.approx(tonnes, rel=1e-6, abs=1e-12)
    assert kip.evaluate(plan, portfolio.decisions).broken == ()
    assert repr(portfolio)


def test_a_circle_of_shares() -> None:
    """What goes round in a circle is moved, and no more is gone than there is."""
    activities = [Activity(name="a", amount=100, factor=0.3), Activity(name="b", amount=50, factor=0.1)]
    shifts = [
        Shift(name="ab", source="a", target="b", choice="share", cost=1.0),
        Shift(name="ba", source="b", target="a", choice="share", cost=1.0),
        Shift(name="out", source="b", choice="share", cost=5.0),
    ]
    # all 150 avoided, by way of b: 100 x 0.3 + 50 x 0.1
    portfolio = kip.optimize(Plan(name="p", years=[2026], activities=activities, shifts=shifts), gap=0)
    assert portfolio.objective == pytest.approx(35)


def test_identical_shifts() -> None:
    twins = [Shift(name=name, cost=5e6, reduction=10) for name in "abcdefgh"]
    portfolio = kip.optimize(Plan(name="p", years=YEARS, shifts=twins, budgets={"municipality": 17e6}), gap=0)
    assert portfolio.objective == 3 * 30


def test_an_enabler_in_one_district_does_not_open_what_is_city_wide() -> None:
    enabler = Enabler(name="e", cost=1.0, opens={"a": 1.0}, districts=["x"])
    city = Plan(name="p", years=[2026], districts=[District(name="x")], shifts=[Shift(name="a", reduction=5, open=0)], enablers=[enabler])
    assert kip.optimize(city, gap=0).objective == 0
    assert kip.optimize(city.update({"shifts.a.districts": ["x"]}), gap=0).objective == 5


def test_decisions_that_cannot_be() -> None:
    plan = Plan(name="p", years=[2026], shifts=[Shift(name="a", reduction=1), Shift(name="b", choice="units", potential=3, reduction=1)])
    for bad in ({"a": {2026: -1}}, {"a": {2026: float("nan")}}, {"a": {2026: float("inf")}}, {"a": "soon"}, {"a": 2050}, {"c": 2026}):
        with pytest.raises(kip.RequestError):
            kip.evaluate(plan, bad)
    assert "whole units" in str([rule.rule for rule in kip.evaluate(plan, {"b": {2026: 0.5}}).broken])
    assert kip.evaluate(plan, {"a": {2026: 0.5}}).broken


def test_a_whole_shift_takes_all_of_its_source_not_what_others_might_bring() -> None:
    # b avoids all of electric; a, which could bring 100 more, is forbidden: 50 x 0.5
    activities = [Activity(name="petrol", amount=100, factor=1), Activity(name="electric", amount=50, factor=0.5)]
    shifts = [Shift(name="a", source="petrol", target="electric"), Shift(name="b", source="electric")]
    plan = Plan(name="p", years=[2026], activities=activities, shifts=shifts)
    assert kip.optimize(plan, forbid=["a"], gap=0).objective == 25


def test_a_potential_for_all_districts_together_holds_for_whole_shifts_too() -> None:
    activities = [Activity(name="petrol", amount={"x": 100, "y": 100}, factor=1)]
    # all or nothing in each district: one number for both of them cannot be split, so it is refused
    with pytest.raises(kip.DataError, match="by district"):
        Plan(name="p", years=[2026], activities=activities, shifts=[Shift(name="a", source="petrol", potential=50)])


def test_potentials_by_district_and_for_all_together_both_hold_for_stated_shifts() -> None:
    shift = Shift(name="a", choice="units", potential={"all": 5, "x": 3, "y": 4}, reduction=1)
    assert kip.optimize(Plan(name="p", years=[2026], shifts=[shift]), gap=0).objective == 5


def test_a_potential_counts_units_not_their_effect() -> None:
    # ten cars with half the effect are ten cars: 10 x 0.5 t in each year
    shift = Shift(name="a", choice="units", potential=10, reduction=1, profile=(0.5,))
    portfolio = kip.optimize(Plan(name="p", years=[2026, 2027], shifts=[shift]), gap=0)
    assert float(portfolio.decisions.to_numpy().sum()) == 10


def test_a_district_called_all_is_refused_with_a_message() -> None:
    with pytest.raises(kip.DataError, match="all"):
        Plan(name="p", years=[2026], districts=[District(name="all"), District(name="x")], shifts=[Shift(name="a", reduction=1)])
        raise AssertionError("kip.optimize fails with an xarray error on such a plan")


def test_many_small_units_and_a_large_budget_are_one_plan() -> None:
    # 0.002 SEK a kilometre and 50 MSEK: the cost of a unit is small, the cost of all of them is not
    shift = Shift(name="a", source="petrol", choice="share", cost=0.002)
    Plan(
        name="p",
        years=[2026],
        activities=[Activity(name="petrol", amount=5e9, factor=1e-4)],
        shifts=[shift],
        budgets={"municipality": 50e6},
    )
