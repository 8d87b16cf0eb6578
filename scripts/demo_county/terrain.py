"""Make a fjord landscape: rivers cut it, glaciers widen it, the sea drowns it."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .place import HEIGHT_M, SOUTH_M, WEST_M, WIDTH_M

Grid = NDArray[np.float64]
Mask = NDArray[np.bool_]

CELL_M = 10.0
EROSION_CELL_M = 125.0
PLAN_CELL_M = 50.0
STEP_M = 0.5
"""Heights are rounded to this so that the committed tiles stay small."""

# The lines the great valleys follow, in km from the south-west corner, mouth first.
VALLEYS_KM = (
    (
        (-1, 14),
        (4, 13.2),
        (8.5, 14),
        (12, 15.8),
        (15, 15),
        (18.5, 16),
        (22, 18),
        (26, 17),
        (30, 19),
        (36, 20),
    ),
    ((8.5, 14), (10, 10.5), (13, 7.5), (17, 6), (21, 6.8), (26, 5), (31, 7), (36, 6)),
    ((12, 15.8), (13, 19.5), (15.5, 22), (20, 23.5), (25, 26), (31, 25.5)),
    ((22, 18), (23.5, 14), (27, 11.5), (32, 12.5)),
)
# Hills of the outer islands: x km, y km, height m, length km, breadth km, direction in degrees.
ISLANDS = (
    (4.6, 19.0, 190, 2.3, 1.2, 60),
    (3.9, 8.4, 230, 2.0, 1.1, 120),
    (1.9, 24.0, 120, 1.7, 0.9, 45),
    (1.5, 15.9, 60, 0.9, 0.5, 80),
    (2.2, 3.6, 70, 0.9, 0.6, 20),
    (5.6, 26.9, 150, 1.3, 0.8, 40),
)
# Fjord arms drowned by the sea, and the half-width of their water in km, mouth to head.
FJORDS_KM = (
    ((8.5, 14, 1.1), (12, 15.8, 0.9), (15, 15, 0.7), (17.3, 15.5, 0.45)),
    ((8.5, 14, 1.0), (10, 10.5, 0.8), (13, 7.5, 0.65), (15.4, 6.5, 0.4)),
    ((12, 15.8, 0.8), (13, 19.5, 0.6), (14.3, 20.9, 0.35)),
)
# Sounds that part the islands from the mainland: x km, y km, half-width km.
SOUNDS_KM = (
    ((5.2, 16.6, 0.5), (6.2, 18.3, 0.3), (6.7, 20.3, 0.16), (6.3, 21.8, 0.3), (4.5, 23.0, 0.6)),
    ((4.2, 5.6, 0.6), (5.9, 6.8, 0.45), (6.3, 8.6, 0.4), (6.0, 10.6, 0.6)),
)
# Lakes, outlet first: x km, y km, half-width km.
LAKES_KM = (
    ((23.4, 17.5, 0.1), (24.6, 17.3, 0.42), (26.0, 17.1, 0.38), (27.0, 17.3, 0.15)),
    ((18.9, 6.5, 0.1), (20.0, 6.5, 0.34), (21.0, 6.7, 0.36), (21.9, 6.5, 0.12)),
    ((18.0, 22.7, 0.1), (18.9, 23.1, 0.3), (20.0, 23.5, 0.3), (20.7, 23.8, 0.1)),
    ((27.6, 11.7, 0.08), (28.4, 11.8, 0.26), (29.4, 11.9, 0.24), (30.0, 12.0, 0.1)),
    ((27.0, 5.6, 0.1), (27.8, 5.7, 0.28), (28.9, 6.2, 0.28), (29.6, 6.5, 0.1)),
    ((10.4, 25.5, 0.1), (11.0, 25.9, 0.3), (11.6, 26.6, 0.25), (12.0, 27.1, 0.1)),
    ((24.6, 9.2, 0.1), (25.2, 9.0, 0.22), (25.8, 8.9, 0.2), (26.2, 8.8, 0.08)),
)


@dataclass(frozen=True)
class River:
    """A river from its head to the sea, a lake or a larger river."""

    xy_m: Grid
    """Vertices in EPSG:25833, shape (n, 2)."""
    drained_km2: Grid
    """Land drained at each vertex, km2, shape (n,)."""


@dataclass(frozen=True)
class Terrain:
    """Heights at 10 m, row 0 in the south; water masks on the same grid; rivers at 50 m."""

    height_m: Grid
    sea: Mask
    lake: Mask
    river_km2: Grid
    """Drained area on the 50 m grid, km2."""
    rivers: tuple[River, ...]


def make_terrain(rng: np.random.Generator) -> Terrain:
    """Make the terrain of the county from a seeded generator."""
    rough, drained_km2, rivers = _eroded(rng)
    height = _fine(rough, rng)
    river_km2 = _zoomed(drained_km2, EROSION_CELL_M, PLAN_CELL_M, order=0)
    height, lake = _with_lakes(height, rng)
    height = np.round(height / STEP_M) * STEP_M
    sea = _connected_to_west(height <= 0.0)
    height = np.where(sea, 0.0, np.maximum(height, STEP_M))
    return Terrain(height, sea, lake & ~sea, river_km2, rivers)


def fractal(
    shape: tuple[int, int], cell_m: float, longest_m: float, slope: float, rng: np.random.Generator
) -> Grid:
    """Make fractal noise of mean 0 and deviation 1, with no wave longer than `longest_m`."""
    rows, cols = shape
    pad = (
        rows * 5 // 4,
        cols * 5 // 4,
    )  # cut off, so that the noise does not repeat across the edge
    fy = np.fft.fftfreq(pad[0], cell_m)[:, None]
    fx = np.fft.rfftfreq(pad[1], cell_m)[None, :]
    f = np.hypot(fy, fx)
    power = np.where(f > 1 / (4 * longest_m), (f + 1 / longest_m) ** -slope, 0.0)
    wave = np.fft.rfft2(rng.standard_normal(pad)) * power
    noise = np.fft.irfft2(wave, s=pad)[:rows, :cols]
    return (noise - noise.mean()) / noise.std()


def _smoothstep(x: Grid, low: float, high: float) -> Grid:
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)


def _zoomed(grid: Grid, from_m: float, to_m: float, order: int = 3) -> Grid:
    """Resample a grid over the county to another cell size, centre to centre."""
    rows, cols = int(HEIGHT_M / to_m), int(WIDTH_M / to_m)
    y = ((np.arange(rows) + 0.5) * to_m / from_m) - 0.5
    x = ((np.arange(cols) + 0.5) * to_m / from_m) - 0.5
    return ndimage.map_coordinates(
        grid, np.meshgrid(y, x, indexing="ij"), order=order, mode="nearest"
    )


def _centres_km(cell_m: float) -> tuple[Grid, Grid]:
    x = (np.arange(int(WIDTH_M / cell_m)) + 0.5) * cell_m / 1000
    y = (np.arange(int(HEIGHT_M / cell_m)) + 0.5) * cell_m / 1000
    gx, gy = np.meshgrid(x, y)
    return gx, gy


# --- erosion ---------------------------------------------------------------------------


def _eroded(rng: np.random.Generator) -> tuple[Grid, Grid, tuple[River, ...]]:
    """Let rivers cut an uplifted block, then widen the valleys: heights, drained km2, rivers."""
    x_km, y_km = _centres_km(EROSION_CELL_M)
    shape = x_km.shape
    wobble = fractal(shape, EROSION_CELL_M, 9000, 1.6, rng)
    hard = fractal(shape, EROSION_CELL_M, 5000, 1.5, rng)
    guide_km = _distance_to_valleys_km(x_km + 0.35 * wobble, y_km + 0.35 * hard)
    height = 25.0 * guide_km + 6.0 * x_km + 12.0 * fractal(shape, EROSION_CELL_M, 3000, 1.4, rng)
    inland = _smoothstep(x_km + 0.9 * wobble, 4.0, 19.0)
    uplift = 30.0 * (0.08 + inland * (1.0 + 0.16 * wobble))
    erodibility = 0.0042 * np.exp(0.35 * hard)
    west = x_km < EROSION_CELL_M / 1000
    for _ in range(34):
        height, drained = _river_step(height, uplift, erodibility, west)
        height = height + 0.14 * ndimage.laplace(height)
    drained_km2 = drained * (EROSION_CELL_M / 1000) ** 2
    rivers = _rivers(height, drained_km2, west)
    height = height * (1480.0 / np.percentile(height, 99.9))
    height = _glaciated(height, drained_km2)
    height = height - 62.0
    for arm in FJORDS_KM:
        distance, width = _along(x_km + 0.2 * hard, y_km + 0.2 * wobble, arm)
        inside = distance / width
        trough = -70 + 70 * inside**2 + 420 * np.maximum(inside - 1, 0)
        height = np.minimum(height, trough)
    coast = 1 - _smoothstep(x_km + 0.6 * wobble, 4.0, 8.5)
    strandflat = -32.0 + 27.0 * fractal(shape, EROSION_CELL_M, 3000, 2.1, rng)
    smooth = ndimage.gaussian_filter(hard, 3)
    for ix, iy, top, length, breadth, turn in ISLANDS:
        a = np.radians(turn)
        u = ((x_km - ix) * np.cos(a) + (y_km - iy) * np.sin(a)) / length
        v = ((y_km - iy) * np.cos(a) - (x_km - ix) * np.sin(a)) / breadth
        radius = np.hypot(u, v) * (1 + 0.3 * smooth)
        strandflat = strandflat + (top + 30) * np.exp(-2.2 * radius**2)
    for sound in SOUNDS_KM:
        distance, width = _along(x_km, y_km, sound)
        inside = distance / width
        bed = -45 + 45 * inside**2 + 200 * np.maximum(inside - 1, 0)
        strandflat, height = np.minimum(strandflat, bed), np.minimum(height, bed)
    channel = np.exp(-((guide_km / 1.1) ** 2))
    strandflat = np.where(strandflat > -40, strandflat, -40) - 70 * channel
    return coast * strandflat + (1 - coast) * height, drained_km2, rivers


def _rivers(
    height: Grid, drained_km2: Grid, base: Mask, least_km2: float = 12.0
) -> tuple[River, ...]:
    """Trace the rivers from their heads down, the longest first, each to the next."""
    receiver = _steepest(_filled(height, base), base)[0].ravel()
    area = drained_km2.ravel()
    wet = np.flatnonzero(area >= least_km2)
    fed = set(receiver[wet].tolist())
    heads = [i for i in wet.tolist() if i not in fed]
    paths = []
    for head in heads:
        path = [head]
        while receiver[path[-1]] != path[-1]:
            path.append(int(receiver[path[-1]]))
        paths.append(path)
    seen: set[int] = set()
    rivers = []
    for path in sorted(paths, key=len, reverse=True):
        own = next((k for k, cell in enumerate(path) if cell in seen), len(path) - 1)
        part = path[: own + 1]
        seen.update(part)
        if len(part) < 4:
            continue
        row, col = np.divmod(part, height.shape[1])
        xy = np.column_stack([col + 0.5, row + 0.5]) * EROSION_CELL_M + [WEST_M, SOUTH_M]
        for _ in range(4):
            xy[1:-1] = 0.5 * xy[1:-1] + 0.25 * (xy[:-2] + xy[2:])
        rivers.append(River(xy, area[part]))
    return tuple(rivers)


def _distance_to_valleys_km(x_km: Grid, y_km: Grid) -> Grid:
    best = np.full(x_km.shape, np.inf)
    for line in VALLEYS_KM:
        distance, _ = _along(x_km, y_km, tuple((x, y, 0.0) for x, y in line))
        best = np.minimum(best, distance)
    return best


def _along(
    x_km: Grid, y_km: Grid, line: tuple[tuple[float, float, float], ...]
) -> tuple[Grid, Grid]:
    """Measure how far each cell is from a line, and the half-width of the line there, in km."""
    best, width = np.full(x_km.shape, np.inf), np.zeros(x_km.shape)
    for (x0, y0, w0), (x1, y1, w1) in itertools.pairwise(line):
        dx, dy = x1 - x0, y1 - y0
        t = np.clip(((x_km - x0) * dx + (y_km - y0) * dy) / (dx * dx + dy * dy), 0, 1)
        distance = np.hypot(x_km - x0 - t * dx, y_km - y0 - t * dy)
        width = np.where(distance < best, w0 + t * (w1 - w0), width)
        best = np.minimum(best, distance)
    return best, width


def _river_step(height: Grid, uplift: Grid, erodibility: Grid, base: Mask) -> tuple[Grid, Grid]:
    """Take one implicit step of stream-power erosion (Braun and Willett 2013, eq. 15-22)."""
    filled = _filled(height, base)
    receiver, length = _steepest(filled, base)
    order = np.argsort(filled, axis=None, kind="stable")
    to = receiver.ravel().tolist()
    area = [1.0] * filled.size
    for i in order[::-1].tolist():
        if to[i] != i:
            area[to[i]] += area[i]
    drained = np.array(area).reshape(height.shape)
    factor = (erodibility * np.sqrt(drained) * 100 / length).ravel().tolist()
    h = (filled + np.where(base, 0.0, uplift)).ravel().tolist()
    for i in order.tolist():
        if to[i] != i:
            h[i] = (h[i] + factor[i] * h[to[i]]) / (1 + factor[i])
    return np.array(h).reshape(height.shape), drained


def _filled(height: Grid, base: Mask) -> Grid:
    """Fill every hollow so that water from any cell can reach the base (Barnes et al. 2014)."""
    rows, cols = height.shape
    h = height.ravel().tolist()
    done = base.ravel().tolist()
    heap = [(h[i], i) for i in np.flatnonzero(base).tolist()]
    heapq.heapify(heap)
    while heap:
        level, i = heapq.heappop(heap)
        r, c = divmod(i, cols)
        for rr in range(max(r - 1, 0), min(r + 2, rows)):
            for cc in range(max(c - 1, 0), min(c + 2, cols)):
                j = rr * cols + cc
                if not done[j]:
                    done[j] = True
                    if h[j] <= level:
                        h[j] = level + 0.01
                    heapq.heappush(heap, (h[j], j))
    return np.array(h).reshape(height.shape)


def _steepest(height: Grid, base: Mask) -> tuple[NDArray[np.int64], Grid]:
    """Find the neighbour each cell drains to, and the way there in cells."""
    rows, cols = height.shape
    index = np.arange(height.size).reshape(height.shape)
    receiver, best = index.copy(), np.zeros(height.shape)
    length = np.ones(height.shape)
    padded = np.pad(height, 1, constant_values=np.inf)
    for dr in (-1, 0, 1):
        for dc in (-1, 0, 1):
            if dr == dc == 0:
                continue
            step = float(np.hypot(dr, dc))
            fall = (height - padded[1 + dr : 1 + dr + rows, 1 + dc : 1 + dc + cols]) / step
            better = (fall > best) & ~base
            best = np.where(better, fall, best)
            receiver = np.where(better, index + dr * cols + dc, receiver)
            length = np.where(better, step, length)
    return receiver, length


def _glaciated(height: Grid, drained_km2: Grid) -> Grid:
    """Give the valleys flat floors and steep sides, wider the more land drains through them."""
    for least_km2, floor_m, wall in (
        (2.0, 60, 0.75),
        (12.0, 190, 0.7),
        (50.0, 330, 0.65),
        (150.0, 520, 0.6),
    ):
        stream = drained_km2 >= least_km2
        cells, (ri, ci) = ndimage.distance_transform_edt(~stream, return_indices=True)
        distance_m = cells * EROSION_CELL_M
        beyond = np.maximum(distance_m - floor_m, 0.0)
        valley = height[ri, ci] + 0.01 * np.minimum(distance_m, floor_m) + wall * beyond
        height = np.minimum(height, ndimage.gaussian_filter(valley, 1.0))
    return ndimage.gaussian_filter(height, 0.7)


# --- detail and lakes ---------------------------------------------------------------


def _fine(rough: Grid, rng: np.random.Generator) -> Grid:
    """Bring the eroded block to 10 m and roughen the hillsides."""
    height = _zoomed(rough, EROSION_CELL_M, CELL_M)
    steep = ndimage.gaussian_filter(ndimage.gaussian_gradient_magnitude(rough, 1.0), 1.5)
    rough_share = np.clip(_zoomed(steep, EROSION_CELL_M, CELL_M, order=1) / 45.0, 0.05, 1.0)
    detail_cell_m = 25.0
    shape = (int(HEIGHT_M / detail_cell_m), int(WIDTH_M / detail_cell_m))
    detail = _zoomed(fractal(shape, detail_cell_m, 900, 2.3, rng), detail_cell_m, CELL_M, order=1)
    return height + 16.0 * rough_share * ndimage.gaussian_filter(detail, 2.2)


def _with_lakes(height: Grid, rng: np.random.Generator) -> tuple[Grid, Mask]:
    """Let the ice dig the basins of LAKES_KM out of the valley floors and fill them with water."""
    lake = np.zeros(height.shape, dtype=bool)
    x_km, y_km = _centres_km(CELL_M)
    coarse = (int(HEIGHT_M / 50), int(WIDTH_M / 50))
    bend = _zoomed(fractal(coarse, 50.0, 1500, 2.6, rng), 50.0, CELL_M, order=1)
    for line in LAKES_KM:
        distance, width = _along(x_km, y_km, line)
        row, col = int(line[0][1] * 1000 / CELL_M), int(line[0][0] * 1000 / CELL_M)
        level = np.round(height[row - 8 : row + 9, col - 8 : col + 9].min() / STEP_M) * STEP_M
        inside = distance / (width * (1 + 0.22 * bend))
        basin = level - 12 + 12 * inside**2 + 40 * np.maximum(inside - 1, 0)
        height = np.minimum(height, np.where(inside < 3, basin, np.inf))
        labels, _ = ndimage.label((height < level) & (inside < 1.6))
        middle = labels[int(line[1][1] * 1000 / CELL_M), int(line[1][0] * 1000 / CELL_M)]
        wet = (labels == middle) & (middle > 0)
        height = np.where(wet, level, height)
        lake |= wet
    return height, lake


def _connected_to_west(low: Mask) -> Mask:
    labels, _ = ndimage.label(low)
    west = np.unique(labels[:, :3])
    return np.isin(labels, west[west > 0])
