"""The command line: ``kip check``, ``optimize``, ``diff``, ``funding``, ``new``. Thin: it asks the library and shows the answer.

Results go to the standard output, problems and progress to standard error; with ``--json`` the standard output is one JSON object.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, ParamSpec

import typer

from kip.errors import DataError, Issue, KipError, RequestError, SolveError

if TYPE_CHECKING:
    from kip.model import Plan
    from kip.views.sheet import Sheet

__all__ = ["app", "main"]

DONE, PROBLEMS, WRONG_CALL, NOTHING_FOUND, BROKEN = range(5)

EXIT_CODES = (
    "Exit codes: 0 done; 1 the plan has problems; 2 the command line is wrong; 3 no portfolio was found within the limits "
    "(impossible, or out of time without one); 4 kip or the solver broke."
)
TRACEBACK = "KIP_TRACEBACK"
"""Environment variable that shows the whole traceback of a bug."""

app = typer.Typer(
    name="kip",
    help="Climate investment plans that choose, and prove their choice.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Arguments = ParamSpec("Arguments")

PlanArgument = Annotated[
    str, typer.Argument(metavar="PLAN", help="A plan folder, plan.yaml, .xlsx, or the name of an example.", show_default=False)
]
LanguageOption = Annotated[str, typer.Option(metavar="CODE", help="en or sv.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")]


def main() -> None:
    """Run the command line; the entry point ``kip``."""
    for stream in (sys.stdout, sys.stderr):
        # a terminal that knows no "å" shows "?" rather than an error
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    app()


def _guarded(command: Callable[Arguments, int]) -> Callable[Arguments, None]:
    """Errors as messages and exit codes, never as tracebacks. With ``--json`` the message is JSON too."""

    @functools.wraps(command)
    def run(*args: Arguments.args, **options: Arguments.kwargs) -> None:
        as_json = bool(options.get("as_json"))
        try:
            code = command(*args, **options)
        except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            _fail("stopped before a portfolio was found.", NOTHING_FOUND, as_json)
        except DataError as error:
            _fail(str(error), PROBLEMS, as_json, error.issues)
        except SolveError as error:
            _fail(f"{error}\nThis is a bug in kip or the solver; please report it with the plan.", BROKEN, as_json)
        except KipError as error:
            _fail(str(error), WRONG_CALL, as_json)
        except OSError as error:
            _fail(f"{error.filename or 'a file'}: {error.strerror or error}. Check the path and your rights to it.", WRONG_CALL, as_json)
        except Exception as error:
            if os.environ.get(TRACEBACK):
                raise
            words = " ".join(str(error).split())
            _fail(f"kip broke: {type(error).__name__}: {words}; please report with {TRACEBACK}=1", BROKEN, as_json)
        raise typer.Exit(code)

    return run


def _fail(message: str, code: int, as_json: bool, issues: Iterable[Issue] = ()) -> NoReturn:
    if as_json:
        _print_json({"status": "error", "exit_code": code, "error": message, "issues": _plain(issues)})
    typer.echo(message, err=True)
    raise typer.Exit(code)


def _plain(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    names = ("severity", "message", "path", "file", "row", "column")
    return [{name: getattr(issue, name) for name in names} for issue in issues]


def _print_json(content: dict[str, Any]) -> None:
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


def _show(sheet: Sheet) -> None:
    """In colours on a terminal, as plain text in a pipe or a file."""
    from kip.views.text import plain, show

    if sys.stdout.isatty():
        show(sheet)
    else:
        typer.echo(plain(sheet))


def _show_version(wanted: bool) -> None:
    if wanted:
        from kip import __version__

        typer.echo(f"kip {__version__}")
        raise typer.Exit(DONE)


@app.callback()
def _kip(
    version: Annotated[bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)] = False,
) -> None:
    pass


@app.command(epilog=EXIT_CODES)
@_guarded
def check(plan: PlanArgument, language: LanguageOption = "en", as_json: JsonOption = False) -> int:
    """Check a plan: every problem with its file, row and column; then what deserves a second look, and a short sheet."""
    from kip.accounting.inputs import build_inputs
    from kip.accounting.settled import settled_problems
    from kip.files.read import read_plan

    try:
        found = read_plan(plan)
    except DataError as error:
        if as_json:
            _print_json({"ok": False, "plan": {"source": error.source}, "issues": _plain(error.issues)})
        else:
            typer.echo(str(error))
        return PROBLEMS
    cannot = settled_problems(build_inputs(found))
    if cannot:
        raise DataError([Issue(sentence, "decided") for sentence in cannot], f'plan "{found.name}"')
    warnings = found.check()
    if as_json:
        about = {"name": found.name, "hash": found.hash, "currency": found.currency, "years": list(found.years)}
        _print_json({"ok": True, "plan": about, "issues": _plain(warnings)})
        return DONE
    from kip.model.overview import overview

    _show(overview(found, language))
    typer.echo("")
    for warning in warnings:
        typer.echo(f"warning: {warning}")
    typer.echo(f"The plan is in order{f'; {len(warnings)} to look at' if warnings else ''}.")
    return DONE


@app.command(epilog=EXIT_CODES)
@_guarded
def optimize(
    plan: PlanArgument,
    maximize: Annotated[
        str | None, typer.Option(metavar="MEASURE", help="What to get most of; the reduction when nothing is said.")
    ] = None,
    minimize: Annotated[str | None, typer.Option(metavar="MEASURE", help="What to get least of; targets come first.")] = None,
    per: Annotated[
        str | None, typer.Option(metavar="KIND", help="For each krona: municipal, regional, state, private or societal.")
    ] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SUM", help='"10 MEUR" in total for the first actor, or "actor=10 MEUR"; in place of what the plan says. Repeat it.'
        ),
    ] = None,
    minimum: Annotated[
        list[str] | None, typer.Option(metavar="MEASURE=VALUE", help='Such as "reduction_2030=40 kt/year". Repeat it.')
    ] = None,
    maximum: Annotated[list[str] | None, typer.Option(metavar="MEASURE=VALUE", help='Such as "cost=200 MSEK". Repeat it.')] = None,
    require: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Shift or enabler that must start. Repeat it.")] = None,
    forbid: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Shift, enabler or source of funding that is out. Repeat it."),
    ] = None,
    scenario: Annotated[str | None, typer.Option(metavar="NAME", help="Scenario of the plan to solve.")] = None,
    gap: Annotated[float, typer.Option(min=0, help="Relative gap at which the answer counts as proven.")] = 1e-4,
    time_limit: Annotated[float | None, typer.Option(min=0, metavar="SECONDS", help="Stop then, with the best found.")] = None,
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
    chosen = kip.read_plan(plan)
    if scenario is not None:
        chosen = chosen.scenario(scenario)
    if budget:
        chosen = _with_budgets(chosen, budget)
    portfolio = kip.optimize(
        chosen,
        maximize,
        minimize,
        per=per,
        minimum=_limits("--minimum", minimum),
        maximum=_limits("--maximum", maximum),
        require=require or (),
        forbid=forbid or (),
        gap=gap,
        time_limit=time_limit,
    )
    if as_json:
        _print_json(portfolio.to_dict())
    else:
        from kip.results.summary import summary

        _show(summary(portfolio, language))
    if not portfolio.found:
        return NOTHING_FOUND
    if output is not None:
        files = portfolio.save(output, language)
        typer.echo(f"Written to {output}: {', '.join(file.name for file in files)}", err=True)
    return DONE


def _limits(option: str, texts: list[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts or []:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise RequestError(f'{option} "{text}" has no value. Write {option} "MEASURE=VALUE", such as "reduction_2030=40 kt/year".')
        if name in found:
            raise RequestError(f'{option} names "{name}" twice. Keep one of them.')
        found[name] = value
    return found


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


@app.command(epilog=EXIT_CODES)
@_guarded
def diff(
    old: PlanArgument,
    new: PlanArgument,
    language: LanguageOption = "en",
    as_json: JsonOption = False,
) -> int:
    """What changed between two versions of a plan."""
    import kip

    found = kip.diff(kip.read_plan(old), kip.read_plan(new), language)
    if as_json:
        _print_json(found.to_dict())
    else:
        _show(found.sheet())
    return DONE


@app.command(epilog=EXIT_CODES)
@_guarded
def funding(
    country: Annotated[
        str, typer.Argument(metavar="COUNTRY", help="Name of a catalogue, or a CSV file with the columns of funding.csv.")
    ] = "sweden",
    as_json: JsonOption = False,
) -> int:
    """Show the catalogue of sources of funding: their rules, which rules are not known, and what the numbers rest on."""
    from kip.files.sources import funding_catalogue

    catalogue = funding_catalogue(country)
    if as_json:
        _print_json(
            {
                "currency": catalogue.currency,
                "funding": [source.model_dump(mode="json") for source in catalogue],
                "passports": {path: passport.model_dump(mode="json") for path, passport in catalogue.passports.items()},
            }
        )
    else:
        _show(catalogue.sheet())
    return DONE


@app.command(epilog=EXIT_CODES)
@_guarded
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Folder to make; its last part becomes the plan's name.", show_default=False)],
) -> int:
    """Start a plan: writes the smallest example into a new folder."""
    from kip.files.examples import example_folder
    from kip.files.frame import flow
    from kip.files.read import FRAME, read_plan

    folder = Path(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RequestError(f'"{folder}" exists and is not empty. Choose another name, or empty it first.')
    source = example_folder("minimal")
    if source is None:
        raise RuntimeError("the example plan is missing from this installation")
    title = folder.resolve().name
    _check_name(title)
    folder.mkdir(parents=True, exist_ok=True)
    for file in source.iterdir():
        if file.is_file():
            shutil.copyfile(file, folder / file.name)
    frame = folder / FRAME
    lines = frame.read_text(encoding="utf-8").splitlines()
    lines = [f"name: {flow(title)}" if line.startswith("name:") else line for line in lines]
    frame.write_text("\n".join(lines) + "\n", encoding="utf-8")
    read_plan(folder)
    typer.echo(f"Made {frame}. Change it, then run: kip optimize {folder}")
    return DONE


def _check_name(name: str) -> None:
    from kip.model import Actor

    try:
        Actor(name=name)  # any noun's name keeps the same rules
    except DataError as error:
        raise RequestError(f'"{name}" cannot be the name of a plan: {error.issues[0].message} Choose another name.') from None
