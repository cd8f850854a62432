"""YAML in and out: the frame of a plan, with the line of every value.

Keys are text, dates are text, an empty value means "not given". Nothing is executed and no object is made.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from kip.errors import Issue
from kip.files.cells import quote
from kip.files.draft import Draft, Place, Trail

__all__ = ["flow", "from_flow", "read_frame", "yaml_text"]

_LINE_WIDTH = 120
_PLAIN_WORDS = (
    ("mapping values are not allowed", 'a ":" in the middle of a text. Put the text in quotation marks'),
    ("could not find expected ':'", 'a line without ":" after the name of the field. Write "field: value"'),
    ("cannot start any token", "a sign that YAML keeps for itself (or a tab). Indent with spaces, and put the text in quotation marks"),
    ("while scanning a quoted scalar", "a quotation mark without its partner. Close it"),
    ("found unexpected end of stream", "a quotation mark or bracket without its partner. Close it"),
    ("expected <block end>", "an indentation that does not fit the lines above. Line it up with its neighbours"),
    ("expected ',' or", "a bracket without its partner, or a comma that is missing. Mend the list or table in brackets"),
    ("undefined alias", "a reference (*) to something that has no name (&). Write the value out"),
    ("expected a single document", 'a second document ("---"). Keep one'),
    ("special characters are not allowed", "a control character. Delete it"),
)


def _yaml() -> Any:
    from ruamel.yaml import YAML

    # the pure Python parser of YAML 1.2: "no" is text, and errors know their line
    return YAML(typ="safe", pure=True)


def read_frame(raw: bytes, file: str, draft: Draft) -> bool:
    """Read YAML into a draft. False when it cannot be read at all; the reason is then in the draft's issues."""
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    draft.places[()] = Place(file)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        draft.issues.append(Issue("is not UTF-8 text. Save it with the encoding UTF-8.", file=file, row=line))
        return False
    yaml = _yaml()
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        draft.issues.append(Issue(_in_words(error), file=file, row=mark.line + 1 if mark else None))
        return False
    except YAMLError as error:
        message = f"cannot be read as YAML ({str(error).splitlines()[0]}). Delete the character, or put the text in quotation marks."
        draft.issues.append(Issue(message, file=file, row=_line_of_error(error, text)))
        return False
    if root is None:
        return True
    if not str(root.tag).endswith(":map"):
        draft.issues.append(
            Issue('found no fields. Write a line for each field, such as "name: my-plan".', file=file, row=root.start_mark.line + 1)
        )
        return False
    draft.data = _Reader(yaml, file, draft).value(root, ())
    return True


def _in_words(error: Any) -> str:
    said = " ".join(str(part) for part in (error.context, error.problem) if part)
    words = next((words for sign, words in _PLAIN_WORDS if sign in said), None)
    opened = ""
    if error.context_mark is not None and error.problem_mark is not None and error.context_mark.line != error.problem_mark.line:
        opened = f" What goes wrong begins in row {error.context_mark.line + 1}."
    return (
        f"YAML cannot be read: found {words}.{opened}"
        if words
        else f"YAML cannot be read: {said}.{opened} Compare with the lines around it."
    )


def _line_of_error(error: Any, text: str) -> int | None:
    position = getattr(error, "position", None)
    return text[:position].count("\n") + 1 if isinstance(position, int) else None


