"""Is the question one that the plan can answer? Every problem of the call in one report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import xarray as xr

from kip.accounting.measures import KINDS, Measure, parse_measure
from kip.accounting.settled import settled_problems
from kip.errors import RequestError, unknown_name
from kip.optimization.question import Question
from kip.units import Quantity, canonical, to_float

__all__ = ["ask", "check_options", "limits_as_numbers"]


def check_options(gap: float, time_limit: float | None, seed: int) -> None:
    """Refuse options that no solver could follow.

    Raises
    ------
    RequestError
        With every option that is wrong.
    """
    wrong = []
    if not _number(gap) or gap < 0:
        wrong.append(f"gap={gap!r}: give a relative gap of 0 or more, for example 1e-4.")
    if time_limit is not None and (not _number(time_limit) or time_limit < 0):
        wrong.append(f"time_limit={time_limit!r}: give seconds, 0 or more, or None.")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**31:
        wrong.append(f"seed={seed!r}: give a whole number from 0 to 2147483647.")
    if wrong:
        raise RequestError("\n".join(wrong))


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)


def ask(
    inputs: xr.Dataset,
    question: Question,
    minimum: Mapping[str, float | str] | None,
    maximum: Mapping[str, float | str] | None,
    require: Iterable[str],
    forbid: Iterable[str],
) -> Question:
    """The question with its limits as numbers.

    Raises
    ------
    RequestError
        With every unknown name, wrong unit and contradiction.
    """
    wrong: list[str] = []
    if question.maximize and question.minimize:
        wrong.append("give maximize or minimize, not both. Put the other as a limit: minimum={…} or maximum={…}.")
    if question.per is not None:
        wrong += _ratio(question)
    if not (question.maximize or question.minimize):
        question = replace(question, maximize="reduction")
    for name in (question.maximize, question.minimize):
        if name is not None:
            _measure(wrong, name, inputs)
    required, forbidden = _names("require", require, wrong), _names("forbid", forbid, wrong)
    wrong += settled_problems(inputs, forbidden)
    wrong += _forced(inputs, required, forbidden)
    lows, highs = limits_as_numbers(inputs, minimum or {}, wrong), limits_as_numbers(inputs, maximum or {}, wrong)
    if question.maximize == "shortfall" or "shortfall" in lows:
        wrong.append('a shortfall can only be minimised or held below a maximum. Use minimize, or maximum={"shortfall": …}.')
    for name in [question.minimize or "", *highs]:
        if name.partition(".")[0] in {"least", "sen"}:
            wrong.append(f'"{name}" can only be maximised or held above a minimum. Use maximize, or minimum={{"{name}": …}}.')
    for name in sorted(set(lows) & set(highs)):
        if lows[name] > highs[name]:
            wrong.append(f"{name}: the minimum {lows[name]:g} is above the maximum {highs[name]:g}. Change one of them.")
    if wrong:
        raise RequestError("\n".join(wrong))
    return replace(question, minimum=lows, maximum=highs, require=required, forbid=forbidden)


def _measure(wrong: list[str], name: str, inputs: xr.Dataset) -> Measure | None:
    try:
        return parse_measure(name, inputs)
    except RequestError as error:
        wrong.append(str(error))
        return None


def _names(word: str, names: object, wrong: list[str]) -> tuple[str, ...]:
    if isinstance(names, str):
        return (names,)
    if isinstance(names, Iterable):
        return tuple(dict.fromkeys(str(name) for name in names))
    wrong.append(f'{word}={names!r}: give a list of names, for example ["charging"].')
    return ()


def _ratio(question: Question) -> list[str]:
    wrong = []
    if question.per not in KINDS:
        wrong.append(unknown_name("kind of krona", question.per, KINDS))
    if question.minimize:
        wrong.append("a ratio is maximised: use maximize with per.")
    return wrong


def _forced(inputs: xr.Dataset, require: tuple[str, ...], forbid: tuple[str, ...]) -> list[str]:
    names = list(map(str, inputs["shift"].values))
    sources = list(map(str, inputs["funding"].values))
    kind = "shift or source of funding" if sources else "shift"
    known_sources = {*sources, *(f"funding.{name}" for name in sources)}
    wrong = [unknown_name("shift", name, names) for name in require if name not in names]
    wrong += [unknown_name(kind, name, [*names, *sources]) for name in forbid if name not in {*names, *known_sources}]
    wrong += [f'"{name}" is both required and forbidden. Take it out of one.' for name in require if name in forbid]
    known = {str(name): row for row, name in enumerate(names)}
    choice = inputs["choice"].values
    for name in require:
        if name not in known:
            continue
        row = known[name]
        if choice[row] != "whole":
            wrong.append(f'"{name}" is chosen in parts, so it cannot be forced in whole. Use minimum={{"adopted.{name}": units}}.')
        elif not inputs["located"].values[row].any():
            wrong.append(
                f'"{name}" is required but has nothing to act on in any district. Give its source an amount, or do not require it.'
            )
        elif not inputs["may_start"].values[row].any():
            wrong.append(f'"{name}" is required but may not start in any year of the plan. Change earliest, latest or start_years.')
        wrong += _needs_forbidden(inputs, names, row, forbid)
    return wrong


def _needs_forbidden(inputs: xr.Dataset, names: list[str], row: int, forbid: tuple[str, ...]) -> list[str]:
    kinds, subject, other = (inputs[f"relation_{part}"].values for part in ("kind", "from", "to"))
    needed, frontier, wrong = {row}, [row], []
    while frontier:
        one = frontier.pop()
        for two in other[(kinds == "requires") & (subject == one)]:
            if names[two] in forbid:
                one_of = f'Allow "{names[two]}" or do not require "{names[row]}".'
                wrong.append(f'"{names[row]}" requires "{names[two]}", which is forbidden. {one_of}')
            if int(two) not in needed:
                needed.add(int(two))
                frontier.append(int(two))
    return wrong


def limits_as_numbers(inputs: xr.Dataset, limits: Mapping[str, float | str], wrong: list[str]) -> dict[str, float]:
    """Limits as numbers in base units; what cannot be read is added to `wrong`."""
    values: dict[str, float] = {}
    if not hasattr(limits, "items"):
        wrong.append(f'{limits!r} is not a table of limits. Give {{measure: value}}, for example {{"reduction": 1000}}.')
        return values
    for name, value in limits.items():
        measure = _measure(wrong, name, inputs)
        try:
            number = to_float(value)
        except ValueError as error:
            wrong.append(f"{name}: {error}")
            continue
        if measure is not None and isinstance(number, Quantity):
            unit = measure.unit
            allowed = {unit, f"{unit}/year"} if unit != "unit" else {"1"}
            if number.unit not in {_canonical(text) for text in allowed}:
                wanted = "units, as a plain number" if unit == "unit" else unit
                wrong.append(f"{name}: found a number in {number.unit}; must be in {wanted}. Change the unit.")
        values[name] = float(number)
    return values


def _canonical(text: str) -> str:
    try:
        return canonical(text)
    except ValueError:
        return text
