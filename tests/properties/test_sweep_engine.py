"""Every patched scenario is a fresh rebuild: its numbers, its optimum, its totals; over random plans and spaces."""

from __future__ import annotations

import pickle
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_matrix

import kip
from kip.model.paths import numbers
from kip.optimization.problem import Problem
from kip.optimization.question import Limits, Question
from kip.sweeps.axes import Axis
from kip.sweeps.engine import Engine
from kip.sweeps.experiment import STATUSES, empty_batch
from kip.sweeps.patched import PARTS, _Reader
from kip.sweeps.plain_outcomes import Paths
from kip.sweeps.reoptimizing import Reoptimized
from kip.sweeps.stress import StressTested
from tests.properties.plans import random_plan

WHOLE = ("lead", "lifetime", "earliest", "latest", "year", "decided", "base_", "profile", "eligible", "intensity", ".use", ".ratio")
"""Parts of paths whose numbers are whole, or stand only where something else does."""
QUESTIONS = (
    Question("reduction"),
    Question("net_benefit"),
    Question(minimize="cost"),
    Question(minimize="shortfall"),
    Question("reduction", maximum={"cost": 1e7}),
    Question("health", minimum={"reduction": 5.0}),
)
QUICK = settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def space_of(plan: kip.Plan, rng: random.Random) -> Paths:
    """One to four numbers of a plan, each within a fifth of what it is."""
    known = [
        (path, value) for path, value in numbers(plan) if isinstance(value, int | float) and value and not any(w in path for w in WHOLE)
    ]
    axes = []
    chosen = rng.sample(known, min(len(known), rng.randint(1, 4)))
    for path, value in chosen:
        ends = sorted((0.8 * value, 1.2 * value), key=abs, reverse=True)
        share = path.endswith(("uptake", "attribution", "open", "blend", "complementary_share")) or ".opens." in path
        axes.append(Axis(tuple(float(min(1.0, end)) if share else float(end) for end in ends)))
    return Paths(tuple(path for path, _ in chosen), tuple(axes))


def rows_of(space: Paths, count: int, seed: int) -> np.ndarray:
    axes = space.axes or ()
    shares = np.random.default_rng(seed).random((count, len(axes)))
    return np.array([[axis.at(share) for axis, share in zip(axes, row, strict=True)] for row in shares])


def matrix(problem: Problem) -> np.ndarray:
    return csr_matrix((problem.value, problem.index, problem.start), shape=(problem.rows, problem.columns)).toarray()


@QUICK
@given(st.integers(0, 400))
def test_patched_numbers_answers_and_totals_are_those_of_a_rebuild(seed: int) -> None:
    rng = random.Random(seed)
    plan = random_plan(seed)
    space, question = space_of(plan, rng), rng.choice(QUESTIONS)
    try:
        asked = Reoptimized(plan, space, question, limits=Limits(gap=0))
    except kip.RequestError:
        return
    engine = asked.engine
    if isinstance(engine, str):
        return
    values = rows_of(space, 3, seed)
    reader = _Reader(plan, space, asked.question, engine.patched.measures, engine.hot.shortfall, engine.patched.centre)
    # compared with models that are built and compiled whole
    reader.quick = False
    for row in values:
        built, said = reader.read(row), engine.patched.slots.at(row[None, :])[:, 0]
        for name in (*PARTS, "constant", "outcome", "outcome_constant", "emission", "credit", "allowed"):
            part = engine.patched.layout.parts[name]
            size = np.maximum(1e-9, np.maximum(np.abs(built[part]), np.abs(engine.patched.slots.origin[part])))
            assert np.all(np.abs(built[part] - said[part]) <= 1e-9 * size), (name, seed)
    batch, exact, fast = (
        asked.run(values),
        empty_batch(3, len(asked.measures), len(asked.shifts)),
        empty_batch(3, len(asked.measures), len(asked.shifts)),
    )
    asked._each(values, exact, range(3), asked._one)
    assert batch.status.tolist() == exact.status.tolist()
    assert np.allclose(batch.objective, exact.objective, rtol=1e-6, atol=1e-6, equal_nan=True)
    assert not len(engine.run(values, fast)), "the exact road was needed"
    # what starts is counted as kip.evaluate counts it, whichever of several optima it is
    for place, row in enumerate(values):
        if STATUSES[batch.status[place]] == "optimal":
            _same_as_counted(plan, asked, engine, row)


