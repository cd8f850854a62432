"""kip.outcomes: a plan as a plain function of named numbers, for EMA Workbench, SALib and scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.errors import RequestError
from kip.model import Plan
from kip.model.paths import exists, numbers
from kip.optimization.question import Limits, Question
from kip.results.portfolio import Portfolio
from kip.sweeps.axes import Axis
from kip.sweeps.experiment import STATUSES

__all__ = ["Paths", "outcomes"]

Floats: TypeAlias = NDArray[np.float64]

_MOST_KEPT = 4


@dataclass(frozen=True)
class Paths:
    """Numbers of a plan by their paths, as they are: the simplest thing that can vary.

    Attributes
    ----------
    names : tuple of str
        Paths.
    axes : tuple of Axis, or None
        Where they may lie; without it every scenario is rebuilt.
    """

    names: tuple[str, ...]
    axes: tuple[Axis, ...] | None = None

    @property
    def identity(self) -> str:
        """The paths and where they may lie say everything."""
        return f"paths {self.axes}"

    def plan_at(self, plan: Plan, values: Floats) -> Plan:
        """The plan with these numbers."""
        return plan.update(dict(zip(self.names, (float(value) for value in values), strict=True)))


def outcomes(
    plan: Plan,
    portfolio: Portfolio | None = None,
    question: Mapping[str, Any] | None = None,
    measures: Iterable[str] | None = None,
    **uncertainties: float,
) -> dict[str, float]:
    """What comes of a plan with some of its numbers changed: a plain function, for EMA Workbench, SALib and scripts.

    Parameters
    ----------
    plan : Plan
    portfolio : Portfolio, optional
        Counted with the new numbers, without a solver; the plan is optimised when left out.
    question : mapping, optional
        How it is optimised, as for `kip.optimize`: ``{"maximize": "reduction", "maximum": {"cost": 1e7}, "gap": 1e-3}``.
    measures : iterable of str, optional
        What is returned; tonnes, money, what is missing and every indicator when left out.
    **uncertainties : float
        New values by path. A path may be written as a Python name: "__" for "." and "_" for "-":
        ``shifts__electric_buses__cost=9e6``.

    Returns
    -------
    dict of str to float
        NaN for all of them where there is no portfolio.

    Raises
    ------
    RequestError
        When a path or measure is unknown, with the nearest name, or a number is out of its range.

    Examples
    --------
    >>> import kip
    >>> plan = kip.example("minimal")
    >>> more = kip.outcomes(plan, measures=["reduction"], **{"budgets.municipality": 20e6})
    >>> more["reduction"] >= kip.outcomes(plan, measures=["reduction"], budgets__municipality=1e6)["reduction"]
    True
    """
    if not isinstance(plan, Plan):
        raise RequestError(f"found {type(plan).__name__}; kip.outcomes needs a Plan. Read one with kip.read_plan or kip.example.")
    paths = tuple(_path(plan, name) for name in uncertainties)
    experiment = _experiment(plan, portfolio, question or {}, None if measures is None else tuple(measures), paths)
    values = np.array([[float(value) for value in uncertainties.values()]])
    batch = experiment.run(values.reshape(1, len(paths)))
    if STATUSES[batch.status[0]] in {"invalid", "failed"}:
        raise RequestError(batch.reason[0])
    return {outcome.name: float(value) for outcome, value in zip(experiment.outcomes, batch.outcome[0], strict=True)}


def _path(plan: Plan, name: str) -> str:
    """The path that a name means: itself, or the one that reads the same with "." as "__" and "-" as "_"."""
    wrong = exists(plan, name)
    if wrong is None:
        return name
    alike = [path for path in _paths(plan) if path.replace(".", "__").replace("-", "_") == name.replace("-", "_")]
    if len(alike) == 1:
        return alike[0]
    raise RequestError(f'"{name}" may be {" or ".join(alike)}. Write the path itself: **{{"{alike[0]}": …}}.' if alike else wrong)


def _paths(plan: Plan) -> list[str]:
    """Every number, and everything above it that is set as a whole: a budget, a cost of all actors."""
    found: dict[str, None] = {}
    for path, _ in numbers(plan):
        parts = path.split(".")
        for length in range(1, len(parts) + 1):
            found[".".join(parts[:length])] = None
    return list(found)


_KEPT: list[tuple[tuple[Any, ...], Any]] = []
"""The last experiments, by what was asked: a script calls with the same plan thousands of times, and it is compiled once."""


def _experiment(
    plan: Plan, portfolio: Portfolio | None, question: Mapping[str, Any], measures: tuple[str, ...] | None, paths: tuple[str, ...]
) -> Any:
    from kip.sweeps.reoptimizing import Reoptimized
    from kip.sweeps.stress import StressTested

    key = (id(plan), id(portfolio), repr(sorted(question.items())), measures, paths)
    for known, (kept_plan, kept_portfolio, experiment) in list(_KEPT):
        if known == key and kept_plan is plan and kept_portfolio is portfolio:
            return experiment
    if portfolio is not None:
        if question:
            raise RequestError("give a portfolio, which is only counted, or a question, which is optimised; not both.")
        experiment = StressTested(plan, Paths(paths), portfolio, measures)
    else:
        asked, limits = _question(question)
        experiment = Reoptimized(plan, Paths(paths), asked, measures, limits)
    _KEPT.append((key, (plan, portfolio, experiment)))
    del _KEPT[:-_MOST_KEPT]
    return experiment


def _question(given: Mapping[str, Any]) -> tuple[Question, Limits]:
    from kip.errors import unknown_name

    asked = ("maximize", "minimize", "per", "minimum", "maximum", "require", "forbid")
    how = ("gap", "time_limit", "seed")
    wrong = [unknown_name("part of a question", name, [*asked, *how]) for name in given if name not in {*asked, *how}]
    if wrong:
        raise RequestError("\n".join(wrong))
    question = Question(**{name: given[name] for name in asked if name in given})
    return question, Limits(**{name: given[name] for name in how if name in given})
