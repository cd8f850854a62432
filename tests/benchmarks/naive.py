"""The same formulation as one would write it in Pyomo at first: sums by generators, a rule for each row.

Only for comparison. The numbers come from the same inputs, the answers must agree.
"""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
import xarray as xr

__all__ = ["naive_model"]


def naive_model(inputs: xr.Dataset) -> pyo.ConcreteModel:
    """The plan's model, for the constraints that generated plans and the Linköping plan have; money in M, tonnes in k."""
    effect, bought, capex, opex = (inputs[name].values for name in ("effect", "bought", "capex", "opex"))
    potential, moves, ratio = inputs["potential"].values, inputs["moves"].values, inputs["ratio"].values
    rate = inputs["reduction_rate"].values
    source, target = inputs["source"].values, inputs["target_activity"].values
    choice, may = inputs["choice"].values, inputs["may_start"].values
    years = range(inputs.sizes["year"])
    cells = [(int(s), int(d)) for s, d in np.argwhere(inputs["located"].values)]
    scale = {(s, d): 10.0 ** np.floor(np.log10(max(potential[s, d].max(), 1e-9))) if choice[s] == "share" else 1.0 for s, d in cells}
    everywhere = inputs.sizes["district"] - 1
    model = pyo.ConcreteModel()
    starts = [(s, d, u) for s, d in cells for u in years if may[s, u]]
    model.new = pyo.Var(
        starts, domain=lambda m, s, d, u: _domain(choice[s]), bounds=lambda m, s, d, u: (0, potential[s, d].max() / scale[s, d])
    )
    model.stock = pyo.Var(
        [(s, d, y) for s, d in cells for y in years],
        domain=pyo.NonNegativeReals,
        bounds=lambda m, s, d, y: (0, potential[s, d, y] / scale[s, d]),
    )
    known = set(starts)
    model.balance = pyo.Constraint(
        cells, years, rule=lambda m, s, d, y: m.stock[s, d, y] == sum(effect[s, u, y] * m.new[s, d, u] for u in years if (s, d, u) in known)
    )
    whole = [(s, d) for s, d in cells if choice[s] == "whole"]
    model.one = pyo.Constraint(whole, rule=lambda m, s, d: sum(m.new[s, d, u] for u in years if (s, d, u) in known) <= 1)
    pairs = sorted({(int(source[s]), d) for s, d in cells if source[s] >= 0})

    def conservation(m: pyo.ConcreteModel, g: int, d: int, y: int) -> object:
        out = sum(moves[s, d, y] * scale[s, d] * m.stock[s, d, y] for s, e in cells if e == d and source[s] == g)
        into = sum(ratio[s] * moves[s, d, y] * scale[s, d] * m.stock[s, d, y] for s, e in cells if e == d and target[s] == g)
        return out / 1e6 <= inputs_amount[g, d, y] / 1e6 + into / 1e6

    inputs_amount = inputs["amount"].values
    model.conservation = pyo.Constraint(pairs, years, rule=conservation)
    links = list(zip(*(inputs[f"opening_{part}"].values for part in ("by", "of", "share")), strict=True))
    opened = inputs["open"].values
    shut = [(s, d) for s, d in cells if opened[s] < 1]
    active = set(cells)
    model.unlocked = pyo.Constraint(
        shut,
        years,
        rule=lambda m, s, d, y: (
            m.stock[s, d, y]
            <= potential[s, d, y]
            / scale[s, d]
            * (
                opened[s]
                + sum(share * m.stock[by, e, y] for by, of, share in links if of == s for e in {d, everywhere} if (by, e) in active)
            )
        ),
    )
    ramp, total = inputs["ramp"].values, inputs["potential_total"].values
    fast = [s for s in range(inputs.sizes["shift"]) if np.isfinite(ramp[s]).all()]
    model.ramp = pyo.Constraint(
        fast,
        years,
        rule=lambda m, s, y: _row(sum(scale[t, d] * m.new[t, d, y] for t, d in cells if t == s and (t, d, y) in known), ramp[s, y]),
    )
    shared = [s for s in range(inputs.sizes["shift"]) if np.isfinite(total[s]).all()]
    model.total = pyo.Constraint(
        shared, years, rule=lambda m, s, y: _row(sum(scale[t, d] * m.stock[t, d, y] for t, d in cells if t == s), total[s, y])
    )
    _relations(model, inputs, cells, known, everywhere, scale, potential, choice)
    _money(model, inputs, cells, known, (bought, capex, opex, scale))
    _targets(model, inputs, cells, rate, scale)
    main = list(inputs["ledger"].values).index(inputs.attrs["main_ledger"])
    model.objective = pyo.Objective(
        expr=sum(rate[s, d, main, y] * scale[s, d] / 1e3 * model.stock[s, d, y] for s, d in cells for y in years), sense=pyo.maximize
    )
    return model


