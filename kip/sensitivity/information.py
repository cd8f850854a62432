"""Sampled information: which inputs are worth measuring next, in the unit of what is decided by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kip.errors import RequestError
from kip.sensitivity.asked import LEVEL, Asked, Floats, Named, Note, asked_of
from kip.sensitivity.result import listed, shown, written
from kip.sensitivity.smooth import basis_of, fitted
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, records

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SampledInformation", "measure_next", "sampled_information"]

_FEWEST = 30
_SHUFFLES = 20
_NEXT = 5
"""Inputs that are named as worth measuring."""


@dataclass(frozen=True, repr=False)
class SampledInformation(Shown):
    """What knowing an input before choosing would be worth.

    Attributes
    ----------
    rows : pandas.DataFrame
        See `table`.
    outcome, unit, title : str
        What is decided by.
    best : str
        The alternative that is best on average.
    expected : float
        Its average [unit].
    everything, everything_error : float
        Value of knowing every input (EVPI), and half the width of its 95 % interval [unit].
    dummy : float
        What an input without meaning would show in this sample, and hardly ever more [unit]; 0 when the scenarios are all there is.
    scenarios, dropped : int
        Scenarios used; those without an answer for every alternative.
    notes : tuple of Note
    """

    rows: pd.DataFrame
    outcome: str
    unit: str
    title: str
    best: str
    expected: float
    everything: float
    everything_error: float
    dummy: float
    scenarios: int
    dropped: int
    notes: tuple[Note, ...]

    @property
    def worth(self) -> tuple[str, ...]:
        """Inputs worth measuring, the most valuable first: those that show more than one without meaning would."""
        column = self.rows[self._column]
        heard = column[(column > self.dummy) & (column > 1e-12 * max(abs(self.everything), abs(self.expected)))]
        return tuple(map(str, heard.sort_values(ascending=False, kind="stable").index))

    @property
    def _column(self) -> str:
        return f"worth [{self.unit or '1'}]"

    def table(self) -> pd.DataFrame:
        """One row for each input, the most valuable first.

        Columns: title; worth: value of knowing the input exactly before choosing (EVPPI), with half its 95 % interval [unit]; share of
        the value of knowing everything [1]; changes: share of the scenarios in which one would then choose otherwise [1].
        """
        return self.rows.sort_values(self._column, ascending=False, kind="stable")

    def sentences(self, language: str = "en") -> tuple[str, ...]:
        """What to measure next, in words."""
        say = Language(language)
        if not np.isfinite(self.everything):
            return (*(written(say, note) for note in self.notes), self._count(say))
        lines = [say("information best", best=self.best, outcome=self.title, expected=self._size(say, self.expected))]
        if self.everything <= 1e-12 * abs(self.expected):
            lines.append(say("information nothing", best=self.best))
        else:
            lines.append(say("information everything", worth=self._size(say, self.everything)))
            found = self.table().loc[list(self.worth)]
            names = [f"{title} {self._size(say, worth)}" for title, worth in zip(found["title"], found[self._column], strict=True)]
            lines.append(say("information next", names=listed(say, names[:_NEXT])) if names else say("information none"))
        return (*lines, *(written(say, note) for note in self.notes), self._count(say))

    def _size(self, say: Language, value: float) -> str:
        return say.sized(value, self.unit).strip()

    def _count(self, say: Language) -> str:
        if self.dropped:
            return say("information dropped", used=say.number(self.scenarios), dropped=say.number(self.dropped))
        return say("sensitivity used", used=say.number(self.scenarios))

    def sheet(self, language: str = "en") -> Sheet:
        """The values as a sheet, to show."""
        say = Language(language)
        lines = self.sentences(language)
        section = Section(say("information section"), lines[1:], shown(say, self.table(), self.unit, "information"))
        return Sheet(say("information title", outcome=self.title), lines[0], (section,), say.code)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; NaN becomes None."""
        from kip.views.shown import plain_value

        names = ("outcome", "unit", "best", "expected", "everything", "everything_error", "dummy", "scenarios", "dropped")
        plain = {name: plain_value(getattr(self, name)) for name in names}
        return {**plain, "inputs": records(self.table().rename_axis("input").reset_index()), "worth": list(self.worth)}

    def plot(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """What each input is worth, beside everything and nothing; see `kip.views.plots_discovery.information_chart`."""
        from kip.views.plots_discovery import information_chart

        lines = self.sentences(language)
        return information_chart(self.table(), (self.everything, self.dummy), (self.title, self.unit), (lines[-1], lines[0]), ax, language)


def sampled_information(
    values: ArrayLike,
    names: Sequence[str],
    outcomes: ArrayLike,
    alternatives: Sequence[str],
    measured: Named | str,
    design: Mapping[str, Any] | None = None,
    *,
    direction: str = "up",
    weights: ArrayLike | None = None,
    resamples: int | None = None,
) -> SampledInformation:
    """What it would be worth to know each input, or all of them, before one of some alternatives is chosen.

    ``EVPI = E[max_a Y_a] - max_a E[Y_a]`` and ``EVPPI_i = E[max_a E[Y_a|X_i]] - max_a E[Y_a]``. The inner mean is a regression of each
    alternative on the input (Strong, Oakley & Brennan 2014): a natural spline whose bends are chosen by generalised cross-validation,
    or the mean of each value where there are few. With `weights` the scenarios are all there is: means by value, exact.

    Parameters
    ----------
    values : array (scenario, input)
    names : sequence of str
    outcomes : array (scenario, alternative)
        Every alternative (a portfolio, a plan) counted in every scenario. Scenarios with NaN for any are left out and counted.
    alternatives : sequence of str
        Names of the columns of `outcomes`.
    measured : Named or str
        What is decided by, with its unit: tonnes give the value in tonnes, kronor in kronor.
    design : mapping, optional
        ``titles`` and ``seed``, as in `sensitivity_of`.
    direction : {"up", "down"}
        Whether more or less of the outcome is better.
    weights : array (scenario,), optional
        Probabilities of scenarios that are all there is; scaled to add up to 1.
    resamples : int, optional
        Of the bootstrap behind the intervals (95 %); 200 when left out, fewer when there are many scenarios.

    Raises
    ------
    RequestError
        When arrays do not fit together, the direction is neither, or weights are negative or add up to nothing.

    Examples
    --------
    >>> import kip
    >>> table = [[60, 45, 38], [20, 45, 40], [40, 40, 50]]
    >>> found = kip.sampled_information([[0], [1], [2]], ["world"], table, ["a", "b", "c"], "value", weights=[0.6, 0.2, 0.2])
    >>> found.best, round(found.expected, 9), round(found.everything, 9)
    ('a', 48.0, 7.0)
    """
    table = np.asarray(outcomes, dtype=float)
    sums = table.sum(axis=1) if table.ndim == 2 else table
    problems = []
    if table.ndim != 2 or table.shape[1] != len(alternatives) or table.shape[1] < 2:
        problems.append(
            f"outcomes of shape {table.shape} for {len(alternatives)} alternatives. Give a row for each scenario, a column for each of two "
            "or more."
        )
    if direction not in {"up", "down"}:
        problems.append(f'direction is "{direction}"; must be "up" (more is better) or "down".')
    share = None if weights is None else np.asarray(weights, dtype=float)
    if share is not None and (share.shape != sums.shape or not np.isfinite(share).all() or share.min() < 0.0 or share.sum() <= 0.0):
        problems.append("weights must be one number for each scenario, none negative, with a sum above 0.")
    if problems:
        raise RequestError("\n".join(problems))
    asked = asked_of(values, names, sums, measured, design)
    used = asked.answered
    sign = 1.0 if direction == "up" else -1.0
    kept = sign * table[used]
    exact = share is not None
    chance = share[used] if share is not None else np.ones(int(used.sum()))
    if chance.sum() <= 0.0 or (not exact and len(kept) < _FEWEST):
        return _empty(asked, int(used.sum()))
    count = int(np.clip(800_000 // max(len(kept), 1), 40, 200)) if resamples is None else resamples
    return _worth(asked, asked.values[used], kept, chance / chance.sum(), (list(map(str, alternatives)), sign, exact, count))


def _worth(asked: Asked, values: Floats, table: Floats, chance: Floats, how: tuple[list[str], float, bool, int]) -> SampledInformation:
    alternatives, sign, exact, resamples = how
    means = chance @ table
    top = int(means.argmax())
    # all against the best: what they have in common needs no regression
    gains = table - table[:, [top]]
    everything = float(chance @ gains.max(axis=1))
    random = np.random.default_rng([asked.seed, 17])
    draws = np.empty((0, len(chance))) if exact else random.multinomial(len(chance), chance, size=resamples) / len(chance)
    bases = [basis_of(values[:, place], gains, chance, exact) for place in range(values.shape[1])]
    worth, errors, changes = (np.zeros(len(bases)) for _ in range(3))
    for place, basis in enumerate(bases):
        known = fitted(basis, gains, chance)
        worth[place] = _gain(known, gains, chance)
        changes[place] = float(chance[known.argmax(axis=1) != top].sum()) if worth[place] > 0.0 else 0.0
        errors[place] = _error([_gain(fitted(basis, gains, draw), gains, draw) for draw in draws])
    dummy = 0.0 if exact else _dummy(gains, chance, random)
    unit = asked.unit or "1"
    rows = pd.DataFrame(
        {
            "title": asked.titles,
            f"worth [{unit}]": worth,
            f"worth ± [{unit}]": errors,
            "share [1]": worth / everything if everything > 0.0 else np.zeros(len(worth)),
            "changes [1]": changes,
        },
        index=pd.Index(asked.names, name="input"),
    )
    return SampledInformation(
        rows,
        asked.name,
        asked.unit,
        asked.title,
        alternatives[top],
        sign * float(means[top]),
        everything,
        _error([float(draw @ gains.max(axis=1) - (draw @ gains).max()) for draw in draws]),
        dummy,
        len(chance),
        len(asked.outcome) - len(chance),
        (),
    )


def _gain(known: Floats, gains: Floats, chance: Floats) -> float:
    """What choosing by the known means brings over the best on average; not below nothing."""
    return max(float(chance @ known.max(axis=1) - (chance @ gains).max()), 0.0)


def _error(drawn: list[float]) -> float:
    from scipy.stats import norm

    return float(norm.ppf(0.5 + LEVEL / 2.0) * np.std(drawn, ddof=1)) if len(drawn) > 1 else 0.0


def _dummy(gains: Floats, chance: Floats, random: np.random.Generator) -> float:
    """What inputs without meaning show: three standard deviations above their mean."""
    found = []
    for _ in range(_SHUFFLES):
        nothing: NDArray[np.float64] = random.uniform(size=len(chance))
        found.append(_gain(fitted(basis_of(nothing, gains, chance, exact=False), gains, chance), gains, chance))
    return float(np.mean(found) + 3.0 * np.std(found))


def _empty(asked: Asked, used: int) -> SampledInformation:
    unit, nan = asked.unit or "1", float("nan")
    columns = {f"worth [{unit}]": nan, f"worth ± [{unit}]": nan, "share [1]": nan, "changes [1]": nan}
    rows = pd.DataFrame({"title": asked.titles, **columns}, index=pd.Index(asked.names, name="input"))
    notes = (Note("sensitivity few", {"found": used, "needed": _FEWEST}),)
    dropped = len(asked.outcome) - used
    return SampledInformation(rows, asked.name, asked.unit, asked.title, "", nan, nan, nan, nan, used, dropped, notes)


def measure_next(found: Sequence[SampledInformation], count: int = _NEXT) -> pd.DataFrame:
    """The inputs worth measuring next, with what each is worth in every unit that was decided by.

    Parameters
    ----------
    found : sequence of SampledInformation
        About the same inputs: one in tonnes, one in kronor. The first one ranks.
    count : int
        Most inputs.

    Returns
    -------
    pandas.DataFrame
        A row for each input that is worth measuring by any of them; a column for each outcome. NaN where it does not show.

    Raises
    ------
    RequestError
        When there is none, or they are about different inputs.
    """
    if not found or any(list(one.rows.index) != list(found[0].rows.index) for one in found):
        raise RequestError("give one or more values of information about the same inputs.")
    names = [name for name in found[0].table().index if any(name in one.worth for one in found)]
    table = pd.DataFrame({"title": found[0].rows.loc[names, "title"]})
    for one in found:
        column = f"{one.outcome} [{one.unit or '1'}]"
        table[column] = [float(one.rows.loc[name, one._column]) if name in one.worth else float("nan") for name in names]
    return table.head(count)
