"""What a finished sweep says: what drives an outcome, and which shifts hold whatever comes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kip.errors import RequestError, unknown_name
from kip.sensitivity.choice import method_of, sensitivity_of
from kip.sweeps.experiment import STATUSES

if TYPE_CHECKING:
    from kip.sensitivity.result import Sensitivity
    from kip.sweeps.journal import Header
    from kip.sweeps.space import Space
    from kip.sweeps.sweep import Sweep

__all__ = ["PRESENT", "core_index_of", "described", "design_in", "sensitivity_in"]

PRESENT = 1e-3
"""Share of the most that a shift is anywhere in the sweep, from which on it counts as chosen."""


def described(space: Space) -> str:
    """Names of the levels of what is chosen among, as text for the store."""
    labels = {
        name: [space.text(name, place) for place in range(len(space[name].payloads))]
        for name in space.names
        if space[name].kind == "choice"
    }
    return json.dumps({"labels": labels}, ensure_ascii=False)


def design_in(header: Header) -> dict[str, Any]:
    """How the scenarios of a store were sampled, in the words of `kip.sensitivity_of`; a table when it does not say."""
    written = json.loads(str(header.about.get("design", "{}")))
    kept: Mapping[str, Any] = json.loads(str(header.about.get("space", "{}")))
    found = {"kind": written.get("kind", "table"), "seed": written.get("seed", 0), **written.get("about", {})}
    return found | {"labels": kept.get("labels", {})}


def sensitivity_in(sweep: Sweep, measure: str, method: str | None) -> Sensitivity:
    """Which inputs move an outcome; see `Sweep.sensitivity`."""
    header = sweep.journal.header
    names = [one.name for one in header.outcomes]
    if measure not in names:
        raise RequestError(unknown_name("outcome", measure, names))
    if not sweep.complete and method_of(str(design_in(header)["kind"]), method) != "given-data":
        left = len(sweep) - sweep.finished
        raise RequestError(
            f'{left} of {len(sweep)} scenarios are open, and this design is read as a whole. Resume the sweep, or give method="given-data".'
        )
    place = names.index(measure)
    asked_for = str(header.about.get("objective", "")).split(" ")
    gap = sweep.dataset["gap"].values if measure in asked_for else None
    return sensitivity_of(
        sweep.journal.values,
        header.parameters,
        sweep.journal.results()[:, place],
        header.outcomes[place],
        design_in(header),
        method=method,
        gap=gap,
    )


def core_index_of(sweep: Sweep) -> pd.DataFrame:
    """In how many of the scenarios with an answer each shift is chosen; see `Sweep.core_index`."""
    header = sweep.journal.header
    if not header.shifts:
        raise RequestError("this sweep chose no shifts: it called a function, or counted several portfolios.")
    known = np.isin(sweep.journal.status, [STATUSES.index(name) for name in ("optimal", "time_limit", "evaluated")])
    level = sweep.dataset["level"].values[known]
    if not len(level):
        raise RequestError("no scenario has an answer, so there is nothing to count.")
    most = level.max(axis=0)
    chosen = level > PRESENT * np.where(most > 0, most, 1.0)
    share = chosen.mean(axis=0)
    present = np.where(chosen, level, np.nan)
    some = chosen.any(axis=0)
    least = np.full(len(share), np.nan)
    least[some] = np.nanmin(present[:, some], axis=0)
    kind = np.where(share == 1.0, "always", np.where(share == 0.0, "never", "depends"))
    table = {"core index [1]": share, "class": kind, "least where chosen": least, "most": most, "scenarios": len(level)}
    return pd.DataFrame(table, index=pd.Index(header.shifts, name="shift")).sort_values("core index [1]", ascending=False, kind="stable")
