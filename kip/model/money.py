"""Actor, Budget, Resource: who decides and pays, and what is scarce."""

from __future__ import annotations

from typing import Literal

from kip.model.fields import Name, Noun, Number, Path, Positive, quantity

__all__ = ["SIZES", "Actor", "ActorKind", "Budget", "Resource"]

ActorKind = Literal["municipal", "regional", "state", "private"]
"""Whose krona it is. `societal` is the sum of all."""

SIZES = ("small", "medium", "large")
"""Sizes of an actor that shares of funding may depend on, as state aid rules have them."""


class Actor(Noun):
    """Somebody who decides, pays or gains: the municipality, the region, the state, households, businesses.

    Examples
    --------
    >>> import kip
    >>> kip.Actor(name="households", kind="private", discount_rate="5 %").discount_rate
    0.05
    """

    name: Name
    """Short name, unique among actors."""
    title: str = ""
    """Name for people; the short name when empty."""
    kind: ActorKind = "municipal"
    """Whose krona: municipal, regional, state or private."""
    size: Literal["small", "medium", "large"] | None = None
    """Size as state aid rules count it: small, medium or large; empty for whoever is no company."""
    discount_rate: Number | None = quantity("1", None)
    """The actor's own real discount rate per year [1]; the plan's when empty."""
    count: Positive | None = quantity("1", None)
    """How many households or firms it stands for [1]; what each of them gains or loses is reported when given."""

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name


class Budget(Noun):
    """Money that an actor may use: in total over the horizon, or year by year.

    Savings (negative running costs) do not refill a budget unless `savings` says so: who saves is rarely who was
    granted the money.

    Examples
    --------
    >>> import kip
    >>> kip.Budget(actor="municipality", amount={2026: "10 MSEK", 2027: "4 MSEK"}, carry_over=True).amount
    {2026: 10000000.0, 2027: 4000000.0}
    """

    actor: str
    """Whose money."""
    amount: Path = quantity("{currency}")
    """One number: the total over the horizon [currency]. {year: number}: for each year, and nothing in the years left
    out.
    """
    kind: Literal["all", "investment", "operation"] = "all"
    """What it pays for: investment, operation (running cost), or all of both."""
    carry_over: bool = False
    """Whether unspent money of a year may be used later, without interest."""
    savings: bool = False
    """Whether savings in running cost refill it."""


class Resource(Noun):
    """Something scarce that shifts share: biogas, grid capacity, staff.

    Examples
    --------
    >>> import kip
    >>> kip.Resource(name="staff", unit="person", supply=28).supply
    28.0
    """

    name: Name
    """Short name, unique among resources."""
    title: str = ""
    """Name for people; the short name when empty."""
    unit: str = "1"
    """Unit of the supply, for each year."""
    supply: Path = quantity("1")
    """How much there is in a year [unit]."""

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name
