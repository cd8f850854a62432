"""Picture of an explanation: what each shift that is in is worth, what each that is out would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kip.views import canvas
from kip.views.labels import Language, scale

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["why"]


def why(table: pd.DataFrame, unit: str, dataset: xr.Dataset, ax: Axes | None = None, most: int = 30, language: str = "en") -> Axes:
    """Bars: lost without it (in) and price of forcing it in (out), sorted; hatched where not proven, with a line where a price may lie.

    Parameters
    ----------
    table : pandas.DataFrame
        From `Explanation.table()`.
    unit : str
        Of the prices.
    dataset : xarray.Dataset
        Of the portfolio, for the heading.
    ax : matplotlib Axes, optional
        A new figure when left out.
    most : int
        Bars that are shown.
    language : {"en", "sv"}

    Returns
    -------
    matplotlib Axes
    """
    from matplotlib.patches import Patch

    say = Language(language)
    known = table[table[f"price [{unit}]"].notna()] if len(table) else table
    ax = canvas.rows_axes(ax, min(len(known), most))
    if not len(known):
        canvas.rows_heading(ax, say("why picture title"), dataset, (), ())
        canvas.say_nothing(ax, say("nothing to show"))
        ax.set_axis_off()
        return ax
    order = [known[known["in"]].sort_values(f"price [{unit}]", ascending=False), known[~known["in"]].sort_values(f"price [{unit}]")]
    rows = [(row, bool(row["in"])) for part in order for _, row in part.iterrows()]
    # both sides are seen: what is out gets a third of the bars, and what is in the rest
    mine, others = ([row for row in rows if row[1] == side] for side in (True, False))
    some = min(len(others), max(most // 3, most - len(mine)))
    shown = [*mine[: most - some], *others[:some]]
    size = scale([row[f"price [{unit}]"] for row, _ in shown], unit)
    places = np.arange(len(shown))[::-1]
    colours = {True: canvas.COLOURS[0], False: canvas.COLOURS[1]}
    for place, (row, inside) in zip(places, shown, strict=True):
        proven = row["status"] == "proven"
        value = row[f"price [{unit}]"] / size.divisor
        ax.barh(
            place, value, color=colours[inside], height=0.72, hatch=None if proven else "////", edgecolor="white" if not proven else "none"
        )
        end, span = value, row[f"at most [{unit}]"] - row[f"at least [{unit}]"]
        if span > 0.05 * row[f"price [{unit}]"]:
            low, high = (row[f"{word} [{unit}]"] / size.divisor for word in ("at least", "at most"))
            ax.plot([low, high], [place, place], color=canvas.INK, linewidth=1.2, solid_capstyle="butt")
            end = max(value, high)
        ax.annotate(
            say.number(value),
            (end, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=canvas.SMALL,
            color=canvas.INK,
        )
    ax.set_yticks(places, [canvas.shorten_inside(str(row["title"]), 36) for row, _ in shown])
    ax.set_ylim(-0.7, len(shown) - 0.3)
    ax.set_xlim(0, ax.get_xlim()[1] * 1.08 if ax.get_xlim()[1] > 0 else 1)
    ax.set_xlabel(canvas.safe(say("why picture axis", unit=say.unit(size.unit))))
    canvas.number_axis(ax.xaxis, say)
    canvas.finish(ax)
    ax.grid(axis="x", color=canvas.FAINT, linewidth=0.8)
    handles = [Patch(facecolor=colours[inside]) for inside in (True, False) if any(one == inside for _, one in shown)]
    labels = [say("why picture in" if inside else "why picture out") for inside in (True, False) if any(one == inside for _, one in shown)]
    if any(row["status"] != "proven" for row, _ in shown):
        handles.append(Patch(facecolor="#BBBBBB", hatch="////", edgecolor="white"))
        labels.append(say("why picture unproven"))
    canvas.rows_heading(ax, say("why picture title"), dataset, handles, labels)
    fixed = [str(row["title"]) for _, row in table[table["status"] == "cannot"].iterrows()]
    notes = [say("why picture cannot", names=", ".join(fixed[:5]) + (" …" if len(fixed) > 5 else ""))] if fixed else []
    notes += [say("why picture rest", count=len(rows) - len(shown))] if len(rows) > len(shown) else []
    if notes:
        canvas.rows_footnote(ax, [". ".join(notes)])
    return ax
