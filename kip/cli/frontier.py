"""``kip frontier``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kip.cli.app import DONE, EXIT_CODES, JsonOption, LanguageOption, PlanArgument, app, guarded, limits_of, print_json, show_sheet
from kip.cli.options import ForbidOption, MaximumOption, MinimumOption, RequireOption, ScenarioOption, TimeOption, plan_of
from kip.errors import RequestError


@app.command(epilog=EXIT_CODES)
@guarded
def frontier(
    plan: PlanArgument,
    objective: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MEASURE", help='Two to four; "max:" or "min:" before it to say which way. Reduction and cost when nothing is said.'
        ),
    ] = None,
    points: Annotated[int | None, typer.Option(min=2, help="A grid of about so many points, rather than all of them.")] = None,
    budget_up_to: Annotated[
        float, typer.Option(metavar="TIMES", help='How far the objective "budget" may go beyond the plan\'s budgets.')
    ] = 1.0,
    at: Annotated[float | None, typer.Option(metavar="SUM", help="Say what the next step gives there, in the second objective.")] = None,
    step: Annotated[float | None, typer.Option(metavar="SUM", help="How large that step is.")] = None,
    minimum: MinimumOption = None,
    maximum: MaximumOption = None,
    require: RequireOption = None,
    forbid: ForbidOption = None,
    scenario: ScenarioOption = None,
    workers: Annotated[int, typer.Option(min=1, help="Threads that solve at the same time.")] = 1,
    gap: Annotated[float | None, typer.Option(min=0, help="Relative gap of each solve.")] = None,
    time_limit: TimeOption = None,
    output: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write points, changes, page and picture there.")] = None,
    language: LanguageOption = "en",
    as_json: JsonOption = False,
) -> int:
    """Show what can be had of one thing for another. Ctrl-C stops and shows what is found."""
    import kip

    if output is not None and output.exists() and not output.is_dir():
        raise RequestError(f'"{output}" is a file. Give a folder to --output.')
    front = kip.frontier(
        plan_of(plan, scenario),
        tuple(objective) if objective else ("reduction", "cost"),
        points=points,
        minimum=limits_of("--minimum", minimum),
        maximum=limits_of("--maximum", maximum),
        require=require or (),
        forbid=forbid or (),
        budget_up_to=budget_up_to,
        workers=workers,
        gap=gap,
        time_limit=time_limit,
        language=language,
    )
    krona = front.next_krona(at, step) if at is not None or step is not None else None
    if as_json:
        print_json(front.to_dict() | ({"next_krona": krona.to_dict()} if krona is not None else {}))
    else:
        show_sheet(front.sheet())
        if krona is not None:
            show_sheet(krona.sheet())
    if output is not None:
        files = front.save(output)
        typer.echo(f"Written to {output}: {', '.join(file.name for file in files)}", err=True)
    return DONE
