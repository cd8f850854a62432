"""The parts of a portfolio's summary that say who decides, and which of the tonnes are the plan's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kip.model.shift import CONTROLS
from kip.results.control import ALL, DECIDES, PERSUADES, control_table
from kip.results.waterfall import ANYWAY, GROSS, waterfall
from kip.views.labels import Language, Scale, scale
from kip.views.sheet import Section

if TYPE_CHECKING:
    import xarray as xr

    from kip.model import Plan

__all__ = ["control_sections"]

_HALF_A_TONNE = 0.5


def control_sections(plan: Plan, data: xr.Dataset, say: Language) -> list[Section]:
    """Who decides, where not all is the municipality's own; the steps to additional tonnes, where there are any."""
    return [*_control(plan, data, say), *_waterfall(data, say)]


def _control(plan: Plan, data: xr.Dataset, say: Language) -> list[Section]:
    table = control_table(plan, data)
    used = [level for level in CONTROLS if table.loc[level].abs().sum() > 0]
    if not used or used == ["own"]:
        return []
    low, mean, high = (table[f"{name} [t]"] for name in ("low uptake", "reduction", "high uptake"))
    currency = data.attrs["currency"]
    shown = [*used, DECIDES, PERSUADES, ALL]
    tonnes = scale([*low, *mean, *high], "t")
    money = [f"{name} [{currency}]" for name in ("municipal enabling cost", "private adoption cost", "other public cost", "grants")]
    size = scale(table[money].to_numpy().ravel(), currency)
    columns: dict[str, object] = {say("control"): [say(level if level in CONTROLS else f"group {level}") for level in shown]}
    ranged = bool(np.abs(high - low).max() > _HALF_A_TONNE)
    parts = [("reduction", mean), *([("low uptake", low), ("high uptake", high)] if ranged else [])]
    for key, values in parts:
        columns[f"{say(key)} [{say.unit(tonnes.unit)}]"] = values[shown].to_numpy() / tonnes.divisor
    for name in money:
        if table[name].any():
            columns[f"{say(name.partition(' [')[0])} [{size.unit}]"] = table.loc[shown, name].to_numpy() / size.divisor
    cost = table[money[:3]].sum(axis=1)
    lines = tuple(
        say(f"sentence {group}", tonnes=_tonnes(table, group, tonnes, say), money=say.sized(float(cost[group]), currency))
        for group in (DECIDES, PERSUADES)
    )
    notes = (say("uptake range" if ranged else "no uptake range"), say("control note"))
    return [Section(say("section control"), lines, pd.DataFrame(columns), notes)]


def _tonnes(table: pd.DataFrame, group: str, size: Scale, say: Language) -> str:
    low, mean, high = (float(table[f"{name} [t]"][group]) for name in ("low uptake", "reduction", "high uptake"))
    text = f"{say.number(mean / size.divisor)} {say.unit(size.unit)}"
    if high - low <= _HALF_A_TONNE:
        return text
    return say("with range", value=text, low=say.number(low / size.divisor), high=say.number(high / size.divisor))


def _waterfall(data: xr.Dataset, say: Language) -> list[Section]:
    table = waterfall(data)
    values = table["reduction [t]"]
    steps = values[table["kind"] == "step"]
    if not steps.abs().max() > _HALF_A_TONNE:
        return []
    size = scale(values, "t")
    policies = [str(name) for name in data["policy"].values]
    names = [name if name in policies else say(f"step {name}") for name in map(str, table.index)]
    shown = pd.DataFrame({say("step"): names, f"{say('reduction')} [{say.unit(size.unit)}]": values.to_numpy() / size.divisor})
    kept = [kind == "level" or abs(value) > 0 for kind, value in zip(table["kind"], values, strict=True)]
    gross = float(values[GROSS])
    line = say("additional of gross", share=say.percent(float(values.iloc[-1]) / gross)) if gross > 0 else ""
    anyway = say("not claimed", tonnes=say.sized(-float(values[ANYWAY]), "t"))
    return [Section(say("section waterfall"), tuple(text for text in (line, anyway) if text), shown[kept], (say("waterfall note"),))]
