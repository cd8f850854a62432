"""Entries of a space: what a user writes for something that varies, and the marginal that it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kip.errors import RequestError, figure
from kip.model.uncertain import Uncertain
from kip.sweeps.marginals import Continuous, Levels, Marginal
from kip.units import to_float

__all__ = ["Scaled", "Weighted", "levels", "marginal_of", "numbered", "placed", "scaled", "texts_of"]

Floats: TypeAlias = NDArray[np.float64]

_MOST_STEPS = 200
"""A discrete distribution of fewer whole numbers than this is taken as levels with weights."""


@dataclass(frozen=True)
class Weighted:
    """Levels with weights, made by `levels`."""

    values: tuple[Any, ...]
    labels: tuple[str, ...] | None
    weights: tuple[float, ...] | None


@dataclass(frozen=True)
class Scaled:
    """A factor on every number below one or several paths, made by `scaled`."""

    marginal: Marginal
    paths: tuple[str, ...] = field(default=())


def levels(values: Sequence[Any] | Mapping[str, Any], weights: Sequence[float] | Mapping[str, float] | None = None) -> Weighted:
    """Levels that are not equally likely, or that have names.

    Parameters
    ----------
    values : sequence, or dict of str to level
        Numbers, texts with a unit, or anything that the field takes.
    weights : sequence or dict of float, optional
        How likely each is; only their ratios count. Equally likely when empty.

    Raises
    ------
    RequestError
        When there are no levels, or the weights do not fit them.

    Examples
    --------
    >>> import kip
    >>> kip.levels([0.02, 0.035], weights=[3, 1]).weights
    (0.75, 0.25)
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise RequestError(f"found {values!r}; levels are a list, or a dict by name.")
    labels = tuple(str(name) for name in values) if isinstance(values, Mapping) else None
    held = tuple(values.values()) if isinstance(values, Mapping) else tuple(values)
    if not held:
        raise RequestError("there are no levels. Give at least one.")
    if weights is None:
        return Weighted(held, labels, None)
    if isinstance(weights, Mapping):
        keys = labels if labels is not None else held
        if set(weights) != set(keys):
            raise RequestError(
                f"weights are for {', '.join(map(str, weights))}; the levels are {', '.join(map(str, keys))}. Give one for each."
            )
        weights = [weights[key] for key in keys]
    listed: list[Any] = list(weights) if isinstance(weights, Iterable) else [weights]
    if len(listed) != len(held):
        raise RequestError(f"there are {len(held)} levels and {len(listed)} weights. Give one weight for each level.")
    found = np.asarray([_number(item, "a weight") for item in listed])
    if (found < 0).any() or found.sum() <= 0:
        raise RequestError(f"weights must be 0 or more and not all 0; found {', '.join(map(figure, found))}.")
    return Weighted(held, labels, tuple(float(item) for item in found / found.sum()))


def scaled(low: Any, high: float | None = None, paths: str | Iterable[str] = ()) -> Scaled:
    """A factor on every number below a path, instead of a number at it.

    Parameters
    ----------
    low, high : float
        Ends of the factor [1], all between equally likely. With `low` alone: a distribution or a list of factors.
    paths : str or list of str, optional
        What moves together, when it is more than the path that the factor stands at: the name in the space is then free.

    Raises
    ------
    RequestError
        When the factor is no range, distribution or list.

    Examples
    --------
    >>> import kip
    >>> plan = kip.example("minimal")
    >>> space = kip.Space.of(plan, {"shifts.*.cost": kip.scaled(0.8, 1.3)})
    >>> space.plan_at(plan, [1.2]).get("shifts.cycle-path.cost")
    {'all': 7200000.0}
    """
    several = texts_of(paths, "paths")
    return Scaled(marginal_of(low if high is None else (low, high)), several)


