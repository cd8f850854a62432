"""Reoptimized: the best portfolio of each scenario. Compiled once, patched, solved and recounted; rebuilt where that is not enough."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.inputs import build_inputs
from kip.model import Plan
from kip.optimization.asked import ask, check_options
from kip.optimization.question import Limits, Question
from kip.sweeps.answers import NO_PLAN, Answered, as_block, invalid, scenario_plan
from kip.sweeps.asked_measures import Varying, measured
from kip.sweeps.axes import axes_of
from kip.sweeps.engine import Engine
from kip.sweeps.experiment import BLOCK, Batch, Measured, empty_batch
from kip.sweeps.of_plan import OfPlan
from kip.sweeps.one_scenario import answer_exactly
from kip.sweeps.slots import NotPatched

__all__ = ["Reoptimized"]

Floats: TypeAlias = NDArray[np.float64]

_EACH_REBUILT, _WITH_WHOLE_DECISIONS = 8, 32
_MANY = 100
"""Whole decisions from which on a start is worth its own search."""


class Reoptimized(OfPlan):
    """Each scenario solved anew: the experiment behind ``kip.sweep(plan, space)``.

    Parameters
    ----------
    plan : Plan
    space : Varying
        What varies; usually a `kip.Space`.
    question : Question, optional
        As in `kip.optimize`; the reduction is maximised when left out.
    outcomes : iterable of str, optional
        Measures that are written down for each scenario; tonnes, money, what is missing and indicators when left out.
    limits : Limits, optional
        Gap, seconds and seed of each solve.

    Raises
    ------
    RequestError
        With every unknown measure and every contradiction of the question.

    Examples
    --------
    >>> import kip, numpy as np
    >>> from kip.sweeps.plain_outcomes import Paths
    >>> plan = kip.example("minimal")
    >>> asked = Reoptimized(plan, Paths(("budgets.municipality",)), outcomes=["reduction", "cost"])
    >>> batch = asked.run(np.array([[12e6], [3e6]]))
    >>> [outcome.name for outcome in asked.outcomes], bool(batch.outcome[0, 0] >= batch.outcome[1, 0])
    (['reduction', 'cost'], True)
    """

    mode = "reoptimise"

    def __init__(
        self,
        plan: Plan,
        space: Varying,
        question: Question | None = None,
        outcomes: Iterable[str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits()
        check_options(self.limits.gap, self.limits.time_limit, self.limits.seed)
        inputs = build_inputs(plan)
        asked = question or Question()
        self.question = ask(inputs, asked, asked.minimum, asked.maximum, asked.require, asked.forbid)
        super().__init__(plan, space, inputs, outcomes)

    def __getstate__(self) -> dict[str, Any]:
        """What a worker gets: the arrays, where they are made already; all else that was built stays here."""
        return {**self.__dict__, "_built": {name: value for name, value in self._built.items() if name == "engine"}}

    @property
    def outcomes(self) -> tuple[Measured, ...]:
        """The measures that are written down, with their units."""
        return tuple(measured(measure) for measure in self.measures)

    @property
    def identity(self) -> str:
        """Changes with everything that changes an answer."""
        return self._identity(question=self.question.to_dict(), limits=[self.limits.gap, self.limits.time_limit, self.limits.seed])

    @property
    def about(self) -> dict[str, str | float]:
        """Provenance, as plain text and numbers."""
        return self._about() | {
            "question": json.dumps(self.question.to_dict()),
            "objective": self.question.name,
            "gap": self.limits.gap,
            "time_limit": self.limits.time_limit or 0.0,
            "solver_seed": self.limits.seed,
            "engine": f"every scenario is rebuilt: {self.engine}" if isinstance(self.engine, str) else "compiled once, patched",
        }

    @property
    def block(self) -> int:
        """Scenarios in a block: as many as take seconds, since that is what a worker may lose."""
        if isinstance(self.engine, str):
            return _EACH_REBUILT
        return _WITH_WHOLE_DECISIONS if self.engine.hot.integer else BLOCK

    def run(self, values: Floats) -> Batch:
        """What comes of each row of values; see `Experiment`."""
        values = as_block(values, len(self.parameters))
        batch = empty_batch(len(values), len(self.measures), len(self._shifts))
        engine = self.engine
        left = range(len(values)) if isinstance(engine, str) else engine.run(values, batch)
        self._each(values, batch, map(int, left), self._one)
        return batch

    @property
    def engine(self) -> Engine | str:
        """What patches and solves whole blocks, made when it is first asked for; or why every scenario is rebuilt, in a sentence."""
        if "engine" not in self._built:
            try:
                self._built["engine"] = Engine(self.plan, self.space, self.question, self.measures, self.limits)
            except NotPatched as reason:
                self._built["engine"] = str(reason)
        built: Engine | str = self._built["engine"]
        return built

    def _one(self, row: Floats) -> Answered:
        size = len(self.measures), len(self._shifts)
        try:
            plan = scenario_plan(self.plan, self.space, row)
        except NO_PLAN as error:
            return invalid("invalid", str(error), *size)
        except Exception as error:  # a number of the wrong kind, in whatever words
            return invalid("invalid", f"{type(error).__name__}: {error}", *size)
        return answer_exactly(plan, self.question, self.limits, self.measures, self._shifts, self._start())

    def _start(self) -> xr.Dataset | None:
        """The answer of the plan as it is, where a search from nothing is long: a scenario is then searched around it first."""
        if "start" not in self._built:
            inputs = build_inputs(self.plan)
            whole = (inputs["choice"].values != "share")[:, None] & inputs["located"].values
            many = int((whole.sum(axis=1) * inputs["may_start"].values.sum(axis=1)).sum()) > _MANY
            asked = many and self.question.per is None and axes_of(self.space) is not None
            answer = answer_exactly(self.plan, self.question, self.limits, self.measures, self._shifts) if asked else None
            self._built["start"] = None if answer is None or answer.status != "optimal" else answer.data
        start: xr.Dataset | None = self._built["start"]
        return start

    def save_case(self, values: Floats, folder: Path) -> Path:
        """Write the numbers of a scenario, and the solver's model of it where there is one."""
        from kip.sweeps.cases import save_case

        return save_case(self, np.asarray(values, dtype=float), folder)
