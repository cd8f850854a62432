"""Passport of a number: where it comes from and how far it can be trusted."""

from __future__ import annotations

from typing import Literal

from kip.model.fields import Noun, Number, quantity

__all__ = ["Passport", "Quality"]

Quality = Literal["A", "B", "C"]
"""A measured or decided, B from a study, C assumption."""


class Passport(Noun):
    """Source, quality and range of one number in a plan.

    The plan keeps passports in `Plan.passports`, by the path of the number: ``{"shifts.ev.cost.households": Passport(…)}``.
    A passport on a longer path wins over one on a shorter: ``shifts.ev.cost`` covers all actors at once.

    Examples
    --------
    >>> import kip
    >>> kip.Passport(source="Trafikanalys Statistik 2026:2", quality="A").quality
    'A'
    """

    source: str = ""
    """Publication, table, date; or what the assumption is based on."""
    quality: Quality = "C"
    """A measured or decided, B from a study, C assumption."""
    price_year: int | None = None
    """Price year of a sum of money; it is converted with the plan's price index. The plan's own when empty."""
    low: Number | None = quantity("1", None)
    """Low end of the range, in the number's own unit and price year."""
    high: Number | None = quantity("1", None)
    """High end of the range, in the number's own unit and price year."""
    note: str = ""
    """What a reader should know."""
