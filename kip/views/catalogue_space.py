"""Words about what varies in a sweep, in English and Swedish: data only, part of the catalogue."""

from __future__ import annotations

__all__ = ["SPACE"]

SPACE: dict[str, tuple[str, str]] = {
    "space title": ("What may vary", "Vad som kan variera"),
    "space count": (
        "{count} parameters: {uncertainties} uncertain, {levers} that somebody decides.",
        "{count} parametrar: {uncertainties} osäkra, {levers} som någon bestämmer över.",
    ),
    "space one of": ("one of {levels}", "någon av {levels}"),
    "space together": ("What varies together", "Vad som varierar tillsammans"),
    "space pair": ("{first} and {second}: {rho}", "{first} och {second}: {rho}"),
    "space copula": (
        "Correlations of a Gaussian copula; each parameter keeps its own distribution.",
        "Korrelationer i en gaussisk kopula; varje parameter behåller sin egen fördelning.",
    ),
    "space left out": ("Left out", "Utelämnat"),
    "space column role": ("role", "roll"),
    "space column varies": ("may be", "kan vara"),
    "space column in the plan": ("in the plan", "i planen"),
    "space column parameter": ("parameter", "parameter"),
    "space role uncertainty": ("uncertainty", "osäkerhet"),
    "space role lever": ("lever", "spak"),
}
