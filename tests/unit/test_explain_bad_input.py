"""What kip.explain says when it is asked wrongly, when time is up, and on the command line."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

import kip
from kip.cli import app


def town(**fields: object) -> kip.Plan:
    shifts = [
        kip.Shift(name="buses", cost=6e6, reduction=100),
        kip.Shift(name="depot", cost=10e6, reduction=150),
        kip.Shift(name="closed", cost=1e6, reduction=10, open=0),
        kip.Shift(name="palace", cost=90e6, reduction=900),
        kip.Shift(name="path", cost=4e6, reduction=40),
    ]
    return kip.Plan(**({"name": "town", "years": [2026], "shifts": shifts, "budgets": 14e6} | fields))


def test_unknown_shift_names_the_nearest() -> None:
    best = kip.optimize(town())
    with pytest.raises(kip.RequestError, match='Did you mean "buses"'):
        kip.explain(best, "buss")
    with pytest.raises(kip.RequestError, match=r'unknown shift "a"[^\n]*\nunknown shift "b"'):
        kip.explain(best, ["a", "b"])
    with pytest.raises(kip.RequestError, match="unknown shift"):
        kip.explain(best, "buses")["depot"]


def test_what_has_no_question_is_refused() -> None:
    plan = town()
    for portfolio in (kip.evaluate(plan, []), kip.optimize(plan, per="municipal"), kip.optimize(plan, model=kip.pyomo_model(plan))):
        with pytest.raises(kip.RequestError, match=r"kip\.optimize|Optimise"):
            kip.explain(portfolio)
    with pytest.raises(kip.RequestError, match="explain needs a portfolio"):
        kip.explain(plan)


def test_an_objective_that_nothing_changes() -> None:
    plan = town(indicators=[kip.Indicator(name="quiet")])
    with pytest.raises(kip.RequestError, match="nothing in this plan changes quiet"):
        kip.explain(kip.optimize(plan, "quiet"))


@pytest.mark.parametrize("step", [0, -1, "5 EUR", "x", {"monney": 1}])
def test_wrong_steps(step: object) -> None:
    with pytest.raises(kip.RequestError, match="step"):
        kip.explain(kip.optimize(town()), step=step)


def test_wrong_language() -> None:
    with pytest.raises(kip.RequestError, match="unknown language"):
        kip.explain(kip.optimize(town()), language="no")


def test_arithmetic_says_why_something_can_never_start() -> None:
    explained = kip.explain(kip.optimize(town(), forbid=["path"]), worth=False)
    assert {name: explained[name].status for name in ("closed", "palace", "path")} == dict.fromkeys(("closed", "palace", "path"), "cannot")
    assert explained["closed"].sentence == "closed is out. No enabler opens it."
    assert explained["palace"].sentence == (
        "palace is out. The budget of municipality cannot pay it alone: it costs 90 MSEK, there is 14 MSEK."
    )
    assert explained["path"].sentence == "path is out. It is forbidden by the question."
    assert explained.portfolio.selected == ("depot",)


def test_a_plan_with_one_feasible_portfolio() -> None:
    plan = kip.Plan(name="p", years=[2026], shifts=[kip.Shift(name="a", cost=5e6, reduction=1)], budgets=1e6)
    explained = kip.explain(kip.optimize(plan))
    assert explained.notes == ("Nothing can be exchanged: this is the only choice of shifts that keeps all rules.",)
    decided = kip.Plan(
        name="p",
        years=[2026],
        shifts=[kip.Shift(name="a", cost=5e6, reduction=1)],
        decided=[kip.Decision(shift="a", year=2026)],
    )
    assert kip.explain(kip.optimize(decided))["a"].sentence == "a is in. It is decided."


def test_out_of_time_is_marked_and_nothing_is_dropped() -> None:
    explained = kip.explain(kip.optimize(town()), time_limit=0.0)
    assert len(explained.whys) == 5
    assert {why.status for why in explained.whys} == {"not asked", "cannot"}
    assert explained.worth()["status"].tolist() == ["not asked"]
    assert "the time was up" in repr(explained)
    assert explained.plot().get_title(loc="left")


def test_ctrl_c_returns_what_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    from kip.optimization.study import Study

    best, asked, done = kip.optimize(town(), gap=0), Study.best, []

    def stopping(self: Study, *changes: object, **options: object) -> object:
        if done:
            raise KeyboardInterrupt
        done.append(1)
        return asked(self, *changes, **options)

    monkeypatch.setattr(Study, "best", stopping)
    explained = kip.explain(best)
    assert [why.status for why in explained.whys].count("proven") == 1
    assert [why.status for why in explained.whys].count("not asked") >= 1


def test_shown_and_as_plain_data() -> None:
    explained = kip.explain(kip.optimize(town(), gap=0))
    plain = json.dumps(explained.to_dict(), allow_nan=False)
    assert '"shift": "buses"' in plain
    assert "Why in" in explained._repr_html_()
    table = explained.table()
    assert table.loc["buses", "sentence"] == explained["buses"].sentence
    assert list(table.columns).index("price [t]") > 0
    ax = explained.plot(language="sv")
    assert ax.get_xlabel().startswith("förlorat utan det")
    assert len(ax.patches) >= 3


def test_a_shortfall_points_to_reach() -> None:
    ledgers = [kip.Ledger(name="town", base_year=1990, base_value=900, source="a count", other={"rest": 900})]
    plan = town(ledgers=ledgers, targets=[kip.Target(name="2026", year=2026, value=100)])
    explained = kip.explain(kip.optimize(plan), "buses")
    assert 'kip.reach(plan, "2026")' in " ".join(explained.notes)


def test_command_line() -> None:
    run = CliRunner().invoke(app, ["explain", "scenarios/minimal", "--shift", "bicycle-garage", "--language", "sv"])
    assert (run.exit_code, "bicycle-garage är inte med." in run.stdout) == (0, True)
    run = CliRunner().invoke(app, ["explain", "scenarios/minimal", "--shift", "bicycle-garag"])
    assert (run.exit_code, "Did you mean" in run.output) == (2, True)
    run = CliRunner().invoke(app, ["explain", "scenarios/minimal", "--no-break-even", "--json"])
    assert json.loads(run.stdout)["unit"] == "t"
    run = CliRunner().invoke(app, ["reach", "scenarios/minimal", "--goal", "reduction=1e6", "--json"])
    assert (run.exit_code, json.loads(run.stdout)["reachable"]) == (3, False)
    run = CliRunner().invoke(app, ["reach", "scenarios/minimal", "--goal", "reduction=10", "--goal", "2030"])
    assert (run.exit_code, "either targets or" in run.output) == (2, True)
    run = CliRunner().invoke(app, ["explain", "scenarios/minimal", "--minimum", "reduction=1e6"])
    assert (run.exit_code, "Out of reach" in run.stdout) == (3, True)
