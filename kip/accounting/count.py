"""The only place where tonnes, kronor and indicators are added up. No solver."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.arrays import Arrays
from kip.accounting.funding import Transfers, charged_lending, count_funding, no_transfers
from kip.accounting.overlaps import overlap_halves, overlap_losses
from kip.accounting.scaling import count_scaling

__all__ = ["count"]

Floats: TypeAlias = NDArray[np.float64]


def count(inputs: xr.Dataset, new: Floats, transfers: Transfers | None = None) -> xr.Dataset:
    """Every total that follows from what starts where and when.

    Parameters
    ----------
    inputs : xarray.Dataset
        From `build_inputs`.
    new : array (shift, district, start)
        Units that start [unit].
    transfers : Transfers, optional
        Grants and loans; none when left out.

    Returns
    -------
    xarray.Dataset
        What is in use, investment, running cost, reductions, co-benefits, what remains of each activity, emissions,
        budgets, resources, targets and present values; units in attrs.
    """
    data: dict[str, xr.Variable] = {}
    # the parts below only read arrays
    inputs = cast(xr.Dataset, Arrays(inputs))
    used = np.einsum("sdu,suy->sdy", new, inputs["effect"].values)
    _put(data, "new", ("shift", "district", "year"), new, "unit")
    _put(data, "stock", ("shift", "district", "year"), used, "unit")
    _put(data, "in_use", ("shift", "district", "year"), np.einsum("sdu,suy->sdy", new, inputs["in_use_years"].values), "unit")
    _count_money(inputs, new, used, data)
    _count_reference(inputs, new, data)
    count_funding(inputs, transfers or no_transfers(inputs), data)
    scaled = _count_emissions(inputs, new, used, data)
    _count_side_effects(inputs, used, scaled, data)
    _count_limits(inputs, used, data)
    _count_value(inputs, data)
    described = {name: part for name, part in inputs.coords.items() if not {"start", "funding_other"} & set(part.dims)}
    return xr.Dataset(data, described, dict(inputs.attrs))


def _put(data: dict[str, xr.Variable], name: str, dims: tuple[str, ...], values: Any, unit: str) -> None:
    data[name] = xr.Variable(dims, np.asarray(values, dtype=float), {"units": unit})


def _count_money(inputs: xr.Dataset, new: Floats, used: Floats, data: dict[str, xr.Variable]) -> None:
    currency = inputs.attrs["currency"]
    bought = np.einsum("sdu,suy->sdy", new, inputs["bought"].values)
    capex, opex = inputs["capex"].values, inputs["opex"].values
    investment = bought[:, :, None, :] * capex[:, None, :, :]
    operation = used[:, :, None, :] * opex[:, None, :, :]
    dims = ("shift", "district", "actor", "year")
    _put(data, "investment", dims, investment, currency)
    _put(data, "operation", dims, operation, currency)
    # what is left of each cohort: the share of its last purchase, at that year's price
    shifts = np.arange(len(capex))[:, None]
    last_price = capex.transpose(0, 2, 1)[shifts, inputs["last_purchase"].values]
    left = np.einsum("sdu,su,sua->sda", new, inputs["residual_share"].values, last_price)
    _put(data, "residual", dims[:3], left, currency)
    cash = investment + operation
    society = cash @ inputs["discount"].values - float(inputs["end_discount"]) * left
    _put(data, "net_cost", dims[:3], society, currency)
    own = np.einsum("sday,ay->a", cash, inputs["own_discount"].values)
    own = own - left.sum(axis=(0, 1)) * inputs["own_end_discount"].values
    _put(data, "actor_net_cost", ("actor",), own, currency)


def _count_reference(inputs: xr.Dataset, new: Floats, data: dict[str, xr.Variable]) -> None:
    """What would have been paid anyway, beside what comes on top of it; no total that is limited or optimised counts it (§39).

    Bought as often as the shift is. Its running cost is that of all units in use: a profile is of what the shift changes.
    """
    currency, dims = inputs.attrs["currency"], ("shift", "district", "actor", "year")
    bought = np.einsum("sdu,suy->sdy", new, inputs["bought"].values)
    _put(data, "reference_investment", dims, np.einsum("sdy,sa->sday", bought, inputs["reference_capex"].values), currency)
    _put(data, "reference_operation", dims, np.einsum("sdy,sa->sday", data["in_use"].values, inputs["reference_opex"].values), currency)


def _count_emissions(inputs: xr.Dataset, new: Floats, used: Floats, data: dict[str, xr.Variable]) -> Floats:
    """Tonnes; returns what scaling shifts change in the indicators that follow an activity."""
    dims = ("shift", "district", "ledger", "year")
    gross = used[:, :, None, :] * inputs["gross_rate"].values
    reduction = gross * inputs["attribution"].values[:, None, None, None]
    unclaimed = (gross - reduction).sum(axis=(0, 1))
    # what is no reduction stands in accounts of its own and never enters emissions
    _put(data, "complementary", dims, used[:, :, None, :] * inputs["complementary_rate"].values, "t/year")
    _put(data, "gross", dims, gross, "t/year")
    moved = used * inputs["moves"].values
    source, target, ratio = inputs["source"].values, inputs["target_activity"].values, inputs["ratio"].values
    _count_policies(inputs, moved, data)
    remaining = inputs["amount"].values.copy()
    np.add.at(remaining, source[source >= 0], -moved[source >= 0])
    into = target >= 0
    np.add.at(remaining, target[into], (ratio[:, None, None] * moved)[into])
    _put(data, "amount", ("activity", "district", "year"), inputs["amount"].values, "activity unit/year")
    _put(data, "remaining", ("activity", "district", "year"), remaining, "activity unit/year")
    # the other road to emissions: what remains of each activity; stated reductions and what is not additional beside it
    stated = gross[source < 0].sum(axis=(0, 1))
    taken_off, change = count_scaling(inputs, new, remaining, data)
    # what two shifts would both remove is removed once, and each of them loses half of it (§5)
    lost = overlap_losses(inputs, reduction)
    reduction = reduction - overlap_halves(inputs, lost, len(reduction)) + taken_off
    _put(data, "overlap_loss", ("overlap", "district", "ledger", "year"), lost, "t/year")
    _put(data, "reduction", dims, reduction, "t/year")
    emitting = remaining * data["left_emissions"].values
    left = np.einsum("gdy,gly->ly", emitting, inputs["factor"].values)
    _put(data, "other", ("ledger", "year"), inputs["other"].values, "t/year")
    _put(data, "baseline", ("ledger", "year"), inputs["baseline"].values, "t/year")
    _put(data, "emissions", ("ledger", "year"), inputs["other"].values + left - stated + unclaimed + lost.sum(axis=(0, 1)), "t/year")
    _put(data, "activity_emissions", ("activity", "ledger", "year"), np.einsum("gdy,gly->gly", emitting, inputs["factor"].values), "t/year")
    _put(
        data,
        "activity_baseline",
        ("activity", "ledger", "year"),
        np.einsum("gdy,gly->gly", inputs["amount"].values, inputs["factor"].values),
        "t/year",
    )
    _put(data, "lifetime_reduction", ("shift", "ledger"), _lifetime(inputs, new, reduction), "t")
    return change


def _count_policies(inputs: xr.Dataset, moved: Floats, data: dict[str, xr.Variable]) -> None:
    """What the same shifts would remove more without each policy: gross before all policies = gross + the sum of these."""
    taken = inputs["policy_factor"].values
    taken = np.concatenate([taken, np.zeros((len(taken), 1, *taken.shape[2:]))], axis=1)  # the last row is no activity
    source, target = inputs["source"].values, inputs["target_activity"].values
    rate = taken[:, source] - inputs["ratio"].values[:, None, None] * taken[:, target]
    layers = rate * moved.sum(axis=1)[None, :, None, :]
    _put(data, "policy_reduction", ("policy", "shift", "ledger", "year"), layers, "t/year")


def _lifetime(inputs: xr.Dataset, new: Floats, reduction: Floats) -> Floats:
    """Reduction over whole lives: the years after the horizon at the rate of the last year.

    Shifts without a lifetime, renewed ones, and those that scale are counted within the horizon. What two lives overlap after it is the
    same share of the smaller of what remains of them (§5).
    """
    within = reduction.sum(axis=(1, 3))
    beyond = np.nan_to_num(inputs["full_effect"].values)[:, None] - inputs["effect"].values.sum(axis=2)
    renewed = inputs["bought"].values[:, 0, :].sum(axis=1) > 1
    counted = np.isfinite(inputs["full_effect"].values) & ~renewed
    beyond = np.where(counted[:, None], np.maximum(0.0, beyond), 0.0)
    last = inputs["reduction_rate"].values[:, :, :, -1]
    after = np.einsum("sdu,su,sdl->sdl", new, beyond, last)
    after = after - overlap_halves(inputs, overlap_losses(inputs, after), len(after))
    return np.asarray(within + after.sum(axis=1), dtype=float)


def _count_side_effects(inputs: xr.Dataset, used: Floats, scaled: Floats, data: dict[str, xr.Variable]) -> None:
    rate = inputs["own_cobenefit"].values[:, None, :, :] + inputs["moved_cobenefit"].values
    changed = used[:, :, None, :] * rate + scaled
    _put(data, "cobenefit", ("shift", "district", "indicator", "year"), changed, "indicator unit/year")
    in_use = np.einsum("sdy,sr->ry", used, inputs["uses"].values)
    _put(data, "resource_used", ("resource", "year"), in_use, "resource unit")
    _put(data, "supply", ("resource", "year"), inputs["supply"].values, "resource unit")


def _count_limits(inputs: xr.Dataset, used: Floats, data: dict[str, xr.Variable]) -> None:
    currency = inputs.attrs["currency"]
    investment, operation = data["investment"].values, data["operation"].values
    spent = np.zeros(inputs["budget_amount"].shape)
    grants, loans, service = data["grant_received"].values, data["loan"].values.sum(axis=0), data["debt_service"].values.sum(axis=0)
    lent = charged_lending(inputs, data["loan"].values)
    for row, (actor, kind, savings) in enumerate(
        zip(inputs["budget_actor"].values, inputs["budget_kind"].values, inputs["budget_savings"].values, strict=True)
    ):
        running = operation[:, :, actor, :]
        running = running if savings else np.maximum(running, 0.0)
        money = investment[:, :, actor, :].sum(axis=(0, 1)) - grants[actor] - loans[actor] + lent[actor]
        cost = running.sum(axis=(0, 1)) + service[actor]
        # what an actor gives away as a grant is an operating cost of its own
        cost = cost + data["grant_paid"].values[actor]
        spent[row] = money * (kind != "operation") + cost * (kind != "investment")
    _put(data, "budget_amount", ("budget", "year"), inputs["budget_amount"].values, currency)
    _put(data, "budget_spent", ("budget", "year"), spent, currency)
    _count_targets(inputs, data)


def _count_targets(inputs: xr.Dataset, data: dict[str, xr.Variable]) -> None:
    """Level that each target is compared with: emissions, less what complementary measures may count for in a net target."""
    ledgers, years = list(inputs["ledger"].values), list(inputs["year"].values)
    where = [
        (ledgers.index(ledger), years.index(year))
        for ledger, year in zip(inputs["target_ledger"].values, inputs["target_year"].values, strict=True)
    ]
    complementary = data["complementary"].values.sum(axis=(0, 1))
    credited = np.minimum(np.array([complementary[at] for at in where], dtype=float), inputs["target_complementary"].values)
    reached = np.array([data["emissions"].values[at] for at in where], dtype=float) - credited
    _put(data, "target_value", ("target",), inputs["target_value"].values, "t/year")
    _put(data, "target_complementary", ("target",), inputs["target_complementary"].values, "t/year")
    _put(data, "target_credited", ("target",), credited, "t/year")
    _put(data, "target_emissions", ("target",), reached, "t/year")
    _put(data, "shortfall", ("target",), np.maximum(0.0, reached - inputs["target_value"].values), "t/year")


def _count_value(inputs: xr.Dataset, data: dict[str, xr.Variable]) -> None:
    """Worth to society of what the plan gives: indicators and tonnes that have a value, minus net cost."""
    currency = inputs.attrs["currency"]
    worth = np.einsum("sdky,ky->ky", data["cobenefit"].values, inputs["worth"].values)
    tonnes = np.einsum("sdly,ly->ly", data["reduction"].values, inputs["tonne_worth"].values)
    _put(data, "indicator_value", ("indicator", "year"), worth, f"{currency}/year")
    _put(data, "tonne_value", ("ledger", "year"), tonnes, f"{currency}/year")
    discount = inputs["discount"].values
    benefit = float((worth @ discount).sum() + (tonnes @ discount).sum())
    _put(data, "net_benefit", (), benefit - float(data["net_cost"].sum()), currency)
