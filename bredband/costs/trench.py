"""The price of a trench along every road link, by the cheapest method allowed there."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bredband.scenario.costs import Costs, GroundClass, Method, MethodPrice

PLAIN_METHOD: dict[GroundClass, Method] = {
    "soft": "plough",
    "cultivated": "plough",
    "forest": "trench",
    "bog": "trench",
    "verge": "trench",
    "asphalt": "trench",
    "rock": "rock",
    "bridge": "attach",
    "tunnel": "attach",
    "water": "subsea",
    "duct": "blow",
    "pole_line": "aerial",
}
"""The method that ``trench_nok_per_m`` prices for each ground class."""

DUG = ("plough", "trench", "micro_trench", "rock")
"""Methods that open the ground: they feel slope and frost, and the road owner charges for them."""

UNMOVED = ("attach", "blow")
"""Methods without plant: no surcharge of any kind."""


def price_roads(roads: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, costs: Costs) -> gpd.GeoDataFrame:
    """Price a trench along every road link, by the cheapest method allowed there.

    For each method that the scenario allows on the link's ground and road,

    ``trench = length · price · (1 + slope) · (1 + frost) · (1 + distance) + fee + landfalls``

    where slope is ``slope_surcharge_share`` per 10 % of slope and frost
    ``winter_share · winter_surcharge_share``, both only where the ground is opened; distance
    is ``remoteness_surcharge_share`` per 10 km from the nearest lit fibre; the fee goes to
    the road's owner per metre; a subsea cable has two landfalls.

    Parameters
    ----------
    sites
        The table of that name; distances are measured from its lit fibre.

    Returns
    -------
    The table ``roads`` with ``trench_nok`` (float, the whole link), what of it is
    ``surcharge_nok``, ``fee_nok`` and ``landfall_nok``, and ``method`` and ``road_owner``
    (empty away from roads) added.
    """
    owner = _owners(roads, costs)
    remote = _remoteness(roads, sites, costs)
    ground = roads["ground"].to_numpy(dtype=object)
    best = {
        "trench_nok": np.full(len(roads), np.inf),
        **{name: np.zeros(len(roads)) for name in ("surcharge_nok", "fee_nok", "landfall_nok")},
        "method": np.full(len(roads), "", dtype=object),
    }
    for option in _options(costs):
        usable = ground == option.ground
        if option.road_owners:
            usable &= np.isin(owner.astype(str), option.road_owners)
        rows = np.flatnonzero(usable)
        priced = _price(roads.iloc[rows], owner[rows], remote[rows], option, costs)
        cheaper = priced["trench_nok"] < best["trench_nok"][rows]
        for name, values in priced.items():
            best[name][rows[cheaper]] = values[cheaper]
        best["method"][rows[cheaper]] = option.method
    text = {name: pd.array(values, dtype="str") for name, values in
            (("method", best.pop("method")), ("road_owner", owner))}  # fmt: skip
    return roads.assign(**best, **text)


def _options(costs: Costs) -> list[MethodPrice]:
    """List every way of passing every ground class, the plain one first."""
    plain = [
        MethodPrice(ground=ground, method=PLAIN_METHOD[ground], nok_per_m=price)
        for ground, price in costs.trench_nok_per_m.items()
    ]
    return plain + [option for option in costs.other_methods if option.allowed]


def _price(
    roads: gpd.GeoDataFrame,
    owner: NDArray[np.object_],
    remote: NDArray[np.float64],
    option: MethodPrice,
    costs: Costs,
) -> dict[str, NDArray[np.float64]]:
    """Price links by one method: the total, and the parts of it that are not plain metres."""
    length_m = roads["length_m"].to_numpy()
    metres_nok = length_m * option.nok_per_m.likely_nok
    dug, unmoved = option.method in DUG, option.method in UNMOVED
    slope = costs.slope_surcharge_share * roads["slope_share"].to_numpy() / 0.10 * dug
    frost = costs.winter_share * costs.winter_surcharge_share * dug
    surcharge_nok = metres_nok * ((1 + slope) * (1 + frost) * (1 + remote * (not unmoved)) - 1)
    fee_nok = np.zeros(len(roads))
    if dug:
        fees = {name: price.likely_nok for name, price in costs.road_fee_nok_per_m.items()}
        fee_nok = length_m * pd.Series(owner, dtype=object).map(fees).fillna(0.0).to_numpy(float)
    landfalls = 2 if option.method == "subsea" else 0
    landfall_nok = np.full(len(roads), landfalls * costs.landfall_nok.likely_nok)
    return {
        "trench_nok": metres_nok + surcharge_nok + fee_nok + landfall_nok,
        "surcharge_nok": surcharge_nok,
        "fee_nok": fee_nok,
        "landfall_nok": landfall_nok,
    }


def _owners(roads: gpd.GeoDataFrame, costs: Costs) -> NDArray[np.object_]:
    """Give the owner of each road; empty for links that we proposed ourselves."""
    owner = roads["road_class"].map(costs.road_owner_of_class).fillna("municipal")
    ours = (roads["structure"] == "link") | (roads["road_class"] == "")
    return np.asarray(owner.where(~ours, ""), dtype=object)


def _remoteness(
    roads: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, costs: Costs
) -> NDArray[np.float64]:
    """Give the surcharge share for each link's distance from the nearest lit fibre."""
    lit = sites[sites["kind"] == "lit_fibre"].geometry.to_numpy()
    if not len(lit) or not len(roads):
        return np.zeros(len(roads))
    middle = shapely.line_interpolate_point(roads.geometry.to_numpy(), 0.5, normalized=True)
    distance_m, _ = cKDTree(shapely.get_coordinates(lit)).query(shapely.get_coordinates(middle))
    return np.asarray(costs.remoteness_surcharge_share * distance_m / 10_000)
