"""What is wrong with the data, counted and placed on the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from bredband.grid import WORKING_CRS, Raster
from bredband.nearest import nearest_line
from bredband.reading import Reading, number_set_aside
from bredband.tables import TABLES, among
from bredband.wording import said, sentences

FAR_FROM_ROAD_M = 500.0
OLD_DAYS = 365
NEIGHBOUR_ZONES = (25832, 25835)
COUNT_COLUMNS = ("source", "rows_in", "kept", "repaired", "set_aside")

Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Findings:
    """Everything the validation report says.

    ``counts``: rows per source. ``reasons``: rows repaired or set aside, per source and
    reason. ``set_aside``: every such row. ``spatial``: points with a fault and advice.
    ``coverage``: our shares against Nkom's. ``ages``: date and age in days per source.
    ``lacking``: addresses where Nkom's lists and the claims disagree (``compare_lacking``).
    """

    counts: pd.DataFrame
    reasons: pd.DataFrame
    set_aside: pd.DataFrame
    spatial: gpd.GeoDataFrame
    coverage: pd.DataFrame
    ages: pd.DataFrame
    lacking: pd.DataFrame = field(default_factory=pd.DataFrame)


def count_rows(readings: Mapping[str, Reading]) -> pd.DataFrame:
    """Count rows in, kept, repaired and set aside per source."""
    records = [
        (name, r.rows_in, r.rows_kept, sum(r.repaired.values()), len(r.set_aside))
        for name, r in readings.items()
    ]
    return pd.DataFrame(records, columns=list(COUNT_COLUMNS))


def count_reasons(readings: Mapping[str, Reading]) -> pd.DataFrame:
    """Count rows per source and reason; ``done`` is ``repaired`` or ``set_aside``."""
    records = []
    for name, reading in readings.items():
        records += [(name, "repaired", reason, n) for reason, n in reading.repaired.items()]
        counted = reading.set_aside.groupby("reason", sort=False).size()
        records += [(name, "set_aside", str(reason), int(n)) for reason, n in counted.items()]
    return pd.DataFrame(records, columns=["source", "done", "reason", "rows"])


def all_set_aside(readings: Mapping[str, Reading]) -> pd.DataFrame:
    """Gather every row set aside, each under the name its source has in ``readings``."""
    parts = [reading.set_aside.assign(source=name) for name, reading in readings.items()]
    table = number_set_aside(parts)
    return table[TABLES["set_aside"].column_names]


def find_spatial_faults(
    premises: gpd.GeoDataFrame,
    kommuner: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame | None = None,
    raster: Raster | None = None,
    origin: pd.DataFrame | None = None,
    *,
    language: str = "nb",
) -> gpd.GeoDataFrame:
    """Find premises that are not where they should be.

    Outside the kommune they belong to (and whether another UTM zone would put them inside
    it), in the sea, more than 500 m from a road, the same address twice, and those whose axes
    were exchanged when they were read. Points without a place in Norway are not premises;
    they stand among the rows set aside.

    Parameters
    ----------
    premises, kommuner, roads
        The tables of those names.
    raster
        The terrain, which knows the sea.
    origin
        ``file`` and ``row`` of each of the premises, and what was ``mended``; see ``Reading``.
    language
        What fault and advice are written in, ``nb`` or ``nn``.

    Returns
    -------
    geopandas.GeoDataFrame
        ``premises_id``, ``address``, ``kommune``, ``file``, ``row``, ``fault``, ``advice`` and
        the point.
    """
    w = sentences("quality", language)
    name, advice = w["fault"], w["fault_advice"]
    points_m = shapely.get_coordinates(premises.geometry.array)
    outside = ~_inside_own(points_m, premises["kommune"], kommuner)
    faults: list[tuple[Truth, str, str]] = []
    for epsg in NEIGHBOUR_ZONES:
        other = _from_zone(points_m[outside], epsg)
        fits = outside.copy()
        fits[outside] = _inside_own(other, premises["kommune"][outside], kommuner)
        faults.append((fits, name["zone"], advice["zone"].format(epsg=epsg)))
        outside &= ~fits
    faults.append((outside, name["outside"], advice["outside"]))
    if raster is not None:
        faults.append((_at_sea(points_m, raster), name["at_sea"], advice["at_sea"]))
    if roads is not None and len(roads):
        _, distance = nearest_line(points_m, np.asarray(roads.geometry.array, dtype=object))
        far = distance > FAR_FROM_ROAD_M
        faults.append((far, name["far_from_road"], advice["far_from_road"]))
    if origin is not None and "mended" in origin:
        mended = origin["mended"].fillna("").to_numpy(dtype=object)
        faults += [
            (
                np.asarray(mended == what, dtype=np.bool_),
                name["mended"].format(what=said(what, language)), advice["mended"],
            )
            for what in dict.fromkeys(mended[mended != ""])
        ]  # fmt: skip
    faults.append((_twice(premises), name["twice"], advice["twice"]))
    placed = premises[["premises_id", "address", "kommune", "geometry"]].assign(file="", row=0)
    if origin is not None and len(origin) == len(premises):
        placed = placed.assign(file=origin["file"].to_numpy(), row=origin["row"].to_numpy())
    parts = [
        placed[bad].assign(fault=fault, advice=said) for bad, fault, said in faults if bad.any()
    ]
    columns = [*placed.columns.drop("geometry"), "fault", "advice", "geometry"]
    if not parts:
        return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=WORKING_CRS)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True)[columns], crs=WORKING_CRS)


def compare_coverage(
    premises: pd.DataFrame, availability: pd.DataFrame, kommune_table: pd.DataFrame
) -> pd.DataFrame:
    """Hold the shares of households covered against Nkom's kommune table.

    An offer counts when it is available, is not mobile or satellite, and is at least as fast
    as the class (``down >= class``); of several, the best counts.

    Returns
    -------
    pandas.DataFrame
        ``kommune``, ``measure``, ``our_share``, ``nkom_share`` and ``difference_share``.
    """
    fixed = availability[
        (availability["status"] == "available")
        & ~availability["technology"].isin(["mobile", "satellite"])
    ]
    best = fixed.groupby("premises_id")["down_mbps"].max()
    down = premises["premises_id"].map(best).fillna(0.0).to_numpy(dtype=np.float64)
    has = {"fibre_share": "fibre", "cable_share": "cable", "fwa_share": "fwa", "dsl_share": "dsl"}
    covered = {
        name: among(
            premises["premises_id"], fixed.loc[fixed["technology"] == technology, "premises_id"]
        )
        for name, technology in has.items()
    }
    covered |= {f"all_{mbps}_share": down >= mbps for mbps in (30, 100, 1000)}
    households = premises["households"].to_numpy(dtype=np.float64)
    total = pd.Series(households).groupby(premises["kommune"].to_numpy()).sum()
    total = total[total > 0]
    records = []
    theirs = kommune_table.set_index("kommune")
    for name, yes in covered.items():
        if name not in theirs:
            continue
        ours = pd.Series(households * yes).groupby(premises["kommune"].to_numpy()).sum()
        for kommune in total.index.intersection(theirs.index):
            share, said = float(ours[kommune] / total[kommune]), float(theirs[name][kommune])
            records.append((kommune, name, share, said, share - said))
    columns = ["kommune", "measure", "our_share", "nkom_share", "difference_share"]
    return pd.DataFrame(records, columns=columns)


def list_ages(dates: Mapping[str, str], today: date) -> pd.DataFrame:
    """Give the date and age in days of each source; -1 days where no date is known."""
    records = []
    for source, text in dates.items():
        try:
            days = (today - date.fromisoformat(text[:10])).days
        except ValueError:
            days = -1
        records.append((source, text, days))
    return pd.DataFrame(records, columns=["source", "date", "days"])


def _inside_own(
    points_m: NDArray[np.float64], kommune: pd.Series[str], kommuner: gpd.GeoDataFrame
) -> Truth:
    inside = np.zeros(len(points_m), dtype=np.bool_)
    points: NDArray[np.object_] = np.asarray(shapely.points(points_m), dtype=object)
    tree = shapely.STRtree(points)
    shapes = np.asarray(kommuner.geometry.array, dtype=object)
    border, point = tree.query(shapes, predicate="intersects")
    same = kommuner["kommune"].to_numpy()[border] == kommune.to_numpy()[point]
    inside[point[same]] = True
    return inside


def _from_zone(points_m: NDArray[np.float64], epsg: int) -> NDArray[np.float64]:
    """Read coordinates as if they were in another zone."""
    to = pyproj.Transformer.from_crs(f"EPSG:{epsg}", WORKING_CRS, always_xy=True)
    return np.column_stack(to.transform(points_m[:, 0], points_m[:, 1]))


def _at_sea(points_m: NDArray[np.float64], raster: Raster) -> Truth:
    """Tell which points lie in a sea cell whose eight neighbours are sea too."""
    rows, columns = raster.sea.shape
    row = np.floor((raster.north_m - points_m[:, 1]) / raster.cell_m).astype(np.int64)
    column = np.floor((points_m[:, 0] - raster.west_m) / raster.cell_m).astype(np.int64)
    wet = np.ones(len(points_m), dtype=np.bool_)
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            within = (row + i >= 0) & (row + i < rows) & (column + j >= 0) & (column + j < columns)
            sea = raster.sea[np.clip(row + i, 0, rows - 1), np.clip(column + j, 0, columns - 1)]
            wet &= within & sea
    return wet


def _twice(premises: pd.DataFrame) -> Truth:
    key = premises[["kommune", "street", "house_number", "postcode"]]
    named = (premises["street"] != "") & (premises["house_number"] != "")
    return np.asarray(key.duplicated(keep=False) & named, dtype=np.bool_)
