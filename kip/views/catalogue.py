"""Words of views in English and Swedish: data only. `kip.views.labels` looks them up.

A key is the same in all languages. Names in braces are filled in by the caller.
"""

from __future__ import annotations

from kip.views.catalogue_alternatives import ALTERNATIVES
from kip.views.catalogue_attribution import ATTRIBUTION
from kip.views.catalogue_binding import BINDING
from kip.views.catalogue_control import CONTROL
from kip.views.catalogue_core import CORE
from kip.views.catalogue_frontier import FRONTIER
from kip.views.catalogue_living import LIVING
from kip.views.catalogue_lock_in import LOCK_IN
from kip.views.catalogue_overview import OVERVIEW
from kip.views.catalogue_pictures import PICTURES
from kip.views.catalogue_reach import REACH
from kip.views.catalogue_robust import ROBUST
from kip.views.catalogue_sensitivity import SENSITIVITY
from kip.views.catalogue_space import SPACE
from kip.views.catalogue_sweep import SWEEP
from kip.views.catalogue_units import UNITS
from kip.views.catalogue_why import WHY

__all__ = ["CATALOGUE", "LANGUAGES"]

LANGUAGES = ("en", "sv")
"""Languages in the order of the columns below."""

_NOUNS: dict[str, tuple[str, str]] = {
    "activity": ("activity", "aktivitet"),
    "activities": ("activities", "aktiviteter"),
    "actor": ("actor", "aktör"),
    "actors": ("actors", "aktörer"),
    "area": ("area", "insatsområde"),
    "allowed": ("target", "mål"),
    "amount": ("amount", "mängd"),
    "baseline": ("without the plan", "utan planen"),
    "baseline emissions": ("baseline emissions", "utsläpp utan planen"),
    "budget": ("budget", "budget"),
    "budgets": ("budgets", "budgetar"),
    "choice": ("choice", "val"),
    "indicator": ("indicator", "indikator"),
    "control": ("control", "rådighet"),
    "cost per unit": ("cost per unit", "kostnad per enhet"),
    "currency": ("currency", "valuta"),
    "direction": ("direction", "riktning"),
    "district": ("district", "stadsdel"),
    "districts": ("districts", "stadsdelar"),
    "effect": ("effect", "effekt"),
    "emissions": ("emissions", "utsläpp"),
    "enabler": ("enabler", "möjliggörare"),
    "enablers": ("enablers", "möjliggörare"),
    "indicators": ("indicators", "indikatorer"),
    "investment": ("investment", "investering"),
    "kind": ("kind", "slag"),
    "last year": ("in", "under"),
    "ledger": ("ledger", "konto"),
    "ledgers": ("ledgers", "konton"),
    "net present cost": ("net present cost", "nuvärde av kostnad"),
    "none": ("no passport", "utan källa"),
    "other": ("outside the plan", "utanför planen"),
    "other shifts": ("other shifts", "övriga skiften"),
    "payers": ("payers", "betalare"),
    "reached": ("reached", "nås"),
    "reduction": ("reduction", "minskning"),
    "remaining": ("emissions that remain", "utsläpp som är kvar"),
    "remaining in the plan": ("remaining in the plan", "kvar inom planen"),
    "running cost": ("running cost", "driftkostnad"),
    "saving": ("saving in running cost", "besparing i drift"),
    "share of numbers": ("share of numbers", "andel av talen"),
    "shift": ("shift", "skifte"),
    "shifts": ("shifts", "skiften"),
    "shortfall": ("shortfall", "saknas"),
    "start": ("start", "start"),
    "target": ("target", "mål"),
    "targets": ("targets", "mål"),
    "title": ("title", "titel"),
    "unit": ("unit", "enhet"),
    "what": ("what", "vad"),
    "where": ("where", "var"),
    "when": ("when", "när"),
    "cut": ("cut", "minskning"),
    "year": ("year", "år"),
    "a year": ("per year", "per år"),
    "all": ("whole municipality", "hela kommunen"),
    "all actors": ("all, at society's rate", "alla, med samhällets ränta"),
    "whole": ("whole", "helt"),
    "units": ("units", "enheter"),
    "share": ("share", "andel"),
    "own": ("own decision", "egen rådighet"),
    "procurement": ("procurement", "upphandling"),
    "regulation": ("regulation", "reglering och planering"),
    "incentive": ("incentive", "incitament"),
    "dialogue": ("dialogue", "dialog"),
    "operation": ("running cost", "drift"),
    "both kinds": ("investment and running cost", "investering och drift"),
    "better": ("better", "bättre"),
    "worse": ("worse", "sämre"),
    "unchanged": ("unchanged", "oförändrat"),
    "yes": ("yes", "ja"),
    "no": ("no", "nej"),
    "tonnes": ("tonnes", "ton"),
    "cost": ("cost", "kostnad"),
    "net benefit": ("net benefit", "nettonytta"),
    "lifetime reduction": ("reduction over whole lives", "minskning under hela livslängden"),
    "municipal": ("municipal", "kommunal"),
    "regional": ("regional", "regional"),
    "state": ("state", "statlig"),
    "private": ("private", "privat"),
    "societal": ("societal", "samhällelig"),
    "money": ("money", "pengar"),
    "the reduction": ("the reduction", "minskningen"),
    "the investment": ("the investment", "investeringen"),
}

