"""kip.sweep from end to end: against kip.optimize and kip.evaluate on the changed plan, and published indices through a plain function."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import kip
from kip.cli import app
from kip.sweeps.designs import design_of


def plan() -> kip.Plan:
    """Depot 150 t for 10 MSEK, buses 100 t for 6, paths 40 t for 3, of 14 MSEK."""
    shifts = [("depot", 10e6, 150), ("buses", 6e6, 100), ("paths", 3e6, 40)]
    return kip.Plan(
        name="three",
        years=[2026],
        shifts=[kip.Shift(name=name, cost=cost, reduction=tonnes) for name, cost, tonnes in shifts],
        budgets={"municipality": 14e6},
    )


def test_each_scenario_is_the_plan_with_its_numbers() -> None:
    """6 MSEK buys the buses (100 t), 9 buses and paths (140), 13 depot and paths (190), 19 everything (290)."""
    budgets = [2e6, 6e6, 9e6, 13e6, 19e6]
    found = kip.sweep(plan(), {"budgets.municipality": budgets}, outcomes=["reduction", "cost"], progress=False, gap=0)
    assert found.complete and found.dataset["reduction"].values.tolist() == pytest.approx([0, 100, 140, 190, 290])
    assert found.dataset["cost"].values.tolist() == pytest.approx([0, 6e6, 9e6, 13e6, 19e6])
    for budget, level in zip(budgets, found.dataset["level"].values, strict=True):
        best = kip.optimize(plan().update({"budgets.municipality": budget}), gap=0)
        assert [name for name, units in zip(found.dataset["shift"].values, level, strict=True) if units] == sorted(best.selected)


def test_which_shifts_hold() -> None:
    """By hand above: buses at 6, 9 and 19 MSEK, paths at 9, 13 and 19, depot at 13 and 19."""
    index = kip.sweep(plan(), {"budgets.municipality": [2e6, 6e6, 9e6, 13e6, 19e6]}, progress=False).core_index()
    assert index["core index [1]"].to_dict() == pytest.approx({"buses": 0.6, "paths": 0.6, "depot": 0.4})
    assert set(index["class"]) == {"depends"} and set(index["scenarios"]) == {5}
    always = kip.sweep(plan(), {"budgets.municipality": [6e6, 9e6, 19e6]}, progress=False).core_index()
    assert always.loc["buses", "class"] == "always"


def test_a_portfolio_that_is_kept_is_counted() -> None:
    best = kip.optimize(plan(), gap=0)
    space = {"shifts.depot.cost": kip.scaled(0.8, 1.3), "shifts.paths.reduction": (30.0, 50.0)}
    found = kip.sweep(plan(), space, portfolio=best, samples=8, outcomes=["reduction", "cost"], progress=False)
    made = kip.Space.of(plan(), space)
    for row, tonnes, kronor in zip(
        found.dataset["input"].values, found.dataset["reduction"].values, found.dataset["cost"].values, strict=True
    ):
        counted = kip.evaluate(made.plan_at(plan(), row), best.selected)
        assert tonnes == pytest.approx(counted.dataset["reduction"].sum()), row
        assert kronor == pytest.approx(float(counted.dataset["investment"].sum() + counted.dataset["operation"].sum()))
    assert set(found.dataset["status"].values) == {found.dataset["status"].attrs["flag_meanings"].split().index("evaluated")}


def test_when_a_shift_is_chosen_and_when_it_is_too_little() -> None:
    """By hand: from 10 MSEK the depot (150 t) beats buses and paths (140 t), and from 13 on it is in with one of them. Below
    9 MSEK there are at most 100 t.
    """
    found = kip.sweep(plan(), {"budgets.municipality": ("2 MSEK", "20 MSEK")}, samples=128, progress=False)
    rule = found.rules()["depot"]
    assert rule.text() == "when budgets.municipality ≥ 10 MSEK" or "10" in rule.text()
    box = found.discover("reduction", below=120).box()
    assert (box.coverage == 1.0 and "budgets.municipality ≤ 9" in box.text()) or "8." in box.text()


def test_what_is_worth_knowing_between_two_portfolios() -> None:
    """Paths give 0 or 200 t with equal chance, the buses 100 t for sure: 100 either way; who knows first has 150 on average, so 50 t."""
    paths, buses = (kip.evaluate(plan(), [name]) for name in ("paths", "buses"))
    space = {"shifts.paths.reduction": [1e-9, 200.0], "discount_rate": [0.01, 0.02]}
    found = kip.sweep(plan(), space, portfolio={"paths": paths, "buses": buses}, outcomes=["reduction"], samples=64, progress=False)
    worth = found.information("reduction")
    assert worth.everything == pytest.approx(50.0, abs=1e-6)
    assert worth.table().iloc[0].name == "shifts.paths.reduction"


def ishigami(x1: float, x2: float, x3: float) -> float:
    """Ishigami and Homma (1990), a = 7, b = 0.1."""
    return math.sin(x1) + 7 * math.sin(x2) ** 2 + 0.1 * x3**4 * math.sin(x1)


def test_published_indices_of_a_plain_function() -> None:
    """S = (0.3139, 0.4424, 0), ST = (0.5576, 0.4424, 0.2437): closed form, as in Saltelli et al. (2008)."""
    space = dict.fromkeys(("x1", "x2", "x3"), (-math.pi, math.pi))
    table = kip.sweep(ishigami, space, design="saltelli", samples=1024, progress=False).sensitivity("outcome").table()
    table = table.reindex(["x1", "x2", "x3"])
    assert table["first [1]"].tolist() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.03)
    assert table["total [1]"].tolist() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)


def test_sobol_g_through_a_plain_function() -> None:
    """Sobol' G with a = (0, 1, 9): Vi = 1 / (3 (1 + ai)²), V = Π(1 + Vi) - 1 (Saltelli and Sobol' 1995)."""
    weights = (0.0, 1.0, 9.0)

    def g(**x: float) -> float:
        return math.prod((abs(4 * x[f"x{k}"] - 2) + a) / (1 + a) for k, a in enumerate(weights))

    parts = [1 / (3 * (1 + a) ** 2) for a in weights]
    whole = math.prod(1 + part for part in parts) - 1
    space = {f"x{k}": (0.0, 1.0) for k in range(3)}
    table = kip.sweep(g, space, design="saltelli", samples=2048, progress=False).sensitivity("outcome").table().reindex(list(space))
    assert table["first [1]"].tolist() == pytest.approx([part / whole for part in parts], abs=0.03)


def test_morris_of_a_linear_function_is_its_slopes() -> None:
    """μ* is the slope over the whole range: |4|, |2|, |-1|; σ is 0."""
    space = {"a": (0.0, 1.0), "b": (0.0, 1.0), "c": (0.0, 1.0)}
    found = kip.sweep(lambda a, b, c: 4 * a + 2 * b - c, space, design="morris", samples=10, progress=False).sensitivity("outcome")
    table = found.table().reindex(["a", "b", "c"])
    assert table["mu star [1]"].tolist() == pytest.approx([4, 2, 1])


def test_the_same_seed_gives_the_same_and_nought_is_a_seed() -> None:
    space = {"budgets.municipality": (2e6, 20e6)}
    nought, again, one = (kip.sweep(plan(), space, samples=8, seed=seed, progress=False).dataset.drop_vars("seconds") for seed in (0, 0, 1))
    assert nought.equals(again)
    assert not np.array_equal(nought["input"], one["input"])


def test_a_store_of_another_sweep_is_refused(tmp_path: Path) -> None:
    space = {"budgets.municipality": [6e6, 9e6]}
    kip.sweep(plan(), space, store=tmp_path / "run.zarr", progress=False)
    other = plan().update({"shifts.depot.reduction": 151})
    with pytest.raises(kip.RequestError, match="plan"):
        kip.sweep(other, space, store=tmp_path / "run.zarr", progress=False)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: kip.sweep(plan(), {"shifts.depo.cost": (1e6, 2e6)}), 'Did you mean "depot"|depot'),
        (lambda: kip.sweep(plan(), {}), "nothing varies"),
        (lambda: kip.sweep(plan(), {"shifts.depot.cost": (-5e6, 5e6)}), "shifts.depot.cost"),
        (lambda: kip.sweep(plan(), {"budgets.municipality": [6e6]}, outcomes=["reductoin"]), "reduction"),
        (lambda: kip.sweep(ishigami, {"x1": (0, 1)}, maximize="reduction"), "only called"),
        (lambda: kip.sweep(plan(), {"budgets.municipality": [6e6]}, portfolio=kip.optimize(plan()), minimize="cost"), "only counted"),
        (lambda: kip.sweep("three", {"x": (0, 1)}), "give a Plan, or a function"),
        (lambda: kip.sweep(plan(), {"budgets.municipality": (1e6, 6e6)}, design="soboll"), "sobol"),
    ],
)
def test_each_bad_request_is_a_sentence(ask, words: str) -> None:
    with pytest.raises(kip.RequestError, match=words):
        ask()


def test_a_design_of_other_parameters_is_refused() -> None:
    made = design_of(kip.Space.of(plan(), {"discount_rate": (0.01, 0.05)}), "sobol", 8)
    with pytest.raises(kip.RequestError, match="must be the same"):
        kip.sweep(plan(), {"budgets.municipality": (1e6, 6e6)}, design=made)
    with pytest.raises(kip.RequestError, match="made already"):
        kip.sweep(plan(), {"discount_rate": (0.01, 0.05)}, design=made, samples=8)


def test_what_an_open_sweep_cannot_say() -> None:
    found = kip.sweep(ishigami, dict.fromkeys(("x1", "x2", "x3"), (0, 1)), samples=8, progress=False)
    with pytest.raises(kip.RequestError, match="outcome"):
        found.sensitivity("outcom")
    with pytest.raises(kip.RequestError, match="chose no shifts"):
        found.core_index()
    with pytest.raises(kip.RequestError, match="does not fit"):
        found.sensitivity("outcome", "morris")


SPACE = "parameters:\n  budgets.municipality: {low: 3 MSEK, high: 14 MSEK}\n  discount_rate: {low: 1 %, high: 6 %}\n"


def command(*arguments: object):
    return CliRunner().invoke(app, ["sweep", "minimal", *map(str, arguments)])


@pytest.fixture
def space_file(tmp_path: Path) -> Path:
    (tmp_path / "space.yaml").write_text(SPACE, encoding="utf-8")
    return tmp_path / "space.yaml"


def test_the_command_runs_shows_and_goes_on(space_file: Path, tmp_path: Path) -> None:
    store = tmp_path / "run.zarr"
    first = command("--space", space_file, "--samples", 16, "--store", store, "--outcome", "reduction", "--sensitivity", "reduction")
    assert first.exit_code == 0, first.output
    assert "All 16 scenarios are finished" in first.stdout and "budgets.municipality" in first.stdout
    again = command("--space", space_file, "--samples", 16, "--store", store, "--outcome", "reduction")
    assert again.exit_code == 2 and "--resume" in again.output
    resumed = command("--space", space_file, "--samples", 16, "--store", store, "--outcome", "reduction", "--resume", "--json")
    told = json.loads(resumed.stdout)
    assert resumed.exit_code == 0 and told["scenarios"] == told["finished"] == 16


def test_the_command_keeps_a_portfolio(space_file: Path) -> None:
    kept = command("--space", space_file, "--samples", 16, "--keep", "--json")
    told = json.loads(kept.stdout)
    assert told["statuses"] == {"evaluated": 16}
    assert told["outcomes"]["reduction"]["least"] == told["outcomes"]["reduction"]["most"]


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("parameters:\n  budgets.municipalty: {low: 3 MSEK, high: 14 MSEK}\n", encoding="utf-8")
    wrong = command("--space", tmp_path / "bad.yaml")
    assert wrong.exit_code in {1, 2} and "municipality" in wrong.output and "Traceback" not in wrong.output
    assert command("--resume").exit_code == 2
