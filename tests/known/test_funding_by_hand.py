"""Rules of funding by hand: size of the applicant, what pays for itself, decided grants, carried money, revolving funds and their books."""

from __future__ import annotations

import itertools
from typing import Any

import pandas as pd
import pytest

import kip

YEAR = [2026]


def near(krona: float) -> Any:
    return pytest.approx(krona, abs=0.01)


# --- KAT-4: carry-over and debt. Budget 8, 8, 8; costs 10 and 12, worth 5 and 6 for each active year


def three_years(carry_over: bool, debt: bool) -> kip.Plan:
    return kip.Plan(
        name="carry",
        years="2026-2028",
        shifts=[{"name": "ten", "cost": 10e6, "reduction": 5}, {"name": "twelve", "cost": 12e6, "reduction": 6}],
        budgets={"municipality": {"amount": dict.fromkeys(range(2026, 2029), 8e6), "carry_over": carry_over}},
        # a debt of 4 at most, without interest, paid back the year after; nothing is owed after the third year
        funding=[{"name": "debt", "kind": "loan", "term": 1, "pot": 4e6, "years": [2026, 2027]}] if debt else [],
    )


@pytest.mark.parametrize(
    ("carry_over", "debt", "worth", "starts"),
    [
        (False, False, 0, {}),
        (True, False, 17, {"twelve": 2027, "ten": 2028}),
        (True, True, 23, {"twelve": 2026, "ten": 2028}),
    ],
)
def test_carry_over_and_debt(carry_over: bool, debt: bool, worth: int, starts: dict[str, int]) -> None:
    best = kip.optimize(three_years(carry_over, debt), gap=0)
    assert (best.status, best.broken) == ("optimal", ())
    assert best.objective == pytest.approx(worth)
    assert {name: int(best.decisions.loc[(name, "all")].idxmax()) for name in best.selected} == starts
    assert float(best.dataset["owed_after"].sum()) == near(0)


# --- Shares and intensities by size: one number for each size, the name of an actor first, "all" for the others

ACTORS = [
    {"name": "haulier", "kind": "private", "size": "large"},
    {"name": "baker", "kind": "private", "size": "small"},
    {"name": "town"},
]
BY_SIZE = {"large": 0.3, "medium": 0.5, "small": 0.6}
COSTS = {
    "trucks": {"haulier": 8e6},
    "vans": {"baker": 1e6},
    "depot": {"haulier": 3e6, "town": 2e6},
    "bikes": {"baker": 5e5, "town": 5e5},
    "hub": {"haulier": 2e6, "baker": 2e6, "town": 1e6},
}
TONNES = {"trucks": 90, "vans": 13, "depot": 45, "bikes": 9, "hub": 60}


def by_size(pot: float, share: Any = None, **shift: Any) -> kip.Plan:
    return kip.Plan(
        name="sizes",
        years=YEAR,
        actors=ACTORS,
        shifts=[{"name": name, "cost": cost, "reduction": TONNES[name], **shift} for name, cost in COSTS.items()],
        budgets={"haulier": 5e6, "baker": 1.2e6, "town": 1.5e6},
        funding=[{"name": "premium", "share": share or 1.0, "pot": pot}],
    )


def enumerated(pot: float, rate: dict[str, float]) -> float:
    """Every set of shifts: each actor must pay what its budget lacks by grants, each at most its own rate, all together the pot."""
    best = 0.0
    budgets = {"haulier": 5e6, "baker": 1.2e6, "town": 1.5e6}
    for chosen in itertools.chain.from_iterable(itertools.combinations(COSTS, size) for size in range(len(COSTS) + 1)):
        paid = {name: sum(COSTS[shift].get(name, 0.0) for shift in chosen) for name in budgets}
        needed = {name: max(0.0, paid[name] - budgets[name]) for name in budgets}
        if sum(needed.values()) <= pot and all(needed[name] <= rate[name] * paid[name] + 1e-6 for name in budgets):
            best = max(best, sum(TONNES[shift] for shift in chosen))
    return best


@pytest.mark.parametrize("pot", [0, 5e5, 1e6, 1.5e6, 2.4e6, 3e6, 4.1e6, 6e6, 1e7])
def test_a_share_by_size_against_every_set(pot: float) -> None:
    rate = {"haulier": 0.3, "baker": 0.6, "town": 0.8}
    best = kip.optimize(by_size(pot, share=BY_SIZE | {"town": 0.8}), gap=0)
    assert (best.status, best.broken) == ("optimal", ())
    assert best.objective == enumerated(pot, rate)


