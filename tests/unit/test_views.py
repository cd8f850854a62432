"""Sheets as text and HTML, numbers for people, and what a plan and a portfolio say of themselves."""

from __future__ import annotations

import dataclasses
import html
import io
import re
import string
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import kip
from kip.model.overview import baseline_emissions, overview, quality_of_numbers
from kip.results.portfolio import Portfolio
from kip.results.summary import answer, summary
from kip.views.catalogue import CATALOGUE
from kip.views.cells import MOST_ROWS, cells
from kip.views.html import _style, page
from kip.views.labels import THIN_SPACE, Language, decimals_for, scale
from kip.views.sheet import Section, Sheet
from kip.views.text import plain, show

SCRIPT = "<script>alert('x')</script>"


def spaced(text: str) -> str:
    """Text with ordinary spaces between thousands, to compare with."""
    return text.replace(THIN_SPACE, " ")


@pytest.fixture
def plan() -> kip.Plan:
    """Two districts, three actors; by hand: petrol 2026 is (30 + 20) Mvkm × 180 g × (1 - 10 %) = 8 100 t."""
    return kip.Plan(
        name="town",
        title="Plan of a town",
        years="2026-2030",
        districts=[kip.District(name="ryd", title="Ryd", population=9000), kip.District(name="city", title="Innerstaden", population=1000)],
        actors=[kip.Actor(name="municipality", title="Kommunen"), kip.Actor(name="households", title="Hushåll", kind="private")],
        activities=[
            kip.Activity(
                name="petrol",
                title="Petrol cars",
                amount={"ryd": 30e6, "city": 20e6},
                factor="180 g/vkm",
                policies={"reduktionsplikt": 0.1},
                actor="households",
            ),
            kip.Activity(name="electric", amount={"ryd": 1e6}, factor=0.0),
        ],
        shifts=[
            kip.Shift(
                name="ev",
                title="Petrol to electric",
                area="Vehicles",
                choice="units",
                unit="car",
                source="petrol",
                target="electric",
                use=12000,
                cost={"households": 60000},
                opex={"households": -4000},
                potential={"ryd": 900, "city": 100},
            ),
            kip.Shift(name="bus", title="Electric buses", area="Public transport", cost=6e6, reduction=100, cobenefits={"noise": -3}),
        ],
        enablers=[kip.Enabler(name="charging", title="Charging", cost=2e6, opens={"ev": 0.4})],
        indicators=[kip.Indicator(name="noise", title="Disturbed by noise", unit="person", direction="down")],
        budgets={"municipality": 10e6},
        ledgers=[kip.Ledger(name="contract", title="Contract", base_year=1990, base_value=12000, source="invented", other={"heat": 3000})],
        targets=[kip.Target(name="t2030", title="Target 2030", year=2030, cut=0.7)],
        passports={"shifts.ev": kip.Passport(source="a study", quality="B"), "shifts.bus.cost": kip.Passport(quality="C")},
    )


@pytest.fixture
def portfolio(plan: kip.Plan) -> Portfolio:
    starts = {("bus", "all"): {2027: 1.0}, ("charging", "all"): {2026: 1.0}, ("ev", "ryd"): {2026: 100.0, 2028: 50.0}}
    return kip.evaluate(plan, pd.DataFrame.from_dict(starts, orient="index").fillna(0.0))


@pytest.mark.parametrize(
    ("value", "decimals", "english", "swedish"),
    [
        (38651.4, None, "38 651", "38 651"),
        (1234567.0, 2, "1 234 567.00", "1 234 567,00"),
        (-0.5, None, "\u22120.5", "\u22120,5"),
        (0.0, None, "0", "0"),
        (9.996, 1, "10.0", "10,0"),
        (0.0004, 2, "<0.01", "<0,01"),
        (float("nan"), None, "–", "–"),
        (float("inf"), None, "∞", "∞"),
    ],
)
def test_numbers_for_people(value: float, decimals: int | None, english: str, swedish: str) -> None:
    assert spaced(Language("en").number(value, decimals)) == english
    assert spaced(Language("sv").number(value, decimals)) == swedish


