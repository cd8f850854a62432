"""summary: a portfolio as a sheet, the answer first and its proof beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kip.accounting.inputs import build_inputs
from kip.results.binding import what_binds
from kip.results.summary_control import control_sections
from kip.results.summary_funding import funding_section
from kip.results.summary_kronor import kronor_section
from kip.results.summary_ledgers import credited_lines, ledgers_section
from kip.results.summary_living import made_from
from kip.results.summary_people import people_sections
from kip.results.summary_scaling import scaling_section
from kip.results.summary_values import cobenefits_section
from kip.views.labelled import coordinate, main_ledger, titles, total
from kip.views.labels import Language, scale
from kip.views.sheet import Section, Sheet

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from kip.results.portfolio import Portfolio

__all__ = ["answer", "summary"]

_FAILED = {"infeasible": "infeasible", "no_solution": "no solution"}
_NAMED_DISTRICTS = 3
_NAMED_YEARS = 3
_MOST_SENTENCES = 12


def summary(portfolio: Portfolio, language: str = "en") -> Sheet:
    """A portfolio as a sheet.

    The order is that of a reader's questions: the answer and how sure it is to be the best, what to start when and where, money by
    actor, emissions against the targets, what comes beside climate, what holds it back, what it rests on. Where there is
    no answer, the reason comes first and there is nothing to add up.

    Parameters
    ----------
    portfolio : Portfolio
    language : {"en", "sv"}

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(name="p", years=[2026], shifts=[kip.Shift(name="bus", cost=6e6, reduction=100)])
    >>> summary(kip.evaluate(plan, ["bus"])).subtitle
    'Counted, not optimised: this is what the decisions add up to. 1 of 1 measures chosen, for an investment of 6 MSEK.'
    """
    say = Language(language)
    data = portfolio.dataset
    if portfolio.status in _FAILED:
        sections = [Section(say("section reason"), (portfolio.reason or say("no reason"),))]
    else:
        sections = [
            *_starts(data, say),
            _money(data, say),
            *kronor_section(data, say),
            *funding_section(data, say),
            *_emissions(data, say),
            *scaling_section(data, say),
            *ledgers_section(data, say),
        ]
        sections += [*cobenefits_section(data, say), *people_sections(portfolio.plan, data, say)]
        sections += control_sections(portfolio.plan, data, say)
    if portfolio.broken:
        sections.insert(0, Section(say("section broken"), tuple(str(rule) for rule in portfolio.broken)))
    if portfolio.binding:
        # a portfolio keeps its sentences in English; they are read off again in another language
        binding = portfolio.binding if say.code == "en" else what_binds(build_inputs(portfolio.plan), data, say.code)
        shown = binding[:_MOST_SENTENCES]
        more = len(binding) - len(shown)
        notes = (say("more sentences", count=more),) if more else ()
        sections.append(Section(say("section binding"), tuple(shown), notes=notes))
    if portfolio.status not in _FAILED:
        sections += _quality(portfolio.quality, say)
    if portfolio.notes:
        sections.append(Section(say("section notes"), tuple(portfolio.notes)))
    title = str(data.attrs.get("title", data.attrs.get("plan", "")))
    return Sheet(title, answer(portfolio, say.code), tuple(sections), say.code, made_from(data.attrs, say))


def answer(portfolio: Portfolio, language: str = "en") -> str:
    """The answer and its proof in words: what was reached, and how much better it could be at most."""
    say = Language(language)
    if portfolio.status in _FAILED:
        return say(_FAILED[portfolio.status])
    proof = _proof(portfolio, say)
    parts = [say("chosen", count=len(portfolio.selected), all=portfolio.dataset.sizes["shift"])]
    if not portfolio.selected:
        parts = [say("nothing chosen").rstrip(".")]
    if portfolio.objective_name and math.isfinite(portfolio.objective):
        value = _in_full(portfolio.objective, portfolio.objective_unit, say)
        parts.append(f"{_objective_words(portfolio, say)} {value}")
    if portfolio.selected:
        investment = float(portfolio.dataset["investment"].sum())
        parts.append(say("for investment", value=say.sized(investment, portfolio.dataset.attrs["currency"])))
    reached = ", ".join(parts) + "."
    if portfolio.status in {"evaluated", "pays_for_itself"}:
        return f"{proof} {reached}"
    if portfolio.reason:
        proof = f"{proof} {say('reason', reason=portfolio.reason)}"
    return f"{reached} {proof}"


def _objective_words(portfolio: Portfolio, say: Language) -> str:
    """What was asked for, in words: "reduction per municipal SEK"."""
    request = portfolio.request
    measure = str(request.get("maximize") or request.get("minimize") or portfolio.objective_name)
    what = say.known(measure.replace("_", " "))
    if not request.get("per"):
        return what
    return say("per krona", what=what, whose=say.known(str(request["per"])), currency=portfolio.dataset.attrs["currency"])


def _is_minimised(portfolio: Portfolio) -> bool:
    asked = portfolio.request
    return "minimize" in asked if {"maximize", "minimize"} & set(asked) else portfolio.bound < portfolio.objective


def _in_full(value: float, unit: str, say: Language) -> str:
    """Tonnes are shown to the last one in an answer; money in the size that reads best."""
    if unit.startswith("t/") and unit != "t/year":
        # tonnes per krona are too small to read
        return f"{say.number(1000.0 * value)} kg/{unit.partition('/')[2]}"
    if unit.partition("/")[0] in {"t", "1", "unit"}:
        return f"{say.number(value)} {say.unit(unit)}".rstrip()
    return say.sized(value, unit)


def _proof(portfolio: Portfolio, say: Language) -> str:
    if portfolio.status == "evaluated":
        return say("counted")
    if portfolio.status == "pays_for_itself":
        return say("pays for itself answer")
    known = math.isfinite(portfolio.gap)
    if portfolio.status == "optimal":
        if not known:
            return say("proven unknown")
        if portfolio.gap < 1e-9 or portfolio.bound == portfolio.objective:
            return say("proven exactly")
        return say("proven less" if _is_minimised(portfolio) else "proven", gap=say.percent(portfolio.gap))
    key = "stopped" if portfolio.status == "interrupted" else "not proven"
    if not known:
        return say(f"{key} unknown")
    sentence = say(key, gap=say.percent(portfolio.gap))
    return say("with bound", sentence=sentence, bound=_in_full(portfolio.bound, portfolio.objective_unit, say))


def _starts(data: xr.Dataset, say: Language) -> list[Section]:
    """Shifts, then enablers, each in the order in which they start."""
    new = total(data["new"], "shift", "district", "year")
    chosen = np.flatnonzero(np.abs(new).sum(axis=(1, 2)) > 0)
    if chosen.size == 0:
        return [Section(say("section starts"), (say("nothing chosen"),))]
    reductions = total(data["reduction"].sel(ledger=main_ledger(data)), "shift").take(chosen)
    first = np.argmax(np.abs(new[chosen]).sum(axis=1) > 0, axis=1)
    chosen = chosen[np.lexsort((-reductions, first))]
    kinds = np.array(coordinate(data, "shift", "kind") or ["shift"] * data.sizes["shift"])
    parts = (
        ("section starts", "shift", chosen[kinds[chosen] != "enabler"]),
        ("section openers", "enabler", chosen[kinds[chosen] == "enabler"]),
    )
    return [Section(say(heading), (), _start_table(data, rows, kind, say)) for heading, kind, rows in parts if rows.size]


def _start_table(data: xr.Dataset, chosen: NDArray[np.int64], kind: str, say: Language) -> pd.DataFrame:
    new = total(data["new"], "shift", "district", "year")
    names = list(titles(data, "shift").values())
    areas = coordinate(data, "shift", "area") or [""] * len(names)
    table = pd.DataFrame({say(kind): [names[row] for row in chosen]})
    if any(areas[row] for row in chosen):
        table[say("area")] = [str(areas[row]) for row in chosen]
    places = [str(name) for name in data["district"].values]
    if any(np.any(new[row, place]) for row in chosen for place, name in enumerate(places) if name != "all"):
        table[say("where")] = [_where(data, new[row], say) for row in chosen]
    table[say("start")] = [_when(data, int(row), new[row], say) for row in chosen]
    investment = total(data["investment"], "shift")[chosen]
    size = scale(investment, data.attrs["currency"])
    table[f"{say('investment')} [{size.unit}]"] = investment / size.divisor
    if kind == "shift":
        years = [int(year) for year in data["year"].values]
        reductions = total(data["reduction"].sel(ledger=main_ledger(data)), "shift", "year")[chosen]
        shown = _reduction_years(data)
        size = scale(reductions[:, [years.index(year) for year in shown]].ravel(), "t/year")
        for year in shown:
            table[f"{say('reduction')} {year} [{say.unit(size.unit)}]"] = reductions[:, years.index(year)] / size.divisor
    return table


def _reduction_years(data: xr.Dataset) -> list[int]:
    """The first target year of the main ledger, and the last year of the plan."""
    years = [int(year) for year in data["year"].values]
    targets = sorted(
        int(year)
        for year, ledger in zip(data["target_year"].values, data["target_ledger"].values, strict=True)
        if str(ledger) == main_ledger(data) and int(year) in years
    )
    return list(dict.fromkeys([*targets[:1], years[-1]]))


def _where(data: xr.Dataset, new: NDArray[np.float64], say: Language) -> str:
    names = titles(data, "district")
    amounts = np.abs(new).sum(axis=1)
    chosen = [place for place in np.argsort(-amounts, kind="stable") if amounts[place] > 0]
    labels = [say.known(title) if name == "all" else title for name, title in names.items()]
    places = len([name for name in names if name != "all"])
    if len(chosen) > _NAMED_DISTRICTS and len(chosen) >= places:
        return say("every district", count=len(chosen))
    shown = ", ".join(labels[place] for place in chosen[:_NAMED_DISTRICTS])
    more = len(chosen) - _NAMED_DISTRICTS
    return f"{shown} {say('and more', count=more)}" if more > 0 else shown


def _when(data: xr.Dataset, row: int, new: NDArray[np.float64], say: Language) -> str:
    """Start years of a whole shift; units by year for the others, their sum when there are many years."""
    by_year = new.sum(axis=0)
    years = [int(year) for year, units in zip(data["year"].values, by_year, strict=True) if units]
    choice = (coordinate(data, "shift", "choice") or ["whole"] * data.sizes["shift"])[row]
    if choice == "whole":
        return ", ".join(map(str, years)) if len(years) <= _NAMED_YEARS else say.span(years[0], years[-1])
    unit = str((coordinate(data, "shift", "unit") or [""] * data.sizes["shift"])[row])
    if len(years) <= _NAMED_YEARS:
        amounts = [units for units in by_year if units]
        text = ", ".join(f"{year}: {say.number(units)}" for year, units in zip(years, amounts, strict=True))
        return f"{text} {say.unit(unit)}".rstrip()
    return f"{say.span(years[0], years[-1])}: {say.number(by_year.sum())} {say.unit(unit)}".rstrip()


def _money(data: xr.Dataset, say: Language) -> Section:
    investment, operation = total(data["investment"], "actor"), total(data["operation"], "actor")
    own = total(data["actor_net_cost"], "actor")
    society = float(data["net_cost"].sum())
    size = scale([*investment, *operation, *own, investment.sum(), society], data.attrs["currency"])
    names = list(titles(data, "actor").values())
    used = [place for place in range(len(names)) if investment[place] or operation[place] or own[place]]
    columns = {
        say("actor"): [*(names[place] for place in used), say("all actors")],
        f"{say('investment')} [{size.unit}]": np.array([*investment[used], investment.sum()]) / size.divisor,
        f"{say('running cost')} [{size.unit}]": np.array([*operation[used], operation.sum()]) / size.divisor,
        f"{say('net present cost')} [{size.unit}]": np.array([*own[used], society]) / size.divisor,
    }
    if not used:
        return Section(say("section money"), (*_budget_lines(data, say), say("no money")))
    years = data["year"].values
    notes = (
        say("sums of years", years=say.span(years[0], years[-1]), price_year=data.attrs.get("price_year", years[0])),
        say("present value"),
    )
    return Section(say("section money"), tuple(_budget_lines(data, say)), pd.DataFrame(columns), notes)


def _budget_lines(data: xr.Dataset, say: Language) -> list[str]:
    lines = []
    have_spent = total(data["budget_amount"], "budget"), total(data["budget_spent"], "budget")
    for name, have, spent in zip(_budget_names(data, say), *have_spent, strict=True):
        if math.isfinite(have):
            size = scale([have, spent], data.attrs["currency"])
            lines.append(
                say(
                    "budget used", budget=name, spent=say.number(spent / size.divisor), have=say.number(have / size.divisor), unit=size.unit
                )
            )
    return lines


def _budget_names(data: xr.Dataset, say: Language) -> list[str]:
    """The actor's title, and what the money is for when not for everything."""
    names = [str(name) for name in data["budget"].values]
    actors = list(titles(data, "actor").values())
    whose, kinds = coordinate(data, "budget", "actor"), coordinate(data, "budget", "kind")
    if whose is None or kinds is None:
        return names
    labels = [actors[int(str(actor))] for actor in whose]
    return [label if kind == "all" else f"{label}, {say.known(str(kind))}" for label, kind in zip(labels, kinds, strict=True)]


