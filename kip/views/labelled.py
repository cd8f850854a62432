"""What views need to know of a counted dataset: titles, the main ledger, totals along some dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["coordinate", "main_ledger", "titles", "total"]


def coordinate(data: xr.Dataset, dim: str, name: str) -> list[object] | None:
    """The coordinate `name` along `dim`, under ``<dim>_<name>`` or ``<name>``; None when the dataset has none."""
    for candidate in (f"{dim}_{name}", name):
        if candidate in data.coords and data.coords[candidate].dims == (dim,):
            return list(data.coords[candidate].values.tolist())
    return None


def titles(data: xr.Dataset, dim: str) -> dict[str, str]:
    """Titles by name along a dimension; the name itself where there is no title."""
    names = [str(name) for name in data[dim].values]
    found = coordinate(data, dim, "title") or names
    return {name: str(title) or name for name, title in zip(names, found, strict=True)}


def main_ledger(data: xr.Dataset) -> str:
    """Name of the ledger that results are on unless another is asked for: the first one."""
    return str(data.attrs.get("main_ledger", data["ledger"].values[0]))


def total(values: xr.DataArray, *keep: str) -> NDArray[np.float64]:
    """Sum over every dimension but those to keep, in the order given [unit of the values]."""
    summed = values.sum([dim for dim in values.dims if dim not in keep])
    return np.asarray(summed.transpose(*keep).values, dtype=float)
