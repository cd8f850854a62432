"""kip.screen: what an ordinary investment does to the climate, and what its money would do in the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from kip.accounting.count import count
from kip.accounting.effects import along
from kip.accounting.inputs import build_inputs
from kip.errors import RequestError, unknown_name
from kip.model import Investment, Plan, Shift
from kip.model.fields import EVERYWHERE
from kip.optimization.solve import optimize
from kip.results.portfolio import Portfolio
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Screening", "screen"]

_ROOM = 1e-9
"""A floor at what is reached already is set this much lower, relative to it, so that rounding does not put it out of reach."""


@dataclass(frozen=True, repr=False)
class Screening(Shown):
    """What an investment does to the climate, and what its money would do in the plan.

    Attributes
    ----------
    investment : Investment
    emissions : pandas.Series
        Tonnes that it adds on the main ledger, by year [t/year]; negative is a reduction.
    money : pandas.DataFrame
        What it costs, investment and running cost, by actor and year [currency].
    redirected : float
        Tonnes more that the plan's optimum removes with the investment's money in the budgets of those who pay it [t].
    redirected_low, redirected_high : float
        What that is at least and at most, from the bounds of the two solves [t].
    compensation : float
        Least net present cost of removing, beside what the plan's optimum removes, what the investment adds, budgets lifted
        [currency]; 0 when it adds nothing, NaN when the plan's shifts cannot.
    without, with_money : Portfolio
        The plan's optimum as it is, and with the money.
    reason : str
        Why it cannot be compensated; empty otherwise.
    sentences : tuple of str
    language : {"en", "sv"}
    """

    investment: Investment
    emissions: pd.Series[float]
    money: pd.DataFrame
    redirected: float
    redirected_low: float
    redirected_high: float
    compensation: float
    without: Portfolio
    with_money: Portfolio
    reason: str
    sentences: tuple[str, ...]
    language: str = "en"

    @property
    def tonnes(self) -> float:
        """Tonnes that it adds over the horizon [t]; negative is a reduction."""
        return float(self.emissions.sum())

    def sheet(self) -> Sheet:
        """The screening as a sheet, to show."""
        say = Language(self.language)
        table = pd.DataFrame(
            {
                say("year"): [int(year) for year in self.emissions.index],
                f"{say('added emissions')} [{say.unit('t/year')}]": self.emissions.to_numpy(),
                **{f"{actor} [{self.without.plan.currency}]": self.money.loc[actor].to_numpy() for actor in self.money.index},
            }
        )
        sections = (Section(say("screening section"), self.sentences[1:]), Section(say("screening years"), (), table))
        return Sheet(self.investment.label, self.sentences[0], sections, say.code)


def screen(
    plan: Plan,
    investment: Investment,
    *,
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
    language: str = "en",
) -> Screening:
    """Screen an ordinary investment: its tonnes, what its money would give in the plan, what compensating it would cost.

    What it adds of an activity emits as that activity does without the plan, policies counted; the plan's shifts do not
    act on it. Its money is what is paid for it in the plan's years, and is added to the budgets of the same actors in the same years.

    Parameters
    ----------
    plan : Plan
    investment : Investment
    gap, time_limit, seed
        As in `kip.optimize`, for each of the solves.
    language : {"en", "sv"}

    Returns
    -------
    Screening

    Raises
    ------
    RequestError
        When the investment names an actor, an activity, a ledger or a year that the plan does not have.

    Examples
    --------
    >>> import kip
    >>> buses = kip.Shift(name="buses", choice="units", potential=20, cost=1e6, reduction=100)
    >>> plan = kip.Plan(name="town", years=[2026], shifts=[buses], budgets=5e6)
    >>> road = kip.Investment(name="bypass", cost=3e6, emissions="100 t/year")
    >>> found = kip.screen(plan, road)
    >>> found.tonnes, found.redirected, found.compensation
    (100.0, 300.0, 1000000.0)
    """
    say = Language(language)
    inputs = build_inputs(plan)
    wrong = _problems(plan, investment, inputs)
    if wrong:
        raise RequestError("\n".join(wrong))
    alone = _alone(plan, investment, inputs)
    main = alone.attrs["main_ledger"]
    years = [int(year) for year in alone["year"].values]
    reduction = alone["reduction"].sel(ledger=main).sum(["shift", "district"]).values
    emissions = pd.Series(-reduction + 0.0, index=pd.Index(years, name="year"), name="t/year")
    spent = {name: alone[name].sum(["shift", "district"]).values for name in ("investment", "operation")}
    actors = list(map(str, alone["actor"].values))
    paid = spent["investment"] + spent["operation"]
    money = pd.DataFrame(paid, index=pd.Index(actors, name="actor"), columns=years).loc[lambda table: (table != 0).any(axis=1)]
    options: dict[str, Any] = {"gap": gap, "time_limit": time_limit, "seed": seed}
    without = optimize(plan, maximize="reduction", **options)
    richer, unlimited = _richer(plan, inputs, spent)
    with_money = optimize(richer, maximize="reduction", **options)
    low, high = with_money.objective - without.bound, with_money.bound - without.objective
    added = float(emissions.sum())
    cost, reason = (0.0, "") if added <= 0 else _compensation(plan, without, added, options)
    gains = (with_money.objective - without.objective + 0.0, max(0.0, low), high)
    words = _sentences(plan, (added, *gains, cost), unlimited, (without, with_money), say)
    return Screening(investment, emissions, money, *gains, cost, without, with_money, reason, words, language)


def _problems(plan: Plan, investment: Investment, inputs: xr.Dataset) -> list[str]:
    wrong = []
    year = plan.years[0] if investment.year is None else investment.year
    if year not in plan.years:
        wrong.append(f"year: {year} is not a year of the plan ({plan.years[0]}-{plan.years[-1]}). Change it, or lengthen the plan.")
    actors = list(map(str, inputs["actor"].values))
    named = [name for table in (investment.cost, investment.opex) for name in table if name != EVERYWHERE]
    named += [investment.payer] if investment.payer is not None else []
    wrong += [unknown_name("actor", name, actors) for name in named if name not in actors]
    activities, ledgers = (list(map(str, inputs[dim].values)) for dim in ("activity", "ledger"))
    wrong += [unknown_name("activity", name, activities) for name in investment.adds if name not in activities]
    wrong += [unknown_name("ledger", name, ledgers) for name in investment.emissions if name not in {*ledgers, EVERYWHERE}]
    return list(dict.fromkeys(wrong))


def _alone(plan: Plan, investment: Investment, inputs: xr.Dataset) -> xr.Dataset:
    """The investment and nothing else, counted as a whole shift with a negative reduction."""
    years = list(plan.years)
    reduction: dict[str, float | dict[int, float]] = {}
    activities = list(map(str, inputs["activity"].values))
    for column, ledger in enumerate(map(str, inputs["ledger"].values)):
        emitted = along(investment.emissions.get(ledger, investment.emissions.get(EVERYWHERE, 0.0)), years)
        for name, amount in investment.adds.items():
            emitted = emitted + along(amount, years) * inputs["factor"].values[activities.index(name), column]
        reduction[ledger] = dict(zip(years, (-emitted).tolist(), strict=True))
    taken = {item.name for item in (*plan.shifts, *plan.enablers)}
    name = investment.name
    while name in taken:
        # the plan may hold a shift of that name: this one is another
        name += "'"
    year = years[0] if investment.year is None else investment.year
    shift = Shift(
        name=name,
        cost=investment.cost,
        opex=investment.opex,
        payer=investment.payer,
        lead=investment.lead,
        lifetime=investment.lifetime,
        reduction=reduction,
    )
    fields = {field: getattr(plan, field) for field in type(plan).model_fields}
    with_it = build_inputs(type(plan).model_validate(fields | {"shifts": (*plan.shifts, shift)}))
    new: NDArray[np.float64] = np.zeros((with_it.sizes["shift"], with_it.sizes["district"], with_it.sizes["start"]))
    new[list(with_it["shift"].values).index(name), -1, years.index(year)] = 1.0
    return count(with_it, new)


def _richer(plan: Plan, inputs: xr.Dataset, spent: dict[str, NDArray[np.float64]]) -> tuple[Plan, list[str]]:
    """The plan with the money in the budgets of those who pay; and the actors that have no budget for it."""
    actors = list(map(str, inputs["actor"].values))
    freed = {name: np.maximum(0.0, values) for name, values in spent.items()}
    budgets, limited = [], set()
    for row, budget in enumerate(plan.budgets):
        actor = actors.index(budget.actor)
        more = freed["investment"][actor] * (budget.kind != "operation") + freed["operation"][actor] * (budget.kind != "investment")
        if more.any():
            limited.add(budget.actor)
        raw = sum(budget.amount.values()) if isinstance(budget.amount, dict) else budget.amount
        # a budget in the prices of another year gets the money in those
        prices = float(inputs["budget_amount"].values[row].sum()) / raw if raw else 1.0
        if isinstance(budget.amount, dict):
            pairs = zip(plan.years, more.tolist(), strict=True)
            amount: Any = dict(budget.amount) | {year: budget.amount.get(year, 0.0) + one / prices for year, one in pairs if one}
        else:
            amount = budget.amount + float(more.sum()) / prices
        budgets.append(budget.model_copy(update={"amount": amount}))
    paying = [name for row, name in enumerate(actors) if freed["investment"][row].any() or freed["operation"][row].any()]
    fields = {field: getattr(plan, field) for field in type(plan).model_fields}
    richer = type(plan).model_validate(fields | {"budgets": tuple(budgets)})
    return richer, [name for name in paying if name not in limited]


def _compensation(plan: Plan, without: Portfolio, added: float, options: dict[str, Any]) -> tuple[float, str]:
    """Least net present cost of `added` tonnes more than the optimum removes, budgets and targets lifted; and why there is none."""
    if not without.found:
        return float("nan"), without.reason
    fields = {field: getattr(plan, field) for field in type(plan).model_fields}
    lifted = {"budgets": (), "targets": (), "scenarios": ()}
    passports = {path: passport for path, passport in plan.passports.items() if path.split(".")[0] not in lifted}
    free = type(plan).model_validate(fields | lifted | {"passports": passports})
    floor = without.measure("reduction")
    found = [
        optimize(free, minimize="net_cost", minimum={"reduction": reached - _ROOM * max(1.0, abs(reached))}, **options)
        for reached in (floor, floor + added)
    ]
    missing = next((portfolio for portfolio in found if not portfolio.found), None)
    if missing is not None:
        return float("nan"), missing.reason
    return max(0.0, found[1].objective - found[0].objective), ""


def _sentences(
    plan: Plan, values: tuple[float, float, float, float, float], unlimited: list[str], sides: tuple[Portfolio, Portfolio], say: Language
) -> tuple[str, ...]:
    added, gained, low, high, cost = values
    years = say.span(plan.years[0], plan.years[-1])
    key = "screen adds" if added > 0 else "screen removes" if added < 0 else "screen nothing"
    words = [say(key, tonnes=f"{say.number(abs(added))} t", years=years)]
    if all(side.found for side in sides):
        numbers = {"tonnes": f"{say.number(gained)} t", "low": f"{say.number(low)} t", "high": f"{say.number(high)} t"}
        exact = high - low <= 1e-6 * max(1.0, *(abs(side.objective) for side in sides))
        words.append(say("screen money exact" if exact else "screen money", **numbers))
    else:
        words.append(say("screen no plan", reason=next(side.reason for side in sides if not side.found)))
    if unlimited:
        titles = {actor.name: actor.label for actor in plan.actors}
        words.append(say("screen unlimited", actors=", ".join(titles[name] for name in unlimited)))
    if added > 0 and cost == cost:
        each = say.sized(cost / added, f"{plan.currency}/t")
        words.append(say("screen compensation", cost=say.sized(cost, plan.currency), each=each))
    elif added > 0:
        words.append(say("screen no compensation"))
    return tuple(words)
