"""The coverage table: what is believed of each premises held against the target and the law."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.coverage import eligibility, findings, offers
from bredband.coverage.belief import Posterior, served_probability
from bredband.coverage.claims import UNLISTED, UNLISTED_RANK
from bredband.scenario.coverage import CoverageChoices, Target

_NOTICEABLE = 0.02
"""A probability that moves less than this is not given as a reason."""


def judge(
    posterior: Posterior,
    premises: pd.DataFrame,
    availability: pd.DataFrame,
    choices: CoverageChoices,
    excluded: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Decide for each premises whether it is served, by what, how surely, and who may be helped.

    Parameters
    ----------
    posterior
        From :func:`bredband.coverage.believe`.
    premises, availability
        The tables it was found from.
    choices
        How sure one must be, and which state-aid rule applies.
    excluded
        ``premises_id`` and ``ground`` of premises that no scheme may help, if any.

    Returns
    -------
    pd.DataFrame
        The table ``coverage`` of the data model: a row per premises in the same order,
        with the index of ``premises``. ``lacking_share`` is 0 or 1 when the plan is made on a
        cut, else ``1 - probability``.

    Raises
    ------
    ScenarioError
        When the scenario names a state-aid rule that does not exist.
    """
    ids = premises["premises_id"]
    probability = served_probability(posterior)
    served = probability >= choices.lowest_probability
    here = _best_claim(posterior, premises, served, choices).set_axis(premises.index)
    coming = offers.best(
        _planned(availability, posterior.target, choices), ["down_mbps", "up_mbps"]
    )
    planned = ids.isin(coming.index).to_numpy() & ~served
    hindered = planned & choices.count_planned
    lacks = np.flatnonzero(~served)
    networks = _networks(posterior, premises, availability, served, choices)
    aid = eligibility.decide(
        premises.iloc[lacks], networks, eligibility.regime(choices.regime), excluded
    )
    eligible = np.zeros(len(premises), dtype=np.bool_)
    eligible[lacks] = aid["eligible"].to_numpy() & ~hindered[lacks]
    reason = _reasons(posterior, premises, probability, served, here)
    words = ("Planlagt innen tre år: " + offers.describe(coming)).reindex(ids[planned])
    reason[planned] = words.to_numpy(dtype=object)
    status = np.where(eligible[lacks], "; kan få støtte: ", "; ikke støtte: ").astype(object)
    status += aid["reason"].to_numpy(dtype=object)
    reason[lacks] += np.where(hindered[lacks], "", status)
    return pd.DataFrame(
        {
            "premises_id": ids,
            "operator": here["operator"],
            "technology": here["technology"],
            "down_mbps": here["down_mbps"],
            "up_mbps": here["up_mbps"],
            "served": served,
            "served_probability": probability,
            "lacking_share": np.where(choices.plan_on == "cut", ~served, 1 - probability),
            "planned": planned,
            "eligible": eligible,
            "reason": pd.array((reason + ".").tolist(), dtype="str"),
        },
        index=premises.index,
    )


def _planned(availability: pd.DataFrame, target: Target, choices: CoverageChoices) -> pd.DataFrame:
    counted = offers.counted(availability, choices)
    return counted[(counted["status"] == "planned") & offers.meets(counted, target)]


def _best_claim(
    posterior: Posterior,
    premises: pd.DataFrame,
    served: NDArray[np.bool_],
    choices: CoverageChoices,
) -> pd.DataFrame:
    """Give the fastest claim that is more likely true than not, for each premises.

    Where the target is met but no single claim is likely, it is the likeliest of those that
    promise the target. An unlisted offer has neither operator nor technology.
    """
    claims = posterior.claims
    row = claims["premises_row"].to_numpy()
    likely = claims["probability"].to_numpy() >= min(0.5, choices.lowest_probability)
    listed = claims["technology_rank"].to_numpy() != UNLISTED_RANK
    useful = np.flatnonzero(np.where(served[row], claims["meets"].to_numpy(), likely & listed))
    keys = [claims[name].to_numpy()[useful] for name in ("down_mbps", "up_mbps", "probability")]
    best = claims.take(useful[offers.leaders(row[useful], likely[useful], *keys)])
    best = best.set_index("premises_row").reindex(np.arange(len(premises)))
    return pd.DataFrame(
        {
            "operator": best["operator"].fillna("").astype("str"),
            "technology": best["technology"].replace(UNLISTED, "").fillna("").astype("str"),
            "down_mbps": best["down_mbps"].fillna(0.0),
            "up_mbps": best["up_mbps"].fillna(0.0),
        }
    )


