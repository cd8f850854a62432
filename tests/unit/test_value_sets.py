"""Value sets: what is shipped, units, prices, currencies, and what goes wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import kip

INDEX = {2017: 100.0, 2020: 105.0, 2026: 140.0}


def plan(**fields: Any) -> kip.Plan:
    """One whole shift that gives 10 units of noise and 100 t, at no cost, in one year."""
    shift = {"name": "wall", "reduction": 100, "cobenefits": {"noise": -10}}
    data = {"name": "p", "years": [2026], "discount_rate": 0, "shifts": [shift], "price_index": INDEX, "ledgers": [{"name": "l"}]}
    return kip.Plan(**(data | fields))


def worth(made: kip.Plan) -> float:
    return kip.evaluate(made, ["wall"]).measure("net_benefit")


def test_shipped_figures() -> None:
    asek = kip.value_set("asek-7")
    assert (asek.price_year, asek.currency, asek.values["co2"]) == (2017, "SEK", 7.0)
    assert asek.values["co2-path"] == {2021: 3.85, 2030: 7.0}
    assert kip.value_set("asek-6").values == {"co2": 1.14}
    norway = kip.value_set("norway-car-km")
    assert (norway.currency, norway.price_year) == ("NOK", 2020)
    # the sums of the source are those of its columns
    for place in ("rural", "town", "city"):
        parts = sum(norway.values[f"{place}-{part}"] for part in ("accidents", "road-wear", "congestion", "noise"))
        assert parts <= norway.values[f"{place}-zero-emission"] + 1e-9
    assert norway.values["city-petrol"] == pytest.approx(0.12 + 0.03 + 1.51 + 0.34 + 0.31)
    assert norway.values["town-diesel"] == pytest.approx(0.12 + 0.03 + 0.21 + 0.31 + 0.09)
    table = kip.value_sets()
    assert set(table["set"]) == {"asek-6", "asek-7", "norway-car-km"}
    assert (table["covers"] != "").all() and (table["source"] != "").all() and table["price_year"].notna().all()


def test_tonne_from_a_set_in_prices_of_the_plan() -> None:
    ledger = {"name": "l", "value_set": "asek-7"}
    # 7 SEK/kg = 7 000 SEK/t of 2017, · 1.4
    assert worth(plan(ledgers=[ledger], value_sets=[kip.value_set("asek-7")])) == pytest.approx(100 * 7000 * 1.4)
    path = plan(ledgers=[ledger | {"value_key": "co2-path"}], value_sets=[kip.value_set("asek-7")])
    # five ninths of the way from 3.85 in 2021 to 7 in 2030: 5.6
    assert worth(path) == pytest.approx(100 * 5600 * 1.4)


def test_indicator_from_a_set_with_its_own_name_or_a_key() -> None:
    own = kip.ValueSet(name="mine", source="x", price_year=2026, values={"noise": "3 kSEK/person", "loud": "1 SEK/person"})
    indicator = {"name": "noise", "unit": "person", "direction": "down", "value_set": "mine"}
    assert worth(plan(indicators=[indicator], value_sets=[own])) == pytest.approx(30_000)
    assert worth(plan(indicators=[indicator | {"value_key": "loud"}], value_sets=[own])) == pytest.approx(10)


def test_own_value_beside_the_name_of_a_set_is_kept() -> None:
    indicator = {"name": "noise", "unit": "person", "direction": "down", "value": 5, "value_set": "ASEK 4, any text"}
    assert worth(plan(indicators=[indicator])) == pytest.approx(50)


def test_currencies_are_exchanged_only_with_a_rate_and_its_source() -> None:
    indicator = {"name": "noise", "unit": "vkm", "direction": "down", "value_set": "norway-car-km", "value_key": "city-petrol"}
    with pytest.raises(kip.DataError, match="never exchanged silently"):
        plan(indicators=[indicator], value_sets=[kip.value_set("norway-car-km")])
    with pytest.raises(kip.DataError, match="exchange rate needs its source"):
        kip.value_set("norway-car-km", exchange_rate=0.98)
    rated = kip.value_set("norway-car-km", exchange_rate=0.98, exchange_source="invented")
    # 10 km less, 2.31 NOK of 2020 each, · 0.98, prices · 140/105
    assert worth(plan(indicators=[indicator], value_sets=[rated])) == pytest.approx(10 * 2.31 * 0.98 * 140 / 105)
    # a set that nobody takes a value from is only lying there
    assert plan(value_sets=[kip.value_set("norway-car-km")]).value_sets


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ledgers": [{"name": "l", "value_set": "asek7"}]}, 'unknown value set "asek7". Did you mean "asek-7"'),
        ({"ledgers": [{"name": "l", "value_set": "asek-7", "value_key": "co2-paht"}]}, 'Did you mean "co2-path"'),
        ({"ledgers": [{"name": "l", "value_key": "co2"}]}, "needs a value set"),
        ({"ledgers": [{"name": "l", "value": 7, "value_key": "co2"}]}, "exclude each other"),
        ({"indicators": [{"name": "noise", "unit": "km", "value_set": "asek-7", "value_key": "co2"}]}, "SEK/km is needed"),
        ({"indicators": [{"name": "noise", "unit": "kg", "value_set": "asek-7"}]}, 'unknown value of asek-7 "noise"'),
        ({"ledgers": [{"name": "l", "value_set": "asek-7"}], "price_index": {}}, "the price index has no 2017"),
        (
            {"passports": {"value_sets.asek-7.values.co2": {"price_year": 2020}}},
            "Take the price year of the passport away",
        ),
        ({"value_sets": [kip.value_set("asek-7"), kip.value_set("asek-7")]}, '2 times the value set "asek-7"'),
        ({"value_sets": [kip.value_set("asek-7", exchange_rate=1.0, exchange_source="x")]}, "both in SEK"),
    ],
)
def test_what_does_not_fit_the_plan(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(kip.DataError) as error:
        plan(**({"value_sets": [kip.value_set("asek-7")]} | fields))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"price_year": None}, "price_year"),
        ({"values": {"co2": 7}}, "has no unit"),
        ({"values": {"co2": "7 SEK/kgg"}}, "unknown unit"),
        ({"values": {"co2": "7 EUR/kg"}}, "must be in SEK"),
        ({"values": {"co2": {2021: "3 SEK/kg", 2030: "7 SEK/t"}}}, "several units"),
        ({"values": {"co2": "7 SEK/kg"}, "units": {"co2": "SEK/t"}}, "several units"),
        ({"values": {"co2": "7 SEK/kg"}, "covers": {"c02": "x"}}, 'Did you mean "co2"'),
        ({"currency": "KR"}, "unknown currency"),
        ({"values": {"co2": "seven"}, "units": {"co2": "SEK/kg"}}, "not a number"),
        ({"exchange_rate": 0, "exchange_source": "x"}, "above 0"),
    ],
)
def test_what_is_no_value_set(fields: dict[str, Any], words: str) -> None:
    data = {"name": "mine", "source": "x", "price_year": 2020} | fields
    with pytest.raises(kip.DataError) as error:
        kip.ValueSet(**data)
    assert words in str(error.value)


def write(folder: Path, frame: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "plan.yaml").write_text(frame)
    return folder


HEAD = "name: p\nyears: [2026]\nprice_index: {2017: 100, 2020: 105, 2026: 140}\nshifts: {wall: {reduction: 100}}\n"


def test_a_file_names_a_shipped_set(tmp_path: Path) -> None:
    for number, text in enumerate(
        (
            "value_sets: [asek-7]\n",
            "value_sets: {asek-7: {}}\n",
            "value_sets: [{name: asek-7}]\n",
        )
    ):
        made = kip.read_plan(write(tmp_path / str(number), HEAD + text + "ledgers: {l: {value_set: asek-7}}\n"))
        assert made.value_sets == (kip.value_set("asek-7"),)
    rate = "value_sets: {norway-car-km: {exchange_rate: 0.98, exchange_source: invented}}\n"
    made = kip.read_plan(write(tmp_path / "rate", HEAD + rate))
    assert made.value_sets == (kip.value_set("norway-car-km", 0.98, "invented"),)
    # written in full, so that the plan holds what it rests on
    for place in (tmp_path / "again", tmp_path / "again.xlsx"):
        assert kip.read_plan(kip.write_plan(made, place)) == made


def test_a_set_without_price_year_is_named_with_its_row(tmp_path: Path) -> None:
    good, bad = "{name: good, source: x, price_year: 2020, values: {co2: 7 SEK/kg}}", "{name: bad, source: x, values: {co2: 7 SEK/kg}}"
    text = f"value_sets:\n  - {good}\n  - {bad}\n"
    with pytest.raises(kip.DataError) as error:
        kip.read_plan(write(tmp_path / "p", HEAD + text))
    (issue,) = error.value.issues
    assert (issue.row, issue.file) == (7, "plan.yaml") and "price_year" in issue.message
    (tmp_path / "q").mkdir()
    (tmp_path / "q" / "plan.yaml").write_text(HEAD)
    (tmp_path / "q" / "value_sets.csv").write_text("name,source,price_year,values.co2,units.co2\ngood,x,2020,7,SEK/kg\nbad,x,,7,SEK/kg\n")
    with pytest.raises(kip.DataError) as error:
        kip.read_plan(tmp_path / "q")
    (issue,) = error.value.issues
    assert (issue.row, issue.file) == (3, "value_sets.csv") and "price_year" in issue.message


def test_files_of_your_own_and_the_template(tmp_path: Path) -> None:
    from kip.files.shipped import _HOME

    with pytest.raises(kip.RequestError, match="template") as error:
        kip.value_set("asek-8")
    assert "asek-8-template.yaml" in str(error.value)
    text = (_HOME / "asek-8-template.yaml").read_text()
    mine = tmp_path / "my-asek-8.yaml"
    mine.write_text(text)
    with pytest.raises(kip.DataError, match="price_year"):
        kip.value_set(mine)
    mine.write_text(text.replace("price_year:  ", "price_year: 2019").replace("  co2:    ", "  co2: 8  ", 1))
    assert kip.value_set(mine).values == {"co2": 8.0}
    mine.write_text("[1]")
    with pytest.raises(kip.DataError, match="is not a value set"):
        kip.value_set(mine)
    with pytest.raises(kip.RequestError, match='Did you mean "asek-7"'):
        kip.value_set("asek-77")
    with pytest.raises(kip.RequestError, match="there is no file"):
        kip.value_set(tmp_path / "none.yaml")


def test_families() -> None:
    def warned(family: str) -> list[str]:
        return [issue.message for issue in plan(indicators=[{"name": "noise", "family": family}]).check() if "family" in issue.message]

    assert warned("health") == warned("") == warned("stadsliv") == warned("adaptation") == []
    assert 'Did you mean "preparedness"' in warned("preparednes")[0]


def test_one_unit_for_numbers_with_and_without_their_unit() -> None:
    """What is counted in kg has its numbers alone, or a text in kg would be taken in tonnes, a thousand times off."""
    nox = {"name": "noise", "unit": "kg", "direction": "down"}
    assert worth(plan(indicators=[nox | {"value": 93}])) == pytest.approx(930)
    with pytest.raises(kip.DataError, match="Write the number alone, in SEK/kg"):
        plan(indicators=[nox | {"value": "93 SEK/kg"}])
    with pytest.raises(kip.DataError, match="Write the number alone, in kg"):
        plan(indicators=[nox], shifts=[{"name": "wall", "cobenefits": {"noise": "-10 kg"}}])
    with pytest.raises(kip.DataError, match="Write the number alone, in t/kWh"):
        plan(activities=[{"name": "el", "unit": "kWh", "amount": 1000, "factor": "20 g/kWh"}])
    assert plan(activities=[{"name": "el", "unit": "MWh", "amount": "1 GWh/year", "factor": "20 g/kWh"}]).activities[0].factor == {
        "all": 0.02
    }
    # from a set, the unit is converted
    own = kip.ValueSet(name="mine", source="x", price_year=2026, values={"noise": "93 kSEK/t"})
    assert worth(plan(indicators=[nox | {"value_set": "mine"}], value_sets=[own])) == pytest.approx(930)


def test_a_difference_names_every_collection() -> None:
    from kip.model.plan import COLLECTIONS
    from kip.views.catalogue import CATALOGUE

    assert [name for name in COLLECTIONS if f"collection {name}" not in CATALOGUE] == []
    told = kip.diff(plan(), plan(value_sets=[kip.value_set("asek-7")]))
    assert any("asek-7" in sentence for sentence in told.sentences)
