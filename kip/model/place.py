"""District: where things happen."""

from __future__ import annotations

from kip.model.fields import Name, NonNegative, Noun

__all__ = ["District"]


class District(Noun):
    """A part of the municipality.

    Examples
    --------
    >>> import kip
    >>> kip.District(name="ryd", title="Ryd", population=9147).population
    9147.0
    """

    name: Name
    """Short name, unique among districts."""
    title: str = ""
    """Name for people; the short name when empty."""
    population: NonNegative | None = None
    """Inhabitants."""
    attributes: dict[str, float | str] = {}
    """Anything else that is known: income, cars per inhabitant…"""

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name
