"""Classes of shifts by tonnes and net cost together: a ranking that holds where the cost is negative, too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

__all__ = ["pareto_classes"]


def pareto_classes(data: xr.Dataset) -> pd.DataFrame:
    """Shifts of a portfolio in Pareto classes: more tonnes and less net present cost are better.

    Where a tonne costs less than nothing, kronor per tonne rank the smaller saving first, and no other ratio mends that; classes of
    dominance rank without a ratio (Taylor 2012, "The ranking of negative-cost emissions reduction measures", Energy
    Policy 48). In class 1 are shifts that no other beats in both; in class 2 those that only class 1 beats; and so on.

    Parameters
    ----------
    data : xarray.Dataset
        A counted portfolio.

    Returns
    -------
    pandas.DataFrame
        Index shift, those that take something off; columns title, class, reduction [t], net present cost [currency], and whether it pays
        for itself. By class, and in a class by net present cost.
    """
    from moocore import pareto_rank

    tonnes = data["reduction"].sel(ledger=data.attrs["main_ledger"]).sum(["district", "year"]).values
    money = data["net_cost"].sum(["district", "actor"]).values
    kept = (np.abs(data["new"].values).sum(axis=(1, 2)) > 0) & (tonnes > 0)
    currency = data.attrs["currency"]
    table = pd.DataFrame(
        {
            "title": data["title"].values[kept],
            "class": 0,
            "reduction [t]": tonnes[kept],
            f"net present cost [{currency}]": money[kept],
            "pays for itself": money[kept] < 0,
        },
        index=pd.Index(data["shift"].values[kept], name="shift"),
    )
    if len(table):
        table["class"] = pareto_rank(np.column_stack([-tonnes[kept], money[kept]]).astype(float)) + 1
    return table.sort_values(["class", f"net present cost [{currency}]"], kind="stable")
