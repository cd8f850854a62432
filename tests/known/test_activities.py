"""Kilometres are moved once: worked case C, a chain by hand, and parts that add up to the whole."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import kip

# --- Worked case C: one year, 120 000 SEK, four shifts between four segments; 1 000 km, and t for each 1 000 km

SEGMENTS = {"petrol": (50, Fraction(1, 5)), "diesel": (50, Fraction(9, 50)), "ev": (10, Fraction(1, 20)), "bicycle": (5, Fraction(0))}
SHIFTS = {  # source, target, ratio, cost [SEK/km], potential [1 000 km]
    "petrol_ev": ("petrol", "ev", 1.0, 2.0, 60),
    "diesel_ev": ("diesel", "ev", 1.0, 2.5, 50),
    "ev_bicycle": ("ev", "bicycle", 0.8, 0.5, 100),
    "petrol_bicycle": ("petrol", "bicycle", 0.8, 1.0, 20),
}
MOVES = {"petrol_bicycle": 20.0, "petrol_ev": 30.0, "diesel_ev": 20 / 3, "ev_bicycle": 140 / 3}


def town(budget: float = 120e3, more: dict[str, float] | None = None, wider: dict[str, float] | None = None) -> kip.Plan:
    activities = [
        kip.Activity(name=name, amount=1000 * (amount + (more or {}).get(name, 0)), factor=float(factor) / 1000)
        for name, (amount, factor) in SEGMENTS.items()
    ]
    shifts = [
        kip.Shift(
            name=name,
            choice="share",
            source=source,
            target=target,
            ratio=ratio,
            cost=cost,
            potential=1000 * (potential + (wider or {}).get(name, 0)),
        )
        for name, (source, target, ratio, cost, potential) in SHIFTS.items()
    ]
    return kip.Plan(name="moves", years=[2026], activities=activities, shifts=shifts, budgets=budget)


def test_moves_and_what_remains() -> None:
    best = kip.optimize(town())
    assert best.objective == pytest.approx(117 / 10, rel=1e-9)
    moved = best.dataset["stock"].sum(["district", "year"]).to_series() / 1000
    assert moved.to_dict() == pytest.approx(MOVES, abs=1e-6)
    remaining = best.dataset["remaining"].sum(["district", "year"]).to_series() / 1000
    assert remaining.to_dict() == pytest.approx({"petrol": 0, "diesel": 130 / 3, "ev": 0, "bicycle": 175 / 3}, abs=1e-6)
    assert best.dataset["baseline"].sum().item() == pytest.approx(39 / 2, rel=1e-12)
    # two roads: what was there less what was taken off, and what remains times its factor
    assert best.measure("emissions") == pytest.approx(39 / 5, rel=1e-9)
    assert 39 / 2 - best.objective == pytest.approx(best.measure("emissions"), rel=1e-9)


def test_without_conservation_it_would_claim_more() -> None:
    """12.75 t with 100 000 km out of the electric segment, where 10 000 + 25 000 are: counted as asked, and said to be broken."""
    claimed = {"petrol_ev": 25e3, "ev_bicycle": 100e3, "petrol_bicycle": 20e3}
    counted = kip.evaluate(town(), {name: {2026: units} for name, units in claimed.items()})
    assert counted.measure("reduction") == pytest.approx(12.75, rel=1e-12)
    assert counted.measure("cost") == 120e3
    assert [rule.rule for rule in counted.broken if rule.rule == "conservation"] == ["conservation"]
    assert any("ev" in rule.where and rule.amount == pytest.approx(65e3) for rule in counted.broken)


def test_worth_of_one_more() -> None:
    """Published duals, by solving again with a small step. (One more kilometre also raises the baseline; a reduction does not see it.)"""
    base = kip.optimize(town()).objective
    assert kip.optimize(town(121e3)).objective - base == pytest.approx(3 / 50, abs=1e-6)
    assert kip.optimize(town(more={"petrol": 1})).objective - base == pytest.approx(1 / 20, abs=1e-6)
    assert kip.optimize(town(more={"ev": 1})).objective - base == pytest.approx(1 / 50, abs=1e-6)
    assert kip.optimize(town(more={"diesel": 1})).objective - base == pytest.approx(0, abs=1e-6)
    assert kip.optimize(town(wider={"petrol_bicycle": 1})).objective - base == pytest.approx(9 / 100, abs=1e-6)


# --- Overlap


def test_two_shifts_on_the_same_kilometres_never_remove_more_than_there_is() -> None:
    """Each could take 80 % of 100 Mkm at 200 g: 16 kt each, 32 kt side by side; there are 20 kt."""
    car = kip.Activity(name="car", amount=100e6, factor="200 g CO2e/vkm")
    shifts = [kip.Shift(name=name, choice="share", source="car", potential_share=0.8) for name in ("bicycle", "bus")]
    best = kip.optimize(kip.Plan(name="p", years=[2026], activities=[car], shifts=shifts))
    assert best.objective == pytest.approx(20_000, rel=1e-9)
    assert best.dataset["remaining"].sum().item() == pytest.approx(0, abs=1.0)
    assert best.measure("emissions") >= -1e-6


@pytest.mark.parametrize("choice", ["whole", "units", "share"])
def test_in_every_district_and_year(choice: str) -> None:
    """Three shifts that could each take 60 %, two districts, an amount that falls: never more than there is anywhere."""
    amount = {"north": {2026: 10e6, 2028: 8e6}, "south": 4e6}
    car = kip.Activity(name="car", amount=amount, factor=2e-4)
    shifts = [
        kip.Shift(name=name, choice=choice, source="car", use=1000.0, potential_share=0.6, lifetime=life)
        for name, life in (("a", None), ("b", 2), ("c", 1))
    ]
    best = kip.optimize(kip.Plan(name="p", years=range(2026, 2029), activities=[car], shifts=shifts, residual="none"), gap=0)
    assert (best.dataset["remaining"].values >= -1e-6 * 10e6).all()
    assert best.objective <= best.dataset["baseline"].sum().item() * (1 + 1e-9)
    # whole shifts: 60 % once in each district and year; the others: everything
    share = 0.6 if choice == "whole" else 1.0
    baseline = (10e6 + 9e6 + 8e6 + 3 * 4e6) * 2e-4
    assert best.objective == pytest.approx(share * baseline, rel=1e-3 if choice == "units" else 1e-7)


def test_a_chain_petrol_electric_bicycle_by_hand() -> None:
    """Petrol 1 000 km at 200 g, electric 100 km at 50 g. 600 km go from petrol to electric; 500 km from electric to bicycle (0.8).

    Petrol 400, electric 100 + 600 - 500 = 200, bicycle 0.8 · 500 = 400 km. Emissions before 205 kg; after 80 + 10 + 0 = 90 kg;
    reductions 600 · 150 g = 90 kg and 500 · 50 g = 25 kg, together 115 = 205 - 90.
    """
    activities = [
        kip.Activity(name="petrol", amount=1000, factor=200e-6),
        kip.Activity(name="electric", amount=100, factor=50e-6),
        kip.Activity(name="bicycle", amount=0),
    ]
    shifts = [
        kip.Shift(name="electrify", choice="share", source="petrol", target="electric"),
        kip.Shift(name="cycle", choice="share", source="electric", target="bicycle", ratio=0.8),
    ]
    plan = kip.Plan(name="chain", years=[2026], activities=activities, shifts=shifts)
    counted = kip.evaluate(plan, {"electrify": {2026: 600}, "cycle": {2026: 500}})
    assert not counted.broken
    remaining = counted.dataset["remaining"].sum(["district", "year"]).to_series()
    assert remaining.to_dict() == pytest.approx({"petrol": 400, "electric": 200, "bicycle": 400}, rel=1e-12)
    reduction = counted.by("shift")["reduction [t]"]
    assert reduction.to_dict() == pytest.approx({"electrify": 0.090, "cycle": 0.025}, rel=1e-12)
    assert counted.measure("emissions") == pytest.approx(0.090, rel=1e-12)
    # 701 km out of the electric segment would be 1 more than its 100 and the 600 that came
    assert kip.evaluate(plan, {"electrify": {2026: 600}, "cycle": {2026: 701}}).broken
    # and the best plan takes every kilometre through the chain: 205 kg
    assert kip.optimize(plan).objective == pytest.approx(0.205, rel=1e-9)


# --- Parts and whole


@pytest.fixture(scope="module")
def uneven() -> kip.Portfolio:
    """Numbers without a pattern: 3 districts, 6 years, 3 actors, moving and stated shifts with all choices, an enabler."""
    plan = kip.Plan(
        name="uneven",
        years=range(2026, 2032),
        districts=[{"name": name} for name in ("centre", "north", "south")],
        actors=[{"name": "town"}, {"name": "state", "kind": "state"}, {"name": "people", "kind": "private", "discount_rate": 0.07}],
        activities=[
            {"name": "petrol", "amount": {"centre": {2026: 7.1e6, 2031: 5.3e6}, "north": 3.7e6, "south": 11.3e6}, "factor": 1.77e-4},
            {"name": "electric", "amount": {"centre": 0.9e6, "north": 0.3e6}, "factor": {2026: 2.3e-5, 2031: 1.1e-5}},
            {"name": "bicycle", "amount": {"centre": 2.1e6}, "indicators": {"health": 0.013}},
        ],
        shifts=[
            {
                "name": "cars", "area": "electric", "choice": "units", "source": "petrol", "target": "electric", "use": 12_345, "ramp": 97,
                "cost": {"people": 61_111, "state": 7_003}, "opex": {"people": -9_876}, "lifetime": 3, "open": 0.03,
            },
            {
                "name": "cycle", "area": "active", "choice": "share", "source": "petrol", "target": "bicycle", "ratio": 0.83,
                "potential_share": 0.17, "cost": {"town": 1.37}, "profile": [0.37, 0.71, 1.0], "attribution": 0.93,
            },
            {
                "name": "again", "area": "active", "choice": "share", "source": "electric", "target": "bicycle", "cost": {"town": 0.71},
                "lead": 1,
            },
            {"name": "heat", "area": "other", "reduction": 1234.5, "cost": {"town": 7.7e6, "state": 1.3e6}, "lifetime": 4, "renew": True},
        ],
        enablers=[{"name": "charging", "cost": {"town": 2.9e6}, "opens": {"cars": 0.77}, "districts": ["centre", "south"]}],
        budgets={"town": {2026: 9.1e6, 2027: 3.3e6, 2028: 3.1e6, 2029: 8.9e6, 2030: 1.7e6, 2031: 1.9e6}, "state": 3.1e6, "people": 17e6},
    )  # fmt: skip
    return kip.optimize(plan)


def test_uneven_plan_uses_everything(uneven: kip.Portfolio) -> None:
    assert uneven.found
    assert set(uneven.selected) == {"cars", "cycle", "again", "heat", "charging"}


@pytest.mark.parametrize("what", ["shift", "district", "actor", "year", "area", "control", "actor_kind"])
def test_parts_add_up_to_the_whole(uneven: kip.Portfolio, what: str) -> None:
    parts = uneven.by(what)
    whole = pd.Series(
        {
            "reduction [t]": uneven.measure("reduction"),
            "investment [SEK]": uneven.measure("investment"),
            "running cost [SEK]": uneven.measure("operation"),
            "net present cost [SEK]": uneven.measure("net_cost"),
        }
    )
    for column in parts:
        assert parts[column].sum() == pytest.approx(whole[column], rel=1e-9), column


def test_the_objective_is_the_sum_of_all_cells(uneven: kip.Portfolio) -> None:
    data = uneven.dataset
    assert data["reduction"].values.sum() == pytest.approx(uneven.objective, rel=1e-9)
    by_year = uneven.by("year")["reduction [t]"].to_numpy()
    saved = (data["baseline"] - data["emissions"]).values[0]
    assert by_year == pytest.approx(saved, rel=1e-9)


def test_what_leaves_a_segment_enters_another(uneven: kip.Portfolio) -> None:
    """Kilometres by hand from what is in use: cars 12 345 km each, bicycle trips 0.83 km for each kilometre by car."""
    data = uneven.dataset
    stock = {name: data["stock"].sel(shift=name).values for name in ("cars", "cycle", "again")}
    change = {name: (data["remaining"] - data["amount"]).sel(activity=name).values for name in ("petrol", "electric", "bicycle")}
    near = {"rtol": 1e-9, "atol": 1e-6}
    assert np.allclose(change["petrol"], -12_345 * stock["cars"] - stock["cycle"], **near)
    assert np.allclose(change["electric"], 12_345 * stock["cars"] - stock["again"], **near)
    assert np.allclose(change["bicycle"], 0.83 * stock["cycle"] + stock["again"], **near)
