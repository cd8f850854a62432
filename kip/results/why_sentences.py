"""One plain sentence or two for each shift: why it is in or out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kip.views.labels import Language

if TYPE_CHECKING:
    from kip.results.explanation import Why
    from kip.results.portfolio import Portfolio

__all__ = ["listed", "why_sentence"]

_MOST_NAMES = 3


def why_sentence(why: Why, portfolio: Portfolio, unit: str, say: Language) -> str:
    """What a shift is worth to the portfolio, or what forcing it in costs, what would be exchanged, and where that turns.

    Parameters
    ----------
    why : Why
    portfolio : Portfolio
    unit : str
        What it is counted in; empty for what starts as a whole.
    say : Language
    """
    head = say("why is in" if why.inside else "why is out", shift=why.title)
    if why.status == "not asked":
        return f"{head} {say('why not asked')}"
    if why.status == "cannot":
        return " ".join([head, *_cannot(why, say)])
    if math.isnan(why.price):
        return f"{head} {say('why nothing found')}"
    words = [_priced(why, portfolio, unit, say, head)]
    low, high = (_value(part, portfolio, say) for part in (why.low, why.high))
    if why.status == "unproven":
        words.append(say("why between", low=low, high=high))
    elif why.status == "within gap":
        words.append(say("why within gap", low=low, high=high))
    words += why.reasons
    words += _more(why, portfolio, say)
    return " ".join(words)


def _cannot(why: Why, say: Language) -> list[str]:
    if why.reasons:
        return list(why.reasons)
    return [say("why stays whatever" if why.inside else "why never")]


def _priced(why: Why, portfolio: Portfolio, unit: str, say: Language, head: str) -> str:
    price = _value(why.price, portfolio, say)
    minimised = "minimize" in portfolio.request
    if why.price <= 1e-9 * max(1.0, abs(portfolio.objective)):
        text = say("why in tie" if why.inside else "why out tie")
    elif why.inside:
        text = say("why in worse" if minimised else "why in lost", price=price)
    else:
        amount = f"{say.number(why.forced)} {unit}"
        text = say("why out price parts" if unit else "why out price", price=price, amount=amount)
    exchange = []
    if why.comes:
        exchange.append(say("why comes", others=listed(why.comes, say)))
    if why.leaves:
        exchange.append(say("why leaves", others=listed(why.leaves, say)))
    if exchange:
        text += say("why exchange", exchange=say("why and").join(exchange))
    difference, currency = why.cost_difference, portfolio.plan.currency
    if abs(difference) >= 0.5:
        key = "why dearer" if difference > 0 else "why cheaper"
        text += " " + say(key, money=say.sized(abs(difference), currency))
    else:
        text += "."
    return f"{head} {text}"


def _more(why: Why, portfolio: Portfolio, say: Language) -> list[str]:
    words, currency = [], portfolio.plan.currency
    if why.depends:
        words.append(say("why depends", others=listed(why.depends, say)))
    factor, effect = why.break_even_cost, why.break_even_effect
    # a shift that is out, and one that is in: the same factor says two things
    stays = why.inside or factor >= 1.0
    if math.isinf(factor):
        words.append(say("why any cost"))
    elif not math.isnan(factor):
        money = say.sized(why.break_even_money, currency)
        share = say.percent(abs(factor - 1.0))
        key = "why stays at" if stays else "why comes at"
        words.append(say("why comes free") if not stays and factor <= 1e-9 else say(key, money=money, share=share))
    elif not why.inside and why.break_even_proven and not math.isnan(effect) and effect > 1 and why.cost > 0:
        words.append(say("why not even free"))
    if not math.isnan(effect) and math.isfinite(effect):
        if effect > 1.0:
            words.append(say("why effect", factor=say.number(effect, 2)))
        elif 1e-9 < effect < 1.0 - 1e-9 and why.inside:
            words.append(say("why weaker", share=say.percent(effect)))
    if not why.break_even_proven and not (math.isnan(factor) and math.isnan(effect)):
        words.append(say("why turn unproven"))
    return words


def _value(value: float, portfolio: Portfolio, say: Language) -> str:
    return say.sized(value, portfolio.objective_unit).strip()


def listed(names: tuple[str, ...], say: Language) -> str:
    """Names in a row; many of them shortened.

    Examples
    --------
    >>> listed(("a", "b", "c"), Language("en"))
    'a, b and c'
    """
    if len(names) > _MOST_NAMES:
        return say("why and more", names=", ".join(names[: _MOST_NAMES - 1]), count=len(names) - _MOST_NAMES + 1)
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + say("why and") + names[-1]
