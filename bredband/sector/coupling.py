"""The county problems coupled through the national budget, solved exactly over their frontiers.

With one column per plan on the frontier of county c (Dantzig and Wolfe), and z choosing one
plan for each county, the national problem is

    max Σ_c Σ_k h[c, k] z[c, k]   s.t.   Σ_c Σ_k b[c, k] z[c, k] ≤ B,   Σ_k z[c, k] = 1.

A price λ on the budget lets every county answer alone, with the plan that gives most when a
krone costs λ households (Everett 1963); the sum of the answers is a bound at every price:

    L(λ) = λ B + Σ_c max_k (h[c, k] − λ b[c, k]).

The plans are then combined county by county; what cannot reach the best known plan even at
the best price is dropped (dynamic programming by lists; Kellerer, Pferschy and Pisinger,
*Knapsack Problems*, 2004, section 11.5). Nothing is rounded, so the choice is the best there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Offers:
    """What one county offers: plans with what they take and what they give, shape (plans,)."""

    cost_nok: Ints
    households: Ints


@dataclass(frozen=True)
class Choice:
    """A plan for each county, and the price at which the counties were asked.

    ``plan`` is the place in each county's offers; ``price_households`` is households per krone,
    and ``bound_households`` the least ``L(λ)``.
    """

    plan: tuple[int, ...]
    households: int
    cost_nok: int
    price_households: float
    bound_households: float


def answer(offers: Offers, price_households: float) -> int:
    """Give the plan of a county that gives most when a krone costs so many households."""
    return int(np.argmax(offers.households - price_households * offers.cost_nok))


def couple(counties: Sequence[Offers], budget_nok: int) -> Choice | None:
    """Choose one plan for each county so that most households are reached within the budget.

    Returns
    -------
    The best choice; None if even the cheapest plans take more than the budget.
    """
    if sum(int(offers.cost_nok.min()) for offers in counties) > budget_nok:
        return None
    price = best_price(counties, budget_nok)
    known = _fill(counties, budget_nok, price)
    plan = _combine(counties, budget_nok, price, known)
    return Choice(
        plan=tuple(plan),
        households=sum(int(o.households[k]) for o, k in zip(counties, plan, strict=True)),
        cost_nok=sum(int(o.cost_nok[k]) for o, k in zip(counties, plan, strict=True)),
        price_households=price,
        bound_households=bound(counties, budget_nok, price),
    )


def bound(counties: Sequence[Offers], budget_nok: int, price_households: float) -> float:
    """Give ``L(λ)``: no choice within the budget reaches more households."""
    return price_households * budget_nok + sum(_best(o, price_households) for o in counties)


def _best(offers: Offers, price: float) -> float:
    return float((offers.households - price * offers.cost_nok).max())


def best_price(counties: Sequence[Offers], budget_nok: int) -> float:
    """Find the price of a krone at which the bound is lowest, by bisection on what is spent."""

    def spent(price: float) -> int:
        return sum(int(o.cost_nok[answer(o, price)]) for o in counties)

    if spent(0.0) <= budget_nok:
        return 0.0
    low, high = 0.0, 1e-6
    while spent(high) > budget_nok:
        low, high = high, 2 * high
    for _ in range(200):
        middle = (low + high) / 2
        if spent(middle) > budget_nok:
            low = middle
        else:
            high = middle
        if high - low <= 1e-15 * high:
            break
    return min((low, high), key=lambda price: bound(counties, budget_nok, price))


def _fill(counties: Sequence[Offers], budget_nok: int, price: float) -> list[int]:
    """Find a good choice to begin with: the answers to a price, then what is left spent greedily."""
    plan = [answer(o, price) for o in counties]
    if _cost(counties, plan) > budget_nok:
        plan = [answer(o, price * (1 + 1e-9)) for o in counties]
    if _cost(counties, plan) > budget_nok:
        plan = [int(np.argmin(o.cost_nok)) for o in counties]
    while True:
        left = budget_nok - _cost(counties, plan)
        best_gain, step = 0, None
        for c, offers in enumerate(counties):
            within = offers.cost_nok <= offers.cost_nok[plan[c]] + left
            k = int(np.argmax(np.where(within, offers.households, -1)))
            gain = int(offers.households[k] - offers.households[plan[c]])
            if gain > best_gain:
                best_gain, step = gain, (c, k)
        if step is None:
            return plan
        plan[step[0]] = step[1]


def _cost(counties: Sequence[Offers], plan: Sequence[int]) -> int:
    return sum(int(o.cost_nok[k]) for o, k in zip(counties, plan, strict=True))


def _combine(
    counties: Sequence[Offers], budget_nok: int, price: float, known: list[int]
) -> list[int]:
    """Combine the plans county by county, and keep what may still beat the known choice."""
    reached = sum(int(o.households[k]) for o, k in zip(counties, known, strict=True))
    best_of = [_best(o, price) for o in counties]
    least_of = [int(o.cost_nok.min()) for o in counties]
    cost, gain = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    history: list[tuple[Ints, Ints]] = []
    for c, offers in enumerate(counties):
        rest, least = sum(best_of[c + 1 :]), sum(least_of[c + 1 :])
        cost_all = (cost[:, None] + offers.cost_nok).ravel()
        gain_all = (gain[:, None] + offers.households).ravel()
        hopes = gain_all + price * (budget_nok - cost_all) + rest
        alive = np.flatnonzero((cost_all + least <= budget_nok) & (hopes >= reached + 1 - 1e-6))
        order = alive[np.lexsort((-gain_all[alive], cost_all[alive]))]
        if not len(order):
            return known
        highest_before = np.append(-1, np.maximum.accumulate(gain_all[order])[:-1])
        order = order[gain_all[order] > highest_before]
        history.append((order // len(offers.cost_nok), order % len(offers.cost_nok)))
        cost, gain = cost_all[order], gain_all[order]
    at = int(np.argmax(gain))
    if gain[at] <= reached:
        return known
    plan: list[int] = []
    for before, chosen in reversed(history):
        plan.append(int(chosen[at]))
        at = int(before[at])
    return plan[::-1]
