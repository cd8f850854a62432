"""Counting a block of scenarios at once: outcomes from what starts, and whether the solver's answers may be believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kip.accounting.measures import parse_measure
from kip.accounting.rules import slack
from kip.optimization.frame import measure_scale
from kip.sweeps.patched import Patched

__all__ = ["Counted", "Recount"]

Floats: TypeAlias = NDArray[np.float64]

_KEPT = 1e-6
"""How far a row may be broken, relative to its size, before the answer is sought again: what a solver can hold."""


@dataclass(frozen=True)
class Counted:
    """What was counted for a block.

    Attributes
    ----------
    outcome : array (measure, scenario)
    level : array (shift, scenario)
    broken : array of float (scenario,)
        By how much the worst row is broken, in what it may be broken by: above 1 the answer is not taken.
    """

    outcome: Floats
    level: Floats
    broken: Floats


class Recount:
    """The tables of a patched plan, ready to be multiplied with what starts.

    What is in use is added up again from what starts, so that a solver's rounding in between is not carried on. A limit of money is
    held to half a krona (§12), all else to a millionth of its size.
    """

    def __init__(self, patched: Patched) -> None:
        self.patched = patched
        compiled, layout = patched.layout.compiled, patched.layout
        cells, inputs = compiled.frame.cells, compiled.frame.inputs
        cell, year = layout.starts.T if len(layout.starts) else (np.zeros(0, dtype=int), np.zeros(0, dtype=int))
        self.step = cells.scale[cell]
        self.whole = (cells.whole | cells.counted)[cell]
        self.outcome = patched.table("outcome")
        self.emission, self.credit = patched.table("emission"), patched.table("credit")
        ones = np.ones(len(cell))
        self.by_shift = csr_matrix((ones, (cells.shift[cell], np.arange(len(cell)))), shape=(inputs.sizes["shift"], len(cell)))
        self.in_use, self.stock = self._in_use(cell, year)
        self.row_of = np.repeat(np.arange(layout.problem.rows), np.diff(layout.problem.start))
        self._rows()

    def _in_use(self, cell: NDArray[np.int64], year: NDArray[np.int64]) -> tuple[csr_matrix, NDArray[np.int64]]:
        """What is in use of what starts, as a matrix (column of a stock, start), and those columns."""
        compiled = self.patched.layout.compiled
        effect = compiled.frame.inputs["effect"].values[compiled.frame.cells.shift[cell], year] if len(cell) else np.zeros((0, 0))
        start, when = np.nonzero(effect)
        column = compiled.stock[cell[start], when] if len(cell) else np.zeros(0, dtype=int)
        kept = column >= 0
        columns = np.unique(compiled.stock[compiled.stock >= 0])
        row = np.searchsorted(columns, column[kept])
        matrix = csr_matrix((effect[start, when][kept], (row, start[kept])), shape=(len(columns), len(cell)))
        return matrix, columns

    def _rows(self) -> None:
        """Rows of money, with what one of their steps is worth; yearly rows of a budget belong together."""
        compiled = self.patched.layout.compiled
        frame = compiled.frame
        self.money = np.zeros(self.patched.layout.problem.rows)
        self.budgets: dict[str, list[int]] = {}
        for row, (rule, index) in enumerate(compiled.rows):
            if rule == "budget":
                self.money[row] = frame.scales.money
                self.budgets.setdefault(str(index[0]), []).append(row)
            elif rule == "limit":
                measure = parse_measure(str(index[0]), frame.inputs)
                if measure.unit == frame.inputs.attrs["currency"]:
                    self.money[row] = measure_scale(measure.unit, frame)

    def count(self, x: Floats, weights: Floats) -> Counted:
        """Outcomes and levels of solutions (column, scenario), and how well they keep their rows."""
        layout = self.patched.layout
        steps = x[layout.columns]
        steps = np.where(self.whole[:, None], np.round(steps), np.where(steps < 1e-9, 0.0, steps)) + 0.0
        units = steps * self.step[:, None]
        outcome = _summed(self.outcome, len(self.patched.measures), units, weights) + self.patched.whole("outcome_constant", weights)
        for row, measure in enumerate(self.patched.measures):
            if measure.base == "shortfall":
                outcome[row] = self._shortfall(units, weights)
        exact = x.copy()
        exact[layout.columns] = steps
        exact[self.stock] = self.in_use @ steps
        return Counted(outcome, np.asarray(self.by_shift @ units), self._broken(exact, weights))

    def _shortfall(self, units: Floats, weights: Floats) -> Floats:
        """What the targets lack, each with what complementary measures may count for."""
        targets = self.patched.layout.compiled.frame.inputs.sizes["target"]
        emitted = _summed(self.emission, targets, units, weights) + self.patched.whole("emission_constant", weights)
        credited = np.minimum(_summed(self.credit, targets, units, weights), self.patched.whole("credit_most", weights))
        return np.asarray(np.maximum(0.0, emitted - credited - self.patched.whole("allowed", weights)).sum(axis=0))

    def _broken(self, exact: Floats, weights: Floats) -> Floats:
        problem = self.patched.layout.problem
        matrix = csr_matrix((self.patched.origin("value"), problem.index, problem.start), shape=(problem.rows, problem.columns))
        activity = np.asarray(matrix @ exact)
        places, numbers = self.patched.part("value", weights)
        if places.size:
            change = (numbers - self.patched.origin("value")[places][:, None]) * exact[problem.index[places]]
            into = csr_matrix((np.ones(len(places)), (self.row_of[places], np.arange(len(places)))), shape=(problem.rows, len(places)))
            activity = activity + into @ change
        low, high = self.patched.whole("row_low", weights), self.patched.whole("row_high", weights)
        if len(self.patched.layout.compiled.rows) < problem.rows:
            # the row that holds the shortfall has its bound from each scenario
            high[-1] = np.inf
        over = np.maximum(low - activity, activity - high)
        size = np.maximum(1.0, np.maximum(_finite(low), _finite(high)))
        share = over / (_KEPT * size)
        for row in np.flatnonzero(self.money):
            share[row] = over[row] * self.money[row] / _slack(_finite(high[row], low[row]) * self.money[row])
        for rows in self.budgets.values():
            together = np.maximum(over[rows], 0.0).sum(axis=0) * self.money[rows[0]]
            share[rows[0]] = np.maximum(share[rows[0]], together / _slack(_finite(high[rows]).max(axis=0) * self.money[rows[0]]))
        worst = np.max(share, axis=0, initial=0.0)
        lows, highs = self.patched.whole("low", weights), self.patched.whole("high", weights)
        outside = np.maximum(lows - exact, exact - highs) / (_KEPT * np.maximum(1.0, _finite(highs)))
        return np.asarray(np.maximum(worst, np.max(outside, axis=0, initial=0.0)))


def _summed(table: tuple[csr_matrix, list[int]], rows: int, units: Floats, weights: Floats) -> Floats:
    """A table times what starts, each term as much as it counts for, as (row, scenario)."""
    matrix, terms = table
    parts = np.asarray(matrix @ units).reshape(1 + len(terms), rows, units.shape[1])
    found = parts[0].copy()
    for part, term in zip(parts[1:], terms, strict=True):
        found += part * weights[term]
    return np.asarray(found)


def _finite(values: Floats, other: Floats | None = None) -> Floats:
    """Sizes, an infinite one as 0."""
    size = np.asarray(np.where(np.isfinite(values), np.abs(values), 0.0))
    return size if other is None else np.asarray(np.maximum(size, _finite(other)))


def _slack(limits: Floats) -> Floats:
    """As `kip.accounting.rules.slack`, of many limits."""
    return np.array([slack(float(limit)) for limit in np.atleast_1d(limits)])