_HEADINGS: dict[str, tuple[str, str]] = {
    "section overview": ("The plan", "Planen"),
    "section activities": ("Activities: where emissions arise", "Aktiviteter: där utsläppen uppstår"),
    "section shifts": ("Shifts: what can be chosen", "Skiften: det som kan väljas"),
    "section enablers": ("Enablers: what opens potential", "Möjliggörare: det som öppnar potential"),
    "transfers title": ("Who could pay whom", "Vem kan betala vem"),
    "transfers total": (
        "Transfers of {amount} in all, in present value, leave nobody worse off who can be helped.",
        "Överföringar på sammanlagt {amount}, i nuvärde, gör att ingen som kan hjälpas förlorar.",
    ),
    "section transfers": ("Transfers", "Överföringar"),
    "transfer": ("{amount} from {payer} to {receiver}.", "{amount} från {payer} till {receiver}."),
    "no transfer": ("Nobody needs to pay anybody.", "Ingen behöver betala någon."),
    "transfers none": ("No transfer is needed: nobody is worse off.", "Ingen överföring behövs: ingen förlorar."),
    "transfers in vain": (
        "No transfer can help those who are worse off: nobody who may pay gains anything.",
        "Ingen överföring kan hjälpa dem som förlorar: ingen som får betala tjänar något.",
    ),
    "transfer missing": (
        "{actor} is still {amount} short: the others' gains do not suffice.",
        "{actor} saknar ändå {amount}: de andras vinst räcker inte.",
    ),
    "gain before": ("gain before", "vinst före"),
    "transfers": ("transfer", "överföring"),
    "gain after": ("gain after", "vinst efter"),
    "transfer note": (
        "Present values, each at the actor's own discount rate, grants and loans counted. A minus sign is a loss.",
        "Nuvärden, vart och ett med aktörens egen kalkylränta, bidrag och lån inräknade. Minus är förlust.",
    ),
    "section scaling": ("Rules and prices that scale", "Regler och priser som skalar"),
    "scaled": (
        "Fractions multiplied take off {counted}. However they overlap, it is between {low} and {high}.",
        "Andelarna multiplicerade minskar {counted}. Hur de än överlappar är det mellan {low} och {high}.",
    ),
    "section kronor": ("Whose krona", "Vems krona"),
    "krona": ("krona", "krona"),
    "outside": ("outside the plan", "utanför planen"),
    "grants net": ("grants, net", "bidrag netto"),
    "reduction per krona": ("reduction per krona", "minskning per krona"),
    "cost of a tonne": ("a tonne costs", "ett ton kostar"),
    "leverage of a krona": ("leverage", "hävstång"),
    "kronor side by side": (
        "Sums before grants; grants, net: received less given. Net present cost at the plan's rate, grants counted, loans not. Leverage: "
        "invested in all for each own krona.",
        "Summor före bidrag; bidrag netto: fått minus gett. Nuvärde med planens ränta, med bidrag, utan lån. Hävstång: investerat totalt "
        "för varje egen krona.",
    ),
    "no krona to rank by": (
        "A dash: this krona pays nothing, or earns more than it pays. Nothing is ranked by it.",
        "Ett streck: den kronan betalar inget, eller tjänar mer än den betalar. Inget rangordnas efter den.",
    ),
    "gains": ("Gains, present value at its own rate: {who}.", "Tjänar, nuvärde med egen ränta: {who}."),
    "loses": ("Loses, present value at its own rate: {who}.", "Förlorar, nuvärde med egen ränta: {who}."),
    "section funding": ("Grants and loans", "Bidrag och lån"),
    "source of funding": ("source", "källa"),
    "what for": ("for", "till"),
    "investments": ("loan to {who}", "lån till {who}"),
    "funding": ("grants and loans", "bidrag och lån"),
    "no funding": ("No grant or loan is used.", "Inga bidrag eller lån används."),
    "funding in all": ("Grants {grants}, loans {loans}.", "Bidrag {grants}, lån {loans}."),
    "leverage": (
        "{drawn} {currency} are invested in all for each {currency} that municipal actors put in themselves.",
        "{drawn} {currency} investeras totalt för varje {currency} som kommunala aktörer själva lägger in.",
    ),
    "owed after": ("After {year}, {owed} are still to be repaid.", "Efter {year} återstår {owed} att betala tillbaka."),
    "section ledgers": ("Accounts of emissions, each for itself", "Utsläppskonton, vart och ett för sig"),
    "ledger baseline": ("without the plan", "utan planen"),
    "ledger outside": ("not reached by the plan", "utanför planens räckvidd"),
    "ledger baseline in group": ("of it in the municipal group", "varav kommunkoncernen"),
    "ledger reduction": ("reduction", "minskning"),
    "ledger complementary": ("complementary measures", "kompletterande åtgärder"),
    "ledger emissions": ("emissions that remain", "utsläpp som är kvar"),
    "ledger net": ("net", "netto"),
    "reachable": (
        "{ledger}, in {year}: what the plan acts on is {share} of the way from no plan to the target.",
        "{ledger}, år {year}: det som planen omfattar är {share} av vägen från utan plan till målet.",
    ),
    "complementary note": (
        "Complementary measures are no reductions: they stand apart, and count in net targets only, up to their share of the base.",
        "Kompletterande åtgärder är inte minskningar: de redovisas för sig och räknas bara i nettomål, upp till sin andel av basåret.",
    ),
    "credited": (
        "{target}: complementary measures count for {credited} of at most {most} {unit}.",
        "{target}: kompletterande åtgärder räknas med {credited} av högst {most} {unit}.",
    ),
    "net of": (
        "net, at most {share} of the base by complementary measures",
        "netto, högst {share} av basåret genom kompletterande åtgärder",
    ),
    "worth": ("worth", "värde"),
    "worth note": (
        "Worth: the sum of the years in prices of {price_year}, not discounted; a dash where nobody has put a value on it.",
        "Värde: summan av åren i {price_year} års priser, inte diskonterad; ett streck där inget värde är satt.",
    ),
    "section fairness": ("Who gets what", "Vem som får vad"),
    "section consequences": ("What it means for groups of people", "Vad det betyder för olika grupper"),
    "whom": ("whom", "vilka"),
    "gain": ("gain", "vinst"),
    "each person": ("for each person", "per person"),
    "share of districts": ("share of what reaches districts", "andel av det som når stadsdelarna"),
    "group": ("group", "grupp"),
    "in words": ("in words", "i ord"),
    "person": ("person", "person"),
    "severity 1": ("a little", "lite"),
    "severity 2": ("clearly", "tydligt"),
    "severity 3": ("a lot", "mycket"),
    "fair floor": ("{rule}: the smallest gain is {value}", "{rule}: den minsta vinsten är {value}"),
    "fair share": ("{rule}: they get {value}", "{rule}: de får {value}"),
    "fair spread": (
        "{rule}: the largest gain is {value} above the smallest",
        "{rule}: den största vinsten är {value} högre än den minsta",
    ),
    "fair gini": ("{rule}: Gini index {value}", "{rule}: Ginikoefficient {value}"),
    "fair sen": ("{rule}: mean gain less its inequality is {value}", "{rule}: medelvinsten minus dess ojämlikhet är {value}"),
    "asked at least": ("at least {amount} is asked for", "minst {amount} krävs"),
    "asked at most": ("at most {amount} is asked for", "högst {amount} krävs"),
    "gain means": (
        "Gain: the measure in its good direction, so less cost is a gain. What belongs to no district is nobody's.",
        "Vinst: måttet i sin goda riktning, så lägre kostnad är en vinst. Det som inte hör till någon stadsdel är ingens.",
    ),
    "never summed": (
        "Consequences in words are listed, never added up or weighed against kronor.",
        "Konsekvenser i ord räknas upp, men läggs aldrig ihop eller vägs mot kronor.",
    ),
    "section budgets": ("Budgets", "Budgetar"),
    "section targets": ("Targets", "Mål"),
    "section quality": ("What the numbers rest on", "Vad talen vilar på"),
    "section reason": ("Why there is no answer", "Varför det inte finns något svar"),
    "section broken": ("Rules that the decisions break", "Regler som besluten bryter"),
    "section starts": ("What to start, when and where", "Vad som startar, när och var"),
    "section openers": ("Enablers to start", "Möjliggörare som startar"),
    "section money": ("Money by actor", "Pengar per aktör"),
    "section emissions": ("Emissions against the targets", "Utsläppen mot målen"),
    "section reductions": ("Emissions and reductions by year", "Utsläpp och minskningar per år"),
    "section cobenefits": ("Beside climate", "Vid sidan av klimatet"),
    "section binding": ("What holds it back", "Vad som håller emot"),
    "section sure": ("How sure this is", "Hur säkert det är"),
    "section notes": ("Notes", "Noter"),
}

