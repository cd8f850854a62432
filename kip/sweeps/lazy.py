"""Arrays of a store that xarray reads only when they are used, with NaN where a scenario is open.

A block that a run was killed in may have numbers already and still be open; nobody is to see them before it is finished.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

__all__ = ["variable"]


class _Stored(BackendArray):
    """A table of a store, or one column of it."""

    def __init__(self, array: Any, is_open: NDArray[np.bool_], column: int | None) -> None:
        self._array = array
        self._open = is_open
        self._column = column
        self.shape = tuple(array.shape) if column is None else tuple(array.shape[:1])
        self.dtype = np.dtype(float)

    def __getitem__(self, key: Any) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self._read)

    def _read(self, key: tuple[Any, ...]) -> Any:
        rows = key[0]
        values = np.array(self._array.oindex[(rows, self._column) if self._column is not None else key], dtype=float)
        hidden = self._open[rows]
        if np.ndim(hidden):
            values[hidden] = np.nan
        elif hidden:
            values = np.full_like(values, np.nan)
        return values


def variable(array: Any, dims: tuple[str, ...], is_open: NDArray[np.bool_], column: int | None = None, **attributes: Any) -> Any:
    """An xarray.Variable of a table, or of one of its columns.

    Parameters
    ----------
    array : zarr.Array
    dims : tuple of str
    is_open : array (scenario,) of bool
        What to hide.
    column : int, optional
    **attributes : str or list
        Attributes of the variable, such as ``units``.
    """
    import xarray as xr

    return xr.Variable(dims, indexing.LazilyIndexedArray(_Stored(array, is_open, column)), attributes)
