"""Changes to a compiled problem, one function each: what is forced out or in, and limits on measures. Rows and bounds only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import xarray as xr

from kip.optimization.problem import Problem
from kip.optimization.session import Session

__all__ = ["Change", "at_least", "at_most", "closed", "not_again", "started", "without"]

Change: TypeAlias = Callable[[Session, Problem], Problem]
"""Takes a session and one of its problems, and gives the problem with something changed."""


def without(*names: str) -> Change:
    """These shifts and enablers are not started anywhere. What is decided stays."""

    def change(session: Session, problem: Problem) -> Problem:
        compiled, high = session.compiled, problem.high.copy()
        for cell, (name, _) in enumerate(compiled.frame.cells.names):
            if name in names:
                columns = compiled.new[cell][compiled.new[cell] >= 0]
                high[columns] = np.maximum(problem.low[columns], 0.0)
        return replace(problem, high=high)

    return change


def started(name: str, units: float = 1.0, anywhere: bool = False) -> Change:
    """At least this much of a shift starts: as a whole in each of its districts (or anywhere), or so many units in all [unit]."""

    def change(session: Session, problem: Problem) -> Problem:
        compiled = session.compiled
        cells = compiled.frame.cells
        mine = [cell for cell, (shift, _) in enumerate(cells.names) if shift == name]
        apart = bool(mine) and bool(cells.whole[mine].all()) and not anywhere
        for group in [[cell] for cell in mine] if apart else [mine]:
            row = np.zeros(problem.columns)
            for cell in group:
                columns = compiled.new[cell][compiled.new[cell] >= 0]
                row[columns] = cells.scale[cell]
            problem = problem.with_row(row, low=1.0 if apart else units)
        return problem

    return change


def closed(source: str) -> Change:
    """Nothing comes from this source of funding."""

    def change(session: Session, problem: Problem) -> Problem:
        compiled, high = session.compiled, problem.high.copy()
        row = list(map(str, session.inputs["funding"].values)).index(source)
        for columns in (compiled.grant[row], compiled.loan[row]) if compiled.grant.size else ():
            high[columns[columns >= 0]] = 0.0
        return replace(problem, high=high)

    return change


def at_least(measure: str, value: float) -> Change:
    """A measure reaches a value [its base unit]."""
    return _limit(measure, value, np.inf)


def at_most(measure: str, value: float) -> Change:
    """A measure stays at or below a value [its base unit]."""
    return _limit(measure, -np.inf, value)


def _limit(measure: str, low: float, high: float) -> Change:
    def change(session: Session, problem: Problem) -> Problem:
        _, terms, scale = session.terms(measure)
        row = session.compiled.cost_of(terms, scale)
        return problem.with_row(row, (low - terms.constant) / scale, (high - terms.constant) / scale)

    return change


def not_again(data: xr.Dataset) -> Change:
    """Another set of whole choices than that of a counted portfolio: at least one is in that was out, or the other way.

    A no-good cut. A choice is a whole shift or enabler in a district, whenever it starts; what is chosen in parts is not looked at.
    """
    there = data["new"].values.sum(axis=2) > 0.5

    def change(session: Session, problem: Problem) -> Problem:
        compiled = session.compiled
        cells = compiled.frame.cells
        row, chosen = np.zeros(problem.columns), 0.0
        for cell in np.flatnonzero(cells.whole):
            columns = compiled.new[cell][compiled.new[cell] >= 0]
            taken = bool(there[cells.shift[cell], cells.place[cell]])
            row[columns] = -1.0 if taken else 1.0
            chosen += float(taken)
        return problem.with_row(row, low=1.0 - chosen)

    return change