def _emissions(data: xr.Dataset, say: Language) -> list[Section]:
    return [_targets(data, say), _by_year(data, say)]


def _targets(data: xr.Dataset, say: Language) -> Section:
    if data.sizes["target"] == 0:
        return Section(say("section emissions"), (say("no targets"),))
    allowed, reached, short = (total(data[name], "target") for name in ("target_value", "target_emissions", "shortfall"))
    size = scale([*allowed, *reached], "t/year")
    unit = say.unit(size.unit)
    ledgers = titles(data, "ledger")
    names = list(titles(data, "target").values())
    table = pd.DataFrame(
        {
            say("target"): names,
            say("year"): data["target_year"].values.astype(int),
            say("ledger"): [ledgers[str(ledger)] for ledger in data["target_ledger"].values],
            f"{say('allowed')} [{unit}]": allowed / size.divisor,
            f"{say('reached')} [{unit}]": reached / size.divisor,
            f"{say('shortfall')} [{unit}]": short / size.divisor,
        }
    )
    lines = []
    outside = [
        float(data["other"].sel(ledger=ledger, year=year))
        for ledger, year in zip(data["target_ledger"].values, data["target_year"].values, strict=True)
    ]
    rooms = total(data["target_complementary"], "target")
    for name, want, have, missing, other, room in zip(names, allowed, reached, short, outside, rooms, strict=True):
        if missing > 1e-6 * max(1.0, want):
            amounts = {"short": missing, "other": other, "want": want + room}
            words = {key: say.number(amount / size.divisor) for key, amount in amounts.items()}
            lines.append(say("outside alone" if other > want + room else "falls short", target=name, unit=unit, **words))
        else:
            lines.append(say("reaches", target=name, room=say.number(max(0.0, want - have) / size.divisor), unit=unit))
    return Section(say("section emissions"), (*lines, *credited_lines(data, say)), table)


