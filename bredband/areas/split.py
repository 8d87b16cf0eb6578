"""Areas too dear to tender, cut in two along their own trench."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bredband.areas.partition import TrenchTree, own_capex_nok, owners
from bredband.scenario.network import AreaChoices


def split_dear(
    tree: TrenchTree, label: NDArray[np.int64], choices: AreaChoices
) -> NDArray[np.int64]:
    """Cut areas whose own trench and drops cost more than the scenario allows.

    The trench that leads to an area is its own where nobody else needs it, and how far that goes
    is known only when all areas are. One branch is cut off, so that what both parts need becomes
    shared trench; of all branches the one that leaves the dearer part cheapest. Both parts keep
    enough households. An area that no cut makes cheaper stays as it is.

    Returns
    -------
    The numbers of the areas as ``partition`` gives them, from 0 without gaps.
    """
    label = label.copy()
    count = int(label.max(initial=-1)) + 1
    waiting = list(range(count))
    while waiting:
        owner, _ = owners(tree, label)
        capex_nok = own_capex_nok(tree, label, owner, count)
        dear = [area for area in waiting if capex_nok[area] > choices.highest_capex_nok]
        routes_of = _routes_of_areas(tree, label, owner, count)
        waiting = []
        for area in dear:
            branch = _best_branch(tree, label, owner, area, routes_of[area], choices)
            if len(branch):
                label[branch] = count
                waiting += [area, count]
                count += 1
    return label


def _routes_of_areas(
    tree: TrenchTree, label: NDArray[np.int64], owner: NDArray[np.int64], count: int
) -> list[NDArray[np.int64]]:
    """List each area's routes from the tips: the trench it alone needs, and where its drops start."""
    area = np.where(owner >= 0, owner, label)[tree.from_tips]
    order = np.argsort(area, kind="stable")
    starts = np.searchsorted(area[order], np.arange(count))
    return np.split(tree.from_tips[order], starts)[1:]


def _best_branch(
    tree: TrenchTree,
    label: NDArray[np.int64],
    owner: NDArray[np.int64],
    area: int,
    routes: NDArray[np.int64],
    choices: AreaChoices,
) -> NDArray[np.int64]:
    """Give the routes with premises behind the best cut of an area; none if no cut helps.

    ``routes`` are the area's, from the tips; they alone are looked at, so that many areas take
    no longer each than few.
    """
    place = {route: i for i, route in enumerate(routes.tolist())}
    above = [place.get(route, -1) for route in tree.upstream[routes].tolist()]
    own, mine = owner[routes] == area, label[routes] == area
    trench_nok = (own * tree.trench_nok[routes]).tolist()
    households = (mine * tree.households[routes]).tolist()
    premises = (mine * tree.premises[routes]).tolist()
    cost_nok = (mine * tree.drop_nok[routes] + trench_nok).tolist()
    all_households, all_premises, all_nok = sum(households), sum(premises), sum(cost_nok)
    for i, up in enumerate(above):
        if up >= 0 and own[i]:
            households[up] += households[i]
            premises[up] += premises[i]
            cost_nok[up] += cost_nok[i]
    best, cheapest_nok = -1, all_nok
    for i in np.flatnonzero(own).tolist():
        if min(households[i], all_households - households[i]) < choices.fewest_households:
            continue
        branch_nok, shared_nok, at = cost_nok[i], 0.0, above[i]
        while at >= 0 and own[at]:
            if premises[at] == premises[i]:
                branch_nok += trench_nok[at]
            else:
                shared_nok += trench_nok[at]
            at = above[at]
        dearer_nok = max(branch_nok, all_nok - branch_nok - shared_nok)
        if premises[i] < all_premises and dearer_nok < cheapest_nok:
            best, cheapest_nok = i, dearer_nok
    if best < 0:
        return np.zeros(0, dtype=np.int64)
    behind = np.zeros(len(routes), dtype=np.bool_)
    behind[best] = True
    for i in range(best - 1, -1, -1):
        behind[i] = own[i] and above[i] >= 0 and behind[above[i]]
    return np.asarray(routes[behind & mine], dtype=np.int64)
