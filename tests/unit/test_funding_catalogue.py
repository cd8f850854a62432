"""The Swedish catalogue of funding: what it knows, what it says that it does not know, and how it gets into a plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import kip
from kip.cli import app
from kip.files.sources import FOLDER

ENTRIES = (
    "klimatfonden", "testbaddscheck", "klimatklivet", "klimatklivet-charging", "klimatklivet-company", "stadsmiljoavtal",
    "klimatpremie-heavy", "klimatpremie-light-2024", "klimatpremie-light-2025", "eruf-ostra-mellansverige", "life", "elena",
    "kommuninvest-green",
)  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> kip.files.sources.FundingCatalogue:  # type: ignore[name-defined]
    return kip.funding_catalogue("sweden")


def plan(**changes: object) -> kip.Plan:
    fields = {
        "name": "p",
        "years": "2026-2030",
        "actors": [
            {"name": "kommunen"},
            {"name": "clubs", "kind": "private"},
            {"name": "firms", "kind": "private", "size": "small"},
            {"name": "hauliers", "kind": "private", "size": "large"},
        ],
        "shifts": [
            {"name": "kitchen", "cost": {"clubs": 3e5}, "reduction": 1},
            {"name": "test", "cost": {"firms": 1e5, "hauliers": 1e5}, "reduction": 1},
            {"name": "path", "cost": {"kommunen": 8e6}, "reduction": 20},
        ],
    }
    return kip.Plan(**(fields | changes))  # type: ignore[arg-type]


def test_what_is_known(catalogue) -> None:  # type: ignore[no-untyped-def]
    assert catalogue.names == ENTRIES
    assert isinstance(catalogue, tuple)
    fund, check = catalogue.source("klimatfonden"), catalogue.source("testbaddscheck")
    assert (fund.cap, fund.pot, fund.applicants, fund.funder) == (200_000, 2_000_000, ("association",), "municipality")
    assert (check.cap, check.pot, check.share) == (20_000, None, {"small": 1.0, "medium": 1.0})
    assert "pot" in check.unknown
    assert catalogue.source("klimatklivet").share == {"all": 0.5}
    assert catalogue.source("klimatklivet-charging").share == {"all": 0.5, "large": 0.4}
    heavy = catalogue.source("klimatpremie-heavy")
    assert (heavy.share, heavy.share_of_cost) == ({"small": 0.6, "medium": 0.5, "large": 0.3}, 0.25)
    light = [catalogue.source(f"klimatpremie-light-{year}") for year in (2024, 2025)]
    assert [(one.cap, one.years) for one in light] == [(50_000, (2024,)), (40_000, (2025,))]
    assert catalogue.source("eruf-ostra-mellansverige").share == {"all": 0.4}
    assert (catalogue.passports["funding.life.share"].low, catalogue.passports["funding.life.share"].high) == (0.6, 0.95)
    assert catalogue.source("elena").share == {"all": 0.9}
    assert catalogue.source("kommuninvest-green").unknown == ("pot", "rate", "term")
    assert "share" in catalogue.source("stadsmiljoavtal").unknown


def test_every_number_has_a_source_and_every_source_says_what_is_not_known(catalogue) -> None:  # type: ignore[no-untyped-def]
    for source in catalogue:
        assert source.unknown, source.name
        for field in ("share", "share_of_cost", "cap", "pot", "rate"):
            if field in source.model_fields_set and field not in source.unknown:
                passport = catalogue.passports[f"funding.{source.name}.{field}"]
                assert passport.source, (source.name, field)
                assert passport.quality != "C" or "assumption" in passport.source


def test_into_a_plan_with_its_own_actors(catalogue) -> None:  # type: ignore[no-untyped-def]
    wanted = {"klimatfonden": {}, "testbaddscheck": {"pot": "40 kSEK"}, "klimatklivet": {"shifts": ["path"]}}
    actors = {"association": "clubs", "company": ["firms", "hauliers"]}
    filled = catalogue.add_to(plan(), wanted, actors)
    fund, check, klivet = filled.funding
    assert (fund.funder, fund.applicants) == ("kommunen", ("clubs",))
    # the municipality by its kind, the association by its name; a region is not in the plan; the state's money is from outside
    assert (klivet.funder, klivet.applicants, klivet.shifts) == (None, ("kommunen", "clubs"), ("path",))
    assert check.pot == 40_000
    assert check.unknown == ("years", "not_with")
    assert filled.passports["funding.klimatfonden.pot"].quality == "A"
    best = kip.optimize(filled, "grants", gap=0)
    # 200 000 of 300 000 for the kitchen; 20 000 of the small firm's 100 000 and nothing for a large one; half of 8 MSEK
    assert {row.source: row[-1] for row in best.grants.itertuples(index=False)} == pytest.approx(
        {"klimatfonden": 200_000, "testbaddscheck": 20_000, "klimatklivet": 4_000_000}
    )
    lines = [issue.message for issue in filled.check() if "not known" in issue.message]
    assert len(lines) == 3


def test_everything_that_is_wrong_in_one_report(catalogue) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(kip.RequestError) as caught:
        catalogue.add_to(
            plan(currency="EUR"),
            {"klimatfondn": {}, "klimatfonden": {}, "kommuninvest-green": {}, "life": {"shar": 1}},
            {"company": "frms"},
        )
    text = str(caught.value)
    for words in (
        'Did you mean "klimatfonden"?',
        'Did you mean "firms"?',
        "currencies are never exchanged",
        '"klimatfonden" is for association. Say who that is in the plan: actors={"association": "hauliers"}',
        '"kommuninvest-green" is a loan whose rate and term the catalogue does not know',
        'Did you mean "share"?',
    ):
        assert words in text, words


def test_a_loan_needs_its_rate_and_an_ended_window_is_an_error(catalogue) -> None:  # type: ignore[no-untyped-def]
    loan = catalogue.add_to(plan(), {"kommuninvest-green": {"rate": "2.5 %", "term": 10, "shifts": ["path"]}}).funding[0]
    assert (loan.kind, loan.rate, loan.term, loan.unknown, loan.applicants) == ("loan", 0.025, 10, ("pot",), ("kommunen",))
    with pytest.raises(kip.DataError, match="2025 is outside the plan's years"):
        catalogue.add_to(plan(), ["klimatpremie-light-2025"])
    twice = catalogue.add_to(plan(), ["klimatklivet"])
    with pytest.raises(kip.RequestError, match="has a source"):
        catalogue.add_to(twice, ["klimatklivet"])


def test_a_catalogue_of_your_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("name,share,share.large,unknown\nlocal,0.5,0.2,pot; cap\n", encoding="utf-8")
    (tmp_path / "mine.passports.csv").write_text("path,source,quality\nfunding.local.share,the council's decision,A\n", encoding="utf-8")
    mine = kip.funding_catalogue(file)
    assert (mine.names, mine[0].share, mine.passports["funding.local.share"].quality) == (("local",), {"all": 0.5, "large": 0.2}, "A")
    file.write_text("name,share,pot,unkown\nlocal,1.5,,\nlocal,,-5,\nother,,,pott\n", encoding="utf-8")
    with pytest.raises(kip.DataError) as caught:
        kip.funding_catalogue(file)
    rows = {(issue.row, issue.column) for issue in caught.value.issues}
    assert {(1, "unkown"), (2, "share")} <= rows
    with pytest.raises(kip.RequestError, match="sweden"):
        kip.funding_catalogue("norway")


def test_the_files_travel_with_the_package() -> None:
    assert {file.name for file in FOLDER.glob("funding-*.csv")} == {"funding-sweden.csv", "funding-sweden.passports.csv"}


def test_command_line() -> None:
    shown = CliRunner().invoke(app, ["funding"])
    assert shown.exit_code == 0
    assert "Rules that exist but are not known" in shown.output
    assert all(name in "".join(shown.output.split()) for name in ENTRIES)
    given = CliRunner().invoke(app, ["funding", "sweden", "--json"])
    content = json.loads(given.output)
    assert [source["name"] for source in content["funding"]] == list(ENTRIES)
    assert CliRunner().invoke(app, ["funding", "atlantis"]).exit_code == 2
