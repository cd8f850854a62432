"""Solving a block of scenarios of one compiled plan: every scenario starts from the middle's answer, and from nothing else.

A linear plan keeps one HiGHS, is handed the arrays of each scenario and the middle's basis. That was measured against changing
costs, bounds and coefficients in place: it is as fast, since the arrays pass in a tenth of a millisecond, and nothing of one
scenario is left for the next, so a scenario has the same answer in whatever block, order or process it is solved. With whole
decisions each solve is a fresh HiGHS; where there are many of them it is told the middle's answer.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import highspy
import numpy as np
from numpy.typing import NDArray

from kip.optimization.kernel import SMALL, Options, Solution, hand_over, load_relaxed, solve
from kip.optimization.nearby import solve_nearby
from kip.optimization.problem import Problem
from kip.optimization.question import Limits
from kip.sweeps.patched import PARTS, Patched, with_arrays

__all__ = ["Hot", "Solved"]

Floats: TypeAlias = NDArray[np.float64]

_SMALL = 100
"""Whole decisions up to which heuristics, cuts and a start cost more than they give."""

_FROM_A_BASIS = {"simplex_dual_edge_weight_strategy": 1, "simplex_scale_strategy": 0}
"""From a basis that is nearly right, exact edge weights cost more than they save (Devex does), and kip's arrays are scaled already:
together a third less than HiGHS's defaults on 40 shifts × 6 years and on 200 × 20."""

_ENDED = ("infeasible", "unbounded", "interrupted")

_WORDS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kTimeLimit: "time_limit",
}


@dataclass
class Solved:
    """Solutions of a block.

    Attributes
    ----------
    x : array (column, scenario)
        NaN where there is none.
    status : list of str
        "optimal", "time_limit", "infeasible", "unbounded", "interrupted" (those after it were not asked), or "" for what should be
        solved in another way.
    objective, bound : array (scenario,)
        Of the minimised cost, in the problem's steps, without its constant.
    seconds : array (scenario,)
    """

    x: Floats
    status: list[str]
    objective: Floats
    bound: Floats
    seconds: Floats


