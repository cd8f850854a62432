"""What kip.optimize says when it is asked for what cannot be: one clear sentence with what to do, never a traceback."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo
import pytest

import kip
from kip import Activity, Budget, Enabler, Ledger, Plan, Shift, Target


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Bus 6 M, depot 10 M that needs the grid for 2 M, cars at 0.1 M each; the municipality has 14 M."""
    return Plan(
        name="p",
        years=[2026, 2027],
        actors=[kip.Actor(name="municipality"), kip.Actor(name="people", kind="private"), kip.Actor(name="state", kind="state")],
        shifts=[
            Shift(name="bus", cost={"municipality": 6e6}, reduction=100),
            Shift(name="depot", cost={"municipality": 10e6}, reduction=150, requires=["grid"]),
            Shift(name="car", cost={"people": 1e5}, choice="units", potential=50, reduction=2, ramp=10),
        ],
        enablers=[Enabler(name="grid", cost={"municipality": 2e6})],
        budgets={"municipality": 14e6},
    )


def refused(plan: Plan, *words: str, **question: Any) -> None:
    with pytest.raises(kip.RequestError) as caught:
        kip.optimize(plan, **question)
    for word in words:
        assert word in str(caught.value), str(caught.value)
    assert str(caught.value).rstrip().endswith((".", "}", ">")), "ends with what to do"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"maximize": "reductoin"}, ['unknown measure "reductoin"', 'Did you mean "reduction"']),
        ({"maximize": 5}, ['unknown measure "5"', "Allowed"]),
        ({"maximize": "cost.municipalty"}, ['unknown actor "municipalty"', 'Did you mean "municipality"']),
        ({"maximize": "adopted.buss"}, ['unknown shift "buss"', 'Did you mean "bus"']),
        ({"maximize": "reduction_2050"}, ["2050 is not a year of the plan (2026-2027)"]),
        ({"minimize": "net_cost.state_2026"}, ["net_cost is a present value"]),
        ({"maximize": "reduction", "minimize": "cost"}, ["not both", "minimum={…}"]),
        ({"maximize": "shortfall"}, ["a shortfall can only be minimised"]),
        ({"minimum": {"shortfall": 4}}, ["a shortfall can only be minimised"]),
        ({"require": ["buss"]}, ['unknown shift "buss"', 'Did you mean "bus"']),
        ({"forbid": ["buss"]}, ['unknown shift "buss"']),
        ({"require": "bus", "forbid": "bus"}, ["both required and forbidden", "Take it out of one"]),
        ({"require": ["depot"], "forbid": ["grid"]}, ['"depot" requires "grid", which is forbidden', 'Allow "grid"']),
        ({"require": ["car"]}, ["chosen in parts", 'minimum={"adopted.car": units}']),
        ({"minimum": {"reductoin": 5}}, ['unknown measure "reductoin"']),
        ({"minimum": {"reduction": "5 MSEK"}}, ["found a number in SEK; must be in t"]),
        ({"maximum": {"cost": "5 MEUR"}}, ["found a number in EUR; must be in SEK"]),
        ({"minimum": {"reduction_2027": "5 kt"}}, ["must be in t/year"]),
        ({"minimum": {"reduction": float("nan")}}, ["NaN"]),
        ({"maximum": {"cost": float("inf")}}, ["infinity", "Leave the field out"]),
        ({"maximum": {"cost": None}}, ["None is not a number"]),
        ({"minimum": {"reduction": 5}, "maximum": {"reduction": 4}}, ["the minimum 5 is above the maximum 4"]),
        ({"maximize": "reduction", "per": "muncipal"}, ['unknown kind of krona "muncipal"', 'Did you mean "municipal"']),
        ({"minimize": "cost", "per": "municipal"}, ["a ratio is maximised"]),
        ({"maximize": "reduction", "per": "state"}, ["nothing in this plan costs a state krona", "municipal, private"]),
        ({"model": pyo.ConcreteModel()}, ["not built by kip", "kip.pyomo_model(plan)"]),
        ({"model": 5}, ["not built by kip"]),
    ],
)
def test_refused(plan: Plan, question: dict[str, Any], words: list[str]) -> None:
    refused(plan, *words, **question)


