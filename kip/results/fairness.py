"""What fairness rules ask for and what is got, side by side: amounts, for each person, and shares."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from kip.accounting.fairness import Rule, fairness_rule, gains_of, value_of_rule
from kip.accounting.places import value_by_place
from kip.views.labels import Language

__all__ = ["binding_rules", "fairness_table", "shares_of"]

_CLOSE = 1e-3
"""A rule binds when it is met with less than this share to spare."""


def shares_of(rule: Rule, data: xr.Dataset) -> np.ndarray:
    """Share of what reaches the districts that each party of a rule gets [1]; NaN when nothing does."""
    total = rule.sign * float(rule.everybody @ value_by_place(rule.measure, data))
    return np.asarray(gains_of(rule, data) / total if total else np.full(len(rule.parties), np.nan))


def fairness_table(data: xr.Dataset) -> pd.DataFrame:
    """See `Portfolio.fairness`."""
    columns = ["kind", "measure", "people", "gain", "unit", "for each person", "share [1]", "value", "asked", "kept"]
    rows, index = [], []
    for row in range(data.sizes["fairness"]):
        rule = fairness_rule(data, row)
        gains, shares, value = gains_of(rule, data), shares_of(rule, data), value_of_rule(rule, data)
        kept = not _missed(rule, value)
        for place, name in enumerate(rule.names):
            people = rule.people[place]
            each = gains[place] / people if people > 0 else np.nan
            index.append((rule.name, name))
            rows.append(
                [rule.kind, rule.measure.name, people, gains[place], rule.measure.unit, each, shares[place], value, rule.amount, kept]
            )
    names = (
        pd.MultiIndex.from_tuples(index, names=["rule", "whom"]) if index else pd.MultiIndex.from_arrays([[], []], names=["rule", "whom"])
    )
    return pd.DataFrame(rows, index=names, columns=columns)


def _missed(rule: Rule, value: float) -> bool:
    """Whether the value of a rule is on the wrong side of what is asked, by more than a solver can hold."""
    if np.isnan(rule.amount) or np.isnan(value):
        return False
    short = value - rule.amount if rule.kind in {"spread", "gini"} else rule.amount - value
    return bool(short > 1e-5 * max(1e-9, abs(rule.amount), abs(value)))


def binding_rules(data: xr.Dataset, say: Language) -> Iterator[str]:
    """Rules that are met with next to nothing to spare, one sentence each."""
    for row in range(data.sizes["fairness"]):
        rule = fairness_rule(data, row)
        value = value_of_rule(rule, data)
        if np.isnan(rule.amount) or np.isnan(value) or abs(value - rule.amount) > _CLOSE * max(abs(rule.amount), 1e-9):
            continue
        title = str(data["fairness_title"].values[row])
        key = "binding most" if rule.kind in {"spread", "gini"} else "binding least"
        got, asked = (f"{say.number(number)} {say.unit(rule.unit)}".rstrip() for number in (value, rule.amount))
        yield say(key, rule=title, value=got, asked=asked)
