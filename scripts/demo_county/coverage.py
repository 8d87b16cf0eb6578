"""Decide who really has what offer, and what the operators say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from .network import Ground, Network, xy_cell
from .place import SOUTH_M, WEST_M

TOWN_FIBRE, INLAND_FIBRE, RADIO = "Fjordnett", "Innlandsfiber", "Radiolink"
FALSE_SHARE = 0.15
"""The share of Innlandsfiber's claims outside settlements that is not true."""


@dataclass(frozen=True)
class LitPoint:
    """A point where fibre can be lit: km, owner, and how far its homes reach in m."""

    name: str
    owner: str
    km: tuple[float, float]
    reach_m: float


LIT_POINTS = (
    LitPoint("Fjordvik sentral", TOWN_FIBRE, (18.75, 15.9), 3600),
    LitPoint("Sundvåg", TOWN_FIBRE, (7.3, 16.9), 1300),
    LitPoint("Nordbotn", TOWN_FIBRE, (14.6, 21.7), 1500),
    LitPoint("Havnes", TOWN_FIBRE, (7.8, 24.9), 1000),
    LitPoint("Ytre Fjord", TOWN_FIBRE, (10.4, 19.8), 900),
    LitPoint("Skarheim sentral", INLAND_FIBRE, (16.3, 6.25), 2000),
    LitPoint("Skarvoll", INLAND_FIBRE, (21.5, 6.5), 1900),
    LitPoint("Innskar", INLAND_FIBRE, (26.2, 6.0), 1300),
    LitPoint("Ytterskar", INLAND_FIBRE, (10.4, 7.0), 2300),
    LitPoint("Granelv sentral", INLAND_FIBRE, (28.3, 18.4), 2100),
    LitPoint("Vassenden", INLAND_FIBRE, (23.6, 17.4), 1900),
    LitPoint("Nordelvdal", INLAND_FIBRE, (18.6, 23.7), 1700),
    LitPoint("Seterbygda", INLAND_FIBRE, (24.2, 25.9), 900),
    LitPoint("Sørneset", INLAND_FIBRE, (10.6, 4.0), 700),
)


@dataclass(frozen=True)
class Mast:
    """A mast: km, owner, height above ground, bands and sector azimuths."""

    name: str
    owner: str
    km: tuple[float, float]
    height_m: float
    bands_mhz: str
    sectors: str
    radiolink: bool


MASTS = (
    Mast("Storøyheia", RADIO, (4.6, 19.0), 24, "700/3600", "0/120/240", True),
    Mast("Havøyfjellet", "Mastselskapet", (3.9, 8.4), 30, "700/800", "0/120/240", False),
    Mast("Ytre Fjord", RADIO, (10.9, 21.4), 30, "3600", "60/180/300", True),
    Mast("Fjordvikåsen", "Mastselskapet", (20.0, 15.0), 36, "700/1800/3600", "0/120/240", False),
    Mast("Nordbotnheia", "Mastselskapet", (14.2, 22.9), 30, "700/1800", "30/150/270", False),
    Mast("Skarheia", RADIO, (15.6, 7.6), 36, "700/3600", "0/120/240", True),
    Mast("Søre Kyst", RADIO, (8.6, 4.6), 40, "3600", "0/120/240", True),
    Mast("Ytterskar", "Mastselskapet", (8.3, 9.1), 24, "800", "90/210/330", False),
    Mast("Granlikollen", RADIO, (27.2, 19.0), 30, "700/3600", "0/90/180/270", True),
    Mast("Blåvasshøgda", "Mastselskapet", (27.2, 12.6), 24, "700", "0/120/240", False),
    Mast("Nordelvkollen", RADIO, (19.4, 24.6), 30, "3600", "80/200/320", True),
    Mast("Setertoppen", "Mastselskapet", (24.8, 26.6), 24, "700/800", "0/180", False),
    Mast("Skardalen", RADIO, (24.4, 6.4), 36, "700/3600", "70/190/310", True),
    Mast("Innskar", "Mastselskapet", (28.6, 5.2), 24, "700", "90/270", False),
)


@dataclass(frozen=True)
class Truth:
    """The offers that exist and the offers claimed; both have one row per address and operator."""

    claims: pd.DataFrame
    planned: pd.DataFrame
    best_true: pd.DataFrame
    """Indexed as the premises: true best down and up in Mbit/s, technology, operator, fibre."""


