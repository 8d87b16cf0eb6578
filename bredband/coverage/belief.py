r"""Belief: the probability that each claim is true, from claims, answers and measurements.

The model is a hierarchical beta-binomial with spatial pooling and imperfect evidence.

*Truth.* Claim ``i`` of operator-and-technology ``g`` in cell ``c`` is true (``z_i = 1``)
with probability :math:`\theta_{sc}`, where the stratum ``s`` divides ``g`` into connected
and passed, in and outside settlements.

*Reliability.* Three levels, each with its parent as prior mean and ``M`` as prior weight
(``claims_weight``): technology, operator and technology, stratum:

.. math:: \pi_s \sim \mathrm{Beta}(M\pi_g, M(1-\pi_g))

*Unlisted offers*, those that nobody reported, have no operator to be reliable or not. Answers
about them come from those who have one, so nothing is learned of the others: their reliability stays at
``unlisted_probability``, and what is found speaks of its own home alone.

*Place.* What a cell's own neighbourhood says weighs against the reliability with weight
``m`` (``local_weight``). The evidence of claim ``j`` in cell ``d`` counts with
:math:`w_{cd} = e^{-|c-d|/\ell}` (``neighbour_length_m``), zero beyond ``3 l``:

.. math:: p(\theta_{sc}) \propto \mathrm{Beta}(\theta; m\pi_s, m(1-\pi_s))
          \prod_j (\theta L_{1j} + (1-\theta) L_{0j})^{w_{cd(j)}}, \qquad
          \hat\theta_{sc} = \operatorname{E}\theta_{sc}

with :math:`L_{1j}, L_{0j}` the likelihoods of what was found at ``j`` when the claim is
true and false. With perfect evidence it is :math:`(m\pi + \sum w y)/(m + \sum w)`. One «no» that is right 95 %
of the time moves 0.97 to 0.86 with ``m`` = 2; the most likely theta would be 0.68, for that takes the «no» at its word
and then believes it the more. A likelihood ratio above 1 rises with theta, and so does that of a higher pi;
so the mean does: *more positive evidence never lowers the probability*.

*Connections.* Before the answers nearby are heard, the reliability of a claim that is only passed is moved
by how many of the homes around are connected (:func:`bredband.coverage.takeup.shown`).

*Own evidence.* A claim's own evidence is left out of its neighbourhood and enters by Bayes:

.. math:: p_i = \hat\theta L_{1i} / (\hat\theta L_{1i} + (1-\hat\theta) L_{0i})

*Who answers.* Where those without an offer answer ``k`` times as often
(``complaint_weight``), the odds among those who answer are the true odds divided by ``k``:
reliability and place are found among them, and the odds multiplied by ``k`` afterwards. What the
county asks by telephone is found among all, so there the likelihood at ``j`` is
:math:`(k\theta L_1 + (1-\theta)L_0)/(k\theta + 1-\theta)`. It too rises with every likelihood ratio;
with ``k`` = 1 it is the same as before. The county rings where it doubts: calls speak of place,
not of reliability.

A premises is served with probability :math:`1 - \prod (1-p_i)` over the claims that
promise the target.

Sources: Gelman et al., *Bayesian Data Analysis*, 3rd ed., §5.3 (hierarchical beta-binomial);
Dawid and Skene (1979), *Applied Statistics* 28, 20–28 (imperfect answers as likelihoods);
Hu and Zidek (2002), *Canadian Journal of Statistics* 30, 347–371 (weighted likelihood, the
borrowing from neighbours); Milgrom (1981), *Bell Journal of Economics* 12, 380–391 (why the
mean rises).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.coverage import claims as claims_room
from bredband.coverage import findings
from bredband.coverage.calibration import log_odds_shift
from bredband.coverage.learning import ENOUGH, learn
from bredband.coverage.pooling import Units, place, pooled, reliabilities, shift_odds
from bredband.coverage.responses import learn_complaints
from bredband.coverage.takeup import TakeUp, count_connected, shown, take_up_shares
from bredband.scenario.coverage import CoverageChoices, Target, Trust


@dataclass(frozen=True)
class Posterior:
    """What is believed of every claim, and the numbers it was found with.

    ``claims`` has the columns of :func:`bredband.coverage.claims.gather` and
    ``pattern`` (what was found, see :mod:`bredband.coverage.findings`),
    ``reliability_probability`` (of the stratum), ``shown_probability`` (with the neighbours'
    connections), ``local_probability`` (with their evidence too, without own evidence), ``probability`` (with own evidence),
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
    gone = _once_offered(claims, premises, availability)
    pattern[gone] = findings.unanswered(pattern[gone])
    units = place(claims, premises)
    take_up = count_connected(claims, units, choices.trust.neighbour_length_m)
    trust = choices.trust
    if trust.learn and np.count_nonzero(findings.of_operators(claims, pattern)) >= ENOUGH:
        trust = learn(claims, pattern, units, take_up, trust)
        heard = _pool(claims, pattern, units, take_up, trust)
        trust = learn_complaints(claims, premises, pattern, heard.local, trust)
    heard = _pool(claims, pattern, units, take_up, trust)
    unheard = np.log(trust.complaint_weight)
    shift = _prior_log_odds(claims, trust) + unheard
    if published is not None:
        then = claims_room.as_published(availability)
        counted = (
            claims if then is availability else claims_room.gather(premises, then, target, choices)
        )
        moved = log_odds_shift(counted, premises, published)
        here = premises["kommune"].map(moved).to_numpy(np.float64)[claims["premises_row"]]
        shift += np.where(claims["meets"] & ~claims["heard"], here, 0.0)
    local = shift_odds(heard.local, shift)
    own = findings.likelihoods(trust).of(pattern)
    complaint = np.where(findings.answered(pattern), trust.complaint_weight, 1.0)
    believed = _bayes(local, own.if_true, own.if_false * complaint)
    table = claims.assign(
        pattern=pattern,
        reliability_probability=shift_odds(heard.reliability, np.full(len(claims), unheard)),
        shown_probability=shift_odds(heard.shown, np.full(len(claims), unheard)),
        local_probability=local,
        probability=believed,
        neighbour_weight=heard.weight,
        x_m=units.x_m[units.unit],
        y_m=units.y_m[units.unit],
    )
    return Posterior(table, premises[["premises_id", "households"]], trust, target)


