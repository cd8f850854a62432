"""Space: what varies in a sweep, how it is distributed, and what a row of numbers means in a plan."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kip.errors import DataError, RequestError, unknown_name
from kip.model.uncertain import Uncertain
from kip.sweeps.correlation import matrix_of
from kip.sweeps.marginals import Levels, Marginal
from kip.sweeps.parameters import ROLES, Parameter, Role, parameter_of
from kip.sweeps.values import numbers_below, one_number, together

if TYPE_CHECKING:
    import pandas as pd

    from kip.model.plan import Plan

__all__ = ["Space"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class Space:
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
        given: Mapping[str, Any],
        correlation: Any = None,
        roles: Mapping[str, Role] | None = None,
    ) -> Space:
        """A space of a plan.

        Parameters
        ----------
        plan : Plan or None
            None for the numbers of a plain function; names are then free.
        given : dict of str to what it may be
            A range ``(low, high)``, a list of levels, `kip.triangular`, `kip.uniform`, a frozen distribution of `scipy.stats`,
            `kip.levels`, `kip.scaled`, or named whole overrides ``{name: {path: value}}`` under a name of your own.
        correlation : DataFrame, dict of {(a, b): ρ} or array, optional
            Of the Gaussian copula; pairs left out are independent.
        roles : dict of str to {"uncertainty", "lever"}, optional
            What is decided rather than unknown; "uncertainty" for all others.

        Raises
        ------
        RequestError
            With every problem: unknown paths, an empty space, values outside of what the plan takes, a matrix that is none.
        """
        parameters, problems = [], []
        if not given:
            raise RequestError("the space is empty: nothing varies. Name at least one path, such as {'discount_rate': (0.02, 0.05)}.")
        roles = dict(roles or {})
        problems += [unknown_name("parameter", name, list(map(str, given))) for name in roles if name not in given]
        problems += [f"{name}: {unknown_name('role', role, ROLES)}" for name, role in roles.items() if role not in ROLES]
        for name, value in given.items():
            try:
                parameters.append(parameter_of(plan, str(name), value, roles.get(name, "uncertainty")))
            except RequestError as error:
                problems.append(f"{name}: {error}")
        matrix, wrong = matrix_of(correlation, [str(name) for name in given])
        space = cls(tuple(parameters), matrix, plan)
        problems += [*wrong, *space._clashes()]
        if plan is not None:
            problems += space._refused(plan)
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
        found: dict[str, Any] = {}
        for parameter, value in zip(self.parameters, row, strict=True):
            if parameter.kind == "number":
                found[parameter.paths[0]] = value if type(value) is not np.float64 else float(value)
            elif parameter.kind == "choice":
                found |= parameter.payload(float(value))
        factors = [(parameter, float(value)) for parameter, value in zip(self.parameters, row, strict=True) if parameter.kind == "factor"]
        if factors and self.plan is not None:
            found = self._multiplied(found, factors)
        return found if self.plan is None else together(self.plan, found)

    def _multiplied(self, found: dict[str, Any], factors: list[tuple[Parameter, float]]) -> dict[str, Any]:
        below = {path for parameter, _ in factors for path, _ in parameter.below}
        roots = [root for parameter, _ in factors for root in parameter.paths]
        apart = [path for path in found if path not in below and any(_related(path, root) for root in roots)]
        plan = self.plan
        if apart and plan is not None:
            # an override has put other numbers there: they are looked up again
            plan = plan.update(together(plan, found))
        for parameter, factor in factors:
            numbers = parameter.below
            if apart and plan is not None:
                numbers = tuple(dict(entry for root in parameter.paths for entry in numbers_below(plan, root)).items())
            for path, number in numbers:
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

    def check(self, plan: Plan) -> None:
        """Whether the space fits a plan.

        Raises
        ------
        RequestError
            With every problem: paths that this plan does not have, numbers that are others than those the space was made with, values
            outside of what the plan takes.
        """
        problems = [f"{parameter.name}: {sentence}" for parameter in self.parameters for sentence in _moved(plan, parameter)]
        _report(problems or self._refused(plan))

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
    def hash(self) -> str:
        """Fingerprint: changes with everything that changes a row of a design or what it means."""
        digest = hashlib.sha256()
        for item in self.parameters:
            quantiles = item.marginal.ppf(np.linspace(0.01, 0.99, 29))
            digest.update(repr((item.name, item.kind, item.paths, item.marginal.text, item.below, item.payloads)).encode())
            digest.update(np.ascontiguousarray(quantiles).tobytes())
        if self.correlation is not None:
            digest.update(np.ascontiguousarray(self.correlation).tobytes())
        return digest.hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Space of {len(self)} parameters\n{self.table().to_string()}"

    def _clashes(self) -> Iterable[str]:
        """Two that set the same number."""
        setting = [(item.name, path) for item in self.parameters if item.kind != "factor" for path in item.paths]
        for place, (name, path) in enumerate(setting):
            for other, above in setting[:place]:
                if other != name and _related(path, above):
                    yield f'"{other}" and "{name}" both set {max(path, above, key=len)}. Vary it in one place only.'

    def _refused(self, plan: Plan) -> list[str]:
        """What the plan does not take: ends and levels are tried, first all together, then one by one."""
        probes = [_probes(item) for item in self.parameters]
        rounds = max(map(len, probes), default=0)
        try:
            for turn in range(rounds):
                plan.update(self.changes([tried[min(turn, len(tried) - 1)] for tried in probes]))
        except (DataError, RequestError):
            return [sentence for item, tried in zip(self.parameters, probes, strict=True) for sentence in _alone(plan, item, tried)]
        return []


def _probes(item: Parameter) -> tuple[Any, ...]:
    """Values to try: every level, or both ends."""
    if item.kind == "number" and item.asked:
        return item.asked
    return item.marginal.codes if isinstance(item.marginal, Levels) else item.marginal.ends


def _alone(plan: Plan, item: Parameter, tried: tuple[Any, ...]) -> Iterable[str]:
    alone = Space((item,), None, plan)
    for value in dict.fromkeys(tried):
        try:
            plan.update(alone.changes([value]))
        except DataError as error:
            for issue in error.issues:
                yield f"{item.name}: can be {item.text(float(value))}, which the plan does not take ({issue})"
        except RequestError as error:
            yield f"{item.name}: {item.text(float(value)) + ': ' if item.kind == 'choice' else ''}{error}"


def _moved(plan: Plan, item: Parameter) -> Iterable[str]:
    """Where another plan has other numbers than the one that a space was made for."""
    try:
        if item.kind == "number":
            if one_number(plan, item.name)[0] != item.paths[0]:
                yield "means another number in this plan. Make the space again with this plan: Space.of(plan, …)."
        elif item.kind == "factor":
            now = dict(entry for root in item.paths for entry in numbers_below(plan, root))
            if now != dict(item.below):
                yield "multiplies numbers that are others in this plan. Make the space again with this plan: Space.of(plan, …)."
    except RequestError as error:
        yield str(error)


def _related(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}.") or other.startswith(f"{path}.")


def _times(number: float | Uncertain, factor: float) -> float | Uncertain:
    if isinstance(number, Uncertain):
        return Uncertain(number.shape, number.low * factor, number.mode * factor, number.high * factor)
    return float(number) * factor


def _report(problems: Sequence[str]) -> None:
    if len(problems) == 1:
        raise RequestError(problems[0])
    if problems:
        raise RequestError("\n".join([f"{len(problems)} problems in the space", *(f"  {sentence}" for sentence in problems)]))
