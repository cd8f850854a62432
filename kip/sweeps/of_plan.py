"""What the experiments of a plan share: parameters, provenance, and scenarios that are looked at one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.measures import Measure
from kip.model import Plan
from kip.sweeps.answers import Answered, write_down
from kip.sweeps.asked_measures import Varying, digest, outcome_measures
from kip.sweeps.experiment import Batch

__all__ = ["OfPlan"]

Floats: TypeAlias = NDArray[np.float64]


class OfPlan:
    """An experiment of a plan.

    Parameters
    ----------
    plan : Plan
    space : Varying
    inputs : xarray.Dataset
        The plan as arrays.
    outcomes : iterable of str, optional
        Measures that are written down.
    """

    mode = ""
    """What is done in each scenario, for provenance."""

    def __init__(self, plan: Plan, space: Varying, inputs: xr.Dataset, outcomes: Iterable[str] | None) -> None:
        self.plan, self.space = plan, space
        self.measures: tuple[Measure, ...] = outcome_measures(outcomes, inputs)
        self._shifts: tuple[str, ...] = tuple(map(str, inputs["shift"].values))
        self._built: dict[str, Any] = {}

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the columns of a block of values."""
        return tuple(self.space.names)

    @property
    def shifts(self) -> tuple[str, ...]:
        """Shifts and enablers by name, whose levels are written down."""
        return self._shifts

    def _identity(self, **parts: object) -> str:
        """A fingerprint of plan, space, outcomes, version, and what else changes an answer."""
        return digest(
            self.space, mode=self.mode, kip=_version(), plan=self.plan.hash, outcomes=[one.name for one in self.measures], **parts
        )

    def _about(self) -> dict[str, str | float]:
        return {"mode": self.mode, "plan": self.plan.name, "plan_hash": self.plan.hash, "kip_version": _version()}

    @staticmethod
    def _each(values: Floats, batch: Batch, places: Iterable[int], answer: Callable[[Floats], Answered]) -> None:
        """Answer scenarios one by one, equal ones once; what is left when somebody stops stays open."""
        known: dict[bytes, Answered] = {}
        for place in places:
            began = time.perf_counter()
            key = values[place].tobytes()
            if key not in known:
                known[key] = answer(values[place])
            write_down(batch, place, known[key], time.perf_counter() - began)
            if known[key].status == "interrupted":
                return


def _version() -> str:
    from kip import __version__

    return __version__
