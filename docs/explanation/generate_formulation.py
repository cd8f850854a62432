"""Write docs/explanation/formulation.md: an introduction, and every constraint from its docstring. Run by `make docs`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kip.optimization.constraints import CONSTRAINTS

PAGE = Path(__file__).with_name("formulation.md")

GOLDEN = Path(__file__).parents[2] / "tests" / "known" / "lp"

HEAD = r"""<!-- Written by docs/explanation/generate_formulation.py, the constraints from kip/optimization/constraints.py.
Do not edit by hand: run `make docs`. -->

# Formulation

kip chooses with a mixed-integer linear programme. It is written once, in Pyomo (`kip.pyomo_model(plan)` returns it), and
every rule in it has a name. What the programme says of a portfolio is what the accounting counts for it; only what scaling
shifts multiply is reached from below, by tangents, until the two agree. What the words mean is in
[conventions](conventions.md), how to add a rule of your own in
[own constraints](../how-to/own-constraints.md).

## Sets

| index | runs over |
|---|---|
| $y$, $u$ | years of the plan; $u$ where something starts |
| $d$ | districts; *all* is the whole municipality |
| $g$ | activities (segments) |
| $s$, $e$, $j$ | shifts and enablers; $e$ where it is an enabler, $j$ where it is something required |
| $c$ | cells: a shift or enabler $s$ in a district $d$ where it can act, $c = (s, d)$ |
| $a$ | budgets, each of one actor |
| $r$ | resources |
| $l$ | ledgers |

## Decisions

| variable | values | meaning |
|---|---|---|
| $start_{c,y}$ | 0 or 1 | a whole shift or an enabler starts in year $y$ |
| $adopt_{c,y}$ (`adopt_units` for choice "units") | 0 or more; whole for choice "units" | units that start in year $y$ |
| $stock_{c,y}$ | 0 … potential | units in use in year $y$, each weighed by its profile; it follows from the decisions |
| $carry_{a,y}$ | 0 or more | money of a budget carried over from year $y$ to the next |
| $used_c$ (`used_at_all`) | 0 or 1 | a shift chosen in parts is used at all; only where an exclusion asks |
| $F_{k,y}$ (`scaled`) | 0 or more | what scaling shifts leave of a class of segments: a share, or activity where shifts also move it |
| $L_{k,y}$ (`log`) | real | logarithm of that share; only where it is cut by tangents |
| $part$, $both$ | 0 or more | what goes through a branch of a chain; whether both of a synergy are in use |
| $lost_p$ | 0 … 1 | what a declared overlap takes in a district, ledger and year, as a share of the most it can |
| $smaller_p$ | 0 or 1 | which of its two reductions is the smaller; only where amounts are chosen |
| $shortfall$ | 0 or more | tonnes above a target, one for each target |
| $least$ | any | smallest gain of a person, one for each fairness rule that is about it |
| $y_g$ (`gain`) | any | gain of a person in a group; only where Gini or Sen ask |
| $d_{g,h}$ (`apart`) | 0 or more | difference between the gains of two groups; only where Gini or Sen ask |

$new_{c,y}$ below is $start_{c,y}$ for what is whole and $adopt_{c,y}$ for the rest. A decision exists only in years in
which the shift may start, and never for what is forbidden. A potential by district, and the part of it that can be won
(uptake), are upper bounds of $stock$ and $adopt$ and need no rows. What is decided is both bounds of its variable, and in closed
years all that is not decided is 0.

Numbers that the plan gives, already for each year: $amount$ of an activity [unit/year]; $moves$, units of the source that
one unit of a shift moves [unit/year]; $ratio$, units of the target for each unit of the source; $rate$, tonnes that one
unit in use removes [t/year], which is $moves \cdot (factor_{source} - ratio \cdot factor_{target})$ or the reduction as
stated, times attribution; $capex$ and $opex$ [currency per unit]; $bought_{c,u,y}$, purchases in year $y$ for one unit that
started in $u$ (1 in its start year, and again at each renewal). $active$ is the stock of an enabler, in the district or for
the whole municipality; $most$ the largest potential of all years; $chosen$ the sum of $start$ over the years, or $used$ for
what is chosen in parts.

## Measures and objective

Every measure (reduction, cost, net benefit, an indicator, …) is linear in the decisions:

$$measure = constant + \sum_c \sum_u p_{c,u}\, new_{c,u} + \sum_c \sum_y q_{c,y}\, stock_{c,y} + h \sum shortfall$$

with coefficients computed from the plan, discounting, renewals and residual value included. Any measure can be the
objective, up or down, and any measure can be limited (`minimum`, `maximum`). Inside, everything is minimised.

**Targets come first.** They hold with a shortfall, so that a plan out of reach gets an answer. When something is minimised,
two solves follow each other: first the least total shortfall, then the objective with the shortfall held there. When
something is maximised, targets are reported and not enforced (§27).

**Impact for each krona.** With `per`, the objective is a ratio $N(x) / D(x)$: a measure by the net present cost of one kind
of actor. It has a meaning only where $D(x) > 0$, so portfolios that give something and cost that krona nothing or less are
looked for first and returned as such (§4). Otherwise, with $D(x) \ge D_{min} > 0$, the least that anything costs:

1. The linear relaxation has a best ratio, and one linear programme finds it: with $t = 1 / D(x)$ and $z = t x$, maximise
   $N(z)$ subject to $D(z) = 1$ and all rows times $t$ (Charnes & Cooper 1962). No portfolio is above it: that is the first
   upper bound, and the first guess $q$.
2. $F(q) = \max_x N(x) - q\, D(x)$ falls in $q$ and is zero at the best ratio (Dinkelbach 1967). Each solve gives a
   portfolio, whose own ratio is the next guess and a lower bound, and the solver's bound on $F(q)$ gives an upper bound:
   $q + F(q) / D_{min}$.
