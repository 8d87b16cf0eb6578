"""Write the files of the demo county as their publishers would deliver them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import rasterio
import shapely
import shapely.ops
from affine import Affine
from numpy.typing import NDArray
from pyproj import Transformer
from scipy import ndimage
from shapely.geometry import LineString

from . import coverage
from .network import COLS, ROWS, Ground, Network, river_beds, xy_cell
from .place import EPSG, HAMLETS, KOMMUNER, SETTLEMENTS, SOUTH_M, WEST_M, Kommune
from .shapes import polygons, write_geojson
from .terrain import River, Terrain

NODATA = -32767.0
TILE_PX, OVERLAP_PX = 1000, 51
SHIFTED_TILE = (1, 1)
"""Row and column (from the south-west) of the tile that lies half a pixel to the east."""
VOID_PX = (slice(2600, 2630), slice(3300, 3340))
"""Rows from the south and columns that were never measured: they lie outside the county."""


def write_csv(path: Path, table: pd.DataFrame, encoding: str = "utf-8-sig") -> None:
    """Write a table with semicolons and CRLF, as Norwegian offices do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = table.to_csv(index=False, sep=";", lineterminator="\r\n")
    path.write_bytes(text.encode(encoding, errors="replace"))  # cp1252 has no Č: publishers write ?


# --- terrain ----------------------------------------------------------------------------


def write_terrain(folder: Path, terrain: Terrain) -> None:
    """Cut the heights into DTM10 tiles that overlap by 51 pixels; the edge tiles are short."""
    folder.mkdir(parents=True, exist_ok=True)
    height = terrain.height_m.copy()
    height[VOID_PX] = NODATA
    rows, cols = height.shape
    for r, south in enumerate(range(0, rows, TILE_PX)):
        for c, west in enumerate(range(0, cols, TILE_PX)):
            part = height[south : south + TILE_PX + OVERLAP_PX, west : west + TILE_PX + OVERLAP_PX]
            shift_m = 0.0
            if (r, c) == SHIFTED_TILE:
                shift_m = 5.0
                part = (part[:, :-1] + part[:, 1:]) / 2
            corner_m = (WEST_M + 10 * west + shift_m, SOUTH_M + 10 * south)
            write_tile(folder / f"99{r + 1:02d}_{c + 1}_10m_z33.tif", part, corner_m)


def write_tile(
    path: Path, part: NDArray[np.float64], south_west_m: tuple[float, float], cell_m: int = 10
) -> None:
    """Write heights, row 0 in the south, as a GeoTIFF with row 0 in the north."""
    west, south = south_west_m
    top = south + cell_m * part.shape[0]
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=part.shape[0],
        width=part.shape[1],
        count=1,
        dtype="float32",
        crs=f"EPSG:{EPSG}",
        transform=Affine(cell_m, 0, west, 0, -cell_m, top),
        nodata=NODATA,
        compress="lzw",
        predictor=3,
        tiled=True,
        blockxsize=256,
        blockysize=256,
    ) as tile:
        tile.write(part[::-1].astype(np.float32), 1)
        tile.update_tags(
            AREA_OR_POINT="Area", TIFFTAG_IMAGEDESCRIPTION="Syntetisk terreng, bredband"
        )


# --- roads ------------------------------------------------------------------------------


