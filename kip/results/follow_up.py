"""Closed years: what was decided under the plan's assumptions, and what really happened, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from kip.accounting.count import count
from kip.accounting.inputs import build_inputs

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["follow_up"]


def follow_up(plan: Plan) -> pd.DataFrame:
    """Planned and actual, by shift and closed year; see `Portfolio.follow_up`."""
    actual = _decided(plan)
    # the scenarios and passports of outcomes need not be there: only numbers are compared
    fields = {name: getattr(plan, name) for name in type(plan).model_fields} | {"outcomes": ()}
    planned = _decided(type(plan).model_validate(fields))
    closed = [year for year in plan.years if plan.decided_until is not None and year <= plan.decided_until]
    currency = plan.currency
    table = {}
    for label, unit, name in (
        ("units", "unit", "new"),
        ("investment", currency, "investment"),
        ("running cost", f"{currency}/year", "operation"),
        ("reduction", "t/year", "reduction"),
    ):
        columns = [_by_shift(data, name).sel(year=closed) for data in (planned, actual)]
        for when, values in zip(("planned", "outcome"), columns, strict=True):
            table[f"{label} {when} [{unit}]"] = values.values.ravel()
        table[f"{label} difference [{unit}]"] = (columns[1] - columns[0]).values.ravel()
    index = pd.MultiIndex.from_product([list(map(str, actual["shift"].values)), closed], names=["shift", "year"])
    frame = pd.DataFrame(table, index=index)
    return frame.loc[list((np.abs(frame.to_numpy()) > 0).any(axis=1)), :]


def _decided(plan: Plan) -> xr.Dataset:
    inputs = build_inputs(plan)
    return count(inputs, inputs["decided"].values)


def _by_shift(data: xr.Dataset, name: str) -> xr.DataArray:
    values = data[name].sel(ledger=data.attrs["main_ledger"]) if name == "reduction" else data[name]
    summed = values.sum([dim for dim in values.dims if dim not in {"shift", "year"}])
    return summed.transpose("shift", "year")
