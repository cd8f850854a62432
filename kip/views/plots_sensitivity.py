"""Pictures of what moves an outcome: tornado, Morris, Sobol', given data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kip.views import canvas
from kip.views.labels import Language, scale

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["given_data_chart", "morris_chart", "named", "sobol_chart", "tornado_chart"]

BLUE, ORANGE, GREEN, SKY = "#0072B2", "#E69F00", "#009E73", "#56B4E9"
MOST = 25
"""Inputs that a picture shows; the table has them all."""


def named(title: str) -> xr.Dataset:
    """What the heading of a picture asks for, when there is no portfolio: a line below the question."""
    import xarray as xr

    return xr.Dataset(attrs={"title": title})


def sobol_chart(table: pd.DataFrame, outcome: str, notes: Sequence[str], ax: Axes | None = None, language: str = "en") -> Axes:
    """First-order and total index of each input with their intervals.

    Parameters
    ----------
    table : pandas.DataFrame
        `Sobol.table`.
    outcome : str
        Title of the outcome.
    notes : sequence of str
        What stands below the question; the rest is small print.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    say = Language(language)
    shown = table.head(MOST)
    ax = canvas.rows_axes(ax, len(shown))
    place = np.arange(len(shown))
    total, alone = 100.0 * shown["total [1]"], 100.0 * shown["first [1]"]
    bars = [
        ax.barh(place - 0.17, alone, height=0.32, color=BLUE, zorder=3),
        ax.barh(place + 0.17, total, height=0.32, color=SKY, zorder=3),
    ]
    line = _whiskers(ax, alone, 100.0 * shown["first ± [1]"], place - 0.17)
    _whiskers(ax, total, 100.0 * shown["total ± [1]"], place + 0.17)
    ax.axvline(0.0, color="#888888", linewidth=0.8, zorder=4)
    ax.set_xlabel(say("sobol axis"))
    labels = [say("sobol part alone"), say("sobol part total"), say("sensitivity interval")]
    return _rows(ax, shown, say, say("sobol question", outcome=outcome), [*bars, line], labels, notes)


def morris_chart(table: pd.DataFrame, outcome: str, unit: str, notes: Sequence[str], ax: Axes | None = None, language: str = "en") -> Axes:
    """Size of the effect of each input with its interval, and how much the effect varies.

    Parameters
    ----------
    table : pandas.DataFrame
        `Morris.table`.
    outcome, unit : str
        Title and unit of the outcome.
    notes : sequence of str
        What stands below the question; the rest is small print.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    say = Language(language)
    shown = table.head(MOST)
    column = unit or "1"
    size = scale(shown[f"mu star [{column}]"], unit)
    ax = canvas.rows_axes(ax, len(shown))
    place = np.arange(len(shown))
    effect = shown[f"mu star [{column}]"] / size.divisor
    bars = ax.barh(place, effect, height=0.55, color=SKY, zorder=3)
    line = _whiskers(ax, effect, shown[f"mu star ± [{column}]"] / size.divisor, place)
    (mark,) = ax.plot(
        shown[f"sigma [{column}]"] / size.divisor, place, linestyle="none", marker="D", markersize=6, color=ORANGE,
        markeredgecolor="black", markeredgewidth=0.6, zorder=5, clip_on=False,
    )  # fmt: skip
    ax.set_xlim(left=0.0)
    ax.set_xlabel(canvas.shorten(say("morris axis", outcome=outcome, unit=say.unit(size.unit) or "1"), 90, 1))
    labels = [say("morris part size"), say("sensitivity interval"), say("morris part spread")]
    return _rows(ax, shown, say, say("morris question", outcome=outcome), [bars, line, mark], labels, notes)


def tornado_chart(
    table: pd.DataFrame, base: float, outcome: str, unit: str, notes: Sequence[str], ax: Axes | None = None, language: str = "en"
) -> Axes:
    """From the low to the high end of each input, around the outcome of the plan; the plan's own portfolio beside it where it is known.

    Parameters
    ----------
    table : pandas.DataFrame
        `Tornado.table`, the ends of the inputs in words.
    base : float
        Outcome of the plan.
    outcome, unit : str
        Title and unit of the outcome.
    notes : sequence of str
        What stands below the question; the rest is small print.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    say = Language(language)
    shown, column = table.head(MOST), unit or "1"
    held = f"held at low [{column}]" in shown
    size = scale([base, *shown[f"at low [{column}]"], *shown[f"at high [{column}]"]], unit)
    ax = canvas.rows_axes(ax, len(shown) * (1.4 if held else 1.0).__ceil__())
    handles: list[Any] = []
    labels = []
    middle = base / size.divisor
    for end, colour in (("low", BLUE), ("high", ORANGE)):
        reached = shown[f"at {end} [{column}]"].to_numpy(dtype=float) / size.divisor
        place = np.arange(len(shown)) - (0.12 if held else 0.0)
        handles.append(ax.barh(place, reached - middle, left=middle, height=0.5 if held else 0.62, color=colour, zorder=3))
        labels.append(say(f"tornado part {end}"))
        if held:
            kept = shown[f"held at {end} [{column}]"].to_numpy(dtype=float) / size.divisor
            bar = ax.barh(
                np.arange(len(shown)) + 0.28, kept - middle, left=middle, height=0.2, color=colour, alpha=0.45, hatch="////",
                edgecolor="white", linewidth=0.0, zorder=3,
            )  # fmt: skip
            if end == "high":
                handles.append(bar)
                labels.append(say("tornado part held"))
        for row, (at, value) in enumerate(zip(reached, shown[end], strict=True)):
            if np.isfinite(at) and at != middle:
                other = shown[f"at {'high' if end == 'low' else 'low'} [{column}]"].to_numpy(dtype=float)[row] / size.divisor
                outer = not (np.isfinite(other) and (other - middle) * (at - middle) > 0 and abs(other - middle) > abs(at - middle))
                if outer:
                    text = str(value)
                    right = at > middle
                    ax.annotate(
                        canvas.shorten_inside(text, 18), (at, row - (0.12 if held else 0.0)), xytext=(4 if right else -4, 0),
                        textcoords="offset points", ha="left" if right else "right", va="center", fontsize=canvas.SMALL, color="#555555",
                    )  # fmt: skip
    handles.append(ax.axvline(middle, color=canvas.INK, linewidth=1.2, zorder=4))
    labels.append(say("tornado part base"))
    ax.margins(x=0.18)
    ax.set_xlabel(f"{canvas.safe(outcome)} [{say.unit(size.unit) or '1'}]")
    return _rows(ax, shown, say, say("tornado question", outcome=outcome), handles, labels, notes)


