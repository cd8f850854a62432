"""What any part of a portfolio would give alone: the game whose players are the shifts and enablers that start (§62).

The members keep their own decisions. Each does what the others in the coalition let it do: of what they have opened; of what
they have moved to where it takes from; nothing, where what it requires is not there. No solver, no budget.

A total is a sum of parts that each depend on few players: what a shift does on its own depends on it and on what opens it,
what is left of a segment on those that move or scale it. A Shapley value of a sum is the sum of Shapley values, so each part is a
small game of its own, and most of them are counted exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kip.accounting.measures import Measure
from kip.accounting.rules import unlocked_share
from kip.accounting.scaling import logs_of_links

__all__ = ["Game", "Part", "Weights", "weights_of"]

Floats: TypeAlias = NDArray[np.float64]
Members: TypeAlias = NDArray[np.bool_]

_SMALL = 1e-6
"""Below this nothing has started, as in the rules."""
_AT_ONCE = 4_000_000
"""Numbers in one array: coalitions are counted in portions of about this size."""


@dataclass(frozen=True)
class Weights:
    """A measure as what one unit in use, and one unit of an activity taken off, give.

    Attributes
    ----------
    own : array (shift, district, year)
        Of a unit in use [unit of the measure/unit].
    scaled : array (activity, year)
        Of what scaling takes off an activity [unit of the measure/activity unit]; a tonne counts what energy and carbon
        take off as well (``emissions``), an indicator only what is taken off the activity itself.
    emissions : bool
    overlaps : bool
        Whether declared overlaps take from it: they are of reductions (§5).
    """

    own: Floats
    scaled: Floats
    emissions: bool
    overlaps: bool = False


def weights_of(measure: Measure, inputs: xr.Dataset) -> Weights:
    """The weights of ``reduction``, ``complementary`` or an indicator, in all years or in one."""
    years = inputs["year"].values
    counted = np.ones(len(years)) if measure.year is None else (years == measure.year).astype(float)
    ledger = list(inputs["ledger"].values).index(inputs.attrs["main_ledger"])
    if measure.base == "indicator":
        row = list(map(str, inputs["indicator"].values)).index(measure.key)
        own = inputs["own_cobenefit"].values[:, None, row] + inputs["moved_cobenefit"].values[:, :, row]
        return Weights(own * counted, -inputs["intensity"].values[:, row] * counted, emissions=False)
    factor = inputs["factor"].values[:, ledger] * counted
    if measure.base == "complementary":
        return Weights(inputs["complementary_rate"].values[:, :, ledger] * counted, np.zeros_like(factor), emissions=True)
    return Weights(inputs["reduction_rate"].values[:, :, ledger] * counted, factor, emissions=True, overlaps=True)


@dataclass(frozen=True)
class Part:
    """A part of a total that depends on few players.

    Attributes
    ----------
    kind : str
        "own": what the units of shift `of` do. "scaled": what scaling takes off activity `of`. "alone": what scaling shift `other` would
        take off it if it were the only one. "overlap": what pair `of` counts twice.
    of, other : int
    players : tuple of int
        Rows of the shifts and enablers that it depends on, in order.
    """

    kind: str
    of: int
    players: tuple[int, ...]
    other: int = -1


@dataclass(frozen=True)
class _State:
    """What the members of coalitions have in use, as arrays (coalition, player, district, year)."""

    rows: dict[int, int]
    used: Floats
    in_use: Floats


@dataclass(frozen=True)
class Game:
    """The coalitions of what starts in a portfolio.

    Parameters
    ----------
    inputs : xarray.Dataset
        From `build_inputs`.
    new : array (shift, district, start)
        Units that start [unit].
    weights : Weights
        Of the measure.
    """

    inputs: xr.Dataset
    new: Floats
    weights: Weights
    _used: Floats = field(init=False)
    _in_use: Floats = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_used", np.einsum("sdu,suy->sdy", self.new, self.inputs["effect"].values))
        object.__setattr__(self, "_in_use", np.einsum("sdu,suy->sdy", self.new, self.inputs["in_use_years"].values))

    @cached_property
    def players(self) -> tuple[int, ...]:
        """Rows of what starts anywhere."""
        return tuple(int(row) for row in np.flatnonzero((np.abs(self.new) > 0).any(axis=(1, 2))))

    def parts(self, overlaps: bool = True) -> list[Part]:
        """The parts of the total; with ``overlaps=False``, of what each would give beside the others with nothing counted twice."""
        made = [Part("own", row, self._closure([row])) for row in self.players if self.weights.own[row].any()]
        links = [(int(s), int(g)) for s, g in zip(self._links[0], self._links[1], strict=True) if int(s) in self.players]
        for activity in sorted({activity for _, activity in links if self.weights.scaled[activity].any()}):
            scalers = [shift for shift, of in links if of == activity]
            movers = [row for row in self._movers if activity in self._ends(row)]
            if overlaps:
                made.append(Part("scaled", activity, self._closure([*scalers, *movers])))
            else:
                made += [Part("alone", activity, self._closure([one, *movers]), one) for one in scalers]
        if overlaps and self.weights.overlaps:
            made += [
                Part("overlap", pair, self._closure([one, two]))
                for pair, (one, two, _) in enumerate(self._overlaps)
                if {one, two} <= set(self.players)
            ]
        return made

    def values(self, parts: Iterable[Part], players: tuple[int, ...]) -> Callable[[Members], Floats]:
        """The value of coalitions of `players` in these parts together, as a function of booleans (coalition, player)."""
        chosen = list(parts)
        size = max(1, _AT_ONCE // max(1, len(players) * int(np.prod(self.new.shape[1:]))))

        def value(members: Members) -> Floats:
            portions = []
            for begin in range(0, len(members), size):
                state = self._state(players, members[begin : begin + size])
                totals = np.zeros(len(state.used))
                for part in chosen:
                    totals += self._of_part(part, state)
                portions.append(totals)
            return np.concatenate(portions) if portions else np.zeros(0)

        return value

    def as_product(self, part: Part) -> tuple[Floats, Floats, Floats, list[int], list[int]] | None:
        """Amount, what movers add and fractions of a "scaled" part, with its scalers and movers; None where there is more than products."""
        if part.kind != "scaled" or any(self._closure([row]) != (row,) for row in part.players):
            return None
        mine = [link for link in np.flatnonzero(self._links[1] == part.of) if int(self._links[0][link]) in part.players]
        if any(self._synergies(int(self._links[0][link])) for link in mine):
            return None
        scalers = [int(self._links[0][link]) for link in mine]
        movers = [row for row in self._movers if part.of in self._ends(row)]
        if len({*scalers, *movers}) < len(scalers) + len(movers):
            return None
        weight = self.weights.scaled[part.of][None, :]
        on_emissions, on_activity = logs_of_links(self.inputs, self._used, self._in_use)
        fractions = -np.expm1((on_emissions if self.weights.emissions else on_activity)[mine])
        amount = self.inputs["amount"].values[part.of] * weight
        added = np.array([self._net_flow(row, part.of, self._used[row]) * weight for row in movers]).reshape(len(movers), amount.size)
        return amount.ravel(), added, fractions.reshape(len(mine), -1), scalers, movers

    # -- who depends on whom

    @cached_property
    def _links(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self.inputs["link_shift"].values, self.inputs["link_activity"].values

    @cached_property
    def _movers(self) -> list[int]:
        return [row for row in self.players if self.inputs["source"].values[row] >= 0]

    @cached_property
    def _overlaps(self) -> list[tuple[int, int, float]]:
        """Declared overlaps: the two rows, and the share of the smaller reduction [1]."""
        if "overlap_share" not in self.inputs.coords:
            return []
        one, two, share = (self.inputs[f"overlap_{part}"].values for part in ("one", "two", "share"))
        return [(int(first), int(second), float(part)) for first, second, part in zip(one, two, share, strict=True)]

    def _ends(self, row: int) -> set[int]:
        return {int(self.inputs["source"].values[row]), int(self.inputs["target_activity"].values[row])} - {-1}

    def _net_flow(self, row: int, activity: int, used: Floats) -> Floats:
        """What a mover adds to an activity, as (…, district, year)."""
        moved = used * self.inputs["moves"].values[row]
        into = float(self.inputs["ratio"].values[row]) * (int(self.inputs["target_activity"].values[row]) == activity)
        return np.asarray(moved * (into - (int(self.inputs["source"].values[row]) == activity)))

    def _synergies(self, row: int) -> bool:
        return bool(((self.inputs["synergy_one"].values == row) | (self.inputs["synergy_two"].values == row)).any())

    @cached_property
    def _begun(self) -> NDArray[np.bool_]:
        """In the whole portfolio, as (shift, district, start)."""
        return _begun(self.new)

    @cached_property
    def _relations(self) -> dict[int, list[list[int]]]:
        """For each row, lists of rows of which one must have begun. Only what starts in the portfolio can have."""
        kinds, one, two = (self.inputs[f"relation_{part}"].values for part in ("kind", "from", "to"))
        started, found = set(self.players), {}
        for row in self.players:
            needs = [[int(other)] for other in two[(kinds == "requires") & (one == row)] if int(other) in started]
            choices = [int(other) for other in two[(kinds == "requires_any") & (one == row)] if int(other) in started]
            needs += [choices] if choices else []
            if needs:
                found[row] = needs
        return found

    @cached_property
    def _limit(self) -> Floats:
        """Units that may be in use in the whole portfolio, as (shift, district, year)."""
        return np.asarray(self.inputs["potential"].values * np.minimum(1.0, unlocked_share(self.inputs, self._in_use)))

    @cached_property
    def _openers(self) -> dict[int, list[tuple[int, float]]]:
        """For each row that is in use beyond what is open anyway: what opens more, and how much [1]."""
        by, of, share = (self.inputs[f"opening_{part}"].values for part in ("by", "of", "share"))
        anyway = self.inputs["potential"].values * self.inputs["open"].values[:, None, None]
        short = (self._in_use > anyway + _SMALL * np.maximum(1.0, anyway)).any(axis=(1, 2))
        started = set(self.players)
        found: dict[int, list[tuple[int, float]]] = {}
        for opener, opened, part in zip(by, of, share, strict=True):
            if short[opened] and int(opener) in started and int(opened) in started:
                found.setdefault(int(opened), []).append((int(opener), float(part)))
        return found

    @cached_property
    def _lacking(self) -> Floats:
        """What is taken beyond the amount in the whole portfolio, with and without what is brought in, as (2, activity, district, year)."""
        out, into = self._flows(list(self.players), self._used[None, list(self.players)])
        amount = self.inputs["amount"].values
        return np.stack([np.maximum(0.0, out[0] - amount), np.maximum(0.0, out[0] - into[0] - amount)])

    @cached_property
    def _chained(self) -> dict[int, frozenset[int]]:
        """For each mover, the movers that it depends on: from and to a segment of which more is taken than there was."""
        scale = np.maximum(1.0, self.inputs["amount"].values)
        short = set(np.flatnonzero((self._lacking[0] > _SMALL * scale).any(axis=(1, 2))).tolist())
        groups: dict[int, frozenset[int]] = {}
        for activity in short:
            joined = {row for row in self._movers if activity in self._ends(row)}
            joined |= {row for one in list(joined) for row in groups.get(one, ())}
            groups |= dict.fromkeys(joined, frozenset(joined))
        return groups

    def _closure(self, rows: Iterable[int]) -> tuple[int, ...]:
        """Rows, and all that they depend on."""
        found, waiting = set(rows), list(rows)
        while waiting:
            row = waiting.pop()
            depends = {other for choices in self._relations.get(row, ()) for other in choices}
            depends |= {opener for opener, _ in self._openers.get(row, ())} | set(self._chained.get(row, ()))
            waiting += sorted(depends - found)
            found |= depends
        return tuple(sorted(found))

    # -- what coalitions have in use

    def _state(self, players: tuple[int, ...], members: Members) -> _State:
        rows = {row: place for place, row in enumerate(players)}
        listed = list(players)
        there = members[:, :, None, None].astype(float)
        if self._relations.keys() & rows.keys():
            new = self._with_requirements(rows, self.new[listed][None] * there)
            used = np.einsum("kpdu,puy->kpdy", new, self.inputs["effect"].values[listed])
            in_use = np.einsum("kpdu,puy->kpdy", new, self.inputs["in_use_years"].values[listed])
        else:
            used, in_use = self._used[listed][None] * there, self._in_use[listed][None] * there
        for row, openers in self._openers.items():
            if row in rows and all(opener in rows for opener, _ in openers):
                used[:, rows[row]] *= self._opened(row, openers, rows, in_use)
        if any(row in rows for row in self._chained):
            used = self._with_what_there_is(listed, used)
        return _State(rows, used, in_use)

    def _with_requirements(self, rows: dict[int, int], new: Floats) -> Floats:
        """Starts without what they require fall away, and then what requires them. What the portfolio breaks itself is not asked."""
        for _ in range(len(rows) + 1):
            begun, kept = _begun(new), new.copy()
            for row, needs in self._relations.items():
                if row not in rows:
                    continue
                for choices in needs:
                    here = np.any([begun[:, rows[other]] for other in choices], axis=0)
                    kept[:, rows[row]] *= here | ~self._begun[choices].any(axis=0)
            if (kept == new).all():
                break
            new = kept
        return new

    def _opened(self, row: int, openers: list[tuple[int, float]], rows: dict[int, int], in_use: Floats) -> Floats:
        """Share of what is in use that the members have opened, as (coalition, district, year)."""
        opened = np.full(in_use[:, 0].shape, float(self.inputs["open"].values[row]))
        for opener, share in openers:
            active = in_use[:, rows[opener]].copy()
            active[:, :-1] += in_use[:, rows[opener], -1:]
            opened += share * active
        limit = self.inputs["potential"].values[row] * np.minimum(1.0, opened)
        # what the portfolio itself has beyond its limit (a rounding, or decisions that break the rule) is counted as it is there
        whole, full = self._in_use[row], self._limit[row]
        with np.errstate(divide="ignore", invalid="ignore"):
            allowed = limit * np.where(full > 0, np.maximum(1.0, whole / full), 1.0) + np.where((full <= 0) & (whole > 0), np.inf, 0.0)
            return np.where(in_use[:, rows[row]] > 0, np.minimum(1.0, allowed / in_use[:, rows[row]]), 1.0)

    def _flows(self, rows: list[int], used: Floats) -> tuple[Floats, Floats]:
        """Out of and into each activity, as (coalition, activity, district, year)."""
        shape = (len(used), self.inputs.sizes["activity"], *used.shape[2:])
        out, into = np.zeros(shape), np.zeros(shape)
        for place, row in enumerate(rows):
            source, target = int(self.inputs["source"].values[row]), int(self.inputs["target_activity"].values[row])
            moved = used[:, place] * self.inputs["moves"].values[row]
            if source >= 0:
                out[:, source] += moved
                if target >= 0:
                    into[:, target] += float(self.inputs["ratio"].values[row]) * moved
        return out, into

    def _with_what_there_is(self, rows: list[int], used: Floats) -> Floats:
        """Nobody takes what others have not brought: all that take from a segment are cut by the same share, until it suffices."""
        used = used.copy()
        chained = [(place, int(self.inputs["source"].values[row])) for place, row in enumerate(rows) if row in self._chained]
        for _ in range(4 * len(rows) + 8):
            out, into = self._flows(rows, used)
            have = self.inputs["amount"].values + into + self._lacking[1]
            with np.errstate(divide="ignore", invalid="ignore"):
                share = np.where(out > have * (1.0 + 1e-12), have / out, 1.0)
            if (share == 1.0).all():
                break
            for place, source in chained:
                used[:, place] *= share[:, source]
        return used

    # -- what that gives

    def _of_part(self, part: Part, state: _State) -> Floats:
        if part.kind == "own":
            return np.asarray(np.einsum("kdy,dy->k", state.used[:, state.rows[part.of]], self.weights.own[part.of]))
        if part.kind == "overlap":
            one, two, share = self._overlaps[part.of]
            first, second = (state.used[:, state.rows[row]] * self.weights.own[row] for row in (one, two))
            return np.asarray(-share * np.maximum(0.0, np.minimum(first, second)).sum(axis=(1, 2)))
        remaining = self.inputs["amount"].values[part.of] + np.zeros(state.used[:, 0].shape)
        for row in self._movers:
            if row in state.rows and part.of in self._ends(row):
                remaining += self._net_flow(row, part.of, state.used[:, state.rows[row]])
        scalers = [shift for shift, of in zip(*self._links, strict=True) if of == part.of and int(shift) in state.rows]
        counted = [part.other] if part.kind == "alone" else scalers
        used, in_use = (np.zeros((len(state.used), *self.new.shape[:2], state.used.shape[-1])) for _ in range(2))
        for row in counted:
            used[:, row], in_use[:, row] = state.used[:, state.rows[row]], state.in_use[:, state.rows[row]]
        on_emissions, on_activity = logs_of_links(self.inputs, used, in_use)
        logs = (on_emissions if self.weights.emissions else on_activity)[:, self._links[1] == part.of].sum(axis=1)
        return np.asarray(np.einsum("kdy,y->k", -remaining * np.expm1(logs), self.weights.scaled[part.of]))


def _begun(new: Floats) -> NDArray[np.bool_]:
    """Whether it has started here or for the whole municipality; seen from the whole municipality, anywhere. (…, district, start)."""
    summed = np.cumsum(new, axis=-1)
    begun = summed > _SMALL
    begun[..., :-1, :] |= summed[..., -1:, :] > _SMALL
    begun[..., -1, :] = begun.any(axis=-2)
    return np.asarray(begun)
