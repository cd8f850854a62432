"""One plan, compiled once, solved as often as a question needs; every solution is counted exactly before it is believed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.count import count
from kip.accounting.fairness import broken_fairness
from kip.accounting.funding import Transfers
from kip.accounting.funding_rules import broken_funding
from kip.accounting.measures import Measure, parse_measure, value_of
from kip.accounting.rules import broken_rules, over_budget, slack
from kip.errors import SolveError
from kip.optimization.compiled import Compiled, RowName
from kip.optimization.fairness import fairness_slack
from kip.optimization.frame import measure_scale
from kip.optimization.kernel import Options, Progress, Solution, solve
from kip.optimization.nearby import solve_nearby
from kip.optimization.problem import Problem
from kip.optimization.question import Limits, Question
from kip.optimization.tangents import Tangents
from kip.optimization.terms import Terms, measure_terms

__all__ = ["Answer", "Session"]

Floats: TypeAlias = NDArray[np.float64]

AGREEMENT = 1e-6
"""How far the two roads to a total may be apart, relative to its size: the solver's own tolerance."""

_MOST_CUTS = 25
_MOST_TANGENTS = 100


@dataclass(frozen=True)
class Answer:
    """A solution with its exact count.

    `value` and `bound` are of the minimised expression, in base units, the constant included; `data` is None when there
    is no solution; `solution.status` says why.
    """

    solution: Solution
    value: float
    bound: float
    new: Floats | None = None
    data: xr.Dataset | None = None

    @property
    def found(self) -> bool:
        """Whether there is a portfolio."""
        return self.data is not None


