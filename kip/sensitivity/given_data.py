"""Sensitivity from any sample: PAWN, delta, the share explained alone, and the importance that trees see.

All condition on one input at a time: scenarios are put in classes of like values of that input (its levels where there are few, else
slices with as many scenarios each), and the outcome in a class is compared with the outcome overall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kip.sensitivity.asked import LEVEL, Asked, Floats, Note, constant, noise_note
from kip.sensitivity.result import NAMED, Sensitivity, common, listed
from kip.sensitivity.trees import tree_importance
from kip.views.labels import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["GivenData", "classes_of", "delta", "distances", "explained", "given_data_of"]

Classes = NDArray[np.int64]

SLICES = 10
"""Conditioning slices of PAWN."""
_FEWEST = 40
"""Scenarios below which nothing is said."""
_CELLS = 512
"""Cells that densities are kept in."""
_DUMMIES = 20
"""Shuffles behind what an input that means nothing would show."""
_CORRELATED = 0.3


@dataclass(frozen=True, repr=False)
class GivenData(Sensitivity):
    """Distances between the outcome and the outcome given an input, for a sample of any kind.

    Attributes
    ----------
    dummy_pawn, dummy_delta : float
        What an input without any meaning would show in this sample, and hardly ever more [1].
    fit : float
        Share of the variance that the trees predict for scenarios they have not seen [1]; NaN without scikit-learn.
    """

    dummy_pawn: float = float("nan")
    dummy_delta: float = float("nan")
    fit: float = float("nan")

    method: ClassVar[str] = "given-data"
    ranked_by: ClassVar[str] = "delta [1]"

    @property
    def silent(self) -> tuple[str, ...]:
        """Inputs that no measure tells apart from one without meaning."""
        quiet = (self.rows["delta [1]"] <= self.dummy_delta) & (self.rows["PAWN [1]"] <= self.dummy_pawn)
        return tuple(map(str, self.rows.index[quiet]))

    def _said(self, say: Language) -> tuple[str, ...]:
        table = self.table()
        heard = table[~table.index.isin(self.silent)]
        shares = [f"{row['title']} {say.number(row['delta [1]'], 2)}" for _, row in heard.iterrows()]
        lines = [say("given most" if shares else "given none", outcome=self.title, names=listed(say, shares, NAMED))]
        quiet = [str(self.rows.loc[name, "title"]) for name in self.silent]
        if quiet:
            lines.append(say("given silent", names=listed(say, quiet, 2 * NAMED)))
        if np.isfinite(self.fit):
            lines.append(say("given trees", share=say.percent(round(max(self.fit, 0.0), 2))))
        return tuple(lines)

    def plot(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """Delta and PAWN of each input, beside what means nothing; see `kip.views.plots_sensitivity.given_data_chart`."""
        from kip.views.plots_sensitivity import given_data_chart

        return given_data_chart(self.table(), (self.dummy_delta, self.dummy_pawn), self.title, self._small_print(language), ax, language)


def given_data_of(asked: Asked, resamples: int = 60) -> GivenData:
    """PAWN, delta, share explained and tree importance of each input.

    Scenarios without an answer are left out. Of a Saltelli design only the two independent samples in it are used.

    Parameters
    ----------
    asked : Asked
    resamples : int
        Of the bootstrap behind delta's interval (95 %).
    """
    independent = _independent(asked)
    used = asked.answered & independent
    values, outcome = asked.values[used], asked.outcome[used]
    random = np.random.default_rng([asked.seed, 7])
    inputs = len(asked.names)
    columns = {name: np.full(inputs, np.nan) for name in ("PAWN", "PAWN most", "delta", "delta ±", "alone", "trees")}
    notes: list[Note] = []
    dummies, fit = (float("nan"), float("nan")), float("nan")
    if len(outcome) < _FEWEST:
        notes.append(Note("sensitivity few", {"found": len(outcome), "needed": _FEWEST}))
    elif constant(outcome):
        notes.append(Note("sensitivity constant", {"outcome": asked.title}))
    else:
        for place in range(inputs):
            if np.ptp(values[:, place]) == 0.0:
                notes.append(Note("sensitivity still input", {"name": asked.titles[place]}))
                continue
            slices = classes_of(values[:, place], min(SLICES, len(outcome) // 10))
            apart = distances(slices, outcome)
            columns["PAWN"][place], columns["PAWN most"][place] = np.median(apart), apart.max()
            classes = classes_of(values[:, place], _delta_classes(len(outcome)))
            columns["alone"][place] = explained(classes, outcome)
            columns["delta"][place], columns["delta ±"][place] = delta(classes, outcome, resamples, random)
        dummies = _dummies(outcome, random)
        trees = tree_importance(values, outcome, asked.seed)
        if trees is None:
            notes.append(Note("sensitivity no trees"))
        else:
            columns["trees"], fit = trees
        notes += _correlation_note(asked, values)
        notes += noise_note(asked, used)
    table = pd.DataFrame(
        {"title": asked.titles, **{f"{name} [1]": column for name, column in columns.items()}}, index=pd.Index(asked.names, name="input")
    )
    if table["trees [1]"].isna().all():
        table = table.drop(columns="trees [1]")
    passed = int((~independent).sum())
    return GivenData(**common(asked, table, int(used.sum()), notes, passed), dummy_pawn=dummies[0], dummy_delta=dummies[1], fit=fit)


def _independent(asked: Asked) -> NDArray[np.bool_]:
    """The first and the last row of each block of a Saltelli design; every scenario of any other."""
    count = len(asked.outcome)
    if asked.kind != "saltelli":
        return np.ones(count, dtype=bool)
    block = 2 * len(asked.names) + 2 if asked.design.get("second_order", True) else len(asked.names) + 2
    place = np.arange(count) % block
    return np.asarray((place == 0) | (place == block - 1))


def classes_of(values: Floats, most: int) -> Classes:
    """Scenarios in classes of like values: one for each value where there are at most `most`, else slices of as many scenarios each.

    Examples
    --------
    >>> classes_of(np.array([1.0, 0.0, 1.0]), 4).tolist(), classes_of(np.array([0.1, 0.4, 0.2, 0.3]), 2).tolist()
    ([1, 0, 1], [0, 1, 0, 1])
    """
    levels, place = np.unique(values, return_inverse=True)
    if len(levels) <= max(most, 2):
        return np.asarray(place, dtype=np.int64).reshape(-1)
    order = np.empty(len(values), dtype=np.int64)
    order[np.argsort(values, kind="stable")] = np.arange(len(values))
    return order * max(most, 2) // len(values)


def _delta_classes(count: int) -> int:
    """Number of classes for so many scenarios (Plischke, Borgonovo & Smith 2013)."""
    power = 2.0 / (7.0 + np.tanh((1500.0 - count) / 500.0))
    return int(min(np.ceil(count**power), 48))


def distances(classes: Classes, outcome: Floats) -> Floats:
    """Kolmogorov-Smirnov distance between the outcome in each class and overall [1] (PAWN: Pianosi & Wagener 2018)."""
    order = np.argsort(outcome, kind="stable")
    ordered = outcome[order]
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    overall = (last + 1) / len(outcome)
    apart = np.empty(int(classes.max()) + 1)
    for one in range(len(apart)):
        here = classes[order] == one
        apart[one] = np.abs(np.cumsum(here)[last] / here.sum() - overall).max()
    return apart


def explained(classes: Classes, outcome: Floats) -> float:
    """Share of the variance between classes [1], corrected for what chance puts there; the first-order index of a large sample."""
    sizes = np.bincount(classes)
    means = np.bincount(classes, weights=outcome) / sizes
    between = float((sizes * (means - outcome.mean()) ** 2).sum() / ((outcome - outcome.mean()) ** 2).sum())
    spare = len(outcome) - len(sizes)
    return max(1.0 - (1.0 - between) * (len(outcome) - 1) / spare, 0.0) if spare > 0 else float("nan")


def delta(classes: Classes, outcome: Floats, resamples: int, random: np.random.Generator) -> tuple[float, float]:
    """Borgonovo's delta ``1/2 E ∫ |f_Y - f_Y|X|`` [1], with half the width of its 95 % interval.

    Estimated with kernel densities and freed from bias by a bootstrap (Plischke, Borgonovo & Smith 2013). Smoothing makes it read somewhat
    low where the outcome's density has sharp edges.
    """
    from scipy.stats import norm

    cells, width = _cells(outcome)
    plain = _delta_once(classes, cells, outcome, width)
    drawn = np.empty(resamples)
    for one in range(resamples):
        rows = random.integers(len(outcome), size=len(outcome))
        drawn[one] = _delta_once(classes[rows], cells[rows], outcome[rows], width)
    freed = 2.0 * plain - drawn
    return float(np.clip(freed.mean(), 0.0, 1.0)), float(norm.ppf(0.5 + LEVEL / 2.0) * freed.std(ddof=1))


def _cells(outcome: Floats) -> tuple[Classes, float]:
    """Place of each outcome among fine cells, with room at both ends for what smoothing puts there; the width of a cell."""
    low, span = float(outcome.min()), float(np.ptp(outcome))
    width = 2.0 * span / _CELLS
    return np.asarray((outcome - low + 0.5 * span) / width, dtype=np.int64), width


def _delta_once(classes: Classes, cells: Classes, outcome: Floats, width: float) -> float:
    count = int(classes.max()) + 1
    inside = np.bincount(classes * _CELLS + cells, minlength=count * _CELLS).reshape(count, _CELLS).astype(float)
    sizes = inside.sum(axis=1)
    shares, sizes = inside[sizes > 0] / sizes[sizes > 0][:, None], sizes[sizes > 0]
    overall = inside.sum(axis=0) / sizes.sum()
    apart = 0.5 * np.abs(_smooth(shares - overall, _bandwidths(shares, sizes))).sum(axis=1)
    return float((sizes * apart).sum() / sizes.sum())


def _bandwidths(shares: Floats, sizes: Floats) -> Floats:
    """Silverman's ``0.9 min(sd, IQR/1.349) n^(-1/5)`` of each class, in cells."""
    middle = np.arange(_CELLS)
    mean = shares @ middle
    spread = np.sqrt(np.maximum(shares @ middle**2 - mean**2, 0.0))
    summed = np.cumsum(shares, axis=1)
    low, high = ((summed < share).sum(axis=1) for share in (0.25, 0.75))
    middling = (high - low) / 1.349
    return np.asarray(0.9 * np.where(middling > 0, np.minimum(spread, middling), spread) * sizes ** (-0.2))


