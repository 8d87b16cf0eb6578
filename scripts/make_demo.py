"""Make the synthetic demo county in data/demo: same seed, same bytes.

Everything is invented; nothing is copied from a publisher. Run it without arguments to write the
files, with --check to make them again in a temporary folder and compare them byte by byte.
"""

from __future__ import annotations

import argparse
import filecmp
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from demo_county import addresses, coverage, files, ground, matrikkel, network, roads, terrain
from demo_county.place import SEED

HERE = Path(__file__).resolve().parent.parent / "data" / "demo"
WRITTEN_BY_HAND = {"README.md", "LISENS.txt", "scenario.toml"}


@dataclass(frozen=True)
class County:
    """Everything the generator decides before it writes a file."""

    terrain: terrain.Terrain
    ground: network.Ground
    net: network.Network
    premises: pd.DataFrame


def invent_county() -> County:
    """Invent terrain, kommuner, roads and addresses, in that order."""
    streams = np.random.SeedSequence(SEED).spawn(4)
    land, border, road, home = (np.random.default_rng(stream) for stream in streams)
    relief = terrain.make_terrain(land)
    height_m, slope, water = network.plan_ground(relief)
    wobble = terrain.fractal(height_m.shape, 50.0, 6000, 1.8, border)
    plan = network.Ground(height_m, slope, water, ground.divide(height_m, slope, water, wobble))
    net = roads.lay_roads(plan, relief.rivers, road)
    premises = matrikkel.with_post(addresses.place_addresses(net, plan, relief.rivers, home))
    return County(relief, plan, net, premises)


def write_county(county: County, folder: Path) -> None:
    """Write every file of the demo county."""
    streams = np.random.SeedSequence(SEED + 1).spawn(5)
    covered, register, evidence, ducts, patch = (np.random.default_rng(s) for s in streams)
    plan, premises = county.ground, county.premises
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adresser").mkdir(exist_ok=True)
    file = "Basisdata_99_Demofylket_25833_MatrikkelenAdresse.csv"
    matrikkel.write_addresses(folder / "adresser" / file, premises, register)
    wobble = terrain.fractal(plan.height_m.shape, 50.0, 2000, 1.8, covered)
    truth = coverage.make_coverage(premises, plan, wobble, covered)
    files.write_nkom(folder / "nkom", premises, truth)
    files.write_evidence(folder, premises, truth, evidence)
    (folder / "nett").mkdir(exist_ok=True)
    files.write_network(folder / "nett", county.net, plan, ducts)
    files.write_poles(folder / "nett", county.net)
    files.write_ssb(folder / "ssb", premises)
    (folder / "stedsnavn").mkdir(exist_ok=True)
    files.write_place_names(folder / "stedsnavn" / "stedsnavn.csv", plan)
    files.write_roads(folder / "veger" / "veger.osm", county.net)
    files.write_borders(folder / "grenser" / "Kommuner.geojson", plan)
    _write_ground(folder, county, patch)
    files.write_terrain(folder / "terreng", county.terrain)
    files.write_provenance(folder)


def _write_ground(folder: Path, county: County, rng: np.random.Generator) -> None:
    plan, premises = county.ground, county.premises
    shape = plan.height_m.shape
    patches = (
        terrain.fractal(shape, 50.0, 1800, 2.4, rng),
        terrain.fractal(shape, 50.0, 2600, 2.4, rng),
    )
    sea, lake = (
        grid.reshape(shape[0], 5, shape[1], 5).mean(axis=(1, 3)) > 0.5
        for grid in (county.terrain.sea, county.terrain.lake)
    )
    waters = (sea, lake, county.terrain.river_km2)
    settled = (premises.tettsted != "").to_numpy()
    farms = ~settled & (premises.kind != "holiday").to_numpy()
    homes = (
        addresses.home_density(premises, settled, 1.5),
        addresses.home_density(premises, farms, 4.0),
    )
    cover = ground.land_cover(plan.height_m, plan.slope, (sea, lake), homes, patches)
    cover = ground.without_crumbs(cover, 14)
    rivers = county.terrain.rivers
    files.write_land_cover(folder / "arealdekke" / "arealdekke.geojson", cover, ground.N50, rivers)
    soil = ground.deposits(plan.height_m, plan.slope, waters, patches)
    soil = ground.without_crumbs(soil, 45)
    files.write_deposits(folder / "losmasser" / "losmasser.geojson", soil)


def check(folder: Path) -> int:
    """Make the county again elsewhere and name every file that differs."""
    with tempfile.TemporaryDirectory() as temporary:
        again = Path(temporary)
        write_county(invent_county(), again)
        made = {p.relative_to(again).as_posix() for p in again.rglob("*") if p.is_file()}
        here = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        faults = sorted((made ^ here) - WRITTEN_BY_HAND)
        faults += sorted(
            f for f in made & here if not filecmp.cmp(again / f, folder / f, shallow=False)
        )
    for fault in faults:
        print(f"differs: {fault}")
    print(f"{len(made)} files made again, {len(faults)} differ")
    return 1 if faults else 0


def main() -> int:
    """Read the arguments and write or check the county."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--to", type=Path, default=HERE, help="folder to write to (default: data/demo)"
    )
    parser.add_argument(
        "--check", action="store_true", help="compare the folder with what the generator makes"
    )
    given = parser.parse_args()
    if given.check:
        return check(given.to)
    write_county(invent_county(), given.to)
    return 0


if __name__ == "__main__":
    sys.exit(main())
