"""Fibre, radio or both for every area, with price, running costs and grant need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband import tables
from bredband.costs.bill import bill_of_quantities
from bredband.costs.funding import split_price
from bredband.costs.undug import leave_undug
from bredband.scenario.costs import Costs
from bredband.scenario.rollout import Funding

_FOUND = [
    "area_id", "alternative", "premises", "households", "weighted_households", "fibre_premises",
    "radio_premises", "masts", "trench_m", "capex_nok",
]  # fmt: skip


@dataclass(frozen=True)
class _Area:
    """An area's own trench as a forest, and its premises.

    ``trench`` lists (route, upstream route or −1, kroner) from the tips; the other lists hold
    for each premises its name, route (−1 when it hangs on shared trench), households, weight,
    drop price and the masts that reach it.
    """

    trench: list[tuple[int, int, int]]
    length_m: dict[int, float]
    names: list[str]
    route: list[int]
    households: list[int]
    weight: list[float]
    drop_nok: list[int]
    masts: list[frozenset[str]]
    other_nok: int


def compare_alternatives(
    areas: gpd.GeoDataFrame,
    routes: gpd.GeoDataFrame,
    connections: pd.DataFrame,
    drops: gpd.GeoDataFrame,
    premises: gpd.GeoDataFrame,
    reach: pd.DataFrame,
    masts: pd.DataFrame,
    costs: Costs,
    funding: Funding,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare fibre, radio and a mix of both in every area.

    Radio takes the masts that together reach the most, the cheapest per premises first. The
    mix keeps fibre where it is cheaper: with given masts, the branches of the trench tree to
    leave undug are found exactly, from the tips (a branch goes when its trench and drops cost
    more than radio for everyone behind it). Masts, like shared trench, are priced apart:
    the plan pays each once. Where radio reaches everyone, the area may be upgraded to fibre
    later; the operator has then given its contribution already.

    Parameters
    ----------
    reach
        Which mast meets the target where: ``premises_id`` and ``site_id``.
    masts
        ``site_id`` and ``kind`` (as in ``sites``); ``capex_nok`` and ``yearly_opex_nok``
        where they are known per mast, otherwise the scenario's prices hold.

    Returns
    -------
    The table ``alternatives``: a row for fibre in every area, for radio and hybrid where a
    mast reaches somebody, and for the upgrade where radio reaches everyone. The table
    ``radio_premises``: who gets radio from which mast in each of them.
    """
    prices = _mast_prices(masts, costs)
    people = premises.set_index("premises_id")
    rows: list[tuple[object, ...]] = []
    links: list[tuple[str, str, str, str]] = []
    for area_id, area in _read(areas, routes, connections, people, reach):
        everybody = list(range(len(area.route)))
        rows.append(_row(area_id, "fibre", area, everybody, set(), [], _fibre_price(area)))
        for name, chosen, by_radio, capex_nok in _with_radio(area, prices, costs):
            served = sorted(by_radio) if name == "radio" else everybody
            rows.append(_row(area_id, name, area, served, by_radio, chosen, capex_nok))
            if name == "radio" and len(served) == len(everybody):
                rows.append(
                    _row(area_id, "upgrade", area, everybody, set(), [], _fibre_price(area))
                )
            links += [
                (area_id, name, area.names[i], next(m for m in chosen if m in area.masts[i]))
                for i in sorted(by_radio)
            ]
    on_radio = pd.DataFrame(links, columns=tables.TABLES["radio_premises"].column_names)
    frame = pd.DataFrame(rows, columns=_FOUND)
    mixed = on_radio[on_radio["alternative"] == "hybrid"]
    left = leave_undug(routes, connections, drops, mixed)
    mix_nok = _with_radios(bill_of_quantities(areas, *left, costs), mixed, costs)
    is_mix = frame["alternative"] == "hybrid"
    frame["capex_nok"] = frame["capex_nok"].where(
        ~is_mix,
        frame["area_id"].map(mix_nok).fillna(0).astype("int64")
        + [_rounded_price(text, prices) for text in frame["masts"]],
    )
    return (
        _finish(frame, areas, connections, people, prices, costs, funding),
        on_radio.astype("str").sort_values(["area_id", "alternative", "premises_id"],
                                           ignore_index=True),
    )  # fmt: skip


