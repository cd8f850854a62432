"""Engine: a block of scenarios patched, solved, recounted and checked; what it is not sure of, it leaves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.accounting.measures import Measure, parse_measure
from kip.model import Plan
from kip.optimization.frame import measure_scale
from kip.optimization.question import Limits, Question
from kip.optimization.session import AGREEMENT
from kip.optimization.solve import relative_gap
from kip.sweeps.answers import CODES
from kip.sweeps.asked_measures import Varying
from kip.sweeps.experiment import Batch
from kip.sweeps.hot import Hot, Solved
from kip.sweeps.one_scenario import NO_PORTFOLIO, TOO_LATE, WITHOUT_END, within
from kip.sweeps.patched import patched
from kip.sweeps.recount import Counted, Recount
from kip.sweeps.slots import NotPatched

__all__ = ["Engine"]

Floats: TypeAlias = NDArray[np.float64]

_REASONS = {"infeasible": NO_PORTFOLIO, "unbounded": WITHOUT_END, "time_limit": TOO_LATE, "interrupted": "Stopped."}


class Engine:
    """One question about one plan, compiled once, for every scenario of a space.

    Raises
    ------
    NotPatched
        When the plan or the space is not made for it; with the reason.
    """

    def __init__(self, plan: Plan, space: Varying, question: Question, measures: Sequence[Measure], limits: Limits) -> None:
        if question.per is not None:
            raise NotPatched("a ratio is sought by several solves.")
        self.question, self.limits, self.asked = question, limits, len(measures)
        targets_first = bool(question.minimize and plan.targets and question.measure not in {"shortfall", "emissions"})
        names = [measure.name for measure in measures]
        self.place = names.index(question.measure) if question.measure in names else len(names)
        if self.place == len(names):
            from kip.accounting.inputs import build_inputs

            measures = (*measures, parse_measure(question.measure, build_inputs(plan)))
        self.patched = patched(plan, space, question, measures, targets_first)
        self.hot = Hot(self.patched, limits, targets_first)
        self.recount = Recount(self.patched)
        frame = self.patched.layout.compiled.frame
        self.scale = measure_scale(self.patched.measures[self.place].unit, frame)

    def __getstate__(self) -> dict[str, Any]:
        """Arrays only: a worker needs no model and builds nothing."""
        return {**self.__dict__, "patched": self.patched.bare()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.recount.patched = self.patched
        self.hot.wake(self.patched)

    def run(self, values: Floats, batch: Batch) -> NDArray[np.int64]:
        """Answer a block; returns the rows that are left for the exact road, none when somebody has stopped the search."""
        inside = np.flatnonzero(self.patched.slots.fits(values))
        done = np.zeros(len(values), dtype=bool)
        if not inside.size:
            return np.arange(len(values))
        rows, first, back = np.unique(values[inside], axis=0, return_index=True, return_inverse=True)
        back = back.ravel()
        weights = self.patched.slots.weights(rows)
        solved = self.hot.solve(weights)
        began = time.perf_counter()
        found = np.array([status in {"optimal", "time_limit"} for status in solved.status]) & np.isfinite(solved.objective)
        one = np.flatnonzero(found)
        counted = self.recount.count(solved.x[:, one], weights[:, one])
        constant = self.patched.whole("constant", weights)[0, one]
        sure = self._agree(solved, counted, weights, one) & (counted.broken <= 1.0)
        source = np.full(len(rows), -1)
        source[one[sure]] = np.flatnonzero(sure)
        taken = source[back] >= 0
        self._write(batch, inside[taken], source[back][taken], counted, (solved.bound[one] + constant) * self.scale)
        done[inside[taken]] = True
        for place, row in zip(back, inside, strict=True):
            if not done[row] and not found[place] and solved.status[place] in _REASONS:
                batch.status[row], batch.reason[int(row)] = CODES[solved.status[place]], _REASONS[solved.status[place]]
                done[row] = True
        batch.seconds[inside] = 0.0
        batch.seconds[inside[first]] = solved.seconds + (time.perf_counter() - began) / len(rows)
        return np.zeros(0, dtype=np.int64) if "interrupted" in solved.status else np.flatnonzero(~done)

    def _agree(self, solved: Solved, counted: Counted, weights: Floats, one: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether the solver's objective is what was counted (§32)."""
        constant = self.patched.whole("constant", weights)[0, one]
        places, moved = self.patched.part("cost", weights[:, one])
        still = np.abs(np.delete(self.patched.origin("cost"), places)).max(initial=0.0)
        value = self.question.sign * counted.outcome[self.place] / self.scale
        size = np.maximum(np.maximum(np.abs(value), np.abs(constant)), np.abs(moved).max(axis=0, initial=still))
        return np.asarray(np.abs(solved.objective[one] + constant - value) <= AGREEMENT * np.maximum(size, 1e-12))

    def _write(self, batch: Batch, rows: NDArray[np.int64], source: NDArray[np.int64], counted: Counted, bound: Floats) -> None:
        """Put what was counted into the rows of the batch; `bound` is of what is minimised, in base units."""
        batch.outcome[rows] = counted.outcome[: self.asked, source].T
        batch.level[rows] = counted.level[:, source].T
        value = counted.outcome[self.place, source]
        least = self.question.sign * value
        if self.hot.integer:
            near = np.abs(bound[source] - least) <= 1e-12 * self.scale
            least = np.where(near, least, np.minimum(bound[source], least))
        batch.objective[rows] = value + 0.0
        batch.bound[rows] = self.question.sign * least + 0.0
        gaps = np.array([relative_gap(one, two) for one, two in zip(batch.objective[rows], batch.bound[rows], strict=True)])
        batch.gap[rows] = gaps
        batch.status[rows] = np.where(gaps <= within(self.limits.gap), CODES["optimal"], CODES["time_limit"])
