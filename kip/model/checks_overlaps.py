"""What must hold among declared overlaps: two different shifts with tonnes, in one place, that never lose more than they give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kip.errors import Issue, unknown_name
from kip.model.fields import EVERYWHERE

if TYPE_CHECKING:
    from kip.model.plan import Plan
    from kip.model.shift import Shift

__all__ = ["overlap_problems", "overlap_second_look"]


def overlap_problems(plan: Plan) -> Iterator[Issue]:
    """Unknown names, pairs that are no pairs, what has no tonnes, pairs given twice or never in one place, shares above 1 together."""
    shifts = {shift.name: shift for shift in plan.shifts}
    seen: set[str] = set()
    shares: dict[str, float] = {}
    for overlap in plan.overlaps:
        place = f"overlaps.{overlap.key}"
        if len(overlap.shifts) != 2:
            yield Issue(
                f"found {len(overlap.shifts)} shifts; an overlap is between two. Write one overlap for each pair.", f"{place}.shifts"
            )
            continue
        if overlap.shifts[0] == overlap.shifts[1]:
            yield Issue(f'"{overlap.shifts[0]}" overlaps with itself. Name two different shifts.', f"{place}.shifts")
            continue
        wrong = [sentence for name in overlap.shifts for sentence in _cannot(name, plan, shifts)]
        yield from (Issue(sentence, f"{place}.shifts") for sentence in wrong)
        if overlap.key in seen:
            yield Issue("the overlap of these two is declared twice. Keep one.", place)
            continue
        seen.add(overlap.key)
        for name in overlap.shifts:
            shares[name] = shares.get(name, 0.0) + overlap.share
        if not wrong and not _places(plan, shifts[overlap.shifts[0]]) & _places(plan, shifts[overlap.shifts[1]]):
            yield Issue(
                "the two are never in the same district, and overlaps are counted district by district. "
                "Give both the same districts, or neither.",
                f"{place}.shifts",
            )
    for name, share in shares.items():
        if share > 1 + 1e-9 and name in shifts:
            yield Issue(
                f'the overlaps of "{name}" add up to {share:g}, so that starting it could lose more tonnes than it gives; '
                "they must be 1 or less together. Lower them.",
                f"shifts.{name}",
            )


def _cannot(name: str, plan: Plan, shifts: dict[str, Shift]) -> Iterator[str]:
    """Why something cannot overlap with anything; nothing when it can."""
    if name in {enabler.name for enabler in plan.enablers}:
        yield f'"{name}" is an enabler and has no tonnes of its own. Name the shifts that it opens.'
    elif name not in shifts:
        yield unknown_name("shift", name, list(shifts))
    elif shifts[name].scales:
        yield f'"{name}" scales activities, and fractions multiply already: nothing is counted twice. Take the overlap away.'
    elif shifts[name].counts_as == "complementary":
        yield f'"{name}" is a complementary measure, which is never in the reduction. Take the overlap away.'


def _places(plan: Plan, shift: Any) -> set[str]:
    """Districts that a shift can act in, without what others may move there."""
    named = set(shift.districts) or set(shift.potential) - {EVERYWHERE}
    if named or shift.source is None:
        return named or {EVERYWHERE}
    activities = {activity.name: activity for activity in plan.activities}
    reached, places = {shift.source}, set[str]()
    for _ in plan.activities:
        reached |= {other.source for other in plan.shifts if other.source and other.target in reached}
    for name in reached & set(activities):
        places |= set(activities[name].amount)
    return places or {EVERYWHERE}


def overlap_second_look(plan: Plan) -> Iterator[Issue]:
    """Two shifts that take from the same activity: each unit of it is moved once already."""
    source = {shift.name: shift.source for shift in plan.shifts}
    for overlap in plan.overlaps:
        one, two = (source.get(name) for name in overlap.shifts)
        if one is not None and one == two:
            yield Issue(
                f'both take from "{one}", and each unit of it is moved once already (§22). '
                "Keep the overlap only if it is about something else, and say in a passport what.",
                f"overlaps.{overlap.key}",
                severity="warning",
            )