@dataclass(frozen=True)
class _Heard:
    """What each claim is worth among those who answer, one number per claim.

    ``reliability`` is its stratum's, ``shown`` that with the neighbours' connections, ``local`` that with
    their evidence, which weighs ``weight``.
    """

    reliability: NDArray[np.float64]
    shown: NDArray[np.float64]
    local: NDArray[np.float64]
    weight: NDArray[np.float64]


def _pool(
    claims: pd.DataFrame, pattern: NDArray[np.int64], units: Units, take_up: TakeUp, trust: Trust
) -> _Heard:
    chance = findings.likelihoods(trust)
    reliability = reliabilities(claims, pattern, chance, trust)
    share = take_up_shares(claims, reliability, trust)
    told = shown(units, take_up, reliability, share, trust)
    around = findings.told_neighbours(claims, pattern)
    return _Heard(reliability, told, *pooled(around, units, told, chance, trust))


def served_probability(posterior: Posterior) -> NDArray[np.float64]:
    """Give for each premises the probability that at least one claim meets the target."""
    claims = posterior.claims
    counted = claims["meets"].to_numpy()
    doubt = np.where(counted, 1 - claims["probability"].to_numpy(), 1.0)
    starts = np.searchsorted(claims["premises_row"].to_numpy(), np.arange(len(posterior.premises)))
    if not len(starts):
        return np.zeros(0)
    return np.asarray(1 - np.multiply.reduceat(doubt, starts), dtype=np.float64)


def _once_offered(
    claims: pd.DataFrame, premises: pd.DataFrame, availability: pd.DataFrame
) -> NDArray[np.bool_]:
    """Mark unlisted claims where an offer was withdrawn: a survey answer there was of that offer."""
    gone = availability.loc[availability["status"] == claims_room.WITHDRAWN, "premises_id"]
    there = premises["premises_id"].isin(gone).to_numpy()
    unlisted = (claims["technology_rank"] == claims_room.UNLISTED_RANK).to_numpy()
    return np.asarray(unlisted & there[claims["premises_row"]])


def _prior_log_odds(claims: pd.DataFrame, trust: Trust) -> NDArray[np.float64]:
    """Give how much a claim's own prior differs from its technology's, in log odds."""
    own = claims["prior_probability"].to_numpy(np.float64)
    usual = claims_room.usual_prior(claims, trust)
    return np.asarray(np.log(own / (1 - own)) - np.log(usual / (1 - usual)), dtype=np.float64)


def _bayes(
    prior: NDArray[np.float64], if_true: NDArray[np.float64], if_false: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.asarray(
        prior * if_true / (prior * if_true + (1 - prior) * if_false), dtype=np.float64
    )
