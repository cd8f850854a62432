"""Declared overlaps in the formulation: what is lost as variables, bounded from below and above, so that it is exact whatever is asked.

A loss is in steps of the most that it can be, between 0 and 1. A question that wants few tonnes could only gain by a loss that is too
large, and one that wants many by one that is too small; neither is possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyomo.environ as pyo

from kip.optimization.frame import Floats, Frame, Objects, Row, linear
from kip.optimization.losses import AFTER, Loss, Side

__all__ = ["OVERLAP_CONSTRAINTS", "add_overlaps"]


def add_overlaps(model: pyo.ConcreteModel, frame: Frame) -> None:
    """Variables for what is lost; and for which of the two is the smaller, where their sizes do not say so."""
    losses = frame.cells.losses
    frame.lost = np.full(len(losses), None, dtype=object)
    if not losses:
        return
    model.lost = pyo.Var([_name(frame, loss) for loss in losses], bounds=(0.0, 1.0))
    frame.lost[:] = list(model.lost.values())
    open_ones = [row for row, loss in enumerate(losses) if loss.needs_choice]
    if open_ones:
        model.smaller = pyo.Var([_name(frame, losses[row]) for row in open_ones], domain=pyo.Binary)
        frame.smaller = dict(zip(open_ones, model.smaller.values(), strict=True))


def _name(frame: Frame, loss: Loss) -> tuple[str, str, str, int | str]:
    inputs = frame.inputs
    year = "after" if loss.year == AFTER else int(inputs["year"].values[loss.year])
    places = (("overlap", loss.overlap), ("district", loss.place), ("ledger", loss.ledger))
    overlap, district, ledger = (str(inputs[dim].values[row]) for dim, row in places)
    return overlap, district, ledger, year


def _removed(frame: Frame, side: Side, step: float) -> tuple[Floats, Objects]:
    """What a side removes, in steps, as coefficients and variables."""
    units = frame.cells.scale[side.cell] / step
    return np.concatenate([side.on_new, side.on_stock]) * units, np.concatenate([frame.new[side.cell], frame.stock[side.cell]])


def _row(parts: list[tuple[float, tuple[Floats, Objects]]], *others: tuple[float, Any]) -> Any:
    coefficients = [*(factor * values for factor, (values, _) in parts), np.array([factor for factor, _ in others])]
    variables = [*(items for _, (_, items) in parts), np.array([item for _, item in others], dtype=object)]
    return linear(np.concatenate(coefficients), np.concatenate(variables))


def overlap_least(frame: Frame) -> Iterator[Row]:
    r"""While both are in use in full, the loss is all that it can be.

    .. math:: lost_p \ge \frac{removed_{i}}{most_{i}} + \frac{removed_{j}}{most_{j}} - 1

    for a pair :math:`p = (i, j)` in a district, ledger and year; :math:`lost` is in steps of :math:`share \cdot \min(most_i, most_j)`, and
    :math:`removed = rate \cdot stock`. For two whole shifts it is the product of two yes-or-no decisions, exactly; for amounts it is the
    largest convex function below the loss.
    """
    for row, loss in enumerate(frame.cells.losses):
        parts = [(-1.0, _removed(frame, side, side.most)) for side in (loss.one, loss.two)]
        yield _name(frame, loss), -1.0, _row(parts, (1.0, frame.lost[row])), None


def overlap_smaller(frame: Frame) -> Iterator[Row]:
    r"""Where amounts are chosen, a yes-or-no decision says which reduction is the smaller, and the loss follows it.

    .. math:: lost_p \ge \frac{removed_i - most_i\,(1 - smaller_p)}{\min(most_i, most_j)}, \qquad
              lost_p \ge \frac{removed_j - most_j\, smaller_p}{\min(most_i, most_j)}
    """
    for row, which in frame.smaller.items():
        loss = frame.cells.losses[row]
        one, two = loss.one.most / loss.smaller, loss.two.most / loss.smaller
        for number, side, factor, low in ((1, loss.one, -one, -one), (2, loss.two, two, 0.0)):
            body = _row([(-1.0, _removed(frame, side, loss.smaller))], (1.0, frame.lost[row]), (factor, which))
            yield (*_name(frame, loss), number), low, body, None


def overlap_most(frame: Frame) -> Iterator[Row]:
    r"""Nothing more is lost than the share of either: :math:`lost_p \le removed_i / \min(most_i, most_j)`, and the same for :math:`j`.

    It keeps the loss exact where a question could reward a large one: emissions maximised, or a most on the reduction.
    """
    for row, loss in enumerate(frame.cells.losses):
        for number, side in ((1, loss.one), (2, loss.two)):
            body = _row([(-1.0, _removed(frame, side, loss.smaller))], (1.0, frame.lost[row]))
            yield (*_name(frame, loss), number), None, body, 0.0


OVERLAP_CONSTRAINTS = {
    "overlap_least": overlap_least,
    "overlap_smaller": overlap_smaller,
    "overlap_most": overlap_most,
}
"""Named constraints of declared overlaps, in order."""
