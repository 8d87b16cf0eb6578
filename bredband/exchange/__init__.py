"""The plan in open formats: plan.json, GeoPackage, address lists, fibre data standard, SvarUt."""

from bredband.exchange.addresslists import (
    AREA_FOLDER,
    address_list,
    remove_area_files,
    write_area_files,
)
from bredband.exchange.coverage_tables import write_kommune_table
from bredband.exchange.datapackage import write_data_package
from bredband.exchange.dispatch import (
    Credentials,
    credentials_from_environment,
    send_dispatch,
    write_dispatch,
)
from bredband.exchange.geopackage import write_geopackage
from bredband.exchange.ofds import fibre_network, write_fibre_network
from bredband.exchange.openformats import write_geojson, write_geoparquet
from bredband.exchange.package import plan_document, read_plan_json, write_plan_json
from bredband.exchange.private import edition_of_document
from bredband.exchange.schema import json_schema

__all__ = [
    "AREA_FOLDER",
    "Credentials",
    "address_list",
    "credentials_from_environment",
    "edition_of_document",
    "fibre_network",
    "json_schema",
    "plan_document",
    "read_plan_json",
    "remove_area_files",
    "send_dispatch",
    "write_area_files",
    "write_data_package",
    "write_dispatch",
    "write_fibre_network",
    "write_geojson",
    "write_geopackage",
    "write_geoparquet",
    "write_kommune_table",
    "write_plan_json",
]
