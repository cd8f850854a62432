"""Nothing is lost: workers that die, runs that are killed, disks that are full, and scenarios that cannot be run."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from numpy.typing import NDArray

import kip
from kip.errors import RequestError
from kip.sweeps.experiment import STATUSES
from kip.sweeps.progress import Progress
from kip.sweeps.running import run
from kip.sweeps.sweep import Sweep, open_sweep
from tests.sweep_experiments import INTERRUPTED, Arithmetic, design

ROOT = Path(__file__).parents[2]
BLOCK = 8
FAILED = STATUSES.index("failed")
SLOWLY = design(64, slow=list(range(16, 64)))
SCRIPT = """
import os, signal, sys
from kip.sweeps.running import run
from tests.sweep_experiments import Arithmetic, design

def told(progress):
    print(progress.finished, flush=True)
    if {kill} and progress.finished >= 32:
        os.kill(os.getpid(), signal.SIGKILL)

values = design(64, slow=list(range(16, {slow})))
sweep = run(Arithmetic(), values, executor={executor!r}, workers=2, store={store!r}, progress=told, block=8)
print(sweep)
"""


@cache
def slowly() -> Sweep:
    return run(Arithmetic(), SLOWLY, block=BLOCK)


def same(left: Sweep, right: Sweep) -> bool:
    """Equal to the last bit, but for how long it took."""
    return bool(left.dataset.drop_vars("seconds").identical(right.dataset.drop_vars("seconds")))


def correct(sweep: Sweep, values: NDArray[np.float64]) -> bool:
    """What has an answer has the right one, by arithmetic."""
    data, has = sweep.dataset, sweep.journal.status == STATUSES.index("optimal")
    return (
        np.array_equal(data["sum"].values[has], (values[:, 0] + values[:, 1])[has], equal_nan=True)
        and np.array_equal(data["product"].values[has], (values[:, 0] * values[:, 1])[has], equal_nan=True)
        and np.array_equal(data["level"].sel(shift="a").values[has], np.floor(values[has, 0]), equal_nan=True)
        and bool(np.isnan(data["sum"].values[~has]).all())
    )


def script(store: Path, executor: str = "serial", kill: bool = False, slow: int = 0) -> subprocess.Popen[str]:
    # in a script without `if __name__ == "__main__"`: worker processes must not run it again
    code = SCRIPT.format(store=str(store), executor=executor, kill=kill, slow=slow)
    path = store.with_suffix(".py")
    path.write_text(code, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, str(path)], env=environment, start_new_session=True, **piped)  # type: ignore[call-overload,no-any-return]


def test_scenarios_without_an_answer_are_rows() -> None:
    values = design(20, infeasible=[1], unbounded=[9], nothing=[17])
    values[4, 0] = np.nan
    sweep = run(Arithmetic(), values, block=BLOCK)
    assert sweep.complete and correct(sweep, values)
    assert sweep.statuses.to_dict() == {"optimal": 17, "infeasible": 1, "unbounded": 1, "invalid": 1}
    assert sweep.failures.to_dict("list") == {
        "scenario": [1, 9, 17],
        "status": ["infeasible", "unbounded", "invalid"],
        "reason": ["it is infeasible.", "it is unbounded.", "it is invalid."],
        "file": ["", "", ""],
    }
    assert np.isnan(sweep.dataset["input"].values[4, 0]) and np.isnan(sweep.dataset["sum"].values[4])


@pytest.mark.parametrize("executor", ["serial", "threads"])
def test_what_raises_is_found_and_named(executor: str, tmp_path: Path) -> None:
    values = design(30, raises=[0, 11], exits=[29])
    sweep = run(Arithmetic(), values, executor=executor, workers=2, store=tmp_path / "run.zarr", block=BLOCK)
    assert sweep.complete and correct(sweep, values)
    failures = sweep.failures
    assert failures["scenario"].tolist() == [0, 11, 29] and set(failures["status"]) == {"failed"}
    assert "ZeroDivisionError: this scenario divides by zero (sweep_experiments.py, line" in failures["reason"][0]
    assert "SystemExit: 3" in failures["reason"][2]
    saved = tmp_path / "run.failed" / "scenario-11.txt"
    assert failures["file"][1] == str(saved) and json.loads(saved.read_text()) == values[11].tolist()
    assert "Scenario 0 failed: ZeroDivisionError" in str(sweep)


def test_most_of_what_raises_is_not_saved(tmp_path: Path) -> None:
    sweep = run(Arithmetic(), design(50, raises=list(range(50))), store=tmp_path / "run.zarr", block=BLOCK)
    assert sweep.statuses.to_dict() == {"failed": 50}
    assert len(list((tmp_path / "run.failed").iterdir())) == 20
    assert sweep.failures["reason"].str.startswith("ZeroDivisionError").all()


def test_scenario_that_kills_its_worker_is_found(tmp_path: Path) -> None:
    values = design(40, kills=[13], raises=[30])
    sweep = run(Arithmetic(), values, executor="processes", workers=2, store=tmp_path / "run.zarr", block=BLOCK)
    assert sweep.complete and correct(sweep, values)
    assert sweep.failures["scenario"].tolist() == [13, 30]
    assert "the worker process was ended by SIGKILL" in sweep.failures["reason"][0]
    # it kills whoever would write its model, too: its numbers are saved instead
    saved = json.loads((tmp_path / "run.failed" / "scenario-13.json").read_text())
    assert saved["scenario"] == 13 and list(saved["values"].values()) == values[13].tolist()
    assert not [child for child in multiprocessing.active_children() if child.name == "kip-worker"]


def test_worker_killed_by_a_scenario_that_is_well_the_second_time(tmp_path: Path) -> None:
    """Its block is run again as a whole."""
    values, experiment = design(24, kills_once=[10]), Arithmetic(flag=str(tmp_path / "killed"))
    sweep = run(experiment, values, executor="processes", workers=2, block=BLOCK)
    assert (tmp_path / "killed").exists()
    assert sweep.statuses.to_dict() == {"optimal": 24}
    assert same(sweep, run(experiment, values, block=BLOCK))


def test_worker_killed_from_outside_loses_nothing() -> None:
    """Once, while the run is on: whatever block it had is run again as a whole."""
    values = design(48, slow=list(range(16, 48, 4)))
    killed: list[int] = []

    def told(progress: Progress) -> None:
        children = [child for child in multiprocessing.active_children() if child.name == "kip-worker"]
        if progress.finished >= 16 and not killed:
            killed.append(int(children[0].pid or 0))
            os.kill(killed[0], signal.SIGKILL)

    sweep = run(Arithmetic(), values, executor="processes", workers=2, progress=told, block=BLOCK)
    assert killed
    assert sweep.statuses.to_dict() == {"optimal": 48}
    assert same(sweep, run(Arithmetic(), values, block=BLOCK))


@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_killed_run_is_gone_on_with(executor: str, tmp_path: Path) -> None:
    store = tmp_path / "run.zarr"
    process = script(store, executor, kill=True)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    before = open_sweep(store)
    assert 32 <= before.finished < 64 and before.finished % BLOCK == 0 and not before.complete
    assert correct(before, design(64))
    counted: list[int] = []
    after = run(Arithmetic(), design(64), store=store, progress=lambda progress: counted.append(progress.finished))
    assert len(counted) == (64 - before.finished) // BLOCK, "what was finished is not run again"
    assert same(after, run(Arithmetic(), design(64), block=BLOCK))


@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_ctrl_c_keeps_what_is_finished(executor: str, tmp_path: Path) -> None:
    store = tmp_path / "run.zarr"
    process = script(store, executor, slow=64)
    assert process.stdout is not None
    while int(process.stdout.readline()) < 16:
        pass
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: every process gets it
    said, wrong = process.communicate(timeout=60)
    assert process.returncode == 0, wrong
    assert time.monotonic() - began < 10
    assert "Traceback" not in wrong
    finished = open_sweep(store).finished
    assert 16 <= finished < 64 and f"{finished} of 64 scenarios are finished." in said and "Stopped on request" in said
    assert re.search(rf"open +{64 - finished}\b", said)
    assert same(run(Arithmetic(), SLOWLY, store=store), slowly())


def test_ctrl_c_again_and_again(tmp_path: Path) -> None:
    """Stopped after each block, in memory, by threads: what is finished only grows, and resume goes on."""

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    values = design(40)
    sweep = run(Arithmetic(), values, executor="threads", workers=2, block=BLOCK, progress=stop)
    stops = 1
    while not sweep.complete:
        assert sweep.stopped == "interrupted" and correct(sweep, values)
        before = sweep.finished
        sweep = sweep.resume(executor="threads", workers=2, progress=stop)
        assert sweep.finished > before
        stops += 1
    assert stops > 1
    assert same(sweep, run(Arithmetic(), values, block=BLOCK))


def test_solver_that_swallows_ctrl_c_ends_the_sweep() -> None:
    """The kernel takes Ctrl-C itself and says so in the status: the block is written, and run again when it goes on."""
    values = design(32, interrupted=[10])
    sweep = run(Arithmetic(), values, block=BLOCK)
    assert sweep.stopped == "interrupted" and sweep.finished == 15
    assert sweep.statuses.to_dict() == {"open": 16, "optimal": 15, "interrupted": 1}
    again = sweep.resume()
    assert again.finished == 15 and not again.complete


class Quota(zarr.storage.WrapperStore[Any]):  # type: ignore[misc]
    """A store that fails at its n-th write, as a disk does or as a power cut does."""

    def __init__(self, store: Any, writes: int, problem: BaseException | None = None) -> None:
        super().__init__(store)
        self.left = writes
        self.problem = problem or OSError(errno.ENOSPC, "No space left on device")

    async def set(self, key: str, value: Any) -> None:
        self.left -= 1
        if self.left < 0:
            raise self.problem
        await super().set(key, value)

    def _with_store(self, store: Any) -> Any:
        return type(self)(store, self.left, self.problem)


@pytest.mark.parametrize(("block", "page", "scenarios", "least"), [(8, 8, 20, 0), (2, 4, 9, 10)])
def test_run_that_ends_at_any_write_is_gone_on_with(
    block: int, page: int, scenarios: int, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine goes down at each single write in turn: no block ever looks finished that is not, and none is lost.

    With pages of two blocks, the second write of a page puts the page in place again with one block more.
    """
    monkeypatch.setattr("kip.sweeps.journal.LINGER", 0.0)
    monkeypatch.setattr("kip.sweeps.running.BLOCK", page)
    values = design(scenarios, infeasible=[3], nothing=[scenarios - 2])
    named = {"block": block} if block == page else {}
    monkeypatch.setattr("kip.sweeps.running.LEAST_BLOCKS", -(-len(values) // block))
    whole = run(Arithmetic(), values, **named)
    assert (whole.journal.header.block, whole.journal.header.page) == (block, page)
    finished = []
    for writes in range(least, 200):
        disk = zarr.storage.MemoryStore()
        try:
            run(Arithmetic(), values, store=Quota(disk, writes, SystemError("power cut")), **named)
        except SystemError:
            pass
        else:
            break
        try:
            before = open_sweep(disk)
        except RequestError:
            finished.append(0)  # it went down before the store was ready
        else:
            finished.append(before.finished)
            assert correct(before, values)
        assert same(run(Arithmetic(), values, store=disk, **named), whole)
    assert sorted(set(finished)) == list(range(0, scenarios, block)) and finished == sorted(finished) and len(finished) > 15


def test_quick_blocks_are_written_together_and_ctrl_c_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kip.sweeps.journal.LINGER", 1e9)
    values = design(96, raises=[50])
    told: list[int] = []
    sweep = run(Arithmetic(), values, progress=lambda progress: told.append(progress.finished))
    assert sweep.journal.header.block == 3 and told == [96], "they fit in one page"
    assert same(sweep, run(Arithmetic(), values, executor="threads", workers=3))
    values[60, 2] = INTERRUPTED
    sweep = run(Arithmetic(), values)
    assert sweep.stopped == "interrupted" and sweep.finished == 62 and correct(sweep, values)


def test_full_disk_keeps_what_is_finished() -> None:
    values = design(64)
    disk = zarr.storage.MemoryStore()
    with pytest.raises(RequestError, match=r"is full \(No space left on device\). \d+ of 64 scenarios are finished and kept. Make room"):
        run(Arithmetic(), values, store=Quota(disk, 40), block=BLOCK)
    before = open_sweep(disk)
    assert 0 < before.finished < 64 and correct(before, values)
    elsewhere = zarr.storage.MemoryStore()
    before.save(elsewhere)
    assert open_sweep(elsewhere).finished == before.finished
    after = run(Arithmetic(), values, store=elsewhere)
    assert same(after, run(Arithmetic(), values, block=BLOCK))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"a small disk cannot be mounted here ({made.stderr.strip()}); the test of a quota stands in for it.")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="there is no mount on this machine; the test of a quota stands in for it.")
