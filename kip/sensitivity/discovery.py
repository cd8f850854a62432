"""Discovery: in which scenarios does it happen, as a box of inputs and as the leaves of a tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from kip.errors import RequestError
from kip.sensitivity.asked import Asked, Named, Note, asked_of
from kip.sensitivity.conditions import Condition, Flags, all_of, in_full, limits_of, named_levels, said
from kip.sensitivity.prim import Limits, Step, quasi_p, search
from kip.sensitivity.result import written
from kip.sensitivity.trees import leaves
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, records

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Box", "Discovery", "discover"]

_SIGNIFICANT = 0.05
_SHOWN = 10
"""Boxes on the way that a sheet shows."""
_FEWEST = 5
"""Events below which no box is sought."""


@dataclass(frozen=True)
class Box:
    """Inputs between limits.

    Attributes
    ----------
    conditions : tuple of Condition
    scenarios : int
        In the box.
    coverage : float
        Share of the events that are in the box [1].
    density : float
        Share of the scenarios in the box that are events [1].
    """

    conditions: tuple[Condition, ...]
    scenarios: int
    coverage: float
    density: float

    def text(self, language: str = "en") -> str:
        """The box in words."""
        return said(self.conditions, Language(language))


@dataclass(frozen=True, repr=False)
class Discovery(Shown):
    """Where an event is frequent among scenarios.

    Attributes
    ----------
    outcome, title : str
        Name of what was measured; the event in words, in English and Swedish parts as they were given.
    event : array of bool (scenario,)
        Of the scenarios with an answer.
    dropped : int
        Scenarios without an answer.
    steps : tuple of Step
        The way of the search, from all scenarios to the densest box.
    tree : pandas.DataFrame
        Leaves of a classification tree, densest first: rule, scenarios, density [1], coverage [1]; empty without scikit-learn.
    notes : tuple of Note
    """

    asked: Asked
    event: Flags
    threshold: Note
    dropped: int
    steps: tuple[Step, ...]
    tree: pd.DataFrame
    notes: tuple[Note, ...]

    @property
    def found(self) -> bool:
        """Whether there is a box smaller than everything."""
        return len(self.steps) > 1

    @property
    def trajectory(self) -> pd.DataFrame:
        """One row for each box on the way: kind (all, peel, paste), scenarios, coverage [1], density [1], inputs that are restricted."""
        total = max(int(self.event.sum()), 1)
        rows = [[step.kind, step.scenarios, step.events / total, step.density, len(step.limits.restricted)] for step in self.steps]
        return pd.DataFrame(rows, columns=["kind", "scenarios", "coverage [1]", "density [1]", "restricted"]).rename_axis("step")

    @property
    def best_step(self) -> int:
        """The box that balances coverage and density best (largest harmonic mean; the one with fewest restrictions among equals)."""
        table = self.trajectory
        both = table["coverage [1]"] + table["density [1]"]
        balance = (2.0 * table["coverage [1]"] * table["density [1]"] / both.where(both > 0)).fillna(0.0).round(12)
        return int(np.lexsort((table["scenarios"], table["restricted"], -balance))[0])

    def limits(self, step: int | None = None, every: bool = False) -> Limits:
        """A box of the trajectory, without restrictions that chance explains (quasi-p above 5 %) unless `every` is asked for."""
        place = self.best_step if step is None else step
        if not 0 <= place < len(self.steps):
            raise RequestError(f"there is no step {place}; the trajectory has steps 0 to {len(self.steps) - 1}.")
        limits = self.steps[place].limits
        while not every and limits.restricted:
            chances = {one: quasi_p(self.asked.values, self.event, limits, one)[2] for one in limits.restricted}
            worst = max(chances, key=lambda one: chances[one])
            if chances[worst] <= _SIGNIFICANT:
                break
            limits = limits.without(worst)
        return limits

    def box(self, step: int | None = None, every: bool = False) -> Box:
        """A box with readable limits; the best balanced when `step` is left out.

        Parameters
        ----------
        step : int, optional
            Of `trajectory`.
        every : bool
            Keep restrictions that chance explains.
        """
        limits = self.limits(step, every)
        conditions = tuple(_condition(self.asked, limits, place) for place in limits.restricted)
        # with the limits as they are said, so that the numbers are those of the sentence
        inside = all_of(conditions, self.asked.values)
        events = int(self.event[inside].sum())
        return Box(conditions, int(inside.sum()), events / max(int(self.event.sum()), 1), events / int(inside.sum()))

    def table(self, step: int | None = None, every: bool = False) -> pd.DataFrame:
        """The restrictions of a box, the one that adds most first.

        Columns: title; low, high (infinite where there is no limit); levels; density and coverage without it [1]; quasi-p [1].
        """
        limits = self.limits(step, every)
        rows = []
        for place in limits.restricted:
            condition = _condition(self.asked, limits, place)
            density, coverage, chance = quasi_p(self.asked.values, self.event, limits, place)
            rows.append([condition.title, condition.low, condition.high, ", ".join(condition.levels), density, coverage, chance])
        columns = ["title", "low", "high", "levels", "density without [1]", "coverage without [1]", "quasi-p [1]"]
        names = pd.Index([self.asked.names[place] for place in limits.restricted], name="input")
        return pd.DataFrame(rows, columns=columns, index=names).sort_values("quasi-p [1]", kind="stable")

    def sentences(self, language: str = "en") -> tuple[str, ...]:
        """The box in words, with its coverage and density."""
        say = Language(language)
        event = self._event(say)
        events, count = int(self.event.sum()), len(self.event)
        lines = [
            say("discovery events", event=event, events=say.number(events), scenarios=say.number(count), share=say.percent(events / count))
        ]
        if self.found:
            box = self.box()
            if box.conditions:
                lines.append(say("discovery box", box=said(box.conditions, say), scenarios=say.number(box.scenarios)))
                shares = {"coverage": say.percent(round(box.coverage, 2)), "density": say.percent(round(box.density, 2))}
                lines.append(say("discovery quality", event=event, **shares))
            else:
                lines.append(say("discovery chance"))
        lines += [written(say, note) for note in self.notes]
        if self.dropped:
            lines.append(say("discovery dropped", dropped=say.number(self.dropped)))
        return tuple(lines)

    def _event(self, say: Language) -> str:
        parts = {"outcome": self.asked.title}
        if "limit" in self.threshold.parts:
            parts["limit"] = say.sized(float(self.threshold.parts["limit"]), self.asked.unit).strip()
        return say(self.threshold.key, **parts)

    def sheet(self, language: str = "en") -> Sheet:
        """The discovery as a sheet, to show."""
        say = Language(language)
        lines = self.sentences(language)
        sections = []
        if self.found:
            table = self.table()
            for side in ("low", "high"):
                table[side] = [
                    in_full(say, limit, self.asked.unit_of(str(name))) if np.isfinite(limit) else "" for name, limit in table[side].items()
                ]
            table = table.reset_index(drop=True)
            if not table["levels"].any():
                table = table.drop(columns="levels")
            table["quasi-p [1]"] = [say.number(chance, 4) for chance in table["quasi-p [1]"]]
            sections.append(Section(say("discovery section box"), lines[1:], _worded(say, table)))
            sections.append(Section(say("discovery section way"), (), _worded(say, self._way(say))))
        else:
            sections.append(Section(say("discovery section box"), lines[1:]))
        if len(self.tree):
            sections.append(Section(say("discovery section tree"), (), _worded(say, self._tree(say))))
        return Sheet(say("discovery title", event=self._event(say)), lines[0], tuple(sections), say.code)

    def _way(self, say: Language) -> pd.DataFrame:
        """Some boxes on the way, the first, the last and the best balanced among them."""
        table = self.trajectory.reset_index()
        rows = np.unique([*np.linspace(0, len(table) - 1, min(_SHOWN, len(table))).round().astype(int), self.best_step])
        return table.iloc[rows].assign(kind=[say(f"discovery kind {kind}") for kind in table["kind"].iloc[rows]])

    def _tree(self, say: Language) -> pd.DataFrame:
        rules = [said(conditions, say) or say("discovery all") for conditions in self.tree["conditions"]]
        return self.tree.drop(columns=["conditions", "rule"]).assign(rule=rules)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; NaN and infinite limits become None."""
        return {
            "outcome": self.asked.name,
            "events": int(self.event.sum()),
            "scenarios": len(self.event),
            "dropped": self.dropped,
            "trajectory": records(self.trajectory.reset_index()),
            "box": records(self.table().reset_index()) if self.found else [],
            "tree": records(self.tree.drop(columns="conditions", errors="ignore")),
        }

    def plot(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """The scenarios in the two inputs that matter most, and the box; see `kip.views.plots_discovery.box_chart`."""
        from kip.views.plots_discovery import box_chart

        say = Language(language)
        places = [self.asked.names.index(str(name)) for name in self.table().index[:2]] if self.found else []
        places += [place for place in range(len(self.asked.names)) if place not in places]
        limits = self.limits() if self.found else Limits()
        spans = [(condition.low, condition.high) for condition in (_condition(self.asked, limits, place) for place in places[:2])]
        lines = self.sentences(language)
        return box_chart(
            self.asked.values[:, places[:2]],
            [(self.asked.titles[place], self.asked.unit_of(self.asked.names[place])) for place in places[:2]],
            self.event,
            spans if self.found else [],
            (self._event(say), lines[0], lines[1:3] if self.found else lines[1:]),
            ax,
            language,
        )

    def plot_trajectory(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """Coverage against density along the search; see `kip.views.plots_discovery.trajectory_chart`."""
        from kip.views.plots_discovery import trajectory_chart

        return trajectory_chart(self.trajectory, self.best_step, self._event(Language(language)), ax, language)


def _condition(asked: Asked, limits: Limits, place: int) -> Condition:
    column, name = asked.values[:, place], asked.names[place]
    if place in limits.levels:
        labels, codes = asked.labels_of(name), limits.levels[place]
        return Condition(place, name, asked.title_of(name), levels=tuple(labels[int(code)] for code in codes), codes=codes)
    low, high = limits_of(column, limits.low.get(place, float(column.min())), limits.high.get(place, float(column.max())))
    return Condition(place, name, asked.title_of(name), low, high, unit=asked.unit_of(name))


def _worded(say: Language, table: pd.DataFrame) -> pd.DataFrame:
    words = {}
    for name in table.columns:
        head, bracket, unit = str(name).partition(" [")
        words[name] = say(f"discovery column {head}") + (f" [{unit}" if bracket else "")
    return table.rename(columns=words)


def discover(
    values: ArrayLike,
    names: Sequence[str],
    outcome: ArrayLike,
    measured: Named | str,
    design: Mapping[str, Any] | None = None,
    *,
    below: float | None = None,
    above: float | None = None,
    slice_share: float = 0.05,
    smallest: float = 0.05,
) -> Discovery:
    """In which scenarios an event happens: a box of inputs by PRIM, and a classification tree.

    PRIM peels a slice off the box again and again, the one that raises the share of events most, and pastes back what costs nothing
    (Friedman & Fisher 1999; Bryant & Lempert 2010). The whole trajectory is kept: which box serves best is for the reader to say.

    Parameters
    ----------
    values : array (scenario, input)
    names : sequence of str
    outcome : array (scenario,)
        Numbers with `below` or `above`; or true and false: the event itself. Scenarios with NaN are left out and counted.
    measured : Named or str
    design : mapping, optional
        ``titles``, ``units``, ``labels`` and ``seed``, as in `sensitivity_of`.
    below, above : float, optional
        The event: the outcome is below, or above, this [unit of the outcome].
    slice_share : float
        Slice that a step of PRIM takes [1].
    smallest : float
        Share of all scenarios below which no box goes [1].

    Raises
    ------
    RequestError
        When arrays do not fit together, or it is not said what the event is.

    Examples
    --------
    >>> import numpy as np, kip
    >>> sample = np.random.default_rng(0).uniform(size=(1000, 3))
    >>> found = kip.discover(sample, ["cost", "uptake", "price"], (sample[:, 0] > 0.6) & (sample[:, 1] < 0.5), "too little")
    >>> found.box().text(), round(found.box().coverage, 1), round(found.box().density, 1)
    ('cost ≥ 0.6 and uptake ≤ 0.5', 1.0, 1.0)
    """
    given = np.asarray(outcome)
    flags = given.dtype == bool
    if flags == ((below is not None) or (above is not None)) or (below is not None and above is not None):
        raise RequestError("what is the event? Give true and false for each scenario, or numbers and one of below= and above=.")
    if not 0.0 < slice_share < 0.5 or not 0.0 <= smallest < 1.0:
        raise RequestError(f"slice_share is {slice_share:g} and smallest {smallest:g}. Take a slice between 0 and 0.5, a smallest below 1.")
    asked = asked_of(values, names, given.astype(float), measured, design)
    used = asked.answered
    kept = Asked(asked.values[used], asked.names, asked.outcome[used], asked.name, asked.unit, asked.title, asked.design)
    event, threshold = _event_of(kept, flags, below, above)
    notes = []
    steps: list[Step] = [Step("all", Limits(), len(event), int(event.sum()))]
    tree = pd.DataFrame()
    if not used.any():
        raise RequestError("no scenario has an answer, so there is nothing to discover.")
    if not _FEWEST <= int(event.sum()) < len(event):
        notes.append(Note("discovery nothing" if event.sum() < _FEWEST else "discovery everywhere"))
    else:
        steps = search(kept.values, event, frozenset(named_levels(kept)), slice_share, smallest)
        found = leaves(kept, event)
        if found is None:
            notes.append(Note("discovery no tree"))
        else:
            tree = _tree(kept, event, found)
    return Discovery(kept, event, threshold, int((~used).sum()), tuple(steps), tree, tuple(notes))


def _event_of(asked: Asked, flags: bool, below: float | None, above: float | None) -> tuple[Flags, Note]:
    if flags:
        return asked.outcome > 0.5, Note("discovery event")
    if below is not None:
        return asked.outcome < below, Note("discovery below", {"limit": below})
    assert above is not None
    return asked.outcome > above, Note("discovery above", {"limit": above})


def _tree(asked: Asked, event: Flags, found: list[tuple[Condition, ...]]) -> pd.DataFrame:
    rows = []
    for conditions in found:
        inside = all_of(conditions, asked.values)
        events = int(event[inside].sum())
        rows.append([conditions, said(conditions, Language()), int(inside.sum()), events / int(event.sum()), events / int(inside.sum())])
    columns = ["conditions", "rule", "scenarios", "coverage [1]", "density [1]"]
    return pd.DataFrame(rows, columns=columns).sort_values(["density [1]", "coverage [1]"], ascending=False, ignore_index=True)
