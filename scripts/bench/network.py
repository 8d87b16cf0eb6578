"""Measure network and areas: seconds and peak memory, on a large grid and on real places.

    python scripts/bench/network.py demo elverum liechtenstein
    python scripts/bench/network.py grid [junctions]

The grid is synthetic: a street grid of 400 000 junctions (or as many as given) with its
corners cut off by water, one premises in ten junctions lacking. Elverum and Liechtenstein are real
addresses (and in Liechtenstein real roads) from ../shared/data, or where BREDBAND_SHARED
points; which four premises in ten lack an offer, and where fibre is lit, is drawn with a fixed seed. Prints per
step its seconds, and last the peak memory of the whole process so far and the proof. Kernels are
compiled, or read from disk, before the first clock starts.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bredband import areas, costs, ground, network, tables  # noqa: E402
from bredband.grid import WORKING_CRS  # noqa: E402
from bredband.network.steiner.kernels import load_kernels  # noqa: E402
from bredband.scenario.costs import Costs  # noqa: E402
from bredband.scenario.network import AreaChoices, NetworkChoices  # noqa: E402
from bredband.scenario.rollout import Funding  # noqa: E402
from scripts.shared_data import shared_data  # noqa: E402

Tables = dict[str, gpd.GeoDataFrame]


@contextmanager
def timed(step: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    print(
        f"{step:<28} seconds={time.perf_counter() - wall:.2f} cpu={time.process_time() - cpu:.2f}"
    )


def grid(junctions: int) -> Tables:
    """Lay out a street grid, 100 m apart, with a river through it and one bridge in fifty."""
    side = int(junctions**0.5)
    rng = np.random.default_rng(1)
    xy = 100.0 * np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    xy += rng.uniform(-20, 20, xy.shape) + np.array([300_000, 6_700_000])
    number = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([number[:, :-1].ravel(), number[:-1, :].ravel()])
    head = np.concatenate([number[:, 1:].ravel(), number[1:, :].ravel()])
    river = (tail // side == side // 2) & (head // side == side // 2 + 1)
    kept = (rng.random(len(tail)) < 0.75) & ~(river & (tail % 50 > 0))
    tail, head = tail[kept], head[kept]
    lines = shapely.linestrings(np.stack([xy[tail], xy[head]], axis=1))
    roads = gpd.GeoDataFrame(
        {
            "road_id": np.arange(len(tail)).astype(str),
            "start_junction": tail,
            "end_junction": head,
            "length_m": shapely.length(lines),
            "road_class": "unclassified",
            "surface": "gravel",
            "structure": "ground",
            "slope_share": 0.05,
            "ground": np.array(["verge", "cultivated", "rock"])[rng.integers(0, 3, len(tail))],
        },
        geometry=lines,
        crs=WORKING_CRS,
    )
    homes = rng.choice(tail, len(xy) // 10, replace=False)
    premises = _premises(xy[homes] + rng.uniform(-40, 40, (len(homes), 2)))
    south, north = 6_700_000 + 100 * (side // 2) + 30, 6_700_000 + 100 * (side // 2) + 70
    water = shapely.box(300_000, south, 300_000 + 100 * side, north)
    landcover = gpd.GeoDataFrame(
        {"landcover_id": ["1"], "landcover_class": ["Elv"]}, geometry=[water], crs=WORKING_CRS
    )
    lit = xy[rng.choice(len(xy), 20, replace=False)]
    return {"roads": roads, "premises": premises, "sites": _lit(lit), "landcover": landcover}


def _premises(xy: np.ndarray) -> gpd.GeoDataFrame:
    number = np.arange(len(xy)).astype(str)
    return gpd.GeoDataFrame(
        {
            "premises_id": number,
            "street": np.char.add("Veg ", (np.arange(len(xy)) // 50).astype(str)),
            "address": number,
            "kommune": "9901",
            "kind": "dwelling",
            "households": 1,
            "priority_weight": 1.0,
            "access_x_m": np.nan,
            "access_y_m": np.nan,
        },
        geometry=shapely.points(xy),
        crs=WORKING_CRS,
    )


def _lit(xy: np.ndarray) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"site_id": [f"t{i}" for i in range(len(xy))], "kind": "lit_fibre"},
        geometry=shapely.points(xy),
        crs=WORKING_CRS,
    )


def _lacking(premises: gpd.GeoDataFrame, share: float) -> gpd.GeoDataFrame:
    return premises[np.random.default_rng(1).random(len(premises)) < share]


def _densest(premises: gpd.GeoDataFrame, count: int) -> gpd.GeoDataFrame:
    xy = shapely.get_coordinates(premises.geometry.to_numpy())
    _, member, size = np.unique(xy // 2000, axis=0, return_inverse=True, return_counts=True)
    best = np.argsort(-size, kind="stable")[:count]
    return _lit(np.array([np.median(xy[member.ravel() == i], axis=0) for i in best]))


def shared() -> Path:
    folder = shared_data()
    if not folder.is_dir():
        sys.exit(f"The real data are not at {folder} (set BREDBAND_SHARED).")
    return folder


def elverum() -> Tables:
    from bredband.sources import address_roads, kartverket

    file = "norway/addresses/Basisdata_3420_Elverum_25833_MatrikkelenAdresse.csv"
    premises = kartverket.read_addresses([shared() / file]).frame
    roads = ground.classify(address_roads.chain(premises).frame)
    return {
        "roads": roads.assign(slope_share=0.0),
        "premises": _lacking(premises, 0.4),
        "sites": _densest(premises, 5),
        "landcover": tables.empty("landcover"),
    }


def liechtenstein() -> Tables:
    from bredband.sources import osm

    files = [shared() / "osm/liechtenstein.osm.pbf"]
    premises = osm.read_addresses(files).frame
    borders = osm.read_borders(files).frame
    inside = gpd.sjoin_nearest(premises[["geometry"]], borders[["kommune", "geometry"]])
    premises = premises.assign(kommune=inside[~inside.index.duplicated()]["kommune"])
    roads = ground.classify(osm.read_roads(files).frame)
    return {
        "roads": roads.assign(slope_share=0.0),
        "premises": _lacking(premises, 0.4),
        "sites": _densest(premises, 3),
        "landcover": tables.empty("landcover"),
    }


def demo() -> Tables:
    from bredband import coverage
    from bredband.pipeline import ingest
    from bredband.scenario import read_scenario

    scenario = read_scenario(ROOT / "data" / "demo" / "scenario.toml")
    with tempfile.TemporaryDirectory() as folder:
        county = ingest(scenario, Path(folder))
    choices = scenario.coverage
    posterior = coverage.believe(
        county.premises,
        county.availability,
        county.evidence,
        target=scenario.target,
        choices=choices,
    )
    now = coverage.judge(posterior, county.premises, county.availability, choices)
    premises = areas.weigh(county.premises, now, scenario.priorities)
    return {
        "roads": county.roads,
        "premises": areas.to_connect(premises, now),
        "sites": county.sites,
        "landcover": county.landcover,
        "ducts": county.ducts,
    }


def measure(name: str, given: Tables) -> None:
    """Run network and areas step by step, and print what each takes and what comes out."""
    prices, premises, choices = Costs(), given["premises"], AreaChoices()
    print(f"{name}: roads={len(given['roads'])} lacking={len(premises)}")
    began = time.perf_counter()
    with timed("join"):
        cover = ground.of_landcover(given["landcover"])
        ducts = given.get("ducts", tables.empty("ducts"))
        joined = network.join(given["roads"], ducts, given["sites"], cover, NetworkChoices())
    links = int((joined.roads["structure"] == "link").sum())
    with timed("price_roads"):
        joined = replace(joined, roads=costs.price_roads(joined.roads, given["sites"], prices))
    with timed("design"):
        made = network.design(joined, premises, NetworkChoices())
    network_seconds = time.perf_counter() - began
    with timed("gather"):
        connections = costs.price_drops(made.connections, made.drops, prices)
        rows, routes, connections = areas.gather(made.routes, connections, premises, choices)
    with timed("bill, funding, cabinets"):
        drops = areas.name_drops(made.drops, connections)
        bills = costs.bill_of_quantities(rows, routes, connections, drops, prices)
        funded = costs.fund_areas(rows, bills, connections, premises, Funding())
        network.place_cabinets(connections, drops, prices.premises_per_cabinet)
    areas_seconds = time.perf_counter() - began - network_seconds
    own = funded[funded["kind"] == "area"]
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{name} network_seconds={network_seconds:.2f} areas_seconds={areas_seconds:.2f} "
        f"peak_gb={peak_gb:.2f} links={links} routes={len(routes)} areas={len(own)} "
        f"feeders={len(funded) - len(own)} "
        f"too_small={int((own['households'] < choices.fewest_households).sum())} "
        f"not_reached={int((connections['reason'] != '').sum())} "
        f"capex_per_household={funded['capex_nok'].sum() / max(own['households'].sum(), 1):.0f} "
        f"bill_minus_capex={int(bills['likely_nok'].sum()) - int(funded['capex_nok'].sum())} "
        f"tree={made.proof.status} gap_percent={100 * made.proof.gap_share:.4f}",
        flush=True,
    )


PLACES = {"demo": demo, "elverum": elverum, "liechtenstein": liechtenstein}


def main() -> None:
    names = sys.argv[1:]
    if names[:1] == ["grid"] and len(names) <= 2:
        places = {"grid": grid(int(names[1]) if names[1:] else 400_000)}
    elif names and set(names) <= set(PLACES):
        places = {name: PLACES[name]() for name in names}
    else:
        sys.exit(__doc__)
    load_kernels()
    for name, given in places.items():
        measure(name, given)


if __name__ == "__main__":
    main()
