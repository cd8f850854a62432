"""The arrays of a compiled plan once more with other numbers, without another Pyomo model.

The rules are those of `kip.optimization.constraints`, asked with the variables of the first model; only making and compiling Pyomo's
own objects is left out, which is most of the time. For plans of shifts, money, resources and targets; bounds that are written where
variables are made are written here a second time, so whoever uses it compares it with a compiled model first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kip.optimization.cells import find_cells
from kip.optimization.compiled import Compiled, RowName
from kip.optimization.constraints import CONSTRAINTS
from kip.optimization.frame import Frame

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["OtherShape", "RowsAgain"]

Floats: TypeAlias = NDArray[np.float64]


class OtherShape(Exception):
    """The numbers make a plan with other rows or columns."""


class RowsAgain:
    """The arrays of a compiled plan, again and again with other numbers.

    A rule is asked again only when something that it reads has changed; what it gave last is kept.

    Parameters
    ----------
    compiled : Compiled
        From a model of the same plan and question.
    """

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.known: dict[str, _Asked] = {}

    def compiled_with(self, inputs: xr.Dataset) -> Compiled:
        """The plan compiled with the numbers of other inputs, in the same steps.

        Parameters
        ----------
        inputs : xarray.Dataset
            From `build_inputs`, of the same plan with other numbers.

        Raises
        ------
        OtherShape
            When a row or column comes or goes.
        """
        compiled = self.compiled
        base = compiled.frame
        cells = find_cells(inputs, base.cells)
        same = all(
            np.array_equal(getattr(cells, name), getattr(base.cells, name)) for name in ("shift", "place", "whole", "counted", "years")
        )
        if not same or inputs["locked"].values.any():
            raise OtherShape("other shifts, places or years, or something decided.")
        frame = replace(base, inputs=inputs, cells=cells, steps=dict(base.steps))
        asked = [self._asked(name, frame) for name in CONSTRAINTS]
        names = [row for part in asked for row in part.names]
        if names != compiled.rows:
            raise OtherShape("other rows.")
        low, high, count, value = (np.concatenate([getattr(part, name) for part in asked]) for name in ("low", "high", "count", "value"))
        column = np.concatenate([part.column for part in asked])
        row = np.repeat(np.arange(len(names)), count)
        matrix = csr_matrix((value, (row, column)), shape=(len(names), compiled.problem.columns))
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        matrix.sort_indices()
        problem = replace(
            compiled.problem,
            start=matrix.indptr.astype(np.int32),
            index=matrix.indices.astype(np.int32),
            value=matrix.data,
            row_low=low,
            row_high=high,
            high=_upper_bounds(frame, compiled),
        )
        return Compiled(frame, problem, compiled.columns, names)

    def _asked(self, name: str, frame: Frame) -> _Asked:
        """The rows of a rule: those from before where nothing that it read has moved."""
        known = self.known.get(name)
        if known is not None and known.holds(frame):
            return known
        read = _Read(frame.inputs)
        found = _Asked(frame, read.seen)
        variables: list[Any] = []
        low: list[float] = []
        high: list[float] = []
        count: list[int] = []
        value: list[float] = []
        for index, below, body, above in CONSTRAINTS[name](replace(frame, inputs=cast("xr.Dataset", read))):
            lower, upper = -np.inf if below is None else below, np.inf if above is None else above
            if not body.linear_vars:
                if lower > 0 or upper < 0:
                    raise OtherShape("a rule that nothing can keep.")
                continue
            if np.isinf(lower) and np.isinf(upper):
                continue
            found.names.append((name, index))
            low.append(lower)
            high.append(upper)
            count.append(len(body.linear_vars))
            value += body.linear_coefs
            variables += body.linear_vars
        try:
            column = [self.compiled.columns[id(item)] for item in variables]
        except KeyError:
            raise OtherShape("a column that was in no row.") from None
        found.low, found.high, found.value = (np.array(part, dtype=float) for part in (low, high, value))
        found.count, found.column = np.array(count, dtype=np.int64), np.array(column, dtype=np.int64)
        self.known[name] = found
        return found


class _Read:
    """Inputs that remember what was read of them."""

    def __init__(self, inputs: xr.Dataset) -> None:
        self.inputs = inputs
        self.attrs, self.sizes, self.coords = inputs.attrs, inputs.sizes, inputs.coords
        self.seen: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> Any:
        found = self.inputs[name]
        self.seen[name] = found.values
        return found

    def __contains__(self, name: object) -> bool:
        return name in self.inputs


class _Asked:
    """The rows of a rule, and what they were made from."""

    def __init__(self, frame: Frame, seen: dict[str, NDArray[Any]]) -> None:
        self.potential, self.may_start = frame.cells.potential, frame.cells.may_start
        self.seen = seen
        self.names: list[RowName] = []
        self.low = self.high = self.value = np.zeros(0)
        self.count = self.column = np.zeros(0, dtype=np.int64)

    def holds(self, frame: Frame) -> bool:
        """Whether everything that was read is the same."""
        cells = frame.cells
        same = np.array_equal(self.potential, cells.potential) and np.array_equal(self.may_start, cells.may_start)
        return same and all(np.array_equal(values, frame.inputs[name].values) for name, values in self.seen.items())


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
