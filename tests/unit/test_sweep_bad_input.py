"""What is wrong with a sweep is said before anything runs: what was found, what is allowed, what to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from kip.errors import RequestError
from kip.sweeps.experiment import Measured
from kip.sweeps.running import run
from kip.sweeps.sweep import open_sweep
from tests.sweep_experiments import Arithmetic, design


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.zeros((4, 2)), r"the shape \(4, 2\); give one row for each scenario and 3 columns"),
        (np.zeros(3), r"the shape \(3,\)"),
        (np.zeros((0, 3)), "the design has no scenarios"),
    ],
)
def test_values(values: Any, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        run(Arithmetic(), values)


def test_block() -> None:
    with pytest.raises(RequestError, match="block is 0; give 1 or more"):
        run(Arithmetic(), design(4), block=0)


def test_outcome_with_a_name_of_the_dataset() -> None:
    with pytest.raises(RequestError, match="an outcome is called status, which the dataset uses itself"):
        run(replace(Arithmetic(), outcomes=(Measured("sum"), Measured("status"))), design(4))


@pytest.mark.parametrize(
    ("change", "values", "said"),
    [
        ({"name": "other"}, design(20), "plan was arithmetic and is other"),
        (
            {"name": "other", "parameters": ("x", "z", "asks")},
            design(20),
            "parameters have y, which is not asked for now; its parameters lack z",
        ),
        ({"name": "other", "shifts": ("b", "a")}, design(20), "its shifts stand in another order"),
        ({}, design(20, seed=1), "its scenarios have other numbers"),
        ({}, design(24), "it has 20 scenarios, not 24"),
    ],
)
def test_store_of_another_sweep(change: dict[str, Any], values: Any, said: str, tmp_path: Path) -> None:
    run(Arithmetic(), design(20), store=tmp_path / "run.zarr", block=8)
    with pytest.raises(RequestError) as told:
        run(replace(Arithmetic(), **change), values, store=tmp_path / "run.zarr")
    assert f"the store {tmp_path / 'run.zarr'} holds another sweep: " in str(told.value) and said in str(told.value)
    assert "Give another store" in str(told.value)
    assert open_sweep(tmp_path / "run.zarr").complete, "and it is still there"


def test_store_that_is_something_else(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "diary.txt").write_text("Monday", encoding="utf-8")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    zarr.create_group(tmp_path / "weather.zarr", attributes={"title": "rain"})
    for name in ("notes", "file"):
        with pytest.raises(RequestError, match=rf"{name} exists and is no store of a sweep. Give the name of a new folder"):
            run(Arithmetic(), design(4), store=tmp_path / name)
    with pytest.raises(RequestError, match=r"weather.zarr is no store of a sweep"):
        run(Arithmetic(), design(4), store=tmp_path / "weather.zarr")
    assert (tmp_path / "notes" / "diary.txt").read_text(encoding="utf-8") == "Monday"
    (tmp_path / "empty").mkdir()
    assert run(Arithmetic(), design(4), store=tmp_path / "empty").complete, "an empty folder is as good as none"


def test_opening(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"there is no sweep at .*none.zarr"):
        open_sweep(tmp_path / "none.zarr")
    zarr.create_group(tmp_path / "weather.zarr", attributes={"title": "rain"})
    with pytest.raises(RequestError, match=r"weather.zarr is no store of a sweep"):
        open_sweep(tmp_path / "weather.zarr")
    run(Arithmetic(), design(4), store=tmp_path / "run.zarr")
    zarr.open_group(tmp_path / "run.zarr").attrs["kip_sweep"] = 99
    with pytest.raises(RequestError, match=r"written by a later version of kip \(format 99, this one reads 1\). Update kip"):
        open_sweep(tmp_path / "run.zarr")


def test_resuming_without_and_with_another_experiment(tmp_path: Path) -> None:
    run(Arithmetic(), design(16), store=tmp_path / "run.zarr", block=8)
    opened = open_sweep(tmp_path / "run.zarr")
    with pytest.raises(RequestError, match=r"holds numbers and no code. Run the same sweep with this store once more"):
        opened.resume()
    with pytest.raises(RequestError, match="that experiment is another one"):
        opened.resume(Arithmetic(name="other"))
    with pytest.raises(RequestError, match=r'unknown status "faild". Did you mean "failed"'):
        run(Arithmetic(), design(16)).resume(again=("faild",))
    with pytest.raises(RequestError, match=r"run.zarr exists. Give the name of a new store"):
        opened.save(tmp_path / "run.zarr")


class Careless(Arithmetic):
    """Gives a batch of the wrong size, or a status that does not exist."""

    def run(self, values: Any) -> Any:
        batch = super().run(values)
        if self.flag == "status":
            batch.status[:] = 77
        else:
            batch.gap = batch.gap[:-1]
        return batch


@pytest.mark.parametrize(("flag", "said"), [("", "gave gap of shape (0,) for 1 scenarios; it must be (1,)"), ("status", "none of 0 to 8")])
def test_experiment_that_breaks_its_promise(flag: str, said: str) -> None:
    sweep = run(Careless(flag=flag), design(4))
    assert sweep.statuses.to_dict() == {"failed": 4} and said in sweep.failures["reason"][0]
