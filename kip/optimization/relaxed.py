"""Linear relaxations that are solved again and again, each time from where they stood: with other bounds on a few rows, or another cost."""

from __future__ import annotations

from typing import TypeAlias

import highspy
import numpy as np
from numpy.typing import NDArray

from kip.optimization.kernel import load_relaxed
from kip.optimization.problem import Problem

__all__ = ["Relaxation", "Relaxed"]

Floats: TypeAlias = NDArray[np.float64]


class Relaxed:
    """The relaxation of a problem with rows of its own whose bounds change.

    Parameters
    ----------
    problem : Problem
    choices : list of arrays of int
        Columns whose sum is one choice: nothing, or one.
    """

    def __init__(self, problem: Problem, choices: list[NDArray[np.int64]]) -> None:
        self.first = problem.rows
        for columns in choices:
            row = np.zeros(problem.columns)
            row[columns] = 1.0
            problem = problem.with_row(row, low=0.0, high=1.0)
        self.solver, self.step = load_relaxed(problem)
        self.held = np.full(len(choices), -1)

    def solve(self, fixed: NDArray[np.int64]) -> tuple[float, Floats | None]:
        """Least cost and solution with some choices held.

        Parameters
        ----------
        fixed : array (choice,) of int
            0 or 1 where a choice is held, -1 where it is open.

        Returns
        -------
        (cost, solution)
            Infinite and None when nothing fits.
        """
        for choice in np.flatnonzero(fixed != self.held):
            held = fixed[choice]
            self.solver.changeRowBounds(self.first + int(choice), float(max(held, 0)), float(held if held >= 0 else 1))
        self.held = fixed.copy()
        self.solver.run()
        status = self.solver.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return float(self.solver.getInfo().objective_function_value) * self.step, np.array(self.solver.getSolution().col_value)
        if status == highspy.HighsModelStatus.kInfeasible:
            return np.inf, None
        raise ValueError(f"the linear relaxation has no answer ({status}).")


class Relaxation:
    """The relaxation of a problem, asked for one cost after another.

    Parameters
    ----------
    problem : Problem
    """

    def __init__(self, problem: Problem) -> None:
        self.columns = np.arange(problem.columns, dtype=np.int32)
        self.solver, self.step = load_relaxed(problem.with_cost(np.zeros(problem.columns)))

    def least(self, cost: Floats) -> float | None:
        """The least of a cost; None when the solver does not prove it."""
        self.solver.changeColsCost(len(self.columns), self.columns, cost / self.step)
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return float(self.solver.getInfo().objective_function_value) * self.step
