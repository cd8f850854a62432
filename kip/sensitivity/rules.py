"""Rules: one readable sentence for each shift: it is chosen when …, with how far the sentence can be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from kip.errors import RequestError
from kip.sensitivity.asked import Asked, asked_of
from kip.sensitivity.conditions import Condition, Flags, all_of, said
from kip.sensitivity.trees import leaves, needed
from kip.views.labels import Language
from kip.views.sheet import Section, Sheet
from kip.views.shown import Shown, records

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Rule", "Rules", "rules_of"]

_PRESENT = 1e-3
"""Share of the most that a shift is in any scenario, above which it is chosen."""
_DEPTHS = (1, 2, 3)
_FOLDS = 5
_PRICE = 0.01
"""Accuracy that one more condition must bring [1]."""
_FEWEST = 10
_SKILL = 0.2
"""Share of the errors of a plain guess that a rule must avoid in scenarios it has not seen."""


@dataclass(frozen=True)
class Rule:
    """When a shift is chosen, as one sentence.

    Attributes
    ----------
    shift, title : str
    conditions : tuple of Condition
        Empty when there is no rule: always, never, or nothing simple tells.
    unless : bool
        Whether it is chosen when the conditions do *not* all hold.
    scenarios, chosen : int
        Scenarios with an answer; those in which it is chosen.
    holds : int
        Scenarios in which the rule says that it is chosen.
    accuracy : float
        Share of the scenarios in which the rule is right [1].
    tested : float
        The same in scenarios that the rule was not made from, by five-fold cross-validation [1].
    coverage : float
        Share of the scenarios with the shift that the rule says so of [1].
    density : float
        Share of the scenarios in which the rule says so that have the shift [1].
    """

    shift: str
    title: str
    conditions: tuple[Condition, ...]
    unless: bool
    scenarios: int
    chosen: int
    holds: int
    accuracy: float
    tested: float
    coverage: float
    density: float

    @property
    def kind(self) -> str:
        """``always``, ``never``, ``rule`` or ``unclear``."""
        if self.chosen in {0, self.scenarios}:
            return "never" if self.chosen == 0 else "always"
        return "rule" if self.conditions else "unclear"

    def text(self, language: str = "en") -> str:
        """The rule alone, in words; empty when there is none."""
        say = Language(language)
        if self.kind != "rule":
            return ""
        return say("rule unless" if self.unless else "rule when", rule=said(self.conditions, say))

    def sentence(self, language: str = "en") -> str:
        """When the shift is chosen, in how many scenarios, and how often that is right."""
        say = Language(language)
        parts = {"title": self.title, "chosen": say.number(self.chosen), "scenarios": say.number(self.scenarios)}
        if self.kind != "rule":
            return say(f"rule {self.kind}", **parts)
        shares = {name: say.percent(round(getattr(self, name), 2)) for name in ("tested", "coverage", "density")}
        return say("rule sentence", rule=self.text(language), holds=say.number(self.holds), **parts, **shares)


@dataclass(frozen=True, repr=False)
class Rules(Shown):
    """A rule for each shift.

    Attributes
    ----------
    rules : dict of str to Rule
        By shift, in the order given.
    dropped : int
        Scenarios without an answer.
    """

    rules: dict[str, Rule]
    dropped: int

    def __getitem__(self, shift: str) -> Rule:
        if shift not in self.rules:
            from kip.errors import unknown_name

            raise RequestError(unknown_name("shift", shift, list(self.rules)))
        return self.rules[shift]

    def table(self) -> pd.DataFrame:
        """One row for each shift, the one that is chosen most often first.

        Columns: title; kind (always, never, rule, unclear); chosen: in what share of the scenarios [1]; rule; scenarios in which the rule
        says that it is chosen; accuracy, tested, coverage, density [1], NaN where there is no rule.
        """
        rows = []
        for rule in self.rules.values():
            share = rule.chosen / rule.scenarios if rule.scenarios else float("nan")
            numbers = [rule.accuracy, rule.tested, rule.coverage, rule.density]
            rows.append([rule.title, rule.kind, share, rule.text(), rule.holds, *numbers])
        columns = ["title", "kind", "chosen [1]", "rule", "holds", "accuracy [1]", "tested [1]", "coverage [1]", "density [1]"]
        table = pd.DataFrame(rows, columns=columns, index=pd.Index(list(self.rules), name="shift"))
        return table.sort_values("chosen [1]", ascending=False, kind="stable")

    def sentences(self, language: str = "en") -> tuple[str, ...]:
        """A sentence for each shift that depends; those that are always or never chosen together."""
        say = Language(language)
        ordered = [self.rules[str(name)] for name in self.table().index]
        lines = []
        for kind in ("always", "never"):
            titles = [rule.title for rule in ordered if rule.kind == kind]
            if titles:
                lines.append(say(f"rules {kind}", count=len(titles), names=", ".join(titles)))
        lines += [rule.sentence(language) for rule in ordered if rule.kind in {"rule", "unclear"}]
        if self.dropped:
            lines.append(say("discovery dropped", dropped=say.number(self.dropped)))
        return tuple(lines)

    def sheet(self, language: str = "en") -> Sheet:
        """The rules as a sheet, to show."""
        say = Language(language)
        table = self.table()
        texts = [self.rules[str(name)].text(language) or say(f"rule word {self.rules[str(name)].kind}") for name in table.index]
        shown = pd.DataFrame(
            {
                say("shift"): table["title"].tolist(),
                say("rules column chosen"): [say.percent(round(share, 2)) for share in table["chosen [1]"]],
                say("rules column rule"): texts,
                say("rules column tested"): ["" if np.isnan(one) else say.percent(round(one, 2)) for one in table["tested [1]"]],
            }
        )
        lines = self.sentences(language)
        return Sheet(say("rules title"), "", (Section(say("rules section"), lines, shown, (say("rules note"),)),), say.code)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; NaN becomes None."""
        return {"dropped": self.dropped, "shifts": records(self.table().reset_index())}

    def plot(self, ax: Axes | None = None, language: str = "en") -> Axes:
        """In what share of the scenarios each shift is chosen, with its rule; see `kip.views.plots_discovery.rules_chart`."""
        from kip.views.plots_discovery import rules_chart

        say = Language(language)
        table = self.table()
        texts = [self.rules[str(name)].text(language) for name in table.index]
        count = max((rule.scenarios for rule in self.rules.values()), default=0)
        return rules_chart(table.assign(text=texts), say("sensitivity used", used=say.number(count)), ax, language)


