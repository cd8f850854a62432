"""What must hold for value sets and for what takes its value from them; families of indicators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kip.errors import Issue, nearest
from kip.model.target import FAMILIES
from kip.model.values import wrong_set

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["families", "value_sets"]


def value_sets(plan: Plan) -> Iterator[Issue]:
    """Every set that is named exists, has the value asked for, and can be turned into the plan's money."""
    for indicator in plan.indicators:
        yield from wrong_set(plan, indicator, f"indicators.{indicator.name}")
    for ledger in plan.ledgers:
        yield from wrong_set(plan, ledger, f"ledgers.{ledger.name}")
    for source in plan.value_sets:
        place = f"value_sets.{source.name}"
        if source.currency == plan.currency and source.exchange_rate is not None:
            yield Issue(f"the set and the plan are both in {plan.currency}. Take the exchange rate away.", f"{place}.exchange_rate")
        for path, passport in plan.passports.items():
            if path.startswith(f"{place}.") and passport.price_year not in {None, source.price_year}:
                yield Issue(
                    f"its values are in prices of {source.price_year}, which the set says for all of them. "
                    "Take the price year of the passport away.",
                    f"passports.{path}",
                )


def families(plan: Plan) -> Iterator[Issue]:
    """A family that is nearly one of the known ones is probably a slip."""
    for indicator in plan.indicators:
        family = indicator.family
        guess = nearest(family, FAMILIES) if family and family not in FAMILIES else None
        if guess is not None and "," not in family:
            yield Issue(
                f'unknown family "{family}". Did you mean "{guess}"? Write that, or keep your own word.',
                f"indicators.{indicator.name}.family",
                severity="warning",
            )