def _row(
    area_id: str,
    name: str,
    area: _Area,
    served: list[int],
    by_radio: set[int],
    masts: list[str],
    capex_nok: int,
) -> tuple[object, ...]:
    """Describe one alternative of an area, in the order of ``_FOUND``."""
    by_fibre = {area.route[i] for i in served if i not in by_radio}
    return (
        area_id,
        name,
        len(served),
        sum(area.households[i] for i in served),
        sum(area.weight[i] for i in served),
        len(served) - len(by_radio),
        len(by_radio),
        "/".join(masts),
        _dug_m(area, by_fibre),
        capex_nok,
    )


def _dug_m(area: _Area, needed: set[int]) -> float:
    """Sum the area's own trench between lit fibre and the routes needed (m)."""
    dug = set(needed)
    for route, above, _ in area.trench:
        if route in dug:
            dug.add(above)
    return sum(metres for route, metres in area.length_m.items() if route in dug)


def _mast_prices(masts: pd.DataFrame, costs: Costs) -> dict[str, tuple[float, float]]:
    """Give what each mast costs to make ready, and to run for a year."""
    new = (masts["kind"] == "mast_candidate").to_numpy()
    capex = np.where(new, costs.new_mast_nok.likely_nok, costs.existing_mast_nok.likely_nok)
    opex = np.full(len(masts), costs.mast_opex_nok.likely_nok)
    if "capex_nok" in masts:
        capex = masts["capex_nok"].fillna(pd.Series(capex, index=masts.index)).to_numpy()
    if "yearly_opex_nok" in masts:
        opex = masts["yearly_opex_nok"].fillna(pd.Series(opex, index=masts.index)).to_numpy()
    return dict(zip(masts["site_id"], zip(capex, opex, strict=True), strict=True))


def _shared_price(areas: gpd.GeoDataFrame) -> dict[str, int]:
    """Sum the shared trench that each area hangs on, all the way to lit fibre."""
    capex = dict(zip(areas["area_id"], areas["capex_nok"], strict=True))
    above = dict(zip(areas["area_id"], areas["feeder_area"], strict=True))
    total = {}
    for area_id in capex:
        total[area_id], at = 0, above[area_id]
        while at:
            total[area_id] += int(capex[at])
            at = above[at]
    return total


def _read(
    areas: gpd.GeoDataFrame,
    routes: gpd.GeoDataFrame,
    connections: pd.DataFrame,
    people: pd.DataFrame,
    reach: pd.DataFrame,
) -> Iterator[tuple[str, _Area]]:
    """Take the tables apart, area by area."""
    place = {name: i for i, name in enumerate(routes["route_id"])}
    upstream = [place.get(name, -1) for name in routes["upstream_route"]]
    owner = routes["area_id"].tolist()
    trench_nok, length_m = routes["trench_nok"].tolist(), routes["length_m"].to_numpy()
    order = _from_tips(upstream)
    own: dict[str, list[int]] = {}
    for i in order:
        own.setdefault(owner[i], []).append(i)
    masts_of = reach.groupby("premises_id")["site_id"].agg(frozenset).to_dict()
    reached = connections[connections["area_id"] != ""]
    counted = people[["households", "priority_weight"]].reindex(reached["premises_id"])
    names, route = reached["premises_id"].tolist(), [place[name] for name in reached["route_id"]]
    households, weight = (
        counted["households"].astype(int).tolist(),
        counted["priority_weight"].tolist(),
    )
    drop_nok = reached["drop_nok"].astype(int).tolist()
    rows_of = reached.groupby("area_id").indices
    own_areas = areas[areas["kind"] == "area"]
    for area_id, capex_nok in zip(own_areas["area_id"], own_areas["capex_nok"], strict=True):
        mine = [int(i) for i in rows_of[area_id]]
        trench = [(i, upstream[i], int(trench_nok[i])) for i in own.get(area_id, [])]
        drops_nok = [drop_nok[i] for i in mine]
        yield (
            area_id,
            _Area(
                trench=trench,
                length_m={i: float(length_m[i]) for i, _, _ in trench},
                names=[names[i] for i in mine],
                route=[route[i] if owner[route[i]] == area_id else -1 for i in mine],
                households=[households[i] for i in mine],
                weight=[weight[i] for i in mine],
                drop_nok=drops_nok,
                masts=[masts_of.get(names[i], frozenset()) for i in mine],
                other_nok=int(capex_nok) - sum(t[2] for t in trench) - sum(drops_nok),
            ),
        )


