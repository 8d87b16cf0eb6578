"""Learning: how far answers reach, how good they are, and how much neighbours weigh."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.coverage import findings
from bredband.coverage.fits import expected
from bredband.coverage.pooling import (
    Units,
    neighbourhood,
    reliabilities,
    rural_excess,
    shift_odds,
    without_own,
)
from bredband.coverage.takeup import TakeUp, shown, take_up_shares
from bredband.scenario.coverage import Trust

ENOUGH = 200
"""With fewer claims that have evidence, nothing is learned."""

_SCORED = 10_000
"""Claims with evidence that are foretold from the others, to see which numbers do it best."""
_LENGTHS_M = (150.0, 300.0, 600.0, 1200.0)
_WEIGHTS = (0.3, 0.6, 1.2, 2.5, 5.0, 10.0, 20.0, 40.0)
_LENGTH_SPREAD, _WEIGHT_SPREAD, _TAKE_UP_SPREAD = 0.5, 1.0, 1.0
"""How unsure the given numbers are, as standard deviations of their logarithms."""
_RURAL_NEPER = np.linspace(-1.5, 1.0, 26)
_RURAL_FINEST_NEPER = 0.05
_TAKE_UP_WEIGHTS = (1.0, 2.5, 5.0, 10.0, 20.0, 50.0, 200.0)


def learn(
    claims: pd.DataFrame,
    pattern: NDArray[np.int64],
    units: Units,
    take_up: TakeUp,
    trust: Trust,
) -> Trust:
    """Learn how good answers are, and how much operators, subscribers and neighbours tell.

    First how good answers and tests are, and how much more often claims fail outside settlements.
    Then the weight of take-up, and the neighbour length and local weight, with the highest
    leave-one-out likelihood of the evidence, ``sum log(theta L1 + (1 - theta) L0)`` with
    theta from the other claims only, times a lognormal prior around the given numbers.
    """
    trust = _learn_evidence(claims, pattern, trust)
    trust = _learn_rural(claims, pattern, trust)
    foretold = _foretold(claims, pattern, units, trust)
    trust, mean = _learn_take_up(foretold, claims, take_up, trust)
    return _learn_reach(foretold, mean, trust)


@dataclass(frozen=True)
class _Foretold:
    """The claims with evidence that are foretold from the others, to see which numbers do it best.

    ``seen`` are their rows, ``spots`` where they are and ``place`` the spot of each; ``around`` is
    what the neighbours of every claim hear.
    """

    pattern: NDArray[np.int64]
    units: Units
    around: NDArray[np.int64]
    chance: findings.Likelihoods
    seen: NDArray[np.int64]
    spots: NDArray[np.int64]
    place: NDArray[np.int64]

    def others(
        self, length_m: float, trust: Trust
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Count what the others around each claim say, of patterns that are listed too."""
        found, used = neighbourhood(self.units, self.around, length_m, trust, self.spots)
        return without_own(found[self.place], used, self.pattern[self.seen], trust), used

    def likelihood(
        self,
        others: NDArray[np.float64],
        used: NDArray[np.int64],
        mean: NDArray[np.float64],
        weight: float,
    ) -> float:
        """Give the log-likelihood of the evidence when each claim is foretold without its own."""
        strength = np.full(len(self.seen), weight)
        theta = expected(others, mean, strength, self.chance.of(used))
        return float(self.chance.of(self.pattern[self.seen]).logs(theta).sum())


def _foretold(
    claims: pd.DataFrame, pattern: NDArray[np.int64], units: Units, trust: Trust
) -> _Foretold:
    around = findings.told_neighbours(claims, pattern)
    seen = _some(np.flatnonzero(around), units)
    spots, place = np.unique(units.spot[seen], return_inverse=True)
    chance = findings.likelihoods(trust)
    return _Foretold(pattern, units, around, chance, seen, spots, place)


def _learn_take_up(
    foretold: _Foretold, claims: pd.DataFrame, take_up: TakeUp, trust: Trust
) -> tuple[Trust, NDArray[np.float64]]:
    """Learn how much the share who subscribe weighs; give also what is foretold with it."""
    units, seen = foretold.units, foretold.seen
    others, used = foretold.others(trust.neighbour_length_m, trust)
    reliability = reliabilities(claims, foretold.pattern, foretold.chance, trust)
    share = take_up_shares(claims, reliability, trust)
    asked = np.zeros(len(take_up.passed), dtype=np.bool_)
    asked[units.unit[seen]] = True
    take_up = replace(take_up, passed=take_up.passed & asked)
    best, mean, score = trust, reliability[seen], -np.inf
    for weight in _TAKE_UP_WEIGHTS:
        tried = trust.model_copy(update={"take_up_weight": weight})
        told = shown(units, take_up, reliability, share, tried)[seen]
        found = foretold.likelihood(others, used, told, trust.local_weight)
        found -= _off(weight, trust.take_up_weight, _TAKE_UP_SPREAD)
        if found > score:
            best, mean, score = tried, told, found
    return best, mean


