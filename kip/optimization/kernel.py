"""The solver: arrays in, a checked solution out. Only numpy and highspy; no words about plans.

Rules, and why: always minimise (HiGHS ignores a maximise sense in some of its tools); a fresh solver for each solve and
one thread with a fixed seed (same answer every time); every status and option code is looked at; NaN is refused (HiGHS
takes it without a word); the solve runs in a thread of its own, so that Ctrl-C can ask it to stop and keep what it has.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeAlias

import highspy
import numpy as np
from numpy.typing import NDArray

from kip.optimization.problem import Problem

__all__ = ["SMALL", "Options", "Progress", "Solution", "conflicting_rows", "hand_over", "load", "load_relaxed", "solve"]

Floats: TypeAlias = NDArray[np.float64]
Progress: TypeAlias = Callable[[float, float, float], None]
"""Called with seconds, incumbent and bound (both as minimisation, in the problem's steps); infinite when unknown."""

_STATUS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "unbounded or infeasible",
    highspy.HighsModelStatus.kTimeLimit: "time_limit",
    highspy.HighsModelStatus.kIterationLimit: "time_limit",
    highspy.HighsModelStatus.kSolutionLimit: "time_limit",
    highspy.HighsModelStatus.kInterrupt: "interrupted",
    highspy.HighsModelStatus.kObjectiveTarget: "enough",
    highspy.HighsModelStatus.kModelEmpty: "optimal",
}


@dataclass(frozen=True)
class Options:
    """How a problem is solved.

    Relative and absolute gap, seconds, seed, starting values (NaN: unknown), who hears of progress; `enough`: a cost, offset not
    counted, at which any solution will do; `stop`: an event that another thread sets to end the search with what it has; `nearby`: the
    starting values answer a similar problem (`kip.optimization.nearby`); `settings`: further options of HiGHS by name.
    """

    gap: float = 1e-4
    absolute_gap: float = 0.0
    time_limit: float = np.inf
    seed: int = 0
    begin: Floats | None = None
    progress: Progress | None = None
    progress_after: float = 2.0
    enough: float = -np.inf
    stop: threading.Event | None = None
    nearby: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


SMALL: Mapping[str, Any] = MappingProxyType(
    {
        "mip_heuristic_run_feasibility_jump": False,
        "mip_heuristic_run_rins": False,
        "mip_heuristic_run_rens": False,
        "mip_heuristic_run_root_reduced_cost": False,
        "mip_heuristic_effort": 0.0,
        "mip_detect_symmetry": False,
        "mip_allow_restart": False,
        "mip_allow_cut_separation_at_nodes": False,
    }
)
"""Settings for many small problems of which most columns are fixed: heuristics and cuts cost more there than they give."""


@dataclass(frozen=True)
class Solution:
    """What came of a solve.

    `status` is optimal (within the gap), enough, time_limit, interrupted, infeasible, unbounded or error; `x` is None when there
    is no solution; `objective` and `bound` are of the minimised cost; `violation` is the largest violation of a row or
    bound by `x`, integers rounded, found by our own arithmetic.
    """

    status: str
    x: Floats | None
    objective: float
    bound: float
    seconds: float
    nodes: int = 0
    violation: float = 0.0
    message: str = ""


def solve(problem: Problem, options: Options | None = None) -> Solution:
    """Solve a problem once, with a fresh solver.

    Raises
    ------
    ValueError
        When a number is NaN, or a coefficient infinite; or an option is refused.
    """
    options = options or Options()
    _refuse_nan(problem)
    if not problem.columns:
        fits = bool(np.all((problem.row_low <= 0) & (problem.row_high >= 0)))
        return Solution("optimal" if fits else "infeasible", np.zeros(0) if fits else None, 0.0, 0.0, 0.0)
    problem = _whole_bounds(problem)
    step = _cost_step(problem.cost)
    solver = load(problem, step, options)
    began = time.perf_counter()
    _run(solver, options, step, problem.offset, began)
    solution = _read(solver, problem, step, time.perf_counter() - began)
    if solution.status == "unbounded or infeasible":
        # presolve could not tell; without a cost nothing is unbounded
        feasible = solve(problem.with_cost(np.zeros(problem.columns)), options).x is not None
        return replace(solution, status="unbounded" if feasible else "infeasible")
    if options.begin is not None and _another_value(solver, problem, step, solution):
        left = max(0.0, options.time_limit - (time.perf_counter() - began))
        again = solve(problem, replace(options, begin=None, time_limit=left))
        return again if again.x is not None else replace(solution, status=again.status, bound=-np.inf)
    return solution