def write_roads(path: Path, net: Network) -> None:
    """Write the network as OSM XML; junctions share their node, bridges are ways of their own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pieces = _ways(net)
    used = sorted({v for vertices, _ in pieces for v in vertices})
    number = {v: k + 1 for k, v in enumerate(used)}
    to_degrees = Transformer.from_crs(EPSG, 4326, always_xy=True)
    lon, lat = to_degrees.transform(*np.array([net.xy[v] for v in used]).T)
    lines = [
        "<?xml version='1.0' encoding='UTF-8'?>",
        '<osm version="0.6" generator="scripts/make_demo.py (syntetisk, ikke OpenStreetMap)">',
        f'<bounds minlat="{lat.min():.7f}" minlon="{lon.min():.7f}"'
        f' maxlat="{lat.max():.7f}" maxlon="{lon.max():.7f}"/>',
    ]
    lines += [
        f'<node id="{k + 1}" version="1" lat="{lat[k]:.6f}" lon="{lon[k]:.6f}"/>'
        for k in range(len(used))
    ]
    for k, (vertices, tags) in enumerate(pieces):
        lines.append(f'<way id="{k + 1}" version="1">')
        lines += [f'<nd ref="{number[v]}"/>' for v in vertices]
        lines += [f'<tag k="{key}" v="{_escaped(value)}"/>' for key, value in tags.items()]
        lines.append("</way>")
    path.write_text("\n".join([*lines, "</osm>"]) + "\n", encoding="utf-8", newline="\n")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _ways(net: Network) -> list[tuple[list[int], dict[str, str]]]:
    """Split roads at bridges and drop vertices on straight stretches; junctions always stay."""
    uses: dict[int, int] = {}
    for road in net.roads:
        for v in set(road.vertices):
            uses[v] = uses.get(v, 0) + 1
    pieces = []
    for road in net.roads:
        run: list[int] = [road.vertices[0]]
        on_bridge = False
        for a, b in zip(road.vertices, road.vertices[1:], strict=False):
            bridge = (a, b) in road.bridges
            if bridge != on_bridge and len(run) > 1:
                pieces.append((_thinned(net, run, uses), _tags(road, on_bridge)))
                run = [a]
            on_bridge = bridge
            run.append(b)
        pieces.append((_thinned(net, run, uses), _tags(road, on_bridge)))
    return pieces


def _thinned(net: Network, run: list[int], uses: dict[int, int]) -> list[int]:
    """Drop vertices that lie within 1.2 m of the line between junctions."""
    fixed = [k for k, v in enumerate(run) if k in (0, len(run) - 1) or uses[v] > 1]
    kept = [run[0]]
    for a, b in itertools.pairwise(fixed):
        part = run[a : b + 1]
        points = [net.xy[v] for v in part]
        corners = set(LineString(points).simplify(1.2).coords)
        kept += [v for v, p in zip(part[1:-1], points[1:-1], strict=True) if p in corners]
        kept.append(part[-1])
    return kept


def _tags(road: object, bridge: bool) -> dict[str, str]:
    name, highway, kind = road.name, road.highway, road.kind  # type: ignore[attr-defined]
    if road.ferry:  # type: ignore[attr-defined]
        return {"route": "ferry", "name": name, "motor_vehicle": "yes"}
    tags = {"highway": highway, "name": name}
    paved = highway in ("primary", "secondary", "tertiary") or kind == "street"
    tags["surface"] = "asphalt" if paved else "gravel"
    if bridge:
        tags |= {"bridge": "yes", "layer": "1"}
    if road.tunnel:  # type: ignore[attr-defined]
        tags |= {"tunnel": "yes", "layer": "-1"}
    return tags


# --- ground, borders ----------------------------------------------------------------------


def write_land_cover(
    path: Path, code: NDArray[np.int64], names: tuple[str, ...], rivers: tuple[River, ...]
) -> None:
    """Write the land cover as N50-like polygons with `objtype`; rivers are cut out of the land."""
    path.parent.mkdir(parents=True, exist_ok=True)
    patches = [(names[value], shape) for value, shape in polygons(code, 60.0)]
    water = shapely.union_all([s for name, s in patches if name in ("Havflate", "Innsjø")])
    bed = river_beds(rivers, 25.0).difference(water)
    rows = [
        (name, s if name in ("Havflate", "Innsjø") else s.difference(bed)) for name, s in patches
    ]
    rows += [("Elv", part) for part in shapely.get_parts(bed)]
    exact = [(name, shapely.set_precision(shape, 0.1)) for name, shape in rows]
    kept = [(name, shape) for name, shape in exact if not shape.is_empty]
    write_geojson(
        path, [({"id": k + 1, "objtype": name}, s) for k, (name, s) in enumerate(kept)], digits=1
    )


def write_deposits(path: Path, code: NDArray[np.int64]) -> None:
    """Write the superficial deposits as NGU-like polygons with the numeric `losmassetype`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    patches = polygons(code, 85.0)
    rows = [({"id": k + 1, "losmassetype": v}, s) for k, (v, s) in enumerate(patches)]
    write_geojson(path, rows, digits=0)


