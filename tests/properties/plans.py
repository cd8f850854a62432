"""Random small plans that use every rule of the formulation, for the brute force and the property tests."""

from __future__ import annotations

import random
from typing import Any

import kip

PLACES = ("north", "south")


def random_plan(seed: int, *, most_years: int = 4, places: bool | None = None) -> kip.Plan:
    """A small plan in which anything that kip knows may occur; the same seed gives the same plan."""
    rng = random.Random(seed)
    years = list(range(2026, 2026 + rng.randint(1, most_years)))
    split = rng.random() < 0.4 if places is None else places
    actors = [
        kip.Actor(name="municipality"),
        kip.Actor(name="state", kind="state"),
        kip.Actor(name="people", kind="private", discount_rate=0.06),
    ]
    activities = _activities(rng, years, split)
    shifts = [_shift(rng, f"s{row}", years, split, bool(activities)) for row in range(rng.randint(2, 4))]
    enablers = [_enabler(rng, f"e{row}", years, split, [shift["name"] for shift in shifts]) for row in range(rng.randint(0, 1))]
    _relate(rng, shifts, enablers)
    return kip.Plan(
        name=f"random-{seed}",
        years=years,
        start_years=[year for year in years if rng.random() < 0.8 or year == years[0]] if rng.random() < 0.3 else (),
        discount_rate=rng.choice([0.0, 0.035, 0.1]),
        residual=rng.choice(["annuity", "linear", "none"]),
        districts=[kip.District(name=place) for place in PLACES] if split else (),
        actors=actors,
        activities=activities,
        shifts=[kip.Shift(**fields) for fields in shifts],
        enablers=[kip.Enabler(**fields) for fields in enablers],
        budgets=_budgets(rng, years),
        resources=[kip.Resource(name="staff", supply=_path(rng, years, 1.0, 6.0))]
        if rng.random() < 0.5
        else [kip.Resource(name="staff", supply=1000)],
        indicators=[kip.Indicator(name="health", value=_money(rng, 1e3, 1e5)), kip.Indicator(name="noise", direction="down", value=50.0)],
        ledgers=[kip.Ledger(name="main", other={"rest": rng.uniform(0, 300)}, value=rng.choice([None, 1500.0])), kip.Ledger(name="second")],
        targets=[_target(rng, f"t{row}", years) for row in range(rng.randint(0, 2))],
    )


def _target(rng: random.Random, name: str, years: list[int]) -> kip.Target:
    fields: dict[str, Any] = {"base_year": 1990, "base_value": 400.0, "source": "drawn"}
    if rng.random() < 0.4:
        fields |= {"kind": "net", "complementary_share": rng.choice([0.0, 0.05, 0.15])}
    return kip.Target(name=name, year=rng.choice(years), value=rng.uniform(0, 400), **fields)


def _money(rng: random.Random, low: float, high: float) -> float:
    return float(round(rng.uniform(low, high)))


def _path(rng: random.Random, years: list[int], low: float, high: float) -> Any:
    if len(years) > 1 and rng.random() < 0.5:
        return {years[0]: round(rng.uniform(low, high), 2), years[-1]: round(rng.uniform(low, high), 2)}
    return round(rng.uniform(low, high), 2)


def _activities(rng: random.Random, years: list[int], split: bool) -> list[kip.Activity]:
    if rng.random() < 0.3:
        return []

    def amount(low: float, high: float) -> Any:
        return {place: _path(rng, years, low, high) for place in PLACES} if split else _path(rng, years, low, high)

    return [
        kip.Activity(
            name="petrol",
            amount=amount(500, 1500),
            trend=_path(rng, years, 0.8, 1.1),
            factor=_path(rng, years, 0.1, 0.4),
            policies={"blend": 0.1},
        ),
        kip.Activity(name="electric", amount=amount(0, 200), factor={"main": 0.05, "second": 0.02}, indicators={"noise": 0.2}),
        kip.Activity(name="bicycle", amount=0),
    ]


