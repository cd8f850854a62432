"""Published answers. Small tables are typed into the tests as facts with their source; larger files are read beside the project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

CASES = Path(__file__).parents[3] / "shared" / "cases"


@pytest.fixture(scope="session")
def case_file() -> Callable[[str], Path]:
    """A file of known answers in the folder `shared` beside the project; the test is skipped, with the reason, where it is missing."""

    def find(name: str) -> Path:
        path = CASES / name
        if not path.exists():
            pytest.skip(f"shared/cases/{name} is not beside the project, so its published answers cannot be read.")
        return path

    return find
