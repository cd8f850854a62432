"""Words about what holds a portfolio back, in English and Swedish: data only, part of the catalogue."""

from __future__ import annotations

__all__ = ["BINDING"]

BINDING: dict[str, tuple[str, str]] = {
    "binding budget": ("The budget of {payer}", "Budgeten för {payer}"),
    "binding budget investment": ("The investment budget of {payer}", "Investeringsbudgeten för {payer}"),
    "binding budget operation": ("The running-cost budget of {payer}", "Driftbudgeten för {payer}"),
    "binding total": ("{what} is used up ({left} left of {have}).", "{what} är slut ({left} kvar av {have})."),
    "binding years": ("{what} is used up in {years}.", "{what} är slut {years}."),
    "binding pot": ("All money of {source} is used in {years}.", "Alla pengar i {source} används {years}."),
    "binding ramp": ("{shift} grows as fast as it may in {years}.", "{shift} byggs ut så fort det får {years}."),
    "binding potential": ("{shift} is at its full potential in {years}.", "{shift} når hela sin potential {years}."),
    "binding opened": (
        "{shift} uses all of the potential that enablers have opened in {years}.",
        "{shift} använder all potential som möjliggörare har öppnat {years}.",
    ),
    "binding segment": ("Nothing is left of {activity} in {years}.", "Inget är kvar av {activity} {years}."),
    "binding resource": ("All of {resource} is used in {years}.", "All {resource} används {years}."),
    "binding complementary": (
        "Complementary measures count for all that they may in {target} ({most}).",
        "Kompletterande åtgärder räknas så mycket de får i {target} ({most}).",
    ),
    "binding least": (
        "The fairness rule {rule} is met just so: {value}, no less than {asked} is asked for.",
        "Rättviseregeln {rule} hålls precis: {value}, minst {asked} krävs.",
    ),
    "binding most": (
        "The fairness rule {rule} is met just so: {value}, no more than {asked} is asked for.",
        "Rättviseregeln {rule} hålls precis: {value}, högst {asked} tillåts.",
    ),
}