def test_small_disk_fills_up_and_then_cannot_be_written(small_disk: Path, tmp_path: Path) -> None:
    values = design(600)
    with pytest.raises(RequestError, match=r"full .* of 600 scenarios are finished and kept"):
        run(Arithmetic(), values, store=small_disk / "run.zarr", block=BLOCK)
    before = open_sweep(small_disk / "run.zarr")
    assert 0 < before.finished < 600 and correct(before, values)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(RequestError, match=r"run.zarr cannot be written: it is read-only.* finished and kept. Make it writable"):
        run(Arithmetic(), values, store=small_disk / "run.zarr")
    with pytest.raises(RequestError, match=r"other.zarr cannot be written: it is read-only"):
        run(Arithmetic(), values, store=small_disk / "other.zarr")
    assert open_sweep(small_disk / "run.zarr").finished == before.finished
    open_sweep(small_disk / "run.zarr").save(tmp_path / "run.zarr")
    assert same(run(Arithmetic(), values, store=tmp_path / "run.zarr"), run(Arithmetic(), values, block=BLOCK))


def test_read_only_store(tmp_path: Path) -> None:
    run(Arithmetic(), design(16), store=tmp_path / "run.zarr", block=BLOCK)
    locked = zarr.storage.LocalStore(tmp_path / "run.zarr", read_only=True)
    with pytest.raises(RequestError, match="cannot be written: it is read-only"):
        run(Arithmetic(), design(16), store=locked)
    with pytest.raises(RequestError, match="cannot be written: it is read-only"):
        run(Arithmetic(), design(16), store=zarr.storage.LocalStore(tmp_path / "new.zarr", read_only=True))
    assert open_sweep(locked).complete


def test_failed_scenarios_can_be_run_again(tmp_path: Path) -> None:
    """What failed for a reason outside it is run again on request, and only its block."""
    values = design(24, kills_once=[10])
    experiment = Arithmetic(flag=str(tmp_path / "killed"))
    whole = run(Arithmetic(flag=__file__), values, block=BLOCK)
    broken = run(Arithmetic(), design(24, raises=[10]), block=BLOCK)
    assert broken.failures["scenario"].tolist() == [10]
    counted: list[int] = []
    again = broken.resume(experiment, again=("failed",), progress=lambda progress: counted.append(progress.finished))
    assert len(counted) == 1 and again.failures["scenario"].tolist() == [10]
    (tmp_path / "killed").touch()
    assert same(run(experiment, values, block=BLOCK), whole)


def test_public_name() -> None:
    assert kip.open_sweep is open_sweep and kip.Sweep is Sweep
