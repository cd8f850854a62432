"""Morris screening: how far each input moves an outcome, and whether that depends on where one stands."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from kip.errors import RequestError
from kip.sensitivity.asked import LEVEL, Asked, Note, constant, noise_note, salib_seed, without_salib
from kip.sensitivity.result import NAMED, Sensitivity, common, listed
from kip.views.labels import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Morris", "morris_of", "shape_of"]

_SHAPES = ((0.1, "linear"), (0.5, "monotone"), (1.0, "almost monotone"))


@dataclass(frozen=True, repr=False)
class Morris(Sensitivity):
    """Elementary effects of each input, from Morris trajectories.

    An effect is the change of the outcome for the whole range of the input, at the slope of one step [unit of the outcome].
    """

    method: ClassVar[str] = "morris"

    def _ranked(self) -> pd.Series:
        return self.rows[f"mu star [{self.unit or '1'}]"]

    def _said(self, say: Language) -> tuple[str, ...]:
        table, unit = self.table(), self.unit or "1"
        effects = [
            f"{row['title']} {self._size(say, row[f'mu star [{unit}]'])}" for _, row in table.iterrows() if row[f"mu star [{unit}]"] > 0.0
        ]
        lines = [say("morris most", outcome=self.title, names=listed(say, effects, NAMED))]
        still = table[table[f"mu star [{unit}]"] <= 1e-9 * table[f"mu star [{unit}]"].max()]
        if len(still):
            lines.append(say("morris still", names=listed(say, map(str, still["title"]), 2 * NAMED)))
        curved = table[table["shape"] == "nonlinear"]
        if len(curved):
            lines.append(say("morris curved", names=listed(say, map(str, curved["title"]), 2 * NAMED)))
        return tuple(lines)

    def _shown(self, say: Language) -> pd.DataFrame:
        table = super()._shown(say)
        column = say("sensitivity column shape")
        return table.assign(**{column: [say(f"morris shape {shape}") if shape else "" for shape in table[column]]})

    def plot(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """Size of the effect against its spread; see `kip.views.plots_sensitivity.morris_chart`."""
        from kip.views.plots_sensitivity import morris_chart

        return morris_chart(self.table(), self.title, self.unit, self._small_print(language), ax, language)


def shape_of(spread: float, size: float) -> str:
    """What sigma against mu* says of an input: linear, monotone, almost monotone or nonlinear (Garcia Sanchez et al. 2014).

    Examples
    --------
    >>> shape_of(0.0, 4.0), shape_of(1.0, 4.0), shape_of(5.0, 4.0), shape_of(0.0, 0.0)
    ('linear', 'monotone', 'nonlinear', '')
    """
    if not np.isfinite(spread) or not size > 0.0:
        return ""
    return next((name for most, name in _SHAPES if spread <= most * size), "nonlinear")


def morris_of(asked: Asked, resamples: int = 100) -> Morris:
    """Mean, mean size (mu*) and spread (sigma) of the elementary effects (Morris 1991; Campolongo et al. 2007), as in SALib.

    Trajectories with a scenario that has no answer are left out whole.

    Parameters
    ----------
    asked : Asked
        Trajectories of inputs + 1 rows, one input moved at a step; ``design["levels"]`` is the number of levels (4 when left out).
    resamples : int
        Of the bootstrap behind the interval (95 %) of mu*.

    Raises
    ------
    RequestError
        When the scenarios are no trajectories.
    """
    inputs = len(asked.names)
    length = inputs + 1
    if len(asked.outcome) % length:
        raise RequestError(
            f"{len(asked.outcome)} scenarios are no whole number of trajectories of {length} (inputs + 1). "
            "Give all scenarios of the design, NaN where there is no answer."
        )
    moved = np.diff(asked.values.reshape(-1, length, inputs), axis=1) != 0.0
    if (moved.sum(axis=2) > 1).any() or (moved.sum(axis=1) > 1).any():
        raise RequestError("a step moves more than one input: these are no Morris trajectories. Name the design they were sampled by.")
    whole = asked.answered.reshape(-1, length).all(axis=1)
    used = np.repeat(whole, length)
    outcome = asked.outcome[used]
    notes: list[Note] = []
    mean, size, spread, error = (np.full(inputs, np.nan) for _ in range(4))
    if int(whole.sum()) < 2:
        notes.append(Note("sensitivity few", {"found": int(whole.sum()), "needed": 2}))
    elif constant(outcome):
        notes.append(Note("sensitivity constant", {"outcome": asked.title}))
    else:
        mean, size, spread, error = _analyse(asked, asked.values[used], outcome, resamples)
        notes += noise_note(asked, used)
    unit = asked.unit or "1"
    table = pd.DataFrame(
        {
            "title": asked.titles,
            f"mu star [{unit}]": size,
            f"mu star ± [{unit}]": error,
            f"mu [{unit}]": mean,
            f"sigma [{unit}]": spread,
            "shape": [shape_of(one, other) for one, other in zip(spread, size, strict=True)],
        },
        index=pd.Index(asked.names, name="input"),
    )
    return Morris(**common(asked, table, int(used.sum()), notes))


def _analyse(asked: Asked, values: np.ndarray, outcome: np.ndarray, resamples: int) -> tuple[np.ndarray, ...]:
    try:
        from SALib.analyze import morris
    except ImportError as missing:
        raise without_salib() from missing

    inputs = len(asked.names)
    problem = {"num_vars": inputs, "names": [f"x{place}" for place in range(inputs)], "groups": None, "bounds": [[0.0, 1.0]] * inputs}
    levels = int(asked.design.get("levels", 4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = morris.analyze(
            problem, values, outcome, num_resamples=resamples, conf_level=LEVEL, num_levels=levels, seed=salib_seed(asked.seed)
        )
    return tuple(np.asarray(found[name], dtype=float) for name in ("mu", "mu_star", "sigma", "mu_star_conf"))
