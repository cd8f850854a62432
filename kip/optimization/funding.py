"""Grants and loans in the formulation: variables, and the rules of each source as named constraints.

Amounts are in steps of `Scales.fine` (usually a thousand kronor). A grant is linear beside the decisions: its limit is a
rate for each unit that starts, so that no product of decisions appears. Rates and bounds are as tight as the rules make them
together, and rows that cannot bind are not written.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr import LinearExpression

from kip.accounting.funding_rules import grant_rate
from kip.accounting.loans import loan_scopes
from kip.optimization.exclusive import EXCLUSIVE_CONSTRAINTS, add_marks
from kip.optimization.frame import Floats, Frame, Objects, Row, existing, linear

__all__ = ["FUNDING_CONSTRAINTS", "add_funding"]

_ROUNDING = 1e-9
"""Share of a limit by which sums may differ from it and still be equal to it."""


def _aid_limits(frame: Frame) -> Floats:
    """Most aid for one unit, to each actor, as (cell, actor, year) [currency/unit]; added up where the intensity is the project's."""
    inputs, cells = frame.inputs, frame.cells
    rate = inputs["aid_intensity"].values * inputs["eligible"].values[:, None]
    each = rate[cells.shift][:, :, None] * inputs["capex"].values[cells.shift]
    whole = ~inputs["aid_by_actor"].values[cells.shift]
    each[whole] = each[whole].sum(axis=1, keepdims=True)
    return np.asarray(each)


def _kept(frame: Frame) -> Floats:
    """Most that all grants may be for one unit, the own share taken off, as (cell, year) [currency/unit]."""
    own = frame.inputs["own_share"].values[frame.cells.shift]
    return np.asarray((1.0 - own)[:, None] * frame.inputs["capex"].values[frame.cells.shift].sum(axis=1))


def _rates(frame: Frame) -> Floats:
    """Most that each source may give for one unit that starts, to each applicant, as (funding, cell, actor, year) [currency/unit].

    Every rule that holds for a grant by itself is in it: share, cap, intensity, own share, what the applicant pays, and for what is one
    unit the pot.
    """
    inputs, cells = frame.inputs, frame.cells
    capex = inputs["capex"].values[cells.shift]
    rate = grant_rate(inputs)[:, cells.shift][..., None] * capex[None]
    rate = np.minimum(rate, inputs["funding_cap"].values[:, None, None, None])
    rate = np.minimum(rate, np.minimum(capex, _kept(frame)[:, None, :])[None])
    aid = inputs["funding_aid"].values
    rate[aid] = np.minimum(rate[aid], _aid_limits(frame)[None])
    pots = np.where(cells.whole[None, :, None, None], inputs["funding_pot"].values[:, None, None, :], np.inf)
    rate = np.minimum(rate, pots)
    allowed = inputs["funding_open"].values[:, cells.shift] & (inputs["funding_kind"].values == "grant")[:, None, None, None]
    return np.where(allowed, rate, 0.0)


def add_funding(model: pyo.ConcreteModel, frame: Frame) -> None:
    """Variables for grants, loans, and for which source a project has where sources exclude each other."""
    inputs, cells = frame.inputs, frame.cells
    if inputs.sizes["funding"] == 0:
        return
    sources, actors = (list(map(str, inputs[name].values)) for name in ("funding", "actor"))
    years = [int(year) for year in cells.years]
    rate = frame.rate = _rates(frame)
    frame.grant = np.full(rate.shape, None, dtype=object)
    frame.loan = np.full((len(sources), len(actors), len(years)), None, dtype=object)
    where = [tuple(int(part) for part in row) for row in np.argwhere(rate > 0) if frame.new[row[1], row[3]] is not None]
    if where:
        most = np.minimum(
            rate * cells.potential.max(axis=1, initial=0.0)[None, :, None, None], inputs["funding_pot"].values[:, None, None, :]
        )
        most = most / frame.scales.fine
        model.grant = pyo.Var([(sources[f], *cells.names[c], actors[a], years[y]) for f, c, a, y in where], domain=pyo.NonNegativeReals)
        for place, item in zip(where, model.grant.values(), strict=True):
            item.setub(float(most[place]))
            frame.grant[place] = item
    _add_loans(model, frame, sources, actors)
    add_marks(model, frame)


