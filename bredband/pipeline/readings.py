"""The scenario's files found, read by their publishers' rooms, and tied to the premises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import geopandas as gpd

from bredband import terrain
from bredband.county import SourceFile, describe_file
from bredband.coverage import consultation
from bredband.errors import InputError
from bredband.grid import Raster
from bredband.reading import Reading, drop_rows
from bredband.scenario import Scenario
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
from bredband.tables import among

Files = Mapping[str, list[Path]]

_AROUND_M = 2000.0
"""Terrain is read so far beyond the outermost premises, for the masts and hills around them (anslag)."""

HEARING_FOLDER = "horing"
"""Answers of the hearing that ``bredband consult import`` has put in the county folder."""

_NEEDED = ("addresses", "borders")
"""Sources that no county can do without."""

OLD_NUMBER = "gammelt kommunenummer: dagens er tatt fra grensene"


def hearing_held(folder: Path) -> tuple[Path, ...]:
    """Find the answers of the hearing that the county folder holds."""
    return tuple(sorted((folder / HEARING_FOLDER).glob("*.csv")))


def find_files(scenario: Scenario, hearing: Sequence[Path] = ()) -> dict[str, list[Path]]:
    """Find the files that the scenario names, source by source, and after its own the hearing's.

    Raises
    ------
    InputError
        Naming every pattern that matches no file, or the source that no county can do without.
    """
    found: dict[str, list[Path]] = {}
    missing = []
    for source, patterns in scenario.sources.model_dump().items():
        if not isinstance(patterns, tuple):
            continue
        if not patterns and source in _NEEDED:
            raise InputError(
                f"ingen filer står under {source}.",
                advice="Nevn dem under [sources] i scenariet.",
            )
        found[source] = []
        for pattern in patterns:
            there = _match(scenario.folder, pattern)
            matches = [path for path in there if _is_source(path)]
            found[source] += matches
            if not matches:
                is_folder = any(path.is_dir() for path in there)
                missing.append(
                    f"{source}: {pattern}" + f" (ei mappe; skriv {pattern}/*)" * is_folder
                )
    if missing:
        raise InputError(
            f"finner ikke {'; '.join(missing)} i {scenario.folder}.",
            advice="Rett stiene under [sources]; de er relative til scenariofila.",
        )
    found["hearing"] += hearing
    return found


def _match(folder: Path, pattern: str) -> list[Path]:
    """Find what has a name like this, in the folder or wherever a whole path leads."""
    path = Path(pattern)
    try:
        if "*" not in pattern:
            return [folder / path] if (folder / path).exists() else []
        if path.is_absolute():
            return sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
        return sorted(folder.glob(pattern))
    except (OSError, ValueError):  # no system has a file of such a name
        return []


def _is_source(path: Path) -> bool:
    """Say whether a path is a file, or the folder that is a file geodatabase."""
    return path.is_file() or (path.suffix.lower() == ".gdb" and path.is_dir())


def describe_sources(scenario: Scenario, hearing: Sequence[Path] = ()) -> list[SourceFile]:
    """Note every file of the scenario and of the hearing with its SHA-256 and terms.

    Raises
    ------
    InputError
        Naming every pattern that matches no file.
    """
    described = []
    for source, paths in find_files(scenario, hearing).items():
        publisher = scenario.publishers.get(source, scenario.publishers.get("*"))
        name = publisher.name if publisher else ""
        licence = publisher.licence if publisher else ""
        date = publisher.date if publisher else ""
        described += [describe_file(source, path, name, licence, date) for path in paths]
    return described


def read_tables(scenario: Scenario, files: Files) -> dict[str, Reading]:
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
        "calls": partial(survey.read_calls, default_crs=crs),
        "hearing": consultation.read_answers,
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
    return bool(paths) and all(path.suffix in (".osm", ".pbf") for path in paths)


def tie_to_premises(readings: dict[str, Reading], scenario: Scenario) -> dict[str, Reading]:
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
    for name in ("operators", "planned", "household_counts", "hearing"):
        if name in tied:
            tied[name] = _known_only(tied[name], name, premises)
    for name in ("survey", "speed_tests", "calls"):
        if name in tied:
            tied[name] = survey.match_to_premises(
                tied[name], premises, distance_m=scenario.coverage.match_distance_m
            )
    return tied


def _in_kommune(addresses: Reading, borders: gpd.GeoDataFrame) -> Reading:
    """Fill in the kommune from the borders where the publisher does not give it.

    A number that no border has is an old one when the place lies within a border: older
    products carry the kommuner of their year. What lies within none is of another county, and is
    set aside.
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
            repaired[OLD_NUMBER] = len(within)
    placed = replace(
        addresses, frame=premises.assign(kommune=kommune.astype("str")), repaired=repaired
    )
    return drop_rows(
        placed,
        ~kommune.isin(borders["kommune"]).to_numpy(),
        source="addresses",
        column="kommune",
        reason="adressen ligger ikke i noen av kommunene i grensefila",
        advice="Bruk adresser og kommunegrenser fra samme fylke.",
    )


def _known_only(reading: Reading, source: str, premises: gpd.GeoDataFrame) -> Reading:
    """Set aside rows about premises that are not in the address file."""
    known = among(reading.frame["premises_id"], premises["premises_id"])
    return drop_rows(
        reading,
        ~known,
        source=source,
        column="premises_id",
        reason="adressen finnes ikke i adressefila",
        advice="Hent en nyere adressefil, eller rett adrid.",
    )


def read_roads(scenario: Scenario, files: Files, readings: Mapping[str, Reading]) -> Reading:
    """Read the road network, or build a skeleton of it from the addresses."""
    if not files["roads"]:
        return address_roads.chain(gpd.GeoDataFrame(readings["addresses"].frame))
    return roads.read_roads(
        files["roads"],
        default_crs=scenario.sources.crs,
        names={str(k): v for k, v in scenario.sources.road_names.items()},
    )


def mosaic_terrain(
    scenario: Scenario, files: Files, readings: Mapping[str, Reading]
) -> Raster | None:
    """Mosaic the terrain around the premises."""
    if not files["terrain"]:
        return None
    west, south, east, north = gpd.GeoDataFrame(readings["addresses"].frame).total_bounds
    bounds = (west - _AROUND_M, south - _AROUND_M, east + _AROUND_M, north + _AROUND_M)
    return terrain.read_mosaic(
        files["terrain"],
        bounds,
        finest_m=scenario.sources.terrain_cell_m,
        default_crs=scenario.sources.crs,
    )


def mosaic_surface(files: Files, ground: Raster | None) -> Raster | None:
    """Mosaic the surface on the cells of the terrain; without terrain it says nothing."""
    if not files["surface"] or ground is None:
        return None
    return terrain.read_mosaic(files["surface"], ground.bounds_m, cell_m=ground.cell_m)
