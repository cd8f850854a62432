"""What a portfolio says about its money: by hand on a plan that fits on one hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import kip


def near(krona: Any) -> Any:
    return pytest.approx(krona, abs=0.01)


def plan(**changes: Any) -> kip.Plan:
    """Two clubs' kitchens of 300 000 SEK and a hub of 1 MSEK that the town and the clubs share."""
    fields: dict[str, Any] = {
        "name": "p",
        "years": [2026, 2027],
        "districts": [{"name": "north"}, {"name": "south"}],
        "actors": [{"name": "town"}, {"name": "clubs", "kind": "private"}],
        "shifts": [
            {"name": "kitchen", "cost": {"clubs": 3e5}, "reduction": 2, "districts": ["north", "south"], "cobenefits": {"lessons": 40}},
            {"name": "hub", "cost": {"town": 6e5, "clubs": 4e5}, "reduction": 10},
        ],
        "indicators": [{"name": "lessons", "unit": "person"}],
        "funding": [
            {"name": "klimatfonden", "funder": "town", "cap": 2e5, "pot": 4e5, "shifts": ["kitchen"], "years": [2026]},
            {"name": "klivet", "share": 0.5, "shifts": ["hub"]},
            {"name": "green", "kind": "loan", "term": 1, "applicants": ["town"], "years": [2026]},
        ],
        "budgets": {"town": {"investment": {2026: 1e5, 2027: 0}}},
    }
    return kip.Plan(**(fields | changes))


@pytest.fixture(scope="module")
def best() -> kip.Portfolio:
    # all starts in 2026: 10 t and 2 x 2 t, in two years
    found = kip.optimize(plan(), gap=0)
    assert found.objective == pytest.approx(28)
    return found


def test_funding_table(best: kip.Portfolio) -> None:
    table = best.funding_table()
    assert table.index.names == ["shift", "source"]
    assert table.loc[("kitchen", "klimatfonden")].tolist() == near([400_000, 0, 400_000])
    assert table.loc[("hub", "klivet")].tolist() == near([500_000, 0, 500_000])
    # the town pays 600 000, gets 300 000 and has 100 000
    assert table.loc[("hub", "green")].iloc[-1] >= 200_000 - 0.5
    assert table.iloc[:, -1].sum() == near(best.measure("grants") + best.loans.iloc[:, -1].sum())


def test_an_empty_pot_is_among_what_binds(best: kip.Portfolio) -> None:
    assert "All money of klimatfonden is used in 2026." in best.binding
    assert not any("klivet" in sentence for sentence in best.binding)


def test_uses_equal_sources(best: kip.Portfolio) -> None:
    table = best.sources_and_uses()
    assert table.iloc[:, 0].tolist() == near(table.iloc[:, 1:].sum(axis=1).tolist())
    assert (table.iloc[:, 1:] >= -0.01).all(axis=None)
    kitchen = table.loc[("kitchen", "north", 2026)]
    assert kitchen.tolist() == near([300_000, 0, 200_000, 0, 100_000])
    hub = table.loc[("hub", "all", 2026)]
    assert hub.iloc[:3].tolist() == near([1e6, 5e5, 0])
    assert hub.iloc[3] + hub.iloc[4] == near(5e5)


def test_what_leaves_one_book_enters_another(best: kip.Portfolio) -> None:
    table = best.funding_balance()
    loan = float(best.loans.iloc[:, -1].sum())
    assert table.index.tolist() == ["clubs", "town", "outside the plan"]
    assert table["grants given [SEK]"].tolist() == near([0, 400_000, 500_000])
    assert table["grants got [SEK]"].sum() == near(table["grants given [SEK]"].sum())
    assert table["loans got [SEK]"].tolist() == near([0, loan, 0])
    assert table["loans given [SEK]"].tolist() == near([0, 0, loan])
    assert table["debt service paid [SEK]"].tolist() == near([0, loan, 0])
    assert table["debt service got [SEK]"].tolist() == near([0, 0, loan])
    assert table["net [SEK]"].sum() == near(0)
    # the actors' costs, and the money from outside the plan, are society's
    cost = sum(best.measure(f"cost.{name}") for name in ("town", "clubs"))
    assert cost + 500_000 == near(best.measure("cost"))


def test_projects_of_a_small_fund(best: kip.Portfolio) -> None:
    table = best.projects("klimatfonden")
    row = table.loc[("klimatfonden", 2026)]
    # 40 people learn in each kitchen and year
    assert row.to_dict() == near(
        {
            "projects": 2, "grants [SEK]": 400_000, "mean grant [SEK]": 200_000, "largest grant [SEK]": 200_000, "pot used [1]": 1,
            "lessons [person]": 160, "reduction [t]": 8,
        }
    )  # fmt: skip
    assert best.projects().index.get_level_values("source").unique().tolist() == ["klimatfonden", "klivet"]
    with pytest.raises(kip.RequestError, match='Did you mean "klivet"'):
        best.projects("klivett")
    nothing = kip.evaluate(plan(), ["hub"])
    assert nothing.projects().empty
    assert nothing.funding_table().empty
    assert nothing.sources_and_uses().shape == (1, 5)


