"""A study asks a plan's question again with changes: each answer equals kip.optimize with the same change."""

from __future__ import annotations

import numpy as np
import pytest

import kip
from kip.optimization.changes import at_most, closed, not_again, started, without
from kip.optimization.study import study_of


def _best(**extra: object) -> kip.Portfolio:
    return kip.optimize(kip.example("minimal"), gap=0.0, **extra)


def test_forced_out_is_forbidden() -> None:
    best = _best()
    study = study_of(best)
    for name in best.selected:
        assert -study.best(without(name)).value == pytest.approx(_best(forbid=[name]).objective)


def test_forced_in_is_required() -> None:
    best = _best()
    out = [name for name in map(str, best.dataset["shift"].values) if name not in best.selected and _whole(best, name)]
    assert out
    study = study_of(best)
    for name in out:
        assert -study.best(started(name)).value == pytest.approx(_best(require=[name]).objective)


def _whole(portfolio: kip.Portfolio, name: str) -> bool:
    return next(item for item in (*portfolio.plan.shifts, *portfolio.plan.enablers) if item.name == name).choice == "whole"


def test_a_limit_is_a_maximum_and_near_optimal_keeps_the_optimum() -> None:
    best = _best()
    study = study_of(best, also=[("cost", 1.0)])
    half = 0.5 * best.measure("cost")
    assert -study.best(at_most("cost", half)).value == pytest.approx(_best(maximum={"cost": half}).objective)
    cheapest = study.extreme("cost", -1.0, study.near_optimal(0.0))
    assert cheapest.value <= best.measure("cost") + 1e-6
    assert study.session.exact("reduction")(cheapest.data) == pytest.approx(best.objective)


def test_another_set_of_choices() -> None:
    best = _best()
    study = study_of(best)
    other = study.best(not_again(best.dataset))
    assert -other.value <= best.objective + 1e-9
    there = [data["new"].values.sum(axis=2) > 0.5 for data in (best.dataset, other.data)]
    whole = np.array([_whole(best, str(name)) for name in best.dataset["shift"].values])
    assert (there[0] != there[1])[whole].any()


def test_a_search_stops_when_it_has_enough() -> None:
    best = _best()
    study = study_of(best)
    answer = study.best(begin=study.begin(), enough=0.5 * best.objective)
    assert -answer.value >= 0.5 * best.objective
    assert -answer.bound >= best.objective - 1e-6


def test_a_source_is_closed() -> None:
    plan = kip.Plan(
        name="p",
        years=[2026],
        shifts=[kip.Shift(name="bus", cost=6e6, reduction=100), kip.Shift(name="path", cost=2e6, reduction=20)],
        budgets={"municipality": 5e6},
        funding=[kip.Funding(name="leap", share=0.5)],
    )
    study = study_of(kip.optimize(plan, gap=0.0))
    assert (-study.best().value, -study.best(closed("leap")).value) == (120.0, 20.0)


def test_what_has_no_question_is_refused() -> None:
    plan = kip.example("minimal")
    for portfolio in (kip.evaluate(plan, []), kip.optimize(plan, per="municipal"), kip.optimize(plan, model=kip.pyomo_model(plan))):
        with pytest.raises(kip.RequestError, match=r"kip\.optimize|Optimise"):
            study_of(portfolio)
