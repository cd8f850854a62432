"""Ranges that a plan has already: those of its passports, and the distributions of its uptakes. They are a ready space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from kip.errors import RequestError, figure, nearest
from kip.model.fields import leaves
from kip.model.paths import get
from kip.model.uncertain import Uncertain
from kip.sweeps.entries import Scaled, scaled, texts_of
from kip.sweeps.values import in_full, numbers_below

if TYPE_CHECKING:
    from kip.model.passport import Passport
    from kip.model.plan import Plan

__all__ = ["Shape", "known_ranges", "ranges_of"]

_MIXED = {"cobenefits", "uses", "indicators"}
"""Tables of numbers in different units: one range says nothing about all of them."""

Shape = Literal["uniform", "triangular"]


def ranges_of(plan: Plan, paths: Sequence[str] = (), quality: str = "", shape: Shape = "uniform") -> tuple[dict[str, Any], list[str]]:
    """What passports and uptakes say may vary, as a space takes it, and a sentence for each range that cannot be used.

    Parameters
    ----------
    plan : Plan
    paths : sequence of str
        What is wanted: paths, everything below them included; `*` for any name. All when empty.
    quality : str
        Qualities that are wanted, such as "C" or "BC"; all when empty. Distributions of uptakes are always wanted.
    shape : {"uniform", "triangular"}
        All numbers in a range equally likely, or the plan's own the most likely.

    Raises
    ------
    RequestError
        When a path that is asked for has no range; with the nearest one that has.
    """
    paths = texts_of(paths, "paths")
    found: dict[str, Any] = {}
    notes: list[str] = []
    known = dict(known_ranges(plan))
    wanted = [path for path in known if not paths or any(_covers(pattern, path) for pattern in paths)]
    missing = [pattern for pattern in paths if not any(_covers(pattern, path) for path in wanted)]
    if missing:
        raise RequestError("\n".join(_without(pattern, list(known)) for pattern in missing))
    for path in wanted:
        known_as = known[path]
        if isinstance(known_as, Uncertain):
            found[path] = known_as
        elif not quality or known_as.quality in quality:
            try:
                found[path] = _range(plan, path, known_as, shape)
            except RequestError as error:
                notes.append(f"{path}: {error}")
    return found, notes


def known_ranges(plan: Plan) -> Iterator[tuple[str, Passport | Uncertain]]:
    """Every path with a range in its passport, or with a distribution; the distribution goes before the passport."""
    uncertain = {f"uptake_by_control.{control}": share for control, share in plan.uptake_by_control.items() if isinstance(share, Uncertain)}
    uncertain |= {f"shifts.{shift.name}.uptake": shift.uptake for shift in plan.shifts if isinstance(shift.uptake, Uncertain)}
    yield from uncertain.items()
    for path, passport in plan.passports.items():
        if path not in uncertain and (passport.low is not None or passport.high is not None):
            yield path, passport


def _range(plan: Plan, path: str, passport: Passport, shape: Shape) -> tuple[float, float] | Uncertain | Scaled:
    """The range of one number as it is; that of several as a factor on all of them, from low / smallest to high / largest."""
    low, high = passport.low, passport.high
    if low is None or high is None:
        raise RequestError("its passport gives one end only. Give both.")
    if not low < high:
        raise RequestError(f"its passport goes from {figure(low)} to {figure(high)}, which is no range.")
    value = get(plan, in_full(plan, path))
    if isinstance(value, int | float):
        return _shaped(float(low), float(value), float(high), shape)
    if isinstance(value, Uncertain) or not isinstance(value, Mapping):
        raise RequestError("holds no numbers that its range could be of.")
    numbers = [number for _, number in leaves(value, "")]
    if len(numbers) == 1:
        return _shaped(float(low), numbers[0], float(high), shape)
    if path.split(".")[2:3] and path.split(".")[2] in _MIXED:
        raise RequestError("holds numbers in several units, and its passport one range. Give each number a passport of its own.")
    least, most = min(numbers), max(numbers)
    if not least * most > 0:
        raise RequestError(
            "holds 0 or numbers on both sides of it, and one range cannot be a factor on them. Give each a passport of its own."
        )
    ends = sorted((low / least, high / most))
    if not 0 <= ends[0] < ends[1]:
        raise RequestError(f"its passport goes from {figure(low)} to {figure(high)}, the numbers from {figure(least)} to {figure(most)}.")
    numbers_below(plan, path)
    middle = _shaped(ends[0], 1.0, ends[1], shape)
    return scaled(*middle) if isinstance(middle, tuple) else scaled(middle)


def _shaped(low: float, value: float, high: float, shape: Shape) -> tuple[float, float] | Uncertain:
    if shape == "triangular" and low <= value <= high:
        return Uncertain("triangular", low, value, high)
    return low, high


def _covers(pattern: str, path: str) -> bool:
    """Whether a path is what a pattern says, or below it."""
    wanted, given = pattern.split("."), path.split(".")
    return len(wanted) <= len(given) and all(one in ("*", other) for one, other in zip(wanted, given, strict=False))


def _without(pattern: str, known: list[str]) -> str:
    guess = nearest(pattern, known)
    told = f' Did you mean "{guess}"?' if guess else ""
    return f'"{pattern}" has no range: no passport at or below it gives low and high.{told} Give the range: {{"{pattern}": (low, high)}}.'
