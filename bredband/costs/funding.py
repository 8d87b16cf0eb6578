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
