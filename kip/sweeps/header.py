"""Header: what a store of a sweep is of, so that another sweep is not written into it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kip.sweeps.experiment import Experiment, Floats, Measured
from kip.views.shown import plain_value

__all__ = ["FORMAT", "MARK", "Header", "header_of"]

MARK = "kip_sweep"
"""Attribute of a store that says that it is one of a sweep, and in which format; 0 while it is being made."""
FORMAT = 1


@dataclass(frozen=True)
class Header:
    """What a store is of: two runs with the same header are parts of the same sweep.

    Attributes
    ----------
    parameters, shifts : tuple of str
    outcomes : tuple of Measured
    identity : str
        Of the experiment.
    design : str
        Hash of the design's values.
    scenarios, block, page : int
        How many there are, how many are run together, and how many lie in one chunk of the store.
    about : dict
        Provenance, as plain text and numbers.
    """

    parameters: tuple[str, ...]
    outcomes: tuple[Measured, ...]
    shifts: tuple[str, ...]
    identity: str
    design: str
    scenarios: int
    block: int
    page: int
    about: Mapping[str, str | float]

    def to_attributes(self) -> dict[str, Any]:
        """As plain data for the store's attributes."""
        return {
            MARK: FORMAT,
            "identity": self.identity,
            "design": self.design,
            "scenarios": self.scenarios,
            "block": self.block,
            "page": self.page,
            "parameters": list(self.parameters),
            "outcomes": [[one.name, one.unit, one.title] for one in self.outcomes],
            "shifts": list(self.shifts),
            "about": {str(key): plain_value(value) for key, value in self.about.items()},
        }

    @classmethod
    def from_attributes(cls, found: Mapping[str, Any]) -> Header:
        """The opposite of `to_attributes`."""
        return cls(
            tuple(found["parameters"]),
            tuple(Measured(*one) for one in found["outcomes"]),
            tuple(found["shifts"]),
            str(found["identity"]),
            str(found["design"]),
            int(found["scenarios"]),
            int(found["block"]),
            int(found["page"]),
            dict(found["about"]),
        )

    def differences(self, other: Header) -> list[str]:
        """What tells this sweep (in the store) from another (asked for), in words; empty when they are the same."""
        if (self.identity, self.design) == (other.identity, other.design):
            return []
        found = []
        for name in ("parameters", "shifts"):
            found += _sets_apart(name, getattr(self, name), getattr(other, name))
        found += _sets_apart("outcomes", [one.name for one in self.outcomes], [one.name for one in other.outcomes])
        for key in sorted({*self.about, *other.about}):
            had, has = (plain_value(about.get(key)) for about in (self.about, other.about))
            if had != has:
                found.append(f"{key} was {had} and is {has}")
        if self.scenarios != other.scenarios:
            found.append(f"it has {self.scenarios} scenarios, not {other.scenarios}")
        elif self.design != other.design:
            found.append("its scenarios have other numbers")
        return found or ["the plan or the question is another one"]


def header_of(
    experiment: Experiment, values: Floats, block: int, page: int | None = None, about: Mapping[str, str | float] | None = None
) -> Header:
    """What a run of this experiment over these values is."""
    digest = hashlib.sha256(repr(values.shape).encode() + np.ascontiguousarray(values, dtype="<f8").tobytes()).hexdigest()[:16]
    told = {**experiment.about, **(about or {})}
    parameters, outcomes, shifts = tuple(experiment.parameters), tuple(experiment.outcomes), tuple(experiment.shifts)
    return Header(parameters, outcomes, shifts, experiment.identity, digest, len(values), block, page or block, told)


def _sets_apart(kind: str, had: Any, has: Any) -> list[str]:
    gone, new = [name for name in had if name not in has], [name for name in has if name not in had]
    parts = [f"its {kind} have {', '.join(gone[:5])}, which is not asked for now"] if gone else []
    parts += [f"its {kind} lack {', '.join(new[:5])}"] if new else []
    return parts or ([f"its {kind} stand in another order"] if tuple(had) != tuple(has) else [])
