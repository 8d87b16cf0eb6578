"""Tables of what a plan consists of."""

from __future__ import annotations

from bredband.tables.model import (
    BILL_ITEMS,
    GROUND_CLASSES,
    METHODS,
    OWNERS,
    TECHNOLOGIES,
    Table,
    bool_column,
    float_column,
    int_column,
    share_column,
    text_column,
)

_KOMMUNE = text_column("kommune", "kommunenummer, four digits as text")
_AREA = text_column("area_id", "deployment area or shared trench")

PLANNED = (
    Table(
        "coverage",
        "The best offer at each premises held against the target.",
        ("premises_id",),
        "",
        (
            text_column("premises_id", "the premises"),
            text_column("operator", "operator of the best offer; empty if none"),
            text_column("technology", "technology of the best offer; empty if none"),
            float_column("down_mbps", "downstream speed of the best offer; 0 if none"),
            float_column("up_mbps", "upstream speed of the best offer; 0 if none"),
            bool_column("served", "the target is met, at the confidence the scenario asks for"),
            share_column("served_probability", "probability that the target is really met"),
            share_column(
                "lacking_share",
                "how much of its households the plan counts as lacking the target: 0 or 1 at "
                "a cut, else the probability",
            ),
            bool_column("planned", "not served today, but commercially planned within three years"),
            bool_column("eligible", "may be helped with a grant"),
            text_column("reason", "why it is counted so, in Norwegian"),
        ),
    ),
    Table(
        "conflicts",
        "Where evidence contradicts what operators claim, the worst first. For the county's own "
        "telephone calls, not for publication: it shows what single homes have answered.",
        ("premises_id",),
        "Point",
        (
            text_column("premises_id", "the premises"),
            text_column("address", "full address text"),
            _KOMMUNE,
            text_column("offer", "what is claimed, in words; empty if nothing"),
            int_column("households", "households at the premises"),
            share_column("served_probability", "probability that the target is really met"),
            float_column("wrong_households", "households that the claims probably place wrongly"),
            text_column("reason", "what contradicts what, a sentence in Norwegian"),
        ),
    ),
    Table(
        "lacking_draws",
        "What truly lacks in each area, in each drawn version of the truth; empty unless the "
        "plan is made on draws. The mean over the draws is what the area counts in the plan.",
        ("draw", "area_id"),
        "",
        (
            int_column("draw", "number of the version, from 0"),
            text_column("area_id", "deployment area"),
            int_column("lacking_households", "households that truly lack the target"),
            float_column("lacking_weighted_households", "the same, by the scenario's priorities"),
        ),
    ),
    Table(
        "signal",
        "What the best mast gives each premises by radio, computed over the terrain.",
        ("premises_id",),
        "",
        (
            text_column("premises_id", "the premises"),
            text_column("operator", "owner of the mast; empty if no signal is computed"),
            text_column("site_id", "the mast; empty if none"),
            text_column("sector_id", "mast, band and azimuth; empty if none"),
            text_column("band", "the scenario's name of the band; empty if none"),
            float_column("distance_m", "distance to the mast", nullable=True),
            float_column("rsrp_dbm", "reference signal outdoors", nullable=True, lowest=None),
            float_column(
                "sinr_db", "signal over interference and noise", nullable=True, lowest=None
            ),
            float_column("margin_db", "signal above the threshold", nullable=True, lowest=None),
            float_column("sigma_db", "standard deviation of the model", nullable=True),
            float_column("down_mbps", "peak speed of one customer alone", nullable=True),
            float_column("up_mbps", "peak speed up", nullable=True),
            float_column("stable_mbps", "speed at the busy hour; 0 if not served"),
            bool_column("line_of_sight", "nothing on the terrain reaches the ray"),
            share_column("void_share", "share of the path without known terrain", nullable=True),
            bool_column("served", "a sector has signal and time for it"),
            text_column(
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
            text_column("site_id", "id from the source, or a running number for a proposal"),
            text_column("kind", "what it is", one_of=("mast", "mast_candidate")),
            text_column("name", "name; empty for a proposal"),
            float_column("height_m", "antenna height above ground"),
            float_column(
                "road_m", "distance to the nearest road; null if from a source", nullable=True
            ),
            float_column(
                "power_m", "distance to the nearest premises; null if from a source", nullable=True
            ),
            int_column("premises", "unserved premises that would meet the target"),
            int_column("households", "unserved households that would meet the target"),
            int_column("capex_nok", "build price: a new mast, or equipment on one that stands"),
            int_column("yearly_opex_nok", "running costs for a year"),
            bool_column(
                "chosen", "among the masts that reach most households for the scenario's money"
            ),
        ),
    ),
    Table(
        "connections",
        "How each unserved premises would be connected.",
        ("premises_id",),
        "",
        (
            text_column("premises_id", "the premises"),
            text_column("area_id", "deployment area; empty if not reached"),
            text_column(
                "route_id", "trench link at whose far end the drop starts; empty if not reached"
            ),
            float_column("drop_m", "length from the road to the wall; 0 if not reached"),
            int_column("drop_nok", "price of the drop, with terminal; 0 if not reached"),
            float_column(
                "weighted_households",
                "what the premises counts in the plan: households by the scenario's priorities, "
                "times how much of them lacks",
            ),
            text_column("reason", "why it is not reached, in Norwegian; empty if reached"),
        ),
    ),
    Table(
        "routes",
        "The trench tree, link by link: each belongs to one area or shared trench.",
        ("route_id",),
        "LineString",
        (
            text_column("route_id", "id of the trench link"),
            text_column("upstream_route", "next link towards lit fibre; empty at lit fibre"),
            _AREA,
            text_column("ground", "ground class", one_of=GROUND_CLASSES),
            text_column("structure", "what carries the link"),
            text_column("method", "how it is built", one_of=("", *METHODS)),
            text_column("road_owner", "who owns the road; empty away from roads", one_of=OWNERS),
            float_column("length_m", "length"),
            int_column("trench_nok", "price of the link"),
            int_column("surcharge_nok", "of it: slope, frost and distance"),
            int_column("fee_nok", "of it: fee to the owner of the road"),
            int_column("landfall_nok", "of it: landfalls of a subsea cable"),
        ),
    ),
    Table(
        "drops",
        "The line from the trench to the wall of every premises that is reached.",
        ("premises_id",),
        "LineString",
        (
            text_column("premises_id", "the premises"),
            _AREA,
            text_column("route_id", "trench link at whose far end the drop starts"),
            text_column(
                "crosses",
                "owner of the road that it crosses, private for gravel; empty if none",
                one_of=OWNERS,
            ),
            float_column("length_m", "length"),
            float_column("wet_m", "length through water"),
        ),
    ),
    Table(
        "cabinets",
        "Cabinets, each on the trench in the middle of the premises that it serves.",
        ("cabinet_id",),
        "Point",
        (
            text_column("cabinet_id", "the area with a number"),
            _AREA,
            text_column("route_id", "trench link at whose far end it stands"),
            int_column("premises", "premises that it serves"),
        ),
    ),
    Table(
        "areas",
        "Deployment areas, and the trench that several of them share.",
        ("area_id",),
        "Polygon",
        (
            _AREA,
            text_column(
                "kind", "deployment area, or trench shared by several", one_of=("area", "feeder")
            ),
            text_column("name", "name from the place or street"),
            _KOMMUNE,
            text_column("feeder_area", "area_id that must be built first; empty if at lit fibre"),
            int_column("premises", "premises that get an offer"),
            int_column("households", "households that get an offer"),
            float_column("weighted_households", "households weighted by the scenario's priorities"),
            text_column(
                "technology", "cheapest technology that meets the target", one_of=TECHNOLOGIES
            ),
            float_column("trench_m", "length of trench"),
            int_column("capex_nok", "build price"),
            int_column("operator_nok", "the operator's own contribution"),
            int_column("local_nok", "contribution of kommune, county and residents"),
            int_column("grant_nok", "state grant needed: what is left"),
        ),
    ),
    Table(
        "bills",
        "The bill of quantities: the lines of an area sum to its capex to the krone.",
        ("area_id", "item", "ground", "method", "road_owner"),
        "",
        (
            _AREA,
            text_column("item", "what is paid for", one_of=BILL_ITEMS),
            text_column("ground", "ground class of trench; empty for other items"),
            text_column("method", "method of trench; empty for other items"),
            text_column("road_owner", "owner of the road, for fees and crossings; else empty"),
            float_column("length_m", "metres; 0 for what is counted"),
            int_column("count", "pieces; 0 for what is measured"),
            int_column("low_nok", "amount with every price of the line at its low end"),
            int_column("likely_nok", "amount that the plan reckons with"),
            int_column("high_nok", "amount with every price of the line at its high end"),
        ),
    ),
    Table(
        "alternatives",
        "Fibre, radio or both in every deployment area, each as if it were alone.",
        ("area_id", "alternative"),
        "",
        (
            _AREA,
            text_column(
                "alternative", "how the area is served", one_of=("fibre", "radio", "hybrid")
            ),
            int_column("premises", "premises that get an offer"),
            int_column("left_premises", "premises of the area that get none"),
            int_column("households", "households that get an offer"),
            float_column("weighted_households", "the same weighted by the scenario's priorities"),
            int_column("fibre_premises", "of the premises: by fibre"),
            int_column("radio_premises", "of the premises: by radio"),
            text_column("masts", "masts used, separated by /; each is paid in full here"),
            text_column("feeder_area", "shared trench that its fibre hangs on, or empty"),
            float_column("trench_m", "own trench that is dug"),
            int_column("capex_nok", "build price, without shared trench"),
            int_column("shared_capex_nok", "price of all shared trench that it hangs on"),
            int_column("yearly_opex_nok", "running costs for a year"),
            int_column("operator_nok", "the operator's own contribution"),
            int_column("local_nok", "contribution of kommune, county and residents"),
            int_column("grant_nok", "state grant needed: what is left"),
        ),
    ),
    Table(
        "schedule",
        "What is built and when. Areas that are not built are not here.",
        ("area_id",),
        "Polygon",
        (
            _AREA,
            int_column("build_year", "year in which the area is built"),
            text_column("technology", "technology that is built", one_of=TECHNOLOGIES),
            int_column("grant_nok", "state grant paid in the build year"),
        ),
    ),
)
