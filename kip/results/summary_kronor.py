"""The part of a portfolio's summary that shows the four kronor side by side, and who gains and who loses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from kip.results.cash_flow import actors_table
from kip.results.funding import OUTSIDE
from kip.results.kronor import columns_of, kronor
from kip.views.labelled import titles
from kip.views.labels import Language, scale
from kip.views.sheet import Section

__all__ = ["kronor_section"]


def kronor_section(data: xr.Dataset, say: Language) -> list[Section]:
    """Cost, effect for each krona and leverage, always side by side; nothing for a portfolio that moves no money."""
    table, named, currency = kronor(data), columns_of(data), data.attrs["currency"]
    sums = table[[named[name] for name in ("investment", "running cost", "grants received", "grants paid", "net present cost")]]
    if not sums.to_numpy().any():
        return []
    size = scale(sums.to_numpy().ravel(), currency)
    shown = pd.DataFrame({say("krona"): [say("outside") if name == OUTSIDE else say.known(str(name)) for name in table.index]})
    # what is received less what is given is one column: all of them must fit a terminal of 80 columns
    values_of = {name: sums[named[name]].to_numpy() / size.divisor for name in ("investment", "running cost", "net present cost")}
    grants = (sums[named["grants received"]] - sums[named["grants paid"]]).to_numpy() / size.divisor
    if sums[named["grants received"]].to_numpy().any():
        values_of = {
            "investment": values_of.pop("investment"),
            "running cost": values_of.pop("running cost"),
            "grants net": grants,
        } | values_of
    for name, values in values_of.items():
        shown[f"{say(name)} [{say.unit(size.unit)}]"] = values
    shown[f"{say('reduction per krona')} [kg/{currency}]"] = table[named["reduction per krona"]].to_numpy()
    shown[f"{say('cost of a tonne')} [{currency}/t]"] = table[named["cost of a tonne"]].to_numpy()
    shown[say("leverage of a krona")] = table[named["leverage"]].to_numpy()
    notes = [say("kronor side by side")]
    if not np.isfinite(table[named["reduction per krona"]].to_numpy()).all():
        notes.append(say("no krona to rank by"))
    return [Section(say("section kronor"), tuple(_outcomes(data, say)), shown, tuple(notes))]


def _outcomes(data: xr.Dataset, say: Language) -> list[str]:
    """One sentence for those who gain, one for those who lose; each at its own discount rate."""
    table, currency = actors_table(data), data.attrs["currency"]
    if len(table) < 2:
        return []
    names, value = titles(data, "actor"), table[f"net present value [{currency}]"]
    lines = []
    for outcome in ("gains", "loses"):
        who = [f"{names[str(actor)]} ({say.sized(abs(value[actor]), currency)})" for actor in table.index[table["outcome"] == outcome]]
        if who:
            lines.append(say(outcome, who=", ".join(who)))
    return lines
