"""The synthetic demo county keeps to the publishers' formats and to itself."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT
from rasterio.windows import from_bounds

from scripts.demo_county import addresses, matrikkel, names, place
from scripts.demo_county.coverage import FALSE_SHARE, LIT_POINTS, MASTS

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"
ADDRESSES = DEMO / "adresser" / "Basisdata_99_Demofylket_25833_MatrikkelenAdresse.csv"
BOX = (place.WEST_M, place.SOUTH_M, place.WEST_M + place.WIDTH_M, place.SOUTH_M + place.HEIGHT_M)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(ADDRESSES, sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False)


@pytest.fixture(scope="module")
def adr() -> pd.DataFrame:
    return pd.read_csv(DEMO / "nkom" / "adr.csv", sep=";", dtype={"komnr": str, "postnr": str})


@pytest.fixture(scope="module")
def fbb() -> pd.DataFrame:
    return pd.read_csv(DEMO / "nkom" / "fbb.csv", sep=";")


def features(path: str) -> list[dict]:
    return json.loads((DEMO / path).read_text(encoding="utf-8"))["features"]


# --- the whole ---------------------------------------------------------------------------


def test_the_demo_county_is_small_and_says_that_it_is_synthetic():
    assert sum(p.stat().st_size for p in DEMO.rglob("*") if p.is_file()) <= 15_000_000
    readme = (DEMO / "README.md").read_text(encoding="utf-8")
    assert "Alt i denne mappen er syntetisk" in readme
    assert "CC0" in (DEMO / "LISENS.txt").read_text(encoding="utf-8")
    assert json.loads((DEMO / "provenance.json").read_text(encoding="utf-8"))["synthetic"] is True
    for folder in (p.name for p in DEMO.iterdir() if p.is_dir()):
        assert f"`{folder}/" in readme, f"README.md does not describe {folder}"


def test_no_kommune_or_operator_is_a_real_one(shared_data: Path):
    real = json.loads((shared_data / "norway/admin/Kommuner-S.geojson").read_text(encoding="utf-8"))
    taken = {f["properties"]["kommunenavn"].upper() for f in real["features"]}
    assert not taken & {k.name for k in place.KOMMUNER}


# --- Matrikkelen -----------------------------------------------------------------------------


def test_the_address_file_is_byte_for_byte_kartverkets_format():
    raw = ADDRESSES.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 12_001
    head, *rows = raw[3:].decode("utf-8").split("\r\n")[:-1]
    assert head == matrikkel.HEADER
    assert len(head.split(";")) == 46
    assert {row.count(";") for row in rows} == {45}
    assert '"' not in raw.decode("utf-8")


def test_the_address_header_equals_the_real_one(shared_data: Path):
    real = shared_data / "norway/addresses/Basisdata_3420_Elverum_25833_MatrikkelenAdresse.csv"
    with real.open(encoding="utf-8-sig", newline="") as file:
        assert file.readline().rstrip("\r\n") == matrikkel.HEADER


def test_addresses_are_plausible(table: pd.DataFrame):
    assert len(table) == 12_000
    assert (table.lokalid == table.adresseId).all()
    assert table.adresseId.is_unique
    assert table.uuidAdresse.is_unique
    assert set(table.kommunenummer) == {"9901", "9902", "9903"}
    assert table.kommunenavn.str.isupper().all()
    assert table["EPSG-kode"].value_counts().to_dict() == {"25833": 11_988, "25832": 6, "4258": 6}
    road = table.adressetype == "vegadresse"
    assert set(table.adressetype) == {"vegadresse", "matrikkeladresse"}
    assert 0.01 < (~road).mean() < 0.03
    assert (table.adressenavn[~road] == "").all()
    assert table.adresseTekst[~road].str.fullmatch(r"\d+/\d+(/\d+)?").all()
    assert 0.04 < (table.atkomstNord != "").mean() < 0.06
    assert table.grunnkretsnummer.str.fullmatch(r"990[123]\d{4}").all()
    assert (table.grunnkretsnummer.str[:4] == table.kommunenummer).all()
    assert 36 <= table.grunnkretsnummer.nunique() <= 44
    assert table.grunnkretsnavn.groupby(table.grunnkretsnummer).nunique().max() == 1
    text = ["kommunenummer", "adresseTekstUtenAdressetilleggsnavn", "postnummer"]
    assert not table[road].duplicated(text).any()
    assert table.tettstednavn.value_counts()["Fjordvik"] == 4500
    assert ((table.tettstednummer == "") == (table.tettstednavn == "")).all()
    stamp = r"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d"
    assert table.oppdateringsdato.str.fullmatch(stamp + r"(\.\d{1,6})?").all()
    assert table.datauttaksdato.str.fullmatch(stamp).all()
    assert table.adressenavn.str.contains("[ČčŠšĐđŊŋ]").any()


def test_house_numbers_outside_settlements_are_chainage(table: pd.DataFrame):
    """One step in number is about 10 m of road, as measured in the real Elverum file."""
    rows = table[(table.tettstednavn == "") & (table.adressetype == "vegadresse")]
    rows = rows[rows["EPSG-kode"] == "25833"].copy()
    rows["n"] = rows.nummer.astype(int)
    metres_per_step = []
    for _, group in rows.groupby(["kommunenummer", "adressekode"]):
        road = group.sort_values("n")
        if len(road) >= 8 and road.n.iloc[-1] - road.n.iloc[0] > 20:
            xy = road[["Øst", "Nord"]].astype(float).to_numpy()
            even = road.n.to_numpy() % 2 == 0
            walked = np.hypot(*np.diff(xy[even], axis=0).T).sum()
            steps = road.n[even].iloc[-1] - road.n[even].iloc[0] if even.sum() > 1 else 0
            if steps > 20:
                metres_per_step.append(walked / steps)
    assert len(metres_per_step) > 40
    assert 8.5 < np.median(metres_per_step) < 12


# --- coverage ---------------------------------------------------------------------------------


def test_nkom_files_have_the_analysts_columns_and_known_addresses(
    table: pd.DataFrame, adr: pd.DataFrame, fbb: pd.DataFrame
):
    assert list(adr) == [
        "adrid",
        "fylke",
        "komnavn",
        "komnr",
        "postnr",
        "ertett",
        "hus",
        "pers",
        "fritid",
    ]
    assert list(fbb) == ["adrid", "tilb", "tek", "ned", "opp", "hc", "egen"]
    planned = pd.read_csv(DEMO / "nkom" / "planlagt.csv", sep=";")
    assert list(planned) == ["adrid", "tilb", "tek", "ned", "opp", "ferdig"]
    known = set(table.adresseId.astype(int))
    assert set(adr.adrid) == known
    assert set(fbb.adrid) <= known
    assert set(planned.adrid) <= known
    assert not fbb.duplicated(["adrid", "tilb", "tek"]).any()
    assert set(fbb.tek) == {"fiber", "ftb"}
    assert set(fbb.tilb) == {"Fjordnett", "Innlandsfiber", "Radiolink"}
    assert (pd.to_datetime(planned.ferdig) < "2029-11-23").all(), "planned is within three years"
    assert 800 <= adr.fritid.sum() <= 1000


def test_the_served_shares_leave_a_county_worth_planning(adr: pd.DataFrame, fbb: pd.DataFrame):
    best = fbb.groupby("adrid").ned.max().reindex(adr.adrid).fillna(0).to_numpy()
    unserved = {limit: float((best < limit).mean()) for limit in (30_000, 100_000, 1_000_000)}
    assert 0.05 < unserved[30_000] < unserved[100_000] < unserved[1_000_000] < 0.36
    gigabit_share = adr.hus[best >= 1_000_000].sum() / adr.hus.sum()
    assert 0.70 < gigabit_share < 0.82


def test_the_lacking_list_is_what_the_claims_say(adr: pd.DataFrame, fbb: pd.DataFrame):
    path = DEMO / "nkom" / "Mangler_100Mbit.csv"
    with pytest.raises(UnicodeDecodeError):
        path.read_text(encoding="utf-8")
    lacking = pd.read_csv(path, sep=";", encoding="cp1252")
    assert list(lacking)[-2:] == ["øst", "nord"]
    best = fbb.groupby("adrid").ned.max()
    home = adr[adr.fritid == 0].set_index("adrid")
    expected = home.index[best.reindex(home.index).fillna(0) < 100_000]
    assert set(lacking.adresseid) == set(expected)


def test_the_kommune_table_is_in_nkoms_form_and_below_the_claims(
    adr: pd.DataFrame, fbb: pd.DataFrame
):
    path = DEMO / "nkom" / "Dekning_fbb_kommuner_husstander.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert {line.count(";") for line in lines} == {26}
    assert lines[3].startswith("Kommune;Fylke;Fiber;Kabel-TV-nett;DSL;FTB;")
    claimed = set(fbb.adrid[fbb.tek == "fiber"])
    for line in lines[4:]:
        cells = line.split(";")
        true_share = float(cells[2].replace(" %", "").replace(",", ".")) / 100
        mine = adr[adr.komnavn == cells[0]]
        claimed_share = mine.hus[mine.adrid.isin(claimed)].sum() / mine.hus.sum()
        assert true_share <= claimed_share + 0.0006
        assert claimed_share - true_share < 0.08
    assert [line.split(";")[0] for line in lines[4:]] == [k.name for k in place.KOMMUNER]


def test_evidence_can_reveal_the_false_claims(table: pd.DataFrame, fbb: pd.DataFrame):
    answers = pd.read_csv(
        DEMO / "sporreundersokelse" / "svar.csv", sep=";", dtype=str, encoding="utf-8-sig"
    )
    assert len(answers) == 600
    assert answers.svar_id.is_unique
    no = answers[(answers.har_tilbud == "nei") & (answers.operator == "Innlandsfiber")]
    assert len(no) > 15
    written = answers.adresse.str.strip()
    assert (written == written.str.lower()).mean() > 0.1, "people write in small letters"
    tests = pd.read_csv(DEMO / "fartstest" / "fartstester.csv", sep=";", encoding="utf-8-sig")
    assert len(tests) == 1500
    assert set(tests.tilkobling) == {"wifi", "kabel"}
    assert tests.lon.between(6.9, 8.2).all()
    assert tests.lat.between(62.4, 63.0).all()
    assert 0 < FALSE_SHARE < 0.2


# --- terrain ---------------------------------------------------------------------------------


def tiles() -> list[Path]:
    return sorted((DEMO / "terreng").glob("99*_10m_z33.tif"))


def test_tiles_are_delivered_as_dtm10():
    shifted = []
    for path in tiles():
        with rasterio.open(path) as tile:
            assert tile.crs.to_epsg() == 25833
            assert tile.dtypes == ("float32",)
            assert tile.nodata == -32767
            assert tile.res == (10, 10)
            assert tile.compression == rasterio.enums.Compression.lzw
            assert tile.profile["tiled"]
            assert tile.tags()["AREA_OR_POINT"] == "Area"
            if tile.transform.c % 10:
                shifted.append(path.name)
    assert len(tiles()) == 12
    assert shifted == ["9902_2_10m_z33.tif"]


def test_neighbouring_tiles_overlap_by_51_pixels_and_agree():
    compared = 0
    for row in range(1, 4):
        for left, right in pairwise(f"99{row:02d}_{col}_10m_z33.tif" for col in range(1, 5)):
            with (
                rasterio.open(DEMO / "terreng" / left) as a,
                rasterio.open(DEMO / "terreng" / right) as b,
            ):
                if a.transform.c % 10 or b.transform.c % 10:
                    continue
                assert a.bounds.right - b.bounds.left == 510
                shared = (b.bounds.left, a.bounds.bottom, a.bounds.right, a.bounds.top)
                ours, theirs = (t.read(1, window=from_bounds(*shared, t.transform)) for t in (a, b))
                assert ours.shape[1] == 51
                np.testing.assert_array_equal(ours, theirs)
                compared += 1
    assert compared == 7


def test_the_shifted_tile_agrees_once_resampled():
    with (
        rasterio.open(DEMO / "terreng" / "9902_2_10m_z33.tif") as shifted,
        rasterio.open(DEMO / "terreng" / "9902_3_10m_z33.tif") as right,
        WarpedVRT(
            shifted,
            crs=right.crs,
            transform=right.transform,
            width=right.width,
            height=right.height,
            resampling=Resampling.bilinear,
        ) as aligned,
    ):
        ours, theirs = aligned.read(1)[:, 2:48], right.read(1)[:, 2:48]
        both = (ours > -1000) & (theirs > -1000)
        assert both.mean() > 0.9
        assert np.abs(ours - theirs)[both].mean() < 0.6


def test_sea_is_zero_and_the_void_is_nodata():
    zero = void = high = 0
    for path in tiles():
        with rasterio.open(path) as tile:
            height = tile.read(1)
            zero += int((height == 0).sum())
            void += int((height == tile.nodata).sum())
            high = max(high, float(height.max()))
            assert height[height != tile.nodata].min() >= 0
    assert zero > 500_000
    assert 0 < void < 5000
    assert 1200 < high < 1800


# --- roads, ground, borders, network --------------------------------------------------------


def test_roads_are_osm_xml_with_shared_junctions_bridges_tunnel_and_ferry():
    root = ElementTree.parse(DEMO / "veger" / "veger.osm").getroot()
    nodes = {node.get("id") for node in root.iter("node")}
    assert len(nodes) == sum(1 for _ in root.iter("node"))
    used: dict[str, int] = {}
    tags: dict[str, int] = {}
    for way in root.iter("way"):
        refs = [nd.get("ref") for nd in way.iter("nd")]
        assert len(refs) >= 2
        assert set(refs) <= nodes
        for ref in set(refs):
            used[ref] = used.get(ref, 0) + 1
        for tag in way.iter("tag"):
            key = f"{tag.get('k')}={tag.get('v')}" if tag.get("k") != "name" else "name"
            tags[key] = tags.get(key, 0) + 1
    assert set(used) == nodes
    assert sum(count > 1 for count in used.values()) > 800
    for tag in ("bridge=yes", "tunnel=yes", "route=ferry", "highway=primary", "highway=service"):
        assert tags.get(tag, 0) > 0, tag
    assert "syntetisk" in (root.get("generator") or "")


def test_ground_polygons_carry_the_publishers_codes_and_do_not_overlap(shared_data: Path):
    cover = features("arealdekke/arealdekke.geojson")
    literals = {f["properties"]["objtype"] for f in cover}
    assert literals >= {"Havflate", "Innsjø", "Elv", "Skog", "DyrketMark", "Myr", "Tettbebyggelse"}
    assert literals >= {"ÅpentOmråde", "Steinbrudd"}
    codes = json.loads(
        (shared_data / "norway/ngu/superficialdeposits_codes.json").read_text(encoding="utf-8")
    )
    soil = features("losmasser/losmasser.geojson")
    assert {f["properties"]["losmassetype"] for f in soil} <= {c["code"] for c in codes}
    assert {130, 11, 41, 90} <= {f["properties"]["losmassetype"] for f in soil}
    for rows in (cover, soil):
        shapes = shapely.from_geojson([json.dumps(f["geometry"]) for f in rows])
        assert shapely.is_valid(shapes).all()
        whole = (BOX[2] - BOX[0]) * (BOX[3] - BOX[1])
        assert abs(shapely.area(shapes).sum() - whole) < 0.002 * whole


def test_borders_hold_the_addresses_of_their_kommune(table: pd.DataFrame):
    rows = features("grenser/Kommuner.geojson")
    assert [f["properties"]["kommunenummer"] for f in rows] == ["9901", "9902", "9903"]
    degrees = table[table["EPSG-kode"] == "4258"]
    shapes = {
        f["properties"]["kommunenummer"]: shapely.from_geojson(json.dumps(f["geometry"]))
        for f in rows
    }
    for kommune, lon, lat in zip(
        degrees.kommunenummer, degrees["Øst"], degrees["Nord"], strict=True
    ):
        near = shapely.Point(float(lon), float(lat)).buffer(0.002)
        assert shapes[kommune].intersects(near)


def test_network_lists_lie_in_the_county():
    lit = pd.read_csv(DEMO / "nett" / "tente_punkter.csv", sep=";", encoding="utf-8-sig")
    masts = pd.read_csv(DEMO / "nett" / "master.csv", sep=";", encoding="utf-8-sig")
    assert list(lit) == ["punkt_id", "navn", "eier", "ost", "nord", "epsg"]
    assert list(masts) == [
        "mast_id",
        "navn",
        "eier",
        "ost",
        "nord",
        "epsg",
        "hoyde_m",
        "baand_mhz",
        "sektorer",
    ]
    assert (len(lit), len(masts)) == (len(LIT_POINTS), len(MASTS))
    for points in (lit, masts):
        assert points.ost.between(BOX[0], BOX[2]).all()
        assert points.nord.between(BOX[1], BOX[3]).all()
    assert masts.sektorer.map(lambda s: bool(re.fullmatch(r"\d+(/\d+)*", s))).all()
    ducts = features("nett/ror.geojson")
    assert len(ducts) >= 3
    poles = features("nett/stolper.geojson")
    assert len(poles) >= 3
    assert {f["geometry"]["type"] for f in [*ducts, *poles]} == {"LineString"}


def test_ssb_cells_sum_to_the_addresses(table: pd.DataFrame, adr: pd.DataFrame):
    homes = pd.read_csv(DEMO / "ssb" / "boliger_250m.csv")
    work = pd.read_csv(DEMO / "ssb" / "bedrifter_250m.csv", sep=";", encoding="utf-8-sig")
    assert list(work) == ["ogc_fid", "SSBID250M", "est_tot", "emp_tot"]
    assert homes.boliger_i_alt.sum() == adr.hus.sum()
    kinds = [c for c in homes if c.startswith("boliger_i_") and c != "boliger_i_alt"]
    assert (homes[kinds].sum(axis=1) == homes.boliger_i_alt).all()
    metres = table[table["EPSG-kode"] == "25833"]
    east = (metres["Øst"].astype(float) + 2_000_000) // 250 * 250
    north = metres["Nord"].astype(float) // 250 * 250
    cells = set((east * 10_000_000 + north).astype("int64"))
    assert len(set(homes.ssbid_250) - cells) <= 12
    assert len(set(work.SSBID250M) - cells) <= 12


def test_place_names_are_many_and_invented_ones_are_unique():
    rows = pd.read_csv(DEMO / "stedsnavn" / "stedsnavn.csv", sep=";", encoding="utf-8-sig")
    assert list(rows) == ["navn", "type", "ost", "nord", "epsg"]
    assert 50 <= len(rows) <= 80
    assert not rows.duplicated(["navn", "type"]).any()


# --- determinism ------------------------------------------------------------------------------


def test_the_same_seed_writes_the_same_address_bytes():
    def made() -> bytes:
        rng = np.random.default_rng(7)
        n = 200
        premises = pd.DataFrame(
            {
                "x": place.WEST_M + rng.uniform(0, place.WIDTH_M, n).round(2),
                "y": place.SOUTH_M + rng.uniform(0, place.HEIGHT_M, n).round(2),
                "road": rng.integers(0, 9, n),
                "chainage_m": rng.uniform(0, 900, n),
                "right": rng.random(n) < 0.5,
                "group": "rural",
                "weight": 1.0,
                "kommune": rng.integers(0, 3, n),
                "height_m": 40.0,
            }
        )
        premises["road_name"] = [f"Prøvevegen {r}" for r in premises.road]
        premises = addresses.registered(premises, rng)
        return matrikkel.address_bytes(matrikkel.with_post(premises), rng)

    assert made() == made()


def test_invented_road_names_do_not_repeat():
    taken: set[str] = set()
    rng = np.random.default_rng(1)
    made = [names.road_name("side", taken, rng) for _ in range(200)]
    assert len(set(made)) == 200
