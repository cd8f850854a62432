"""Whose krona: what each source of funding pays, for what, when, and what the municipality's kronor draw with them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

__all__ = ["funding_gap", "grants_table", "leverage", "loans_table"]


def grants_table(data: xr.Dataset) -> pd.DataFrame:
    """Every grant: source, shift, district, actor, year and sum [currency], largest first within a year.

    The table can be handed back to `kip.evaluate` as `grants`.
    """
    grant = data["grant"].values
    rows = [
        (*(str(data[dim].values[place]) for dim, place in zip(("funding", "shift", "district", "actor"), where[:4], strict=True)),
         int(data["year"].values[where[4]]), float(grant[tuple(where)]))
        for where in np.argwhere(grant > 0)
    ]  # fmt: skip
    columns = ["source", "shift", "district", "actor", "year", f"grant [{data.attrs['currency']}]"]
    return pd.DataFrame(rows, columns=columns).sort_values(["year", columns[-1]], ascending=[True, False], ignore_index=True)


def loans_table(data: xr.Dataset) -> pd.DataFrame:
    """Every loan: source, actor, year and sum [currency], with what is still owed after the horizon."""
    loan = data["loan"].values
    currency = data.attrs["currency"]
    rows = [
        (str(data["funding"].values[row]), str(data["actor"].values[actor]), int(data["year"].values[year]), float(loan[row, actor, year]))
        for row, actor, year in np.argwhere(loan > 0)
    ]
    return pd.DataFrame(rows, columns=["source", "actor", "year", f"loan [{currency}]"])


def funding_gap(data: xr.Dataset) -> pd.DataFrame:
    """Investment of each actor and year, what grants and loans cover, and what is left to pay itself [currency]."""
    currency = data.attrs["currency"]
    invested = data["investment"].values.sum(axis=(0, 1))
    loans = data["loan"].values.sum(axis=0)
    index = pd.MultiIndex.from_product([data["actor"].values, data["year"].values], names=["actor", "year"])
    table = {
        "investment": invested,
        "grants": data["grant_received"].values,
        "loans": loans,
        "own money": invested - data["grant_received"].values - loans,
        "debt service": data["debt_service"].values.sum(axis=0),
    }
    return pd.DataFrame({f"{name} [{currency}]": values.ravel() for name, values in table.items()}, index=index)


def leverage(data: xr.Dataset, kind: str = "municipal") -> float:
    """Kronor invested in all for each krona that actors of one kind invest themselves, grants given counted [1].

    NaN when they invest nothing.
    """
    mine = data["actor_kind"].values == kind
    own = data["investment"].values.sum(axis=(0, 1, 3)) - data["grant_received"].values.sum(axis=1) + data["grant_paid"].values.sum(axis=1)
    spent = float(own[mine].sum())
    return float(data["investment"].values.sum()) / spent if spent > 0 else float("nan")
