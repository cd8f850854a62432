"""Grants and loans as arrays: what may be given, what was given, and whose books it passes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.finance import annuity
from kip.errors import RequestError, unknown_name
from kip.model import Plan

__all__ = ["Transfers", "count_funding", "funding_table", "given_transfers", "no_transfers"]

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


def funding_table(plan: Plan, items: list[Any], data: dict[str, xr.Variable], factor: Any) -> dict[str, xr.Variable]:
    """Add the rules of funding to the inputs; returns what describes the sources.

    `factor` converts a number at a path to the plan's price year.
    """
    sources = sorted(plan.funding, key=lambda source: source.name)
    actors = [str(name) for name in data["actor"].values]
    names = [source.name for source in sources]
    years = plan.years
    open_to = np.zeros((len(sources), len(items), len(actors)), dtype=bool)
    open_in = np.zeros((len(sources), len(years)), dtype=bool)
    pot = np.full((len(sources), len(years)), np.inf)
    clash = np.zeros((len(sources), len(sources)), dtype=bool)
    for row, source in enumerate(sources):
        who = [name in (source.applicants or actors) and name != source.funder for name in actors]
        what = [_fits(source, item) for item in items]
        open_to[row] = np.outer(what, who)
        open_in[row] = [not source.years or year in source.years for year in years]
        worth = factor(f"funding.{source.name}.pot")
        if isinstance(source.pot, dict):
            pot[row] = [worth * source.pot.get(year, 0.0) for year in years]
        elif source.pot is not None:
            pot[row] = worth * source.pot
        for other in source.not_with:
            clash[row, names.index(other)] = clash[names.index(other), row] = True
    caps = [np.inf if source.cap is None else factor(f"funding.{source.name}.cap") * source.cap for source in sources]

    def put(name: str, dims: tuple[str, ...], values: Any, unit: str = "") -> None:
        data[name] = xr.Variable(dims, np.asarray(values), {"units": unit})

    put("funding_open", ("funding", "shift", "actor"), open_to)
    put("funding_years", ("funding", "year"), open_in)
    put("funding_pot", ("funding", "year"), pot, plan.currency)
    put("funding_clash", ("funding", "funding_other"), clash)
    put("funding_share", ("funding",), np.array([source.share for source in sources], dtype=float), "1")
    put("funding_cap", ("funding",), np.array(caps, dtype=float), plan.currency)
    put("funding_aid", ("funding",), np.array([source.counts_as_aid for source in sources], dtype=bool))
    annuities = [annuity(source.rate, source.term) if source.kind == "loan" else 0.0 for source in sources]
    put("funding_annuity", ("funding",), np.array(annuities, dtype=float), "1/year")
    put("funding_term", ("funding",), np.array([source.term for source in sources], dtype=int), "year")
    for field in ("eligible", "aid_intensity", "own_share"):
        put(field, ("shift",), [getattr(item, field) for item in items], "1")
    funders = [actors.index(source.funder) if source.funder else -1 for source in sources]
    return {
        "funding": xr.Variable(("funding",), np.array(names, dtype=object)),
        "funding_title": xr.Variable(("funding",), np.array([source.label for source in sources], dtype=object)),
        "funding_kind": xr.Variable(("funding",), np.array([source.kind for source in sources], dtype=object)),
        "funding_funder": xr.Variable(("funding",), np.array(funders, dtype=int)),
    }


def _fits(source: Any, item: Any) -> bool:
    if source.physical_only and not item.physical:
        return False
    if not source.shifts and not source.areas:
        return True
    return item.name in source.shifts or (bool(item.area) and item.area in source.areas)


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


def debt_service(inputs: xr.Dataset, loan: Floats) -> Floats:
    """Annuities that fall due in each year of the horizon, as an array (funding, actor, year) [currency/year]."""
    count = loan.shape[-1]
    due = np.zeros_like(loan)
    for row, (yearly, term) in enumerate(zip(inputs["funding_annuity"].values, inputs["funding_term"].values, strict=True)):
        for drawn in range(count):
            due[row, :, drawn + 1 : drawn + 1 + int(term)] += yearly * loan[row, :, drawn : drawn + 1]
    return due


def count_funding(inputs: xr.Dataset, transfers: Transfers, data: dict[str, xr.Variable]) -> None:
    """Add grants, loans and what they mean for each actor: received, paid, debt service, and their present value."""
    currency = inputs.attrs["currency"]
    grant, loan = transfers.grant, transfers.loan
    due = debt_service(inputs, loan)
    received = grant.sum(axis=(0, 1, 2))
    paid = np.zeros_like(received)
    funder = inputs["funding_funder"].values
    np.add.at(paid, funder[funder >= 0], grant.sum(axis=(1, 2, 3))[funder >= 0])
    # a loan costs its annuities, those after the horizon too, against what was drawn
    years = np.arange(loan.shape[-1])
    own = inputs["own_discount"].values
    rate = own[:, :1] / own[:, 1:2] - 1.0 if own.shape[1] > 1 else inputs["own_end_discount"].values[:, None] ** -1.0 - 1.0
    burden = np.zeros(received.shape[0])
    for row, (yearly, term) in enumerate(zip(inputs["funding_annuity"].values, inputs["funding_term"].values, strict=True)):
        for later in range(1, int(term) + 1):
            burden += (loan[row] * yearly * (1.0 + rate) ** -(years[None, :] + later)).sum(axis=1)
        burden -= (loan[row] * own).sum(axis=1)
    for name, dims, values in (
        ("grant", ("funding", "shift", "district", "actor", "year"), grant),
        ("loan", ("funding", "actor", "year"), loan),
        ("debt_service", ("funding", "actor", "year"), due),
        ("grant_received", ("actor", "year"), received),
        ("grant_paid", ("actor", "year"), paid),
    ):
        data[name] = xr.Variable(dims, values, {"units": currency})
    owed = loan.sum(axis=-1) * (inputs["funding_annuity"].values * inputs["funding_term"].values)[:, None] - due.sum(axis=-1)
    data["owed_after"] = xr.Variable(("funding", "actor"), np.maximum(0.0, owed), {"units": currency})
    net = ((received - paid) * own).sum(axis=1) - burden
    data["actor_net_cost"] = xr.Variable(("actor",), data["actor_net_cost"].values - net, {"units": currency})
    society = ((received - paid) * inputs["discount"].values).sum(axis=1)
    data["net_transfer"] = xr.Variable(("actor",), society, {"units": currency})
