"""kip.budgeted against K1's table and KAT-7's six shifts, by Bertsimas and Sim's robust counterpart; and a budget by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import kip
from tests.known.test_core import six

GAMMAS = (0, 1, 2, 6)


def test_k1(case_file: Callable[[str], Path]) -> None:
    cases = json.loads(case_file("worked.json").read_text(encoding="utf-8"))
    case = next(one for one in cases if one["name"].startswith("K1"))
    numbers, answer = case["plan"]["bertsimas_sim"], case["answer"]["bertsimas_sim"]
    shifts = [
        kip.Shift(name=item["name"], cost=item["cost"], reduction=numbers["nominal"][item["name"]]) for item in case["plan"]["shifts"]
    ]
    plan = kip.Plan(name="k1", years=[2026], shifts=shifts, budgets=case["plan"]["budgets"])
    for gamma in GAMMAS:
        found = kip.budgeted(plan, numbers["deviation"], gamma, gap=0)
        wanted = answer[f"Gamma {gamma}"]
        assert set(found.portfolio.selected) == set(wanted["chosen"])
        assert (found.value, found.portfolio.bound, found.together) == pytest.approx((wanted["t"],) * 3)
        assert found.portfolio.status == "optimal"


# deviations (18, 2, 2, 15, 1, 3): what is best, and what ABC, the optimum of the numbers as they are, still gives
SIX = {0: ("ABC", 60, 60), 1: ("BCEF", 44, 42), 2: ("BCEF", 42, 40), 6: ("BCEF", 39, 38)}


@pytest.mark.parametrize("gamma", GAMMAS)
def test_six_shifts(gamma: int) -> None:
    found = kip.budgeted(six(), dict(zip("ABCDEF", (18, 2, 2, 15, 1, 3), strict=True)), gamma, gap=0)
    selected, value, nominal = SIX[gamma]
    assert "".join(found.portfolio.selected) == selected
    assert found.value == pytest.approx(value)
    assert "".join(found.nominal.selected) == "ABC"
    assert found.nominal_guaranteed == pytest.approx(nominal)


def test_a_half_is_half_of_one() -> None:
    """BCEF gives 47, less 3 for F, and half of 2 for B or C."""
    found = kip.budgeted(six(), dict(zip("ABCDEF", (18, 2, 2, 15, 1, 3), strict=True)), 1.5, gap=0)
    assert found.value == pytest.approx(47 - 3 - 1)


def test_a_budget_is_protected() -> None:
    """Budget 21; costs may be off by a fifth. Nothing off: ABC for 60 at 21. One off: the dearest one's fifth must fit as well.

    ABC needs 21 + 2, BCD 19 + 1.6 = 20.6 and fits, for 55; CDEF needs 20 + 1.6. With all off a portfolio may cost 17.5: AB (16) gives 47,
    BCEF 47 costs 18 and does not fit, CDF 49 costs 17 and fits.
    """
    costs = {f"shifts.{name}.cost": "20 %" for name in "ABCDEF"}
    found = {gamma: kip.budgeted(six(), costs, gamma, gap=0) for gamma in (0, 1, 6)}
    assert {gamma: ("".join(one.portfolio.selected), one.value) for gamma, one in found.items()} == {
        0: ("ABC", 60.0),
        1: ("BCD", 55.0),
        6: ("CDF", 49.0),
    }
    assert found[1].nominal_overrun == ("municipality",)
    assert found[1].price == pytest.approx(5.0)
