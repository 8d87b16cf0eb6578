"""Households and kind of each premises, from the best source there is, with the rule stated."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bredband.grid import ssb_cell_ids

PERSONS_PER_HOUSEHOLD = 2.1
"""Mean household in Norway, 2024 (Statistics Norway, table 06070), rounded; an estimate here."""
ONE_PER_ADDRESS = "1 per adresse (anslag)"
"""The rule of an address that nothing tells more about."""
COUNTED = "fila med husstander per adresse"
NO_DWELLINGS_HOLIDAY = "ingen boliger i SSB-ruta (anslag: fritidsbolig)"
NO_DWELLINGS_BUSINESS = "ingen boliger, men bedrifter i SSB-ruta (anslag: bedrift)"
SPREAD = "SSB: {:g} boliger på {} adresser i ruta (anslag)"
BY_BUILDING = "nærmeste bygning har type {} (Bygningspunkt)"
_KNOWN_CELLS_SHARE = 0.5


def kinds_by_buildings(
    premises: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, *, distance_m: float
) -> gpd.GeoDataFrame:
    """Tell holiday homes, businesses and public buildings by the building nearest each address.

    Addresses and buildings share no key, so the nearest building in use within ``distance_m``
    counts; outbuildings do not. A dwelling stays as it is; the others have no household.

    Parameters
    ----------
    premises
        The table ``premises``.
    buildings
        ``building_type``, ``kind`` (empty for outbuildings) and the point.
    distance_m
        Longest distance to the building, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        The premises with new ``kind``, ``households`` and ``households_rule``.
    """
    used = buildings[(buildings["kind"] != "").to_numpy()]
    if not len(used):
        return premises
    tree = cKDTree(shapely.get_coordinates(used.geometry.array))
    points = shapely.get_coordinates(premises.geometry.array)
    _, nearest = tree.query(points, distance_upper_bound=distance_m)
    near = nearest < len(used)
    building = used.iloc[np.where(near, nearest, 0)]
    near &= (building["kind"] != "dwelling").to_numpy()
    rule = building["building_type"].map(BY_BUILDING.format)
    return premises.assign(
        kind=premises["kind"].mask(near, building["kind"].to_numpy()),
        households=premises["households"].mask(near, 0),
        households_rule=premises["households_rule"].mask(near, rule.to_numpy()),
    )


def premises_with_households(
    premises: gpd.GeoDataFrame,
    counts: pd.DataFrame | None = None,
    dwellings_grid: pd.DataFrame | None = None,
    business_grid: pd.DataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Give every premises its households by the best source, and say which in each row.

    1. Counts per address (dwellings, or an operator's or Nkom's file) where the address is
       in them. A file of dwellings does not tell holiday homes, so it does not make a
       dwelling of what the buildings say is a holiday home.
    2. Else Statistics Norway's dwellings (or persons / 2.1) in the grid cell, less what the
       counts have placed there, spread evenly over the cell's other dwellings; the addresses
       first in order of id get what does not divide. A cell that the grid does not list has
       none: its addresses are businesses where the business grid has any, else holiday
       homes. This is said only in kommuner where the grid lists most addresses' cells.
    3. Else what the address source itself said, by default 1.

    Parameters
    ----------
    premises
        The table ``premises``.
    counts
        ``premises_id``, ``households``, ``kind`` and ``holiday_told``: whether the file could
        have said that it is a holiday home.
    dwellings_grid
        ``cell_id`` and ``dwellings`` or ``persons``, and ``cell_m``.
    business_grid
        ``cell_id`` and ``businesses``, and ``cell_m``.

    Returns
    -------
    geopandas.GeoDataFrame
        The premises with new ``households``, ``households_rule`` and ``kind``.
    """
    households = premises["households"].to_numpy(dtype=np.int64, copy=True)
    kind = premises["kind"].to_numpy(dtype=object, copy=True)
    rule = premises["households_rule"].to_numpy(dtype=object, copy=True)
    known = np.zeros(len(premises), dtype=np.bool_)
    if counts is not None and len(counts):
        by_id = counts.drop_duplicates("premises_id").set_index("premises_id")
        found = by_id.reindex(premises["premises_id"])
        known = found["kind"].notna().to_numpy()
        if "holiday_told" in found:  # a file of dwellings counts a holiday home as one
            known = known & ~((kind == "holiday") & found["holiday_told"].eq(False).to_numpy())
        households[known] = found["households"].to_numpy()[known].astype(np.int64)
        kind[known] = found["kind"].to_numpy(dtype=object)[known]
        rule[known] = COUNTED
    if dwellings_grid is not None and len(dwellings_grid):
        _spread(premises, dwellings_grid, business_grid, known, households, kind, rule)
    return premises.assign(
        households=households,
        households_rule=pd.array(rule, dtype="str"),
        kind=pd.array(kind, dtype="str"),
    )


