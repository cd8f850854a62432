"""Four kronor side by side: what a portfolio costs, gives and draws for municipal, regional, state, private and societal kronor."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.finance import discount_factors
from kip.accounting.measures import KINDS
from kip.errors import RequestError, unknown_name
from kip.results.books import given_grants
from kip.results.funding import OUTSIDE

__all__ = ["columns_of", "kronor"]

Floats: TypeAlias = NDArray[np.float64]

_DUST = 1e-9
"""Share of the money moved below which a net present cost is rounding, not a cost."""


def kronor(data: xr.Dataset, by: str | None = None) -> pd.DataFrame:
    """Cost, effect for each krona and leverage for every kind of krona.

    Parameters
    ----------
    data : xarray.Dataset
        A counted portfolio.
    by : {"shift"}, optional
        One block of rows for each shift and enabler that is started; the whole portfolio when left out.

    Returns
    -------
    pandas.DataFrame
        Rows municipal, regional, state, private, "outside the plan" where grants come from no actor, and societal. Columns:
        investment, running cost, grants received, grants paid and net present cost at the plan's rate [currency]; what a krona of
        net present cost removes [kg/currency] and what a tonne costs [currency/t], NaN where the cost is 0 or less: it pays for
        itself, and is never ranked (§4); leverage [1], kronor invested in all for each own one, NaN where none is.
        The first five columns of societal are the sums of the rows above it. Loans are not in it: they move money in time.

    Raises
    ------
    RequestError
        For another grouping.
    """
    if by not in {None, "shift"}:
        raise RequestError(unknown_name("grouping", by, ["shift"]) + " Leave it out for the whole portfolio.")
    money = _by_actor(data)
    removed = data["reduction"].sel(ledger=data.attrs["main_ledger"]).values.sum(axis=(1, 2))
    outside = bool(money["grants paid"][:, -1].any())
    names = [*KINDS[:-1], *([OUTSIDE] if outside else []), KINDS[-1]]
    if by is None:
        table = _block({name: values.sum(axis=0) for name, values in money.items()}, float(removed.sum()), names, data)
        return table.set_axis(pd.Index(names, name="krona"), axis=0)
    done = np.flatnonzero(np.any([np.abs(values).sum(axis=1) for values in (*money.values(), removed[:, None])], axis=0))
    blocks = [_block({name: values[row] for name, values in money.items()}, float(removed[row]), names, data) for row in done]
    shifts = [str(data["shift"].values[row]) for row in done]
    index = pd.MultiIndex.from_product([shifts, names], names=["shift", "krona"])
    if not blocks:
        return pd.DataFrame(columns=list(columns_of(data).values()), index=index, dtype=float)
    return pd.concat(blocks).set_axis(index, axis=0)


def columns_of(data: xr.Dataset) -> dict[str, str]:
    """Headings with units, by what they are of."""
    currency = data.attrs["currency"]
    sums = ("investment", "running cost", "grants received", "grants paid", "net present cost")
    return {name: f"{name} [{currency}]" for name in sums} | {
        "reduction per krona": f"reduction per krona [kg/{currency}]",
        "cost of a tonne": f"cost of a tonne [{currency}/t]",
        "leverage": "leverage [1]",
    }


def _by_actor(data: xr.Dataset) -> dict[str, Floats]:
    """Sums by shift and actor [currency], arrays (shift, actor) with a last column for whoever is outside the plan."""
    worth = discount_factors(float(data.attrs["discount_rate"]), data.sizes["year"])
    received = data["grant"].values.sum(axis=(0, 2))
    given = given_grants(data)

    def inside(values: Floats) -> Floats:
        return np.pad(values, ((0, 0), (0, 1)))

    transfers = given @ worth - inside(received @ worth)
    return {
        "investment": inside(data["investment"].values.sum(axis=(1, 3))),
        "running cost": inside(data["operation"].values.sum(axis=(1, 3))),
        "grants received": inside(received.sum(axis=2)),
        "grants paid": given.sum(axis=2),
        "net present cost": inside(data["net_cost"].values.sum(axis=1)) + transfers,
    }


def _block(money: dict[str, Floats], removed: float, names: list[str], data: xr.Dataset) -> pd.DataFrame:
    kinds = np.array([*map(str, data["actor_kind"].values), OUTSIDE], dtype=object)
    table = pd.DataFrame({column: [float(values[_whose(name, kinds)].sum()) for name in names] for column, values in money.items()})
    moved = float(sum(np.abs(values).sum() for values in money.values()))
    cost = table["net present cost"].where(table["net present cost"] > _DUST * moved)
    table["reduction per krona"] = 1000.0 * removed / cost
    table["cost of a tonne"] = cost / removed if removed > 0 else np.nan
    own = table["investment"] - table["grants received"] + table["grants paid"]
    table["leverage"] = float(money["investment"].sum()) / own.where(own > _DUST * moved)
    return table.rename(columns=columns_of(data))


def _whose(name: str, kinds: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whose money a row counts; societal is everybody's, so that a transfer cancels in it."""
    return np.ones(len(kinds), dtype=bool) if name == KINDS[-1] else np.asarray(kinds == name)
