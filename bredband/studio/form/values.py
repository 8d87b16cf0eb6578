"""A scenario's values as the form shows them, and what she fills in read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from bredband.studio.form.fields import COUNTY_FIELDS, LONGEST_TEXT, Field, fields
from bredband.units import format_decimal

MOST_ITEMS = 2000

Form = Mapping[str, Sequence[str]]
"""What the browser sends: every name with its values."""


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
    and so is every field that she has not touched: it stays as it was to the last digit. One that
    she has emptied is ``None``, which the model finds missing where nothing is no answer.
    """
    values: dict[str, Any] = {key: base[key] for key in COUNTY_FIELDS if key in base}
    said, before = by_field(form), by_field(shown_values(base))
    for field in fields():
        here, old = said.get(field.path), before.get(field.path, {})
        same = here is None or _filled(here) == _filled(old)
        value = _at(base, field.path) if same else _read(field, here or {}, old)
        if value is not None or not (same or field.may_be_empty):
            _put(values, field.path, value)
    return values


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


def by_field(form: Form) -> dict[str, dict[str, Sequence[str]]]:
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


def _read(field: Field, form: Form, before: Form) -> Any:
    if field.kind == "rows":
        return _read_rows(field, form)
    if field.kind == "table":
        rows = {key: _read_row(field, form, key) for key in field.keys}
        return {key: row for key, row in rows.items() if row or _has_row(field, before, key)}
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
    if not _has_row(field, form, key):
        return row
    for column in field.columns:
        value = _read(replace(column, path=f"{stem}.{column.path}"), form, {})
        if value not in (None, ""):
            _put(row, column.path, value)
    return row


def _has_row(field: Field, form: Form, key: str) -> bool:
    stem = f"{field.path}.{key}."
    return bool(_filled({name: form[name] for name in form if name.startswith(stem)}))


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
