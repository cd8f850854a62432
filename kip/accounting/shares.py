"""How a joint result is shared among those who made it: Shapley values. Games of arrays; no plan.

A game is a value for every coalition. The Shapley value of a player is what it adds, averaged over all orders in which
the players could have come (Shapley 1953). Values add up to that of everybody together, whatever the game.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import comb
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_EXACT", "coalitions", "first_in", "last_in", "product_shares", "sampled_shares", "shapley"]

Floats: TypeAlias = NDArray[np.float64]
Members: TypeAlias = NDArray[np.bool_]
Value: TypeAlias = Callable[[Members], Floats]
"""Takes coalitions (coalition, player) and gives the value of each."""

MOST_EXACT = 12
"""Players up to whom all 2^n coalitions are counted."""


@lru_cache(maxsize=32)
def coalitions(players: int) -> Members:
    """All coalitions, as booleans (2^players, player): player i is in coalition c where bit i of c is set.

    Examples
    --------
    >>> coalitions(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    made = (np.arange(2**players)[:, None] >> np.arange(players)[None, :]) & 1 == 1
    made.setflags(write=False)
    return np.asarray(made)


def shapley(values: Floats) -> Floats:
    """Shapley values of a game with every coalition known, by the subset formula.

    ``phi_i = Σ_S |S|! (n - |S| - 1)! / n! · (v(S + i) - v(S))``, over the coalitions S without i.

    Parameters
    ----------
    values : array (2^n,)
        In the order of `coalitions` [any unit].

    Returns
    -------
    array (n,)
        They add up to ``values[-1] - values[0]``.

    Examples
    --------
    Two that take 20 % and 30 % off 1000: 440 together, 200 and 300 alone.

    >>> shapley(np.array([0.0, 200.0, 300.0, 440.0])).tolist()
    [170.0, 270.0]
    """
    values = np.asarray(values, dtype=float)
    players = values.size.bit_length() - 1
    if values.shape != (2**players,):
        raise ValueError(f"{values.shape} values are no game: it has one for each of 2^n coalitions.")
    every = np.arange(values.size)
    size = coalitions(players).sum(axis=1)
    # 1 / (n · C(n - 1, s)) is s! (n - s - 1)! / n!
    weight = np.array([1.0 / (players * comb(players - 1, before)) for before in range(players)])
    shares = np.empty(players)
    for player in range(players):
        without = every[(every >> player) & 1 == 0]
        shares[player] = weight[size[without]] @ (values[without | (1 << player)] - values[without])
    return shares


def first_in(value: Value, players: int) -> Floats:
    """What each player gives alone, as (player,)."""
    alone = value(np.vstack([np.zeros((1, players), dtype=bool), np.eye(players, dtype=bool)]))
    return np.asarray(alone[1:] - alone[0])


def last_in(value: Value, players: int) -> Floats:
    """What is lost without each player, the others staying as they are, as (player,)."""
    lost = value(np.vstack([np.ones((1, players), dtype=bool), ~np.eye(players, dtype=bool)]))
    return np.asarray(lost[0] - lost[1:])


def sampled_shares(value: Value, players: int, pairs: int = 500, seed: int = 0) -> tuple[Floats, Floats]:
    """Shapley values from random orders, each with its opposite, and their standard errors.

    What players add in one order adds up to the whole, so the estimates do so too. An order and its opposite
    (antithetic) cancel what depends on coming early or late.

    Parameters
    ----------
    value : callable
        Coalitions (coalition, player) to values (coalition,); asked once for each coalition that occurs.
    players : int
    pairs : int
        Orders drawn; each is gone through in both directions. At least 2.
    seed : int
        The same seed gives the same orders.

    Returns
    -------
    shares, errors : array (player,)
        The error is the standard deviation of the mean over pairs.
    """
    if pairs < 2:
        raise ValueError(f"{pairs} pairs of orders have no spread. Draw at least 2.")
    draw = np.random.default_rng(seed)
    forward = np.array([draw.permutation(players) for _ in range(pairs)])
    orders = np.stack([forward, forward[:, ::-1]], axis=1).reshape(2 * pairs, players)
    place = np.argsort(orders, axis=1)
    # who has come after k players: those whose place is below k
    members = place[:, None, :] < np.arange(players + 1)[None, :, None]
    flat = members.reshape(-1, players)
    packed, back = np.unique(np.packbits(flat, axis=1), axis=0, return_inverse=True)
    distinct = np.unpackbits(packed, axis=1, count=players).astype(bool)
    values = np.asarray(value(distinct), dtype=float)[back.ravel()].reshape(2 * pairs, players + 1)
    added = np.empty((2 * pairs, players))
    np.put_along_axis(added, orders, np.diff(values, axis=1), axis=1)
    each = added.reshape(pairs, 2, players).mean(axis=1)
    return each.mean(axis=0), each.std(axis=0, ddof=1) / np.sqrt(pairs)


def product_shares(amount: Floats, added: Floats, fractions: Floats) -> tuple[Floats, Floats]:
    r"""Shapley values of a game of products, in closed form.

    The value of a coalition is :math:`\sum_c (A_c + \sum_j m_{jc}) (1 - \prod_i (1 - r_{ic}))`, over the members i and j. A
    Shapley value is the integral of the slope of the multilinear extension along its diagonal (Owen 1972), here a
    polynomial, so that Gauss-Legendre integrates it without error.

    Parameters
    ----------
    amount : array (segment,)
        What there is without anybody.
    added : array (adder, segment)
        What each of the players adds to it; negative for what is taken away.
    fractions : array (scaler, segment)
        What each of the other players takes off [1].

    Returns
    -------
    scalers : array (scaler,)
    adders : array (adder,)

    Examples
    --------
    >>> scalers, _ = product_shares(np.array([1000.0]), np.zeros((0, 1)), np.array([[0.2], [0.3]]))
    >>> scalers.round(9).tolist()
    [170.0, 270.0]
    """
    # the slope has degree n of the scalers: exact with n // 2 + 1 nodes
    nodes, weights = np.polynomial.legendre.leggauss(len(fractions) // 2 + 1)
    scalers, adders = np.zeros(len(fractions)), np.zeros(len(added))
    for node, weight in zip((nodes + 1.0) / 2.0, weights / 2.0, strict=True):
        left = 1.0 - node * fractions
        # products without each factor, from both ends: a factor may be zero
        before = np.cumprod(np.vstack([np.ones_like(amount)[None], left[:-1]]), axis=0)
        after = np.cumprod(np.vstack([np.ones_like(amount)[None], left[:0:-1]]), axis=0)[::-1]
        there = amount + node * added.sum(axis=0)
        scalers += weight * (fractions * before[: len(left)] * after[: len(left)] * there).sum(axis=1)
        adders += weight * (added * (1.0 - left.prod(axis=0))).sum(axis=1)
    return scalers, adders
