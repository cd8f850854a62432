"""Investment: an ordinary, non-climate investment that is screened for what it does to the climate."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from kip.model.fields import ByName, Name, Noun, PathByName, quantity

__all__ = ["Investment"]


class Investment(Noun):
    """A road, a car park, a school: what it costs whom, and what it changes of what the plan counts. See `kip.screen`.

    It is not part of a plan.

    Examples
    --------
    >>> import kip
    >>> road = kip.Investment(name="bypass", cost="80 MSEK", opex="1 MSEK/year", adds={"petrol": "4 Mvkm/year"}, lifetime=40)
    >>> road.cost, road.adds
    ({'all': 80000000.0}, {'petrol': 4000000.0})
    """

    name: Name
    """Short name."""
    title: str = ""
    """Name for people; the short name when empty."""
    description: str = ""
    """What it is for, and what its numbers rest on."""
    cost: ByName = quantity("{currency}", default_factory=dict)
    """Investment in the start year [currency]: one number, or {actor: number}."""
    opex: ByName = quantity("{currency}/year", default_factory=dict)
    """Change of running cost in each year of use [currency/year]; negative is a saving: one number, or {actor: number}."""
    payer: str | None = None
    """Who pays a cost or opex that is given as one number; the first actor of the plan when empty."""
    year: int | None = None
    """Year in which it is paid; the first year of the plan when empty."""
    lead: int = Field(0, ge=0, json_schema_extra={"unit": "year"})
    """Years from payment to first effect."""
    lifetime: int | None = Field(None, ge=1, json_schema_extra={"unit": "year"})
    """Years in use; to the end of the horizon when empty."""
    adds: PathByName = quantity("1", default_factory=dict)
    """What it adds of the plan's activities (new kilometres, built area) each year in use [activity unit/year]: {activity: number or
    {year: number}}; negative takes away.
    """
    emissions: PathByName = quantity("t/year", default_factory=dict)
    """Stated emissions beside those of `adds`, each year in use [t CO2e/year]: a number, {year: number} or {ledger: …}; negative is a
    reduction.
    """

    @model_validator(mode="after")
    def _adds_by_name(self) -> Self:
        if "all" in self.adds:
            raise ValueError('"adds" needs the activity: {activity: number}. Name it.')
        return self

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name
