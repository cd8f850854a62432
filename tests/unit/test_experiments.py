"""Experiments of a sweep: what each row of numbers gives, and what a bad one gives instead of an exception."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

import kip
from kip.optimization.question import Limits, Question
from kip.sweeps.experiment import STATUSES, Experiment
from kip.sweeps.plain import Plain
from kip.sweeps.plain_outcomes import Paths
from kip.sweeps.reoptimizing import Reoptimized
from kip.sweeps.stress import StressTested

PLAN = kip.Plan(
    name="three",
    years=[2026, 2027],
    shifts=[
        kip.Shift(name="a", cost=5e6, reduction=16),
        kip.Shift(name="b", cost=7e6, reduction=22),
        kip.Shift(name="c", cost=4e6, reduction=12),
    ],
    budgets={"municipality": 14e6},
)


def words(experiment: Experiment, *rows: list[float]) -> list[str]:
    return [STATUSES[code] for code in experiment.run(np.array(rows, dtype=float)).status]


def test_a_knapsack_by_hand() -> None:
    """Two years: a gives 32 t, b 44 t, c 24 t; 12 buys a and b (76), 11 b and c (68), 9 a and c (56), 16 all (100)."""
    asked = Reoptimized(PLAN, Paths(("budgets.municipality",)), outcomes=["reduction", "cost", "adopted.a"], limits=Limits(gap=0))
    batch = asked.run(np.array([[12e6], [11e6], [9e6], [16e6], [11e6]]))
    assert batch.outcome[:, 0].tolist() == [76, 68, 56, 100, 68]
    assert batch.outcome[:, 1].tolist() == [12e6, 11e6, 9e6, 16e6, 11e6]
    assert batch.level.tolist() == [[1, 1, 0], [0, 1, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]]
    assert batch.objective.tolist() == batch.bound.tolist() == [76, 68, 56, 100, 68]
    assert not batch.reason


def test_each_experiment_keeps_the_contract_and_pickles() -> None:
    portfolio = kip.optimize(PLAN)
    experiments: list[Experiment] = [
        Reoptimized(PLAN, Paths(("budgets.municipality",))),
        StressTested(PLAN, Paths(("budgets.municipality",)), portfolio),
        Plain(abs, ["x"]),
    ]
    for experiment in experiments:
        assert isinstance(experiment, Experiment)
        again = pickle.loads(pickle.dumps(experiment))
        assert again.identity == experiment.identity
        assert again.outcomes == experiment.outcomes
        assert len(pickle.dumps(experiment)) < 20_000
    assert len({experiment.identity for experiment in experiments}) == 3


def test_what_changes_an_answer_changes_the_identity() -> None:
    space = Paths(("budgets.municipality",))
    asked = [
        Reoptimized(PLAN, space),
        Reoptimized(PLAN, Paths(("shifts.a.cost",))),
        Reoptimized(PLAN, space, Question(minimize="cost", minimum={"reduction": 10})),
        Reoptimized(PLAN, space, outcomes=["cost"]),
        Reoptimized(PLAN, space, limits=Limits(gap=0.1)),
        Reoptimized(PLAN.update({"shifts.a.cost": 1e6}), space),
    ]
    assert len({one.identity for one in asked}) == len(asked)


def test_every_bad_scenario_is_a_row_with_its_reason() -> None:
    asked = Reoptimized(PLAN, Paths(("budgets.municipality", "shifts.a.cost")), Question("reduction", minimum={"reduction": 60}))
    batch = asked.run(np.array([[14e6, 5e6], [1e6, 5e6], [np.nan, 5e6], [-1.0, 5e6], [14e6, np.inf]]))
    assert [STATUSES[code] for code in batch.status] == ["optimal", "infeasible", "invalid", "invalid", "invalid"]
    assert sorted(batch.reason) == [1, 2, 3, 4]
    assert "NaN" in batch.reason[2] or "nan" in batch.reason[2]
    assert "0 or more" in batch.reason[3]
    assert np.isnan(batch.outcome[1:]).all()
    assert np.isnan(batch.level[1:]).all()


def test_targets_come_first_when_something_is_minimised() -> None:
    """Least cost with a target that only b and c together nearly reach: shortfall first, as in kip.optimize."""
    plan = PLAN.model_validate(
        {
            **{name: getattr(PLAN, name) for name in type(PLAN).model_fields},
            "ledgers": [kip.Ledger(name="main", other={"rest": 100})],
            "targets": [kip.Target(name="t", year=2027, value=60.0, base_year=2026, base_value=100, source="x")],
        }
    )
    asked = Reoptimized(plan, Paths(("budgets.municipality",)), Question(minimize="cost"), ["shortfall", "cost"], Limits(gap=0))
    rows = [[14e6], [16e6], [5e6]]
    batch = asked.run(np.array(rows))
    for place, (budget,) in enumerate(rows):
        best = kip.optimize(plan.update({"budgets.municipality": budget}), minimize="cost", gap=0)
        assert batch.outcome[place] == pytest.approx([best.measure("shortfall"), best.measure("cost")])


def test_a_ratio_is_that_of_optimize() -> None:
    asked = Reoptimized(PLAN, Paths(("shifts.a.cost",)), Question("reduction", per="municipal", minimum={"reduction": 30}))
    batch = asked.run(np.array([[5e6], [9e6]]))
    for place, cost in enumerate((5e6, 9e6)):
        best = kip.optimize(PLAN.update({"shifts.a.cost": cost}), "reduction", per="municipal", minimum={"reduction": 30})
        assert batch.objective[place] == pytest.approx(best.objective)


def test_bad_requests_come_in_one_report() -> None:
    with pytest.raises(kip.RequestError, match=r"reducton.*\n.*banana"):
        Reoptimized(PLAN, Paths(("discount_rate",)), outcomes=["reducton", "banana"])
    with pytest.raises(kip.RequestError, match="not both"):
        Reoptimized(PLAN, Paths(("discount_rate",)), Question("reduction", "cost"))
    with pytest.raises(kip.RequestError, match=r"shape \(1, 2\)"):
        Reoptimized(PLAN, Paths(("discount_rate",))).run(np.zeros((1, 2)))
    with pytest.raises(kip.RequestError, match="no portfolio"):
        StressTested(PLAN, Paths(("discount_rate",)), [])
    with pytest.raises(kip.RequestError, match="does not have shift"):
        StressTested(kip.Plan(name="q", years=[2026, 2027], shifts=PLAN.shifts[:1]), Paths(("discount_rate",)), kip.optimize(PLAN))


def test_a_stress_test_is_evaluate_on_the_changed_plan() -> None:
    portfolio = kip.optimize(PLAN)
    tested = StressTested(
        PLAN, Paths(("shifts.b.cost", "shifts.b.reduction", "discount_rate")), portfolio, ["reduction", "cost", "net_cost"]
    )
    rows = np.array([[7e6, 22, 0.035], [9e6, 11, 0.0], [1e6, 40, 0.1]])
    batch = tested.run(rows)
    for place, row in enumerate(rows):
        changed = PLAN.update(dict(zip(tested.parameters, row.tolist(), strict=True)))
        counted = kip.evaluate(changed, portfolio.decisions)
        assert batch.outcome[place] == pytest.approx([counted.measure(name) for name in ("reduction", "cost", "net_cost")], rel=1e-12)
    assert words(tested, [7e6, 22, 0.035], [-1, 22, 0.035]) == ["evaluated", "invalid"]


def test_several_portfolios_have_outcomes_of_their_own() -> None:
    pair = {"small": kip.evaluate(PLAN, ["c"]), "large": kip.evaluate(PLAN, ["a", "b"])}
    tested = StressTested(PLAN, Paths(("shifts.a.reduction",)), pair, ["reduction"])
    assert [outcome.name for outcome in tested.outcomes] == ["small: reduction", "large: reduction"]
    batch = tested.run(np.array([[10.0], [20.0]]))
    assert batch.outcome.tolist() == [[24, 64], [24, 84]]
    assert tested.shifts == ()


def test_a_plain_function_and_what_it_may_do_wrong() -> None:
    def odd(x: float) -> dict[str, float]:
        if x == 1:
            raise ZeroDivisionError("one")
        return {"y": float("nan")} if x == 2 else {"z": 1.0} if x == 3 else {"y": x}

    batch = Plain(odd, ["x"], ["y"]).run(np.array([[0.0], [1.0], [2.0], [3.0]]))
    assert [STATUSES[code] for code in batch.status] == ["evaluated", "failed", "failed", "failed"]
    assert "ZeroDivisionError: one" in batch.reason[1]
    assert "NaN" in batch.reason[2]
    assert "no y" in batch.reason[3]


def test_a_case_is_saved_as_a_model(tmp_path: Path) -> None:
    asked = Reoptimized(PLAN, Paths(("budgets.municipality",)))
    model = asked.save_case(np.array([12e6]), tmp_path)
    assert model.suffix == ".mps"
    assert "ROWS" in model.read_text()
    assert json.loads(model.with_suffix(".json").read_text()) == {"budgets.municipality": 12e6}
    assert asked.save_case(np.array([np.nan]), tmp_path).suffix == ".json"


def test_outcomes_is_a_plain_function() -> None:
    names = ["reduction", "cost"]
    assert kip.outcomes(PLAN, measures=names, budgets__municipality=11e6) == {"reduction": 68, "cost": 11e6}
    assert kip.outcomes(PLAN, measures=names, **{"budgets.municipality": 9e6}) == {"reduction": 56, "cost": 9e6}
    assert kip.outcomes(PLAN, kip.evaluate(PLAN, ["a"]), measures=names, shifts__a__reduction=1.0) == {"reduction": 2, "cost": 5e6}
    with pytest.raises(kip.RequestError, match="municipality"):
        kip.outcomes(PLAN, **{"budgets.municipalty": 1.0})
    with pytest.raises(kip.RequestError, match="0 or more"):
        kip.outcomes(PLAN, budgets__municipality=-1.0)
