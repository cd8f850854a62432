"""Loans: what falls due, what of it is interest, and which project each loan pays for."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = ["debt_service", "interest", "loan_scopes", "loans_by_project", "pot_available"]

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]

_DUST = 1e-9


def debt_service(inputs: xr.Dataset, loan: Floats) -> Floats:
    """Annuities that fall due in each year of the horizon, as an array (funding, actor, year) [currency/year]."""
    due = np.zeros_like(loan)
    for row, (yearly, term) in enumerate(zip(inputs["funding_annuity"].values, inputs["funding_term"].values, strict=True)):
        for drawn in range(loan.shape[-1]):
            due[row, :, drawn + 1 : drawn + 1 + int(term)] += yearly * loan[row, :, drawn : drawn + 1]
    return due


def interest(inputs: xr.Dataset, loan: Floats) -> Floats:
    """The part of the debt service that is interest, as an array (funding, actor, year) [currency/year].

    Of an annuity that falls due `k` years after the draw of a loan of `n` years, ``1 - (1 + r)^-(n - k + 1)`` is interest.
    """
    due = np.zeros_like(loan)
    columns = zip(*(inputs[f"funding_{name}"].values for name in ("annuity", "term", "rate")), strict=True)
    for row, (yearly, term, rate) in enumerate(columns):
        if not loan[row].any():
            continue
        left = int(term) - np.arange(int(term))
        part = yearly * (1.0 - (1.0 + rate) ** -left)
        for drawn in range(loan.shape[-1]):
            within = part[: max(0, loan.shape[-1] - drawn - 1)]
            due[row, :, drawn + 1 : drawn + 1 + len(within)] += within * loan[row, :, drawn : drawn + 1]
    return due


def pot_available(inputs: xr.Dataset, given: Floats, due: Floats) -> Floats:
    """What there is in each pot for each year, as an array (funding, year) [currency]; infinite where there is no limit.

    `given` is what each source gives in each year, `due` what is repaid to it. In a revolving pot, what was left and what was repaid by
    the year before are there beside the year's new money.
    """
    pot = inputs["funding_pot"].values.copy()
    for row in np.flatnonzero(inputs["funding_revolving"].values):
        before = np.cumsum(pot[row] + due[row] - given[row]) - (pot[row] + due[row] - given[row])
        pot[row] += before
    return np.asarray(pot)


def loan_scopes(inputs: xr.Dataset, actor: int, year: int) -> list[tuple[list[int], Bools]]:
    """Loans that are for the same shifts, as rows of sources, and those shifts; then every union of these that hangs together.

    An actor can use its loans for what they are for if, and only if, for each of these unions the loans for nothing outside it are at
    most what is invested in it (max-flow min-cut). A union of scopes that do not touch says nothing that its parts have not said.
    """
    opened = inputs["funding_open"].values[:, :, actor, year]
    groups: dict[bytes, tuple[list[int], Bools]] = {}
    for row in np.flatnonzero((inputs["funding_kind"].values == "loan") & opened.any(axis=1)):
        groups.setdefault(opened[row].tobytes(), ([], opened[row]))[0].append(int(row))
    unions: dict[bytes, Bools] = {}
    frontier = [scope for _, scope in groups.values()]
    while frontier:
        union = frontier.pop(0)
        if union.tobytes() in unions:
            continue
        unions[union.tobytes()] = union
        frontier += [union | scope for _, scope in groups.values() if (union & scope).any() and (scope & ~union).any()]
    return [
        (sorted(row for rows, scope in groups.values() if not (scope & ~union).any() for row in rows), union) for union in unions.values()
    ]


def loans_by_project(inputs: xr.Dataset, loan: Floats, need: Floats) -> Floats:
    """Which project each loan pays for, as an array (funding, shift, district, actor, year) [currency].

    `need` (shift, district, actor, year) is the investment less its grants. A loan is spread over what it is for in proportion to the
    need; the one that is for least comes first. Where that leaves a loan without use, uses are exchanged until all fit.
    """
    spread = np.zeros((loan.shape[0], *need.shape))
    for actor, year in zip(*np.nonzero(loan.sum(axis=0) > _DUST), strict=True):
        left = np.maximum(0.0, need[:, :, actor, year])
        rows = np.flatnonzero(loan[:, actor, year] > _DUST)
        scope = {int(row): inputs["funding_open"].values[row, :, actor, year][:, None] & (left > 0) for row in rows}
        order = sorted(scope, key=lambda row: float(left[scope[row]].sum()))
        flow = {row: np.zeros_like(left) for row in order}
        lacking = {}
        for row in order:
            there_is = np.where(scope[row], left, 0.0)
            amount = min(float(loan[row, actor, year]), float(there_is.sum()))
            if amount > 0:
                flow[row] = there_is * (amount / there_is.sum())
            left = np.maximum(0.0, left - flow[row])
            lacking[row] = float(loan[row, actor, year]) - amount
        for row in order:
            _exchange(row, lacking[row], flow, scope, left)
        for row in order:
            spread[row, :, :, actor, year] = flow[row]
    return spread


def _exchange(row: int, lacking: float, flow: dict[int, Floats], scope: dict[int, Bools], left: Floats) -> None:
    """Find uses for the rest of a loan by moving others to what they, too, are for; shortest exchanges first."""
    while lacking > 1e-6:
        came_from: dict[int, tuple[int, tuple[int, int]]] = {}
        frontier, end = [row], None
        seen = {row}
        while frontier and end is None:
            one = frontier.pop(0)
            free = np.argwhere(scope[one] & (left > 1e-9))
            if len(free):
                end = (one, (int(free[0][0]), int(free[0][1])))
                break
            for other in flow:
                shared = np.argwhere(scope[one] & (flow[other] > 1e-9))
                if other not in seen and len(shared):
                    seen.add(other)
                    came_from[other] = (one, (int(shared[0][0]), int(shared[0][1])))
                    frontier.append(other)
        if end is None:
            return  # more is lent than there is use for: the rules of funding say so
        one, where = end
        amount, path = min(lacking, float(left[where])), [(one, where)]
        while one != row:
            before, at = came_from[one]
            amount = min(amount, float(flow[one][at]))
            path.append((before, at))
            one = before
        left[where] -= amount
        flow[path[0][0]][where] += amount
        for (taker, _), (giver, at) in pairwise(path):
            flow[taker][at] -= amount
            flow[giver][at] += amount
        lacking -= amount
