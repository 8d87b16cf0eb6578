"""From the publishers' files to the county folder."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband import county as county_folder
from bredband import ground, quality, tables, terrain
from bredband.county import (
    County,
    SourceFile,
    write_county,
    write_provenance,
    write_table,
)
from bredband.coverage import consultation
from bredband.errors import InputError
from bredband.grid import WORKING_CRS, Raster
from bredband.pipeline.progress import Report, silent
from bredband.pipeline.readings import (
    Files,
    describe_sources,
    find_files,
    hearing_held,
    mosaic_surface,
    mosaic_terrain,
    read_roads,
    read_tables,
    tie_to_premises,
)
from bredband.reading import Reading
from bredband.renewal import settle
from bredband.scenario import Scenario
from bredband.scenario.sources import SOURCE_NAMES
from bredband.units import format_int

TERRAIN_FILE, SURFACE_FILE = "terreng.tif", "overflate.tif"


def ingest(scenario: Scenario, folder: Path, report: Report = silent) -> County:
    """Read every file of the scenario, and the hearing's answers in the folder, into the county folder.

    Writes a table per concept, the terrain as one raster, every row set aside with its
    reason, and where everything came from.

    Returns
    -------
    The county as it was written.

    Raises
    ------
    InputError
        When a file is missing or cannot be used at all.
    """
    hearing = hearing_held(folder)
    return ingest_described(folder, scenario, describe_sources(scenario, hearing), hearing, report)


INGEST_READS = (
    "county", "synthetic", "sources", "publishers", "coverage.match_distance_m",
    "output.language",
)  # fmt: skip
"""What ``ingest`` reads of the scenario."""


def ingest_described(
    folder: Path,
    scenario: Scenario,
    sources: Sequence[SourceFile],
    hearing: Sequence[Path],
    report: Report = silent,
) -> County:
    """Read the files, whose content ``sources`` tells, and the hearing's, as ``ingest`` does."""
    readings, county = _read_all(scenario, find_files(scenario, hearing), report)
    report("Skriver fylkesmappa")
    write_county(folder, county)
    write_table(folder, "set_aside", quality.all_set_aside(_named(readings)))
    for raster, name in ((county.terrain, TERRAIN_FILE), (county.surface, SURFACE_FILE)):
        if raster is not None:
            terrain.write_raster(raster, folder / name)
        else:
            (folder / name).unlink(missing_ok=True)  # of an earlier scenario
    write_provenance(folder, list(sources), _count(readings))
    _write_quality(folder, scenario, readings, county, sources)
    return county


def check_sources(scenario: Scenario, folder: Path, report: Report = silent) -> dict[str, Any]:
    """Read every file, the hearing's answers in the folder too, and write only the validation report.

    Returns
    -------
    Rows in, kept and set aside per source.
    """
    hearing = hearing_held(folder)
    readings, county = _read_all(scenario, find_files(scenario, hearing), report)
    _write_quality(folder, scenario, readings, county, describe_sources(scenario, hearing))
    return _count(readings)


def _read_all(
    scenario: Scenario, files: Files, report: Report
) -> tuple[dict[str, Reading], County]:
    """Read every source, tie them together, and put them as tables."""
    report("Leser adresser og dekning")
    tables = read_tables(scenario, files)
    _require_rows(tables["borders"], "grensefilene", "kommunegrensene")
    readings = tie_to_premises(tables, scenario)
    _require_rows(readings["addresses"], "adressefilene", "adressene")
    report("Leser veger og terreng")
    readings["roads"] = read_roads(scenario, files, readings)
    raster = mosaic_terrain(scenario, files, readings)
    county = _make_county(readings, raster)
    return readings, replace(county, surface=mosaic_surface(files, raster))


def _require_rows(reading: Reading, files: str, rows: str) -> None:
    """Refuse a county without a kommune or an address: there is nothing to plan."""
    if len(reading.frame):
        return
    if reading.rows_in == 0:
        raise InputError(
            f"{files} har ingen rader.", advice="Last dem ned på nytt, og se at de er hele."
        )
    most = reading.set_aside[["reason", "advice"]].value_counts().index[0]
    raise InputError(
        f"ingen av {rows} kan brukes ({format_int(reading.rows_in)} lest). Vanligste grunn: {most[0]}.",
        advice=str(most[1]),
    )


def _write_quality(
    folder: Path,
    scenario: Scenario,
    readings: Mapping[str, Reading],
    county: County,
    sources: Sequence[SourceFile],
) -> None:
    """Write ``datakvalitet.html`` and ``datakvalitet.csv``."""
    named = _named(readings)
    table = readings.get("kommune_tables")
    published = table.frame if table is not None else pd.DataFrame({"kommune": []})
    findings = quality.Findings(
        counts=quality.count_rows(named),
        reasons=quality.count_reasons(named),
        set_aside=quality.all_set_aside(named),
        spatial=quality.find_spatial_faults(
            county.premises,
            county.kommuner,
            county.roads,
            county.terrain,
            readings["addresses"].origin,
            language=scenario.output.language,
        ),
        coverage=quality.compare_coverage(county.premises, county.availability, published),
        ages=quality.list_ages({SOURCE_NAMES[s.source]: s.date for s in sources}, dt.date.today()),
        lacking=quality.compare_lacking(
            county.premises, county.availability, readings.get("lacking")
        ),
    )
    language = scenario.output.language
    title = quality.name_report(scenario.county, synthetic=scenario.synthetic, language=language)
    quality.write_report(findings, county.kommuner, folder, title=title, language=language)


