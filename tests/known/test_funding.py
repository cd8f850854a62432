"""Grants and loans against answers found in other ways: enumeration, exact fractions and arithmetic by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import kip

YEAR = [2026]

# --- A stack of funding. Four whole projects in one year; every stack of grants enumerated, integer maximum flow for each

COST = {"hub": 1_000_000, "biogas": 600_000, "bikes": 300_000, "mini": 50_000}
REDUCTION = {"hub": 100, "biogas": 70, "bikes": 40, "mini": 4}
PROJECTS = list(COST)

OWN_COST = {  # with as much in grants as can be had for exactly these projects
    "hub": 400_000, "biogas": 400_000, "bikes": 150_000, "mini": 25_000,
    "hub biogas": 800_000, "hub bikes": 660_000, "hub mini": 425_000, "biogas bikes": 550_000, "biogas mini": 425_000,
    "bikes mini": 175_000, "hub biogas bikes": 1_060_000, "hub biogas mini": 825_000, "hub bikes mini": 690_000,
    "biogas bikes mini": 575_000, "hub biogas bikes mini": 1_090_000,
}  # fmt: skip

GRANTS_BY_POT = {
    400_000: 840_000, 419_999: 840_000, 420_000: 840_000, 420_001: 840_001, 440_000: 860_000, 549_999: 969_999, 550_000: 970_000,
    550_001: 970_000, 574_999: 974_999, 575_000: 975_000, 575_001: 975_000, 580_000: 975_000,
}  # fmt: skip

VARIANTS: dict[str, dict[str, float]] = {
    "intensity 60 %": {},
    "own share binds": {"intensity": 0.8, "cap": 250_000, "grant50": 600_000},
    "small pot": {"fixed200": 350_000},
}


def stack(intensity: float = 0.6, cap: float = 200_000, budget: float | None = None, **pots: float) -> kip.Plan:
    pot = {"grant50": 440_000, "fixed200": 2_000_000, "voucher": 40_000} | pots
    return kip.Plan(
        name="stack",
        years=YEAR,
        shifts=[
            kip.Shift(name=name, cost=cost, reduction=REDUCTION[name], aid_intensity=intensity, own_share=0.3)
            for name, cost in COST.items()
        ],
        actors=[kip.Actor(name="municipality")],
        budgets={} if budget is None else {"municipality": budget},
        funding=[
            kip.Funding(name="grant50", share=0.5, pot=pot["grant50"], shifts=["hub", "bikes", "mini"], not_with=["voucher"]),
            kip.Funding(name="fixed200", cap=cap, pot=pot["fixed200"], shifts=["hub", "biogas"]),
            kip.Funding(name="voucher", cap=20_000, pot=pot["voucher"], shifts=["bikes", "mini"]),
        ],
    )


def cheapest(plan: kip.Plan, projects: list[str] = PROJECTS) -> kip.Portfolio:
    """Least cost of its own for exactly these projects. To a hundredth of a krona: the solver forgives 1e-6 in steps of 1 000."""
    best = kip.optimize(
        plan, minimize="cost.municipality", require=projects, forbid=[name for name in PROJECTS if name not in projects], gap=0
    )
    assert (best.status, best.broken) == ("optimal", ())
    assert best.measure("cost.municipality") + best.measure("grants") == pytest.approx(best.measure("cost"), abs=1e-6)
    return best


def near(krona: float) -> Any:
    return pytest.approx(krona, abs=0.01)


@pytest.mark.parametrize("projects", OWN_COST)
def test_own_cost_of_every_set(projects: str) -> None:
    best = cheapest(stack(), projects.split())
    assert sorted(best.selected) == sorted(projects.split())
    assert best.objective == near(OWN_COST[projects])


@pytest.mark.parametrize(
    ("variant", "grants", "own"), zip(VARIANTS, [860_000, 1_120_000, 830_000], [1_090_000, 830_000, 1_120_000], strict=True)
)
def test_all_four_projects(variant: str, grants: int, own: int) -> None:
    plan = stack(**VARIANTS[variant])
    best = cheapest(plan)
    assert (best.objective, best.measure("grants")) == (near(own), near(grants))
    assert kip.optimize(plan, "grants", require=PROJECTS, gap=0).objective == near(grants)
    # other tables of grants may be as good, but each keeps every rule
    given = best.dataset["grant"].sum(["district", "actor", "year"]).to_pandas()
    intensity, cap = VARIANTS[variant].get("intensity", 0.6), VARIANTS[variant].get("cap", 200_000)
    for name, cost in COST.items():
        assert given[name].sum() <= min(intensity, 0.7) * cost + 0.01
        assert given.loc["grant50", name] <= 0.5 * cost + 0.01
        assert not (given.loc["grant50", name] > 0 and given.loc["voucher", name] > 0)
    assert given.loc["fixed200"].max() <= cap + 0.01
    assert given.loc["voucher"].max() <= 20_000.01
    pots = {"grant50": 440_000, "fixed200": 2_000_000, "voucher": 40_000} | VARIANTS[variant]
    assert all(given.loc[source].sum() <= pots[source] + 0.01 for source in given.index)
    assert given.loc["grant50", "biogas"] == given.loc["fixed200", "bikes"] == given.loc["voucher", "hub"] == 0
    assert sum(best.measure(f"grants.{source}") for source in given.index) == near(grants)


@pytest.mark.parametrize(
    ("variant", "worth"),
    [
        ("intensity 60 %", {"grant50": 1, "fixed200": 0, "voucher": 0}),
        ("own share binds", {"grant50": 0, "fixed200": 0, "voucher": 0}),
        ("small pot", {"grant50": 1, "fixed200": 1, "voucher": 0}),
    ],
)
def test_worth_of_one_more_krona_in_a_pot(variant: str, worth: dict[str, int]) -> None:
    pots = {"grant50": 440_000.0, "fixed200": 2_000_000.0, "voucher": 40_000.0}
    fields = VARIANTS[variant]
    before = cheapest(stack(**fields)).objective
    for source, saved in worth.items():
        more = fields | {source: fields.get(source, pots[source]) + 1}
        assert before - cheapest(stack(**more)).objective == near(saved), source


@pytest.mark.parametrize("pot", GRANTS_BY_POT)
def test_grants_by_pot(pot: int) -> None:
    assert kip.optimize(stack(grant50=pot), "grants", require=PROJECTS, gap=0).objective == near(GRANTS_BY_POT[pot])


@pytest.mark.parametrize(
    ("budget", "projects", "own", "grants"),
    [
        (800_000, ("biogas", "hub"), 800_000, 800_000),
        (700_000, ("bikes", "hub", "mini"), 690_000, 660_000),
        (500_000, ("hub", "mini"), 425_000, 625_000),
    ],
)
def test_most_reduction_for_an_own_budget(budget: int, projects: tuple[str, ...], own: int, grants: int) -> None:
    best = kip.optimize(stack(budget=budget), gap=0)
    assert (best.status, best.broken) == ("optimal", ())
    assert best.selected == projects
    assert best.objective == sum(REDUCTION[name] for name in projects)
    assert best.measure("cost.municipality") <= budget + 0.01
    least = kip.optimize(stack(budget=budget), minimize="cost.municipality", require=projects, gap=0)
    assert (least.objective, least.measure("grants")) == (near(own), near(grants))


# --- A green loan. One LP for each start of the depot, and exact fractions for the best of them

ANNUITY = 0.21835457140057601  # 0.03 / (1 - 1.03^-5)
WINDOW = [2026]


def fleet(operation_2028: float = 700_000, loan: bool = True) -> kip.Plan:
    years = range(2026, 2032)
    operation = dict.fromkeys(years, 1_000_000.0) | {2028: operation_2028}
    return kip.Plan(
        name="fleet",
        years="2026-2031",
        budgets={"municipality": {"investment": dict.fromkeys(years, 2_000_000), "operation": operation}},
        shifts=[
            kip.Shift(name="depot", cost=3_000_000, opex=100_000, reduction=100),
            kip.Shift(name="vans", choice="share", potential=30, cost=400_000, opex=10_000, reduction=12),
        ],
        funding=[kip.Funding(name="green", kind="loan", rate=0.03, term=5, years=WINDOW)] if loan else [],
    )


@pytest.fixture(scope="module")
def with_loan() -> kip.Portfolio:
    return kip.optimize(fleet(), gap=0)


def test_best_loan(with_loan: kip.Portfolio) -> None:
    assert (with_loan.status, with_loan.broken) == ("optimal", ())
    assert with_loan.objective == pytest.approx(4_904_792_430_780 / 2_871_116_599, rel=1e-8)  # 1708.3222717…
    loan = 18_581_975_335 / 8_613_349_797 * 1e6
    assert with_loan.loans.drop(columns="loan [SEK]").values.tolist() == [["green", "municipality", 2026]]
    assert with_loan.loans["loan [SEK]"].sum() == near(loan)
    decisions = with_loan.decisions.droplevel("district")
    assert decisions.loc["depot"].tolist() == [1, 0, 0, 0, 0, 0]
    assert decisions.loc["vans"].tolist() == pytest.approx([24_921_563_845 / 8_613_349_797, 5, 5, 5, 5, 5], rel=1e-7)


def test_annuities_of_the_loan(with_loan: kip.Portfolio) -> None:
    data = with_loan.dataset
    service = data["debt_service"].sum(["funding", "actor"]).values
    assert service.tolist() == pytest.approx([0.0] + [471_066.3511498394] * 5, abs=0.01)
    assert service.sum() == near(81_149_185_201 / 34_453_399_188 * 1e6)  # interest 197 985.80
    assert data["owed_after"].sum().item() == near(0)
    spent = {str(name): row.values.tolist() for name, row in zip(data["budget"].values, data["budget_spent"], strict=True)}
    operation = next(row for name, row in spent.items() if "operation" in name)
    assert operation == pytest.approx([128_933.648850, 650_000, 700_000, 750_000, 800_000, 850_000], abs=0.1)
    investment = next(row for name, row in spent.items() if "investment" in name)
    assert investment == pytest.approx([2_000_000] * 6, abs=0.1)


def test_without_the_loan() -> None:
    best = kip.optimize(fleet(loan=False), gap=0)
    assert best.objective == pytest.approx(1260, rel=1e-9)  # 5 vans a year: 12 · 5 · (6 + 5 + 4 + 3 + 2 + 1); the depot costs 3 > 2
    assert best.selected == ("vans",)


def test_with_the_loan_but_without_the_depot() -> None:
    assert kip.optimize(fleet(), forbid=["depot"], gap=0).objective == pytest.approx(1591.209203, abs=1e-5)


@pytest.mark.parametrize(("more", "tolerance"), [(1, 1e-2), (10_000, 1e-5)])
def test_worth_of_operating_budget_in_the_year_of_the_dip(with_loan: kip.Portfolio, more: int, tolerance: float) -> None:
    # published as the exact dual value of the row: 2 123 654 324 000 / 2 871 116 599 t for each million
    gained = kip.optimize(fleet(700_000 + more), gap=0).objective - with_loan.objective
    assert gained / more == pytest.approx(739.6614699450595e-6, rel=tolerance)


# --- Two sources that exclude each other, one project of the municipality and one of a company [million]


def exclusive() -> kip.Plan:
    return kip.Plan(
        name="exclusive",
        years=YEAR,
        actors=[kip.Actor(name="municipality"), kip.Actor(name="company", kind="private")],
        shifts=[
            kip.Shift(name="depot", cost={"municipality": 10e6}, reduction=10),
            kip.Shift(name="hub", cost={"company": 8e6}, reduction=8, aid_intensity=0.4),
        ],
        funding=[
            kip.Funding(name="KK", share=0.5, pot=7e6, not_with=["SMA"]),
            kip.Funding(name="SMA", share=0.5, pot=4e6, shifts=["depot"]),
        ],
    )


def test_most_grants_where_sources_exclude_each_other() -> None:
    best = kip.optimize(exclusive(), "grants", require=["depot", "hub"], gap=0)
    assert best.objective == near(7.2e6)  # 4 of SMA for the depot, and 3.2 = 40 % of 8 of KK for the hub
    assert (best.measure("grants.SMA"), best.measure("grants.KK")) == (near(4e6), near(3.2e6))
    assert best.measure("cost.municipality") == near(6e6)


def test_least_municipal_cost_where_sources_exclude_each_other() -> None:
    best = kip.optimize(exclusive(), minimize="cost.municipality", require=["depot", "hub"], gap=0)
    assert best.objective == near(5e6)  # 5 of KK for the depot
    most = kip.optimize(exclusive(), "grants", require=["depot", "hub"], maximum={"cost.municipality": 5e6}, gap=0)
    assert most.objective == pytest.approx(7e6, abs=1.0)  # and the 2 that are left of KK for the hub
    assert most.measure("cost.company") == pytest.approx(6e6, abs=1.0)


# --- By hand


def one_shift(funding: list[dict[str, Any]], years: Any = YEAR, **fields: Any) -> kip.Plan:
    shift = {"name": "buses", "cost": 1_000_000, "reduction": 10} | fields
    actors = [
        kip.Actor(name="municipality"),
        kip.Actor(name="region", kind="regional"),
        kip.Actor(name="households", kind="private"),
    ]
    return kip.Plan(name="one", years=years, shifts=[shift], actors=actors, funding=funding)


def most_grants(plan: kip.Plan) -> float:
    best = kip.optimize(plan, "grants", gap=0)
    assert (best.status, best.broken) == ("optimal", ())
    return best.objective


@pytest.mark.parametrize(
    ("source", "shift", "grants"),
    [
        ({}, {}, 1_000_000),
        ({"share": 0.5}, {}, 500_000),
        ({"share": 0.5}, {"eligible": 0.6}, 300_000),
        ({"share": 0.5, "cap": 200_000}, {"eligible": 0.6}, 200_000),
        ({"share": 0.9}, {"aid_intensity": 0.4, "eligible": 0.5}, 200_000),  # 40 % of the half that is eligible
        ({"share": 0.9, "counts_as_aid": False}, {"aid_intensity": 0.4, "eligible": 0.5}, 450_000),
        ({"share": 0.9}, {"own_share": 0.3, "eligible": 0.9}, 700_000),  # of the whole cost; 0.81 of it without the own share
        ({"areas": ["transport"]}, {"area": "transport"}, 1_000_000),
    ],
)
def test_what_one_source_gives(source: dict[str, Any], shift: dict[str, Any], grants: float) -> None:
    assert most_grants(one_shift([{"name": "leap", **source}], **shift)) == near(grants)


def test_a_source_is_only_for_the_shifts_and_areas_that_it_names() -> None:
    shifts = [{"name": name, "area": area, "cost": 100_000, "reduction": 1} for name, area in (("a", "x"), ("b", "y"), ("c", ""))]

    def given(**source: Any) -> float:
        return most_grants(kip.Plan(name="p", years=YEAR, shifts=shifts, funding=[{"name": "leap", **source}]))

    assert given() == near(300_000)
    assert given(shifts=["a"]) == given(areas=["x"]) == near(100_000)
    assert given(shifts=["c"], areas=["x"]) == near(200_000)


def test_own_share_of_two_actors() -> None:
    cost = {"municipality": 600_000, "region": 400_000}
    sources = [{"name": "leap"}, {"name": "prize"}]
    assert most_grants(one_shift(sources, cost=cost, own_share=0.3)) == near(700_000)
    # only the municipality applies: no more than its own 600 000, from both sources together
    only = [source | {"applicants": ["municipality"]} for source in sources]
    assert most_grants(one_shift(only, cost=cost, own_share=0.3)) == near(600_000)


def test_cap_is_for_all_who_share_a_project() -> None:
    assert most_grants(one_shift([{"name": "leap", "cap": 250_000}], cost={"municipality": 600_000, "region": 400_000})) == near(250_000)


def test_cap_is_for_each_unit_of_a_shift_in_units() -> None:
    # 40 bicycles of 5 000, half of each is 2 500, but at most 2 000: 80 000
    assert most_grants(one_shift([{"name": "leap", "share": 0.5, "cap": 2_000}], choice="units", potential=40, cost=5_000)) == near(80_000)


@pytest.mark.parametrize(
    ("source", "by_year"),
    [
        ({"pot": 30_000}, [30_000, 30_000, 30_000]),
        ({"pot": {2026: 30_000, 2028: 10_000}}, [30_000, 0, 10_000]),  # nothing in the year left out, and nothing carried over
        ({"pot": 30_000, "years": [2027]}, [0, 30_000, 0]),
        ({"years": [2028]}, [0, 0, 200_000]),  # no pot: all of 40 bicycles
    ],
)
def test_pot_and_window_by_year(source: dict[str, Any], by_year: list[float]) -> None:
    plan = one_shift([{"name": "leap", **source}], years="2026-2028", choice="units", potential=40, cost=5_000)
    best = kip.optimize(plan, "grants", gap=0)
    assert best.objective == near(sum(by_year))
    assert [best.measure(f"grants_{year}") for year in (2026, 2027, 2028)] == pytest.approx(by_year, abs=0.01)


def test_one_start_meets_the_pot_of_its_own_year_only() -> None:
    pots = {2026: 300_000, 2027: 400_000}
    best = kip.optimize(one_shift([{"name": "leap", "pot": pots}], years="2026-2027"), "grants", gap=0)
    assert best.objective == near(400_000)
    assert best.grants["year"].tolist() == [2027]


def test_pot_and_cap_of_another_price_year() -> None:
    sources = [{"name": "leap", "cap": 200_000, "shifts": ["buses"]}, {"name": "prize", "pot": 100_000}]
    plan = kip.Plan(
        name="p",
        years=YEAR,
        price_year=2024,
        price_index={2020: 100, 2024: 125},
        shifts=[{"name": "buses", "cost": 1_000_000, "reduction": 1}],
        funding=sources,
        passports={"funding.leap.cap": {"source": "call", "price_year": 2020}, "funding.prize.pot": {"source": "call", "price_year": 2020}},
    )
    assert most_grants(plan) == near(1.25 * 300_000)


def test_sources_that_cannot_be_stacked_can_be_in_two_projects() -> None:
    shifts = [{"name": "a", "cost": 100_000, "reduction": 1}, {"name": "b", "cost": 80_000, "reduction": 1}]
    sources = [{"name": "half", "share": 0.5, "pot": 60_000}, {"name": "gift", "cap": 45_000, "not_with": ["half"]}]

    def best(funding: list[dict[str, Any]]) -> float:
        return most_grants(kip.Plan(name="p", years=YEAR, shifts=shifts, funding=funding))

    # half in a (50 000) and gift in b (45 000); stacked it would be 100 000 in a or b: pot 60 000 and 45 000 each
    assert best(sources) == near(95_000)
    assert best([source | {"not_with": []} for source in sources]) == near(150_000)
    # said by either of the two, it holds for both
    assert best([sources[0] | {"not_with": ["gift"]}, sources[1] | {"not_with": []}]) == near(95_000)


# --- Whose books


def heat_pumps(rate: float = 0.0) -> kip.Plan:
    return kip.Plan(
        name="pumps",
        years="2026-2027",
        discount_rate=rate,
        residual="none",
        actors=[kip.Actor(name="municipality"), kip.Actor(name="households", kind="private")],
        shifts=[
            kip.Shift(name="pumps", choice="units", potential=10, cost={"households": 100_000}, opex={"households": -5_000}, reduction=2)
        ],
        funding=[kip.Funding(name="klimatfonden", funder="municipality", share=0.3), kip.Funding(name="state", cap=10_000)],
    )


def test_what_households_receive_from_a_municipal_fund_the_municipality_pays() -> None:
    plan = heat_pumps()
    best = kip.optimize(plan, minimize="cost.households", minimum={"adopted.pumps_2027": 10}, gap=0)
    # 10 · (100 000 - 5 000 - 30 000 - 10 000); 30 000 from the fund, 10 000 from outside
    assert best.measure("cost.households") == near(550_000)
    assert best.measure("cost.municipality") == near(300_000)
    assert best.measure("cost") == near(950_000)  # society: a grant is no cost, and does not lower one
    received, paid = best.dataset["grant_received"].sum("year"), best.dataset["grant_paid"].sum("year")
    assert received.sel(actor="households").item() == near(400_000)
    assert (paid.sel(actor="municipality").item(), received.sel(actor="municipality").item()) == (near(300_000), 0)
    # what comes from outside the plan is the difference between the sum of the actors and society
    assert best.measure("cost.households") + best.measure("cost.municipality") == near(best.measure("cost") - 100_000)


def test_present_value_of_grants_in_the_books() -> None:
    plan = heat_pumps(rate=0.05)
    best = kip.optimize(plan, minimize="net_cost.households", minimum={"adopted.pumps_2027": 10}, gap=0)
    # all of it falls in the second year
    assert best.measure("net_cost.households") == near(550_000 / 1.05)
    assert best.measure("net_cost.municipality") == near(300_000 / 1.05)
    assert best.measure("net_cost") == near(950_000 / 1.05)
    transfers = best.dataset["net_transfer"]
    assert transfers.sel(actor="households").item() == near(400_000 / 1.05)
    assert transfers.sel(actor="municipality").item() == near(-300_000 / 1.05)
    assert float(best.dataset["actor_net_cost"].sum() + transfers.sum()) == near(best.measure("net_cost"))


def test_a_ratio_counts_the_grants_of_whoever_pays() -> None:
    best = kip.optimize(one_shift([{"name": "leap", "share": 0.75}]), per="municipal", gap=0)
    assert best.objective == pytest.approx(10 / 250_000, rel=1e-6)
    assert kip.optimize(one_shift([{"name": "leap", "share": 0.75}]), per="societal", gap=0).objective == pytest.approx(1e-5, rel=1e-9)


def test_a_municipal_fund_is_paid_from_the_operating_budget() -> None:
    data = {name: getattr(heat_pumps(), name) for name in kip.Plan.model_fields}
    plan = kip.Plan(**data | {"budgets": {"municipality": {"operation": 95_000}, "households": {"investment": 600_000}}})
    best = kip.optimize(plan, gap=0)
    # n pumps cost the households 100 000 n - 95 000 - 10 000 n <= 600 000: 7.7, so 7
    assert best.decisions.to_numpy().sum() == 7
    assert best.dataset["budget_spent"].sel(budget=best.dataset["budget"].values[0]).sum().item() <= 95_000.01


# --- Loans


def borrowed(term: int, rate: float, discount: float = 0.0, residual: str = "none") -> kip.Portfolio:
    plan = kip.Plan(
        name="borrowed",
        years="2026-2028",
        discount_rate=discount,
        residual=residual,
        shifts=[kip.Shift(name="depot", cost=1_000_000, reduction=1)],
        budgets={"municipality": {"investment": 0}},
        funding=[kip.Funding(name="green", kind="loan", rate=rate, term=term, years=[2026])],
    )
    best = kip.optimize(plan, gap=0)
    assert (best.selected, best.broken) == (("depot",), ())
    return best


def test_annuities_after_the_horizon_are_owed() -> None:
    data = borrowed(term=4, rate=0.0).dataset
    assert data["debt_service"].values.ravel().tolist() == pytest.approx([0, 250_000, 250_000], abs=0.01)
    assert data["owed_after"].item() == near(500_000)


def test_interest_is_in_what_is_owed() -> None:
    data = borrowed(term=5, rate=0.03).dataset
    assert data["debt_service"].values.ravel().tolist() == pytest.approx([0, 1e6 * ANNUITY, 1e6 * ANNUITY], abs=0.01)
    assert data["owed_after"].item() == near(3e6 * ANNUITY)


def test_a_loan_that_is_repaid_within_the_horizon_leaves_nothing() -> None:
    data = borrowed(term=1, rate=0.1).dataset
    assert data["debt_service"].values.ravel().tolist() == pytest.approx([0, 1_100_000, 0], abs=0.01)
    assert data["owed_after"].item() == near(0)


@pytest.mark.parametrize(("rate", "discount"), [(0.03, 0.03), (0.0, 0.05), (0.08, 0.02)])
def test_net_cost_of_a_loan_is_its_annuities_against_what_was_drawn(rate: float, discount: float) -> None:
    best = borrowed(term=5, rate=rate, discount=discount)
    yearly = rate / (1 - (1 + rate) ** -5) if rate else 0.2
    # those after the horizon too; at its own rate of interest a loan costs nothing
    value = 1e6 * yearly * sum((1 + discount) ** -year for year in range(1, 6))
    assert best.measure("net_cost.municipality") == near(value)
    assert rate != discount or value == near(1e6)
    assert best.measure("net_cost") == near(1e6)


def test_nobody_borrows_more_than_it_invests() -> None:
    plan = kip.Plan(
        name="p",
        years="2026-2027",
        shifts=[kip.Shift(name="depot", cost=1_000_000, reduction=10), kip.Shift(name="staff", opex=400_000, reduction=1)],
        budgets={"municipality": {2026: 0, 2027: 0}},
        funding=[kip.Funding(name="leap", share=0.6), kip.Funding(name="green", kind="loan", term=50)],
    )
    # the loan could pay for nothing but the depot; its first annuity of 2027 can be paid by nobody, so it starts in the last year
    best = kip.optimize(plan, gap=0)
    assert best.selected == ("depot",)
    assert best.decisions.loc[("depot", "all")].tolist() == [0, 1]
    assert best.dataset["loan"].sum().item() == near(1_000_000 - best.measure("grants"))
    assert best.measure("grants") <= 600_000.01


# --- Counted without a solver, and read as tables


def test_grants_and_loans_go_back_into_evaluate() -> None:
    for best in (cheapest(stack()), kip.optimize(fleet(), gap=0)):
        again = kip.evaluate(best.plan, best.decisions, grants=best.grants, loans=best.loans)
        assert again.broken == ()
        for name, values in best.dataset.data_vars.items():
            assert again.dataset[name].values == pytest.approx(values.values, rel=1e-12, abs=1e-9, nan_ok=True), name
    alone = kip.evaluate(best.plan, best.decisions)
    assert "budget" in {rule.rule for rule in alone.broken}


def table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["source", "shift", "district", "actor", "year", "grant"])


@pytest.mark.parametrize(
    ("rows", "rules"),
    [
        ([("grant50", "mini", 25_000)], set()),
        ([("grant50", "mini", 25_001)], {"share"}),
        ([("voucher", "bikes", 20_000)], set()),
        ([("voucher", "bikes", 20_001)], {"cap"}),
        ([("grant50", "mini", 15_000), ("voucher", "mini", 15_000)], {"stacking"}),
        ([("grant50", "hub", 440_001)], {"pot"}),
        ([("grant50", "hub", 400_001), ("fixed200", "hub", 200_000)], {"intensity"}),
        ([("fixed200", "mini", 10_000)], {"funding"}),  # not for that shift
    ],
)
def test_broken_rules_are_named(rows: list[tuple[Any, ...]], rules: set[str]) -> None:
    grants = table([(source, shift, "all", "municipality", 2026, amount) for source, shift, amount in rows])
    counted = kip.evaluate(stack(), PROJECTS, grants=grants)
    assert {rule.rule for rule in counted.broken} == rules
    assert counted.measure("grants") == sum(row[2] for row in rows)
    assert counted.measure("cost.municipality") == 1_950_000 - sum(row[2] for row in rows)


def test_a_grant_for_what_does_not_start_is_a_broken_rule() -> None:
    grants = table([("grant50", "hub", "all", "municipality", 2026, 100_000)])
    assert kip.evaluate(stack(), ["mini"], grants=grants).broken


def test_own_share_counts_what_is_no_aid() -> None:
    plan = one_shift([{"name": "leap", "counts_as_aid": False}], own_share=0.3, aid_intensity=0.1)
    grants = table([("leap", "buses", "all", "municipality", 2026, 700_002)])
    assert {rule.rule for rule in kip.evaluate(plan, ["buses"], grants=grants).broken} == {"own share"}


def test_unknown_names_in_a_table_of_grants() -> None:
    with pytest.raises(kip.RequestError, match="grant50"):
        kip.evaluate(stack(), ["hub"], grants=table([("grant5", "hub", "all", "municipality", 2026, 1.0)]))


def test_funding_gap_and_leverage() -> None:
    best = cheapest(stack(), ["hub", "biogas"])
    gap = best.funding_gap().loc[("municipality", 2026)]
    assert gap.tolist() == pytest.approx([1_600_000, 800_000, 0, 800_000, 0], abs=0.01)
    assert best.leverage() == pytest.approx(2.0, rel=1e-6)
