"""Write what the processor does to eight numbers at once, as if they were one.

A loop over terrain samples is too rich for the compiler to widen by itself. So it is written
wide: a `Lanes` is eight float32 in one register, and arithmetic on it emits the instruction
that treats all eight. Nothing is checked here: the caller makes sure that no NaN enters and
that every index lies inside its array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

WIDTH = 8
"""Numbers handled at once: a 256-bit register of float32."""

_FLOAT, _DOUBLE, _INT = ir.FloatType(), ir.DoubleType(), ir.IntType(32)
_FLOATS = ir.VectorType(_FLOAT, WIDTH)
_INTS = ir.VectorType(_INT, WIDTH)
_FAST = ("nnan", "ninf", "nsz", "contract", "reassoc")


@dataclass(frozen=True)
class Lanes:
    """Eight float32, or eight int32, that do not exist before the program runs."""

    builder: Any
    value: Any

    def __add__(self, other: Lanes) -> Lanes:
        """Add lane by lane."""
        return self._do("fadd", other)

    def __sub__(self, other: Lanes) -> Lanes:
        """Subtract lane by lane."""
        return self._do("fsub", other)

    def __mul__(self, other: Lanes) -> Lanes:
        """Multiply lane by lane."""
        return self._do("fmul", other)

    def whole(self) -> Lanes:
        """Round towards zero, to int32."""
        return Lanes(self.builder, self.builder.fptosi(self.value, _INTS))

    def as_float(self) -> Lanes:
        """Turn int32 into float32."""
        return Lanes(self.builder, self.builder.sitofp(self.value, _FLOATS))

    def _do(self, operation: str, other: Lanes) -> Lanes:
        emit = getattr(self.builder, operation)
        return Lanes(self.builder, emit(self.value, other.value, flags=_FAST))


def fill(builder: Any, value: Any) -> Lanes:
    """Put one float32, a constant or a value of the program, in all eight lanes."""
    if isinstance(value, (int, float)):
        return Lanes(builder, ir.Constant(_FLOATS, [float(value)] * WIDTH))
    return Lanes(builder, _spread(builder, value, _FLOATS))


def count_from(builder: Any, start: float) -> Lanes:
    """Put start, start + 1 … start + 7 in the lanes."""
    return Lanes(builder, ir.Constant(_FLOATS, [start + lane for lane in range(WIDTH)]))


def larger(a: Lanes, b: Lanes) -> Lanes:
    """Give the larger of two in each lane."""
    return _select(">", a, b)


def smaller(a: Lanes, b: Lanes) -> Lanes:
    """Give the smaller of two in each lane."""
    return _select("<", a, b)


def where_at_most(value: Lanes, limit: Lanes, then: Lanes, otherwise: float = 0.0) -> Lanes:
    """Give `then` in the lanes where value <= limit, else `otherwise`."""
    builder = value.builder
    holds = builder.fcmp_ordered("<=", value.value, limit.value)
    return Lanes(builder, builder.select(holds, then.value, fill(builder, otherwise).value))


def reduce_lanes(merge: Callable[[Lanes, Lanes], Lanes], lanes: Lanes) -> Any:
    """Merge the eight lanes into one number."""
    builder, undefined = lanes.builder, ir.Constant(_FLOATS, ir.Undefined)
    for half in (4, 2, 1):
        order = [(lane + half) % WIDTH for lane in range(WIDTH)]
        turned = builder.shuffle_vector(lanes.value, undefined, _order(order))
        lanes = merge(lanes, Lanes(builder, turned))
    return builder.extract_element(lanes.value, ir.Constant(_INT, 0))


def cell_index(row: Lanes, stride: Any, column: Lanes) -> Lanes:
    """Give row * stride + column, all int32."""
    builder = row.builder
    start = builder.mul(row.value, _spread(builder, stride, _INTS))
    return Lanes(builder, builder.add(start, column.value))


def put_row(lanes: Lanes, base: Any, start: Any) -> None:
    """Write the lanes to memory, one after the other from ``base[start]`` on."""
    builder = lanes.builder
    builder.store(lanes.value, _row(builder, base, start, lanes.value.type), align=4)


def fetch_row(builder: Any, base: Any, start: Any) -> Lanes:
    """Fetch eight float32 that lie one after the other from ``base[start]`` on."""
    return Lanes(builder, builder.load(_row(builder, base, start, _FLOATS), align=4))


def fetch_cells(builder: Any, base: Any, start: Any) -> list[Any]:
    """Fetch eight int32 that `put_row` wrote, each into an integer register of its own."""
    single = builder.bitcast(base, _INT.as_pointer())
    numbers = []
    for lane in range(WIDTH):
        place = builder.gep(single, [builder.add(start, start.type(lane))])
        number = builder.load_atomic(place, ordering="monotonic", align=4)
        numbers.append(builder.zext(number, ir.IntType(64)))
    return numbers


def fetch_pairs(builder: Any, base: Any, index: list[Any]) -> tuple[Lanes, Lanes]:
    """Fetch ``base[index]`` and ``base[index + 1]``: eight moves of 64 bits, then two shuffles.

    Which lane goes where is chosen so that one shuffle per register is enough and the lanes
    come out in order.
    """
    halves = []
    for places in ((0, 1, 4, 5), (2, 3, 6, 7)):
        pairs = ir.Constant(ir.VectorType(_DOUBLE, 4), ir.Undefined)
        for slot, lane in enumerate(places):
            place = builder.gep(base, [index[lane]])
            pair = builder.load(builder.bitcast(place, _DOUBLE.as_pointer()), align=4)
            pairs = builder.insert_element(pairs, pair, ir.Constant(_INT, slot))
        halves.append(builder.bitcast(pairs, _FLOATS))
    first, second = (0, 2, 8, 10, 4, 6, 12, 14), (1, 3, 9, 11, 5, 7, 13, 15)
    return (
        Lanes(builder, builder.shuffle_vector(*halves, _order(first))),
        Lanes(builder, builder.shuffle_vector(*halves, _order(second))),
    )


def _select(comparison: str, a: Lanes, b: Lanes) -> Lanes:
    builder = a.builder
    holds = builder.fcmp_ordered(comparison, a.value, b.value, flags=_FAST)
    return Lanes(builder, builder.select(holds, a.value, b.value))


def _spread(builder: Any, value: Any, kind: Any) -> Any:
    single = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(_INT, 0))
    return builder.shuffle_vector(single, ir.Constant(kind, ir.Undefined), _order([0] * WIDTH))


def _order(places: Sequence[int]) -> Any:
    return ir.Constant(ir.VectorType(_INT, len(places)), list(places))


def _row(builder: Any, base: Any, start: Any, kind: Any) -> Any:
    return builder.bitcast(builder.gep(base, [start]), kind.as_pointer())
