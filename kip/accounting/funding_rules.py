"""Does a portfolio keep the rules of its funding? Checked on the exact count, to the krona."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from kip.accounting.rules import MONEY_TOLERANCE, Broken

__all__ = ["broken_funding", "grant_rate"]


def broken_funding(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    """Every rule of funding that the grants and loans break: who, what, when, share, cap, intensity, own share, pot, stacking."""
    if inputs.sizes["funding"] == 0:
        return
    yield from _not_open(inputs, data)
    yield from _too_much(inputs, data)
    yield from _together(inputs, data)
    yield from _over_pot(inputs, data)
    yield from _stacked(inputs, data)
    yield from _less_than_granted(inputs, data)
    yield from _lent_too_much(inputs, data)


def _over(kind: str, source: str, where: str, amount: float, limit: str, currency: str) -> Broken:
    return Broken(kind, f"{source}: {where}", amount, f"{source} gives {where} {amount:,.0f} {currency} more than {limit}.")


def _not_open(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    opened = inputs["funding_open"].values & (inputs["funding_kind"].values == "grant")[:, None, None, None]
    wrong = (data["grant"].values > MONEY_TOLERANCE) & ~opened[:, :, None]
    names, shifts = data["funding"].values, data["shift"].values
    for row, shift, _, actor, year in np.argwhere(wrong):
        yield Broken(
            "funding",
            str(names[row]),
            float(data["grant"].values[row, shift, :, actor, year].sum()),
            f"{names[row]} cannot be had for {shifts[shift]} by {data['actor'].values[actor]} in {data['year'].values[year]}.",
        )
    allowed = inputs["funding_open"].values.any(axis=1) & (inputs["funding_kind"].values == "loan")[:, None, None]
    for row, actor, year in np.argwhere((data["loan"].values > MONEY_TOLERANCE) & ~allowed):
        amount = float(data["loan"].values[row, actor, year])
        sentence = f"{names[row]} cannot be had by {data['actor'].values[actor]} in {data['year'].values[year]}."
        yield Broken("funding", str(names[row]), amount, sentence)


def _cost(inputs: xr.Dataset, data: xr.Dataset) -> np.ndarray:
    """Investment that grants can be had for: what starts, at its year's price, as (shift, district, actor, year)."""
    return np.asarray(data["new"].values[:, :, None, :] * inputs["capex"].values[:, None, :, :])


def grant_rate(inputs: xr.Dataset) -> np.ndarray:
    """Largest share of an applicant's cost that each source may give, as (funding, shift, actor) [1]."""
    rate = inputs["funding_share"].values[:, None, :] * inputs["eligible"].values[None, :, None]
    return np.asarray(np.minimum(rate, inputs["funding_share_of_cost"].values[:, None, None]))


