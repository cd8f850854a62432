"""Slots: how every number of a compiled plan follows from the parameters, found by building it at a few points.

A number is written as a sum over few parameters at a time,

    f(p) = f(o) + Σ_i Σ_k d_ik w_ik(p_i) + Σ_ij Σ_kl d_ijkl w_ik(p_i) w_jl(p_j) + …

where o is the first node of every axis and w_ik are the cardinal functions of the others: a straight line between two ends, a
polynomial through Chebyshev's points for what is smooth, a table for what has levels. Each d is a difference of built numbers.
Parameters that move different numbers are moved at the same time, so that a plan is built a few times for each *kind* of
parameter. Nothing is believed before it has been compared with plans built at other points; what does not agree is not patched.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import hadamard
from scipy.sparse import csr_matrix

from kip.sweeps.answers import NO_PLAN
from kip.sweeps.axes import Axis, candidates

__all__ = ["NotPatched", "OtherStructure", "Slots", "find_slots", "slots_of"]

Floats: TypeAlias = NDArray[np.float64]
Read: TypeAlias = Callable[[Floats], Floats]
Term: TypeAlias = tuple[tuple[int, int], ...]
"""Parameters and the nodes that they stand at, without the first ones."""

AGREES = 1e-9
"""How far a patched number may be from a built one, relative to its own size over all points."""

_NOISE = 1e-13
_DEGREES = (4, 8, 12)
_SHARES = (0.5, 0.2764)
_MOST_CORNERS = 16
_MOST_BUILT = 400
_INSIDE = 3


class NotPatched(Exception):
    """Numbers of a plan do not follow from the parameters in a way that can be written down once; says why."""


class OtherStructure(NotPatched):
    """The plan has other rows or columns at some point."""


@dataclass(frozen=True)
class Slots:
    """Every number as a function of the parameters.

    Attributes
    ----------
    axes : tuple of Axis
    origin : array (slot,)
        The numbers at the first node of every axis.
    terms : tuple of Term
    moving : array of int
        Slots that move at all.
    matrix : csr_matrix (moving slot, term)
    built : int
        How often the plan was built to find this.
    """

    axes: tuple[Axis, ...]
    origin: Floats
    terms: tuple[Term, ...]
    moving: NDArray[np.int64]
    matrix: csr_matrix
    built: int

    def fits(self, values: Floats) -> NDArray[np.bool_]:
        """Which rows of values lie where the numbers are known."""
        inside = np.ones(len(values), dtype=bool)
        for column, axis in enumerate(self.axes):
            inside &= axis.fits(values[:, column])
        return inside

    def weights(self, values: Floats) -> Floats:
        """What each term counts for in each scenario, as an array (term, scenario)."""
        one = [axis.weights(values[:, column]) for column, axis in enumerate(self.axes)]
        found = np.ones((len(self.terms), len(values)))
        for row, term in enumerate(self.terms):
            for parameter, node in term:
                found[row] *= one[parameter][node - 1]
        return found

    def moved(self, values: Floats) -> Floats:
        """The moving slots in each scenario, as an array (moving slot, scenario)."""
        return np.asarray(self.origin[self.moving][:, None] + self.matrix @ self.weights(values))

    def at(self, values: Floats) -> Floats:
        """All slots in each scenario, as an array (slot, scenario)."""
        found = np.repeat(self.origin[:, None], len(values), axis=1)
        found[self.moving] = self.moved(values)
        return found


def find_slots(read: Read, axes: Sequence[Axis], names: Sequence[str], seed: int = 0) -> Slots:
    """Find how numbers follow from parameters.

    Parameters
    ----------
    read : callable
        The numbers at a row of values, always as many; raises NotPatched where they cannot be compared.
    axes : sequence of Axis
    names : sequence of str
        Of the parameters, for messages.
    seed : int
        Of the points at which the answer is compared.

    Raises
    ------
    NotPatched
        With the parameters that do not fit.

    Examples
    --------
    >>> read = lambda row: np.array([row[0] * row[1], 3 - row[0], 1.07 ** row[1], 5.0])
    >>> slots = find_slots(read, [Axis((2.0, 0.0)), Axis((1.0, 0.5))], ["a", "b"])
    >>> slots.at(np.array([[1.5, 0.7]])).ravel().round(9).tolist() == np.round(read(np.array([1.5, 0.7])), 9).tolist()
    True
    """
    search = _Search(read, list(axes), list(names))
    search.singles()
    search.bend()
    search.together(2)
    rows = search.points(seed)
    if not search.agrees(rows):
        search.together(3)
        if not search.agrees(rows):
            raise NotPatched(f"what {search.unexplained(rows)} move together is not a product of a few of them.")
    return search.slots()


def slots_of(make: Callable[[Floats], Read], space: Any, seed: int = 0) -> tuple[Slots, Floats]:
    """The slots of a space and a row in its middle, as much of its distributions counted as the plan takes.

    Parameters
    ----------
    make : callable
        Gets a row in the middle, and gives what reads the numbers at a row.

    Raises
    ------
    NotPatched
        When the space does not say where its parameters may lie, or the numbers do not follow from them.
    """
    last = NotPatched("the space does not say where its parameters may lie.")
    for axes in candidates(space):
        centre = np.array([axis.at(0.5) for axis in axes], dtype=float)
        try:
            read = make(centre)
            try:
                return find_slots(read, axes, space.names, seed), centre
            except OtherStructure:
                # a share of exactly 1, or a price of exactly 0, may have rows of its own: the ends themselves are left to rebuilding
                return find_slots(read, [axis.inside() for axis in axes], space.names, seed), centre
        except NotPatched as error:
            last = error
        except NO_PLAN as error:
            # an end that the plan refuses: try with less of the tails
            last = NotPatched(f"the plan refuses the ends of what may vary: {error}")
    raise last


class _Search:
    """The state of a search: what was built, and what each term adds."""

    def __init__(self, read: Read, axes: list[Axis], names: list[str]) -> None:
        self.read, self.axes, self.names = read, axes, names
        self.seen: dict[bytes, Floats] = {}
        self.added: dict[Term, tuple[NDArray[np.int64], Floats]] = {}
        self.zero = self.build({})
        self.size = np.abs(self.zero)
        self.support = np.zeros((len(axes), len(self.zero)), dtype=bool)

    def row(self, moved: dict[int, float]) -> Floats:
        """First nodes, but for some parameters."""
        row = np.array([axis.nodes[0] for axis in self.axes], dtype=float)
        for parameter, value in moved.items():
            row[parameter] = value
        return row

    def build(self, moved: dict[int, float]) -> Floats:
        """The numbers there; built once."""
        return self.built(self.row(moved))

    def built(self, row: Floats) -> Floats:
        """The numbers at a row of values; built once."""
        key = row.tobytes()
        if key not in self.seen:
            if len(self.seen) >= _MOST_BUILT:
                raise NotPatched(f"the plan would have to be built more than {_MOST_BUILT} times to know how its numbers move.")
            self.seen[key] = np.asarray(self.read(row), dtype=float)
            if self.seen[key].shape != self.seen[next(iter(self.seen))].shape:
                raise NotPatched("the plan has another number of numbers.")
            if hasattr(self, "size"):
                self.size = np.maximum(self.size, np.abs(self.seen[key]))
        return self.seen[key]

    def add(self, term: Term, difference: Floats, among: NDArray[np.bool_]) -> None:
        """Remember what a term adds, where it is more than rounding."""
        where = np.flatnonzero(among & (np.abs(difference) > _NOISE * np.maximum(self.size, 1e-300)))
        if where.size:
            self.added[term] = (where, difference[where])

    def predicted(self, moved: dict[int, int]) -> Floats:
        """What the known terms give with some parameters at a node."""
        found = self.zero.copy()
        for term, (where, difference) in self.added.items():
            if all(moved.get(parameter) == node for parameter, node in term):
                found[where] += difference
        return found

    def singles(self) -> None:
        """Move each parameter alone, to each of its nodes; levels at which the plan has another shape are left to rebuilding."""
        everywhere = np.ones(len(self.zero), dtype=bool)
        for parameter, axis in enumerate(self.axes):
            kept, differences = [axis.nodes[0]], []
            for node in axis.nodes[1:]:
                try:
                    differences.append(self.build({parameter: node}) - self.zero)
                except NotPatched:
                    if not axis.levels:
                        raise
                    continue
                kept.append(node)
            self.axes[parameter] = replace(axis, nodes=tuple(kept))
            for node, difference in enumerate(differences, start=1):
                self.add(((parameter, node),), difference, everywhere)
                self.support[parameter] |= np.abs(difference) > _NOISE * np.maximum(self.size, 1e-300)

    def groups(self, members: Iterable[int]) -> list[list[int]]:
        """Parameters that move different numbers, side by side."""
        groups: list[tuple[list[int], NDArray[np.bool_]]] = []
        for parameter in members:
            mine = self.support[parameter]
            if not mine.any():
                continue
            for group, taken in groups:
                if not (taken & mine).any():
                    group.append(parameter)
                    taken |= mine
                    break
            else:
                groups.append(([parameter], mine.copy()))
        return [group for group, _ in groups]

    def bend(self) -> None:
        """Look between the ends; where the line is not straight, put more nodes, until points between them agree."""
        lines = [parameter for parameter, axis in enumerate(self.axes) if not axis.levels and len(axis.nodes) == 2]
        silent = [parameter for parameter in lines if not self.support[parameter].any()]
        groups = self.groups(lines) or [[]]
        # what moves nothing at its ends may do so between them
        groups[0] = groups[0] + silent
        for group in groups:
            curved = self._curved(group)
            for degree in _DEGREES:
                if not curved:
                    break
                for parameter in curved:
                    self._refine(parameter, degree)
                for node in range(2, degree + 1):
                    numbers = self.build({parameter: self.axes[parameter].nodes[node] for parameter in curved})
                    for parameter in curved:
                        self.add(((parameter, node),), numbers - self.zero, self.support[parameter])
                curved = self._curved(curved)
            if curved:
                names = ", ".join(self.names[parameter] for parameter in curved)
                raise NotPatched(f"{names}: numbers of the plan follow with a kink or a step.")

    def _refine(self, parameter: int, degree: int) -> None:
        for term in [term for term in self.added if term[0][0] == parameter and term[0][1] > 1]:
            del self.added[term]
        self.axes[parameter] = Axis(self.axes[parameter].nodes[:2]).curved(degree)

    def _curved(self, group: list[int]) -> list[int]:
        """Parameters of a group whose numbers are not what the nodes say at points between them."""
        found: set[int] = set()
        for share in _SHARES:
            moved = {parameter: self.axes[parameter].at(share) for parameter in group}
            off = self._off(self.row(moved))
            if not off.any():
                continue
            mine = [parameter for parameter in group if (self.support[parameter] & off).any()]
            if not mine or (off & ~self.support[mine].any(axis=0)).any():
                names = ", ".join(self.names[parameter] for parameter in group)
                raise NotPatched(f"{names}: numbers of the plan move between the ends that do not move at the ends.")
            found |= set(mine)
        return sorted(found)

    def together(self, order: int) -> None:
        """Move parameters of several groups at once, for numbers that depend on one of each."""
        groups = self.groups(range(len(self.axes)))
        reach = [self.support[group].any(axis=0) for group in groups]
        for chosen in itertools.combinations(range(len(groups)), order):
            common = np.logical_and.reduce([reach[group] for group in chosen])
            if not common.any():
                continue
            members = [[parameter for parameter in groups[group] if (self.support[parameter] & common).any()] for group in chosen]
            most = [max(len(self.axes[parameter].nodes) for parameter in group) for group in members]
            for nodes in itertools.product(*(range(1, count) for count in most)):
                moved = {
                    parameter: node
                    for group, node in zip(members, nodes, strict=True)
                    for parameter in group
                    if node < len(self.axes[parameter].nodes)
                }
                numbers = self.build({parameter: self.axes[parameter].nodes[node] for parameter, node in moved.items()})
                difference = numbers - self.predicted(moved)
                if not (np.abs(difference) > _NOISE * np.maximum(self.size, 1e-300)).any():
                    continue
                for several in itertools.product(*([one for one in group if one in moved] for group in members)):
                    term = tuple(sorted((parameter, moved[parameter]) for parameter in several))
                    if term not in self.added:
                        self.add(term, difference, np.logical_and.reduce(self.support[list(several)]))

    def points(self, seed: int) -> list[Floats]:
        """Where the answer is compared: corners in which every pair of parameters is at each of its ends, and some points inside."""
        count = len(self.axes)
        order = 1
        while order <= count:
            order *= 2
        corners = hadamard(order)[:, 1 : count + 1] > 0
        generator = np.random.default_rng(seed)
        if len(corners) > _MOST_CORNERS:
            corners = corners[generator.permutation(len(corners))[:_MOST_CORNERS]]
        rows = [[axis.nodes[0] if first else axis.other for axis, first in zip(self.axes, corner, strict=True)] for corner in corners]
        for shares in generator.random((_INSIDE, count)):
            rows.append([axis.at(share) for axis, share in zip(self.axes, shares, strict=True)])
        return [np.array(row, dtype=float) for row in rows]

    def _off(self, row: Floats) -> NDArray[np.bool_]:
        """Slots that are not what the terms say."""
        numbers = self.built(row)
        said = self.slots().at(row[None, :])[:, 0]
        return np.asarray(np.abs(numbers - said) > AGREES * np.maximum(self.size, 1e-300))

    def agrees(self, rows: Sequence[Floats]) -> bool:
        """Whether all slots are what the terms say, everywhere."""
        return not any(self._off(row).any() for row in rows)

    def unexplained(self, rows: Sequence[Floats]) -> str:
        """Names of what moves the slots that do not agree."""
        off = np.logical_or.reduce([self._off(row) for row in rows])
        return ", ".join(name for name, mine in zip(self.names, self.support, strict=True) if (mine & off).any()) or "some parameters"

    def slots(self) -> Slots:
        """What was found."""
        terms = tuple(self.added)
        where = [self.added[term][0] for term in terms]
        moving = np.unique(np.concatenate(where)) if where else np.zeros(0, dtype=np.int64)
        columns = np.repeat(np.arange(len(terms)), [len(rows) for rows in where]) if where else np.zeros(0, dtype=np.int64)
        rows = np.searchsorted(moving, np.concatenate(where)) if where else np.zeros(0, dtype=np.int64)
        data = np.concatenate([self.added[term][1] for term in terms]) if where else np.zeros(0)
        matrix = csr_matrix((data, (rows, columns)), shape=(len(moving), len(terms)))
        return Slots(tuple(self.axes), self.zero, terms, moving, matrix, len(self.seen))