class Hot:
    """A patched plan in a solver.

    Parameters
    ----------
    patched : Patched
    limits : Limits
    shortfall : bool
        Whether the least shortfall comes first; the problem's last row holds it.
    """

    def __init__(self, patched: Patched, limits: Limits, shortfall: bool) -> None:
        self.patched, self.limits, self.shortfall = patched, limits, shortfall
        centre = patched.problem(patched.centre)
        self.integer = bool(centre.integer.any())
        self.wish = _shortfall_cost(patched) if shortfall else np.zeros(0)
        self._start(centre)

    def __getstate__(self) -> dict[str, Any]:
        """Without the solver, and without the patched plan, which the engine gives back."""
        left = {"patched", "solver"} if self.integer else {"patched", "solver", "begin"}
        return {name: value for name, value in self.__dict__.items() if name not in left}

    def wake(self, patched: Patched) -> None:
        """Be ready again in another process: the middle of a linear plan is solved again, which gives the same basis."""
        self.patched = patched
        if not self.integer:
            self._start(patched.problem(patched.centre))

    def _start(self, centre: Problem) -> None:
        """Solve the middle: its basis, or its whole decisions, are where the others begin."""
        self.begin: list[Any] = []
        self.step = 1.0
        if self.integer:
            first, second = self._mixed(centre, None)
            self.begin = [None if one is None or one.x is None else np.where(centre.integer, one.x, np.nan) for one in (first, second)]
            return
        self.solver, self.step = load_relaxed(centre)
        if self.limits.time_limit is not None:
            self.solver.setOptionValue("time_limit", float(self.limits.time_limit))
        self.solver.setOptionValue("random_seed", int(self.limits.seed))
        for name, value in _FROM_A_BASIS.items():
            self.solver.setOptionValue(name, value)
        bases = []
        for cost in (self.wish, centre.cost) if self.shortfall else (centre.cost,):
            hand_over(self.solver, replace(centre, cost=cost, offset=0.0), self.step)
            self.solver.run()
            bases.append(self.solver.getBasis() if self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal else None)
        self.begin = bases if self.shortfall else [None, *bases]

    def solve(self, weights: Floats) -> Solved:
        """Solve each scenario of a block, whose terms count for `weights`."""
        count = weights.shape[1]
        parts = [(name, *self.patched.part(name, weights)) for name in PARTS]
        arrays = {name: self.patched.origin(name) for name in PARTS}
        constant = self.patched.whole("constant", weights)[0]
        problem = with_arrays(self.patched.layout.problem, arrays, 0.0)
        x = np.full((problem.columns, count), np.nan)
        solved = Solved(x, [""] * count, *(np.full(count, np.nan) for _ in range(3)))
        for place in range(count):
            began = time.perf_counter()
            for name, where, numbers in parts:
                if where.size:
                    arrays[name][where] = numbers[:, place]
            if self.integer:
                self._one_mixed(replace(problem, offset=float(constant[place])), place, solved)
            else:
                self._one_linear(problem, place, solved)
            solved.seconds[place] = time.perf_counter() - began
            if solved.status[place] == "interrupted":
                break
        return solved

    def _one_linear(self, problem: Problem, place: int, solved: Solved) -> None:
        if self.shortfall:
            problem = replace(problem, row_high=problem.row_high.copy())
            if self._linear(replace(problem, cost=self.wish), self.begin[0]) != "optimal":
                solved.status[place] = self._status()
                return
            reached = self.solver.getInfo().objective_function_value * self.step
            problem.row_high[-1] = reached + 1e-9 * max(1.0, reached)
        solved.status[place] = self._linear(problem, self.begin[1])
        if solved.status[place] == "optimal":
            found = np.array(self.solver.getSolution().col_value)
            solved.x[:, place] = found
            solved.objective[place] = solved.bound[place] = float(problem.cost @ found)

    def _linear(self, problem: Problem, basis: Any) -> str:
        hand_over(self.solver, problem, self.step)
        if basis is not None:
            self.solver.setBasis(basis)
        self.solver.run()
        return self._status()

    def _status(self) -> str:
        return _WORDS.get(self.solver.getModelStatus(), "")

    def _one_mixed(self, problem: Problem, place: int, solved: Solved) -> None:
        first, solution = self._mixed(problem, self.begin)
        if solution is None:
            solved.status[place] = first.status if first is not None and first.status in _ENDED else ""
            return
        solved.status[place] = solution.status if solution.status in {"optimal", "time_limit", *_ENDED} else ""
        if solution.x is not None:
            solved.x[:, place] = solution.x
            solved.objective[place], solved.bound[place] = solution.objective, solution.bound

    def _mixed(self, problem: Problem, begin: list[Any] | None) -> tuple[Solution | None, Solution | None]:
        """The solution of the least shortfall, where it comes first, and that of the question."""
        small = int(problem.integer.sum()) <= _SMALL
        settings, begin = (SMALL, None) if small else ({}, begin)
        seconds = np.inf if self.limits.time_limit is None else self.limits.time_limit
        options = Options(gap=self.limits.gap, seed=self.limits.seed, time_limit=seconds, settings=settings)
        first = None
        if self.shortfall:
            nearest = replace(options, gap=min(1e-6, self.limits.gap), begin=None if begin is None else begin[0])
            first = solve(problem.with_cost(self.wish), nearest)
            if first.x is None or first.status != "optimal":
                return first, None
            row_high = problem.row_high.copy()
            row_high[-1] = first.objective + 1e-9 * max(1.0, first.objective)
            problem = replace(problem, row_high=row_high)
            options = replace(options, time_limit=max(0.0, seconds - first.seconds))
        start = None if begin is None else begin[1]
        return first, (solve if start is None else solve_nearby)(problem, replace(options, begin=start))


def _shortfall_cost(patched: Patched) -> Floats:
    """The sum of what targets lack, as a cost."""
    there = patched.layout.compiled.shortfall
    cost = np.zeros(patched.layout.problem.columns)
    cost[there[there >= 0]] = 1.0
    return cost
