"""Every example in a docstring of kip runs and gives what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import kip

MODULES = sorted(["kip", *(module.name for module in pkgutil.walk_packages(kip.__path__, "kip."))])


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert result.failed == 0, capsys.readouterr().out


def test_public_names_have_an_example() -> None:
    functions_and_nouns = [name for name in kip.__all__ if name[0] != "_" and not name.endswith(("Error", "Issue"))]
    bare = [name for name in functions_and_nouns if ">>>" not in (getattr(kip, name).__doc__ or "")]
    assert not bare, f"no example in the docstring of {bare}."