def _by_year(data: xr.Dataset, say: Language) -> Section:
    ledger = main_ledger(data)
    years = [int(year) for year in data["year"].values]
    wanted = {years[0], years[-1], *(int(year) for year in data["target_year"].values), *(year for year in years if year % 5 == 0)}
    rows = [place for place, year in enumerate(years) if year in wanted]
    baseline, emissions = (total(data[name].sel(ledger=ledger), "year") for name in ("baseline", "emissions"))
    reduction = total(data["reduction"].sel(ledger=ledger), "year")
    # a plan of stated shifts alone has no emissions to start from
    has_baseline = bool(np.any(baseline != 0))
    size = scale([*baseline, *emissions, *reduction] if has_baseline else reduction, "t/year")
    unit = say.unit(size.unit)
    table = pd.DataFrame(
        {
            say("year"): np.array(years)[rows],
            f"{say('baseline')} [{unit}]": baseline[rows] / size.divisor,
            f"{say('reduction')} [{unit}]": reduction[rows] / size.divisor,
            f"{say('remaining')} [{unit}]": emissions[rows] / size.divisor,
        }
    )
    notes = [say("main ledger", ledger=titles(data, "ledger")[ledger])] if data.sizes["ledger"] > 1 else []
    if not has_baseline:
        table = table.iloc[:, [0, 2]]
        notes.append(say("no baseline"))
    return Section(say("section reductions"), (), table, tuple(notes))


def _quality(quality: pd.DataFrame | Mapping[str, Any] | None, say: Language) -> list[Section]:
    """Shares by quality; the sentence says what rests on the weakest."""
    if quality is None:
        return []
    frame = pd.DataFrame(quality)
    if frame.empty:
        return []
    if "what" not in frame.columns:
        frame = frame.rename_axis("what").reset_index()
    kinds = [kind for kind in ("A", "B", "C", "none") if kind in frame.columns]
    what = [say.known(str(name)) for name in frame["what"]]
    weak = frame[[kind for kind in ("C", "none") if kind in kinds]].sum(axis=1, min_count=1)
    if not np.isfinite(weak).any():
        return []
    lines = tuple(
        say("rests on", share=say.percent(share), what=say.known(f"the {name}"))
        for name, share in zip(frame["what"], weak, strict=True)
        if math.isfinite(share)
    )
    table = pd.DataFrame({say("what"): what})
    for kind in kinds:
        table[f"{say('none') if kind == 'none' else kind} [%]"] = (100.0 * frame[kind].astype(float)).round(1)
    return [Section(say("section sure"), lines, table, (say("quality scale"),))]
