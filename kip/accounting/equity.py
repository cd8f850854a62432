"""How equally something is shared: Gini, Atkinson, Sen, Lorenz. Pure functions of values and weights, no plan.

Values are per person and weights are people; equal weights when none are given. An index has no meaning where the mean is
not above 0, or where some have less than nothing: it is then NaN.

Gini 1912; Atkinson 1970, *On the measurement of inequality*, J. Economic Theory 2; Sen 1976, *Real national income*,
Review of Economic Studies 43.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kip.errors import RequestError

__all__ = ["atkinson", "equally_distributed", "gini", "lorenz", "sen_welfare"]

Floats: TypeAlias = NDArray[np.float64]


def _given(values: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    """Values and weights that add up to 1, without those of weight 0."""
    numbers = np.asarray(values, dtype=float).ravel()
    people = np.ones(len(numbers)) if weights is None else np.asarray(weights, dtype=float).ravel()
    if len(people) != len(numbers):
        raise RequestError(f"{len(numbers)} values and {len(people)} weights. Give one weight for each value.")
    if np.any(people < 0) or not np.isfinite(people).all():
        raise RequestError("weights must be 0 or more and finite. Give numbers of people.")
    kept = people > 0
    total = people.sum()
    return numbers[kept], people[kept] / total if total else people[kept]


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Gini index: ``Σ_{g<h} w_g w_h |y_g - y_h| / mean`` [1].

    Parameters
    ----------
    values : array
        What each person of a group gets.
    weights : array, optional
        People in each group; equal when left out.

    Returns
    -------
    float
        0 when all get the same; NaN when the mean is not above 0, some get less than nothing, or there is nobody.

    Raises
    ------
    RequestError
        When weights are negative or their number is not that of the values.

    Examples
    --------
    >>> gini([1, 2, 3, 4]), gini([1, 2, 3, 4], [0.4, 0.3, 0.2, 0.1])
    (0.25, 0.27)
    """
    numbers, share = _given(values, weights)
    if not _comparable(numbers, share):
        return math.nan
    return round(_mean_difference(numbers, share) / float(share @ numbers), 15)


def _comparable(numbers: Floats, share: Floats) -> bool:
    return bool(numbers.size and np.isfinite(numbers).all() and numbers.min() >= 0 and share @ numbers > 0)


def _mean_difference(numbers: Floats, share: Floats) -> float:
    """``Σ_{g<h} w_g w_h |y_g - y_h|``."""
    return 0.5 * float(share @ np.abs(numbers[:, None] - numbers[None, :]) @ share)


def equally_distributed(values: ArrayLike, aversion: float = 1.0, weights: ArrayLike | None = None) -> float:
    """The equal amount for everybody that is worth as much as the values: ``(Σ w y^(1-e))^(1/(1-e))``, ``exp(Σ w ln y)`` for e = 1.

    Parameters
    ----------
    values : array
        What each person of a group gets; 0 or more.
    aversion : float
        Aversion to inequality e, 0 or more: 0 is the mean; the larger, the more those count who get least.
    weights : array, optional
        People in each group; equal when left out.

    Returns
    -------
    float
        In the unit of the values; 0 when somebody gets nothing and e is 1 or more; NaN where the Gini index is.

    Raises
    ------
    RequestError
        When the aversion is negative.

    Examples
    --------
    >>> round(equally_distributed([1, 2, 3, 4], 2), 10)
    1.92
    """
    if not aversion >= 0 or math.isinf(aversion):
        raise RequestError(f"an aversion to inequality of {aversion:g} has no meaning. Give 0 or more, for example 0.5, 1 or 2.")
    numbers, share = _given(values, weights)
    if not _comparable(numbers, share):
        return math.nan
    mean = float(share @ numbers)
    # relative to the mean, so that high aversions neither overflow nor vanish
    relative = numbers / mean
    if aversion >= 1 and relative.min() == 0:
        return 0.0
    if aversion == 1:
        return mean * math.exp(float(share @ np.log(relative)))
    least = float(relative.min()) if aversion > 1 else 1.0
    return float(mean * least * float(share @ (relative / least) ** (1.0 - aversion)) ** (1.0 / (1.0 - aversion)))


def atkinson(values: ArrayLike, aversion: float = 1.0, weights: ArrayLike | None = None) -> float:
    """Atkinson index: the share of the mean that could be given up if all got the same, ``1 - equally_distributed / mean`` [1].

    Parameters and errors are those of `equally_distributed`; NaN where the Gini index is.

    Examples
    --------
    >>> [round(atkinson([1, 2, 3, 4], aversion), 10) for aversion in (0.5, 1, 2)]
    [0.0555858574, 0.1146544642, 0.232]
    """
    numbers, share = _given(values, weights)
    equal = equally_distributed(values, aversion, weights)
    return math.nan if math.isnan(equal) else 1.0 - equal / float(share @ numbers)


def sen_welfare(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Sen's welfare: ``mean · (1 - Gini) = mean - Σ_{g<h} w_g w_h |y_g - y_h|``, in the unit of the values.

    Defined for negative values too; NaN when there is nobody.

    Examples
    --------
    >>> sen_welfare([1, 2, 3, 4]), round(sen_welfare([1, 2, 3, 4], [0.4, 0.3, 0.2, 0.1]), 10)
    (1.875, 1.46)
    """
    numbers, share = _given(values, weights)
    return float(share @ numbers) - _mean_difference(numbers, share) if numbers.size else math.nan


def lorenz(values: ArrayLike, weights: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Lorenz curve: share of the people, those who get least first, and the share of the whole that they get [1].

    Returns
    -------
    (people, share) : arrays
        Both begin with 0 and end with 1; the shares are NaN where the Gini index is.

    Examples
    --------
    >>> people, share = lorenz([3, 1])
    >>> people.tolist(), share.tolist()
    ([0.0, 0.5, 1.0], [0.0, 0.25, 1.0])
    """
    numbers, part = _given(values, weights)
    order = np.argsort(numbers, kind="stable")
    people = np.concatenate([[0.0], np.cumsum(part[order])])
    if not _comparable(numbers, part):
        return people, np.full(len(people), np.nan)
    got = np.concatenate([[0.0], np.cumsum((part * numbers)[order])])
    return people, got / got[-1]
