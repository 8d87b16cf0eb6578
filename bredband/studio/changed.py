"""What a scenario says beyond the defaults, to be written as the file that the command line reads."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


def changed_values(model: BaseModel) -> dict[str, Any]:
    """Give what a scenario, or a part of one, says beyond the defaults, as plain values."""
    changed: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if field.exclude or value is None:
            continue
        if field.is_required():
            changed[name] = changed_values(value) if isinstance(value, BaseModel) else _plain(value)
            continue
        default = field.get_default(call_default_factory=True)
        if value == default:
            continue
        if isinstance(value, BaseModel):
            changed[name] = changed_values(value)
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
