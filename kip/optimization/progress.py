"""Progress of a long solve: the best so far, the bound, the gap. Nothing is shown before two seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from kip.optimization.question import Question
from kip.optimization.session import Session

__all__ = ["counter", "reporter"]


@contextmanager
def reporter(question: Question, session: Session) -> Iterator[None]:
    """Show progress on the terminal or in the notebook while the session solves."""
    if not (sys.stderr.isatty() or "ipykernel" in sys.modules):
        yield
        return
    line = _Line(question)
    session.progress = line.show
    try:
        yield
    finally:
        line.close()
        session.progress = None


class _Line:
    """One line that is written over itself."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.status: Any = None

    def show(self, seconds: float, incumbent: float, bound: float) -> None:
        if self.status is None:
            from rich.console import Console

            self.status = Console(stderr=True).status("")
            self.status.start()
        self.status.update(words(self.question, seconds, incumbent, bound))

    def close(self) -> None:
        if self.status is not None:
            self.status.stop()


def words(question: Question, seconds: float, incumbent: float, bound: float) -> str:
    """Progress in words; incumbent and bound are of the minimised expression."""
    if not np.isfinite(incumbent) or abs(incumbent) > 1e29:
        return f"{seconds:.0f} s: {question.name}: no portfolio yet"
    value, limit = question.sign * incumbent, question.sign * bound
    gap = abs(limit - value) / abs(value) if value and np.isfinite(limit) else np.inf
    side = "at most" if question.maximize else "at least"
    text = f"{seconds:.0f} s: {question.name}: best {_short(value)}"
    return text + (f", {side} {_short(limit)} (gap {100 * gap:.2g} %)" if np.isfinite(gap) else "") + ". Ctrl-C keeps the best."


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


@contextmanager
def counter() -> Iterator[Callable[[int], None]]:
    """Hands out a function that is told how many points are found, and shows it on the terminal or in the notebook."""
    if not (sys.stderr.isatty() or "ipykernel" in sys.modules):
        yield lambda points: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("frontier: {task.completed:.0f} points"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("Ctrl-C keeps what is found"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda points: bar.update(task, completed=points)