def _spread(
    premises: gpd.GeoDataFrame,
    grid: pd.DataFrame,
    business_grid: pd.DataFrame | None,
    known: NDArray[np.bool_],
    households: NDArray[np.int64],
    kind: NDArray[np.object_],
    rule: NDArray[np.object_],
) -> None:
    """Spread the grid's dwellings over the premises that nothing else counts (in place)."""
    cell = _cells(premises, grid)
    in_cell = _dwellings(grid).reindex(cell).to_numpy(dtype=np.float64)
    listed = np.isfinite(in_cell)
    trusted = pd.Series(listed).groupby(premises["kommune"].to_numpy()).transform("mean")
    whole = trusted.to_numpy() >= _KNOWN_CELLS_SHARE
    use = ~known & (kind == "dwelling") & (listed | whole)
    placed = pd.Series(np.where(known, households, 0)).groupby(cell).transform("sum").to_numpy()
    left = np.maximum(np.where(listed, in_cell, 0) - placed, 0)
    many = pd.Series(use.astype(np.int64)).groupby(cell).transform("sum").to_numpy()
    order = np.argsort(premises["premises_id"].to_numpy(dtype=object), kind="stable")
    turn = np.empty(len(premises), dtype=np.int64)
    turn[order] = pd.Series(use[order].astype(np.int64)).groupby(cell[order]).cumsum() - 1
    spread = use & listed & (in_cell > 0)
    even, rest = np.divmod(left, np.maximum(many, 1))
    households[spread] = (even + (turn < rest))[spread].astype(np.int64)
    rule[spread] = [
        SPREAD.format(total, count) for total, count in zip(left[spread], many[spread], strict=True)
    ]
    none = use & ~spread
    business = np.zeros(len(premises), dtype=np.bool_)
    if business_grid is not None and len(business_grid):
        there = business_grid.loc[business_grid["businesses"] > 0, "cell_id"]
        business = np.isin(_cells(premises, business_grid), there.to_numpy())
    households[none] = 0
    kind[none] = np.where(business[none], "business", "holiday")
    rule[none] = np.where(business[none], NO_DWELLINGS_BUSINESS, NO_DWELLINGS_HOLIDAY)


def _cells(premises: gpd.GeoDataFrame, grid: pd.DataFrame) -> NDArray[np.int64]:
    points = shapely.get_coordinates(premises.geometry.array)
    return ssb_cell_ids(points[:, 0], points[:, 1], int(grid["cell_m"].iloc[0]))


def _dwellings(grid: pd.DataFrame) -> pd.Series[float]:
    """Give dwellings per cell, whole numbers; persons are turned into households."""
    if "dwellings" in grid:
        number = grid["dwellings"].astype("float64")
    else:
        persons = grid["persons"].astype("float64")
        number = (persons / PERSONS_PER_HOUSEHOLD).round().clip(lower=1).where(persons > 0, 0)
    return number.groupby(grid["cell_id"].to_numpy()).sum()
