"""Bad input: every problem in one report, each with its file, row and column, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

import kip
from kip.errors import DataError, Issue

FRAME = """\
name: town
years: 2026-2030
actors: [{name: municipality}, {name: households}]
budgets: {municipality: 20 MSEK}
"""
SHIFTS = "name,cost,reduction\na,5 MSEK,20\n"


@pytest.fixture
def report(tmp_path: Path):
    def read(**files: str | bytes) -> list[Issue]:
        folder = tmp_path / "plan"
        folder.mkdir(exist_ok=True)
        for name, text in ({"plan__yaml": FRAME, "shifts__csv": SHIFTS} | files).items():
            path = folder / name.replace("__", ".")
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(DataError) as caught:
            kip.read_plan(folder)
        assert caught.value.source == str(folder)
        return list(caught.value.issues)

    return read


def places(issues: list[Issue]) -> list[tuple[str, int | None, str]]:
    return [(issue.file, issue.row, issue.column) for issue in issues]


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "my-plan").mkdir()
    with pytest.raises(DataError, match=r'no such folder or file.*Did you mean ".*my-plan".*Examples: .*minimal.*kip new'):
        kip.read_plan(tmp_path / "my-plam")
    with pytest.raises(DataError, match='Did you mean "linkoping-transport"'):
        kip.read_plan("linkoping")
    with pytest.raises(DataError, match=r"has no plan\.yaml"):
        kip.read_plan(tmp_path / "my-plan")
    with pytest.raises(DataError, match=r"folders in it have: a\. Give one of them"):
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "plan.yaml").write_text(FRAME)
        kip.read_plan(tmp_path)


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [
        ("name: t\nbudgets: {a: 5\nyears: 3\n", 3, "a bracket without its partner"),
        ("name: t\nshifts:\n\t- a\n", 3, "a tab"),
        ("name: t\ntitle: a: b\n", 2, '":" in the middle of a text'),
        ('name: t\ntitle: "a\nyears: 3\n', 4, "begins in row 2"),
        ("name: t\nshifts:\n  - name: a\n   cost: 3\n", 4, "an indentation that does not fit"),
        ("name: *x\n", 1, "to something that has no name"),
        ("name: t\n---\nname: u\n", 2, "a second document"),
        ("name: t\x01\n", 1, "Delete the character"),
        ("- name: t\n", 1, "found no fields"),
    ],
)
def test_broken_yaml_has_its_line(report, text: str, row: int, words: str) -> None:
    issue = report(plan__yaml=text)[0]
    assert (issue.file, issue.row) == ("plan.yaml", row)
    assert words in issue.message


def test_broken_yaml_does_not_hide_the_tables(report) -> None:
    issues = report(plan__yaml="name: {\n", shifts__csv="name,cost.anybody,reduction\na,-5,20\n")
    assert [issue.file for issue in issues] == ["plan.yaml", "shifts.csv"]
    assert "found -5" in issues[1].message


def test_doubled_keys_and_columns(report) -> None:
    issues = report(
        plan__yaml=FRAME + "title: a\ntitle: b\nledgers: {x: {base_year: 1990, base_year: 1991}}\n", shifts__csv="name,cost,cost\na,1,1\n"
    )
    assert places(issues) == [("plan.yaml", 6, "title"), ("plan.yaml", 7, "base_year"), ("shifts.csv", 1, "cost")]
    assert "first in row 5" in issues[0].message


def test_fields_and_contradictions_in_one_report(report) -> None:
    """Nothing hides anything else: unreadable cells, unknown names, circles and passports stand in one report."""
    issues = report(
        plan__yaml=FRAME + "targets: [{name: x, year: 2050, value: 5, base_year: 1990, base_value: 9, source: x}]\n",
        shifts__csv="""\