def _from_tips(upstream: list[int]) -> list[int]:
    """Order routes so that each comes before the route upstream of it."""
    below: list[list[int]] = [[] for _ in upstream]
    order = []
    for i, above in enumerate(upstream):
        if above >= 0:
            below[above].append(i)
        else:
            order.append(i)
    for i in order:
        order.extend(below[i])
    return order[::-1]


def _fibre_price(area: _Area) -> int:
    return sum(nok for _, _, nok in area.trench) + sum(area.drop_nok) + area.other_nok


def _with_radio(
    area: _Area, prices: dict[str, tuple[float, float]], costs: Costs
) -> Iterator[tuple[str, list[str], set[int], int]]:
    """Find the radio alternative, and the best mix if some mix beats fibre alone."""
    chosen = _cover(area, prices)
    if not chosen:
        return
    radio_nok = costs.customer_radio_nok.likely_nok
    seen = {i for i, masts in enumerate(area.masts) if masts & set(chosen)}
    yield (
        "radio",
        chosen,
        seen,
        round(radio_nok * len(seen)) + _rounded_price("/".join(chosen), prices),
    )
    best: tuple[float, list[str], set[int]] = (float(_fibre_price(area)), [], set())
    for masts in [[name] for name in chosen] + [chosen[:n] for n in range(2, len(chosen) + 1)]:
        capex_nok, by_radio = _mix(area, set(masts), radio_nok)
        capex_nok += _masts_price(masts, prices)
        if by_radio and len(by_radio) < len(area.route) and capex_nok < best[0]:
            best = (capex_nok, masts, by_radio)
    if best[1]:
        yield "hybrid", best[1], best[2], round(best[0])


def _masts_price(masts: list[str], prices: dict[str, tuple[float, float]]) -> float:
    return sum(prices[name][0] for name in masts)


def _rounded_price(masts: str, prices: dict[str, tuple[float, float]]) -> int:
    """Sum the prices of masts written with / between them, each in whole kroner."""
    return sum(round(prices[name][0]) for name in masts.split("/") if name)


def _with_radios(bills: pd.DataFrame, by_radio: pd.DataFrame, costs: Costs) -> pd.Series[Any]:
    """Sum the bill of each area with the radios of its customers."""
    radios = by_radio.groupby("area_id").size() * costs.customer_radio_nok.likely_nok
    return bills.groupby("area_id")["likely_nok"].sum().add(radios.round(), fill_value=0)


def _cover(area: _Area, prices: dict[str, tuple[float, float]]) -> list[str]:
    """Choose masts until nobody more can be reached, the cheapest per new premises first."""
    left = {i for i, masts in enumerate(area.masts) if masts}
    chosen: list[str] = []
    while left:
        gain: dict[str, int] = {}
        for i in left:
            for name in area.masts[i]:
                gain[name] = gain.get(name, 0) + 1
        best = min(gain, key=lambda name: (prices[name][0] / gain[name], name))
        chosen.append(best)
        left = {i for i in left if best not in area.masts[i]}
    return chosen


