"""Words of the pictures of a portfolio, in English and Swedish: data only, part of the catalogue."""

from __future__ import annotations

__all__ = ["PICTURES"]

PICTURES: dict[str, tuple[str, str]] = {
    "wedges title": ("How far the plan goes towards its targets", "Hur långt planen når mot sina mål"),
    "cost title": ("Who pays, and when", "Vem som betalar, och när"),
    "staircase title": ("What a tonne costs in this portfolio", "Vad ett ton kostar i den här portföljen"),
    "mac title": ("Marginal abatement cost curve (classic)", "Marginalkostnadskurva (klassisk)"),
    "districts title": ("Where it happens", "Var det händer"),
    "emissions axis": ("emissions [{unit}]", "utsläpp [{unit}]"),
    "reduction axis": ("reduction {years} [{unit}]", "minskning {years} [{unit}]"),
    "reduction year axis": ("reduction in {year} [{unit}]", "minskning {year} [{unit}]"),
    "investment axis": ("investment {years} [{unit}]", "investering {years} [{unit}]"),
    "tonne axis": ("net present cost [{unit}]", "nuvärde av kostnad [{unit}]"),
    "money axis": ("cost [{unit}]", "kostnad [{unit}]"),
    "money axis before grants": ("cost before grants [{unit}]", "kostnad före bidrag [{unit}]"),
    "per inhabitant": ("per inhabitant", "per invånare"),
    "gap": ("gap {value}", "saknas {value}"),
    "target mark": ("target {year}: {value}", "mål {year}: {value}"),
    "target reached": ("target {year}: {value}, reached", "mål {year}: {value}, nås"),
    "increase": ("shifts that add emissions", "skiften som ökar utsläppen"),
    "net line": ("net, all actors", "netto, alla aktörer"),
    "pays": ("pays for itself", "betalar sig självt"),
    "saves": ("saves {value}", "sparar {value}"),
    "pays how": (
        "Pays for itself: ordered by money saved. The height means nothing there: money saved per tonne must not rank (Taylor 2012).",
        "Betalar sig självt: ordnat efter sparade pengar. Höjden betyder inget där: sparat per ton får inte rangordna (Taylor 2012).",
    ),
    "left out enablers": (
        "Not shown: enablers, which have no tonnes of their own ({count}, net present cost {value}).",
        "Visas inte: möjliggörare, som inte har egna ton ({count} st, nuvärde av kostnad {value}).",
    ),
    "left out shifts": (
        "Not shown: shifts without a reduction ({count}, net present cost {value}).",
        "Visas inte: skiften utan minskning ({count} st, nuvärde av kostnad {value}).",
    ),
    "cut steps": (
        "Hatched steps are cut off: they are higher than the picture; the list has their cost.",
        "Streckade steg är avkortade: de är högre än bilden; listan har deras kostnad.",
    ),
    "mac warning": (
        "Read with care: a MAC curve is not a supply curve. It ignores overlap between shifts and timing, "
        "and negative costs must not be ranked by cost per tonne (Taylor 2012). Use the staircase instead.",
        "Läs varsamt: en marginalkostnadskurva är ingen utbudskurva. Den bortser från överlapp och från tiden, "
        "och negativa kostnader får inte rangordnas efter kostnad per ton (Taylor 2012). Använd trappan i stället.",
    ),
    "no baseline": (
        "The plan states no emissions of its own, so only reductions are shown.",
        "Planen anger inga egna utsläpp, så bara minskningar visas.",
    ),
    "reductions title": ("What the plan takes off", "Vad planen minskar"),
    "reductions axis": ("reduction [{unit}]", "minskning [{unit}]"),
    "nothing to show": ("Nothing is chosen, so there is nothing to show.", "Ingenting är valt, så det finns inget att visa."),
    "no money": ("No money is spent or saved.", "Inga pengar används eller sparas."),
}
