"""What shifts that scale take off, and how far it could be from that if their overlap were another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

__all__ = ["scaling_table"]


def scaling_table(data: xr.Dataset) -> pd.DataFrame:
    """What scaling shifts take off the main ledger, each year: as counted, and the range for any overlap [t/year].

    Fractions multiply when they overlap by chance. Whatever the overlap, together they take at least what the largest takes alone
    (all of the others inside it) and at most their sum (all beside each other): the Fréchet range.

    Returns
    -------
    pandas.DataFrame
        Index year; columns "at least", "counted", "at most" [t/year], and "overlap": the sum of what each would take alone
        less what they take together, at most.
    """
    main = data.attrs["main_ledger"]
    columns = {"at least": "scaled_low", "counted": "scaled", "at most": "scaled_high"}
    table = pd.DataFrame(
        {f"{label} [t/year]": data[name].sel(ledger=main).values for label, name in columns.items()},
        index=pd.Index(data["year"].values, name="year"),
    )
    table["overlap [t/year]"] = np.maximum(0.0, table["at most [t/year]"] - table["counted [t/year]"])
    return table
