"""sensitivity_of: the analysis that fits how the scenarios were sampled (§74)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kip.errors import RequestError, unknown_name
from kip.sensitivity.asked import Named, asked_of
from kip.sensitivity.given_data import given_data_of
from kip.sensitivity.morris import morris_of
from kip.sensitivity.result import Sensitivity
from kip.sensitivity.sobol import sobol_of
from kip.sensitivity.tornado import tornado_of

__all__ = ["METHODS", "method_of", "sensitivity_of"]

METHODS = ("tornado", "morris", "sobol", "given-data")
"""Methods by name."""

_BY_DESIGN = {"one-at-a-time": "tornado", "morris": "morris", "saltelli": "sobol"}
"""The method that a design was made for; any other design is given data."""


def method_of(kind: str, method: str | None = None) -> str:
    """The method for a design.

    Raises
    ------
    RequestError
        When the method is unknown, or needs another design than this one.

    Examples
    --------
    >>> method_of("saltelli"), method_of("lhs"), method_of("saltelli", "given-data")
    ('sobol', 'given-data', 'given-data')
    """
    own = _BY_DESIGN.get(kind, "given-data")
    if method is None:
        return own
    if method not in METHODS:
        raise RequestError(unknown_name("method", method, METHODS))
    if method != own and (method != "given-data" or kind == "one-at-a-time"):
        wanted = next((design for design, fits in _BY_DESIGN.items() if fits == method), "sobol")
        raise RequestError(
            f'method "{method}" does not fit a design of kind "{kind}". Sample with design="{wanted}", or leave method empty.'
        )
    return method


def sensitivity_of(
    values: ArrayLike,
    names: Sequence[str],
    outcome: ArrayLike,
    measured: Named | str,
    design: Mapping[str, Any],
    *,
    method: str | None = None,
    gap: ArrayLike | None = None,
    beside: Mapping[str, Any] | None = None,
) -> Sensitivity:
    """Which inputs move an outcome, by the method that the design was made for.

    Parameters
    ----------
    values : array (scenario, input)
        All scenarios of the design, in its order.
    names : sequence of str
        Of the inputs.
    outcome : array (scenario,)
        NaN where there is no answer. Such scenarios are left out (with their whole block or trajectory) and counted; nothing is filled in.
    measured : Named or str
        Name, unit and title of the outcome, or its name alone.
    design : mapping
        ``kind``: "one-at-a-time" (tornado), "morris" (Morris), "saltelli" (Sobol'); any other is given data (PAWN, delta, trees). ``seed``;
        ``second_order`` (Saltelli, true when left out); ``levels`` (Morris, 4); ``titles``: {input: what people call it}; ``units``:
        {input: unit}; ``labels``: {input: names of its levels}, for inputs that are the place of a level.
    method : {"tornado", "morris", "sobol", "given-data"}, optional
        "given-data" can be asked of any design but one-at-a-time.
    gap : array (scenario,) or float, optional
        Relative gap of the answers, when the outcome is what was optimised [1]: a word is said when it is not small against the spread.
    beside : mapping, optional
        For a tornado: ``fixed``, ``levels`` and ``shifts`` of `kip.sensitivity.tornado.tornado_of`.

    Returns
    -------
    Sensitivity
        With `table`, `sentences`, `ranking` and `plot`.

    Raises
    ------
    RequestError
        When arrays do not fit together, or the method does not fit the design.

    Examples
    --------
    >>> import numpy as np, kip
    >>> ends = np.array([[5.0, 1.0], [4.0, 1.0], [6.0, 1.0], [5.0, 0.0], [5.0, 3.0]])
    >>> found = kip.sensitivity_of(ends, ["cost", "uptake"], ends @ [2.0, -5.0], "net_cost", {"kind": "one-at-a-time"})
    >>> found.table()["swing [1]"].to_dict()
    {'uptake': 15.0, 'cost': 4.0}
    """
    asked = asked_of(values, names, outcome, measured, design, gap)
    which = method_of(asked.kind, method)
    if which == "tornado":
        parts = dict(beside or {})
        arrays = {name: np.asarray(parts[name], dtype=float) for name in ("fixed", "levels") if parts.get(name) is not None}
        return tornado_of(asked, **arrays, shifts=tuple(map(str, parts.get("shifts", ()))))
    analyses = {"morris": morris_of, "sobol": sobol_of, "given-data": given_data_of}
    return analyses[which](asked)
