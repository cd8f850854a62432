"""The part of a portfolio's summary that keeps accounts apart: ledgers, the municipal group, complementary measures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from kip.results.ledgers import ledgers_table
from kip.views.labelled import titles
from kip.views.labels import Language, scale
from kip.views.sheet import Section

__all__ = ["credited_lines", "ledgers_section"]


def credited_lines(data: xr.Dataset, say: Language) -> list[str]:
    """For each net target, what complementary measures count for in it, and what they could at most."""
    lines = []
    for name, kind, credited, most in zip(
        titles(data, "target").values(),
        data["target_kind"].values,
        data["target_credited"].values,
        data["target_complementary"].values,
        strict=True,
    ):
        if kind == "net":
            size = scale([credited, most], "t/year")
            amounts = {"credited": say.number(credited / size.divisor), "most": say.number(most / size.divisor)}
            lines.append(say("credited", target=name, unit=say.unit(size.unit), **amounts))
    return lines


def ledgers_section(data: xr.Dataset, say: Language) -> list[Section]:
    """Each ledger in the years of its targets and in the last. Only where there is more than one, or more than plain reductions."""
    complementary, group = bool(data["complementary"].values.any()), bool(data["activity_inside"].values.any())
    if data.sizes["ledger"] < 2 and not complementary and not group:
        return []
    table = ledgers_table(data)
    last = int(data["year"].values[-1])
    aimed = set(zip(map(str, data["target_ledger"].values), map(int, data["target_year"].values), strict=True))
    rows = [at for at in table.index if (str(at[0]), int(at[1])) in aimed or int(at[1]) == last]
    shown = ["baseline", "outside", "baseline in group", "reduction", "complementary", "emissions", "net"]
    shown = [name for name in shown if complementary or name not in {"complementary", "net"}]
    shown = [name for name in shown if group or name != "baseline in group"]
    part = table.loc[rows, shown]
    size = scale(part.to_numpy().ravel(), "t/year")
    unit = say.unit(size.unit)
    names = titles(data, "ledger")
    columns = {say("ledger"): [names[str(at[0])] for at in rows], say("year"): [int(at[1]) for at in rows]}
    frame = pd.DataFrame(columns)
    for name in shown:
        frame[f"{say(f'ledger {name}')} [{unit}]"] = part[name].to_numpy() / size.divisor
    lines = []
    for at in rows:
        share = float(table.loc[at, "reachable share"])
        if np.isfinite(share):
            lines.append(say("reachable", ledger=names[str(at[0])], year=int(at[1]), share=say.percent(share)))
    notes = (say("complementary note"),) if complementary else ()
    return [Section(say("section ledgers"), tuple(lines), frame, notes)]
