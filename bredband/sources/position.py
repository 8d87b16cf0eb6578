"""Coordinates as publishers give them, into EPSG:25833; read per row, never assumed."""

from __future__ import annotations

import gc
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from bredband.errors import InputError
from bredband.grid import NORWAY_EAST_M, NORWAY_NORTH_M, WORKING_CRS

SWAPPED = "nord og øst var byttet om"


def epsg_numbers(texts: pd.Series[Any], default_crs: str) -> NDArray[np.int64]:
    """Read EPSG codes such as ``25833`` or ``EPSG:4258``; empty is the default, unknown is 0."""
    default = crs_number(default_crs)
    codes, distinct = pd.factorize(texts)
    numbers = []
    for text in map(str, distinct):
        digits = text.upper().removeprefix("EPSG:").strip()
        known = digits.isdecimal() and is_position_code(int(digits[:9]))
        numbers.append(int(digits) if known else default if text == "" else 0)
    return np.asarray(numbers, dtype=np.int64)[codes]


def crs_number(crs: str) -> int:
    """Give the EPSG code of a projection named in the scenario.

    Raises
    ------
    InputError
        When no such projection exists.
    """
    try:
        number = pyproj.CRS.from_user_input(crs).to_epsg()
    except pyproj.exceptions.CRSError:
        number = None
    if number is None:
        raise InputError(
            f"kjenner ikke projeksjonen «{crs}».", advice="Skriv for eksempel EPSG:25833."
        )
    return int(number)


def to_working(
    east: NDArray[np.float64], north: NDArray[np.float64], epsg: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Transform each point from its own projection; NaN where position or code is unknown.

    ``east`` is longitude and ``north`` latitude for geographic codes.
    """
    x_m = np.full(len(east), np.nan)
    y_m = np.full(len(north), np.nan)
    for code in np.unique(epsg):
        rows = (epsg == code) & np.isfinite(east) & np.isfinite(north)
        if code == 0 or not rows.any():
            continue
        if code == 25833:
            x_m[rows], y_m[rows] = east[rows], north[rows]
            continue
        transform = pyproj.Transformer.from_crs(f"EPSG:{code}", WORKING_CRS, always_xy=True)
        x_m[rows], y_m[rows] = transform.transform(east[rows], north[rows])
    found = np.isfinite(x_m) & np.isfinite(y_m)
    return np.where(found, x_m, np.nan), np.where(found, y_m, np.nan)


def make_points(x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> NDArray[np.object_]:
    """Make points; the collector rests, or it would walk through all of them time and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return np.asarray(shapely.points(np.column_stack([x_m, y_m])), dtype=object)
    finally:
        if collecting:
            gc.enable()


def in_norway(x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points lie in the frame of the Norwegian mainland."""
    east, north = NORWAY_EAST_M, NORWAY_NORTH_M
    return (x_m >= east[0]) & (x_m <= east[1]) & (y_m >= north[0]) & (y_m <= north[1])


def to_norway(
    east: NDArray[np.float64], north: NDArray[np.float64], epsg: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Transform points and mend swapped axes: where only the exchange gives a place in Norway.

    Returns
    -------
    tuple
        Eastings, northings and a mask of the rows whose axes were exchanged. Points that
        lie outside Norway either way keep their coordinates; ``in_norway`` tells them.
    """
    x_m, y_m = to_working(east, north, epsg)
    outside = ~in_norway(x_m, y_m) & np.isfinite(east) & np.isfinite(north)
    swapped = np.zeros(len(east), dtype=np.bool_)
    if outside.any():
        x_other, y_other = to_working(north[outside], east[outside], epsg[outside])
        swapped[outside] = in_norway(x_other, y_other)
        use = swapped[outside]
        x_m[swapped], y_m[swapped] = x_other[use], y_other[use]
    return x_m, y_m, swapped


@cache
def is_position_code(epsg: int) -> bool:
    """Tell whether an EPSG code is a projection or geographic, so that points can have it."""
    try:
        crs = pyproj.CRS.from_epsg(epsg)
    except (pyproj.exceptions.CRSError, OverflowError):
        return False
    return bool(crs.is_projected or crs.is_geographic)
