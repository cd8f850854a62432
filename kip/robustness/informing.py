"""kip.information_value: what knowing one input before deciding is worth, exactly for a set of scenarios (EVPPI)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from kip.accounting.measures import parse_measure
from kip.errors import KipError, RequestError
from kip.model.paths import numbers
from kip.optimization.question import Limits
from kip.results.information import Asking, Information, Worth
from kip.robustness.clashing import alone_without_answer, why_no_decision
from kip.robustness.criteria import Criterion
from kip.robustness.ensemble import Asked, Ensemble
from kip.robustness.scenarios import Scenarios, ScenarioSet, Weights
from kip.units import Quantity, to_float

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["Inputs", "information_value"]

Inputs: TypeAlias = Iterable[str] | Mapping[str, str | Sequence[str]] | None
Groups: TypeAlias = tuple[tuple[int, ...], ...]
"""Scenarios that look alike when something is known, by their places."""


def information_value(
    plan: Plan,
    scenarios: Scenarios = None,
    *,
    inputs: Inputs = None,
    weights: Weights = None,
    worth: float | str | None = None,
    maximize: str | None = None,
    minimize: str | None = None,
    minimum: Mapping[str, float | str] | None = None,
    maximum: Mapping[str, float | str] | None = None,
    require: Iterable[str] = (),
    forbid: Iterable[str] = (),
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
) -> Information:
    """What it is worth to know an input before deciding, for each input and for all of them.

    The expected value of partial perfect information of an input is the expected value when its value is known before the decision, less
    the best expected value when nothing is known. For a set of scenarios it is exact: scenarios with the same value of the input
    share one decision, which is optimised for them (§70). Knowing everything is the expected value of perfect information; no input
    is worth more, and several together may be worth more or less than the sum of each.

    Parameters
    ----------
    plan : Plan
    scenarios, weights
        As in `kip.robust`. Inputs that are independent of each other need every combination as a scenario.
    inputs : paths, or {name: path or paths}, optional
        What may become known; paths under one name become known together. Every number that differs among the scenarios when left out;
        those that always change together are one.
    worth : float or text, optional
        Money for one unit of the measure, as ``"1500 SEK/t"``. When left out: 1 when the measure is money, else the value of a
        tonne on the main ledger, or of the indicator, when the plan has one that is the same in all years.
    maximize, minimize, minimum, maximum, require, forbid, gap, seed
        As in `kip.robust`.
    time_limit : float, optional
        Seconds for all of it; inputs that were not reached have no value.

    Returns
    -------
    Information

    Raises
    ------
    RequestError
        When something is wrong as in `kip.robust`, an input is no path of the plan or the same in all scenarios.

    Examples
    --------
    >>> import kip
    >>> shifts = [kip.Shift(name="buses", cost=6e6, reduction=100), kip.Shift(name="paths", cost=6e6, reduction=70)]
    >>> plan = kip.Plan(name="town", years=[2026], shifts=shifts, budgets=6e6)
    >>> futures = {"as planned": {}, "dear power": {"shifts.buses.reduction": 20}}
    >>> kip.information_value(plan, futures).evpi
    15.0
    """
    began = time.perf_counter()
    asked = Asked(maximize, minimize, minimum, maximum, require, forbid)
    ensemble = Ensemble.of(plan, scenarios, weights, asked, Limits(gap, time_limit, seed))
    parts = _parts(plan, ensemble.scenarios, inputs)
    krona = _krona(ensemble, worth)
    ensemble.solve_alone()
    solved = _Solved(ensemble)
    every = tuple(range(len(ensemble.studies)))
    alone = alone_without_answer(ensemble)
    common = None if alone or ensemble.stopped else solved.of((every,))
    status, reason = "found", ""
    if alone:
        status, reason = "infeasible", alone
    elif common is None and solved.infeasible:
        status, reason = "infeasible", why_no_decision(ensemble, ensemble.stack())
    elif common is None:
        status, reason = "no_solution", "The time was up before any decision was found. Give it more time (time_limit)."
    worths, knowing = [], None
    if common is not None:
        knowing = solved.of(tuple((place,) for place in every))
        for part in parts:
            found = solved.of(part.groups)
            groups = tuple((tuple(ensemble.scenarios.names[one] for one in group), solved.selected(group)) for group in part.groups)
            worths.append(Worth(part.name, part.paths, found or _UNKNOWN, groups if found else ()))
    return Information(
        plan,
        ensemble.own.dataset,
        Asking(ensemble.question.name, ensemble.question.measure, ensemble.unit, ensemble.question.sign < 0, krona, plan.currency),
        status,
        common or _UNKNOWN,
        knowing or _UNKNOWN,
        tuple(worths),
        reason,
        time.perf_counter() - began,
        ensemble.solves + solved.solves,
    )


_UNKNOWN = (float("nan"), float("nan"))


@dataclass(frozen=True)
class _Part:
    """An input, and the scenarios that look alike when it is known."""

    name: str
    paths: tuple[str, ...]
    groups: Groups


class _Solved:
    """Common decisions of groups of scenarios, each group solved once."""

    def __init__(self, ensemble: Ensemble) -> None:
        self.ensemble = ensemble
        self.known: dict[tuple[int, ...], tuple[float, float, tuple[str, ...]] | None] = {}
        self.infeasible = False
        self.solves = 0

    def of(self, groups: Groups) -> tuple[float, float] | None:
        """Expected value, and its bound, when each group has a decision of its own; None when the time was not enough."""
        weights = self.ensemble.scenarios.weights
        value, bound = 0.0, 0.0
        for group in groups:
            share = float(weights[list(group)].sum())
            if share <= 0.0:
                continue
            found = self._group(group, share)
            if found is None:
                return None
            value, bound = value + share * found[0], bound + share * found[1]
        return value + 0.0, bound + 0.0

    def selected(self, group: tuple[int, ...]) -> tuple[str, ...]:
        """What the decision of a group starts; nothing for one that was not solved."""
        found = self.known.get(group)
        return () if found is None else found[2]

    def _group(self, group: tuple[int, ...], share: float) -> tuple[float, float, tuple[str, ...]] | None:
        if group not in self.known:
            self.known[group] = self._alone(group[0]) if len(group) == 1 else self._together(group, share)
        return self.known[group]

    def _alone(self, place: int) -> tuple[float, float, tuple[str, ...]] | None:
        portfolio = self.ensemble.optima[place]
        return (portfolio.objective, portfolio.bound, portfolio.selected) if portfolio.found else None

    def _together(self, group: tuple[int, ...], share: float) -> tuple[float, float, tuple[str, ...]] | None:
        ensemble = self.ensemble
        if ensemble.time_left() <= 0 or ensemble.stopped:
            return None
        stack = ensemble.stack(which=group)
        which = list(group)
        chosen = ensemble.search(Criterion("expected"), stack, ensemble.scenarios.weights[which] / share, ensemble.best[which])
        self.solves += chosen.solves
        self.infeasible = self.infeasible or chosen.status == "infeasible"
        ensemble.stopped = ensemble.stopped or chosen.status == "interrupted"
        if not chosen.found:
            return None
        for place, data in zip(group, chosen.data, strict=True):
            ensemble.better(place, data)
        sign = ensemble.question.sign
        data = chosen.data[0]
        started = np.abs(data["new"].values).sum(axis=(1, 2)) > 0
        return sign * chosen.value, sign * chosen.bound, tuple(map(str, data["shift"].values[started]))


def _parts(plan: Plan, scenarios: ScenarioSet, inputs: Inputs) -> list[_Part]:
    """Inputs with the groups of scenarios that each tells apart."""
    if inputs is None:
        return _found(scenarios)
    if isinstance(inputs, str):
        inputs = [inputs]
    named = dict(inputs) if isinstance(inputs, Mapping) else {str(path): path for path in inputs}
    wrong, parts = [], []
    for name, paths in named.items():
        listed = (paths,) if isinstance(paths, str) else tuple(map(str, paths))
        values = []
        for one in scenarios.plans:
            try:
                values.append(tuple(repr(one.get(path)) for path in listed))
            except KipError as error:
                wrong.append(str(error))
                break
        else:
            groups = _alike(values)
            if len(groups) == 1:
                wrong.append(f'"{name}" is the same in all scenarios, so there is nothing to know. Name what differs among them.')
            parts.append(_Part(str(name), listed, groups))
    if not named:
        wrong.append("inputs is empty. Name paths that differ among the scenarios, or leave it out for all of them.")
    if wrong:
        raise RequestError("\n".join(dict.fromkeys(wrong)))
    return parts


def _found(scenarios: ScenarioSet) -> list[_Part]:
    """Every number that differs; those that tell the same scenarios apart are one."""
    tables = [dict(numbers(one)) for one in scenarios.plans]
    paths = dict.fromkeys(path for table in tables for path in table)
    found: dict[Groups, list[str]] = {}
    for path in paths:
        groups = _alike([table.get(path) for table in tables])
        if len(groups) > 1:
            found.setdefault(groups, []).append(path)
    # a path as the user wrote it says more than the paths of the single numbers below it
    written = {groups: [own for own in scenarios.paths if any(_below(path, own) for path in below)] for groups, below in found.items()}
    parts = []
    for groups, below in found.items():
        names = written[groups] or below
        label = names[0] if len(names) == 1 else f"{names[0]} (+ {len(names) - 1})"
        parts.append(_Part(label, tuple(names), groups))
    return parts


def _below(path: str, own: str) -> bool:
    return path == own or path.startswith(f"{own}.") or own in {path.removesuffix(".amount"), path.removesuffix(".supply")}


def _alike(values: Sequence[object]) -> Groups:
    groups: dict[object, list[int]] = {}
    for place, value in enumerate(values):
        groups.setdefault(value, []).append(place)
    return tuple(tuple(group) for group in groups.values())


def _krona(ensemble: Ensemble, worth: float | str | None) -> float | None:
    """Money for one unit of the measure; None when there is no one price."""
    inputs, currency = ensemble.base.inputs, ensemble.plan.currency
    measure = parse_measure(ensemble.question.measure, inputs)
    if worth is not None:
        unit = measure.unit.partition("/")[0]
        try:
            price = to_float(worth)
        except ValueError as error:
            raise RequestError(f"worth: {error}") from None
        if isinstance(price, Quantity) and price.unit != f"{currency}/{unit}":
            raise RequestError(f"worth={worth!r} is in {price.unit}; the measure {measure.name} needs {currency}/{unit}. Change the unit.")
        if not np.isfinite(float(price)):
            raise RequestError(f"worth={worth!r}: give a number, for example 1500.")
        return float(price)
    if measure.unit == currency:
        return 1.0
    if measure.base in {"reduction", "emissions", "lifetime_reduction"}:
        prices = inputs["tonne_worth"].sel(ledger=inputs.attrs["main_ledger"]).values
    elif measure.base == "indicator":
        prices = np.abs(inputs["worth"].sel(indicator=measure.key).values)
    else:
        return None
    price = float(np.ravel(prices)[0])
    return price if np.all(prices == price) and price > 0 else None
