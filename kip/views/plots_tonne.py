"""Pictures of what a tonne costs: the staircase of a portfolio, and the classic curve with its warning.

Where a shift saves money, money per tonne falls as the tonnes grow, so that the smallest reducer would come first. No
ratio ranks such shifts (Taylor 2012, Energy Policy 48:430-438); they are ordered by the money that they save.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from kip.views import canvas
from kip.views.labelled import coordinate, main_ledger, titles, total
from kip.views.labels import Language, scale

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["Step", "Steps", "mac_curve", "staircase", "steps"]

_LISTED_IN_FULL = 9
_LISTED = 20
_MOST_LINES = 3
_CUT = 1.0 + 1e-9
"""A step counts as cut off when it is more than a rounding higher than the picture."""
_AXES_POINTS = 290.0
"""About how high the axes of a picture of slide size are."""
_PAYS = ("#009E73", "#5DBFA3")
_COSTS = ("#0072B2", "#56B4E9")


Entry: TypeAlias = tuple[str, str, str]
"""Colour, title and value of a step in the list beside the picture."""


@dataclass(frozen=True)
class Step:
    """One shift of a portfolio: its tonnes over the horizon [t], its net present cost [currency]."""

    title: str
    tonnes: float
    money: float

    @property
    def per_tonne(self) -> float:
        """Net present cost of a tonne [currency/t]."""
        return self.money / self.tonnes


@dataclass(frozen=True)
class Steps:
    """Shifts of a portfolio in the order of the staircase, and what has no step.

    Attributes
    ----------
    pays : tuple of Step
        Negative net cost, by money saved, most first; of those that save the same, the one with more tonnes first.
    costs : tuple of Step
        Zero or more, by cost per tonne, least first.
    without_tonnes : tuple of Step
        Shifts that are chosen and take nothing off.
    enablers : tuple of Step
        They have no tonnes of their own.
    """

    pays: tuple[Step, ...]
    costs: tuple[Step, ...]
    without_tonnes: tuple[Step, ...]
    enablers: tuple[Step, ...]


def steps(dataset: xr.Dataset) -> Steps:
    """The shifts of a portfolio, in the order in which the staircase shows them.

    Tonnes are those that the shift gives *in this portfolio*, over the years of the plan, on the main ledger; money is
    its net present cost at society's rate, residual value counted.
    """
    tonnes = total(dataset["reduction"].sel(ledger=main_ledger(dataset)), "shift")
    money = total(dataset["net_cost"], "shift")
    chosen = np.abs(total(dataset["new"], "shift")) > 0
    kinds = coordinate(dataset, "shift", "kind") or ["shift"] * len(tonnes)
    names = list(titles(dataset, "shift").values())
    least = 1e-9 * max(1.0, float(np.abs(tonnes).max(initial=0.0)))
    made = [(kinds[row], Step(names[row], float(tonnes[row]), float(money[row]))) for row in np.flatnonzero(chosen)]
    shifts = [step for kind, step in made if kind != "enabler"]
    with_tonnes = [step for step in shifts if step.tonnes > least]
    return Steps(
        pays=tuple(sorted((step for step in with_tonnes if step.money < 0), key=lambda step: (round(step.money), -step.tonnes))),
        costs=tuple(sorted((step for step in with_tonnes if step.money >= 0), key=lambda step: step.per_tonne)),
        without_tonnes=tuple(step for step in shifts if step.tonnes <= least),
        enablers=tuple(step for kind, step in made if kind == "enabler"),
    )


def staircase(dataset: xr.Dataset, ax: Axes | None = None, language: str = "en") -> Axes:
    """What a tonne costs in this portfolio: a step for each shift, as wide as its tonnes, as high as its cost per tonne.

    Shifts that save money stand in a group of their own at the left, ordered by the money that they save; their height
    means nothing, and the picture says so.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of a portfolio; uses reduction [t/year], net_cost [currency] and new.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib Axes
    """
    say = Language(language)
    ax = canvas.axes_for(ax)
    shown = steps(dataset)
    currency = dataset.attrs["currency"]
    if not _frame(ax, dataset, (*shown.pays, *shown.costs), say("staircase title"), say):
        return ax
    size = scale([step.tonnes for step in shown.pays] + [sum(step.tonnes for step in (*shown.pays, *shown.costs))], "t")
    top = _top(shown.costs)
    depth = 0.18 * top if shown.costs else 1.0
    entries: list[Entry] = []
    left = 0.0
    for place, step in enumerate(shown.pays):
        width = step.tonnes / size.divisor
        _bar(ax, (left, width, -depth), _PAYS[place % 2])
        entries.append((_PAYS[place % 2], step.title, say("saves", value=say.sized(-step.money, currency))))
        _number(ax, len(entries), (left, width, -depth), below=True)
        left += width
    if shown.pays:
        ax.text(
            left / 2,
            0.02 * top,
            canvas.safe(say("pays")),
            ha="center",
            va="bottom",
            fontsize=canvas.MEDIUM,
            fontweight="bold",
            color="#00684C",
        )
        if shown.costs:
            ax.axvline(left, color="#888888", linewidth=1.0, linestyle=":")
    for place, step in enumerate(shown.costs):
        width = step.tonnes / size.divisor
        _cost_step(ax, (left, width, step.per_tonne, top), _COSTS[place % 2])
        entries.append((_COSTS[place % 2], step.title, _rate(step, currency, say)))
        _number(ax, len(entries), (left, width, min(step.per_tonne, top)))
        left += width
    _finish(ax, dataset, (left, size.unit), say)
    ax.set_ylim(-2.4 * depth if shown.pays else 0.0, 1.15 * top if shown.costs else 0.6 * depth)
    if shown.costs:
        ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= 1.15 * top])
    else:
        ax.set_yticks([])
        ax.set_ylabel("")
    _spread_numbers(ax)
    _list(ax, entries, say)
    cut = [say("cut steps")] if _is_cut(shown.costs, top) else []
    canvas.footnote(ax, cut + _notes(shown, currency, say))
    return ax


def mac_curve(dataset: xr.Dataset, ax: Axes | None = None, language: str = "en") -> Axes:
    """The classic marginal abatement cost curve, with its warning printed on it. `staircase` is what to show instead.

    A MAC curve is not a supply curve: it leaves out overlap and timing (Kesicki and Ekins 2012), and negative costs must
    not be ranked by cost per tonne (Taylor 2012).

    Parameters
    ----------
    dataset : xarray.Dataset
        Of a portfolio.
    ax : matplotlib Axes, optional
    language : {"en", "sv"}

    Returns
    -------
    matplotlib Axes
    """
    say = Language(language)
    ax = canvas.axes_for(ax)
    found = steps(dataset)
    currency = dataset.attrs["currency"]
    ordered = sorted((*found.pays, *found.costs), key=lambda step: step.per_tonne)
    if _frame(ax, dataset, tuple(ordered), say("mac title"), say):
        size = scale(sum(step.tonnes for step in ordered), "t")
        top, bottom = _top(found.costs), -_top(tuple(Step(step.title, step.tonnes, -step.money) for step in found.pays))
        entries: list[Entry] = []
        left = 0.0
        for place, step in enumerate(ordered):
            width = step.tonnes / size.divisor
            colour = (_PAYS if step.money < 0 else _COSTS)[place % 2]
            _cost_step(ax, (left, width, step.per_tonne, top if step.money >= 0 else bottom), colour)
            entries.append((colour, step.title, _rate(step, currency, say)))
            _number(ax, place + 1, (left, width, max(0.0, min(step.per_tonne, top))))
            left += width
        low, high = (bottom if found.pays else 0.0), (top if found.costs else 0.0)
        _finish(ax, dataset, (left, size.unit), say)
        # room above for the warning
        ax.set_ylim(low - 0.06 * (high - low), high + 0.55 * (high - low))
        _spread_numbers(ax)
        _list(ax, entries, say)
        if _is_cut(found.costs, top) or _is_cut(found.pays, bottom):
            canvas.footnote(ax, [say("cut steps")])
    canvas.warning(ax, say("mac warning"))
    return ax


def _frame(ax: Axes, dataset: xr.Dataset, shown: tuple[Step, ...], title: str, say: Language) -> bool:
    """Heading and frame; False when there is nothing to draw, which the picture then says."""
    canvas.heading(ax, title, dataset)
    canvas.finish(ax)
    if not shown:
        ax.set_axis_off()
        canvas.say_nothing(ax, say("nothing to show"))
    return bool(shown)


def _top(costs: tuple[Step, ...]) -> float:
    """Height of the picture [currency/t]: three times what nine tonnes of ten cost at most, so that one dear shift hides nothing."""
    if not costs:
        return 1.0
    rates = np.array([step.per_tonne for step in costs])
    tonnes = np.array([step.tonnes for step in costs])
    order = np.argsort(rates)
    ninth = rates[order][np.searchsorted(np.cumsum(tonnes[order]), 0.9 * tonnes.sum())]
    highest = float(rates.max())
    return min(highest, 3.0 * float(ninth)) if ninth > 0 else highest or 1.0


def _cost_step(ax: Axes, drawn: tuple[float, float, float, float], colour: str) -> None:
    """A step; one that is higher than the picture is cut off there and hatched: its number in the list says its height."""
    left, width, height, limit = drawn
    cut = abs(height) > _CUT * abs(limit)
    _bar(ax, (left, width, limit if cut else height), colour, "//" if cut else "")
    if height == 0:
        ax.plot([left, left + width], [0.0, 0.0], color=colour, linewidth=3.0)


def _is_cut(drawn: tuple[Step, ...], limit: float) -> bool:
    return any(abs(step.per_tonne) > _CUT * abs(limit) for step in drawn)


def _bar(ax: Axes, drawn: tuple[float, float, float], colour: str, hatch: str = "") -> None:
    """A bar with a hairline of its own colour, so that the narrowest is still seen."""
    left, width, height = drawn
    ax.bar(left, height, width, align="edge", facecolor=colour, edgecolor=colour, linewidth=0.8)
    if hatch:
        ax.bar(left, height, width, align="edge", facecolor="none", edgecolor="white", linewidth=0.0, hatch=hatch)


def _number(ax: Axes, number: int, drawn: tuple[float, float, float], below: bool = False) -> None:
    """The number of a step, above it or below it."""
    from matplotlib.patheffects import withStroke

    left, width, height = drawn
    ax.annotate(
        str(number),
        (left + width / 2, height),
        xytext=(0, -3 if below else 3),
        textcoords="offset points",
        ha="center",
        va="top" if below else "bottom",
        fontsize=canvas.SMALL,
        fontweight="bold",
        color=canvas.INK,
        gid="step-number",
        path_effects=[withStroke(linewidth=2.5, foreground="white")],
    )


def _rate(step: Step, currency: str, say: Language) -> str:
    return f"{say.number(step.per_tonne)} {currency}/t"


def _finish(ax: Axes, dataset: xr.Dataset, drawn: tuple[float, str], say: Language) -> None:
    right, unit = drawn
    years = dataset["year"].values
    ax.axhline(0.0, color=canvas.INK, linewidth=1.0)
    ax.set_xlim(0.0, right)
    canvas.number_axis(ax.xaxis, say)
    canvas.number_axis(ax.yaxis, say)
    ax.set_xlabel(say("reduction axis", years=say.span(years[0], years[-1]), unit=say.unit(unit)))
    ax.set_ylabel(say("tonne axis", unit=f"{dataset.attrs['currency']}/t"))


def _spread_numbers(ax: Axes) -> None:
    """Numbers that would cover each other move away from their steps, a line at a time; one that finds no room is left out."""
    (_, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    placed: list[tuple[float, float, float]] = []
    numbers: list[Any] = [text for text in ax.texts if text.get_gid() == "step-number"]
    for text in numbers:
        half = 0.011 * right * len(text.get_text())
        middle = min(max(float(text.xy[0]), half), right - half)
        aside, away = text.get_position()
        step = 12.0 if away > 0 else -12.0
        step_height = _AXES_POINTS * float(text.xy[1]) / (high - low)
        limits = (_AXES_POINTS * low / (high - low) + (10 if away < 0 else 0), _AXES_POINTS * high / (high - low) - 10)
        tries = [away + step * line for line in range(_MOST_LINES)]
        free = [
            moved
            for moved in tries
            if limits[0] <= step_height + moved <= limits[1]
            and all(abs(middle - x) > half + other or abs(step_height + moved - y) > 11 for x, y, other in placed)
        ]
        if not free:
            text.set_visible(False)
            continue
        placed.append((middle, step_height + free[0], half))
        text.set_position((aside, free[0]))
        if float(text.xy[0]) > right - half:
            text.set_horizontalalignment("right")


def _list(ax: Axes, entries: list[Entry], say: Language) -> None:
    """What the numbers of the steps stand for; a value is never cut, a long title is."""
    from matplotlib.patches import Patch

    shown = entries[:_LISTED]
    in_full = len(shown) <= _LISTED_IN_FULL
    handles: list[Any] = [Patch(facecolor=colour) for colour, _, _ in shown]
    labels = []
    for number, (_, title, value) in enumerate(shown, start=1):
        if in_full:
            labels.append(canvas.shorten_inside(f"{number}. {title}", 38) + "\n" + canvas.safe(value))
        else:
            labels.append(canvas.shorten_inside(f"{number}. {title}", 32) + canvas.safe(f": {value}"))
    if len(entries) > len(shown):
        handles.append(Patch(facecolor="none"))
        labels.append("… " + say("and more", count=len(entries) - len(shown)))
    canvas.legend(ax, handles, labels, wrapped=True)


def _notes(shown: Steps, currency: str, say: Language) -> list[str]:
    notes = [say("pays how")] if shown.pays else []
    for key, left_out in (("left out enablers", shown.enablers), ("left out shifts", shown.without_tonnes)):
        if left_out:
            money = sum(step.money for step in left_out)
            notes.append(say(key, count=len(left_out), value=say.sized(money, currency)))
    return notes
