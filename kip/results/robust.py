"""Robust: one decision for many scenarios, what it gives in each, and what could have been had."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kip.results.core import core_index
from kip.results.criteria import CRITERIA, criterion_value
from kip.results.portfolio import Portfolio
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, records

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kip.model import Plan

__all__ = ["Robust", "Setting", "column_unit"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Setting:
    """The scenarios, and the best in each alone: what every choice over them is compared with.

    Attributes
    ----------
    plan : Plan
    scenarios : tuple of str
    weights : array (scenario,)
    objective_name : str
    measure : str
    unit : str
    maximize : bool
    optima : tuple of Portfolio
        The best in each scenario, if it were known.
    own : Portfolio
        The optimum of the plan itself, which knows no scenario.
    own_values : array (scenario,)
        What its starts give in each scenario, with the grants that are best there; NaN where they cannot be kept [unit].
    own_unknown : tuple of str
        Scenarios in which the time was too short to tell.
    """

    plan: Plan
    scenarios: tuple[str, ...]
    weights: Floats
    objective_name: str
    measure: str
    unit: str
    maximize: bool
    optima: tuple[Portfolio, ...]
    own: Portfolio
    own_values: Floats
    own_unknown: tuple[str, ...] = ()

    @property
    def sign(self) -> float:
        """1 when less is better, -1 when more is."""
        return -1.0 if self.maximize else 1.0

    @property
    def best(self) -> Floats:
        """What was found to be the best in each scenario (scenario,) [unit]."""
        return np.array([one.objective for one in self.optima])

    @property
    def bounds(self) -> Floats:
        """No decision does better than this in each scenario (scenario,) [unit]."""
        return np.array([one.bound if one.found else math.nan for one in self.optima])

    def criterion(self, name: str, values: Floats, level: float) -> float:
        """A criterion of the values of one decision [unit]; a regret is never negative but for rounding."""
        found = criterion_value(name, self.sign * values, self.weights, self.sign * self.bounds, level)
        return found if name == "regret" else self.sign * found + 0.0

    def knowing(self) -> tuple[float, float]:
        """Expected value when the scenario is known beforehand: what was found, and its bound [unit]."""
        return float(self.weights @ self.best), float(self.weights @ self.bounds)


@dataclass(frozen=True, repr=False)
class Robust(Shown):
    """One decision for all scenarios.

    Attributes
    ----------
    setting : Setting
    criterion : {"expected", "worst_case", "regret", "cvar"}
    level : float
        Of CVaR: the mean of the worst ``1 - level`` of probability counts [1].
    status : {"optimal", "feasible", "interrupted", "infeasible", "no_solution"}
        As of a `Portfolio`.
    value : float
        The criterion of the decision, from the exact count in every scenario [`unit`].
    bound : float
        No decision has a better criterion [`unit`].
    gap : float
        ``|bound - value| / |value|``; of a regret, the difference as a share of the largest best possible value [1].
    values : array (scenario,)
        What the decision gives in each scenario [`unit`].
    portfolio : Portfolio or None
        The decision in the plan itself; `broken` says what it breaks there, if anything.
    portfolios : mapping scenario → Portfolio
        The decision in each scenario, counted, with the grants that are best there.
    reason : str
        Why there is no decision; empty otherwise.
    keys : tuple of (str, mapping)
        What a reader should know, as keys of the catalogue with what fills them.
    seconds, solves : float, int
    """

    setting: Setting
    criterion: str
    level: float
    status: str
    value: float
    bound: float
    gap: float
    values: Floats
    portfolio: Portfolio | None
    portfolios: Mapping[str, Portfolio] = field(default_factory=dict)
    reason: str = ""
    keys: tuple[tuple[str, Mapping[str, Any]], ...] = ()
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
    def selected(self) -> tuple[str, ...]:
        """Shifts and enablers that the decision starts anywhere."""
        return () if self.portfolio is None else self.portfolio.selected

    def table(self) -> pd.DataFrame:
        """One row for each scenario.

        Columns: weight [1]; value of the decision; best possible: the best if the scenario were known; no better than: its bound; regret:
        how far the value is from that bound (at most; the regret itself where the two are equal); and value and regret of the
        plan's own optimum, NaN where it cannot be kept [unit].
        """
        one = self.setting
        unit = f" [{one.unit}]"
        return pd.DataFrame(
            {
                "weight [1]": one.weights,
                f"value{unit}": self.values,
                f"best possible{unit}": one.best,
                f"no better than{unit}": one.bounds,
                f"regret{unit}": self._regrets(self.values),
                f"plan's own optimum{unit}": one.own_values,
                f"its regret{unit}": self._regrets(one.own_values),
            },
            index=pd.Index(one.scenarios, name="scenario"),
        )

    def _regrets(self, values: Floats) -> Floats:
        return np.asarray(self.setting.sign * (values - self.setting.bounds) + 0.0)

    def criteria(self, others: Mapping[str, Robust] | None = None) -> pd.DataFrame:
        """Every criterion of this decision, of the plan's own optimum, and of decisions by other criteria [unit].

        Parameters
        ----------
        others : {name: Robust}, optional
            Over the same scenarios.
        """
        rows = {self.criterion: self.values} | {name: other.values for name, other in (others or {}).items()}
        rows["plan's own optimum"] = self.setting.own_values
        table = {name: [self.setting.criterion(rule, values, self.level) for rule in CRITERIA] for name, values in rows.items()}
        return pd.DataFrame(table, index=[f"{rule} [{self.unit}]" for rule in CRITERIA]).T.rename_axis("choice")

    @property
    def evpi(self) -> float:
        """What knowing the scenario beforehand is worth: expected best possible less expected value, better being more [`unit`].

        The expected value of perfect information when the criterion is the expected value; under another criterion it is no less.
        """
        return -self.setting.sign * (self.setting.knowing()[0] - float(self.setting.weights @ self.values)) + 0.0

    def core_index(self) -> pd.Series:
        """Share of scenarios in whose optimum each shift is [1]; scenarios count alike, whatever they weigh."""
        return core_index(self.setting.optima)

    def sentences(self, language: str = "en") -> tuple[str, ...]:
        """The choice in words."""
        say = Language(language)
        one = self.setting
        if self.portfolio is None:
            return (say("robust none"), self.reason)
        lines = [say(f"robust value {self.criterion}", **self._about(say)), say("robust chosen", names=_titles(self.portfolio, say))]
        if self.status != "optimal":
            lines.append(say("robust unproven", bound=say.sized(self.bound, one.unit), gap=say.percent(self.gap)))
        lines.append(self._beside(say))
        worst = int(np.argmax(one.sign * self.values))
        regrets = self._regrets(self.values)
        most = int(np.nanargmax(regrets)) if np.isfinite(regrets).any() else None
        lines.append(say("robust worst", scenario=one.scenarios[worst], value=say.sized(self.values[worst], one.unit)))
        if most is not None and regrets[most] > 0:
            lines.append(say("robust regret", scenario=one.scenarios[most], value=say.sized(regrets[most], one.unit)))
        if self.criterion == "expected" and math.isfinite(self.evpi):
            lines.append(say("robust evpi", value=say.sized(self.evpi, one.unit)))
        lines += [say(key, **parts) for key, parts in self.keys]
        return (*lines, *self._safe(say))

    def _about(self, say: Language) -> dict[str, str]:
        parts = {
            "measure": say.known(self.setting.measure),
            "count": str(len(self.setting.scenarios)),
            "value": say.sized(self.value, self.unit),
            "share": say.percent(1.0 - self.level),
        }
        return parts

    def _beside(self, say: Language) -> str:
        """The plan's own optimum under the same criterion, or where it cannot be kept."""
        one = self.setting
        if not one.own.found or one.own_unknown:
            return say("robust own unknown")
        gone = [name for name, value in zip(one.scenarios, one.own_values, strict=True) if math.isnan(value)]
        if gone:
            return say("robust own gone", names=", ".join(gone))
        own = one.criterion(self.criterion, one.own_values, self.level)
        if abs(own - self.value) <= 1e-9 * max(1.0, abs(own)):
            return say("robust own same")
        return say("robust own", value=say.sized(own, one.unit), difference=say.sized(abs(own - self.value), one.unit))

    def _safe(self, say: Language) -> Iterable[str]:
        found = [item for item in self.setting.optima if item.found]
        if not found:
            return
        index = self.core_index()
        titles = dict(zip(map(str, found[0].dataset["shift"].values), map(str, found[0].dataset["title"].values), strict=True))
        for key, kept in (("robust always", index == 1.0), ("robust never", index == 0.0)):
            if kept.any():
                yield say(key, names=", ".join(titles[str(name)] for name in index.index[kept]))

    def sheet(self, language: str = "en") -> Sheet:
        """The choice as a sheet, to show."""
        say = Language(language)
        lines = self.sentences(language)
        if self.portfolio is None:
            return Sheet(say("robust title"), lines[0], (Section(say("robust why"), lines[1:]),), say.code)
        one, values, criteria = self.setting, self.table(), self.criteria()
        values.index.name, criteria.index.name = say("robust scenario"), say("robust choice")
        values.columns = [say(f"robust column {name.partition(' [')[0]}") + column_unit(name, say) for name in values.columns]
        criteria.columns = [say(f"robust column {name.partition(' [')[0]}") + column_unit(name, say) for name in criteria.columns]
        criteria.index = pd.Index([say(f"robust row {name}") for name in criteria.index], name=say("robust choice"))
        sections = [
            Section(say("robust values"), lines[1:], values.reset_index()),
            Section(say("robust criteria"), (), criteria.reset_index(), (say("robust level", share=say.percent(1.0 - self.level)),)),
        ]
        if any(item.found for item in self.setting.optima):
            data = one.own.dataset
            titles = dict(zip(map(str, data["shift"].values), map(str, data["title"].values), strict=True))
            index = self.core_index().rename(titles).rename(say("robust core")).to_frame()
            index.index.name = say("shift")
            sections.append(Section(say("robust optima"), (), index.reset_index()))
        return Sheet(say("robust title"), lines[0], tuple(sections), say.code)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; NaN becomes None."""
        names = ("criterion", "level", "status", "value", "bound", "gap", "reason", "evpi", "solves")
        known = any(item.found for item in self.setting.optima)
        numbers = pd.DataFrame([{name: getattr(self, name) for name in names}])
        return {
            **records(numbers)[0],
            "objective": self.setting.objective_name,
            "unit": self.unit,
            "selected": list(self.selected),
            "scenarios": records(self.table().reset_index()),
            "core_index": {str(name): float(value) for name, value in self.core_index().items()} if known else {},
        }

    def plot(self, ax: Axes | None = None, language: str = "en", others: Mapping[str, Robust] | None = None) -> Axes:
        """What each choice gives in each scenario; see `kip.views.plots_robust.scenario_chart`."""
        from kip.views.plots_robust import scenario_chart

        say = Language(language)
        one = self.setting
        choices = {say(f"robust row {self.criterion}"): self.values}
        choices |= {say(f"robust row {name}") if name in CRITERIA else name: other.values for name, other in (others or {}).items()}
        choices[say("robust row plan's own optimum")] = one.own_values
        table = pd.DataFrame(choices, index=pd.Index(one.scenarios))
        return scenario_chart(table, one.best, (say.known(one.measure), one.unit), one.own.dataset, ax, language)


def column_unit(name: str, say: Language) -> str:
    """The unit of a column in a reader's words, with its brackets; nothing for a share."""
    unit = name.partition(" [")[2].rstrip("]")
    return "" if unit in {"", "1"} else f" [{say.unit(unit)}]"


def _titles(portfolio: Portfolio, say: Language) -> str:
    data = portfolio.dataset
    titles = dict(zip(map(str, data["shift"].values), map(str, data["title"].values), strict=True))
    return ", ".join(titles[name] for name in portfolio.selected) or say("robust nothing")
