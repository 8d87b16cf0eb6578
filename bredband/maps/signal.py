"""The radio layer: how strong the strongest signal is, and where another mast takes over."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from bredband.maps.background import ground_positions
from bredband.maps.payload import Ints

if TYPE_CHECKING:  # the room itself compiles kernels, which a map has no use for
    from bredband.radio import SignalMap

PIXELS = 1000
"""Longest side of the picture."""

LIMITS_DBM = (-110, -100, -90, -80, -70)
"""Lower limits of the classes; a weaker signal is not shown."""

COLOURS = ("#482475", "#355f8d", "#21918c", "#7ad151", "#fde725")
"""A colour per class, from weak to strong (viridis)."""

_BORDER = (24, 34, 44)
_OPACITY, _BORDER_OPACITY = 150, 220


def signal_picture(signal: SignalMap, bounds: Ints) -> tuple[str, list[float]]:
    """Draw signal classes and the borders between masts as a small picture in web Mercator.

    Parameters
    ----------
    signal
        From ``bredband.radio.map_signal``.
    bounds
        West, north, east and south of what shall be shown, in map pixels.

    Returns
    -------
    The picture as a ``data:`` address, and its west, north, east and south in map pixels.
    """
    west, north, east, south = (float(value) for value in bounds)
    scale = max(east - west, south - north) / PIXELS
    shape = (max(round((south - north) / scale), 1), max(round((east - west) / scale), 1))
    east_m, north_m, _ = ground_positions(west, north, scale, shape)
    row = (signal.north_m - north_m) / signal.cell_m - 0.5
    column = (east_m - signal.west_m) / signal.cell_m - 0.5
    best = ndimage.map_coordinates(signal.best, [row, column], order=0, cval=-1)
    level = ndimage.map_coordinates(_filled(signal), [row, column], order=1, mode="nearest")
    number = np.where(best >= 0, np.searchsorted(LIMITS_DBM, level, side="right"), 0)
    palette = np.zeros((len(COLOURS) + 1, 4), dtype=np.uint8)
    for k, colour in enumerate(COLOURS):
        palette[k + 1] = (*bytes.fromhex(colour[1:]), _OPACITY)
    picture = palette[number]
    picture[_borders(best) & (number > 0)] = (*_BORDER, _BORDER_OPACITY)
    file = io.BytesIO()
    Image.fromarray(picture, "RGBA").save(file, "WEBP", lossless=True, method=4)
    text = base64.b64encode(file.getvalue()).decode("ascii")
    return f"data:image/webp;base64,{text}", [west, north, east, south]


def _borders(best: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Mark where one mast takes over from another; the end of all masts is no such place."""
    borders = np.zeros(best.shape, dtype=bool)
    for axis in (0, 1):
        here, before = np.moveaxis(best, axis, 0)[1:], np.moveaxis(best, axis, 0)[:-1]
        np.moveaxis(borders, axis, 0)[1:] |= (here != before) & (here >= 0) & (before >= 0)
    return borders


def _filled(signal: SignalMap) -> NDArray[np.float32]:
    """Give cells without an answer the value of the nearest that has one, to interpolate from."""
    unknown = np.isnan(signal.rsrp_dbm)
    if unknown.all():
        return np.zeros_like(signal.rsrp_dbm)
    nearest = ndimage.distance_transform_edt(unknown, return_distances=False, return_indices=True)
    return np.asarray(signal.rsrp_dbm[tuple(nearest)], dtype=np.float32)
