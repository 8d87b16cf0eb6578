"""Learning: how far answers reach, how good they are, and how much neighbours weigh."""

from __future__ import annotations

from dataclasses import replace

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
    """Learn the neighbour length, the local weight and the reach of speed tests.

    First how good answers and tests are. Then the length and the weight with the highest
    leave-one-out likelihood of the evidence, ``sum log(theta L1 + (1 - theta) L0)`` with
    theta from the other claims only, times a lognormal prior around the given numbers.
    """
    trust = _learn_evidence(claims, pattern, trust)
    trust = _learn_rural(claims, pattern, trust)
    around = findings.told_neighbours(claims, pattern)
    chance = findings.likelihoods(trust)
    seen = _some(np.flatnonzero(around), units)
    own = chance.of(pattern[seen])
    spots, place = np.unique(units.spot[seen], return_inverse=True)

    def near(length_m: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        found, used = neighbourhood(units, around, length_m, trust, spots)
        return without_own(found[place], used, pattern[seen], trust), used

    def likely(
        others: NDArray[np.float64],
        used: NDArray[np.int64],
        mean: NDArray[np.float64],
        weight: float,
    ) -> float:
        strength = np.full(len(seen), weight)
        theta = expected(others, mean, strength, chance.of(used))
        return float(own.logs(theta).sum())

    best, score = trust, -np.inf
    others, used = near(trust.neighbour_length_m)
    reliability = reliabilities(claims, pattern, chance, trust)
    mean = reliability[seen]
    share = take_up_shares(claims, reliability, trust)
    asked = np.zeros(len(take_up.passed), dtype=np.bool_)
    asked[units.unit[seen]] = True
    take_up = replace(take_up, passed=take_up.passed & asked)
    for weight in _TAKE_UP_WEIGHTS:
        tried = trust.model_copy(update={"take_up_weight": weight})
        told = shown(units, take_up, reliability, share, tried)[seen]
        found = likely(others, used, told, trust.local_weight)
        found -= 0.5 * (np.log(weight / trust.take_up_weight) / _TAKE_UP_SPREAD) ** 2
        if found > score:
            best, score, mean = tried, found, told
    trust, score = best, -np.inf
    for length_m in _LENGTHS_M:
        others, used = near(length_m)
        for weight in _WEIGHTS:
            found = likely(others, used, mean, weight)
            found -= 0.5 * (np.log(length_m / trust.neighbour_length_m) / _LENGTH_SPREAD) ** 2
            found -= 0.5 * (np.log(weight / trust.local_weight) / _WEIGHT_SPREAD) ** 2
            if found > score:
                score = found
                best = trust.model_copy(
                    update={"neighbour_length_m": length_m, "local_weight": weight}
                )
    return best


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
