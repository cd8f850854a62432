"""From what the decisions would remove in a world without policies to what the plan may claim, step by step."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from kip.accounting.overlaps import overlap_halves
from kip.errors import RequestError, unknown_name

__all__ = ["ADDITIONAL", "ANYWAY", "GROSS", "NET", "OVERLAP", "waterfall"]

GROSS, NET, ANYWAY, ADDITIONAL = "gross", "net of baseline", "would have happened anyway", "additional"
OVERLAP = "declared overlaps"
"""The fixed rows of a waterfall; policies stand between the first two, and declared overlaps, where a plan has some, before the last."""


def waterfall(data: xr.Dataset, ledger: str | None = None, year: int | None = None, by_shift: bool = False) -> pd.DataFrame:
    """The steps from gross to additional tonnes; see `Portfolio.waterfall`.

    Parameters
    ----------
    data : xarray.Dataset
        A counted portfolio.
    ledger : str, optional
        The main one when left out.
    year : int, optional
        All years of the plan when left out.
    by_shift : bool
        A column for each shift as well.

    Returns
    -------
    pandas.DataFrame
        Index step; "kind" is "level" (a sum so far) or "step" (added to it), then tonnes.
    """
    chosen = _known("ledger", ledger or str(data.attrs["main_ledger"]), list(map(str, data["ledger"].values)))
    years = [int(value) for value in data["year"].values]
    if year is not None and year not in years:
        raise RequestError(f"{year} is not a year of the plan ({years[0]}-{years[-1]}). Choose one of them.")
    part = data.sel(ledger=chosen) if year is None else data.sel(ledger=chosen, year=[year])
    claimed = part["reduction"].sum(["district", "year"]).values
    gross = part["gross"].sum(["district", "year"]).values
    lost = overlap_halves(part, part["overlap_loss"].sum(["district", "year"]).values, len(gross))
    # what a shift removes by no rate of its own (it scales activities) is counted as it is, its attribution within
    net = np.where(np.abs(part["gross"].values).sum(axis=(1, 2)) > 0, gross, claimed)
    layers = part["policy_reduction"].sum("year").values
    rows = [(GROSS, "level", net + layers.sum(axis=0))]
    rows += [(str(name), "step", -layer) for name, layer in zip(data["policy"].values, layers, strict=True)]
    rows += [(NET, "level", net), (ANYWAY, "step", claimed + lost - net)]
    rows += [(OVERLAP, "step", -lost)] if data.sizes["overlap"] else []
    rows += [(ADDITIONAL, "level", claimed)]
    unit = "t" if year is None else "t/year"
    table = pd.DataFrame({"kind": [kind for _, kind, _ in rows]}, index=pd.Index([name for name, _, _ in rows], name="step"))
    if by_shift:
        for place, name in enumerate(data["shift"].values):
            values = np.array([row[2][place] for row in rows])
            if values.any():
                table[f"{name} [{unit}]"] = values + 0.0
    table[f"reduction [{unit}]"] = np.array([values.sum() for *_, values in rows]) + 0.0
    return table


def _known(kind: str, name: str, allowed: list[str]) -> str:
    if name not in allowed:
        raise RequestError(unknown_name(kind, name, allowed))
    return name