def write_borders(path: Path, ground: Ground) -> None:
    """Write the kommuner as robhop/fylker-og-kommuner does: degrees, clipped to the coast."""
    path.parent.mkdir(parents=True, exist_ok=True)
    land = ndimage.binary_dilation(ground.height_m > 0.4, iterations=3)
    land = ndimage.binary_fill_holes(land)
    code = np.where(land, ground.kommune, -1)
    to_degrees = Transformer.from_crs(EPSG, 4326, always_xy=True)
    parts: dict[int, list[object]] = {}
    for value, shape in polygons(code, 60.0):
        if value >= 0 and shape.area > 60_000:
            parts.setdefault(value, []).append(shape)
    rows = []
    for k, kommune in enumerate(KOMMUNER):
        shape = shapely.union_all(np.array(parts[k]))
        shape = shapely.transform(shape, lambda xy: np.column_stack(to_degrees.transform(*xy.T)))
        name = kommune.name.capitalize()
        rows.append(
            (
                {
                    "id": kommune.number,
                    "kommunenummer": kommune.number,
                    "name": name,
                    "kommunenavn": name,
                },
                shape,
            )
        )
    write_geojson(path, rows, epsg=4326, digits=6)


# --- Nkom ---------------------------------------------------------------------------------


def write_nkom(
    folder: Path,
    premises: pd.DataFrame,
    truth: coverage.Truth,
    kommuner: Sequence[Kommune] = KOMMUNER,
    county: str = "Demofylket",
) -> None:
    """Write addresses, offers, planned build, the list of addresses without 100, the kommune table."""
    folder.mkdir(parents=True, exist_ok=True)
    number = [kommuner[k].number for k in premises.kommune]
    name = [kommuner[k].name for k in premises.kommune]
    adr = pd.DataFrame(
        {
            "adrid": premises.adresse_id,
            "fylke": county,
            "komnavn": name,
            "komnr": number,
            "postnr": premises.postnummer,
            "ertett": np.where(premises.tettsted != "", "true", "false"),
            "hus": premises.households,
            "pers": premises.persons,
            "fritid": (premises.kind == "holiday").astype(int),
        }
    )
    write_csv(folder / "adr.csv", adr, "utf-8")
    ids = premises.adresse_id
    fbb = truth.claims.assign(adrid=ids.reindex(truth.claims.premises).to_numpy())
    for column in ("hc", "egen"):
        fbb[column] = np.where(fbb[column], "true", "false")
    write_csv(
        folder / "fbb.csv", fbb[["adrid", "tilb", "tek", "ned", "opp", "hc", "egen"]], "utf-8"
    )
    planned = truth.planned.assign(adrid=ids.reindex(truth.planned.premises).to_numpy())
    write_csv(
        folder / "planlagt.csv", planned[["adrid", "tilb", "tek", "ned", "opp", "ferdig"]], "utf-8"
    )
    best = truth.claims.groupby("premises").ned.max().reindex(premises.index).fillna(0)
    lacking = premises[(best < 100_000) & (premises.kind != "holiday")]
    write_csv(folder / "Mangler_100Mbit.csv", _lacking(lacking, kommuner), "cp1252")
    table = folder / "Dekning_fbb_kommuner_husstander.csv"
    _write_kommune_table(table, premises, truth, kommuner, f"{county} (syntetisk)")


def _lacking(rows: pd.DataFrame, kommuner: Sequence[Kommune]) -> pd.DataFrame:
    road = ~rows.matrikkel
    return pd.DataFrame(
        {
            "adresseid": rows.adresse_id,
            "adressenavn": np.where(road, rows.road_name, ""),
            "nummer": np.where(road, rows.number.astype(str), ""),
            "bokstav": np.where(road, rows.letter, ""),
            "postnummer": rows.postnummer,
            "poststed": rows.poststed,
            "kommunenummer": [kommuner[k].number for k in rows.kommune],
            "gårdsnummer": rows.gnr,
            "bruksnummer": rows.bnr,
            "festenummer": np.where(rows.fnr > 0, rows.fnr.astype(str), ""),
            "øst": rows.x,
            "nord": rows.y,
        }
    )


