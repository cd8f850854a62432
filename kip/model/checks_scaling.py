"""What must hold among shifts that scale activities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kip.errors import Issue, unknown_name

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["scaling_problems"]


def scaling_problems(plan: Plan) -> Iterator[Issue]:
    """Names in `scales` and `synergy`, synergies between shifts that scale nothing in common, and synergies declared twice."""
    activities = [activity.name for activity in plan.activities]
    scaling = {shift.name: shift for shift in plan.shifts if shift.scales}
    seen: set[frozenset[str]] = set()
    for shift in scaling.values():
        place = f"shifts.{shift.name}"
        for name in shift.scales:
            if name not in activities:
                yield Issue(unknown_name("activity", name, activities), f"{place}.scales")
        for other in shift.synergy:
            pair = frozenset({shift.name, other})
            if other == shift.name:
                yield Issue(f'"{other}" names itself. Take it away.', f"{place}.synergy")
            elif other not in scaling:
                yield Issue(unknown_name("scaling shift", other, [name for name in scaling if name != shift.name]), f"{place}.synergy")
            elif not set(scaling[other].scales) & set(shift.scales):
                yield Issue(f'"{other}" scales none of the activities that "{shift.name}" scales. Take it away.', f"{place}.synergy")
            elif pair in seen:
                yield Issue(f'the synergy with "{other}" is declared on both. Keep one.', f"{place}.synergy")
            seen.add(pair)
