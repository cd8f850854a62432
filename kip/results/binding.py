"""What holds a portfolio back, one sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import xarray as xr

from kip.accounting.rules import unlocked_share
from kip.results.fairness import binding_rules
from kip.views.labels import Language

__all__ = ["binding_limits", "what_binds"]

Limit: TypeAlias = tuple[str, str, str]
"""Kind of limit, name of what it is on, and the sentence."""

_FULL = 0.999
"""A limit counts as binding when this share of it is used."""


def what_binds(inputs: xr.Dataset, data: xr.Dataset, language: str = "en") -> tuple[str, ...]:
    """Budgets, pots, fairness rules, ramps, potentials, segments and resources that are used up, the most important kinds first.

    Read off the exact count: a limit that is used to 99.9 % is said to bind. What one more unit of it would be worth is
    another question, which takes new solves.
    """
    return tuple(sentence for _, _, sentence in _limits(inputs, data, Language(language)))


def binding_limits(inputs: xr.Dataset, data: xr.Dataset) -> tuple[tuple[str, str], ...]:
    """The same limits as (kind, name): budget, pot, fairness, ramp, potential, opened, activity, resource or target."""
    return tuple((kind, name) for kind, name, _ in _limits(inputs, data, Language("en")))


def _limits(inputs: xr.Dataset, data: xr.Dataset, say: Language) -> Iterator[Limit]:
    yield from _budgets(data, say)
    yield from _pots(data, say)
    yield from (("fairness", "", sentence) for sentence in binding_rules(data, say))
    yield from _amounts(inputs, data, say)
    yield from _segments(data, say)
    yield from _resources(data, say)
    yield from _complementary(data, say)


def _years(years: np.ndarray) -> str:
    """Years in words: 2026–2030, 2035."""
    if len(years) == 0:
        return ""
    breaks = np.flatnonzero(np.diff(years) != 1)
    runs = np.split(years, breaks + 1)
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def _budgets(data: xr.Dataset, say: Language) -> Iterator[Limit]:
    currency = data.attrs["currency"]
    for row in range(data.sizes["budget"]):
        have, spent = data["budget_amount"].values[row], data["budget_spent"].values[row]
        name, kind = str(data["budget"].values[row]), str(data["budget_kind"].values[row])
        payer = str(data["actor_title"].values[data["budget_actor"].values[row]])
        what = say("binding budget" if kind == "all" else f"binding budget {kind}", payer=payer)
        if data["budget_total"].values[row]:
            left = have.sum() - spent.sum()
            if have.sum() > 0 and spent.sum() >= _FULL * have.sum():
                amounts = {"left": say.sized(max(0.0, left), currency), "have": say.sized(float(have.sum()), currency)}
                yield "budget", name, say("binding total", what=what, **amounts)
            continue
        if data["budget_carry"].values[row]:
            have, spent = np.cumsum(have), np.cumsum(spent)
        full = data["year"].values[(have > 0) & (spent >= _FULL * have)]
        if len(full):
            yield "budget", name, say("binding years", what=what, years=_years(full))


def _pots(data: xr.Dataset, say: Language) -> Iterator[Limit]:
    """Sources of funding with nothing left for a year; a revolving pot that is empty, too."""
    given = data["grant"].values.sum(axis=(1, 2, 3)) + data["loan"].values.sum(axis=1)
    for row, name in enumerate(data["funding_title"].values):
        there_is = data["pot_available"].values[row]
        empty = data["year"].values[(there_is > 0) & (given[row] > 0) & (given[row] >= _FULL * there_is)]
        if len(empty):
            yield "pot", str(data["funding"].values[row]), say("binding pot", source=name, years=_years(empty))


def _amounts(inputs: xr.Dataset, data: xr.Dataset, say: Language) -> Iterator[Limit]:
    stock, potential = data["stock"].values, inputs["potential"].values
    years, names = data["year"].values, data["title"].values
    rows = list(map(str, data["shift"].values))
    parts = inputs["choice"].values != "whole"
    new, ramp = data["new"].values.sum(axis=1), inputs["ramp"].values
    unlocked = unlocked_share(inputs, stock)
    for shift in np.flatnonzero(parts & (new.sum(axis=1) > 0)):
        most = potential[shift].sum(axis=0)
        if np.isfinite(inputs["potential_total"].values[shift]).all():
            most = np.minimum(most, inputs["potential_total"].values[shift])
        used = data["in_use"].values[shift].sum(axis=0)
        fast = years[(new[shift] > 0) & (new[shift] >= _FULL * ramp[shift])]
        if len(fast):
            yield "ramp", rows[shift], say("binding ramp", shift=names[shift], years=_years(fast))
        full = years[(most > 0) & (used >= _FULL * most)]
        if len(full):
            yield "potential", rows[shift], say("binding potential", shift=names[shift], years=_years(full))
            continue
        shut = potential[shift] * np.minimum(1.0, unlocked[shift])
        held = years[(shut.sum(axis=0) > 0) & (used >= _FULL * shut.sum(axis=0)) & (shut.sum(axis=0) < _FULL * most)]
        if len(held):
            yield "opened", rows[shift], say("binding opened", shift=names[shift], years=_years(held))


def _segments(data: xr.Dataset, say: Language) -> Iterator[Limit]:
    remaining, amount = data["remaining"].values.sum(axis=1), data["amount"].values.sum(axis=1)
    for row, name in enumerate(data["activity_title"].values):
        empty = data["year"].values[(amount[row] > 0) & (remaining[row] <= (1 - _FULL) * amount[row])]
        if len(empty):
            yield "activity", str(data["activity"].values[row]), say("binding segment", activity=name, years=_years(empty))


def _resources(data: xr.Dataset, say: Language) -> Iterator[Limit]:
    for row, name in enumerate(data["resource"].values):
        supply, used = data["supply"].values[row], data["resource_used"].values[row]
        full = data["year"].values[(supply > 0) & (used >= _FULL * supply)]
        if len(full):
            yield "resource", str(name), say("binding resource", resource=name, years=_years(full))


def _complementary(data: xr.Dataset, say: Language) -> Iterator[Limit]:
    """Net targets that are missed while complementary measures count for all that they may."""
    for row, name in enumerate(data["target_title"].values):
        credited, most, short = (float(data[part].values[row]) for part in ("target_credited", "target_complementary", "shortfall"))
        if most > 0 and credited >= _FULL * most and short > 1e-6 * most:
            yield "target", str(data["target"].values[row]), say("binding complementary", target=name, most=say.sized(most, "t/year"))