def texts_of(given: Any, what: str) -> tuple[str, ...]:
    """One text or several, as a tuple. Raises RequestError for anything else."""
    several = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else (given,)
    wrong = [item for item in several if not isinstance(item, str)]
    if wrong:
        raise RequestError(f"{what} holds {wrong[0]!r}; write texts, such as shifts.*.cost.")
    return several


def marginal_of(value: Any, whole: bool = False) -> Marginal:
    """The marginal that a value in a space stands for, levels being numbers.

    Parameters
    ----------
    value : Uncertain, (low, high), list of numbers, frozen distribution, or `levels(…)`
    whole : bool
        Whether only whole numbers belong there: a range is then all whole numbers in it, and a distribution is rounded.

    Raises
    ------
    RequestError
        When it is none of these.
    """
    found = _marginal(value, whole)
    return rounded(found) if whole and isinstance(found, Continuous) else found


def _marginal(value: Any, whole: bool) -> Marginal:
    if isinstance(value, Uncertain):
        return _uncertain(value)
    if isinstance(value, Weighted):
        return numbered(value)
    if isinstance(value, tuple):
        if len(value) != 2:
            raise RequestError(f"a range is (low, high); found {len(value)} values. Write levels as a list.")
        low, high = (_number(end, "an end") for end in value)
        return _range(low, high, whole)
    if isinstance(value, list | range | np.ndarray) or type(value).__name__ in {"Series", "Index"}:
        return numbered(Weighted(tuple(value), None, None))
    if hasattr(value, "ppf") or hasattr(value, "icdf"):
        return _distribution(value)
    what = f"{value!r} alone does not vary" if isinstance(value, int | float | str) else f"{type(value).__name__} is nothing that varies"
    raise RequestError(
        f"{what}. Write a range (low, high), a list of levels, kip.triangular(low, mode, high), or a frozen distribution of scipy.stats."
    )


def numbered(given: Weighted) -> Levels:
    """Levels that are numbers, each its own code."""
    codes = tuple(_number(item, "a level") for item in given.values)
    _no_twins(codes, [figure(code) for code in codes])
    return Levels(codes, given.labels or tuple(figure(code) for code in codes), given.weights or _equal(len(codes)))


def placed(given: Weighted) -> Levels:
    """Levels of any kind, each by its place."""
    labels = given.labels or tuple(_label(item) for item in given.values)
    _no_twins(labels, labels)
    return Levels(tuple(float(place) for place in range(len(labels))), labels, given.weights or _equal(len(labels)))


