"""The changes between two portfolios: what starts and when, tonnes, kronor by actor, shortfalls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kip.accounting.decisions import starts
from kip.results.differing_plans import change_row, number_sentence
from kip.results.portfolio import Portfolio
from kip.views.labels import Language

__all__ = ["portfolio_rows", "portfolio_sentences"]

Row = dict[str, Any]

_TOTALS = ("reduction", "lifetime_reduction", "emissions", "investment", "operation", "cost", "net_cost", "net_benefit")
_SAME = 1e-9
"""Numbers nearer than this, relative to their size, are the same: sums of floats."""


def portfolio_rows(old: Portfolio, new: Portfolio) -> list[Row]:
    """Every change: shifts by name, totals, cost by actor, indicators, shortfall by target."""
    rows: list[Row] = []
    before, after = _starts(old), _starts(new)
    for name in sorted(set(before) | set(after)):
        rows += _shift(name, before.get(name), after.get(name))
    currency = new.plan.currency
    units = dict.fromkeys(_TOTALS, currency) | dict.fromkeys(("reduction", "lifetime_reduction", "emissions"), "t")
    # a plan of stated shifts alone has no emissions to start from
    stated = not any(side.dataset["baseline"].values.any() for side in (old, new))
    totals = [name for name in _TOTALS if not (stated and name == "emissions")]
    rows += [row for name in totals for row in _number(name, old.measure(name), new.measure(name), units[name])]
    for actor in sorted(_names(old, "actor") | _names(new, "actor")):
        rows += _number(f"cost.{actor}", _measure(old, "actor", actor, "cost."), _measure(new, "actor", actor, "cost."), currency)
    for indicator in sorted(_names(old, "indicator") | _names(new, "indicator")):
        unit = next(str(side.unit(indicator)) for side in (new, old) if indicator in _names(side, "indicator"))
        rows += _number(indicator, _measure(old, "indicator", indicator), _measure(new, "indicator", indicator), unit)
    for target in sorted(_names(old, "target") | _names(new, "target")):
        rows += _number(f"shortfall.{target}", _shortfall(old, target), _shortfall(new, target), "t/year")
    return rows


def _starts(portfolio: Portfolio) -> dict[str, dict[tuple[str, int], float]]:
    """{shift: {(district, year): units}}."""
    found: dict[str, dict[tuple[str, int], float]] = {}
    for (shift, district, year), units in starts(portfolio.dataset).items():
        found.setdefault(shift, {})[district, year] = units
    return found


def _shift(name: str, old: dict[tuple[str, int], float] | None, new: dict[tuple[str, int], float] | None) -> Iterator[Row]:
    place = f"shifts.{name}"
    if old is None or new is None:
        yield change_row("added" if old is None else "removed", place, _when(old), _when(new))
        return
    yield from _number(f"{place}.units", sum(old.values()), sum(new.values()), "unit")
    yield from _number(f"{place}.first start", _first(old), _first(new), "")
    for district, year in sorted(set(old) | set(new)):
        yield from _number(f"{place}.{district}.{year}", old.get((district, year), 0.0), new.get((district, year), 0.0), "unit")


def _first(units: dict[tuple[str, int], float]) -> int:
    return min(year for _, year in units)


def _when(started: dict[tuple[str, int], float] | None) -> str | None:
    """Years and units in one cell: "2026: 1; 2028: 4"."""
    if started is None:
        return None
    by_year: dict[int, float] = {}
    for (_, year), units in started.items():
        by_year[year] = by_year.get(year, 0.0) + units
    return "; ".join(f"{year}: {by_year[year]:g}" for year in sorted(by_year))


def _number(path: str, old: float, new: float, unit: str) -> Iterator[Row]:
    if abs(new - old) > _SAME * max(1.0, abs(old), abs(new)):
        yield change_row("changed", path, old, new, unit)


def _names(portfolio: Portfolio, dim: str) -> set[str]:
    return set(map(str, portfolio.dataset[dim].values))


def _measure(portfolio: Portfolio, dim: str, name: str, prefix: str = "") -> float:
    """The measure, 0 where the plan does not know the name."""
    return portfolio.measure(f"{prefix}{name}") if name in _names(portfolio, dim) else 0.0


def _shortfall(portfolio: Portfolio, target: str) -> float:
    return float(portfolio.dataset["shortfall"].sel(target=target)) if target in _names(portfolio, "target") else 0.0


def portfolio_sentences(old: Portfolio, new: Portfolio, table: pd.DataFrame, say: Language) -> Iterator[str]:
    """What went in and out, what moved in time or size, and what that does to tonnes, kronor and targets."""
    titles: dict[str, str] = {}
    for side in (old, new):
        titles |= dict(zip(map(str, side.dataset["shift"].values), map(str, side.dataset["title"].values), strict=True))
    rows = {str(row["path"]): row for row in table.to_dict("records")}
    for path, row in rows.items():
        kind, _, rest = path.partition(".")
        if kind == "shifts":
            yield from _shift_sentence(rest, row, titles, say)
    for path, row in rows.items():
        kind, _, rest = path.partition(".")
        if kind != "shifts":
            what = say.known(kind.replace("_", " ")) + (f", {rest}" if rest else "")
            yield number_sentence(what, row, say)
    one, two = (str(side.dataset.attrs["plan_hash"]) for side in (old, new))
    if rows and one != two:
        yield say("diff two plans")


def _shift_sentence(rest: str, row: dict[Any, Any], titles: dict[str, str], say: Language) -> Iterator[str]:
    name, _, what = rest.partition(".")
    title = titles.get(name, name)
    if row["change"] == "added":
        yield say("diff in", shift=title, when=row["new"])
    elif row["change"] == "removed":
        yield say("diff out", shift=title, when=row["old"])
    elif what == "first start":
        later = "diff later" if row["difference"] > 0 else "diff earlier"
        yield say(later, shift=title, old=int(row["old"]), new=int(row["new"]))
    elif what == "units":
        more = "diff more" if row["difference"] > 0 else "diff fewer"
        yield say(more, shift=title, old=say.number(row["old"]), new=say.number(row["new"]))
