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
from kip.accounting.measures import parse_measure
from kip.accounting.settled import with_decided
from kip.errors import RequestError
from kip.model import Plan
from kip.results.portfolio import Portfolio
from kip.sweeps.answers import CODES, NO_PLAN, Answered, as_block, invalid, levels, scenario_plan
from kip.sweeps.asked_measures import Varying, measured, values_of
from kip.sweeps.cases import save_numbers
from kip.sweeps.experiment import Batch, Measured, empty_batch
from kip.sweeps.of_plan import OfPlan
from kip.sweeps.slots import NotPatched, Slots, slots_of

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


class StressTested(OfPlan):
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

    mode = "stress test"

    def __init__(self, plan: Plan, space: Varying, portfolios: Any, outcomes: Iterable[str] | None = None) -> None:
        inputs = build_inputs(plan)
        self.kept = _kept(portfolios, inputs)
        super().__init__(plan, space, inputs, outcomes)
        if len(self.kept) > 1:
            # levels of several portfolios are not one row
            self._shifts = ()

    @property
    def outcomes(self) -> tuple[Measured, ...]:
        """The measures of each portfolio."""
        several = len(self.kept) > 1
        return tuple(measured(measure, kept.name if several else "") for kept in self.kept for measure in self.measures)

    @property
    def identity(self) -> str:
        """Changes with everything that changes an answer."""
        return self._identity(portfolios=[(kept.name, kept.new.tolist(), kept.grant.tolist(), kept.loan.tolist()) for kept in self.kept])

    @property
    def about(self) -> dict[str, str | float]:
        """Provenance, as plain text and numbers."""
        return self._about() | {
            "portfolios": ", ".join(kept.name for kept in self.kept),
            "engine": f"every scenario is counted by itself: {self.slots}" if isinstance(self.slots, str) else "counted once, patched",
        }

    def run(self, values: Floats) -> Batch:
        """What comes of each row of values; see `Experiment`."""
        values = as_block(values, len(self.parameters))
        batch = empty_batch(len(values), len(self.outcomes), len(self._shifts))
        slots = self.slots
        left = range(len(values)) if isinstance(slots, str) else map(int, self._patched(slots, values, batch))
        self._each(values, batch, left, self._one)
        return batch

    @property
    def slots(self) -> Slots | str:
        """How the outcomes follow from the parameters, found when it is first asked for; or why every scenario is counted by itself."""
        if "slots" not in self._built:
            try:
                self._built["slots"] = slots_of(lambda _: self._numbers, self.space)[0]
            except NotPatched as reason:
                self._built["slots"] = str(reason)
        built: Slots | str = self._built["slots"]
        return built

    def _numbers(self, row: Floats) -> Floats:
        """What follows from the parameters without a kink in one scenario: outcomes but for the shortfall, what targets ask, levels."""
        counted = self.count(row)
        parts = []
        for data in counted:
            smooth = [measure for measure in self.measures if measure.base != "shortfall"]
            parts += [values_of([parse_measure(measure.name, data) for measure in smooth], data), _asked_by_targets(data)]
        return np.concatenate([*parts, levels(counted[0], self._shifts)])

    def _patched(self, slots: Slots, values: Floats, batch: Batch) -> NDArray[np.int64]:
        """Count a block at once; returns the rows that are left."""
        began = time.perf_counter()
        inside = np.flatnonzero(slots.fits(values))
        numbers = slots.at(values[inside])
        outcome, start = [], 0
        smooth = np.array([measure.base != "shortfall" for measure in self.measures])
        targets = len(self.plan.targets)
        for _ in self.kept:
            found = np.zeros((len(self.measures), len(inside)))
            found[smooth] = numbers[start : start + smooth.sum()]
            start += int(smooth.sum())
            emitted, credit, most, allowed = numbers[start : start + 4 * targets].reshape(4, targets, len(inside))
            found[~smooth] = np.maximum(0.0, emitted - np.minimum(credit, most) - allowed).sum(axis=0)
            start += 4 * targets
            outcome.append(found)
        table = np.concatenate(outcome).T
        rows = inside[np.isfinite(table).all(axis=1)]
        good = np.isfinite(table).all(axis=1)
        batch.outcome[rows], batch.level[rows] = table[good], numbers[start:].T[good]
        batch.status[rows] = CODES["evaluated"]
        batch.seconds[rows] = (time.perf_counter() - began) / max(1, len(rows))
        left = np.ones(len(values), dtype=bool)
        left[rows] = False
        return np.flatnonzero(left)

    def _one(self, row: Floats) -> Answered:
        size = len(self.outcomes), len(self._shifts)
        try:
            return self._counted(row)
        except NO_PLAN as error:
            return invalid("invalid", str(error), *size)
        except Exception as error:  # one scenario never ends a sweep
            return invalid("failed", f"{type(error).__name__}: {error}", *size)

    def _counted(self, row: Floats) -> Answered:
        counted = self.count(row)
        outcome = np.concatenate([values_of([parse_measure(measure.name, data) for measure in self.measures], data) for data in counted])
        return Answered("evaluated", outcome, levels(counted[0], self._shifts))

    def count(self, row: Floats) -> list[xr.Dataset]:
        """Each portfolio, counted in one scenario."""
        inputs = build_inputs(scenario_plan(self.plan, self.space, row))
        return [count(inputs, *_decisions(kept, inputs)) for kept in self.kept]

    def save_case(self, values: Floats, folder: Path) -> Path:
        """Write the numbers of a scenario."""
        return save_numbers(self.parameters, np.asarray(values, dtype=float), folder)


def _asked_by_targets(data: xr.Dataset) -> Floats:
    """For each target: emissions, what complementary measures give, the most of it that counts, what is allowed."""
    ledgers, years = list(data["ledger"].values), list(data["year"].values)
    complementary = data["complementary"].values.sum(axis=(0, 1))
    emissions = data["emissions"].values
    where = [
        (ledgers.index(ledger), years.index(year))
        for ledger, year in zip(data["target_ledger"].values, data["target_year"].values, strict=True)
    ]
    rows = [[emissions[at] for at in where], [complementary[at] for at in where]]
    return np.array([*rows, data["target_complementary"].values, data["target_value"].values], dtype=float).ravel()


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
    parts: tuple[tuple[Floats, tuple[str, ...]], ...] = (
        (kept.new, ("shift", "district", "year")),
        (kept.grant, ("funding", "shift", "district", "actor", "year")),
        (kept.loan, ("funding", "actor", "year")),
    )
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
