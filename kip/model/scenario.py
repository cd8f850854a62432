"""Scenario: ordered, named overrides of a plan."""

from __future__ import annotations

from typing import Any

from pydantic import field_validator

from kip.model.fields import Name, Noun
from kip.model.uncertain import Uncertain

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

    @field_validator("changes")
    @classmethod
    def _plain(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Lists and text, as files have them: a tuple would come back from a file as a list, a distribution as its text."""
        plain = {path: list(item) if isinstance(item, tuple) else item for path, item in value.items()}
        return {path: str(item) if isinstance(item, Uncertain) else item for path, item in plain.items()}

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name