def _too_much(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    grant, currency = data["grant"].values, data.attrs["currency"]
    cost = _cost(inputs, data)
    by_share = grant - grant_rate(inputs)[:, :, None, :, None] * cost[None]
    capped = np.isfinite(inputs["funding_cap"].values)
    cap = np.where(capped, inputs["funding_cap"].values, 0.0)[:, None, None, None]
    by_cap = np.where(capped[:, None, None, None], grant.sum(axis=3) - cap * data["new"].values[None], 0.0)
    names, shifts = data["funding"].values, data["shift"].values
    for row, shift in np.argwhere((by_share > MONEY_TOLERANCE).any(axis=(2, 3, 4))):
        yield _over(
            "share", str(names[row]), str(shifts[shift]), float(by_share[row, shift].max()), "its share of the eligible cost", currency
        )
    for row, shift in np.argwhere((by_cap > MONEY_TOLERANCE).any(axis=(2, 3))):
        yield _over("cap", str(names[row]), str(shifts[shift]), float(by_cap[row, shift].max()), "its cap for a project", currency)


def _together(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    grant, currency = data["grant"].values, data.attrs["currency"]
    cost = _cost(inputs, data)
    aid = grant[inputs["funding_aid"].values].sum(axis=0)
    most_aid = (inputs["aid_intensity"].values * inputs["eligible"].values[:, None])[:, None, :, None] * cost
    # by size or name, each applicant's aid is held to its own part of the cost; one number is for the project as a whole
    over_intensity = (aid - most_aid).sum(axis=2)
    each = (aid - most_aid).max(axis=2, initial=-np.inf)
    over_intensity = np.where(inputs["aid_by_actor"].values[:, None, None], each, over_intensity)
    over_own = grant.sum(axis=(0, 3)) - (1.0 - inputs["own_share"].values)[:, None, None] * cost.sum(axis=2)
    over_part = (grant.sum(axis=0) - cost).max(axis=2, initial=-np.inf)
    shifts = data["shift"].values
    rules = (
        ("intensity", over_intensity, "the aid intensity"),
        ("own share", over_own, "leaves its own share"),
        ("cost", over_part, "it costs"),
    )
    for kind, over, limit in rules:
        for shift in np.flatnonzero((over > MONEY_TOLERANCE).any(axis=(1, 2))):
            yield _over(kind, "all funding together", str(shifts[shift]), float(over[shift].max()), limit, currency)


def _over_pot(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    currency = data.attrs["currency"]
    given = data["grant"].values.sum(axis=(1, 2, 3)) + data["loan"].values.sum(axis=1)
    over = given - data["pot_available"].values
    for row, year in np.argwhere(over > MONEY_TOLERANCE):
        name, when = str(data["funding"].values[row]), int(data["year"].values[year])
        yield _over("pot", name, f"in {when}", float(over[row, year]), "is in its pot", currency)


def _stacked(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    """No project has two sources that exclude each other. A project is one unit (§3): units that start together may have different ones."""
    grant, new = data["grant"].values.sum(axis=3), data["new"].values
    cost = inputs["capex"].values
    most = np.minimum((grant_rate(inputs)[..., None] * cost[None]).sum(axis=2), inputs["funding_cap"].values[:, None, None])
    units = np.divide(grant, most[:, :, None, :], out=np.zeros_like(grant), where=most[:, :, None, :] > 0)
    share = inputs["choice"].values == "share"
    # a part of a unit's grant takes the whole unit, except where any amount is a project
    slack = np.divide(MONEY_TOLERANCE, most[:, :, None, :], out=np.zeros_like(units), where=most[:, :, None, :] > 0)
    units = np.where(share[None, :, None, None], units - slack, np.ceil(units - slack))
    names = data["funding"].values
    for one, two in np.argwhere(np.triu(inputs["funding_clash"].values)):
        together = np.maximum(0.0, units[one]) + np.maximum(0.0, units[two]) - new
        both = (grant[one] > MONEY_TOLERANCE) & (grant[two] > MONEY_TOLERANCE)
        for shift in np.flatnonzero((both & (together > 1e-6 * np.maximum(1.0, new))).any(axis=(1, 2))):
            pair = f"{names[one]} and {names[two]}"
            yield Broken("stacking", pair, 1.0, f"{pair} are both in {data['shift'].values[shift]}, but they cannot be stacked.")


def _less_than_granted(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    """A grant that is decided is received when its shift starts anywhere."""
    granted, currency = inputs["funding_granted"].values, data.attrs["currency"]
    started = data["new"].values.sum(axis=(1, 2)) > 0.5
    given = data["grant"].values.sum(axis=(2, 3, 4))
    names, shifts = data["funding"].values, data["shift"].values
    for row, shift in np.argwhere((granted - given > MONEY_TOLERANCE) & started):
        lacking = float(granted[row, shift] - given[row, shift])
        yield Broken(
            "granted",
            f"{names[row]}: {shifts[shift]}",
            lacking,
            f"{shifts[shift]} starts with {lacking:,.0f} {currency} less from {names[row]} than is granted to it.",
        )


def _lent_too_much(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    """Loans pay for what they are for, and only once: what has no project to pay for is too much."""
    unused = data["loan"].values - data["loan_use"].values.sum(axis=(1, 2))
    for row, actor, year in np.argwhere(unused > MONEY_TOLERANCE):
        where = f"to {data['actor'].values[actor]} in {data['year'].values[year]}"
        yield _over(
            "loan",
            str(data["funding"].values[row]),
            where,
            float(unused[row, actor, year]),
            "is invested in what it is for, grants taken off",
            data.attrs["currency"],
        )
