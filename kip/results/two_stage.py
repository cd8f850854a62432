"""TwoStage: what is decided now, what comes later in each scenario, and what foresight and adapting are worth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kip.accounting.decisions import starts
from kip.results.core import core_index
from kip.results.portfolio import Portfolio
from kip.results.robust import Setting, column_unit
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, records

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Averages", "TwoStage"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Averages:
    """What deciding by averages gives: the first decision of the plan of means, kept, and the rest adapted.

    Attributes
    ----------
    values, bounds : array (scenario,)
        NaN where it cannot be kept, or is not known [unit].
    portfolio : Portfolio or None
        The optimum of the plan of means.
    gone : tuple of str
        Scenarios in which its first decision cannot be kept.
    why : str
        Why there is no plan of means; empty otherwise.
    """

    values: Floats
    bounds: Floats
    portfolio: Portfolio | None = None
    gone: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, repr=False)
class TwoStage(Shown):
    """A first decision for all scenarios, and a later one for each.

    Attributes
    ----------
    setting : Setting
        The scenarios and the best of each alone; `own_values` is what the first decision of the plan's own optimum gives.
    until : int
        Last year that is decided now.
    status : str
        As of a `Portfolio`.
    value : float
        Expected value [`unit`], from the exact count in every scenario (RP).
    bound, gap : float
        No first decision has a better expected value [`unit`]; relative gap [1].
    values : array (scenario,)
        Value in each scenario [`unit`].
    portfolio : Portfolio or None
        The first decision in the plan itself, with what is best for it later.
    averages : Averages
    portfolios : mapping scenario → Portfolio
        First and later decisions in each scenario.
    reason : str
    shut : int
        Starts up to `until` that are possible in some scenarios only, and so not made.
    seconds, solves : float, int
    """

    setting: Setting
    until: int
    status: str
    value: float
    bound: float
    gap: float
    values: Floats
    portfolio: Portfolio | None
    averages: Averages
    portfolios: Mapping[str, Portfolio] = field(default_factory=dict)
    reason: str = ""
    shut: int = 0
    seconds: float = 0.0
    solves: int = 0

    @property
    def found(self) -> bool:
        """Whether there is a decision."""
        return self.portfolio is not None

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return self.setting.unit

    @property
    def first(self) -> tuple[str, ...]:
        """Shifts and enablers that start up to `until`."""
        return tuple(sorted({shift for shift, _, year in self._starts() if year <= self.until}))

    def _starts(self) -> dict[tuple[str, str, int], float]:
        return starts(next(iter(self.portfolios.values())).dataset) if self.portfolios else {}

    @property
    def decisions(self) -> pd.DataFrame:
        """What starts up to `until`, in every scenario: shift, district, year, units."""
        rows = [(*start, units) for start, units in self._starts().items() if start[2] <= self.until]
        return pd.DataFrame(rows, columns=["shift", "district", "year", "units"])

    def later(self) -> pd.DataFrame:
        """What starts after `until`: index (shift, district, year), a column of units for each scenario."""
        each = {
            name: {key: units for key, units in starts(one.dataset).items() if key[2] > self.until} for name, one in self.portfolios.items()
        }
        keys = sorted({key for found in each.values() for key in found})
        index = pd.MultiIndex.from_tuples(keys, names=["shift", "district", "year"])
        return pd.DataFrame({name: [found.get(key, 0.0) for key in keys] for name, found in each.items()}, index=index)

    @property
    def eev(self) -> float:
        """Expected value of deciding by averages; infinitely bad where a scenario cannot keep it, NaN when unknown [`unit`]."""
        if self.averages.gone:
            return self.setting.sign * math.inf
        return float(self.setting.weights @ self.averages.values) + 0.0

    @property
    def ws(self) -> float:
        """Expected value when the scenario is known from the start: wait and see [`unit`]."""
        return self.setting.knowing()[0]

    @property
    def vss(self) -> float:
        """Value of the stochastic solution: how much better than deciding by averages [`unit`]."""
        return -self.setting.sign * (self.value - self.eev) + 0.0

    @property
    def evpi(self) -> float:
        """Expected value of perfect information: how much better it would be to know the scenario from the start [`unit`]."""
        return -self.setting.sign * (self.ws - self.value) + 0.0

    def table(self) -> pd.DataFrame:
        """One row for each scenario: weight [1]; value; wait and see: the best if the scenario were known; no better than: its bound;
        deciding by averages [unit]. NaN where that cannot be kept or is not known.
        """
        one, unit = self.setting, f" [{self.unit}]"
        return pd.DataFrame(
            {
                "weight [1]": one.weights,
                f"value{unit}": self.values,
                f"wait and see{unit}": one.best,
                f"no better than{unit}": one.bounds,
                f"by averages{unit}": self.averages.values,
            },
            index=pd.Index(one.scenarios, name="scenario"),
        )

    def summary(self) -> pd.DataFrame:
        """EEV, RP, WS, VSS and EVPI: value, and what it is at least and at most by the bounds of the solves [unit]."""
        one = self.setting
        averages = (self.eev, self.eev if self.averages.gone else float(one.weights @ self.averages.bounds))
        ends = {"EEV": averages, "RP": (self.value, self.bound), "WS": one.knowing()}
        # numpy's, which do not lose a bound that is not known
        rows = {name: (values[0], float(np.min(values)), float(np.max(values))) for name, values in ends.items()}
        for name, (better, worse) in {"VSS": ("RP", "EEV"), "EVPI": ("WS", "RP")}.items():
            spread = [-one.sign * (a - b) for a in ends[better] for b in ends[worse]]
            least, most = float(np.maximum(0.0, np.min(spread))), float(np.max(spread))
            rows[name] = (self.vss if name == "VSS" else self.evpi, least, most)
        columns = [f"{part} [{self.unit}]" for part in ("value", "at least", "at most")]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("measure")

    def core_index(self) -> pd.Series:
        """Share of scenarios in whose own optimum each shift is [1]."""
        return core_index(self.setting.optima)

    def sentences(self, language: str = "en") -> tuple[str, ...]:
        """The decision in words."""
        say = Language(language)
        if self.portfolio is None:
            return (say("robust none"), self.reason)
        data = self.portfolio.dataset
        titles = dict(zip(map(str, data["shift"].values), map(str, data["title"].values), strict=True))
        now = ", ".join(titles[name] for name in self.first) or say("robust nothing")
        lines = [
            say("stages value", measure=say.known(self.setting.measure), value=self._sized(self.value, say), year=self.until),
            say("stages first", year=self.until, names=now),
        ]
        lines += [
            say("stages later", names=", ".join(titles[name] for name in names), scenarios=where) for names, where in self._groups(say)
        ]
        if self.status != "optimal":
            lines.append(say("robust unproven", bound=self._sized(self.bound, say), gap=say.percent(self.gap)))
        lines.append(self._beside(say))
        lines.append(say("stages evpi", value=self._sized(self.ws, say), difference=self._sized(max(0.0, self.evpi), say)))
        return (*lines, *((say("robust shut", count=self.shut),) if self.shut else ()))

    def _groups(self, say: Language) -> list[tuple[list[str], str]]:
        """Later shifts, those together that come in the same scenarios."""
        later = self.later()
        if later.empty:
            return []
        held = (later.groupby(level="shift").sum() > 0).astype(bool)
        groups: dict[tuple[str, ...], list[str]] = {}
        for shift, row in held.iterrows():
            groups.setdefault(tuple(str(name) for name in held.columns[row]), []).append(str(shift))
        every = len(held.columns)
        return [(names, say("stages every") if len(where) == every else ", ".join(where)) for where, names in groups.items() if where]

    def _beside(self, say: Language) -> str:
        if self.averages.why:
            return say("stages no averages", why=self.averages.why)
        if self.averages.gone:
            return say("stages averages gone", names=", ".join(self.averages.gone))
        if math.isnan(self.eev):
            return say("stages averages unknown")
        return say("stages vss", value=self._sized(self.eev, say), difference=self._sized(max(0.0, self.vss), say))

    def _sized(self, value: float, say: Language) -> str:
        return say.sized(value, self.unit)

    def sheet(self, language: str = "en") -> Sheet:
        """The decision as a sheet, to show."""
        say = Language(language)
        lines = self.sentences(language)
        if self.portfolio is None:
            return Sheet(say("stages title"), lines[0], (Section(say("robust why"), lines[1:]),), say.code)
        table, summary = self.table(), self.summary()
        table.columns = [say(f"robust column {name.partition(' [')[0]}") + column_unit(name, say) for name in table.columns]
        table.index.name = say("robust scenario")
        summary.columns = [say(f"robust column {name.partition(' [')[0]}") + column_unit(name, say) for name in summary.columns]
        summary.index = pd.Index([say(f"stages row {name}") for name in summary.index], name=say("stages measure"))
        sections = (
            Section(say("stages now and later"), lines[1:], summary.reset_index()),
            Section(say("robust values"), (), table.reset_index()),
        )
        return Sheet(say("stages title"), lines[0], sections, say.code)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; NaN and infinity become None."""
        names = ("until", "status", "value", "bound", "gap", "eev", "ws", "vss", "evpi", "reason", "solves")
        head = records(pd.DataFrame([{name: getattr(self, name) for name in names}]))[0]
        return head | {
            "objective": self.setting.objective_name,
            "unit": self.unit,
            "first": records(self.decisions),
            "later": records(self.later().reset_index()) if self.found else [],
            "scenarios": records(self.table().reset_index()),
        }

    def plot(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """What the decision gives in each scenario, beside deciding by averages; see `kip.views.plots_robust.scenario_chart`."""
        from kip.views.plots_robust import scenario_chart

        say = Language(language)
        choices = {say("stages mark"): self.values, say("robust column by averages"): self.averages.values}
        table = pd.DataFrame(choices, index=pd.Index(self.setting.scenarios))
        about = (say.known(self.setting.measure), self.unit)
        return scenario_chart(table, self.setting.best, about, self.setting.own.dataset, ax, language)
