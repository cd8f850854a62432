"""Money over time: pure functions of numbers and arrays, no plan.

Convention (§1): the first year of a plan is t = 0 and is not discounted; cash of year t is worth ``(1 + r)^-t``.
`annuity` and `present_value` are the textbook year-end factors; the residual value uses their ratio, in which the
timing within the year cancels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "annuity",
    "convert_price",
    "discount_factors",
    "earned_back",
    "internal_rate",
    "learning_factor",
    "npv",
    "only_rate",
    "payback",
    "present_value",
    "real_rate",
    "residual_share",
]

Floats: TypeAlias = NDArray[np.float64]


def discount_factors(rate: float, count: int) -> Floats:
    """Worth today of one krona in years 0 … count - 1 [1]: ``(1 + rate)^-t``.

    Examples
    --------
    >>> discount_factors(0.05, 3).round(4).tolist()
    [1.0, 0.9524, 0.907]
    """
    return np.asarray((1.0 + rate) ** -np.arange(count), dtype=float)


def npv(rate: float, cash: Sequence[float] | Floats) -> float:
    """Net present value of yearly cash [currency], the first year undiscounted.

    Parameters
    ----------
    rate : float
        Real discount rate per year [1].
    cash : array of float
        Cash of years t = 0, 1, … [currency]; a NaN makes the result NaN.

    Examples
    --------
    >>> round(npv(0.05, [-15000, 1500, 2500, 3500, 4500, 6000]), 5)
    122.89485
    """
    flows = np.asarray(cash, dtype=float)
    return float(flows @ discount_factors(rate, flows.size))


def annuity(rate: float, years: float) -> float:
    """Yearly payment, at the end of each year, that repays one krona [1/year]: ``r / (1 - (1+r)^-n)``; 1/n at r = 0.

    Raises
    ------
    ValueError
        When `years` is not above 0.

    Examples
    --------
    >>> round(annuity(0.035, 20), 10)
    0.0703610768
    """
    if years <= 0:
        raise ValueError(f"an annuity over {years:g} years does not exist; give more than 0 years.")
    return 1.0 / years if rate == 0 else float(rate / -np.expm1(-years * np.log1p(rate)))


def present_value(rate: float, years: float) -> float:
    """Worth today of one krona at the end of each of `years` years [year]: ``(1 - (1+r)^-n) / r``.

    Examples
    --------
    >>> round(present_value(0.035, 10), 7)
    8.3166053
    """
    return 1.0 / annuity(rate, years) if years > 0 else 0.0


def residual_share(age: float, lifetime: float, rate: float, method: str = "annuity") -> float:
    """Share of an investment that is left after `age` years in use, booked after the last year [1].

    ``annuity``: ``a(r, L) · PV(r, L - h)``, what the remaining equal yearly payments are worth; a plan cut at any year
    then shows the sum of its yearly margins. ``linear``: ``(L - h) / L``. ``none``: 0.

    Raises
    ------
    ValueError
        For an unknown method.

    Examples
    --------
    >>> residual_share(2, 8, 0.035, "linear")
    0.75
    >>> round(10e6 * residual_share(10, 15, 0.035), 2)
    3920197.36
    """
    left = max(0.0, lifetime - max(0.0, age))
    if method == "none" or left == 0:
        return 0.0
    if method == "linear":
        return left / lifetime
    if method == "annuity":
        return annuity(rate, lifetime) * present_value(rate, left)
    raise ValueError(f'unknown residual "{method}"; use annuity, linear or none.')


def real_rate(nominal: float, inflation: float) -> float:
    """Real rate from a nominal one [1]: ``(1 + i) / (1 + p) - 1``.

    Examples
    --------
    >>> round(real_rate(0.05, 0.02), 10)
    0.0294117647
    """
    return (1.0 + nominal) / (1.0 + inflation) - 1.0


def convert_price(amount: float, index: Mapping[int, float], of: int, to: int) -> float:
    """An amount in the prices of another year [currency]: ``amount · index[to] / index[of]``.

    Raises
    ------
    KeyError
        When a year is missing from the index.

    Examples
    --------
    >>> convert_price(3_000_000, {2022: 100, 2026: 115}, of=2022, to=2026)
    3450000.0
    """
    return amount if of == to else amount * index[to] / index[of]


def learning_factor(rate: float, growth: float) -> float:
    """Cost left after the deployment has grown `growth` times, when each doubling cuts the cost by `rate` [1].

    ``growth^log2(1 - rate)`` (Wright's law); `growth` is of the world's deployment, not of the plan's own.

    Examples
    --------
    >>> round(learning_factor(0.18, 4), 4)
    0.6724
    """
    return float(growth ** np.log2(1.0 - rate))


def payback(cash: Sequence[float] | Floats, rate: float = 0.0) -> float:
    """Years of saving until the investment is earned back; the first year of saving is t = 0 [year].

    NaN when it is never earned back.

    Parameters
    ----------
    cash : array of float
        ``[-investment, saving of year 0, saving of year 1, …]`` [currency].
    rate : float
        Discount rate; saving of year t is worth ``(1 + rate)^-t``.

    Examples
    --------
    >>> payback([-3_000_000] + [500_000] * 8)
    6.0
    >>> round(payback([-3_000_000] + [500_000] * 8, 0.035), 6)
    6.596124
    """
    flows = np.asarray(cash, dtype=float)
    savings = flows[1:] * discount_factors(rate, flows.size - 1)
    balance = flows[0] + np.cumsum(savings)
    paid = np.flatnonzero(balance >= -1e-9 * abs(flows[0]))
    if paid.size == 0:
        return float("nan")
    last = int(paid[0])
    before = balance[last] - savings[last]
    return last + (float(-before / savings[last]) if savings[last] else 0.0)


def internal_rate(cash: Sequence[float] | Floats) -> float:
    """Rate at which the net present value of yearly cash is zero [1]; NaN when there is none.

    Examples
    --------
    >>> round(internal_rate([-2_500_000] + [500_000] * 7), 9)
    0.091961367
    """
    import numpy_financial

    return float(numpy_financial.irr(np.asarray(cash, dtype=float)))


def only_rate(cash: Sequence[float] | Floats) -> float:
    """The internal rate of yearly cash [1], when there is exactly one; NaN when there is none, or more than one.

    Cash that changes sign more than once may be worth nothing at several rates, of which none says more than another. The rates are
    those of the real positive roots x = 1 / (1 + rate) of the polynomial with the cash as coefficients.

    Examples
    --------
    >>> round(only_rate([-2_500_000] + [500_000] * 7), 9)
    0.091961367
    >>> only_rate([-100, 230, -132])  # worth nothing at 10 % and at 20 %
    nan
    """
    flows = np.trim_zeros(np.asarray(cash, dtype=float))
    if flows.size < 2 or np.all(flows >= 0) or np.all(flows <= 0):
        return float("nan")
    roots = np.roots(flows[::-1] / np.abs(flows).max())
    real = roots.real[(np.abs(roots.imag) < 1e-7 * np.abs(roots)) & (roots.real > 1e-9)]
    return float(1.0 / real[0] - 1.0) if real.size == 1 else float("nan")


def earned_back(paid: Sequence[float] | Floats, earned: Sequence[float] | Floats, rate: float = 0.0) -> float:
    """Years from the first payment until all that was paid has been earned back, and stays so [year].

    What is paid in a year is paid at its beginning, what is earned comes evenly over it; with one payment in the first year it is
    `payback`. NaN when it is not earned back within the years given, and when nothing was paid.

    Parameters
    ----------
    paid, earned : array of float
        By year [currency]; a grant is less to pay, a loss in running cost is negative earning.
    rate : float
        Discount rate; a sum of year t is worth ``(1 + rate)^-t``.

    Examples
    --------
    >>> earned_back([3_000_000] + [0] * 9, [500_000] * 8 + [0, 0])
    6.0
    >>> earned_back([100, 0, 100, 0], [60, 60, 60, 60])  # the second payment sets it back
    3.3333333333333335
    """
    out, back = (np.asarray(values, dtype=float) for values in (paid, earned))
    worth = discount_factors(rate, out.size)
    before = np.cumsum((back - out) * worth) - back * worth
    after = np.cumsum((back - out) * worth)
    edge = -1e-9 * float(np.abs(out).sum())
    owing = np.flatnonzero((before < edge) | (after < edge))
    if not (out > 0).any() or owing.size == 0:
        return float("nan")
    first, last = int(np.flatnonzero(out > 0)[0]), int(owing[-1])
    if after[last] < edge:
        # what is owed after the last year that owes is owed for good, unless a grant of the year after settles it
        return float("nan") if last == out.size - 1 else float(last + 1 - first)
    return last - first + float(-before[last] / (back[last] * worth[last]))
