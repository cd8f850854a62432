"""Sources of funding that exclude each other: which one each project has.

A project is one unit. What is whole has a source or has it not; what is counted has as many units with it; an amount of any size is
split as wished, so that it needs no yes or no at all.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.core.expr import LinearExpression

from kip.optimization.frame import Floats, Frame, Row, existing

__all__ = ["EXCLUSIVE_CONSTRAINTS", "add_marks"]


def add_marks(model: pyo.ConcreteModel, frame: Frame) -> None:
    """Which source a project has, where sources exclude each other: yes or no for what is whole, a number of units for what is counted."""
    cells, years = frame.cells, [int(year) for year in frame.cells.years]
    sources = list(map(str, frame.inputs["funding"].values))
    groups = list(_exclusive(frame))
    asked = sorted({(row, cell) for rows, cell, _ in groups if cells.whole[cell] for row in rows})
    if asked:
        model.funded = pyo.Var([(sources[row], *cells.names[cell]) for row, cell in asked], domain=pyo.Binary)
        frame.has = dict(zip(asked, model.funded.values(), strict=True))
    counted = sorted({(row, cell, index) for rows, cell, index in groups if cells.counted[cell] for row in rows})
    if counted:
        names = [(sources[row], *cells.names[cell], years[index]) for row, cell, index in counted]
        model.funded_units = pyo.Var(names, domain=pyo.NonNegativeIntegers)
        frame.has_units = dict(zip(counted, model.funded_units.values(), strict=True))
        for (_, cell, index), item in frame.has_units.items():
            item.setub(frame.new[cell, index].ub)


def _exclusive(frame: Frame) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Sources of which a project has one at most, in each cell and year that could have several: the largest such groups."""
    if not frame.grant.size:
        return
    clash = frame.inputs["funding_clash"].values
    possible = (frame.grant != None).any(axis=2)  # noqa: E711  elementwise
    cache: dict[bytes, list[tuple[int, ...]]] = {}
    for cell, index in np.argwhere(possible[clash.any(axis=1)].any(axis=0)).tolist():
        key = possible[:, cell, index].tobytes()
        if key not in cache:
            cache[key] = _cliques(clash, np.flatnonzero(possible[:, cell, index]).tolist())
        for rows in cache[key]:
            yield rows, cell, index


def _cliques(clash: NDArray[np.bool_], rows: list[int]) -> list[tuple[int, ...]]:
    """Largest groups of rows that all exclude each other, of two or more (Bron and Kerbosch 1973)."""
    found: list[tuple[int, ...]] = []

    def grow(chosen: list[int], open_: list[int], done: list[int]) -> None:
        if not open_ and not done and len(chosen) > 1:
            found.append(tuple(chosen))
        for row in list(open_):
            grow([*chosen, row], [other for other in open_ if clash[row, other]], [other for other in done if clash[row, other]])
            open_.remove(row)
            done.append(row)

    grow([], list(rows), [])
    return found


def has_grant(frame: Frame) -> Iterator[Row]:
    r"""Marks which source a whole shift has, where sources exclude each other: it starts once, and has a source or has it not.

    .. math:: \sum_{a,y} grant_{f,c,a,y} / most_{f,c,y} \le has_{f,c}
    """
    names = list(map(str, frame.inputs["funding"].values))
    limits = _most_of_units(frame) if frame.has else np.zeros((0, 0, 0))
    for (row, cell), mark in frame.has.items():
        columns = [existing(column) for column in frame.grant[row, cell].T]
        most = limits[row, cell].tolist()
        largest = max(one for one, column in zip(most, columns, strict=True) if column)
        coefficients = [largest / one for one, column in zip(most, columns, strict=True) for _ in column]
        items = [item for column in columns for item in column]
        body = LinearExpression(constant=0, linear_coefs=[*coefficients, -largest], linear_vars=[*items, mark])
        yield (names[row], *frame.cells.names[cell]), None, body, 0.0