@pytest.mark.parametrize("pot", [5e5, 1e6, 2.4e6, 4.1e6, 1e7])
def test_an_intensity_by_size_against_every_set(pot: float) -> None:
    rate = {"haulier": 0.3, "baker": 0.6, "town": 0.1}
    best = kip.optimize(by_size(pot, aid_intensity=BY_SIZE | {"all": 0.1}), gap=0)
    assert (best.status, best.broken) == ("optimal", ())
    assert best.objective == enumerated(pot, rate)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.5, {"haulier": 1e6, "baker": 1e6, "town": 0.5e6}),
        (BY_SIZE, {"haulier": 0.6e6, "baker": 1.2e6, "town": 0}),  # the town has no size, and "all" is not given
        (BY_SIZE | {"all": 0.1}, {"haulier": 0.6e6, "baker": 1.2e6, "town": 0.1e6}),
        (BY_SIZE | {"baker": 0.2}, {"haulier": 0.6e6, "baker": 0.4e6, "town": 0}),  # a name comes before a size
    ],
)
def test_grants_by_size(share: Any, expected: dict[str, float]) -> None:
    plan = by_size(1e9, share=share).update({"budgets": []})
    best = kip.optimize(plan, "grants", require=["hub"], forbid=["trucks", "vans", "depot", "bikes"], gap=0)
    for name, grant in expected.items():
        assert float(best.dataset["grant_received"].sel(actor=name).sum()) == near(grant)


def test_an_intensity_of_the_project_and_one_of_each_part() -> None:
    """40 % of 5 MSEK are 2 for the project, whoever gets them; by actor nobody gets more than 40 % of its own part."""
    only = {"funding": [{"name": "gift", "applicants": ["baker"]}], "budgets": []}
    project, parts = by_size(1, aid_intensity=0.4).update(only), by_size(1, aid_intensity={"all": 0.4, "small": 0.4}).update(only)
    forbid = ["trucks", "vans", "depot", "bikes"]
    assert kip.optimize(project, "grants", forbid=forbid, gap=0).objective == near(2e6)
    assert kip.optimize(parts, "grants", forbid=forbid, gap=0).objective == near(0.8e6)


def test_price_and_smallest_project() -> None:
    """A quarter of the price beside 60 % of what is eligible: a half is eligible, so 25 % binds. Projects from 1 MSEK only."""
    plan = kip.Plan(
        name="p",
        years=[2026, 2027],
        shifts=[
            {"name": "truck", "cost": 2e6, "reduction": 1, "eligible": 0.5, "latest": 2026},
            {"name": "van", "cost": 9e5, "reduction": 1, "latest": 2026},
            {"name": "cargo", "cost": 9e5, "cost_trend": {2026: 1, 2027: 1.2}, "reduction": 1, "earliest": 2027},
        ],
        funding=[{"name": "premium", "share": 0.6, "share_of_cost": 0.25, "floor": "1 MSEK"}],
    )
    best = kip.optimize(plan, "grants", gap=0)
    given = {row.shift: row[-1] for row in best.grants.itertuples(index=False)}
    # cargo costs 1.08 MSEK in 2027, when it starts
    assert given == {"truck": near(500_000), "cargo": near(270_000)}


# --- What pays for itself gets nothing


@pytest.mark.parametrize(
    ("rate", "grants"),
    # 1 MSEK saves 200 000 a year for ten years, from the first year on: worth 1 006 193 at 20 % and 981 082 at 21 %
    [(0.05, 0), (0.20, 0), (0.21, 1e6)],
)
def test_own_discount_rate_decides_what_is_profitable(rate: float, grants: float) -> None:
    plan = kip.Plan(
        name="p",
        years="2026-2035",
        actors=[{"name": "households", "kind": "private", "discount_rate": rate}],
        shifts=[{"name": "pump", "cost": 1e6, "opex": -2e5, "reduction": 1, "lifetime": 10, "latest": 2026}],
        funding=[{"name": "support", "unprofitable_only": True}],
    )
    assert kip.optimize(plan, "grants", gap=0).objective == near(grants)


