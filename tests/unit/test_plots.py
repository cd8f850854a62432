"""Pictures: what they show, what they refuse to rank, and that nothing in them is cut off."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.text import Text

import kip
from kip.results.pictures import Pictures
from kip.views.canvas import COLOURS, safe, shorten
from kip.views.plots import cost, districts, wedges
from kip.views.plots_tonne import mac_curve, staircase, steps

QUESTIONS = ["wedges", "cost", "staircase", "districts", "mac_curve"]
LONG = "En mycket lång titel om laddstolpar <script>alert(1)</script> för $x_2$ & 100 % av alla " * 4


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No picture is ever shown, and none is left open."""

    pyplot.switch_backend("Agg")

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a picture called show()")

    monkeypatch.setattr(pyplot, "show", refuse)
    yield
    pyplot.close("all")


def normal() -> xr.Dataset:
    """Five years, two districts with inhabitants, three actors, an enabler, two targets: one missed, one reached."""
    plan = kip.Plan(
        name="town",
        title="Plan of a town",
        years="2026-2030",
        districts=[kip.District(name="ryd", title="Ryd", population=9000), kip.District(name="city", title="Innerstaden", population=1000)],
        actors=[
            kip.Actor(name="municipality", title="Kommunen"),
            kip.Actor(name="households", title="Hushåll", kind="private"),
            kip.Actor(name="region", kind="regional"),
        ],
        activities=[kip.Activity(name="petrol", amount={"ryd": 30e6, "city": 20e6}, factor="200 g/vkm")],
        shifts=[
            kip.Shift(
                name="bike", title="Car to bicycle", choice="share", source="petrol", cost={"municipality": 2.0}, opex={"households": -1.5}
            ),
            kip.Shift(name="bus", title="Electric buses", cost={"region": 6e6}, reduction=100),
            kip.Shift(name="gas", title="Biogas", cost={"region": 1e6}, opex={"region": 2e5}, reduction=400),
        ],
        enablers=[kip.Enabler(name="paths", title="Cycle paths", cost=2e6, opens={"bike": 0.4})],
        ledgers=[
            kip.Ledger(name="contract", base_year=1990, base_value=12000, source="invented", other={"heat": 3000}),
            kip.Ledger(name="database", base_year=1990, base_value=1000, source="invented", other={"heat": 4000}),
        ],
        targets=[
            kip.Target(name="t2028", year=2028, value=10000),
            kip.Target(name="t2030", year=2030, cut=0.5),
            kip.Target(name="d2030", year=2030, value=1000, ledger="database"),
        ],
    )
    starts = {
        ("bike", "ryd"): {2026: 2e6, 2027: 2e6},
        ("bike", "city"): {2026: 1e6},
        ("bus", "all"): {2027: 1.0},
        ("gas", "all"): {2026: 1.0},
        ("paths", "all"): {2026: 1.0},
    }
    return kip.evaluate(plan, pd.DataFrame.from_dict(starts, orient="index").fillna(0.0)).dataset


def one_year() -> xr.Dataset:
    plan = kip.Plan(
        name="one",
        years=[2026],
        shifts=[kip.Shift(name="a", cost=5e6, reduction=16), kip.Shift(name="b", cost=1e6, opex=-2e6, reduction=30)],
        ledgers=[kip.Ledger(name="l", base_year=1990, base_value=1000, source="invented", other={"heat": 100})],
        targets=[kip.Target(name="t", year=2026, value=10)],
    )
    return kip.evaluate(plan, ["a", "b"]).dataset


def nothing_chosen() -> xr.Dataset:
    plan = kip.Plan(name="idle", years="2026-2028", shifts=[kip.Shift(name="a", cost=5e6, reduction=16)])
    return kip.evaluate(plan).dataset


