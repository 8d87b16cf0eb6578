"""Measure what ingest costs, each time against a named plain way on the same work.

    python scripts/bench/ingest.py [addresses] [snapping] [slope] [osm] [terrain]

Prints seconds of CPU for both ways, their ratio, and whether the answers agree. Everything
is synthetic but the OpenStreetMap extract, which is read from ``../shared/data/osm``
(``BREDBAND_SHARED`` overrides) and left out where it is absent.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import osmnx as ox
import pandas as pd
import rasterio
import shapely
from affine import Affine

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bredband import terrain
from bredband.grid import Raster
from bredband.nearest import nearest_line
from bredband.sources import osm
from bredband.sources.kartverket import read_addresses
from scripts.shared_data import shared_data

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES, SEGMENTS = 300_000, 500_000
SEED = 1


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Run and give the answer and the CPU seconds of this process, all threads."""
    begin = time.process_time()
    answer = work()
    return answer, time.process_time() - begin


def best_of(work: Callable[[], Any], times: int = 3) -> tuple[Any, float]:
    runs = [timed(work) for _ in range(times)]
    return runs[0][0], float(np.median([seconds for _, seconds in runs]))


def say(name: str, ours: float, plain: float, plain_name: str, target: float, note: str) -> None:
    ratio = plain / ours
    verdict = "OK" if ratio >= target else f"falls short of {target:g}"
    print(
        f"{name}: ours {ours:.3f} s, {plain_name} {plain:.3f} s, ratio {ratio:.1f} ({verdict}); {note}"
    )


