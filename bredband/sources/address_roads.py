"""A road skeleton made of the addresses themselves, for counties without a road file."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Delaunay, QhullError

from bredband.errors import InputError
from bredband.grid import access_points
from bredband.reading import Reading, mask, number_set_aside, set_aside_rows
from bredband.sources.road_links import Lines, as_roads, contract, ids_of_places

SOURCE = "vegskjelett av adresser"
SMOOTHED_OVER = 3
"""Addresses averaged into each point of a street, so that odd and even sides do not zigzag.

In Elverum this gives 534 km of road outside the settlements, where the house numbers, at
10.3 m a number, give 528 km; unsmoothed chains give 826 km.
"""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def chain(premises: gpd.GeoDataFrame) -> Reading:
    """Chain the addresses of each street in number order and join the streets to a network.

    A street is a street name within a kommune. Its line runs through the running mean of
    three addresses, each where the way to it leaves the road if that is known. Within each
    kommune, streets are then joined at their nearest points by a minimum spanning tree until all
    hang together; those joints are ours and are flagged ``structure = link``. Addresses without a
    street and number take no part and are set aside here (they remain premises).

    Parameters
    ----------
    premises
        The table ``premises``.

    Raises
    ------
    InputError
        When no street has two addresses.
    """
    number = pd.to_numeric(
        premises["house_number"].str.extract(r"^(\d+)", expand=False), errors="coerce"
    )
    placed = mask(premises["street"] != "") & mask(number.notna())
    points = shapely.get_coordinates(access_points(premises))
    stops = pd.DataFrame(
        {
            "kommune": premises["kommune"].to_numpy(dtype=object),
            "street": premises["street"].to_numpy(dtype=object),
            "number": number.to_numpy(dtype=np.float64),
            "x": points[:, 0],
            "y": points[:, 1],
        }
    )[placed]
    stops = stops.groupby(["kommune", "street", "number"], as_index=False).mean()
    streets = stops.groupby(["kommune", "street"], sort=False)
    smooth = streets[["x", "y"]].transform(
        lambda values: values.rolling(SMOOTHED_OVER, center=True, min_periods=1).mean()
    )
    points_m = smooth.to_numpy(dtype=np.float64)
    street = streets.ngroup().to_numpy().astype(np.int64)
    kommune = stops["kommune"].astype("category").cat.codes.to_numpy().astype(np.int64)
    if not len(stops) or np.bincount(street).max() < 2:
        raise InputError(
            "adressene har ingen veg med to husnummer, så det kan ikke lages et vegskjelett.",
            advice="Oppgi en vegfil under [sources] roads.",
        )
    roads = _network(points_m, street, kommune)
    lost = premises[~placed]
    set_aside = set_aside_rows(
        SOURCE, [""] * len(lost), [0] * len(lost), "house_number", lost["address"].to_numpy(),
        "adressen har ikke veg og husnummer og er ikke med i vegskjelettet",
        "Adressen knyttes til nærmeste veg. Med en vegfil blir dette bedre.",
    )  # fmt: skip
    kept = int(placed.sum())
    return Reading(roads, number_set_aside([set_aside]), len(premises), kept, {})


def _network(points_m: Floats, street: Ints, kommune: Ints) -> gpd.GeoDataFrame:
    """Make links of the streets and of the joints between them."""
    place = ids_of_places(points_m)
    along = np.flatnonzero(street[1:] == street[:-1])
    joints = np.concatenate(
        [_joints(points_m, place, street, np.flatnonzero(kommune == k)) for k in np.unique(kommune)]
    )
    first = np.concatenate([along, joints[:, 0]])
    second = np.concatenate([along + 1, joints[:, 1]])
    ends = np.column_stack([first, second])
    is_link = np.arange(len(ends)) >= len(along)
    attributes = pd.DataFrame(
        {
            "road_class": np.where(is_link, "ledd", "adresseveg"),
            "surface": "unknown",
            "structure": np.where(is_link, "link", "ground"),
        }
    )
    labels = np.where(is_link, 0, 1 + street[first])
    lines = Lines(
        points_m[ends.ravel()],
        place[ends.ravel()],
        2 * np.arange(len(ends) + 1, dtype=np.int64),
        labels,
    )
    names = "adr:" + pd.Series(first).astype("str")
    return as_roads(contract(lines), attributes, names)


def _joints(points_m: Floats, place: Ints, street: Ints, rows: Ints) -> NDArray[np.int64]:
    """Give the pairs of points that join the streets of one kommune at least total length.

    The shortest joint across any division of the points is an edge of their Delaunay
    triangulation, so a spanning tree of those edges, with streets free, is the cheapest.
    """
    _, index = np.unique(place[rows], return_index=True)
    alone = rows[index]
    pairs = alone[_delaunay_pairs(points_m[alone])]
    gap_m = np.hypot(*(points_m[pairs[:, 0]] - points_m[pairs[:, 1]]).T)
    local = np.full(len(place), -1, dtype=np.int64)
    local[rows] = _parts(place[rows], street[rows])
    part = local[pairs]
    apart = part[:, 0] != part[:, 1]
    pairs, gap_m, part = pairs[apart], gap_m[apart], np.sort(part[apart], axis=1)
    order = np.lexsort((gap_m, part[:, 1], part[:, 0]))
    pairs, gap_m, part = pairs[order], gap_m[order], part[order]
    best = np.ones(len(part), dtype=np.bool_)
    best[1:] = (part[1:] != part[:-1]).any(axis=1)
    pairs, gap_m, part = pairs[best], gap_m[best], part[best]
    size = int(local.max()) + 1
    rank = np.argsort(np.argsort(gap_m, kind="stable"), kind="stable") + 1.0
    tree = minimum_spanning_tree(coo_array((rank, (part[:, 0], part[:, 1])), shape=(size, size)))
    chosen = np.sort(np.isin(rank, tree.tocoo().data).nonzero()[0])
    return np.asarray(pairs[chosen], dtype=np.int64)


def _parts(place: Ints, street: Ints) -> Ints:
    """Give numbers to the sets of streets that already share a point."""
    _, place = np.unique(place, return_inverse=True)
    _, street = np.unique(street, return_inverse=True)
    places, streets = int(place.max()) + 1, int(street.max()) + 1
    size = places + streets
    graph = coo_array((np.ones(len(place)), (place, places + street)), shape=(size, size))
    return connected_components(graph, directed=False)[1][place].astype(np.int64)


def _delaunay_pairs(points_m: Floats) -> NDArray[np.int64]:
    if len(points_m) < 4:
        return np.argwhere(np.triu(np.ones((len(points_m),) * 2), 1)).astype(np.int64)
    try:
        triangles = Delaunay(points_m - points_m.mean(axis=0)).simplices
    except QhullError:  # all on one line: neighbours along it will do
        order = np.lexsort(points_m.T)
        return np.column_stack([order[:-1], order[1:]]).astype(np.int64)
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])
    return np.unique(np.sort(pairs, axis=1), axis=0).astype(np.int64)
