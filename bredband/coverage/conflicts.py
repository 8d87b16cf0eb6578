"""Conflicts: where evidence contradicts what is claimed, and whom to telephone first."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import KDTree
from scipy.special import logit

from bredband.coverage import sheet
from bredband.coverage.assessment import promised
from bredband.coverage.belief import Posterior, served_probability
from bredband.coverage.claims import UNLISTED
from bredband.coverage.findings import called, worth
from bredband.coverage.pooling import REACH
from bredband.wording import said, sentences

_DOUBT = 2.0
"""A conflict is where the evidence halves the odds, or for an unlisted offer doubles them."""

_SUREST = (1e-9, 1 - 1e-9)
"""Where so many claims meet the target that the doubt is rounded away, odds are kept finite."""

_AT_ONCE = 2000
"""Spots whose neighbours are listed at a time: a county's pairs of neighbours do not fit in memory."""

_GROUP_APART_M = 1e8
"""Distance put between operators and technologies, so that none is another's neighbour."""


def find(posterior: Posterior, premises: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """List the premises where evidence contradicts claims, the worst first.

    Two kinds: the target is claimed, and the evidence there or nearby halves the odds that
    the operator's claims usually have (and leaves less than 80 %), or makes it more likely
    false than true; or nobody claims the target, and the evidence doubles the odds that it is
    there all the same. They are ranked by the households that the claims are expected to
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
    moved = logit(np.clip(after, *_SUREST)) - logit(np.clip(before, *_SUREST))
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


def write_csv(found: pd.DataFrame, path: Path, *, language: str = "nb") -> None:
    """Write the conflict list for a spreadsheet, in bokmål or nynorsk (``nn``); no formulas."""
    told = found.assign(
        offer=[said(offer, language) for offer in found["offer"]],
        reason=[said(reason, language) for reason in found["reason"]],
    )
    sheet.write_named(told, sentences("coverage", language)["conflicts"], path)


def write_calls(calls: pd.DataFrame, path: Path, *, language: str = "nb") -> None:
    """Write the calls worth making as ``write_csv`` writes the conflicts, with a column for the answers."""
    words = sentences("coverage", language)
    named = calls.assign(technology=calls["technology"].map(words["technology"]), answer="")
    sheet.write_named(named, words["calls"], path)


def has_answers(path: Path) -> bool:
    """Tell whether somebody has written an answer in a list of calls."""
    rows = csv.DictReader(path.read_text("utf-8-sig", "replace").splitlines(), delimiter=";")
    answer = sentences("coverage", "nb")["calls"]["answer"]  # the same word in nynorsk
    return any((row.get(answer) or "").strip() for row in rows)


def worth_checking(
    posterior: Posterior, premises: gpd.GeoDataFrame, count: int = 100
) -> gpd.GeoDataFrame:
    r"""Choose the telephone calls that would change the county's coverage figure most.

    The figure is the households expected to be covered. A call asks about one claim with probability
    ``p``. The answer, right with probability ``s`` (``call_probability``), moves ``p`` by a standard
    deviation of :math:`\sqrt{\omega p(1-p)}`, where ``omega`` is what an imperfect answer is worth
    (:func:`bredband.coverage.findings.worth`). With it move the neighbours of the same operator and
    technology:

    .. math:: \sqrt{\omega p(1-p)}\,\Bigl(h + \sum_c \frac{w_c H_c}{m + \omega(W_c + 1)}\Bigr),
              \qquad w_c = \frac{w}{(1 + Nx)(1 + (N+1)x)}, \quad x = \frac{1-w}{m}

    where ``h`` are the households that hang on the claim alone, ``H_c`` those that hang on the claims of cell ``c`` and
    follow their neighbours, ``W_c`` the answers known there and ``m`` is ``local_weight``; ``w_c`` is what one more
    call counts there after ``N`` from the same place (:func:`bredband.coverage.pooling.neighbourhood`). Calls are chosen one at a
    time, each counted as known before the next. So the squares add up: the root of their sum is the standard
    deviation of what all the calls do to the figure.

    Returns
    -------
    gpd.GeoDataFrame
        At most ``count`` rows in the order to call: ``premises_id``, ``address``,
        ``kommune``, ``operator``, ``technology``, ``probability``, ``change_households``
        (the standard deviation above) and the point.
    """
    claims = posterior.claims
    told = called(claims["pattern"].to_numpy())
    asked = claims[claims["meets"] & (claims["technology"] != UNLISTED) & ~told]
    asked = asked.reset_index(drop=True)
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


@dataclass(frozen=True)
class _Stakes:
    """What hangs on each claim that can be asked about, and where it stands.

    ``alone`` are the households that hang on the claim itself, ``follows`` those that move with its
    neighbours: none where the home is connected. A unit is a stratum in a spot, as in
    :class:`bredband.coverage.pooling.Units`; ``place`` is where the spots lie.
    """

    alone: NDArray[np.float64]
    follows: NDArray[np.float64]
    spread: NDArray[np.float64]
    unit: NDArray[np.int64]
    spot_of_unit: NDArray[np.int64]
    place: NDArray[np.float64]


def _stakes(posterior: Posterior, asked: pd.DataFrame, premises: pd.DataFrame) -> _Stakes:
    p = asked["probability"].to_numpy(np.float64)
    row = asked["premises_row"].to_numpy(np.int64)
    others = (1 - served_probability(posterior)[row]) / np.maximum(1 - p, 1e-12)
    alone = premises["households"].to_numpy(np.float64)[row] * np.clip(others, 0.0, 1.0)
    around = asked["local_probability"].to_numpy(np.float64)
    moves = p * (1 - p) / np.maximum(around * (1 - around), 1e-12)
    place = asked[["x_m", "y_m", "group"]].to_numpy(np.float64) * [1.0, 1.0, _GROUP_APART_M]
    spots, spot = np.unique(place, axis=0, return_inverse=True)
    codes, unit = np.unique(np.column_stack([spot, asked["stratum"]]), axis=0, return_inverse=True)
    return _Stakes(
        alone=alone,
        follows=np.where(asked["connected"], 0.0, alone * moves),
        spread=np.sqrt(worth(p, posterior.trust.call_probability) * p * (1 - p)),
        unit=unit.ravel(),
        spot_of_unit=codes[:, 0],
        place=spots,
    )


def _close_pairs(here: KDTree, there: KDTree, length_m: float) -> csr_array:
    """Give how much each place ``there`` counts at each place ``here``: 1 in the same cell."""
    pairs = here.sparse_distance_matrix(there, REACH * length_m, output_type="ndarray")
    return csr_array(
        (np.exp(-pairs["v"] / length_m), (pairs["i"], pairs["j"])), shape=(here.n, there.n)
    )


def _greedy(
    posterior: Posterior, asked: pd.DataFrame, premises: pd.DataFrame, count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Choose the claims one at a time; give their rows and what each was worth then."""
    neighbours = _Neighbours(posterior, asked, premises)
    at = neighbours.at
    spot, row = at.spot_of_unit[at.unit], asked["premises_row"].to_numpy(np.int64)
    tells = ~asked["connected"].to_numpy(np.bool_)
    free = np.ones(len(asked), dtype=np.bool_)
    order, change = [], []
    for _ in range(min(count, asked["premises_row"].nunique())):
        stake = at.alone + np.where(tells, neighbours.near[spot], 0.0)
        value = np.where(free, at.spread * stake, -1.0)
        pick = int(np.argmax(value))
        order.append(pick)
        change.append(value[pick])
        free[row == row[pick]] = False
        if tells[pick]:
            neighbours.hear(pick)
    return np.array(order, dtype=np.int64), np.array(change, dtype=np.float64)


class _Neighbours:
    """What one more call in each spot moves around it, as calls are made.

    ``near`` is the sum over cells of :func:`worth_checking`, of each spot.
    """

    def __init__(self, posterior: Posterior, asked: pd.DataFrame, premises: pd.DataFrame) -> None:
        self.trust, self.at = posterior.trust, _stakes(posterior, asked, premises)
        at = self.at
        spots, units = len(at.place), len(at.spot_of_unit)
        self.tree = KDTree(at.place)
        self.calls, self.known = np.zeros(spots), np.zeros(spots)
        around = asked["neighbour_weight"].to_numpy(np.float64)
        np.maximum.at(self.known, at.spot_of_unit[at.unit], around)
        self.information = np.zeros(units)
        local = asked["local_probability"].to_numpy(np.float64)
        self.information[at.unit] = worth(local, self.trust.survey_probability)
        self.hanging = np.bincount(at.unit, at.follows, units)
        self.stands = self._hangs()
        parts = np.array_split(np.arange(spots), spots // _AT_ONCE + 1)
        self.near = np.concatenate([self._counts(part) @ self.stands for part in parts])

    def hear(self, pick: int) -> None:
        """Count a call as made: it changes what is known within reach, and what calls within twice that move."""
        at = self.at
        here = at.spot_of_unit[at.unit[[pick]]]
        told = self._counts(here)
        self.known[told.indices] += told.data
        self.calls[here] += 1
        self.hanging[at.unit[pick]] -= at.follows[pick]
        before, self.stands = self.stands, self._hangs()
        moved = np.flatnonzero(self.stands != before)
        reach_m = REACH * self.trust.neighbour_length_m
        concerned = np.array(self.tree.query_ball_point(at.place[here[0]], 2 * reach_m))
        self.near[concerned] += self._counts(concerned, moved) @ (self.stands - before)[moved]
        self.near[here] = self._counts(here) @ self.stands

    def _hangs(self) -> NDArray[np.float64]:
        r"""Give what hangs on each spot for one more answer: :math:`H_c / (m + \omega(W_c + 1))`."""
        spot_of_unit, spots = self.at.spot_of_unit, len(self.at.place)
        heard = self.trust.local_weight + self.information * (self.known[spot_of_unit] + 1)
        return np.asarray(np.bincount(spot_of_unit, self.hanging / heard, spots), dtype=np.float64)

    def _counts(self, here: NDArray[np.int64], there: NDArray[np.int64] | None = None) -> csr_array:
        """Say what one more call in the spots ``here`` counts in those ``there``, or in all."""
        place = self.at.place
        about = self.tree if there is None else KDTree(place[there])
        close = _close_pairs(KDTree(place[here]), about, self.trust.neighbour_length_m)
        before = np.repeat(self.calls[here], np.diff(close.indptr))
        apart = (1 - close.data) / self.trust.local_weight
        close.data /= (1 + before * apart) * (1 + (before + 1) * apart)
        return close
