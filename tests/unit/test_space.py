"""Spaces: what a path means, what a plan takes, and everything that is wrong in one report."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import kip
from kip.sweeps.designs import design_of


@pytest.fixture(scope="module")
def plan() -> kip.Plan:
    return kip.Plan(
        name="town",
        years="2026-2030",
        discount_rate=0.035,
        actors=[kip.Actor(name="municipality"), kip.Actor(name="households", kind="private")],
        activities=[kip.Activity(name="petrol", amount="10 Mvkm/year", factor="180 g/vkm", trend={2026: 1.0, 2030: 0.9})],
        shifts=[
            kip.Shift(
                name="ev",
                choice="units",
                source="petrol",
                use="10000 vkm/year",
                cost={"municipality": 10_000, "households": 50_000},
                potential=300,
                uptake=kip.triangular(0.4, 0.6, 0.8),
                lifetime=15,
                profile=[0.5, 1.0],
            ),
            kip.Shift(name="path", cost="4 MSEK", opex="100 kSEK/year", reduction="60 t/year", cobenefits={"health": 3.0}),
        ],
        budgets={"municipality": "8 MSEK", "households": {2026: 1e6, 2027: 2e6}},
        indicators=[kip.Indicator(name="health", value="100 SEK/1")],
        ledgers=[kip.Ledger(name="main", value=1500)],
        scenarios=[kip.Scenario(name="dear", changes={"shifts.path.cost": "6 MSEK"})],
        passports={
            "shifts.path.cost": kip.Passport(source="study", quality="B", low=3e6, high=7e6),
            "shifts.path.opex": kip.Passport(source="guess", quality="C", low=50e3, high=200e3),
            "budgets.households": kip.Passport(source="guess", quality="C", low=5e5, high=4e6),
            "shifts.ev.cost": kip.Passport(source="guess", quality="C", low=5e3),
        },
    )


def test_a_number_replaces_the_one_number_at_or_below_its_path(plan: kip.Plan) -> None:
    space = kip.Space.of(plan, {"shifts.path.cost": (3e6, 5e6), "budgets.municipality": [6e6, 8e6], "values.co2": (1000, 2000)})
    assert space.changes([4.5e6, 6e6, 1200]) == {
        "shifts.path.cost.all": 4.5e6,
        "budgets.municipality.amount": 6e6,
        "ledgers.main.value": 1200,
    }
    assert space.base.tolist() == [4e6, 8e6, 1500]
    assert space.plan_at(plan, space.base).hash == plan.hash
    assert space.text("shifts.path.cost", 4.5e6) == "4,500,000 SEK"


def test_several_numbers_are_named_or_multiplied(plan: kip.Plan) -> None:
    with pytest.raises(kip.RequestError, match=r"shifts.ev.cost: holds 2 numbers: shifts.ev.cost.municipality, shifts.ev.cost.households"):
        kip.Space.of(plan, {"shifts.ev.cost": (40_000, 60_000)})
    with pytest.raises(kip.RequestError, match=r"budgets.households.amount.2026, budgets.households.amount.2027"):
        kip.Space.of(plan, {"budgets.households": (1e6, 2e6)})
    space = kip.Space.of(plan, {"shifts.*.cost": kip.scaled(0.5, 2), "shifts.ev.cost.households": (40_000, 60_000)})
    changed = space.plan_at(plan, [2, 40_000])
    # the factor comes after the number: 2 × 40 000
    assert changed.shifts[0].cost == {"municipality": 20_000, "households": 80_000}
    assert changed.shifts[1].cost == {"all": 8e6}


def test_factors_reach_curves_distributions_and_rows(plan: kip.Plan) -> None:
    given = {
        "activities.petrol.trend": kip.scaled(0.8, 1.1),
        "shifts.ev.uptake": kip.scaled(0.5, 1.2),
        "shifts.ev.profile": kip.scaled(0.5, 1),
    }
    changed = kip.Space.of(plan, given).plan_at(plan, [0.8, 0.5, 0.5])
    assert changed.activities[0].trend == {2026: 0.8, 2030: 0.9 * 0.8}
    assert changed.shifts[0].uptake == kip.triangular(0.2, 0.3, 0.4)
    assert changed.shifts[0].profile == (0.25, 0.5)


def test_entries_of_curves_and_rows(plan: kip.Plan) -> None:
    space = kip.Space.of(plan, {"activities.petrol.trend.2030": (0.5, 1), "shifts.ev.profile.1": (0, 1), "shifts.ev.profile.2": (0.5, 1)})
    changed = space.plan_at(plan, [0.7, 0.1, 0.8])
    assert changed.activities[0].trend == {2026: 1.0, 2030: 0.7}
    assert changed.shifts[0].profile == (0.1, 0.8)
    assert space.base.tolist() == [0.9, 0.5, 1.0]


def test_named_factor_moves_several_paths_together(plan: kip.Plan) -> None:
    space = kip.Space.of(plan, {"prices": kip.scaled(kip.triangular(0.9, 1, 1.5), paths=["shifts.path.cost", "shifts.ev.cost.households"])})
    assert space.changes([1.5]) == {"shifts.path.cost.all": 6e6, "shifts.ev.cost.households": 75_000}


def test_overrides_by_name(plan: kip.Plan) -> None:
    space = kip.Space.of(
        plan, {"world": {"now": {}, "dear": {"shifts.path.cost": {"municipality": 5e6}}}, "shifts.*.cost": kip.scaled(0.5, 2)}
    )
    assert space.base.tolist() == [0, 1]
    assert space.text("world", 1) == "dear"
    # the override has other actors, and the factor finds them
    assert space.plan_at(plan, [1, 2]).shifts[1].cost == {"municipality": 10e6}
    assert space.plan_at(plan, [0, 1]).hash == plan.hash
    with pytest.raises(kip.RequestError, match="there is no level 2"):
        space.changes([2, 1])


def test_levels_of_any_kind_and_whole_numbers(plan: kip.Plan) -> None:
    given = {"residual": ["annuity", "none"], "shifts.ev.lifetime": (10, 12), "shifts.path.choice": ["whole", "share"]}
    space = kip.Space.of(plan, given)
    assert space.frozen("shifts.ev.lifetime").ppf([0, 0.4, 1]).tolist() == [10, 11, 12]
    changed = space.plan_at(plan, [1, 12.0, 1])
    assert (changed.residual, changed.shifts[0].lifetime, changed.shifts[1].choice) == ("none", 12, "share")


def test_levels_with_weights_and_units(plan: kip.Plan) -> None:
    space = kip.Space.of(plan, {"budgets.municipality": kip.levels(["6 MSEK", "8 MSEK"], weights=[1, 3])})
    assert space.frozen("budgets.municipality").ppf([0.2, 0.3]).tolist() == [6e6, 8e6]
    with pytest.raises(kip.RequestError, match="2 levels and 3 weights"):
        kip.levels([1, 2], weights=[1, 2, 3])
    with pytest.raises(kip.RequestError, match="not all 0"):
        kip.levels([1, 2], weights=[0, 0])
    with pytest.raises(kip.RequestError, match="there twice"):
        kip.Space.of(plan, {"discount_rate": [0.03, "3 %"]})


def test_everything_wrong_in_one_report(plan: kip.Plan) -> None:
    given = {
        "shifts.pth.lifetime": (10, 20),
        "discount_rte": (0.02, 0.05),
        "shifts.path.reduction": ("50 t/year", "70 SEK"),
        "shifts.ev.uptake": stats.norm(0.6, 0.2),
        "residual": ["annuity", "lienar"],
        "budgets.municipality": 8e6,
        "activities.petrol.trend": kip.scaled(-1, 2),
        "shifts.path.title": (1, 2),
        "shifts.path.opex": (5, 5),
        "shifts.ev.potential": stats.norm,
        "shifts.ev": (1, 2),
        "targets.*.value": kip.scaled(1, 2),
    }
    with pytest.raises(kip.RequestError) as caught:
        kip.Space.of(plan, given, roles={"discount_rte": "leverr", "nope": "lever"})
    report = str(caught.value)
    for sentence in (
        'Did you mean "path"?',
        'Did you mean "discount_rate"?',
        "shifts.path.reduction: goes up to 70 SEK, which the plan does not take",
        "shifts.ev.uptake: goes down to -0.599",
        "shifts.ev.uptake: goes up to 1.799",
        "truncnorm",
        "residual: can be lienar",
        "does not vary. Write a range (low, high)",
        "must be 0 or more",
        "which is no number",
        "is no range",
        '"norm" has no parameters yet',
        "holds fields. Name one of its numbers: shifts.ev.cost, shifts.ev.cost_trend,",
        'unknown role "leverr"',
        'unknown parameter "nope"',
    ):
        assert sentence in report, sentence
    assert report.startswith("15 problems in the space")


def test_empty_spaces(plan: kip.Plan) -> None:
    for empty in ({}, pd.DataFrame()):
        with pytest.raises(kip.RequestError, match="the space is empty"):
            kip.Space.of(plan, empty)
    bare = kip.Plan(name="bare", years=[2026], shifts=[kip.Shift(name="a", reduction=1)])
    with pytest.raises(kip.RequestError, match="no passport of this plan gives a range"):
        kip.Space.of(bare)
    with pytest.raises(kip.RequestError, match="the plan has no scenarios"):
        kip.Space.scenarios(bare)


def test_two_that_set_the_same_number(plan: kip.Plan) -> None:
    with pytest.raises(kip.RequestError, match=r'sets shifts.path.cost.all, and so does "shifts.path.cost"'):
        kip.Space.of(plan, {"shifts.path.cost": (1, 2), "world": {"a": {"shifts.path.cost": 5}, "b": {"shifts.path.cost": 6}}})


def test_correlation_matrices(plan: kip.Plan) -> None:
    given = {"discount_rate": (0.02, 0.05), "shifts.path.cost": (3e6, 5e6), "shifts.ev.lifetime": (10, 15)}
    names = list(given)
    good = kip.Space.of(plan, given, correlation={("discount_rate", "shifts.path.cost"): 0.5})
    assert good.correlation is not None
    assert good.correlation[0, 1] == good.correlation[1, 0] == 0.5
    frame = pd.DataFrame([[1, 0.5], [0.5, 1]], index=names[:2], columns=names[:2])
    assert np.array_equal(kip.Space.of(plan, given, correlation=frame).correlation, good.correlation)  # type: ignore[arg-type]
    pairs = {(names[0], names[1]): 0.9, (names[1], names[2]): 0.9, (names[0], names[2]): -0.9}
    with pytest.raises(kip.RequestError) as caught:
        kip.Space.of(plan, given, correlation=pairs)
    # by hand: eigenvalues of the 3 × 3 with 0.9, 0.9, -0.9 are 1.9, 1.9 and 1 - 2·0.9 = -0.8; all off-diagonals may be half of 1/1.8 · 0.9
    assert "smallest eigenvalue is -0.8" in str(caught.value)
    assert "multiply all correlations by 0.55" in str(caught.value)
    for wrong, sentence in (
        ({("discount_rte", names[1]): 0.5}, 'Did you mean "discount_rate"?'),
        ({(names[0], names[0]): 0.5}, "with itself is always 1"),
        ({(names[0], names[1]): 1.0}, "one and the same"),
        ({(names[0], names[1]): 1.5}, "must be between -1 and 1"),
        ({names[0]: 0.5}, "write pairs"),
        ({(names[0], names[1]): "much"}, "Write a number between"),
        (np.eye(2), "must be 3 × 3"),
        (np.array([[1, 0.5, 0], [0.4, 1, 0], [0, 0, 1]]), "both sides must be the same"),
        (np.array([[2.0, 0, 0], [0, 1, 0], [0, 0, 1]]), "must be 1. Change the diagonal"),
        (np.full((3, 3), np.nan), "NaN"),
    ):
        with pytest.raises(kip.RequestError, match=sentence):
            kip.Space.of(plan, given, correlation=wrong)


def test_nearest_pair_to_lower() -> None:
    given = dict.fromkeys("abc", (0, 1))
    with pytest.raises(kip.RequestError) as caught:
        kip.Space.of(None, given, correlation={("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): 0.3})
    # with bc = 0.9 and ac = 0.3 the determinant 1 + 2·0.27·ab - ab² - 0.81 - 0.09 is above 0 up to ab = 0.27 + √(0.19·0.91) = 0.6858
    assert "to at most 0.68 in size" in str(caught.value)


def test_passports_are_a_ready_space(plan: kip.Plan) -> None:
    space = kip.Space.of(plan)
    assert space.names == ("shifts.ev.uptake", "shifts.path.cost", "shifts.path.opex", "budgets.households")
    # several numbers, 1 and 2 MSEK, in a range of 0.5 to 4: a factor from 0.5/1 to 4/2
    assert space.frozen("budgets.households").ends == (0.5, 2.0)
    assert space.frozen("shifts.path.cost").ppf([0, 0.5, 1]).tolist() == [3e6, 5e6, 7e6]
    assert space.notes == ("shifts.ev.cost: its passport gives one end only. Give both.",)
    assert kip.Space.from_passports(plan, quality="B", shape="triangular").names == ("shifts.ev.uptake", "shifts.path.cost")
    assert kip.Space.of(plan, ["shifts.*.opex", "budgets"]).names == ("shifts.path.opex", "budgets.households")
    with pytest.raises(kip.RequestError, match=r'"shifts.path.cots" has no range.*Did you mean "shifts.path.cost"'):
        kip.Space.of(plan, ["shifts.path.cots"])


def test_scenarios_of_the_plan(plan: kip.Plan) -> None:
    space = kip.Space.scenarios(plan)
    design = design_of(space, "scenarios")
    assert design.labels == ("plan", "dear")
    assert space.plan_at(plan, design.values[1]).hash == plan.scenario("dear").hash


def test_one_at_a_time_begins_with_the_plan(plan: kip.Plan) -> None:
    space = kip.Space.of(
        plan, {"discount_rate": (0.02, 0.05), "world": {"now": {}, "dear": {"shifts.path.cost": 6e6}}, "shifts.ev.lifetime": [15, 20]}
    )
    design = design_of(space, "one-at-a-time")
    assert design.labels == ("base", "discount_rate: 0.02", "discount_rate: 0.05", "world: dear", "shifts.ev.lifetime: 20 year")
    assert design.values[:, 0].tolist() == [0.035, 0.02, 0.05, 0.035, 0.035]
    assert design.groups["moved"].tolist() == [-1, 0, 0, 1, 2]
    assert design_of(space, "one-at-a-time", quantiles=(0.1, 0.9)).values[1:3, 0].tolist() == pytest.approx([0.023, 0.047])


def test_tables_of_ones_own(plan: kip.Plan) -> None:
    frame = pd.DataFrame({"discount_rate": ["2 %", 0.04], "residual": ["annuity", "none"]}, index=["low", "high"])
    space = kip.Space.of(plan, frame)
    design = design_of(space, "table", table=frame)
    assert design.values.tolist() == [[0.02, 0], [0.04, 1]]
    assert design.labels == ("low", "high")
    wrong = pd.DataFrame({"discount_rat": [0.02], "residual": ["linear"]})
    with pytest.raises(kip.RequestError) as caught:
        design_of(space, "table", table=wrong)
    for sentence in ('Did you mean "discount_rate"?', 'there is no column "discount_rate"', 'unknown level "linear"'):
        assert sentence in str(caught.value)
    with pytest.raises(kip.RequestError, match="NaN"):
        design_of(space, "table", table=pd.DataFrame({"discount_rate": [np.nan], "residual": ["none"]}))


def test_levers_crossed_with_the_same_futures(plan: kip.Plan) -> None:
    given = {"budgets.municipality": [4e6, 6e6, 8e6], "discount_rate": {"low": 0.02, "high": 0.05}, "residual": ["annuity", "none"]}
    roles = {"budgets.municipality": "lever", "residual": "lever"}
    space = kip.Space.of(plan, given, roles=roles)  # type: ignore[arg-type]
    design = design_of(space, "sobol", 8, crossed=True)
    assert len(design) == 3 * 2 * 8
    # each future meets each combination of levers once, with the same rate
    table = design.frame().assign(policy=design.groups["policy"], future=design.groups["future"])
    assert len(table[["future", "discount_rate"]].drop_duplicates()) == 8
    assert (table.groupby("future")["policy"].nunique() == 6).all()
    assert len(table[["budgets.municipality", "residual"]].drop_duplicates()) == 6
    with pytest.raises(kip.RequestError, match="needs levers and uncertainties"):
        design_of(kip.Space.of(plan, given), "sobol", 8, crossed=True)
    tied = kip.Space.of(plan, given, {("discount_rate", "budgets.municipality"): 0.5}, roles)  # type: ignore[arg-type]
    with pytest.raises(kip.RequestError, match="a lever is correlated"):
        design_of(tied, "lhs", 8, crossed=True)


def test_a_base_that_is_not_the_plan_is_said(plan: kip.Plan) -> None:
    space = kip.Space.of(
        plan, {"years": ["2026-2030", "2026-2031"], "world": {"dear": {"discount_rate": 0.07}, "cheap": {"discount_rate": 0.01}}}
    )
    assert (space["years"].in_plan, space["world"].in_plan) == (True, False)
    assert design_of(space, "one-at-a-time").notes == (
        "The base is not the plan as it is, where that has none of the levels, or no number: world: dear.",
    )


def test_distributions_of_scipy(plan: kip.Plan) -> None:
    space = kip.Space.of(
        plan,
        {"shifts.ev.lifetime": stats.randint(10, 20), "shifts.path.opex": stats.binom(2, 0.5, loc=1), "discount_rate": stats.beta(2, 5)},
    )
    assert space.frozen("shifts.ev.lifetime").ppf([0, 0.15, 1]).tolist() == [10, 11, 19]
    # binomial 1/4, 1/2, 1/4 on 1, 2, 3
    assert space.frozen("shifts.path.opex").ppf([0, 0.24, 0.26, 0.74, 0.76]).tolist() == [1, 1, 2, 2, 3]
    assert space.frozen("discount_rate").ends == (0, 1)
    # a distribution is rounded where whole numbers belong: 10 … 12 of uniform(10, 12) have a quarter, a half and a quarter
    whole = kip.Space.of(plan, {"shifts.ev.lifetime": kip.uniform(10, 12)}).frozen("shifts.ev.lifetime")
    assert whole.ppf([0, 0.24, 0.26, 0.74, 0.76, 1]).tolist() == [10, 10, 11, 11, 12, 12]


def test_designs_as_scenarios(plan: kip.Plan) -> None:
    space = kip.Space.of(plan, {"discount_rate": (0.02, 0.05), "world": {"now": {}, "dear": {"shifts.path.cost": 6e6}}})
    design = design_of(space, "one-at-a-time")
    found = space.as_scenarios(design)
    assert found["world: dear"] == {"discount_rate": 0.035, "shifts.path.cost": 6e6}
    named = plan.update({"scenarios": [kip.Scenario(name=name, changes=changes) for name, changes in found.items() if "." not in name]})
    assert named.scenario("world: dear").hash == named.update({"shifts.path.cost": 6e6}).hash
    with pytest.raises(kip.RequestError, match="must be the same"):
        space.as_scenarios(design_of(kip.Space.scenarios(plan), "scenarios"))


def test_bad_designs(plan: kip.Plan) -> None:
    space = kip.Space.of(plan, {"discount_rate": (0.02, 0.05), "shifts.path.cost": (3e6, 5e6)})
    for kind, given, sentence in (
        ("sobbol", {}, 'Did you mean "sobol"?'),
        ("sobol", {"samples": 0}, "must be a whole number, 1 or more"),
        ("sobol", {"seed": -1}, "must be a whole number, 0 or more"),
        ("sobol", {"levels": 4}, 'unknown option of the design sobol "levels"'),
        ("morris", {"levels": 5}, "must be an even whole number"),
        ("table", {}, "needs a table"),
        ("scenarios", {}, "for one parameter with levels"),
        ("one-at-a-time", {"quantiles": (0.9, 0.1)}, "the smaller first"),
        ("grid", {"samples": 10_000}, "100,000,000 scenarios"),
    ):
        with pytest.raises(kip.RequestError, match=sentence):
            design_of(space, kind, **given)  # type: ignore[arg-type]
    together = kip.Space.of(
        plan, {"discount_rate": (0.02, 0.05), "shifts.path.cost": (3e6, 5e6)}, correlation=np.array([[1, 0.5], [0.5, 1]])
    )
    for kind in ("saltelli", "morris"):
        with pytest.raises(kip.RequestError, match="independent"):
            design_of(together, kind)  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match="balanced at 64 and 128"):
        design = design_of(space, "sobol", 100)
    assert len(design) == 100
    assert "balanced at 64" in design.notes[0]


def test_a_space_fits_its_plan_and_no_other(plan: kip.Plan) -> None:
    space = kip.Space.of(plan, {"shifts.*.cost": kip.scaled(0.5, 2), "discount_rate": (0.02, 0.05)})
    space.check(plan)
    with pytest.raises(kip.RequestError, match="numbers that are others in this plan"):
        space.check(plan.update({"shifts.path.cost": 5e6}))
    with pytest.raises(kip.RequestError, match="does not exist"):
        space.check(kip.Plan(name="other", years=[2026], shifts=[kip.Shift(name="a", reduction=1)]))


def test_spaces_and_designs_travel(plan: kip.Plan) -> None:
    given = {
        "shifts.*.cost": kip.scaled(stats.lognorm(0.2)),
        "shifts.ev.uptake": (0.2, 0.9),
        "world": {"now": {}, "dear": {"discount_rate": 0.07}},
    }
    space = kip.Space.of(plan, given)
    there = pickle.loads(pickle.dumps(space))
    design = design_of(space, "lhs", 8)
    assert there.identity == space.identity
    assert pickle.loads(pickle.dumps(design)).identity == design.identity
    for row in design.values:
        assert there.changes(row) == space.changes(row)
    wider = kip.Space.of(plan, given | {"shifts.ev.uptake": (0.1, 0.9)})
    assert wider.identity != space.identity
    assert design_of(space, "lhs", 8, seed=1).identity != design.identity


def test_a_space_shows_itself(plan: kip.Plan) -> None:
    space = kip.Space.of(plan, {"discount_rate": (0.02, 0.05), "residual": ["annuity", "none"]}, roles={"residual": "lever"})
    assert space.levers == ("residual",)
    assert "uniform(0.02, 0.05)" in repr(space)
    assert "one of annuity, none" in space._repr_html_()
    assert "någon av annuity, none" in str(space.sheet("sv"))
    assert space.table().loc["residual", "in the plan"] == "annuity"


def test_without_a_plan() -> None:
    space = kip.Space.of(None, {"x1": (-1, 1), "x2": stats.norm(), "x3": [1, 2]})
    assert space.changes([0.5, 0.1, 2]) == {"x1": 0.5, "x2": 0.1, "x3": 2}
    with pytest.raises(kip.RequestError, match="needs a plan"):
        kip.Space.of(None, {"x": kip.scaled(1, 2)})
    with pytest.raises(kip.RequestError, match="without a plan"):
        kip.Space.of(None)


SPACE = """\
parameters:
  discount_rate: {low: 2 %, high: 5 %}
  shifts.path.cost: triangular(3 MSEK, 4 MSEK, 7 MSEK)
  shifts.ev.cost: {scaled: {distribution: lognorm, s: 0.2}}
  households:
    scaled: [0.5, 2]
    paths: [budgets.households, activities.petrol.amount]
  world:
    now:
    dear: {shifts.path.opex: 200 kSEK/year}
  budgets.municipality: {levels: [6 MSEK, 8 MSEK], weights: [1, 3], role: lever}
  residual: [annuity, none]
