"""Sources that only matter tied to others, from file to county folder: Lilleland with more files."""

from __future__ import annotations

import csv
import json

import geopandas as gpd
import numpy as np
import pyogrio
import pytest

from bredband import pipeline, read_scenario
from bredband.errors import InputError
from bredband.grid import WORKING_CRS, Raster
from bredband.pipeline.airwaves import hear_masts
from bredband.quality import CSV_FILE, HTML_FILE
from bredband.terrain import write_raster
from tests import lilleland, lilleland_files

X0, Y0 = lilleland.X0, lilleland.Y0


@pytest.fixture
def made(tmp_path):
    return lilleland_files.write(tmp_path / "inn")


def with_sources(scenario, **files):
    """Name more files in the scenario."""
    named = "".join(f'{source} = ["{file}"]\n' for source, file in files.items())
    text = scenario.read_text("utf-8").replace("[sources]\n", f"[sources]\n{named}")
    scenario.write_text(text, "utf-8")
    return read_scenario(scenario)


def rows_of(folder):
    text = (folder / CSV_FILE).read_text("utf-8-sig").splitlines()
    return list(csv.DictReader(text, delimiter=";"))


def test_a_county_without_an_address_is_refused(made, tmp_path):
    file = made.parent / "adresser.csv"
    header, *rows = file.read_text("utf-8-sig").splitlines()
    file.write_text(header + "\n", "utf-8")
    with pytest.raises(InputError, match="ingen rader"):
        pipeline.ingest(read_scenario(made), tmp_path / "ut")
    north = header.split(";").index("Nord")
    spoilt = [
        ";".join(["?" if i == north else c for i, c in enumerate(r.split(";"))]) for r in rows
    ]
    file.write_text("\n".join([header, *spoilt]), "utf-8")
    with pytest.raises(InputError, match=rf"ingen av adressene kan brukes \({len(rows)} lest\)"):
        pipeline.ingest(read_scenario(made), tmp_path / "ut")
    assert not (tmp_path / "ut").exists()


def test_addresses_and_borders_of_two_counties_are_refused(made, tmp_path):
    borders = made.parent / "grenser.geojson"
    far = json.loads(borders.read_text("utf-8"))
    far["features"][0]["properties"]["kommunenummer"] = "1234"
    ring = far["features"][0]["geometry"]["coordinates"][0]
    far["features"][0]["geometry"]["coordinates"] = [[[x + 3, y - 2] for x, y in ring]]
    borders.write_text(json.dumps(far), "utf-8")
    with pytest.raises(InputError, match="ligger ikke i noen av kommunene i grensefila"):
        pipeline.ingest(read_scenario(made), tmp_path / "ut")


def test_a_wood_on_the_surface_model_shadows_the_premises_behind_it(made, tmp_path):
    heights = np.full((600, 1000), 100.0, np.float32)
    sea = np.zeros(heights.shape, bool)
    ground = Raster(heights, X0 - 2100.0, Y0 + 3000.0, 10.0, sea)
    wood = heights.copy()
    wood[:, 340:350] = 160.0  # 100 m of tall trees across the road at x = 1350
    write_raster(ground, made.parent / "dtm.tif")
    write_raster(Raster(wood, ground.west_m, ground.north_m, 10.0, sea), made.parent / "dom.tif")
    mast = f"mast_id;navn;eier;status;hoyde_m;baand;sektorer;ost;nord\nM1;;Radio;;30;700;;{X0};{Y0}"
    (made.parent / "master.csv").write_text(mast, "utf-8")
    files = {"terrain": "dtm.tif", "masts": "master.csv"}
    bare = with_sources(made, **files)
    heard, _ = hear_masts(pipeline.ingest(bare, tmp_path / "ut"), bare)
    assert not (tmp_path / "ut/overflate.tif").exists()
    wooded = with_sources(made, surface="dom.tif")
    pipeline.ingest(wooded, tmp_path / "ut")
    assert (tmp_path / "ut/overflate.tif").is_file()
    read = pipeline.read_county(tmp_path / "ut")
    assert read.surface.heights_m.shape == read.terrain.heights_m.shape
    assert np.nanmax(read.surface.heights_m - read.terrain.heights_m) == pytest.approx(60, abs=1)
    shadowed, _ = hear_masts(read, wooded)
    lost_db = (heard["rsrp_dbm"] - shadowed["rsrp_dbm"]).to_numpy()
    east_m = read.premises.geometry.x.to_numpy() - X0
    assert np.allclose(lost_db[east_m < 1300], 0, atol=0.5)
    assert (lost_db[east_m > 1400] > 5).all()