def _common(rng: random.Random, name: str, years: list[int]) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": name, "lead": rng.choice([0, 0, 0, 1, 2])}
    payers = rng.sample(["municipality", "state", "people"], rng.randint(1, 2))
    fields["cost"] = {payer: _money(rng, 1e5, 8e6) for payer in payers}
    if rng.random() < 0.6:
        fields["opex"] = {rng.choice(payers): _money(rng, -2e6, 1e6)}
    if rng.random() < 0.4:
        fields["lifetime"] = rng.randint(1, 5)
        fields["renew"] = rng.random() < 0.5
    if rng.random() < 0.3:
        fields["cost_trend"] = _path(rng, years, 0.7, 1.2)
        fields["opex_trend"] = _path(rng, years, 0.7, 1.2)
    if rng.random() < 0.2:
        fields["earliest"] = rng.choice(years)
    if rng.random() < 0.2:
        fields["latest"] = rng.choice([year for year in years if year >= fields.get("earliest", 0)])
    if rng.random() < 0.4:
        fields["uses"] = {"staff": round(rng.uniform(0.5, 3), 1)}
    return fields


def _shift(rng: random.Random, name: str, years: list[int], split: bool, moving: bool) -> dict[str, Any]:
    fields = _common(rng, name, years)
    counted = rng.random() < 0.3
    fields["choice"] = "units" if counted else "whole"
    fields["attribution"] = rng.choice([1.0, 1.0, 0.8, 0.0])
    fields["uptake"] = rng.choice([1.0, 1.0, 0.7])
    fields["cobenefits"] = {"health": round(rng.uniform(-2, 9), 1)}
    if not counted and rng.random() < 0.3:
        fields["profile"] = rng.choice([(0.5, 1.0), (0.0, 0.5, 1.0), (1.0, 0.5)])
    if rng.random() < 0.3:
        fields["open"] = rng.choice([0.0, 0.5])
    here = rng.sample(PLACES, rng.randint(1, 2)) if split else []
    if moving and rng.random() < 0.6:
        # whole shifts take from the segment that is never short: what they move is then their potential, neither more nor less
        routes = [("petrol", "electric"), ("petrol", "bicycle"), ("petrol", None), *([("electric", "bicycle")] * 3 if counted else [])]
        fields["source"], fields["target"] = rng.choice(routes)
        fields["ratio"] = rng.choice([1.0, 0.8]) if fields["target"] else 1.0
        fields["use"] = rng.choice([1.0, 100.0])
        units = rng.uniform(1, 3) if counted else rng.uniform(50, 390) / fields["use"]
        # where one number would be for all districts together, each district gets its own
        fields["potential"] = {place: round(units, 2) for place in here} if split else round(units, 2)
        if counted:
            fields["use"] = 150.0
    else:
        fields["reduction"] = {"main": _path(rng, years, -10, 60), "second": 3.0} if rng.random() < 0.5 else _path(rng, years, -10, 60)
        fields["districts"] = here if rng.random() < 0.7 else []
        if rng.random() < 0.25:
            fields |= {"counts_as": "complementary", "reduction": _path(rng, years, 0, 60)}
        if counted:
            fields["potential"] = float(rng.randint(1, 2))
    if counted and rng.random() < 0.4:
        fields["ramp"] = float(rng.randint(1, 2))
    return fields


def _enabler(rng: random.Random, name: str, years: list[int], split: bool, shifts: list[str]) -> dict[str, Any]:
    fields = _common(rng, name, years)
    fields["opens"] = {shift: rng.choice([0.5, 1.0]) for shift in shifts if rng.random() < 0.7}
    fields["districts"] = rng.choice([[], [PLACES[0]], list(PLACES)]) if split else []
    return fields


def _relate(rng: random.Random, shifts: list[dict[str, Any]], enablers: list[dict[str, Any]]) -> None:
    order = [*shifts, *enablers]
    for row, fields in enumerate(order):
        for other in order[row + 1 :]:
            waits = other.get("choice", "whole") == "whole"
            draw = rng.random()
            if waits and draw < 0.08:
                fields.setdefault("requires", []).append(other["name"])
            elif waits and draw < 0.2:
                fields.setdefault("requires_any", []).append(other["name"])
            elif draw < 0.28:
                fields.setdefault("excludes", []).append(other["name"])


def _budgets(rng: random.Random, years: list[int]) -> list[kip.Budget]:
    budgets = []
    for actor in ("municipality", "state", "people"):
        for kind in rng.choice([[], ["all"], ["investment", "operation"], ["all", "investment"], ["investment"]]):
            amount: Any = _money(rng, 1e6, 15e6)
            if rng.random() < 0.5:
                amount = {year: _money(rng, 0.5e6, 8e6) for year in years if rng.random() < 0.85} or amount
            budgets.append(kip.Budget(actor=actor, kind=kind, amount=amount, carry_over=rng.random() < 0.5, savings=rng.random() < 0.4))
    return budgets
