"""A national grant shared by a stated key, as the counties know it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.errors import ScenarioError
from bredband.sector.footing import SectorCounty
from bredband.sector.scenario import Key

Ints = NDArray[np.int64]

FACTORS = ("rural_lacking", "need", "centrality")


def key_shares(counties: Sequence[SectorCounty], key: Key) -> pd.DataFrame:
    """Give each county its share by every factor of the key, and by the whole key.

    The factors are those of the key for the counties' broadband grant in 2022 and 2023:
    rural households that lack the target, estimated need of grant, and (from 2023) Statistics
    Norway's centrality index. The official weights are not published with it; those of the
    scenario are *anslag*. A factor that nobody has any of is left out.

    Returns
    -------
    table
        A row per county, indexed by name: ``rural_lacking_share``, ``need_share``,
        ``centrality_share`` and ``key_share``, each of which sums to 1 or to 0.

    Raises
    ------
    ScenarioError
        If centrality counts, but a kommune has no class.
    """
    amounts = {
        "rural_lacking": [county.rural_lacking_households for county in counties],
        "need": [county.need_nok for county in counties],
        "centrality": [_least_central_households(county, key) for county in counties],
    }
    weights = {
        "rural_lacking": key.rural_lacking_weight,
        "need": key.need_weight,
        "centrality": key.centrality_weight,
    }
    table = pd.DataFrame(index=pd.Index([county.name for county in counties], name="county"))
    total, weight_used = np.zeros(len(counties)), 0.0
    for name in FACTORS:
        amount = np.array(amounts[name], dtype=np.float64)
        share = amount / amount.sum() if amount.sum() > 0 else np.zeros(len(amount))
        table[f"{name}_share"] = share
        if share.any():
            total += weights[name] * share
            weight_used += weights[name]
    table["key_share"] = total / weight_used if weight_used else 1 / len(counties)
    return table


def _least_central_households(county: SectorCounty, key: Key) -> int:
    if not key.centrality_weight:
        return 0
    households = county.households_of_kommune
    if lacking := sorted(set(households) - set(key.centrality_class)):
        raise ScenarioError(
            f"key.centrality_class mangler kommune {lacking[0]} ({county.name}).",
            advice="Legg inn SSBs sentralitetsklasse for alle kommunene, eller sett "
            "centrality_weight til 0.",
        )
    return sum(
        count
        for code, count in households.items()
        if key.centrality_class[code] >= key.least_central_class
    )


def by_key(
    shares: Sequence[float], highest_nok: Sequence[int], annual_grant_nok: Sequence[int]
) -> Ints:
    """Share each year's grant by the key; what a county cannot use goes to the others by the key.

    Parameters
    ----------
    shares
        The key, shape (counties,).
    highest_nok
        The most that a county can use over all years.
    annual_grant_nok
        The national grant of each year.

    Returns
    -------
    Whole kroner, shape (counties, years).
    """
    share, highest = np.array(shares), np.array(highest_nok, dtype=np.float64)
    left = total = float(sum(annual_grant_nok))
    given = np.zeros(len(share))
    open_ = share > 0
    while left > 0.5 and open_.any():
        more = np.where(open_, left * share / share[open_].sum(), 0.0)
        more = np.minimum(more, highest - given)
        given += more
        left = total - given.sum()
        if not (full := open_ & (given >= highest - 1e-6)).any():
            break
        open_ &= ~full
    part = given / total if total else given
    return np.floor(np.outer(part, annual_grant_nok) + 1e-6).astype(np.int64)
