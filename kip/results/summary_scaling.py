"""The part of a portfolio's summary that says what rules and prices take off, and the range that it could lie in."""

from __future__ import annotations

import xarray as xr

from kip.views.labelled import main_ledger
from kip.views.labels import Language
from kip.views.sheet import Section

__all__ = ["scaling_section"]


def scaling_section(data: xr.Dataset, say: Language) -> list[Section]:
    """One sentence with the product and its Fréchet range; nothing for a portfolio without scaling shifts."""
    low, counted, high = (float(data[name].sel(ledger=main_ledger(data)).sum()) for name in ("scaled_low", "scaled", "scaled_high"))
    if high <= 0:
        return []
    amounts = {"low": say.sized(low, "t"), "counted": say.sized(counted, "t"), "high": say.sized(high, "t")}
    return [Section(say("section scaling"), (say("scaled", **amounts),))]
