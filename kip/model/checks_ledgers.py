"""What must hold for targets, their base, and measures that are no reductions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kip.errors import Issue
from kip.model.fields import leaves

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["complementary", "targets"]


def targets(plan: Plan) -> Iterator[Issue]:
    """Each target is in a year of the plan, and has a base: year, value and source, of its ledger or its own."""
    for target in plan.targets:
        place = f"targets.{target.name}"
        if plan.years and target.year not in plan.years:
            yield Issue(f"{target.year} is outside the plan's years. Lengthen the plan or move the target.", f"{place}.year")
        ledger = next((item for item in plan.ledgers if target.ledger in {None, item.name}), None)
        if ledger is None:
            continue
        has = {
            "base_year": target.base_year if target.base_value is not None else ledger.base_year,
            "base_value": target.base(ledger),
            "source": ledger.source.strip() or target.source.strip() or None,
        }
        missing = [field for field, value in has.items() if value is None]
        if missing:
            yield Issue(
                f"a target's base year, base value and source are required fields; {_listed(missing)} missing. "
                f'Write {"it" if len(missing) == 1 else "them"} in ledger "{ledger.name}", or in the target.',
                place,
            )


def _listed(fields: list[str]) -> str:
    return (", ".join(fields[:-1]) + " and " if len(fields) > 1 else "") + fields[-1] + (" is" if len(fields) == 1 else " are")


def complementary(plan: Plan) -> Iterator[Issue]:
    """A complementary measure takes carbon away; one that adds some would hide emissions from the ledger."""
    for shift in plan.shifts:
        if shift.counts_as == "complementary":
            for path, value in leaves(shift.reduction, f"shifts.{shift.name}.reduction"):
                if value < 0:
                    yield Issue(f"found {value:g}; a complementary measure gives 0 t or more. Change it, or count it as reduction.", path)
