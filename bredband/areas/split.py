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
        waiting = []
        for area in dear:
            branch = _best_branch(tree, label, owner == area, area, choices)
            if len(branch):
                label[branch] = count
                waiting += [area, count]
                count += 1
    return label


def _best_branch(
    tree: TrenchTree,
    label: NDArray[np.int64],
    own: NDArray[np.bool_],
    area: int,
    choices: AreaChoices,
) -> NDArray[np.int64]:
    """Give the routes with premises behind the best cut of an area; none if no cut helps."""
    inside = own | (label == area)
    order = tree.from_tips[inside[tree.from_tips]].tolist()
    mine = np.where(label == area, 1, 0)
    households = dict.fromkeys(order, 0.0)
    premises = dict.fromkeys(order, 0.0)
    cost_nok = dict.fromkeys(order, 0.0)
    for route in order:
        households[route] += mine[route] * tree.households[route]
        premises[route] += mine[route] * tree.premises[route]
        cost_nok[route] += mine[route] * tree.drop_nok[route] + own[route] * tree.trench_nok[route]
        above = int(tree.upstream[route])
        if above in cost_nok and own[route]:
            households[above] += households[route]
            premises[above] += premises[route]
            cost_nok[above] += cost_nok[route]
    all_households = float(tree.households[label == area].sum())
    all_premises = float(tree.premises[label == area].sum())
    all_nok = float((tree.trench_nok * own).sum() + tree.drop_nok[label == area].sum())
    best, cheapest_nok = -1, all_nok
    for route in order:
        fewest = min(households[route], all_households - households[route])
        if not own[route] or fewest < choices.fewest_households:
            continue
        branch_nok, shared_nok, at = cost_nok[route], 0.0, int(tree.upstream[route])
        while at >= 0 and own[at]:
            alone = premises[at] == premises[route]
            branch_nok += alone * tree.trench_nok[at]
            shared_nok += (not alone) * tree.trench_nok[at]
            at = int(tree.upstream[at])
        dearer_nok = max(branch_nok, all_nok - branch_nok - shared_nok)
        if premises[route] < all_premises and dearer_nok < cheapest_nok:
            best, cheapest_nok = route, dearer_nok
    if best < 0:
        return np.zeros(0, dtype=np.int64)
    below, found = [best], []
    for route in below:
        found += [route] * bool(label[route] == area)
        below.extend(child for child in tree.children[route] if own[child])
    return np.array(found, dtype=np.int64)
