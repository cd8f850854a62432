"""Funding that cannot work is refused with everything that is wrong with it, in one report."""

from __future__ import annotations

from typing import Any

import pytest

import kip


def plan(**funding: Any) -> kip.Plan:
    return kip.Plan(
        name="p",
        years=[2026, 2027],
        actors=[{"name": "municipality"}, {"name": "households", "kind": "private"}],
        shifts=[{"name": "hub", "cost": 1e6, "reduction": 100, "area": "goods"}],
        funding=[{"name": "grant", **funding}],
    )


@pytest.mark.parametrize(
    ("funding", "path", "words"),
    [
        ({"funder": "municipality", "applicants": ["municipality"]}, "funding.grant.applicants", "nobody can have it"),
        ({"pot": -5}, "funding.grant.pot", "must be 0 or more"),
        ({"pot": {2026: 5, 2040: 5}}, "funding.grant.years", "2040 is outside the plan's years"),
        ({"years": [2025]}, "funding.grant.years", "2025 is outside the plan's years"),
        ({"applicants": ["housholds"]}, "funding.grant.applicants", 'Did you mean "households"?'),
        ({"funder": "stat"}, "funding.grant.funder", 'unknown actor "stat"'),
        ({"shifts": ["hubb"]}, "funding.grant.shifts", 'Did you mean "hub"?'),
        ({"areas": ["good"]}, "funding.grant.areas", 'Did you mean "goods"?'),
        ({"not_with": ["grnt"]}, "funding.grant.not_with", 'Did you mean "grant"?'),
        ({"cap": "5 t"}, "funding.grant.cap", "must be in SEK"),
        ({"share": "130 %"}, "funding.0.share", "must be between 0 and 1"),
        ({"kind": "loan", "cap": 5}, "funding.0", "a loan has no"),
        ({"kind": "gift"}, "funding.0.kind", "'grant' or 'loan'"),
        ({"rate": 0.03}, "funding.0", 'a grant has no "rate"'),
    ],
)
def test_funding_that_cannot_work(funding: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(kip.DataError) as caught:
        plan(**funding)
    assert [issue.path for issue in caught.value.issues] == [path]
    assert words in caught.value.issues[0].message


def test_all_of_it_in_one_report() -> None:
    with pytest.raises(kip.DataError) as caught:
        plan(pot=-1, shifts=["hubb"], applicants=["nobody"], years=[1999])
    assert len(caught.value.issues) == 4


def test_grants_that_break_their_rules_are_told() -> None:
    portfolio = kip.optimize(plan(share=0.5, cap=400_000, pot=300_000))
    assert portfolio.measure("grants") == pytest.approx(300_000)
    table = portfolio.grants.copy()
    table.iloc[0, -1] = 450_000
    broken = kip.evaluate(portfolio.plan, portfolio.decisions, grants=table).broken
    assert sorted(rule.rule for rule in broken) == ["cap", "pot"]
    table["source"] = "grnt"
    with pytest.raises(kip.RequestError, match='Did you mean "grant"'):
        kip.evaluate(portfolio.plan, portfolio.decisions, grants=table)
