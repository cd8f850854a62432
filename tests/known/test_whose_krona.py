"""Four kronor, books, pay-back and the finance office's table: one small plan with all arithmetic shown, and worked case N."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import kip
from kip.accounting import finance

# Two years without discounting, so that every number below is a sum.
# charging: 4 000 000 municipal, of which a state grant pays 40 % = 1 600 000; opens cars.
# cars: 10 cars, each 60 000 of the households' own money; a car saves a household 9 000 a year in fuel, of which 4 000 is tax that the
# state loses; a car removes 2 t a year. Without the shift a household buys a petrol car for 200 000 and runs it for 20 000 a year.
# buses: 3 000 000 of the region's, on a loan of 5 years without interest from the state; 100 t a year, 500 000 a year saved.
ACTORS = [
    kip.Actor(name="municipality"),
    kip.Actor(name="region", kind="regional"),
    kip.Actor(name="state", kind="state"),
    kip.Actor(name="households", kind="private", count=10),
]


def town(**changes: Any) -> kip.Plan:
    fields: dict[str, Any] = {
        "name": "town",
        "years": [2026, 2027],
        "discount_rate": 0,
        "actors": ACTORS,
        "shifts": [
            {
                "name": "cars", "choice": "units", "unit": "car", "potential": 10, "reduction": 2, "open": 0,
                "cost": {"households": 60_000}, "opex": {"households": -9_000, "state": 4_000},
                "reference_cost": {"households": 200_000}, "reference_opex": {"households": 20_000},
            },
            {"name": "buses", "cost": {"region": 3e6}, "opex": {"region": -500_000}, "reduction": 100},
        ],
        "enablers": [{"name": "charging", "cost": 4e6, "opens": {"cars": 1}}],
        "funding": [
            {"name": "klimatklivet", "share": 0.4, "funder": "state", "shifts": ["charging"]},
            {"name": "state-loan", "kind": "loan", "term": 5, "funder": "state", "shifts": ["buses"]},
        ],
        "budgets": {"municipality": {"investment": {2026: 3e6, 2027: 0}}, "region": {"investment": 0, "operation": 600_000}},
    }  # fmt: skip
    return kip.Plan(**(fields | changes))


@pytest.fixture(scope="module")
def best() -> kip.Portfolio:
    found = kip.optimize(town(), gap=0)
    assert set(found.selected) == {"buses", "cars", "charging"}
    assert found.measure("reduction") == 2 * (10 * 2 + 100)
    return found


def test_four_kronor(best: kip.Portfolio) -> None:
    table = best.kronor()
    assert list(table.index) == ["municipal", "regional", "state", "private", "societal"]
    expected = {  # investment, running cost, grants received, grants paid, net present cost
        "municipal": (4e6, 0, 1.6e6, 0, 2.4e6),
        "regional": (3e6, -1e6, 0, 0, 2e6),
        "state": (0, 10 * 4_000 * 2, 0, 1.6e6, 1.68e6),
        "private": (600_000, -10 * 9_000 * 2, 0, 0, 420_000),
        "societal": (7.6e6, -1e6 - 10 * 5_000 * 2, 1.6e6, 1.6e6, 6.5e6),
    }
    for name, row in expected.items():
        assert table.loc[name].to_numpy()[:5] == pytest.approx(row, abs=1)
    # 240 t in all; what a tonne costs, and kilograms for a krona
    assert table["cost of a tonne [SEK/t]"].tolist() == pytest.approx([1e4, 2e6 / 240, 7_000, 1_750, 6.5e6 / 240])
    assert table.loc["municipal", "reduction per krona [kg/SEK]"] == pytest.approx(0.1)
    # 7.6 MSEK are invested; own money: 2.4 municipal, 3 regional, 1.6 of the state, 0.6 private
    assert table["leverage [1]"].tolist() == pytest.approx([7.6 / 2.4, 7.6 / 3, 7.6 / 1.6, 7.6 / 0.6, 1])


def test_four_kronor_by_shift(best: kip.Portfolio) -> None:
    table = best.kronor(by="shift")
    assert list(table.index.levels[0]) == ["buses", "cars", "charging"]
    # cars: the households pay 600 000 and save 180 000, the state loses 80 000; 40 t
    assert table.loc[("cars", "private"), "net present cost [SEK]"] == 420_000
    assert table.loc[("cars", "state"), "cost of a tonne [SEK/t]"] == 80_000 / 40
    assert table.loc[("cars", "societal"), "cost of a tonne [SEK/t]"] == 500_000 / 40
    # an enabler removes nothing itself
    assert table.loc[("charging", "municipal"), "reduction per krona [kg/SEK]"] == 0
    assert math.isnan(table.loc[("charging", "municipal"), "cost of a tonne [SEK/t]"])
    sums = table.groupby(level="krona").sum().iloc[:, :5]
    assert np.allclose(sums, best.kronor().loc[sums.index].iloc[:, :5], atol=0.5)
    with pytest.raises(kip.RequestError, match="shift"):
        best.kronor(by="district")


def test_what_pays_for_itself_is_not_ranked() -> None:
    saving = kip.Shift(name="eco-driving", cost=1_000, opex=-600, reduction=5)
    table = kip.evaluate(kip.Plan(name="p", years=[2026, 2027], discount_rate=0, shifts=[saving]), ["eco-driving"]).kronor()
    # 1 000 - 2 * 600 = -200: a plan that costs less than nothing has no tonnes per krona
    assert table.loc["municipal", "net present cost [SEK]"] == -200
    assert table[["reduction per krona [kg/SEK]", "cost of a tonne [SEK/t]"]].isna().all(axis=None)


def test_a_grant_from_outside_has_a_row_of_its_own() -> None:
    plan = town(funding=[{"name": "life", "share": 0.4, "shifts": ["charging"]}], budgets={"municipality": 3e6})
    table = kip.optimize(plan, gap=0).kronor()
    assert table.loc["outside the plan", "grants paid [SEK]"] == pytest.approx(1.6e6, abs=1)
    assert table["net present cost [SEK]"].iloc[:-1].sum() == pytest.approx(table["net present cost [SEK]"].iloc[-1], abs=1)
    # whoever is outside draws 7.6 MSEK with 1.6
    assert table.loc["outside the plan", "leverage [1]"] == pytest.approx(7.6 / 1.6)


def test_the_books(best: kip.Portfolio) -> None:
    table = best.cash_flow()
    years = range(2026, 2032)  # the loan of 2026 falls due in 2027-2031
    assert table.index.levels[1].tolist() == list(years)
    region = table.loc["region"]
    assert region["investment [SEK]"].tolist() == [-3e6, 0, 0, 0, 0, 0]
    assert region["savings [SEK]"].tolist() == [500_000, 500_000, 0, 0, 0, 0]
    assert region["loans drawn [SEK]"].tolist() == pytest.approx([3e6, 0, 0, 0, 0, 0], abs=1)
    assert region["debt service [SEK]"].tolist() == pytest.approx([0, *[-600_000] * 5], abs=1)
    assert region["net [SEK]"].tolist() == pytest.approx([500_000, -100_000, *[-600_000] * 4], abs=2)
    state = table.loc["state"]
    assert state["running cost [SEK]"].tolist() == [-40_000, -40_000, 0, 0, 0, 0]
    assert state["grants given [SEK]"].tolist() == pytest.approx([-1.6e6, 0, 0, 0, 0, 0], abs=1)
    assert state["loans given [SEK]"].tolist() == pytest.approx([-3e6, 0, 0, 0, 0, 0], abs=1)
    assert state["loans repaid [SEK]"].tolist() == pytest.approx([0, *[600_000] * 5], abs=1)
    # a tax is lost by one and saved by another: society saves 5 000 of a car's 9 000
    net = table["net [SEK]"].groupby(level="year").sum()
    assert net.tolist() == pytest.approx([-7.6e6 + 500_000 + 50_000, 550_000, 0, 0, 0, 0], abs=1)
    one = best.cash_flow("region", by_shift=True)
    assert one.index.get_level_values("shift").unique().tolist() == ["buses"]
    assert np.allclose(one.to_numpy(), region.to_numpy(), atol=0.01)
    with pytest.raises(kip.RequestError, match='Did you mean "households"'):
        best.cash_flow("household")


def test_who_gains_and_who_loses(best: kip.Portfolio) -> None:
    table = best.actors()
    value = table["net present value [SEK]"]
    # the region's loan has no interest and its rate is 0, so it changes nothing
    assert value.to_dict() == pytest.approx({"households": -420_000, "municipality": -2.4e6, "region": -2e6, "state": -1.68e6}, abs=2)
    assert table.loc["households", "net present value each [SEK]"] == -42_000
    assert set(table["outcome"]) == {"loses"}
    # 600 000 are not earned back in two years
    assert math.isnan(table.loc["households", "pay-back [year]"])


def test_finance_office(best: kip.Portfolio) -> None:
    table = best.finance_table()
    cars = table.loc[("households", "cars")]
    assert cars["incremental investment [SEK]"] == 600_000
    assert cars["reference investment [SEK]"] == 2e6
    assert cars["budget investment [SEK]"] == 2.6e6
    assert (cars["incremental operation [SEK]"], cars["reference operation [SEK]"]) == (-180_000, 400_000)
    assert cars["budget operation [SEK]"] == cars["own operation [SEK]"] == 220_000
    charging = table.loc[("municipality", "charging")]
    assert charging["grants [SEK]"] == pytest.approx(1.6e6, abs=1)
    assert charging["own investment [SEK]"] == pytest.approx(2.4e6, abs=1)
    region = table.loc[("region", "all shifts")]
    assert region["loans [SEK]"] == pytest.approx(3e6, abs=1)
    assert region["own investment [SEK]"] == pytest.approx(0, abs=1)
    assert region["debt service [SEK]"] == pytest.approx(600_000, abs=1)
    assert (region["appropriation, operation [SEK]"], region["appropriation, investment [SEK]"]) == (600_000, 0)
    assert region["charged, operation [SEK]"] == pytest.approx(600_000, abs=1)
    state = table.loc[("state", "all shifts")]
    assert state["loans given [SEK]"] == pytest.approx(3e6, abs=1)
    assert state["own operation [SEK]"] == pytest.approx(80_000 + 1.6e6, abs=1)
    assert math.isnan(state["appropriation, investment [SEK]"])
    total = table.xs("all shifts", level="shift")
    assert total["incremental investment [SEK]"].sum() == best.measure("investment") == 7.6e6
    assert total["incremental operation [SEK]"].sum() == best.measure("operation") == -1.1e6
    by_year = best.finance_table(by_year=True)
    assert by_year.loc[("municipality", "all shifts", 2026), "appropriation, investment [SEK]"] == 3e6
    # one number for the whole horizon belongs to no year
    assert math.isnan(by_year.loc[("region", "all shifts", 2026), "appropriation, operation [SEK]"])
    assert by_year.loc[("households", "cars", 2027), "budget operation [SEK]"] == 110_000


def test_a_reference_krona_is_in_no_objective_and_no_budget() -> None:
    without = town(shifts=[shift.model_copy(update={"reference_cost": {}, "reference_opex": {}}) for shift in town().shifts])
    one, two = kip.optimize(town(), gap=0), kip.optimize(without, gap=0)
    assert one.measures() == two.measures()
    for name in ("budget_spent", "actor_net_cost", "net_cost"):
        assert np.array_equal(one.dataset[name].values, two.dataset[name].values)


def test_the_reference_has_no_trend_and_is_bought_again() -> None:
    shift = kip.Shift(name="van", cost=100, cost_trend={2026: 1, 2029: 0.4}, lifetime=2, renew=True, reference_cost=300, profile=(0.5, 1),
                      opex=-20, reference_opex=30, reduction=1)  # fmt: skip
    table = (
        kip.evaluate(kip.Plan(name="p", years="2026-2029", shifts=[shift]), {"van": 2026})
        .finance_table(by_year=True)
        .loc[("municipality", "van")]
    )
    # the trend falls by 0.2 a year: 100 in 2026, 60 in 2028; the reference is 300 both times
    assert table["incremental investment [SEK]"].tolist() == pytest.approx([100, 0, 60, 0])
    assert table["reference investment [SEK]"].tolist() == [300, 0, 300, 0]
    # half of the saving in the first year in use, all of the reference
    assert table["incremental operation [SEK]"].tolist()[:2] == [-10, -20]
    assert table["reference operation [SEK]"].tolist() == [30] * 4


def test_a_reference_in_the_prices_of_another_year() -> None:
    shift = kip.Shift(name="van", cost=100, reference_cost=1_000, reduction=1)
    passports = {"shifts.van.reference_cost": kip.Passport(source="invoice", price_year=2022)}
    plan = kip.Plan(name="p", years=[2026], shifts=[shift], price_year=2026, price_index={2022: 100, 2026: 115}, passports=passports)
    assert kip.evaluate(plan, ["van"]).finance_table()["budget investment [SEK]"].tolist() == pytest.approx([1_250, 1_250])


def test_references_are_checked() -> None:
    with pytest.raises(kip.DataError) as caught:
        kip.Plan(name="p", years=[2026], actors=[{"name": "municipality", "count": 0}], shifts=[{"name": "van", "cost": 1, "reduction": 1}])
    assert "more than 0" in str(caught.value)
    with pytest.raises(kip.DataError) as caught:
        kip.Plan(
            name="p",
            years=[2026],
            actors=[{"name": "municipality"}],
            shifts=[
                {"name": "van", "cost": 1, "reduction": 1, "reference_cost": {"municipality": -5}, "reference_opex": {"municipalty": 5}}
            ],
        )
    assert "shifts.van.reference_cost.municipality" in str(caught.value)
    assert 'Did you mean "municipality"' in str(caught.value)


# Worked case N: 25 households, 3 MSEK in 2026, 0.5 MSEK saved a year, life 8 years; see test_cash_flow.py for the numbers.


@pytest.mark.parametrize(
    ("rate", "value", "each", "discounted"),
    [(0.0, 1e6, 40_000, 6.0), (0.035, 557_271.99, 22_290.88, 6.596124), (0.07, 194_644.70, 7_785.79, 7.374886)],
)
def test_worked_case_n(rate: float, value: float, each: float, discounted: float) -> None:
    shift = kip.Shift(name="ev", cost=3e6, opex=-5e5, lifetime=8, reduction=40, payer="households")
    actors = [kip.Actor(name="households", kind="private", count=25, discount_rate=rate)]
    found = kip.evaluate(kip.Plan(name="n", years="2026-2035", shifts=[shift], actors=actors, residual="linear"), {"ev": 2026})
    row = found.actors().loc["households"]
    assert row["net present value [SEK]"] == pytest.approx(value, abs=5e-3)
    assert row["net present value each [SEK]"] == pytest.approx(each, abs=5e-3)
    assert row["pay-back [year]"] == 6.0
    assert row["discounted pay-back [year]"] == pytest.approx(discounted, abs=5e-7)
    assert row["internal rate [1]"] == pytest.approx(0.091961367, abs=5e-10)
    assert row["outcome"] == "gains"
    flow = found.cash_flow("households")["net [SEK]"].tolist()
    assert flow == [-2.5e6, *[5e5] * 7, 0, 0]


def test_worked_case_n_bought_again() -> None:
    shift = kip.Shift(name="ev", cost=3e6, opex=-5e5, lifetime=8, renew=True, reduction=40)
    plan = kip.Plan(name="n", years="2026-2035", shifts=[shift], residual="linear", discount_rate=0.035)
    found = kip.evaluate(plan, {"ev": 2026})
    table = found.cash_flow("municipality")
    assert table["net [SEK]"].tolist() == [-2.5e6, *[5e5] * 7, -2.5e6, 5e5, 0]
    # six of eight years are left, booked after the last year
    assert table["left at the end [SEK]"].tolist() == [0] * 10 + [2.25e6]
    assert finance.npv(0.035, table["net [SEK]"] + table["left at the end [SEK]"]) == pytest.approx(620_675.92, abs=5e-3)
    # the second purchase of 2034 is not earned back within the plan
    assert math.isnan(found.actors().loc["municipality", "pay-back [year]"])
