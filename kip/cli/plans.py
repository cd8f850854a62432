"""``kip check``, ``diff``, ``funding``, ``new``: what is about plans themselves."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from kip.cli.app import (
    DONE,
    EXIT_CODES,
    PROBLEMS,
    JsonOption,
    LanguageOption,
    PlanArgument,
    app,
    guarded,
    plain_issues,
    print_json,
    show_sheet,
)
from kip.errors import DataError, Issue, RequestError


@app.command(epilog=EXIT_CODES)
@guarded
def check(plan: PlanArgument, language: LanguageOption = "en", as_json: JsonOption = False) -> int:
    """Check a plan: every problem with its file, row and column; then what deserves a second look, and a short sheet."""
    from kip.accounting.inputs import build_inputs
    from kip.accounting.settled import settled_problems
    from kip.files.read import read_plan

    try:
        found = read_plan(plan)
    except DataError as error:
        if as_json:
            print_json({"ok": False, "plan": {"source": error.source}, "issues": plain_issues(error.issues)})
        else:
            typer.echo(str(error))
        return PROBLEMS
    cannot = settled_problems(build_inputs(found))
    if cannot:
        raise DataError([Issue(sentence, "decided") for sentence in cannot], f'plan "{found.name}"')
    warnings = found.check()
    if as_json:
        about = {"name": found.name, "hash": found.hash, "currency": found.currency, "years": list(found.years)}
        print_json({"ok": True, "plan": about, "issues": plain_issues(warnings)})
        return DONE
    from kip.model.overview import overview

    show_sheet(overview(found, language))
    typer.echo("")
    for warning in warnings:
        typer.echo(f"warning: {warning}")
    typer.echo(f"The plan is in order{f'; {len(warnings)} to look at' if warnings else ''}.")
    return DONE


@app.command(epilog=EXIT_CODES)
@guarded
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
        print_json(found.to_dict())
    else:
        show_sheet(found.sheet())
    return DONE


@app.command(epilog=EXIT_CODES)
@guarded
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
        print_json(
            {
                "currency": catalogue.currency,
                "funding": [source.model_dump(mode="json") for source in catalogue],
                "passports": {path: passport.model_dump(mode="json") for path, passport in catalogue.passports.items()},
            }
        )
    else:
        show_sheet(catalogue.sheet())
    return DONE


@app.command(epilog=EXIT_CODES)
@guarded
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