name,cost.municipalty,lifetime,reduction,requires,choise,payer
a,5 MSEK,-15,20,b,,
b,5 MSEKK,3,20 kr,a,whole,me
c,NaN,1,inf,nothing,,
""",
        passports__csv="path,source,quality\nshifts.zz.cost,x,B\nshifts.a.cost,y,D\nshifts.a.cost,z,A\nshifts.a.lifetime,x,A\n",
    )
    found = {(issue.file, issue.row, issue.column): issue.message for issue in issues}
    assert 'Did you mean "choice"' in found["shifts.csv", 1, "choise"]
    assert 'Did you mean "municipality"' in found["shifts.csv", 2, "cost.municipalty"]
    assert "found -15" in found["shifts.csv", 2, "lifetime"]
    assert 'unknown unit "MSEKK"' in found["shifts.csv", 3, "cost.municipalty"]
    assert 'unknown unit "kr"' in found["shifts.csv", 3, "reduction"]
    assert "circle in requires: a → b → a" in found["shifts.csv", 3, "requires"]
    assert 'unknown actor "me"' in found["shifts.csv", 3, "payer"]
    assert '"NaN" is not a number' in found["shifts.csv", 4, "cost.municipalty"]
    assert '"inf" is not a number' in found["shifts.csv", 4, "reduction"]
    assert 'unknown shift or enabler "nothing"' in found["shifts.csv", 4, "requires"]
    assert "2050 is outside" in found["plan.yaml", 5, "year"]
    assert 'unknown name in shifts "zz"' in found["passports.csv", 2, "path"]
    assert "'D' is not allowed" in found["passports.csv", 3, "quality"]
    assert "first in row 3" in found["passports.csv", 4, "path"]
    assert len(issues) == 14


def test_what_follows_from_a_mistake_is_not_reported(report) -> None:
    """An actor whose kind is wrong is still an actor; a target without a year takes nothing else down."""
    frame = FRAME.replace("households", "households, kind: privat").replace("name: town", "name: a.b") + "targets: [{name: x, value: 5}]\n"
    issues = report(plan__yaml=frame, shifts__csv="name,cost.households,reduction,source,target\na,5,20,,\nb,5 X,,car,bus\n")
    assert places(issues) == [
        ("plan.yaml", 1, "name"),
        ("plan.yaml", 3, "kind"),
        ("plan.yaml", 5, "year"),
        ("shifts.csv", 3, "cost.households"),
        ("shifts.csv", 3, "source"),
        ("shifts.csv", 3, "target"),
    ]


@pytest.mark.parametrize("years", ["[2026, 2028]", "2026 to 2030", ""])
def test_years(report, years: str) -> None:
    issues = report(plan__yaml=FRAME.replace("2026-2030", years), shifts__csv="name,cost,reduction\na,-5,20\n")
    assert [(issue.file, issue.column) for issue in issues] == [("plan.yaml", "years"), ("shifts.csv", "cost")]
    if years.startswith("["):
        assert "years 2027 missing" in issues[0].message


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_empty_plan(report, text: str) -> None:
    issues = report(plan__yaml=text, shifts__csv="name\n")
    assert [issue.path for issue in issues] == ["name", "years", "shifts"]
    assert "no shifts" in issues[2].message


@pytest.mark.parametrize(
    ("header", "row", "column", "words"),
    [
        ("cost", "5 t", "cost", "must be in SEK"),
        ("cost", "1 EUR", "cost", "found a number in EUR"),
        ("reduction", "5 MSEK", "reduction", "must be in t/year"),
        ("cost", "-5", "cost", "must be 0 or more"),
        ("cost", "nan", "cost", "is not a number"),
        ("cost", "1e999", "cost", "infinity"),
        ("cost", '"1,5"', "cost", "Use a decimal point"),
        ("choice,potential", "units,-5", "potential", "must be 0 or more"),
        ("lifetime", "-3", "lifetime", "must be 1 or more"),
        ("lifetime", "2.5", "lifetime", "whole number"),
        ("choice", "hole", "choice", "'whole', 'units' or 'share'"),
        ("renew", "ja", "renew", "true or false"),
        ("source", "petrol", "source", 'unknown activity "petrol"'),
        ("cost.nobody", "5", "cost.nobody", 'unknown actor "nobody"'),
        ("cobenefits.health", "x", "cobenefits.health", "is not a number"),
        ("uptake", "130 %", "uptake", "must be between 0 and 1"),
    ],
)
def test_cells(report, header: str, row: str, column: str, words: str) -> None:
    (issue,) = report(shifts__csv=f"name,{header}\nfine,{',' * header.count(',')}\na,{row}\n")
    assert (issue.file, issue.row, issue.column) == ("shifts.csv", 3, column)
    assert words in issue.message


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("cots", 'Did you mean "cost"'),
        ("title.x", "takes nothing behind the point"),
        ("cost.a.b", "too many points"),
        ("cost.2030", '"cost_trend.2030"'),
        ("cost_trend.later", "is not a year"),
        ("potential.ryd.later", "is not a year"),
        ("cost.", "nothing stands behind the point"),
    ],
)
def test_headers(report, header: str, words: str) -> None:
    (issue,) = report(shifts__csv=f"# comment\nname,reduction,{header}\na,1,1\n")
    assert (issue.file, issue.row, issue.column) == ("shifts.csv", 2, header)
    assert words in issue.message


def test_form_of_tables(report) -> None:
    assert places(report(shifts__csv="name,cost\na,1,5\nb,1\n")) == [("shifts.csv", 2, "")]
    assert "cannot be read" in report(shifts__csv='name,title\na,"x\nb,y\n')[0].message
    assert "CSV UTF-8" in report(shifts__csv="name\nå\n".encode("latin-1"))[0].message
    assert "has no header" in report(shifts__csv="name,,cost\na,x,1\n")[0].message
    assert 'the column "name" is missing' in report(shifts__csv="title,cost\na,1\n")[0].message
    assert "is empty" in report(shifts__csv="")[0].message
    assert "given both" in report(shifts__csv="name,cost_trend,cost_trend.2026\na,1,2\n")[0].message


def test_unknown_tables_and_tables_twice(report) -> None:
    issues = report(
        plan__yaml=FRAME + "shifts: {a: {reduction: 3}}\n", shift__csv="name\n", shifts__costs__csv="name\n", shifts__title__csv="name\n"
    )
    found = {issue.file: issue.message for issue in issues}
    assert 'Did you mean "shifts.csv"' in found["shift.csv"]
    assert 'Did you mean "shifts.cost.csv"' in found["shifts.costs.csv"]
    assert '"title" has no long table' in found["shifts.title.csv"]
    assert "also given in plan.yaml, row 5" in found["shifts.csv"]


def test_long_tables(report) -> None:
    issues = report(
        shifts__csv="name,reduction,cost\na,3,\nb,3,5\n",
        shifts__cost__csv="name,actor,value\na,municipality,5\na,municipality,6\nq,municipality,6\nb,municipality,6\na,housholds,7\na,households,x\n",
        shifts__cost_trend__csv="name,year,valu\na,2026,1\n",
    )
    found = {(issue.file, issue.row): issue.message for issue in issues}
    assert "first in row 2" in found["shifts.cost.csv", 3]
    assert "unknown name among the shifts" in found["shifts.cost.csv", 4]
    assert "also given in shifts.csv, row 3" in found["shifts.cost.csv", 5]
    assert 'Did you mean "households"' in found["shifts.cost.csv", 6]
    assert '"x" is not a number' in found["shifts.cost.csv", 7]
    assert 'Did you mean "value"' in found["shifts.cost_trend.csv", 1]
    assert len(issues) == 6


def test_numbers_too_far_apart(report) -> None:
    (issue,) = report(plan__yaml=FRAME, shifts__csv="name,cost,reduction\na,1e9,1\nb,1e-3,1\n")
    assert (issue.file, issue.row, issue.column) == ("shifts.csv", 3, "cost")
    assert "0.001 SEK beside 1e+09 SEK" in issue.message


def test_the_same_mistake_in_many_rows_is_one_line(report) -> None:
    (issue,) = report(shifts__csv="name,cost.nobody,reduction\n" + "".join(f"s{number},5,1\n" for number in range(20)))
    assert issue.row == 2
    assert issue.message.endswith("The same in rows 3, 4, 5, 6, 7, 8, 9, 10, 11 and 10 more.")


def test_yaml_values(report) -> None:
    issues = report(
        plan__yaml=FRAME
        + """\
