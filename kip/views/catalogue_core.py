"""Words about cores and best sets, in English and Swedish: data only, part of the catalogue."""

from __future__ import annotations

__all__ = ["CORE"]

CORE: dict[str, tuple[str, str]] = {
    "core title": ("Core: always, never, it depends", "Kärna: alltid, aldrig, beror på"),
    "core set": (
        "What holds for every portfolio that keeps the rules and is within {share} of the best.",
        "Vad som gäller för varje portfölj som håller reglerna och ligger inom {share} från den bästa.",
    ),
    "core always": ("Always in ({count}): {names}.", "Alltid med ({count}): {names}."),
    "core never": ("Never in ({count}): {names}.", "Aldrig med ({count}): {names}."),
    "core depends": ("It depends ({count}): {names}.", "Beror på ({count}): {names}."),
    "core open": ("Not settled in the time ({count}): {names}.", "Inte avgjort på tiden ({count}): {names}."),
    "core solves": (
        "Settled with {solves} solves; one for the least and one for the most of each would have been {plain}.",
        "Avgjort med {solves} lösningar; en för det minsta och en för det mesta av varje hade varit {plain}.",
    ),
    "core wide gap": (
        "The best portfolio is proven to a gap wider than the tolerance: the set is around what was found.",
        "Den bästa portföljen är bevisad med ett gap större än toleransen: mängden ligger runt det som hittades.",
    ),
    "core unproven": ("The search ended early; what is not settled says so.", "Sökningen avbröts; det som inte är avgjort är märkt."),
    "core levels": ("From the least to the most", "Från det minsta till det mesta"),
    "core word always": ("always", "alltid"),
    "core word never": ("never", "aldrig"),
    "core word depends": ("it depends", "beror på"),
    "core word open": ("not settled", "inte avgjort"),
    "core column class": ("class", "klass"),
    "core column best": ("in the best", "i den bästa"),
    "core column least": ("least seen", "minst sedd"),
    "core column most": ("most seen", "mest sedd"),
    "core column no less than": ("no less than", "aldrig under"),
    "core column no more than": ("no more than", "aldrig över"),
    "core column unit": ("unit", "enhet"),
    "core part always": ("in every good portfolio", "i varje bra portfölj"),
    "core part depends": ("in some of them", "i några av dem"),
    "core part open": ("not settled", "inte avgjort"),
    "core part never": ("in none of them", "i ingen av dem"),
    "core question": ("Which shifts are safe whatever is chosen?", "Vilka skiften är säkra vad som än väljs?"),
    "core axis": ("share of the most that the shift could be [%]", "andel av det mesta som skiftet kan vara [%]"),
    "core best mark": ("in the best portfolio", "i den bästa portföljen"),
    "core footnote": (
        "A good portfolio keeps the rules and is within {share} of the best. Proven for all of them, not sampled.",
        "En bra portfölj håller reglerna och ligger inom {share} från den bästa. Bevisat för alla, inte ett urval.",
    ),
    "best title": ("The best sets of choices", "De bästa uppsättningarna val"),
    "best list": ("In order", "I ordning"),
    "best sets": (
        "The {count} best sets of whole choices, each with its best portfolio.",
        "De {count} bästa uppsättningarna val, var och en med sin bästa portfölj.",
    ),
    "best unproven": ("The time was up: a better set may be missing.", "Tiden tog slut: en bättre uppsättning kan saknas."),
    "best tied": ("More sets are as good as the last one.", "Fler uppsättningar är lika bra som den sista."),
    "best all": ("There are no other sets.", "Det finns inga andra uppsättningar."),
}
