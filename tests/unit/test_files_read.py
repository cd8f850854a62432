"""Every way to write the same plan is read as the same plan."""

from __future__ import annotations

from pathlib import Path

import pytest

import kip

FRAME = """\
name: town
years: 2026-2028
actors: [{name: municipality}, {name: households, kind: private}]
districts: {ryd: {}, city: {population: 100}}
activities: {petrol: {amount: {ryd: 1 Mvkm/year, city: {2026: 2e6, 2028: 3e6}}, factor: 180 g/vkm}}
shifts:
  - {name: bus, cost: {municipality: 5 MSEK, households: 60 kSEK}, reduction: 10, requires: [path]}
  - {name: path, cost: 3 MSEK, reduction: {2026: 1, 2028: 2}, renew: true, lifetime: 2}
budgets: {municipality: {2026: 10 MSEK, 2027: 1 MSEK}, households: 2 MSEK}
passports: {shifts.bus.cost: {source: 'a, "b"', quality: B, low: 4e6}}
"""

WIDE = {
    "plan.yaml": "name: town\nyears: 2026-2028\n",
    "actors.csv": "name,kind\nmunicipality,\nhouseholds,private\n",
    "districts.csv": "\ufeff# places\nname,population\nryd,\ncity,100\n",
    "activities.csv": "name,amount.ryd,amount.city.2026,amount.city.2028,factor\npetrol,1 Mvkm/year,2e6,3e6,180 g/vkm\n",
    "shifts.csv": (
        "# two of them\nname,cost,cost.municipality,cost.households,reduction,reduction.2026,reduction.2028,requires,renew,lifetime\n"
        "bus,,5 MSEK,60 kSEK,10,,,path,,\n\n# comment\npath,3 MSEK,,,,1,2,,TRUE,2\n"
    ),
    "budgets.csv": "actor,amount,amount.2026,amount.2027\nmunicipality,,10 MSEK,1 MSEK\nhouseholds,2 MSEK,,\n",
    "passports.csv": 'path,source,quality,low\nshifts.bus.cost,"a, ""b""",B,4e6\n',
}