def _another_value(solver: Any, problem: Problem, step: float, solution: Solution) -> bool:
    """Whether the solver's objective is not that of the solution it gives.

    Seen in HiGHS 1.16.0 with starting values where presolve merges columns: it values the start in the smaller problem, where it
    may be better,
    proves that value to be the least, and then gives the start itself.
    """
    if solution.x is None:
        return False
    said = step * float(solver.getInfo().objective_function_value) - problem.offset
    size = max(abs(said), abs(problem.offset), float(np.abs(problem.cost).max(initial=0.0)))
    return abs(said - solution.objective) > 1e-5 * size


def conflicting_rows(problem: Problem, seconds: float = np.inf) -> list[int]:
    """Rows of an irreducible infeasible set, of the relaxation if that is infeasible, else of the problem; empty when none was found."""
    relaxed = replace(problem, integer=np.zeros(problem.columns, dtype=bool))
    for asked in (relaxed, problem):
        solver = load(_whole_bounds(asked.with_cost(np.zeros(problem.columns))), 1.0, Options(time_limit=seconds))
        # 2: an elastic linear problem finds the rows; 4: none can be spared
        for name, value in {"iis_strategy": 6, "iis_time_limit": float(min(seconds, 1e9))}.items():
            if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
                raise ValueError(f"the solver refuses the option {name} = {value!r}.")
        status, found = solver.getIis()
        if status != highspy.HighsStatus.kError and len(found.row_index_):
            return sorted(int(row) for row in found.row_index_)
    return []


def _whole_bounds(problem: Problem) -> Problem:
    """Bounds of whole columns as whole numbers: HiGHS 1.15.1 has called wrong answers optimal where they were not."""
    low = np.where(problem.integer, np.ceil(problem.low - 1e-9), problem.low)
    high = np.where(problem.integer, np.floor(problem.high + 1e-9), problem.high)
    return replace(problem, low=low, high=high)


def _refuse_nan(problem: Problem) -> None:
    for name in ("value", "row_low", "row_high", "low", "high", "cost"):
        array = getattr(problem, name)
        if np.isnan(array).any():
            raise ValueError(f"NaN in {name} of the problem; nothing was solved.")
    if not (np.isfinite(problem.value).all() and np.isfinite(problem.cost).all()):
        raise ValueError("an infinite coefficient in the problem; nothing was solved.")


def _cost_step(cost: Floats) -> float:
    """Power of ten that brings the largest cost to between 1 and 1 000: the solver's absolute tolerances then mean something."""
    largest = float(np.abs(cost).max(initial=0.0))
    return 1.0 if largest == 0 else float(1000.0 ** np.floor(np.log10(largest) / 3.0))


class _Quiet(highspy.Highs):
    """Highs without its banner: 1.16 prints it while it is being made, before any option can be set."""

    def enableCallbacks(self) -> Any:
        self.setOptionValue("output_flag", False)
        return super().enableCallbacks()  # type: ignore[no-untyped-call]  # highspy has no types here


def load(problem: Problem, step: float, options: Options) -> Any:
    """A fresh solver with a problem and its options, ready to run."""
    solver = _Quiet()  # type: ignore[no-untyped-call]  # highspy has no types here
    values: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": int(options.seed),
        "mip_rel_gap": float(options.gap),
        "mip_abs_gap": float(options.absolute_gap / step),
        "time_limit": float(min(options.time_limit, 1e9)),
        **options.settings,
    }
    if np.isfinite(options.enough):
        values["objective_target"] = float((options.enough + problem.offset) / step)
    for name, value in values.items():
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise ValueError(f"the solver refuses the option {name} = {value!r}.")
    hand_over(solver, problem, step)
    if options.begin is not None:
        known = np.flatnonzero(np.isfinite(options.begin)).astype(np.int32)
        solver.setSolution(len(known), known, options.begin[known])
    return solver


