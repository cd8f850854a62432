"""StressTested: portfolios that are kept, counted in every scenario without a solver."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.count import count
from kip.accounting.funding import Transfers
from kip.accounting.inputs import build_inputs
from kip.accounting.measures import Measure, parse_measure
from kip.accounting.settled import with_decided
from kip.errors import RequestError
from kip.model import Plan
from kip.results.portfolio import Portfolio
from kip.sweeps.answers import NO_PLAN, Answered, as_block, invalid, levels, scenario_plan, write_down
from kip.sweeps.asked_measures import Varying, digest, measured, outcome_measures, values_of
from kip.sweeps.cases import save_numbers
from kip.sweeps.experiment import Batch, Measured, empty_batch

__all__ = ["StressTested"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class _Kept:
    """What a portfolio starts and who gets what, with the names of the rows and columns."""

    name: str
    new: Floats
    grant: Floats
    loan: Floats
    labels: dict[str, tuple[str, ...]]


class StressTested:
    """One fixed portfolio, or several, counted in each scenario: the experiment behind ``kip.sweep(plan, space, portfolios=…)``.

    The decisions are kept, with their grants and loans; nothing is chosen again. A scenario in which a budget does not reach is
    counted all the same, as `kip.evaluate` does.

    Parameters
    ----------
    plan : Plan
    space : Varying
    portfolios : Portfolio, or a sequence or mapping {name: Portfolio}
        With several, the name of each outcome begins with that of its portfolio.
    outcomes : iterable of str, optional
        As in `Reoptimized`.

    Raises
    ------
    RequestError
        When there is no portfolio, one has no answer or starts something that the plan does not have, or a measure is unknown.

    Examples
    --------
    >>> import kip, numpy as np
    >>> from kip.sweeps.plain_outcomes import Paths
    >>> plan = kip.example("minimal")
    >>> best = kip.optimize(plan)
    >>> tested = StressTested(plan, Paths(("discount_rate",)), best, ["reduction", "net_cost"])
    >>> batch = tested.run(np.array([[0.0], [0.07]]))
    >>> bool(batch.outcome[0, 0] == batch.outcome[1, 0]), bool(batch.outcome[0, 1] != batch.outcome[1, 1])
    (True, True)
    """

    def __init__(self, plan: Plan, space: Varying, portfolios: Any, outcomes: Iterable[str] | None = None) -> None:
        self.plan, self.space = plan, space
        inputs = build_inputs(plan)
        self.kept = _kept(portfolios, inputs)
        self.measures: tuple[Measure, ...] = outcome_measures(outcomes, inputs)
        self._shifts = tuple(map(str, inputs["shift"].values)) if len(self.kept) == 1 else ()
        self._built: dict[str, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What a worker gets; what was built stays here, and it builds its own."""
        return {**self.__dict__, "_built": {}}

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the columns of a block of values."""
        return tuple(self.space.names)

    @property
    def outcomes(self) -> tuple[Measured, ...]:
        """The measures of each portfolio."""
        several = len(self.kept) > 1
        return tuple(measured(measure, kept.name if several else "") for kept in self.kept for measure in self.measures)

    @property
    def shifts(self) -> tuple[str, ...]:
        """Shifts and enablers by name; none when there are several portfolios, whose levels are not one row."""
        return self._shifts

    @property
    def identity(self) -> str:
        """Changes with everything that changes an answer."""
        return digest(
            self.space,
            mode="stress test",
            kip=self.about["kip_version"],
            plan=self.plan.hash,
            portfolios=[(kept.name, kept.new.tolist(), kept.grant.tolist(), kept.loan.tolist()) for kept in self.kept],
            outcomes=[measure.name for measure in self.measures],
        )

    @property
    def about(self) -> dict[str, str | float]:
        """Provenance, as plain text and numbers."""
        from kip import __version__

        return {
            "mode": "stress test",
            "plan": self.plan.name,
            "plan_hash": self.plan.hash,
            "kip_version": __version__,
            "portfolios": ", ".join(kept.name for kept in self.kept),
        }

    def run(self, values: Floats) -> Batch:
        """What comes of each row of values; see `Experiment`."""
        values = as_block(values, len(self.parameters))
        batch = empty_batch(len(values), len(self.outcomes), len(self._shifts))
        self._exactly(values, batch, range(len(values)))
        return batch

    def _exactly(self, values: Floats, batch: Batch, places: Iterable[int]) -> None:
        known: dict[bytes, Answered] = {}
        for place in places:
            began = time.perf_counter()
            key = values[place].tobytes()
            if key not in known:
                known[key] = self._one(values[place])
            write_down(batch, place, known[key], time.perf_counter() - began)

    def _one(self, row: Floats) -> Answered:
        size = len(self.outcomes), len(self._shifts)
        try:
            counted = self.count(row)
        except NO_PLAN as error:
            return invalid("invalid", str(error), *size)
        except Exception as error:  # one scenario never ends a sweep
            return invalid("failed", f"{type(error).__name__}: {error}", *size)
        outcome = np.concatenate([values_of([parse_measure(measure.name, data) for measure in self.measures], data) for data in counted])
        return Answered("evaluated", outcome, levels(counted[0], self._shifts))

    def count(self, row: Floats) -> list[xr.Dataset]:
        """Each portfolio, counted in one scenario."""
        inputs = build_inputs(scenario_plan(self.plan, self.space, row))
        return [count(inputs, *_decisions(kept, inputs)) for kept in self.kept]

    def save_case(self, values: Floats, folder: Path) -> Path:
        """Write the numbers of a scenario."""
        return save_numbers(self.parameters, np.asarray(values, dtype=float), folder)


def _kept(portfolios: Any, inputs: xr.Dataset) -> tuple[_Kept, ...]:
    several: list[tuple[str, Any]]
    if isinstance(portfolios, Portfolio):
        several = [("portfolio", portfolios)]
    elif hasattr(portfolios, "items"):
        several = [(str(name), portfolio) for name, portfolio in portfolios.items()]
    elif isinstance(portfolios, Sequence) and not isinstance(portfolios, str):
        several = [(f"portfolio {place}", portfolio) for place, portfolio in enumerate(portfolios, start=1)]
    else:
        several = []
    wrong = [] if several else ["there is no portfolio to test. Give one from kip.optimize or kip.evaluate, or {name: portfolio}."]
    for name, portfolio in several:
        if not isinstance(portfolio, Portfolio):
            wrong.append(f"{name}: found {type(portfolio).__name__}; must be a Portfolio. Give one from kip.optimize or kip.evaluate.")
        elif not portfolio.found:
            wrong.append(f"{name}: it has no answer ({portfolio.status}). Leave it out.")
    if wrong:
        raise RequestError("\n".join(wrong))
    kept = tuple(_of(name, portfolio.dataset) for name, portfolio in several)
    for one in kept:
        _aligned(one, inputs)
    return kept


def _of(name: str, data: xr.Dataset) -> _Kept:
    labels = {dim: tuple(map(str, data[dim].values)) for dim in ("shift", "district", "year", "funding", "actor")}
    return _Kept(name, data["new"].values.copy(), data["grant"].values.copy(), data["loan"].values.copy(), labels)


def _decisions(kept: _Kept, inputs: xr.Dataset) -> tuple[Floats, Transfers]:
    new, grant, loan = _aligned(kept, inputs)
    return with_decided(inputs, new), Transfers(grant, loan)


def _aligned(kept: _Kept, inputs: xr.Dataset) -> tuple[Floats, Floats, Floats]:
    """What is kept, in the order of a scenario's arrays.

    Raises
    ------
    RequestError
        When something starts, or pays, that the scenario does not have.
    """
    there = {dim: list(map(str, inputs[dim].values)) for dim in kept.labels}
    parts = ((kept.new, ("shift", "district", "year")), (kept.grant, ("funding", "shift", "district", "actor", "year")))
    parts = (*parts, (kept.loan, ("funding", "actor", "year")))  # type: ignore[assignment]
    if all(tuple(there[dim]) == kept.labels[dim] for dim in kept.labels):
        return kept.new, kept.grant, kept.loan
    moved = []
    for array, dims in parts:
        into = np.zeros([len(there[dim]) for dim in dims])
        for where in np.argwhere(array != 0):
            names = [kept.labels[dim][place] for dim, place in zip(dims, where, strict=True)]
            missing = [f'{dim} "{name}"' for dim, name in zip(dims, names, strict=True) if name not in there[dim]]
            if missing:
                raise RequestError(f"{kept.name}: this plan does not have {', '.join(missing)}. Test portfolios of the same plan.")
            into[tuple(there[dim].index(name) for dim, name in zip(dims, names, strict=True))] = array[tuple(where)]
        moved.append(into)
    return moved[0], moved[1], moved[2]
