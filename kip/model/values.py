"""ValueSet: what one unit of something is worth, from one publication, in the prices of one year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from kip.errors import Issue, unknown_name
from kip.model.fields import Name, Noun, PathByName, Positive, Texts, quantity
from kip.units import CURRENCIES, canonical, conversion, split

if TYPE_CHECKING:
    from kip.model.plan import Plan
    from kip.model.target import Indicator, Ledger

__all__ = ["TONNE", "ValueSet", "set_worth", "wrong_set"]

TONNE = "co2"
"""Key of the value of a tonne, where a ledger names a set without saying which value of it."""


class ValueSet(Noun):
    """Values of a named publication (ASEK 7.0), each with its unit, all in the prices of one year and one currency.

    An indicator or a ledger takes its money value from a set of the plan by `value_set` and `value_key`; the value is
    converted to the plan's price year with its price index. Currencies are never exchanged silently: a set in another
    currency needs an exchange rate, and the rate its source.

    Examples
    --------
    >>> import kip
    >>> mine = kip.ValueSet(name="mine", source="invented", price_year=2020, values={"noise": "3 kSEK/person", "co2": {2030: "7 SEK/kg"}})
    >>> mine.values, mine.units
    ({'noise': 3.0, 'co2': {2030: 7.0}}, {'noise': 'kSEK/person', 'co2': 'SEK/kg'})
    """

    name: Name
    """Short name with its version, unique among value sets: asek-7."""
    title: str = ""
    """Name for people; the short name when empty."""
    version: str = ""
    """Version of the publication."""
    description: str = ""
    """What to know before it is used."""
    source: str
    """Publication that the values are from."""
    price_year: int
    """Year whose prices the values are in. A value without it means nothing, so there is no default."""
    currency: str = "SEK"
    """Currency of the values."""
    values: PathByName = quantity("1", default_factory=dict)
    """What one unit is worth, in the unit of `units`: {key: number} or {key: {year: number}}, the year being that of the effect. A
    text such as "7 SEK/kg" gives the unit too.
    """
    units: Texts = quantity("1", default_factory=dict)
    """Unit of each value: {key: "SEK/kg"}."""
    covers: Texts = quantity("1", default_factory=dict)
    """What each value covers, and what it leaves out, so that nothing is counted twice."""
    exchange_rate: Positive | None = quantity("1", None)
    """Units of the plan's currency for one unit of the set's currency, in the set's price year [1]; only when they differ."""
    exchange_source: str = ""
    """Where the exchange rate comes from; required with it."""

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name

    @model_validator(mode="before")
    @classmethod
    def _units_of_texts(cls, data: Any) -> Any:
        """Take the unit out of "7 SEK/kg"; what cannot be read is left for the field to say so."""
        if not isinstance(data, Mapping) or not isinstance(data.get("values"), Mapping):
            return data
        values, units = dict(data["values"]), dict(data.get("units") or {}) if isinstance(data.get("units") or {}, Mapping) else None
        if units is None:
            return data
        for key, value in values.items():
            try:
                if isinstance(value, str):
                    values[key], unit = split(value)
                    found = {unit}
                elif isinstance(value, Mapping):
                    parts = {year: split(item) if isinstance(item, str) else (item, "") for year, item in value.items()}
                    values[key], found = {year: number for year, (number, _) in parts.items()}, {unit for _, unit in parts.values()}
                else:
                    continue
            except ValueError:
                continue
            given = found - {"", str(units.get(key, ""))}
            if given and (len(found) > 1 or key in units):
                raise ValueError(f'"{key}" has numbers in several units ({", ".join(sorted(given))}). Write all of them in one.')
            if given:
                units[key] = given.pop()
        return {**data, "values": values, "units": units}

    @model_validator(mode="after")
    def _each_has_a_unit(self) -> Self:
        if self.currency not in CURRENCIES:
            raise ValueError(unknown_name("currency", self.currency, CURRENCIES))
        for key in self.values:
            if key not in self.units:
                raise ValueError(f'the value "{key}" has no unit. Write it behind the number, or in units: {self.currency}/kg.')
            canonical(self.units[key])
            if not self.units[key].partition("/")[0].endswith(self.currency):
                raise ValueError(f'the unit of "{key}" is {self.units[key]}; must be in {self.currency}, as the set. Change one.')
        for field in ("units", "covers"):
            for key in sorted(set(getattr(self, field)) - set(self.values)):
                if self.values:
                    raise ValueError(f"{field}: " + unknown_name("value", key, list(self.values)))
        if self.exchange_rate is not None and not self.exchange_source.strip():
            raise ValueError('an exchange rate needs its source. Write it in "exchange_source".')
        return self

    def in_currency(self, key: str, currency: str) -> str:
        """Unit of a value with the name of the currency changed; an exchange is not meant by it."""
        head, slash, rest = self.units[key].partition("/")
        return head.replace(self.currency, currency) + slash + rest


