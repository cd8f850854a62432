"""overview: what a plan holds, as a sheet. No solver and no horizon, only what can be read off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kip.model.fields import EVERYWHERE
from kip.model.paths import key_of, numbers
from kip.views.labels import Language, scale
from kip.views.sheet import Section, Sheet

if TYPE_CHECKING:
    from kip.model.activity import Activity
    from kip.model.plan import Plan
    from kip.model.shift import Enabler, Shift

__all__ = ["baseline_emissions", "overview", "quality_of_numbers"]

_COUNTED = (  # one, several, field of the plan
    ("shift", "shifts", "shifts"),
    ("enabler", "enablers", "enablers"),
    ("overlap", "overlaps", "overlaps"),
    ("activity", "activities", "activities"),
    ("district", "districts", "districts"),
    ("actor", "actors", "actors"),
    ("budget", "budgets", "budgets"),
    ("indicator", "indicators", "indicators"),
    ("ledger", "ledgers", "ledgers"),
    ("target", "targets", "targets"),
    ("source of money", "sources of money", "funding"),
    ("group", "groups", "groups"),
    ("fairness rule", "fairness rules", "fairness"),
    ("value set", "value sets", "value_sets"),
    ("consequence", "consequences", "consequences"),
    ("decision", "decided", "decided"),
    ("outcome", "outcomes", "outcomes"),
)
_WANTS_SOURCE = {"amount", "factor", "cost", "opex", "reference_cost", "reference_opex", "reduction", "potential", "use", "base_value"}


def overview(plan: Plan, language: str = "en") -> Sheet:
    """What a plan holds: years, money, activities, shifts, budgets, targets, and what the numbers rest on.

    Parameters
    ----------
    plan : Plan
    language : {"en", "sv"}

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(name="p", years=[2026], shifts=[kip.Shift(name="bus", cost=6e6, reduction=100)])
    >>> [section.title for section in overview(plan).sections][:2]
    ['The plan', 'Shifts: what can be chosen']
    """
    say = Language(language)
    sections = [_frame(plan, say)]
    if plan.activities:
        sections.append(_activities(plan, say))
    sections.append(_measures(plan, plan.shifts, say, "section shifts"))
    if plan.enablers:
        sections.append(_measures(plan, plan.enablers, say, "section enablers"))
    sections.append(_budgets(plan, say))
    if plan.funding:
        sections.append(_funding(plan, say))
    if plan.targets:
        sections.append(_targets(plan, say))
    sections.append(_quality(plan, say))
    return Sheet(plan.label, plan.description, tuple(sections), say.code)


def baseline_emissions(plan: Plan, activity: Activity) -> float:
    """Emissions of an activity in the plan's first year, on its first ledger [t CO2e/year]: amount × trend × factor × Π(1 - policy)."""
    year = plan.years[0]
    factor = activity.factor.get(plan.ledgers[0].name, activity.factor.get(EVERYWHERE, 0.0))
    value = sum(_at(amount, year) for amount in activity.amount.values()) * _at(activity.trend, year) * _at(factor, year)
    for policy in activity.policies.values():
        value *= 1.0 - _at(policy, year)
    return value


def quality_of_numbers(plan: Plan) -> dict[str, float]:
    """Share of the plan's numbers by quality A, B, C, and "none" without a passport [1].

    Counted are numbers that come from somewhere (amounts, factors, costs, reductions, potentials…) and are not 0; a `use`
    of 1 is the default, and comes from nowhere.
    """
    counts: Counter[str] = Counter()
    for path, value in numbers(plan):
        parts = path.split(".")
        if value and len(parts) > 2 and parts[2] in _WANTS_SOURCE and (parts[2], value) != ("use", 1.0):
            passport = plan.passport(path)
            counts["none" if passport is None else passport.quality] += 1
    total = sum(counts.values())
    return {key: counts[key] / total if total else 0.0 for key in ("A", "B", "C", "none")}


def _at(path: float | Mapping[int, float], year: int) -> float:
    if not isinstance(path, Mapping):
        return float(path)
    known = sorted(path)
    return float(np.interp(year, known, [path[point] for point in known]))


def _frame(plan: Plan, say: Language) -> Section:
    line = say(
        "plan line",
        years=say.span(plan.years[0], plan.years[-1]),
        currency=plan.currency,
        price_year=plan.price_year,
        rate=say.percent(plan.discount_rate),
    )
    counts = []
    for one, several, field in _COUNTED:
        count = len(getattr(plan, field))
        if count:
            counts.append(f"{count} {say(one if count == 1 else several)}")
    return Section(say("section overview"), (line, ", ".join(counts)))


def _activities(plan: Plan, say: Language) -> Section:
    tonnes = [baseline_emissions(plan, activity) for activity in plan.activities]
    size = scale(tonnes, "t/year")
    year = plan.years[0]
    titles = {actor.name: actor.label for actor in plan.actors}
    table = pd.DataFrame(
        {
            say("activity"): [activity.label for activity in plan.activities],
            say("actor"): [titles.get(activity.actor or "", "") for activity in plan.activities],
            f"{say('amount')} {year}": pd.Series([_first_amount(activity, year) for activity in plan.activities], dtype=object),
            say("unit"): [say.unit(f"{activity.unit}/year") for activity in plan.activities],
            f"{say('baseline emissions')} {year} [{say.unit(size.unit)}]": np.array(tonnes) / size.divisor,
        }
    )
    return Section(say("section activities"), (), _without_empty(table))


