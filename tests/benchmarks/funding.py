"""What funding costs in time: the Linköping plan with all sources of funding, and the same plan without, in one process.

Run from the project's root: ``python -m tests.benchmarks.funding``. Both are solved to the same gap with the same seeds, the
two taking turns; the table is printed as Markdown. The median of the seeds decides, as one run of a search tree is luck.
With ``--worth``: what each purse and each source buys, the table of docs/explanation/linkoping-transport.md.
"""

from __future__ import annotations

import argparse
import statistics

import kip

GAP, SECONDS, LIMIT = 1e-3, 120.0, 3.0
KINDS = ("without funding", "with all sources")
STATE = ("klimatklivet", "klimatpremie", "stadsmiljoavtal")
OUTSIDE = ("elena", "eruf", "kommuninvest", "life")
LOCAL = ("klimatfonden", "testbaddscheck")


def without_funding(plan: kip.Plan) -> kip.Plan:
    """The same plan with no source of funding, and no passports of them."""
    fields = {name: getattr(plan, name) for name in type(plan).model_fields}
    fields["passports"] = {path: passport for path, passport in plan.passports.items() if not path.startswith("funding.")}
    return kip.Plan(**{**fields, "funding": ()})


def _given(best: kip.Portfolio, source: str) -> float:
    """Grants and loans of a source over the horizon [MSEK]."""
    data = best.dataset
    return (float(data["grant"].sel(funding=source).sum()) + float(data["loan"].sel(funding=source).sum())) / 1e6


def worth() -> None:
    """Print the best plan of each purse, and what is lost without each source."""
    plan = kip.example("linkoping-transport")
    purses = {
        "no funding at all": (*STATE, *OUTSIDE, *LOCAL),
        "municipal money alone": (*STATE, *OUTSIDE),
        "and the state's grants": OUTSIDE,
        "everything": (),
    }
    heads = ("reduction [t]", "gap", "in 2030 [t/year]", "in 2045 [t/year]", "grants and loans [MSEK]", "investment [MSEK]")
    print(f"| money | {' | '.join(heads)} | learning [person-years] |")
    print("|--|--:|--:|--:|--:|--:|--:|--:|")
    for name, closed in purses.items():
        best = kip.optimize(plan, gap=GAP, time_limit=SECONDS, forbid=closed)
        money = sum(_given(best, source.name) for source in plan.funding)
        years = (best.measure("reduction_2030"), best.measure("reduction_2045"))
        tail = f"{money:,.1f} | {best.measure('investment') / 1e6:,.0f} | {best.measure('learning'):,.0f}"
        print(f"| {name} | {best.objective:,.0f} | {best.gap:.2%} | {years[0]:,.0f} | {years[1]:,.0f} | {tail} |", flush=True)
    print("\n| source | gives [MSEK] | without it: reduction [t] | gap | lost [t] |\n|--|--:|--:|--:|--:|")
    for source in (*STATE, *OUTSIDE, *LOCAL):
        less = kip.optimize(plan, gap=GAP, time_limit=SECONDS, forbid=[source])
        lost = best.objective - less.objective
        print(f"| {source} | {_given(best, source):,.1f} | {less.objective:,.0f} | {less.gap:.2%} | {lost:,.0f} |", flush=True)


def main() -> None:
    """Print seconds, gap and tonnes for each seed, and the ratio of the medians; leave with 1 when it is above three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--worth", action="store_true")
    given = parser.parse_args()
    if given.worth:
        worth()
        return
    funded = kip.example("linkoping-transport")
    plans = dict(zip(KINDS, (without_funding(funded), funded), strict=True))
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    kip.optimize(kip.Plan(name="warm", years=[2026], shifts=[{"name": "a", "cost": 1.0, "reduction": 1.0}]))
    print("| seed | plan | seconds | of which HiGHS | gap | reduction [t] |")
    print("|--:|--|--:|--:|--:|--:|")
    for seed in range(given.seeds):
        for kind in KINDS:
            best = kip.optimize(plans[kind], gap=GAP, time_limit=SECONDS, seed=seed)
            took = best.seconds
            seconds[kind].append(took["total"])
            print(f"| {seed} | {kind} | {took['total']:.1f} | {took['solve']:.1f} | {best.gap:.2%} | {best.objective:,.0f} |", flush=True)
    median = {kind: statistics.median(seconds[kind]) for kind in KINDS}
    ratio = median[KINDS[1]] / median[KINDS[0]]
    print(
        f"\nMedians {median[KINDS[0]]:.1f} s and {median[KINDS[1]]:.1f} s: **{ratio:.2f} times** the seconds (goal: at most {LIMIT:.0f})."
    )
    raise SystemExit(0 if ratio <= LIMIT else 1)


if __name__ == "__main__":
    main()
