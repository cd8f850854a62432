"""Space: what varies in a sweep, how it is distributed, and what a row of numbers means in a plan."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.errors import RequestError, unknown_name
from kip.model.uncertain import Uncertain
from kip.sweeps.correlation import matrix_of
from kip.sweeps.entries import texts_of
from kip.sweeps.fitting import Problem, clashes, moved, refused, related
from kip.sweeps.marginals import Levels, Marginal
from kip.sweeps.parameters import ROLES, Parameter, Role, parameter_of
from kip.sweeps.ranges import Shape, ranges_of
from kip.sweeps.values import numbers_below, together
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from kip.model.plan import Plan
    from kip.sweeps.designs import Design

__all__ = ["Space", "space_of"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class Space(Shown):
    """What varies, in order; made by `Space.of`.

    Attributes
    ----------
    parameters : tuple of Parameter
    correlation : array (parameter, parameter) or None
        Of the Gaussian copula; None when all are independent.
    plan : Plan or None
        What the paths are of; None for the numbers of a plain function.
    notes : tuple of str
        What a reader should know, in sentences.

    Examples
    --------
    >>> import kip
    >>> plan = kip.example("minimal")
    >>> space = kip.Space.of(plan, {"discount_rate": (0.02, 0.05), "shifts.cycle-path.cost": kip.triangular(5e6, 6e6, 9e6)})
    >>> space.names
    ('discount_rate', 'shifts.cycle-path.cost')
    >>> space.changes([0.03, 8e6])
    {'discount_rate': 0.03, 'shifts.cycle-path.cost.all': 8000000.0}
    """

    parameters: tuple[Parameter, ...]
    correlation: Floats | None = None
    plan: Plan | None = field(default=None, compare=False)
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        plan: Plan | None,
        given: Any = None,
        correlation: Any = None,
        roles: Mapping[str, Role] | None = None,
    ) -> Space:
        """A space of a plan.

        Parameters
        ----------
        plan : Plan or None
            None for the numbers of a plain function; names are then free.
        given : dict of str to what it may be, list of paths, DataFrame, or None
            A range ``(low, high)``, a list of levels, `kip.triangular`, `kip.uniform`, a frozen distribution of `scipy.stats`,
            `kip.levels`, `kip.scaled`, or named whole overrides ``{name: {path: value}}`` under a name of your own. A list of paths: the
            ranges of their passports; None: all ranges that passports have. A table: the values of each column as its levels.
        correlation : DataFrame, dict of {(a, b): ρ} or array, optional
            Of the Gaussian copula; pairs left out are independent.
        roles : dict of str to {"uncertainty", "lever"}, optional
            What is decided rather than unknown; "uncertainty" for all others.

        Raises
        ------
        RequestError
            With every problem: unknown paths, an empty space, values outside of what the plan takes, a matrix that is none.
        """
        if given is None or (isinstance(given, Sequence) and not isinstance(given, str)):
            if plan is None:
                raise RequestError("without a plan there are no passports to take ranges from. Give {name: (low, high)}.")
            return cls.from_passports(plan, given or (), correlation=correlation, roles=roles)
        if hasattr(given, "columns"):
            given = {str(name): list(dict.fromkeys(given[name])) for name in given.columns}
        if not isinstance(given, Mapping):
            raise RequestError(
                f"found {type(given).__name__}; a space is {{path: what it may be}}, a list of paths with ranges, or a DataFrame. "
                "kip.read_space reads one from a file."
            )
        space, problems = space_of(plan, given, correlation, roles)
        _report(problems)
        return space

    @classmethod
    def from_passports(
        cls,
        plan: Plan,
        paths: Iterable[str] = (),
        quality: str = "",
        shape: Shape = "uniform",
        correlation: Any = None,
        roles: Mapping[str, Role] | None = None,
    ) -> Space:
        """The ranges of the passports, and the distributions of uptakes, as a space.

        Parameters
        ----------
        plan : Plan
        paths : list of str, optional
            What is wanted: paths, with everything below them, `*` for any name: ``["shifts.*.cost", "discount_rate"]``. All when empty.
        quality : str, optional
            Qualities that are wanted, such as "C" or "BC"; all when empty.
        shape : {"uniform", "triangular"}
            All numbers of a range equally likely; or the plan's own number the most likely, where it is inside.
        correlation, roles
            As for `of`.

        Raises
        ------
        RequestError
            When there are no ranges, or a path that is asked for by itself has none that can be used. Others that cannot be used are left
            out, and `notes` says why.

        Examples
        --------
        >>> import kip
        >>> plan = kip.example("linkoping-transport")
        >>> kip.Space.from_passports(plan, ["discount_rate", "shifts.parking-fees"]).names
        ('discount_rate', 'shifts.parking-fees.scales', 'shifts.parking-fees.cost', 'shifts.parking-fees.opex')
        """
        asked = texts_of(paths, "paths")
        given, notes = ranges_of(plan, asked, quality, shape)
        _, problems = space_of(plan, given)
        for name, sentence in problems:
            if name not in asked and given.pop(name, None) is not None:
                notes.append(f"{name}: {sentence}")
        if not given:
            left = f" {len(notes)} could not be used, the first: {notes[0]}" if notes else ""
            raise RequestError(f"no passport of this plan gives a range. Write low and high into passports, or name what varies.{left}")
        space, problems = space_of(plan, given, correlation, roles, notes)
        _report(problems)
        return space

    @classmethod
    def scenarios(cls, plan: Plan) -> Space:
        """The plan as it is and its named scenarios, as the levels of one parameter "scenario".

        Raises
        ------
        RequestError
            When the plan has none.

        Examples
        --------
        >>> import kip
        >>> plan = kip.example("linkoping-transport")
        >>> kip.Space.scenarios(plan).text("scenario", 1)
        'electricity-counted'
        """
        if not plan.scenarios:
            raise RequestError(
                "the plan has no scenarios. Add some to it, or name overrides: {'world': {'dear': {path: value}, 'as now': {}}}."
            )
        return cls.of(plan, {"scenario": {"plan": {}} | {item.name: item.changes for item in plan.scenarios}})

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of a design."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def levers(self) -> tuple[str, ...]:
        """What is decided."""
        return tuple(parameter.name for parameter in self.parameters if parameter.role == "lever")

    @property
    def uncertainties(self) -> tuple[str, ...]:
        """What is not known."""
        return tuple(parameter.name for parameter in self.parameters if parameter.role == "uncertainty")

    @property
    def base(self) -> Floats:
        """The row that leaves the plan as it is; the middle of what may be where the plan has no number."""
        return np.array([parameter.base for parameter in self.parameters])

    def __len__(self) -> int:
        return len(self.parameters)

    def __getitem__(self, name: str) -> Parameter:
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise RequestError(unknown_name("parameter", name, self.names))

    def frozen(self, name: str) -> Marginal:
        """The distribution of a parameter, with its quantile function `ppf`; levels are equally likely unless weights are given."""
        return self[name].marginal

    def text(self, name: str, value: float) -> str:
        """How a value of a parameter is called: the name of a level, or the number with its unit."""
        return self[name].text(float(value))

    def changes(self, row: Sequence[Any] | Floats) -> dict[str, Any]:
        """What `Plan.update` takes for a row of numbers: {path: value}. Factors come last, on what the others have set.

        Raises
        ------
        RequestError
            When the row is of another length, or holds a level that there is not.
        """
        if len(row) != len(self.parameters):
            raise RequestError(f"the row has {len(row)} numbers; the space has {len(self.parameters)}: {', '.join(self.names)}.")
        return self._changed(self.parameters, row)

    def _changed(self, parameters: Sequence[Parameter], row: Sequence[Any] | Floats) -> dict[str, Any]:
        found: dict[str, Any] = {}
        factors: list[tuple[Parameter, float]] = []
        for parameter, value in zip(parameters, row, strict=True):
            if parameter.kind == "number":
                found[parameter.paths[0]] = float(value) if type(value) is np.float64 else value
            elif parameter.kind == "choice":
                found |= parameter.payload(float(value))
            else:
                factors.append((parameter, float(value)))
        if self.plan is None:
            return found
        if factors:
            found = self._multiplied(self.plan, found, factors)
        return together(self.plan, found)

    def _multiplied(self, plan: Plan, found: dict[str, Any], factors: list[tuple[Parameter, float]]) -> dict[str, Any]:
        known = {path for parameter, _ in factors for path, _ in parameter.below}
        roots = [root for parameter, _ in factors for root in parameter.paths]
        apart = any(path not in known and any(related(path, root) for root in roots) for path in found)
        if apart:
            # an override has put other numbers there: they are looked up again
            plan = plan.update(together(plan, found))
        for parameter, factor in factors:
            below = [entry for root in parameter.paths for entry in numbers_below(plan, root)] if apart else parameter.below
            for path, number in dict(below).items():
                found[path] = _times(found.get(path, number), factor)
        return found

    def plan_at(self, plan: Plan, row: Sequence[Any] | Floats) -> Plan:
        """The plan in a row of numbers.

        Raises
        ------
        DataError
            When these numbers make no plan.
        """
        return plan.update(self.changes(row))

    def as_scenarios(self, design: Design) -> dict[str, dict[str, Any]]:
        """The scenarios of a design as {name: {path: value}}, as `kip.robust` and the scenarios of a plan take them.

        Raises
        ------
        RequestError
            When the design is of other parameters.
        """
        if design.names != self.names:
            raise RequestError(
                f"the design is of {', '.join(design.names)}; the space is of {', '.join(self.names)}. They must be the same."
            )
        labels = design.labels or tuple(str(number) for number in range(1, len(design) + 1))
        return {label: self.changes(row) for label, row in zip(labels, design.values, strict=True)}

    def check(self, plan: Plan) -> None:
        """Whether the space fits a plan.

        Raises
        ------
        RequestError
            With every problem: paths that this plan does not have, numbers that are others than those the space was made with, values
            outside of what the plan takes.
        """
        problems = [problem for item in self.parameters for problem in moved(item, plan)]
        _report(problems or refused(self.parameters, plan, self._changed))

    def table(self) -> pd.DataFrame:
        """One row for each parameter: role, what it may be, what it is in the plan, unit."""
        import pandas as pd

        rows = [
            {
                "parameter": item.name,
                "role": item.role,
                "varies": ("× " if item.kind == "factor" else "") + item.marginal.text,
                "in the plan": item.text(item.base) if item.in_plan else "",
                "unit": item.unit,
            }
            for item in self.parameters
        ]
        return pd.DataFrame(rows).set_index("parameter")

    @property
    def identity(self) -> str:
        """Fingerprint: changes with everything that changes a row of a design or what it means."""
        digest = hashlib.sha256()
        for item in self.parameters:
            quantiles = item.marginal.ppf(np.linspace(0.01, 0.99, 29))
            digest.update(repr((item.name, item.kind, item.paths, item.marginal.text, item.below, item.payloads)).encode())
            digest.update(np.ascontiguousarray(quantiles).tobytes())
        if self.correlation is not None:
            digest.update(np.ascontiguousarray(self.correlation).tobytes())
        return digest.hexdigest()[:16]

    def sheet(self, language: str = "en") -> Sheet:
        """The space as a sheet, to show."""
        say = Language(language)
        shown = self.table().reset_index().drop(columns="unit" if self.levers else ["unit", "role"])
        shown["varies"] = [
            ("× " if item.kind == "factor" else "")
            + (say("space one of", levels=item.marginal.listed) if isinstance(item.marginal, Levels) else item.marginal.text)
            for item in self.parameters
        ]
        if self.levers:
            shown["role"] = [say(f"space role {role}") for role in shown["role"]]
        shown.columns = [say(f"space column {name}") for name in shown.columns]
        count = say("space count", count=len(self), uncertainties=len(self.uncertainties), levers=len(self.levers))
        sections = [Section("", (), shown)]
        if self.correlation is not None:
            pairs = [
                say("space pair", first=self.names[one], second=self.names[other], rho=say.number(float(self.correlation[one, other]), 2))
                for one, other in zip(*np.nonzero(np.triu(self.correlation, 1)), strict=True)
            ]
            sections.append(Section(say("space together"), tuple(pairs), notes=(say("space copula"),)))
        if self.notes:
            sections.append(Section(say("space left out"), self.notes))
        return Sheet(say("space title"), count, tuple(sections), say.code)


def space_of(
    plan: Plan | None,
    given: Mapping[str, Any],
    correlation: Any = None,
    roles: Any = None,
    notes: Iterable[str] = (),
) -> tuple[Space, list[Problem]]:
    """The space that a user means, as far as it can be made, and everything that is wrong with it."""
    parameters: list[Parameter] = []
    problems: list[Problem] = []
    if not given:
        problems.append(("", "the space is empty: nothing varies. Name at least one path, such as {'discount_rate': (0.02, 0.05)}."))
    if roles is not None and not isinstance(roles, Mapping):
        problems.append(("", f'roles are a {type(roles).__name__}; write a dict: {{"budgets.municipality": "lever"}}.'))
    roles = dict(roles) if isinstance(roles, Mapping) else {}
    names = [str(name) for name in given]
    problems += [("", f"roles: {unknown_name('parameter', name, names)}") for name in roles if name not in given]
    problems += [(str(name), unknown_name("role", role, ROLES)) for name, role in roles.items() if role not in ROLES]
    for name, value in given.items():
        try:
            parameters.append(parameter_of(plan, str(name), value, roles.get(name, "uncertainty")))
        except RequestError as error:
            problems.append((str(name), str(error)))
    matrix, wrong = matrix_of(correlation, names)
    problems += [("", sentence) for sentence in wrong]
    space = Space(tuple(parameters), matrix, plan, tuple(notes))
    problems += clashes(space.parameters)
    if plan is not None:
        problems += refused(space.parameters, plan, space._changed)
    return space, problems


def _times(number: float | Uncertain, factor: float) -> float | Uncertain:
    if isinstance(number, Uncertain):
        return Uncertain(number.shape, number.low * factor, number.mode * factor, number.high * factor)
    return float(number) * factor


def _report(problems: Iterable[Problem]) -> None:
    sentences = list(dict.fromkeys(f"{name}: {sentence}" if name else sentence for name, sentence in problems))
    if len(sentences) == 1:
        raise RequestError(sentences[0])
    if sentences:
        raise RequestError("\n".join([f"{len(sentences)} problems in the space", *(f"  {sentence}" for sentence in sentences)]))
