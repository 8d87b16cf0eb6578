"""Terrain: tiles of every kind on one lattice, sampled, shaded and stored."""

from __future__ import annotations

import warnings
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.warp import transform_bounds

from bredband import terrain
from bredband.errors import InputError
from bredband.grid import Raster

WEST, NORTH = 300_000.0, 6_700_000.0


def tile(path, heights, west=WEST, north=NORTH, cell=10.0, crs="EPSG:25833", nodata=-32767.0):
    rows, columns = heights.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype="float32", crs=crs,
        nodata=nodata, transform=Affine(cell, 0, west, 0, -cell, north),
    ) as file:  # fmt: skip
        file.write(heights.astype(np.float32), 1)
    return path


def slope_field(west, north, rows, columns, cell=10.0):
    """Heights of the plane z = 0.1 (x - WEST) + 0.2 (NORTH - y) at cell centres."""
    x = west + (np.arange(columns) + 0.5) * cell
    y = north - (np.arange(rows) + 0.5) * cell
    return 0.1 * (x[None, :] - WEST) + 0.2 * (NORTH - y[:, None]) + 1


def plane(x, y):
    return 0.1 * (x - WEST) + 0.2 * (NORTH - y) + 1


def test_overlapping_and_half_shifted_tiles_make_one_plane(tmp_path):
    """A plane is kept by bilinear resampling, so the mosaic must be that plane everywhere."""
    first = tile(tmp_path / "a.tif", slope_field(WEST, NORTH, 60, 60))
    second = tile(tmp_path / "b.tif", slope_field(WEST + 505, NORTH, 60, 60), west=WEST + 505)
    bounds = (WEST + 13, NORTH - 500, WEST + 1000, NORTH - 20)
    mosaic = terrain.read_mosaic([first, second], bounds)
    assert mosaic.bounds_m == (WEST + 10, NORTH - 500, WEST + 1000, NORTH - 20)
    rows, columns = mosaic.heights_m.shape
    x = mosaic.west_m + (np.arange(columns) + 0.5) * 10
    y = mosaic.north_m - (np.arange(rows) + 0.5) * 10
    assert not np.isnan(mosaic.heights_m).any()
    assert np.abs(mosaic.heights_m - plane(x[None, :], y[:, None])).max() < 1e-3


def test_void_and_sea_stay_different(tmp_path):
    heights = np.full((10, 10), 5.0)
    heights[:, :3] = 0
    heights[:, 8:] = -32767
    path = tile(tmp_path / "a.tif", heights)
    bounds = (WEST, NORTH - 100, WEST + 100, NORTH)
    mosaic = terrain.read_mosaic([path], bounds)
    assert mosaic.sea.sum() == 30
    assert np.isnan(mosaic.heights_m).sum() == 20
    havflate = gpd.GeoDataFrame(
        geometry=[shapely.box(WEST + 80, NORTH - 100, WEST + 100, NORTH)], crs="EPSG:25833"
    )
    drowned = terrain.read_mosaic([path], bounds, sea=havflate)
    assert drowned.sea[:, 8:].all()
    assert not drowned.sea[:, :8].any()
    assert (drowned.heights_m[:, 8:] == 0).all()
    assert not np.isnan(drowned.heights_m).any()


def test_impossible_heights_are_void_even_without_a_nodata_tag(tmp_path):
    heights = np.array([[1e30, 5.0], [-32767.0, 6.0]])
    path = tile(tmp_path / "a.tif", heights, nodata=None)
    mosaic = terrain.read_mosaic([path], (WEST, NORTH - 20, WEST + 20, NORTH))
    assert np.isnan(mosaic.heights_m[:, 0]).all()
    assert mosaic.heights_m[:, 1].tolist() == [5, 6]


def test_a_tile_in_another_zone(tmp_path):
    bounds = transform_bounds("EPSG:25833", "EPSG:25832", WEST, NORTH - 600, WEST + 600, NORTH)
    rows = columns = 90
    path = tile(
        tmp_path / "a.tif", np.full((rows, columns), 7.0), bounds[0], bounds[3], crs="EPSG:25832"
    )
    mosaic = terrain.read_mosaic([path], (WEST + 200, NORTH - 300, WEST + 300, NORTH - 200))
    assert np.allclose(mosaic.heights_m, 7)


