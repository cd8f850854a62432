"""Which shifts are in which alternative: a matrix that is read at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kip.views import canvas
from kip.views.labels import Language

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["matrix"]

_COLOURS = {"same": "#56B4E9", "added": "#009E73", "left": "#FFFFFF", "level": "#E69F00"}


def matrix(choices: pd.DataFrame, lost: Sequence[float], dataset: xr.Dataset, ax: Axes | None = None, language: str = "en") -> Axes:
    """A square for each shift and alternative; only shifts that differ somewhere are shown.

    Parameters
    ----------
    choices : pandas.DataFrame
        `Alternatives.choices`.
    lost : sequence of float
        Share of the objective that each alternative loses [1].
    dataset : xarray.Dataset
        Of the best portfolio.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}
    """
    from matplotlib.patches import Patch, Rectangle

    say = Language(language)
    best = choices[0]
    differs = (choices.sub(best, axis=0).abs() > 0.01 * choices.max(axis=1).clip(lower=1e-9).to_numpy()[:, None]).any(axis=1)
    shown = choices[differs]
    ax = canvas.rows_axes(ax, len(shown))
    if shown.empty:
        canvas.rows_heading(ax, say("alternatives question"), dataset, (), ())
        canvas.say_nothing(ax, say("alternatives no more"))
        ax.set_axis_off()
        return ax
    title = dict(zip(map(str, dataset["shift"].values), map(str, dataset["title"].values), strict=True))
    used = set()
    for row, (_, units) in enumerate(shown.iterrows()):
        for column, value in enumerate(units):
            kind = _kind(float(units[0]), float(value))
            if kind is None:
                continue
            used.add(kind)
            edge = "#888888" if kind == "left" else "white"
            ax.add_patch(Rectangle((column - 0.42, row - 0.4), 0.84, 0.8, facecolor=_COLOURS[kind], edgecolor=edge, linewidth=1.0))
            if kind == "left":
                ax.text(column, row, "×", ha="center", va="center", color="#888888", fontsize=canvas.MEDIUM)
    ax.set_xlim(-0.6, shown.shape[1] - 0.4)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_yticks(range(len(shown)), [canvas.safe(canvas.shorten_inside(title[str(name)], 44)) for name in shown.index])
    losses = ["", *(say("alternatives lost mark", share=say.percent(round(share, 3))) for share in lost)]
    names = [say("alternatives best"), *map(str, range(1, shown.shape[1]))]
    ax.set_xticks(range(shown.shape[1]), [f"{name}\n{loss}" for name, loss in zip(names, losses, strict=True)])
    kinds = [kind for kind in ("same", "added", "level", "left") if kind in used]
    handles = [Patch(facecolor=_COLOURS[kind], edgecolor="#888888" if kind == "left" else "white") for kind in kinds]
    canvas.rows_heading(ax, say("alternatives question"), dataset, handles, [say(f"alternatives {kind}") for kind in kinds])
    canvas.finish(ax)
    canvas.rows_footnote(ax, [say("alternatives footnote")])
    return ax


def _kind(best: float, value: float) -> str | None:
    if value <= 1e-9:
        return "left" if best > 1e-9 else None
    if best <= 1e-9:
        return "added"
    return "same" if abs(value - best) <= 0.01 * max(value, best) else "level"
