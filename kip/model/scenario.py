"""Scenario: ordered, named overrides of a plan."""

from __future__ import annotations

from typing import Any

from kip.model.fields import Name, Noun

__all__ = ["Scenario"]


class Scenario(Noun):
    """What is different in another future: {path: value}, applied in order on top of the plan.

    Examples
    --------
    >>> import kip
    >>> kip.Scenario(name="dear-money", changes={"discount_rate": "7 %"}).changes
    {'discount_rate': '7 %'}
    """

    name: Name
    """Short name, unique among scenarios."""
    title: str = ""
    """Name for people; the short name when empty."""
    description: str = ""
    """What the scenario is about."""
    changes: dict[str, Any] = {}
    """{path: new value}, e.g. {"shifts.ev.cost.households": 40000}. Later entries win."""

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name
