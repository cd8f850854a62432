"""kip.fairness_price: what a fairness rule costs in the objective and in kronor, and what the groups get for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from kip.accounting.fairness import Rule, fairness_rule, gains_of
from kip.accounting.inputs import build_inputs
from kip.errors import RequestError, unknown_name
from kip.model import Fairness, Plan
from kip.optimization.solve import optimize
from kip.results.fairness import shares_of
from kip.results.portfolio import Portfolio

__all__ = ["fairness_price"]

_WITHOUT, _TOGETHER = "without", "all together"


def fairness_price(
    plan: Plan,
    fairness: Iterable[str | Fairness] | str | Fairness | None = None,
    maximize: str | None = None,
    minimize: str | None = None,
    *,
    minimum: Mapping[str, float | str] | None = None,
    maximum: Mapping[str, float | str] | None = None,
    require: Iterable[str] = (),
    forbid: Iterable[str] = (),
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """What each fairness rule costs: the plan without it, with it, and with all of them.

    Parameters
    ----------
    plan : Plan
    fairness : names or Fairness, optional
        Rules of the plan by name, or rules to try that it does not have. Every rule of the plan with an amount when left out.
        The plan's other rules hold in every row.
    maximize, minimize, minimum, maximum, require, forbid, gap, time_limit, seed
        As in `kip.optimize`; the time limit is for each row. Differences below the gap mean nothing: use ``gap=0`` for exact
        prices.

    Returns
    -------
    pandas.DataFrame
        Rows "without", each rule, and "all together". Status and the objective [its unit]; price, how much worse the
        objective is than without [its unit] and [1]; reduction [t] and net present cost [currency], each with its price;
        then for everybody that a rule is about the gain, the gain for each person, and the share of what reaches the
        districts. NaN where no portfolio keeps the rules.

    Raises
    ------
    RequestError
        When the plan has no such rule, or there is nothing to price.

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(
    ...     name="two",
    ...     years=[2026],
    ...     districts=[{"name": "north", "population": 100}, {"name": "south", "population": 100}],
    ...     shifts=[
    ...         kip.Shift(name="cheap", cost=1e6, reduction=50, districts=["north"], cobenefits={"quiet": 10}),
    ...         kip.Shift(name="dear", cost=1e6, reduction=20, districts=["south"], cobenefits={"quiet": 10}),
    ...     ],
    ...     budgets=1e6,
    ... )
    >>> half = kip.Fairness(name="half", measure="quiet", districts=["south"], kind="share", amount=0.5)
    >>> kip.fairness_price(plan, half)["price [t]"].tolist()
    [0.0, 30.0]
    """
    asked = _asked(plan, fairness)
    names = [rule.name for rule in asked]
    others = tuple(rule for rule in plan.fairness if rule.name not in names)
    whole = plan.update({"fairness": (*others, *asked)})
    cases: dict[str, tuple[Fairness, ...]] = {_WITHOUT: ()} | {rule.name: (rule,) for rule in asked}
    if len(asked) > 1:
        cases[_TOGETHER] = asked
    inputs = build_inputs(whole)
    order = list(map(str, inputs["fairness"].values))
    rules = [fairness_rule(inputs, order.index(name)) for name in names]
    found: dict[str, Portfolio] = {}
    for label, kept in cases.items():
        found[label] = optimize(
            plan.update({"fairness": (*others, *kept)}),
            maximize,
            minimize,
            minimum=minimum,
            maximum=maximum,
            require=require,
            forbid=forbid,
            gap=gap,
            time_limit=time_limit,
            seed=seed,
        )
    base = found[_WITHOUT]
    sign = -1.0 if minimize else 1.0
    rows = {label: _row(portfolio, base, sign, rules) for label, portfolio in found.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("fairness")


def _asked(plan: Plan, fairness: Iterable[str | Fairness] | str | Fairness | None) -> tuple[Fairness, ...]:
    known = {rule.name: rule for rule in plan.fairness}
    if fairness is None:
        wanted: list[str | Fairness] = [rule for rule in plan.fairness if rule.amount is not None]
    elif isinstance(fairness, str | Fairness):
        wanted = [fairness]
    else:
        wanted = list(fairness)
    wrong = [unknown_name("fairness rule", name, list(known)) for name in wanted if isinstance(name, str) and name not in known]
    rules = [known[item] if isinstance(item, str) else item for item in wanted if not isinstance(item, str) or item in known]
    wrong += [f'"{rule.name}" has no amount, so it demands nothing. Give it one.' for rule in rules if rule.amount is None]
    wrong += [
        f'"{rule.name}" is also the name of a row of the answer. Rename the rule.' for rule in rules if rule.name in {_WITHOUT, _TOGETHER}
    ]
    if not wanted:
        wrong.append("the plan has no fairness rule with an amount. Add one to its fairness, or hand over a kip.Fairness.")
    if wrong:
        raise RequestError("\n".join(wrong))
    return tuple({rule.name: rule for rule in rules}.values())


def _row(portfolio: Portfolio, base: Portfolio, sign: float, rules: list[Rule]) -> dict[str, Any]:
    unit, currency = portfolio.objective_unit, portfolio.dataset.attrs["currency"]
    there = portfolio.found
    worse = sign * (base.objective - portfolio.objective) + 0.0
    tonnes, kronor = (_measure(portfolio, name) for name in ("reduction", "net_cost"))
    row: dict[str, Any] = {
        "status": portfolio.status,
        f"objective [{unit}]": portfolio.objective,
        f"price [{unit}]": worse,
        "price [1]": worse / abs(base.objective) if base.objective else np.nan,
        "gap [1]": portfolio.gap,
        "reduction [t]": tonnes,
        "price in reduction [t]": _measure(base, "reduction") - tonnes + 0.0,
        f"net present cost [{currency}]": kronor,
        f"price in net present cost [{currency}]": kronor - _measure(base, "net_cost") + 0.0,
    }
    for rule in rules:
        name, unit = rule.measure.name, rule.measure.unit
        gains, shares = gains_of(rule, portfolio.dataset), shares_of(rule, portfolio.dataset)
        for place, who in enumerate(rule.names):
            people = float(rule.people[place])
            each = float(gains[place]) / people if people > 0 else np.nan
            row[f"gain in {name}, {who} [{unit}]"] = float(gains[place]) if there else np.nan
            row[f"gain in {name}, {who} [{unit}/person]"] = each if there else np.nan
            row[f"share of {name}, {who} [1]"] = float(shares[place]) if there else np.nan
    return row


def _measure(portfolio: Portfolio, name: str) -> float:
    return portfolio.measure(name) if portfolio.found else float("nan")
