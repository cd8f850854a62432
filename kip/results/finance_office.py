"""One table for the finance office: what comes on top, what would have been paid anyway, both together, who pays, and the budgets."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from kip.results.books import books
from kip.results.cash_flow import NO_SHIFT, index_of

__all__ = ["ALL_SHIFTS", "finance_table"]

Floats: TypeAlias = NDArray[np.float64]

ALL_SHIFTS = "all shifts"
"""Row with the sums of an actor, and its appropriations."""


def finance_table(data: xr.Dataset, by_year: bool = False) -> pd.DataFrame:
    """Investment and operation of each actor and shift, as kip counts them and as a budget does.

    Parameters
    ----------
    data : xarray.Dataset
        A counted portfolio.
    by_year : bool
        One row for each year; sums over the years of the plan when False.

    Returns
    -------
    pandas.DataFrame
        Rows actor, shift (, year); the last shift of each actor, "all shifts", is the sum of the others. Columns [currency]:

        - incremental investment + reference investment = budget investment;
          less grants, less loans, plus loans given = own investment;
        - incremental operation + reference operation = budget operation;
          plus grants given, plus debt service = own operation;
        - appropriation and charged, for each kind of budget that the plan has (investment, operation, all): what an actor may use, and
          what is counted against it, which the reference is not (§39). NaN for single shifts, for an actor without such a
          budget, and, by year, where a budget is one number for the whole horizon.

        The incremental columns add up to the measures ``investment`` and ``operation``.
    """
    actors, years = data.sizes["actor"], data.sizes["year"]
    lines = {name: values[:, :actors, :years] for name, values in books(data).items()}

    def counted(name: str) -> Floats:
        return np.pad(data[name].values.sum(axis=1), ((0, 1), (0, 0), (0, 0)))

    parts = {
        "incremental investment": counted("investment"),
        "reference investment": counted("reference_investment"),
        "grants": lines["grants received"],
        "loans": lines["loans drawn"],
        "loans given": -lines["loans given"],
        "incremental operation": counted("operation"),
        "reference operation": counted("reference_operation"),
        "grants given": -lines["grants given"],
        "debt service": -lines["debt service"],
    }
    if not by_year:
        parts = {name: values.sum(axis=2, keepdims=True) for name, values in parts.items()}
    parts = {name: np.concatenate([values, values.sum(axis=0, keepdims=True)]) for name, values in parts.items()}
    shifts = [*map(str, data["shift"].values), NO_SHIFT, ALL_SHIFTS]
    moved = np.any([np.abs(values).sum(axis=2) > 0 for values in parts.values()], axis=0)
    moved[-1] = True
    pairs = [(actor, row) for actor in range(actors) for row in range(len(shifts)) if moved[row, actor]]
    levels: dict[str, list[Any]] = {"actor": list(map(str, data["actor"].values)), "shift": shifts}
    if by_year:
        when = data["year"].values.astype(int).tolist()
        index = index_of([(*pair, year) for pair in pairs for year in range(len(when))], {**levels, "year": when})
    else:
        index = index_of(list(pairs), levels)
    column = {name: np.array([values[row, actor] for actor, row in pairs]).ravel() + 0.0 for name, values in parts.items()}
    invested = column["incremental investment"] + column["reference investment"]
    run = column["incremental operation"] + column["reference operation"]
    ordered = {
        **{name: column[name] for name in ("incremental investment", "reference investment")},
        "budget investment": invested,
        **{name: column[name] for name in ("grants", "loans", "loans given")},
        "own investment": invested - column["grants"] - column["loans"] + column["loans given"],
        **{name: column[name] for name in ("incremental operation", "reference operation")},
        "budget operation": run,
        **{name: column[name] for name in ("grants given", "debt service")},
        "own operation": run + column["grants given"] + column["debt service"],
        **_appropriations(data, [(actor, row == len(shifts) - 1) for actor, row in pairs], by_year),
    }
    currency = data.attrs["currency"]
    return pd.DataFrame({f"{name} [{currency}]": values for name, values in ordered.items()}, index=index)


def _appropriations(data: xr.Dataset, pairs: list[tuple[int, bool]], by_year: bool) -> dict[str, Floats]:
    """Budgets of an actor and what is charged to them, beside its sums; NaN elsewhere."""
    found: dict[str, Floats] = {}
    years = data.sizes["year"] if by_year else 1
    kinds, whose = data["budget_kind"].values, data["budget_actor"].values
    for kind in ("investment", "operation", "all"):
        rows = np.flatnonzero(kinds == kind)
        if rows.size == 0:
            continue
        amount, charged = np.full((2, len(pairs), years), np.nan)
        for budget in rows:
            have, spent = data["budget_amount"].values[budget], data["budget_spent"].values[budget]
            if not by_year:
                have, spent = have.sum(keepdims=True), spent.sum(keepdims=True)
            elif data["budget_total"].values[budget]:
                have = np.full(years, np.nan)
            place = pairs.index((int(whose[budget]), True))
            amount[place], charged[place] = have, spent
        found |= {f"appropriation, {kind}": amount.ravel(), f"charged, {kind}": charged.ravel()}
    return found