def _networks(
    posterior: Posterior,
    premises: pd.DataFrame,
    availability: pd.DataFrame,
    served: NDArray[np.bool_],
    choices: CoverageChoices,
) -> pd.DataFrame:
    """Give the offers that state-aid rules count where the target is not met: believed, or planned."""
    claims = posterior.claims
    row = claims["premises_row"].to_numpy()
    sure = claims["probability"].to_numpy() >= choices.lowest_probability
    sure &= (claims["technology_rank"].to_numpy() != UNLISTED_RANK) & ~served[row]
    kept = claims[sure]
    columns = ["premises_id", "operator", "technology", "down_mbps", "up_mbps", "status"]
    believed = pd.DataFrame(
        {
            "premises_id": premises["premises_id"].to_numpy()[kept["premises_row"]],
            "operator": kept["operator"].to_numpy(),
            "technology": kept["technology"].to_numpy(),
            "down_mbps": kept["down_mbps"].to_numpy(),
            "up_mbps": kept["up_mbps"].to_numpy(),
            "status": "available",
        }
    )
    if not choices.count_planned:
        return believed
    counted = offers.counted(availability, choices)
    return pd.concat(
        [believed, counted.loc[counted["status"] == "planned", columns]], ignore_index=True
    )


def _reasons(
    posterior: Posterior,
    premises: pd.DataFrame,
    probability: NDArray[np.float64],
    served: NDArray[np.bool_],
    here: pd.DataFrame,
) -> NDArray[np.object_]:
    """Say in Norwegian why each premises is counted as served or not."""
    percent = np.array([f" (sannsynlighet {p} %)" for p in range(101)], dtype=object)[
        np.rint(100 * probability).astype(np.int64)
    ]
    words = offers.describe(here).to_numpy(dtype=object)
    has_offer = (here["down_mbps"] > 0).to_numpy()
    known = (here["technology"] != "").to_numpy()
    yes = np.where(
        known, "Dekket: " + words, "Dekket: målinger eller svar viser et tilbud ingen har meldt"
    )
    slow = np.where(
        has_offer, "Ikke dekket: beste tilbud er " + words, "Ikke dekket: ingen registrerte tilbud"
    )
    promise = promised(posterior, len(premises))
    doubt = "Ikke sikkert dekket: tilbudet " + promise["against"].to_numpy(dtype=object)
    no = np.where(promise["claimed"].to_numpy(), doubt, slow)
    certain = np.where(served | promise["claimed"].to_numpy(), percent, "")
    support = np.where(served & known, promise["support"].to_numpy(dtype=object), "")
    return np.asarray(np.where(served, yes, no) + support + certain, dtype=object)


def promised(posterior: Posterior, count: int) -> pd.DataFrame:
    """Give for each premises the best promise of the target, and what speaks for or against.

    Columns ``claimed``, ``offer`` (in words), ``against`` (with what speaks against it) and
    ``support`` (a clause on what confirms it).
    """
    claims = posterior.claims
    listed = claims["technology_rank"].to_numpy() != UNLISTED_RANK
    promising = np.flatnonzero(claims["meets"].to_numpy() & listed)
    row = claims["premises_row"].to_numpy()[promising]
    probability = claims["probability"].to_numpy()[promising]
    best = claims.take(promising[offers.leaders(row, probability)])
    support = np.array([_support(p) for p in range(findings.PATTERNS)], dtype=object)
    pattern = best["pattern"].to_numpy()
    offer = offers.describe(best).to_numpy(dtype=object)
    frame = pd.DataFrame(
        {
            "claimed": True,
            "offer": offer,
            "against": offer + _against(best),
            "support": support[pattern],
        },
        index=best["premises_row"].to_numpy(),
    ).reindex(np.arange(count))
    frame["claimed"] = frame["claimed"].eq(True)
    return frame.fillna({"offer": "", "against": "", "support": ""})


def _has(pattern: int, name: str) -> bool:
    return bool(pattern >> findings.FINDINGS.index(name) & 1)


def _support(pattern: int) -> str:
    """Say what confirms a claim."""
    if _has(pattern, "call_yes") and not _has(pattern, "call_no"):
        return ", bekreftet på telefon"
    if _has(pattern, "high_cable") or _has(pattern, "high_wifi"):
        return ", bekreftet av fartstest"
    return ", bekreftet av svar" if _has(pattern, "yes") and not _has(pattern, "no") else ""


def _against(claims: pd.DataFrame) -> NDArray[np.object_]:
    """Say what speaks against each claim: evidence there, nearby, or on the operator."""
    pattern = claims["pattern"].to_numpy(np.int64)
    has = {name: (pattern >> bit & 1).astype(bool) for bit, name in enumerate(findings.FINDINGS)}
    low = has["low_cable"] | has["low_wifi"]
    heard = claims["neighbour_weight"] > 0
    local = heard & (claims["local_probability"] < claims["shown_probability"] - _NOTICEABLE)
    unconnected = claims["shown_probability"] < claims["reliability_probability"] - _NOTICEABLE
    usual = claims["reliability_probability"] < claims["prior_probability"] - _NOTICEABLE
    return np.select(
        [
            has["call_no"],
            has["no"],
            low,
            local.to_numpy(),
            unconnected.to_numpy(),
            usual.to_numpy(),
        ],
        [
            " er meldt, men svaret på telefon er nei",
            " er meldt, men svar derfra sier nei",
            " er meldt, men fartstester når det ikke",
            " er meldt, men svar og målinger i nærheten taler mot",
            " er meldt, men få av naboene er tilkoblet",
            " er meldt, men tilbyderens meldinger har vist seg lite pålitelige",
        ],
        " er meldt, men ikke bekreftet",
    ).astype(object)
