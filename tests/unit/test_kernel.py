"""The solver alone: arrays in, a checked solution out."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from kip.optimization.kernel import Options, solve
from kip.optimization.problem import Problem

EXACT = Options(gap=0.0)


def problem(seed: int, columns: int = 12, rows: int = 8) -> Problem:
    """A random small problem with whole and continuous columns and rows with one or two sides."""
    rng = np.random.default_rng(seed)
    matrix = csr_matrix(np.where(rng.random((rows, columns)) < 0.5, rng.integers(-9, 10, (rows, columns)), 0.0))
    high = rng.integers(0, 40, rows).astype(float)
    return Problem(
        start=matrix.indptr.astype(np.int32),
        index=matrix.indices.astype(np.int32),
        value=matrix.data.astype(float),
        row_low=np.where(rng.random(rows) < 0.3, high - rng.integers(0, 30, rows), -np.inf),
        row_high=high,
        low=np.zeros(columns),
        high=rng.integers(1, 6, columns).astype(float),
        integer=rng.random(columns) < 0.6,
        cost=rng.integers(-20, 21, columns).astype(float),
    )


def by_scipy(one: Problem) -> tuple[bool, float]:
    matrix = csr_matrix((one.value, one.index, one.start), shape=(one.rows, one.columns))
    answer = milp(
        one.cost,
        integrality=one.integer.astype(int),
        bounds=Bounds(one.low, one.high),
        constraints=LinearConstraint(matrix, one.row_low, one.row_high),
        options={"mip_rel_gap": 0.0},
    )
    return answer.success, answer.fun


@pytest.mark.parametrize("seed", range(60))
def test_same_as_scipy(seed: int) -> None:
    one = problem(seed)
    found, best = by_scipy(one)
    solution = solve(one, EXACT)
    assert solution.status == ("optimal" if found else "infeasible")
    if not found:
        assert solution.x is None
        return
    assert solution.x is not None
    assert solution.objective == pytest.approx(best, abs=1e-6)
    assert solution.bound <= solution.objective
    assert solution.bound == pytest.approx(best, abs=1e-6)
    assert solution.violation <= 1e-6
    assert np.array_equal(solution.x[one.integer], np.round(solution.x[one.integer]))


@pytest.mark.parametrize("field", ["value", "row_low", "row_high", "low", "high", "cost"])
def test_not_a_number_is_refused(field: str) -> None:
    one = problem(0)
    numbers = getattr(one, field).copy()
    numbers[0] = np.nan
    with pytest.raises(ValueError, match=f"NaN in {field}"):
        solve(replace(one, **{field: numbers}))


@pytest.mark.parametrize("field", ["value", "cost"])
def test_infinite_coefficients_are_refused(field: str) -> None:
    one = problem(0)
    numbers = getattr(one, field).copy()
    numbers[0] = np.inf
    with pytest.raises(ValueError, match="infinite"):
        solve(replace(one, **{field: numbers}))


def single(low: float, high: float, cost: float, integer: bool = False) -> Problem:
    """One column and no rows."""
    none, empty = np.zeros(0, dtype=np.int32), np.zeros(0)
    return Problem(
        start=np.zeros(1, dtype=np.int32), index=none, value=empty, row_low=empty, row_high=empty,
        low=np.array([low]), high=np.array([high]), integer=np.array([integer]), cost=np.array([cost]),
    )  # fmt: skip


@pytest.mark.parametrize("integer", [False, True])
def test_unbounded(integer: bool) -> None:
    # x >= 0 without an upper bound, minimise -x
    solution = solve(single(0.0, np.inf, -1.0, integer))
    assert solution.status == "unbounded"
    assert solution.x is None


def test_infeasible() -> None:
    one = single(0.0, 1.0, 1.0).with_row(np.array([1.0]), low=2.0)
    assert solve(one).status == "infeasible"


def test_empty_problem() -> None:
    none = replace(single(0, 1, 1), low=np.zeros(0), high=np.zeros(0), integer=np.zeros(0, dtype=bool), cost=np.zeros(0))
    assert solve(none).status == "optimal"
    assert solve(none.with_row(np.zeros(0), low=1.0)).status == "infeasible"


def test_a_problem_with_columns_and_no_rows() -> None:
    solution = solve(single(2.0, 5.0, 3.0, integer=True))
    assert solution.status == "optimal"
    assert solution.objective == 6.0


def hard(columns: int = 40) -> Problem:
    """A market split problem (Cornuejols & Dawande 1998): a few equal splits, which no solver of today does quickly."""
    rng = np.random.default_rng(1)
    rows = 5
    weights = rng.integers(0, 100, (rows, columns)).astype(float)
    slack = np.hstack([np.eye(rows), -np.eye(rows)])
    matrix = csr_matrix(np.hstack([weights, slack]))
    half = np.floor(weights.sum(axis=1) / 2)
    return Problem(
        start=matrix.indptr.astype(np.int32), index=matrix.indices.astype(np.int32), value=matrix.data,
        row_low=half, row_high=half,
        low=np.zeros(columns + 2 * rows), high=np.append(np.ones(columns), np.full(2 * rows, 1e4)),
        integer=np.append(np.ones(columns, dtype=bool), np.zeros(2 * rows, dtype=bool)),
        cost=np.append(np.zeros(columns), np.ones(2 * rows)),
    )  # fmt: skip


def test_time_limit_keeps_what_there_is() -> None:
    solution = solve(hard(), Options(gap=0.0, time_limit=1.0))
    assert solution.status == "time_limit"
    assert solution.seconds < 5
    assert solution.x is not None
    assert solution.bound < solution.objective


def test_no_time_at_all() -> None:
    solution = solve(hard(), Options(gap=0.0, time_limit=0.0))
    assert solution.status == "time_limit"
    assert solution.x is None or solution.bound <= solution.objective


def test_progress_is_told() -> None:
    seen: list[tuple[float, float, float]] = []
    solve(hard(), Options(gap=0.0, time_limit=1.0, progress=lambda *numbers: seen.append(numbers), progress_after=0.1))
    assert seen
    assert all(bound <= incumbent for _, incumbent, bound in seen if np.isfinite(incumbent))


def test_same_seed_same_answer() -> None:
    answers = [solve(hard(20), Options(gap=0.0, time_limit=60, seed=7)) for _ in range(2)]
    assert np.array_equal(answers[0].x, answers[1].x)
    assert answers[0].nodes == answers[1].nodes


def test_two_threads_at_once() -> None:
    alone = [solve(problem(seed), EXACT) for seed in range(20)]
    together: dict[int, list[float]] = {0: [], 1: []}

    def work(who: int) -> None:
        together[who] = [solve(problem(seed), EXACT).objective for seed in range(20)]

    threads = [threading.Thread(target=work, args=(who,)) for who in together]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answers in together.values():
        np.testing.assert_allclose(answers, [answer.objective for answer in alone])


def test_the_solver_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    solve(problem(0), EXACT)
    solve(hard(20), Options(time_limit=0.3))
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


def test_refused_options() -> None:
    with pytest.raises(ValueError, match="refuses the option"):
        solve(problem(0), Options(gap=-1.0))


@pytest.mark.parametrize("factor", [1e-9, 1e9])
def test_the_size_of_the_cost_changes_nothing(factor: float) -> None:
    one = problem(3)
    plain, scaled = solve(one, EXACT), solve(one.with_cost(one.cost * factor), EXACT)
    assert plain.status == "optimal"
    assert scaled.objective == pytest.approx(plain.objective * factor, rel=1e-9)


def test_rows_can_be_scaled_and_added() -> None:
    one = problem(3)
    x = np.arange(one.columns, dtype=float)
    rows = np.array([0, 2])
    changed = one.with_rows_scaled(rows, 10.0).with_row(np.ones(one.columns), high=3.0)
    expected = one.activity(x)
    expected[rows] *= 10
    np.testing.assert_allclose(changed.activity(x), np.append(expected, x.sum()))
    assert changed.row_high[0] == 10 * one.row_high[0]


def test_a_linear_problem_that_ran_out_of_time_has_no_gap_of_zero() -> None:
    rng = np.random.default_rng(0)
    matrix = csr_matrix(rng.random((700, 700)))
    count = 700
    one = Problem(
        start=matrix.indptr.astype(np.int32), index=matrix.indices.astype(np.int32), value=matrix.data,
        row_low=np.full(count, -np.inf), row_high=np.full(count, 100.0), low=np.zeros(count), high=np.full(count, 1e3),
        integer=np.zeros(count, dtype=bool), cost=-rng.random(count),
    )  # fmt: skip
    best = solve(one)
    early = solve(one, Options(time_limit=0.05))
    assert best.status == "optimal"
    if early.status == "time_limit" and early.x is not None:
        assert early.bound <= best.objective + 1e-6