def _same_as_counted(plan: kip.Plan, asked: Reoptimized, engine: Engine, row: np.ndarray) -> None:
    """The starts of a patched solution, evaluated in the changed plan."""
    weights = engine.patched.slots.weights(row[None, :])
    solved = engine.hot.solve(weights)
    new = engine.patched.layout.compiled.units(solved.x[:, 0])
    inputs = engine.patched.layout.compiled.frame.inputs
    starts = {
        (str(inputs["shift"].values[shift]), str(inputs["district"].values[place])): new[shift, place]
        for shift, place in np.argwhere(new.any(axis=2))
    }
    import pandas as pd

    table = pd.DataFrame.from_dict(starts, orient="index", columns=inputs["year"].values)
    table.index = pd.MultiIndex.from_tuples(list(starts), names=["shift", "district"]) if starts else table.index
    changed = plan.update(dict(zip(asked.parameters, row.tolist(), strict=True)))
    portfolio = kip.evaluate(changed, table if starts else None)
    counted = engine.recount.count(solved.x, weights)
    for measure, value in zip(engine.patched.measures, counted.outcome[:, 0], strict=True):
        there = portfolio.measure(measure.name)
        assert value == pytest.approx(there, rel=1e-7, abs=1e-6 * max(1.0, abs(there))), measure.name
    assert portfolio.broken == ()


@QUICK
@given(st.integers(0, 400))
def test_stress_tests_are_evaluate_on_the_changed_plan(seed: int) -> None:
    plan = random_plan(seed)
    space = space_of(plan, random.Random(seed))
    best = kip.optimize(plan, gap=0)
    tested = StressTested(plan, space, {"best": best, "nothing": kip.evaluate(plan)})
    batch = tested.run(rows_of(space, 3, seed))
    for place, row in enumerate(rows_of(space, 3, seed)):
        changed = plan.update(dict(zip(space.names, row.tolist(), strict=True)))
        counted = kip.evaluate(changed, best.decisions)
        expected = [counted.measure(measure.name) for measure in tested.measures]
        assert batch.outcome[place, : len(expected)] == pytest.approx(expected, rel=1e-8, abs=1e-6)


@pytest.mark.parametrize("choice", ["share", "whole"])
def test_the_optimum_is_that_of_scipys_own_solver(choice: str) -> None:
    """SciPy carries another version of HiGHS, and is handed the arrays of a rebuilt plan."""
    rng = random.Random(5)
    shifts = [
        kip.Shift(name=f"s{row}", choice=choice, cost=rng.uniform(1e6, 9e6), opex=rng.uniform(-2e5, 3e5), reduction=rng.uniform(5, 90))
        for row in range(8)
    ]
    plan = kip.Plan(name="p", years=[2026, 2027, 2028], shifts=shifts, budgets={"municipality": {2026: 9e6, 2027: 8e6, 2028: 6e6}})
    space = Paths(
        ("shifts.s0.cost", "shifts.s1.reduction", "budgets.municipality.amount.2027"),
        (Axis((9e6, 1e6)), Axis((90.0, 5.0)), Axis((9e6, 2e6))),
    )
    asked = Reoptimized(plan, space, limits=Limits(gap=0))
    values = rows_of(space, 12, 3)
    batch = asked.run(values)
    engine = asked.engine
    assert isinstance(engine, Engine)
    reader = _Reader(plan, space, asked.question, engine.patched.measures, False, engine.patched.centre)
    for row, objective in zip(values, batch.objective, strict=True):
        inputs, compiled = reader._compiled(row)
        terms, scale = reader._objective(inputs, compiled)
        problem = compiled.problem
        rows = LinearConstraint(matrix(problem), problem.row_low, problem.row_high)
        bounds = Bounds(problem.low, problem.high)
        theirs = milp(
            compiled.cost_of(terms, scale), integrality=problem.integer, bounds=bounds, constraints=rows, options={"mip_rel_gap": 0.0}
        )
        assert objective == pytest.approx(-theirs.fun * scale, rel=1e-7)
    assert linprog([1.0], bounds=[(0, 1)]).success


