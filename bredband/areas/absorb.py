"""Areas too small to tender, taken up by a neighbour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bredband.areas.partition import TrenchTree, feeders, owners, pieces
from bredband.scenario.network import AreaChoices

_NEIGHBOURS = 16


def absorb_small(
    tree: TrenchTree, label: NDArray[np.int64], choices: AreaChoices
) -> NDArray[np.int64]:
    """Join areas with too few households to the nearest neighbour that has room.

    Two areas may join when they lie in the same kommune (if the scenario asks for it), no
    further apart than ``longest_gap_m``, within the bounds on households and price, and when
    one hangs on the other's feeder or on a feeder upstream of it: then the trench that the
    joined area shares is still one path, and the areas remain a forest.

    Returns
    -------
    The numbers of the areas as ``partition`` gives them, from 0 without gaps.
    """
    served = np.flatnonzero(label >= 0)
    count = int(label.max(initial=-1)) + 1
    if count < 2:
        return label
    area = label[served]
    owner, below = owners(tree, label)
    piece, upstream_piece = pieces(tree, owner, below)
    feeder = feeders(tree, label, owner, piece, count)
    chains = [_chain(int(piece_number), upstream_piece) for piece_number in feeder]
    households = np.bincount(area, tree.households[served], count)
    own = owner >= 0
    capex_nok = np.bincount(owner[own], tree.trench_nok[own], count)
    capex_nok += np.bincount(area, tree.drop_nok[served], count)
    kommune = np.empty(count, dtype=object)
    kommune[area] = tree.kommune[served]
    joined = np.arange(count)
    for small in np.argsort(households, kind="stable"):
        if households[joined[small]] >= choices.fewest_households:
            continue
        for other in _nearest(
            tree, served, joined[area], int(joined[small]), choices.longest_gap_m
        ):
            here = int(joined[small])
            if (
                households[here] + households[other] <= choices.most_households
                and capex_nok[here] + capex_nok[other] <= choices.highest_capex_nok
                and (kommune[here] == kommune[other] or not choices.keep_within_kommune)
                and (chains[here] <= chains[other] or chains[other] <= chains[here])
            ):
                households[other] += households[here]
                capex_nok[other] += capex_nok[here]
                chains[other] = chains[other] | chains[here]
                joined[joined == here] = other
                break
    _, compact = np.unique(joined, return_inverse=True)
    result = label.copy()
    result[served] = compact[area]
    return result


def _chain(piece: int, upstream_piece: list[int]) -> frozenset[int]:
    """Give a feeder and all feeders upstream of it."""
    chain = set()
    while piece >= 0:
        chain.add(piece)
        piece = upstream_piece[piece]
    return frozenset(chain)


def _nearest(
    tree: TrenchTree,
    served: NDArray[np.int64],
    area: NDArray[np.int64],
    here: int,
    reach_m: float,
) -> list[int]:
    """Give the other areas within reach, the nearest first."""
    inside = area == here
    others = np.flatnonzero(~inside)
    if not len(others):
        return []
    near = cKDTree(tree.place_m[served[others]])
    k = min(_NEIGHBOURS, len(others))
    distance, place = near.query(tree.place_m[served[inside]], k=k, distance_upper_bound=reach_m)
    distance, place = np.ravel(distance), np.ravel(place)
    order = np.argsort(distance, kind="stable")
    found = area[others[place[order][np.isfinite(distance[order])]]]
    return list(dict.fromkeys(found.tolist()))
