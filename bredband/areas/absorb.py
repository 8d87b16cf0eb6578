"""Areas too small to tender, taken up by a neighbour."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bredband.areas.partition import TrenchTree, feeders, owners, pieces
from bredband.scenario.network import AreaChoices


@dataclass
class _Held:
    """What each area holds while areas are joined; ``chains`` are the shared pieces it needs.

    ``users`` counts the areas that need each piece, and ``piece_nok`` is what it costs.
    """

    households: NDArray[np.int64]
    capex_nok: NDArray[np.float64]
    kommune: NDArray[np.object_]
    chains: list[frozenset[int]]
    users: Counter[int]
    piece_nok: NDArray[np.float64]

    def freed(self, here: int, other: int) -> frozenset[int]:
        """Give the pieces that nobody else would need if the two were one area."""
        both = self.chains[here] & self.chains[other]
        return frozenset(piece for piece in both if self.users[piece] == 2)

    def fit(self, here: int, other: int, choices: AreaChoices) -> bool:
        """Tell whether two areas may be one."""
        freed_nok = sum(self.piece_nok[piece] for piece in self.freed(here, other))
        return bool(
            self.households[here] + self.households[other] <= choices.most_households
            and self.capex_nok[here] + self.capex_nok[other] + freed_nok
            <= choices.highest_capex_nok
            and (self.kommune[here] == self.kommune[other] or not choices.keep_within_kommune)
            and (
                self.chains[here] <= self.chains[other] or self.chains[other] <= self.chains[here]
            )
        )

    def join(self, here: int, other: int) -> None:
        """Give all that one area holds to another."""
        freed = self.freed(here, other)
        self.users.subtract(self.chains[here] & self.chains[other])
        self.households[other] += self.households[here]
        self.capex_nok[other] += self.capex_nok[here] + self.piece_nok[list(freed)].sum()
        self.chains[other] = (self.chains[other] | self.chains[here]) - freed


def absorb_small(
    tree: TrenchTree, label: NDArray[np.int64], choices: AreaChoices
) -> NDArray[np.int64]:
    """Join areas with too few households to the nearest neighbour that has room.

    Two areas may join when they lie in the same kommune (if the scenario asks for it), within
    the bounds on households and price, and when one hangs on the other's feeder or on a feeder
    upstream of it: then the trench that the joined area shares is still one path, and the areas
    remain a forest. Trench that only the two shared is counted in the price.

    Returns
    -------
    The numbers of the areas as ``partition`` gives them, from 0 without gaps.
    """
    served = np.flatnonzero(label >= 0)
    count = int(label.max(initial=-1)) + 1
    if count < 2:
        return label
    area, place_m = label[served], tree.place_m[served]
    held = _hold(tree, label, count)
    joined = np.arange(count)
    for small in np.argsort(held.households, kind="stable"):
        here = int(joined[small])
        if held.households[here] >= choices.fewest_households:
            continue
        now = joined[area]
        away_m = np.full(count, np.inf)
        np.minimum.at(away_m, now, cKDTree(place_m[now == here]).query(place_m)[0])
        away_m[here] = np.inf
        for other in np.argsort(away_m, kind="stable")[: np.isfinite(away_m).sum()].tolist():
            if held.fit(here, other, choices):
                held.join(here, other)
                joined[joined == here] = other
                break
    _, compact = np.unique(joined, return_inverse=True)
    result = label.copy()
    result[served] = compact[area]
    return result


def _hold(tree: TrenchTree, label: NDArray[np.int64], count: int) -> _Held:
    """Sum up what each area holds before any are joined."""
    served = np.flatnonzero(label >= 0)
    area = label[served]
    owner, below = owners(tree, label)
    piece, upstream_piece = pieces(tree, owner, below)
    feeder = feeders(tree, label, owner, piece, count)
    own, shared = owner >= 0, piece >= 0
    capex_nok = np.bincount(owner[own], tree.trench_nok[own], count)
    capex_nok += np.bincount(area, tree.drop_nok[served], count)
    kommune = np.empty(count, dtype=object)
    kommune[area] = tree.kommune[served]
    chains = [_chain(int(number), upstream_piece) for number in feeder]
    return _Held(
        households=np.bincount(area, tree.households[served], count).astype(np.int64),
        capex_nok=capex_nok,
        kommune=kommune,
        chains=chains,
        users=Counter(number for chain in chains for number in chain),
        piece_nok=np.bincount(piece[shared], tree.trench_nok[shared], len(upstream_piece)),
    )


def _chain(piece: int, upstream_piece: list[int]) -> frozenset[int]:
    """Give a feeder and all feeders upstream of it."""
    chain = set()
    while piece >= 0:
        chain.add(piece)
        piece = upstream_piece[piece]
    return frozenset(chain)
