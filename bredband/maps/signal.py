"""The radio layers: how strong the strongest signal is, and which mast it comes from."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
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

MAST_COLOURS = (
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#f0e442",
    "#0072b2",
    "#d55e00",
    "#cc79a7",
    "#999999",
)
"""Colours of neighbouring masts, told apart by the colour-blind too (Okabe and Ito 2008)."""

_BORDER = (24, 34, 44)
_OPACITY, _BORDER_OPACITY = 150, 220


@dataclass(frozen=True)
class SignalPictures:
    """Two pictures of the same ground, as ``data:`` addresses, and where they lie.

    Attributes
    ----------
    signal
        The strongest signal in classes.
    servers
        Whose signal it is: a colour for each mast, another than its neighbours'.
    box
        West, north, east and south in map pixels.
    """

    signal: str
    servers: str
    box: list[float]


def signal_pictures(signal: SignalMap, bounds: Ints) -> SignalPictures:
    """Draw how strong the signal is, and from which mast, as small pictures in web Mercator.

    Parameters
    ----------
    signal
        From ``bredband.radio.map_signal``.
    bounds
        West, north, east and south of what shall be shown, in map pixels.
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
    colour = colours_of_masts(signal.best, len(signal.site_ids))
    owner = np.where(number > 0, colour[best] + 1, 0)
    return SignalPictures(
        _picture(number, COLOURS),
        _picture(owner, MAST_COLOURS, _borders(best) & (number > 0)),
        [west, north, east, south],
    )


def colours_of_masts(best: NDArray[np.int16], masts: int) -> NDArray[np.int64]:
    """Give each mast a place among the colours, another than those of the masts beside it.

    The mast with most neighbours chooses first, and takes the first colour that none of its
    neighbours has (Welsh and Powell 1967). Where more colours are needed than there are, they
    come again.

    Parameters
    ----------
    best
        The mast of every cell, -1 for none, shape (rows, columns).
    masts
        How many masts there are.

    Returns
    -------
    Shape (masts,).
    """
    beside = np.zeros((masts, masts), dtype=bool)
    for axis in (0, 1):
        here, before = np.moveaxis(best, axis, 0)[1:], np.moveaxis(best, axis, 0)[:-1]
        both = (here != before) & (here >= 0) & (before >= 0)
        beside[here[both], before[both]] = beside[before[both], here[both]] = True
    colour = np.full(masts, -1)
    for mast in np.argsort(-beside.sum(axis=1), kind="stable"):
        used = set(colour[beside[mast]].tolist())
        colour[mast] = next(k for k in range(masts) if k not in used)
    return np.asarray(colour % len(MAST_COLOURS), dtype=np.int64)


def _picture(
    number: NDArray[np.int64], colours: tuple[str, ...], borders: NDArray[np.bool_] | None = None
) -> str:
    """Draw numbered colours, nothing where the number is 0, with borders on top."""
    palette = np.zeros((len(colours) + 1, 4), dtype=np.uint8)
    for k, colour in enumerate(colours):
        palette[k + 1] = (*bytes.fromhex(colour[1:]), _OPACITY)
    picture = palette[number]
    if borders is not None:
        picture[borders] = (*_BORDER, _BORDER_OPACITY)
    file = io.BytesIO()
    Image.fromarray(picture, "RGBA").save(file, "WEBP", lossless=True, method=4)
    text = base64.b64encode(file.getvalue()).decode("ascii")
    return f"data:image/webp;base64,{text}"


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
