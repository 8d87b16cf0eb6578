"""Calibration: claims brought into line with the regulator's published kommune figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

_WIDEST = 14.0


def log_odds_shift(
    claims: pd.DataFrame, premises: pd.DataFrame, published: pd.DataFrame
) -> pd.Series[float]:
    r"""Find how much the log odds of the claims in each kommune must be moved.

    The published share counts claims as the regulator has them; ours may be incomplete, or
    too many. In each kommune the same number is added to the log odds of every claim that
    promises the target, so that the expected share of households before any evidence equals
    the published share:

    .. math:: \sum_i h_i \Bigl[1 - \prod_{c \in i} (1 - \sigma(\mathrm{logit}\,p_c + \delta_k))
              \Bigr] = T_k \sum_i h_i

    The claims must be those that the regulator counted: what a hearing has added or taken back
    since is newer than the figure (:func:`bredband.coverage.claims.as_published`).

    This is raking on the log-odds scale. Found by bisection; a kommune that is not in the
    published table is not moved.

    Parameters
    ----------
    claims
        From :func:`bredband.coverage.claims.gather`; ``prior_probability`` strictly between 0 and 1.
    premises
        Table of the data model.
    published
        ``kommune`` and ``served_share`` (0–1) at the target.

    Returns
    -------
    pd.Series
        One number per kommune, with the kommune as index.
    """
    codes, names = pd.factorize(premises["kommune"], sort=True)
    wanted = published.set_index("kommune")["served_share"].reindex(names).to_numpy(np.float64)
    meets = claims["meets"].to_numpy(np.bool_)
    row = claims["premises_row"].to_numpy(np.int64)[meets]
    kommune = codes[row]
    prior = claims["prior_probability"].to_numpy(np.float64)[meets]
    odds = np.log(prior / (1 - prior))
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
    return pd.Series(moved, index=names)
