"""A made-up county of any size, for the tests and the bench of the map.

Nothing here is planned: areas, money and years are drawn from a fixed seed so that the
map has something of every kind to show.
"""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband import tables
from bredband.grid import WORKING_CRS, Raster
from bredband.maps import Background
from bredband.plan import Plan, Proof
from bredband.radio import SignalMap
from bredband.scenario import Scenario

WEST_M, SOUTH_M = 80_000.0, 6_700_000.0
YEARS = 6
HOSTILE = "<script>alert(1)</script>\"'&=cmd|' /C calc'!A0 ../ 🦌 Guovdageaidnu Čáhppesjávri"


def example_plan(
    premises: int = 600, areas: int = 24, *, language: str = "nb", seed: int = 1, hostile: str = ""
) -> Plan:
    """Make a plan with premises, areas, trenches and a schedule."""
    rng = np.random.default_rng(seed)
    side_m = 30_000 * np.sqrt(max(premises, 2_000) / 12_000)
    kommuner = _kommuner(side_m, hostile)
    points = _premises(rng, premises, side_m, hostile)
    area_of, centres = _areas_of(rng, points, areas)
    coverage = _coverage(rng, points, area_of)
    served = coverage["served"].to_numpy()
    area_of = np.where(served, -1, area_of)
    connections = pd.DataFrame(
        {
            "premises_id": points["premises_id"],
            "area_id": pd.Series([f"A{i:04d}" if i >= 0 else "" for i in area_of], dtype="str"),
            "drop_m": 20.0,
            "drop_nok": 15_000,
            "weighted_households": 1.0,
            "reason": pd.Series(
                np.where((area_of < 0) & ~served, "for langt fra veg (over 1000 m)", ""),
                dtype="str",
            ),
        }
    )[~served]
    frame, routes = _areas(rng, points, area_of, centres, hostile)
    scenario = _scenario(frame, language)
    schedule = _schedule(frame, scenario)
    plan = Plan(
        scenario,
        kommuner,
        points,
        coverage,
        _filled(connections.reset_index(drop=True), "connections"),
        _filled(routes, "routes"),
        _filled(frame, "areas"),
        schedule,
        (
            Proof("grøftemeter", "feasible", 5.2e7, 5.1e7, 0.019, "bredband", "network"),
            Proof("utbyggingsplan", "optimal", 1000.0, 1001.0, 0.001, "HiGHS", "rollout"),
        ),
        conflicts=_conflicts(points),
    )
    for name in (
        "kommuner",
        "premises",
        "coverage",
        "connections",
        "routes",
        "areas",
        "schedule",
        "conflicts",
    ):
        tables.check(getattr(plan, name), name)
    return plan


def example_background(plan: Plan, *, cell_m: float = 50.0) -> Background:
    """Make hills, a fjord, lakes, roads, names and masts under an example plan."""
    west, south, east, north = plan.kommuner.total_bounds
    columns, rows = int((east - west) / cell_m), int((north - south) / cell_m)
    x = np.linspace(0, 1, columns)[None, :]
    y = np.linspace(1, 0, rows)[:, None]
    heights = 420 * np.sin(7 * x + 3 * y) * np.cos(5 * y - 2 * x) + 60 * np.sin(31 * x + 23 * y)
    heights = heights + 30 * np.cos(67 * x - 41 * y) + 230 + 200 * y
    sea = heights < 0
    raster = Raster(
        np.where(sea, 0, heights).astype(np.float32), float(west), float(north), cell_m, sea
    )
    rng = np.random.default_rng(5)
    lakes = [
        shapely.Point(west + a * (east - west), south + b * (north - south)).buffer(r)
        for a, b, r in zip(rng.random(9), rng.random(9), 200 + 900 * rng.random(9), strict=True)
    ]
    landcover = gpd.GeoDataFrame(
        {
            "landcover_id": pd.Series([str(i) for i in range(9)], dtype="str"),
            "landcover_class": pd.Series(["Innsjø"] * 9, dtype="str"),
        },
        geometry=lakes,
        crs=WORKING_CRS,
    )
    streets = plan.premises[plan.premises["street"] != ""].groupby("street")
    lines = [shapely.LineString(group.geometry.tolist()) for _, group in streets if len(group) > 1]
    count = len(lines)
    roads = gpd.GeoDataFrame(
        {
            "road_id": pd.Series([f"r{i}" for i in range(count)], dtype="str"),
            "start_junction": np.arange(count),
            "end_junction": np.arange(count) + 1,
            "length_m": [line.length for line in lines],
            "road_class": pd.Series(["fylkesveg"] * count, dtype="str"),
            "surface": pd.Series(["asphalt"] * count, dtype="str"),
            "structure": pd.Series(["ground"] * count, dtype="str"),
            "slope_share": 0.02,
            "ground": pd.Series(["verge"] * count, dtype="str"),
        },
        geometry=lines,
        crs=WORKING_CRS,
    )
    names = ["Storvika", "Øvre Sjåfjell", "Guovdageaidnu", "Nesset", "Lia", "Åsen"]
    spots = shapely.points(
        west + rng.random(6) * (east - west), south + rng.random(6) * (north - south)
    )
    places = gpd.GeoDataFrame(
        {
            "place_id": pd.Series([str(i) for i in range(6)], dtype="str"),
            "name": pd.Series(names, dtype="str"),
            "place_class": pd.Series(["by", *["bygd"] * 5], dtype="str"),
        },
        geometry=spots,
        crs=WORKING_CRS,
    )
    return Background(raster, landcover, roads, places)


