"""Rådighet: what the municipality decides, and what it must persuade others to, in tonnes and kronor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from kip.model import Shift
from kip.model.shift import CONTROLS
from kip.results.realised import realised_reduction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kip.model import Enabler, Plan

__all__ = ["ALL", "DECIDES", "GROUPS", "PERSUADES", "asks_table", "control_table"]

DECIDES, PERSUADES, ALL = "decides", "persuades", "all"
GROUPS = {DECIDES: CONTROLS[:3], PERSUADES: CONTROLS[3:]}
"""Own decision, procurement and regulation are decided by the municipality; incentives and dialogue persuade others."""


def control_table(plan: Plan, data: xr.Dataset) -> pd.DataFrame:
    """Tonnes and kronor by level of control, their two groups, and all; see `Portfolio.control`."""
    currency, last = data.attrs["currency"], int(data["year"].values[-1])
    levels = _levels(plan, data)
    tonnes = data["reduction"].sel(ledger=data.attrs["main_ledger"]).sum("district").values
    low, high = realised_reduction(plan, data)
    by_shift = {
        "reduction [t]": tonnes.sum(axis=1),
        "low uptake [t]": low.sum(axis=1),
        "high uptake [t]": high.sum(axis=1),
        f"reduction {last} [t/year]": tonnes[:, -1],
    }
    invested = data["investment"].values.sum(axis=(1, 3))
    cost = invested + data["operation"].values.sum(axis=(1, 3))
    kinds = data["actor_kind"].values
    municipal, private = kinds == "municipal", kinds == "private"
    by_payer = {
        f"municipal enabling cost [{currency}]": cost * municipal,
        f"private adoption cost [{currency}]": cost * private,
        f"other public cost [{currency}]": cost * ~(municipal | private),
        f"private investment [{currency}]": invested * private,
        f"grants [{currency}]": data["grant"].values.sum(axis=(0, 2, 4)),
    }
    of_measure = np.array([_own_level(plan, str(name)) for name in data["shift"].values])
    rows: dict[str, list[float]] = {
        level: [
            *(float(values[of_measure == level].sum()) for values in by_shift.values()),
            *(float(values[levels == level].sum()) for values in by_payer.values()),
        ]
        for level in CONTROLS
    }
    for group, members in GROUPS.items():
        rows[group] = [sum(column) for column in zip(*(rows[level] for level in members), strict=True)]
    rows[ALL] = [sum(column) for column in zip(*(rows[group] for group in GROUPS), strict=True)]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[*by_shift, *by_payer])
    return table.rename_axis("control")


def asks_table(plan: Plan, data: xr.Dataset) -> pd.DataFrame:
    """What each actor must decide in each district; see `Portfolio.asks`."""
    currency = data.attrs["currency"]
    new, years = data["new"].values, data["year"].values
    money = {name: data[name].values for name in ("investment", "operation")}
    grants = data["grant"].values.sum(axis=0)
    tonnes = data["reduction"].sel(ledger=data.attrs["main_ledger"]).sum("year").values
    actors, places = list(map(str, data["actor"].values)), list(map(str, data["district"].values))
    titles = dict(zip(actors, map(str, data["actor_title"].values), strict=True))
    items = _items(plan)
    rows: list[dict[str, Any]] = []
    for row, place in np.argwhere(np.abs(new).sum(axis=2) > 0):
        item = items[str(data["shift"].values[row])]
        starts = np.flatnonzero(np.abs(new[row, place]) > 0)
        part = {name: values[row, place] for name, values in money.items()}
        for actor in _deciders(plan, item, actors, part["investment"], part["operation"], grants[row, place]):
            column = actors.index(actor)
            running = part["operation"][column]
            rows.append(
                {
                    "actor": actor,
                    "district": places[place],
                    "shift": item.name,
                    "actor title": titles[actor],
                    "title": item.label,
                    "control": item.control_by_actor.get(actor, item.control),
                    "first start": int(years[starts[0]]),
                    "last start": int(years[starts[-1]]),
                    "units": float(new[row, place].sum()),
                    "unit": getattr(item, "unit", ""),
                    f"investment [{currency}]": float(part["investment"][column].sum()),
                    f"running cost [{currency}]": float(np.maximum(running, 0.0).sum()),
                    f"saving [{currency}]": float(np.maximum(-running, 0.0).sum()),
                    f"grants [{currency}]": float(grants[row, place, column].sum()),
                    "reduction of the shift [t]": float(tonnes[row, place]),
                }
            )
    columns = ["actor", "district", "shift", "actor title", "title", "control", "first start", "last start", "units", "unit"]
    columns += [f"{name} [{currency}]" for name in ("investment", "running cost", "saving", "grants")] + ["reduction of the shift [t]"]
    table = pd.DataFrame(rows, columns=columns)
    table = table.sort_values(["actor", "district", columns[-1], "shift"], ascending=[True, True, False, True], kind="stable")
    return table.set_index(["actor", "district", "shift"])


def _items(plan: Plan) -> dict[str, Shift | Enabler]:
    items: tuple[Shift | Enabler, ...] = (*plan.shifts, *plan.enablers)
    return {item.name: item for item in items}


def _own_level(plan: Plan, name: str) -> str:
    return _items(plan)[name].control


def _levels(plan: Plan, data: xr.Dataset) -> NDArray[np.object_]:
    """Level at which each actor's part of each measure is decided, (shift, actor)."""
    items = _items(plan)
    actors = list(map(str, data["actor"].values))
    found = [[items[name].control_by_actor.get(actor, items[name].control) for actor in actors] for name in map(str, data["shift"].values)]
    return np.array(found, dtype=object).reshape(data.sizes["shift"], len(actors))


def _deciders(
    plan: Plan,
    item: Shift | Enabler,
    actors: list[str],
    investment: NDArray[np.float64],
    operation: NDArray[np.float64],
    grants: NDArray[np.float64],
) -> list[str]:
    """Who has a decision to make: who pays, saves or gets a grant, who is named in control_by_actor, who does the activity.

    When there is none of them, whoever would pay.
    """
    involved = {actors[column] for part in (investment, operation, grants) for column in np.flatnonzero(np.abs(part).sum(axis=1) > 0)}
    involved |= set(item.control_by_actor)
    if isinstance(item, Shift) and item.source is not None:
        involved |= {activity.actor for activity in plan.activities if activity.name == item.source and activity.actor}
    return sorted(involved) or [item.payer or plan.actors[0].name]
