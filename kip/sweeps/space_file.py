"""`read_space`: a space from a YAML file, every problem with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kip.errors import DataError, Issue, RequestError, nearest, unknown_name
from kip.files.draft import Draft, Trail
from kip.files.frame import read_frame
from kip.model.uncertain import triangular, uniform
from kip.sweeps.entries import Scaled, Weighted, levels, scaled
from kip.sweeps.parameters import ROLES
from kip.sweeps.ranges import ranges_of
from kip.sweeps.space import Space, space_of
from kip.units import to_float

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["read_space"]

_TOP = ("parameters", "passports", "correlation")
_FORMS = ("low", "mode", "high", "levels", "weights", "scaled", "paths", "distribution", "overrides", "role")


def read_space(path: str | PathLike[str], plan: Plan) -> Space:
    """Read a space from a YAML file.

    Parameters
    ----------
    path : str or path
        A file with ``parameters``, ``passports``, or both, and perhaps ``correlation``.
    plan : Plan
        What its paths are of.

    Returns
    -------
    Space

    Raises
    ------
    DataError
        With every problem at once, each with its row.

    Examples
    --------
    >>> import kip, pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "space.yaml"
    >>> text = "parameters: {discount_rate: {low: 2 %, high: 5 %}, budgets.municipality: {levels: [15 MSEK, 20 MSEK], role: lever}}"
    >>> _ = file.write_text(text, encoding="utf-8")
    >>> kip.read_space(file, kip.example("minimal")).levers
    ('budgets.municipality',)
    """
    file = Path(path)
    if not file.is_file():
        raise DataError([Issue(_no_file(file), file=str(path))], str(path))
    draft = Draft(str(path))
    if not read_frame(file.read_bytes(), file.name, draft):
        raise DataError(draft.issues, draft.source)
    for key in draft.data:
        if key not in _TOP:
            draft.problem(unknown_name("field", key, _TOP), (key,))
    given, roles = _parameters(draft)
    notes = _passports(draft, plan, given)
    correlation = _correlation(draft, given)
    if not given and not draft.issues:
        draft.problem('the space is empty: nothing varies. Write for example "parameters: {discount_rate: {low: 2 %, high: 5 %}}".', ())
    space, problems = space_of(plan, given, correlation, roles, notes)
    for name, sentence in problems if given else ():
        draft.problem(sentence, _trail(draft, name, sentence) if name else ("correlation",))
    if draft.issues:
        raise DataError(sorted(draft.issues, key=lambda issue: issue.row or 0), draft.source)
    return space


def _trail(draft: Draft, name: str, sentence: str) -> Trail:
    """Where a problem with a parameter stands: at the line of the path that its sentence is about, when an override holds it."""
    whole = ("parameters", name)
    about = sentence.partition('"')[2].partition('"')[0]
    deeper = [trail for trail in draft.places if trail[:2] == whole and len(trail) > 2 and about and trail[-1].startswith(about)]
    return max(deeper, key=len, default=whole) if name in draft.data.get("parameters", {}) else ("passports",)


def _no_file(file: Path) -> str:
    beside = [item.name for item in file.parent.iterdir() if item.suffix in {".yaml", ".yml"}] if file.parent.is_dir() else []
    guess = nearest(file.name, beside)
    return "there is no such file." + (f' Did you mean "{file.parent / guess}"?' if guess else " Write one with the field parameters.")


def _parameters(draft: Draft) -> tuple[dict[str, Any], dict[str, Any]]:
    table = draft.data.get("parameters", {})
    if not isinstance(table, Mapping):
        draft.problem(f"found {table!r}; write a table: the path of each number, and what it may be.", ("parameters",))
        return {}, {}
    given: dict[str, Any] = {}
    roles: dict[str, Any] = {}
    for name, value in table.items():
        trail = ("parameters", str(name))
        try:
            if isinstance(value, Mapping) and "role" in value:
                value = dict(value)
                roles[name] = value.pop("role")
                if roles[name] not in ROLES:
                    draft.problem(unknown_name("role", roles.pop(name), ROLES), (*trail, "role"))
            given[name] = _value(draft, value, trail)
        except (RequestError, ValueError) as error:
            draft.problem(str(error), trail)
    roles = {name: role for name, role in roles.items() if name in given}
    for name in _empty(draft, ("parameters",), table):
        draft.problem("is empty. Write what it may be, such as {low: 1, high: 2}.", ("parameters", name))
    return given, roles


def _value(draft: Draft, value: Any, trail: Trail) -> Any:
    """What an entry of the file stands for, as `Space.of` takes it."""
    if not isinstance(value, Mapping):
        return value
    forms = set(value) & set(_FORMS)
    if not forms:
        if value and all(isinstance(item, Mapping) for item in value.values()):
            return _overrides(draft, value, trail)
        if "distribution" not in value and any(nearest(key, _FORMS) for key in value):
            wrong = next(key for key in value if nearest(key, _FORMS))
            raise RequestError(unknown_name("field", wrong, _FORMS))
        return dict(value)
    if "distribution" in forms:
        return _distribution(value)
    for key in value:
        if key not in _FORMS:
            raise RequestError(unknown_name("field", key, _FORMS))
    if "scaled" in forms:
        return _scaled(draft, value, trail)
    if "overrides" in forms or "levels" in forms:
        return _levels(draft, value, trail)
    _only(value, {"low", "mode", "high"})
    if "mode" in forms:
        return triangular(value["low"], value["mode"], value["high"])
    return value["low"], value["high"]


def _only(value: Mapping[str, Any], allowed: set[str]) -> None:
    extra = sorted(set(value) - allowed)
    if extra:
        raise RequestError(f"{' and '.join(extra)} does not go with {' and '.join(sorted(set(value) & allowed))}. Keep one of the two.")
    for end in ("low", "high"):
        if end in allowed and end not in value:
            raise RequestError(f'"{end}" is missing. Add it.')


def _overrides(draft: Draft, value: Mapping[str, Any], trail: Trail) -> dict[str, Any]:
    """Named overrides; a name without anything is the plan as it is."""
    order = [place[len(trail)] for place in draft.places if place[: len(trail)] == trail and len(place) == len(trail) + 1]
    return {name: dict(value.get(name) or {}) for name in order if name in value or name not in _FORMS}


def _levels(draft: Draft, value: Mapping[str, Any], trail: Trail) -> Weighted:
    key = "overrides" if "overrides" in value else "levels"
    _only(value, {key, "weights"})
    given = value[key]
    if key == "overrides":
        if not isinstance(given, Mapping):
            raise RequestError(f"found {given!r}; overrides are a table: {{name: {{path: value}}}}.")
        given = _overrides(draft, given, (*trail, key))
    if not isinstance(given, Mapping | list):
        raise RequestError(f"found {given!r}; levels are a list, or a table by name.")
    return levels(given, value.get("weights"))


def _scaled(draft: Draft, value: Mapping[str, Any], trail: Trail) -> Scaled:
    _only(value, {"scaled", "paths"})
    inner = value["scaled"]
    paths = value.get("paths", ())
    if isinstance(inner, list) and len(inner) == 2:
        return scaled(inner[0], inner[1], paths)
    if isinstance(inner, str):
        return scaled(_text(inner), paths=paths)
    return scaled(_value(draft, inner, (*trail, "scaled")), paths=paths)


def _text(text: str) -> Any:
    head, _, inner = text.partition("(")
    verbs: dict[str, Any] = {"triangular": triangular, "uniform": uniform}
    verb = verbs.get(head.strip())
    if verb is None or not inner.endswith(")"):
        raise RequestError(f'"{text}" is no factor. Write [0.8, 1.2], or triangular(0.8, 1, 1.3).')
    return verb(*inner[:-1].split(","))


def _distribution(value: Mapping[str, Any]) -> Any:
    """A distribution of scipy.stats by its name, with its parameters."""
    from scipy import stats

    name = str(value["distribution"])
    known = [item for item in dir(stats) if isinstance(getattr(stats, item), stats.rv_continuous | stats.rv_discrete)]
    if name not in known:
        raise RequestError(unknown_name("distribution of scipy.stats", name, known))
    kind = getattr(stats, name)
    allowed = [*(kind.shapes.split(", ") if kind.shapes else []), "loc", *(["scale"] if isinstance(kind, stats.rv_continuous) else [])]
    parameters: dict[str, float] = {}
    for key, item in value.items():
        if key == "distribution":
            continue
        if key not in allowed:
            raise RequestError(unknown_name(f"parameter of {name}", key, allowed))
        parameters[key] = float(to_float(item))
    missing = [key for key in allowed if key not in parameters and key not in {"loc", "scale"}]
    if missing:
        raise RequestError(f"{name} needs {', '.join(missing)}. Add {'it' if len(missing) == 1 else 'them'}.")
    return kind(**parameters)


def _passports(draft: Draft, plan: Plan, given: dict[str, Any]) -> list[str]:
    """Ranges of the passports beside what is named; what is named goes before."""
    asked = draft.data.get("passports")
    if asked is None or asked is False:
        return []
    fields = {} if asked is True else {"paths": asked} if isinstance(asked, list) else asked
    if not isinstance(fields, Mapping):
        draft.problem(f"found {asked!r}; write true, a list of paths, or a table with paths, quality and shape.", ("passports",))
        return []
    allowed = ("paths", "quality", "shape")
    for key in fields:
        if key not in allowed:
            draft.problem(unknown_name("field", key, allowed), ("passports", str(key)))
    shape = fields.get("shape", "uniform")
    if shape not in {"uniform", "triangular"}:
        draft.problem(unknown_name("shape", shape, ["uniform", "triangular"]), ("passports", "shape"))
        return []
    paths = fields.get("paths", ())
    try:
        found, notes = ranges_of(plan, paths, str(fields.get("quality", "")), shape)
    except RequestError as error:
        draft.problem(str(error), ("passports",))
        return []
    _, wrong = space_of(plan, found) if found else (None, [])
    for name, sentence in wrong:
        if found.pop(name, None) is not None:
            notes.append(f"{name}: {sentence}")
    for name, value in found.items():
        given.setdefault(name, value)
    return notes


def _correlation(draft: Draft, given: Mapping[str, Any]) -> dict[tuple[str, str], float] | None:
    """Rows of two names and a number."""
    rows = draft.data.get("correlation")
    if rows is None:
        return None
    if not isinstance(rows, list):
        draft.problem("found no list. Write a row for each pair: - [first, second, 0.5].", ("correlation",))
        return None
    pairs: dict[tuple[str, str], float] = {}
    named = draft.data.get("parameters") or {}  # what is wrong with one of them is said there
    for number, row in enumerate(rows):
        trail = ("correlation", str(number))
        if not (isinstance(row, list) and len(row) == 3 and isinstance(row[2], int | float) and not isinstance(row[2], bool)):
            draft.problem(f"found {row!r}; write two names and a number: [first, second, 0.5].", trail)
            continue
        first, second = map(str, row[:2])
        unknown = [unknown_name("parameter", name, list(given)) for name in (first, second) if name not in given and name not in named]
        for sentence in unknown:
            draft.problem(sentence, trail)
        if first == second:
            draft.problem(f'the correlation of "{first}" with itself is always 1. Take the row away.', trail)
        elif (second, first) in pairs or (first, second) in pairs:
            draft.problem(f'"{first}" and "{second}" have two rows. Keep one.', trail)
        elif first in given and second in given:
            pairs[first, second] = float(row[2])
    return pairs


def _empty(draft: Draft, trail: Trail, table: Mapping[str, Any]) -> Iterator[str]:
    """Names without a value: the reader leaves them out."""
    for place in draft.places:
        if place[: len(trail)] == trail and len(place) == len(trail) + 1 and place[-1] not in table:
            yield place[-1]
