"""What is decided, in the forms that people write it: names, start years, tables. All become units by start year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from kip.errors import RequestError, unknown_name

__all__ = ["Decisions", "decision_table", "new_units", "starts"]

Decisions: TypeAlias = Iterable[str] | Mapping[str, Any] | pd.DataFrame | None
"""Names of whole shifts; {name: year}; {name: {year: units}}; or a table shift × year (index may add the district)."""


def new_units(inputs: xr.Dataset, decisions: Decisions) -> NDArray[np.float64]:
    """Units that start, as an array (shift, district, start) [unit].

    Raises
    ------
    RequestError
        With every name, district or year that does not exist.
    """
    new = np.zeros((inputs.sizes["shift"], inputs.sizes["district"], inputs.sizes["start"]))
    wrong: list[str] = []
    for name, district, year, units in _rows(inputs, decisions):
        _add(inputs, new, (name, district, year, units), wrong)
    if wrong:
        raise RequestError("\n".join(dict.fromkeys(wrong)))
    return new


def _rows(inputs: xr.Dataset, decisions: Decisions) -> Iterable[tuple[str, str | None, int | None, float]]:
    if decisions is None:
        return
    if isinstance(decisions, pd.DataFrame):
        for index, row in decisions.iterrows():
            name, district = (index[0], index[1]) if isinstance(index, tuple) else (index, None)
            for year, units in row.items():
                if units and not pd.isna(units):
                    yield str(name), district, _year(year), float(units)
    elif isinstance(decisions, Mapping):
        for name, when in decisions.items():
            if isinstance(when, Mapping):
                for year, units in when.items():
                    yield name, None, _year(year), float(units)
            else:
                yield name, None, None if when is None else _year(when), 1.0
    else:
        for name in [decisions] if isinstance(decisions, str) else decisions:
            yield name, None, None, 1.0


def _year(text: object) -> int:
    try:
        return int(str(text))
    except ValueError:
        raise RequestError(f'"{text}" is not a year. Write for example 2030.') from None


def _add(inputs: xr.Dataset, new: NDArray[np.float64], row: tuple[str, str | None, int | None, float], wrong: list[str]) -> None:
    name, district, year, units = row
    if not 0 <= units < np.inf:
        wrong.append(f'"{name}": {units:g} units cannot start. Give 0 or more.')
        return
    shifts, places, years = list(inputs["shift"].values), list(inputs["district"].values), list(inputs["start"].values)
    if name not in shifts:
        wrong.append(unknown_name("shift", name, shifts))
        return
    index = shifts.index(name)
    whole = str(inputs["choice"].values[index]) == "whole"
    cells = np.flatnonzero(inputs["located"].values[index])
    if district is not None:
        if district not in places or places.index(district) not in cells:
            wrong.append(f'"{name}": ' + unknown_name("district", district, [places[cell] for cell in cells]))
            return
        cells = np.array([places.index(district)])
    if year is None and whole:
        # what is decided starts in its own year, however it is named
        cells = cells[~(inputs["decided"].values[index, cells] > 0).any(axis=1)]
        if cells.size == 0:
            return
    if year is None:
        if not whole:
            wrong.append(f'"{name}" is chosen in parts: say how much and when, {{"{name}": {{{years[0]}: units}}}}.')
            return
        allowed = np.flatnonzero(inputs["may_start"].values[index])
        if allowed.size == 0:
            wrong.append(f'"{name}" may not start in any year of the plan. Change earliest or latest.')
            return
        year = int(years[allowed[0]])
    if year not in years:
        wrong.append(f'"{name}": {year} is not a year of the plan ({years[0]}-{years[-1]}).')
        return
    if not whole and len(cells) > 1:
        wrong.append(f'"{name}" can be done in {len(cells)} districts: give a table with shift and district.')
        return
    new[index, cells, years.index(year)] += units


def starts(dataset: xr.Dataset) -> dict[tuple[str, str, int], float]:
    """What starts: {(shift, district, year): units}, in the order of names [unit]."""
    new = dataset["new"].values
    shifts, places, years = (dataset[name].values for name in ("shift", "district", "year"))
    return {
        (str(shifts[shift]), str(places[place]), int(years[year])): float(new[shift, place, year])
        for shift, place, year in np.argwhere(new != 0)
    }


def decision_table(dataset: xr.Dataset) -> pd.DataFrame:
    """What starts where and when: index (shift, district), a column for each year [unit]; rows without any start left out.

    The table can be handed back to `kip.evaluate`.
    """
    new = dataset["new"].values
    rows = np.argwhere(np.abs(new).sum(axis=-1) > 0)
    index = pd.MultiIndex.from_tuples(
        [(str(dataset["shift"].values[shift]), str(dataset["district"].values[place])) for shift, place in rows],
        names=["shift", "district"],
    )
    values = np.array([new[shift, place] for shift, place in rows]).reshape(len(rows), new.shape[-1])
    return pd.DataFrame(values, index=index, columns=pd.Index(dataset["year"].values, name="year"))
