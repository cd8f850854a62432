"""What must hold whatever the plan: hypothesis looks for the plan in which it does not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import kip
from tests.properties.plans import random_plan
from tests.strategies import plans

QUICK = settings(deadline=None, derandomize=True, max_examples=40, suppress_health_check=list(HealthCheck))

either = st.one_of(plans(shifts=3), st.builds(random_plan, st.integers(0, 100_000)))
MEASURES = st.sampled_from(["reduction", "net_benefit", "lifetime_reduction"])


def near(one: float, two: float, size: float = 1.0) -> bool:
    return math.isclose(one, two, rel_tol=1e-6, abs_tol=1e-6 * size)


def data_of(plan: kip.Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in type(plan).model_fields}


def size_of(plan: kip.Plan, measure: str) -> float:
    """Below this a difference is the solver's tolerance: a krona, or a thousandth of a tonne."""
    return 1e6 if measure in {"net_benefit", "cost", "net_cost"} else 1e3


@QUICK
@given(either, MEASURES)
def test_the_answer_is_proven_and_keeps_the_rules(plan: kip.Plan, measure: str) -> None:
    portfolio = kip.optimize(plan, measure, gap=0)
    assert portfolio.status == "optimal"
    assert portfolio.broken == ()
    assert portfolio.bound >= portfolio.objective - 1e-6 * max(1.0, abs(portfolio.objective))
    assert portfolio.objective == portfolio.measure(measure)


@QUICK
@given(either, MEASURES)
def test_evaluate_says_the_same(plan: kip.Plan, measure: str) -> None:
    portfolio = kip.optimize(plan, measure, gap=0)
    again = kip.evaluate(plan, portfolio.decisions)
    assert again.broken == ()
    assert math.isclose(again.measure(measure), portfolio.objective, rel_tol=1e-9, abs_tol=1e-9)
    for name, values in portfolio.dataset.data_vars.items():
        np.testing.assert_allclose(again.dataset[name], values, rtol=1e-12, atol=1e-12, err_msg=str(name))


@QUICK
@given(either)
def test_parts_add_up_to_the_whole(plan: kip.Plan) -> None:
    portfolio = kip.optimize(plan, gap=1e-2)
    currency = plan.currency
    whole = {
        "reduction [t]": portfolio.measure("reduction"),
        f"investment [{currency}]": portfolio.measure("investment"),
        f"running cost [{currency}]": portfolio.measure("operation"),
        f"net present cost [{currency}]": portfolio.measure("net_cost"),
    }
    for group in ("shift", "district", "actor", "year", "area", "control", "actor_kind"):
        table = portfolio.by(group)
        for column in table:
            assert math.isclose(table[column].sum(), whole[column], rel_tol=1e-9, abs_tol=1e-9 * max(1.0, np.abs(table[column]).sum())), (
                group,
                column,
            )


@QUICK
@given(either)
def test_what_remains_and_what_is_removed_are_the_baseline(plan: kip.Plan) -> None:
    data = kip.optimize(plan, gap=1e-2).dataset
    removed = data["reduction"].sum(["shift", "district"])
    size = max(1.0, float(data["baseline"].max()))
    np.testing.assert_allclose(data["emissions"], data["baseline"] - removed, rtol=1e-9, atol=1e-9 * size)
    assert (data["remaining"] >= -1e-6 * np.maximum(1.0, data["amount"])).all()
    # the other road: what remains of each activity, what stated shifts take, and what would have happened anyway
    if all(shift.attribution == 1 for shift in plan.shifts):
        stated = [shift.name for shift in plan.shifts if shift.source is None]
        taken = data["reduction"].sel(shift=stated).sum(["shift", "district"]) if stated else 0.0
        left = data["other"] + data["activity_emissions"].sum("activity") - taken
        np.testing.assert_allclose(data["emissions"], left.transpose("ledger", "year"), rtol=1e-9, atol=1e-9 * size)


@QUICK
@given(either, st.randoms(use_true_random=False), MEASURES)
def test_order_of_rows_changes_nothing(plan: kip.Plan, random: Any, measure: str) -> None:
    data = data_of(plan)
    for field in ("shifts", "enablers", "budgets", "resources", "indicators", "activities", "districts", "targets"):
        rows = list(data[field])
        random.shuffle(rows)
        data[field] = rows
    one, two = kip.optimize(plan, measure, gap=0), kip.optimize(kip.Plan(**data), measure, gap=0)
    assert near(one.objective, two.objective, size_of(plan, measure) * 1e-3)
    if not any("not unique" in note for note in (*one.notes, *two.notes)) and one.dataset.sizes["budget"] < 2:
        assert one.selected == two.selected


