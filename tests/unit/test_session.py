"""A solve from outside: Ctrl-C, time limits, threads, silence, the same answer twice; and what the session believes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import kip
from kip import Activity, Plan, Shift

ROOT = Path(__file__).parents[2]


def hard_plan(shifts: int = 60, years: int = 8, seed: int = 5) -> Plan:
    """Whole shifts of nearly one price by tonne, paid by three actors out of yearly budgets: no quick proof."""
    rng = random.Random(seed)
    items = []
    for row in range(shifts):
        cost = {actor: float(rng.randint(1_000_000, 9_000_000)) for actor in ("a", "b", "c")}
        items.append(Shift(name=f"s{row}", cost=cost, reduction=sum(cost.values()) / 1e4 + rng.uniform(0, 30), lifetime=4))
    budgets = {actor: {year: 12e6 + 1e6 * rng.random() for year in range(2026, 2026 + years)} for actor in ("a", "b", "c")}
    return Plan(name="hard", years=list(range(2026, 2026 + years)), shifts=items, budgets=budgets)


SCRIPT = """
    import sys, time
    from tests.unit.test_session import hard_plan
    import kip
    plan = hard_plan()
    kip.optimize(kip.Plan(name="warm", years=[2026], shifts=[kip.Shift(name="a", reduction=1)]))
    print("begin", flush=True)
    began = time.perf_counter()
    portfolio = kip.optimize(plan, gap=0, time_limit=60)
    numbers = (portfolio.gap, portfolio.objective, portfolio.bound, len(portfolio.selected), time.perf_counter() - began)
    print("end", portfolio.status, *numbers, flush=True)
    print("reason", portfolio.reason, flush=True)
    print("broken", portfolio.broken, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a subprocess")
def test_interrupt_keeps_the_best() -> None:
    """Ctrl-C after three seconds: the best portfolio so far, with its gap, quickly and without a traceback."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "begin"
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        sent = time.perf_counter()
        out, err = process.communicate(timeout=30)
        waited = time.perf_counter() - sent
    finally:
        process.kill()
    assert "Traceback" not in err, err
    assert err == ""
    lines = dict(line.split(" ", 1) for line in out.strip().splitlines())
    status, gap, objective, bound, selected, _ = lines["end"].split()
    assert status == "interrupted", out
    assert "Stopped before the proof was complete" in lines["reason"]
    assert 0 < float(gap) < 1
    assert float(bound) > float(objective) > 0
    assert int(selected) > 5
    assert lines["broken"] == "()"
    assert waited < 5


def test_time_limit_keeps_the_best() -> None:
    portfolio = kip.optimize(hard_plan(), gap=0, time_limit=2)
    assert portfolio.status == "feasible"
    assert "time was up" in portfolio.reason
    assert portfolio.bound > portfolio.objective > 0
    assert portfolio.gap == pytest.approx((portfolio.bound - portfolio.objective) / portfolio.objective)
    assert portfolio.seconds["total"] < 6
    assert portfolio.broken == ()
    assert kip.evaluate(portfolio.plan, portfolio.decisions).broken == ()


def test_time_limit_of_a_ratio() -> None:
    portfolio = kip.optimize(hard_plan(), "reduction", per="societal", minimum={"reduction": 20_000}, gap=0, time_limit=2)
    assert portfolio.status in {"feasible", "no_solution", "optimal"}
    if portfolio.found:
        assert portfolio.bound >= portfolio.objective * (1 - 1e-9)
    assert portfolio.seconds["total"] < 6


def small(seed: int) -> Plan:
    return hard_plan(shifts=8, years=3, seed=seed)


def test_same_seed_same_answer() -> None:
    first, second = (kip.optimize(small(1), seed=3) for _ in range(2))
    assert first.objective == second.objective
    assert np.array_equal(first.dataset["new"], second.dataset["new"])


def test_two_threads_at_once() -> None:
    plans = [small(seed) for seed in range(4)]
    alone = [kip.optimize(plan, gap=0).objective for plan in plans]
    together: dict[int, list[float]] = {}
    errors: list[BaseException] = []

    def work(who: int) -> None:
        try:
            together[who] = [kip.optimize(plan, gap=0).objective for plan in plans]
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert together[0] == alone
    assert together[1] == alone


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    kip.optimize(small(2))
    kip.optimize(small(2), "reduction", per="societal", minimum={"reduction": 100})
    kip.optimize(small(2), require=[f"s{row}" for row in range(8)])
    assert capfd.readouterr() == ("", "")


def test_bound_is_on_the_right_side() -> None:
    most = kip.optimize(hard_plan(10, 3), gap=0.05)
    assert most.status == "optimal"
    assert most.bound >= most.objective
    least = kip.optimize(hard_plan(10, 3), minimize="cost", minimum={"reduction": 0.5 * most.objective}, gap=0.05)
    assert least.status == "optimal"
    assert least.bound <= least.objective


def chain(seed: int) -> tuple[Plan, float]:
    """Billions of kilometres that are moved, moved on, and avoided, in three districts."""
    rng = random.Random(seed)
    size = 10 ** rng.uniform(6, 10.5)
    activities = [
        Activity(name="petrol", amount={"x": size, "y": size / 7.3, "z": size * 3.1}, factor=2e-4),
        Activity(name="electric", amount=0, factor=1e-5),
        Activity(name="bicycle", amount=0),
        Activity(name="bus", amount={"x": size / 50}, factor=5e-5),
    ]

    def move(name: str, target: str | None, **fields: object) -> Shift:
        return Shift(name=name, source="petrol", target=target, choice="share", **fields)

    shifts = [
        move(
            "ev",
            "electric",
            ratio=rng.uniform(0.7, 1),
            cost=rng.uniform(0.1, 1),
            potential_share=rng.uniform(0.01, 0.9),
            ramp=size * rng.uniform(0.01, 1),
        ),
        Shift(name="on", source="electric", target="bicycle", choice="share", ratio=rng.uniform(0.5, 1), cost=rng.uniform(0.01, 0.1)),
        move("cycle", "bicycle", ratio=0.8, cost=rng.uniform(0.1, 2), potential_share=rng.uniform(0.01, 0.9), lifetime=rng.randint(1, 5)),
        move(
            "transit",
            "bus",
            ratio=0.05,
            cost=rng.uniform(0.1, 1),
            opex=rng.uniform(-0.1, 0.1),
            potential_share=rng.uniform(0.1, 0.9),
            lead=rng.randint(0, 2),
        ),
        Shift(name="eco", source="bus", choice="share", cost=0.1),
        Shift(
            name="fleet",
            source="petrol",
            target="electric",
            districts=["x", "y"],
            potential={"x": size / 9.7, "y": size / 70},
            cost=size * 0.01,
        ),
    ]
    plan = Plan(
        name="chain",
        years=list(range(2026, 2032)),
        activities=activities,
        shifts=shifts,
        budgets={"municipality": size * rng.uniform(0.05, 1)},
    )
    return plan, size


@pytest.mark.parametrize("seed", [*range(12), 34])
def test_chains_of_a_million_to_thirty_billion(seed: int) -> None:
    """Neither the solver's tolerance nor rounding makes the two roads disagree; seeds 6 and 34 once did, in the second look at ties."""
    plan, size = chain(seed)
    volume = {"reduction_2031": size * 2e-5}
    for question in (
        {"maximize": "reduction"},
        {"maximize": "reduction_2031"},
        {"maximize": "net_benefit"},
        {"minimize": "net_cost", "minimum": volume},
    ):
        for gap in (0, 1e-4):
            portfolio = kip.optimize(plan, gap=gap, **question)
            assert portfolio.status in {"optimal", "infeasible"}
            if portfolio.found:
                again = kip.evaluate(plan, portfolio.decisions)
                assert again.broken == ()
                np.testing.assert_allclose(
                    again.dataset["emissions"],
                    again.dataset["baseline"] - again.dataset["reduction"].sum(["shift", "district"]),
                    rtol=1e-9,
                    atol=1e-9 * size,
                )


def test_a_search_cut_off_with_the_gap_proven_is_optimal() -> None:
    from kip.optimization.kernel import Solution
    from kip.optimization.session import Answer
    from kip.optimization.solve import _status

    data = kip.evaluate(Plan(name="p", years=[2026], shifts=[Shift(name="a", reduction=1)])).dataset
    for status in ("time_limit", "interrupted"):
        answer = Answer(Solution(status, np.zeros(1), 100.0, 99.999, 1.0), 100.0, 99.999, data=data)
        assert _status(answer, 1e-4) == "optimal"
        assert _status(answer, 1e-6) == {"time_limit": "feasible", "interrupted": "interrupted"}[status]
