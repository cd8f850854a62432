"""Plan: everything that is known and can be decided, in one frozen object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from kip.errors import DataError, Issue
from kip.model.activity import Activity
from kip.model.fields import Name, Noun, Number, Positive, Years, quantity
from kip.model.funding import Funding
from kip.model.living import Decision, Outcome
from kip.model.money import Actor, Budget, Resource
from kip.model.overlap import Overlap
from kip.model.passport import Passport
from kip.model.people import Consequence, Fairness, Group
from kip.model.place import District
from kip.model.scenario import Scenario
from kip.model.shift import Control, Enabler, Shift
from kip.model.target import Indicator, Ledger, Target
from kip.model.uncertain import Share, Uncertain
from kip.model.values import ValueSet

__all__ = ["COLLECTIONS", "Plan"]

COLLECTIONS = (
    "districts",
    "groups",
    "actors",
    "activities",
    "shifts",
    "enablers",
    "overlaps",
    "budgets",
    "funding",
    "resources",
    "value_sets",
    "indicators",
    "ledgers",
    "targets",
    "decided",
    "outcomes",
    "fairness",
    "consequences",
    "scenarios",
)
"""Fields of a plan that hold several nouns, in the order in which a reader meets them."""


class Plan(Noun):
    """A climate investment plan: activities, shifts, actors, budgets, targets, and the years they are about.

    Everything is checked at once when the plan is made; a plan that exists is consistent.

    Raises
    ------
    DataError
        With every problem: unknown names, units that do not fit, years with gaps, circles in `requires`, …

    Examples
    --------
    >>> import kip
    >>> plan = kip.Plan(
    ...     name="first",
    ...     years=[2026],
    ...     shifts=[kip.Shift(name="buses", cost=6e6, reduction=100), kip.Shift(name="depot", cost=10e6, reduction=150)],
    ...     budgets={"municipality": 14e6},
    ... )
    >>> [shift.name for shift in plan.shifts], plan.actors[0].name
    (['buses', 'depot'], 'municipality')
    """

    name: Name
    """Short name of the plan."""
    title: str = ""
    """Name for people."""
    description: str = ""
    """What the plan covers, what it leaves out, what it found."""
    version: str = ""
    """Version of the plan, in your own words."""
    currency: str = "SEK"
    """Currency of every sum of money in the plan."""
    price_year: int | None = None
    """Price year of every sum of money, unless a passport says otherwise; the first year when empty."""
    price_index: dict[int, Positive] = {}
    """Price index by year, for numbers in other price years: {2017: 322.1, 2026: 421.0}; any base."""
    years: Years
    """Every year of the plan, without gaps: a list, or text such as "2026-2045"."""
    start_years: Years = ()
    """Years in which whole shifts and enablers may start; every year when empty."""
    discount_rate: Number = quantity("1", 0.035)
    """Real discount rate of society per year [1]."""
    residual: Literal["annuity", "linear", "none"] = "annuity"
    """How the value that is left at the end of the horizon is counted."""
    uptake_by_control: dict[Control, Share] = Field(default={})
    """Uptake of shifts that give none of their own, by control: {dialogue: "triangular(0.2, 0.4, 0.6)"} [1]."""
    districts: tuple[District, ...] = ()
    """Parts of the municipality."""
    groups: tuple[Group, ...] = ()
    """People that are looked at together."""
    actors: tuple[Actor, ...] = ()
    """Who decides, pays or gains; made from the names in budgets and costs when empty."""
    activities: tuple[Activity, ...] = ()
    """What is done today, and what it emits."""
    shifts: tuple[Shift, ...] = ()
    """What can be chosen."""
    enablers: tuple[Enabler, ...] = ()
    """What opens potential in shifts."""
    overlaps: tuple[Overlap, ...] = ()
    """Pairs of shifts that act on some of the same tonnes (§5)."""
    budgets: tuple[Budget, ...] = ()
    """Money: a number, {actor: number}, {actor: {year: number}}, {actor: {kind: …}} or a list of budgets. No limit for
    actors left out.
    """
    funding: tuple[Funding, ...] = ()
    """Grants and loans that can be applied for: a list, or {name: fields}."""
    resources: tuple[Resource, ...] = ()
    """What is scarce beside money: a list, or {name: supply}."""
    value_sets: tuple[ValueSet, ...] = ()
    """What things are worth, each set from one publication: `kip.value_set("asek-7")`, or your own. In plan.yaml the name of a set that
    comes with kip is enough: [asek-7].
    """
    indicators: tuple[Indicator, ...] = ()
    """What is counted beside emissions; made from the names in `cobenefits` when empty."""
    ledgers: tuple[Ledger, ...] = ()
    """Accounts of emissions; the first is the main one."""
    targets: tuple[Target, ...] = ()
    """Emission levels wanted."""
    decided: tuple[Decision, ...] = ()
    """What is decided or done: these starts are no longer chosen (§53)."""
    decided_until: int | None = None
    """Last closed year: up to and including it nothing starts but what is decided; no year is closed when empty."""
    outcomes: tuple[Outcome, ...] = ()
    """What really happened, in place of what was assumed (§54)."""
    fairness: tuple[Fairness, ...] = ()
    """What groups and districts are to get."""
    consequences: tuple[Consequence, ...] = ()
    """What shifts mean for groups, in words."""
    scenarios: tuple[Scenario, ...] = ()
    """Other futures."""
    passports: dict[str, Passport] = Field(default={})
    """Source, quality and range of numbers, by their path."""

    @property
    def label(self) -> str:
        """Title, or name when there is no title."""
        return self.title or self.name

    @field_validator("budgets", mode="before")
    @classmethod
    def _budgets(cls, value: object) -> object:
        if isinstance(value, Mapping):
            return [row for actor, amount in value.items() for row in _budget_rows(str(actor), amount)]
        if isinstance(value, int | float | str):
            return [{"actor": "municipality", "amount": value}]
        return value

    @field_validator("resources", mode="before")
    @classmethod
    def _resources(cls, value: object) -> object:
        if isinstance(value, Mapping):
            return [
                {"name": name, **item} if isinstance(item, Mapping) and "supply" in item else {"name": name, "supply": item}
                for name, item in value.items()
            ]
        return value

    @field_validator(*[name for name in COLLECTIONS if name not in {"budgets", "resources"}], mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        """Accept {name: fields} for a list of nouns."""
        if isinstance(value, Mapping):
            wrong = next((name for name, fields in value.items() if fields is not None and not isinstance(fields, Mapping)), None)
            if wrong is not None:
                raise ValueError(f'found {value[wrong]!r}; write the fields of "{wrong}" here, as a table.')
            return [{"name": name, **(fields or {})} for name, fields in value.items()]
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        from kip.model.checks import problems

        self._fill_in()
        errors = [issue for issue in problems(self, second_look=False) if issue.severity == "error"]
        if errors:
            raise DataError(errors, f'plan "{self.name}"')
        return self

    def _fill_in(self) -> None:
        """Make the nouns that a small plan leaves out from the names it uses."""
        fill: dict[str, Any] = {}
        if not self.actors:
            fill["actors"] = tuple(Actor(name=name) for name in _actor_names(self))
        if not self.indicators:
            used = [name for item in (*self.shifts, *self.enablers) for name in item.cobenefits]
            used += [name for activity in self.activities for name in activity.indicators]
            fill["indicators"] = tuple(Indicator.model_validate({"name": name}) for name in dict.fromkeys(used))
        if not self.ledgers:
            fill["ledgers"] = (Ledger(name="emissions"),)
        if self.price_year is None and self.years:
            fill["price_year"] = min(self.years)
        for name, value in fill.items():
            # frozen for its users; while it is being made, what follows from its own names is filled in
            self.__dict__[name] = value

    def check(self) -> list[Issue]:
        """Everything worth a second look: double counting, missing sources, shifts that lapse before a target.

        Returns
        -------
        list of Issue
            Warnings only; a plan with errors cannot be made.
        """
        from kip.model.checks import problems

        return [issue for issue in problems(self) if issue.severity == "warning"]

    def get(self, path: str) -> Any:
        """The value at a path such as ``shifts.ev.cost.households``.

        Raises
        ------
        RequestError
            When there is no such path; with the nearest one.
        """
        from kip.model.paths import get

        return get(self, path)

    def update(self, changes: Mapping[str, Any]) -> Plan:
        """A new plan with some values changed: {path: new value}.

        Raises
        ------
        RequestError
            When a path does not exist.
        DataError
            When the new plan has problems.

        Examples
        --------
        >>> import kip
        >>> plan = kip.example("minimal")
        >>> plan.update({"discount_rate": "7 %"}).discount_rate
        0.07
        """
        from kip.model.paths import update

        return update(self, changes)

    def scenario(self, name: str) -> Plan:
        """The plan as it is in one of its scenarios."""
        from kip.errors import RequestError, unknown_name

        for scenario in self.scenarios:
            if scenario.name == name:
                return self.update(scenario.changes)
        raise RequestError(unknown_name("scenario", name, [scenario.name for scenario in self.scenarios]))

    def lock(self, portfolio: Any, until: int) -> Plan:
        """A new plan in which everything that a portfolio starts up to a year is decided, and those years are closed.

        Parameters
        ----------
        portfolio : Portfolio
            Of this plan; decisions and outcomes that are there already stay.
        until : int
            Last year that is decided.

        Raises
        ------
        RequestError
            When `until` is no year of the plan, or the portfolio contradicts what is decided already.

        Examples
        --------
        >>> import kip
        >>> plan = kip.example("minimal")
        >>> locked = plan.lock(kip.optimize(plan), until=plan.years[0])
        >>> len(locked.decided) > 0, kip.optimize(locked).objective == kip.optimize(plan).objective
        (True, True)
        """
        from kip.model.living import lock

        return lock(self, portfolio, until)

    def passport(self, path: str) -> Passport | None:
        """The passport of the number at `path`: its own, or that of the nearest path above it."""
        parts = path.split(".")
        for length in range(len(parts), 0, -1):
            found = self.passports.get(".".join(parts[:length]))
            if found is not None:
                return found
        return None

    def uptake(self, shift: Shift) -> float | Uncertain:
        """Uptake of a shift [1]: its own, else that of its control in `uptake_by_control`, else 1."""
        if shift.uptake is not None:
            return shift.uptake
        return self.uptake_by_control.get(shift.control, 1.0)

    @property
    def hash(self) -> str:
        """Fingerprint of the plan's content, the same in whatever order its rows stand (§53); every result carries it."""
        from kip.model.fingerprint import fingerprint

        return fingerprint(self)

    def _repr_html_(self) -> str:
        from kip.model.overview import overview
        from kip.views.html import page

        return page(overview(self))

    def __repr__(self) -> str:
        from kip.model.overview import overview
        from kip.views.text import plain

        return plain(overview(self))

    __str__ = __repr__


def _budget_rows(actor: str, amount: object) -> list[dict[str, object]]:
    if isinstance(amount, Mapping) and amount and set(amount) <= {"all", "investment", "operation"}:
        return [{"actor": actor, "kind": kind, "amount": item} for kind, item in amount.items()]
    if isinstance(amount, Mapping) and "amount" in amount:
        return [{"actor": actor, **amount}]
    return [{"actor": actor, "amount": amount}]


def _actor_names(plan: Plan) -> Sequence[str]:
    names = [budget.actor for budget in plan.budgets]
    for item in (*plan.shifts, *plan.enablers):
        names += [name for table in (item.cost, item.opex, item.reference_cost, item.reference_opex) for name in table if name != "all"]
        names += [item.payer] if item.payer else []
        names += list(item.control_by_actor)
    names += [activity.actor for activity in plan.activities if activity.actor]
    return list(dict.fromkeys(names)) or ["municipality"]