def long_titles() -> xr.Dataset:
    shifts = [kip.Shift(name=f"s{i}", title=f"{i} {LONG}", cost=(i + 1) * 1e6, reduction=1000.0 * (14 - i)) for i in range(14)]
    plan = kip.Plan(
        name="long",
        title=LONG,
        years="2026-2040",
        actors=[kip.Actor(name="municipality", title=LONG)],
        districts=[kip.District(name="d", title=LONG, population=10)],
        shifts=[*shifts, kip.Shift(name="_hidden", cost=1, reduction=5)],
        enablers=[kip.Enabler(name="e", title=LONG, cost=1e5)],
        ledgers=[kip.Ledger(name="l", title=LONG, base_year=1990, base_value=1000, source="invented", other={"heat": 200_000})],
        targets=[kip.Target(name="t", title=LONG, year=2030, value=1000), kip.Target(name="u", title=LONG, year=2040, value=0)],
    )
    return kip.evaluate(plan, [*(shift.name for shift in shifts), "_hidden", "e"]).dataset


def only_negative() -> xr.Dataset:
    """Taylor's case (KAT-1 d): both save 1 000 SEK; A takes 10 t, B 100 t."""
    plan = kip.Plan(
        name="saves",
        years=[2026],
        shifts=[kip.Shift(name="A", opex=-1000, reduction=10), kip.Shift(name="B", opex=-1000, reduction=100)],
    )
    return kip.evaluate(plan, ["A", "B"]).dataset


def no_targets() -> xr.Dataset:
    plan = kip.Plan(
        name="free",
        years="2026-2029",
        currency="EUR",
        shifts=[kip.Shift(name="a", cost=5e6, reduction=16), kip.Shift(name="dear", cost=9e7, reduction=1)],
        ledgers=[kip.Ledger(name="l", base_year=1990, base_value=1000, source="invented", other={"heat": 100})],
    )
    return kip.evaluate(plan, ["a", "dear"]).dataset


CASES = [normal, one_year, nothing_chosen, long_titles, only_negative, no_targets]


def texts(ax: Axes) -> list[str]:
    """Everything written in a picture, line breaks taken out."""
    found = [text.get_text() for text in ax.figure.findobj(Text) if text.get_visible()]
    return [" ".join(text.split("\n")) for text in found if text.strip()]


def written(ax: Axes) -> str:
    return " | ".join(texts(ax))


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("case", CASES)
def test_nothing_is_cut_off_in_any_picture(case: Any, question: str, language: str) -> None:
    ax = getattr(Pictures(case()), question)(language=language)
    figure = ax.figure
    figure.canvas.draw()
    whole = figure.bbox
    for text in figure.findobj(Text):
        if not text.get_visible() or not text.get_text().strip() or _is_hidden_tick(text, ax):
            continue
        box = text.get_window_extent()
        assert box.x0 >= whole.x0 - 2, text.get_text()
        assert box.x1 <= whole.x1 + 2, text.get_text()
        assert box.y0 >= whole.y0 - 2, text.get_text()
        assert box.y1 <= whole.y1 + 2, text.get_text()


def _is_hidden_tick(text: Text, ax: Axes) -> bool:
    """Labels of ticks outside the limits, and of axes that are switched off, exist but are not drawn."""
    drawn = []
    for axes in ax.figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if text is axis.label:
                drawn.append(not axes.axison)
            ticks = axis.get_major_ticks() + axis.get_minor_ticks()
            labels = {label for tick in ticks for label in (tick.label1, tick.label2)}
            if text in labels:
                low, high = sorted(axis.get_view_interval())
                drawn.append(not axes.axison or not any(text in (t.label1, t.label2) and low <= t.get_loc() <= high for t in ticks))
    return any(drawn)


@pytest.mark.parametrize("question", QUESTIONS)
def test_axes_in_axes_out(question: str) -> None:
    _, ax = pyplot.subplots()
    assert getattr(Pictures(normal()), question)(ax=ax) is ax
    assert getattr(Pictures(normal()), question)() is not ax


