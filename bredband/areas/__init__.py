"""Unserved premises gathered into deployment areas along the trench tree."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from bredband.areas.absorb import absorb_small
from bredband.areas.bounds import explain_bounds
from bredband.areas.describe import (
    area_ids,
    area_rows,
    members_of,
    piece_ids_of,
    piece_rows,
    with_money_columns,
)
from bredband.areas.outline import outlines
from bredband.areas.partition import feeders, owners, partition, pieces, read_tree
from bredband.areas.split import split_dear
from bredband.scenario.network import AreaChoices
from bredband.scenario.rollout import Priorities

__all__ = ["explain_bounds", "gather", "lacking_in_draws", "name_drops", "to_connect", "weigh"]


def weigh(
    premises: gpd.GeoDataFrame, coverage: pd.DataFrame, priorities: Priorities
) -> gpd.GeoDataFrame:
    """Weigh premises by the scenario's priorities.

    A household counts 1, or ``lacking_30_weight`` where the best offer is below 30 Mbit/s;
    businesses, public buildings and holiday homes count by weights of their own. Where few
    live nearby, a household counts ``remote_weight`` times as much. What the source already
    weighed is multiplied in, and how much of the premises lacks the target.

    Returns
    -------
    The table ``premises`` with ``priority_weight`` as weighted households of the premises.
    """
    known = coverage.set_index("premises_id").reindex(premises["premises_id"])
    down = known["down_mbps"]
    lacking_share = known["lacking_share"].fillna(0.0).to_numpy()
    lacking = np.where(down.fillna(0).to_numpy() < 30, priorities.lacking_30_weight, 1.0)
    other = premises["kind"].map(
        {
            "dwelling": 0.0,
            "business": priorities.business_weight,
            "public": priorities.public_weight,
            "holiday": priorities.holiday_weight,
        }
    )
    households = premises["households"] * lacking * _remoteness(premises, priorities)
    weight = households + other.astype("float64")
    return premises.assign(priority_weight=weight * premises["priority_weight"] * lacking_share)


def _remoteness(premises: gpd.GeoDataFrame, priorities: Priorities) -> NDArray[np.float64]:
    """Give the weight of living where few others do, for each premises."""
    weight = np.ones(len(premises))
    households = premises["households"].to_numpy(np.float64)
    home = np.flatnonzero(households > 0)
    if priorities.remote_weight == 1 or not len(home):
        return weight
    points_m = shapely.get_coordinates(premises.geometry.to_numpy()[home])
    # Every home has a household at least, so the nearest ones tell whether there are enough.
    enough = min(priorities.remote_fewest_households, len(home))
    _, near = cKDTree(points_m).query(
        points_m,
        k=range(1, enough + 1),
        distance_upper_bound=np.nextafter(priorities.remote_within_m, np.inf),
    )
    living = np.append(households[home], 0.0)[near].sum(axis=1)
    weight[home[living < priorities.remote_fewest_households]] = priorities.remote_weight
    return weight


def to_connect(premises: gpd.GeoDataFrame, coverage: pd.DataFrame) -> gpd.GeoDataFrame:
    """Choose the premises that the network is designed for: those that may be helped.

    Holiday homes may be connected but not funded, so they are left out unless the
    scenario gives them a weight.
    """
    eligible = coverage.set_index("premises_id")["eligible"].reindex(premises["premises_id"])
    counts = (premises["kind"] != "holiday") | (premises["priority_weight"] > 0)
    return premises[eligible.to_numpy(dtype=bool) & counts.to_numpy()]


def gather(
    routes: gpd.GeoDataFrame,
    connections: pd.DataFrame,
    premises: gpd.GeoDataFrame,
    choices: AreaChoices,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Cut the trench tree into deployment areas and the trench that they share.

    From the tips towards lit fibre, neighbouring premises are gathered until an area is as
    large as the scenario allows, or the trench runs far without premises. What then is too dear
    is cut in two, and what is too small joins a neighbour. A stretch that
    only one area needs belongs to that area. A stretch that several need is a *feeder* of
    its own (kind ``feeder``, no premises): whoever is built first, the plan pays it once.
    Every area hangs on one feeder or on lit fibre, so the areas form a forest.

    Parameters
    ----------
    routes, connections
        From the network, with ``area_id`` empty and the drops priced.
    premises
        The premises of ``connections``, weighed.

    Returns
    -------
    The table ``areas`` with its money columns 0, and ``routes`` and ``connections`` with
    ``area_id`` filled in; ``connections`` with ``weighted_households`` too.
    """
    tree = read_tree(routes, connections, premises)
    label = absorb_small(tree, split_dear(tree, partition(tree, choices), choices), choices)
    owner, below = owners(tree, label)
    piece, upstream_piece = pieces(tree, owner, below)
    members = members_of(tree, label, premises, connections)
    ids = area_ids(members)
    piece_ids = piece_ids_of(tree, piece, routes, set(ids))
    route_area = np.where(
        owner >= 0,
        np.append(ids, "")[owner],
        np.append(piece_ids, "")[piece],
    )
    feeder = feeders(tree, label, owner, piece, len(ids))
    shapes = outlines(members, routes, np.where(owner >= 0, owner, label)) if len(ids) else ids
    frame = area_rows(members, ids, np.append(piece_ids, "")[feeder], shapes)
    shared = piece_rows(tree, piece, upstream_piece, piece_ids, label, frame, routes)
    areas = pd.concat([frame, shared], ignore_index=True)
    weight = premises.set_index("premises_id")["priority_weight"]
    connection_area = np.append(ids, "")[np.append(label, -1)[tree.route_of_connection]]
    return (
        with_money_columns(areas),
        routes.assign(area_id=pd.array(route_area, dtype="str")),
        connections.assign(
            area_id=pd.array(connection_area, dtype="str"),
            weighted_households=weight.reindex(connections["premises_id"]).to_numpy(np.float64),
        ),
    )


