"""The books of every actor: each krona that moves, by shift, actor and year, out of one and into another."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.loans import debt_service

__all__ = ["LINES", "Books", "books", "given_grants"]

Floats: TypeAlias = NDArray[np.float64]
Books: TypeAlias = dict[str, Floats]

LINES = (
    "investment",
    "running cost",
    "savings",
    "grants received",
    "grants given",
    "loans drawn",
    "debt service",
    "loans given",
    "loans repaid",
)
"""Lines of a cash flow, in their order."""


def books(data: xr.Dataset) -> Books:
    """Every line of the books as an array (shift, actor, year) [currency]: in is positive, out negative.

    After the actors comes whoever is outside the plan, after the shifts what no shift is known for (a loan that no project has use
    for), after the years of the plan those in which annuities still fall due. "left at the end" is a value, not cash: it is booked in
    the first year after the plan (§2).
    """
    shifts, actors, years = (data.sizes[dim] for dim in ("shift", "actor", "year"))
    later = _years_after(data)
    shape = (shifts + 1, actors + 1, years + later)
    lines = {name: np.zeros(shape) for name in (*LINES, "left at the end")}
    inside = (slice(shifts), slice(actors), slice(years))
    lines["investment"][inside] = -data["investment"].values.sum(axis=1)
    running = data["operation"].values
    lines["running cost"][inside] = -np.maximum(running, 0.0).sum(axis=1)
    lines["savings"][inside] = np.maximum(-running, 0.0).sum(axis=1)
    lines["grants received"][inside] = data["grant"].values.sum(axis=(0, 2))
    lines["grants given"][:shifts, :, :years] = -given_grants(data)
    if later:
        lines["left at the end"][:shifts, :actors, years] = data["residual"].values.sum(axis=1)
    _loans(data, lines)
    return lines


def given_grants(data: xr.Dataset) -> Floats:
    """What each funder gives for each shift, as an array (shift, actor, year) [currency]; last, those outside the plan."""
    return _to_funders(data, data["grant"].values.sum(axis=(2, 3)))


def _to_funders(data: xr.Dataset, by_source: Floats) -> Floats:
    """Sums by source (funding, shift, year) as sums by funder (shift, actor, year); sources without one are outside, the last column."""
    _, shifts, years = by_source.shape
    total = np.zeros((data.sizes["actor"] + 1, shifts, years))
    # -1 is both "no funder" and the last place
    np.add.at(total, data["funding_funder"].values, by_source)
    return np.asarray(total.swapaxes(0, 1))


def _loans(data: xr.Dataset, lines: Books) -> None:
    use = data["loan_use"].values.sum(axis=2)
    without = data["loan"].values - use.sum(axis=1)
    # rounding is not a loan without a project
    without = np.where(np.abs(without) > 1e-6, without, 0.0)
    use = np.concatenate([use, without[:, None]], axis=1)
    sources, shifts, actors, years = use.shape
    drawn = np.zeros((sources, shifts, actors, lines["investment"].shape[2]))
    drawn[..., :years] = use
    due = debt_service(data, drawn.reshape(sources, shifts * actors, drawn.shape[3])).reshape(drawn.shape)
    lines["loans drawn"][:, :actors] = drawn.sum(axis=0)
    lines["debt service"][:, :actors] = -due.sum(axis=0)
    lines["loans given"][:] = -_to_funders(data, drawn.sum(axis=2))
    lines["loans repaid"][:] = _to_funders(data, due.sum(axis=2))


def _years_after(data: xr.Dataset) -> int:
    """Years after the plan in which something is still booked."""
    last = data.sizes["year"] - 1
    ends = [1 if data["residual"].values.any() else 0]
    for source, _, year in np.argwhere(data["loan"].values > 0):
        ends.append(int(year) + int(data["funding_term"].values[source]) - last)
    return max(0, *ends)
