"""Pooling: what claims learn from each other, up the hierarchy and across the map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bredband.coverage import findings
from bredband.coverage.claims import CELL_M, UNLISTED_RANK, technology_prior
from bredband.coverage.fits import expected, most_likely
from bredband.grid import ssb_cell_corners_m, ssb_cell_ids
from bredband.kernel import kernel
from bredband.scenario.coverage import Trust

REACH = 3.0
"""Neighbours farther away than this many lengths do not count."""


@dataclass(frozen=True)
class Units:
    """Where claims are pooled: a unit is a stratum in a cell, a spot is a group in a cell."""

    unit: NDArray[np.int64]
    spot_of_unit: NDArray[np.int64]
    stratum_of_unit: NDArray[np.int64]
    group_of_spot: NDArray[np.int64]
    spot_x_m: NDArray[np.float64]
    spot_y_m: NDArray[np.float64]

    @property
    def spot(self) -> NDArray[np.int64]:
        """Spot of each claim."""
        return self.spot_of_unit[self.unit]

    @property
    def x_m(self) -> NDArray[np.float64]:
        """Easting of each unit."""
        return self.spot_x_m[self.spot_of_unit]

    @property
    def y_m(self) -> NDArray[np.float64]:
        """Northing of each unit."""
        return self.spot_y_m[self.spot_of_unit]


def place(claims: pd.DataFrame, premises: pd.DataFrame) -> Units:
    """Put every claim in its cell of the SSB grid and in its stratum."""
    cell = ssb_cell_ids(premises.geometry.x.to_numpy(), premises.geometry.y.to_numpy(), int(CELL_M))
    cells, cell_row = np.unique(cell, return_inverse=True)
    west, south = ssb_cell_corners_m(cells)
    of_claim = cell_row[claims["premises_row"].to_numpy()]
    group = claims["group"].to_numpy(np.int64)
    stratum = claims["stratum"].to_numpy(np.int64)
    unit_code, first, unit = np.unique(
        stratum * len(cells) + of_claim, return_index=True, return_inverse=True
    )
    spot_code, spot_of_unit = np.unique(
        group[first] * len(cells) + unit_code % len(cells), return_inverse=True
    )
    spot_cell = spot_code % len(cells)
    return Units(
        unit=unit,
        spot_of_unit=spot_of_unit,
        stratum_of_unit=unit_code // len(cells),
        group_of_spot=spot_code // len(cells),
        spot_x_m=west[spot_cell] + CELL_M / 2,
        spot_y_m=south[spot_cell] + CELL_M / 2,
    )


def reliabilities(
    claims: pd.DataFrame,
    pattern: NDArray[np.int64],
    chance: findings.Likelihoods,
    trust: Trust,
    down_to: str = "stratum",
) -> NDArray[np.float64]:
    """Find the reliability of each claim's stratum, from technology down to stratum.

    A home that is connected has the offer; what it answers says nothing of the homes that
    are only passed. So the connected count in their own strata alone. Calls do not count
    (:func:`bredband.coverage.findings.uncalled`), nor what is said of unlisted offers
    (:func:`bredband.coverage.findings.of_operators`).
    """
    pattern = findings.of_operators(claims, findings.uncalled(pattern))
    is_connected = claims["connected"].to_numpy(np.bool_)
    heard = np.full(len(claims), -np.log(trust.complaint_weight))
    prior = shift_odds(technology_prior(claims["technology_rank"].to_numpy(), trust), heard)
    connected = shift_odds(np.full(len(claims), trust.connected_probability), heard)
    for level in ("technology_rank", "group", "stratum"):
        code = claims[level].to_numpy(np.int64)
        count = int(code.max()) + 1
        seen = (pattern > 0) & (~is_connected | (level == "stratum"))
        found = np.bincount(
            code[seen] * findings.PATTERNS + pattern[seen], minlength=count * findings.PATTERNS
        ).reshape(count, findings.PATTERNS)
        if level == "stratum":
            prior = np.where(
                is_connected, connected, shift_odds(prior, trust.rural_neper * rural_excess(claims))
            )
        mean = np.zeros(count)
        mean[code] = prior
        mean[mean == 0] = 0.5  # codes that no claim has
        strength = np.full(count, trust.claims_weight)
        prior = most_likely(found * findings.pool_weights(trust), mean, strength, chance)[code]
        if level == down_to:
            break
    return prior


def rural_excess(claims: pd.DataFrame) -> NDArray[np.float64]:
    """Give 1 for a claim outside settlements, else 0, less the mean of its operator and technology.

    The mean is over the homes that are only passed. An offer that nobody reported is nobody's claim: 0.
    """
    group, rural = claims["group"].to_numpy(np.int64), claims["rural"].to_numpy(np.float64)
    passed = ~claims["connected"].to_numpy(np.bool_)
    count = np.bincount(group, passed)
    mean = np.bincount(group, passed * rural) / np.maximum(count, 1)
    listed = claims["technology_rank"].to_numpy() != UNLISTED_RANK
    return np.asarray(listed * (rural - mean[group]), dtype=np.float64)


def pooled(
    pattern: NDArray[np.int64],
    units: Units,
    reliability: NDArray[np.float64],
    chance: findings.Likelihoods,
    trust: Trust,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the local probability of each claim without its own evidence, and its weight."""
    seen = np.flatnonzero(pattern)
    everywhere = np.arange(len(units.group_of_spot))
    near, used = neighbourhood(units, pattern, trust.neighbour_length_m, trust, everywhere)
    mean = np.zeros(len(units.spot_of_unit))
    mean[units.unit] = reliability
    strength = np.full(len(mean), trust.local_weight)
    around = chance.of(used)
    local = expected(near[units.spot_of_unit], mean, strength, around)[units.unit]
    weight = near.sum(axis=1)[units.spot]
    if len(seen):
        others = without_own(near[units.spot[seen]], used, pattern[seen], trust)
        own = units.unit[seen]
        local[seen] = expected(others, mean[own], strength[own], around)
        weight[seen] = others.sum(axis=1)
    return local, np.maximum(weight, 0.0)


