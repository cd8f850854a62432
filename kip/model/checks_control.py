"""What must hold for who decides, and for what numbers say that they cover."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kip.errors import Issue, unknown_name

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["EFFECTS", "control", "effect_of", "meets"]

EFFECTS = ("co2", "air", "noise", "accidents", "health", "time", "congestion", "property", "fuel", "tax", "grants", "jobs")
"""Effects that the money value of an indicator can hold; "health: walking" is a part of one."""


def control(plan: Plan) -> Iterator[Issue]:
    """Actors over whose part somebody decides exist; what an indicator covers are effects that kip knows."""
    actors = [actor.name for actor in plan.actors]
    for collection in ("shifts", "enablers"):
        for item in getattr(plan, collection):
            for name in item.control_by_actor:
                if name not in actors:
                    yield Issue(unknown_name("actor", name, actors), f"{collection}.{item.name}.control_by_actor")
    for indicator in plan.indicators:
        for text in indicator.covers:
            if effect_of(text) not in EFFECTS:
                yield Issue(unknown_name("effect", effect_of(text), EFFECTS), f"indicators.{indicator.name}.covers")


def effect_of(text: str) -> str:
    """What is covered, without the part of it that is meant.

    Examples
    --------
    >>> effect_of("health: walking")
    'health'
    """
    return text.partition(":")[0].strip()


def meets(one: str, other: str) -> bool:
    """Whether two entries of `covers` can be about the same thing: the same word, and the same part of it where both name one.

    Examples
    --------
    >>> meets("health", "health: walking"), meets("health: cycling", "health: walking")
    (True, False)
    """
    (thing, _, part), (also, _, piece) = one.partition(":"), other.partition(":")
    return thing.strip() == also.strip() and (not part.strip() or not piece.strip() or part.strip() == piece.strip())