class _Reader:
    """Plain data from YAML nodes, every place noted in a draft."""

    def __init__(self, yaml: Any, file: str, draft: Draft) -> None:
        self.yaml = yaml
        self.file = file
        self.draft = draft
        self.above: list[int] = []

    def value(self, node: Any, trail: Trail) -> Any:
        """The value of a node; keys are text, except below `changes` of a scenario, where they are what they look like."""
        if id(node) in self.above:
            self.note("refers to itself. Write the value out.", node, trail)
            return None
        self.above.append(id(node))
        try:
            tag = str(node.tag).rpartition(":")[2]
            if isinstance(node.value, list):
                return (
                    self.table(node, trail) if tag == "map" else [self.value(item, (*trail, str(n))) for n, item in self.noted(node, trail)]
                )
            return self.scalar(node, tag, trail)
        finally:
            self.above.pop()

    def noted(self, node: Any, trail: Trail) -> list[tuple[int, Any]]:
        items = list(enumerate(node.value))
        for number, item in items:
            self.draft.places[(*trail, str(number))] = self.place(item, trail)
        return items

    def table(self, node: Any, trail: Trail) -> dict[Any, Any]:
        typed = trail[:1] == ("scenarios",) and "changes" in trail
        found: dict[Any, Any] = {}
        for key_node, item in node.value:
            if isinstance(key_node.value, list) or str(key_node.tag).endswith(":merge"):
                self.note("found a key that is no name. Write a name, and write merged values out.", key_node, trail)
                continue
            name = str(key_node.value)
            key = self.scalar(key_node, str(key_node.tag).rpartition(":")[2], trail) if typed else name
            below = (*trail, name)
            if key in found:
                first = self.draft.places.get(below)
                since = f" (first in row {first.row})" if first is not None else ""
                self.note(f'"{name}" is there twice{since}. Keep one of them.', key_node, below)
                continue
            self.draft.places[below] = self.place(key_node, below, item)
            value = self.value(item, below)
            if value is not None or typed:
                found[key] = value
        return found

    def scalar(self, node: Any, tag: str, trail: Trail) -> Any:
        if tag in {"int", "float", "bool", "null"}:
            try:
                return self.yaml.constructor.construct_object(node)
            except (ValueError, KeyError, OverflowError):
                return str(node.value)
        if tag not in {"str", "timestamp"} or (node.tag and str(node.tag).startswith("!")):
            self.note(f"found the tag {node.tag}. Write plain text or numbers.", node, trail)
        return str(node.value)

    def place(self, node: Any, trail: Trail, item: Any = None) -> Place:
        value = node if item is None else item
        raw = str(value.value) if not isinstance(value.value, list) and not str(value.tag).endswith((":str", ":null")) else None
        return Place(self.file, node.start_mark.line + 1, trail[-1] if trail else "", raw)

    def note(self, message: str, node: Any, trail: Trail) -> None:
        column = trail[-1] if trail else ""
        self.draft.issues.append(Issue(message, ".".join(trail), self.file, node.start_mark.line + 1, column))


def yaml_text(data: Mapping[str, Any]) -> str:
    """Plain data as YAML for people: no anchors, long texts in blocks, fields in the order given."""
    yaml = _writer(_LINE_WIDTH)
    out = io.StringIO()
    yaml.dump(_dressed(data), out)
    return out.getvalue()


def _writer(width: int) -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(pure=True)
    yaml.width = width
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.ignore_aliases = lambda _data: True
    return yaml


def _dressed(value: Any, in_cell: bool = False) -> Any:
    """The value in ruamel's own types, which say how each part is to look: lists of values in brackets, long texts in blocks."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

    if isinstance(value, Mapping):
        fields = CommentedMap({key: _dressed(item, in_cell) for key, item in value.items()})
        if in_cell:
            fields.fa.set_flow_style()
        return fields
    if isinstance(value, list | tuple):
        items = CommentedSeq([_dressed(item, in_cell) for item in value])
        if in_cell or not any(isinstance(item, CommentedMap | CommentedSeq) for item in items):
            items.fa.set_flow_style()
        return items
    if isinstance(value, str):
        if not in_cell and _fits_a_block(value):
            return LiteralScalarString(value)
        if quote(value) != value or "\n" in value or "  " in value:
            return DoubleQuotedScalarString(value)
    return value


def _fits_a_block(text: str) -> bool:
    """Text of several lines that a YAML block keeps as it is."""
    body = text.removesuffix("\n")
    lines = body.split("\n")
    return "\n" in text and bool(lines[0]) and bool(lines[-1]) and all(line.isprintable() and line == line.strip() for line in lines)


def flow(value: Any) -> str:
    """Any plain value on one line, as YAML writes it in brackets; numbers, text, lists and tables stay apart.

    Examples
    --------
    >>> flow({2026: 0.5}), flow("7 %"), flow("2030")
    ('{2026: 0.5}', '7 %', "'2030'")
    """
    yaml = _writer(2**30)
    out = io.StringIO()
    if isinstance(value, Mapping | list | tuple):
        yaml.dump(_dressed(value, in_cell=True), out)
        return out.getvalue().strip()
    # in brackets, since a document of one value alone would end with "..."
    yaml.dump(_dressed([value], in_cell=True), out)
    return out.getvalue().strip()[1:-1].strip()


def from_flow(text: str) -> Any:
    """The value that `flow` wrote. Raises ValueError with a sentence."""
    from ruamel.yaml.error import YAMLError

    try:
        return _yaml().load(text)
    except YAMLError as error:
        raise ValueError(f"{text!r} cannot be read ({str(error).splitlines()[0]}). Put the text in quotation marks.") from None
