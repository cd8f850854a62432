"""kip.sweep: one plan in many scenarios.

Three ways to ask, one way to run::

    kip.sweep(plan, {"budgets.municipality": (8e6, 14e6)})  # the best portfolio of each scenario
    kip.sweep(plan, space, portfolio=best)  # one portfolio kept, counted in each scenario
    kip.sweep(model, space)  # any function of named numbers
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kip.errors import RequestError
from kip.model import Plan
from kip.optimization.question import Limits, Question
from kip.sweeps.analysis import described
from kip.sweeps.designs import Design, design_of
from kip.sweeps.experiment import Experiment
from kip.sweeps.marginals import Levels
from kip.sweeps.plain import Plain
from kip.sweeps.reoptimizing import Reoptimized
from kip.sweeps.running import run
from kip.sweeps.space import Space
from kip.sweeps.stress import StressTested

if TYPE_CHECKING:
    from kip.sweeps.executors import ExecutorLike
    from kip.sweeps.journal import StoreLike
    from kip.sweeps.running import Callback
    from kip.sweeps.sweep import Sweep

__all__ = ["asked_design", "sweep"]


def sweep(
    plan: Plan | Callable[..., Any],
    space: Space | Mapping[str, Any],
    *,
    samples: int | None = None,
    design: str | Design | None = None,
    portfolio: Any = None,
    outcomes: Iterable[str] | None = None,
    maximize: str | None = None,
    minimize: str | None = None,
    minimum: Mapping[str, float | str] | None = None,
    maximum: Mapping[str, float | str] | None = None,
    require: Iterable[str] = (),
    forbid: Iterable[str] = (),
    gap: float = 1e-3,
    time_limit: float | None = None,
    seed: int = 0,
    executor: ExecutorLike = "serial",
    workers: int | None = None,
    store: StoreLike | None = None,
    progress: Callback = None,
) -> Sweep:
    """A plan in many scenarios: optimised anew in each, or one portfolio tested in all; or any function.

    Parameters
    ----------
    plan : Plan or callable
        A function is called with the parameters by name and returns a number, or {outcome: number}.
    space : Space or dict
        What varies: {path: (low, high), levels, distribution, …}; see `kip.Space.of`.
    samples : int, optional
        As in `kip.sweeps.designs.design_of`; each design has a default.
    design : str or Design, optional
        "sobol", "lhs", "grid", "saltelli", "morris", "one-at-a-time", "scenarios", or one that is made. When left out: "grid" where every
        parameter has levels, "sobol" otherwise.
    portfolio : Portfolio, or a sequence or mapping {name: Portfolio}, optional
        Kept as it is in each scenario; nothing is chosen again. When left out, each scenario is optimised.
    outcomes : iterable of str, optional
        Measures to write down, or names of what the function returns. For a plan, when left out: tonnes, money, what is missing and
        indicators.
    maximize, minimize, minimum, maximum, require, forbid
        The question of each scenario, as in `kip.optimize`.
    gap : float, default 1e-3
        Relative gap of each scenario; it should be small against what the parameters change.
    time_limit : float, optional
        Seconds for each scenario.
    seed : int, default 0
        Of the design and of the solver. The same seed gives the same dataset.
    executor : {"serial", "threads", "processes"}, concurrent.futures.Executor or dask.distributed.Client
        Who does the work; the numbers do not depend on it.
    workers : int, optional
        For "threads" and "processes"; one for each core when left out.
    store : str or Path, optional
        Folder of the results, such as "run.zarr". A run that was killed goes on where it was. In memory when left out.
    progress : callable or bool, optional
        See `kip.sweeps.running.run`.

    Returns
    -------
    Sweep
        `dataset` is an `xarray.Dataset` with the dimension ``scenario``.

    Raises
    ------
    RequestError
        With every problem of the space, the question and the outcomes; and when the store belongs to another sweep.

    Examples
    --------
    >>> import kip
    >>> plan = kip.example("minimal")
    >>> asked = kip.sweep(plan, {"budgets.municipality": [3e6, 12e6]}, outcomes=["reduction"], progress=False)
    >>> bool(asked.dataset["reduction"][1] >= asked.dataset["reduction"][0])
    True
    """
    question = {"maximize": maximize, "minimize": minimize, "minimum": minimum, "maximum": maximum, "require": require, "forbid": forbid}
    asked = {name: value for name, value in question.items() if value}
    fixed = {} if time_limit is None else {"time_limit": time_limit}
    if not isinstance(space, Space):
        space = Space.of(plan if isinstance(plan, Plan) else None, space)
    experiment: Experiment
    if not isinstance(plan, Plan):
        _refuse(asked | fixed | ({"portfolio": portfolio} if portfolio is not None else {}), "a function is only called")
        if not callable(plan):
            raise RequestError(f"plan is {type(plan).__name__}; give a Plan, or a function of named numbers.")
        experiment = Plain(plan, space.names, tuple(outcomes) if outcomes is not None else ("outcome",))
    elif portfolio is not None:
        _refuse(asked | fixed, "a portfolio that is kept is only counted")
        experiment = StressTested(plan, space, portfolio, outcomes)
    else:
        experiment = Reoptimized(plan, space, Question(**_question(asked)), outcomes, Limits(gap, time_limit, seed))
    made = asked_design(space, design, samples, seed)
    about = {"design": _written(made), "space": described(space, plan if isinstance(plan, Plan) else None)}
    return run(experiment, made.values, executor=executor, workers=workers, store=store, progress=progress, about=about)


def asked_design(space: Space, design: str | Design | None, samples: int | None, seed: int) -> Design:
    """The design that is asked for; a grid where every parameter has levels, a Sobol' sequence otherwise."""
    if isinstance(design, Design):
        if samples is not None:
            raise RequestError("the design is made already, so samples has no meaning. Leave it out.")
        if design.names != space.names:
            raise RequestError(
                f"the design is of {', '.join(design.names)}; the space is of {', '.join(space.names)}. They must be the same."
            )
        return design
    if design is None:
        levels = all(isinstance(space.frozen(name), Levels) for name in space.names)
        design = "grid" if levels and samples is None else "sobol"
    return design_of(space, design, samples, seed)  # type: ignore[arg-type]  # design_of names what is allowed


def _question(asked: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(asked)
    for name in ("require", "forbid"):
        if name in found:
            found[name] = (found[name],) if isinstance(found[name], str) else tuple(found[name])
    return found


def _refuse(given: Mapping[str, Any], why: str) -> None:
    if given:
        raise RequestError(f"{', '.join(given)} has no meaning here: {why}. Leave it out.")


def _written(design: Design) -> str:
    """What an analysis must know of a design, as text for the store; other groups follow from the order."""
    groups = {name: values.tolist() for name, values in design.groups.items() if name == "moved"}
    plain = {"kind": design.kind, "seed": design.seed, "samples": design.samples, "about": design.about, "groups": groups}
    return json.dumps(plain | {"labels": list(design.labels), "notes": list(design.notes)})
