"""Search over a stack: one decision for all scenarios, counted exactly in each before it is believed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.errors import SolveError
from kip.optimization.kernel import Options, Solution, solve
from kip.optimization.problem import Problem
from kip.optimization.question import Limits, Question
from kip.robustness.criteria import Criterion
from kip.robustness.stack import Block, Stack

__all__ = ["Chosen", "Search"]

Floats: TypeAlias = NDArray[np.float64]

_MOST_ROUNDS = 100
_AGREEMENT = 1e-6
"""How far the solver's criterion may be from that of the counted values, relative to the largest value: its own tolerance."""


@dataclass(frozen=True)
class Chosen:
    """What a search has found.

    Attributes
    ----------
    status : {"optimal", "feasible", "interrupted", "infeasible", "no_solution"}
    value, bound : float
        Of the criterion, less is better, in base units.
    values : array (scenario,)
        Of what is minimised, counted; NaN without a solution.
    data : tuple of xarray.Dataset
        The count in each scenario.
    solves : int
    """

    status: str
    value: float
    bound: float
    values: Floats
    data: tuple[xr.Dataset, ...] = ()
    solves: int = 0

    @property
    def found(self) -> bool:
        """Whether there is a decision."""
        return bool(self.data)


@dataclass
class Search:
    """A stack with a question and a criterion.

    Attributes
    ----------
    stack : Stack
    question : Question
    criterion : Criterion
    weights : array (scenario,)
    best : array (scenario,)
        What could be had in each scenario at the very best, less is better [base unit]; only regret asks for it.
    limits : Limits
    began : float
        When the clock of the time limit was started.
    """

    stack: Stack
    question: Question
    criterion: Criterion
    weights: Floats
    best: Floats
    limits: Limits
    began: float
    solves: int = field(default=0, init=False)
    start: Floats | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        measured = [block.session.terms(self.question.measure) for block in self.stack.blocks]
        self.terms = [terms * self.question.sign for _, terms, _ in measured]
        self.scale = max(scale for _, _, scale in measured)
        self.tangents = any(block.session.tangents.needed for block in self.stack.blocks)

    def time_left(self) -> float:
        """Seconds until the time limit."""
        limit = self.limits.time_limit
        return np.inf if limit is None else max(0.0, limit - (time.perf_counter() - self.began))

    @property
    def tolerance(self) -> float:
        """The absolute gap of a regret: the relative one, of the largest value that could be had (§69)."""
        return self.limits.gap * float(np.abs(self.best).max(initial=0.0))

    def problem(self) -> Problem:
        """The stack with the criterion as its cost."""
        columns = self.stack.problem.columns
        rows = [
            (block.spread(block.session.compiled.cost_of(terms, self.scale), columns), terms.constant / self.scale)
            for block, terms in zip(self.stack.blocks, self.terms, strict=True)
        ]
        return self.criterion.problem(self.stack.problem, rows, self.weights, self.best / self.scale)

    def run(self) -> Chosen:
        """Solve, count, and solve again where the count finds a limit overrun or a product that was cut too low."""
        if self.stack.clashes:
            return self._nothing("infeasible", np.inf)
        problem, sharp, moved = self.problem(), set[int](), False
        gap, bound, best, status = self.limits.gap * (0.75 if self.tangents else 1.0), -np.inf, None, "no_solution"
        for _ in range(_MOST_ROUNDS):
            solution = self._solve(problem, gap)
            if not moved:
                bound = max(bound, solution.bound * self.scale + problem.offset * self.scale)
            if solution.x is None:
                status = "infeasible" if solution.status in {"infeasible", "unbounded"} else "no_solution"
                break
            parts = [block.own(solution.x) for block in self.stack.blocks]
            data = tuple(self._count(block, part) for block, part in zip(self.stack.blocks, parts, strict=True))
            problem, again, limits_moved = self._sharpened(problem, solution.x, data, sharp)
            moved = moved or limits_moved
            if again:
                continue
            best, missing = self._better(best, solution, parts, data)
            proven = best is not None and self._proven(best.value, bound)
            if proven or solution.status != "optimal" or self.time_left() <= 0 or (not missing and gap <= 1e-3 * self.limits.gap):
                break
            if not self.tangents:
                break
            gap = gap if missing else 0.25 * gap
            problem = self._cut(problem, missing)
        if best is None:
            return self._nothing(status, bound)
        if solution.x is not None and solution.status == "optimal":
            best = self._second_look(problem, solution, best)
        self._keeps(best)
        proven, stopped = self._proven(best.value, bound), solution.status == "interrupted"
        status = "optimal" if proven else "interrupted" if stopped else "feasible"
        return replace(best, status=status, bound=min(bound, best.value), solves=self.solves)

    def _second_look(self, problem: Problem, first: Solution, best: Chosen) -> Chosen:
        """Among decisions that are as good by the criterion, the one with the best expected value; given as long as the first took.

        The worst case and the largest regret look at one scenario only: what is chosen for the others would be left to chance.
        """
        if self.criterion.name == "expected" or self.tangents or self.time_left() < 1.0 or first.x is None:
            return best
        self.solves += 1
        wish = replace(self, criterion=Criterion("expected")).problem()
        reached = float(problem.cost @ first.x)
        held = problem.with_row(problem.cost, high=reached + 1e-9 * max(1.0, abs(reached)))
        cost = np.append(wish.cost, np.zeros(problem.columns - wish.columns))
        seconds = min(self.time_left(), max(1.0, first.seconds))
        options = Options(gap=self.limits.gap, time_limit=seconds, seed=self.limits.seed, begin=first.x)
        second = solve(held.with_cost(cost, wish.offset), options)
        if second.x is None:
            return best
        parts = [block.own(second.x) for block in self.stack.blocks]
        data = tuple(self._count(block, part) for block, part in zip(self.stack.blocks, parts, strict=True))
        values = np.array([self._exact(block, counted) for block, counted in zip(self.stack.blocks, data, strict=True)])
        value = self.criterion.value(values, self.weights, self.best)
        kept = value <= best.value + 1e-9 * self._size() and not any(
            block.session.over(counted) or block.session.broken(counted) for block, counted in zip(self.stack.blocks, data, strict=True)
        )
        better = float(self.weights @ values) < float(self.weights @ best.values)
        return replace(best, value=value, values=values, data=data) if kept and better else best

    def _nothing(self, status: str, bound: float) -> Chosen:
        return Chosen(status, np.nan, bound, np.full(len(self.stack.blocks), np.nan), (), self.solves)

    def _proven(self, value: float, bound: float) -> bool:
        allowed = self.tolerance if self.criterion.name == "regret" else self.limits.gap * abs(value)
        return bool(value - bound <= max(allowed, 1e-9 * self._size()))

    def _size(self) -> float:
        return max(1.0, *(max(terms.largest, abs(terms.constant)) for terms in self.terms))

    def _solve(self, problem: Problem, gap: float) -> Solution:
        self.solves += 1
        regret = self.criterion.name == "regret"
        options = Options(
            gap=0.0 if regret else gap,
            absolute_gap=self.tolerance / self.scale * (gap / self.limits.gap if self.limits.gap else 1.0) if regret else 0.0,
            time_limit=self.time_left(),
            seed=self.limits.seed,
            begin=self.start,
        )
        solution = solve(problem, options)
        if solution.status == "error":
            raise SolveError(f"the solver stopped without an answer ({solution.message}). Please report this plan.")
        return solution

    def _count(self, block: Block, own: Floats) -> xr.Dataset:
        compiled = block.session.compiled
        own = own[: compiled.problem.columns]
        return block.session.count(compiled.units(own), compiled.transfers(own))

    def _exact(self, block: Block, data: xr.Dataset) -> float:
        return self.question.sign * block.session.exact(self.question.measure)(data)

    def _better(
        self, best: Chosen | None, solution: Solution, parts: list[Floats], data: tuple[xr.Dataset, ...]
    ) -> tuple[Chosen | None, list[list[tuple[int, int, float]]]]:
        """The better of what was known and what was just found, and the tangents that this one lacks, by scenario."""
        values, missing, fulls, keeps = np.zeros(len(parts)), [], list[Floats](), True
        for place, (block, own, counted, terms) in enumerate(zip(self.stack.blocks, parts, data, self.terms, strict=True)):
            session = block.session
            values[place] = self._exact(block, counted)
            full, lacks = own, []
            if session.tangents.needed:
                full, lacks = session.tangents.complete(own, counted), session.tangents.at(own)
                keeps = keeps and (not lacks or session.tangents.keeps(session.problem, full))
            solver = float(session.compiled.cost_of(terms, self.scale) @ full[: session.compiled.problem.columns])
            session.agree(values[place], solver * self.scale + terms.constant, terms, counted)
            missing.append(lacks)
            fulls.append(full)
        value = self.criterion.value(values, self.weights, self.best)
        there = any(missing)
        if not there:
            self._same(value, solution)
        if keeps and (best is None or value < best.value):
            best = Chosen("feasible", value, -np.inf, values, data)
            # what is cut by tangents is solved again with more of them: from here
            self.start = self._exact_start(solution, fulls) if there else None
        return best, missing if there else []

    def _exact_start(self, solution: Solution, fulls: list[Floats]) -> Floats:
        """Starting values of the stack: a solution with its products as they are."""
        assert solution.x is not None
        start = solution.x.copy()
        for block, full in zip(self.stack.blocks, fulls, strict=True):
            start[block.column] = full[: len(block.column)] / block.factor
        return start

    def _same(self, value: float, solution: Solution) -> None:
        """The criterion of the counted values is what the solver says (§32); it may be better where the search ended early."""
        said = (solution.objective + self._offset) * self.scale
        size = max(self._size(), float(np.abs(self.best[np.isfinite(self.best)]).max(initial=0.0)))
        exact = solution.status == "optimal" and self.limits.gap == 0
        if value > said + _AGREEMENT * size or (exact and value < said - 10 * _AGREEMENT * size):
            raise SolveError(
                f"two roads to one criterion disagree: counted {value:.10g}, solved {said:.10g}. "
                "This is a bug in kip; please report the plan and its scenarios."
            )

    @property
    def _offset(self) -> float:
        if self.criterion.name != "expected":
            return 0.0
        return float(sum(weight * terms.constant for weight, terms in zip(self.weights, self.terms, strict=True)) / self.scale)

    def _cut(self, problem: Problem, missing: list[list[tuple[int, int, float]]]) -> Problem:
        """More tangents, in the stack and in the scenarios' own problems."""
        for block, points in zip(self.stack.blocks, missing, strict=True):
            if not points:
                continue
            session = block.session
            before = session.problem.rows
            session.problem = session.tangents.add(session.problem, points)
            start = session.problem.start[before]
            index = block.column[session.problem.index[start:]].reshape(len(points), -1)
            value = session.problem.value[start:].reshape(len(points), -1)
            problem = problem.with_rows(index, value, session.problem.row_low[before:])
        return problem

    def _sharpened(self, problem: Problem, x: Floats, data: tuple[xr.Dataset, ...], sharp: set[int]) -> tuple[Problem, bool, bool]:
        """Make the next solve respect limits of money that the count finds overrun (§12); whether it must, and whether limits moved.

        As `Session` does for one plan: the rows in whole kronor first, then whole decisions cut off, then the limits moved.
        """
        again, moved = False, False
        for block, counted in zip(self.stack.blocks, data, strict=True):
            over = {(rule, name): amount for rule, name, amount in block.session.over(counted)}
            if not over:
                continue
            again = True
            money = block.session.compiled.frame.scales.money
            rows = {
                block.row + row: over[rule, str(index[0])]
                for row, (rule, index) in block.session.money_rows()
                if (rule, str(index[0])) in over
            }
            blunt = np.array(sorted(set(rows) - sharp), dtype=np.int64)
            if blunt.size and money > 1.0:
                sharp |= set(blunt.tolist())
                problem = problem.with_rows_scaled(blunt, money)
                continue
            without = self._cut_off(problem, x) if self._all_whole(problem) else None
            if without is not None:
                return without, True, moved
            which = np.array(sorted(rows), dtype=np.int64)
            problem = problem.with_rows_tightened(which, np.array([2.0 * rows[row] / min(money, 1.0) for row in which]))
            moved = True
        return problem, again, moved

    def _all_whole(self, problem: Problem) -> bool:
        """Whether every start in every scenario is whole: cutting off one set of them is then exact."""
        for block in self.stack.blocks:
            new = block.session.compiled.new
            columns = block.column[new[new >= 0]]
            if not np.all(problem.integer[columns] & (problem.high[columns] - problem.low[columns] <= 1)):
                return False
        return True

    def _cut_off(self, problem: Problem, x: Floats) -> Problem | None:
        binary = np.flatnonzero(problem.integer & (problem.high - problem.low == 1))
        if not binary.size:
            return None
        row = np.zeros(problem.columns)
        row[binary] = np.where(x[binary] > 0.5, -1.0, 1.0)
        return problem.with_row(row, low=1.0 - float((x[binary] > 0.5).sum()))

    def _keeps(self, best: Chosen) -> None:
        for block, counted in zip(self.stack.blocks, best.data, strict=True):
            broken = block.session.broken(counted)
            if broken:
                raise SolveError(
                    f'the solver\'s decision breaks a rule in the scenario "{block.name}": {broken[0]} '
                    "This is a bug in kip; please report the plan and its scenarios."
                )
