"""The price of the drop from the road to the wall."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bredband.scenario.costs import Costs
from bredband.scenario.section import NokRange


def price_drops(connections: pd.DataFrame, drops: pd.DataFrame, costs: Costs) -> pd.DataFrame:
    """Price the drop, the splice and the terminal of every premises that is reached.

    ``drop = metres · price + road crossing + water + splice + terminal``. A drop that crosses
    the road pays a crossing by the road's owner. Water is bored under or crossed by a cable
    with two landfalls, whichever is cheaper.

    Parameters
    ----------
    drops
        The table of that name.

    Returns
    -------
    The table ``connections`` with ``drop_nok`` filled in; 0 where the premises is not reached.
    """
    crossing = {owner: price.likely_nok for owner, price in costs.road_crossing_nok.items()}
    price = (
        (drops["length_m"] - drops["wet_m"]) * costs.drop_nok_per_m.likely_nok
        + drops["crosses"].map(crossing).astype("float64").fillna(0.0)
        + price_of_water(drops["wet_m"], costs)["water_nok"]
        + costs.splice_nok.likely_nok
        + costs.connection_nok.likely_nok
    )
    drop_nok = pd.Series(price.round().astype("int64").to_numpy(), index=drops["premises_id"])
    return connections.assign(
        drop_nok=drop_nok.reindex(connections["premises_id"]).fillna(0).astype("int64").to_numpy()
    )


def price_of_water(wet_m: pd.Series[float], costs: Costs) -> pd.DataFrame:
    """Choose for each drop how it passes water: ``method``, ``water_nok`` and ``landfalls``."""
    cable_nok = wet_m * costs.trench_nok_per_m["water"].likely_nok
    cable_nok += 2 * costs.landfall_nok.likely_nok * (wet_m > 0)
    bore = bore_price(costs)
    bored_nok = wet_m * (bore.likely_nok if bore else np.inf)
    by_bore = ((wet_m > 0) & (bored_nok < cable_nok)).to_numpy()
    return pd.DataFrame(
        {
            "method": np.where(by_bore, "bore", np.where(wet_m > 0, "subsea", "")),
            "water_nok": np.where(by_bore, bored_nok, cable_nok),
            "landfalls": np.where(by_bore | (wet_m == 0), 0, 2),
        },
        index=wet_m.index,
    )


def bore_price(costs: Costs) -> NokRange | None:
    """Find the price of boring under water, if the scenario allows it."""
    for option in costs.other_methods:
        if option.ground == "water" and option.method == "bore" and option.allowed:
            return option.nok_per_m
    return None
