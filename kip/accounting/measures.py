"""Measures: the names under which a total can be asked for, limited and optimised.

``reduction``, ``lifetime_reduction``, ``complementary`` [t CO2e, on the main ledger]; ``emissions`` [t]; ``investment``, ``operation``,
``cost`` (their sum, cash), ``net_cost`` (present value, residual counted), ``net_benefit`` [currency]; ``shortfall``
[t/year, summed over targets]; ``grants`` and ``grants.<source>`` [currency]; the name of any indicator;
``adopted.<shift>`` [unit]; ``least.<rule>`` and ``sen.<rule>`` of a fairness rule [unit/person]. ``cost.municipality``
is one actor's, grants received and given counted; ``reduction_2030`` is one year's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import xarray as xr

from kip.errors import RequestError, unknown_name

__all__ = ["KINDS", "Measure", "names_of_measures", "parse_measure", "value_of"]

KINDS = ("municipal", "regional", "state", "private", "societal")
"""Whose krona a ratio counts; societal is all of them."""

_MONEY = ("investment", "operation", "cost", "net_cost")
_TONNES = ("reduction", "emissions", "lifetime_reduction", "complementary")
_OF_RULES = {"least": ("floor", "spread"), "sen": ("sen",)}


@dataclass(frozen=True)
class Measure:
    """A measure taken apart.

    Attributes
    ----------
    name : str
        What was asked for.
    base : str
        Name without actor and year; "indicator" and "adopted" for the open families.
    key : str
        Actor, indicator or shift; a kind of actor for the denominators of ratios; empty otherwise.
    year : int or None
        One year only.
    unit : str
        Unit of the total.
    """

    name: str
    base: str
    key: str = ""
    year: int | None = None
    unit: str = ""


def names_of_measures(inputs: xr.Dataset) -> list[str]:
    """Every measure of a plan, without those of single actors, years and shifts."""
    return [*_TONNES, *_MONEY, "net_benefit", "shortfall", *map(str, inputs["indicator"].values)]


def parse_measure(text: str, inputs: xr.Dataset) -> Measure:
    """Take a measure's name apart.

    Raises
    ------
    RequestError
        When the plan has no such measure; with the nearest name.
    """
    if not isinstance(text, str):
        raise RequestError(unknown_name("measure", text, names_of_measures(inputs)))
    currency = inputs.attrs["currency"]
    indicators = list(map(str, inputs["indicator"].values))
    if text in indicators:
        return Measure(text, "indicator", text, unit=_indicator_unit(inputs, text, per_year=False))
    stem, year = _split_year(text, inputs)
    base, _, key = stem.partition(".")
    if base == "adopted" and key:
        if key not in inputs["shift"].values:
            raise RequestError(unknown_name("shift", key, list(map(str, inputs["shift"].values))))
        return Measure(text, "adopted", key, year, "unit")
    if base in _OF_RULES and key:
        return _of_rule(text, base, key, inputs)
    if base == "grants":
        sources = list(map(str, inputs["funding"].values))
        if key and key not in sources:
            raise RequestError(unknown_name("source of funding", key, sources))
        return Measure(text, "grants", key, year, currency)
    if key and base in _MONEY:
        actors = list(map(str, inputs["actor"].values))
        if key not in actors:
            raise RequestError(unknown_name("actor", key, actors))
        if year is not None and base == "net_cost":
            raise RequestError("net_cost is a present value of all years. Use cost for one year.")
        return Measure(text, base, key, year, currency)
    if stem in indicators:
        return Measure(text, "indicator", stem, year, _indicator_unit(inputs, stem, per_year=year is not None))
    if stem in _TONNES and not (stem == "lifetime_reduction" and year is not None):
        return Measure(text, stem, year=year, unit="t" if year is None else "t/year")
    if stem in _MONEY and not (stem == "net_cost" and year is not None):
        return Measure(text, stem, year=year, unit=currency)
    if stem == "net_benefit" and year is None:
        return Measure(text, stem, unit=currency)
    if stem == "shortfall" and year is None:
        return Measure(text, stem, unit="t/year")
    raise RequestError(
        unknown_name("measure", text, names_of_measures(inputs))
        + " One year: reduction_2030. One actor: cost.municipality. One shift: adopted.<name>."
    )


def _of_rule(text: str, base: str, key: str, inputs: xr.Dataset) -> Measure:
    """The smallest gain, or Sen's welfare, of a fairness rule."""
    rules = list(map(str, inputs["fairness"].values))
    if key not in rules:
        raise RequestError(unknown_name("fairness rule", key, rules))
    row = rules.index(key)
    kind = str(inputs["fairness_kind"].values[row])
    if kind not in _OF_RULES[base]:
        fitting = " or ".join(_OF_RULES[base])
        raise RequestError(f'"{text}": the rule "{key}" is of kind {kind}; {base} needs kind {fitting}. Add such a rule.')
    unit = parse_measure(str(inputs["fairness_measure"].values[row]), inputs).unit
    return Measure(text, base, key, unit=f"{unit}/person" if inputs["fairness_per_person"].values[row] else unit)


