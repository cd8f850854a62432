"""Correlation: what varies together, by a Gaussian copula.

Points of the unit cube become normal numbers, are mixed by the Cholesky factor of the correlation matrix, and become points of the unit
cube again. Each marginal stays exactly what it was. Two of correlation ρ have the rank correlation (6/π)·asin(ρ/2) (Kruskal 1958).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.errors import unknown_name

__all__ = ["correlated", "matrix_of", "problems_of", "ranks_kept"]

Floats: TypeAlias = NDArray[np.float64]

_SMALLEST = 1e-9
"""Smallest eigenvalue that still counts as above 0."""


def matrix_of(given: Any, names: Sequence[str]) -> tuple[Floats | None, list[str]]:
    """The correlation matrix over all names, and what is wrong with it.

    Parameters
    ----------
    given : DataFrame, dict of {(a, b): ρ}, square array over all names, or None
        Names left out are independent of all others.
    names : sequence of str
        Parameters of the space, in their order.

    Returns
    -------
    (array (parameter, parameter) or None, list of str)
        None without correlation, or when something is wrong.
    """
    import pandas as pd

    if given is None or not names:
        return None, []
    matrix = np.eye(len(names))
    wrong: list[str] = []
    if isinstance(given, pd.DataFrame):
        wrong += [unknown_name("parameter", name, names) for name in [*given.index, *given.columns] if name not in names]
        if list(map(str, given.index)) != list(map(str, given.columns)):
            wrong.append("rows and columns of the correlation matrix differ. Name the same parameters in the same order on both sides.")
        if wrong:
            return None, list(dict.fromkeys(wrong))
        place = [list(names).index(str(name)) for name in given.index]
        try:
            matrix[np.ix_(place, place)] = given.to_numpy(dtype=float)
        except (TypeError, ValueError):
            return None, ["the correlation matrix holds something that is no number. Write numbers between -1 and 1."]
    elif isinstance(given, Mapping):
        for pair, value in given.items():
            wrong += _set_pair(matrix, pair, value, names)
        if wrong:
            return None, wrong
    else:
        try:
            array = np.asarray(given, dtype=float)
        except (TypeError, ValueError):
            return None, [f"the correlation is a {type(given).__name__}; give a DataFrame, {{(first, second): 0.5}}, or a square array."]
        if array.shape != matrix.shape:
            shape = " × ".join(map(str, array.shape))
            return None, [f"the correlation matrix is {shape}; must be {len(names)} × {len(names)}, in the order of the space."]
        matrix = array
    wrong = list(problems_of(matrix, names))
    return (None, wrong) if wrong else (matrix, [])


def _set_pair(matrix: Floats, pair: Any, value: Any, names: Sequence[str]) -> Iterator[str]:
    if not (isinstance(pair, tuple) and len(pair) == 2):
        yield f"found the key {pair!r} in the correlation; write pairs: {{(first, second): 0.5}}."
        return
    unknown = [unknown_name("parameter", name, names) for name in pair if name not in names]
    yield from (f"correlation: {sentence}" for sentence in unknown)
    if unknown:
        return
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield f'the correlation of "{pair[0]}" and "{pair[1]}" is {value!r}. Write a number between -1 and 1.'
        return
    first, second = (list(names).index(name) for name in pair)
    if first == second:
        yield f'the correlation of "{pair[0]}" with itself is always 1. Take it away.'
        return
    if matrix[first, second] != 0 and matrix[first, second] != value:
        yield f'"{pair[0]}" and "{pair[1]}" have two correlations, {matrix[first, second]:g} and {value:g}. Keep one.'
        return
    matrix[first, second] = matrix[second, first] = float(value)


def problems_of(matrix: Floats, names: Sequence[str]) -> Iterator[str]:
    """Why a matrix is no correlation matrix; nothing when it is one."""
    if not np.isfinite(matrix).all():
        yield "the correlation matrix holds NaN or infinity. Write a number between -1 and 1 for each pair; 0 when nothing is known."
        return
    sound = True
    for first in range(len(names)):
        if abs(matrix[first, first] - 1) > 1e-9:
            sound = False
            yield f'the correlation of "{names[first]}" with itself is {matrix[first, first]:g}; must be 1. Change the diagonal.'
        for second in range(first):
            one, other = matrix[first, second], matrix[second, first]
            if abs(one - other) > 1e-9:
                sound = False
                yield f'"{names[second]}" and "{names[first]}" have the correlations {other:g} and {one:g}; both sides must be the same.'
            elif abs(one) > 1:
                sound = False
                yield f'the correlation of "{names[second]}" and "{names[first]}" is {one:g}; must be between -1 and 1.'
    if sound:
        yield from _not_definite(matrix, names)


def _not_definite(matrix: Floats, names: Sequence[str]) -> Iterator[str]:
    sizes, directions = np.linalg.eigh(matrix)
    if sizes[0] > _SMALLEST:
        return
    # the smallest eigenvalue falls with c_ij at the rate 2·v_i·v_j: the pair that pulls it down most is the nearest to lower
    pull = -2.0 * np.outer(directions[:, 0], directions[:, 0]) * matrix
    np.fill_diagonal(pull, -np.inf)
    first, second = sorted(int(place) for place in np.unravel_index(int(np.argmax(pull)), pull.shape))
    held = matrix[first, second]
    begin = f"the correlation matrix is not positive definite: its smallest eigenvalue is {sizes[0]:.3g}, and must be above 0. "
    if abs(held) >= 1 - 1e-12 and len(names) > 1:
        yield (
            f'{begin}"{names[first]}" and "{names[second]}" are one and the same with a correlation of {held:g}. '
            "Lower it below 1, or vary them as one: kip.scaled(0.8, 1.2, paths=[…])."
        )
        return
    lowered = _largest(matrix, first, second)
    if lowered is not None:
        yield f'{begin}Lower the correlation of "{names[first]}" and "{names[second]}" from {held:g} to at most {lowered:.2g} in size.'
    else:
        off = matrix - np.eye(len(names))
        most = 1.0 / -np.linalg.eigvalsh(off)[0]
        yield (
            f'{begin}Begin with "{names[first]}" and "{names[second]}" ({held:g}), which pull most; '
            f"or multiply all correlations by {np.floor(100 * most * 0.999) / 100:g}."
        )


def _largest(matrix: Floats, first: int, second: int) -> float | None:
    """Largest size of one correlation that leaves the matrix positive definite, rounded down to a hundredth; None when there is none."""
    for size in np.arange(np.floor(100 * abs(matrix[first, second])) / 100, -0.005, -0.01):
        tried = matrix.copy()
        tried[first, second] = tried[second, first] = np.sign(matrix[first, second]) * size
        if np.linalg.eigvalsh(tried)[0] > _SMALLEST:
            return float(abs(size))
    return None


def correlated(points: Floats, matrix: Floats) -> Floats:
    """Points of the unit cube with the copula of a correlation matrix.

    Parameters
    ----------
    points : array (scenario, parameter)
        Independent, between 0 and 1.
    matrix : array (parameter, parameter)
    """
    from scipy.special import ndtr, ndtri

    edge = 2.0**-53
    normal = ndtri(np.clip(points, edge, 1.0 - edge))
    mixed = normal @ np.linalg.cholesky(matrix).T
    # what is correlated with nothing keeps its points to the last bit
    alone = np.abs(matrix).sum(axis=1) == 1.0
    return np.asarray(np.where(alone, points, ndtr(mixed)))


def ranks_kept(points: Floats, mixed: Floats) -> Floats:
    """The numbers of each column of `points` in the order of `mixed`: strata are kept, each once (Stein 1987)."""
    order = np.argsort(np.argsort(mixed, axis=0, kind="stable"), axis=0, kind="stable")
    return np.take_along_axis(np.sort(points, axis=0), order, axis=0)
