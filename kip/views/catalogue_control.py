"""Words about who decides, and which tonnes are the plan's own, in English and Swedish: data only, part of the catalogue."""

from __future__ import annotations

__all__ = ["CONTROL"]

CONTROL: dict[str, tuple[str, str]] = {
    "section control": ("Who decides (rådighet)", "Rådighet: vem som beslutar"),
    "section waterfall": ("Which of the tonnes are the plan's own", "Vilka ton som är planens egna"),
    "group decides": ("the municipality decides", "kommunen beslutar"),
    "group persuades": ("others are persuaded", "andra ska övertygas"),
    "group all": ("all", "alla"),
    "low uptake": ("at low uptake", "vid lågt genomslag"),
    "high uptake": ("at high uptake", "vid högt genomslag"),
    "municipal enabling cost": ("municipal enabling cost", "kommunens kostnad för att möjliggöra"),
    "private adoption cost": ("private adoption cost", "privat kostnad för att ställa om"),
    "other public cost": ("other public cost", "annan offentlig kostnad"),
    "grants": ("grants", "bidrag"),
    "step": ("step", "steg"),
    "step gross": ("without any policy", "utan styrmedel"),
    "step net of baseline": ("on top of the policies", "utöver styrmedlen"),
    "step would have happened anyway": ("would have happened anyway", "hade hänt ändå"),
    "step additional": ("additional: counted for the plan", "additionellt: räknas för planen"),
    "sentence decides": (
        "The municipality decides {tonnes}, at a cost of {money}.",
        "Kommunen beslutar om {tonnes}, till en kostnad av {money}.",
    ),
    "sentence persuades": (
        "It must persuade others to {tonnes}, at a cost of {money}.",
        "Andra behöver övertygas om {tonnes}, till en kostnad av {money}.",
    ),
    "with range": ("{value} ({low} to {high} at low and high uptake)", "{value} ({low} till {high} vid lågt och högt genomslag)"),
    "uptake range": (
        "Low and high: the same decisions, all uptakes at their lower or all at their upper end.",
        "Lågt och högt: samma beslut, allt genomslag i sin nedre eller allt i sin övre ände.",
    ),
    "no uptake range": (
        "The plan gives no range for uptake, so these tonnes are shown without one.",
        "Planen anger inget spann för genomslag, så tonnen visas utan spann.",
    ),
    "control note": (
        "Cost: investment and running cost of all years, before grants, not discounted; minus is a saving.",
        "Kostnad: investering och drift alla år, före bidrag, inte diskonterat; minus är en besparing.",
    ),
    "additional of gross": (
        "{share} of what the decisions would remove without any policy is additional.",
        "{share} av vad besluten skulle minska utan styrmedel är additionellt.",
    ),
    "step declared overlaps": ("declared overlaps", "angivna överlapp"),
    "not claimed": ("{tonnes} would have happened anyway and are not claimed.", "{tonnes} hade hänt ändå och räknas inte."),
    "waterfall note": (
        "The same decisions counted with more and more policies; the order of the policies changes the steps, not the sum.",
        "Samma beslut räknade med fler och fler styrmedel; deras ordning ändrar stegen, inte summan.",
    ),
}
"""{key: (English, Swedish)}."""
