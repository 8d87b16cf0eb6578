"""Responses: whether those who lack an offer answer more often than those who have it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.coverage import findings
from bredband.coverage.claims import UNLISTED_RANK
from bredband.scenario.coverage import Trust

_WIDEST = np.log(10.0)
_STEPS = 93
_STEPS_OF_SHARE = 1000
"""Neighbourhoods whose shares are within a thousandth are counted together."""


def learn_complaints(
    claims: pd.DataFrame,
    premises: pd.DataFrame,
    pattern: NDArray[np.int64],
    local: NDArray[np.float64],
    trust: Trust,
) -> Trust:
    r"""Learn how much more often those who lack an offer answer, from where answers come.

    The answers alone cannot show it: a county where many lack and one where the few who lack
    complain look the same. Where the answers *stand* can. With ``q`` the share of no among
    those who answer in a neighbourhood, and ``k`` how many times as often those who lack
    answer, the share that truly lacks is :math:`(q/k)/(1-q+q/k)`, and a home there answers

    .. math:: m(k) = \frac{1}{1 - q + q/k}

    times as often as where nobody lacks. If ``k`` is above 1, answers crowd where no is
    common. The likelihood of *which* homes answered, given how many did in each kommune, in
    and outside settlements (:math:`n_s` of them, who may differ in how willing they are), is

    .. math:: \ell(k) = \sum_i \log m_i(k) - \sum_s n_s \log \sum_{i \in s} m_i(k)

    (Cox's partial likelihood), where ``m`` of a premises is the mean over its claims and
    ``q`` comes from the neighbours and the operator, never from its own answer. The
    prior of ``log k`` is Laplace's around ``complaint_weight`` with standard deviation
    ``complaint_spread_neper``: most surveys are answered about alike, a few are far from it. ``log k`` is
    where the two together are highest, so that it leaves what was thought beforehand only when the answers
    insist, and its spread is that of the posterior around it.

    Source: Little and Rubin, *Statistical Analysis with Missing Data*, 3rd ed., ch. 15
    (missing not at random, identified through covariates).

    Parameters
    ----------
    claims, pattern
        From :mod:`bredband.coverage.claims` and :mod:`bredband.coverage.findings`.
    premises
        Table of the data model.
    local
        Probability of each claim among those who answer, without its own evidence.
    trust
        The numbers so far.

    Returns
    -------
    Trust
        With ``complaint_weight`` and ``complaint_spread_neper`` learned.
    """
    listed = np.flatnonzero(claims["technology_rank"].to_numpy() != UNLISTED_RANK)
    row, local = claims["premises_row"].to_numpy(np.int64)[listed], local[listed]
    share = 1 / np.bincount(row, minlength=len(premises))[row]
    heard = np.unique(row[findings.answered(pattern[listed])])
    place = premises["kommune"].astype("str") + premises["rural"].astype("str")
    group, groups = pd.factorize(place)
    count = np.bincount(group[heard], minlength=len(groups))
    # the sum over all homes is a sum over claims, and claims of the same probability are alike
    alike = group[row] * _STEPS_OF_SHARE + np.minimum(
        local * _STEPS_OF_SHARE, _STEPS_OF_SHARE - 1
    ).astype(np.int64)
    size = len(groups) * _STEPS_OF_SHARE
    amount = np.bincount(alike, share, size)
    having = np.bincount(alike, share * local, size)
    theirs = np.isin(row, heard)
    which = np.searchsorted(heard, row[theirs])
    logs = np.linspace(-_WIDEST, _WIDEST, _STEPS)
    away = np.abs(logs - np.log(trust.complaint_weight))
    score = -np.sqrt(2) * away / trust.complaint_spread_neper
    for i, log_k in enumerate(logs):
        own = share[theirs] / (local[theirs] + (1 - local[theirs]) * np.exp(-log_k))
        score[i] += np.log(np.bincount(which, own, minlength=len(heard))).sum()
        often = amount**2 / np.maximum(having + (amount - having) * np.exp(-log_k), 1e-300)
        total = often.reshape(len(groups), _STEPS_OF_SHARE).sum(axis=1)
        score[i] -= (count * np.log(np.maximum(total, 1e-300))).sum()
    chance = np.exp(score - score.max())
    chance /= chance.sum()
    middle = float(logs[chance.argmax()])
    spread = float(np.sqrt(chance @ (logs - middle) ** 2))
    return trust.model_copy(
        update={
            "complaint_weight": float(np.exp(middle)),
            "complaint_spread_neper": max(spread, 0.02),
        }
    )
