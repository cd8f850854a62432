"""kip: climate investment plans (klimatinvesteringsplaner) that choose, and prove their choice."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kip.accounting.health import heat
    from kip.errors import DataError, Issue, KipError, RequestError, SolveError
    from kip.files.examples import example
    from kip.files.read import read_plan
    from kip.files.shipped import value_set, value_sets
    from kip.files.sources import funding_catalogue
    from kip.files.write import write_plan
    from kip.model import (
        Activity,
        Actor,
        Budget,
        Consequence,
        Decision,
        District,
        Enabler,
        Fairness,
        Funding,
        Group,
        Indicator,
        Investment,
        Ledger,
        Outcome,
        Overlap,
        Passport,
        Plan,
        Resource,
        Scenario,
        Shift,
        Target,
        ValueSet,
    )
    from kip.model.uncertain import Uncertain, triangular, uniform
    from kip.optimization.alternatives import alternatives
    from kip.optimization.best_sets import k_best
    from kip.optimization.core import core
    from kip.optimization.explaining import explain
    from kip.optimization.fairness_price import fairness_price
    from kip.optimization.formulation import pyomo_model
    from kip.optimization.hindsight import regret
    from kip.optimization.lock_in import lock_in
    from kip.optimization.reaching import reach
    from kip.optimization.screening import screen
    from kip.optimization.solve import optimize
    from kip.optimization.tradeoff import frontier
    from kip.optimization.transfers import transfers
    from kip.optimization.worth import funding_value
    from kip.results.contributions import attribution
    from kip.results.core import core_index
    from kip.results.difference import diff
    from kip.results.evaluation import evaluate
    from kip.results.portfolio import Portfolio
    from kip.robustness.budgeting import budgeted
    from kip.robustness.choosing import robust
    from kip.robustness.informing import information_value
    from kip.robustness.staging import two_stage
    from kip.sensitivity.choice import sensitivity_of
    from kip.sensitivity.discovery import discover
    from kip.sensitivity.information import sampled_information
    from kip.sensitivity.rules import rules_of
    from kip.sweeps.entries import levels, scaled
    from kip.sweeps.plain_outcomes import outcomes
    from kip.sweeps.space import Space
    from kip.sweeps.space_file import read_space
    from kip.sweeps.sweep import Sweep, open_sweep
    from kip.sweeps.sweeping import sweep

__version__ = "0.1.0"

_HOME = {
    "Activity": "kip.model",
    "Actor": "kip.model",
    "Budget": "kip.model",
    "Decision": "kip.model",
    "Consequence": "kip.model",
    "District": "kip.model",
    "Enabler": "kip.model",
    "Fairness": "kip.model",
    "Funding": "kip.model",
    "Group": "kip.model",
    "Indicator": "kip.model",
    "Investment": "kip.model",
    "Ledger": "kip.model",
    "Outcome": "kip.model",
    "Overlap": "kip.model",
    "Passport": "kip.model",
    "Plan": "kip.model",
    "Resource": "kip.model",
    "Scenario": "kip.model",
    "Shift": "kip.model",
    "Target": "kip.model",
    "ValueSet": "kip.model",
    "Uncertain": "kip.model.uncertain",
    "triangular": "kip.model.uncertain",
    "uniform": "kip.model.uncertain",
    "DataError": "kip.errors",
    "Issue": "kip.errors",
    "KipError": "kip.errors",
    "RequestError": "kip.errors",
    "SolveError": "kip.errors",
    "Portfolio": "kip.results.portfolio",
    "alternatives": "kip.optimization.alternatives",
    "core": "kip.optimization.core",
    "core_index": "kip.results.core",
    "attribution": "kip.results.contributions",
    "diff": "kip.results.difference",
    "evaluate": "kip.results.evaluation",
    "explain": "kip.optimization.explaining",
    "example": "kip.files.examples",
    "fairness_price": "kip.optimization.fairness_price",
    "heat": "kip.accounting.health",
    "frontier": "kip.optimization.tradeoff",
    "funding_catalogue": "kip.files.sources",
    "funding_value": "kip.optimization.worth",
    "k_best": "kip.optimization.best_sets",
    "lock_in": "kip.optimization.lock_in",
    "open_sweep": "kip.sweeps.sweep",
    "Sweep": "kip.sweeps.sweep",
    "sweep": "kip.sweeps.sweeping",
    "optimize": "kip.optimization.solve",
    "outcomes": "kip.sweeps.plain_outcomes",
    "pyomo_model": "kip.optimization.formulation",
    "reach": "kip.optimization.reaching",
    "read_plan": "kip.files.read",
    "regret": "kip.optimization.hindsight",
    "information_value": "kip.robustness.informing",
    "budgeted": "kip.robustness.budgeting",
    "robust": "kip.robustness.choosing",
    "two_stage": "kip.robustness.staging",
    "screen": "kip.optimization.screening",
    "sensitivity_of": "kip.sensitivity.choice",
    "discover": "kip.sensitivity.discovery",
    "sampled_information": "kip.sensitivity.information",
    "rules_of": "kip.sensitivity.rules",
    "transfers": "kip.optimization.transfers",
    "value_set": "kip.files.shipped",
    "value_sets": "kip.files.shipped",
    "write_plan": "kip.files.write",
    "Space": "kip.sweeps.space",
    "read_space": "kip.sweeps.space_file",
    "levels": "kip.sweeps.entries",
    "scaled": "kip.sweeps.entries",
}
"""Where each public name lives; nothing is loaded before it is used."""

__all__ = [
    "Activity",
    "Actor",
    "Budget",
    "Consequence",
    "DataError",
    "Decision",
    "District",
    "Enabler",
    "Fairness",
    "Funding",
    "Group",
    "Indicator",
    "Investment",
    "Issue",
    "KipError",
    "Ledger",
    "Outcome",
    "Overlap",
    "Passport",
    "Plan",
    "Portfolio",
    "RequestError",
    "Resource",
    "Scenario",
    "Shift",
    "SolveError",
    "Space",
    "Sweep",
    "Target",
    "Uncertain",
    "ValueSet",
    "__version__",
    "alternatives",
    "attribution",
    "budgeted",
    "core",
    "core_index",
    "diff",
    "discover",
    "evaluate",
    "example",
    "explain",
    "fairness_price",
    "frontier",
    "funding_catalogue",
    "funding_value",
    "heat",
    "information_value",
    "k_best",
    "levels",
    "lock_in",
    "open_sweep",
    "optimize",
    "outcomes",
    "pyomo_model",
    "reach",
    "read_plan",
    "read_space",
    "regret",
    "robust",
    "rules_of",
    "sampled_information",
    "scaled",
    "screen",
    "sensitivity_of",
    "sweep",
    "transfers",
    "triangular",
    "two_stage",
    "uniform",
    "value_set",
    "value_sets",
    "write_plan",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'kip' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
