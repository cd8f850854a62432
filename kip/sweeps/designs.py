"""Designs: which scenarios are run. Each is a table of numbers (scenario, parameter), the same for the same seed."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from kip.errors import RequestError, unknown_name
from kip.sweeps.correlation import correlated, ranks_kept
from kip.sweeps.marginals import Levels
from kip.units import to_float

if TYPE_CHECKING:
    import pandas as pd

    from kip.sweeps.space import Space

__all__ = ["DESIGNS", "Design", "Kind", "design_of"]

Floats: TypeAlias = NDArray[np.float64]
Kind = Literal["sobol", "lhs", "grid", "saltelli", "morris", "one-at-a-time", "scenarios", "table"]
DESIGNS: tuple[Kind, ...] = get_args(Kind)
"""Kinds of designs."""

_MOST = 10_000_000
"""Most numbers in a design: a grid grows without anybody noticing."""


@dataclass(frozen=True, eq=False, repr=False)
class Design:
    """Scenarios to run.

    Attributes
    ----------
    names : tuple of str
        Parameters, the columns.
    values : array (scenario, parameter)
        Numbers as they stand in the plan; a factor; the place of a level that is no number.
    kind : str
        One of `DESIGNS`.
    seed : int
        What the random numbers come from; 0 is a seed like any other.
    samples : int
        What was asked for: scenarios of `sobol` and `lhs`, base points of `saltelli`, trajectories of `morris`, points of each range of a
        `grid`.
    labels : tuple of str
        Names of the scenarios; empty when they have none.
    groups : dict of str to array (scenario,)
        How scenarios belong together. ``moved``: the place of the parameter that differs from the scenario before (Morris) or from the
        plan (one-at-a-time), -1 for none. ``trajectory`` (Morris). ``base_point`` (Saltelli). ``policy`` and ``future``: combination of
        levers, and scenario of the uncertainties (crossed).
    about : dict
        What an analysis must know: ``second_order`` (Saltelli); ``levels`` and ``step`` (Morris); ``quantiles`` (one-at-a-time).
    notes : tuple of str
        What a reader should know, in sentences.
    """

    names: tuple[str, ...]
    values: Floats
    kind: Kind
    seed: int = 0
    samples: int = 0
    labels: tuple[str, ...] = ()
    groups: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    about: dict[str, float | bool | str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    def frame(self, space: Space | None = None) -> pd.DataFrame:
        """The scenarios as a table, one row each; with their space, levels that are no numbers by their names."""
        import pandas as pd

        index = pd.Index(self.labels or range(len(self)), name="scenario")
        found = pd.DataFrame(self.values, columns=list(self.names), index=index)
        for parameter in space.parameters if space is not None else ():
            if parameter.kind == "choice" and parameter.name in found:
                found[parameter.name] = [parameter.text(value) for value in found[parameter.name]]
        return found

    @property
    def identity(self) -> str:
        """Fingerprint: changes with every number and with the names."""
        digest = hashlib.sha256(repr((self.names, self.kind, self.values.shape)).encode())
        digest.update(np.ascontiguousarray(self.values).tobytes())
        return digest.hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Design of {len(self)} scenarios over {len(self.names)} parameters ({self.kind}, seed {self.seed})"


def design_of(
    space: Space,
    kind: Kind = "sobol",
    samples: int | None = None,
    seed: int = 0,
    table: pd.DataFrame | None = None,
    **options: Any,
) -> Design:
    """The scenarios of a space.

    Parameters
    ----------
    space : Space
    kind : {"sobol", "lhs", "grid", "saltelli", "morris", "one-at-a-time", "scenarios", "table"}
        ``sobol``: scrambled Sobol' sequence (Owen 1998). ``lhs``: Latin hypercube, each of n equally likely strata of every parameter once
        (McKay et al. 1979). ``saltelli``: for Sobol' indices, n·(d + 2) scenarios, n·(2d + 2) with the second order (Saltelli 2002).
        ``morris``: n trajectories that change one parameter at a time, n·(d + 1) scenarios (Morris 1991). ``grid``: every combination.
        ``one-at-a-time``: the plan, and each parameter alone at its low and high end, or at each level that is no number.
        ``scenarios``: the levels of one parameter. ``table``: rows of your own.
    samples : int, optional
        n. When empty: 1 024 for sobol and lhs, 256 for saltelli, 20 for morris, 5 points of each range for a grid.
    seed : int
        What the random numbers come from.
    table : DataFrame, optional
        For ``table``: a column for each parameter.
    **options
        ``second_order`` (saltelli; True), ``levels`` (morris; 4, even), ``quantiles`` (one-at-a-time; the ends), ``scramble`` (sobol;
        True), ``crossed`` (sobol and lhs; False): every combination of the levers with the same n scenarios of the uncertainties.

    Raises
    ------
    RequestError
        When the kind is unknown, the number of samples is no positive whole number, parameters are correlated where a design assumes that
        they are not, or the table does not fit the space.

    Warns
    -----
    UserWarning
        When n of a Sobol' sequence is no power of two; it goes on.
    """
    if kind not in DESIGNS:
        raise RequestError(unknown_name("design", kind, DESIGNS))
    maker, default, allowed = _MAKERS[kind]
    for name in options:
        if name not in allowed:
            wrong = unknown_name(f"option of the design {kind}", name, allowed) if allowed else f'the design {kind} has no option "{name}".'
            raise RequestError(wrong)
    if (table is not None) != (kind == "table"):
        raise RequestError('the design "table" needs a table, and only it takes one. Give table=…, or leave it out.')
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise RequestError(f"the seed is {seed!r}; must be a whole number, 0 or more.")
    count = default if samples is None else samples
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < (0 if default == 0 else 1):
        raise RequestError(f"samples is {samples!r}; must be a whole number, 1 or more.")
    if kind in {"saltelli", "morris"} and space.correlation is not None:
        raise RequestError(
            f"the design {kind} is for parameters that are independent: its indices split the variance among them, and that split has no "
            "meaning when they vary together. Use sobol or lhs with PAWN or delta, or leave the correlation out."
        )
    if kind == "table":
        return _table(space, table, int(seed))
    if options.pop("crossed", False):
        return _crossed(space, kind, int(count), int(seed), options)
    return maker(space, int(count), int(seed), **options)


def _sobol(space: Space, samples: int, seed: int, scramble: bool = True) -> Design:
    notes = _power_of_two(samples)
    points = _sequence(len(space), samples, seed, scramble)
    if space.correlation is not None:
        points = correlated(points, space.correlation)
    return Design(space.names, _quantiles(space, points), "sobol", seed, samples, notes=notes)


def _lhs(space: Space, samples: int, seed: int) -> Design:
    from scipy.stats import qmc

    points = qmc.LatinHypercube(len(space), seed=np.random.default_rng(seed)).random(samples)
    if space.correlation is not None:
        points = ranks_kept(points, correlated(points, space.correlation))
    return Design(space.names, _quantiles(space, points), "lhs", seed, samples)


def _crossed(space: Space, kind: Kind, samples: int, seed: int, options: Mapping[str, Any]) -> Design:
    """Every combination of the levers with the same scenarios of the uncertainties: what is decided is compared on equal terms."""
    decided = np.array([parameter.role == "lever" for parameter in space.parameters])
    if decided.all() or not decided.any():
        raise RequestError('a crossed design needs levers and uncertainties. Say which are levers: roles={name: "lever"}.')
    matrix = space.correlation
    if matrix is not None and (matrix[np.ix_(decided, ~decided)] != 0).any():
        raise RequestError("a lever is correlated with an uncertainty, and a crossed design takes all of both together. Take that away.")
    parts = [
        replace(
            space,
            parameters=tuple(item for item, one in zip(space.parameters, chosen, strict=True) if one),
            correlation=None if matrix is None else matrix[np.ix_(chosen, chosen)],
        )
        for chosen in (decided, ~decided)
    ]
    maker, _, _ = _MAKERS[kind]
    policies, futures = _grid(parts[0], _MAKERS["grid"][1], seed), maker(parts[1], samples, seed, **options)
    values = np.empty((len(policies) * len(futures), len(space)))
    values[:, decided] = np.repeat(policies.values, len(futures), axis=0)
    values[:, ~decided] = np.tile(futures.values, (len(policies), 1))
    policy, future = np.divmod(np.arange(len(values)), len(futures))
    return replace(futures, names=space.names, values=values, groups={"policy": policy, "future": future}, about={"crossed": True})


def _grid(space: Space, samples: int, seed: int) -> Design:
    axes = [parameter.marginal.points(samples) for parameter in space.parameters]
    scenarios = math.prod(map(len, axes))
    if scenarios * len(axes) > _MOST:
        raise RequestError(
            f"the grid has {' × '.join(str(len(axis)) for axis in axes)} = {scenarios:,} scenarios. "
            "Give fewer points (samples) or levels, or use the design sobol."
        )
    values = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
    return Design(space.names, values, "grid", seed, samples, notes=_ignored(space))


def _saltelli(space: Space, samples: int, seed: int, second_order: bool = True) -> Design:
    count = len(space)
    notes = _power_of_two(samples)
    points = _sequence(2 * count, samples, seed, True)
    first, second = points[:, :count], points[:, count:]
    blocks = [first]
    for source, other in ((first, second), (second, first)) if second_order else ((first, second),):
        for place in range(count):
            block = source.copy()
            block[:, place] = other[:, place]
            blocks.append(block)
    blocks.append(second)
    together = np.stack(blocks, axis=1).reshape(-1, count)
    groups = {"base_point": np.repeat(np.arange(samples), len(blocks))}
    return Design(
        space.names,
        _quantiles(space, together),
        "saltelli",
        seed,
        samples,
        groups=groups,
        about={"second_order": second_order},
        notes=notes,
    )


def _morris(space: Space, samples: int, seed: int, levels: int = 4) -> Design:
    if isinstance(levels, bool) or not isinstance(levels, int) or levels < 2 or levels % 2:
        raise RequestError(f"levels is {levels!r}; must be an even whole number, such as 4.")
    count = len(space)
    half = levels // 2
    random = np.random.default_rng(seed)
    points = np.empty((samples, count + 1, count), dtype=int)
    moved = np.full((samples, count + 1), -1)
    for trajectory in range(samples):
        up = random.integers(0, 2, count) * 2 - 1
        # the lower half of the levels when it goes up, the upper half when it goes down: every step stays inside
        start = random.integers(0, half, count)
        points[trajectory] = np.where(up > 0, start, levels - 1 - start)
        order = random.permutation(count)
        for turn, place in enumerate(order, start=1):
            points[trajectory, turn:, place] += up[place] * half
            moved[trajectory, turn] = place
    shares = points.reshape(-1, count) / (levels - 1.0)
    spans = np.array([parameter.marginal.span for parameter in space.parameters])
    values = _quantiles(space, spans[:, 0] + shares * (spans[:, 1] - spans[:, 0]))
    groups = {"trajectory": np.repeat(np.arange(samples), count + 1), "moved": moved.ravel()}
    return Design(space.names, values, "morris", seed, samples, groups=groups, about={"levels": levels, "step": half / (levels - 1.0)})


def _one_at_a_time(space: Space, samples: int, seed: int, quantiles: tuple[float, float] | None = None) -> Design:
    if quantiles is not None and not (len(quantiles) == 2 and 0 <= quantiles[0] < quantiles[1] <= 1):
        raise RequestError(f"quantiles are {quantiles!r}; must be two shares, the smaller first, such as (0.1, 0.9).")
    rows, labels, moved = [space.base], ["base"], [-1]
    for place, parameter in enumerate(space.parameters):
        marginal = parameter.marginal
        if parameter.kind == "choice" and isinstance(marginal, Levels):
            ends = list(marginal.codes)
        else:
            shares = quantiles or ((0.0, 1.0) if marginal.bounded else (0.05, 0.95))
            ends = (
                list(marginal.ends) if isinstance(marginal, Levels) and quantiles is None else [float(end) for end in marginal.ppf(shares)]
            )
        for end in dict.fromkeys(ends):
            if end == parameter.base:
                continue
            row = space.base.copy()
            row[place] = end
            rows.append(row)
            labels.append(f"{parameter.name}: {parameter.text(end)}")
            moved.append(place)
    about: dict[str, float | bool | str] = {"quantiles": "ends; 5 % and 95 % where there are none" if quantiles is None else str(quantiles)}
    groups = {"moved": np.array(moved)}
    apart = [f"{item.name}: {item.text(item.base)}" for item in space.parameters if not item.in_plan and space.plan is not None]
    notes = (f"The base is not the plan as it is, where that has none of the levels, or no number: {'; '.join(apart)}.",) if apart else ()
    return Design(space.names, np.array(rows), "one-at-a-time", seed, 0, tuple(labels), groups, about, (*notes, *_ignored(space)))


def _scenarios(space: Space, samples: int, seed: int) -> Design:
    if len(space) != 1 or not isinstance(space.parameters[0].marginal, Levels):
        raise RequestError('the design "scenarios" is for one parameter with levels: kip.Space.scenarios(plan). For combinations use grid.')
    marginal = space.parameters[0].marginal
    return Design(space.names, np.array(marginal.codes)[:, None], "scenarios", seed, 0, marginal.labels)


def _table(space: Space, table: Any, seed: int) -> Design:
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        raise RequestError(f"the table is a {type(table).__name__}; must be a pandas DataFrame with a column for each parameter.")
    problems = [unknown_name("parameter", column, space.names) for column in table.columns if column not in space.names]
    problems += [
        f'there is no column "{name}". Add it, or take the parameter out of the space.' for name in space.names if name not in table
    ]
    if not len(table):
        problems.append("the table has no rows. Give at least one scenario.")
    values = np.full((len(table), len(space)), np.nan)
    for place, parameter in enumerate(space.parameters):
        if parameter.name in table:
            codes: Mapping[str, float] = {}
            if isinstance(parameter.marginal, Levels):
                codes = dict(zip(parameter.marginal.labels, parameter.marginal.codes, strict=True))
            for row, cell in enumerate(table[parameter.name]):
                try:
                    values[row, place] = _cell(cell, codes, parameter.kind == "choice")
                except ValueError as error:
                    problems.append(f"row {row + 1}, {parameter.name}: {error}")
    if problems:
        more = [f"and {len(problems) - 20} more"] if len(problems) > 20 else []
        raise RequestError("\n".join([f"{len(problems)} problems in the table", *(f"  {item}" for item in [*problems[:20], *more])]))
    plain = isinstance(table.index, pd.RangeIndex)
    return Design(space.names, values, "table", seed, len(table), () if plain else tuple(map(str, table.index)), notes=_ignored(space))


def _cell(cell: Any, codes: Mapping[str, float], named: bool) -> float:
    if isinstance(cell, str) and cell in codes:
        return codes[cell]
    if not named:
        return float(to_float(cell))
    if isinstance(cell, str):
        raise ValueError(unknown_name("level", cell, list(codes)))  # noqa: TRY004, the type is right and the name is not
    found = float(to_float(cell))
    if found not in codes.values():
        raise ValueError(f"there is no level {found:g}. Write its name: {', '.join(codes)}.")
    return found


def _sequence(dimensions: int, samples: int, seed: int, scramble: bool) -> Floats:
    from scipy.stats import qmc

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it is said in kip's own words
        return np.asarray(qmc.Sobol(dimensions, scramble=scramble, seed=np.random.default_rng(seed)).random(samples))


def _power_of_two(samples: int) -> tuple[str, ...]:
    if samples & (samples - 1) == 0:
        return ()
    below = 1 << (samples.bit_length() - 1)
    sentence = f"{samples} samples are no power of two: a Sobol' sequence is balanced at {below} and {2 * below}, and less so between."
    warnings.warn(sentence, UserWarning, stacklevel=4)
    return (sentence,)


def _ignored(space: Space) -> tuple[str, ...]:
    return () if space.correlation is None else ("The correlation says how likely combinations are; this design does not draw by it.",)


def _quantiles(space: Space, points: Floats) -> Floats:
    columns = [parameter.marginal.ppf(points[:, place]) for place, parameter in enumerate(space.parameters)]
    return np.stack(columns, axis=1).astype(np.float64)


_Maker: TypeAlias = Callable[..., Design]
_MAKERS: dict[str, tuple[_Maker, int, tuple[str, ...]]] = {
    "sobol": (_sobol, 1024, ("scramble", "crossed")),
    "lhs": (_lhs, 1024, ("crossed",)),
    "grid": (_grid, 5, ()),
    "saltelli": (_saltelli, 256, ("second_order",)),
    "morris": (_morris, 20, ("levels",)),
    "one-at-a-time": (_one_at_a_time, 0, ("quantiles",)),
    "scenarios": (_scenarios, 0, ()),
    "table": (_table, 0, ()),
}
"""For each kind: how it is made, samples when none are given, and its options."""
