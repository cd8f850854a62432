"""What comes beside climate: each indicator in its own unit first, in money second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from kip.accounting.finance import discount_factors

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["cobenefits_table"]


def cobenefits_table(plan: Plan, data: xr.Dataset) -> pd.DataFrame:
    """Indicators, one row each, in the order of their families.

    Parameters
    ----------
    plan : Plan
    data : xarray.Dataset
        A counted portfolio.

    Returns
    -------
    pandas.DataFrame
        Index indicator: family, total over the years and in the last year [unit], unit, direction; then its worth, in the plan's prices, as
        the sum of the years and as present value [currency], NaN without a value, and where the value is from.
    """
    nouns = {indicator.name: indicator for indicator in plan.indicators}
    amounts = data["cobenefit"].sum(["shift", "district"]).transpose("indicator", "year").values
    money, discount = data["indicator_value"].values, discount_factors(plan.discount_rate, data.sizes["year"])
    currency, last = data.attrs["currency"], int(data["year"].values[-1])
    rows = []
    for row, name in enumerate(map(str, data["indicator"].values)):
        noun = nouns[name]
        priced = noun.value is not None or bool(noun.value_set)
        worth = (float(money[row].sum()), float(money[row] @ discount)) if priced else (np.nan, np.nan)
        source = ", ".join(filter(None, [noun.value_set, noun.value_key])) if priced else ""
        rows.append([name, noun.family, float(amounts[row].sum()), float(amounts[row, -1]), noun.unit, noun.direction, *worth, source])
    columns = [
        "indicator",
        "family",
        "total",
        f"in {last}",
        "unit",
        "direction",
        f"worth [{currency}]",
        f"present worth [{currency}]",
        "value set",
    ]
    table = pd.DataFrame(rows, columns=columns).sort_values(["family", "indicator"], kind="stable")
    return table.set_index("indicator")
