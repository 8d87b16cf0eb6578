"""Learning: how far answers reach, how good they are, and how much neighbours weigh."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.coverage import findings
from bredband.coverage.pooling import Units, most_likely, neighbourhood, reliabilities, without_own
from bredband.scenario.coverage import Trust

ENOUGH = 200
"""With fewer claims that have evidence, nothing is learned."""

_LENGTHS_M = (150.0, 300.0, 600.0, 1200.0)
_WEIGHTS = (0.3, 0.6, 1.2, 2.5, 5.0, 10.0)
_SPREAD = 0.5


def learn(claims: pd.DataFrame, pattern: NDArray[np.int64], units: Units, trust: Trust) -> Trust:
    """Learn the neighbour length, the local weight and the reach of speed tests.

    First how good answers and tests are. Then the length and the weight with the highest
    leave-one-out likelihood of the evidence, ``sum log(theta L1 + (1 - theta) L0)`` with
    theta from the other claims only, times a lognormal prior around the given numbers.
    """
    trust = _learn_evidence(claims, pattern, trust)
    around = np.where(claims["connected"], 0, pattern)
    ratio = findings.likelihoods(trust)
    reliability = reliabilities(claims, pattern, ratio, trust)
    seen = np.flatnonzero(around)
    own_true, own_false = ratio[0][pattern[seen]], ratio[1][pattern[seen]]
    best, score = trust, -np.inf
    spots, place = np.unique(units.spot[seen], return_inverse=True)
    for length_m in _LENGTHS_M:
        near, used = neighbourhood(units, around, length_m, trust, spots)
        others = without_own(near[place], used, pattern[seen], trust)
        for weight in _WEIGHTS:
            strength = np.full(len(seen), weight)
            theta = most_likely(others, reliability[seen], strength, ratio[0][used], ratio[1][used])
            found = float(np.log(theta * own_true + (1 - theta) * own_false).sum())
            found -= 0.5 * (np.log(length_m / trust.neighbour_length_m) / _SPREAD) ** 2
            found -= 0.5 * (np.log(weight / trust.local_weight) / _SPREAD) ** 2
            if found > score:
                score = found
                best = trust.model_copy(
                    update={"neighbour_length_m": length_m, "local_weight": weight}
                )
    return best


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
