"""What a worker does: it keeps its copy of the experiment, runs rows of numbers, and never raises.

Importing this is light and has no effect, so that a worker process can set its limits before anything heavy is loaded.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from kip.sweeps.experiment import Batch, Experiment, Floats

__all__ = ["Answer", "answer_of", "keep", "let_go", "limit_threads", "perform", "serve"]

Answer: TypeAlias = tuple[str, Any]
"""A word and what belongs to it.

batch (the Batch), case (file name and bytes), raised (a sentence: the experiment raised), missing (the worker has no copy yet),
unloadable (a sentence: the copy cannot be unpickled here), lost (a sentence: the worker died; said by whoever watches it).
"""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS")
"""What libraries of linear algebra ask how many threads they may start; one, when every core has a worker."""

_SENT: dict[str, bytes] = {}
"""Experiments that this process was sent, by token."""
_MOST_SENT = 4
_HELD = threading.local()
"""This thread's own copy: what an experiment builds for itself (a solver, a basis) is not to be shared."""


def limit_threads() -> None:
    """One thread for each library of linear algebra that is loaded from now on."""
    os.environ.update(dict.fromkeys(THREADS, "1"))


def keep(token: str, payload: bytes) -> None:
    """Keep a pickled experiment for the threads of this process; the oldest gives way."""
    _SENT[token] = payload
    while len(_SENT) > _MOST_SENT:
        _SENT.pop(next(iter(_SENT)), None)


def let_go(token: str) -> None:
    """Forget it."""
    _SENT.pop(token, None)


def perform(token: str, payload: bytes | None, kind: str, values: Floats) -> Answer:
    """Run rows of values (kind ``"run"``), or make the file of one scenario (``"case"``), with this thread's copy of the experiment."""
    if payload is not None:
        keep(token, payload)
    if getattr(_HELD, "token", None) != token:
        sent = _SENT.get(token)
        if sent is None:
            return ("missing", None)
        try:
            import pickle

            _HELD.experiment = pickle.loads(sent)
        except Exception as problem:
            return ("unloadable", sentence(problem))
        _HELD.token = token
    return answer_of(_HELD.experiment, kind, values)


def answer_of(experiment: Experiment, kind: str, values: Floats) -> Answer:
    """What an experiment says to rows of values; what it raises becomes an answer too."""
    try:
        if kind == "run":
            return ("batch", _checked(experiment.run(values), experiment, len(values)))
        with tempfile.TemporaryDirectory(prefix="kip-case-") as folder:
            path = experiment.save_case(values[0], Path(folder))
            return ("case", (path.name, path.read_bytes()))
    except (Exception, SystemExit) as problem:
        return ("raised", sentence(problem))


def sentence(problem: BaseException) -> str:
    """An exception in one line, with the place that raised it."""
    text = " ".join(f"{type(problem).__name__}: {problem}".split())
    frames = traceback.extract_tb(problem.__traceback__)
    return f"{text} ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else text


def _checked(batch: Batch, experiment: Experiment, rows: int) -> Batch:
    """The batch as arrays of the right shape and type."""
    import numpy as np

    from kip.sweeps.experiment import STATUSES

    batch.status = np.asarray(batch.status, dtype=np.int8)
    wanted = {"outcome": (rows, len(experiment.outcomes)), "level": (rows, len(experiment.shifts)), "status": (rows,)}
    wanted |= dict.fromkeys(("objective", "bound", "gap", "seconds"), (rows,))
    for name, shape in wanted.items():
        array = np.asarray(getattr(batch, name), dtype=np.int8 if name == "status" else np.float64)
        if array.shape != shape:
            raise ValueError(f"the experiment gave {name} of shape {array.shape} for {rows} scenarios; it must be {shape}")
        setattr(batch, name, array)
    if batch.status.min(initial=0) < 0 or batch.status.max(initial=0) >= len(STATUSES):
        raise ValueError(f"the experiment gave a status that is none of 0 to {len(STATUSES) - 1}")
    return batch


def serve(pipe: Connection, token: str, payload: bytes) -> None:
    """The life of a worker process: answer one task after another, until the other end closes."""
    # Ctrl-C goes to every process of the terminal; what becomes of the workers is decided by the one that started them
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_threads()
    keep(token, payload)
    try:
        pipe.send("ready")
        while (task := pipe.recv()) is not None:
            pipe.send(perform(token, None, *task))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
    finally:
        pipe.close()
        sys.stdout.flush()
