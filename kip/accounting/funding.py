"""Grants and loans as arrays: what may be given, what was given, and whose books it passes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.loans import debt_service, interest, loans_by_project, pot_available
from kip.errors import RequestError, unknown_name

__all__ = ["Transfers", "charged_lending", "count_funding", "given_transfers", "no_transfers"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Transfers:
    """Money from sources of funding.

    Attributes
    ----------
    grant : array (funding, shift, district, actor, year)
        Grants, to whom, for what, in which start year [currency].
    loan : array (funding, actor, year)
        Loans drawn [currency].
    """

    grant: Floats
    loan: Floats


def no_transfers(inputs: xr.Dataset) -> Transfers:
    """Nobody applies for anything."""
    sizes = inputs.sizes
    return Transfers(
        np.zeros((sizes["funding"], sizes["shift"], sizes["district"], sizes["actor"], sizes["year"])),
        np.zeros((sizes["funding"], sizes["actor"], sizes["year"])),
    )


def given_transfers(inputs: xr.Dataset, grants: pd.DataFrame | None, loans: pd.DataFrame | None) -> Transfers:
    """Grants and loans from tables with the columns source, (shift, district,) actor, year and, last, the sum.

    Raises
    ------
    RequestError
        With every name or year that does not exist.
    """
    transfers = no_transfers(inputs)
    wrong: list[str] = []
    for table, dims, amounts in (
        (grants, ("funding", "shift", "district", "actor", "year"), transfers.grant),
        (loans, ("funding", "actor", "year"), transfers.loan),
    ):
        if table is None:
            continue
        for row in table.itertuples(index=False):
            place = []
            for dim, name in zip(dims, row, strict=False):
                known = [str(item) for item in inputs[dim].values]
                if str(name) in known:
                    place.append(known.index(str(name)))
                else:
                    wrong.append(unknown_name({"funding": "source of funding"}.get(dim, dim), name, known))
            if len(place) == len(dims):
                amounts[tuple(place)] += float(row[-1])
    if wrong:
        raise RequestError("\n".join(dict.fromkeys(wrong)))
    return transfers


def count_funding(inputs: xr.Dataset, transfers: Transfers, data: dict[str, xr.Variable]) -> None:
    """Add grants, loans and what they mean for each actor: received, given, lent, repaid, and their present value."""
    currency = inputs.attrs["currency"]
    grant, loan = transfers.grant, transfers.loan
    due, cost = debt_service(inputs, loan), interest(inputs, loan)
    received = grant.sum(axis=(0, 1, 2))
    paid, lent, repaid, earned = (
        _by_funder(inputs, part, received.shape)
        for part in (grant.sum(axis=(1, 2, 3)), loan.sum(axis=1), due.sum(axis=1), cost.sum(axis=1))
    )
    need = data["investment"].values - grant.sum(axis=0)
    for name, dims, values in (
        ("grant", ("funding", "shift", "district", "actor", "year"), grant),
        ("loan", ("funding", "actor", "year"), loan),
        ("loan_use", ("funding", "shift", "district", "actor", "year"), loans_by_project(inputs, loan, need)),
        ("debt_service", ("funding", "actor", "year"), due),
        ("debt_interest", ("funding", "actor", "year"), cost),
        ("grant_received", ("actor", "year"), received),
        ("grant_paid", ("actor", "year"), paid),
        ("loan_paid", ("actor", "year"), lent),
        ("loan_repaid", ("actor", "year"), repaid),
        ("loan_interest", ("actor", "year"), earned),
        ("pot_available", ("funding", "year"), pot_available(inputs, grant.sum(axis=(1, 2, 3)) + loan.sum(axis=1), due.sum(axis=1))),
    ):
        data[name] = xr.Variable(dims, values, {"units": currency})
    owed = loan.sum(axis=-1) * (inputs["funding_annuity"].values * inputs["funding_term"].values)[:, None] - due.sum(axis=-1)
    data["owed_after"] = xr.Variable(("funding", "actor"), np.maximum(0.0, owed), {"units": currency})
    own = inputs["own_discount"].values
    net = ((received - paid) * own).sum(axis=1) - loan_burden(inputs, loan)
    data["actor_net_cost"] = xr.Variable(("actor",), data["actor_net_cost"].values - net, {"units": currency})
    society = ((received - paid) * inputs["discount"].values).sum(axis=1)
    data["net_transfer"] = xr.Variable(("actor",), society, {"units": currency})


def _by_funder(inputs: xr.Dataset, by_source: Floats, shape: tuple[int, ...]) -> Floats:
    """What each actor gives as a funder, as an array (actor, year), from what each source gives (funding, year)."""
    total = np.zeros(shape)
    funder = inputs["funding_funder"].values
    np.add.at(total, funder[funder >= 0], by_source[funder >= 0])
    return total


def loan_burden(inputs: xr.Dataset, loan: Floats) -> Floats:
    """Present value of loans to each actor, at its own rate [currency]: what a borrower pays more than it got, less the same of
    what it has lent. Annuities after the horizon count too.
    """
    own = inputs["own_discount"].values
    rate = own[:, :1] / own[:, 1:2] - 1.0 if own.shape[1] > 1 else inputs["own_end_discount"].values[:, None] ** -1.0 - 1.0
    years = np.arange(loan.shape[-1])
    burden = np.zeros(len(own))
    columns = zip(*(inputs[f"funding_{name}"].values for name in ("annuity", "term", "funder")), strict=True)
    for row, (yearly, term, funder) in enumerate(columns):
        if not loan[row].any():
            continue
        worth = -own
        for later in range(1, int(term) + 1):
            worth = worth + yearly * (1.0 + rate) ** -(years[None, :] + later)
        burden += (loan[row] * worth).sum(axis=1)
        if funder >= 0:
            burden[funder] -= float((loan[row].sum(axis=0) * worth[funder]).sum())
    return np.asarray(burden)


def charged_lending(inputs: xr.Dataset, loan: Floats) -> Floats:
    """What lending takes from the budgets of each actor, as an array (actor, year); a revolving pot is set aside outside them (§35)."""
    outside = inputs["funding_revolving"].values
    lent = loan.sum(axis=1) * ~outside[:, None]
    return _by_funder(inputs, lent, (inputs.sizes["actor"], loan.shape[-1]))