3. It ends when the two bounds meet within the gap asked for.

## What scales: a product, exactly

Scaling shifts multiply: what is left of a segment is $remaining \cdot e^{L}$ with $L = \sum \ln(1 - r)\, start$. Because a whole
shift starts at most once, $L$ is linear in the decisions whatever the ramp. Segments that nothing moves and that the same
decisions scale alike share one $L$ and one $F$ (exact aggregation). Then

- **tangents** (log outer approximation). Emissions are wanted low and $e^L$ is convex, so $F$ on or above a few tangents is a
  relaxation without any further decision. Each solution is counted exactly, and the tangents at its own $L$ are added: the
  exact value of the best portfolio and the largest bound close the gap. It starts with tangents from three rounds on the
  linear relaxation, and a fan of four around it at a spacing of 0.08 (at most $h^2/8$ = 0.08 % below), so that one search is
  often enough; the search inside goes to three quarters of the gap asked for.
- **chain**. Where shifts also move the segment, the product of the decisions and a variable amount is written step by step,
  exact in both directions. The same is used where a question could reward a high value (emissions maximised, a minimum on
  them, an indicator whose good direction is up): the signs in the objective and the limits are looked at when the model is
  built. A model from `kip.pyomo_model` does not know its question, and uses chains throughout. What moving shifts leave is
  added up before it is multiplied: in tonnes when the emission factors have the same proportions on every ledger, else by
  activity; only where a fairness rule looks at districts is each segment written out.

What was tried on Linköping's plan, four scaling shifts on 13 activities in 7 districts that other shifts move, gap 0.1 %: a chain for
each segment took 21 s, and 116 s with a fairness rule beside it; a chain for each class 11 s and 10 s (one run each, on two
loaded cores).

Measured (`python -m tests.benchmarks.scaling`, in [performance](performance.md)): see there for the seconds beside the probability chain.

## Funding: what was tried

A grant is at most a rate times what starts, so no product of decisions appears. Tried on Linköping's plan, nine sources, gap 0.1 %, one
run each on two busy cores; every variant reaches the same portfolios within the gap:

| formulation | seconds |
|---|--:|
| as it is | 11.5 |
| rates by share and cap only, not tightened by intensity, own share, what the applicant pays and the pot | 13.6 |
| rows written also where they cannot bind | 14.5 |
| without the rows in which two exclusive sources share a start (`either`) | 20.5 |
| no funding at all: the same plan with own money only | 47 to 91 |

One run is luck as much as formulation: two seconds say little, nine say something. Grants are not added up over actors, as shares and
intensities differ between them; and no start from the solution without funding is given, as that plan takes longer than this one.

## Scales

A solver forgives 1e-6 in every row and drops coefficients below 1e-9, so the numbers must be near 1. Money is written in
millions and tonnes in thousands, or in smaller steps where the largest sum of the plan is smaller; amounts of a shift
chosen in shares in the power of ten below its potential (`model.scale`); conservation and resources in the power of ten
below their largest coefficient. None of it shows in a result.

## Two roads, and the count

A solution is reduced to one thing, the units that start by shift, district and year, whole numbers rounded.
`kip.accounting` counts everything again from that, in the plan's own units and without the solver. Then

- the two totals of the objective must agree to 1e-6, or it is an error and not a result (§32);
- no rule of the plan may be broken by the count: budgets to half a unit of money, other limits to 1e-6 (§12). A portfolio a
  krona over its budget, which the solver accepts, is thrown away: the rows of that budget are written in whole units and
  the plan is solved again;
- the bound is the solver's, the objective the accounting's, and the gap is between them (§33).

## Constraints

Each has its name in the Pyomo model. The golden files below it are models of two rows as Pyomo writes them, and a test
compares them with the code.
"""


def page() -> str:
    """The whole page."""
    return _names_as_words(HEAD) + "".join(_section(name, rows) for name, rows in CONSTRAINTS.items())


def _section(name: str, rows: Callable[..., Any]) -> str:
    text = inspect.getdoc(rows)
    if not text:
        raise SystemExit(f"{rows.__name__} has no docstring. Write its mathematics there.")
    files = sorted(path.name for path in GOLDEN.glob("*.lp") if path.stem.partition("-")[0] == name)
    links = ", ".join(f"[`{file}`](../../tests/known/lp/{file})" for file in files)
    return f"\n### {name}\n\n{markdown(text)}\n\nGolden: {links}.\n"


def markdown(text: str) -> str:
    """A docstring as Markdown with mathematics between dollar signs."""
    text = re.sub(r"\.\. math:: ((?:.+\n?)(?:[ \t]+.+\n?)*)", _block, text)
    text = re.sub(r":math:`([^`]+)`", lambda found: f"${_upright(found[1])}$", text)
    return text.replace("``", "`").strip()


def _block(found: re.Match[str]) -> str:
    return f"$${_upright(' '.join(found[1].split()))}$$\n"


def _upright(formula: str) -> str:
    """Names of several letters as words, not as products of letters; and no backslash that Markdown would take for its own."""
    formula = formula.replace(r"\,", r"\thinspace")
    return re.sub(r"(?<![\\A-Za-z])([A-Za-z]{2,})(?![A-Za-z])", r"\\mathit{\1}", formula)


def _names_as_words(text: str) -> str:
    """The same for the formulas of the introduction."""
    text = re.sub(r"\$\$(.+?)\$\$", lambda found: f"$${_upright(found[1])}$$", text)
    return re.sub(r"(?<!\$)\$([^$\n]+)\$(?!\$)", lambda found: f"${_upright(found[1])}$", text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name} written: {len(CONSTRAINTS)} constraints.")
