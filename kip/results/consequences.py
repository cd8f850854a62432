"""What chosen shifts mean for groups of people, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from kip.model import Plan

__all__ = ["consequence_matrix", "consequence_table"]

_COLUMNS = ["group", "shift", "sign", "severity", "words", "source"]


def consequence_table(plan: Plan, data: xr.Dataset) -> pd.DataFrame:
    """Consequences of what is started: groups in the plan's order, what is worst for each first, then by shift."""
    started = set(data["shift"].values[np.abs(data["new"].values).sum(axis=(1, 2)) > 0])
    order = {group.name: row for row, group in enumerate(plan.groups)}
    found = [item for item in plan.consequences if item.shift in started]
    found.sort(key=lambda item: (order[item.group], item.weight, item.shift))
    return pd.DataFrame([[getattr(item, column) for column in _COLUMNS] for item in found], columns=_COLUMNS)


def consequence_matrix(plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    """Groups by shifts, sign and severity in each cell."""
    shifts = sorted(set(table["shift"]))
    groups = [group.name for group in plan.groups if group.name in set(table["group"])]
    cells = {
        (group, shift): "0" if sign == "0" else f"{sign}{severity}"
        for group, shift, sign, severity in table[_COLUMNS[:4]].itertuples(index=False)
    }
    rows = [[cells.get((group, shift), "") for shift in shifts] for group in groups]
    return pd.DataFrame(rows, index=pd.Index(groups, name="group", dtype=object), columns=pd.Index(shifts, name="shift", dtype=object))
