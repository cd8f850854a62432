"""What holds a portfolio back, one sentence each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from kip.accounting.rules import unlocked_share
from kip.results.fairness import binding_rules

__all__ = ["what_binds"]

_FULL = 0.999
"""A limit counts as binding when this share of it is used."""


def what_binds(inputs: xr.Dataset, data: xr.Dataset) -> tuple[str, ...]:
    """Budgets, pots, fairness rules, ramps, potentials, segments and resources that are used up, the most important kinds first.

    Read off the exact count: a limit that is used to 99.9 % is said to bind. What one more unit of it would be worth is
    another question, which takes new solves.
    """
    limits = (_budgets(data), _pots(data), binding_rules(data))
    found = (*limits, _amounts(inputs, data), _segments(data), _resources(data), _complementary(data))
    return tuple(sentence for kind in found for sentence in kind)


def _years(years: np.ndarray) -> str:
    """Years in words: 2026–2030, 2035."""
    if len(years) == 0:
        return ""
    breaks = np.flatnonzero(np.diff(years) != 1)
    runs = np.split(years, breaks + 1)
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def _budgets(data: xr.Dataset) -> Iterator[str]:
    currency = data.attrs["currency"]
    for row in range(data.sizes["budget"]):
        have, spent = data["budget_amount"].values[row], data["budget_spent"].values[row]
        kind = str(data["budget_kind"].values[row])
        payer = str(data["actor_title"].values[data["budget_actor"].values[row]])
        what = {"all": "budget", "investment": "investment budget", "operation": "running-cost budget"}[kind] + f" of {payer}"
        if data["budget_total"].values[row]:
            left = have.sum() - spent.sum()
            if have.sum() > 0 and spent.sum() >= _FULL * have.sum():
                yield f"The {what} is used up ({max(0.0, left):,.0f} {currency} left of {have.sum():,.0f})."
            continue
        if data["budget_carry"].values[row]:
            have, spent = np.cumsum(have), np.cumsum(spent)
        full = data["year"].values[(have > 0) & (spent >= _FULL * have)]
        if len(full):
            yield f"The {what} is used up in {_years(full)}."


def _pots(data: xr.Dataset) -> Iterator[str]:
    """Sources of funding with nothing left for a year; a revolving pot that is empty, too."""
    given = data["grant"].values.sum(axis=(1, 2, 3)) + data["loan"].values.sum(axis=1)
    for row, name in enumerate(data["funding_title"].values):
        there_is = data["pot_available"].values[row]
        empty = data["year"].values[(there_is > 0) & (given[row] > 0) & (given[row] >= _FULL * there_is)]
        if len(empty):
            yield f"All money of {name} is used in {_years(empty)}."


def _amounts(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[str]:
    stock, potential = data["stock"].values, inputs["potential"].values
    years, names = data["year"].values, data["title"].values
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
            yield f"{names[shift]} grows as fast as it may in {_years(fast)}."
        full = years[(most > 0) & (used >= _FULL * most)]
        if len(full):
            yield f"{names[shift]} is at its full potential in {_years(full)}."
            continue
        shut = potential[shift] * np.minimum(1.0, unlocked[shift])
        held = years[(shut.sum(axis=0) > 0) & (used >= _FULL * shut.sum(axis=0)) & (shut.sum(axis=0) < _FULL * most)]
        if len(held):
            yield f"{names[shift]} uses all of the potential that enablers have opened in {_years(held)}."


def _segments(data: xr.Dataset) -> Iterator[str]:
    remaining, amount = data["remaining"].values.sum(axis=1), data["amount"].values.sum(axis=1)
    for row, name in enumerate(data["activity_title"].values):
        empty = data["year"].values[(amount[row] > 0) & (remaining[row] <= (1 - _FULL) * amount[row])]
        if len(empty):
            yield f"Nothing is left of {name} in {_years(empty)}."


def _resources(data: xr.Dataset) -> Iterator[str]:
    for row, name in enumerate(data["resource"].values):
        supply, used = data["supply"].values[row], data["resource_used"].values[row]
        full = data["year"].values[(supply > 0) & (used >= _FULL * supply)]
        if len(full):
            yield f"All of {name} is used in {_years(full)}."


def _complementary(data: xr.Dataset) -> Iterator[str]:
    """Net targets that are missed while complementary measures count for all that they may."""
    for row, name in enumerate(data["target_title"].values):
        credited, most, short = (float(data[part].values[row]) for part in ("target_credited", "target_complementary", "shortfall"))
        if most > 0 and credited >= _FULL * most and short > 1e-6 * most:
            yield f"Complementary measures count for all that they may in {name} ({most:,.0f} t/year)."
