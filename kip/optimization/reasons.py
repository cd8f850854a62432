"""What stands in the way of a shift, by arithmetic and relations alone; nothing is solved here."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from kip.optimization.question import Question
from kip.views.labels import Language

__all__ = ["dependents", "exchanged", "forced_amount", "held_by", "hindrances"]

_MUCH = 0.1
"""A change of units that is worth a word, relative to what there was."""


def dependents(inputs: xr.Dataset, name: str, started: set[str]) -> tuple[str, ...]:
    """Titles of started shifts that need this one: it opens them, or they require it."""
    names, titles = list(map(str, inputs["shift"].values)), inputs["title"].values
    row = names.index(name)
    opened = inputs["opening_of"].values[inputs["opening_by"].values == row]
    requiring = inputs["relation_from"].values[(inputs["relation_to"].values == row) & (inputs["relation_kind"].values != "excludes")]
    found = sorted({int(other) for other in (*opened, *requiring)})
    return tuple(str(titles[other]) for other in found if names[other] in started and other != row)


def forced_amount(inputs: xr.Dataset, name: str) -> float:
    """Units that are forced in: 1 of what is whole; a tenth of the potential of what is chosen in parts, whole if counted (§67)."""
    row = list(map(str, inputs["shift"].values)).index(name)
    if str(inputs["choice"].values[row]) == "whole":
        return 1.0
    most = float(inputs["potential"].values[row].sum(axis=0).max(initial=0.0))
    total = inputs["potential_total"].values[row]
    if np.isfinite(total).all():
        most = min(most, float(total.max(initial=0.0)))
    return max(1.0, float(np.ceil(0.1 * most - 1e-9))) if str(inputs["choice"].values[row]) == "units" else 0.1 * most


def exchanged(before: xr.Dataset, after: xr.Dataset, name: str, say: Language) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Titles of what starts instead and what no longer does, the shift itself left out; else what there is more or less of."""
    first, second = (data["new"].values.sum(axis=(1, 2)) for data in (before, after))
    rows = [row for row, other in enumerate(map(str, before["shift"].values)) if other != name]
    titles = [str(title) for title in before["title"].values]
    comes = [titles[row] for row in rows if first[row] <= 0 < second[row]]
    leaves = [titles[row] for row in rows if second[row] <= 0 < first[row]]
    both = [row for row in rows if first[row] > 0 and second[row] > 0]
    if not comes:
        comes = [say("why more of", shift=titles[row]) for row in both if second[row] > (1.0 + _MUCH) * first[row]]
    if not leaves:
        leaves = [say("why less of", shift=titles[row]) for row in both if second[row] < (1.0 - _MUCH) * first[row]]
    return tuple(comes), tuple(leaves)


def held_by(inputs: xr.Dataset, question: Question, name: str, say: Language) -> str:
    """Why a started shift cannot be taken out, whatever else is chosen: decided or required; empty when it can."""
    row = list(map(str, inputs["shift"].values)).index(name)
    title = str(inputs["title"].values[row])
    if (inputs["decided"].values[row] > 0).any():
        return say("why decided", shift=title)
    return say("why required", shift=title) if name in question.require else ""


def hindrances(inputs: xr.Dataset, question: Question, name: str, started: set[str], say: Language) -> Iterator[tuple[bool, str]]:
    """(whether it is final, sentence) for each thing that stands in the way of a shift that is out, the firmest first."""
    names, titles = list(map(str, inputs["shift"].values)), inputs["title"].values
    row = names.index(name)
    if name in question.forbid:
        yield True, say("why forbidden")
    if not inputs["located"].values[row].any() or inputs["potential"].values[row].max(initial=0.0) <= 0:
        yield True, say("why no place")
        return
    if not inputs["may_start"].values[row].any():
        yield True, say("why no year")
        return
    yield from _openings(inputs, question, row, started, say)
    kinds, one, two = (inputs[f"relation_{part}"].values for part in ("kind", "from", "to"))
    required = sorted({int(other) for other in two[(kinds == "requires") & (one == row)] if names[other] not in started})
    for other in required:
        yield names[other] in question.forbid, say("why requires", other=titles[other])
    either = [int(other) for other in two[(kinds == "requires_any") & (one == row)]]
    if either and not any(names[other] in started for other in either):
        final = all(names[other] in question.forbid for other in either)
        yield final, say("why requires any", others=say("why or").join(str(titles[other]) for other in either))
    excluded = {int(other) for other in two[(kinds == "excludes") & (one == row)]}
    excluded |= {int(other) for other in one[(kinds == "excludes") & (two == row)]}
    for other in sorted(excluded):
        if names[other] in started:
            yield names[other] in question.require, say("why excludes", other=titles[other])
    yield from _too_dear(inputs, row, say)


def _openings(inputs: xr.Dataset, question: Question, row: int, started: set[str], say: Language) -> Iterator[tuple[bool, str]]:
    if inputs["open"].values[row] >= 1:
        return
    names, titles = list(map(str, inputs["shift"].values)), inputs["title"].values
    by = [int(other) for other in np.unique(inputs["opening_by"].values[inputs["opening_of"].values == row])]
    allowed = [other for other in by if names[other] not in question.forbid]
    whole = str(inputs["choice"].values[row]) == "whole"
    if not allowed and (whole or inputs["open"].values[row] <= 0):
        # what starts too late to be in use within the horizon needs no opening
        used = inputs["in_use_years"].values[row].any(axis=1)
        yield bool(used[inputs["may_start"].values[row]].all()), say("why not opened")
        return
    missing = [str(titles[other]) for other in allowed if names[other] not in started]
    if missing and (whole or inputs["open"].values[row] <= 0):
        yield False, say("why opened by", others=", ".join(missing))


def _too_dear(inputs: xr.Dataset, row: int, say: Language) -> Iterator[tuple[bool, str]]:
    """Budgets that could not pay one unit alone, grants not counted."""
    if (inputs["funding_open"].values[:, row] if inputs.sizes["funding"] else np.zeros(0)).any():
        return
    if str(inputs["choice"].values[row]) == "share":
        return
    currency = inputs.attrs["currency"]
    may = inputs["may_start"].values[row]
    for budget in range(inputs.sizes["budget"]):
        if str(inputs["budget_kind"].values[budget]) == "operation" or inputs["budget_savings"].values[budget]:
            continue
        actor = int(inputs["budget_actor"].values[budget])
        price = inputs["capex"].values[row, actor]
        have = inputs["budget_amount"].values[budget]
        if inputs["budget_total"].values[budget]:
            there_is = np.full(len(have), have.sum())
        else:
            there_is = np.cumsum(have) if inputs["budget_carry"].values[budget] else have
        if (price[may] > there_is[may] + 0.5).all():
            closest = int(np.argmin(np.where(may, price - there_is, np.inf)))
            yield (
                True,
                say(
                    "why too dear",
                    actor=inputs["actor_title"].values[actor],
                    price=say.sized(float(price[closest]), currency),
                    have=say.sized(float(there_is[closest]), currency),
                ),
            )
