"""A problem of which the answer to a similar one is known: where that and the relaxation agree, nothing is searched at first.

The relaxation and the known answer agree on most whole decisions; those are held, and what is left is a small problem that is solved in
a moment (relaxation induced neighbourhoods: Danna, Rothberg and Le Pape 2005, there inside one search). The relaxation bounds the whole
problem. When the two are within the gap, that is the proof; otherwise the whole problem is searched for what is better by more than the
gap (`kip.optimization.narrowing`).
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from kip.optimization.kernel import Options, Solution, solve
from kip.optimization.narrowing import narrowed
from kip.optimization.problem import Problem

__all__ = ["solve_nearby"]

_NODES = 500
"""Nodes of the small search: it is there to be quick."""


def solve_nearby(problem: Problem, options: Options) -> Solution:
    """As `kip.optimization.kernel.solve`, from a known answer to a similar problem in `options.begin`.

    The answer is within the same gap; it may be another one.
    """
    began = time.perf_counter()
    begin = options.begin
    if begin is None or not problem.integer.any() or options.gap <= 0:
        return solve(problem, options)
    relaxed = solve(replace(problem, integer=np.zeros(problem.columns, dtype=bool)), replace(options, begin=None, enough=-np.inf))
    if relaxed.status != "optimal" or relaxed.x is None:
        return solve(problem, _left(options, began))
    held = problem.integer & (np.abs(np.nan_to_num(begin, nan=np.inf) - relaxed.x) < 1e-6)
    low, high = problem.low.copy(), problem.high.copy()
    low[held] = high[held] = np.round(relaxed.x[held])
    quick = replace(_left(options, began), begin=None, gap=0.5 * options.gap, settings={**options.settings, "mip_max_nodes": _NODES})
    found = solve(replace(problem, low=low, high=high), quick)
    if found.x is None:
        return solve(problem, _left(options, began))
    bound = min(relaxed.objective, found.objective)
    proven = found.objective - bound <= options.gap * abs(found.objective + problem.offset)
    if proven or found.status == "interrupted":
        status = "optimal" if proven else found.status
        return replace(found, status=status, bound=bound, seconds=time.perf_counter() - began)
    # is anything better by more than the gap? A question with a cutoff has far fewer answers to look through
    cutoff = found.objective - options.gap * abs(found.objective + problem.offset)
    left = narrowed(problem, cutoff)
    better = None if left is None else solve(left, replace(_left(options, began), begin=None))
    seconds = time.perf_counter() - began
    if better is None or better.status == "infeasible":
        return replace(found, status="optimal", bound=max(bound, cutoff), seconds=seconds)
    if better.x is None:
        return replace(found, status=better.status, bound=bound, seconds=seconds)
    return replace(better, bound=min(max(bound, better.bound), better.objective), seconds=seconds)


def _left(options: Options, began: float) -> Options:
    return replace(options, time_limit=max(0.0, options.time_limit - (time.perf_counter() - began)))
