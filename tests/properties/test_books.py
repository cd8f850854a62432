"""Properties of the books: every krona has two ends, and all tables about money say the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

import kip
from kip.accounting import finance
from tests.properties.test_funding_money import ACTORS, SEEDS, fields
from tests.strategies import plans

KRONA = 0.5


def with_loans(seed: int) -> kip.Plan:
    """A random plan with grants from inside and outside, loans from an actor and from outside, references and running costs."""
    raw = fields(seed)
    for row, shift in enumerate(raw["shifts"]):
        shift["reference_cost"] = {"municipality": 1e5 * row}
        shift["reference_opex"] = {"households": 2e4}
        # a tax that the state loses and the households save is no cost to society
        shift["opex"] = {"municipality": 1e4 * (row - 1), "households": -3e4, "state": 1e4}
        shift["lifetime"] = [None, 2, 5][(seed + row) % 3]
    raw["funding"] = [
        *raw["funding"],
        {"name": "bank", "kind": "loan", "rate": 0.02, "term": 3, "applicants": ["municipality"]},
        {"name": "state-loan", "kind": "loan", "rate": 0.01, "term": 2, "funder": "state", "applicants": ["households"], "pot": 1e5},
    ]
    return kip.Plan(**raw, discount_rate=0.03)


def balance(found: kip.Portfolio) -> None:
    """What must hold in every portfolio."""
    data, currency = found.dataset, found.plan.currency
    flow, left = found.cash_flow(), f"left at the end [{currency}]"
    net = flow[f"net [{currency}]"]
    # all actors, and whoever is outside, are society: year by year, to a krona
    society = -(data["investment"] + data["operation"]).sum(["shift", "district", "actor"]).to_series()
    by_year = net.groupby(level="year").sum()
    assert np.allclose(by_year.loc[society.index], society, rtol=1e-9, atol=KRONA)
    assert np.allclose(by_year.drop(society.index), 0, atol=KRONA)
    for one, other in (("grants received", "grants given"), ("loans drawn", "loans given"), ("debt service", "loans repaid")):
        both = flow[f"{one} [{currency}]"] + flow[f"{other} [{currency}]"]
        assert np.allclose(both.groupby(level="year").sum(), 0, atol=KRONA)
    # the books by shift add up to the books
    shifts = found.cash_flow(by_shift=True).groupby(level=["actor", "year"]).sum()
    assert np.allclose(shifts, flow.loc[shifts.index], rtol=1e-9, atol=KRONA)
    assert np.allclose(flow.drop(shifts.index), 0, atol=KRONA)
    # an actor's present value is that of its cash and of what is left
    actors = found.actors()
    for name in actors.index:
        cash = net[name] + flow.loc[name, left]
        value = finance.npv(float(actors.loc[name, "own rate [1]"]), cash.to_numpy())
        assert actors.loc[name, f"net present value [{currency}]"] == pytest.approx(value, rel=1e-9, abs=KRONA)
    # four kronor add up to society's, and are the measures
    table = found.kronor()
    sums = table.iloc[:, :5]
    assert np.allclose(sums.iloc[:-1].sum(), sums.iloc[-1], rtol=1e-9, atol=KRONA)
    for name, column in (("investment", 0), ("operation", 1), ("net_cost", 4)):
        assert sums.iloc[-1, column] == pytest.approx(found.measure(name), rel=1e-9, abs=KRONA)
    blocks = found.kronor(by="shift").iloc[:, :5]
    if len(blocks):
        parts = blocks.groupby(level="krona").sum()
        assert np.allclose(parts, sums.loc[parts.index], rtol=1e-9, atol=KRONA)
    # uses equal sources: each project's investment is paid by grants, loans and own money, none of them below nothing
    uses = found.sources_and_uses()
    if len(uses):
        assert np.allclose(uses.iloc[:, 0], uses.iloc[:, 1:].sum(axis=1), rtol=1e-9, atol=KRONA)
        assert uses.iloc[:, 0].sum() == pytest.approx(found.measure("investment"), rel=1e-9, abs=KRONA)
    # the finance office's table: parts, subtotals, years, and the count
    office, yearly = found.finance_table(), found.finance_table(by_year=True)
    money = [column for column in office if not column.startswith(("appropriation", "charged"))]
    every = office.xs("all shifts", level="shift")[money]
    single = office.drop("all shifts", level="shift")[money].groupby(level="actor").sum()
    assert np.allclose(single, every.loc[single.index], rtol=1e-9, atol=KRONA)
    assert np.allclose(yearly[money].groupby(level=["actor", "shift"]).sum().loc[office.index], office[money], rtol=1e-9, atol=KRONA)
    for kind, measure in (("investment", "investment"), ("operation", "operation")):
        parts = [every[f"{part} {kind} [{currency}]"] for part in ("incremental", "reference", "budget")]
        assert np.allclose(parts[0] + parts[1], parts[2])
        assert parts[0].sum() == pytest.approx(found.measure(measure), rel=1e-9, abs=KRONA)


def same_tables(one: kip.Portfolio, two: kip.Portfolio) -> None:
    for table in ("kronor", "cash_flow", "actors", "finance_table"):
        pd.testing.assert_frame_equal(getattr(one, table)(), getattr(two, table)())
    pd.testing.assert_frame_equal(one.cash_flow(by_shift=True), two.cash_flow(by_shift=True))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_every_krona_has_two_ends(plan: kip.Plan) -> None:
    balance(kip.evaluate(plan, [item.name for item in (*plan.shifts, *plan.enablers) if getattr(item, "choice", "whole") == "whole"]))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_books_of_an_optimised_plan_balance_and_are_recounted(seed: int) -> None:
    best = kip.optimize(with_loans(seed), gap=0)
    balance(best)
    again = kip.evaluate(best.plan, best.decisions, best.grants, best.loans)
    assert best.broken == again.broken == ()
    balance(again)
    same_tables(best, again)


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_order_of_actors_changes_no_table(seed: int) -> None:
    plan = with_loans(seed)
    best = kip.optimize(plan, gap=0)
    turned = plan.update({"actors": ACTORS[::-1], "shifts": list(plan.shifts[::-1])})
    same_tables(kip.evaluate(plan, best.decisions, best.grants, best.loans), kip.evaluate(turned, best.decisions, best.grants, best.loans))


@pytest.mark.parametrize("name", ["minimal", "linkoping-transport", "kranj"])
def test_the_books_of_the_examples_balance(name: str) -> None:
    plan = kip.example(name)
    balance(kip.evaluate(plan, [item.name for item in (*plan.shifts, *plan.enablers) if getattr(item, "choice", "whole") == "whole"]))


def test_a_loan_without_a_project_stays_in_the_books() -> None:
    plan = with_loans(0)
    loans = pd.DataFrame([("bank", "municipality", 2026, 1e5)], columns=["source", "actor", "year", "loan"])
    found = kip.evaluate(plan, None, loans=loans)
    assert found.broken
    balance(found)
    assert "no shift" in found.cash_flow(by_shift=True).index.get_level_values("shift")


def test_pay_back_of_one_payment_is_the_textbooks() -> None:
    rng = np.random.default_rng(7)
    for _ in range(50):
        years = int(rng.integers(2, 12))
        cost, saving, rate = float(rng.integers(1, 100)), float(rng.integers(1, 40)), float(rng.integers(0, 10)) / 100
        expected = finance.payback([-cost, *[saving] * years], rate)
        assert finance.earned_back([cost, *[0] * (years - 1)], [saving] * years, rate) == pytest.approx(expected, nan_ok=True)
        only = finance.only_rate([-cost, *[saving] * years])
        assert only == pytest.approx(finance.internal_rate([-cost, *[saving] * years]), abs=1e-9)
