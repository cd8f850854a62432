"""Kinds of fields that nouns are made of: numbers with units, paths over years, names.

A field says its unit in its `json_schema_extra`; the plan checks every number that came with a unit against it, and
the reference page and the template are made from it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_wrap_validator_function

from kip.errors import DataError, Issue, unknown_name
from kip.units import to_float

__all__ = [
    "EVERYWHERE",
    "ByName",
    "Fraction",
    "FractionByName",
    "Name",
    "NonNegative",
    "Noun",
    "Number",
    "Path",
    "PathByName",
    "Positive",
    "Texts",
    "Years",
    "issues_from",
    "leaves",
    "quantity",
    "to_path",
]

EVERYWHERE = "all"
"""Name of the district that stands for the whole municipality, where a number has no place of its own."""

_FORBIDDEN = set('.;\n\r\t"')


def _name(value: str) -> str:
    if value != value.strip() or not value:
        raise ValueError("a name must not be empty nor begin or end with a space.")
    bad = sorted(_FORBIDDEN & set(value))
    if bad:
        raise ValueError(f"a name must not hold {' '.join(map(repr, bad))}. Put such text in `title`.")
    if any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for letter in value):
        # a file folds them into spaces, and the name would come back as another
        raise ValueError("a name must not hold control characters or line separators. Delete them.")
    return value


def _at_least_zero(value: float) -> float:
    if value < 0:
        raise ValueError(f"{value:g} is negative; must be 0 or more.")
    return value


def _above_zero(value: float) -> float:
    if value <= 0:
        raise ValueError(f"{value:g} is not above 0; must be more than 0.")
    return value


def _fraction(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f'{value:g} is not a share; must be between 0 and 1 (or "0 %" and "100 %").')
    return value


_NUMBER_SCHEMA = WithJsonSchema({"type": ["number", "string"]})
_AS_FLOAT = PlainSerializer(float, return_type=float)

Name = Annotated[str, AfterValidator(_name)]
"""A short name, unique among its kind; used in paths, tables and results."""
Number = Annotated[float, PlainValidator(to_float), _AS_FLOAT, _NUMBER_SCHEMA]
"""A finite number, or text with a unit."""
NonNegative = Annotated[Number, AfterValidator(_at_least_zero)]
Positive = Annotated[Number, AfterValidator(_above_zero)]
Fraction = Annotated[Number, AfterValidator(_fraction)]


def _is_year(key: object) -> bool:
    return isinstance(key, int) or (isinstance(key, str) and key.strip().lstrip("-").isdigit())


def to_path(value: object) -> float | dict[int, float]:
    """A number, or {year: number}; the validator behind every path."""
    if not isinstance(value, Mapping):
        return to_float(value)
    path: dict[int, float] = {}
    for key, item in value.items():
        if not _is_year(key):
            raise ValueError(f'found the key "{key}"; a number or {{year: number}} belongs here.')
        path[int(key)] = to_float(item)
    if not path:
        raise ValueError("found an empty table; a number or {year: number} belongs here.")
    return dict(sorted(path.items()))


def _plain(value: float | dict[int, float]) -> float | dict[int, float]:
    return {year: float(item) for year, item in value.items()} if isinstance(value, dict) else float(value)


Path = Annotated[float | dict[int, float], PlainValidator(to_path), PlainSerializer(_plain), _NUMBER_SCHEMA]
"""A number, or {year: number}: straight lines between the years given, the first and last held outside them."""


def _by_name(value: object) -> object:
    """A single number or path is for the whole municipality (or the default actor, or ledger)."""
    if isinstance(value, Mapping) and value and not all(_is_year(key) for key in value):
        return dict(value)
    if isinstance(value, Mapping) and not value:
        return {}
    return {EVERYWHERE: value}


ByName = Annotated[dict[str, Number], BeforeValidator(_by_name)]
"""{name: number}; one number alone is {"all": number}."""
FractionByName = Annotated[dict[str, Fraction], BeforeValidator(_by_name)]
"""{name: share}; one share alone is {"all": share}."""
PathByName = Annotated[dict[str, Path], BeforeValidator(_by_name)]
"""{name: path}; one path alone is {"all": path}."""


def _texts(value: object) -> object:
    """Text of each key; a number such as the unit 1 is taken as its text."""
    if not isinstance(value, Mapping):
        return value
    return {key: f"{item:g}" if isinstance(item, int | float) and not isinstance(item, bool) else item for key, item in value.items()}


Texts = Annotated[dict[str, str], BeforeValidator(_texts)]
"""{name: text}."""


def _years(value: object) -> object:
    if isinstance(value, str) and "-" in value:
        first, _, last = value.partition("-")
        if first.strip().isdigit() and last.strip().isdigit():
            return tuple(range(int(first), int(last) + 1))
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    return value


Years = Annotated[tuple[int, ...], BeforeValidator(_years)]
"""Years: a list, one year, or text such as "2026-2045"."""


def quantity(unit: str, default: Any = ..., **more: Any) -> Any:
    """A field whose numbers are measured in `unit`; `{currency}` and `{activity}` stand for the plan's own."""
    return Field(default, json_schema_extra={"unit": unit}, **more)


