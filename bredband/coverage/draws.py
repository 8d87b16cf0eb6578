"""Draws: many equally likely versions of who is really served."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from bredband.coverage.belief import Posterior
from bredband.coverage.claims import UNLISTED_RANK
from bredband.coverage.findings import (
    answered,
    certain,
    of_operators,
    pool_weights,
    uncalled,
    worth,
)
from bredband.coverage.pooling import rural_excess, shift_odds
from bredband.scenario.coverage import Trust

_MOST_TOGETHER = 0.8
_HELD_SHARE = 0.9
_FIELD_LENGTHS = 2.5
"""How far errors are alike, in neighbour lengths. Found on simulated counties; see docs/coverage-model.md."""


def draw(posterior: Posterior, n: int, seed: int) -> NDArray[np.bool_]:
    r"""Draw versions of the truth that agree with the belief, one claim at a time or together.

    Claims fail together: a whole hamlet, or everywhere an operator counts wrongly. Each
    claim is true where a normal variable stays below :math:`\Phi^{-1}(p_i)`, and that
    variable is the sum of one shared by the stratum (:class:`_Strata`), one that varies smoothly over the
    neighbour length, and one of its own (a Gaussian copula). The shared
    parts are as large as the correlation of a beta-binomial with the weight that is known:
    ``1 / (1 + m + sum w)`` in the neighbourhood, among those who answer (:func:`_of_all`). Each claim keeps its
    own probability. Offers that nobody reported share nothing with their neighbours: what is heard of one is not
    believed of the next (:func:`bredband.coverage.findings.of_operators`), so it cannot be wrong there either.

    Parameters
    ----------
    posterior
        From :func:`bredband.coverage.believe`.
    n
        Number of draws.
    seed
        The same seed gives the same draws.

    Returns
    -------
    NDArray
        Whether each premises is served in each draw, shape (premises, ``n``).
    """
    trust, strata = posterior.trust, _Strata(posterior)
    claims = posterior.claims[posterior.claims["meets"]]
    row, stratum = claims["premises_row"].to_numpy(), claims["stratum"].to_numpy()
    probability = claims["probability"].to_numpy()
    limit = ndtri(probability).astype(np.float32)
    weight = _information(claims, trust) * claims["neighbour_weight"].to_numpy()
    far = _latent(strata.correlation[stratum], probability)
    near = _latent(_of_all(probability, trust) / (1 + trust.local_weight + weight), probability)
    near[(claims["technology_rank"] == UNLISTED_RANK).to_numpy()] = 0.0
    near = np.minimum(near, 1 - far)
    field = _Field(
        claims["x_m"].to_numpy(),
        claims["y_m"].to_numpy(),
        claims["group"].to_numpy(),
        trust.neighbour_length_m,
    )
    own = np.maximum(1 - far - near, 0.0)
    shares = [np.sqrt(part).astype(np.float32) for part in (far, near, own)]
    random = np.random.default_rng(seed)
    served = np.zeros((len(posterior.premises), n), dtype=np.bool_)
    for k in range(n):
        latent = (
            shares[0] * strata.draw(random)[stratum]
            + shares[1] * field.draw(random)
            + shares[2] * random.standard_normal(len(row), dtype=np.float32)
        )
        served[row[latent < limit], k] = True
    return served


def interval(
    drawn: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the narrowest range that holds nine of ten draws, column by column.

    Shares near 1 have nothing above them: a range that leaves out as much at each end would be wider
    than it says there.

    Parameters
    ----------
    drawn
        A row per draw, a column per figure.

    Returns
    -------
    tuple
        The lowest and the highest value of each column.
    """
    ordered = np.sort(drawn, axis=0)
    held = int(np.ceil(_HELD_SHARE * len(ordered)))
    width = ordered[held - 1 :] - ordered[: len(ordered) - held + 1]
    first, column = width.argmin(axis=0), np.arange(ordered.shape[1])
    return ordered[first, column], ordered[first + held - 1, column]


