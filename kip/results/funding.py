"""Whose krona: what each source of funding pays, for what, when, and what the municipality's kronor draw with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from kip.errors import RequestError, unknown_name

__all__ = [
    "OUTSIDE",
    "funding_balance",
    "funding_gap",
    "funding_table",
    "grants_table",
    "leverage",
    "loans_table",
    "projects",
    "sources_and_uses",
]

OUTSIDE = "outside the plan"
"""Whose books a source without a funder among the actors is in."""


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


def _index(rows: Sequence[tuple[Any, ...]], names: list[str]) -> pd.MultiIndex:
    """Several levels, also when there are no rows."""
    return pd.MultiIndex.from_arrays([[row[level] for row in rows] for level in range(len(names))], names=names)


def funding_table(data: xr.Dataset) -> pd.DataFrame:
    """Grants and loans by shift and source, a column for each year and one for all years [currency].

    A loan stands at the shifts that it pays for.
    """
    given = (data["grant"].values + data["loan_use"].values).sum(axis=(2, 3))
    rows = [(shift, row) for shift in range(data.sizes["shift"]) for row in range(data.sizes["funding"]) if given[row, shift].any()]
    names = [(str(data["shift"].values[shift]), str(data["funding"].values[row])) for shift, row in rows]
    index = _index(names, ["shift", "source"])
    values = np.array([given[row, shift] for shift, row in rows]).reshape(len(rows), data.sizes["year"])
    currency = data.attrs["currency"]
    table = pd.DataFrame(values, index=index, columns=[f"{year} [{currency}]" for year in data["year"].values])
    table[f"all [{currency}]"] = values.sum(axis=1)
    return table


def sources_and_uses(data: xr.Dataset) -> pd.DataFrame:
    """For each project and year: investment, and who pays it: grants, loans, and the actors' own money [currency].

    Uses equal sources: the first column is the sum of the others. Grants from actors of the plan and from outside it stand apart.
    """
    outside = data["funding_funder"].values < 0
    grant, loan = data["grant"].values.sum(axis=3), data["loan_use"].values.sum(axis=(0, 3))
    invested = data["investment"].values.sum(axis=2)
    where = np.argwhere(invested > 0)
    index = _index(
        [(str(data["shift"].values[s]), str(data["district"].values[d]), int(data["year"].values[y])) for s, d, y in where],
        ["shift", "district", "year"],
    )
    columns = {
        "investment": invested,
        "grants from outside": grant[outside].sum(axis=0),
        "grants from actors": grant[~outside].sum(axis=0),
        "loans": loan,
    }
    columns["own money"] = invested - grant.sum(axis=0) - loan
    place = tuple(where.T)
    return pd.DataFrame({f"{name} [{data.attrs['currency']}]": values[place] for name, values in columns.items()}, index=index)


def funding_balance(data: xr.Dataset) -> pd.DataFrame:
    """What each actor gets and gives over the horizon, and what crosses the border of the plan [currency].

    Each krona leaves one row and enters another, so that `net` adds up to 0 with the row "outside the plan"; without that row it
    is the money that comes from outside.
    """
    mine = data["funding_funder"].values < 0
    grants, loans, due = (data[name].values for name in ("grant", "loan", "debt_service"))
    table = {
        "grants got": [*data["grant_received"].values.sum(axis=1), 0.0],
        "grants given": [*data["grant_paid"].values.sum(axis=1), grants[mine].sum()],
        "loans got": [*loans.sum(axis=(0, 2)), 0.0],
        "loans given": [*data["loan_paid"].values.sum(axis=1), loans[mine].sum()],
        "debt service paid": [*due.sum(axis=(0, 2)), 0.0],
        "debt service got": [*data["loan_repaid"].values.sum(axis=1), due[mine].sum()],
    }
    names = pd.Index([*map(str, data["actor"].values), OUTSIDE], name="actor")
    columns = {name: np.array(values, dtype=float) for name, values in table.items()}
    columns["net"] = sum((values if name.endswith("got") else -values for name, values in columns.items()), start=np.zeros(len(names)))
    return pd.DataFrame({f"{name} [{data.attrs['currency']}]": values for name, values in columns.items()}, index=names)


def projects(data: xr.Dataset, source: str | None = None) -> pd.DataFrame:
    """Projects that a source pays for, by start year: how many, how large their grants, how much of the pot, and what they give.

    A project is one unit that starts with a grant (§3). What it gives is counted over the horizon, in the units of the indicators; units of
    one shift in one district give alike. A project with several sources stands at each of them.
    """
    names = list(map(str, data["funding"].values))
    if source is not None and source not in names:
        raise RequestError(unknown_name("source of funding", source, names))
    currency, new = data.attrs["currency"], data["new"].values
    started = new.sum(axis=2, keepdims=True)
    part = np.divide(new, started, out=np.zeros_like(new), where=started > 0)
    gives = {f"{name} [{unit}]": part * data["cobenefit"].values[:, :, row].sum(axis=2, keepdims=True)
             for row, (name, unit) in enumerate(zip(data["indicator"].values, data["indicator_unit"].values, strict=True))}  # fmt: skip
    gives["reduction [t]"] = part * data["reduction"].sel(ledger=data.attrs["main_ledger"]).values.sum(axis=2, keepdims=True)
    rows: dict[tuple[str, int], dict[str, float]] = {}
    for row, name in enumerate(names):
        if data["funding_kind"].values[row] != "grant" or source not in {None, name}:
            continue
        grant = data["grant"].values[row].sum(axis=2)
        for index, year in enumerate(data["year"].values):
            funded = grant[:, :, index] > 0.005
            if not funded.any():
                continue
            units, sums, pot = new[:, :, index][funded], grant[:, :, index][funded], float(data["pot_available"].values[row, index])
            rows[name, int(year)] = {
                "projects": float(units.sum()),
                f"grants [{currency}]": float(sums.sum()),
                f"mean grant [{currency}]": float(sums.sum() / units.sum()),
                f"largest grant [{currency}]": float((sums / units).max()),
                "pot used [1]": float(sums.sum() / pot) if np.isfinite(pot) and pot > 0 else float("nan"),
                **{label: float(values[:, :, index][funded].sum()) for label, values in gives.items()},
            }
    return pd.DataFrame(list(rows.values()), index=_index(list(rows), ["source", "year"]))
