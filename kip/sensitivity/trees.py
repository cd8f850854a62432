"""Trees by scikit-learn, which comes with the extra `discovery`: how to get it, and what a forest finds important."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from kip.errors import RequestError
from kip.sensitivity.asked import Asked, Floats
from kip.sensitivity.conditions import Condition, Flags, limits_of

__all__ = ["leaves", "needed", "tree_importance"]

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


def leaves(asked: Asked, event: Flags, depth: int | None = None, most: int = 6) -> list[tuple[Condition, ...]] | None:
    """Leaves of a classification tree (Breiman et al. 1984), each as the conditions that lead to it.

    Inputs with named levels are split by one level against the others.

    Parameters
    ----------
    asked : Asked
    event : array of bool (scenario,)
    depth : int, optional
        Most conditions in a row.
    most : int
        Most leaves.

    Returns
    -------
    list or None
        None without scikit-learn.
    """
    try:
        library = needed()
    except RequestError:
        return None
    table, origin = _columns(asked)
    least = max(2, int(0.02 * len(event)))
    model = library.DecisionTreeClassifier(max_depth=depth, max_leaf_nodes=most, min_samples_leaf=least, random_state=asked.seed)
    tree = model.fit(table, event).tree_
    found: list[tuple[Condition, ...]] = []

    def walk(node: int, held: dict[int, Flags]) -> None:
        if tree.children_left[node] < 0:
            found.append(tuple(_condition(asked, place, flags) for place, flags in sorted(held.items())))
            return
        column = int(tree.feature[node])
        # the tree sees single precision
        left = table[:, column].astype(np.float32) <= tree.threshold[node]
        place = origin[column]
        before = held.get(place, np.ones(len(event), dtype=bool))
        walk(int(tree.children_left[node]), {**held, place: before & left})
        walk(int(tree.children_right[node]), {**held, place: before & ~left})

    walk(0, {})
    return found


def _columns(asked: Asked) -> tuple[Floats, list[int]]:
    """Inputs as a tree takes them: numbers as they are, a column of 0 and 1 for each named level; and the input of each column."""
    columns: list[Floats] = []
    origin: list[int] = []
    for place, name in enumerate(asked.names):
        own = asked.values[:, place]
        made = [(own == code).astype(float) for code in np.unique(own)] if asked.labels_of(name) else [own]
        columns += made
        origin += [place] * len(made)
    return np.column_stack(columns), origin


def _condition(asked: Asked, place: int, held: Flags) -> Condition:
    """The condition on one input that holds for these scenarios of all."""
    name, column = asked.names[place], asked.values[:, place]
    labels, own = asked.labels_of(name), asked.values[held, place]
    if labels:
        codes = tuple(map(float, np.unique(own)))
        return Condition(place, name, asked.title_of(name), levels=tuple(labels[int(code)] for code in codes), codes=codes)
    low, high = limits_of(column, float(own.min()), float(own.max()))
    return Condition(place, name, asked.title_of(name), low, high, unit=asked.unit_of(name))