def _write_kommune_table(
    path: Path,
    premises: pd.DataFrame,
    truth: coverage.Truth,
    kommuner: Sequence[Kommune],
    county: str,
) -> None:
    """Write Nkom's kommune table from what is true, not from what is claimed."""
    group = ["≥ 30", "≥ 100", "≥ 1000", "≥ 1000/1000"]
    technologies = (
        "Fiber;Kabel-TV-nett;DSL;FTB;Fiber + kabel-TV-nett;Fiber + kabel-TV-nett + DSL;"
        "Fiber + kabel-TV-nett + FTB;Fast bredbånd totalt"
    )
    speeds = ";".join(group)
    lines = [
        "Dekning for fast bredbånd på kommunenivå (SYNTETISK)" + ";" * 26,
        "Tettbygd og spredtbygd samlet" + ";" * 26,
        "Mobildekning (4G og 5G) er ikke inkludert i disse tabellene;;Teknologidekning" + ";" * 8
        + "Hastighet - alle teknologier på fast bredbånd" + ";" * 5 + "Hastighet uten DSL" + ";" * 5
        + "Hastighet i kablede nett" + ";" * 5 + "Hastighet for FTB;",
        f"Kommune;Fylke;{technologies};{speeds};;{speeds};;{speeds};;≥ 30;≥ 100",
    ]  # fmt: skip
    true = truth.claims[truth.claims.true_ned > 0]
    total = _by_kommune(premises, kommuner)

    def share(offers: pd.DataFrame) -> list[str]:
        covered = _by_kommune(premises[premises.index.isin(offers.premises)], kommuner)
        return [f"{100 * part:.1f} %".replace(".", ",") for part in (covered / total).fillna(0)]

    def steps(offers: pd.DataFrame) -> list[list[str]]:
        down, up = offers.true_ned, offers.true_opp
        limits = (
            down >= 30_000,
            down >= 100_000,
            down >= 1_000_000,
            (down >= 1_000_000) & (up >= 1_000_000),
        )
        return [share(offers[limit]) for limit in limits]

    fibre, radio = true[true.tek == "fiber"], true[true.tek == "ftb"]
    none, empty = ["0,0 %"] * len(kommuner), [""] * len(kommuner)
    names = [kommune.name for kommune in kommuner]
    columns = [names, [county.upper()] * len(kommuner), share(fibre), none, none, share(radio)]
    columns += [share(fibre), share(fibre), share(true), share(true)]
    columns += [*steps(true), empty, *steps(true), empty, *steps(fibre), empty, *steps(radio)[:2]]
    lines += [";".join(cells) for cells in zip(*columns, strict=True)]
    path.write_bytes(("\ufeff" + "\r\n".join(lines) + "\r\n").encode())


def _by_kommune(premises: pd.DataFrame, kommuner: Sequence[Kommune]) -> pd.Series[int]:
    """Sum the households of each kommune."""
    summed = premises.households.groupby(premises.kommune).sum()
    return summed.reindex(range(len(kommuner)), fill_value=0)


# --- survey, speed tests, network, SSB, names -----------------------------------------------


def write_evidence(
    folder: Path,
    premises: pd.DataFrame,
    truth: coverage.Truth,
    rng: np.random.Generator,
    kommuner: Sequence[Kommune] = KOMMUNER,
) -> None:
    """Write the survey answers and the speed tests."""
    write_csv(
        folder / "sporreundersokelse" / "svar.csv",
        coverage.survey(premises, truth, premises.poststed, rng, kommuner),
    )
    tests = coverage.speed_tests(premises, truth, rng)
    to_degrees = Transformer.from_crs(EPSG, 4326, always_xy=True)
    lon, lat = to_degrees.transform(tests.x.to_numpy(), tests.y.to_numpy())
    tests = tests.drop(columns=["x", "y"])
    tests.insert(2, "lon", [f"{v:.6f}" for v in lon])
    tests.insert(3, "lat", [f"{v:.6f}" for v in lat])
    write_csv(folder / "fartstest" / "fartstester.csv", tests)