def _label(value: Any) -> str:
    return figure(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _no_twins(codes: Sequence[Any], texts: Sequence[str]) -> None:
    if not codes:
        raise RequestError("there are no levels. Give at least one.")
    twins = sorted({text for code, text in zip(codes, texts, strict=True) if list(codes).count(code) > 1})
    if twins:
        raise RequestError(f"the level {twins[0]} is there twice. Keep one of them; how likely it is stands in the weights.")


def _equal(count: int) -> tuple[float, ...]:
    return (1.0 / count,) * count


def _number(value: Any, what: str) -> float:
    try:
        return float(to_float(value))
    except ValueError as error:
        raise RequestError(f"{what}: {error}") from None


def _range(low: float, high: float, whole: bool = False) -> Marginal:
    from scipy import stats

    if not low < high:
        raise RequestError(f"({low:g}, {high:g}) is no range: the first must be smaller than the second. Write (low, high).")
    if whole:
        if high - low > 10 * _MOST_STEPS:
            raise RequestError(
                f"only whole numbers belong here, and there are too many between {low:g} and {high:g}. Give a list of levels."
            )
        inside = range(int(np.ceil(low)), int(np.floor(high)) + 1)
        if len(inside) == 0:
            raise RequestError(f"there is no whole number between {low:g} and {high:g}. Widen the range.")
        return Levels(tuple(map(float, inside)), tuple(map(str, inside)), _equal(len(inside)))
    return Continuous(stats.uniform(low, high - low), f"uniform({figure(low)}, {figure(high)})", (low, high))


def _uncertain(value: Uncertain) -> Marginal:
    from scipy import stats

    if not value.low < value.high:
        raise RequestError(f"{value} does not vary: its ends are the same. Leave it out, or move the ends apart.")
    width = value.high - value.low
    ends = f"{figure(value.low)}, {figure(value.mode)}, {figure(value.high)}"
    if value.shape == "uniform":
        return _range(value.low, value.high)
    return Continuous(stats.triang((value.mode - value.low) / width, value.low, width), f"triangular({ends})", (value.low, value.high))


class _Icdf:
    """scipy's newer distributions call the quantile function `icdf`."""

    def __init__(self, distribution: Any) -> None:
        self.distribution = distribution

    def ppf(self, share: ArrayLike) -> Any:
        return self.distribution.icdf(share)


def _distribution(value: Any) -> Marginal:
    frozen: Any = value if hasattr(value, "ppf") else _Icdf(value)
    if hasattr(frozen, "pdf") and not hasattr(frozen, "dist") and hasattr(frozen, "shapes"):
        raise RequestError(f'"{frozen.name}" has no parameters yet. Freeze it: scipy.stats.{frozen.name}(…).')
    try:
        quarters = np.asarray(frozen.ppf([0.25, 0.5, 0.75]), dtype=float)
    except Exception as error:  # a distribution of somebody else may raise anything
        raise RequestError(
            f"the quantiles of {_called(value)} cannot be had ({error}). Give a frozen distribution of one number."
        ) from error
    if quarters.shape != (3,) or not np.isfinite(quarters).all():
        raise RequestError(f"{_called(value)} has no quantiles with these parameters. Mend the parameters (scipy gives NaN for them).")
    low, high = np.asarray(frozen.ppf([0.0, 1.0]), dtype=float)
    if hasattr(value, "pmf") and hasattr(value, "support"):
        # below its first step scipy's quantile of a discrete distribution is one less than its lowest number
        low, high = map(float, value.support())
        if high - low < _MOST_STEPS:
            return _steps(value, np.arange(low, high + 1.0))
    return Continuous(frozen, _called(value), (float(low), float(high)) if np.isfinite(low) and np.isfinite(high) else None)


def _steps(value: Any, numbers: Floats) -> Levels:
    """A discrete distribution of few whole numbers as these numbers with their weights."""
    weights = np.asarray(value.pmf(numbers), dtype=float)
    kept = weights > 0
    codes = tuple(float(number) for number in numbers[kept])
    return Levels(codes, tuple(map(figure, codes)), tuple(float(weight) for weight in weights[kept] / weights.sum()))


def rounded(given: Continuous) -> Levels:
    """A distribution rounded to whole numbers, as these numbers with their weights."""
    low, high = np.round(given.ends)
    if not hasattr(given.frozen, "cdf") or high - low >= _MOST_STEPS:
        raise RequestError(f"only whole numbers belong here, and {given.text} has others or too many. Give a range (low, high) or a list.")
    numbers = np.arange(low, high + 1.0)
    edges = np.asarray(given.frozen.cdf(np.append(numbers[0] - 0.5, numbers + 0.5)), dtype=float)
    weights = np.diff(edges)
    kept = weights > 0
    codes = tuple(float(number) for number in numbers[kept])
    return Levels(codes, tuple(map(figure, codes)), tuple(float(weight) for weight in weights[kept] / weights.sum()))


def _called(value: Any) -> str:
    kind = getattr(value, "dist", None)
    if kind is None:
        return str(value) if hasattr(value, "icdf") else type(value).__name__
    given = [figure(float(item)) for item in getattr(value, "args", ())]
    given += [f"{key}={figure(float(item))}" for key, item in getattr(value, "kwds", {}).items()]
    return f"{kind.name}({', '.join(given)})"