def neighbourhood(
    units: Units,
    pattern: NDArray[np.int64],
    length_m: float,
    trust: Trust,
    at: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    r"""Sum the distance-weighted findings around the spots ``at``.

    Thirty calls to one hamlet tell much of that hamlet, and little more than one does of the next: ``n`` calls
    with one answer in a spot count elsewhere as :math:`n w / (1 + n(1-w)/m)`, which nears
    :math:`m w/(1-w)`, what is known of a place when all is known of one that is correlated
    :math:`\sqrt w` with it. Surveys are asked of everybody and count as they come.

    Returns the weights, shape (``at``, patterns in use), and the patterns in use.
    """
    seen = np.flatnonzero(pattern)
    parts = findings.apart(pattern[seen])
    used = np.unique(np.concatenate([part[part > 0] for part in parts]))
    if not len(seen):
        return np.zeros((len(at), 0)), used
    witnessed, row = np.unique(units.spot[seen], return_inverse=True)
    counts = np.zeros((len(witnessed), len(used)))
    for part in parts:
        here = part > 0
        np.add.at(counts, (row[here], np.searchsorted(used, part[here])), 1.0)
    alike = np.where(findings.uncalled(used) == 0, trust.local_weight, np.inf)
    near = count_around(units, at, witnessed, counts, length_m, alike)
    return near * findings.pool_weights(trust)[used], used


def count_around(
    units: Units,
    at: NDArray[np.int64],
    witnessed: NDArray[np.int64],
    counts: NDArray[np.float64],
    length_m: float,
    alike_weight: NDArray[np.float64],
) -> NDArray[np.float64]:
    r"""Sum what is found in the spots ``witnessed`` around each of the spots ``at``.

    ``n`` findings in a spot count as :math:`n w / (1 + n(1-w)/m)` in another of the same group,
    :math:`w = e^{-d/\ell}`: as :math:`nw` where ``m`` is infinite. A county has so many pairs of
    neighbours that they are summed where they are met and not listed.

    Parameters
    ----------
    at, witnessed
        Rows of spots; the witnessed once each.
    counts
        Findings of each kind, shape (``witnessed``, kinds).
    length_m
        Neighbour length :math:`\ell`.
    alike_weight
        :math:`m` of each kind.

    Returns
    -------
    Shape (``at``, kinds).
    """
    out = np.zeros((len(at), counts.shape[1]))
    if not len(at) or not len(witnessed):
        return out
    column, row = (
        np.rint((place_m - place_m.min()) / CELL_M).astype(np.int64)
        for place_m in (units.spot_x_m, units.spot_y_m)
    )
    reach = REACH * length_m / CELL_M
    step = np.arange(int(reach) + 1)
    # As many empty cells as anyone reaches lie between the rows, and between the groups.
    width, height = (int(place.max()) + len(step) for place in (column, row))
    key = (units.group_of_spot * height + row) * width + column
    along = np.argsort(key[witnessed])
    found = csr_array(counts[along])
    _add_up(
        key[at],
        key[witnessed[along]],
        np.sqrt(np.maximum(reach**2 - step**2, 0.0)).astype(np.int64),
        np.exp(-np.hypot(step[:, None], step) * CELL_M / length_m),
        (found.indptr.astype(np.int64), found.indices.astype(np.int64), found.data),
        1 / alike_weight,
        width,
        out,
    )
    return out


@kernel
def _add_up(
    at: NDArray[np.int64],
    key: NDArray[np.int64],
    half_width: NDArray[np.int64],
    closeness: NDArray[np.float64],
    found: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]],
    apart: NDArray[np.float64],
    width: int,
    out: NDArray[np.float64],
) -> None:
    """Walk the rows of cells within reach; in each, the witnessed spots lie after one another."""
    start, kind, number = found
    for i in range(len(at)):
        for up in range(1 - len(half_width), len(half_width)):
            half, level = half_width[abs(up)], at[i] + up * width
            j = np.searchsorted(key, level - half)
            while j < len(key) and key[j] <= level + half:
                close = closeness[abs(up), abs(key[j] - level)]
                for k in range(start[j], start[j + 1]):
                    n, share = number[k], apart[kind[k]]
                    out[i, kind[k]] += n * close / (1 + n * (1 - close) * share)
                j += 1


def without_own(
    near: NDArray[np.float64],
    used: NDArray[np.int64],
    own: NDArray[np.int64],
    trust: Trust,
) -> NDArray[np.float64]:
    """Take each claim's own findings out of the sum around it."""
    others = near.copy()
    for part in findings.apart(own):
        here = np.flatnonzero(part)
        column = np.searchsorted(used, part[here])
        others[here, column] -= findings.pool_weights(trust)[part[here]]
    return np.maximum(others, 0.0)


def shift_odds(
    probability: NDArray[np.float64], log_odds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Add log odds to a probability."""
    factor = np.exp(log_odds)
    return np.asarray(
        probability * factor / (probability * factor + 1 - probability), dtype=np.float64
    )
