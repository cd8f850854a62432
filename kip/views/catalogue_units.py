"""Units that are words, in English and Swedish: data only, part of the catalogue. ``unit`` stands above the line, ``per`` below it."""

from __future__ import annotations

__all__ = ["UNITS"]

UNITS: dict[str, tuple[str, str]] = {
    "unit year": ("year", "år"),
    "unit day": ("day", "dygn"),
    "unit hour": ("hour", "timmar"),
    "unit person": ("person", "personer"),
    "unit household": ("household", "hushåll"),
    "unit car": ("car", "bilar"),
    "unit vehicle": ("vehicle", "fordon"),
    "unit truck": ("truck", "lastbilar"),
    "unit bus": ("bus", "bussar"),
    "unit trip": ("trip", "resor"),
    "unit place": ("place", "platser"),
    "unit point": ("point", "punkter"),
    "unit job": ("job", "jobb"),
    "unit case": ("case", "fall"),
    "per year": ("year", "år"),
    "per person": ("person", "person"),
}
