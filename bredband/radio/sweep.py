"""Sweep the terrain along one ray, eight samples at a time, and keep eight numbers of it.

Everything between the terrain in memory and the equations of diffraction happens in one loop:
where the samples lie, the four heights around each, the height between them, and what the
equations ask of it. Nothing is written down on the way.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from bredband.radio.lanes import (
    WIDTH,
    Lanes,
    cell_index,
    count_from,
    fetch_pairs,
    fill,
    larger,
    reduce_lanes,
    smaller,
    spill,
    where_at_most,
)

_types: Any = types
_cgutils: Any = cgutils

Number = Any
"""A float32 in a kernel; eight of them, `Lanes`, in the loop that is written here."""


class Ray(NamedTuple):
    """One path on the grid: sample i of n - 1 lies at (x + i dx, y + i dy), in cells.

    Attributes
    ----------
    n
        Steps from end to end.
    x, y, dx, dy
        Where the ray starts from `corner`, and how far a step takes it.
    base_m, rise_m
        Height of the straight line between the antennas at the start, and its rise a step.
    bulge_m
        The Earth bulges by ``bulge_m i (n - i)``.
    bare
        Steps from either end within which nothing stands on the ground.
    """

    n: Number
    x: Number
    y: Number
    dx: Number
    dy: Number
    base_m: Number
    rise_m: Number
    bulge_m: Number
    bare: Number


class Swept(NamedTuple):
    """What is kept of the heights above the straight line between the antennas, in steps.

    `from_tx`, `from_rx`: steepest slope to a sample from either end, on the bulging Earth and
    with what stands on it. `nearest`: smallest product of the two slopes; where all lies below
    the line, the root of it is how near the terrain comes: height over sqrt(i (n - i)).
    `flat_tx`, `flat_rx`, `highest`: slopes and largest height of bare terrain on a flat Earth.
    `total`, `moment`: the sum of its heights, and the sum weighted with i.
    """

    from_tx: Number
    from_rx: Number
    nearest: Number
    flat_tx: Number
    flat_rx: Number
    highest: Number
    total: Number
    moment: Number


def _sweep(_typing: Any, heights: Any, clutter: Any, _corner: Any, _stride: Any, ray: Any) -> Any:
    """Sweep along `ray`, whose (0, 0) is the cell numbered `_corner` of flat `heights`.

    `clutter` is what stands on each cell, or None. Both are flat float32 arrays of rows of
    `_stride` cells. Gives the fields of `Swept` in order.
    """
    found = _types.UniTuple(types.float32, len(Swept._fields))

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def start_of(kind: Any, array: Any) -> Any:
            data = context.make_array(kind)(context, builder, array).data
            return builder.gep(data, [args[2]])

        bare = isinstance(clutter, types.NoneType)
        grids = (
            start_of(signature.args[0], args[0]),
            None if bare else start_of(signature.args[1], args[1]),
        )
        along = Ray(*(builder.extract_value(args[4], at) for at in range(len(Ray._fields))))
        answers = _emit_loop(builder, grids, args[3], along)
        return context.make_tuple(builder, found, answers)

    return found(heights, clutter, types.int64, types.int32, ray), emit


sweep: Any = intrinsic(_sweep)

_START = Swept(-1e30, -1e30, 1e30, -1e30, -1e30, -1e30, 0.0, 0.0)


def _emit_loop(builder: Any, grids: tuple[Any, Any], stride: Any, along: Ray) -> list[Any]:
    """Emit the loop over the samples, eight at a time; the last of them is repeated to fill."""
    ray = Ray(*(fill(builder, number) for number in along))
    room = [_cgutils.alloca_once_value(builder, fill(builder, empty).value) for empty in _START]
    places = _cgutils.alloca_once(builder, ir.ArrayType(ir.IntType(32), WIDTH))
    counter = _cgutils.alloca_once_value(builder, count_from(builder, 1.0).value)
    steps = builder.fptosi(along.n, ir.IntType(32))
    rounds = builder.sdiv(builder.add(steps, steps.type(WIDTH - 2)), steps.type(WIDTH))
    last = ray.n - fill(builder, 1.0)
    with _cgutils.for_range(builder, rounds):
        count = Lanes(builder, builder.load(counter))
        kept = Swept(*(Lanes(builder, builder.load(place)) for place in room))
        i = smaller(count, last)
        height, standing = _emit_sample(ray, i, grids, stride, places)
        above = height - (ray.base_m + ray.rise_m * i)
        once = where_at_most(count, last, above)
        for place, lane in zip(room, _emit_merge(kept, ray, i, above, standing, once), strict=True):
            builder.store(lane.value, place)
        builder.store((count + fill(builder, float(WIDTH))).value, counter)
    ends = [Lanes(builder, builder.load(place)) for place in room]
    return [reduce_lanes(merge, end) for merge, end in zip(_MERGES, ends, strict=True)]


def _add(a: Lanes, b: Lanes) -> Lanes:
    return a + b


_MERGES: Any = Swept(larger, larger, smaller, larger, larger, larger, _add, _add)


def _emit_sample(
    ray: Ray, i: Lanes, grids: tuple[Any, Any], stride: Any, room: Any
) -> tuple[Lanes, Lanes | None]:
    """Interpolate terrain, and what stands on it, between the four cells around each sample."""
    x, y = ray.x + ray.dx * i, ray.y + ray.dy * i
    column, row = x.whole(), y.whole()
    east, south = x - column.as_float(), y - row.as_float()
    index = spill(cell_index(row, stride, column), room)

    def between_cells(grid: Any) -> Lanes:
        below = i.builder.gep(grid, [i.builder.sext(stride, ir.IntType(64))])
        west_up, east_up = fetch_pairs(i.builder, grid, index)
        west_down, east_down = fetch_pairs(i.builder, below, index)
        up = west_up + east * (east_up - west_up)
        down = west_down + east * (east_down - west_down)
        value: Lanes = up + south * (down - up)
        return value

    height = between_cells(grids[0])
    if grids[1] is None:
        return height, None
    nearest_end = smaller(i, ray.n - i)
    standing: Lanes = where_at_most(ray.bare, nearest_end, between_cells(grids[1]))
    return height, standing


def _emit_merge(
    kept: Swept, ray: Ray, i: Lanes, above: Lanes, standing: Lanes | None, once: Lanes
) -> Swept:
    """Add eight samples to what is kept."""
    rest = ray.n - i
    product = i * rest
    inverse = product.inverse()
    per_i, per_rest = rest * inverse, i * inverse
    bulging = above + ray.bulge_m * product
    if standing is not None:
        bulging = bulging + standing
    tx_slope, rx_slope = bulging * per_i, bulging * per_rest
    return Swept(
        from_tx=larger(kept.from_tx, tx_slope),
        from_rx=larger(kept.from_rx, rx_slope),
        nearest=smaller(kept.nearest, tx_slope * rx_slope),
        flat_tx=larger(kept.flat_tx, above * per_i),
        flat_rx=larger(kept.flat_rx, above * per_rest),
        highest=larger(kept.highest, above),
        total=kept.total + once,
        moment=kept.moment + once * i,
    )