passports: [shifts.ev.uptake]
correlation:
  - [discount_rate, shifts.path.cost, 0.5]
"""


def test_space_files(plan: kip.Plan, tmp_path: Path) -> None:
    file = tmp_path / "space.yaml"
    file.write_text(SPACE, encoding="utf-8")
    space = kip.read_space(file, plan)
    assert space.names[:3] == ("discount_rate", "shifts.path.cost", "shifts.ev.cost")
    assert space.names[-1] == "shifts.ev.uptake"
    assert space.levers == ("budgets.municipality",)
    assert space.correlation is not None
    assert space.correlation[0, 1] == 0.5
    assert space.plan_at(plan, space.base).update({"shifts.ev.uptake": plan.shifts[0].uptake}).hash == plan.hash
    # factor 0.5 on both of "households"; the override; the budget
    changed = space.plan_at(plan, [0.02, 3e6, 1, 0.5, 1, 6e6, 1, 0.7])
    assert changed.get("budgets.households.amount") == {2026: 5e5, 2027: 1e6}
    assert changed.get("activities.petrol.amount") == {"all": 5e6}
    assert changed.get("shifts.path.opex") == {"all": 200_000}


BROKEN = """\
parameters:
  discount_rat: {low: 2 %, high: 5 %}
  shifts.path.cost: {low: 3 MSEK, hihg: 5 MSEK}
  world:
    now:
    dear: {shifts.pathh.opex: 1}
  shifts.ev.uptake: {low: 0.5, high: 1.5}
  shifts.ev.lifetime: {distribution: normal, loc: 3}
  shifts.ev.potential: {low: 1, levels: [3]}
  budgets.municipality:
  residual: {levels: [annuity, none], role: leverr}
