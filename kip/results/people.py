"""Who gets what: measures by district and by group, for each person, and how equally."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.equity import atkinson, gini, sen_welfare
from kip.accounting.measures import Measure, parse_measure
from kip.accounting.places import direction, party_shares, value_by_place
from kip.errors import RequestError, unknown_name
from kip.model.fields import EVERYWHERE

__all__ = ["NO_GROUP", "by_group", "equity_table", "everywhere_is_spread", "people_table", "rows_of"]

Floats: TypeAlias = NDArray[np.float64]

NO_GROUP = "no group"
"""Row for what arises in a district and goes to none of the groups."""

_WHOM = ("district", "group")
_EVERYWHERE = ("apart", "by population")


def rows_of(data: xr.Dataset, by: str) -> NDArray[np.int64]:
    """Parties of one kind.

    Raises
    ------
    RequestError
        When `by` is neither "district" nor "group".
    """
    if by not in _WHOM:
        raise RequestError(unknown_name("grouping of people", by, _WHOM))
    return np.flatnonzero(data["party_kind"].values == by)


def everywhere_is_spread(everywhere: str) -> bool:
    """Whether what belongs to no district is spread by population.

    Raises
    ------
    RequestError
        When it is neither "apart" nor "by population".
    """
    if everywhere not in _EVERYWHERE:
        raise RequestError(unknown_name("way to count what belongs to no district", everywhere, _EVERYWHERE))
    return everywhere == "by population"


def _all_rows(data: xr.Dataset, by: str, values: Floats, spread: bool) -> tuple[list[str], list[str], Floats, Floats]:
    """Names, titles, people and amounts: the parties of a kind, then what is in no group, then what has no place."""
    rows = rows_of(data, by)
    share = party_shares(data, spread)
    people = data["party_population"].values[rows]
    names, titles = [str(data["party"].values[row]) for row in rows], [str(data["party_title"].values[row]) for row in rows]
    amounts = share[rows] @ values
    population = data["population"].values
    if by == "district":
        # places that are used and are not among the plan's districts
        known = set(names)
        more = [place for place, name in enumerate(data["district"].values[:-1]) if name not in known]
        names += [str(data["district"].values[place]) for place in more]
        titles += [str(data["district_title"].values[place]) for place in more]
        people, amounts = np.append(people, population[more]), np.append(amounts, values[more])
    else:
        outside = np.maximum(0.0, 1.0 - share[rows].sum(axis=0))
        if not spread:
            outside[-1] = 0.0
        there = outside[:-1] > 0
        if there.any() or outside[-1] > 0:
            names, titles = [*names, NO_GROUP], [*titles, NO_GROUP]
            people = np.append(people, (outside[:-1] * np.where(there, population[:-1], 0.0)).sum())
            amounts = np.append(amounts, outside @ values)
    if not spread and values[-1]:
        names, titles = [*names, EVERYWHERE], [*titles, str(data["district_title"].values[-1])]
        people, amounts = np.append(people, np.nan), np.append(amounts, values[-1])
    return names, titles, np.asarray(people, dtype=float), np.asarray(amounts, dtype=float)


def people_table(data: xr.Dataset, name: str, by: str, everywhere: str) -> pd.DataFrame:
    """See `Portfolio.people`."""
    measure = parse_measure(name, data)
    spread = everywhere_is_spread(everywhere)
    values = value_by_place(measure, data)
    names, titles, people, amounts = _all_rows(data, by, values, spread)
    placed = values.sum() if spread else values[:-1].sum()
    each = np.divide(amounts, people, out=np.full(len(amounts), np.nan), where=np.nan_to_num(people) > 0)
    share = amounts / placed if placed else np.full(len(amounts), np.nan)
    table = pd.DataFrame(
        {
            "title": titles,
            "people": people,
            f"{name} [{measure.unit}]": amounts,
            f"for each person [{measure.unit}/person]": each,
            "share [1]": np.where(np.array(names, dtype=object) == EVERYWHERE, np.nan, share),
        },
        index=pd.Index(names, name=by, dtype=object),
    )
    table["title"] = table["title"].astype(object)
    return table


def by_group(data: xr.Dataset) -> pd.DataFrame:
    """See `Portfolio.by`."""
    currency = data.attrs["currency"]
    columns = {
        "reduction [t]": "reduction",
        f"investment [{currency}]": "investment",
        f"running cost [{currency}]": "operation",
        f"net present cost [{currency}]": "net_cost",
    }
    if not len(rows_of(data, "group")):
        raise RequestError('the plan has no groups with people. Add them to its "groups", with members or an attribute of districts.')
    amounts = {label: value_by_place(Measure(base, base), data) for label, base in columns.items()}
    # a row that one column needs is in all of them
    spots = np.abs(np.array(list(amounts.values()))).sum(axis=0)
    names = _all_rows(data, "group", spots, False)[0]
    table = {
        label: pd.Series(dict(zip(*[_all_rows(data, "group", values, False)[part] for part in (0, 3)], strict=True)), dtype=float)
        for label, values in amounts.items()
    }
    return pd.DataFrame(table).reindex(names).fillna(0.0).rename_axis("group")


def equity_table(data: xr.Dataset, name: str, aversions: Sequence[float], everywhere: str) -> pd.DataFrame:
    """See `Portfolio.equity`."""
    measure = parse_measure(name, data)
    gains = direction(measure, data) * (party_shares(data, everywhere_is_spread(everywhere)) @ value_by_place(measure, data))
    unit = f"{measure.unit}/person"
    rows = {}
    for by in _WHOM:
        where = rows_of(data, by)
        people = data["party_population"].values[where]
        counted = np.nan_to_num(people) > 0
        each, weights = gains[where][counted] / people[counted], people[counted]
        if not counted.any() or np.isnan(people).any():
            continue
        rows[by] = {
            "parties": len(each),
            "people": weights.sum(),
            f"mean [{unit}]": float(weights @ each / weights.sum()),
            f"least [{unit}]": float(each.min()),
            f"most [{unit}]": float(each.max()),
            f"spread [{unit}]": float(each.max() - each.min()),
            f"Sen welfare [{unit}]": sen_welfare(each, weights),
            "Gini [1]": gini(each, weights),
            **{f"Atkinson {aversion:g} [1]": atkinson(each, aversion, weights) for aversion in aversions},
        }
    if not rows:
        raise RequestError("no district or group has people, so nothing can be counted for each of them. Give the districts a population.")
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("by")
