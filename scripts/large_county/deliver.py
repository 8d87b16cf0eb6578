"""Write an invented county as its publishers would deliver it, with a scenario beside."""

from __future__ import annotations

import uuid
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from demo_county import files, ground, matrikkel
from demo_county.addresses import EXTRACT
from demo_county.coverage import INLAND_FIBRE, RADIO
from demo_county.place import EPSG, Kommune
from demo_county.shapes import polygons
from demo_county.terrain import fractal
from numpy.typing import NDArray
from scipy import ndimage

from large_county.homes import DENSE, Homes, settle
from large_county.land import Land
from large_county.offers import Plant, make_offers, place_plant

MARGIN_M = 3000.0
COVER_CELL_M = 250.0
PATCH_PX = 800
GRANT_NOK_PER_PREMISES = 1200
"""A year; as in the demo county."""

SCENARIO = """\
# Laget av {generator}. Ingen tall her er virkelige{borders}.
name = "{name} 2027–2030"
county = "{name}"
synthetic = true
synthetic_note = "Adresser, dekning, terreng, veger og alt annet er oppdiktet{borders}."

[sources]
addresses = ["adresser.csv"]
borders = ["kommuner.gpkg"]
roads = ["veger.gpkg"]
terrain = ["terreng.tif"]
landcover = ["arealdekke.gpkg"]
deposits = ["losmasser.gpkg"]
lit_fibre = ["tente_punkter.csv"]
masts = ["master.csv"]
household_counts = ["nkom/adr.csv"]
dwellings_grid = ["ssb/boliger_250m.csv"]
business_grid = ["ssb/bedrifter_250m.csv"]
operators = ["nkom/fbb.csv"]
planned = ["nkom/planlagt.csv"]
lacking = ["nkom/Mangler_100Mbit.csv"]
survey = ["sporreundersokelse/svar.csv"]
speed_tests = ["fartstest/fartstester.csv"]
kommune_tables = ["nkom/Dekning_fbb_kommuner_husstander.csv"]
places = ["stedsnavn.csv"]

[publishers]
"*" = {{ name = "Syntetisk, laget av {generator}", licence = "CC0 1.0", date = "2026-11-23" }}

[target]
down_mbps = 1000

[areas]
fewest_households = 8
most_households = 60
highest_capex_nok = 12_000_000

[rollout]
first_year = 2027
annual_grant_nok = [{grant}, {grant}, {grant}, {grant}]
carry_over = true
"""


