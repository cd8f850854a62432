"""Journal: what is known of each scenario, in a Zarr store that a killed run can go on from.

Everything is written in whole blocks of scenarios, the statuses last: as long as they are "open", a block counts as not run, whatever else
stands there. Zarr puts each chunk of the store in its place in one step, so there is no moment at which part of what was there is
missing. Blocks that are finished within a quarter of a second are written together.
"""

from __future__ import annotations

import errno
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from kip.errors import RequestError, figure
from kip.sweeps.experiment import STATUSES, Batch, Floats
from kip.sweeps.header import FORMAT, MARK, Header
from kip.sweeps.parts import joined

if TYPE_CHECKING:
    from zarr.abc.store import Store

__all__ = ["SOLVED", "UNFINISHED", "Journal", "StoreLike"]

StoreLike: TypeAlias = "str | Path | Store"

SOLVED = ("objective", "bound", "gap", "seconds")
"""What one array holds of each scenario beside its outcomes and levels, so that a block is few writes."""

UNFINISHED = (STATUSES.index("open"), STATUSES.index("interrupted"))
"""Codes of scenarios that are to be run when a sweep goes on."""

LINGER = 0.25
"""Blocks that are finished within this time after a write wait for the next one [s]; no more is lost when a run is killed."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)
_ELSEWHERE = "Make it writable, or give another store."


class Journal:
    """A store of one sweep, open for reading and for writing blocks.

    Parameters
    ----------
    group : zarr.Group
    place : str
        How the store is called in messages; empty in memory.

    Attributes
    ----------
    header : Header
    status : array (scenario,) of int8
    counts : array (status,) of int64
        Scenarios by status.
    """

    def __init__(self, group: Any, place: str, arrays: dict[str, Any] | None = None) -> None:
        self.place = place
        self.header = Header.from_attributes(group.attrs.asdict())
        self._arrays = dict(group.arrays()) if arrays is None else arrays
        self.status: NDArray[np.int8] = np.asarray(self._arrays["status"][:], dtype=np.int8)
        self.counts: NDArray[np.int64] = _counted(self.status)
        self._kept: list[tuple[int, Batch]] = []
        self._written = time.monotonic()

    @classmethod
    def at(cls, store: StoreLike | None, header: Header, values: Floats) -> Journal:
        """The store for this sweep: made when there is none, gone on with when there is one of the same sweep.

        Raises
        ------
        RequestError
            When the store holds something else, or cannot be written.
        """
        place = _called(store)
        if store is None or _is_new(store, place):
            return cls.create(store, header, values)
        journal = cls.open(store, write=True)
        apart = journal.header.differences(header)
        if apart:
            raise RequestError(
                f"the store {place} holds another sweep: {'; '.join(apart)}. Give another store, or run it with the plan, the question and "
                "the design that it was made with. kip.open_sweep reads what it holds."
            )
        return journal

    @classmethod
    def create(cls, store: StoreLike | None, header: Header, values: Floats) -> Journal:
        """A new store in which everything is open; in memory without a place."""
        import zarr

        place = _called(store)
        if getattr(store, "read_only", False):
            raise RequestError(_cannot_write(place) + _ELSEWHERE)
        length, page = header.scenarios, min(header.page, header.scenarios)
        numbers = (
            ("input", len(header.parameters), "parameter", 16 * page),
            ("result", len(header.outcomes), "outcome", page),
            ("level", len(header.shifts), "shift", page),
            ("solved", len(SOLVED), "number", page),
        )
        with _told(place):
            # the mark 0 says that it is not ready: a run that is killed before the end of this begins anew
            target = zarr.storage.MemoryStore() if store is None else store
            group: Any = zarr.create_group(target, overwrite=True, zarr_format=3, attributes={MARK: 0})
            arrays: dict[str, Any] = {}
            for name, width, dim, rows in numbers:
                if width:
                    size = {"shape": (length, width), "chunks": (min(rows, length), width)}
                    kind = {"dtype": "float64", "fill_value": np.nan, "dimension_names": ("scenario", dim)}
                    arrays[name] = group.create_array(name, **size, **kind)
            if header.parameters:
                arrays["input"][:] = values
            coded = {"flag_values": list(range(len(STATUSES))), "flag_meanings": " ".join(STATUSES)}
            flat: dict[str, Any] = {"shape": (length,), "chunks": (page,), "dimension_names": ("scenario",)}
            arrays["reason"] = group.create_array("reason", **flat, dtype=str, fill_value="")
            arrays["status"] = group.create_array("status", **flat, dtype="int8", fill_value=0, attributes=coded)
            group.update_attributes(header.to_attributes())  # in one write
        return cls(group, place, arrays)

    @classmethod
    def open(cls, store: StoreLike, write: bool = False) -> Journal:
        """A store that exists.

        Raises
        ------
        RequestError
            When it is missing, no store of a sweep, of a later version, or cannot be written.
        """
        import zarr

        place = _called(store)
        if write and getattr(store, "read_only", False):
            raise RequestError(_cannot_write(place) + _ELSEWHERE)
        with _told(place):
            group = _group(store, "r+" if write else "r")
        if group is None:
            raise RequestError(f"there is no sweep at {place}. Give the store that a sweep was run with.")
        found = group.attrs.asdict() if isinstance(group, zarr.Group) else {}
        if not found.get(MARK):
            raise RequestError(f"{place} is no store of a sweep. Give the store that a sweep was run with.")
        if found[MARK] != FORMAT:
            raise RequestError(
                f"{place} was written by a later version of kip (format {found[MARK]}, this one reads {FORMAT}). Update kip."
            )
        return cls(group, place)

    @cached_property
    def cases(self) -> Path:
        """Folder of the files of failed scenarios: ``run.failed`` beside a store ``run.zarr``, a temporary one otherwise."""
        path = Path(self.place)
        if self.place and "://" not in self.place and path.exists():
            return path.with_name(path.name.removesuffix(".zarr") + ".failed")
        return Path(tempfile.gettempdir()) / f"kip-failed-{uuid4().hex[:8]}"

    @property
    def values(self) -> Floats:
        """The design (scenario, parameter)."""
        if "input" not in self._arrays:
            return np.empty((self.header.scenarios, 0))
        return np.asarray(self._arrays["input"][:], dtype=float)

    @property
    def finished(self) -> int:
        """Scenarios that need not be run again."""
        return int(self.counts.sum() - self.counts[list(UNFINISHED)].sum())

    def blocks(self, again: tuple[str, ...] = ()) -> list[tuple[int, int]]:
        """(first, last + 1) of the blocks with something left to run, or with a status in `again`."""
        wanted = [*UNFINISHED, *(STATUSES.index(name) for name in again)]
        left = np.flatnonzero(np.isin(self.status, wanted))
        size = self.header.block
        return [(int(first), min(int(first) + size, self.header.scenarios)) for first in np.unique(left // size) * size]

    def put(self, first: int, batch: Batch) -> bool:
        """Take a finished block, and write what there is now and then; whether it was written."""
        self._kept.append((first, batch))
        rows = sum(len(one) for _, one in self._kept)
        if rows < self.header.page and time.monotonic() < self._written + LINGER:
            return False
        self.flush()
        return True

    @property
    def waiting(self) -> bool:
        """Whether blocks are taken and not written yet."""
        return bool(self._kept)

    def flush(self) -> None:
        """Write what is taken and not written yet: blocks that follow one another in one go."""
        self._kept.sort(key=lambda one: one[0])
        try:
            while self._kept:
                first, batch = self._kept[0]
                parts, last = [batch], first + len(batch)
                for place, other in self._kept[1:]:
                    if place != last:
                        break
                    parts.append(other)
                    last += len(other)
                self.write(first, joined(parts))
                del self._kept[: len(parts)]
        except RequestError:
            self._kept.clear()  # they are open, and are run again when there is room
            raise
        self._written = time.monotonic()

    def write(self, first: int, batch: Batch) -> None:
        """Write a block, or several in a row; their statuses last.

        Raises
        ------
        RequestError
            When it cannot be written: the store is full or was closed for writing. Everything written before is kept.
        """
        rows = slice(first, first + len(batch))
        solved = np.column_stack([getattr(batch, name) for name in SOLVED])
        with _told(self.place, self):
            before = bool(np.any(self.status[rows]))
            if before:  # run again: it is open while it is written
                self._mark(rows, np.zeros(len(batch), dtype=np.int8))
            for name, array in (("result", batch.outcome), ("level", batch.level), ("solved", solved)):
                if name in self._arrays:
                    self._arrays[name][rows] = array
            if batch.reason or before:
                self._arrays["reason"][rows] = np.array([batch.reason.get(row, "") for row in range(len(batch))], dtype=object)
            self._mark(rows, batch.status)

    def _mark(self, rows: slice, status: NDArray[np.int8]) -> None:
        self._arrays["status"][rows] = status
        self.counts += _counted(status) - _counted(self.status[rows])
        self.status[rows] = status

    def copy(self, store: StoreLike) -> Journal:
        """The same sweep in another, new store: block by block, with what is finished."""
        if not _is_new(store, _called(store)):
            raise RequestError(f"{_called(store)} exists. Give the name of a new store.")
        other = Journal.create(store, self.header, self.values)
        size = self.header.page
        for first in range(0, self.header.scenarios, size):
            if np.any(self.status[first : first + size]):
                other.write(first, self.read(first, min(first + size, self.header.scenarios)))
        return other

    def read(self, first: int, last: int) -> Batch:
        """What is known of the scenarios from `first` up to `last`, not included."""
        rows = slice(first, last)

        def table(name: str) -> Floats:
            return np.asarray(self._arrays[name][rows], dtype=float) if name in self._arrays else np.empty((last - first, 0))

        reasons = {row: str(text) for row, text in enumerate(np.array(self._arrays["reason"][rows]).astype(object)) if text}
        objective, bound, gap, seconds = table("solved").T
        return Batch(table("result"), table("level"), self.status[rows].copy(), objective, bound, gap, seconds, reasons)

    def array(self, name: str) -> Any:
        """A table of the store as zarr has it: input, result, level, solved (by scenario and column); None when it has no columns."""
        return self._arrays.get(name)

    def results(self) -> Floats:
        """Outcomes (scenario, outcome); NaN where there is none, or the scenario is open."""
        if "result" not in self._arrays:
            return np.empty((self.header.scenarios, 0))
        values = np.array(self._arrays["result"][:], dtype=float)
        values[self.status == 0] = np.nan
        return values

    def reasons(self) -> NDArray[np.object_]:
        """Why there is no answer (scenario,); empty text where there is one, or the scenario is open."""
        texts = np.array(self._arrays["reason"][:]).astype(object)
        texts[self.status == 0] = ""
        return texts


def _counted(status: NDArray[np.int8]) -> NDArray[np.int64]:
    return np.bincount(status, minlength=len(STATUSES)).astype(np.int64)


def _is_new(store: StoreLike, place: str) -> bool:
    """Whether a sweep can begin here; what is no sweep's is never overwritten."""
    with _told(place):
        group = _group(store, "r")
    if group is not None:
        return bool(group.attrs.asdict().get(MARK) == 0)
    if isinstance(store, str | Path) and "://" not in str(store):
        path = Path(store)
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise RequestError(f"{place} exists and is no store of a sweep. Give the name of a new folder, for example run.zarr.")
    return True


