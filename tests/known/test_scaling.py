"""Shifts that scale: the known answers of the product, its bounds, its tangents, rebound, and plans where adding up picks wrong."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

import kip
from kip.accounting.inputs import build_inputs
from kip.accounting.scaling import combined, frechet_range, log_shares, rebound_factors
from kip.optimization.compiled import compile_model
from kip.optimization.formulation import build_model, frame_of
from kip.optimization.kernel import solve
from kip.optimization.question import Question

near = pytest.approx


# -- KAT-2 a: E0 = 1000 t, fractions .2, .3, .1


def three(**more: object) -> kip.Plan:
    return kip.Plan(
        name="three",
        years=[2026],
        activities=[kip.Activity(name="car", amount=1000, factor=1)],
        shifts=[kip.Shift(name=f"s{place}", cost=1, scales={"car": fraction}) for place, fraction in enumerate([0.2, 0.3, 0.1])],
        budgets={"municipality": 100},
        **more,
    )


def test_three_fractions_multiply() -> None:
    done = kip.evaluate(three(), ["s0", "s1", "s2"])
    assert done.measure("reduction") == near(496)  # 1000 (1 - .8 · .7 · .9)
    assert done.measure("emissions") == near(504)
    assert combined([0.2, 0.3, 0.1]) == near(0.496)


def test_parts_by_logarithms_add_up() -> None:
    # 1000 · 0.496 · ln(1 - r) / ln(0.504)
    expected = [161.533, 258.196, 76.270]
    assert log_shares(1000, [0.2, 0.3, 0.1]) == near(expected, abs=5e-4)
    done = kip.evaluate(three(), ["s0", "s1", "s2"])
    assert done.by("shift")["reduction [t]"].tolist() == near(expected, abs=5e-4)
    assert done.by("shift")["reduction [t]"].sum() == near(496)


def test_range_when_nothing_is_known_of_the_overlap() -> None:
    assert frechet_range([0.2, 0.3, 0.1]) == near((0.3, 0.6))
    data = kip.evaluate(three(), ["s0", "s1", "s2"]).dataset
    assert [data[name].item() for name in ("scaled_low", "scaled", "scaled_high")] == near([300, 496, 600])
    # Bonferroni: S - Σ r_i r_j = 490 is below, 1 - e^-S = 451.188 and (1 - 1/e) min(1, S) = 379.272 too
    total = 0.2 + 0.3 + 0.1
    pairs = 0.2 * 0.3 + 0.2 * 0.1 + 0.3 * 0.1
    assert 1000 * (total - pairs) == near(490)
    assert 1000 * (1 - math.exp(-total)) == near(451.188, abs=5e-4)
    assert 1000 * (1 - 1 / math.e) * min(1, total) == near(379.272, abs=5e-4)


# -- KAT-2 b: adding up picks A and B, the product picks one of them and C


def test_two_on_one_segment_are_worth_less_than_one_on_each() -> None:
    plan = kip.Plan(
        name="two-segments",
        years=[2026],
        activities=[kip.Activity(name="one", amount=100, factor=1), kip.Activity(name="two", amount=100, factor=1)],
        shifts=[
            kip.Shift(name="A", cost=5, scales={"one": 0.5}),
            kip.Shift(name="B", cost=5, scales={"one": 0.5}),
            kip.Shift(name="C", cost=5, scales={"two": 0.4}),
        ],
        budgets={"municipality": 10},
    )
    assert kip.evaluate(plan, ["A", "B"]).measure("reduction") == near(75)  # adding up believes 100
    best = kip.optimize(plan, gap=0)
    assert best.objective == near(90)
    assert best.bound == near(90)
    assert set(best.selected) in ({"A", "C"}, {"B", "C"})


# -- KAT-2 c: how far a tangent can be below, by spacing


@pytest.mark.parametrize(("spacing", "gap"), [(0.05, 3.1244e-4), (0.1, 1.24905e-3), (0.2, 4.98476e-3), (0.4, 1.97579e-2)])
def test_tangents_at_a_spacing(spacing: float, gap: float) -> None:
    """The model's two first tangents, at the ends of L in [-spacing, 0]: how far below the exponential they let it go."""
    plan = kip.Plan(
        name="one",
        years=[2026],
        activities=[kip.Activity(name="car", amount=1000, factor=1)],
        shifts=[kip.Shift(name="fee", cost=1, scales={"car": 1 - math.exp(-spacing)})],
    )
    model = build_model(build_inputs(plan), Question(maximize="reduction"))
    compiled = compile_model(model, frame_of(model))
    # where the two tangents cross, above the left point
    meet = spacing * math.exp(spacing) / (math.exp(spacing) - 1) - 1 - spacing
    problem = compiled.problem
    low, high, cost = problem.low.copy(), problem.high.copy(), np.zeros(problem.columns)
    low[compiled.logs[0, 0]] = high[compiled.logs[0, 0]] = meet
    cost[compiled.scaled[0, 0]] = 1.0
    least = solve(replace(problem, low=low, high=high, cost=cost, integer=np.zeros(problem.columns, dtype=bool))).objective
    assert 1 - least / math.exp(meet) == near(gap, rel=2e-5)
    assert gap <= spacing**2 / 8


