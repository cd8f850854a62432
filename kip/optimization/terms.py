"""A measure as a linear function of the decisions: coefficients on what starts and on what is in use.

The second road to every total. `kip.accounting.count` adds flows up; here the same measure is a constant and two tables
of coefficients, and `kip.optimize` demands that both give the same number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.measures import Measure, payers
from kip.optimization.cells import Cells
from kip.optimization.losses import AFTER, years_after

__all__ = ["Terms", "budget_terms", "lost_in", "measure_terms", "overlap_terms", "scaled_terms"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Terms:
    """``constant + Σ on_new[c,u] · new[c,u] + Σ on_stock[c,y] · stock[c,y] + Σ on_scaled[k,y] · left[k,y] + …``.

    Attributes
    ----------
    on_new, on_stock : array (cell, year)
        Coefficients for each unit that starts, and for each unit in use.
    constant : float
    on_shortfall : float
    on_grant : array (funding, cell, actor, year), or 0
        Coefficients for each krona of a grant.
    on_loan : array (funding, actor, year), or 0
        Coefficients for each krona of a loan.
    on_scaled : array (factor, year), or 0
        Coefficients for what is left of each class of scaled segments.
    on_least : array (fairness,), or 0
        Coefficients for each step of the smallest gain of a fairness rule.
    on_difference : array (fairness, party, party), or 0
        Coefficients for each step of the difference between two parties.
    on_budget : array (share,), or 0
        Coefficients for each step of a share of the budgets (`kip.optimization.budget_share`).
    on_overlap : array (loss,), or 0
        Coefficients for each step of what declared overlaps take.
    """

    on_new: Floats
    on_stock: Floats
    constant: float = 0.0
    on_shortfall: float = 0.0
    on_grant: Floats | float = 0.0
    on_loan: Floats | float = 0.0
    on_scaled: Floats | float = 0.0
    on_least: Floats | float = 0.0
    on_difference: Floats | float = 0.0
    on_budget: Floats | float = 0.0
    on_overlap: Floats | float = 0.0

    def __add__(self, other: Terms) -> Terms:
        return Terms(
            self.on_new + other.on_new,
            self.on_stock + other.on_stock,
            self.constant + other.constant,
            self.on_shortfall + other.on_shortfall,
            self.on_grant + other.on_grant,
            self.on_loan + other.on_loan,
            self.on_scaled + other.on_scaled,
            self.on_least + other.on_least,
            self.on_difference + other.on_difference,
            self.on_budget + other.on_budget,
            self.on_overlap + other.on_overlap,
        )

    def __mul__(self, factor: float) -> Terms:
        return Terms(
            self.on_new * factor,
            self.on_stock * factor,
            self.constant * factor,
            self.on_shortfall * factor,
            self.on_grant * factor,
            self.on_loan * factor,
            self.on_scaled * factor,
            self.on_least * factor,
            self.on_difference * factor,
            self.on_budget * factor,
            self.on_overlap * factor,
        )

    __rmul__ = __mul__

    def at(self, weights: Floats) -> Terms:
        """The part of it that arises in some places: each cell times its weight. What has no place is left out, and so is what scales
        or overlaps: `measure_terms` weighs that by place itself.
        """
        on_grant = self.on_grant * weights[None, :, None, None] if isinstance(self.on_grant, np.ndarray) else self.on_grant
        return Terms(self.on_new * weights[:, None], self.on_stock * weights[:, None], on_grant=on_grant)

    @property
    def largest(self) -> float:
        """Largest coefficient, without sign; 0 when nothing changes the measure."""
        whole = (self.on_new, self.on_stock, self.on_grant, self.on_loan, self.on_scaled, self.on_least, self.on_difference, self.on_budget)
        parts = [np.abs(part).max(initial=0.0) for part in (*whole, self.on_overlap)]
        return float(max(*parts, abs(self.on_shortfall)))


def measure_terms(measure: Measure, inputs: xr.Dataset, cells: Cells, weights: Floats | None = None) -> Terms:
    """Coefficients of a measure in base units.

    Parameters
    ----------
    measure : Measure
        From `kip.accounting.measures.parse_measure`; its `key` may also be a kind of actor.
    inputs : xarray.Dataset
        From `kip.accounting.inputs.build_inputs`.
    cells : Cells
        Shift by district.
    weights : array (district,), optional
        Only what arises in these places, each times its weight; all of it when left out.
    """
    terms = _plain_terms(measure, inputs, cells)
    terms = terms if weights is None else terms.at(weights[cells.place])
    terms = terms + _overlap_part(measure, inputs, cells, weights)
    return terms + _scaled_part(measure, inputs, cells, np.ones(1) if weights is None else weights)


def _overlap_part(measure: Measure, inputs: xr.Dataset, cells: Cells, weights: Floats | None) -> Terms:
    """What declared overlaps take from a measure of tonnes, each place times its weight; the value of tonnes has it in `_worth`."""
    years, ledgers = inputs["year"].values, inputs["ledger"].values
    if measure.base not in {"reduction", "emissions", "lifetime_reduction"}:
        return overlap_terms(cells, np.zeros((len(ledgers), len(years))))
    when = np.ones(len(years), dtype=bool) if measure.year is None else years == measure.year
    weight = ((ledgers == inputs.attrs["main_ledger"])[:, None] & when[None, :]) * (1.0 if measure.base == "emissions" else -1.0)
    return overlap_terms(cells, weight, measure.base == "lifetime_reduction", weights)


def lost_in(inputs: xr.Dataset, cells: Cells, ledger: int, year: int) -> Terms:
    """Tonnes that declared overlaps take in one year on one ledger, by their rows."""
    weight = np.zeros((inputs.sizes["ledger"], inputs.sizes["year"]))
    weight[ledger, year] = 1.0
    return overlap_terms(cells, weight)


def overlap_terms(cells: Cells, weight: Floats, after: bool = False, places: Floats | None = None) -> Terms:
    """``Σ weight · lost``: what declared overlaps take, weighed.

    Parameters
    ----------
    cells : Cells
    weight : array (ledger, year)
        What a tonne counts for.
    after : bool
        Whether what is lost after the horizon counts as well, as a tonne of the last year.
    places : array (district,), optional
        Weight of each place; 1 when left out.
    """
    none = np.zeros(cells.shape)
    values = [
        (weight[loss.ledger, loss.year] if loss.year != AFTER or after else 0.0)
        * loss.step
        * (1.0 if places is None else places[loss.place])
        for loss in cells.losses
    ]
    return Terms(none, none, on_overlap=np.array(values, dtype=float) if values else 0.0)


def _scaled_part(measure: Measure, inputs: xr.Dataset, cells: Cells, weights: Floats) -> Terms:
    """What scaling shifts do to a measure, each place times its weight (or everything times one)."""
    years = inputs["year"].values
    when = (np.ones(len(years), dtype=bool) if measure.year is None else years == measure.year) * weights[:, None]
    if measure.base == "indicator":
        row = list(inputs["indicator"].values).index(measure.key)
        return scaled_terms(cells, -inputs["intensity"].values[:, None, row] * when, "activity")
    if measure.base in {"reduction", "emissions", "lifetime_reduction"}:
        main = list(inputs["ledger"].values).index(inputs.attrs["main_ledger"])
        sign = -1.0 if measure.base == "emissions" else 1.0
        return scaled_terms(cells, sign * inputs["factor"].values[:, None, main] * when, "emissions")
    return Terms(np.zeros(cells.shape), np.zeros(cells.shape))


def _plain_terms(measure: Measure, inputs: xr.Dataset, cells: Cells) -> Terms:
    """A measure without what scaling shifts do to it."""
    none = Terms(np.zeros(cells.shape), np.zeros(cells.shape))
    years = inputs["year"].values
    when = np.ones(len(years), dtype=bool) if measure.year is None else years == measure.year
    if measure.base == "shortfall":
        return Terms(none.on_new, none.on_stock, on_shortfall=1.0)
    if measure.base == "grants":
        kept = inputs["funding"].values == measure.key if measure.key else np.ones(inputs.sizes["funding"], dtype=bool)
        return replace(none, on_grant=_grants(inputs, cells) + (kept[:, None, None, None] * when[None, None, None, :]))
    if measure.base in {"least", "sen"}:
        # written with the rules of fairness, which are made of the terms of other measures
        from kip.optimization.fairness import fairness_terms

        return fairness_terms(measure.base, measure.key, inputs, cells)
    if measure.base == "adopted":
        mine = inputs["shift"].values[cells.shift] == measure.key
        return Terms(mine[:, None] * when[None, :] * 1.0, none.on_stock)
    if measure.base == "indicator":
        row = list(inputs["indicator"].values).index(measure.key)
        return Terms(none.on_new, _cobenefit(inputs, cells)[:, row] * when)
    if measure.base in {"reduction", "emissions", "lifetime_reduction", "complementary"}:
        return _tonnes(measure, inputs, cells, when)
    if measure.base == "net_benefit":
        return _worth(inputs, cells) + -1.0 * _net_cost("", inputs, cells)
    if measure.base == "net_cost":
        return _net_cost(measure.key, inputs, cells)
    return _cash(measure, inputs, cells, when)


def _cobenefit(inputs: xr.Dataset, cells: Cells) -> Floats:
    own = inputs["own_cobenefit"].values[cells.shift]
    return np.asarray(own + inputs["moved_cobenefit"].values[cells.shift, cells.place])


def _tonnes(measure: Measure, inputs: xr.Dataset, cells: Cells, when: NDArray[np.bool_]) -> Terms:
    main = list(inputs["ledger"].values).index(inputs.attrs["main_ledger"])
    kind = "complementary_rate" if measure.base == "complementary" else "reduction_rate"
    rate = inputs[kind].values[cells.shift, cells.place, main]
    none = np.zeros(cells.shape)
    if measure.base == "emissions":
        return Terms(none, -rate * when, constant=float(inputs["baseline"].values[main, when].sum()))
    if measure.base == "complementary":
        return Terms(none, rate * when)
    if measure.base == "reduction":
        return Terms(none, rate * when)
    return Terms(years_after(inputs)[cells.shift] * rate[:, -1:], rate)


def _kept(key: str, inputs: xr.Dataset) -> NDArray[np.bool_]:
    actors = inputs["actor"].values
    return np.asarray(actors == key) if key in actors else payers(inputs, key)


def _cash(measure: Measure, inputs: xr.Dataset, cells: Cells, when: NDArray[np.bool_]) -> Terms:
    kept = _kept(measure.key, inputs)
    none = np.zeros(cells.shape)
    capex = inputs["capex"].values[:, kept].sum(axis=1) * when
    opex = inputs["opex"].values[:, kept].sum(axis=1) * when
    on_new = np.einsum("suy,sy->su", inputs["bought"].values, capex)[cells.shift] if measure.base != "operation" else none
    on_stock = opex[cells.shift] if measure.base != "investment" else none
    if measure.base == "cost" and measure.key:
        return Terms(on_new, on_stock, on_grant=-_grants_of(kept, inputs, cells) * when)
    return Terms(on_new, on_stock)


def _grants(inputs: xr.Dataset, cells: Cells) -> Floats:
    return np.zeros((inputs.sizes["funding"], cells.shape[0], inputs.sizes["actor"], cells.shape[1]))


def _grants_of(kept: NDArray[np.bool_], inputs: xr.Dataset, cells: Cells) -> Floats:
    """What a krona of each grant means for some actors: received by one of them, paid by one of them, or both."""
    funder = inputs["funding_funder"].values
    pays = np.array([row >= 0 and bool(kept[row]) for row in funder], dtype=float)
    value = kept.astype(float)[None, None, :, None] - pays[:, None, None, None]
    return np.asarray(_grants(inputs, cells) + value)


def _net_cost(key: str, inputs: xr.Dataset, cells: Cells) -> Terms:
    """Present value of investment and running cost, minus what is left at the end; one actor at its own rate."""
    kept = _kept(key, inputs)
    single = key in inputs["actor"].values
    discount = inputs["own_discount"].values[kept][0] if single else inputs["discount"].values
    end = float(inputs["own_end_discount"].values[kept][0]) if single else float(inputs["end_discount"])
    capex = inputs["capex"].values[:, kept].sum(axis=1)
    opex = inputs["opex"].values[:, kept].sum(axis=1)
    bought = np.einsum("suy,sy,y->su", inputs["bought"].values, capex, discount)
    rows = np.arange(len(capex))[:, None]
    left = end * inputs["residual_share"].values * capex[rows, inputs["last_purchase"].values]
    terms = Terms((bought - left)[cells.shift], (opex * discount)[cells.shift])
    if key in {"", "societal"}:
        return terms
    terms = replace(terms, on_grant=-_grants_of(kept, inputs, cells) * discount)
    if not single:
        return terms
    rate = float(discount[0] / discount[1] - 1.0) if len(discount) > 1 else 1.0 / end - 1.0
    mine = kept.astype(float)[None, :] - (inputs["funding_funder"].values == np.flatnonzero(kept)[0])[:, None]
    return replace(terms, on_loan=_burden(inputs, rate, discount)[:, None, :] * mine[:, :, None])


def _burden(inputs: xr.Dataset, rate: float, discount: Floats) -> Floats:
    """Present value of the annuities of one krona borrowed, less the krona, as (funding, year); its opposite for who lends it."""
    years = np.arange(len(discount))
    rows = [
        sum((yearly * (1.0 + rate) ** -(years + later) for later in range(1, int(term) + 1)), start=-discount)
        for yearly, term in zip(inputs["funding_annuity"].values, inputs["funding_term"].values, strict=True)
    ]
    return np.array(rows, dtype=float).reshape(len(rows), len(discount))


def _worth(inputs: xr.Dataset, cells: Cells) -> Terms:
    discount = inputs["discount"].values
    value = np.einsum("cky,ky,y->cy", _cobenefit(inputs, cells), inputs["worth"].values, discount)
    rate = inputs["reduction_rate"].values[cells.shift, cells.place]
    value += np.einsum("cly,ly,y->cy", rate, inputs["tonne_worth"].values, discount)
    tonnes = np.einsum("gly,ly,y->gy", inputs["factor"].values, inputs["tonne_worth"].values, discount)
    follows = np.einsum("gky,ky,y->gy", inputs["intensity"].values, inputs["worth"].values, discount)
    scaled = scaled_terms(cells, tonnes[:, None], "emissions") + scaled_terms(cells, -follows[:, None], "activity")
    lost = overlap_terms(cells, -inputs["tonne_worth"].values * discount)
    return Terms(np.zeros(cells.shape), value) + scaled + lost


def scaled_terms(cells: Cells, weight: Floats, kind: str) -> Terms:
    """``Σ weight · (remaining - left)``: what scaling shifts take off, weighed.

    Parameters
    ----------
    cells : Cells
    weight : array (activity, district or 1, year)
        What a unit of activity counts for.
    kind : {"emissions", "activity"}
    """
    factors = cells.scaled.factors
    if not factors:
        return Terms(np.zeros(cells.shape), np.zeros(cells.shape))
    on_stock, on_scaled, constant = np.zeros(cells.shape), np.zeros((len(factors), cells.shape[1])), 0.0
    for row, factor in cells.scaled.of(kind):
        weights = np.array([weight[activity, place if weight.shape[1] > 1 else 0] for activity, place in factor.segments])
        constant += float((weights * factor.amount).sum())
        on_scaled[row] = -factor.weight_of(weights) if factor.moved else -(weights * factor.amount).sum(axis=0)
        for segment, each in zip(factor.segments, weights, strict=True):
            for cell, units in cells.scaled.moves.get(segment, []):
                on_stock[cell] += each * units
    return Terms(np.zeros(cells.shape), on_stock, constant, on_scaled=on_scaled)


def budget_terms(row: int, inputs: xr.Dataset, cells: Cells) -> tuple[Floats, Floats]:
    """What a budget pays: for each unit that starts, as (cell, start, year), and for each unit in use, as (cell, year)."""
    actor, kind = int(inputs["budget_actor"].values[row]), str(inputs["budget_kind"].values[row])
    capex, opex = inputs["capex"].values[:, actor], inputs["opex"].values[:, actor]
    if not inputs["budget_savings"].values[row]:
        opex = np.maximum(opex, 0.0)
    on_new = inputs["bought"].values * capex[:, None, :] * (kind != "operation")
    return on_new[cells.shift], (opex * (kind != "investment"))[cells.shift]
