"""``kip sweep``."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kip.cli.app import (
    DONE,
    EXIT_CODES,
    NOTHING_FOUND,
    JsonOption,
    LanguageOption,
    PlanArgument,
    app,
    guarded,
    limits_of,
    print_json,
    show_sheet,
)
from kip.cli.options import (
    ForbidOption,
    MaximizeOption,
    MaximumOption,
    MinimizeOption,
    MinimumOption,
    RequireOption,
    ScenarioOption,
    plan_of,
)
from kip.errors import RequestError

if TYPE_CHECKING:
    from kip.model import Plan
    from kip.sweeps.space import Space
    from kip.sweeps.sweep import Sweep


class Executor(enum.StrEnum):
    """Who does the work."""

    serial = "serial"
    threads = "threads"
    processes = "processes"


@app.command(epilog=EXIT_CODES)
@guarded
def sweep(
    plan: PlanArgument,
    space: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What varies, as YAML; the ranges of the plan's passports when nothing is said.")
    ] = None,
    samples: Annotated[int | None, typer.Option(min=1, help="How many; each design has a default.")] = None,
    design: Annotated[
        str | None, typer.Option(metavar="KIND", help="sobol, lhs, grid, saltelli, morris, one-at-a-time or scenarios.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Optimise the plan once, and test that portfolio in each scenario.")] = False,
    store: Annotated[Path | None, typer.Option(metavar="FOLDER", help='Where the results are kept, such as "run.zarr".')] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the store where it was left.")] = False,
    executor: Annotated[Executor, typer.Option(help="Who does the work; the numbers do not depend on it.")] = Executor.serial,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads or processes; one for each core when nothing is said.")] = None,
    outcome: Annotated[list[str] | None, typer.Option(metavar="MEASURE", help="What is written down. Repeat it.")] = None,
    sensitivity: Annotated[str | None, typer.Option(metavar="MEASURE", help="Also say what drives this.")] = None,
    maximize: MaximizeOption = None,
    minimize: MinimizeOption = None,
    minimum: MinimumOption = None,
    maximum: MaximumOption = None,
    require: RequireOption = None,
    forbid: ForbidOption = None,
    scenario: ScenarioOption = None,
    gap: Annotated[float, typer.Option(min=0, help="Relative gap of each scenario.")] = 1e-3,
    time_limit: Annotated[float | None, typer.Option(min=0, metavar="SECONDS", help="For each scenario.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the design and the solver; the same gives the same.")] = 0,
    language: LanguageOption = "en",
    as_json: JsonOption = False,
) -> int:
    """Run a plan in many scenarios. Nothing that is finished is lost: Ctrl-C, then --resume."""
    import kip

    _check_store(store, resume)
    read = plan_of(plan, scenario)
    ranges = kip.read_space(space, read) if space is not None else _own_space(read, design)
    question: dict[str, Any] = {
        "maximize": maximize,
        "minimize": minimize,
        "minimum": limits_of("--minimum", minimum),
        "maximum": limits_of("--maximum", maximum),
        "require": require or (),
        "forbid": forbid or (),
        "time_limit": time_limit,
    }
    question = {name: value for name, value in question.items() if value not in (None, (), {})}
    kept = kip.optimize(read, **question, gap=gap, seed=seed) if keep else None
    if kept is not None and not kept.found:
        typer.echo(kept.reason, err=True)
        return NOTHING_FOUND
    found = kip.sweep(
        read,
        ranges,
        samples=samples,
        design=design,
        portfolio=kept,
        outcomes=outcome,
        **({} if keep else question),
        gap=gap,
        seed=seed,
        executor=executor.value,
        workers=workers,
        store=store,
    )
    _show(found, sensitivity, language, as_json)
    if not found.complete and store is not None:
        typer.echo("Stopped. The same command with --resume goes on from there.", err=True)
    return DONE if found.complete else NOTHING_FOUND


def _own_space(plan: Plan, design: str | None) -> Space:
    """What varies when nothing is said: the plan's own scenarios, for a design of them; the ranges of its passports otherwise."""
    import kip

    return kip.Space.scenarios(plan) if design == "scenarios" else kip.Space.from_passports(plan)


def _check_store(store: Path | None, resume: bool) -> None:
    """A store that is there is never written to by mistake, nor a new one made where one was meant to be."""
    there = store is not None and store.exists()
    if there and not resume:
        raise RequestError(f'"{store}" is there already. Add --resume to go on with it, or give another folder to --store.')
    if resume and not there:
        raise RequestError(
            "there is nothing to go on with: --resume needs a --store that exists."
            if store is None
            else f'"{store}" is not there. Leave --resume out to begin.'
        )


def _show(found: Sweep, sensitivity: str | None, language: str, as_json: bool) -> None:
    drives = found.sensitivity(sensitivity) if sensitivity is not None else None
    if as_json:
        print_json(found.to_dict() | ({"sensitivity": drives.to_dict()} if drives is not None else {}))
        return
    show_sheet(found.sheet(language))
    if drives is not None:
        show_sheet(drives.sheet(language))
