"""Words about choices over scenarios, in English and Swedish: data only, part of the catalogue."""

from __future__ import annotations

__all__ = ["ROBUST"]

ROBUST: dict[str, tuple[str, str]] = {
    "robust title": ("One decision for all scenarios", "Ett beslut för alla scenarier"),
    "robust none": ("There is no decision for all scenarios.", "Det finns inget beslut för alla scenarier."),
    "robust why": ("Why", "Varför"),
    "robust nothing": ("nothing", "ingenting"),
    "robust value expected": (
        "The expected value of {measure} over {count} scenarios is {value}.",
        "Det förväntade värdet av {measure} över {count} scenarier är {value}.",
    ),
    "robust value worst_case": (
        "In the worst of {count} scenarios {measure} is {value}.",
        "I det sämsta av {count} scenarier är {measure} {value}.",
    ),
    "robust value regret": (
        "Whichever of {count} scenarios comes, at most {value} of {measure} is missed.",
        "Vilket av {count} scenarier som än inträffar går man miste om högst {value} av {measure}.",
    ),
    "robust value cvar": (
        "In the worst {share} of {count} scenarios {measure} is {value} on average.",
        "I de sämsta {share} av {count} scenarier är {measure} i genomsnitt {value}.",
    ),
    "robust chosen": ("Chosen: {names}.", "Valt: {names}."),
    "robust unproven": (
        "The search ended early: no decision does better than {bound} (gap {gap}).",
        "Sökningen avbröts: inget beslut är bättre än {bound} (gap {gap}).",
    ),
    "robust own": (
        "The plan's own optimum, which knows no scenario, comes to {value} in the same way: {difference} worse.",
        "Planens eget optimum, som inte känner till några scenarier, ger {value} räknat på samma sätt: {difference} sämre.",
    ),
    "robust own same": (
        "The plan's own optimum, which knows no scenario, is as good.",
        "Planens eget optimum, som inte känner till några scenarier, är lika bra.",
    ),
    "robust own gone": (
        "The plan's own optimum, which knows no scenario, cannot be kept in: {names}.",
        "Planens eget optimum, som inte känner till några scenarier, går inte att genomföra i: {names}.",
    ),
    "robust own unknown": (
        "What the plan's own optimum gives in every scenario is not known.",
        "Vad planens eget optimum ger i varje scenario är inte känt.",
    ),
    "robust worst": ("It gives least in {scenario}: {value}.", "Det ger minst i {scenario}: {value}."),
    "robust regret": ("It misses most in {scenario}: {value}.", "Det missar mest i {scenario}: {value}."),
    "robust evpi": (
        "Knowing the scenario before deciding would be worth {value} on average.",
        "Att känna till scenariot före beslutet vore i genomsnitt värt {value}.",
    ),
    "robust always": ("In the optimum of every scenario: {names}.", "Med i optimum för varje scenario: {names}."),
    "robust never": ("In the optimum of no scenario: {names}.", "Inte med i optimum för något scenario: {names}."),
    "robust shut": (
        "{count} starts are possible in some scenarios only, so they are left out.",
        "{count} starter är möjliga bara i några scenarier och är därför inte med.",
    ),
    "robust wide": (
        "The best in {names} is not proven: regret is counted from its bound, and is at most what is shown.",
        "Det bästa i {names} är inte bevisat: ånger räknas från dess gräns och är högst vad som visas.",
    ),
    "robust base broken": (
        "The plan itself, which is none of the scenarios, cannot keep the decision: {rule}",
        "Planen själv, som inte är något av scenarierna, kan inte hålla beslutet: {rule}",
    ),
    "robust scenario": ("scenario", "scenario"),
    "robust choice": ("choice", "val"),
    "robust values": ("What it gives in each scenario", "Vad det ger i varje scenario"),
    "robust criteria": ("By every criterion", "Efter varje kriterium"),
    "robust level": ("CVaR is the mean of the worst {share} of probability.", "CVaR är medelvärdet av de sämsta {share} av sannolikheten."),
    "robust optima": ("Share of scenarios in whose optimum a shift is", "Andel av scenarierna i vars optimum ett skifte är med"),
    "robust core": ("core index", "kärnindex"),
    "robust column weight": ("weight", "vikt"),
    "robust column value": ("value", "värde"),
    "robust column best possible": ("best possible", "bästa möjliga"),
    "robust column no better than": ("no better than", "aldrig bättre än"),
    "robust column regret": ("regret", "ånger"),
    "robust column plan's own optimum": ("plan's own optimum", "planens eget optimum"),
    "robust column its regret": ("its regret", "dess ånger"),
    "robust column expected": ("expected", "förväntat"),
    "robust column worst_case": ("worst case", "sämsta fall"),
    "robust column cvar": ("CVaR", "CVaR"),
    "robust row expected": ("best expected value", "bästa förväntade värde"),
    "robust row worst_case": ("best worst case", "bästa sämsta fall"),
    "robust row regret": ("least largest regret", "minsta största ånger"),
    "robust row cvar": ("best CVaR", "bästa CVaR"),
    "robust row plan's own optimum": ("plan's own optimum", "planens eget optimum"),
    "robust question": ("What does each choice give, whatever comes?", "Vad ger varje val, vad som än händer?"),
    "robust best mark": ("best possible, if it were known", "bästa möjliga, om man visste"),
    "robust footnote": (
        "Each line is a scenario. The further a mark is from the ring, the more is missed if that scenario comes.",
        "Varje rad är ett scenario. Ju längre ett märke är från ringen, desto mer går man miste om ifall det scenariot inträffar.",
    ),
}
