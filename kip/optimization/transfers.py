"""kip.transfers: the smallest transfers that leave no actor worse off, by linear programmes on top of a solved plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog

from kip.errors import RequestError, SolveError, unknown_name
from kip.results.portfolio import Portfolio
from kip.results.settlement import Settlement
from kip.units import to_float

__all__ = ["smallest_transfers", "transfers"]

Floats: TypeAlias = NDArray[np.float64]

_NOTHING = 0.5
"""Sums below half a unit of money are rounding (§12)."""


def transfers(
    portfolio: Portfolio,
    floors: Mapping[str, float | str] | None = None,
    allowed: Iterable[tuple[str, str]] | None = None,
    outside: Iterable[str] = (),
) -> Settlement:
    """Who could pay whom so that nobody is worse off with the portfolio than without it.

    What a portfolio gives an actor is minus its net present cost at its own discount rate, grants and loans counted (§41). Three
    wishes follow each other as linear programmes: the least that stays short of the floors, then the smallest sum of transfers,
    then the smallest share of its gain that any payer gives up; so winners pay in proportion to what they win, where the pairs
    allow it.

    Parameters
    ----------
    portfolio : Portfolio
        Optimised or evaluated.
    floors : {actor: money}, optional
        Least gain that an actor must have, in the plan's currency or as text; 0 for those left out.
    allowed : pairs (from, to), optional
        Who may pay whom; everybody everybody when left out.
    outside : names, optional
        Actors who neither pay nor get, and whose losses are nobody's business here, such as the state.

    Returns
    -------
    Settlement
        Also when the actors together lose: `missing` then says who is still short, and by how much.

    Raises
    ------
    RequestError
        With every name that the plan does not have.

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(
    ...     name="heat", years=[2026],
    ...     actors=[kip.Actor(name="landlord", kind="private"), kip.Actor(name="tenants", kind="private")],
    ...     shifts=[kip.Shift(name="insulation", cost={"landlord": 100}, opex={"tenants": -160}, reduction=5)],
    ... )
    >>> kip.transfers(kip.evaluate(plan, ["insulation"])).table.values.tolist()
    [['tenants', 'landlord', 100.0]]
    """
    data = portfolio.dataset
    actors, titles = ([str(name) for name in data[key].values] for key in ("actor", "actor_title"))
    least, pairs, left_out = _asked(actors, floors or {}, allowed, outside)
    gain = -np.asarray(data["actor_net_cost"].values, dtype=float)
    inside = np.array([name not in left_out for name in actors])
    floor = np.where(inside, [least.get(name, 0.0) for name in actors], -np.inf)
    paid = smallest_transfers(gain, floor, pairs & inside[:, None] & inside[None, :])
    received = paid.sum(axis=0) - paid.sum(axis=1)
    currency = str(data.attrs["currency"])
    rows = [(actors[one], actors[two], float(paid[one, two])) for one, two in np.argwhere(paid >= _NOTHING)]
    table = pd.DataFrame(rows, columns=["from", "to", f"transfer [{currency}]"])
    index = pd.Index(actors, name="actor")
    gains = pd.DataFrame(
        {"before": gain, "transfer": received, "after": gain + received, "floor": np.where(inside, floor, np.nan)}, index=index
    )
    missing = pd.Series(np.where(inside, np.maximum(0.0, floor - gain - received), 0.0), index=index, name=f"missing [{currency}]")
    largest_first = table.sort_values(["from", "to"]).sort_values(table.columns[2], ascending=False, kind="stable", ignore_index=True)
    return Settlement(largest_first, gains, missing, dict(zip(actors, titles, strict=True)), currency)


def _asked(
    actors: list[str], floors: Mapping[str, float | str], allowed: Iterable[tuple[str, str]] | None, outside: Iterable[str]
) -> tuple[dict[str, float], NDArray[np.bool_], set[str]]:
    """Floors as numbers, allowed pairs as a matrix (from, to), and who is left out; every wrong name in one report."""
    wrong: list[str] = []
    left_out = {outside} if isinstance(outside, str) else set(outside)
    links = None if allowed is None else [tuple(pair) for pair in allowed]
    named = [*floors, *left_out, *(name for pair in links or [] for name in pair)]
    wrong += [unknown_name("actor", name, actors) for name in dict.fromkeys(named) if name not in actors]
    wrong += [f'"{name}" has a floor and is left outside. Take it out of one.' for name in floors if name in left_out]
    wrong += [f"allowed: {pair!r} is not a pair. Write (from, to)." for pair in links or [] if len(pair) != 2]
    least: dict[str, float] = {}
    for name, value in floors.items():
        try:
            least[name] = float(to_float(value))
        except ValueError as error:
            wrong.append(f"floors, {name}: {error}")
    if wrong:
        raise RequestError("\n".join(wrong))
    pairs = np.full((len(actors), len(actors)), links is None)
    for one, two in links or []:
        pairs[actors.index(one), actors.index(two)] = True
    np.fill_diagonal(pairs, False)
    return least, pairs, left_out


def smallest_transfers(gain: Floats, floor: Floats, allowed: NDArray[np.bool_]) -> Floats:
    """The transfers to the hundredth, as an array (from, to) [currency].

    ``gain_a + Σ_b t_ba - Σ_b t_ab + short_a >= floor_a``, ``t >= 0``: first the least Σ short (and of that, the least
    largest share of what is needed), then the least Σ t, then the least largest share that a payer gives of what it has above
    its floor.

    Parameters
    ----------
    gain : array (actor,)
        What each has without transfers [currency].
    floor : array (actor,)
        Least that each must have; minus infinity where nothing is asked.
    allowed : array (actor, actor) of bool
        Who may pay whom.

    Examples
    --------
    >>> import numpy as np
    >>> smallest_transfers(np.array([30.0, 10.0, -20.0]), np.zeros(3), ~np.eye(3, dtype=bool))[:, 2].tolist()
    [15.0, 5.0, 0.0]
    """
    count = len(gain)
    pairs = np.argwhere(allowed)
    asked = np.isfinite(floor)
    step = max(1.0, float(np.abs(gain[asked]).max(initial=1.0)))
    above = np.where(asked, gain - np.where(asked, floor, 0.0), 0.0) / step
    if not len(pairs) or not (above < 0).any():
        return np.zeros((count, count))
    # columns: each pair, what stays short of each, the largest share that stays short, and the largest share given up
    width = len(pairs) + count + 2
    short, hurt, share = slice(len(pairs), len(pairs) + count), width - 2, width - 1
    rows, limits = [], []
    for actor in range(count):
        flow = np.where(pairs[:, 0] == actor, 1.0, 0.0) - np.where(pairs[:, 1] == actor, 1.0, 0.0)
        row = np.zeros(width)
        row[: len(pairs)] = flow
        row[len(pairs) + actor] = -1.0
        if asked[actor]:
            rows.append(row)
            limits.append(above[actor])
            left = np.zeros(width)
            left[len(pairs) + actor], left[hurt] = 1.0, -max(0.0, -above[actor])
            rows.append(left)
            limits.append(0.0)
        # what is passed on is not given up
        given = np.zeros(width)
        given[: len(pairs)] = flow
        given[share] = -max(0.0, above[actor])
        rows.append(given)
        limits.append(0.0)
    wishes = np.zeros((4, width))
    wishes[0, short] = 1.0
    wishes[1, hurt] = 1.0
    wishes[2, : len(pairs)] = 1.0
    wishes[3, share] = 1.0
    matrix, bounds = np.array(rows), np.array(limits)
    for wish in wishes:
        answer = linprog(wish, A_ub=matrix, b_ub=bounds, bounds=(0, None), method="highs")
        if answer.status != 0:
            raise SolveError(f"the transfers could not be found ({answer.message}). Please report this plan.")
        matrix = np.vstack([matrix, wish])
        bounds = np.append(bounds, answer.fun * (1 + 1e-12) + 1e-12)
    result = np.zeros((count, count))
    result[pairs[:, 0], pairs[:, 1]] = np.maximum(0.0, answer.x[: len(pairs)]) * step
    return np.round(_spread(result, allowed), 2)


def _spread(paid: Floats, allowed: NDArray[np.bool_]) -> Floats:
    """Where every payer may pay every receiver, each pays all of them in the same proportion: the sums are the same."""
    dust = 1e-9 * paid.sum()
    gives, gets = (np.where(total > dust, total, 0.0) for total in (paid.sum(axis=1), paid.sum(axis=0)))
    payers, receivers = np.flatnonzero(gives), np.flatnonzero(gets)
    if not gives.sum() or not allowed[np.ix_(payers, receivers)].all() or set(payers) & set(receivers):
        return paid
    return np.asarray(np.outer(gives, gets) / gives.sum())
