"""The rules of a plan as named constraints. Each function is one constraint; its docstring is the documentation.

Linear expressions are written directly from arrays of coefficients; nothing is summed term by term. Amounts are in the
solver's steps: units / `Cells.scale`, money in `Scales.money`, tonnes in `Scales.tonnes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyomo.core.expr import LinearExpression

from kip.accounting.measures import parse_measure
from kip.optimization.fairness import FAIRNESS_CONSTRAINTS
from kip.optimization.frame import Frame, Row, linear, measure_scale, terms_expression
from kip.optimization.funding import FUNDING_CONSTRAINTS, budget_funding
from kip.optimization.overlaps import OVERLAP_CONSTRAINTS
from kip.optimization.scaling import SCALING_CONSTRAINTS
from kip.optimization.terms import budget_terms, lost_in, measure_terms, scaled_terms

__all__ = ["CONSTRAINTS"]

Floats: TypeAlias = NDArray[np.float64]


def _cell_years(frame: Frame) -> Iterator[tuple[int, int, tuple[str, str, int]]]:
    years = [int(year) for year in frame.cells.years]
    for cell, name in enumerate(frame.cells.names):
        for index, year in enumerate(years):
            yield cell, index, (*name, year)


def stock_balance(frame: Frame) -> Iterator[Row]:
    r"""What is in use follows from what has started.

    .. math:: stock_{c,y} = stock_{c,y-1} + \sum_{a \ge 0} (w_a - w_{a-1})\, new_{c,y-a}

    where :math:`w_a` is the effect :math:`a` years after the start: 0 during the lead time, the profile during the life, 0
    after it. Written by differences, so that a row has a few terms, not one for each earlier year.
    """
    effect = frame.inputs["effect"].values[:, 0, :]
    steps = np.diff(effect, axis=1, prepend=0.0)
    shift = frame.cells.shift
    ages = [np.flatnonzero(row) for row in steps]
    new, stock = frame.new, frame.stock
    for cell, index, name in _cell_years(frame):
        row = shift[cell]
        variables, coefficients = [stock[cell, index]], [1.0]
        if index:
            variables.append(stock[cell, index - 1])
            coefficients.append(-1.0)
        for age in ages[row]:
            if age <= index and new[cell, index - age] is not None:
                variables.append(new[cell, index - age])
                coefficients.append(-float(steps[row, age]))
        yield name, 0.0, LinearExpression(constant=0, linear_coefs=coefficients, linear_vars=variables), 0.0


def _ramped(frame: Frame) -> NDArray[np.bool_]:
    """Cells whose units in use are more than their effect: those with a profile below 1."""
    inputs = frame.inputs
    differs = (inputs["in_use_years"].values != inputs["effect"].values).any(axis=(1, 2))
    return np.asarray(differs[frame.cells.shift])


def _units_in_use(frame: Frame, cell: int, index: int, ramped: bool) -> tuple[list[float], list[Any]]:
    """Units of a cell in use in a year: its stock, or the starts that are alive where the effect grows with age."""
    if not ramped:
        return [1.0], [frame.stock[cell, index]]
    alive = frame.inputs["in_use_years"].values[frame.cells.shift[cell], :, index]
    starts = [start for start in np.flatnonzero(alive) if frame.new[cell, start] is not None]
    return [float(alive[start]) for start in starts], [frame.new[cell, start] for start in starts]


def in_use(frame: Frame) -> Iterator[Row]:
    r"""Units in use are at most the potential: :math:`\sum_u alive_{u,y}\, new_{c,u} \le potential_{c,y}`.

    Written only for shifts whose effect grows with age; for the others it is the upper bound of their stock.
    """
    cells, ramped = frame.cells, _ramped(frame)
    for cell, index, name in _cell_years(frame):
        if ramped[cell] and not cells.whole[cell]:
            coefficients, variables = _units_in_use(frame, cell, index, True)
            body = LinearExpression(constant=0, linear_coefs=coefficients, linear_vars=variables)
            yield name, None, body, float(cells.potential[cell, index] / cells.scale[cell])


def one_start(frame: Frame) -> Iterator[Row]:
    r"""A whole shift or enabler starts at most once: :math:`\sum_y start_{c,y} \le 1`."""
    for cell in np.flatnonzero(frame.cells.whole):
        variables = [variable for variable in frame.new[cell] if variable is not None]
        if variables:
            yield (
                frame.cells.names[cell],
                None,
                LinearExpression(constant=0, linear_coefs=[1.0] * len(variables), linear_vars=variables),
                1.0,
            )


def conservation(frame: Frame) -> Iterator[Row]:
    r"""No more is moved out of a segment than there is and what is moved into it.

    .. math:: \sum_{s: g \to \cdot} moves_s\, stock_{s,d,y} \le amount_{g,d,y} + \sum_{s: \cdot \to g} ratio_s\, moves_s\, stock_{s,d,y}

    Overlap between shifts on the same activity is thereby exact: each kilometre is moved once, and a chain
    petrol → electric → bicycle takes from the electric segment only what has come into it.
    """
    inputs, cells = frame.inputs, frame.cells
    source, target = inputs["source"].values[cells.shift], inputs["target_activity"].values[cells.shift]
    moves = inputs["moves"].values[cells.shift, cells.place] * cells.scale[:, None]
    ratio = inputs["ratio"].values[cells.shift]
    amount = inputs["amount"].values
    years = [int(year) for year in inputs["year"].values]
    activities, places = list(map(str, inputs["activity"].values)), list(map(str, inputs["district"].values))
    touched: dict[tuple[int, int], list[int]] = {}
    for cell in np.flatnonzero(source >= 0).tolist():
        touched.setdefault((int(source[cell]), int(cells.place[cell])), []).append(cell)
    entering: dict[tuple[int, int], list[int]] = {}
    for cell in np.flatnonzero(target >= 0).tolist():
        entering.setdefault((int(target[cell]), int(cells.place[cell])), []).append(cell)
    for key in sorted(touched):
        out, into = np.array(touched[key]), np.array(entering.get(key, []), dtype=int)
        rows = np.concatenate([out, into])
        coefficients = np.concatenate([moves[out], -ratio[into, None] * moves[into]])
        for index, year in enumerate(years):
            there_is = float(amount[key[0], key[1], index])
            size = float(np.abs(coefficients[:, index]).max(initial=0.0))
            if size == 0:
                continue
            name = (activities[key[0]], places[key[1]], year)
            step = frame.step(name, size)
            yield name, None, linear(coefficients[:, index] / step, frame.stock[rows, index]), there_is / step


def unlocked(frame: Frame) -> Iterator[Row]:
    r"""A shift uses only the part of its potential that is open: by itself, and by the enablers in use.

    .. math:: inuse_{s,d,y} \le potential_{s,d,y}\,\bigl(open_s + \sum_e opens_{e,s}\, active_{e,d,y}\bigr)

    An enabler counts in its own district, or everywhere when it is for the whole municipality.
    """
    inputs, cells = frame.inputs, frame.cells
    everywhere = inputs.sizes["district"] - 1
    links: dict[int, list[tuple[int, float]]] = {}
    for by, of, share in zip(*(inputs[f"opening_{part}"].values for part in ("by", "of", "share")), strict=True):
        links.setdefault(int(of), []).append((int(by), float(share)))
    opened, ramped = inputs["open"].values, _ramped(frame)
    for cell, (shift, place) in enumerate(zip(cells.shift, cells.place, strict=True)):
        if opened[shift] >= 1:
            continue
        openers = [
            (cells.row[by, where], share)
            for by, share in links.get(int(shift), [])
            for where in {int(place), everywhere}
            if (by, where) in cells.row
        ]
        for index, year in enumerate(cells.years):
            most = cells.potential[cell, index] / cells.scale[cell]
            mine, own = _units_in_use(frame, cell, index, bool(ramped[cell]))
            variables = [*own, *(frame.stock[row, index] for row, _ in openers)]
            coefficients = [*mine, *(-most * share for _, share in openers)]
            body = LinearExpression(constant=0, linear_coefs=coefficients, linear_vars=variables)
            yield (*cells.names[cell], int(year)), None, body, float(most * opened[shift])


def potential_total(frame: Frame) -> Iterator[Row]:
    r"""A potential given for all districts together: :math:`\sum_d inuse_{s,d,y} \le potential_{s,y}`."""
    inputs, cells = frame.inputs, frame.cells
    total, names = inputs["potential_total"].values, list(map(str, inputs["shift"].values))
    ramped = _ramped(frame)
    for shift in np.flatnonzero(np.isfinite(total).all(axis=1)).tolist():
        rows = cells.of(shift)
        step = cells.scale[rows].max(initial=1.0)
        for index, year in enumerate(cells.years):
            coefficients: list[float] = []
            variables: list[Any] = []
            for row in rows:
                each, units = _units_in_use(frame, row, index, bool(ramped[row]))
                coefficients += [one * float(cells.scale[row] / step) for one in each]
                variables += units
            body = LinearExpression(constant=0, linear_coefs=coefficients, linear_vars=variables)
            yield (names[shift], int(year)), None, body, float(total[shift, index] / step)


def ramp(frame: Frame) -> Iterator[Row]:
    r"""Most new units in a year, over all districts: :math:`\sum_d adopt_{s,d,y} \le ramp_{s,y}`."""
    inputs, cells = frame.inputs, frame.cells
    limit, names = inputs["ramp"].values, list(map(str, inputs["shift"].values))
    for shift in np.flatnonzero(np.isfinite(limit).all(axis=1)).tolist():
        rows = cells.of(shift)
        step = cells.scale[rows].max(initial=1.0)
        for index, year in enumerate(cells.years):
            body = linear(cells.scale[rows] / step, frame.new[rows, index])
            if body.linear_vars:
                yield (names[shift], int(year)), None, body, float(limit[shift, index] / step)


def requires(frame: Frame) -> Iterator[Row]:
    r"""What requires something starts the same year or later than it, here or for the whole municipality.

    A shift for the whole municipality is satisfied by a start in any district.

    .. math:: \sum_{u \le y} start_{s,d,u} \le \sum_{u \le y} (start_{j,d,u} + start_{j,all,u}), \qquad
              adopt_{s,d,y} \le most_{s,d}\, \sum_{u \le y} (start_{j,d,u} + start_{j,all,u})
    """
    kinds = frame.inputs["relation_kind"].values
    for relation in np.flatnonzero(kinds == "requires"):
        yield from _after(frame, [int(relation)])


def requires_any(frame: Frame) -> Iterator[Row]:
    r"""As `requires`, with the sum over the alternatives on the right."""
    kinds, subject = frame.inputs["relation_kind"].values, frame.inputs["relation_from"].values
    for shift in np.unique(subject[kinds == "requires_any"]):
        yield from _after(frame, [int(row) for row in np.flatnonzero((kinds == "requires_any") & (subject == shift))])


def _after(frame: Frame, relations: list[int]) -> Iterator[Row]:
    inputs, cells = frame.inputs, frame.cells
    subject = int(inputs["relation_from"].values[relations[0]])
    others = [int(inputs["relation_to"].values[row]) for row in relations]
    everywhere = inputs.sizes["district"] - 1
    label = "|".join(str(inputs["shift"].values[other]) for other in others)
    for cell in cells.of(subject):
        place = int(cells.place[cell])
        seen = [int(row) for other in others for row in cells.of(other) if cells.place[row] in {place, everywhere} or place == everywhere]
        for index, year in enumerate(cells.years):
            earlier = frame.new[seen, : index + 1].ravel()
            if cells.whole[cell]:
                mine, most = frame.new[cell, : index + 1], 1.0
            else:
                mine = frame.new[cell, index : index + 1]
                most = float(cells.potential[cell].max() / cells.scale[cell])
            body = linear(np.concatenate([np.ones(len(mine)), np.full(len(earlier), -most)]), np.concatenate([mine, earlier]))
            if any(variable is not None for variable in mine):
                yield (*cells.names[cell], label, int(year)), None, body, 0.0


def used(frame: Frame) -> Iterator[Row]:
    r"""Marks a shift chosen in parts as used, where an exclusion asks: :math:`adopt_{s,d,y} \le most_{s,d}\, used_{s,d}`."""
    cells = frame.cells
    for cell, variable in frame.used.items():
        most = float(cells.potential[cell].max() / cells.scale[cell])
        for index, year in enumerate(cells.years):
            if frame.new[cell, index] is not None:
                body = LinearExpression(constant=0, linear_coefs=[1.0, -most], linear_vars=[frame.new[cell, index], variable])
                yield (*cells.names[cell], int(year)), None, body, 0.0


def excludes(frame: Frame) -> Iterator[Row]:
    r"""Two shifts that exclude each other are not in the same place: :math:`chosen_{i,d} + chosen_{j,d} \le 1`."""
    inputs, cells = frame.inputs, frame.cells
    everywhere = inputs.sizes["district"] - 1
    kinds = inputs["relation_kind"].values
    pairs = {
        tuple(sorted((int(one), int(two))))
        for kind, one, two in zip(kinds, inputs["relation_from"].values, inputs["relation_to"].values, strict=True)
        if kind == "excludes"
    }
    for one, two in sorted(pairs):
        for first in cells.of(one):
            for second in cells.of(two):
                here, there = cells.place[first], cells.place[second]
                if here == there or everywhere in {here, there}:
                    variables = np.concatenate([_chosen(frame, int(first)), _chosen(frame, int(second))])
                    body = linear(np.ones(len(variables)), variables)
                    yield (*cells.names[first], *cells.names[second]), None, body, 1.0


def _chosen(frame: Frame, cell: int) -> NDArray[np.object_]:
    return frame.new[cell] if frame.cells.whole[cell] else np.array([frame.used[cell]], dtype=object)


def budget(frame: Frame) -> Iterator[Row]:
    r"""Money spent in a year, and what is carried over, is at most the budget and what was carried into the year.

    .. math:: \sum_c \sum_u capex_{c,y}\, bought_{c,u,y}\, new_{c,u} + \sum_c \max(0, opex_{c,y})\, stock_{c,y} + carry_{a,y}
              \le budget_{a,y} + carry_{a,y-1}

    Grants and loans that the actor receives lower what is spent; grants that it gives, and the annuities of its loans, raise
    it. A budget for the whole horizon is one row. Savings are counted only in budgets that they refill.
    """
    inputs, cells, money = frame.inputs, frame.cells, frame.scales.money
    amount = inputs["budget_amount"].values
    step = cells.scale / money
    for row, name in enumerate(map(str, inputs["budget"].values)):
        on_new, on_stock = budget_terms(row, inputs, cells)
        on_new, on_stock = on_new * step[:, None, None], on_stock * step[:, None]
        if inputs["budget_total"].values[row]:
            given, money_items = budget_funding(frame, row, None)
            coefficients = np.concatenate([on_new.sum(axis=2).ravel(), on_stock.ravel(), given])
            body = linear(coefficients, np.concatenate([frame.new.ravel(), frame.stock.ravel(), money_items]))
            yield (name, "total"), None, body, float(amount[row].sum() / money)
            continue
        for index, year in enumerate(cells.years):
            carried = frame.carry[row, max(0, index - 1) : index + 1]
            sign = np.array([-1.0, 1.0])[-len(carried) :]
            given, money_items = budget_funding(frame, row, index)
            coefficients = np.concatenate([on_new[:, : index + 1, index].ravel(), on_stock[:, index], sign, given])
            variables = np.concatenate([frame.new[:, : index + 1].ravel(), frame.stock[:, index], carried, money_items])
            yield (name, str(year)), None, linear(coefficients, variables), float(amount[row, index] / money)


def resource(frame: Frame) -> Iterator[Row]:
    r"""Shared resources are not used beyond their supply: :math:`\sum_c uses_{c,r}\, stock_{c,y} \le supply_{r,y}`."""
    inputs, cells = frame.inputs, frame.cells
    uses = inputs["uses"].values[cells.shift] * cells.scale[:, None]
    for row, name in enumerate(map(str, inputs["resource"].values)):
        largest = float(np.abs(uses[:, row]).max(initial=0.0))
        step = frame.step(name, largest)
        for index, year in enumerate(cells.years):
            body = linear(uses[:, row] / step, frame.stock[:, index])
            yield (name, int(year)), None, body, float(inputs["supply"].values[row, index] / step)


def target(frame: Frame) -> Iterator[Row]:
    r"""Emissions of the target's year are at most the target and a shortfall, which is reported and minimised.

    .. math:: baseline_{l,y} - \sum_c rate_{c,l,y}\, stock_{c,y} - \sum_k factor_{k,l,y}\,(remaining_{k,y} - left_{k,y})
              + \sum_p lost_{p,l,y} - credited \le value + shortfall

    Nothing is credited unless the target is net (see `complementary`).
    """
    inputs, cells, tonnes = frame.inputs, frame.cells, frame.scales.tonnes
    ledgers, years = list(inputs["ledger"].values), list(inputs["year"].values)
    for row, name in enumerate(map(str, inputs["target"].values)):
        ledger, year = ledgers.index(inputs["target_ledger"].values[row]), years.index(inputs["target_year"].values[row])
        rate = inputs["reduction_rate"].values[cells.shift, cells.place, ledger, year] * cells.scale / tonnes
        scaled = scaled_terms(cells, inputs["factor"].values[:, None, ledger] * (np.arange(len(years)) == year), "emissions")
        own = [frame.shortfall[row], *frame.credited[row : row + 1]]
        body = terms_expression(frame, lost_in(inputs, cells, ledger, year) + scaled * -1.0, tonnes)
        body = body + linear(np.append(-rate, np.full(len(own), -1.0)), np.append(frame.stock[:, year], own))
        allowed = inputs["target_value"].values[row] - inputs["baseline"].values[ledger, year] + scaled.constant
        yield name, None, body, float(allowed / tonnes)


def complementary(frame: Frame) -> Iterator[Row]:
    r"""What a net target is credited with is at most what complementary measures give in its year.

    .. math:: credited \le \sum_c complementary_{c,l,y}\, stock_{c,y}, \qquad 0 \le credited \le share \cdot base

    The share of the base is the variable's upper bound: beyond it a missing reduction cannot be healed.
    """
    inputs, cells, tonnes = frame.inputs, frame.cells, frame.scales.tonnes
    ledgers, years = list(inputs["ledger"].values), list(inputs["year"].values)
    for row, name in enumerate(map(str, inputs["target"].values)):
        if frame.credited[row] is not None:
            ledger, year = ledgers.index(inputs["target_ledger"].values[row]), years.index(inputs["target_year"].values[row])
            rate = inputs["complementary_rate"].values[cells.shift, cells.place, ledger, year] * cells.scale / tonnes
            yield name, None, linear(np.append(-rate, 1.0), np.append(frame.stock[:, year], frame.credited[row])), 0.0


def limit(frame: Frame) -> Iterator[Row]:
    r"""Measures held at or above a minimum, or at or below a maximum, by the question that is asked."""
    for wanted, is_minimum in ((frame.minimum, True), (frame.maximum, False)):
        for name, value in wanted.items():
            measure = parse_measure(name, frame.inputs)
            terms = measure_terms(measure, frame.inputs, frame.cells)
            scale = measure_scale(measure.unit, frame)
            bound = (value - terms.constant) / scale
            body = terms_expression(frame, terms, scale)
            yield (name, "minimum" if is_minimum else "maximum"), bound if is_minimum else None, body, None if is_minimum else bound


def required(frame: Frame) -> Iterator[Row]:
    r"""Whole shifts that the question forces in start once in each of their districts: :math:`\sum_y start_{c,y} = 1`."""
    for cell, name in enumerate(frame.cells.names):
        if name[0] in frame.required:
            variables = [variable for variable in frame.new[cell] if variable is not None]
            yield name, 1.0, LinearExpression(constant=0, linear_coefs=[1.0] * len(variables), linear_vars=variables), 1.0


CONSTRAINTS = {
    "stock_balance": stock_balance,
    "in_use": in_use,
    "one_start": one_start,
    "conservation": conservation,
    "unlocked": unlocked,
    "potential_total": potential_total,
    "ramp": ramp,
    "requires": requires,
    "requires_any": requires_any,
    "used": used,
    "excludes": excludes,
    "budget": budget,
    "resource": resource,
    "target": target,
    "complementary": complementary,
    "limit": limit,
    "required": required,
    **FUNDING_CONSTRAINTS,
    **SCALING_CONSTRAINTS,
    **OVERLAP_CONSTRAINTS,
    **FAIRNESS_CONSTRAINTS,
}
"""Every named constraint of the formulation, in order."""