def test_several_problems_come_at_once(plan: Plan) -> None:
    refused(plan, "reductoin", "buss", "muncipal", maximize="reductoin", require=["buss"], per="muncipal")


@pytest.mark.parametrize(
    "question",
    [{"gap": -1}, {"gap": "x"}, {"seed": -1}, {"minimum": ["reduction"]}, {"require": 5}],
    ids=str,
)
def test_options_and_types(plan: Plan, question: dict[str, Any]) -> None:
    refused(plan, **question)


def test_money_is_no_number_of_units(plan: Plan) -> None:
    refused(plan, "unit", maximum={"adopted.car": "5 MSEK"})


def test_required_without_anything_to_act_on() -> None:
    activities = [Activity(name="none", amount=0, factor=1), Activity(name="some", amount=5, factor=1)]
    empty = Plan(name="p", years=[2026], activities=activities, shifts=[Shift(name="a", source="none"), Shift(name="b", source="some")])
    refused(empty, '"a" is required but has nothing to act on', require=["a"])


def test_required_that_may_not_start() -> None:
    late = Plan(name="p", years=[2026], shifts=[Shift(name="a", reduction=1, earliest=2030)])
    refused(late, "may not start in any year", require=["a"])


def test_forbidden_two_links_away() -> None:
    chain = Plan(
        name="p", years=[2026], shifts=[Shift(name="a", requires=["b"]), Shift(name="b", requires=["c"]), Shift(name="c"), Shift(name="d")]
    )
    refused(chain, '"a" requires "c", which is forbidden', require=["a"], forbid=["c"])


# ---- no portfolio: a status and a reason ------------------------------------------------------------------------------


def unreachable(plan: Plan, *words: str, status: str = "infeasible", **question: Any) -> kip.Portfolio:
    portfolio = kip.optimize(plan, **question)
    assert portfolio.status == status
    assert not portfolio.found
    assert portfolio.selected == ()
    assert portfolio.objective != portfolio.objective, "NaN"
    for word in words:
        assert word in portfolio.reason, portfolio.reason
    return portfolio


def test_forced_shifts_over_budget(plan: Plan) -> None:
    # bus 6 M + depot 10 M + the grid that it requires 2 M = 18 M; 14 M are there
    unreachable(plan, "4,000,000 SEK", "municipality in total", "Raise the budget", require=["bus", "depot"])


def test_forced_shifts_over_a_yearly_budget() -> None:
    # 5 M is needed in one of the years; 2 M and 3 M are there, and nothing may be carried over: 2 M are missing in 2027
    yearly = Plan(
        name="p", years=[2026, 2027], shifts=[Shift(name="a", cost=5e6, reduction=1)], budgets={"municipality": {2026: 2e6, 2027: 3e6}}
    )
    unreachable(yearly, "2,000,000 SEK", "in 2027", require=["a"])
    # carried over, the 2 M + 3 M are just enough
    assert kip.optimize(yearly.update({"budgets.municipality.carry_over": True}), require=["a"]).selected == ("a",)


def test_minimum_out_of_reach_for_want_of_money(plan: Plan) -> None:
    # 200 t in 2026 takes bus 100 + depot 150, since only 10 cars (20 t) can come in a year: 18 M of 14 M
    unreachable(plan, "4,000,000 SEK", minimum={"reduction_2026": "200 t/year"})


def test_minimum_out_of_reach_whatever_the_money(plan: Plan) -> None:
    # within 14 M: depot with grid 2 x 150 t, cars 10 x 2 t x 2 years + 10 x 2 t = 60 t; 360 t in all
    unreachable(plan, "at most 360 t can be reached", "Lower the minimum", minimum={"reduction": 1e6})


def test_maximum_out_of_reach(plan: Plan) -> None:
    # 10 t take 3 cars: two from 2026 give 8 t, a third 2 or 4 t
    unreachable(plan, "cost: at least 300,000 SEK are needed", "Raise the maximum", minimum={"reduction": 10}, maximum={"cost": 1})


