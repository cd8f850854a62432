"""Groups, fairness rules and consequences that cannot work: one report, with the place and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import kip


def plan(**more: Any) -> kip.Plan:
    fields: dict[str, Any] = {
        "name": "p",
        "years": [2026, 2027],
        "districts": [
            {"name": "north", "population": 100, "attributes": {"income": 200.0, "tenure": "rented"}},
            {"name": "south", "population": 300, "attributes": {"income": 400.0}},
            {"name": "woods", "population": 0},
            {"name": "quay"},
        ],
        "groups": [{"name": "poor", "attribute": "income", "below": 300}, {"name": "drivers"}],
        "indicators": [{"name": "cycling", "unit": "km"}],
        "shifts": [{"name": "path", "cost": 1e6, "reduction": 10, "cobenefits": {"cycling": 5}, "districts": ["north", "south"]}],
    }
    return kip.Plan(**(fields | more))


RULE = {"name": "fair", "measure": "cycling", "districts": ["north", "south"]}


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ({"groups": [{"name": "a", "members": {"nort": 1}}]}, "groups.a.members", 'Did you mean "north"?'),
        ({"groups": [{"name": "a", "members": {"north": 1.2}}]}, "groups.0.members.north", "must be between 0 and 1"),
        ({"groups": [{"name": "a", "attribute": "incme", "below": 1}]}, "groups.a.attribute", 'Did you mean "income"?'),
        ({"groups": [{"name": "a", "attribute": "income", "below": 1}]}, "groups.a", "nobody is in it"),
        ({"groups": [{"name": "a", "attribute": "income"}]}, "groups.0", 'Give "below", "above" or "equals"'),
        ({"groups": [{"name": "a", "below": 1}]}, "groups.0", 'need the "attribute"'),
        ({"groups": [{"name": "a", "members": ["north"], "attribute": "income", "below": 1}]}, "groups.0", "not both"),
        ({"groups": [{"name": "north", "members": ["south"]}]}, "groups.north", "also the name of a place"),
        ({"groups": [{"name": "a"}, {"name": "a"}]}, "groups.a", "2 times the group"),
        ({"fairness": [RULE | {"districts": ["nort"]}]}, "fairness.fair.districts", 'Did you mean "north"?'),
        ({"fairness": [RULE | {"groups": ["por"]}]}, "fairness.fair.groups", 'Did you mean "poor"?'),
        ({"fairness": [RULE | {"groups": ["drivers"]}]}, "fairness.fair.groups", "has no members"),
        ({"fairness": [RULE | {"measure": "cyclin"}]}, "fairness.fair.measure", 'Did you mean "cycling"?'),
        ({"fairness": [RULE | {"measure": "emissions"}]}, "fairness.fair.measure", "not counted by district"),
        ({"fairness": [RULE | {"measure": "shortfall"}]}, "fairness.fair.measure", "not counted by district"),
        ({"fairness": [RULE | {"measure": "net_cost.municipality"}]}, "fairness.fair.measure", "loans belong to no district"),
        ({"fairness": [RULE | {"measure": "cost.region"}]}, "fairness.fair.measure", 'unknown actor "region"'),
        ({"fairness": [RULE | {"measure": "adopted.pat"}]}, "fairness.fair.measure", 'Did you mean "path"?'),
        ({"fairness": [RULE | {"measure": "cycling_2030"}]}, "fairness.fair.measure", "2030 is not a year of the plan"),
        ({"fairness": [RULE | {"kind": "share", "amount": 1.5}]}, "fairness.0", "must be between 0 and 1"),
        ({"fairness": [RULE | {"kind": "share"}]}, "fairness.0", 'needs an "amount"'),
        ({"fairness": [RULE | {"kind": "spread", "amount": -1}]}, "fairness.0", "must be 0 or more"),
        ({"fairness": [RULE | {"kind": "equal"}]}, "fairness.0.kind", "'floor', 'share'"),
        ({"fairness": [RULE | {"kind": "spread", "amount": 1, "per_person": False}]}, "fairness.0", '"per_person" is for a floor'),
        ({"fairness": [RULE | {"kind": "gini", "amount": 0.2, "districts": ["north"]}]}, "fairness.fair", "name two or more"),
        ({"fairness": [RULE | {"districts": ["woods"]}]}, "fairness.fair", "has no people"),
        ({"fairness": [RULE | {"districts": ["quay"]}]}, "districts.quay.population", "has no population"),
        ({"fairness": [RULE | {"amount": "5 t"}]}, "fairness.fair.amount", "must be in km or km/person"),
        ({"fairness": [RULE, RULE]}, "fairness.fair", "2 times the fairness rule"),
        ({"consequences": [{"group": "por", "shift": "path", "sign": "+"}]}, "consequences.por: path.group", 'Did you mean "poor"?'),
        ({"consequences": [{"group": "poor", "shift": "pat", "sign": "+"}]}, "consequences.poor: pat.shift", 'Did you mean "path"?'),
        ({"consequences": [{"group": "poor", "shift": "path", "sign": "bad"}]}, "consequences.0.sign", "'+', '0' or '-'"),
        ({"consequences": [{"group": "poor", "shift": "path", "sign": "+", "severity": 4}]}, "consequences.0.severity", "3"),
        ({"consequences": [{"group": "poor", "shift": "path", "sign": "+"}] * 2}, "consequences.poor: path", "2 consequences"),
    ],
)
def test_what_cannot_work_is_told(more: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(kip.DataError) as caught:
        plan(**more)
    assert [issue.path for issue in caught.value.issues] == [path]
    assert words in caught.value.issues[0].message


def test_all_of_it_in_one_report() -> None:
    with pytest.raises(kip.DataError) as caught:
        plan(
            groups=[{"name": "poor", "members": {"nort": 1}}],
            fairness=[RULE | {"measure": "emission", "districts": ["nort"]}],
            consequences=[{"group": "rich", "shift": "path", "sign": "+"}],
        )
    assert len(caught.value.issues) == 4


def test_a_report_of_files_has_rows(tmp_path: Path) -> None:
    kip.write_plan(plan(), tmp_path / "p")
    (tmp_path / "p" / "fairness.csv").write_text("name;measure;groups;kind;amount\nfair;cyclin;por;share;20 %\n")
    (tmp_path / "p" / "consequences.csv").write_text("group;shift;sign;severity\npoor;path;-;2\npoor;pth;+;1\n")
    with pytest.raises(kip.DataError) as caught:
        kip.read_plan(tmp_path / "p")
    assert sorted((issue.file, issue.row) for issue in caught.value.issues) == [("consequences.csv", 3), *[("fairness.csv", 2)] * 2]


def test_files_keep_all_of_it(tmp_path: Path) -> None:
    whole = plan(
        groups=[{"name": "poor", "attribute": "income", "below": 300}, {"name": "some", "members": {"north": 0.25, "south": 1}}],
        fairness=[RULE | {"kind": "share", "amount": "20 %"}, {"name": "least", "measure": "cost", "groups": ["poor", "some"]}],
        consequences=[{"group": "poor", "shift": "path", "sign": "\u2212", "severity": 3, "words": "längre; dyrare", "source": "dialog"}],
    )
    for name in ("folder", "book.xlsx"):
        kip.write_plan(whole, tmp_path / name)
        assert kip.read_plan(tmp_path / name) == whole
    assert whole.consequences[0].sign == "-"


def test_lists_and_text_stand_for_members(tmp_path: Path) -> None:
    assert plan(groups=[{"name": "a", "members": ["north", "south"]}]).groups[0].members == {"north": 1.0, "south": 1.0}
    kip.write_plan(plan(groups=[]), tmp_path / "p")
    (tmp_path / "p" / "groups.csv").write_text("name;members\na;north; south\n".replace("north; south", '"north; south"'))
    assert kip.read_plan(tmp_path / "p").groups[0].members == {"north": 1.0, "south": 1.0}


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        ({"maximize": "least.fare"}, 'Did you mean "fair"?'),
        ({"maximize": "sen.fair"}, "sen needs kind sen"),
        ({"minimize": "least.fair"}, "can only be maximised"),
        ({"maximum": {"least.fair": 3}}, "can only be maximised"),
    ],
)
def test_questions_that_have_no_meaning(ask: dict[str, Any], words: str) -> None:
    with pytest.raises(kip.RequestError) as caught:
        kip.optimize(plan(fairness=[RULE]), **ask)
    assert words in str(caught.value)


def test_questions_about_people() -> None:
    portfolio = kip.evaluate(plan(), ["path"])
    for call, words in (
        (lambda: portfolio.people("emissions"), "not counted by district"),
        (lambda: portfolio.people("cycling", by="grup"), 'Did you mean "group"?'),
        (lambda: portfolio.people("cycling", everywhere="population"), "unknown way"),
        (lambda: kip.evaluate(plan(groups=[]), ["path"]).by("group"), "no groups with people"),
    ):
        with pytest.raises(kip.RequestError, match=words.replace("?", r"\?")):
            call()