def hand_over(solver: Any, problem: Problem, step: float) -> None:
    """Give a problem to a solver, its cost in steps, in place of what it had.

    Raises
    ------
    ValueError
        When the solver refuses it.
    """
    status = solver.passModel(
        problem.columns,
        problem.rows,
        len(problem.value),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        float(problem.offset / step),
        problem.cost / step,
        problem.low,
        problem.high,
        problem.row_low,
        problem.row_high,
        problem.start,
        problem.index,
        problem.value,
        problem.integer.astype(np.int32),
    )
    if status == highspy.HighsStatus.kError:
        raise ValueError("the solver refuses the problem.")


def load_relaxed(problem: Problem) -> tuple[Any, float]:
    """The linear relaxation in a solver of its own that stays loaded, without presolve, and the step of its cost.

    Raises
    ------
    ValueError
        When a number is NaN, or an option is refused.
    """
    _refuse_nan(problem)
    step = _cost_step(problem.cost)
    solver = load(replace(problem, integer=np.zeros(problem.columns, dtype=bool)), step, Options())
    if solver.setOptionValue("presolve", "off") != highspy.HighsStatus.kOk:
        raise ValueError("the solver refuses to leave presolve out.")
    return solver, step


def _run(solver: Any, options: Options, step: float, offset: float, began: float) -> None:
    stop = options.stop or threading.Event()

    def interrupt(event: Any) -> None:
        if stop.is_set():
            event.interrupt()

    def report(event: Any) -> None:
        seconds = time.perf_counter() - began
        if options.progress is not None and seconds > options.progress_after:
            out = event.data_out
            options.progress(seconds, step * out.mip_primal_bound - offset, step * out.mip_dual_bound - offset)

    solver.cbMipInterrupt.subscribe(interrupt)
    solver.cbSimplexInterrupt.subscribe(interrupt)
    if options.progress is not None:
        solver.cbMipLogging.subscribe(report)
        solver.cbMipImprovingSolution.subscribe(report)
    done = threading.Event()

    def work() -> None:
        try:
            solver.run()
        finally:
            done.set()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    # not worker.join: up to Python 3.12 a Ctrl-C during join marks a thread as ended that still runs
    while not done.is_set():
        try:
            done.wait(0.2)
        except KeyboardInterrupt:
            # the thread holds the solver: ask it to stop, and keep waiting for what it has
            stop.set()


def _read(solver: Any, problem: Problem, step: float, seconds: float) -> Solution:
    info, found = solver.getInfo(), solver.getSolution()
    status = _STATUS.get(solver.getModelStatus(), "error")
    mixed = bool(problem.integer.any())
    has = info.primal_solution_status == 2 and found.value_valid
    if not has or status in {"infeasible", "unbounded", "unbounded or infeasible"}:
        bound = step * info.mip_dual_bound - problem.offset if mixed else -np.inf
        return Solution(status, None, np.nan, bound, seconds, int(info.mip_node_count), message=str(solver.getModelStatus()))
    x = np.array(found.col_value)
    x[problem.integer] = np.round(x[problem.integer])
    objective = float(problem.cost @ x)
    bound = step * float(info.mip_dual_bound) - problem.offset if mixed else (objective if status == "optimal" else -np.inf)
    return Solution(status, x, objective, min(bound, objective), seconds, int(info.mip_node_count), _violation(problem, x))


def _violation(problem: Problem, x: Floats) -> float:
    """Largest violation of a row or bound, relative to the row's own size."""
    rows = problem.activity(x)
    worst = [np.maximum(problem.row_low - rows, rows - problem.row_high), np.maximum(problem.low - x, x - problem.high)]
    sizes = [
        np.maximum(1.0, np.maximum(np.abs(_finite(problem.row_low)), np.abs(_finite(problem.row_high)))),
        np.maximum(1.0, np.abs(_finite(problem.high))),
    ]
    return float(max((np.max(over / size, initial=0.0) for over, size in zip(worst, sizes, strict=True)), default=0.0))


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, 0.0)
