"""A Dask cluster as a crew. Loaded only for a dask.distributed client."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
import warnings
from concurrent.futures import CancelledError
from typing import Any
from uuid import uuid4

import distributed
from distributed import WorkerPlugin
from distributed.scheduler import KilledWorker

from kip.errors import RequestError
from kip.sweeps.executors import Crew, Job, packed
from kip.sweeps.experiment import Experiment
from kip.sweeps.worker import Answer, keep, let_go, perform

__all__ = ["Dask"]

_WAIT: Any = distributed.wait
_GONE = "the dask cluster is gone: its blocks were cancelled. What is finished is kept; start a cluster and run it again to go on."
_SETTLE = 1.0
"""How long a worker must have been there before it gets a block that may kill it [s]: one that dies while it starts is not replaced."""
_LONELY = 60.0
"""After how long without any worker it is said so [s]."""
_RECOUNT = 2.0
"""How often the workers of a cluster are counted [s]: it may grow, and it has to be asked."""


class Copy(WorkerPlugin):
    """Keeps the pickled experiment on every worker, also on those that join or restart later."""

    def __init__(self, token: str, payload: bytes) -> None:
        self.token = token
        self.payload = payload

    def setup(self, worker: Any) -> None:
        keep(self.token, self.payload)

    def teardown(self, worker: Any) -> None:
        let_go(self.token)


class Dask(Crew):
    """The workers of a cluster, few or many, also while their number changes.

    Dask itself runs the block of a lost worker elsewhere, and gives up when several workers have died with it. It cannot say which block of
    a dead worker is to blame.

    Parameters
    ----------
    client : distributed.Client
    experiment : Experiment
    """

    patience = 5.0
    tells_apart = False

    def __init__(self, client: Any, experiment: Experiment) -> None:
        if client.asynchronous:
            raise RequestError("the dask client is asynchronous. Give one made with Client(...) in the ordinary way.")
        self._client = client
        self._token = uuid4().hex
        self._jobs: dict[Any, Job] = {}
        self._size, self._counted = 2, -math.inf
        self._payload, _ = packed(experiment)
        client.register_plugin(Copy(self._token, self._payload), name=f"kip-{self._token}")

    @property
    def size(self) -> int:
        now = time.monotonic()
        if now > self._counted + _RECOUNT:
            self._size, self._counted = max(2, 2 * int(sum(self._client.nthreads().values()))), now
        return self._size

    @property
    def busy(self) -> int:
        return len(self._jobs)

    def hand_out(self, job: Job) -> None:
        if job.strikes:
            with contextlib.suppress(distributed.TimeoutError, TimeoutError):
                self._client.wait_for_workers(1, timeout=_LONELY)
            time.sleep(_SETTLE)
        self._send(job, None)

    def _send(self, job: Job, payload: bytes | None) -> None:
        self._jobs[self._client.submit(perform, self._token, payload, job.kind, job.values, pure=False)] = job

    def collect(self, seconds: float | None = None) -> list[tuple[Job, Answer]]:
        done: list[tuple[Job, Answer]] = []
        while self._jobs and not done:
            try:
                ready = _WAIT(list(self._jobs), timeout=_LONELY if seconds is None else seconds, return_when="FIRST_COMPLETED").done
            except (distributed.TimeoutError, TimeoutError):
                if seconds is not None:
                    break
                self._say_when_alone()
                continue
            except (CancelledError, asyncio.CancelledError) as problem:
                raise RequestError(_GONE) from problem
            for future in ready:
                job, answer = self._jobs.pop(future), self._answer(future)
                if answer[0] == "missing":
                    self._send(job, self._payload)
                else:
                    done.append((job, answer))
        return done

    def _say_when_alone(self) -> None:
        if not self._client.nthreads():
            warnings.warn(
                "the dask cluster has no workers; the sweep waits until some come. Ctrl-C ends it with what is finished.", stacklevel=2
            )

    def _answer(self, future: Any) -> Answer:
        try:
            answer: Answer = future.result()
        except KilledWorker:
            return ("lost", "the dask workers that ran it died")
        except (CancelledError, asyncio.CancelledError) as problem:
            raise RequestError(_GONE) from problem
        except Exception as problem:  # what could not be sent there or back
            return ("raised", f"{type(problem).__name__}: {problem}")
        return answer

    def close(self, at_once: bool = False) -> None:
        if self._client.status == "running":
            self._client.cancel(list(self._jobs))
            self._client.unregister_worker_plugin(f"kip-{self._token}")
        self._jobs.clear()
