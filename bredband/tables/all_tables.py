"""Every table by name, and the model as a document."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bredband.tables.known import KNOWN
from bredband.tables.model import Column, Table
from bredband.tables.planned import PLANNED
from bredband.units import unit_of

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in (*KNOWN, *PLANNED)})
"""Every table of the data model by name, in the order of the pipeline."""


def kind_of(column: Column) -> str:
    """Say what a column holds, and whether it may be null."""
    return column.kind + (" or null" if column.nullable else "")


def markdown_of_all() -> str:
    """Describe every table and column as Markdown."""
    lines = [
        "# The data model",
        "",
        "Made by `bredband tables --markdown`; do not edit by hand. Geometry is in EPSG:25833,",
        "metres. Text is never null; an absent text is empty. The ending of a name gives its unit;",
        "a whole number without one is a count or a number of something.",
        "",
    ]
    for table in TABLES.values():
        lines += [f"## {table.name}", "", table.meaning, ""]
        lines += [f"Key: `{', '.join(table.key)}`. Geometry: {table.geometry or 'none'}.", ""]
        lines += ["| column | type | unit | meaning |", "|---|---|---|---|"]
        for column in table.columns:
            allowed = ", ".join(f"`{value}`" for value in column.one_of if value)
            meaning = column.meaning + (f" ({allowed})" if allowed else "")
            name, kind, unit = column.name, kind_of(column), unit_of(column.name)
            lines.append(f"| `{name}` | {kind} | {unit} | {meaning} |")
        lines.append("")
    return "\n".join(lines)
