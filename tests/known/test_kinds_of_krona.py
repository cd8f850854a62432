"""A kind of krona is every actor of that kind, also where one of them bears the kind's name."""

from __future__ import annotations

import pytest

import kip


def test_an_actor_with_the_name_of_its_kind() -> None:
    plan = kip.Plan(
        name="p",
        years=[2026],
        actors=[{"name": "state", "kind": "state"}, {"name": "agency", "kind": "state"}],
        shifts=[{"name": "a", "cost": {"state": 1e6, "agency": 1e6}, "reduction": 10}],
    )
    # both pay a million: 10 t for two
    assert kip.optimize(plan, per="state", gap=0).objective == pytest.approx(10 / 2e6)
