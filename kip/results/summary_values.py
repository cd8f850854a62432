"""The part of a portfolio's summary that says what comes beside climate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from kip.views.labelled import coordinate, titles, total
from kip.views.labels import Language, scale
from kip.views.sheet import Section

__all__ = ["cobenefits_section"]


def cobenefits_section(data: xr.Dataset, say: Language) -> list[Section]:
    """Indicators that change: their own unit first, then what that is worth, where somebody has put a value on it."""
    amounts = total(data["cobenefit"], "indicator", "year")
    used = np.flatnonzero(np.abs(amounts).sum(axis=1) > 0)
    if used.size == 0:
        return []
    names = list(titles(data, "indicator").values())
    units = coordinate(data, "indicator", "unit") or ["1"] * len(names)
    directions = coordinate(data, "indicator", "direction") or ["up"] * len(names)
    years = data["year"].values
    sums = amounts.sum(axis=1)
    effects = ["unchanged" if not sums[row] else "better" if (sums[row] > 0) == (directions[row] == "up") else "worse" for row in used]
    table = pd.DataFrame(
        {
            say("indicator"): [names[row] for row in used],
            say.span(years[0], years[-1]): pd.Series([float(sums[row]) for row in used], dtype=object),
            say("unit"): [say.unit(str(units[row])) for row in used],
            say("effect"): [say(effect) for effect in effects],
            f"{say('last year')} {years[-1]}": pd.Series([float(amounts[row, -1]) for row in used], dtype=object),
            f"{say('unit')} ": [say.unit(f"{units[row]}/year") for row in used],
        }
    )
    worth = total(data["indicator_value"], "indicator")[used]
    if not np.any(worth):
        return [Section(say("section cobenefits"), (), table)]
    size = scale(worth, data.attrs["currency"])
    # no value and no worth are not the same, but a value of nothing is no value
    table[f"{say('worth')} [{size.unit}]"] = np.where(worth == 0, np.nan, worth / size.divisor)
    return [Section(say("section cobenefits"), (), table, (say("worth note", price_year=data.attrs.get("price_year", years[0])),))]