def set_worth(plan: Plan, noun: Indicator | Ledger) -> tuple[Any, float, int] | None:
    """Where an indicator or a ledger takes its value from a set: the path, the factor to the plan's currency per unit, the price year.

    None when it has a value of its own, or none at all. The factor holds unit and exchange rate; prices are converted by
    the caller, who knows the price index.
    """
    found = _named(plan, noun)
    if found is None:
        return None
    source, key = found
    factor = conversion(source.in_currency(key, plan.currency), f"{plan.currency}/{unit_of(noun)}")
    if source.currency != plan.currency:
        factor *= source.exchange_rate or float("nan")
    return source.values[key], factor, source.price_year


def unit_of(noun: Indicator | Ledger) -> str:
    """What the money value of an indicator or a ledger is per."""
    return str(getattr(noun, "unit", "t"))


def _named(plan: Plan, noun: Indicator | Ledger) -> tuple[ValueSet, str] | None:
    if noun.value is not None or not noun.value_set:
        return None
    source = next((item for item in plan.value_sets if item.name == noun.value_set), None)
    key = noun.value_key or (noun.name if hasattr(noun, "unit") else TONNE)
    return None if source is None or key not in source.values else (source, key)


def wrong_set(plan: Plan, noun: Indicator | Ledger, place: str) -> Iterator[Issue]:
    """Why the value of an indicator or a ledger cannot be taken from the set that it names."""
    if noun.value is not None:
        if noun.value_key:
            yield Issue('"value" and "value_key" exclude each other. Keep the number, or the key of a value set.', f"{place}.value_key")
        return
    if not noun.value_set:
        if noun.value_key:
            yield Issue('"value_key" needs a value set. Name one of the plan in "value_set".', f"{place}.value_key")
        return
    source = next((item for item in plan.value_sets if item.name == noun.value_set), None)
    if source is None:
        names = [item.name for item in plan.value_sets]
        yield Issue(
            unknown_name("value set", noun.value_set, names) + ' Add the set to value_sets, or give the number itself in "value".',
            f"{place}.value_set",
        )
        return
    found = _named(plan, noun)
    if found is None:
        key = noun.value_key or (noun.name if hasattr(noun, "unit") else TONNE)
        where = f"{place}.value_key" if noun.value_key else f"{place}.value_set"
        yield Issue(unknown_name(f"value of {source.name}", key, list(source.values)) + ' Name it in "value_key".', where)
        return
    unit, wanted = source.in_currency(found[1], plan.currency), f"{plan.currency}/{unit_of(noun)}"
    try:
        conversion(unit, wanted)
    except ValueError:
        yield Issue(
            f'"{found[1]}" of {source.name} is in {source.units[found[1]]}; {wanted} is needed. Choose another value, or change the unit.',
            f"{place}.value_set",
        )
    if source.currency != plan.currency and source.exchange_rate is None:
        yield Issue(
            f"{source.name} is in {source.currency}, the plan in {plan.currency}, and currencies are never exchanged silently. "
            "Give exchange_rate and exchange_source in the value set.",
            f"{place}.value_set",
        )
    for year in (source.price_year, plan.price_year):
        if source.price_year != plan.price_year and year not in plan.price_index:
            yield Issue(
                f"the values of {source.name} are in prices of {source.price_year} and cannot be converted to {plan.price_year}: "
                f"the price index has no {year}. Add it to price_index with its source.",
                f"{place}.value_set",
            )
