"""A second run does only what changed, and a killed run leaves the old files or the new."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import resource
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from bredband import county, read_scenario
from bredband.check import check_folder
from bredband.errors import InputError
from bredband.grid import Raster
from bredband.pipeline import run
from bredband.renewal import read_contents, renewing, settle, take
from bredband.store import Store
from tests import killed_runs, lilleland, lilleland_files

MONEY = ("annual_grant_nok = [110000, ", "annual_grant_nok = [320000, ")
OUTLETS = ["write_plan", "draw_map", "write_documents"]


def names(steps: list[str]) -> list[str]:
    return [step.rsplit(".", 1)[1] for step in steps]


def bytes_of(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of everything in a folder but what is hidden and kept for later."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in ("lager", ".lock")
    }


@pytest.fixture(scope="module")
def poor(tmp_path_factory) -> Path:
    """Lilleland's scenario."""
    return lilleland_files.write(tmp_path_factory.mktemp("lilleland") / "inn")


@pytest.fixture(scope="module")
def rich(poor) -> Path:
    """Lilleland with more money in the first year."""
    path = poor.with_name("rik.toml")
    path.write_text(poor.read_text("utf-8").replace(*MONEY), "utf-8")
    return path


@pytest.fixture(scope="module")
def planned(poor, tmp_path_factory) -> Path:
    """Lilleland's folder after a run."""
    out = tmp_path_factory.mktemp("ut") / "ut"
    run(read_scenario(poor), out)
    return out


@pytest.fixture(scope="module")
def plans(poor, rich, planned, tmp_path_factory) -> dict[Path, dict[str, str]]:
    """What an undisturbed run of each writes, each in a folder of its own."""
    out = tmp_path_factory.mktemp("rik") / "ut"
    run(read_scenario(rich), out)
    written = {poor: bytes_of(planned), rich: bytes_of(out)}
    assert written[poor] != written[rich]
    return written


@pytest.fixture
def out(planned, tmp_path) -> Path:
    """A copy of Lilleland's folder after a run."""
    shutil.copytree(planned, tmp_path / "ut")
    return tmp_path / "ut"


def test_a_second_run_does_only_what_changed(poor, rich, plans, out):
    second, third, back = (Store(out / "lager") for _ in range(3))
    run(read_scenario(poor), out, store=second)
    assert second.computed == []
    assert names(second.reused)[-3:] == OUTLETS
    assert bytes_of(out) == plans[poor]
    run(read_scenario(rich), out, store=third)
    assert names(third.computed) == ["choose_together", *OUTLETS]
    assert bytes_of(out) == plans[rich]  # as if nothing had been kept
    run(read_scenario(poor), out, store=back)
    assert back.computed == []  # the run before last is kept too


