"""Parameter: one thing that varies, and what a number of it changes in a plan."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kip.errors import DataError, RequestError, figure, unknown_name
from kip.model.paths import exists, get
from kip.model.uncertain import Uncertain, triangular, uniform
from kip.sweeps.entries import Scaled, Weighted, levels, marginal_of, placed, scaled
from kip.sweeps.marginals import Levels, Marginal
from kip.sweeps.values import all_paths, in_full, is_whole, numbers_below, one_number, unit_at
from kip.units import to_float

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["ROLES", "Parameter", "Role", "parameter_of"]

Role = Literal["uncertainty", "lever"]
ROLES: tuple[Role, ...] = ("uncertainty", "lever")
"""What is not known, and what is decided."""


@dataclass(frozen=True)
class Parameter:
    """One column of a design.

    Attributes
    ----------
    name : str
        A path in the plan, or a name of your own.
    marginal : Continuous or Levels
        What it may be, as quantiles.
    kind : {"number", "factor", "choice"}
        Whether its value stands in the plan as it is, multiplies numbers of the plan, or is the place of a level.
    role : {"uncertainty", "lever"}
    paths : tuple of str
        What it changes: paths of numbers; for a factor what it stands above.
    base : float
        What leaves the plan as it is; what is most in the middle where the plan has no number there.
    in_plan : bool
        Whether `base` is the plan's own.
    unit : str
        Unit of the number; "" for plain numbers, factors and levels.
    below : tuple of (str, float or Uncertain)
        For a factor: the numbers that it multiplies.
    payloads : tuple of dict
        For a choice: what each level changes, {path: value}.
    asked : tuple
        Ends or levels as they were given, with their units.
    """

    name: str
    marginal: Marginal
    kind: Literal["number", "factor", "choice"] = "number"
    role: Role = "uncertainty"
    paths: tuple[str, ...] = ()
    base: float = math.nan
    in_plan: bool = False
    unit: str = ""
    below: tuple[tuple[str, float | Uncertain], ...] = ()
    payloads: tuple[dict[str, Any], ...] = ()
    asked: tuple[Any, ...] = ()

    def text(self, value: float) -> str:
        """How a value is called: the name of a level, or the number with its unit."""
        if self.kind == "factor":
            return f"× {figure(value)}"
        if isinstance(self.marginal, Levels):
            for code, label in zip(self.marginal.codes, self.marginal.labels, strict=True):
                if code == value:
                    return f"{label} {self.unit}".rstrip() if self.kind == "number" and label == figure(code) else label
        return f"{figure(value)} {self.unit}".rstrip()

    def payload(self, value: float) -> dict[str, Any]:
        """What a level of a choice changes.

        Raises
        ------
        RequestError
            When there is no such level.
        """
        if not (value == int(value) and 0 <= value < len(self.payloads)) if math.isfinite(value) else True:
            raise RequestError(f"{self.name}: there is no level {value:g}. Give a whole number from 0 to {len(self.payloads) - 1}.")
        return self.payloads[int(value)]


def parameter_of(plan: Plan | None, name: str, given: Any, role: Role = "uncertainty") -> Parameter:
    """The parameter that an entry of a space stands for.

    Raises
    ------
    RequestError
        With one sentence: no such path, nothing that varies, levels that do not fit.
    """
    if isinstance(given, str):
        given = _from_text(given)
    if isinstance(given, Mapping) and {"low", "high"} <= set(given) <= {"low", "mode", "high"}:
        # the same as in a file
        given = triangular(given["low"], given["mode"], given["high"]) if "mode" in given else (given["low"], given["high"])
    if plan is None:
        return _free(name, given, role)
    if isinstance(given, Scaled):
        return _factor(plan, name, given, role)
    if isinstance(given, Mapping):
        if exists(plan, name) is not None and given and all(isinstance(item, Mapping) or item is None for item in given.values()):
            return _choice(name, Weighted(tuple(dict(item or {}) for item in given.values()), tuple(map(str, given)), None), role)
        given = levels(given)
    if isinstance(given, Weighted) and exists(plan, name) is not None and all(isinstance(item, Mapping) for item in given.values):
        return _choice(name, given, role)
    held = _held(given)
    if held is not None and not all(map(_is_number, held.values)):
        return _at_path(plan, name, held, role)
    return _number(plan, name, given, role)


def _free(name: str, given: Any, role: Role) -> Parameter:
    """A number of a plain function, without a plan."""
    if isinstance(given, Scaled):
        raise RequestError("a factor needs a plan whose numbers it multiplies. Give the range of the number itself.")
    if isinstance(given, Mapping):
        given = levels(given)
    found = marginal_of(given)
    return Parameter(name, found, role=role, paths=(name,), base=found.median)


def _number(plan: Plan, name: str, given: Any, role: Role) -> Parameter:
    if "*" in name.split("."):
        raise RequestError("stands for several numbers. Multiply them by a factor: kip.scaled(0.8, 1.2).")
    path, now = one_number(plan, name)
    found = marginal_of(given, whole=is_whole(plan, path))
    return Parameter(
        name,
        found,
        role=role,
        paths=(path,),
        base=found.median if now is None else now,
        in_plan=now is not None,
        unit=unit_at(plan, path),
        asked=_asked(given, found),
    )


def _factor(plan: Plan, name: str, given: Scaled, role: Role) -> Parameter:
    if given.marginal.ends[0] < 0:
        raise RequestError(
            f"a factor goes down to {figure(given.marginal.ends[0])}; must be 0 or more. Write for example kip.scaled(0.8, 1.2)."
        )
    if given.paths and exists(plan, name) is None:
        raise RequestError(f"is a path of the plan already. Give the {len(given.paths)} paths that move together a name of their own.")
    roots = tuple(in_full(plan, single) for path in given.paths or (name,) for single in all_paths(plan, path))
    below = dict(entry for path in given.paths or (name,) for entry in numbers_below(plan, path))
    return Parameter(name, given.marginal, "factor", role, roots, 1.0, True, "", tuple(below.items()), asked=given.marginal.ends)


def _choice(name: str, given: Weighted, role: Role) -> Parameter:
    """Whole overrides by name."""
    found = placed(given)
    payloads = tuple(dict(item) for item in given.values)
    wrong = [path for item in payloads for path in item if not isinstance(path, str)]
    if wrong:
        raise RequestError(f"found {wrong[0]!r} where a path belongs. Write overrides as {{name: {{path: value}}}}.")
    paths = tuple(dict.fromkeys(path for item in payloads for path in item))
    base = next((float(place) for place, item in enumerate(payloads) if not item), None)
    return Parameter(
        name, found, "choice", role, paths, 0.0 if base is None else base, base is not None, payloads=payloads, asked=found.codes
    )


def _at_path(plan: Plan, name: str, given: Weighted, role: Role) -> Parameter:
    """Levels of any kind at one path."""
    now = get(plan, path := in_full(plan, name))
    found = placed(given)
    payloads = tuple({path: item} for item in given.values)
    base = next((float(place) for place, item in enumerate(given.values) if _is_there(plan, path, item, now)), None)
    return Parameter(
        name, found, "choice", role, (path,), 0.0 if base is None else base, base is not None, payloads=payloads, asked=found.codes
    )


def _is_there(plan: Plan, path: str, level: Any, now: Any) -> bool:
    """Whether a level is what the plan has already, however it is written."""
    try:
        return bool(level == now) or get(plan.update({path: level}), path) == now
    except (DataError, RequestError, TypeError, ValueError):
        return False


def _held(given: Any) -> Weighted | None:
    """The levels of an entry; None when it is a distribution or a range."""
    if isinstance(given, Weighted):
        return given
    if getattr(given, "ndim", 1) != 1:
        raise RequestError(f"found a table of {given.ndim} dimensions. Write levels as a list.")
    if isinstance(given, list | range) or type(given).__name__ in {"ndarray", "Series", "Index"}:
        return Weighted(tuple(given), None, None)
    return None


def _is_number(value: Any) -> bool:
    try:
        to_float(value)
    except ValueError:
        return isinstance(value, float)  # NaN and infinity are wrong numbers, not levels of another kind
    return True


def _asked(given: Any, found: Marginal) -> tuple[Any, ...]:
    """Ends or levels with the unit that they came with, so that the plan can refuse kronor where tonnes belong."""
    values: Sequence[Any] = given if isinstance(given, tuple) else held.values if (held := _held(given)) is not None else ()
    if isinstance(found, Levels) and isinstance(given, tuple):
        values = found.codes
    return tuple(to_float(value) for value in values) or found.ends


def _from_text(text: str) -> Any:
    """What a text such as "triangular(1, 2, 4)", "uniform(1, 2)" or "scaled(0.8, 1.2)" stands for."""
    verbs: dict[str, Any] = {"triangular": triangular, "uniform": uniform, "scaled": scaled}
    head, bracket, inner = text.strip().partition("(")
    if not bracket or not inner.endswith(")"):
        return text
    if head.strip() not in verbs:
        raise RequestError(unknown_name("distribution", head.strip(), list(verbs)))
    parts = [part.strip() for part in inner[:-1].split(",") if part.strip()]
    sentence = f'"{text}" has {len(parts)} numbers. Write for example triangular(1, 2, 4), uniform(1, 4) or scaled(0.8, 1.2).'
    try:
        return verbs[head.strip()](*parts)
    except TypeError:
        raise RequestError(sentence) from None
