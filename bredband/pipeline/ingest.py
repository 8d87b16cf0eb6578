"""From the publishers' files to the county folder."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
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
    describe_file,
    write_county,
    write_provenance,
    write_table,
)
from bredband.errors import InputError
from bredband.grid import WORKING_CRS, Raster
from bredband.pipeline.progress import Report, silent
from bredband.reading import Reading, drop_rows
from bredband.renewal import settle
from bredband.scenario import Scenario
from bredband.scenario.sources import SOURCE_NAMES
from bredband.sources import (
    address_roads,
    kartverket,
    local,
    ngu,
    nkom,
    operators,
    osm,
    roads,
    ssb,
    survey,
)
from bredband.sources.households import kinds_by_buildings, premises_with_households

TERRAIN_FILE, SURFACE_FILE = "terreng.tif", "overflate.tif"

Files = Mapping[str, list[Path]]


def ingest(scenario: Scenario, folder: Path, report: Report = silent) -> County:
    """Read every file of the scenario into the county folder.

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
    return ingest_described(folder, scenario, describe_sources(scenario), report)


INGEST_READS = ("name", "synthetic", "sources", "publishers", "coverage")
"""What ``ingest`` reads of the scenario."""


def ingest_described(
    folder: Path, scenario: Scenario, sources: Sequence[SourceFile], report: Report = silent
) -> County:
    """Read the files, whose content ``sources`` tells, as ``ingest`` does."""
    readings, county = _read_all(scenario, find_files(scenario), report)
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
    """Read every file and write only the validation report.

    Returns
    -------
    Rows in, kept and set aside per source.
    """
    files = find_files(scenario)
    readings, county = _read_all(scenario, files, report)
    _write_quality(folder, scenario, readings, county, describe_sources(scenario))
    return _count(readings)


def _read_all(
    scenario: Scenario, files: Files, report: Report
) -> tuple[dict[str, Reading], County]:
    """Read every source, tie them together, and put them as tables."""
    report("Leser adresser og dekning")
    readings = _tie_to_premises(_read_tables(scenario, files), scenario)
    report("Leser veger og terreng")
    readings["roads"] = _read_roads(scenario, files, readings)
    raster = _read_terrain(scenario, files, readings)
    county = _make_county(readings, raster)
    return readings, replace(county, surface=_read_surface(files, raster))


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
        ),
        coverage=quality.compare_coverage(county.premises, county.availability, published),
        ages=quality.list_ages({SOURCE_NAMES[s.source]: s.date for s in sources}, dt.date.today()),
    )
    label = " (syntetiske data)" if scenario.synthetic else ""
    title = f"Datakvalitet: {scenario.name}{label}"
    quality.write_report(findings, county.kommuner, folder, title=title)