def test_a_share_that_rounds_to_nothing_is_not_shown_as_nothing() -> None:
    assert Language("en").percent(0.0001) == "0.01 %"
    assert Language("sv").percent(0.0123) == "1,23 %"
    assert Language("en").percent(0.0) == "0 %"
    assert Language("en").percent(1.0) == "100 %"
    assert Language("en").percent(1e-12) == "<0.001 %"


@pytest.mark.parametrize(
    ("values", "unit", "shown"),
    [
        ([4_000.0, -90_000.0], "SEK", "SEK"),
        ([150_000.0], "EUR", "kEUR"),
        ([-14e6, float("nan")], "SEK", "MSEK"),
        ([38_651.0], "t/year", "t/year"),
        ([234_000.0, 3.0], "t/year", "kt/year"),
        ([5e6], "SEK/t", "MSEK/t"),
        ([5e6], "person", "person"),
        ([], "SEK", "SEK"),
        ([float("inf")], "t", "t"),
    ],
)
def test_size_follows_the_largest_number(values: list[float], unit: str, shown: str) -> None:
    assert scale(values, unit).unit == shown


def test_decimals_are_shared_and_no_more_than_needed() -> None:
    assert decimals_for([1.5, 12.0, 0.1]) == 1
    assert decimals_for([3.0, 12.0]) == 0
    assert decimals_for([1200.4, 800.2]) == 0
    assert decimals_for([float("nan"), 0.0]) == 0


def test_unknown_language_names_the_nearest() -> None:
    with pytest.raises(kip.RequestError, match=r'unknown language "se".*Allowed: en, sv'):
        Language("se")


def test_both_languages_fill_in_the_same_names() -> None:
    for key, texts in CATALOGUE.items():
        names = [{part[1] for part in string.Formatter().parse(text) if part[1]} for text in texts]
        assert names[0] == names[1], key
        assert all(texts), key


def test_years_have_no_thousands_and_mixed_units_their_own_decimals() -> None:
    table = pd.DataFrame({"start year": [2026, 2030], "people": [12000, 5], "amount": pd.Series([0.25, 1200000.0], dtype=object)})
    ready = cells(table, Language("en"))
    assert [tuple(map(spaced, row)) for row in ready.rows] == [("2026", "12 000", "0.25"), ("2030", "5", "1 200 000")]
    assert ready.numeric == (True, True, True)


def test_a_long_table_says_how_many_rows_are_left_out() -> None:
    table = pd.DataFrame({"name": [f"row {place}" for place in range(MOST_ROWS + 7)], "cost [SEK]": np.arange(MOST_ROWS + 7.0)})
    sheet = Sheet("Long", sections=(Section("Table", table=table),))
    for shown in (plain(sheet), page(sheet)):
        assert "… and 7 more rows" in shown
        assert "row 39" in shown
        assert "row 40" not in shown
    assert "… och 7 rader till" in plain(dataclasses.replace(sheet, language="sv"))


def test_text_stays_within_its_width_with_the_longest_titles() -> None:
    table = pd.DataFrame({"shift": ["a rather long title " * 15] * 2, "where": ["word" * 75] * 2, "investment [MSEK]": [1.5, 1000.0]})
    sheet = Sheet("t" * 300, "s " * 200, (Section("Heading " * 30, ("line " * 60,), table, ("note " * 60,)),))
    assert max(map(len, plain(sheet).splitlines())) <= 100


def test_numbers_are_right_aligned_in_text() -> None:
    lines = plain(Sheet("T", sections=(Section("S", table=pd.DataFrame({"n": ["a", "b"], "x [t]": [5.0, 1000.0]})),))).splitlines()
    assert [spaced(line) for line in lines[-2:]] == ["a      5", "b  1 000"]


