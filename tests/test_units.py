"""Every number says its unit; numbers are written as Norwegians write them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bredband.plan import Proof
from bredband.scenario import Scenario
from bredband.tables import TABLES
from bredband.units import (
    format_bound,
    format_decimal,
    format_int,
    format_mnok,
    format_nok,
    format_percent,
    unit_of,
)

WITHOUT_UNIT = {"objective", "bound"}
"""A proof's figures are in the unit that its ``what`` names."""


def test_every_float_column_says_its_unit():
    wrong = [
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if column.kind == "float" and not unit_of(column.name)
    ]
    assert not wrong


def float_fields(schema: dict[str, Any], model: dict[str, Any]) -> Iterator[str]:
    for name, field in model.get("properties", {}).items():
        kinds = [field, *field.get("anyOf", []), field.get("items", {})]
        if any(kind.get("type") == "number" for kind in kinds):
            yield name


def test_every_number_in_the_scenario_says_its_unit():
    schema = Scenario.model_json_schema()
    models = {"Scenario": schema, **schema["$defs"]}
    wrong = [
        f"{title}.{name}"
        for title, model in models.items()
        for name in float_fields(schema, model)
        if not unit_of(name)
    ]
    assert not wrong


def test_every_number_of_a_proof_says_its_unit():
    wrong = [n for n, kind in Proof.__annotations__.items() if kind == "float" and not unit_of(n)]
    assert set(wrong) <= WITHOUT_UNIT


def test_every_field_is_explained_in_words():
    schema = Scenario.model_json_schema()
    for title, model in {"Scenario": schema, **schema["$defs"]}.items():
        for name, field in model.get("properties", {}).items():
            assert field.get("description"), f"{title}.{name} has no description"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (format_int(12_345), "12\u202f345"),
        (format_int(-1_000), "−1\u202f000"),
        (format_int(float("nan")), "–"),
        (format_decimal(1234.56), "1\u202f234,6"),
        (format_percent(0.9424), "94,2\u00a0%"),
        (format_bound(0.000901), "0,10\u00a0%"),
        (format_bound(0.0009), "0,09\u00a0%"),
        (format_bound(0.0), "0,00\u00a0%"),
        (format_mnok(12_345_678), "12,3\u00a0mill.\u00a0kr"),
        (format_nok(128_000), "128\u202f000\u00a0kr"),
        (format_nok(float("inf")), "–"),
    ],
)
def test_numbers_are_written_in_norwegian(written, expected):
    assert written == expected
