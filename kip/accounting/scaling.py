"""Shifts that scale: fractions off an activity, its energy or its carbon, multiplied exactly.

A parking fee takes 3 % of the car-kilometres, a tyre rule 2 % of the energy: together they leave 0.97 · 0.98. What is left of
a segment is

    emissions = remaining · factor · Π (1 - fraction),

over what is in use that year; `remaining` is what moving shifts have left of it. The product is split between the shifts by
their logarithms (LMDI; Ang 2004, *Decomposition analysis for policymaking in energy*, Energy Policy 32), which needs no order
and leaves no rest. Pure functions of arrays, and the count that uses them; no solver.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.effects import along
from kip.model import Plan, Shift

__all__ = ["combined", "count_scaling", "frechet_range", "log_mean", "log_shares", "logs_of_links", "rebound_factors", "scaling_table"]

Floats: TypeAlias = NDArray[np.float64]

_LEAST_LEFT = 1e-6
"""What is left at least, where decisions that break the rules (two starts of one shift) would take more than all."""


def combined(fractions: Iterable[float]) -> float:
    """Share that several independent fractions take off together: ``1 - Π(1 - r)`` [1].

    Examples
    --------
    >>> round(combined([0.2, 0.3, 0.1]), 12)
    0.496
    """
    left = 1.0
    for fraction in fractions:
        left *= 1.0 - fraction
    return 1.0 - left


def frechet_range(fractions: Iterable[float]) -> tuple[float, float]:
    """Least and most that fractions can take off together, if nothing is known of how they overlap [1].

    Between all inside the largest one and all beside each other: ``max r <= R <= min(1, Σ r)`` (Fréchet bounds).

    Examples
    --------
    >>> low, high = frechet_range([0.2, 0.3, 0.1])
    >>> low, round(high, 12)
    (0.3, 0.6)
    """
    known = list(fractions)
    return max(known, default=0.0), min(1.0, sum(known))


def log_mean(left: Floats) -> Floats:
    """``(1 - F) / -ln F``: what one unit of logarithm takes off; 1 where nothing is taken off [1].

    Examples
    --------
    >>> log_mean(np.array([1.0, 0.504])).round(6).tolist()
    [1.0, 0.723898]
    """
    taken = -np.log(np.maximum(left, _LEAST_LEFT))
    return np.where(np.abs(taken) < 1e-12, 1.0, (1.0 - left) / np.where(np.abs(taken) < 1e-12, 1.0, taken))


def log_shares(amount: float, fractions: Iterable[float]) -> list[float]:
    """What each fraction takes off an amount, by logarithms: parts that add up to the whole, whatever the order.

    ``amount · (1 - F) · ln(1 - r) / ln F`` with ``F = Π(1 - r)``, in the unit of `amount`.

    Examples
    --------
    >>> [round(part, 3) for part in log_shares(1000, [0.2, 0.3, 0.1])]
    [161.533, 258.196, 76.27]
    """
    logs = np.log1p(-np.array(list(fractions), dtype=float))
    return list(map(float, amount * log_mean(np.exp(logs.sum(keepdims=True))) * -logs))


def rebound_factors(saving: float, rebound: float) -> tuple[float, float]:
    """What an energy saving leaves of the activity and of its energy, when driving becomes cheaper [1].

    ``(1 - saving)^-rebound`` and ``(1 - saving)^(1 - rebound)``.

    Examples
    --------
    >>> activity, energy = rebound_factors(0.3, 0.24)
    >>> round(activity, 6), round(1 - energy, 10)
    (1.089373, 0.2374391401)
    """
    return (1.0 - saving) ** -rebound, (1.0 - saving) ** (1.0 - rebound)


def scaling_table(plan: Plan, items: list[Any], data: dict[str, xr.Variable]) -> None:
    """Add what scales what: one link for each shift and activity, and one for each declared synergy.

    The fraction of a link is ``fraction · uptake · attribution``: what would have happened anyway stays in the emissions.
    """
    activities = {name: row for row, name in enumerate(map(str, data["activity"].values))}
    rows = {item.name: row for row, item in enumerate(items)}
    scaling = [(row, item) for row, item in enumerate(items) if isinstance(item, Shift) and item.scales]
    links = [(row, item, name) for row, item in scaling for name in sorted(item.scales)]
    count = len(plan.years)
    fraction = np.array(
        [along(item.scales[name], plan.years) * item.expected_uptake * item.attribution for _, item, name in links], dtype=float
    ).reshape(len(links), count)
    pairs = sorted(
        {
            (*sorted((row, rows[other])), share)
            for row, item in scaling
            for other, share in item.synergy.items()
        }
    )  # fmt: skip

    def put(name: str, dims: tuple[str, ...], values: Any, unit: str = "") -> None:
        data[name] = xr.Variable(dims, values, {"units": unit})

    put("link_shift", ("link",), np.array([row for row, _, _ in links], dtype=int))
    put("link_activity", ("link",), np.array([activities[name] for _, _, name in links], dtype=int))
    put("link_kind", ("link",), np.array([item.scaling for _, item, _ in links], dtype=object))
    put("link_rebound", ("link",), np.array([item.rebound for _, item, _ in links], dtype=float), "1")
    put("link_fraction", ("link", "year"), fraction, "1")
    put("synergy_one", ("synergy",), np.array([pair[0] for pair in pairs], dtype=int))
    put("synergy_two", ("synergy",), np.array([pair[1] for pair in pairs], dtype=int))
    put("synergy_share", ("synergy",), np.array([pair[2] for pair in pairs], dtype=float), "1")


def count_scaling(inputs: xr.Dataset, new: Floats, remaining: Floats, data: dict[str, xr.Variable]) -> tuple[Floats, Floats]:
    """Count what scaling shifts take off, and add the range that it could lie in.

    Parameters
    ----------
    inputs : xarray.Dataset
        From `build_inputs`.
    new : array (shift, district, start)
        Units that start [unit].
    remaining : array (activity, district, year)
        What moving shifts have left [activity unit/year].
    data : dict
        Gets ``left_emissions`` and ``left_activity`` (activity, district, year) [1], the product and what it is of the
        activity alone; and ``scaled``, ``scaled_low``, ``scaled_high`` (ledger, year) [t/year]: what is taken off in all, and
        the Fréchet range for it. ``policy_reduction`` (policy, shift, ledger, year) gets the part of these shifts.

    Returns
    -------
    reduction : array (shift, district, ledger, year)
        Emissions that each scaling shift takes off [t/year].
    change : array (shift, district, indicator, year)
        Change of indicators that follow the activity [indicator unit/year].
    """
    sizes = inputs.sizes
    shape = (sizes["shift"], sizes["district"])
    reduction = np.zeros((*shape, sizes["ledger"], sizes["year"]))
    change = np.zeros((*shape, sizes["indicator"], sizes["year"]))
    used = np.einsum("sdu,suy->sdy", new, inputs["effect"].values)
    on_emissions, on_activity = logs_of_links(inputs, used, np.einsum("sdu,suy->sdy", new, inputs["in_use_years"].values))
    left, less = _left(inputs, on_emissions), _left(inputs, on_activity)
    for name, values in (("left_emissions", left), ("left_activity", less)):
        data[name] = xr.Variable(("activity", "district", "year"), values, {"units": "1"})
    low = high = np.zeros((sizes["ledger"], sizes["year"]))
    if sizes["link"]:
        shift, activity = inputs["link_shift"].values, inputs["link_activity"].values
        factor, intensity = inputs["factor"].values, inputs["intensity"].values
        tonnes, amounts = remaining * log_mean(left), remaining * log_mean(less)
        for link, (row, of) in enumerate(zip(shift, activity, strict=True)):
            emitting = tonnes[of] * -on_emissions[link]
            reduction[row] += emitting[:, None, :] * factor[of][None]
            # the same kilometres at the factor before policies: what each policy has taken of this shift's tonnes
            data["policy_reduction"].values[:, row] += emitting.sum(axis=0) * inputs["policy_factor"].values[:, of]
            change[row] += (amounts[of] * on_activity[link])[:, None, :] * intensity[of][None]
        low, high = _range(inputs, on_emissions, remaining)
    taken = np.einsum("gdy,gly->ly", remaining * (1.0 - left), inputs["factor"].values)
    for name, values in (("scaled", taken), ("scaled_low", low), ("scaled_high", high)):
        data[name] = xr.Variable(("ledger", "year"), values, {"units": "t/year"})
    return reduction, change


def logs_of_links(inputs: xr.Dataset, used: Floats, in_use: Floats) -> tuple[Floats, Floats]:
    """Logarithm of what each link leaves of the emissions and of the activity.

    Parameters
    ----------
    inputs : xarray.Dataset
        From `build_inputs`.
    used, in_use : array (…, shift, district, year)
        What is in use, with its profile and without it [unit]; dimensions before these are kept.

    Returns
    -------
    on_emissions, on_activity : array (…, link, district, year)
    """
    shift, kind = inputs["link_shift"].values, inputs["link_kind"].values
    taken = inputs["link_fraction"].values[:, None, :] * np.clip(_here_or_everywhere(used[..., shift, :, :]), 0.0, 1.0)
    one = np.log(np.maximum(1.0 - taken, _LEAST_LEFT))
    rebound = inputs["link_rebound"].values[:, None, None]
    is_activity, is_energy = ((kind == name)[:, None, None] for name in ("activity", "energy"))
    on_emissions = np.where(is_energy, (1.0 - rebound) * one, one)
    on_activity = np.where(is_activity, one, np.where(is_energy, -rebound * one, 0.0))
    alive = _here_or_everywhere((in_use > 0.5).astype(float)) > 0.5
    activity = inputs["link_activity"].values
    for first, second, share in zip(*(inputs[f"synergy_{part}"].values for part in ("one", "two", "share")), strict=True):
        both = np.log1p(-share) * (alive[..., first, :, :] & alive[..., second, :, :])
        for one_link in np.flatnonzero(shift == first):
            for two_link in np.flatnonzero((shift == second) & (activity == activity[one_link])):
                # neither of the two has more part in it than the other
                on_emissions[..., [one_link, two_link], :, :] += both[..., None, :, :] / 2.0
                if kind[one_link] == kind[two_link] == "activity":
                    on_activity[..., [one_link, two_link], :, :] += both[..., None, :, :] / 2.0
    return on_emissions, on_activity


def _left(inputs: xr.Dataset, logs: Floats) -> Floats:
    total = np.zeros((inputs.sizes["activity"], inputs.sizes["district"], inputs.sizes["year"]))
    np.add.at(total, inputs["link_activity"].values, logs)
    return np.asarray(np.exp(total))


def _here_or_everywhere(values: Floats) -> Floats:
    """Decided in the district itself, or once for the whole municipality (the last district)."""
    reach = values.copy()
    reach[..., :-1, :] += values[..., -1:, :]
    return reach


def _range(inputs: xr.Dataset, logs: Floats, remaining: Floats) -> tuple[Floats, Floats]:
    """Fréchet range of what is taken off, summed over segments, as two arrays (ledger, year)."""
    alone = np.maximum(0.0, 1.0 - np.exp(logs))
    low, total = np.zeros_like(remaining), np.zeros_like(remaining)
    np.maximum.at(low, inputs["link_activity"].values, alone)
    np.add.at(total, inputs["link_activity"].values, alone)
    factor = inputs["factor"].values
    ends = [np.einsum("gdy,gly->ly", remaining * part, factor) for part in (low, np.minimum(1.0, total))]
    return ends[0], ends[1]
