"""Outcomes of a sweep: which measures of a plan are written down for each scenario."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.measures import Measure, parse_measure, value_of
from kip.errors import RequestError
from kip.model import Plan
from kip.sweeps.experiment import Measured

__all__ = ["Varying", "default_outcomes", "digest", "measured", "outcome_measures", "values_of"]


class Varying(Protocol):
    """What varies: the names of the parameters, and the plan that a row of their values makes."""

    @property
    def names(self) -> tuple[str, ...]: ...

    def plan_at(self, plan: Plan, values: NDArray[np.float64]) -> Plan:
        """The plan in a scenario. May raise DataError or RequestError: the scenario is then invalid."""
        ...


def default_outcomes(inputs: xr.Dataset) -> tuple[str, ...]:
    """What is written down when nobody says: tonnes, the last year, money, each actor's cost, what is missing, and every indicator."""
    last = int(inputs["year"].values[-1])
    several = [str(name) for name in inputs["actor"].values] if inputs.sizes["actor"] > 1 else []
    worth = bool(np.any(inputs["worth"].values)) or bool(np.any(inputs["tonne_worth"].values))
    return (
        "reduction",
        f"reduction_{last}",
        f"emissions_{last}",
        "investment",
        "cost",
        "net_cost",
        *(f"cost.{name}" for name in several),
        *(["net_benefit"] if worth else []),
        *(["shortfall"] if inputs.sizes["target"] else []),
        *map(str, inputs["indicator"].values),
    )


def outcome_measures(names: Iterable[str] | None, inputs: xr.Dataset) -> tuple[Measure, ...]:
    """The measures of these names, or the usual ones; none comes twice.

    Raises
    ------
    RequestError
        With every name that is no measure of the plan.
    """
    asked = [names] if isinstance(names, str) else list(default_outcomes(inputs) if names is None else names)
    found: list[Measure] = []
    wrong: list[str] = []
    for name in dict.fromkeys(asked):
        try:
            found.append(parse_measure(name, inputs))
        except RequestError as error:
            wrong.append(str(error))
    if wrong:
        raise RequestError("\n".join(wrong))
    return tuple(found)


def measured(measure: Measure, portfolio: str = "") -> Measured:
    """A measure as an outcome; of one of several portfolios, with its name before it."""
    name = f"{portfolio}: {measure.name}" if portfolio else measure.name
    return Measured(name, measure.unit, name.replace("_", " "))


def values_of(measures: Sequence[Measure], data: xr.Dataset) -> NDArray[np.float64]:
    """The values of measures in a counted portfolio."""
    return np.array([value_of(measure, data) for measure in measures], dtype=float)


def digest(space: Varying, **parts: Any) -> str:
    """A fingerprint of what is asked: of the space, by its own `hash` or `identity` where it has one, and of plain parts."""
    own = getattr(space, "hash", None) or getattr(space, "identity", None)
    known = own if isinstance(own, str) else hashlib.sha256(pickle.dumps(space)).hexdigest()
    text = json.dumps({"space": known, "names": list(space.names), **parts}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
