"""Take-up: what homes that are connected, or not, say of the claims around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.coverage.findings import Likelihoods
from bredband.coverage.fits import most_likely
from bredband.coverage.pooling import Units, count_around, shift_odds
from bredband.scenario.coverage import Trust

_HIGHEST = 0.98


@dataclass(frozen=True)
class TakeUp:
    """Connected and unconnected homes around each unit, of the same operator and technology.

    ``near`` has shape (units, 2), weighted by distance and without the unit's own claim;
    ``passed`` tells the units whose own homes are not connected.
    """

    near: NDArray[np.float64]
    passed: NDArray[np.bool_]
    kind_of_unit: NDArray[np.int64]


def count_connected(claims: pd.DataFrame, units: Units, length_m: float) -> TakeUp:
    """Count the homes around that are connected, and those that are only passed.

    Only for operators and technologies that tell of any connected home.
    """
    connected = claims["connected"].to_numpy(np.bool_)
    spots, groups = len(units.group_of_spot), int(units.group_of_spot.max(initial=0)) + 1
    told = np.bincount(claims["group"].to_numpy(), connected, groups)[units.group_of_spot] > 0
    at = np.flatnonzero(told)
    homes = [np.bincount(units.spot, yes, spots) for yes in (connected, ~connected)]
    near = np.zeros((spots, 2))
    if len(at):
        near[at] = count_around(
            units, at, at, np.stack(homes, 1, dtype=float)[at], length_m, np.full(2, np.inf)
        )
    first = np.zeros(len(units.spot_of_unit), dtype=np.int64)
    first[units.unit] = np.arange(len(claims))
    own = np.where(connected[first][:, None], [1.0, 0.0], [0.0, 1.0])
    around = np.maximum(near[units.spot_of_unit] - own, 0.0)
    return TakeUp(around, ~connected[first], claims["kind"].to_numpy(np.int64)[first])


def take_up_shares(
    claims: pd.DataFrame, reliability: NDArray[np.float64], trust: Trust
) -> NDArray[np.float64]:
    r"""Find how many of the true claims are connected, for each operator, technology and kind of place.

    It is what makes the connected agree with the reliability of those that are only passed,
    :math:`u = n_1/(n_1 + n_0\pi_0)`. So over all, the connections say nothing that the answers have
    not said; what they show is where the net is.
    """
    passed = ~claims["connected"].to_numpy(np.bool_)
    kind = claims["kind"].to_numpy(np.int64)
    real = shift_odds(reliability, np.full(len(claims), np.log(trust.complaint_weight)))
    connected, hidden = np.bincount(kind, ~passed), np.bincount(kind, passed * real)
    share = np.minimum(connected / np.maximum(connected + hidden, 1e-9), _HIGHEST)
    return np.asarray(share, dtype=np.float64)


def shown(
    units: Units,
    take_up: TakeUp,
    reliability: NDArray[np.float64],
    share: NDArray[np.float64],
    trust: Trust,
) -> NDArray[np.float64]:
    r"""Let the neighbours' connections speak of each claim that is only passed.

    A home can be connected only where the offer is real. If true claims are connected with
    probability ``u`` (take-up), a neighbour is connected with probability :math:`u\theta` and
    only passed with probability :math:`1-u\theta`, where :math:`\theta` is the share of true
    claims in the neighbourhood, and

    .. math:: \hat\theta = \arg\max_\theta\; m_u[\pi\log\theta + (1-\pi)\log(1-\theta)]
              + a_1\log\theta + a_0\log(1-u\theta)

    with ``a_1`` connected and ``a_0`` passed homes around, weighted by distance, and ``m_u``
    (``take_up_weight``) how much must be seen before it counts. A claim that is itself only
    passed is true with odds :math:`(1-u)\hat\theta/(1-\hat\theta)`.

    Parameters
    ----------
    units, take_up
        From :func:`bredband.coverage.pooling.place` and :func:`count_connected`.
    reliability
        Of each claim among those who answer.
    share
        Take-up of each kind, from :func:`take_up_shares`.
    trust
        The weight, and how much more often those who lack answer.

    Returns
    -------
    NDArray
        The reliability of each claim, changed where it is only passed.
    """
    heard = np.log(trust.complaint_weight)
    mean = np.zeros(len(units.spot_of_unit))
    mean[units.unit] = reliability
    for kind in np.flatnonzero(share):
        rows = np.flatnonzero((take_up.kind_of_unit == kind) & take_up.passed)
        missed = np.full(len(rows), np.log1p(-share[kind]))
        found = most_likely(
            take_up.near[rows],
            shift_odds(mean[rows], heard - missed),
            np.full(len(rows), trust.take_up_weight),
            Likelihoods(
                np.array([1.0, 1 - share[kind]]),
                np.array([1 - trust.connected_probability, 1.0]),
                np.ones(2),
            ),
        )
        mean[rows] = shift_odds(found, missed - heard)
    return mean[units.unit]
