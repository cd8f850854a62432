"""How far a sweep is: for a callback, or as a bar on the terminal or in the notebook."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kip.sweeps.experiment import STATUSES
from kip.sweeps.journal import Journal

__all__ = ["Progress", "bar"]


@dataclass(frozen=True)
class Progress:
    """How far a sweep is.

    Attributes
    ----------
    finished, total : int
        Scenarios; those that were in the store already are finished.
    failed : int
        Of them without an answer because the worker or the solver broke.
    rate : float
        Scenarios a second in this run [1/s]; NaN before the first block.
    left : float
        Time that the rest takes at that rate [s]; NaN when unknown.
    """

    finished: int
    total: int
    failed: int = 0
    rate: float = math.nan
    left: float = math.nan

    def __str__(self) -> str:
        parts = [f"{self.finished:,} of {self.total:,} scenarios"]
        if math.isfinite(self.rate):
            parts.append(f"{self.rate:,.3g} a second" if self.rate < 1000 else f"{self.rate:,.0f} a second")
        if math.isfinite(self.left) and self.finished < self.total:
            minutes, seconds = divmod(round(self.left), 60)
            hours, minutes = divmod(minutes, 60)
            parts.append(f"{hours}:{minutes:02d}:{seconds:02d} left")
        parts.append(f"{self.failed:,} failed")
        return ", ".join(parts)


@contextmanager
def bar(progress: Callable[[Progress], object] | bool | None, journal: Journal) -> Iterator[Callable[[], None]]:
    """Hands out a function that is called after each block, and tells the callback, or shows a bar."""
    if callable(progress):
        yield _Meter(journal, progress)
    elif progress is False or not (progress or sys.stderr.isatty() or "ipykernel" in sys.modules):
        yield lambda: None
    else:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        columns = (BarColumn(), TextColumn("{task.description}"), TextColumn("Ctrl-C keeps what is finished"))
        with Bar(*columns, console=Console(stderr=True), transient=True) as shown:
            task = shown.add_task("", total=journal.header.scenarios, completed=journal.finished)
            yield _Meter(journal, lambda now: shown.update(task, completed=now.finished, description=str(now)))


class _Meter:
    """Measures the rate of this run."""

    def __init__(self, journal: Journal, tell: Callable[[Progress], object]) -> None:
        self._journal = journal
        self._tell = tell
        self._began = time.monotonic()
        self._before = journal.finished

    def __call__(self) -> None:
        finished, total = self._journal.finished, self._journal.header.scenarios
        failed = int(self._journal.counts[STATUSES.index("failed")])
        rate = (finished - self._before) / max(time.monotonic() - self._began, 1e-9)
        self._tell(Progress(finished, total, failed, rate, (total - finished) / rate if rate > 0 else math.nan))
