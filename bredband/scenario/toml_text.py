"""Plain values written as TOML, as ``toml_file`` reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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


def toml_text(values: Mapping[str, Any]) -> str:
    """Write plain values as TOML; ``None`` is absence and is left out."""
    return "\n".join(_table("", values)).strip("\n") + "\n"


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