def _smooth(apart: Floats, bandwidths: Floats) -> Floats:
    """Differences of binned densities under a normal kernel, each of its own width and the same for both sides, by Fourier transform.

    With one kernel for a class and for all, smoothing can only bring the two nearer to each other.
    """
    kernel = np.exp(-0.5 * (2.0 * np.pi * bandwidths[:, None] * np.fft.rfftfreq(_CELLS)) ** 2)
    return np.asarray(np.fft.irfft(np.fft.rfft(apart, axis=1) * kernel, n=_CELLS, axis=1))


def _dummies(outcome: Floats, random: np.random.Generator) -> tuple[float, float]:
    """PAWN and delta of an input that means nothing: three standard deviations above the mean of shuffles."""
    count = len(outcome)
    slices = np.arange(count) * min(SLICES, count // 10) // count
    classes = np.arange(count) * _delta_classes(count) // count
    pawn, apart = np.empty(_DUMMIES), np.empty(_DUMMIES)
    for one in range(_DUMMIES):
        shuffled = outcome[random.permutation(count)]
        pawn[one] = np.median(distances(slices, shuffled))
        apart[one], _ = delta(classes, shuffled, 10, random)
    return float(pawn.mean() + 3.0 * pawn.std()), float(apart.mean() + 3.0 * apart.std())


def _correlation_note(asked: Asked, values: Floats) -> tuple[Note, ...]:
    """A word when two inputs move together: each then shows some of what is the other's."""
    if values.shape[1] < 2:
        return ()
    ranks = np.argsort(np.argsort(values, axis=0), axis=0).astype(float)
    still = np.ptp(values, axis=0) == 0.0
    together = np.corrcoef(ranks, rowvar=False)
    together[still, :] = together[:, still] = 0.0
    np.fill_diagonal(together, 0.0)
    one, other = np.unravel_index(int(np.abs(together).argmax()), together.shape)
    if abs(together[one, other]) < max(_CORRELATED, 3.0 / np.sqrt(len(values))):
        return ()
    parts = {"one": asked.titles[int(one)], "other": asked.titles[int(other)], "rank": float(round(together[one, other], 2))}
    return (Note("sensitivity correlated", parts),)
