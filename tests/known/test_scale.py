"""Large and small in one plan: what a gap can hide, and the plan one krona over its budget that a solver in millions accepts."""

from __future__ import annotations

import pytest

import kip

# --- Worked case O: a tram and a voucher


def tram(budget: int) -> kip.Plan:
    shifts = [kip.Shift(name="tram", cost=900_000_000, reduction=9000), kip.Shift(name="voucher", cost=20_000, reduction=0.4)]
    return kip.Plan(name="scale", years=[2026], shifts=shifts, budgets=budget)


@pytest.mark.parametrize("gap", [0, 1e-5])
def test_both_fit_exactly(gap: float) -> None:
    best = kip.optimize(tram(900_020_000), gap=gap)
    assert best.selected == ("tram", "voucher")
    assert best.objective == pytest.approx(45002 / 5, rel=1e-12)
    assert best.dataset["budget_spent"].sum().item() == 900_020_000
    assert not best.broken


@pytest.mark.parametrize("short", [1, 2, 1000, 19_999])
@pytest.mark.parametrize("gap", [0, 1e-4])
def test_one_krona_short_is_short(short: int, gap: float) -> None:
    # in MSEK a krona is 1e-6, the solver's own tolerance: it accepts both shifts, the exact count does not (§12)
    best = kip.optimize(tram(900_020_000 - short), gap=gap)
    assert best.selected == ("tram",)
    assert best.objective == 9000
    assert best.bound == pytest.approx(9000, rel=1e-9 if gap == 0 else gap)


def test_what_the_count_rejects_is_said() -> None:
    best = kip.optimize(tram(900_019_999), gap=0)
    assert any("over budget in the exact count" in note for note in best.notes)


def test_the_voucher_is_twice_as_good_per_krona() -> None:
    best = kip.optimize(tram(900_020_000), per="municipal", gap=0)
    assert best.selected == ("voucher",)
    assert best.objective == pytest.approx(20 / 1e6, rel=1e-12)
    with_volume = kip.optimize(tram(900_020_000), per="municipal", minimum={"reduction": 9000}, gap=0)
    assert with_volume.selected == ("tram", "voucher")
    assert with_volume.objective == pytest.approx(9000.4 / 900.02e6, rel=1e-12)


# --- Worked case O2: eighteen projects [10 kSEK, t] and the voucher; 20 000 SEK are left beside the best set of projects

PROJECTS = (
    (6119, 12288), (7083, 14266), (2609, 5249), (8812, 17945), (6674, 12818), (2764, 5567), (4704, 9114), (3155, 6056), (7308, 14926),
    (5011, 10087), (9054, 18324), (2772, 5542), (3528, 7078), (2773, 5700), (7006, 13964), (4805, 10017), (3737, 7371), (7318, 14268),
)  # fmt: skip
BEST = ("p01", "p03", "p05", "p08", "p09", "p10", "p13", "p15")
BUDGET = 476_120_000


def projects(budget: int) -> kip.Plan:
    shifts = [kip.Shift(name=f"p{row:02d}", cost=cost * 1e4, reduction=tonnes) for row, (cost, tonnes) in enumerate(PROJECTS)]
    shifts.append(kip.Shift(name="voucher", cost=20_000, reduction=0.4))
    return kip.Plan(name="o2", years=[2026], shifts=shifts, budgets=budget)


def test_the_gap_is_what_was_asked_for() -> None:
    best = kip.optimize(projects(BUDGET), gap=0)
    assert best.objective == pytest.approx(484_162 / 5, rel=1e-12)
    assert best.selected == (*BEST, "voucher")
    assert best.dataset["budget_spent"].sum().item() == BUDGET
    assert best.gap <= 1e-9


def test_a_wide_gap_says_what_may_be_missing() -> None:
    # the voucher is 4.1e-6 of the objective, so that a gap of 1e-4 may lose it; the bound must still hold
    best = kip.optimize(projects(BUDGET), gap=1e-4)
    assert best.objective >= 96_832.4 * (1 - 1e-4)
    assert best.bound >= 96_832.4 - 1e-6
    assert best.gap == pytest.approx((best.bound - best.objective) / best.objective, abs=1e-12)


def test_a_krona_less_loses_the_voucher() -> None:
    best = kip.optimize(projects(BUDGET - 1), gap=0)
    assert best.objective == 96_832
    assert best.dataset["budget_spent"].sum().item() <= BUDGET - 1
    assert best.bound == pytest.approx(96_832, rel=1e-9)
