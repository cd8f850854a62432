"""Does a portfolio keep the rules of its plan? Checked on the exact count, in whole units of money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = ["MONEY_TOLERANCE", "Broken", "broken_rules", "over_budget", "slack", "unlocked_share"]

Floats: TypeAlias = NDArray[np.float64]

MONEY_TOLERANCE = 0.5
"""Money is checked in whole units of the currency (§12): half a unit is rounding, one unit is over budget."""

_RELATIVE = 1e-6
"""Tolerance of amounts that are not money, as a share of the limit: what a solver can hold."""


@dataclass(frozen=True)
class Broken:
    """One rule that a portfolio breaks: which, where, by how much, the sentence that says so; for budgets, which budget."""

    rule: str
    where: str
    amount: float
    sentence: str
    name: str = ""

    def __str__(self) -> str:
        return self.sentence


def broken_rules(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    """Every rule of the plan that the portfolio breaks; relations between shifts included."""
    yield from over_budget(data)
    yield from _over_potential(inputs, data)
    yield from _over_ramp(inputs, data)
    yield from _more_than_there_is(data)
    yield from _over_supply(data)
    yield from _starts(inputs, data)
    yield from _relations(inputs, data)
    yield from _not_as_decided(inputs, data)


def over_budget(data: xr.Dataset) -> Iterator[Broken]:
    """Budgets that are overrun, by more than half a unit of money."""
    currency = data.attrs["currency"]
    for row, name in enumerate(data["budget"].values):
        have, spent = data["budget_amount"].values[row], data["budget_spent"].values[row]
        if data["budget_total"].values[row]:
            over = spent.sum() - have.sum()
            if over > slack(have.sum()):
                sentence = f"budget {name}: {over:,.0f} {currency} over the total of {have.sum():,.0f}."
                yield Broken("budget", str(name), over, sentence, str(name))
            continue
        if data["budget_carry"].values[row]:
            have, spent = np.cumsum(have), np.cumsum(spent)
        for year, limit, cost in zip(data["year"].values, have, spent, strict=True):
            if cost - limit > slack(limit):
                yield Broken(
                    "budget",
                    f"{name} {year}",
                    cost - limit,
                    f"budget {name}: {cost - limit:,.0f} {currency} over the {limit:,.0f} of {year}.",
                    str(name),
                )


def slack(limit: float) -> float:
    """Half a unit of money, and less where the limit itself is less than a unit."""
    return min(MONEY_TOLERANCE, max(1e-9, 1e-6 * abs(limit))) if abs(limit) < 1.0 else MONEY_TOLERANCE


def _names(data: xr.Dataset, shift: int, place: int) -> str:
    district = str(data["district"].values[place])
    return str(data["shift"].values[shift]) + (f" in {district}" if district != "all" else "")


def _over_potential(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    potential = inputs["potential"].values
    unlocked = np.minimum(1.0, unlocked_share(inputs, data["stock"].values))
    stock = data["in_use"].values
    limit = potential * unlocked
    over = stock - limit
    for shift, place in np.argwhere((over > _RELATIVE * np.maximum(1.0, potential)).any(axis=2)):
        year = int(np.argmax(over[shift, place]))
        yield Broken(
            "potential",
            _names(data, shift, place),
            float(over[shift, place, year]),
            f"{_names(data, shift, place)}: {stock[shift, place, year]:,.6g} in use in {data['year'].values[year]}, "
            f"{limit[shift, place, year]:,.6g} possible.",
        )
    total, all_places = inputs["potential_total"].values, stock.sum(axis=1)
    for shift in np.flatnonzero((all_places > total * (1 + _RELATIVE) + 1e-9).any(axis=1)):
        yield Broken(
            "potential",
            str(data["shift"].values[shift]),
            float((all_places - total)[shift].max()),
            f"{data['shift'].values[shift]}: more in use than the potential of all districts together.",
        )


def unlocked_share(inputs: xr.Dataset, stock: Floats) -> Floats:
    """Share of each shift's potential that is open, as an array (shift, district, year), not clipped at 1 [1]."""
    active = _here_or_everywhere(stock)
    unlocked = np.repeat(inputs["open"].values[:, None, None], stock.shape[1], axis=1) + np.zeros_like(stock)
    share = inputs["opening_share"].values[:, None, None]
    np.add.at(unlocked, inputs["opening_of"].values, share * active[inputs["opening_by"].values])
    return np.asarray(unlocked, dtype=float)