def _domain(choice: str) -> object:
    return {"whole": pyo.Binary, "units": pyo.NonNegativeIntegers, "share": pyo.NonNegativeReals}[choice]


def _row(total: object, limit: float) -> object:
    return pyo.Constraint.Skip if isinstance(total, int) else total / max(1.0, limit) <= limit / max(1.0, limit)


def _relations(model, inputs, cells, known, everywhere, scale, potential, choice):
    years = range(inputs.sizes["year"])
    kinds, subject, other = (inputs[f"relation_{part}"].values for part in ("kind", "from", "to"))
    after = [(int(a), int(b)) for kind, a, b in zip(kinds, subject, other, strict=True) if kind == "requires"]
    rows = [(a, b, d) for a, b in after for s, d in cells if s == a]

    def requires(m: pyo.ConcreteModel, a: int, b: int, d: int, y: int) -> object:
        begun = sum(
            m.new[b, e, u]
            for t, e in cells
            if t == b and (e in {d, everywhere} or d == everywhere)
            for u in range(y + 1)
            if (b, e, u) in known
        )
        if choice[a] == "whole":
            return sum(m.new[a, d, u] for u in range(y + 1) if (a, d, u) in known) <= begun
        return m.new[a, d, y] <= potential[a, d].max() / scale[a, d] * begun if (a, d, y) in known else pyo.Constraint.Skip

    if rows:
        model.requires = pyo.Constraint(rows, years, rule=requires)


def _money(model, inputs, cells, known, numbers):
    bought, capex, opex, scale = numbers
    years, budgets = range(inputs.sizes["year"]), range(inputs.sizes["budget"])
    amount, actor, total = inputs["budget_amount"].values, inputs["budget_actor"].values, inputs["budget_total"].values
    kind, carry = inputs["budget_kind"].values, inputs["budget_carry"].values
    model.carry = pyo.Var(budgets, years, domain=pyo.NonNegativeReals)

    def spent(m: pyo.ConcreteModel, b: int, y: int) -> object:
        invest = sum(
            bought[s, u, y] * capex[s, actor[b], y] * scale[s, d] / 1e6 * m.new[s, d, u]
            for s, d in cells
            for u in range(y + 1)
            if (s, d, u) in known
        )
        run = sum(max(0.0, opex[s, actor[b], y]) * scale[s, d] / 1e6 * m.stock[s, d, y] for s, d in cells)
        return (invest if kind[b] != "operation" else 0) + (run if kind[b] != "investment" else 0)

    def yearly(m: pyo.ConcreteModel, b: int, y: int) -> object:
        if total[b]:
            return pyo.Constraint.Skip if y else sum(spent(m, b, z) for z in years) <= amount[b].sum() / 1e6
        before = m.carry[b, y - 1] if y and carry[b] else 0
        return spent(m, b, y) + (m.carry[b, y] if carry[b] else 0) <= amount[b, y] / 1e6 + before

    model.budget = pyo.Constraint(budgets, years, rule=yearly)


def _targets(model, inputs, cells, rate, scale):
    ledgers, years = list(inputs["ledger"].values), list(inputs["year"].values)
    rows = range(inputs.sizes["target"])
    model.shortfall = pyo.Var(rows, domain=pyo.NonNegativeReals)

    def reached(m: pyo.ConcreteModel, row: int) -> object:
        ledger, year = ledgers.index(inputs["target_ledger"].values[row]), years.index(inputs["target_year"].values[row])
        cut = sum(rate[s, d, ledger, year] * scale[s, d] / 1e3 * m.stock[s, d, year] for s, d in cells)
        return inputs["baseline"].values[ledger, year] / 1e3 - cut <= inputs["target_value"].values[row] / 1e3 + m.shortfall[row]

    model.target = pyo.Constraint(rows, rule=reached)