def _add_loans(model: pyo.ConcreteModel, frame: Frame, sources: list[str], actors: list[str]) -> None:
    inputs, cells = frame.inputs, frame.cells
    invested = inputs["capex"].values[cells.shift] * cells.potential.max(axis=1, initial=0.0)[:, None, None]
    loans = np.flatnonzero(inputs["funding_kind"].values == "loan")
    most = np.einsum("fcay,cay->fay", inputs["funding_open"].values[loans][:, cells.shift].astype(float), invested)
    most = np.minimum(most, _most_in_pot(frame)[loans][:, None, :]) / frame.scales.fine
    where = [(int(loans[row]), int(actor), int(year)) for row, actor, year in np.argwhere(most > 0)]
    if not where:
        return
    years = [int(year) for year in cells.years]
    model.loan = pyo.Var([(sources[f], actors[a], years[y]) for f, a, y in where], domain=pyo.NonNegativeReals)
    for place, item, upper in zip(where, model.loan.values(), most[most > 0].tolist(), strict=True):
        item.setub(upper)
        frame.loan[place] = item


def _most_in_pot(frame: Frame) -> Floats:
    """What a pot can hold at most in each year, as (funding, year) [currency]; no repayment can be lent again before the third year."""
    most = frame.inputs["funding_pot"].values.copy()
    for row in np.flatnonzero(frame.inputs["funding_revolving"].values):
        most[row] = np.where(np.arange(most.shape[1]) < 2, np.cumsum(most[row]), np.inf)
    return np.asarray(most)


def _projects(frame: Frame) -> Iterator[tuple[int, int, tuple[str, str, int]]]:
    """Cells and years in which something that can have a grant may start."""
    if not frame.grant.size:
        return
    years = [int(year) for year in frame.cells.years]
    for cell, index in np.argwhere((frame.grant != None).any(axis=(0, 2))).tolist():  # noqa: E711  elementwise
        yield cell, index, (*frame.cells.names[cell], years[index])


def _at_most(frame: Frame, grants: Objects, cell: int, index: int, each: float) -> LinearExpression:
    """Some grants minus `each` kronor for every unit that starts."""
    step = float(frame.cells.scale[cell] / frame.scales.fine)
    given = existing(grants)
    return LinearExpression(constant=0, linear_coefs=[1.0] * len(given) + [-each * step], linear_vars=[*given, frame.new[cell, index]])


def _binds(rates: Floats, limit: float) -> bool:
    """Whether grants, each at its own most, could pass a limit together."""
    return int((rates > 0).sum()) > 1 and float(rates.sum()) > limit * (1.0 + _ROUNDING)


def grant_limit(frame: Frame) -> Iterator[Row]:
    r"""A grant is at most the source's share of the eligible cost (and of the whole cost), and at most its cap for a project.

    .. math:: grant_{f,c,a,y} \le \min(share_{f,a}\, eligible_c\, capex_{c,a,y},\; cap_f)\; new_{c,y}

    The rate is also at most the aid intensity, what the own share leaves and, for what is one unit, the pot.
    """
    sources, actors = (list(map(str, frame.inputs[name].values)) for name in ("funding", "actor"))
    for cell, index, name in _projects(frame):
        for row, actor in np.argwhere(frame.grant[:, cell, :, index] != None):  # noqa: E711  elementwise
            body = _at_most(
                frame, frame.grant[row, cell, actor : actor + 1, index], cell, index, float(frame.rate[row, cell, actor, index])
            )
            yield (sources[row], *name, actors[actor]), None, body, 0.0


def grant_cap(frame: Frame) -> Iterator[Row]:
    r"""Where several actors share a project, the cap is for all of them: :math:`\sum_a grant_{f,c,a,y} \le cap_f\, new_{c,y}`."""
    sources, caps = list(map(str, frame.inputs["funding"].values)), frame.inputs["funding_cap"].values
    for cell, index, name in _projects(frame):
        for row in np.flatnonzero(np.isfinite(caps)).tolist():
            if _binds(frame.rate[row, cell, :, index], float(caps[row])):
                yield (sources[row], *name), None, _at_most(frame, frame.grant[row, cell, :, index], cell, index, float(caps[row])), 0.0


