"""Every portfolio of a small plan, counted from the conventions and the field docstrings alone; nothing of kip.accounting.

Each cell (shift or enabler in a district) has a list of options: not at all, or so many units from each year. What an
option gives is written down once; a portfolio is the sum over its cells.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import kip

TOO_MANY = 20_000


@dataclass
class Cell:
    """One shift or enabler in one district with all that may be decided about it."""

    item: Any
    place: str
    options: list[tuple[int, ...]]
    potential: list[float]
    effect: list[list[float]] = field(default_factory=list)
    held: list[list[float]] = field(default_factory=list)
    """For each option, what is in use each year (the profile counted)."""
    begun: list[list[bool]] = field(default_factory=list)


def path(value: Any, year: int) -> float:
    """A number, or straight lines between the years given, flat outside them."""
    if not isinstance(value, dict):
        return float(value)
    known = sorted(value)
    if year <= known[0]:
        return value[known[0]]
    for before, after in itertools.pairwise(known):
        if year <= after:
            return value[before] + (value[after] - value[before]) * (year - before) / (after - before)
    return value[known[-1]]


def residual(plan: kip.Plan, used: int, life: int) -> float:
    """Share of the price that is left after `used` of `life` years."""
    left = life - used
    rate = plan.discount_rate
    if plan.residual == "none" or left <= 0:
        return 0.0
    if plan.residual == "linear" or rate == 0:
        return left / life
    # a yearly payment that repays one krona over the life, times the worth of the payments that remain
    return (rate / (1 - (1 + rate) ** -life)) * ((1 - (1 + rate) ** -left) / rate)


class BruteForce:
    """All portfolios of a plan: `values[name]` and `feasible`, one entry each."""

    def __init__(self, plan: kip.Plan) -> None:
        self.plan = plan
        self.years = list(plan.years)
        used = {district.name for district in plan.districts}
        used |= {name for activity in plan.activities for name in activity.amount if name != "all"}
        used |= {name for item in (*plan.shifts, *plan.enablers) for name in item.districts if name != "all"}
        self.places = [*sorted(used), "all"]
        self.activities = {activity.name: activity for activity in plan.activities}
        self.cells = [cell for item in (*plan.shifts, *plan.enablers) for cell in self._cells(item)]
        self.count = math.prod(len(cell.options) for cell in self.cells)

    # ---- what can be decided -------------------------------------------------------------------------------------
    def amount(self, activity: str, place: str, year: int) -> float:
        noun = self.activities[activity]
        return path(noun.amount.get(place, 0.0), year) * path(noun.trend, year)

    def reach(self, activity: str, place: str, year: int) -> float:
        """What there is, and all that shifts can move there."""
        into = [shift for shift in self.plan.shifts if shift.target == activity and shift.source]
        return self.amount(activity, place, year) + sum(shift.ratio * self.reach(shift.source, place, year) for shift in into)

    def factor(self, activity: str, ledger: str, year: int) -> float:
        noun = self.activities[activity]
        value = path(noun.factor.get(ledger, noun.factor.get("all", 0.0)), year)
        for policy in noun.policies.values():
            value *= 1 - path(policy, year)
        return value

    def _cells(self, item: Any) -> list[Cell]:
        cells = []
        choice = getattr(item, "choice", "whole")
        for place in self._where(item):
            potential = [1.0] * len(self.years)
            if choice == "units":
                potential = [self._units(item, place, year) for year in self.years]
                if max(potential) <= 0:
                    continue
            starts = [
                (item.earliest or self.years[0]) <= year <= (item.latest or self.years[-1])
                and (choice != "whole" or not self.plan.start_years or year in self.plan.start_years)
                for year in self.years
            ]
            most = 1 if choice == "whole" else math.floor(max(potential) + 1e-9)
            each = [range(most + 1) if may else range(1) for may in starts]
            options = [option for option in itertools.product(*each) if choice != "whole" or sum(option) <= 1]
            cell = Cell(item, place, options, potential)
            cell.effect = [
                [sum(new * self._share(item, u, y) for u, new in enumerate(option)) for y in range(len(self.years))] for option in options
            ]
            cell.held = [
                [sum(new * (self._share(item, u, y, whole_effect=True)) for u, new in enumerate(option)) for y in range(len(self.years))]
                for option in options
            ]
            cell.begun = [[sum(option[: y + 1]) > 0 for y in range(len(self.years))] for option in options]
            cells.append(cell)
        return cells

    def _where(self, item: Any) -> list[str]:
        if isinstance(item, kip.Enabler):
            return list(item.districts) or ["all"]
        named = [name for name in item.potential if name != "all"]
        if item.source is None:
            return list(item.districts) or named or ["all"]
        acting = list(item.districts) or named or self.places
        reached = {item.source}
        for _ in self.activities:
            reached |= {other.source for other in self.plan.shifts if other.target in reached and other.source}
        return [place for place in acting if any(self.amount(name, place, year) > 0 for name in reached for year in self.years)]

    def _units(self, item: Any, place: str, year: int) -> float:
        named = place in item.potential
        units = path(item.potential[place] if named else item.potential.get("all", 1.0 if item.source is None else math.inf), year)
        if item.source is not None:
            units = min(units, self.reach(item.source, place, year) / item.use)
            return float(math.floor(item.expected_uptake * units + 1e-9))
        return item.expected_uptake * units

    def _share(self, item: Any, start: int, year: int, whole_effect: bool = False) -> float:
        age = year - start - item.lead
        if age < 0 or (item.lifetime is not None and not item.renew and age >= item.lifetime):
            return 0.0
        profile = (1.0,) if whole_effect else getattr(item, "profile", (1.0,))
        return float(profile[min(age, len(profile) - 1)])

    # ---- what one option gives -----------------------------------------------------------------------------------
    def _moved(self, item: Any, place: str, year: int) -> float:
        """Units of the source that one unit in use moves."""
        if getattr(item, "source", None) is None:
            return 0.0
        if item.choice == "units":
            return item.use
        there_is = self.amount(item.source, place, year)
        wanted = item.potential.get(place, item.potential.get("all"))
        return item.expected_uptake * (there_is if wanted is None else item.use * path(wanted, year))

    def _removed(self, item: Any, place: str, ledger: str, year: int) -> float:
        """Tonnes that one unit in use removes, before attribution."""
        if isinstance(item, kip.Enabler):
            return 0.0
        if item.source is None:
            stated = path(item.reduction.get(ledger, item.reduction.get("all", 0.0)), year)
            return stated * (item.expected_uptake if item.choice == "whole" else 1.0)
        gone = self.factor(item.source, ledger, year)
        come = item.ratio * self.factor(item.target, ledger, year) if item.target else 0.0
        return self._moved(item, place, year) * (gone - come)

    def _money(self, cell: Cell, option: tuple[int, ...], effect: list[float], actor: str) -> tuple[list[float], list[float], float]:
        """Investment and running cost of each year, and what is left at the end."""
        item, years = cell.item, self.years
        default = item.payer or self.plan.actors[0].name
        cost = item.cost.get(actor, 0.0) + (item.cost.get("all", 0.0) if actor == default else 0.0)
        opex = item.opex.get(actor, 0.0) + (item.opex.get("all", 0.0) if actor == default else 0.0)
        investment, left = [0.0] * len(years), 0.0
        for start, new in enumerate(option):
            if not new:
                continue
            bought, first = [start], start + item.lead
            if item.renew and item.lifetime:
                bought += range(first + item.lifetime, len(years), item.lifetime)
            for year in bought:
                investment[year] += new * cost * path(item.cost_trend, years[year])
            if item.lifetime is not None:
                in_use_from = first if len(bought) == 1 else bought[-1]
                used = max(0, len(years) - in_use_from)
                left += new * cost * path(item.cost_trend, years[bought[-1]]) * residual(self.plan, used, item.lifetime)
        return investment, [share * opex * path(item.opex_trend, year) for share, year in zip(effect, years, strict=True)], left

    def run(self) -> BruteForce:
        """Count all portfolios."""
        plan, years = self.plan, self.years
        picks = np.array(list(itertools.product(*(range(len(cell.options)) for cell in self.cells))), dtype=int).reshape(
            self.count, len(self.cells)
        )

        def total(of: Any) -> np.ndarray:
            """Sum over cells of an array of each option."""
            rows = 0.0
            for column, cell in enumerate(self.cells):
                table = np.array([of(cell, option, effect) for option, effect in zip(cell.options, cell.effect, strict=True)], dtype=float)
                rows = rows + table[picks[:, column]]
            return np.asarray(rows)

        self.picks = picks
        span = range(len(years))
        actors = [actor.name for actor in plan.actors]
        money = {
            actor: total(lambda c, o, e, a=actor: [*self._money(c, o, e, a)[0], *self._money(c, o, e, a)[1], self._money(c, o, e, a)[2]])
            for actor in actors
        }
        costly = {actor: total(lambda c, o, e, a=actor: [max(0.0, value) for value in self._money(c, o, e, a)[1]]) for actor in actors}
        n = len(years)
        self.investment = {actor: table[:, :n] for actor, table in money.items()}
        self.operation = {actor: table[:, n : 2 * n] for actor, table in money.items()}
        reduction, complementary = (
            {
                ledger.name: total(
                    lambda c, o, e, name=ledger.name, kind=kind: [
                        (getattr(c.item, "counts_as", "reduction") == kind)
                        * e[y]
                        * getattr(c.item, "attribution", 1.0)
                        * self._removed(c.item, c.place, name, years[y])
                        for y in span
                    ]
                )
                for ledger in plan.ledgers
            }
            for kind in ("reduction", "complementary")
        )
        discount = np.array([(1 + plan.discount_rate) ** -y for y in span])
        end = (1 + plan.discount_rate) ** -n
        net = {actor: (table[:, :n] + table[:, n : 2 * n]) @ discount - end * table[:, 2 * n] for actor, table in money.items()}
        main = plan.ledgers[0].name
        benefit = np.zeros(self.count)
        self.values: dict[str, np.ndarray] = {}
        for indicator in plan.indicators:
            cobenefit = total(lambda c, o, e, k=indicator.name: [e[y] * self._cobenefit(c.item, c.place, k, years[y]) for y in span])
            self.values[indicator.name] = cobenefit.sum(axis=1)
            sign = 1.0 if indicator.direction == "up" else -1.0
            worth = np.array([sign * path(indicator.value or 0.0, year) for year in years])
            benefit += cobenefit @ (worth * discount)
        for ledger in plan.ledgers:
            benefit += reduction[ledger.name] @ (np.array([path(ledger.value or 0.0, year) for year in years]) * discount)
        cost = sum(self.investment[actor] + self.operation[actor] for actor in actors)
        self.values |= {
            "reduction": reduction[main].sum(axis=1),
            "complementary": complementary[main].sum(axis=1),
            "cost": cost.sum(axis=1),
            "investment": sum(table.sum(axis=1) for table in self.investment.values()),
            "net_cost": sum(net.values()),
            "net_benefit": benefit - sum(net.values()),
        }
        for index, year in enumerate(years):
            self.values[f"reduction_{year}"] = reduction[main][:, index]
        for actor in actors:
            self.values[f"cost.{actor}"] = (self.investment[actor] + self.operation[actor]).sum(axis=1)
        for kind in ("municipal", "state", "private", "regional"):
            self.values[f"per {kind}"] = sum((net[actor.name] for actor in plan.actors if actor.kind == kind), np.zeros(self.count))
        self.values["per societal"] = self.values["net_cost"]
        self.values["shortfall"] = self._shortfall(reduction, complementary)
        self.feasible = self._feasible(costly, total)
        return self

    def _cobenefit(self, item: Any, place: str, name: str, year: int) -> float:
        own = path(item.cobenefits[name], year) if name in item.cobenefits else 0.0
        moved = self._moved(item, place, year)
        if not moved:
            return own
        source = self.activities[item.source].indicators.get(name, 0.0)
        target = self.activities[item.target].indicators.get(name, 0.0) if item.target else 0.0
        return own + moved * (item.ratio * path(target, year) - path(source, year))

    def baseline(self, ledger: str, year: int) -> float:
        noun = next(item for item in self.plan.ledgers if item.name == ledger)
        acted = sum(self.amount(name, place, year) * self.factor(name, ledger, year) for name in self.activities for place in self.places)
        return acted + sum(path(value, year) for value in noun.other.values())

    def _shortfall(self, reduction: dict[str, np.ndarray], complementary: dict[str, np.ndarray]) -> np.ndarray:
        short = np.zeros(self.count)
        for target in self.plan.targets:
            ledger = target.ledger or self.plan.ledgers[0].name
            emissions = self.baseline(ledger, target.year) - reduction[ledger][:, self.years.index(target.year)]
            if target.kind == "net":
                most = target.complementary_share * target.base_value
                emissions = emissions - np.minimum(most, complementary[ledger][:, self.years.index(target.year)])
            short += np.maximum(0.0, emissions - target.value)
        return short

    # ---- the rules -----------------------------------------------------------------------------------------------
    def _feasible(self, costly: dict[str, np.ndarray], total: Any) -> np.ndarray:
        good = np.ones(self.count, dtype=bool)
        for budget in self.plan.budgets:
            running = self.operation[budget.actor] if budget.savings else costly[budget.actor]
            spent = self.investment[budget.actor] * (budget.kind != "operation") + running * (budget.kind != "investment")
            if not isinstance(budget.amount, dict):
                good &= spent.sum(axis=1) <= budget.amount + 0.5
                continue
            have = np.array([budget.amount.get(year, 0.0) for year in self.years])
            if budget.carry_over:
                spent, have = np.cumsum(spent, axis=1), np.cumsum(have)
            good &= (spent <= have + 0.5).all(axis=1)
        for resource in self.plan.resources:
            used = total(lambda c, o, e, r=resource.name: [e[y] * c.item.uses.get(r, 0.0) for y in range(len(self.years))])
            good &= (used <= np.array([path(resource.supply, year) for year in self.years]) + 1e-6).all(axis=1)
        good &= self._moved_once(total)
        self.alive = [np.array(cell.effect)[self.picks[:, column]] for column, cell in enumerate(self.cells)]
        self.held = [np.array(cell.held)[self.picks[:, column]] for column, cell in enumerate(self.cells)]
        self.started = [np.array(cell.begun)[self.picks[:, column]] for column, cell in enumerate(self.cells)]
        for column, cell in enumerate(self.cells):
            good &= self._potential(column, cell)
            good &= self._related(column, cell)
        return good & self._together()

    def _moved_once(self, total: Any) -> np.ndarray:
        good = np.ones(self.count, dtype=bool)
        for name in self.activities:
            for place in self.places:
                there_is = np.array([self.amount(name, place, year) for year in self.years])

                def gone(cell: Cell, option: Any, effect: list[float], name: str = name, place: str = place) -> list[float]:
                    item = cell.item
                    if cell.place != place or isinstance(item, kip.Enabler) or item.source is None:
                        return [0.0] * len(self.years)
                    sign = (item.source == name) * 1.0 - (item.target == name) * item.ratio
                    return [sign * effect[y] * self._moved(item, place, year) for y, year in enumerate(self.years)]

                good &= (total(gone) <= there_is + 1e-6 * np.maximum(1, there_is)).all(axis=1)
        return good

    def _near(self, place: str, other: str) -> bool:
        """In the same district, or for the whole municipality."""
        return other in {place, "all"}

    def _potential(self, column: int, cell: Cell) -> np.ndarray:
        opened = np.full((self.count, len(self.years)), float(getattr(cell.item, "open", 1.0)))
        for row, other in enumerate(self.cells):
            share = getattr(other.item, "opens", {}).get(cell.item.name, 0.0)
            if share and self._near(cell.place, other.place):
                opened += share * self.alive[row]
        limit = np.array(cell.potential) * np.minimum(1.0, opened)
        return np.asarray((self.held[column] <= limit + 1e-6).all(axis=1))

    def _related(self, column: int, cell: Cell) -> np.ndarray:
        good = np.ones(self.count, dtype=bool)
        mine = self.started[column]

        def begun(names: tuple[str, ...]) -> np.ndarray:
            rows = [
                row
                for row, other in enumerate(self.cells)
                if other.item.name in names and (self._near(cell.place, other.place) or cell.place == "all")
            ]
            return np.any([self.started[row] for row in rows], axis=0) if rows else np.zeros_like(mine)

        for name in cell.item.requires:
            good &= ~self._starts_without(column, begun((name,))).any(axis=1)
        if cell.item.requires_any:
            good &= ~self._starts_without(column, begun(cell.item.requires_any)).any(axis=1)
        for row, other in enumerate(self.cells):
            if other.item.name in cell.item.excludes and (self._near(cell.place, other.place) or self._near(other.place, cell.place)):
                good &= ~(mine[:, -1] & self.started[row][:, -1])
        return good

    def _starts_without(self, column: int, begun: np.ndarray) -> np.ndarray:
        return np.asarray(self.started[column] & ~begun)

    def _together(self) -> np.ndarray:
        """Potentials and ramps of shifts in parts, over all their districts."""
        good = np.ones(self.count, dtype=bool)
        for shift in self.plan.shifts:
            rows = [row for row, cell in enumerate(self.cells) if cell.item is shift]
            if shift.choice == "whole" or not rows:
                continue
            if "all" in shift.potential or not shift.potential:
                limit = [
                    shift.expected_uptake * path(shift.potential.get("all", math.inf if shift.source else 1.0), year) for year in self.years
                ]
                good &= (sum(self.held[row] for row in rows) <= np.array(limit) + 1e-6).all(axis=1)
            if shift.ramp is not None:
                new = sum(np.array(self.cells[row].options)[self.picks[:, row]] for row in rows)
                good &= (new <= np.array([path(shift.ramp, year) for year in self.years]) + 1e-9).all(axis=1)
        return good

    # ---- questions -----------------------------------------------------------------------------------------------
    def allowed(
        self, minimum: dict[str, float], maximum: dict[str, float], require: tuple[str, ...], forbid: tuple[str, ...]
    ) -> np.ndarray:
        """Which portfolios keep the rules and the limits of a question."""
        good = self.feasible.copy()
        for name, value in minimum.items():
            good &= self.values[name] >= value
        for name, value in maximum.items():
            good &= self.values[name] <= value
        for column, cell in enumerate(self.cells):
            if cell.item.name in require:
                good &= self.started[column][:, -1]
            if cell.item.name in forbid:
                good &= ~self.started[column][:, -1]
        return good
