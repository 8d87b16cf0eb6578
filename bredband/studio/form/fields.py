"""The fields of the form, made from the scenario's own model.

The unit that ends a field's name decides how it is written: a share as per cent, large sums
as million kroner.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from bredband.scenario import Scenario

LEVERS: Mapping[str, tuple[str, ...]] = {
    "what": ("name", "description"),
    "target": ("target.down_mbps", "target.up_mbps"),
    "money": ("rollout.first_year", "rollout.annual_grant_nok", "rollout.carry_over"),
    "others": ("funding.operator_nok_per_household", "funding.local_share"),
    "matters": (
        "rollout.goal",
        "priorities.lacking_30_weight",
        "priorities.business_weight",
        "priorities.public_weight",
        "priorities.holiday_weight",
    ),
    "care": (
        "rollout.plan_for",
        "coverage.plan_on",
        "rollout.contingency_share",
        "rollout.highest_grant_nok_per_household",
    ),
    "places": ("rollout.must_build", "rollout.must_not_build"),
}
"""The few levers that a planner meets first, in groups; everything else is behind a fold."""

COUNTY_FIELDS = ("sources", "publishers", "synthetic", "synthetic_note", "county", "folder")
"""What belongs to the county and is not changed from scenario to scenario."""

LONGEST_TEXT = 2000

_MILLIONS = ("annual_grant_nok", "annual_capex_nok", "highest_capex_nok")

_UNITS = {
    "_share": "%", "_probability": "%", "_nok_per_household": "kr", "_nok_per_business": "kr",
    "_nok_per_m": "kr/m", "_nok": "kr", "_mbps": "Mbit/s", "_year": "", "_db": "dB", "_m": "m",
    "_s": "s",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One thing to fill in.

    ``kind`` is text, number, integer, boolean, choice, numbers, texts, lists (each written with
    semicolons), choices, rows (a list of small forms), table (a small form for each key) or
    kept (only the scenario file can change it). The columns of a small form have paths of
    their own, seen from the row. Where ``may_be_empty``, nothing is an answer. ``sentences`` is what the model says of the field and of the
    section it is in.
    """

    path: str
    kind: str
    sentences: tuple[str, ...]
    unit: str = ""
    scale: int = 1
    least: Decimal | None = None
    most: Decimal | None = None
    open_least: bool = False
    open_most: bool = False
    choices: tuple[str, ...] = ()
    required: bool = False
    may_be_empty: bool = False
    longest: int = LONGEST_TEXT
    columns: tuple[Field, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The last part of the path."""
        return self.path.rsplit(".", 1)[-1]


@functools.cache
def fields() -> tuple[Field, ...]:
    """Give every field of a scenario that a planner may change, in the order of the model."""
    schema = Scenario.model_json_schema()
    return tuple(_walk(schema, schema, ""))


def lever_paths() -> frozenset[str]:
    """Give the paths of the few levers."""
    return frozenset(path for group in LEVERS.values() for path in group)


def sections() -> dict[str, list[Field]]:
    """Give the fields behind the fold, by section."""
    folded: dict[str, list[Field]] = {}
    levers = lever_paths()
    for field in fields():
        if field.path not in levers:
            folded.setdefault(field.path.split(".", 1)[0], []).append(field)
    return folded


def _walk(part: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[Field]:
    required = part.get("required", ())
    for name, content in part["properties"].items():
        if part is schema and name in COUNTY_FIELDS:
            continue
        where = f"{path}.{name}" if path else name
        model = _model(content, schema)
        if model is not None and "properties" in model:
            inner = _walk(model, schema, where)
            about = _said(content) if part is not schema else ()
            yield from (replace(f, sentences=about + f.sentences) for f in inner)
        else:
            yield _field(where, content, schema, required=name in required)


def _field(
    path: str, content: Mapping[str, Any], schema: Mapping[str, Any], *, required: bool
) -> Field:
    sentences = _said(content)
    may_be_empty = "anyOf" in content
    if may_be_empty:
        content = next(part for part in content["anyOf"] if part.get("type") != "null")
    kind = str(content.get("type", "string"))
    if kind == "object":
        return _table_field(path, content, schema, sentences)
    items = content.get("items", {})
    model = _model(items, schema) if kind == "array" else None
    if model is not None:
        columns = tuple(_walk(model, schema, ""))
        return Field(path, "rows", sentences, columns=columns, required=required)
    number = content if kind != "array" else items
    unit, scale = _unit(path.rsplit(".", 1)[-1])
    field = Field(
        path=path,
        kind=_kind(kind, content, items),
        sentences=sentences,
        unit=unit,
        scale=scale,
        choices=tuple(map(str, content.get("enum", items.get("enum", ())))),
        required=required,
        may_be_empty=may_be_empty,
        longest=min(int(content.get("maxLength", LONGEST_TEXT)), LONGEST_TEXT),
    )
    return _with_bounds(field, number)


def _table_field(
    path: str, content: Mapping[str, Any], schema: Mapping[str, Any], sentences: tuple[str, ...]
) -> Field:
    model = _model(content.get("additionalProperties", {}), schema)
    keys = tuple(map(str, content.get("propertyNames", {}).get("enum", ())))
    if model is None or not keys:
        return Field(path, "kept", sentences)
    return Field(path, "table", sentences, columns=tuple(_walk(model, schema, "")), keys=keys)


def _said(content: Mapping[str, Any]) -> tuple[str, ...]:
    text = str(content.get("description", ""))
    return (text,) if text else ()


def _kind(kind: str, content: Mapping[str, Any], items: Mapping[str, Any]) -> str:
    if kind == "array":
        if "enum" in items:
            return "choices"
        if items.get("type") == "array":
            return "lists"
        return "numbers" if items.get("type") in ("number", "integer") else "texts"
    if "enum" in content:
        return "choice"
    return {"number": "number", "integer": "integer", "boolean": "boolean"}.get(kind, "text")


def _unit(name: str) -> tuple[str, int]:
    """Give the unit to show and the scale; -100 stands for per cent."""
    if name in _MILLIONS:
        return "mill. kr", 1_000_000
    for ending, unit in _UNITS.items():
        if name.endswith(ending):
            return unit, -100 if unit == "%" else 1
    return "", 1


def _with_bounds(field: Field, content: Mapping[str, Any]) -> Field:
    def bound(name: str) -> Decimal | None:
        return Decimal(str(content[name])) if name in content else None

    least, above = bound("minimum"), bound("exclusiveMinimum")
    most, below = bound("maximum"), bound("exclusiveMaximum")
    return replace(
        field,
        least=least if above is None else above,
        most=most if below is None else below,
        open_least=above is not None,
        open_most=below is not None,
    )


def _model(content: Any, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if not isinstance(content, Mapping):
        return None
    model: Mapping[str, Any] | None = schema["$defs"].get(
        str(content.get("$ref", "")).rsplit("/", 1)[-1]
    )
    return model
