"""The picture of a frontier: a staircase of points, knees with names, what is not proven hollow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.views import canvas
from kip.views.labels import Language, Scale, scale

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["frontier_picture"]

Floats: TypeAlias = NDArray[np.float64]

_LINE = canvas.COLOURS[0]
_KNEE = canvas.COLOURS[5]
_WIDTH = 26
"""Letters in a line of a knee's name."""


def frontier_picture(
    dataset: xr.Dataset, labels: Sequence[str], named: Mapping[int, str], ax: Axes | None = None, language: str = "en"
) -> Axes:
    """What can be had of the first objective for the others.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of a frontier: by point, the objectives (attrs units, direction), status, bound, supported; attrs objectives, complete.
    labels : sequence of str
        The objectives in words.
    named : mapping point → name
        Knees.
    ax : matplotlib Axes, optional
        A new figure when left out.
    language : {"en", "sv"}

    Returns
    -------
    matplotlib Axes
        With two objectives a staircase: the second across, the first up. A third is the colour, a fourth the size of the points.
    """
    say = Language(language)
    ax = canvas.axes_for(ax)
    names = list(dataset.attrs["objectives"])
    rest = labels[1] if len(labels) == 2 else say("front and", one=", ".join(labels[1:-1]), two=labels[-1])
    canvas.heading(ax, say("front title", first=labels[0], rest=rest), dataset)
    canvas.finish(ax)
    if not dataset.sizes["point"]:
        ax.set_axis_off()
        canvas.say_nothing(ax, say("nothing to show"))
        return ax
    values = [np.asarray(dataset[name].values, dtype=float) for name in names]
    sizes = [scale(each, str(dataset[name].attrs["units"])) for name, each in zip(names, values, strict=True)]
    shown = [each / size.divisor for each, size in zip(values, sizes, strict=True)]
    handles: list[Any] = []
    words: list[str] = []
    if len(names) == 2:
        _staircase(ax, dataset, shown)
        _bounds(ax, dataset, shown, sizes[0])
    else:
        _cloud(ax, dataset, shown, labels, sizes, say)
    _points(ax, dataset, shown, (handles, words), say)
    for axis, place in ((ax.xaxis, 1), (ax.yaxis, 0)):
        canvas.number_axis(axis, say)
        axis.set_label_text(_titled(labels[place], sizes[place], say))
    ax.margins(x=0.06, y=0.1)
    _names(ax, shown, named, str(dataset[names[0]].attrs["direction"]))
    if not dataset.attrs["complete"] and len(names) == 2:
        canvas.footnote(ax, [say("front sample")])
    canvas.legend(ax, handles, words) if len(names) == 2 else None
    return ax


def _titled(label: str, size: Scale, say: Language) -> str:
    unit = say.unit(size.unit)
    return canvas.safe(label) + (f" [{unit}]" if unit else "")


def _staircase(ax: Axes, dataset: xr.Dataset, shown: list[Floats]) -> None:
    """What is at least reached for each value of the second objective: the level of the nearest point that needs no more."""
    order = np.argsort(shown[1], kind="stable")
    upward = dataset[dataset.attrs["objectives"][1]].attrs["direction"] == "max"
    style = "solid" if dataset.attrs["complete"] else (0, (4, 3))
    where: Any = "pre" if upward else "post"
    ax.step(shown[1][order], shown[0][order], where=where, color=_LINE, linewidth=1.4, alpha=0.55, linestyle=style, zorder=2)


def _bounds(ax: Axes, dataset: xr.Dataset, shown: list[Floats], size: Scale) -> None:
    """A bar from what is not proven to its bound."""
    bound = np.asarray(dataset["bound"].values, dtype=float) / size.divisor
    for row in np.flatnonzero(~_proven(dataset) & np.isfinite(bound)):
        x = float(shown[1][row])
        ax.plot([x, x], [shown[0][row], bound[row]], color=canvas.OTHER, linewidth=1.2, marker="_", markevery=[1], markersize=7, zorder=2)


def _proven(dataset: xr.Dataset) -> NDArray[np.bool_]:
    return np.asarray(dataset["status"].values == "optimal")


def _points(ax: Axes, dataset: xr.Dataset, shown: list[Floats], legend: tuple[list[Any], list[str]], say: Language) -> None:
    if len(shown) > 2:
        return
    handles, words = legend
    proven, hull = _proven(dataset), np.asarray(dataset["supported"].values, dtype=bool)
    knee = np.asarray(dataset["knee"].values, dtype=bool)
    crowd = 46.0 if len(proven) <= 40 else 24.0
    groups: list[tuple[str, NDArray[np.bool_], dict[str, Any]]] = [
        ("front supported", proven & hull & ~knee, {"color": _LINE, "s": crowd}),
        ("front unsupported", proven & ~hull & ~knee, {"color": canvas.COLOURS[4], "s": 0.7 * crowd}),
        ("front unproven", ~proven, {"facecolor": "white", "edgecolor": _LINE, "s": crowd, "linewidth": 1.4}),
        ("front knee", proven & knee, {"color": _KNEE, "s": 1.8 * crowd, "marker": "D"}),
    ]
    for key, rows, style in groups:
        if rows.any():
            handles.append(ax.scatter(shown[1][rows], shown[0][rows], zorder=3, **style))
            words.append(say(key))


def _cloud(ax: Axes, dataset: xr.Dataset, shown: list[Floats], labels: Sequence[str], sizes: list[Scale], say: Language) -> None:
    """More than two objectives: the third as colour, the fourth as size."""
    area: Any = 60.0
    if len(shown) > 3:
        last = shown[3] - shown[3].min()
        area = 25.0 + 150.0 * last / (last.max() or 1.0)
    proven = _proven(dataset)
    edges = [canvas.INK if one else canvas.OTHER for one in proven]
    widths = [0.4 if one else 1.6 for one in proven]
    cloud = ax.scatter(shown[1], shown[0], c=shown[2], s=area, cmap="viridis", edgecolors=edges, linewidths=widths, zorder=3)
    bar = ax.figure.colorbar(cloud, ax=ax, pad=0.02)
    canvas.number_axis(bar.ax.yaxis, say)
    bar.set_label(_titled(labels[2], sizes[2], say), fontsize=canvas.MEDIUM)
    if len(shown) > 3:
        least, most = (say.number(float(value)) for value in (shown[3].min(), shown[3].max()))
        canvas.footnote(ax, [say("front size", objective=labels[3], least=least, most=most, unit=say.unit(sizes[3].unit))])


def _names(ax: Axes, shown: list[Floats], named: Mapping[int, str], direction: str) -> None:
    """Names of knees on the empty side of the line: below it when more is better, above it when less is."""
    below = direction == "max"
    for row, name in named.items():
        ax.annotate(
            canvas.shorten(name, _WIDTH, 3),
            xy=(float(shown[1][row]), float(shown[0][row])),
            xytext=(14, -16 if below else 16),
            textcoords="offset points",
            fontsize=canvas.SMALL,
            color=canvas.INK,
            va="top" if below else "bottom",
            ha="left",
            arrowprops={"arrowstyle": "-", "color": _KNEE, "linewidth": 0.8},
            zorder=4,
        )
