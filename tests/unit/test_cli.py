"""The command line: answers, exit codes, JSON, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import kip
from kip.cli import app

KRANJ = {"10 MEUR": 38651, "50 MEUR": 66163, "100 MEUR": 85567}
"""Best reductions [t/year] for three budgets, from enumeration of the 29 actions of Kranj's Climate City Contract (issue 2)."""


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def answer(*arguments: object) -> dict:
    result = run(*arguments, "--json")
    return json.loads(result.stdout)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "plan.yaml").write_text("name: bad\nyears: [2026, 2028]\nshifts: {a: {cost: -5, reduction: 5 MSEK}}\n")
    return tmp_path / "bad"


def test_check_shows_the_plan() -> None:
    result = run("check", "minimal")
    assert result.exit_code == 0
    assert "The plan is in order" in result.stdout


@pytest.mark.parametrize("name", ["minimal", "kranj", "linkoping-transport"])
def test_check_accepts_every_example(name: str) -> None:
    found = answer("check", name)
    assert found["ok"]
    assert found["plan"]["hash"] == kip.example(name).hash
    assert all(issue["severity"] == "warning" for issue in found["issues"])


def test_check_lists_every_problem(bad: Path) -> None:
    result = run("check", bad)
    assert result.exit_code == 1
    assert "3 problems in" in result.stdout
    assert 'plan.yaml, row 3, column "cost": found -5' in result.stdout
    found = answer("check", bad)
    assert not found["ok"]
    assert {(issue["file"], issue["row"], issue["column"]) for issue in found["issues"]} == {
        ("plan.yaml", 2, "years"),
        ("plan.yaml", 3, "cost"),
        ("plan.yaml", 3, "reduction"),
    }


def test_optimize_prints_the_answer() -> None:
    result = run("optimize", "kranj", "--budget", "10 MEUR")
    assert result.exit_code == 0
    assert "38 651" in result.stdout.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("budget", KRANJ)
def test_optimize_json(budget: str) -> None:
    found = answer("optimize", "kranj", "--budget", f"municipality={budget.replace(' ', '')}", "--gap", 0)
    assert found["status"] == "optimal"
    assert found["objective"]["value"] == pytest.approx(KRANJ[budget], abs=0.5)
    assert found["plan"]["name"] == "kranj"
    assert found["kip"] == kip.__version__
    assert {"reason", "bound", "gap", "selected", "measures", "notes"} <= set(found)


def test_optimize_passes_the_question_on(tmp_path: Path) -> None:
    """Hand arithmetic: b alone gives 2 t for 3 SEK, a alone 5 t for 10 SEK."""
    (tmp_path / "plan.yaml").write_text(
        "name: p\nyears: [2026]\nbudgets: {town: 100}\n"
        "shifts: {a: {cost: {town: 10}, reduction: 5}, b: {cost: {town: 3}, reduction: 2}}\n"
        "scenarios: {dear: {changes: {shifts.a.cost.town: 1000}}}\n"
    )
    assert answer("optimize", tmp_path)["selected"] == ["a", "b"]
    assert answer("optimize", tmp_path, "--budget", "4")["selected"] == ["b"]
    assert answer("optimize", tmp_path, "--budget", "town=10 SEK")["selected"] == ["a"]
    assert answer("optimize", tmp_path, "--scenario", "dear")["selected"] == ["b"]
    assert answer("optimize", tmp_path, "--forbid", "a")["selected"] == ["b"]
    assert answer("optimize", tmp_path, "--minimize", "cost", "--minimum", "reduction=3 t")["selected"] == ["a"]
    assert answer("optimize", tmp_path, "--maximum", "investment=4 SEK")["selected"] == ["b"]
    assert answer("optimize", tmp_path, "--minimize", "cost", "--require", "b")["selected"] == ["b"]
    assert answer("optimize", tmp_path, "--per", "municipal", "--minimum", "reduction=1")["selected"] == ["b"]