def make_coverage(
    premises: pd.DataFrame, ground: Ground, wobble: NDArray[np.float64], rng: np.random.Generator
) -> Truth:
    """Make claims, planned build and the hidden truth for every address."""
    fibre = _fibre_claims(premises, wobble, rng)
    radio = _radio_claims(premises, ground, rng)
    claims = pd.concat([fibre, radio], ignore_index=True).sort_values(["premises", "tilb"])
    true = (
        claims[claims.true_ned > 0].sort_values(["premises", "true_ned"]).groupby("premises").last()
    )
    best = pd.DataFrame(index=premises.index)
    best["down_mbps"] = true.true_ned.reindex(premises.index).fillna(0) / 1000
    best["up_mbps"] = true.true_opp.reindex(premises.index).fillna(0) / 1000
    best["technology"] = true.tek.reindex(premises.index).fillna("")
    best["operator"] = true.tilb.reindex(premises.index).fillna("")
    planned = _planned(premises, claims, wobble)
    return Truth(claims.reset_index(drop=True), planned, best)


def _reach(
    premises: pd.DataFrame, wobble: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Measure each address's distance to lit fibre, in shares of the reach of the nearest point."""
    bend = np.array([wobble[xy_cell(x, y)] for x, y in zip(premises.x, premises.y, strict=True)])
    ratios = []
    for lit in LIT_POINTS:
        x, y = WEST_M + 1000 * lit.km[0], SOUTH_M + 1000 * lit.km[1]
        ratios.append(np.hypot(premises.x - x, premises.y - y) / lit.reach_m)
    ratio = np.array(ratios)
    nearest = ratio.argmin(axis=0)
    return ratio.min(axis=0) * (1 + 0.18 * bend), nearest


def _fibre_claims(
    premises: pd.DataFrame, wobble: NDArray[np.float64], rng: np.random.Generator
) -> pd.DataFrame:
    ratio, nearest = _reach(premises, wobble)
    settled = (premises.tettsted != "").to_numpy()
    owner = np.array([lit.owner for lit in LIT_POINTS])[nearest]
    owner[premises.tettsted == "Granelv"] = INLAND_FIBRE
    owner[premises.tettsted == "Skarheim"] = INLAND_FIBRE
    town = np.isin(premises.tettsted, ["Fjordvik", "Skarheim", "Granelv"])
    covered = np.where(town, rng.random(len(premises)) < 0.985, ratio < 1)
    cabin = (premises.kind == "holiday").to_numpy()
    covered &= ~cabin | (rng.random(len(premises)) < 0.35)
    claimed = np.flatnonzero(covered)
    rows = pd.DataFrame(
        {"premises": premises.index[claimed], "tilb": owner[claimed], "tek": "fiber"}
    )
    old = (premises.tettsted == "Sundvåg").to_numpy()[claimed]
    rows["ned"] = np.where(old, 500_000, 1_000_000)
    rows["opp"] = rows.ned
    rows["egen"] = True
    rural = ~settled[claimed] & (rows.tilb == INLAND_FIBRE).to_numpy()
    false = _false_roads(premises.iloc[claimed], rural, ratio[claimed], rng)
    rows["hc"] = (rng.random(len(rows)) < 0.68) & ~false
    rows["true_ned"] = np.where(false, 0, rows.ned)
    rows["true_opp"] = np.where(false, 0, rows.opp)
    second = rows[(premises.tettsted.reindex(rows.premises) == "Skarheim").to_numpy()]
    second = second[rng.random(len(second)) < 0.4].copy()
    second["tilb"], second["hc"], second["egen"] = TOWN_FIBRE, False, rng.random(len(second)) < 0.5
    return pd.concat([rows, second], ignore_index=True)


def _false_roads(
    claimed: pd.DataFrame,
    rural: NDArray[np.bool_],
    ratio: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Choose whole roads, rather those far from lit fibre, until the false share is met."""
    table = pd.DataFrame({"code": claimed.code.to_numpy(), "ratio": ratio, "rural": rural})
    far = table[table.rural].groupby("code").agg(ratio=("ratio", "mean"), count=("ratio", "size"))
    order = (far.ratio + rng.normal(0, 0.25, len(far))).sort_values(ascending=False).index
    wanted = FALSE_SHARE * int(rural.sum())
    false = np.zeros(len(table), dtype=bool)
    for code in order:
        mine = rural & (table.code == code).to_numpy()
        if false.sum() + mine.sum() <= wanted * 1.05:
            false |= mine
    return false


def _radio_claims(premises: pd.DataFrame, ground: Ground, rng: np.random.Generator) -> pd.DataFrame:
    """Radiolink offers fixed wireless where its masts see the house within 11 km."""
    best = np.zeros(len(premises))
    for mast in MASTS:
        if mast.radiolink:
            distance, seen = _sight(premises, ground, mast)
            rate = np.select(
                [distance < 3500, distance < 6500, distance < 11_000], [100.0, 50.0, 30.0], 0.0
            )
            best = np.maximum(best, np.where(seen, rate, 0.0))
    offered = np.flatnonzero((best > 0) & (premises.tettsted != "Fjordvik").to_numpy())
    ned = (best[offered] * 1000).astype(int)
    rows = pd.DataFrame(
        {"premises": premises.index[offered], "tilb": RADIO, "tek": "ftb", "ned": ned}
    )
    rows["opp"] = np.select([ned >= 100_000, ned >= 50_000], [20_000, 10_000], 5_000)
    rows["hc"], rows["egen"] = False, True
    share = np.clip(rng.normal(0.92, 0.12, len(rows)), 0.4, 1.1)
    rows["true_ned"] = (np.where(share > 0.9, 1.0, share) * rows.ned).round(-2).astype(int)
    rows["true_opp"] = (np.where(share > 0.9, 1.0, share) * rows.opp).round(-2).astype(int)
    return rows


def _sight(
    premises: pd.DataFrame, ground: Ground, mast: Mast
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Tell whether the mast sees a 5 m roof at each address, along 80 points of the terrain."""
    mx, my = mast_xy(mast, ground)
    r, c = xy_cell(mx, my)
    top = ground.height_m[r, c] + mast.height_m
    x, y = premises.x.to_numpy(), premises.y.to_numpy()
    distance = np.hypot(x - mx, y - my)
    t = np.linspace(0.02, 0.98, 80)[:, None]
    px, py = mx + t * (x - mx), my + t * (y - my)
    terrain = ndimage.map_coordinates(
        ground.height_m,
        [(py - SOUTH_M) / 50 - 0.5, (px - WEST_M) / 50 - 0.5],
        order=1,
        mode="nearest",
    )
    bulge = t * (1 - t) * distance**2 / (2 * 8.495e6)
    ray = top + t * (premises.height_m.to_numpy() + 5 - top)
    return distance, (terrain + bulge < ray).all(axis=0)


def _planned(
    premises: pd.DataFrame, claims: pd.DataFrame, wobble: NDArray[np.float64]
) -> pd.DataFrame:
    """Let both fibre operators plan to reach a little farther from some of their points."""
    ratio, nearest = _reach(premises, wobble)
    gigabit = set(claims.premises[claims.ned >= 1_000_000])
    grows = {
        "Nordbotn": "2027-10-01",
        "Vassenden": "2028-06-30",
        "Skarvoll": "2027-12-31",
        "Sundvåg": "2029-06-30",
    }
    rows = []
    for i, k in enumerate(nearest.tolist()):
        lit = LIT_POINTS[k]
        reach = 1.22 if premises.tettsted.iloc[i] == "" else 0.75
        if (
            lit.name in grows
            and i not in gigabit
            and ratio[i] < reach
            and premises.kind.iloc[i] != "holiday"
        ):
            rows.append(
                (premises.index[i], lit.owner, "fiber", 1_000_000, 1_000_000, grows[lit.name])
            )
    return pd.DataFrame(rows, columns=["premises", "tilb", "tek", "ned", "opp", "ferdig"])


def mast_xy(mast: Mast, ground: Ground) -> tuple[float, float]:
    """Stand a mast on the highest ground within 900 m of its wish."""
    r, c = xy_cell(WEST_M + 1000 * mast.km[0], SOUTH_M + 1000 * mast.km[1])
    rows, cols = np.ogrid[: ground.height_m.shape[0], : ground.height_m.shape[1]]
    near = np.where(np.hypot(rows - r, cols - c) <= 18, ground.height_m, -1.0)
    top, left = divmod(int(np.argmax(near)), near.shape[1])
    return WEST_M + 50.0 * (left + 0.5), SOUTH_M + 50.0 * (top + 0.5)


def lit_table() -> pd.DataFrame:
    """Return the lit points in EPSG:25833."""
    return pd.DataFrame(
        [
            {
                "punkt_id": f"TP{k + 1:03d}",
                "navn": lit.name,
                "eier": lit.owner,
                "ost": round(WEST_M + 1000 * lit.km[0], 2),
                "nord": round(SOUTH_M + 1000 * lit.km[1], 2),
            }
            for k, lit in enumerate(LIT_POINTS)
        ]
    )


def snapped_to_roads(x: float, y: float, net: Network) -> tuple[float, float]:
    """Move a point to the nearest vertex of a trunk road or street."""
    points = np.vstack([net.line(r) for r in net.roads if r.kind in ("trunk", "street")])
    near = points[int(np.argmin(np.hypot(points[:, 0] - x, points[:, 1] - y)))]
    return float(near[0]), float(near[1])
