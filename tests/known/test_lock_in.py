"""kip.lock_in on the case where starting with the expensive one is best (KAT-3), and Pareto classes on Taylor's counter-example."""

from __future__ import annotations

import pytest

import kip


def two_ways() -> kip.Plan:
    """A: potential 10 t/year, 2 more each year, 100 SEK a tonne; B: 20, 1 more each year, 300 SEK. Years 1 to 10."""
    shifts = [
        kip.Shift(name="a", choice="share", potential=10, ramp=2, cost=100, reduction=1),
        kip.Shift(name="b", choice="share", potential=20, ramp=1, cost=300, reduction=1),
    ]
    return kip.Plan(name="two", years="2021-2030", shifts=shifts, residual="none")


def test_starting_with_the_cheap_one_comes_too_late() -> None:
    """10 t in year 5 needs only A. From there A can give 10 and B, one more each year, 5 in year 10: 15 of the 20 that are asked for."""
    found = kip.lock_in(two_ways(), 2025, 2030, goals={2025: 10, 2030: 20})
    assert found
    assert found.near.selected == ("a",)
    assert found.near.measure("reduction_2025") == pytest.approx(10)
    assert found.carried.measure("reduction_2030") == pytest.approx(15)
    assert found.sighted.measure("reduction_2030") == pytest.approx(20)
    assert found.tonnes == pytest.approx(5, abs=1e-5)
    # B starts in year 1 in the plan with the far year in mind
    assert found.sighted.decisions.loc[("b", "all"), 2021] == pytest.approx(1)
    assert "Lock-in" in repr(found)
    assert found.sentences("sv")[0].startswith("Inlåsning")
    # 10 from A and 5 from B in the near year is what most over all years gives
    assert found.cumulative.measure("reduction_2025") == pytest.approx(15)


def test_no_lock_in_where_nothing_is_slow() -> None:
    plan = kip.Plan(name="p", years="2026-2030", shifts=[kip.Shift(name="a", cost=1e6, reduction=10)])
    found = kip.lock_in(plan, 2027, 2030)
    assert not found
    assert found.tonnes == 0
    assert found.sentences()[0].startswith("No lock-in")
    assert found.to_dict()["lock_in"] is False


@pytest.mark.parametrize(
    ("near", "far", "goals", "words"),
    [(2020, 2030, None, "2020 is not a year"), (2030, 2025, None, "not before"), (2025, 2030, {2026: 1}, "neither 2025 nor 2030")],
)
def test_years_that_cannot_be(near: int, far: int, goals: dict[int, float] | None, words: str) -> None:
    with pytest.raises(kip.RequestError, match=words):
        kip.lock_in(two_ways(), near, far, goals=goals)


def test_classes_are_not_the_ratio() -> None:
    """Taylor (2012): A saves 200 for 100 t (-2 a tonne), B saves 1 000 for 1 000 t (-1 a tonne). B is better in both; the ratio says A."""
    shifts = [
        kip.Shift(name="a", opex=-200, reduction=100),
        kip.Shift(name="b", opex=-1000, reduction=1000),
        kip.Shift(name="c", cost=500, reduction=1200),
    ]
    table = kip.evaluate(kip.Plan(name="t", years=[2026], shifts=shifts, residual="none"), ["a", "b", "c"]).pareto_classes()
    assert table["class"].to_dict() == {"b": 1, "c": 1, "a": 2}
    assert table["pays for itself"].to_dict() == {"b": True, "c": False, "a": True}
    assert table.index[0] == "b"
