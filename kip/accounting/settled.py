"""What is settled already: decided starts, closed years, and what really happened, on top of the arrays of a plan (§53, §54)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.errors import DataError, Issue
from kip.model.fields import EVERYWHERE
from kip.model.living import actual_units, decided_units

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["actual_amounts", "actual_other", "settle", "settled_problems", "with_decided"]

Floats: TypeAlias = NDArray[np.float64]

_RELATIVE = 1e-6
"""Tolerance of amounts, as in `kip.accounting.rules`."""


def actual_amounts(plan: Plan, amount: Floats, data: dict[str, xr.Variable]) -> None:
    """Put the amounts that were measured in place of the assumed ones, in an array (activity, district, year)."""
    rows, places = list(data["activity"].values), list(data["district"].values)
    for outcome in plan.outcomes:
        collection, name, field, district = outcome.parts
        if collection == "activities" and field == "amount":
            amount[rows.index(name), places.index(district), plan.years.index(outcome.year)] = outcome.value


def actual_other(plan: Plan, ledger: str, sector: str, assumed: Floats) -> Floats:
    """Emissions of a sector outside the plan's reach, by year, with those that are known in place of the assumed ones."""
    known = np.array(assumed, dtype=float)
    for outcome in plan.outcomes:
        if outcome.parts == ("ledgers", ledger, "other", sector):
            known[plan.years.index(outcome.year)] = outcome.value
    return known


def settle(plan: Plan, data: dict[str, xr.Variable]) -> None:
    """Add `decided` and `locked` (shift, district, start), shut closed years for all else, and set prices that were paid.

    Raises
    ------
    DataError
        When an outcome says what was paid for something of which nothing was bought that year, or that is not known yet.
    """
    shifts, places, years = (list(data[name].values) for name in ("shift", "district", "year"))
    decided = np.zeros((len(shifts), len(places), len(years)))
    locked = np.zeros(decided.shape, dtype=bool)
    for (shift, district, year), units in (decided_units(plan) | actual_units(plan)).items():
        place = shifts.index(shift), places.index(district), years.index(year)
        decided[place] = units
        locked[place] = True
    closed = np.array([plan.decided_until is not None and year <= plan.decided_until for year in years], dtype=bool)
    locked |= closed
    may_start = data["may_start"].values & (~closed | (decided.sum(axis=1) > 0))
    data["may_start"] = xr.Variable(("shift", "start"), may_start, data["may_start"].attrs)
    data["decided"] = xr.Variable(("shift", "district", "start"), decided, {"units": "unit"})
    data["locked"] = xr.Variable(("shift", "district", "start"), locked)
    _prices_paid(plan, decided, closed, data)


def _prices_paid(plan: Plan, decided: Floats, closed: NDArray[np.bool_], data: dict[str, xr.Variable]) -> None:
    """What was paid in all, spread over what was bought: the price of a unit that year."""
    shifts, actors, years = (list(data[name].values) for name in ("shift", "actor", "year"))
    bought = np.einsum("sdu,suy->sy", decided, data["bought"].values)
    capex = data["capex"].values
    wrong = []
    for outcome in plan.outcomes:
        collection, name, field, actor = outcome.parts
        if collection not in {"shifts", "enablers"} or field != "cost":
            continue
        row, year = shifts.index(name), years.index(outcome.year)
        if not closed[year] or not bought[row, year]:
            why = "is not closed" if not closed[year] else f'has no decided start of "{name}"'
            wrong.append(
                Issue(
                    f"what was paid is spread over the units bought, but {outcome.year} {why}. "
                    f"Set decided_until to {outcome.year} or later and write what started among the decided.",
                    f"outcomes.{outcome.key}.value",
                )
            )
            continue
        item = next(item for item in (*plan.shifts, *plan.enablers) if item.name == name)
        payer = (item.payer or plan.actors[0].name) if actor == EVERYWHERE else actor
        capex[row, actors.index(payer), year] = outcome.value / bought[row, year]
    if wrong:
        raise DataError(wrong, f'plan "{plan.name}"')


def with_decided(inputs: xr.Dataset, new: Floats) -> Floats:
    """Starts with those that are decided added where nothing else is said for the same shift, district and year."""
    decided = inputs["decided"].values
    return np.asarray(np.where((new == 0) & (decided > 0), decided, new), dtype=float)


def _name(inputs: xr.Dataset, shift: int, place: int) -> str:
    district = str(inputs["district"].values[place])
    return str(inputs["shift"].values[shift]) + (f" in {district}" if district != EVERYWHERE else "")


def settled_problems(inputs: xr.Dataset, forbid: tuple[str, ...] = ()) -> list[str]:
    """Why what is decided cannot be kept, one sentence each: no place for it, above potential or ramp, forbidden by the call."""
    decided, names = inputs["decided"].values, inputs["shift"].values
    wrong = []
    for name in forbid:
        if name in names and decided[list(names).index(name)].any():
            wrong.append(f'"{name}" is forbidden, but it is decided. Allow it, or take it out of the decided.')
    for shift, place in np.argwhere(decided.any(axis=2) & ~inputs["located"].values):
        places = [str(name) for name in inputs["district"].values[inputs["located"].values[shift]]]
        wrong.append(
            f'"{names[shift]}" is decided in "{inputs["district"].values[place]}", where it has nothing to act on. '
            f"It can be done in: {', '.join(places) or 'no district'}. Change the district."
        )
    held = np.einsum("sdu,suy->sdy", decided, inputs["in_use_years"].values)
    wrong += _above(inputs, held, inputs["potential"].values)
    total = inputs["potential_total"].values
    for shift in np.flatnonzero((held.sum(axis=1) > total * (1 + _RELATIVE) + 1e-9).any(axis=1)):
        year = int(np.argmax(held.sum(axis=1)[shift] - total[shift]))
        wrong.append(
            f'"{names[shift]}": {held[shift, :, year].sum():,.6g} decided units are in use in {inputs["year"].values[year]}, '
            f"but the potential of all districts together is {total[shift, year]:,.6g}. Raise the potential, or decide fewer."
        )
    new, ramp = decided.sum(axis=1), inputs["ramp"].values
    for shift in np.flatnonzero((new > ramp * (1 + _RELATIVE) + 1e-9).any(axis=1)):
        year = int(np.argmax(new[shift] - ramp[shift]))
        wrong.append(
            f'"{names[shift]}": {new[shift, year]:,.6g} decided units start in {inputs["year"].values[year]}, '
            f"but its ramp is {ramp[shift, year]:,.6g} a year. Raise the ramp, or decide fewer."
        )
    return wrong


def _above(inputs: xr.Dataset, held: Floats, potential: Floats) -> list[str]:
    over = (held > potential * (1 + _RELATIVE) + 1e-9) & inputs["located"].values[:, :, None]
    wrong = []
    for shift, place in np.argwhere(over.any(axis=2)):
        year = int(np.argmax(held[shift, place] - potential[shift, place]))
        wrong.append(
            f'"{_name(inputs, int(shift), int(place))}": {held[shift, place, year]:,.6g} decided units are in use in '
            f"{inputs['year'].values[year]}, but the potential is {potential[shift, place, year]:,.6g}. "
            "Raise the potential, or decide fewer."
        )
    return wrong
