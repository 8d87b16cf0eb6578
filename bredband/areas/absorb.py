"""Areas too small to tender, taken up by a neighbour."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bredband.areas.partition import TrenchTree, feeders, own_capex_nok, owners, pieces
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
            and (self.chains[here] <= self.chains[other] or self.chains[other] <= self.chains[here])
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
    the bounds on households and price, their premises and own trench no further apart than
    ``longest_gap_m`` unless all trench between them is then their own, and when one hangs on the other's feeder or on a feeder
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
    owner, below = owners(tree, label)
    held = _hold(tree, label, owner, below)
    of_place, place_m = _places(tree, label, owner)
    joined = np.arange(count)
    moved = True
    while moved:
        moved = False
        for here in np.argsort(held.households, kind="stable").tolist():
            if joined[here] != here or held.households[here] >= choices.fewest_households:
                continue
            other = _neighbour(held, joined[of_place], place_m, here, choices)
            if other >= 0:
                held.join(here, other)
                joined[joined == here] = other
                moved = True
    _, compact = np.unique(joined, return_inverse=True)
    result = label.copy()
    result[served] = compact[label[served]]
    return result


def _places(
    tree: TrenchTree, label: NDArray[np.int64], owner: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """List where each area is: its premises, and the ends of the trench that it is drawn along."""
    served, drawn = np.flatnonzero(label >= 0), np.where(owner >= 0, owner, label)
    along = np.flatnonzero(drawn >= 0)
    place_m = np.concatenate([tree.place_m[served], tree.ends_m[along].reshape(-1, 2)])
    return np.concatenate([label[served], np.repeat(drawn[along], 2)]), place_m


def _neighbour(
    held: _Held,
    area: NDArray[np.int64],
    place_m: NDArray[np.float64],
    here: int,
    choices: AreaChoices,
) -> int:
    """Give the nearest area that an area may join, or −1."""
    away_m = np.full(len(held.households), np.inf)
    np.minimum.at(away_m, area, cKDTree(place_m[area == here]).query(place_m)[0])
    away_m[here] = np.inf
    for other in np.argsort(away_m, kind="stable")[: int(np.isfinite(away_m).sum())].tolist():
        near = away_m[other] <= choices.longest_gap_m or held.freed(here, other)
        if near and held.fit(here, other, choices):
            return int(other)
    return -1


def _hold(
    tree: TrenchTree,
    label: NDArray[np.int64],
    owner: NDArray[np.int64],
    below: NDArray[np.int64],
) -> _Held:
    """Sum up what each area holds before any are joined."""
    served = np.flatnonzero(label >= 0)
    area, count = label[served], int(label.max()) + 1
    piece, upstream_piece = pieces(tree, owner, below)
    feeder = feeders(tree, label, owner, piece, count)
    shared = piece >= 0
    piece_nok = np.bincount(piece[shared], tree.trench_nok[shared], len(upstream_piece))
    kommune = np.empty(count, dtype=object)
    kommune[area] = tree.kommune[served]
    chains = [_chain(int(number), upstream_piece) for number in feeder]
    return _Held(
        households=np.bincount(area, tree.households[served], count).astype(np.int64),
        capex_nok=own_capex_nok(tree, label, owner, count),
        kommune=kommune,
        chains=chains,
        users=Counter(number for chain in chains for number in chain),
        piece_nok=np.asarray(piece_nok, dtype=np.float64),
    )


def _chain(piece: int, upstream_piece: list[int]) -> frozenset[int]:
    """Give a feeder and all feeders upstream of it."""
    chain = set()
    while piece >= 0:
        chain.add(piece)
        piece = upstream_piece[piece]
    return frozenset(chain)
