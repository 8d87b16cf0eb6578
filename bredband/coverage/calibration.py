"""Calibration: claims brought into line with the regulator's published kommune figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_WIDEST = 14.0


def log_odds_shift(
    prior: NDArray[np.float64],
    claims: pd.DataFrame,
    premises: pd.DataFrame,
    published: pd.DataFrame,
) -> NDArray[np.float64]:
    r"""Find how much the log odds of the claims in each kommune must be moved.

    The published share counts claims as the regulator has them; ours may be incomplete, or
    too many. In each kommune the same number is added to the log odds of every claim that
    promises the target, so that the expected share of households before any evidence equals
    the published share:

    .. math:: \sum_i h_i \Bigl[1 - \prod_{c \in i} (1 - \sigma(\mathrm{logit}\,p_c + \delta_k))
              \Bigr] = T_k \sum_i h_i

    Offers told of in a hearing are newer than the published figure: they are neither counted nor
    moved, so that an operator's new offer takes nothing from the others'.

    This is raking on the log-odds scale. Found by bisection; a kommune that is not in the
    published table is not moved.

    Parameters
    ----------
    prior
        Probability of each claim before evidence, strictly between 0 and 1.
    claims
        From :func:`bredband.coverage.claims.gather`.
    premises
        Table of the data model.
    published
        ``kommune`` and ``served_share`` (0–1) at the target.

    Returns
    -------
    NDArray
        One number per claim; 0 where the claim does not promise the target, or is newer.
    """
    codes, names = pd.factorize(premises["kommune"], sort=True)
    wanted = published.set_index("kommune")["served_share"].reindex(names).to_numpy(np.float64)
    meets = (claims["meets"] & ~claims["heard"]).to_numpy(np.bool_)
    row = claims["premises_row"].to_numpy(np.int64)[meets]
    kommune = codes[row]
    odds = np.log(prior[meets] / (1 - prior[meets]))
    households = premises["households"].to_numpy(np.float64)
    total = np.bincount(codes, households, minlength=len(names))
    low, high = np.full(len(names), -_WIDEST), np.full(len(names), _WIDEST)
    for _ in range(50):
        middle = (low + high) / 2
        doubt = np.bincount(
            row, -np.logaddexp(0.0, odds + middle[kommune]), minlength=len(premises)
        )
        reached = np.bincount(codes, households * -np.expm1(doubt), minlength=len(names))
        too_low = reached < wanted * total
        low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
    moved = np.where(np.isnan(wanted) | (total == 0), 0.0, (low + high) / 2)
    shift = np.zeros(len(claims))
    shift[meets] = moved[kommune]
    return shift