def test_buildings_tell_holiday_homes_from_dwellings(made, tmp_path):
    county = lilleland.county()
    types = [161, 111, 181, 161]
    points = county.premises.geometry.iloc[1:5].translate(2, 5)
    buildings = gpd.GeoDataFrame(
        {"bygningsnummer": range(1, 5), "bygningstype": types}, geometry=list(points), crs=WORKING_CRS
    )  # fmt: skip
    pyogrio.write_dataframe(
        buildings.astype({"bygningsnummer": "int32", "bygningstype": "int32"}),
        made.parent / "bygg.gdb", layer="bygning", driver="OpenFileGDB",
    )  # fmt: skip
    scenario = with_sources(made, buildings="bygg.gdb")
    read = pipeline.ingest(scenario, tmp_path / "ut").premises
    # 1: a cabin; 2: a house; 3: a shed, whose nearest building in use is the house 8 m away.
    assert read["kind"].tolist()[1:5] == ["holiday", "dwelling", "dwelling", "holiday"]
    assert read["households"].tolist()[1:5] == [0, 1, 1, 0]
    assert "type 161" in read["households_rule"][1]
    assert read["kind"][5:].eq("dwelling").all()
    counted = json.loads((tmp_path / "ut/provenance.json").read_text("utf-8"))["rows"]
    assert counted["buildings"] == {"rows_in": 4, "kept": 4, "set_aside": 0}


def test_an_old_kommunenummer_becomes_the_one_the_borders_have(made, tmp_path):
    addresses = made.parent / "adresser.csv"
    lines = addresses.read_text("utf-8-sig").splitlines()
    lines[2] = lines[2].replace(";9901;", ";1799;", 1)
    addresses.write_text("\n".join(lines), "utf-8-sig")
    county = pipeline.ingest(read_scenario(made), tmp_path / "ut")
    assert set(county.premises["kommune"]) == {"9901"}
    page = (tmp_path / "ut" / HTML_FILE).read_text("utf-8")
    assert "gammelt kommunenummer: dagens er tatt fra grensene" in page
    # Where the point lies in no kommune either, it is of another county: set aside, and told by row.
    lines[3] = lines[3].replace(";9901;", ";1799;", 1).replace(str(Y0 + 20), str(Y0 + 9000))
    addresses.write_text("\n".join(lines), "utf-8-sig")
    county = pipeline.ingest(read_scenario(made), tmp_path / "ut")
    assert set(county.premises["kommune"]) == {"9901"}
    away = "adressen ligger ikke i noen av kommunene i grensefila"
    wrong = [row for row in rows_of(tmp_path / "ut") if row["hva som er galt"] == away]
    assert [(row["linje"], row["verdi"]) for row in wrong] == [("4", "1799")]


def test_answers_nobody_lives_near_are_reported_by_row(made, tmp_path):
    answers = (
        "svar_id;adrid;tilbud;ost;nord",
        f"1;;nei;{X0 + 1000};{Y0}",
        f"2;;nei;{X0 + 2000};{Y0 + 4000}",
    )
    (made.parent / "svar.csv").write_text("\n".join(answers), "utf-8")
    county = pipeline.ingest(with_sources(made, survey="svar.csv"), tmp_path / "ut")
    assert county.evidence["match"].tolist() == ["nearest"]
    (lost,) = rows_of(tmp_path / "ut")
    assert (lost["fil"], lost["linje"]) == ("svar.csv", "3")
    assert lost["verdi"] == f"øst {X0 + 2000:.0f}, nord {Y0 + 4000:.0f}"


def test_the_list_of_who_lacks_an_offer_is_held_against_the_claims(made, tmp_path):
    # 1000 is claimed by fibre, 1001 is lacking in both, 7777 is no address; the rest the list forgot.
    rows = ["adresseid;kommunenummer", "1000;9901", "1001;9901", "7777;9901", "8888;1101"]
    (made.parent / "Mangler_100Mbit.csv").write_text("\n".join(rows), "utf-8")
    county = pipeline.ingest(with_sources(made, lacking="Mangler_100Mbit.csv"), tmp_path / "ut")
    told = [r for r in rows_of(tmp_path / "ut") if r["kilde"] == "Nkoms mangellister"]
    claimed = [r for r in told if "en tilbyder melder farten" in r["hva som er galt"]]
    assert [(r["verdi"], r["linje"]) for r in claimed] == [("1000", "2")]
    assert "Lillenett melder 1\u202f000 Mbit/s" in claimed[0]["hva som er galt"]
    assert [r["verdi"] for r in told if "ikke i adressefila" in r["hva som er galt"]] == ["7777"]
    forgotten = [r["verdi"] for r in told if "ingen melder farten" in r["hva som er galt"]]
    assert forgotten == county.premises["premises_id"].tolist()[2:]
    page = (tmp_path / "ut" / HTML_FILE).read_text("utf-8")
    assert "Tilbyder som melder det mangellista sier mangler" in page


def test_a_list_of_30_says_nothing_of_100(made, tmp_path):
    (made.parent / "Mangler_30Mbit.csv").write_text("adresseid;kommunenummer\n1001;9901", "utf-8")
    fbb = "adrid;tilb;tek;ned;opp;hc;egen\n" + "".join(
        f"{i};Lillenett;ftb;50000;5000;true;true\n" for i in range(1002, 1013)
    )
    (made.parent / "fbb.csv").write_text(fbb + "1000;Lillenett;ftb;29000;5000;true;true\n", "utf-8")
    pipeline.ingest(with_sources(made, lacking="Mangler_30Mbit.csv"), tmp_path / "ut")
    (told,) = [r for r in rows_of(tmp_path / "ut") if r["kilde"] == "Nkoms mangellister"]
    assert told["verdi"] == "1000"
