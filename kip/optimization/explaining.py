"""kip.explain: why each shift is in or out of a portfolio, each number from solving again."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from kip.errors import RequestError, unknown_name
from kip.optimization.break_even import Held, cost_knob, effect_knob, extreme_factor
from kip.optimization.changes import Change, started, without
from kip.optimization.clash import groups_of, possible, smallest_clash
from kip.optimization.one_more import read_steps, sureness, worth_of_limits
from kip.optimization.reasons import dependents, exchanged, forced_amount, held_by, hindrances
from kip.optimization.session import Answer
from kip.optimization.solve import relative_gap
from kip.optimization.study import Study, study_of
from kip.results.explanation import Explanation, Why
from kip.results.portfolio import Portfolio
from kip.views.labels import Language

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = ["explain"]

_SECONDS = 60.0
"""Most time for one break-even factor; what is found by then is told, and marked."""
_UNKNOWN = 100.0
"""An effect that ought to be enough, where the shift's own part of the objective does not say."""
_SAME = 1e-9
"""Objectives this close are the same, relative to their size."""


def explain(
    portfolio: Portfolio,
    shift: str | Iterable[str] | None = None,
    *,
    step: float | str | Mapping[str, float | str] = 1e6,
    break_even: bool = True,
    worth: bool | None = None,
    time_limit: float | None = None,
    language: str = "en",
) -> Explanation:
    """Why each shift and enabler is in or out, what would change that, and what one more unit of each limit is worth.

    Parameters
    ----------
    portfolio : Portfolio
        From `kip.optimize`. One that was not found is answered with what can be reached instead, as by `kip.reach`.
    shift : str or names, optional
        Only these; all when left out.
    step : float, str or mapping, default 1 million
        Money more in each budget and pot [currency] when the limits are looked at; or {"money": …, "resource": … [its unit],
        "amount": … [share of a potential, a ramp or an activity]}.
    break_even : bool, default True
        Whether to look for break-even costs and effects; two solves more for each shift, and more for what is chosen in parts; each
        factor is sought for a minute at most.
    worth : bool, optional
        Whether to look at the limits; when left out, only when all shifts are asked about.
    time_limit : float, optional
        Seconds for all of it. What is not proven by then, or at Ctrl-C, is marked so.
    language : {"en", "sv"}
        Language of the sentences.

    Returns
    -------
    Explanation
        `.table()` has a row for each shift, `.worth()` one for each limit, `explanation["name"]` is one shift.

    Raises
    ------
    RequestError
        When the plan has no such shift, or the portfolio has no question: it was evaluated and not optimised, maximised a ratio, or came
        from a model of the user's own; or when nothing in the plan changes its objective.

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(
    ...     name="town",
    ...     years=[2026],
    ...     shifts=[
    ...         kip.Shift(name="buses", cost="6 MSEK", reduction=100),
    ...         kip.Shift(name="depot", cost="10 MSEK", reduction=150),
    ...         kip.Shift(name="path", cost="4 MSEK", reduction=40),
    ...     ],
    ...     budgets="14 MSEK",
    ... )
    >>> explained = kip.explain(kip.optimize(plan, gap=0))
    >>> explained["depot"].price, explained["buses"].price, explained["buses"].break_even_money
    (50.0, 50.0, 4000000.0)
    """
    say = Language(language)
    began = time.perf_counter()
    _check(portfolio)
    if not portfolio.found:
        from kip.optimization.reaching import reach_of

        reached = reach_of(portfolio, time_limit, language)
        return Explanation(portfolio, reach=reached, solves=reached.solves, seconds=time.perf_counter() - began, language=language)
    names = _names(portfolio.plan, shift)
    steps = read_steps(step, portfolio.plan.currency)
    study = study_of(portfolio, time_limit=time_limit)
    if not study.session.terms(study.question.measure)[1].largest:
        raise RequestError(
            f"nothing in this plan changes {study.question.measure}, so no shift has a price. Optimise a measure that the shifts change."
        )
    looking = _Looking(study, portfolio, say)
    try:
        for name in names:
            looking.price(name)
        looks = 2 * len(names) if break_even else 0
        for name in names if break_even else ():
            # each search gets its share of the time that is left; what is not needed is left to the others
            looking.break_even(name, min(_SECONDS, study.session.time_left() / (looks + 1)))
            looks -= 2
        looking.limits = worth_of_limits(study, steps, say) if (shift is None if worth is None else worth) else pd.DataFrame()
    except KeyboardInterrupt:
        # between two solves; inside one, the session knows
        looking.study.session.stopped = True
    whys = [looking.told(name) for name in names]
    whys.sort(key=lambda why: (not why.inside, _order(why), why.name))
    return Explanation(
        portfolio,
        tuple(whys),
        looking.limits,
        tuple(looking.notes()),
        None,
        study.session.solves,
        time.perf_counter() - began,
        language,
    )


