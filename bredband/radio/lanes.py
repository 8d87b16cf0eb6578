"""Give the compiler what it needs to run a terrain profile in wide lanes.

Three things keep LLVM from vectorising a loop written in plain numba: `max` (its rules for
NaN), indexing (its wrap-around of negative indices) and loads from scattered addresses. These
intrinsics are the same operations without the rules. They check nothing: the caller makes
sure that no NaN enters and that every index lies inside its array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_PAIR = ir.IntType(64)

GATHERED = 8
"""Pairs that `gather_pairs` fetches at once."""


def _lane(build: Callable[..., Any]) -> Any:
    return intrinsic(build)


def _address(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [index])


@_lane
def larger(_typing: Any, a: Any, b: Any) -> Any:
    """Give the larger of two floats as one select instruction."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        is_larger = builder.fcmp_ordered(">", args[0], args[1], flags=["fast"])
        return builder.select(is_larger, args[0], args[1], flags=["fast"])

    return a(a, b), emit


@_lane
def smaller(_typing: Any, a: Any, b: Any) -> Any:
    """Give the smaller of two floats as one select instruction."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        is_smaller = builder.fcmp_ordered("<", args[0], args[1], flags=["fast"])
        return builder.select(is_smaller, args[0], args[1], flags=["fast"])

    return a(a, b), emit


@_lane
def load(_typing: Any, array: Any, index: Any) -> Any:
    """Read ``array[index]``."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_address(context, builder, signature.args[0], *args))

    return array.dtype(array, index), emit


@_lane
def store(_typing: Any, array: Any, index: Any, value: Any) -> Any:
    """Write ``array[index] = value``."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _address(context, builder, signature.args[0], *args[:2]))
        return context.get_dummy_value()

    return types.void(array, index, value), emit


@_lane
def gather_pairs(
    _typing: Any, target: Any, source: Any, offset: Any, index: Any, start: Any
) -> Any:
    """Fetch pairs of neighbouring float32 from eight places, and write them in one move.

    For k from `start`: ``target[2 k : 2 k + 2] = source[j : j + 2]``, j being
    ``index[k] + offset``.
    """

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        to_array, from_array, shift, places, first = args
        base = _address(context, builder, signature.args[1], from_array, shift)
        pairs = ir.Constant(ir.VectorType(_PAIR, GATHERED), ir.Undefined)
        for lane in range(GATHERED):
            k = builder.add(first, ir.Constant(first.type, lane))
            j = builder.load(_address(context, builder, signature.args[3], places, k))
            at = builder.gep(base, [builder.sext(j, first.type)])
            pair = builder.load(builder.bitcast(at, _PAIR.as_pointer()), align=4)
            pairs = builder.insert_element(pairs, pair, ir.Constant(ir.IntType(32), lane))
        twice = builder.mul(first, ir.Constant(first.type, 2))
        write = _address(context, builder, signature.args[0], to_array, twice)
        builder.store(pairs, builder.bitcast(write, pairs.type.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(target, source, offset, index, start), emit
