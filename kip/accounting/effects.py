"""Effects over time: paths, what is in use, what is bought, tonnes. Pure functions of arrays, no plan.

A unit that starts in year u (index from 0) is in use from u + lead, for its lifetime, with the effect that its profile
says; when it is renewed it is bought again at the end of each life.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["along", "baseline_factor", "effect_by_year", "last_purchase", "linear_ramp", "purchases_by_year", "stock"]

Floats: TypeAlias = NDArray[np.float64]


def along(path: float | Mapping[int, float], years: Sequence[int]) -> Floats:
    """A path over the years: straight lines between the years given, the first and last value held outside them.

    Examples
    --------
    >>> along({2026: 1.0, 2030: 0.6}, [2026, 2028, 2035]).tolist()
    [1.0, 0.8, 0.6]
    """
    if not isinstance(path, Mapping):
        return np.full(len(years), float(path))
    known = sorted(path)
    return np.asarray(np.interp(np.asarray(years, dtype=float), known, [path[year] for year in known]), dtype=float)


def linear_ramp(years: int) -> tuple[float, ...]:
    """A profile that reaches its full effect in equal steps over `years` years [1].

    Examples
    --------
    >>> [round(share, 4) for share in linear_ramp(3)]
    [0.3333, 0.6667, 1.0]
    """
    return tuple(min(1.0, (age + 1) / years) for age in range(years))


def effect_by_year(lead: int, lifetime: int | None, profile: Sequence[float], renew: bool, count: int) -> Floats:
    """Effect in year y of one unit that starts in year u, as a matrix (start, year) [1].

    Parameters
    ----------
    lead : int
        Years from start to first effect; 0 means the start year itself.
    lifetime : int or None
        Years in use; None: to the end of the horizon.
    profile : sequence of float
        Share of the full effect in the first, second, … year in use; the last one holds on.
    renew : bool
        Whether it is bought again at the end of each life.
    count : int
        Years of the horizon.

    Examples
    --------
    >>> effect_by_year(1, 5, linear_ramp(3), False, 8)[0].round(3).tolist()
    [0.0, 0.333, 0.667, 1.0, 1.0, 1.0, 0.0, 0.0]
    """
    ages = np.arange(count)
    shares = np.asarray(profile, dtype=float)[np.minimum(ages, len(profile) - 1)]
    if lifetime is not None and not renew:
        shares = np.where(ages < lifetime, shares, 0.0)
    age = ages[None, :] - ages[:, None] - lead
    return np.where(age >= 0, shares[np.clip(age, 0, count - 1)], 0.0)


def purchases_by_year(lead: int, lifetime: int | None, renew: bool, count: int) -> Floats:
    """Purchases in year y for one unit that starts in year u, as a matrix (start, year) [1].

    Bought in the start year; renewed in years u + lead + n · lifetime, n = 1, 2, …

    Examples
    --------
    >>> purchases_by_year(0, 8, True, 10)[0].tolist()
    [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    """
    bought = np.eye(count)
    if renew and lifetime is not None:
        for start in range(count):
            bought[start, start + lead + lifetime :: lifetime] += 1.0
    return bought


def last_purchase(start: int, lead: int, lifetime: int | None, renew: bool, count: int) -> tuple[int, int]:
    """Year of the last purchase within the horizon, and years in use since then at its end, for a unit that starts in `start`.

    Examples
    --------
    >>> last_purchase(0, 0, 8, True, 10)
    (8, 2)
    """
    begins = start + lead
    if not renew or lifetime is None or begins + lifetime >= count:
        return start, max(0, count - begins)
    lives = (count - 1 - begins) // lifetime
    return begins + lives * lifetime, count - (begins + lives * lifetime)


def stock(new: Floats, effect: Floats) -> Floats:
    """Units in use, weighed by their profile: ``stock[y] = Σ_u new[u] · effect[u, y]`` [unit].

    Parameters
    ----------
    new : array (…, start)
        Units that start each year [unit].
    effect : array (start, year)
        From `effect_by_year`.

    Examples
    --------
    >>> stock(np.array([5.0, 0.0, 1.0]), effect_by_year(0, 2, (1.0,), False, 3)).tolist()
    [5.0, 5.0, 1.0]
    """
    return np.asarray(new @ effect, dtype=float)


def baseline_factor(factor: Floats, policies: Sequence[Floats]) -> Floats:
    """Emission factor after policies that are already decided: ``factor · Π(1 - policy)`` [t/unit].

    Examples
    --------
    >>> baseline_factor(np.array([0.2]), [np.array([0.1]), np.array([0.5])]).tolist()
    [0.09000000000000001]
    """
    left = np.asarray(factor, dtype=float)
    for policy in policies:
        left = left * (1.0 - policy)
    return left