# -- KAT-2 d, e: rebound, and a fraction on a policy that is already there


def test_rebound_of_an_energy_saving() -> None:
    activity, energy = rebound_factors(0.3, 0.24)
    assert 1 - energy == near(0.2374391401)
    assert activity == near(1.0893726573)
    plan = kip.Plan(
        name="rebound",
        years=[2026],
        activities=[kip.Activity(name="car", amount=1000, factor=1, indicators={"car-km": 1})],
        shifts=[kip.Shift(name="tyres", cost=1, scales={"car": 0.3}, scaling="energy", rebound=0.24)],
        indicators=[kip.Indicator(name="car-km", unit="vkm", direction="down")],
    )
    done = kip.evaluate(plan, ["tyres"])
    assert done.measure("reduction") == near(237.4391401)
    assert done.measure("car-km") == near(89.3726573)
    assert kip.optimize(plan, maximize="reduction", gap=0).objective == near(237.4391401)
    assert kip.optimize(plan, maximize="car-km", gap=0).objective == near(89.3726573)
    assert kip.optimize(plan, minimize="car-km", gap=0).objective == near(0)


@pytest.mark.parametrize(("quota", "kilotonnes"), [(0.06, 13.3104), (0.10, 12.744)])
def test_a_litre_saved_is_worth_less_under_a_quota(quota: float, kilotonnes: float) -> None:
    # 100 Mkm · 0.06 l/km · 2.36 kg/l · (1 - quota); a fuel rule that takes half of it takes half of what the quota left
    plan = kip.Plan(
        name="quota",
        years=[2026],
        activities=[kip.Activity(name="car", amount=100e6, factor=0.06 * 2.36e-3, policies={"reduktionsplikt": quota})],
        shifts=[kip.Shift(name="blend", cost=1, scales={"car": 0.5}, scaling="carbon")],
    )
    assert kip.evaluate(plan).measure("emissions") == near(kilotonnes * 1000)
    assert kip.evaluate(plan, ["blend"]).measure("reduction") == near(kilotonnes * 500)


# -- KAT-2 f: three years, two segments, five shifts with ramps


def ramped() -> kip.Plan:
    def shift(name: str, cost: float, scales: dict[str, float], profile: tuple[float, ...]) -> kip.Shift:
        return kip.Shift(name=name, cost=cost, scales=scales, profile=profile)

    return kip.Plan(
        name="ramped",
        years=[1, 2, 3],
        activities=[
            kip.Activity(name="seg0", amount={1: 100, 2: 95, 3: 90}, factor=1),
            kip.Activity(name="seg1", amount=60, factor=1),
        ],
        shifts=[
            shift("A", 5, {"seg0": 0.5}, (0.5, 1.0)),
            shift("B", 5, {"seg0": 0.4}, (1.0,)),
            shift("C", 4, {"seg1": 0.5}, (0.0, 1.0)),
            shift("D", 3, {"seg0": 0.2, "seg1": 0.2}, (0.5, 1.0)),
            shift("E", 2, {"seg1": 0.15}, (1.0,)),
        ],
        budgets=[kip.Budget(actor="municipality", amount={1: 5, 2: 5, 3: 3}, carry_over=True)],
    )


