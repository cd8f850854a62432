"""Worker processes of our own, each with a pipe of its own: when one dies, it is known which task it had, and no other is harmed.

Processes are spawned or come from a forkserver, which has loaded modules and nothing else: never forked from a process that has solved
something, whose threads and locks a copy would inherit half-way.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import connection
from types import ModuleType
from typing import Any, TypeAlias
from uuid import uuid4

from kip.errors import RequestError
from kip.sweeps.executors import Crew, Job, packed
from kip.sweeps.experiment import Experiment
from kip.sweeps.worker import THREADS, Answer, serve

__all__ = ["Processes"]

_MOST_FALSE_STARTS = 3
_SLOW_TO_LOAD = ("highspy", "numpy", "pandas", "pyomo.environ", "scipy.sparse", "xarray")
_PATIENCE = 2.0
"""How long a Ctrl-C waits for blocks that are being run [s]."""


@dataclass
class _Worker:
    process: Any
    pipe: Any
    job: Job | None = None
    ready: bool = False


Done: TypeAlias = tuple[Job, Answer]


class Processes(Crew):
    """Worker processes on this machine.

    Parameters
    ----------
    experiment : Experiment
    workers : int
    """

    patience = _PATIENCE

    def __init__(self, experiment: Experiment, workers: int) -> None:
        self._payload, self._by_value = packed(experiment)
        self._token = uuid4().hex
        self._context = _context(type(experiment).__module__)
        self._workers: list[_Worker] = []
        self._size = workers
        self._false_starts = 0

    @property
    def size(self) -> int:
        return self._size

    @property
    def busy(self) -> int:
        return sum(worker.job is not None for worker in self._workers)

    def hand_out(self, job: Job) -> None:
        idle = next((worker for worker in self._workers if worker.job is None), None)
        worker = idle or self._start()
        worker.job = job
        with contextlib.suppress(OSError):  # it is dead: collect finds that out, and says what became of the job
            worker.pipe.send((job.kind, job.values))

    def collect(self, seconds: float | None = None) -> list[Done]:
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            busy = {worker.pipe: worker for worker in self._workers if worker.job is not None}
            ends = {worker.process.sentinel: worker for worker in busy.values()}
            left = None if until is None else max(0.0, until - time.monotonic())
            ready = connection.wait([*busy, *ends], timeout=left)
            found = {id(worker): worker for worker in ((busy | ends)[one] for one in ready)}
            done = [answer for worker in found.values() if (answer := self._heard(worker)) is not None]
            if done or not ready:
                return done

    def _heard(self, worker: _Worker) -> Done | None:
        """What a worker says: it is ready, it has an answer, or it is dead."""
        job, said = worker.job, None
        ended = not worker.process.is_alive()
        try:
            if worker.pipe.poll():
                said = worker.pipe.recv()
        except (EOFError, OSError):
            ended = True
        if said == "ready":
            worker.ready, self._false_starts = True, 0
            return None
        if said is not None:
            worker.job = None
            assert job is not None
            return job, said
        if not ended:
            return None
        worker.process.join(1.0)  # the pipe ends a moment before the process
        worker.process.kill()
        worker.process.join()
        self._workers.remove(worker)
        worker.pipe.close()
        assert job is not None
        how = _ending(worker.process.exitcode)
        if worker.ready:
            return job, ("lost", f"the worker process {how}")
        self._false_starts += 1
        if self._false_starts >= _MOST_FALSE_STARTS:
            raise RequestError(
                f"worker processes do not start: each {how} before its first task. In a script, put the call below "
                'if __name__ == "__main__":, or use executor="threads".'
            )
        self.hand_out(job)
        return None

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(theirs, self._token, self._payload), daemon=True, name="kip-worker")
        with _surroundings(hide_main=self._by_value or b"__main__" not in self._payload):
            process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def close(self, at_once: bool = False) -> None:
        for worker in self._workers:
            if at_once or worker.job is not None:
                worker.process.kill()
            else:
                with contextlib.suppress(OSError):
                    worker.pipe.send(None)
        for worker in self._workers:
            worker.process.join(5)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.pipe.close()
        self._workers.clear()


def _context(module: str) -> Any:
    """A way to start processes: a forkserver on Linux, which makes a new worker in a moment; elsewhere spawn.

    The server loads what is loaded here of kip and of what is slow to load, once for all workers. Importing them starts no thread.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    here = [name for name in sorted(sys.modules) if name in _SLOW_TO_LOAD or name.startswith("kip.")]
    own = [] if module == "__main__" else [module]
    context.set_forkserver_preload(["kip.sweeps.worker", *here, *own])
    return context


@contextlib.contextmanager
def _surroundings(hide_main: bool) -> Iterator[None]:
    """What a new process finds: one thread for linear algebra, and a main module of which it needs nothing.

    Python lets each new process run the caller's script again, up to `if __name__ == "__main__"`, and fails in a script without that line.
    An experiment that holds nothing of the script does not need it.
    """
    before = {name: os.environ.get(name) for name in THREADS}
    main = sys.modules["__main__"]
    os.environ.update(dict.fromkeys(THREADS, "1"))
    if hide_main:
        sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(-code).name
            hint = "; often because memory ran out" if name == "SIGKILL" else ""
            return f"was ended by {name}{hint}"
    return f"ended with code {code}"
