"""Whoever runs the scenarios, the numbers are the same; and no worker that is lost takes a scenario along."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kip.errors import RequestError
from kip.sweeps.experiment import STATUSES
from kip.sweeps.plain import Plain
from kip.sweeps.progress import Progress
from kip.sweeps.running import run
from kip.sweeps.sweep import Sweep
from tests.sweep_experiments import Arithmetic, design

ROOT = Path(__file__).parents[2]
BLOCK = 8
VALUES = design(60, infeasible=[5, 33], unbounded=[12], nothing=[47])


def same(left: Sweep, right: Sweep) -> bool:
    """Equal to the last bit, but for how long it took."""
    return bool(left.dataset.drop_vars("seconds").identical(right.dataset.drop_vars("seconds")))


@pytest.fixture(scope="module")
def alone() -> Sweep:
    return run(Arithmetic(), VALUES, block=BLOCK)


@pytest.mark.parametrize("executor", ["threads", "processes"])
@pytest.mark.parametrize("workers", [1, 3])
def test_by_name(executor: str, workers: int, alone: Sweep) -> None:
    assert same(run(Arithmetic(), VALUES, executor=executor, workers=workers, block=BLOCK), alone)


def pools() -> list[Any]:
    return [ThreadPoolExecutor(2), ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("forkserver"))]


@pytest.mark.parametrize("pool", pools(), ids=lambda pool: type(pool).__name__)
def test_any_executor(pool: Executor, alone: Sweep) -> None:
    with pool:
        assert same(run(Arithmetic(), VALUES, executor=pool, block=BLOCK), alone)
        assert same(run(Arithmetic(), VALUES, executor=pool, block=BLOCK), alone), "it is still there for a second sweep"


class Counting(ThreadPoolExecutor):
    """Counts how often bytes are sent, and how many jobs are out at most."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.sent = self.out = self.most = 0

    def submit(self, function: Any, *given: Any, **named: Any) -> Any:
        self.sent += any(isinstance(one, bytes) for one in given)
        self.out += 1
        self.most = max(self.most, self.out)
        future = super().submit(function, *given, **named)
        future.add_done_callback(lambda _: setattr(self, "out", self.out - 1))
        return future


def test_experiment_is_sent_once_and_few_blocks_are_out() -> None:
    with Counting(1) as pool:
        run(Arithmetic(), design(800), executor=pool, block=BLOCK)
    assert pool.sent <= 2 and pool.most <= 2


class Own:
    """Knows which process and thread built it."""

    parameters, shifts, about = ("x",), (), {}
    identity = "own"

    def __init__(self) -> None:
        self.copies = 0

    @property
    def outcomes(self) -> Any:
        return Arithmetic().outcomes[:1]

    def __getstate__(self) -> dict[str, int]:
        return {"copies": self.copies + 1}

    def run(self, values: Any) -> Any:
        batch = Plain(float, ["x"]).run(values)
        batch.outcome[:], batch.status[:] = self.copies, STATUSES.index("evaluated")
        self.copies += 10  # a thread that shared its copy with another would be seen
        return batch

    def save_case(self, values: Any, folder: Path) -> Path:
        raise NotImplementedError


def test_every_thread_has_a_copy_of_its_own() -> None:
    experiment = Own()
    sweep = run(experiment, np.zeros((40, 1)), executor="threads", workers=4, block=1)
    assert experiment.copies == 0
    seen = sorted(sweep.dataset["sum"].values)
    copies = {round(value % 10) for value in seen}
    assert copies == {1} and seen.count(1.0) <= 4


@pytest.mark.parametrize(
    ("executor", "said"),
    [
        ("serail", 'unknown executor "serail". Did you mean "serial"?'),
        (3, "executor is a int. Give serial, threads, processes, a concurrent.futures.Executor or a dask.distributed.Client."),
    ],
)
def test_unknown_executor(executor: Any, said: str) -> None:
    with pytest.raises(RequestError, match=r"executor") as told:
        run(Arithmetic(), VALUES, executor=executor)
    assert said in str(told.value)


def test_number_of_workers() -> None:
    with pytest.raises(RequestError, match="workers is 0; give 1 or more"):
        run(Arithmetic(), VALUES, executor="threads", workers=0)


class Unsendable(Arithmetic):
    def __reduce__(self) -> Any:
        raise TypeError("it holds a solver")


class Unloadable(Arithmetic):
    def __reduce__(self) -> Any:
        return pickle.loads, (b"rubbish",)


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_experiment_that_cannot_be_sent(executor: str) -> None:
    with pytest.raises(RequestError, match=r'cannot be sent to other workers \(it holds a solver\).* executor="serial"'):
        run(Unsendable(), VALUES, executor=executor)
    with pytest.raises(RequestError, match="the workers cannot load the experiment: UnpicklingError"):
        run(Unloadable(), VALUES, executor=executor, workers=1)
    assert not [child for child in multiprocessing.active_children() if child.name == "kip-worker"]


