"""The part of a portfolio's summary that says which money comes from where."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from kip.results.funding import leverage
from kip.views.labels import Language, scale
from kip.views.sheet import Section

__all__ = ["funding_section"]


def funding_section(data: xr.Dataset, say: Language) -> list[Section]:
    """Grants and loans by source and shift; what a municipal krona draws with it. Nothing for a plan without funding."""
    if data.sizes["funding"] == 0:
        return []
    currency = data.attrs["currency"]
    grants, loans = data["grant"].values.sum(axis=(2, 3, 4)), data["loan"].values.sum(axis=2)
    if not grants.any() and not loans.any():
        return [Section(say("section funding"), (say("no funding"),))]
    size = scale([*grants[grants > 0], *loans[loans > 0]], currency)
    titles, sources = data["title"].values, data["funding_title"].values
    rows = [(sources[f], titles[s], grants[f, s] / size.divisor) for f, s in np.argwhere(grants > 0)]
    # a loan is of an actor, who may use it for several things
    actors = data["actor_title"].values
    rows += [(sources[f], say("investments", who=actors[a]), loans[f, a] / size.divisor) for f, a in np.argwhere(loans > 0)]
    table = pd.DataFrame(rows, columns=[say("source of funding"), say("what for"), f"{say('funding')} [{say.unit(size.unit)}]"])
    lines = [say("funding in all", grants=say.sized(float(grants.sum()), currency), loans=say.sized(float(loans.sum()), currency))]
    drawn = leverage(data)
    if np.isfinite(drawn):
        lines.append(say("leverage", drawn=say.number(drawn), currency=currency))
    owed = float(data["owed_after"].values.sum())
    notes = (say("owed after", owed=say.sized(owed, currency), year=int(data["year"].values[-1])),) if owed > 0.5 else ()
    return [Section(say("section funding"), tuple(lines), table, notes)]
