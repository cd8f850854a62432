"""Words of frontiers in English and Swedish: objectives, coverage, knees, the next krona. Data only, as in `kip.views.catalogue`."""

from __future__ import annotations

__all__ = ["FRONTIER"]

FRONTIER: dict[str, tuple[str, str]] = {
    "objective reduction": ("reduction", "minskning"),
    "objective lifetime_reduction": ("reduction over whole lives", "minskning under hela livslängden"),
    "objective complementary": ("complementary measures", "kompletterande åtgärder"),
    "objective emissions": ("emissions", "utsläpp"),
    "objective shortfall": ("shortfall", "målgap"),
    "objective investment": ("investment", "investering"),
    "objective operation": ("running cost", "driftkostnad"),
    "objective cost": ("cost", "kostnad"),
    "objective net_cost": ("net present cost", "nuvärde av kostnad"),
    "objective net_benefit": ("net benefit", "nettonytta"),
    "objective grants": ("grants", "bidrag"),
    "objective adopted": ("units", "enheter"),
    "objective least": ("smallest gain", "minsta vinst"),
    "objective sen": ("gain, fairly weighed", "vinst, rättvist vägd"),
    "objective budget": ("budget needed", "budget som behövs"),
    "front title": ("What can be had: {first} against {rest}", "Vad som går att få: {first} mot {rest}"),
    "front and": ("{one} and {two}", "{one} och {two}"),
    "front points": ("Points", "Punkter"),
    "front point": ("point", "punkt"),
    "front gap": ("gap", "gap"),
    "front change": ("what changes there", "vad som ändras där"),
    "front within": (
        "{points} points, each proven within a gap of {gap}; with gap=0 it is every point.",
        "{points} punkter, var och en bevisad inom gapet {gap}; med gap=0 är det alla punkter.",
    ),
    "front knees": ("Where it bends", "Där den böjer av"),
    "front not shown": ("{count} more points are in .points.", "{count} punkter till finns i .points."),
    "front complete": (
        "Complete: all {points} portfolios of which none is better in every objective, each proven ({solves} solves).",
        "Fullständig: alla {points} portföljer där ingen är bättre i allt, var och en bevisad ({solves} lösningar).",
    ),
    "front grid": (
        "A sample: {points} points from a grid of {asked}; there may be others between them ({solves} solves).",
        "Ett urval: {points} punkter ur ett rutnät om {asked}; mellan dem kan finnas fler ({solves} lösningar).",
    ),
    "front grid proven": (
        "Each is proven: nothing is better in every objective, within the gap.",
        "Var och en är bevisad: inget är bättre i allt, inom gapet.",
    ),
    "front segments": (
        "Amounts, loans or fractions are chosen freely, so the frontier has stretches without end of points. These are a sample.",
        "Mängder, lån eller andelar väljs fritt, så fronten har sträckor med oändligt många punkter. Detta är ett urval.",
    ),
    "front early": (
        "Stopped early: {points} points, of which {open} are not proven. Between them there may be others.",
        "Avbruten i förtid: {points} punkter, varav {open} inte är bevisade. Mellan dem kan finnas fler.",
    ),
    "front area": (
        "What is not searched is at most {share} of the box between the ends.",
        "Det som inte är genomsökt är högst {share} av rutan mellan ändarna.",
    ),
    "front one point": (
        "One point: the objectives do not conflict. The same portfolio is best in all of them.",
        "En punkt: målen står inte i konflikt. Samma portfölj är bäst i alla.",
    ),
    "front tolerance": (
        "Portfolios that differ by less than {step} in {objective} are one point.",
        "Portföljer som skiljer mindre än {step} i {objective} är en punkt.",
    ),
    "front targets": (
        "Targets are reported, not enforced. Take shortfall as an objective, or as a maximum, to have them weighed.",
        "Mål redovisas men krävs inte. Ta målgap (shortfall) som ett av målen, eller som högsta värde, om de ska vägas in.",
    ),
    "front up to": (
        "The budgets may grow to {times} times the plan's own, {total} in all.",
        "Budgetarna får växa till {times} gånger planens egna, sammanlagt {total}.",
    ),
    "front none": ("No portfolio was found: {reason}", "Ingen portfölj hittades: {reason}"),
    "front first": ("the first point", "den första punkten"),
    "front same": ("same shifts, other funding", "samma skiften, annan finansiering"),
    "front in": ("{what} in", "{what} in"),
    "front out": ("{what} out", "{what} ut"),
    "front more": ("more {what}", "mer {what}"),
    "front less": ("less {what}", "mindre {what}"),
    "front elsewhere": ("{what} at another time or place", "{what} vid annan tid eller plats"),
    "front knee line": (
        "{name}: {values}. Before it {before}, after it {after}.",
        "{name}: {values}. Före den {before}, efter den {after}.",
    ),
    "front each": ("{value} for each {unit}", "{value} för varje {unit}"),
    "front no more": ("nothing", "inget"),
    "front supported": ("found by weighing the objectives", "hittas genom att väga målen"),
    "front unsupported": ("found by no weighing of them", "hittas inte genom att väga dem"),
    "front unproven": ("not proven; bar to the bound", "inte bevisad; streck till gränsen"),
    "front knee": ("knee", "knä"),
    "front size": (
        "Size of the points: {objective}, from {least} to {most} {unit}.",
        "Punkternas storlek: {objective}, från {least} till {most} {unit}.",
    ),
    "front sample": ("A sample: there may be points between.", "Ett urval: det kan finnas punkter emellan."),
    "krona title": ("What the next step gives", "Vad nästa steg ger"),
    "krona forward": (
        "{step} more {second} than {at} gives {gain} more {first} (solved anew).",
        "{step} mer {second} än {at} ger {gain} mer {first} (löst på nytt).",
    ),
    "krona forward less": (
        "{step} more {second} than {at} gives {gain} less {first} (solved anew).",
        "{step} mer {second} än {at} ger {gain} mindre {first} (löst på nytt).",
    ),
    "krona nothing": (
        "{step} more {second} than {at} gives no better {first} (solved anew).",
        "{step} mer {second} än {at} ger inget bättre för {first} (löst på nytt).",
    ),
    "krona between": ("It is between {low} and {high}.", "Det är mellan {low} och {high}."),
    "krona average": (
        "The best use of a larger sum is {width} more: {price} for each {unit} (average shadow price, Kim & Cho 1988).",
        "En större summa används bäst om den är {width} mer: {price} för varje {unit} (genomsnittligt skuggpris, Kim & Cho 1988).",
    ),
    "krona average sample": (
        "The best use of a larger sum among the known points is {width} more: {price} for each {unit}; there may be a better one.",
        "Bland de kända punkterna används en större summa bäst om den är {width} mer: {price} för varje {unit}; det kan finnas en bättre.",
    ),
    "krona no average": ("No known point beyond it is better.", "Ingen känd punkt bortom den är bättre."),
    "krona relaxed": (
        "The linear relaxation, where parts of a shift can be bought, prices it at {price} for each {unit}. No plan can be held to that.",
        "Den linjära relaxationen, där delar av ett skifte kan köpas, sätter priset {price} för varje {unit}. Ingen plan kan hålla det.",
    ),
    "krona end": (
        'There the frontier ends under the plan\'s own budgets. To see beyond: objectives=(…, "budget") with budget_up_to.',
        'Där slutar fronten inom planens egna budgetar. För att se längre: objectives=(…, "budget") med budget_up_to.',
    ),
}
"""{key: (English, Swedish)}."""