def given_data_chart(
    table: pd.DataFrame,
    dummies: tuple[float, float],
    outcome: str,
    notes: Sequence[str],
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Delta with its interval and PAWN of each input, beside what an input without meaning would show.

    Parameters
    ----------
    table : pandas.DataFrame
        `GivenData.table`.
    dummies : (float, float)
        Delta and PAWN of an input without meaning.
    outcome : str
        Title of the outcome.
    notes : sequence of str
        What stands below the question; the rest is small print.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    say = Language(language)
    shown = table.head(MOST)
    ax = canvas.rows_axes(ax, len(shown))
    place = np.arange(len(shown))
    handles: list[Any] = [
        ax.barh(place - 0.17, shown["delta [1]"], height=0.32, color=BLUE, zorder=3),
        ax.barh(place + 0.17, shown["PAWN [1]"], height=0.32, color=ORANGE, zorder=3),
    ]
    labels = [say("given part delta"), say("given part pawn"), say("sensitivity interval")]
    handles.append(_whiskers(ax, shown["delta [1]"], shown["delta ± [1]"], place - 0.17))
    if np.isfinite(dummies).all():
        line = ax.axvline(dummies[0], color=BLUE, linestyle="--", linewidth=1.2, zorder=5)
        ax.axvline(dummies[1], color="#B87A00", linestyle="--", linewidth=1.2, zorder=5)
        handles.append(line)
        labels.append(say("given part dummy"))
    ax.set_xlim(left=0.0)
    ax.set_xlabel(say("given axis"))
    return _rows(ax, shown, say, say("given question", outcome=outcome), handles, labels, notes)


def _whiskers(ax: Axes, middle: Any, width: Any, place: Any) -> Any:
    """Intervals as thin lines."""
    return ax.errorbar(middle, place, xerr=np.maximum(width, 0.0), fmt="none", ecolor=canvas.INK, elinewidth=1.1, capsize=2.5, zorder=5)


def _rows(ax: Axes, shown: pd.DataFrame, say: Language, question: str, handles: list[Any], labels: list[str], notes: Sequence[str]) -> Axes:
    ax.set_yticks(range(len(shown)), [canvas.shorten_inside(str(title), 40) for title in shown["title"]])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    canvas.number_axis(ax.xaxis, say)
    canvas.rows_heading(ax, canvas.shorten(question, 78, 1), named(notes[0] if notes else ""), handles, labels)
    canvas.finish(ax)
    if notes[1:]:
        canvas.rows_footnote(ax, notes[1:])
    return ax
