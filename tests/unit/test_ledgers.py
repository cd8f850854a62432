"""Targets need a base; accounts are kept apart; what is inside the municipal group is told from the rest."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import kip
from kip.results.summary import summary
from kip.views.text import plain

BASE = {"base_year": 1990, "base_value": 1000.0, "source": "invented"}
MESSAGE = "a target's base year, base value and source are required fields"


def plan(ledger: dict[str, Any], target: dict[str, Any], **fields: Any) -> kip.Plan:
    data: dict[str, Any] = {
        "name": "p",
        "years": [2030],
        "shifts": [kip.Shift(name="a", reduction=100)],
        "ledgers": [{"name": "l"} | ledger],
        "targets": [{"name": "t", "year": 2030} | target],
    }
    return kip.Plan(**(data | fields))


@pytest.mark.parametrize("gone", [["base_year"], ["base_value"], ["source"], ["base_year", "source"], list(BASE)])
@pytest.mark.parametrize("wanted", [{"value": 5}, {"cut": 0.5}])
def test_a_target_without_a_base(gone: list[str], wanted: dict[str, float]) -> None:
    with pytest.raises(kip.DataError) as error:
        plan({field: value for field, value in BASE.items() if field not in gone}, wanted)
    (issue,) = error.value.issues
    assert issue.path == "targets.t" and MESSAGE in issue.message and 'ledger "l"' in issue.message
    for field in BASE:
        assert (field in issue.message.split("required fields; ")[1]) == (field in gone)


def test_the_base_may_be_the_targets_own() -> None:
    own = plan({}, {"cut": 0.5, **BASE})
    assert kip.evaluate(own).dataset["target_value"].item() == 500
    # it goes before the ledger's
    assert kip.evaluate(plan(BASE, {"cut": 0.5, "base_year": 2010, "base_value": 600})).dataset["target_value"].item() == 300
    assert plan(BASE | {"source": ""}, {"value": 1, "source": "the council"}).targets[0].source


def test_a_plan_without_ledgers_has_no_base() -> None:
    with pytest.raises(kip.DataError, match="required fields"):
        kip.Plan(name="p", years=[2030], shifts=[kip.Shift(name="a")], targets=[{"name": "t", "year": 2030, "value": 5}])


def test_the_row_of_the_target_is_named(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(
        "name: p\nyears: [2030]\nshifts: {a: {reduction: 1}}\nledgers: {good: {base_year: 1990, base_value: 9, source: x}, bad: {}}\n"
    )
    (tmp_path / "targets.csv").write_text("name,ledger,year,value\none,good,2030,5\ntwo,bad,2030,5\n")
    with pytest.raises(kip.DataError) as error:
        kip.read_plan(tmp_path)
    (issue,) = error.value.issues
    assert (issue.file, issue.row) == ("targets.csv", 3) and MESSAGE in issue.message


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "net", "cut": 1.0}, 'needs "complementary_share"'),
        ({"cut": 1.0, "complementary_share": 0.1}, "is for net targets"),
        ({"cut": 1.0, "base_year": 1990}, 'both "base_year" and "base_value"'),
        ({"kind": "nett", "cut": 1.0}, "is not allowed"),
        ({"kind": "net", "cut": 1.0, "complementary_share": 1.5}, "is not a share"),
    ],
)
def test_what_is_no_target(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(kip.DataError) as error:
        kip.Target(name="t", year=2030, **fields)
    assert words in str(error.value)


def test_a_complementary_measure_states_tonnes_that_are_taken_away() -> None:
    with pytest.raises(kip.DataError, match="states its tonnes"):
        kip.Shift(name="a", source="car", counts_as="complementary")
    with pytest.raises(kip.DataError, match="0 t or more"):
        kip.Plan(name="p", years=[2030], shifts=[kip.Shift(name="a", reduction=-5, counts_as="complementary")])
    with pytest.raises(kip.DataError, match="measure of every plan"):
        kip.Plan(name="p", years=[2030], shifts=[kip.Shift(name="a", cobenefits={"complementary": 1})])


@pytest.fixture
def town() -> kip.Plan:
    """600 t by the group's own cars, 1 000 t by others, 400 t of heat that the plan does not act on; another account beside it."""
    return kip.Plan(
        name="town",
        years=[2029, 2030],
        activities=[
            kip.Activity(name="fleet", amount=3e6, factor={"main": 2e-4}, inside=True),
            kip.Activity(name="cars", amount=5e6, factor={"main": 2e-4, "consumption": 3e-4}),
        ],
        shifts=[
            kip.Shift(name="electric-fleet", source="fleet", choice="share", cost=1),
            kip.Shift(name="bicycles", source="cars", choice="share", cost=2, potential=1e6),
            kip.Shift(name="biochar", reduction={"main": 80}, counts_as="complementary"),
        ],
        ledgers=[
            kip.Ledger(
                name="main", basis="territorial", base_year=1990, base_value=2500, source="x", other={"heat": {2029: 440, 2030: 400}}
            ),
            kip.Ledger(name="consumption", basis="consumption", base_year=2010, base_value=4000, source="y", other={"food": 900}),
        ],
        targets=[
            kip.Target(name="main 2030", year=2030, cut="60 %"),
            kip.Target(name="net 2030", year=2030, kind="net", value=900, complementary_share="2 %"),
        ],
    )


