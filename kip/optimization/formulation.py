"""From a plan to a Pyomo model: sets, variables, named constraints. The one formulation of kip."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyomo.environ as pyo
import xarray as xr

from kip.accounting.arrays import Arrays
from kip.accounting.inputs import build_inputs
from kip.accounting.measures import parse_measure
from kip.accounting.settled import settled_problems
from kip.errors import RequestError
from kip.optimization.cells import Cells, find_cells, find_scales
from kip.optimization.constraints import CONSTRAINTS
from kip.optimization.decided import fix_decided
from kip.optimization.fairness import add_fairness, scaled_by_fairness
from kip.optimization.frame import Frame, measure_scale, terms_expression
from kip.optimization.funding import add_funding
from kip.optimization.overlaps import add_overlaps
from kip.optimization.question import Question
from kip.optimization.scaling import add_scaling
from kip.optimization.terms import measure_terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kip.model import Plan

__all__ = ["build_model", "frame_of", "pyomo_model"]


def pyomo_model(plan: Plan) -> pyo.ConcreteModel:
    """The plan as a Pyomo model, to look at or to extend with your own constraints.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    pyomo.environ.ConcreteModel
        Variables ``start[shift, district, year]`` (0 or 1), ``adopt[shift, district, year]`` and
        ``stock[shift, district, year]`` in units / ``scale[shift, district]``, ``carry[budget, year]``,
        ``shortfall[target]`` and ``credited[target]``; one named `Constraint` for each rule; `objective` is the reduction.
        Hand it back with ``kip.optimize(plan, model=model)``.

    Raises
    ------
    RequestError
        When what is decided cannot be kept.

    Examples
    --------
    >>> import kip, pyomo.environ as pyo
    >>> plan = kip.example("minimal")
    >>> model = kip.pyomo_model(plan)
    >>> model.at_most_two = pyo.Constraint(expr=pyo.quicksum(model.start.values()) <= 2)
    >>> len(kip.optimize(plan, model=model).selected) <= 2
    True
    """
    inputs = build_inputs(plan)
    wrong = settled_problems(inputs)
    if wrong:
        raise RequestError("\n".join(wrong))
    model = build_model(inputs, Question(maximize="reduction"), sign_known=False)
    frame_of(model).plan_hash = plan.hash
    return model


def frame_of(model: pyo.ConcreteModel) -> Frame:
    """What a model of kip was built on."""
    frame = getattr(model, "kip_frame", None)
    if not isinstance(frame, Frame):
        raise RequestError("this Pyomo model was not built by kip. Start from kip.pyomo_model(plan) and add to it.")
    return frame


def build_model(
    inputs: xr.Dataset,
    question: Question,
    sign_known: bool = True,
    also: Iterable[tuple[str, float]] = (),
    like: Frame | None = None,
) -> pyo.ConcreteModel:
    """Variables and constraints for one question.

    Parameters
    ----------
    inputs : xarray.Dataset
        From `build_inputs`.
    question : Question
        What to maximise or minimise, and its limits.
    sign_known : bool
        False when another question may be asked of the model later: scaled segments are then exact in both directions.
    also : iterable of (measure, sign)
        What else will be asked of it: 1 when less of the measure is better, -1 when more is.
    like : Frame, optional
        Of the same plan with other numbers: the steps of units, money, tonnes and rows are taken from it, so that two models
        differ where their numbers do and nowhere else.
    """
    labelled = inputs
    # rows only read arrays, and thousands of times
    inputs = cast(xr.Dataset, Arrays(inputs))
    cells = find_cells(inputs, None if like is None else like.cells)
    model = pyo.ConcreteModel(name=str(inputs.attrs["plan"]))
    frame = Frame(
        inputs=inputs,
        cells=cells,
        scales=find_scales(inputs, cells) if like is None else like.scales,
        new=np.full(cells.shape, None, dtype=object),
        stock=np.full(cells.shape, None, dtype=object),
        carry=np.full(inputs["budget_amount"].shape, None, dtype=object),
        shortfall=np.full(inputs.sizes["target"], None, dtype=object),
        credited=np.full(inputs.sizes["target"], None, dtype=object),
        minimum=dict(question.minimum),
        maximum=dict(question.maximum),
        required=tuple(question.require),
        steps={} if like is None else dict(like.steps),
    )
    chained = _could_reward(inputs, cells, question, also) if sign_known else set(range(len(cells.scaled.factors)))
    _variables(model, frame, set(question.forbid), chained)
    for name, rows_of in CONSTRAINTS.items():
        rows = {index: (low, body, high) for index, low, body, high in rows_of(frame) if body.linear_vars or _matters(low, high)}
        if rows:
            model.add_component(name, pyo.Constraint(list(rows), rule=_Rule(rows)))
    measure = parse_measure(question.measure, inputs)
    terms = measure_terms(measure, inputs, cells)
    sense = pyo.maximize if question.maximize else pyo.minimize
    model.objective = pyo.Objective(expr=terms_expression(frame, terms, measure_scale(measure.unit, frame)), sense=sense)
    frame.inputs = labelled
    model.kip_frame = frame
    return model


def _could_reward(inputs: xr.Dataset, cells: Cells, question: Question, also: Iterable[tuple[str, float]]) -> set[int]:
    """Classes of scaled segments of which more left could be better somewhere in the question: tangents would not hold them up.

    Targets always want little left; the objective and the limits are looked at, each written so that less is better.
    """
    asked = [(question.measure, question.sign), *also]
    asked += [(name, -1.0) for name in question.minimum] + [(name, 1.0) for name in question.maximum]
    found: set[int] = set()
    for name, sign in asked:
        terms = measure_terms(parse_measure(name, inputs), inputs, cells)
        if np.any(terms.on_scaled):
            found |= set(np.flatnonzero((np.asarray(terms.on_scaled) * sign < 0).any(axis=1)).tolist())
    return found | scaled_by_fairness(inputs, cells)


def _matters(low: float | None, high: float | None) -> bool:
    """A row without variables says something only when 0 is outside its bounds: then there is no answer, and kip says so."""
    return (low is not None and low > 0) or (high is not None and high < 0)


class _Rule:
    """Hands a prepared row to Pyomo; an impossible empty row becomes an infeasible constraint on a variable of its own."""

    def __init__(self, rows: dict[Any, tuple[float | None, Any, float | None]]) -> None:
        self.rows = rows

    def __call__(self, model: pyo.ConcreteModel, *index: Any) -> Any:
        low, body, high = self.rows[index if len(index) != 1 else index[0]]
        if not body.linear_vars:
            if not hasattr(model, "nothing"):
                model.nothing = pyo.Var(bounds=(0.0, 0.0))
            body = model.nothing
        return (low, body, high) if low != high else (body, low)


def _variables(model: pyo.ConcreteModel, frame: Frame, forbidden: set[str], chained: set[int]) -> None:
    cells, inputs = frame.cells, frame.inputs
    years = [int(year) for year in cells.years]
    ramp = inputs["ramp"].values[cells.shift]
    most = np.minimum(cells.potential.max(axis=1, initial=0.0)[:, None], ramp) / cells.scale[:, None]
    stock_most = cells.potential / cells.scale[:, None]
    possible = cells.may_start & (most > 0)
    possible[[name[0] in forbidden for name in cells.names]] = False
    groups = {"start": cells.whole, "adopt": ~cells.whole & ~cells.counted, "adopt_units": cells.counted}
    for group, members in groups.items():
        where = np.argwhere(possible & members[:, None])
        index = [(*cells.names[cell], years[year]) for cell, year in where]
        if not index:
            continue
        domain = {"start": pyo.Binary, "adopt": pyo.NonNegativeReals, "adopt_units": pyo.NonNegativeIntegers}[group]
        variable = pyo.Var(index, domain=domain)
        model.add_component(group, variable)
        for (cell, year), item in zip(where, variable.values(), strict=True):
            frame.new[cell, year] = item
            if group != "start":
                item.setub(float(most[cell, year]))
    fix_decided(frame)
    index = [(*name, year) for name in cells.names for year in years]
    model.stock = pyo.Var(index, domain=pyo.NonNegativeReals)
    for item, upper in zip(model.stock.values(), stock_most.ravel().tolist(), strict=True):
        item.setub(upper)
    frame.stock[:] = np.array(list(model.stock.values()), dtype=object).reshape(cells.shape)
    model.scale = pyo.Param(list(cells.names), initialize=dict(zip(cells.names, cells.scale.tolist(), strict=True)))
    _money_variables(model, frame)
    names = list(map(str, inputs["target"].values))
    if names:
        model.shortfall = pyo.Var(names, domain=pyo.NonNegativeReals)
        # shifts may raise emissions: the bound must hold for the worst portfolio
        worst = np.abs(inputs["reduction_rate"].values[cells.shift, cells.place]).max(axis=(1, 2), initial=0.0) * cells.potential.max(
            axis=1
        )
        largest = np.abs(inputs["baseline"].values).max(initial=0.0) + worst.sum() + 1.0
        for row, item in enumerate(model.shortfall.values()):
            item.setub(float(largest / frame.scales.tonnes))
            frame.shortfall[row] = item
        _credited_variables(model, frame)
    _used_variables(model, frame, cells)
    add_funding(model, frame)
    add_scaling(model, frame, chained)
    add_overlaps(model, frame)
    add_fairness(model, frame)


def _money_variables(model: pyo.ConcreteModel, frame: Frame) -> None:
    inputs = frame.inputs
    amount = inputs["budget_amount"].values / frame.scales.money
    kept = np.flatnonzero(inputs["budget_carry"].values & ~inputs["budget_total"].values)
    cells = frame.cells
    # savings that refill a budget are carried over too
    saving = np.maximum(0.0, -inputs["opex"].values[cells.shift]) * cells.potential[:, None, :] / frame.scales.money
    saved = saving.sum(axis=0)[inputs["budget_actor"].values] * inputs["budget_savings"].values[:, None]
    years = [int(year) for year in cells.years]
    index = [(str(inputs["budget"].values[row]), year) for row in kept for year in years]
    if not index:
        return
    model.carry = pyo.Var(index, domain=pyo.NonNegativeReals)
    for row in kept:
        for column, year in enumerate(years):
            item = model.carry[str(inputs["budget"].values[row]), year]
            item.setub(float(amount[row, : column + 1].sum() + saved[row, : column + 1].sum()) + 1.0)
            frame.carry[row, column] = item


def _credited_variables(model: pyo.ConcreteModel, frame: Frame) -> None:
    most = frame.inputs["target_complementary"].values / frame.scales.tonnes
    rows = np.flatnonzero(most > 0)
    if not rows.size:
        return
    names = [str(frame.inputs["target"].values[row]) for row in rows]
    model.credited = pyo.Var(names, domain=pyo.NonNegativeReals)
    for row, item in zip(rows, model.credited.values(), strict=True):
        item.setub(float(most[row]))
        frame.credited[row] = item


def _used_variables(model: pyo.ConcreteModel, frame: Frame, cells: Cells) -> None:
    kinds: NDArray[Any] = frame.inputs["relation_kind"].values
    ends = np.concatenate([frame.inputs[f"relation_{part}"].values[kinds == "excludes"] for part in ("from", "to")])
    asked = [cell for cell in np.flatnonzero(~cells.whole) if cells.shift[cell] in set(ends.tolist())]
    if asked:
        model.used_at_all = pyo.Var([cells.names[cell] for cell in asked], domain=pyo.Binary)
        frame.used = {int(cell): model.used_at_all[cells.names[cell]] for cell in asked}
