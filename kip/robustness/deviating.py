"""Deviations: numbers of a plan that may turn out worse by some amount, and what each would change in a measure or a budget.

A deviation is a change of one number up or down, seen through the arrays of the plan that has it. Only numbers that stand in the measure
and in the budgets can be treated so; what moves the rules themselves (potentials, pace, what acts on what) is for scenarios.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.inputs import build_inputs
from kip.accounting.measures import Measure
from kip.errors import DataError, KipError, RequestError
from kip.model.fields import leaves
from kip.units import to_float

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["Deviation", "read_deviations"]

Floats: TypeAlias = NDArray[np.float64]
Side: TypeAlias = tuple["Plan", xr.Dataset]

_LINEAR = frozenset(
    {
        *("capex", "opex", "reference_capex", "reference_opex", "discount", "own_discount", "end_discount", "own_end_discount"),
        *("factor", "policy_factor", "intensity", "other", "baseline", "attribution", "gross_rate", "reduction_rate", "complementary_rate"),
        *("moved_cobenefit", "own_cobenefit", "worth", "tonne_worth", "budget_amount", "eligible", "actor_rate"),
    }
)
"""Arrays that stand in measures and budgets only."""
_TONNES = frozenset({"factor", "policy_factor", "attribution", "gross_rate", "reduction_rate"})


@dataclass(frozen=True)
class Deviation:
    """One number that may turn out otherwise.

    Attributes
    ----------
    name : str
        As it was given: a path, or a shift.
    path : str
    value : float
        In the plan; of the first number where there are several below the path.
    amount : float
        How far it may be off.
    sides : tuple of (Plan, inputs)
        The plan with the number moved up, and down, as far as that makes a plan.
    """

    name: str
    path: str
    value: float
    amount: float
    sides: tuple[Side, ...]


def read_deviations(plan: Plan, deviations: Mapping[str, float | str], inputs: xr.Dataset, measure: Measure) -> list[Deviation]:
    """Deviations with the plans that have them.

    Raises
    ------
    RequestError
        With everything that is wrong.
    """
    wrong: list[str] = []
    found = []
    if not isinstance(deviations, Mapping) or not deviations:
        example = '{"shifts.ev.cost": "20 %"}'
        raise RequestError(f"deviations={deviations!r}: give {{path or shift: amount}}, for example {example}.")
    for name, amount in deviations.items():
        try:
            path = _path(plan, str(name), inputs, measure)
            found.append(_deviation(plan, str(name), path, amount, inputs))
        except DataError as error:
            wrong += [f'"{name}": {issue}' for issue in error.issues]
        except (KipError, ValueError) as error:
            wrong += [f'"{name}": {line}' for line in str(error).splitlines()]
    twice = {one.path for one in found if sum(other.path == one.path for other in found) > 1}
    wrong += [f'"{path}" is there twice. Give each number one deviation.' for path in sorted(twice)]
    if wrong:
        raise RequestError("\n".join(wrong))
    return found


def _path(plan: Plan, name: str, inputs: xr.Dataset, measure: Measure) -> str:
    """A path; the number behind the measure when a shift is named."""
    if name not in inputs["shift"].values:
        return name
    kind = str(inputs["kind"].sel(shift=name).values)
    fields = {"reduction": "reduction", "lifetime_reduction": "reduction", "emissions": "reduction", "complementary": "reduction"}
    fields |= {"cost": "cost", "investment": "cost", "net_cost": "cost", "operation": "opex"}
    field = f"cobenefits.{measure.key}" if measure.base == "indicator" else fields.get(measure.base, "")
    path = f"{kind}s.{name}.{field}"
    if not field or (kind == "enabler" and field == "reduction"):
        raise RequestError(f"{measure.name} has no one number for a shift. Give the path of the number that may be off.")
    if not list(leaves(plan.get(path), path)):
        raise RequestError(f"it states no {field}. Give the path of the number that may be off, for example the factor of its source.")
    return path


def _deviation(plan: Plan, name: str, path: str, amount: float | str, inputs: xr.Dataset) -> Deviation:
    noun = plan.get(path)
    for field in ("amount", "supply"):
        # a budget or a resource by its name is its amount
        if hasattr(noun, field):
            path, noun = f"{path}.{field}", getattr(noun, field)
    numbers = list(leaves(noun, path))
    if not numbers:
        raise RequestError("that is no number. Give the path of a number, as plan.get takes it.")
    shared = isinstance(amount, str) and amount.strip().endswith("%")
    size = float(to_float(amount))
    if size < 0:
        raise RequestError(f"the amount is {amount!r}. Give how far the number may be off, 0 or more; it may be off both ways.")
    sides: list[Side] = []
    problems: list[str] = []
    for sign in (1.0, -1.0):
        moved = {where: value * (1.0 + sign * size) if shared else value + sign * size for where, value in numbers}
        if size == 0:
            continue
        try:
            other = plan.update(moved)
        except DataError as error:
            problems.append(str(error.issues[0].message))
            continue
        data = build_inputs(other)
        _only_linear(inputs, data)
        sides.append((other, data))
    if size > 0 and not sides:
        raise RequestError(f"neither way makes a plan: {problems[0]}")
    value = numbers[0][1]
    return Deviation(name, path, value, abs(value) * size if shared else size, tuple(sides))


def _only_linear(base: xr.Dataset, data: xr.Dataset) -> None:
    if any(base.sizes[dim] != data.sizes[dim] for dim in base.sizes):
        raise RequestError("it changes what there is to choose. Give it as a scenario to kip.robust.")
    names = [str(name) for name in base.data_vars if not _same(base[name].values, data[name].values)]
    other = sorted(set(names) - _LINEAR)
    if other:
        raise RequestError(
            f"it moves the rules of the plan ({', '.join(other)}), not only a measure or a budget. Give it as a scenario to kip.robust."
        )
    if _TONNES & set(names) and (base.sizes["link"] or base.sizes["overlap"]):
        raise RequestError(
            "the plan multiplies fractions or declares overlaps, so that tonnes do not add up number by number. "
            "Give it as a scenario to kip.robust."
        )


def _same(one: NDArray[np.generic], two: NDArray[np.generic]) -> bool:
    if one.dtype.kind == "f":
        return bool(np.array_equal(one, two, equal_nan=True))
    return bool(np.array_equal(one, two))