def _here_or_everywhere(stock: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """In use in the district itself or for the whole municipality (the last district)."""
    active = stock.copy()
    active[:, :-1] += stock[:, -1:]
    return active


def _begun(new: Floats) -> NDArray[np.bool_]:
    """Whether it has started here or for the whole municipality; seen from the whole municipality, anywhere."""
    begun = _here_or_everywhere(np.cumsum(new, axis=2)) > _RELATIVE
    begun[:, -1] = begun.any(axis=1)
    return begun


def _relations(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    new = data["new"].values
    begun = _begun(new)
    here = np.cumsum(new, axis=2) > _RELATIVE
    kinds, subject, other = (inputs[f"relation_{part}"].values for part in ("kind", "from", "to"))
    names = data["shift"].values
    for kind, one, two in zip(kinds, subject, other, strict=True):
        if kind == "requires" and (here[one] & ~begun[two]).any():
            yield Broken("requires", str(names[one]), 1.0, f"{names[one]}: starts without {names[two]}, which it requires.")
        if (
            kind == "excludes"
            and (_here_or_everywhere(here.astype(np.float64))[one] * _here_or_everywhere(here.astype(np.float64))[two]).any()
        ):
            yield Broken("excludes", str(names[one]), 1.0, f"{names[one]}: in the same place as {names[two]}, which it excludes.")
    for one in np.unique(subject[kinds == "requires_any"]):
        choices = other[(kinds == "requires_any") & (subject == one)]
        if (here[one] & ~begun[choices].any(axis=0)).any():
            yield Broken("requires_any", str(names[one]), 1.0, f"{names[one]}: starts without any of {', '.join(names[choices])}.")


def _over_ramp(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    whole = inputs["choice"].values == "whole"
    new, ramp = data["new"].values.sum(axis=1), inputs["ramp"].values
    for shift in np.flatnonzero(~whole & (new > ramp * (1 + _RELATIVE) + 1e-9).any(axis=1)):
        year = int(np.argmax(new[shift] - ramp[shift]))
        name = str(data["shift"].values[shift])
        yield Broken(
            "ramp",
            name,
            float((new - ramp)[shift, year]),
            f"{name}: {new[shift, year]:,.6g} new in {data['year'].values[year]}, at most {ramp[shift, year]:,.6g} a year.",
        )


def _more_than_there_is(data: xr.Dataset) -> Iterator[Broken]:
    remaining, amount = data["remaining"].values, data["amount"].values
    below = remaining < -_RELATIVE * np.maximum(1.0, amount)
    for activity, place in np.argwhere(below.any(axis=2)):
        year = int(np.argmin(remaining[activity, place]))
        name = f"{data['activity'].values[activity]} in {data['district'].values[place]}"
        yield Broken(
            "conservation",
            name,
            float(-remaining[activity, place, year]),
            f"{name}: {-remaining[activity, place, year]:,.6g} more is moved in {data['year'].values[year]} than there is.",
        )


def _over_supply(data: xr.Dataset) -> Iterator[Broken]:
    for row, name in enumerate(data["resource"].values):
        over = data["resource_used"].values[row] - data["supply"].values[row]
        year = int(np.argmax(over))
        if over[year] > _RELATIVE * max(1.0, data["supply"].values[row, year]):
            yield Broken(
                "resource",
                str(name),
                float(over[year]),
                f"{name}: {over[year]:,.6g} more is used in {data['year'].values[year]} than there is.",
            )


def _starts(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    new, may = data["new"].values, inputs["may_start"].values
    whole = inputs["choice"].values == "whole"
    for shift, place in np.argwhere(whole[:, None] & (new.sum(axis=2) > 1 + _RELATIVE)):
        yield Broken(
            "one start", _names(data, shift, place), float(new[shift, place].sum()), f"{_names(data, shift, place)}: starts more than once."
        )
    counted = inputs["choice"].values != "share"
    for shift, place in np.argwhere(counted[:, None] & (np.abs(new - np.round(new)) > _RELATIVE).any(axis=2)):
        name = _names(data, shift, place)
        yield Broken("whole units", name, float(new[shift, place].sum()), f"{name}: a part of a unit starts; it is chosen in whole units.")
    for shift in np.flatnonzero(((new.sum(axis=1) > _RELATIVE) & ~may).any(axis=1)):
        yield Broken(
            "start year", str(data["shift"].values[shift]), 1.0, f"{data['shift'].values[shift]}: starts in a year in which it may not."
        )


def _not_as_decided(inputs: xr.Dataset, data: xr.Dataset) -> Iterator[Broken]:
    """Starts that differ from what is decided, or that fall in a closed year."""
    new, decided = data["new"].values, inputs["decided"].values
    off = inputs["locked"].values & (np.abs(new - decided) > _RELATIVE * np.maximum(1.0, decided))
    for shift, place, year in np.argwhere(off):
        what = _names(data, int(shift), int(place))
        when, units, fixed = int(data["year"].values[year]), float(new[shift, place, year]), float(decided[shift, place, year])
        verb, is_are = ("starts" if units == 1 else "start"), ("is" if fixed == 1 else "are")
        sentence = f"{what}: {units:,.6g} {verb} in {when}, {fixed:,.6g} {is_are} decided for that year."
        yield Broken("decided", what, abs(units - fixed), sentence)
