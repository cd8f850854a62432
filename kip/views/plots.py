"""Pictures of a portfolio, one for each question. Axes in, Axes out; nothing is shown, nothing is saved.

`wedges`: how far towards the targets. `cost`: who pays, when. `districts`: where. The pictures of what a tonne costs,
`staircase` and `mac_curve`, are in `kip.views.plots_tonne`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kip.errors import RequestError, unknown_name
from kip.views import canvas
from kip.views.labelled import coordinate, main_ledger, titles, total
from kip.views.labels import Language, Scale, scale

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["cost", "districts", "wedges"]

_MOST_WEDGES = 8


def wedges(dataset: xr.Dataset, ledger: str | None = None, ax: Axes | None = None, language: str = "en") -> Axes:
    """How far a portfolio goes towards the targets: the baseline, what each shift takes off it, what remains.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of a portfolio; uses baseline, emissions, other and reduction [t/year] and the targets.
    ledger : str, optional
        The first one when left out.
    ax : matplotlib Axes, optional
        A new figure when left out.
    language : {"en", "sv"}

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    RequestError
        When the plan has no such ledger.
    """
    say = Language(language)
    names = [str(name) for name in dataset["ledger"].values]
    ledger = main_ledger(dataset) if ledger is None else ledger
    if ledger not in names:
        raise RequestError(unknown_name("ledger", ledger, names))
    ax = canvas.axes_for(ax)
    years = dataset["year"].values.astype(float)
    one = dataset.sel(ledger=ledger)
    baseline, emissions, other = (total(one[name], "year") for name in ("baseline", "emissions", "other"))
    reductions = total(one["reduction"], "shift", "year")
    has_baseline = bool(np.any(baseline != 0))
    size = scale([*baseline, *emissions] if has_baseline else reductions.sum(axis=0), "t/year")
    baseline, emissions, other, reductions = (values / size.divisor for values in (baseline, emissions, other, reductions))
    left = np.maximum(emissions, 0.0) if has_baseline else np.zeros(years.size)
    bands = [
        (say("other"), np.minimum(other, left), "#BBBBBB"),
        (say("remaining in the plan"), np.maximum(left - other, 0.0), canvas.FAINT),
    ]
    bands = [band for band in bands if np.any(band[1] > 0)] + _wedge_bands(dataset, reductions, say)
    # stated reductions may be more than there is: the stack then begins below zero
    handles = _stack(ax, years, bands, np.minimum(emissions, 0.0) if has_baseline else left)
    labels = [(band[0], band[1][-1]) for band in bands]
    added = -np.minimum(reductions, 0.0).sum(axis=0)
    if has_baseline:
        if np.any(added > 0):
            style: dict[str, Any] = {"facecolor": "none", "edgecolor": canvas.INK, "hatch": "xx", "linewidth": 0.0}
            handles.append(_band(ax, years, baseline, baseline + added, **style))
            labels.append((say("increase"), added[-1]))
        handles += ax.plot(_ends(years, years), _ends(years, baseline), color=canvas.INK, linewidth=2.2)
        labels.append((say("baseline"), baseline[-1]))
        _targets(ax, dataset, ledger, (years, emissions, size), say)
    _year_axis(ax, years)
    canvas.number_axis(ax.yaxis, say)
    lowest, highest = min(0.0, float(emissions.min())) if has_baseline else 0.0, ax.get_ylim()[1]
    ax.set_ylim(1.05 * lowest, max(float(np.max(baseline + added)) * 1.12, highest, 1e-9))
    ax.set_ylabel(say("emissions axis" if has_baseline else "reductions axis", unit=say.unit(size.unit)))
    canvas.heading(ax, say("wedges title" if has_baseline else "reductions title"), dataset)
    canvas.finish(ax)
    if handles:
        shown = [canvas.shorten(title, 30) + f": {say.number(value)}" for title, value in labels]
        canvas.legend(ax, handles[::-1], shown[::-1], f"{years[-1]:.0f} [{say.unit(size.unit)}]", wrapped=True)
    else:
        ax.set_axis_off()
        canvas.say_nothing(ax, say("nothing to show"))
    if not has_baseline:
        canvas.footnote(ax, [say("no baseline")])
    return ax


def _wedge_bands(dataset: xr.Dataset, reductions: NDArray[np.float64], say: Language) -> list[tuple[str, NDArray[np.float64], str]]:
    """The largest shifts by themselves, the rest together; the largest nearest to what remains."""
    names = list(titles(dataset, "shift").values())
    positive = np.maximum(reductions, 0.0)
    size = positive.sum(axis=1)
    order = [int(row) for row in np.argsort(-size, kind="stable") if size[row] > 0]
    most = _MOST_WEDGES if len(order) <= _MOST_WEDGES else _MOST_WEDGES - 1
    bands = [(names[row], positive[row], canvas.COLOURS[place]) for place, row in enumerate(order[:most])]
    rest = order[most:]
    if rest:
        bands.append((f"{say('other shifts')} ({len(rest)})", positive[rest].sum(axis=0), canvas.OTHER))
    return bands


def _ends(years: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """One year alone is drawn as a bar: half a year to both sides."""
    if years.size > 1:
        return values
    if values is years:
        return np.array([years[0] - 0.4, years[0] + 0.4])
    return np.repeat(values, 2)


def _band(ax: Axes, years: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64], **style: Any) -> Any:
    return ax.fill_between(_ends(years, years), _ends(years, low), _ends(years, high), **style)


def _stack(ax: Axes, years: NDArray[np.float64], bands: list[tuple[str, NDArray[np.float64], str]], low: NDArray[np.float64]) -> list[Any]:
    handles = []
    for _, height, colour in bands:
        handles.append(_band(ax, years, low, low + height, facecolor=colour, edgecolor="white", linewidth=0.4))
        low = low + height
    return handles


def _targets(
    ax: Axes, dataset: xr.Dataset, ledger: str, drawn: tuple[NDArray[np.float64], NDArray[np.float64], Scale], say: Language
) -> None:
    """A mark for each target, and an arrow over the gap that is left."""
    years, emissions, size = drawn
    unit = say.unit(size.unit)
    middle = (years[0] + years[-1]) / 2
    values = total(dataset["target_value"], "target")
    kinds = coordinate(dataset, "target", "kind") or [""] * len(values)
    for year, of, value, kind in zip(dataset["target_year"].values, dataset["target_ledger"].values, values, kinds, strict=True):
        if str(of) != ledger or float(year) not in years or kind == "net":
            # a net target is no level of emissions
            continue
        allowed = float(value) / size.divisor
        reached = float(emissions[int(np.flatnonzero(years == float(year))[0])])
        ax.plot([year], [allowed], marker="D", markersize=9, color="black", markeredgecolor="white", zorder=6, clip_on=False)
        gap = reached - allowed
        missing = gap > 1e-6 * max(1.0, allowed)
        key = "target mark" if missing else "target reached"
        text = say(key, year=int(year), value=f"{say.number(allowed)} {unit}")
        if missing:
            ax.annotate("", (year, allowed), (year, reached), arrowprops={"arrowstyle": "<->", "color": "black", "lw": 1.6}, zorder=5)
            text += "\n" + say("gap", value=f"{say.number(gap)} {unit}")
        right = float(year) > middle and years.size > 1
        ax.annotate(
            text,
            (float(year) + (0.4 if years.size == 1 else 0.0), allowed),
            xytext=(-12 if right else 12, 0),
            textcoords="offset points",
            ha="right" if right else "left",
            va="bottom" if allowed < 0.08 * ax.get_ylim()[1] else "center",
            fontsize=canvas.SMALL,
            color="black",
            bbox={"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.88},
            zorder=7,
        )


def _year_axis(ax: Axes, years: NDArray[np.float64]) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    if years.size == 1:
        ax.set_xticks([float(years[0])])
        # room at the right for what is written beside the bar
        ax.set_xlim(years[0] - 0.7, years[0] + 1.5)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))


def cost(dataset: xr.Dataset, ax: Axes | None = None, language: str = "en") -> Axes:
    """Who pays, and when: cash by actor and year, not discounted; savings below zero.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of a portfolio; uses investment and operation [currency].
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib Axes
    """
    from matplotlib.patches import Patch

    say = Language(language)
    ax = canvas.axes_for(ax)
    years = dataset["year"].values.astype(float)
    investment, operation = (total(dataset[name], "actor", "year") for name in ("investment", "operation"))
    size = scale([*(np.abs(investment) + np.abs(operation)).sum(axis=0)], dataset.attrs["currency"])
    investment, operation = investment / size.divisor, operation / size.divisor
    names = list(titles(dataset, "actor").values())
    spends = np.abs(investment).sum(axis=1) + np.abs(operation).sum(axis=1)
    order = [int(row) for row in np.argsort(-spends, kind="stable") if spends[row] > 0]
    canvas.heading(ax, say("cost title"), dataset)
    _year_axis(ax, years)
    canvas.number_axis(ax.yaxis, say)
    granted = "grant" in dataset and bool(dataset["grant"].values.any())
    ax.set_ylabel(say("money axis before grants" if granted else "money axis", unit=size.unit))
    canvas.finish(ax)
    if not order:
        ax.set_axis_off()
        canvas.say_nothing(ax, say("no money"))
        return ax
    up, down = np.zeros(years.size), np.zeros(years.size)
    handles: list[Any] = []
    labels = []
    colours = [canvas.COLOURS[place % len(canvas.COLOURS)] for place in range(len(order))]
    parts = [(investment, ""), (np.maximum(operation, 0.0), "///"), (np.minimum(operation, 0.0), "...")]
    for values, hatch in parts:
        for row, colour in zip(order, colours, strict=True):
            height = values[row]
            # a line of the hatch's own colour, so that it is seen on every fill
            start = np.where(height >= 0, up, down)
            ax.bar(years, height, bottom=start, width=0.75, color=colour, hatch=hatch, edgecolor="white", linewidth=0.6)
            up, down = up + np.maximum(height, 0.0), down + np.minimum(height, 0.0)
    for row, colour in zip(order, colours, strict=True):
        handles.append(Patch(facecolor=colour))
        labels.append(names[row])
    for key, (values, hatch) in zip(("investment", "running cost", "saving"), parts, strict=True):
        if np.any(values != 0):
            handles.append(Patch(facecolor="#777777", hatch=hatch, edgecolor="white"))
            labels.append(say(key))
    net = (investment + operation).sum(axis=0)
    if np.any(down < 0) and np.any(up > 0):
        drawn = ax.plot(years, net, color="black", marker="o", markersize=5, linewidth=1.6, markeredgecolor="white", zorder=5)
        handles.append(drawn[0])
        labels.append(say("net line"))
    ax.axhline(0.0, color=canvas.INK, linewidth=1.0)
    ax.set_ylim(1.08 * float(down.min()), max(1.08 * float(up.max()), 0.02 * -float(down.min())))
    beside = 1.5 if years.size == 1 else 0.8
    ax.set_xlim(years[0] - beside, years[-1] + beside)
    canvas.legend(ax, handles, labels)
    return ax


def districts(
    dataset: xr.Dataset, year: int | None = None, per_inhabitant: bool | None = None, ax: Axes | None = None, language: str = "en"
) -> Axes:
    """Where it happens: reduction and investment by district.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of a portfolio; uses reduction [t/year], investment [currency] and the coordinate population [person].
    year : int, optional
        Year of the reduction; the last one when left out. The investment is the sum of all years.
    per_inhabitant : bool, optional
        When left out: per inhabitant where the population of every district is known. The row for the whole
        municipality is then divided by everybody.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib Axes
        That of the reduction; the investment is on a twin of it with its own scale.

    Raises
    ------
    RequestError
        For a year that the plan does not have, and per inhabitant where a population is missing.
    """
    from matplotlib.patches import Patch

    say = Language(language)
    years = [int(item) for item in dataset["year"].values]
    year = years[-1] if year is None else year
    if year not in years:
        raise RequestError(unknown_name("year", year, [str(item) for item in years]))
    one = dataset.sel(ledger=main_ledger(dataset))
    reduction = total(one["reduction"].sel(year=year), "district")
    investment = total(dataset["investment"], "district")
    people = _people(dataset)
    if per_inhabitant and people is None:
        raise RequestError("the population of some districts is not known. Add it to the plan, or leave per_inhabitant out.")
    divide = people is not None if per_inhabitant is None else per_inhabitant
    ax = canvas.axes_for(ax)
    canvas.heading(ax, say("districts title"), dataset)
    used = (reduction != 0) | (investment != 0)
    canvas.finish(ax)
    if not used.any():
        ax.set_axis_off()
        canvas.say_nothing(ax, say("nothing to show"))
        return ax
    if divide and people is not None:
        reduction, investment = 1000.0 * reduction / people, investment / people
        tonnes, money = Scale(1.0, "kg/year"), Scale(1.0, dataset.attrs["currency"])
    else:
        tonnes, money = scale(reduction, "t/year"), scale(investment, dataset.attrs["currency"])
    # the largest on top, the whole municipality below all districts
    whole = np.array([str(name) == "all" for name in dataset["district"].values])
    rows = [int(row) for row in np.lexsort((reduction, ~whole)) if used[row]]
    names = [say.known(title) if name == "all" else title for name, title in titles(dataset, "district").items()]
    place = np.arange(len(rows), dtype=float)
    ax.barh(place + 0.2, reduction[rows] / tonnes.divisor, height=0.38, color=canvas.COLOURS[0])
    twin = ax.twiny()
    twin.barh(place - 0.2, investment[rows] / money.divisor, height=0.38, color=canvas.COLOURS[1])
    ax.set_yticks(place, [canvas.shorten(names[row], 26) for row in rows])
    ending = f" {say('per inhabitant')}" if divide else ""
    ax.set_xlabel(say("reduction year axis", year=year, unit=say.unit(tonnes.unit) + ending))
    twin.set_xlabel(say("investment axis", years=say.span(years[0], years[-1]), unit=money.unit + ending))
    _share_zero(ax, twin)
    canvas.number_axis(ax.xaxis, say)
    canvas.number_axis(twin.xaxis, say)
    canvas.finish(ax)
    for axis, colour in ((ax.xaxis, canvas.COLOURS[0]), (twin.xaxis, "#8A5F00")):
        axis.label.set_color(colour)
        axis.label.set_fontsize(canvas.MEDIUM)
        axis.set_tick_params(labelcolor=colour, labelsize=canvas.SMALL)
    twin.xaxis.set_ticks_position("bottom")
    twin.xaxis.set_label_position("bottom")
    twin.spines["bottom"].set_position(("outward", 48))
    for side in ("top", "right", "left"):
        twin.spines[side].set_visible(False)
    handles = [Patch(facecolor=canvas.COLOURS[0]), Patch(facecolor=canvas.COLOURS[1])]
    labels = [say("reduction"), say("investment")]
    ax.legend(handles, labels, loc="lower right", bbox_to_anchor=(1.0, 1.05), ncols=2, frameon=False, fontsize=canvas.SMALL)
    ax.set_ylim(-0.6 - 0.3 * max(0, 4 - len(rows)), len(rows) - 0.4 + 0.3 * max(0, 4 - len(rows)))
    return ax


def _people(dataset: xr.Dataset) -> NDArray[np.float64] | None:
    """Inhabitants by district, everybody for the whole municipality; None when some are not known."""
    found = coordinate(dataset, "district", "population")
    names = [str(name) for name in dataset["district"].values]
    if found is None:
        return None
    people = np.array(found, dtype=float)
    whole = np.array([name == "all" for name in names])
    known = people[~whole]
    if known.size == 0 or not np.all(known > 0):
        return None
    people[whole] = np.where(people[whole] > 0, people[whole], known.sum())
    return people


def _share_zero(ax: Axes, twin: Axes) -> None:
    """Both scales begin at the same place, also when one of them has negative bars."""
    limits = [np.array(one.get_xlim()) for one in (ax, twin)]
    share = max((max(0.0, -low) / (high - low) for low, high in limits if high > low), default=0.0)
    for one, (low, high) in zip((ax, twin), limits, strict=True):
        top = max(high, 0.0) or 1.0
        one.set_xlim(-share * top / (1.0 - share) if share < 1.0 else low, top)
