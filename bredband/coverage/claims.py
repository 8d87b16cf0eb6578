"""Claims: every offer that may be real, and one unlisted offer at each premises."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from bredband import tables
from bredband.scenario.coverage import CoverageChoices, Target, Trust

UNLISTED = "unlisted"
"""Technology of the offer that nobody reported but that may exist all the same."""

HEARING = "høringssvar"
"""Source of an offer that an operator told of in a hearing."""

WITHDRAWN = "withdrawn"
"""Status of a published offer that an answer in a hearing stands in place of."""

CELL_M = 250.0
"""Side of the cells of the SSB grid in which claims are pooled."""

TECHNOLOGIES = (*tables.TECHNOLOGIES, UNLISTED)
"""Technologies in the order of the column ``technology_rank``."""

UNLISTED_RANK = TECHNOLOGIES.index(UNLISTED)
"""The ``technology_rank`` of an unlisted claim."""


def gather(
    premises: pd.DataFrame, availability: pd.DataFrame, target: Target, choices: CoverageChoices
) -> pd.DataFrame:
    """List the claims that the model has to believe or doubt.

    A claim is an offer that is available or modelled, of a technology that counts. Its
    threshold is the target, or the offered speed where that is lower. Every premises has
    in addition one *unlisted* claim: an offer at the target that nobody reported.

    Parameters
    ----------
    premises, availability
        Tables of the data model; offers to premises outside the table are left out.

    Returns
    -------
    pd.DataFrame
        Sorted by premises (in the order of the table ``premises``), technology, operator.
        Columns: ``premises_row`` (position in ``premises``), ``operator``, ``technology``,
        ``down_mbps``, ``up_mbps``, ``threshold_mbps``, ``meets`` (promises the target),
        ``connected``, ``modelled``, ``heard`` (told of in a hearing), ``group`` (operator and technology), ``kind`` (group,
        in or outside a settlement, meets the target or not), ``stratum`` (kind, connected or passed), ``prior_probability``.
    """
    row = pd.Index(premises["premises_id"]).get_indexer(pd.Index(availability["premises_id"]))
    kept = (row >= 0) & availability["status"].isin(["available", "modelled"]).to_numpy()
    kept &= availability["technology"].isin(list(choices.technologies)).to_numpy()
    offers = availability[kept]
    listed = pd.DataFrame(
        {
            "premises_row": row[kept].astype(np.int64),
            "operator": offers["operator"].to_numpy(),
            "technology_rank": rank(offers["technology"]),
            "down_mbps": offers["down_mbps"].to_numpy(np.float64),
            "up_mbps": offers["up_mbps"].to_numpy(np.float64),
            "connected": offers["connected"].to_numpy(np.bool_),
            "modelled": offers["status"].eq("modelled").to_numpy(),
            "heard": offers["source"].eq(HEARING).to_numpy(),
            "error_db": offers["error_db"]
            .fillna(choices.trust.radio_error_db)
            .to_numpy(np.float64),
        }
    )
    listed = _absorb_predictions(listed, target, choices.trust)
    unlisted = pd.DataFrame(
        {
            "premises_row": np.arange(len(premises)),
            "operator": "",
            "technology_rank": UNLISTED_RANK,
            "down_mbps": target.down_mbps,
            "up_mbps": target.up_mbps,
            "connected": False,
            "modelled": False,
            "heard": False,
            "prior_probability": choices.trust.unlisted_probability,
        }
    )
    claims = pd.concat([listed, unlisted], ignore_index=True) if len(listed) else unlisted
    return _sorted_with_groups(claims, premises, target)


def as_published(availability: pd.DataFrame) -> pd.DataFrame:
    """Give the offers as they were when the regulator counted them, before any hearing."""
    heard = (availability["source"] == HEARING) | (availability["status"] == WITHDRAWN)
    if not heard.any():
        return availability
    published = availability[availability["source"] != HEARING]
    status = published["status"].where(published["status"] != WITHDRAWN, "available")
    return published.assign(status=status)


def rank(technology: pd.Series[str]) -> NDArray[np.int64]:
    """Give the place of each technology in ``TECHNOLOGIES``."""
    return pd.Categorical(technology, categories=list(TECHNOLOGIES)).codes.astype(np.int64)


def technology_prior(technology_rank: NDArray[np.int64], trust: Trust) -> NDArray[np.float64]:
    """Give the probability that a claim is true before any evidence, by technology."""
    known = {
        "fibre": trust.fibre_probability,
        "cable": trust.cable_probability,
        "fwa": trust.radio_probability,
        "mobile": trust.radio_probability,
        UNLISTED: trust.unlisted_probability,
    }
    by_rank = np.array([known.get(name, trust.other_probability) for name in TECHNOLOGIES])
    return by_rank[technology_rank]


def usual_prior(claims: pd.DataFrame, trust: Trust) -> NDArray[np.float64]:
    """Give the probability that a claim is true before any evidence or prediction."""
    connected = claims["connected"].to_numpy(np.bool_)
    return np.where(
        connected,
        trust.connected_probability,
        technology_prior(claims["technology_rank"].to_numpy(), trust),
    )


def predicted_probability(
    down_mbps: NDArray[np.float64],
    threshold_mbps: NDArray[np.float64],
    error_db: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """Give the probability that a radio prediction of a speed really reaches a threshold.

    The signal is predicted with a normal error of ``error_db`` (shadow fading and terrain,
    ITU-R P.1546-6 §12 and P.1812-7: 5–10 dB), the prediction's own where it has one. At the edge of a cell throughput is near
    proportional to the signal-to-noise ratio, so the speed has the same error in decibel:
    ``p = Phi(10 log10(predicted / threshold) / error_db)``, kept within 0.02–0.98.
    """
    margin_db = 10 * np.log10(np.maximum(down_mbps, 1e-6) / np.maximum(threshold_mbps, 1e-6))
    return np.asarray(np.clip(ndtr(margin_db / error_db), 0.02, 0.98), dtype=np.float64)


def _absorb_predictions(listed: pd.DataFrame, target: Target, trust: Trust) -> pd.DataFrame:
    """Let a prediction change the prior of the claim it speaks of; alone it is a claim.

    A prediction is held against what the claim promises, or the target where that is less;
    alone it promises what it predicts. For a claim with prior probability ``p`` and a
    prediction ``q`` for the same premises, operator and technology:
    ``odds = odds(p) * odds(q)``, the product of two experts.
    """
    key = ["premises_row", "operator", "technology_rank"]
    claimed = listed[~listed["modelled"]]
    claimed = claimed.assign(prior_probability=usual_prior(claimed, trust))
    predicted = listed[listed["modelled"]]
    if predicted.empty:
        return claimed
    said = claimed[[*key, "down_mbps"]].merge(
        predicted[[*key, "down_mbps", "error_db"]], on=key, how="left", suffixes=("", "_predicted")
    )
    q = predicted_probability(
        said["down_mbps_predicted"].to_numpy(np.float64),
        np.minimum(said["down_mbps"].to_numpy(np.float64), target.down_mbps),
        said["error_db"].to_numpy(np.float64),
    )
    p = claimed["prior_probability"].to_numpy(np.float64)
    both = p * q / (p * q + (1 - p) * (1 - q))
    claimed = claimed.assign(prior_probability=np.where(np.isnan(q), p, both))
    alone = predicted.merge(claimed[key], on=key, how="left", indicator=True)
    alone = alone[alone["_merge"] == "left_only"].drop(columns="_merge")
    down_mbps = alone["down_mbps"].to_numpy(np.float64)
    threshold_mbps = np.minimum(down_mbps, target.down_mbps)
    q = predicted_probability(down_mbps, threshold_mbps, alone["error_db"].to_numpy(np.float64))
    return pd.concat([claimed, alone.assign(prior_probability=q)], ignore_index=True)


def _sorted_with_groups(
    claims: pd.DataFrame, premises: pd.DataFrame, target: Target
) -> pd.DataFrame:
    technology = claims["technology_rank"].to_numpy(np.int64)
    unlisted = technology == UNLISTED_RANK
    meets = (claims["down_mbps"] >= target.down_mbps) & (claims["up_mbps"] >= target.up_mbps)
    rural = premises["rural"].to_numpy(np.bool_)[claims["premises_row"]]
    operator, _ = pd.factorize(claims["operator"], sort=True)
    group = operator * len(TECHNOLOGIES) + technology
    claims = claims.assign(
        technology=np.array(TECHNOLOGIES, dtype=object)[technology],
        threshold_mbps=np.minimum(claims["down_mbps"], target.down_mbps),
        meets=meets,
        rural=rural,
        group=pd.factorize(group, sort=True)[0],
        kind=pd.factorize(group * 4 + rural * 2 + (meets & ~unlisted), sort=True)[0],
        stratum=pd.factorize(
            (group * 2 + claims["connected"].to_numpy()) * 4 + rural * 2 + (meets & ~unlisted),
            sort=True,
        )[0],
    )
    order = np.lexsort((claims["modelled"], operator, technology, claims["premises_row"]))
    return claims.take(order).reset_index(drop=True)
