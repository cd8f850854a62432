"""What each source of funding is worth to the best portfolio: solved again without it, and again with more in its pot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kip.errors import RequestError
from kip.units import Quantity, to_float

if TYPE_CHECKING:
    import pandas as pd

    from kip.model import Plan
    from kip.results.portfolio import Portfolio

__all__ = ["funding_value"]


def funding_value(
    plan: Plan,
    step: float | str = 1e6,
    maximize: str | None = None,
    minimize: str | None = None,
    *,
    minimum: Mapping[str, float | str] | None = None,
    maximum: Mapping[str, float | str] | None = None,
    gap: float = 1e-4,
    time_limit: float | None = None,
) -> pd.DataFrame:
    """What each source of funding is worth: the best portfolio with all of them, without it, and with a step more in its pot.

    Each number is a whole new answer of `kip.optimize`, 1 + 2 for each source: what is whole comes in leaps, and a price from a
    relaxed problem would hide them.

    Parameters
    ----------
    plan : Plan
    step : float or str, default 1 million
        Money more in the pot, in each year that has one, in the prices that the pot is given in.
    maximize, minimize, minimum, maximum, gap, time_limit
        As for `kip.optimize`; the time limit is for each answer.

    Returns
    -------
    pandas.DataFrame
        A row for each source, by name. In the objective's unit: the objective with all sources, without this one, what is lost without it,
        and what is gained by a step more; positive is worse without, and better with more. What both may be wrong by, from the
        gaps of the answers. Grants and loans from it [currency], and its leverage: kronor invested in its projects for each krona from
        it [1]. NaN where there is no such number: no limit on the pot, no portfolio without the source, nothing used.

    Raises
    ------
    RequestError
        When the plan has no funding, or the call names something that the plan does not have.

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(
    ...     name="p",
    ...     years=[2026],
    ...     shifts=[kip.Shift(name="bus", cost=6e6, reduction=100), kip.Shift(name="path", cost=2e6, reduction=20)],
    ...     budgets={"municipality": 5e6},
    ...     funding=[kip.Funding(name="leap", share=0.5, pot="1 MSEK")],
    ... )
    >>> worth = kip.funding_value(plan, step="2 MSEK")
    >>> worth.loc["leap", ["lost without it [t]", "gained by a step [t]"]].tolist()
    [80.0, 20.0]
    """
    import pandas as pd

    from kip.optimization.solve import optimize

    if not plan.funding:
        raise RequestError("the plan has no sources of funding. Add some, for example from kip.funding_catalogue().")
    more = _step(step, plan.currency)

    def best(changed: Plan, forbid: tuple[str, ...] = ()) -> Portfolio:
        return optimize(changed, maximize, minimize, minimum=minimum, maximum=maximum, forbid=forbid, gap=gap, time_limit=time_limit)

    everything = best(plan)
    unit, sign = everything.objective_unit, -1.0 if minimize else 1.0
    rows: dict[str, dict[str, float]] = {}
    for source in sorted(plan.funding, key=lambda item: item.name):
        without = best(plan, (f"funding.{source.name}",))
        with_more = None if source.pot is None else best(plan.update({f"funding.{source.name}.pot": _more(source.pot, more)}))
        lost = sign * (_value(everything) - _value(without))
        gained = sign * (_value(with_more) - _value(everything))
        answers = [everything, without, *([with_more] if with_more is not None else [])]
        grants, loans, invested = _used(everything, source.name)
        rows[source.name] = {
            f"objective [{unit}]": _value(everything),
            f"without it [{unit}]": _value(without),
            f"lost without it [{unit}]": lost,
            f"gained by a step [{unit}]": gained,
            f"uncertain by [{unit}]": sum(abs(item.bound - item.objective) for item in answers if item.found),
            f"grants [{plan.currency}]": grants,
            f"loans [{plan.currency}]": loans,
            "leverage [1]": invested / (grants + loans) if grants + loans > 0 else math.nan,
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "source"
    table.attrs |= {"objective": everything.objective_name, "step": more, "currency": plan.currency, "gap": gap}
    return table


def _step(step: float | str, currency: str) -> float:
    try:
        value = to_float(step)
    except ValueError as error:
        raise RequestError(f"step: {error}") from None
    if isinstance(value, Quantity) and value.unit != currency:
        raise RequestError(f"step={step!r} is in {value.unit}, but the plan is in {currency}. Write for example 1e6.")
    if value <= 0:
        raise RequestError(f"step={step!r}: give a sum above 0, for example 1e6.")
    return float(value)


def _value(portfolio: Portfolio | None) -> float:
    return portfolio.objective if portfolio is not None and portfolio.found else math.nan


def _more(pot: float | dict[int, float], step: float) -> float | dict[int, float]:
    return {year: money + step for year, money in pot.items()} if isinstance(pot, dict) else pot + step


def _used(portfolio: Portfolio, name: str) -> tuple[float, float, float]:
    """Grants and loans from a source, and the investment in the projects that they go to [currency]."""
    data = portfolio.dataset
    grant, loan = (data[field].sel(funding=name).values.sum(axis=2) for field in ("grant", "loan_use"))
    invested = data["investment"].values.sum(axis=2)
    return float(grant.sum()), float(loan.sum()), float(invested[(grant + loan) > 0.5].sum())