def renamed(plan: kip.Plan, prefix: str) -> kip.Plan:
    """All shifts and enablers under other names."""

    def change(item: Any) -> Any:
        fields = {name: getattr(item, name) for name in type(item).model_fields} | {"name": prefix + item.name}
        for relation in ("requires", "requires_any", "excludes"):
            fields[relation] = tuple(prefix + name for name in fields[relation])
        if "opens" in fields:
            fields["opens"] = {prefix + name: share for name, share in fields["opens"].items()}
        return type(item)(**fields)

    data = data_of(plan) | {"shifts": [change(item) for item in plan.shifts], "enablers": [change(item) for item in plan.enablers]}
    data["passports"] = {}
    data["scenarios"] = []
    return kip.Plan(**data)


@QUICK
@given(either, MEASURES)
def test_names_change_nothing(plan: kip.Plan, measure: str) -> None:
    one, two = kip.optimize(plan, measure, gap=0), kip.optimize(renamed(plan, "å "), measure, gap=0)
    assert near(one.objective, two.objective, size_of(plan, measure) * 1e-3)


def money_by(plan: kip.Plan, factor: float) -> kip.Plan:
    """Every sum of money in the plan times a factor: a plan in another unit of money."""

    def scaled(value: Any) -> Any:
        return {key: scaled(item) for key, item in value.items()} if isinstance(value, dict) else value * factor

    def change(item: Any, fields: tuple[str, ...]) -> Any:
        data = {name: getattr(item, name) for name in type(item).model_fields}
        return type(item)(**data | {name: scaled(data[name]) for name in fields if data[name] is not None})

    data = data_of(plan)
    data["shifts"] = [change(item, ("cost", "opex")) for item in plan.shifts]
    data["enablers"] = [change(item, ("cost", "opex")) for item in plan.enablers]
    data["budgets"] = [change(item, ("amount",)) for item in plan.budgets]
    data["indicators"] = [change(item, ("value",)) for item in plan.indicators]
    data["ledgers"] = [change(item, ("value",)) for item in plan.ledgers]
    return kip.Plan(**data)


@QUICK
@given(either)
def test_the_unit_of_money_changes_nothing(plan: kip.Plan) -> None:
    # a thousand times dearer everything, as in a plan written in øre or in a weak currency
    one, two = kip.optimize(plan, gap=0), kip.optimize(money_by(plan, 1000.0), gap=0)
    assert near(one.objective, two.objective)


def test_text_with_units_is_the_same_plan() -> None:
    numbers = kip.Plan(name="p", years=[2026], shifts=[kip.Shift(name="a", cost=5e6, reduction=1200)], budgets={"municipality": 6e6})
    texts = kip.Plan(
        name="p", years=[2026], shifts=[kip.Shift(name="a", cost="5 MSEK", reduction="1.2 kt/year")], budgets={"municipality": "6000 kSEK"}
    )
    assert numbers.hash == texts.hash
    assert kip.optimize(numbers).objective == kip.optimize(texts).objective == 1200


def budgets_by(plan: kip.Plan, factor: float) -> kip.Plan:
    def larger(value: Any) -> Any:
        return {year: factor * amount for year, amount in value.items()} if isinstance(value, dict) else factor * value

    budgets = [
        kip.Budget(**{name: getattr(item, name) for name in type(item).model_fields} | {"amount": larger(item.amount)})
        for item in plan.budgets
    ]
    return kip.Plan(**data_of(plan) | {"budgets": budgets})


@QUICK
@given(either, st.sampled_from([1.0001, 1.5, 10.0]), MEASURES)
def test_more_money_is_never_worse(plan: kip.Plan, factor: float, measure: str) -> None:
    assume(plan.budgets)
    less, more = kip.optimize(plan, measure, gap=0), kip.optimize(budgets_by(plan, factor), measure, gap=0)
    assert more.objective >= less.objective - 1e-6 * max(size_of(plan, measure) * 1e-3, abs(less.objective))


