"""How much of a result rests on what kind of numbers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr

from kip.model import Plan, Shift

__all__ = ["shares"]

_WORST = {"A": 0, "B": 1, "C": 2, "none": 3}


def shares(plan: Plan, data: xr.Dataset) -> pd.DataFrame:
    """Share of the reduction and of the investment that rests on quality A, B, C or on numbers without a passport [1].

    A chain is as strong as its weakest link: a shift's tonnes carry the worst quality among the numbers that make them
    (its potential, use and reduction, the amounts and factors of its segments), its investment that of its costs.

    Returns
    -------
    pandas.DataFrame
        Rows "reduction" and "investment", columns A, B, C, none; a row of NaN where there is nothing to share.
    """
    tonnes = np.abs(data["reduction"].sel(ledger=data.attrs["main_ledger"]).values).sum(axis=(1, 2))
    money = np.abs(data["investment"].values).sum(axis=(1, 2, 3))
    items = {item.name: item for item in (*plan.shifts, *plan.enablers)}
    table = pd.DataFrame(0.0, index=["reduction", "investment"], columns=list(_WORST))
    for row, name in enumerate(map(str, data["shift"].values)):
        item = items[name]
        place = f"{'shifts' if isinstance(item, Shift) else 'enablers'}.{name}"
        if tonnes[row]:
            table.loc["reduction", _quality(plan, _effect_paths(item, place))] += tonnes[row]
        if money[row]:
            table.loc["investment", _quality(plan, [f"{place}.cost.{actor}" for actor in item.cost])] += money[row]
    total = table.sum(axis=1)
    return table.div(total.where(total > 0), axis=0)


def _effect_paths(item: object, place: str) -> Iterable[str]:
    if not isinstance(item, Shift):
        return []
    if item.scales:
        scaled = [f"{place}.scales.{name}" for name in item.scales]
        return scaled + [f"activities.{name}.{field}" for name in item.scales for field in ("amount", "factor")]
    if item.source is None:
        return [f"{place}.reduction.{ledger}" for ledger in item.reduction]
    paths = [f"{place}.{field}" for field in ("use", "potential", "potential_share") if getattr(item, field) not in (None, {}, 1.0)]
    for activity in (item.source, item.target):
        if activity is not None:
            paths += [f"activities.{activity}.amount", f"activities.{activity}.factor"]
    return paths


def _quality(plan: Plan, paths: Iterable[str]) -> str:
    found = []
    for path in paths:
        passport = plan.passport(path) or next((plan.passports[key] for key in plan.passports if key.startswith(f"{path}.")), None)
        found.append(passport.quality if passport else "none")
    return max(found, key=_WORST.__getitem__, default="none")
