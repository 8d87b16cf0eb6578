"""Generated counties for the rollout bench: seeded, and synthetic in every number.

A county has kommuner; a kommune has a few places with lit fibre, and from each of them a
forest grows: a new work hangs at lit fibre with probability 0.15, else from a work of its own
kommune, near ones first, so that depth grows like the logarithm of the number of works. One
work in eight is a shared feeder without households. Households and prices are lognormal and
correlated (a large area is a dear area), as in the deployment areas of the demo county.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband.scenario.rollout import Floor, Rollout


def county(
    works: int, kommuner: int, seed: int, *, lumpy_mnok: float | None = None
) -> gpd.GeoDataFrame:
    """Generate an areas table.

    Ordinary areas have a median of 25 households and 1.5 MNOK of grant. Lumpy areas have
    20-200 households and need 3-30 MNOK each, ``lumpy_mnok`` the middle one.
    """
    random = np.random.default_rng(seed)
    kommune = np.sort(random.integers(0, kommuner, works))
    start = np.searchsorted(kommune, kommune)
    feeder_row = np.full(works, -1)
    offset = np.arange(works) - start
    hangs = (offset > 0) & (random.random(works) > 0.15)
    back = np.minimum(random.geometric(1 / 12, works), np.maximum(offset, 1))
    feeder_row[hangs] = np.arange(works)[hangs] - back[hangs]
    carries = np.zeros(works, dtype=bool)
    carries[feeder_row[hangs]] = True
    shared = carries & (random.random(works) < 0.3)
    size = random.normal(size=works)
    noise = random.normal(size=works)
    if lumpy_mnok:
        households = np.clip(np.exp(np.log(60) + 0.55 * size), 20, 200)
        grant = np.clip(lumpy_mnok * 1e6 * np.exp(0.5 * size + 0.45 * noise), 3e6, 30e6)
    else:
        households = np.clip(np.exp(np.log(25) + 0.8 * size), 1, 400)
        grant = 1.5e6 * np.exp(0.7 * size + 0.6 * noise)
    households = np.where(shared, 0, np.round(households)).astype(np.int64)
    grant = np.where(shared, grant * 0.5, grant).round().astype(np.int64)
    weight = np.where(random.random(works) < 0.3, 1.5, 1.0)
    names = np.array([f"S{i:05d}" for i in range(works)], dtype=object)
    frame = pd.DataFrame(
        {
            "area_id": names,
            "kind": np.where(shared, "feeder", "area"),
            "name": [f"Syntetisk {i}" for i in range(works)],
            "kommune": [f"{9900 + k:04d}" for k in kommune],
            "feeder_area": np.where(feeder_row >= 0, names[feeder_row], ""),
            "premises": households,
            "households": households,
            "weighted_households": households * weight,
            "technology": "fibre",
            "trench_m": grant / 400.0,
            "capex_nok": grant + 30_000 * households,
            "operator_nok": 30_000 * households,
            "local_nok": np.zeros(works, dtype=np.int64),
            "grant_nok": grant,
        }
    )
    place = np.arange(works)
    squares = shapely.box(place % 100, place // 100, place % 100 + 1, place // 100 + 1)
    return gpd.GeoDataFrame(frame, geometry=squares, crs=25833)


def lumpy_case(seed: int, middle_mnok: float = 8.0) -> tuple[gpd.GeoDataFrame, Rollout]:
    """Generate the regime of real counties: 200 works of 3-30 MNOK, 8 years of 20-50 MNOK.

    With 8 MNOK for the middle area a good plan builds 2-9 areas in a year (5 in the mean), which
    is harder than a county's 5-15; with 4 MNOK it builds 3-11 (7 in the mean).
    """
    areas = county(200, 6, seed, lumpy_mnok=middle_mnok)
    random = np.random.default_rng(1000 + seed)
    annual = tuple(float(x) for x in (random.uniform(20e6, 50e6, 8)).round(-5))
    kommuner = sorted(areas["kommune"].unique())
    floors = [Floor(kommune=k, by_year=2034, least_share=0.05) for k in kommuner]
    floors += [Floor(kommune=k, by_year=2030, least_share=0.02) for k in kommuner[::2]]
    settings = Rollout(
        annual_grant_nok=annual, carry_over=False, floors=tuple(floors), target_gap_share=0
    )
    return areas, settings


def even_case(works: int, years: int, kommuner: int, seed: int) -> tuple[gpd.GeoDataFrame, Rollout]:
    """Generate a county where the years' money pays for half of everything."""
    areas = county(works, kommuner, seed)
    each = float(round(areas["grant_nok"].sum() * 0.5 / years))
    return areas, Rollout(annual_grant_nok=(each,) * years, target_gap_share=0)