def addresses(folder: Path) -> None:
    """300 000 addresses from CSV to a file of premises."""
    rng = np.random.default_rng(SEED)
    header = (ROOT / "data/demo/adresser").glob("*.csv")
    lines = next(header).read_text(encoding="utf-8-sig").splitlines()
    fields = lines[0].split(";")
    rows = pd.DataFrame([line.split(";") for line in lines[1:]], columns=fields)
    rows = pd.concat([rows] * (ADDRESSES // len(rows) + 1), ignore_index=True).iloc[:ADDRESSES]
    rows["lokalid"] = rows["adresseId"] = np.arange(10**8, 10**8 + ADDRESSES).astype(str)
    for name in ("Nord", "Øst"):
        shift = rng.uniform(0, 20_000, ADDRESSES)
        rows[name] = np.char.mod("%.2f", rows[name].astype(float).to_numpy() + shift)
    path = folder / "matrikkelenAdresse.csv"
    rows.to_csv(path, sep=";", index=False, encoding="utf-8-sig", lineterminator="\r\n")

    def ours() -> int:
        premises = read_addresses([path]).frame
        premises.to_parquet(folder / "premises.parquet", compression="zstd")
        return len(premises)

    def plain() -> int:
        table = pd.read_csv(path, sep=";", encoding="utf-8-sig")
        points = gpd.points_from_xy(table["Øst"], table["Nord"])
        frame = gpd.GeoDataFrame(table, geometry=points, crs="EPSG:25833")
        frame.to_file(folder / "premises.gpkg")
        return len(frame)

    ours()
    turns = [(timed(ours), timed(plain)) for _ in range(3)]  # by turns: other work hits both
    kept, same = turns[0][0][0], turns[0][1][0]
    ours_s, plain_s = (float(np.median([turn[i][1] for turn in turns])) for i in (0, 1))
    note = f"{kept} of {same} rows, {path.stat().st_size / 1e6:.0f} MB"
    say("addresses", ours_s, plain_s, "read_csv + points_from_xy + to_file", 5, note)


def segments(rng: np.random.Generator) -> np.ndarray:
    """Half a million short road segments in a county of 300 km, denser in some places."""
    centres = rng.uniform(0, 300_000, (3000, 2))
    begin = centres[rng.integers(0, len(centres), SEGMENTS)] + rng.normal(0, 3000, (SEGMENTS, 2))
    end = begin + rng.normal(0, 60, (SEGMENTS, 2))
    return shapely.linestrings(np.stack([begin, end], axis=1) + np.array([0, 6_600_000]))


def snapping(folder: Path) -> None:
    """300 000 premises to the nearest of 500 000 road segments."""
    del folder
    rng = np.random.default_rng(SEED)
    lines = segments(rng)
    at = shapely.get_coordinates(shapely.centroid(lines[rng.integers(0, SEGMENTS, ADDRESSES)]))
    points = at + rng.normal(0, 80, at.shape)
    nearest_line(points[:10], lines[:10])
    (_, distance), ours_s = best_of(lambda: nearest_line(points, lines))
    roads = gpd.GeoDataFrame(geometry=lines, crs="EPSG:25833")
    premises = gpd.GeoDataFrame(geometry=shapely.points(points), crs="EPSG:25833")
    joined, plain_s = timed(lambda: gpd.sjoin_nearest(premises, roads, distance_col="d"))
    right = joined.groupby(level=0)["d"].first().to_numpy()
    same = float((np.abs(distance - right) < 0.01).mean())
    say("snapping", ours_s, plain_s, "sjoin_nearest", 10, f"same within 1 cm: {same:.4%}")


def slope(folder: Path) -> None:
    """Mean slope along 500 000 segments over a 6000 x 6000 terrain."""
    rng = np.random.default_rng(SEED)
    cells = 6000
    rough = np.cumsum(np.cumsum(rng.normal(0, 0.02, (cells, cells)), axis=0), axis=1)
    heights = (500 + rough - rough.min()).astype(np.float32) % 2000
    raster = Raster(heights, 0.0, 60_000.0, 10.0, np.zeros(heights.shape, dtype=bool))
    begin = rng.uniform(1000, 59_000, (SEGMENTS, 2))
    lines = shapely.linestrings(np.stack([begin, begin + rng.normal(0, 60, begin.shape)], axis=1))
    terrain.slope_along(lines[:10], raster)
    slopes, ours_s = best_of(lambda: terrain.slope_along(lines, raster))
    path = folder / "dtm.tif"
    profile = {"driver": "GTiff", "width": cells, "height": cells, "count": 1, "dtype": "float32",
               "tiled": True, "compress": "lzw", "crs": "EPSG:25833",
               "transform": Affine(10, 0, 0, 0, -10, 60_000)}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(heights, 1)
    few = 2000

    def plain() -> list[float]:
        found = []
        with rasterio.open(path) as file:
            for line in lines[:few]:
                steps = max(1, int(np.ceil(line.length / 10)))
                places = [
                    line.interpolate(i / steps, normalized=True).coords[0] for i in range(steps + 1)
                ]
                z = np.array([value[0] for value in file.sample(places)])
                found.append(np.abs(np.diff(z)).sum() / line.length)
        return found

    found, plain_s = timed(plain)
    agree = np.corrcoef(found, slopes[:few])[0, 1]
    note = (
        f"rasterio timed on {few} segments; correlation {agree:.3f} (nearest cell against bilinear)"
    )
    say("slope", ours_s, plain_s * SEGMENTS / few, "rasterio.sample, extrapolated,", 100, note)


def terrain_memory(folder: Path) -> None:
    """A tile of 50 km at 10 m, half a cell off the lattice, mosaicked in a process of its own."""
    path = folder / "6901_3_10m_z33.tif"
    cells, north = 5051, 6_750_000
    profile = {"driver": "GTiff", "width": cells, "height": cells, "count": 1, "dtype": "float32",
               "tiled": True, "compress": "lzw", "crs": "EPSG:25833", "nodata": -32767,
               "transform": Affine(10, 0, 200_005, 0, -10, north)}  # fmt: skip
    rough = np.random.default_rng(SEED).integers(100, 900, (cells, cells)).astype(np.float32)
    with rasterio.open(path, "w", **profile) as file:
        file.write(rough, 1)
    # The kernel's own figure for this program: ru_maxrss still counts the parent it was forked from.
    child = (
        "import re, sys; from pathlib import Path; from bredband import terrain;"
        f"r = terrain.read_mosaic([Path(sys.argv[1])], (200_000, {north - 50_000}, 250_000, {north}));"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1];"
        "print(r.heights_m.size, int(peak) / 1e6)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", child, str(path)], capture_output=True, text=True, check=True
    )
    size, peak_gb = answer.stdout.split()
    verdict = "OK" if float(peak_gb) <= 1 else "falls short of 1 GB"
    print(
        f"terrain: {int(size):,} cells of a half-shifted tile, peak {float(peak_gb):.2f} GB ({verdict})"
    )


