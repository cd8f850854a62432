"""kip.core, kip.core_index and kip.k_best against the textbook's projects and a case of six shifts, by enumeration."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import kip
from kip.optimization.study import Study
from kip.results.core import efficient_for_weights
from tests.known.test_capital_budgeting import LUNDGREN, lundgren, possible, subsets  # noqa: F401  the fixture

# --- Lundgren, Rönnqvist & Värbrand, Optimeringslära: fifteen projects, 3 069 feasible portfolios


def value(chosen: frozenset[int]) -> int:
    return sum(LUNDGREN[number][0] for number in chosen)


@pytest.fixture(scope="module")
def feasible() -> list[frozenset[int]]:
    return sorted((frozenset(chosen) for chosen in subsets() if possible(chosen)), key=value, reverse=True)


def number_of(name: str) -> int:
    return int(name.lstrip("p"))


@pytest.mark.parametrize("within", [0.01, 0.02, 0.05])
def test_core_of_lundgren_is_enumeration(lundgren: kip.Plan, feasible: list[frozenset[int]], within: float) -> None:  # noqa: F811
    best = kip.optimize(lundgren, gap=0)
    near = [chosen for chosen in feasible if value(chosen) >= 2370 * (1 - within) - 1e-9]
    found = kip.core(best, within)
    share = {name: sum(number_of(name) in chosen for chosen in near) / len(near) for name in map(str, found.rows.index)}
    assert set(found.always) == {name for name, part in share.items() if part == 1}
    assert set(found.never) == {name for name, part in share.items() if part == 0}
    assert set(found.depends) == {name for name, part in share.items() if 0 < part < 1}
    assert found.open == ()
    assert found.solves <= 2 * 15 / 3
    # the index over the whole near-optimal set, from the best sets in order
    listed = kip.k_best(best, len(near))
    assert kip.core_index(listed.portfolios).to_dict() == pytest.approx(share)


def test_the_best_sets_of_lundgren_are_enumeration(lundgren: kip.Plan, feasible: list[frozenset[int]]) -> None:  # noqa: F811
    listed = kip.k_best(kip.optimize(lundgren, gap=0), 50)
    assert [portfolio.objective for portfolio in listed.portfolios] == [value(chosen) for chosen in feasible[:50]]
    assert listed.proven
    sets = {frozenset(map(number_of, portfolio.selected)) for portfolio in listed.portfolios}
    worst = value(feasible[49])
    assert len(sets) == 50
    # all that are better than the last must be there; among equals with the last, any
    assert sets >= {chosen for chosen in feasible if value(chosen) > worst}
    assert sets <= {chosen for chosen in feasible if value(chosen) >= worst}
    assert listed.portfolios[1].objective == 2350


# --- six shifts, KAT-4 and KAT-7: F needs C, A and D exclude each other, budget 21

COST = dict(zip("ABCDEF", (10, 6, 5, 8, 3, 4), strict=True))
IMPACT = dict(zip("ABCDEF", (30, 17, 13, 25, 6, 11), strict=True))
SIDE = dict(zip("ABCDEF", (6, 11, 3, 7, 9, 5), strict=True))


def six() -> kip.Plan:
    rules = {"F": {"requires": ["C"]}, "A": {"excludes": ["D"]}}
    shifts = [
        kip.Shift(name=name, cost=COST[name] * 1e6, reduction=IMPACT[name], cobenefits={"side": SIDE[name]}, **rules.get(name, {}))
        for name in COST
    ]
    return kip.Plan(name="six", years=[2026], shifts=shifts, budgets=21e6)


def sets_of_six() -> list[frozenset[str]]:
    every = (frozenset(chosen) for size in range(7) for chosen in itertools.combinations("ABCDEF", size))
    return [
        chosen
        for chosen in every
        if sum(COST[name] for name in chosen) <= 21 and not {"A", "D"} <= chosen and ("F" not in chosen or "C" in chosen)
    ]


def test_the_best_sets_of_six_shifts() -> None:
    listed = kip.k_best(kip.optimize(six(), gap=0), 6)
    assert [("".join(one.selected), one.objective) for one in listed.portfolios][:1] == [("ABC", 60.0)]
    found = {"".join(one.selected): (one.objective, one.measure("cost") / 1e6) for one in listed.portfolios}
    assert found == {
        "ABC": (60, 21),
        "BCD": (55, 19),
        "CDEF": (55, 20),
        "ACF": (54, 19),
        "ABE": (53, 19),
        "CDF": (49, 17),
    }


def test_every_set_of_six_shifts() -> None:
    listed = kip.k_best(kip.optimize(six(), gap=0), 100)
    assert len(listed) == len(sets_of_six()) == 29
    assert "There are no other sets." in repr(listed)


def test_core_of_six_shifts_within_ten_percent() -> None:
    found = kip.core(kip.optimize(six(), gap=0), 0.1)
    assert found.always == ("C",)
    assert found.never == ()
    near = [chosen for chosen in sets_of_six() if sum(IMPACT[name] for name in chosen) >= 54]
    assert sorted(map("".join, map(sorted, near))) == ["ABC", "ACF", "BCD", "CDEF"]
    index = kip.core_index(kip.k_best(found.portfolio, len(near)).portfolios)
    assert index.to_dict() == {"A": 0.5, "B": 0.5, "C": 1.0, "D": 0.5, "E": 0.25, "F": 0.5}


def test_robust_portfolio_modelling_of_six_shifts() -> None:
    """Scores f/60 and g/28 (KAT-7): nothing known of the weights, and the first weight between 0.5 and 0.8."""
    sets = ["".join(sorted(chosen)) for chosen in sets_of_six()]
    points = pd.DataFrame(
        {"f": [sum(IMPACT[n] for n in one) / 60 for one in sets], "g": [sum(SIDE[n] for n in one) / 28 for one in sets]}, index=sets
    )
    free = points[efficient_for_weights(points, [{"f": 1, "g": 0}, {"f": 0, "g": 1}])]
    assert set(free.index) == {"ABC", "CDEF", "ABE", "BDE", "BCEF"}
    some = points[efficient_for_weights(points, [{"f": 0.5, "g": 0.5}, {"f": 0.8, "g": 0.2}])]
    assert set(some.index) == {"ABC", "ABE", "CDEF"}
    plan = six()
    index = kip.core_index(kip.evaluate(plan, list(one)) for one in free.index)
    assert index.to_dict() == pytest.approx({"A": 0.4, "B": 0.8, "C": 0.6, "D": 0.4, "E": 0.8, "F": 0.4})
    index = kip.core_index(kip.evaluate(plan, list(one)) for one in some.index)
    assert index.to_dict() == pytest.approx({name: (2 if name in "ABCE" else 1) / 3 for name in "ABCDEF"})


# --- amounts, districts, several years


def amounts() -> kip.Plan:
    """A budget of 10: `big` gives 5 t for each million, `small` 4; both can be chosen in parts."""
    shifts = [
        kip.Shift(name="big", choice="share", potential=8, cost=1e6, reduction=5),
        kip.Shift(name="small", choice="share", potential=6, cost=1e6, reduction=4),
    ]
    return kip.Plan(name="amounts", years=[2026], shifts=shifts, budgets=10e6)


def test_the_least_and_the_most_of_amounts_are_proven() -> None:
    """Best: 8 big and 2 small, 48 t. Within 5 % (45.6 t): the least of big solves 5 b + 4 min(6, 10 - b) = 45.6: b = 5.6;
    the least of small is 1.4 (40 + 4 s = 45.6) and its most 10 - 5.6 = 4.4."""
    found = kip.core(kip.optimize(amounts(), gap=0), 0.05)
    table = found.table()
    assert found.always == ("big", "small")
    assert table.loc["big", ["least", "most"]].tolist() == pytest.approx([5.6, 8.0])
    assert table.loc["small", ["least", "most"]].tolist() == pytest.approx([1.4, 4.4])
    assert table["no less than"].tolist() == pytest.approx(table["least"].tolist())
    assert table["no more than"].tolist() == pytest.approx(table["most"].tolist())


def test_other_start_years_are_the_same_set() -> None:
    shifts = [kip.Shift(name=name, cost=1e6, reduction=tonnes) for name, tonnes in (("a", 10), ("b", 4))]
    plan = kip.Plan(name="p", years=[2026, 2027, 2028], shifts=shifts, budgets={"municipality": {2026: 1e6, 2027: 1e6}})
    listed = kip.k_best(kip.optimize(plan, gap=0), 10)
    # a in 2026 (30) and b in 2027 (8); a alone 30; b alone 12; nothing
    assert [one.objective for one in listed.portfolios] == [38.0, 30.0, 12.0, 0.0]


# --- bad input, and little to choose from


@pytest.mark.parametrize("within", [-0.1, float("nan"), "much", True])
def test_within_must_be_a_share(within: object) -> None:
    with pytest.raises(kip.RequestError, match="give a share of 0 or more"):
        kip.core(kip.optimize(six(), gap=0), within)


@pytest.mark.parametrize("count", [0, -1, 1.5, True])
def test_count_must_be_a_number(count: object) -> None:
    with pytest.raises(kip.RequestError, match="whole number of 1 or more"):
        kip.k_best(kip.optimize(six(), gap=0), count)


def test_a_plan_with_one_portfolio() -> None:
    plan = kip.Plan(name="p", years=[2026], shifts=[kip.Shift(name="dear", cost=9e6, reduction=1)], budgets=1e6)
    best = kip.optimize(plan, gap=0)
    assert kip.core(best).never == ("dear",)
    assert len(kip.k_best(best, 5)) == 1


def test_an_index_needs_portfolios() -> None:
    with pytest.raises(kip.RequestError, match="Give at least one"):
        kip.core_index([])
    with pytest.raises(kip.RequestError, match="found int"):
        kip.core_index([1])
    with pytest.raises(kip.RequestError, match="weights for h"):
        efficient_for_weights(pd.DataFrame({"f": [1.0]}), [{"h": 1.0}])


def test_no_time_leaves_things_open() -> None:
    found = kip.core(kip.optimize(six(), gap=0), 0.1, time_limit=0.0)
    assert found.interrupted
    assert set(found.open) == {"C", "A", "B", "D", "E", "F"}
    assert "not settled" in repr(found).lower()
    assert np.isfinite(found.rows["least"]).all()


def test_it_is_shown_in_both_languages() -> None:
    found = kip.core(kip.optimize(six(), gap=0), 0.1)
    assert "Alltid med (1): C." in found.sentences("sv")
    assert "<table" in found._repr_html_()
    assert found.to_dict()["shifts"][0]["shift"] == "A"
    axes = found.plot(language="sv")
    assert axes.get_title(loc="left").startswith("Vilka skiften")


# --- where a proof could go wrong


def shares() -> kip.Plan:
    """Two districts, three years, a share and a whole shift; half a unit is decided."""
    shifts = [
        kip.Shift(name="cars", choice="share", potential={"east": 4, "west": 6}, cost=1e6, reduction=5),
        kip.Shift(name="path", cost=3e6, reduction=12, districts=["east", "west"]),
        kip.Shift(name="dear", choice="share", potential=5, cost=9e6, reduction=1),
    ]
    return kip.Plan(
        name="shares",
        years=[2026, 2027, 2028],
        districts=[kip.District(name="east"), kip.District(name="west")],
        shifts=shifts,
        budgets={"municipality": {2026: 12e6}},
        decided=[{"shift": "cars", "district": "east", "year": 2026, "units": 0.5}],
    )


def test_amounts_in_districts_with_a_decided_start() -> None:
    """12 MSEK, all of it in 2026, so three years of effect: a million in cars gives 15 t, in paths 12 t, in dear 1/3 t.

    East is decided: 0.5 cars in 2026, so there are 6.5 cars at most. Best: both paths and 6 cars, 72 + 90 = 162 t; with one path
    36 + 97.5 + 2.5 / 3 < 153.9, so both are always there. Within 5 % the least of cars solves 72 + 15 c + (6 - c) / 3 = 153.9, and
    what is left buys the most of dear, (6 - c) / 9.
    """
    best = kip.optimize(shares(), gap=0)
    assert best.objective == pytest.approx(162.0)
    found = kip.core(best, 0.05)
    table = found.table()
    least = (153.9 - 74) / (15 - 1 / 3)
    assert (found.always, found.depends) == (("cars", "path"), ("dear",))
    assert table.loc["path", ["least", "most", "no less than", "no more than"]].tolist() == [2.0] * 4
    assert table.loc["cars", ["least", "most"]].tolist() == pytest.approx([least, 6.0], abs=1e-5)
    assert table.loc["cars", ["no less than", "no more than"]].tolist() == pytest.approx([least, 6.0], abs=1e-5)
    assert table.loc["dear", ["least", "most"]].tolist() == pytest.approx([0.0, (6 - least) / 9], abs=1e-5)


def test_a_search_that_is_cut_off_takes_no_proof_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left is what the relaxation proves, which is the answer itself where everything is chosen in amounts (see above)."""
    whole = Study.extreme

    def cut(self: Study, *args: object, **options: object) -> object:
        return replace(whole(self, *args, **options), bound=-np.inf)

    monkeypatch.setattr(Study, "extreme", cut)
    found = kip.core(kip.optimize(amounts(), gap=0), 0.05)
    assert found.always == ("big", "small")
    assert found.rows["no less than"].tolist() == pytest.approx([5.6, 1.4], abs=1e-3)
    assert found.rows["no more than"].tolist() == pytest.approx([8.0, 4.4], abs=1e-3)


def test_what_answers_another_question_proves_nothing() -> None:
    best = kip.optimize(six(), gap=0)
    for other in (kip.evaluate(six(), list("ABDE")), kip.optimize(six(), maximum={"cost": 19e6}), kip.optimize(amounts()), "ABC"):
        with pytest.raises(kip.RequestError, match="known: found"):
            kip.core(best, 0.1, known=[other])
    listed = kip.k_best(best, 4)
    assert kip.core(best, 0.1, known=listed.portfolios).table()["class"].tolist() == kip.core(best, 0.1).table()["class"].tolist()


def test_presence_is_a_thousandth_of_the_potential_not_of_every_year_of_it() -> None:
    """A potential of 10 over ten years is 10 units at most, not 100."""
    shift = kip.Shift(name="cars", choice="share", potential=10, cost=1e6, reduction=5)
    plan = kip.Plan(name="p", years=list(range(2026, 2036)), shifts=[shift], budgets=100e6)
    found = kip.core(kip.optimize(plan, gap=0), 1.0)
    assert found.table().loc["cars", ["least", "most", "no more than"]].tolist() == pytest.approx([0.0, 10.0, 10.0], abs=1e-6)
