"""Plain: any function of named numbers as an experiment, for test functions and for models of one's own."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.errors import RequestError
from kip.sweeps.answers import Answered, as_block, invalid, write_down
from kip.sweeps.cases import save_numbers
from kip.sweeps.experiment import Batch, Measured, empty_batch

__all__ = ["Plain"]

Floats: TypeAlias = NDArray[np.float64]


class Plain:
    """A function of named numbers, asked in each scenario.

    Parameters
    ----------
    function : callable
        Called with the parameters by name; returns a number, or {outcome: number}. For workers in other processes it must be
        importable, as for every pool of processes.
    parameters : sequence of str
    outcomes : sequence of str
        Names of what is kept of the answer; one name when it is a number.
    name : str, optional
        What it is called in provenance; the function's own name when left out.
    identity : str, optional
        Change it when the function has changed; made from its name and code when left out.

    Examples
    --------
    >>> import numpy as np
    >>> asked = Plain(lambda x, y: {"sum": x + y}, ["x", "y"], ["sum"])
    >>> asked.run(np.array([[1.0, 2.0], [3.0, 4.0]])).outcome.ravel().tolist()
    [3.0, 7.0]
    """

    def __init__(
        self,
        function: Callable[..., float | Mapping[str, float]],
        parameters: Sequence[str],
        outcomes: Sequence[str] = ("outcome",),
        name: str = "",
        identity: str = "",
    ) -> None:
        wrong = []
        if isinstance(parameters, str) or not parameters:
            wrong.append(f"parameters={parameters!r}: give a list of names.")
        if isinstance(outcomes, str) or not outcomes:
            wrong.append(f"outcomes={outcomes!r}: give a list of names.")
        if wrong:
            raise RequestError("\n".join(wrong))
        self.function = function
        self._parameters = tuple(map(str, parameters))
        self._outcomes = tuple(map(str, outcomes))
        self.name = name or getattr(function, "__name__", type(function).__name__)
        self._identity = identity

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names that the function is called with."""
        return self._parameters

    @property
    def outcomes(self) -> tuple[Measured, ...]:
        """What is kept of its answer."""
        return tuple(Measured(name, "", name) for name in self._outcomes)

    @property
    def shifts(self) -> tuple[str, ...]:
        """None: a plain function starts nothing."""
        return ()

    @property
    def identity(self) -> str:
        """Of the function by its name and code, of the parameters and the outcomes."""
        code = getattr(self.function, "__code__", None)
        parts: list[Any] = [self.name, self._identity, self._parameters, self._outcomes]
        if code is not None:
            parts += [
                code.co_code.hex(),
                repr([constant for constant in code.co_consts if not hasattr(constant, "co_code")]),
                code.co_names,
            ]
        return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:24]

    @property
    def about(self) -> dict[str, str | float]:
        """Provenance, as plain text and numbers."""
        from kip import __version__

        return {"mode": "function", "function": self.name, "kip_version": __version__}

    def run(self, values: Floats) -> Batch:
        """What comes of each row of values; what the function raises is the reason of a failed scenario."""
        values = as_block(values, len(self._parameters))
        batch = empty_batch(len(values), len(self._outcomes), 0)
        for place, row in enumerate(values):
            began = time.perf_counter()
            write_down(batch, place, self._one(row), time.perf_counter() - began)
        return batch

    def _one(self, row: Floats) -> Answered:
        try:
            given = self.function(**dict(zip(self._parameters, row.tolist(), strict=True)))
        except Exception as error:  # one scenario never ends a sweep
            return invalid("failed", f"{type(error).__name__}: {error}", len(self._outcomes), 0)
        table = given if isinstance(given, Mapping) else {self._outcomes[0]: given}
        missing = [name for name in self._outcomes if name not in table]
        if missing:
            return invalid(
                "failed", f"the function gave no {', '.join(missing)}, only {', '.join(map(str, table))}.", len(self._outcomes), 0
            )
        try:
            outcome = np.array([float(table[name]) for name in self._outcomes])
        except (TypeError, ValueError) as error:
            return invalid("failed", f"an outcome is no number: {error}", len(self._outcomes), 0)
        if np.isnan(outcome).any():
            names = [name for name, value in zip(self._outcomes, outcome, strict=True) if np.isnan(value)]
            return invalid("failed", f"NaN in {', '.join(names)}.", len(self._outcomes), 0)
        return Answered("evaluated", outcome, np.zeros(0))

    def save_case(self, values: Floats, folder: Path) -> Path:
        """Write the numbers of a scenario."""
        return save_numbers(self._parameters, np.asarray(values, dtype=float), folder)