def aid_intensity(frame: Frame) -> Iterator[Row]:
    r"""All aid together is at most the intensity of the eligible cost: one for the project, or one for each applicant's part.

    .. math:: \sum_{f\ aid,a} grant_{f,c,a,y} \le intensity_c\, eligible_c \sum_a capex_{c,a,y}\, new_{c,y}, \qquad
              \sum_{f\ aid} grant_{f,c,a,y} \le intensity_{c,a}\, eligible_c\, capex_{c,a,y}\, new_{c,y}
    """
    inputs, aid, most, kept = frame.inputs, frame.inputs["funding_aid"].values, _aid_limits(frame), _kept(frame)
    actors, each = list(map(str, inputs["actor"].values)), inputs["aid_by_actor"].values[frame.cells.shift]
    for cell, index, name in _projects(frame):
        if not each[cell]:
            limit, rates = float(most[cell, 0, index]), frame.rate[:, cell, :, index]
            # where all grants are aid, the own share's row says the same more sharply, or this one does
            sharper = (rates[~aid] > 0).any() or limit <= kept[cell, index]
            if sharper and _binds(rates[aid], limit):
                yield (*name, "all"), None, _at_most(frame, frame.grant[aid, cell, :, index], cell, index, limit), 0.0
            continue
        for actor, who in enumerate(actors):
            limit = float(most[cell, actor, index])
            if _binds(frame.rate[aid, cell, actor, index], limit):
                yield (*name, who), None, _at_most(frame, frame.grant[aid, cell, actor, index], cell, index, limit), 0.0


def own_share(frame: Frame) -> Iterator[Row]:
    r"""All grants leave the own share of the whole cost, and nobody gets more than its own part of the cost.

    .. math:: \sum_{f,a} grant_{f,c,a,y} \le (1 - own_c) \sum_a capex_{c,a,y}\, new_{c,y}, \qquad
              \sum_f grant_{f,c,a,y} \le capex_{c,a,y}\, new_{c,y}
    """
    inputs, cells, aid = frame.inputs, frame.cells, frame.inputs["funding_aid"].values
    actors, most, kept = list(map(str, inputs["actor"].values)), _aid_limits(frame), _kept(frame)
    each, capex = inputs["aid_by_actor"].values[cells.shift], inputs["capex"].values[cells.shift]
    for cell, index, name in _projects(frame):
        rates = frame.rate[:, cell, :, index]
        by_project = not each[cell]
        duller = by_project and not (rates[~aid] > 0).any() and most[cell, 0, index] <= kept[cell, index]
        if not duller and _binds(rates, float(kept[cell, index])):
            yield (*name, "all"), None, _at_most(frame, frame.grant[:, cell, :, index], cell, index, float(kept[cell, index])), 0.0
        cost = capex[cell, :, index]
        # of a single payer, the row for all has said more already
        for actor in np.flatnonzero(cost > 0).tolist() if (cost > 0).sum() > 1 else ():
            if _binds(rates[:, actor], float(cost[actor])):
                body = _at_most(frame, frame.grant[:, cell, actor, index], cell, index, float(cost[actor]))
                yield (*name, actors[actor]), None, body, 0.0


def granted(frame: Frame) -> Iterator[Row]:
    r"""A grant that is decided is received when its shift starts anywhere.

    .. math:: \sum_{c \in s,a,y} grant_{f,c,a,y} \ge granted_{f,s} \sum_y start_{c,y}
    """
    inputs, cells = frame.inputs, frame.cells
    sums = inputs["funding_granted"].values
    for row, shift in np.argwhere(sums > 0).tolist():
        rows = cells.of(shift)
        given = frame.grant[row, rows].ravel() if frame.grant.size else np.zeros(0, dtype=object)
        for cell in rows:
            starts = frame.new[cell]
            decided = np.full(len(starts), sums[row, shift] * cells.scale[cell] / frame.scales.fine)
            body = linear(np.concatenate([decided, -np.ones(len(given))]), np.concatenate([starts, given]))
            yield (str(inputs["funding"].values[row]), *cells.names[cell]), None, body, 0.0


