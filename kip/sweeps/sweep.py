"""Sweep: what came of many scenarios, read from its store when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kip.errors import RequestError
from kip.sweeps.experiment import STATUSES, Experiment
from kip.sweeps.journal import SOLVED, Journal, StoreLike
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, plain_value

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

    from kip.sensitivity.discovery import Discovery
    from kip.sensitivity.information import SampledInformation
    from kip.sensitivity.result import Sensitivity
    from kip.sensitivity.rules import Rules
    from kip.sweeps.executors import ExecutorLike
    from kip.sweeps.progress import Progress

__all__ = ["RESERVED", "Sweep", "open_sweep"]

RESERVED = ("input", "level", "status", "reason", *SOLVED, "scenario", "parameter", "shift")
"""Names in the dataset that no outcome may have."""

_WITHOUT = ("time_limit", "infeasible", "unbounded", "interrupted", "invalid", "failed")
_QUANTILES = {"least": 0.0, "5 %": 0.05, "median": 0.5, "95 %": 0.95, "most": 1.0}


@dataclass(frozen=True, repr=False, eq=False)
class Sweep(Shown):
    """What came of many scenarios.

    Attributes
    ----------
    journal : Journal
        Where it is kept.
    experiment : Experiment or None
        What was run; None when it was opened from a store.
    stopped : str
        Why it ended early: ``"interrupted"`` (Ctrl-C), or empty.
    language : {"en", "sv"}

    Examples
    --------
    >>> import numpy as np
    >>> from kip.sweeps.plain import Plain
    >>> from kip.sweeps.running import run
    >>> sweep = run(Plain(lambda x: x * x, ["x"], ["square"]), np.array([[1.0], [2.0], [3.0]]))
    >>> sweep.complete, sweep.dataset["square"].values.tolist()
    (True, [1.0, 4.0, 9.0])
    """

    journal: Journal
    experiment: Experiment | None = None
    stopped: str = ""
    language: str = "en"

    def __len__(self) -> int:
        return self.journal.header.scenarios

    @property
    def dataset(self) -> xr.Dataset:
        """Everything, by `scenario`; numbers are read from the store when they are used.

        `input` (scenario, parameter): the design. One variable for each outcome [its unit]. `level` (scenario, shift): units that
        start; missing for a plain function. `status`: a code, its words in the attribute ``flag_meanings``. `objective`, `bound`
        [unit of what was asked for], `gap` [1], `seconds` [s], `reason`. NaN where there is no portfolio, or the scenario is open. The
        attributes say where it comes from: plan, hashes, version, seed. With dask, ``.chunk()`` makes arithmetic lazy too.
        """
        import xarray as xr

        from kip.sweeps.lazy import variable

        header, array = self.journal.header, self.journal.array
        is_open = self.journal.status == STATUSES.index("open")
        data: dict[str, Any] = {}
        coordinates: dict[str, Any] = {"scenario": np.arange(header.scenarios)}
        if header.parameters:
            data["input"] = variable(array("input"), ("scenario", "parameter"), np.zeros_like(is_open))
            coordinates["parameter"] = list(header.parameters)
        for place, one in enumerate(header.outcomes):
            named = {"units": one.unit, "long_name": one.title or one.name}
            data[one.name] = variable(array("result"), ("scenario",), is_open, place, **named)
        if header.shifts:
            data["level"] = variable(array("level"), ("scenario", "shift"), is_open)
            coordinates["shift"] = list(header.shifts)
        coded = {"flag_values": list(range(len(STATUSES))), "flag_meanings": " ".join(STATUSES)}
        data["status"] = xr.Variable(("scenario",), self.journal.status.copy(), coded)
        units = {"gap": {"units": "1"}, "seconds": {"units": "s"}}
        for place, name in enumerate(SOLVED):
            data[name] = variable(array("solved"), ("scenario",), is_open, place, **units.get(name, {}))
        data["reason"] = xr.Variable(("scenario",), self.journal.reasons())
        return xr.Dataset(data, coordinates, self.provenance)

    @property
    def provenance(self) -> dict[str, str | float]:
        """Where it comes from: what the experiment says of itself, and hashes of experiment and design."""
        header = self.journal.header
        return {**header.about, "identity": header.identity, "design_hash": header.design, "block": header.block}

    @property
    def statuses(self) -> pd.Series[Any]:
        """Scenarios by status, those that occur."""
        counts = {name: int(count) for name, count in zip(STATUSES, self.journal.counts, strict=True) if count}
        return pd.Series(counts, name="scenarios", dtype="int64").rename_axis("status")

    @property
    def finished(self) -> int:
        """Scenarios that need not be run again, those without an answer among them."""
        return self.journal.finished

    @property
    def complete(self) -> bool:
        """Whether every scenario is finished."""
        return self.finished == len(self)

    def table(self) -> pd.DataFrame:
        """One row for each scenario: its inputs, its outcomes with their unit in brackets, and its status in words."""
        header = self.journal.header
        frame = pd.DataFrame(self.journal.values, columns=list(header.parameters), index=pd.RangeIndex(len(self), name="scenario"))
        if header.outcomes:
            results = self.journal.results()
            for place, one in enumerate(header.outcomes):
                name = f"{one.name} [{one.unit}]" if one.unit else one.name
                frame[f"{name} (outcome)" if name in frame.columns else name] = results[:, place]
        frame["status"] = [STATUSES[code] for code in self.journal.status]
        return frame

    @property
    def failures(self) -> pd.DataFrame:
        """Scenarios without a proven answer: scenario, status, reason, and for the first that failed a file that shows what was asked.

        Those that are open are not among them.
        """
        codes = [STATUSES.index(name) for name in _WITHOUT]
        rows = np.flatnonzero(np.isin(self.journal.status, codes))
        reasons = self.journal.reasons()[rows] if len(rows) else ()
        status = [STATUSES[code] for code in self.journal.status[rows]]
        saved = {path.stem: str(path) for path in self.journal.cases.glob("scenario-*")}
        files = [saved.get(f"scenario-{row}", "") for row in rows]
        return pd.DataFrame({"scenario": rows, "status": status, "reason": [str(text) for text in reasons], "file": files})

    def resume(
        self,
        experiment: Experiment | None = None,
        *,
        executor: ExecutorLike = "serial",
        workers: int | None = None,
        progress: Callable[[Progress], object] | bool | None = None,
        again: tuple[str, ...] = (),
    ) -> Sweep:
        """Run what is still open, and scenarios with a status in `again`, such as ``("failed",)``.

        Parameters
        ----------
        experiment : Experiment, optional
            Needed when the sweep was opened from a store: a store holds numbers, no code.
        executor, workers, progress
            As for the sweep itself.
        again : tuple of str
            Statuses to run again; their whole blocks are.

        Raises
        ------
        RequestError
            Without an experiment, or with another one than the store was made with.
        """
        from kip.sweeps.running import carry_on

        known = experiment or self.experiment
        if known is None:
            raise RequestError(
                "this sweep was opened from its store, which holds numbers and no code. Run the same sweep with this store once more: "
                "it goes on where it stopped."
            )
        if known.identity != self.journal.header.identity:
            raise RequestError("that experiment is another one than this sweep was made with. Give the same plan and question.")
        return carry_on(known, self.journal, executor=executor, workers=workers, progress=progress, again=again)

    def save(self, store: StoreLike) -> Sweep:
        """The same sweep in a new store: from memory to disk, or away from a disk that is full. What is finished comes along."""
        return Sweep(self.journal.copy(store), self.experiment, self.stopped, self.language)

    def quantiles(self) -> pd.DataFrame:
        """Of each outcome, over the scenarios that have one: least, 5 %, median, 95 %, most, mean [unit of the outcome]."""
        header = self.journal.header
        rows = {}
        results = self.journal.results()
        for place, one in enumerate(header.outcomes):
            known = results[:, place][np.isfinite(results[:, place])]
            values = np.quantile(known, list(_QUANTILES.values())) if len(known) else [np.nan] * len(_QUANTILES)
            rows[one.name] = [*values, known.mean() if len(known) else np.nan, one.unit]
        return pd.DataFrame.from_dict(rows, orient="index", columns=[*_QUANTILES, "mean", "unit"]).rename_axis("outcome")

    def sensitivity(self, measure: str, method: str | None = None, beside: Sweep | None = None) -> Sensitivity:
        """Which parameters move an outcome, by the method that the design was made for.

        Parameters
        ----------
        measure : str
            Name of an outcome.
        method : {"tornado", "morris", "sobol", "given-data"}, optional
            "given-data" (PAWN, delta, trees) can be asked of any design but one-at-a-time.
        beside : Sweep, optional
            For a tornado: the same scenarios with a kept portfolio, so that both are drawn side by side.

        Raises
        ------
        RequestError
            When there is no such outcome, the method does not fit the design, or scenarios are open that it needs.
        """
        from kip.sweeps.analysis import sensitivity_in

        return sensitivity_in(self, measure, method, beside)

    def core_index(self) -> pd.DataFrame:
        """In how many scenarios each shift is chosen (core index; Liesiö, Mild & Salo 2007).

        Columns: title; core index [1], the share of the scenarios with an answer in which it starts (from a thousandth of the most it is
        anywhere); class: always, never, depends; least where chosen and most [its unit]; scenarios that were counted.

        Raises
        ------
        RequestError
            When the sweep chose no shifts, or no scenario has an answer.
        """
        from kip.sweeps.analysis import core_index_of

        return core_index_of(self)

    def rules(self) -> Rules:
        """When each shift is chosen, as one readable rule on the parameters, with how often it is right; see `kip.rules_of`."""
        from kip.sweeps.analysis import rules_in

        return rules_in(self)

    def discover(self, measure: str, *, below: float | None = None, above: float | None = None) -> Discovery:
        """In which scenarios an outcome is below or above something [its unit]: a box by PRIM, and a tree; see `kip.discover`."""
        from kip.sweeps.analysis import discovery_in

        return discovery_in(self, measure, below, above)

    def information(self, measure: str, direction: str = "up") -> SampledInformation:
        """What it would be worth to know each parameter before one of several kept portfolios is chosen; see `kip.sampled_information`.

        Parameters
        ----------
        measure : str
            Measure that the portfolios were counted in.
        direction : {"up", "down"}
            Whether more or less of it is better.
        """
        from kip.sweeps.analysis import information_in

        return information_in(self, measure, direction)

    def sentences(self, language: str | None = None) -> tuple[str, ...]:
        """How far it is, and what went wrong, in words."""
        say = Language(language or self.language)
        total = say.number(len(self), 0)
        lines = [say("sweep complete" if self.complete else "sweep so far", finished=say.number(self.finished, 0), total=total)]
        if self.stopped:
            lines.append(say(f"sweep {self.stopped}"))
        if not self.complete:
            lines.append(say("sweep go on"))
        failed = self.failures
        broken = failed[failed["status"] == "failed"]
        for row in broken.head(3).itertuples():
            lines.append(say("sweep failed", scenario=row.scenario, reason=row.reason))
        if len(broken) > 3:
            lines.append(say("sweep more failed", count=say.number(len(broken) - 3, 0)))
        return tuple(lines)

    def sheet(self, language: str | None = None) -> Sheet:
        """The sweep as a sheet, to show."""
        say = Language(language or self.language)
        lines = self.sentences(language)
        header = self.journal.header
        counts = self.statuses
        statuses = pd.DataFrame(
            {
                say("sweep status"): [say(f"sweep is {name}") for name in counts.index],
                say("sweep scenarios"): counts.to_numpy(),
            }
        )
        sections = [Section(say("sweep became"), lines[1:], statuses)]
        if header.outcomes and self.finished:
            shown = self.quantiles()
            titles = [one.title or one.name for one in header.outcomes]
            table = pd.DataFrame({say("sweep outcome"): titles}, dtype=object)
            for name in (*_QUANTILES, "mean"):
                table[say(f"sweep {name}")] = pd.Series(shown[name].to_numpy(), dtype=object)
            table[say("sweep unit")] = [say.unit(one.unit) for one in header.outcomes]
            sections.append(Section(say("sweep outcomes"), (), table))
        about = self.provenance
        footer = " · ".join(str(about[key]) for key in ("plan", "function", "plan_hash", "objective") if about.get(key))
        return Sheet(say("sweep title"), lines[0], tuple(sections), say.code, footer)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: how far it is, quantiles of the outcomes, provenance; NaN becomes None."""
        quantiles = {
            str(name): {str(key): plain_value(value) for key, value in row.items()}
            for name, row in self.quantiles().to_dict(orient="index").items()
        }
        counts = {str(name): int(count) for name, count in self.statuses.items()}
        about = {key: plain_value(value) for key, value in self.provenance.items()}
        return {"scenarios": len(self), "finished": self.finished, "statuses": counts, "outcomes": quantiles, "provenance": about}


def open_sweep(store: StoreLike, language: str = "en") -> Sweep:
    """A sweep from its store, to read; also while another process is running it.

    Nothing in a store is run: it holds numbers, and a store from somebody else is as safe as a table. To go on with it, run the same
    sweep with this store, or hand the experiment to `Sweep.resume`.

    Parameters
    ----------
    store : str, Path or zarr store
    language : {"en", "sv"}

    Raises
    ------
    RequestError
        When there is no sweep.

    Examples
    --------
    >>> import kip, pathlib, tempfile
    >>> store = pathlib.Path(tempfile.mkdtemp()) / "run.zarr"
    >>> sweep = kip.sweep(lambda x: 2 * x, {"x": [1.0, 3.0]}, store=store, progress=False)
    >>> kip.open_sweep(store).dataset["outcome"].values.tolist()
    [2.0, 6.0]
    """
    return Sweep(Journal.open(store), language=language)
