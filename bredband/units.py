"""Units as name endings, and numbers as Norwegians write them."""

from __future__ import annotations

import math

UNIT_ENDINGS: dict[str, str] = {
    "_m": "metres",
    "_km": "kilometres",
    "_km2": "square kilometres",
    "_nok": "Norwegian kroner",
    "_nok_per_m": "Norwegian kroner per metre",
    "_nok_per_household": "Norwegian kroner per household",
    "_nok_per_business": "Norwegian kroner per business",
    "_mbps": "megabit per second",
    "_db": "decibel",
    "_dbm": "decibel relative to one milliwatt",
    "_dbi": "decibel relative to an isotropic antenna",
    "_mhz": "megahertz",
    "_mm_per_h": "millimetres of rain per hour",
    "_bits_per_hz": "bits per second per hertz",
    "_neper": "natural logarithm of a ratio",
    "_deg": "degrees; a direction is clockwise from true north",
    "_share": "a share from 0 to 1",
    "_probability": "a probability from 0 to 1",
    "_weight": "a weight without unit",
    "_households": "households, possibly expected or weighted",
    "_household_years": "households times years of service within the plan",
    "_year": "calendar year",
    "_s": "seconds",
}

_NARROW_NBSP = "\u202f"
_NBSP = "\u00a0"


def unit_of(name: str) -> str:
    """Give the unit that a column or field name ends in; empty if it ends in none."""
    endings = [ending for ending in UNIT_ENDINGS if name.endswith(ending)]
    return UNIT_ENDINGS[max(endings, key=len)] if endings else ""


def format_int(value: float) -> str:
    """Write a whole number with a narrow no-break space between thousands: ``12 345``.

    A value that is not finite becomes an en dash, the sign for absence in tables.
    """
    if not math.isfinite(value):
        return "–"
    text = f"{round(value):,}".replace(",", _NARROW_NBSP)
    return text.replace("-", "−")


def format_decimal(value: float, decimals: int = 1) -> str:
    """Write a number with decimal comma and grouped thousands: ``1 234,5``."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:,.{decimals}f}".replace(",", _NARROW_NBSP).replace(".", ",")
    return text.replace("-", "−")


def format_percent(share: float, decimals: int = 1) -> str:
    """Write a share from 0 to 1 as per cent with decimal comma: ``94,2 %``."""
    return f"{format_decimal(100 * share, decimals)}{_NBSP}%" if math.isfinite(share) else "–"


def format_bound(share: float, decimals: int = 2) -> str:
    """Write a share that nothing exceeds, rounded up so that «høyst 0,09 %» holds."""
    whole = 10.0 ** (decimals + 2)
    return format_percent(
        math.ceil(round(share * whole, 6)) / whole if math.isfinite(share) else share, decimals
    )


def format_mnok(amount_nok: float, decimals: int = 1) -> str:
    """Write kroner as million kroner: ``12,3 mill. kr``."""
    if not math.isfinite(amount_nok):
        return "–"
    return f"{format_decimal(amount_nok / 1e6, decimals)}{_NBSP}mill.{_NBSP}kr"


def format_nok(amount_nok: float) -> str:
    """Write kroner in full: ``128 000 kr``."""
    return f"{format_int(amount_nok)}{_NBSP}kr" if math.isfinite(amount_nok) else "–"
