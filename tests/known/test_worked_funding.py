"""Two worked cases of funding: a stack of grants (E) and a green loan (F). Read from the cases beside the project."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import kip
from kip.accounting import finance

ALL = ["hub", "biogas", "bikes", "mini"]


@pytest.fixture(scope="module")
def cases(case_file: Any) -> dict[str, Any]:
    rows = json.loads(case_file("worked.json").read_text(encoding="utf-8"))
    return {row["name"].split(" ")[0]: row for row in rows}


def stack(case: dict[str, Any], budget: float | None = None, **changes: float) -> kip.Plan:
    rules = {"intensity": 0.6, "grant50": 440_000, "fixed200": 2_000_000, "voucher": 40_000, "cap": 200_000} | changes
    return kip.Plan(
        name="stack",
        years=[2026],
        actors=[{"name": "municipality"}],
        shifts=[
            {"name": row["name"], "cost": row["cost"], "reduction": row["reduction"], "aid_intensity": rules["intensity"], "own_share": 0.3}
            for row in case["plan"]["shifts"]
        ],
        funding=[
            {"name": "grant50", "share": 0.5, "pot": rules["grant50"], "shifts": ["hub", "bikes", "mini"], "not_with": ["voucher"]},
            {"name": "fixed200", "cap": rules["cap"], "pot": rules["fixed200"], "shifts": ["hub", "biogas"]},
            {"name": "voucher", "cap": 20_000, "pot": rules["voucher"], "shifts": ["bikes", "mini"]},
        ],
        budgets={} if budget is None else {"municipality": budget},
    )


def least_own(plan: kip.Plan, names: list[str]) -> kip.Portfolio:
    others = [shift.name for shift in plan.shifts if shift.name not in names]
    return kip.optimize(plan, minimize="cost.municipality", require=names, forbid=others, gap=0)


VARIANTS = {
    "all four projects, intensity 60 %": {},
    "variant own share binds: intensity 80 %, fixed200 cap 250 000, grant50 pot 600 000": {
        "intensity": 0.8,
        "cap": 250_000,
        "grant50": 600_000,
    },
    "pot of fixed200 only 350 000, intensity 60 %": {"fixed200": 350_000},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_least_own_cost_and_worth_of_a_krona(cases: dict[str, Any], variant: str) -> None:
    case, answer = cases["E"], cases["E"]["answer"][variant]
    rules = {"grant50": 440_000, "fixed200": 2_000_000, "voucher": 40_000} | VARIANTS[variant]
    best = least_own(stack(case, **rules), ALL)
    assert best.objective == pytest.approx(answer["own_cost"], abs=0.5)
    assert best.measure("grants") == pytest.approx(answer["total_grants"], abs=0.5)
    assert best.broken == ()
    for source, worth in answer["worth_of_one_more_krona_in_pot"].items():
        more = least_own(stack(case, **(rules | {source: rules[source] + 1})), ALL)
        assert best.objective - more.objective == pytest.approx(worth, abs=0.01), source


def test_the_published_stack_is_found(cases: dict[str, Any]) -> None:
    best = least_own(stack(cases["E"]), ALL)
    found: dict[str, dict[str, float]] = {}
    for row in best.grants.itertuples(index=False):
        found.setdefault(row[1], {})[row[0]] = pytest.approx(row[-1], abs=0.5)
    assert found == cases["E"]["answer"]["all four projects, intensity 60 %"]["grants"]


def test_own_cost_of_every_set(cases: dict[str, Any]) -> None:
    for names, own in cases["E"]["answer"]["own cost by set"].items():
        chosen = [] if names == "none" else names.split("+")
        assert least_own(stack(cases["E"]), chosen).objective == pytest.approx(own, abs=0.5), names


def test_total_grants_follow_the_pot(cases: dict[str, Any]) -> None:
    for pot, total in cases["E"]["answer"]["total grants as function of pot of grant50 (intensity 60 %)"].items():
        assert least_own(stack(cases["E"], grant50=float(pot)), ALL).measure("grants") == pytest.approx(total, abs=0.5), pot


@pytest.mark.parametrize("budget", [800_000, 700_000, 500_000])
def test_most_reduction_for_an_own_budget(cases: dict[str, Any], budget: int) -> None:
    (answer,) = cases["E"]["answer"][f"own budget {budget}: most reduction"]
    best = kip.optimize(stack(cases["E"], budget), gap=0)
    assert (best.objective, sorted(best.selected)) == (answer["reduction_t"], sorted(answer["chosen"]))
    # what the objective does not decide is applied for in full (§3), so the sums are the published ones too
    assert best.measure("grants") == pytest.approx(answer["total_grants"], abs=0.5)
    assert best.measure("cost.municipality") == pytest.approx(answer["own_cost"], abs=0.5)
    again = kip.evaluate(best.plan, best.decisions, grants=best.grants)
    assert again.broken == ()
    assert again.measure("cost.municipality") == pytest.approx(best.measure("cost.municipality"))


def green_loan(case: dict[str, Any], **changes: Any) -> kip.Plan:
    fields = case["plan"] | changes
    return kip.Plan(
        name="green-loan",
        years=fields["years"],
        budgets=fields["budgets"],
        shifts=fields["shifts"],
        funding=[{"name": "green", "kind": "loan", "rate": 0.03, "term": 5, "years": [2026]}],
    )


def test_green_loan(cases: dict[str, Any]) -> None:
    answer = cases["F"]["answer"]
    best = kip.optimize(green_loan(cases["F"]), gap=0)
    assert best.objective == pytest.approx(answer["sum_t"]["value"])
    assert float(best.loans.iloc[0, -1]) == pytest.approx(1e6 * answer["loan_MSEK"]["value"])
    vans = best.decisions.loc[("vans", "all")]
    assert vans[2026] == pytest.approx(answer["vans_2026"]["value"])
    assert vans.iloc[1:].tolist() == pytest.approx([5.0] * 5)
    assert best.decisions.loc[("depot", "all"), answer["depot_start"]] == 1
    service = best.dataset["debt_service"].sum(["funding", "actor"]).to_numpy() / 1e6
    assert service.tolist() == pytest.approx([answer["by_year"][str(year)]["annuity"] for year in cases["F"]["plan"]["years"]])
    assert float(best.dataset["owed_after"].sum()) == pytest.approx(0, abs=0.01)


def test_green_loan_without_the_loan_or_the_depot(cases: dict[str, Any]) -> None:
    plan, answer = green_loan(cases["F"]), cases["F"]["answer"]
    assert kip.optimize(plan.update({"funding": []}), gap=0).objective == pytest.approx(answer["without_loan"]["sum_t"])
    assert kip.optimize(plan, forbid=["depot"], gap=0).objective == pytest.approx(answer["best with loan but without depot"])


def test_worth_of_operating_money_in_the_dip(cases: dict[str, Any]) -> None:
    plan, answer = green_loan(cases["F"]), cases["F"]["answer"]
    budgets = plan.get("budgets.municipality:operation").amount | {2028: 700_100.0}
    more = kip.optimize(plan.update({"budgets.municipality:operation": budgets}), gap=0).objective
    worth = (more - kip.optimize(plan, gap=0).objective) / 1e-4
    assert worth == pytest.approx(answer["dual operating 2028 (t per MSEK)"]["value"], rel=1e-4)


def test_green_loan_in_the_books(cases: dict[str, Any]) -> None:
    answer = cases["F"]["answer"]
    best = kip.optimize(green_loan(cases["F"]), gap=0)
    flow = best.cash_flow("municipality")
    drawn = 1e6 * answer["loan_MSEK"]["value"]
    assert flow["loans drawn [SEK]"].iloc[0] == pytest.approx(drawn, abs=1)
    # five annuities, the first one year after the draw, worth the loan at its own rate of 3 %
    due = -flow["debt service [SEK]"].to_numpy()
    assert np.flatnonzero(due).tolist() == [1, 2, 3, 4, 5]
    assert due[1:6] == pytest.approx([drawn * finance.annuity(0.03, 5)] * 5, abs=1)
    assert finance.npv(0.03, due) == pytest.approx(drawn, abs=1)
    # the lender is outside the plan: what it gives and gets back is its row
    lender = best.cash_flow("outside the plan")
    assert lender["net [SEK]"].to_numpy() == pytest.approx(due - np.eye(len(due))[0] * drawn, abs=1)
