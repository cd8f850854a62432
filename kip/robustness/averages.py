"""The plan of averages: every number that differs among scenarios at its weighted mean. What a planner uses who knows no scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kip.errors import DataError, KipError
from kip.model.paths import numbers
from kip.robustness.scenarios import ScenarioSet

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["mean_plan"]

_NAMES = ("name", "title", "description", "version")


def mean_plan(plan: Plan, scenarios: ScenarioSet) -> tuple[Plan | None, str]:
    """The mean of the scenarios, or why there is none.

    Scenarios may differ in numbers only; whole choices, words and counts of years have no mean.
    """
    tables = [dict(numbers(one)) for one in scenarios.plans]
    if any(table.keys() != tables[0].keys() for table in tables):
        return None, "the scenarios have tables of other years or names than each other"
    varied = [path for path in tables[0] if len({table[path] for table in tables}) > 1]
    means = {path: float(scenarios.weights @ np.array([table[path] for table in tables])) for path in varied}
    if not all(map(np.isfinite, means.values())):
        return None, "a number is infinite in some scenarios"
    alike = {name: getattr(plan, name) for name in _NAMES} | {"scenarios": plan.scenarios}
    try:
        mixed = [one.update({**means, **alike}) for one in scenarios.plans]
    except DataError as error:
        return None, f"their means make no plan ({error.issues[0]})"
    except KipError as error:
        return None, f"their means make no plan ({error})"
    if len({one.hash for one in mixed}) > 1:
        return None, "the scenarios differ in more than numbers that have a mean"
    return mixed[0], ""
