"""How figures stand in the cells of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bredband.report.words import Words
from bredband.units import format_decimal, format_int


def millions(amount_nok: float) -> str:
    """Write kroner as millions with one decimal: ``12,3``."""
    return format_decimal(amount_nok / 1e6)


def in_short(amount_nok: float) -> str:
    """Write kroner in few letters, for large type: ``480,0 mill.`` or ``12,5 mrd.``."""
    if abs(amount_nok) < 1e9:
        return f"{millions(amount_nok)}\u00a0mill."
    return f"{format_decimal(amount_nok / 1e9)}\u00a0mrd."


def optional(value: float | None, write: Callable[[float], str]) -> str:
    """Write a number that may be absent; an en dash stands for absence."""
    return "–" if value is None else write(value)


def counted(value: int | None, say: Words) -> str:
    """Write a number of homes; where it is kept back it is a word for few."""
    return say("column.few") if value is None else format_int(value)


def trench_in_words(line: Mapping[str, Any], say: Words) -> str:
    """Name a way of trenching: ``Grøft i skog, pløying``."""
    ground = say.name("ground", line["ground"])
    return f"{ground}, {say.name('method_name', line['method'])}" if line["method"] else ground


def quantity_in_words(line: Mapping[str, Any], say: Words) -> str:
    """Name a line of a bill of quantities: ``Grøft i skog, pløying`` or ``Fordelingsskap``."""
    return (
        trench_in_words(line, say) if line["item"] == "trench" else say.name("item", line["item"])
    )
