"""Shifts that cannot scale as they are written: every problem in one report, with what to do."""

from __future__ import annotations

from typing import Any

import pytest

import kip


def plan(**fee: Any) -> kip.Plan:
    return kip.Plan(
        name="p",
        years=[2026],
        activities=[{"name": "car", "amount": 100, "factor": 1}, {"name": "van", "amount": 100, "factor": 1}],
        shifts=[{"name": "fee", **fee}, {"name": "lane", "scales": {"van": 0.2}}],
    )


@pytest.mark.parametrize(
    ("fee", "path", "words"),
    [
        ({"scales": {"cars": 0.1}}, "shifts.fee.scales", 'Did you mean "car"?'),
        ({"scales": {"car": 1.2}}, "shifts.0", "must be between 0 and 0.999"),
        ({"scales": {"car": -0.1}}, "shifts.0", "must be between 0 and 0.999"),
        ({"scales": {"car": 0.1}, "reduction": 5}, "shifts.0", "exclude each other"),
        ({"scales": {"car": 0.1}, "source": "car"}, "shifts.0", "exclude each other"),
        ({"scales": {"car": 0.1}, "choice": "share"}, "shifts.0", "started as a whole"),
        ({"scales": {"car": 0.1}, "rebound": 0.2}, "shifts.0", 'belongs to scaling "energy"'),
        ({"rebound": 0.2, "reduction": 1}, "shifts.0", 'needs "scales"'),
        ({"scales": {"car": 0.1}, "synergy": {"lan": 0.1}}, "shifts.fee.synergy", 'Did you mean "lane"?'),
        ({"scales": {"car": 0.1}, "synergy": {"lane": 0.1}}, "shifts.fee.synergy", "scales none of the activities"),
        ({"scales": {"car": 0.1}, "synergy": {"fee": 0.1}}, "shifts.fee.synergy", "names itself"),
        ({"scales": {"car": 0.1}, "synergy": {"lane": 1.5}}, "shifts.0", "must be between -0.999 and 0.999"),
    ],
)
def test_each_problem_is_told(fee: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(kip.DataError) as error:
        plan(**fee)
    assert any(issue.path == path and words in issue.message for issue in error.value.issues), str(error.value)


def test_several_problems_in_one_report() -> None:
    with pytest.raises(kip.DataError) as error:
        plan(scales={"cars": 0.1}, synergy={"lan": 0.1})
    assert len(error.value.issues) == 2
