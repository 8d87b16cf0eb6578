"""Decide who has what offer in an invented county, and what the operators say; no loops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from demo_county.coverage import FALSE_SHARE, INLAND_FIBRE, RADIO, TOWN_FIBRE, Truth
from numpy.typing import NDArray
from scipy.spatial import KDTree

from large_county.homes import DENSE, Homes
from large_county.land import Land

PREMISES_PER_LIT_POINT, PREMISES_PER_MAST = 900, 2500
RURAL_CLAIMED_SHARE, TOWN_CLAIMED_SHARE = 0.62, 0.97
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Plant:
    """Lit points and masts, in metres."""

    lit_m: Floats
    mast_m: Floats


def place_plant(land: Land, homes: Homes, rng: np.random.Generator) -> Plant:
    """Light fibre and raise masts where people live, some in every kommune."""
    lit, masts = [], []
    for k in range(len(land.kommuner)):
        cells = np.flatnonzero((land.kommune == k) & (homes.count > 0))
        if not len(cells):
            continue
        living = homes.count[cells]
        for found, per in ((lit, PREMISES_PER_LIT_POINT), (masts, PREMISES_PER_MAST)):
            wanted = min(max(int(living.sum() / per), 1), len(cells))
            found.append(rng.choice(cells, wanted, replace=False, p=living / living.sum()))
    where = homes.junction_m[np.concatenate(masts)] + rng.normal(0, 300, (sum(map(len, masts)), 2))
    return Plant(homes.junction_m[np.concatenate(lit)].round(2), where.round(1))


def make_offers(homes: Homes, plant: Plant, rng: np.random.Generator) -> Truth:
    """Let fibre reach out from lit points and radio from masts; some claims are false."""
    premises = homes.premises
    fibre, ratio = _fibre(homes, plant, rng)
    radio = _radio(premises, plant, rng)
    claims = pd.concat([fibre, radio], ignore_index=True).sort_values(
        ["premises", "tilb"], ignore_index=True
    )
    true = claims[claims.true_ned > 0].sort_values(["premises", "true_ned"])
    last = true.drop_duplicates("premises", keep="last").set_index("premises")
    last = last.reindex(premises.index)
    best = pd.DataFrame(
        {
            "down_mbps": last.true_ned.fillna(0) / 1000,
            "up_mbps": last.true_opp.fillna(0) / 1000,
            "technology": last.tek.fillna(""),
            "operator": last.tilb.fillna(""),
        }
    )
    return Truth(claims, _planned(premises, fibre, ratio), best)


def _fibre(homes: Homes, plant: Plant, rng: np.random.Generator) -> tuple[pd.DataFrame, Floats]:
    premises = homes.premises
    away, nearest = KDTree(plant.lit_m).query(homes.junction_m)
    reach = away / np.exp(rng.normal(0, 0.5, len(plant.lit_m)))[nearest]
    ratio = reach[premises.cell] * rng.normal(1, 0.05, len(premises))
    dense = homes.count[premises.cell] >= DENSE
    limit = np.quantile(ratio[~dense], RURAL_CLAIMED_SHARE) if (~dense).any() else 0.0
    covered = np.where(dense, rng.random(len(premises)) < TOWN_CLAIMED_SHARE, ratio < limit)
    covered &= (premises.kind != "holiday") | (rng.random(len(premises)) < 0.35)
    claimed = np.flatnonzero(covered)
    far = ~dense[claimed] & (ratio[claimed] > 0.5 * limit)
    street = premises.street.to_numpy()
    lied = rng.random(street.max() + 1) < 2 * FALSE_SHARE  # half of the rural claims are far out
    false = far & lied[street[claimed]]
    rows = pd.DataFrame(
        {
            "premises": claimed, "tilb": np.where(dense[claimed], TOWN_FIBRE, INLAND_FIBRE),
            "tek": "fiber", "ned": 1_000_000, "opp": 1_000_000,
            "hc": (rng.random(len(claimed)) < 0.68) & ~false, "egen": True,
            "true_ned": np.where(false, 0, 1_000_000), "true_opp": np.where(false, 0, 1_000_000),
        }
    )  # fmt: skip
    return rows, ratio / max(limit, 1e-9)


def _radio(premises: pd.DataFrame, plant: Plant, rng: np.random.Generator) -> pd.DataFrame:
    away, _ = KDTree(plant.mast_m).query(premises[["x", "y"]].to_numpy())
    rate = np.select([away < 3500, away < 6500, away < 11_000], [100_000, 50_000, 30_000], 0)
    seen = (rng.random(premises.cell.max() + 1) < 0.6)[premises.cell] & (rate > 0)
    offered = np.flatnonzero(seen & (premises.tettsted == ""))
    ned = rate[offered]
    opp = np.select([ned >= 100_000, ned >= 50_000], [20_000, 10_000], 5_000)
    share = np.where(rng.random(len(ned)) < 0.6, 1.0, rng.uniform(0.4, 0.9, len(ned)))
    return pd.DataFrame(
        {
            "premises": offered, "tilb": RADIO, "tek": "ftb", "ned": ned, "opp": opp, "hc": False,
            "egen": True, "true_ned": (share * ned).astype(int), "true_opp": (share * opp).astype(int),
        }
    )  # fmt: skip


def _planned(premises: pd.DataFrame, fibre: pd.DataFrame, ratio: Floats) -> pd.DataFrame:
    """Plan to reach a little farther than today, in cells chosen by their number."""
    today = np.zeros(len(premises), dtype=bool)
    today[fibre.premises] = True
    soon = ~today & (ratio < 1.1) & (premises.kind != "holiday") & (premises.cell % 4 == 0)
    rows = np.flatnonzero(soon)
    return pd.DataFrame(
        {"premises": rows, "tilb": INLAND_FIBRE, "tek": "fiber", "ned": 1_000_000,
         "opp": 1_000_000, "ferdig": "2028-06-30"}
    )  # fmt: skip
