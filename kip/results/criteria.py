"""What a decision is worth when it is not known which scenario comes: criteria as functions of counted values (§69).

Everywhere here less is better, so a value is minus what is maximised.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["CRITERIA", "criterion_value", "worst_mean"]

Floats: TypeAlias = NDArray[np.float64]

CRITERIA = ("expected", "worst_case", "regret", "cvar")
"""Expected value, worst case, largest regret, and the mean of the worst part (conditional value at risk)."""


def criterion_value(name: str, values: Floats, weights: Floats, best: Floats, level: float) -> float:
    """A criterion of the values of one decision; less is better.

    Parameters
    ----------
    name : {"expected", "worst_case", "regret", "cvar"}
    values : array (scenario,)
        What the decision gives; NaN where it cannot be kept, and then the criterion is NaN.
    weights : array (scenario,)
        Sum to 1. The worst case and the largest regret are over all scenarios, whatever they weigh.
    best : array (scenario,)
        What could have been had; only regret looks at it.
    level : float
        Of CVaR: the mean of the worst ``1 - level`` of probability [1].
    """
    if name == "expected":
        return float(weights @ values)
    if name == "worst_case":
        return float(values.max())
    if name == "regret":
        return float((values - best).max())
    return worst_mean(values, weights, level)


def worst_mean(values: Floats, weights: Floats, level: float) -> float:
    """Mean of the worst ``1 - level`` of probability, larger being worse (Rockafellar & Uryasev 2000).

    Examples
    --------
    >>> losses = np.arange(1.0, 11.0)
    >>> round(worst_mean(losses, np.full(10, 0.1), 0.8), 12)
    9.5
    """
    if np.isnan(values).any():
        return float("nan")
    order = np.argsort(-values, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(weights[order])[:-1]])
    taken = np.clip(1.0 - level - before, 0.0, weights[order])
    return float(taken @ values[order] / taken.sum()) if taken.sum() > 0 else float(values.max())