def test_a_tile_in_degrees(tmp_path):
    path = tile(
        tmp_path / "Copernicus.tif", np.full((90, 90), 9.0), 10.0, 61.0, 1 / 3600, "EPSG:4326", None
    )
    west, south, east, north = transform_bounds(
        "EPSG:4326", "EPSG:25833", 10.002, 60.98, 10.02, 60.998
    )
    mosaic = terrain.read_mosaic([path], (west, south, east, north))
    assert mosaic.cell_m == 31
    assert np.nanmax(mosaic.heights_m) == 9


def test_only_tiles_that_touch_are_used(tmp_path):
    path = tile(tmp_path / "a.tif", np.ones((5, 5)))
    with pytest.raises(InputError, match="ingen av terrengflisene"):
        terrain.read_mosaic([path], (0, 0, 100, 100))
    with pytest.raises(InputError, match="ingen terrengfliser"):
        terrain.read_mosaic([], (0, 0, 100, 100))


@pytest.mark.parametrize("content", [b"", b"II*\0tull", b"tekst"])
def test_tiles_that_cannot_be_read(tmp_path, content):
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.tif"):
        terrain.read_mosaic([tmp_path / "a.tif"], (0, 0, 1, 1))


def test_a_truncated_tile(tmp_path):
    path = tile(tmp_path / "a.tif", np.ones((300, 300)))
    path.write_bytes(path.read_bytes()[:200_000])
    with pytest.raises(InputError, match="terreng"):
        terrain.read_mosaic([path], (WEST, NORTH - 3000, WEST + 3000, NORTH))


def test_a_picture_without_a_place(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(
            tmp_path / "a.tif", "w", driver="GTiff", width=2, height=2, count=1, dtype="float32"
        ) as f:
            f.write(np.ones((2, 2), dtype=np.float32), 1)
    with pytest.raises(InputError, match="plassering"):
        terrain.read_mosaic([tmp_path / "a.tif"], (0, 0, 1, 1))


def test_round_trip(tmp_path):
    heights = np.array([[1, np.nan, 0], [0, 2.5, 3]], dtype=np.float32)
    raster = Raster(heights, WEST, NORTH, 10.0, np.array([[False, False, True], [False] * 3]))
    terrain.write_raster(raster, tmp_path / "t.tif")
    back = terrain.read_raster(tmp_path / "t.tif")
    assert np.array_equal(back.heights_m, heights, equal_nan=True)
    assert np.array_equal(back.sea, raster.sea)
    assert back.bounds_m == raster.bounds_m
    assert [p.name for p in tmp_path.iterdir()] == ["t.tif"]
    with pytest.raises(InputError):
        terrain.read_raster(tile(tmp_path / "one.tif", np.ones((2, 2))))


FIELD = Raster(
    slope_field(WEST, NORTH, 100, 100).astype(np.float32),
    WEST,
    NORTH,
    10.0,
    np.zeros((100, 100), bool),
)


def test_samples_and_slopes_on_a_plane():
    points = np.array([[WEST + 55.0, NORTH - 123.0], [WEST - 1, NORTH], [WEST + 999, NORTH - 999]])
    found = terrain.sample(FIELD, points)
    assert found[0] == pytest.approx(plane(*points[0]), abs=1e-3)
    assert np.isnan(found[1])
    x, y = WEST + 100, NORTH - 500
    lines = np.array(
        [
            shapely.LineString([(x, y), (x + 300, y)]),
            shapely.LineString([(x, y), (x, y + 300)]),
            shapely.LineString([(x, y), (x + 300, y), (x, y)]),
            shapely.LineString([(0, 0), (10, 10)]),
            shapely.LineString([(x, y), (x, y)]),
        ]
    )
    slopes = terrain.slope_along(lines, FIELD)
    assert slopes[:3] == pytest.approx([0.1, 0.2, 0.1], abs=1e-4)
    assert np.isnan(slopes[3:]).all()


def test_voids_are_left_out_of_slopes():
    heights = FIELD.heights_m.copy()
    heights[:, 20:30] = np.nan
    line = np.array([shapely.LineString([(WEST + 20, NORTH - 200), (WEST + 800, NORTH - 200)])])
    (slope,) = terrain.slope_along(line, Raster(heights, WEST, NORTH, 10.0, FIELD.sea))
    assert slope == pytest.approx(0.1, abs=1e-4)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.floats(20, 980), st.floats(20, 980)), min_size=2, max_size=6))
