"""From a plan to arrays: the one contract between the nouns and everything that computes.

`build_inputs` turns every number of a plan into labelled arrays in base units, in the plan's currency and price year,
with shifts and enablers side by side in alphabetical order, so that the order of rows in a file changes nothing.
Nothing below this file sees a `Shift` again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting import effects, finance
from kip.accounting.funding_inputs import funding_table
from kip.accounting.overlaps import overlap_table
from kip.accounting.places import people_table
from kip.accounting.potentials import activity_table, place_shifts
from kip.accounting.scaling import scaling_table
from kip.accounting.settled import settle
from kip.model import Enabler, Indicator, Ledger, Plan, Shift
from kip.model.fields import EVERYWHERE
from kip.model.paths import key_of
from kip.model.uncertain import mean_of
from kip.model.values import set_worth

__all__ = ["build_inputs", "ordered_measures"]

Floats: TypeAlias = NDArray[np.float64]
Item: TypeAlias = Shift | Enabler
Draft: TypeAlias = dict[str, xr.Variable]
"""A dataset in the making: a plain table of variables, since each change of a Dataset checks all of it again."""


def ordered_measures(plan: Plan) -> list[Item]:
    """Shifts and enablers by name, each shift with its uptake as one number: the mean of a distribution."""
    shifts = [shift.model_copy(update={"uptake": mean_of(plan.uptake(shift))}) for shift in plan.shifts]
    return sorted((*shifts, *plan.enablers), key=lambda item: item.name)


def build_inputs(plan: Plan) -> xr.Dataset:
    """Every number of a plan as labelled arrays.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    xarray.Dataset
        Dims ``shift`` (shifts and enablers, by name), ``district``, ``year``, ``actor``, ``activity``, ``ledger``,
        ``indicator``, ``resource``, ``budget``, ``target``, ``party`` (groups, then districts), ``fairness``, and
        ``start`` (year in which something starts). Units in
        attrs. No NaN; a limit that does not exist is infinite.

    Examples
    --------
    >>> import kip
    >>> build_inputs(kip.example("minimal")).sizes["shift"] > 0
    True
    """
    items = ordered_measures(plan)
    coordinates = _coordinates(plan, items)
    data: Draft = dict(coordinates)
    _time(plan, items, data)
    _money(plan, items, data)
    activity_table(plan, data)
    place_shifts(plan, items, data)
    settle(plan, data)
    scaling_table(plan, items, data)
    _side_effects(plan, items, data)
    coordinates |= _limits(plan, data)
    prices = _price_factors(plan)
    coordinates |= people_table(plan, [str(name) for name in data["district"].values])
    coordinates |= overlap_table(plan, items)
    coordinates |= funding_table(plan, items, data, lambda path: _factor(prices, path))
    attributes: dict[str, Any] = {"plan": plan.name, "currency": plan.currency, "price_year": plan.price_year}
    attributes |= {"main_ledger": plan.ledgers[0].name, "discount_rate": plan.discount_rate}
    variables = {name: variable for name, variable in data.items() if name not in coordinates}
    return xr.Dataset(variables, coordinates, attributes)


def _coordinates(plan: Plan, items: list[Item]) -> Draft:
    used = [name for activity in plan.activities for name in activity.amount]
    used += [name for item in items for name in (*item.districts, *getattr(item, "potential", {}))]
    known = {district.name: district for district in plan.districts}
    districts = [*sorted(set(known) | set(used) - {EVERYWHERE}), EVERYWHERE]
    actors = sorted(plan.actors, key=lambda actor: actor.name)
    activities = sorted(plan.activities, key=lambda activity: activity.name)
    indicators = sorted(plan.indicators, key=lambda indicator: indicator.name)
    resources = sorted(plan.resources, key=lambda resource: resource.name)
    years = list(plan.years)

    def described(nouns: list[Any], field: str) -> NDArray[np.object_]:
        return _text([getattr(noun, field, "") for noun in nouns])

    places = [known.get(name) for name in districts]
    columns: dict[str, Any] = {
        "shift": [item.name for item in items],
        "kind": ("shift", ["shift" if isinstance(item, Shift) else "enabler" for item in items]),
        "choice": ("shift", [item.choice if isinstance(item, Shift) else "whole" for item in items]),
        "title": ("shift", described(items, "label")),
        "area": ("shift", described(items, "area")),
        "control": ("shift", described(items, "control")),
        "unit": ("shift", described(items, "unit")),
        "district": districts,
        "district_title": ("district", [place.label if place else name for place, name in zip(places, districts, strict=True)]),
        "population": ("district", [_number_or_nan(place.population if place else None) for place in places]),
        "year": years,
        "start": years,
        "actor": described(actors, "name"),
        "actor_title": ("actor", described(actors, "label")),
        "actor_kind": ("actor", described(actors, "kind")),
        "actor_count": ("actor", [_number_or_nan(actor.count) for actor in actors]),
        "actor_rate": ("actor", [plan.discount_rate if actor.discount_rate is None else actor.discount_rate for actor in actors]),
        "activity": described(activities, "name"),
        "activity_title": ("activity", described(activities, "label")),
        "activity_unit": ("activity", described(activities, "unit")),
        "activity_inside": ("activity", np.array([activity.inside for activity in activities], dtype=bool)),
        "policy": _text(list(dict.fromkeys(name for activity in plan.activities for name in activity.policies))),
        "ledger": [ledger.name for ledger in plan.ledgers],
        "ledger_title": ("ledger", [ledger.label for ledger in plan.ledgers]),
        "indicator": described(indicators, "name"),
        "indicator_title": ("indicator", described(indicators, "label")),
        "indicator_unit": ("indicator", described(indicators, "unit")),
        "indicator_direction": ("indicator", described(indicators, "direction")),
        "indicator_family": ("indicator", described(indicators, "family")),
        "resource": described(resources, "name"),
        "resource_unit": ("resource", described(resources, "unit")),
        "budget": _text([key_of(budget, plan.budgets) for budget in plan.budgets]),
        "target": described(list(plan.targets), "name"),
    }
    return {name: xr.Variable(*(value if isinstance(value, tuple) else (name, value))) for name, value in columns.items()}


def _text(values: list[Any]) -> NDArray[np.object_]:
    return np.array([str(value) for value in values], dtype=object)


def _number_or_nan(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _put(data: Draft, name: str, dims: tuple[str, ...], values: Any, unit: str) -> None:
    data[name] = xr.Variable(dims, np.asarray(values), {"units": unit})


def _time(plan: Plan, items: list[Item], data: Draft) -> None:
    years = plan.years
    count = len(years)
    allowed = set(plan.start_years or years)
    effect, alive, bought = np.zeros((3, len(items), count, count))
    may_start = np.zeros((len(items), count), dtype=bool)
    last = np.zeros((len(items), count), dtype=int)
    left = np.zeros((len(items), count))
    cache: dict[Any, tuple[Floats, Floats, Floats, NDArray[np.int64], Floats]] = {}
    for row, item in enumerate(items):
        profile = item.profile if isinstance(item, Shift) else (1.0,)
        key = (item.lead, item.lifetime, profile, item.renew)
        if key not in cache:
            cache[key] = _one_timing(plan, item, profile)
        effect[row], alive[row], bought[row], last[row], left[row] = cache[key]
        whole = not isinstance(item, Shift) or item.choice == "whole"
        may_start[row] = [
            (item.earliest or years[0]) <= year <= (item.latest or years[-1]) and (not whole or year in allowed) for year in years
        ]
    _put(data, "effect", ("shift", "start", "year"), effect, "1")
    _put(data, "in_use_years", ("shift", "start", "year"), alive, "1")
    _put(data, "bought", ("shift", "start", "year"), bought, "1")
    _put(data, "last_purchase", ("shift", "start"), last, "index of year")
    _put(data, "residual_share", ("shift", "start"), left, "1")
    _put(data, "may_start", ("shift", "start"), may_start, "")
    _put(data, "lead", ("shift",), [item.lead for item in items], "year")
    _put(data, "lifetime", ("shift",), [_number_or_nan(item.lifetime) for item in items], "year")
    _put(data, "full_effect", ("shift",), [_full_effect(item, count) for item in items], "year")


def _one_timing(plan: Plan, item: Item, profile: tuple[float, ...]) -> tuple[Floats, Floats, Floats, NDArray[np.int64], Floats]:
    count = len(plan.years)
    last = np.zeros(count, dtype=int)
    left = np.zeros(count)
    for start in range(count):
        last[start], age = effects.last_purchase(start, item.lead, item.lifetime, item.renew, count)
        if item.lifetime is not None:
            left[start] = finance.residual_share(age, item.lifetime, plan.discount_rate, plan.residual)
    return (
        effects.effect_by_year(item.lead, item.lifetime, profile, item.renew, count),
        effects.effect_by_year(item.lead, item.lifetime, (1.0,), item.renew, count),
        effects.purchases_by_year(item.lead, item.lifetime, item.renew, count),
        last,
        left,
    )


def _full_effect(item: Item, count: int) -> float:
    """Years of full effect over one life, the profile counted; NaN when the life ends with the horizon."""
    if item.lifetime is None:
        return float("nan")
    profile = item.profile if isinstance(item, Shift) else (1.0,)
    shares = [profile[min(age, len(profile) - 1)] for age in range(item.lifetime)]
    return float(sum(shares))


def _money(plan: Plan, items: list[Item], data: Draft) -> None:
    actors = list(data["actor"].values)
    column = {name: index for index, name in enumerate(actors)}
    default = plan.actors[0].name
    years = plan.years
    prices = _price_factors(plan)
    capex, opex = np.zeros((2, len(items), len(actors), len(years)))
    reference = {field: np.zeros((len(items), len(actors))) for field in ("reference_cost", "reference_opex")}
    for row, item in enumerate(items):
        place = f"{'shifts' if isinstance(item, Shift) else 'enablers'}.{item.name}"
        for table, field, trend in ((capex, "cost", item.cost_trend), (opex, "opex", item.opex_trend)):
            along = effects.along(trend, years)
            for name, amount in getattr(item, field).items():
                payer = (item.payer or default) if name == EVERYWHERE else name
                table[row, column[payer]] += amount * _factor(prices, f"{place}.{field}.{name}") * along
        # what would have been paid anyway has no trend of its own: falling prices are the shift's, not the reference's (§39)
        for field, fixed in reference.items():
            for name, amount in getattr(item, field).items():
                payer = (item.payer or default) if name == EVERYWHERE else name
                fixed[row, column[payer]] += amount * _factor(prices, f"{place}.{field}.{name}")
    currency = plan.currency
    _put(data, "capex", ("shift", "actor", "year"), capex, f"{currency}/unit")
    _put(data, "opex", ("shift", "actor", "year"), opex, f"{currency}/unit/year")
    _put(data, "reference_capex", ("shift", "actor"), reference["reference_cost"], f"{currency}/unit")
    _put(data, "reference_opex", ("shift", "actor"), reference["reference_opex"], f"{currency}/unit/year")
    rates = {actor.name: plan.discount_rate if actor.discount_rate is None else actor.discount_rate for actor in plan.actors}
    own = [finance.discount_factors(rates[name], len(years) + 1) for name in actors]
    _put(data, "discount", ("year",), finance.discount_factors(plan.discount_rate, len(years)), "1")
    _put(data, "own_discount", ("actor", "year"), [row[:-1] for row in own], "1")
    _put(data, "end_discount", (), finance.discount_factors(plan.discount_rate, len(years) + 1)[-1], "1")
    _put(data, "own_end_discount", ("actor",), [row[-1] for row in own], "1")


def _price_factors(plan: Plan) -> dict[str, float]:
    """Conversion to the plan's price year for every passport that states another one."""
    factors = {}
    for path, passport in plan.passports.items():
        if passport.price_year is not None:
            year = plan.price_year or passport.price_year
            factors[path] = finance.convert_price(1.0, plan.price_index, of=passport.price_year, to=year)
    return factors


