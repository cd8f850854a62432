"""Write docs/reference/fields.md from the nouns: run `make docs` after a field is added or its docstring changed.

The field's docstring is its documentation; this page, the validator and the tests read the same definition, so the page
cannot say something else than the code. A test compares the page with what this script would write.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import kip
from kip.model.fields import Noun

PAGE = Path(__file__).with_name("fields.md")

NOUNS: tuple[type[Noun], ...] = (
    kip.Plan,
    kip.District,
    kip.Group,
    kip.Actor,
    kip.Activity,
    kip.Shift,
    kip.Enabler,
    kip.Overlap,
    kip.Funding,
    kip.Budget,
    kip.Resource,
    kip.ValueSet,
    kip.Indicator,
    kip.Ledger,
    kip.Target,
    kip.Decision,
    kip.Outcome,
    kip.Fairness,
    kip.Consequence,
    kip.Scenario,
    kip.Passport,
    kip.Investment,
)

TYPES = {
    "ByName": "number, or {name: number}",
    "Fraction": "number from 0 to 1",
    "Name": "name",
    "NonNegative": "number ≥ 0",
    "Number": "number",
    "Path": "number, or {year: number}",
    "PathByName": "number, {year: number}, {name: number} or {name: {year: number}}",
    "Positive": "number > 0",
    "Years": 'years: a list, one year, or "2026-2045"',
    "bool": "yes or no (true, false)",
    "dict[str, Number]": "{name: number}",
    "int": "whole number",
    "str": "text",
    "tuple[str, ...]": "list of names",
    "Texts": "{name: text}",
    "dict[str, Any]": "{path: value}",
    "FractionByName": "number from 0 to 1, or {name: number}",
    "dict[str, NonNegative]": "{name: number ≥ 0}",
    "dict[str, Fraction]": "{name: number from 0 to 1}",
    "dict[str, Passport]": "{path: passport}",
    "dict[str, float | str]": "{name: number or text}",
    "dict[int, NonNegative]": "{year: number ≥ 0}",
    "dict[int, Positive]": "{year: number > 0}",
    "tuple[NonNegative, ...]": "list of numbers ≥ 0",
    "ActorKind": '"municipal", "regional", "state" or "private"',
    "tuple[Budget, ...]": "list of Budget, or a table (see the meaning)",
    "tuple[Resource, ...]": "list of Resource, or a table (see the meaning)",
    "Share": 'number from 0 to 1, or a distribution such as "triangular(0.2, 0.4, 0.6)"',
    "dict[Control, Share]": "{level of control: number from 0 to 1, or distribution}",
    "dict[str, Control]": "{name: level of control}",
    "Control": '"own", "procurement", "regulation", "incentive" or "dialogue"',
    "Quality": '"A", "B" or "C"',
}
"""How each kind of field is written by a user; a kind that is missing here stops the script."""

HEAD = """<!-- Written by docs/reference/generate.py from the docstrings in kip/model/. Do not edit by hand: run `make docs`. -->

# Every field of a plan

A plan folder, an Excel workbook and the Python objects have the same fields. A number may be written plainly, in the
unit that stands in the table, or as text with a unit of its own: `5 MSEK`, `2.1 kt/year`, `180 g CO2e/vkm`, `30 %`.
*currency* is the plan's currency, *activity* the unit of the activity that a shift takes from, *unit* the noun's own unit,
1 a pure number. An empty default means that the field must be given; *nothing* means that it may be left out.
"""


COLUMNS = "| field | what to write | unit | default | meaning |\n|---|---|---|---|---|"


def page() -> str:
    """The whole page."""
    contents = "\n".join(f"- [{noun.__name__}](#{noun.__name__.lower()})" for noun in NOUNS)
    sections = "\n".join(_section(noun) for noun in NOUNS)
    return f"{HEAD}\n{contents}\n\n{sections}"


def _section(noun: type[Noun]) -> str:
    rows = "\n".join(_rows(noun))
    return f"## {noun.__name__}\n\n{_introduction(noun)}\n\n{COLUMNS}\n{rows}\n"


def _introduction(noun: type[Noun]) -> str:
    """The docstring down to its first section."""
    text = inspect.cleandoc(noun.__doc__ or "")
    text = re.split(r"\n\n[A-Z]\w+\n-{3,}", text)[0]
    return text.replace("``", "`")


def _rows(noun: type[Noun]) -> Iterator[str]:
    kinds: dict[str, str] = {}
    for base in reversed(noun.__mro__):
        kinds |= {name: str(kind) for name, kind in vars(base).get("__annotations__", {}).items()}
    for name, field in noun.model_fields.items():
        if not field.description:
            raise SystemExit(f"{noun.__name__}.{name} has no docstring below it. Say there what it means, with its unit in [brackets].")
        cells = [f"`{name}`", _kind(noun, name, kinds[name]), _unit(field), _default(field), field.description]
        yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _kind(noun: type[Noun], name: str, kind: str) -> str:
    kind = kind.removesuffix(" | None")
    if kind in TYPES:
        return TYPES[kind]
    if kind.startswith("Literal["):
        return " or ".join(kind.removeprefix("Literal[").removesuffix("]").replace("'", '"').split(", "))
    inside = re.fullmatch(r"tuple\[(\w+), \.\.\.\]", kind)
    if inside and hasattr(kip, inside[1]):
        return f"list of {inside[1]}, or {{name: fields}}"
    raise SystemExit(f"{noun.__name__}.{name} is of the kind {kind}, which has no words. Add it to TYPES in {Path(__file__).name}.")


def _unit(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    return re.sub(r"\{(\w+)\}", r"*\1*", unit)


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True) if field.default_factory is None else field.default_factory()  # type: ignore[call-arg]
    if value is PydanticUndefined:
        return ""
    if value is None or value in ("", (), {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return str(next(iter(value.values()))) if set(value) == {"all"} else str(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("``", "`").replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name} written: {len(NOUNS)} nouns.")
