"""The arrays of a compiled plan once more with other numbers, without another Pyomo model.

The rules are those of `kip.optimization.constraints`, asked with the variables of the first model; only making and compiling Pyomo's
own objects is left out, which is most of the time. For plans of shifts, money, resources and targets; bounds that are written where
variables are made are written here a second time, so whoever uses it compares it with a compiled model first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kip.optimization.cells import find_cells
from kip.optimization.compiled import Compiled, RowName
from kip.optimization.constraints import CONSTRAINTS
from kip.optimization.frame import Frame

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["OtherShape", "rows_again"]

Floats: TypeAlias = NDArray[np.float64]


class OtherShape(Exception):
    """The numbers make a plan with other rows or columns."""


def rows_again(compiled: Compiled, inputs: xr.Dataset) -> Compiled:
    """A compiled plan with the numbers of other inputs, in the same steps.

    Parameters
    ----------
    compiled : Compiled
        From a model of the same plan and question.
    inputs : xarray.Dataset
        From `build_inputs`, of the same plan with other numbers.

    Raises
    ------
    OtherShape
        When a row or column comes or goes.
    """
    base = compiled.frame
    cells = find_cells(inputs, base.cells)
    same = all(np.array_equal(getattr(cells, name), getattr(base.cells, name)) for name in ("shift", "place", "whole", "counted", "years"))
    if not same or inputs["locked"].values.any():
        raise OtherShape("other shifts, places or years, or something decided.")
    frame = replace(base, inputs=inputs, cells=cells, steps=dict(base.steps))
    names, low, high, matrix = _rows(frame, compiled)
    if names != compiled.rows:
        raise OtherShape("other rows.")
    problem = replace(
        compiled.problem,
        start=matrix.indptr.astype(np.int32),
        index=matrix.indices.astype(np.int32),
        value=matrix.data,
        row_low=low,
        row_high=high,
        high=_upper_bounds(frame, compiled),
    )
    again = Compiled(frame, problem, compiled.columns, names)
    return again


def _rows(frame: Frame, compiled: Compiled) -> tuple[list[RowName], Floats, Floats, Any]:
    names: list[RowName] = []
    low: list[float] = []
    high: list[float] = []
    counts: list[int] = []
    coefficients: list[float] = []
    variables: list[Any] = []
    for name, rows_of in CONSTRAINTS.items():
        for index, below, body, above in rows_of(frame):
            lower, upper = -np.inf if below is None else below, np.inf if above is None else above
            if not body.linear_vars:
                if lower > 0 or upper < 0:
                    raise OtherShape("a rule that nothing can keep.")
                continue
            if np.isinf(lower) and np.isinf(upper):
                continue
            names.append((name, index))
            low.append(lower)
            high.append(upper)
            counts.append(len(body.linear_vars))
            coefficients += body.linear_coefs
            variables += body.linear_vars
    try:
        columns = [compiled.columns[id(item)] for item in variables]
    except KeyError:
        raise OtherShape("a column that was in no row.") from None
    row = np.repeat(np.arange(len(names)), counts)
    matrix = csr_matrix((np.array(coefficients, dtype=float), (row, columns)), shape=(len(names), compiled.problem.columns))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return names, np.array(low, dtype=float), np.array(high, dtype=float), matrix


def _upper_bounds(frame: Frame, compiled: Compiled) -> Floats:
    """Upper bounds as they are written where the variables are made; those that never bind stay as they were."""
    cells, inputs = frame.cells, frame.inputs
    high = compiled.problem.high.copy()
    ramp = inputs["ramp"].values[cells.shift]
    most = np.minimum(cells.potential.max(axis=1, initial=0.0)[:, None], ramp) / cells.scale[:, None]
    there = compiled.new >= 0
    possible = frame.new != None  # noqa: E711  elementwise on an array of objects
    if np.any(possible & ~(cells.may_start & (most > 0))):
        raise OtherShape("something can no longer start.")
    parts = there & ~cells.whole[:, None]
    high[compiled.new[parts]] = most[parts]
    high[compiled.stock[compiled.stock >= 0]] = (cells.potential / cells.scale[:, None])[compiled.stock >= 0]
    for row, item in enumerate(frame.credited):
        if item is not None and id(item) in compiled.columns:
            high[compiled.columns[id(item)]] = inputs["target_complementary"].values[row] / frame.scales.tonnes
    return high