def lacking_in_draws(
    connections: pd.DataFrame, premises: pd.DataFrame, lacks: NDArray[np.bool_]
) -> pd.DataFrame:
    """Count what truly lacks in each area in each drawn version of the truth.

    Parameters
    ----------
    connections
        From :func:`gather`; ``weighted_households`` is the mean over the draws.
    premises
        Every premises, in the order of the rows of ``lacks``.
    lacks
        Whether the target is missing at each premises in each draw, shape (premises, draws).

    Returns
    -------
    pd.DataFrame
        The table ``lacking_draws``: a row per draw and deployment area.
    """
    reached = connections[connections["area_id"] != ""]
    row = pd.Index(premises["premises_id"]).get_indexer(pd.Index(reached["premises_id"]))
    drawn = lacks[row].astype(np.float64)
    often = drawn.mean(axis=1) if lacks.shape[1] else np.zeros(len(row))
    mean_weight = reached["weighted_households"].to_numpy(np.float64)
    weight = np.divide(mean_weight, often, out=np.zeros(len(row)), where=often > 0)
    code, names = pd.factorize(reached["area_id"], sort=True)
    member = csr_array(
        (np.ones(len(row)), (code, np.arange(len(row)))), shape=(len(names), len(row))
    )
    households = premises["households"].to_numpy(np.float64)[row]
    return pd.DataFrame(
        {
            "draw": np.repeat(np.arange(lacks.shape[1]), len(names)),
            "area_id": pd.array(np.tile(names, lacks.shape[1]), dtype="str"),
            "lacking_households": (member @ (drawn * households[:, None]))
            .T.ravel()
            .astype(np.int64),
            "lacking_weighted_households": (member @ (drawn * weight[:, None])).T.ravel(),
        }
    )


def name_drops(drops: gpd.GeoDataFrame, connections: pd.DataFrame) -> gpd.GeoDataFrame:
    """Give every drop the area of its premises."""
    area = connections.set_index("premises_id")["area_id"].reindex(drops["premises_id"])
    return drops.assign(area_id=pd.array(area.to_numpy(), dtype="str"))