def _split_year(text: str, inputs: xr.Dataset) -> tuple[str, int | None]:
    match = re.fullmatch(r"(.+)_(\d{4})", text)
    if match is None:
        return text, None
    year = int(match[2])
    years = inputs["year"].values
    if year not in years:
        raise RequestError(f'"{text}": {year} is not a year of the plan ({years[0]}-{years[-1]}).')
    return match[1], year


def _indicator_unit(inputs: xr.Dataset, name: str, per_year: bool) -> str:
    unit = str(inputs["indicator_unit"].values[list(inputs["indicator"].values).index(name)])
    return f"{unit}/year" if per_year else unit


def value_of(measure: Measure, data: xr.Dataset) -> float:
    """The total of a measure in a counted portfolio."""
    main = data.attrs["main_ledger"]
    if measure.base == "lifetime_reduction":
        return float(data["lifetime_reduction"].sel(ledger=main).sum())
    if measure.base == "net_benefit":
        return float(data["net_benefit"])
    if measure.base in _OF_RULES:
        # rules are made of other measures, and stand above this file
        from kip.accounting.fairness import fairness_rule, least_gain, sen_gain

        rule = fairness_rule(data, list(data["fairness"].values).index(measure.key))
        return least_gain(rule, data) if measure.base == "least" else sen_gain(rule, data)
    if measure.base == "shortfall":
        return float(data["shortfall"].sum())
    if measure.base == "net_cost":
        if measure.key and measure.key in data["actor"].values:
            return float(data["actor_net_cost"].sel(actor=measure.key))
        kept = payers(data, measure.key)
        # grants and their payers cancel in society as a whole: a transfer is no societal cost
        transfers = 0.0 if measure.key in {"", "societal"} else float(data["net_transfer"].values[kept].sum())
        return float(data["net_cost"].values[:, :, kept].sum()) - transfers
    series = _series(measure, data, main)
    if measure.year is not None:
        return float(series[list(data["year"].values).index(measure.year)])
    return float(series.sum())


def payers(data: xr.Dataset, kind: str) -> np.ndarray:
    """Which actors' kronor a kind counts, as booleans (actor); "kind:state" is never the actor of that name."""
    kind = kind.removeprefix("kind:")
    if kind in {"", "societal"}:
        return np.ones(data.sizes["actor"], dtype=bool)
    return np.asarray(data["actor_kind"].values == kind)


def _series(measure: Measure, data: xr.Dataset, main: str) -> np.ndarray:
    if measure.base in {"reduction", "emissions", "complementary"}:
        return _by_year(data, measure.base, "ledger", main)
    if measure.base == "indicator":
        return _by_year(data, "cobenefit", "indicator", measure.key)
    if measure.base == "adopted":
        return _by_year(data, "new", "shift", measure.key)
    if measure.base == "grants":
        return _by_year(data, "grant", "funding", measure.key)
    parts = ("investment", "operation") if measure.base == "cost" else (measure.base,)
    own = np.sum([_by_year(data, part, "actor", measure.key) for part in parts], axis=0)
    if measure.base == "cost" and measure.key:
        own = own - _by_year(data, "grant_received", "actor", measure.key) + _by_year(data, "grant_paid", "actor", measure.key)
    return np.asarray(own)


def _by_year(data: xr.Dataset, name: str, dim: str, key: str) -> np.ndarray:
    """Sum by year, of one place of a dimension; of all of it without a key. Plain arrays: this is read after every solve."""
    variable = data.variables[name]
    values = variable.values
    if key:
        place = int(np.flatnonzero(data.variables[dim].values == key)[0])
        values = values.take([place], axis=variable.dims.index(dim))
    return np.asarray(values.sum(axis=tuple(axis for axis, each in enumerate(variable.dims) if each != "year")))