def _factor(prices: Mapping[str, float], path: str) -> float:
    """The passport on the longest path wins."""
    while prices and path:
        if path in prices:
            return prices[path]
        path = path.rpartition(".")[0]
    return 1.0


def _side_effects(plan: Plan, items: list[Item], data: Draft) -> None:
    years = plan.years
    column = {name: index for index, name in enumerate(data["indicator"].values)}
    rows = {name: index for index, name in enumerate(data["resource"].values)}
    cobenefit = np.zeros((len(items), len(column), len(years)))
    uses = np.zeros((len(items), len(rows)))
    for row, item in enumerate(items):
        for name, path in item.cobenefits.items():
            cobenefit[row, column[name]] += effects.along(path, years)
        for name, amount in item.uses.items():
            uses[row, rows[name]] += amount
    _put(data, "own_cobenefit", ("shift", "indicator", "year"), cobenefit, "indicator unit/unit/year")
    _put(data, "uses", ("shift", "resource"), uses, "resource unit/unit")
    prices = _price_factors(plan)
    worth = np.zeros((len(column), len(years)))
    for indicator in plan.indicators:
        sign = 1.0 if indicator.direction == "up" else -1.0
        worth[column[indicator.name]] = sign * _worth(plan, indicator, _factor(prices, f"indicators.{indicator.name}.value"))
    _put(data, "worth", ("indicator", "year"), worth, f"{plan.currency}/indicator unit")
    tonne = [_worth(plan, ledger, _factor(prices, f"ledgers.{ledger.name}.value")) for ledger in plan.ledgers]
    _put(data, "tonne_worth", ("ledger", "year"), tonne, f"{plan.currency}/t")