@pytest.mark.parametrize("question", QUESTIONS)
def test_pictures_say_what_they_are_of_in_both_languages(question: str) -> None:
    english, swedish = (written(getattr(Pictures(normal()), question)(language=language)) for language in ("en", "sv"))
    assert "Plan of a town" in english
    assert "[" in english
    assert english != swedish
    with pytest.raises(kip.RequestError, match="unknown language"):
        getattr(Pictures(normal()), question)(language="xx")


def test_the_accessor_loads_no_matplotlib() -> None:
    code = "import sys, kip, kip.results.pictures as p; p.Pictures(None); assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_titles_are_shown_letter_for_letter() -> None:
    assert safe("a $x^2$") == r"a \$x^2\$"
    assert not safe("_hidden").startswith("_")
    assert shorten("word " * 50, 20, 2).count("\n") == 1
    assert max(map(len, shorten("x" * 300, 20, 2).split("\n"))) <= 20


def _bands(ax: Axes) -> list[np.ndarray]:
    return [collection.get_paths()[0].vertices for collection in ax.collections]


def test_wedges_stand_on_what_remains_and_reach_the_baseline() -> None:
    data = normal()
    ax = wedges(data)
    last = [band[np.isclose(band[:, 0], 2030), 1] for band in _bands(ax)]
    # by hand, 2030: 50 Mvkm × 200 g + 3 000 t = 13 000 t; bicycles 5 Mvkm × 200 g = 1 000 t, gas 400 t, buses 100 t
    assert [float(values.min()) for values in last] == pytest.approx([0, 3000, 11500, 12500, 12900])
    assert [float(values.max()) for values in last] == pytest.approx([3000, 11500, 12500, 12900, 13000])
    assert ax.lines[0].get_ydata()[-1] == pytest.approx(13000)
    # and the list has the values of the last year
    labels = [text.get_text().replace("\u202f", " ") for text in ax.get_legend().get_texts()]
    assert labels == [
        "without the plan: 13 000",
        "Electric buses: 100",
        "Biogas: 400",
        "Car to bicycle: 1 000",
        "remaining in the plan: 8 500",
        "outside the plan: 3 000",
    ]
    assert ax.get_legend().get_title().get_text() == "2030 [t/year]"


def test_wedges_mark_the_targets_and_the_gap() -> None:
    found = written(wedges(normal())).replace("\u202f", " ")
    # 2028: 11 500 left against 10 000; 2030: 50 % of 12 000 is 6 000
    assert "target 2028: 10 000 t/year gap 1 500 t/year" in found
    assert "target 2030: 6 000 t/year gap 5 500 t/year" in found
    assert "1 000 t/year" not in written(wedges(normal())).replace("\u202f", " ").split("target")[0]
    other = written(wedges(normal(), ledger="database")).replace("\u202f", " ")
    assert "target 2030: 1 000 t/year" in other
    assert "target 2028" not in other
    with pytest.raises(kip.RequestError, match=r'unknown ledger "contrat"\. Did you mean "contract"'):
        wedges(normal(), ledger="contrat")


def test_wedges_tell_a_target_that_is_reached() -> None:
    plan = kip.Plan(
        name="p",
        years=[2026, 2027],
        shifts=[kip.Shift(name="a", reduction=60)],
        ledgers=[kip.Ledger(name="l", base_year=1990, base_value=1000, source="invented", other={"heat": 100})],
        targets=[kip.Target(name="t", year=2027, value=50)],
    )
    assert "target 2027: 50 t/year, reached" in written(wedges(kip.evaluate(plan, ["a"]).dataset))


def test_wedges_show_the_largest_and_the_rest_together() -> None:
    ax = wedges(long_titles())
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    # baseline, rest, seven shifts, outside the plan
    assert len(labels) == 10
    assert labels[1].startswith("other shifts (8): ")


def test_wedges_show_a_shift_that_adds_emissions() -> None:
    plan = kip.Plan(
        name="p",
        years=[2026, 2027],
        activities=[kip.Activity(name="bus", amount=1e6, factor=0.0), kip.Activity(name="car", amount=1e6, factor=1e-4)],
        shifts=[kip.Shift(name="back", choice="share", source="bus", target="car", cost=1.0)],
    )
    ax = wedges(kip.evaluate(plan, {"back": {2026: 5e5}}).dataset)
    assert "shifts that add emissions" in written(ax)
    assert ax.get_ylim()[1] > 150


