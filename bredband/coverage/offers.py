"""Offers: which rows of the availability count, and which is the best at each premises."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.scenario.coverage import CoverageChoices, Target
from bredband.wording import sentences

TECHNOLOGY_NAMES = sentences("coverage", "nb")["technology"]
"""What each technology is called in sentences."""


def counted(availability: pd.DataFrame, choices: CoverageChoices) -> pd.DataFrame:
    """Keep the offers whose technology counts as fixed broadband in the scenario."""
    return availability[availability["technology"].isin(list(choices.technologies))]


def meets(offers: pd.DataFrame, target: Target) -> pd.Series[bool]:
    """Tell for each offer whether it promises at least the target, down and up."""
    return (offers["down_mbps"] >= target.down_mbps) & (offers["up_mbps"] >= target.up_mbps)


def best(offers: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Keep the best offer at each premises, indexed by ``premises_id``.

    The best has the highest values of the columns ``by``, in that order; an exact tie
    goes to the operator first in the alphabet, so the order of the rows never matters.
    """
    ordered = offers.sort_values(
        [*by, "operator", "technology"], ascending=[False] * len(by) + [True, True]
    )
    return ordered.drop_duplicates("premises_id").set_index("premises_id")


def leaders(row: NDArray[np.int64], *keys: NDArray[np.generic]) -> NDArray[np.int64]:
    """Find the best offer at each premises: highest by the first key, then by the second and so on.

    Parameters
    ----------
    row
        Premises of each offer, in rising order.
    keys
        One number per offer each; where all are equal the first offer leads.

    Returns
    -------
    NDArray
        Positions in ``row``, one for each premises that occurs there.
    """
    if not len(row):
        return np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.diff(row, prepend=row[0] - 1))
    premises = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(row)))
    leads = np.ones(len(row), dtype=np.bool_)
    for key in keys:
        value = np.where(leads, key.astype(np.float64), -np.inf)
        leads &= value == np.maximum.reduceat(value, starts)[premises]
    place = np.where(leads, np.arange(len(row)), len(row))
    return np.asarray(np.minimum.reduceat(place, starts), dtype=np.int64)


def describe(offers: pd.DataFrame) -> pd.Series[str]:
    """Put each offer in words: ``1000/500 Mbit/s fiber fra Lilleland Breiband``."""
    columns = ["operator", "technology", "down_mbps", "up_mbps"]
    code = np.zeros(len(offers), dtype=np.int64)
    for name in columns:
        part, kinds = pd.factorize(offers[name])
        code = code * max(len(kinds), 1) + part
    _, first, kind = np.unique(code, return_index=True, return_inverse=True)
    words = [
        f"{down:g}/{up:g} Mbit/s {TECHNOLOGY_NAMES[technology]} fra {operator or 'ukjent tilbyder'}"
        for operator, technology, down, up in offers[columns].iloc[first].itertuples(index=False)
    ]
    return pd.Series(np.array(words, dtype=object)[kind], index=offers.index, dtype=object)