def rules_of(
    values: ArrayLike,
    names: Sequence[str],
    levels: ArrayLike,
    shifts: Sequence[str] | Mapping[str, str],
    design: Mapping[str, Any] | None = None,
) -> Rules:
    """One readable rule for each shift: it is chosen when, or unless, some inputs are so.

    A shallow classification tree (Breiman et al. 1984) proposes; of its leaves the one is taken that, as "chosen when" or "chosen unless",
    is right in most scenarios, a condition more having to bring one in a hundred. A rule that avoids less than a fifth of the errors of
    always guessing the same, in scenarios it was not made from, is not said.

    Parameters
    ----------
    values : array (scenario, input)
    names : sequence of str
    levels : array (scenario, shift)
        Units that start, or true and false; NaN in scenarios without an answer, which are left out. A shift is chosen where there is more
        than a thousandth of the most of it in any scenario.
    shifts : sequence of str, or {name: title}
    design : mapping, optional
        ``titles``, ``units``, ``labels`` and ``seed``, as in `sensitivity_of`.

    Raises
    ------
    RequestError
        When arrays do not fit together, or scikit-learn is missing (extra ``discovery``).

    Examples
    --------
    >>> import numpy as np, kip
    >>> sample = np.random.default_rng(0).uniform(size=(500, 2)) * [1000, 1]
    >>> bus = (sample[:, 0] <= 600) & (sample[:, 1] > 0.25)
    >>> rules = kip.rules_of(sample, ["cost", "uptake"], bus[:, None], ["bus"])
    >>> rules["bus"].text(), rules["bus"].text("sv")
    ('when cost ≤ 600 and uptake ≥ 0.25', 'när cost ≤ 600 och uptake ≥ 0,25')
    """
    needed()
    units = np.asarray(levels, dtype=float)
    titles = dict(shifts) if isinstance(shifts, Mapping) else {str(name): str(name) for name in shifts}
    if units.ndim != 2 or units.shape[1] != len(titles):
        raise RequestError(
            f"levels of shape {units.shape} for {len(titles)} shifts. Give one row for each scenario, one column for each shift."
        )
    asked = asked_of(values, names, units.sum(axis=1), "levels", design)
    used = asked.answered
    kept = Asked(asked.values[used], asked.names, asked.outcome[used], "levels", "", "", asked.design)
    chosen = units[used] > _PRESENT * np.maximum(units[used].max(axis=0, initial=0.0), 0.0)
    found = {name: _rule(kept, chosen[:, place], name, title) for place, (name, title) in enumerate(titles.items())}
    return Rules(found, int((~used).sum()))


