"""Grants and loans of random plans, recounted rule by rule in plain Python from the nouns of the plan."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kip

ACTORS = [
    {"name": "town"},
    {"name": "baker", "kind": "private", "size": "small", "discount_rate": 0.1},
    {"name": "haulier", "kind": "private", "size": "large"},
]
NAMES = [actor["name"] for actor in ACTORS]
SIZE = {"baker": "small", "haulier": "large"}
MONEY = st.integers(1, 12).map(lambda number: number * 1e5)
SHARE = st.sampled_from([0.2, 0.5, 0.8, 1.0])
BY_SIZE = st.one_of(SHARE, st.fixed_dictionaries({"small": SHARE, "large": SHARE}, optional={"all": SHARE, "baker": SHARE}))
PLAIN = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@st.composite
def shifts(draw: Any, row: int) -> dict[str, Any]:
    payers = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    choice = draw(st.sampled_from(["whole", "whole", "units"]))
    return {
        "name": f"s{row}",
        "choice": choice,
        "cost": {name: draw(MONEY) for name in payers},
        "opex": {payers[0]: draw(st.sampled_from([0.0, 2e4, -6e4, -3e5]))},
        "reduction": draw(st.integers(1, 60)),
        "eligible": draw(st.sampled_from([1.0, 0.7])),
        "aid_intensity": draw(BY_SIZE),
        "own_share": draw(st.sampled_from([0.0, 0.3])),
        "physical": draw(st.booleans()) or row == 0,
        **({"potential": 2} if choice == "units" else {}),
    }


@st.composite
def plans(draw: Any) -> dict[str, Any]:
    years = list(range(2026, 2026 + draw(st.integers(1, 3))))
    made = [draw(shifts(row)) for row in range(draw(st.integers(2, 4)))]
    payers = {name for shift in made for name in shift["cost"]}
    funder = draw(st.sampled_from([None, *[name for name in NAMES if payers - {name}]]))
    sources: list[dict[str, Any]] = [
        {"name": "big", "share": draw(BY_SIZE), "pot": draw(st.one_of(MONEY, st.just({years[0]: 4e5}))),
         "physical_only": draw(st.booleans())},
        {"name": "club", "cap": draw(MONEY), "funder": funder, "counts_as_aid": draw(st.booleans()),
         "share_of_cost": draw(st.sampled_from([1.0, 0.25])), "not_with": draw(st.sampled_from([[], ["big"]]))},
        {"name": "gate", "floor": draw(MONEY), "share": 0.6, "years": years[:1], "unprofitable_only": draw(st.booleans())},
        {"name": "loan", "kind": "loan", "funder": funder, "term": draw(st.integers(1, 3)), "rate": draw(st.sampled_from([0.0, 0.05])),
         "revolving": draw(st.booleans()), "pot": {years[0]: 6e5}},
    ]  # fmt: skip
    first = made[0]
    if draw(st.booleans()) and first["choice"] == "whole":
        # decided, and within what the source gives to the largest payer by itself
        sources[1]["granted"] = {"s0": min(sources[1]["cap"], 0.1 * max(first["cost"].values()))}
    budgets = [{"actor": name, "amount": {year: draw(MONEY) for year in years}, "carry_over": draw(st.booleans())} for name in NAMES]
    return {"name": "p", "years": years, "actors": ACTORS, "shifts": made, "funding": sources, "budgets": budgets}


def made(fields: dict[str, Any]) -> kip.Plan:
    """The plan, without sources that nobody can have: those are refused, and no matter here."""
    wrong = [None]
    while wrong:
        try:
            return kip.Plan(**fields)
        except kip.DataError as error:
            wrong = [issue.path.split(".")[1] for issue in error.issues if "nobody can have it" in issue.message]
            kept = [source for source in fields["funding"] if source["name"] not in wrong]
            names = {source["name"] for source in kept}
            kept = [source | {"not_with": [name for name in source.get("not_with", []) if name in names]} for source in kept]
            fields = fields | {"funding": [{k: v for k, v in source.items() if k != "not_with" or v} for source in kept]}
    raise AssertionError


def by_actor(shares: dict[str, float], name: str, otherwise: float) -> float:
    return next((shares[key] for key in (name, SIZE.get(name), "all") if key in shares), otherwise)


def own_present_cost(plan: kip.Plan, shift: kip.Shift, name: str, start: int) -> float:
    """Without a lifetime: paid in the start year, in use to the end, nothing left."""
    rate = next(actor.discount_rate for actor in plan.actors if actor.name == name)
    rate = plan.discount_rate if rate is None else rate
    running = sum(shift.opex.get(name, 0.0) * (1 + rate) ** -(year - plan.years[0]) for year in plan.years if year >= start)
    return shift.cost.get(name, 0.0) * (1 + rate) ** -(start - plan.years[0]) + running


def check_grants(best: kip.Portfolio) -> None:
    plan = best.plan
    sources = {source.name: source for source in plan.funding}
    items = {shift.name: shift for shift in plan.shifts}
    by_pot: dict[tuple[str, int], float] = defaultdict(float)
    by_project: dict[tuple[str, int], list[tuple[str, str, float]]] = defaultdict(list)
    for source, shift, _, actor, year, amount in best.grants.itertuples(index=False):
        by_pot[source, year] += amount
        by_project[shift, year].append((source, actor, amount))
        rule, item = sources[source], items[shift]
        units = best.decisions.loc[(shift, "all"), year]
        most = min(by_actor(rule.share, actor, 0.0) * item.eligible, rule.share_of_cost) * item.cost.get(actor, 0.0) * units
        assert amount <= most + 0.5
        assert actor != rule.funder
        assert not rule.years or year in rule.years
        assert not rule.physical_only or item.physical
        assert rule.floor is None or sum(item.cost.values()) >= rule.floor - 0.01
        assert not rule.unprofitable_only or own_present_cost(plan, item, actor, year) > 0
    for (source, year), total in by_pot.items():
        pot = sources[source].pot
        limit = pot.get(year, 0.0) if isinstance(pot, dict) else pot
        assert limit is None or total <= limit + 0.5
    for (shift, year), rows in by_project.items():
        item = items[shift]
        cost = {name: amount * best.decisions.loc[(shift, "all"), year] for name, amount in item.cost.items()}
        aid = [(actor, amount) for source, actor, amount in rows if sources[source].counts_as_aid]
        if set(item.aid_intensity) == {"all"}:
            assert sum(amount for _, amount in aid) <= item.aid_intensity["all"] * item.eligible * sum(cost.values()) + 0.5
        for name in NAMES:
            mine = sum(amount for actor, amount in aid if actor == name)
            if set(item.aid_intensity) != {"all"}:
                assert mine <= by_actor(item.aid_intensity, name, 1.0) * item.eligible * cost.get(name, 0.0) + 0.5
            assert sum(amount for _, actor, amount in rows if actor == name) <= cost.get(name, 0.0) + 0.5
        assert sum(amount for *_, amount in rows) <= (1 - item.own_share) * sum(cost.values()) + 0.5
        for source in {source for source, *_ in rows}:
            cap = sources[source].cap
            units = best.decisions.loc[(shift, "all"), year]
            assert cap is None or sum(amount for name, _, amount in rows if name == source) <= cap * units + 0.5
    for shift, item in items.items():
        if item.choice == "whole":
            had = {source for (name, _), rows in by_project.items() if name == shift for source, _, amount in rows if amount > 0.5}
            assert not any(other in had for source in had for other in sources[source].not_with)
            continue
        for year in plan.years:
            # each unit has one of them at most: as many as each source needs for what it gives
            needed = {}
            for source, rule in sources.items():
                rate = {
                    name: min(by_actor(rule.share, name, 0.0) * item.eligible, rule.share_of_cost) * paid
                    for name, paid in item.cost.items()
                }
                most = min(sum(rate.values()), rule.cap or math.inf)
                given_ = sum(amount for name, _, amount in by_project[shift, year] if name == source)
                needed[source] = math.ceil((given_ - 0.5) / most) if given_ > 0.5 else 0
            for source, rule in sources.items():
                assert all(
                    needed[source] + needed[other] <= best.decisions.loc[(shift, "all"), year] for other in rule.not_with if needed[other]
                )


def check_decided(best: kip.Portfolio) -> None:
    for source in best.plan.funding:
        for shift, amount in source.granted.items():
            got = best.grants[(best.grants["source"] == source.name) & (best.grants["shift"] == shift)].iloc[:, -1].sum()
            assert shift not in best.selected or got >= amount - 0.5


def check_loans(best: kip.Portfolio) -> None:
    years = best.plan.years
    for source in best.plan.funding:
        if source.kind != "loan":
            continue
        drawn = [
            float(best.loans.loc[(best.loans["source"] == source.name) & (best.loans["year"] == year)].iloc[:, -1].sum()) for year in years
        ]
        yearly = 1 / source.term if source.rate == 0 else source.rate / (1 - (1 + source.rate) ** -source.term)
        left = 0.0
        repaid = [yearly * sum(drawn[max(0, index - source.term) : index]) for index in range(len(years))]
        for index, year in enumerate(years):
            left = (left if source.revolving else 0.0) + source.pot.get(year, 0.0) - drawn[index]  # type: ignore[union-attr]
            assert left >= -0.5
            left += repaid[index]


@PLAIN
@given(plans())
def test_no_rule_is_broken_and_all_totals_are_counted_again(fields: dict[str, Any]) -> None:
    best = kip.optimize(made(fields), gap=1e-6)
    assert best.broken == ()
    check_grants(best)
    check_decided(best)
    check_loans(best)
    again = kip.evaluate(best.plan, best.decisions, grants=best.grants, loans=best.loans)
    assert again.broken == ()
    assert again.measures() == pytest.approx(best.measures())
    table = best.sources_and_uses()
    assert table.iloc[:, 0].tolist() == pytest.approx(table.iloc[:, 1:].sum(axis=1).tolist(), abs=0.01)
    assert (table >= -0.5).all(axis=None)
    assert table.iloc[:, 0].sum() == pytest.approx(best.measure("investment"))
    assert table.iloc[:, 1:3].to_numpy().sum() == pytest.approx(best.measure("grants"), abs=0.01)
    assert table.iloc[:, 3].sum() == pytest.approx(float(best.loans.iloc[:, -1].sum()), abs=0.01)
    balance = best.funding_balance()
    assert balance["net [SEK]"].sum() == pytest.approx(0, abs=0.01)
    outside = -balance.loc["outside the plan"]
    grants_from_outside = -float(outside["grants given [SEK]"])
    assert sum(best.measure(f"cost.{name}") for name in NAMES) + grants_from_outside == pytest.approx(best.measure("cost"), abs=0.5)


@PLAIN
@given(plans())
def test_more_is_never_worse(fields: dict[str, Any]) -> None:
    """One more source, and a krona more in each pot, never lower the reduction."""
    # a grant that is decided can stand in the way of a better one, so this is about plans without
    plan = made(fields | {"funding": [source | {"granted": {}} if "granted" in source else source for source in fields["funding"]]})
    best = kip.optimize(plan, gap=0).objective
    slack = 1e-6 * max(1.0, best)
    for source in plan.funding:
        assert kip.optimize(plan, forbid=[source.name], gap=0).objective <= best + slack
        if source.pot is not None:
            pot = {year: money + 1 for year, money in source.pot.items()} if isinstance(source.pot, dict) else source.pot + 1
            assert kip.optimize(plan.update({f"funding.{source.name}.pot": pot}), gap=0).objective >= best - slack


@PLAIN
@given(plans(), st.permutations(NAMES))
def test_names_and_order_of_actors_change_nothing(fields: dict[str, Any], order: list[str]) -> None:
    plan = made(fields)
    new = dict(zip(NAMES, ["anna", "zoe", "maja"], strict=True))

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {new.get(key, key) if isinstance(key, str) else key: renamed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [renamed(item) for item in value]
        return new.get(value, value) if isinstance(value, str) else value

    kept = {source.name for source in plan.funding}
    data = renamed(fields | {"funding": [source for source in fields["funding"] if source["name"] in kept]})
    for source in data["funding"]:
        if "not_with" in source:
            source["not_with"] = [name for name in source["not_with"] if name in kept]
    data["actors"] = [next(actor for actor in data["actors"] if actor["name"] == new[name]) for name in order]
    turned = kip.Plan(**(data | {"shifts": data["shifts"][::-1], "funding": data["funding"][::-1]}))
    one, two = kip.optimize(plan, gap=0), kip.optimize(turned, gap=0)
    assert two.objective == pytest.approx(one.objective)
    for name in ("investment", "cost"):
        if one.selected == two.selected:
            assert two.measure(name) == pytest.approx(one.measure(name), rel=1e-6, abs=1)