def _named(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """Call the sources what people call them."""
    return {SOURCE_NAMES[name]: reading for name, reading in readings.items()}


def read_county(folder: str | Path) -> County:
    """Read a county folder that ``ingest`` wrote, with its terrain and surface if it has them."""
    place = Path(folder)
    settle(place)
    read = county_folder.read_county(place)
    paths = (place / TERRAIN_FILE, place / SURFACE_FILE)
    heights, surface = (terrain.read_raster(path) if path.is_file() else None for path in paths)
    return replace(read, terrain=heights, surface=surface)


def _make_county(readings: Mapping[str, Reading], raster: Raster | None) -> County:
    """Put the readings together as the tables of the data model."""
    # A national border file serves any county: only kommuner with premises are the county's.
    kommuner = _table(readings, "borders", "kommuner")
    premises = _table(readings, "addresses", "premises")
    landcover = _table(readings, "landcover", "landcover")
    links = _table(readings, "roads", "roads")
    if raster is not None:
        links = links.assign(slope_share=_slopes(links, raster))
    deposits = readings["deposits"].frame if "deposits" in readings else None
    return County(
        kommuner=kommuner[tables.among(kommuner["kommune"], premises["kommune"])].reset_index(
            drop=True
        ),
        premises=premises,
        availability=_availability(readings),
        evidence=_joined(readings, ("survey", "speed_tests", "calls"), "evidence"),
        roads=ground.classify(links, landcover, deposits),
        sites=_joined(readings, ("lit_fibre", "masts"), "sites"),
        ducts=_joined(readings, ("ducts", "poles"), "ducts"),
        landcover=landcover,
        places=_table(readings, "places", "places"),
        published=_published(readings),
        excluded=_excluded(readings),
        terrain=raster,
    )


def _slopes(links: gpd.GeoDataFrame, raster: Raster) -> NDArray[np.float64]:
    """Give the slope along each link; the county's median (anslag) where terrain is missing."""
    slope_share = terrain.slope_along(links.geometry.to_numpy(), raster)
    known = np.isfinite(slope_share)
    typical = float(np.median(slope_share[known])) if known.any() else 0.0
    return np.where(known, slope_share, typical)


def _availability(readings: Mapping[str, Reading]) -> pd.DataFrame:
    """Gather what operators offer and plan, with what they answered in the hearing in its place."""
    offers: pd.DataFrame = _joined(readings, ("operators", "planned"), "availability")
    if "hearing" not in readings:
        return offers
    return consultation.apply_answers(offers, readings["hearing"].frame)


def _table(readings: Mapping[str, Reading], source: str, name: str) -> gpd.GeoDataFrame:
    return _joined(readings, (source,), name)


def _published(readings: Mapping[str, Reading]) -> pd.DataFrame:
    """Turn the regulator's columns «all_1000_share» into a row per kommune and speed."""
    if "kommune_tables" not in readings:
        return tables.empty("published")
    wide = readings["kommune_tables"].frame.set_index("kommune")
    speeds = {name: re.fullmatch(r"all_(\d+)_share", name) for name in wide.columns}
    parts = [
        pd.DataFrame(
            {"kommune": wide.index, "down_mbps": float(found[1]), "served_share": wide[name]}
        )
        for name, found in speeds.items()
        if found
    ]
    table = pd.concat(parts, ignore_index=True).dropna()
    return table.astype({"kommune": "str", "served_share": "float64"})


def _excluded(readings: Mapping[str, Reading]) -> gpd.GeoDataFrame:
    """Gather the areas that are taken out of every scheme."""
    parts = [
        readings[ground].frame.assign(ground=ground)
        for ground in ("funded", "auction_5g")
        if ground in readings and len(readings[ground].frame)
    ]
    if not parts:
        return tables.empty("excluded")
    both = pd.concat(parts, ignore_index=True)
    number = pd.Series(range(1, len(both) + 1)).astype("str")
    frame = both.assign(excluded_id=number)[["excluded_id", "ground", "geometry"]]
    return gpd.GeoDataFrame(frame.astype({"ground": "str"}), crs=WORKING_CRS)


def _joined(
    readings: Mapping[str, Reading], sources: tuple[str, ...], name: str
) -> gpd.GeoDataFrame:
    """Put the frames of some sources after one another as one table."""
    frames = [readings[s].frame for s in sources if s in readings and len(readings[s].frame)]
    if not frames:
        return tables.empty(name)
    table = tables.TABLES[name]
    columns = [*table.column_names, *(["geometry"] if table.geometry else [])]
    frame = pd.concat([f[columns] for f in frames], ignore_index=True)
    return gpd.GeoDataFrame(frame, crs=WORKING_CRS) if table.geometry else frame


def _count(readings: Mapping[str, Reading]) -> dict[str, dict[str, int]]:
    return {
        name: {
            "rows_in": reading.rows_in,
            "kept": reading.rows_kept,
            "set_aside": len(reading.set_aside),
        }
        for name, reading in readings.items()
    }
