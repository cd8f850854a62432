"""Differences, regret and screening, by hand and by enumeration on a plan of three shifts and two years."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import kip
from kip.cli import app

PRICES = {"buses": 6e6, "depot": 10e6, "path": 4e6}
TONNES = {"buses": 100.0, "depot": 150.0, "path": 45.0}


def plan(prices: dict[str, float] | None = None, money: float = 14e6, **more: Any) -> kip.Plan:
    shifts = [kip.Shift(name=name, cost=(prices or PRICES)[name], reduction=TONNES[name]) for name in PRICES]
    return kip.Plan.model_validate({"name": "town", "years": [2026, 2027], "shifts": shifts, "budgets": money} | more)


def most(prices: dict[str, float], money: float, allowed: dict[str, int]) -> tuple[int, float]:
    """By enumeration: most starts that can be kept of those `allowed` (name: year), and the most tonnes among those that keep as many."""
    found = []
    for chosen in itertools.product([False, True], repeat=len(allowed)):
        names = [name for name, kept in zip(allowed, chosen, strict=True) if kept]
        if sum(prices[name] for name in names) <= money:
            found.append((len(names), sum(TONNES[name] * (2028 - allowed[name]) for name in names)))
    return max(found)


def test_regret_by_enumeration() -> None:
    """Depot and path (390 t) were best with 14 M. Now the depot costs 13: buses and path are (290 t), the depot alone gives 300."""
    best = kip.optimize(plan(), gap=0)
    assert best.selected == ("depot", "path")
    now = PRICES | {"depot": 13e6}
    earlier = dict.fromkeys(best.selected, 2026)
    count, kept = most(now, 14e6, earlier)
    assert (count, kept) == (1, 300)
    optimum = max(
        most(now, 14e6, dict(zip(names, years, strict=True)))[1]
        for names in subsets()
        for years in itertools.product((2026, 2027), repeat=len(names))
    )
    assert optimum == 300
    found = kip.regret(plan(now), best, gap=0)
    assert found.value == pytest.approx(optimum - kept) == 0
    assert found.cut[["shift", "units then", "units now"]].values.tolist() == [["path", 1.0, 0.0]]


def subsets() -> list[tuple[str, ...]]:
    return [names for size in range(4) for names in itertools.combinations(PRICES, size)]


@pytest.mark.parametrize(("depot", "money"), [(10e6, 14e6), (12e6, 14e6), (15e6, 14e6), (9e6, 9e6), (3e6, 10e6), (10e6, 3e6)])
def test_regret_of_many_prices(depot: float, money: float) -> None:
    best = kip.optimize(plan(), gap=0)
    now = PRICES | {"depot": depot}
    kept = most(now, money, dict.fromkeys(best.selected, 2026))[1]
    optimum = max(most(now, money, dict.fromkeys(names, 2026))[1] for names in subsets())
    found = kip.regret(plan(now, money), best, gap=0)
    assert found.kept.objective == pytest.approx(kept)
    assert found.value == pytest.approx(optimum - kept)
    assert found.low <= found.value + 1e-6
    assert found.high >= found.value - 1e-6
    assert set(found.kept.selected) <= set(best.selected)


def test_regret_says_why_something_had_to_go() -> None:
    best = kip.optimize(plan(money=20e6), gap=0)
    assert best.selected == ("buses", "depot", "path")
    shifts = [shift for shift in plan().shifts if shift.name != "path"]
    moved = [kip.Shift(**(shift.model_dump() | {"earliest": 2027})) if shift.name == "depot" else shift for shift in shifts]
    found = kip.regret(plan(money=20e6).update({"shifts": moved}), best, gap=0)
    assert found.cut[["shift", "why"]].values.tolist() == [["depot", "may not start then"], ["path", "no longer in the plan"]]
    # buses 200 t are kept; with the depot in 2027 it would be 350
    assert found.value == pytest.approx(150)
    assert "150 t" in kip.regret(plan(money=20e6).update({"shifts": moved}), best, language="sv").sentences[0]


def test_regret_when_something_is_minimised() -> None:
    """Least cost of 200 t a year: buses and depot cost 16 M, no other pair does. At a depot of 4 M it stays so, and nothing is missed."""
    best = kip.optimize(plan(money=30e6), minimize="cost", minimum={"reduction_2027": 195}, gap=0)
    found = kip.regret(plan(PRICES | {"depot": 4e6}, 30e6), best, gap=0)
    # depot and path give 195 t for 8 M; before they cost 14
    assert best.selected == ("depot", "path")
    assert found.value == pytest.approx(0)
    dearer = kip.regret(plan(PRICES | {"path": 7e6}, 30e6), best, gap=0)
    # depot and path cost 17 now, buses and depot 16
    assert dearer.value == pytest.approx(1e6)


def test_regret_when_what_was_required_is_gone() -> None:
    best = kip.optimize(plan(), require=["path"], gap=0)
    rest = plan().update({"shifts": [shift for shift in plan().shifts if shift.name != "path"]})
    found = kip.regret(rest, best, gap=0)
    assert best.selected == ("depot", "path")
    assert found.cut["why"].tolist() == ["no longer in the plan"]
    assert found.value == pytest.approx(0)


def test_regret_needs_a_question() -> None:
    with pytest.raises(kip.RequestError, match=r"kip\.optimize"):
        kip.regret(plan(), kip.evaluate(plan(), ["buses"]))
    with pytest.raises(kip.RequestError, match="ratio"):
        kip.regret(plan(), kip.optimize(plan(), per="municipal"))


def test_diff_of_two_plans() -> None:
    one = plan(passports={"shifts.depot.cost": kip.Passport(source="study", quality="C")})
    two = one.update(
        {
            "version": "2",
            "shifts.depot.cost": 13e6,
            "shifts.buses.reduction": {2026: 100, 2027: 110},
            "decided": [{"shift": "buses", "year": 2026}],
            "enablers": [{"name": "charging", "opens": {}}],
            "passports": {"shifts.depot.cost": kip.Passport(source="offer", quality="B")},
        }
    )
    found = kip.diff(one, two)
    rows = {row["path"]: row for row in found.table.to_dict("records")}
    assert set(rows) == {
        "version",
        "shifts.depot.cost.all",
        "shifts.buses.reduction.all.2027",
        "enablers.charging",
        "decided.buses:all:2026",
        "passports.shifts.depot.cost.source",
        "passports.shifts.depot.cost.quality",
    }
    depot = rows["shifts.depot.cost.all"]
    assert (depot["old"], depot["new"], depot["difference"]) == (10e6, 13e6, 3e6)
    assert depot["relative [1]"] == pytest.approx(0.3)
    assert depot["unit"] == "SEK"
    assert rows["shifts.buses.reduction.all.2027"]["difference"] == 10
    words = " ".join(found.sentences).replace("\u202f", " ")
    assert "shifts.depot.cost.all: from 10 000 000 to 13 000 000 SEK (+30 %)." in words
    assert "New among the enablers: charging." in words
    assert "New among the decided: buses:all:2026 (1)." in words
    assert "2 tillkommer, 0 utgår, 5 ändras." in kip.diff(one, two, "sv").sentences


def test_diff_of_nothing_is_empty_and_order_is_nothing() -> None:
    one = plan()
    assert not kip.diff(one, one)
    assert kip.diff(one, one).sentences == ("Nothing changed.",)
    fields = {name: getattr(one, name) for name in type(one).model_fields}
    assert not kip.diff(one, kip.Plan.model_validate(fields | {"shifts": one.shifts[::-1]}))
    best = kip.optimize(one)
    assert not kip.diff(best, best)


def test_diff_of_two_portfolios() -> None:
    """Depot and path for 14 M (390 t) against buses 2026 and path 2027 (245 t) for 10 M."""
    one, two = kip.evaluate(plan(), ["depot", "path"]), kip.evaluate(plan(), {"buses": 2026, "path": 2027})
    found = kip.diff(one, two)
    rows = {row["path"]: row for row in found.table.to_dict("records")}
    assert (rows["shifts.buses"]["change"], rows["shifts.depot"]["change"]) == ("added", "removed")
    assert rows["shifts.path.first start"]["difference"] == 1
    assert rows["reduction"]["difference"] == pytest.approx(245 - 390)
    assert rows["cost.municipality"]["difference"] == pytest.approx(-4e6)
    words = " ".join(found.sentences)
    for sentence in ("buses comes in (2026: 1).", "depot goes out (it was 2026: 1).", "path starts later: 2027 instead of 2026."):
        assert sentence in words
    assert "path börjar senare: 2027 i stället för 2026." in kip.diff(one, two, "sv").sentences
    back = {row["path"]: row["difference"] for row in kip.diff(two, one).table.to_dict("records")}
    for path, row in rows.items():
        assert back[path] == pytest.approx(-row["difference"], nan_ok=True)


def test_diff_shows_shortfalls() -> None:
    base = {"base_year": 1990, "base_value": 300, "source": "invented"}
    town = plan(ledgers=[{"name": "town", "other": {"all of it": 200}} | base], targets=[{"name": "half", "year": 2027, "value": 20}])
    rows = kip.diff(kip.evaluate(town, ["buses"]), kip.evaluate(town, ["depot"])).table.set_index("path")
    assert rows.loc["shortfall.half", ["old", "new"]].tolist() == [80, 30]
    assert rows.loc["emissions", "difference"] == pytest.approx(-100)


def test_diff_of_two_kinds() -> None:
    with pytest.raises(kip.RequestError, match="two plans or two portfolios"):
        kip.diff(plan(), kip.evaluate(plan()))  # type: ignore[arg-type]
    with pytest.raises(kip.RequestError, match="EUR"):
        kip.diff(kip.evaluate(plan()), kip.evaluate(plan(currency="EUR")))


def test_diff_on_the_command_line(tmp_path: Path) -> None:
    for name, money in (("old", 14e6), ("new", 15e6)):
        kip.write_plan(plan(money=money), tmp_path / name)
    shown = CliRunner().invoke(app, ["diff", str(tmp_path / "old"), str(tmp_path / "new"), "--language", "sv"])
    assert shown.exit_code == 0
    assert "0 tillkommer, 0 utgår, 1 ändras." in shown.stdout
    as_json = CliRunner().invoke(app, ["diff", str(tmp_path / "old"), str(tmp_path / "new"), "--json"])
    assert '"difference": 1000000.0' in as_json.stdout


# ---- screening -------------------------------------------------------------------------------------------------------


def town(**more: Any) -> kip.Plan:
    fields = {
        "activities": [{"name": "petrol", "unit": "vkm", "amount": 1e6, "factor": "0.2 kg/vkm", "policies": {"blend": 0.1}}],
        "shifts": [{"name": "cars", "choice": "units", "potential": 20, "cost": {"municipality": 1e6}, "reduction": 10}],
    }
    return kip.Plan.model_validate({"name": "town", "years": [2026, 2027, 2028], "budgets": {"municipality": 5e6}} | fields | more)


def test_screening_by_hand() -> None:
    """The road opens in 2027: 100 000 vkm · 0.2 kg · 0.9 = 18 t and 2 t stated, two years: 40 t. It costs 3 M, and 0.5 M a year in use.

    5 M buy 5 cars: 150 t. With 3 + 2 · 0.5 M more, 9 cars: 270 t, 120 t more. Two cars from 2027 take 40 t, for 2 M in a year's time:
    2 / 1.035 (one in 2026 and one in 2028 would cost 1 + 1 / 1.035² = 1.9335, a little more than 1.9324).
    """
    road = kip.Investment(
        name="road", cost=3e6, opex=5e5, lead=1, adds={"petrol": "0.1 Mvkm/year"}, emissions=2, title="Ny väg", lifetime=30
    )
    found = kip.screen(town(), road, gap=0)
    assert found.emissions.tolist() == pytest.approx([0, 20, 20])
    assert found.tonnes == pytest.approx(40)
    assert found.money.loc["municipality"].tolist() == [3e6, 5e5, 5e5]
    assert found.redirected == pytest.approx(120)
    assert (found.redirected_low, found.redirected_high) == pytest.approx((120, 120))
    assert found.compensation == pytest.approx(2e6 / 1.035)
    assert "Ny väg" in str(found)
    assert kip.screen(town(), road, language="sv").sentences[0].replace("\u202f", " ") == "Den ökar utsläppen med 40 t CO2e 2026–2028."


def test_screening_of_money_by_year() -> None:
    """Only 2026 has money, 2 M; 1 M more then buys one car for three years."""
    found = kip.screen(town(budgets={"municipality": {2026: 2e6}}), kip.Investment(name="road", cost=1e6), gap=0)
    assert found.redirected == pytest.approx(30)
    assert found.tonnes == 0
    assert found.compensation == 0


def test_screening_of_what_no_budget_limits_and_cannot_be_compensated() -> None:
    found = kip.screen(town(budgets=()), kip.Investment(name="cars", cost=1e6, emissions=5), gap=0)
    assert found.redirected == 0
    assert "No budget limits municipality" in " ".join(found.sentences)
    assert found.compensation != found.compensation
    assert "at most 600 t can be reached" in found.reason


def test_screening_names_everything_that_is_wrong() -> None:
    wrong = kip.Investment(name="road", cost={"statens": 1}, adds={"petrl": 1}, emissions={"ledger": 1}, year=2040, payer="x")
    with pytest.raises(kip.RequestError) as caught:
        kip.screen(town(), wrong)
    for word in ("statens", '"petrl"', '"ledger"', "2040", '"x"'):
        assert word in str(caught.value)


def test_negative_reductions_by_both_roads() -> None:
    """A shift that adds 30 t a year is counted, forced in, and falls short of the target by that much more."""
    given = town(
        shifts=[{"name": "road", "cost": 1e6, "reduction": -30}, {"name": "cars", "cost": 1e6, "reduction": 10}],
        targets=[{"name": "level", "year": 2028, "value": 170, "base_year": 1990, "base_value": 300, "source": "invented"}],
    )
    assert kip.optimize(given, gap=0).selected == ("cars",)
    forced = kip.optimize(given, require=["road"], gap=0)
    assert forced.objective == pytest.approx(3 * 10 - 30)
    least = kip.optimize(given, minimize="cost", require=["road"], gap=0)
    assert least.dataset["shortfall"].sum() == pytest.approx(180 + 30 - 10 - 170)
    assert least.objective == pytest.approx(2e6)


def test_regret_and_lock_with_shifts_that_scale() -> None:
    """2000 t a year of cars; 4.5 M buy big (20 %), tyres (5 %) and the path (a tenth is moved).

    4 · (2000 - 1800 · 0.8 · 0.95) = 2528.
    """
    given = kip.Plan.model_validate(
        {
            "name": "town",
            "years": "2026-2029",
            "activities": [{"name": "car", "unit": "vkm", "amount": 1e7, "factor": "0.2 kg/vkm"}],
            "shifts": [
                {"name": "fee", "cost": 2e6, "scales": {"car": 0.1}},
                {"name": "tyres", "cost": 5e5, "scales": {"car": 0.05}},
                {"name": "path", "source": "car", "cost": 1e6, "potential": 1e6},
                {"name": "big", "cost": 3e6, "scales": {"car": 0.2}},
            ],
            "budgets": 4.5e6,
        }
    )
    best = kip.optimize(given, gap=0)
    assert best.objective == pytest.approx(2528)
    assert kip.optimize(given.lock(best, until=2027), gap=0).objective == pytest.approx(2528)
    # with the fee at nothing, it is added to the three: 4 · (2000 - 1800 · 0.8 · 0.95 · 0.9) = 3075.2
    free = given.update({"shifts.fee.cost": 0})
    found = kip.regret(free, best, gap=0)
    assert found.kept.objective == pytest.approx(2528)
    assert found.value == pytest.approx(3075.2 - 2528)
