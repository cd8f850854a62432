"""Each account of emissions by year: what the plan reaches, what it does, and what is left to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.effects import along

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["ledgers_table", "outside_table"]

Floats: TypeAlias = NDArray[np.float64]


def ledgers_table(data: xr.Dataset) -> pd.DataFrame:
    """Ledger by year [t CO2e/year].

    Parameters
    ----------
    data : xarray.Dataset
        A counted portfolio.

    Returns
    -------
    pandas.DataFrame
        Index ledger and year. ``baseline`` = ``outside`` + ``baseline in group`` + ``baseline others``: what the plan does not act on, and
        its activities inside and outside the municipal group. ``emissions in group`` is what is left of the former. ``emissions`` =
        ``baseline`` - ``reduction``; ``net`` = ``emissions`` - ``complementary``, all of it, whatever a target allows. ``target`` and
        ``net target`` are the lowest of the year, ``shortfall`` the largest; NaN without one. ``reachable share`` [1] is the part of the
        way from the baseline to the target that the plan's own activities could go if nothing were left of them; NaN where there is
        no target, or no way to go.
    """
    inside = data["activity_inside"].values.astype(bool)
    before, after = data["activity_baseline"].values, data["activity_emissions"].values
    baseline, outside, emissions = (data[name].values for name in ("baseline", "other", "emissions"))
    complementary = data["complementary"].values.sum(axis=(0, 1))
    acted = before.sum(axis=0)
    targets = _targets(data)
    with np.errstate(divide="ignore", invalid="ignore"):
        way = baseline - targets["needed"]
        reachable = np.where(way > 0, np.minimum(1.0, acted / way), np.nan)
    columns = {
        "baseline": baseline,
        "outside": outside,
        "baseline in group": before[inside].sum(axis=0),
        "baseline others": before[~inside].sum(axis=0),
        "reduction": data["reduction"].values.sum(axis=(0, 1)),
        "complementary": complementary,
        "emissions": emissions,
        "emissions in group": after[inside].sum(axis=0),
        "net": emissions - complementary,
        "target": targets["emissions"],
        "net target": targets["net"],
        "shortfall": targets["shortfall"],
        "reachable share": reachable,
    }
    index = pd.MultiIndex.from_product([data["ledger"].values, data["year"].values], names=["ledger", "year"])
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=index)


def _targets(data: xr.Dataset) -> dict[str, Floats]:
    """By ledger and year: lowest target of each kind, largest shortfall, and the lowest level of emissions that any of them allows."""
    ledgers, years = list(data["ledger"].values), list(data["year"].values)
    found = {name: np.full((len(ledgers), len(years)), np.nan) for name in ("emissions", "net", "shortfall", "needed")}
    for row in range(data.sizes["target"]):
        at = ledgers.index(data["target_ledger"].values[row]), years.index(data["target_year"].values[row])
        value = data["target_value"].values[row]
        kind = str(data["target_kind"].values[row])
        found[kind][at] = np.fmin(found[kind][at], value)
        found["shortfall"][at] = np.fmax(found["shortfall"][at], data["shortfall"].values[row])
        # a net target leaves room for as many tonnes as complementary measures may count for
        found["needed"][at] = np.fmin(found["needed"][at], value + data["target_complementary"].values[row])
    return found


def outside_table(plan: Plan) -> pd.DataFrame:
    """What the plan does not act on, by ledger, sector and year [t CO2e/year]: one column for each year."""
    rows = {(ledger.name, sector): along(path, plan.years) for ledger in plan.ledgers for sector, path in ledger.other.items()}
    index = pd.MultiIndex.from_tuples(list(rows), names=["ledger", "sector"]) if rows else None
    if index is None:
        index = pd.MultiIndex.from_arrays([[], []], names=["ledger", "sector"])
    return pd.DataFrame(np.array(list(rows.values())).reshape(len(rows), len(plan.years)), index=index, columns=list(plan.years))
