"""Every rule about counting twice: a plan that breaks it, and its sibling that does not."""

from __future__ import annotations

import re
from typing import Any

import pytest

import kip

PETROL = {"name": "petrol", "amount": 1000, "factor": 0.002}


def found(**fields: Any) -> list[str]:
    """What `plan.check()` says."""
    data: dict[str, Any] = {
        "name": "p",
        "years": [2026],
        "actors": [{"name": "municipality"}, {"name": "households", "kind": "private"}, {"name": "state", "kind": "state"}],
    }
    return [str(issue) for issue in kip.Plan(**(data | fields)).check()]


def moved(**more: Any) -> dict[str, Any]:
    return {"name": "ev", "source": "petrol", "potential": 100, "area": "cars"} | more


def stated(**more: Any) -> dict[str, Any]:
    return {"name": "path", "cost": 5e6, "reduction": 60, "area": "cycling"} | more


def health(**more: Any) -> dict[str, Any]:
    return {"name": "heat", "family": "health", "unit": "km", "value": 3} | more


TWO_HEALTH = [health(), health(name="asek-health", value=2)]
VALUED = [{"name": "emissions", "value": 7000}]
STATE_GRANT = {"name": "klivet", "funder": "state", "share": 0.5}

RULES: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "stated about what another moves": (
        {"activities": [PETROL], "shifts": [moved(), stated(covers=["petrol"])]},
        {"activities": [PETROL], "shifts": [moved(), stated(covers=["buses"])]},
        ["shifts.path.reduction.all = 60", "activities.petrol.amount.all = 1000", 'Give "path" the source "petrol"'],
    ),
    "stated about what another moves, but never both": (
        {"activities": [PETROL], "shifts": [moved(), stated(covers=["petrol"])]},
        {"activities": [PETROL], "shifts": [moved(), stated(covers=["petrol"], excludes=["ev"])]},
        ["shifts.path.reduction.all = 60"],
    ),
    "stated about what another moves, elsewhere": (
        {"activities": [PETROL], "shifts": [moved(districts=["all"]), stated(covers=["petrol"])]},
        {
            "activities": [PETROL | {"amount": {"north": 500, "south": 500}}],
            "districts": [{"name": "north"}, {"name": "south"}],
            "shifts": [moved(districts=["north"]), stated(covers=["petrol"], districts=["south"])],
        },
        ["shifts.path.reduction.all = 60"],
    ),
    "stated in the area of a moving shift": (
        {"activities": [PETROL], "shifts": [moved(), stated(area="cars")]},
        {"activities": [PETROL], "shifts": [moved(), stated(area="cars", covers=["buses"])]},
        ["shifts.path.reduction.all = 60", "activities.petrol.amount.all = 1000", 'say in "covers"'],
    ),
    "two stated about the same": (
        {"shifts": [stated(covers=["cars"]), stated(name="parking", reduction=80, covers=["cars"])]},
        {"shifts": [stated(covers=["cars: commuting"]), stated(name="parking", reduction=80, covers=["cars: shopping"])]},
        ["shifts.path.reduction.all = 60", "shifts.parking.reduction.all = 80", 'are both about "cars"'],
    ),
    "two stated with the same numbers": (
        {"shifts": [stated(), stated(name="bicycle-path")]},
        {"shifts": [stated(), stated(name="bicycle-path", cost=6e6)]},
        ["shifts.path.reduction.all = 60", "shifts.bicycle-path.reduction.all = 60", "are the same numbers"],
    ),
    "carbon dioxide in the price of air": (
        {"ledgers": VALUED, "indicators": [{"name": "exhaust", "value": 2, "covers": ["air", "co2"]}], "shifts": [stated()]},
        {"ledgers": VALUED, "indicators": [{"name": "exhaust", "value": 2, "covers": ["air"]}], "shifts": [stated()]},
        ["indicators.exhaust.value = 2", "ledgers.emissions.value = 7000", "Use a value without carbon dioxide"],
    ),
    "fuel saved twice": (
        {
            "indicators": [{"name": "surplus", "value": 1, "covers": ["fuel", "time"]}],
            "shifts": [stated(opex={"households": -900}, cobenefits={"surplus": 500})],
        },
        {
            "indicators": [{"name": "surplus", "value": 1, "covers": ["time"]}],
            "shifts": [stated(opex={"households": -900}, cobenefits={"surplus": 500})],
        },
        ["indicators.surplus.value = 1", "shifts.path.opex.households = -900", "or the fuel out of opex"],
    ),
    "jobs as a benefit": (
        {"indicators": [{"name": "work", "family": "jobs", "value": 4e5}], "shifts": [stated(cobenefits={"work": 3})]},
        {"indicators": [{"name": "work", "family": "jobs"}], "shifts": [stated(cobenefits={"work": 3})]},
        ["indicators.work.value = 400000", "shifts.path.cobenefits.work = 3", "Count jobs without money"],
    ),
    "a tax as a benefit": (
        {"indicators": [{"name": "fuel-tax", "value": 1, "covers": ["tax"]}], "shifts": [stated(cobenefits={"fuel-tax": 3})]},
        {"indicators": [{"name": "fuel-tax", "covers": ["tax"]}], "shifts": [stated(cobenefits={"fuel-tax": 3})]},
        ["indicators.fuel-tax.value = 1", "a tax changes hands"],
    ),
    "a tax without its other side": (
        {"shifts": [stated(opex={"households": -900}, covers=["tax"])]},
        {"shifts": [stated(opex={"households": -900, "state": 300}, covers=["tax"])]},
        ["shifts.path.opex.households = -900", "shifts.path.opex of state = 0", "Give the other side"],
    ),
    "a grant that is a cost as well": (
        {"funding": [STATE_GRANT], "shifts": [stated(cost={"municipality": 5e6, "state": 2e6})]},
        {"funding": [STATE_GRANT | {"shifts": ["path"]}], "shifts": [stated(cost={"municipality": 5e6, "state": 2e6})]},
        ["shifts.path.cost.state = 2000000", "funding.klivet.share.all = 0.5", "the same krona is counted twice"],
    ),
    "a grant of another area": (
        {"funding": [STATE_GRANT | {"areas": ["cycling"]}], "shifts": [stated(cost={"municipality": 5e6, "state": 2e6})]},
        {
            "funding": [STATE_GRANT | {"areas": ["cars"]}],
            "shifts": [stated(cost={"municipality": 5e6, "state": 2e6}), stated(name="other", area="cars")],
        },
        ["funding.klivet.share.all = 0.5"],
    ),
    "a shift that is a policy": (
        {"activities": [PETROL | {"policies": {"fleet turnover": 0.3}}], "shifts": [moved(name="fleet-turnover")]},
        {"activities": [PETROL | {"policies": {"fleet turnover": 0.3}}], "shifts": [moved(name="fleet-turnover", attribution=0.6)]},
        ["activities.petrol.policies.fleet turnover = 0.3", "shifts.fleet-turnover.attribution = 1"],
    ),
    "a stated shift that covers a policy": (
        {"activities": [PETROL | {"policies": {"quota": 0.1}}], "shifts": [stated(covers=["quota"])]},
        {"activities": [PETROL | {"policies": {"quota": 0.1}}], "shifts": [stated()]},
        ["activities.petrol.policies.quota = 0.1", "shifts.path.attribution = 1"],
    ),
    "a policy of another activity": (
        {"activities": [PETROL | {"policies": {"ev": 0.1}}], "shifts": [moved()]},
        {"activities": [PETROL, {"name": "bus", "amount": 1, "factor": 1, "policies": {"ev": 0.1}}], "shifts": [moved()]},
        ["activities.petrol.policies.ev = 0.1"],
    ),
    "a policy in the factor and as a layer": (
        {"activities": [PETROL | {"policies": {"quota": 0.1}, "covers": ["quota"]}], "shifts": [moved()]},
        {"activities": [PETROL | {"policies": {"quota": 0.1}, "covers": ["e5"]}], "shifts": [moved()]},
        ["activities.petrol.factor.all = 0.002", "activities.petrol.policies.quota = 0.1", "as it is without the policy"],
    ),
    "two values of health on the same kilometre": (
        {"indicators": TWO_HEALTH, "shifts": [stated(cobenefits={"heat": 10, "asek-health": 10})]},
        {"indicators": TWO_HEALTH, "shifts": [stated(cobenefits={"heat": 10}), stated(name="b", cost=1, cobenefits={"asek-health": 10})]},
        ["indicators.heat.value = 3", "indicators.asek-health.value = 2", "shifts.path.cobenefits.heat = 10"],
    ),
    "two values of health, of two kinds": (
        {"indicators": TWO_HEALTH, "shifts": [stated(cobenefits={"heat": 10, "asek-health": 10})]},
        {
            "indicators": [health(covers=["health: walking"]), health(name="asek-health", covers=["health: cycling"])],
            "shifts": [stated(cobenefits={"heat": 10, "asek-health": 10})],
        },
        ['both hold "health"'],
    ),
    "air from HEAT and from ASEK, on an activity and in the shift that moves it": (
        {
            "activities": [PETROL | {"indicators": {"nox": 0.1}}],
            "indicators": [{"name": "nox", "family": "air", "value": 93}, {"name": "heat-air", "covers": ["air"], "value": 1}],
            "shifts": [moved(cobenefits={"heat-air": 5})],
        },
        {
            "activities": [PETROL | {"indicators": {"nox": 0.1}}],
            "indicators": [{"name": "nox", "family": "air", "value": 93}, {"name": "heat-air", "covers": ["air"]}],
            "shifts": [moved(cobenefits={"heat-air": 5})],
        },
        ["indicators.nox.value = 93", "indicators.heat-air.value = 1", "activities.petrol.indicators.nox = 0.1"],
    ),
    "quiet and the price of houses": (
        {
            "indicators": [{"name": "noise", "value": 9}, {"name": "houses", "covers": ["property"], "value": 4}],
            "shifts": [stated(cobenefits={"noise": 1, "houses": 2})],
        },
        {
            "indicators": [{"name": "noise", "value": 9}, {"name": "houses", "covers": ["property"]}],
            "shifts": [stated(cobenefits={"noise": 1, "houses": 2})],
        },
        ["indicators.noise.value = 9", "indicators.houses.value = 4", "a quiet street is in the price of the house"],
    ),
    "time and queues": (
        {
            "indicators": [{"name": "minutes", "family": "time", "value": 2}, {"name": "queues", "covers": ["congestion"], "value": 4}],
            "shifts": [stated(cobenefits={"minutes": 1, "queues": 2})],
        },
        {
            "indicators": [{"name": "minutes", "family": "time", "value": 2}, {"name": "queues", "covers": ["noise"], "value": 4}],
            "shifts": [stated(cobenefits={"minutes": 1, "queues": 2})],
        },
        ["indicators.minutes.value = 2", "indicators.queues.value = 4", "congestion is time lost in queues"],
    ),
    "a slip in a name": (
        {"activities": [PETROL], "shifts": [moved(), stated(covers=["petrl"])]},
        {"activities": [PETROL], "shifts": [moved(), stated(covers=["heating"])]},
        ['nothing in the plan is called "petrl". Did you mean "petrol"?'],
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_plan_that_counts_twice_and_its_sibling(rule: str) -> None:
    broken, sibling, words = RULES[rule]
    said = found(**broken)
    assert len(said) == 1, said
    assert all(word in said[0] for word in words), said
    # each finding names two numbers with their paths; a slip in a name has none
    assert len(re.findall(r" = -?[\d.e+-]+", said[0])) >= (0 if "slip" in rule else 2), said
    assert said[0].endswith(".")
    assert found(**sibling) == []


def test_a_value_set_is_named_as_the_number() -> None:
    mine = kip.ValueSet(name="mine", source="invented", price_year=2026, values={"co2": "7 SEK/kg", "work": "4 SEK/1"})
    said = found(
        value_sets=[mine],
        ledgers=[{"name": "emissions", "value_set": "mine"}],
        indicators=[{"name": "exhaust", "unit": "kg", "value": 2, "covers": ["co2"]}],
        shifts=[stated()],
    )
    assert len(said) == 1
    assert "value_sets.mine.values.co2 = 7" in said[0]


def test_scaling_shifts_take_from_what_they_scale() -> None:
    if "scales" not in kip.Shift.model_fields:
        pytest.skip("shifts do not scale yet")
    fee = {"name": "fee", "scales": {"petrol": 0.1}}
    assert len(found(activities=[PETROL], shifts=[fee, stated(covers=["petrol"])])) == 1


def test_findings_stop_nothing() -> None:
    plan = kip.Plan(name="p", years=[2026], shifts=[stated(), stated(name="again")])
    assert kip.optimize(plan).selected == ("again", "path")


@pytest.mark.parametrize("name", ["minimal", "kranj"])
def test_example_plans_count_once(name: str) -> None:
    assert kip.example(name).check() == []


def test_an_unknown_effect_is_an_error() -> None:
    with pytest.raises(kip.DataError, match=r'unknown effect "helth"\. Did you mean "health"\?'):
        found(indicators=[{"name": "a", "covers": ["helth"]}], shifts=[stated()])
