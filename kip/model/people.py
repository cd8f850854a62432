"""Group, Fairness, Consequence: whom a plan reaches, what each group is to get, and what it means for them in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from kip.model.fields import Fraction, Name, Noun, Number, quantity

__all__ = ["Consequence", "Fairness", "Group"]


class Group(Noun):
    """People that are looked at together: some districts, shares of their people, or every district with an attribute.

    A group without members and without attribute is a name only; it can have consequences in words, and no numbers.

    Examples
    --------
    >>> import kip
    >>> kip.Group(name="low-income", attribute="income", below=280_000).below
    280000.0
    >>> kip.Group(name="young", members={"ryd": "35 %", "skaggetorp": "31 %"}).members
    {'ryd': 0.35, 'skaggetorp': 0.31}
    """

    name: Name
    """Short name, unique among groups and districts."""
    title: str = ""
    """Name for people; the short name when empty."""
    description: str = ""
    """Who they are, and where the shares come from."""
    members: dict[str, Fraction] = quantity("1", default_factory=dict)
    """{district: share of its people that are in the group} [1]; a list of districts means all of their people."""
    attribute: str = ""
    """Attribute of districts that decides instead of `members`: every district that has it within the bounds, all of its people."""
    below: Number | None = None
    """The attribute is below this, in its own unit."""
    above: Number | None = None
    """The attribute is this or more, in its own unit."""
    equals: str = ""
    """The attribute is exactly this."""

    @field_validator("members", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        if isinstance(value, str):
            value = [part.strip() for part in value.split(";") if part.strip()]
        if isinstance(value, list | tuple):
            return {str(name): 1.0 for name in value}
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        bounds = self.below is not None or self.above is not None or bool(self.equals)
        if self.members and (self.attribute or bounds):
            raise ValueError('give either "members" or an "attribute" with its bounds, not both.')
        if bounds and not self.attribute:
            raise ValueError('"below", "above" and "equals" need the "attribute" that they are about. Name it.')
        if self.attribute and not bounds:
            raise ValueError(f'which "{self.attribute}"? Give "below", "above" or "equals".')
        return self

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name

    @property
    def counted(self) -> bool:
        """Whether it has people, rather than only a name."""
        return bool(self.members or self.attribute)

    def share_of(self, district: str, attributes: Mapping[str, float | str]) -> float:
        """Share of a district's people that are in the group [1]."""
        if not self.attribute:
            return float(self.members.get(district, 0.0))
        value = attributes.get(self.attribute)
        if value is None:
            return 0.0
        if self.equals:
            return float(_same(value, self.equals))
        if not isinstance(value, float):
            return 0.0
        return float((self.below is None or value < self.below) and (self.above is None or value >= self.above))


def _same(value: float | str, text: str) -> bool:
    if isinstance(value, str):
        return value == text
    try:
        return value == float(text)
    except ValueError:
        return False


class Fairness(Noun):
    """What groups or districts are to get of a measure: a rule of the plan, or something to look at and to maximise.

    What counts is the *gain*: the measure in its good direction. Less cost, and less of an indicator whose direction is
    down, is a gain. A share alone can make everybody poorer; give an amount with it.

    Examples
    --------
    >>> import kip
    >>> kip.Fairness(name="a-third", measure="cycling", groups=["low-income"], kind="share", amount="33 %").amount
    0.33
    """

    name: Name
    """Short name, unique among fairness rules."""
    title: str = ""
    """Name for people; the short name when empty."""
    measure: str
    """What is to be fair: reduction, an indicator, investment, operation, cost, net_cost, grants, adopted.<shift>; of one year
    (cycling_2030), of one actor (cost.households).
    """
    groups: tuple[str, ...] = ()
    """Groups that it is about."""
    districts: tuple[str, ...] = ()
    """Districts that it is about; every district when both are empty."""
    kind: Literal["floor", "share", "spread", "gini", "sen"] = "floor"
    """floor: each of them gains at least the amount. share: together they get at least this share of what reaches the
    districts. spread: the largest gain of a person less the smallest is at most the amount. gini: the Gini index of the
    gains of a person is at most the amount. sen: Sen's welfare, mean times (1 - Gini), is at least the amount.
    """
    amount: Number | None = quantity("measure", None)
    """The limit, in the unit of the measure (for each person unless `per_person` says otherwise), or a share [1]. Without it
    nothing is demanded: it is reported, and can be maximised as least.<name> or sen.<name>.
    """
    per_person: bool = True
    """Whether the amount of a floor is for each person, rather than for all of a group together."""
    everywhere: Literal["apart", "by population"] = "apart"
    """What belongs to no district counts for nobody, or is spread over the districts by their population."""

    @model_validator(mode="after")
    def _amount_fits(self) -> Self:
        if self.kind in {"share", "spread", "gini"} and self.amount is None:
            raise ValueError(f'a rule of kind "{self.kind}" needs an "amount". Add it.')
        if self.kind in {"share", "gini"} and not 0 <= (self.amount or 0.0) <= 1:
            raise ValueError(f'{self.amount:g} is not a share; "amount" must be between 0 and 1 (or "0 %" and "100 %").')
        if self.kind == "spread" and (self.amount or 0.0) < 0:
            raise ValueError(f"a spread of {self.amount:g} is impossible; must be 0 or more.")
        if self.kind != "floor" and not self.per_person:
            raise ValueError(f'"per_person" is for a floor; a rule of kind "{self.kind}" has no use for it. Take it away.')
        return self

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name

    @property
    def needs_people(self) -> bool:
        """Whether gains are divided by numbers of people."""
        return self.everywhere == "by population" or (self.kind != "share" and self.per_person)


class Consequence(Noun):
    """What a shift means for a group of people, in words, with a sign and how much it matters.

    Examples
    --------
    >>> import kip
    >>> one = kip.Consequence(group="low-income", shift="parking-fee", sign="-", severity=2, words="dearer to go by car")
    >>> one.weight
    -2
    """

    group: str
    """Group that it happens to."""
    shift: str
    """Shift or enabler that brings it."""
    sign: Literal["+", "0", "-"]
    """Better (+), neither (0) or worse (-) for the group."""
    severity: int = Field(1, ge=1, le=3)
    """How much it matters: 1 little, 2 clearly, 3 a lot."""
    words: str = ""
    """What happens, in a sentence."""
    source: str = ""
    """Who says so."""

    @field_validator("sign", mode="before")
    @classmethod
    def _plain_sign(cls, value: object) -> object:
        return {"\u2212": "-", "\u2013": "-", 0: "0"}.get(value, value) if isinstance(value, str | int) else value

    @property
    def key(self) -> str:
        """Its name in a path: group and shift."""
        return f"{self.group}: {self.shift}"

    @property
    def weight(self) -> int:
        """Severity with its sign."""
        return {"+": self.severity, "0": 0, "-": -self.severity}[self.sign]
