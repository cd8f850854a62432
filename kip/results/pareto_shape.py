"""The shape of a frontier: which points a weighing of the objectives can find, where it bends, what changes from point to point."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = ["knees", "supported", "what_changes"]

Floats: TypeAlias = NDArray[np.float64]

_BEND = 0.05
"""A point is a knee when it is at least this far beyond the line between its ends, each objective measured from 0 to 1."""
_MOST_KNEES = 3
_SAME = 1e-9


def _unit(values: Floats) -> Floats:
    """Each objective from 0 (its best) to 1 (its worst)."""
    span = values.max(axis=0) - values.min(axis=0)
    return np.asarray((values - values.min(axis=0)) / np.where(span > 0, span, 1.0))


def supported(values: Floats) -> NDArray[np.bool_]:
    """Which points minimise some weighted sum of the objectives, among these.

    Parameters
    ----------
    values : array (point, objective)
        Minimised; none dominates another.

    Examples
    --------
    >>> supported(np.array([[0.0, 3.0], [2.0, 2.0], [3.0, 0.0]])).tolist()
    [True, False, True]
    """
    if len(values) <= 2:
        return np.ones(len(values), dtype=bool)
    unit = _unit(values)
    if values.shape[1] == 2:
        found = np.zeros(len(values), dtype=bool)
        found[_hull(unit)] = True
        return found
    return np.array([_has_weights(unit, row) for row in range(len(unit))])


def _hull(unit: Floats) -> list[int]:
    """Points of the lower left hull of two objectives, by the first; those on its edges too."""
    kept: list[int] = []
    for row in np.lexsort((unit[:, 1], unit[:, 0])).tolist():
        while len(kept) > 1:
            one, two = unit[kept[-2]], unit[kept[-1]]
            turn = (two[0] - one[0]) * (unit[row][1] - one[1]) - (two[1] - one[1]) * (unit[row][0] - one[0])
            if turn >= -_SAME:
                break
            kept.pop()
        kept.append(row)
    return kept


def _has_weights(unit: Floats, row: int) -> bool:
    """Whether there are weights for which this point is the least: a small linear problem."""
    from scipy.optimize import linprog

    others = np.delete(unit, row, axis=0)
    found = linprog(
        np.zeros(unit.shape[1]),
        A_ub=unit[row] - others,
        b_ub=np.full(len(others), _SAME),
        A_eq=np.ones((1, unit.shape[1])),
        b_eq=[1.0],
        bounds=[(0.0, 1.0)] * unit.shape[1],
    )
    return bool(found.status == 0)


def knees(values: Floats, on_hull: NDArray[np.bool_]) -> list[int]:
    """Points where the frontier bends most: farthest beyond the line between its ends (Das 1999).

    With two objectives the two parts are looked at in the same way, up to three knees; with more there is one: farthest beyond the
    plane through the best point of each objective. Only what is at least 5 % beyond is a knee.

    Parameters
    ----------
    values : array (point, objective)
        Minimised.
    on_hull : array (point,) of bool
        From `supported`: only these can be knees.

    Returns
    -------
    list of int
        Rows, the strongest knee first.
    """
    if len(values) < 3:
        return []
    unit = _unit(values)
    if values.shape[1] > 2:
        return _one_knee(unit, on_hull)
    order = [row for row in np.lexsort((unit[:, 1], unit[:, 0])).tolist() if on_hull[row]]
    parts, found = [(0, len(order) - 1)], list[tuple[float, int]]()
    while parts and len(found) < _MOST_KNEES:
        best: tuple[float, int, tuple[int, int]] | None = None
        for part in parts:
            for place in range(part[0] + 1, part[1]):
                far = _beyond(unit[order[part[0]]], unit[order[part[1]]], unit[order[place]])
                if far >= _BEND and (best is None or far > best[0] + _SAME):
                    best = (far, place, part)
        if best is None:
            break
        far, place, part = best
        found.append((far, order[place]))
        parts.remove(part)
        parts += [(part[0], place), (place, part[1])]
    return [row for _, row in found]


def _beyond(one: Floats, two: Floats, point: Floats) -> float:
    """How far a point is on the better side of the line between two others."""
    along = two - one
    size = float(np.hypot(*along))
    return 0.0 if size == 0 else float(along[1] * (point[0] - one[0]) - along[0] * (point[1] - one[1])) / size


def _one_knee(unit: Floats, on_hull: NDArray[np.bool_]) -> list[int]:
    ends = unit[[int(np.argmin(unit[:, place])) for place in range(unit.shape[1])]]
    across = np.linalg.lstsq(ends, np.ones(len(ends)), rcond=None)[0]
    size = float(np.linalg.norm(across))
    if size == 0 or np.any(across < 0):
        return []
    far = np.where(on_hull, (1.0 - unit @ across) / size, -np.inf)
    return [int(np.argmax(far))] if far.max() >= _BEND else []


def what_changes(before: xr.DataArray, after: xr.DataArray) -> dict[str, list[str]]:
    """What enters, leaves, grows, shrinks or moves in time from one set of starts to another, by title.

    Parameters
    ----------
    before, after : DataArray (shift, district, year)
        Units that start.
    """
    one, two = before.values.sum(axis=(1, 2)), after.values.sum(axis=(1, 2))
    small = 1e-6 * np.maximum(1.0, np.maximum(np.abs(one), np.abs(two)))
    other = np.abs(before.values - after.values).sum(axis=(1, 2)) > small
    titles: Any = before["title"].values
    kinds = {
        "in": (np.abs(one) <= small) & (np.abs(two) > small),
        "out": (np.abs(one) > small) & (np.abs(two) <= small),
    }
    inside = ~kinds["in"] & ~kinds["out"]
    kinds["more"], kinds["less"] = inside & (two > one + small), inside & (two < one - small)
    kinds["elsewhere"] = inside & ~kinds["more"] & ~kinds["less"] & other
    return {kind: [str(title) for title in titles[rows]] for kind, rows in kinds.items()}
