"""Criteria over scenarios: what makes one decision better than another when it is not known which scenario comes (§69).

Inside, less is better: a value is minus what is maximised. Each criterion is told twice, as rows and columns for the solver and as
a function of counted values, and the two must agree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.errors import RequestError, unknown_name
from kip.optimization.problem import Problem
from kip.results.criteria import CRITERIA, criterion_value

__all__ = ["Criterion", "read_criterion"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Criterion:
    """A criterion over scenarios.

    Attributes
    ----------
    name : {"expected", "worst_case", "regret", "cvar"}
    level : float
        Of CVaR: the mean of the worst ``1 - level`` of probability counts.
    """

    name: str
    level: float = 0.8

    def value(self, values: Floats, weights: Floats, best: Floats) -> float:
        """The criterion of counted values (scenario,), less is better; `best` is what could have been had in each."""
        return criterion_value(self.name, values, weights, best, self.level)

    def problem(self, problem: Problem, rows: Sequence[tuple[Floats, float]], weights: Floats, best: Floats) -> Problem:
        """A stack with the criterion as its cost.

        Parameters
        ----------
        problem : Problem
        rows : sequence of (coefficients, constant)
            What is minimised in each scenario, in steps.
        weights, best : array (scenario,)
            `best` in the same steps.
        """
        first = problem.columns
        if self.name == "expected":
            cost = np.asarray(sum(weight * row for weight, (row, _) in zip(weights, rows, strict=True)))
            return problem.with_cost(cost, float(sum(weight * constant for weight, (_, constant) in zip(weights, rows, strict=True))))
        if self.name in {"worst_case", "regret"}:
            problem = _free(problem.with_columns(1, np.inf, integer=False))
            for (row, constant), known in zip(rows, best, strict=True):
                # the extra column is at least the value (or the regret) of every scenario
                low = constant - (known if self.name == "regret" else 0.0)
                problem = problem.with_row(np.append(-row, 1.0), low=low)
            return problem.with_cost(np.append(np.zeros(first), 1.0))
        # Rockafellar and Uryasev: eta + sum of p u / (1 - level), u at least the value less eta
        problem = _free(problem.with_columns(1, np.inf, integer=False)).with_columns(len(rows), np.inf, integer=False)
        for place, (row, constant) in enumerate(rows):
            own = np.zeros(len(rows))
            own[place] = 1.0
            problem = problem.with_row(np.concatenate([-row, [1.0], own]), low=constant)
        return problem.with_cost(np.concatenate([np.zeros(first), [1.0], weights / (1.0 - self.level)]))


def _free(problem: Problem) -> Problem:
    """The last column without bounds."""
    low = problem.low.copy()
    low[-1] = -np.inf
    return replace(problem, low=low)


def read_criterion(name: object, level: object) -> Criterion:
    """A criterion by its name.

    Raises
    ------
    RequestError
        For an unknown name, or a level that is not from 0 to below 1.
    """
    wrong = []
    if name not in CRITERIA:
        wrong.append(unknown_name("criterion", name, CRITERIA))
    share = float(level) if isinstance(level, int | float) and not isinstance(level, bool) else math.nan
    if not 0.0 <= share < 1.0:
        wrong.append(f"level={level!r}: give a number from 0 to below 1; 0.8 looks at the worst fifth.")
    if wrong:
        raise RequestError("\n".join(wrong))
    return Criterion(str(name), share)
