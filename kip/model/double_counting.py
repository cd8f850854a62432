"""What a plan may count twice: tonnes and policies. Warnings for `Plan.check`; each names the two numbers and what to do.

Numbers do not say what they are about. What kip cannot see from sources, targets and names, `covers` says: which activity a stated
reduction is about, which policy a factor holds. What money values may count twice is in `kip.model.double_values`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import combinations
from typing import TYPE_CHECKING, Any

from kip.errors import Issue
from kip.model.checks_control import EFFECTS, effect_of, meets
from kip.model.double_values import VALUE_RULES
from kip.model.fields import EVERYWHERE, leaves

if TYPE_CHECKING:
    from kip.model.activity import Activity
    from kip.model.plan import Plan
    from kip.model.shift import Shift

__all__ = ["double_counting"]

_NEARLY = 0.8
"""How alike two words are, from 0 to 1, when one is probably a slip of the other."""


def double_counting(plan: Plan) -> Iterator[Issue]:
    """Every number that seems to be counted twice."""
    for rule in (_stated_beside_moved, _stated_twice, _policy_in_factor, _policy_as_shift, *VALUE_RULES, _slips):
        yield from rule(plan)


def _stated_beside_moved(plan: Plan) -> Iterator[Issue]:
    """One unit of an activity is shifted once: a stated reduction knows nothing of what others have moved away."""
    activities = {activity.name: activity for activity in plan.activities}
    acting = [(shift, name) for shift in plan.shifts for name in _acts_on(shift)]
    for shift in plan.shifts:
        stated = _first(shift.reduction, f"shifts.{shift.name}.reduction")
        if stated is None:
            continue
        others = [(other, name) for other, name in acting if _together(plan, shift, other)]
        same = {name: other for other, name in reversed(others) if any(meets(text, name) for text in shift.covers)}
        for name, other in same.items():
            amount = _first(activities[name].amount, f"activities.{name}.amount")
            yield _warning(
                f'{stated} t/year is about "{name}", and "{other.name}" takes from that too ({amount} {activities[name].unit}/year): '
                f'tonnes that one has removed are removed again. Give "{shift.name}" the source "{name}" and take its reduction away, '
                "or let the two exclude each other.",
                f"shifts.{shift.name}.reduction",
            )
        alike = [(other, name) for other, name in others if shift.area and other.area == shift.area]
        if alike and not shift.covers:
            other, name = alike[0]
            amount = _first(activities[name].amount, f"activities.{name}.amount")
            yield _warning(
                f'{stated} t/year is stated beside "{other.name}" of the same area, which takes from "{name}" ({amount} '
                f"{activities[name].unit}/year): kip cannot see whether these are the same tonnes. Move the activity instead, or say "
                f'in "covers" what the reduction is about.',
                f"shifts.{shift.name}.reduction",
            )


def _stated_twice(plan: Plan) -> Iterator[Issue]:
    """Two stated reductions that are about the same, or that are the same numbers under two names."""
    policies = {name for activity in plan.activities for name in activity.policies}
    stated = [shift for shift in plan.shifts if _first(shift.reduction, "") is not None]
    for one, other in combinations(stated, 2):
        if not _together(plan, one, other):
            continue
        subjects = [text for text in one.covers if effect_of(text) not in EFFECTS and text not in policies]
        common = next((text for text in subjects if any(meets(text, also) for also in other.covers)), None)
        same = one.reduction == other.reduction and bool(one.cost) and (one.cost, one.opex) == (other.cost, other.opex)
        if common is None and not same:
            continue
        numbers = " and ".join(str(_first(shift.reduction, f"shifts.{shift.name}.reduction")) for shift in (one, other))
        why = f'are both about "{common}"' if common else "and their costs are the same numbers"
        yield _warning(
            f"{numbers} t/year {why}: if they are the same tonnes, they are counted twice. Keep one, let the two exclude each other, "
            'move an activity instead, or name the part that each is about in "covers" ("cars: commuting").',
            f"shifts.{other.name}.reduction",
        )


def _policy_in_factor(plan: Plan) -> Iterator[Issue]:
    for activity in plan.activities:
        for name, path in activity.policies.items():
            if any(_same(name, text) for text in activity.covers):
                factor = _first(activity.factor, f"activities.{activity.name}.factor")
                share = _first(path, f"activities.{activity.name}.policies.{name}")
                yield _warning(
                    f'{factor} holds "{name}" already, and {share} takes it off once more. Give the factor as it is without the policy, '
                    "or take the policy away.",
                    f"activities.{activity.name}.policies",
                )


def _policy_as_shift(plan: Plan) -> Iterator[Issue]:
    """A shift that does what a decided policy does already; an attribution below 1 says that this has been thought of."""
    for shift in plan.shifts:
        acted = _acts_on(shift)
        for activity in plan.activities:
            if acted and activity.name not in acted:
                continue
            for name, path in activity.policies.items():
                if shift.attribution == 1 and any(_same(name, text) for text in (shift.name, *shift.covers)):
                    share = _first(path, f"activities.{activity.name}.policies.{name}")
                    yield _warning(
                        f'{share} is in the baseline, and shifts.{shift.name}.attribution = 1 claims all of "{shift.name}": the policy is '
                        "counted again. Take the shift or the policy away, or claim only what comes on top of it (attribution below 1).",
                        f"shifts.{shift.name}.attribution",
                    )
                    break
            else:
                continue
            break


def _slips(plan: Plan) -> Iterator[Issue]:
    """A word in `covers` that is nearly a name of the plan is probably meant to be it."""
    names = [activity.name for activity in plan.activities]
    names += [name for activity in plan.activities for name in activity.policies]
    for collection in ("activities", "shifts", "enablers"):
        for noun in getattr(plan, collection):
            for text in noun.covers:
                word = effect_of(text)
                others = {effect_of(item) for other in plan.shifts if other is not noun for item in other.covers}
                known = [*names, *EFFECTS] if collection != "activities" else names
                close = get_close_matches(word, known, n=1, cutoff=_NEARLY)
                if word not in known and word not in others and close:
                    yield _warning(
                        f'nothing in the plan is called "{word}". Did you mean "{close[0]}"? Write that, or keep your own word.',
                        f"{collection}.{noun.name}.covers",
                    )


def _acts_on(shift: Shift) -> list[str]:
    """Activities that a shift takes from or scales."""
    return [*([shift.source] if shift.source is not None else []), *getattr(shift, "scales", {})]


def _together(plan: Plan, one: Shift, other: Shift) -> bool:
    """Whether two shifts can be in one portfolio, in one place."""
    if one.name == other.name or other.name in one.excludes or one.name in other.excludes:
        return False
    here, there = _places(plan, one), _places(plan, other)
    return EVERYWHERE in here | there or bool(here & there)


def _places(plan: Plan, shift: Shift) -> set[str]:
    acted = _acts_on(shift)
    source: Activity | None = next((activity for activity in plan.activities if activity.name in acted), None)
    named: Iterable[str] = shift.districts or shift.potential or (source.amount if source is not None else ())
    return set(named) or {EVERYWHERE}


def _first(value: Any, path: str) -> str | None:
    """The first number that is not 0, with its path: "shifts.bus.reduction.all = 100"; None when there is none."""
    return next((f"{place} = {number:.12g}" for place, number in leaves(value, path) if number), None)


def _same(one: str, other: str) -> bool:
    return one.casefold().replace("-", " ") == other.casefold().replace("-", " ")


def _warning(message: str, path: str) -> Issue:
    return Issue(message, path, severity="warning")
