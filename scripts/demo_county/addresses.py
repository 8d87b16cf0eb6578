"""Place addresses along the roads, number them as Norwegian kommuner do, and say who lives there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely import STRtree
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from . import names
from .network import COLS, ROWS, Ground, Network, Road, river_beds, xy_cell
from .place import HAMLETS, KOMMUNER, SETTLEMENTS, SOUTH_M, WEST_M
from .roads import suitability
from .terrain import River

TOTAL, CABINS = 12_000, 900
EXTRACT = "12.11.2026 04:10:22"
SPACE = uuid.UUID("99999999-0000-5000-8000-000000000099")
NUCLEI_PER_KOMMUNE = 13


@dataclass(frozen=True)
class _Lot:
    x: float
    y: float
    road: int
    chainage_m: float
    right: bool
    weight: float
    group: str
    """A settlement's name, "cabin" or "rural"."""


def name_roads(net: Network, ground: Ground, rng: np.random.Generator) -> None:
    """Give every road without a name one that its kommune does not have."""
    taken: dict[int, set[str]] = {k: set() for k in range(-1, len(KOMMUNER))}
    kommune = []
    streets = list(names.STREETS)
    odd = list(names.ODD)
    for road in net.roads:
        x, y = net.xy[road.vertices[len(road.vertices) // 2]]
        kommune.append(int(ground.kommune[xy_cell(x, y)]))
        if road.name:
            taken[kommune[-1]].add(road.name)
    by_length = sorted(range(len(net.roads)), key=lambda i: -len(net.roads[i].vertices))
    for i in by_length:
        road = net.roads[i]
        if road.name:
            continue
        if road.kind == "street" and road.place == "Fjordvik" and streets:
            road.name = streets.pop(0)
            taken[kommune[i]].add(road.name)
        elif road.kind == "side" and odd and rng.random() < 0.1:
            road.name = odd.pop(0)
        else:
            road.name = names.road_name(road.kind, taken[kommune[i]], rng)


def place_addresses(
    net: Network, ground: Ground, rivers: tuple[River, ...], rng: np.random.Generator
) -> pd.DataFrame:
    """Make the table of premises: position, road, number, kind, households, persons."""
    name_roads(net, ground, rng)
    lots = _chosen(_lots(net, ground, river_beds(rivers, 20.0).buffer(8.0), rng), rng)
    table = pd.DataFrame([lot.__dict__ for lot in lots])
    cells = [xy_cell(x, y) for x, y in zip(table.x, table.y, strict=True)]
    table["kommune"] = [int(ground.kommune[cell]) for cell in cells]
    table["height_m"] = [float(ground.height_m[cell]) for cell in cells]
    table["road_name"] = [net.roads[r].name for r in table.road]
    table["place"] = [net.roads[r].place for r in table.road]
    table["x"], table["y"] = table.x.round(2), table.y.round(2)
    return registered(table, rng)


def registered(lots: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Number the lots, people them and give them what the land register knows."""
    table = _in_register(_inhabited(_numbered(lots), rng), rng)
    return table.sort_values(["kommune", "code", "number", "letter", "adresse_id"]).reset_index(
        drop=True
    )


# --- where ------------------------------------------------------------------------------


def _lots(net: Network, ground: Ground, wet: BaseGeometry, rng: np.random.Generator) -> list[_Lot]:
    """Mark out every possible lot along every road."""
    lines = [LineString(net.line(road)) for road in net.roads]
    ground_roads = [line for line, road in zip(lines, net.roads, strict=True) if not road.ferry]
    tree = STRtree(ground_roads)
    good = suitability(ground, {v for road in net.roads for v in road.vertices})
    shapely.prepare(wet)
    grid: dict[tuple[int, int], list[tuple[float, float]]] = {}
    lots: list[_Lot] = []
    order = sorted(range(len(net.roads)), key=lambda i: net.roads[i].kind == "trunk")
    centres = {s.name: _town_centre(net, s.name) for s in SETTLEMENTS}
    for i in order:
        road = net.roads[i]
        if road.ferry or road.tunnel:
            continue
        for lot in _along(road, i, lines[i], centres, good, rng):
            r, c = xy_cell(lot.x, lot.y)
            if ground.water[r, c] or ground.kommune[r, c] < 0 or ground.slope[r, c] > 0.32:
                continue
            apart = 12.5 if lot.group in centres else 24.0
            if _near(grid, lot, apart) or shapely.intersects_xy(wet, lot.x, lot.y):
                continue
            clear = 8.0 if lot.group in centres else 9.0
            if tree.query(Point(lot.x, lot.y), predicate="dwithin", distance=clear).size:
                continue
            grid.setdefault((int(lot.x // 25), int(lot.y // 25)), []).append((lot.x, lot.y))
            lots.append(lot)
    return lots


def _town_centre(net: Network, name: str) -> tuple[float, float, float]:
    """Return the middle of a settlement's streets and their reach."""
    points = np.vstack(
        [net.line(road) for road in net.roads if road.kind == "street" and road.place == name]
    )
    x, y = np.median(points, axis=0)
    return (
        float(x),
        float(y),
        float(np.percentile(np.hypot(points[:, 0] - x, points[:, 1] - y), 92)),
    )


def _near(
    grid: dict[tuple[int, int], list[tuple[float, float]]], lot: _Lot, apart_m: float
) -> bool:
    a, b = int(lot.x // 25), int(lot.y // 25)
    return any(
        np.hypot(lot.x - x, lot.y - y) < apart_m
        for i in (a - 1, a, a + 1)
        for j in (b - 1, b, b + 1)
        for x, y in grid.get((i, j), [])
    )


def _along(
    road: Road,
    index: int,
    line: LineString,
    centres: dict[str, tuple[float, float, float]],
    good: NDArray[np.float64],
    rng: np.random.Generator,
) -> list[_Lot]:
    lots = []
    street = road.kind == "street"
    for right in (False, True):
        at = float(rng.uniform(8, 30))
        while at < line.length - 4:
            p, q = line.interpolate(at), line.interpolate(min(at + 5, line.length))
            if at + 5 > line.length:
                p, q = line.interpolate(at - 5), line.interpolate(at)
            dx, dy = q.x - p.x, q.y - p.y
            norm = float(np.hypot(dx, dy)) or 1.0
            if street:
                away = float(rng.uniform(12, 24))
            else:
                away = float(np.clip(rng.lognormal(3.2, 0.5), 10, 60))
            side = away if right else -away
            x, y = p.x + side * dy / norm, p.y - side * dx / norm
            group = _group(road, x, y, centres)
            weight = _weight(road, group, x, y, good, centres)
            if weight > 0:
                lots.append(_Lot(x, y, index, at, right, weight, group))
            at += float(rng.uniform(12, 19) if group in centres else rng.uniform(24, 60))
    return lots


def _group(road: Road, x: float, y: float, centres: dict[str, tuple[float, float, float]]) -> str:
    if road.kind == "street":
        return road.place
    if road.kind == "cabin":
        return "cabin"
    for name, (cx, cy, reach) in centres.items():
        if np.hypot(x - cx, y - cy) < 0.8 * reach:
            return name
    return "rural"


def _weight(
    road: Road,
    group: str,
    x: float,
    y: float,
    good: NDArray[np.float64],
    centres: dict[str, tuple[float, float, float]],
) -> float:
    if group == "cabin":
        return 1.0
    if group in centres:
        cx, cy, reach = centres[group]
        return float(1.2 - 0.8 * min(np.hypot(x - cx, y - cy) / reach, 1.2))
    near_hamlet = min(
        np.hypot(x - WEST_M - 1000 * hx, y - SOUTH_M - 1000 * hy) for _, (hx, hy) in HAMLETS
    )
    farm = float(good[xy_cell(x, y)])
    return (0.02 + farm) * (0.35 if road.kind == "trunk" else 1.0) + 2.2 * float(
        np.exp(-near_hamlet / 420)
    ) * (farm > 0.02)


def _chosen(lots: list[_Lot], rng: np.random.Generator) -> list[_Lot]:
    """Keep as many lots of each group as the county has addresses."""
    wanted = {s.name: s.premises for s in SETTLEMENTS} | {"cabin": CABINS}
    wanted["rural"] = TOTAL - sum(wanted.values())
    kept: list[_Lot] = []
    for group, count in wanted.items():
        mine = [lot for lot in lots if lot.group == group]
        weight = np.array([lot.weight for lot in mine])
        if len(mine) < count:
            raise ValueError(f"only {len(mine)} lots for {count} addresses in {group}")
        pick = rng.choice(len(mine), size=count, replace=False, p=weight / weight.sum())
        kept.extend(mine[k] for k in np.sort(pick).tolist())
    return kept


# --- numbers ----------------------------------------------------------------------------


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Number the houses: by turn in a settlement, by chainage / 10 m elsewhere; odd on the left."""
    table = table.copy()
    table["tettsted"] = np.where(table.group.isin([s.name for s in SETTLEMENTS]), table.group, "")
    number = np.zeros(len(table), dtype=int)
    for (_, settled), rows in table.groupby(["road", "tettsted"], sort=True):
        by_turn = bool(settled) and rows.chainage_m.max() < 2500
        for right, side in rows.groupby("right", sort=True):
            first = 2 if right else 1
            ordered = side.sort_values("chainage_m")
            if by_turn:
                number[ordered.index] = first + 2 * np.arange(len(ordered))
            else:
                number[ordered.index] = first + 2 * (ordered.chainage_m // 20).astype(int)
    table["number"], table["letter"] = number, ""
    return _without_twins(table)


def _without_twins(table: pd.DataFrame) -> pd.DataFrame:
    """Give addresses that would read the same different letters."""
    table = table.copy()
    key = ["kommune", "road_name", "number", "letter"]
    while table.duplicated(key).any():
        twin = table.duplicated(key)
        table.loc[twin, "letter"] = [
            chr(ord(letter) + 1) if letter else "A" for letter in table.letter[twin]
        ]
    return table


# --- who ----------------------------------------------------------------------------------


def _inhabited(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Say what each address is: dwellings (households, persons), business, public, holiday home."""
    table = table.copy()
    n = len(table)
    town = table.tettsted == "Fjordvik"
    core = town & (table.weight > 0.85)
    draw = rng.random(n)
    kind = np.full(n, "dwelling", dtype=object)
    business = np.where(core, 0.12, np.where(table.tettsted != "", 0.05, 0.025))
    kind[draw < business] = "business"
    kind[(draw >= business) & (draw < business + 0.008)] = "public"
    holiday = (table.group == "rural") & (table.height_m < 25) & (rng.random(n) < 0.12)
    kind[(table.group == "cabin") | (holiday & (kind == "dwelling"))] = "holiday"
    flats = rng.random(n)
    homes = np.where(core & (flats < 0.2), 2 + rng.geometric(0.22, n), 1)
    homes = np.where(~core & town & (flats < 0.1), 2 + rng.geometric(0.6, n), homes)
    homes = np.where(
        (table.tettsted != "") & ~town & (flats < 0.05), 2 + rng.geometric(0.7, n), homes
    )
    homes = np.where(
        (kind == "business") & core & (rng.random(n) < 0.4),
        1 + rng.geometric(0.4, n),
        np.where(np.isin(kind, ["business", "public", "holiday"]), 0, homes),
    )
    table["kind"] = kind
    table["households"] = np.minimum(homes, 36)
    table["persons"] = rng.poisson(1.05 * table.households) + table.households
    table["employees"] = np.where(
        kind == "business",
        rng.geometric(0.12, n),
        np.where(kind == "public", rng.geometric(0.03, n), 0),
    )
    return table


def _in_register(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add what the land register knows: ids, address code, krets, farm number, post code."""
    table = table.copy()
    n = len(table)
    table["adresse_id"] = 990_000_000 + rng.permutation(n * 3)[:n]
    table["uuid"] = [str(uuid.uuid5(SPACE, str(i))) for i in table.adresse_id]
    roads = sorted(set(zip(table.kommune, table.road_name, strict=True)))
    code = {key: 1000 + 10 * k for k, key in enumerate(roads)}
    table["code"] = [code[key] for key in zip(table.kommune, table.road_name, strict=True)]
    remote = (table.group != "rural") & (table.group != "cabin")
    share = np.where(table.group == "cabin", 0.1, np.where(remote, 0.004, 0.032))
    table["matrikkel"] = rng.random(n) < share
    table["krets"] = _kretser(table, rng)
    table["gnr"] = 1 + (table.code * 7 + table.krets * 13) % 143
    order = rng.permutation(n)
    bnr = pd.Series(order, index=table.index).groupby([table.kommune, table.gnr]).rank().astype(int)
    table["bnr"] = bnr
    table["fnr"] = np.where(
        (table.group == "cabin") & (rng.random(n) < 0.3), rng.integers(1, 60, n), 0
    )
    extra = ((table.tettsted == "") & (rng.random(n) < 0.07)).to_numpy()
    table["farm"] = [names.farm_name(rng) if e else "" for e in extra]
    table["atkomst"] = (table.tettsted == "") & (rng.random(n) < 0.125)
    return table


def _kretser(table: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.int64]:
    """Number about 40 grunnkretser: the addresses nearest to each of 13-14 nuclei in a kommune."""
    krets = np.zeros(len(table), dtype=np.int64)
    for k in range(len(KOMMUNER)):
        rows = np.flatnonzero(table.kommune == k)
        xy = table.loc[rows, ["x", "y"]].to_numpy()
        nuclei = xy[rng.choice(len(xy), size=5, replace=False)]  # some where people live ...
        while len(nuclei) < NUCLEI_PER_KOMMUNE + (k == 0):  # ... the rest where nobody else is near
            away = np.min(np.hypot(*(xy[:, None] - nuclei[None]).transpose(2, 0, 1)), axis=1)
            nuclei = np.vstack([nuclei, xy[int(np.argmax(away))]])
        for _ in range(6):
            mine = np.argmin(np.hypot(*(xy[:, None] - nuclei[None]).transpose(2, 0, 1)), axis=1)
            nuclei = np.array(
                [
                    xy[mine == m].mean(axis=0) if (mine == m).any() else n
                    for m, n in enumerate(nuclei)
                ]
            )
        krets[rows] = np.unique(mine, return_inverse=True)[1]  # without numbers nobody has
    return krets


def home_density(
    premises: pd.DataFrame, wanted: NDArray[np.bool_], sigma: float
) -> NDArray[np.float64]:
    """Spread addresses over the 50 m grid: addresses per cell, smoothed."""
    count = np.zeros((ROWS, COLS))
    for x, y in premises.loc[wanted, ["x", "y"]].to_numpy():
        count[xy_cell(x, y)] += 1
    return ndimage.gaussian_filter(count, sigma)