def every_table() -> list[tuple[float, tuple[int | None, ...]]]:
    """Emissions of every start table within the budget, least first."""
    plan = ramped()
    values: list[tuple[float, tuple[int | None, ...]]] = []
    for starts in itertools.product([None, 1, 2, 3], repeat=5):
        cost = {year: sum(c for c, start in zip([5, 5, 4, 3, 2], starts, strict=True) if start == year) for year in (1, 2, 3)}
        spent = np.cumsum([cost[1], cost[2], cost[3]])
        if np.all(spent <= [5, 10, 13]):
            chosen = {name: start for name, start in zip("ABCDE", starts, strict=True) if start is not None}
            values.append((kip.evaluate(plan, chosen).measure("emissions"), starts))
    return sorted(values, key=lambda pair: pair[0])


def test_every_feasible_start_table() -> None:
    values = every_table()
    assert len(values) == 259
    assert values[0] == (near(300.45), (1, None, None, 2, 2))
    assert values[1] == (near(300.75), (2, 1, None, None, 3))
    assert values[-1][0] == near(465)


def test_best_plan_of_the_ramped_five() -> None:
    plan = ramped()
    best = kip.optimize(plan, minimize="emissions", gap=0)
    assert best.objective == near(300.45)
    assert best.bound == near(300.45)
    starts = {shift: int(row.idxmax()) for (shift, _), row in best.decisions.iterrows()}
    assert starts == {"A": 1, "D": 2, "E": 2}
    # adding up believes 258.5 of this one
    assert kip.evaluate(plan, {"A": 1, "B": 2, "D": 3}).measure("emissions") == near(301.8)


def test_the_chain_is_exact_in_both_directions() -> None:
    plan = ramped()
    for sense, value in (("minimize", 300.45), ("maximize", 465.0)):
        best = kip.optimize(plan, **{sense: "emissions"}, model=kip.pyomo_model(plan), gap=0)
        assert best.objective == near(value)
    # an objective that wants much left beside a limit that wants little: the most that is still at or below 305 t
    most = max(value for value, _ in every_table() if value <= 305)
    assert kip.optimize(plan, maximize="emissions", minimum={"reduction": 160}, gap=0).objective == near(most)


def test_least_cost_of_a_reduction() -> None:
    # 164.25 t (emissions 300.75) needs B1, A2, E3 = 12; A1, D2, E2 gives 164.55 for 10
    best = kip.optimize(ramped(), minimize="cost", minimum={"reduction": 164.25}, gap=0)
    assert best.objective == near(10)
    assert best.measure("reduction") == near(164.55)


# -- with moved activity, places, synergies


def test_what_is_moved_is_not_scaled() -> None:
    # 100 km: 40 move to bus (factor .25), a fee takes 10 % of the 60 that remain, a blend 20 % of the bus
    plan = kip.Plan(
        name="both",
        years=[2026],
        activities=[kip.Activity(name="car", amount=100, factor=1), kip.Activity(name="bus", amount=20, factor=0.25)],
        shifts=[
            kip.Shift(name="move", source="car", target="bus", choice="share", potential=40, cost=1),
            kip.Shift(name="fee", scales={"car": 0.1}, cost=1),
            kip.Shift(name="blend", scales={"bus": 0.2}, scaling="carbon", cost=1),
        ],
        budgets={"municipality": 100},
    )
    best = kip.optimize(plan, gap=0)
    # move 40 (1 - .25) = 30; fee .1 · 60 = 6; blend .2 · .25 (20 + 40) = 3
    assert best.by("shift")["reduction [t]"].to_dict() == near({"move": 30, "fee": 6, "blend": 3})
    assert best.measure("emissions") == near(105 - 39)
    # for one krona, each alone: move gives 0.75 a krona, the fee 10, the blend 1
    one = kip.optimize(plan, maximum={"cost": 1}, gap=0)
    assert one.selected == ("fee",)
    assert one.objective == near(10)


