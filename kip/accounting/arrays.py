"""Reading a dataset's arrays without what makes a labelled array of them."""

from __future__ import annotations

from typing import Any

import xarray as xr

__all__ = ["Arrays"]


class Arrays:
    """A dataset whose variables are read as they are.

    ``dataset[name]`` gathers the coordinates of each variable that is read, which took most of the time of a count; what is only
    calculated with needs none of them.

    Parameters
    ----------
    dataset : xarray.Dataset

    Examples
    --------
    >>> import xarray as xr
    >>> float(Arrays(xr.Dataset({"a": ("x", [1.0, 2.0])}))["a"].values.sum())
    3.0
    """

    def __init__(self, dataset: xr.Dataset) -> None:
        self._variables = dataset.variables
        self.attrs = dataset.attrs
        self.sizes = dataset.sizes
        self.coords = {str(name): dataset.variables[name] for name in dataset.coords}

    def __getitem__(self, name: str) -> xr.Variable:
        return self._variables[name]

    def __contains__(self, name: Any) -> bool:
        return name in self._variables
