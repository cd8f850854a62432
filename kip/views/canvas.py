"""What all pictures share: axes, colours, wrapped titles, text that no title can break."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kip.views.cells import clean

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from kip.views.labels import Language

__all__ = [
    "COLOURS", "FAINT", "INK", "LARGE", "MEDIUM", "OTHER", "SMALL", "axes_for", "finish", "footnote", "heading", "legend", "number_axis",
    "rows_axes", "rows_footnote", "rows_heading", "safe", "say_nothing", "shorten", "shorten_inside", "warning",
]  # fmt: skip

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#8C7A6B")
"""Told apart with every kind of colour vision: Okabe and Ito (2008) without black, and a brown for the eighth."""
OTHER = "#999999"
"""What is left over."""
FAINT = "#DDDDDD"
"""What is there anyway."""
INK = "#222222"
"""Lines and text."""

LARGE, MEDIUM, SMALL = 15, 12, 10.5
"""Letters in points, for a picture of 10 by 5.6 inches on a slide."""


def axes_for(ax: Axes | None) -> Axes:
    """The axes given, or those of a new figure of slide size. Never shown: that is for the caller."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    _, made = pyplot.subplots(figsize=(10.0, 5.6), layout="constrained")
    return made


def safe(text: str) -> str:
    r"""Text that matplotlib shows letter for letter: no mathematics between dollar signs, no label hidden by an underscore.

    Examples
    --------
    >>> safe("_cost in $"), safe("<script>")
    ('\u200a_cost in \\$', '<script>')
    """
    shown = clean(text).replace("$", r"\$")
    return f"\u200a{shown}" if shown.startswith("_") else shown


def shorten(text: str, width: int, lines: int = 2) -> str:
    r"""Text wrapped to `width` letters, with an ellipsis when it needs more than `lines` lines.

    Examples
    --------
    >>> shorten("a rather long title of a shift", 11)
    'a rather\nlong title…'
    """
    rows = textwrap.wrap(clean(text), width, break_on_hyphens=True)
    if len(rows) > lines:
        rows = [*rows[: lines - 1], " ".join(rows[lines - 1 :])[: width - 1].rstrip() + "…"]
    return "\n".join(safe(row) for row in rows)


def shorten_inside(text: str, width: int) -> str:
    """Text of at most `width` letters, shortened in the middle: titles of a family differ at their end.

    Examples
    --------
    >>> shorten_inside("Petrol car to electric car, households", 24)
    'Petrol car to…households'
    """
    line = clean(text)
    if len(line) > width:
        tail = (width - 1) // 2
        line = f"{line[: width - tail].rstrip()}…{line[-tail:].lstrip()}"
    return safe(line)


def heading(ax: Axes, question: str, data: xr.Dataset) -> None:
    """The question as title, the plan with its version and fingerprint below it."""
    ax.set_title(f"{safe(question)}\n", loc="left", fontsize=LARGE, fontweight="bold", color=INK)
    ax.text(0.0, 1.015, _which(data), transform=ax.transAxes, fontsize=SMALL, color="#555555", va="bottom", ha="left")


def _which(data: xr.Dataset) -> str:
    """The plan with its version and fingerprint."""
    version, fingerprint = (shorten(str(data.attrs.get(name) or ""), 20, 1) for name in ("plan_version", "plan_hash"))
    made = (f" · version {version}" if version else "") + (f" · {fingerprint}" if fingerprint else "")
    return shorten(str(data.attrs.get("title") or data.attrs.get("plan", "")), 86 - len(made), 1) + made


