"""The whole plan as a folder of open data that others can use without this program."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bredband import county
from bredband.exchange.addresslists import AREA_FOLDER, remove_area_files, write_area_files
from bredband.exchange.coverage_tables import write_kommune_table
from bredband.exchange.geopackage import write_geopackage
from bredband.exchange.metadata import write_metadata
from bredband.exchange.ofds import write_fibre_network
from bredband.exchange.openformats import write_geojson, write_geoparquet
from bredband.exchange.package import write_plan_json
from bredband.exchange.private import edition_of_document
from bredband.exchange.schema import json_schema
from bredband.plan import Plan

_SINGLE_FILES = ("plan.json", "plan.schema.json", "plan.gpkg", "ofds.json", "kommunetabell.csv")


def write_data_package(document: Mapping[str, Any], plan: Plan, folder: Path) -> list[Path]:
    """Write the plan as a described data package.

    Parameters
    ----------
    document
        The content of ``plan.json``.
    plan
        The tables. Where its scenario asks for a public map, the package is for everybody too:
        it has no table with a row for each home, no address lists and no number of homes or
        outline of areas with fewer than ``output.fewest_households``.
    folder
        Where to write: ``plan.json`` and its schema, ``plan.gpkg``, ``geojson/``,
        ``parquet/``, ``ofds.json``, ``kommunetabell.csv``, ``omrader/`` (address lists and detail sheets),
        ``datapackage.json``, ``dcat.jsonld`` and ``SHA256SUMS``.

    Returns
    -------
    Every file of the package. The same plan and date give the same bytes.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    public = plan.scenario.output.public_map
    told = edition_of_document(document) if public else dict(document)
    write_plan_json(told, folder / "plan.json")
    county.write_json(folder / "plan.schema.json", json_schema())
    write_geopackage(plan, folder / "plan.gpkg", public=public)
    write_fibre_network(document, plan, folder / "ofds.json")
    write_kommune_table(document, folder / "kommunetabell.csv")
    files = [
        *(folder / name for name in _SINGLE_FILES),
        *write_geojson(plan, folder / "geojson", public=public),
        *write_geoparquet(plan, folder / "parquet", public=public),
        *(() if public else write_area_files(document, plan, folder / AREA_FOLDER)),
    ]
    if public:
        remove_area_files(folder / AREA_FOLDER)
    bounds = plan.kommuner.to_crs("OGC:CRS84").total_bounds
    bounds_deg = [round(float(degree), 4) for degree in bounds]
    return [*files, *write_metadata(document, folder, files, bounds_deg)]
