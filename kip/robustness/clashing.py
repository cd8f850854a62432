"""Why there is no one decision for all scenarios: which scenario, and which of its rules."""

from __future__ import annotations

from dataclasses import replace

from kip.optimization.clash import Group, groups_of, smallest_clash
from kip.robustness.ensemble import Ensemble
from kip.robustness.stack import Block, Stack
from kip.views.labels import Language

__all__ = ["alone_without_answer", "why_no_decision"]


def alone_without_answer(ensemble: Ensemble) -> str:
    """What hinders the scenarios that have no portfolio even alone; empty when each has one."""
    words = [
        f'In the scenario "{name}" alone there is no portfolio: {portfolio.reason}'
        for name, portfolio in zip(ensemble.scenarios.names, ensemble.optima, strict=True)
        if portfolio.status == "infeasible"
    ]
    return " ".join(words)


def why_no_decision(ensemble: Ensemble, stack: Stack) -> str:
    """The rules that no one decision keeps together, each with its scenario."""
    if stack.clashes:
        words = []
        for (shift, district, year), one, two in stack.clashes[:6]:
            where = "" if district == "all" else f" in {district}"
            words.append(f'"{shift}"{where} in {year} is settled in the scenario "{one}", and cannot be so in "{two}".')
        return " ".join([*words, "Give all scenarios the same decided starts."])
    groups: list[Group] = []
    home: dict[int, str] = {}
    for block in stack.blocks:
        for group in groups_of(block.session, (), [], ensemble.question.forbid, Language("en")):
            groups.append(_moved(block, group))
            home[id(groups[-1])] = block.name
    kept, proven = smallest_clash(ensemble.base.session, stack.problem, groups)
    if not kept:
        return "The rules of the scenarios contradict each other. Take away one of minimum, maximum or require, or a scenario."
    sentences: dict[str, list[str]] = {}
    for group in kept:
        sentences.setdefault(home[id(group)], []).append(group.sentence)
    parts = [f'in the scenario "{name}": {" ".join(lines)}' for name, lines in sentences.items()]
    head = "Each scenario has a portfolio, but no one decision keeps these together: "
    rest = "" if proven else " The time was up before fewer rules were shown to be enough."
    return head + " ".join(parts) + rest + " Let one of them go, or decide in two stages (kip.two_stage)."


def _moved(block: Block, group: Group) -> Group:
    """A scenario's rows and columns where they stand in the stack."""
    lifted = tuple((int(block.column[column]), float(bound / block.factor[column])) for column, bound in group.lifted)
    return replace(group, rows=tuple(block.row + row for row in group.rows), lifted=lifted)
