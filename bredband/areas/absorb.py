"""Areas too small to tender, taken up by a neighbour."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bredband.areas.joining import AsOne, freed, obstacle
from bredband.areas.partition import TrenchTree, feeders, own_capex_nok, owners, pieces
from bredband.scenario.network import AreaChoices


@dataclass
class _Held:
    """What each area holds while areas are joined; ``chains`` are the shared pieces it needs.

    ``users`` are the areas that need each piece, and ``piece_nok`` is what it costs.
    """

    households: NDArray[np.int64]
    capex_nok: NDArray[np.float64]
    kommune: NDArray[np.object_]
    chains: list[frozenset[int]]
    users: dict[int, set[int]]
    piece_nok: NDArray[np.float64]

    def freed(self, here: int, other: int) -> frozenset[int]:
        """Give the pieces that nobody else would need if the two were one area."""
        return freed(self.chains[here], self.chains[other], self.users)

    def sharers(self, here: int) -> set[int]:
        """Give the areas that alone share some piece with an area."""
        pairs = [self.users[piece] for piece in self.chains[here] if len(self.users[piece]) == 2]
        return {area for pair in pairs for area in pair} - {here}

    def fit(self, here: int, other: int, choices: AreaChoices) -> bool:
        """Tell whether two areas may be one."""
        mine, its = self.chains[here], self.chains[other]
        freed_nok = sum(self.piece_nok[piece] for piece in self.freed(here, other))
        both = AsOne(
            households=self.households[here] + self.households[other],
            capex_nok=self.capex_nok[here] + self.capex_nok[other] + freed_nok,
            in_one_kommune=self.kommune[here] == self.kommune[other],
            on_one_path=mine <= its or its <= mine,
        )
        return not obstacle(both, choices)

    def join(self, here: int, other: int) -> None:
        """Give all that one area holds to another."""
        freed = self.freed(here, other)
        for piece in self.chains[here]:
            self.users[piece].discard(here)
            self.users[piece].add(other)
        self.households[other] += self.households[here]
        self.capex_nok[other] += self.capex_nok[here] + self.piece_nok[list(freed)].sum()
        self.chains[other] = (self.chains[other] | self.chains[here]) - freed


@dataclass
class _Places:
    """Where the areas are, shape (places, 2), and the places of each; ``of`` is whose each is."""

    at_m: NDArray[np.float64]
    near: cKDTree
    of: NDArray[np.int64]
    mine: list[NDArray[np.int64]]

    def within(self, here: int, reach_m: float) -> set[int]:
        """Give the areas that have a place within reach of an area's."""
        own = cKDTree(self.at_m[self.mine[here]])
        found = own.query_ball_tree(self.near, reach_m)
        rows = np.fromiter(itertools.chain.from_iterable(found), dtype=np.int64)
        return set(np.unique(self.of[rows]).tolist()) - {here}

    def measure(self, here: int, others: set[int]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give the areas in order of number, and how far each is from an area (m)."""
        areas = np.array(sorted(others), dtype=np.int64)
        if not len(areas):
            return areas, np.empty(0)
        places = [self.mine[area] for area in areas]
        starts = np.cumsum([0, *map(len, places[:-1])])
        own = cKDTree(self.at_m[self.mine[here]])
        away_m = own.query(self.at_m[np.concatenate(places)])[0]
        return areas, np.minimum.reduceat(away_m, starts)

    def join(self, here: int, other: int) -> None:
        """Give the places of one area to another."""
        self.of[self.mine[here]] = other
        self.mine[other] = np.concatenate([self.mine[other], self.mine[here]])


def absorb_small(
    tree: TrenchTree, label: NDArray[np.int64], choices: AreaChoices
) -> NDArray[np.int64]:
    """Join areas with too few households to the nearest neighbour that has room.

    Two areas may join when they lie in the same kommune (if the scenario asks for it), within
    the bounds on households and price, their premises and own trench no further apart than
    ``longest_gap_m`` unless all trench between them is then their own, and when one hangs on the
    other's feeder or on one upstream of it: then the trench that the joined area shares is still
    one path, and the areas remain a forest. Trench that only the two shared is counted in the price.

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
    around = _survey(tree, label, owner)
    joined = np.arange(count)
    moved = True
    while moved:
        moved = False
        for here in np.argsort(held.households, kind="stable").tolist():
            if joined[here] != here or held.households[here] >= choices.fewest_households:
                continue
            other = _neighbour(held, around, here, choices)
            if other >= 0:
                held.join(here, other)
                around.join(here, other)
                joined[joined == here] = other
                moved = True
    _, compact = np.unique(joined, return_inverse=True)
    result = label.copy()
    result[served] = compact[label[served]]
    return result


def _survey(tree: TrenchTree, label: NDArray[np.int64], owner: NDArray[np.int64]) -> _Places:
    """List where each area is: its premises, and the ends of the trench that it is drawn along."""
    served, drawn = np.flatnonzero(label >= 0), np.where(owner >= 0, owner, label)
    along = np.flatnonzero(drawn >= 0)
    at_m = np.concatenate([tree.place_m[served], tree.ends_m[along].reshape(-1, 2)])
    area = np.concatenate([label[served], np.repeat(drawn[along], 2)])
    order = np.argsort(area, kind="stable")
    ends = np.searchsorted(area[order], np.arange(1, label.max() + 1))
    return _Places(at_m, cKDTree(at_m), area, np.split(order, ends))


def _neighbour(held: _Held, around: _Places, here: int, choices: AreaChoices) -> int:
    """Give the nearest area that an area may join, or −1."""
    near = around.within(here, choices.longest_gap_m)
    others, away_m = around.measure(here, near | held.sharers(here))
    for k in np.lexsort((others, away_m)).tolist():
        other = int(others[k])
        allowed = away_m[k] <= choices.longest_gap_m or held.freed(here, other)
        if allowed and held.fit(here, other, choices):
            return other
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
    users: dict[int, set[int]] = {one: set() for one in range(len(upstream_piece))}
    for number, chain in enumerate(chains):
        for used in chain:
            users[used].add(number)
    return _Held(
        households=np.bincount(area, tree.households[served], count).astype(np.int64),
        capex_nok=own_capex_nok(tree, label, owner, count),
        kommune=kommune,
        chains=chains,
        users=users,
        piece_nok=np.asarray(piece_nok, dtype=np.float64),
    )


def _chain(piece: int, upstream_piece: list[int]) -> frozenset[int]:
    """Give a feeder and all feeders upstream of it."""
    chain = set()
    while piece >= 0:
        chain.add(piece)
        piece = upstream_piece[piece]
    return frozenset(chain)