def _group(store: StoreLike, mode: Any) -> Any:
    import zarr

    try:
        return zarr.open_group(store, mode=mode, zarr_format=3)
    except (FileNotFoundError, NotADirectoryError, zarr.errors.GroupNotFoundError):
        return None


def _called(store: StoreLike | None) -> str:
    if store is None:
        return ""
    return str(store if isinstance(store, str | Path) else getattr(store, "root", store))


def _cannot_write(place: str) -> str:
    return f"the store {place or 'of the sweep'} cannot be written: it is read-only, or belongs to somebody else. "


@contextmanager
def _told(place: str, journal: Journal | None = None) -> Iterator[None]:
    """Turn what a disk says into what to do about it."""
    try:
        yield
    except OSError as problem:
        if isinstance(problem, FileNotFoundError | NotADirectoryError) and journal is None:
            raise
        kept = ""
        if journal is not None:
            kept = f"{figure(journal.finished)} of {figure(journal.header.scenarios)} scenarios are finished and kept. "
        go_on = "run the same again with this store, or go on elsewhere: kip.open_sweep(store).save(new), then run with the new one."
        if problem.errno in _FULL:
            raise RequestError(f"the disk with the store {place} is full ({problem.strerror}). {kept}Make room and {go_on}") from problem
        if problem.errno in _FORBIDDEN:
            raise RequestError(f"{_cannot_write(place)}{kept}Make it writable and {go_on}") from problem
        raise RequestError(f"the store {place} could not be used: {problem}. {kept}Mend that and {go_on}") from problem