def _learn_reach(foretold: _Foretold, mean: NDArray[np.float64], trust: Trust) -> Trust:
    """Learn how far a neighbour's answer reaches, and how much the usual weighs against it."""
    best, score = trust, -np.inf
    for length_m in _LENGTHS_M:
        others, used = foretold.others(length_m, trust)
        for weight in _WEIGHTS:
            found = foretold.likelihood(others, used, mean, weight)
            found -= _off(length_m, trust.neighbour_length_m, _LENGTH_SPREAD)
            found -= _off(weight, trust.local_weight, _WEIGHT_SPREAD)
            if found > score:
                score = found
                best = trust.model_copy(
                    update={"neighbour_length_m": length_m, "local_weight": weight}
                )
    return best


def _off(tried: float, given: float, spread: float) -> float:
    """Give what a lognormal prior around the given number takes off the log-likelihood."""
    return float(0.5 * (np.log(tried / given) / spread) ** 2)


def _some(seen: NDArray[np.int64], units: Units) -> NDArray[np.int64]:
    """Keep the claims of every second, third … spot, so that about ``_SCORED`` are left.

    Spots are in the order of operator, technology and cell, so the order of rows does not matter.
    """
    step = max(len(seen) // _SCORED, 1)
    return np.asarray(seen[units.spot[seen] % step == 0], dtype=np.int64)


def _learn_evidence(claims: pd.DataFrame, pattern: NDArray[np.int64], trust: Trust) -> Trust:
    """Learn how often an answer is right, and how often a test reaches the threshold.

    An answer is checked where the truth is known from elsewhere: the home is connected, or
    a test has reached the threshold. Tests are counted where a slow one means something.
    """
    has = {name: (pattern >> bit & 1).astype(bool) for bit, name in enumerate(findings.FINDINGS)}
    certain = findings.certain(claims.assign(pattern=pattern))
    shared = findings.speed_can_fail(claims)
    usual_weight = trust.claims_weight

    def share(hits: NDArray[np.bool_], misses: NDArray[np.bool_], usual: float) -> float:
        hit, miss = np.count_nonzero(hits), np.count_nonzero(misses & ~hits)
        return float((hit + usual_weight * usual) / (hit + miss + usual_weight))

    right = share(has["yes"] & certain, has["no"] & certain, trust.survey_probability)
    cable = share(
        has["high_cable"] & shared, has["low_cable"] & shared, trust.cable_test_probability
    )
    wifi = share(has["high_wifi"] & shared, has["low_wifi"] & shared, trust.wifi_test_probability)
    return trust.model_copy(
        update={
            "survey_probability": float(np.clip(right, 0.6, 0.995)),
            "cable_test_probability": cable,
            "wifi_test_probability": wifi,
        }
    )


def _learn_rural(claims: pd.DataFrame, pattern: NDArray[np.int64], trust: Trust) -> Trust:
    """Learn how much more often claims fail outside settlements, alike for all operators.

    Highest likelihood of the evidence on homes that are only passed, with the reliability of each operator and
    technology shifted in log odds by so much, times a normal prior around the given number.

    Source: Major, Teixeira and Mayer (2020), *No WAN's Land*, ACM IMC, who asked nine operators about 19 million
    addresses: claims are exaggerated the more outside settlements.
    """
    pattern = findings.uncalled(pattern)
    seen = np.flatnonzero(findings.told_neighbours(claims, pattern))
    code = claims["group"].to_numpy(np.int64)[seen] * 2 + claims["rural"].to_numpy(np.int64)[seen]
    if not len(seen):
        return trust
    names, code = np.unique(code, return_inverse=True)
    count = np.bincount(
        code * findings.PATTERNS + pattern[seen], minlength=len(names) * findings.PATTERNS
    )
    weights = count.reshape(len(names), -1) * findings.pool_weights(trust)
    chance = findings.likelihoods(trust)
    usual = reliabilities(claims, pattern, chance, trust, "group")[seen]
    excess = rural_excess(claims)[seen]
    middle, far = np.zeros(len(names)), np.zeros(len(names))
    middle[code], far[code] = usual, excess
    score = -0.5 * ((_RURAL_NEPER - trust.rural_neper) / trust.rural_spread_neper) ** 2
    for i, rural_neper in enumerate(_RURAL_NEPER):
        theta = shift_odds(middle, rural_neper * far)[:, None]
        score[i] += (weights * chance.logs(theta)).sum()
    likely = np.exp(score - score.max())
    likely /= likely.sum()
    mean = float(likely @ _RURAL_NEPER)
    spread = float(np.sqrt(likely @ (_RURAL_NEPER - mean) ** 2))
    return trust.model_copy(
        update={"rural_neper": mean, "rural_spread_neper": max(spread, _RURAL_FINEST_NEPER)}
    )
