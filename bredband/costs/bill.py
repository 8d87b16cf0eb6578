"""The bill of quantities: what every area consists of, line by line, to the krone."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband import tables
from bredband.costs.drops import bore_price, price_of_water
from bredband.costs.trench import DUG, PLAIN_METHOD
from bredband.scenario.costs import Costs
from bredband.scenario.section import NokRange

_KEY = ["area_id", "item", "ground", "method", "road_owner"]
_PLAIN = NokRange(low_nok=0, likely_nok=1, high_nok=1, source="–")


def bill_of_quantities(
    areas: gpd.GeoDataFrame,
    routes: gpd.GeoDataFrame,
    connections: pd.DataFrame,
    drops: pd.DataFrame,
    costs: Costs,
) -> pd.DataFrame:
    """Work out what every area and every shared trench consists of.

    Trench is counted in metres by ground class and method, then surcharges, fees and
    landfalls, and per area the drops, crossings, splices, terminals, cabinets, joints and
    permits. The likely amounts of an area sum to its capex to the krone. The low and high
    figures move every price of the line to the end of its range.

    Returns
    -------
    The table ``bills``.
    """
    lines = [
        *_trench_lines(routes, costs),
        *_drop_lines(connections, drops, costs),
        *_counted_lines(areas, routes, connections, costs),
    ]
    kept = [line for line in lines if len(line)]
    if not kept:
        return tables.empty("bills")
    bill = pd.concat(kept, ignore_index=True)
    bill = bill[bill["area_id"].isin(areas["area_id"]) & (bill["count"] + bill["length_m"] > 0)]
    columns = tables.TABLES["bills"].column_names
    return bill[columns].sort_values(_KEY, ignore_index=True)


def bill_of_radio(
    areas: gpd.GeoDataFrame, by_radio: pd.DataFrame, masts: gpd.GeoDataFrame, costs: Costs
) -> pd.DataFrame:
    """Work out the customers' radios of every area, and the masts among the areas.

    Parameters
    ----------
    by_radio
        ``area_id`` and ``premises_id`` of those who get radio.
    masts
        The table ``mast_candidates``; it tells new masts from equipment on those that stand.

    Returns
    -------
    More lines for the table ``bills``.
    """
    homes = by_radio.groupby("area_id", as_index=False).size().rename(columns={"size": "count"})
    radios = _counted(homes, "customer_radio", [costs.customer_radio_nok] * len(homes))
    kind = masts.set_index("site_id")["kind"]
    built = areas.loc[areas["kind"] == "mast", ["area_id", "capex_nok"]]
    lines = built.rename(columns={"capex_nok": "likely_nok"}).assign(count=1)
    ranges = [
        costs.new_mast_nok if kind[name] == "mast_candidate" else costs.existing_mast_nok
        for name in lines["area_id"]
    ]
    bill = pd.concat([radios, _ranged(_line(lines, "mast"), ranges)], ignore_index=True)
    return bill[tables.TABLES["bills"].column_names]


def _trench_lines(routes: gpd.GeoDataFrame, costs: Costs) -> Iterator[pd.DataFrame]:
    """Count metres by ground and method, and what comes on top of plain metres."""
    extra = routes["surcharge_nok"] + routes["fee_nok"] + routes["landfall_nok"]
    plain = pd.DataFrame(routes.drop(columns="geometry")).assign(
        metres_nok=routes["trench_nok"] - extra
    )
    prices = {(o.ground, o.method): o.nok_per_m for o in costs.other_methods}
    prices |= {(g, PLAIN_METHOD[g]): price for g, price in costs.trench_nok_per_m.items()}
    metres = _summed(plain, "trench", "metres_nok", ["ground", "method"])
    of_line = [
        prices.get((ground, method), _PLAIN)
        for ground, method in zip(metres["ground"], metres["method"], strict=True)
    ]
    yield _ranged(metres, of_line)
    steeper = _summed(
        plain[plain["surcharge_nok"] != 0], "surcharge", "surcharge_nok", [*_KEY[2:4]]
    )
    yield _ranged(
        steeper,
        [
            prices.get((ground, method), _PLAIN)
            for ground, method in zip(steeper["ground"], steeper["method"], strict=True)
        ],
    )
    fees = _summed(plain[plain["fee_nok"] != 0], "road_fee", "fee_nok", ["road_owner"])
    yield _ranged(fees, [costs.road_fee_nok_per_m[owner] for owner in fees["road_owner"]])
    wet = plain[plain["landfall_nok"] != 0]
    landfalls = _summed(wet, "landfall", "landfall_nok", []).assign(length_m=0.0)
    each = max(costs.landfall_nok.likely_nok, 1.0)
    landfalls["count"] = np.rint(landfalls["likely_nok"] / each).astype("int64")
    yield _ranged(landfalls, [costs.landfall_nok] * len(landfalls))


def _summed(rows: pd.DataFrame, item: str, money: str, by: list[str]) -> pd.DataFrame:
    sums = rows.groupby(["area_id", *by], as_index=False).agg(
        length_m=("length_m", "sum"), likely_nok=(money, "sum")
    )
    return _line(sums, item)


def _line(frame: pd.DataFrame, item: str) -> pd.DataFrame:
    """Add the columns of a bill that the line does not use."""
    blank = {name: "" for name in _KEY[2:] if name not in frame}
    numbers = {name: 0 for name in ("count",) if name not in frame}
    metres = {} if "length_m" in frame else {"length_m": 0.0}
    typed = frame.assign(item=item, **blank, **numbers, **metres)
    return typed.astype(dict.fromkeys(_KEY, "str") | {"count": "int64", "length_m": "float64"})


def _ranged(lines: pd.DataFrame, prices: list[NokRange]) -> pd.DataFrame:
    """Add low and high amounts: the line with its price at either end of the range."""
    likely = np.array([price.likely_nok for price in prices], dtype=float)
    low = np.array([price.low_nok for price in prices], dtype=float)
    high = np.array([price.high_nok for price in prices], dtype=float)
    amount = lines["likely_nok"].to_numpy(dtype=float)
    scale = np.divide(amount, likely, out=np.zeros(len(lines)), where=likely > 0)
    return lines.assign(
        low_nok=np.rint(np.where(likely > 0, scale * low, amount)).astype("int64"),
        likely_nok=np.rint(amount).astype("int64"),
        high_nok=np.rint(np.where(likely > 0, scale * high, amount)).astype("int64"),
    )


def _drop_lines(
    connections: pd.DataFrame, drops: pd.DataFrame, costs: Costs
) -> Iterator[pd.DataFrame]:
    """Split the price of the drops into crossings, water, splices, terminals and metres."""
    reached = drops.merge(connections[["premises_id", "drop_nok"]], on="premises_id")
    left = reached.groupby("area_id")["drop_nok"].sum()
    crossing = reached[reached["crosses"] != ""]
    counted = crossing.groupby(["area_id", "crosses"], as_index=False).size()
    counted = counted.rename(columns={"crosses": "road_owner", "size": "count"})
    each = [costs.road_crossing_nok[owner] for owner in counted["road_owner"]]
    parts = [_counted(counted, "road_crossing", each)]
    parts += _water_lines(reached[reached["wet_m"] > 0], costs)
    homes = reached.groupby("area_id", as_index=False).agg(
        count=("premises_id", "size"), length_m=("length_m", "sum"), wet_m=("wet_m", "sum")
    )
    for item, price in (("splice", costs.splice_nok), ("connection", costs.connection_nok)):
        parts.append(_counted(homes[["area_id", "count"]], item, [price] * len(homes)))
    for part in parts:
        left = left.sub(part.groupby("area_id")["likely_nok"].sum(), fill_value=0)
    yield from parts
    dug = homes[["area_id"]].assign(
        length_m=homes["length_m"] - homes["wet_m"],
        likely_nok=left.reindex(homes["area_id"]).to_numpy(),
    )
    yield _ranged(_line(dug, "drop"), [costs.drop_nok_per_m] * len(dug))


def _water_lines(wet: pd.DataFrame, costs: Costs) -> list[pd.DataFrame]:
    """Price the water that drops pass: bored metres, or cable and landfalls."""
    passed = wet.join(price_of_water(wet["wet_m"], costs))
    sums = passed.groupby(["area_id", "method"], as_index=False).agg(
        length_m=("wet_m", "sum"), count=("landfalls", "sum")
    )
    bore, cable = bore_price(costs) or _PLAIN, costs.trench_nok_per_m["water"]
    prices = [bore if method == "bore" else cable for method in sums["method"]]
    metres = sums[["area_id", "method", "length_m"]].assign(
        ground="water",
        likely_nok=sums["length_m"] * np.array([price.likely_nok for price in prices]),
    )
    landed = sums.loc[sums["count"] > 0, ["area_id", "count"]]
    return [
        _ranged(_line(metres, "drop_water"), prices),
        _counted(landed, "drop_landfall", [costs.landfall_nok] * len(landed)),
    ]


def _counted(frame: pd.DataFrame, item: str, prices: list[NokRange]) -> pd.DataFrame:
    """Price a line of so many pieces."""
    likely = np.array([price.likely_nok for price in prices], dtype=float)
    return _ranged(_line(frame.assign(likely_nok=frame["count"] * likely), item), prices)


def _counted_lines(
    areas: gpd.GeoDataFrame, routes: gpd.GeoDataFrame, connections: pd.DataFrame, costs: Costs
) -> Iterator[pd.DataFrame]:
    """Count the cabinets, joints and permits of every area."""
    wired = connections[(connections["area_id"] != "") & (connections["route_id"] != "")]
    homes = wired.groupby("area_id", as_index=False).size()
    boxes = np.ceil(homes["size"] / costs.premises_per_cabinet).astype("int64")
    cabinets = homes[["area_id"]].assign(count=boxes)
    yield _counted(cabinets, "cabinet", [costs.cabinet_nok] * len(cabinets))
    below = routes.loc[routes["upstream_route"] != "", "upstream_route"].value_counts()
    branches = (below - 1).reindex(routes["route_id"]).fillna(0).clip(lower=0).to_numpy()
    joints = pd.DataFrame({"area_id": routes["area_id"].to_numpy(), "count": branches.astype(int)})
    joints = joints.groupby("area_id", as_index=False).sum()
    yield _counted(joints, "joint", [costs.joint_nok] * len(joints))
    along = routes[(routes["road_owner"] != "") & routes["method"].isin(DUG)]
    named = along.loc[along["area_id"].isin(areas["area_id"]), "area_id"].unique()
    permits = pd.DataFrame({"area_id": named, "count": 1})
    yield _counted(permits, "permit", [costs.permit_nok] * len(permits))