def leaves(value: object, path: str) -> Iterator[tuple[str, float]]:
    """Every number below `value` with its path."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}")
    elif isinstance(value, float):
        yield path, value


_depth: ContextVar[int] = ContextVar("kip_validation_depth", default=0)


def issues_from(error: ValidationError, noun: type[BaseModel], prefix: str = "") -> list[Issue]:
    """Problems in kip's words from pydantic's: nearest name for unknown keys, no type jargon."""
    found = []
    for item in error.errors(include_url=False):
        location = [str(part) for part in item["loc"] if not str(part).startswith(("function-", "dict[", "[key]"))]
        path = ".".join([part for part in [prefix, *location] if part])
        kind, message = item["type"], item["msg"].removeprefix("Value error, ")
        if kind == "extra_forbidden":
            owner = _owner(noun, location)
            message = unknown_name("field", location[-1], sorted(owner.model_fields) if owner else [])
        elif kind == "missing":
            message = f'"{location[-1]}" is missing. Add it.'
        elif kind == "literal_error":
            message = f"{item['input']!r} is not allowed. Use one of {item['ctx']['expected']}."
        elif kind in {"model_type", "dict_type", "tuple_type", "list_type", "string_type"}:
            wanted = {"string_type": "text", "tuple_type": "a list", "list_type": "a list"}.get(kind, "a table of fields")
            message = f"found {item['input']!r}; write {wanted} here."
        elif kind == "greater_than_equal":
            message = f"found {item['input']!r}; must be {item['ctx']['ge']} or more. Change it."
        elif kind == "less_than_equal":
            message = f"found {item['input']!r}; must be {item['ctx']['le']} or less. Change it."
        elif kind.startswith("int_"):
            message = f"found {item['input']!r}; write a whole number here."
        elif not message.endswith("."):
            message = f"found {item['input']!r}. {message[:1].upper()}{message[1:]}."
        issue = Issue(message=message, path=path)
        if issue not in found:
            found.append(issue)
    return found


def _owner(noun: type[BaseModel], location: list[str]) -> type[BaseModel] | None:
    """The noun that the last part of a location is a field of."""
    owner: type[BaseModel] | None = noun
    for part in location[:-1]:
        field = owner.model_fields.get(part) if owner else None
        if field is not None:
            owner = next(iter(_nouns_in(field.annotation)), None)
    return owner


def _nouns_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _nouns_in(inner)


class Noun(BaseModel):
    """Base of everything a plan is made of: frozen, and strict about its field names."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, protected_namespaces=())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Outside of everything, the rules that a noun adds after its fields included, stands the report."""
        return no_info_wrap_validator_function(cls._report_everything, handler(source))

    @classmethod
    def _report_everything(cls, data: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        """At the outermost noun, turn pydantic's errors into one `DataError`."""
        depth = _depth.get()
        token = _depth.set(depth + 1)
        try:
            return handler(data)
        except ValidationError as error:
            if depth:
                raise
            name = data.get("name") if isinstance(data, Mapping) else None
            title = f'{cls.__name__.lower()} "{name}"' if name else f"the {cls.__name__.lower()}"
            raise DataError(issues_from(error, cls), title) from None
        finally:
            _depth.reset(token)
