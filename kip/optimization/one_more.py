"""What one more unit of a limit is worth: solved again with a step more of it, and again with what is whole held as it is (§6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from pyomo.common.gc_manager import PauseGC

from kip.accounting.funding_inputs import close_sources
from kip.accounting.inputs import build_inputs
from kip.errors import RequestError, unknown_name
from kip.optimization.compiled import compile_model
from kip.optimization.formulation import build_model, frame_of
from kip.optimization.problem import Problem
from kip.optimization.session import Answer, Session
from kip.optimization.study import Study
from kip.results.binding import binding_limits
from kip.results.explanation import WhyStatus
from kip.views.labels import Language

__all__ = ["STEPS", "read_steps", "sureness", "with_inputs", "worth_of_limits"]

STEPS = ("money", "resource", "amount")
"""What a step can be given for: money in a budget or pot [currency], a resource [its unit], and the share that an amount grows by [1]."""


_WIDE = 0.05


@dataclass(frozen=True)
class _Limit:
    kind: str
    name: str
    label: str
    step: float
    unit: str
    inputs: xr.Dataset
    binds: bool


def read_steps(step: float | str | Mapping[str, float | str], currency: str) -> dict[str, float]:
    """Steps as numbers: one number is of money; {"money": …, "resource": …, "amount": …} of each kind.

    Raises
    ------
    RequestError
        For another kind, a wrong unit, or a step that is not above 0.
    """
    from kip.units import Quantity, to_float

    asked = dict(step) if isinstance(step, Mapping) else {"money": step}
    steps, wrong = {"money": 1e6, "resource": 1.0, "amount": 0.01}, []
    for kind, value in asked.items():
        if kind not in STEPS:
            wrong.append(unknown_name("kind of step", kind, STEPS))
            continue
        try:
            number = to_float(value)
        except ValueError as error:
            wrong.append(f"step: {error}")
            continue
        if isinstance(number, Quantity) and number.unit not in {currency if kind == "money" else "1", "1"}:
            wrong.append(f"step={value!r} is in {number.unit}, but the plan is in {currency}. Write for example 1e6.")
        elif not float(number) > 0:
            wrong.append(f"step={value!r}: give a step above 0, for example 1e6.")
        else:
            steps[kind] = float(number)
    if wrong:
        raise RequestError("\n".join(wrong))
    return steps


def with_inputs(study: Study, inputs: xr.Dataset) -> Study:
    """The same question of other inputs, with the clock of the study."""
    with PauseGC():
        model = build_model(inputs, study.question)
        compiled = compile_model(model, frame_of(model))
    session = Session(compiled, frame_of(model).inputs, study.session.limits, study.question)
    session.began, session.stop = study.session.began, study.session.stop
    return Study(study.plan, study.question, session, study.known, study.fixed)


def worth_of_limits(study: Study, steps: Mapping[str, float], say: Language) -> pd.DataFrame:
    """A row for each limit; see `kip.results.explanation.Explanation.worth`."""
    known = study.known
    if known is None:
        raise ValueError("this study is about no portfolio.")
    unit, sign = known.objective_unit, study.question.sign
    value, bound = sign * known.objective, sign * known.bound
    rows: list[dict[str, Any]] = []
    for limit in _limits(study, steps, say):
        row: dict[str, Any] = {"limit": limit.label, "kind": limit.kind, "name": limit.name, "binds": limit.binds}
        row |= {"step": limit.step, "step unit": limit.unit, "gap [1]": np.nan, "status": "not asked"}
        row |= {f"{word} [{unit}]": np.nan for word in ("worth", "at least", "at most", "worth with the set held")}
        if not study.out_of_time:
            other = with_inputs(study, limit.inputs)
            held = other.best(_held(study), begin=other.begin())
            # what is held is one of the portfolios that are possible with more, and a good one to begin with
            more = other.best(begin=held.solution.x if held.found else other.begin()) if not study.out_of_time else held
            study.session.solves += other.session.solves
            study.session.stopped = study.session.stopped or other.session.stopped
            if held.found:
                row[f"worth with the set held [{unit}]"] = _above(value - held.value, value)
            if more.found and more is not held:
                # whatever was possible is possible with more: the known portfolio stands, so the worth is 0 at least
                worth = _above(value - more.value, value)
                low, high = min(worth, max(0.0, bound - more.value)), max(worth, value - more.bound)
                row |= {f"worth [{unit}]": worth, f"at least [{unit}]": low, f"at most [{unit}]": high, "gap [1]": _gap(more)}
                row["status"] = sureness(_gap(more) <= study.session.limits.gap, worth, high - low, value)
        rows.append(row)
    columns = ["limit", "kind", "name", "binds", "step", "step unit"]
    columns += [f"{word} [{unit}]" for word in ("worth", "at least", "at most", "worth with the set held")]
    return pd.DataFrame(rows, columns=[*columns, "gap [1]", "status"])


def sureness(proven: bool, price: float, span: float, objective: float) -> WhyStatus:
    """How sure a difference of two solves is: proven, or wider than a twentieth of it by their gaps, or unproven."""
    if not proven:
        return "unproven"
    return "within gap" if span > max(_WIDE * price, 1e-6 * abs(objective)) else "proven"


def _above(value: float, objective: float) -> float:
    """0 for what the solver cannot tell from it."""
    return value if value > 1e-9 * max(1.0, abs(objective)) else 0.0


def _gap(answer: Answer) -> float:
    from kip.optimization.solve import relative_gap

    return relative_gap(answer.value, answer.bound)


def _held(study: Study) -> Any:
    """Everything that is whole or counted starts as in the known portfolio."""
    known = study.known

    def change(session: Session, problem: Problem) -> Problem:
        if known is None:
            return problem
        compiled, cells = session.compiled, session.compiled.frame.cells
        low, high = problem.low.copy(), problem.high.copy()
        new = known.dataset["new"].values[cells.shift, cells.place]
        fixed = (compiled.new >= 0) & (cells.whole | cells.counted)[:, None]
        low[compiled.new[fixed]] = high[compiled.new[fixed]] = np.round(new[fixed])
        return replace(problem, low=low, high=high)

    return change


def _limits(study: Study, steps: Mapping[str, float], say: Language) -> Iterator[_Limit]:
    """Every budget, pot and resource that is used, and ramps, potentials and activities that are used up."""
    inputs, known = study.inputs, study.known
    if known is None:
        return
    data, currency = known.dataset, study.plan.currency
    binding = set(binding_limits(inputs, data))
    for row, name in enumerate(map(str, inputs["budget"].values)):
        amount = inputs["budget_amount"].values
        more = amount.copy()
        if inputs["budget_total"].values[row]:
            more[row, 0] += steps["money"]
        else:
            more[row, amount[row] > 0] += steps["money"]
        kind = str(inputs["budget_kind"].values[row])
        payer = str(inputs["actor_title"].values[inputs["budget_actor"].values[row]])
        label = say("binding budget" if kind == "all" else f"binding budget {kind}", payer=payer)
        unit = currency if inputs["budget_total"].values[row] else f"{currency}/year"
        yield _Limit("budget", name, label, steps["money"], unit, _put(inputs, "budget_amount", more), ("budget", name) in binding)
    for row, name in enumerate(map(str, inputs["funding"].values)):
        pot = inputs["funding_pot"].values
        if ("pot", name) in binding:
            more = pot.copy()
            more[row, np.isfinite(pot[row]) & (pot[row] > 0)] += steps["money"]
            label = say("why pot", source=inputs["funding_title"].values[row])
            yield _Limit("pot", name, label, steps["money"], f"{currency}/year", _put(inputs, "funding_pot", more), True)
    for row, name in enumerate(map(str, inputs["resource"].values)):
        more = inputs["supply"].values.copy()
        more[row] += steps["resource"]
        unit = str(inputs["resource_unit"].values[row]) or "1"
        yield _Limit("resource", name, name, steps["resource"], unit, _put(inputs, "supply", more), ("resource", name) in binding)
    titles = dict(zip(map(str, inputs["shift"].values), map(str, inputs["title"].values), strict=True))
    for kind, name in sorted(binding):
        if kind == "ramp":
            step, unit = _step_of(inputs, name, steps)
            yield _Limit(kind, name, say("why ramp", shift=titles[name]), step, unit, _grown(inputs, ("ramp",), name, steps), True)
        elif kind == "potential":
            grown = _grown(inputs, ("potential", "potential_total"), name, steps)
            yield _Limit(kind, name, say("why potential", shift=titles[name]), *_step_of(inputs, name, steps), grown, True)
        elif kind == "activity":
            title = str(inputs["activity_title"].sel(activity=name).values)
            yield _Limit(kind, name, title, 100.0 * steps["amount"], "%", _more_activity(study, name, steps["amount"]), True)


def _put(inputs: xr.Dataset, name: str, values: np.ndarray) -> xr.Dataset:
    changed = inputs.copy()
    changed[name] = (inputs[name].dims, values, inputs[name].attrs)
    return changed


def _step_of(inputs: xr.Dataset, shift: str, steps: Mapping[str, float]) -> tuple[float, str]:
    """A whole unit of what is counted, if that is more than the share; else the share."""
    row = list(map(str, inputs["shift"].values)).index(shift)
    most = float(inputs["potential"].values[row].max(initial=0.0))
    if str(inputs["choice"].values[row]) == "units" and steps["amount"] * most <= 1.0:
        return 1.0, str(inputs["unit"].values[row]) or "1"
    return 100.0 * steps["amount"], "%"


def _grown(inputs: xr.Dataset, fields: tuple[str, ...], shift: str, steps: Mapping[str, float]) -> xr.Dataset:
    row = list(map(str, inputs["shift"].values)).index(shift)
    counted = str(inputs["choice"].values[row]) == "units"
    for name in fields:
        values = inputs[name].values.copy()
        more = values[row] * (1.0 + steps["amount"])
        # what is counted grows by whole units, one at least
        values[row] = np.where(values[row] > 0, np.maximum(np.ceil(more - 1e-9), values[row] + 1.0), values[row]) if counted else more
        inputs = _put(inputs, name, values)
    return inputs


def _more_activity(study: Study, name: str, share: float) -> xr.Dataset:
    """More of an activity, with the baseline held: what is worth something is what can be moved or scaled, not what is emitted (§6)."""
    activity = next(item for item in study.plan.activities if item.name == name)

    def grown(value: Any) -> Any:
        return {key: grown(part) for key, part in value.items()} if isinstance(value, dict) else value * (1.0 + share)

    inputs = build_inputs(study.plan.update({f"activities.{name}.amount": grown(activity.amount)}))
    inputs = close_sources(inputs, study.question.closed(map(str, inputs["shift"].values)))
    return _put(inputs, "baseline", study.inputs["baseline"].values)
