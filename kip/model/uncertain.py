"""Uncertain: a number that is known as a distribution only, such as the uptake of something that others decide.

A plan computes with its mean; its ends are shown beside the result, so that no lone point stands for something unknown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from kip.errors import RequestError, unknown_name
from kip.units import to_float

__all__ = ["Share", "Uncertain", "high_of", "low_of", "mean_of", "triangular", "uniform"]

Shape = Literal["triangular", "uniform"]
_TEXT = re.compile(r"\s*([A-Za-z_]+)\s*\((.*)\)\s*")
_FIELDS = {"triangular": ("low", "mode", "high"), "uniform": ("low", "high")}


@dataclass(frozen=True)
class Uncertain:
    """A number between two ends, made by `triangular` or `uniform`.

    Attributes
    ----------
    shape : {"triangular", "uniform"}
    low, high : float
        The ends: it is never below `low` nor above `high`.
    mode : float
        The most likely value; halfway for a uniform one.

    Raises
    ------
    ValueError
        When the three are not in order, or not finite.

    Examples
    --------
    >>> import kip
    >>> uptake = kip.triangular(0.2, 0.3, 0.7)
    >>> uptake.mean, str(uptake)
    (0.4, 'triangular(0.2, 0.3, 0.7)')
    """

    shape: Shape
    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        if self.shape not in _FIELDS:
            raise ValueError(unknown_name("distribution", self.shape, list(_FIELDS)))
        if not all(map(math.isfinite, (self.low, self.mode, self.high))):
            raise ValueError(f"{self} is not finite. Give a finite number for each.")
        if not self.low <= self.mode <= self.high:
            raise ValueError(f"{self} is not in order. Write {self.shape}({', '.join(_FIELDS[self.shape])}), the smallest first.")

    @property
    def mean(self) -> float:
        """(low + mode + high) / 3 when triangular, (low + high) / 2 when uniform."""
        if self.shape == "uniform":
            return (self.low + self.high) / 2.0
        return float(f"{(self.low + self.mode + self.high) / 3.0:.15g}")

    @property
    def deviation(self) -> float:
        """Standard deviation: √((a² + b² + c² - ab - ac - bc) / 18) when triangular, (high - low) / √12 when uniform."""
        a, b, c = self.low, self.high, self.mode
        if self.shape == "uniform":
            return (b - a) / math.sqrt(12.0)
        return math.sqrt(max(0.0, a * a + b * b + c * c - a * b - a * c - b * c) / 18.0)

    def __str__(self) -> str:
        return f"{self.shape}({', '.join(repr(float(getattr(self, field))) for field in _FIELDS[self.shape])})"


def triangular(low: float | str, mode: float | str, high: float | str) -> Uncertain:
    """A number between `low` and `high`, most likely `mode`; its mean is (low + mode + high) / 3.

    Raises
    ------
    RequestError
        When the three are not numbers in order.

    Examples
    --------
    >>> import kip
    >>> kip.triangular("20 %", 0.4, 0.6).mean
    0.4
    """
    return _asked("triangular", (low, mode, high))


def uniform(low: float | str, high: float | str) -> Uncertain:
    """A number anywhere between `low` and `high`, all equally likely; its mean is halfway.

    Raises
    ------
    RequestError
        When the two are not numbers in order.

    Examples
    --------
    >>> import kip
    >>> kip.uniform(0.2, 0.6).mean
    0.4
    """
    return _asked("uniform", (low, high))


def mean_of(value: float | Uncertain) -> float:
    """A number as it is, a distribution by its mean."""
    return value.mean if isinstance(value, Uncertain) else float(value)


def low_of(value: float | Uncertain) -> float:
    """A number as it is, a distribution by its lower end."""
    return value.low if isinstance(value, Uncertain) else float(value)


def high_of(value: float | Uncertain) -> float:
    """A number as it is, a distribution by its upper end."""
    return value.high if isinstance(value, Uncertain) else float(value)


def _asked(shape: Shape, ends: tuple[float | str, ...]) -> Uncertain:
    try:
        return _made(shape, ends)
    except ValueError as error:
        raise RequestError(str(error)) from None


def _made(shape: Shape, ends: tuple[object, ...]) -> Uncertain:
    numbers = [float(to_float(end)) for end in ends]
    if len(numbers) != len(_FIELDS[shape]):
        raise ValueError(f"{shape} has {len(numbers)} numbers. Write {shape}({', '.join(_FIELDS[shape])}).")
    if shape == "uniform":
        low, high = numbers
        if low > high:
            raise ValueError(f"uniform({low:g}, {high:g}) is not in order. Write uniform(low, high), the smallest first.")
        return Uncertain("uniform", low, (low + high) / 2.0, high)
    return Uncertain("triangular", *numbers)


def _from_text(text: str) -> Uncertain | None:
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    name, inner = match.groups()
    shape = next((known for known in get_args(Shape) if known == name.casefold()), None)
    if shape is None:
        raise ValueError(unknown_name("distribution", name, list(_FIELDS)))
    return _made(shape, tuple(part for part in inner.split(",") if part.strip()))


def _from_table(table: Mapping[Any, Any]) -> Uncertain:
    """{"shape": "triangular", "low": …, "mode": …, "high": …}, or {"triangular": [low, mode, high]}."""
    if len(table) == 1 and next(iter(table)) in _FIELDS:
        ((shape, ends),) = table.items()
        if isinstance(ends, list | tuple):
            return _made(shape, tuple(ends))
    shape = table.get("shape", "triangular" if "mode" in table else "uniform")
    if shape not in _FIELDS:
        raise ValueError(unknown_name("distribution", shape, list(_FIELDS)))
    wanted = _FIELDS[shape]
    if set(table) - {"shape"} != set(wanted):
        raise ValueError(f'a {shape} distribution has the numbers {", ".join(wanted)}. Write for example "{_EXAMPLE[shape]}".')
    return _made(shape, tuple(table[field] for field in wanted))


_EXAMPLE = {"triangular": "triangular(0.2, 0.4, 0.6)", "uniform": "uniform(0.2, 0.6)"}


def _share(value: object) -> float | Uncertain:
    if isinstance(value, str):
        value = _from_text(value) or value
    elif isinstance(value, Mapping):
        value = _from_table(value)
    found = value if isinstance(value, Uncertain) else to_float(value)
    for end in (low_of(found), high_of(found)):
        if not 0 <= end <= 1:
            raise ValueError(f'{end:g} is not a share; must be between 0 and 1 (or "0 %" and "100 %").')
    return found


def _plain(value: float | Uncertain) -> float | str:
    return str(value) if isinstance(value, Uncertain) else float(value)


Share = Annotated[float | Uncertain, PlainValidator(_share), PlainSerializer(_plain), WithJsonSchema({"type": ["number", "string"]})]
"""A number from 0 to 1, or a distribution: a value of `triangular` or `uniform`, or text such as "triangular(0.2, 0.4, 0.6)"."""
