"""Funding that cannot work is refused with everything that is wrong with it, in one report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import kip


def plan(**funding: Any) -> kip.Plan:
    return kip.Plan(
        name="p",
        years=[2026, 2027],
        actors=[{"name": "municipality"}, {"name": "households", "kind": "private"}],
        shifts=[
            {"name": "hub", "cost": 1e6, "reduction": 100, "area": "goods"},
            {"name": "course", "cost": 1e5, "reduction": 1, "physical": False},
            {"name": "bikes", "cost": 1e4, "reduction": 1, "choice": "units", "potential": 3, "payer": "municipality"},
        ],
        funding=[{"name": "grant", **funding}],
    )


@pytest.mark.parametrize(
    ("funding", "path", "words"),
    [
        ({"funder": "municipality", "applicants": ["municipality"]}, "funding.grant.applicants", "nobody can have it"),
        ({"pot": -5}, "funding.grant.pot", "must be 0 or more"),
        ({"pot": {2026: 5, 2040: 5}}, "funding.grant.pot", "2040 is outside the plan's years"),
        ({"years": [2025]}, "funding.grant.years", "2025 is outside the plan's years"),
        ({"applicants": ["housholds"]}, "funding.grant.applicants", 'Did you mean "households"?'),
        ({"funder": "stat"}, "funding.grant.funder", 'unknown actor "stat"'),
        ({"shifts": ["hubb"]}, "funding.grant.shifts", 'Did you mean "hub"?'),
        ({"areas": ["good"]}, "funding.grant.areas", 'Did you mean "goods"?'),
        ({"not_with": ["grnt"]}, "funding.grant.not_with", 'Did you mean "grant"?'),
        ({"cap": "5 t"}, "funding.grant.cap", "must be in SEK"),
        ({"share": "130 %"}, "funding.0.share.all", "must be between 0 and 1"),
        ({"kind": "loan", "cap": 5}, "funding.0", "a loan has no"),
        ({"kind": "gift"}, "funding.0.kind", "'grant' or 'loan'"),
        ({"rate": 0.03}, "funding.0", 'a grant has no "rate"'),
        ({"revolving": True, "pot": 5}, "funding.0", 'a grant has no "revolving"'),
        ({"kind": "loan", "revolving": True}, "funding.0", 'needs a "pot" to come back to'),
        ({"kind": "loan", "share": 0.5}, "funding.0", 'a loan has no "share"'),
        ({"kind": "loan", "granted": {"hub": 5}}, "funding.0", 'a loan has no "granted"'),
        ({"unknown": ["pott"]}, "funding.0", 'Did you mean "pot"?'),
        ({"unknown": ["pot"], "pot": 5}, "funding.0", '"pot" is given, and named as unknown'),
        ({"share": {"smal": 0.5}}, "funding.grant.share.smal", 'Did you mean "small"?'),
        ({"share": {"small": 1.5}}, "funding.0.share.small", "must be between 0 and 1"),
        ({"floor": -1}, "funding.0.floor", "must be 0 or more"),
        # eligible for nobody
        ({"applicants": ["households"]}, "funding.grant", "none of its applicants pays for anything that it is for (municipality pays)"),
        ({"funder": "municipality"}, "funding.grant", "nobody can have it"),
        ({"physical_only": True, "shifts": ["course"]}, "funding.grant", "nothing in the plan is what it is for"),
        # grants already decided
        ({"granted": {"hubb": 5}}, "funding.grant.granted", 'Did you mean "hub"?'),
        ({"granted": {"hub": -5}}, "funding.0.granted.hub", "must be 0 or more"),
        ({"granted": {"bikes": 5}}, "funding.grant.granted.bikes", "is chosen in parts"),
        ({"granted": {"course": 5}, "shifts": ["hub"]}, "funding.grant.granted.course", "is not what it is for"),
        ({"granted": {"hub": 300_000}, "cap": 200_000}, "funding.grant.granted.hub", "its rules allow 200,000 at most"),
        ({"granted": {"hub": 600_000}, "share": 0.5}, "funding.grant.granted.hub", "its rules allow 500,000 at most"),
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


def test_two_exclusive_sources_both_granted_and_a_size_nobody_has() -> None:
    both = [
        {"name": "klimatklivet", "granted": {"hub": "400 kSEK"}, "share": 0.5},
        {"name": "stadsmiljö", "granted": {"hub": "300 kSEK"}, "not_with": ["klimatklivet"]},
    ]
    base = plan()
    with pytest.raises(kip.DataError) as caught:
        base.update({"funding": both})
    (issue,) = caught.value.issues
    assert issue.path == "funding.stadsmiljö.granted.hub"
    assert '"klimatklivet" and "stadsmiljö" are both granted to "hub"' in issue.message
    # one of them alone is fine
    assert base.update({"funding": [both[0], both[1] | {"granted": {}}]}).get("funding.klimatklivet.granted.hub") == 400_000


def test_unknown_rules_are_listed_once_for_each_source() -> None:
    base = plan().update({"funding": [{"name": "a", "unknown": ["pot", "years"]}, {"name": "b", "unknown": ["cap"]}, {"name": "c"}]})
    lines = [(issue.path, issue.message) for issue in base.check() if "not known" in issue.message]
    assert [path for path, _ in lines] == ["funding.a", "funding.b"]
    assert "pot, years" in lines[0][1]


def test_a_share_by_size_that_leaves_a_payer_out_is_told() -> None:
    base = plan(share={"small": 0.5})
    assert [issue.path for issue in base.check()] == ["funding.grant.share"]
    assert "municipality" in base.check()[0].message
    assert plan(share={"small": 0.5, "all": 0.2}).check() == []


def test_problems_of_a_file_come_with_row_and_column(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(
        "name: p\nyears: [2026]\nactors: [{name: municipality}, {name: households}]\nshifts: {hub: {cost: 1000000, reduction: 1}}\n",
        encoding="utf-8",
    )
    (tmp_path / "funding.csv").write_text(
        "name,applicants,pot,share.small,years,granted.hub,not_with\n"
        "one,households,,,,,\n"
        "two,,-5,,,,\n"
        "three,,,1.5,,,\n"
        "four,,,,2040,,\n"
        "five,kommunen,,,,,\n"
        "six,,,,,1000,seven\n"
        "seven,,,,,1000,\n",
        encoding="utf-8",
    )
    with pytest.raises(kip.DataError) as caught:
        kip.read_plan(tmp_path)
    assert all(issue.file == "funding.csv" for issue in caught.value.issues)
    found = {issue.row: (issue.column, issue.message) for issue in caught.value.issues}
    assert sorted(found) == [2, 3, 4, 5, 6, 8]
    assert "nobody can have it" in found[2][1]
    assert found[3][0] == "pot"
    assert found[4][0] == "share.small"
    assert found[5][0] == "years"
    assert found[6][0] == "applicants"
    assert found[8][0] == "granted.hub"


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
