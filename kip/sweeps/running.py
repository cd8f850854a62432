"""Running an experiment over a design: blocks go out, batches come in, everything finished is in the journal.

What a sweep calls::

    from kip.sweeps.running import run

    sweep = run(experiment, values)  # in memory, one scenario after another
    sweep = run(experiment, values, executor="processes", workers=2, store="run.zarr")  # the same numbers; goes on where it was killed
    sweep = run(experiment, values, executor=client, about={"design": "sobol", "seed": 0}, progress=print)

`values` is an array (scenario, parameter); `executor` is "serial", "threads", "processes", any concurrent.futures.Executor or a
dask.distributed.Client. The Sweep that comes back is whole, or says in `stopped` why it is not.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from kip.errors import RequestError, unknown_name
from kip.sweeps.executors import Crew, ExecutorLike, Job, crew_for
from kip.sweeps.experiment import BLOCK, STATUSES, Batch, Experiment, Floats, empty_batch
from kip.sweeps.header import header_of
from kip.sweeps.journal import Journal, StoreLike
from kip.sweeps.parts import put_into
from kip.sweeps.progress import Progress, bar
from kip.sweeps.sweep import RESERVED, Sweep
from kip.sweeps.worker import Answer

__all__ = ["carry_on", "run"]

Callback: TypeAlias = "Callable[[Progress], object] | bool | None"

MOST_CASES = 20
"""Scenarios that fail and are saved as files; the reasons of all are in the store."""

LEAST_BLOCKS = 32
"""In how many blocks a sweep is cut at least, so that few scenarios too are shared among workers; the same whoever runs it."""

_FAILED = STATUSES.index("failed")
_INTERRUPTED = STATUSES.index("interrupted")


def run(
    experiment: Experiment,
    values: Floats,
    *,
    executor: ExecutorLike = "serial",
    workers: int | None = None,
    store: StoreLike | None = None,
    progress: Callback = None,
    block: int | None = None,
    about: Mapping[str, str | float] | None = None,
) -> Sweep:
    """Run an experiment over a design, and keep what is finished whatever happens.

    A store that already holds part of the same sweep is gone on with. What a scenario cannot do is a row with its status: nothing that
    happens in one ends the others. Ctrl-C ends the run with what is finished; blocks that were being run are open again.

    Parameters
    ----------
    experiment : Experiment
    values : array (scenario, parameter)
        The design, in the order of `experiment.parameters`.
    executor : {"serial", "threads", "processes"}, concurrent.futures.Executor or dask.distributed.Client
        Who runs the blocks. The numbers do not depend on it. Only "processes" and a cluster survive a scenario that kills its worker:
        its block is run again, then halved until the scenario is found, which is recorded as failed and saved as a file.
    workers : int, optional
        For "threads" and "processes"; one for each core this process may use when left out.
    store : str, Path or zarr store, optional
        Where to keep it: a folder such as ``"run.zarr"``, or whatever zarr opens. In memory when left out.
    progress : callable or bool, optional
        Gets a `Progress` after each block. Left out: a bar, on a terminal or in a notebook. False: nothing.
    block : int, optional
        Scenarios in a block: what is handed out, written, and lost at most by each worker when a run is killed. `BLOCK`, or the
        experiment's own attribute `block` (slow scenarios want few), and at most a 32nd of all. A store keeps the one it was made with.
    about : dict, optional
        More provenance: the kind of design and its seed.

    Returns
    -------
    Sweep

    Raises
    ------
    RequestError
        For values of the wrong shape, no scenarios, an unknown executor, a store of another sweep, one that cannot be written or is
        full, and an experiment or executor that cannot be used.
    """
    table = np.asarray(values, dtype=float)
    wide = len(experiment.parameters)
    if table.ndim != 2 or table.shape[1] != wide:
        raise RequestError(
            f"values have the shape {table.shape}; give one row for each scenario and {wide} columns, one for each parameter."
        )
    if not len(table):
        raise RequestError("the design has no scenarios. Give at least one.")
    taken = [one.name for one in experiment.outcomes if one.name in RESERVED]
    if taken:
        raise RequestError(f"an outcome is called {taken[0]}, which the dataset uses itself. Give it another name.")
    size = block if block is not None else min(getattr(experiment, "block", BLOCK), -(-len(table) // LEAST_BLOCKS))
    if size < 1:
        raise RequestError(f"block is {size}; give 1 or more.")
    journal = Journal.at(store, header_of(experiment, table, size, BLOCK if block is None else block, about), table)
    return carry_on(experiment, journal, executor=executor, workers=workers, progress=progress)


def carry_on(
    experiment: Experiment,
    journal: Journal,
    *,
    executor: ExecutorLike = "serial",
    workers: int | None = None,
    progress: Callback = None,
    again: tuple[str, ...] = (),
) -> Sweep:
    """Run what a journal has open, and the blocks with a status in `again`."""
    unknown = [name for name in again if name not in STATUSES]
    if unknown:
        raise RequestError(unknown_name("status", unknown[0], STATUSES))
    todo = journal.blocks(again)
    if not todo:
        return Sweep(journal, experiment)
    crew = crew_for(executor, experiment, workers)
    at_once = True
    try:
        with bar(progress, journal) as report:
            running = _Running(crew, journal, todo, report)
            stopped = running.all()
        at_once = stopped
    finally:
        with contextlib.suppress(RequestError):  # after what went wrong before; a disk that is full said so already
            journal.flush()
        crew.close(at_once)
    return Sweep(journal, experiment, "interrupted" if stopped else "")


@dataclass
class _Assembly:
    """A block while parts of it are out."""

    batch: Batch
    left: int


class _Running:
    """The state of one run: what is to be handed out, what is out, what came back."""

    def __init__(self, crew: Crew, journal: Journal, todo: list[tuple[int, int]], report: Callable[[], None]) -> None:
        self._crew = crew
        self._journal = journal
        self._values = journal.values
        self._fresh = self._blocks(todo)
        self._waiting: deque[Job] = deque()
        self._ending = False
        self._assemblies: dict[int, _Assembly] = {}
        self._report = report
        self._saved = 0

    def all(self) -> bool:
        """Run everything; whether it was stopped on the way."""
        try:
            self._fill()
            while self._crew.busy:
                if self._take(self._crew.collect()):
                    break
            else:
                self._write()
                return False
        except KeyboardInterrupt:
            pass
        self._drain()
        return True

    def _write(self) -> None:
        """What is finished and not written yet."""
        if self._journal.waiting:
            self._journal.flush()
            self._report()

    def _blocks(self, todo: list[tuple[int, int]]) -> Iterator[Job]:
        for first, last in todo:
            yield Job(first, self._values[first:last])

    def _fill(self) -> None:
        """Hand out as much as the crew takes: the number of blocks in memory stays the same, however many there are."""
        while not self._ending and self._crew.busy < self._crew.size:
            job = self._next()
            if job is None:
                return
            self._crew.hand_out(job)
            if self._alone(job):
                return

    def _next(self) -> Job | None:
        """Parts and retries first; those that must be alone when nothing else is left and nothing is out."""
        if self._waiting and not self._alone(self._waiting[0]):
            return self._waiting.popleft()
        job = next(self._fresh, None)
        if job is None and self._waiting and not self._crew.busy:
            return self._waiting.popleft()
        return job

    def _alone(self, job: Job) -> bool:
        """Whether it may have killed a worker, and the crew cannot tell which of the jobs of a dead worker did."""
        return job.strikes > 0 and not self._crew.tells_apart

    def _take(self, done: list[tuple[Job, Answer]]) -> bool:
        """Settle answers; whether one says that it was interrupted. Workers get their next block before the last one is written."""
        whole: list[tuple[int, Batch]] = []
        for job, answer in done:
            whole += self._settled(job, answer)
        stopped = any(bool(np.any(batch.status == _INTERRUPTED)) for _, batch in whole)
        if not stopped:
            self._fill()
        for first, batch in whole:
            if self._journal.put(first, batch):
                self._report()
        return stopped

    def _drain(self) -> None:
        """Stopped: wait a little for what is being run, write what comes, hand out nothing more."""
        self._ending = True
        until = time.monotonic() + self._crew.patience
        try:
            while self._crew.busy and (left := until - time.monotonic()) > 0:
                self._take(self._crew.collect(min(left, 1.0)))
            self._write()
        except KeyboardInterrupt:
            return  # a second Ctrl-C: at once; what is finished is written all the same

    def _settled(self, job: Job, answer: Answer) -> list[tuple[int, Batch]]:
        """What an answer means for its job; the block it belongs to, when that is whole now."""
        word, content = answer
        if word == "batch":
            return self._put(job, content)
        if job.kind == "case":
            return self._put(job, self._failed(job, content if word == "case" else None))
        if word == "unloadable":
            raise RequestError(
                f"the workers cannot load the experiment: {content}. Define what it uses in a module that they can import, install "
                'cloudpickle, or use executor="threads".'
            )
        if word == "lost" and job.strikes == 0:
            job.strikes = 1
            self._waiting.append(job)
        elif len(job.values) > 1:
            half = len(job.values) // 2
            self._waiting.append(Job(job.first, job.values[:half], strikes=job.strikes))
            self._waiting.append(Job(job.first + half, job.values[half:], strikes=job.strikes))
            self._assembly(job)
        elif self._saved < MOST_CASES:
            self._saved += 1
            self._waiting.append(Job(job.first, job.values, kind="case", reason=str(content)))
        else:
            job.reason = str(content)
            return self._put(job, self._failed(job, None, keep=False))
        return []

    def _assembly(self, job: Job) -> _Assembly:
        header = self._journal.header
        begin = job.first // header.block * header.block
        if begin not in self._assemblies:
            rows = min(header.block, header.scenarios - begin)
            self._assemblies[begin] = _Assembly(empty_batch(rows, len(header.outcomes), len(header.shifts)), rows)
        return self._assemblies[begin]

    def _put(self, job: Job, part: Batch) -> list[tuple[int, Batch]]:
        size = self._journal.header.block
        begin = job.first // size * size
        if begin not in self._assemblies and len(part) == min(size, self._journal.header.scenarios - begin):
            return [(begin, part)]
        whole = self._assembly(job)
        place = job.first - begin
        put_into(whole.batch, place, part)
        whole.left -= len(part)
        return [(begin, self._assemblies.pop(begin).batch)] if whole.left == 0 else []

    def _failed(self, job: Job, case: tuple[str, bytes] | None, keep: bool = True) -> Batch:
        """A scenario that cannot be run, with its reason and the file that shows it."""
        header = self._journal.header
        batch = empty_batch(1, len(header.outcomes), len(header.shifts))
        batch.status[:] = _FAILED
        batch.reason[0] = f"{job.reason}."
        if keep:
            self._save(job, case)
        return batch

    def _save(self, job: Job, case: tuple[str, bytes] | None) -> None:
        """The file of a failed scenario: what the experiment made of it, or its numbers."""
        if case is None:
            numbers = dict(zip(self._journal.header.parameters, map(float, job.values[0]), strict=True))
            text = json.dumps({"scenario": job.first, "reason": job.reason, "values": numbers}, indent=1, ensure_ascii=False)
            case = ("case.json", text.encode())
        with contextlib.suppress(OSError):  # the disk may be full; the reason is what matters, and the numbers are in the design
            self._journal.cases.mkdir(parents=True, exist_ok=True)
            (self._journal.cases / f"scenario-{job.first}{Path(case[0]).suffix}").write_bytes(case[1])
