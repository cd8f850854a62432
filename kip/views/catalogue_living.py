"""Words of the living plan in English and Swedish: versions, differences, regret, screening. Data only, as in `kip.views.catalogue`."""

from __future__ import annotations

__all__ = ["LIVING"]

LIVING: dict[str, tuple[str, str]] = {
    "made from": (
        "Plan {plan}, fingerprint {fingerprint}. kip {kip}, {day}.",
        "Plan {plan}, fingeravtryck {fingerprint}. kip {kip}, {day}.",
    ),
    "made from version": (
        "Plan {plan}, version {version}, fingerprint {fingerprint}. kip {kip}, {day}.",
        "Plan {plan}, version {version}, fingeravtryck {fingerprint}. kip {kip}, {day}.",
    ),
    "diff title": ("What changed", "Vad som ändrats"),
    "diff changes": ("Changes", "Ändringar"),
    "diff footer": ("From {old} to {new}.", "Från {old} till {new}."),
    "diff none": ("Nothing changed.", "Ingenting är ändrat."),
    "diff counts": (
        "{added} added, {removed} removed, {changed} changed.",
        "{added} tillkommer, {removed} utgår, {changed} ändras.",
    ),
    "diff added": ("New among the {collection}: {name}.", "Nytt bland {collection}: {name}."),
    "diff removed": ("Gone from the {collection}: {name}.", "Borta från {collection}: {name}."),
    "diff number": ("{what}: from {old} to {new}{unit} ({share}).", "{what}: från {old} till {new}{unit} ({share})."),
    "diff value": ("{what}: from {old} to {new}{unit}.", "{what}: från {old} till {new}{unit}."),
    "diff in": ("{shift} comes in ({when}).", "{shift} kommer in ({when})."),
    "diff out": ("{shift} goes out (it was {when}).", "{shift} går ut (var {when})."),
    "diff later": ("{shift} starts later: {new} instead of {old}.", "{shift} börjar senare: {new} i stället för {old}."),
    "diff earlier": ("{shift} starts earlier: {new} instead of {old}.", "{shift} börjar tidigare: {new} i stället för {old}."),
    "diff more": ("{shift}: more units, {new} instead of {old}.", "{shift}: fler enheter, {new} i stället för {old}."),
    "diff fewer": ("{shift}: fewer units, {new} instead of {old}.", "{shift}: färre enheter, {new} i stället för {old}."),
    "diff two plans": (
        "The two are portfolios of different plans: some of this may come from the plan, not from the choice.",
        "De två hör till olika planer: en del av skillnaden kan bero på planen, inte på valet.",
    ),
    "nothing": ("nothing", "inget"),
    "diff rest": ("… and {count} more; see the sentences of the difference.", "… och {count} till; se skillnadens meningar."),
    "net cost": ("net present cost", "nuvärde av kostnad"),
    "collection districts": ("districts", "områden"),
    "collection actors": ("actors", "aktörer"),
    "collection activities": ("activities", "aktiviteter"),
    "collection shifts": ("shifts", "skiften"),
    "collection enablers": ("enablers", "möjliggörare"),
    "collection budgets": ("budgets", "budgetar"),
    "collection funding": ("sources of funding", "finansieringskällor"),
    "collection resources": ("resources", "resurser"),
    "collection indicators": ("indicators", "indikatorer"),
    "collection ledgers": ("ledgers", "utsläppsredovisningar"),
    "collection targets": ("targets", "mål"),
    "collection decided": ("decided", "beslutade"),
    "collection outcomes": ("outcomes", "utfall"),
    "collection scenarios": ("scenarios", "scenarier"),
    "collection passports": ("sources of numbers", "källuppgifter"),
    "regret title": ("Regret against the earlier choice", "Ånger mot det tidigare valet"),
    "regret cut": ("What could not be kept", "Det som inte kunde behållas"),
    "regret value": (
        "Holding on to the earlier choice misses {value}.",
        "Att hålla fast vid det tidigare valet kostar {value}.",
    ),
    "regret between": ("It is at least {low} and at most {high}, proven.", "Det är minst {low} och högst {high}, bevisat."),
    "regret sides": (
        "The best under the new plan: {optimum}; the earlier choice under the new plan: {kept}.",
        "Det bästa enligt den nya planen: {optimum}; det tidigare valet enligt den nya planen: {kept}.",
    ),
    "regret cut some": (
        "{count} of the earlier starts could not be kept as they were; the table says why.",
        "{count} av de tidigare starterna kunde inte behållas som de var; tabellen säger varför.",
    ),
    "regret cut none": ("All of the earlier starts could be kept.", "Alla tidigare starter kunde behållas."),
    "regret shortfall": (
        "Targets come first: the earlier choice falls short by {value} more.",
        "Målen går först: det tidigare valet missar dem med {value} mer.",
    ),
    "regret none": (
        "There is no regret to state, since one of the two portfolios does not exist: {reason}",
        "Det finns ingen ånger att ange, för en av de två portföljerna finns inte: {reason}",
    ),
    "units then": ("units then", "enheter då"),
    "units now": ("units now", "enheter nu"),
    "why": ("why", "varför"),
    "cut gone": ("no longer in the plan", "finns inte längre i planen"),
    "cut year": ("not a year of the plan", "inte ett år i planen"),
    "cut place": ("nothing to act on there", "inget att göra där"),
    "cut decided": ("decided otherwise", "beslutat på annat sätt"),
    "cut start": ("may not start then", "får inte börja då"),
    "cut rules": ("no room under the plan's rules", "ryms inte inom planens regler"),
    "screening section": ("In the climate plan", "I klimatplanen"),
    "screening years": ("By year", "År för år"),
    "added emissions": ("added emissions", "tillkommande utsläpp"),
    "screen adds": ("It adds {tonnes} CO2e in {years}.", "Den ökar utsläppen med {tonnes} CO2e {years}."),
    "screen removes": ("It removes {tonnes} CO2e in {years}.", "Den minskar utsläppen med {tonnes} CO2e {years}."),
    "screen nothing": ("It changes no emissions in {years}.", "Den ändrar inga utsläpp {years}."),
    "screen money": (
        "Its money in the plan's budgets would remove {tonnes} more (at least {low}, at most {high}, proven).",
        "Dess pengar i planens budgetar skulle minska utsläppen med {tonnes} till (minst {low}, högst {high}, bevisat).",
    ),
    "screen no plan": ("The plan has no portfolio to compare with: {reason}", "Planen har ingen portfölj att jämföra med: {reason}"),
    "screen unlimited": (
        "No budget limits {actors} in the plan, so that money changes nothing there.",
        "Ingen budget begränsar {actors} i planen, så de pengarna ändrar ingenting där.",
    ),
    "screen compensation": (
        "To compensate it with the cheapest further shifts costs {cost} net ({each}).",
        "Att kompensera den med de billigaste ytterligare skiftena kostar {cost} netto ({each}).",
    ),
    "screen no compensation": (
        "The plan's shifts cannot compensate it, even with all money.",
        "Planens skiften kan inte kompensera den, ens med alla pengar.",
    ),
}
"""{key: (English, Swedish)}."""
