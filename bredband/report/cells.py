"""How figures stand in the cells of a table."""

from __future__ import annotations

from collections.abc import Callable

from bredband.units import format_decimal


def millions(amount_nok: float) -> str:
    """Write kroner as millions with one decimal: ``12,3``."""
    return format_decimal(amount_nok / 1e6)


def optional(value: float | None, write: Callable[[float], str]) -> str:
    """Write a number that may be absent; an en dash stands for absence."""
    return "–" if value is None else write(value)