_SENTENCES: dict[str, tuple[str, str]] = {
    "chosen": ("{count} of {all} measures chosen", "{count} av {all} åtgärder valda"),
    "nothing chosen": ("Nothing is chosen.", "Ingenting är valt."),
    "proven": (
        "Proven: no portfolio gives more than {gap} more.",
        "Bevisat: ingen portfölj ger mer än {gap} mer.",
    ),
    "proven less": (
        "Proven: no portfolio gets more than {gap} lower.",
        "Bevisat: ingen portfölj kommer mer än {gap} lägre.",
    ),
    "proven exactly": ("Proven: no portfolio does better.", "Bevisat: ingen portfölj gör det bättre."),
    "proven unknown": ("The solver reports it as optimal.", "Lösaren anger att det är optimalt."),
    "not proven": (
        "Not proven: the time was up. A better portfolio may exist, at most {gap} better",
        "Inte bevisat: tiden tog slut. En bättre portfölj kan finnas, högst {gap} bättre",
    ),
    "not proven unknown": (
        "Not proven: the time was up, and how much better a portfolio can be is not known.",
        "Inte bevisat: tiden tog slut, och hur mycket bättre en portfölj kan vara är inte känt.",
    ),
    "stopped": (
        "Stopped on request: the best so far. A better portfolio may exist, at most {gap} better",
        "Avbrutet på begäran: det bästa hittills. En bättre portfölj kan finnas, högst {gap} bättre",
    ),
    "stopped unknown": (
        "Stopped on request: the best so far; how much better a portfolio can be is not known.",
        "Avbrutet på begäran: det bästa hittills; hur mycket bättre en portfölj kan vara är inte känt.",
    ),
    "infeasible": ("No portfolio keeps all rules.", "Ingen portfölj håller alla regler."),
    "no solution": (
        "No portfolio was found in the time given; one may still exist.",
        "Ingen portfölj hittades på den tid som fanns; en kan ändå finnas.",
    ),
    "pays for itself answer": (
        "Pays for itself: those whose money is counted pay nothing or gain, so there is no effect per krona to rank by.",
        "Betalar sig självt: de vars pengar räknas betalar inget eller tjänar, så det finns ingen effekt per krona att rangordna efter.",
    ),
    "counted": (
        "Counted, not optimised: this is what the decisions add up to.",
        "Räknat, inte optimerat: detta är vad besluten ger tillsammans.",
    ),
    "reason": ("Reason: {reason}", "Orsak: {reason}"),
    "no reason": (
        "No reason was given. Loosen a limit (budget, minimum, require) and try again.",
        "Ingen orsak angavs. Lätta på en gräns (budget, minimum, krav) och försök igen.",
    ),
    "reaches": ("{target}: reached with {room} {unit} to spare.", "{target}: nås med {room} {unit} till godo."),
    "outside alone": (
        "{target}: {short} {unit} short, and out of reach for this plan alone: {other} {unit} lie outside it, {want} {unit} are allowed.",
        "{target}: {short} {unit} saknas, och målet kan inte nås med denna plan ensam: {other} {unit} ligger utanför den, "
        "{want} {unit} är tillåtet.",
    ),
    "falls short": ("{target}: {short} {unit} short.", "{target}: {short} {unit} saknas."),
    "no targets": ("The plan has no targets.", "Planen har inga mål."),
    "budget used": ("{budget}: {spent} of {have} {unit} used.", "{budget}: {spent} av {have} {unit} används."),
    "rests on": (
        "{share} of {what} rests on assumptions (quality C) or on numbers without a passport.",
        "{share} av {what} vilar på antaganden (kvalitet C) eller på tal utan källa.",
    ),
    "quality scale": (
        "A measured or decided, B from a study, C assumption.",
        "A uppmätt eller beslutat, B från en studie, C antagande.",
    ),
    "present value": (
        "Net present cost: investment and running cost of all years, discounted, less what is left at the end; a minus sign is a gain.",
        "Nuvärde av kostnad: investering och drift alla år, diskonterat, minus det som är kvar vid slutet; minus betyder vinst.",
    ),
    "sums of years": (
        "Investment and running cost are sums of {years}, not discounted; prices of {price_year}.",
        "Investering och drift är summor för {years}, inte diskonterade; {price_year} års priser.",
    ),
    "per krona": ("{what} per {whose} {currency}", "{what} per {whose} {currency}"),
    "every district": ("all {count} districts", "alla {count} stadsdelar"),
    "for investment": ("for an investment of {value}", "för en investering på {value}"),
    "with bound": ("{sentence} (the bound is {bound}).", "{sentence} (gränsen är {bound})."),
    "main ledger": ("Ledger: {ledger}.", "Konto: {ledger}."),
    "and more": ("and {count} more", "och {count} till"),
    "more rows": ("… and {count} more rows", "… och {count} rader till"),
    "more sentences": ("… and {count} more; see portfolio.binding.", "… och {count} till; se portfolio.binding."),
    "plan line": (
        "{years}, {currency} in prices of {price_year}, discount rate {rate}",
        "{years}, {currency} i {price_year} års priser, diskonteringsränta {rate}",
    ),
    "no limit": ("No budget: money is no limit.", "Ingen budget: pengar är ingen gräns."),
    "from base": ("{cut} below {base}", "{cut} under {base}"),
    "warnings": ("{count} warnings; see plan.check().", "{count} varningar; se plan.check()."),
    "one warning": ("1 warning; see plan.check().", "1 varning; se plan.check()."),
    "no warnings": ("No warnings.", "Inga varningar."),
    "no passports": ("No number has a passport (source, quality).", "Inget tal har någon källa eller kvalitet."),
    "per year budget": ("by year", "per år"),
    "carried": ("by year, unspent money is kept", "per år, det som blir över sparas"),
    "total budget": ("in total", "totalt"),
}

_ALL = (
    ATTRIBUTION,
    LOCK_IN,
    _NOUNS,
    _HEADINGS,
    _SENTENCES,
    PICTURES,
    LIVING,
    CONTROL,
    BINDING,
    OVERVIEW,
    UNITS,
    WHY,
    REACH,
    CORE,
    SPACE,
    ALTERNATIVES,
    FRONTIER,
    ROBUST,
    SENSITIVITY,
    SWEEP,
)
CATALOGUE: dict[str, tuple[str, str]] = {key: words for part in _ALL for key, words in part.items()}
"""{key: (English, Swedish)}."""
