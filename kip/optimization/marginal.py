"""The next best krona: what one step more of the second objective gives of the first (§61).

A plan of whole shifts has no price at the margin: φ, the best of the first objective as a function of the second, is a staircase. So
three numbers,
each with its name: the step of φ that is asked for, from two solves; the average shadow price ``sup_w (φ(B+w) - φ(B)) / w`` (Kim & Cho
1988);
and the slope of the linear relaxation, which is no plan's.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from kip.errors import RequestError
from kip.optimization.kernel import Options, solve
from kip.results.next_krona import NextKrona

if TYPE_CHECKING:
    from kip.optimization.asked_frontier import Asked
    from kip.optimization.plan_oracle import Found, PlanOracle

__all__ = ["Marginal"]

_SLOPE = 1e-3
"""Part of a step over which the slope of the relaxation is taken."""


class Marginal:
    """Asks a frontier's plan anew."""

    def __init__(self, oracle: PlanOracle, dataset: xr.Dataset, asked: Asked, complete: bool, language: str) -> None:
        self.oracle = oracle
        self.dataset = dataset
        self.asked = asked
        self.complete = complete
        self.language = language

    def __call__(self, at: float | None, step: float | None) -> NextKrona:
        """What one step gives at a value of the second objective."""
        first, second = self.asked.objectives
        if second.direction == "max":
            raise RequestError(
                f'more "{second.name}" is better, so it buys nothing. Put what is paid second: objectives=("{second.name}", …).'
            )
        at = self._where() if at is None else self._number("at", at)
        step = _round(0.01 * abs(at)) if step is None else self._number("step", step)
        if step <= 0:
            raise RequestError(f"step={step:g}: give a step above 0 [{second.unit}].")
        here, there = self._best(at), self._best(at + step)
        if here.values is None:
            raise RequestError(f"no portfolio has {second.name} at or below {at:,.6g} {second.unit}. Give a larger `at`.")
        if there.values is None:
            there = here
        value, more = float(here.values[0]), float(min(there.values[0], here.values[0]))
        low, high = min(here.bound, value) - more, value - min(there.bound, more)
        average, width = self._average(at, value)
        return NextKrona(
            first,
            second,
            at,
            step,
            first.sign * value + 0.0,
            value - more + 0.0,
            max(0.0, low),
            high,
            average,
            width,
            self.complete,
            self._relaxed(at, step),
            bool(at >= float(self.dataset[second.name].values.max()) * (1 - 1e-9)),
            self.language,
        )

    def _number(self, name: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise RequestError(f"{name}={value!r}: give a number [{self.asked.objectives[1].unit}].")
        return float(value)

    def _where(self) -> float:
        """The plan's own budgets; else the strongest knee, else the middle."""
        second = self.asked.objectives[1]
        for share in self.asked.shares:
            if share.name == second.name:
                return share.total
        values, bend = self.dataset[second.name].values, self.dataset["bend"].values
        return float(values[int(np.argmax(bend))]) if bend.any() else float(values[len(values) // 2])

    def _best(self, ceiling: float) -> Found:
        """The best of the first objective at or below a value of the second, solved anew from the nearest point that is known."""
        oracle = self.oracle
        oracle.session.limits = replace(oracle.session.limits, time_limit=None)
        if oracle.session.stop is not None:
            oracle.session.stop.clear()
        oracle.session.stopped = False
        return oracle.minimise([1.0, 0.0], [np.inf, ceiling])

    def _average(self, at: float, value: float) -> tuple[float, float]:
        first, second = self.asked.objectives
        paid, got = self.dataset[second.name].values, first.sign * self.dataset[first.name].values
        beyond = (paid > at + 0.5 * self.oracle.resolution(1)) & (got < value - 1e-12 * max(1.0, abs(value)))
        if not beyond.any():
            return 0.0, math.nan
        prices = np.where(beyond, (value - got) / np.where(beyond, paid - at, 1.0), -np.inf)
        best = int(np.argmax(prices))
        return float(prices[best]), float(paid[best] - at)

    def _relaxed(self, at: float, step: float) -> float:
        """Slope of the linear relaxation to the right of `at`; NaN when it has none."""
        here, there = self._loose(at), self._loose(at + _SLOPE * step)
        return (here - there) / (_SLOPE * step) + 0.0 if math.isfinite(here) and math.isfinite(there) else math.nan

    def _loose(self, ceiling: float) -> float:
        oracle = self.oracle
        one, two = oracle.rows
        problem = oracle.session.problem
        problem = replace(
            problem.with_row(two.row, high=(ceiling - two.terms.constant) / two.scale), integer=np.zeros(problem.columns, dtype=bool)
        )
        solution = solve(problem.with_cost(one.row), Options())
        return solution.objective * one.scale + one.terms.constant if solution.status == "optimal" else math.nan


def _round(value: float) -> float:
    """The nearest of 1, 2 and 5 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(min((1.0, 2.0, 5.0, 10.0), key=lambda each: abs(each * power - value)) * power)