def test_a_changed_file_is_read_again_whatever_its_date(poor, out, tmp_path):
    folder = tmp_path / "inn"
    shutil.copytree(poor.parent, folder)
    offers = folder / "fbb.csv"
    stat = offers.stat()
    offers.write_text(offers.read_text("utf-8").replace("1000;", "1001;"), "utf-8")
    os.utime(offers, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    again = Store(out / "lager")
    run(read_scenario(folder / "scenario.toml"), out, store=again)
    assert {"ingest_described", "weigh_evidence", "design"} <= set(names(again.computed))
    assert check_folder(out) == []


def test_what_the_new_run_does_not_write_is_removed(tmp_path):
    with renewing(tmp_path) as new:
        (new / "terreng.tif").write_text("gammelt")
        (new / "plan.json").write_text("{}")
    (tmp_path / "notat.txt").write_text("planleggerens egen")
    with renewing(tmp_path) as new:
        (new / "plan.json").write_text("[]")
    assert sorted(bytes_of(tmp_path)) == ["innhold.json", "notat.txt", "plan.json"]
    with renewing(tmp_path, whole=False) as new:
        (new / "kart.html").write_text("")
    assert sorted(read_contents(tmp_path)) == ["kart.html", "plan.json"]


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_a_renewal_that_was_begun_is_finished(tmp_path, moved):
    with renewing(tmp_path) as new:
        for name in ("a", "b", "c"):
            (new / name).write_text("gammel")
    stage = tmp_path / ".ny"
    stage.mkdir()
    for name in ("a", "b"):
        (stage / name).write_text("ny")
    for name in ("a", "b")[:moved]:  # killed after so many moves
        (stage / name).replace(tmp_path / name)
    journal = {"moved": ["a", "b"], "removed": ["c"]}
    (tmp_path / ".bytte.json").write_text(json.dumps(journal))
    settle(tmp_path)
    assert [(tmp_path / name).read_text() for name in ("a", "b")] == ["ny", "ny"]
    assert not (tmp_path / "c").exists()
    assert not stage.exists()


def test_a_run_killed_at_any_moment_leaves_the_old_files_or_the_new(poor, rich, plans, out):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([killed_runs.__name__])
    draw = random.Random(50)
    took_s = {}
    for fresh in (True, False):
        begun = time.monotonic()
        whole = context.Process(target=killed_runs.run_once, args=(poor, out, fresh))
        whole.start()
        whole.join()
        took_s[fresh] = time.monotonic() - begun
        assert whole.exitcode == 0
    for kill in range(50):
        scenario, fresh = draw.choice((poor, rich)), kill % 10 == 0
        child = context.Process(target=killed_runs.run_once, args=(scenario, out, fresh))
        child.start()
        child.join(draw.uniform(0, 1.3 * took_s[fresh]))
        child.kill()
        child.join()
        settle(out)
        left = {
            name: digest for name, digest in bytes_of(out).items() if not name.startswith(".ny/")
        }
        assert left in plans.values()
    for scenario in (poor, rich):  # and what the dead left behind harms nobody
        last = context.Process(target=killed_runs.run_once, args=(scenario, out, False))
        last.start()
        last.join()
        assert bytes_of(out) == plans[scenario]


def test_a_full_disk_is_one_sentence_and_the_old_files_stay(poor, rich, plans, out):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (60_000, hard)
    )  # no file may be larger: as on a full disk
    try:
        with pytest.raises(InputError, match="kunne ikke skrives"):
            run(read_scenario(rich), out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert bytes_of(out) == plans[poor]


def test_a_folder_that_cannot_be_written_to_is_one_sentence(poor, tmp_path):
    file = tmp_path / "fil"
    file.write_text("")
    with pytest.raises(InputError, match="kan ikke skrive hit"):
        run(read_scenario(poor), file / "ut")


def test_two_runs_in_one_folder_do_not_mix(poor, tmp_path):
    with renewing(tmp_path), pytest.raises(InputError, match="en annen kjøring"):
        run(read_scenario(poor), tmp_path)


def test_what_is_taken_is_never_written_into_what_is_kept(tmp_path):
    kept = {name: tmp_path / name for name in ("lest", "planlagt")}
    for name, folder in kept.items():
        folder.mkdir()
        (folder / "premises.parquet").write_text(name)
    stage = tmp_path / "ny"
    for folder in kept.values():
        take(folder, stage)
    assert [(f / "premises.parquet").read_text() for f in (*kept.values(), stage)] == [
        "lest", "planlagt", "planlagt",
    ]  # fmt: skip


# --- the store by itself ---------------------------------------------------------------------


def twice(value: object) -> object:
    return value


FRAME = gpd.GeoDataFrame(
    {"id": pd.array(["a", "b"], dtype="str"), "n": [1, 2], "share": [0.1, np.nan]},
    geometry=[shapely.Point(0, 0), shapely.Point(1, 1)],
    crs="EPSG:25833",
)
RASTER = Raster(np.ones((2, 3), np.float32), 0.0, 1.0, 10.0, np.zeros((2, 3), bool))


@pytest.mark.parametrize(
    "value",
    [FRAME, FRAME.iloc[:0], pd.DataFrame(FRAME.drop(columns="geometry")), RASTER, (1, "a", None), {"a": [1.5]}],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_an_answer_comes_back_as_it_was(value, tmp_path):
    for _ in range(2):
        again = Store(tmp_path)(twice, value)
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(value))
            assert type(again) is type(value)
        elif isinstance(value, Raster):
            assert (again.heights_m == value.heights_m).all()
            assert again.bounds_m == value.bounds_m
        else:
            assert again == value


def test_the_address_is_the_content(tmp_path):
    def address(value: object) -> str:
        store = Store(tmp_path)
        store(twice, value)
        return store._used[0]

    same = FRAME.copy()
    other = FRAME.assign(n=[1, 3])
    moved = FRAME.set_geometry(shapely.points([[0, 0], [1, 2]]), crs=FRAME.crs)
    geometries = [np.array(frame.geometry.array) for frame in (FRAME, same, moved)]
    assert address(FRAME) == address(same)
    assert len({address(frame) for frame in (FRAME, other, moved)}) == 3
    assert address(geometries[0]) == address(geometries[1]) != address(geometries[2])
    assert len({address(value) for value in (1, 1.0, "1", True, (1,), [1], None)}) == 7
    with pytest.raises(TypeError, match="no address"):
        Store(tmp_path)(twice, object())


def test_equal_projections_are_the_same_bytes(tmp_path):
    epsg = pyproj.CRS.from_epsg(25833)
    computed = lilleland.county().premises.set_crs(epsg, allow_override=True)
    as_gdal_words_it = pyproj.CRS.from_wkt(epsg.to_wkt("WKT1_GDAL"))
    read = computed.set_crs(as_gdal_words_it, allow_override=True)
    assert read.crs == computed.crs
    assert read.crs.to_json() != computed.crs.to_json()

    def leave(folder: Path, frame: gpd.GeoDataFrame) -> str:
        county.write_table(folder, "premises", frame)
        store = Store(folder / "lager")
        store(twice, frame)
        return store._used[0]

    def leave_after_identifying() -> str:
        # PROJ (9.5) remembers by thread what it identified: a process that begins with kept tables
        # makes another projection of the code than one that begins by computing.
        kept = gpd.read_parquet(tmp_path / "a" / "tabeller" / "premises.parquet")
        assert kept.crs.to_epsg() == 25833
        late = pyproj.CRS.from_epsg(25833)
        return leave(tmp_path / "c", computed.set_crs(late, allow_override=True))

    addresses = [leave(tmp_path / "a", computed), leave(tmp_path / "b", read)]
    with ThreadPoolExecutor(1) as other:
        addresses.append(other.submit(leave_after_identifying).result())
    assert len(set(addresses)) == 1
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b") == bytes_of(tmp_path / "c")


def test_a_damaged_answer_is_computed_again(tmp_path):
    Store(tmp_path)(twice, FRAME)
    [entry] = [path for path in tmp_path.iterdir() if path.is_dir()]
    next(p for p in entry.iterdir() if p.suffix != ".json").write_bytes(b"x")
    again = Store(tmp_path)
    assert len(again(twice, FRAME)) == 2
    assert names(again.computed) == ["twice"]


@dataclass(frozen=True)
class NotOurs:
    n: int = 1


def test_only_our_own_classes_are_made_from_a_file(tmp_path):
    with pytest.raises(InputError, match="ikke noe bredband kan lese"):
        Store(tmp_path)(twice, NotOurs())


def test_a_part_of_a_scenario_has_no_other_part(poor):
    part = read_scenario(poor).only("target", "rollout")
    assert part.rollout.first_year == 2027
    with pytest.raises(AttributeError):
        _ = part.costs
    one_field = read_scenario(poor).only("coverage.match_distance_m").coverage
    assert one_field.match_distance_m > 0
    with pytest.raises(AttributeError):
        _ = one_field.plan_on