def test_table_of_ledgers_by_hand(town: kip.Plan) -> None:
    done = kip.evaluate(town, {"electric-fleet": {2029: 1.5e6}, "bicycles": {2030: 1e6}, "biochar": {2029: 1}})
    table = done.ledgers()
    assert list(table.index) == [("main", 2029), ("main", 2030), ("consumption", 2029), ("consumption", 2030)]
    row = table.loc[("main", 2030)]
    # 600 + 1 000 + 400; 1.5 of 3 million km of the fleet are 300 t, a million km by bicycle 200 t
    expected = {
        "baseline": 2000,
        "outside": 400,
        "baseline in group": 600,
        "baseline others": 1000,
        "reduction": 500,
        "complementary": 80,
        "emissions": 1500,
        "emissions in group": 300,
        "net": 1420,
        "target": 1000,
        "net target": 900,
        # net: 2 % of 2 500 are 50 of the 80 t; 1 500 - 50 - 900 = 550, more than 1 500 - 1 000
        "shortfall": 550,
        # down from 2 000 to the lower of 1 000, and 900 + 50; 1 600 t are acted on: more than the whole way
        "reachable share": 1.0,
    }
    assert row.to_dict() == pytest.approx(expected)
    other = table.loc[("consumption", 2030)]
    # cars only, 1 500 t on this account; the sink is on the main one
    assert other[["baseline", "outside", "reduction", "complementary"]].tolist() == pytest.approx([2400, 900, 300, 0])
    assert math.isnan(other["target"]) and math.isnan(other["reachable share"]) and math.isnan(other["shortfall"])
    assert math.isnan(table.loc[("main", 2029), "target"])
    near = kip.evaluate(town.update({"ledgers.main.other": {"heat": 1200}})).ledgers().loc[("main", 2030)]
    # from 2 800 to 950: 1 850 t to go, 1 600 of them within reach
    assert near["reachable share"] == pytest.approx(1600 / 1850)
    assert (table["baseline"] == table["outside"] + table["baseline in group"] + table["baseline others"]).all()


def test_table_of_what_is_outside(town: kip.Plan) -> None:
    table = kip.evaluate(town).outside()
    assert table.loc[("main", "heat")].tolist() == [440, 400]
    assert table.loc[("consumption", "food"), 2030] == 900
    assert kip.evaluate(kip.Plan(name="p", years=[2030], shifts=[kip.Shift(name="a")])).outside().empty


def test_summary_keeps_the_accounts_apart(town: kip.Plan) -> None:
    done = kip.evaluate(town, ["biochar"])
    english, swedish = plain(summary(done)), plain(summary(done, "sv"))
    assert "Accounts of emissions, each for itself" in english and "Utsläppskonton, vart och ett för sig" in swedish
    for words in ("municipal", "complementary", "Complementary measures are no reductions"):
        assert words in english
    assert "net 2030: complementary measures count for 50 of at most 50 t/year." in english
    assert "net 2030: kompletterande åtgärder räknas med 50 av högst 50 t/år." in swedish
    one = kip.Plan(name="p", years=[2030], shifts=[kip.Shift(name="a", reduction=5)])
    assert "Accounts of emissions" not in plain(summary(kip.evaluate(one, ["a"])))


def test_cobenefits_show_their_own_unit_first() -> None:
    shift = kip.Shift(name="a", cobenefits={"noise": {2026: -10, 2027: -20}, "shade": 4})
    indicators = [
        kip.Indicator(name="noise", unit="person", direction="down", family="noise", value="2 kSEK/person"),
        kip.Indicator(name="shade", unit="place", family="adaptation"),
    ]
    done = kip.evaluate(kip.Plan(name="p", years=[2026, 2027], discount_rate=0.25, shifts=[shift], indicators=indicators), ["a"])
    table = done.cobenefits()
    assert list(table.index) == ["shade", "noise"]
    assert list(table.columns)[:5] == ["family", "total", "in 2027", "unit", "direction"]
    assert table.loc["noise", ["total", "in 2027"]].tolist() == [-30, -20]
    # 10 · 2 000 and 20 · 2 000; the second year over 1.25
    assert table.loc["noise", ["worth [SEK]", "present worth [SEK]"]].tolist() == pytest.approx([60_000, 20_000 + 32_000])
    assert math.isnan(table.loc["shade", "worth [SEK]"])
    section = next(part for part in summary(done).sections if part.title == "Beside climate")
    assert section.table is not None and list(section.table.columns)[-1] == "worth [SEK]"
    assert section.table["worth [SEK]"].tolist()[0] == 60_000 and math.isnan(section.table["worth [SEK]"].tolist()[1])
    assert "worth" not in plain(summary(kip.evaluate(done.plan.update({"indicators.noise.value": None}), ["a"])))
