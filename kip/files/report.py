"""From a draft to a plan, or to one report of everything that is wrong with it.

A plan stops at the first kind of error: fields that cannot be read hide contradictions between nouns. Here the values
that cannot be read are taken out, the plan is made again, and what is new is added, until nothing changes. What follows only from
something that was taken out is left unsaid.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from kip.errors import DataError, Issue
from kip.files.cells import is_year
from kip.files.draft import Draft, Trail
from kip.files.rows import one_for_all_years
from kip.model.fields import EVERYWHERE
from kip.model.plan import COLLECTIONS, Plan
from kip.units import to_float

__all__ = ["finish"]

_ROUNDS = 60
_KINDS = {
    "actor": ("actors",),
    "district": ("districts",),
    "activity": ("activities",),
    "shift": ("shifts",),
    "shift or enabler": ("shifts", "enablers"),
    "group": ("groups",),
    "indicator": ("indicators",),
    "ledger": ("ledgers",),
    "resource": ("resources",),
    "value set": ("value_sets",),
}
_ALIKE = 3
"""More rows than this with the same problem in the same column become one."""


def finish(draft: Draft) -> Plan:
    """Make the plan.

    Raises
    ------
    DataError
        With every problem of the draft, each at its place on disk.
    """
    try:
        plan = Plan.model_validate(draft.data)
    except DataError:
        pass
    else:
        if not draft.issues:
            return plan
    issues = list(dict.fromkeys([*draft.issues, *_Search(draft).issues()]))
    raise DataError(_together(sorted(issues, key=_order(draft))), draft.source)


def _order(draft: Draft) -> Any:
    files = list(dict.fromkeys(place.file for place in draft.places.values()))
    return lambda issue: (files.index(issue.file) if issue.file in files else -1, issue.row or 0)


def _together(issues: list[Issue]) -> Iterator[Issue]:
    """One line for a problem that many rows of a column share."""
    alike: dict[tuple[str, str, str], list[Issue]] = {}
    for issue in issues:
        alike.setdefault((issue.message, issue.file, issue.column), []).append(issue)
    for same in alike.values():
        if len(same) <= _ALIKE or not same[0].column:
            yield from same
            continue
        rows = ", ".join(str(issue.row) for issue in same[1:10])
        more = f" and {len(same) - 10} more" if len(same) > 10 else ""
        yield replace(same[0], message=f"{same[0].message} The same in rows {rows}{more}.")


class _Search:
    """The plan is made again and again, each time without what was found to be wrong."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.data = copy.deepcopy(draft.data)
        self.original = {name: list(range(len(self.data.get(name, [])))) for name in COLLECTIONS}
        self.pruned: list[Trail] = []
        self.pruned_names: list[str] = []
        self.lost_names = set(draft.lost_names)

    def issues(self) -> Iterator[Issue]:
        """Every problem that making the plan brings to light."""
        for turn in range(_ROUNDS):
            try:
                Plan.model_validate(self.data)
                return
            except DataError as error:
                # errors of fields come from pydantic, contradictions between nouns from the plan itself
                in_fields = isinstance(error.__context__, ValidationError)
                found = [item for issue in error.issues for item in self.refined(issue, in_fields)]
            for issue, trail, rest in found:
                if not self.follows(issue, (*trail, *rest), in_fields, turn):
                    yield self.placed(issue, trail, rest)
            if not in_fields or not self.prune({(trail, rest) for _, trail, rest in found}):
                return

    def refined(self, issue: Issue, in_fields: bool) -> Iterator[tuple[Issue, Trail, Trail]]:
        """The problem with the trail of its value; one for each cell when it is about a table of numbers."""
        trail, rest = self.walk(issue.path, in_fields)
        value = self.at(trail)
        if re.match(r"\d+ (times the|decisions for|outcomes of) ", issue.message) and len(trail) == 2:
            yield issue, self.last_of_name(trail), rest
            return
        if rest == (EVERYWHERE,) and len(trail) == 3 and isinstance(value, Mapping) and value and all(map(is_year, value)):
            yield replace(issue, message=one_for_all_years(trail[2], trail[0])), trail, rest
            return
        name = re.search(r'unknown [\w ]+ "([^"]*)"', issue.message)
        if in_fields and not rest and isinstance(value, Mapping) and len(trail) > 2 and trail[2] != "uptake":
            cells = list(self.bad_cells(value, trail))
            for below, message in cells:
                yield replace(issue, message=message), below, ()
            if cells:
                return
        elif name and not rest:
            step = next((key for key, item in _children(value) if name[1] in (key, item)), None)
            if step is not None:
                trail = (*trail, step)
        yield issue, trail, rest

    def last_of_name(self, trail: Trail) -> Trail:
        """The last noun of the same name, so that the report shows the one that came too much."""
        nouns = self.data[trail[0]]
        names = list(_keys(nouns[int(trail[1])]))
        return (trail[0], str(max(number for number, noun in enumerate(nouns) if list(_keys(noun)) == names)))

    def bad_cells(self, table: Mapping[Any, Any], trail: Trail) -> Iterator[tuple[Trail, str]]:
        years = any(is_year(key) for key in table)
        for key, value in table.items():
            if isinstance(value, Mapping):
                continue
            if years and not is_year(key):
                yield (*trail, str(key)), f'found "{key}" among years; write a year. Names and years do not go together.'
                continue
            try:
                to_float(value)
            except ValueError as error:
                yield (*trail, str(key)), str(error)

    def walk(self, path: str, by_number: bool) -> tuple[Trail, Trail]:
        """The longest trail that exists along a path, and what is left of the path. Keys may hold points themselves."""
        value: Any = self.data
        trail: list[str] = []
        rest = path
        while rest:
            keys = [(key, item) for key, item in self.names(value, trail, rest, by_number) if rest == key or rest.startswith(f"{key}.")]
            if not keys:
                break
            key, (step, value) = max(keys, key=lambda found: len(found[0]))
            trail.append(step)
            rest = rest[len(key) + 1 :]
        return tuple(trail), tuple(rest.split(".")) if rest else ()

    def names(self, value: Any, trail: list[str], rest: str, by_number: bool) -> Iterator[tuple[str, tuple[str, Any]]]:
        if by_number and isinstance(value, list):
            step = rest.partition(".")[0]
            if step.isdecimal() and int(step) < len(value):
                yield step, (step, value[int(step)])
            return
        for number, item in _children(value):
            yield number, (number, item)
            if len(trail) == 1 and trail[0] in COLLECTIONS and isinstance(item, Mapping):
                for name in _keys(item):
                    yield str(name), (number, item)

    def at(self, trail: Trail) -> Any:
        value: Any = self.data
        for step in trail:
            value = value[int(step)] if isinstance(value, list) else dict(_children(value)).get(step)
        return value

    def on_disk(self, trail: Trail) -> Trail:
        """The trail before anything was taken out."""
        if len(trail) > 1 and trail[0] in self.original:
            return (trail[0], str(self.original[trail[0]][int(trail[1])]), *trail[2:])
        return trail

    def placed(self, issue: Issue, trail: Trail, rest: Trail) -> Issue:
        """The problem at its place on disk."""
        place = self.draft.place(self.on_disk(trail))
        column = rest[0] if rest and len(trail) in {0, 2} else place.column
        if issue.path == "years" and not trail:
            place, column = self.draft.place(()), "years"
        return issue.at(place.file, place.row, column)

    def follows(self, issue: Issue, trail: Trail, in_fields: bool, turn: int) -> bool:
        """Whether a problem is only the echo of something that was taken out or could not be read."""
        full = self.on_disk(trail)
        if any(f'"{name}"' in issue.message and not issue.message.startswith('"') for name in self.lost_names):
            return True
        if len(full) >= 3 and issue.message.endswith("is missing. Add it.") and (full[0], full[2]) in self.draft.suspects:
            return True
        if self.of_lost_collection(issue):
            return True
        if not turn:
            return False
        shortest = 2 if in_fields else 3
        for gone in self.pruned:
            if full[: len(gone)] == gone or (len(full) >= shortest and gone[: len(full)] == full):
                return True
            if issue.message.startswith("found a number in") and (
                gone == ("currency",) or (gone[:2] == full[:2] and gone[2:] in {("unit",), ("source",)})
            ):
                return True
        about = f"{issue.path.removeprefix('passports.')}."
        return any(
            about.startswith(f"{name}.") or f'"{name}"' in issue.message or f'"{name}.' in issue.message for name in self.pruned_names
        )

    def of_lost_collection(self, issue: Issue) -> bool:
        lost = self.draft.lost
        kind = re.match(r'unknown ([\w ]+) "', issue.message)
        if kind and any(name in lost for name in _KINDS.get(kind[1], ())):
            return True
        if "shifts" in lost and issue.message.startswith("the plan has no shifts"):
            return True
        return (
            bool(lost)
            and issue.path.startswith(("passports.", "scenarios."))
            and ("not there" in issue.message or "does not exist" in issue.message)
        )

    def prune(self, found: set[tuple[Trail, Trail]]) -> bool:
        """Take the values out; the noun when a field of it is missing. False when nothing could be taken out."""
        done = False
        for rest in sorted({trail or rest for trail, rest in found if not trail or trail[0] in {"name", "years"}}):
            done |= self.stand_in(rest)
        # each once, the deepest and last first, so that the numbers of the others stay what they are
        trails = {trail for trail, _ in found if trail and trail[0] not in {"name", "years"}}
        for trail in sorted(trails, key=lambda trail: (len(trail), [step.zfill(9) for step in trail]), reverse=True):
            if self.at(trail) is None:
                continue
            self.remember(trail)
            self.take_out(trail)
            done = True
        return done

    def stand_in(self, trail: Trail) -> bool:
        """Something for a name or for years that cannot be read, so that the rest can be looked at."""
        if trail[:1] == ("name",):
            self.data["name"] = "plan"
        elif trail[:1] == ("years",):
            # long enough that no year of the plan falls outside; no prices are converted
            self.data |= {"years": list(range(1900, 2200)), "price_year": None}
            for _, passport in _children(self.data.get("passports")):
                if isinstance(passport, dict):
                    passport.pop("price_year", None)
        else:
            return False
        self.pruned.append(trail[:1])
        return True

    def remember(self, trail: Trail) -> None:
        self.pruned.append(self.on_disk(trail))
        collection, *below = trail
        if not below:
            self.draft.lost.add(collection)
        elif collection in COLLECTIONS:
            noun = self.data[collection][int(below[0])]
            name = str(noun.get("name", noun.get("actor", "")))
            if name:
                self.pruned_names.append(".".join([collection, name, *below[1:]]))
            if len(below) == 1:
                self.lost_names |= {name} - {""}
                if collection in {"shifts", "enablers"}:
                    self.draft.lost.add(collection)

    def take_out(self, trail: Trail) -> None:
        above = self.at(trail[:-1])
        if isinstance(above, list):
            number = int(trail[-1])
            del above[number]
            if len(trail) == 2 and trail[0] in self.original:
                del self.original[trail[0]][number]
        elif isinstance(above, dict):
            key = next(key for key in above if str(key) == trail[-1])
            del above[key]
            if not above and len(trail) > 3:
                self.take_out(trail[:-1])


def _keys(item: Mapping[str, Any]) -> Iterator[str]:
    """Names that a noun may have in a path, as `kip.model.paths.key_of` gives them."""
    yield str(item.get("name", item.get("actor")))
    yield f"{item.get('actor')}:{item.get('kind', 'all')}"
    if "shift" in item:
        yield f"{item['shift']}:{item.get('district', EVERYWHERE)}:{item.get('year')}"
    if "group" in item:
        yield f"{item['group']}: {item.get('shift')}"
    if "path" in item:
        yield f"{str(item['path']).replace('.', '/')}:{item.get('year')}"


def _children(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((str(key), item) for key, item in value.items())
    elif isinstance(value, list):
        yield from ((str(number), item) for number, item in enumerate(value))