def _first_amount(activity: Activity, year: int) -> float:
    return sum(_at(amount, year) for amount in activity.amount.values()) * _at(activity.trend, year)


def _without_empty(table: pd.DataFrame) -> pd.DataFrame:
    """Without columns of text that say nothing."""
    return table.loc[:, [not bool((table[column] == "").all()) for column in table.columns]]


def _measures(plan: Plan, items: tuple[Shift, ...] | tuple[Enabler, ...], say: Language, heading: str) -> Section:
    rows = []
    titles = {actor.name: actor.label for actor in plan.actors}
    for item in items:
        payers = [name if name != EVERYWHERE else item.payer or plan.actors[0].name for name in item.cost]
        choice = getattr(item, "choice", "whole")
        unit = getattr(item, "unit", "")
        rows.append(
            [
                item.label,
                say.known(choice) + (f" ({unit})" if unit else ""),
                item.area,
                say.known(item.control),
                ", ".join(titles.get(name, name) for name in dict.fromkeys(payers)),
                float(sum(item.cost.values())),
            ]
        )
    kind = say("shift") if heading == "section shifts" else say("enabler")
    columns = [kind, say("choice"), say("area"), say("control"), say("payers"), f"{say('cost per unit')} [{plan.currency}]"]
    table = pd.DataFrame(rows, columns=columns)
    if heading == "section enablers":
        table = table.drop(columns=say("choice"))
    return Section(say(heading), (), _without_empty(table.astype({columns[-1]: float})))


def _budgets(plan: Plan, say: Language) -> Section:
    if not plan.budgets:
        return Section(say("section budgets"), (say("no limit"),))
    sums = [sum(budget.amount.values()) if isinstance(budget.amount, dict) else float(budget.amount) for budget in plan.budgets]
    size = scale(sums, plan.currency)
    titles = {actor.name: actor.label for actor in plan.actors}
    kinds = {"all": "both kinds", "investment": "investment", "operation": "operation"}
    table = pd.DataFrame(
        {
            say("actor"): [titles.get(budget.actor, budget.actor) for budget in plan.budgets],
            say("kind"): [say(kinds[budget.kind]) for budget in plan.budgets],
            say("when"): [
                say("total budget" if not isinstance(budget.amount, dict) else "carried" if budget.carry_over else "per year budget")
                for budget in plan.budgets
            ],
            f"{say('budget')} [{size.unit}]": np.array(sums) / size.divisor,
        },
        index=[key_of(budget, plan.budgets) for budget in plan.budgets],
    )
    return Section(say("section budgets"), (), table)


def _funding(plan: Plan, say: Language) -> Section:
    titles = {actor.name: actor.label for actor in plan.actors}
    names = {item.name: item.label for item in (*plan.shifts, *plan.enablers)}
    pots = [sum(source.pot.values()) if isinstance(source.pot, dict) else source.pot for source in plan.funding]
    size = scale([pot for pot in pots if pot is not None], plan.currency)
    table = pd.DataFrame(
        {
            say("source of funding"): [source.label for source in plan.funding],
            say("kind"): [say(f"kind {source.kind}") for source in plan.funding],
            say("applicants"): [", ".join(titles[name] for name in source.applicants) for source in plan.funding],
            say("what for"): [", ".join([*source.areas, *(names[name] for name in source.shifts)]) for source in plan.funding],
        }
    )
    when = [
        say("per year budget" if isinstance(source.pot, dict) else "pot each year") if source.pot is not None else ""
        for source in plan.funding
    ]
    table[say("when")] = when
    table[f"{say('pot')} [{size.unit}]"] = np.array([np.nan if pot is None else pot for pot in pots], dtype=float) / size.divisor
    return Section(say("section sources"), (), _without_empty(table), (say("sources note"),))


def _targets(plan: Plan, say: Language) -> Section:
    ledgers = {ledger.name: ledger for ledger in plan.ledgers}
    rows, values = [], []
    for target in plan.targets:
        ledger = ledgers[target.ledger or plan.ledgers[0].name]
        values.append(target.allowed(ledger))
        base = (ledger.base_year if target.base_value is None else target.base_year) or ledger.label
        cut = "" if target.cut is None else say("from base", cut=say.percent(target.cut), base=base)
        if target.kind == "net":
            cut = ", ".join(filter(None, [cut, say("net of", share=say.percent(target.complementary_share or 0.0))]))
        rows.append([target.label, target.year, ledger.label, cut])
    size = scale(values, "t/year")
    table = pd.DataFrame(rows, columns=[say("target"), say("year"), say("ledger"), say("cut")])
    table[f"{say('allowed')} [{say.unit(size.unit)}]"] = np.array(values, dtype=float) / size.divisor
    return Section(say("section targets"), (), table)


def _quality(plan: Plan, say: Language) -> Section:
    shares = quality_of_numbers(plan)
    warnings = len(plan.check())
    warned = say("warnings", count=warnings) if warnings > 1 else say("one warning" if warnings else "no warnings")
    if not plan.passports:
        return Section(say("section quality"), (say("no passports"), warned))
    text = ", ".join(f"{say('none') if key == 'none' else key} {say.percent(round(share, 3))}" for key, share in shares.items())
    return Section(say("section quality"), (f"{say('share of numbers')}: {text}", warned), notes=(say("quality scale"),))