def test_text_holds_no_control_characters() -> None:
    shown = plain(Sheet("red \x1b[31m", "two\nlines", (Section("a\x07b", ("\x9b0m",)),)))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)


def test_show_prints_the_same_without_reading_markup() -> None:
    from rich.console import Console

    stream = io.StringIO()
    table = pd.DataFrame({"shift": ["[bold]x[/bold]", ":smile:"], "cost [SEK]": [1.0, 20000.0]})
    show(Sheet("[red]Plan", "Proven.", (Section("Part", ("line",), table, ("note",)),)), Console(file=stream, width=100))
    for text in ("[red]Plan", "Proven.", "Part", "line", "[bold]x[/bold]", ":smile:", "cost [SEK]", f"20{THIN_SPACE}000", "note"):
        assert text in stream.getvalue()


def test_html_escapes_everything_and_runs_nothing() -> None:
    table = pd.DataFrame({SCRIPT: [SCRIPT, '"><img src=x onerror=y>'], "x [t]": [1.0, 2.0]})
    shown = page(Sheet(SCRIPT, SCRIPT, (Section(SCRIPT, (SCRIPT,), table, (SCRIPT,)),)))
    assert "<script" not in shown
    assert "<img" not in shown
    assert not re.search(r"<[^>]*\son\w+=", shown)
    # what is left of tags is ours
    assert set(re.findall(r"<(\w+)", shown)) == {"div", "span", "style", "pre", "p", "table", "thead", "tbody", "tr", "th", "td"}


def test_text_and_html_have_the_same_sections(plan: kip.Plan, portfolio: Portfolio) -> None:
    for sheet in (overview(plan), summary(portfolio), summary(portfolio, "sv")):
        text, shown = plain(sheet), page(sheet)
        headings = [html.unescape(found) for found in re.findall(r'<p class="kip-heading">(.*?)</p>', shown)]
        underlined = [line for line, rule in zip(text.splitlines(), text.splitlines()[1:], strict=False) if rule and set(rule) == {"-"}]
        assert headings == underlined == [section.title for section in sheet.sections]


def test_untrusted_notebooks_get_the_text(portfolio: Portfolio) -> None:
    sheet = summary(portfolio)
    shown = page(sheet)
    assert html.unescape(re.findall(r'<pre class="kip-text">(.*?)</pre>', shown, re.DOTALL)[0]) == plain(sheet)
    # without the style sheet the rich part is hidden and the text is not; with it, the other way round
    assert '<div class="kip-sheet" style="display:none">' in shown
    assert ".kip-text { display: none; }" in shown
    assert "display: block !important" in shown


def test_styles_reach_nothing_else_on_the_page() -> None:
    rules = re.sub(r"/\*.*?\*/", "", _style(), flags=re.DOTALL)
    selectors = [one.strip() for rule in rules.split("}") if "{" in rule for one in rule.split("{")[0].split(",")]
    assert selectors
    assert all(selector.startswith((".kip-sheet", ".kip-text")) for selector in selectors)
    assert "url(" not in rules
    assert "@import" not in rules


def test_html_numbers_carry_their_class_and_unit(portfolio: Portfolio) -> None:
    shown = page(summary(portfolio))
    assert '<th class="kip-number" scope="col">investment <span class="kip-unit">[MSEK]</span></th>' in shown
    # 150 cars × 60 000 SEK
    assert re.search(r'<td class="kip-number">9(\.0+)?</td>', shown)


def test_baseline_emissions_by_hand(plan: kip.Plan) -> None:
    assert baseline_emissions(plan, plan.activities[0]) == pytest.approx(50e6 * 180e-6 * 0.9)


def test_quality_counts_numbers_that_come_from_somewhere(plan: kip.Plan) -> None:
    # amount ×3, factor ×1 (0 is not counted), ev: use, cost, opex, potential ×2, bus: cost, reduction, charging: cost, budget, base
    shares = quality_of_numbers(plan)
    assert shares == pytest.approx({"A": 0.0, "B": 5 / 14, "C": 1 / 14, "none": 8 / 14})


