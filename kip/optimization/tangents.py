"""Log outer approximation in a session: the exact product of a solution, the tangents that it lacks, and whether it keeps its rows.

A class that is cut by tangents is never held below its product, only above some tangents of it: a solution's own objective is
a bound, and its exact count is what it gives. Each solution adds the tangents at its own L; a set of decisions that comes back
is then exact, so the search ends (Duran and Grossmann 1986; Fletcher and Leyffer 1994).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.optimization.compiled import Compiled
from kip.optimization.kernel import Options, solve
from kip.optimization.problem import Problem

__all__ = ["Tangents"]

Floats: TypeAlias = NDArray[np.float64]

_EXACT = 1e-9
"""A class counts as exact when its solution is this close to the product [1]."""

_KEPT = 1e-6
"""How far an exact solution may be over a row, relative to the row's size: what the solver itself allows."""

_ROUNDS = 3

_FAN_STEP = 0.08
_FAN = tuple(_FAN_STEP * place for place in (-2, -1, 1, 2))
"""Tangents beside the relaxed solution: at a spacing h the product is at most h²/8 below (0.08 %)."""


class Tangents:
    """The classes of a compiled plan that are cut by tangents.

    Parameters
    ----------
    compiled : Compiled
    """

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        # what weighs nothing anywhere has no column
        self.cut = (compiled.logs >= 0) & (compiled.scaled >= 0)
        self.columns = compiled.scaled[self.cut]
        self.log_columns = compiled.logs[self.cut]
        self.warmed = False
        self.added = 0

    @property
    def needed(self) -> bool:
        """Whether anything is cut by tangents."""
        return bool(self.cut.any())

    def product(self, x: Floats) -> tuple[Floats, Floats]:
        """L, and what is left in the solver's steps, of every class for a solution: two arrays (factor, year)."""
        frame = self.compiled.frame
        cells, scaled = frame.cells, frame.cells.scaled
        new = np.where(self.compiled.new >= 0, x[self.compiled.new], 0.0)
        stock = np.where(self.compiled.stock >= 0, x[self.compiled.stock], 0.0) * cells.scale[:, None]
        alive = np.einsum("cu,cuy->cy", new, frame.inputs["in_use_years"].values[cells.shift])
        logs, left = np.zeros(self.compiled.scaled.shape), np.zeros(self.compiled.scaled.shape)
        for row, factor in enumerate(scaled.factors):
            for cell, log in factor.logs.items():
                logs[row] += new[cell] @ log
            for pair in factor.pairs:
                logs[row] += pair.log * np.maximum(0.0, alive[pair.one] + alive[pair.two] - 1.0)
            remains = np.ones(cells.shape[1])
            if factor.moved:
                remains = (factor.mix * factor.amount).sum(axis=0)
                for mix, segment in zip(factor.mix, factor.segments, strict=True):
                    remains = remains + sum(mix * units * stock[cell] for cell, units in scaled.moves[segment])
            left[row] = np.exp(logs[row]) * remains / factor.step
        return logs, left

    def complete(self, x: Floats, data: xr.Dataset) -> Floats:
        """The solution with the product as it is, and the shortfalls that follow from it."""
        logs, left = self.product(x)
        full = x.copy()
        there = self.compiled.scaled >= 0
        full[self.compiled.scaled[there]] = left[there]
        full[self.log_columns] = logs[self.cut]
        where = self.compiled.shortfall >= 0
        full[self.compiled.shortfall[where]] = data["shortfall"].values[where] / self.compiled.frame.scales.tonnes
        return full

    def keeps(self, problem: Problem, x: Floats) -> bool:
        """Whether an exact solution keeps every row that what is left, or a shortfall, stands in."""
        rows = np.repeat(np.arange(problem.rows), np.diff(problem.start))
        mine = np.zeros(problem.columns, dtype=bool)
        mine[self.columns] = mine[self.compiled.shortfall[self.compiled.shortfall >= 0]] = True
        asked = np.unique(rows[mine[problem.index]])
        value = problem.activity(x)[asked]
        low, high = problem.row_low[asked], problem.row_high[asked]
        over = np.maximum(np.where(np.isfinite(low), low - value, 0.0), np.where(np.isfinite(high), value - high, 0.0))
        ends = np.maximum(np.where(np.isfinite(low), np.abs(low), 0.0), np.where(np.isfinite(high), np.abs(high), 0.0))
        return bool(np.all(over <= _KEPT * np.maximum(1.0, ends)))

    def missing(self, x: Floats, tolerance: float = _EXACT) -> list[tuple[int, int, float]]:
        """Classes and years in which a solution is below its product, with the L at which a tangent is missing."""
        logs = np.where(self.cut, x[self.compiled.logs], 0.0)
        below = np.where(self.cut, np.exp(logs) - x[self.compiled.scaled], 0.0)
        return [(int(row), int(index), float(logs[row, index])) for row, index in np.argwhere(below > tolerance)]

    def at(self, x: Floats) -> list[tuple[int, int, float]]:
        """The tangents at a solution's exact L, where it does not have them yet."""
        logs, left = self.product(x)
        below = np.where(self.cut, left - x[self.compiled.scaled], 0.0)
        return [(int(row), int(index), float(logs[row, index])) for row, index in np.argwhere(below > _EXACT)]

    def add(self, problem: Problem, points: list[tuple[int, int, float]]) -> Problem:
        """A problem with more tangents: ``F - exp(L_j) L >= exp(L_j) (1 - L_j)``."""
        rows = np.array([row for row, _, _ in points], dtype=int)
        years = np.array([index for _, index, _ in points], dtype=int)
        at = np.array([point for _, _, point in points], dtype=float)
        slope = np.exp(at)
        index = np.column_stack([self.compiled.scaled[rows, years], self.compiled.logs[rows, years]])
        value = np.column_stack([np.ones(len(points)), -slope])
        return problem.with_rows(index, value, slope * (1.0 - at))

    def warm(self, problem: Problem, seconds: float) -> list[tuple[int, int, float]]:
        """Tangents of a few rounds on the linear relaxation: cheap, and most of what the search needs."""
        points: list[tuple[int, int, float]] = []
        relaxed = replace(problem, integer=np.zeros(problem.columns, dtype=bool))
        for _ in range(_ROUNDS):
            solution = solve(relaxed, Options(time_limit=seconds))
            if solution.x is None:
                break
            more = self.missing(solution.x, 1e-5)
            if not more:
                break
            points += more
            relaxed = self.add(relaxed, more)
        self.warmed = True
        if solution.x is not None:
            # whole decisions lie around the relaxed ones: a fan of tangents there saves a second search
            logs = np.where(self.cut, solution.x[self.compiled.logs], 0.0)
            points += [
                (int(row), int(index), float(logs[row, index] + step))
                for row, index in np.argwhere(self.cut & (logs < -_FAN_STEP))
                for step in _FAN
                if logs[row, index] + step <= 0.0
            ]
        return points
