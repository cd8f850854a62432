"""Hypothesis strategies: small, consistent plans.

`plans()` gives plans with sober names and numbers, for properties of the accounting and the optimisation. `plans(odd=True)` gives
the same plans with texts and numbers that files find hard: unicode, quotation marks, numbers as names, floats with every digit.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import kip
from kip.model.paths import exists, numbers

__all__ = ["names", "plans", "texts"]

_HARD = [
    *["2030", "007", "1e5", "-1", ".inf", "true", "null", "~", "=1+1", "+46 13", "-x", "@home", "'quoted'", "#1", "# note", "a, b", "a: b"],
    *[
        "{x}",
        "[y]",
        "{}",
        "&a",
        "*a",
        "!t",
        "|",
        ">",
        "%",
        "kän, på Öland",
        "电动车",
        "🚲",
        "_x000D_",
        "a:b",
        "2026-01-01",
        "1_000",
        "no",
        "<<",
    ],
]
_HARD_TEXTS = [
    *["", " ", " both ", "two\nlines", "two\r\nlines\n", "\ttab", '"quoted"', 'a "b" c', '"', "a; b", "a.b", "line\n# no comment", "\x85"],
    *["x\u2028y", "\ufeffbom", "it's\n\n  indented\n", "https://example.org/?a=1#b", "\x01", "end\n\n", "a  b " * 30, "word " * 60],
    *["a\\nb", '""', "'", "\u00a0"],
]
_MEASURES = {"reduction", "investment", "operation", "cost", "shortfall", "emissions", "adopted"}
_FORBIDDEN = set('.;\n\r\t"')


def names(odd: bool = False, keys: bool = False) -> st.SearchStrategy[str]:
    """Short names of nouns; `keys` for those that stand in tables such as {actor: cost}, where a year would be read as one."""
    if keys:
        return names(odd).filter(lambda name: not name.lstrip("-").isdigit() and name not in _MEASURES)
    if not odd:
        return st.sampled_from(["ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta"])
    free = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters='.;\n\r\t"'), min_size=1, max_size=6)
    return st.one_of(st.sampled_from(_HARD), free).filter(
        lambda name: bool(name) and name == name.strip() and not _FORBIDDEN & set(name) and name != "all"
    )


def texts(odd: bool = False) -> st.SearchStrategy[str]:
    """Titles, descriptions, notes."""
    if not odd:
        return st.sampled_from(["", "A title", "Elbussar på linje 1"])
    return st.one_of(st.sampled_from(_HARD + _HARD_TEXTS), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))


def _values(low: float, high: float, odd: bool) -> st.SearchStrategy[float]:
    if odd:
        return st.floats(low, high, allow_nan=False, allow_infinity=False)
    return (
        st.integers(int(low), int(high)).map(float)
        if high > 10
        else st.integers(int(low * 20), int(high * 20)).map(lambda twentieth: twentieth / 20)
    )


def _paths(values: st.SearchStrategy[float], years: list[int]) -> st.SearchStrategy[Any]:
    """A number, or numbers by year."""
    return st.one_of(values, st.dictionaries(st.sampled_from(years), values, min_size=1, max_size=len(years)))


def _by(keys: list[str], values: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    if not keys:
        return st.just({})
    return st.dictionaries(st.sampled_from(keys), values, min_size=least, max_size=len(keys))


class _World:
    """What the nouns of one plan refer to."""

    def __init__(self, draw: st.DrawFn, odd: bool, years: int) -> None:
        self.draw = draw
        self.odd = odd
        self.years = list(range(2026, 2026 + draw(st.integers(1, years))))
        self.actors = draw(st.lists(names(odd, keys=True), min_size=1, max_size=3, unique=True))
        self.districts = draw(st.lists(names(odd, keys=True), max_size=3, unique=True))
        self.indicators = draw(st.lists(names(odd, keys=True), max_size=2, unique=True))
        self.resources = draw(st.lists(names(odd, keys=True), max_size=1))
        self.ledgers = draw(st.lists(names(odd, keys=True), min_size=1, max_size=2, unique=True))

    def money(self, low: float = 1e3) -> st.SearchStrategy[float]:
        return _values(low, 1e7, self.odd)

    def shares(self) -> st.SearchStrategy[float]:
        return _values(0, 1, self.odd)

    def activities(self) -> list[dict[str, Any]]:
        kinds = self.draw(st.sampled_from([[], ["petrol", "electric"], ["petrol", "electric", "bicycle"]]))
        places = self.districts or ["all"]
        found = []
        for name in kinds:
            amount = {place: self.draw(_paths(_values(0, 1e6, self.odd), self.years)) for place in places} if name == "petrol" else 0.0
            fields: dict[str, Any] = {"name": name, "title": self.draw(texts(self.odd)), "amount": amount}
            if name == "petrol":
                fields |= {
                    "factor": self.draw(
                        st.one_of(_values(0, 0.01, self.odd), _by(self.ledgers, _paths(_values(0, 0.01, self.odd), self.years)))
                    ),
                    "trend": self.draw(_paths(self.shares(), self.years)),
                    "policies": self.draw(_by(["quota"], _paths(self.shares(), self.years))),
                    "actor": self.draw(st.sampled_from(self.actors)),
                    "inside": self.draw(st.booleans()),
                    "indicators": self.draw(_by(self.indicators, _values(-5, 5, self.odd))),
                }
            found.append(fields)
        return found

    def measure(self, name: str, above: list[str]) -> dict[str, Any]:
        draw = self.draw
        fields: dict[str, Any] = {
            "name": name,
            "title": draw(texts(self.odd)),
            "cost": draw(st.one_of(self.money(), _by(self.actors, self.money()))),
            "opex": draw(st.one_of(st.just({}), _by(self.actors, _values(-1e5, 1e5, False)))),
            "lead": draw(st.integers(0, 1)),
            "lifetime": draw(st.one_of(st.none(), st.integers(1, 5))),
            "payer": draw(st.one_of(st.none(), st.sampled_from(self.actors))),
            "cobenefits": draw(_by(self.indicators, _paths(_values(-50, 50, self.odd), self.years))),
            "uses": draw(_by(self.resources, _values(0, 50, self.odd))),
            "cost_trend": draw(_paths(_values(0.5, 1, self.odd), self.years)),
            "reference_cost": draw(st.one_of(st.just({}), self.money(), _by(self.actors, self.money()))),
            "reference_opex": draw(_by(self.actors, _values(-1e5, 1e5, False))),
        }
        if above:
            fields["requires"] = draw(st.lists(st.sampled_from(above), max_size=1))
            if not fields["requires"]:
                fields["excludes"] = draw(st.lists(st.sampled_from(above), max_size=1))
        if self.districts:
            fields["districts"] = draw(st.lists(st.sampled_from(self.districts), max_size=2, unique=True))
        return fields

    def shift(self, name: str, above: list[str], activities: list[str]) -> dict[str, Any]:
        draw = self.draw
        fields = self.measure(name, above) | {"choice": draw(st.sampled_from(["whole", "units", "share"])), "unit": ""}
        if activities and draw(st.booleans()):
            fields |= {
                "source": "petrol",
                "target": draw(st.one_of(st.none(), st.sampled_from([item for item in activities if item != "petrol"]))),
                "use": draw(_values(1000, 15000, self.odd)),
            }
        else:
            fields["reduction"] = draw(
                st.one_of(_paths(_values(0, 500, self.odd), self.years), _by(self.ledgers, _values(0, 500, self.odd)))
            )
            if fields["reduction"] != {}:
                fields["counts_as"] = draw(st.sampled_from(["reduction", "reduction", "complementary"]))
        if fields["choice"] != "whole":
            fields["potential"] = draw(
                st.one_of(_values(0, 20, self.odd), _by(self.districts, _paths(_values(0, 20, self.odd), self.years)))
            )
            fields["ramp"] = draw(st.one_of(st.none(), _paths(_values(0, 10, self.odd), self.years)))
            fields["uptake"] = draw(self.shares())
        elif "source" in fields:
            amounts = _values(0, 20, self.odd)
            fields["potential"] = {place: draw(amounts) for place in self.districts} if self.districts else draw(amounts)
        return fields

    def targets(self) -> list[dict[str, Any]]:
        draw = self.draw
        goal = {"name": "goal", "year": self.years[-1], "cut": draw(self.shares())}
        net = {"name": "net", "year": self.years[0], "value": draw(_values(0, 500, self.odd)), "kind": "net"}
        net |= {"complementary_share": draw(self.shares()), "base_year": 2000, "base_value": 500.0, "source": draw(texts(self.odd))}
        return draw(st.sampled_from([[], [goal], [goal, net]]))

    def value_sets(self) -> list[dict[str, Any]]:
        draw = self.draw
        found = []
        for name in draw(st.lists(names(self.odd, keys=True), max_size=1)):
            keys = draw(st.lists(names(self.odd, keys=True), max_size=2, unique=True))
            found.append(
                {
                    "name": name,
                    "source": draw(texts(self.odd)),
                    "price_year": 2017,
                    "currency": "NOK",
                    "values": {key: draw(_paths(_values(0, 50, self.odd), self.years)) for key in keys},
                    "units": {key: draw(st.sampled_from(["NOK/kg", "NOK", "kNOK/person"])) for key in keys},
                    "covers": draw(_by(keys, texts(self.odd))),
                }
            )
        return found

    def budgets(self) -> list[dict[str, Any]]:
        draw = self.draw
        found = []
        for actor in draw(st.lists(st.sampled_from(self.actors), max_size=2, unique=True)):
            for kind in draw(st.sampled_from([["all"], ["investment"], ["investment", "operation"]])):
                amount = draw(_paths(self.money(), self.years))
                found.append(
                    {"actor": actor, "kind": kind, "amount": amount, "carry_over": draw(st.booleans()), "savings": draw(st.booleans())}
                )
        return found


@st.composite
def plans(draw: st.DrawFn, odd: bool = False, shifts: int = 4, years: int = 3) -> kip.Plan:
    """Consistent small plans: stated and moving shifts, whole, in units or in shares, several places, actors and years."""
    world = _World(draw, odd, years)
    activities = world.activities()
    labels = draw(st.lists(names(odd), min_size=1, max_size=shifts + 1, unique=True))
    enabler = labels.pop() if len(labels) > 1 and draw(st.booleans()) else None
    made: list[dict[str, Any]] = []
    for label in labels:
        above = [item["name"] for item in made if item["choice"] == "whole"] + ([enabler] if enabler else [])
        made.append(world.shift(label, above, [item["name"] for item in activities]))
    enablers = [world.measure(enabler, []) | {"opens": draw(_by(labels, world.shares()))}] if enabler else []
    data: dict[str, Any] = {
        "name": draw(names(odd)),
        "title": draw(texts(odd)),
        "description": draw(texts(odd)),
        "version": draw(texts(odd)),
        "currency": draw(st.sampled_from(["SEK", "EUR"])),
        "price_index": draw(st.sampled_from([{}, {2017: 322.1, 2026: 421.0}])),
        "years": world.years,
        "start_years": draw(st.sampled_from([[], world.years[:1]])),
        "discount_rate": draw(_values(0, 0.1, odd)),
        "districts": [
            {"name": name, "population": draw(st.one_of(st.none(), _values(0, 1e5, odd))), "attributes": draw(_attributes(odd))}
            for name in world.districts
        ],
        "actors": [
            {"name": name, "kind": draw(st.sampled_from(["municipal", "private"])), "count": draw(st.sampled_from([None, 25]))}
            for name in world.actors
        ],
        "activities": activities,
        "shifts": made,
        "enablers": enablers,
        "budgets": world.budgets(),
        "resources": [{"name": name, "supply": draw(_paths(_values(0, 500, odd), world.years))} for name in world.resources],
        "value_sets": world.value_sets(),
        "indicators": [
            {"name": name, "unit": draw(st.sampled_from(["1", "km"])), "value": draw(st.one_of(st.none(), _values(0, 5, odd)))}
            for name in world.indicators
        ],
        "ledgers": [
            {
                "name": name,
                "base_year": 1990,
                "base_value": 1e4,
                "source": "invented",
                "other": draw(_by(["industry"], _values(0, 500, odd))),
            }
            for name in world.ledgers
        ],
        "targets": world.targets(),
    }
    if odd:
        data |= draw(_people(world, [item["name"] for item in (*made, *enablers)]))
    plan = kip.Plan(**data)
    if not odd:
        return plan
    return kip.Plan(**data, passports=draw(_passports(plan)), scenarios=draw(_scenarios(plan)))


@st.composite
def _people(draw: st.DrawFn, world: _World, started: list[str]) -> dict[str, Any]:
    """Groups, fairness rules about them, and consequences in words."""
    taken = {*world.districts, "no group"}
    labels = draw(st.lists(names(True, keys=True).filter(lambda name: name not in taken), max_size=2, unique=True))
    groups = [{"name": name, "title": draw(texts(True)), "members": draw(_by(world.districts, world.shares()))} for name in labels]
    counted = [group["name"] for group in groups if group["members"]]
    rules = []
    for name in draw(st.lists(names(True), max_size=2, unique=True)) if world.districts else []:
        rule: dict[str, Any] = {"name": name, "measure": draw(st.sampled_from(["reduction", "cost", *world.indicators]))}
        if draw(st.booleans()):
            rule |= {"kind": "share", "amount": draw(world.shares()), "groups": counted, "districts": world.districts[:1]}
        else:
            rule |= {"per_person": False, "amount": draw(st.one_of(st.none(), _values(-100, 100, True)))}
        rules.append(rule)
    words = [
        {
            "group": group,
            "shift": shift,
            "sign": draw(st.sampled_from("+0-")),
            "severity": draw(st.integers(1, 3)),
            "words": draw(texts(True)),
        }
        for group in labels
        for shift in draw(st.lists(st.sampled_from(started), max_size=2, unique=True))
    ]
    return {"groups": groups, "fairness": rules, "consequences": words}


def _attributes(odd: bool) -> st.SearchStrategy[dict[str, Any]]:
    if not odd:
        return st.just({})
    return st.dictionaries(texts(True), st.one_of(st.floats(allow_nan=False), texts(True)), max_size=2)


@st.composite
def _passports(draw: st.DrawFn, plan: kip.Plan) -> dict[str, Any]:
    paths = [path for path, _ in numbers(plan) if exists(plan, path) is None]
    chosen = draw(st.lists(st.sampled_from(paths), max_size=3, unique=True))
    ranges = st.sampled_from([{}, {"low": 0.1, "high": 7.0}])
    return {
        path: {"source": draw(texts(True)), "quality": draw(st.sampled_from("ABC")), "note": draw(texts(True)), **draw(ranges)}
        for path in chosen
    }


@st.composite
def _scenarios(draw: st.DrawFn, plan: kip.Plan) -> list[dict[str, Any]]:
    values = st.one_of(
        st.floats(allow_nan=False, allow_infinity=False),
        texts(True),
        st.none(),
        st.booleans(),
        st.dictionaries(st.integers(2026, 2030), st.floats(0, 1), max_size=2),
        st.lists(texts(True), max_size=2),
    )
    changes = st.dictionaries(st.sampled_from(["discount_rate", "title", f"shifts.{plan.shifts[0].name}.lifetime"]), values, max_size=2)
    return [
        {"name": name, "title": draw(texts(True)), "changes": draw(changes)}
        for name in draw(st.lists(names(True), max_size=2, unique=True))
    ]
