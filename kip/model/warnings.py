"""What deserves a second look in a plan that has no errors. Warnings stop nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from kip.errors import Issue
from kip.model.checks_funding import FUNDING_SECOND_LOOK
from kip.model.checks_overlaps import overlap_second_look
from kip.model.checks_people import people_second_look
from kip.model.checks_values import families
from kip.model.double_counting import double_counting
from kip.model.fields import leaves
from kip.model.paths import get, numbers

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["SECOND_LOOK"]


def _lifetimes(plan: Plan) -> Iterator[Issue]:
    years = {target.year: target.name for target in plan.targets}
    for shift in plan.shifts:
        place = f"shifts.{shift.name}"
        if shift.renew and shift.lifetime is None:
            yield Issue('"renew" does nothing without a lifetime. Give a lifetime.', place, severity="warning")
        first = max(plan.years[0], shift.earliest or plan.years[0]) + shift.lead
        for year, target in years.items():
            if shift.lifetime and not shift.renew and first + shift.lifetime - 1 < year and not _can_wait(plan, shift, year):
                yield Issue(
                    f'lapses before target "{target}" in {year} however late it starts, and is not bought again. '
                    "Set renew or a longer lifetime.",
                    place,
                    severity="warning",
                )


def _can_wait(plan: Plan, shift: Any, year: int) -> bool:
    last = min(shift.latest or plan.years[-1], plan.years[-1])
    return bool(last + shift.lead + shift.lifetime - 1 >= year)


def _passports(plan: Plan) -> Iterator[Issue]:
    for path, passport in plan.passports.items():
        value = dict(leaves(get(plan, path), path)).get(path)
        if value is None:
            continue
        low, high = passport.low, passport.high
        if low is not None and high is not None and low > high:
            yield Issue(f"low {low:g} is above high {high:g}. Swap them.", f"passports.{path}", severity="warning")
        elif (low is not None and value < low) or (high is not None and value > high):
            yield Issue(
                f"the value {value:g} is outside its own range {_end(low)} to {_end(high)}. Mend one of them.",
                f"passports.{path}",
                severity="warning",
            )
    bare = [path for path, value in numbers(plan) if value and _worth_a_source(path) and plan.passport(path) is None]
    if bare and plan.passports:
        yield Issue(
            f"{len(bare)} numbers have no passport, the first is {bare[0]}. Add source and quality to passports.",
            "passports",
            severity="warning",
        )


def _end(value: float | None) -> str:
    return "…" if value is None else f"{value:g}"


def _worth_a_source(path: str) -> bool:
    field = path.split(".")[2] if path.count(".") >= 2 else ""
    return field in {"amount", "factor", "cost", "opex", "reference_cost", "reference_opex", "reduction", "potential", "use", "base_value"}


SECOND_LOOK: tuple[Callable[[Plan], Iterator[Issue]], ...] = (
    _lifetimes,
    _passports,
    families,
    people_second_look,
    *FUNDING_SECOND_LOOK,
    overlap_second_look,
    double_counting,
)
"""Every rule that warns."""