def _worth(plan: Plan, noun: Indicator | Ledger, price: float) -> Floats:
    """Money for one unit in each year: the noun's own value at `price`, else that of the set it names, else nothing."""
    found = set_worth(plan, noun)
    if found is None:
        return np.asarray(price * effects.along(noun.value or 0.0, plan.years))
    path, factor, year = found
    price = finance.convert_price(factor, plan.price_index, of=year, to=plan.price_year or year)
    return np.asarray(price * effects.along(path, plan.years))


def _limits(plan: Plan, data: Draft) -> Draft:
    """Add budgets, supplies and targets; returns what describes them."""
    years = plan.years
    prices = _price_factors(plan)
    amount = np.zeros((len(plan.budgets), len(years)))
    for row, budget in enumerate(plan.budgets):
        factor = _factor(prices, f"budgets.{key_of(budget, plan.budgets)}.amount")
        if isinstance(budget.amount, dict):
            amount[row] = [factor * budget.amount.get(year, 0.0) for year in years]
        else:
            amount[row, 0] = factor * budget.amount
    _put(data, "budget_amount", ("budget", "year"), amount, plan.currency)
    described: dict[str, Any] = {}
    totals = [not isinstance(budget.amount, dict) for budget in plan.budgets]
    actors = list(data["actor"].values)
    # types are given, so that a plan without budgets or targets has empty arrays of the same kind
    described["budget_actor"] = ("budget", np.array([actors.index(budget.actor) for budget in plan.budgets], dtype=int))
    described["budget_kind"] = ("budget", _text([budget.kind for budget in plan.budgets]))
    described["budget_total"] = ("budget", np.array(totals, dtype=bool))
    described["budget_carry"] = ("budget", np.array([budget.carry_over for budget in plan.budgets], dtype=bool))
    described["budget_savings"] = ("budget", np.array([budget.savings for budget in plan.budgets], dtype=bool))
    supply = {resource.name: effects.along(resource.supply, years) for resource in plan.resources}
    _put(
        data,
        "supply",
        ("resource", "year"),
        [supply[name] for name in data["resource"].values] or np.zeros((0, len(years))),
        "resource unit",
    )
    ledgers = {ledger.name: ledger for ledger in plan.ledgers}
    names = [target.ledger or plan.ledgers[0].name for target in plan.targets]
    values = [target.allowed(ledgers[name]) for target, name in zip(plan.targets, names, strict=True)]
    most = [target.most_complementary(ledgers[name]) for target, name in zip(plan.targets, names, strict=True)]
    _put(data, "target_value", ("target",), np.array(values, dtype=float), "t/year")
    _put(data, "target_complementary", ("target",), np.array(most, dtype=float), "t/year")
    described["target_year"] = ("target", np.array([target.year for target in plan.targets], dtype=int))
    described["target_ledger"] = ("target", _text(names))
    described["target_kind"] = ("target", _text([target.kind for target in plan.targets]))
    described["target_title"] = ("target", _text([target.label for target in plan.targets]))
    return {name: xr.Variable(*value) for name, value in described.items()}
