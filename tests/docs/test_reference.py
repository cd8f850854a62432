"""The generated reference says what the code says, and the nomenclature knows every public name."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

import kip
from kip.model.plan import COLLECTIONS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "reference" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_of_fields_is_up_to_date(generate: ModuleType) -> None:
    assert generate.PAGE.read_text(encoding="utf-8") == generate.page(), "run `make docs` and commit docs/reference/fields.md."


def test_page_of_fields_has_every_noun(generate: ModuleType) -> None:
    nouns = {noun.__name__ for noun in generate.NOUNS}
    public = {name for name in kip.__all__ if name[0] != "_" and hasattr(getattr(kip, name), "model_fields")}
    assert nouns == public
    assert len(COLLECTIONS) == len(nouns) - 3, "every noun but Plan, Passport and Investment is a collection of the plan."


def test_nomenclature_knows_every_public_name() -> None:
    page = (ROOT / "docs" / "explanation" / "nomenclature.md").read_text(encoding="utf-8")
    known = set(re.findall(r"`([\w.]+)", page)) | {word.split(".")[-1] for word in re.findall(r"`([\w.]+)", page)}
    missing = [name for name in kip.__all__ if name[0] != "_" and name not in known]
    assert not missing, f"docs/explanation/nomenclature.md has no entry for {missing}."


def test_nomenclature_knows_every_measure() -> None:
    from kip.accounting.measures import names_of_measures

    page = (ROOT / "docs" / "explanation" / "nomenclature.md").read_text(encoding="utf-8")
    plan = kip.Plan(name="p", years=[2026], shifts=[kip.Shift(name="a", reduction=1.0)])
    missing = [name for name in names_of_measures(kip.evaluate(plan).dataset) if f"`{name}`" not in page]
    assert not missing, f"docs/explanation/nomenclature.md has no entry for {missing}."
