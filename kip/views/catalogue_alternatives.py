"""Words about alternatives, in English and Swedish: data only, part of the catalogue."""

from __future__ import annotations

__all__ = ["ALTERNATIVES"]

ALTERNATIVES: dict[str, tuple[str, str]] = {
    "alternatives title": ("Alternatives to the best portfolio", "Alternativ till den bästa portföljen"),
    "alternatives lead": (
        "{count} portfolios that lose at most {share} of the objective and differ {differ}.",
        "{count} portföljer som förlorar högst {share} av målet och skiljer sig {differ}.",
    ),
    "alternatives by shifts": ("in their shifts", "i sina skiften"),
    "alternatives by actors": ("in who invests", "i vem som investerar"),
    "alternatives by districts": ("in where it is invested", "i var det investeras"),
    "alternatives by control": ("in how much the municipality controls", "i hur stor rådighet kommunen har"),
    "alternatives no more": ("There are no others that differ.", "Det finns inga andra som skiljer sig."),
    "alternatives stopped": ("The time was up before more were found.", "Tiden tog slut innan fler hittades."),
    "alternatives beaten": ("beaten by", "slås av"),
    "alternatives best": ("the best", "den bästa"),
    "alternatives without": ("without {names}", "utan {names}"),
    "alternatives with": ("with {names}", "med {names}"),
    "alternatives and more": ("{names} and {count} more", "{names} och {count} till"),
    "alternatives more": ("{share} more {name}", "{share} mer {name}"),
    "alternatives less": ("{share} less {name}", "{share} mindre {name}"),
    "alternatives dearer": ("{share} more to invest", "{share} mer att investera"),
    "alternatives cheaper": ("{share} less to invest", "{share} mindre att investera"),
    "alternatives moved": ("{value} more for {where}", "{value} mer för {where}"),
    "alternatives timing": ("the same choices at other times", "samma val vid andra tider"),
    "alternatives number": ("no.", "nr"),
    "alternatives name": ("what differs", "vad som skiljer"),
    "alternatives objective": ("objective", "mål"),
    "alternatives lost": ("lost", "förlorat"),
    "alternatives cost": ("cost", "kostnad"),
    "alternatives investment": ("investment", "investering"),
    "alternatives distance": ("distance to the best", "avstånd till den bästa"),
    "alternatives nearest": ("to the nearest other", "till närmaste annan"),
    "alternatives proven": ("distance proven", "avstånd bevisat"),
    "alternatives differ": ("What differs", "Vad som skiljer"),
    "alternatives unproven": (
        "For some, the time was up before it was proven that none is much further away.",
        "För några tog tiden slut innan det var bevisat att ingen ligger mycket längre bort.",
    ),
    "alternatives question": ("What else would be nearly as good?", "Vad annat vore nästan lika bra?"),
    "alternatives lost mark": ("−{share}", "−{share}"),
    "alternatives same": ("as in the best", "som i den bästa"),
    "alternatives added": ("not in the best", "inte i den bästa"),
    "alternatives left": ("in the best, not here", "i den bästa, inte här"),
    "alternatives level": ("another amount", "annan mängd"),
    "alternatives footnote": (
        "Below each number: how much of the objective it loses. Shifts that are alike in all are left out.",
        "Under varje nummer: hur mycket av målet som förloras. Skiften som är lika i alla visas inte.",
    ),
}
