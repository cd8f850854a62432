"""A problem with more columns and rows, by sparse matrices: arrays in, arrays out."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from kip.optimization.problem import Problem

__all__ = ["elastic", "extended", "matrix_of"]

Floats: TypeAlias = NDArray[np.float64]


def matrix_of(problem: Problem) -> sp.csr_matrix:
    """Its rows as a sparse matrix."""
    return sp.csr_matrix((problem.value, problem.index, problem.start), shape=(problem.rows, problem.columns))


def extended(problem: Problem, matrix: sp.csr_matrix, tops: Floats, bounds: tuple[Floats, Floats], cost: Floats) -> Problem:
    """A problem with more columns (continuous) and more rows (at most `tops`)."""
    matrix.sort_indices()
    return replace(
        problem,
        start=matrix.indptr.astype(np.int32),
        index=matrix.indices.astype(np.int32),
        value=matrix.data.astype(float),
        row_low=np.append(problem.row_low, np.full(len(tops), -np.inf)),
        row_high=np.append(problem.row_high, tops),
        low=np.append(problem.low, bounds[0]),
        high=np.append(problem.high, bounds[1]),
        integer=np.append(problem.integer, np.zeros(len(bounds[0]), dtype=bool)),
        cost=cost,
        offset=0.0,
    )


def elastic(problem: Problem, rows: list[int]) -> Problem:
    """Some rows may be overrun, each by a column of its own at the end; the least sum of overruns is the objective."""
    count = len(rows)
    extra = sp.coo_matrix((np.full(count, -1.0), (rows, np.arange(count))), shape=(problem.rows, count))
    matrix = sp.hstack([matrix_of(problem), extra]).tocsr()
    cost = np.append(np.zeros(problem.columns), np.ones(count))
    return extended(problem, matrix, np.zeros(0), (np.zeros(count), np.full(count, np.inf)), cost)
