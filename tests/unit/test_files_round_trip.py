"""What is written is read back: `read_plan(write_plan(plan)) == plan`, for folders and workbooks."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import kip
from kip.files.read import long_tables
from tests.strategies import plans

FORMS = ["folder", "book.xlsx"]


@given(plan=plans(odd=True))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_plan_comes_back(plan: kip.Plan) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for form in FORMS:
            assert kip.read_plan(kip.write_plan(plan, Path(folder) / form)) == plan


@given(plan=plans())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_sober_plans_are_consistent(plan: kip.Plan) -> None:
    assert plan.shifts
    with tempfile.TemporaryDirectory() as folder:
        assert kip.read_plan(kip.write_plan(plan, Path(folder) / "folder")).hash == plan.hash


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["minimal", "kranj", "linkoping-transport"])
def test_examples_come_back(name: str, form: str, tmp_path: Path) -> None:
    plan = kip.example(name)
    assert kip.read_plan(kip.write_plan(plan, tmp_path / form)) == plan


HARD = kip.Plan(
    name="2030",
    title="007",
    description='Rad ett: "så här"\n\nRad tre, # ingen kommentar\n',
    version="1.10",
    years="2026-2040",
    price_index={2017: 322.1, 2026: 421.0},
    districts=[kip.District(name="Åby", attributes={"income": 300_000, "code": "007", "a.b": "2030", "": ""})],
    actors=[kip.Actor(name="=SUM(A1)", kind="private", discount_rate=0.1 + 0.2), kip.Actor(name="+46", title="'x'"), kip.Actor(name="@a")],
    activities=[
        kip.Activity(name="car", unit="", amount={"Åby": {2026: 1 / 3, 2030: 2e-7}}, factor={}, policies={"quota. two": {2026: 0.5}}),
    ],
    shifts=[
        kip.Shift(
            name="# not a comment",
            cost={"=SUM(A1)": 5, "all": 7},
            reduction=1,
            cost_trend={year: 1 + year / 7 for year in range(2026, 2040)},
        ),
        kip.Shift(name="-a", title=" edges ", reduction={2026: 3.0}, cost="60 kSEK", profile=(0.5, 1.0), requires=["# not a comment"]),
        kip.Shift(name="true", description="_x000D_\r\n", choice="units", potential={"Åby": {2026: 5.0}}, reduction=2, ramp=1),
    ],
    enablers=[kip.Enabler(name="null", opens={"-a": 0.4, "true": 0.0})],
    budgets={"=SUM(A1)": {"investment": 5e6, "operation": {2026: 1e6}}, "+46": 3},
    scenarios=[
        kip.Scenario(
            name="s",
            changes={"title": "2030", "shifts.-a.cost_trend": {2026: 1.0}, "years": [2026, 2027], "shifts.-a.lifetime": None},
        ),
    ],
    passports={
        "shifts.-a.cost": kip.Passport(source='a "b", c', note="two\nlines; and more", low=1, high=2.5),
        "shifts.true.reduction": kip.Passport(),
    },
)


@pytest.mark.parametrize("form", FORMS)
def test_hard_texts_and_numbers_come_back(form: str, tmp_path: Path) -> None:
    assert kip.read_plan(kip.write_plan(HARD, tmp_path / form)) == HARD


def test_texts_of_a_workbook_are_no_formulas(tmp_path: Path) -> None:
    """Text that begins with = + - @ is text in the file, and a number is a number with every digit."""
    import zipfile

    path = kip.write_plan(HARD, tmp_path / "book.xlsx")
    with zipfile.ZipFile(path) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")]
    assert not [sheet for sheet in sheets if "<f>" in sheet]
    assert any("<v>0.30000000000000004</v>" in sheet for sheet in sheets)


def test_same_plan_same_files(tmp_path: Path) -> None:
    for form in FORMS:
        first, second = (kip.write_plan(HARD, tmp_path / side / form) for side in "ab")
        for one in [first] if first.is_file() else list(first.iterdir()):
            other = second if first.is_file() else second / one.name
            assert one.read_bytes() == other.read_bytes()


def test_small_dicts_are_columns_and_large_ones_long_tables(tmp_path: Path) -> None:
    folder = kip.write_plan(HARD, tmp_path / "folder")
    names = {file.name for file in folder.iterdir()}
    assert names == {
        "plan.yaml", "districts.csv", "districts.attributes.csv", "activities.csv", "activities.policies.csv",
        "shifts.csv", "shifts.cost_trend.csv", "enablers.csv", "passports.csv",
    }  # fmt: skip
    header = (folder / "shifts.csv").read_text(encoding="utf-8").splitlines()[0]
    assert (
        header
        == "name,title,description,cost,cost.=SUM(A1),cost.all,requires,choice,reduction,reduction.2026,potential.Åby.2026,ramp,profile"
    )
    assert (folder / "shifts.cost_trend.csv").read_text(encoding="utf-8").splitlines()[:2] == [
        "name,year,value",
        '"""# not a comment""",2026,290.42857142857144',
    ]


def test_writing_replaces_the_plan_and_nothing_else(tmp_path: Path) -> None:
    folder = kip.write_plan(HARD, tmp_path / "folder")
    (folder / "README.md").write_text("mine", encoding="utf-8")
    kip.write_plan(kip.example("minimal"), folder)
    assert {file.name for file in folder.iterdir()} == {"plan.yaml", "shifts.csv", "README.md"}
    assert kip.read_plan(folder) == kip.example("minimal")


@pytest.mark.parametrize("name", ["plan.json", "plan.csv", "plan.yaml", "plan.ods"])
def test_other_formats_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(kip.RequestError, match=r"Give a folder, or a file that ends with \.xlsx"):
        kip.write_plan(kip.example("minimal"), tmp_path / name)


def test_too_long_for_excel_says_so_and_writes_nothing(tmp_path: Path) -> None:
    plan = kip.example("minimal").update({"description": "x" * 40_000})
    with pytest.raises(kip.RequestError, match="Write a folder instead"):
        kip.write_plan(plan, tmp_path / "book.xlsx")
    assert not (tmp_path / "book.xlsx").exists()
    assert kip.read_plan(kip.write_plan(plan, tmp_path / "folder")) == plan


def test_what_no_file_can_hold_is_refused(tmp_path: Path) -> None:
    shift = kip.Shift(name="a", cost=1, reduction=1)
    plan = kip.Plan(name="p", years=[2026], shifts=[shift], scenarios=[kip.Scenario(name="s", changes={"shifts.a": shift})])
    with pytest.raises(kip.RequestError, match="a Shift stands among the changes"):
        kip.write_plan(plan, tmp_path / "folder")


def test_every_table_of_numbers_has_a_long_form() -> None:
    assert {"activities.amount", "activities.trend", "shifts.cost", "enablers.opens", "ledgers.history", "budgets.amount"} <= set(
        long_tables()
    )
    assert "shifts.requires" not in long_tables()
