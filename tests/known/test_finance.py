"""Money over time: numpy-financial's documented values, and known answers worked out by hand with year-end factors."""

from __future__ import annotations

import numpy as np
import pytest

import kip
from kip.accounting import effects, finance


def test_numpy_financial_documented_values() -> None:
    # numpy-financial documentation, npv and pmt: the first flow at t = 0; 15 000 over five years at 8 %, monthly
    assert finance.npv(0.05, [-15000, 1500, 2500, 3500, 4500, 6000]) == pytest.approx(122.89485, abs=5e-6)
    assert 15000 * finance.annuity(0.08 / 12, 12 * 5) == pytest.approx(304.14591, abs=5e-6)


def test_real_rate_and_annuity_factors() -> None:
    assert finance.real_rate(0.05, 0.02) == pytest.approx(3 / 102, rel=1e-14)  # 1.05 / 1.02 - 1
    assert finance.annuity(0.035, 20) == pytest.approx(0.0703610768, abs=5e-11)
    assert finance.annuity(0.035, 15) == pytest.approx(0.0868250694, abs=5e-11)
    assert finance.annuity(0.0, 8) == 1 / 8
    for years, factor in {20: 14.2124033, 10: 8.3166053, 5: 4.5150524}.items():
        assert finance.present_value(0.035, years) == pytest.approx(factor, abs=5e-8)


def test_learning_is_a_share_off_for_each_doubling() -> None:
    # 18 % off at each doubling: after two doublings 0.82² = 0.6724
    assert finance.learning_factor(0.18, 4) == pytest.approx(0.82**2, rel=1e-14)
    assert -np.log2(0.82) == pytest.approx(0.2863041852, abs=5e-11)


RESIDUAL = {"none": 0.0, "linear": 3_333_333.33, "annuity": 3_920_197.36}
NET_VALUE = {"none": -4_178_376.27, "linear": -1_815_313.56, "annuity": -1_399_274.61}
TONNE = {"none": 1004.827, "linear": 436.552, "annuity": 336.501}
"""10 MSEK at t = 0, life 15, horizon 10; 0.9 - 0.2 = 0.7 MSEK a year saved in years 1-10; 500 t a year; 3.5 %."""


@pytest.mark.parametrize("residual", RESIDUAL)
def test_one_investment_by_pure_functions(residual: str) -> None:
    left = 10e6 * finance.residual_share(10, 15, 0.035, residual)
    assert left == pytest.approx(RESIDUAL[residual], abs=5e-3)
    value = finance.npv(0.035, [-10e6, *[0.7e6] * 9, 0.7e6 + left])
    assert value == pytest.approx(NET_VALUE[residual], abs=5e-3)
    tonnes = 500 * finance.present_value(0.035, 10)
    assert tonnes == pytest.approx(4158.302661, abs=5e-7)
    assert -value / tonnes == pytest.approx(TONNE[residual], abs=5e-4)


def test_with_the_annuity_residual_the_value_is_the_sum_of_yearly_margins() -> None:
    # (0.7 MSEK - 10 MSEK · a(3.5 %, 15)) · PV(3.5 %, 10)
    margins = (0.7e6 - 10e6 * finance.annuity(0.035, 15)) * finance.present_value(0.035, 10)
    assert margins == pytest.approx(NET_VALUE["annuity"], abs=5e-3)


@pytest.mark.parametrize("residual", RESIDUAL)
def test_one_investment_as_a_plan(residual: str) -> None:
    """Lead time 1 puts the savings at t = 1…10, where the textbook has them. A plan books what is left one year later than
    the textbook (§2: after the last year, t = 11 and not t = 10); the difference is written out."""
    shift = kip.Shift(name="plant", cost=10e6, opex=0.2e6 - 0.9e6, reduction=500, lifetime=15, lead=1)
    plan = kip.Plan(
        name="kat-1", years=range(2026, 2037), shifts=[shift], residual=residual, ledgers=[{"name": "emissions", "value": "7 SEK/kg"}]
    )
    result = kip.evaluate(plan, {"plant": 2026})
    later = RESIDUAL[residual] * (1.035**-11 - 1.035**-10)
    assert -result.measure("net_cost") == pytest.approx(NET_VALUE[residual] + later, abs=1e-2)
    # 7 000 SEK · 4 158.302661 t discounted on top; the textbook's total with the annuity residual is 27 708 844.01
    worth = 7000 * 4158.302661
    assert worth + NET_VALUE["annuity"] == pytest.approx(27_708_844.01, abs=1e-2)
    assert result.measure("net_benefit") == pytest.approx(worth + NET_VALUE[residual] + later, abs=1e-2)
    # kilograms over the whole life for each krona: 500 t · 15 / 10 MSEK = 0.75
    assert 1000 * result.measure("lifetime_reduction") / result.measure("investment") == pytest.approx(0.75, rel=1e-12)


def test_lead_ramp_and_lifetime() -> None:
    # lead 1, ramp 3 years, life 5, start 2027: effect 2027..2033 is 0, 1/3, 2/3, 1, 1, 1, 0
    expected = [0, 1 / 3, 2 / 3, 1, 1, 1, 0]
    assert effects.effect_by_year(1, 5, effects.linear_ramp(3), False, 7)[0] == pytest.approx(expected, rel=1e-15)
    shift = kip.Shift(name="a", reduction=1.0, lead=1, lifetime=5, profile=effects.linear_ramp(3))
    plan = kip.Plan(name="p", years=range(2027, 2034), shifts=[shift])
    assert kip.evaluate(plan, {"a": 2027}).by("year")["reduction [t]"].to_numpy() == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(("share", "kilotonnes"), [(0.06, 13.3104), (0.10, 12.744)])
def test_policies_are_part_of_the_baseline(share: float, kilotonnes: float) -> None:
    # 100 Mkm · 0.06 l/km · 2.36 kg/l = 14.16 kt; reduktionsplikt 6 % or 10 % off
    car = kip.Activity(name="car", amount="100 Mvkm/year", factor=0.06 * 2.36e-3, policies={"reduktionsplikt": share})
    plan = kip.Plan(name="p", years=[2026], activities=[car], shifts=[kip.Shift(name="bicycle", source="car")])
    assert kip.evaluate(plan).measure("emissions") == pytest.approx(1000 * kilotonnes, rel=1e-12)
