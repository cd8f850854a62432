"""What is left of a problem when only costs below a cutoff are of interest."""

from __future__ import annotations

from dataclasses import replace

import highspy
import numpy as np

from kip.optimization.kernel import load_relaxed
from kip.optimization.problem import Problem

__all__ = ["narrowed"]


def narrowed(problem: Problem, cutoff: float) -> Problem | None:
    """What is left below a cutoff: columns may not move to where the relaxation proves that it costs too much; None when nothing is left.

    Reduced-cost fixing: a column at a bound with reduced cost d makes any solution that moves it cost at least the relaxed cost
    plus the size of d.
    """
    solver, step = load_relaxed(problem)
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return None
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return problem
    least = float(solver.getInfo().objective_function_value) * step - problem.offset
    room = cutoff - least + 1e-7 * max(1.0, abs(cutoff))
    if room < 0:
        return None
    reduced = np.array(solver.getSolution().col_dual) * step
    size = np.abs(reduced)
    reach = np.where(size > 1e-9, room / np.where(size > 1e-9, size, 1.0), np.inf)
    whole = problem.integer
    reach = np.where(whole, np.floor(reach + 1e-9), reach)
    # a column without a bound on a side is never held at it
    up, down = (reduced > 0) & np.isfinite(problem.low), (reduced < 0) & np.isfinite(problem.high)
    high = np.where(up, np.minimum(problem.high, np.where(up, problem.low, 0.0) + reach), problem.high)
    low = np.where(down, np.maximum(problem.low, np.where(down, problem.high, 0.0) - reach), problem.low)
    return replace(problem, low=low, high=high).with_row(problem.cost, high=cutoff)
