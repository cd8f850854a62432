"""Pictures of scenario discovery: the box, the way to it, and when each shift is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kip.views import canvas
from kip.views.labels import Language, scale
from kip.views.plots_sensitivity import MOST, named

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["box_chart", "information_chart", "rules_chart", "trajectory_chart"]

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#BBBBBB"


def box_chart(
    values: NDArray[np.float64],
    titles: Sequence[tuple[str, str]],
    event: NDArray[np.bool_],
    spans: Sequence[tuple[float, float]],
    words: tuple[str, str, Sequence[str]],
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Scenarios in two inputs, those of the event on top, and the box.

    Parameters
    ----------
    values : array (scenario, at most two inputs)
    titles : sequence of (title, unit)
        Of the inputs.
    event : array of bool (scenario,)
    spans : sequence of (low, high)
        Of the box; infinite where there is no limit; empty without a box.
    words : (event, count, notes)
        What happens, in how many scenarios, and small print.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    say = Language(language)
    ax = canvas.axes_for(ax)
    sizes = [scale(values[:, place], unit) for place, (_, unit) in enumerate(titles)]
    values = values / [size.divisor for size in sizes]
    spans = [(low / size.divisor, high / size.divisor) for (low, high), size in zip(spans, sizes, strict=False)]
    names = [f"{title} [{say.unit(size.unit)}]" if size.unit else title for (title, _), size in zip(titles, sizes, strict=True)]
    across = values[:, 0]
    # one input alone: scenarios side by side in their own order, so that they can be told apart
    along = values[:, 1] if values.shape[1] > 1 else np.arange(len(values), dtype=float)
    size = float(np.clip(4000.0 / max(len(values), 1), 6.0, 28.0))
    handles: list[Any] = []
    for flags, colour, order in ((~event, GREY, 2), (event, ORANGE, 3)):
        ax.scatter(across[flags], along[flags], s=size, color=colour, linewidths=0.0, alpha=0.85, zorder=order)
        handles.append(Line2D([], [], linestyle="none", marker="o", markersize=6, color=colour))
    labels = [say("discovery part other"), say("discovery part event")]
    limits = [_room(across), _room(along)]
    if spans:
        given = [*spans, (-np.inf, np.inf)][:2] if values.shape[1] > 1 else [spans[0], (-np.inf, np.inf)]
        corners = [np.clip(span, *limit) for span, limit in zip(given, limits, strict=True)]
        box = Rectangle(
            (corners[0][0], corners[1][0]),
            np.ptp(corners[0]),
            np.ptp(corners[1]),
            facecolor="none",
            edgecolor=BLUE,
            linewidth=2.2,
            zorder=4,
        )
        ax.add_patch(box)
        handles.append(box)
        labels.append(say("discovery part box"))
    ax.set_xlim(*limits[0])
    ax.set_ylim(*limits[1])
    ax.set_xlabel(canvas.shorten(names[0], 70, 1))
    if values.shape[1] > 1:
        ax.set_ylabel(canvas.shorten(names[1], 40, 1))
    else:
        ax.set_yticks([])
    for axis in (ax.xaxis, ax.yaxis):
        canvas.number_axis(axis, say)
    canvas.rows_heading(ax, canvas.shorten(say("discovery question", event=words[0]), 78, 1), named(words[1]), handles, labels)
    canvas.finish(ax)
    canvas.rows_footnote(ax, words[2])
    return ax


def _room(column: NDArray[np.float64]) -> tuple[float, float]:
    span = float(np.ptp(column)) or 1.0
    return float(column.min()) - 0.03 * span, float(column.max()) + 0.03 * span


def trajectory_chart(trajectory: pd.DataFrame, best: int, event: str, ax: Axes | None = None, language: str = "en") -> Axes:
    """Coverage against density of every box on the way, by how many inputs it restricts.

    Parameters
    ----------
    trajectory : pandas.DataFrame
        `Discovery.trajectory`.
    best : int
        The step that balances both best.
    event : str
        In words.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    say = Language(language)
    ax = canvas.axes_for(ax)
    coverage, density = 100.0 * trajectory["coverage [1]"], 100.0 * trajectory["density [1]"]
    ax.plot(coverage, density, color="#888888", linewidth=1.0, zorder=2)
    handles: list[Any] = []
    labels: list[str] = []
    for restricted in sorted(trajectory["restricted"].unique())[:6]:
        rows = trajectory["restricted"] == restricted
        colour = canvas.COLOURS[int(restricted) % len(canvas.COLOURS)]
        handles.append(ax.scatter(coverage[rows], density[rows], s=46, color=colour, edgecolors="white", linewidths=0.6, zorder=3))
        labels.append(say("discovery part step", count=int(restricted)) if not labels else str(int(restricted)))
    handles.append(
        ax.scatter(coverage.iloc[best], density.iloc[best], s=190, facecolors="none", edgecolors="black", linewidths=1.8, zorder=4)
    )
    labels.append(say("discovery part best"))
    ax.set_xlim(-2.0, 104.0)
    ax.set_ylim(-2.0, 104.0)
    ax.set_xlabel(say("discovery axis coverage"))
    ax.set_ylabel(say("discovery axis density"))
    for axis in (ax.xaxis, ax.yaxis):
        canvas.number_axis(axis, say)
    canvas.rows_heading(
        ax, canvas.shorten(say("discovery way question", event=event), 78, 1), named(say("discovery way each")), handles, labels
    )
    canvas.finish(ax)
    return ax


