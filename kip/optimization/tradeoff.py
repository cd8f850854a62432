"""kip.frontier: what can be had of one thing for another, each point a portfolio with its proof."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import xarray as xr

from kip.accounting.count import count
from kip.accounting.inputs import build_inputs
from kip.errors import RequestError
from kip.optimization.asked_frontier import Asked, ask_frontier
from kip.optimization.diagnose import why_infeasible
from kip.optimization.marginal import Marginal
from kip.optimization.plan_front import Searched, every_point, grid
from kip.optimization.plan_oracle import Found, PlanOracle, plan_oracle
from kip.optimization.plan_zones import every_point_by_zones
from kip.optimization.progress import counter
from kip.optimization.question import Limits
from kip.optimization.solve import relative_gap
from kip.optimization.study import begin_study
from kip.results.binding import what_binds
from kip.results.pareto import Frontier, LazyPortfolios, Objective
from kip.results.pareto_shape import knees, supported
from kip.results.portfolio import Portfolio, Status

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["frontier"]

_POINTS = 20


def frontier(
    plan: Plan,
    objectives: Iterable[str] | Mapping[str, str] = ("reduction", "cost"),
    *,
    exact: bool = True,
    points: int | None = None,
    minimum: Mapping[str, float | str] | None = None,
    maximum: Mapping[str, float | str] | None = None,
    require: Iterable[str] = (),
    forbid: Iterable[str] = (),
    budget_up_to: float = 1.0,
    workers: int = 1,
    gap: float | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    language: str = "en",
) -> Frontier:
    """What can be had of one objective for the others: portfolios of which none is better than another in all of them.

    Parameters
    ----------
    plan : Plan
    objectives : names, or {name: "max" or "min"}
        Two to four measures, each in its natural direction: more reduction, less cost, an indicator as it says. ``"max:…"`` and ``"min:…"``
        say otherwise. ``"budget"`` is how much of the plan's budgets is needed, all of them scaled together [currency], and
        ``"budget.<actor>"`` one
        actor's.
    exact : bool, default True
        With whole decisions: every point, each proven. Otherwise, and where amounts, loans or fractions are chosen freely, a grid.
    points : int, optional
        About how many points a grid asks for; 20 when left out.
    minimum, maximum, require, forbid
        As in `kip.optimize`.
    budget_up_to : float, default 1
        How far a budget objective may go beyond the plan's budgets: 1.5 for half as much again.
    workers : int, default 1
        Threads that solve at the same time.
    gap : float, optional
        Relative gap of each solve; 0 for every point, 1e-4 for a grid, when left out.
    time_limit : float, optional
        Seconds in all. What is found by then is returned, and what is not proven is marked so. Ctrl-C does the same.
    seed : int, default 0
    language : {"en", "sv"}

    Returns
    -------
    Frontier

    Raises
    ------
    RequestError
        When the call names something that the plan does not have, or no portfolio keeps the rules; with the reason.

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(
    ...     name="town",
    ...     years=[2026],
    ...     shifts=[kip.Shift(name="buses", cost=6e6, reduction=100), kip.Shift(name="depot", cost=10e6, reduction=150)],
    ... )
    >>> kip.frontier(plan).points[["reduction [t]", "cost [SEK]"]].values.tolist()
    [[0.0, 0.0], [100.0, 6000000.0], [150.0, 10000000.0], [250.0, 16000000.0]]
    """
    began = time.perf_counter()
    options = {"points": points, "workers": workers, "gap": gap, "time_limit": time_limit, "seed": seed, "language": language}
    limits = {"minimum": minimum, "maximum": maximum, "require": require, "forbid": forbid}
    asked = ask_frontier(plan, objectives, limits, options, budget_up_to)
    search = _Search(asked, exact and points is None, gap, time_limit, seed)
    with counter() as heard:
        if search.every:
            every = every_point if len(asked.objectives) == 2 else every_point_by_zones
            searched, oracles = every(search.oracle, workers, heard)
        else:
            searched, oracles = grid(search.oracle, points or _POINTS, workers, heard)
    if not searched.points:
        raise RequestError(search.why_none(searched))
    return _result(search, searched, (oracles, time.perf_counter() - began), points or _POINTS, language)


class _Search:
    """A frontier's question, compiled."""

    def __init__(self, asked: Asked, exact: bool, gap: float | None, time_limit: float | None, seed: int) -> None:
        self.asked = asked
        self.limits = Limits(0.0 if exact else 1e-4, time_limit, seed)
        measures = [(item.name, item.sign) for item in asked.objectives if item.name not in asked.share_names]
        study = begin_study(asked.plan, asked.question, self.limits, also=measures)
        compiled, inputs = study.session.compiled, study.inputs
        self.oracle = plan_oracle(compiled, inputs, asked.question, self.limits, asked.objectives, asked.shares, asked.up_to)
        self.oracle.session.began = study.session.began
        self.every = exact and self.oracle.exact
        self.limits = replace(self.limits, gap=gap if gap is not None else (0.0 if self.every else 1e-4))
        self.oracle.session.limits = self.limits
        for objective, row in zip(asked.objectives, self.oracle.rows, strict=True):
            if not row.terms.largest:
                raise RequestError(
                    f'nothing in this plan changes "{objective.name}", so there is no frontier with it. Take another objective.'
                )

    def why_none(self, searched: Searched) -> str:
        """Why there is no point."""
        status = searched.none.status if searched.none is not None else "time_limit"
        if status not in {"infeasible", "unbounded"}:
            stopped = status == "interrupted"
            return (
                "stopped before any portfolio was found. Let it run longer."
                if stopped
                else (
                    f"no portfolio was found in {self.limits.time_limit:g} seconds. Give it more time (time_limit), or loosen the limits."
                )
            )
        plain = begin_study(self.asked.plan, self.asked.question, self.limits)
        return why_infeasible(plain.session, self.asked.question)


