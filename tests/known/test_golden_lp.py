"""The mathematics as LP files: a change of a constraint shows in the review as a change of tests/known/lp/."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from kip.optimization.constraints import CONSTRAINTS

HERE = Path(__file__).parent
FILES = sorted((HERE / "lp").glob("*.lp"))


@pytest.fixture(scope="module")
def lp_files() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lp_files", HERE / "lp_files.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines(text: str) -> list[str]:
    """The lines that say something: no comments, no empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("\\")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_rows_are_those_of_the_file(lp_files: ModuleType, path: Path) -> None:
    assert lines(lp_files.lp_text(path.stem)) == lines(path.read_text(encoding="utf-8")), (
        "the formulation has changed. If that is meant, run `python tests/known/lp_files.py`, read the differences beside the docstrings "
        "in kip/optimization/constraints.py and commit them."
    )


def test_every_constraint_has_a_file(lp_files: ModuleType) -> None:
    names = {path.stem for path in FILES}
    assert set(CONSTRAINTS) <= names, "add a case to tests/known/lp_files.py and run it."
    assert names == set(lp_files.CASES), "run `python tests/known/lp_files.py`."


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_has_two_rows_of_one_constraint(lp_files: ModuleType, path: Path) -> None:
    rows = re.findall(r"^c_[uel]_(\w+)\(.*\)_:$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert rows == [lp_files.constraint_of(path.stem)] * 2
