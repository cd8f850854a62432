"""What a Dask worker is given when it joins: the experiment, once."""

from __future__ import annotations

from typing import Any

from distributed import WorkerPlugin

from kip.sweeps.worker import keep, let_go

__all__ = ["Copy"]


class Copy(WorkerPlugin):
    """Keeps a pickled experiment on every worker, also on those that join or restart later."""

    def __init__(self, token: str, payload: bytes) -> None:
        self.token = token
        self.payload = payload

    def setup(self, worker: Any) -> None:
        keep(self.token, self.payload)

    def teardown(self, worker: Any) -> None:
        let_go(self.token)
