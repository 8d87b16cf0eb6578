"""Tables of what is known about a county before anything is planned."""

from __future__ import annotations

from bredband.tables.model import (
    GROUND_CLASSES,
    PREMISES_KINDS,
    TECHNOLOGIES,
    Table,
    bool_column,
    float_column,
    int_column,
    share_column,
    text_column,
)

_KOMMUNE = text_column("kommune", "kommunenummer, four digits as text")

KNOWN = (
    Table(
        "kommuner",
        "The kommuner of the county with their borders.",
        ("kommune",),
        "Polygon",
        (_KOMMUNE, text_column("name", "official name")),
    ),
    Table(
        "premises",
        "Every address point that somebody may want connected.",
        ("premises_id",),
        "Point",
        (
            text_column("premises_id", "stable id from the publisher (Matrikkelen: lokalid)"),
            text_column("street", "street name; empty for a cadastral address"),
            text_column("house_number", "house number and letter, as in 28B; empty if none"),
            text_column("address", "full address text as the publisher writes it"),
            text_column("postcode", "four digits as text; may be empty"),
            text_column("postplace", "postal place; may be empty"),
            _KOMMUNE,
            text_column("grunnkrets", "basic statistical unit, eight digits as text; may be empty"),
            text_column("tettsted", "number of the urban settlement; empty outside settlements"),
            bool_column("rural", "outside every urban settlement (spredtbygd)"),
            text_column("cadastre", "gnr/bnr/fnr of the property; may be empty"),
            text_column("kind", "what stands there", one_of=PREMISES_KINDS),
            int_column(
                "households", "households at the address; 0 for businesses and holiday homes"
            ),
            text_column("households_rule", "where the number of households comes from"),
            float_column(
                "priority_weight",
                "weight that the source gives the premises; 1 unless it says otherwise",
            ),
            float_column(
                "access_x_m",
                "easting of the point where the way to the premises leaves the road, if known",
                nullable=True,
                lowest=None,
            ),
            float_column("access_y_m", "northing of the same point", nullable=True, lowest=None),
        ),
    ),
    Table(
        "availability",
        "Which operator offers what to which premises; several rows per premises.",
        ("premises_id", "operator", "technology", "status"),
        "",
        (
            text_column("premises_id", "the premises offered to"),
            text_column("operator", "who offers"),
            text_column("technology", "by what", one_of=TECHNOLOGIES),
            float_column("down_mbps", "offered downstream speed"),
            float_column("up_mbps", "offered upstream speed"),
            text_column(
                "status",
                "on offer now, credibly planned within three years, computed by us, or taken back in "
                "the hearing after it was published",
                one_of=("available", "planned", "modelled", "withdrawn"),
            ),
            bool_column("connected", "homes connected (true) or only passed (false)"),
            text_column("source", "which file says so"),
            text_column("as_of", "date of the statement, ISO 8601; may be empty"),
            float_column(
                "error_db",
                "standard deviation of a computed signal; empty where nothing was computed",
                nullable=True,
            ),
        ),
    ),
    Table(
        "evidence",
        "What people measured or answered: speed tests, survey answers, and answers when the county rang.",
        ("evidence_id",),
        "Point",
        (
            text_column("evidence_id", "id from the source, with the name of the source before it"),
            text_column("premises_id", "premises the evidence was matched to"),
            text_column("match", "how it was matched", one_of=("id", "address", "nearest")),
            text_column("kind", "what it is", one_of=("speed_test", "survey", "call")),
            text_column("operator", "operator named; may be empty"),
            text_column("technology", "technology named", one_of=(*TECHNOLOGIES, "")),
            text_column("offer", "answer to «do you have an offer?»", one_of=("yes", "no", "")),
            float_column("down_mbps", "measured downstream speed", nullable=True),
            float_column("up_mbps", "measured upstream speed", nullable=True),
            text_column("link", "how the device was attached", one_of=("cable", "wifi", "")),
            text_column("observed_on", "date, ISO 8601; may be empty"),
        ),
    ),
    Table(
        "roads",
        "Road links between junctions: where a trench can run.",
        ("road_id",),
        "LineString",
        (
            text_column("road_id", "id of the link, stable for unchanged input"),
            int_column("start_junction", "junction at the first vertex"),
            int_column("end_junction", "junction at the last vertex"),
            float_column("length_m", "length of the line"),
            text_column("road_class", "class as the publisher names it, lower case"),
            text_column(
                "surface", "asphalt, gravel or unknown", one_of=("asphalt", "gravel", "unknown")
            ),
            text_column(
                "structure",
                "what carries the link; link = bridges a gap that we proposed",
                one_of=("ground", "bridge", "tunnel", "ferry", "link"),
            ),
            share_column("slope_share", "mean absolute slope along the line", highest=None),
            text_column("ground", "ground class the trench goes through", one_of=GROUND_CLASSES),
        ),
    ),
    Table(
        "sites",
        "Points to extend from: lit fibre, and masts that stand or could stand.",
        ("site_id",),
        "Point",
        (
            text_column("site_id", "id from the source"),
            text_column("kind", "what it is", one_of=("lit_fibre", "mast", "mast_candidate")),
            text_column("name", "name; may be empty"),
            text_column("owner", "owner; may be empty"),
            float_column("height_m", "antenna height above ground; 0 for lit fibre"),
            text_column("bands", "bands in MHz, separated by /; empty for lit fibre"),
            text_column("sectors", "azimuths in degrees, separated by /; empty for lit fibre"),
        ),
    ),
    Table(
        "ducts",
        "Existing ducts and pole lines that a cable can follow.",
        ("duct_id",),
        "LineString",
        (
            text_column("duct_id", "id from the source"),
            text_column("kind", "what it is", one_of=("duct", "pole_line")),
            text_column("owner", "owner; may be empty"),
            float_column("length_m", "length of the line"),
        ),
    ),
    Table(
        "landcover",
        "Land-cover polygons for the ground and the map background.",
        ("landcover_id",),
        "Polygon",
        (
            text_column("landcover_id", "running number as text"),
            text_column("landcover_class", "N50 objtype as published"),
        ),
    ),
    Table(
        "places",
        "Place names for the map.",
        ("place_id",),
        "Point",
        (
            text_column("place_id", "running number as text"),
            text_column("name", "the name"),
            text_column("place_class", "kind of place as published"),
        ),
    ),
    Table(
        "published",
        "Shares of households with an offer, as the regulator publishes them.",
        ("kommune", "down_mbps"),
        "",
        (
            _KOMMUNE,
            float_column("down_mbps", "the speed that the share is of"),
            share_column("served_share", "share of the kommune's households that are offered it"),
        ),
    ),
    Table(
        "excluded",
        "Land that no scheme may help: funded already, or bound by the 5G auction.",
        ("excluded_id",),
        "Polygon",
        (
            text_column("excluded_id", "running number as text"),
            text_column("ground", "why it is taken out", one_of=("funded", "auction_5g")),
        ),
    ),
    Table(
        "set_aside",
        "Every row of the input that was not kept, with the reason.",
        ("set_aside_id",),
        "",
        (
            text_column("set_aside_id", "running number as text"),
            text_column("source", "which source"),
            text_column("file", "file name"),
            int_column("row", "line number in the file, 1 = first line"),
            text_column("column", "column at fault; may be empty"),
            text_column("value", "the value as read"),
            text_column("reason", "what is wrong, in Norwegian"),
            text_column("advice", "what to do, in Norwegian"),
        ),
    ),
)
