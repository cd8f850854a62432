"""Cash flow of every actor, and what becomes of each of them: present value, pay-back, internal rate, gain or loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from kip.accounting.finance import earned_back, only_rate
from kip.errors import RequestError, unknown_name
from kip.results.books import LINES, books
from kip.results.funding import OUTSIDE

__all__ = ["NO_SHIFT", "actors_table", "cash_flow", "index_of"]

NO_SHIFT = "no shift"
"""Where a loan is booked that no project has use for."""
_EVEN = 0.5
"""Sums of less than half a unit of the currency are neither gain nor loss (§12)."""


def cash_flow(data: xr.Dataset, actor: str | None = None, by_shift: bool = False) -> pd.DataFrame:
    """What each actor pays and gets in each year [currency].

    Parameters
    ----------
    data : xarray.Dataset
        A counted portfolio.
    actor : str, optional
        One actor's books only.
    by_shift : bool
        One block for each actor and each shift that moves its money.

    Returns
    -------
    pandas.DataFrame
        Rows actor, (shift,) year; columns as `LINES`, in is positive and out negative; ``net``, their sum; and ``left at the end``,
        the value of what is left, which is no cash. Years after the plan are there when annuities still fall due or something is left.
        Whoever gives from outside the plan is a row of its own, so that ``net`` adds up to society's investment and running cost.

    Raises
    ------
    RequestError
        For an unknown actor; with the nearest name.
    """
    names = [*map(str, data["actor"].values), OUTSIDE]
    lines = books(data)
    moved = np.sum([np.abs(values).sum(axis=2) for values in lines.values()], axis=0)
    shown = names if moved[:, -1].any() else names[:-1]
    if actor is not None:
        if actor not in shown:
            raise RequestError(unknown_name("actor", actor, shown))
        shown = [actor]
    years = int(data["year"].values[0]) + np.arange(lines["investment"].shape[2])
    columns = [names.index(name) for name in shown]
    shifts = [*map(str, data["shift"].values), NO_SHIFT]
    if not by_shift:
        index = index_of([(column, year) for column in columns for year in range(len(years))], {"actor": names, "year": years.tolist()})
        chosen = {line: values[:, columns].sum(axis=0).ravel() for line, values in lines.items()}
    else:
        pairs = [(column, row) for column in columns for row in range(len(shifts)) if moved[row, column]]
        places = [(*pair, year) for pair in pairs for year in range(len(years))]
        index = index_of(places, {"actor": names, "shift": shifts, "year": years.tolist()})
        chosen = {line: np.array([values[row, column] for column, row in pairs]).ravel() for line, values in lines.items()}
    currency = data.attrs["currency"]
    table = {f"{line} [{currency}]": chosen[line] + 0.0 for line in LINES}
    table[f"net [{currency}]"] = np.sum([chosen[line] for line in LINES], axis=0)
    table[f"left at the end [{currency}]"] = chosen["left at the end"]
    return pd.DataFrame(table, index=index)


def index_of(rows: Sequence[tuple[int, ...]], levels: dict[str, list[Any]]) -> pd.MultiIndex:
    """An index in the order of its levels, from places in them, so that pandas finds rows quickly although names are not sorted."""
    codes = [[row[level] for row in rows] for level in range(len(levels))]
    return pd.MultiIndex(levels=list(levels.values()), codes=codes, names=list(levels)).remove_unused_levels()


def actors_table(data: xr.Dataset) -> pd.DataFrame:
    """What the portfolio means for each actor.

    Returns
    -------
    pandas.DataFrame
        Rows: actors. Columns: kind; own discount rate [1]; net present value at that rate, grants and loans counted, the minus of
        ``net_cost.<actor>`` [currency]; simple and discounted pay-back of its own money [year]; internal rate [1]; number of
        households or firms [1] and the net present value of each [currency]; outcome: gains, loses or even.
        Pay-back and internal rate leave loans out. Pay-back is NaN when the money is not earned back within the plan, or none was paid;
        the internal rate when there is none, or more than one.
    """
    currency = data.attrs["currency"]
    lines = {name: values.sum(axis=0) for name, values in books(data).items()}
    years = data.sizes["year"]
    paid = -(lines["investment"] + lines["grants received"] + lines["grants given"])[:, :years]
    earned = (lines["running cost"] + lines["savings"])[:, :years]
    left = lines["left at the end"][:, years:].sum(axis=1)
    rates = data["actor_rate"].values
    value = -data["actor_net_cost"].values
    each = value / data["actor_count"].values
    rows = range(data.sizes["actor"])
    return pd.DataFrame(
        {
            "kind": data["actor_kind"].values.astype(str),
            "own rate [1]": rates,
            f"net present value [{currency}]": value + 0.0,
            "pay-back [year]": [earned_back(paid[row], earned[row]) for row in rows],
            "discounted pay-back [year]": [earned_back(paid[row], earned[row], float(rates[row])) for row in rows],
            "internal rate [1]": [only_rate([*(earned[row] - paid[row]), left[row]]) for row in rows],
            "count [1]": data["actor_count"].values,
            f"net present value each [{currency}]": each,
            "outcome": np.where(value > _EVEN, "gains", np.where(value < -_EVEN, "loses", "even")),
        },
        index=pd.Index(list(map(str, data["actor"].values)), name="actor"),
    )
