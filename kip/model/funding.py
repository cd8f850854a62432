"""Funding: other people's money, and its rules."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from kip.errors import unknown_name
from kip.model.fields import Fraction, FractionByName, Name, NonNegative, Noun, Number, Path, Years, quantity

__all__ = ["RULES", "Funding"]

RULES = (
    "applicants", "shifts", "areas", "physical_only", "unprofitable_only", "share", "share_of_cost", "cap", "floor", "pot", "years",
    "not_with", "counts_as_aid", "rate", "term", "revolving",
)  # fmt: skip
"""Rules that a source may have; those that exist but are not known are named in `Funding.unknown`."""


class Funding(Noun):
    """A grant (or voucher), or a loan: who may apply, for what, how much, when, and beside what.

    A grant is paid in the start year to whoever pays the investment. A project is one unit: a whole shift in one
    district, or one unit of a shift that is chosen in parts. A rule that is not known is left out, and then does not
    limit; name it in `unknown`.

    Examples
    --------
    >>> import kip
    >>> fund = kip.Funding(name="klimatfonden", funder="municipality", applicants=["associations"], cap="200 kSEK", pot="2 MSEK")
    >>> fund.cap, fund.pot, fund.share
    (200000.0, 2000000.0, {'all': 1.0})
    """

    name: Name
    """Short name, unique among sources of funding."""
    title: str = ""
    """Name for people; the short name when empty."""
    description: str = ""
    """What it is for."""
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
    unprofitable_only: bool = False
    """Whether it is only for what does not pay for itself: the applicant's own part has a positive net present cost without grants,
    within the horizon and at its own discount rate.
    """
    share: FractionByName = quantity("1", {"all": 1.0})
    """Largest share of the eligible cost [1]: one number, or {name: number} by size (small, medium, large) or name of actor,
    "all" for the others; without "all" the others get nothing.
    """
    share_of_cost: Fraction = quantity("1", 1.0)
    """Largest share of the whole cost, of the price [1]; it holds beside `share`."""
    cap: NonNegative | None = quantity("{currency}", None)
    """Most for one project [currency]."""
    floor: NonNegative | None = quantity("{currency}", None)
    """Least cost of a project that it is for [currency]."""
    pot: Path | None = quantity("{currency}", None)
    """Money in the source: a number for each year, or {year: number} and nothing in the years left out [currency]. No limit when empty."""
    years: Years = ()
    """Years in which it can be had (the call window); every year when empty."""
    not_with: tuple[str, ...] = ()
    """Sources that cannot be in the same project."""
    counts_as_aid: bool = True
    """Whether it counts towards the aid intensity of a shift."""
    granted: dict[str, NonNegative] = quantity("{currency}", default_factory=dict)
    """Grants already decided: {whole shift or enabler: sum}. If it starts, it gets at least that sum [currency]."""
    rate: Number = quantity("1", 0.0)
    """Interest of a loan per year, real [1]."""
    term: int = Field(1, ge=1, json_schema_extra={"unit": "year"})
    """Years in which a loan is repaid, by equal annuities from the year after it is drawn [years]."""
    revolving: bool = False
    """Whether what is repaid comes back to the pot of a loan, to be lent again from the year after; unspent money then stays in the pot."""
    unknown: tuple[str, ...] = ()
    """Fields whose rule exists but is not known: cap, pot, …"""

    @model_validator(mode="after")
    def _rules_of_its_kind(self) -> Self:
        if self.kind == "loan":
            given = [field for field in ("cap", "not_with", "granted") if getattr(self, field)]
            if given or self.cap is not None:
                raise ValueError(f'a loan has no "{(given or ["cap"])[0]}" for a project; limit it by "pot", or make it a grant.')
            for field in ("share", "share_of_cost"):
                if getattr(self, field) != type(self).model_fields[field].default:
                    raise ValueError(f'a loan has no "{field}": it may pay all that is invested. Take it away, or make it a grant.')
            if self.revolving and self.pot is None:
                raise ValueError('a revolving loan needs a "pot" to come back to. Write its money, for example {2026: "10 MSEK"}.')
        else:
            for field in ("rate", "revolving"):
                if getattr(self, field):
                    raise ValueError(f'a grant has no "{field}". Take it away, or make it a loan.')
        for field in self.unknown:
            if field not in RULES:
                raise ValueError(f"unknown: {unknown_name('rule', field, RULES)}")
            if getattr(self, field) != type(self).model_fields[field].get_default(call_default_factory=True):
                raise ValueError(f'"{field}" is given, and named as unknown. Take it out of one of the two.')
        return self

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name
