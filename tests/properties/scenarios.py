"""Random scenarios of a random plan, and every portfolio of the plan counted in each of them by the brute force."""

from __future__ import annotations

import random

import numpy as np

import kip
from kip.model.paths import numbers
from tests.properties.brute_force import BruteForce
from tests.properties.plans import random_plan

__all__ = ["Counted", "counted", "drawn"]

_VARIED = ("reduction", "cost", "opex", "factor", "amount", "supply", "cobenefits")


def drawn(plan: kip.Plan, seed: int, count: int, share: float = 0.5) -> dict[str, dict[str, float]]:
    """Scenarios in which about a share of the plan's rates, prices and budgets are other numbers; potentials stay as they are.

    Budgets and supplies mostly grow, or nothing could be paid in every scenario.
    """
    rng = random.Random(seed)
    paths = [
        (path, value)
        for path, value in numbers(plan)
        if path.split(".")[0] in {"shifts", "enablers", "budgets", "resources"} and path.split(".")[2] in _VARIED
    ]
    chosen = [item for item in paths if rng.random() < share]

    def factor(path: str) -> float:
        return rng.uniform(1.5, 4.0) if path.split(".")[0] in {"budgets", "resources"} else rng.uniform(0.4, 1.6)

    return {f"w{row}": {path: value * factor(path) for path, value in chosen} for row in range(count)}


class Counted:
    """Every portfolio of a plan in every scenario.

    Attributes
    ----------
    plan : Plan
    scenarios : dict name → changes
    weights : array (scenario,)
    forces : list of BruteForce
    """

    def __init__(self, plan: kip.Plan, scenarios: dict[str, dict[str, float]], weights: np.ndarray) -> None:
        self.plan, self.scenarios, self.weights = plan, scenarios, weights
        self.forces = [BruteForce(plan.update(changes)).run() for changes in scenarios.values()]
        options = [[(cell.item.name, cell.place, cell.options) for cell in force.cells] for force in self.forces]
        assert all(other == options[0] for other in options), "the scenarios offer other choices: these are no scenarios for this count."

    def values(self, measure: str) -> np.ndarray:
        """Value of each portfolio in each scenario (scenario, portfolio)."""
        return np.array([force.values[measure] for force in self.forces])

    @property
    def feasible(self) -> np.ndarray:
        """Which portfolios keep the rules of each scenario (scenario, portfolio)."""
        return np.array([force.feasible for force in self.forces])

    def starts_by(self, years: list[int]) -> np.ndarray:
        """What each portfolio starts in some years, as one row of numbers for each: equal rows are the same first decision."""
        force = self.forces[0]
        places = [force.years.index(year) for year in years]
        columns = [np.array(cell.options)[force.picks[:, column]][:, places] for column, cell in enumerate(force.cells)]
        return np.concatenate(columns, axis=1) if columns else np.zeros((force.count, 0))


def counted(seed: int, count: int = 3) -> Counted:
    """A random plan with random scenarios, counted."""
    plan = random_plan(seed)
    weights = np.random.default_rng(seed).dirichlet(np.ones(count))
    return Counted(plan, drawn(plan, seed, count), weights)
