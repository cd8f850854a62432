"""Where each shift can act, on how much, and what one unit of it removes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting import effects
from kip.accounting.settled import actual_amounts, actual_other
from kip.model import Plan, Shift
from kip.model.fields import EVERYWHERE

__all__ = ["activity_table", "place_shifts"]

Floats: TypeAlias = NDArray[np.float64]


def activity_table(plan: Plan, data: dict[str, xr.Variable]) -> None:
    """Add the baseline: amounts, emission factors after policies, indicators per unit, emissions outside the plan.

    ``policy_factor`` is what each policy takes off a factor that the policies before it have left: factor before all
    policies = ``factor`` + the sum of ``policy_factor``.
    """
    years = plan.years
    district = {name: index for index, name in enumerate(data["district"].values)}
    indicator = {name: index for index, name in enumerate(data["indicator"].values)}
    ledgers = list(data["ledger"].values)
    row_of = {name: index for index, name in enumerate(data["activity"].values)}
    amount = np.zeros((len(row_of), len(district), len(years)))
    factor = np.zeros((len(row_of), len(ledgers), len(years)))
    intensity = np.zeros((len(row_of), len(indicator), len(years)))
    taken = np.zeros((data["policy"].size, *factor.shape))
    for activity in plan.activities:
        row = row_of[activity.name]
        trend = effects.along(activity.trend, years)
        for name, path in activity.amount.items():
            amount[row, district[name]] += effects.along(path, years) * trend
        policies = [effects.along(path, years) for path in activity.policies.values()]
        for column, ledger in enumerate(ledgers):
            path = activity.factor.get(ledger, activity.factor.get(EVERYWHERE, 0.0))
            factor[row, column] = effects.baseline_factor(effects.along(path, years), policies)
            before = effects.along(path, years)
            for layer, name in enumerate(data["policy"].values):
                if name in activity.policies:
                    taken[layer, row, column] = before * effects.along(activity.policies[name], years)
                    before = before - taken[layer, row, column]
        for name, path in activity.indicators.items():
            intensity[row, indicator[name]] += effects.along(path, years)
    actual_amounts(plan, amount, data)
    data["amount"] = xr.Variable(("activity", "district", "year"), amount, {"units": "activity unit/year"})
    data["factor"] = xr.Variable(("activity", "ledger", "year"), factor, {"units": "t/activity unit"})
    data["policy_factor"] = xr.Variable(("policy", "activity", "ledger", "year"), taken, {"units": "t/activity unit"})
    data["intensity"] = xr.Variable(("activity", "indicator", "year"), intensity, {"units": "indicator unit/activity unit"})
    other = np.zeros((len(ledgers), len(years)))
    for column, ledger in enumerate(plan.ledgers):
        for sector, path in ledger.other.items():
            other[column] += actual_other(plan, ledger.name, sector, effects.along(path, years))
    data["other"] = xr.Variable(("ledger", "year"), other, {"units": "t/year"})
    data["baseline"] = xr.Variable(("ledger", "year"), other + np.einsum("gdy,gly->ly", amount, factor), {"units": "t/year"})


@dataclass(frozen=True)
class _Room:
    """Where shifts can act, row by row while it is found out.

    Attributes
    ----------
    located : array of bool (shift, district)
    potential : array (shift, district, year)
        [unit]; `total` is what all districts have together (shift, year), infinite where each has its own.
    moves : array (shift, district, year)
        Activity that one unit in use moves [activity unit/unit/year].
    """

    located: NDArray[np.bool_]
    potential: Floats
    moves: Floats
    total: Floats


def place_shifts(plan: Plan, items: list[Any], data: dict[str, xr.Variable]) -> None:
    """Add where each shift can act (`located`), how much (`potential`, `moves`), and what a unit in use removes.

    A whole shift or enabler has a potential of one unit in each of its districts; a whole moving shift moves
    ``potential × use`` of its source. Other potentials are clipped to what there is to act on.
    """
    places = list(data["district"].values)
    shape = (len(items), len(places), len(plan.years))
    rows = {name: index for index, name in enumerate(data["activity"].values)}
    room = _Room(np.zeros(shape[:2], dtype=bool), np.zeros(shape), np.zeros(shape), np.full((shape[0], shape[2]), np.inf))
    located, potential = room.located, room.potential
    share = np.ones(len(items))
    source, target = np.full((2, len(items)), -1)
    for row, item in enumerate(items):
        if isinstance(item, Shift) and item.source is not None:
            source[row] = rows[item.source]
            target[row] = rows[item.target] if item.target is not None else -1
    amount = data["amount"].values
    reach = _reach(plan, items, amount, source, target)
    for row, item in enumerate(items):
        if not isinstance(item, Shift):
            located[row] = _districts(item.districts or (EVERYWHERE,), places)
            potential[row, located[row]] = 1.0
            continue
        share[row] = item.expected_uptake
        if item.scales:
            # decided once, for the whole municipality, unless it names its districts
            located[row] = _districts(item.districts or (EVERYWHERE,), places)
            potential[row, located[row]] = 1.0
        elif source[row] < 0:
            _place_stated(plan, item, row, places, room)
        else:
            _place_moving(plan, item, row, places, (amount[source[row]], reach[source[row]]), room)
    for name, values, unit in (("potential", room.potential, "unit"), ("moves", room.moves, "activity unit/unit/year")):
        data[name] = xr.Variable(("shift", "district", "year"), values, {"units": unit})
    data["located"] = xr.Variable(("shift", "district"), located)
    data["potential_total"] = xr.Variable(("shift", "year"), room.total, {"units": "unit"})
    data["source"] = xr.Variable(("shift",), source)
    data["target_activity"] = xr.Variable(("shift",), target)
    data["ratio"] = xr.Variable(("shift",), [getattr(item, "ratio", 1.0) for item in items], {"units": "1"})
    data["attribution"] = xr.Variable(("shift",), [getattr(item, "attribution", 1.0) for item in items], {"units": "1"})
    _opened(items, data)
    _ramps(plan, items, data)
    _rates(plan, items, data)


def _districts(names: Any, places: list[str]) -> NDArray[np.bool_]:
    wanted = set(names)
    return np.array([place in wanted for place in places])


def _reach(plan: Plan, items: list[Any], amount: Floats, source: NDArray[np.int64], target: NDArray[np.int64]) -> Floats:
    """Upper bound of each segment: its amount and all that shifts can move into it, chain by chain.

    A circle of shifts without potentials has no such bound; it is cut after as many links as there are activities.
    """
    reach = amount.copy()
    movers = [(row, item) for row, item in enumerate(items) if source[row] >= 0 and target[row] >= 0]
    for _ in range(min(len(amount), 8)):
        inflow = np.zeros_like(amount)
        for row, item in movers:
            inflow[target[row]] += item.ratio * reach[source[row]]
        grown = amount + inflow
        if np.allclose(grown, reach):
            break
        reach = grown
    return reach


def _place_stated(plan: Plan, item: Shift, row: int, places: list[str], room: _Room) -> None:
    located, potential = room.located, room.potential
    named = [name for name in item.potential if name != EVERYWHERE]
    located[row] = _districts(item.districts or named or (EVERYWHERE,), places)
    if item.choice == "whole":
        potential[row, located[row]] = 1.0
        return
    if named:
        for name in named:
            potential[row, places.index(name)] = item.expected_uptake * effects.along(item.potential[name], plan.years)
        located[row] &= potential[row].max(axis=-1) > 0
        if EVERYWHERE in item.potential:
            room.total[row] = item.expected_uptake * effects.along(item.potential[EVERYWHERE], plan.years)
        return
    everywhere = item.expected_uptake * effects.along(item.potential.get(EVERYWHERE, 1.0), plan.years)
    potential[row, located[row]] = everywhere
    if located[row].sum() > 1:
        room.total[row] = everywhere


def _place_moving(plan: Plan, item: Shift, row: int, places: list[str], segment: tuple[Floats, Floats], room: _Room) -> None:
    """A shift with a source, of which there is an amount, and an upper bound with all that others can move into it."""
    (amount, reach), located, potential, moves = segment, room.located, room.potential, room.moves
    years = plan.years
    named = [name for name in item.potential if name != EVERYWHERE]
    located[row] = reach.max(axis=-1) > 0
    if item.districts or named:
        located[row] &= _districts(item.districts or named, places)
    # without a potential, a whole shift takes all of its source as it is, not what others might bring
    units = (amount if item.choice == "whole" and not item.potential else reach) / item.use
    if item.potential_share is not None:
        units = np.minimum(units, effects.along(item.potential_share, years) * amount / item.use)
    for name in named:
        place = places.index(name)
        units[place] = np.minimum(units[place], effects.along(item.potential[name], years))
    if EVERYWHERE in item.potential:
        limit = effects.along(item.potential[EVERYWHERE], years)
        only_there = located[row].sum() == 1
        if item.choice == "whole" or only_there:
            units = np.minimum(units, limit)
        else:
            room.total[row] = item.expected_uptake * limit
            units = np.minimum(units, limit)
    if item.choice == "whole":
        potential[row, located[row]] = 1.0
        moves[row] = np.where(located[row][:, None], item.expected_uptake * item.use * units, 0.0)
    else:
        potential[row] = np.where(located[row][:, None], item.expected_uptake * units, 0.0)
        located[row] &= potential[row].max(axis=-1) > 0
        moves[row] = item.use
        if item.choice == "units":
            potential[row] = np.floor(potential[row] + 1e-9)


def _opened(items: list[Any], data: dict[str, xr.Variable]) -> None:
    """Openings and relations as short tables of row numbers: their size grows with the links, not with shifts squared."""
    row_of = {item.name: row for row, item in enumerate(items)}
    opened = np.array([item.open if isinstance(item, Shift) else 1.0 for item in items])
    data["open"] = xr.Variable(("shift",), opened, {"units": "1"})
    openings = [
        (row, row_of[name], share) for row, item in enumerate(items) if not isinstance(item, Shift) for name, share in item.opens.items()
    ]
    data["opening_by"] = xr.Variable(("opening",), np.array([link[0] for link in openings], dtype=int))
    data["opening_of"] = xr.Variable(("opening",), np.array([link[1] for link in openings], dtype=int))
    data["opening_share"] = xr.Variable(("opening",), np.array([link[2] for link in openings], dtype=float), {"units": "1"})
    relations = [
        (kind, row, row_of[name])
        for row, item in enumerate(items)
        for kind in ("requires", "requires_any", "excludes")
        for name in sorted(set(getattr(item, kind)))
    ]
    data["relation_kind"] = xr.Variable(("relation",), np.array([link[0] for link in relations], dtype=object))
    data["relation_from"] = xr.Variable(("relation",), np.array([link[1] for link in relations], dtype=int))
    data["relation_to"] = xr.Variable(("relation",), np.array([link[2] for link in relations], dtype=int))


def _ramps(plan: Plan, items: list[Any], data: dict[str, xr.Variable]) -> None:
    ramp = np.full((len(items), len(plan.years)), np.inf)
    for row, item in enumerate(items):
        if isinstance(item, Shift) and item.ramp is not None:
            ramp[row] = effects.along(item.ramp, plan.years)
    data["ramp"] = xr.Variable(("shift", "year"), ramp, {"units": "unit/year"})


def _rates(plan: Plan, items: list[Any], data: dict[str, xr.Variable]) -> None:
    """What one unit in use removes and adds: ``moves · (factor of source - ratio · factor of target)``, or as stated."""
    ledgers = list(data["ledger"].values)
    factor, intensity = data["factor"].values, data["intensity"].values
    zero = np.zeros((1, *factor.shape[1:]))
    zero_intensity = np.zeros((1, *intensity.shape[1:]))
    factor = np.concatenate([factor, zero])
    intensity = np.concatenate([intensity, zero_intensity])
    source, target = data["source"].values, data["target_activity"].values
    ratio = data["ratio"].values[:, None, None]
    removed = factor[source] - ratio * factor[target]
    gross = data["moves"].values[:, :, None, :] * removed[:, None, :, :]
    for row, item in enumerate(items):
        if isinstance(item, Shift) and item.reduction:
            scale = item.expected_uptake if item.choice == "whole" else 1.0
            for column, ledger in enumerate(ledgers):
                path = item.reduction.get(ledger, item.reduction.get(EVERYWHERE, 0.0))
                gross[row, :, column] = scale * effects.along(path, plan.years)
    apart = np.array([getattr(item, "counts_as", "reduction") == "complementary" for item in items], dtype=bool)[:, None, None, None]
    share = data["attribution"].values[:, None, None, None]
    complementary = np.where(apart, gross * share, 0.0)
    data["complementary_rate"] = xr.Variable(("shift", "district", "ledger", "year"), complementary, {"units": "t/unit/year"})
    gross = np.where(apart, 0.0, gross)
    data["gross_rate"] = xr.Variable(("shift", "district", "ledger", "year"), gross, {"units": "t/unit/year"})
    rate = gross * share
    data["reduction_rate"] = xr.Variable(("shift", "district", "ledger", "year"), rate, {"units": "t/unit/year"})
    moved = data["moves"].values[:, :, None, :] * (ratio * intensity[target] - intensity[source])[:, None, :, :]
    data["moved_cobenefit"] = xr.Variable(("shift", "district", "indicator", "year"), moved, {"units": "indicator unit/unit/year"})