@pytest.mark.parametrize(("saving", "grants"), [(85_000, 1e6), (86_000, 0)])
def test_what_is_left_at_the_end_counts(saving: float, grants: float) -> None:
    """Ten of twenty years are left: half of 1 MSEK, worth 306 957 today at 5 %. Savings of ten years are worth 8.10782 of one year's."""
    factor = sum(1.05**-year for year in range(10))
    assert (1e6 - saving * factor - 500_000 * 1.05**-10 > 0) == (grants > 0)
    plan = kip.Plan(
        name="p",
        years="2026-2035",
        discount_rate=0.05,
        residual="linear",
        shifts=[{"name": "pump", "cost": 1e6, "opex": -saving, "reduction": 1, "lifetime": 20, "latest": 2026}],
        funding=[{"name": "support", "unprofitable_only": True}],
    )
    assert kip.optimize(plan, "grants", gap=0).objective == near(grants)


def test_each_applicant_by_its_own_part() -> None:
    """The town pays and the household saves: what is profitable for one is not for the other."""
    plan = kip.Plan(
        name="p",
        years="2026-2030",
        actors=[{"name": "town"}, {"name": "household", "kind": "private"}],
        shifts=[{"name": "pump", "cost": {"town": 1e6, "household": 1e5}, "opex": {"household": -1e5}, "reduction": 1, "latest": 2026}],
        funding=[{"name": "support", "unprofitable_only": True}],
    )
    best = kip.optimize(plan, "grants", gap=0)
    assert best.grants["actor"].tolist() == ["town"]
    taken = best.grants.assign(actor="household")
    taken.iloc[0, -1] = 5e4
    assert [rule.rule for rule in kip.evaluate(plan, best.decisions, grants=taken).broken] == ["funding"]


# --- Grants already decided


def decided(**changes: Any) -> kip.Plan:
    fields: dict[str, Any] = {
        "name": "decided",
        "years": [2026, 2027],
        "shifts": [{"name": "hub", "cost": 1e6, "reduction": 10}, {"name": "path", "cost": 1e6, "reduction": 12}],
        "funding": [
            {"name": "klimatklivet", "share": 0.5, "granted": {"hub": "400 kSEK"}, "pot": {2026: 5e5, 2027: 1e5}},
            {"name": "prize", "cap": 9e5, "not_with": ["klimatklivet"]},
        ],
    }
    return kip.Plan(**(fields | changes))


def test_a_decided_grant_comes_with_its_shift_and_only_with_it() -> None:
    plan = decided()
    # the cheapest in grants: nothing at all; if the hub must start, exactly what is decided, and in the year that has the money
    assert kip.optimize(plan, minimize="grants", gap=0).objective == near(0)
    least = kip.optimize(plan, minimize="grants", require=["hub"], gap=0)
    assert least.objective == near(400_000)
    assert least.grants["year"].tolist() == [2026]
    # the prize excludes it, so the hub cannot have it; the path takes whichever gives most
    most = kip.optimize(plan, "grants", require=["hub", "path"], gap=0)
    assert most.measure("grants.klimatklivet") == near(500_000)
    assert most.measure("grants.prize") == near(900_000)


def test_a_decided_grant_can_crowd_out_another_project() -> None:
    """0.5 MSEK in the pot and 1.5 of own money: with 400 000 bound to the hub, hub and path both fit; the pot's rest goes to the path."""
    plan = decided(budgets={"municipality": 1.5e6}, funding=[{"name": "klimatklivet", "granted": {"hub": 4e5}, "pot": {2026: 5e5}}])
    best = kip.optimize(plan, gap=0)
    assert best.selected == ("hub", "path")
    assert float(best.dataset["grant"].sel(shift="hub").sum()) >= 400_000 - 0.5


def test_a_count_without_the_decided_grant_is_told() -> None:
    broken = kip.evaluate(decided(), ["hub"]).broken
    assert [rule.rule for rule in broken] == ["granted"]
    assert "400,000 SEK less from klimatklivet than is granted" in str(broken[0])
    assert kip.evaluate(decided(), ["path"]).broken == ()


def test_required_with_a_decided_grant_that_no_longer_fits_is_infeasible() -> None:
    plan = decided(funding=[{"name": "klimatklivet", "granted": {"hub": 4e5}, "pot": {2026: 3e5, 2027: 3e5}}])
    best = kip.optimize(plan, require=["hub"], gap=0)
    # 300 000 a year, and the hub starts in one of them only
    assert best.status == "infeasible"
    assert '"hub" is required, and 400,000 SEK from klimatklivet are granted to it, but at most 300,000' in best.reason