def test_wedges_without_a_baseline_show_reductions_only() -> None:
    ax = wedges(only_negative())
    assert "The plan states no emissions of its own" in written(ax)
    assert ax.get_ylabel() == "reduction [t/year]"


def test_cost_stacks_up_to_what_is_spent_and_saved() -> None:
    ax = cost(normal())
    bars = [bar for bar in ax.patches if bar.get_height() != 0]
    paid = sum(bar.get_height() for bar in bars if bar.get_height() > 0)
    saved = sum(bar.get_height() for bar in bars if bar.get_height() < 0)
    # MSEK, by hand: bicycles 5 Mvkm × 2, paths 2, buses 6, gas 1 and 5 × 0.2; saved 1.5 × (3 + 5 + 5 + 5 + 5) Mvkm
    assert paid == pytest.approx(10 + 2 + 6 + 1 + 1)
    assert saved == pytest.approx(-1.5 * 23)
    first = [bar for bar in bars if np.isclose(bar.get_x() + bar.get_width() / 2, 2026)]
    # investment in 2026: 3 Mvkm × 2 + 2 + 1, running cost 0.2
    assert max(bar.get_y() + bar.get_height() for bar in first) == pytest.approx(9.2)
    assert {bar.get_hatch() for bar in bars if bar.get_height() < 0} == {"..."}
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["Hushåll", "Kommunen", "region", "investment", "running cost", "saving in running cost", "net, all actors"]


def test_cost_of_nothing_says_so() -> None:
    assert "No money is spent or saved." in written(cost(nothing_chosen()))
    assert "Inga pengar används eller sparas." in written(cost(nothing_chosen(), language="sv"))


def test_negative_costs_are_ordered_by_money_saved_never_by_cost_per_tonne() -> None:
    # a MAC of -100 would put A before B of -10; B saves as much and takes ten times the tonnes
    found = steps(only_negative())
    assert [step.title for step in found.pays] == ["B", "A"]
    assert [step.per_tonne for step in found.pays] == pytest.approx([-10.0, -100.0])
    ax = staircase(only_negative())
    heights = {bar.get_height() for bar in ax.patches}
    assert len(heights) == 1
    assert "pays for itself" in texts(ax)
    assert "The height means nothing there" in written(ax)
    assert "Taylor 2012" in written(ax)
    assert "Höjden betyder inget där" in written(staircase(only_negative(), language="sv"))


def test_more_money_saved_comes_first_whatever_the_tonnes() -> None:
    plan = kip.Plan(
        name="p",
        years=[2026],
        shifts=[kip.Shift(name="small", opex=-1000, reduction=1), kip.Shift(name="large", opex=-5000, reduction=500)],
    )
    assert [step.title for step in steps(kip.evaluate(plan, ["small", "large"]).dataset).pays] == ["large", "small"]


def test_staircase_steps_by_hand() -> None:
    plan = kip.Plan(
        name="p",
        years=[2026, 2027],
        discount_rate=0.0,
        residual="none",
        shifts=[
            kip.Shift(name="dear", title="Dear", cost=8000, reduction=5),
            kip.Shift(name="cheap", title="Cheap", cost=6000, reduction=10),
            kip.Shift(name="free", title="Free", reduction=2),
            kip.Shift(name="none", title="Nothing", cost=500),
        ],
        enablers=[kip.Enabler(name="path", title="Path", cost=700)],
    )
    data = kip.evaluate(plan, ["dear", "cheap", "free", "none", "path"]).dataset
    found = steps(data)
    assert [(step.title, step.tonnes, step.per_tonne) for step in found.costs] == [("Free", 4, 0), ("Cheap", 20, 300), ("Dear", 10, 800)]
    assert [step.title for step in found.without_tonnes] == ["Nothing"]
    assert [step.title for step in found.enablers] == ["Path"]
    ax = staircase(data)
    assert [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in ax.patches] == [(0, 4, 0), (4, 20, 300), (24, 10, 800)]
    assert "enablers, which have no tonnes of their own (1, net present cost 700 SEK)" in written(ax)
    assert "shifts without a reduction (1, net present cost 500 SEK)" in written(ax)
    assert "2. Cheap 300 SEK/t" in written(ax)


