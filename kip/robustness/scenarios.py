"""A set of scenarios: each a whole plan of the same shifts, places and years, with a weight.

They come as names of the plan's own scenarios, as {name: {path: value}}, as {name: Plan}, or as a table of paths by scenarios.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kip.errors import DataError, KipError, RequestError, unknown_name
from kip.model import Plan, Scenario

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["ScenarioSet", "Scenarios", "Weights", "read_scenarios", "same_structure"]

Scenarios: TypeAlias = Iterable[str | Scenario] | Mapping[str, Mapping[str, Any] | Plan] | pd.DataFrame | None
Weights: TypeAlias = Mapping[str, float] | Sequence[float] | None

_SUM = 1e-6
"""How far weights may be from 1 in sum."""


@dataclass(frozen=True)
class ScenarioSet:
    """Scenarios with their plans and weights.

    Attributes
    ----------
    names : tuple of str
    plans : tuple of Plan
    weights : array (scenario,)
        Sum to 1.
    paths : tuple of str
        Paths that the scenarios were written with; empty for whole plans.
    """

    names: tuple[str, ...]
    plans: tuple[Plan, ...]
    weights: NDArray[np.float64]
    paths: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)


def read_scenarios(plan: Plan, scenarios: Scenarios, weights: Weights = None) -> ScenarioSet:
    """The scenarios as plans, with their weights.

    Raises
    ------
    RequestError
        With everything that is wrong: unknown scenarios and paths, values that make no plan, weights that do not sum to 1.
    """
    wrong: list[str] = []
    found = _found(plan, scenarios, wrong)
    plans: dict[str, Plan] = {}
    for name, changes in found.items():
        if isinstance(changes, Plan):
            plans[name] = changes
            continue
        try:
            plans[name] = plan.update(changes)
        except DataError as error:
            wrong += [f'scenario "{name}": {issue}' for issue in error.issues]
        except KipError as error:
            wrong += [f'scenario "{name}": {line}' for line in str(error).splitlines()]
    shares = _weights(list(found), weights, wrong) if found else np.zeros(0)
    if not found and not wrong:
        wrong.append(
            "there are no scenarios. Name some of the plan's own, or give {name: {path: value}}, {name: plan}, "
            "or a table of paths by scenarios."
        )
    if wrong:
        raise RequestError("\n".join(wrong))
    paths = dict.fromkeys(path for changes in found.values() if not isinstance(changes, Plan) for path in changes)
    return ScenarioSet(tuple(found), tuple(plans.values()), shares, tuple(paths))


def _found(plan: Plan, scenarios: Scenarios, wrong: list[str]) -> dict[str, Plan | Mapping[str, Any]]:
    if scenarios is None:
        return {one.name: one.changes for one in plan.scenarios}
    if isinstance(scenarios, pd.DataFrame):
        wrong += [
            f'scenario "{name}" is there twice. Give each a name of its own.' for name in scenarios.columns[scenarios.columns.duplicated()]
        ]
        wrong += [f'path "{path}" is there twice. Give each path one row.' for path in scenarios.index[scenarios.index.duplicated()]]
        if wrong:
            return {}
        return {
            str(name): {str(path): _plain(value) for path, value in column.items() if not _empty(value)}
            for name, column in scenarios.items()
        }
    if isinstance(scenarios, Mapping):
        found: dict[str, Plan | Mapping[str, Any]] = {}
        for name, changes in scenarios.items():
            if isinstance(changes, Plan | Mapping):
                found[str(name)] = changes
            else:
                wrong.append(f'scenario "{name}" is {changes!r}: give {{path: value}} or a plan.')
        return found
    if isinstance(scenarios, str):
        scenarios = [scenarios]
    try:
        items = list(scenarios)
    except TypeError:
        wrong.append(f"scenarios={scenarios!r}: give names, {{name: {{path: value}}}}, {{name: plan}}, or a table.")
        return {}
    own = {one.name: one for one in plan.scenarios}
    listed: dict[str, Plan | Mapping[str, Any]] = {}
    for item in items:
        name = item.name if isinstance(item, Scenario) else str(item)
        if name in listed:
            wrong.append(f'scenario "{name}" is there twice. Name each once, and give it more weight.')
        elif isinstance(item, Scenario):
            listed[name] = item.changes
        elif name in own:
            listed[name] = own[name].changes
        else:
            wrong.append(unknown_name("scenario", name, list(own)))
    return listed


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _weights(names: list[str], weights: Weights, wrong: list[str]) -> NDArray[np.float64]:
    if weights is None:
        return np.full(len(names), 1.0 / len(names))
    if isinstance(weights, Mapping):
        unknown = [str(name) for name in weights if str(name) not in names]
        wrong += [f"weights: {unknown_name('scenario', name, names)}" for name in unknown]
        missing = [name for name in names if name not in {str(key) for key in weights}]
        if missing:
            wrong.append(f"weights has nothing for {', '.join(missing)}. Give each scenario a weight, 0 if need be.")
        if unknown or missing:
            return np.zeros(len(names))
        listed: list[Any] = [weights[name] for name in names]
    else:
        listed = list(weights)
        if len(listed) != len(names):
            wrong.append(f"there are {len(listed)} weights for {len(names)} scenarios ({', '.join(names)}). Give one for each.")
            return np.zeros(len(names))
    try:
        values = np.array([float(value) for value in listed])
    except (TypeError, ValueError):
        wrong.append(f"weights={listed!r}: give numbers from 0 to 1.")
        return np.zeros(len(names))
    if not np.isfinite(values).all() or (values < 0).any():
        wrong.append(f"weights={values.tolist()}: each must be a number of 0 or more.")
    elif abs(values.sum() - 1.0) > _SUM:
        wrong.append(f"the weights sum to {values.sum():.6g}, not to 1. Divide them by their sum, or mend them.")
    else:
        values = values / values.sum()
    return values


def same_structure(names: Sequence[str], inputs: Sequence[xr.Dataset], base: xr.Dataset) -> None:
    """Refuse scenarios that have other shifts, places or years than the plan: one decision could not stand in all of them.

    Raises
    ------
    RequestError
        With everything that differs.
    """
    wrong: list[str] = []
    for name, data in zip(names, inputs, strict=True):
        for dim, word in (("shift", "shifts and enablers"), ("district", "districts"), ("year", "years")):
            mine, theirs = list(map(str, base[dim].values)), list(map(str, data[dim].values))
            lacks, has = [one for one in mine if one not in theirs], [one for one in theirs if one not in mine]
            parts = [f"lacks {', '.join(lacks)}"] * bool(lacks) + [f"has {', '.join(has)} in addition"] * bool(has)
            if parts:
                wrong.append(f'scenario "{name}": of the plan\'s {word} it {" and ".join(parts)}.')
        if not wrong:
            differs = base["choice"].values != data["choice"].values
            wrong += [f'scenario "{name}": "{shift}" is chosen in another way.' for shift in base["shift"].values[differs]]
        if base.attrs["currency"] != data.attrs["currency"]:
            wrong.append(f'scenario "{name}" counts in {data.attrs["currency"]}, the plan in {base.attrs["currency"]}.')
    if wrong:
        raise RequestError(
            "\n".join([*wrong, "Scenarios differ from the plan in numbers only. Give them the same shifts, districts and years."])
        )
