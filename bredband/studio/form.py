"""The scenario form: made from the scenario's own model, and read back into it.

The unit that ends a field's name decides how it is written: a share as per cent, large sums
as million kroner. What she types is judged by the model that the command line uses.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from bredband.scenario import Scenario
from bredband.units import format_decimal

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
    "care": ("rollout.contingency_share", "rollout.highest_grant_nok_per_household"),
    "places": ("rollout.must_build", "rollout.must_not_build"),
}
"""The few levers that a planner meets first, in groups; everything else is behind a fold."""

COUNTY_FIELDS = ("sources", "publishers", "synthetic", "synthetic_note", "county", "folder")
"""What belongs to the county and is not changed from scenario to scenario."""

MOST_ITEMS = 2000
LONGEST_TEXT = 2000

_MILLIONS = ("annual_grant_nok", "annual_capex_nok", "highest_capex_nok")
_UNITS = {
    "_share": "%", "_probability": "%", "_nok_per_household": "kr", "_nok_per_business": "kr",
    "_nok_per_m": "kr/m", "_nok": "kr", "_mbps": "Mbit/s", "_year": "", "_db": "dB", "_m": "m",
    "_s": "s",
}  # fmt: skip

Form = Mapping[str, Sequence[str]]
"""What the browser sends: every name with its values."""


@dataclass(frozen=True)
class Field:
    """One thing to fill in.

    ``kind`` is text, number, integer, boolean, choice, numbers, texts, lists (each written with
    semicolons), choices, rows (a list of small forms), table (a small form for each key) or
    kept (only the scenario file can change it). The columns of a small form have paths of
    their own, seen from the row.
    """

    path: str
    kind: str
    text: str
    unit: str = ""
    scale: int = 1
    least: Decimal | None = None
    most: Decimal | None = None
    open_least: bool = False
    open_most: bool = False
    choices: tuple[str, ...] = ()
    required: bool = False
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


def shown_values(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Write a scenario's values as the form shows them; what it does not say is the default."""
    shown: dict[str, list[str]] = {}
    for field in fields():
        value = _at(values, field.path)
        shown |= _shown(field, value)
    return shown


def read_form(form: Form, base: Mapping[str, Any]) -> dict[str, Any]:
    """Read a form into a scenario's values.

    What belongs to the county is taken from ``base``, a scenario with every value filled in,
    and so is every field that she has not touched: it stays as it was to the last digit.
    """
    values: dict[str, Any] = {key: base[key] for key in COUNTY_FIELDS if key in base}
    said, before = _by_field(form), _by_field(shown_values(base))
    for field in fields():
        here = said.get(field.path)
        same = here is None or _filled(here) == _filled(before.get(field.path))
        value = _at(base, field.path) if same else _read(field, here or {})
        if value is not None:
            _put(values, field.path, value)
    return values


def _by_field(form: Form) -> dict[str, dict[str, Sequence[str]]]:
    """Sort what a form says by the field it is about."""
    known = {field.path for field in fields()}
    sorted_out: dict[str, dict[str, Sequence[str]]] = {}
    for name, texts in form.items():
        parts = name.split(".")[:8]
        for count in range(len(parts), 0, -1):
            path = ".".join(parts[:count])
            if path in known:
                sorted_out.setdefault(path, {})[name] = texts
                break
    return sorted_out


def _filled(said: Form | None) -> dict[str, list[str]]:
    """Give what is said without its blanks."""
    texts = {name: [t.strip() for t in given if t.strip()] for name, given in (said or {}).items()}
    return {name: given for name, given in texts.items() if given}


def judge(values: Mapping[str, Any]) -> tuple[Scenario | None, list[dict[str, Any]]]:
    """Hold values against the model; give the scenario, or every fault with the field it is at."""
    try:
        return Scenario.model_validate(values), []
    except ValidationError as fault:
        return None, [_located(error) for error in fault.errors(include_url=False)]


def number_text(value: float | None, scale: int = 1) -> str:
    """Write a number for an input, with decimal comma and spaces between thousands."""
    if value is None:
        return ""
    number = Decimal(str(value)) * (100 if scale == -100 else 1) / (scale if scale > 0 else 1)
    number = number.normalize()
    exponent = number.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    if abs(number) >= 10_000:
        return format_decimal(float(number), decimals).replace("−", "-").replace("\u202f", " ")
    return f"{number:f}".replace(".", ",")