def test_one_dear_shift_does_not_hide_the_others() -> None:
    plan = kip.Plan(
        name="p",
        years=[2026],
        residual="none",
        shifts=[kip.Shift(name="a", cost=100_000, reduction=1000), kip.Shift(name="b", cost=1_000_000, reduction=1)],
    )
    ax = staircase(kip.evaluate(plan, ["a", "b"]).dataset)
    # 100 SEK/t for nearly all tonnes: the picture ends at 300, and the list has the true 1 000 000
    assert max(bar.get_height() for bar in ax.patches) == pytest.approx(300)
    assert any(bar.get_hatch() for bar in ax.patches)
    assert "Hatched steps are cut off" in written(ax)
    assert "Hatched" not in written(staircase(normal()))
    assert "1 000 000 SEK/t" in written(ax).replace("\u202f", " ")


def test_the_classic_curve_carries_its_warning() -> None:
    for language, words in (("en", "is not a supply curve"), ("sv", "är ingen utbudskurva")):
        for case in (normal, only_negative, nothing_chosen):
            found = written(mac_curve(case(), language=language))
            assert words in found
            assert "Taylor 2012" in found


def test_districts_by_hand() -> None:
    ax = districts(normal(), per_inhabitant=False)
    # below: the whole municipality; 2030: bicycles in Ryd 4 Mvkm × 200 g, in the city 1 Mvkm, buses and gas for all
    assert [label.get_text() for label in ax.get_yticklabels()] == ["whole municipality", "Innerstaden", "Ryd"]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([500, 200, 800])
    twin = next(other for other in ax.figure.axes if other is not ax)
    assert [bar.get_width() for bar in twin.patches] == pytest.approx([9, 2, 8])
    assert twin.get_xlabel() == "investment 2026–2030 [MSEK]"


def test_districts_per_inhabitant_when_everybody_is_counted() -> None:
    ax = districts(normal(), year=2026)
    # 2026: gas 400 t for 10 000 inhabitants; 2 Mvkm × 200 g for 9 000 in Ryd; 1 Mvkm × 200 g for 1 000
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([40, 400 / 9, 200])
    assert ax.get_xlabel() == "reduction in 2026 [kg/year per inhabitant]"


def test_districts_refuse_what_is_not_known() -> None:
    with pytest.raises(kip.RequestError, match="population"):
        districts(no_targets(), per_inhabitant=True)
    with pytest.raises(kip.RequestError, match="unknown year"):
        districts(normal(), year=2050)


def test_colours_are_told_apart() -> None:
    assert len(set(COLOURS)) == len(COLOURS) == 8


def test_numbers_of_steps_stay_in_the_picture_and_apart() -> None:
    plan = kip.Plan(
        name="p",
        years=[2026],
        shifts=[kip.Shift(name=f"s{i:02}", cost=1e5 * (i + 1) ** 2, reduction=100.0 / (i + 1)) for i in range(30)],
    )
    ax = staircase(kip.evaluate(plan, [shift.name for shift in plan.shifts]).dataset)
    ax.figure.canvas.draw()
    numbers = [text for text in ax.texts if text.get_gid() == "step-number" and text.get_visible()]
    boxes = [text.get_window_extent() for text in numbers]
    assert len(boxes) > 5
    assert max(box.y1 for box in boxes) <= ax.get_window_extent().y1
    overlaps = [(a, b) for place, a in enumerate(boxes) for b in boxes[:place] if a.shrunk(0.7, 0.7).overlaps(b.shrunk(0.7, 0.7))]
    assert overlaps == []
