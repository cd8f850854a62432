"""The picture of what each shift and enabler contributes: a waterfall to the joint result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kip.views import canvas
from kip.views.labels import Language, scale

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["contributions"]

_MOST_BARS = 14
_COLOUR = {"shift": "#0072B2", "enabler": "#E69F00", "rest": "#8C7A6B", "overlap": "#D55E00", "total": "#444444"}


def contributions(
    table: pd.DataFrame, of: tuple[str, str, float], dataset: xr.Dataset, ax: Axes | None = None, language: str = "en"
) -> Axes:
    """A waterfall: what each contributes before overlap, then the overlap in its own colour, then the total.

    Parameters
    ----------
    table : pandas.DataFrame
        Of an attribution; uses title, kind and "before overlap". The last row is the overlap.
    of : (measure, unit, total)
    dataset : xarray.Dataset
        Of the portfolio, for the heading.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib Axes
    """
    from matplotlib.patches import Patch

    say = Language(language)
    measure, unit, total = of
    ax = canvas.axes_for(ax)
    canvas.heading(ax, say("contribution picture"), dataset)
    size = scale([total, *table[f"before overlap [{unit}]"]], unit)
    bars = _bars(table, unit, say)
    left = 0.0
    ends = np.cumsum([0.0, *(value for _, _, value in bars)]) / size.divisor
    span = float(max(ends.max(), total / size.divisor, 0.0) - min(ends.min(), total / size.divisor, 0.0)) or 1.0
    for row, (_title, kind, value) in enumerate([*bars, (say("total row"), "total", total)]):
        begin, width = (0.0, total / size.divisor) if kind == "total" else (left, value / size.divisor)
        ax.barh(row, width, left=begin, height=0.72, facecolor=_COLOUR[kind], edgecolor=_COLOUR[kind], linewidth=0.8)
        right = max(begin, begin + width)
        ax.text(
            right + 0.01 * span,
            row,
            canvas.safe(say.number(value / size.divisor)),
            va="center",
            ha="left",
            fontsize=canvas.SMALL,
            color=canvas.INK,
        )
        if kind != "total":
            left += width
            ax.plot([left, left], [row + 0.36, row + 0.64], color="#888888", linewidth=0.8)
    ax.set_yticks(range(len(bars) + 1))
    ax.set_yticklabels([canvas.shorten_inside(title, 34) for title, _, _ in [*bars, (say("total row"), "", 0.0)]])
    ax.set_ylim(len(bars) + 0.6, -0.6)
    ax.set_xlim(min(ends.min(), 0.0), max(ends.max(), total / size.divisor, 0.0) + 0.12 * span)
    if min(ends.min(), total / size.divisor) < 0:
        ax.axvline(0.0, color=canvas.INK, linewidth=1.0)
        ax.set_xlim(min(ends.min(), total / size.divisor) - 0.02 * span, ax.get_xlim()[1])
    canvas.finish(ax)
    ax.tick_params(axis="y", labelsize=canvas.SMALL, length=0)
    canvas.number_axis(ax.xaxis, say)
    ax.set_xlabel(canvas.safe(say("contribution axis", measure=say.known(measure), unit=say.unit(size.unit))))
    shown = [kind for kind in ("shift", "enabler", "overlap") if any(kind == other for _, other, _ in bars)]
    words = {"shift": say("of shift"), "enabler": say("of enabler"), "overlap": say("overlap row")}
    canvas.legend(ax, [Patch(facecolor=_COLOUR[kind]) for kind in shown], [words[kind] for kind in shown])
    return ax


def _bars(table: pd.DataFrame, unit: str, say: Language) -> list[tuple[str, str, float]]:
    """Title, kind and value [unit] of each bar, largest first; small ones together; the overlap last, if there is any."""
    values = table[f"before overlap [{unit}]"]
    listed = [(str(title), str(kind), float(value)) for title, kind, value in zip(table["title"], table["kind"], values, strict=True)]
    *players, overlap = listed
    players.sort(key=lambda bar: -bar[2])
    if len(players) > _MOST_BARS:
        by_size = sorted(players, key=lambda bar: -abs(bar[2]))
        kept, rest = by_size[: _MOST_BARS - 1], by_size[_MOST_BARS - 1 :]
        others = (say("of rest", count=len(rest)), "rest", sum(value for *_, value in rest))
        players = [*sorted(kept, key=lambda bar: -bar[2]), others]
    return [*players, (say("overlap row"), "overlap", overlap[2])] if overlap[2] else players
