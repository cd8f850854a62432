"""How numbers follow from parameters: what is found, and what is not believed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from kip.sweeps.axes import Axis, axes_of
from kip.sweeps.slots import NotPatched, find_slots

Floats = NDArray[np.float64]


def test_lines_products_curves_and_levels_together() -> None:
    """a, b and d are straight; c is a discount rate; e picks a level that multiplies."""

    def read(row: Floats) -> Floats:
        a, b, c, d, e = row
        return np.array([a, b, a * b * (1 + c) ** -3, a * b * d, np.exp(-c) * d, {0: 1.0, 1: 5.0, 2: -1.0}[e] * a, 7, a + b + c + d])

    axes = [Axis((3.0, 0.0)), Axis((9.0, -1.0)), Axis((0.1, 0.0)), Axis((2.0, 1.0)), Axis((0.0, 1.0, 2.0), levels=True)]
    slots = find_slots(read, axes, list("abcde"))
    generator = np.random.default_rng(1)
    values = np.column_stack([generator.uniform(axis.low, axis.high, 100) for axis in axes[:4]] + [generator.integers(0, 3, 100)])
    expected = np.array([read(row) for row in values]).T
    assert np.abs(slots.at(values) - expected).max() <= 1e-9 * np.abs(expected).max()
    assert 6 not in slots.moving


def test_parameters_of_one_kind_are_moved_at_once() -> None:
    """Forty prices and a discount rate: one build for each price, and a few for all of them with the rate."""
    calls = []

    def read(row: Floats) -> Floats:
        calls.append(1)
        return np.concatenate([row[:40], row[:40] / (1 + row[40]), [row[40]]])

    slots = find_slots(read, [*[Axis((2.0, 1.0))] * 40, Axis((0.1, 0.0))], [f"p{place}" for place in range(41)])
    assert slots.built == len(calls) < 90


def test_a_row_gives_the_same_bits_in_any_company() -> None:
    slots = find_slots(lambda row: np.array([row[0] * row[1], np.exp(row[0])]), [Axis((2.0, 1.0)), Axis((0.3, 0.1))], ["a", "b"])
    values = np.random.default_rng(0).uniform([1, 0.1], [2, 0.3], (257, 2))
    together = slots.at(values)
    for place in (0, 3, 128, 256):
        assert np.array_equal(slots.at(values[place : place + 1])[:, 0], together[:, place])


@pytest.mark.parametrize(
    ("read", "word"),
    [
        (lambda row: np.array([max(0.0, row[0] - 1.0), row[1]]), "a: .*kink"),
        (lambda row: np.array([np.floor(row[0]), row[1]]), "a: .*kink"),
        (lambda row: np.array([min(row[0], row[1])]), "kink|product"),
        (lambda row: np.array([1.0 if abs(row[0] - 1.5) < 0.4 else 0.0, row[1]]), "between the ends"),
    ],
)
def test_a_kink_is_not_believed(read: Callable[[Floats], Floats], word: str) -> None:
    with pytest.raises(NotPatched, match=word):
        find_slots(read, [Axis((3.0, 0.0)), Axis((2.5, 1.0))], ["a", "b"])


def test_a_level_of_another_shape_is_left_to_rebuilding() -> None:
    def read(row: Floats) -> Floats:
        if row[0] == 2:
            raise NotPatched("another shape")
        return np.array([row[0], 5.0])

    slots = find_slots(read, [Axis((0.0, 1.0, 2.0), levels=True)], ["world"])
    assert slots.fits(np.array([[0.0], [1.0], [2.0]])).tolist() == [True, True, False]


def test_what_lies_outside_is_not_patched() -> None:
    slots = find_slots(lambda row: row.copy(), [Axis((2.0, 1.0))], ["a"])
    assert slots.fits(np.array([[1.0], [2.0], [2.1], [np.nan], [np.inf]])).tolist() == [True, True, False, False, False]


def test_a_space_that_says_nothing_has_no_axes() -> None:
    assert axes_of(object()) is None
