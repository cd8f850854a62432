"""What a sensitivity analysis is asked of: inputs, an outcome and how they were sampled, checked once and for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kip.errors import RequestError

__all__ = ["LEVEL", "Asked", "Floats", "Named", "Note", "asked_of", "constant", "noise_note", "salib_seed", "without_salib"]

Floats: TypeAlias = NDArray[np.float64]

LEVEL = 0.95
"""Confidence of every interval."""

_NOISE = 0.1
"""From this share of the spread on, what the solver left unproven is worth a word."""


class Named(Protocol):
    """An outcome: its name, its unit, and how it is called for people (`kip.sweeps.experiment.Measured` is one)."""

    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def title(self) -> str: ...


@dataclass(frozen=True)
class Note:
    """A sentence to be: its key in the catalogue and what fills it. Parts whose name begins with ``share`` are percentages."""

    key: str
    parts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """Inputs and an outcome that fit together.

    Attributes
    ----------
    values : array (scenario, input)
        Of labelled inputs (`labels`) the place of the label.
    names : tuple of str
    outcome : array (scenario,)
        NaN where there is no answer.
    name, unit, title : str
        Of the outcome.
    design : mapping
        How the scenarios were sampled; see `kip.sensitivity.choice.sensitivity_of`.
    gap : array (scenario,) or None
        Relative gap of each answer [1].
    """

    values: Floats
    names: tuple[str, ...]
    outcome: Floats
    name: str
    unit: str
    title: str
    design: Mapping[str, Any]
    gap: Floats | None = None

    @property
    def kind(self) -> str:
        """How the scenarios were sampled."""
        return str(self.design.get("kind", "table"))

    @property
    def seed(self) -> int:
        """Seed of what is random in the analysis itself."""
        return int(self.design.get("seed") or 0)

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Scenarios with an answer."""
        return np.asarray(np.isfinite(self.outcome))

    def title_of(self, name: str) -> str:
        """What an input is called for people."""
        return str(self.design.get("titles", {}).get(name) or name)

    @property
    def titles(self) -> list[str]:
        """Of all inputs, in order."""
        return [self.title_of(name) for name in self.names]

    def unit_of(self, name: str) -> str:
        """Unit of an input; empty when it is not known."""
        return str(self.design.get("units", {}).get(name) or "")

    def labels_of(self, name: str) -> tuple[str, ...]:
        """Labels of an input that is chosen from named levels; empty for a number."""
        return tuple(map(str, self.design.get("labels", {}).get(name, ())))


def asked_of(
    values: ArrayLike,
    names: Sequence[str],
    outcome: ArrayLike,
    measured: Named | str,
    design: Mapping[str, Any] | None = None,
    gap: ArrayLike | None = None,
) -> Asked:
    """Inputs and outcome as arrays that fit together.

    Raises
    ------
    RequestError
        With every problem: shapes that do not fit, no scenarios, an input without a number, names that are not unique.
    """
    table = np.asarray(values, dtype=float)
    answers = np.asarray(outcome, dtype=float)
    listed = tuple(map(str, names))
    problems = []
    if table.ndim != 2:
        problems.append(f"values have {table.ndim} dimensions. Give one row for each scenario and one column for each input.")
    elif table.shape[1] != len(listed):
        problems.append(f"{len(listed)} names for {table.shape[1]} columns of values. Give one name for each column.")
    elif not listed:
        problems.append("there is no input. Give at least one column of values with its name.")
    if len(set(listed)) < len(listed):
        again = sorted({name for name in listed if listed.count(name) > 1})
        problems.append(f"names that stand twice: {', '.join(again)}. Give each input a name of its own.")
    if table.ndim == 2 and answers.shape != table.shape[:1]:
        problems.append(f"{answers.size} outcomes of {table.shape[0]} scenarios. Give one number for each, NaN where there is none.")
    if table.ndim == 2 and table.shape[1] == len(listed):
        holes = [name for name, column in zip(listed, table.T, strict=True) if not np.isfinite(column).all()]
        if holes:
            problems.append(f"inputs with scenarios that have no number: {', '.join(holes)}. Leave those scenarios out.")
        if table.shape[0] < 2:
            problems.append(f"{table.shape[0]} scenarios say nothing about sensitivity. Give at least two.")
    gaps = None if gap is None else np.asarray(gap, dtype=float)
    if gaps is not None and gaps.shape not in {(), answers.shape}:
        problems.append(f"{gaps.size} gaps of {answers.size} outcomes. Give one number for all, or one for each.")
    if problems:
        raise RequestError("\n".join(problems))
    name, unit, title = (measured, "", "") if isinstance(measured, str) else (measured.name, measured.unit, measured.title)
    return Asked(table, listed, answers, name, unit, title or name, dict(design or {}), _spread(gaps, answers))


def _spread(gaps: Floats | None, answers: Floats) -> Floats | None:
    return None if gaps is None else np.broadcast_to(gaps, answers.shape)


def constant(outcome: Floats) -> bool:
    """Whether an outcome does not move, but for the last digits of floating point."""
    if outcome.size == 0:
        return True
    return bool(np.ptp(outcome) <= 1e-12 * np.abs(outcome).max())


def noise_note(asked: Asked, used: NDArray[np.bool_]) -> tuple[Note, ...]:
    """A word when what the solver left unproven is not small against the spread of the outcome.

    An answer is proven to gap · abs(value); of noise that wide an index sees its variance (evenly spread: a twelfth of the width squared).
    """
    if asked.gap is None or not used.any():
        return ()
    width = np.abs(asked.gap[used] * asked.outcome[used])
    width = width[np.isfinite(width)]
    spread = float(np.std(asked.outcome[used]))
    typical = float(np.sqrt(np.mean(width**2))) if width.size else 0.0
    if spread == 0.0 or typical <= _NOISE * spread:
        return ()
    return (Note("sensitivity gap", {"share_gap": typical / spread, "share_index": typical**2 / 12.0 / spread**2}),)


def without_salib() -> RequestError:
    """What to say when SALib, which comes with kip, has gone."""
    return RequestError("Sobol' indices and Morris effects need SALib, which is not installed. Get it with: pip install SALib")


def salib_seed(seed: int) -> int:
    """A seed for libraries that take 0 for "no seed": never 0, another one for each of ours.

    Examples
    --------
    >>> salib_seed(0) > 0, salib_seed(0) == salib_seed(0), salib_seed(0) == salib_seed(1)
    (True, True, False)
    """
    return int(np.random.default_rng(seed).integers(1, 2**31))
