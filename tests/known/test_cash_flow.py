"""Worked case N: one shift to electric cars for 25 households, 3 MSEK in 2026, 0.5 MSEK saved in each year in use, life 8 years."""

from __future__ import annotations

import pytest

import kip
from kip.accounting import finance

YEARS = range(2026, 2036)
CASH = {
    False: [-2.5e6, *[5e5] * 7, 0, 0],
    True: [-2.5e6, *[5e5] * 7, -2.5e6, 5e5],
}
LEFT = {False: 0.0, True: 2.25e6}
"""Linear: the second purchase has 6 of 8 years left."""

# (bought again, rate): net present value [SEK], for each household [SEK]
VALUE = {
    (False, 0.0): (1_000_000.0, 40_000.0),
    (False, 0.035): (557_271.99, 22_290.88),
    (False, 0.07): (194_644.70, 7_785.79),
    (True, 0.0): (1_250_000.0, 50_000.0),
    (True, 0.035): (620_675.92, 24_827.04),
    (True, 0.07): (155_374.72, 6_214.99),
}


def counted(renew: bool, rate: float, **more: object) -> kip.Portfolio:
    shift = kip.Shift(name="ev", cost=3e6, opex=-5e5, lifetime=8, reduction=40, renew=renew, payer="households")
    actors = [kip.Actor(name="households", kind="private")]
    fields = {"name": "n", "years": YEARS, "shifts": [shift], "actors": actors, "discount_rate": rate, "residual": "linear", **more}
    return kip.evaluate(kip.Plan(**fields), {"ev": 2026})


@pytest.mark.parametrize("renew", [False, True])
def test_cash_by_year(renew: bool) -> None:
    found = counted(renew, 0.035)
    by_year = found.by("year")
    assert (-(by_year["investment [SEK]"] + by_year["running cost [SEK]"])).tolist() == CASH[renew]
    assert found.measure("investment") == (6e6 if renew else 3e6)
    assert found.dataset["residual"].sum().item() == LEFT[renew]
    assert found.measure("reduction") == (400 if renew else 320)


@pytest.mark.parametrize(("renew", "rate"), VALUE)
def test_net_present_value(renew: bool, rate: float) -> None:
    total, each = VALUE[renew, rate]
    # what is left is booked after the last year, at t = 10
    by_hand = finance.npv(rate, [*CASH[renew], LEFT[renew]])
    assert by_hand == pytest.approx(total, abs=5e-3)
    found = counted(renew, rate)
    for measure in ("net_cost", "net_cost.households"):
        assert -found.measure(measure) == pytest.approx(total, abs=5e-3)
    assert -found.measure("net_cost") / 25 == pytest.approx(each, abs=5e-3)


def test_an_actors_own_rate() -> None:
    actors = [kip.Actor(name="households", kind="private", discount_rate="7 %")]
    found = counted(False, 0.035, actors=actors)
    assert -found.measure("net_cost") == pytest.approx(VALUE[False, 0.035][0], abs=5e-3)
    assert -found.measure("net_cost.households") == pytest.approx(VALUE[False, 0.07][0], abs=5e-3)


def test_residual_in_the_last_year_would_be_another_answer() -> None:
    # the variant that the case states beside its convention: booked at t = 9
    for rate, value in ((0.035, 676_503.27), (0.07, 235_439.73)):
        cash = [*CASH[True][:-1], CASH[True][-1] + LEFT[True]]
        assert finance.npv(rate, cash) == pytest.approx(value, abs=5e-3)
        assert -counted(True, rate).measure("net_cost") != pytest.approx(value, abs=1e3)


def test_payback_and_internal_rate() -> None:
    flows = [-3e6, *[5e5] * 8]
    assert finance.payback(flows) == 6.0
    assert finance.payback(flows, 0.035) == pytest.approx(6.596124, abs=5e-7)
    assert finance.payback(flows, 0.07) == pytest.approx(7.374886, abs=5e-7)
    assert finance.internal_rate(CASH[False]) == pytest.approx(0.091961367, abs=5e-10)


INDEX = {2022: 100, 2024: 110, 2026: 115}


@pytest.mark.parametrize(("to", "amount"), [(2022, 3_000_000), (2024, 3_300_000), (2026, 3_450_000)])
def test_prices_of_another_year(to: int, amount: float) -> None:
    assert finance.convert_price(3e6, INDEX, of=2022, to=to) == pytest.approx(amount, rel=1e-12)
    assert finance.convert_price(3.45e6, INDEX, of=2026, to=to) == pytest.approx(amount, rel=1e-12)
    passports = {"shifts.ev.cost": kip.Passport(source="N", price_year=2022)}
    found = counted(False, 0.0, price_year=to, price_index=INDEX, passports=passports)
    assert found.measure("investment") == pytest.approx(amount, rel=1e-12)
    assert found.measure("operation") == -4e6
