"""kip.robust on random plans and scenarios against every portfolio counted by the brute force, for every criterion."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kip
from kip.model.paths import numbers
from tests.properties.brute_force import BruteForce
from tests.properties.plans import random_plan
from tests.properties.scenarios import Counted, counted, drawn
from tests.strategies import plans

CRITERIA = ("expected", "worst_case", "regret", "cvar")


def worst_part(losses: np.ndarray, weights: np.ndarray, level: float) -> float:
    """CVaR as the least over eta of eta + E[(loss - eta)+] / (1 - level); the least is at one of the losses."""
    return min(float(eta + weights @ np.maximum(0.0, losses - eta) / (1 - level)) for eta in losses)


ONE_STAGE = (17, 27, 33, 36, 66, 78, 116, 119)
"""Seeds with at least a dozen portfolios that keep the rules of every scenario, and not too many in all."""
TWO_STAGES = (0, 33, 63, 78, 94, 118)


@pytest.mark.parametrize(("place", "seed"), list(enumerate(ONE_STAGE)))
def test_every_criterion_is_enumeration(place: int, seed: int) -> None:
    world = counted(seed)
    measure = ("reduction", "net_benefit", "health")[place % 3]
    losses = -world.values(measure)
    common = world.feasible.all(axis=0)
    best = np.array([row[keeps].min(initial=np.inf) for row, keeps in zip(losses, world.feasible, strict=True)])
    criterion, level = CRITERIA[place % 4], 0.6
    found = kip.robust(world.plan, world.scenarios, criterion, level=level, weights=world.weights.tolist(), maximize=measure, gap=0)
    mine = losses[:, common]
    every = {
        "expected": world.weights @ mine,
        "worst_case": mine.max(axis=0),
        "regret": (mine - best[:, None]).max(axis=0),
        "cvar": np.array([worst_part(column, world.weights, level) for column in mine.T]),
    }[criterion]
    size = max(1.0, float(np.abs(losses[:, common]).max()))
    value = every.min() if criterion == "regret" else -every.min()
    assert found.value == pytest.approx(value, abs=1e-6 * size)
    assert found.bound == pytest.approx(value, abs=1e-6 * size)
    assert found.status == "optimal"
    assert [one.objective for one in found.setting.optima] == pytest.approx((-best).tolist(), abs=1e-6 * size)
    # the decision itself: what it gives in each scenario by the other accounting
    for name, portfolio in found.portfolios.items():
        again = kip.evaluate(world.plan.update(world.scenarios[name]), portfolio.decisions)
        assert not again.broken
        assert again.measure(measure) == pytest.approx(found.values[list(world.scenarios).index(name)], abs=1e-6 * size)


def first_decisions(world: Counted, years: list[int]) -> dict[bytes, np.ndarray]:
    """Portfolios by what they start in the first years."""
    found: dict[bytes, list[int]] = {}
    for place, row in enumerate(world.starts_by(years)):
        found.setdefault(row.tobytes(), []).append(place)
    return {key: np.array(places) for key, places in found.items()}


@pytest.mark.parametrize("seed", TWO_STAGES)
def test_two_stages_are_enumeration(seed: int) -> None:
    world = counted(seed)
    measure, years = ("reduction", "net_benefit")[seed % 2], list(world.plan.years)
    until = years[0] if seed % 3 else years[-2]
    values = np.where(world.feasible, world.values(measure), -np.inf)
    found = kip.two_stage(world.plan, world.scenarios, until=until, weights=world.weights.tolist(), maximize=measure, gap=0)
    groups = first_decisions(world, [year for year in years if year <= until])
    adapted = {key: values[:, places].max(axis=1) for key, places in groups.items()}
    expected = {key: float(world.weights @ best) for key, best in adapted.items() if np.isfinite(best).all()}
    size = max(1.0, float(np.abs(values[np.isfinite(values)]).max()))
    assert found.value == pytest.approx(max(expected.values()), abs=1e-6 * size)
    assert found.bound == pytest.approx(found.value, abs=1e-6 * size)
    assert found.ws == pytest.approx(float(world.weights @ values.max(axis=1)), abs=1e-6 * size)
    assert found.evpi >= -1e-6 * size
    # the plan of means, counted by itself; its first decision may not be the only best one
    means: dict[str, float] = {}
    for path in next(iter(world.scenarios.values())):
        means[path] = float(world.weights @ [changes[path] for changes in world.scenarios.values()])
    force = BruteForce(world.plan.update(means)).run()
    mean_values = np.where(force.feasible, force.values[measure], -np.inf)
    ties = np.flatnonzero(mean_values >= mean_values.max() - 1e-7 * size)
    rows = world.starts_by([year for year in years if year <= until])
    possible = [float(world.weights @ adapted[rows[place].tobytes()]) for place in ties]
    assert any(found.eev == pytest.approx(value, abs=1e-6 * size) for value in possible)
    assert found.vss >= -1e-6 * size


@pytest.mark.parametrize("seed", range(206, 210))
def test_what_an_input_is_worth_is_enumeration(seed: int) -> None:
    """Two inputs of two values each, all four combinations as scenarios with any weights."""
    plan = random_plan(seed)
    paths = list(drawn(plan, seed, 1, share=1.0)["w0"])
    rng = random.Random(seed)
    if BruteForce(plan).count > 3000 or len(paths) < 2:
        pytest.skip("more portfolios than can be counted here, or nothing that may vary.")
    one, two = rng.sample(paths, 2)
    number = dict(numbers(plan))
    pairs = [(first, second) for first in (0.4, 1.6) for second in (0.5, 1.7)]
    futures = {f"{first} {second}": {one: number[one] * first, two: number[two] * second} for first, second in pairs}
    if len({changes[one] for changes in futures.values()}) < 2 or len({changes[two] for changes in futures.values()}) < 2:
        pytest.skip("a number of 0 does not vary.")
    weights = np.random.default_rng(seed).dirichlet(np.ones(4))
    world = Counted(plan, futures, weights)
    values = np.where(world.feasible, world.values("net_benefit"), -np.inf)

    def knowing(groups: list[list[int]]) -> float:
        return float(sum((weights[group] @ values[group]).max() for group in groups))

    found = kip.information_value(
        plan, futures, inputs={"one": one, "two": [two], "both": (one, two)}, weights=weights.tolist(), maximize="net_benefit", gap=0
    )
    nothing = knowing([[0, 1, 2, 3]])
    if not np.isfinite(nothing):
        assert found.status == "infeasible"
        return
    wanted = {"one": knowing([[0, 1], [2, 3]]), "two": knowing([[0, 2], [1, 3]]), "both": knowing([[0], [1], [2], [3]])}
    size = max(1.0, float(np.abs(values[np.isfinite(values)]).max()))
    column = found.table()[f"value [{plan.currency}]"]
    for name, value in wanted.items():
        assert column[name] == pytest.approx(value - nothing, abs=2e-6 * size)
    assert found.evpi == pytest.approx(wanted["both"] - nothing, abs=2e-6 * size)


@settings(max_examples=3, deadline=None, derandomize=True)
@given(plans(), st.sampled_from(["reduction", "net_benefit"]), st.floats(0.3, 0.95))
def test_between_knowing_and_not_knowing(plan: kip.Plan, measure: str, less: float) -> None:
    """Any plan (shares, units, districts, targets): the same scenario twice is the plan; and each kind of knowledge is worth something."""
    best = kip.optimize(plan, maximize=measure, gap=0)
    size = max(1.0, abs(best.objective), abs(best.bound))
    twice = kip.robust(plan, {"one": {}, "two": {}}, maximize=measure, gap=0)
    assert twice.value == pytest.approx(best.objective, abs=1e-6 * size)
    paths = [
        path
        for path, _ in numbers(plan)
        if path.startswith(("budgets.", "shifts.")) and ".potential" not in path and ".profile" not in path
    ]
    value = dict(numbers(plan))
    changes = {path: value[path] * less for path in paths if path.split(".")[2] in {"amount", "reduction"}}
    futures = {"as planned": {}, "less": changes}
    one = kip.robust(plan, futures, maximize=measure, gap=0)
    worst = kip.robust(plan, futures, "worst_case", maximize=measure, gap=0)
    known = float(one.setting.weights @ one.setting.best)
    assert worst.value <= one.value + 1e-6 * size
    assert one.value <= known + 1e-6 * size
    assert worst.values.min() >= one.values.min() - 1e-6 * size
    if len(plan.years) > 1:
        stages = kip.two_stage(plan, futures, until=plan.years[0], maximize=measure, gap=0)
        assert one.value - 1e-6 * size <= stages.value <= known + 1e-6 * size
