"""How far a portfolio is from others, as columns and rows of a problem, and as a number of two counted portfolios.

By shifts: the number of whole choices (a shift in a district) that differ, and for what is chosen in amounts the difference of its level
as a share of the most that it can be. By actors, districts or control levels: the difference of what is invested there, as a share of
what is invested in the best portfolio; half the sum of the differences is what has moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.errors import RequestError, unknown_name
from kip.optimization.problem import Problem
from kip.optimization.session import Session

__all__ = ["DIFFER", "Distance", "Side", "measure_distance"]

Floats: TypeAlias = NDArray[np.float64]
Side: TypeAlias = Literal["shifts", "actors", "districts", "control"]

DIFFER: tuple[Side, ...] = ("shifts", "actors", "districts", "control")
"""In what portfolios may differ."""


@dataclass(frozen=True)
class Distance:
    """Parts that a distance adds up, each as a linear expression of what starts.

    Attributes
    ----------
    session : Session
    parts : array (part, cell, year)
        Coefficient of each unit that starts.
    most : array (part,)
        Largest value of each part, for rows that turn a difference around.
    binary : array (part,) of bool
        Whether a part is 0 or 1: its difference then needs no turning.
    weight : array (part,)
        What a difference of 1 counts for.
    """

    session: Session
    parts: Floats
    most: Floats
    binary: NDArray[np.bool_]
    weight: Floats

    def values(self, data: xr.Dataset) -> Floats:
        """The parts of a counted portfolio."""
        cells = self.session.compiled.frame.cells
        new = data["new"].values[cells.shift, cells.place]
        return np.asarray(np.einsum("pcu,cu->p", self.parts, new))

    def between(self, one: xr.Dataset, two: xr.Dataset) -> float:
        """The distance of two counted portfolios."""
        return float((np.abs(self.values(one) - self.values(two)) * self.weight).sum())

    def away_from(self, problem: Problem, others: list[xr.Dataset]) -> tuple[Problem, int]:
        """The problem with a column that is at most the distance to the nearest of some portfolios, and that column.

        Each difference of amounts has a 0-1 column that says which way it goes: what is maximised would otherwise go both ways.
        """
        amounts = np.flatnonzero(~self.binary & (self.most > 0))
        nearest = problem.columns
        per = 2 * len(amounts)
        limit = float((self.most * self.weight).sum()) + 1.0
        problem = problem.with_columns(1, high=limit, integer=False)
        sides = np.tile(np.repeat([False, True], len(amounts)), len(others))
        problem = problem.with_columns(per * len(others))
        first = nearest + 1
        # differences are amounts, sides are 0 or 1
        integer = problem.integer.copy()
        integer[first:] = sides
        high = problem.high.copy()
        high[first:] = np.where(sides, 1.0, np.tile(np.repeat(1.0, per), len(others)))
        problem = Problem(
            problem.start, problem.index, problem.value, problem.row_low, problem.row_high, problem.low, high, integer, problem.cost
        )
        rows = [self._row(part, problem.columns) for part in range(len(self.parts))]
        for place, data in enumerate(others):
            problem = self._from(problem, rows, self.values(data), amounts, (nearest, first + per * place))
        return problem, nearest

    def _from(self, problem: Problem, rows: list[Floats], there: Floats, amounts: NDArray[np.int64], at: tuple[int, int]) -> Problem:
        nearest, first = at
        total = np.zeros(problem.columns)
        constant = 0.0
        for part in np.flatnonzero(self.binary):
            held = there[part] > 0.5
            total += self.weight[part] * rows[part] * (-1.0 if held else 1.0)
            constant += self.weight[part] if held else 0.0
        for order, part in enumerate(amounts):
            difference, side, size = first + order, first + len(amounts) + order, self.most[part]
            for sign, turned in ((1.0, 2.0), (-1.0, -2.0)):
                # difference <= sign (x - there) / size + 2 side, or 2 (1 - side) the other way
                row = -sign * rows[part] / size
                row[difference] = 1.0
                row[side] = -turned
                problem = problem.with_row(row, high=-sign * there[part] / size + (0.0 if sign > 0 else 2.0))
            total[difference] = self.weight[part] * size
        total[nearest] = -1.0
        return problem.with_row(total, low=-constant)

    def _row(self, part: int, columns: int) -> Floats:
        compiled = self.session.compiled
        row = np.zeros(columns)
        there = compiled.new >= 0
        np.add.at(row, compiled.new[there], (self.parts[part] * compiled.frame.cells.scale[:, None])[there])
        return row


def measure_distance(session: Session, differ: str, best: xr.Dataset) -> Distance:
    """What the distance between portfolios of a plan is made of.

    Raises
    ------
    RequestError
        For another side than those of `DIFFER`, or when the best portfolio invests nothing and the distance is of investments.
    """
    if differ not in DIFFER:
        raise RequestError(unknown_name("way to differ", differ, DIFFER))
    return _by_shifts(session) if differ == "shifts" else _by_money(session, differ, best)


def _by_shifts(session: Session) -> Distance:
    compiled = session.compiled
    cells = compiled.frame.cells
    parts, most, binary = [], [], []
    for cell in range(cells.shape[0]):
        columns = compiled.new[cell][compiled.new[cell] >= 0]
        if not columns.size or session.problem.high[columns].max() <= 0:
            continue
        part = np.zeros(cells.shape)
        high = float((session.problem.high[columns] * cells.scale[cell]).sum())
        in_use = float(cells.potential[cell].max(initial=0.0))
        size = 1.0 if cells.whole[cell] else max(1e-12, min(high, in_use) if in_use > 0 else high)
        part[cell] = 1.0 / size
        parts.append(part)
        most.append(1.0 if cells.whole[cell] else high / size)
        binary.append(bool(cells.whole[cell]))
    shape = (len(parts), *cells.shape)
    return Distance(session, np.array(parts).reshape(shape), np.array(most), np.array(binary, dtype=bool), np.ones(len(parts)))


def _by_money(session: Session, differ: str, best: xr.Dataset) -> Distance:
    inputs, cells = session.inputs, session.compiled.frame.cells
    total = float(best["investment"].sum())
    if total <= 0:
        raise RequestError(f'the best portfolio invests nothing, so nothing can differ by {differ}. Ask for differ="shifts".')
    each = np.einsum("suy,say->sau", inputs["bought"].values, inputs["capex"].values)[cells.shift]
    whole = each.sum(axis=1)
    if differ == "actors":
        groups = [each[:, row] for row in range(each.shape[1])]
    elif differ == "districts":
        groups = [whole * (cells.place == row)[:, None] for row in np.unique(cells.place)]
    else:
        control = inputs["control"].values[cells.shift]
        groups = [whole * (control == name)[:, None] for name in np.unique(control)]
    groups = [group / total for group in groups if np.any(group)]
    parts = np.array(groups).reshape(len(groups), *cells.shape)
    high = np.where(session.compiled.new >= 0, session.problem.high[session.compiled.new] * cells.scale[:, None], 0.0)
    most = np.abs(np.where(cells.whole[:, None], _largest(parts, cells.whole), parts * high)).sum(axis=(1, 2))
    return Distance(session, parts, np.minimum(most, 10.0), np.zeros(len(groups), dtype=bool), np.full(len(groups), 0.5))


def _largest(parts: Floats, whole: NDArray[np.bool_]) -> Floats:
    """A whole shift starts once: its dearest start counts, the others for nothing."""
    dearest = np.abs(parts).max(axis=2, keepdims=True)
    first = np.zeros_like(parts)
    first[:, :, :1] = dearest
    return np.where(whole[None, :, None], first, parts)