@dataclass(frozen=True)
class _Points:
    """Points in the order of the result: values in natural units, starts, solutions."""

    values: np.ndarray
    new: np.ndarray
    found: list[Found]


def _result(search: _Search, searched: Searched, work: tuple[list[PlanOracle], float], asked_for: int, language: str) -> Frontier:
    asked, session = search.asked, search.oracle.session
    signs = np.array([objective.sign for objective in asked.objectives])
    order = sorted(range(len(searched.points)), key=lambda row: tuple(np.roll(searched.points[row].values * signs, -1)))
    found = [searched.points[row] for row in order]
    compiled = session.compiled
    new = np.array([compiled.units(point.x) for point in found if point.x is not None])
    points = _Points(np.array([point.values for point in found]) * signs + 0.0, new, found)
    dataset = _dataset(search, points)
    complete = search.every and searched.finished and search.limits.gap == 0
    dataset.attrs["complete"] = int(complete)
    solves = sum(oracle.solves for oracle in work[0])
    return Frontier(
        asked.own,
        asked.objectives,
        dataset,
        complete,
        LazyPortfolios(len(found), lambda row: _portfolio(search, dataset, points, row)),
        _said(search, searched, (len(found), solves, asked_for), complete),
        Marginal(search.oracle, dataset, asked, complete, language) if len(asked.objectives) == 2 else None,
        work[1],
        solves,
        language,
    )


def _dataset(search: _Search, points: _Points) -> xr.Dataset:
    from kip import __version__

    asked, inputs = search.asked, search.oracle.session.inputs
    described = {name: inputs[name] for name in ("shift", "district", "year", "title")}
    data: dict[str, Any] = {}
    for place, objective in enumerate(asked.objectives):
        attrs = {"units": objective.unit, "direction": objective.direction}
        data[objective.name] = ("point", points.values[:, place], attrs)
    status = np.array([_STATUS.get(point.status, "feasible") for point in points.found], dtype=object)
    minimised = np.array([point.values for point in points.found])
    bound = np.array([_bound(asked.objectives, point, search.every) for point in points.found])
    value = points.values[:, 0]
    hull = supported(minimised)
    bent = knees(minimised, hull)
    bend = np.zeros(len(value))
    bend[bent] = np.arange(len(bent), 0, -1)
    data |= {
        "status": ("point", status),
        "gap": ("point", np.array([relative_gap(one, two) for one, two in zip(value, bound, strict=True)]), {"units": "1"}),
        "bound": ("point", bound, {"units": asked.objectives[0].unit}),
        "supported": ("point", hull),
        "knee": ("point", bend > 0),
        "bend": ("point", bend),
        "new": (("point", "shift", "district", "year"), points.new, {"units": "unit"}),
    }
    about: dict[str, Any] = {
        "plan": asked.own.name,
        "title": asked.own.label,
        "plan_version": asked.own.version,
        "plan_hash": asked.own.hash,
        "kip_version": __version__,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "currency": asked.own.currency,
        "objectives": [objective.name for objective in asked.objectives],
    }
    return xr.Dataset(data, described, about)


