"""Words about what each shift contributes, in English and Swedish: data only, part of the catalogue."""

from __future__ import annotations

__all__ = ["ATTRIBUTION"]

ATTRIBUTION: dict[str, tuple[str, str]] = {
    "contributions": ("What each contributes", "Vad var och en bidrar med"),
    "contribution": ("contribution", "bidrag"),
    "before overlap": ("before overlap", "före överlapp"),
    "alone": ("alone", "ensam"),
    "lost without": ("lost without it", "förlust utan"),
    "how counted": ("counted", "räknat"),
    "overlap row": ("overlap", "överlapp"),
    "total row": ("together", "tillsammans"),
    "method direct": ("its own", "eget"),
    "method exact": ("exact", "exakt"),
    "method sampled": ("sampled", "stickprov"),
    "contribution title": ("Contributions to {measure}: {value} together", "Bidrag till {measure}: {value} tillsammans"),
    "overlap takes": (
        "Shifts that act on the same tonnes lose {value} to each other.",
        "Skiften som verkar på samma ton förlorar {value} till varandra.",
    ),
    "overlap adds": (
        "Together they give {value} more than each beside the others.",
        "Tillsammans ger de {value} mer än var och en för sig.",
    ),
    "contribution how": (
        "Contributions add up to the total; what comes about together is shared by the Shapley value. "
        "Alone and lost without it do not add up.",
        "Bidragen summerar till helheten; det som uppstår tillsammans delas med Shapleyvärdet. Ensam och förlust utan summerar inte.",
    ),
    "contribution sampled": ("Sampled ones have a standard error of {error} at most.", "Stickprov har ett medelfel på högst {error}."),
    "contribution picture": ("What does each contribute?", "Vad bidrar var och en med?"),
    "contribution axis": ("{measure} [{unit}]", "{measure} [{unit}]"),
    "of shift": ("shift", "skifte"),
    "of enabler": ("enabler", "möjliggörare"),
    "of rest": ("{count} more", "{count} till"),
}
