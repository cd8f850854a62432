"""Taylor (2012), The ranking of negative-cost emissions reduction measures, Energy Policy 48: a cost per tonne ranks them wrongly.

A saves 1 000 SEK and 10 t (-100 SEK/t), B saves 1 000 SEK and 100 t (-10 SEK/t). SEK/t puts A first; B is better in every way.
"""

from __future__ import annotations

import pytest

import kip

SHIFTS = {"a": {"opex": -1000, "reduction": 10}, "b": {"opex": -1000, "reduction": 100}}


def plan(value: float | None = None, **more: object) -> kip.Plan:
    shifts = {name: {**fields, **more} for name, fields in SHIFTS.items()}
    return kip.Plan(name="taylor", years=[2026], shifts=shifts, ledgers=[{"name": "emissions", "value": value}])


def test_no_table_gives_a_cost_per_tonne() -> None:
    table = kip.evaluate(plan(), ["a", "b"]).table()
    assert list(table.index) == ["b", "a"]
    assert table["net present cost [SEK]"].tolist() == [-1000, -1000]
    assert table["cost of a tonne [SEK/t]"].isna().all()


def test_the_staircase_puts_b_before_a() -> None:
    from kip.views.plots_tonne import steps

    found = steps(kip.evaluate(plan(), ["a", "b"]).dataset)
    assert [step.title for step in found.pays] == ["b", "a"]
    assert found.costs == ()


@pytest.mark.parametrize("value", [1e-3, 1.0, 100.0, 7000.0])
def test_net_benefit_prefers_b_at_every_value_of_a_tonne(value: float) -> None:
    # one of the two only; net benefit = 1 000 + tonnes · value
    one = plan(value).update({"shifts.a.excludes": ["b"]})
    best = kip.optimize(one, maximize="net_benefit", gap=0)
    assert best.selected == ("b",)
    assert best.objective == pytest.approx(1000 + 100 * value, rel=1e-9)


@pytest.mark.parametrize("per", ["municipal", "societal"])
def test_a_ratio_is_refused_and_both_pay_for_themselves(per: str) -> None:
    found = kip.optimize(plan(), per=per)
    assert found.status == "pays_for_itself"
    assert found.selected == ("a", "b")
    assert found.objective == pytest.approx(110, rel=1e-9)


def test_with_a_positive_cost_the_ratio_is_shown() -> None:
    # 5 000 SEK of investment and 1 000 SEK saved: 4 000 / 10 t = 400, 4 000 / 100 t = 40 SEK/t
    table = kip.evaluate(plan(cost=5000), ["a", "b"]).table()
    assert table["cost of a tonne [SEK/t]"].to_dict() == pytest.approx({"a": 400.0, "b": 40.0}, rel=1e-12)
