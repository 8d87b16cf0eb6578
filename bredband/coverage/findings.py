"""Findings: what the evidence says of each claim, as likelihoods.

Every finding is a *set*: whether somebody answered yes, whether somebody answered no,
whether a test over cable or Wi-Fi reached the threshold or stayed below. Hence neither the
order of the rows nor a duplicate changes anything, and ten tests of one line are no more
than the best of them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.coverage.claims import TECHNOLOGIES, UNLISTED
from bredband.scenario.coverage import CoverageChoices, Trust

FINDINGS = ("yes", "no", "high_cable", "high_wifi", "low_cable", "low_wifi")
"""The six things that evidence can say of a claim; bit ``i`` of a pattern is number ``i``."""

PATTERNS = 2 ** len(FINDINGS)
"""Number of combinations of findings."""

SHARED_MEDIUM = ("fwa", "mobile", "dsl", "satellite", "other")
"""Technologies whose speed depends on distance, signal or load. Only against these does a
slow test speak: on fibre or cable it shows a cheap subscription, not a missing offer."""


def patterns(
    claims: pd.DataFrame,
    premises: pd.DataFrame,
    evidence: pd.DataFrame,
    choices: CoverageChoices,
) -> NDArray[np.int64]:
    """Say for each claim which findings there are about it, as a pattern of bits.

    Evidence that names an operator or a technology speaks of the claims it names; a
    premises without such a claim has an unlisted one, and it speaks of that. A «no» that
    names nothing speaks against every claim at the premises. A test that fits several claims
    speaks of the slowest that can explain it; a «yes» that fits several, of the one most
    likely beforehand.

    Parameters
    ----------
    claims
        From :func:`bredband.coverage.claims.gather`.
    premises, evidence
        Tables of the data model. Evidence without a premises, and evidence of a technology
        that does not count, is left out.

    Returns
    -------
    NDArray
        One pattern per claim; 0 = no evidence.
    """
    row = pd.Index(premises["premises_id"]).get_indexer(pd.Index(evidence["premises_id"]))
    says = (evidence["offer"] != "") | evidence["down_mbps"].notna()
    counts = evidence["technology"].isin(["", *choices.technologies])
    kept = (row >= 0) & says.to_numpy() & counts.to_numpy()
    said = evidence[kept]
    found = np.zeros(len(claims), dtype=np.int64)
    if said.empty:
        return found
    said = pd.DataFrame(
        {
            "said_row": np.arange(len(said)),
            "premises_row": row[kept].astype(np.int64),
            "named_operator": said["operator"].to_numpy(),
            "named_technology": said["technology"].to_numpy(),
            "offer": said["offer"].to_numpy(),
            "measured_mbps": said["down_mbps"].to_numpy(np.float64),
            "wifi": said["link"].to_numpy() == "wifi",
        }
    )
    columns = [
        "premises_row", "operator", "technology", "technology_rank", "down_mbps", "threshold_mbps", "prior_probability"
    ]  # fmt: skip
    asked = np.zeros(len(premises), dtype=np.bool_)
    asked[said["premises_row"]] = True
    touched = asked[claims["premises_row"]]
    candidates = claims.loc[touched, columns].assign(claim_row=np.flatnonzero(touched))
    pairs = _concerned(said.merge(candidates, on="premises_row"))
    high = pairs["measured_mbps"] >= choices.trust.test_measured_share * pairs["threshold_mbps"]
    slow = pairs["measured_mbps"].notna() & ~high
    low = slow & speed_can_fail(pairs)
    facts = (
        pairs["offer"] == "yes",
        pairs["offer"] == "no",
        high & ~pairs["wifi"],
        high & pairs["wifi"],
        low & ~pairs["wifi"],
        low & pairs["wifi"],
    )
    for bit, fact in enumerate(facts):
        found[pairs.loc[fact, "claim_row"].unique()] |= 1 << bit
    return found


def likelihoods(trust: Trust) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the probability of each pattern when the claim is true, and when it is false.

    A yes and a no multiply. Of the tests only the best counts: one that reached the
    threshold, else one over cable that did not, else one over Wi-Fi that did not.

    Returns
    -------
    tuple
        ``if_true`` and ``if_false``, each of shape (``PATTERNS``,). Only their ratio matters.
    """
    right, wrong = trust.survey_probability, 1 - trust.survey_probability
    cable, wifi = trust.cable_test_probability, trust.wifi_test_probability
    chance = min(trust.false_test_probability, cable / 2, wifi / 2)
    if_true, if_false = np.ones(PATTERNS), np.ones(PATTERNS)
    for pattern in range(PATTERNS):
        has = {name: bool(pattern >> bit & 1) for bit, name in enumerate(FINDINGS)}
        if has["yes"]:
            if_true[pattern] *= right
            if_false[pattern] *= wrong
        if has["no"]:
            if_true[pattern] *= wrong
            if_false[pattern] *= right
        if has["high_cable"] or has["high_wifi"]:
            if_true[pattern] *= max(
                cable if has["high_cable"] else 0, wifi if has["high_wifi"] else 0
            )
            if_false[pattern] *= chance
        elif has["low_cable"]:
            if_true[pattern] *= 1 - cable
            if_false[pattern] *= 1 - chance
        elif has["low_wifi"]:
            if_true[pattern] *= 1 - wifi
            if_false[pattern] *= 1 - chance
    return if_true, if_false


