"""What a plan is: nouns as frozen data, checked as a whole. No solver, no arithmetic on totals, no pictures."""

from kip.model.activity import Activity
from kip.model.funding import Funding
from kip.model.investment import Investment
from kip.model.living import Decision, Outcome
from kip.model.money import Actor, Budget, Resource
from kip.model.overlap import Overlap
from kip.model.passport import Passport
from kip.model.people import Consequence, Fairness, Group
from kip.model.place import District
from kip.model.plan import Plan
from kip.model.scenario import Scenario
from kip.model.shift import Enabler, Shift
from kip.model.target import Indicator, Ledger, Target
from kip.model.values import ValueSet

__all__ = [
    "Activity",
    "Actor",
    "Budget",
    "Consequence",
    "Decision",
    "District",
    "Enabler",
    "Fairness",
    "Funding",
    "Group",
    "Indicator",
    "Investment",
    "Ledger",
    "Outcome",
    "Overlap",
    "Passport",
    "Plan",
    "Resource",
    "Scenario",
    "Shift",
    "Target",
    "ValueSet",
]