def _named(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """Call the sources what people call them."""
    return {SOURCE_NAMES[name]: reading for name, reading in readings.items()}


def read_county(folder: Path) -> County:
    """Read a county folder that ``ingest`` wrote, with its terrain and surface if it has them."""
    settle(folder)
    read = county_folder.read_county(folder)
    ground, surface = read_terrain(folder)
    return replace(read, terrain=ground, surface=surface)


def read_terrain(folder: Path) -> tuple[Raster | None, Raster | None]:
    """Read the terrain and the surface of a county folder, None for what it does not have."""
    paths = (folder / TERRAIN_FILE, folder / SURFACE_FILE)
    ground, surface = (terrain.read_raster(path) if path.is_file() else None for path in paths)
    return ground, surface


def find_files(scenario: Scenario) -> dict[str, list[Path]]:
    """Find the files that the scenario names, source by source.

    Raises
    ------
    InputError
        Naming every pattern that matches no file.
    """
    found: dict[str, list[Path]] = {}
    missing = []
    for source, patterns in scenario.sources.model_dump().items():
        if not isinstance(patterns, tuple):
            continue
        found[source] = []
        for pattern in patterns:
            matches = _match(scenario.folder, pattern)
            found[source] += matches
            if not matches:
                missing.append(f"{source}: {pattern}")
    if missing:
        raise InputError(
            f"finner ikke {'; '.join(missing)} i {scenario.folder}.",
            advice="Rett stiene under [sources]; de er relative til scenariofila.",
        )
    return found


def _match(folder: Path, pattern: str) -> list[Path]:
    path = Path(pattern)
    if path.is_absolute():
        return sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    return sorted(folder.glob(pattern)) if "*" in pattern else _existing(folder / path)


def _existing(path: Path) -> list[Path]:
    return [path] if path.is_file() or (path.suffix.lower() == ".gdb" and path.is_dir()) else []


def _read_tables(scenario: Scenario, files: Files) -> dict[str, Reading]:
    """Read every source but roads and terrain, each by its publisher's own room."""
    crs = scenario.sources.crs
    readers: dict[str, Callable[[list[Path]], Reading]] = {
        "borders": osm.read_borders
        if _is_osm(files["borders"])
        else partial(kartverket.read_borders, default_crs=crs),
        "addresses": osm.read_addresses
        if _is_osm(files["addresses"])
        else partial(kartverket.read_addresses, default_crs=crs),
        "buildings": partial(kartverket.read_buildings, default_crs=crs),
        "household_counts": operators.read_household_counts,
        "dwellings_grid": ssb.read_cells,
        "business_grid": ssb.read_businesses,
        "operators": operators.read_offers,
        "planned": operators.read_planned,
        "survey": partial(survey.read_answers, default_crs=crs),
        "speed_tests": partial(survey.read_speed_tests, default_crs=crs),
        "lit_fibre": partial(local.read_lit_fibre, default_crs=crs),
        "masts": partial(local.read_masts, default_crs=crs),
        "ducts": partial(roads.read_ducts, default_crs=crs),
        "poles": partial(local.read_poles, default_crs=crs),
        "landcover": partial(kartverket.read_landcover, default_crs=crs),
        "deposits": partial(ngu.read_deposits, default_crs=crs),
        "places": partial(local.read_places, default_crs=crs),
        "lacking": nkom.read_lacking,
        "funded": partial(local.read_polygons, default_crs=crs),
        "auction_5g": partial(local.read_polygons, default_crs=crs),
    }
    readings = {name: read(files[name]) for name, read in readers.items() if files[name]}
    if files["kommune_tables"]:
        kommuner = readings["borders"].frame
        readings["kommune_tables"] = nkom.read_kommune_table(files["kommune_tables"], kommuner)
    return readings


def _is_osm(paths: list[Path]) -> bool:
    return bool(paths) and all(path.name.endswith((".osm", ".osm.pbf", ".pbf")) for path in paths)


def _tie_to_premises(readings: dict[str, Reading], scenario: Scenario) -> dict[str, Reading]:
    """Give premises their kommune and households, and tie offers and evidence to them."""
    tied = dict(readings)
    borders = gpd.GeoDataFrame(readings["borders"].frame)
    tied["addresses"] = _in_kommune(readings["addresses"], borders)
    premises = gpd.GeoDataFrame(tied["addresses"].frame)
    counts, dwellings, businesses = (
        tied[name].frame if name in tied else None
        for name in ("household_counts", "dwellings_grid", "business_grid")
    )
    if "buildings" in tied:
        premises = kinds_by_buildings(
            premises,
            gpd.GeoDataFrame(tied["buildings"].frame),
            distance_m=scenario.sources.building_distance_m,
        )
    premises = premises_with_households(premises, counts, dwellings, businesses)
    tied["addresses"] = replace(tied["addresses"], frame=premises)
    for name in ("operators", "planned", "household_counts"):
        if name in tied:
            tied[name] = _known_only(tied[name], name, premises)
    for name in ("survey", "speed_tests"):
        if name in tied:
            tied[name] = survey.match_to_premises(
                tied[name], premises, distance_m=scenario.coverage.match_distance_m
            )
    return tied


def _in_kommune(addresses: Reading, borders: gpd.GeoDataFrame) -> Reading:
    """Fill in the kommune from the borders where the publisher does not give it.

    A number that no border has is an old one when the place lies within a border: older
    products carry the kommuner of their year.
    """
    premises = gpd.GeoDataFrame(addresses.frame)
    kommune = premises["kommune"].copy()
    lost = (kommune == "").to_numpy()
    old = ~lost & ~kommune.isin(borders["kommune"]).to_numpy()
    here = borders[["kommune", "geometry"]]
    repaired = dict(addresses.repaired)
    if lost.any():
        near = gpd.sjoin_nearest(premises.loc[lost, ["geometry"]], here, how="left")
        kommune[lost] = near["kommune"][~near.index.duplicated()].reindex(kommune.index[lost])
    if old.any():
        within = gpd.sjoin(premises.loc[old, ["geometry"]], here, predicate="within")
        within = within[~within.index.duplicated()]
        kommune[within.index] = within["kommune"]
        if len(within):
            repaired["gammelt kommunenummer: dagens er tatt fra grensene"] = len(within)
    return replace(
        addresses, frame=premises.assign(kommune=kommune.astype("str")), repaired=repaired
    )


def _known_only(reading: Reading, source: str, premises: gpd.GeoDataFrame) -> Reading:
    """Set aside rows about premises that are not in the address file."""
    known = reading.frame["premises_id"].isin(premises["premises_id"]).to_numpy()
    return drop_rows(
        reading,
        ~known,
        source=source,
        column="premises_id",
        reason="adressen finnes ikke i adressefila",
        advice="Hent en nyere adressefil, eller rett adrid.",
    )


def _read_roads(scenario: Scenario, files: Files, readings: Mapping[str, Reading]) -> Reading:
    """Read the road network, or build a skeleton of it from the addresses."""
    if not files["roads"]:
        return address_roads.chain(gpd.GeoDataFrame(readings["addresses"].frame))
    return roads.read_roads(
        files["roads"],
        default_crs=scenario.sources.crs,
        names={str(k): v for k, v in scenario.sources.road_names.items()},
    )


def _read_terrain(
    scenario: Scenario, files: Files, readings: Mapping[str, Reading]
) -> Raster | None:
    """Mosaic the terrain around the premises."""
    if not files["terrain"]:
        return None
    west, south, east, north = gpd.GeoDataFrame(readings["addresses"].frame).total_bounds
    margin = 2000.0
    bounds = (west - margin, south - margin, east + margin, north + margin)
    return terrain.read_mosaic(
        files["terrain"],
        bounds,
        finest_m=scenario.sources.terrain_cell_m,
        default_crs=scenario.sources.crs,
    )


def _read_surface(files: Files, ground: Raster | None) -> Raster | None:
    """Mosaic the surface on the cells of the terrain; without terrain it says nothing."""
    if not files["surface"] or ground is None:
        return None
    return terrain.read_mosaic(files["surface"], ground.bounds_m, cell_m=ground.cell_m)


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
        kommuner=kommuner[kommuner["kommune"].isin(premises["kommune"])].reset_index(drop=True),
        premises=premises,
        availability=_joined(readings, ("operators", "planned"), "availability"),
        evidence=_joined(readings, ("survey", "speed_tests"), "evidence"),
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


def describe_sources(scenario: Scenario) -> list[SourceFile]:
    """Note every file of the scenario with its SHA-256 and terms.

    Raises
    ------
    InputError
        Naming every pattern that matches no file.
    """
    described = []
    for source, paths in find_files(scenario).items():
        publisher = scenario.publishers.get(source, scenario.publishers.get("*"))
        name = publisher.name if publisher else ""
        licence = publisher.licence if publisher else ""
        date = publisher.date if publisher else ""
        described += [describe_file(source, path, name, licence, date) for path in paths]
    return described


def _count(readings: Mapping[str, Reading]) -> dict[str, dict[str, int]]:
    return {
        name: {
            "rows_in": reading.rows_in,
            "kept": reading.rows_kept,
            "set_aside": len(reading.set_aside),
        }
        for name, reading in readings.items()
    }