def pot(frame: Frame) -> Iterator[Row]:
    r"""A source gives no more in a year than its pot; what is repaid to a revolving one can be lent again from the year after.

    .. math:: \sum grant_{f,\cdot,y} + \sum loan_{f,\cdot,y} \le pot_{f,y}, \qquad \sum_{t \le y} loan_{f,\cdot,t} \le
              \sum_{t \le y} pot_{f,t} + annuity_f \sum_{t < y} \min(term_f,\, y - 1 - t)\, loan_{f,\cdot,t}
    """
    if not frame.grant.size:
        return
    inputs, limits, years = frame.inputs, frame.inputs["funding_pot"].values, np.arange(len(frame.cells.years))
    for row, name in enumerate(map(str, inputs["funding"].values)):
        for index, year in enumerate(frame.cells.years):
            if not np.isfinite(limits[row, index]):
                continue
            if inputs["funding_revolving"].values[row]:
                back = np.clip(index - 1 - years[: index + 1], 0, int(inputs["funding_term"].values[row]))
                left = 1.0 - float(inputs["funding_annuity"].values[row]) * back
                items = frame.loan[row, :, : index + 1]
                if index == 0 and len(existing(items)) <= 1:
                    continue  # the bound of the loan says it
                body = linear(np.broadcast_to(left, items.shape).ravel(), items.ravel())
                yield (name, int(year)), None, body, float(limits[row, : index + 1].sum() / frame.scales.fine)
                continue
            items = np.concatenate([frame.grant[row, :, :, index].ravel(), frame.loan[row, :, index]])
            limit = float(limits[row, index] / frame.scales.fine)
            if sum(item.ub for item in existing(items)) > limit * (1.0 + _ROUNDING):
                yield (name, int(year)), None, linear(np.ones(len(items)), items), limit


def loan_use(frame: Frame) -> Iterator[Row]:
    r"""Loans and grants of an actor are at most what it invests that year in what they are for.

    .. math:: \sum_f loan_{f,a,y} + \sum_{f,c} grant_{f,c,a,y} \le \sum_c capex_{c,a,y}\, bought_{c,y}

    Where loans are for different things, one row for each union of these: the loans for nothing outside it are at most what is
    invested in it, grants taken off. By max-flow min-cut, all loans then have a project to pay for.
    """
    inputs, cells = frame.inputs, frame.cells
    if not (frame.loan != None).any():  # noqa: E711  elementwise
        return
    sources, actors = (list(map(str, inputs[name].values)) for name in ("funding", "actor"))
    bought = inputs["bought"].values[cells.shift]
    for actor, name in enumerate(actors):
        capex = inputs["capex"].values[cells.shift, actor]
        for index, year in enumerate(cells.years):
            for rows, union in loan_scopes(inputs, actor, index):
                loans, within = frame.loan[rows, actor, index], np.flatnonzero(union[cells.shift])
                if not existing(loans):
                    continue
                cost = bought[within, : index + 1, index] * capex[within, index : index + 1]
                cost = cost * cells.scale[within, None] / frame.scales.fine
                grants = frame.grant[:, within, actor, index].ravel()
                coefficients = np.concatenate([np.ones(len(loans)), np.ones(len(grants)), -cost.ravel()])
                variables = np.concatenate([loans, grants, frame.new[within, : index + 1].ravel()])
                which = "|".join(sources[row] for row in rows)
                yield (name, which, int(year)), None, linear(coefficients, variables), 0.0


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
        # lending takes from what there is to invest; a revolving pot is set aside outside the budgets (§35)
        lends = np.flatnonzero((inputs["funding_funder"].values == actor) & ~inputs["funding_revolving"].values)
        lent = frame.loan[lends][..., when].ravel()
        coefficients.append(np.full(len(lent), thousandth))
        variables.append(lent)
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
    "granted": granted,
    "pot": pot,
    **EXCLUSIVE_CONSTRAINTS,
    "loan_use": loan_use,
}
"""Named constraints of funding, in order."""
