"""Stack: the compiled problems of several scenarios as one, with the decisions that are common to them as common columns.

Columns meet by what they mean (shift, district, year), not by their number: a scenario may lack some, and may see amounts in other steps.
What follows from the decisions (stock, carry-over, shortfall, grants) is a column of its own in each scenario.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.optimization.compiled import Compiled
from kip.optimization.problem import Problem
from kip.optimization.session import Session
from kip.optimization.study import Study

__all__ = ["Block", "Stack", "complete_columns", "stacked"]

Floats: TypeAlias = NDArray[np.float64]
Start: TypeAlias = tuple[str, str, int]
"""Shift, district, year."""


@dataclass(frozen=True)
class Block:
    """One scenario in a stack.

    Attributes
    ----------
    name : str
    study : Study
    column : array (own column,) of int
        Column of the stack.
    factor : array (own column,)
        Own value of a column for 1 of the stack's.
    row : int
        First row of it in the stack.
    """

    name: str
    study: Study
    column: NDArray[np.int64]
    factor: Floats
    row: int

    @property
    def session(self) -> Session:
        """The scenario's own session."""
        return self.study.session

    def own(self, x: Floats) -> Floats:
        """The scenario's part of a solution of the stack, as a solution of its own problem."""
        return np.asarray(x[self.column] * self.factor)

    def spread(self, own: Floats, columns: int) -> Floats:
        """Coefficients on the scenario's own columns as coefficients on the stack's."""
        row = np.zeros(columns)
        np.add.at(row, self.column, own * self.factor)
        return row


@dataclass(frozen=True)
class Stack:
    """Scenarios side by side.

    Attributes
    ----------
    problem : Problem
        Without a cost.
    blocks : tuple of Block
    common : dict of (shift, district, year) to int
        Column of each decision that is one for all.
    clashes : tuple of (start, str, str)
        Decisions that two scenarios fix to different values.
    shut : int
        Decisions that are possible in some scenarios and not in others: they are not made.
    """

    problem: Problem
    blocks: tuple[Block, ...]
    common: dict[Start, int]
    clashes: tuple[tuple[Start, str, str], ...] = ()
    shut: int = 0


def complete_columns(study: Study) -> None:
    """Give starts that stand in no row of this scenario a column all the same: in another scenario they may matter."""
    session, compiled = study.session, study.session.compiled
    frame = compiled.frame
    for cell, year in np.argwhere((frame.new != None) & (compiled.new < 0)):  # noqa: E711  elementwise on an array of objects
        item = frame.new[cell, year]
        compiled.new[cell, year] = session.problem.columns
        high = np.inf if item.ub is None else float(item.ub)
        problem = session.problem.with_columns(1, high, not item.is_continuous())
        if item.lb:
            low = problem.low.copy()
            low[-1] = float(item.lb)
            problem = replace(problem, low=low)
        session.problem = compiled.problem = problem


def stacked(names: Sequence[str], studies: Sequence[Study], until: int | None = None) -> Stack:
    """Scenarios as one problem; decisions up to and including a year are common, all of them when it is left out."""
    merge = _Merge(until)
    blocks = []
    for name, study in zip(names, studies, strict=True):
        complete_columns(study)
        blocks.append(merge.add(name, study))
    return merge.stack(tuple(blocks))


class _Merge:
    """Columns and rows of the scenarios that were added so far."""

    def __init__(self, until: int | None) -> None:
        self.until = until
        self.common: dict[Start, int] = {}
        self.step: dict[Start, float] = {}
        self.seen: list[set[Start]] = []
        self.low: list[Floats] = []
        self.high: list[Floats] = []
        self.integer: list[NDArray[np.bool_]] = []
        self.columns = 0
        self.rows = 0
        self.parts: list[tuple[Problem, NDArray[np.int64], Floats]] = []

    def add(self, name: str, study: Study) -> Block:
        """One more scenario. Only its starts are looked up; everything else gets columns of its own."""
        problem, compiled = study.session.problem, study.session.compiled
        column, factor = np.full(problem.columns, -1, dtype=np.int64), np.ones(problem.columns)
        starts = dict(_starts(compiled, self.until))
        self.seen.append(set(starts))
        for start, (own, step) in starts.items():
            if start in self.common:
                column[own], factor[own] = self.common[start], self.step[start] / step
        fresh = np.flatnonzero(column < 0)
        column[fresh] = self.columns + np.arange(len(fresh))
        for start, (own, step) in starts.items():
            self.common.setdefault(start, int(column[own]))
            self.step.setdefault(start, step)
        self.low.append(problem.low[fresh])
        self.high.append(problem.high[fresh])
        self.integer.append(problem.integer[fresh])
        block = Block(name, study, column, factor, self.rows)
        self.columns += len(fresh)
        self.rows += problem.rows
        self.parts.append((problem, column, factor))
        return block

    def stack(self, blocks: tuple[Block, ...]) -> Stack:
        """All of it as one problem."""
        low, high, integer = np.concatenate(self.low), np.concatenate(self.high), np.concatenate(self.integer)
        by_low: dict[int, str] = {}
        by_high: dict[int, str] = {}
        for block, (problem, column, factor) in zip(blocks, self.parts, strict=True):
            for own in np.flatnonzero(np.isin(column, list(self.common.values()))):
                place = int(column[own])
                below, above = problem.low[own] / factor[own], problem.high[own] / factor[own]
                if below > low[place] or place not in by_low:
                    low[place], by_low[place] = max(below, low[place]), block.name
                if above < high[place] or place not in by_high:
                    high[place], by_high[place] = min(above, high[place]), block.name
        shut = 0
        for start, place in self.common.items():
            lacking = [block.name for block, seen in zip(blocks, self.seen, strict=True) if start not in seen]
            if lacking:
                shut += 1
                high[place], by_high[place] = 0.0, lacking[0]
        clashes = []
        for start, place in self.common.items():
            if low[place] > high[place] + 1e-9 * max(1.0, abs(high[place])):
                clashes.append((start, by_low[place], by_high[place]))
            low[place] = min(low[place], high[place])
        return Stack(self._problem(low, high, integer), blocks, self.common, tuple(clashes), shut)

    def _problem(self, low: Floats, high: Floats, integer: NDArray[np.bool_]) -> Problem:
        start, entries = [np.zeros(1, dtype=np.int64)], 0
        for problem, _, _ in self.parts:
            start.append(problem.start[1:].astype(np.int64) + entries)
            entries += len(problem.value)
        return Problem(
            start=np.concatenate(start).astype(np.int32),
            index=np.concatenate([column[problem.index] for problem, column, _ in self.parts]).astype(np.int32),
            value=np.concatenate([problem.value * factor[problem.index] for problem, _, factor in self.parts]),
            row_low=np.concatenate([problem.row_low for problem, _, _ in self.parts]),
            row_high=np.concatenate([problem.row_high for problem, _, _ in self.parts]),
            low=low,
            high=high,
            integer=integer,
            cost=np.zeros(self.columns),
        )


def _starts(compiled: Compiled, until: int | None) -> list[tuple[Start, tuple[int, float]]]:
    """Decisions with their column and the units in one step of it."""
    cells = compiled.frame.cells
    return [
        ((*cells.names[cell], int(cells.years[year])), (int(compiled.new[cell, year]), float(cells.scale[cell])))
        for cell, year in np.argwhere(compiled.new >= 0)
        if until is None or int(cells.years[year]) <= until
    ]
