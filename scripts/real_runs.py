"""Plan Elverum and Liechtenstein on the real data beside the repository.

    python scripts/real_runs.py elverum out/elverum
    python scripts/real_runs.py liechtenstein out/liechtenstein

The data are found at ../shared/data, or where BREDBAND_SHARED points. What no open source
gives is made up and labelled synthetic: who offers what at which address, and where fibre is lit.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bredband.pipeline import run
from bredband.plan import Plan
from bredband.scenario import Scenario, read_scenario
from bredband.sources import kartverket, osm
from scripts.shared_data import shared_data_or_stop

ROOT = Path(__file__).resolve().parents[1]

ELVERUM = """\
name = "Elverum: ekte adresser, syntetisk dekning"
county = "Innlandet (bare Elverum)"
description = "Alle adresser og grenser er ekte. Dekning og tente punkter er syntetiske."
synthetic = true
synthetic_note = "Adresser og grense er ekte. Dekning per adresse er trukket slik at kommunesummene er Nkoms; tente punkter er oppdiktet; vegnettet er bygd av adressene."

[sources]
addresses = ["{data}/norway/addresses/Basisdata_3420_Elverum_25833_MatrikkelenAdresse.csv"]
borders = ["elverum.geojson"]
household_counts = ["adr.csv"]
operators = ["fbb.csv"]
lit_fibre = ["tente_punkter.csv"]

[publishers]
addresses = {{ name = "Kartverket", licence = "CC BY 4.0", date = "2025-06-12" }}
borders = {{ name = "Kartverket", licence = "CC BY 4.0", date = "2024-01-01" }}
household_counts = {{ name = "syntetisk: én husstand per adresse", licence = "–" }}
operators = {{ name = "syntetisk, etter Nkoms kommunetabell 1H2022", licence = "–" }}
lit_fibre = {{ name = "syntetisk", licence = "–" }}

[areas]
fewest_households = 10
most_households = 80

[rollout]
first_year = 2027
annual_grant_nok = [8_000_000, 8_000_000, 8_000_000, 8_000_000]
"""

LIECHTENSTEIN = """\
name = "Liechtenstein: ekte veger og adresser, syntetisk dekning"
county = "Liechtenstein"
description = "Veger, adresser og grenser er fra OpenStreetMap. Dekning og tente punkter er syntetiske."
synthetic = true
synthetic_note = "Veger, adresser og grenser er ekte (OpenStreetMap). Dekning per adresse og tente punkter er oppdiktet."

[sources]
addresses = ["{data}/osm/liechtenstein.osm.pbf"]
borders = ["{data}/osm/liechtenstein.osm.pbf"]
roads = ["{data}/osm/liechtenstein.osm.pbf"]
operators = ["fbb.csv"]
lit_fibre = ["tente_punkter.csv"]

[publishers]
addresses = {{ name = "OpenStreetMap-bidragsytere", licence = "ODbL 1.0" }}
borders = {{ name = "OpenStreetMap-bidragsytere", licence = "ODbL 1.0" }}
roads = {{ name = "OpenStreetMap-bidragsytere", licence = "ODbL 1.0" }}
operators = {{ name = "syntetisk", licence = "–" }}
lit_fibre = {{ name = "syntetisk", licence = "–" }}

[areas]
fewest_households = 4
most_households = 40

[rollout]
first_year = 2027
annual_grant_nok = [2_000_000, 2_000_000, 2_000_000, 2_000_000]
"""


def write_elverum(folder: Path, data: Path) -> Scenario:
    """Write Elverum's scenario with what has to be made up, and read it."""
    folder.mkdir(parents=True, exist_ok=True)
    addresses = data / "norway/addresses/Basisdata_3420_Elverum_25833_MatrikkelenAdresse.csv"
    borders = kartverket.read_borders([data / "norway/admin/Kommuner-M.geojson"]).frame
    one = borders[borders["kommune"] == "3420"].rename(columns={"kommune": "kommunenummer"})
    one.to_crs("EPSG:4326").to_file(folder / "elverum.geojson", driver="GeoJSON")
    nkom = data / "norway/nkom/Dekning_fbb_kommuner_husstander.csv"
    synthesise = [sys.executable, ROOT / "scripts" / "synthesise_coverage.py"]
    choices = ["--addresses", addresses, "--nkom", nkom, "--out", folder]
    subprocess.run([*synthesise, *choices], check=True, capture_output=True)
    premises = kartverket.read_addresses([addresses]).frame
    write_lit_points(folder / "tente_punkter.csv", premises, count=5)
    (folder / "scenario.toml").write_text(ELVERUM.format(data=data), "utf-8")
    return read_scenario(folder / "scenario.toml")


def write_liechtenstein(folder: Path, data: Path) -> Scenario:
    """Write Liechtenstein's scenario with what has to be made up, and read it."""
    folder.mkdir(parents=True, exist_ok=True)
    premises = osm.read_addresses([data / "osm/liechtenstein.osm.pbf"]).frame
    write_offers(folder / "fbb.csv", premises, served_share=0.5)
    write_lit_points(folder / "tente_punkter.csv", premises, count=3)
    (folder / "scenario.toml").write_text(LIECHTENSTEIN.format(data=data), "utf-8")
    return read_scenario(folder / "scenario.toml")


def write_offers(path: Path, premises: gpd.GeoDataFrame, *, served_share: float) -> None:
    """Hand out synthetic gigabit fibre, street by street in alphabetical order."""
    streets = premises["street"].value_counts().sort_index()
    served = streets.index[streets.cumsum() <= served_share * len(premises)]
    offer = "Fiberselskap (syntetisk);fiber;1000000;1000000;true;true"
    ids = premises.loc[premises["street"].isin(served), "premises_id"]
    lines = ["adrid;tilb;tek;ned;opp;hc;egen", *(f"{name};{offer}" for name in ids)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def write_lit_points(path: Path, premises: gpd.GeoDataFrame, *, count: int) -> None:
    """Place synthetic lit points: in the densest 2 km squares, at least 4 km apart."""
    xy = shapely.get_coordinates(premises.geometry.to_numpy())
    squares, member, size = np.unique(xy // 2000, axis=0, return_inverse=True, return_counts=True)
    chosen: list[int] = []
    for square in np.argsort(-size, kind="stable"):
        if all(np.hypot(*(squares[square] - squares[other])) > 2 for other in chosen):
            chosen.append(int(square))
        if len(chosen) == count:
            break
    lines = ["punkt_id;navn;eier;ost;nord;epsg"]
    for number, square in enumerate(chosen, start=1):
        east, north = np.median(xy[member.ravel() == square], axis=0)
        lines.append(f"t{number};Syntetisk punkt {number};;{east:.1f};{north:.1f};25833")
    path.write_text("\n".join(lines) + "\n", "utf-8")


WRITERS = {"elverum": write_elverum, "liechtenstein": write_liechtenstein}


def plan_real(name: str, folder: Path, data: Path) -> Plan:
    """Plan one of the two; the inputs that were made up stand in ``folder/inn``."""
    scenario = WRITERS[name](folder / "inn", data)
    return run(scenario, folder)


def main() -> None:
    if len(sys.argv) != 3 or sys.argv[1] not in WRITERS:
        sys.exit(__doc__)
    plan = plan_real(sys.argv[1], Path(sys.argv[2]), shared_data_or_stop())
    for name, value in plan.kpis().items():
        print(f"{name} = {value}")
    for proof in plan.proofs:
        gap = "unknown" if proof.gap_share is None else f"{proof.gap_share:.4%}"
        print(f"{proof.what}: {proof.status}, gap {gap}")


if __name__ == "__main__":
    main()
