"""Conflicts: where evidence contradicts what is claimed, and whom to telephone first."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from bredband.coverage import sheet
from bredband.coverage.assessment import promised
from bredband.coverage.belief import Posterior, served_probability
from bredband.coverage.claims import UNLISTED
from bredband.coverage.offers import TECHNOLOGY_NAMES
from bredband.coverage.pooling import GROUP_APART_M, REACH

_DOUBT = 2.0
"""A conflict is where the evidence halves the odds, or for an unlisted offer doubles them."""

_HEADINGS = {
    "premises_id": "Adresse-id",
    "address": "Adresse",
    "kommune": "Kommunenummer",
    "offer": "Meldt tilbud",
    "households": "Husstander",
    "served_probability": "Sannsynlighet for dekning",
    "wrong_households": "Husstander trolig feil",
    "reason": "Grunn",
}

_CALL_HEADINGS = {
    "premises_id": "Adresse-id",
    "address": "Adresse",
    "kommune": "Kommunenummer",
    "operator": "Tilbyder",
    "technology": "Teknologi",
    "probability": "Sannsynlighet for tilbudet",
    "change_households": "Husstander svaret flytter (ett standardavvik)",
}


def find(posterior: Posterior, premises: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """List the premises where evidence contradicts claims, the worst first.

    Two kinds: the target is claimed, and the evidence there or nearby halves the odds that
    the operator's claims usually have (and leaves less than 80 %), or makes it more likely
    false than true; or nobody
    claims the target, and the evidence doubles the odds that it is there all the same. They are ranked by the households that the claims are expected to
    classify wrongly: ``h (1 - p)`` where the target is claimed, ``h p`` where it is not.

    Parameters
    ----------
    posterior
        From :func:`bredband.coverage.believe`.
    premises
        The table it was found from.

    Returns
    -------
    gpd.GeoDataFrame
        ``premises_id``, ``address``, ``kommune``, ``offer`` (what is claimed, in words;
        empty if nothing), ``households``, ``served_probability``, ``wrong_households``,
        ``reason`` (a sentence in Norwegian) and the point.
    """
    after = served_probability(posterior)
    before = _usually_served(posterior)
    promise = promised(posterior, len(premises))
    claimed = promise["claimed"].to_numpy(np.bool_)
    moved = np.log(after / (1 - after)) - np.log(before / (1 - before))
    limit = np.log(_DOUBT) - 1e-9
    contradicted = ((moved <= -limit) & (after < 0.8)) | (after < 0.5)
    conflict = np.where(claimed, contradicted, (moved >= limit) & (after > 0.1))
    households = premises["households"].to_numpy(np.float64)
    wrong = households * np.where(claimed, 1 - after, after)
    conflict &= wrong > 0
    percent = [f"{round(100 * p)} %" for p in after[conflict].tolist()]
    said = np.where(
        claimed,
        "Tilbudet " + promise["against"].to_numpy(dtype=object),
        "Ingen melder tilbud her, men målinger eller svar tyder på at det finnes",
    )[conflict]
    found = gpd.GeoDataFrame(
        {
            "premises_id": premises["premises_id"].to_numpy()[conflict],
            "address": premises["address"].to_numpy()[conflict],
            "kommune": premises["kommune"].to_numpy()[conflict],
            "offer": promise.loc[conflict, "offer"].to_numpy(),
            "households": premises["households"].to_numpy()[conflict],
            "served_probability": after[conflict],
            "wrong_households": wrong[conflict],
            "reason": [
                f"{words}; sannsynligheten for dekning er {p}."
                for words, p in zip(said.tolist(), percent, strict=True)
            ],
        },
        geometry=premises.geometry.to_numpy()[conflict],
        crs=premises.crs,
    )
    ranked = found.sort_values(["wrong_households", "premises_id"], ascending=[False, True])
    return gpd.GeoDataFrame(ranked.reset_index(drop=True))


def write_csv(found: pd.DataFrame, path: Path) -> None:
    """Write the conflict list for a spreadsheet: Norwegian headings, no formulas."""
    sheet.write(found[list(_HEADINGS)].rename(columns=_HEADINGS), path)


def write_calls(calls: pd.DataFrame, path: Path) -> None:
    """Write the calls worth making as ``write_csv`` writes the conflicts."""
    named = calls.assign(technology=calls["technology"].map(TECHNOLOGY_NAMES))
    sheet.write(named[list(_CALL_HEADINGS)].rename(columns=_CALL_HEADINGS), path)


def worth_checking(
    posterior: Posterior, premises: gpd.GeoDataFrame, count: int = 100
) -> gpd.GeoDataFrame:
    r"""Choose the telephone calls that would change the county's coverage figure most.

    A call settles one claim with probability ``p``. The figure then moves by the
    households at the premises, by those of the same operator and technology nearby, and by
    all that hang on the operator's reliability. The standard deviation of the movement is

    .. math:: \sqrt{p(1-p)}\,\Bigl(h + \sum_c \frac{w_c H_c}{m + W_c + 1}
              + \frac{H}{M + n + 1}\Bigr)

    where ``H_c`` are the uncertain households of cell ``c``, ``W_c`` what is known there,
    ``H`` and ``n`` the same for the stratum. Calls are chosen one at a time, each
    counted as known before the next: a hundred calls do not all go to one hamlet.

    Returns
    -------
    gpd.GeoDataFrame
        At most ``count`` rows in the order to call: ``premises_id``, ``address``,
        ``kommune``, ``operator``, ``technology``, ``probability``, ``change_households``
        (the standard deviation above) and the point.
    """
    claims = posterior.claims
    asked = claims[claims["meets"] & (claims["technology"] != UNLISTED)].reset_index(drop=True)
    asked = asked[premises["households"].to_numpy()[asked["premises_row"]] > 0]
    asked = asked.reset_index(drop=True)
    order, change = _greedy(posterior, asked, premises, count)
    chosen = asked.loc[order]
    row = chosen["premises_row"].to_numpy()
    return gpd.GeoDataFrame(
        {
            "premises_id": premises["premises_id"].to_numpy()[row],
            "address": premises["address"].to_numpy()[row],
            "kommune": premises["kommune"].to_numpy()[row],
            "operator": chosen["operator"].to_numpy(),
            "technology": chosen["technology"].to_numpy(),
            "probability": chosen["probability"].to_numpy(),
            "change_households": change,
        },
        geometry=premises.geometry.to_numpy()[row],
        crs=premises.crs,
    )


def _usually_served(posterior: Posterior) -> NDArray[np.float64]:
    claims = posterior.claims
    doubt = np.where(claims["meets"], np.log1p(-claims["reliability_probability"].to_numpy()), 0.0)
    row = claims["premises_row"].to_numpy()
    return np.asarray(-np.expm1(np.bincount(row, doubt, minlength=len(posterior.premises))))


def _greedy(
    posterior: Posterior, asked: pd.DataFrame, premises: pd.DataFrame, count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Choose the claims one at a time; give their rows and what each was worth then."""
    trust = posterior.trust
    p = asked["probability"].to_numpy(np.float64)
    row = asked["premises_row"].to_numpy(np.int64)
    households = premises["households"].to_numpy(np.float64)[row]
    others = (1 - served_probability(posterior)[row]) / np.maximum(1 - p, 1e-12)
    at_stake = households * np.clip(others, 0.0, 1.0)
    open_still = np.where(asked["pattern"].to_numpy() == 0, at_stake, 0.0)
    stratum = asked["stratum"].to_numpy(np.int64)
    place = asked[["x_m", "y_m", "group"]].to_numpy(np.float64)
    spots, first, spot = np.unique(place, axis=0, return_index=True, return_inverse=True)
    where = spots * np.array([1.0, 1.0, GROUP_APART_M])
    tree = KDTree(where)
    pairs = tree.sparse_distance_matrix(
        tree, REACH * trust.neighbour_length_m, output_type="ndarray"
    )
    near = csr_array(
        (np.exp(-pairs["v"] / trust.neighbour_length_m), (pairs["i"], pairs["j"])),
        shape=(len(spots), len(spots)),
    )
    open_at = np.bincount(spot, open_still, minlength=len(spots))
    known_at = asked["neighbour_weight"].to_numpy(np.float64)[first]
    open_in = np.bincount(stratum, open_still)
    known_in = np.bincount(stratum, asked["pattern"].to_numpy() > 0)
    spread = np.sqrt(p * (1 - p))
    free = np.ones(len(asked), dtype=np.bool_)
    order, change = [], []
    for _ in range(min(count, len(asked))):
        nearby = near @ (open_at / (trust.local_weight + known_at + 1))
        far = open_in / (trust.claims_weight + known_in + 1)
        worth = np.where(free, spread * (at_stake + nearby[spot] + far[stratum]), -1.0)
        pick = int(np.argmax(worth))
        order.append(pick)
        change.append(worth[pick])
        free[row == row[pick]] = False
        here = near[[spot[pick]]]
        known_at[here.indices] += here.data
        known_in[stratum[pick]] += 1
        open_at[spot[pick]] -= open_still[pick]
        open_in[stratum[pick]] -= open_still[pick]
    return np.array(order, dtype=np.int64), np.array(change, dtype=np.float64)