def test_overview_says_what_a_plan_holds(plan: kip.Plan) -> None:
    shown = spaced(repr(plan))
    for text in (
        "2026–2030, SEK in prices of 2026, discount rate 3.5 %",
        "2 shifts, 1 enabler, 2 activities, 2 districts, 2 actors, 1 budget",
        "8 100",
        "units (car)",
        "own decision",
        "Hushåll",
        "70 % below 1990",
        "B 35.7 %",
        "1 warning; see plan.check().",
    ):
        assert text in shown
    assert "Enablers: what opens potential" in plan._repr_html_()
    swedish = plain(overview(plan, "sv"))
    assert "Skiften: det som kan väljas" in swedish
    assert "diskonteringsränta 3,5 %" in swedish


def test_overview_of_the_smallest_plan() -> None:
    small = kip.Plan(name="small", years=[2026], shifts=[kip.Shift(name="a", cost=5e6, reduction=16)])
    assert [section.title for section in overview(small).sections] == [
        "The plan",
        "Shifts: what can be chosen",
        "Budgets",
        "What the numbers rest on",
    ]
    assert "No budget: money is no limit." in repr(small)


def _section(sheet: Sheet, title: str) -> Section:
    return next(section for section in sheet.sections if section.title == title)


def _table(sheet: Sheet, title: str) -> pd.DataFrame:
    table = _section(sheet, title).table
    assert table is not None
    return table


def test_summary_follows_the_questions_of_a_reader(portfolio: Portfolio) -> None:
    whole = dataclasses.replace(portfolio, binding=("The budget binds.",), notes=("A note.",))
    assert [section.title for section in summary(whole).sections] == [
        "What to start, when and where",
        "Enablers to start",
        "Money by actor",
        "Whose krona",
        "Emissions against the targets",
        "Emissions and reductions by year",
        "Beside climate",
        "Which of the tonnes are the plan's own",
        "What holds it back",
        "How sure this is",
        "Notes",
    ]


def test_summary_starts_by_hand(portfolio: Portfolio) -> None:
    table = _table(summary(portfolio), "What to start, when and where")
    assert list(table["shift"]) == ["Petrol to electric", "Electric buses"]
    assert list(table["start"]) == ["2026: 100, 2028: 50 car", "2027"]
    assert list(table["where"]) == ["Ryd", "whole municipality"]
    assert list(table["area"]) == ["Vehicles", "Public transport"]
    # 150 cars at 60 000 SEK, in MSEK; 150 cars × 12 000 vkm × 162 g
    assert list(table["investment [MSEK]"]) == pytest.approx([9.0, 6.0])
    assert list(table["reduction 2030 [t/year]"]) == pytest.approx([291.6, 100.0])
    enablers = _table(summary(portfolio), "Enablers to start")
    assert enablers.iloc[0].tolist() == ["Charging", "2026", pytest.approx(2.0)]


def test_summary_money_by_hand(portfolio: Portfolio) -> None:
    table = _table(summary(portfolio), "Money by actor").set_index("actor")
    # cars in use: 100, 100, 150, 150, 150 at -4 000 SEK
    assert table.loc["Hushåll", "running cost [MSEK]"] == pytest.approx(-2.6)
    assert table.loc["Hushåll", "investment [MSEK]"] == pytest.approx(9.0)
    assert table.loc["Kommunen", "investment [MSEK]"] == pytest.approx(8.0)
    assert table.loc["all, at society's rate", "investment [MSEK]"] == pytest.approx(17.0)
    assert "Kommunen: 8 of 10 MSEK used." in _section(summary(portfolio), "Money by actor").lines


