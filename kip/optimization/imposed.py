"""The limits of a question on a model that somebody else has extended: as rows and bounds on the compiled arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kip.accounting.measures import parse_measure
from kip.optimization.compiled import Compiled, RowName
from kip.optimization.frame import measure_scale
from kip.optimization.problem import Problem
from kip.optimization.question import Question
from kip.optimization.terms import measure_terms

__all__ = ["impose"]


def impose(compiled: Compiled, question: Question) -> tuple[Problem, list[RowName]]:
    """The compiled problem with the question's minimum, maximum, require and forbid; and the names of the rows added."""
    problem, frame = compiled.problem, compiled.frame
    names: list[RowName] = []
    for limits, is_minimum in ((question.minimum, True), (question.maximum, False)):
        for name, value in limits.items():
            measure = parse_measure(name, frame.inputs)
            terms = measure_terms(measure, frame.inputs, frame.cells)
            scale = measure_scale(measure.unit, frame)
            bound = (value - terms.constant) / scale
            row = compiled.cost_of(terms, scale)
            problem = problem.with_row(row, low=bound) if is_minimum else problem.with_row(row, high=bound)
            names.append(("limit", (name, "minimum" if is_minimum else "maximum")))
    high = problem.high.copy()
    for cell, (name, _) in enumerate(frame.cells.names):
        columns = compiled.new[cell][compiled.new[cell] >= 0]
        if name in question.forbid:
            high[columns] = 0.0
        if name in question.require:
            row = np.zeros(problem.columns)
            row[columns] = 1.0
            problem = problem.with_row(row, low=1.0, high=1.0)
            names.append(("required", frame.cells.names[cell]))
    closed = np.isin(frame.inputs["funding"].values.astype(str), question.closed(map(str, frame.inputs["shift"].values)))
    for columns in (compiled.grant[closed], compiled.loan[closed]) if compiled.grant.size else ():
        high[columns[columns >= 0]] = 0.0
    return replace(problem, high=high), names
