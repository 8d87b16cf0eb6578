"""The planned network in the Open Fibre Data Standard, version 0.4."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import shape

from bredband import county
from bredband.grid import WORKING_CRS
from bredband.plan import Plan

SCHEMA_URL = "https://standard.ofds.info/en/0__4__0/network-schema.json"
_OURS = uuid.UUID("6f0c1f5e-6d0b-4c39-9f3e-0d1f6d1a5b27")
_DEGREE_DECIMALS = 7


def fibre_network(document: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """Describe the trench of every built area as nodes and spans.

    A span is a trench link, in the phase of its build year; a node is where links meet.
    Everything has the status *proposed*: a plan is not a contract.

    Returns
    -------
    A network package as the Open Fibre Data Standard 0.4 defines it, in WGS 84 degrees.
    The same plan gives the same identifiers.
    """
    publication = document["publication"]
    nodes, spans = _nodes_and_spans(plan)
    network = {
        "id": str(uuid.uuid5(_OURS, f"{publication['county']}/{publication['title']}")),
        "name": publication["title"],
        "links": [{"href": SCHEMA_URL, "rel": "describedby"}],
        "publicationDate": publication["created_on"],
        "crs": {
            "name": "urn:ogc:def:crs:OGC::CRS84",
            "uri": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        },
        "language": publication["language"],
    }
    if publication["organisation"]:
        network["publisher"] = {"name": publication["organisation"]}
    if nodes:
        network["nodes"] = nodes
        network["spans"] = spans
        years = sorted({span["phase"]["id"] for span in spans})
        network["phases"] = [{"id": year, "name": year} for year in years]
    return {"networks": [network]}


def write_fibre_network(document: Mapping[str, Any], plan: Plan, path: Path) -> None:
    """Write the planned network as OFDS JSON, whole or not at all."""
    with county.replacing(path) as temporary:
        text = json.dumps(fibre_network(document, plan), ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def network_layers(plan: Plan) -> dict[str, gpd.GeoDataFrame]:
    """Give the same nodes and spans as two layers for a GeoPackage, a row for each.

    The names of the columns are those of the standard, without the lists and the nesting that a
    table cannot hold; ``phase`` is the build year, ``start`` and ``end`` are nodes.
    """
    nodes, spans = _nodes_and_spans(plan)
    rows = {
        "ofds_nodes": [
            {"id": node["id"], "status": node["status"], "geometry": shape(node["location"])}
            for node in nodes
        ],
        "ofds_spans": [
            {
                "id": span["id"],
                "name": span.get("name", ""),
                "phase": span["phase"]["id"],
                "status": span["status"],
                "start": span["start"],
                "end": span["end"],
                "transmissionMedium": span["transmissionMedium"][0],
                "deployment": span["deployment"][0],
                "supportingInfrastructure": span.get("supportingInfrastructure", {}).get(
                    "type", ""
                ),
                "fibreLength": span["fibreLength"],
                "geometry": shape(span["route"]),
            }
            for span in spans
        ],
    }
    return {
        name: gpd.GeoDataFrame(found, crs="OGC:CRS84").to_crs(WORKING_CRS)
        for name, found in rows.items()
        if found
    }


def _nodes_and_spans(plan: Plan) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Describe the trench of every built area."""
    year_of = dict(zip(plan.schedule["area_id"], plan.schedule["build_year"], strict=True))
    built = plan.routes[plan.routes["area_id"].isin(list(year_of))]
    links = gpd.GeoDataFrame(built, geometry="geometry", crs=plan.routes.crs).to_crs("OGC:CRS84")
    names = dict(zip(plan.areas["area_id"], plan.areas["name"], strict=True))
    nodes, starts, ends = _nodes(built, links)
    spans = [
        _span(link, start, end, year_of, names)
        for link, start, end in zip(links.itertuples(), starts, ends, strict=True)
    ]
    return nodes, spans


def _nodes(
    built: gpd.GeoDataFrame, links: gpd.GeoDataFrame
) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """Find the places where links begin and end; ends within a centimetre are one place."""
    ends = [shapely.get_point(built.geometry.to_numpy(), place) for place in (0, -1)]
    metres = np.round(np.concatenate([shapely.get_coordinates(points) for points in ends]), 2)
    degrees = np.concatenate(
        [
            shapely.get_coordinates(shapely.get_point(links.geometry.to_numpy(), place))
            for place in (0, -1)
        ]
    )
    _, first, place = np.unique(metres, axis=0, return_index=True, return_inverse=True)
    nodes = [
        {
            "id": f"N{number + 1}",
            "status": "proposed",
            "location": {"type": "Point", "coordinates": _rounded(degrees[row])},
        }
        for number, row in enumerate(first)
    ]
    ids = [f"N{number + 1}" for number in np.ravel(place)]
    return nodes, ids[: len(built)], ids[len(built) :]


def _span(
    link: Any, start: str, end: str, year_of: Mapping[str, int], names: Mapping[str, str]
) -> dict[str, Any]:
    year = str(year_of[link.area_id])
    span = {
        "id": link.route_id,
        "phase": {"id": year, "name": year},
        "status": "proposed",
        "start": start,
        "end": end,
        "route": {
            "type": "LineString",
            "coordinates": [_rounded(point) for point in link.geometry.coords],
        },
        "transmissionMedium": ["fibre"],
        "deployment": [
            "aboveGround"
            if link.structure == "bridge" or link.method == "aerial"
            else "belowGround"
        ],
        "fibreLength": round(link.length_m / 1000, 4),
        "countries": ["NO"],
    }
    if names.get(link.area_id):
        span["name"] = names[link.area_id]
    if link.ground == "duct":
        span["supportingInfrastructure"] = {"type": "duct"}
    return span


def _rounded(point: Any) -> list[float]:
    return [round(float(value), _DEGREE_DECIMALS) for value in point[:2]]