LONG = WIDE | {
    "activities.csv": "name;factor\npetrol;180 g/vkm\n",
    "activities.amount.csv": "name,district,year,value\npetrol,ryd,,1 Mvkm/year\npetrol,city,2026,2e6\npetrol,city,2028,3e6\n",
    "shifts.csv": "name,requires,renew,lifetime\nbus,path,false,\npath,,true,2\n",
    "shifts.cost.csv": "name,actor,value\nbus,municipality,5 MSEK\nbus,households,60 kSEK\npath,,3 MSEK\n",
    "shifts.reduction.csv": "name,ledger,year,value\nbus,,,10\npath,,2026,1\npath,,2028,2\n",
    "budgets.csv": "sep=;\nactor;amount\nmunicipality;\nhouseholds;2 MSEK\n",
    "budgets.amount.csv": "name,year,value\nmunicipality,2026,10 MSEK\nmunicipality,2027,1 MSEK\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def plan(tmp_path: Path) -> kip.Plan:
    return kip.read_plan(write(tmp_path / "yaml", {"plan.yaml": FRAME}))


def test_the_frame_alone(plan: kip.Plan) -> None:
    assert plan.years == (2026, 2027, 2028)
    assert plan.shifts[0].cost == {"municipality": 5e6, "households": 6e4}
    assert plan.activities[0].amount == {"ryd": 1e6, "city": {2026: 2e6, 2028: 3e6}}
    assert [budget.amount for budget in plan.budgets] == [{2026: 1e7, 2027: 1e6}, 2e6]
    assert plan.passports["shifts.bus.cost"].source == 'a, "b"'


@pytest.mark.parametrize("files", [WIDE, LONG], ids=["dotted columns", "long tables"])
def test_tables_say_the_same(files: dict[str, str], plan: kip.Plan, tmp_path: Path) -> None:
    assert kip.read_plan(write(tmp_path / "tables", files)) == plan


def test_a_folder_its_frame_and_a_single_file(plan: kip.Plan, tmp_path: Path) -> None:
    folder = write(tmp_path / "tables", WIDE | {"README.md": "ignored", "picture.png": "ignored"})
    assert kip.read_plan(folder / "plan.yaml") == kip.read_plan(str(folder)) == plan
    assert kip.read_plan(write(tmp_path, {"other.yaml": FRAME}) / "other.yaml") == plan


@pytest.mark.parametrize(
    "budgets",
    [
        "5 MSEK",
        "{municipality: 5 MSEK}",
        "{municipality: {investment: 5 MSEK, operation: {2026: 1e6}}}",
        "{municipality: {amount: 5 MSEK, carry_over: true}}",
        "[{actor: municipality, amount: {2026: 5 MSEK}}]",
    ],
)
def test_budgets_as_the_model_takes_them(budgets: str, tmp_path: Path) -> None:
    """The reader brings each shape to rows; the plan made in Python from the same shape is the same."""
    from ruamel.yaml import YAML

    folder = write(tmp_path / "p", {"plan.yaml": f"name: p\nyears: [2026]\nshifts: {{a: {{cost: 1, reduction: 1}}}}\nbudgets: {budgets}\n"})
    same = kip.Plan(name="p", years=[2026], shifts=[kip.Shift(name="a", cost=1, reduction=1)], budgets=YAML(typ="safe").load(budgets))
    assert kip.read_plan(folder) == same


def test_text_in_yaml_is_text_as_it_is_written(tmp_path: Path) -> None:
    frame = (
        "name: 2030\ntitle: 007\nversion: 1.10\ndescription: 2026-01-01\nyears: 2026\nshifts: {2025: {title: no, reduction: 1, cost: }}\n"
    )
    plan = kip.read_plan(write(tmp_path / "p", {"plan.yaml": frame}))
    assert (plan.name, plan.title, plan.version, plan.description) == ("2030", "007", "1.10", "2026-01-01")
    assert (plan.shifts[0].name, plan.shifts[0].title, plan.shifts[0].cost) == ("2025", "no", {})


def test_scenarios_as_tables(tmp_path: Path) -> None:
    files = {
        "plan.yaml": "name: p\nyears: [2026]\nshifts: {a: {cost: 1, reduction: 1}}\n",
        "scenarios.csv": "name,title\ndear,Dear money\n",
        "scenarios.changes.csv": 'name,path,value\ndear,discount_rate,7 %\ndear,shifts.a.cost_trend,"{2026: 1.5}"\ndear,title,"""2030"""\n',
    }
    plan = kip.read_plan(write(tmp_path / "p", files))
    assert plan.scenarios[0].changes == {"discount_rate": "7 %", "shifts.a.cost_trend": {2026: 1.5}, "title": "2030"}
    assert plan.scenario("dear").discount_rate == 0.07


def test_a_workbook_made_by_hand(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "p.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheets = {
        "plan": [["field", "value"], ["name", 2030], ["years", 2026], ["price_index.2017", 322.1], ["budgets.municipality", "5 MSEK"]],
        "shifts": [["# note"], ["name", "cost", "reduction", "renew", "lifetime"], ["a", 5.5, 7, True, 12], [], ["b", "5 kSEK", 7.25]],
        "# calculations": [["anything"]],
        "empty": [],
    }
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    plan = kip.read_plan(path)
    assert (plan.name, plan.years, plan.price_index, plan.budgets[0].amount) == ("2030", (2026,), {2017: 322.1}, 5e6)
    assert [(shift.name, shift.cost, shift.renew, shift.lifetime) for shift in plan.shifts] == [
        ("a", {"all": 5.5}, True, 12),
        ("b", {"all": 5000.0}, False, None),
    ]


def test_examples_by_name_and_a_folder_of_that_name_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kip.read_plan("minimal") == kip.example("minimal")
    write(tmp_path / "minimal", {"plan.yaml": "name: mine\nyears: [2026]\nshifts: {a: {reduction: 1}}\n"})
    monkeypatch.chdir(tmp_path)
    assert kip.read_plan("minimal").name == "mine"
    with pytest.raises(kip.RequestError, match='Did you mean "minimal"'):
        kip.example("minimall")
    with pytest.raises(kip.RequestError, match="unknown example"):
        kip.example("../scenarios/minimal")
