"""Words about lock-in, in English and Swedish: data only, part of the catalogue."""

from __future__ import annotations

__all__ = ["LOCK_IN"]

LOCK_IN: dict[str, tuple[str, str]] = {
    "lock title": ("The near year and the far year", "Det nära och det avlägsna året"),
    "lock plans": ("Plans side by side", "Planer sida vid sida"),
    "lock plan": ("plan", "plan"),
    "lock near": ("best for {year} alone", "bäst för {year} ensamt"),
    "lock carried": ("that plan to {near}, then best for {far}", "den planen till {near}, sedan bäst för {far}"),
    "lock sighted": ("{year} in mind from the start", "{year} i sikte från början"),
    "lock cumulative": ("most over all years", "mest över alla år"),
    "lock all years": ("reduction, all years", "minskning, alla år"),
    "lock net cost": ("net present cost", "nuvärdeskostnad"),
    "lock gap": ("gap", "gap"),
    "lock nothing": (
        "No portfolio keeps the rules, so there is nothing to compare.",
        "Ingen portfölj håller reglerna, så det finns inget att jämföra.",
    ),
    "lock none": (
        "No lock-in: the best plan for {near} does not stand in the way of {far}.",
        "Ingen inlåsning: den bästa planen för {near} står inte i vägen för {far}.",
    ),
    "lock warning": (
        "Lock-in: a plan with only {near} in mind stands in the way of {far}.",
        "Inlåsning: en plan med bara {near} i sikte står i vägen för {far}.",
    ),
    "lock tonnes": ("In {far}, {value} less can be reached.", "År {far} kan {value} mindre nås."),
    "lock kronor": (
        "What it reaches in {far} costs {value} more in net present cost than with {far} in mind from the start.",
        "Det som den når {far} kostar {value} mer i nuvärde än med {far} i sikte från början.",
    ),
    "lock earlier": ("To start earlier, or more of: {names}.", "Att börja tidigare, eller göra mer av: {names}."),
}