_MOST_RULES = 45
"""Rows of a chart of rules: a plan's shifts, if there are not very many."""


def rules_chart(table: pd.DataFrame, subtitle: str, ax: Axes | None = None, language: str = "en") -> Axes:
    """In what share of the scenarios each shift is chosen, and its rule beside the bar.

    Parameters
    ----------
    table : pandas.DataFrame
        `Rules.table` with a column ``text``: the rule in words, empty where there is none.
    subtitle : str
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    import pandas as pd
    from matplotlib.patches import Patch

    say = Language(language)
    # what depends comes first: that is what the picture is for
    settled = table["kind"].isin(["always", "never"])
    shown = pd.concat([table[~settled], table[settled]]).head(_MOST_RULES)
    lines = [canvas.shorten(row["text"] or say(f"rule word {row['kind']}"), 92, 2) for _, row in shown.iterrows()]
    ax = canvas.rows_axes(ax, int(len(shown) * (1.5 if any("\n" in line for line in lines) else 1.0)))
    for place, (_, row) in enumerate(shown.iterrows()):
        share = 100.0 * row["chosen [1]"]
        ax.barh(place, 100.0, height=0.78, color="#F3F3F3", zorder=1)
        ax.barh(place, share, height=0.78, color="#009E73" if row["kind"] == "always" else "#9AD0F5", zorder=2)
        ax.text(1.0, place, lines[place], va="center", ha="left", fontsize=canvas.SMALL, color=canvas.INK, zorder=4)
    ax.set_yticks(range(len(shown)), [canvas.shorten_inside(str(title), 36) for title in shown["title"]])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlim(0.0, 101.0)
    ax.set_xlabel(say("rules axis"))
    canvas.number_axis(ax.xaxis, say)
    handles = [Patch(color="#9AD0F5"), Patch(color="#009E73")]
    canvas.rows_heading(ax, say("rules title"), named(subtitle), handles, [say("rules part some"), say("rules part always")])
    canvas.finish(ax)
    return ax


def information_chart(
    table: pd.DataFrame,
    marks: tuple[float, float],
    measured: tuple[str, str],
    words: tuple[str, str],
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """What knowing each input is worth with its interval, beside everything, and what an input without meaning would show.

    Parameters
    ----------
    table : pandas.DataFrame
        `SampledInformation.table`.
    marks : (everything, dummy)
        Value of knowing everything, and what an input without meaning would show [unit].
    measured : (title, unit)
        Of what is decided by.
    words : (subtitle, note)
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    say = Language(language)
    shown = table.head(MOST)
    title, unit = measured
    column = unit or "1"
    size = scale([*marks, *shown[f"worth [{column}]"]], unit)
    ax = canvas.rows_axes(ax, len(shown))
    place = np.arange(len(shown))
    worth = shown[f"worth [{column}]"] / size.divisor
    error = np.minimum(shown[f"worth ± [{column}]"] / size.divisor, worth)
    handles: list[Any] = [ax.barh(place, worth, height=0.6, color="#56B4E9", zorder=3)]
    upper = shown[f"worth ± [{column}]"] / size.divisor
    handles.append(ax.errorbar(worth, place, xerr=[error, upper], fmt="none", ecolor=canvas.INK, elinewidth=1.1, capsize=2.5, zorder=5))
    labels = [say("information part one"), say("sensitivity interval")]
    for mark, key, style, colour in ((marks[0], "information part all", "-", "#009E73"), (marks[1], "given part dummy", "--", "#888888")):
        if np.isfinite(mark) and mark > 0.0:
            handles.append(ax.axvline(mark / size.divisor, color=colour, linestyle=style, linewidth=1.6, zorder=4))
            labels.append(say(key))
    ax.set_xlim(left=0.0)
    ax.set_yticks(range(len(shown)), [canvas.shorten_inside(str(name), 40) for name in shown["title"]])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlabel(canvas.shorten(say("information axis", outcome=title, unit=say.unit(size.unit) or "1"), 84, 1))
    canvas.number_axis(ax.xaxis, say)
    canvas.rows_heading(ax, say("information question"), named(words[0]), handles, labels)
    canvas.finish(ax)
    canvas.rows_footnote(ax, [words[1]])
    return ax