def test_many_small_projects_inside_the_pot() -> None:
    """Fifteen projects of 250 000 SEK, at most 200 000 each and 2 MSEK a year: ten in each year, and the clubs pay the rest."""
    small = kip.Plan(
        name="small",
        years=[2026, 2027],
        actors=[{"name": "town"}, {"name": "clubs", "kind": "private"}],
        shifts=[{"name": "local", "choice": "units", "unit": "project", "potential": 15, "cost": {"clubs": 2.5e5}, "reduction": 1,
                 "cobenefits": {"lessons": 10}}],
        indicators=[{"name": "lessons", "unit": "person"}],
        funding=[{"name": "klimatfonden", "funder": "town", "cap": 2e5, "pot": 2e6}],
        budgets={"clubs": {2026: 5e5, 2027: 5e5}},
    )  # fmt: skip
    best = kip.optimize(small, gap=0)
    table = best.projects("klimatfonden")
    assert table["projects"].tolist() == [10, 5]
    assert table["largest grant [SEK]"].max() <= 200_000.01
    assert table["pot used [1]"].tolist()[0] == pytest.approx(1)
    # ten work for two years and five for one; ten people learn in each of them
    assert table["lessons [person]"].sum() == pytest.approx(10 * (10 * 2 + 5))
    assert best.measure("lessons") == pytest.approx(250)


def test_the_tables_are_saved(best: kip.Portfolio, tmp_path: Path) -> None:
    names = {file.name for file in best.save(tmp_path)}
    assert {f"{name}.csv" for name in ("grants", "loans", "funding_table", "sources_and_uses", "funding_balance", "projects")} <= names
    table = pd.read_csv(tmp_path / "funding_table.csv", index_col=["shift", "source"])
    assert table.loc[("kitchen", "klimatfonden"), "all [SEK]"] == near(400_000)


# --- What each source is worth


def three() -> kip.Plan:
    """Budget 5. A 6 (100 t), B 3 (40 t), C 2 (30 t). Half from leap, whose pot is 1.5; 0.5 from prize for B."""
    costs = {"a": (6e6, 100), "b": (3e6, 40), "c": (2e6, 30)}
    return kip.Plan(
        name="worth",
        years=[2026],
        shifts=[{"name": name, "cost": cost, "reduction": tonnes} for name, (cost, tonnes) in costs.items()],
        budgets={"municipality": 5e6},
        funding=[{"name": "leap", "share": 0.5, "pot": 1.5e6}, {"name": "prize", "cap": 5e5, "shifts": ["b"], "counts_as_aid": False}],
    )


def test_funding_value() -> None:
    """A alone costs 4.5: 100 t. Without leap, B and C cost 4.5: 70 t. With 1 MSEK more, A and C cost 8 - 2.5 = 5.5: still 100 t.

    With 2 more, A and B cost 9 - 3.5 - 0.5 = 5: 140 t. Without prize A is still the best.
    """
    worth = kip.funding_value(three(), step="1 MSEK", gap=0)
    assert worth.attrs["step"] == 1e6
    leap, prize = worth.loc["leap"], worth.loc["prize"]
    assert (leap["objective [t]"], leap["without it [t]"], leap["lost without it [t]"], leap["gained by a step [t]"]) == (100, 70, 30, 0)
    assert prize["lost without it [t]"] == 0
    assert prize.isna()["gained by a step [t]"]
    assert worth["uncertain by [t]"].max() == pytest.approx(0)
    # A needs 1 MSEK of leap; everything that can be had is applied for
    assert leap["grants [SEK]"] == near(1.5e6)
    assert leap["leverage [1]"] == pytest.approx(4)
    assert kip.funding_value(three(), step="2 MSEK", gap=0).loc["leap", "gained by a step [t]"] == 40


def test_funding_value_in_kronor() -> None:
    """Least own cost of at least 100 t: 6 - 1.5 with leap, 6 without; each krona more saves one up to half of 6."""
    worth = kip.funding_value(three(), step="1 MSEK", minimize="cost.municipality", minimum={"reduction": 100}, gap=0)
    assert worth.loc["leap", "objective [SEK]"] == near(4.5e6)
    # without leap the budget of 5 allows B and C only
    assert worth.isna().loc["leap", "without it [SEK]"]
    richer = three().update({"budgets": {"municipality": 9e6}})
    worth = kip.funding_value(richer, step="1 MSEK", minimize="cost.municipality", minimum={"reduction": 100}, gap=0)
    assert worth.loc["leap", ["lost without it [SEK]", "gained by a step [SEK]"]].tolist() == near([1.5e6, 1e6])
    # the prize is of no use for A
    assert worth.loc["prize", "lost without it [SEK]"] == near(0)


@pytest.mark.parametrize(("step", "words"), [("1 MEUR", "is in EUR"), (0, "above 0"), ("much", "step:")])
def test_funding_value_refuses(step: Any, words: str) -> None:
    with pytest.raises(kip.RequestError, match=words):
        kip.funding_value(three(), step=step)
    with pytest.raises(kip.RequestError, match="no sources of funding"):
        kip.funding_value(three().update({"funding": []}))
