"""Sobol' indices: how much of the variance of an outcome each input explains, alone and with others."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from kip.errors import RequestError
from kip.sensitivity.asked import LEVEL, Asked, Note, constant, noise_note, salib_seed, without_salib
from kip.sensitivity.result import NAMED, Sensitivity, common, listed
from kip.views.labels import Language
from kip.views.sheet import Section

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Sobol", "sobol_of"]

_FEWEST = 8
"""Blocks below which an index is not worth a number."""


@dataclass(frozen=True, repr=False)
class Sobol(Sensitivity):
    """Shares of the variance of an outcome, from a Saltelli design.

    Attributes
    ----------
    pairs : pandas.DataFrame
        Two inputs a row: what they explain together beyond what each explains alone ``second [1]``, with its interval; empty for a design
        without second order.
    """

    pairs: pd.DataFrame = field(default_factory=pd.DataFrame)

    method: ClassVar[str] = "sobol"
    ranked_by: ClassVar[str] = "total [1]"

    @property
    def alone(self) -> float:
        """Share of the variance that the inputs explain each alone; what is missing to 1 is joint."""
        return float(self.rows["first [1]"].sum(min_count=1))

    def _said(self, say: Language) -> tuple[str, ...]:
        table = self.table()
        shares = [f"{row['title']} {say.percent(round(row['total [1]'], 2))}" for _, row in table.iterrows()]
        lines = [say("sobol most", outcome=self.title, names=listed(say, shares, NAMED))]
        alone = self.alone
        if len(self.rows) > 1:
            # the sum of estimates may come out a little above 1
            share = round(min(max(alone, 0.0), 1.0), 2)
            lines.append(say("sobol alone" if share < 1.0 else "sobol all alone", share=say.percent(share)))
        small = table[table["total [1]"] <= table["total ± [1]"]]
        if len(small):
            lines.append(say("sobol small", names=listed(say, map(str, small["title"]), 2 * NAMED)))
        if len(self.pairs):
            found = self.pairs[self.pairs["second [1]"] > self.pairs["second ± [1]"]].nlargest(1, "second [1]")
            lines += [
                say("sobol pair", one=row["one"], other=row["other"], share=say.percent(round(row["second [1]"], 2)))
                for _, row in found.iterrows()
            ]
        return tuple(lines)

    def _more(self, say: Language) -> tuple[Section, ...]:
        if self.pairs.empty:
            return ()
        largest = self.pairs.nlargest(8, "second [1]").reset_index(drop=True)
        largest.columns = [say(f"sensitivity column {str(name).partition(' [')[0]}") for name in largest.columns]
        return (Section(say("sobol pairs"), (), largest),)

    def to_dict(self) -> dict[str, Any]:
        from kip.views.shown import records

        return {**super().to_dict(), "alone": self.alone, "pairs": records(self.pairs)}

    def plot(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """Bars of the first-order and total index of each input; see `kip.views.plots_sensitivity.sobol_chart`."""
        from kip.views.plots_sensitivity import sobol_chart

        return sobol_chart(self.table(), self.title, self._small_print(language), ax, language)


def sobol_of(asked: Asked, resamples: int = 100) -> Sobol:
    """Sobol' indices of first order, total and, where the design has them, second order.

    ``S_i = V(E[Y|X_i])/V`` and ``ST_i = 1 - V(E[Y|X_~i])/V`` by the estimators of Saltelli et al. (2010), pairs by Saltelli (2002), as in
    SALib. Blocks (a row of A, its mixtures, a row of B) with a scenario that has no answer are left out whole.

    Parameters
    ----------
    asked : Asked
        ``design["second_order"]`` says whether a block has 2·inputs + 2 rows (the default) or inputs + 2.
    resamples : int
        Of the bootstrap behind the intervals (95 %).

    Raises
    ------
    RequestError
        When the number of scenarios is no multiple of the block.
    """
    inputs = len(asked.names)
    second = bool(asked.design.get("second_order", True))
    block = 2 * inputs + 2 if second else inputs + 2
    if len(asked.outcome) % block:
        raise RequestError(
            f"{len(asked.outcome)} scenarios are no whole number of blocks of {block}, which a Saltelli design of {inputs} inputs "
            f"{'with' if second else 'without'} second order has. Give all scenarios of the design, NaN where there is no answer."
        )
    whole = asked.answered.reshape(-1, block).all(axis=1)
    used = np.repeat(whole, block)
    outcome = asked.outcome[used]
    notes: list[Note] = []
    rows = {name: np.full(inputs, np.nan) for name in ("S1", "S1_conf", "ST", "ST_conf")}
    pairs = pd.DataFrame(columns=["one", "other", "second [1]", "second ± [1]"])
    if int(whole.sum()) < _FEWEST:
        notes.append(Note("sensitivity few", {"found": int(whole.sum()), "needed": _FEWEST}))
    elif constant(outcome):
        notes.append(Note("sensitivity constant", {"outcome": asked.title}))
    else:
        found = _analyse(outcome, inputs, second, resamples, asked.seed)
        rows = {name: np.asarray(found[name], dtype=float) for name in rows}
        if second:
            pairs = _pairs(found, asked.titles)
        notes += noise_note(asked, used)
    table = pd.DataFrame(
        {
            "title": asked.titles,
            "first [1]": rows["S1"],
            "first ± [1]": rows["S1_conf"],
            "total [1]": rows["ST"],
            "total ± [1]": rows["ST_conf"],
        },
        index=pd.Index(asked.names, name="input"),
    )
    return Sobol(**common(asked, table, int(used.sum()), notes), pairs=pairs)


def _analyse(outcome: np.ndarray, inputs: int, second: bool, resamples: int, seed: int) -> Any:
    try:
        from SALib.analyze import sobol
    except ImportError as missing:
        raise without_salib() from missing

    problem = {"num_vars": inputs, "names": [f"x{place}" for place in range(inputs)], "bounds": [[0.0, 1.0]] * inputs}
    with warnings.catch_warnings():
        # a resample in which nothing moves is no news: the interval says it
        warnings.simplefilter("ignore")
        return sobol.analyze(problem, outcome, calc_second_order=second, num_resamples=resamples, conf_level=LEVEL, seed=salib_seed(seed))


def _pairs(found: Any, titles: list[str]) -> pd.DataFrame:
    upper = np.triu_indices(len(titles), 1)
    return pd.DataFrame(
        {
            "one": [titles[place] for place in upper[0]],
            "other": [titles[place] for place in upper[1]],
            "second [1]": np.asarray(found["S2"], dtype=float)[upper],
            "second ± [1]": np.asarray(found["S2_conf"], dtype=float)[upper],
        }
    )
