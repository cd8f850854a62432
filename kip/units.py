"""Numbers with units, at the border only: text in, plain floats inside.

Inside a plan every number is a float in the plan's base units: the plan's currency, tonnes of CO2e, years and the
units of the activities. Text such as ``"5 MSEK"`` or ``"180 g CO2e/vkm"`` is turned into such a float by `parse`;
the float remembers its unit (`Quantity.unit`), so that the plan can refuse kronor where tonnes belong. Currencies are
separate dimensions on purpose: nothing is ever exchanged without a rate in the plan.
"""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pint

__all__ = ["CURRENCIES", "Quantity", "base_factor", "canonical", "conversion", "parse", "split", "to_float"]

CURRENCIES = ("SEK", "EUR", "NOK", "DKK", "GBP", "USD")
"""Currencies that kip can name. Add one in ``units.txt`` and here."""

_NUMBER = re.compile(r"^\s*([-+]?(?:\d+(?:_\d{3})*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*$", re.DOTALL)


class Quantity(float):
    """A float in base units that remembers which unit its text had.

    Examples
    --------
    >>> cost = parse("5 MSEK")
    >>> float(cost), cost.unit
    (5000000.0, 'SEK')
    """

    unit: str

    def __new__(cls, value: float, unit: str) -> Quantity:
        self = super().__new__(cls, value)
        self.unit = unit
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (Quantity, (float(self), self.unit))

    def __copy__(self) -> Quantity:
        return self

    def __deepcopy__(self, memo: Any) -> Quantity:
        return self


@cache
def _registry() -> pint.UnitRegistry[Any]:
    import pint

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(None)
    lines = resources.files("kip").joinpath("units.txt").read_text(encoding="utf-8").splitlines()
    registry.load_definitions(lines)
    return registry


@lru_cache(maxsize=4096)
def _base(unit: str) -> tuple[float, str]:
    """Factor to base units, and the base unit as text. Raises ValueError with a sentence."""
    text = unit.replace("%", "percent")
    if re.search(r"\d{4}", text):
        raise ValueError(f'unit "{unit}" holds a year. State the price year in the passport of the number instead.')
    try:
        quantity = _registry().Quantity(1.0, text).to_base_units()
    except Exception as error:  # broken unit texts make pint raise almost anything, tokenize.TokenError among it
        raise ValueError(
            f'unknown unit "{unit}". Use for example SEK, MSEK, EUR, t/year, kt/year, g/vkm, vkm, pkm, tkm, MWh, %.'
        ) from error
    exponents = {str(name): float(str(power)) for name, power in quantity.unit_items()}
    powers = sorted(exponents.items(), key=lambda item: (-item[1], item[0]))
    above = [name if power == 1 else f"{name}^{power:g}" for name, power in powers if power > 0]
    below = [name if power == -1 else f"{name}^{-power:g}" for name, power in powers if power < 0]
    return float(quantity.magnitude), "/".join(["·".join(above) or "1", *below])


def canonical(unit: str) -> str:
    """The base unit that `unit` is measured in, as text.

    Examples
    --------
    >>> canonical("MSEK"), canonical("kt/year"), canonical("1")
    ('SEK', 't/year', '1')
    """
    return _base(unit)[1] if unit and unit != "1" else "1"


def base_factor(unit: str) -> float:
    """How many base units one `unit` is [1].

    Examples
    --------
    >>> base_factor("kWh"), base_factor("SEK/kg"), base_factor("1")
    (0.001, 1000.0, 1.0)
    """
    return float(f"{_base(unit)[0]:.15g}") if unit and unit != "1" else 1.0


def conversion(unit: str, to: str) -> float:
    """How many `to` one `unit` is.

    Raises
    ------
    ValueError
        With one sentence, when a unit is unknown or the two measure different things.

    Examples
    --------
    >>> conversion("SEK/kg", "SEK/t"), conversion("SEK/km", "SEK/km")
    (1000.0, 1.0)
    """
    if unit == to:
        return 1.0
    (factor, base), (other, wanted) = _base(unit), _base(to)
    if base != wanted:
        raise ValueError(f"{unit} cannot be turned into {to}.")
    return float(f"{factor / other:.15g}")


def split(text: str) -> tuple[float, str]:
    """Number and unit of a text, as written; an empty unit when there is none. Raises ValueError as `parse` does.

    Examples
    --------
    >>> split("3.85 SEK/kg")
    (3.85, 'SEK/kg')
    """
    match = _NUMBER.match(text)
    if match is None:
        return parse(text), ""
    parse(text)
    return float(match[1].replace("_", "")), match[2]


def parse(text: str) -> float:
    """Read a number that may carry a unit.

    Parameters
    ----------
    text : str
        A number with a decimal point, then an optional unit: ``"5 MSEK"``, ``"2.1 kt/year"``, ``"30 %"``, ``"12"``.

    Returns
    -------
    float
        A `Quantity` when there was a unit, else a float; both in base units.

    Raises
    ------
    ValueError
        With one sentence, when the text is not a number or the unit is unknown.

    Examples
    --------
    >>> parse("2.1 kt/year"), parse("12 %"), parse("7")
    (2100.0, 0.12, 7.0)
    """
    match = _NUMBER.match(text)
    if match is None:
        raise ValueError(f'"{text}" is not a number. Write a number, with a unit behind it if you like ("5 MSEK").')
    number, unit = match.groups()
    if unit[:1] in {",", "."} or re.match(r"\d", unit):
        raise ValueError(f'"{text}" is not a number. Use a decimal point and no spaces in the number ("5000.5" or "5_000 SEK").')
    value = float(number.replace("_", ""))
    if not unit:
        return value
    factor, base = _base(unit)
    return Quantity(float(f"{value * factor:.15g}"), base)


def to_float(value: object) -> float:
    """A finite float from a number or a text with a unit; the validator behind every number of a plan.

    Raises
    ------
    ValueError
        With one sentence, for NaN, infinity, true/false, and text that is no number.
    """
    if isinstance(value, str):
        value = parse(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
            return to_float(value.item())
        raise ValueError(f'{value!r} is not a number. Write a number or a text such as "5 MSEK".')
    if math.isnan(value):
        raise ValueError("NaN (not a number) is not allowed. Leave the cell empty if nothing is known.")
    if math.isinf(value):
        raise ValueError("infinity is not allowed. Leave the field out if there is no limit.")
    return value if isinstance(value, Quantity) else float(value)