def has_units(frame: Frame) -> Iterator[Row]:
    r"""Of what is counted, a number of units have a source: :math:`\sum_a grant_{f,c,a,y} \le most_{f,c,y}\, units_{f,c,y}`."""
    names, years = list(map(str, frame.inputs["funding"].values)), [int(year) for year in frame.cells.years]
    limits = _most_of_units(frame) if frame.has_units else np.zeros((0, 0, 0))
    for (row, cell, index), units in frame.has_units.items():
        items = existing(frame.grant[row, cell, :, index])
        coefficients = [*np.ones(len(items)).tolist(), -float(limits[row, cell, index])]
        body = LinearExpression(constant=0, linear_coefs=coefficients, linear_vars=[*items, units])
        yield (names[row], *frame.cells.names[cell], years[index]), None, body, 0.0


def _most_of_units(frame: Frame) -> Floats:
    """Most that each source gives for one unit, to all applicants together, in steps of money, as (funding, cell, year)."""
    caps = frame.inputs["funding_cap"].values[:, None, None]
    return np.asarray(np.minimum(frame.rate.sum(axis=2), caps) / frame.scales.fine)


def not_with(frame: Frame) -> Iterator[Row]:
    r"""Of sources that exclude each other, a whole shift has one at most: :math:`\sum_f has_{f,c} \le \sum_y start_{c,y}`."""
    names = list(map(str, frame.inputs["funding"].values))
    for rows, cell in dict.fromkeys((rows, cell) for rows, cell, _ in _exclusive(frame) if frame.cells.whole[cell]):
        starts = existing(frame.new[cell])
        variables = [*(frame.has[row, cell] for row in rows), *starts]
        body = LinearExpression(constant=0, linear_coefs=[1.0] * len(rows) + [-1.0] * len(starts), linear_vars=variables)
        yield ("|".join(names[row] for row in rows), *frame.cells.names[cell]), None, body, 0.0


def not_with_units(frame: Frame) -> Iterator[Row]:
    r"""Each unit of what is counted has one of them at most: :math:`\sum_f units_{f,c,y} \le adopt_{c,y}`."""
    names, years = list(map(str, frame.inputs["funding"].values)), [int(year) for year in frame.cells.years]
    for rows, cell, index in _exclusive(frame):
        if frame.cells.counted[cell]:
            variables = [*(frame.has_units[row, cell, index] for row in rows), frame.new[cell, index]]
            body = LinearExpression(constant=0, linear_coefs=[1.0] * len(rows) + [-1.0], linear_vars=variables)
            yield ("|".join(names[row] for row in rows), *frame.cells.names[cell], years[index]), None, body, 0.0


def either(frame: Frame) -> Iterator[Row]:
    r"""Sources that exclude each other share what starts: exact for amounts of any size, and for the others what brings the bound near.

    .. math:: \sum_f \frac{\sum_a grant_{f,c,a,y}}{most_{f,c,y}} \le new_{c,y}

    One row for each largest group of sources that all exclude each other.
    """
    names, years = list(map(str, frame.inputs["funding"].values)), [int(year) for year in frame.cells.years]
    limits = _most_of_units(frame) if frame.grant.size else np.zeros((0, 0, 0))
    for rows, cell, index in _exclusive(frame):
        given = [existing(frame.grant[row, cell, :, index]) for row in rows]
        most = [float(limits[row, cell, index]) for row in rows]
        largest = max(most)
        coefficients = [largest / limit for limit, items in zip(most, given, strict=True) for _ in items]
        variables = [item for items in given for item in items]
        starts = -largest * float(frame.cells.scale[cell])
        body = LinearExpression(constant=0, linear_coefs=[*coefficients, starts], linear_vars=[*variables, frame.new[cell, index]])
        yield ("|".join(names[row] for row in rows), *frame.cells.names[cell], years[index]), None, body, 0.0


EXCLUSIVE_CONSTRAINTS = {
    "has_grant": has_grant,
    "has_units": has_units,
    "not_with": not_with,
    "not_with_units": not_with_units,
    "either": either,
}
"""Named constraints of exclusion, in order."""
