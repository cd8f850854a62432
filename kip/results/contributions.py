"""kip.attribution: what each shift and enabler contributes to the joint result of a portfolio."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kip.accounting.coalitions import Game, Part, weights_of
from kip.accounting.inputs import build_inputs
from kip.accounting.measures import Measure, parse_measure
from kip.accounting.shares import MOST_EXACT, coalitions, first_in, last_in, product_shares, sampled_shares, shapley
from kip.errors import RequestError
from kip.results.portfolio import Portfolio
from kip.views.labels import Language, scale
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, records

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["OVERLAP", "Attribution", "attribution"]

OVERLAP = "overlap"
"""Name of the row of what shifts count twice."""

_MONEY = ("investment", "operation", "cost", "net_cost")
_PAIRS = 500


@dataclass(frozen=True, repr=False)
class Attribution(Shown):
    """What each shift and enabler contributes to a total.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each shift and enabler that starts, by contribution, and the row "overlap" last. Columns: title, kind, method
        ("direct", "exact" or "sampled"), then [`unit`] contribution (its Shapley value; adds up to the total), error (standard error of a
        sampled one; 0 otherwise), before overlap (the same if nothing were counted twice; adds up to the total
        with the row "overlap"), first-in (alone), last-in (what is lost without it, the others as they are), and share of the total
        [1]. The row "overlap" has no contribution of its own, and no first-in or last-in (NaN). share is NaN where the total is 0.
    total : float
        Of the portfolio [`unit`].
    measure, unit : str
    portfolio : Portfolio
    language : {"en", "sv"}
    """

    table: pd.DataFrame
    total: float
    measure: str
    unit: str
    portfolio: Portfolio
    language: str = "en"

    @property
    def overlap(self) -> float:
        """What the joint result differs from the sum of what each would give with nothing counted twice [`unit`]; a loss is negative."""
        return float(self.table[f"before overlap [{self.unit}]"].iloc[-1])

    def plot(self, ax: Axes | None = None, language: str | None = None) -> Axes:
        """A waterfall: each contribution before overlap, the overlap, the total; see `kip.views.plots_attribution.contributions`."""
        from kip.views.plots_attribution import contributions

        return contributions(self.table, (self.measure, self.unit, self.total), self.portfolio.dataset, ax, language or self.language)

    def sheet(self) -> Sheet:
        """Contributions as a sheet, to show."""
        say = Language(self.language)
        size = scale([self.total, *self.table[f"contribution [{self.unit}]"]], self.unit)
        keys = {"contribution": "contribution", "before overlap": "before overlap", "first-in": "alone", "last-in": "lost without"}
        shown = pd.DataFrame({say("shift"): [*self.table["title"].iloc[:-1], say("overlap row")]})
        for column, key in keys.items():
            shown[f"{say(key)} [{say.unit(size.unit)}]"] = self.table[f"{column} [{self.unit}]"].to_numpy() / size.divisor
        shown[say("how counted")] = [say(f"method {method}") if method else "" for method in self.table["method"]]
        notes = [say("contribution how")]
        if (self.table["method"] == "sampled").any():
            worst = float(self.table[f"error [{self.unit}]"].max())
            notes.append(say("contribution sampled", error=say.sized(worst, self.unit)))
        lost = say.sized(abs(self.overlap), self.unit)
        lines = (
            [say("overlap takes" if self.overlap < 0 else "overlap adds", value=lost)] if abs(self.overlap) > 1e-9 * abs(self.total) else []
        )
        title = say("contribution title", measure=say.known(self.measure), value=say.sized(self.total, self.unit))
        section = Section(say("contributions"), tuple(lines), shown, tuple(notes))
        return Sheet(self.portfolio.plan.label, title, (section,), say.code)

    def to_dict(self) -> dict[str, Any]:
        """Rows as plain data; NaN becomes None."""
        plain = records(self.table.reset_index())
        return {"measure": self.measure, "unit": self.unit, "total": self.total, "overlap": self.overlap, "contributions": plain}


def attribution(
    portfolio: Portfolio, measure: str = "reduction", *, pairs: int = _PAIRS, seed: int = 0, language: str = "en"
) -> Attribution:
    """What each shift and enabler contributes to the joint result, adding up to the portfolio's total (§62).

    What a shift does by itself is its own. What comes about together is shared by the Shapley value: what a member adds,
    averaged over all orders in which the members could have come. That holds for enablers and what they open, for what requires
    something, for declared overlaps, and for shifts that scale or pass on the same segment. The members keep their own decisions;
    nothing is optimised and no budget is asked.

    Parameters
    ----------
    portfolio : Portfolio
        Optimised or evaluated.
    measure : str
        ``reduction``, ``complementary``, an indicator, one year of these (``reduction_2030``); or ``investment``,
        ``operation``, ``cost``, ``net_cost``, which are everybody's own. In one year ``cost_2030``.
    pairs : int
        Orders that are drawn, each with its opposite, where more than 12 depend on each other.
    seed : int
        For the orders.
    language : {"en", "sv"}

    Returns
    -------
    Attribution

    Raises
    ------
    RequestError
        When the portfolio has no answer, starts nothing, or the measure is not one that can be shared.

    Notes
    -----
    Shapley (1953); for products in closed form, Owen (1972), *Multilinear extensions of games*, Management Science 18.

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(
    ...     name="town",
    ...     years=[2026],
    ...     shifts=[kip.Shift(name="cars", choice="units", potential=200, open=0.4, reduction=1)],
    ...     enablers=[kip.Enabler(name="charging", opens={"cars": 0.6})],
    ... )
    >>> made = kip.attribution(kip.evaluate(plan, {"cars": {2026: 200}, "charging": 2026}))
    >>> made.table["contribution [t]"].to_dict()
    {'cars': 140.0, 'charging': 60.0, 'overlap': 0.0}
    """
    Language(language)
    inputs = build_inputs(_checked(portfolio, pairs).plan)
    asked = _asked(measure, inputs)
    total = portfolio.measure(measure)
    new = portfolio.dataset["new"].values
    if asked.base in _MONEY:
        columns, rows = _of_money(asked, portfolio)
    else:
        game = Game(inputs, new, weights_of(asked, inputs))
        rows = game.players
        columns = _shared(game, pairs, seed)
    if not rows:
        raise RequestError(
            "nothing starts in this portfolio, so there is nothing to share. Optimise or evaluate one in which something does."
        )
    return Attribution(_table(portfolio, rows, columns, (asked.unit, total)), total, measure, asked.unit, portfolio, language)


def _checked(portfolio: Portfolio, pairs: int) -> Portfolio:
    if not isinstance(portfolio, Portfolio):
        raise RequestError(f"found a {type(portfolio).__name__}. Give a portfolio, from kip.optimize or kip.evaluate.")
    if not portfolio.found:
        raise RequestError(f"the portfolio has no answer, so there is nothing to share: {portfolio.reason}")
    if isinstance(pairs, bool) or not isinstance(pairs, int) or pairs < 2:
        raise RequestError(f"pairs={pairs!r}: give a whole number of 2 or more, for example 500.")
    return portfolio


def _asked(measure: str, inputs: Any) -> Measure:
    asked = parse_measure(measure, inputs)
    own = asked.base in _MONEY and not asked.key
    if own or asked.base in {"reduction", "complementary", "indicator"}:
        return asked
    hint = {
        "emissions": "Emissions are what is left; share reduction, which is what the shifts did.",
        "lifetime_reduction": "Share reduction, the tonnes within the plan's years.",
        "shortfall": "A shortfall is no sum of what shifts do; share reduction in the target's year, for example reduction_2030.",
    }.get(asked.base, "Choose reduction, complementary, an indicator, investment, operation, cost or net_cost, of all actors together.")
    raise RequestError(f'"{measure}" cannot be shared among shifts. {hint}')


@dataclass(frozen=True)
class _Columns:
    """Numbers of the players, in their order."""

    method: list[str]
    contribution: NDArray[np.float64]
    error: NDArray[np.float64]
    before: NDArray[np.float64]
    first: NDArray[np.float64]
    last: NDArray[np.float64]


def _of_money(asked: Measure, portfolio: Portfolio) -> tuple[_Columns, tuple[int, ...]]:
    """Everybody's kronor are their own: the decisions are kept, and paid for."""
    data = portfolio.dataset
    money = data["investment"] + data["operation"] if asked.base == "cost" else data[asked.base]
    if asked.year is not None:
        money = money.sel(year=asked.year)
    each = money.sum([dim for dim in money.dims if dim != "shift"]).values
    rows = tuple(int(row) for row in np.flatnonzero((np.abs(data["new"].values) > 0).any(axis=(1, 2))))
    own = np.asarray(each[list(rows)], dtype=float)
    return _Columns(["direct"] * len(rows), own, np.zeros_like(own), own, own, own), rows


