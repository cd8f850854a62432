"""Golden LP files: for each named constraint of the formulation a model of two rows, as Pyomo's LP writer puts it.

A review sees in them how the mathematics changes. After a change that is meant, write them again with

    python tests/known/lp_files.py

and read each difference beside the docstring in kip/optimization/constraints.py (or funding.py, fairness.py) before it is committed.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyomo.environ as pyo
from pyomo.repn.plugins.lp_writer import LPWriter

import kip
from kip.accounting.inputs import build_inputs
from kip.optimization.constraints import CONSTRAINTS
from kip.optimization.formulation import build_model
from kip.optimization.question import Question

FOLDER = Path(__file__).parent / "lp"

Fields = dict[str, Any]
_TWO = [2026, 2027]
_CAR = {"name": "car", "amount": 100, "factor": 0.02}

_HOMES: Fields = {
    "years": [2026],
    "districts": {"north": {"population": 100}, "south": {"population": 300}},
    "groups": {"young": {"members": {"north": 0.5, "south": 0.25}}},
    "shifts": {
        "path": {"districts": ["north", "south"], "cobenefits": {"km": 6000}, "opex": -20_000},
        "bikes": {"choice": "units", "potential": 40, "cobenefits": {"km": 300}, "districts": ["south"]},
        "campaign": {"cobenefits": {"km": 900}},
    },
}
"""Two districts of 100 and 300 people, half and a quarter of them young, and something for the whole municipality."""


def _fair(*rules: Fields) -> Fields:
    return _HOMES | {"fairness": {f"rule{row}": rule for row, rule in enumerate(rules)}}


_BOTH: Fields = {
    "shifts": {"cars": {"reduction": 200}, "bikes": {"reduction": 60}},
    "overlaps": [{"shifts": ["cars", "bikes"], "share": 0.3}],
}
"""Two whole shifts of which 30 % of the smaller is the same tonnes."""

CASES: dict[str, tuple[Fields, Question]] = {
    # half of the effect in the first year in use, full in the second
    "stock_balance": (
        {"years": _TWO, "shifts": {"cars": {"choice": "units", "unit": "car", "potential": 40, "reduction": 2, "profile": [0.5, 1.0]}}},
        Question(),
    ),
    # a lead time of one year, and a life of one year: what starts in 2026 is in use in 2027 only
    "stock_balance-lead": (
        {"years": _TWO, "shifts": {"path": {"reduction": 16, "lead": 1, "lifetime": 1}}},
        Question(),
    ),
    # what started in 2026 is out of use in 2027
    "stock_balance-lifetime": (
        {"years": _TWO, "shifts": {"path": {"reduction": 16, "lifetime": 1}}},
        Question(),
    ),
    # two cars with half the effect in their first year: two in use are two, whatever they give
    "in_use": (
        {
            "years": [2026, 2027],
            "shifts": [{"name": "car", "choice": "units", "potential": 2, "reduction": 1, "profile": (0.5, 1.0)}],
        },
        Question(),
    ),
    "one_start": (
        {"years": _TWO, "shifts": {"path": {"reduction": 16}, "buses": {"reduction": 100}}},
        Question(),
    ),
    # a chain: what cycle takes from electric is at most 2 000 km and what electrify has moved there, 0.5 · 10 000 km for each unit;
    # both rows in steps of 10 000 km
    "conservation": (
        {
            "years": [2026],
            "activities": {"petrol": {"amount": 50_000}, "electric": {"amount": 2_000}},
            "shifts": {
                "electrify": {"source": "petrol", "target": "electric", "choice": "units", "ratio": 0.5, "use": 10_000},
                "cycle": {"source": "electric", "choice": "share"},
            },
        },
        Question(),
    ),
    # a quarter of 40 is open by itself, charging opens a half more
    "unlocked": (
        {
            "years": _TWO,
            "shifts": {"cars": {"choice": "units", "potential": 40, "reduction": 2, "open": 0.25}},
            "enablers": {"charging": {"opens": {"cars": 0.5}}},
        },
        Question(),
    ),
    # 600 cars, then 800, for north and south together
    "potential_total": (
        {
            "years": _TWO,
            "shifts": {"cars": {"choice": "units", "potential": {2026: 600, 2027: 800}, "reduction": 2, "districts": ["north", "south"]}},
            "districts": {"north": {}, "south": {}},
        },
        Question(),
    ),
    "ramp": (
        {
            "years": _TWO,
            "shifts": {"cars": {"choice": "units", "potential": 600, "ramp": {2026: 100, 2027: 150}, "reduction": 2}},
        },
        Question(),
    ),
    # a whole shift, and one of at most 40 units, that wait for the same enabler
    "requires": (
        {
            "years": [2026],
            "shifts": {
                "buses": {"reduction": 100, "requires": ["depot"]},
                "cars": {"choice": "units", "potential": 40, "reduction": 2, "requires": ["depot"]},
            },
            "enablers": {"depot": {}},
        },
        Question(),
    ),
    # what has started by the end of each year
    "requires-years": (
        {"years": _TWO, "shifts": {"buses": {"reduction": 100, "requires": ["depot"]}}, "enablers": {"depot": {}}},
        Question(),
    ),
    # one of two is enough
    "requires_any": (
        {
            "years": _TWO,
            "shifts": {"buses": {"reduction": 100, "requires_any": ["depot", "hub"]}},
            "enablers": {"depot": {}, "hub": {}},
        },
        Question(),
    ),
    # cars are chosen in units and excluded by buses, so that a variable must say whether there are any
    "used": (
        {
            "years": _TWO,
            "shifts": {"buses": {"reduction": 100, "excludes": ["cars"]}, "cars": {"choice": "units", "potential": 40, "reduction": 2}},
        },
        Question(),
    ),
    # two whole shifts; a whole one and one in units
    "excludes": (
        {
            "years": _TWO,
            "shifts": {
                "buses": {"reduction": 100, "excludes": ["tram", "cars"]},
                "tram": {"reduction": 300},
                "cars": {"choice": "units", "potential": 40, "reduction": 2},
            },
        },
        Question(),
    ),
    # by year with carry-over; the saving of path does not refill the budget
    "budget": (
        {
            "years": _TWO,
            "shifts": {
                "buses": {"reduction": 100, "cost": "6 MSEK", "opex": "0.5 MSEK/year"},
                "path": {"reduction": 16, "cost": "2 MSEK", "opex": "-0.25 MSEK/year"},
            },
            "budgets": {"municipality": {"amount": {2026: "8 MSEK", 2027: "4 MSEK"}, "carry_over": True}},
        },
        Question(),
    ),
    # in total, for two actors
    "budget-total": (
        {
            "years": _TWO,
            "shifts": {"buses": {"reduction": 100, "cost": {"municipality": 6e6, "region": 3e6}, "opex": {"region": 0.5e6}}},
            "budgets": {"municipality": "8 MSEK", "region": "4 MSEK"},
        },
        Question(),
    ),
    # a budget for operation alone, which savings refill and where nothing is carried over
    "budget-savings": (
        {
            "years": _TWO,
            "shifts": {
                "buses": {"reduction": 100, "cost": "6 MSEK", "opex": "0.5 MSEK/year"},
                "path": {"reduction": 16, "cost": "2 MSEK", "opex": "-0.25 MSEK/year"},
            },
            "budgets": {"municipality": {"kind": "operation", "amount": {2026: "1 MSEK", 2027: "1 MSEK"}, "savings": True}},
        },
        Question(),
    ),
    # rows in steps of 10 units of biogas
    "resource": (
        {
            "years": _TWO,
            "shifts": {
                "buses": {"reduction": 100, "uses": {"biogas": 30}},
                "trucks": {"choice": "units", "potential": 40, "reduction": 2, "uses": {"biogas": 1.5}},
            },
            "resources": {"biogas": {2026: 50, 2027: 60}},
        },
        Question(),
    ),
    # 1 000 t to begin with, 600 of them outside the plan's reach; path takes half of the 400 t by car. 750 t wanted, and half of 1 000 t
    "target": (
        {
            "years": [2026],
            "activities": {"petrol": {"amount": 2_000_000, "factor": "200 g CO2e/vkm"}},
            "shifts": {"path": {"source": "petrol", "potential_share": 0.5}, "heat": {"reduction": 50}},
            "ledgers": {"emissions": {"base_year": 1990, "base_value": 1000, "source": "invented", "other": {"heating": 600}}},
            "targets": {"level": {"year": 2026, "value": 750}, "half": {"year": 2026, "cut": 0.5}},
        },
        Question(),
    ),
    # the sink gives 80 t, and counts for at most 15 % and 5 % of 1 000 t, which are the bounds of credited
    "complementary": (
        {
            "years": [2026],
            "shifts": {"path": {"reduction": 16}, "sink": {"reduction": 80, "counts_as": "complementary"}},
            "ledgers": {"emissions": {"base_year": 1990, "base_value": 1000, "source": "invented", "other": {"heating": 900}}},
            "targets": {
                "net": {"year": 2026, "value": 750, "kind": "net", "complementary_share": 0.15},
                "zero": {"year": 2026, "cut": 1.0, "kind": "net", "complementary_share": 0.05},
            },
        },
        Question(),
    ),
    # 900 t to begin with; the sink takes off what it is credited with in the net target, and nothing in the other
    "target-net": (
        {
            "years": [2026],
            "shifts": {"path": {"reduction": 16}, "sink": {"reduction": 80, "counts_as": "complementary"}},
            "ledgers": {"emissions": {"base_year": 1990, "base_value": 1000, "source": "invented", "other": {"heating": 900}}},
            "targets": {
                "level": {"year": 2026, "value": 750},
                "net": {"year": 2026, "value": 750, "kind": "net", "complementary_share": 0.15},
            },
        },
        Question(),
    ),
    # at least 60 t in 2027, and at most 7 MSEK in both years together
    "limit": (
        {
            "years": _TWO,
            "shifts": {"buses": {"reduction": 100, "cost": "6 MSEK", "opex": "0.5 MSEK/year"}, "path": {"reduction": 16, "cost": "2 MSEK"}},
        },
        Question(maximize="reduction", minimum={"reduction_2027": 60.0}, maximum={"cost": 7e6}),
    ),
    # in each of its districts
    "required": (
        {
            "years": _TWO,
            "districts": {"north": {}, "south": {}},
            "shifts": {"path": {"reduction": 16, "districts": ["north", "south"]}, "buses": {"reduction": 100}},
        },
        Question(maximize="reduction", require=("path",)),
    ),
    # 40 % of the half of 6 MSEK that is eligible; 30 kSEK for each car, less than 40 % of 100 kSEK
    "grant_limit": (
        {
            "years": [2026],
            "shifts": {
                "buses": {"reduction": 100, "cost": "6 MSEK", "eligible": 0.5},
                "cars": {"choice": "units", "potential": 40, "reduction": 2, "cost": "100 kSEK"},
            },
            "funding": {"fund": {"share": 0.4, "cap": "30 kSEK", "shifts": ["cars"]}, "leap": {"share": 0.4, "shifts": ["buses"]}},
        },
        Question(),
    ),
    # two actors share each project: 2 MSEK for both together, for the buses and for each of the trams
    "grant_cap": (
        {
            "years": [2026],
            "shifts": {
                "buses": {"reduction": 100, "cost": {"municipality": "6 MSEK", "region": "3 MSEK"}},
                "trams": {"choice": "units", "potential": 4, "reduction": 50, "cost": {"municipality": "4 MSEK", "region": "4 MSEK"}},
            },
            "actors": {"municipality": {}, "region": {"kind": "regional"}},
            "funding": {"leap": {"cap": "2 MSEK"}},
        },
        Question(),
    ),
    # 60 % of the half of 6 MSEK that is eligible, and all of a car's 100 kSEK; prize is no aid
    "aid_intensity": (
        {
            "years": [2026],
            "shifts": {
                "buses": {"reduction": 100, "cost": "6 MSEK", "eligible": 0.5, "aid_intensity": 0.6},
                "cars": {"choice": "units", "potential": 40, "reduction": 2, "cost": "100 kSEK"},
            },
            "funding": {"fund": {}, "leap": {}, "prize": {"counts_as_aid": False}},
        },
        Question(),
    ),
    # all grants leave 30 % of 9 MSEK, and the municipality gets no more than its own 6
    "own_share": (
        {
            "years": [2026],
            "shifts": {"buses": {"reduction": 100, "cost": {"municipality": "6 MSEK", "region": "3 MSEK"}, "own_share": 0.3}},
            "actors": {"municipality": {}, "region": {"kind": "regional"}},
            "funding": {"leap": {"applicants": ["municipality"]}, "prize": {}},
        },
        Question(),
    ),
    # 3 MSEK in 2026 and 1 in 2027, for both shifts together
    "pot": (
        {
            "years": _TWO,
            "shifts": {"buses": {"reduction": 100, "cost": "6 MSEK"}, "path": {"reduction": 16, "cost": "2 MSEK"}},
            "funding": {"leap": {"pot": {2026: "3 MSEK", 2027: "1 MSEK"}}},
        },
        Question(),
    ),
    # a pot of loans, the same every year, for two actors; the region's one project costs less than there is
    "pot-loan": (
        {
            "years": _TWO,
            "shifts": {"buses": {"reduction": 100, "cost": {"municipality": "6 MSEK", "region": "1 MSEK"}}},
            "actors": {"municipality": {}, "region": {"kind": "regional"}},
            "funding": {"green": {"kind": "loan", "rate": 0.03, "term": 5, "pot": "3 MSEK"}},
        },
        Question(),
    ),
    # 3 MSEK in 2026 and nothing after; half of a loan is repaid in each of the two years after it, and can be lent again a year later.
    # In 2026 the bound of the one loan says it all
    "pot-revolving": (
        {
            "years": [2026, 2027, 2028],
            "shifts": {"buses": {"choice": "units", "potential": 4, "reduction": 100, "cost": "2 MSEK"}},
            "funding": {"green": {"kind": "loan", "term": 2, "revolving": True, "pot": {2026: "3 MSEK"}}},
        },
        Question(),
    ),
    # a large company pays 6 MSEK and has 30 % of its half that is eligible, a small one pays 2 and has 60 % of its half
    "aid_intensity-size": (
        {
            "years": [2026],
            "shifts": {
                "hub": {
                    "reduction": 100,
                    "cost": {"haulier": "6 MSEK", "baker": "2 MSEK"},
                    "eligible": 0.5,
                    "aid_intensity": {"large": 0.3, "small": 0.6},
                }
            },
            "actors": {"haulier": {"kind": "private", "size": "large"}, "baker": {"kind": "private", "size": "small"}},
            "funding": {"fund": {}, "leap": {}},
        },
        Question(),
    ),
    # by size, 30 % of 6 MSEK and 60 % of 2 MSEK; but never more than half of the price
    "grant_limit-size": (
        {
            "years": [2026],
            "shifts": {"hub": {"reduction": 100, "cost": {"haulier": "6 MSEK", "baker": "2 MSEK"}}},
            "actors": {"haulier": {"kind": "private", "size": "large"}, "baker": {"kind": "private", "size": "small"}},
            "funding": {"fund": {"share": {"large": 0.3, "small": 0.6}, "share_of_cost": 0.5}},
        },
        Question(),
    ),
    # 1 MSEK is decided for the buses, wherever they start
    "granted": (
        {
            "years": [2026],
            "districts": {"north": {}, "south": {}},
            "shifts": {"buses": {"reduction": 100, "cost": "6 MSEK", "districts": ["north", "south"]}},
            "funding": {"leap": {"granted": {"buses": "1 MSEK"}}},
        },
        Question(),
    ),
    # 3 MSEK of leap or 2 of prize: a part of one leaves that part less of the other
    "either": (
        {
            "years": _TWO,
            "shifts": {"buses": {"reduction": 100, "cost": "6 MSEK"}},
            "funding": {"leap": {"share": 0.5, "not_with": ["prize"]}, "prize": {"cap": "2 MSEK"}},
        },
        Question(),
    ),
    # a whole shift starts in one of two years, so that most is what one of them allows: 3 MSEK of leap, 2 of prize
    "has_grant": (
        {
            "years": _TWO,
            "shifts": {"buses": {"reduction": 100, "cost": "6 MSEK"}},
            "funding": {"leap": {"share": 0.5, "not_with": ["prize"]}, "prize": {"cap": "2 MSEK"}},
        },
        Question(),
    ),
    # 4 trams: each of them can have 4 MSEK of leap or 2 of prize
    "has_units": (
        {
            "years": [2026],
            "shifts": {"trams": {"choice": "units", "potential": 4, "reduction": 50, "cost": "8 MSEK"}},
            "funding": {"leap": {"share": 0.5, "not_with": ["prize"]}, "prize": {"cap": "2 MSEK"}},
        },
        Question(),
    ),
    # each tram has one of the three at most, but gift goes with leap: two groups
    "not_with_units": (
        {
            "years": [2026],
            "shifts": {"trams": {"choice": "units", "potential": 4, "reduction": 50, "cost": "8 MSEK"}},
            "funding": {"gift": {"not_with": ["prize"]}, "leap": {"not_with": ["prize"]}, "prize": {}},
        },
        Question(),
    ),
    # in each of two projects one of them, whoever said so; gift goes with both
    "not_with": (
        {
            "years": [2026],
            "shifts": {"buses": {"reduction": 100, "cost": "6 MSEK"}, "path": {"reduction": 16, "cost": "2 MSEK"}},
            "funding": {"gift": {}, "leap": {"not_with": ["prize"]}, "prize": {}},
        },
        Question(),
    ),
    # buses last one year and are renewed, so that what started in 2026 is bought again in 2027; the renewal can be borrowed for
    "loan_use": (
        {
            "years": _TWO,
            "shifts": {
                "buses": {"reduction": 100, "cost": "6 MSEK", "lifetime": 1, "renew": True},
                "path": {"reduction": 16, "cost": "2 MSEK"},
            },
            "funding": {"green": {"kind": "loan", "rate": 0.03, "term": 5}, "leap": {"share": 0.5, "shifts": ["buses"]}},
        },
        Question(),
    ),
    # green is for the buses, roof for the buses and the tram; nobody lends for the path
    "loan_use-scopes": (
        {
            "years": [2026],
            "shifts": {
                "buses": {"reduction": 100, "cost": "6 MSEK"},
                "path": {"reduction": 16, "cost": "2 MSEK"},
                "tram": {"reduction": 300, "cost": "9 MSEK"},
            },
            "funding": {
                "green": {"kind": "loan", "shifts": ["buses"]},
                "roof": {"kind": "loan", "shifts": ["buses", "tram"]},
            },
        },
        Question(),
    ),
    # two scaling shifts that help each other: both only while each is in use
    "both_in_use": (
        {
            "years": [2026],
            "activities": [_CAR],
            "shifts": {"fee": {"scales": {"car": 0.1}, "synergy": {"lane": 0.05}}, "lane": {"scales": {"car": 0.2}}},
        },
        Question(),
    ),
    # a lane that lasts one year: what started in 2026 helps no longer in 2027
    "both_together": (
        {
            "years": _TWO,
            "activities": [_CAR],
            "shifts": {"fee": {"scales": {"car": 0.1}, "synergy": {"lane": 0.05}}, "lane": {"scales": {"car": 0.2}, "lifetime": 1}},
        },
        Question(),
    ),
    # a tenth off, half of it in the first year: ln 0.95 and ln 0.9
    "log_factor": (
        {"years": _TWO, "activities": [_CAR], "shifts": {"fee": {"scales": {"car": 0.1}, "profile": [0.5, 1.0]}}},
        Question(maximize="reduction"),
    ),
    # the tangents at ln 0.9 and at 0
    "tangent": (
        {"years": [2026], "activities": [_CAR], "shifts": {"fee": {"scales": {"car": 0.1}}}},
        Question(maximize="reduction"),
    ),
    # 100 km and what is moved to or from it; then what the fee leaves
    "chain_split": (
        {
            "years": [2026],
            "activities": [_CAR],
            "shifts": {"fee": {"scales": {"car": 0.1}}, "stay": {"source": "car", "choice": "share", "potential": 40}},
        },
        Question(),
    ),
    # a question that wants much left goes through the chain: the fee's branch, and past it
    "chain_branch": (
        {"years": [2026], "activities": [_CAR], "shifts": {"fee": {"scales": {"car": 0.1}}}},
        Question(maximize="emissions"),
    ),
    # emissions of 2 and 1.9 t allowed, 2 t there are at most: what is left of the class counts with 2 t
    "target-scaled": (
        {
            "years": [2026],
            "activities": [_CAR],
            "shifts": {"fee": {"scales": {"car": 0.1}}},
            "ledgers": [{"name": "town", "base_year": 1990, "base_value": 3, "source": "example"}],
            "targets": {"one": {"year": 2026, "value": 2}, "two": {"year": 2026, "value": 1.9}},
        },
        Question(),
    ),
    # two whole shifts in two years: lost when both are in use
    "overlap_least": (_BOTH | {"years": _TWO}, Question()),
    # up to 40 cars of 2 t and 30 bicycles of 1 t: which of the two is the smaller is to be found
    "overlap_smaller": (
        {
            "years": [2026],
            "shifts": {
                "cars": {"choice": "units", "potential": 40, "reduction": 2},
                "bikes": {"choice": "units", "potential": 30, "reduction": 1},
            },
            "overlaps": [{"shifts": ["cars", "bikes"], "share": 0.3}],
        },
        Question(),
    ),
    # 200 t and 60 t: never more than the share of either
    "overlap_most": (_BOTH | {"years": [2026]}, Question()),
    # half of north and a quarter of south, each less a fifth, in steps of 1 000 km; and 40 % of what is saved for north
    "fair_share": (
        _fair(
            {"measure": "km", "groups": ["young"], "kind": "share", "amount": 0.2},
            {"measure": "operation", "districts": ["north"], "kind": "share", "amount": 0.4},
        ),
        Question(),
    ),
    # 30 km for each of the 50 and 75 young of north and south together; 2 000 km for south as a whole, with three quarters of the campaign
    "fair_floor": (
        _fair(
            {"measure": "km", "groups": ["young"], "amount": 30},
            {"measure": "km", "districts": ["south"], "amount": 2000, "per_person": False, "everywhere": "by population"},
        ),
        Question(),
    ),
    # 6 000 km for 100 people, and for 300
    "least_gain": (_fair({"measure": "km"}), Question()),
    # at most 25 km above the least
    "fair_spread": (_fair({"measure": "km", "kind": "spread", "amount": 25}), Question()),
    # 6 000 km for 100 people, and for 300, as variables
    "party_gain": (_fair({"measure": "km", "kind": "sen"}), Question()),
    # north and south, either way
    "gain_difference": (_fair({"measure": "km", "kind": "sen"}), Question()),
    # weights of 1/4 and 3/4: 3/16 of the difference is at most a fifth, and a tenth, of the mean
    "fair_gini": (
        _fair({"measure": "km", "kind": "gini", "amount": 0.2}, {"measure": "operation", "kind": "gini", "amount": 0.1}),
        Question(),
    ),
    # mean less 3/16 of the difference
    "fair_sen": (_fair({"measure": "km", "kind": "sen", "amount": 20}, {"measure": "operation", "kind": "sen", "amount": 50}), Question()),
}
"""By file name, `<constraint>` or `<constraint>-<variant>`: the fields of a tiny plan, and what is asked of it."""


def constraint_of(name: str) -> str:
    """The constraint that a file is about."""
    return name.partition("-")[0]


def lp_text(name: str) -> str:
    """The rows of one constraint of a tiny plan, as an LP file with readable names and no objective."""
    fields, question = CASES[name]
    plan = kip.Plan(name=name, **fields)
    model = build_model(build_inputs(plan), question)
    for constraint in CONSTRAINTS:
        if constraint != constraint_of(name) and model.component(constraint) is not None:
            model.component(constraint).deactivate()
    model.objective.deactivate()
    model.without_objective = pyo.Objective(expr=0.0)
    text = io.StringIO()
    LPWriter().write(model, text, symbolic_solver_labels=True)
    return text.getvalue()


def main() -> None:
    """Write every file again, and take away those that no case makes."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.lp"):
        if old.stem not in CASES:
            old.unlink()
    for name in CASES:
        (FOLDER / f"{name}.lp").write_text(lp_text(name), encoding="utf-8")
    print(f"{len(CASES)} files written to {FOLDER.name}/. Read the differences before you commit them.")


if __name__ == "__main__":
    main()
