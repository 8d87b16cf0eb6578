"""Divide the county into kommuner along the ridges, and say what grows and lies on the ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse.csgraph import dijkstra

from .place import KOMMUNER
from .terrain import Grid, Mask

Codes = NDArray[np.int64]


def divide(height_m: Grid, slope: Grid, water: Mask, wobble: Grid) -> Codes:
    """Give every 50 m cell to a kommune (index) or to the neighbouring county (-1)."""
    coarse = 4  # 200 m is fine enough for a border
    rows, cols = height_m.shape[0] // coarse, height_m.shape[1] // coarse

    def mean(grid: Grid) -> Grid:
        return (
            grid[: rows * coarse, : cols * coarse].reshape(rows, coarse, cols, coarse).mean((1, 3))
        )

    h, s, w, noise = mean(height_m), mean(slope), mean(water.astype(float)), mean(wobble)
    price = np.exp(0.6 * noise) * (1 + (h / 380) ** 1.5 + 2 * s + 0.4 * w)
    index = np.arange(rows * cols).reshape(rows, cols)
    links = []
    for dr, dc in ((0, 1), (1, 0), (1, 1), (1, -1)):
        lo, hi = max(0, -dc), cols - max(0, dc)
        a, b = index[: rows - dr, lo:hi].ravel(), index[dr:, lo + dc : hi + dc].ravel()
        links.append((a, b, np.hypot(dr, dc) * (price.ravel()[a] + price.ravel()[b]) / 2))
    a, b, nok = (np.concatenate(part) for part in zip(*links, strict=True))
    graph = sparse.coo_matrix((nok, (a, b)), shape=(rows * cols, rows * cols)).tocsr()
    cell_km = 0.05 * coarse
    reach = []
    for kommune in KOMMUNER:
        seeds = [int(y / cell_km) * cols + int(x / cell_km) for x, y in kommune.seeds_km]
        reach.append(dijkstra(graph, directed=False, indices=seeds, min_only=True))
    frame = np.zeros((rows, cols), dtype=bool)
    frame[:2, :] = frame[-2:, :] = frame[:, -2:] = True
    outside = dijkstra(graph, directed=False, indices=np.flatnonzero(frame), min_only=True)
    nearest = np.argmin(np.array([*reach, outside * 1.7 + 2.0]), axis=0)
    code = np.where(nearest == len(KOMMUNER), -1, nearest).reshape(rows, cols)
    return _tidy(code, coarse)


def _tidy(code: Codes, finer: int) -> Codes:
    """Round the borders by a majority vote on a finer grid, and leave no kommune in pieces."""
    kinds = range(-1, len(KOMMUNER))
    votes = np.array(
        [
            ndimage.zoom(
                ndimage.gaussian_filter((code == k).astype(float), 1.3),
                finer,
                order=1,
                grid_mode=True,
                mode="nearest",
            )
            for k in kinds
        ]
    )
    fine = np.argmax(votes, axis=0) - 1
    for k in kinds:
        labels, count = ndimage.label(fine == k)
        if count > 1 and k >= 0:
            size = np.bincount(labels.ravel())
            size[0] = 0
            stray = (labels > 0) & (labels != size.argmax())
            rest = votes.copy()
            rest[k + 1] = -1
            fine = np.where(stray, np.argmax(rest, axis=0) - 1, fine)
    return fine


# --- land cover (N50) and superficial deposits (NGU) on the 50 m grid ------------------------

N50 = (
    "Havflate", "Innsjø", "Elv", "Skog", "DyrketMark", "Myr", "Tettbebyggelse", "ÅpentOmråde",
    "Industriområde", "Steinbrudd", "SportIdrettPlass", "SnøIsbre",
)  # fmt: skip
SEA, LAKE, RIVER, FOREST, FARMLAND, BOG, BUILT, OPEN, INDUSTRY, QUARRY, SPORT, SNOW = range(
    len(N50)
)


def land_cover(
    height_m: Grid,
    slope: Grid,
    waters: tuple[Mask, Mask],
    homes: tuple[Grid, Grid],
    patches: tuple[Grid, Grid],
) -> Codes:
    """Cover the ground: sea and lakes, forest to the tree line, fields where people farm, bog.

    `waters` are sea and lake; `homes` the density of addresses in and outside
    settlements; `patches` two noises of deviation 1.
    """
    sea, lake = waters
    town, farms = homes
    first, second = patches
    tree_line = 560 + 60 * first
    cover = np.where(height_m < tree_line, FOREST, OPEN)
    cover = np.where((height_m < 30) & (slope < 0.1) & (second > 0.3), OPEN, cover)
    boggy = (slope < 0.055) & (first + 0.6 * second > 0.75) & (height_m > 25)
    cover = np.where(boggy, BOG, cover)
    cover = np.where(
        (farms > 0.05) & (slope < 0.16) & (height_m < 420) & (second > -0.9), FARMLAND, cover
    )
    cover = np.where((height_m > 1330) & (first > -0.2), SNOW, cover)
    cover = np.where(town > 0.22, BUILT, cover)
    cover = np.where((town > 0.1) & (town < 0.35) & (second > 1.2) & (slope < 0.1), SPORT, cover)
    cover = np.where((town > 0.10) & (town < 0.3) & (first > 1.0) & (slope < 0.1), INDUSTRY, cover)
    gravel = (slope > 0.12) & (farms > 0.02) & (first < -2.05)
    cover = np.where(gravel, QUARRY, cover)
    cover = np.where(lake, LAKE, cover)
    return np.where(sea, SEA, cover)


def deposits(
    height_m: Grid, slope: Grid, waters: tuple[Mask, Mask, Grid], patches: tuple[Grid, Grid]
) -> Codes:
    """Lay superficial deposits by NGU code: marine clay low down, moraine, peat, scree, bare rock."""
    sea, lake, drained_km2 = waters
    first, second = patches
    valley = ndimage.maximum_filter(drained_km2, 9) > 25
    code = np.where(first > 0.1, 11, 12)
    code = np.where((height_m > 620 + 90 * second) | (slope > 0.42 + 0.05 * first), 130, code)
    code = np.where((height_m > 480) & (code == 12) & (second > 0.6), 140, code)
    code = np.where((slope > 0.36) & (slope < 0.5) & (height_m < 600) & (first > -0.3), 81, code)
    code = np.where((height_m > 950) & (slope < 0.16), 73, code)
    code = np.where((slope < 0.055) & (first + 0.6 * second > 0.75) & (height_m > 25), 90, code)
    code = np.where((height_m < 95) & (slope < 0.13), 41, code)
    code = np.where((height_m < 95) & (slope >= 0.13) & (slope < 0.3), 43, code)
    code = np.where((height_m < 18) & (second > 0.8), 42, code)
    code = np.where(valley & (slope < 0.09), 51, code)
    code = np.where(valley & (slope < 0.14) & (first > 1.0), 20, code)
    return np.where(sea | lake, 1, code)


def without_crumbs(code: Codes, least_cells: int) -> Codes:
    """Give patches smaller than `least_cells` to the neighbour that surrounds them most."""
    code = code.copy()
    for value in np.unique(code).tolist():
        labels, _ = ndimage.label(code == value)
        size = np.bincount(labels.ravel())
        crumbs = (size[labels] < least_cells) & (labels > 0)
        rest = np.where(crumbs, -1, code)
        _, (r, c) = ndimage.distance_transform_edt(rest < 0, return_indices=True)
        code = np.where(crumbs, code[r, c], code)
    return code
