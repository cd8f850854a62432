"""Trees by scikit-learn, which comes with the extra `discovery`: how to get it, and what a forest finds important."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from kip.errors import RequestError
from kip.sensitivity.asked import Floats

__all__ = ["needed", "tree_importance"]

_TREES = 100


def needed() -> Any:
    """scikit-learn's trees.

    Raises
    ------
    RequestError
        When it is not installed; says how to get it.
    """
    try:
        return importlib.import_module("sklearn.tree")
    except ImportError as missing:
        raise RequestError(
            "trees and rules need scikit-learn, which is not installed. Get it with: pip install 'kip-planner[discovery]'"
        ) from missing


def tree_importance(values: Floats, outcome: Floats, seed: int) -> tuple[Floats, float] | None:
    """Importance of each input to a forest of extremely randomised trees (Geurts et al. 2006); sums to 1.

    Returns
    -------
    tuple or None
        Importance [1], and the share of the variance that is predicted for scenarios left out of a tree. None without scikit-learn.
    """
    try:
        forests = importlib.import_module("sklearn.ensemble")
    except ImportError:
        return None
    forest = forests.ExtraTreesRegressor(
        n_estimators=_TREES, min_samples_leaf=5, bootstrap=True, oob_score=True, n_jobs=1, random_state=seed
    ).fit(values, outcome)
    return np.asarray(forest.feature_importances_, dtype=float), float(forest.oob_score_)
