"""``kip explain`` and ``kip reach``."""

from __future__ import annotations

from typing import Annotated

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
    GapOption,
    MaximizeOption,
    MaximumOption,
    MinimizeOption,
    MinimumOption,
    RequireOption,
    ScenarioOption,
    plan_of,
)

TimeOption = Annotated[float | None, typer.Option(min=0, metavar="SECONDS", help="For each of the portfolio and its explanation.")]


@app.command(epilog=EXIT_CODES)
@guarded
def explain(
    plan: PlanArgument,
    shift: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this shift or enabler. Repeat it.")] = None,
    maximize: MaximizeOption = None,
    minimize: MinimizeOption = None,
    minimum: MinimumOption = None,
    maximum: MaximumOption = None,
    require: RequireOption = None,
    forbid: ForbidOption = None,
    scenario: ScenarioOption = None,
    step: Annotated[str, typer.Option(metavar="SUM", help="Money more in each budget, to see what it is worth.")] = "1e6",
    break_even: Annotated[bool, typer.Option(help="Look for break-even costs and effects too.")] = True,
    gap: GapOption = 1e-4,
    time_limit: TimeOption = None,
    language: LanguageOption = "en",
    as_json: JsonOption = False,
) -> int:
    """Say why each shift is in or out of the best portfolio, and what would change that."""
    import kip
    from kip.errors import RequestError, unknown_name
    from kip.views.labels import Language

    Language(language)
    chosen = plan_of(plan, scenario)
    known = sorted(item.name for item in (*chosen.shifts, *chosen.enablers))
    wrong = [unknown_name("shift", name, known) for name in shift or () if name not in known]
    if wrong:
        # before the time is spent, not after
        raise RequestError("\n".join(wrong))
    portfolio = kip.optimize(
        chosen,
        maximize,
        minimize,
        minimum=limits_of("--minimum", minimum),
        maximum=limits_of("--maximum", maximum),
        require=require or (),
        forbid=forbid or (),
        gap=gap,
        time_limit=time_limit,
    )
    explained = kip.explain(portfolio, shift or None, step=step, break_even=break_even, time_limit=time_limit, language=language)
    if as_json:
        print_json(explained.to_dict())
    else:
        show_sheet(explained.sheet())
    return DONE if portfolio.found else NOTHING_FOUND


@app.command(epilog=EXIT_CODES)
@guarded
def reach(
    plan: PlanArgument,
    goal: Annotated[
        list[str] | None,
        typer.Option(metavar="GOAL", help='Name of a target, or "emissions_2030=-70 %". All targets when left out. Repeat it.'),
    ] = None,
    maximize: MaximizeOption = None,
    minimize: MinimizeOption = None,
    minimum: MinimumOption = None,
    maximum: MaximumOption = None,
    require: RequireOption = None,
    forbid: ForbidOption = None,
    scenario: ScenarioOption = None,
    rows: Annotated[bool, typer.Option("--rows", help="Also the rows of the formulation that clash.")] = False,
    gap: GapOption = 1e-4,
    time_limit: TimeOption = None,
    language: LanguageOption = "en",
    as_json: JsonOption = False,
) -> int:
    """Say how near a goal can be reached, and what would close the gap."""
    import kip
    from kip.errors import RequestError

    chosen = plan_of(plan, scenario)
    measures = [text for text in goal or () if "=" in text]
    if measures and len(measures) < len(goal or ()):
        raise RequestError("--goal names targets and measures at once. Give either targets or MEASURE=VALUE.")
    answer = kip.reach(
        chosen,
        limits_of("--goal", measures) if measures else (goal or None),
        maximize,
        minimize,
        minimum=limits_of("--minimum", minimum),
        maximum=limits_of("--maximum", maximum),
        require=require or (),
        forbid=forbid or (),
        gap=gap,
        time_limit=time_limit,
        rows=rows,
        language=language,
    )
    if as_json:
        print_json(answer.to_dict())
    else:
        show_sheet(answer.sheet())
    return DONE if answer.reachable else NOTHING_FOUND
