from __future__ import annotations

from pathlib import Path

from bredband import exchange, report
from bredband.exchange.dispatch import _ADDRESS_VARIABLE, _VARIABLES
from bredband.exchange.schema import PlanDocument


def test_every_function_of_the_two_rooms_is_described(root: Path) -> None:
    formats = (root / "docs" / "exchange.md").read_text("utf-8")
    documents = (root / "docs" / "documents.md").read_text("utf-8")
    functions = {name for name in exchange.__all__ if name.startswith(("write_", "send_"))}
    assert all(f"`{name}" in formats for name in functions)
    assert all(f"`{name}`" in documents for name in report.__all__)


def test_every_part_of_the_plan_document_and_every_variable_is_named(root: Path) -> None:
    formats = (root / "docs" / "exchange.md").read_text("utf-8")
    parts = set(PlanDocument.model_fields) - {"schema_version"}
    assert all(f"`{name}`" in formats for name in parts)
    assert all(f"`{name}`" in formats for name in (*_VARIABLES.values(), _ADDRESS_VARIABLE))