def test_slopes_equal_a_plain_loop(places):
    rng = np.random.default_rng(1)
    rough = Raster((50 * rng.random((100, 100))).astype(np.float32), WEST, NORTH, 10.0, FIELD.sea)
    points = np.array([(WEST + x, NORTH - y) for x, y in places])
    line = shapely.LineString(points)
    (found,) = terrain.slope_along(np.array([line]), rough)
    climbed = run = 0.0
    for (x0, y0), (x1, y1) in pairwise(points):
        length = np.hypot(x1 - x0, y1 - y0)
        steps = max(1, int(np.ceil(length / 10)))
        t = np.linspace(0, 1, steps + 1)
        z = terrain.sample(rough, np.column_stack([x0 + t * (x1 - x0), y0 + t * (y1 - y0)]))
        climbed += np.abs(np.diff(z)).sum()
        run += length
    if run:
        assert found == pytest.approx(climbed / run, rel=1e-6, abs=1e-9)


def test_real_tiles(shared_data):
    folder = shared_data / "norway/terrain"
    lowest_highest = {"besseggen_dtm10_256.tif": (981.8, 1905.4), "ASTER_Finse.tif": (1059, 2008),
                      "jotunheimen_300m_utm32.tif": (2.5, 2426.6)}  # fmt: skip
    for name, (lowest, highest) in lowest_highest.items():
        with rasterio.open(folder / name) as file:
            box = transform_bounds(file.crs, "EPSG:25833", *file.bounds)
        mosaic = terrain.read_mosaic([folder / name], box)
        assert (
            lowest - 1 <= np.nanmin(mosaic.heights_m) <= np.nanmax(mosaic.heights_m) <= highest + 1
        )
        assert np.isnan(mosaic.heights_m).mean() < 0.2


def test_demo_tiles_meet(demo):
    tiles = sorted((demo / "terreng").glob("*.tif"))
    mosaic = terrain.read_mosaic(tiles, (101_000, 6_951_000, 134_000, 6_979_000))
    assert np.isnan(mosaic.heights_m).sum() == 1200  # the hole that the demo has on purpose
    assert 0.02 < mosaic.sea.mean() < 0.5


def test_blocks_leave_no_seams(tmp_path, monkeypatch):
    """A rough, half-shifted tile and a finer one: the same heights whatever the block."""
    rough = np.random.default_rng(1).uniform(1, 900, (70, 90))
    shifted = tile(tmp_path / "a.tif", rough, west=WEST + 5)
    finer = tile(tmp_path / "b.tif", rough, cell=2.0)
    box = (WEST, NORTH - 600, WEST + 800, NORTH)
    for path, cell in ((shifted, 10.0), (finer, 10.0)):
        whole = terrain.read_mosaic([path], box, cell_m=cell).heights_m
        monkeypatch.setattr(terrain.mosaic, "_BLOCK_CELLS", 64)
        parts = terrain.read_mosaic([path], box, cell_m=cell).heights_m
        monkeypatch.undo()
        np.testing.assert_allclose(parts, whole, atol=1e-3)


def test_the_next_tiles_fill_what_the_first_lack(tmp_path):
    """DTM10 with a hole, and GLO-30 in degrees, without a nodata tag, as the fall-back."""
    heights = np.full((40, 40), 100.0)
    heights[10:20, 10:20] = -32767
    dtm = tile(tmp_path / "dtm.tif", heights)
    west, south, east, north = transform_bounds(
        "EPSG:25833", "EPSG:4326", WEST - 500, NORTH - 900, WEST + 900, NORTH + 500
    )
    glo = tmp_path / "Copernicus_DSM_COG_10_N60_00_E011_00_DEM.tif"
    with rasterio.open(
        glo, "w", driver="GTiff", width=80, height=80, count=1, dtype="float32", crs="EPSG:4326",
        transform=Affine((east - west) / 80, 0, west, 0, (south - north) / 80, north),
    ) as file:  # fmt: skip
        file.write(np.full((80, 80), 130, dtype=np.float32), 1)
    found = terrain.read_mosaic([dtm, glo], (WEST, NORTH - 400, WEST + 400, NORTH)).heights_m
    assert found.shape == (40, 40)
    assert (found[heights > 0] == 100).all()
    np.testing.assert_allclose(found[heights < 0], 130, atol=1e-3)


def test_finest_cell(tmp_path):
    fine = tile(tmp_path / "dtm1.tif", slope_field(WEST, NORTH, 400, 400, cell=1.0), cell=1.0)
    box = (WEST + 50, NORTH - 350, WEST + 350, NORTH - 50)
    raster = terrain.read_mosaic([fine], box, finest_m=10)
    assert raster.cell_m == 10
    x = raster.west_m + (np.arange(30) + 0.5) * 10
    y = raster.north_m - (np.arange(30) + 0.5) * 10
    np.testing.assert_allclose(raster.heights_m, plane(x[None, :], y[:, None]), atol=1e-2)
