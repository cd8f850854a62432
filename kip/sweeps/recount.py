"""Counting a block of scenarios at once: outcomes from what starts, and whether the solver's answers may be believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kip.accounting.measures import parse_measure
from kip.accounting.rules import MONEY_TOLERANCE
from kip.optimization.frame import measure_scale
from kip.sweeps.patched import Patched

__all__ = ["Counted", "Recount"]

Floats: TypeAlias = NDArray[np.float64]

_AT_ONCE = 32

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
        self.targets = inputs.sizes["target"]
        self.step = cells.scale[cell]
        self.whole = (cells.whole | cells.counted)[cell]
        self.outcome = patched.table("outcome")
        self.emission, self.credit = patched.table("emission"), patched.table("credit")
        ones = np.ones(len(cell))
        self.by_shift = csr_matrix((ones, (cells.shift[cell], np.arange(len(cell)))), shape=(inputs.sizes["shift"], len(cell)))
        self.in_use, self.stock = self._in_use(cell, year)
        problem = layout.problem
        self.row_of = np.repeat(np.arange(problem.rows), np.diff(problem.start))
        self.matrix = csr_matrix((patched.origin("value"), problem.index, problem.start), shape=(problem.rows, problem.columns))
        self._rows()
        high = patched.origin("row_high")
        if len(compiled.rows) < problem.rows:
            # the row that holds the shortfall has its bound from each scenario
            high[-1] = np.inf
        self.rows = _Bounds(patched.origin("row_low"), high)
        self.columns = _Bounds(patched.origin("low"), patched.origin("high"))

    def __getstate__(self) -> dict[str, Any]:
        """Without the patched plan, which the engine gives back."""
        return {name: value for name, value in self.__dict__.items() if name != "patched"}

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
        self.rows_of_money = np.flatnonzero(self.money)

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
        targets = self.targets
        emitted = _summed(self.emission, targets, units, weights) + self.patched.whole("emission_constant", weights)
        credited = np.minimum(_summed(self.credit, targets, units, weights), self.patched.whole("credit_most", weights))
        return np.asarray(np.maximum(0.0, emitted - credited - self.patched.whole("allowed", weights)).sum(axis=0))

    def _broken(self, exact: Floats, weights: Floats) -> Floats:
        """By how much the worst row or bound is broken, in what it may be; a few scenarios at a time, so that they fit the cache."""
        parts = {name: self.patched.part(name, weights) for name in ("value", "row_low", "row_high", "low", "high")}
        worst = np.zeros(exact.shape[1])
        for first in range(0, exact.shape[1], _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            moved = {name: (places, numbers[:, some]) for name, (places, numbers) in parts.items()}
            mine = np.ascontiguousarray(exact[:, some])
            columns = self.columns.over(mine, moved["low"], moved["high"]).max(axis=0, initial=0.0)
            worst[some] = np.maximum(columns, self._rows_broken(mine, moved))
        return worst

    def _rows_broken(self, exact: Floats, moved: dict[str, tuple[NDArray[np.int64], Floats]]) -> Floats:
        activity = np.asarray(self.matrix @ exact)
        places, numbers = moved["value"]
        if places.size:
            problem = self.patched.layout.problem
            change = (numbers - self.matrix.data[places][:, None]) * exact[problem.index[places]]
            into = csr_matrix((np.ones(len(places)), (self.row_of[places], np.arange(len(places)))), shape=(problem.rows, len(places)))
            activity += into @ change
        share = self.rows.over(activity, moved["row_low"], moved["row_high"])
        high, low = (self._bounds(self.rows_of_money, name, moved) for name in ("row_high", "row_low"))
        over = np.maximum(low - activity[self.rows_of_money], activity[self.rows_of_money] - high) * self.money[self.rows_of_money][:, None]
        allowed = _slack(_finite(high, low) * self.money[self.rows_of_money][:, None])
        share[self.rows_of_money] = over / allowed
        worst = share.max(axis=0, initial=0.0)
        for rows in self.budgets.values():
            # a little in each of many years is together more than a little
            where = np.searchsorted(self.rows_of_money, rows)
            together = np.maximum(over[where], 0.0).sum(axis=0)
            worst = np.maximum(worst, together / allowed[where].max(axis=0, initial=1e-9))
        return np.asarray(worst)

    def _bounds(self, rows: NDArray[np.int64], name: str, moved: dict[str, tuple[NDArray[np.int64], Floats]]) -> Floats:
        """One side of some rows in each scenario."""
        places, numbers = moved[name]
        found = np.repeat(self.patched.origin(name)[rows][:, None], numbers.shape[1], axis=1)
        mine = np.isin(rows, places)
        found[mine] = numbers[np.searchsorted(places, rows[mine])]
        return np.asarray(found)


class _Bounds:
    """Lower and upper bounds, most of which are the same in every scenario."""

    def __init__(self, low: Floats, high: Floats) -> None:
        self.low, self.high = low[:, None], high[:, None]
        self.weight = 1.0 / (_KEPT * np.maximum(1.0, np.maximum(_finite(low), _finite(high))))[:, None]

    def over(self, values: Floats, low: tuple[NDArray[np.int64], Floats], high: tuple[NDArray[np.int64], Floats]) -> Floats:
        """By how much values are outside, in what they may be; the bounds that move are given as places and numbers."""
        above, below = values - self.high, self.low - values
        above[high[0]] = values[high[0]] - high[1]
        below[low[0]] = low[1] - values[low[0]]
        np.maximum(above, below, out=above)
        above *= self.weight
        apart = ~np.isin(low[0], high[0])
        for places, numbers in ((low[0][apart], low[1][apart]), high):
            above[places] *= 1.0 / (_KEPT * np.maximum(1.0, _finite(numbers))) / self.weight[places]
        return above


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
    size = np.abs(limits)
    return np.where(size < 1.0, np.minimum(MONEY_TOLERANCE, np.maximum(1e-9, 1e-6 * size)), MONEY_TOLERANCE)
