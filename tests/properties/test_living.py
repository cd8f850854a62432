"""Properties of a living plan on random small plans."""

from __future__ import annotations

import pytest

import kip
from tests.properties.plans import random_plan

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_locking_the_optimum_changes_nothing_and_locking_never_helps(seed: int) -> None:
    plan = random_plan(seed)
    best = kip.optimize(plan, gap=0)
    if not best.found:
        pytest.skip("no portfolio keeps the rules of this plan")
    until = plan.years[len(plan.years) // 2]
    locked = plan.lock(best, until)
    assert kip.optimize(locked, gap=0).objective == pytest.approx(best.objective, rel=1e-6, abs=1e-6)
    # something else than the optimum is locked: nothing at all in the closed years
    other = kip.optimize(plan.lock(kip.evaluate(plan), until), gap=0)
    if other.found:
        assert other.objective <= best.objective + 1e-6 * max(1.0, abs(best.objective))


@pytest.mark.parametrize("seed", SEEDS)
def test_fingerprint_survives_files_and_any_order(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    plan = random_plan(seed)
    fields = {name: getattr(plan, name) for name in type(plan).model_fields}
    for name in ("shifts", "enablers", "budgets", "targets", "activities", "indicators", "districts"):
        fields[name] = fields[name][::-1]
    assert kip.Plan.model_validate(fields).hash == plan.hash
    assert kip.read_plan(kip.write_plan(plan, tmp_path_factory.mktemp("plan"))).hash == plan.hash


@pytest.mark.parametrize("seed", SEEDS)
def test_decisions_and_outcomes_survive_files(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    plan = random_plan(seed)
    locked = plan.lock(kip.optimize(plan), plan.years[-1]) if kip.optimize(plan).found else plan
    known = locked.update({"outcomes": [kip.Outcome(path="ledgers.main.other.rest", year=plan.years[0], value=seed / 3, source="a; b")]})
    folder = tmp_path_factory.mktemp("plan")
    for place in (folder / "plan", folder / "plan.xlsx"):
        assert kip.read_plan(kip.write_plan(known, place)) == known


@pytest.mark.parametrize("seed", SEEDS)
def test_diff_is_empty_for_the_same_and_turns_with_its_sides(seed: int) -> None:
    one, two = random_plan(seed), random_plan(seed + 100)
    assert not kip.diff(one, one)
    there, back = kip.diff(one, two).table.set_index("path"), kip.diff(two, one).table.set_index("path")
    assert sorted(there.index) == sorted(back.index)
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    for path, row in there.iterrows():
        assert back.loc[path, "change"] == turned[row["change"]]
        assert back.loc[path, "difference"] == pytest.approx(-row["difference"], nan_ok=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_regret_is_never_negative_and_nothing_against_itself(seed: int) -> None:
    plan = random_plan(seed)
    best = kip.optimize(plan, gap=0)
    if not best.found:
        pytest.skip("no portfolio keeps the rules of this plan")
    assert kip.regret(plan, best, gap=0).value == pytest.approx(0, abs=1e-6 * max(1.0, abs(best.objective)))
    poorer = plan.update({"budgets": [kip.Budget(actor=row.actor, kind=row.kind, amount=0) for row in plan.budgets]})
    found = kip.regret(poorer, best, gap=0)
    if found.optimum.found:
        assert found.kept.found
        assert found.value >= -1e-6 * max(1.0, abs(best.objective))
        assert not found.kept.broken
