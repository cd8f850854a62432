"""What arithmetic says about a goal before anything is solved: the sum of all that could be had, and what comes too late."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from kip.optimization.goals import Goal
from kip.optimization.question import Question
from kip.optimization.reasons import hindrances
from kip.views.labels import Language

__all__ = ["most_in_year", "pre_checks"]


def most_in_year(inputs: xr.Dataset, ledger: str, year: int) -> tuple[np.ndarray, np.ndarray]:
    """Most that each shift alone could remove in a year, and later in the horizon [t/year]: potential, pace and start years, no money.

    Upper bounds that need no solver: what moves or states, all that may be in use by then at its rate; what scales, its fraction
    of all that its activities emit without the plan.
    """
    row, index = list(inputs["ledger"].values).index(ledger), list(inputs["year"].values).index(year)
    each = np.array([_most(inputs, row, column) for column in range(index, inputs.sizes["year"])])
    return each[0], each.max(axis=0)


def _most(inputs: xr.Dataset, ledger: int, index: int) -> np.ndarray:
    may, effect = inputs["may_start"].values, inputs["effect"].values[:, :, index]
    share = np.where(may, effect, 0.0).max(axis=1, initial=0.0)
    rate = np.maximum(0.0, inputs["reduction_rate"].values[:, :, ledger, index])
    whole = inputs["choice"].values == "whole"
    potential = np.where(inputs["located"].values, inputs["potential"].values[:, :, index], 0.0)
    most = np.zeros(inputs.sizes["shift"])
    for shift in range(len(most)):
        units = np.where(whole[shift], np.minimum(1.0, potential[shift]), potential[shift]) * (share[shift] > 0)
        ramp, total = inputs["ramp"].values[shift], inputs["potential_total"].values[shift, index]
        pace = float((np.where(may[shift] & (effect[shift] > 0), ramp, 0.0)).sum()) if np.isfinite(ramp).all() else np.inf
        cap = np.inf if whole[shift] else min(pace, float(total))
        # the districts with the best rates first, up to what there is for all of them together
        order = np.argsort(-rate[shift], kind="stable")
        before = np.concatenate([[0.0], np.cumsum(units[order])[:-1]])
        used = np.clip(cap - before, 0.0, units[order]) if np.isfinite(cap) else units[order]
        most[shift] = share[shift] * float((used * rate[shift, order]).sum())
    emitted = (inputs["amount"].values[:, :, index] * inputs["factor"].values[:, None, ledger, index]).sum(axis=1)
    for link in range(inputs.sizes["link"]):
        shift = int(inputs["link_shift"].values[link])
        fraction = float(inputs["link_fraction"].values[link, index])
        most[shift] += share[shift] * max(0.0, fraction) * float(max(0.0, emitted[inputs["link_activity"].values[link]]))
    return most


def pre_checks(inputs: xr.Dataset, question: Question, goals: tuple[Goal, ...], say: Language) -> tuple[list[str], pd.DataFrame]:
    """Sentences about each goal in tonnes of one year, and what each shift could remove in the year of the first of them."""
    words, table = list[str](), pd.DataFrame()
    for goal in goals:
        wanted = _wanted(inputs, goal)
        if wanted is None or goal.year is None:
            continue
        ledger, asked = wanted
        now, later = most_in_year(inputs, ledger, goal.year)
        total = float(now.sum())
        parts = {"year": goal.year, "total": say.sized(total, "t/year"), "asked": say.sized(max(0.0, asked), "t/year")}
        if asked <= 0:
            words.append(say("reach without", year=goal.year))
        elif total < asked:
            words.append(say("reach never", **parts))
        else:
            words.append(say("reach maybe", **parts))
        names = inputs["title"].values
        if goal.measure.startswith("emissions") or goal.target:
            words += _outside(inputs, goal, ledger, say)
        late = [str(names[shift]) for shift in np.flatnonzero((now <= 0) & (later > 0))]
        if late:
            words.append(say("reach late", year=goal.year, names=", ".join(late)))
        if table.empty:
            table = _table(inputs, question, now, later, say)
    return words, table


def _outside(inputs: xr.Dataset, goal: Goal, ledger: str, say: Language) -> list[str]:
    """What no shift acts on, where that alone is more than the goal allows; nothing where stated reductions may be about anything."""
    stated = (inputs["reduction_rate"].values > 0).any(axis=(1, 2, 3)) & (inputs["source"].values < 0)
    if stated.any() or goal.year is None:
        return []
    row, index = list(inputs["ledger"].values).index(ledger), list(inputs["year"].values).index(goal.year)
    emitted = (inputs["amount"].values[:, :, index] * inputs["factor"].values[:, None, row, index]).sum(axis=1)
    acted = set(inputs["source"].values[inputs["source"].values >= 0].tolist()) | set(inputs["link_activity"].values.tolist())
    outside = _baseline(inputs, ledger, goal.year) - float(emitted[sorted(acted)].sum())
    allowed = goal.level if goal.target else goal.value
    parts = {"year": goal.year, "outside": say.sized(outside, "t/year"), "allowed": say.sized(allowed, "t/year")}
    return [say("reach outside", **parts)] if outside > allowed else []


def _wanted(inputs: xr.Dataset, goal: Goal) -> tuple[str, float] | None:
    """Ledger, and how much less than without the plan a goal asks for in its year [t/year]; None for what is not in tonnes of a year."""
    main = str(inputs.attrs["main_ledger"])
    years = list(inputs["year"].values)
    if goal.year is None or goal.year not in years:
        return None
    if goal.target:
        row = list(map(str, inputs["target"].values)).index(goal.target)
        if str(inputs["target_kind"].values[row]) == "net":
            return None
        ledger = str(inputs["target_ledger"].values[row])
        return ledger, _baseline(inputs, ledger, goal.year) - goal.level
    stem = goal.measure.rpartition("_")[0]
    if stem == "emissions":
        return main, _baseline(inputs, main, goal.year) - goal.value
    return (main, goal.value) if stem == "reduction" else None


def _baseline(inputs: xr.Dataset, ledger: str, year: int) -> float:
    rows, years = list(map(str, inputs["ledger"].values)), list(inputs["year"].values)
    return float(inputs["baseline"].values[rows.index(ledger), years.index(year)])


def _table(inputs: xr.Dataset, question: Question, now: np.ndarray, later: np.ndarray, say: Language) -> pd.DataFrame:
    rows = []
    for shift in np.argsort(-now, kind="stable"):
        if later[shift] <= 0:
            continue
        name = str(inputs["shift"].values[shift])
        final = [sentence for stop, sentence in hindrances(inputs, question, name, set(), say) if stop]
        why = final[0] if final else say("reach too late") if now[shift] <= 0 else _held_by(inputs, int(shift), say)
        rows.append((name, str(inputs["title"].values[shift]), float(now[shift]), float(later[shift]), why))
    return pd.DataFrame(rows, columns=["shift", "title", "most [t/year]", "most later [t/year]", "why"])


def _held_by(inputs: xr.Dataset, shift: int, say: Language) -> str:
    if np.isfinite(inputs["ramp"].values[shift]).all():
        return say("reach pace")
    return say("reach whole") if inputs["choice"].values[shift] == "whole" else say("reach potential")
