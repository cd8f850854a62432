"""From gross to additional tonnes: policies layer by layer, attribution, exact sums (conventions §44)."""

from __future__ import annotations

import pytest

import kip
from kip.results.summary import summary
from kip.views.text import plain
from tests.properties.plans import random_plan


def fleet() -> kip.Plan:
    activities = [
        kip.Activity(
            name="diesel",
            amount=1000,
            factor=2.0,
            policies={"reduktionsplikt": {2026: 0.1, 2027: 0.2}, "fleet-turnover": 0.5, "EU ETS 2": {2026: 0.0, 2027: 0.25}},
        ),
        kip.Activity(name="biogas", amount=0, factor=0.5, policies={"fleet-turnover": 0.2}),
    ]
    shifts = [
        kip.Shift(name="trucks", source="diesel", target="biogas", choice="share", potential=100, attribution=0.9),
        kip.Shift(name="stated", reduction=40, attribution=0.5),
    ]
    return kip.Plan(name="fleet", years=[2026, 2027], activities=activities, shifts=shifts)


def test_layers_by_hand() -> None:
    portfolio = kip.evaluate(fleet(), {"trucks": {2026: 100}, "stated": 2026})
    table = portfolio.waterfall(year=2027, by_shift=True)
    trucks = table["trucks [t/year]"]
    # 100 · (2.0 - 0.5) without policies
    assert trucks["gross"] == pytest.approx(150)
    # 20 % off 2.0 is 0.4; half of the remaining 1.6 is 0.8, and 20 % of the biogas' 0.5, which the shift adds, is 0.1 back
    assert trucks["reduktionsplikt"] == pytest.approx(-40)
    assert trucks["fleet-turnover"] == pytest.approx(-(80 - 10))
    # a quarter of the remaining 0.8
    assert trucks["EU ETS 2"] == pytest.approx(-20)
    assert trucks["net of baseline"] == pytest.approx(100 * (2.0 * 0.8 * 0.5 * 0.75 - 0.5 * 0.8)) == pytest.approx(20)
    assert trucks["would have happened anyway"] == pytest.approx(-2)
    assert trucks["additional"] == pytest.approx(18)
    # what is stated has no layers: half of 40 would have happened anyway
    assert table["stated [t/year]"].tolist() == pytest.approx([40, 0, 0, 0, 40, -20, 20])
    assert table.loc["additional", "reduction [t/year]"] == pytest.approx(portfolio.measure("reduction_2027"))


def test_the_order_is_that_of_the_activities() -> None:
    table = kip.evaluate(fleet(), ["stated"]).waterfall()
    assert list(table.index) == [
        "gross", "reduktionsplikt", "fleet-turnover", "EU ETS 2", "net of baseline", "would have happened anyway", "additional",
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(25))
def test_sums_are_exact_and_gross_is_the_plan_without_policies(seed: int) -> None:
    plan = random_plan(seed)
    best = kip.optimize(plan, gap=0.01)
    for ledger in ("main", "second"):
        for year in (None, plan.years[-1]):
            table = best.waterfall(ledger, year)
            values, steps = table.iloc[:, -1], table["kind"] == "step"
            assert values["gross"] + values[steps].sum() == pytest.approx(values["additional"], abs=1e-9)
            assert values["net of baseline"] + values["would have happened anyway"] == pytest.approx(values["additional"], abs=1e-9)
            counted = best.dataset["reduction"].sel(ledger=ledger).sum(["shift", "district"]).to_series()
            assert values["additional"] == pytest.approx(counted.sum() if year is None else counted[year], abs=1e-9)
    # the other road: the same decisions in the plan without policies, everything claimed
    bare = {f"activities.{activity.name}.policies": {} for activity in plan.activities}
    bare |= {f"shifts.{shift.name}.attribution": 1.0 for shift in plan.shifts}
    without = kip.evaluate(plan.update(bare), best.decisions)
    assert best.waterfall().loc["gross", "reduction [t]"] == pytest.approx(without.measure("reduction"), abs=1e-6)


def test_reductions_without_a_rate_keep_the_sum_exact() -> None:
    """A shift that scales activities has tonnes in the counted reduction only; here they are put there by hand."""
    portfolio = kip.evaluate(fleet(), {"trucks": {2026: 100}})
    row = list(portfolio.dataset["shift"].values).index("stated")
    portfolio.dataset["reduction"].values[row, -1, 0, :] += 7.0
    table = portfolio.waterfall(by_shift=True)
    assert table["stated [t]"].tolist() == pytest.approx([14, 0, 0, 0, 14, 0, 14])
    values = table["reduction [t]"]
    assert values["gross"] + values[table["kind"] == "step"].sum() == pytest.approx(values["additional"])


def test_unknown_ledger_and_year() -> None:
    portfolio = kip.evaluate(fleet(), ["stated"])
    with pytest.raises(kip.RequestError, match=r'unknown ledger "emission"\. Did you mean "emissions"\?'):
        portfolio.waterfall("emission")
    with pytest.raises(kip.RequestError, match="2030 is not a year of the plan"):
        portfolio.waterfall(year=2030)


def test_the_summary_says_it_in_both_languages() -> None:
    portfolio = kip.evaluate(fleet(), {"trucks": {2026: 100}, "stated": 2026})
    english, swedish = plain(summary(portfolio)), plain(summary(portfolio, "sv"))
    assert "Which of the tonnes are the plan's own" in english
    assert "would have happened anyway" in english
    assert "Vilka ton som är planens egna" in swedish
    assert "utan styrmedel" in swedish


def test_control_in_the_summary_only_where_others_decide() -> None:
    plan = fleet()
    assert "Who decides" not in plain(summary(kip.evaluate(plan, ["stated"])))
    plan = plan.update({"shifts.stated.control": "dialogue", "shifts.stated.uptake": "uniform(0.2, 0.6)"})
    text = plain(summary(kip.evaluate(plan, ["stated"]))).replace("\u202f", " ")
    # 40 · 0.5 · 0.4 in each of two years
    assert "It must persuade others to 16 t (8 to 24 at low and high uptake), at a cost of 0 SEK." in text
    swedish = plain(summary(kip.evaluate(plan, ["stated"]), "sv"))
    assert "Andra behöver övertygas om" in swedish
