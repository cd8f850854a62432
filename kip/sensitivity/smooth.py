"""Means of several outcomes given one input: natural splines by least squares, or a mean for each value."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.sensitivity.asked import Floats

__all__ = ["Basis", "basis_of", "fitted"]

Basis: TypeAlias = NDArray[np.float64]
"""Functions of an input (scenario, function); their span holds the constant, so that means are kept."""

_BENDS = (1, 2, 3, 4, 6, 8)
"""Degrees of freedom beside the constant that are tried."""
_LEVELS = 12
"""Different values up to which each has a mean of its own."""


def basis_of(column: Floats, table: Floats, chance: Floats, exact: bool) -> Basis:
    """Functions in which the outcomes are sought, given an input.

    Parameters
    ----------
    column : array (scenario,)
    table : array (scenario, outcome)
    chance : array (scenario,)
        Weights that add up to 1.
    exact : bool
        A mean for each value, however many there are: the scenarios are all there is.

    Returns
    -------
    array (scenario, function)
        Natural splines, with the number of functions that generalised cross-validation (Craven & Wahba 1979) picks.
    """
    levels, place = np.unique(column, return_inverse=True)
    if exact or len(levels) <= _LEVELS:
        return np.asarray(np.eye(len(levels))[place.reshape(-1)])
    scaled = (column - column.mean()) / column.std()
    best, score = np.column_stack([np.ones(len(column)), scaled]), np.inf
    spread = np.maximum(chance @ (table - chance @ table) ** 2, 1e-300)
    for bends in _BENDS:
        basis = _natural(scaled, bends)
        left = chance @ (table - fitted(basis, table, chance)) ** 2
        found = float((left / spread).sum()) / (1.0 - basis.shape[1] / len(column)) ** 2
        # another bend must earn its place: rounding does not
        if found < score * (1.0 - 1e-9):
            best, score = basis, found
    return best


def fitted(basis: Basis, table: Floats, chance: Floats) -> Floats:
    """Mean of each outcome given the input, in every scenario, by weighted least squares."""
    weighted = basis * chance[:, None]
    # functions without a scenario in a resample have no weight; the smallest solution leaves them at nothing
    factors, *_ = np.linalg.lstsq(weighted.T @ basis, weighted.T @ table, rcond=1e-12)
    return np.asarray(basis @ factors)


def _natural(scaled: Floats, bends: int) -> Basis:
    """Natural cubic spline with knots at quantiles: linear beyond the outermost (Hastie, Tibshirani & Friedman 2009, 5.2.1)."""
    columns = [np.ones(len(scaled)), scaled]
    if bends > 1:
        knots = np.unique(np.quantile(scaled, np.linspace(0.02, 0.98, bends + 1)))
        last = knots[-1]

        def curve(knot: float) -> Floats:
            return np.asarray((np.maximum(scaled - knot, 0.0) ** 3 - np.maximum(scaled - last, 0.0) ** 3) / (last - knot))

        columns += [curve(knot) - curve(knots[-2]) for knot in knots[:-2]]
    basis = np.column_stack(columns)
    # an orthogonal basis of the same span, so that normal equations are sound
    made, _ = np.linalg.qr(basis)
    return np.asarray(made * np.sqrt(len(scaled)))