def _order(why: Why) -> float:
    """What is in by what is lost, largest first; what is out by what it costs, smallest first; unknown last."""
    if np.isnan(why.price):
        return np.inf
    return -why.price if why.inside else why.price


def _check(portfolio: object) -> None:
    if not isinstance(portfolio, Portfolio):
        raise RequestError(f"found a {type(portfolio).__name__}; explain needs a portfolio. Write kip.explain(kip.optimize(plan)).")


def _names(plan: Plan, shift: str | Iterable[str] | None) -> list[str]:
    known = sorted(item.name for item in (*plan.shifts, *plan.enablers))
    if shift is None:
        return known
    asked = [shift] if isinstance(shift, str) else list(dict.fromkeys(map(str, shift)))
    wrong = [unknown_name("shift", name, known) for name in asked if name not in known]
    if wrong:
        raise RequestError("\n".join(wrong))
    return asked


@dataclass(frozen=True)
class _Seen:
    """A portfolio met on the way: value of the minimised objective, what starts, its count."""

    value: float
    started: frozenset[str]
    data: xr.Dataset


class _Looking:
    """One explanation in the making: what was asked, and every portfolio met, to begin the next search from."""

    def __init__(self, study: Study, portfolio: Portfolio, say: Language) -> None:
        self.study, self.portfolio, self.say = study, portfolio, say
        self.inputs, self.sign = study.inputs, study.question.sign
        self.value, self.bound = self.sign * portfolio.objective, self.sign * portfolio.bound
        self.started = set(portfolio.selected)
        self.whys: dict[str, Why] = {}
        self.other: dict[str, _Seen] = {}
        self.seen = [_Seen(self.value, frozenset(self.started), portfolio.dataset)]
        self.names = list(map(str, self.inputs["shift"].values))
        self.titles = dict(zip(self.names, map(str, self.inputs["title"].values), strict=True))
        self.limits = pd.DataFrame()

    def price(self, name: str) -> None:
        """What is lost without a shift, or by forcing it in."""
        row, inside = self.names.index(name), name in self.started
        why = Why(name, self.titles[name], str(self.inputs["kind"].values[row]), inside)
        if inside:
            reduction, cost = self._own(self.portfolio.dataset, row)
            needs = dependents(self.inputs, name, self.started)
            held = held_by(self.inputs, self.study.question, name, self.say)
            why = replace(why, depends=needs, reduction=reduction, cost=cost, reasons=(held,) if held else ())
            final = bool(held)
        else:
            found = list(hindrances(self.inputs, self.study.question, name, self.started, self.say))
            final = any(stop for stop, _ in found)
            units = forced_amount(self.inputs, name)
            why = replace(why, forced=units, reasons=tuple(dict.fromkeys(sentence for stop, sentence in found if stop or not final)))
        if final:
            self.whys[name] = replace(why, status="cannot")
            return
        self.whys[name] = why if self.study.out_of_time else self._solved(why)

    def _own(self, data: xr.Dataset, row: int) -> tuple[float, float]:
        main = data["reduction"].sel(ledger=data.attrs["main_ledger"])
        return float(main.values[row].sum()), float(data["investment"].values[row].sum() + data["operation"].values[row].sum())

    def _fits(self, seen: _Seen, why: Why) -> bool:
        if why.inside:
            return why.name not in seen.started
        return float(seen.data["new"].values[self.names.index(why.name)].sum()) >= why.forced * (1.0 - 1e-9)

    def _solved(self, why: Why) -> Why:
        """The price by the portfolios known already, or by a solve that begins from the best of them."""
        known = min((seen for seen in self.seen if self._fits(seen, why)), key=lambda seen: seen.value, default=None)
        if known is not None and known.value <= self.value + _SAME * max(1.0, abs(self.value)):
            return self._compared(why, known, self.bound)
        change = without(why.name) if why.inside else started(why.name, why.forced, anywhere=True)
        begin = self.study.begin(known.data) if known is not None else self._near(why)
        answer = self.study.best(change, begin=begin, enough=self.sign * self.value)
        if answer.data is None:
            if answer.solution.status not in {"infeasible", "unbounded"}:
                return replace(why, status="unproven")
            return replace(why, status="cannot", reasons=(*why.reasons, *self._further(change)) or self._clash(change))
        found = _Seen(answer.value, frozenset(self._started_in(answer.data)), answer.data)
        self.seen.append(found)
        return self._compared(why, found, answer.bound, answer)

    def _further(self, change: Change) -> tuple[str, ...]:
        """Where targets come first: by how much more they are missed; that is why there is no price."""
        if not self.study.fixed or self.study.out_of_time:
            return ()
        free = replace(self.study, fixed=())
        answer = free.extreme("shortfall", -1.0, change)
        if answer.data is None:
            return ()
        more = answer.value - float(self.portfolio.dataset["shortfall"].sum())
        return (self.say("why further", more=self.say.sized(more, "t/year")),) if more > 1e-6 else ()

    def _clash(self, change: Change) -> tuple[str, ...]:
        """The smallest set of named rules that a change cannot be together with; none when it was not found in time."""
        session, problem = self.study.session, self.study.problem(change)
        if self.study.out_of_time or possible(session, problem) is not False:
            return ()
        groups, proven = smallest_clash(session, problem, groups_of(session, (), [], (), self.say))
        return (self.say("why clash", rules=" ".join(group.sentence for group in groups)),) if groups and proven else ()

    def _near(self, why: Why) -> NDArray[np.float64] | None:
        """The known portfolio with the shift taken out; what needs it is left open. None for what is forced in."""
        if not why.inside:
            return None
        begin = self.study.begin()
        cells = self.study.session.compiled.frame.cells
        needs = {name for name in self.names if self.titles[name] in why.depends}
        for cell, (name, _) in enumerate(cells.names):
            columns = self.study.session.compiled.new[cell]
            columns = columns[columns >= 0]
            if name == why.name:
                begin[columns] = 0.0
            elif name in needs:
                begin[columns] = np.nan
        return begin

    def _started_in(self, data: xr.Dataset) -> list[str]:
        new = data["new"].values.sum(axis=(1, 2))
        return [name for name, units in zip(self.names, new, strict=True) if units > 0]

    def _compared(self, why: Why, other: _Seen, bound: float, answer: Answer | None = None) -> Why:
        """The price, its span and what is different in another portfolio."""
        self.other[why.name] = other
        price = max(0.0, other.value - self.value)
        low, high = max(0.0, bound - self.value), max(price, other.value - self.bound)
        gap = relative_gap(other.value, bound)
        tie = price <= _SAME * max(1.0, abs(self.value))
        allowed = self.study.session.limits.gap
        proven = tie or gap <= allowed or (answer is not None and answer.solution.status == "optimal" and gap <= 1.01 * allowed)
        if not why.inside:
            reduction, cost = self._own(other.data, self.names.index(why.name))
            why = replace(why, reduction=reduction, cost=cost)
        comes, leaves = exchanged(self.portfolio.dataset, other.data, why.name, self.say)
        return replace(
            why,
            price=price + 0.0,
            low=min(low, price),
            high=high,
            gap=0.0 if tie else gap,
            cost_difference=float(_cost(other.data) - _cost(self.portfolio.dataset)),
            comes=comes,
            leaves=leaves,
            status=sureness(proven, price, high - min(low, price), self.value),
        )

    def break_even(self, name: str, seconds: float) -> None:
        """How dear, or how weak, a shift could be and still be held by a portfolio as good as the best (§67)."""
        why, study = self.whys[name], self.study
        if why.status == "cannot" or study.out_of_time or (why.inside and np.isnan(why.price)):
            return
        # what is out comes in where it loses nothing against the portfolio; what is in leaves where the best without it is as good
        held = why.inside or why.price <= _SAME * max(1.0, abs(self.value))
        level = self.value + (why.price if why.inside else 0.0)
        units = min(forced_amount(self.inputs, name), self._held(name)) if why.inside else why.forced
        holder = self.portfolio.dataset if why.inside else self.other[name].data
        known = holder if held else None
        dear = Held(level, units, (1.0, self._dearest(name)) if held else (0.0, 1.0), True, known, 1.0, seconds)
        cost = extreme_factor(study, name, cost_knob(study, name), dear)
        strongest = self._strongest(why)
        # an effect that makes up for what is missing by itself is enough where the objective is all that it changes
        enough = held or strongest < _UNKNOWN
        weak = Held(
            level, units, (0.0, 1.0) if held else (1.0, strongest), False, holder if enough else None, 1.0 if held else strongest, seconds
        )
        effect = extreme_factor(study, name, effect_knob(study, name), weak)
        proven = cost.proven and effect.proven
        investment = float(holder["investment"].values[self.names.index(name)].sum())
        self.whys[name] = replace(
            why,
            break_even_cost=cost.factor if investment > 0 else np.nan,
            break_even_money=cost.factor * investment if investment > 0 else np.nan,
            break_even_effect=effect.factor,
            break_even_proven=proven and why.status in {"proven", "within gap"},
        )

    def _held(self, name: str) -> float:
        return float(self.portfolio.dataset["new"].values[self.names.index(name)].sum())

    def _dearest(self, name: str) -> float:
        """A factor beyond which no budget could pay: at or above it, no cost pushes the shift out."""
        row, inputs = self.names.index(name), self.inputs
        price = inputs["capex"].values[row].sum(axis=0)
        pots = inputs["funding_pot"].values if inputs.sizes["funding"] else np.zeros(0)
        money = float(inputs["budget_amount"].values.sum() + pots[np.isfinite(pots)].sum())
        least = float(price[price > 0].min(initial=np.inf))
        objective = abs(self.value) / least if np.isfinite(least) and self._is_money() else 0.0
        return float(min(1000.0, 2.0 + 1.5 * (money / least + objective))) if np.isfinite(least) else 1000.0

    def _is_money(self) -> bool:
        return bool(self.study.session.terms(self.study.question.measure)[0].unit == self.inputs.attrs["currency"])

    def _strongest(self, why: Why) -> float:
        """An effect that is enough: what is missing, made up by what the shift gives where it is forced in; else a hundredfold."""
        knob = effect_knob(self.study, why.name)
        data = self.other[why.name].data
        cells = self.study.session.compiled.frame.cells
        mine = cells.of(self.names.index(why.name))
        new = data["new"].values[cells.shift[mine], cells.place[mine]] / cells.scale[mine, None]
        own = -self.sign * float(knob.cost @ new[self.study.session.compiled.new[mine] >= 0])
        scale = self.study.session.terms(self.study.question.measure)[2]
        return 1.0 + 1.001 * why.price / (own * scale) if own > 0 else _UNKNOWN

    def told(self, name: str) -> Why:
        """A shift with its sentence."""
        from kip.results.why_sentences import why_sentence

        row = self.names.index(name)
        blank = Why(name, self.titles[name], str(self.inputs["kind"].values[row]), name in self.started)
        why = self.whys.get(name, blank)
        units = str(self.inputs["unit"].values[row]) or "unit"
        whole = str(self.inputs["choice"].values[row]) == "whole"
        return replace(why, sentence=why_sentence(why, self.portfolio, "" if whole else units, self.say))

    def notes(self) -> list[str]:
        """What a reader should know of all of it."""
        say, notes = self.say, []
        better = min(seen.value for seen in self.seen)
        unit = say.unit(self.portfolio.objective_unit)
        if better < self.value - _SAME * max(1.0, abs(self.value)):
            notes.append(say("why better", value=f"{say.number(self.sign * better)} {unit}".strip()))
        asked = list(self.whys.values())
        if asked and all(why.status == "cannot" for why in asked) and len(asked) == len(self.names):
            notes.append(say("why only one"))
        short = float(self.portfolio.dataset["shortfall"].sum()) if self.inputs.sizes["target"] else 0.0
        if short > 1e-6:
            names = [
                str(name)
                for name, miss in zip(self.inputs["target"].values, self.portfolio.dataset["shortfall"].values, strict=True)
                if miss > 1e-6
            ]
            notes.append(say("why short", short=say.sized(short, "t/year"), target=names[0]))
        if self.study.out_of_time or any(why.status in {"not asked", "unproven"} for why in asked):
            notes.append(say("why unproven note"))
        return notes


def _cost(data: xr.Dataset) -> float:
    return float(data["investment"].values.sum() + data["operation"].values.sum())