@QUICK
@given(either, st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_a_looser_target_is_never_dearer(plan: kip.Plan, one: float, two: float) -> None:
    year = plan.years[-1]
    top = kip.optimize(plan, f"reduction_{year}", gap=0).objective
    assume(top > 1e-3)
    strict, loose = max(one, two), min(one, two)
    baseline = float(kip.evaluate(plan).dataset["baseline"].values[0, -1])
    cost = []
    for share in (loose, strict):
        wanted = max(0.0, baseline - share * top)
        target = kip.Plan(
            **data_of(plan)
            | {"targets": [kip.Target(name="goal", year=year, value=wanted, base_year=1990, base_value=1000, source="invented")]}
        )
        cost.append(kip.optimize(target, minimize="cost", gap=0))
    assert all(answer.status == "optimal" for answer in cost)
    if all(answer.measure("shortfall") < 1e-6 for answer in cost):
        assert cost[0].objective <= cost[1].objective + max(1.0, 1e-6 * abs(cost[1].objective))


@QUICK
@given(either)
def test_one_more_shift_is_never_worse(plan: kip.Plan) -> None:
    without = kip.optimize(plan, gap=0)
    extra = kip.Shift(name="one more", cost=1e5, reduction={"all": 0.5})
    more = kip.optimize(kip.Plan(**data_of(plan) | {"shifts": [*plan.shifts, extra]}), gap=0)
    assert more.objective >= without.objective - 1e-6 * max(1.0, abs(without.objective))


@QUICK
@given(either)
def test_forbidding_and_limits_are_never_better(plan: kip.Plan) -> None:
    free = kip.optimize(plan, gap=0)
    for name in free.selected[:2]:
        held = kip.optimize(plan, forbid=[name], gap=0)
        assert held.status == "optimal"
        assert name not in held.selected
        assert held.objective <= free.objective + 1e-6 * max(1.0, abs(free.objective))
    cost = free.measure("cost")
    if cost > 10:
        capped = kip.optimize(plan, maximum={"cost": cost / 2}, gap=0)
        assert not capped.found or capped.objective <= free.objective + 1e-6 * max(1.0, abs(free.objective))


@QUICK
@given(either)
def test_a_model_handed_back_unchanged_gives_the_same(plan: kip.Plan) -> None:
    name = next((item.name for item in plan.shifts if item.choice == "whole"), None)
    question: dict[str, Any] = {"forbid": [name]} if name else {}
    own = kip.optimize(plan, maximum={"cost": 2e7}, gap=0, **question)
    handed = kip.optimize(plan, maximum={"cost": 2e7}, gap=0, model=kip.pyomo_model(plan), **question)
    assert own.status == handed.status
    if own.found:
        assert near(own.objective, handed.objective)


@QUICK
@given(either)
def test_every_status_is_a_word_with_its_numbers(plan: kip.Plan) -> None:
    whole = [item.name for item in plan.shifts if item.choice == "whole"]
    questions: list[dict[str, Any]] = [{"minimize": "cost"}, {"minimum": {"reduction": 1e9}}, {"per": "societal", "maximize": "reduction"}]
    questions += [{"require": whole}] if whole else []
    for question in questions:
        try:
            portfolio = kip.optimize(plan, **question)
        except kip.RequestError as error:
            assert str(error)
            continue
        assert portfolio.status in {"optimal", "infeasible", "pays_for_itself"}, (question, portfolio.status, portfolio.reason)
        assert portfolio.found == (not math.isnan(portfolio.objective))
        assert bool(portfolio.reason) == (not portfolio.found)
        assert portfolio.broken == ()
        assert repr(portfolio)


@pytest.mark.parametrize("seed", range(15))
def test_a_ratio_is_never_below_any_portfolio_that_was_found_otherwise(seed: int) -> None:
    plan = random_plan(seed)
    found = [kip.optimize(plan, measure, gap=0) for measure in ("reduction", "net_benefit")]
    gain = max(portfolio.measure("reduction") for portfolio in found)
    if gain < 1:
        pytest.skip("nothing to gain in this plan")
    best = kip.optimize(plan, "reduction", per="societal", minimum={"reduction": 0.1 * gain}, gap=0)
    assert best.status in {"optimal", "pays_for_itself"}
    for portfolio in found:
        cost = portfolio.measure("net_cost")
        if best.status == "optimal" and portfolio.measure("reduction") >= 0.1 * gain:
            assert cost > 0
            assert portfolio.measure("reduction") / cost <= best.objective * (1 + 1e-6)
