"""The build price of every area, and who pays it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.scenario.rollout import Funding


def fund_areas(
    areas: gpd.GeoDataFrame,
    bills: pd.DataFrame,
    connections: pd.DataFrame,
    premises: gpd.GeoDataFrame,
    funding: Funding,
) -> gpd.GeoDataFrame:
    """Add the build price of every area and split it between operator, local funds and grant.

    The capex is the sum of the area's bill; the operator pays a fixed sum per household and
    business, at most the capex; local funds pay ``local_share`` of the rest; the grant is
    what is left. All in whole kroner, so that the parts sum to the capex exactly.

    Returns
    -------
    The table ``areas`` with ``trench_m``, ``capex_nok``, ``operator_nok``, ``local_nok`` and
    ``grant_nok`` filled in.
    """
    capex_nok = bills.groupby("area_id")["likely_nok"].sum().reindex(areas["area_id"])
    trench = bills[bills["item"] == "trench"].groupby("area_id")["length_m"].sum()
    whole = capex_nok.fillna(0).to_numpy().astype("int64")
    reached = connections[connections["area_id"] != ""]
    kind = premises.set_index("premises_id")["kind"].reindex(reached["premises_id"]).to_numpy()
    trade = pd.Series(np.isin(kind, ["business", "public"]), index=reached["area_id"])
    businesses = trade.groupby(level=0).sum().reindex(areas["area_id"], fill_value=0).to_numpy()
    shares = split_price(whole, areas["households"].to_numpy(), businesses, funding)
    return areas.assign(
        trench_m=trench.reindex(areas["area_id"]).fillna(0.0).to_numpy(), capex_nok=whole, **shares
    )


def fund_feeders(
    areas: gpd.GeoDataFrame, bills: pd.DataFrame, funding: Funding
) -> gpd.GeoDataFrame:
    """Price shared trench anew from its bills, and leave the other rows as they are."""
    shared = (areas["kind"] == "feeder").to_numpy()
    billed = bills.groupby("area_id")["likely_nok"].sum().reindex(areas["area_id"]).fillna(0)
    capex_nok = billed.to_numpy().astype("int64")
    none = np.zeros(len(areas), dtype=np.int64)
    found = {"capex_nok": capex_nok, **split_price(capex_nok, none, none, funding)}
    return areas.assign(
        **{name: np.where(shared, amount, areas[name]) for name, amount in found.items()}
    )


def fund_masts(
    masts: gpd.GeoDataFrame, kommuner: gpd.GeoDataFrame, used: set[str], funding: Funding
) -> gpd.GeoDataFrame:
    """Write the masts that some alternative uses as rows of the table ``areas``.

    A mast is a row of its own, like shared trench: no premises, a price, and paid once by
    the plan. Its polygon is a circle of 50 m.

    Parameters
    ----------
    masts
        The table ``mast_candidates``.
    used
        ``site_id`` of the masts to write.
    """
    mine = masts[masts["site_id"].isin(used)].reset_index(drop=True)
    inside = kommuner[["kommune", "geometry"]]
    home = gpd.sjoin_nearest(mine[["site_id", "geometry"]], inside).drop_duplicates("site_id")
    none = np.zeros(len(mine), dtype=np.int64)
    capex_nok = mine["capex_nok"].to_numpy(dtype=np.int64)
    return gpd.GeoDataFrame(
        {
            "area_id": mine["site_id"],
            "kind": "mast",
            "name": mine["name"].where(mine["name"] != "", "Mast " + mine["site_id"]),
            "kommune": home.set_index("site_id")["kommune"].reindex(mine["site_id"]).to_numpy(),
            "feeder_area": "",
            "premises": none,
            "households": none,
            "weighted_households": none.astype(np.float64),
            "technology": "fwa",
            "trench_m": none.astype(np.float64),
            "capex_nok": capex_nok,
            **split_price(capex_nok, none, none, funding),
        },
        geometry=mine.geometry.buffer(50.0).to_numpy(),
        crs=masts.crs,
    ).astype(
        dict.fromkeys(("area_id", "kind", "name", "kommune", "feeder_area", "technology"), "str")
    )


def split_price(
    capex_nok: NDArray[np.int64],
    households: NDArray[np.int64],
    businesses: NDArray[np.int64],
    funding: Funding,
) -> dict[str, NDArray[np.int64]]:
    """Split prices in whole kroner: ``operator_nok``, ``local_nok`` and ``grant_nok``."""
    willing = (
        households * funding.operator_nok_per_household
        + businesses * funding.operator_nok_per_business
    )
    operator_nok = np.minimum(np.rint(willing).astype("int64"), capex_nok)
    local_nok = np.rint((capex_nok - operator_nok) * funding.local_share).astype("int64")
    return {
        "operator_nok": operator_nok,
        "local_nok": local_nok,
        "grant_nok": capex_nok - operator_nok - local_nok,
    }
