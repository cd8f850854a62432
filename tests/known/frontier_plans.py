"""Plans whose frontiers are known: six shifts, Lundgren's fifteen projects, and the two-objective knapsack 2kp50."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np

import kip

SIX = {"A": (10, 30, 6), "B": (6, 17, 11), "C": (5, 13, 3), "D": (8, 25, 7), "E": (3, 6, 9), "F": (4, 11, 5)}
"""Cost [MSEK], tonnes [kt], co-benefit. F requires C; A and D exclude each other."""

PROJECTS = {  # Lundgren, Rönnqvist & Värbrand, pp. 393-395: value, investment, staff
    1: (600, 35, 5), 2: (400, 34, 3), 3: (100, 26, 4), 4: (150, 12, 2), 5: (80, 10, 2), 6: (120, 18, 2), 7: (200, 32, 4), 8: (220, 11, 1),
    9: (90, 10, 1), 10: (380, 22, 5), 11: (290, 27, 3), 12: (130, 18, 2), 13: (80, 16, 2), 14: (270, 29, 4), 15: (280, 22, 3),
}  # fmt: skip
EXCLUDES = {1: 10, 5: 6, 11: 15}
REQUIRES = {3: 15, 4: 15, 8: 7, 13: 2, 14: 2}


def six(budget: float | None = 21) -> kip.Plan:
    relations = {"F": {"requires": ["C"]}, "D": {"excludes": ["A"]}}
    shifts = [
        kip.Shift(name=name, cost=f"{cost} MSEK", reduction=f"{tonnes} kt/year", cobenefits={"health": health}, **relations.get(name, {}))
        for name, (cost, tonnes, health) in SIX.items()
    ]
    return kip.Plan(name="six", years=[2026], shifts=shifts, budgets={} if budget is None else {"municipality": budget * 1e6})


def lundgren() -> kip.Plan:
    shifts = [
        kip.Shift(
            name=f"p{number:02d}",
            cost=cost * 1e6,
            reduction=value,
            uses={"staff": staff, "projects": 1},
            excludes=[f"p{EXCLUDES[number]:02d}"] if number in EXCLUDES else [],
            requires=[f"p{REQUIRES[number]:02d}"] if number in REQUIRES else [],
        )
        for number, (value, cost, staff) in PROJECTS.items()
    ]
    return kip.Plan(
        name="lundgren", years=[2026], shifts=shifts, budgets={"municipality": "225 MSEK"}, resources={"staff": 28, "projects": 9}
    )


def lundgren_portfolios() -> Iterator[tuple[int, int]]:
    """Value and investment of every feasible portfolio, the rules of the book written once more without kip."""
    for size in range(10):
        for chosen in map(set, combinations(PROJECTS, size)):
            value, cost, staff = (sum(PROJECTS[number][part] for number in chosen) for part in range(3))
            if cost > 225 or staff > 28:
                continue
            if any(one in chosen and two in chosen for one, two in EXCLUDES.items()):
                continue
            if all(two in chosen for one, two in REQUIRES.items() if one in chosen):
                yield value, cost


def knapsack(case_file: Callable[[str], Path]) -> tuple[kip.Plan, np.ndarray]:
    """2kp50 as a plan: fifty projects, two resources, two things to have most of; and its 35 published points."""

    def table(name: str) -> np.ndarray:
        return np.loadtxt(case_file(f"2kp50/{name}.csv"), delimiter=",", skiprows=1, ndmin=2)[:, 1:]

    uses, supply, gives = table("a"), table("b"), table("c")
    shifts = [
        kip.Shift(
            name=f"p{item:02d}",
            reduction=gives[0, item],
            cobenefits={"second": gives[1, item]},
            uses={"one": uses[0, item], "two": uses[1, item]},
        )
        for item in range(gives.shape[1])
    ]
    resources = {"one": float(supply[0, 0]), "two": float(supply[1, 0])}
    return kip.Plan(name="2kp50", years=[2026], shifts=shifts, resources=resources), table("pareto_sols")


def nondominated(points: set[tuple[float, ...]], signs: tuple[float, ...]) -> set[tuple[float, ...]]:
    """Points that no other is at least as good as in everything; 1 where less is better, -1 where more is."""
    values = {point: np.array(point) * np.array(signs) for point in points}
    return {one for one, mine in values.items() if not any(np.all(other <= mine) and np.any(other < mine) for other in values.values())}
