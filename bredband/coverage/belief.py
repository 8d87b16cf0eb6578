r"""Belief: the probability that each claim is true, from claims, answers and measurements.

The model is a hierarchical beta-binomial with spatial pooling and imperfect evidence.

*Truth.* Claim ``i`` of operator-and-technology ``g`` in cell ``c`` is true (``z_i = 1``)
with probability :math:`\theta_{sc}`, where the stratum ``s`` divides ``g`` into connected
and passed, in and outside settlements.

*Reliability.* Three levels, each with its parent as prior mean and ``M`` as prior weight
(``claims_weight``): technology, operator and technology, stratum:

.. math:: \pi_s \sim \mathrm{Beta}(M\pi_g, M(1-\pi_g))

*Place.* What a cell's own neighbourhood says weighs against the reliability with weight
``m`` (``local_weight``). The evidence of claim ``j`` in cell ``d`` counts with
:math:`w_{cd} = e^{-|c-d|/\ell}` (``neighbour_length_m``), zero beyond ``3 l``:

.. math:: \hat\theta_{sc} = \arg\max_\theta\; m[\pi_s\log\theta + (1-\pi_s)\log(1-\theta)]
          + \sum_j w_{cd(j)} \log(\theta L_{1j} + (1-\theta) L_{0j})

with :math:`L_{1j}, L_{0j}` the likelihoods of what was found at ``j`` when the claim is
true and false. With perfect evidence this is the posterior mean of a beta-binomial,
:math:`(m\pi + \sum w y)/(m + \sum w)`. The sum is concave in theta, so there is one maximum,
and it rises with every likelihood ratio and with pi: *more positive evidence never lowers
the probability*.

*Own evidence.* A claim's own evidence is left out of its neighbourhood and enters by Bayes:

.. math:: p_i = \hat\theta L_{1i} / (\hat\theta L_{1i} + (1-\hat\theta) L_{0i})

*Who answers.* Where those without an offer answer ``k`` times as often
(``complaint_weight``), the odds among those who answer are the true odds divided by ``k``:
reliability and place are found among them, and the odds multiplied by ``k`` afterwards.

A premises is served with probability :math:`1 - \prod (1-p_i)` over the claims that
promise the target.

Sources: Gelman et al., *Bayesian Data Analysis*, 3rd ed., §5.3 (hierarchical beta-binomial);
Dawid and Skene (1979), *Applied Statistics* 28, 20–28 (imperfect answers as likelihoods);
Hu and Zidek (2002), *Canadian Journal of Statistics* 30, 347–371 (weighted likelihood, the
borrowing from neighbours).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from bredband.coverage import claims as claims_room
from bredband.coverage import findings
from bredband.coverage.calibration import log_odds_shift
from bredband.grid import ssb_cell_corners_m, ssb_cell_ids
from bredband.kernel import kernel
from bredband.scenario.coverage import CoverageChoices, Target, Trust

REACH = 3.0
"""Neighbours farther away than this many lengths do not count."""

_GROUP_APART_M = 1e8
_LENGTHS_M = (150.0, 300.0, 600.0, 1200.0)
_WEIGHTS = (0.3, 0.6, 1.2, 2.5, 5.0, 10.0)
_SPREAD = 0.5
_ENOUGH = 200


@dataclass(frozen=True)
class Posterior:
    """What is believed of every claim, and the numbers it was found with.

    ``claims`` has the columns of :func:`bredband.coverage.claims.gather` and
    ``pattern`` (what was found, see :mod:`bredband.coverage.findings`),
    ``reliability_probability`` (of the stratum), ``local_probability`` (with the
    neighbourhood, without own evidence), ``probability`` (with own evidence),
    ``neighbour_weight`` (sum of the neighbours' weights), ``x_m`` and ``y_m``.
    ``trust`` holds the numbers used, learned or given.
    """

    claims: pd.DataFrame
    premises: pd.DataFrame
    trust: Trust
    target: Target


def believe(
    premises: pd.DataFrame,
    availability: pd.DataFrame,
    evidence: pd.DataFrame,
    *,
    target: Target,
    choices: CoverageChoices,
    published: pd.DataFrame | None = None,
) -> Posterior:
    """Find the probability that each claim is true.

    Parameters
    ----------
    premises, availability, evidence
        Tables of the data model, in any order of rows.
    target
        The speed that counts as served.
    choices
        Technologies that count, and how much claims and evidence are trusted. With
        ``trust.learn`` and at least 200 claims with evidence the neighbour length, the
        local weight and the reach of speed tests are learned first (:func:`learn`).
    published
        Columns ``kommune`` and ``served_share``: claims are first brought into line with
        these (:func:`bredband.coverage.calibration.log_odds_shift`).
    """
    claims = claims_room.gather(premises, availability, target, choices)
    pattern = findings.patterns(claims, premises, evidence, choices)
    units = _place(claims, premises)
    trust = choices.trust
    if trust.learn and np.count_nonzero(pattern) >= _ENOUGH:
        trust = learn(claims, pattern, units, trust)
    ratio = findings.likelihoods(trust)
    reliability = _reliability(claims, pattern, ratio, trust)
    local, weight = _pooled(pattern, units, reliability, ratio, trust)
    unheard = np.log(trust.complaint_weight)
    shift = _prior_log_odds(claims, trust) + unheard
    if published is not None:
        shift += log_odds_shift(
            claims["prior_probability"].to_numpy(np.float64), claims, premises, published
        )
    local = _shift(local, shift)
    complaint = np.where(findings.answered(pattern), trust.complaint_weight, 1.0)
    believed = _bayes(local, ratio[0][pattern], ratio[1][pattern] * complaint)
    table = claims.assign(
        pattern=pattern,
        reliability_probability=_shift(reliability, np.full(len(claims), unheard)),
        local_probability=local,
        probability=believed,
        neighbour_weight=weight,
        x_m=units.x_m[units.unit],
        y_m=units.y_m[units.unit],
    )
    return Posterior(table, premises[["premises_id", "households"]], trust, target)


def served_probability(posterior: Posterior) -> NDArray[np.float64]:
    """Give for each premises the probability that at least one claim meets the target."""
    claims = posterior.claims
    counted = claims["meets"].to_numpy()
    doubt = np.where(counted, 1 - claims["probability"].to_numpy(), 1.0)
    starts = np.searchsorted(claims["premises_row"].to_numpy(), np.arange(len(posterior.premises)))
    if not len(starts):
        return np.zeros(0)
    return np.asarray(1 - np.multiply.reduceat(doubt, starts), dtype=np.float64)


@dataclass(frozen=True)
class _Units:
    """Where claims are pooled: a unit is a stratum in a cell, a spot is a group in a cell."""

    unit: NDArray[np.int64]
    spot_of_unit: NDArray[np.int64]
    stratum_of_unit: NDArray[np.int64]
    group_of_spot: NDArray[np.int64]
    spot_x_m: NDArray[np.float64]
    spot_y_m: NDArray[np.float64]

    @property
    def spot(self) -> NDArray[np.int64]:
        """Spot of each claim."""
        return self.spot_of_unit[self.unit]

    @property
    def x_m(self) -> NDArray[np.float64]:
        """Easting of each unit."""
        return self.spot_x_m[self.spot_of_unit]

    @property
    def y_m(self) -> NDArray[np.float64]:
        """Northing of each unit."""
        return self.spot_y_m[self.spot_of_unit]


def _place(claims: pd.DataFrame, premises: pd.DataFrame) -> _Units:
    cell = ssb_cell_ids(
        premises.geometry.x.to_numpy(), premises.geometry.y.to_numpy(), int(claims_room.CELL_M)
    )
    cells, cell_row = np.unique(cell, return_inverse=True)
    west, south = ssb_cell_corners_m(cells)
    of_claim = cell_row[claims["premises_row"].to_numpy()]
    group = claims["group"].to_numpy(np.int64)
    stratum = claims["stratum"].to_numpy(np.int64)
    unit_code, first, unit = np.unique(
        stratum * len(cells) + of_claim, return_index=True, return_inverse=True
    )
    spot_code, spot_of_unit = np.unique(
        group[first] * len(cells) + unit_code % len(cells), return_inverse=True
    )
    spot_cell = spot_code % len(cells)
    return _Units(
        unit=unit,
        spot_of_unit=spot_of_unit,
        stratum_of_unit=unit_code // len(cells),
        group_of_spot=spot_code // len(cells),
        spot_x_m=west[spot_cell] + claims_room.CELL_M / 2,
        spot_y_m=south[spot_cell] + claims_room.CELL_M / 2,
    )


def _reliability(
    claims: pd.DataFrame,
    pattern: NDArray[np.int64],
    ratio: tuple[NDArray[np.float64], NDArray[np.float64]],
    trust: Trust,
) -> NDArray[np.float64]:
    """Find the reliability of each claim's stratum, from technology down to stratum."""
    heard = np.full(len(claims), -np.log(trust.complaint_weight))
    prior = _shift(claims_room.technology_prior(claims["technology_rank"].to_numpy(), trust), heard)
    connected = _shift(np.full(len(claims), trust.connected_probability), heard)
    for level in ("technology_rank", "group", "stratum"):
        code = claims[level].to_numpy(np.int64)
        count = int(code.max()) + 1
        seen = pattern > 0
        found = np.bincount(
            code[seen] * findings.PATTERNS + pattern[seen], minlength=count * findings.PATTERNS
        ).reshape(count, findings.PATTERNS)
        if level == "stratum":
            prior = np.where(claims["connected"], connected, prior)
        mean = np.zeros(count)
        mean[code] = prior
        mean[mean == 0] = 0.5  # codes that no claim has
        strength = np.full(count, trust.claims_weight)
        prior = _most_likely(found * findings.pool_weights(trust), mean, strength, *ratio)[code]
    return prior


def _pooled(
    pattern: NDArray[np.int64],
    units: _Units,
    reliability: NDArray[np.float64],
    ratio: tuple[NDArray[np.float64], NDArray[np.float64]],
    trust: Trust,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the local probability of each claim without its own evidence, and its weight."""
    seen = np.flatnonzero(pattern)
    everywhere = np.arange(len(units.group_of_spot))
    near, used = _neighbourhood(units, pattern, trust.neighbour_length_m, trust, everywhere)
    mean = np.zeros(len(units.spot_of_unit))
    mean[units.unit] = reliability
    strength = np.full(len(mean), trust.local_weight)
    if_true, if_false = ratio[0][used], ratio[1][used]
    local = _most_likely(near[units.spot_of_unit], mean, strength, if_true, if_false)[units.unit]
    weight = near.sum(axis=1)[units.spot]
    if len(seen):
        others = _without_own(near[units.spot[seen]], used, pattern[seen], trust)
        own = units.unit[seen]
        local[seen] = _most_likely(others, mean[own], strength[own], if_true, if_false)
        weight[seen] -= findings.pool_weights(trust)[pattern[seen]]
    return local, np.maximum(weight, 0.0)


def _neighbourhood(
    units: _Units,
    pattern: NDArray[np.int64],
    length_m: float,
    trust: Trust,
    at: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Sum the distance-weighted findings around the spots ``at``.

    Returns the weights, shape (``at``, patterns in use), and the patterns in use.
    """
    seen = np.flatnonzero(pattern)
    used, column = np.unique(pattern[seen], return_inverse=True)
    if not len(seen):
        return np.zeros((len(at), 0)), used
    witnessed, row = np.unique(units.spot[seen], return_inverse=True)
    counts = np.zeros((len(witnessed), len(used)))
    np.add.at(counts, (row, column), 1.0)
    place = np.column_stack([units.spot_x_m, units.spot_y_m, units.group_of_spot * _GROUP_APART_M])
    pairs = KDTree(place[at]).sparse_distance_matrix(
        KDTree(place[witnessed]), REACH * length_m, output_type="ndarray"
    )
    closeness = csr_array(
        (np.exp(-pairs["v"] / length_m), (pairs["i"], pairs["j"])), shape=(len(at), len(witnessed))
    )
    return np.asarray(closeness @ counts) * findings.pool_weights(trust)[used], used


def _without_own(
    near: NDArray[np.float64],
    used: NDArray[np.int64],
    own: NDArray[np.int64],
    trust: Trust,
) -> NDArray[np.float64]:
    """Take each claim's own finding out of the sum around it."""
    others = near.copy()
    column = np.searchsorted(used, own)
    others[np.arange(len(own)), column] -= findings.pool_weights(trust)[own]
    return np.maximum(others, 0.0)


def _most_likely(
    weights: NDArray[np.float64],
    mean: NDArray[np.float64],
    strength: NDArray[np.float64],
    if_true: NDArray[np.float64],
    if_false: NDArray[np.float64],
) -> NDArray[np.float64]:
    out = np.empty(len(mean))
    _maximise(np.ascontiguousarray(weights), mean, strength, if_true, if_false, out)
    return out


@kernel
def _maximise(
    weights: NDArray[np.float64],
    mean: NDArray[np.float64],
    strength: NDArray[np.float64],
    if_true: NDArray[np.float64],
    if_false: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Find the root of the derivative of the concave log-likelihood by bisection."""
    for i in range(len(mean)):
        low, high = 0.0, 1.0
        total = 0.0
        for p in range(weights.shape[1]):
            total += weights[i, p]
        if total == 0.0:
            out[i] = mean[i]
            continue
        for _ in range(40):
            middle = 0.5 * (low + high)
            slope = strength[i] * (mean[i] / middle - (1 - mean[i]) / (1 - middle))
            for p in range(weights.shape[1]):
                if weights[i, p] > 0.0:
                    likelihood = middle * if_true[p] + (1 - middle) * if_false[p]
                    slope += weights[i, p] * (if_true[p] - if_false[p]) / likelihood
            if slope > 0.0:
                low = middle
            else:
                high = middle
        out[i] = 0.5 * (low + high)


def _prior_log_odds(claims: pd.DataFrame, trust: Trust) -> NDArray[np.float64]:
    """Give how much a claim's own prior differs from its technology's, in log odds."""
    own = claims["prior_probability"].to_numpy(np.float64)
    usual = claims_room.usual_prior(claims, trust)
    return np.asarray(np.log(own / (1 - own)) - np.log(usual / (1 - usual)), dtype=np.float64)


def _shift(probability: NDArray[np.float64], log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add log odds to a probability."""
    factor = np.exp(log_odds)
    return np.asarray(
        probability * factor / (probability * factor + 1 - probability), dtype=np.float64
    )


def _bayes(
    prior: NDArray[np.float64], if_true: NDArray[np.float64], if_false: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.asarray(
        prior * if_true / (prior * if_true + (1 - prior) * if_false), dtype=np.float64
    )


def learn(claims: pd.DataFrame, pattern: NDArray[np.int64], units: _Units, trust: Trust) -> Trust:
    """Learn the neighbour length, the local weight and the reach of speed tests.

    First how good answers and tests are. Then the length and the weight with the highest
    leave-one-out likelihood of the evidence, ``sum log(theta L1 + (1 - theta) L0)`` with
    theta from the other claims only, times a lognormal prior around the given numbers.
    """
    trust = _learn_evidence(claims, pattern, trust)
    ratio = findings.likelihoods(trust)
    reliability = _reliability(claims, pattern, ratio, trust)
    seen = np.flatnonzero(pattern)
    own_true, own_false = ratio[0][pattern[seen]], ratio[1][pattern[seen]]
    best, score = trust, -np.inf
    spots, place = np.unique(units.spot[seen], return_inverse=True)
    for length_m in _LENGTHS_M:
        near, used = _neighbourhood(units, pattern, length_m, trust, spots)
        others = _without_own(near[place], used, pattern[seen], trust)
        for weight in _WEIGHTS:
            strength = np.full(len(seen), weight)
            theta = _most_likely(
                others, reliability[seen], strength, ratio[0][used], ratio[1][used]
            )
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
    certain = claims["connected"].to_numpy() | has["high_cable"] | has["high_wifi"]
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