pasports: true
passports: {shape: unifrm}
correlation:
  - [residual, nope, 0.5]
  - residual
"""


def test_broken_space_files_say_each_row(plan: kip.Plan, tmp_path: Path) -> None:
    file = tmp_path / "space.yaml"
    file.write_text(BROKEN, encoding="utf-8")
    with pytest.raises(kip.DataError) as caught:
        kip.read_space(file, plan)
    found = {(issue.row, word) for issue in caught.value.issues for word in WORDS if word in issue.message}
    assert found == set(ROWS)
    assert len(caught.value.issues) == len(ROWS)
    with pytest.raises(kip.DataError, match="Did you mean"):
        kip.read_space(tmp_path / "spaze.yaml", plan)
    file.write_text("parameters: {}", encoding="utf-8")
    with pytest.raises(kip.DataError, match="the space is empty"):
        kip.read_space(file, plan)


ROWS = [
    (2, '"discount_rate"'),
    (3, '"high"'),
    (6, '"path"'),
    (7, "1.5"),
    (8, '"norm"'),
    (9, "does not go with"),
    (10, "is empty"),
    (11, '"lever"'),
    (12, '"passports"'),
    (13, '"uniform"'),
    (15, '"nope"'),
    (16, "two names"),
]
WORDS = [word for _, word in ROWS]


ODD = [
    *[
        None,
        5,
        True,
        object(),
        {},
        [],
        (),
        (1,),
        (1, 2, 3),
        (2, 1),
        [float("nan")],
        (0, float("inf")),
        np.eye(2),
        lambda: 1,
        b"x",
        {1},
        range(0),
    ],
    *["triangular(1,2", "triangular(1,2)", "norm(1,2)", "5 MSEK", {"low": 2, "high": 1}, {"a": {1: 1}}, {"a": None}, [[1]], [{}], [1, "x"]],
    *[
        stats.uniform,
        stats.norm(0, -1),
        stats.multivariate_normal([0, 0]),
        kip.levels({"a": 1, "b": {}}),
        kip.scaled(1, 2, paths=["no"]),
        [2**70],
    ],
]


@pytest.mark.parametrize("name", ["discount_rate", "shifts.ev", "a name", "shifts.ev.lifetime"])
def test_odd_entries_are_named_and_nothing_else_is_raised(plan: kip.Plan, name: str) -> None:
    for value in ODD:
        try:
            kip.Space.of(plan, {name: value})
        except kip.RequestError as error:
            assert name in str(error)


def test_odd_arguments(plan: kip.Plan) -> None:
    given = {"discount_rate": (0, 0.1), "shifts.path.cost": (1, 2)}
    for value in (5, "x", b"x", [1], {"a": 1}, np.eye(3)):
        with pytest.raises(kip.RequestError):
            kip.Space.of(plan, given, correlation=value)
        with pytest.raises(kip.RequestError):
            kip.Space.of(plan, given, roles=value)  # type: ignore[arg-type]
        with pytest.raises(kip.RequestError):
            kip.Space.of(plan, value)
        with pytest.raises(kip.RequestError):
            kip.levels([1, 2], weights=value)  # type: ignore[arg-type]
    for value in (5, "x", None):
        with pytest.raises(kip.RequestError):
            kip.levels(value)  # type: ignore[arg-type]
