"""Plans of any size for benchmarks: seeded, with moving and stated shifts, whole, counted and shared, yearly budgets."""

from __future__ import annotations

import numpy as np

import kip

__all__ = ["generated_plan"]


def generated_plan(shifts: int, years: int, seed: int = 0) -> kip.Plan:
    """A plan whose size grows in step with `shifts`: one activity for every 15 shifts, one enabler for every 50.

    Half of the shifts are whole and stated, a quarter counted and stated, a quarter move a share of an activity. The
    numbers are drawn, and mean nothing.
    """
    random = np.random.default_rng(seed)
    first, last = 2026, 2026 + years - 1
    segments = max(2, shifts // 15)
    activities = [
        {"name": f"activity-{row:03d}", "amount": float(random.uniform(2e7, 2e8)), "factor": float(random.uniform(5e-5, 3e-4))}
        for row in range(segments)
    ]
    rows = [_shift(random, row, segments, first, last) for row in range(shifts)]
    parts = [row["name"] for row in rows if row["choice"] != "whole"]
    enablers = [
        {
            "name": f"enabler-{row:03d}",
            "cost": {"municipality": float(random.uniform(1e6, 3e7))},
            "opens": {str(name): 0.5 for name in random.choice(parts, size=min(4, len(parts)), replace=False)},
        }
        for row in range(max(1, shifts // 50))
    ]
    opened = {name for enabler in enablers for name in enabler["opens"]}
    for row in rows:
        if row["name"] in opened:
            row["open"] = 0.5
    wanted = sum(
        row["cost"]["municipality"] * row.get("potential", {"all": 1.0}).get("all", 1.0) for row in rows if row["choice"] != "share"
    )
    yearly = {year: round(0.25 * wanted / years, -3) for year in range(first, last + 1)}
    return kip.Plan(
        name=f"generated-{shifts}x{years}",
        years=range(first, last + 1),
        actors=[{"name": "municipality"}, {"name": "households", "kind": "private"}],
        activities=activities,
        shifts=rows,
        enablers=enablers,
        budgets=[{"actor": "municipality", "amount": yearly, "carry_over": True}],
        ledgers=[{"name": "emissions", "base_year": 1990, "base_value": 1e6, "source": "drawn"}],
        targets=[{"name": "end", "year": last, "cut": 0.7}],
    )


def _shift(random: np.random.Generator, row: int, segments: int, first: int, last: int) -> dict:
    kind = ("whole", "whole", "units", "share")[row % 4]
    shift = {
        "name": f"shift-{row:04d}",
        "choice": kind,
        "lead": int(random.integers(0, 3)),
        "lifetime": int(random.integers(8, 25)),
        "opex": {"municipality": float(random.uniform(-5e4, 2e4)) if kind != "share" else 0.0},
    }
    if kind == "share":
        source, target = random.choice(segments, size=2, replace=False)
        shift |= {
            "source": f"activity-{min(source, target):03d}",
            "target": f"activity-{max(source, target):03d}",
            "ratio": float(random.uniform(0.8, 1.0)),
            "cost": {"municipality": float(random.uniform(0.01, 0.2)), "households": float(random.uniform(0.2, 2.0))},
            "potential_share": float(random.uniform(0.05, 0.3)),
            "ramp": float(random.uniform(1e6, 1e7)),
        }
        return shift
    shift["cost"] = {"municipality": float(random.uniform(2e5, 3e6) if kind == "units" else random.uniform(2e6, 6e7))}
    shift["reduction"] = float(random.uniform(5, 60) if kind == "units" else random.uniform(50, 2000))
    if kind == "units":
        shift |= {"potential": {"all": float(random.integers(5, 40))}, "ramp": float(random.integers(2, 8))}
    return shift
