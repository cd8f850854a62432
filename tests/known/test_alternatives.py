"""kip.alternatives on six shifts by hand, on the textbook's projects against enumeration, and by actor, district and control."""

from __future__ import annotations

import pytest

import kip
from tests.known.test_capital_budgeting import LUNDGREN, lundgren, possible, subsets  # noqa: F401  the fixture
from tests.known.test_core import sets_of_six, six


def far(one: kip.Portfolio, two: kip.Portfolio) -> int:
    return len(set(one.selected) ^ set(two.selected))


def test_six_shifts_within_ten_percent() -> None:
    """ABC 60 is the best; within 10 % are BCD, CDEF and ACF. CDEF differs in five, BCD in two, ACF in two. BCD is furthest from the
    nearest of ABC and CDEF (2 and 3), so is ACF (2 and 3)."""
    best = kip.optimize(six(), gap=0)
    found = kip.alternatives(best, 0.1, 6)
    assert [far(one, best) for one in found.portfolios] == [5, 2, 2]
    assert found.found[0].portfolio.selected == ("C", "D", "E", "F")
    assert {one.selected for one in found.portfolios} == {("C", "D", "E", "F"), ("B", "C", "D"), ("A", "C", "F")}
    assert found.why == "alternatives no more"
    assert all(item.proven for item in found.found)
    assert found.names()[0] == "without A, B; with D, E, F; 5 % less to invest"
    assert found.names("sv")[0].startswith("utan A, B; med D, E, F")
    table = found.table()
    assert table["lost [t]"].tolist() == [0, 5, *[best.objective - one.objective for one in found.portfolios[1:]]]


@pytest.mark.parametrize("within", [0.01, 0.05])
def test_lundgren_is_furthest_first(lundgren: kip.Plan, within: float) -> None:  # noqa: F811
    best = kip.optimize(lundgren, gap=0)
    found = kip.alternatives(best, within, 4)
    near = [
        frozenset(chosen)
        for chosen in map(frozenset, subsets())
        if possible(set(chosen)) and sum(LUNDGREN[one][0] for one in chosen) >= 2370 * (1 - within) - 1e-9
    ]
    mine = frozenset(int(name.lstrip("p")) for name in best.selected)
    furthest = max(len(chosen ^ mine) for chosen in near)
    # within a tenth of the furthest there is
    assert found.found[0].distance >= furthest / 1.15 - 1e-9
    chosen = [frozenset(int(name.lstrip("p")) for name in one.selected) for one in found.portfolios]
    assert set(chosen) <= set(near)
    assert len(set(chosen)) == len(chosen)
    assert all(one.objective >= best.objective * (1 - within) - 1e-6 for one in found.portfolios)


def two_payers() -> kip.Plan:
    shifts = [
        kip.Shift(name="fleet", cost={"municipality": 4e6}, reduction=40, control="own", districts=["north"]),
        kip.Shift(name="trucks", cost={"companies": 4e6}, reduction=39, control="dialogue", districts=["south"]),
        kip.Shift(name="cars", cost={"households": 4e6}, reduction=39, control="incentive", districts=["north"]),
    ]
    actors = [kip.Actor(name="municipality"), *(kip.Actor(name=name, kind="private") for name in ("companies", "households"))]
    districts = [kip.District(name="north", population=1), kip.District(name="south", population=1)]
    return kip.Plan(name="two", years=[2026], shifts=shifts, actors=actors, districts=districts, resources={"staff": 1})


@pytest.mark.parametrize(
    ("differ", "expected"),
    [
        ("actors", {"trucks", "cars"}),
        ("control", {"trucks", "cars"}),
        ("districts", {"trucks"}),
    ],
)
def test_who_and_where(differ: str, expected: set[str]) -> None:
    """One of three may be done. By payer and by control both others differ wholly; by district only the one in the south does."""
    plan = two_payers()
    plan = plan.update({"shifts": [shift.model_copy(update={"uses": {"staff": 1}}) for shift in plan.shifts]})
    best = kip.optimize(plan, gap=0)
    assert best.selected == ("fleet",)
    found = kip.alternatives(best, 0.05, 3, differ=differ)
    assert {name for one in found.portfolios for name in one.selected} == expected
    assert found.found[0].distance == pytest.approx(1.0)
    assert "skiljer sig" in repr(found.sheet("sv"))


def test_amounts_differ_by_level() -> None:
    shifts = [kip.Shift(name=name, choice="share", potential=10, cost=1e6, reduction=tonnes) for name, tonnes in (("a", 10), ("b", 9.9))]
    best = kip.optimize(kip.Plan(name="p", years=[2026], shifts=shifts, budgets=10e6), gap=0)
    found = kip.alternatives(best, 0.05, 1)
    # all a is best; all b loses 1 % and is as far as can be: both levels differ by all there is, 2. Nine tenths of that, 1.8, is kept, and
    # the best objective there is 1 a and 9 b
    assert found.portfolios[0].dataset["new"].sum(["district", "year"]).values.tolist() == pytest.approx([1.0, 9.0], abs=1e-6)
    assert found.portfolios[0].objective == pytest.approx(99.1)
    assert found.found[0].distance == pytest.approx(1.8)


def test_what_another_beats_says_so() -> None:
    """b and c both lose a tonne; c costs more than b and gives nothing else. a gives most, so neither beats it."""
    three = (("a", 3, 100), ("b", 2, 99), ("c", 2.5, 99))
    shifts = [kip.Shift(name=name, cost=cost * 1e6, reduction=tonnes, uses={"slot": 1}) for name, cost, tonnes in three]
    best = kip.optimize(kip.Plan(name="p", years=[2026], shifts=shifts, resources={"slot": 1}), gap=0)
    found = kip.alternatives(best, 0.05, 5)
    names = [one.selected[0] for one in found.portfolios]
    assert sorted(names) == ["b", "c"]
    beaten = dict(zip(names, (item.beaten_by for item in found.found), strict=True))
    assert beaten == {"b": None, "c": 1 + names.index("b")}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"within": -1}, "share of 0 or more"),
        ({"count": 0}, "whole number of 1 or more"),
        ({"differ": "district"}, "districts"),
    ],
)
def test_what_cannot_be_asked(given: dict[str, object], words: str) -> None:
    with pytest.raises(kip.RequestError, match=words):
        kip.alternatives(kip.optimize(six(), gap=0), **given)


def test_one_feasible_portfolio_and_no_time() -> None:
    plan = kip.Plan(name="p", years=[2026], shifts=[kip.Shift(name="dear", cost=9e6, reduction=1)], budgets=1e6)
    none = kip.alternatives(kip.optimize(plan, gap=0))
    assert len(none) == 0
    assert "There are no others that differ." in repr(none)
    none.plot()
    late = kip.alternatives(kip.optimize(six(), gap=0), time_limit=0.0)
    assert late.why == "alternatives stopped"
    assert len(sets_of_six()) == 29


def test_it_is_shown() -> None:
    found = kip.alternatives(kip.optimize(six(), gap=0), 0.1, 3)
    assert "<table" in found._repr_html_()
    assert found.to_dict()["alternatives"][0]["distance"] == 5.0
    assert found.plot(language="sv").get_title(loc="left").startswith("Vad annat")
    assert found.choices().shape == (6, 4)