resources: 5
indicators:
  - health
  - {name: noise, direction: sideways}
ledgers:
  x:
    base_value: -3
    other: {heat: {2026: 5, later: 3, 2030: y}}
"""
    )
    assert places(issues) == [
        ("plan.yaml", 5, "resources"),
        ("plan.yaml", 7, "indicators"),
        ("plan.yaml", 8, "direction"),
        ("plan.yaml", 11, "base_value"),
        ("plan.yaml", 12, "later"),
        ("plan.yaml", 12, "2030"),
    ]


def test_workbooks(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "p.xlsx"
    book = xlsxwriter.Workbook(str(path))
    plan = book.add_worksheet("plan")
    for row, cells in enumerate([["field", "value"], ["name", "p"], ["years", 2026], ["titel", "x"]]):
        plan.write_row(row, 0, cells)
    shifts = book.add_worksheet("shifts")
    shifts.write_row(0, 0, ["name", "cost", "reduction"])
    shifts.write_row(1, 0, ["a", -5])
    shifts.write_formula("C2", "=1/0", None, "#DIV/0!")
    book.add_worksheet("Notes").write(0, 0, "hello")
    book.close()
    with pytest.raises(DataError) as caught:
        kip.read_plan(path)
    found = {(issue.file, issue.row, issue.column): issue.message for issue in caught.value.issues}
    assert 'Did you mean "title"' in found['p.xlsx, sheet "plan"', 4, "value"]
    assert "found -5" in found['p.xlsx, sheet "shifts"', 2, "cost"]
    assert "#DIV/0!" in found['p.xlsx, sheet "shifts"', 2, "reduction"]
    assert "begins with #" in found['p.xlsx, sheet "Notes"', None, ""]
    (tmp_path / "q.xlsx").write_text("no workbook")
    with pytest.raises(DataError, match="cannot be read as an Excel workbook"):
        kip.read_plan(tmp_path / "q.xlsx")


def test_every_message_ends_with_what_to_do(report) -> None:
    issues = report(shifts__csv="name,cost,reduction,choise\na,-5,x y,\na,5,5,units\n")
    assert len(issues) >= 3
    assert all(issue.message.endswith(".") and len(issue.message.split(". ")) > 1 for issue in issues)


def test_nouns_without_their_names_and_lists_of_tables(report) -> None:
    """Two things missing in one noun take that noun out once; its neighbours are still looked at."""
    issues = report(
        plan__yaml=FRAME
        + "targets:\n  - {value: 1}\n  - {name: far, year: 2050, value: 1, base_year: 1990, base_value: 9, source: x}\npassports: [1]\n",
        shifts__csv="name,cost,reduction,requires,payer\na,5,1,,me\n,5,1,,\n,x,1,a,\n",
    )
    assert places(issues) == [
        ("plan.yaml", 6, "name"),
        ("plan.yaml", 6, "year"),
        ("plan.yaml", 7, "year"),
        ("plan.yaml", 8, "passports"),
        ("shifts.csv", 2, "payer"),
        ("shifts.csv", 3, "name"),
        ("shifts.csv", 4, "name"),
        ("shifts.csv", 4, "cost"),
    ]
    issues = report(plan__yaml=FRAME, shifts__csv=SHIFTS, enablers__csv="name,opens.b\nc,0.5\n")
    assert places(issues) == [("enablers.csv", 2, "opens.b")]
