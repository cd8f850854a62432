"""Funding: other people's money, and its rules."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from kip.model.fields import Fraction, Name, NonNegative, Noun, Number, Path, Years, quantity

__all__ = ["Funding"]


class Funding(Noun):
    """A grant (or voucher), or a loan: who may apply, for what, how much, when, and beside what.

    A grant is paid in the start year to whoever pays the investment. A project is one unit: a whole shift in one
    district, or one unit of a shift that is chosen in parts. A rule that is not known is left out, and then does not
    limit; say so in `description`.

    Examples
    --------
    >>> import kip
    >>> fund = kip.Funding(name="klimatfonden", funder="municipality", applicants=["associations"], cap="200 kSEK", pot="2 MSEK")
    >>> fund.cap, fund.pot, fund.share
    (200000.0, 2000000.0, 1.0)
    """

    name: Name
    """Short name, unique among sources of funding."""
    title: str = ""
    """Name for people; the short name when empty."""
    description: str = ""
    """What it is for, and which of its rules are not known."""
    kind: Literal["grant", "loan"] = "grant"
    """Grant (a voucher is a grant with a small cap), or loan."""
    funder: str | None = None
    """Actor whose books it leaves; empty when the money comes from outside the plan."""
    applicants: tuple[str, ...] = ()
    """Actors who may apply; everybody but the funder when empty."""
    shifts: tuple[str, ...] = ()
    """Shifts and enablers that it is for; all when both this and `areas` are empty."""
    areas: tuple[str, ...] = ()
    """Areas (insatsområden) that it is for."""
    physical_only: bool = False
    """Whether it is for physical investments only."""
    share: Fraction = quantity("1", 1.0)
    """Largest share of the eligible cost [1]."""
    cap: NonNegative | None = quantity("{currency}", None)
    """Most for one project [currency]."""
    pot: Path | None = quantity("{currency}", None)
    """Money in the source: a number for each year, or {year: number} and nothing in the years left out [currency]. No limit when empty."""
    years: Years = ()
    """Years in which it can be had (the call window); every year when empty."""
    not_with: tuple[str, ...] = ()
    """Sources that cannot be in the same project."""
    counts_as_aid: bool = True
    """Whether it counts towards the aid intensity of a shift."""
    rate: Number = quantity("1", 0.0)
    """Interest of a loan per year, real [1]."""
    term: int = Field(1, ge=1, json_schema_extra={"unit": "year"})
    """Years in which a loan is repaid, by equal annuities from the year after it is drawn [years]."""

    @model_validator(mode="after")
    def _rules_of_its_kind(self) -> Self:
        if self.kind == "loan" and (self.cap is not None or self.not_with):
            raise ValueError('a loan has no "cap" for each project and no "not_with"; limit it by "pot", or make it a grant.')
        if self.kind == "grant" and self.rate:
            raise ValueError('a grant has no "rate". Take it away, or make it a loan.')
        return self

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name
