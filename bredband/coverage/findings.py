"""Findings: what the evidence says of each claim, as likelihoods.

Every finding is a *set*: whether somebody answered yes, whether somebody answered no,
whether a test over cable or Wi-Fi reached the threshold or stayed below. Hence neither the
order of the rows nor a duplicate changes anything, and ten tests of one line are no more
than the best of them.

What the county asks by telephone is a finding of its own: the county chose whom to ask, so it
says nothing of who complains, and whoever asks can explain the question.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.coverage.claims import TECHNOLOGIES, UNLISTED, UNLISTED_RANK
from bredband.scenario.coverage import CoverageChoices, Trust

FINDINGS = (
    "yes", "no", "high_cable", "high_wifi", "low_cable", "low_wifi", "call_yes", "call_no"
)  # fmt: skip
"""The eight things that evidence can say of a claim; bit ``i`` of a pattern is number ``i``."""

_ANSWERS = 0b11
_CALLS = 1 << FINDINGS.index("call_yes") | 1 << FINDINGS.index("call_no")

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
            "called": said["kind"].to_numpy() == "call",
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
    yes, no = pairs["offer"] == "yes", pairs["offer"] == "no"
    facts = (
        yes & ~pairs["called"],
        no & ~pairs["called"],
        high & ~pairs["wifi"],
        high & pairs["wifi"],
        low & ~pairs["wifi"],
        low & pairs["wifi"],
        yes & pairs["called"],
        no & pairs["called"],
    )
    for bit, fact in enumerate(facts):
        found[pairs.loc[fact, "claim_row"].unique()] |= 1 << bit
    return found


@dataclass(frozen=True)
class Likelihoods:
    """The probability of each pattern when the claim is true, and when it is false.

    Only the ratio of ``if_true`` and ``if_false`` matters. Reliability is found among those who
    answer; ``odds`` is how many times larger the odds of a claim are among those whom the pattern
    was found with: 1 for those who answered of themselves, ``complaint_weight`` for those who were called.
    """

    if_true: NDArray[np.float64]
    if_false: NDArray[np.float64]
    odds: NDArray[np.float64]

    def of(self, pattern: NDArray[np.int64]) -> Likelihoods:
        """Give those of some patterns."""
        return Likelihoods(self.if_true[pattern], self.if_false[pattern], self.odds[pattern])

    def logs(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the log-likelihood of each pattern where a share ``theta`` of those who answer have the offer."""
        real = self.odds * theta
        found = real * self.if_true + (1 - theta) * self.if_false
        return np.asarray(np.log(found / (real + 1 - theta)), dtype=np.float64)


def likelihoods(trust: Trust) -> Likelihoods:
    """Give the likelihoods of every pattern, each array of shape (``PATTERNS``,).

    Answers multiply. Of the tests only the best counts: one that reached the
    threshold, else one over cable that did not, else one over Wi-Fi that did not.
    """
    everything = np.arange(PATTERNS)
    has = {name: (everything >> bit & 1).astype(bool) for bit, name in enumerate(FINDINGS)}
    right, asked = trust.survey_probability, trust.call_probability
    cable, wifi = trust.cable_test_probability, trust.wifi_test_probability
    chance = min(trust.false_test_probability, cable / 2, wifi / 2)
    if_true, if_false = np.ones(PATTERNS), np.ones(PATTERNS)
    for name, when_true in (
        ("yes", right), ("no", 1 - right), ("call_yes", asked), ("call_no", 1 - asked),
    ):  # fmt: skip
        if_true *= np.where(has[name], when_true, 1.0)
        if_false *= np.where(has[name], 1 - when_true, 1.0)
    high = [has["high_cable"] & (cable >= wifi), has["high_wifi"], has["high_cable"]]
    low = [has["low_cable"], has["low_wifi"]]
    if_true *= np.select([*high, *low], [cable, wifi, cable, 1 - cable, 1 - wifi], 1.0)
    if_false *= np.select([*high, *low], [chance] * 3 + [1 - chance] * 2, 1.0)
    fair = called(everything) & ~answered(everything)
    return Likelihoods(if_true, if_false, np.where(fair, trust.complaint_weight, 1.0))


def speed_can_fail(claims: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell the claims of a technology against which a slow test speaks."""
    shared = np.array([name in SHARED_MEDIUM for name in TECHNOLOGIES])
    return np.asarray(shared[claims["technology_rank"].to_numpy(np.int64)])


def pool_weights(trust: Trust) -> NDArray[np.float64]:
    """Give how much each pattern counts for the neighbours and for the operator.

    An answer counts fully. A test alone counts less (``test_weight``): only those who have
    a line can test it, so tests are no fair sample of the claims.
    """
    everything = np.arange(PATTERNS)
    return np.where(answered(everything) | called(everything), 1.0, trust.test_weight)


def answered(pattern: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which patterns hold an answer to a survey, yes or no."""
    return (pattern & _ANSWERS) > 0


def unanswered(pattern: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give what the patterns would have been without any answer to a survey."""
    return pattern & ~_ANSWERS


def uncalled(pattern: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give what the patterns would have been if the county had not rung.

    Whom the county rings it chooses by what is believed there: where an offer is doubtful. So
    those it rings tell of themselves and of their neighbours, and are no fair sample of an operator's claims.
    """
    return pattern & ~_CALLS


def of_operators(claims: pd.DataFrame, pattern: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give what the patterns would have been if nobody had spoken of an unlisted offer.

    An unlisted offer is heard of where somebody has one; whoever has none seldom says so. So the
    answers about them are no sample of anything: they speak of the home that gave them, and neither
    of how many such offers there are nor of the neighbours'.
    """
    unlisted = claims["technology_rank"].to_numpy() == UNLISTED_RANK
    return np.where(unlisted, 0, pattern)


def told_neighbours(claims: pd.DataFrame, pattern: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give what the neighbours of each claim hear: nothing from a connected home or of an unlisted offer."""
    return np.where(claims["connected"], 0, of_operators(claims, pattern))


def apart(
    pattern: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give what neighbours hear: what people told and measured of themselves, and what they said when called.

    Who says the same both times is heard once, and more surely. Who does not is heard twice. So a yes
    never takes from the weight of another, nor a no of another no.
    """
    survey, call = pattern & _ANSWERS, pattern & _CALLS
    same = (survey > 0) & (call >> FINDINGS.index("call_yes") == survey) & (survey != _ANSWERS)
    return np.where(same, pattern, uncalled(pattern)), np.where(same, 0, call)


def called(pattern: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which patterns hold an answer to the county's own question by telephone."""
    return (pattern & _CALLS) > 0


def worth(probability: NDArray[np.float64], right_share: float) -> NDArray[np.float64]:
    r"""Give the information in an imperfect answer as a share of that in a perfect one.

    Fisher's information of a yes/no seen through error: with :math:`q = ps + (1-p)(1-s)`
    the probability of a yes, :math:`(2s-1)^2 p(1-p) / (q(1-q))`.
    """
    yes = probability * right_share + (1 - probability) * (1 - right_share)
    lost = (2 * right_share - 1) ** 2
    return np.asarray(lost * probability * (1 - probability) / (yes * (1 - yes)), dtype=np.float64)


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
