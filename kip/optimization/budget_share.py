"""A budget as an objective: how much of the plan's budgets a portfolio needs (§60).

Every budget of some actors is multiplied by one share. The share is a column of its own, in money: ``spent <= (budget / all of them)
· column``. What a portfolio really needs is counted: the largest of spent / available over those budgets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.rules import slack
from kip.errors import RequestError, unknown_name
from kip.optimization.compiled import Compiled
from kip.optimization.problem import Problem
from kip.optimization.terms import Terms

__all__ = ["BUDGET", "Share", "find_share", "needed_share", "settled_share", "share_terms", "with_shares"]

Floats: TypeAlias = NDArray[np.float64]

BUDGET = "budget"
"""Name of the objective; ``budget.<actor>`` is one actor's budgets."""


@dataclass(frozen=True)
class Share:
    """Budgets that grow and shrink together.

    Attributes
    ----------
    name : str
        ``budget`` or ``budget.<actor>``.
    rows : tuple of int
        Rows of the budgets.
    names : tuple of str
        Their names.
    amount : array (budget, year)
        What the plan gives [currency].
    place : int
        Which of the shares of a question it is.
    """

    name: str
    rows: tuple[int, ...]
    names: tuple[str, ...]
    amount: Floats
    place: int = 0

    @property
    def total(self) -> float:
        """All of them together [currency]."""
        return float(self.amount.sum())


def find_share(name: str, inputs: xr.Dataset, up_to: float, place: int = 0) -> Share:
    """The budgets that an objective is about; `inputs` are of the plan with budgets `up_to` times its own.

    Raises
    ------
    RequestError
        When there is no such actor, or no budget, or nothing in it.
    """
    actors = list(map(str, inputs["actor"].values))
    _, _, actor = name.partition(".")
    if actor and actor not in actors:
        raise RequestError(unknown_name("actor", actor, actors))
    owners = inputs["budget_actor"].values
    rows = [row for row in range(inputs.sizes["budget"]) if not actor or owners[row] == actors.index(actor)]
    amount = inputs["budget_amount"].values[rows] / up_to
    if not rows or amount.sum() <= 0:
        whose = f"{actor} has no budget" if actor else "the plan has no budgets"
        raise RequestError(f'"{name}": {whose} to make larger or smaller. Give it one, or ask for "cost" instead.')
    return Share(name, tuple(rows), tuple(str(inputs["budget"].values[row]) for row in rows), amount, place)


def with_shares(compiled: Compiled, shares: tuple[Share, ...], up_to: float) -> None:
    """Add a column for each share to a compiled plan; its budget rows are then at most the share of their budget.

    The compiled plan has budgets `up_to` times the plan's own, and everything derived from them (most that is carried over) holds for
    each smaller share too.
    """
    money = compiled.frame.scales.money
    columns = []
    for share in shares:
        column = compiled.problem.columns
        columns.append(column)
        rows, weights = [], []
        for row, amount in _rows_of(compiled, share):
            rows.append(row)
            weights.append(-amount / share.total)
            high = compiled.problem.row_high[row]
            # what the row says beside the budget stays on the right: what is decided, for example
            rest = high - up_to * amount / money
            compiled.problem.row_high[row] = 0.0 if abs(rest) <= 1e-9 * max(1.0, abs(high)) else rest
        compiled.problem = _with_column(compiled.problem, np.array(rows, dtype=np.int64), np.array(weights), up_to * share.total / money)
    compiled.budget_share = np.array(columns, dtype=np.int64)


def _rows_of(compiled: Compiled, share: Share) -> Iterator[tuple[int, float]]:
    """Rows of its budgets: number, and what the plan gives in it [currency]."""
    years = [str(year) for year in compiled.frame.cells.years]
    for row, (rule, index) in enumerate(compiled.rows):
        if rule == "budget" and str(index[0]) in share.names:
            amount = share.amount[share.names.index(str(index[0]))]
            yield row, float(amount.sum() if index[1] == "total" else amount[years.index(str(index[1]))])


def _with_column(problem: Problem, rows: NDArray[np.int64], values: Floats, high: float) -> Problem:
    """One more column, with entries in some rows, between 0 and `high`."""
    order = np.argsort(rows)
    ends = problem.start[rows[order] + 1]
    added = np.zeros(problem.rows + 1, dtype=np.int64)
    np.add.at(added, rows + 1, 1)
    return replace(
        problem,
        start=(problem.start + np.cumsum(added)).astype(np.int32),
        index=np.insert(problem.index, ends, problem.columns).astype(np.int32),
        value=np.insert(problem.value, ends, values[order]),
        low=np.append(problem.low, 0.0),
        high=np.append(problem.high, high),
        integer=np.append(problem.integer, False),
        cost=np.append(problem.cost, 0.0),
    )


def share_terms(share: Share, compiled: Compiled) -> Terms:
    """The objective as coefficients: the column is in money."""
    on_budget = np.zeros(len(compiled.budget_share))
    on_budget[share.place] = compiled.frame.scales.money
    shape = compiled.frame.cells.shape
    return Terms(np.zeros(shape), np.zeros(shape), on_budget=on_budget)


def needed_share(share: Share, data: xr.Dataset) -> float:
    """What share of its budgets a counted portfolio needs [1]: the largest of spent / available over them, cumulated where money of a year
    may be used later.
    """
    most = 0.0
    for row, amount in zip(share.rows, share.amount, strict=True):
        spent, have = data["budget_spent"].values[row], amount
        if data["budget_total"].values[row]:
            spent, have = spent.sum(keepdims=True), have.sum(keepdims=True)
        elif data["budget_carry"].values[row]:
            spent, have = np.cumsum(spent), np.cumsum(have)
        kept = spent > np.array([slack(value) for value in have])
        with np.errstate(divide="ignore"):
            most = max(most, float(np.max(spent[kept] / np.maximum(have[kept], 0.0), initial=0.0)))
    return most


def settled_share(compiled: Compiled, shares: tuple[Share, ...], x: Floats) -> Floats:
    """A solution with the least share that its decisions need: a solver that does not mind leaves it anywhere above that."""
    problem, settled = compiled.problem, x.copy()
    for share, column in zip(shares, compiled.budget_share, strict=True):
        carried = compiled.carry[list(share.rows)]
        settled[column] = 0.0
        settled[carried[carried >= 0]] = 0.0
        spent = problem.activity(settled) - np.where(np.isfinite(problem.row_high), problem.row_high, 0.0)
        most = 0.0
        rows = list(_rows_of(compiled, share))
        for place, name in enumerate(share.names):
            mine = [(row, amount) for row, amount in rows if str(compiled.rows[row][1][0]) == name]
            used, weights = spent[[row for row, _ in mine]], np.array([amount for _, amount in mine]) / share.total
            if (carried[place] >= 0).any():
                used, weights = np.cumsum(used), np.cumsum(weights)
            there = weights > 0
            most = max(most, float(np.max(used[there] / weights[there], initial=0.0)))
        settled[column] = min(float(x[column]), most)
        for place, name in enumerate(share.names):
            left = 0.0
            for row, amount in rows:
                if str(compiled.rows[row][1][0]) == name and (carried[place] >= 0).any():
                    left = max(0.0, left + amount / share.total * settled[column] - spent[row])
                    year = list(map(str, compiled.frame.cells.years)).index(str(compiled.rows[row][1][1]))
                    settled[carried[place, year]] = left
    return settled
