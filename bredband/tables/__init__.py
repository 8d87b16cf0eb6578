"""The data model: every table that travels between stages, column by column.

A table is checked when it enters a file, leaves a file, or leaves a stage inside
``pipeline``; nowhere else. A check reports all faults at once.
"""

from bredband.tables.all_tables import TABLES, kind_of, markdown_of_all
from bredband.tables.among import among
from bredband.tables.checking import check, empty
from bredband.tables.model import (
    BILL_ITEMS,
    GROUND_CLASSES,
    METHODS,
    PREMISES_KINDS,
    TECHNOLOGIES,
    Column,
    Table,
)

__all__ = [
    "BILL_ITEMS",
    "GROUND_CLASSES",
    "METHODS",
    "PREMISES_KINDS",
    "TABLES",
    "TECHNOLOGIES",
    "Column",
    "Table",
    "among",
    "check",
    "empty",
    "kind_of",
    "markdown_of_all",
]
