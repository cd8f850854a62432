"""Attribution: published and worked answers, and groups larger than those that are counted exactly."""

from __future__ import annotations

import numpy as np
import pytest

import kip
from kip.errors import RequestError

UNIT = "[t]"


def worked_case(*, overlap: bool) -> kip.Plan:
    """Case L of the worked cases: charging and a depot, cars 80 t without charging and 200 with, buses 0, 90 or 150, a bicycle net 60."""
    fields = {"overlaps": [kip.Overlap(shifts=("bike-net", "ev-cars"), share=0.3)]} if overlap else {}
    return kip.Plan(
        name="worked",
        years=[2026],
        shifts=[
            kip.Shift(name="ev-cars", choice="units", potential=200, open=0.4, reduction=1),
            kip.Shift(name="el-buses", choice="units", potential=150, open=0.6, requires=["depot"], reduction=1),
            kip.Shift(name="bike-net", reduction=60),
        ],
        enablers=[kip.Enabler(name="charging", opens={"ev-cars": 0.6, "el-buses": 0.4}), kip.Enabler(name="depot")],
        **fields,
    )


ALL = {"ev-cars": {2026: 200}, "el-buses": {2026: 150}, "bike-net": 2026, "charging": 2026, "depot": 2026}


def test_worked_case_with_an_overlap() -> None:
    """Shares 80, 65, 131, 65, 51 of 392; the buses alone 0; last-in adds up to 704."""
    made = kip.attribution(kip.evaluate(worked_case(overlap=True), ALL))
    table = made.table
    shares = {"charging": 80, "depot": 65, "ev-cars": 131, "el-buses": 65, "bike-net": 51, "overlap": 0}
    assert table[f"contribution {UNIT}"].to_dict() == pytest.approx(shares)
    assert made.total == pytest.approx(392)
    alone = {"charging": 0, "depot": 0, "ev-cars": 80, "el-buses": 0, "bike-net": 60}
    assert table[f"first-in {UNIT}"].dropna().to_dict() == pytest.approx(alone)
    last = {"charging": 180, "depot": 150, "ev-cars": 182, "el-buses": 150, "bike-net": 42}
    assert table[f"last-in {UNIT}"].dropna().to_dict() == pytest.approx(last)
    assert table[f"last-in {UNIT}"].sum() == pytest.approx(704)
    assert made.overlap == pytest.approx(-18)
    assert table[f"before overlap {UNIT}"].sum() == pytest.approx(392)
    assert (table["method"][:-1] == "exact").all()


def test_without_the_overlap_the_bicycle_net_is_its_own() -> None:
    made = kip.attribution(kip.evaluate(worked_case(overlap=False), ALL))
    assert made.table.loc["bike-net", "method"] == "direct"
    assert made.table[f"contribution {UNIT}"].to_dict() == pytest.approx(
        {"charging": 80, "depot": 65, "ev-cars": 140, "el-buses": 65, "bike-net": 60, "overlap": 0}
    )


def scaling(*fractions: float) -> kip.Plan:
    activities = [kip.Activity(name="car", amount=1000, factor=1)]
    shifts = [kip.Shift(name=f"s{row:02}", scales={"car": part}) for row, part in enumerate(fractions)]
    return kip.Plan(name="products", years=[2026], activities=activities, shifts=shifts)


@pytest.mark.parametrize(
    ("fractions", "shares", "last"),
    [((0.2, 0.3), (170, 270), (140, 240)), ((0.2, 0.3, 0.1), (162, 257, 77), (126, 216, 56))],
)
def test_shifts_that_scale_the_same_segment(fractions: tuple[float, ...], shares: tuple[float, ...], last: tuple[float, ...]) -> None:
    """KAT-7 and KAT-2: what is left is a product; alone each takes its fraction of 1000."""
    plan = scaling(*fractions)
    made = kip.attribution(kip.evaluate(plan, [shift.name for shift in plan.shifts]))
    rows = made.table.sort_index().drop("overlap")
    assert rows[f"contribution {UNIT}"].tolist() == pytest.approx(shares)
    assert rows[f"last-in {UNIT}"].tolist() == pytest.approx(last)
    assert rows[f"first-in {UNIT}"].tolist() == pytest.approx([1000 * part for part in fractions])
    assert made.overlap == pytest.approx(sum(shares) - 1000 * sum(fractions))


def test_many_that_scale_are_exact_in_closed_form() -> None:
    """Twenty alike share what they take together: 1000 (1 - 0.95^20) / 20 each."""
    plan = scaling(*[0.05] * 20)
    made = kip.attribution(kip.evaluate(plan, [shift.name for shift in plan.shifts]))
    rows = made.table.drop("overlap")
    assert set(rows["method"]) == {"exact"}
    np.testing.assert_allclose(rows[f"contribution {UNIT}"], 1000 * (1 - 0.95**20) / 20)