def example_signal(terrain: Raster) -> SignalMap:
    """Synthetic: two masts, each strong on its half, and no answer in the north."""
    rows, columns = terrain.heights_m.shape
    rsrp = np.tile(np.linspace(-65.0, -115.0, columns, dtype=np.float32), (rows, 1))
    best = np.tile((np.arange(columns) >= columns // 2).astype(np.int16), (rows, 1))
    rsrp[: rows // 4], best[: rows // 4] = np.nan, -1
    return SignalMap(rsrp, best, ("m1", "m2"), terrain.west_m, terrain.north_m, terrain.cell_m)


def _filled(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Add the columns that the map does not read, with plain values."""
    plain = {"text": "", "int": 0, "float": 0.0, "bool": False}
    frame = frame.copy()
    for column in tables.TABLES[name].columns:
        if column.name not in frame.columns:
            frame[column.name] = plain[column.kind]
    return frame


def in_one_kommune(plan: Plan) -> Plan:
    """Make the three kommuner of a plan one, «Midtdal»."""
    whole = plan.kommuner.iloc[[1]].set_geometry([plan.kommuner.union_all()], crs=WORKING_CRS)
    number = whole["kommune"].iloc[0]
    return dataclasses.replace(
        plan,
        kommuner=whole.reset_index(drop=True),
        premises=plan.premises.assign(kommune=number),
        areas=plan.areas.assign(kommune=number),
    )


def _kommuner(side_m: float, hostile: str) -> gpd.GeoDataFrame:
    edge = WEST_M + side_m * np.array([0, 0.34, 0.7, 1.0])
    wave = [(0.05 * side_m * np.sin(9 * t), t) for t in np.linspace(0, 1, 60)]
    borders = [[(x + w, SOUTH_M + t * side_m) for w, t in wave] for x in edge]
    shapes = [
        shapely.Polygon([*borders[i], *reversed(borders[i + 1])]) for i in range(len(edge) - 1)
    ]
    return gpd.GeoDataFrame(
        {
            "kommune": pd.Series(["9901", "9902", "9903"], dtype="str"),
            "name": pd.Series([hostile or "Vestvik", "Midtdal", "Østfjell"], dtype="str"),
        },
        geometry=shapes,
        crs=WORKING_CRS,
    )


def _premises(
    rng: np.random.Generator, count: int, side_m: float, hostile: str
) -> gpd.GeoDataFrame:
    per_street = 30
    streets = max(count // per_street, 1)
    towns = rng.random((4, 2)) * 0.7 + 0.15
    start = np.where(
        rng.random((streets, 1)) < 0.5,
        towns[rng.integers(0, 4, streets)] + rng.normal(0, 0.025, (streets, 2)),
        rng.random((streets, 2)) * 0.84 + 0.08,
    )
    heading = rng.random(streets) * 2 * np.pi
    street = np.minimum(np.arange(count) // per_street, streets - 1)
    number = np.arange(count) - street * per_street
    along = number * 60.0
    bend = heading[street] + number * 0.03
    x = WEST_M + start[street, 0] * side_m + along * np.cos(bend) + rng.normal(0, 12, count)
    y = SOUTH_M + start[street, 1] * side_m + along * np.sin(bend) + rng.normal(0, 12, count)
    parts = (
        [
            "Bjørke",
            "Fjell",
            "Sjø",
            "Gran",
            "Nes",
            "Vik",
            "Myr",
            "Skule",
            "Kyrkje",
            "Elve",
            "Furu",
            "Dal",
            "Hauge",
            "Lyng",
            "Rogne",
            "Selje",
        ],
        ["vegen", "gata", "lia", "stien", "bakken", "svingen", "tunet", "åsen", "haugen", "moen"],
        ["", "Øvre ", "Nedre ", "Nordre ", "Søre ", "Ytre ", "Indre ", "Gamle ", "Nye ", "Store "],
    )
    combinations = [third + a + b for third in parts[2] for a in parts[0] for b in parts[1]]
    names = [
        f"{combinations[i % 1600]}{'' if i < 1600 else ' ' + 'ABC'[i // 1600]}"
        for i in range(streets)
    ]
    if hostile:
        names[0] = hostile
    names_of = pd.Series(names, dtype="str").take(street).reset_index(drop=True)
    numbers = pd.Series((number + 1).astype(str), dtype="str")
    share = (x - WEST_M) / side_m
    kommune = pd.Series(np.where(share < 0.34, "9901", np.where(share < 0.7, "9902", "9903")))
    kind = rng.choice(tables.PREMISES_KINDS, count, p=(0.85, 0.05, 0.01, 0.09))
    blank = pd.Series([""] * count, dtype="str")
    return gpd.GeoDataFrame(
        {
            "premises_id": pd.Series(np.arange(100_000, 100_000 + count).astype(str), dtype="str"),
            "street": names_of,
            "house_number": numbers,
            "address": names_of + " " + numbers,
            "postcode": pd.Series(["9990"] * count, dtype="str"),
            "postplace": pd.Series(["VIKA"] * count, dtype="str"),
            "kommune": kommune.astype("str"),
            "grunnkrets": blank,
            "tettsted": blank,
            "rural": True,
            "cadastre": blank,
            "kind": pd.Series(kind, dtype="str"),
            "households": np.where(kind == "dwelling", rng.choice((1, 1, 1, 2), count), 0),
            "households_rule": pd.Series(["kind"] * count, dtype="str"),
            "priority_weight": 1.0,
            "access_x_m": np.nan,
            "access_y_m": np.nan,
        },
        geometry=shapely.points(x, y),
        crs=WORKING_CRS,
    )


def _areas_of(
    rng: np.random.Generator, points: gpd.GeoDataFrame, areas: int
) -> tuple[np.ndarray, np.ndarray]:
    xy = shapely.get_coordinates(points.geometry.to_numpy())
    centres = xy[rng.choice(len(xy), areas, replace=False)]
    distance = np.full(len(xy), np.inf)
    nearest = np.zeros(len(xy), dtype=np.int64)
    for i, centre in enumerate(centres):
        d = np.hypot(*(xy - centre).T)
        nearest[d < distance] = i
        distance = np.minimum(distance, d)
    nearest[distance > np.quantile(distance, 0.97)] = -1
    return nearest, centres


def _coverage(
    rng: np.random.Generator, points: gpd.GeoDataFrame, area_of: np.ndarray
) -> pd.DataFrame:
    count = len(points)
    level = rng.random(int(area_of.max()) + 2)[area_of]
    chance = np.clip(level * 0.9 + rng.normal(0, 0.15, count), 0, 1)
    speed = np.select([chance > 0.42, chance > 0.32, chance > 0.2], [1000.0, 250.0, 50.0], 10.0)
    served = speed >= 1000
    return pd.DataFrame(
        {
            "premises_id": points["premises_id"],
            "operator": pd.Series(["Nordnett"] * count, dtype="str"),
            "technology": pd.Series(np.where(served, "fibre", "dsl"), dtype="str"),
            "down_mbps": speed,
            "up_mbps": speed / 2,
            "served": served,
            "served_probability": np.where(served, 0.95, 0.02),
            "lacking_share": np.where(served, 0.0, 1.0),
            "planned": False,
            "eligible": ~served,
            "reason": pd.Series(
                np.where(served, "tilbud om fiber", "ingen tilbud som når målet"), dtype="str"
            ),
        }
    )


def _conflicts(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Let every hundredth home say otherwise than its operator."""
    homes = points[points["households"] > 0].iloc[::100].reset_index(drop=True)
    columns = ["premises_id", "address", "kommune", "households", "geometry"]
    frame = homes[columns].assign(
        offer="Nordnett fiber",
        served_probability=0.21,
        wrong_households=0.79 * homes["households"],
        reason=[
            f"Tilbudet er motsagt av 1 svar i {a}; sannsynligheten for dekning er 21 %."
            for a in homes["address"]
        ],
    )
    return gpd.GeoDataFrame(
        frame[[*columns[:3], "offer", "households", *frame.columns[6:], "geometry"]]
    )


def _areas(
    rng: np.random.Generator,
    points: gpd.GeoDataFrame,
    area_of: np.ndarray,
    centres: np.ndarray,
    hostile: str,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    xy = shapely.get_coordinates(points.geometry.to_numpy())
    rows, shapes, routes = [], [], []
    for i in sorted(set(area_of) - {-1}):
        members = np.flatnonzero(area_of == i)
        here = xy[members]
        line = _walk(centres[i], here)
        shapes.append(shapely.buffer(shapely.simplify(line, 60), 140, quad_segs=3))
        households = int(points["households"].to_numpy()[members].sum())
        trench_m = float(line.length)
        capex = int(trench_m * rng.uniform(120, 420) + 12_000 * len(members))
        operator = min(capex, 30_000 * households)
        technology = {3: "fwa", 5: "hybrid"}.get(i % 7, "fibre")
        name = hostile if hostile and not rows else f"{points['street'].iloc[members[0]]} {i}"
        rows.append(
            {
                "area_id": f"A{i:04d}",
                "kind": "area",
                "name": name,
                "kommune": points["kommune"].iloc[members[0]],
                "feeder_area": "F0001" if i % 3 == 0 else "",
                "premises": len(members),
                "households": households,
                "weighted_households": float(households),
                "technology": technology,
                "trench_m": trench_m,
                "capex_nok": capex,
                "operator_nok": operator,
                "local_nok": 0,
                "grant_nok": capex - operator,
            }
        )
        routes.append(
            (
                f"A{i:04d}",
                {2: "water", 3: "pole_line"}.get(i % 5, "verge"),
                "ground",
                trench_m,
                capex // 2,
                line,
            )
        )
    feeder = shapely.LineString(centres[: min(4, len(centres))])
    rows.append(
        {
            "area_id": "F0001", "kind": "feeder", "name": "Felles grøft Vika", "kommune": "9901",
            "feeder_area": "", "premises": 0, "households": 0, "weighted_households": 0.0,
            "technology": "fibre", "trench_m": float(feeder.length), "capex_nok": 200_000,
            "operator_nok": 0, "local_nok": 0, "grant_nok": 200_000,
        }
    )  # fmt: skip
    shapes.append(feeder.buffer(40))
    routes.append(("F0001", "asphalt", "ground", float(feeder.length), 200_000, feeder))
    rows.append({**rows[-1], "area_id": "M0001", "kind": "mast", "name": "Mast Vikaåsen",
                 "technology": "fwa", "trench_m": 0.0})  # fmt: skip
    shapes.append(shapely.Point(centres[0] + 900.0).buffer(50.0))
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=WORKING_CRS)
    names = ["area_id", "ground", "structure", "length_m", "trench_nok", "geometry"]
    lines = gpd.GeoDataFrame(pd.DataFrame(routes, columns=names), crs=WORKING_CRS)
    lines.insert(0, "route_id", [f"t{i}" for i in range(len(lines))])
    return frame, lines


def _walk(start: np.ndarray, points: np.ndarray) -> shapely.LineString:
    """Go from point to nearest point: something that looks like a trench."""
    left = list(range(len(points)))
    path = [start]
    while left:
        distances = np.hypot(*(points[left] - path[-1]).T)
        path.append(points[left.pop(int(distances.argmin()))])
    return shapely.LineString(np.array(path))


def _scenario(areas: gpd.GeoDataFrame, language: str) -> Scenario:
    total = float(areas["grant_nok"].sum())
    return Scenario.model_validate(
        {
            "name": "Grunnscenario",
            "county": "Eksempelfylket",
            "synthetic": True,
            "synthetic_note": "Alle adresser, tilbud, veger og priser er laget av et skript.",
            "sources": {"addresses": ["adresser.csv"], "borders": ["grenser.geojson"]},
            "publishers": {
                "addresses": {"name": "Kartverket", "licence": "CC BY 4.0", "date": "2026-10-01"}
            },
            "rollout": {"first_year": 2027, "annual_grant_nok": [0.14 * total] * YEARS},
            "output": {
                "language": language,
                "title": "Bredbåndsplan for Eksempelfylket 2027–2032",
                "organisation": "Eksempel fylkeskommune",
            },
        }
    )


def _schedule(areas: gpd.GeoDataFrame, scenario: Scenario) -> gpd.GeoDataFrame:
    frame = areas.copy()
    per_household = frame["grant_nok"] / frame["households"].clip(lower=1)
    frame["order"] = np.where(frame["kind"] == "area", per_household, -1)
    frame = frame.sort_values("order")
    budget = scenario.rollout.annual_grant_nok[0]
    frame["build_year"] = 2027 + (frame["grant_nok"].cumsum() // budget).astype("int64")
    frame = frame[frame["build_year"] < 2027 + YEARS].sort_index()
    columns = ["area_id", "build_year", "technology", "grant_nok", "geometry"]
    return gpd.GeoDataFrame(frame[columns], crs=areas.crs).reset_index(drop=True)