def _shared(game: Game, pairs: int, seed: int) -> _Columns:
    place = {row: index for index, row in enumerate(game.players)}
    count = len(place)
    contribution, first, last, before, variance = (np.zeros(count) for _ in range(5))
    method = ["direct"] * count
    for players, parts in _by_players(game.parts()).items():
        mine = [place[row] for row in players]
        shares, errors, how = _one_game(game, players, parts, (pairs, seed))
        contribution[mine] += shares
        variance[mine] += errors**2
        value = game.values(parts, players)
        first[mine] += first_in(value, len(players))
        last[mine] += last_in(value, len(players))
        for index in mine if len(players) > 1 else []:
            method[index] = "sampled" if "sampled" in (how, method[index]) else how
    for players, parts in _by_players(game.parts(overlaps=False)).items():
        before[[place[row] for row in players]] += _one_game(game, players, parts, (pairs, seed))[0]
    return _Columns(method, contribution, np.sqrt(variance), before, first, last)


def _by_players(parts: Sequence[Part]) -> dict[tuple[int, ...], list[Part]]:
    """Parts that depend on the same players are one game; a product with many is counted by itself, in closed form."""
    grouped: dict[tuple[int, ...], list[Part]] = {}
    for part in parts:
        grouped.setdefault(part.players, []).append(part)
    return grouped


