"""What choices give in each scenario, beside the best that could be had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kip.views import canvas
from kip.views.labels import Language, scale

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["knowing_chart", "scenario_chart"]

_MARKS = ("o", "D", "s", "^", "v", "P", "X", "*")
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C7A6B", "#222222")


def scenario_chart(
    choices: pd.DataFrame,
    best: NDArray[np.float64],
    measure: tuple[str, str],
    dataset: xr.Dataset,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """A line for each scenario, a mark for each choice, a ring for the best possible.

    Parameters
    ----------
    choices : pandas.DataFrame
        Scenario × choice, values of the measure; NaN where a choice cannot be kept.
    best : array (scenario,)
        The best possible in each scenario.
    measure : (name, unit)
    dataset : xarray.Dataset
        Of a portfolio of the plan, for the heading.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    from matplotlib.lines import Line2D

    say = Language(language)
    ax = canvas.rows_axes(ax, 3 * len(choices) // 2)
    size = scale(float(np.nanmax(np.abs([*choices.to_numpy().ravel(), *best]), initial=0.0)), measure[1])
    values = choices.to_numpy(dtype=float) / size.divisor
    shift = np.linspace(-0.18, 0.18, choices.shape[1]) if choices.shape[1] > 1 else np.zeros(1)
    for row in range(len(choices)):
        there = np.append(values[row][np.isfinite(values[row])], best[row] / size.divisor)
        there = there[np.isfinite(there)]
        if there.size:
            ax.plot([there.min(), there.max()], [row, row], color=canvas.FAINT, linewidth=6, solid_capstyle="round", zorder=1)
        ax.plot(best[row] / size.divisor, row, marker="o", markersize=13, markerfacecolor="none", markeredgecolor=canvas.INK, zorder=2)
        for column in range(choices.shape[1]):
            ax.plot(
                values[row, column],
                row + shift[column],
                marker=_MARKS[column % len(_MARKS)],
                markersize=7,
                color=_COLOURS[column % len(_COLOURS)],
                markeredgecolor="white",
                zorder=3,
                linestyle="none",
            )
    ax.set_yticks(range(len(choices)), [canvas.safe(canvas.shorten_inside(str(name), 44)) for name in choices.index])
    ax.set_ylim(len(choices) - 0.4, -0.6)
    unit = say.unit(size.unit)
    ax.set_xlabel(canvas.safe(f"{measure[0]} [{unit}]" if unit else measure[0]))
    canvas.number_axis(ax.xaxis, say)
    handles: list[Any] = [
        Line2D([], [], marker=_MARKS[column % len(_MARKS)], color=_COLOURS[column % len(_COLOURS)], linestyle="none", markersize=7)
        for column in range(choices.shape[1])
    ]
    handles.append(Line2D([], [], marker="o", markerfacecolor="none", markeredgecolor=canvas.INK, linestyle="none", markersize=10))
    labels = [*map(str, choices.columns), say("robust best mark")]
    canvas.rows_heading(ax, say("robust question"), dataset, handles, labels)
    canvas.finish(ax)
    canvas.rows_footnote(ax, [say("robust footnote")])
    return ax


def knowing_chart(table: pd.DataFrame, measure: tuple[str, str], dataset: xr.Dataset, ax: Axes | None = None, language: str = "en") -> Axes:
    """A bar for each input, and one for knowing everything: what it is worth before the decision.

    Parameters
    ----------
    table : pandas.DataFrame
        `Information.table`.
    measure : (name, unit)
    dataset : xarray.Dataset
        Attrs with the plan's name, for the heading.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    say = Language(language)
    values = table[f"value [{measure[1]}]"].to_numpy(dtype=float)
    ax = canvas.rows_axes(ax, len(table))
    size = scale(float(np.nanmax(np.abs(values), initial=0.0)), measure[1])
    colours = [*[_COLOURS[0]] * (len(table) - 1), canvas.OTHER]
    ax.barh(range(len(table)), np.nan_to_num(values) / size.divisor, height=0.62, color=colours)
    most = float(np.nanmax(values, initial=0.0)) / size.divisor
    for row, value in enumerate(values):
        text = say("knowing unknown") if np.isnan(value) else say.number(value / size.divisor)
        ax.text(np.nan_to_num(value) / size.divisor + 0.01 * max(most, 1e-12), row, canvas.safe(text), va="center", fontsize=canvas.SMALL)
    names = [*map(str, table.index[:-1]), say("knowing row everything")]
    ax.set_yticks(range(len(table)), [canvas.safe(canvas.shorten_inside(name, 44)) for name in names])
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.set_xlim(0.0, max(1.12 * most, 1e-9))
    ax.set_xlabel(canvas.safe(f"{measure[0]} [{say.unit(size.unit)}]"))
    canvas.number_axis(ax.xaxis, say)
    canvas.rows_heading(ax, say("knowing question"), dataset, (), ())
    canvas.finish(ax)
    canvas.rows_footnote(ax, [say("knowing footnote")])
    return ax
