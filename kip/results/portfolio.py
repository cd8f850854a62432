"""Portfolio: one answer, with its proof."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from kip.accounting.decisions import decision_table
from kip.accounting.measures import parse_measure, value_of
from kip.results.tables_impact import ImpactTables
from kip.results.tables_money import MoneyTables
from kip.results.tables_people import PeopleTables

if TYPE_CHECKING:
    import xarray as xr

    from kip.model import Plan
    from kip.results.pictures import Pictures

__all__ = ["Portfolio", "Status"]

Status = Literal["optimal", "feasible", "interrupted", "pays_for_itself", "infeasible", "no_solution", "evaluated"]
"""What a result is.

optimal: proven within the gap; feasible: the time was up, the gap is stated; interrupted: stopped by the user;
pays_for_itself: a ratio was asked for and the best portfolio costs its denominator nothing or less; infeasible: no
portfolio keeps all rules, `reason` says which; no_solution: none was found in time; evaluated: counted, not optimised.
"""


@dataclass(frozen=True, repr=False)
class Portfolio(MoneyTables, ImpactTables, PeopleTables):
    """What is started where and when, what it gives, and how sure that is.

    Attributes
    ----------
    plan : Plan
        The plan that it is a portfolio of.
    dataset : xarray.Dataset
        Every total, labelled, units in attrs; see `kip.evaluate`.
    status : str
        See `Status`.
    objective_name : str
        What was maximised or minimised.
    objective : float
        Its value, from the exact count [`objective_unit`]; NaN when nothing was optimised.
    bound : float
        No portfolio does better than this [`objective_unit`]; NaN when unknown.
    gap : float
        ``|bound - objective| / |objective|`` [1]; NaN when unknown.
    reason : str
        Why there is no answer, or why it ended early; empty otherwise.
    notes : tuple of str
        What a reader should know.
    binding : tuple of str
        What holds the objective back, one sentence each.
    broken : tuple
        Rules that the decisions break; always empty for an optimised portfolio.
    seconds : dict
        Seconds for each step.
    request : dict
        What was asked for.

    Examples
    --------
    >>> import kip
    >>> best = kip.optimize(kip.example("minimal"))
    >>> best.status, best.found, round(best.measure("reduction"))
    ('optimal', True, 1150)
    """

    plan: Plan
    dataset: xr.Dataset
    status: Status = "evaluated"
    objective_name: str = ""
    objective: float = math.nan
    objective_unit: str = ""
    bound: float = math.nan
    gap: float = math.nan
    reason: str = ""
    notes: tuple[str, ...] = ()
    binding: tuple[str, ...] = ()
    broken: tuple[Any, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    request: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from kip import __version__

        self.dataset.attrs.update(
            plan=self.plan.name,
            title=self.plan.label,
            plan_version=self.plan.version,
            plan_hash=self.plan.hash,
            kip_version=__version__,
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            status=self.status,
            objective=self.objective_name,
        )

    @property
    def found(self) -> bool:
        """Whether there is an answer."""
        return self.status not in {"infeasible", "no_solution"}

    @cached_property
    def selected(self) -> tuple[str, ...]:
        """Names of shifts and enablers that are started anywhere, by name."""
        new = self.dataset["new"]
        chosen = np.abs(new.values).sum(axis=(1, 2)) > 0
        return tuple(str(name) for name in new["shift"].values[chosen])

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """What starts where and when [unit]: rows (shift, district), a column for each year. `kip.evaluate` takes it back."""
        return decision_table(self.dataset)

    def measure(self, name: str) -> float:
        """The value of a measure: ``reduction``, ``cost.municipality``, ``reduction_2030``, an indicator, …

        Raises
        ------
        RequestError
            When the plan has no such measure; with the nearest name.
        """
        return value_of(parse_measure(name, self.dataset), self.dataset)

    def unit(self, name: str) -> str:
        """Unit of a measure."""
        return parse_measure(name, self.dataset).unit

    def table(self) -> pd.DataFrame:
        """One row for each shift and enabler that is started.

        Columns: title, kind, area, control, districts, first start, units [unit], reduction over the horizon and in its
        last year [t, t/year], investment, running cost and net present cost [currency], and what a tonne costs
        [currency/t]. NaN where a tonne costs nothing or less: that is never ranked (Taylor 2012).
        """
        data, currency = self.dataset, self.dataset.attrs["currency"]
        main = data["reduction"].sel(ledger=data.attrs["main_ledger"])
        rows = data["shift"].isin(list(self.selected)).values
        new = data["new"].values[rows]
        years = data["year"].values
        table = pd.DataFrame(index=pd.Index(data["shift"].values[rows], name="shift"))
        for column in ("title", "kind", "area", "control", "unit"):
            table[column] = data[column].values[rows]
        places = data["district"].values
        table["districts"] = ["; ".join(map(str, places[np.abs(row).sum(axis=1) > 0])) for row in new]
        table["first start"] = [int(years[np.abs(row).sum(axis=0) > 0][0]) for row in new]
        table["units"] = new.sum(axis=(1, 2))
        table["reduction [t]"] = main.sum(["district", "year"]).values[rows]
        table[f"reduction {years[-1]} [t/year]"] = main.sum("district").values[rows, -1]
        for name, label in (("investment", "investment"), ("operation", "running cost"), ("net_cost", "net present cost")):
            values = data[name]
            table[f"{label} [{currency}]"] = values.sum([dim for dim in values.dims if dim != "shift"]).values[rows]
        cost, tonnes = table[f"net present cost [{currency}]"], table["reduction [t]"]
        table[f"cost of a tonne [{currency}/t]"] = (cost / tonnes).where((cost > 0) & (tonnes > 0))
        return table.sort_values("reduction [t]", ascending=False, kind="stable")

    def by(self, what: str) -> pd.DataFrame:
        """Totals over the horizon by shift, district, group, actor, year, area, control or kind of actor.

        Parameters
        ----------
        what : {"shift", "district", "group", "actor", "year", "area", "control", "actor_kind"}

        Returns
        -------
        pandas.DataFrame
            reduction [t], investment, running cost and net present cost [currency]; a tonne belongs to no actor and a
            present value to no year, so those columns are missing there. Each column adds up to the portfolio's total, except
            that groups may overlap; what goes to no group, and what belongs to no district, have rows of their own.

        Raises
        ------
        RequestError
            For anything else; with the nearest name.
        """
        from kip.errors import RequestError, unknown_name

        allowed = ["shift", "district", "group", "actor", "year", "area", "control", "actor_kind"]
        if what not in allowed:
            raise RequestError(unknown_name("grouping", what, allowed))
        if what == "group":
            from kip.results.people import by_group

            return by_group(self.dataset)
        data, currency = self.dataset, self.dataset.attrs["currency"]
        columns = {
            "reduction [t]": data["reduction"].sel(ledger=data.attrs["main_ledger"]),
            f"investment [{currency}]": data["investment"],
            f"running cost [{currency}]": data["operation"],
            f"net present cost [{currency}]": data["net_cost"],
        }
        dim = {"area": "shift", "control": "shift", "actor_kind": "actor"}.get(what, what)
        table = {
            name: values.sum([other for other in values.dims if other != dim]).to_series()
            for name, values in columns.items()
            if dim in values.dims
        }
        frame = pd.DataFrame(table)
        if dim != what:
            frame = frame.groupby(pd.Index(data[what].values, name=what)).sum()
        return frame

    @cached_property
    def quality(self) -> pd.DataFrame:
        """Share of the tonnes and of the investment that rests on numbers of quality A, B, C or without passport [1]."""
        from kip.results.quality import shares

        return shares(self.plan, self.dataset)

    @property
    def plot(self) -> Pictures:
        """Pictures, one for each question: ``plot.wedges()``, ``plot.cost()``, ``plot.staircase()``, ``plot.districts()``."""
        from kip.results.pictures import Pictures

        return Pictures(self.dataset)

    def measures(self) -> dict[str, float]:
        """Every measure of the whole portfolio."""
        from kip.accounting.measures import names_of_measures

        return {name: self.measure(name) for name in names_of_measures(self.dataset)}

    def to_dict(self) -> dict[str, Any]:
        """Everything that a script needs, as plain numbers and text; NaN becomes None."""
        objective = {"measure": self.objective_name, "value": _plain(self.objective), "unit": self.objective_unit}
        starts = [
            {"shift": shift, "district": district, "year": year, "units": units} for (shift, district), year, units in _starts(self.dataset)
        ]
        return {
            "status": self.status,
            "reason": self.reason,
            "objective": objective,
            "bound": _plain(self.bound),
            "gap": _plain(self.gap),
            "selected": list(self.selected),
            "starts": starts,
            "measures": {name: _plain(value) for name, value in self.measures().items()},
            "binding": list(self.binding),
            "notes": list(self.notes),
            "broken": [str(rule) for rule in self.broken],
            "seconds": {name: round(value, 4) for name, value in self.seconds.items()},
            "plan": {
                "name": self.plan.name,
                "version": self.plan.version,
                "hash": self.dataset.attrs["plan_hash"],
                "currency": self.plan.currency,
            },
            "kip": self.dataset.attrs["kip_version"],
        }

    def save(self, folder: str | Path, language: str = "en") -> list[Path]:
        """Write the summary (HTML), tables (CSV), the numbers (JSON) and the four pictures (PNG) to a folder, in English or Swedish."""
        from kip.results.saving import save

        return save(self, Path(folder), language)

    def _repr_html_(self) -> str:
        from kip.results.summary import summary
        from kip.views.html import page

        return page(summary(self))

    def __repr__(self) -> str:
        from kip.results.summary import summary
        from kip.views.text import plain

        return plain(summary(self))

    def __rich__(self) -> Any:
        from rich.text import Text

        return Text(repr(self))


def _starts(dataset: xr.Dataset) -> Iterator[tuple[tuple[str, str], int, float]]:
    """What starts, one entry for each shift, district and year."""
    new = dataset["new"].values
    for shift, place, year in np.argwhere(new != 0):
        where = (str(dataset["shift"].values[shift]), str(dataset["district"].values[place]))
        yield where, int(dataset["year"].values[year]), float(new[shift, place, year])


def _plain(value: float) -> float | None:
    return None if value is None or math.isnan(value) or math.isinf(value) else float(value)