@pytest.mark.parametrize("limit", [0, 1e-9])
def test_no_time(plan: Plan, limit: float) -> None:
    unreachable(
        plan,
        "No portfolio was found",
        "does not mean that there is none",
        "time_limit",
        status="no_solution",
        time_limit=limit,
        minimum={"reduction": 100},
    )


def test_no_time_for_a_ratio(plan: Plan) -> None:
    unreachable(
        plan, "time_limit", status="no_solution", maximize="reduction", per="municipal", time_limit=1e-9, minimum={"reduction": 100}
    )


def test_ratio_when_nothing_is_affordable() -> None:
    poor = Plan(name="p", years=[2026], shifts=[Shift(name="a", cost=10e6, reduction=50)], budgets={"municipality": 1e6})
    unreachable(poor, "a at 10,000,000 SEK", "the budget is 1,000,000 SEK", "so there is no ratio", maximize="reduction", per="societal")


def test_required_that_exclude_each_other() -> None:
    clash = Plan(name="p", years=[2026], shifts=[Shift(name="a", reduction=1, excludes=["b"]), Shift(name="b", reduction=1)])
    unreachable(clash, "a", "b", "exclude", require=["a", "b"])


def test_required_that_nothing_opens() -> None:
    shut = Plan(name="p", years=[2026], shifts=[Shift(name="a", reduction=1, open=0)])
    unreachable(shut, "a", "enabler", require=["a"])


def test_own_constraint_that_cannot_hold(plan: Plan) -> None:
    model = kip.pyomo_model(plan)
    model.my_rule = pyo.Constraint(expr=model.start["bus", "all", 2026] + model.start["bus", "all", 2027] >= 1.5)
    unreachable(plan, "my_rule", model=model)


# ---- own models -------------------------------------------------------------------------------------------------------


def test_own_constraint_that_is_not_linear(plan: Plan) -> None:
    model = kip.pyomo_model(plan)
    model.mine = pyo.Constraint(expr=model.start["bus", "all", 2026] ** 2 <= 1)
    refused(plan, "not linear", "mine", model=model)


def test_two_objectives(plan: Plan) -> None:
    model = kip.pyomo_model(plan)
    model.mine = pyo.Objective(expr=model.start["bus", "all", 2026])
    refused(plan, "2 active objectives", "as constraints", model=model)


def test_another_objective_in_the_place_of_kips(plan: Plan) -> None:
    model = kip.pyomo_model(plan)
    model.objective.deactivate()
    model.mine = pyo.Objective(expr=model.start["bus", "all", 2026])
    refused(plan, "objective", model=model)


def test_model_of_another_plan(plan: Plan) -> None:
    refused(plan.update({"shifts.bus.reduction": 5}), "another plan", "kip.pyomo_model(plan)", model=kip.pyomo_model(plan))


def test_own_constraint_holds(plan: Plan) -> None:
    # without the depot, the best is bus 2 x 100 t and cars 60 t
    model = kip.pyomo_model(plan)
    model.no_depot = pyo.Constraint(expr=sum(model.start["depot", "all", year] for year in plan.years) <= 0)
    assert kip.optimize(plan, model=model).objective == 260.0


# ---- no error, but worth a word ---------------------------------------------------------------------------------------


def test_nothing_affordable() -> None:
    poor = Plan(
        name="p",
        years=[2026],
        shifts=[Shift(name="a", cost=5e6, reduction=1), Shift(name="b", cost=7e6, reduction=1)],
        budgets={"municipality": 1e6},
    )
    portfolio = kip.optimize(poor)
    assert portfolio.status == "optimal"
    assert portfolio.objective == 0
    assert (
        "Nothing is affordable: the cheapest that municipality pays for is a at 5,000,000 SEK, the budget is 1,000,000 SEK"
        in portfolio.notes[0]
    )


