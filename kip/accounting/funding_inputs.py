"""The rules of funding as arrays: who may have what, for what, when, and how much of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.finance import annuity
from kip.errors import RequestError, unknown_name
from kip.model import Enabler, Funding, Plan, Shift
from kip.model.fields import EVERYWHERE

__all__ = ["close_sources", "funding_table", "own_present_cost"]

Floats: TypeAlias = NDArray[np.float64]
Draft: TypeAlias = Mapping[str, xr.Variable]


def funding_table(plan: Plan, items: list[Any], data: dict[str, xr.Variable], factor: Callable[[str], float]) -> dict[str, xr.Variable]:
    """Add the rules of funding to the inputs; returns what describes the sources.

    `factor` converts a number at a path to the plan's price year.
    """
    sources = sorted(plan.funding, key=lambda source: source.name)
    names = [source.name for source in sources]
    actors = {actor.name: actor.size for actor in plan.actors}
    order = [str(name) for name in data["actor"].values]
    clash = np.zeros((len(sources), len(sources)), dtype=bool)
    granted = np.zeros((len(sources), len(items)))
    share = np.zeros((len(sources), len(order)))
    for row, source in enumerate(sources):
        share[row] = [_by_actor(source.share, name, actors[name], 0.0) for name in order]
        for other in source.not_with:
            clash[row, names.index(other)] = clash[names.index(other), row] = True
        for column, item in enumerate(items):
            granted[row, column] = source.granted.get(item.name, 0.0) * factor(f"funding.{source.name}.granted.{item.name}")
    caps = [np.inf if source.cap is None else factor(f"funding.{source.name}.cap") * source.cap for source in sources]
    intensity = [[_by_actor(item.aid_intensity, name, actors[name], 1.0) for name in order] for item in items]

    def put(name: str, dims: tuple[str, ...], values: Any, unit: str = "") -> None:
        data[name] = xr.Variable(dims, np.asarray(values), {"units": unit})

    put("funding_open", ("funding", "shift", "actor", "year"), _open(plan, sources, items, data, factor))
    put("funding_pot", ("funding", "year"), _pots(plan, sources, factor), plan.currency)
    put("funding_clash", ("funding", "funding_other"), clash)
    put("funding_share", ("funding", "actor"), share, "1")
    put("funding_share_of_cost", ("funding",), np.array([source.share_of_cost for source in sources], dtype=float), "1")
    put("funding_cap", ("funding",), np.array(caps, dtype=float), plan.currency)
    put("funding_granted", ("funding", "shift"), granted, plan.currency)
    put("funding_aid", ("funding",), np.array([source.counts_as_aid for source in sources], dtype=bool))
    put("funding_revolving", ("funding",), np.array([source.revolving for source in sources], dtype=bool))
    put("funding_rate", ("funding",), np.array([source.rate for source in sources], dtype=float), "1/year")
    put("aid_intensity", ("shift", "actor"), np.array(intensity, dtype=float).reshape(len(items), len(order)), "1")
    # one number is for the project as a whole; by size or name it is for each applicant's own part
    put("aid_by_actor", ("shift",), np.array([set(item.aid_intensity) != {EVERYWHERE} for item in items], dtype=bool))
    for field in ("eligible", "own_share"):
        put(field, ("shift",), [getattr(item, field) for item in items], "1")
    annuities = [annuity(source.rate, source.term) if source.kind == "loan" else 0.0 for source in sources]
    funders = [order.index(source.funder) if source.funder else -1 for source in sources]
    return {
        "funding": xr.Variable(("funding",), np.array(names, dtype=object)),
        "funding_title": xr.Variable(("funding",), np.array([source.label for source in sources], dtype=object)),
        "funding_kind": xr.Variable(("funding",), np.array([source.kind for source in sources], dtype=object)),
        "funding_annuity": xr.Variable(("funding",), np.array(annuities, dtype=float), {"units": "1/year"}),
        "funding_term": xr.Variable(("funding",), np.array([source.term for source in sources], dtype=int), {"units": "year"}),
        "funding_funder": xr.Variable(("funding",), np.array(funders, dtype=int)),
    }


def _by_actor(shares: Mapping[str, float], name: str, size: str | None, otherwise: float) -> float:
    """The share for one actor: by its name, else by its size, else the one for all others."""
    for key in (name, size, EVERYWHERE):
        if key is not None and key in shares:
            return float(shares[key])
    return otherwise


def _pots(plan: Plan, sources: list[Funding], factor: Callable[[str], float]) -> Floats:
    pot = np.full((len(sources), len(plan.years)), np.inf)
    for row, source in enumerate(sources):
        worth = factor(f"funding.{source.name}.pot")
        if isinstance(source.pot, dict):
            pot[row] = [worth * source.pot.get(year, 0.0) for year in plan.years]
        elif source.pot is not None:
            pot[row] = worth * source.pot
    return pot


def _open(plan: Plan, sources: list[Funding], items: list[Any], data: Draft, factor: Callable[[str], float]) -> NDArray[np.bool_]:
    """Whether a source can be had, by shift, actor and start year."""
    actors = [str(name) for name in data["actor"].values]
    project = data["capex"].values.sum(axis=1)
    unprofitable = own_present_cost(data) > 0 if any(source.unprofitable_only for source in sources) else None
    open_to = np.zeros((len(sources), len(items), len(actors), len(plan.years)), dtype=bool)
    for row, source in enumerate(sources):
        who = np.array([name in (source.applicants or actors) and name != source.funder for name in actors], dtype=bool)
        what = np.array([_is_for(source, item) for item in items], dtype=bool)
        when = np.array([not source.years or year in source.years for year in plan.years], dtype=bool)
        open_to[row] = what[:, None, None] & who[:, None] & when
        if source.floor is not None:
            open_to[row] &= (project >= factor(f"funding.{source.name}.floor") * source.floor - 1e-6)[:, None, :]
        if source.unprofitable_only and unprofitable is not None:
            open_to[row] &= unprofitable
    return open_to


def _is_for(source: Funding, item: Shift | Enabler) -> bool:
    if source.physical_only and not item.physical:
        return False
    if not source.shifts and not source.areas:
        return True
    return item.name in source.shifts or (bool(item.area) and item.area in source.areas)


def own_present_cost(data: Draft) -> Floats:
    """Net present cost of one unit to each actor, without grants, by the year in which it starts [currency/unit].

    Investment and running cost over its life within the horizon, less what is left at the end, at the actor's own discount rate,
    as an array (shift, actor, start). Above 0 it does not pay for itself.
    """
    capex, opex, own = data["capex"].values, data["opex"].values, data["own_discount"].values
    cash = np.einsum("suy,say,ay->sau", data["bought"].values, capex, own)
    cash = cash + np.einsum("suy,say,ay->sau", data["effect"].values, opex, own)
    rows = np.arange(len(capex))[:, None]
    last_price = capex.transpose(0, 2, 1)[rows, data["last_purchase"].values]
    left = data["residual_share"].values[:, :, None] * last_price * data["own_end_discount"].values
    return np.asarray(cash - left.transpose(0, 2, 1))


def close_sources(inputs: xr.Dataset, names: tuple[str, ...]) -> xr.Dataset:
    """The inputs with some sources of funding closed: nothing can be had from them, and nothing is granted by them.

    Raises
    ------
    RequestError
        For a name that is no source of funding.
    """
    known = list(map(str, inputs["funding"].values))
    wrong = [unknown_name("source of funding", name, known) for name in names if name not in known]
    if wrong:
        raise RequestError("\n".join(wrong))
    if not names:
        return inputs
    kept = ~np.isin(inputs["funding"].values.astype(str), names)
    closed = inputs.copy()
    closed["funding_open"] = inputs["funding_open"] & xr.Variable(("funding",), kept)
    closed["funding_granted"] = inputs["funding_granted"] * xr.Variable(("funding",), kept)
    return closed