def test_summary_targets_by_hand(portfolio: Portfolio) -> None:
    section = _section(summary(portfolio), "Emissions against the targets")
    # 8 100 + 3 000 - 291.6 - 100 = 10 708.4 against 0.3 × 12 000 = 3 600
    assert [spaced(line) for line in section.lines] == ["Target 2030: 7 108 t/year short."]
    assert section.table is not None
    assert section.table.iloc[0, 3:].tolist() == pytest.approx([3600.0, 10708.4, 7108.4])


def test_summary_side_effects_know_which_way_is_better(portfolio: Portfolio) -> None:
    table = _table(summary(portfolio), "Beside climate")
    # four years with the bus, three persons less in each
    assert table.iloc[0].tolist() == ["Disturbed by noise", -12.0, "person", "better", -3.0, "person/year"]


PROOFS = [
    ("optimal", 100.0, 100.0, 0.0, "Proven: no portfolio does better."),
    ("optimal", 100.0, 100.01, 1e-4, "Proven: no portfolio gives more than 0.01 % more."),
    ("optimal", 100.0, 99.0, 0.01, "Proven: no portfolio gets more than 1 % lower."),
    ("feasible", 100.0, 112.0, 0.12, "at most 12 % better (the bound is 112 t)."),
    ("interrupted", 100.0, float("nan"), float("nan"), "Stopped on request: the best so far"),
    ("pays_for_itself", float("nan"), float("nan"), float("nan"), "Pays for itself:"),
    ("evaluated", float("nan"), float("nan"), float("nan"), "Counted, not optimised"),
]


@pytest.mark.parametrize(("status", "objective", "bound", "gap", "words"), PROOFS)
def test_answer_says_how_sure_it_is(portfolio: Portfolio, status: str, objective: float, bound: float, gap: float, words: str) -> None:
    changed = dataclasses.replace(
        portfolio, status=status, objective=objective, bound=bound, gap=gap, objective_name="reduction", objective_unit="t"
    )
    assert words in answer(changed)
    assert summary(changed).subtitle == answer(changed)
    assert answer(changed, "sv") != answer(changed)
    if status == "optimal":
        assert answer(changed).startswith("3 of 3 measures chosen, reduction 100 t, for an investment of 17 MSEK.")


def test_answer_of_a_ratio_is_in_kilos_per_krona(portfolio: Portfolio) -> None:
    changed = dataclasses.replace(
        portfolio,
        status="optimal",
        objective=0.0023,
        bound=0.0023,
        gap=0.0,
        objective_name="reduction",
        objective_unit="t/SEK",
        request={"maximize": "reduction", "per": "municipal"},
    )
    assert "reduction per municipal SEK 2.3 kg/SEK" in answer(changed)


@pytest.mark.parametrize("status", ["infeasible", "no_solution"])
def test_a_failed_portfolio_shows_its_reason_first(portfolio: Portfolio, status: str) -> None:
    failed = dataclasses.replace(portfolio, status=status, reason="The forced shifts cost 3 MSEK more than there is.", notes=("n",))
    sheet = summary(failed)
    assert sheet.sections[0] == Section("Why there is no answer", ("The forced shifts cost 3 MSEK more than there is.",))
    assert [section.title for section in sheet.sections[1:]] == ["Notes"]
    assert sheet.subtitle.startswith("No portfolio")
    bare = summary(dataclasses.replace(failed, reason=""))
    assert "Loosen a limit" in bare.sections[0].lines[0]


def test_broken_rules_come_before_the_numbers(plan: kip.Plan) -> None:
    both = kip.evaluate(plan.update({"budgets.municipality": 7e6}), {"bus": 2027, "charging": 2026})
    assert summary(both).sections[0].title == "Rules that the decisions break"


def test_many_sentences_on_what_binds_are_cut_short(portfolio: Portfolio) -> None:
    many = dataclasses.replace(portfolio, binding=tuple(f"Sentence {place}." for place in range(30)))
    section = _section(summary(many), "What holds it back")
    assert len(section.lines) == 12
    assert section.notes == ("… and 18 more; see portfolio.binding.",)


