"""`read_plan`: a plan from a folder, a YAML file, an Excel workbook, or one of the examples."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

from kip.errors import DataError, Issue, nearest, unknown_name
from kip.files.cells import kinds, read_cell
from kip.files.draft import NOUNS, Draft, Place, arrange
from kip.files.examples import example_folder, example_names
from kip.files.frame import read_frame
from kip.files.report import finish
from kip.files.rows import add_long_table, add_nouns, long_columns
from kip.files.tables import Table, read_csv
from kip.files.workbook import read_workbook
from kip.model.plan import COLLECTIONS, Plan

__all__ = ["FRAME", "long_tables", "read_plan"]

FRAME = "plan.yaml"
"""File of a plan folder that holds the frame: name, years, currency, and whatever is short."""


def read_plan(path: str | PathLike[str]) -> Plan:
    """Read a plan from a folder, a YAML file or an Excel workbook.

    Parameters
    ----------
    path : str or path
        A folder with a ``plan.yaml`` (and tables such as ``shifts.csv`` beside it), that ``plan.yaml`` itself, another YAML
        file that holds a whole plan, an ``.xlsx`` workbook, or the name of an example plan.

    Returns
    -------
    Plan
        Checked as a whole.

    Raises
    ------
    DataError
        With every problem at once, each with file, row and column.

    Examples
    --------
    >>> import kip
    >>> kip.read_plan("minimal").name
    'minimal'
    """
    place = Path(path)
    if not place.exists():
        place = _elsewhere(path)
    if place.is_dir():
        return _read_folder(place)
    suffix = place.suffix.casefold()
    if suffix in {".yaml", ".yml"}:
        return _read_folder(place.parent) if place.name == FRAME else _read_single(place)
    if suffix in {".xlsx", ".xlsm"}:
        return _read_workbook(place)
    if place.name.endswith(".csv") and (place.parent / FRAME).is_file():
        message = f"is one table of a plan. Give the folder that it is in: {place.parent}."
    else:
        message = "is not a plan. Give a folder with a plan.yaml, a .yaml file, an .xlsx workbook, or the name of an example."
    raise DataError([Issue(message, file=str(path))], str(path))


def _elsewhere(path: str | PathLike[str]) -> Path:
    """The example of that name; otherwise an error that says what was looked for."""
    text = str(path)
    folder = example_folder(text)
    if folder is not None:
        return folder
    names = example_names()
    beside = Path(path).parent
    neighbours = [item.name for item in beside.iterdir()] if beside.is_dir() else []
    guess = nearest(Path(path).name, [*neighbours, *names]) if neighbours or names else None
    told = f' Did you mean "{(beside / guess) if guess in neighbours else guess}"?' if guess else ""
    message = (
        f"there is no such folder or file, and no example of that name.{told} Examples: {', '.join(names) or 'none'}. "
        "Start a plan with: kip new my-plan."
    )
    raise DataError([Issue(message, file=text)], text)


def _read_single(path: Path) -> Plan:
    draft = Draft(str(path))
    if not read_frame(path.read_bytes(), path.name, draft):
        raise DataError(draft.issues, draft.source)
    arrange(draft)
    return finish(draft)


def _read_folder(folder: Path) -> Plan:
    draft = Draft(str(folder))
    frame = folder / FRAME
    files = sorted(item for item in folder.iterdir() if item.is_file() and item.suffix.casefold() == ".csv")
    readable = False
    if frame.is_file():
        readable = read_frame(frame.read_bytes(), FRAME, draft)
    else:
        draft.issues.append(Issue(_no_frame(folder), file=FRAME))
    _add_tables([read_csv(item) for item in files], draft, FRAME if readable else None, ".csv")
    return finish(draft)


def _no_frame(folder: Path) -> str:
    other = next((item.name for item in sorted(folder.iterdir()) if item.suffix.casefold() in {".yaml", ".yml"}), None)
    if other is not None:
        return f'the folder "{folder}" has no {FRAME}. Rename {other} to {FRAME} if it is the plan.'
    within = sorted(item.parent.name for item in folder.glob(f"*/{FRAME}"))
    if within:
        return f'the folder "{folder}" has no {FRAME}, but folders in it have: {", ".join(within[:8])}. Give one of them.'
    return f'the folder "{folder}" has no {FRAME}. Write one (name, years), or start with: kip new my-plan.'


def _read_workbook(path: Path) -> Plan:
    draft = Draft(str(path))
    sheets = read_workbook(path)
    frame = next((sheet for sheet in sheets if sheet.stem == "plan"), None)
    if frame is None:
        draft.issues.append(
            Issue('the workbook has no sheet "plan". Add it, with the columns field and value (name, years).', file=path.name)
        )
    else:
        _read_frame_sheet(frame, draft)
    tables = [sheet for sheet in sheets if sheet.stem != "plan" and (sheet.header or sheet.issues)]
    _add_tables(tables, draft, frame.file if frame is not None and frame.header else None, "")
    return finish(draft)


def _read_frame_sheet(table: Table, draft: Draft) -> None:
    """The sheet `plan`: a field and its value in each row, deeper ones with points."""
    draft.places[()] = Place(table.file)
    if table.header and table.header[:2] != ["field", "value"]:
        table.problem('the first two columns must be "field" and "value". Rename them.', table.header_row)
        draft.issues += table.issues
        table.header = []
        return
    draft.issues += table.issues
    known = kinds(Plan)
    for row, cells in table.rows:
        field, value = cells[0], cells[1]
        head, *keys = field.split(".")
        trail = (head, *keys)
        if not value or not field:
            if value:
                draft.issues.append(
                    Issue("the name of the field is missing. Write it in the first column.", file=table.file, row=row, column="field")
                )
            continue
        if trail in draft.places:
            draft.issues.append(
                Issue(
                    f'"{field}" is there twice (first in row {draft.places[trail].row}). Keep one of them.', field, table.file, row, "field"
                )
            )
            continue
        place = Place(table.file, row, "value")
        target: Any = draft.data
        for depth, key in enumerate(trail[:-1], start=1):
            draft.places.setdefault(trail[:depth], place)
            target = target.setdefault(key, {}) if isinstance(target, dict) else None
        if not isinstance(target, dict) or trail[-1] in target:
            draft.issues.append(
                Issue(f'"{field}" is given both as one value and as a table. Keep one of the two.', field, table.file, row, "field")
            )
            continue
        draft.places[trail] = place
        target[trail[-1]] = read_cell(value, known.get(head, "text") if not keys else "number")


def long_tables() -> dict[str, tuple[str, str]]:
    """Every long table that a plan may have: its name without ".csv", and collection and field."""
    return {
        f"{collection}.{field}": (collection, field)
        for collection in COLLECTIONS
        for field in NOUNS[collection].model_fields
        if long_columns(collection, field) is not None
    }


def _add_tables(tables: Iterable[Table], draft: Draft, frame: str | None, ending: str) -> None:
    """Tables into the draft: first those of nouns, then the long ones that add to them."""
    nouns, long, known = [], [], [*COLLECTIONS, "passports"]
    for table in tables:
        if table.stem in known:
            nouns.append(table)
        elif table.stem in long_tables():
            long.append(table)
        else:
            draft.issues.append(Issue(_unknown_table(table.stem, ending), file=table.file))
    if frame is None:
        # the frame may have held any of them
        stems = {table.stem for table in nouns}
        draft.lost |= {collection for collection in known if collection not in stems}
        draft.data |= {"name": draft.data.get("name", "plan"), "years": list(range(1900, 2200)), "currency": "SEK"}
    for table in nouns:
        if table.stem in draft.data:
            place = draft.place((table.stem,))
            draft.issues.append(
                Issue(f'"{table.stem}" is also given in {place.file}, row {place.row}. Keep one of the two.', table.stem, table.file)
            )
            nouns = [item for item in nouns if item is not table]
    arrange(draft)
    for table in nouns:
        add_nouns(table, draft)
    for table in long:
        add_long_table(table, draft)


def _unknown_table(stem: str, ending: str) -> str:
    collection, _, field = stem.partition(".")
    what = "table" if ending else "sheet"
    if field and collection in COLLECTIONS and field in NOUNS[collection].model_fields:
        return f'"{field}" has no long table. Write it as a column of {collection}{ending}.'
    names = [*COLLECTIONS, "passports"]
    deep = list(long_tables())
    guess = nearest(stem, deep) if field else None
    text = unknown_name(what, stem + ending, [name + ending for name in names])
    if guess:
        text = f'unknown {what} "{stem}{ending}". Did you mean "{guess}{ending}"?'
    rest = " Rename it" + (" so that it does not end with .csv" if ending else " so that it begins with #")
    return f"{text}{rest} if it is no part of the plan."