_STATUS = {"optimal": "optimal", "enough": "optimal", "time_limit": "feasible", "interrupted": "interrupted"}


def _bound(objectives: tuple[Objective, ...], point: Found, every: bool) -> float:
    """No portfolio as good in the other objectives is better than this in the first [natural]; from the bound on the weighted sum."""
    weights = point.weights
    if every and point.status == "optimal":
        return float(objectives[0].sign * point.values[0]) + 0.0
    if weights is None or weights[0] <= 0 or not np.isfinite(point.bound):
        return float("nan")
    others = float(weights[1:] @ point.values[1:])
    return float(objectives[0].sign * min(point.values[0], (point.bound - others) / weights[0])) + 0.0


def _portfolio(search: _Search, dataset: xr.Dataset, points: _Points, row: int) -> Portfolio:
    """A point as a portfolio: what the most of the first objective is with the others no worse than here."""
    asked, session = search.asked, search.oracle.session
    first, point = asked.objectives[0], points.found[row]
    assert point.x is not None
    share = {
        item.name: float(points.values[row][place] / item_share.total)
        for place, item in enumerate(asked.objectives)
        for item_share in asked.shares
        if item_share.name == item.name
    }
    plan = asked.plan_with(share)
    inputs = session.inputs if plan is asked.plan else build_inputs(plan)
    data = count(inputs, points.new[row], session.compiled.transfers(point.x))
    request = asked.question.to_dict()
    for word in ("maximize", "minimize"):
        request.pop(word, None)
    lows, highs = dict(asked.question.minimum), dict(asked.question.maximum)
    for place, item in list(enumerate(asked.objectives))[1:]:
        if item.name not in share:
            side = lows if item.direction == "max" else highs
            value = float(points.values[row][place])
            side[item.name] = value + item.sign * 1e-9 * max(1.0, abs(value))
    named = first.name not in share
    request |= {("maximize" if first.direction == "max" else "minimize"): first.name} if named else {}
    request |= {"minimum": lows, "maximum": highs, "gap": search.limits.gap or 1e-6, "time_limit": None, "seed": search.limits.seed}
    return Portfolio(
        plan=plan,
        dataset=data,
        status=cast(Status, str(dataset["status"].values[row])),
        objective_name=("maximise " if first.direction == "max" else "minimise ") + first.name,
        objective=float(points.values[row][0]),
        objective_unit=first.unit,
        bound=float(dataset["bound"].values[row]),
        gap=float(dataset["gap"].values[row]),
        notes=(f"Point {row} of a frontier of {', '.join(item.name for item in asked.objectives)}.",),
        binding=what_binds(inputs, data),
        request=request if named else {},
    )


def _said(search: _Search, searched: Searched, counts: tuple[int, int, int], complete: bool) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Coverage first, then notes: keys of the catalogue with what they name."""
    asked, (points, solves, wanted) = search.asked, counts
    still_open = sum(point.status not in {"optimal", "enough"} for point in searched.points)
    said: list[tuple[str, dict[str, Any]]] = []
    if complete:
        said.append(("front complete", {"points": points, "solves": solves}))
    elif not searched.finished:
        said.append(("front early", {"points": points, "open": still_open}))
        if search.every:
            said.append(("front area", {"share": f"{100 * searched.boxes:.2g} %"}))
    elif search.every:
        said.append(("front within", {"points": points, "gap": f"{100 * search.limits.gap:g} %"}))
    else:
        said.append(("front grid", {"points": points, "asked": searched.cells or wanted, "solves": solves}))
        said.append(("front grid proven", {}))
    if not search.oracle.exact:
        said.append(("front segments", {}))
    if points == 1 and searched.finished:
        said.append(("front one point", {}))
    if asked.shares and asked.up_to != 1:
        total = sum(share.total for share in asked.shares) * asked.up_to
        said.append(("front up to", {"times": f"{asked.up_to:g}", "total": (total, asked.own.currency)}))
    if search.oracle.session.inputs.sizes["target"] and not any(item.name in {"shortfall", "emissions"} for item in asked.objectives):
        said.append(("front targets", {}))
    return tuple(said)