def _rule(asked: Asked, chosen: Flags, shift: str, title: str) -> Rule:
    count, held = len(chosen), int(chosen.sum())
    nan = float("nan")
    none = Rule(shift, title, (), False, count, held, 0, nan, nan, nan, nan)
    if min(held, count - held) == 0 or count < _FEWEST:
        return none
    conditions, unless = _search(asked, chosen)
    tested = _tested(asked, chosen)
    guess = max(held, count - held) / count
    if not conditions or (tested - guess) < _SKILL * (1.0 - guess):
        return none
    says = all_of(conditions, asked.values) != unless
    both = int((says & chosen).sum())
    holds = int(says.sum())
    accuracy = float((says == chosen).mean())
    return Rule(shift, title, conditions, unless, count, held, holds, accuracy, tested, both / held, both / holds if holds else nan)


def _search(asked: Asked, chosen: Flags) -> tuple[tuple[Condition, ...], bool]:
    """The conditions that are right most often, and whether they say "unless"."""
    best: tuple[tuple[Condition, ...], bool] = ((), False)
    score = max(float(chosen.mean()), 1.0 - float(chosen.mean()))
    seen: set[tuple[Condition, ...]] = set()
    for conditions in _proposed(asked, chosen):
        if not conditions or conditions in seen:
            continue
        seen.add(conditions)
        right = float((all_of(conditions, asked.values) == chosen).mean())
        for unless, accuracy in ((False, right), (True, 1.0 - right)):
            worth = accuracy - _PRICE * len(conditions)
            if worth > score + 1e-9:
                best, score = (conditions, unless), worth
    return _plain(asked, *best)


def _plain(asked: Asked, conditions: tuple[Condition, ...], unless: bool) -> tuple[tuple[Condition, ...], bool]:
    """The same without "unless", where one condition can be turned round."""
    if not unless or len(conditions) != 1:
        return conditions, unless
    (only,) = conditions
    if only.levels:
        labels, present = asked.labels_of(only.name), np.unique(asked.values[:, only.place])
        codes = tuple(float(code) for code in present if code not in only.codes)
        return (replace(only, levels=tuple(labels[int(code)] for code in codes), codes=codes),), False
    if np.isfinite(only.low) and np.isfinite(only.high):
        return conditions, unless
    column = asked.values[:, only.place]
    rest = column[~only.holds(asked.values)]
    low, high = (only.high, np.inf) if np.isfinite(only.high) else (-np.inf, only.low)
    # a limit that a scenario stands on would put it on both sides
    if (column == (low if np.isfinite(low) else high)).any():
        low, high = (float(rest.min()), np.inf) if np.isfinite(low) else (-np.inf, float(rest.max()))
    return (replace(only, low=low, high=high),), False


def _proposed(asked: Asked, chosen: Flags) -> Iterator[tuple[Condition, ...]]:
    """Leaves of trees of growing depth, each also without one of its conditions or one of its limits."""
    for depth in _DEPTHS:
        for leaf in leaves(asked, chosen, depth, most=2**depth) or []:
            yield leaf
            for place, condition in enumerate(leaf):
                rest = (*leaf[:place], *leaf[place + 1 :])
                yield rest
                if np.isfinite(condition.low) and np.isfinite(condition.high):
                    yield (*leaf[:place], replace(condition, low=-np.inf), *leaf[place + 1 :])
                    yield (*leaf[:place], replace(condition, high=np.inf), *leaf[place + 1 :])


def _tested(asked: Asked, chosen: Flags) -> float:
    """Share of scenarios in which a rule made from the others is right [1]."""
    fold = np.random.default_rng([asked.seed, 13]).permutation(len(chosen)) % _FOLDS
    right = 0
    for one in range(_FOLDS):
        own, other = fold == one, fold != one
        part = Asked(asked.values[other], asked.names, asked.outcome[other], "levels", "", "", asked.design)
        if chosen[other].all() or not chosen[other].any():
            right += int((chosen[own] == chosen[other][0]).sum())
            continue
        conditions, unless = _search(part, chosen[other])
        says = all_of(conditions, asked.values[own]) != unless if conditions else np.full(int(own.sum()), chosen[other].mean() > 0.5)
        right += int((says == chosen[own]).sum())
    return right / len(chosen)