class Session:
    """Solves one compiled plan under limits of time and gap.

    Parameters
    ----------
    compiled : Compiled
    inputs : xarray.Dataset
    limits : Limits
    question : Question
        Its limits of money are held to the krona.

    Attributes
    ----------
    progress : callable or None
        Gets seconds, incumbent and bound of the minimised expression in base units.
    stop : threading.Event or None
        Ends a search from another thread, with what it has.
    """

    def __init__(self, compiled: Compiled, inputs: xr.Dataset, limits: Limits, question: Question) -> None:
        self.compiled = compiled
        self.inputs = inputs
        self.limits = limits
        self.question = question
        self.progress: Progress | None = None
        self.problem = compiled.problem
        self.began = time.perf_counter()
        self.seconds: dict[str, float] = {"solve": 0.0, "count": 0.0}
        self.solves = 0
        self.rejected = 0
        self.tangents = Tangents(compiled)
        self.stopped = False
        self.stop: threading.Event | None = None

    def clone(self) -> Session:
        """A session of its own over the same arrays, for another thread: same question, limits, clock and tangents."""
        other = Session(self.compiled, self.inputs, self.limits, self.question)
        other.problem, other.began, other.stop = self.problem, self.began, self.stop
        other.tangents.warmed = self.tangents.warmed
        return other

    def time_left(self) -> float:
        """Seconds until the time limit."""
        if self.limits.time_limit is None:
            return np.inf
        return max(0.0, self.limits.time_limit - (time.perf_counter() - self.began))

    def terms(self, name: str) -> tuple[Measure, Terms, float]:
        """A measure, its coefficients and the scale that it is solved in."""
        measure = parse_measure(name, self.inputs)
        return measure, measure_terms(measure, self.inputs, self.compiled.frame.cells), measure_scale(measure.unit, self.compiled.frame)

    def count(self, new: Floats, transfers: Transfers) -> xr.Dataset:
        """The exact count."""
        began = time.perf_counter()
        data = count(self.inputs, new, transfers)
        self.seconds["count"] += time.perf_counter() - began
        return data

    def minimise(
        self,
        terms: Terms,
        scale: float,
        exact: Callable[[xr.Dataset], float],
        problem: Problem | None = None,
        options: Options | None = None,
    ) -> Answer:
        """Minimise an expression and count the solution; a plan that the count rejects is cut off and solved again.

        The solver's tolerance lets a plan through that is a krona over its budget (§12). The rows of that budget are then
        written in whole kronor, where the tolerance is a millionth of one, and the plan is solved again.

        Raises
        ------
        SolveError
            When the exact count and the solver's objective disagree.
        """
        problem = (problem or self.problem).with_cost(self.compiled.cost_of(terms, scale), terms.constant / scale)
        return self._search(problem, terms, scale, exact, options or Options())

    def _search(
        self,
        problem: Problem,
        terms: Terms,
        scale: float,
        exact: Callable[[xr.Dataset], float],
        options: Options,
        agree: bool = True,
    ) -> Answer:
        if self.tangents.needed:
            return self._refine(problem, terms, scale, exact, options, agree)
        bound, sharp, moved = -np.inf, set[int](), False
        for _ in range(_MOST_CUTS):
            solution = self._solve(problem, scale, terms.constant, options)
            # limits moved inwards say nothing about what they cut off: the bound stays as it was before
            bound = bound if moved else solution.bound * scale + terms.constant
            if solution.x is None:
                return Answer(solution, np.nan, bound)
            new = self.compiled.units(solution.x)
            data = self.count(new, self.compiled.transfers(solution.x))
            over = self.over(data)
            if not over:
                value = exact(data)
                if agree:
                    self.agree(value, solution.objective * scale + terms.constant, terms, data)
                return Answer(solution, value, min(bound, value), new, data)
            self.rejected += 1
            problem, moved = self._sharpen(problem, sharp, solution.x, over)
        raise SolveError(f"the solver kept {_MOST_CUTS} times to plans over {over[0][1]}. Please report this plan.")

    def accepted(self, x: Floats, exact: Callable[[xr.Dataset], float]) -> Answer:
        """The answer that a solution of the relaxation is, when it is whole; none when the exact count finds it over a limit of money."""
        x = np.where(self.compiled.problem.integer, np.round(x[: self.compiled.problem.columns]), x[: self.compiled.problem.columns])
        new = self.compiled.units(x)
        data = self.count(new, self.compiled.transfers(x))
        if self.over(data):
            return Answer(Solution("infeasible", None, np.nan, np.inf, 0.0), np.nan, np.inf)
        value = exact(data)
        return Answer(Solution("optimal", x, value, value, 0.0), value, value, new, data)

    def minimise_own(self, problem: Problem, exact: Callable[[xr.Dataset], float], options: Options | None = None) -> Answer:
        """As `minimise`, of the problem's own cost, which may lie on columns that the plan does not have.

        What such columns are is read off the count by `exact`; where the search ends early, they may be worse than that.
        """
        nothing = Terms(np.zeros(self.compiled.new.shape), np.zeros(self.compiled.stock.shape))
        return self._search(problem, nothing, 1.0, exact, options or Options(), agree=False)

    def _refine(
        self, problem: Problem, terms: Terms, scale: float, exact: Callable[[xr.Dataset], float], options: Options, agree: bool
    ) -> Answer:
        """As `minimise`, where something is cut by tangents: solve, count exactly, add what is missing, until the gap is proven."""
        asked = options.gap if options.gap != Options.gap else self.limits.gap
        if not self.tangents.warmed:
            problem = self._with_tangents(problem, self.tangents.warm(problem, self.time_left()))
        best, bound, sharp, moved = None, -np.inf, set[int](), False
        inner = replace(options, gap=0.75 * asked)
        for _ in range(_MOST_TANGENTS):
            begin = best.solution.x if best is not None else options.begin
            solution = self._solve(problem, scale, terms.constant, replace(inner, begin=_as_long(begin, problem)))
            if not moved:
                bound = max(bound, solution.bound * scale + terms.constant)
            if solution.x is None:
                break
            new = self.compiled.units(solution.x)
            data = self.count(new, self.compiled.transfers(solution.x))
            over = self.over(data)
            if over:
                self.rejected += 1
                problem, moved = self._sharpen(problem, sharp, solution.x, over)
                continue
            full = self.tangents.complete(solution.x, data)
            value, missing = exact(data), self.tangents.at(solution.x)
            if agree:
                self.agree(value, float(problem.cost @ full) * scale + terms.constant, terms, data)
            if (best is None or value < best.value) and (not missing or self.tangents.keeps(problem, full)):
                best = Answer(replace(solution, x=full), value, bound, new, data)
            proven = best is not None and best.value - bound <= max(asked * abs(best.value), options.absolute_gap) + 1e-12
            if best is not None and best.value <= options.enough:
                return replace(best, solution=replace(best.solution, status="enough"), bound=min(bound, best.value))
            if (
                proven
                or solution.status not in {"optimal", "enough"}
                or self.time_left() <= 0
                or (not missing and inner.gap <= 1e-3 * asked)
            ):
                break
            if not missing:
                # exact, but the search inside stopped too early for the proof
                inner = replace(inner, gap=0.25 * inner.gap)
            problem = self._with_tangents(problem, missing)
        if best is None:
            return Answer(solution, np.nan, bound)
        # a search that ended early ends with the status of its last solve; a proven one is optimal however it ended
        proven = best.value - bound <= max(asked * abs(best.value), options.absolute_gap) + 1e-12
        status = "optimal" if proven or (solution.status == "optimal" and not missing) else solution.status
        status = "time_limit" if status not in {"optimal", "interrupted"} else status
        return replace(best, solution=replace(best.solution, status=status), bound=min(bound, best.value))

    def _with_tangents(self, problem: Problem, points: list[tuple[int, int, float]]) -> Problem:
        """The problem with more tangents; they hold for every later question too."""
        if not points:
            return problem
        self.problem = self.tangents.add(self.problem, points)
        self.tangents.added += len(points)
        return self.tangents.add(problem, points)

    def over(self, data: xr.Dataset) -> list[tuple[str, str, float]]:
        """Limits of money that the exact count finds overrun: (constraint, first part of its index, by how much)."""
        found = [("budget", rule.name, rule.amount) for rule in over_budget(data)]
        for limits, sign in ((self.question.minimum, -1.0), (self.question.maximum, 1.0)):
            for name, value in limits.items():
                measure = parse_measure(name, self.inputs)
                if measure.unit == self.inputs.attrs["currency"]:
                    overrun = sign * (value_of(measure, data) - value)
                    if overrun > slack(value):
                        found.append(("limit", name, overrun))
        return found

    def _solve(self, problem: Problem, scale: float, constant: float, options: Options) -> Solution:
        report = self.progress

        def progress(seconds: float, incumbent: float, bound: float) -> None:
            if report is not None:
                report(seconds, incumbent * scale + constant, bound * scale + constant)

        began = time.perf_counter()
        limits = Options(
            gap=options.gap if options.gap != Options.gap else self.limits.gap,
            absolute_gap=options.absolute_gap / scale,
            time_limit=min(self.time_left(), options.time_limit),
            seed=self.limits.seed,
            begin=_as_long(options.begin, problem),
            progress=progress if report is not None else None,
            enough=(options.enough - constant) / scale,
            stop=self.stop,
            settings=options.settings,
        )
        solution = (solve_nearby if options.nearby else solve)(problem, limits)
        self.seconds["solve"] += time.perf_counter() - began
        self.solves += 1
        if solution.status == "error":
            raise SolveError(f"the solver stopped without an answer ({solution.message}). Please report this plan.")
        self.stopped = self.stopped or solution.status == "interrupted"
        return solution

    def _sharpen(self, problem: Problem, sharp: set[int], x: Floats, over: list[tuple[str, str, float]]) -> tuple[Problem, bool]:
        """Make the next solve respect what the count has found; and whether limits were moved for it.

        First the rows are written in whole kronor. If that is not enough, whole decisions are cut off one by one; amounts
        give way by the overrun, which is less than the solver's tolerance and so less than a few kronor.
        """
        money = self.compiled.frame.scales.money
        overruns = {(rule, name): amount for rule, name, amount in over}
        rows = {row: overruns[rule, str(index[0])] for row, (rule, index) in self.money_rows() if (rule, str(index[0])) in overruns}
        blunt = np.array(sorted(set(rows) - sharp), dtype=np.int64)
        if blunt.size and money > 1.0:
            sharp |= set(blunt.tolist())
            return problem.with_rows_scaled(blunt, money), False
        if self._all_whole(problem):
            without = self.cut_off(problem, x)
            if without is not None:
                return without, False
        which = np.array(sorted(rows), dtype=np.int64)
        return problem.with_rows_tightened(which, np.array([2.0 * rows[row] / min(money, 1.0) for row in which])), True

    def money_rows(self) -> list[tuple[int, RowName]]:
        """Rows that limit money, with their names."""
        return [(row, name) for row, name in enumerate(self.compiled.rows) if name[0] in {"budget", "limit"}]

    def _all_whole(self, problem: Problem) -> bool:
        """Whether everything that can be decided is started as a whole: cutting off one set of decisions is then exact."""
        columns = self.compiled.new[self.compiled.new >= 0]
        return bool(np.all(problem.integer[columns] & (problem.high[columns] - problem.low[columns] <= 1)))

    def cut_off(self, problem: Problem, x: Floats) -> Problem | None:
        """Never again the same whole decisions: at least one of them must be another. None when there are none."""
        binary = np.flatnonzero(problem.integer & (problem.high - problem.low == 1))
        if binary.size == 0:
            return None
        chosen = x[binary] > 0.5
        row = np.zeros(problem.columns)
        row[binary] = np.where(chosen, -1.0, 1.0)
        return problem.with_row(row, low=1.0 - float(chosen.sum()))

    def agree(self, exact: float, solver: float, terms: Terms, data: xr.Dataset) -> None:
        """Refuse an exact count that is not what the solver says (§32).

        Raises
        ------
        SolveError
            When the two are further apart than the solver's tolerance.
        """
        given = float(data["grant"].values.sum() + data["loan"].values.sum())
        per_krona = max(np.abs(part).max(initial=0.0) for part in (terms.on_grant, terms.on_loan))
        size = max(abs(exact), abs(terms.constant), terms.largest, 10.0 * per_krona * given)
        if abs(exact - solver) > AGREEMENT * max(size, 1e-12):
            raise SolveError(
                f"two roads to one total disagree: counted {exact:.10g}, solved {solver:.10g}. "
                "This is a bug in kip; please report the plan."
            )

    def broken(self, data: xr.Dataset) -> list[str]:
        """Rules of the plan that a counted portfolio breaks; there should be none."""
        fair = broken_fairness(self.inputs, data, fairness_slack(self.compiled.frame))
        return [rule.sentence for rule in (*broken_rules(self.inputs, data), *broken_funding(self.inputs, data), *fair)]

    def exact(self, name: str) -> Callable[[xr.Dataset], float]:
        """A function that reads a measure off a count."""
        measure = parse_measure(name, self.inputs)
        return lambda data: value_of(measure, data)


def _as_long(begin: Floats | None, problem: Problem) -> Floats | None:
    """Starting values, when there are as many as columns."""
    return begin if begin is not None and len(begin) == problem.columns else None
