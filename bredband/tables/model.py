"""What a table and a column are, and the words that columns may hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from bredband.units import unit_of

ColumnKind = Literal["text", "int", "float", "bool"]
GeometryKind = Literal["Point", "LineString", "Polygon", ""]


@dataclass(frozen=True)
class Column:
    """One column: what it is called, what it holds and which values are allowed."""

    name: str
    kind: ColumnKind
    meaning: str
    nullable: bool = False
    one_of: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None

    @property
    def meaning_with_unit(self) -> str:
        """What it holds, and in which unit."""
        unit = unit_of(self.name)
        return f"{self.meaning} ({unit})" if unit else self.meaning


@dataclass(frozen=True)
class Table:
    """One table: its key, its geometry and its columns."""

    name: str
    meaning: str
    key: tuple[str, ...]
    geometry: GeometryKind
    columns: tuple[Column, ...] = field(repr=False)

    @property
    def column_names(self) -> list[str]:
        """Names of the columns in order, without the geometry."""
        return [column.name for column in self.columns]


def text_column(name: str, meaning: str, **limits: Any) -> Column:
    """Make a column of text."""
    return Column(name, "text", meaning, **limits)


def int_column(name: str, meaning: str, **limits: Any) -> Column:
    """Make a column of whole numbers, from 0 unless said otherwise."""
    return Column(name, "int", meaning, **{"lowest": 0, **limits})


def float_column(name: str, meaning: str, **limits: Any) -> Column:
    """Make a column of numbers, from 0 unless said otherwise."""
    return Column(name, "float", meaning, **{"lowest": 0.0, **limits})


def share_column(name: str, meaning: str, **limits: Any) -> Column:
    """Make a column of shares from 0 to 1."""
    return Column(name, "float", meaning, **{"lowest": 0.0, "highest": 1.0, **limits})


def bool_column(name: str, meaning: str) -> Column:
    """Make a column of truth values."""
    return Column(name, "bool", meaning)


PREMISES_KINDS = ("dwelling", "business", "public", "holiday")
TECHNOLOGIES = ("fibre", "cable", "fwa", "dsl", "mobile", "satellite", "other")
BUILT = (*TECHNOLOGIES, "hybrid")
"""What a plan may build; hybrid is fibre to some and radio to others in the same area."""
GROUND_CLASSES = (
    "soft",
    "cultivated",
    "forest",
    "bog",
    "verge",
    "asphalt",
    "rock",
    "bridge",
    "tunnel",
    "water",
    "duct",
    "pole_line",
)
"""What a metre of trench goes through, from meadow to existing duct and pole line."""
METHODS = (
    "plough",
    "trench",
    "micro_trench",
    "rock",
    "bore",
    "attach",
    "aerial",
    "subsea",
    "blow",
)
"""How a metre is built; ``attach`` is hung in a bridge or tunnel, ``blow`` is blown in a duct,
``aerial`` hangs on poles."""
BILL_ITEMS = (
    "trench",
    "surcharge",
    "road_fee",
    "landfall",
    "permit",
    "joint",
    "cabinet",
    "drop",
    "drop_water",
    "drop_landfall",
    "road_crossing",
    "splice",
    "connection",
    "customer_radio",
    "mast",
)
"""Lines of a bill of quantities."""
OWNERS = ("", "state", "county", "municipal", "private")
