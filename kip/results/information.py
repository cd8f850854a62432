"""Information: what knowing one input, or all of them, is worth before a decision is made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, records

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from kip.model import Plan

__all__ = ["Asking", "Information", "Worth"]


@dataclass(frozen=True)
class Asking:
    """What was asked of every scenario.

    Attributes
    ----------
    objective_name, measure, unit : str
    maximize : bool
    price : float or None
        Money for one unit of the measure; None when there is no one price.
    currency : str
    """

    objective_name: str
    measure: str
    unit: str
    maximize: bool
    price: float | None
    currency: str


@dataclass(frozen=True)
class Worth:
    """One input.

    Attributes
    ----------
    name : str
    paths : tuple of str
        What becomes known together.
    value : (found, bound)
        Expected value when it is known; NaN when the time was not enough [unit].
    decisions : tuple of (scenarios, shifts)
        What would be chosen in each group of scenarios that it tells apart.
    """

    name: str
    paths: tuple[str, ...]
    value: tuple[float, float]
    decisions: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()


@dataclass(frozen=True, repr=False)
class Information(Shown):
    """What knowing is worth.

    Attributes
    ----------
    plan : Plan
    dataset : xarray.Dataset
        Of the plan's own optimum, for the heading of pictures.
    asking : Asking
    status : {"found", "infeasible", "no_solution"}
    common : (found, bound)
        Best expected value when nothing is known [unit].
    knowing : (found, bound)
        Expected value when the scenario is known [unit].
    inputs : tuple of Worth
    reason : str
        Why nothing was found; empty otherwise.
    seconds, solves : float, int
    """

    plan: Plan
    dataset: xr.Dataset
    asking: Asking
    status: str
    common: tuple[float, float]
    knowing: tuple[float, float]
    inputs: tuple[Worth, ...]
    reason: str = ""
    seconds: float = 0.0
    solves: int = 0

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return self.asking.unit

    @property
    def evpi(self) -> float:
        """Expected value of perfect information [`unit`]."""
        return self._gain(self.knowing)[0]

    def _gain(self, value: tuple[float, float]) -> tuple[float, float, float]:
        """How much better an expected value is than that of knowing nothing: as found, at least, at most."""
        sign = 1.0 if self.asking.maximize else -1.0
        found = max(0.0, sign * (value[0] - self.common[0])) if not math.isnan(value[0]) else math.nan
        ends = [sign * (one - two) for one in value for two in self.common]
        if any(map(math.isnan, ends)):
            return found, math.nan, math.nan
        return found, max(0.0, min(ends)), max(0.0, *ends)

    def table(self) -> pd.DataFrame:
        """One row for each input, the one that is worth most first, and "everything" last.

        Columns: groups of scenarios that it tells apart; value of knowing it; at least and at most, by the bounds of the solves
        [unit]; share of what knowing everything is worth [1]; value in money, NaN where the measure has no one price [currency].
        NaN where the time was not enough.
        """
        rows = [(one.name, len(one.decisions) or math.nan, *self._gain(one.value)) for one in self.inputs]
        rows.sort(key=lambda row: -row[2] if not math.isnan(row[2]) else math.inf)
        rows.append(("everything", math.nan, *self._gain(self.knowing)))
        unit = f" [{self.unit}]"
        columns = ["groups", f"value{unit}", f"at least{unit}", f"at most{unit}"]
        table = pd.DataFrame([row[1:] for row in rows], index=pd.Index([row[0] for row in rows], name="input"), columns=columns)
        evpi = self.evpi
        table["share [1]"] = table[f"value{unit}"] / evpi if evpi > 0 else np.nan
        price = math.nan if self.asking.price is None else self.asking.price
        table[f"in money [{self.asking.currency}]"] = price * table[f"value{unit}"]
        return table

    def measure_next(self, count: int = 5) -> tuple[str, ...]:
        """Names of the inputs that are worth most to know, at most `count`; none that is worth nothing."""
        table = self.table().iloc[:-1]
        column = f"value [{self.unit}]"
        size = max(1e-9, 1e-9 * abs(self.common[0])) if not math.isnan(self.common[0]) else 0.0
        return tuple(map(str, table.index[table[column] > size][:count]))

    def decisions(self) -> pd.DataFrame:
        """What would be chosen if an input were known: one row for each input and group of scenarios that it tells apart."""
        rows = [(one.name, ", ".join(scenarios), ", ".join(shifts)) for one in self.inputs for scenarios, shifts in one.decisions]
        return pd.DataFrame(rows, columns=["input", "scenarios", "chosen"])

    def sentences(self, language: str = "en") -> tuple[str, ...]:
        """What is worth knowing, in words."""
        say = Language(language)
        if self.status != "found":
            return (say("knowing none"), self.reason)
        lines = [
            say(
                "knowing everything",
                measure=say.known(self.asking.measure),
                value=self._sized(self.evpi, say),
                common=say.sized(self.common[0], self.unit),
            )
        ]
        table, column = self.table(), f"value [{self.unit}]"
        first = self.measure_next()
        known = dict(zip(map(str, table.index[:-1]), table[column].to_numpy(dtype=float), strict=False))
        if first:
            lines.append(say("knowing first", inputs=", ".join(f"{name} ({self._sized(known[name], say)})" for name in first)))
        nothing = [name for name, value in known.items() if name not in first and value <= 1e-9 * max(1.0, abs(self.common[0]))]
        if nothing:
            lines.append(say("knowing nothing", inputs=", ".join(nothing)))
        open_ = [one.name for one in self.inputs if math.isnan(one.value[0])]
        if open_:
            lines.append(say("knowing open", inputs=", ".join(open_)))
        return tuple(lines)

    def _sized(self, value: float, say: Language) -> str:
        """A value in its unit, and in money where there is a price."""
        text = say.sized(value, self.unit)
        if self.asking.price is None or self.unit == self.asking.currency:
            return text
        return f"{text}, {say.sized(self.asking.price * value, self.asking.currency)}"

    def sheet(self, language: str = "en") -> Sheet:
        """The values as a sheet, to show."""
        from kip.results.robust import column_unit

        say = Language(language)
        lines = self.sentences(language)
        if self.status != "found":
            return Sheet(say("knowing title"), lines[0], (Section(say("robust why"), lines[1:]),), say.code)
        table = self.table()
        table.columns = [say(f"knowing column {name.partition(' [')[0]}") + column_unit(name, say) for name in table.columns]
        table.index = pd.Index([*table.index[:-1], say("knowing row everything")], name=say("knowing input"))
        table = table.dropna(axis=1, how="all")
        return Sheet(say("knowing title"), lines[0], (Section(say("knowing inputs"), lines[1:], table.reset_index()),), say.code)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; NaN becomes None."""
        head = {"objective": self.asking.objective_name, "unit": self.unit, "status": self.status, "reason": self.reason}
        values = records(
            pd.DataFrame([{"common": self.common[0], "common_bound": self.common[1], "evpi": self.evpi, "solves": self.solves}])
        )
        return head | values[0] | {"inputs": records(self.table().reset_index()), "decisions": records(self.decisions())}

    def plot(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """A bar for each input; see `kip.views.plots_robust.knowing_chart`."""
        from kip.views.plots_robust import knowing_chart

        return knowing_chart(self.table(), (Language(language).known(self.asking.measure), self.unit), self.dataset, ax, language)