def test_many_that_need_each_other_are_sampled_with_their_error() -> None:
    """Fourteen that all require one thing, on one segment: symmetric, so that the twins get the same within the error."""
    plan = kip.Plan(
        name="law",
        years=[2026],
        activities=[kip.Activity(name="car", amount=1000, factor=1)],
        shifts=[kip.Shift(name=f"s{row:02}", scales={"car": 0.1}, requires=["law"]) for row in range(14)],
        enablers=[kip.Enabler(name="law")],
    )
    best = kip.evaluate(plan, [*(shift.name for shift in plan.shifts), "law"])
    made = kip.attribution(best, pairs=100)
    rows = made.table.drop("overlap")
    assert set(rows["method"]) == {"sampled"}
    assert rows[f"contribution {UNIT}"].sum() == pytest.approx(1000 * (1 - 0.9**14))
    twins = rows.drop("law")
    assert (twins[f"error {UNIT}"] > 0).all()
    middle = twins[f"contribution {UNIT}"].mean()
    assert ((twins[f"contribution {UNIT}"] - middle).abs() <= 4 * twins[f"error {UNIT}"]).all()
    # law comes after k of the 14 with chance 1/15, and then unlocks what those k give
    law = np.mean([1000 * (1 - 0.9**before) for before in range(15)])
    assert abs(rows.loc["law", f"contribution {UNIT}"] - law) <= 4 * rows.loc["law", f"error {UNIT}"] + 1e-9


def test_what_is_passed_on_is_shared_by_those_who_pass_it() -> None:
    """50 km go from petrol to electric, and all 50 on to bicycles: the second can do nothing without the first.

    Petrol 2 t/km, electric 1: moving gives 50 t, moving on another 50. The first alone 50, the second alone 0, both 100: 75 and 25.
    """
    plan = kip.Plan(
        name="chain",
        years=[2026],
        activities=[
            kip.Activity(name="petrol", amount=100, factor=2),
            kip.Activity(name="electric", amount=0, factor=1),
            kip.Activity(name="bicycle", amount=0),
        ],
        shifts=[
            kip.Shift(name="one", source="petrol", target="electric", choice="units", potential=50),
            kip.Shift(name="two", source="electric", target="bicycle", choice="units", potential=50),
        ],
    )
    made = kip.attribution(kip.evaluate(plan, {"one": {2026: 50}, "two": {2026: 50}}))
    assert made.table[f"contribution {UNIT}"].to_dict() == pytest.approx({"one": 75, "two": 25, "overlap": 0})


def test_shifts_that_only_take_from_the_same_segment_keep_their_own() -> None:
    plan = kip.Plan(
        name="side by side",
        years=[2026],
        activities=[kip.Activity(name="petrol", amount=100, factor=2)],
        shifts=[kip.Shift(name=name, source="petrol", choice="units", potential=50) for name in ("one", "two")],
    )
    made = kip.attribution(kip.evaluate(plan, {"one": {2026: 30}, "two": {2026: 50}}))
    assert made.table[f"contribution {UNIT}"].to_dict() == pytest.approx({"one": 60, "two": 100, "overlap": 0})
    assert set(made.table["method"][:-1]) == {"direct"}


def test_kronor_are_everybodys_own() -> None:
    plan = kip.Plan(name="money", years=[2026, 2027], shifts=[kip.Shift(name="bus", cost=5e6, opex=-1e6, reduction=10)])
    made = kip.attribution(kip.evaluate(plan, ["bus"]), "cost")
    assert made.table.loc["bus", "contribution [SEK]"] == 3e6
    assert kip.attribution(kip.evaluate(plan, ["bus"]), "cost_2027").total == -1e6


def test_pictures_and_words_in_both_languages() -> None:
    made = kip.attribution(kip.evaluate(worked_case(overlap=True), ALL), language="sv")
    assert "överlapp" in repr(made) and "bidrag" in made._repr_html_()
    ax = made.plot()
    assert ax.get_yticklabels()[-2].get_text() == "överlapp"
    assert ax.patches[-2].get_width() == pytest.approx(-18)
    assert made.plot(language="en").get_title(loc="left").startswith("What does each contribute?")
    assert made.to_dict()["overlap"] == pytest.approx(-18)


@pytest.mark.parametrize(
    ("measure", "words"),
    [("emissions", "share reduction"), ("shortfall", "reduction_2030"), ("reductoin", '"reduction"'), ("cost.municipality", "all actors")],
)
def test_what_cannot_be_shared_is_said(measure: str, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        kip.attribution(kip.evaluate(worked_case(overlap=False), ALL), measure)


def test_other_bad_input() -> None:
    plan = worked_case(overlap=False)
    with pytest.raises(RequestError, match="nothing starts"):
        kip.attribution(kip.evaluate(plan))
    with pytest.raises(RequestError, match="pairs=1"):
        kip.attribution(kip.evaluate(plan, ALL), pairs=1)
    with pytest.raises(RequestError, match="found a Plan"):
        kip.attribution(plan)  # type: ignore[arg-type]
