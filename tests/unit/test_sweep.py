"""A sweep as its reader sees it: dataset, table, sentences, in both languages; and its store opened by others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from kip.sweeps.plain import Plain
from kip.sweeps.progress import Progress
from kip.sweeps.running import run
from kip.sweeps.sweep import Sweep, open_sweep
from tests.sweep_experiments import Arithmetic, design

VALUES = design(20, infeasible=[2], raises=[17])


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    return run(Arithmetic(), VALUES, store=tmp_path_factory.mktemp("sweep") / "run.zarr", block=8, about={"design": "random", "seed": 0})


def test_dataset(sweep: Sweep) -> None:
    data = sweep.dataset
    assert dict(data.sizes) == {"scenario": 20, "parameter": 3, "shift": 2}
    assert data["sum"].attrs == {"units": "t", "long_name": "The sum"} and data["product"].attrs["long_name"] == "product"
    assert data["input"].sel(parameter="y").values.tolist() == VALUES[:, 1].tolist()
    assert data["status"].attrs["flag_meanings"].split()[int(data["status"][2])] == "infeasible"
    assert data["gap"].attrs["units"] == "1" and data["seconds"].attrs["units"] == "s"
    assert data.attrs["seed"] == 0 and data.attrs["design"] == "random" and data.attrs["plan"] == "arithmetic"
    assert {"identity", "design_hash", "kip_version"} <= set(data.attrs)
    assert data["reason"].values[2] == "it is infeasible." and data["reason"].values[3] == ""


def test_dataset_is_read_when_it_is_used(sweep: Sweep) -> None:
    data = sweep.dataset
    assert all(not data[name].variable._in_memory for name in ("input", "sum", "level", "gap"))
    whole = data.load()
    lazily = sweep.dataset
    for key in (slice(3, 11, 2), [5, 2, 19], -1, np.arange(20) % 2 == 0):
        for name in ("sum", "level", "input"):
            xr.testing.assert_identical(lazily[name].isel(scenario=key).compute(), whole[name].isel(scenario=key))
    assert lazily["level"].isel(scenario=[3, 1], shift=1).values.tolist() == whole["level"].values[[3, 1], 1].tolist()


def test_dask_arithmetic_over_chunks(sweep: Sweep) -> None:
    pytest.importorskip("dask", reason="dask is not installed; it comes with the extra dask.")
    assert float(sweep.dataset.chunk(scenario=8)["sum"].mean()) == pytest.approx(float(sweep.dataset["sum"].mean()), rel=1e-12)


def test_dataset_can_be_written_elsewhere(sweep: Sweep, tmp_path: Path) -> None:
    sweep.dataset.to_netcdf(tmp_path / "run.nc", engine="scipy")
    with xr.open_dataset(tmp_path / "run.nc", engine="scipy") as back:
        assert np.array_equal(back["sum"].values, sweep.dataset["sum"].values, equal_nan=True)


def test_store_is_plain_zarr(sweep: Sweep) -> None:
    raw = xr.open_zarr(sweep.journal.place, consolidated=False, chunks=None)
    assert raw.attrs["outcomes"][0] == ["sum", "t", "The sum"]
    assert np.array_equal(raw["result"].values[:, 0], sweep.dataset["sum"].values, equal_nan=True)
    assert raw["status"].dtype == np.int8 and raw["status"].values.tolist() == sweep.dataset["status"].values.tolist()


def test_table(sweep: Sweep) -> None:
    table = sweep.table()
    assert list(table.columns) == ["x", "y", "asks", "sum [t]", "product [SEK]", "place", "status"]
    assert table["status"].tolist()[:4] == ["optimal", "optimal", "infeasible", "optimal"]
    assert table["sum [t]"][3] == VALUES[3, 0] + VALUES[3, 1] and np.isnan(table["sum [t]"][2])
    both = run(Plain(lambda x: x + 1, ["x"], ["x"]), np.array([[1.0]])).table()
    assert both.to_dict("list") == {"x": [1.0], "x (outcome)": [2.0], "status": ["evaluated"]}


def test_quantiles() -> None:
    """Of 0, 1, …, 100: by arithmetic."""
    found = run(Plain(lambda x: x, ["x"], ["itself"]), np.arange(101.0)[:, None]).quantiles()
    assert found.loc["itself"].tolist() == [0.0, 5.0, 50.0, 95.0, 100.0, 50.0, ""]


def test_in_words(sweep: Sweep) -> None:
    said = str(sweep)
    assert "All 20 scenarios are finished." in said and "Scenario 17 failed: ZeroDivisionError" in said
    assert "infeasible" in said and "The sum" in said
    swedish = "\n".join(Sweep(sweep.journal, language="sv").sentences())
    assert "Alla 20 scenarier är klara." in swedish and "Scenario 17 misslyckades" in swedish
    html = sweep._repr_html_()
    assert "All 20 scenarios are finished." in html and "<table" in html


def test_to_dict(sweep: Sweep) -> None:
    plain = sweep.to_dict()
    assert plain["scenarios"] == 20 and plain["statuses"] == {"optimal": 18, "infeasible": 1, "failed": 1}
    assert plain["outcomes"]["sum"]["unit"] == "t" and plain["provenance"]["design"] == "random"


def test_opened_again(sweep: Sweep) -> None:
    opened = open_sweep(sweep.journal.place)
    assert opened.dataset.identical(sweep.dataset) and opened.experiment is None
    assert opened.failures.equals(sweep.failures)


def test_progress_counts_and_says_so() -> None:
    told: list[Progress] = []
    run(Arithmetic(), VALUES, block=8, progress=told.append)
    assert [one.finished for one in told] == [8, 16, 20] and [one.failed for one in told] == [0, 0, 1]
    assert all(one.total == 20 and one.rate > 0 for one in told) and told[-1].left == 0
    assert str(Progress(1024, 4096, 2, 512.0, 3725.0)) == "1,024 of 4,096 scenarios, 512 a second, 1:02:05 left, 2 failed"
    assert str(Progress(0, 10)) == "0 of 10 scenarios, 0 failed"


def test_complete_sweep_is_not_run_again(sweep: Sweep) -> None:
    again = run(Arithmetic(), VALUES, store=sweep.journal.place, progress=lambda progress: pytest.fail("it ran"), executor="processes")
    assert again.dataset.identical(sweep.dataset)


def test_block_of_the_experiment_and_of_the_store(tmp_path: Path) -> None:
    class Slow(Arithmetic):
        block = 4

    assert run(Slow(), design(500)).journal.header.block == 4
    told: list[Progress] = []
    run(Slow(), design(12), store=tmp_path / "run.zarr", block=4, progress=told.append)
    assert [one.finished for one in told] == [4, 8, 12]
    assert run(Slow(), design(12), store=tmp_path / "run.zarr", block=6).journal.header.block == 4, "a store keeps its own"


@pytest.mark.parametrize(("scenarios", "block"), [(1, 1), (32, 1), (33, 2), (4096, 128), (8192, 256), (20_000, 256)])
def test_few_scenarios_are_cut_in_small_blocks(scenarios: int, block: int) -> None:
    """So that they too are shared among workers: a 32nd of all, at most 256."""
    sweep = run(Arithmetic(), design(scenarios), progress=False)
    assert sweep.journal.header.block == block and sweep.complete