def write_county(
    land: Land, premises: int, folder: Path, *, seed: int, terrain_m: int, generator: str
) -> Path:
    """Settle the land and write every file; give the path of the scenario."""
    people, plant_seed, offer, evidence, relief = (
        np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5)
    )
    homes = settle(land, premises, people)
    plant = place_plant(land, homes, plant_seed)
    truth = make_offers(homes, plant, offer)
    folder.mkdir(parents=True, exist_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-11-23T00:00:00.000Z"})
    kommuner = [
        Kommune(number, name.upper(), ())
        for number, name in zip(land.kommuner["number"], land.kommuner["name"], strict=True)
    ]
    _write_addresses(folder / "adresser.csv", homes.premises, kommuner)
    homes.roads.to_file(folder / "veger.gpkg", layer="veger", driver="GPKG")
    borders = land.kommuner.rename(columns={"number": "kommunenummer", "name": "kommunenavn"})
    borders.to_file(folder / "kommuner.gpkg", driver="GPKG")
    files.write_nkom(folder / "nkom", homes.premises, truth, kommuner, land.name)
    files.write_evidence(folder, homes.premises, truth, evidence, kommuner)
    files.write_ssb(folder / "ssb", homes.premises)
    _write_plant(folder, land, plant)
    _write_ground(folder, homes, terrain_m, relief)
    real = land.kommuner["name"].iloc[0].startswith("Oppdiktet")
    text = SCENARIO.format(
        generator=generator,
        name=land.name,
        borders="" if real else ", bortsett fra kommunegrensene (© Kartverket)",
        grant=f"{GRANT_NOK_PER_PREMISES * premises:_}",
    )
    (folder / "scenario.toml").write_text(text, encoding="utf-8")
    return folder / "scenario.toml"


def _write_addresses(path: Path, premises: pd.DataFrame, kommuner: list[Kommune]) -> None:
    """Write the 46 columns of Matrikkelen; those that nothing is known of are empty."""
    number = np.array([k.number for k in kommuner], dtype=object)[premises.kommune]
    name = np.array([k.name for k in kommuner], dtype=object)[premises.kommune]
    text = premises.road_name + " " + premises.number.astype(str)
    krets = pd.Series(number, index=premises.index) + premises.krets.astype(str).str.zfill(4)
    table = pd.DataFrame(
        {
            "lokalid": premises.adresse_id, "kommunenummer": number, "kommunenavn": name,
            "adressetype": "vegadresse", "adressekode": premises.code,
            "adressenavn": premises.road_name, "nummer": premises.number,
            "gardsnummer": premises.gnr, "bruksnummer": premises.bnr, "adresseTekst": text,
            "adresseTekstUtenAdressetilleggsnavn": text, "EPSG-kode": EPSG, "Nord": premises.y,
            "Øst": premises.x, "postnummer": premises.postnummer, "poststed": premises.poststed,
            "grunnkretsnummer": krets, "grunnkretsnavn": "Krets " + premises.krets.astype(str),
            "tettstednummer": np.where(premises.tettsted != "", 9000 + premises.kommune, "").astype(str),
            "tettstednavn": premises.tettsted, "oppdateringsdato": EXTRACT, "datauttaksdato": EXTRACT,
            "adresseId": premises.adresse_id,
            "uuidAdresse": [str(uuid.UUID(int=i)) for i in premises.adresse_id],
        }
    )  # fmt: skip
    files.write_csv(path, table.reindex(columns=matrikkel.HEADER.split(";")))


def _write_plant(folder: Path, land: Land, plant: Plant) -> None:
    names = [f"Punkt {k + 1}" for k in range(len(plant.lit_m))]
    lit = pd.DataFrame({"punkt_id": names, "navn": names, "eier": INLAND_FIBRE})
    lit["ost"], lit["nord"] = plant.lit_m.T
    files.write_csv(folder / "tente_punkter.csv", lit.assign(epsg=EPSG))
    names = [f"Mast {k + 1}" for k in range(len(plant.mast_m))]
    masts = pd.DataFrame({"mast_id": names, "navn": names, "eier": RADIO})
    masts["ost"], masts["nord"] = plant.mast_m.T
    masts = masts.assign(epsg=EPSG, hoyde_m=36, baand_mhz="700/3600", sektorer="0/120/240")
    files.write_csv(folder / "master.csv", masts)
    middle = land.kommuner.representative_point()
    places = pd.DataFrame(
        {
            "navn": land.kommuner["name"],
            "type": "by",
            "ost": middle.x.round(),
            "nord": middle.y.round(),
        }
    )
    files.write_csv(folder / "stedsnavn.csv", places.assign(epsg=EPSG))


def _write_ground(folder: Path, homes: Homes, terrain_m: int, rng: np.random.Generator) -> None:
    """Write terrain, land cover and deposits around everybody."""
    xy = homes.premises[["x", "y"]].to_numpy()
    step = max(COVER_CELL_M, terrain_m)
    west, south = np.floor((xy.min(axis=0) - MARGIN_M) / step) * step
    columns, rows = np.ceil((xy.max(axis=0) + MARGIN_M - [west, south]) / step).astype(int)
    fine = int(step // terrain_m)
    coarse = 320 + 210 * fractal((rows, columns), step, 9000, 2.4, rng)
    rough = _smooth(coarse, fine)
    rough += 6 * _detail(rough.shape, terrain_m, rng)
    height = np.maximum(rough, 2.0)
    files.write_tile(folder / "terreng.tif", height, (west, south), terrain_m)
    homes_here = np.zeros((rows, columns))
    row, column = ((homes.junction_m[:, ::-1] - [south, west]) // step).astype(int).T
    np.add.at(homes_here, (row.clip(0, rows - 1), column.clip(0, columns - 1)), homes.count)
    gy, gx = np.gradient(coarse, step)
    slope, nowhere = np.hypot(gx, gy), np.zeros((rows, columns), dtype=bool)
    patches = tuple(fractal((rows, columns), step, 4000, 2.4, rng) for _ in range(2))
    lake = fractal((rows, columns), step, 5000, 2.6, rng) > 2.0
    density = (homes_here / DENSE * 0.3, np.minimum(homes_here, 7) / 40)
    cover = ground.land_cover(np.maximum(coarse, 2), slope, (nowhere, lake), density, patches)
    waters = (nowhere, lake, np.zeros((rows, columns)))
    soil = ground.deposits(np.maximum(coarse, 2), slope, waters, patches)
    for name, key, code in (
        ("arealdekke", "objtype", cover),
        ("losmasser", "losmassetype", soil),
    ):
        kept = ground.without_crumbs(code, 6)
        traced = polygons(kept, step, (west, south), step)
        values = [ground.N50[v] if key == "objtype" else v for v, _ in traced]
        frame = gpd.GeoDataFrame({key: values}, geometry=[s for _, s in traced], crs=EPSG)
        frame.to_file(folder / f"{name}.gpkg", driver="GPKG")


def _detail(shape: tuple[int, int], cell_m: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Roughen the hillsides; what is larger than the patch that is drawn mirrors it."""
    patch = fractal((min(shape[0], PATCH_PX), min(shape[1], PATCH_PX)), cell_m, 1200, 1.6, rng)
    beyond = [(0, whole - drawn) for whole, drawn in zip(shape, patch.shape, strict=True)]
    return np.pad(patch, beyond, mode="symmetric")


def _smooth(grid: NDArray[np.float64], finer: int) -> NDArray[np.float64]:
    """Draw the coarse heights finer."""
    return ndimage.zoom(grid, finer, order=1, grid_mode=True, mode="nearest")
