"""The core by another road: the least and the most of each shift as answers of kip.optimize, with the tolerance as a limit.

Amounts, units and whole shifts over several years and districts, with lives, ramps, requirements and decided starts.
"""

from __future__ import annotations

import random

import pytest

import kip

WITHIN = 0.1


def drawn(seed: int) -> kip.Plan:
    """Two to four shifts of every kind of choice, in one to three years and two districts."""
    draw = random.Random(seed)
    years = list(range(2026, 2026 + draw.randint(1, 3)))
    places = ("north", "south")
    shifts: list[dict[str, object]] = []
    for row in range(draw.randint(2, 4)):
        cost, tonnes = draw.randint(1, 9) * 1e5, draw.randint(-2, 9)
        fields: dict[str, object] = {"name": f"s{row}", "cost": cost, "reduction": tonnes, "lead": draw.choice([0, 0, 1])}
        fields["choice"] = draw.choice(["share", "share", "units", "whole"])
        if fields["choice"] != "whole":
            fields["potential"] = {p: round(draw.uniform(1, 6), 1) for p in places} if draw.random() < 0.5 else draw.choice([3.0, 7.5])
        elif draw.random() < 0.5:
            fields["districts"] = list(places)
        if draw.random() < 0.4:
            fields |= {"lifetime": draw.randint(1, 2), "renew": draw.random() < 0.3}
        if fields["choice"] != "whole" and draw.random() < 0.3:
            fields["ramp"] = 2.0
        shifts.append(fields)
    whole = [fields["name"] for fields in shifts if fields["choice"] == "whole"]
    for fields in shifts:
        if whole and fields["name"] not in whole and draw.random() < 0.3:
            fields["requires"] = [whole[0]]
    first, decided = shifts[0], []
    if draw.random() < 0.4 and first["lead"] == 0:
        place = "north" if isinstance(first.get("potential"), dict) or first.get("districts") else "all"
        decided = [{"shift": "s0", "district": place, "year": 2026, "units": 1.0}]
    return kip.Plan(
        name=f"p{seed}",
        years=years,
        districts=[kip.District(name=place) for place in places],
        shifts=[kip.Shift(**fields) for fields in shifts],
        budgets={"municipality": {year: draw.randint(5, 30) * 1e5 for year in years}},
        decided=decided,
    )


@pytest.mark.parametrize("seed", [1, 4, 9, 13, 22, 31, 37, 44])
def test_levels_are_those_of_the_optimiser(seed: int) -> None:
    plan = drawn(seed)
    best = kip.optimize(plan, gap=0)
    if not best.found:
        pytest.skip("what is decided cannot be paid in this plan")
    table = kip.core(best, WITHIN).table()
    floor = best.objective - WITHIN * abs(best.objective) - 1e-9 * max(1.0, abs(best.objective))
    for name, row in table.iterrows():
        most, least = (
            kip.optimize(plan, gap=0, minimum={"reduction": floor}, **{verb: f"adopted.{name}"}).objective
            for verb in ("maximize", "minimize")
        )
        near = 1e-4 * max(1.0, most)
        assert row["class"] != "open"
        assert row["no less than"] <= least + near, (name, "a false proof below")
        assert row["no more than"] >= most - near, (name, "a false proof above")
        assert (row["least"], row["most"]) == pytest.approx((least, most), abs=near), name