# --- Forbidden sources


def test_a_forbidden_source_gives_nothing() -> None:
    plan = decided(budgets={"municipality": 1e6})
    klimatklivet, prize = (source.model_copy(update={"not_with": ()}) for source in plan.funding)
    for name, left in (("klimatklivet", [prize]), ("prize", [klimatklivet])):
        best = kip.optimize(plan, forbid=[name], gap=0)
        assert best.measure(f"grants.{name}") == 0
        assert best.objective == kip.optimize(plan.update({"funding": left}), gap=0).objective
        assert best.request["forbid"] == (name,)
    assert kip.optimize(plan, forbid=["klimatklivet", "prize"], gap=0).measure("grants") == 0


def test_a_source_with_the_name_of_a_shift() -> None:
    plan = decided(budgets={"municipality": 1.5e6}, funding=[{"name": "hub", "share": 0.5}])
    assert kip.optimize(plan, forbid=["hub"], gap=0).selected == ("path",)
    only = kip.optimize(plan, forbid=["funding.hub"], gap=0)
    assert (only.selected, only.measure("grants")) == (("path",), 0)
    assert kip.optimize(plan, gap=0).selected == ("hub", "path")


def test_forbidden_in_a_model_of_your_own_and_a_name_that_is_nothing() -> None:
    plan = decided(budgets={"municipality": 1.5e6}, funding=[{"name": "gift"}])
    model = kip.pyomo_model(plan)
    assert kip.optimize(plan, model=model, gap=0).selected == ("hub", "path")
    assert kip.optimize(plan, model=kip.pyomo_model(plan), forbid=["gift"], gap=0).selected == ("path",)
    with pytest.raises(kip.RequestError, match='Did you mean "gift"'):
        kip.optimize(plan, forbid=["gfit"])


# --- Loans: a revolving fund, the lender's books, and what each loan pays for

CARS = {"name": "cars", "choice": "units", "unit": "car", "potential": 20, "cost": {"households": 1e6}, "reduction": 1}


def fund(revolving: bool, rate: float = 0.0, **budgets: Any) -> kip.Plan:
    return kip.Plan(
        name="fund",
        years="2026-2029",
        actors=[{"name": "town", "discount_rate": 0.05}, {"name": "households", "kind": "private", "discount_rate": 0.02}],
        shifts=[CARS],
        budgets={"households": {"investment": dict.fromkeys(range(2026, 2030), 0)}, **budgets},
        funding=[
            {"name": "climate", "kind": "loan", "funder": "town", "rate": rate, "term": 2, "revolving": revolving, "pot": {2026: 3e6}}
        ],
    )


def test_what_is_repaid_can_be_lent_again() -> None:
    best = kip.optimize(fund(True), gap=0)
    # 3 cars; 1.5 back in 2027 and in 2028, to be lent the year after: 1 car in 2028, and with the half that is left 2 in 2029
    assert best.decisions.loc[("cars", "all")].tolist() == [3, 0, 1, 2]
    assert best.objective == 3 * 4 + 1 * 2 + 2 * 1
    assert best.dataset["pot_available"].values[0].tolist() == near([3e6, 0, 1.5e6, 2e6])
    assert kip.optimize(fund(False), gap=0).decisions.loc[("cars", "all")].tolist() == [3, 0, 0, 0]
    again = kip.evaluate(best.plan, best.decisions, loans=best.loans)
    assert again.broken == ()
    more = best.loans.copy()
    more.iloc[-1, -1] += 1.0
    assert {rule.rule for rule in kip.evaluate(best.plan, best.decisions, loans=more).broken} == {"pot", "loan"}