def roads_only(source: Path, target: Path) -> None:
    """Write the roads of an extract with the tags that decide a link, and nothing else."""
    needed: set[int] = set()
    kept = []
    for way in osmium.FileProcessor(str(source)).with_filter(osmium.filter.KeyFilter("highway")):
        if (
            way.is_way()
            and way.tags["highway"] not in osm.roads.NOT_ROADS
            and way.tags.get("area") != "yes"
        ):
            road_class, surface, structure = osm.roads._attributes(way.tags["highway"], way.tags)
            tags = {"highway": road_class}
            tags |= {"surface": surface} if surface != "unknown" else {}
            tags |= {structure: "yes"} if structure in ("bridge", "tunnel") else {}
            kept.append((way.id, [node.ref for node in way.nodes], tags))
            needed.update(kept[-1][1])
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for node in osmium.FileProcessor(str(source), osmium.osm.NODE):
            if node.id in needed:
                writer.add_node(
                    osmium.osm.mutable.Node(id=node.id, location=node.location, version=1)
                )
        for way_id, refs, tags in kept:
            writer.add_way(osmium.osm.mutable.Way(id=way_id, nodes=refs, tags=tags, version=1))


def osm_graph(folder: Path) -> None:
    """Liechtenstein: from an OSM file of roads to links between junctions."""
    source = shared_data() / "osm/liechtenstein.osm.pbf"
    if not source.exists():
        print(f"osm: left out, {source} is absent")
        return
    path = folder / "roads.osm"
    roads_only(source, path)
    osm.read_roads([path])
    reading, ours_s = best_of(lambda: osm.read_roads([path]))
    ox.settings.useful_tags_way = ["highway", "surface", "bridge", "tunnel"]

    def plain() -> Any:
        graph = ox.graph_from_xml(path, bidirectional=True, simplify=False, retain_all=True)
        graph = ox.simplify_graph(
            graph, edge_attrs_differ=["highway", "surface", "bridge", "tunnel"]
        )
        return ox.convert.to_undirected(graph)

    graph, plain_s = timed(plain)
    frame = reading.frame
    nodes = len(set(frame["start_junction"]) | set(frame["end_junction"]))
    ends = frame.geometry.to_crs("EPSG:4326")
    degrees, index = shapely.get_coordinates(ends.array, return_index=True)
    along = index[1:] == index[:-1]
    arc = ox.distance.great_circle(degrees[:-1, 1], degrees[:-1, 0], degrees[1:, 1], degrees[1:, 0])
    km = arc[along].sum() / 1000
    their_km = sum(length for *_, length in graph.edges(data="length")) / 1000
    note = (
        f"junctions {nodes} / {graph.number_of_nodes()} ({nodes / graph.number_of_nodes() - 1:+.2%}), "
        f"links {len(frame)} / {graph.number_of_edges()} ({len(frame) / graph.number_of_edges() - 1:+.2%}), "
        f"km {km:.1f} / {their_km:.1f} ({km / their_km - 1:+.3%})"
    )
    say("osm", ours_s, plain_s, "osmnx", 15, note)


def main() -> None:
    parts = {
        "addresses": addresses,
        "snapping": snapping,
        "slope": slope,
        "osm": osm_graph,
        "terrain": terrain_memory,
    }
    wanted = sys.argv[1:] or list(parts)
    with tempfile.TemporaryDirectory() as folder:
        for name in wanted:
            parts[name](Path(folder))
    print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
