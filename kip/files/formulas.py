"""Cells of a workbook whose formula has no value: the reader sees them as empty, and nothing may be dropped unseen."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["valueless_cells"]

_SHEET = re.compile(r'<sheet\b[^>]*?\bname="([^"]*)"[^>]*?\br:id="([^"]*)"')
_RELATION = re.compile(r"<Relationship\b[^>]*>")
_CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_VALUE = re.compile(r"<v\b[^>]*>([^<]+)</v>")


def valueless_cells(path: Path) -> dict[str, list[tuple[int, int, str]]]:
    """By sheet: row (from 1), column (from 0) and what stands there: an error such as ``#DIV/0!``, or "" when never calculated."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return {}
        relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
        targets = {_attribute(item, "Id"): _attribute(item, "Target") for item in _RELATION.findall(relations)}
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        found = {}
        for name, relation in _SHEET.findall(book):
            target = targets.get(relation, "")
            file = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            if file in names:
                found[_plain(name)] = list(_cells(archive.read(file).decode("utf-8", "replace")))
    return {name: cells for name, cells in found.items() if cells}


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf'\b{name}="([^"]*)"', tag)
    return match[1] if match else ""


def _plain(text: str) -> str:
    import html

    return html.unescape(text)


def _cells(xml: str) -> Iterator[tuple[int, int, str]]:
    if "<f" not in xml and 't="e"' not in xml:
        return
    for attributes, inside in _CELL.findall(xml):
        value = _VALUE.search(inside)
        is_error = _attribute(attributes, "t") == "e"
        if not is_error and ("<f" not in inside or value is not None or _attribute(attributes, "t") == "str"):
            continue
        place = re.fullmatch(r"([A-Z]+)(\d+)", _attribute(attributes, "r"))
        if place is not None:
            yield int(place[2]), _column(place[1]), value[1] if value is not None else ""


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