def test_the_lender_has_it_in_its_books() -> None:
    best = kip.optimize(fund(True, rate=0.1), gap=0)
    data = best.dataset.sel(actor="town")
    lent = best.decisions.loc[("cars", "all")].to_numpy() * 1e6
    assert lent.tolist() == [3e6, 0, 1e6, 2e6]
    assert data["loan_paid"].values.tolist() == near(lent.tolist())
    yearly = 0.1 / (1 - 1.1**-2)
    assert data["loan_repaid"].values.tolist() == near([0, 3e6 * yearly, 3e6 * yearly, 1e6 * yearly])
    # of the first annuity a tenth of the debt is interest, of the second a tenth of what is left of it
    left = 3e6 - (3e6 * yearly - 3e5)
    assert data["loan_interest"].values.tolist() == near([0, 3e5, 0.1 * left, 1e5])
    assert float(best.dataset["debt_interest"].sum()) == near(float(data["loan_interest"].sum()))
    # both at their own rate: what it lends out less all that comes back, after the horizon too; and the other way round
    worth = {
        name: sum(lent[year] * (rate**-year - yearly * (rate ** -(year + 1) + rate ** -(year + 2))) for year in range(4))
        for name, rate in (("town", 1.05), ("households", 1.02))
    }
    assert best.measure("net_cost.town") == near(worth["town"])
    invested = sum(lent[year] * 1.02**-year for year in range(4))
    assert best.measure("net_cost.households") == near(invested - worth["households"])
    assert kip.optimize(fund(True, rate=0.1), minimize="net_cost.town", require=[], gap=0).objective <= worth["town"] + 0.01


def test_lending_takes_from_the_budget_unless_the_pot_is_set_aside() -> None:
    budget = {"town": {"investment": {2026: 1e6}}}
    assert kip.optimize(fund(False, **budget), gap=0).decisions.loc[("cars", "all")].tolist() == [1, 0, 0, 0]
    assert kip.optimize(fund(True, **budget), gap=0).decisions.loc[("cars", "all")].tolist() == [3, 0, 1, 2]


def test_loans_for_things_apart_need_no_row_together() -> None:
    """Three loans that do not touch: three rows, not the seven of all unions. A fourth that touches two of them: two more."""
    loans = {"a": ["one"], "b": ["two"], "c": ["three"]}

    def rows(scopes: dict[str, list[str]]) -> list[tuple[str, ...]]:
        plan = kip.Plan(
            name="p",
            years=YEAR,
            shifts=[{"name": name, "cost": 1e6, "reduction": 1} for name in ("one", "two", "three")],
            funding=[{"name": name, "kind": "loan", "shifts": shifts} for name, shifts in scopes.items()],
        )
        return sorted(index[1] for index in kip.pyomo_model(plan).loan_use)

    assert rows(loans) == ["a", "b", "c"]
    # d is for one and two: with a and b, and a alone, b alone; no union of d and a is smaller than d's own
    assert rows(loans | {"d": ["one", "two"]}) == ["a", "a|b|d", "b", "c"]


def test_loans_find_the_projects_that_they_are_for() -> None:
    """Green is for the buses, roof for buses and tram, rail for tram and path: 6, 9 and 2 MSEK take 17 of loans, none twice."""
    loans = {"green": ["buses"], "roof": ["buses", "tram"], "rail": ["tram", "path"]}
    plan = kip.Plan(
        name="p",
        years=YEAR,
        shifts=[{"name": name, "cost": cost, "reduction": 1} for name, cost in (("buses", 6e6), ("tram", 9e6), ("path", 2e6))],
        budgets={"municipality": {"investment": 0}},
        funding=[{"name": name, "kind": "loan", "shifts": shifts} for name, shifts in loans.items()],
    )
    best = kip.optimize(plan, gap=0)
    assert best.selected == ("buses", "path", "tram")
    table = pd.DataFrame([("green", "municipality", 2026, 6e6), ("roof", "municipality", 2026, 9e6), ("rail", "municipality", 2026, 2e6)])
    counted = kip.evaluate(plan, best.decisions, loans=table)
    # spread in proportion, the roof would leave the rail too little: it must give way on the tram, and has nothing else
    assert counted.broken == ()
    use = counted.dataset["loan_use"].sum(["district", "actor", "year"]).to_pandas()
    assert use.sum(axis=1).to_dict() == {"green": near(6e6), "rail": near(2e6), "roof": near(9e6)}
    assert use.sum().to_dict() == {"buses": near(6e6), "path": near(2e6), "tram": near(9e6)}
    # 7 of green have only 6 of buses to pay for
    table.iloc[0, -1], table.iloc[1, -1] = 7e6, 8e6
    broken = kip.evaluate(plan, best.decisions, loans=table).broken
    assert [str(rule) for rule in broken] == [
        "green gives to municipality in 2026 1,000,000 SEK more than is invested in what it is for, grants taken off."
    ]