def test_function_of_a_script_reaches_the_workers() -> None:
    """A lambda of a notebook or script, by value; workers do not run the script again."""
    sweep = run(Plain(lambda x: 2 * x, ["x"]), np.arange(20.0)[:, None], executor="processes", workers=1, block=BLOCK)
    assert sweep.dataset["outcome"].values.tolist() == (2 * np.arange(20.0)).tolist()


def test_without_cloudpickle_a_script_is_told_what_to_do(tmp_path: Path) -> None:
    """Only its name can be sent then, and workers load the script: it must be guarded, and says so when it is not."""
    code = """
import sys
sys.modules["cloudpickle"] = None
import numpy as np
from kip.errors import RequestError
from kip.sweeps.plain import Plain
from kip.sweeps.running import run

def double(x):
    return 2 * x

def main():
    try:
        sweep = run(Plain(double, ["x"]), np.arange(20.0)[:, None], executor="processes", workers=1, block=8)
        print(sweep.journal.results().sum())
    except RequestError as problem:
        print(problem)

"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for call, said in (("if __name__ == '__main__':\n    main()\n", "380.0"), ("main()\n", 'if __name__ == "__main__":')):
        (tmp_path / "script.py").write_text(code + call, encoding="utf-8")
        made = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, env=environment, check=False)
        assert made.returncode == 0 and said in made.stdout, made.stderr


def test_broken_pool_of_ones_own_keeps_what_is_finished(tmp_path: Path) -> None:
    values = design(40, kills=[30])
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("forkserver")) as pool, pytest.raises(RequestError) as told:
        run(Arithmetic(), values, executor=pool, store=tmp_path / "run.zarr", block=BLOCK)
    assert "the executor broke (BrokenProcessPool" in str(told.value) and 'executor="processes" replaces' in str(told.value)
    after = run(Arithmetic(), values, executor="processes", workers=1, store=tmp_path / "run.zarr")
    assert after.failures["scenario"].tolist() == [30]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed", reason="dask is not installed; it comes with the extra dask.")
    dask = pytest.importorskip("dask")
    # the tests kill workers again and again: a cluster is not to give up those that are slow to come back
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "1h"}):
        cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50)
        with cluster, distributed.Client(cluster) as client:
            yield client


def test_dask_gives_the_same(client: Any, alone: Sweep) -> None:
    assert same(run(Arithmetic(), VALUES, executor=client, block=BLOCK), alone)


def test_dask_worker_lost_in_mid_run(client: Any) -> None:
    """Every worker is killed once while the run is on; the nannies start new ones, which are sent the experiment again."""
    values = design(48, slow=list(range(8, 48, 2)))
    client.wait_for_workers(2)
    killed: list[int] = []

    def told(progress: Progress) -> None:
        if not killed:
            killed.extend(client.run(os.getpid, nanny=False).values())
            for process in killed:
                os.kill(process, signal.SIGKILL)

    sweep = run(Arithmetic(), values, executor=client, progress=told, block=BLOCK)
    assert len(killed) == 2 and sweep.statuses.to_dict() == {"optimal": 48}
    assert same(sweep, run(Arithmetic(), values, block=BLOCK))


def test_dask_scenario_that_kills_every_worker_is_found(client: Any, tmp_path: Path) -> None:
    values = design(12, kills=[6])
    client.wait_for_workers(2)
    client.cluster.scheduler.allowed_failures = 0  # one dead worker is enough to say so
    sweep = run(Arithmetic(), values, executor=client, store=tmp_path / "run.zarr", block=4)
    assert sweep.statuses.to_dict() == {"optimal": 11, "failed": 1}
    assert sweep.failures["scenario"].tolist() == [6] and "the dask workers that ran it died" in sweep.failures["reason"][0]
    assert (tmp_path / "run.failed" / "scenario-6.json").exists()


def test_dask_cluster_that_goes_away_keeps_what_is_finished(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="dask is not installed; it comes with the extra dask.")
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, silence_logs=50)
    values = design(64, slow=list(range(16, 64, 4)))

    def told(progress: Progress) -> None:
        if progress.finished == 16:
            cluster.close()

    with distributed.Client(cluster) as client, pytest.raises(RequestError, match=r"the dask cluster is gone.* What is finished is kept"):
        run(Arithmetic(), values, executor=client, store=tmp_path / "run.zarr", progress=told, block=BLOCK)
    assert run(Arithmetic(), values, store=tmp_path / "run.zarr", executor="threads").complete
