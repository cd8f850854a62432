"""Does a portfolio keep the rules of its funding? Checked on the exact count, to the krona."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from kip.accounting.rules import MONEY_TOLERANCE, Broken

__all__ = ["broken_funding"]


def broken_funding(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    """Every rule of funding that the grants and loans break: who, what, when, share, cap, intensity, own share, pot, stacking."""
    if inputs.sizes["funding"] == 0:
        return
    yield from _not_open(inputs, data)
    yield from _too_much(inputs, data)
    yield from _together(inputs, data)
    yield from _over_pot(inputs, data)
    yield from _stacked(inputs, data)


def _over(kind: str, source: str, where: str, amount: float, limit: str, currency: str) -> Broken:
    return Broken(kind, f"{source}: {where}", amount, f"{source} gives {where} {amount:,.0f} {currency} more than {limit}.")


def _not_open(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    allowed = inputs["funding_open"].values[:, :, None, :, None] & inputs["funding_years"].values[:, None, None, None, :]
    wrong = (data["grant"].values > MONEY_TOLERANCE) & ~allowed
    names, shifts = data["funding"].values, data["shift"].values
    for row, shift, _, actor, year in np.argwhere(wrong):
        yield Broken(
            "funding",
            str(names[row]),
            float(data["grant"].values[row, shift, :, actor, year].sum()),
            f"{names[row]} cannot be had for {shifts[shift]} by {data['actor'].values[actor]} in {data['year'].values[year]}.",
        )


def _cost(inputs: xr.Dataset, data: xr.Dataset) -> np.ndarray:
    """Investment that grants can be had for: what starts, at its year's price, as (shift, district, actor, year)."""
    return np.asarray(data["new"].values[:, :, None, :] * inputs["capex"].values[:, None, :, :])


def _too_much(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    grant, currency = data["grant"].values, data.attrs["currency"]
    cost = _cost(inputs, data)
    eligible = inputs["eligible"].values[:, None, None, None] * cost
    by_share = grant - inputs["funding_share"].values[:, None, None, None, None] * eligible[None]
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
    aid = grant[inputs["funding_aid"].values].sum(axis=(0, 3))
    rate = inputs["aid_intensity"].values * inputs["eligible"].values
    over_intensity = aid - rate[:, None, None] * cost.sum(axis=2)
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
    over = given - inputs["funding_pot"].values
    for row, year in np.argwhere(over > MONEY_TOLERANCE):
        name, when = str(data["funding"].values[row]), int(data["year"].values[year])
        yield _over("pot", name, f"in {when}", float(over[row, year]), "is in its pot", currency)


def _stacked(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    has = data["grant"].values.sum(axis=(3, 4)) > MONEY_TOLERANCE
    names = data["funding"].values
    for one, two in np.argwhere(np.triu(inputs["funding_clash"].values)):
        for shift in np.flatnonzero((has[one] & has[two]).any(axis=1)):
            both = f"{names[one]} and {names[two]}"
            yield Broken("stacking", both, 1.0, f"{both} are both in {data['shift'].values[shift]}, but they cannot be stacked.")