def test_html_closes_every_tag(portfolio: Portfolio, plan: kip.Plan) -> None:
    open_tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    for shown in (portfolio._repr_html_(), plan._repr_html_()):
        Reader().feed(shown)
        assert open_tags == []


def test_nothing_chosen(plan: kip.Plan) -> None:
    sheet = summary(kip.evaluate(plan))
    assert sheet.subtitle.endswith("Nothing is chosen.")
    assert _section(sheet, "What to start, when and where").lines == ("Nothing is chosen.",)
    assert "No money is spent or saved." in _section(sheet, "Money by actor").lines
    assert "How sure this is" not in [section.title for section in sheet.sections]


def test_a_plan_without_emissions_shows_reductions_only() -> None:
    stated = kip.Plan(name="p", years=[2026], shifts=[kip.Shift(name="a", cost=5e6, reduction=16)])
    sheet = summary(kip.evaluate(stated, ["a"]))
    section = _section(sheet, "Emissions and reductions by year")
    assert section.table is not None
    assert list(section.table.columns) == ["year", "reduction [t/year]"]
    assert section.notes == ("The plan states no emissions of its own, so only reductions are shown.",)
    assert _section(sheet, "Emissions against the targets").lines == ("The plan has no targets.",)


def test_many_start_years_and_places_are_told_in_short() -> None:
    names = [f"d{place}" for place in range(6)]
    wide = kip.Plan(
        name="wide",
        years="2026-2035",
        districts=[kip.District(name=name) for name in names],
        shifts=[kip.Shift(name="a", choice="units", unit="car", cost=1000, reduction=1, potential=dict.fromkeys(names, 100))],
    )
    table = pd.DataFrame({year: [10.0] * 6 for year in range(2026, 2031)}, index=pd.MultiIndex.from_product([["a"], names]))
    table.loc[("a", "d2"), 2028] = 30.0
    starts = _table(summary(kip.evaluate(wide, table)), "What to start, when and where")
    # 6 districts × 5 years × 10 cars, and 20 more in 2028
    assert starts["start"].tolist() == ["2026–2030: 320 car"]
    assert starts["where"].tolist() == ["all 6 districts"]
    some = _table(summary(kip.evaluate(wide, table.iloc[:4])), "What to start, when and where")
    assert some["where"].tolist() == ["d2, d0, d1 and 1 more"]


def test_titles_cannot_break_a_page() -> None:
    nasty = kip.Plan(
        name="p",
        title=SCRIPT,
        years=[2026],
        shifts=[kip.Shift(name="a", title=SCRIPT * 12, cost=5e6, reduction=16)],
        budgets=1e6,
    )
    portfolio = kip.evaluate(nasty, ["a"])
    for shown in (nasty._repr_html_(), portfolio._repr_html_()):
        assert "<script" not in shown
    assert max(map(len, repr(portfolio).splitlines())) <= 100


def test_words_stay_whole_in_a_terminal_of_80_columns() -> None:
    plan = kip.example("kranj").update({"budgets": {"municipality": "10 MEUR"}})
    sheet = summary(kip.evaluate(plan, [plan.shifts[0].name]))
    stream = io.StringIO()
    show(sheet, Console(file=stream, width=80))
    assert max(map(len, stream.getvalue().splitlines())) <= 80
    for word in ("municipal", "leverage", "investment"):
        assert word in stream.getvalue()


def test_what_binds_is_said_in_swedish_too() -> None:
    plan = kip.Plan(name="p", years=[2026], shifts=[kip.Shift(name="bus", cost=6e6, reduction=1)], budgets={"municipality": 6e6})
    best = kip.optimize(plan)
    assert best.binding == ("The budget of municipality is used up (0 SEK left of 6 MSEK).",)
    assert "Budgeten för municipality är slut (0 SEK kvar av 6 MSEK)." in plain(summary(best, "sv"))
