"""The check of a table names every fault at once."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from bredband import tables
from bredband.county import read_table, write_table
from bredband.errors import InputError, TableError
from tests import lilleland


@pytest.mark.parametrize("name", tables.TABLES)
def test_empty_tables_follow_the_model(name):
    tables.check(tables.empty(name), name)


def test_all_faults_are_reported_together():
    frame = lilleland.county().premises.drop(columns=["street", "grunnkrets"])
    frame = frame.assign(kind="palace", households=-1, premises_id="same", extra=1)
    frame.loc[0, "geometry"] = None
    with pytest.raises(TableError) as caught:
        tables.check(frame.to_crs("EPSG:25832"), "premises", file="adresser.csv")
    message = str(caught.value)
    for part in (
        "adresser.csv", "street, grunnkrets", "extra", "«palace»", "households er under 0",
        "premises_id gjentas", "25832", "mangler geometri i 1 rader",
    ):  # fmt: skip
        assert part in message, part


def test_wrong_types_are_faults():
    frame = lilleland.county().availability.assign(down_mbps="1000")
    with pytest.raises(TableError, match="down_mbps er str, skal være float"):
        tables.check(frame, "availability")


def test_wrong_geometry_is_a_fault():
    frame = lilleland.county().roads
    frame = gpd.GeoDataFrame(frame.assign(geometry=[shapely.Point(0, 0)]), crs=frame.crs)
    with pytest.raises(TableError, match="Point, skal være LineString"):
        tables.check(frame, "roads")


@pytest.mark.parametrize("name", ["premises", "availability", "roads", "kommuner", "evidence"])
def test_round_trip_through_the_county_folder(name, tmp_path):
    frame = getattr(lilleland.county(), name)
    write_table(tmp_path, name, frame)
    back = read_table(tmp_path, name)
    pd.testing.assert_frame_equal(
        pd.DataFrame(back), pd.DataFrame(frame[list(back.columns)]), check_dtype=False
    )


def test_a_faulty_table_leaves_the_old_file_whole(tmp_path):
    frame = lilleland.county().premises
    write_table(tmp_path, "premises", frame)
    with pytest.raises(TableError):
        write_table(tmp_path, "premises", frame.assign(kind="palace"))
    assert len(read_table(tmp_path, "premises")) == len(frame)
    assert [path.name for path in (tmp_path / "tabeller").iterdir()] == ["premises.parquet"]


def test_a_missing_table_is_a_sentence(tmp_path):
    with pytest.raises(InputError, match="«roads» finnes ikke"):
        read_table(tmp_path, "roads")


def test_among_tells_which_names_are_known():
    names, known = (pd.Series(words, dtype="str") for words in (["a", "b", "a", ""], ["a", "c"]))
    assert tables.among(names, known).tolist() == [True, False, True, False]
    assert not tables.among(names, known[:0]).any()
