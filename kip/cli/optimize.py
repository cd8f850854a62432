"""``kip optimize``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    TimeOption,
    plan_of,
)
from kip.errors import RequestError

if TYPE_CHECKING:
    from kip.model import Plan


@app.command(epilog=EXIT_CODES)
@guarded
def optimize(
    plan: PlanArgument,
    maximize: MaximizeOption = None,
    minimize: MinimizeOption = None,
    per: Annotated[
        str | None, typer.Option(metavar="KIND", help="For each krona: municipal, regional, state, private or societal.")
    ] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SUM", help='"10 MEUR" in total for the first actor, or "actor=10 MEUR"; in place of what the plan says. Repeat it.'
        ),
    ] = None,
    minimum: MinimumOption = None,
    maximum: MaximumOption = None,
    require: RequireOption = None,
    forbid: ForbidOption = None,
    scenario: ScenarioOption = None,
    gap: GapOption = 1e-4,
    time_limit: TimeOption = None,
    output: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write tables, pictures and the summary there.")] = None,
    language: LanguageOption = "en",
    as_json: JsonOption = False,
) -> int:
    """Choose what to start, where and when. Ctrl-C stops and shows the best so far."""
    import kip
    from kip.views.labels import Language

    if output is not None and output.exists() and not output.is_dir():
        raise RequestError(f'"{output}" is a file. Give a folder to --output.')
    Language(language)  # before the time is spent, not after
    chosen = plan_of(plan, scenario)
    if budget:
        chosen = _with_budgets(chosen, budget)
    portfolio = kip.optimize(
        chosen,
        maximize,
        minimize,
        per=per,
        minimum=limits_of("--minimum", minimum),
        maximum=limits_of("--maximum", maximum),
        require=require or (),
        forbid=forbid or (),
        gap=gap,
        time_limit=time_limit,
    )
    if as_json:
        print_json(portfolio.to_dict())
    else:
        from kip.results.summary import summary

        show_sheet(summary(portfolio, language))
    if not portfolio.found:
        return NOTHING_FOUND
    if output is not None:
        files = portfolio.save(output, language)
        typer.echo(f"Written to {output}: {', '.join(file.name for file in files)}", err=True)
    return DONE


def _with_budgets(plan: Plan, texts: list[str]) -> Plan:
    """The plan with these totals in place of the budgets of the actors that they name."""
    from kip.errors import unknown_name
    from kip.model import Budget

    actors = [actor.name for actor in plan.actors]
    totals: dict[str, float] = {}
    for text in texts:
        name, equals, amount = (part.strip() for part in text.rpartition("="))
        actor = name if equals else actors[0]
        if actor not in actors:
            raise RequestError(f'--budget "{text}": {unknown_name("actor", actor, actors)}')
        if actor in totals:
            raise RequestError(f'--budget names "{actor}" twice. Add the sums up into one.')
        totals[actor] = _money(amount, plan.currency, text)
    kept = [budget for budget in plan.budgets if budget.actor not in totals]
    return plan.update({"budgets": [*kept, *(Budget(actor=actor, amount=amount) for actor, amount in totals.items())]})


def _money(amount: str, currency: str, text: str) -> float:
    from kip.units import Quantity, to_float

    try:
        value = to_float(amount)
    except ValueError as error:
        raise RequestError(f'--budget "{text}": {error}') from None
    if isinstance(value, Quantity) and value.unit != currency:
        raise RequestError(f'--budget "{text}" is in {value.unit}, but the plan is in {currency}. Write for example "10 M{currency}".')
    if value < 0:
        raise RequestError(f'--budget "{text}" is negative. Write 0 or more.')
    return float(value)
