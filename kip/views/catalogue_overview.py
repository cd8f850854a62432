"""Words about what a plan holds beside shifts and budgets, in English and Swedish: data only, part of the catalogue."""

from __future__ import annotations

__all__ = ["OVERVIEW"]

OVERVIEW: dict[str, tuple[str, str]] = {
    "section sources": ("Sources of funding", "Finansieringskällor"),
    "source of money": ("source of funding", "finansieringskälla"),
    "sources of money": ("sources of funding", "finansieringskällor"),
    "overlap": ("declared overlap", "angivet överlapp"),
    "overlaps": ("declared overlaps", "angivna överlapp"),
    "groups": ("groups", "grupper"),
    "fairness rule": ("fairness rule", "rättviseregel"),
    "fairness rules": ("fairness rules", "rättviseregler"),
    "value set": ("value set", "värderingsunderlag"),
    "value sets": ("value sets", "värderingsunderlag"),
    "consequence": ("consequence in words", "konsekvens i ord"),
    "consequences": ("consequences in words", "konsekvenser i ord"),
    "applicants": ("who may apply", "vem som får söka"),
    "kind grant": ("grant", "bidrag"),
    "kind loan": ("loan", "lån"),
    "pot": ("pot", "pott"),
    "pot each year": ("each year", "varje år"),
    "sources note": (
        "Empty: everybody, everything, or no limit that is known.",
        "Tomt: alla, allt, eller ingen känd gräns.",
    ),
}