def _walk(part: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[Field]:
    required = part.get("required", ())
    for name, content in part["properties"].items():
        if part is schema and name in COUNTY_FIELDS:
            continue
        where = f"{path}.{name}" if path else name
        model = _model(content, schema)
        if model is not None and "properties" in model:
            inner = _walk(model, schema, where)
            about = str(content.get("description", "")) if part is not schema else ""
            yield from (replace(f, text=f"{about} {f.text}".strip()) for f in inner)
        else:
            yield _field(where, content, schema, required=name in required)


def _field(
    path: str, content: Mapping[str, Any], schema: Mapping[str, Any], *, required: bool
) -> Field:
    text = str(content.get("description", ""))
    if "anyOf" in content:
        content = next(part for part in content["anyOf"] if part.get("type") != "null")
    kind = str(content.get("type", "string"))
    if kind == "object":
        return _table_field(path, content, schema, text)
    items = content.get("items", {})
    model = _model(items, schema) if kind == "array" else None
    if model is not None:
        columns = tuple(_walk(model, schema, ""))
        return Field(path, "rows", text, columns=columns, required=required)
    number = content if kind != "array" else items
    unit, scale = _unit(path.rsplit(".", 1)[-1])
    field = Field(
        path=path,
        kind=_kind(kind, content, items),
        text=text,
        unit=unit,
        scale=scale,
        choices=tuple(map(str, content.get("enum", items.get("enum", ())))),
        required=required,
        longest=min(int(content.get("maxLength", LONGEST_TEXT)), LONGEST_TEXT),
    )
    return _with_bounds(field, number)


def _table_field(
    path: str, content: Mapping[str, Any], schema: Mapping[str, Any], text: str
) -> Field:
    model = _model(content.get("additionalProperties", {}), schema)
    keys = tuple(map(str, content.get("propertyNames", {}).get("enum", ())))
    if model is None or not keys:
        return Field(path, "kept", text)
    return Field(path, "table", text, columns=tuple(_walk(model, schema, "")), keys=keys)


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


def _shown(field: Field, value: Any) -> dict[str, list[str]]:
    if field.kind == "kept":
        return {}
    if field.kind in ("rows", "table"):
        rows = dict(enumerate(value or ())) if field.kind == "rows" else dict(value or {})
        shown: dict[str, list[str]] = {}
        for key, row in rows.items():
            for column in field.columns:
                inner = replace(column, path=f"{field.path}.{key}.{column.path}")
                shown |= _shown(inner, _at(row, column.path))
        return shown
    if field.kind == "lists":
        return {field.path: ["; ".join(map(str, items)) for items in value or ()]}
    if field.kind in ("numbers", "texts", "choices"):
        items = value or ()
        texts = [number_text(i, field.scale) if field.kind == "numbers" else str(i) for i in items]
        return {field.path: texts}
    if field.kind == "boolean":
        return {field.path: ["true"] if value else []}
    if value is None:
        return {field.path: [""]}
    if field.kind == "integer":
        return {field.path: [str(value)]}
    return {field.path: [number_text(value, field.scale) if field.kind == "number" else str(value)]}


def _read(field: Field, form: Form) -> Any:
    if field.kind == "rows":
        return _read_rows(field, form)
    if field.kind == "table":
        table = {}
        for key in field.keys:
            row = _read_row(field, form, key)
            if row:
                table[key] = row
        return table
    given = [text.strip()[:LONGEST_TEXT] for text in form.get(field.path, ())][:MOST_ITEMS]
    if field.kind == "boolean":
        return "true" in given
    if field.kind == "lists":
        return [_parts(text) for text in given if text]
    if field.kind in ("numbers", "texts", "choices"):
        filled = [part for text in given for part in _parts(text)]
        return [_number(text, field) for text in filled] if field.kind == "numbers" else filled
    text = given[0] if given else ""
    if field.kind == "text":
        return text.replace("\r\n", "\n")
    if text == "":
        return None
    return text if field.kind == "choice" else _number(text, field)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _read_rows(field: Field, form: Form) -> list[dict[str, Any]]:
    stem = f"{field.path}."
    numbers = {name[len(stem) :].split(".", 1)[0] for name in form if name.startswith(stem)}
    order = sorted(int(number) for number in numbers if number.isdecimal() and len(number) < 5)
    rows = (_read_row(field, form, str(number)) for number in order[:MOST_ITEMS])
    return [row for row in rows if row]


def _read_row(field: Field, form: Form, key: str) -> dict[str, Any]:
    """Read a small form; one where nothing is filled in is not there."""
    row: dict[str, Any] = {}
    stem = f"{field.path}.{key}"
    if not _filled({name: form[name] for name in form if name.startswith(f"{stem}.")}):
        return row
    for column in field.columns:
        value = _read(replace(column, path=f"{stem}.{column.path}"), form)
        if value not in (None, ""):
            _put(row, column.path, value)
    return row


def _number(text: str, field: Field) -> float | int | str:
    """Read a number as Norwegians write it; what is none is left for the model to judge."""
    plain = text.replace("\u202f", "").replace("\xa0", "").replace(" ", "")
    plain = plain.replace("\u2212", "-").replace(",", ".").removesuffix("%")
    if len(plain) > 40:
        return text
    try:
        number = Decimal(plain)
        if not number.is_finite():
            return text
        number = number / 100 if field.scale == -100 else number * field.scale
        whole = field.kind == "integer" and number == number.to_integral_value()
        return int(number) if whole and abs(number) < 10**15 else float(number)
    except (InvalidOperation, OverflowError, ValueError):
        return text


def _at(values: Mapping[str, Any], path: str) -> Any:
    value: Any = values
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def _put(values: dict[str, Any], path: str, value: Any) -> None:
    *parts, last = path.split(".")
    for part in parts:
        values = values.setdefault(part, {})
    values[last] = value


def _located(error: Any) -> dict[str, Any]:
    path = ".".join(str(part) for part in error["loc"] if part != "[key]")
    field = _field_at(error["loc"], fields())
    context = error.get("ctx", {})
    bound = next((context[k] for k in ("ge", "gt", "le", "lt") if k in context), None)
    scale = field.scale if field else 1
    return {
        "path": path,
        "field": field.path if field else "",
        "kind": error["type"],
        "bound": number_text(float(bound), scale) if bound is not None else "",
        "unit": field.unit if field else "",
        "text": str(context.get("error", error["msg"])),
    }


def _field_at(location: Iterable[Any], known: Iterable[Field]) -> Field | None:
    """Find the field, or the column of a field, where a fault is."""
    parts = [str(part) for part in location]
    for field in known:
        own = field.path.split(".")
        if parts[: len(own)] == own:
            rest = parts[len(own) :]
            inner = next((c for c in field.columns if rest[1:] == c.path.split(".")), None)
            return replace(field, scale=inner.scale, unit=inner.unit) if inner else field
    return None
