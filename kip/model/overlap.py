"""Overlap: what two shifts would both remove, declared as a share of the smaller of the two."""

from __future__ import annotations

from pydantic import Field

from kip.model.fields import Fraction, Noun

__all__ = ["Overlap"]


class Overlap(Noun):
    """Two shifts that act on some of the same tonnes: in each district and year both lose half of a share of the smaller reduction (§5).

    For shifts that state or move their reductions. Shifts that scale need none: their fractions multiply already (§56).

    Examples
    --------
    >>> import kip
    >>> kip.Overlap(shifts=("ev-cars", "cycle-paths"), share="30 %").key
    'cycle-paths+ev-cars'
    """

    shifts: tuple[str, ...]
    """The two shifts."""
    share: Fraction = Field(json_schema_extra={"unit": "1"})
    """Share of the smaller of the two reductions that is lost while both are in use [1]."""

    @property
    def key(self) -> str:
        """The two names in alphabetical order: its name in a path."""
        return "+".join(sorted(self.shifts))
