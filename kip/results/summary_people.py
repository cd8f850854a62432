"""The parts of a portfolio's summary that say who gets what, and what it means for them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from kip.accounting.fairness import Rule, fairness_rule, gains_of, value_of_rule
from kip.model import Plan
from kip.results.consequences import consequence_table
from kip.results.fairness import shares_of
from kip.views.labelled import titles as titled
from kip.views.labels import Language
from kip.views.sheet import Section

__all__ = ["people_sections"]


def people_sections(plan: Plan, data: xr.Dataset, say: Language) -> list[Section]:
    """Fairness rules with what each group gets, and consequences in words; nothing for a plan without them."""
    return [*_fairness(data, say), *_consequences(plan, data, say)]


def _fairness(data: xr.Dataset, say: Language) -> list[Section]:
    rules = [fairness_rule(data, row) for row in range(data.sizes["fairness"])]
    if not rules:
        return []
    titles = dict(zip(map(str, data["fairness"].values), map(str, data["fairness_title"].values), strict=True))
    party = dict(zip(map(str, data["party"].values), map(str, data["party_title"].values), strict=True))
    indicators = titled(data, "indicator")
    rows = []
    for rule in rules:
        gains, shares = gains_of(rule, data), shares_of(rule, data)
        each = np.divide(gains, rule.people, out=np.full(len(gains), np.nan), where=np.nan_to_num(rule.people) > 0)
        name_of = rule.measure.name
        what = indicators.get(name_of) or say.known(name_of.replace("_", " "))
        for place, name in enumerate(rule.names):
            rows.append(
                [what, party[name], float(gains[place]), say.unit(rule.measure.unit), float(each[place]), float(100 * shares[place])]
            )
    columns = [say("what"), say("whom"), say("gain"), say("unit"), say("each person"), f"{say('share of districts')} [%]"]
    # several rules about the same people show them once
    table = pd.DataFrame(rows, columns=columns).drop_duplicates(ignore_index=True)
    table = table.astype({columns[2]: object, columns[4]: object})
    lines = tuple(_line(rule, titles[rule.name], data, say) for rule in rules)
    return [Section(say("section fairness"), lines, table, (say("gain means"),))]


def _line(rule: Rule, title: str, data: xr.Dataset, say: Language) -> str:
    value = value_of_rule(rule, data)
    share = rule.kind in {"share", "gini"}
    unit = "" if share else f"{rule.measure.unit}/person" if rule.per_person else rule.measure.unit
    unit = "" if rule.measure.unit == "1" and not rule.per_person else unit.replace("/person", f"/{say('person')}")

    def shown(number: float) -> str:
        return say.percent(number) if rule.kind == "share" else f"{say.number(number)} {say.unit(unit)}".strip()

    if np.isnan(rule.amount):
        return say(f"fair {rule.kind}", rule=title, value=shown(value)) + "."
    asked = say("asked at most" if rule.kind in {"spread", "gini"} else "asked at least", amount=shown(rule.amount))
    return say(f"fair {rule.kind}", rule=title, value=shown(value)) + f" ({asked})."


def _consequences(plan: Plan, data: xr.Dataset, say: Language) -> list[Section]:
    found = consequence_table(plan, data)
    if found.empty:
        return []
    groups = {group.name: group.label for group in plan.groups}
    shifts = dict(zip(map(str, data["shift"].values), map(str, data["title"].values), strict=True))
    effects = {"+": "better", "0": "unchanged", "-": "worse"}
    table = pd.DataFrame(
        {
            say("group"): [groups[name] for name in found["group"]],
            say("effect"): [
                say(effects[sign]) if sign == "0" else f"{say(effects[sign])}, {say(f'severity {severity}')}"
                for sign, severity in zip(found["sign"], found["severity"], strict=True)
            ],
            say("shift"): [shifts[name] for name in found["shift"]],
            say("in words"): list(found["words"]),
        }
    )
    return [Section(say("section consequences"), (), table, (say("never summed"),))]
