"""Crews: who runs the blocks. One small interface, in front of this process, threads, processes, any Executor, or a Dask cluster.

A crew is handed jobs, at most `size` at a time, and gives back what came of them in any order. Which numbers come out does not
depend on it: a job is a block of the design, whoever runs it.
"""

from __future__ import annotations

import os
import pickle
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import uuid4

from kip.errors import RequestError, unknown_name
from kip.sweeps.experiment import Experiment, Floats
from kip.sweeps.worker import Answer, answer_of, let_go, perform

__all__ = ["EXECUTORS", "Crew", "ExecutorLike", "Job", "broken", "crew_for", "packed"]

EXECUTORS = ("serial", "threads", "processes")

ExecutorLike: TypeAlias = "str | Executor | Any"
"""One of `EXECUTORS`, a concurrent.futures.Executor, or a dask.distributed.Client."""


@dataclass(eq=False)
class Job:
    """Rows of the design to run together, or one row to make a file of.

    Attributes
    ----------
    first : int
        Number of the first scenario.
    values : array (scenario, parameter)
    kind : {"run", "case"}
    strikes : int
        How often a worker died with it.
    reason : str
        Why a file is made of it.
    """

    first: int
    values: Floats
    kind: str = "run"
    strikes: int = 0
    reason: str = ""


class Crew(ABC):
    """Whoever runs jobs.

    Attributes
    ----------
    patience : float
        How long to wait for what is being run when the sweep is stopped [s].
    tells_apart : bool
        Whether it is known which job a worker died with. If not, jobs that may have killed one are run again with no other beside.
    """

    patience: float = 0.0
    tells_apart: bool = True

    @property
    @abstractmethod
    def size(self) -> int:
        """Jobs that may be handed out at a time."""

    @property
    @abstractmethod
    def busy(self) -> int:
        """Jobs that were handed out and not collected yet."""

    @abstractmethod
    def hand_out(self, job: Job) -> None:
        """Take a job."""

    @abstractmethod
    def collect(self, seconds: float | None = None) -> list[tuple[Job, Answer]]:
        """What is done; waits until something is, or the seconds are over."""

    @abstractmethod
    def close(self, at_once: bool = False) -> None:
        """Let go of everything; `at_once` also of what is being run."""


class Serial(Crew):
    """The process itself, one job after another, with the experiment itself."""

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._jobs: list[Job] = []

    @property
    def size(self) -> int:
        return 1

    @property
    def busy(self) -> int:
        return len(self._jobs)

    def hand_out(self, job: Job) -> None:
        self._jobs.append(job)

    def collect(self, seconds: float | None = None) -> list[tuple[Job, Answer]]:
        jobs, self._jobs = self._jobs, []
        return [(job, answer_of(self._experiment, job.kind, job.values)) for job in jobs] if seconds is None else []

    def close(self, at_once: bool = False) -> None:
        self._jobs.clear()


class Futures(Crew):
    """Any concurrent.futures.Executor; the experiment is sent when a worker says that it has none."""

    def __init__(self, executor: Executor, experiment: Experiment, size: Callable[[], int], owned: bool = False) -> None:
        self._executor = executor
        self._payload, _ = packed(experiment)
        self._token = uuid4().hex
        self._size = size
        self._owned = owned
        self._jobs: dict[Future[Answer], Job] = {}
        self.patience = float("inf") if owned else 5.0

    @property
    def size(self) -> int:
        return self._size()

    @property
    def busy(self) -> int:
        return len(self._jobs)

    def hand_out(self, job: Job) -> None:
        self._send(job, self._payload if self._owned else None)

    def _send(self, job: Job, payload: bytes | None) -> None:
        try:
            self._jobs[self._executor.submit(perform, self._token, payload, job.kind, job.values)] = job
        except (BrokenExecutor, RuntimeError) as problem:
            raise RequestError(broken(problem)) from problem

    def collect(self, seconds: float | None = None) -> list[tuple[Job, Answer]]:
        done: list[tuple[Job, Answer]] = []
        while self._jobs and not done:
            ready, _ = wait(self._jobs, timeout=seconds, return_when=FIRST_COMPLETED)
            for future in ready:
                job, answer = self._jobs.pop(future), self._answer(future)
                if answer[0] == "missing":
                    self._send(job, self._payload)
                else:
                    done.append((job, answer))
            if not ready:
                break
        return done

    def _answer(self, future: Future[Answer]) -> Answer:
        try:
            return future.result()
        except (BrokenExecutor, CancelledError) as problem:
            raise RequestError(broken(problem)) from problem
        except Exception as problem:  # what could not be sent there or back
            return ("raised", f"{type(problem).__name__}: {problem}")

    def close(self, at_once: bool = False) -> None:
        for future in self._jobs:
            future.cancel()
        self._jobs.clear()
        if self._owned:
            self._executor.shutdown(wait=not at_once, cancel_futures=True)
        let_go(self._token)


def crew_for(executor: ExecutorLike, experiment: Experiment, workers: int | None = None) -> Crew:
    """The crew behind a name, an executor or a client.

    Raises
    ------
    RequestError
        For a name that does not exist, a number of workers below 1, or an experiment that cannot be sent.
    """
    if workers is not None and workers < 1:
        raise RequestError(f"workers is {workers}; give 1 or more, or leave it out for one on each core.")
    count = workers or _cores()
    if executor == "serial":
        return Serial(experiment)
    if executor == "threads":
        return Futures(ThreadPoolExecutor(count, thread_name_prefix="kip"), experiment, lambda: 2 * count, owned=True)
    if executor == "processes":
        from kip.sweeps.processes import Processes

        return Processes(experiment, count)
    if isinstance(executor, Executor):
        of_it = getattr(executor, "_max_workers", None)
        most = workers or (of_it if isinstance(of_it, int) else count)
        return Futures(executor, experiment, lambda: 2 * most)
    if hasattr(executor, "get_executor") and hasattr(executor, "scheduler_info"):
        from kip.sweeps.dask_crew import Dask

        return Dask(executor, experiment)
    if isinstance(executor, str):
        raise RequestError(unknown_name("executor", executor, EXECUTORS))
    raise RequestError(
        f"executor is a {type(executor).__name__}. Give {', '.join(EXECUTORS)}, a concurrent.futures.Executor or a dask.distributed.Client."
    )


def packed(experiment: Experiment) -> tuple[bytes, bool]:
    """The experiment as bytes, and whether functions of the caller's script are in them by value.

    cloudpickle, where it is installed (it comes with dask), takes what a notebook or a script defines along; pickle only knows its name.

    Raises
    ------
    RequestError
        When it cannot be pickled.
    """
    try:
        try:
            import cloudpickle
        except ImportError:
            return pickle.dumps(experiment), False
        return cloudpickle.dumps(experiment), True
    except Exception as problem:
        raise RequestError(
            f"the experiment cannot be sent to other workers ({problem}). Define what it uses in a module, as a function with a name, "
            'or use executor="serial".'
        ) from problem


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def broken(problem: BaseException) -> str:
    """What to say when an executor or a cluster is gone."""
    return (
        f"the executor broke ({type(problem).__name__}: {problem}). What is finished is kept; run it again to go on. "
        'executor="processes" replaces workers that die.'
    )