def _mix(area: _Area, masts: set[str], radio_nok: float) -> tuple[float, set[int]]:
    """Leave undug every branch that costs more than radio for all behind it; exact on a forest."""
    at: dict[int, list[int]] = {}
    for i, route in enumerate(area.route):
        at.setdefault(route, []).append(i)
    own = {route for route, _, _ in area.trench}
    keep_nok: dict[int, float] = {}
    radio_all: dict[int, float] = {}
    members: dict[int, set[int]] = {}
    by_radio: dict[int, set[int]] = {}

    def add(route: int, at_least: float, total: float, homes: set[int], radio: set[int]) -> None:
        keep_nok[route] = keep_nok.get(route, 0.0) + at_least
        radio_all[route] = radio_all.get(route, 0.0) + total
        members.setdefault(route, set()).update(homes)
        by_radio.setdefault(route, set()).update(radio)

    def add_homes(route: int) -> None:
        for i in at.get(route, []):
            seen = bool(area.masts[i] & masts)
            cheaper = seen and radio_nok < area.drop_nok[i]
            add(route, radio_nok if cheaper else area.drop_nok[i],
                radio_nok if seen else np.inf, {i}, {i} if cheaper else set())  # fmt: skip

    add_homes(-1)
    for route, above, trench_nok in area.trench:
        add_homes(route)
        with_fibre = keep_nok.get(route, 0.0) + trench_nok
        everyone = radio_all.get(route, 0.0)
        homes = members.get(route, set())
        radio = homes if everyone <= with_fibre else by_radio.get(route, set())
        add(above if above in own else -1, min(with_fibre, everyone), everyone, homes, radio)
    return keep_nok.get(-1, 0.0) + area.other_nok, by_radio.get(-1, set())


def _finish(
    frame: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    connections: pd.DataFrame,
    people: pd.DataFrame,
    prices: dict[str, tuple[float, float]],
    costs: Costs,
    funding: Funding,
) -> pd.DataFrame:
    """Add running costs, who pays, and the shared trench that fibre hangs on."""
    masts_opex = [
        sum(prices[name][1] for name in text.split("/") if name) for text in frame["masts"]
    ]
    yearly = (
        frame["fibre_premises"] * costs.fibre_opex_nok.likely_nok
        + frame["radio_premises"] * costs.radio_opex_nok.likely_nok
        + pd.Series(masts_opex, index=frame.index, dtype=float)
    )
    total = areas.set_index("area_id")["premises"].reindex(frame["area_id"]).to_numpy()
    trade = people["kind"].isin(["business", "public"]).reindex(connections["premises_id"])
    businesses = trade.groupby(connections["area_id"].to_numpy()).sum().reindex(frame["area_id"])
    part = frame["premises"].to_numpy() / np.maximum(total, 1)
    masts_nok = [_rounded_price(text, prices) for text in frame["masts"]]
    own_nok = frame["capex_nok"].to_numpy().astype("int64") - np.array(masts_nok, dtype="int64")
    # The operator pays once for a household: not again when radio becomes fibre.
    pays = (frame["alternative"] != "upgrade").to_numpy()
    shares = split_price(
        own_nok,
        frame["households"].to_numpy() * pays,
        np.rint(businesses.fillna(0).to_numpy(dtype=float) * part * pays).astype("int64"),
        funding,
    )
    above = areas.set_index("area_id")["feeder_area"].reindex(frame["area_id"]).to_numpy()
    shared_nok = frame["area_id"].map(_shared_price(areas)).to_numpy()
    hangs = (frame["fibre_premises"] > 0).to_numpy()
    made = frame.assign(
        capex_nok=own_nok,
        mast_capex_nok=masts_nok,
        feeder_area=np.where(hangs, above, ""),
        shared_capex_nok=np.where(hangs, shared_nok, 0),
        left_premises=total - frame["premises"].to_numpy(),
        yearly_opex_nok=yearly.round().astype("int64"),
        **shares,
    )
    table = tables.TABLES["alternatives"]
    kind_of = {"text": "str", "int": "int64", "float": "float64"}
    kinds = {column.name: kind_of[column.kind] for column in table.columns}
    return made[table.column_names].astype(kinds).sort_values(list(table.key), ignore_index=True)
