"""What must hold of any sensitivity analysis: units and the order of inputs change nothing, boxes and rules are what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import kip
from kip.sensitivity.conditions import all_of, rounded_between

SEEDS = st.integers(0, 10**6)
NAMES = ["a", "b", "c"]


def saltelli(random: np.random.Generator, base: int) -> NDArray[np.float64]:
    one, other = random.uniform(size=(2, base, 3))
    mixed = [np.where(np.arange(3) == place, other, one) for place in range(3)]
    return np.stack([one, *mixed, other], axis=1).reshape(-1, 3)


def trajectories(random: np.random.Generator, count: int) -> NDArray[np.float64]:
    found = []
    for _ in range(count):
        points = np.repeat(random.integers(0, 2, 3)[None, :] / 3.0, 4, axis=0)
        for step, place in enumerate(random.permutation(3)):
            points[step + 1 :, place] += 2.0 / 3.0
        found.append(points)
    return np.concatenate(found)


def sampled(kind: str, random: np.random.Generator) -> NDArray[np.float64]:
    if kind == "one-at-a-time":
        return np.concatenate([np.full((1, 3), 0.5), *(0.5 + end * np.eye(3) for end in (-0.4, 0.3))])
    return {
        "saltelli": lambda: saltelli(random, 32),
        "morris": lambda: trajectories(random, 10),
        "lhs": lambda: random.uniform(size=(60, 3)),
    }[kind]()


def outcome_of(values: NDArray[np.float64], factors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values @ factors[:3] + factors[3] * values[:, 0] * values[:, 1] + factors[4] * values[:, 2] ** 2)


@pytest.mark.parametrize("kind", ["one-at-a-time", "morris", "saltelli", "lhs"])
@given(SEEDS)
@settings(max_examples=4, deadline=None)
def test_units_and_offset_change_nothing(kind: str, seed: int) -> None:
    """In kronor, or in millions above some level: shares stay, effects scale."""
    random = np.random.default_rng(seed)
    values, factors = sampled(kind, random), random.normal(size=5)
    outcome = outcome_of(values, factors)
    design = {"kind": kind, "second_order": False, "seed": 0}
    plain = kip.sensitivity_of(values, NAMES, outcome, "y", design).rows
    scaled = kip.sensitivity_of(values * [1e6, 1.0, 1e-3], NAMES, 1000.0 * outcome + 5e4, "y", design).rows
    for column in plain.columns.drop(["title", "shape", "low", "high", "at low [1]", "at high [1]", "trees [1]"], errors="ignore"):
        size = 1000.0 if kind in {"one-at-a-time", "morris"} else 1.0
        # the cells that delta's densities are kept in may be rounded to a neighbour
        slack = 0.02 if column.startswith("delta") else 1e-6
        np.testing.assert_allclose(scaled[column] / size, plain[column], rtol=1e-6, atol=slack)


@pytest.mark.parametrize("kind", ["one-at-a-time", "morris", "saltelli"])
@given(SEEDS)
@settings(max_examples=6, deadline=None)
def test_the_order_of_inputs_changes_nothing(kind: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    values, factors = sampled(kind, random), random.normal(size=5)
    outcome = outcome_of(values, factors)
    order = random.permutation(3)
    design = {"kind": kind, "second_order": False, "seed": 0}
    moved, other = values[:, order], outcome
    if kind == "saltelli":
        # the mixtures stand in the order of the inputs
        rows = np.array([0, *(1 + order), 4])
        moved = moved.reshape(-1, 5, 3)[:, rows].reshape(-1, 3)
        other = outcome.reshape(-1, 5)[:, rows].ravel()
    plain = kip.sensitivity_of(values, NAMES, outcome, "y", design).rows
    turned = kip.sensitivity_of(moved, [NAMES[place] for place in order], other, "y", design).rows.loc[NAMES]
    for column in plain.columns.drop(["title", "shape"], errors="ignore"):
        # intervals are drawn at random, in the order of the inputs
        if "±" not in column:
            np.testing.assert_allclose(turned[column].to_numpy(), plain[column].to_numpy(), rtol=1e-9, atol=1e-9)


@given(SEEDS, st.sampled_from([0.05, 0.1, 0.3]))
@settings(max_examples=20, deadline=None)
def test_boxes_are_what_they_say(seed: int, slice_share: float) -> None:
    """Each peel is inside the one before; counts are those of the limits; a paste loses no density."""
    random = np.random.default_rng(seed)
    values = np.column_stack([random.uniform(size=150), random.integers(0, 4, 150), random.normal(size=150)])
    event = outcome_of(values, random.normal(size=5)) > 0.5
    if not 5 <= event.sum() < 150:
        return
    design = {"labels": {"b": ["p", "q", "r", "s"]}}
    found = kip.discover(values, NAMES, event, "it", design, slice_share=slice_share)
    before = None
    for place, step in enumerate(found.steps):
        inside = step.limits.inside(values)
        assert (step.scenarios, step.events) == (inside.sum(), event[inside].sum())
        if before is not None:
            assert not (inside & ~before).any() if step.kind == "peel" else not (before & ~inside).any()
            assert step.density >= found.steps[place - 1].density
        before = inside
    box = found.box()
    held = all_of(box.conditions, values)
    assert box.scenarios == held.sum()
    assert box.density == pytest.approx(event[held].mean())
    assert box.coverage == pytest.approx(event[held].sum() / event.sum())
    assert found.tree["scenarios"].sum() >= 0.95 * 150  # limits are rounded: a scenario may stand on one


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_rules_are_right_as_often_as_they_say(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.uniform(size=(120, 3)) * [1e6, 1.0, 50.0]
    chosen = (values[:, 0] > 4e5) & ((values[:, 2] < 30.0) | (random.uniform(size=120) < 0.2))
    if not 0 < chosen.sum() < 120:
        return
    rule = kip.rules_of(values, NAMES, chosen[:, None], ["bus"])["bus"]
    if rule.kind != "rule":
        return
    says = all_of(rule.conditions, values) != rule.unless
    assert rule.holds == says.sum()
    assert rule.accuracy == pytest.approx((says == chosen).mean())
    assert rule.coverage == pytest.approx((says & chosen).sum() / chosen.sum())
    assert rule.density == pytest.approx((says & chosen).sum() / says.sum())
    assert rule.accuracy > max(chosen.mean(), 1 - chosen.mean())


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
@settings(max_examples=200, deadline=None)
@example(-87960931.126971, 1e-6)
def test_a_rounded_limit_lies_between(below: float, width: float) -> None:
    above = below + width
    if above > below:
        assert below < rounded_between(below, above) <= above
