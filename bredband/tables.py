"""The data model: every table that travels between stages, column by column.

A table is checked when it enters a file, leaves a file, or leaves a stage inside
``pipeline``; nowhere else. A check reports all faults at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import shapely

from bredband.errors import TableError
from bredband.grid import WORKING_CRS

ColumnKind = Literal["text", "int", "float", "bool"]
GeometryKind = Literal["Point", "LineString", "Polygon", ""]


@dataclass(frozen=True)
class Column:
    """One column: what it is called, what it holds and which values are allowed."""

    name: str
    kind: ColumnKind
    meaning: str
    nullable: bool = False
    one_of: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True)
class Table:
    """One table: its key, its geometry and its columns."""

    name: str
    meaning: str
    key: tuple[str, ...]
    geometry: GeometryKind
    columns: tuple[Column, ...] = field(repr=False)

    @property
    def column_names(self) -> list[str]:
        """Names of the columns in order, without the geometry."""
        return [column.name for column in self.columns]


PREMISES_KINDS = ("dwelling", "business", "public", "holiday")
TECHNOLOGIES = ("fibre", "cable", "fwa", "dsl", "mobile", "satellite", "other")
GROUND_CLASSES = (
    "soft",
    "cultivated",
    "forest",
    "bog",
    "verge",
    "asphalt",
    "rock",
    "bridge",
    "tunnel",
    "water",
    "duct",
)
"""What a metre of trench goes through, from meadow to existing duct."""
METHODS = (
    "plough",
    "trench",
    "micro_trench",
    "rock",
    "bore",
    "attach",
    "aerial",
    "subsea",
    "blow",
)
"""How a metre is built; ``attach`` is hung in a bridge or tunnel, ``blow`` is blown in a duct."""
BILL_ITEMS = (
    "trench",
    "surcharge",
    "road_fee",
    "landfall",
    "permit",
    "joint",
    "cabinet",
    "drop",
    "drop_water",
    "drop_landfall",
    "road_crossing",
    "splice",
    "connection",
)
"""Lines of a bill of quantities."""
_OWNERS = ("", "state", "county", "municipal", "private")


def _text(name: str, meaning: str, **limits: Any) -> Column:
    return Column(name, "text", meaning, **limits)


def _int(name: str, meaning: str, **limits: Any) -> Column:
    return Column(name, "int", meaning, **{"lowest": 0, **limits})


def _float(name: str, meaning: str, **limits: Any) -> Column:
    return Column(name, "float", meaning, **{"lowest": 0.0, **limits})


def _share(name: str, meaning: str, **limits: Any) -> Column:
    return Column(name, "float", meaning, **{"lowest": 0.0, "highest": 1.0, **limits})


def _bool(name: str, meaning: str) -> Column:
    return Column(name, "bool", meaning)


_KOMMUNE = _text("kommune", "kommunenummer, four digits as text")
_AREA = _text("area_id", "deployment area or shared trench")

_ALL = (
    Table(
        "kommuner",
        "The kommuner of the county with their borders.",
        ("kommune",),
        "Polygon",
        (_KOMMUNE, _text("name", "official name")),
    ),
    Table(
        "premises",
        "Every address point that somebody may want connected.",
        ("premises_id",),
        "Point",
        (
            _text("premises_id", "stable id from the publisher (Matrikkelen: lokalid)"),
            _text("street", "street name; empty for a cadastral address"),
            _text("house_number", "house number and letter, as in 28B; empty if none"),
            _text("address", "full address text as the publisher writes it"),
            _text("postcode", "four digits as text; may be empty"),
            _text("postplace", "postal place; may be empty"),
            _KOMMUNE,
            _text("grunnkrets", "basic statistical unit, eight digits as text; may be empty"),
            _text("tettsted", "number of the urban settlement; empty outside settlements"),
            _bool("rural", "outside every urban settlement (spredtbygd)"),
            _text("cadastre", "gnr/bnr/fnr of the property; may be empty"),
            _text("kind", "what stands there", one_of=PREMISES_KINDS),
            _int("households", "households at the address; 0 for businesses and holiday homes"),
            _text("households_rule", "where the number of households comes from"),
            _float("priority_weight", "weight of the premises in the objective"),
        ),
    ),
    Table(
        "availability",
        "Which operator offers what to which premises; several rows per premises.",
        ("premises_id", "operator", "technology", "status"),
        "",
        (
            _text("premises_id", "the premises offered to"),
            _text("operator", "who offers"),
            _text("technology", "by what", one_of=TECHNOLOGIES),
            _float("down_mbps", "offered downstream speed"),
            _float("up_mbps", "offered upstream speed"),
            _text(
                "status",
                "on offer now, credibly planned within three years, or computed by us",
                one_of=("available", "planned", "modelled"),
            ),
            _bool("connected", "homes connected (true) or only passed (false)"),
            _text("source", "which file says so"),
            _text("as_of", "date of the statement, ISO 8601; may be empty"),
        ),
    ),
    Table(
        "evidence",
        "What people measured or answered: speed tests and survey answers.",
        ("evidence_id",),
        "Point",
        (
            _text("evidence_id", "id from the source, with the name of the source before it"),
            _text("premises_id", "premises the evidence was matched to; empty if none"),
            _text("match", "how it was matched", one_of=("id", "address", "nearest", "none")),
            _text("kind", "what it is", one_of=("speed_test", "survey")),
            _text("operator", "operator named; may be empty"),
            _text("technology", "technology named", one_of=(*TECHNOLOGIES, "")),
            _text("offer", "answer to «do you have an offer?»", one_of=("yes", "no", "")),
            _float("down_mbps", "measured downstream speed", nullable=True),
            _float("up_mbps", "measured upstream speed", nullable=True),
            _text("link", "how the device was attached", one_of=("cable", "wifi", "")),
            _text("observed_on", "date, ISO 8601; may be empty"),
        ),
    ),
    Table(
        "roads",
        "Road links between junctions: where a trench can run.",
        ("road_id",),
        "LineString",
        (
            _text("road_id", "id of the link, stable for unchanged input"),
            _int("start_junction", "junction at the first vertex"),
            _int("end_junction", "junction at the last vertex"),
            _float("length_m", "length of the line"),
            _text("road_class", "class as the publisher names it, lower case"),
            _text("surface", "asphalt, gravel or unknown", one_of=("asphalt", "gravel", "unknown")),
            _text(
                "structure",
                "what carries the link; link = bridges a gap that we proposed",
                one_of=("ground", "bridge", "tunnel", "ferry", "link"),
            ),
            _share("slope_share", "mean absolute slope along the line", highest=None),
            _text("ground", "ground class the trench goes through", one_of=GROUND_CLASSES),
        ),
    ),
    Table(
        "sites",
        "Points to extend from: lit fibre, and masts that stand or could stand.",
        ("site_id",),
        "Point",
        (
            _text("site_id", "id from the source"),
            _text("kind", "what it is", one_of=("lit_fibre", "mast", "mast_candidate")),
            _text("name", "name; may be empty"),
            _text("owner", "owner; may be empty"),
            _float("height_m", "antenna height above ground; 0 for lit fibre"),
            _text("bands", "bands in MHz, separated by /; empty for lit fibre"),
            _text("sectors", "azimuths in degrees, separated by /; empty for lit fibre"),
        ),
    ),
    Table(
        "ducts",
        "Existing ducts that a cable can be blown into.",
        ("duct_id",),
        "LineString",
        (
            _text("duct_id", "id from the source"),
            _text("owner", "owner; may be empty"),
            _float("length_m", "length of the line"),
        ),
    ),
    Table(
        "landcover",
        "Land-cover polygons for the ground and the map background.",
        ("landcover_id",),
        "Polygon",
        (
            _text("landcover_id", "running number as text"),
            _text("landcover_class", "N50 objtype as published"),
        ),
    ),
    Table(
        "places",
        "Place names for the map.",
        ("place_id",),
        "Point",
        (
            _text("place_id", "running number as text"),
            _text("name", "the name"),
            _text("place_class", "kind of place as published"),
        ),
    ),
    Table(
        "published",
        "Shares of households with an offer, as the regulator publishes them.",
        ("kommune", "down_mbps"),
        "",
        (
            _KOMMUNE,
            _float("down_mbps", "the speed that the share is of"),
            _share("served_share", "share of the kommune's households that are offered it"),
        ),
    ),
    Table(
        "excluded",
        "Land that no scheme may help: funded already, or bound by the 5G auction.",
        ("excluded_id",),
        "Polygon",
        (
            _text("excluded_id", "running number as text"),
            _text("ground", "why it is taken out", one_of=("funded", "auction_5g")),
        ),
    ),
    Table(
        "set_aside",
        "Every row of the input that was not kept, with the reason.",
        ("set_aside_id",),
        "",
        (
            _text("set_aside_id", "running number as text"),
            _text("source", "which source"),
            _text("file", "file name"),
            _int("row", "line number in the file, 1 = first line"),
            _text("column", "column at fault; may be empty"),
            _text("value", "the value as read"),
            _text("reason", "what is wrong, in Norwegian"),
            _text("advice", "what to do, in Norwegian"),
        ),
    ),
    Table(
        "coverage",
        "The best offer at each premises held against the target.",
        ("premises_id",),
        "",
        (
            _text("premises_id", "the premises"),
            _text("operator", "operator of the best offer; empty if none"),
            _text("technology", "technology of the best offer; empty if none"),
            _float("down_mbps", "downstream speed of the best offer; 0 if none"),
            _float("up_mbps", "upstream speed of the best offer; 0 if none"),
            _bool("served", "the target is met, at the confidence the scenario asks for"),
            _share("served_probability", "probability that the target is really met"),
            _bool("planned", "not served today, but commercially planned within three years"),
            _bool("eligible", "may be helped with a grant"),
            _text("reason", "why it is counted so, in Norwegian"),
        ),
    ),
    Table(
        "signal",
        "What the best mast gives each premises by radio, computed over the terrain.",
        ("premises_id",),
        "",
        (
            _text("premises_id", "the premises"),
            _text("operator", "owner of the mast; empty if no signal is computed"),
            _text("site_id", "the mast; empty if none"),
            _text("sector_id", "mast, band and azimuth; empty if none"),
            _text("band", "the scenario's name of the band; empty if none"),
            _float("distance_m", "distance to the mast", nullable=True),
            _float("rsrp_dbm", "reference signal outdoors", nullable=True, lowest=None),
            _float("sinr_db", "signal over interference and noise", nullable=True, lowest=None),
            _float("margin_db", "signal above the threshold", nullable=True, lowest=None),
            _float("sigma_db", "standard deviation of the model", nullable=True),
            _float("down_mbps", "peak speed of one customer alone", nullable=True),
            _float("up_mbps", "peak speed up", nullable=True),
            _float("stable_mbps", "speed at the busy hour; 0 if not served"),
            _bool("line_of_sight", "nothing on the terrain reaches the ray"),
            _share("void_share", "share of the path without known terrain", nullable=True),
            _bool("served", "a sector has signal and time for it"),
            _text(
                "status",
                "how the computation went",
                one_of=(
                    "ok",
                    "outside_raster",
                    "void_on_path",
                    "too_short",
                    "beyond_range",
                    "weak_signal",
                    "sector_full",
                ),
            ),
        ),
    ),
    Table(
        "mast_candidates",
        "Masts that could be raised or equipped, with the unserved premises each alone would reach.",
        ("site_id",),
        "Point",
        (
            _text("site_id", "id from the source, or a running number for a proposal"),
            _text("kind", "what it is", one_of=("mast", "mast_candidate")),
            _text("name", "name; empty for a proposal"),
            _float("height_m", "antenna height above ground"),
            _float("road_m", "distance to the nearest road; null if from a source", nullable=True),
            _float(
                "power_m", "distance to the nearest premises; null if from a source", nullable=True
            ),
            _int("premises", "unserved premises that would meet the target"),
            _int("households", "unserved households that would meet the target"),
            _int("capex_nok", "build price: a new mast, or equipment on one that stands"),
            _int("yearly_opex_nok", "running costs for a year"),
            _bool("chosen", "among the masts that reach most households for the scenario's money"),
        ),
    ),
    Table(
        "connections",
        "How each unserved premises would be connected.",
        ("premises_id",),
        "",
        (
            _text("premises_id", "the premises"),
            _text("area_id", "deployment area; empty if not reached"),
            _text("route_id", "trench link at whose far end the drop starts; empty if not reached"),
            _float("drop_m", "length from the road to the wall; 0 if not reached"),
            _int("drop_nok", "price of the drop, with terminal; 0 if not reached"),
            _text("reason", "why it is not reached, in Norwegian; empty if reached"),
        ),
    ),
    Table(
        "routes",
        "The trench tree, link by link: each belongs to one area or shared trench.",
        ("route_id",),
        "LineString",
        (
            _text("route_id", "id of the trench link"),
            _text("upstream_route", "next link towards lit fibre; empty at lit fibre"),
            _AREA,
            _text("ground", "ground class", one_of=GROUND_CLASSES),
            _text("structure", "what carries the link"),
            _text("method", "how it is built", one_of=("", *METHODS)),
            _text("road_owner", "who owns the road; empty away from roads", one_of=_OWNERS),
            _float("length_m", "length"),
            _int("trench_nok", "price of the link"),
            _int("surcharge_nok", "of it: slope, frost and distance"),
            _int("fee_nok", "of it: fee to the owner of the road"),
            _int("landfall_nok", "of it: landfalls of a subsea cable"),
        ),
    ),
    Table(
        "drops",
        "The line from the trench to the wall of every premises that is reached.",
        ("premises_id",),
        "LineString",
        (
            _text("premises_id", "the premises"),
            _AREA,
            _text("route_id", "trench link at whose far end the drop starts"),
            _text(
                "crosses",
                "owner of the road that it crosses, private for gravel; empty if none",
                one_of=_OWNERS,
            ),
            _float("length_m", "length"),
            _float("wet_m", "length through water"),
        ),
    ),
    Table(
        "cabinets",
        "Cabinets, each on the trench in the middle of the premises that it serves.",
        ("cabinet_id",),
        "Point",
        (
            _text("cabinet_id", "the area with a number"),
            _AREA,
            _text("route_id", "trench link at whose far end it stands"),
            _int("premises", "premises that it serves"),
        ),
    ),
    Table(
        "areas",
        "Deployment areas, and the trench that several of them share.",
        ("area_id",),
        "Polygon",
        (
            _AREA,
            _text(
                "kind", "deployment area, or trench shared by several", one_of=("area", "feeder")
            ),
            _text("name", "name from the place or street"),
            _KOMMUNE,
            _text("feeder_area", "area_id that must be built first; empty if at lit fibre"),
            _int("premises", "premises that get an offer"),
            _int("households", "households that get an offer"),
            _float("weighted_households", "households weighted by the scenario's priorities"),
            _text("technology", "cheapest technology that meets the target", one_of=TECHNOLOGIES),
            _float("trench_m", "length of trench"),
            _int("capex_nok", "build price"),
            _int("operator_nok", "the operator's own contribution"),
            _int("local_nok", "contribution of kommune, county and residents"),
            _int("grant_nok", "state grant needed: what is left"),
        ),
    ),
    Table(
        "bills",
        "The bill of quantities: the lines of an area sum to its capex to the krone.",
        ("area_id", "item", "ground", "method", "road_owner"),
        "",
        (
            _AREA,
            _text("item", "what is paid for", one_of=BILL_ITEMS),
            _text("ground", "ground class of trench; empty for other items"),
            _text("method", "method of trench; empty for other items"),
            _text("road_owner", "owner of the road, for fees and crossings; else empty"),
            _float("length_m", "metres; 0 for what is counted"),
            _int("count", "pieces; 0 for what is measured"),
            _int("low_nok", "amount with every price of the line at its low end"),
            _int("likely_nok", "amount that the plan reckons with"),
            _int("high_nok", "amount with every price of the line at its high end"),
        ),
    ),
    Table(
        "alternatives",
        "Fibre, radio or both in every deployment area, each as if it were alone.",
        ("area_id", "alternative"),
        "",
        (
            _AREA,
            _text("alternative", "how the area is served", one_of=("fibre", "radio", "hybrid")),
            _int("premises", "premises that get an offer"),
            _int("left_premises", "premises of the area that get none"),
            _int("households", "households that get an offer"),
            _int("fibre_premises", "of the premises: by fibre"),
            _int("radio_premises", "of the premises: by radio"),
            _text("masts", "masts used, separated by /; each is paid in full here"),
            _int("capex_nok", "build price, without shared trench"),
            _int("shared_capex_nok", "price of all shared trench that it hangs on"),
            _int("yearly_opex_nok", "running costs for a year"),
            _int("operator_nok", "the operator's own contribution"),
            _int("local_nok", "contribution of kommune, county and residents"),
            _int("grant_nok", "state grant needed: what is left"),
        ),
    ),
    Table(
        "schedule",
        "What is built and when. Areas that are not built are not here.",
        ("area_id",),
        "Polygon",
        (
            _AREA,
            _int("build_year", "year in which the area is built"),
            _text("technology", "technology that is built", one_of=TECHNOLOGIES),
            _int("grant_nok", "state grant paid in the build year"),
        ),
    ),
)

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _ALL})
"""Every table of the data model by name, in the order of the pipeline."""


def check(frame: pd.DataFrame, name: str, *, file: str = "") -> None:
    """Check a frame against the data model and report every fault in one error.

    Parameters
    ----------
    frame
        The frame to check; a GeoDataFrame in EPSG:25833 where the table has a geometry.
    name
        Name of the table in ``TABLES``.
    file
        Where the frame comes from, for the message.

    Raises
    ------
    TableError
        With all faults: missing and unknown columns, wrong types, empty cells, values
        outside their limits, repeated keys, wrong geometry or projection.
    """
    table = TABLES[name]
    faults = [*_column_faults(frame, table), *_key_faults(frame, table)]
    if table.geometry:
        faults += _geometry_faults(frame, table)
    if faults:
        raise TableError(
            f"tabellen «{name}» følger ikke datamodellen: " + "; ".join(faults), file=file
        )


def empty(name: str) -> pd.DataFrame:
    """Make an empty table with the right columns, types and projection."""
    table = TABLES[name]
    dtypes = {"text": "str", "int": "int64", "float": "float64", "bool": "bool"}
    columns = {c.name: pd.Series([], dtype=dtypes[c.kind]) for c in table.columns}
    if table.geometry:
        frame: pd.DataFrame = gpd.GeoDataFrame(columns, geometry=[], crs=WORKING_CRS)
        return frame
    return pd.DataFrame(columns)


def _column_faults(frame: pd.DataFrame, table: Table) -> Iterator[str]:
    expected = set(table.column_names) | ({"geometry"} if table.geometry else set())
    if missing := [name for name in table.column_names if name not in frame.columns]:
        yield "mangler kolonnen " + ", ".join(missing)
    if unknown := [str(name) for name in frame.columns if name not in expected]:
        yield "har ukjent kolonne " + ", ".join(unknown)
    for column in table.columns:
        if column.name in frame.columns:
            yield from _value_faults(frame[column.name], column)


def _value_faults(values: pd.Series[Any], column: Column) -> Iterator[str]:
    fits = {
        "text": pd.api.types.is_string_dtype,
        "int": pd.api.types.is_integer_dtype,
        "float": pd.api.types.is_float_dtype,
        "bool": pd.api.types.is_bool_dtype,
    }[column.kind]
    if not fits(values.dtype) and len(values):
        yield f"{column.name} er {values.dtype}, skal være {column.kind}"
        return
    if not column.nullable and (count := int(values.isna().sum())):
        yield f"{column.name} er tom i {count} rader"
    if column.one_of:
        wrong = values[values.notna() & ~values.isin(list(column.one_of))]
        if len(wrong):
            yield f"{column.name} har ukjent verdi «{wrong.iloc[0]}» i {len(wrong)} rader"
    if column.kind in ("int", "float"):
        if column.lowest is not None and (count := int((values < column.lowest).sum())):
            yield f"{column.name} er under {column.lowest:g} i {count} rader"
        if column.highest is not None and (count := int((values > column.highest).sum())):
            yield f"{column.name} er over {column.highest:g} i {count} rader"


def _key_faults(frame: pd.DataFrame, table: Table) -> Iterator[str]:
    key = list(table.key)
    if all(name in frame.columns for name in key) and (count := int(frame.duplicated(key).sum())):
        yield f"nøkkelen {' + '.join(key)} gjentas i {count} rader"


def _geometry_faults(frame: pd.DataFrame, table: Table) -> Iterator[str]:
    if not isinstance(frame, gpd.GeoDataFrame) or "geometry" not in frame.columns:
        yield "mangler geometri"
        return
    if frame.crs is None or frame.crs.to_epsg() != 25833:
        yield f"er i {frame.crs}, skal være i {WORKING_CRS}"
    allowed = {table.geometry, f"Multi{table.geometry}"} - {"MultiPoint", "MultiLineString"}
    kinds = set(frame.geometry.geom_type.dropna()) - allowed
    if kinds:
        yield f"har geometri av typen {', '.join(sorted(kinds))}, skal være {table.geometry}"
    absent = frame.geometry.isna() | shapely.is_empty(frame.geometry.to_numpy())
    if count := int(absent.sum()):
        yield f"mangler geometri i {count} rader"


def markdown_of_all() -> str:
    """Describe every table and column as Markdown."""
    lines = [
        "# The data model",
        "",
        "Made by `bredband tables --markdown`; do not edit by hand. Geometry is in EPSG:25833,",
        "metres. Text is never null; an absent text is empty. The ending of a name gives its unit.",
        "",
    ]
    for table in TABLES.values():
        lines += [f"## {table.name}", "", table.meaning, ""]
        lines += [f"Key: `{', '.join(table.key)}`. Geometry: {table.geometry or 'none'}.", ""]
        lines += ["| column | type | meaning |", "|---|---|---|"]
        for column in table.columns:
            allowed = ", ".join(f"`{value}`" for value in column.one_of if value)
            meaning = column.meaning + (f" ({allowed})" if allowed else "")
            kind = column.kind + (" or null" if column.nullable else "")
            lines.append(f"| `{column.name}` | {kind} | {meaning} |")
        lines.append("")
    return "\n".join(lines)
