"""The smallest transfers: three actors by hand, with and without a forbidden pair, and when there is not enough."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kip
from kip.optimization.transfers import smallest_transfers

near = pytest.approx


def three(**cost: float) -> kip.Portfolio:
    """One shift, one year: households gain 30, businesses 10, the region loses 20."""
    plan = kip.Plan(
        name="three",
        years=[2026],
        actors=[
            kip.Actor(name="households", title="Hushåll", kind="private"),
            kip.Actor(name="businesses", title="Företag", kind="private"),
            kip.Actor(name="region", title="Regionen", kind="regional"),
        ],
        shifts=[
            kip.Shift(
                name="buses", reduction=100, cost={"region": cost.get("region", 20e6)}, opex={"households": -30e6, "businesses": -10e6}
            )
        ],
    )
    return kip.evaluate(plan, ["buses"])


def test_winners_pay_in_proportion() -> None:
    # losses 20; gains 30 and 10: households pay 20 · 30/40 = 15, businesses 5
    done = kip.transfers(three())
    assert done.table.values.tolist() == [["households", "region", near(15e6)], ["businesses", "region", near(5e6)]]
    assert done.total == near(20e6)
    assert done.gains["after"].to_dict() == near({"households": 15e6, "businesses": 5e6, "region": 0}, abs=1)
    assert done.enough


def test_a_forbidden_pair_goes_another_way() -> None:
    # households may pay businesses only: businesses give their 10, households 10 through them; 30 change hands
    done = kip.transfers(three(), allowed=[("households", "businesses"), ("businesses", "region")])
    assert done.table.values.tolist() == [["businesses", "region", near(20e6)], ["households", "businesses", near(10e6)]]
    assert done.gains["after"].to_dict() == near({"households": 20e6, "businesses": 0, "region": 0}, abs=1)


def test_not_enough_is_said_and_not_refused() -> None:
    # the region loses 50, the others gain 40: 10 are missing
    done = kip.transfers(three(region=50e6))
    assert not done.enough
    assert done.missing.to_dict() == near({"households": 0, "businesses": 0, "region": 10e6}, abs=1)
    assert done.total == near(40e6)
    assert any("short" in line for line in done.sentences())
    assert any("saknar ändå 10 MSEK" in line.replace("\u202f", " ").replace("\xa0", " ") for line in done.sentences("sv"))


def test_floors_and_actors_left_outside() -> None:
    # businesses keep at least 8: they have 2 to give; with households' 30 that is 32: 20 · 30/32 and 20 · 2/32
    done = kip.transfers(three(), floors={"businesses": "8 MSEK"})
    assert done.gains["transfer"].to_dict() == near({"households": -18.75e6, "businesses": -1.25e6, "region": 20e6}, abs=1)
    alone = kip.transfers(three(), outside=["region"])
    assert alone.total == 0
    assert alone.sentences() == ("Nobody needs to pay anybody.",)


def test_it_shows_itself() -> None:
    done = kip.transfers(three())
    assert "15 MSEK from Hushåll to Regionen." in str(done).replace("\u202f", " ").replace("\xa0", " ")
    assert "<table" in done._repr_html_()


def test_every_wrong_name_in_one_report() -> None:
    with pytest.raises(kip.RequestError) as error:
        kip.transfers(three(), floors={"housholds": 0, "region": "5 t"}, allowed=[("busineses", "region")], outside=["regon"])
    for words in ('Did you mean "households"?', 'Did you mean "businesses"?', 'Did you mean "region"?'):
        assert words in str(error.value)


GAINS = st.lists(st.integers(-100, 100), min_size=2, max_size=6)


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[int]]:
    """Gains, floors (minus infinity: outside), pairs that may pay, and another order of the actors."""
    gain = np.array(draw(GAINS), dtype=float) * 1e5
    count = len(gain)
    floor = np.array(draw(st.lists(st.sampled_from([0.0, 0.0, 0.0, -2e6, 1e6, -np.inf]), min_size=count, max_size=count)))
    barred = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=4))
    allowed = ~np.eye(count, dtype=bool) & np.isfinite(floor)[:, None] & np.isfinite(floor)[None, :]
    for pair in barred:
        allowed[pair] = False
    return gain, floor, allowed, draw(st.permutations(range(count)))


@given(gains=GAINS)
@settings(max_examples=60, deadline=None)
def test_nobody_worse_off_and_nothing_lost(gains: list[int]) -> None:
    gain = np.array(gains, dtype=float) * 1e5
    paid = smallest_transfers(gain, np.zeros(len(gain)), ~np.eye(len(gain), dtype=bool))
    after = gain + paid.sum(axis=0) - paid.sum(axis=1)
    assert after.sum() == near(gain.sum(), abs=1)
    losses = -gain[gain < 0].sum()
    assert paid.sum() == near(min(losses, gain[gain > 0].sum()), rel=1e-6, abs=1)
    assert after.min() >= (-1 if gain.sum() >= 0 else gain.min() - 1)
    assert (after[gain >= 0] >= -1).all()


@given(case=cases())
@settings(max_examples=100, deadline=None)
def test_floors_forbidden_pairs_outside_and_any_order(case: tuple[np.ndarray, np.ndarray, np.ndarray, list[int]]) -> None:
    gain, floor, allowed, order = case
    paid = smallest_transfers(gain, floor, allowed)
    assert (paid >= 0).all()
    assert not paid[~allowed].any()
    after = gain + paid.sum(axis=0) - paid.sum(axis=1)
    assert after.sum() == near(gain.sum(), abs=1)
    # nobody who was above its floor is pushed below it, and who was below is not pushed further down
    inside = np.isfinite(floor)
    assert (after[inside] >= np.minimum(gain, floor)[inside] - 1).all()
    # the least that stays short is all that the pairs let through: the largest flow from what is above to what is below
    short = np.maximum(0.0, np.where(inside, floor - after, 0.0)).sum()
    need = np.maximum(0.0, np.where(inside, floor - gain, 0.0))
    spare = np.maximum(0.0, np.where(inside, gain - floor, 0.0))
    assert short == near(need.sum() - largest_flow(spare, need, allowed), abs=len(gain))
    turned = smallest_transfers(gain[order], floor[order], allowed[np.ix_(order, order)])
    assert turned.sum() == near(paid.sum(), rel=1e-6, abs=10)
    short_turned = np.maximum(0.0, np.where(inside, floor - gain, 0.0)[order] - turned.sum(axis=0) + turned.sum(axis=1))
    assert short_turned[inside[order]].sum() == near(short, abs=10)
    if allowed.sum() == inside.sum() * (inside.sum() - 1):
        # where all may pay all, the transfers themselves are the same, whoever stands first
        assert turned == near(paid[np.ix_(order, order)], rel=1e-6, abs=10)


def largest_flow(spare: np.ndarray, need: np.ndarray, allowed: np.ndarray) -> float:
    """By max-flow min-cut: the smallest of what can be cut, over all sets of actors on the side of the source."""
    count = len(spare)
    cuts = []
    for side in itertools.product([False, True], repeat=count):
        here = np.array(side)
        if allowed[np.ix_(here, ~here)].any():
            continue  # a pair has no limit: it cannot be cut
        cuts.append(spare[~here].sum() + need[here].sum())
    return float(min(cuts))