def test_a_scenario_has_the_same_bits_in_any_block() -> None:
    plan = random_plan(3)
    space = space_of(plan, random.Random(3))
    asked, again = Reoptimized(plan, space), Reoptimized(plan, space)
    values = rows_of(space, 9, 1)
    whole, reversed_, alone = asked.run(values), again.run(values[::-1]), again.run(values[4:5])
    for name in ("outcome", "level", "objective", "bound", "gap", "status"):
        assert np.array_equal(getattr(whole, name), getattr(reversed_, name)[::-1], equal_nan=True)
        assert np.array_equal(getattr(whole, name)[4:5], getattr(alone, name), equal_nan=True)


@pytest.mark.parametrize("seed", [3, 6, 30])
def test_a_worker_gets_arrays_and_gives_the_same_bits(seed: int) -> None:
    """Copies of an engine that is made already and of one that is not; a plan of whole shifts, and one of shares."""
    plan = random_plan(seed)
    if seed == 30:
        shifts = [kip.Shift(name=f"s{row}", choice="share", cost=1e6 * (row + 2), reduction=9.0 * row + 4) for row in range(6)]
        plan = kip.Plan(name="shares", years=[2026, 2027], shifts=shifts, budgets={"municipality": {2026: 4e6, 2027: 5e6}})
    space = space_of(plan, random.Random(seed))
    asked = Reoptimized(plan, space)
    fresh = pickle.loads(pickle.dumps(asked))
    values = rows_of(space, 5, 1)
    here = asked.run(values)
    assert isinstance(asked.engine, Engine)
    sent = pickle.dumps(asked)
    assert len(sent) < 300_000
    for other in (fresh, pickle.loads(sent)):
        there = other.run(values)
        for name in ("outcome", "level", "objective", "bound", "gap", "status"):
            assert np.array_equal(getattr(here, name), getattr(there, name), equal_nan=True)


def test_equal_scenarios_are_solved_once() -> None:
    plan = random_plan(3)
    space = space_of(plan, random.Random(3))
    asked = Reoptimized(plan, space)
    row = rows_of(space, 1, 1)
    batch = asked.run(np.repeat(row, 5, axis=0))
    assert np.array_equal(batch.outcome, np.repeat(batch.outcome[:1], 5, axis=0))
    assert (batch.seconds > 0).sum() == 1


def test_what_lies_outside_is_rebuilt_and_is_right() -> None:
    plan = kip.Plan(
        name="p",
        years=[2026],
        shifts=[kip.Shift(name="a", cost=5e6, reduction=16), kip.Shift(name="b", cost=7e6, reduction=22)],
        budgets={"municipality": 8e6},
    )
    asked = Reoptimized(plan, Paths(("budgets.municipality",), (Axis((9e6, 6e6)),)), outcomes=["reduction"])
    assert not isinstance(asked.engine, str)
    batch = asked.run(np.array([[8e6], [12e6], [5e6], [-1.0], [6.5e6], [np.nan]]))
    assert batch.outcome[:, 0].tolist()[:3] == [22, 38, 16]
    assert [STATUSES[code] for code in batch.status] == ["optimal", "optimal", "optimal", "invalid", "optimal", "invalid"]


def test_the_krona_is_held_in_every_scenario() -> None:
    """A budget that is one krona short of b: HiGHS in steps of a million would take it."""
    plan = kip.Plan(
        name="p",
        years=[2026],
        shifts=[kip.Shift(name="a", cost=5_000_000, reduction=16), kip.Shift(name="b", cost=700_000_000, reduction=22)],
        budgets={"municipality": 8e6},
    )
    asked = Reoptimized(plan, Paths(("budgets.municipality",), (Axis((8e8, 6e6)),)), outcomes=["reduction", "cost"])
    batch = asked.run(np.array([[699_999_999.0], [700_000_000.0], [704_999_999.0], [705_000_000.0]]))
    assert batch.outcome[:, 0].tolist() == [16, 22, 22, 38]


