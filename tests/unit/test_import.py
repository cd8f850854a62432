"""`import kip` is light: it loads neither solver nor pictures, and costs little more than xarray."""

from __future__ import annotations

import statistics
import subprocess
import sys

import pytest

HEAVY = ("pyomo", "highspy", "matplotlib", "pint", "rich", "scipy.stats", "ruamel.yaml", "typer", "xlsxwriter", "python_calamine")
LIMIT = 1.3
PAIRS = 5
ATTEMPTS = 3


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.mark.parametrize("statement", ["import kip", "import kip; kip.Plan, kip.Shift, kip.DataError"])
def test_import_loads_nothing_heavy(statement: str) -> None:
    loaded = run(f"import sys; {statement}; print('\\n'.join(sys.modules))").split()
    assert "kip" in loaded
    assert not [name for name in HEAVY if name in loaded]


def test_import_has_no_effect_but_names() -> None:
    code = (
        "import logging, os, sys, warnings; before = len(logging.root.handlers), os.getcwd(), sys.excepthook, list(warnings.filters); "
        "import kip; after = len(logging.root.handlers), os.getcwd(), sys.excepthook, list(warnings.filters); print(before == after)"
    )
    assert run(code).strip() == "True"


def seconds(modules: str) -> float:
    return float(run(f"import time; start = time.perf_counter(); import {modules}; print(time.perf_counter() - start)"))


def ratio() -> float:
    """Medians over interleaved fresh processes: kip with its nouns, beside what every user of xarray pays."""
    run("import xarray, kip.model")  # files into the cache of the disk
    pairs = [(seconds("kip; kip.Plan"), seconds("numpy, pandas, xarray")) for _ in range(PAIRS)]
    return statistics.median(kip for kip, _ in pairs) / statistics.median(other for _, other in pairs)


def test_import_costs_little_more_than_xarray() -> None:
    """A ratio, not a time: both sides are measured in turns on the same machine, again when it was busy."""
    ratios = []
    for _ in range(ATTEMPTS):
        ratios.append(ratio())
        if ratios[-1] <= LIMIT:
            return
    pytest.fail(f"import kip costs {min(ratios):.2f} times import xarray, at most {LIMIT} is allowed. Load what is new where it is needed.")


def test_every_public_name_exists() -> None:
    import kip

    assert [name for name in kip.__all__ if not hasattr(kip, name)] == []
    assert set(kip.__all__) <= set(dir(kip))


def test_unknown_name_is_an_attribute_error() -> None:
    import kip

    with pytest.raises(AttributeError, match="optimise"):
        kip.optimise  # noqa: B018
