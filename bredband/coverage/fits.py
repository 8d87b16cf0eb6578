"""The share of claims that is true, from what was found: the likeliest, and the mean over all that fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from bredband.coverage import findings
from bredband.kernel import kernel

_OUTERMOST_NEPER, _STEP_NEPER = 24.0, 0.4
_ROWS_AT_ONCE = 4096


def most_likely(
    weights: NDArray[np.float64],
    mean: NDArray[np.float64],
    strength: NDArray[np.float64],
    chance: findings.Likelihoods,
) -> NDArray[np.float64]:
    r"""Find the theta that fits best, row by row.

    Maximises :math:`s[\mu\log\theta + (1-\mu)\log(1-\theta)] + \sum_p a_p \log
    \frac{k_p\theta L_{1p} + (1-\theta)L_{0p}}{k_p\theta + 1-\theta}`, where ``k`` is ``chance.odds``.

    Parameters
    ----------
    weights
        How much of each pattern there is, shape (rows, patterns).
    mean, strength
        The prior of each row.
    chance
        Likelihoods of each pattern.
    """
    out = np.empty(len(mean))
    real = chance.odds * chance.if_true
    _maximise(
        np.ascontiguousarray(weights), mean, strength, real, chance.if_false, chance.odds - 1, out
    )
    return out


@kernel
def _maximise(
    weights: NDArray[np.float64],
    mean: NDArray[np.float64],
    strength: NDArray[np.float64],
    if_true: NDArray[np.float64],
    if_false: NDArray[np.float64],
    excess: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Find the root of the derivative: Newton's steps, halving where one leaves the bracket."""
    for i in range(len(mean)):
        total = 0.0
        for p in range(weights.shape[1]):
            total += weights[i, p]
        out[i] = mean[i]
        if total == 0.0:
            continue
        low, high = 0.0, 1.0
        theta = mean[i]
        for _ in range(60):
            slope = strength[i] * (mean[i] / theta - (1 - mean[i]) / (1 - theta))
            bend = strength[i] * (mean[i] / theta**2 + (1 - mean[i]) / (1 - theta) ** 2)
            for p in range(weights.shape[1]):
                if weights[i, p] > 0.0:
                    gain = (if_true[p] - if_false[p]) / (
                        theta * if_true[p] + (1 - theta) * if_false[p]
                    )
                    usual = excess[p] / (1 + theta * excess[p])
                    slope += weights[i, p] * (gain - usual)
                    bend += weights[i, p] * (gain * gain - usual * usual)
            if slope > 0.0:
                low = theta
            else:
                high = theta
            following = theta + slope / bend
            if not low < following < high:
                following = 0.5 * (low + high)
            moved = abs(following - theta)
            theta = following
            if moved <= 1e-13:
                break
        out[i] = theta


def expected(
    weights: NDArray[np.float64],
    mean: NDArray[np.float64],
    strength: NDArray[np.float64],
    chance: findings.Likelihoods,
) -> NDArray[np.float64]:
    r"""Find the mean of theta after what was found, row by row.

    .. math:: p(\theta) \propto \mathrm{Beta}(\theta; s\mu, s(1-\mu))
              \prod_p \Bigl(\frac{k_p\theta L_{1p} + (1-\theta)L_{0p}}{k_p\theta + 1-\theta}\Bigr)^{a_p}

    summed over steps in log odds, where the integrand is so smooth that the sum is the integral to six digits
    (Trefethen and Weideman, 2014, SIAM Review 56, 385-458). Beyond the outermost step theta is 0 or 1, and the
    prior a geometric series. The steps are the same for every row, so that a likelihood that rises
    with theta never lowers the mean.

    Parameters
    ----------
    weights
        How much of each pattern there is, shape (rows, patterns).
    mean, strength
        The prior of each row.
    chance
        Likelihoods of each pattern; ``k`` is ``chance.odds``.
    """
    log_odds = np.arange(-_OUTERMOST_NEPER, _OUTERMOST_NEPER + _STEP_NEPER / 2, _STEP_NEPER)
    theta = expit(log_odds)
    log_true, log_false = -np.logaddexp(0.0, -log_odds), -np.logaddexp(0.0, log_odds)
    logs = chance.logs(theta[:, None]).T
    out = mean.copy()
    told = np.flatnonzero(weights.any(axis=1))
    for rows in np.array_split(told, len(told) // _ROWS_AT_ONCE + 1):
        yes, no = strength[rows] * mean[rows], strength[rows] * (1 - mean[rows])
        score = np.column_stack([yes, no, weights[rows]]) @ np.vstack([log_true, log_false, logs])
        score[:, 0] -= np.log(-np.expm1(-yes * _STEP_NEPER))
        score[:, -1] -= np.log(-np.expm1(-no * _STEP_NEPER))
        likely = np.exp(score - score.max(axis=1, keepdims=True))
        out[rows] = likely @ theta / likely.sum(axis=1)
    return out