def test_a_district_or_the_whole_municipality() -> None:
    plan = kip.Plan(
        name="places",
        years=[2026],
        districts=[kip.District(name="north"), kip.District(name="south")],
        activities=[kip.Activity(name="car", amount={"north": 100, "south": 300, "all": 50}, factor=1)],
        shifts=[
            kip.Shift(name="fee", scales={"car": 0.1}, cost=1),
            kip.Shift(name="zone", scales={"car": 0.2}, cost=1, districts=["north"]),
        ],
        budgets={"municipality": 2},
    )
    best = kip.optimize(plan, gap=0)
    # north 100 (1 - .9 · .8) = 28, south 30, elsewhere 5
    assert best.by("district")["reduction [t]"].to_dict() == near({"north": 28, "south": 30, "all": 5})
    assert best.measure("cost") == near(2)  # the fee is decided, and paid, once


@pytest.mark.parametrize(("synergy", "expected"), [(0.05, 100 * (1 - 0.9 * 0.8 * 0.95)), (-0.05, 100 * (1 - 0.9 * 0.8 * 1.05))])
@pytest.mark.parametrize("chain", [False, True])
def test_declared_synergy(synergy: float, expected: float, chain: bool) -> None:
    plan = kip.Plan(
        name="synergy",
        years=[2026],
        activities=[kip.Activity(name="car", amount=100, factor=1)],
        shifts=[
            kip.Shift(name="a", scales={"car": 0.1}, cost=1, synergy={"b": synergy}),
            kip.Shift(name="b", scales={"car": 0.2}, cost=1),
        ],
        budgets={"municipality": 2},
    )
    best = kip.optimize(plan, gap=0, model=kip.pyomo_model(plan) if chain else None)
    assert best.objective == near(expected)
    assert best.by("shift")["reduction [t]"].sum() == near(expected)


def test_uptake_and_attribution_are_in_the_fraction() -> None:
    plan = kip.Plan(
        name="claimed",
        years=[2026],
        activities=[kip.Activity(name="car", amount=100, factor=1)],
        shifts=[kip.Shift(name="fee", scales={"car": 0.2}, cost=1, uptake=0.5, attribution=0.6)],
    )
    done = kip.evaluate(plan, ["fee"])
    assert done.measure("reduction") == near(6)  # .2 · .5 · .6 of 100
    assert done.measure("emissions") == near(94)


def test_target_on_scaled_emissions() -> None:
    plan = three(
        ledgers=[kip.Ledger(name="town", base_year=1990, base_value=1000, source="example")],
        targets=[kip.Target(name="goal", year=2026, value=560)],
    )
    best = kip.optimize(plan, minimize="cost", gap=0)
    # .8 · .7 = .56: two shifts are just enough
    assert best.measure("shortfall") == near(0, abs=1e-6)
    assert best.selected == ("s0", "s1")
    out_of_reach = plan.update({"targets.goal.value": 400})
    assert kip.optimize(out_of_reach, minimize="cost", gap=0).measure("shortfall") == near(104)


def test_impact_per_krona() -> None:
    # with at least 300 t: s1 alone 300, s0+s1 440/2, s1+s2 370/2 …
    best = kip.optimize(three(), maximize="reduction", per="societal", minimum={"reduction": 301}, gap=0)
    assert best.objective == near(220)
    assert best.selected == ("s0", "s1")


def test_what_policies_have_taken_already() -> None:
    # 1000 t, 20 % gone by a quota and 50 % of the rest by the fleet: 400 t; a fee takes 10 % of them
    plan = kip.Plan(
        name="layers",
        years=[2026],
        activities=[kip.Activity(name="car", amount=1000, factor=1, policies={"quota": 0.2, "fleet": 0.5})],
        shifts=[kip.Shift(name="fee", cost=1, scales={"car": 0.1})],
    )
    steps = kip.evaluate(plan, ["fee"]).waterfall()["reduction [t]"]
    assert steps.to_dict() == near(
        {"gross": 100, "quota": -20, "fleet": -40, "net of baseline": 40, "would have happened anyway": 0, "additional": 40}
    )
