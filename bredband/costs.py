"""What a trench, a drop and an area cost, and who pays. Prices come from the scenario."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband.scenario.costs import Costs
from bredband.scenario.rollout import Funding


def price_roads(roads: gpd.GeoDataFrame, costs: Costs) -> gpd.GeoDataFrame:
    """Price a trench along every road link.

    ``trench_nok = length_m · price(ground) · (1 + surcharge · slope / 10 %) + landfalls``,
    with two landfalls for a link through water. Slope does not count in water, on
    bridges, in tunnels or in existing ducts.

    Returns
    -------
    The table ``roads`` with the column ``trench_nok`` (float, the whole link) added.
    """
    price_nok_per_m = {ground: price.likely_nok for ground, price in costs.trench_nok_per_m.items()}
    per_m = roads["ground"].map(price_nok_per_m).astype("float64")
    on_land = ~roads["ground"].isin(["water", "bridge", "tunnel", "duct"])
    surcharge = (costs.slope_surcharge_share * roads["slope_share"] / 0.10).where(on_land, 0.0)
    landfalls = 2 * costs.landfall_nok.likely_nok * (roads["ground"] == "water")
    return roads.assign(trench_nok=roads["length_m"] * per_m * (1 + surcharge) + landfalls)


def price_drops(connections: pd.DataFrame, costs: Costs) -> pd.DataFrame:
    """Price the drop and the terminal of every premises that is reached.

    Returns
    -------
    The table ``connections`` with ``drop_nok`` filled in; 0 where the premises is not reached.
    """
    price = (
        connections["drop_m"] * costs.drop_nok_per_m.likely_nok + costs.connection_nok.likely_nok
    )
    reached = connections["reason"] == ""
    return connections.assign(drop_nok=price.where(reached, 0.0).round().astype("int64"))


def fund_areas(
    areas: gpd.GeoDataFrame,
    routes: gpd.GeoDataFrame,
    connections: pd.DataFrame,
    premises: gpd.GeoDataFrame,
    costs: Costs,
    funding: Funding,
) -> gpd.GeoDataFrame:
    """Add the build price of every area and split it between operator, local funds and grant.

    ``capex = trench + drops + cabinets``; the operator pays a fixed sum per household and
    business, at most the capex; local funds pay ``local_share`` of the rest; the grant is
    what is left. All in whole kroner, so that the parts sum to the capex exactly.

    Returns
    -------
    The table ``areas`` with ``trench_m``, ``capex_nok``, ``operator_nok``, ``local_nok`` and
    ``grant_nok`` filled in.
    """
    trench = routes.groupby("area_id")[["length_m", "trench_nok"]].sum().reindex(areas["area_id"])
    reached = connections[connections["area_id"] != ""]
    drops = reached.groupby("area_id")["drop_nok"].sum().reindex(areas["area_id"])
    cabinets = np.ceil(areas["premises"].to_numpy() / costs.premises_per_cabinet)
    capex = (
        trench["trench_nok"].fillna(0).to_numpy()
        + drops.fillna(0).to_numpy()
        + cabinets * costs.cabinet_nok.likely_nok
    )
    capex_nok = np.rint(capex).astype("int64")
    kind = premises.set_index("premises_id")["kind"].reindex(reached["premises_id"]).to_numpy()
    businesses = (
        pd.Series(np.isin(kind, ["business", "public"]), index=reached["area_id"])
        .groupby(level=0)
        .sum()
        .reindex(areas["area_id"], fill_value=0)
        .to_numpy()
    )
    willing = (
        areas["households"].to_numpy() * funding.operator_nok_per_household
        + businesses * funding.operator_nok_per_business
    )
    operator_nok = np.minimum(np.rint(willing).astype("int64"), capex_nok)
    local_nok = np.rint((capex_nok - operator_nok) * funding.local_share).astype("int64")
    return areas.assign(
        trench_m=trench["length_m"].fillna(0.0).to_numpy(),
        capex_nok=capex_nok,
        operator_nok=operator_nok,
        local_nok=local_nok,
        grant_nok=capex_nok - operator_nok - local_nok,
    )
