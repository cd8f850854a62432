"""What every command shares: the application, exit codes, errors as messages, and how a sheet is shown."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, ParamSpec

import typer

from kip.errors import DataError, Issue, KipError, RequestError, SolveError

if TYPE_CHECKING:
    from kip.views.sheet import Sheet

__all__ = [
    "BROKEN",
    "DONE",
    "EXIT_CODES",
    "NOTHING_FOUND",
    "PROBLEMS",
    "WRONG_CALL",
    "JsonOption",
    "LanguageOption",
    "PlanArgument",
    "app",
    "guarded",
    "limits_of",
    "plain_issues",
    "print_json",
    "show_sheet",
]

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


def guarded(command: Callable[Arguments, int]) -> Callable[Arguments, None]:
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
        print_json({"status": "error", "exit_code": code, "error": message, "issues": plain_issues(issues)})
    typer.echo(message, err=True)
    raise typer.Exit(code)


def plain_issues(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """Issues as plain data."""
    names = ("severity", "message", "path", "file", "row", "column")
    return [{name: getattr(issue, name) for name in names} for issue in issues]


def print_json(content: dict[str, Any]) -> None:
    """One JSON object on the standard output."""
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


def show_sheet(sheet: Sheet) -> None:
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


def limits_of(option: str, texts: list[str] | None) -> dict[str, str]:
    """``MEASURE=VALUE`` as a table."""
    found: dict[str, str] = {}
    for text in texts or []:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise RequestError(f'{option} "{text}" has no value. Write {option} "MEASURE=VALUE", such as "reduction_2030=40 kt/year".')
        if name in found:
            raise RequestError(f'{option} names "{name}" twice. Keep one of them.')
        found[name] = value
    return found
