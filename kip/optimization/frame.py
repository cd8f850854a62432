"""What constraints are written with: the frame that they stand on, rows, and linear expressions from arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pyomo.core.expr import LinearExpression

from kip.optimization.cells import Cells, Scales
from kip.optimization.scaled import ScalingVariables
from kip.optimization.terms import Terms

__all__ = ["Floats", "Frame", "Objects", "Row", "existing", "linear", "measure_scale", "scaled_steps", "terms_expression"]

Floats: TypeAlias = NDArray[np.float64]
Objects: TypeAlias = NDArray[np.object_]
Row: TypeAlias = tuple[Any, float | None, Any, float | None]
"""Index, lower bound, linear expression, upper bound."""


@dataclass
class Frame:
    """What the constraints are built on: the inputs, the cells, and the Pyomo variables as arrays of objects.

    Attributes
    ----------
    new : array (cell, start) of variables
        `start` of whole cells, `adopt` of the others; None where nothing may start.
    stock : array (cell, year) of variables
    carry : array (budget, year) of variables, None where nothing is carried over
    shortfall : array (target,) of variables
    credited : array (target,) of variables, None where complementary measures count for nothing
    grant : array (funding, cell, actor, year) of variables, None where it may not be given
    rate : array (funding, cell, actor, year)
        Most of a grant for one unit that starts [currency].
    loan : array (funding, actor, year) of variables
    has : dict (funding, cell) → variable
        Whether a whole shift has a grant, for sources that cannot be stacked.
    has_units : dict (funding, cell, year) → variable
        How many of the units that start have one.
    scaled : array (factor, year) of variables
        What is left of each class of scaled segments, in steps of `Factor.step`.
    scaling : ScalingVariables
        The other variables of scaling.
    lost : array (loss,) of variables
        What each declared overlap takes, in steps of `Loss.step`.
    smaller : dict loss → variable
        Which of the two is the smaller, where their sizes do not say so.
    used : dict cell → variable
        Whether a shift that is chosen in parts is used at all, for those that exclusions ask about.
    least : array (fairness,) of variables, None where a rule has no smallest gain
    difference : array (fairness, party, party) of variables, None where nothing is compared
    party_gain : array (fairness, party) of variables, None where a gain has none of its own
    gains : list
        What `kip.optimization.fairness` has made of each rule.
    steps : dict
        Power of ten that rows of their own size are written in, by their name.
    """

    inputs: xr.Dataset
    cells: Cells
    scales: Scales
    new: NDArray[np.object_]
    stock: NDArray[np.object_]
    carry: NDArray[np.object_]
    shortfall: NDArray[np.object_]
    credited: NDArray[np.object_] = field(default_factory=lambda: np.zeros(0, dtype=object))
    grant: NDArray[np.object_] = field(default_factory=lambda: np.zeros((0, 0, 0, 0), dtype=object))
    rate: Floats = field(default_factory=lambda: np.zeros((0, 0, 0, 0)))
    loan: NDArray[np.object_] = field(default_factory=lambda: np.zeros((0, 0, 0), dtype=object))
    scaled: NDArray[np.object_] = field(default_factory=lambda: np.zeros((0, 0), dtype=object))
    scaling: ScalingVariables = field(default_factory=ScalingVariables)
    has: dict[tuple[int, int], Any] = field(default_factory=dict)
    has_units: dict[tuple[int, int, int], Any] = field(default_factory=dict)
    lost: NDArray[np.object_] = field(default_factory=lambda: np.zeros(0, dtype=object))
    smaller: dict[int, Any] = field(default_factory=dict)
    used: dict[int, Any] = field(default_factory=dict)
    least: NDArray[np.object_] = field(default_factory=lambda: np.zeros(0, dtype=object))
    difference: NDArray[np.object_] = field(default_factory=lambda: np.zeros((0, 0, 0), dtype=object))
    party_gain: NDArray[np.object_] = field(default_factory=lambda: np.zeros((0, 0), dtype=object))
    gains: list[Any] = field(default_factory=list)
    minimum: dict[str, float] = field(default_factory=dict)
    maximum: dict[str, float] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    plan_hash: str = ""
    steps: dict[Any, float] = field(default_factory=dict)

    def step(self, name: Any, size: float) -> float:
        """The power of ten below the largest coefficient of a row, once and for all."""
        return self.steps.setdefault(name, float(10.0 ** np.floor(np.log10(size))) if size else 1.0)


def existing(variables: Objects) -> list[Any]:
    """The variables that exist, in a list."""
    return [item for item in variables.ravel() if item is not None]


def linear(coefficients: Floats, variables: NDArray[np.object_]) -> LinearExpression:
    """``Σ coefficient · variable`` over the coefficients that are not zero and the variables that exist."""
    kept = (coefficients != 0) & (variables != None)  # noqa: E711  elementwise on an array of objects
    return LinearExpression(constant=0, linear_coefs=coefficients[kept].tolist(), linear_vars=variables[kept].tolist())


def terms_expression(frame: Frame, terms: Terms, scale: float) -> LinearExpression:
    """A measure without its constant, in steps of `scale`."""
    step = frame.cells.scale[:, None] / scale
    coefficients = np.concatenate([(terms.on_new * step).ravel(), (terms.on_stock * step).ravel()])
    variables = np.concatenate([frame.new.ravel(), frame.stock.ravel()])
    for values, items in ((terms.on_grant, frame.grant), (terms.on_loan, frame.loan)):
        if items.size and np.any(values):
            spread = np.broadcast_to(np.asarray(values, dtype=float), items.shape)
            coefficients = np.concatenate([coefficients, (spread * frame.scales.fine / scale).ravel()])
            variables = np.concatenate([variables, items.ravel()])
    if frame.scaled.size and np.any(terms.on_scaled):
        coefficients = np.concatenate([coefficients, (terms.on_scaled * scaled_steps(frame.cells) / scale).ravel()])
        variables = np.concatenate([variables, frame.scaled.ravel()])
    for values, items in ((terms.on_least, frame.least), (terms.on_difference, frame.difference), (terms.on_overlap, frame.lost)):
        if items.size and np.any(values):
            coefficients = np.concatenate([coefficients, (np.asarray(values, dtype=float) / scale).ravel()])
            variables = np.concatenate([variables, items.ravel()])
    if terms.on_shortfall and len(frame.shortfall):
        coefficients = np.concatenate([coefficients, np.full(len(frame.shortfall), terms.on_shortfall * frame.scales.tonnes / scale)])
        variables = np.concatenate([variables, frame.shortfall])
    return linear(coefficients, variables)


def scaled_steps(cells: Cells) -> Floats:
    """Steps of the variables for what is left of each class, as a column."""
    return np.array([factor.step for factor in cells.scaled.factors], dtype=float)[:, None]


def measure_scale(unit: str, frame: Frame) -> float:
    """Steps in which a measure is written: as money, as tonnes, or as it is."""
    if unit == frame.inputs.attrs["currency"]:
        return frame.scales.money
    return frame.scales.tonnes if unit in {"t", "t/year"} else 1.0