def rows_axes(ax: Axes | None, rows: int) -> Axes:
    """Axes for one line of a chart for each name: the axes given, or those of a figure that is as high as its lines."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    _, made = pyplot.subplots(figsize=(10.0, max(3.2, 2.3 + 0.3 * rows)), layout="constrained")
    return made


def rows_heading(ax: Axes, question: str, data: xr.Dataset, handles: Sequence[Any], labels: Sequence[str]) -> None:
    """Question, plan and legend above a chart of rows, from the left edge of the figure: names take much of its width.

    Everything is placed in points, so that it is alike whatever the height.
    """
    from matplotlib.transforms import ScaledTranslation, blended_transform_factory

    figure = ax.figure
    edge = blended_transform_factory(figure.transFigure, ax.transAxes)

    def lifted(points: float) -> Any:
        return edge + ScaledTranslation(0.0, points / 72.0, figure.dpi_scale_trans)

    made = ax.set_title(safe(question), loc="left", fontsize=LARGE, fontweight="bold", color=INK, pad=56)
    made.set_transform(lifted(52.0))
    made.set_position((0.01, 1.0))
    ax.text(0.01, 1.0, _which(data), transform=lifted(34.0), fontsize=SMALL, color="#555555", va="bottom", ha="left")
    if handles:
        ax.legend(
            list(handles),
            [shorten(label, 32, 1) for label in labels],
            loc="lower left",
            bbox_to_anchor=(0.01, 1.0),
            bbox_transform=lifted(4.0),
            ncol=len(handles),
            frameon=False,
            fontsize=SMALL,
            borderaxespad=0.0,
            borderpad=0.2,
            columnspacing=1.4,
            handlelength=1.6,
        )


def rows_footnote(ax: Axes, lines: Sequence[str]) -> None:
    """Small print below a chart of rows, from the left edge of the figure."""
    _small_print(ax, lines, 116, 0.01, "figure fraction")


def number_axis(axis: Any, say: Language) -> None:
    """Numbers of an axis as `say` writes them."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: say.number(round(value, 9))))


def finish(ax: Axes) -> None:
    """Frame and letters alike in all pictures."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color("#888888")
    ax.tick_params(labelsize=MEDIUM, color="#888888", labelcolor=INK)
    ax.xaxis.label.set_fontsize(MEDIUM)
    ax.yaxis.label.set_fontsize(MEDIUM)
    ax.set_axisbelow(True)


def legend(ax: Axes, handles: Sequence[Any], labels: Sequence[str], title: str = "", wrapped: bool = False) -> None:
    """A legend to the right of the picture, in the order given; labels are shortened unless they are `wrapped` already."""
    lines = 2 if len(labels) <= 10 else 1
    made = ax.legend(
        list(handles),
        list(labels) if wrapped else [shorten(label, 32, lines) for label in labels],
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        frameon=False,
        fontsize=SMALL if len(labels) <= 12 else 9.5,
        title=safe(title) if title else None,
        title_fontsize=SMALL,
        labelspacing=0.6 if len(labels) <= 12 else 0.35,
        borderaxespad=0.0,
    )
    made.set_alignment("left")


def footnote(ax: Axes, lines: Sequence[str], width: int = 108) -> None:
    """Small print below the picture."""
    _small_print(ax, lines, width, 0.0, "axes fraction")


def _small_print(ax: Axes, lines: Sequence[str], width: int, left: float, of: str) -> None:
    if not lines:
        return
    text = "\n".join(row for line in lines for row in textwrap.wrap(clean(line), width))
    ax.annotate(
        safe_lines(text),
        xy=(left, 0.0),
        xycoords=(of, "axes fraction"),
        xytext=(0, -48),
        textcoords="offset points",
        fontsize=SMALL,
        color="#555555",
        va="top",
        ha="left",
    )


def warning(ax: Axes, text: str) -> None:
    """A warning that cannot be cropped away: inside the picture, in a box."""
    rows = "\n".join(safe(row) for row in textwrap.wrap(text, 56))
    ax.text(
        0.02,
        0.97,
        rows,
        transform=ax.transAxes,
        fontsize=SMALL,
        va="top",
        ha="left",
        color="black",
        zorder=10,
        bbox={"boxstyle": "round,pad=0.4", "facecolor": "#FFF3E0", "edgecolor": "#D55E00", "linewidth": 1.5},
    )


def safe_lines(text: str) -> str:
    """`safe` for text of several lines."""
    return "\n".join(safe(line) for line in text.split("\n"))


def say_nothing(ax: Axes, text: str) -> None:
    """A picture of nothing says so, rather than show empty axes."""
    ax.text(0.5, 0.5, safe(text), transform=ax.transAxes, ha="center", va="center", fontsize=LARGE, color="#555555", wrap=True)
