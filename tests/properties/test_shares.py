"""Shapley values: what defines them, against all orders one by one, and the coalitions of random plans against the count."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kip
from kip.accounting.coalitions import Game, weights_of
from kip.accounting.count import count
from kip.accounting.inputs import build_inputs
from kip.accounting.measures import parse_measure, value_of
from kip.accounting.rules import broken_rules
from kip.accounting.shares import coalitions, first_in, last_in, product_shares, sampled_shares, shapley
from tests.properties import test_scaling
from tests.properties.plans import random_plan

numbers = st.floats(-1e4, 1e4, allow_nan=False)


@st.composite
def games(draw: st.DrawFn, most: int = 6) -> np.ndarray:
    players = draw(st.integers(1, most))
    return np.array([0.0, *draw(st.lists(numbers, min_size=2**players - 1, max_size=2**players - 1))])


def by_orders(values: np.ndarray) -> np.ndarray:
    """The definition: what each adds, averaged over all orders."""
    players = values.size.bit_length() - 1
    added, orders = np.zeros(players), list(itertools.permutations(range(players)))
    for order in orders:
        here = 0
        for player in order:
            added[player] += values[here | 1 << player] - values[here]
            here |= 1 << player
    return added / len(orders)


@settings(max_examples=60, deadline=None)
@given(games())
def test_all_orders_and_efficiency(values: np.ndarray) -> None:
    shares = shapley(values)
    np.testing.assert_allclose(shares, by_orders(values), atol=1e-8)
    assert shares.sum() == pytest.approx(values[-1], abs=1e-8)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.data())
def test_null_player_and_symmetry(players: int, data: st.DataObject) -> None:
    """Who never adds anything gets nothing; two who always add the same get the same."""
    values = np.array([0.0, *data.draw(st.lists(numbers, min_size=2**players - 1, max_size=2**players - 1))])
    with_nobody = np.concatenate([values, values])
    assert shapley(with_nobody)[-1] == pytest.approx(0, abs=1e-8)
    np.testing.assert_allclose(shapley(with_nobody)[:-1], shapley(values), atol=1e-8)
    # the last of them twice: alike with one of the two, and something of its own with both
    half = 2 ** (players - 1)
    both = np.array(data.draw(st.lists(numbers, min_size=half, max_size=half)))
    twins = shapley(np.concatenate([values[:half], values[half:], values[half:], both]))
    assert twins[-1] == pytest.approx(twins[-2], abs=1e-8)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), numbers, st.data())
def test_additivity(players: int, factor: float, data: st.DataObject) -> None:
    one, two = (np.array([0.0, *data.draw(st.lists(numbers, min_size=2**players - 1, max_size=2**players - 1))]) for _ in range(2))
    np.testing.assert_allclose(shapley(one + factor * two), shapley(one) + factor * shapley(two), rtol=1e-9, atol=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_products_in_closed_form(seed: int) -> None:
    draw = np.random.default_rng(seed)
    scalers, adders = int(draw.integers(1, 5)), int(draw.integers(0, 3))
    amount, added = draw.uniform(0, 100, 3), draw.uniform(-20, 20, (adders, 3))
    fractions = draw.choice([0.0, 0.1, 0.5, 1.0], (scalers, 3))

    def value(members: np.ndarray) -> np.ndarray:
        left = np.prod(1 - members[:, :scalers, None] * fractions, axis=1)
        return ((amount + members[:, scalers:].astype(float) @ added) * (1 - left)).sum(axis=1)

    exact = shapley(value(coalitions(scalers + adders)))
    np.testing.assert_allclose(np.concatenate(product_shares(amount, added, fractions)), exact, atol=1e-9)


def test_sampled_within_their_error_and_the_same_with_a_seed() -> None:
    """Nine players whose value is the cube of their sum, and who hamper each other: opposite orders do not cancel that."""
    weights = np.arange(1.0, 10.0)

    def value(members: np.ndarray) -> np.ndarray:
        together = members @ weights
        return np.asarray(together**3 + 40.0 * (members[:, 0] & ~members[:, 3]))

    exact = shapley(value(coalitions(9)))
    shares, errors = sampled_shares(value, 9, pairs=300, seed=3)
    assert shares.sum() == pytest.approx(45.0**3)
    assert (np.abs(shares - exact) <= 4 * errors + 1e-9).all()
    assert errors.max() > 0
    again, _ = sampled_shares(value, 9, pairs=300, seed=3)
    np.testing.assert_array_equal(shares, again)


def test_first_and_last_in() -> None:
    """Of a product: KAT-2, r = (.2, .3, .1) on 1000."""

    def value(members: np.ndarray) -> np.ndarray:
        return 1000 * (1 - np.prod(1 - members * np.array([0.2, 0.3, 0.1]), axis=1))

    np.testing.assert_allclose(first_in(value, 3), [200, 300, 100])
    np.testing.assert_allclose(last_in(value, 3), [126, 216, 56])
    np.testing.assert_allclose(shapley(value(coalitions(3))), [162, 257, 77])


@pytest.mark.parametrize("make", [random_plan, test_scaling.random_plan])
@pytest.mark.parametrize("seed", range(6))
def test_coalitions_are_counted_as_the_count_does(make, seed: int) -> None:
    """A coalition whose decisions break no rule by themselves gives just what the count says; so does the whole portfolio."""
    plan = make(seed)
    best = kip.optimize(plan, gap=1e-2)
    if not best.found:
        return
    inputs, new = build_inputs(plan), best.dataset["new"].values
    draw = random.Random(seed)
    indicator = str(inputs["indicator"].values[-1])
    for name in ("reduction", f"reduction_{plan.years[-1]}", indicator, "complementary"):
        measure = parse_measure(name, inputs)
        game = Game(inputs, new, weights_of(measure, inputs))
        inside = [draw.sample(game.players, draw.randint(0, len(game.players))) for _ in range(3)]
        for rows in [list(game.players), *inside]:
            part = np.zeros_like(new)
            part[rows] = new[rows]
            counted = count(inputs, part)
            rules = {broken.rule for broken in broken_rules(inputs, counted)}
            if rows != list(game.players) and rules & {"potential", "requires", "requires_any", "conservation"}:
                continue
            members = {row: row in rows for row in game.players}
            value = sum(
                float(game.values([one], one.players)(np.array([[members[row] for row in one.players]]))[0]) for one in game.parts()
            )
            assert value == pytest.approx(value_of(measure, counted), rel=1e-9, abs=1e-7), (name, rows)
        made = kip.attribution(best, name) if game.players else None
        if made is not None:
            unit = made.unit
            assert made.table[f"contribution [{unit}]"].sum() == pytest.approx(best.measure(name), rel=1e-9, abs=1e-7)
            assert made.table[f"before overlap [{unit}]"].sum() == pytest.approx(best.measure(name), rel=1e-9, abs=1e-7)
