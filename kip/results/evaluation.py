"""kip.evaluate: count a portfolio, without a solver."""

from __future__ import annotations

import pandas as pd

from kip.accounting.count import count
from kip.accounting.decisions import Decisions, new_units
from kip.accounting.fairness import broken_fairness
from kip.accounting.funding import given_transfers
from kip.accounting.funding_rules import broken_funding
from kip.accounting.inputs import build_inputs
from kip.accounting.rules import broken_rules
from kip.accounting.settled import with_decided
from kip.model import Plan
from kip.results.portfolio import Portfolio

__all__ = ["evaluate"]


def evaluate(plan: Plan, decisions: Decisions = None, grants: pd.DataFrame | None = None, loans: pd.DataFrame | None = None) -> Portfolio:
    """Add up what a portfolio gives, without a solver.

    Parameters
    ----------
    plan : Plan
    decisions : names, mapping or table, optional
        Names of whole shifts and enablers (they start as early as they may), ``{name: year}``,
        ``{name: {year: units}}``, or a table with shifts (and districts) as rows and years as columns. What the plan has
        decided is added, and nothing else is done when left out.
    grants, loans : pandas.DataFrame, optional
        As in `Portfolio.grants` and `Portfolio.loans`: source, shift, district, actor, year and sum. None when left out.

    Returns
    -------
    Portfolio
        With status "evaluated". Rules that the decisions break (a budget, a potential) are listed in `broken`; they are
        counted all the same.

    Raises
    ------
    RequestError
        When a name, district or year does not exist.

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(name="p", years=[2026, 2027], shifts=[kip.Shift(name="bus", cost=6e6, reduction=100)])
    >>> kip.evaluate(plan, ["bus"]).measure("reduction")
    200.0
    """
    inputs = build_inputs(plan)
    dataset = count(inputs, with_decided(inputs, new_units(inputs, decisions)), given_transfers(inputs, grants, loans))
    broken = (*broken_rules(inputs, dataset), *broken_funding(inputs, dataset), *broken_fairness(inputs, dataset))
    return Portfolio(plan=plan, dataset=dataset, status="evaluated", broken=broken)