def test_output_writes_tables_and_pictures(tmp_path: Path) -> None:
    result = run("optimize", "minimal", "--output", tmp_path / "results")
    assert result.exit_code == 0
    files = list((tmp_path / "results").iterdir())
    assert len([file for file in files if file.suffix == ".png"]) == 4
    assert [file for file in files if file.suffix == ".csv"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["check", "kran"], 1, 'Did you mean "kranj"'),
        (["optimize", "kran"], 1, 'Did you mean "kranj"'),
        (["optimize"], 2, "Missing argument"),
        (["optimise"], 2, "No such command"),
        (["optimize", "minimal", "--bugdet", "5"], 2, "No such option"),
        (["optimize", "minimal", "--budget", "5 MEUR"], 2, "is in EUR, but the plan is in SEK"),
        (["optimize", "minimal", "--budget", "five"], 2, "is not a number"),
        (["optimize", "minimal", "--budget", "-5"], 2, "is negative"),
        (["optimize", "minimal", "--budget", "town=5"], 2, 'unknown actor "town"'),
        (["optimize", "minimal", "--budget", "5", "--budget", "6"], 2, "twice"),
        (["optimize", "minimal", "--minimum", "reduction"], 2, "has no value"),
        (["optimize", "minimal", "--minimum", "reductoin=5"], 2, 'Did you mean "reduction"'),
        (["optimize", "minimal", "--maximize", "cots"], 2, "unknown measure"),
        (["optimize", "minimal", "--maximize", "reduction", "--minimize", "cost"], 2, "not both"),
        (["optimize", "minimal", "--require", "nothing"], 2, 'unknown shift "nothing"'),
        (["optimize", "minimal", "--scenario", "nothing"], 2, 'unknown scenario "nothing"'),
        (["optimize", "minimal", "--per", "krona"], 2, "krona"),
        (["optimize", "minimal", "--gap", "-1"], 2, "Invalid value"),
        (["optimize", "minimal", "--minimum", "reduction=1e9"], 3, "can be reached"),
    ],
)
def test_exit_codes(arguments: list[str], code: int, words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert words in " ".join(result.output.replace("│", " ").split())
    assert "Traceback" not in result.output


def test_errors_are_json_too(bad: Path) -> None:
    found = answer("optimize", bad)
    assert (found["status"], found["exit_code"], len(found["issues"])) == ("error", 1, 3)
    assert answer("optimize", "minimal", "--budget", "5 EUR")["exit_code"] == 2


def test_a_bug_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.delenv("KIP_TRACEBACK", raising=False)
    monkeypatch.setattr(kip, "optimize", broken, raising=False)
    result = run("optimize", "minimal")
    assert result.exit_code == 4
    assert result.output.strip() == "kip broke: ZeroDivisionError: division by zero; please report with KIP_TRACEBACK=1"
    monkeypatch.setenv("KIP_TRACEBACK", "1")
    assert isinstance(run("optimize", "minimal").exception, ZeroDivisionError)


def test_stopped_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(kip, "optimize", stopped, raising=False)
    result = run("optimize", "minimal")
    assert (result.exit_code, result.output.strip()) == (3, "stopped before a portfolio was found.")


def test_new_makes_a_plan_that_solves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("new", "min plan åäö")
    assert result.exit_code == 0
    assert kip.read_plan("min plan åäö").name == "min plan åäö"
    assert "# " in Path("min plan åäö/plan.yaml").read_text(encoding="utf-8")
    assert answer("optimize", "min plan åäö")["status"] == "optimal"
    Path("empty").mkdir()
    assert run("new", "empty").exit_code == 0
    assert run("new", tmp_path / "deep" / "2030").exit_code == 0
    assert kip.read_plan(tmp_path / "deep" / "2030").name == "2030"


def test_new_refuses_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    result = run("new", tmp_path / "full")
    assert result.exit_code == 2
    assert "Choose another name" in result.output
    assert [file.name for file in (tmp_path / "full").iterdir()] == ["mine.txt"]
    result = run("new", tmp_path / "a.b")
    assert result.exit_code == 2
    assert "cannot be the name of a plan" in result.output
    assert not (tmp_path / "a.b").exists()


def test_help_says_the_exit_codes() -> None:
    for arguments in ([], ["check"], ["optimize"], ["new"]):
        text = " ".join(run(*arguments, "--help").output.split())
        assert "Exit codes: 0 done; 1 the plan has problems; 2 the command line is wrong; 3 no portfolio" in text
    assert run("--version").output.strip() == f"kip {kip.__version__}"


def test_as_a_process_in_a_narrow_encoding() -> None:
    """A terminal whose letters are Cyrillic shows "?" for what it cannot show, and nothing breaks."""
    environment = os.environ | {"PYTHONIOENCODING": "koi8-r", "PYTHONPATH": str(Path(kip.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", "from kip.cli import main; main()", "check", "linkoping-transport"],
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert b"Link?ping" in done.stdout
    assert not done.stderr


def test_the_answer_in_swedish(tmp_path: Path) -> None:
    result = run("optimize", "minimal", "--language", "sv", "--output", tmp_path / "svar")
    assert result.exit_code == 0
    assert "Vad som startar" in result.stdout
    page = (tmp_path / "svar" / "summary.html").read_text(encoding="utf-8")
    assert page.startswith('<!doctype html>\n<html lang="sv">') and "Vad som startar" in page
    wrong = run("optimize", "minimal", "--language", "se")
    assert wrong.exit_code == 2 and 'unknown language "se"' in wrong.stderr
