"""Problem: a mixed-integer linear problem as arrays, and what is made of it by another row, column or cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Problem"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """A mixed-integer linear problem: minimise ``cost · x`` with ``row_low <= A x <= row_high``, ``low <= x <= high``.

    `start`, `index`, `value` are A by rows (CSR); `integer` marks columns that must be whole; `offset` is what the cost is
    counted from: a relative gap is a share of cost and offset together, and neither objective nor bound contain it.
    """

    start: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Floats
    row_low: Floats
    row_high: Floats
    low: Floats
    high: Floats
    integer: NDArray[np.bool_]
    cost: Floats
    offset: float = 0.0

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.low)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.row_low)

    def with_cost(self, cost: Floats, offset: float = 0.0) -> Problem:
        """The same rows with another objective."""
        return replace(self, cost=cost, offset=offset)

    def with_row(self, coefficients: Floats, low: float = -np.inf, high: float = np.inf) -> Problem:
        """One more row, from coefficients on all columns."""
        index = np.flatnonzero(coefficients).astype(np.int32)
        return replace(
            self,
            start=np.append(self.start, np.int32(self.start[-1] + len(index))).astype(np.int32),
            index=np.concatenate([self.index, index]),
            value=np.concatenate([self.value, coefficients[index]]),
            row_low=np.append(self.row_low, low),
            row_high=np.append(self.row_high, high),
        )

    def with_rows(self, index: NDArray[np.int64], value: Floats, low: Floats) -> Problem:
        """More rows at once, each with as many entries, at or above `low`; index and value as (row, entry)."""
        ends = self.start[-1] + index.shape[1] * np.arange(1, len(index) + 1)
        return replace(
            self,
            start=np.concatenate([self.start, ends]).astype(np.int32),
            index=np.concatenate([self.index, index.ravel()]).astype(np.int32),
            value=np.concatenate([self.value, value.ravel()]),
            row_low=np.concatenate([self.row_low, low]),
            row_high=np.concatenate([self.row_high, np.full(len(index), np.inf)]),
        )

    def with_columns(self, count: int, high: float = 1.0, integer: bool = True) -> Problem:
        """More columns at the end, from 0 to `high`, in no row and at no cost yet."""
        return replace(
            self,
            low=np.append(self.low, np.zeros(count)),
            high=np.append(self.high, np.full(count, high)),
            integer=np.append(self.integer, np.full(count, integer)),
            cost=np.append(self.cost, np.zeros(count)),
        )

    def with_rows_scaled(self, rows: NDArray[np.int64], factor: float) -> Problem:
        """Some rows in smaller steps: the solver's absolute tolerance then means less."""
        value, low, high = self.value.copy(), self.row_low.copy(), self.row_high.copy()
        for row in rows:
            value[self.start[row] : self.start[row + 1]] *= factor
        low[rows] *= factor
        high[rows] *= factor
        return replace(self, value=value, row_low=low, row_high=high)

    def with_rows_tightened(self, rows: NDArray[np.int64], by: Floats) -> Problem:
        """Some rows with their bounds moved inwards, in units of the row's present step."""
        low, high = self.row_low.copy(), self.row_high.copy()
        low[rows] += by
        high[rows] -= by
        return replace(self, row_low=low, row_high=high)

    def activity(self, x: Floats) -> Floats:
        """``A x``."""
        terms = np.append(self.value * x[self.index], 0.0)
        return np.where(np.diff(self.start) > 0, np.add.reduceat(terms, np.minimum(self.start[:-1], len(terms) - 1)), 0.0)
