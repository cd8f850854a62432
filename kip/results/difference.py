"""kip.diff: what changed between two versions of a plan, or between two portfolios, in words, tonnes and kronor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from kip.errors import RequestError
from kip.model import Plan
from kip.results.differing_plans import plan_rows, plan_sentences
from kip.results.differing_portfolios import portfolio_rows, portfolio_sentences
from kip.results.portfolio import Portfolio
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, records

__all__ = ["COLUMNS", "Difference", "diff"]

COLUMNS = ("change", "path", "old", "new", "difference", "relative [1]", "unit")
"""Columns of `Difference.table`."""

_MOST_LINES = 40


@dataclass(frozen=True, repr=False)
class Difference(Shown):
    """What changed; empty (and false) when nothing did.

    Attributes
    ----------
    old, new : Plan or Portfolio
    table : pandas.DataFrame
        One row for each change: change ("added", "removed" or "changed"), path, old, new, difference (new - old), relative
        (difference / size of old) [1] and unit. NaN where a value is no number, or was 0.
    sentences : tuple of str
        The same in words.
    language : {"en", "sv"}
    """

    old: Plan | Portfolio
    new: Plan | Portfolio
    table: pd.DataFrame
    sentences: tuple[str, ...]
    language: str = "en"

    def __bool__(self) -> bool:
        return len(self.table) > 0

    def sheet(self) -> Sheet:
        """What changed as a sheet, to show."""
        say = Language(self.language)
        more = len(self.sentences) - _MOST_LINES
        notes = (say("diff rest", count=more),) if more > 0 else ()
        lines = self.sentences[:_MOST_LINES]
        footer = say("diff footer", old=_which(self.old), new=_which(self.new))
        return Sheet(say("diff title"), lines[0], (Section(say("diff changes"), lines[1:], None, notes),), say.code, footer)

    def to_dict(self) -> dict[str, Any]:
        """Rows and sentences as plain data; NaN becomes None."""
        rows = records(self.table)
        return {"old": _which(self.old), "new": _which(self.new), "changes": rows, "sentences": list(self.sentences)}


def diff(old: Plan | Portfolio, new: Plan | Portfolio, language: str = "en") -> Difference:
    """What changed between two versions of a plan, or between two portfolios.

    Parameters
    ----------
    old, new : Plan or Portfolio
        Both of a kind. Plans are compared field by field, in whatever order their rows stand; portfolios by what starts and
        when, and by tonnes, kronor and shortfalls.
    language : {"en", "sv"}

    Returns
    -------
    Difference

    Raises
    ------
    RequestError
        When the two are not of a kind, have no answer, or count in two currencies.

    Examples
    --------
    >>> import kip
    >>> plan = kip.example("minimal")
    >>> change = kip.diff(plan, plan.update({"discount_rate": 0.05}))
    >>> change.table[["path", "old", "new"]].values.tolist()
    [['discount_rate', 0.035, 0.05]]
    >>> bool(kip.diff(plan, plan))
    False
    """
    say = Language(language)
    if isinstance(old, Plan) and isinstance(new, Plan):
        table = _table(plan_rows(old, new))
        return Difference(old, new, table, (_head(table, say), *plan_sentences(table, say)), language)
    if isinstance(old, Portfolio) and isinstance(new, Portfolio):
        if not (old.found and new.found):
            raise RequestError("one of the two portfolios has no answer, so there is nothing to compare. Compare two that were found.")
        one, two = old.plan.currency, new.plan.currency
        if one != two:
            raise RequestError(
                f"one portfolio counts in {one} and the other in {two}; kip exchanges no money. Compare two in one currency."
            )
        table = _table(portfolio_rows(old, new))
        return Difference(old, new, table, (_head(table, say), *portfolio_sentences(old, new, table, say)), language)
    raise RequestError(f"found a {type(old).__name__} and a {type(new).__name__}. Give two plans or two portfolios.")


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame([{name: row.get(name) for name in COLUMNS} for row in rows], columns=list(COLUMNS))
    for name in ("difference", "relative [1]"):
        table[name] = table[name].astype(float)
    return table


def _head(table: pd.DataFrame, say: Language) -> str:
    if table.empty:
        return say("diff none")
    counts = {kind: int((table["change"] == kind).sum()) for kind in ("added", "removed", "changed")}
    return say("diff counts", **counts)


def _which(item: Plan | Portfolio) -> str:
    plan = item if isinstance(item, Plan) else item.plan
    fingerprint = item.hash if isinstance(item, Plan) else str(item.dataset.attrs["plan_hash"])
    return " ".join(part for part in (plan.name, plan.version, fingerprint) if part)
