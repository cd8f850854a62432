"""Pyomo model → arrays, once. What sweeps patch later and the kernel solves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from kip.accounting.funding import Transfers, no_transfers
from kip.errors import RequestError
from kip.optimization.frame import Frame, scaled_steps
from kip.optimization.problem import Problem
from kip.optimization.terms import Terms

__all__ = ["Compiled", "RowName", "compile_model"]

Floats: TypeAlias = NDArray[np.float64]
RowName: TypeAlias = tuple[str, Any]
"""Name of the constraint, and index of the row in it."""


class Compiled:
    """A model as arrays, with the columns of kip's own variables.

    Attributes
    ----------
    problem : Problem
        Constraint matrix, bounds, integrality, and the objective as minimisation.
    new, stock : array (cell, year) of int
        Column of each variable; -1 where there is none.
    shortfall : array (target,) of int
    rows : list of (constraint, index)
        Name of each row.
    columns : dict of int to int
        Column of each Pyomo variable, by its `id`.
    """

    def __init__(self, frame: Frame, problem: Problem, columns: dict[int, int], rows: list[RowName]) -> None:
        self.frame = frame
        self.problem = problem
        self.columns = columns
        self.rows = rows
        self.new = _columns(frame.new, columns)
        self.stock = _columns(frame.stock, columns)
        self.shortfall = _columns(frame.shortfall, columns)
        self.grant = _columns(frame.grant, columns)
        self.loan = _columns(frame.loan, columns)
        self.scaled = _columns(frame.scaled, columns)
        self.logs = _columns(frame.scaling.logs, columns)
        self.lost = _columns(frame.lost, columns)
        self.least = _columns(frame.least, columns)
        self.difference = _columns(frame.difference, columns)
        self.carry = _columns(frame.carry, columns)
        self.budget_share = np.zeros(0, dtype=np.int64)

    def cost_of(self, terms: Terms, scale: float) -> Floats:
        """A measure, without its constant, as coefficients on the columns, in steps of `scale`."""
        cost = np.zeros(self.problem.columns)
        step = self.frame.cells.scale[:, None] / scale
        for columns, coefficients in ((self.new, terms.on_new * step), (self.stock, terms.on_stock * step)):
            kept = (columns >= 0) & (coefficients != 0)
            np.add.at(cost, columns[kept], coefficients[kept])
        for where, values in ((self.grant, terms.on_grant), (self.loan, terms.on_loan)):
            if not where.size:
                continue
            spread = np.broadcast_to(np.asarray(values, dtype=float), where.shape) * self.frame.scales.fine / scale
            np.add.at(cost, where[where >= 0], spread[where >= 0])
        if self.scaled.size and np.any(terms.on_scaled):
            left = terms.on_scaled * scaled_steps(self.frame.cells) / scale
            np.add.at(cost, self.scaled[self.scaled >= 0], left[self.scaled >= 0])
        for where, values in ((self.least, terms.on_least), (self.difference, terms.on_difference), (self.lost, terms.on_overlap)):
            if where.size and isinstance(values, np.ndarray):
                np.add.at(cost, where[where >= 0], values[where >= 0] / scale)
        cost[self.shortfall[self.shortfall >= 0]] += terms.on_shortfall * self.frame.scales.tonnes / scale
        if isinstance(terms.on_budget, np.ndarray):
            cost[self.budget_share] += terms.on_budget / scale
        return cost

    def units(self, solution: Floats) -> Floats:
        """Units that start, as (shift, district, start); integers rounded, dust below 1e-9 of a step swept away."""
        cells = self.frame.cells
        steps = np.where(self.new >= 0, solution[self.new], 0.0)
        whole = cells.whole | cells.counted
        steps = np.where(whole[:, None], np.round(steps), np.where(steps < 1e-9, 0.0, steps)) + 0.0
        new = np.zeros((*self.frame.inputs["located"].shape, cells.shape[1]))
        new[cells.shift, cells.place] = steps * cells.scale[:, None]
        return new

    def transfers(self, solution: Floats) -> Transfers:
        """Grants and loans of a solution [currency]; dust below a hundredth of a unit of money swept away."""
        inputs, cells = self.frame.inputs, self.frame.cells
        money = no_transfers(inputs)
        fine = self.frame.scales.fine
        if self.loan.size:
            money.loan[:] = _money(solution, self.loan, fine)
        if self.grant.size:
            money.grant[:, cells.shift, cells.place] = _money(solution, self.grant, fine)
        return money


def _money(solution: Floats, where: NDArray[np.int64], step: float) -> Floats:
    amounts = np.where(where >= 0, solution[where], 0.0) * step
    return np.asarray(np.where(amounts < 0.01 * min(1.0, step), 0.0, amounts))


def _columns(variables: NDArray[np.object_], columns: dict[int, int]) -> NDArray[np.int64]:
    flat = [-1 if item is None else columns.get(id(item), -1) for item in variables.ravel()]
    return np.array(flat, dtype=np.int64).reshape(variables.shape)


def compile_model(model: pyo.ConcreteModel, frame: Frame) -> Compiled:
    """Compile a model to arrays, always as minimisation.

    Raises
    ------
    RequestError
        When the model is not linear, or has another active objective.
    """
    objectives = list(model.component_data_objects(pyo.Objective, active=True))
    if len(objectives) != 1 or objectives[0] is not model.objective:
        raise RequestError(
            f"the model has {len(objectives)} active objectives that are not all kip's own. "
            "Leave kip's own active and choose it by maximize or minimize; "
            "write other wishes as constraints."
        )
    try:
        form = LinearStandardFormCompiler().write(model, mixed_form=True)
    except Exception as error:
        raise RequestError(
            f"the model is not linear, or a constraint can never hold: {error}. Mend the constraint that was added."
        ) from error
    rows, low, high, keep = _merge_ranges(form.rows, np.asarray(form.rhs, dtype=float))
    matrix = form.A.tocsr()
    matrix = matrix if len(keep) == matrix.shape[0] else matrix[keep]
    matrix.sort_indices()
    variables = form.columns
    cost = np.asarray(form.c.todense(), dtype=float).ravel() if form.c.shape[0] else np.zeros(len(variables))
    problem = Problem(
        start=matrix.indptr.astype(np.int32),
        index=matrix.indices.astype(np.int32),
        value=matrix.data.astype(float),
        row_low=low,
        row_high=high,
        low=np.array([-np.inf if item.lb is None else item.lb for item in variables], dtype=float),
        high=np.array([np.inf if item.ub is None else item.ub for item in variables], dtype=float),
        integer=np.array([not item.is_continuous() for item in variables], dtype=bool),
        cost=cost,
    )
    return Compiled(frame, problem, {id(item): column for column, item in enumerate(variables)}, rows)


def _merge_ranges(entries: Sequence[Any], rhs: Floats) -> tuple[list[RowName], Floats, Floats, NDArray[np.int64]]:
    """Bounds of each row; a constraint with two sides comes from Pyomo as two rows after one another and becomes one."""
    names: list[RowName] = []
    low: list[float] = []
    high: list[float] = []
    keep: list[int] = []
    last: Any = None
    for row, (constraint, sense) in enumerate(entries):
        below = float(rhs[row]) if sense <= 0 else -np.inf
        above = float(rhs[row]) if sense >= 0 else np.inf
        if constraint is last:
            low[-1], high[-1] = max(low[-1], below), min(high[-1], above)
            continue
        keep.append(row)
        low.append(below)
        high.append(above)
        names.append((constraint.parent_component().local_name, constraint.index()))
        last = constraint
    return names, np.array(low), np.array(high), np.array(keep, dtype=np.int64)