def _one_game(
    game: Game, players: tuple[int, ...], parts: list[Part], draw: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """Shapley values of a few parts with the same players, their errors, and how they were counted."""
    count = len(players)
    shares, rest = np.zeros(count), list(parts)
    if count > MOST_EXACT:
        for part in parts:
            product = game.as_product(part)
            if product is not None:
                amount, added, fractions, scalers, movers = product
                for rows, values in zip((scalers, movers), product_shares(amount, added, fractions), strict=True):
                    shares[[players.index(row) for row in rows]] += values
                rest.remove(part)
    if not rest:
        return shares, np.zeros(count), "exact"
    value = game.values(rest, players)
    if count <= MOST_EXACT:
        return shares + shapley(value(coalitions(count))), np.zeros(count), "exact"
    pairs, seed = draw
    drawn, errors = sampled_shares(value, count, pairs, seed)
    return shares + drawn, errors, "sampled"


def _table(portfolio: Portfolio, rows: tuple[int, ...], columns: _Columns, of: tuple[str, float]) -> pd.DataFrame:
    unit, total = of
    data = portfolio.dataset
    listed = list(rows)
    names = [str(name) for name in data["shift"].values[listed]]
    table = pd.DataFrame(index=pd.Index(names, name="shift"))
    table["title"] = [str(title) or name for title, name in zip(data["title"].values[listed], names, strict=True)]
    table["kind"] = data["kind"].values[listed].astype(str)
    table["method"] = columns.method
    table[f"contribution [{unit}]"] = columns.contribution
    table[f"error [{unit}]"] = columns.error
    table[f"before overlap [{unit}]"] = columns.before
    table[f"first-in [{unit}]"] = columns.first
    table[f"last-in [{unit}]"] = columns.last
    table["share [1]"] = columns.contribution / total if total else math.nan
    table = table.sort_values(f"contribution [{unit}]", ascending=False, kind="stable")
    loss = total - float(columns.before.sum())
    # a rounding is no overlap
    loss = 0.0 if abs(loss) <= 1e-9 * max(1.0, float(np.abs(columns.before).sum())) else loss
    last = [OVERLAP, "overlap", "", 0.0, 0.0, loss, math.nan, math.nan, 0.0 if total else math.nan]
    return pd.concat([table, pd.DataFrame([last], columns=table.columns, index=pd.Index([OVERLAP], name="shift"))])
