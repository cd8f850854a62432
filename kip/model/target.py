"""Ledger, Target, Indicator: what is counted, and what is wanted."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from kip.model.fields import Fraction, Name, NonNegative, Noun, Path, PathByName, quantity

__all__ = ["FAMILIES", "Indicator", "Ledger", "Target"]

FAMILIES = (
    "health", "safety", "air", "noise", "time", "space", "nature", "energy", "jobs", "learning",
    "adaptation", "preparedness", "transformation",
)  # fmt: skip
"""Families of indicators that kip has words for; any other text is a family of its own."""


class Ledger(Noun):
    """An account of emissions with its basis, its base year and the source of both.

    Two sources that disagree on the base year are two ledgers; kip never mixes them.

    Examples
    --------
    >>> import kip
    >>> kip.Ledger(name="contract", base_year=1990, base_value="780 kt/year", source="Klimatkontrakt 2025/26, 5.1").base_value
    780000.0
    """

    name: Name
    """Short name, unique among ledgers."""
    title: str = ""
    """Name for people; the short name when empty."""
    basis: Literal["total", "net", "territorial", "scope 1", "scope 2", "scope 3", "consumption"] = "total"
    """What is counted."""
    base_year: int | None = None
    """Year that targets compare with."""
    base_value: NonNegative | None = quantity("t/year", None)
    """Emissions of the base year [t CO2e/year]."""
    source: str = ""
    """Where the base value comes from; a target on the ledger needs base year, base value and source."""
    other: PathByName = quantity("t/year", default_factory=dict)
    """Emissions that the plan does not act on, by sector [t CO2e/year]: {sector: number or {year: number}}."""
    value: Path | None = quantity("{currency}/t", None)
    """What a tonne less is worth to society [currency/t CO2e]; counted in net benefit only. No money when this and `value_set` are
    empty.
    """
    value_set: str = ""
    """Value set of the plan that the value of a tonne is taken from, when `value` is empty; beside a value, where that is from."""
    value_key: str = ""
    """Which value of the set; "co2" when empty."""
    history: dict[int, NonNegative] = quantity("t/year", default_factory=dict)
    """Reported totals of past years [t CO2e/year]."""

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name


class Target(Noun):
    """An emission level wanted in a year: as a value, or as a cut from a base.

    A target says nothing without its base: year, value and source are those of its ledger, or its own. A net target may be
    met in part by complementary measures, up to `complementary_share` of the base and no further.

    Examples
    --------
    >>> import kip
    >>> kip.Target(name="2030", year=2030, cut="70 %").cut
    0.7
    >>> net = kip.Target(name="2045 net", year=2045, kind="net", cut="100 %", complementary_share="15 %")
    >>> ledger = kip.Ledger(name="contract", base_year=1990, base_value="780 kt/year", source="Klimatkontrakt 2025/26, 5.1")
    >>> net.allowed(ledger), net.most_complementary(ledger)
    (0.0, 117000.0)
    """

    name: Name
    """Short name, unique among targets."""
    title: str = ""
    """Name for people; the short name when empty."""
    ledger: str | None = None
    """Ledger that it is measured on; the first ledger of the plan when empty."""
    year: int
    """Year in which it is to be reached."""
    value: NonNegative | None = quantity("t/year", None)
    """Emissions allowed in that year [t CO2e/year]."""
    cut: Fraction | None = quantity("1", None)
    """Share of the base value that must be gone [1]."""
    kind: Literal["emissions", "net"] = "emissions"
    """What is held: "emissions", what is left after reductions; or "net", emissions less complementary measures."""
    complementary_share: Fraction | None = quantity("1", None)
    """Most that complementary measures count for in a net target, as a share of the base value [1]; required there."""
    base_year: int | None = None
    """Year that it compares with; the ledger's when empty."""
    base_value: NonNegative | None = quantity("t/year", None)
    """Emissions of the base year [t CO2e/year]; the ledger's when empty."""
    source: str = ""
    """Where the target is decided; and where its base comes from, when the ledger does not say."""

    @model_validator(mode="after")
    def _value_or_cut(self) -> Self:
        if (self.value is None) == (self.cut is None):
            raise ValueError('give either "value" (t/year) or "cut" (share of the base), not both and not neither.')
        if (self.base_year is None) != (self.base_value is None):
            raise ValueError('a base of its own needs both "base_year" and "base_value". Give both, or leave both to the ledger.')
        if self.kind == "net" and self.complementary_share is None:
            raise ValueError('a net target needs "complementary_share": the most that complementary measures count for, such as 15 %.')
        if self.kind != "net" and self.complementary_share is not None:
            raise ValueError('"complementary_share" is for net targets. Set kind to "net", or take it away.')
        return self

    def base(self, ledger: Ledger) -> float | None:
        """Emissions of the base year [t/year]: its own, else the ledger's; None when neither has any."""
        return ledger.base_value if self.base_value is None else self.base_value

    def allowed(self, ledger: Ledger) -> float:
        """Level that is allowed in its year [t/year]; of emissions less what complementary measures count for, when it is net."""
        return self.value if self.value is not None else (1.0 - (self.cut or 0.0)) * (self.base(ledger) or 0.0)

    def most_complementary(self, ledger: Ledger) -> float:
        """Most that complementary measures count for [t/year]; nothing unless it is net."""
        return (self.complementary_share or 0.0) * (self.base(ledger) or 0.0)

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name


class Indicator(Noun):
    """Something beside emissions that a plan changes: health, noise, jobs, space. Own unit first, money second.

    Examples
    --------
    >>> import kip
    >>> kip.Indicator(name="cycling", unit="km", direction="up", value="1.2 SEK/km").value
    1.2
    """

    name: Name
    """Short name, unique among indicators."""
    title: str = ""
    """Name for people; the short name when empty."""
    unit: str = "1"
    """Unit of the indicator per year."""
    direction: Literal["up", "down"] = "up"
    """Whether more is better."""
    value: Path | None = quantity("{currency}/{unit}", None)
    """What one unit in the good direction is worth to society [currency per unit]; no money when this and `value_set` are empty."""
    value_set: str = ""
    """Value set of the plan that the value is taken from, when `value` is empty; beside a value, where that is from (any text)."""
    value_key: str = ""
    """Which value of the set; the one with the indicator's own name when empty."""
    family: str = ""
    """Group that it is shown in: health, safety, air, noise, time, space, nature, energy, jobs, learning, adaptation (klimatanpassning),
    preparedness (beredskap), transformation (transformativ förmåga), or a word of your own.
    """
    covers: tuple[str, ...] = ()
    """What its money value holds: co2, air, noise, accidents, health, time, congestion, property, fuel, tax, grants or jobs; "health:
    walking" for a part of one. `plan.check()` finds what is counted twice; its family is taken when empty.
    """

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name