def write_network(folder: Path, net: Network, ground: Ground, rng: np.random.Generator) -> None:
    """Write lit points (on the road), ducts (along roads) and masts."""
    lit = coverage.lit_table()
    on_road = [coverage.snapped_to_roads(x, y, net) for x, y in zip(lit.ost, lit.nord, strict=True)]
    lit["ost"], lit["nord"] = [round(x, 2) for x, _ in on_road], [round(y, 2) for _, y in on_road]
    write_csv(folder / "tente_punkter.csv", lit.assign(epsg=EPSG))
    masts = pd.DataFrame(
        [
            {
                "mast_id": f"M{k + 1:03d}",
                "navn": mast.name,
                "eier": mast.owner,
                "ost": coverage.mast_xy(mast, ground)[0],
                "nord": coverage.mast_xy(mast, ground)[1],
                "epsg": EPSG,
                "hoyde_m": mast.height_m,
                "baand_mhz": mast.bands_mhz,
                "sektorer": mast.sectors,
            }
            for k, mast in enumerate(coverage.MASTS)
        ]
    )
    write_csv(folder / "master.csv", masts)
    rows = []
    for road in net.roads:
        line = LineString(net.line(road))
        if road.kind == "trunk" and road.highway in ("primary", "secondary") and line.length > 4000:
            start = float(rng.uniform(0.05, 0.5)) * line.length
            length = float(rng.uniform(0.12, 0.3)) * line.length
            duct = (
                shapely.ops.substring(line, start, start + length).offset_curve(3.0).simplify(0.5)
            )
            kind = ("trekkerør 2x110", "trekkerør 40 mm", "OPI-kanal")[len(rows) % 3]
            owner = ("Demofylket fylkeskommune", coverage.TOWN_FIBRE, coverage.INLAND_FIBRE)[
                len(rows) % 3
            ]
            rows.append(({"ror_id": f"R{len(rows) + 1:03d}", "eier": owner, "type": kind}, duct))
    write_geojson(folder / "ror.geojson", rows, digits=2)


def write_poles(folder: Path, net: Network) -> None:
    """Write pole lines along every fifth of the small roads, six metres from the middle."""
    small = [road for road in net.roads if road.highway in ("unclassified", "service", "track")]
    lines = [LineString(net.line(road)) for road in small]
    rows = [
        (
            {"rekke_id": f"{k + 1:03d}", "eier": "Demokraft nett"},
            line.offset_curve(6.0).simplify(1.0),
        )
        for k, line in enumerate([line for line in lines if line.length > 400][::5])
    ]
    write_geojson(folder / "stolper.geojson", rows, digits=2)