def speed_can_fail(claims: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell the claims of a technology against which a slow test speaks."""
    shared = np.array([name in SHARED_MEDIUM for name in TECHNOLOGIES])
    return np.asarray(shared[claims["technology_rank"].to_numpy(np.int64)])


def pool_weights(trust: Trust) -> NDArray[np.float64]:
    """Give how much each pattern counts for the neighbours and for the operator.

    An answer counts fully. A test alone counts less (``test_weight``): only those who have
    a line can test it, so tests are no fair sample of the claims.
    """
    return np.where(answered(np.arange(PATTERNS)), 1.0, trust.test_weight)


def answered(pattern: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which patterns hold an answer, yes or no."""
    return (pattern & 0b11) > 0


def certain(claims: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell the claims whose truth is known from elsewhere: connected, or tested fast enough.

    ``claims`` has the column ``pattern``.
    """
    pattern = claims["pattern"].to_numpy(np.int64)
    fast = 1 << FINDINGS.index("high_cable") | 1 << FINDINGS.index("high_wifi")
    return np.asarray(claims["connected"].to_numpy(np.bool_) | ((pattern & fast) > 0))


def _concerned(pairs: pd.DataFrame) -> pd.DataFrame:
    """Keep the pairs of evidence and claim in which the one speaks of the other."""
    operator, technology = pairs["named_operator"], pairs["named_technology"]
    unlisted = pairs["technology"] == UNLISTED
    named = (operator != "") | (technology != "")
    fits = (
        ~unlisted
        & ((operator == "") | (operator == pairs["operator"]))
        & ((technology == "") | (technology == pairs["technology"]))
    )
    any_fits = fits.groupby(pairs["said_row"]).transform("any")
    fits |= unlisted & ~any_fits
    fits |= unlisted & ~named & (pairs["offer"] == "no")
    pairs = pairs[fits]
    of_one = (pairs["named_operator"] == "") | pairs["measured_mbps"].notna()
    of_one &= pairs["offer"] != "no"
    explains = pairs["down_mbps"] >= pairs["measured_mbps"]
    choice = pairs[of_one].assign(
        fit=np.where(
            pairs["measured_mbps"].isna(),
            0.0,
            np.where(explains, -pairs["down_mbps"], pairs["down_mbps"] - 1e9),
        )[of_one]
    )
    best = choice.sort_values(
        ["said_row", "fit", "prior_probability", "claim_row"],
        ascending=[True, False, False, True],
    ).drop_duplicates("said_row")
    return pd.concat([best, pairs[~of_one]], ignore_index=True)