def test_statuses_of_the_fast_road() -> None:
    plan = kip.Plan(
        name="p",
        years=[2026],
        shifts=[kip.Shift(name="a", choice="share", cost=5e6, reduction=16)],
        budgets={"municipality": 8e6},
    )
    space = Paths(("budgets.municipality",), (Axis((9e6, 1e6)),))
    asked = Reoptimized(plan, space, Question("reduction", minimum={"reduction": 10}))
    batch = asked.run(np.array([[8e6], [2e6]]))
    assert [STATUSES[code] for code in batch.status] == ["optimal", "infeasible"]
    assert "clash" in batch.reason[1]
    assert np.isnan(batch.outcome[1]).all()


def test_targets_first_on_the_fast_road() -> None:
    shifts = [
        kip.Shift(name=name, choice="share", cost=cost, reduction=gives)
        for name, cost, gives in (("a", 5e6, 16), ("b", 7e6, 30), ("c", 1e6, 5))
    ]
    plan = kip.Plan(
        name="p",
        years=[2026, 2027],
        shifts=shifts,
        budgets={"municipality": 9e6},
        ledgers=[kip.Ledger(name="main", other={"rest": 100})],
        targets=[kip.Target(name="t", year=2027, value=60.0, base_year=2026, base_value=100, source="x")],
    )
    space = Paths(("budgets.municipality", "shifts.a.reduction"), (Axis((2e7, 1e6)), Axis((30.0, 10.0))))
    asked = Reoptimized(plan, space, Question(minimize="cost"), ["shortfall", "cost"], Limits(gap=0))
    assert not isinstance(asked.engine, str)
    values = rows_of(space, 6, 0)
    batch = asked.run(values)
    for place, row in enumerate(values):
        best = kip.optimize(plan.update(dict(zip(space.names, row.tolist(), strict=True))), minimize="cost", gap=0)
        assert batch.outcome[place] == pytest.approx([best.measure("shortfall"), best.measure("cost")], rel=1e-6, abs=1e-3)


def test_a_search_that_is_stopped_leaves_the_rest_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C during the second of four scenarios: one is finished, one interrupted, and nothing more is asked."""
    from kip.optimization.kernel import Solution
    from kip.sweeps import hot

    shifts = [kip.Shift(name="a", cost=5e6, reduction=16), kip.Shift(name="b", cost=7e6, reduction=22)]
    plan = kip.Plan(name="p", years=[2026], shifts=shifts, budgets={"municipality": 8e6})
    asked = Reoptimized(plan, Paths(("budgets.municipality",), (Axis((9e6, 6e6)),)), outcomes=["reduction"])
    assert not isinstance(asked.engine, str)
    solve, calls = hot.solve, []

    def stopped(problem: Problem, options: object) -> Solution:
        calls.append(1)
        return solve(problem, options) if len(calls) == 1 else Solution("interrupted", None, np.nan, -np.inf, 0.0)

    monkeypatch.setattr(hot, "solve", stopped)
    batch = asked.run(np.array([[6e6], [7e6], [8e6], [9e6]]))
    assert [STATUSES[code] for code in batch.status] == ["optimal", "interrupted", "open", "open"]
    assert len(calls) == 2


def test_no_portfolio_in_time_is_a_row() -> None:
    shifts = [kip.Shift(name=f"s{row}", cost=1e6 * (row % 7 + 1), reduction=3 * row % 11 + 1) for row in range(30)]
    plan = kip.Plan(name="p", years=[2026], shifts=shifts, budgets={"municipality": 3e7})
    asked = Reoptimized(plan, Paths(("budgets.municipality",), (Axis((4e7, 2e7)),)), limits=Limits(gap=0, time_limit=0.0))
    batch = asked.run(np.array([[3e7]]))
    assert STATUSES[batch.status[0]] == "time_limit"


def test_what_the_solver_calls_unbounded_is_a_row_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """kip bounds everything that can start, so the word is put into the solver's mouth."""
    plan = kip.Plan(
        name="p", years=[2026], shifts=[kip.Shift(name="a", choice="share", cost=5e6, reduction=16)], budgets={"municipality": 8e6}
    )
    asked = Reoptimized(plan, Paths(("budgets.municipality",), (Axis((9e6, 1e6)),)))
    engine = asked.engine
    assert isinstance(engine, Engine)
    monkeypatch.setattr(engine.hot, "_status", lambda: "unbounded")
    batch = asked.run(np.array([[8e6]]))
    assert STATUSES[batch.status[0]] == "unbounded"
    assert "no end" in batch.reason[0]
