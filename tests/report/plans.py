"""A small synthetic plan, large enough to look at and small enough to be made in a second."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband import tables
from bredband.plan import Plan, Proof
from bredband.scenario import Scenario

CRS = "EPSG:25833"
HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "Kárášjohka – Ŧŋđ 🏔",
    "@SUM(1+1)",
    "-2+3",
    "+47 12345678",
    '\tinnrykk & «sitat» "to"',
)
PROVENANCE = {
    "files": [
        {
            "source": "addresses",
            "file": "matrikkelenAdresse.csv",
            "sha256": "0" * 64,
            "size_bytes": 123456,
            "publisher": "Kartverket",
            "licence": "CC BY 4.0",
            "date": "2026-10-01",
        },
        {
            "source": "operators",
            "file": "dekning_2026.csv",
            "sha256": "f" * 64,
            "size_bytes": 65432,
            "publisher": "Tilbyderne",
            "licence": "",
            "date": "",
        },
    ],
    "rows": {"addresses": {"rows_in": 612, "kept": 600, "set_aside": 12}},
}


def scenario(**changes: object) -> Scenario:
    values: dict[str, object] = {
        "name": "Bredbånd i Fjordfylke",
        "county": "Fjordfylke",
        "synthetic": True,
        "synthetic_note": "Adresser, dekning og veger er laget for prøver.",
        "sources": {"addresses": ["a.csv"], "borders": ["b.geojson"]},
        "rollout": {"first_year": 2027, "annual_grant_nok": [4e6, 4e6, 4e6, 4e6]},
        "output": {"organisation": "Fjordfylke fylkeskommune", "date": "2026-11-23"},
    }
    return Scenario.model_validate({**values, **changes})


def make_plan(*, hostile: bool = False, seed: int = 7, **changes: object) -> Plan:
    """Make a plan of three kommuner, about 20 areas, one shared feeder and four years."""
    rng = np.random.default_rng(seed)
    kommuner = _kommuner()
    names = [
        "Nordvika",
        "Storhaug",
        "Fjellgrenda",
        "Sørneset",
        "Myrdalen",
        "Ytre Bygd",
        "Åsen",
        "Lia",
    ]
    areas, premises, connections, routes = [], [], [], []
    for number in range(20):
        kommune = kommuner.iloc[number % 3]
        box = kommune.geometry.bounds
        centre = np.array(
            [rng.uniform(box[0] + 3000, box[2] - 3000), rng.uniform(box[1] + 3000, box[3] - 3000)]
        )
        area = f"A{number:03d}"
        feeder = number == 4
        count = 0 if feeder else int(rng.integers(8, 30))
        points = centre + rng.normal(0, 500, (max(count, 4), 2))
        homes = rng.integers(1, 3, count)
        for i in range(count):
            premises.append((f"{area}-{i}", kommune.kommune, homes[i], points[i], False, True))
            connections.append(
                (f"{area}-{i}", area, f"R{number}", 40.0, 18_000, float(homes[i]), "")
            )
        ground = ["soft", "verge", "forest", "rock"][number % 4]
        length = float(rng.integers(800, 6000))
        trench = round(length * 420)
        routes.append(
            (
                f"R{number}",
                area,
                ground,
                length,
                trench,
                np.array([centre, centre + np.array([length, 0])]),
            )
        )
        capex = trench + count * 18_000 + (80_000 if count else 0)
        operator = min(int(homes.sum()) * 30_000, capex)
        areas.append(
            {
                "area_id": area,
                "kind": "feeder" if feeder else "area",
                "name": HOSTILE[number]
                if hostile and number < len(HOSTILE)
                else f"{names[number % 8]} {number + 1}",
                "kommune": kommune.kommune,
                "feeder_area": "A004" if number in (7, 10) else "",
                "premises": count,
                "households": int(homes.sum()),
                "weighted_households": float(homes.sum()),
                "technology": "fwa" if number == 11 else "fibre",
                "trench_m": length,
                "capex_nok": capex,
                "operator_nok": operator,
                "local_nok": 0,
                "grant_nok": capex - operator,
                "geometry": shapely.MultiPoint(points).convex_hull.buffer(300),
            }
        )
    for index in range(300):
        kommune = kommuner.iloc[index % 3]
        point = np.array(shapely.centroid(kommune.geometry).coords[0]) + rng.normal(0, 2500, 2)
        premises.append((f"S-{index}", kommune.kommune, 2, point, index % 25 != 0, index % 4 == 0))
        if index % 25 == 0 and index % 50:
            connections.append(
                (f"S-{index}", "", "", 0.0, 0, 1.0, "Over 1000 meter fra nærmeste veg.")
            )
    return Plan(
        scenario=scenario(**changes),
        kommuner=kommuner,
        premises=_premises(premises, hostile=hostile),
        coverage=_coverage(premises),
        connections=pd.DataFrame(connections, columns=tables.TABLES["connections"].column_names),
        routes=_routes(routes),
        areas=(frame := gpd.GeoDataFrame(areas, crs=CRS)),
        schedule=_schedule(frame),
        bills=_bills(frame, routes),
        proofs=(
            Proof(
                "vektede husstandsår",
                "optimal",
                812.0,
                812.4,
                0.0005,
                "HiGHS",
                "rollout",
            ),
            Proof(
                "grøft i nettet, kroner", "feasible", 4.2e7, 4.1e7, 0.024, "dual ascent", "network"
            ),
        ),
    )


def _bills(areas: gpd.GeoDataFrame, routes: list[tuple]) -> pd.DataFrame:
    ground = {row[1]: (row[2], row[3], row[4]) for row in routes}
    lines = []
    for area, count in zip(areas["area_id"], areas["premises"].tolist(), strict=True):
        of_trench, length_m, trench_nok = ground[area]
        lines.append((area, "trench", of_trench, "trench", length_m, 0, trench_nok))
        if count:
            lines += [
                (area, "drop", "", "", 40.0 * count, 0, 6_000 * count),
                (area, "connection", "", "", 0.0, count, 12_000 * count),
                (area, "cabinet", "", "", 0.0, 1, 80_000),
            ]
    keys = ["area_id", "item", "ground", "method", "length_m", "count", "likely_nok"]
    bills = pd.DataFrame(lines, columns=keys)
    low, high = (bills["likely_nok"] * 0.7).astype(int), (bills["likely_nok"] * 1.5).astype(int)
    bills = bills.assign(road_owner="", low_nok=low, high_nok=high)
    return bills[tables.TABLES["bills"].column_names]


def _kommuner() -> gpd.GeoDataFrame:
    split = [0.0, 14_000.0, 26_000.0, 40_000.0]
    shapes = [
        shapely.Polygon(
            [(a, 0), (b, 0), (b + 900, 9_000), (b, 20_000), (a, 20_000), (a + 900 * (a > 0), 9_000)]
        )
        for a, b in itertools.pairwise(split)
    ]
    shapes = [shapely.affinity.translate(shape, 200_000, 6_700_000) for shape in shapes]
    return gpd.GeoDataFrame(
        {"kommune": ["9901", "9902", "9903"], "name": ["Ytrefjord", "Midtbygd", "Innmark"]},
        geometry=shapes,
        crs=CRS,
    )


def _premises(rows: list[tuple], *, hostile: bool) -> gpd.GeoDataFrame:
    count = len(rows)
    street = [HOSTILE[i % len(HOSTILE)] if hostile else "Storgata" for i in range(count)]
    return gpd.GeoDataFrame(
        {
            "premises_id": [row[0] for row in rows],
            "street": street,
            "house_number": [str(i + 1) + ("B" if i % 9 == 0 else "") for i in range(count)],
            "address": [f"{name} {i + 1}" for i, name in enumerate(street)],
            "postcode": "0999",
            "postplace": "FJORD",
            "kommune": [row[1] for row in rows],
            "grunnkrets": "",
            "tettsted": ["" if row[5] else "9001" for row in rows],
            "rural": [row[5] for row in rows],
            "cadastre": [f"{i % 90 + 1}/{i % 7 + 1}/0" for i in range(count)],
            "kind": "dwelling",
            "households": [int(row[2]) for row in rows],
            "households_rule": "anslag",
            "priority_weight": 1.0,
            "access_x_m": np.nan,
            "access_y_m": np.nan,
        },
        geometry=gpd.points_from_xy([row[3][0] for row in rows], [row[3][1] for row in rows]),
        crs=CRS,
    )


def _coverage(rows: list[tuple]) -> pd.DataFrame:
    served = np.array([row[4] for row in rows])
    planned = ~served & np.array(
        [row[0].startswith("S-") and int(row[0][2:]) % 50 == 0 for row in rows]
    )
    count = len(rows)
    slow = np.where(np.arange(count) % 3 == 0, 20.0, 50.0)
    return pd.DataFrame(
        {
            "premises_id": [row[0] for row in rows],
            "operator": "Fjordnett",
            "technology": np.where(served, "fibre", "dsl"),
            "down_mbps": np.where(served, 1000.0, slow),
            "up_mbps": np.where(served, 1000.0, 5.0),
            "served": served,
            "served_probability": served.astype(float),
            "lacking_share": (~served).astype(float),
            "planned": planned,
            "eligible": ~served & ~planned,
            "reason": "Laget for prøven.",
        }
    )


def _routes(rows: list[tuple]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "route_id": [row[0] for row in rows],
            "upstream_route": "",
            "area_id": [row[1] for row in rows],
            "ground": [row[2] for row in rows],
            "structure": "ground",
            "method": "trench",
            "road_owner": "municipal",
            "length_m": [row[3] for row in rows],
            "trench_nok": [row[4] for row in rows],
            "surcharge_nok": 0,
            "fee_nok": 0,
            "landfall_nok": 0,
        },
        geometry=[shapely.LineString(row[5]) for row in rows],
        crs=CRS,
    )


def _schedule(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Build the cheapest per household first, four million a year, the feeder in the first year."""
    per_household = areas["grant_nok"] / areas["households"].clip(lower=1)
    order = areas.assign(rank=per_household.where(areas["kind"] == "area", -1)).sort_values("rank")
    spent, rows = 0, []
    for _, area in order.iterrows():
        spent += area["grant_nok"]
        year = 2027 + int((spent - 1) // 4_000_000) if spent else 2027
        if year > 2030:
            break
        rows.append(
            (area["area_id"], year, area["technology"], area["grant_nok"], area["geometry"])
        )
    columns = ["area_id", "build_year", "technology", "grant_nok", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=CRS)