class _Strata:
    r"""How much the claims of each stratum have in common, and with those of other strata.

    The reliability of a stratum is unsure by :math:`1/(1+M+n_s)` of :math:`\pi(1-\pi)`, with ``M``
    (``claims_weight``) and ``n`` the answers known. Where it leans on what is above it, by
    :math:`b_s = M/(M+n_s)`, it is unsure as that is unsure:

    .. math:: \phi_s = \frac{r}{1+M+n_s} + b_s^2 \Bigl[\frac{r}{1+M+n_g} + b_g^2 \frac{r}{1+M+n_t}
              + \pi(1-\pi)(x_s\rho)^2\Bigr] + (1-b_s)^2 a_s

    for operator and technology ``g`` and technology ``t``; ``r`` is what :func:`_of_all` gives, :math:`\rho` is how unsure ``rural_neper`` is
    (``rural_spread_neper``), ``x`` what :func:`bredband.coverage.pooling.rural_excess` gives, and ``a`` what
    :func:`_doubt_about_answers` gives. The connected, and the unlisted, lean on nothing above them.
    """

    def __init__(self, posterior: Posterior) -> None:
        claims, trust = posterior.claims, posterior.trust
        _, first = np.unique(claims["stratum"].to_numpy(), return_index=True)
        one = claims.iloc[first]
        reliability = one["reliability_probability"].to_numpy()
        group, technology = one["group"].to_numpy(), one["technology_rank"].to_numpy()
        leans = ~one["connected"].to_numpy() & (technology != UNLISTED_RANK)
        prior, known = trust.claims_weight, _known(claims, trust)
        of_group = np.bincount(group, known * leans)[group]
        of_technology = np.bincount(technology, known * leans)[technology]
        own = prior / (prior + known)
        above = leans * own
        rural = rural_excess(claims)[first] * trust.rural_spread_neper
        rural *= np.sqrt(reliability * (1 - reliability))
        everyone = np.zeros(len(one), dtype=np.int64)
        ratio = np.sqrt(_of_all(reliability, trust))
        upper = above * prior / (prior + of_group)
        parts = [
            (np.arange(len(one)), ratio / np.sqrt(1 + prior + known)),
            (group, ratio * above / np.sqrt(1 + prior + of_group)),
            (technology, ratio * upper / np.sqrt(1 + prior + of_technology)),
            (everyone, above * rural),
            (everyone, (1 - own) * np.sqrt(_doubt_about_answers(posterior, reliability))),
        ]
        total = np.sum([part**2 for _, part in parts], axis=0)
        self.correlation = np.minimum(total, _MOST_TOGETHER)
        self.parts = [(code, part / np.sqrt(total)) for code, part in parts]

    def draw(self, random: np.random.Generator) -> NDArray[np.float32]:
        """Draw what each stratum has in common, standard normal."""
        drawn = [part * random.standard_normal(code.max() + 1)[code] for code, part in self.parts]
        return np.asarray(np.sum(drawn, axis=0), dtype=np.float32)


def _of_all(probability: NDArray[np.float64], trust: Trust) -> NDArray[np.float64]:
    r"""Give how much larger a correlation is among all than among those who answer.

    Shares are found among those who answer, where the odds are :math:`1/k` of the true ones (``complaint_weight``).
    A variance of :math:`\phi\,\theta_a(1-\theta_a)` there is one of :math:`\phi r\,p(1-p)` among all,

    .. math:: r = \frac{p(1-p)}{\theta_a(1-\theta_a)} = \frac{(p + k(1-p))^2}{k},

    for :math:`dp/d\theta_a = p(1-p)/\theta_a(1-\theta_a)`. Where those who lack answer more often, what
    is sure among them is surer of the rest.
    """
    odds = trust.complaint_weight
    return np.asarray((probability + odds * (1 - probability)) ** 2 / odds, dtype=np.float64)


def _information(claims: pd.DataFrame, trust: Trust) -> NDArray[np.float64]:
    """Give how many perfect answers one about each claim is worth, among those who answer."""
    heard = np.full(len(claims), -np.log(trust.complaint_weight))
    reliability = shift_odds(claims["reliability_probability"].to_numpy(), heard)
    return worth(reliability, trust.survey_probability)


def _known(claims: pd.DataFrame, trust: Trust) -> NDArray[np.float64]:
    r"""Count how many independent perfect answers the evidence in each stratum amounts to.

    Answers from the same patch repeat each other: with :math:`\bar w` neighbours each and
    a correlation of :math:`1/(1+m)`, ``n`` answers are worth
    :math:`n / (1 + \bar w / (1 + m))` (the design effect; Kish, *Survey Sampling*, 1965).
    """
    pattern = of_operators(claims, uncalled(claims["pattern"].to_numpy()))
    stratum = claims["stratum"].to_numpy()
    seen = pattern > 0
    size = int(stratum.max()) + 1 if len(stratum) else 0
    count = np.bincount(stratum[seen], minlength=size)
    information = _information(claims, trust)
    amount = np.bincount(stratum[seen], (information * pool_weights(trust)[pattern])[seen], size)
    around = np.bincount(stratum[seen], claims["neighbour_weight"].to_numpy()[seen], size)
    effect = 1 + around / np.maximum(count, 1) / (1 + trust.local_weight)
    return np.asarray(amount / effect, dtype=np.float64)


