"""Words and numbers for people, in English and Swedish: the only place where a number becomes text.

Thousands are set apart by a thin space that does not break (U+202F), a minus is a minus (U+2212), decimals follow a
point in English and a comma in Swedish. Sums choose their own size: SEK, kSEK, MSEK; t, kt.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kip.errors import RequestError, unknown_name
from kip.views.catalogue import CATALOGUE, LANGUAGES

__all__ = ["MINUS", "MISSING", "THIN_SPACE", "Language", "Scale", "decimals_for", "scale"]

THIN_SPACE = "\u202f"
"""Between thousands."""
MINUS = "\u2212"
"""Before a negative number."""
MISSING = "\u2013"
"""In place of a number that does not exist (NaN)."""

_SIGNIFICANT = 3


@dataclass(frozen=True)
class Scale:
    """A size for numbers to be shown in: shown value = value / `divisor`, in `unit`."""

    divisor: float
    unit: str


def scale(values: Iterable[float] | float, unit: str) -> Scale:
    """The size in which numbers of one kind read best.

    Parameters
    ----------
    values : array-like of float
        Everything that shares an axis or a column [unit]; NaN and infinite ones are left out.
    unit : str
        Base unit: a currency or tonnes, alone or per something: ``"SEK"``, ``"t/year"``, ``"EUR/t"``.

    Returns
    -------
    Scale
        Money: millions from 1e6, thousands from 1e5. Tonnes: kt from 1e5. Anything else as it is.

    Examples
    --------
    >>> scale([2.5e6, 14e6], "SEK")
    Scale(divisor=1000000.0, unit='MSEK')
    >>> scale([234_000.0], "t/year").unit, scale([38_651.0], "t/year").unit
    ('kt/year', 't/year')
    """
    numbers = np.abs(np.atleast_1d(np.asarray(list(values) if isinstance(values, Iterable) else values, dtype=float)))
    numbers = numbers[np.isfinite(numbers)]
    largest = float(numbers.max()) if numbers.size else 0.0
    head = unit.partition("/")[0]
    if head == "t":
        return Scale(1e3, f"k{unit}") if largest >= 1e5 else Scale(1.0, unit)
    if len(head) == 3 and head.isupper():
        if largest >= 1e6:
            return Scale(1e6, f"M{unit}")
        if largest >= 1e5:
            return Scale(1e3, f"k{unit}")
    return Scale(1.0, unit)


def decimals_for(values: Iterable[float]) -> int:
    """Decimals that a column needs: three figures of the largest number and two of the smallest, at most two more; no zeros at all ends.

    Examples
    --------
    >>> decimals_for([1200.0, 5.0]), decimals_for([1200.5, 0.05]), decimals_for([0.0123])
    (0, 2, 4)
    """
    numbers = np.abs(np.asarray(list(values), dtype=float))
    numbers = numbers[np.isfinite(numbers) & (numbers > 0)]
    if numbers.size == 0 or bool(np.all(numbers == np.round(numbers))):
        return 0
    of_largest = max(0, _SIGNIFICANT - 1 - math.floor(math.log10(float(numbers.max()))))
    of_smallest = max(0, 1 - math.floor(math.log10(float(numbers.min()))))
    decimals = min(max(of_largest, of_smallest), of_largest + 2, 9)
    while decimals and bool(np.all(np.round(numbers, decimals - 1) == np.round(numbers, decimals))):
        decimals -= 1
    return decimals


@dataclass(frozen=True)
class Language:
    """Words and numbers in one language.

    Parameters
    ----------
    code : {"en", "sv"}

    Raises
    ------
    RequestError
        For another language.

    Examples
    --------
    >>> Language("sv")("investment"), Language("sv").number(1234.5, 1).replace(THIN_SPACE, " ")
    ('investering', '1 234,5')
    """

    code: str = "en"

    def __post_init__(self) -> None:
        if self.code not in LANGUAGES:
            raise RequestError(unknown_name("language", self.code, LANGUAGES))

    def __call__(self, key: str, **parts: object) -> str:
        """The words for `key`, with names in braces filled in.

        Raises
        ------
        KeyError
            When the catalogue does not have the key; that is a bug of kip.
        """
        text = CATALOGUE[key][LANGUAGES.index(self.code)]
        return text.format(**parts) if parts else text

    def known(self, word: str) -> str:
        """The words for a name that kip itself gives (``whole``, ``own``, ``all``); any other name as it is."""
        return self(word) if word in CATALOGUE else word

    def number(self, value: float, decimals: int | None = None) -> str:
        """A number as text.

        Parameters
        ----------
        value : float
            NaN is shown as a dash.
        decimals : int, optional
            Three figures, and at least all of the whole number, when left out.

        Examples
        --------
        >>> say = Language("en")
        >>> [say.number(x).replace(THIN_SPACE, " ") for x in (38651.2, -0.012345, 7.0, float("nan"))]
        ['38 651', '−0.0123', '7', '–']
        """
        value = float(value)
        if math.isnan(value):
            return MISSING
        if math.isinf(value):
            return "∞" if value > 0 else f"{MINUS}∞"
        trim = decimals is None
        if decimals is None:
            decimals = decimals_for([value])
        text = f"{abs(value):,.{decimals}f}"
        if value and not text.strip("0.,"):
            # nothing is left of it: say so, rather than show a zero
            text = "<" + f"{10.0**-decimals:.{decimals}f}"
        elif trim and "." in text:
            text = text.rstrip("0").rstrip(".")
        text = text.replace(",", THIN_SPACE)
        if self.code == "sv":
            text = text.replace(".", ",")
        return f"{MINUS}{text}" if value < 0 else text

    def percent(self, share: float) -> str:
        """A share as percent with two figures: ``0.0001`` is ``0.01 %``.

        Examples
        --------
        >>> Language("en").percent(0.0001), Language("sv").percent(0.125), Language("en").percent(1e-9)
        ('0.01 %', '12,5 %', '<0.001 %')
        """
        percent = 100.0 * float(share)
        if not math.isfinite(percent):
            return f"{self.number(percent)} %"
        if percent and abs(percent) < 0.001:
            return f"{self.number(math.copysign(1e-9, percent), 3)} %"
        figures = 0 if percent == 0 else max(0, min(3, 2 - math.floor(math.log10(abs(percent)))))
        text = self.number(percent, figures)
        mark = "," if self.code == "sv" else "."
        return (text.rstrip("0").rstrip(mark) if mark in text else text) + " %"

    def sized(self, value: float, unit: str) -> str:
        """A number with its unit, in the size that reads best.

        Examples
        --------
        >>> Language("en").sized(12_400_000, "SEK"), Language("sv").sized(234_500, "t/year")
        ('12.4 MSEK', '234 kt/år')
        """
        size = scale(value, unit)
        return f"{self.number(value / size.divisor)} {self.unit(size.unit)}"

    def span(self, first: object, last: object) -> str:
        """Years from first to last, or the one year.

        Examples
        --------
        >>> Language("en").span(2026, 2030), Language("en").span(2026, 2026)
        ('2026–2030', '2026')
        """
        return str(first) if first == last else f"{first}–{last}"

    def unit(self, unit: str) -> str:
        """A unit as people write it in this language.

        Examples
        --------
        >>> Language("sv").unit("kt/year"), Language("en").unit("1"), Language("sv").unit("hour/year")
        ('kt/år', '', 'timmar/år')
        """
        if unit == "1":
            return ""
        if unit == "1/year":
            return self("a year")
        head, slash, rest = unit.partition("/")
        return f"{self._unit_word(head, 'unit')}{slash}{self._unit_word(rest, 'per')}"

    def _unit_word(self, word: str, place: str) -> str:
        """One of kip's own units in words, plural above the line and singular below; any other as it is."""
        return self(f"{place} {word}") if f"{place} {word}" in CATALOGUE else word
