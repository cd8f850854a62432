"""Options that several commands share, each written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kip.model import Plan

__all__ = [
    "ForbidOption",
    "GapOption",
    "MaximizeOption",
    "MaximumOption",
    "MinimizeOption",
    "MinimumOption",
    "RequireOption",
    "ScenarioOption",
    "TimeOption",
    "plan_of",
]

MaximizeOption = Annotated[str | None, typer.Option(metavar="MEASURE", help="What to get most of; the reduction when nothing is said.")]
MinimizeOption = Annotated[str | None, typer.Option(metavar="MEASURE", help="What to get least of; targets come first.")]
MinimumOption = Annotated[list[str] | None, typer.Option(metavar="MEASURE=VALUE", help='Such as "reduction_2030=40 kt/year". Repeat it.')]
MaximumOption = Annotated[list[str] | None, typer.Option(metavar="MEASURE=VALUE", help='Such as "cost=200 MSEK". Repeat it.')]
RequireOption = Annotated[list[str] | None, typer.Option(metavar="NAME", help="Shift or enabler that must start. Repeat it.")]
ForbidOption = Annotated[list[str] | None, typer.Option(metavar="NAME", help="Shift, enabler or source of funding that is out. Repeat it.")]
ScenarioOption = Annotated[str | None, typer.Option(metavar="NAME", help="Scenario of the plan to solve.")]
GapOption = Annotated[float, typer.Option(min=0, help="Relative gap at which an answer counts as proven.")]
TimeOption = Annotated[float | None, typer.Option(min=0, metavar="SECONDS", help="Stop then, with the best found.")]


def plan_of(source: str, scenario: str | None) -> Plan:
    """The plan that a command names, under a scenario if one is asked for."""
    import kip

    plan = kip.read_plan(source)
    return plan if scenario is None else plan.scenario(scenario)
