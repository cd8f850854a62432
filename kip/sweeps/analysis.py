"""What a finished sweep says: what drives an outcome, and which shifts hold whatever comes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kip.errors import RequestError, unknown_name
from kip.sensitivity.choice import method_of, sensitivity_of
from kip.sensitivity.discovery import discover
from kip.sensitivity.information import sampled_information
from kip.sensitivity.rules import rules_of
from kip.sweeps.experiment import STATUSES

if TYPE_CHECKING:
    from kip.model import Plan
    from kip.sensitivity.discovery import Discovery
    from kip.sensitivity.information import SampledInformation
    from kip.sensitivity.result import Sensitivity
    from kip.sensitivity.rules import Rules
    from kip.sweeps.header import Header
    from kip.sweeps.space import Space
    from kip.sweeps.sweep import Sweep

__all__ = ["PRESENT", "core_index_of", "described", "design_in", "discovery_in", "information_in", "rules_in", "sensitivity_in"]

PRESENT = 1e-3
"""Share of the most that a shift is anywhere in the sweep, from which on it counts as chosen."""


def described(space: Space, plan: Plan | None) -> str:
    """Units of the parameters, names of the levels of what is chosen among, and titles of the shifts, as text for the store."""
    units = {name: space[name].unit for name in space.names if space[name].unit}
    labels = {
        name: [space.text(name, place) for place in range(len(space[name].payloads))]
        for name in space.names
        if space[name].kind == "choice"
    }
    shifts = {} if plan is None else {item.name: item.label for item in (*plan.shifts, *plan.enablers)}
    return json.dumps({"labels": labels, "units": units, "shifts": shifts}, ensure_ascii=False)


def design_in(header: Header) -> dict[str, Any]:
    """How the scenarios of a store were sampled, in the words of `kip.sensitivity_of`; a table when it does not say."""
    written = json.loads(str(header.about.get("design", "{}")))
    kept = _written(header)
    found = {"kind": written.get("kind", "table"), "seed": written.get("seed", 0), **written.get("about", {})}
    return found | {"labels": kept.get("labels", {}), "units": kept.get("units", {})}


def _written(header: Header) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(str(header.about.get("space", "{}")))
    return found


def _titles(header: Header) -> dict[str, str]:
    """Titles of the shifts; their names where the store does not say."""
    titles = _written(header).get("shifts", {})
    return {name: str(titles.get(name, name)) for name in header.shifts}


def sensitivity_in(sweep: Sweep, measure: str, method: str | None, beside: Sweep | None) -> Sensitivity:
    """Which inputs move an outcome; see `Sweep.sensitivity`."""
    header = sweep.journal.header
    place = _place(header, measure)
    if not sweep.complete and method_of(str(design_in(header)["kind"]), method) != "given-data":
        left = len(sweep) - sweep.finished
        raise RequestError(
            f'{left} of {len(sweep)} scenarios are open, and this design is read as a whole. Resume the sweep, or give method="given-data".'
        )
    asked_for = str(header.about.get("objective", "")).split(" ")
    gap = sweep.dataset["gap"].values if measure in asked_for else None
    parts: dict[str, Any] = {}
    if header.shifts:
        parts = {"levels": sweep.dataset["level"].values, "shifts": header.shifts}
    if beside is not None:
        _same_design(sweep, beside)
        parts["fixed"] = beside.journal.results()[:, _place(beside.journal.header, measure)]
    values, outcome = sweep.journal.values, sweep.journal.results()[:, place]
    return sensitivity_of(
        values, header.parameters, outcome, header.outcomes[place], design_in(header), method=method, gap=gap, beside=parts
    )


def _same_design(one: Sweep, other: Sweep) -> None:
    if one.journal.header.design != other.journal.header.design or one.journal.header.parameters != other.journal.header.parameters:
        raise RequestError("the two sweeps have other scenarios. Make both with the same space, design, samples and seed.")


def discovery_in(sweep: Sweep, measure: str, below: float | None, above: float | None) -> Discovery:
    """In which scenarios an outcome is below or above something; see `Sweep.discover`."""
    header = sweep.journal.header
    place = _place(header, measure)
    outcome, named = sweep.journal.results()[:, place], header.outcomes[place]
    return discover(sweep.journal.values, header.parameters, outcome, named, design_in(header), below=below, above=above)


def rules_in(sweep: Sweep) -> Rules:
    """When each shift is chosen; see `Sweep.rules`."""
    header = sweep.journal.header
    _chosen(sweep)
    return rules_of(sweep.journal.values, header.parameters, sweep.dataset["level"].values, _titles(header), design_in(header))


def information_in(sweep: Sweep, measure: str, direction: str) -> SampledInformation:
    """What knowing each parameter would be worth before one of the kept portfolios is chosen; see `Sweep.information`."""
    header = sweep.journal.header
    places = [place for place, one in enumerate(header.outcomes) if one.name.endswith(f": {measure}")]
    if len(places) < 2:
        raise RequestError(
            f'this needs a sweep of two or more portfolios that wrote down "{measure}". '
            'Ask for one with kip.sweep(plan, space, portfolio={"a": …, "b": …}).'
        )
    names = [header.outcomes[place].name.removesuffix(f": {measure}") for place in places]
    named = replace(header.outcomes[places[0]], name=measure, title="")
    results = sweep.journal.results()[:, places]
    return sampled_information(sweep.journal.values, header.parameters, results, names, named, design_in(header), direction=direction)


def _place(header: Header, measure: str) -> int:
    names = [one.name for one in header.outcomes]
    if measure not in names:
        raise RequestError(unknown_name("outcome", measure, names))
    return names.index(measure)


def _chosen(sweep: Sweep) -> None:
    if not sweep.journal.header.shifts:
        raise RequestError("this sweep chose no shifts: it called a function, or counted several portfolios.")


def core_index_of(sweep: Sweep) -> pd.DataFrame:
    """In how many of the scenarios with an answer each shift is chosen; see `Sweep.core_index`."""
    header = sweep.journal.header
    _chosen(sweep)
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
    table = {
        "title": list(_titles(header).values()),
        "core index [1]": share,
        "class": kind,
        "least where chosen": least,
        "most": most,
        "scenarios": len(level),
    }
    return pd.DataFrame(table, index=pd.Index(header.shifts, name="shift")).sort_values("core index [1]", ascending=False, kind="stable")
