"""What a frontier refuses, a sentence each, all in one report; and what it says of frontiers that are hardly any."""

from __future__ import annotations

from typing import Any

import pytest

import kip

PLAN = kip.Plan(
    name="town",
    years=[2026],
    shifts=[kip.Shift(name="a", cost=1e6, reduction=10), kip.Shift(name="b", cost=2e6, reduction=15)],
    indicators=[kip.Indicator(name="quiet", unit="person")],
    budgets=2e6,
)


@pytest.mark.parametrize(
    ("objectives", "options", "words"),
    [
        (("reduction", "quiet"), {}, 'nothing in this plan changes "quiet"'),
        (("reduction", "cst"), {}, 'Did you mean "cost"?'),
        (("reduction", "reduction"), {}, '"reduction" is an objective twice'),
        (("reduction",), {}, "found 1 objective; a frontier takes two to four. With one, kip.optimize is the verb."),
        (("reduction", "cost", "investment", "net_cost", "emissions"), {}, "found 5 objectives"),
        (("reduction", "max:shortfall"), {}, '"shortfall" can only be minimised'),
        ({"reduction": "up", "cost": "min"}, {}, 'found the direction "up"'),
        (("reduction", "cost"), {"points": 1}, "points=1"),
        (("reduction", "cost"), {"workers": 0}, "workers=0"),
        (("reduction", "cost"), {"gap": -1}, "gap=-1"),
        (("reduction", "cost"), {"budget_up_to": 2}, 'no objective is one. Take "budget"'),
        (("reduction", "budget"), {"budget_up_to": -2}, "budget_up_to=-2"),
        (("budget", "budget.municipality"), {}, "cannot stand beside"),
        (("reduction", "budget.firm"), {}, "firm"),
        (("reduction", "cost"), {"minimum": {"reduction": 100}}, "at most 15 t can be reached, 100 were asked for"),
        (("reduction", "cost"), {"language": "de"}, "de"),
    ],
)
def test_refused(objectives: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(kip.RequestError) as found:
        kip.frontier(PLAN, objectives, **options)
    assert words in str(found.value)


def test_every_problem_at_once() -> None:
    with pytest.raises(kip.RequestError) as found:
        kip.frontier(PLAN, ("reduction", "cst"), workers=0, points=1)
    assert len(str(found.value).splitlines()) == 3


def test_no_budget_to_scale() -> None:
    with pytest.raises(kip.RequestError, match="the plan has no budgets to make larger or smaller"):
        kip.frontier(PLAN.update({"budgets": []}), ("reduction", "budget"))


def test_one_point_says_that_nothing_conflicts() -> None:
    front = kip.frontier(PLAN, ("reduction", "min:emissions"))
    assert len(front) == 1
    assert any("do not conflict" in note for note in front.notes)
    assert front.changes().empty
    assert front.knees().empty


def test_next_krona_is_asked_with_sense() -> None:
    front = kip.frontier(PLAN)
    for at, step in ((float("nan"), 1.0), (1e6, 0.0), (-1e6, 1.0)):
        with pytest.raises(kip.RequestError):
            front.next_krona(at, step)
    with pytest.raises(kip.RequestError, match="reference"):
        front.hypervolume([1.0])


def test_shown_in_both_languages_and_saved(tmp_path: Any) -> None:
    front = kip.frontier(PLAN, language="sv")
    assert "Fullständig: alla" in str(front)
    assert "Complete: all" in str(front.in_language("en"))
    assert "<table" in front._repr_html_()
    files = front.save(tmp_path)
    assert {file.name for file in files} == {
        "frontier.csv", "frontier_changes.csv", "frontier_knees.csv", "frontier.json", "frontier.html", "frontier.png"
    }  # fmt: skip
    assert front.to_dict()["points"][0]["status"] == "optimal"
    assert front.dataset["new"].dims == ("point", "shift", "district", "year")


def test_a_point_can_be_asked_about_again() -> None:
    """Its question stands in it: the most of the first objective with the others no worse."""
    from kip.optimization.study import study_of

    front = kip.frontier(PLAN)
    assert -study_of(front.portfolios[1]).best().value == pytest.approx(front.values[1, 0])


def test_the_command(tmp_path: Any) -> None:
    import json

    from typer.testing import CliRunner

    from kip.cli import app

    run = CliRunner()
    asked = run.invoke(app, ["frontier", "minimal", "--json", "--at", "30000000", "--step", "1000000", "--output", str(tmp_path / "out")])
    assert asked.exit_code == 0
    found = json.loads(asked.stdout)
    assert found["complete"]
    assert found["next_krona"]["step"] == 1e6
    assert (tmp_path / "out" / "frontier.png").exists()
    wrong = run.invoke(app, ["frontier", "minimal", "--objective", "reduction"])
    assert wrong.exit_code == 2
    assert "two to four" in wrong.output
