"""What pyproject.toml, CHANGELOG and CITATION.cff say agrees with the code."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import kip

ROOT = Path(__file__).parents[2]
NAMES = {
    "python_calamine": "python-calamine",
    "ruamel": "ruamel.yaml",
    "numpy_financial": "numpy-financial",
    "pydantic_core": "pydantic",  # its own other half, in the version that it pins
}
INSTALLED_BY_EXTRAS = {
    # loaded only where a user asks for what they do; each comes with the package that an extra names
    "distributed": "dask",
    "cloudpickle": "dask",
}
NEVER_IMPORTED_BY_US = {
    # pyomo's matrix compiler and xarray's interpolation need it at run time
    "scipy",
}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def imported() -> set[str]:
    """Top-level packages that any module of kip imports, anywhere in it."""
    found: set[str] = set()
    for path in (ROOT / "kip").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return {NAMES.get(name, name) for name in found - sys.stdlib_module_names - {"kip"}}


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ]", requirement)[0] for requirement in requirements}


def test_dependencies_are_what_kip_imports() -> None:
    required = names_of(project()["dependencies"])
    extras = project()["optional-dependencies"]
    optional = {name for name, package in INSTALLED_BY_EXTRAS.items() if package in names_of(extras[package])}
    assert imported() - required - optional == set(), "kip imports what pyproject.toml does not require."
    assert required - imported() - NEVER_IMPORTED_BY_US == set(), "pyproject.toml requires what kip does not import."


def test_every_dependency_has_its_reason() -> None:
    page = (ROOT / "docs" / "explanation" / "dependencies.md").read_text(encoding="utf-8")
    extras = project()["optional-dependencies"]
    every = names_of(project()["dependencies"]) | set().union(*(names_of(group) for group in extras.values()))
    assert [name for name in sorted(every) if f"`{name}`" not in page] == []


def test_extras() -> None:
    assert {"dask", "report", "docs", "dev"} <= set(project()["optional-dependencies"])


def test_version_is_the_same_everywhere() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", changelog, flags=re.MULTILINE)
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert released[0][0] == kip.__version__
    assert f"\nversion: {kip.__version__}\n" in citation
    assert f"\ndate-released: {released[0][1]}\n" in citation


def test_catalogues_are_data_inside_the_package() -> None:
    """What stands in kip/ goes into the wheel; the check of the wheel opens them from there."""
    folder = Path(kip.__file__).parent / "catalogues"
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"funding-sweden.csv", "funding-sweden.passports.csv", "value-sets/asek-7.yaml", "value-sets/asek-8-template.yaml"} <= names
    assert project()["scripts"] == {"kip": "kip.cli:main"}
