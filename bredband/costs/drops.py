"""The price of the drop from the road to the wall."""

from __future__ import annotations

import pandas as pd

from bredband.scenario.costs import Costs


def price_drops(connections: pd.DataFrame, drops: pd.DataFrame, costs: Costs) -> pd.DataFrame:
    """Price the drop, the splice and the terminal of every premises that is reached.

    ``drop = metres · price + road crossing + water + splice + terminal``. A drop that crosses
    the road pays a crossing by the road's owner. Metres through water cost what a subsea
    cable does, with two landfalls.

    Parameters
    ----------
    drops
        The table of that name.

    Returns
    -------
    The table ``connections`` with ``drop_nok`` filled in; 0 where the premises is not reached.
    """
    crossing = {owner: price.likely_nok for owner, price in costs.road_crossing_nok.items()}
    wet_m = drops["wet_m"]
    price = (
        (drops["length_m"] - wet_m) * costs.drop_nok_per_m.likely_nok
        + drops["crosses"].map(crossing).astype("float64").fillna(0.0)
        + wet_m * costs.trench_nok_per_m["water"].likely_nok
        + 2 * costs.landfall_nok.likely_nok * (wet_m > 0)
        + costs.splice_nok.likely_nok
        + costs.connection_nok.likely_nok
    )
    drop_nok = pd.Series(price.round().astype("int64").to_numpy(), index=drops["premises_id"])
    return connections.assign(
        drop_nok=drop_nok.reindex(connections["premises_id"]).fillna(0).astype("int64").to_numpy()
    )