def _doubt_about_answers(
    posterior: Posterior, reliability: NDArray[np.float64]
) -> NDArray[np.float64]:
    r"""Give the correlation that comes from not knowing how good answers are, and who answers.

    Among those who answer a share ``q`` of yes means a reliability of :math:`(q + s - 1)/(2s - 1)`, so an error in
    ``s`` moves every claim of the stratum by :math:`(2p-1)/(2s-1)` times as much. The
    variance of ``s`` is that of a share of as many answers as could be checked. An error
    ``e`` in the logarithm of how much more often those who lack an offer answer moves a claim
    by :math:`p(1-p)e`. Both are the same for every claim in the county.
    """
    claims, trust = posterior.claims, posterior.trust
    checked = np.count_nonzero(certain(claims) & answered(claims["pattern"].to_numpy()))
    s = trust.survey_probability
    variance = s * (1 - s) / (1 + trust.claims_weight + checked)
    heard = shift_odds(reliability, np.full(len(reliability), -np.log(trust.complaint_weight)))
    moved = (2 * heard - 1) / (2 * s - 1)
    told = moved**2 * variance / (heard * (1 - heard)) * _of_all(reliability, trust)
    room = reliability * (1 - reliability)
    return np.asarray(told + room * trust.complaint_spread_neper**2, dtype=np.float64)


def _latent(
    correlation: NDArray[np.float64], probability: NDArray[np.float64]
) -> NDArray[np.float64]:
    r"""Turn a correlation of yes/no into one of the normal variables behind.

    With limit ``t`` the two are tied by the bivariate normal integral (Plackett, 1954):
    :math:`\phi\,p(1-p) = \frac{1}{2\pi}\int_0^\rho (1-r^2)^{-1/2} e^{-t^2/(1+r)}\,dr`.
    """
    # with r = sin(a) the integrand is smooth: exp(-t^2 / (1 + sin a)) da
    angle = np.linspace(0, np.pi / 2, 65)
    limit = np.linspace(0, 3, 31)
    height = np.exp(-(limit[:, None] ** 2) / (1 + np.sin(angle)))
    area = np.cumsum((height[:, 1:] + height[:, :-1]) / 2, axis=1)
    table = np.column_stack([np.zeros(len(limit)), area / area[:, -1:]])
    row = np.clip(np.rint(np.abs(ndtri(probability)) * 10), 0, 30).astype(np.int64)
    found = np.empty(len(correlation))
    for which in np.unique(row):
        here = row == which
        found[here] = np.interp(correlation[here], table[which], np.sin(angle))
    return found


class _Field:
    """A smooth random field per group.

    White noise on a lattice of ``_FIELD_LENGTHS`` neighbour lengths, interpolated bilinearly.
    """

    def __init__(
        self,
        x_m: NDArray[np.float64],
        y_m: NDArray[np.float64],
        group: NDArray[np.int64],
        length_m: float,
    ) -> None:
        step = _FIELD_LENGTHS * length_m
        column, row = np.floor(x_m / step), np.floor(y_m / step)
        right, up = x_m / step - column, y_m / step - row
        corners, weights = [], []
        for dx in (0, 1):
            for dy in (0, 1):
                corners.append(
                    (group * 10_000_000 + (column + dx).astype(np.int64)) * 10_000_000
                    + (row + dy).astype(np.int64)
                )
                weights.append((right if dx else 1 - right) * (up if dy else 1 - up))
        names, place = np.unique(np.concatenate(corners), return_inverse=True)
        self.size = len(names)
        self.place = place.reshape(4, -1)
        stacked = np.stack(weights)
        self.weights = (stacked / np.sqrt((stacked**2).sum(axis=0))).astype(np.float32)

    def draw(self, random: np.random.Generator) -> NDArray[np.float32]:
        """Draw the field at every claim, standard normal."""
        noise = random.standard_normal(self.size, dtype=np.float32)
        return np.asarray((self.weights * noise[self.place]).sum(axis=0), dtype=np.float32)
