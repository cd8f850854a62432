"""Does a space fit its plan: numbers that two parameters set, ends and levels that the plan does not take, numbers that have moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from kip.errors import DataError, RequestError, figure
from kip.sweeps.marginals import Levels
from kip.sweeps.parameters import Parameter
from kip.sweeps.values import numbers_below, one_number
from kip.units import Quantity

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["Changing", "Problem", "clashes", "moved", "refused", "related"]

Problem: TypeAlias = tuple[str, str]
"""Name of a parameter ("" for the space as a whole), and a sentence."""
Changing: TypeAlias = Callable[[Sequence[Parameter], Sequence[Any]], dict[str, Any]]
"""What some parameters change with some values: {path: value}."""


def related(path: str, other: str) -> bool:
    """Whether two paths are the same, or one is above the other."""
    return path == other or path.startswith(f"{other}.") or other.startswith(f"{path}.")


def clashes(parameters: Sequence[Parameter]) -> Iterator[Problem]:
    """Two that set the same number. Factors set nothing: they multiply what is there."""
    setting: dict[str, str] = {}
    for item in parameters:
        if item.kind == "factor":
            continue
        told = set()
        for path in item.paths:
            # only a path, those above it and those below it can be in the way
            for above, other in setting.items():
                if other not in told and related(path, above):
                    told.add(other)
                    yield item.name, f'sets {max(path, above, key=len)}, and so does "{other}". Vary it in one place only.'
        setting |= dict.fromkeys(item.paths, item.name)


def refused(parameters: Sequence[Parameter], plan: Plan, changing: Changing) -> Iterator[Problem]:
    """What the plan does not take. Ends and levels are tried: those of all parameters together, and where that fails those of each half."""
    probes = [_probes(item) for item in parameters]
    if len(parameters) == 1:
        yield from _alone(parameters[0], probes[0], plan, changing)
        return
    try:
        for turn in range(max(map(len, probes), default=0)):
            plan.update(changing(parameters, [tried[min(turn, len(tried) - 1)] for tried in probes]))
    except (DataError, RequestError):
        half = len(parameters) // 2
        yield from refused(parameters[:half], plan, changing)
        yield from refused(parameters[half:], plan, changing)


def _probes(item: Parameter) -> tuple[Any, ...]:
    """Values to try: every level, or both ends."""
    if item.kind == "number" and item.asked:
        return item.asked
    return item.marginal.codes if isinstance(item.marginal, Levels) else item.marginal.ends


def _alone(item: Parameter, tried: tuple[Any, ...], plan: Plan, changing: Changing) -> Iterator[Problem]:
    for value in dict.fromkeys(tried):
        try:
            plan.update(changing([item], [value]))
        except DataError as error:
            known = isinstance(item.marginal, Levels)
            way = "can be" if known else "goes down to" if value == min(tried) else "goes up to"
            said = "; ".join(map(str, error.issues[:2])) + (f"; and {len(error.issues) - 2} more" if len(error.issues) > 2 else "")
            yield item.name, f"{way} {_called(item, value)}, which the plan does not take ({said}){'' if known else _cut(item)}"
        except RequestError as error:
            yield item.name, f"{item.text(float(value))}: {error}" if item.kind == "choice" else str(error)


def _called(item: Parameter, value: Any) -> str:
    """A value with the unit that it came with, which may be the wrong one."""
    return f"{figure(value)} {value.unit}" if isinstance(value, Quantity) and value.unit != "1" else item.text(float(value))


def _cut(item: Parameter) -> str:
    if item.marginal.bounded:
        return " Move its end."
    return " It has no end: cut it, with scipy.stats.truncnorm for example, or give a range or kip.triangular."


def moved(item: Parameter, plan: Plan) -> Iterator[Problem]:
    """Where another plan has other numbers than the one that a space was made for."""
    again = "Make the space again with this plan: Space.of(plan, …)."
    try:
        if item.kind == "number" and one_number(plan, item.name)[0] != item.paths[0]:
            yield item.name, f"means another number in this plan. {again}"
        elif item.kind == "factor" and dict(entry for root in item.paths for entry in numbers_below(plan, root)) != dict(item.below):
            yield item.name, f"multiplies numbers that are others in this plan. {again}"
    except RequestError as error:
        yield item.name, str(error)
