"""The page on the formulation says what the docstrings of the constraints say."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from kip.optimization.constraints import CONSTRAINTS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_formulation", ROOT / "docs" / "explanation" / "generate_formulation.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_is_up_to_date(generate: ModuleType) -> None:
    assert generate.PAGE.read_text(encoding="utf-8") == generate.page(), (
        "run `python docs/explanation/generate_formulation.py` and commit docs/explanation/formulation.md."
    )


def test_every_constraint_has_its_mathematics_and_a_golden_file(generate: ModuleType) -> None:
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", generate.page(), flags=re.MULTILINE | re.DOTALL))
    assert list(sections) == list(CONSTRAINTS)
    in_words = {"requires_any", "limit"}  # they refer to `requires`, and to any measure
    assert [name for name, text in sections.items() if "$" not in text and name not in in_words] == []
    assert [name for name, text in sections.items() if f"/{name}.lp)" not in text] == []


def test_nothing_of_restructured_text_is_left(generate: ModuleType) -> None:
    page = generate.page()
    assert ":math:" not in page
    assert ".. " not in page
    assert "``" not in page
    assert page.count("$$") % 2 == 0
    assert all(line.replace("$$", "").count("$") % 2 == 0 for line in page.splitlines())


def test_formulas_have_words_for_names(generate: ModuleType) -> None:
    assert generate.markdown(r":math:`\sum_y start_{c,y} \le 1`") == r"$\sum_y \mathit{start}_{c,y} \le 1$"
    text = "A rule.\n\n.. math:: a \\,\n          b_{u \\le y}\n\nAnd more."
    assert generate.markdown(text) == "A rule.\n\n$$a \\thinspace b_{u \\le y}$$\n\nAnd more."
