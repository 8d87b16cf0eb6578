"""A scenario's values written as TOML, the same file that the command line reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from bredband.scenario import Scenario

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_ESCAPES = {
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}


def changed_values(scenario: Scenario) -> dict[str, Any]:
    """Give what a scenario says beyond the defaults, as plain values."""
    return _changed(scenario)


def toml_text(values: Mapping[str, Any]) -> str:
    """Write plain values as TOML; ``None`` is absence and is left out."""
    return "\n".join(_table("", values)).strip("\n") + "\n"


def _changed(model: BaseModel) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if field.exclude or value is None:
            continue
        if field.is_required():
            changed[name] = _changed(value) if isinstance(value, BaseModel) else _plain(value)
            continue
        default = field.get_default(call_default_factory=True)
        if value == default:
            continue
        if isinstance(value, BaseModel):
            changed[name] = _changed(value)
        elif isinstance(value, dict):
            changed[name] = {k: _plain(v) for k, v in value.items() if default.get(k) != v}
        else:
            changed[name] = _plain(value)
    return changed


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {k: v for k, v in value.model_dump(mode="json").items() if v is not None}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _table(path: str, values: Mapping[str, Any]) -> Iterator[str]:
    """Write a table's own values first, then the tables inside it under their headings."""
    tables = {k: v for k, v in values.items() if isinstance(v, Mapping)}
    own = {k: v for k, v in values.items() if k not in tables and v is not None}
    if path and (own or not tables):
        yield from ("", f"[{path}]")
    for key, value in own.items():
        yield f"{_key(key)} = {_value(value)}"
    for key, table in tables.items():
        yield from _table(f"{path}.{_key(key)}" if path else _key(key), table)


def _key(name: str) -> str:
    return name if name and _PLAIN.issuperset(name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return f"{int(value)}"
    if isinstance(value, Mapping):
        inner = (f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return "{ " + ", ".join(inner) + " }"
    if isinstance(value, (list, tuple)):
        items = [_value(item) for item in value]
        long = sum(map(len, items)) > 80
        return (
            "[\n" + "".join(f"  {i},\n" for i in items) + "]" if long else f"[{', '.join(items)}]"
        )
    return repr(value)


def _text(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(c) or _escaped(c) for c in text) + '"'


def _escaped(character: str) -> str:
    point = ord(character)
    return f"\\u{point:04x}" if point < 32 or point == 127 else character
