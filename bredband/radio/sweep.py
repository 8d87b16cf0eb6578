"""Sweep the terrain along one ray, eight samples at a time, and keep eight numbers of it.

Three short loops, one after the other over the whole ray: where the samples lie, the height
between the four cells around each, and what the equations of diffraction ask of the heights.
One loop would do, but the processor looks only so many instructions ahead, and in a short loop
that is several rounds: it fetches the next heights while the last are still on their way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from bredband.radio.lanes import (
    WIDTH,
    Lanes,
    cell_index,
    count_from,
    fetch_cells,
    fetch_pairs,
    fetch_row,
    fill,
    larger,
    put_row,
    reduce_lanes,
    smaller,
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
        Steps from end to end, two or more.
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


def inverses_up_to(longest: int) -> NDArray[np.float32]:
    """Give what `sweep` multiplies by: 1 / k from both ends of a path, up to `longest` steps.

    The middle stands for an end of the path and k cells from it, on either side, is 1 / k: so
    eight samples in a row find their eight inverses in a row, from whichever end they count.
    """
    beyond = longest + WIDTH
    count = np.abs(np.arange(-beyond, beyond + 1)).clip(min=1)
    return (1.0 / count).astype(np.float32)


class Room(NamedTuple):
    """Where the loops leave what they find, one number a sample: rows of one float32 array."""

    cell: Any
    east: Any
    south: Any
    height: Any
    standing: Any


ROOM_ROWS = len(Room._fields)


def _sweep(
    _typing: Any,
    heights: Any,
    clutter: Any,
    inverses: Any,
    room: Any,
    _corner: Any,
    _stride: Any,
    ray: Any,
) -> Any:
    """Sweep along `ray`, whose (0, 0) is the cell numbered `_corner` of flat `heights`.

    `clutter` is what stands on each cell, or None. Both are flat float32 arrays of rows of
    `_stride` cells. `inverses` comes from `inverses_up_to` the steps of the ray or more;
    `room` has the rows of `Room`, each half as long. Gives the fields of `Swept` in order.
    """
    found = _types.UniTuple(types.float32, len(Swept._fields))

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def array(place: int) -> Any:
            return context.make_array(signature.args[place])(context, builder, args[place])

        def pointer(place: int, item: Any) -> Any:
            return builder.gep(array(place).data, [item])

        number = ir.IntType(64)
        row = builder.extract_value(array(3).shape, 1)
        along = [builder.extract_value(args[6], at) for at in range(len(Ray._fields))]
        loops = _Loops(
            builder=builder,
            ray=Ray(*(fill(builder, value) for value in along)),
            steps=builder.fptosi(along[0], ir.IntType(32)),
            heights=pointer(0, args[4]),
            clutter=None if isinstance(clutter, types.NoneType) else pointer(1, args[4]),
            stride=args[5],
            inverses=pointer(2, builder.lshr(array(2).nitems, number(1))),
            room=Room(*(pointer(3, builder.mul(row, number(at))) for at in range(ROOM_ROWS))),
        )
        return context.make_tuple(builder, found, _emit_loops(loops))

    return found(heights, clutter, inverses, room, types.int64, types.int32, ray), emit


sweep: Any = intrinsic(_sweep)


class _Loops(NamedTuple):
    """What the loops share: the ray in all lanes, its steps, and where things are in memory.

    `heights` and `clutter` point to the cell (0, 0), `inverses` to the middle.
    """

    builder: Any
    ray: Ray
    steps: Any
    heights: Any
    clutter: Any
    stride: Any
    inverses: Any
    room: Room


_START = Swept(-1e30, -1e30, 1e30, -1e30, -1e30, -1e30, 0.0, 0.0)
_NOWHERE_M = -1e15
"""Height in a lane without a sample: never the highest, the steepest or the nearest."""


def _emit_loops(loops: _Loops) -> list[Any]:
    """Emit the three loops. Only the last round of all may have lanes without a sample."""
    builder, steps = loops.builder, loops.steps
    full = builder.sdiv(builder.sub(steps, steps.type(2)), steps.type(WIDTH))
    rounds = builder.add(full, steps.type(1))
    with _counted(builder, rounds) as (start, count):
        _emit_places(loops, start, count)
    with _counted(builder, rounds) as (start, _count):
        _emit_heights(loops, start)
    kept = [_cgutils.alloca_once_value(builder, fill(builder, lane).value) for lane in _START]
    with _counted(builder, full) as (start, count):
        _emit_merge(loops, kept, start, count)
    start = builder.mul(full, full.type(WIDTH))
    before = fill(builder, builder.sitofp(start, ir.FloatType()))
    _emit_merge(loops, kept, start, count_from(builder, 1.0) + before, is_last=True)
    return [
        reduce_lanes(merge, Lanes(builder, builder.load(place)))
        for merge, place in zip(_MERGES, kept, strict=True)
    ]


@contextmanager
def _counted(builder: Any, rounds: Any) -> Iterator[tuple[Any, Lanes]]:
    """Emit a loop; give where a round starts in a row of the room, and its samples' numbers."""
    counter = _cgutils.alloca_once(builder, fill(builder, 0.0).value.type)
    builder.store(count_from(builder, 1.0).value, counter)
    with _cgutils.for_range(builder, rounds) as each:
        count = Lanes(builder, builder.load(counter))
        yield builder.mul(each.index, each.index.type(WIDTH)), count
        builder.store((count + fill(builder, float(WIDTH))).value, counter)


