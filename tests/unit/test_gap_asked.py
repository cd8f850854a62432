"""A portfolio that is called optimal is proven within the gap that was asked for, whatever the objective is counted from."""

from __future__ import annotations

import random

import pytest

import kip


def plan(scales: bool) -> kip.Plan:
    """A hundred kilotonnes that hardly anything can be done about: the solver's own objective is small beside them, or large."""
    draw = random.Random(7)
    activities = [kip.Activity(name=f"a{n}", amount=draw.uniform(1e4, 2e4), factor=1) for n in range(6)]
    shifts = [
        kip.Shift(name=f"m{n}", source=f"a{n % 6}", choice="whole", potential=draw.uniform(500, 3000), cost=draw.uniform(1, 9))
        for n in range(18)
    ]
    if scales:
        shifts += [
            kip.Shift(name=f"s{n}", scales={f"a{k}": draw.uniform(0.01, 0.1) for k in draw.sample(range(6), 3)}, cost=draw.uniform(1, 9))
            for n in range(8)
        ]
    return kip.Plan(name="p", years=[2026], activities=activities, shifts=shifts, budgets={"municipality": 40})


@pytest.mark.parametrize("scales", [False, True])
@pytest.mark.parametrize("asked", [0.05, 0.01, 1e-3, 0.0])
@pytest.mark.parametrize("question", [{"maximize": "reduction"}, {"minimize": "emissions"}])
def test_the_gap_is_at_most_what_was_asked(scales: bool, asked: float, question: dict[str, str]) -> None:
    best = kip.optimize(plan(scales), gap=asked, **question)
    assert best.status == "optimal"
    assert best.gap <= asked + 1e-9