def write_ssb(folder: Path, premises: pd.DataFrame) -> None:
    """Write SSB's 250 m cells of dwellings and of establishments."""
    cell = _ssb_id(premises.x.to_numpy(), premises.y.to_numpy(), 250)
    homes = premises.assign(
        cell=cell, blocks=np.where(premises.households > 3, premises.households, 0)
    )
    homes = homes.assign(pair=np.where(homes.households.between(2, 3), homes.households, 0))
    sums = homes[homes.households > 0].groupby("cell")[["households", "blocks", "pair"]].sum()
    table = pd.DataFrame(
        {
            "ssbid_250": sums.index,
            "År": "2026-01-01",
            "boliger_i_alt": sums.households,
            "boliger_i_eneboliger": sums.households - sums.blocks - sums.pair,
            "boliger_i_tomannsboliger": sums.pair,
            "boliger_i_rekkehus_kjedehus_småhus": 0,
            "boliger_i_boligblokk": sums.blocks,
            "boliger_i_bofellesskap": 0,
            "boliger_i_andre_bygningstyper": 0,
            "gjennomsnittlig_bruksareal": 118,
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "boliger_250m.csv").write_text(
        table.to_csv(index=False), encoding="utf-8", newline="\n"
    )
    work = premises.assign(cell=cell, one=1)[premises.employees > 0].groupby("cell")
    shops = work.agg(est_tot=("one", "sum"), emp_tot=("employees", "sum")).reset_index()
    shops = shops.rename(columns={"cell": "SSBID250M"})
    shops.insert(0, "ogc_fid", range(1, len(shops) + 1))
    text = "\ufeff" + shops.to_csv(index=False, sep=";")
    (folder / "bedrifter_250m.csv").write_text(text, encoding="utf-8", newline="\n")


def _ssb_id(x: NDArray[np.float64], y: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    east = (np.floor((x + 2_000_000) / size) * size).astype(np.int64)
    north = (np.floor(y / size) * size).astype(np.int64)
    return east * 10_000_000 + north


def write_place_names(path: Path, ground: Ground) -> None:
    """Write about 60 place names for the map: settlements, hamlets, peaks, lakes, fjords, islands."""
    rows: list[tuple[str, str, float, float]] = [
        (s.name, "by" if s.premises > 2000 else "tettsted", *s.centre_km) for s in SETTLEMENTS
    ]
    rows += [(name, "grend", x, y) for name, (x, y) in HAMLETS]
    water = (
        ("Fjordvikfjorden", "fjord", 12.8, 15.5), ("Nordbotnen", "fjord", 12.7, 19.0),
        ("Skarfjorden", "fjord", 11.6, 9.2), ("Ytre Demofjord", "fjord", 5.0, 14.2),
        ("Storhavet", "hav", 0.8, 11.6), ("Havøysundet", "sund", 6.2, 8.6), ("Storøysundet", "sund", 6.5, 19.2),
        ("Vassendvatnet", "innsjø", 25.3, 17.3), ("Skarvollvatnet", "innsjø", 20.6, 6.5),
        ("Nordelvvatnet", "innsjø", 19.5, 23.3), ("Blåvatnet", "innsjø", 28.9, 11.9),
        ("Innskarvatnet", "innsjø", 28.3, 5.9), ("Setervatnet", "innsjø", 11.3, 26.3),
        ("Fagertjønna", "innsjø", 25.4, 9.0), ("Storøya", "øy", 4.5, 18.6), ("Havøya", "øy", 3.5, 8.4),
        ("Ytterøya", "øy", 1.9, 24.3), ("Granelva", "elv", 30.2, 18.9), ("Skarelva", "elv", 24.3, 6.4),
        ("Nordelva", "elv", 16.6, 22.6),
    )  # fmt: skip
    rows += list(water)
    peaks = ndimage.maximum_filter(ground.height_m, 51) == ground.height_m
    tops = np.argwhere(peaks & (ground.height_m > 500) & (ground.kommune >= 0))
    first = (
        "Stor",
        "Lauv",
        "Rein",
        "Svart",
        "Kvit",
        "Grå",
        "Høg",
        "Skar",
        "Trang",
        "Blå",
        "Orre",
        "Falke",
    )
    last = ("horna", "tinden", "fjellet", "nebba", "hø", "piggen")
    tops = tops[np.argsort(-ground.height_m[tops[:, 0], tops[:, 1]])][:20]
    for k, (r, c) in enumerate(tops.tolist()):
        name = first[k % 12] + last[(k + k // 12) % 6]
        rows.append((name, "fjell", (c + 0.5) * 0.05, (r + 0.5) * 0.05))
    table = pd.DataFrame(rows, columns=["navn", "type", "x", "y"])
    table["ost"], table["nord"] = (
        (WEST_M + 1000 * table.x).round(0),
        (SOUTH_M + 1000 * table.y).round(0),
    )
    write_csv(path, table[["navn", "type", "ost", "nord"]].assign(epsg=EPSG))


def write_provenance(folder: Path) -> None:
    """Say in a file of its own that everything here is synthetic."""
    facts = {
        "title": "Demofylket (syntetisk)",
        "synthetic": True,
        "note": "Alt i denne mappen er oppdiktet av scripts/make_demo.py. Ingen data er kopiert.",
        "generator": "scripts/make_demo.py",
        "licence": "CC0-1.0",
        "crs": f"EPSG:{EPSG}",
    }
    text = json.dumps(facts, ensure_ascii=False, indent=2) + "\n"
    (folder / "provenance.json").write_text(text, encoding="utf-8", newline="\n")


def home_density(
    premises: pd.DataFrame, wanted: NDArray[np.bool_], sigma: float
) -> NDArray[np.float64]:
    """Spread addresses over the 50 m grid: addresses per cell, smoothed."""
    count = np.zeros((ROWS, COLS))
    for x, y in premises.loc[wanted, ["x", "y"]].to_numpy():
        count[xy_cell(x, y)] += 1
    return ndimage.gaussian_filter(count, sigma)