def _emit_places(loops: _Loops, start: Any, count: Lanes) -> None:
    """Find the cell of each sample and how far into it the sample lies; the last is repeated."""
    builder, ray, room = loops.builder, loops.ray, loops.room
    i = smaller(count, ray.n - fill(builder, 1.0))
    x, y = ray.x + ray.dx * i, ray.y + ray.dy * i
    column, row = x.whole(), y.whole()
    put_row(cell_index(row, loops.stride, column), room.cell, start)
    put_row(x - column.as_float(), room.east, start)
    put_row(y - row.as_float(), room.south, start)


def _emit_heights(loops: _Loops, start: Any) -> None:
    """Interpolate terrain, and what stands on it, between the four cells around each sample."""
    builder, room = loops.builder, loops.room
    cells = fetch_cells(builder, room.cell, start)
    east, south = (fetch_row(builder, row, start) for row in (room.east, room.south))
    for grid, row in ((loops.heights, room.height), (loops.clutter, room.standing)):
        if grid is None:
            continue
        below = builder.gep(grid, [builder.sext(loops.stride, ir.IntType(64))])
        west_up, east_up = fetch_pairs(builder, grid, cells)
        west_down, east_down = fetch_pairs(builder, below, cells)
        up = west_up + east * (east_up - west_up)
        down = west_down + east * (east_down - west_down)
        put_row(up + south * (down - up), row, start)


def _emit_merge(
    loops: _Loops, kept: list[Any], start: Any, count: Lanes, *, is_last: bool = False
) -> None:
    """Add eight samples to what is kept; in the last round, those that exist."""
    builder, ray, room = loops.builder, loops.ray, loops.room
    above = fetch_row(builder, room.height, start) - (ray.base_m + ray.rise_m * count)
    once = above
    if is_last:
        last = ray.n - fill(builder, 1.0)
        once = where_at_most(count, last, above)
        above = where_at_most(count, last, above, _NOWHERE_M)
    higher, rest = above, ray.n - count
    if loops.clutter is not None:
        standing = fetch_row(builder, room.standing, start)
        higher = above + where_at_most(ray.bare, smaller(count, rest), standing)
    per_count = fetch_row(builder, loops.inverses, builder.add(start, start.type(1)))
    from_end = builder.sub(builder.add(start, start.type(1)), loops.steps)
    per_rest = fetch_row(builder, loops.inverses, from_end)
    tx_slope = higher * per_count + ray.bulge_m * rest
    rx_slope = higher * per_rest + ray.bulge_m * count
    before = Swept(*(Lanes(builder, builder.load(place)) for place in kept))
    after = Swept(
        from_tx=larger(before.from_tx, tx_slope),
        from_rx=larger(before.from_rx, rx_slope),
        nearest=smaller(before.nearest, tx_slope * rx_slope),
        flat_tx=larger(before.flat_tx, above * per_count),
        flat_rx=larger(before.flat_rx, above * per_rest),
        highest=larger(before.highest, above),
        total=before.total + once,
        moment=before.moment + once * count,
    )
    for place, lane in zip(kept, after, strict=True):
        builder.store(lane.value, place)


def _add(a: Lanes, b: Lanes) -> Lanes:
    return a + b


_MERGES: Any = Swept(larger, larger, smaller, larger, larger, larger, _add, _add)