def test_portfolios_that_pay_for_themselves_are_not_ranked() -> None:
    saving = Plan(name="p", years=[2026], shifts=[Shift(name="a", opex=-5.0, reduction=1), Shift(name="b", cost=1e6, reduction=3)])
    portfolio = kip.optimize(saving, "reduction", per="municipal")
    assert portfolio.status == "pays_for_itself"
    assert portfolio.selected == ("a",)
    assert "no municipal krona" in portfolio.notes[0]
    # the next kronor: a and b cost 1e6 - 5
    assert kip.optimize(saving, "reduction", per="municipal", minimum={"reduction": 2}).objective == pytest.approx(4 / (1e6 - 5))


def test_a_ratio_where_a_saving_shift_needs_a_dear_one() -> None:
    # a with b: 20 t for 1 M, far less than a alone costs; c: 100 t for 20 M
    shifts = [
        Shift(name="a", cost=10e6, reduction=10),
        Shift(name="b", opex=-9e6, reduction=10, requires=["a"]),
        Shift(name="c", cost=20e6, reduction=100),
    ]
    portfolio = kip.optimize(Plan(name="p", years=[2026], shifts=shifts), "reduction", per="societal", gap=0)
    assert portfolio.selected == ("a", "b")
    assert portfolio.objective == pytest.approx(20 / 1e6)


def test_a_billion_and_a_thousandth_in_one_plan() -> None:
    with pytest.raises(kip.DataError, match=r"found 0.001 SEK beside 1e\+09 SEK.*Is the unit right"):
        Plan(name="p", years=[2026], shifts=[Shift(name="a", cost=1e9, reduction=1), Shift(name="b", cost=1e-3, reduction=1)])


def test_a_maximum_of_money_is_held_to_the_krona() -> None:
    pair = Plan(name="p", years=[2026], shifts=[Shift(name="a", cost=7e6, reduction=10), Shift(name="b", cost=7e6 + 1, reduction=10.1)])
    portfolio = kip.optimize(pair, maximum={"cost": 14e6}, gap=0)
    assert portfolio.measure("cost") <= 14e6


def test_a_budget_is_held_to_the_krona() -> None:
    shifts = [Shift(name="a", cost=7e6, reduction=10), Shift(name="b", cost=7e6 + 1, reduction=10.1)]
    assert kip.optimize(Plan(name="p", years=[2026], shifts=shifts, budgets={"municipality": 14e6}), gap=0).selected == ("b",)


def test_savings_that_refill_a_budget_are_carried_over() -> None:
    # 1 M and three years' savings of 50 M pay for b in the last year
    plan = Plan(
        name="p",
        years=[2026, 2027, 2028],
        shifts=[Shift(name="a", opex=-50e6, reduction=1), Shift(name="b", cost=100e6, reduction=100, earliest=2028)],
        budgets=[Budget(actor="municipality", amount={2026: 1e6}, carry_over=True, savings=True)],
    )
    assert kip.optimize(plan, gap=0).objective == 103.0


def test_a_shortfall_may_be_as_large_as_it_is() -> None:
    # each unit raises emissions by a tonne; health is what is asked for, the target is only reported
    shift = Shift(name="a", choice="units", potential=1e6, reduction=-1, cobenefits={"health": 1})
    plan = Plan(
        name="p",
        years=[2026],
        shifts=[shift],
        targets=[Target(name="t", year=2026, value=0, base_year=1990, base_value=1000, source="invented")],
    )
    portfolio = kip.optimize(plan, "health", gap=0)
    assert portfolio.objective == 1e6
    assert portfolio.measure("shortfall") == 1e6


def test_targets_come_first_to_the_last_tonne() -> None:
    plan = Plan(
        name="p",
        years=[2026],
        shifts=[Shift(name="a", choice="units", cost=1000.0, potential=500, reduction=1)],
        targets=[Target(name="t", year=2026, value=0, base_year=1990, base_value=1000, source="invented")],
        ledgers=[Ledger(name="l", other={"rest": 1e8})],
    )
    assert kip.optimize(plan, minimize="cost", gap=0).measure("reduction") == 500
