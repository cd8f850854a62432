"""WHO HEAT: published answers, and three countries worked by hand."""

from __future__ import annotations

import math

import pytest

import kip
from kip.accounting.health import Dose

# deaths per 100 000 people of 20-74 years, age-standardised, and the value of a statistical life, as HEAT lists them
# (data files of Smith et al., HEAT_DRF: mortality 2012 of the WHO, Belgium 2010; Sweden from the same table)
COUNTRIES = {
    # +10 minutes of walking a day: 0.11 · 70 / 168 = 0.04583333 of all deaths
    "Austria": (372.4331, 3_754_968.775, 17.06985, 640.9675531),  # published (HEAT_DRF)
    "Belgium": (412.5291, 3_565_678.99, 18.90758, 674.1837),  # 412.5291 · 0.04583333 = 18.90758375; · 3 565 678.99 / 100 000
    "Sweden": (314.4, 3_990_945.333, 14.41, 575.0952),  # 314.4 · 0.04583333 = 14.41; · 3 990 945.333 / 100 000
    "Croatia": (541.0839, 1_182_226.665, 24.79968, 293.1884),  # 541.0839 · 0.04583333 = 24.79967875; · 1 182 226.665 / 100 000
}


@pytest.mark.parametrize("country", COUNTRIES)
def test_ten_more_minutes_a_day_on_foot(country: str) -> None:
    mortality, life, deaths, worth = COUNTRIES[country]
    result = kip.heat("walking", population=100_000, minutes=70, mortality=mortality, life=life)
    assert result.deaths == pytest.approx(deaths, abs=6e-6)
    assert result.value / 100_000 == pytest.approx(worth, abs=6e-5)


def test_austria_to_every_digit_published() -> None:
    one = kip.heat("walking", population=1, minutes=70, mortality=372.4331, life=3_754_968.775)
    assert one.value == pytest.approx(640.9675531, abs=5e-8)
    assert round(one.per_person * 100_000, 5) == 17.06985


# 1 000 adults, 182.4 deaths per 100 000 a year, 40.5 million for a life: 1 000 · 0.001824 = 1.824 deaths a year before
@pytest.mark.parametrize(
    ("mode", "minutes", "reduction", "deaths", "value"),
    [
        ("cycling", 92.7, 0.0927, 0.1690848, 6_847_934.4),  # 0.1 · 92.7 / 100; 1.824 · 0.0927; · 40.5e6
        ("cycling", 500, 0.45, 0.8208, 33_242_400.0),  # 0.1 · 500 / 100 = 0.5, capped at 0.45
        ("walking", 70, 0.0458333333, 0.0836, 3_385_800.0),  # 0.11 · 70 / 168
        ("walking", 1000, 0.30, 0.5472, 22_161_600.0),  # 0.11 · 1000 / 168 = 0.65, capped at 0.30
    ],
)
def test_dose_cap_deaths_and_value(mode: str, minutes: float, reduction: float, deaths: float, value: float) -> None:
    result = kip.heat(mode, population=1000, minutes=minutes, mortality=182.4, life=40.5e6)
    assert result.reduction == pytest.approx(reduction, abs=1e-10)
    assert result.deaths == pytest.approx(deaths, abs=1e-10)
    assert result.value == pytest.approx(value, rel=1e-12)


def test_present_value_with_a_build_up_of_five_years() -> None:
    result = kip.heat("cycling", population=1000, minutes=92.7, mortality=182.4, life=40.5e6)
    # shares 0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1, 1; year k is worth 1.035^-k when it is counted at its end
    shares = [0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1, 1]
    by_hand = sum(share * 6_847_934.4 / 1.035**year for year, share in enumerate(shares, start=1))
    assert by_hand == pytest.approx(44_158_812.6, abs=0.1)
    assert result.present_value(10, 0.035, build_up=5, first=1) == pytest.approx(by_hand, rel=1e-12)
    # as a plan counts, the first year undiscounted (§1): once 1.035 more
    assert result.present_value(10, 0.035, build_up=5) == pytest.approx(by_hand * 1.035, rel=1e-12)
    assert result.present_value(3, 0.0, build_up=1) == pytest.approx(3 * result.value)


def test_only_new_minutes_below_the_cap() -> None:
    # 400 minutes already: 0.40 of 0.45 is used up, so that 100 more give 0.05 and not 0.10
    used = kip.heat("cycling", population=1000, minutes=100, mortality=182.4, before=400)
    assert used.reduction == pytest.approx(0.05)
    assert kip.heat("cycling", population=1000, minutes=100, mortality=182.4, before=500).deaths == 0
    assert math.isnan(used.value)


def test_own_dose() -> None:
    # the older HEAT for cycling: relative risk 0.72 at 180 minutes a week (Copenhagen)
    old = Dose(0.72, 180.0, 0.5, "20-64", "HEAT before 2014")
    assert kip.heat("cycling", 1000, 90, 182.4, dose=old).reduction == pytest.approx(0.14)


def test_one_cyclist_in_a_plan() -> None:
    result = kip.heat("cycling", population=1000, minutes=92.7, mortality=182.4, life=40.5e6)
    shift = kip.Shift(name="path", choice="units", potential=1000, cost=1000, cobenefits={"deaths-avoided": result.per_person})
    plan = kip.Plan(name="p", years=[2026], discount_rate=0, shifts=[shift], indicators=[result.indicator()])
    counted = kip.evaluate(plan, {"path": {2026: 1000}})
    assert counted.measure("deaths-avoided") == pytest.approx(0.1690848)
    # 1 000 people at 1 000 SEK each are the cost
    assert counted.measure("net_benefit") == pytest.approx(6_847_934.4 - 1_000_000)


def test_everything_wrong_in_one_report() -> None:
    with pytest.raises(kip.RequestError) as error:
        kip.heat("bicycling", population=-1, minutes=float("nan"), mortality=True)
    for word in ('"bicycling". Did you mean "cycling"', "population=-1", "minutes=nan", "mortality=True"):
        assert word in str(error.value)
    with pytest.raises(kip.RequestError, match="per 100 000"):
        kip.heat("walking", 1, 1, 182_400)
    with pytest.raises(kip.RequestError, match="build_up=0"):
        kip.heat("walking", 1, 1, 182).present_value(10, build_up=0)
