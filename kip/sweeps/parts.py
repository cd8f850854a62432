"""Batches put together and taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from kip.sweeps.experiment import Batch

__all__ = ["joined", "put_into"]

_ARRAYS = tuple(field.name for field in fields(Batch) if field.name != "reason")


def joined(parts: Sequence[Batch]) -> Batch:
    """Batches of scenarios that follow one another, as one.

    Examples
    --------
    >>> from kip.sweeps.experiment import empty_batch
    >>> one, two = empty_batch(2, 1, 0), empty_batch(3, 1, 0)
    >>> two.reason[0] = "it is infeasible."
    >>> len(joined([one, two])), joined([one, two]).reason
    (5, {2: 'it is infeasible.'})
    """
    if len(parts) == 1:
        return parts[0]
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS}
    begins = np.cumsum([0, *map(len, parts)])
    reasons = {int(begin) + row: text for begin, part in zip(begins, parts, strict=False) for row, text in part.reason.items()}
    return Batch(**arrays, reason=reasons)


def put_into(whole: Batch, place: int, part: Batch) -> None:
    """Write a part into a batch, from a place on."""
    for name in _ARRAYS:
        getattr(whole, name)[place : place + len(part)] = getattr(part, name)
    whole.reason.update({place + row: text for row, text in part.reason.items()})
