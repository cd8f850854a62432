"""Decision and Outcome: what a living plan knows beyond its assumptions. And `lock`, from a portfolio to decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from kip.errors import RequestError
from kip.model.fields import EVERYWHERE, NonNegative, Noun, Number, quantity

if TYPE_CHECKING:
    from kip.model.plan import Plan

__all__ = ["Decision", "Outcome", "actual_units", "decided_units", "lock"]


class Decision(Noun):
    """What is decided, and no longer for an optimisation to choose: how many units of a shift start in a district in a year.

    A row decides that number for its shift, district and year; everything else stays open (see `Plan.decided_until`).

    Examples
    --------
    >>> import kip
    >>> kip.Decision(shift="buses", year=2026, source="KF 2025-11-18 § 212").key
    'buses:all:2026'
    """

    shift: str
    """Shift or enabler."""
    district: str = EVERYWHERE
    """District; `all` for the whole municipality."""
    year: int
    """Year in which it starts."""
    units: NonNegative = quantity("1", 1.0)
    """Units that start; 1 for a whole shift, 0 when it is decided that none does."""
    status: Literal["decided", "done"] = "decided"
    """Decided, or done already."""
    source: str = ""
    """Where it is decided: body, date, paragraph."""

    @property
    def key(self) -> str:
        """Shift, district and year: its name in a path."""
        return f"{self.shift}:{self.district}:{self.year}"


class Outcome(Noun):
    """What really happened in a year, in place of what the plan assumed for it (§54).

    Paths that it may name:

    - ``activities.<activity>.amount.<district>``: the amount of that year before the plan's own shifts, trend included
      [activity unit/year];
    - ``shifts.<shift>.units.<district>`` (or ``enablers…``): units that started, in a closed year [unit];
    - ``shifts.<shift>.cost.<actor>`` (or ``enablers…``): what the actor paid for it that year in all, in the plan's price
      year, in a closed year in which some was bought [currency];
    - ``ledgers.<ledger>.other.<sector>``: emissions outside the plan's reach [t/year].

    Examples
    --------
    >>> import kip
    >>> kip.Outcome(path="activities.petrol.amount.all", year=2026, value="310 Mvkm/year", source="traffic count").value
    310000000.0
    """

    path: str
    """Which number: one of the four kinds above. The last part may be left out where it is `all`."""
    year: int
    """Year in which it happened."""
    value: Number
    """What it was, in the unit of the number that it replaces."""
    source: str = ""
    """Who measured it, and where it is published."""

    @property
    def key(self) -> str:
        """Path and year, without points: its name in a path."""
        return f"{self.path.replace('.', '/')}:{self.year}"

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """Collection, noun, field and the name behind it; `all` when nothing stands there, empty where a part is missing."""
        collection, name, field, last = [*self.path.split(".", 3), "", "", ""][:4]
        return collection, name, field, last or EVERYWHERE


def decided_units(plan: Plan) -> dict[tuple[str, str, int], float]:
    """Units decided, by (shift, district, year); outcomes not counted."""
    return {(row.shift, row.district, row.year): row.units for row in plan.decided}


def actual_units(plan: Plan) -> dict[tuple[str, str, int], float]:
    """Units that started, by (shift, district, year), where an outcome says so."""
    found = {}
    for outcome in plan.outcomes:
        collection, name, field, district = outcome.parts
        if collection in {"shifts", "enablers"} and field == "units":
            found[name, district, outcome.year] = outcome.value
    return found


def lock(plan: Plan, portfolio: Any, until: int) -> Plan:
    """The plan with everything decided that a portfolio starts up to a year; see `Plan.lock`."""
    from kip.model.plan import Plan

    if until not in plan.years:
        raise RequestError(f"until={until!r} is not a year of the plan ({plan.years[0]}-{plan.years[-1]}). Give one of its years.")
    if not getattr(portfolio, "found", True):
        raise RequestError(f"the portfolio is {portfolio.status}, so there is nothing to lock. Lock one that was found.")
    kept = {(row.shift, row.district, row.year): row for row in plan.decided}
    actual = actual_units(plan)
    locked, wrong = dict(kept), []
    starts: dict[tuple[str, str, int], float] = {
        (str(shift), str(district), int(year)): float(units)
        for (shift, district), row in portfolio.decisions.iterrows()
        for year, units in row.items()
        if units and int(year) <= until
    }
    for place, units in starts.items():
        row = kept.get(place)
        if place in actual:
            continue
        if row is None:
            locked[place] = Decision(shift=place[0], district=place[1], year=place[2], units=units)
        elif abs(row.units - units) > 1e-6 * max(1.0, row.units):
            wrong.append(f"{row.key}: {row.units:g} units are decided already, the portfolio starts {units:g}.")
    wrong += [
        f"{row.key}: {row.units:g} units are decided already, the portfolio starts none."
        for place, row in kept.items()
        if row.year <= until and row.units and place not in starts and place not in actual
    ]
    if wrong:
        raise RequestError("\n".join([*wrong, "Lock a portfolio of this plan, or take the decisions away first."]))
    fields = {name: getattr(plan, name) for name in type(plan).model_fields}
    fields["decided"] = tuple(sorted(locked.values(), key=lambda row: (row.year, row.shift, row.district)))
    fields["decided_until"] = until if plan.decided_until is None else max(until, plan.decided_until)
    return Plan.model_validate(fields)
