"""A plan while it is being read: plain data, and where on disk each part of it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kip.errors import Issue
from kip.files.cells import is_year, kinds
from kip.files.shipped import shipped_fields
from kip.model.fields import EVERYWHERE
from kip.model.plan import COLLECTIONS, Plan

__all__ = ["NOUNS", "Draft", "Place", "Trail", "arrange"]

Trail = tuple[str, ...]
"""Way to a value in the data: ("shifts", "3", "cost", "municipality")."""


def _noun_of(collection: str) -> Any:
    hint = Plan.model_fields[collection].annotation
    return hint.__args__[0 if collection != "passports" else 1]  # type: ignore[union-attr]  # every collection is a tuple of nouns, or a dict


NOUNS: dict[str, Any] = {collection: _noun_of(collection) for collection in (*COLLECTIONS, "passports")}
"""Class of the nouns of each collection."""


@dataclass(frozen=True)
class Place:
    """File, row and column; and, for a YAML value that is not text, how it was written."""

    file: str
    row: int | None = None
    column: str = ""
    raw: str | None = None


@dataclass
class Draft:
    """Data as the plan takes it, places of its parts, and the problems found so far.

    Attributes
    ----------
    source : str
        What is read, for the heading of a report.
    data : dict
        Fields of the plan; after `arrange`, collections are lists of dicts.
    places : dict
        Place of every value, by its trail.
    issues : list of Issue
        Problems found so far.
    lost : set of str
        Collections of which something could not be read; names that are missing then are no problem of their own.
    lost_names : set of str
        Names of nouns that could not be read.
    suspects : set of (str, str)
        Collection and field that an unknown column was probably meant for.
    """

    source: str
    data: dict[str, Any] = field(default_factory=dict)
    places: dict[Trail, Place] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    lost_names: set[str] = field(default_factory=set)
    suspects: set[tuple[str, str]] = field(default_factory=set)

    def place(self, trail: Trail) -> Place:
        """Place of the value, or of the nearest one above it."""
        for length in range(len(trail), -1, -1):
            found = self.places.get(trail[:length])
            if found is not None:
                return found
        return Place("")

    def problem(self, message: str, trail: Trail) -> None:
        """Note a problem with the value at a trail."""
        place = self.place(trail)
        self.issues.append(Issue(message, ".".join(trail), place.file, place.row, place.column))


def arrange(draft: Draft) -> None:
    """Bring every collection of the frame to a list of dicts, whatever form it was written in; text fields to text."""
    moves: dict[Trail, Trail] = {}
    for collection in COLLECTIONS:
        if collection in draft.data:
            rows = list(_rows(draft, collection, draft.data[collection], moves))
            draft.data[collection] = rows
    _move(draft, moves)
    for collection in COLLECTIONS:
        for number, noun in enumerate(draft.data.get(collection, [])):
            _texts(draft, noun, NOUNS[collection], (collection, str(number)))
    if isinstance(draft.data.get("passports"), Mapping):
        for path, passport in draft.data["passports"].items():
            if isinstance(passport, dict):
                _texts(draft, passport, NOUNS["passports"], ("passports", path))
    _texts(draft, draft.data, Plan, ())


def _rows(draft: Draft, collection: str, value: Any, moves: dict[Trail, Trail]) -> Iterator[dict[str, Any]]:
    if collection == "value_sets":
        value = _with_shipped(value)
    if isinstance(value, list):
        kept = 0
        for number, item in enumerate(value):
            if isinstance(item, dict):
                moves[collection, str(number)] = (collection, str(kept))
                kept += 1
                yield item
            else:
                draft.lost.add(collection)
                draft.problem(f"found {item!r}; write the fields of one of the {collection} here.", (collection, str(number)))
        return
    if not isinstance(value, Mapping):
        if collection == "budgets" and isinstance(value, int | float | str):
            moves[collection,] = (collection, "0", "amount")
            yield {"actor": "municipality", "amount": value}
            return
        draft.lost.add(collection)
        draft.problem(f"found {value!r}; write a list, or a table by name.", (collection,))
        return
    kept = 0
    for name, item in value.items():
        for rest, row, inner in _named(collection, name, item):
            if row is None:
                draft.lost.add(collection)
                draft.lost_names.add(name)
                draft.problem(f'found {item!r}; write the fields of "{name}" here.', (collection, name))
                continue
            moves[collection, name, *rest] = (collection, str(kept), *inner)
            kept += 1
            yield row


def _with_shipped(value: Any) -> Any:
    """Value sets with what the file leaves to kip: `[asek-7]`, and a set without values that has the name of one that comes with kip."""

    def whole(item: Any) -> Any:
        fields = {"name": item} if isinstance(item, str) else item
        if not isinstance(fields, Mapping) or "values" in fields:
            return item
        shipped = shipped_fields(str(fields.get("name", "")))
        return item if shipped is None else {**shipped, **fields}

    if isinstance(value, Mapping):
        return {
            name: whole({"name": name, **(item or {})}) if isinstance(item, Mapping) or item is None else item
            for name, item in value.items()
        }
    return [whole(item) for item in value] if isinstance(value, list) else value


def _named(collection: str, name: str, item: Any) -> Iterator[tuple[Trail, dict[str, Any] | None, Trail]]:
    """Rows that ``name: item`` stands for; the shapes are those that `Plan` takes."""
    if collection == "budgets":
        if isinstance(item, Mapping) and item and set(item) <= {EVERYWHERE, "investment", "operation"}:
            for kind, amount in item.items():
                yield (kind,), {"actor": name, "kind": kind, "amount": amount}, ("amount",)
        elif isinstance(item, Mapping) and "amount" in item:
            yield (), {"actor": name, **item}, ()
        else:
            yield (), {"actor": name, "amount": item}, ("amount",)
    elif collection == "resources" and not (isinstance(item, Mapping) and not all(map(is_year, item))):
        yield (), {"name": name, "supply": item}, ("supply",)
    elif isinstance(item, Mapping):
        yield (), {"name": name, **item}, ()
    else:
        yield (), {"name": name} if item is None else None, ()


def _move(draft: Draft, moves: dict[Trail, Trail]) -> None:
    """Places follow their values."""
    moved: dict[Trail, Place] = {}
    for trail, place in draft.places.items():
        for length in (3, 2, 1):
            new = moves.get(trail[:length]) if len(trail) >= length else None
            if new is not None:
                moved[new + trail[length:]] = place
                moved.setdefault(new[:2], replace(place, raw=None))
                break
        else:
            moved[trail] = place
    draft.places = moved


def _texts(draft: Draft, fields: dict[str, Any], noun: Any, trail: Trail) -> None:
    """In a field of text, ``version: 1.10`` means the text "1.10"."""
    for name, kind in kinds(noun).items():
        value = fields.get(name)
        if kind == "text" and value is not None and not isinstance(value, str):
            place = draft.places.get((*trail, name))
            if place is not None and place.raw is not None:
                fields[name] = place.raw
        elif kind == "names" and isinstance(value, list):
            found = [draft.places.get((*trail, name, str(number))) for number in range(len(value))]
            fields[name] = [
                place.raw if place is not None and place.raw is not None and not isinstance(item, str) else item
                for item, place in zip(value, found, strict=True)
            ]
        elif kind == "names" and isinstance(value, str):
            fields[name] = [value]
