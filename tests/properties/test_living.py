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
