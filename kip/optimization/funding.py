"""Grants and loans in the formulation: variables, and the rules of each source as named constraints.

Amounts are in steps of `Scales.fine` (usually a thousand kronor). A grant is linear beside the decisions: its limit is a
rate for each unit that starts, so that no product of decisions appears.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr import LinearExpression

from kip.optimization.frame import Floats, Frame, Row, linear

__all__ = ["FUNDING_CONSTRAINTS", "add_funding"]


def _rates(frame: Frame) -> Floats:
    """Most that each source may give for one unit that starts, to each applicant, as (funding, cell, actor, year)."""
    inputs, cells = frame.inputs, frame.cells
    capex = inputs["capex"].values[cells.shift]
    eligible = inputs["eligible"].values[cells.shift][:, None, None] * capex
    rate = inputs["funding_share"].values[:, None, None, None] * eligible[None]
    rate = np.minimum(rate, inputs["funding_cap"].values[:, None, None, None])
    allowed = inputs["funding_open"].values[:, cells.shift][..., None] & inputs["funding_years"].values[:, None, None, :]
    grants = inputs["funding_kind"].values == "grant"
    return np.where(allowed & grants[:, None, None, None], rate, 0.0)


def add_funding(model: pyo.ConcreteModel, frame: Frame) -> None:
    """Variables for grants, loans, and for which source a project has where sources exclude each other."""
    inputs, cells = frame.inputs, frame.cells
    if inputs.sizes["funding"] == 0:
        return
    sources, actors = (list(map(str, inputs[name].values)) for name in ("funding", "actor"))
    years = [int(year) for year in cells.years]
    rate = _rates(frame)
    frame.grant = np.full(rate.shape, None, dtype=object)
    frame.loan = np.full((len(sources), len(actors), len(years)), None, dtype=object)
    where = [tuple(int(part) for part in row) for row in np.argwhere(rate > 0) if frame.new[row[1], row[3]] is not None]
    if where:
        most = rate * cells.potential.max(axis=1, initial=0.0)[None, :, None, None] / frame.scales.fine
        model.grant = pyo.Var([(sources[f], *cells.names[c], actors[a], years[y]) for f, c, a, y in where], domain=pyo.NonNegativeReals)
        for place, item in zip(where, model.grant.values(), strict=True):
            item.setub(float(most[place]))
            frame.grant[place] = item
    _add_loans(model, frame, sources, actors)
    clash = np.argwhere(inputs["funding_clash"].values)
    rows = sorted({int(row) for row in clash.ravel()})
    asked = [
        (row, cell) for row in rows for cell in range(len(cells.names)) if any(item is not None for item in frame.grant[row, cell].ravel())
    ]
    if asked:
        model.funded = pyo.Var([(sources[row], *cells.names[cell]) for row, cell in asked], domain=pyo.Binary)
        frame.has = dict(zip(asked, model.funded.values(), strict=True))


def _add_loans(model: pyo.ConcreteModel, frame: Frame, sources: list[str], actors: list[str]) -> None:
    inputs, cells = frame.inputs, frame.cells
    capex = inputs["capex"].values[cells.shift] * cells.potential.max(axis=1, initial=0.0)[:, None, None]
    most = capex.sum(axis=0) / frame.scales.fine
    where = [
        (row, actor, year)
        for row in np.flatnonzero(inputs["funding_kind"].values == "loan").tolist()
        for actor in np.flatnonzero(inputs["funding_open"].values[row].any(axis=0)).tolist()
        for year in np.flatnonzero(inputs["funding_years"].values[row]).tolist()
        if most[actor, year] > 0
    ]
    if not where:
        return
    years = [int(year) for year in cells.years]
    model.loan = pyo.Var([(sources[f], actors[a], years[y]) for f, a, y in where], domain=pyo.NonNegativeReals)
    for place, item in zip(where, model.loan.values(), strict=True):
        item.setub(float(most[place[1], place[2]]))
        frame.loan[place] = item


def _projects(frame: Frame) -> Iterator[tuple[int, int, tuple[str, str, int]]]:
    """Cells and years in which something that can have a grant may start."""
    years = [int(year) for year in frame.cells.years]
    for cell, name in enumerate(frame.cells.names):
        for index, year in enumerate(years):
            if frame.grant.size and any(item is not None for item in frame.grant[:, cell, :, index].ravel()):
                yield cell, index, (*name, year)


def _at_most(frame: Frame, grants: np.ndarray, cell: int, index: int, each: float) -> LinearExpression:
    """Some grants minus `each` kronor for every unit that starts."""
    step = float(frame.cells.scale[cell] / frame.scales.fine)
    given = [item for item in grants.ravel() if item is not None]
    return LinearExpression(constant=0, linear_coefs=[1.0] * len(given) + [-each * step], linear_vars=[*given, frame.new[cell, index]])


def grant_limit(frame: Frame) -> Iterator[Row]:
    r"""A grant is at most the source's share of the eligible cost, and at most its cap for a project.

    .. math:: grant_{f,c,a,y} \le \min(share_f\, eligible_c\, capex_{c,a,y},\; cap_f)\; new_{c,y}
    """
    rate = _rates(frame) if frame.grant.size else None
    sources, actors = (list(map(str, frame.inputs[name].values)) for name in ("funding", "actor"))
    for cell, index, name in _projects(frame):
        for row, actor in np.argwhere(frame.grant[:, cell, :, index] != None):  # noqa: E711  elementwise
            body = _at_most(frame, frame.grant[row, cell, actor : actor + 1, index], cell, index, float(rate[row, cell, actor, index]))  # type: ignore[index]
            yield (sources[row], *name, actors[actor]), None, body, 0.0


def grant_cap(frame: Frame) -> Iterator[Row]:
    r"""Where several actors share a project, the cap is for all of them: :math:`\sum_a grant_{f,c,a,y} \le cap_f\, new_{c,y}`."""
    sources, caps = list(map(str, frame.inputs["funding"].values)), frame.inputs["funding_cap"].values
    for cell, index, name in _projects(frame):
        for row in np.flatnonzero(np.isfinite(caps)).tolist():
            given = frame.grant[row, cell, :, index]
            if sum(item is not None for item in given) > 1:
                yield (sources[row], *name), None, _at_most(frame, given, cell, index, float(caps[row])), 0.0


def aid_intensity(frame: Frame) -> Iterator[Row]:
    r"""All aid together is at most the intensity of the eligible cost.

    .. math:: \sum_{f\ aid,a} grant_{f,c,a,y} \le intensity_c\, eligible_c \sum_a capex_{c,a,y}\, new_{c,y}
    """
    inputs, cells = frame.inputs, frame.cells
    aid = inputs["funding_aid"].values
    for cell, index, name in _projects(frame):
        shift = cells.shift[cell]
        cost = float(inputs["capex"].values[shift, :, index].sum() * inputs["eligible"].values[shift])
        yield (
            name,
            None,
            _at_most(frame, frame.grant[aid, cell, :, index], cell, index, float(inputs["aid_intensity"].values[shift]) * cost),
            0.0,
        )


def own_share(frame: Frame) -> Iterator[Row]:
    r"""All grants leave the own share of the whole cost, and nobody gets more than its own part of the cost.

    .. math:: \sum_{f,a} grant_{f,c,a,y} \le (1 - own_c) \sum_a capex_{c,a,y}\, new_{c,y}, \qquad
              \sum_f grant_{f,c,a,y} \le capex_{c,a,y}\, new_{c,y}
    """
    inputs, cells = frame.inputs, frame.cells
    actors = list(map(str, inputs["actor"].values))
    for cell, index, name in _projects(frame):
        shift = cells.shift[cell]
        cost = inputs["capex"].values[shift, :, index]
        kept = 1.0 - float(inputs["own_share"].values[shift])
        yield (*name, "all"), None, _at_most(frame, frame.grant[:, cell, :, index], cell, index, kept * float(cost.sum())), 0.0
        several = [actor for actor in range(len(actors)) if sum(item is not None for item in frame.grant[:, cell, actor, index]) > 1]
        for actor in several:
            body = _at_most(frame, frame.grant[:, cell, actor, index], cell, index, float(cost[actor]))
            yield (*name, actors[actor]), None, body, 0.0


def pot(frame: Frame) -> Iterator[Row]:
    r"""A source gives no more in a year than its pot: :math:`\sum grant_{f,\cdot,y} + \sum loan_{f,\cdot,y} \le pot_{f,y}`."""
    if not frame.grant.size:
        return
    limits = frame.inputs["funding_pot"].values
    for row, name in enumerate(map(str, frame.inputs["funding"].values)):
        for index, year in enumerate(frame.cells.years):
            if np.isfinite(limits[row, index]):
                items = np.concatenate([frame.grant[row, :, :, index].ravel(), frame.loan[row, :, index]])
                yield (name, int(year)), None, linear(np.ones(len(items)), items), float(limits[row, index] / frame.scales.fine)


def has_grant(frame: Frame) -> Iterator[Row]:
    r"""Marks which source a project has, where sources exclude each other: :math:`\sum_{a,y} grant_{f,c,a,y} \le most\; has_{f,c}`."""
    for (row, cell), mark in frame.has.items():
        items = [item for item in frame.grant[row, cell].ravel() if item is not None]
        most = float(sum(item.ub for item in items))
        if frame.cells.whole[cell]:
            most = float(max(sum(item.ub for item in column if item is not None) for column in frame.grant[row, cell].T))
        body = LinearExpression(constant=0, linear_coefs=[1.0] * len(items) + [-most], linear_vars=[*items, mark])
        yield (str(frame.inputs["funding"].values[row]), *frame.cells.names[cell]), None, body, 0.0


def not_with(frame: Frame) -> Iterator[Row]:
    r"""Sources that cannot be stacked are not in the same project: :math:`has_{f,c} + has_{g,c} \le 1`."""
    names = list(map(str, frame.inputs["funding"].values))
    for one, two in np.argwhere(np.triu(frame.inputs["funding_clash"].values)).tolist():
        for cell, name in enumerate(frame.cells.names):
            if (one, cell) in frame.has and (two, cell) in frame.has:
                marks = [frame.has[one, cell], frame.has[two, cell]]
                yield (names[one], names[two], *name), None, LinearExpression(constant=0, linear_coefs=[1.0, 1.0], linear_vars=marks), 1.0


def loan_use(frame: Frame) -> Iterator[Row]:
    r"""Loans and grants of an actor are at most what it invests that year.

    .. math:: \sum_f loan_{f,a,y} + \sum_{f,c} grant_{f,c,a,y} \le \sum_c capex_{c,a,y}\, bought_{c,y}
    """
    inputs, cells = frame.inputs, frame.cells
    if not any(item is not None for item in frame.loan.ravel()):
        return
    actors = list(map(str, inputs["actor"].values))
    for actor, name in enumerate(actors):
        capex = inputs["capex"].values[cells.shift, actor]
        bought = inputs["bought"].values[cells.shift]
        for index, year in enumerate(cells.years):
            loans = frame.loan[:, actor, index]
            if not any(item is not None for item in loans):
                continue
            cost = bought[:, : index + 1, index] * capex[:, index : index + 1] * cells.scale[:, None] / frame.scales.fine
            grants = frame.grant[:, :, actor, index].ravel()
            coefficients = np.concatenate([np.ones(len(loans)), np.ones(len(grants)), -cost.ravel()])
            variables = np.concatenate([loans, grants, frame.new[:, : index + 1].ravel()])
            yield (name, int(year)), None, linear(coefficients, variables), 0.0


def budget_funding(frame: Frame, row: int, index: int | None) -> tuple[Floats, np.ndarray]:
    """What grants and loans do to a budget in a year (or in all years): coefficients and variables, in steps of money."""
    inputs = frame.inputs
    if not frame.grant.size:
        return np.zeros(0), np.zeros(0, dtype=object)
    actor, kind = int(inputs["budget_actor"].values[row]), str(inputs["budget_kind"].values[row])
    when = np.arange(len(frame.cells.years)) if index is None else np.array([index])
    thousandth = frame.scales.fine / frame.scales.money
    coefficients, variables = [], []
    if kind != "operation":
        for part in (frame.grant[:, :, actor][..., when].ravel(), frame.loan[:, actor][..., when].ravel()):
            coefficients.append(np.full(len(part), -thousandth))
            variables.append(part)
    if kind != "investment":
        mine = np.flatnonzero(inputs["funding_funder"].values == actor)
        paid = frame.grant[mine][..., when].ravel()
        coefficients.append(np.full(len(paid), thousandth))
        variables.append(paid)
        yearly, term = inputs["funding_annuity"].values, inputs["funding_term"].values
        for source in range(inputs.sizes["funding"]):
            for drawn in range(len(frame.cells.years)):
                due = int(((when > drawn) & (when <= drawn + term[source])).sum())
                coefficients.append(np.array([thousandth * yearly[source] * due]))
                variables.append(frame.loan[source, actor, drawn : drawn + 1])
    return np.concatenate(coefficients), np.concatenate(variables)


FUNDING_CONSTRAINTS = {
    "grant_limit": grant_limit,
    "grant_cap": grant_cap,
    "aid_intensity": aid_intensity,
    "own_share": own_share,
    "pot": pot,
    "has_grant": has_grant,
    "not_with": not_with,
    "loan_use": loan_use,
}
"""Named constraints of funding, in order."""
