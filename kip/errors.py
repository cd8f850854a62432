"""What kip says when something is wrong.

One exception class for each next step of the reader:

* `DataError`: mend the plan. Carries every problem at once as `Issue` rows.
* `RequestError`: mend the call (an unknown measure, a shift that does not exist, a ratio without a denominator).
* `SolveError`: report a bug. The two roads to a total disagree or the solver broke.

A plan that cannot be reached is *not* an exception: it is a `Portfolio` with a status and a reason.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DataError", "Issue", "KipError", "RequestError", "SolveError", "figure", "nearest", "unknown_name"]


@dataclass(frozen=True, order=True)
class Issue:
    """One problem in a plan: where it is, what was found, what is allowed, what to do.

    Attributes
    ----------
    message : str
        One or two sentences that end with what to do.
    path : str
        Place in the plan, e.g. ``shifts.ev.cost.households``; empty for the plan as a whole.
    file, row, column : str, int or None, str
        Place on disk. `row` counts as a spreadsheet does: the header is row 1.
    severity : {"error", "warning"}
        A warning does not stop anything.
    """

    message: str
    path: str = ""
    file: str = ""
    row: int | None = None
    column: str = ""
    severity: str = "error"

    @property
    def where(self) -> str:
        """The place in words: file, row and column when they are known, otherwise the path in the plan."""
        parts = [self.file] if self.file else []
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(f'column "{self.column}"')
        if not parts:
            return self.path or "plan"
        return ", ".join(parts)

    def at(self, file: str, row: int | None = None, column: str = "") -> Issue:
        """The same problem with its place on disk."""
        return replace(self, file=file, row=row, column=column)

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class KipError(Exception):
    """Base of all errors that kip raises on purpose."""


class DataError(KipError):
    """The plan has problems; all of them are in `issues`.

    Parameters
    ----------
    issues : iterable of Issue
        At least one.
    source : str
        What was read, for the heading.
    """

    def __init__(self, issues: Iterable[Issue], source: str = "the plan") -> None:
        self.issues: tuple[Issue, ...] = tuple(issues)
        self.source = source
        count = len(self.issues)
        head = f"{count} problem{'s' if count != 1 else ''} in {source}"
        super().__init__("\n".join([head, *(f"  {issue}" for issue in self.issues)]))

    def table(self) -> pd.DataFrame:
        """The problems as a table, one row each."""
        import pandas as pd

        columns = ["file", "row", "column", "path", "severity", "message"]
        return pd.DataFrame([[getattr(issue, name) for name in columns] for issue in self.issues], columns=columns)


class RequestError(KipError):
    """The call asks for something that the plan does not have."""


class SolveError(KipError):
    """The solver or kip itself broke. This is a bug: please report it with the plan."""


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The allowed name that looks most like `name`, or None.

    Examples
    --------
    >>> nearest("emision_factor", ["factor", "emission_factor"])
    'emission_factor'
    >>> nearest("zzz", ["cost"]) is None
    True
    """
    options = sorted(set(allowed))
    folded = {option.casefold(): option for option in reversed(options)}
    found = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def unknown_name(kind: str, name: object, allowed: Sequence[str]) -> str:
    """Sentence for a name that does not exist: what it is, the nearest one, and what is allowed.

    Examples
    --------
    >>> unknown_name("actor", "municipalty", ["municipality", "region"])
    'unknown actor "municipalty". Did you mean "municipality"? Allowed: municipality, region.'
    """
    text = f'unknown {kind} "{name}".'
    guess = nearest(str(name), allowed)
    if guess is not None:
        text += f' Did you mean "{guess}"?'
    shown = list(allowed)[: 6 if guess is not None else 12]
    if not shown:
        return f"{text} The plan has none; add it first."
    more = "" if len(allowed) <= len(shown) else f" and {len(allowed) - len(shown)} more"
    return f"{text} Allowed: {', '.join(shown)}{more}."


def figure(value: float) -> str:
    """A number in a message: six figures, and never a power of ten for what people write in full.

    Examples
    --------
    >>> figure(1_500_000.0), figure(0.25), figure(117.0)
    ('1,500,000', '0.25', '117')
    """
    return f"{value:,.0f}" if 1e5 <= abs(value) < 1e15 else f"{value:,.6g}"
