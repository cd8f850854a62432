"""What a user may get wrong with scenarios: each a sentence that says what was found, what is allowed and what to do, all in one report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import kip
from kip.errors import RequestError


def town(**fields: Any) -> kip.Plan:
    shifts = [kip.Shift(name="buses", cost=6e6, reduction=100), kip.Shift(name="paths", cost=6e6, reduction=70)]
    scenarios = [kip.Scenario(name="dear-power", changes={"shifts.buses.reduction": 20})]
    return kip.Plan(**{"name": "town", "years": [2026, 2027], "shifts": shifts, "budgets": 6e6, "scenarios": scenarios, **fields})


TWO: dict[str, dict[str, Any]] = {"a": {}, "b": {"shifts.buses.reduction": 20}}
VERBS: dict[str, Callable[..., Any]] = {
    "robust": kip.robust,
    "two_stage": lambda plan, scenarios, **options: kip.two_stage(plan, scenarios, until=2026, **options),
    "information_value": kip.information_value,
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("scenarios", "options", "parts"),
    [
        (["dear-powr"], {}, ['unknown scenario "dear-powr"', 'Did you mean "dear-power"?']),
        (["dear-power", "dear-power"], {}, ['"dear-power" is there twice']),
        ({}, {}, ["there are no scenarios", "{name: {path: value}}"]),
        (7, {}, ["scenarios=7", "give names"]),
        ({"shifts.buses.reduction": 20}, {}, ['scenario "shifts.buses.reduction" is 20', "give {path: value} or a plan"]),
        ({"a": {"shifts.bus.reduction": 1}}, {}, ['scenario "a"', 'Did you mean "buses"?']),
        ({"a": {"shifts.buses.cost": "ten"}}, {}, ['scenario "a"', "cost"]),
        (
            {"a": {"shifts.bus.cost": 1}, "b": {"budgets.municipality": -1}},
            {"weights": [0.5, 0.6]},
            ['scenario "a"', 'scenario "b"', "the weights sum to 1.1"],
        ),
        (TWO, {"weights": [1.0]}, ["there are 1 weights for 2 scenarios (a, b)"]),
        (TWO, {"weights": [1.5, -0.5]}, ["each must be a number of 0 or more"]),
        (TWO, {"weights": [0.5, float("nan")]}, ["each must be a number of 0 or more"]),
        (TWO, {"weights": ["half", 0.5]}, ["give numbers from 0 to 1"]),
        (TWO, {"weights": {"a": 0.5, "c": 0.5}}, ['unknown scenario "c"', "weights has nothing for b"]),
        (TWO, {"maximize": "reductoin"}, ['unknown measure "reductoin"', 'Did you mean "reduction"?']),
        (TWO, {"gap": -1, "seed": "one"}, ["gap=-1", "seed='one'"]),
        (TWO, {"require": ["trams"]}, ['unknown shift "trams"']),
        ({"a": {}, "b": town(years=[2025, 2026])}, {}, ['scenario "b"', "years", "lacks 2027", "has 2025 in addition"]),
        (
            {"a": {}, "b": town(shifts=[kip.Shift(name="trams", reduction=1)], scenarios=[])},
            {},
            ['scenario "b"', "shifts and enablers", "lacks buses, paths", "has trams", "the same shifts, districts and years"],
        ),
        ({"a": {}, "b": town(currency="EUR")}, {}, ["counts in EUR, the plan in SEK"]),
    ],
)
def test_what_is_wrong_with_scenarios(verb: str, scenarios: Any, options: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(RequestError) as caught:
        VERBS[verb](town(), scenarios, **options)
    for part in parts:
        assert part in str(caught.value)


def test_a_table_with_a_name_twice() -> None:
    table = pd.DataFrame([[1.0, 2.0]], index=["shifts.buses.reduction"], columns=["a", "a"])
    with pytest.raises(RequestError, match='"a" is there twice'):
        kip.robust(town(), table)
    table = pd.DataFrame([[1.0], [2.0]], index=["discount_rate"] * 2, columns=["a"])
    with pytest.raises(RequestError, match='"discount_rate" is there twice'):
        kip.robust(town(), table)


@pytest.mark.parametrize(
    ("criterion", "level", "parts"),
    [
        ("expect", 0.8, ['unknown criterion "expect"', 'Did you mean "expected"?']),
        ("cvar", 1.0, ["level=1.0", "from 0 to below 1"]),
        ("cvar", float("nan"), ["level=nan"]),
        ("wrost_case", -1, ["unknown criterion", "level=-1"]),
    ],
)
def test_what_is_wrong_with_a_criterion(criterion: str, level: float, parts: list[str]) -> None:
    with pytest.raises(RequestError) as caught:
        kip.robust(town(), TWO, criterion, level=level)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("until", [2027, 2030, "2026", None])
def test_a_year_that_leaves_nothing_for_later(until: Any) -> None:
    with pytest.raises(RequestError, match="give a year of the plan before its last, after which the scenario is known: 2026"):
        kip.two_stage(town(), TWO, until=until)


def test_a_reference_of_another_plan() -> None:
    with pytest.raises(RequestError, match="lacks 2026, 2027"):
        kip.two_stage(town(), TWO, until=2026, reference=town(years=[2030, 2031]))


def test_scenarios_without_a_mean_say_so() -> None:
    """A lead time in whole years has no mean of one and a half: there is no plan of averages, and everything else is there."""
    found = kip.two_stage(town(), {"a": {}, "b": {"shifts.buses.lead": 1}}, until=2026, gap=0)
    assert found.averages.portfolio is None
    assert any("no plan of averages" in line and "reference" in line for line in found.sentences())
    assert found.value == pytest.approx(150.0)  # two years in one, one year in the other


def test_targets_and_minimising() -> None:
    plan = town(targets=[kip.Target(name="goal", year=2027, value=10, base_year=1990, base_value=400, source="example")])
    with pytest.raises(RequestError, match=r'maximum=\{"shortfall"'):
        kip.robust(plan, TWO, minimize="cost")
    with pytest.raises(RequestError, match="they are not protected here"):
        kip.budgeted(plan, {"buses": 1}, 1, minimize="cost")


@pytest.mark.parametrize(
    ("inputs", "parts"),
    [
        (["shifts.bus.reduction"], ['Did you mean "buses"?']),
        (["discount_rate"], ['"discount_rate" is the same in all scenarios']),
        ([], ["inputs is empty"]),
        ({"one": ["discount_rate"], "two": "shifts.x"}, ['"one" is the same', "shifts.x"]),
    ],
)
def test_what_is_wrong_with_inputs(inputs: Any, parts: list[str]) -> None:
    with pytest.raises(RequestError) as caught:
        kip.information_value(town(), TWO, inputs=inputs)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("worth", "part"), [("dear", "worth:"), ("5 SEK/km", "needs SEK/t"), (float("inf"), "infinity"), ("5 EUR/t", "needs SEK/t")]
)
def test_what_is_wrong_with_a_price(worth: Any, part: str) -> None:
    with pytest.raises(RequestError, match=part):
        kip.information_value(town(), TWO, worth=worth)


@pytest.mark.parametrize(
    ("deviations", "gamma", "parts"),
    [
        ({}, 1, ["deviations={}", "give {path or shift: amount}"]),
        ({"busses": 1}, 1, ["busses", "does not exist"]),
        ({"buses": -1}, 1, ["0 or more"]),
        ({"buses": "much"}, 1, ['"buses"', "much"]),
        ({"shifts.buses.name": 1}, 1, ["that is no number"]),
        ({"buses": 1, "shifts.buses.reduction": 2}, 1, ["is there twice"]),
        ({"shifts.buses.lead": 1}, 1, ["shifts.buses.lead"]),
        ({"buses": 1}, -1, ["gamma=-1", "0 or more"]),
        ({"buses": 1}, float("nan"), ["gamma=nan"]),
    ],
)
def test_what_is_wrong_with_deviations(deviations: Any, gamma: Any, parts: list[str]) -> None:
    with pytest.raises(RequestError) as caught:
        kip.budgeted(town(), deviations, gamma)
    for part in parts:
        assert part in str(caught.value)


def test_deviations_that_move_the_rules() -> None:
    car = kip.Activity(name="car", amount=100, factor=1)
    shift = kip.Shift(name="less", source="car", choice="share", potential=50, cost=1.0)
    plan = kip.Plan(name="p", years=[2026], activities=[car], shifts=[shift])
    with pytest.raises(RequestError, match=r"moves the rules of the plan .*kip\.robust"):
        kip.budgeted(plan, {"shifts.less.potential": 10}, 1)
    with pytest.raises(RequestError, match="states no reduction"):
        kip.budgeted(plan, {"less": 10}, 1)
    # the factor of what it moves stands in the measure only
    assert kip.budgeted(plan, {"activities.car.factor": 0.2}, 1, gap=0).value == pytest.approx(40.0)
    with pytest.raises(RequestError, match="shortfall"):
        kip.budgeted(plan, {"activities.car.factor": 0.2}, 1, minimize="shortfall")
