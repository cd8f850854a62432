"""The core chart: how much of each shift good portfolios hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kip.views import canvas
from kip.views.labels import Language

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["core_chart"]

COLOURS = {"always": "#0072B2", "depends": "#E69F00", "open": "#999999", "never": "#F3F3F3"}
"""Okabe and Ito's colours, which colour-blind readers tell apart; never is light, for there is nothing of it."""


def core_chart(rows: pd.DataFrame, within: float, dataset: xr.Dataset, ax: Axes | None = None, language: str = "en") -> Axes:
    """A bar for each shift: what every near-optimal portfolio holds of it, what only some do, and a mark where the best is.

    Parameters
    ----------
    rows : pandas.DataFrame
        `Core.table`.
    within : float
        Tolerance [1].
    dataset : xarray.Dataset
        Of the portfolio, for the heading.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    say = Language(language)
    order = [kind for kind in ("always", "depends", "open", "never") if (rows["class"] == kind).any()]
    shown = rows.iloc[np.argsort([order.index(kind) for kind in rows["class"]], kind="stable")]
    ax = canvas.rows_axes(ax, len(shown))
    top = np.maximum(shown["most"].to_numpy(dtype=float), shown["best"].to_numpy(dtype=float))
    size = np.where(top > 0, top, 1.0)
    for place, (_, row) in enumerate(shown.iterrows()):
        low, high = 100.0 * row["least"] / size[place], 100.0 * row["most"] / size[place]
        ax.barh(place, 100.0, height=0.62, color="#F3F3F3", zorder=1)
        if row["class"] == "open":
            ax.barh(place, 100.0, height=0.62, color=COLOURS["open"], hatch="//", edgecolor="white", zorder=2)
        ax.barh(place, low, height=0.62, color=COLOURS["always"], zorder=3)
        ax.barh(place, high - low, left=low, height=0.62, color=COLOURS["depends"], zorder=3)
        if row["best"] > 0:
            ax.plot(100.0 * row["best"] / size[place], place, marker="D", markersize=5, color="black", zorder=4, clip_on=False)
    ax.set_yticks(range(len(shown)), [canvas.safe(canvas.shorten_inside(str(title), 44)) for title in shown["title"]])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlim(-1.0, 101.0)
    ax.set_xlabel(say("core axis"))
    canvas.number_axis(ax.xaxis, say)
    kinds = [kind for kind in ("always", "depends", "open", "never") if kind in order or kind in {"always", "depends"}]
    handles: list[Any] = [Patch(color=COLOURS[kind]) for kind in kinds]
    handles.append(Line2D([], [], marker="D", color="black", linestyle="none", markersize=5))
    labels = [*(say(f"core part {kind}") for kind in kinds), say("core best mark")]
    canvas.rows_heading(ax, say("core question"), dataset, handles, labels)
    canvas.finish(ax)
    canvas.rows_footnote(ax, [say("core footnote", share=say.percent(within))])
    return ax
